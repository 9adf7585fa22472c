import json
import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import sympy as sp

import drc
from drc.audit import check_tradeoff
from drc.audit.audit import audit
from drc.audit.findings import theorem_2, theorem_4
from drc.audit.instances import instances
from drc.codes.achieved import CODED
from drc.proof import Check, DerivationReport, Verdict


@cache
def report():
    # Proofs are checked by the theorems' own tests.
    checked = DerivationReport((Check(Verdict.PROVED, ""),))
    return audit(samples=40, seed=5, proofs={entry.id: checked for entry in drc.catalogue()})


def test_no_exact_form_disagrees():
    assert report().ok
    for found in report().entries:
        if not found.roads.startswith("published"):
            assert found.disagreements == 0, found
            assert found.agreements > 0


def test_every_road_is_walked():
    roads = {(e.id, e.roads) for e in report().entries}
    for entry in drc.catalogue():
        assert (entry.id, "derivation") in roads
        assert (entry.id, "exact x solver") in roads
        assert ((entry.id, "exact x codes") in roads) == (entry.tradeoff().problem.id in CODED)
        assert ((entry.id, "published x exact") in roads) == ("published" in entry.forms)


def test_codes_come_near_every_theorem_that_has_some():
    found = [e for e in report().entries if e.roads == "exact x codes"]
    assert len(found) >= 10
    for entry in found:
        assert entry.block >= 1
        assert entry.achieved.startswith("achieved within ")
        assert entry.achieved in str(entry)


def test_the_regions_of_agreement_of_theorem_2():
    (entry,) = (e for e in report().entries if e.roads == "published x exact" and e.id.startswith("bernoulli"))
    region = {(r.branch, r.regime): r for r in entry.regions}
    assert region["rate branch", "rate-limited"].disagreements == 0
    assert region["rate branch", "rate-limited"].agreements > 0
    assert region["transport branch", "transport-limited"].disagreements == 0
    assert region["classification branch", "infeasible"].agreements == 0
    assert region["rate branch", "transport-limited"].disagreements > 0
    assert sum(r.agreements for r in entry.regions) == entry.agreements


def findings():
    return {f.id: f for f in report().findings}


@pytest.mark.parametrize(
    "name",
    [
        "theorem-2.classification-branch",
        "theorem-2.rate-branch",
        "theorem-2.reading",
        "theorem-2.feasible-set",
        "theorem-2.negation",
        "theorem-4.classification-branch",
        "theorem-4.zero-branch-finite-rate",
        "theorem-4.zero-branch-different-laws",
        "theorem-4.sign",
        "theorem-7.classification-branch",
        "theorem-7.zero-branch",
        "theorem-7.sign",
        "appendix-A.4.classification-branch",
        "appendix-A.4.zero-branch",
        "appendix-A.4.sign",
    ],
)
def test_the_finding_is_there_and_its_witness_is_clear(name):
    finding = findings()[name]
    assert abs(finding.printed - finding.true) >= 0.01
    assert finding.explanation
    assert all(len(f"{value:g}") <= 4 for value in finding.witness.values())
    assert "printed" in str(finding)


def test_witnesses_are_confirmed_by_the_solver():
    confirmed = [f for f in report().findings if "R" in f.witness and not f.id.endswith(".sign")]
    assert len(confirmed) >= 8
    for finding in confirmed:
        confirm(finding)


def confirm(finding):
    family = drc.Bernoulli if finding.id.startswith("theorem-2") else drc.Gaussian
    at = {k: finding.witness[k] for k in ("R", "P", "C") if k in finding.witness}
    problem = family(**{k: v for k, v in finding.witness.items() if k not in at})
    name, options = "drc", {}
    if "P" in at:
        # The mean of the source does not matter here, and the solver wants numbers.
        problem, name = replace(problem, mu_X=0), "drpc"
        options = {"perception": "W2" if finding.id.startswith("appendix-A.4") else "KL"}
    assert getattr(problem, name)(form="published", **options)(**at) == pytest.approx(finding.printed, abs=1e-14)
    assert problem.solve(**at, **options).value == pytest.approx(finding.true, abs=1e-9)


def test_the_reading_at_the_point_of_the_theory():
    """At q_X = .3, q_Y = .4, q_S1 = .1, t = .5: .697 against .830."""
    q, r, e, t = 0.3, 0.4, 0.1, 0.5
    both = t * q + (r - t * q) * q
    p_SY = np.array([[1 - e, e], [e, 1 - e]]) @ np.array([[1 - q - r + both, r - both], [q - both, both]])
    H_S = drc.information.binary_entropy(q * (1 - e) + (1 - q) * e)
    assert H_S - t * (H_S - drc.information.binary_entropy(e)) == pytest.approx(0.697, abs=5e-4)
    assert drc.information.conditional_entropy(p_SY) == pytest.approx(0.830, abs=5e-4)


@pytest.mark.parametrize("perception", ["W2", "KL"])
def test_the_regions_of_agreement_of_theorem_7(perception):
    name = f"gaussian.asymptotic.drpc.{perception}"
    (entry,) = (e for e in report().entries if e.roads == "published x exact" and e.id == name)
    for region in entry.regions:
        same = region.branch.removeprefix("rate branch, ") == region.regime
        assert (region.disagreements == 0) == (same or region.branch == "infeasible"), region


def test_searches_are_deterministic():
    assert theorem_2() == theorem_2()
    assert theorem_4() == theorem_4()


def test_json_is_strict_and_complete():
    data = json.loads(report().to_json(), parse_constant=pytest.fail)
    assert data["ok"] is True
    assert len(data["entries"]) == len(report().entries)
    assert {f["id"] for f in data["findings"]} == findings().keys()
    assert "inf" in {f["true"] for f in data["findings"]}


def test_one_theorem_alone_and_progress():
    seen = []
    alone = drc.audit(["bernoulli.one-shot.YU.rdc"], samples=3, progress=lambda *at: seen.append(at))
    assert {e.id for e in alone.entries} == {"bernoulli.one-shot.YU.rdc"}
    assert ("check bernoulli.one-shot.YU.rdc", 3, 3) in seen
    assert seen[-1] == ("code bernoulli.one-shot.YU.rdc", 2, 2)
    with pytest.raises(drc.ProblemError, match="id must be one of"):
        drc.audit(["nothing"])


def test_a_wrong_formula_is_reported_with_a_witness():
    T = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc()
    cases = tuple(replace(r, expr=r.expr + sp.Rational(1, 10**6)) for r in T.cases)
    wrong = check_tradeoff(replace(T, cases=cases), samples=30)
    assert not wrong.ok
    assert wrong.witness is not None
    assert "witness" in str(wrong)


def test_a_wrong_feasible_set_is_reported():
    T = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc()
    cases = (replace(T.cases[0], condition=sp.true), *T.cases[1:])
    assert math.isinf(check_tradeoff(replace(T, cases=cases), samples=60).largest_difference)


def test_instances_have_corners_and_are_reproducible():
    drawn = list(instances("bernoulli", ("R", "C"), 300, 0))
    assert drawn == list(instances("bernoulli", ("R", "C"), 300, 0))
    assert all(d.keys() == {"q_X", "q_Y", "q_S1", "R", "C"} for d in drawn)
    for corner in (0.0, 0.5, 1.0):
        assert any(d["q_X"] == corner for d in drawn)
    assert any(d["q_X"] == d["q_Y"] not in (0, 0.5, 1) for d in drawn)
