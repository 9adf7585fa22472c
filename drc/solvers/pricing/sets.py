"""Cheap single cells: which letters to take if every letter may be left out."""

from __future__ import annotations

import numpy as np

from drc.solvers.pricing.cells import Cells

#: Stands for zero in logarithms.
_TINY = 1e-30

#: Steps of the descent at most.
_MOST_STEPS = 100


def set_prices(cell: Cells, sets: np.ndarray) -> np.ndarray:
    """Return `sum_{x in A} c(x) + G(t(A))` for sets of letters.

    Parameters
    ----------
    cell : Cells
        With one output letter.
    sets : bool array, shape (K, n_X)

    Returns
    -------
    array, shape (K,)

    Examples
    --------
    >>> set_prices(Cells([[-1.0], [2.0]], [[0.5], [0.5]], 0.0, 0.0), np.array([[True, False], [True, True]])).tolist()
    [-1.0, 1.0]
    """
    costs = np.where(sets, cell.costs[:, 0], 0.0).sum(axis=1)
    return costs + cell.concave(sets.astype(float) @ cell.joint)


def cheap_sets(cell: Cells, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Search for cheap sets by the descent of maps, from known sets and from those of the least cost per mass.

    Parameters
    ----------
    cell : Cells
        With one output letter.
    known : bool array, shape (K, n_X)

    Returns
    -------
    sets : bool array, shape (M, n_X)
        Distinct, cheapest first.
    prices : array, shape (M,)

    Examples
    --------
    >>> cell = Cells([[-1.0], [2.0], [-0.5]], np.full((3, 1), 1 / 3), 0.1, 0.0)
    >>> cheap_sets(cell, np.zeros((1, 3), dtype=bool))[0][0].tolist()
    [True, False, True]
    """
    order = np.argsort(cell.costs[:, 0] / cell.joint.sum(axis=1))
    rank = np.argsort(order)
    counts = np.unique(np.linspace(0, cell.n_X, min(cell.n_X + 1, 24)).astype(int))
    sets = np.concatenate([known, rank < counts[:, None]]) & np.isfinite(cell.costs[:, 0])
    for _ in range(_MOST_STEPS):
        sets = np.unique(sets, axis=0)
        better, moved = _step(cell, sets)
        sets = np.where(moved[:, None], better, sets)
        if not moved.any():
            break
    prices = set_prices(cell, sets)
    best = np.argsort(prices, kind="stable")
    return sets[best], prices[best]


def _step(cell: Cells, sets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take all letters that gain at the supergradient, or move the best single letter, whichever is cheaper."""
    t = sets.astype(float) @ cell.joint
    z = t.sum(axis=1, keepdims=True)
    log_z, log_t = np.log(np.maximum(z, _TINY)), np.log(np.maximum(t, _TINY))
    slopes = cell.classification * (log_z - log_t) - cell.rate * (log_z + 1)
    all_at_once = cell.costs[:, 0] + slopes @ cell.joint.T < 0
    sign = np.where(sets, -1.0, 1.0)
    moved = np.maximum(t[:, None] + sign[:, :, None] * cell.joint, 0.0)
    change = sign * np.where(np.isfinite(cell.costs[:, 0]), cell.costs[:, 0], 0.0) + cell.concave(moved)
    change[:, ~np.isfinite(cell.costs[:, 0])] = np.inf
    letter = change.argmin(axis=1)
    one = sets.copy()
    one[np.arange(len(sets)), letter] ^= True
    now, prices = set_prices(cell, sets), np.array([set_prices(cell, all_at_once), set_prices(cell, one)])
    better = np.where((prices[0] <= prices[1])[:, None], all_at_once, one)
    return better, prices.min(axis=0) < now - 1e-13 * cell.scale
