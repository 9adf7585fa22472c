"""Find maps that are cheaper than a threshold, or prove that there are none."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from drc.solvers.arithmetic.rounding import EPSILON
from drc.solvers.finite.pricing import boxes, letters, subsets
from drc.solvers.finite.pricing.cells import Cells
from drc.solvers.finite.pricing.descent import find_maps
from drc.solvers.request import Clock, OutOfTime

#: Bits of the mantissa in which proportional rows must agree to be compared.
_BITS = 44


def merge(cells: Cells) -> tuple[Cells, np.ndarray]:
    """Merge letters whose posterior and whose costs per mass agree: they differ in weight only.

    What a map costs depends on them through the share of their common mass that each cell takes, and it is concave in the
    shares: the least price is reached where one cell takes all.

    Returned are the merged cells, whose `error` allows for what the rows differed by, and where each letter went: a map
    `f` of the merged letters is the map `f[groups]` of the given ones.

    Examples
    --------
    >>> cells = Cells([[0.1, 0.2], [0.3, 0.6], [0.1, 0.1]], [[0.1, 0.1], [0.3, 0.3], [0.1, 0.1]], 1, 1)
    >>> merged, groups = merge(cells)
    >>> merged.joint[:, 0].round(6).tolist(), groups.tolist()
    ([0.4, 0.1], [0, 0, 1])
    """
    mass = cells.joint.sum(axis=1, keepdims=True)
    keys = _rounded(np.concatenate([cells.joint / mass, cells.costs / mass], axis=1))
    _, first, groups = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    # Number the groups by the first letter of each.
    order = np.argsort(first, kind="stable")
    groups = np.argsort(order, kind="stable")[groups.ravel()]
    if len(first) == cells.n_X:
        return cells, np.arange(cells.n_X)
    member = (np.arange(len(first))[:, None] == groups).astype(float)
    joint = member @ cells.joint
    allowed = np.isfinite(cells.costs)
    costs = np.where(allowed[first[order]], member @ np.where(allowed, cells.costs, 0.0), np.inf)
    share = mass.ravel() / (member @ mass.ravel())[groups]
    grain = np.ones(len(first))
    np.minimum.at(grain, groups, share * cells.shares * (1 - 4 * EPSILON))
    merged = replace(cells, costs=costs, joint=joint, grain=grain)
    return replace(merged, error=cells.error + _difference(cells, merged, groups)), groups


def _rounded(values: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        mantissa, exponent = np.frexp(values)
        rounded = np.ldexp(np.rint(mantissa * 2.0**_BITS), exponent - _BITS)
    return np.where(np.isinf(values), np.inf, rounded)


def _difference(cells: Cells, merged: Cells, groups: np.ndarray) -> float:
    """Bound by how much prices change if each letter gets its share of the group's masses and costs."""
    share = (cells.joint.sum(axis=1) / merged.joint.sum(axis=1)[groups])[:, None]
    joint, costs = share * merged.joint[groups], share * merged.costs[groups]
    relative = np.abs(joint - cells.joint) / np.where(cells.joint > 0, cells.joint, 1.0)
    allowed = np.isfinite(costs)
    absolute = np.abs(np.where(allowed, costs, 0.0) - np.where(allowed, cells.costs, 0.0)).max(axis=1).sum()
    return float(2 * relative.max() * cells.scale + 2 * absolute)


#: Up to this many kinds of letters all subsets are visited at once.
_FEW = 12

#: Dimensions of the statistics up to which boxes for all cells together are tried, and vertices of a box at most.
_DIMENSIONS, _VERTICES = 9, 256

#: Boxes that are tried before all subsets of few letters are visited, or the cells are priced one by one.
_BUDGET = 20_000

#: Boxes at most otherwise: memory goes at some kilobytes a box.
_MANY = 1_000_000

#: Before a proof is begun, the search for cheap maps is repeated with this many times as many starts.
_AGAIN = 8

#: Share of the time in which the cells are priced one by one, before boxes for all cells go on.
_PATIENCE = 0.4

#: How far below the least price the bound may be that is proved of it, relative to it where it is above one.
_TOLERANCE = 1e-9

#: Of more labels a box has too many corners.
_LABELS = 12

#: How many maps give their cells to the linear program of letter prices.
_FIRST = 64


@dataclass(frozen=True, eq=False)
class Priced:
    """What is known of the least price.

    No map costs less than `lower`, whatever the status; it is `inf` if no map is allowed. `maps`, of shape (K, n_X),
    are distinct and cheap, cheapest first, and `prices` theirs, in doubles. The status is "below" if a map is cheaper
    than the threshold, and `lower` was not improved; "proved" if `lower` is at least the threshold, or without a
    threshold the least price up to rounding and tolerance; "bounded" if the method that is affordable can prove no
    more; "time limit"; or "interrupted". `method` is how `lower` was proved, and why this way. `proof` is the entry
    "pricing" of a certificate that proves it, or None if nothing but the sum of least costs is known; `nodes` is how
    many boxes were bounded.
    """

    lower: float
    maps: np.ndarray
    prices: np.ndarray
    status: str
    method: str
    proof: dict | None
    nodes: int = 0


def price(
    cells: Cells,
    *,
    threshold: float | None = None,
    clock: Clock | None = None,
    known: np.ndarray | None = None,
    starts: int = 64,
    proving: bool = True,
) -> Priced:
    """Search for maps below the threshold; if the search finds none, prove a lower bound on all prices.

    It is to be proved that no map costs less than the threshold, or without one the least price. The search starts from
    the maps `known`, of shape (K, n_X), and from random `starts`. Nothing is proved if it is not `proving`.

    Examples
    --------
    >>> cells = Cells(np.array([[0.0, 0.5], [0.5, 0.0]]), np.eye(2) / 2, rate=0.1, classification=1.0)
    >>> found = price(cells)
    >>> found.status, found.maps[0].tolist(), round(found.lower, 6)
    ('proved', [0, 1], 0.069315)
    """
    if not cells.feasible:
        empty = np.zeros((0, cells.n_X), dtype=np.int64)
        return Priced(np.inf, empty, np.zeros(0), "proved", "a letter may go nowhere", {"kind": "subsets"})
    trivial = float(cells.costs.min(axis=1).sum()) - cells.slack
    maps = cells.costs.argmin(axis=1)[None]
    clock = clock or Clock()
    now = Priced(trivial, maps, cells.prices(maps), "time limit", "the sum of least costs", None)
    for count in (starts, _AGAIN * starts):
        if clock.over:
            break
        maps, prices = find_maps(cells, starts=count, seed=count, known=known, clock=clock)
        now = replace(now, maps=maps, prices=prices)
        if threshold is not None and prices[0] < threshold:
            return replace(now, status="below", method="descent found a map below the threshold")
    if clock.over:
        return replace(now, status=clock.stopped)
    if not proving:
        return replace(now, status="bounded")
    return _proved(cells, now, threshold, clock)


def _proved(cells: Cells, now: Priced, threshold: float | None, clock: Clock) -> Priced:
    """Choose the method: subsets for few letters, boxes for few dimensions, single cells for all else.

    Where boxes take long, the cells one by one have a good bound soon; boxes alone come to an end.
    """
    least, tolerance = float(now.prices[0]), None
    if threshold is None:
        # What is to be proved follows the best map.
        tolerance = _TOLERANCE * max(1.0, abs(least))
        threshold = least - tolerance
    aim = {"threshold": float(threshold), "tolerance": tolerance}
    merged, groups = merge(cells)
    small = subsets.fits(merged) and subsets.seconds(merged) < clock.left
    few = _is_low(cells.n_Y, cells.n_S)
    if small and (merged.n_X <= _FEW or not few):
        return _by_subsets(cells, merged, groups, now)
    if not few:
        return _by_letters(cells, now, threshold, clock)
    first = _by_boxes(cells, now, aim, clock, _BUDGET)
    if first.status != "time limit" or clock.over:
        return first
    if small:
        return _by_subsets(cells, merged, groups, first)
    second = _by_letters(cells, first, threshold, clock.part(_PATIENCE * clock.left))
    if second.status in ("proved", "interrupted") or clock.over:
        return max(first, second, key=lambda found: found.lower)
    third = _by_boxes(cells, second, aim, clock, _MANY)
    best = max(first, second, third, key=lambda found: found.lower)
    return replace(best, status=third.status, maps=third.maps, prices=third.prices, nodes=third.nodes + second.nodes)


def is_quick(n_X: int, n_Y: int, n_S: int) -> bool:
    """Tell whether the least price of all maps is proved in one go: there are few letters, or few dimensions.

    Examples
    --------
    >>> is_quick(200, 2, 2), is_quick(64, 8, 10)
    (True, False)
    """
    return _is_low(n_Y, n_S) or n_X <= (subsets.MOST_LETTERS_TWO if n_Y == 2 else subsets.MOST_LETTERS)


def _is_low(n_Y: int, n_S: int) -> bool:
    """Tell whether boxes for all cells together have few dimensions and vertices."""
    return (n_Y - 1) * n_S <= _DIMENSIONS and n_Y * 2**n_S <= _VERTICES


def _joined(cells: Cells, now: Priced, maps: np.ndarray) -> dict[str, np.ndarray]:
    maps = np.unique(np.concatenate([now.maps, maps]), axis=0)
    prices = cells.prices(maps)
    order = np.argsort(prices, kind="stable")
    return {"maps": maps[order], "prices": prices[order]}


def _by_subsets(cells: Cells, merged: Cells, groups: np.ndarray, now: Priced) -> Priced:
    lower, maps = subsets.minimise(merged)
    method = f"subsets: {merged.n_X} kinds of letters, all sets of which can be visited"
    found = _joined(cells, now, maps[:, groups])
    return replace(now, lower=lower, status="proved", method=method, proof={"kind": "subsets"}, **found)


def _by_boxes(cells: Cells, now: Priced, aim: dict, clock: Clock, most_nodes: int) -> Priced:
    found = boxes.search(cells, **aim, clock=clock, most_nodes=most_nodes)
    method = f"boxes: the statistics have {(cells.n_Y - 1) * cells.n_S} dimensions only"
    proof = {"kind": "tree", "tree": found.tree}
    answer = Priced(found.lower, now.maps, now.prices, found.status, method, proof, found.nodes)
    return replace(answer, **_joined(cells, now, found.maps))


def _by_letters(cells: Cells, now: Priced, threshold: float, clock: Clock) -> Priced:
    if cells.n_S > _LABELS:
        return replace(
            now, status="bounded", method=f"the sum of least costs: a box of {cells.n_S} labels has too many corners"
        )
    upper = float(now.prices[0])
    allowed = now.maps[np.isfinite(now.prices)][:_FIRST]
    try:
        prices = letters.letter_prices(cells, allowed, upper=upper, clock=clock.part(clock.left / 3))
    except OutOfTime:
        return replace(now, status=clock.stopped or "time limit")
    found = letters.prove(cells, prices, upper=upper, threshold=threshold, clock=clock)
    status = found.status
    if status == "proved" and found.lower < threshold:
        status = "bounded"
    method = f"letters: the cells one by one, because together they have {(cells.n_Y - 1) * cells.n_S} dimensions"
    return Priced(found.lower, now.maps, now.prices, status, method, found.proof, now.nodes + found.nodes)
