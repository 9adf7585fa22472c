"""Exact surfaces of finite one-shot problems: the certified solver, the theorem of two bits, and their own proofs."""

import itertools
import json
import pickle
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import drc
from drc.proof import Proof, Verdict
from drc.theory.finite.claims import Complete, Supported

#: One, but for less than doubles can see in a sum.
TINY = 1 - Fraction(1, 10**14)


@pytest.fixture(scope="module")
def three() -> drc.Finite:
    """The problem of `docs/finite.md`."""
    return drc.Finite([[0.27, 0.07, 0.10], [0.03, 0.43, 0.10]], [[0, 1, 4], [1, 0, 1], [4, 1, 0]], p_Y=[0.3, 0.4, 0.3])


def _drawn(rng: np.random.Generator, kind: str) -> drc.Finite:
    """A random problem, with ties and zeros among its numbers."""
    n_S, n_X, n_Y = rng.integers(1, 4), rng.integers(2, 4), rng.integers(2, 4)
    counts = rng.integers(0, 9, (n_S, n_X))
    counts[0] += 1
    costs = rng.integers(0, 4, (n_X, n_Y)).astype(float)
    law = rng.multinomial(10, np.full(n_Y, 1 / n_Y)) / 10
    options = {
        "free": {},
        "law": {"p_Y": law},
        "TV": {"perception": "TV", "reference": law},
        "W2": {"perception": "W2", "reference": law, "letters_Y": tuple(range(n_Y))},
        "forbidden": {"p_Y": law},
    }
    if kind == "forbidden":
        costs[0, 0] = np.inf
    return drc.Finite.from_counts(counts, distortion=costs, **options[kind])


@pytest.mark.parametrize("minimise", ["D", "R", "C"])
@pytest.mark.parametrize("kind", ["free", "law", "TV", "W2", "forbidden"])
def test_formula_is_the_certified_optimum(kind, minimise):
    rng = np.random.default_rng([len(kind), ord(minimise)])
    for _ in range(2):
        problem = _drawn(rng, kind)
        formula = problem.tradeoff(minimise=minimise)
        for _ in range(10):
            ends = {"D": 3.0, "R": 1.5, "C": 1.5, "P": 1.0}
            bounds = {s.name: rng.choice([0.0, rng.uniform(0, ends[s.name])]) for s in formula.arguments}
            bounds = {name: value for name, value in bounds.items() if rng.random() < 0.8}
            solved, value = problem.solve(minimise=minimise, **bounds), formula(**bounds)
            assert solved.lower - 1e-9 <= value <= solved.upper + 1e-9, (problem.p_SX, bounds)


def test_several_costs_and_labels_are_arguments():
    several = drc.Finite(
        labels=[[[0.3, 0.1], [0.2, 0.4]], [[0.35, 0.15], [0.15, 0.35]]],
        costs=["hamming", [[0, 1], [2, 0]]],
        p_Y=[0.6, 0.4],
    )
    formula = several.tradeoff()
    assert [s.name for s in formula.arguments] == ["D2", "R", "C", "C2"]
    assert formula.check(samples=40).ok
    assert formula.derivation.check().verdict is Verdict.PROVED


@pytest.mark.parametrize("kind", ["error", "gini"])
def test_other_uncertainties_have_rational_pieces(three, kind):
    formula = drc.Finite(three.p_SX, three.distortion, three.p_Y, uncertainty=kind).tradeoff(minimise="C")
    assert formula.check(samples=40).ok
    assert formula.derivation.check().verdict is Verdict.PROVED
    # At any rate and any distortion, the best that a map leaves unknown is a fraction.
    assert formula.regime() == "unconstrained"
    assert formula.regimes[[r.name for r in formula.regimes].index("unconstrained")].expr.is_Rational


def test_pieces_of_the_problem_in_the_guide(three):
    formula = three.tradeoff()
    assert [regime.name for regime in formula.regimes if not regime.is_infeasible] == [
        "rate- and classification-limited 1",
        "rate- and classification-limited 2",
        "classification-limited",
        "unconstrained",
        "rate-limited 1",
        "rate-limited 2",
        "rate-limited 3",
    ]
    assert formula() == pytest.approx(0.1, abs=1e-15)
    assert formula(R=0) == pytest.approx(1.1, abs=1e-15)
    assert formula(R=0, C=0.9) == np.inf
    assert formula.check(samples=60).ok


def test_two_letters_are_the_theorem_of_bits():
    rng = np.random.default_rng(7)
    for q_X, q_Y, q_S1 in [(0.3, 0.4, 0.1), (0.5, 0.2, 0.05), (0.25, 0.75, 0.4), (0.2, 0.2, 0.0)]:
        bits = drc.Bernoulli(q_X, q_Y, q_S1)
        for minimise, theorem in (("D", bits.drc()), ("R", bits.rdc())):
            formula = bits.finite().tradeoff(minimise=minimise)
            other = formula.arguments[0].name
            bounds = {other: rng.uniform(0, 1, 200), "C": rng.uniform(0, 1, 200)}
            np.testing.assert_allclose(formula(**bounds), theorem(**bounds), rtol=1e-12, atol=1e-14)


def test_proof_is_complete(three):
    report = three.tradeoff().derivation.check()
    assert report.verdict is Verdict.PROVED
    assert report.counts[Verdict.PROVED] == len([s for s in three.tradeoff().derivation if not s.defines])


@pytest.mark.parametrize("unit", ["bits", "nats"])
def test_three_functions_are_one_surface(three, unit):
    # At a point where both bounds bind, each function gives the others back.
    D = three.tradeoff(unit=unit)
    scale = 1 if unit == "bits" else np.log(2)
    at = {"R": 0.8 * scale, "C": 0.8 * scale}
    value = D(**at)
    assert three.tradeoff(minimise="R", unit=unit)(D=value, C=at["C"]) == pytest.approx(at["R"], rel=1e-12)
    assert three.tradeoff(minimise="C", unit=unit)(D=value, R=at["R"]) == pytest.approx(at["C"], rel=1e-12)


def test_why_names_the_price(three):
    formula, step = three.tradeoff(), 1e-6
    words = formula.why(R=0.8, C=0.8)
    price = (formula(R=0.8, C=0.8) - formula(R=0.8 + step, C=0.8)) / step
    assert words.startswith("rate- and classification-limited 1: R = 0.8 bit binds. C = 0.8 bit binds. The plan mixes")
    assert f"one more bit of R lowers D by {price:.3g}" in words
    assert "C = 0.64 bit needs R >= 1.42 bit." in formula.why(R=0.8, C=0.64)
    assert formula.why(R=0.8, C=0.62) == "infeasible: every plan has C >= 0.633 bit."


def _claims(problem: drc.Finite, kind: type) -> list:
    return [step.claim for step in problem.tradeoff().derivation if isinstance(step.claim, kind)]


def test_a_piece_that_is_too_high_is_refuted(three):
    claims = _claims(three, Supported)
    assert all(claim.decided().verdict is Verdict.PROVED for claim in claims)
    # The multipliers of another face's basis do not prove this one.
    refuted = 0
    for claim, other in itertools.pairwise(claims):
        content = json.loads(claim.data) | {"basis": json.loads(other.data)["basis"]}
        refuted += Supported(claim.shown, json.dumps(content)).decided().verdict is Verdict.REFUTED
    assert refuted >= len(claims) // 2
    # A plan whose weights are no law.
    negative = json.loads(claims[0].data) | {"p_Y": ["9/10", "1/20", "1/20"]}
    assert Supported(claims[0].shown, json.dumps(negative)).decided().verdict is Verdict.REFUTED


def test_a_plane_through_corners_of_no_common_face_is_refuted(three):
    # Each of the corners lies on the plane, and so does the plan of the basis: what lies below it are other plans.
    claims = _claims(three, Supported)
    plans = {tuple(plan) for claim in claims for plan in json.loads(claim.data)["corners"]}
    faces = [set(map(tuple, json.loads(claim.data)["corners"])) for claim in claims]
    apart = [triple for triple in itertools.combinations(sorted(plans), 3) if not any({*triple} <= on for on in faces)]
    for triple in apart:
        for basis in triple:
            content = json.loads(claims[0].data) | {"corners": triple, "free": [], "basis": basis}
            assert Supported(claims[0].shown, json.dumps(content)).decided().verdict is Verdict.REFUTED
    assert len(apart) > 10


@pytest.mark.parametrize("costs", [[1, TINY], [TINY, 1]])
@pytest.mark.parametrize("way", [1, -1])
def test_a_difference_that_doubles_do_not_see_is_seen(costs, way):
    never = float("inf")
    formula = drc.Finite(
        [[Fraction(3, 10), Fraction(7, 10)][::way]], [[0, never, never], [never, *costs]][::way]
    ).tradeoff()
    assert formula.regimes[0].expr == sp.Rational(7, 10) * (1 - sp.Rational(1, 10**14))


def test_a_missing_face_or_corner_is_refuted(three):
    (claim,) = _claims(three, Complete)
    content = json.loads(claim.data)
    for changed in (content | {"faces": content["faces"][1:]}, content | {"corners": content["corners"][:-1]}):
        assert Complete(claim.shown, json.dumps(changed)).decided().verdict is Verdict.REFUTED


def test_a_wrong_price_is_refuted(three, monkeypatch):
    written = Proof.let

    def wrong(self, symbol, value, meaning, **options):
        return written(self, symbol, 2 * value if symbol.name == "mu_1" else value, meaning, **options)

    monkeypatch.setattr(Proof, "let", wrong)
    assert three.tradeoff().derivation.check().verdict is Verdict.REFUTED


def test_pickle_and_equality(three):
    formula = three.tradeoff()
    assert formula == three.tradeoff() == pickle.loads(pickle.dumps(formula))
    assert formula != three.tradeoff(unit="nats")


def test_saved_and_loaded(three, tmp_path):
    for formula in (three.tradeoff(minimise="C"), three.tradeoff(unit="nats")):
        assert drc.load(formula.save(tmp_path / "surface.json")) == formula


@pytest.mark.parametrize("name", ["finite.one-shot.YU.xyz", "finite.one-shot.Y.drc", 3])
def test_a_file_of_another_surface_is_refused(three, tmp_path, name):
    path = three.tradeoff().save(tmp_path / "surface.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"tradeoff": name}))
    with pytest.raises(drc.ProblemError, match="must be"):
        drc.load(path)


def test_slopes_are_the_multipliers_of_the_solver(three):
    formula = three.tradeoff()
    for R, C in [(0.8, 0.8), (0.5, 0.9), (1.2, 0.7), (1.45, 0.64)]:
        slopes, duals = formula.gradient(R=R, C=C), three.solve(R=R, C=C).duals
        assert {name: -slopes[name] for name in "RC"} == pytest.approx({name: duals[name] for name in "RC"}, abs=1e-9)


def test_latex_has_names_of_the_paper(three):
    text = three.tradeoff().latex()
    assert r"R_{1|2|3} ={}& \frac{1}{2} + 0.2 \log_2(5) - 0.3 \log_2(0.3)" in text
    assert r"r_1 ={}& 0.2 R_{1|23} + 0.8 R_{1|2|3}" in text
    assert r"\mu_1 ={}&" in text
    assert r"R_{\min,2} ={}& R_{1|23} - \mu_{\min,2} (C - C_{1|23})" in text


def test_no_plan_at_all():
    formula = drc.Finite([[0.5, 0.5]], [[np.inf, 0], [np.inf, 0]], p_Y=[1, 0]).tradeoff()
    assert formula(R=5, C=5) == np.inf
    assert formula.derivation.check().verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"setting": "asymptotic"}, "exact surfaces of finite.asymptotic.Y are not available"),
        ({"classifier_sees": "Y"}, "exact surfaces of finite.one-shot.Y are not available"),
        ({"perception": "KL"}, "exact surfaces with perception 'KL' are not available"),
    ],
)
def test_what_has_no_exact_surface(change, message):
    with pytest.raises(drc.NotAvailableError, match=message.replace(".", r"\.")):
        drc.Finite([[0.5, 0.5]], **change).tradeoff()


def test_irrational_laws_and_too_many_maps_are_refused():
    with pytest.raises(drc.NotAvailableError, match="exact surfaces need fractions in p_SX"):
        drc.Finite([[1 / sp.sqrt(2), 1 - 1 / sp.sqrt(2)]]).tradeoff()
    with pytest.raises(drc.ProblemError, match="the number of maps must be at most 1,048,576, got 4,294,967,296"):
        drc.Finite(np.full((1, 8), 1 / 8), np.ones((8, 16))).tradeoff()
    with pytest.raises(drc.ProblemError, match="minimise must be 'D' or 'R' or 'C', got 'P'"):
        drc.Finite([[0.5, 0.5]]).tradeoff(minimise="P")
