"""Rate and distortion with a free output law: the weights of a mixture, and the slope, by one Newton iteration.

At a slope `s` the least of `I + s E d` is the least over output laws `q` of `F = -sum_x p(x) log sum_y q_y exp(-s d(x, y))`,
a convex function of one weight for each letter ([blahut1972]; [csiszar1974]). `F` falls by one when `q` grows by a
factor `e`, so that the simplex may be replaced by the price one for mass:

    dF/dq_y + 1 = z_y,     q_y z_y = m -> 0,     q, z >= 0.

Letters that die out are those with `z > 0`; the path of interior points passes them by, which is where Blahut's iteration
is slow. Where distortion or rate is given, `s` is one more unknown: `dF/ds = D`, or `F - s dF/ds = R`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import get_lapack_funcs

from drc.solvers.request import Clock

dpotrf, dpotrs = get_lapack_funcs(("potrf", "potrs"))

#: No step goes further than this share of the way to the border.
_SHARE = 0.99

#: The logarithm of the slope changes by no more than this in a step.
_SLOPE_STEP = 1.5


@dataclass(frozen=True, eq=False)
class Mixture:
    """An output law and a slope.

    `q`, of shape (n_Y,), is the law, up to a factor that is nearly one, and `s` is in nats for a unit of distortion;
    `r`, of shape (n_X,), is `log sum_y q_y exp(-s d(x, y))`, and `channel` is `q_y exp(-s d(x, y) - r_x)`.
    """

    q: np.ndarray
    s: float
    r: np.ndarray
    channel: np.ndarray
    steps: int


@dataclass(frozen=True, eq=False)
class _Look:
    """The function and its derivatives at a point; `ratio` is `exp(-s d - r)`."""

    ratio: np.ndarray
    r: np.ndarray
    slack: np.ndarray
    means: np.ndarray
    F: float
    F_s: float
    F_ss: float
    F_qs: np.ndarray

    def missed(self, s: float, shift: float, distortion: float | None, rate: float | None) -> float:
        """By how much the target is missed, in nats; with the shift `F` is the rate plus `s` times the distortion."""
        if distortion is not None:
            return s * (self.F_s - distortion)
        assert rate is not None
        return self.F + shift - s * self.F_s - rate


class Source:
    """A source and a distortion measure, prepared for many slopes.

    `p` has the shape (n_X,), and `d` the shape (n_X, n_Y); it is infinite where a pair is forbidden.
    """

    def __init__(self, p: np.ndarray, d: np.ndarray) -> None:
        self.p, self.least = p, d.min(axis=1)
        self.excess = d - self.least[:, None]
        self.finite = np.where(np.isfinite(self.excess), self.excess, 0.0)
        self.base = float(p @ self.least)

    def look(self, q: np.ndarray, s: float) -> _Look:
        """Evaluate everything that a step needs."""
        kernel = np.exp(-s * self.excess)
        sums = kernel @ q
        ratio = kernel / sums[:, None]
        slack = 1.0 - self.p @ ratio
        weighted = self.finite * ratio
        means = weighted @ q
        squares = np.einsum("xy,xy,y->x", weighted, self.finite, q)
        log = np.log(sums)
        F_qs = self.p @ weighted - (self.p * means) @ ratio
        return _Look(
            ratio,
            log - s * self.least,
            slack,
            means,
            float(s * self.base - self.p @ log),
            float(self.base + self.p @ means),
            -float(self.p @ (squares - means * means)),
            F_qs,
        )

    def slope_for(self, q: np.ndarray, distortion: float | None, rate: float | None) -> float:
        """Return about the slope at which a fixed law reaches a target, by a few safeguarded Newton steps."""
        least, s = self.base, 1.0 / max(float(self.p @ (self.finite @ q)), 1e-300)
        for _ in range(12):
            kernel = np.exp(-s * self.excess) * q
            sums = kernel.sum(axis=1)
            weighted = kernel * self.finite
            means = weighted.sum(axis=1) / sums
            variance = float(self.p @ ((weighted * self.finite).sum(axis=1) / sums - means * means))
            if distortion is not None:
                # The excess falls about exponentially, or like 1/s: its logarithm is nearly straight.
                above = max(float(self.p @ means), 1e-300)
                step = math.log(above / max(distortion - least, 1e-300)) * above / max(s * variance, 1e-300)
            else:
                found = -float(self.p @ np.log(sums)) - s * float(self.p @ means)
                assert rate is not None
                step = (rate - found) / max(s * s * variance, 1e-300)
            step = min(max(step, -1.0), 1.0)
            s *= math.exp(step)
            if abs(step) < 0.05:
                break
        return s


def solve_mixture(
    source: Source,
    *,
    slope: float | None = None,
    distortion: float | None = None,
    rate: float | None = None,
    gap: float,
    clock: Clock,
    start: tuple[np.ndarray, float] | None = None,
) -> Mixture:
    """Find the law, and the slope if it is not given.

    One of `slope` (nats for a unit of distortion), `distortion` (`E d(X, Y)`) and `rate` (`I(X;Y)` in nats) is given; `gap`
    is the accuracy, in nats.

    Examples
    --------
    >>> source = Source(np.array([0.3, 0.7]), 1.0 - np.eye(2))
    >>> found = solve_mixture(source, distortion=0.1, gap=1e-10, clock=Clock())
    >>> (found.q / found.q.sum()).round(6).tolist(), round(found.s, 6) == round(float(np.log(9)), 6)
    ([0.25, 0.75], True)
    """
    n = source.excess.shape[1]
    q = np.full(n, 1.0 / n) if start is None else start[0]
    if slope is not None:
        s = slope
    else:
        s = source.slope_for(q, distortion, rate) if start is None else start[1]
    look = source.look(q, s)
    m = (0.1 if start is None else 1e-4) / n
    z = np.maximum(look.slack, m / q)
    steps = 0
    for _ in range(100):
        steps += 1
        q, z, s, step = _step(source, look, q, z, s, slope is None, distortion, rate, gap)
        look = source.look(q, s)
        over = max(float(-look.slack.min()), 0.0)
        missed = look.missed(s, math.log(float(q.sum())), distortion, rate) if slope is None else 0.0
        if (float(q @ z) < gap and over < gap and abs(missed) < 1e-13 + 1e-3 * gap) or clock.over:
            break
        if step < 1e-8:
            break
    return Mixture(q, s, look.r, look.ratio * q, steps)


def _step(
    source: Source, look: _Look, q: np.ndarray, z: np.ndarray, s: float, bordered: bool, distortion, rate, gap: float
) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Take one predictor-corrector step; the slope is the border of the system."""
    n = len(q)
    scaled = look.ratio * np.sqrt(source.p)[:, None]
    A = scaled.T @ scaled
    diagonal = np.einsum("ii->i", A)
    diagonal += z / q
    factor, failed = dpotrf(A, lower=1, overwrite_a=1, clean=0)
    if failed:
        diagonal += 1e-12 * diagonal.max()
        factor, failed = dpotrf(A, lower=1, clean=0)
    # Near the border of the cone the matrix is as large as 1 / m: what is wanted is scaled back by q.
    m = float(q @ z) / n
    missed, row, across, pivot = 0.0, np.zeros(n), np.zeros(n), 1.0
    if bordered:
        missed = look.missed(s, math.log(float(q.sum())), distortion, rate)
        # In the logarithm of the slope, rows in nats.
        column = s * look.F_qs
        row = column if distortion is not None else look.slack - 1.0 + 1.0 / float(q.sum()) - column
        corner = s * s * look.F_ss * (1.0 if distortion is not None else -1.0)
        across = dpotrs(factor, column, lower=1)[0]
        pivot = corner - row @ across

    def direction(target: np.ndarray | float) -> tuple[np.ndarray, np.ndarray, float]:
        dq = dpotrs(factor, target / q - look.slack, lower=1)[0]
        ds = (-missed - row @ dq) / pivot
        dq = dq - across * ds
        return dq, target / q - z - z / q * dq, ds

    dq, dz, _ = direction(np.zeros(n))
    ahead = _reach(q, z, dq, dz)
    m_ahead = float((q + ahead * dq) @ (z + ahead * dz)) / n
    sigma = min(max((m_ahead / m) ** 3, 1e-6), 0.5)
    target = max(sigma * m, 0.1 * gap / n) - (dq * dz if ahead > 0.1 else 0.0)
    dq, dz, ds = direction(target)
    t = min(1.0, _SHARE * _reach(q, z, dq, dz), _SLOPE_STEP / max(abs(ds), 1e-300))
    return q + t * dq, z + t * dz, s * math.exp(t * ds), t


def _reach(q: np.ndarray, z: np.ndarray, dq: np.ndarray, dz: np.ndarray) -> float:
    worst = min(float((dq / q).min()), float((dz / z).min()))
    return -1.0 / worst if worst < -1.0 else 1.0
