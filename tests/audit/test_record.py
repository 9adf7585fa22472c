from dataclasses import replace

import pytest

import drc
from drc.audit import Entry, records
from drc.audit.audit import AuditReport, Region
from drc.audit.findings import Finding


def report(*entries, findings=()):
    proof = Entry("a", "derivation", 5, 0, 1)
    return AuditReport((proof, Entry("a", "exact x solver", 7, 1, 2), *entries), tuple(findings), 10, 0)


def printed(*regions):
    agree, disagree = (sum(getattr(r, k) for r in regions) for k in ("agreements", "disagreements"))
    return Entry("a", "published x exact", agree, disagree, 0, regions=regions)


def finding(theorem, **witness):
    return Finding("x", "s", "t", "e", witness, 0.0, 1.0, theorem)


def test_counts_are_those_of_the_audit():
    (found,) = records(report())
    assert (found.steps, found.proved, found.agreed, found.disagreed, found.unknown) == (6, 5, 7, 1, 2)
    assert found.verification == (
        "5 of 6 claims proved; 7 of 10 instances agree with the certified solver, 1 disagree, 2 undecided"
    )
    assert (found.relation, found.witness) == ("none printed", None)


def test_codes_are_told_with_their_block_length():
    (found,) = records(report(Entry("a", "exact x codes", 3, 0, 0, excess=0.0123, block=8)))
    assert found.verification.endswith("; codes: achieved within 0.012 bit at block length 8")
    assert found.summary["achieved"] == {"excess": 0.0123, "block": 8}
    (found,) = records(report(Entry("a", "exact x codes", 2, 1, 0, excess=-1e-5, block=1)))
    assert found.verification.endswith("within 1e-05 bit at block length 1, 1 of 3 points beyond four standard errors")


@pytest.mark.parametrize(
    ("regions", "relation", "region"),
    [
        ([Region("b", "x", 3, 0)], "equal", ()),
        ([Region("b", "x", 3, 0), Region("c", "x", 0, 2)], "equal on a region", ("b",)),
        ([Region("b", "x", 3, 0), Region("b", "y", 1, 2)], "equal on a region", ("b (x)",)),
        ([Region("b", "x", 1, 2), Region("infeasible", "infeasible", 3, 0)], "differs", ()),
    ],
)
def test_the_relation_is_found_from_the_regions(regions, relation, region):
    (found,) = records(report(printed(*regions), findings=[finding("a", R=0.123), finding("a", R=0.5)]))
    assert (found.relation, found.region) == (relation, region)
    assert (found.witness is None) == (relation == "equal")
    if found.witness:
        assert found.witness.witness == {"R": 0.5}
        assert found.relation_in_words.endswith("at R = 0.5: printed 0, true 1")


def test_a_witness_is_of_its_own_theorem_and_about_values():
    differs = printed(Region("b", "x", 0, 2))
    (found,) = records(report(differs, findings=[finding("b", R=1.0), finding("a", t=0.5)]))
    assert found.witness is None
    assert found.relation_in_words == "differs"


def test_out_of_range_and_assumptions_judge_alike():
    import numpy as np

    from drc.expressions import compile_expression

    rng = np.random.default_rng(0)
    for problem in (drc.Bernoulli(), drc.Gaussian(), drc.Gaussian(R_c="R_c"), drc.VectorGaussian()):
        # A symbol of a user has no sign; the problem's own has.
        assumed = [compile_expression(a) for a in problem.assumptions]
        for _ in range(200):
            at = {name: float(rng.uniform(-0.5, 1.5)) for name in problem.parameters}
            assert bool(problem.out_of_range(at)) != all(bool(a(at)) for a in assumed), at


def test_numbers_need_no_assumption():
    assert drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).assumptions == ()
    assert len(drc.Gaussian(sigma_X=1).assumptions) == 3
    assert replace(drc.Gaussian(), theta=0).assumptions == drc.Gaussian().assumptions[:3]
