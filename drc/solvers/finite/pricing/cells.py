"""The pricing problem of column generation: the cheapest way to cut the source letters into labelled cells.

A map `f` has the cells `A_y = f^{-1}(y)`, with statistics `t_y = (p(s, A_y))_s`. In nats its price is

    sum_x c(x, f(x)) + sum_y G(t_y),     G(t) = lambda phi(|t|) + mu h(t),
    phi(z) = -z log z,                   h(t) = |t| log |t| - sum_s t_s log t_s,

where `c(x, y) = p(x) (a d(x, y) - nu_y)` comes from the multipliers of the master program. `G` is concave, so the
price is concave in the statistics: a concave minimisation over assignments ([horst1996]).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from drc.errors import ProblemError, must
from drc.solvers.arithmetic.rounding import EPSILON, Interval

#: Stands for zero inside logarithms: its multiples vanish beside all masses.
_TINY = 1e-300


@dataclass(frozen=True, eq=False)
class Cells:
    """Costs, masses and multipliers of a pricing problem, in nats.

    `costs`, of shape (n_X, n_Y), are `c(x, y) = p(x) (a d(x, y) - nu_y)`, infinite where the pair is forbidden;
    `joint`, of shape (n_X, n_S), are the masses `p(s, x)`, each row with a positive sum. `rate` and `classification`
    are the multipliers lambda of `H(f(X))` and mu of `H(S | f(X))`, not negative. `error` is how much the price of a
    map may be off because the costs and masses were rounded; eight roundings of each entry are allowed for without it.
    For letters that stand for several, `grain` is the least share that one of them has of their mass. A proof then
    holds for the single letters too: what a tree excludes, it excludes for each of them. If it is `optional`, letters
    may be left out of all cells, at no cost; in a map `n_Y` stands for that.

    Examples
    --------
    >>> cells = Cells(np.array([[0.0, 0.5], [0.5, 0.0]]), np.eye(2) / 2, rate=0.1, classification=1.0)
    >>> cells.prices([[0, 1], [0, 0]]).round(6).tolist()
    [0.069315, 1.193147]
    """

    costs: np.ndarray
    joint: np.ndarray
    rate: float
    classification: float
    error: float = 0.0
    grain: np.ndarray | None = None
    optional: bool = False

    def __post_init__(self) -> None:
        costs, joint = np.asarray(self.costs, dtype=float), np.asarray(self.joint, dtype=float)
        if costs.ndim != 2 or joint.ndim != 2 or len(costs) != len(joint) or 0 in costs.shape + joint.shape:
            raise must(
                "costs and joint", "have the shapes (n_X, n_Y) and (n_X, n_S)", got=f"{costs.shape} and {joint.shape}"
            )
        if not (costs > -np.inf).all():
            raise ProblemError("costs must be numbers or +inf, got NaN or -inf")
        if not (((joint >= 0) & (joint < np.inf)).all() and (joint.sum(axis=1) > 0).all()):
            raise ProblemError("joint must hold masses of at least 0, with a positive sum in every row")
        for name in ("rate", "classification", "error"):
            value = float(getattr(self, name))
            if not 0 <= value < np.inf:
                raise must(name, "be finite and at least 0", value)
            object.__setattr__(self, name, value)
        object.__setattr__(self, "costs", costs)
        object.__setattr__(self, "joint", joint)
        shares = self.shares
        if self.grain is not None and (shares.shape != (len(costs),) or not ((shares > 0) & (shares <= 1)).all()):
            raise must("grain", f"be {len(costs)} shares in (0, 1]", self.grain)

    @property
    def n_X(self) -> int:
        """How many source letters there are."""
        return self.costs.shape[0]

    @property
    def n_Y(self) -> int:
        """How many output letters there are."""
        return self.costs.shape[1]

    @property
    def n_S(self) -> int:
        """How many labels there are."""
        return self.joint.shape[1]

    @cached_property
    def shares(self) -> np.ndarray:
        """The grain, one where none was given; shape (n_X,)."""
        return np.ones(self.n_X) if self.grain is None else np.asarray(self.grain, dtype=float)

    @cached_property
    def choices(self) -> np.ndarray:
        """The costs of all choices of a letter: the cells, and none of them if letters are optional; shape (n_X, K)."""
        return np.column_stack([self.costs, np.zeros(self.n_X)]) if self.optional else self.costs

    @cached_property
    def feasible(self) -> bool:
        """Whether every letter may go somewhere."""
        return bool(np.isfinite(self.choices).any(axis=1).all())

    @cached_property
    def scale(self) -> float:
        """An upper bound on the sum of absolute values of all terms of a price."""
        finite = np.where(np.isfinite(self.costs), np.abs(self.costs), 0.0).max(axis=1).sum()
        total = max(1.0, float(self.joint.sum()))
        entropies = self.rate * (np.log(self.n_Y) + 2) + self.classification * (np.log(self.n_S) + 3)
        return float(finite + total * (1 + np.log(total)) * entropies)

    @cached_property
    def slack(self) -> float:
        """What is taken off a bound computed in doubles.

        A statistic is a sum of at most `n_X` masses, and a price a sum of `n_X` costs and `2 n_Y (n_S + 1)` terms: if every
        mass and cost is right to a relative `delta`, the price is right to `delta` times `scale`, because

            |phi(z (1 + delta)) - phi(z)| <= delta (phi(z) + z) + ...,  h is homogeneous with |dh| <= delta (h(t) + 2 |t|).

        The sums in between add `n` roundings to `delta` ([higham2002], section 4.2); twice that is taken.
        """
        roundings = self.n_X + 2 * self.n_Y * (self.n_S + 1) + 24
        return self.error + roundings * EPSILON * self.scale

    def statistics(self, maps: np.ndarray) -> np.ndarray:
        """Return the statistics of the cells of maps.

        `maps` has the shape (K, n_X), and the result the shape (K, n_Y, n_S).

        Examples
        --------
        >>> Cells(np.zeros((2, 2)), [[0.25, 0.25], [0.5, 0]], 0, 0).statistics([[1, 1]])[0].tolist()
        [[0.0, 0.0], [0.75, 0.25]]
        """
        maps = np.asarray(maps, dtype=np.int64)
        return np.swapaxes(maps[:, :, None] == np.arange(self.n_Y), 1, 2).astype(float) @ self.joint

    def concave(self, t: np.ndarray) -> np.ndarray:
        """Return `G(t)` in ordinary doubles, with no proof.

        `t` has the shape (..., n_S).
        """
        return concave_term(t, self.rate, self.classification)

    def prices(self, maps: np.ndarray) -> np.ndarray:
        """Return the prices of maps, in doubles; infinite for a map that uses a forbidden pair.

        `maps` has the shape (K, n_X), and the result the shape (K,).
        """
        maps = np.asarray(maps, dtype=np.int64).reshape(-1, self.n_X)
        own = self.choices[np.arange(self.n_X), maps].sum(axis=1)
        return own + self.concave(self.statistics(maps)).sum(axis=1)


def concave_term(t: np.ndarray, rate: float, classification: float) -> np.ndarray:
    """Return `G(t) = lambda phi(|t|) + mu h(t)` in nats, in ordinary doubles.

    The masses, of shape (..., n_S), are not negative.

    Examples
    --------
    >>> concave_term(np.array([[0.25, 0.25], [0.5, 0.0]]), 1.0, 1.0).round(6).tolist()
    [0.693147, 0.346574]
    """
    z = t.sum(axis=-1)
    value = (classification - rate) * (z * np.log(np.maximum(z, _TINY)))
    if classification:
        value = value - classification * (t * np.log(np.maximum(t, _TINY))).sum(axis=-1)
    return value


def entropies_lower(t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return proved lower bounds on `phi(|t|)` and on `h(t)`, for the doubles `t` as they are and up to `Cells.slack`.

    `t` has the shape (..., n_S).

    Examples
    --------
    >>> rate, classification = entropies_lower(np.array([0.5, 0.5]))
    >>> bool(-1e-12 < rate <= 0), bool(0.693147 < classification <= np.log(2))
    (True, True)
    """
    both = np.concatenate([t.sum(axis=-1, keepdims=True), t], axis=-1)
    logarithm = Interval.of(both).log()
    low, high = product(both[..., 0], logarithm.low[..., 0]), product(both, logarithm.high)
    rate = -high[..., 0]
    return rate, np.zeros_like(rate) if t.shape[-1] == 1 else low - high[..., 1:].sum(axis=-1)


def unseen(rows: np.ndarray, known: set[bytes]) -> np.ndarray:
    """Return the rows that are not known yet, and remember them.

    Examples
    --------
    >>> known = set()
    >>> [unseen(np.array(rows), known).tolist() for rows in ([[0, 1], [0, 1]], [[0, 1], [1, 1]])]
    [[[0, 1]], [[1, 1]]]
    """
    new = []
    for i, key in enumerate(row.tobytes() for row in rows):
        if key not in known:
            known.add(key)
            new.append(i)
    return rows[new]


def product(mass: np.ndarray, logarithm: np.ndarray) -> np.ndarray:
    """Multiply masses by logarithms, with `0 log 0 = 0`.

    Examples
    --------
    >>> product(np.array([0.0, 2.0]), np.array([-np.inf, 0.5])).tolist()
    [0.0, 1.0]
    """
    return mass * np.where(mass > 0, logarithm, 0.0)
