"""A finite problem in doubles, letters without mass left out, with what is known of the rounding."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from drc.problems.finite import Finite
from drc.solvers.arithmetic.rounding import Interval


@dataclass(frozen=True, eq=False)
class Data:
    """The arrays of a problem, for the letters that matter.

    Attributes
    ----------
    problem : Finite
    xs, ys : array of int
        The letters kept: those of `X` that have mass, and those of `Y` that may have mass.
    d : Interval, shape (n_X, n_Y)
        Infinite where a pair is forbidden.
    p_SX : Interval, shape (n_S, n_X)
    p : Interval, shape (n_X,)
    p_Y : Interval, shape (n_Y,), or None
    measure : {"TV", "W2", "KL"} or None
        The perception measure, if its bound is active.
    reference : Interval, shape (n_j,), or None
        The letters of the reference that have mass.
    ground : Interval, shape (n_Y, n_j), or None
        The cost of moving mass from a letter kept to a letter of the reference; 0 and 1 for total variation.
    """

    problem: Any
    xs: np.ndarray
    ys: np.ndarray
    d: Interval
    p_SX: Interval
    p: Interval
    p_Y: Any = None
    measure: str | None = None
    reference: Any = None
    ground: Any = None

    @classmethod
    def of(cls, problem: Finite, *, perception: bool = False) -> Data:
        """Take a problem.

        Parameters
        ----------
        problem : Finite
        perception : bool
            Whether the perception bound is active.

        Examples
        --------
        >>> data = Data.of(Finite([[0.5, 0, 0.5]], p_Y=[0.25, 0, 0.75]))
        >>> data.xs.tolist(), data.ys.tolist(), data.distortion.tolist()
        ([0, 2], [0, 2], [[0.0, 1.0], [1.0, 0.0]])
        """
        p_SX, p = Interval.around(problem.joint_law), Interval.around(problem.source_law)
        xs, ys = np.flatnonzero(problem.source_law > 0), np.arange(problem.n_Y)
        p_Y = measure = reference = ground = None
        if problem.p_Y is not None:
            ys = np.flatnonzero(problem.target_law > 0)
            p_Y = Interval.around(problem.target_law[ys])
        elif perception and problem.perception is not None:
            measure = problem.perception
            law = Interval.around(problem.reference_law)
            js = np.flatnonzero(problem.reference_law > 0)
            if measure == "KL":
                ys = js
            reference, ground = law[js], _ground(problem, measure, ys, js)
        d = _around(problem.distortions)
        return cls(problem, xs, ys, d[np.ix_(xs, ys)], p_SX[:, xs], p[xs], p_Y, measure, reference, ground)

    @property
    def problem_shape(self) -> tuple[int, int]:
        """How many letters X and Y have in the problem."""
        return self.problem.n_X, self.problem.n_Y

    @cached_property
    def distortion(self) -> np.ndarray:
        """`d(x, y)` in doubles."""
        return np.where(np.isinf(self.d.high), np.inf, 0.5 * (self.d.low + self.d.high))

    @cached_property
    def source(self) -> np.ndarray:
        """`p_X` in doubles, of sum one."""
        return 0.5 * (self.p.low + self.p.high)

    @cached_property
    def exact_source(self) -> list:
        """`p_X` in exact numbers."""
        columns = list(zip(*self.problem.p_SX, strict=True))
        return [sum(columns[x]) for x in self.xs]

    @cached_property
    def target(self) -> Any:
        """`p_Y` in doubles."""
        return None if self.p_Y is None else 0.5 * (self.p_Y.low + self.p_Y.high)

    @cached_property
    def posterior(self) -> np.ndarray:
        """`p(s|x)` in doubles, shape (n_S, n_X)."""
        return 0.5 * (self.p_SX.low + self.p_SX.high) / self.source

    @cached_property
    def scale(self) -> float:
        """The largest finite distortion; one if all are zero."""
        finite = self.distortion[np.isfinite(self.distortion)]
        return float(finite.max(initial=0.0)) or 1.0

    @cached_property
    def ground_scale(self) -> float:
        """The largest ground cost; one if there is none."""
        return (float(self.ground.high.max()) or 1.0) if self.ground is not None else 1.0

    @property
    def whole_reference(self) -> bool:
        """Whether the letters of the reference kept here have all of its mass."""
        return len(self.reference.low) == np.count_nonzero(self.problem.reference_law)

    def without_stranded_outputs(self) -> Data:
        """Return the problem without the output letters that no source letter may go to, where their law is free."""
        kept = np.isfinite(self.d.high).any(axis=0)
        if self.p_Y is not None or kept.all() or not kept.any():
            return self
        ground = None if self.ground is None else self.ground[kept]
        reference = self.reference[kept] if self.measure == "KL" else self.reference
        return replace(self, ys=self.ys[kept], d=self.d[:, kept], ground=ground, reference=reference)

    def without_perception(self) -> Data:
        """Return the problem with a free output law."""
        return replace(self, measure=None, reference=None, ground=None)


def _around(values: np.ndarray) -> Interval:
    around = Interval.around(values)
    # Small integers, and zero above all, are what they are.
    whole = np.isinf(values) | ((values == np.rint(values)) & (np.abs(values) < 2.0**52))
    return Interval(np.where(whole, values, around.low), np.where(whole, values, around.high))


def _ground(problem: Finite, measure: str, ys: np.ndarray, js: np.ndarray) -> Interval | None:
    if measure == "TV":
        return Interval.of((ys[:, None] != js[None]).astype(float))
    if measure == "KL":
        return None
    cost = _around(problem.ground_costs)
    return cost[np.ix_(ys, js)]
