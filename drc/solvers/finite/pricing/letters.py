"""Many outputs or labels: the cells are priced one by one.

That every letter is in exactly one cell is relaxed: with a price `u_x` per mass of each letter

    price of a map >= sum_x p(x) u_x + sum_y w_y(u),
    w_y(u) = min over sets A of letters of sum_{x in A} [c(x, y) - p(x) u_x] + G(t(A)),

because the cells of a map are such sets. The best `u` is that of a linear program over cells, the relaxed set
partitioning problem ([barnhart1998]); cutting planes find it, with sets from descent. What then is proved, by branch and
bound over `n_S` dimensions for each `w_y`, holds whatever `u` is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from drc.solvers.arithmetic.rounding import EPSILON
from drc.solvers.finite.certificates import rewritten
from drc.solvers.finite.pricing.boxes import OUT, Search, search
from drc.solvers.finite.pricing.cells import Cells, unseen
from drc.solvers.finite.pricing.descent import descend
from drc.solvers.highs import linear_program
from drc.solvers.request import Clock, OutOfTime


def cheap_sets(cell: Cells, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Search for cheap sets by the descent of maps, from known sets and from those of the least cost per mass.

    The cell is a problem with one output letter, and optional letters; `known` has the shape (K, n_X).

    The sets, of shape (M, n_X), are distinct, and the cheapest comes first.

    Examples
    --------
    >>> cell = Cells([[-1.0], [2.0], [-0.5]], np.full((3, 1), 1 / 3), 0.1, 0.0, optional=True)
    >>> cheap_sets(cell, np.zeros((1, 3), dtype=bool))[0][0].tolist()
    [True, False, True]
    """
    order = np.argsort(cell.costs[:, 0] / cell.joint.sum(axis=1))
    rank = np.argsort(order)
    counts = np.unique(np.linspace(0, cell.n_X, min(cell.n_X + 1, 24)).astype(int))
    starts = np.concatenate([known, rank < counts[:, None]]) & np.isfinite(cell.costs[:, 0])
    maps, prices = descend(cell, np.where(starts, 0, 1))
    return maps == 0, prices


#: Rounds of cutting planes, and sets that join for an output letter in a round.
_MOST_ROUNDS, _JOIN = 300, 4

#: Sets of each output letter that the descent starts from.
_STARTS = 30

#: The prices that are tried are this share of the way from a running mean to the program's: bare, they jump ([wentges1997]).
_SMOOTH = 0.3

#: The linear program is solved once it is known to this, relative to the scale of the prices.
_CLOSE = 1e-9

#: Room that is given up at first in the proofs, relative to the range of prices; then a tenth of it, and so on.
_ROOM = 0.1

#: Of the gap of the relaxation, what the proofs may add to it.
_SHARE = 0.03

#: The linear program need not be known better than this share of the gap.
_SLOPPY = 0.01

_STATUSES = ("proved", "time limit", "interrupted")


@dataclass(frozen=True, eq=False)
class LetterPrices:
    """Prices of letters, and what the cells seem to cost at them.

    `u` is per unit of mass; `w` are the cheapest sets that were found, not above zero, and not proved. The value is
    `sum p(x) u_x + sum w_y`.
    """

    u: np.ndarray
    w: np.ndarray
    value: float


@dataclass(frozen=True, eq=False)
class Decomposed:
    """A bound by letter prices, proved.

    `proof` is the entry "pricing" of a certificate: prices of letters, and a tree of boxes for each output letter. The
    status is "proved", "time limit" or "interrupted".
    """

    lower: float
    proof: dict[str, object]
    nodes: int
    status: str


def cell_of(cells: Cells, u: np.ndarray, y: int) -> Cells:
    """Return the problem of a single cell: its letters pay the cost less their price.

    `u` has the shape (n_X,).

    Examples
    --------
    >>> cell_of(Cells([[0.5]], [[1.0]], 0, 0), np.array([0.2]), 0).costs.tolist()
    [[0.3]]
    """
    paid = cells.joint.sum(axis=1) * u
    finite = np.where(np.isfinite(cells.costs[:, y]), np.abs(cells.costs[:, y]), 0.0)
    rounding = (cells.n_S + 8) * EPSILON * float(finite.sum() + np.abs(paid).sum())
    return replace(cells, costs=(cells.costs[:, y] - paid)[:, None], error=cells.slack + rounding, optional=True)


class SetPool:
    """Sets of letters that join a linear program, each for an output letter, and none of them twice.

    `outputs` has the shape (K,), and `sets` the shape (K, n_X); descent has this many `starts` for an output letter.

    Examples
    --------
    >>> pool = SetPool(2, 8)
    >>> pool.join(0, SetPool.cells_of(np.array([[0, 1], [0, 1]]), 0)).tolist()
    [[False, False], [True, False]]
    """

    def __init__(self, n_X: int, starts: int) -> None:
        self._starts, self._known = starts, set[bytes]()
        self.outputs, self.sets = np.zeros(0, dtype=int), np.zeros((0, n_X), dtype=bool)

    @staticmethod
    def cells_of(maps: np.ndarray, y: int) -> np.ndarray:
        """Return the cells of maps for an output letter, and the empty one."""
        return np.concatenate([np.zeros((1, maps.shape[1]), dtype=bool), maps == y])

    def join(self, y: int, sets: np.ndarray) -> np.ndarray:
        """Let sets of an output letter join; return those that are new."""
        new = unseen(np.column_stack([np.full(len(sets), y), sets]), self._known)[:, 1:].astype(bool)
        self.outputs, self.sets = np.append(self.outputs, np.full(len(new), y)), np.concatenate([self.sets, new])
        return new

    def cheapest(self, cells: Cells, u: np.ndarray, y: int) -> tuple[np.ndarray, float]:
        """Seek cheap sets of an output letter at prices of letters; return a few, and what one costs, or none at all."""
        cell = cell_of(cells, u, y)
        known = self.sets[self.outputs == y]
        sets, prices = cheap_sets(cell, known[np.argsort(cell.prices(1 - known))[: self._starts]])
        return sets[:_JOIN], min(0.0, prices[0])


def letter_prices(cells: Cells, maps: np.ndarray, *, upper: float, clock: Clock | None = None) -> LetterPrices:
    """Find good prices of letters by cutting planes.

    The cells of `maps`, cheap ones with no forbidden pair, are the first sets; `upper` is the price of some map.

    Raises `OutOfTime` if there was not enough for one round.

    Examples
    --------
    >>> cells = Cells(np.array([[0.0, 0.5], [0.5, 0.0]]), np.eye(2) / 2, rate=0.1, classification=1.0)
    >>> round(letter_prices(cells, np.array([[0, 1]]), upper=0.07).value, 6)
    0.069315
    """
    clock = clock or Clock()
    master = _Master(cells)
    for y in range(cells.n_Y):
        master.add(y, SetPool.cells_of(maps, y))
    mass = cells.joint.sum(axis=1)
    best, mean = None, None
    for _ in range(_MOST_ROUNDS):
        value, exact = master.solve()
        mean = exact if mean is None else (1 - _SMOOTH) * mean + _SMOOTH * exact
        news = 0
        for u in (exact / mass, mean / mass):
            try:
                found, added = _cut(cells, master, u, clock)
            except OutOfTime:
                if best is None:
                    raise
                return best
            news += added
            best = found if best is None or found.value > best.value else best
        close = max(_CLOSE * cells.scale, _SLOPPY * (upper - value))
        if best is not None and (not news or value - best.value <= close or clock.over):
            break
    assert best is not None
    return best


def _cut(cells: Cells, master: _Master, u: np.ndarray, clock: Clock) -> tuple[LetterPrices, int]:
    """Find the cheapest sets at letter prices and let them join the master."""
    w, added = np.zeros(cells.n_Y), 0
    for y in range(cells.n_Y):
        clock.check()
        sets, w[y] = master.pool.cheapest(cells, u, y)
        added += master.add(y, sets)
    return LetterPrices(u, w, float(cells.joint.sum(axis=1) @ u + w.sum())), added


class _Master:
    """The linear program that covers every letter by cells, one for each output letter."""

    def __init__(self, cells: Cells) -> None:
        self._cells, self.pool, self._prices = cells, SetPool(cells.n_X, _STARTS), np.zeros(0)

    def add(self, y: int, sets: np.ndarray) -> int:
        """Let sets of an output letter join; return how many are new."""
        new = self.pool.join(y, sets)
        costs = np.where(new, self._cells.costs[:, y], 0.0).sum(axis=1)
        prices = costs + self._cells.concave(new.astype(float) @ self._cells.joint)
        self._prices = np.append(self._prices, prices)
        return len(new)

    def solve(self) -> tuple[float, np.ndarray]:
        """Return the least cost and the price of each letter (of its whole mass)."""
        n_X, n_Y = self._cells.n_X, self._cells.n_Y
        rows = np.concatenate([self.pool.sets.T, self.pool.outputs == np.arange(n_Y)[:, None]]).astype(float)
        # Prices of a unit size keep the solver's tolerances meaningful.
        unit = max(self._cells.scale, 1e-300)
        found = linear_program(self._prices / unit, rows, np.ones(n_X + n_Y))
        return unit * found.value, unit * found.y[:n_X]


def prove(
    cells: Cells,
    prices: LetterPrices,
    *,
    upper: float,
    threshold: float | None = None,
    clock: Clock | None = None,
) -> Decomposed:
    """Prove the bound of letter prices, ever closer.

    `upper` is the price of some map: the bound need not be closer than a share of what it misses that by. A bound of
    `threshold` is enough.

    Examples
    --------
    >>> cells = Cells(np.array([[0.0, 0.5], [0.5, 0.0]]), np.eye(2) / 2, rate=0.1, classification=1.0)
    >>> round(prove(cells, letter_prices(cells, np.array([[0, 1]]), upper=0.07), upper=0.07, threshold=0.069).lower, 3)
    0.069
    """
    clock = clock or Clock()
    enough = max(_SHARE * (upper - prices.value), 1e-11 * cells.scale)
    if threshold is not None and prices.value > threshold:
        enough = 0.9 * (prices.value - threshold)
    room = _ROOM * max(upper - float(cells.costs.min(axis=1).sum()), 1e-6 * cells.scale)
    best: list[Search] = []
    nodes, status = 0, "proved"
    while True:
        room = max(room, enough)
        found = _prove_cells(cells, prices, room / cells.n_Y, clock)
        nodes += sum(cell.nodes for cell in found)
        best = [max(pair, key=lambda cell: cell.lower) for pair in zip(found, best or found, strict=True)]
        status = max((cell.status for cell in found), key=_STATUSES.index)
        if status != "proved" or room <= enough:
            break
        room /= 10
    paid = cells.joint.sum(axis=1) * prices.u
    rounding = (cells.n_X + cells.n_S + 2 * cells.n_Y + 8) * EPSILON * (float(np.abs(paid).sum()) + cells.scale)
    lower = float(paid.sum()) + sum(min(0.0, found.lower) for found in best) - rounding
    trees = [rewritten(found.tree, _of_letter(y)) for y, found in enumerate(best)]
    return Decomposed(lower, {"kind": "letters", "u": prices.u.tolist(), "trees": trees}, nodes, status)


def _prove_cells(cells: Cells, prices: LetterPrices, room: float, clock: Clock) -> list[Search]:
    """Bound each cell to within the room; the time that is left is shared equally."""
    found: list[Search] = []
    for y in range(cells.n_Y):
        part = clock.part(clock.left / (cells.n_Y - y))
        aim = float(prices.w[y]) - room
        found.append(search(cell_of(cells, prices.u, y), aim, tolerance=room, clock=part))
    return found


def _of_letter(y: int) -> dict[str, Callable]:
    """Name the output letter in a tree of its single cell."""
    return {
        "split": lambda split: [y, *split[1:]],
        "exclude": lambda pairs: [[x, OUT if k == OUT else y] for x, k in pairs],
    }
