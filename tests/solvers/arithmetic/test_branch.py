"""Branch and bound over one number, and what all solvers of Bernoulli and Gaussian problems have in common."""

import math
import signal
import time
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from attacks import scalar

import drc
from drc import Bernoulli, Gaussian, VectorGaussian

#: A tolerance that nothing reaches: the solvers go on until they are stopped.
NEVER = 1e-300


def plateau():
    """A problem of two letters whose rate is nearly the same for all laws of Y: bounds meet slowly."""
    b = Bernoulli(0.18, None, 1e-9, "asymptotic")
    return b, {"minimise": "R", "perception": "W2", "reference": 0.04, "P": 0.9, "C": 0.108, "D": 0.554}


SLOW = {
    "asymptotic perception": plateau(),
    "Gaussian KL": (
        Gaussian(0, 1, mu_S=0, sigma_S=1, theta=0.9),
        {"minimise": "R", "perception": "KL", "P": 0.1, "D": 0.1, "C": 1.9},
    ),
    "time shared": (Bernoulli(0.3, 0.8, 0.1, "asymptotic", time_sharing=True), {"R": 0.3, "C": 0.75}),
    "two letters": (Bernoulli(0.3, 0.8, 0.1, "asymptotic"), {"R": 0.3, "C": 0.75}),
    "one-shot perception": (Bernoulli(0.3, None, 0.1), {"perception": "KL", "reference": 0.2, "R": 0.3, "P": 0.01}),
    "vector": (VectorGaussian([1, 2], [1, 1], [1, 1], [0.9, 0.5]), {"R": 1, "C": 3.6}),
}


@pytest.fixture
def presses():
    """A function that presses Ctrl-C after some seconds."""

    def press(seconds):
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6))

    before = signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    yield press
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.linux
@pytest.mark.parametrize("name", SLOW)
@pytest.mark.parametrize("seed", range(3))
def test_ctrl_c_ends_the_search_and_returns_what_is_proved(name, seed, presses):
    problem, question = SLOW[name]
    problem.solve(**question, time_limit=0.01)  # what is built once is built
    stop = float(np.random.default_rng([seed, len(name)]).uniform(0.002, 0.1))
    began = time.process_time()
    try:
        presses(stop)
        s = problem.solve(**question, tolerance=NEVER)
        took = time.process_time() - began
        while time.process_time() - began < stop + 0.01:
            pass
    except KeyboardInterrupt:
        return  # after the answer, or before the question was read
    assert took < stop + 0.5
    assert s.status in ("interrupted", "bounded", "optimal")
    assert 0 <= s.lower <= s.value <= s.upper
    assert s.certificate.verify()


def test_ctrl_c_is_noted_not_raised(presses):
    problem, question = plateau()
    presses(0.1)
    s = problem.solve(**question, tolerance=NEVER)
    assert s.status == "interrupted"
    assert s.certificate.verify()


@pytest.mark.parametrize("limit", [0.01, 0.1, 0.3])
def test_time_limits_are_kept(limit):
    problem, question = plateau()
    began = time.process_time()
    s = problem.solve(**question, tolerance=NEVER, time_limit=limit)
    assert time.process_time() - began < 1.2 * limit + 0.3
    assert s.status == "time limit"
    assert s.lower <= s.upper


def test_a_plateau_of_the_rate_ends_at_the_bound_of_data_processing():
    b = Bernoulli(0.18, None, 1, "asymptotic")
    s = b.solve(minimise="R", perception="W2", reference=0.04, C=0.108, D=0.554)
    H = -0.18 * math.log2(0.18) - 0.82 * math.log2(0.82)
    assert s.status == "optimal"
    assert s.value == pytest.approx(H - 0.108, abs=1e-12)
    assert s.certificate.verify()


@pytest.mark.parametrize("sees", ["YU", "Y"])
@pytest.mark.parametrize("setting", ["one-shot", "asymptotic"])
def test_a_source_that_is_nearly_constant(setting, sees):
    if setting == "asymptotic" and sees == "YU":
        pytest.skip("not a problem")
    b = Bernoulli(0.999999999, 0.3, 0.1, setting, classifier_sees=sees)
    assert b.solve(R=0.3).value == pytest.approx(0.7, abs=1e-8)
    if setting == "asymptotic":
        assert b.solve(R=0.3, P=0.1, perception="TV").value == pytest.approx(0, abs=1e-8)


def test_an_entropy_that_the_bound_meets_exactly():
    b = Bernoulli(0.5, None, 0.3181924159162238, "asymptotic")
    s = b.solve(perception="W2", reference=0.5, R=0.7268541504384384, C=1, P=0.7408702128243123)
    free = b.solve(perception="W2", reference=0.5, R=0.7268541504384384, P=0.7408702128243123)
    assert s.status == "optimal"
    assert s.value == pytest.approx(free.value, abs=1e-9)


@pytest.mark.parametrize("R", [1e-300, 1e-14])
def test_rates_that_are_lost_in_rounding(R):
    b = Bernoulli(0.3, None, 0.1, "asymptotic")
    s = b.solve(R=R, P=0.01, perception="TV", reference=0.6)
    assert s.status == "optimal"
    assert s.value == pytest.approx(0.3 + 0.59 - 2 * 0.3 * 0.59, abs=1e-6)


def test_a_distortion_just_above_its_floor():
    v = VectorGaussian([1, 2], [1, 1], [1, 1], [0.5, 0.5])
    s = v.solve(minimise="R", D=1 + 4 * Fraction(1, 10**20))
    assert s.status == "optimal"
    # Each component loses as much of the gain: w v/2 = 10^-20, at the rate log2(w 10^20/2)/2.
    assert s.value == pytest.approx(sum(math.log2(w * 1e20 / 2) / 2 for w in (1, 2)), abs=1e-9)


@pytest.mark.parametrize("power", [-480, -20, 0, 20, 480])
def test_lengths_have_any_unit(power):
    k = Fraction(2) ** power
    one, other = (
        (
            Gaussian(0, u, Fraction(1, 2) * u, 2 * u, 0, 1, Fraction(1, 2) * u),
            VectorGaussian([u, 2 * u], [u, u], [1, 1], [Fraction(9, 10) * u, Fraction(1, 2) * u]),
        )
        for u in (1, k)
    )
    for a, b, D in zip(one, other, (Fraction(2), Fraction(4)), strict=True):
        for question in ({"R": 1, "C": 3.6}, {"minimise": "R", "D": D}):
            scaled = {name: bound * k * k if name == "D" else bound for name, bound in question.items()}
            plain, found = a.solve(**question), b.solve(**scaled)
            unit = 1 if "minimise" in question else float(k * k)
            assert found.status == plain.status == "optimal"
            assert found.lower == pytest.approx(plain.lower * unit, rel=1e-12)
            assert found.upper == pytest.approx(plain.upper * unit, rel=1e-12)
            assert found.gap <= 1e-9 * found.scale
            assert found.certificate.verify()
    for perception, P in (("W2", Fraction(1, 10)), ("KL", Fraction(1, 10))):
        plain = one[0].solve(R=1, P=P, perception=perception)
        found = other[0].solve(R=1, P=P * k * k if perception == "W2" else P, perception=perception)
        assert found.status == "optimal"
        assert found.value == pytest.approx(plain.value * float(k * k), rel=1e-11)


@pytest.mark.parametrize("unit", [1e200, 1e-200, 1e-308])
def test_what_doubles_cannot_hold_is_an_error_and_never_infeasible(unit):
    label = {"mu_S": 0, "sigma_S": 1, "theta": 0}
    problems = (Gaussian(0, unit, 0, unit, **label), VectorGaussian([unit], [unit], [1], [0]))
    for problem in problems:
        with pytest.raises(drc.ProblemError, match="squared lengths must be between"):
            problem.solve(R=1)
        with pytest.raises(drc.ProblemError, match="squared lengths must be between"):
            problem.solve(minimise="R", D=0)
    for perception in ("W2", "KL"):
        with pytest.raises(drc.ProblemError, match="squared lengths must be between"):
            problems[0].solve(R=1, P=0.1, perception=perception)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_optimal_means_right_digits_in_any_unit(unit):
    s = Gaussian(0, unit, 0, unit, 0, 1, 0).solve(R=1)
    assert s.status == "optimal"
    assert s.gap <= max(1e-6 * s.value, 1e-9 * unit**2)
    assert s.value == pytest.approx(2 * unit**2 * (1 - math.sqrt(3) / 2), rel=1e-9)


def test_no_bound_on_perception_is_no_bound():
    g = Gaussian(0, 1, 0, 1, R_c=0)
    assert g.solve(R=1, P=None).value == pytest.approx(0.5)
    with pytest.raises(drc.ProblemError, match="still free"):
        Gaussian(R_c=0).solve(P=None)


@pytest.mark.parametrize("step", [0, -1, 1])
def test_at_a_border_the_feasible_side_counts_and_the_answer_says_so(step):
    for b in (
        Bernoulli(0.3, 0.3, 0.1, classifier_sees="Y"),
        Bernoulli(0.3, 0.3, 0.1, "asymptotic"),
        Bernoulli(0.3, 0.3, 0.1, "asymptotic", time_sharing=True),
    ):
        least = -0.1 * math.log2(0.1) - 0.9 * math.log2(0.9)
        s = b.solve(C=least + step * math.ulp(least))
        assert s.value == pytest.approx(0, abs=1e-7)
        assert s.certificate.verify()
        assert b.solve(C=least * (1 - 1e-12)).status == "infeasible"
    g = Gaussian(0, 1, 0, 1, 0, 1, 0.5)
    h = math.log2(2 * math.pi * math.e) / 2
    s = g.solve(R=0, C=h + step * math.ulp(h))
    assert s.value == pytest.approx(2)
    with mpmath.workdps(30):
        exact = mpmath.log(2 * mpmath.pi * mpmath.e, 2) / 2
        # The double that prints as these decimals is read as the decimals.
        assert bool(s.rounded) == (mpmath.mpf(repr(s.bounds["C"])) < exact)
    assert g.solve(R=0, C=h * (1 - 1e-12)).status == "infeasible"


@pytest.mark.parametrize("start", range(2))
def test_random_problems(start):
    # The long form: benchmarks/stress.py scalar.
    faults = [f for i in range(5) if (f := scalar.attack(start, 20_000 + i))]
    assert not faults


def test_borders_of_random_problems():
    assert not [f for i in range(12) if (f := scalar.border(3, i))]


@pytest.mark.parametrize("number", [2535, 3118, 9216, 3020, 15881, 17177, 701, 10206])
def test_what_attacks_once_found_stays_mended(number):
    """Masses of 1e-300, labels known from the source alone in any unit, products beyond the range of doubles."""
    assert not scalar.attack(50, number)
