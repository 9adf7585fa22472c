import pytest
import sympy as sp

from drc.proof import Proof, Step, Verdict
from drc.proof.step import weak_orderings

x, y, z = sp.symbols("x y z", real=True)
UNIT = dict.fromkeys((x, y, z), (sp.S.Zero, sp.S.One))


@pytest.mark.parametrize(
    ("claim", "method"),
    [
        (sp.Eq((x + y) ** 2, x**2 + 2 * x * y + y**2), "symbolic"),
        (sp.And(sp.Eq(x / y * y**2, x * y), sp.Eq((x**2 - 1) / (x - 1), x + 1)), "symbolic"),
        (sp.Or(x <= y, y <= z, z <= x), "orderings"),
        (sp.Le(x * y, sp.Max(x, y)), "balls"),
    ],
    ids=str,
)
def test_true_claims_are_proved(claim, method):
    check = Step(claim, "", domain=UNIT).check()
    assert check.verdict is Verdict.TRUE
    assert method in str(check)


@pytest.mark.parametrize(
    "claim",
    [
        sp.Eq(x + y, x + y + sp.Rational(1, 10**9)),
        sp.Le(x, y),
        sp.Eq(sp.sqrt(x), x),
        sp.Implies(x < y, y < z),
    ],
    ids=str,
)
def test_false_claims_are_refuted_with_a_witness(claim):
    check = Step(claim, "", domain=UNIT).check()
    assert check.verdict is Verdict.FALSE
    assert check.witness
    assert " at x = " in str(check)


def test_a_claim_that_no_point_reaches_is_unknown():
    step = Step(sp.Le(x * y, z), "", given=sp.And(x > 2, y > 2), domain=UNIT)
    assert step.check().verdict is Verdict.UNKNOWN


def test_a_border_that_balls_cannot_decide_is_unknown():
    step = Step(sp.Lt(sp.sqrt(x) * sp.sqrt(x), x), "", domain={x: (sp.S.One, sp.Integer(2))})
    assert step.check().verdict is not Verdict.TRUE


def test_assumptions_and_definitions_are_used():
    proof = Proof(UNIT)
    proof.let(z, x - y, "the difference")
    proof.show(sp.Ge(z, 0), "x is larger", given=sp.Ge(x, y))
    proof.show(sp.Eq(z + y, x), "by definition")
    derivation = proof.qed("A toy.")
    assert str(derivation.check()) == "3 steps: 3 True"
    assert derivation.check()
    assert len(derivation) == len(list(derivation)) == 3
    assert "the difference" in str(derivation)


def test_a_wrong_definition_is_found_by_a_later_step():
    proof = Proof(UNIT)
    proof.let(z, x + y, "meant as the difference")
    proof.show(sp.Eq(z + y, x), "by definition")
    report = proof.qed("A toy.").check()
    assert report.verdict is Verdict.FALSE
    assert not report


@pytest.mark.parametrize(("size", "count"), [(1, 1), (2, 3), (3, 13), (4, 75)])
def test_weak_orderings_are_the_fubini_numbers(size, count):
    symbols = set(sp.symbols("a:d")[:size])
    assert len({tuple(sorted(o.items())) for o in weak_orderings(symbols)}) == count
