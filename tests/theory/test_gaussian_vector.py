"""The vector Gaussian theorems: values of the literature, one component, corners, and the certified solver."""

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from attacks.claims import ask, claims
from scipy.optimize import minimize

import drc
from drc.proof import Verdict
from drc.proof.shannon import InformationClaim
from drc.theory.gaussian.vector.drc import limited, private, theorem
from drc.theory.gaussian.vector.rdc import theorem as rdc_theorem
from drc.units import BITS

# [chen2025gaussian]: source variances (2, 3, 1), target variances (3, 1, 1); rates in bits.
VARIANCES = {"sigma_X": [sp.sqrt(2), sp.sqrt(3), 1], "sigma_Y": [sp.sqrt(3), 1, 1]}


@pytest.mark.parametrize(
    ("R", "rates", "D"),
    [(2.1, (0.929, 0.726, 0.445), 2.71479), (4.1, (1.641, 1.407, 1.051), 1.39930)],
)
def test_with_common_randomness(R, rates, D):
    v = drc.VectorGaussian(**VARIANCES, sigma_S=[1, 1, 1], theta=[0, 0, 0])
    assert v.drc()(R=R) == pytest.approx(D, abs=5e-6)
    assert v.solve(R=R).rates == pytest.approx(rates, abs=6e-4)
    assert v.rdc()(D=v.drc()(R=R)) == pytest.approx(R, abs=1e-12)
    assert "shared as " + ", ".join(f"{r:.3g}" for r in v.solve(R=R).rates) in v.drc().why(R=R)


def test_without_common_randomness():
    v = drc.VectorGaussian(**VARIANCES, sigma_S=[1, 1, 1], theta=[0, 0, 0], R_c=0)
    T, R = v.drc(), np.linspace(0.1, 5, 20)
    assert T(R=2.1) == pytest.approx(4.31754, abs=5e-6)
    assert "shared as 0.999, 0.749, 0.353" in T.why(R=2.1)
    floor = float(sum((s - t) ** 2 for s, t in zip(v.sigma_X, v.sigma_Y, strict=True)))
    assert T(R=[0, np.inf]) == pytest.approx([11, floor])
    assert (T(R=R) > replace(v, R_c=sp.oo).drc()(R=R)).all()
    with pytest.raises(drc.NotAvailableError, match=r"rdc\(\) with R_c = 0"):
        v.rdc()
    with pytest.raises(drc.ProblemError, match="must be among .*, got C"):
        T(R=1, C=2)


def test_limited_common_randomness_of_one_component_is_the_scalar_theorem():
    v, g = drc.VectorGaussian([1], [1.5], mu_Y=[0.5], R_c=0.4), drc.Gaussian(0, 1, 0.5, 1.5, R_c=0.4)
    R = np.append(np.linspace(0, 4, 9), [1e-12, np.inf])
    assert v.drc()(R=R) == pytest.approx(g.drc()(R=R), abs=1e-9)


WEIGHTED = {"sigma_X": [1, 2, 0.3], "sigma_Y": [1, 0.7, 0.5], "mu_X": [1, 0, 0]}


# Old versions of scipy leave the bounds by the last bit, say so, and go back.
@pytest.mark.filterwarnings("ignore:Values in x were outside bounds:RuntimeWarning")
@pytest.mark.parametrize("R_c", [0.05, 0.5, 3.0])
@pytest.mark.parametrize("R", [0.1, 0.8, 2.5])
def test_no_other_rates_are_better_with_limited_common_randomness(R, R_c):
    """Two rates for each component, by sequential quadratic programming, in nats."""
    w = np.array([1, 1.4, 0.15])
    best = max(
        -minimize(
            lambda x: -(w * np.sqrt(np.prod(1 - np.exp(-2 * x.reshape(2, 3)), axis=0))).sum(),
            start,
            bounds=[(1e-9, 9)] * 6,
            constraints=[
                {"type": "ineq", "fun": lambda x: R - x[:3].sum()},
                {"type": "ineq", "fun": lambda x: R + R_c - x[3:].sum()},
            ],
            options={"ftol": 1e-12, "maxiter": 500},
        ).fun
        for start in np.random.default_rng(0).uniform(0.1, 0.3, (3, 6))
    )
    expected = 1 + 1 + 4 + 0.09 + 1 + 0.49 + 0.25 - 2 * best
    value = drc.VectorGaussian(**WEIGHTED, R_c=R_c).drc(unit="nats")(R=R)
    assert value <= expected + 1e-9
    assert value == pytest.approx(expected, abs=2e-5)


def test_limited_common_randomness_lies_between_none_and_unlimited():
    R = np.array([0, 0.2, 1, 4, np.inf])
    none, *some, unlimited = (drc.VectorGaussian(**WEIGHTED, R_c=c).drc()(R=R) for c in (0, 1e-9, 0.3, 2, 60, sp.oo))
    assert some[0] == pytest.approx(none, abs=1e-7)
    assert some[-1] == pytest.approx(unlimited, abs=1e-9)
    assert (np.diff([none, *some, unlimited], axis=0) <= 1e-12).all()


def test_no_covariance_does_better_with_limited_common_randomness():
    """Conditional means of any covariance, with matrices that do not commute: their overlap is a nuclear norm."""
    X, Y = np.array([[2.0, 0.7], [0.7, 1.0]]), np.array([[1.0, -0.4], [-0.4, 2.0]])
    roots = [np.linalg.cholesky(each) for each in (X, Y)]
    R, R_c = 0.7, 0.4

    def known(x):
        """The covariances of the conditional means of white `X` and `Y`, from any matrices."""
        for half in x.reshape(2, 2, 2):
            yield np.linalg.solve(np.eye(2) + half @ half.T, half @ half.T)

    def rates(x):
        return [-np.linalg.slogdet(np.eye(2) - each)[1] / 2 for each in known(x)]

    def overlap(x):
        halves = (
            root @ np.linalg.cholesky(each + 1e-15 * np.eye(2)) for root, each in zip(roots, known(x), strict=True)
        )
        first, second = halves
        return -np.linalg.norm(first.T @ second, "nuc")

    limits = [
        {"type": "ineq", "fun": lambda x: R - rates(x)[0]},
        {"type": "ineq", "fun": lambda x: R + R_c - rates(x)[1]},
    ]
    starts = np.random.default_rng(1).normal(size=(8, 8))
    found = [minimize(overlap, x, constraints=limits, options={"ftol": 1e-11, "maxiter": 300}) for x in starts]
    best = min(s.fun for s in found if max(rates(s.x)[0] - R, rates(s.x)[1] - R - R_c) < 1e-7)
    v = drc.VectorGaussian.from_covariances(X, Y, R_c=R_c)
    assert v.drc(unit="nats")(R=R) == pytest.approx(6 + 2 * best, abs=1e-5)


def test_the_theorem_with_limited_common_randomness():
    T = drc.VectorGaussian(**WEIGHTED, R_c=sp.Symbol("R_c", nonnegative=True)).drc()
    given = drc.VectorGaussian(**WEIGHTED, R_c=0.5).drc()
    assert T(R=1, R_c=[0.5, 0.6])[0] == pytest.approx(given(R=1), abs=1e-12)
    assert limited(2).tradeoff(BITS).derivation.check()
    exec(given.to_code("python"), place := {})
    assert place["D"](1.0) == pytest.approx(given(R=1), rel=1e-12)
    slope = (given(R=1 + 1e-6) - given(R=1 - 1e-6)) / 2e-6
    assert given.gradient(R=1)["R"] == pytest.approx(slope, rel=1e-6)
    assert given.regime(R=[0, 1]).tolist() == ["zero-rate", "rate-limited"]
    with pytest.raises(drc.NotAvailableError, match=r"rdc\(\) with R_c = 1/2"):
        drc.VectorGaussian(**WEIGHTED, R_c=0.5).rdc()
    with pytest.raises(drc.ProblemError, match="R_c must be at least 0, got -1"):
        T(R=1, R_c=-1)


@pytest.mark.parametrize("n", [1, 3])
def test_no_step_fails_for_other_numbers_of_components(n):
    """The lemmas on prices are for two components, and to search for proofs of the others takes minutes."""
    for tradeoff in (of(n).tradeoff(BITS) for of in (theorem, rdc_theorem, private, limited)):
        claims = [s for s in tradeoff.derivation if not (s.defines or s.cites or s.claim.has(InformationClaim))]
        sampled = {str(step.claim): step.sample(seed=12) for step in claims}
        # Where both sides are equal, balls leave a point open.
        assert not {
            claim: check
            for claim, check in sampled.items()
            if check.verdict is not Verdict.SAMPLED and check.method != "1 of 24 points undecided"
        }


def test_regimes_of_which_one_is_missing_are_not_proved_to_cover():
    told = "the regimes cover the feasible set"
    cover, known = next(pair for pair in claims("gaussian.vector.rdc") if pair[0].because == told)
    (whole,) = (part for part in cover.claim.args if isinstance(part, sp.Or))
    fewer = [cover.claim.xreplace({whole: sp.Or(*(set(whole.args) - {lost}))}) for lost in whole.args]
    refuted = [replace(cover, claim=claim).sample(points=100).verdict is Verdict.REFUTED for claim in fewer]
    assert any(refuted)
    # Points hardly ever hit the other regimes.
    assert not ask(replace(cover, claim=fewer[refuted.index(False)]), known)


def draw(rng, n):
    """Parameters in short decimals, with independent labels, equal components and labels that are the source."""
    s_X, s_Y, s_S = rng.uniform(0.3, 2, (3, n)).round(3)
    rho = rng.uniform(-0.95, 0.95, n).round(2)
    kind = rng.integers(0, 8)
    if kind == 0:
        rho[0] = 0
    elif kind == 1:
        s_X, s_Y, rho = (np.full(n, values[0]) for values in (s_X, s_Y, rho))
    elif kind == 2:
        rho[-1] = 1
    exact = [[sp.Rational(str(x)) for x in row] for row in (s_X, s_Y, s_S, rho)]
    theta = [e * s * x for e, s, x in zip(exact[3], exact[2], exact[0], strict=True)]
    mu = rng.uniform(-1, 1, n).round(2).tolist()
    return drc.VectorGaussian(exact[0], exact[1], exact[2], theta, mu_X=mu)


def test_one_component_is_the_scalar_theorem():
    rng = np.random.default_rng(1)
    for _ in range(12):
        v = draw(rng, 1)
        (s_X,), (s_Y,), (s_S,), (theta,), (mu,) = v.sigma_X, v.sigma_Y, v.sigma_S, v.theta, v.mu_X
        g = drc.Gaussian(mu, s_X, 0, s_Y, 0, s_S, theta)
        h = float(sp.log(2 * sp.pi * sp.E * s_S**2, 2) / 2)
        at = {
            "R": np.append(rng.uniform(0, 4, 12), [0, np.inf, 1]),
            "C": np.append(rng.uniform(h - 2, h + 0.5, 12), [h + 1, h, np.inf]),
        }
        np.testing.assert_allclose(v.drc()(**at), g.drc()(**at), atol=1e-9)
        D = rng.uniform(0, 8, 15)
        np.testing.assert_allclose(v.rdc()(D=D, C=at["C"]), g.rdc()(D=D, C=at["C"]), atol=1e-9)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("minimise", ["D", "R"])
def test_the_solver_agrees(n, minimise):
    rng = np.random.default_rng(n)
    for _ in range(4):
        v = draw(rng, n)
        T = v.drc() if minimise == "D" else v.rdc()
        h = float(sum(sp.log(2 * sp.pi * sp.E * s**2, 2) / 2 for s in v.sigma_S))
        floor = float(sum((s - t) ** 2 for s, t in zip(v.sigma_X, v.sigma_Y, strict=True)))
        for _ in range(3):
            C = rng.choice([h + 1e-6, h - rng.uniform(0, 1) ** 2 * n, math.inf])
            given = (
                {"R": float(rng.choice([0, rng.uniform(0, 5)]))}
                if minimise == "D"
                else {"D": rng.uniform(0.5, 4) * floor + 0.3}
            )
            s = v.solve(minimise=minimise, C=C, **given)
            value = T(C=C, **given)
            assert s.status in ("optimal", "infeasible"), s
            assert s.certificate.verify()
            assert s.lower == value or max(s.lower - value, value - s.upper) <= 1e-9


def test_borders_of_classification():
    v = drc.VectorGaussian([1, 2], [1, 1], [1, 1], [0.9, 0.5])
    D = v.drc()
    h = math.log2(2 * math.pi * math.e)
    least = h + 0.5 * math.log2(0.19 * 0.9375)
    assert D(R=np.inf, C=[least + 1e-9, least - 1e-9]).tolist() == [1, np.inf]
    assert D(R=0, C=[h + 1e-12, h - 1e-12]).tolist() == [7, np.inf]
    # Near the border of the feasible set the distortion changes as a root: it goes on to be between its neighbours.
    at = float(D._evaluator._environment({"R": 1.0, "C": 3.0})["A_R"][0])
    values = D(R=1, C=at + np.array([-1e-9, 0, 1e-12, 1e-9, 1e-6]))
    assert values[0] == np.inf
    assert (np.diff(values[1:]) <= 1e-12).all()
    assert D.regime(R=1, C=[at - 1e-9, at + 1e-3, 9]).tolist() == [
        "infeasible",
        "rate- and classification-limited",
        "rate-limited",
    ]


def test_a_label_that_is_the_source_in_two_components():
    v = drc.VectorGaussian([1, 1, 2], [1, 2, 1], [1, 1, 1], [1, 1, 1])
    s = v.solve(R=2, C=5)
    assert v.drc()(R=2, C=5) == pytest.approx(s.value, abs=1e-9)
    assert v.rdc()(D=s.value, C=5) == pytest.approx(2, abs=1e-9)


def test_distortion_and_classification_conflict():
    v = drc.VectorGaussian([1, 2], [1, 1], [1, 1], [0.9, 0.5])
    values = v.drc()(R=1, C=[3.55, 3.6, 3.7, 3.9])
    assert (np.diff(values) < 0).all()
    assert v.drc()(R=1, C=3.9) == v.drc()(R=1)
    text = v.rdc().why(D=5, C=3.5)
    assert text.startswith("distortion- and classification-limited: D = 5 and C = 3.5 bit bind")


def test_symbols():
    T = drc.VectorGaussian().drc()
    numbers = {"sigma_X1": 1, "sigma_X2": 2, "sigma_Y1": 1, "sigma_Y2": 1, "sigma_S1": 1, "sigma_S2": 1}
    numbers |= {"theta1": 0.9, "theta2": 0.5, "mu_X1": 0, "mu_X2": 0, "mu_Y1": 0, "mu_Y2": 0}
    v = drc.VectorGaussian([1, 2], [1, 1], [1, 1], [0.9, 0.5])
    assert T(**numbers, R=1, C=3.6) == pytest.approx(v.drc()(R=1, C=3.6), abs=1e-12)
    assert T.given(**numbers)(R=1, C=3.6) == v.drc()(R=1, C=3.6)
    with pytest.raises(drc.ProblemError, match=r"theta1 must satisfy \|theta1\| <= .*, got 1.2"):
        T(**{**numbers, "theta1": [0.9, 1.2]}, R=1)


def test_latex_states_the_programs():
    T = drc.VectorGaussian().drc()
    assert r"\max \left\{\sum_i w_i \rho_i : \sum_i r_i \le R \ln 2" in T.latex()
    assert r"\lambda_R ={}& \left\{\lambda : \sum_i r_i(\lambda) = R \ln 2\right\}" in T.latex()


def test_bits_and_nats():
    v = drc.VectorGaussian([1, 2], [1, 1], [1, 1], [0.9, 0.5])
    ln2 = math.log(2)
    assert v.drc(unit="nats")(R=ln2, C=3.6 * ln2) == pytest.approx(v.drc()(R=1, C=3.6), abs=1e-12)
    assert v.rdc(unit="nats")(D=5, C=3.5 * ln2) == pytest.approx(v.rdc()(D=5, C=3.5) * ln2, abs=1e-12)


def test_the_numbers_of_the_sentences():
    """Each from its definition: prices are slopes, entropies those of normal laws, and the rest comes from the solver."""
    v = drc.VectorGaussian(sigma_X=[1, 2], sigma_Y=[1, 1], sigma_S=[1, 1], theta=[0.9, 0.5])
    D, R = v.drc(), v.rdc()
    given_X = sum(math.log2(2 * math.pi * math.e * (1 - c)) / 2 for c in (0.81, 1 / 16))
    price = (D(R=1 - 1e-5) - D(R=1 + 1e-5)) / 2e-5
    first, second = v.solve(R=1).rates
    left = v.solve(R=1).classification
    assert f"shared as {first:.3g}, {second:.3g}; one more bit would save distortion at the price {price:.3g}" in D.why(
        R=1
    )
    assert f"leaves h(S|Y) = {left:.3g} bit. As R grows, D falls to {D(R=math.inf):.3g}" in D.why(R=1)
    first, second = v.solve(R=1, C=3.6).rates
    assert f"would leave h(S|Y) = {left:.3g} bit" in D.why(R=1, C=3.6)
    assert f"It is shared as {first:.3g}, {second:.3g}." in D.why(R=1, C=3.6)
    assert f"h(S|X) = {given_X:.3g} bit" in D.why(R=1, C=2.5)
    assert f"h(S|X) = {given_X:.3g} bit" in R.why(D=3, C=2.5)
    least = R(C=3.6)
    assert f"C alone would need {least:.3g} bit" in R.why(D=3, C=3.6)
    assert f"would leave h(S|Y) = {v.solve(D=3, minimise='R').classification:.3g} bit" in R.why(D=3, C=3.6)
    assert f"needs {R(C=3.5):.3g} bit; this rate allows D = {D(R=R(C=3.5), C=3.5):.3g}" in R.why(D=20, C=3.5)
    assert f"D = 7 and h(S|Y) = {math.log2(2 * math.pi * math.e):.3g} bit" in R.why(D=20, C=9)
