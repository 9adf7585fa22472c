"""Column generation: against enumeration, against independent models, at the border, and when it is stopped."""

import itertools
import math
import signal
import time
from dataclasses import replace
from fractions import Fraction

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from drc.errors import ProblemError
from drc.problems import Bernoulli, Finite
from drc.solvers.finite.one_shot_yu import columns
from drc.solvers.finite.one_shot_yu.maps import Maps


def random_problem(seed, n_S, n_X, n_Y, **options):
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.ones(n_S * n_X)).reshape(n_S, n_X)
    if "perception" not in options:
        options = {"p_Y": rng.dirichlet(np.full(n_Y, 3.0))} | options
    elif options["perception"] == "W2":
        options = {"ground": rng.uniform(0, 1, (n_Y, n_Y)) * (1 - np.eye(n_Y))} | options
    if "perception" in options:
        options = {"reference": rng.dirichlet(np.full(n_Y, 3.0))} | options
    return Finite(joint, rng.uniform(0, 1, (n_X, n_Y)), **options)


def model(problem, R, C, P=math.inf):
    """All maps in a convex model, from the definitions."""

    def H(p):
        p = p[p > 0]
        return -(p * np.log2(p)).sum()

    rows = []
    for f in itertools.product(range(problem.n_Y), repeat=problem.n_X):
        reached = np.eye(problem.n_Y)[list(f)]
        joint = problem.joint_law @ reached
        law = joint.sum(axis=0)
        D = (problem.source_law[:, None] * problem.distortions * reached).sum()
        rows.append([D, H(law), H(joint.ravel()) - H(law), *law])
    D, rate, label, *laws = np.array(rows).T
    w = cp.Variable(len(D), nonneg=True)
    q = np.array(laws) @ w
    limits = [cp.sum(w) == 1, rate @ w <= R, label @ w <= C]
    if problem.p_Y is not None:
        limits.append(q == problem.target_law)
    reference = problem.reference_law
    if problem.perception == "KL":
        limits.append(cp.sum(cp.rel_entr(q, reference)) <= P * math.log(2))
    elif problem.perception is not None:
        ground = problem.ground_costs if problem.perception == "W2" else 1 - np.eye(problem.n_Y)
        gamma = cp.Variable((problem.n_Y, problem.n_Y), nonneg=True)
        limits += [cp.sum(gamma, axis=1) == q, cp.sum(gamma, axis=0) == reference]
        limits.append(cp.sum(cp.multiply(gamma, ground)) <= P)
    return cp.Problem(cp.Minimize(D @ w), limits).solve(solver=cp.CLARABEL)


@pytest.mark.parametrize("seed", range(12))
def test_agrees_with_enumeration(seed):
    rng = np.random.default_rng(seed)
    target = {"p_Y": None} if seed % 3 == 2 else {}
    problem = random_problem(seed, 3, 5, 3, **target)
    bounds = {"R": rng.uniform(0.2, 1.5), "C": rng.uniform(0.9, 1.6)}
    if seed % 4 == 3:
        bounds = {"minimise": "R", "D": rng.uniform(0.2, 0.6), "C": bounds["C"]}
    one, two = (problem.solve(method=method, **bounds) for method in ("enumeration", "column generation"))
    assert one.status == two.status
    assert max(one.lower, two.lower) <= min(one.upper, two.upper)
    assert two.gap <= 1e-9
    assert two.certificate.verify()


@pytest.mark.parametrize("measure", ["TV", "W2", "KL"])
@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_a_convex_model_under_perception(measure, seed):
    problem = random_problem(seed, 2, 4, 3, perception=measure)
    P = (0.05, 0.01, 0.2, 0.1)[seed]
    s = problem.solve(R=0.9, C=0.95, P=P)
    value = model(problem, 0.9, 0.95, P)
    if math.isinf(value):
        assert s.status == "infeasible"
    else:
        assert s.status == "optimal"
        assert s.lower - 1e-6 <= value <= s.upper + 1e-6
        assert s.perception <= P + 1e-9
        assert s.measure == measure
    assert s.certificate.verify()
    assert not replace(s.certificate, lower=s.lower + 1e-6).verify() or math.isinf(s.lower)


@pytest.mark.parametrize("measure", ["TV", "W2", "KL"])
@pytest.mark.parametrize(
    "bounds", [{"R": 0.4, "P": 0.05}, {"R": 0.9, "C": 0.8, "P": 0.01}, {"R": 0.3, "P": 0}, {"P": 1}]
)
def test_agrees_with_the_closed_form_under_perception(measure, bounds):
    problem = Finite([[0.27, 0.07], [0.03, 0.63]], perception=measure, reference=[0.6, 0.4])
    value = Bernoulli(q_X=0.7, q_S1=0.1).drpc(perception=measure, reference=0.4)(**bounds)
    s = problem.solve(**bounds)
    assert s.lower - 1e-12 <= value <= s.upper + 1e-12
    assert s.gap <= 1e-9
    assert s.certificate.verify()


def test_a_ground_cost_that_nothing_meets_is_infeasible():
    problem = Finite([[0.5, 0.5]], perception="W2", reference=[0.5, 0.5], ground=[[1, 2], [2, 1]])
    s = problem.solve(P=0.5)
    assert s.status == "infeasible"
    assert s.certificate.verify()
    assert problem.solve(P=1).status == "optimal"


def test_perception_needs_column_generation_and_a_measure():
    problem = random_problem(0, 2, 3, 2, perception="TV")
    with pytest.raises(ProblemError, match="method must be .column generation. under a perception bound"):
        problem.solve(P=0.1, method="cvxpy")
    with pytest.raises(ProblemError, match="P must come with a perception measure"):
        random_problem(0, 2, 3, 2).solve(P=0.1)


def test_sixty_five_thousand_maps():
    problem = random_problem(3, 3, 8, 4)
    s = problem.solve(R=0.8, C=1.4)
    floats = Maps(problem).floats
    rows = np.array([floats["R"], floats["C"]])
    expected = linprog(floats["D"], rows, [0.8, 1.4], floats["law"].T, problem.target_law, method="highs").fun
    assert s.status == "optimal"
    assert abs(s.value - expected) < 1e-9
    assert s.certificate.verify()
    assert "of 65536" in s.method


def test_two_hundred_letters():
    s = random_problem(0, 2, 200, 2).solve(R=0.5, C=0.93)
    assert s.status == "optimal"
    assert s.gap <= 1e-9
    assert s.certificate.verify()
    assert s.coupling.sum() == pytest.approx(1)


def test_letters_that_cannot_be_told_apart_are_one():
    half = Fraction(1, 2)
    split = Finite(
        [[half * Fraction(1, 5), half * Fraction(4, 5), Fraction(1, 8)], [0, 0, Fraction(3, 8)]],
        [[0, 1], [0, 1], [1, 0]],
    )
    whole = Finite([[half, Fraction(1, 8)], [0, Fraction(3, 8)]], [[0, 1], [1, 0]])
    assert Maps(split).groups == ((0, 1), (2,))
    for method in ("enumeration", "column generation", "cvxpy"):
        one, two = (f.solve(R=0.5, method=method) for f in (split, whole))
        assert one.value == pytest.approx(two.value, abs=1e-12)
        assert one.certificate.verify()


@pytest.mark.parametrize("bounds", [{"R": 0.6}, {"R": 0.9, "C": 0.9}])
def test_proofs_are_about_letters_one_by_one(bounds):
    rng = np.random.default_rng(8)
    joint, costs = rng.dirichlet(np.ones(26)).reshape(2, 13).round(4), rng.uniform(0, 1, (13, 3))
    doubled = Finite(np.hstack([joint, joint]) / (2 * joint.sum()), np.vstack([costs, costs]))
    s = doubled.solve(**bounds)
    assert len(Maps(doubled).groups) == 13
    assert s.status == "optimal"
    assert s.certificate.verify()
    assert s.certificate.dual["pricing"]["kind"] == "tree"


def test_forbidden_pairs_are_not_used():
    problem = Finite([[0.2, 0.1, 0.1], [0.1, 0.3, 0.2]], [[0, math.inf], [math.inf, 0], [1, 2]], p_Y=[0.4, 0.6])
    for method in ("enumeration", "column generation", "cvxpy"):
        s = problem.solve(method=method)
        assert s.value == pytest.approx(0.1 * 1 + 0.2 * 2, abs=1e-9)
        assert s.coupling[0, 1] == s.coupling[1, 0] == 0
        assert s.certificate.verify()
    assert replace(problem, p_Y=[0.2, 0.8]).solve(method="column generation").status == "infeasible"
    assert problem.solve(R=0.5, method="column generation").status == "infeasible"


@pytest.mark.parametrize("p_Y", [None, [0.5, 0.5]])
@pytest.mark.parametrize("method", ["enumeration", "column generation"])
def test_a_letter_that_may_go_nowhere(p_Y, method):
    s = Finite([[0.5, 0.5]], [[math.inf, math.inf], [0, 1]], p_Y=p_Y).solve(R=1, method=method)
    assert s.status == "infeasible"
    assert s.certificate.verify()


def ill_conditioned(seed):
    rng = np.random.default_rng(seed)
    n_S, n_X, n_Y = rng.integers(1, 4), rng.integers(1, 7), rng.integers(1, 5)
    joint = rng.dirichlet(np.full(n_S * n_X, 0.4)).reshape(n_S, n_X) * 10.0 ** rng.uniform(-12, 0, (n_S, n_X))
    costs = rng.uniform(0, 1, (n_X, n_Y)) * 10.0 ** rng.uniform(-6, 6, (n_X, n_Y))
    if n_X > 2:
        joint[:, 1], costs[1] = joint[:, 0], costs[0]
    costs[rng.random(costs.shape) < 0.15] = math.inf
    target = rng.dirichlet(np.full(n_Y, 0.5)) if rng.random() < 0.7 else None
    bounds = {name: float(rng.choice([0, 1e-9, 0.1, 1.0])) for name in "RC" if rng.random() < 0.7}
    return Finite(joint / joint.sum(), costs, p_Y=target), bounds


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6))
def test_ill_conditioned_problems_are_enclosed(seed):
    problem, bounds = ill_conditioned(seed)
    one, two = (problem.solve(method=method, **bounds) for method in ("auto", "column generation"))
    assert one.status in ("optimal", "infeasible")
    for s in (one, two):
        assert s.lower <= s.value <= s.upper
        assert s.certificate.verify()
    assert max(one.lower, two.lower) <= min(one.upper, two.upper)


def test_a_time_limit_is_kept():
    problem = random_problem(1, 4, 40, 5)
    start = time.monotonic()
    s = problem.solve(R=1.2, C=1.9, time_limit=0.5)
    assert time.monotonic() - start < 5
    assert s.lower <= s.upper
    assert s.status in ("time limit", "optimal", "infeasible")
    assert s.certificate.verify()


@pytest.mark.parametrize("place", ["find_maps", "price"])
def test_ctrl_c_returns_what_is_proved(monkeypatch, place):
    problem = random_problem(2, 2, 12, 3)
    full = problem.solve(R=0.8)
    calls, real = [], getattr(columns, place)

    def interrupted(*args, **options):
        calls.append(1)
        if len(calls) == 1:
            signal.raise_signal(signal.SIGINT)
        return real(*args, **options)

    monkeypatch.setattr(columns, place, interrupted)
    s = problem.solve(R=0.8)
    assert s.status in ("interrupted", "optimal")
    assert s.lower <= full.upper
    assert full.lower <= s.upper
    assert s.certificate.verify()


def test_a_start_changes_nothing():
    problem = random_problem(4, 2, 14, 3)
    first = problem.solve(R=0.6)
    one, two = problem.solve(R=0.7), problem.solve(R=0.7, start=first)
    assert max(one.lower, two.lower) <= min(one.upper, two.upper)
    assert two.status == "optimal"
