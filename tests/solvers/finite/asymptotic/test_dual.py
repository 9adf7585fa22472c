"""Lower bounds hold for any multipliers at all: against couplings, and against balls of many digits."""

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from drc.problems import Finite
from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.asymptotic.dual import Multipliers, law_term, lower_bounds, output_multipliers

LAW, COSTS = [0.2, 0.3, 0.5], [[0.0, 1.0], [0.7, 0.1], [0.4, 0.25]]
one = np.ones(1)


def multipliers(u, R, D=1.0, P=0.0):
    return Multipliers(R * one, 0 * one, D * one, P * one, np.array([u]))


@given(
    st.lists(st.floats(-3, 3), min_size=3, max_size=3),
    st.sampled_from([0.0, 1e-9, 1e-3, 0.3, 1.0, 1e3, 1e10]),
    st.floats(0, 50),
)
def test_the_output_multipliers_are_below_the_balls(u, R, D):
    data = Data.of(Finite([LAW], COSTS, setting="asymptotic"))
    found = output_multipliers(data, multipliers(u, R, D))[0]
    with ctx.workprec(200):
        for y in range(2):
            rooms = [arb(D) * arb(str(COSTS[x][y])) - arb(u[x]) for x in range(3)]
            if R == 0:
                truth = min(rooms, key=float)
            else:
                mean = sum(arb(str(LAW[x])) * (-rooms[x] / arb(R)).exp() for x in range(3))
                truth = -arb(R) * mean.log()
            assert arb(float(found[y])) <= truth + arb("1e-40")
            assert float(truth) - found[y] <= 2e-12 * (1 + D)


@given(st.lists(st.floats(-2, 2), min_size=3, max_size=3), st.floats(0, 5), st.floats(0, 5), st.integers(0, 2**32 - 1))
def test_no_coupling_is_below_a_lower_bound(u, R, P, seed):
    rng = np.random.default_rng(seed)
    channel = rng.dirichlet(np.ones(2), size=3)
    joint = np.array(LAW)[:, None] * channel
    law = joint.sum(axis=0)
    rate = float((joint * np.log(joint / (np.array(LAW)[:, None] * law))).sum())
    cost = float((joint * np.array(COSTS)).sum())
    reference = np.array([0.4, 0.6])
    reached = {"TV": abs(law - reference).sum() / 2, "KL": float(law @ np.log(law / reference))}
    for measure, miss in reached.items():
        problem = Finite([LAW], COSTS, setting="asymptotic", perception=measure, reference=[0.4, 0.6])
        limits = {"R": Interval.of(rate), "P": Interval.of(miss)}
        lower, _ = lower_bounds(Data.of(problem, perception=True), limits, multipliers(u, R, 1.0, P))
        assert lower[0] <= cost + 1e-9


def test_transport_costs_of_moving_bound_the_law_term():
    problem = Finite([LAW], COSTS, setting="asymptotic", perception="TV", reference=[0.4, 0.6])
    data = Data.of(problem, perception=True)
    v = np.array([[0.3, -0.2]])
    assert law_term(data, multipliers([0, 0, 0], 1, 1, 10.0), v)[0] == pytest.approx(0.4 * 0.3 - 0.6 * 0.2)
    assert law_term(data, multipliers([0, 0, 0], 1, 1, 0.0), v)[0] == pytest.approx(-0.2)
