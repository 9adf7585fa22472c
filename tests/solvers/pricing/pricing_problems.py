"""Small random pricing problems, all maps of one, and prices in balls."""

import itertools

import numpy as np
from flint import arb, ctx
from hypothesis import strategies as st

from drc.solvers.pricing import Cells


@st.composite
def problems(draw, most_letters=5, most_outputs=4, most_labels=3):
    """Draw a problem: masses from 1e-12, forbidden pairs, duplicates, and multipliers that may be zero."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n_X, n_Y, n_S = (draw(st.integers(1, n)) for n in (most_letters, most_outputs, most_labels))
    joint = rng.dirichlet(np.full(n_X * n_S, 0.7)).reshape(n_X, n_S)
    joint *= draw(st.sampled_from([0.0, 1.0])) if n_S > 1 and rng.random() < 0.2 else 1.0
    joint += rng.random((n_X, n_S)) * 1e-3 / (n_X * n_S)
    tiny = rng.random(n_X) < draw(st.sampled_from([0.0, 0.3]))
    joint[tiny] *= 1e-12
    joint /= max(joint.sum(), 1e-12)
    distortion = rng.random((n_X, n_Y)) * draw(st.sampled_from([1.0, 1e-3, 1e4]))
    if draw(st.booleans()) and n_X > 1:
        joint[-1], distortion[-1] = joint[0] * 0.3, distortion[0]
    costs = joint.sum(axis=1, keepdims=True) * (distortion - rng.normal(size=n_Y) * 0.2)
    costs[rng.random(costs.shape) < draw(st.sampled_from([0.0, 0.2]))] = np.inf
    rate, classification = (draw(st.sampled_from([0.0, 1e-6, 0.1, 0.5, 3.0])) for _ in range(2))
    return Cells(costs, joint, rate, classification)


def all_maps(cells):
    """All maps, shape (n_Y^n_X, n_X)."""
    return np.array(list(itertools.product(range(cells.n_Y), repeat=cells.n_X)))


def ball(value):
    return arb(float(value))


def concave_ball(t, rate, classification):
    """`G(t)` of balls."""
    z = sum(t, arb(0))
    log_z = z.log() if z > 0 else arb(0)
    own = sum((v * v.log() for v in t if v > 0), arb(0))
    return -rate * z * log_z + classification * (z * log_z - own)


def exact_price(cells, map_):
    """The price of a map as a ball of 200 bits, for the doubles as they are."""
    with ctx.workprec(200):
        total = sum((ball(cells.costs[x, y]) for x, y in enumerate(map_)), arb(0))
        for y in range(cells.n_Y):
            t = [sum((ball(p) for p in cells.joint[map_ == y, s]), arb(0)) for s in range(cells.n_S)]
            total += concave_ball(t, ball(cells.rate), ball(cells.classification))
        return total
