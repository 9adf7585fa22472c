"""Values that doubles alone would get wrong, and points of every theorem against mpmath."""

import math

import numpy as np
import pytest
import sympy as sp
from attacks import formulas
from representatives import ENTRIES

import drc
from drc.audit.instances import instances

NAMES = [entry.id for entry in ENTRIES]
UNIT = drc.Gaussian(mu_X=0, mu_Y=0, sigma_X=1, sigma_Y=1, sigma_S=1, theta=0.5)


def scaled(scale):
    # A covariance beyond the range of a double is not read at all.
    theta = sp.Rational(repr(scale)) ** 2 / 2 if scale < 1e154 else 0
    return drc.Gaussian(mu_X=0, mu_Y=0, sigma_X=scale, sigma_Y=scale, sigma_S=scale, theta=theta)


def vector(scale):
    return drc.VectorGaussian(
        mu_X=[0, 0], mu_Y=[0, 0], sigma_X=[scale] * 2, sigma_Y=[scale, 2 * scale], sigma_S=[scale] * 2, theta=[0, 0]
    )


@pytest.mark.parametrize("R", [0.0, 1e-14, 3.0, 30.0, 200.0, 500.0])
def test_what_is_left_at_a_high_rate_has_all_digits(R):
    # 2 - 2 sqrt(1 - t) = 2 t / (1 + sqrt(1 - t)) with t = 2^(-2R).
    t = 2.0 ** (-2 * R)
    exact = 2 * t / (1 + math.sqrt(-math.expm1(-2 * R * math.log(2))))
    assert UNIT.drc()(R=R) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("D", [1e-300, 1e-10, 0.1])
def test_the_rate_of_a_small_distortion_has_all_digits(D):
    # 1 - (1 - D/2)^2 = D (1 - D/4).
    assert UNIT.rdc()(D=D) == pytest.approx(-math.log2(D * (1 - D / 4)) / 2, rel=1e-13)


@pytest.mark.parametrize("D", [1e-300, 1e-100, 1e-30])
def test_the_rate_of_a_small_distortion_of_a_vector_is_not_infinite(D):
    laws = {"mu_X": [0, 0], "mu_Y": [0, 0], "sigma_X": [1, 2], "sigma_Y": [1, 2], "sigma_S": [1, 1], "theta": [0, 0]}
    problem = drc.VectorGaussian(**laws)
    assert problem.drc()(R=problem.rdc()(D=D)) == pytest.approx(D, rel=1e-10)
    assert problem.rdc()(D=0.0) == np.inf


@pytest.mark.parametrize("scale", [1e-150, 1e-77, 1e77, 1e150])
@pytest.mark.parametrize("problem", [scaled, vector])
def test_units_do_not_matter(problem, scale):
    T, one = problem(scale).drc(), problem(1.0).drc()
    assert T(R=1.0) / scale**2 == pytest.approx(one(R=1.0), rel=1e-12)
    assert T.regime(R=1.0) == one.regime(R=1.0)
    R = problem(scale).rdc()
    at = 0.5 * one(R=0.0)
    assert R(D=at * scale**2) == pytest.approx(problem(1.0).rdc()(D=at), rel=1e-12)


@pytest.mark.parametrize("name", [name for name in NAMES if "gaussian" in name])
@pytest.mark.parametrize("power", range(-480, 481, 40))
def test_no_theorem_depends_on_the_unit_of_length(name, power):
    T = formulas.theorem(name, "bits")
    letters = [s.name for s in (*T.arguments, *T.parameters)]
    for seed in range(3):
        one = next(instances(name, tuple(letters), 1, seed=seed))
        point = {n: float(one[n]) for n in letters}
        moved = dict(point)
        formulas.rescale(moved, 2.0**power, 1.0, "KL" not in name.upper())
        for n in letters:
            if n.startswith("theta"):
                moved[n] *= 2.0**power
        value = T(**point) * (4.0**power if T.value.name == "D" else 1.0)
        assert T(**moved) == pytest.approx(value, rel=2e-12)
        assert T.regime(**moved) == T.regime(**point)


@pytest.mark.parametrize("problem", [scaled, vector])
@pytest.mark.parametrize("R", [1.0, [0.5, 1.0]])
def test_what_is_out_of_range_is_an_error_and_never_infeasible(problem, R):
    T = problem(1e200).drc()
    with pytest.raises(drc.ProblemError, match=r"must be in the range of a double, got about 10\^"):
        T(R=R)
    assert np.unique(T.regime(R=R)).tolist() == ["rate-limited"]


def test_a_value_below_the_least_double_is_zero():
    assert UNIT.drc()(R=[400.0, 1000.0]).tolist() == [pytest.approx(2.0**-800, rel=1e-12), 0.0]


def test_reasons_are_evaluated_in_balls_where_they_must_be():
    assert UNIT.drc().why(R=30).startswith("rate-limited: R = 30 bit allows correlation 1,")
    assert "D falls to 0" in scaled(1e100).drc().why(R=1)


@pytest.mark.parametrize("name", NAMES)
def test_random_points_agree_with_mpmath(name):
    faults = [fault for i in range(2) if (fault := formulas.attack(0, i, only=name))]
    assert not faults


@pytest.mark.parametrize("name", ["drpc", "rdpc"])
def test_doubles_suffice_where_the_reference_has_the_mean_of_the_source(name):
    # The width of the ball has no digits where it is zero, and is only subtracted from the distance of the means, zero.
    tradeoff = getattr(drc.Gaussian(mu_X=0.5, sigma_X=1.5, mu_S=0, sigma_S=1, theta=0.9), name)(perception="KL")
    rng = np.random.default_rng(1)
    R, D = rng.uniform(0.1, 3, 2000), rng.uniform(0.05, 2, 2000)
    points = {"P": rng.uniform(0, 2, 2000), "C": np.full(2000, np.inf), **({"R": R} if name == "drpc" else {"D": D})}
    assert tradeoff._evaluator.settled(points).mean() > 0.98


def test_the_logarithms_of_one_and_two_are_exact():
    # M - 1 and M for M = 2.
    T = formulas.theorem("mary.one-shot.YU.drc", "bits")
    points = {"M": 2.0, "q_S1": 0.1, "C": 0.8, "R": np.linspace(0, 0.9, 10)}
    assert T._evaluator.settled(T._inputs(points)).all()


def test_the_law_of_the_best_output_at_rate_zero_is_known_to_doubles():
    # It is 0, since the distortion left is that of a constant.
    T = formulas.theorem("bernoulli.asymptotic.Y.drpc.TV", "bits")
    points = {"q_X": 0.3, "q_ref": 0.6, "R": 0.0, "P": np.array([0.05, 0.2, 0.5, 0.7])}
    assert T._evaluator.settled(T._inputs(points)).all()
