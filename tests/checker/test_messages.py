"""Certificates of problems whose classifier sees the message: what is changed in them is not proved."""

import copy

import numpy as np
import pytest

from drc.checker import check_certificate
from drc.errors import ProblemError
from drc.problems import Finite

NOISY = [[0.4, 0.1, 0.05], [0.05, 0.1, 0.3]]
SIDES = {"setting": "asymptotic", "classifier_sees": "Z"}


@pytest.fixture(scope="module")
def made():
    """A certificate with a tree of several boxes, and a plan of several messages."""
    found = Finite(NOISY, p_Y=[0.5, 0.3, 0.2], **SIDES).solve(R=0.6, C=0.8)
    assert found.status == "optimal"
    certificate = found.certificate.to_dict()
    assert check_certificate(certificate)
    assert max(map(len, certificate["dual"]["trees"])) > 1
    return certificate


def changed(certificate, **changes):
    return copy.deepcopy(certificate) | changes


def test_a_higher_lower_bound_and_a_lower_upper_bound_are_not_proved(made):
    assert not check_certificate(changed(made, lower=made["upper"] + 1e-6, upper=1.0)).lower_holds
    assert not check_certificate(changed(made, lower=0.0, upper=made["lower"] - 1e-6)).upper_holds


def test_every_vector_proves_something_but_a_wrong_one_proves_less(made):
    forged = copy.deepcopy(made)
    for tree in forged["dual"]["trees"]:
        for node in tree:
            if "vector" in node:
                node["vector"] = [v + 0.3 * k for k, v in enumerate(node["vector"])]
    verdict = check_certificate(forged)
    assert not verdict.lower_holds
    assert "multipliers give" in verdict.said[1]
    assert check_certificate(changed(forged, lower=-1.0)).lower_holds


def bottleneck(**fields):
    """Where distortion has no price all letters have one tree."""
    found = Finite(NOISY, **SIDES, **fields).solve(minimise="R", C=0.8)
    assert found.status == "optimal"
    made = found.certificate.to_dict()
    assert [tree == [{"like": 0}] for tree in made["dual"]["trees"]] == [False, True, True]
    assert check_certificate(made)
    return made


@pytest.mark.parametrize("law", [None, [0.5, 0.3, 0.2]])
def test_a_letter_with_the_costs_of_another_has_its_tree(law):
    made = bottleneck(p_Y=law)
    for like, words in ((1, "must be one of 0 to 0"), (-1, "must be one of 0 to 0"), (0.0, "must be")):
        forged = copy.deepcopy(made)
        forged["dual"]["trees"][1] = [{"like": like}]
        with pytest.raises(ProblemError, match=words):
            check_certificate(forged)


def test_the_tree_of_a_letter_with_other_costs_proves_nothing(made):
    forged = copy.deepcopy(made)
    forged["bounds"]["D"], forged["dual"]["multipliers"]["D"] = 1, 0.1
    forged["dual"]["trees"][1] = [{"like": 0}]
    assert "that of a letter with other costs" in check_certificate(forged).said[1]
    never = bottleneck()
    never["problem"]["distortion"][0][1] = "inf"
    assert "that of a letter with other costs" in check_certificate(never).said[1]


def test_the_tree_of_a_letter_without_mass_proves_nothing():
    made = bottleneck(p_Y=[0.5, 0.3, 0.2])
    made["problem"]["p_Y"] = ["0", "4/5", "1/5"]
    made["dual"]["trees"][0] = []
    assert "that of a letter without a proof" in check_certificate(made).said[1]


@pytest.mark.parametrize("name", ["R", "C"])
def test_multipliers_of_another_size_prove_less(made, name):
    forged = copy.deepcopy(made)
    forged["dual"]["multipliers"][name] *= 1.1
    assert not check_certificate(forged).lower_holds
    forged["dual"]["multipliers"][name] *= -1
    assert "negative" in check_certificate(forged).said[1]


def test_a_part_that_is_left_out_is_missed(made):
    forged, whole = copy.deepcopy(made), next(tree for tree in made["dual"]["trees"] if len(tree) > 1)
    y = made["dual"]["trees"].index(whole)
    forged["dual"]["trees"][y] = []
    with pytest.raises(ProblemError, match="must have nodes"):
        check_certificate(forged)
    forged["dual"]["trees"][y] = copy.deepcopy(whole)
    forged["dual"]["trees"][y][0]["above"] = forged["dual"]["trees"][y][0]["below"]
    with pytest.raises(ProblemError, match="no other parent"):
        check_certificate(forged)


def test_without_a_price_of_rate_nothing_is_proved(made):
    forged = copy.deepcopy(made)
    forged["dual"]["multipliers"]["R"] = 0
    assert "not proved to be positive" in check_certificate(forged).said[1]


def test_messages_miss_a_tighter_bound_or_another_law(made):
    tight = changed(made, bounds={"R": "0.599", "C": made["bounds"]["C"]}, lower=0.0)
    assert "R <=" in check_certificate(tight).said[2]
    other = copy.deepcopy(made)
    other["problem"]["p_Y"] = ["2/10", "3/10", "5/10"]
    assert not check_certificate(other).upper_holds
    negative = copy.deepcopy(made)
    joint = np.array(negative["primal"]["joint"])
    joint[0, joint[0].argmax()] *= -1
    negative["primal"]["joint"] = joint.tolist()
    assert "negative" in check_certificate(negative).said[2]


def test_messages_are_for_classifiers_that_see_them(made):
    plain = copy.deepcopy(made)
    plain["problem"]["classifier_sees"] = "Y"
    verdict = check_certificate(plain)
    assert "sees the message" in verdict.said[1]
    assert "sees the message" in verdict.said[2]


def test_the_message_may_be_the_output_but_its_label_then_has_no_price():
    found = Finite(NOISY, p_Y=[0.5, 0.3, 0.2], setting="asymptotic").solve(R=0.6, C=0.81, tolerance=1e-4)
    plain = found.certificate.to_dict()
    assert plain["dual"]["kind"] == "channels"
    told = copy.deepcopy(plain)
    told["problem"]["classifier_sees"] = "Z"
    verdict = check_certificate(told)
    assert verdict.upper_holds
    leaves = [node for node in plain["dual"]["tree"] if node.get("multipliers", {}).get("C")]
    assert leaves
    assert "C has a multiplier and no bound" in verdict.said[1]


def test_what_the_output_leaves_unknown_is_more_than_what_the_message_does():
    found = Finite(NOISY, p_Y=[0.5, 0.3, 0.2], setting="asymptotic").solve(R=0.6, minimise="C", tolerance=0.05)
    plain = found.certificate.to_dict()
    assert plain["dual"]["kind"] == "channels"
    assert check_certificate(plain)
    plain["problem"]["classifier_sees"] = "Z"
    assert "channels do not prove what a message leaves unknown" in check_certificate(plain).said[1]


@pytest.mark.parametrize("other", [{"setting": "one-shot"}, {"time_sharing": True}])
def test_there_is_no_other_setting_in_which_the_message_is_seen(made, other):
    forged = copy.deepcopy(made)
    forged["problem"] |= other
    with pytest.raises(ProblemError, match="only in the asymptotic setting"):
        check_certificate(forged)
