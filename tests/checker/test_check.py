"""Certificates made by hand are proved; whatever is changed in them, nothing false ever is."""

from __future__ import annotations

import copy
import json
import math

import pytest
from hand_made import (
    HAMMING,
    TIGHT,
    certificate,
    classified,
    one_shot_bit,
    problem,
    rate_distortion,
    relaxed,
    time_shared,
    transport,
    with_a_common_cost,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from drc.checker import check_certificate

FINITE = [name for name, made in TIGHT.items() if made()["lower"] != "inf"]
INFEASIBLE = [name for name in TIGHT if name not in FINITE]


INDICES = ("kind", "of", "split", "exclude", "below", "above", "then", "objective", "shared")


def numbers(value, path):
    """Yield where the numbers of a proof stand; letters and children are no numbers."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in INDICES and (*path, key) != ("primal", "tree"):
                yield from numbers(item, (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            if not (path[:2] == ("primal", "weights") and len(path) == 3 and i == 1):
                yield from numbers(item, (*path, i))
    elif isinstance(value, str | int | float):
        yield path


def changed(certificate, path, change):
    """Return the certificate with something added to one number."""
    certificate = copy.deepcopy(certificate)
    *way, last = path
    holder = certificate
    for key in way:
        holder = holder[key]
    holder[last] = f"({holder[last]}) + ({change})"
    return certificate


def beyond(certificate):
    """Return two certificates that claim too much: a lower bound that is too high, and an upper bound that is too low."""
    low, high = changed(certificate, ("lower",), 3e-12), changed(certificate, ("upper",), -3e-12)
    return changed(low, ("upper",), 1), changed(high, ("lower",), -1)


@pytest.mark.parametrize("name", TIGHT)
def test_both_sides_are_proved(name):
    verdict = check_certificate(TIGHT[name]())
    assert verdict, str(verdict)
    assert len(verdict.said) == 3
    assert all("proved: " in said for said in verdict.said[1:])


@pytest.mark.parametrize("name", FINITE)
def test_a_claim_beyond_the_optimum_is_found_on_its_side(name):
    made = TIGHT[name]()
    low, high = beyond(made)
    assert not check_certificate(low).lower_holds
    assert check_certificate(low).upper_holds
    assert "short by" in check_certificate(low).said[1]
    assert not check_certificate(high).upper_holds
    assert check_certificate(high).lower_holds
    assert "over by" in check_certificate(high).said[2]


@pytest.mark.parametrize("name", INFEASIBLE)
def test_what_is_feasible_is_not_proved_infeasible(name):
    made = TIGHT[name]()
    assert not check_certificate(made | {"bounds": {"C": 1}}).lower_holds
    assert not check_certificate(made | {"bounds": {"C": 1.2}}).lower_holds


#: Numbers that have some room: slopes on boxes that do not decide, and mass that moves at the largest cost anyhow.
ROOM = {
    "excluding tree": {
        ("dual", "pricing", "tree", *p, 0) for p in ((2, "slopes", 0), (2, "slopes", 1), (7, "slopes", 1))
    },
    "W2": {("primal", "gamma", 0, 1)},
    # Rows are scaled to their mass, and the last weight is what the others leave.
    "time shared": {
        ("primal", "parts", 1, "weight"),
        *(
            ("primal", "parts", *p)
            for p in ((0, "joint", 0, 0), (0, "joint", 1, 1), (1, "joint", 0, 0), (1, "joint", 1, 0))
        ),
    },
}


@pytest.mark.parametrize("name", FINITE)
def test_every_number_of_a_proof_matters(name):
    made = TIGHT[name]()
    places = (*numbers(made["primal"], ("primal",)), *numbers(made["dual"], ("dual",)))
    idle = {p for p in places if all(check_certificate(changed(made, p, by)) for by in ("1/100", "-1/100"))}
    assert idle == ROOM.get(name, set())


@pytest.mark.parametrize("name", FINITE)
@settings(max_examples=20)
@given(data=st.data())
def test_no_change_of_the_proof_proves_what_is_false(name, data):
    made = TIGHT[name]()
    places = [*numbers(made["primal"], ("primal",)), *numbers(made["dual"], ("dual",))]
    for path in data.draw(st.lists(st.sampled_from(places), unique=True, max_size=4)):
        made = changed(made, path, data.draw(st.floats(-2, 2).map(repr)))
    false_lower, false_upper = beyond(made)
    assert not check_certificate(false_lower).lower_holds
    assert not check_certificate(false_upper).upper_holds


def said(certificate, side):
    return check_certificate(certificate).said[side]


LOWER, UPPER = 1, 2


@pytest.mark.parametrize("setting", ["one-shot", "asymptotic"])
@pytest.mark.parametrize("sees", ["Y", "YU"])
@pytest.mark.parametrize("time_sharing", [False, True])
def test_nothing_tells_more_of_the_label_than_the_source(setting, sees, time_sharing):
    about = problem([["1/8", "3/8"], ["3/8", "1/8"]], HAMMING, None, setting, sees, time_sharing)
    made = certificate(about, "inf", "inf", None, {"kind": "data processing"}, bounds={"C": 0.811278124459132})
    assert check_certificate(made)
    above = made | {"bounds": {"C": 0.811278124459134}}
    assert "not proved to contradict C >= H(S|X)" in said(above, LOWER)
    assert "needs a bound on C" in said(made | {"bounds": {}}, LOWER)
    # H(S) is one bit: what is known of the label is at most the rate.
    assert check_certificate(made | {"bounds": {"C": 0.9, "R": 0.099}})
    assert not check_certificate(made | {"bounds": {"C": 0.9, "R": "1/10"}})
    rate = made | {"minimise": "R", "bounds": {"C": 0.9}, "lower": 0.0999, "upper": "inf"}
    assert check_certificate(rate)
    assert not check_certificate(rate | {"lower": 0.1001})
    slope = made | {"slope": 2, "bounds": {"C": 0.9}, "lower": 0.1999, "upper": "inf"}
    assert check_certificate(slope)
    assert not check_certificate(slope | {"lower": 0.2001})


@pytest.mark.parametrize(
    ("change", "side", "words"),
    [
        ({"primal": None}, UPPER, "no primal"),
        ({"dual": None}, LOWER, "no dual"),
        ({"bounds": {}}, LOWER, "R has a multiplier and no bound"),
        ({"bounds": {"R": "49/100"}}, UPPER, "not proved to meet R <= 0.49: it reaches 0.5"),
        ({"primal": {"kind": "maps", "weights": [[-1, [0, 0]], [1, [0, 1]]]}}, UPPER, "a weight is negative"),
        ({"primal": {"kind": "maps", "weights": [[1, [0, 0]]]}}, UPPER, "letter y = 0 more than its mass"),
        ({"primal": {"kind": "coupling", "joint": [[0, 0], [0, 0]]}}, UPPER, "none of this setting"),
        ({"primal": {"kind": "mixture", "parts": []}}, UPPER, "only with time sharing"),
        ({"dual": {"kind": "plans", "tree": [{}]}}, LOWER, "where the classifier sees Y"),
        ({"dual": {"kind": "channels", "tree": [{}]}}, LOWER, "asymptotic"),
    ],
)
def test_the_verdict_says_what_fails(change, side, words):
    made = one_shot_bit({"kind": "subsets"})
    assert words in said(made | change, side)


@pytest.mark.parametrize(
    ("primal", "words"),
    [
        ({"joint": [["1/2", 0], [0, "1/2"]], "tree": []}, "misses its marginals"),
        ({"joint": [[0, 0], [0, 0]], "tree": [[0, 0], [1, 1]]}, "misses its marginals"),
        ({"joint": [[0, 0], [0, 0]], "tree": [[0, 0], [0, 1], [1, 0], [1, 1]]}, "cycle"),
        ({"joint": [[0, 0], [0, 0]], "tree": [[0, 0], [0, 0], [1, 1]]}, "cycle"),
        ({"joint": [[-1, 0], [0, 0]], "tree": [[0, 1], [1, 1]]}, "negative"),
        ({"joint": [["1/3", 0], [0, 0]], "tree": [[0, 1], [1, 0], [1, 1]]}, "not proved to be >= 0"),
    ],
)
def test_a_coupling_must_have_its_marginals(primal, words):
    assert words in said(transport() | {"primal": {"kind": "coupling", **primal}}, UPPER)


def test_a_forbidden_pair_must_not_be_used_and_need_not_be_priced():
    made = transport()
    made["problem"]["distortion"] = [["0", "1"], ["inf", "0"]]
    assert check_certificate(made)
    made["problem"]["distortion"] = [["0", "inf"], ["1", "0"]]
    assert "the forbidden pair x = 0, y = 1 is used" in said(made, UPPER)


def test_an_irrational_law_is_met_by_a_tree():
    about = problem(
        [["sqrt(2)/2", "1 - sqrt(2)/2"]], [[0, 1], [1, 0]], ["sqrt(3)/2", "1 - sqrt(3)/2"], "asymptotic", "Y"
    )
    primal = {"kind": "coupling", "joint": [[0, 0], [0, 0]], "tree": [[0, 0], [1, 0], [1, 1]]}
    dual = {"kind": "channels", "tree": [{"u": [0, 1], "v": [0, -1]}]}
    least = (math.sqrt(3) - math.sqrt(2)) / 2
    made = certificate(about, least - 1e-15, least + 1e-15, primal, dual)
    assert check_certificate(made)
    assert not check_certificate(made | {"lower": least + 1e-15, "upper": 1}).lower_holds


def test_units_are_not_mixed_up():
    made = rate_distortion() | {"unit": "nats"}
    assert not check_certificate(made)
    rate = 0.5310044064107188 * math.log(2)
    made["dual"]["tree"][0] |= {"multipliers": {"D": "log(9)"}, "u": ["log(2) - log(10/9)"] * 2}
    assert check_certificate(made | {"lower": rate - 1e-12, "upper": rate + 1e-12})


def test_a_slope_adds_the_rate_to_the_distortion():
    made = rate_distortion()
    slope = "log(2)/log(9)"
    value = 0.1 + 0.5310044064107188 * math.log(2) / math.log(9)
    leaf = {"u": [f"({u}) * {slope}" for u in made["dual"]["tree"][0]["u"]], "v": [0, 0]}
    made |= {"minimise": "D", "slope": slope, "bounds": {}, "dual": {"kind": "channels", "tree": [leaf]}}
    assert check_certificate(made | {"lower": value - 1e-12, "upper": value + 1e-12})
    assert not check_certificate(made | {"lower": value + 1e-9, "upper": value + 1e-9}).lower_holds


def test_a_mixture_is_the_mean_of_its_parts():
    made = time_shared()
    assert check_certificate(made)
    assert "only with time sharing" in said(made | {"problem": made["problem"] | {"time_sharing": False}}, UPPER)
    made["primal"]["parts"][0]["weight"] = "2/5"
    assert "not proved to meet C <= 0.5: it reaches 0.6" in said(made, UPPER)
    made["primal"]["parts"][0]["weight"] = "3/2"
    assert "not proved to be a law" in said(made, UPPER)


def test_time_sharing_wants_the_same_multipliers_in_all_leaves():
    made = time_shared()
    for leaf in made["dual"]["tree"][1:]:
        leaf["multipliers"] = {"C": "1/2"}
    del made["dual"]["shared"]
    assert "need the same multipliers" in said(made, LOWER)
    # One code alone may have them in every leaf.
    made["problem"]["time_sharing"] = False
    assert check_certificate(made).lower_holds


def test_no_letter_is_left_for_a_label_that_must_be_told():
    # With D <= 0 only letter 0 is left, which tells nothing of the label.
    made = classified() | {"bounds": {"C": "1/2", "D": 0}, "lower": "inf", "upper": "inf", "primal": None}
    made["dual"] = {"kind": "maps", "objective": 0, "multipliers": {"C": 1, "D": 4}, "nu": [0, 0]}
    made["dual"]["pricing"] = {"kind": "subsets"}
    assert check_certificate(made)
    assert not check_certificate(made | {"bounds": {"C": "1/2", "D": "1/4"}}).lower_holds


def test_a_negative_multiplier_proves_nothing():
    made = one_shot_bit({"kind": "subsets"})
    made["dual"]["multipliers"] = {"R": "-1/2"}
    assert "the multiplier of R is negative" in said(made, LOWER)


def test_long_blocks_bound_a_classifier_that_sees_U_without_C():
    made = classified()
    leaf = {"multipliers": {"C": "1/2"}, "u": [0, 0], "v": [0, 0]}
    made |= {"dual": {"kind": "relaxation", "of": "asymptotic", "dual": {"kind": "channels", "tree": [leaf]}}}
    assert "C has a multiplier and no bound" in said(made, LOWER)
    assert "not a relaxation" in said(relaxed() | {"dual": {"kind": "relaxation", "of": "one-shot YU"}}, LOWER)
    assert "not a relaxation" in said(transport() | {"dual": {"kind": "relaxation", "of": "asymptotic"}}, LOWER)


def test_no_more_is_taken_off_than_every_pair_costs():
    made = with_a_common_cost()
    made["dual"]["by"] = "3 + 1/1000000"
    assert "a cost is not proved to be at least" in said(made, LOWER)
    # The rate does not grow with what every pair costs, and the bound on the distortion falls with it.
    rate = rate_distortion()
    costs = [[1, 2], [2, 1]]
    bounds = {"D": "11/10"}
    rate |= {"problem": rate["problem"] | {"distortion": costs}, "bounds": bounds}
    assert check_certificate(rate | {"dual": {"kind": "shift", "by": 1, "dual": rate["dual"]}})
    assert not check_certificate(rate | {"dual": {"kind": "shift", "by": "1/2", "dual": rate["dual"]}})


def test_a_certificate_is_read_from_a_file_and_from_text(tmp_path):
    path = tmp_path / "c.json"
    path.write_text(json.dumps(transport()))
    assert check_certificate(path)
    assert check_certificate(str(path))
    assert check_certificate(path.read_text())
