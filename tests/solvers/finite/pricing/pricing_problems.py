"""Small random pricing problems, all maps of one, and prices in balls."""

import itertools

import numpy as np
from flint import arb, ctx
from hypothesis import strategies as st

from drc.solvers.finite.pricing import Cells


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


def proved_by(cells, tree, *, optional=False, costs=None, y=0):
    """What a tree of boxes proves, in balls of 200 bits: the least bound of its leaves and of its excluded pairs.

    With optional letters there is one cell, which the tree names y.
    """
    with ctx.workprec(200):
        joint = [[ball(p) for p in row] for row in cells.joint]
        costs = costs or [[ball(c) if np.isfinite(c) else None for c in row] for row in cells.costs]
        costs = [row + [arb(0)] * optional for row in costs]
        if optional:
            tree = _renamed(tree, y)
        law = [sum(column, arb(0)) for column in zip(*joint, strict=True)]
        box = {(y, s): (arb(0), law[s]) for y in range(cells.n_Y) for s in range(cells.n_S)}
        allowed = [{k for k, c in enumerate(row) if c is not None} for row in costs]
        return _proved(cells, joint, costs, tree, box, allowed)


def _renamed(node, y):
    """Name the one cell of a tree 0, and "no cell" 1."""
    copy = {name: _renamed(node[name], y) for name in ("below", "above", "then") if name in node}
    if "split" in node:
        assert node["split"][0] == y
        return {"split": [0, *node["split"][1:]], **copy}
    if "exclude" in node:
        copy["exclude"] = [[x, {y: 0, -1: 1}[k]] for x, k in node["exclude"]]
    return {"slopes": node["slopes"], **copy}


def _proved(cells, joint, costs, root, box, allowed):
    least, stack = arb("inf"), [(root, box, allowed)]
    while stack:
        node, box, allowed = stack.pop()
        if any(low > high for low, high in box.values()) or not all(allowed):
            continue
        if "split" in node:
            y, s, t = node["split"]
            low, high = box[y, s]
            stack.append((node["below"], {**box, (y, s): (low, high.min(ball(t)))}, allowed))
            stack.append((node["above"], {**box, (y, s): (low.max(ball(t)), high)}, allowed))
            continue
        g = [[ball(v) for v in row] for row in node["slopes"]] + [[arb(0)] * cells.n_S]
        reduced = [
            {k: costs[x][k] + sum((a * p for a, p in zip(g[k], joint[x], strict=True)), arb(0)) for k in allowed[x]}
            for x in range(cells.n_X)
        ]
        bound = sum((_least(row.values()) for row in reduced), arb(0))
        for y in range(cells.n_Y):
            edges = [box[y, s] for s in range(cells.n_S)]
            values = []
            for v in itertools.product(*edges):
                slope = sum((a * t for a, t in zip(g[y], v, strict=True)), arb(0))
                values.append(concave_ball(v, ball(cells.rate), ball(cells.classification)) - slope)
            bound += _least(values)
        if "exclude" not in node:
            least = least.min(bound)
            continue
        pairs = {(x, k) for x, k in node["exclude"]}
        for x, k in pairs:
            if k in allowed[x]:
                least = least.min(bound + reduced[x][k] - _least(reduced[x].values()))
        left = [{k for k in ks if (x, k) not in pairs} for x, ks in enumerate(allowed)]
        box = {at: _tightened(joint, left, at, *edge) for at, edge in box.items()}
        stack.append((node["then"], box, left))
    return least


def _tightened(joint, allowed, at, low, high):
    y, s = at
    must = sum((joint[x][s] for x, ks in enumerate(allowed) if ks == {y}), arb(0))
    may = sum((joint[x][s] for x, ks in enumerate(allowed) if y in ks), arb(0))
    return low.max(must), high.min(may)


def _least(values):
    found = arb("inf")
    for value in values:
        found = found.min(value)
    return found
