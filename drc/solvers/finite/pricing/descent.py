"""Cheap maps by alternating descent from many starts, all at once.

`G` is concave, so at the statistics of a map its supergradient `g` bounds the price of all maps from above, with
equality at the map itself:

    price(f') <= price(f) + sum_x [c(x, f'(x)) + g_{f'(x)} . p(., x)] - [same for f].

To send each letter to its cheapest cell under `g` therefore never raises the price: the alternating minimisation of
entropy-constrained quantisation ([chou1989]). Where that stops, the best move of a single letter is tried.
"""

from __future__ import annotations

import numpy as np

from drc.solvers.finite.pricing.cells import Cells
from drc.solvers.request import Clock

#: The supergradient at an empty cell or label is infinite; this mass stands in for zero.
_TINY = 1e-30

#: Steps of the descent; it stops by itself long before.
_MOST_STEPS = 200

#: How many statistics are computed between two looks at the clock.
_WORK = 500_000

#: A move must gain more than this, relative to the scale of the prices.
_GAIN = 1e-13


def descend(cells: Cells, starts: np.ndarray, clock: Clock | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Improve maps until no single letter can move with a gain.

    Every letter may go somewhere; the maps to begin with, of shape (K, n_X), may use forbidden pairs. Out of time, they
    are returned as they are.

    Returned are the distinct maps that were reached, cheapest first, and their prices.

    Examples
    --------
    >>> cells = Cells(np.array([[0.0, 0.5], [0.5, 0.0]]), np.eye(2) / 2, rate=0.1, classification=1.0)
    >>> maps, prices = descend(cells, np.array([[0, 0], [1, 0]]))
    >>> maps[0].tolist(), float(prices[0].round(6))
    ([0, 1], 0.069315)
    """
    clock = clock or Clock()
    active = _reassign(cells, np.unique(np.asarray(starts, dtype=np.int64), axis=0))
    done = []
    for _ in range(_MOST_STEPS):
        active = np.unique(_settle(cells, active, clock), axis=0)
        if clock.over:
            break
        active, moved = _move(cells, active, clock)
        done.append(active[~moved])
        active = active[moved]
        if not len(active):
            break
    maps = np.unique(np.concatenate([*done, active]), axis=0)
    prices = cells.prices(maps)
    order = np.argsort(prices, kind="stable")
    return maps[order], prices[order]


def find_maps(
    cells: Cells, *, starts: int = 64, seed: int = 0, known: np.ndarray | None = None, clock: Clock | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Search for cheap maps from constant, random and known starts.

    Every letter may go somewhere; `starts` counts the random ones, and `known`, of shape (K, n_X), may be the columns
    of the master.

    Returned are the distinct maps, cheapest first, and their prices.

    Examples
    --------
    >>> cells = Cells(np.array([[0.0, 0.5], [0.5, 0.0]]), np.eye(2) / 2, rate=2.0, classification=0.1)
    >>> find_maps(cells)[0][0].tolist()
    [0, 0]
    """
    drawn = random_starts(cells, starts, np.random.default_rng(seed))
    if known is not None and len(known):
        drawn = np.concatenate([np.asarray(known, dtype=np.int64), drawn])
    return descend(cells, drawn, clock)


def random_starts(cells: Cells, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw maps: all constant ones, and answers to random statistics of the cells.

    For statistics `(q_y, r_y)` the letters go where `c(x, y) - p(x) lambda log q_y - mu sum_s p(s, x) log r_y(s)` is least;
    an optimal map has this form. The `r_y` are posteriors of random letters, mixed with random laws.

    There are `count` beside the constant maps: the result has the shape (n_Y + count, n_X).

    Examples
    --------
    >>> cells = Cells(np.zeros((3, 2)), np.full((3, 1), 1 / 3), 1.0, 1.0)
    >>> random_starts(cells, 4, np.random.default_rng(0)).shape
    (6, 3)
    """
    n_X, n_Y, n_S = cells.n_X, cells.n_Y, cells.n_S
    constant = np.repeat(np.arange(n_Y)[:, None], n_X, axis=1)
    sharpness = rng.choice([0.3, 1.0, 5.0], size=(count, 1))
    q = rng.standard_gamma(np.broadcast_to(sharpness, (count, n_Y))) + 1e-12
    posteriors = cells.joint / cells.joint.sum(axis=1, keepdims=True)
    r = posteriors[rng.integers(n_X, size=(count, n_Y))]
    r = 0.8 * r + 0.2 * rng.dirichlet(np.ones(n_S), size=(count, n_Y))
    slopes = -cells.rate * np.log(q / q.sum(axis=1, keepdims=True))[:, :, None] - cells.classification * np.log(
        np.maximum(r, _TINY)
    )
    return np.concatenate([constant, _cheapest(cells, slopes)])


def _cheapest(cells: Cells, slopes: np.ndarray) -> np.ndarray:
    """Send each letter where `c(x, y) + g_y . p(., x)` is least; slopes of shape (K, n_Y, n_S)."""
    return (cells.choices + _with_none(cells, np.swapaxes(slopes @ cells.joint.T, 1, 2))).argmin(axis=2)


def _with_none(cells: Cells, values: np.ndarray) -> np.ndarray:
    """Add a last choice that is worth zero, if letters are optional; choices are along the last axis."""
    return np.concatenate([values, np.zeros_like(values[..., :1])], axis=-1) if cells.optional else values


def _reassign(cells: Cells, maps: np.ndarray) -> np.ndarray:
    t = np.maximum(cells.statistics(maps), 0.0)
    log_z, log_t = np.log(np.maximum(t.sum(axis=2, keepdims=True), _TINY)), np.log(np.maximum(t, _TINY))
    return _cheapest(cells, cells.classification * (log_z - log_t) - cells.rate * (log_z + 1))


def _settle(cells: Cells, maps: np.ndarray, clock: Clock) -> np.ndarray:
    """Repeat the descent step until no map gains."""
    price = cells.prices(maps)
    open_ = np.arange(len(maps))
    maps = maps.copy()
    for _ in range(_MOST_STEPS):
        if clock.over:
            break
        new = _reassign(cells, maps[open_])
        cost = cells.prices(new)
        better = cost < price[open_] - _GAIN * cells.scale
        open_ = open_[better]
        if not len(open_):
            break
        maps[open_], price[open_] = new[better], cost[better]
    return maps


def _move(cells: Cells, maps: np.ndarray, clock: Clock) -> tuple[np.ndarray, np.ndarray]:
    """Make the best move of one letter in each map, as long as there is time; also tell which maps gained."""
    size = max(1, _WORK // (cells.choices.size * cells.n_S))
    maps, moved = maps.copy(), np.zeros(len(maps), dtype=bool)
    for first in range(0, len(maps), size):
        if clock.over:
            break
        part = slice(first, first + size)
        maps[part], moved[part] = _move_one(cells, maps[part])
    return maps, moved


def _move_one(cells: Cells, maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Make the best move of one letter in each map; also tell which maps gained."""
    count, K = len(maps), cells.choices.shape[1]
    rows, letters = np.arange(count)[:, None], np.arange(cells.n_X)
    t = cells.statistics(maps)
    G = cells.concave(t)
    moved_in = _with_none(cells, cells.concave(t[:, None] + cells.joint[:, None]) - G[:, None])
    own, before = t[rows, np.minimum(maps, cells.n_Y - 1)], _with_none(cells, G)[rows, maps]
    moved_out = np.where(maps < cells.n_Y, cells.concave(np.maximum(own - cells.joint, 0.0)) - before, 0.0)
    with np.errstate(invalid="ignore"):
        change = cells.choices - cells.choices[letters, maps][:, :, None] + moved_in + moved_out[:, :, None]
    change[rows, letters, maps] = 0.0
    change = np.where(np.isnan(change), np.inf, change).reshape(count, -1)
    best = change.argmin(axis=1)
    moved = change[np.arange(count), best] < -_GAIN * cells.scale
    new = maps.copy()
    new[np.flatnonzero(moved), best[moved] // K] = best[moved] % K
    return new, moved
