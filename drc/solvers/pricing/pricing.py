"""Find maps that are cheaper than a threshold, or prove that there are none."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from drc.solvers.pricing import boxes, subsets
from drc.solvers.pricing.cells import Cells
from drc.solvers.pricing.descent import find_maps
from drc.solvers.pricing.merge import merge

#: Up to so many kinds of letters all subsets are visited at once.
_FEW = 8

#: Boxes that are tried before all subsets of up to 16 letters (22 for two outputs) are visited.
_BUDGET = 20_000

#: Boxes at most otherwise: memory goes at a kilobyte a box.
_MANY = 2_000_000


@dataclass(frozen=True, eq=False)
class Priced:
    """What is known of the least price.

    Attributes
    ----------
    lower : float
        A proved lower bound on the price of every map, whatever the status; `inf` if no map is allowed.
    maps : int array, shape (K, n_X)
        Distinct cheap maps, cheapest first.
    prices : array, shape (K,)
        Their prices, in doubles.
    status : {"below", "proved", "time limit", "interrupted"}
        "below": a map is cheaper than the threshold, and `lower` was not improved; "proved": `lower` is at least the
        threshold, or without a threshold the least price up to rounding and tolerance.
    method : str
        How `lower` was proved, and why this way.
    proof : dict or None
        The entry "pricing" of a certificate that proves `lower`; None if nothing but the sum of least costs is known.
    nodes : int
        How many boxes were bounded.
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
    deadline: float = float("inf"),
    known: np.ndarray | None = None,
    starts: int = 64,
    seed: int = 0,
    tolerance: float = 1e-9,
) -> Priced:
    """Search for maps below the threshold; if the search finds none, prove a lower bound on all prices.

    Parameters
    ----------
    cells : Cells
    threshold : float, optional
        What is to be proved: that no map costs less. None: the least price is proved to the tolerance.
    deadline : float
        A time of `time.monotonic()`.
    known : int array, shape (K, n_X), optional
        Maps to start from as well.
    starts : int
        Random starts of the search.
    seed : int
    tolerance : float
        Without a threshold, how far below the least price the bound may be, relative to it where it is above one.

    Returns
    -------
    Priced

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
    maps, prices = find_maps(cells, starts=starts, seed=seed, known=known)
    trivial = float(cells.costs.min(axis=1).sum()) - cells.slack
    if threshold is not None and prices[0] < threshold:
        return Priced(trivial, maps, prices, "below", "descent found a map below the threshold", None)
    if time.monotonic() > deadline:
        return Priced(trivial, maps, prices, "time limit", "the sum of least costs", None)
    merged, groups = merge(cells)
    if merged.n_X <= _FEW:
        return _by_subsets(cells, merged, groups, maps)
    small = subsets.fits(merged)
    aim = prices[0] - tolerance * max(1.0, abs(prices[0])) if threshold is None else threshold
    found = boxes.search(
        cells,
        float(aim),
        tolerance=None if threshold is not None else tolerance * max(1.0, abs(prices[0])),
        deadline=deadline,
        most_nodes=_BUDGET if small else _MANY,
    )
    if small and found.status == "time limit" and time.monotonic() <= deadline:
        return _by_subsets(cells, merged, groups, np.concatenate([maps, found.maps]))
    maps, prices = _sorted(cells, np.concatenate([maps, found.maps]))
    method = f"boxes: {(cells.n_Y - 1) * cells.n_S} dimensions of the statistics, too many letters for their subsets"
    return Priced(
        found.lower, maps, prices, found.status, method, {"kind": "tree", "tree": found.tree}, nodes=found.nodes
    )


def _sorted(cells: Cells, maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    maps = np.unique(maps, axis=0)
    prices = cells.prices(maps)
    order = np.argsort(prices, kind="stable")
    return maps[order], prices[order]


def _by_subsets(cells: Cells, merged: Cells, groups: np.ndarray, maps: np.ndarray) -> Priced:
    found = subsets.minimise(merged)
    maps, prices = _sorted(cells, np.concatenate([found.maps[:, groups], maps]))
    method = f"subsets: {merged.n_X} kinds of letters, so that all subsets can be visited"
    return Priced(found.lower, maps, prices, "proved", method, {"kind": "subsets"})
