import json
from dataclasses import replace

import pytest
import sympy as sp

import drc
from drc.proof import Proof, Step, Verdict
from drc.proof.shannon import InformationClaim

x, y, z = sp.symbols("x y z", real=True)
UNIT = dict.fromkeys((x, y, z), (sp.S.Zero, sp.S.One))


@pytest.mark.parametrize(
    ("claim", "method"),
    [
        (sp.Eq((x + y) ** 2, x**2 + 2 * x * y + y**2), "real arithmetic"),
        (sp.Or(x <= y, y <= z, z <= x), "real arithmetic"),
        (sp.Le(x * y, sp.Max(x, y)), "real arithmetic"),
        (sp.Le(x * y, sp.Min(x, y)), "real arithmetic"),
        (sp.Le(sp.sqrt(x * y), (x + y) / 2), "real arithmetic"),
        (sp.Eq(drc.H_b(x), drc.H_b(1 - x)), ""),
        (sp.Implies(x * (1 - x) < y * (1 - y), drc.H_b(x) < drc.H_b(y)), "lemmas"),
        (sp.Ge(sp.log(1 + x), x / (1 + x)), "lemmas"),
        (sp.Eq(sp.log((1 + x) * (1 + y)), sp.log(1 + x) + sp.log(1 + y)), "real arithmetic"),
        (sp.Eq(2 ** (x + y), 2**x * 2**y), "real arithmetic"),
        (sp.Ge(sp.exp(x), 1 + x), "lemmas"),
    ],
    ids=str,
)
def test_true_claims_are_proved(claim, method):
    check = Step(claim, "", domain=UNIT).check()
    assert check.verdict is Verdict.PROVED
    assert method in str(check)
    assert check
    assert "check-sat" in check.query


@pytest.mark.parametrize(
    "claim",
    [
        sp.Eq(x + y, x + y + sp.Rational(1, 10**9), evaluate=False),
        sp.Le(x, y),
        sp.Eq(sp.sqrt(x), x),
        sp.Implies(x < y, y < z),
        sp.Ge(x * (x - sp.Rational(1, 1000)), 0),
        sp.Ge((x - sp.Rational(1, 2)) ** 2, sp.Rational(1, 10**12)),
        sp.Le(drc.H_b(x), 2 * x),
    ],
    ids=str,
)
def test_false_claims_are_refuted_with_a_witness(claim):
    check = Step(claim, "", domain=UNIT).check()
    assert check.verdict is Verdict.REFUTED
    assert not check
    assert check.witness
    assert " at x = " in str(check)


@pytest.mark.parametrize(
    "claim",
    [
        sp.Eq((x**2 - 1) / (x - 1), x + 1),
        sp.Eq(y / x, y / x, evaluate=False),
        sp.Ge(1 / x, 1),
        sp.Ge(sp.sqrt(x - sp.S.Half), 0, evaluate=False),
        sp.Lt(0 * x, sp.oo - 1 / x),
    ],
    ids=str,
)
def test_a_claim_that_is_undefined_somewhere_is_not_proved(claim):
    assert Step(claim, "", domain=UNIT).check().verdict is not Verdict.PROVED
    inside = Step(claim, "", given=sp.And(x > sp.S.Half, x < 1), domain=UNIT)
    assert inside.check().verdict is Verdict.PROVED


@pytest.mark.parametrize(
    "claim",
    [
        sp.Le(sp.log(1 + x), x * sp.Rational(99, 100)),
        sp.Le(drc.H_b(x), sp.Rational(999, 1000)),
        sp.Gt(drc.H_b(x), 0),
        sp.Lt(drc.H_b(x), 1),
        sp.Lt(x * y, sp.Max(x, y)),
    ],
    ids=str,
)
def test_near_misses_are_not_proved(claim):
    assert Step(claim, "", domain=UNIT).check().verdict is not Verdict.PROVED


def test_infinity_is_a_value():
    kappa = sp.Piecewise((x, x < 1), (sp.oo, True))
    assert Step(sp.Ge(kappa, x), "", domain=UNIT).check().verdict is Verdict.PROVED
    assert Step(sp.Lt(kappa, 2), "", domain=UNIT).check().verdict is Verdict.REFUTED
    assert Step(sp.Eq(1 / kappa, 0), "", given=sp.Eq(x, 1), domain=UNIT).check().verdict is Verdict.PROVED
    assert Step(sp.Eq(kappa - kappa, 0, evaluate=False), "", domain=UNIT).check().verdict is not Verdict.UNKNOWN
    twice = sp.Add(kappa, -sp.Piecewise((y, y < 1), (sp.oo, True)))
    assert Step(sp.Eq(twice, twice, evaluate=False), "", domain=UNIT).check().verdict is not Verdict.PROVED


def test_a_claim_that_no_point_reaches_holds_of_all_of_them():
    step = Step(sp.Le(x * y, z), "", given=sp.And(x > 2, y > 2), domain=UNIT)
    assert step.check().verdict is Verdict.PROVED


def test_what_is_only_true_at_points_is_sampled():
    # True, but the lemmas do not say how steep the entropy is, and at 0 no interval tells its square from a multiple of x.
    step = Step(sp.Le(drc.H_b(x) ** 2, 4 * x * (1 - x)), "", domain=UNIT)
    check = step.check(points=9)
    assert (check.verdict, check.method) == (Verdict.SAMPLED, "9 points")
    assert not check


def test_an_abbreviation_is_not_drawn_and_its_domain_is_an_assumption():
    step = Step(sp.Eq(z + y, x), "", domain=UNIT, definitions=((z, x - y),))
    assert step.sample().verdict is Verdict.SAMPLED
    assert replace(step, claim=sp.Ge(x, y)).sample().verdict is Verdict.SAMPLED
    assert replace(step, claim=sp.Ge(x, y + sp.Rational(1, 2))).sample().verdict is Verdict.REFUTED


def test_assumptions_and_definitions_are_used():
    proof = Proof(UNIT)
    proof.let(z, x - y, "the difference")
    proof.show(sp.Ge(z, 0), "x is larger", given=sp.Ge(x, y))
    proof.show(sp.Eq(z + y, x), "by definition")
    derivation = proof.qed("A toy.")
    assert str(derivation.check()) == "2 claims: 2 proved"
    assert derivation.check()
    assert len(derivation) == len(list(derivation)) == 3
    assert "the difference" in str(derivation)


def test_a_definition_of_no_number_is_told():
    proof = Proof(UNIT)
    proof.let(z, x / y, "the ratio")
    (check,) = proof.qed("A toy.").check().checks
    assert str(check) == "definition, not of a real number everywhere"


def test_earlier_steps_are_used_if_they_are_proved():
    f = sp.Function("f")
    proof = Proof(UNIT)
    proof.let(z, drc.H_b(x), "an entropy")
    proof.show(sp.Le(z, 1), "at most one bit")
    proof.show(sp.Le(z**3, 1), "so its powers are")
    assert str(proof.qed("A toy.").check()) == "2 claims: 2 proved"
    proof = Proof({**UNIT, sp.Symbol("u", real=True): (0, 1)})
    u = sp.Symbol("u", real=True)
    proof.show(sp.Le(x, u), "false")
    proof.show(sp.Le(x - u, 0), "follows from what is false")
    assert [c.verdict for c in proof.qed("A toy.").check().checks] == [Verdict.REFUTED, Verdict.REFUTED]
    assert f is not None


def test_a_wrong_definition_is_found_by_a_later_step():
    proof = Proof(UNIT)
    proof.let(z, x + y, "meant as the difference")
    proof.show(sp.Eq(z + y, x), "by definition")
    report = proof.qed("A toy.").check()
    assert report.verdict is Verdict.REFUTED
    assert not report


def test_claims_about_random_variables_stand_beside_others():
    proof = Proof(UNIT)
    proof.show(InformationClaim("I(X;Z) <= I(X;Y)"), "data processing", given=InformationClaim("X -> Y -> Z"))
    proof.show(sp.Le(x, 1), "by definition")
    derivation = proof.qed("A toy.")
    assert str(derivation.check()) == "2 claims: 2 proved"
    assert r"\item $I(X; Z) \le I(X; Y)$ for $X \to Y \to Z$. Data processing." in derivation.latex()
    assert Step(InformationClaim("H(X) <= H(Y)"), "").check().verdict is Verdict.REFUTED
    with pytest.raises(drc.ProblemError, match="must be about nothing else"):
        Step(sp.And(InformationClaim("H(X) <= H(Y)"), x < 1), "", domain=UNIT).check()


def test_cited_facts_are_told_apart():
    proof = Proof(UNIT)
    proof.show(sp.Le(x, 1), "by definition")
    proof.show(sp.Le(drc.H_b(x), 2 * sp.sqrt(x)), "a fact of the literature", cites="cover2006")
    report = proof.qed("A toy.").check()
    assert str(report) == "2 claims: 1 proved, 1 cited"
    assert report.verdict is Verdict.CITED
    assert report


def test_a_point_that_a_cited_fact_excludes_refutes_nothing():
    proof = Proof({x: (0, 9)})
    proof.show(x <= 1, "somebody showed this", cites="cover2006")
    proof.show(x <= 2, "so this holds as well")
    proof.show(x <= sp.Rational(1, 2), "and this does not")
    verdicts = [check.verdict for check in proof.qed("").check().checks]
    assert verdicts == [Verdict.CITED, Verdict.PROVED, Verdict.REFUTED]


def test_a_proof_can_be_taken_along(tmp_path):
    z3 = pytest.importorskip("z3")
    derivation = drc.Gaussian().drc().derivation
    report = derivation.check()
    place = derivation.save(tmp_path / "proof", report=report)
    claims = json.loads(place.read_text())["claims"]
    assert len(claims) == len(derivation)
    assert {row["verdict"] for row in claims} <= {"Proved", "Definition", "Cited"}
    for row in claims:
        if row["file"]:
            queries = (place.parent / row["file"]).read_text().split("(reset)")
            for query in queries:
                solver = z3.SolverFor("QF_NRA")
                solver.from_string(query)
                assert solver.check() == z3.unsat
