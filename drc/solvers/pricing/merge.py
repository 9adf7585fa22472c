"""Letters of the same kind are priced as one.

Two letters with proportional masses and proportional costs differ in weight only. What a map costs depends on them
through the share of their common mass that each cell takes, and it is concave in the shares: the least price is
reached where one cell takes all.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from drc.solvers.pricing.cells import EPSILON, Cells

#: Bits of the mantissa in which proportional rows must agree to be compared.
_BITS = 44


def merge(cells: Cells) -> tuple[Cells, np.ndarray]:
    """Merge letters whose posterior and whose costs per mass agree.

    Returns
    -------
    merged : Cells
        Its `error` allows for what the rows differed by.
    groups : int array, shape (n_X,)
        Where each letter went: a map `f` of the merged letters is the map `f[groups]` of the given ones.

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
