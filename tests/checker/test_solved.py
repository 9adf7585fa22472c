"""What the solvers claim is proved by the checker, and nothing beyond it ever is."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from drc import Finite
from drc.checker import check_certificate

SEEDS = st.integers(0, 10**6)

#: More than the gap of an answer that counts as optimal.
BEYOND = 1e-7


def law(rng, *shape):
    counts = rng.multinomial(1000, rng.dirichlet(np.full(np.prod(shape), rng.choice([0.3, 1.0, 3.0]))))
    return (counts / 1000).reshape(shape).tolist()


def assert_proved_and_no_more(solution):
    claim = solution.certificate
    verdict = check_certificate(claim.to_dict())
    assert verdict, f"{solution}\n{verdict}"
    if np.isfinite(solution.upper):
        above = replace(claim, lower=solution.upper * (1 + BEYOND) + BEYOND, upper=np.inf)
        assert not check_certificate(above.to_dict()).lower_holds
    if 2 * BEYOND < solution.lower < np.inf:
        below = replace(claim, upper=solution.lower * (1 - BEYOND) - BEYOND, lower=0.0)
        assert not check_certificate(below.to_dict()).upper_holds


def random_bounds(rng, distortion, n_S):
    """Bounds of every size, those that nothing meets and those that do not bind among them."""
    bounds = {"R": float(rng.choice([0.0, rng.random(), 2 * rng.random()]))} if rng.random() < 0.7 else {}
    if n_S > 1 and rng.random() < 0.7:
        bounds["C"] = float(1.2 * rng.random())
    if rng.random() < 0.4:
        return {"minimise": "R", **bounds, "R": None, "D": float(distortion.mean() * rng.random())}
    return {"minimise": "D", **bounds}


@settings(max_examples=40)
@given(SEEDS)
def test_one_shot(seed):
    rng = np.random.default_rng(seed)
    n_S, n_X, n_Y = rng.integers(1, 4), rng.integers(1, 6), rng.integers(1, 4)
    distortion = rng.integers(0, 100, (n_X, n_Y)) / 10.0 ** rng.integers(0, 4)
    target = law(rng, n_Y) if rng.random() < 0.5 else None
    problem = Finite(law(rng, n_S, n_X), distortion.tolist(), target)
    unit = str(rng.choice(["bits", "nats"]))
    assert_proved_and_no_more(problem.solve(unit=unit, **random_bounds(rng, distortion, n_S)))


@settings(max_examples=40)
@given(SEEDS)
def test_long_blocks(seed):
    rng = np.random.default_rng(seed)
    n_X, n_Y = rng.integers(1, 6, 2)
    distortion = rng.integers(0, 100, (n_X, n_Y)) / 10.0 ** rng.integers(0, 4)
    kind = str(rng.choice(["free", "fixed", "TV", "W2", "KL"]))
    options = {"free": {}, "fixed": {"p_Y": law(rng, n_Y)}}.get(kind, {"perception": kind, "reference": law(rng, n_Y)})
    problem = Finite(law(rng, 1, n_X), distortion.tolist(), setting="asymptotic", **options)
    bounds = random_bounds(rng, distortion, 1)
    if "perception" in options:
        bounds["P"] = float(0.3 * rng.random())
    unit = str(rng.choice(["bits", "nats"]))
    assert_proved_and_no_more(problem.solve(unit=unit, **bounds))


@settings(max_examples=10)
@given(SEEDS)
def test_long_blocks_that_are_classified(seed):
    rng = np.random.default_rng(seed)
    n_X, n_Y = rng.integers(1, 4), rng.integers(1, 3)
    distortion = rng.integers(0, 100, (n_X, n_Y)) / 100
    target = law(rng, n_Y) if rng.random() < 0.5 else None
    problem = Finite(law(rng, 2, n_X), distortion.tolist(), target, setting="asymptotic")
    bounds = random_bounds(rng, distortion, 2) | {"C": float(1.2 * rng.random())}
    assert_proved_and_no_more(problem.solve(time_limit=1.0, **bounds))


def test_letters_to_which_nobody_may_go_have_no_mass():
    # Boxes of the other letters are narrower for it.
    costs = [[0.58247071, 0.58247071, math.inf, 0.78265151]] * 2
    f = Finite([[0.000999, 0], [0, 0.999001]], costs, classifier_sees="Y")
    s = f.solve(slope=0.000203760790587, C=0.0012626535952, unit="nats", tolerance=1e-6)
    assert s.status == "optimal"
    assert check_certificate(s.certificate.to_dict())
