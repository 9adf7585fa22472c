"""Upper bounds from couplings, proved in doubles.

With a free output law each row of a matrix is scaled to the mass of its letter. With a target law, the entries at the
edges of a spanning tree are determined by the two laws, and proved not to be negative: so both laws hold exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree

from drc.solvers.arithmetic.balls import Number
from drc.solvers.arithmetic.rounding import ROUNDOFF, Interval, matrix_product
from drc.solvers.finite.asymptotic.data import Data

#: Divergences below this lose digits as differences of entropies; they are then summed from terms that are not negative.
_NEAR = 1e-4

#: Where two masses are relatively nearer than this, their divergence is a series.
_SMALL = 0.01


@dataclass(frozen=True, eq=False)
class Plan:
    """A coupling that was proved to be one, and what it reaches, in nats.

    `joint`, of shape (n_X, n_Y), is for the letters kept: rows are scaled to the source law, and entries at the edges
    of the `tree` are determined. `R`, `D` and `P` are `I(X;Y)`, `E d(X, Y)` and the perception measure, zero
    without one. For W2, `gamma`, of shape (n_Y, n_j), moves the output law to the reference. `exact` is the joint law in
    exact numbers, where laws must be met exactly.
    """

    joint: np.ndarray
    R: Interval
    D: Interval
    P: Interval
    tree: list[tuple[int, int]] | None = None
    gamma: np.ndarray | None = None
    exact: list[list[Number]] | None = None

    def meets(self, limits: dict[str, Interval]) -> bool:
        """Whether it is proved to meet bounds, in nats."""
        return all(getattr(self, name).high <= limit.low for name, limit in limits.items())


def measured(data: Data, joint: np.ndarray, gamma: np.ndarray | None = None) -> Plan | None:
    """Prove what a coupling reaches.

    `joint`, of shape (n_X, n_Y), has entries >= 0, and zeros where a pair is forbidden; `gamma`, of shape (n_Y, n_j), is for
    W2 a transport plan to the reference. Their laws need only be nearly right. Returns None if the entries that the laws
    determine are not proved to be >= 0.
    """
    if data.p_Y is not None:
        return _with_target(data, data.p_Y, joint)
    mass = Interval.of(joint).sum(axis=1)
    share = data.p / mass
    law = _mixed(share, joint)
    logs = _products(joint)
    # sum_y W log W of a row W = J / mass is sum_y J log J / mass - log mass.
    rows = logs.sum(axis=1) / mass - mass.log()
    rate = (data.p * rows).sum() + law.entropy_terms().sum()
    if (joint == joint[:1]).all():
        # Output and source are independent: no rounding.
        rate = Interval.of(0.0)
    elif rate.high < _NEAR:
        # No law q makes `sum p D(W || q)` less than the rate.
        channel = Interval.of(joint) / mass[:, None]
        likely = Interval.of(np.broadcast_to(law.middle, joint.shape))[:, law.high > 0]
        rate = _at_most(rate, (data.p * divergence(channel[:, law.high > 0], likely).sum(axis=1)).sum())
    costs = _costs(data, joint)
    distortion = (share * costs).sum() if costs.high.any() else Interval.of(0.0)
    return Plan(joint, _positive(rate), _positive(distortion), _positive(_perception(data, law, gamma)), None, gamma)


def _at_most(value: Interval, other: Interval) -> Interval:
    return Interval(np.minimum(value.low, other.high), np.minimum(value.high, other.high))


def divergence(a: Interval, b: Interval) -> Interval:
    """Bound `a log(a / b) - a + b`, which is never negative, for each pair of masses, near zero with all digits.

    Both have one shape, `a >= 0` and `b > 0`. The sum over two laws is their divergence.

    Examples
    --------
    >>> near = divergence(Interval.of([0.5 + 1e-9]), Interval.of([0.5]))
    >>> bool(abs(near.high[0] - 1e-18) < 1e-24)
    True
    """
    with np.errstate(all="ignore"):
        t = (a - b) / b
        # Convex in t, hence largest at an end; what rounding adds is relative.
        series = np.maximum(_series(t.low), _series(t.high)) * b.high * (1 + 32 * ROUNDOFF)
        plain = (b - a - a.entropy_terms() - a * b.log()).high
        small = np.maximum(np.abs(t.low), np.abs(t.high)) <= _SMALL
    return Interval(np.zeros(series.shape), np.where(small, series, np.maximum(plain, 0.0)))


def _series(t: np.ndarray) -> np.ndarray:
    """Bound `(1 + t) log(1 + t) - t` from above, up to rounding, for `|t| <= _SMALL`."""
    return t * t * (sum((-t) ** (k - 2) / (k * (k - 1)) for k in range(2, 9)) + np.abs(t) ** 7 / 70)


def _positive(value: Interval) -> Interval:
    """What cannot be negative is not: rounding may say otherwise."""
    return Interval(np.maximum(value.low, 0.0), np.maximum(value.high, 0.0))


def _mixed(share: Interval, joint: np.ndarray) -> Interval:
    return Interval(matrix_product(share.low[None], joint).low[0], matrix_product(share.high[None], joint).high[0])


def _products(joint: np.ndarray) -> Interval:
    """Enclose `j log j` for entries that are not negative, zero for zero."""
    log = Interval.of(np.where(joint > 0, joint, 1.0)).log()
    return Interval(np.nextafter(joint * log.low, -np.inf), np.nextafter(joint * log.high, np.inf))


def _costs(data: Data, joint: np.ndarray) -> Interval:
    """Enclose `sum_y j d` for each row; a forbidden pair of mass zero costs nothing."""
    low = np.where(joint > 0, data.d.low, 0.0)
    high = np.where(joint > 0, data.d.high, 0.0)
    slack = 2 * (joint.shape[1] + 2) * ROUNDOFF
    # What underflows is above zero all the same.
    tiny = np.where(((joint > 0) & (high > 0)).any(axis=1), 1e-300, 0.0)
    return Interval(
        np.einsum("xy,xy->x", joint, low) * (1 - slack), np.einsum("xy,xy->x", joint, high) * (1 + slack) + tiny
    )


# With a target law -----------------------------------------------------------------------------------------


def _with_target(data: Data, target: Interval, joint: np.ndarray) -> Plan | None:
    tree = spanning_forest(data, joint)
    if tree is None:
        return None
    n_X = len(joint)
    xs, ys = np.minimum(*tree), np.maximum(*tree) - n_X
    free = joint.copy()
    free[xs, ys] = 0.0
    entries = _determined(data.p, target, free, *tree)
    if not np.all(entries.low >= 0):
        return None
    logs = _products(free).sum() - entries.entropy_terms().sum()
    rate = logs + data.p.entropy_terms().sum() + target.entropy_terms().sum()
    if rate.high < _NEAR:
        whole = Interval(free.copy(), free.copy())
        whole.low[xs, ys], whole.high[xs, ys] = entries.low, entries.high
        product = data.p[:, None] * target[None]
        rate = _at_most(rate, divergence(whole, product).sum())
    used, others = entries * data.d[xs, ys], _costs(data, free)
    paid = data.d.high[xs, ys].any() or others.high.any()
    costs = used.sum() + others.sum() if paid else Interval.of(0.0)
    full = free.copy()
    full[xs, ys] = entries.middle
    return Plan(full, _positive(rate), _positive(costs), Interval.of(0.0), pairs_of(tree, n_X))


def pairs_of(tree: tuple[np.ndarray, np.ndarray], n_X: int) -> list[tuple[int, int]]:
    """Return the edges of a spanning tree as pairs (x, y)."""
    return list(zip(np.minimum(*tree).tolist(), (np.maximum(*tree) - n_X).tolist(), strict=True))


def determined_pairs(data: Data, joint: np.ndarray) -> list[tuple[int, int]] | None:
    """Return the pairs (x, y) whose entries the laws determine; None where a part is not proved to be balanced."""
    edges = spanning_forest(data, joint)
    return None if edges is None else pairs_of(edges, len(joint))


def spanning_tree(joint: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return a spanning tree of the largest entries: each node and its parent, parents first; None if there is none.

    Nodes are the letters x, then the letters y. The root is the heaviest: each entry is then determined by the lighter
    of its two letters, as far as may be, and rounding is small beside it.

    Examples
    --------
    >>> children, parents = spanning_tree(np.array([[0.4, 0.1], [0.0, 0.5]]))
    >>> children.tolist(), parents.tolist()
    ([0, 1, 2], [3, 3, 0])
    """
    n_X, n_Y = joint.shape
    xs, ys = (places.astype(np.int32) for places in np.nonzero(joint > 0))  # csgraph of scipy 1.14 takes no others
    weights = 1.0 + np.log(joint.max()) - np.log(joint[xs, ys])
    tree = minimum_spanning_tree(csr_array((weights, (xs, n_X + ys)), shape=(n_X + n_Y, n_X + n_Y)))
    if tree.nnz < n_X + n_Y - 1:
        return None
    root = int(np.argmax(np.r_[joint.sum(axis=1), joint.sum(axis=0)]))
    order, parents = breadth_first_order(tree, root, directed=False)
    return order[1:].astype(int), parents[order[1:]].astype(int)


def spanning_forest(data: Data, joint: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return a spanning tree of each part that zeros separate, if every part has the same mass on either side.

    There is a target law, and `joint` has the shape (n_X, n_Y). Returns children and parents as `spanning_tree` does, or
    None where a part is not proved to be balanced.
    """
    whole = spanning_tree(joint)
    if whole is not None:
        return whole
    n_X, n_Y = joint.shape
    xs, ys = np.nonzero(joint > 0)
    graph = csr_array((np.ones(len(xs)), (xs, n_X + ys)), shape=(n_X + n_Y, n_X + n_Y))
    count, part = connected_components(graph, directed=False)
    columns, law = list(zip(*data.problem.p_SX, strict=True)), cast(tuple, data.problem.p_Y)
    masses, target = [sum(columns[x]) for x in data.xs], [law[y] for y in data.ys]
    children, parents = [], []
    for k in range(count):
        rows, columns = np.flatnonzero(part[:n_X] == k), np.flatnonzero(part[n_X:] == k)
        # Sums of irrational numbers are equal only if sympy sees it; else nothing is proved.
        if sum(masses[x] for x in rows) != sum(target[y] for y in columns):
            return None
        inner = spanning_tree(joint[np.ix_(rows, columns)])
        names = np.r_[rows, n_X + columns]
        if inner is None:
            return None
        children.append(names[inner[0]])
        parents.append(names[inner[1]])
    return np.concatenate(children), np.concatenate(parents)


def _determined(
    source: Interval, target: Interval, free: np.ndarray, children: np.ndarray, parents: np.ndarray
) -> Interval:
    """Solve for the entries at the edges of a tree, from its leaves inwards."""
    masses_low = [*source.low.tolist(), *target.low.tolist()]
    masses_high = [*source.high.tolist(), *target.high.tolist()]
    # Sums are rounded once; every subtraction adds a unit of what was there.
    sums = [math.fsum(row) for row in free.tolist()] + [math.fsum(column) for column in free.T.tolist()]
    low = [a - s - 2 * ROUNDOFF * (a + s) for a, s in zip(masses_low, sums, strict=True)]
    high = [b - s + 2 * ROUNDOFF * (b + s) for b, s in zip(masses_high, sums, strict=True)]
    found_low, found_high = np.empty(len(children)), np.empty(len(children))
    for i in range(len(children) - 1, -1, -1):
        child, parent = int(children[i]), int(parents[i])
        found_low[i], found_high[i] = low[child], high[child]
        size = 2 * ROUNDOFF * (abs(low[parent]) + abs(high[parent]) + abs(low[child]) + abs(high[child]))
        low[parent], high[parent] = low[parent] - high[child] - size, high[parent] - low[child] + size
    return Interval(found_low, found_high)


# Perception ------------------------------------------------------------------------------------------------


def _perception(data: Data, law: Interval, gamma: np.ndarray | None) -> Interval:
    if data.measure is None:
        return Interval.of(0.0)
    reference = data.reference
    if data.measure == "KL":
        # All letters kept have mass in the reference.
        logs = law * reference.log()
        found = -(law.entropy_terms() + logs).sum()
        near = found.high < _NEAR and data.whole_reference
        return _at_most(found, divergence(law, reference).sum()) if near else found
    if data.measure == "TV":
        # Each letter is at most one of the reference: nothing is rounded here.
        same = (data.ground.low == 0).astype(float)
        over = law - Interval(same @ reference.low, same @ reference.high)
        size = np.maximum(np.abs(over.low), np.abs(over.high))
        total = Interval.of(np.r_[size, reference.high[~same.any(axis=0)]]).sum().high
        return Interval(np.zeros(()), 0.5 * total)
    return _transport(data, law, gamma)


def _transport(data: Data, law: Interval, gamma: np.ndarray | None) -> Interval:
    """Cost of a plan whose rows and columns are shrunk to the laws, the rest moved at the largest cost there is."""
    most = float(data.ground.high.max(initial=0.0))
    if gamma is None:
        return Interval(np.zeros(()), np.asarray(most))
    rows = Interval.of(gamma).sum(axis=1)
    shrink = np.where(rows.high > law.low, law.low / np.where(rows.high > 0, rows.high, 1.0), 1.0) * (1 - 4 * ROUNDOFF)
    moved = gamma * np.maximum(shrink, 0.0)[:, None]
    columns = Interval.of(moved).sum(axis=0)
    high = np.where(columns.high > 0, columns.high, 1.0)
    shrink = np.where(columns.high > data.reference.low, data.reference.low / high, 1.0) * (1 - 4 * ROUNDOFF)
    moved = moved * shrink[None]
    # The products above are rounded; what is moved is therefore known to a few units only.
    slack = 8 * ROUNDOFF * moved.sum()
    rest = 1.0 - Interval.of(moved).sum().low + slack
    cost = (Interval.of(moved) * data.ground).sum().high * (1 + 8 * ROUNDOFF)
    return Interval(np.zeros(()), np.asarray(cost + rest * most + slack * most))
