"""Plans that need no search: they are tried first, so that no answer lacks a plan where one is obvious.

Constant maps, the map of least distortion, maps that keep all the information the source carries about the label
(the identity, if there is one), and outputs that do not depend on the source. For few letters all maps are tried.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import linear_sum_assignment

from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.asymptotic.dual import label_entropy
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.label_from_y.maps import Maps

#: Of up to this many maps all are tried, and of those this many are kept that seem to meet the bounds.
_FEW, _KEPT = 1024, 4

#: By how much a bound may seem to be missed, in scaled units: whether it is, exact arithmetic says.
_ROUNDING = 1e-9

#: Posteriors that differ by less are taken for the same.
_ALIKE = 1e-12


def candidate_maps(question: Question) -> list[np.ndarray]:
    """Return maps that are worth an exact look: integer arrays over the letters kept.

    Parameters
    ----------
    question : Question
        With a target law, the maps must have it.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> from drc.solvers.finite.door import read
    >>> f = Finite([[0.5, 0], [0, 0.5]], setting="asymptotic")
    >>> [f.tolist() for f in candidate_maps(read(f, C=0))]
    [[0, 1], [1, 0]]
    """
    data = question.data
    n_X, n_Y = data.d.low.shape
    if n_Y**n_X <= _FEW:
        return _best_of_all(question)
    if data.p_Y is not None:
        return []
    letters = np.arange(n_X)
    found = [data.distortion.argmin(axis=1)]
    found += [f for f in [_keeping_the_label(data)] if f is not None]
    if question.problem.setting == "one-shot":
        found += [np.full(n_X, y) for y in range(n_Y)]
    return [f for f in found if np.isfinite(data.distortion[letters, f]).all()]


def _best_of_all(question: Question) -> list[np.ndarray]:
    """Return the best of all maps that seem to meet the bounds."""
    data, maps = question.data, Maps(question.data)
    reached = {"D": maps.distortion, "R": maps.rate.low, "C": label_entropy(maps.label_laws).sum(axis=1)}
    meets = np.ones(len(maps.functions), dtype=bool)
    for name, bound in question.intervals.items():
        if name in reached:
            meets &= reached[name] <= float(bound.high) + _ROUNDING * (data.scale if name == "D" else 1.0)
    if data.p_Y is not None:
        meets &= np.abs(maps.laws - data.target).max(axis=1) < _ROUNDING
    if question.prices is not None:
        costs = sum((price * reached[name] for name, price in question.prices.items()), np.zeros(len(meets)))
    else:
        costs = reached[question.minimise] + (question.slope_nats or 0.0) * reached["R"]
    kept = np.flatnonzero(meets)
    kept = kept[np.argsort(costs[kept], kind="stable")]
    if data.measure is None:
        return [*maps.functions[kept[:_KEPT]].astype(int)]
    # Whether a law is near enough to the reference only an exact look says: those of different laws are taken.
    _, first = np.unique(maps.laws[kept].round(12), axis=0, return_index=True)
    return [*maps.functions[kept[np.sort(first)[: 4 * _KEPT]]].astype(int)]


def classes(data: Data) -> np.ndarray:
    """Return a number for each letter kept, the same for letters with the same posterior of the label.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> classes(Data.of(Finite([[0.1, 0.2, 0.3], [0.1, 0.2, 0.1]]))).tolist()
    [0, 0, 1]
    """
    numbers = np.zeros(data.posterior.shape[1], dtype=int)
    known: list[np.ndarray] = []
    for x, posterior in enumerate(data.posterior.T):
        same = [k for k, other in enumerate(known) if np.abs(other - posterior).max() < _ALIKE]
        numbers[x] = same[0] if same else len(known)
        if not same:
            known.append(posterior)
    return numbers


def _keeping_the_label(data: Data) -> np.ndarray | None:
    """Return a map of low distortion under which letters of different posteriors never meet; None without one."""
    kind = classes(data)
    n_Y = len(data.ys)
    if kind.max() >= n_Y:
        return None
    large = 1e6 * data.scale
    costs = np.where(np.isfinite(data.distortion), data.distortion, large) * data.source[:, None]
    of_classes = np.array([costs[kind == k].sum(axis=0) for k in range(kind.max() + 1)])
    owner = np.full(n_Y, -1)
    rows, columns = linear_sum_assignment(of_classes)
    owner[columns] = rows
    # An output letter that nobody needs goes to the class that it helps most.
    for y in np.flatnonzero(owner < 0):
        own = [costs[kind == k] for k in range(len(of_classes))]
        gains = [
            float(np.maximum(mine[:, owner == k].min(axis=1) - mine[:, y], 0.0).sum()) for k, mine in enumerate(own)
        ]
        if max(gains) > 0:
            owner[y] = int(np.argmax(gains))
    allowed = np.where(owner[None] == kind[:, None], costs, math.inf)
    return allowed.argmin(axis=1)


def candidate_laws(question: Question) -> list[np.ndarray]:
    """Return laws of an output that is independent of the source: single letters, and those near the reference.

    Parameters
    ----------
    question : Question
        Without a target law.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> from drc.solvers.finite.door import read
    >>> f = Finite([[0.5, 0.5]], setting="asymptotic")
    >>> [law.tolist() for law in candidate_laws(read(f, C=1))]
    [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]
    """
    data = question.data
    n_Y = len(data.ys)
    laws = [*np.eye(n_Y), np.full(n_Y, 1.0 / n_Y)]
    if data.measure is None:
        return laws
    nearest = data.law_at_rest
    costs = np.where(np.isfinite(data.distortion), data.distortion, 1e6 * data.scale)
    cheapest = np.eye(n_Y)[(data.source @ costs).argmin()]
    # As far from the reference towards the cheapest letter as the bound allows, and not at all.
    room = float(question.intervals["P"].low) / data.ground_scale
    far = float(np.clip(room, 0.0, 1.0)) if data.measure != "KL" else 0.0
    return [nearest, (1 - far) * nearest + far * cheapest, *laws]
