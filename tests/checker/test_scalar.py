"""Certificates about Gaussians and bits: proved as they are, refused beyond the optimum, and after what edits make false."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from attacks import certificates, normal_certificates
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from drc import Bernoulli, Gaussian, ProblemError, VectorGaussian
from drc.checker import check_certificate, normal
from drc.checker.multipliers import Multipliers
from drc.checker.read import Normal

ONE = Gaussian(0, 1, 0.5, 1.5, 0, 0.8, 0.6)
SEVERAL = VectorGaussian([1, 2], [1, 1], [1, 1], [0.9, 0.5])
ONCE, LONG = (Bernoulli(0.3, 0.4, 0.1, setting, classifier_sees="Y") for setting in ("one-shot", "asymptotic"))
SHARED = [replace(b, time_sharing=True) for b in (ONCE, LONG)]

#: A problem and a question for every solver, and what is minimised.
KINDS = {
    "Gaussian": (ONE, {"R": 1}),
    "Gaussian, R": (ONE, {"minimise": "R", "D": 1.2, "C": 1.5}),
    "Gaussian, C binds": (ONE, {"minimise": "R", "D": 2, "C": 1.2, "unit": "nats"}),
    "Gaussian, none": (ONE, {"R": 0.1, "C": 0.3}),
    "Gaussian, no rate": (ONE, {"minimise": "R", "D": 0.2}),
    "W2": (ONE, {"R": 1, "P": 0.1, "perception": "W2", "reference": (0.2, 1.3)}),
    "KL": (ONE, {"R": 1, "P": 0.1, "perception": "KL", "reference": (0.2, 1.3)}),
    "KL, R": (ONE, {"minimise": "R", "D": 0.5, "P": 0.1, "perception": "KL"}),
    "P = 0": (ONE, {"R": 1, "P": 0, "perception": "KL"}),
    "limited": (Gaussian(0, 1, 0.5, 1.5, R_c=0.5), {"R": 1}),
    "vector": (SEVERAL, {"R": 1, "C": 3.6}),
    "vector, R": (SEVERAL, {"minimise": "R", "D": 2, "C": 3.6}),
    "vector, none": (SEVERAL, {"R": 0.1, "C": 3}),
    "bits once": (ONCE, {"R": 0.4, "C": 0.9}),
    "bits once, R": (ONCE, {"minimise": "R", "C": 0.8}),
    "bits": (LONG, {"R": 0.4, "C": 0.8}),
    "bits, R": (LONG, {"minimise": "R", "C": 0.8, "D": 0.3}),
    "bits, none": (LONG, {"R": 0.1, "C": 0.7}),
    "shared once": (SHARED[0], {"R": 0.4, "C": 0.9}),
    "shared": (SHARED[1], {"minimise": "R", "C": 0.8}),
    "shared, none": (SHARED[1], {"R": 0.1, "C": 0.7}),
    "bits, TV": (LONG, {"R": 0.3, "P": 0.05, "C": 0.75, "perception": "TV"}),
    "bits, KL, R": (LONG, {"minimise": "R", "D": 0.2, "P": 0.05, "perception": "KL", "reference": 0.45}),
    "bits, W2, none": (LONG, {"R": 0.05, "P": 0.05, "C": 0.7, "perception": "W2"}),
    "maps, KL": (Bernoulli(0.3, None, 0.1), {"R": 0.3, "C": 0.9, "P": 0.01, "perception": "KL", "reference": 0.4}),
    "maps, W2": (Bernoulli(0.3, None, 0.1), {"minimise": "R", "D": 0.2, "P": 0.05, "perception": "W2"}),
    "maps, P = 0": (Bernoulli(0.3, None, 0.1), {"R": 0.3, "P": 0, "perception": "KL", "reference": 0.4}),
    "maps, none": (Bernoulli(0.3, None, 0.1), {"R": 0.1, "C": 0.5, "P": 0.1, "perception": "TV"}),
}


def solved(name):
    problem, question = KINDS[name]
    return problem.solve(**question)


@pytest.mark.parametrize("name", KINDS)
def test_saved_and_proved_and_nothing_beyond(name, tmp_path):
    s = solved(name)
    path = s.certificate.save(tmp_path / "proof.json")
    assert check_certificate(path), str(check_certificate(path))
    assert json.loads(path.read_text()) == s.certificate.to_dict()
    assert s.certificate.verify()
    if s.status == "infeasible":
        assert "none" in name or name == "Gaussian, no rate"
        return
    beyond = 1e-9 + 2 * s.gap
    assert not check_certificate(replace(s.certificate, lower=s.upper + beyond, upper=math.inf).to_dict()).lower_holds
    assert not check_certificate(replace(s.certificate, lower=0.0, upper=s.lower - beyond).to_dict()).upper_holds
    assert not check_certificate(replace(s.certificate, lower=math.inf, upper=math.inf).to_dict()).lower_holds
    assert not check_certificate(replace(s.certificate, primal=None).to_dict()).upper_holds
    assert not check_certificate(replace(s.certificate, dual=None).to_dict()).lower_holds


@pytest.mark.parametrize("name", KINDS)
def test_no_edit_of_one_field_makes_something_false_proved(name):
    made = solved(name).certificate.to_dict()
    attack = normal_certificates if "kind" in made["problem"] else certificates
    puts = (0, -1, "1/3", 1.01, 1000, "inf", None, [], {}, True, "D", "R", "one-shot", {"kind": "trivial"})
    rng = np.random.default_rng(len(name))
    # Beyond the optimum, so that an edit that is proved is likely to be false.
    if made["upper"] != "inf":
        made |= {"lower": made["upper"] + 0.01, "upper": "inf"}
    places = list(attack.places(made))
    for path in [places[k] for k in rng.choice(len(places), min(20, len(places)), replace=False)]:
        edited, put = copy.deepcopy(made), puts[rng.integers(len(puts))]
        attack.at(edited, path[:-1])[path[-1]] = put
        assert not attack.wrong(edited, made), (path, put)


@pytest.mark.parametrize("name", [name for name in KINDS if not name.endswith(("none", "no rate"))])
def test_the_question_may_not_be_made_harder(name):
    """Where the optimum of an edited problem is above the claim, or below it, that side is not proved."""
    made = solved(name).certificate.to_dict()
    for bound, value in made["bounds"].items():
        if value == "0":
            continue
        for factor in ("9/10", "11/10"):
            edited = copy.deepcopy(made)
            edited["bounds"][bound] = f"({value}) * {factor}"
            assert not (check_certificate(edited) and bound in tight(made)), (bound, factor)


def tight(made):
    """The bounds whose relaxation changes the optimum: nothing is feasible without them at this cost."""
    found = set()
    for bound in made["bounds"]:
        without = copy.deepcopy(made)
        del without["bounds"][bound]
        found |= set() if check_certificate(without).lower_holds else {bound}
    return found


# Side conditions, one by one -----------------------------------------------------------------------------------------------


def edited(name, **changes):
    """Return the certificate with some fields replaced; "__" separates names."""
    made = solved(name).certificate.to_dict()
    for path, value in changes.items():
        *way, last = (int(key) if key.isdigit() else key for key in path.split("__"))
        certificates.at(made, way)[last] = value
    return made


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("Gaussian", {"problem__sigma_X": [0]}, "sigma_X.*> 0"),
        ("Gaussian", {"problem__sigma_Y": ["-1/2"]}, "sigma_Y.*> 0"),
        ("Gaussian", {"problem__sigma_S": [-1]}, "sigma_S.*> 0"),
        ("Gaussian", {"problem__rho_SX": ["-1.001"]}, "rho_SX.*in \\[-1, 1\\]"),
        ("Gaussian", {"problem__rho_SX": None}, "both or none"),
        ("Gaussian", {"problem__mu_Y": None}, "must have mu_X"),
        ("Gaussian", {"problem__mu_X": [0, 0]}, "mu_X must have 1 entries"),
        ("Gaussian", {"problem__sigma_X": []}, "1 to 256 entries"),
        ("Gaussian", {"problem__R_c": -1}, "R_c must be >= 0"),
        ("Gaussian", {"problem__kind": "laplace"}, "kind must be one of 'gaussian'"),
        ("Gaussian", {"problem__p_Y": None}, "problem.p_Y: unknown"),
        ("Gaussian", {"slope": 1}, "slope must be null"),
        ("Gaussian", {"bounds": {"R": 1, "P": 1}}, "perception must be given"),
        ("Gaussian", {"primal__kind": "coupling"}, "primal.rates: unknown"),
        ("Gaussian", {"primal": {"kind": "coupling"}}, "kind must be one of 'normal'"),
        ("Gaussian", {"primal__rates": [1, 1]}, "have 1 entries"),
        ("Gaussian", {"dual__kind": "bits"}, "kind must be one of 'rates'"),
        ("bits", {"dual__kind": "rates"}, "kind must be one of"),
        ("bits", {"primal": {"kind": "normal"}}, "kind must be one of"),
        ("limited", {"bounds": {"R": 1, "C": 1}}, "must have a label"),
        ("KL", {"problem__R_c": 1}, "one component"),
        ("KL", {"problem__mu_Y": [0]}, "must have mu_X"),
        ("KL", {"problem__perception__reference": [0, 0]}, "reference\\[0\\] must be > 0"),
        ("vector", {"problem__R_c": 1}, "one component"),
    ],
)
def test_what_is_not_a_certificate_is_said(name, changes, message):
    with pytest.raises(ProblemError, match=message):
        check_certificate(edited(name, **changes))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("Gaussian", {"dual__multipliers": {"R": -1}}),
        ("Gaussian", {"dual__multipliers": {"C": 1}}),
        ("Gaussian", {"dual__objective": 0}),
        ("Gaussian, R", {"dual__objective": 1}),
        ("Gaussian, R", {"dual__multipliers": {}}),
        ("Gaussian, C binds", {"problem__rho_SX": [0], "dual__multipliers": {"C": 1}}),
        ("limited", {"dual__multipliers": {"R": 1}}),
        ("KL", {"dual__multipliers": {"R": 1}}),
        ("KL", {"dual__multipliers": {"P": -1}}),
        ("bits", {"dual": {"kind": "bits", "multipliers": {"R": 1}}}),
        ("bits", {"problem__classifier_sees": "YU"}),
        ("bits", {"problem__distortion__0__0": "inf"}),
        ("bits", {"problem__time_sharing": True}),
        ("shared", {"problem__p_Y": None}),
        ("shared", {"dual__multipliers": {"C": -1}}),
        ("shared", {"dual__multipliers": {"D": 1}}),
        ("shared", {"problem__time_sharing": False}),
    ],
)
def test_a_side_condition_that_fails_proves_nothing(name, changes):
    assert not check_certificate(edited(name, **changes)).lower_holds


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("Gaussian", {"primal__rates": ["-1/10"], "bounds": {}}),
        ("Gaussian", {"primal__rates": ["1.0000001"]}),
        ("Gaussian", {"primal__rates": ["inf"]}),
        ("Gaussian", {"primal__law": [0.5, 1.5]}),
        ("Gaussian, R", {"primal__rates": ["inf"]}),
        ("KL", {"primal__law": [0.2, 0]}),
        ("KL", {"primal__law": [0.2, -1.3]}),
        ("W2", {"primal__law": [0, 1.3]}),
        ("vector", {"primal__rates": ["1/2", "1/2"]}),
        ("bits", {"primal__joint": None}),
        ("bits", {"primal__joint": [[0, 0], [0, "29/100"]]}),
        ("shared once", {"primal__parts__0__weights__0__0": 2}),
    ],
)
def test_a_plan_that_is_not_one_proves_nothing(name, changes):
    assert not check_certificate(edited(name, **changes)).upper_holds


def test_where_nothing_falls_strictly_a_border_is_no_contradiction():
    """The label is independent of the source, and `C` is exactly what is left of it: a rate of zero will do."""
    made = edited("Gaussian, C binds", problem__rho_SX=[0], lower=1, upper="inf", primal=None)
    made |= {"bounds": {"C": "log(2*pi*E*(4/5)**2)/2"}, "dual": {"kind": "rates", "multipliers": {"C": 1}}}
    assert not check_certificate(made).lower_holds
    made["bounds"]["C"] = "log(2*pi*E*(4/5)**2)/2 - 1/10**9"
    assert check_certificate(made).lower_holds


@pytest.mark.parametrize("halvings", range(7))
def test_a_search_that_stops_early_still_proves_a_lower_bound(monkeypatch, halvings):
    """The bound is the least of a tangent, which is not above the sum, wherever the search for the least stops."""
    component = Normal([fmpq(0)], [fmpq(1)], [[fmpq(0), fmpq(2)]], [fmpq(1)], [fmpq(3, 5)], math.inf, None, [], True)
    monkeypatch.setattr(normal, "_HALVINGS", halvings)
    for D, R, C in ((1, 1, 0), (1, 1, 1), (0, 1, 3), (2, 5, 1)):
        by = Multipliers(fmpq(D), fmpq(R), fmpq(C), fmpq(0), fmpq(0), 1)
        bound = normal._least(component, 0, by, fmpq(4))
        for rate in (normal._Component(component, 0, fmpq(k, 20)) for k in range(1, 81)):
            assert by.D * rate.D(*component.target[0]) + by.R * rate.rate + by.C * rate.C >= bound


def test_large_files_end_soon():
    n = 256
    columns = {name: [1] * n for name in ("mu_X", "sigma_X", "mu_Y", "sigma_Y", "sigma_S")}
    made = edited("vector", lower=1, upper="inf", primal=None)
    made["problem"] |= columns | {"rho_SX": ["1/2"] * n}
    made["dual"]["multipliers"] = {"R": 1, "C": 1}
    assert certificates.timed(made) < 20
    made["problem"]["sigma_X"].append(1)
    with pytest.raises(ProblemError, match="1 to 256 entries"):
        check_certificate(made)


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_random_attacks_on_gaussians(seed):
    assert not normal_certificates.attack(11, seed)
