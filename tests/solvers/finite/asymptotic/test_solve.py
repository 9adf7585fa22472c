"""Every kind of output law: closed forms, two roads, corners, and certificates that the independent checker proves."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import drc
from drc.errors import ProblemError
from drc.problems import Finite
from drc.solvers.finite.asymptotic.solve import solve_entropic
from drc.solvers.finite.door import read

RNG = np.random.default_rng(3)
LAW, TARGET, COSTS = [0.1, 0.2, 0.3, 0.15, 0.25], [0.3, 0.3, 0.2, 0.1, 0.1], RNG.random((5, 5)).round(3)


def bits(q):
    return -q * math.log2(q) - (1 - q) * math.log2(1 - q)


def proved(problem, **question):
    found = solve_entropic(read(problem, **question))
    assert found.certificate.verify(), found
    assert found.lower <= found.value <= found.upper
    return found


@given(st.floats(0.05, 0.5), st.floats(0.05, 0.95))
def test_a_binary_source(q, share):
    found = proved(Finite([[q, 1 - q]], setting="asymptotic"), D=q * share, minimise="R")
    assert found.status == "optimal"
    assert found.lower - 1e-9 <= bits(q) - bits(q * share) <= found.upper + 1e-9


@settings(max_examples=8)
@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95), st.floats(0.02, 1))
def test_a_binary_target(q, r, R):
    exact = drc.Bernoulli(q_X=q, q_Y=r, q_S1=0.1, setting="asymptotic").drc()(R=R, C=1.0)
    found = proved(Finite([[1 - q, q]], p_Y=[1 - r, r], setting="asymptotic"), R=R)
    assert found.lower - 1e-12 <= exact <= found.upper + 1e-12
    assert found.gap < 1e-9


@pytest.mark.parametrize("measure", ["TV", "KL", "W2"])
@pytest.mark.parametrize(("R", "P"), [(0.2, 0.05), (0.5, 0.01), (0.05, 0.2)])
def test_binary_perception(measure, R, P):
    exact = drc.Bernoulli(q_X=0.3, setting="asymptotic").drpc(perception=measure)(R=R, P=P)
    found = proved(Finite([[0.7, 0.3]], setting="asymptotic", perception=measure), R=R, P=P)
    assert found.lower - 1e-9 <= exact <= found.upper + 1e-9
    assert found.gap < 1e-9


def problems():
    yield Finite([LAW], COSTS, setting="asymptotic"), {}
    yield Finite([LAW], COSTS, TARGET, setting="asymptotic"), {}
    for measure in ("TV", "KL", "W2"):
        yield Finite([LAW], COSTS, setting="asymptotic", perception=measure, reference=TARGET), {"P": 0.05}


@pytest.mark.parametrize("question", [{"R": 0.4}, {"D": 0.4, "minimise": "R"}, {"slope": 0.2}])
def test_two_roads_meet(question):
    for problem, bounds in problems():
        one, two = (proved(problem, **question, **bounds, method=m) for m in ("auto", "cvxpy"))
        assert one.status == "optimal"
        assert "cvxpy" in two.method
        assert max(one.lower, two.lower) <= min(one.upper, two.upper)
        assert two.gap < 1e-6


@pytest.mark.parametrize("unit", ["bits", "nats"])
def test_units_and_duals(unit):
    problem = Finite([LAW], COSTS, setting="asymptotic", perception="KL", reference=TARGET)
    found = [proved(problem, R=R, P=0.05, unit=unit) for R in (0.3, 0.3 + 1e-4)]
    assert found[0].value - found[1].value == pytest.approx(1e-4 * found[0].duals["R"], rel=1e-3)
    assert found[0].rate == pytest.approx(0.3, abs=1e-8)


@pytest.mark.parametrize("measure", ["TV", "KL", "W2"])
def test_corners_of_perception(measure):
    problem = Finite([LAW], COSTS, setting="asymptotic", perception=measure, reference=TARGET)
    target = Finite([LAW], COSTS, TARGET, setting="asymptotic")
    for question in ({"R": 0.4}, {"R": 0}, {"D": 0.4, "minimise": "R"}):
        at_zero, given_law = proved(problem, P=0, **question), proved(target, **question)
        assert at_zero.status == "optimal"
        assert at_zero.value == pytest.approx(given_law.value, abs=1e-8)
    without_rate = proved(problem, R=0, P=0.05)
    assert without_rate.status == "optimal"
    assert np.ptp(without_rate.coupling / np.array(LAW)[:, None], axis=0).max() < 1e-12
    assert proved(problem, P=0.05).value <= without_rate.value


def test_corners_of_a_free_law():
    problem = Finite([[0.3, 0.7]], setting="asymptotic")
    assert proved(problem, R=0).value == pytest.approx(0.3)
    assert proved(problem, R=5).value == 0
    assert proved(problem, D=0, minimise="R").value == pytest.approx(bits(0.3), abs=1e-8)
    assert proved(problem, D=0.6, minimise="R").value == 0
    assert proved(problem).value == pytest.approx(0, abs=1e-9)


def test_corners_of_a_target_law():
    same = Finite([[0.3, 0.7]], p_Y=[0.3, 0.7], setting="asymptotic")
    assert proved(same, D=0, minimise="R").value == pytest.approx(bits(0.3), abs=1e-8)
    assert proved(same, R=1).value == pytest.approx(0, abs=1e-9)
    other = Finite([[0.3, 0.7]], p_Y=[0.4, 0.6], setting="asymptotic")
    assert proved(other, D=0, minimise="R").status == "infeasible"
    assert proved(other, D=0.05, minimise="R").status == "infeasible"
    assert proved(other, R=1).value == pytest.approx(0.1, abs=1e-9)


def test_forbidden_pairs():
    costs = np.where(np.eye(3) > 0, 0.0, [[0, math.inf, 1], [1, 0, math.inf], [math.inf, 1, 0]])
    problem = Finite([[0.2, 0.3, 0.5]], costs, setting="asymptotic")
    found = proved(problem, R=0.8)
    assert found.status == "optimal"
    assert np.all(found.coupling[np.isinf(costs)] == 0)
    # Some rate is needed, whatever the distortion.
    assert proved(problem, R=0.01).status == "infeasible"
    stranded = np.array([[0.0, 1.0], [math.inf, math.inf]])
    assert Finite([[0.5, 0.5]], stranded, setting="asymptotic").solve(R=1).status == "infeasible"


def test_letters_without_mass_and_scales():
    for scale in (1e-6, 1e6):
        problem = Finite([[0.0, 0.4, 0.6]], scale * COSTS[:3, :3], [0.5, 0.0, 0.5], setting="asymptotic")
        found = proved(problem, R=0.2)
        assert found.gap <= 1e-9 * max(scale, 1)
        assert found.coupling[0].sum() == found.coupling[:, 1].sum() == 0


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_random_problems_are_proved(seed):
    rng = np.random.default_rng(seed)
    n_X, n_Y = rng.integers(1, 5, size=2)
    p = rng.dirichlet(np.ones(n_X)) * 10.0 ** rng.uniform(-9, 0, n_X)
    options = [{}, {"p_Y": rng.dirichlet(np.ones(n_Y))}]
    options += [{"perception": m, "reference": rng.dirichlet(np.ones(n_Y))} for m in ("TV", "KL", "W2")]
    option = options[rng.integers(5)]
    costs = rng.random((n_X, n_Y)).round(2) * 10.0 ** rng.integers(-5, 6)
    problem = Finite([p / p.sum()], costs, setting="asymptotic", **option)
    bounds = {"P": float(rng.choice([0, 0.01, 0.3]))} if "perception" in option else {}
    question = [{"R": 0.3}, {"D": float(costs.mean()), "minimise": "R"}, {"slope": float(costs.max())}][rng.integers(3)]
    found = proved(problem, **question, **bounds)
    assert not math.isnan(found.lower + found.upper) or found.status == "infeasible"


def test_time_and_interruption(monkeypatch):
    rng = np.random.default_rng(0)
    problem = Finite([rng.dirichlet(np.ones(40))], rng.random((40, 40)), setting="asymptotic", perception="TV")
    found = problem.solve(R=1, P=0.01, time_limit=1e-6)
    assert found.status == "time limit"
    assert found.lower <= found.upper

    def pressed(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("drc.solvers.finite.asymptotic.mixture._step", pressed)
    found = Finite([LAW], COSTS, setting="asymptotic").solve(R=0.4)
    assert found.status == "interrupted"
    assert 0 <= found.lower <= found.upper


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"D": 0.1}, "D must be left out"),
        ({"R": 0.1, "minimise": "R"}, "R must be left out"),
        ({"R": 0.1, "slope": 1}, "R must be left out"),
        ({"slope": -1}, "slope must be at least 0"),
        ({"P": 0.1}, "perception"),
        ({"R": -1}, "R must be at least 0, got -1"),
        ({"R": 1, "tolerance": 0}, "tolerance"),
        ({"R": 1, "method": "guess"}, "method"),
    ],
)
def test_bad_questions(question, said):
    with pytest.raises(ProblemError, match=said):
        Finite([LAW], COSTS, setting="asymptotic").solve(**question)


def test_letters_that_nobody_may_go_to_are_left_out():
    """One output letter is forbidden to all; with a perception bound its mass in the reference has to be moved."""
    costs = [[0.428, math.inf, 0.215], [0.17, math.inf, 0.988]]
    reference = [3.3e-5, 4.9e-3, 0.995067]
    for measure, P in (("TV", 4.8e-4), ("TV", 0.02), ("W2", 4.8e-4), ("W2", 0.3), ("KL", 1e-4), ("KL", 0.5)):
        problem = Finite([[0.58, 0.42]], costs, setting="asymptotic", perception=measure, reference=reference)
        for question in ({"R": 1e-9}, {"R": 0.5}, {"D": 0.53, "minimise": "R"}, {"minimise": "R"}, {}):
            found = problem.solve(P=P, **question)
            assert found.status == ("infeasible" if P < 4.9e-3 else "optimal")
            assert found.certificate.verify()
    free = Finite([[0.58, 0.42]], costs, setting="asymptotic").solve(R=0.5)
    without = Finite([[0.58, 0.42]], [[0.428, 0.215], [0.17, 0.988]], setting="asymptotic").solve(R=0.5)
    assert free.value == pytest.approx(without.value, abs=1e-9)
    assert free.certificate.verify()


@pytest.mark.parametrize("law", [{}, {"p_Y": [0.3, 0.7]}, {"perception": "KL", "reference": [0.3, 0.7]}])
@pytest.mark.parametrize("R", [1e-14, 1e-12, 1e-9, 1e-6])
def test_next_to_no_rate_there_is_a_plan_and_most_digits(law, R):
    problem = Finite([LAW[:2] / np.sum(LAW[:2])], [[0, 1], [0.6, 0.1]], setting="asymptotic", **law)
    found = problem.solve(R=R, **({"P": 0.02} if "perception" in law else {}))
    assert found.rate <= R * (1 + 1e-6)
    assert found.gap < 1e-6 * found.value
    assert found.certificate.verify()
    none = problem.solve(R=0, **({"P": 0.02} if "perception" in law else {}))
    # Near zero the distortion falls like the square root of the rate.
    assert 0 <= none.upper - found.lower < 3 * math.sqrt(R)


def test_borders_are_decided_in_exact_numbers():
    flat = Finite([[0.2, 0.8]], [[1.3, 1.3], [1.3, 1.3]], setting="asymptotic")
    found = flat.solve(minimise="R", D=1.3)
    assert (found.status, found.upper) == ("optimal", 0)
    assert flat.solve(minimise="R", D="1.2999999999999").status == "infeasible"
    unique = Finite([[0.5, 0.5]], [[0, math.inf], [1, 0]], p_Y=[0.5, 0.5], setting="asymptotic")
    for bounds in ({}, {"D": 0}, {"D": 0.3}):
        found = unique.solve(minimise="R", **bounds)
        assert (found.status, round(found.value, 9)) == ("optimal", 1)
        assert found.certificate.verify()
    wrong = Finite(
        [[0.2, 0.1], [0.3, 0.4]], [[0, math.inf], [1, 0]], setting="asymptotic", perception="KL", reference=[0.3, 0.7]
    )
    assert wrong.solve(minimise="R", P=0.1).status == "infeasible"


@pytest.mark.parametrize("slope", [5e-324, 5e-320, 1e-310, 1e-300])
def test_a_slope_near_the_smallest_double(slope):
    s = Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.6, 0.4], setting="asymptotic").solve(slope=slope)
    assert s.status == "optimal"
    assert s.value == pytest.approx(0.3, abs=1e-8)
    assert s.certificate.verify()


def test_a_bound_near_the_largest_double():
    data = Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.6, 0.4], setting="asymptotic")
    assert 0 <= data.solve(minimise="R", D=1e308, C=0.9, time_limit=0.2).lower <= 0.042
