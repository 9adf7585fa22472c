"""A given output law: the potentials of entropic transport, and its slope, by one Newton iteration.

At a slope `s` the least of `I + s E d` is the greatest over potentials `v` of

    F = sum_y p_Y(y) v_y - sum_x p(x) log sum_y p_Y(y) exp(v_y - s d(x, y)),

a concave function whose gradient is what the output law misses; Sinkhorn's iteration climbs it coordinate by coordinate.
Newton's steps are kept short where the exponentials bend, which is enough: such functions are self-concordant
([boyd2004], section 9.6). Where distortion or rate is given, `s` is one more unknown.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotrs

from drc.solvers.entropic.answer import Answer, proved_lower
from drc.solvers.entropic.free_law import multipliers_of, targets_of
from drc.solvers.entropic.general import repaired
from drc.solvers.entropic.mixture import Source
from drc.solvers.entropic.question import Question
from drc.solvers.request import Clock

#: No potential, and no logarithm of the slope, changes by more than this in a step.
_STEP = 1.0


def solve_transport(
    source: Source,
    target: np.ndarray,
    *,
    slope: float | None = None,
    distortion: float | None = None,
    rate: float | None = None,
    clock: Clock,
    most: int = 60,
) -> tuple[np.ndarray, float, np.ndarray, int] | None:
    """Find the potentials, and the slope if it is not given.

    Parameters
    ----------
    target : array, shape (n_Y,)
    slope, distortion, rate : float
        One of them: nats for a unit of distortion, `E d(X, Y)`, or `I(X;Y)` in nats.
    most : int
        How many steps at most.

    Returns
    -------
    (r, s, channel, steps) or None
        `r_x = log sum_y p_Y(y) exp(v_y - s d(x, y))`, the slope, and the conditional law of Y, shape (n_X, n_Y); None if
        it did not converge.

    Examples
    --------
    >>> source = Source(np.array([0.3, 0.7]), 1.0 - np.eye(2))
    >>> r, s, channel, _ = solve_transport(source, np.array([0.4, 0.6]), distortion=0.2, clock=Clock())
    >>> (np.array([0.3, 0.7]) @ channel).round(9).tolist(), round(float(0.3 * channel[0, 1] + 0.7 * channel[1, 0]), 9)
    ([0.4, 0.6], 0.2)
    """
    s = slope if slope is not None else source.slope_for(target, distortion, rate)
    v, step_size = np.zeros(len(target)), math.inf
    for steps in range(1, most + 1):
        if clock.over or not 0 < s < 1e12:
            return None
        look = source.look(target * np.exp(v - v.max()), s)
        # The shift of the potentials is put back into `r`.
        channel, top = look.ratio * (target * np.exp(v - v.max())), float(v.max())
        law = source.p @ channel
        misses = target - law
        short = _target_missed(look, target, v - top, s, distortion, rate) if slope is None else 0.0
        met = np.abs(misses).max() < 1e-15 + 1e-13 * target.min() and abs(short) < 1e-14
        if met or step_size < 1e-12:
            return look.r + top, s, channel, steps
        # Towards what cannot be reached letters die out, and the system becomes singular: the search ends there.
        with np.errstate(over="ignore", invalid="ignore"):
            dv, ds = _direction(source, look, channel, law, misses, short, s, v - top, slope is None, rate)
        step_size = max(float(np.abs(dv).max()), abs(ds))
        if not math.isfinite(step_size):
            return None
        t = min(1.0, _STEP / max(step_size, 1e-300))
        v, s = v + t * dv, s * math.exp(t * ds)
    return None


def _target_missed(look, target: np.ndarray, v: np.ndarray, s: float, distortion, rate) -> float:
    """By how much the target is missed, in nats."""
    if distortion is not None:
        return s * (look.F_s - distortion)
    # look.F is -sum p log sum; with the potentials it is the dual function.
    return look.F + float(target @ v) - s * look.F_s - rate


def _direction(source: Source, look, channel, law, misses, short: float, s: float, v, bordered: bool, rate) -> tuple:
    """Solve Newton's system; the potentials have one degree of freedom too many, which a rank-one term takes away."""
    scaled = channel * np.sqrt(source.p)[:, None]
    A = -(scaled.T @ scaled)
    A += np.outer(law, law)
    diagonal = np.einsum("ii->i", A)
    diagonal += law * (1 + 1e-15)
    factor, failed = dpotrf(A, lower=1, clean=0)
    if failed:
        return np.full(len(v), np.nan), math.nan
    dv = dpotrs(factor, misses, lower=1)[0]
    if not bordered:
        return dv, 0.0
    # dF_s/dv: how the distortion changes with the potentials; `q F_qs` of the mixture.
    column = s * (channel.T @ (source.p * -look.means) + (source.p @ (channel * source.finite)))
    across = dpotrs(factor, column, lower=1)[0]
    corner = s * s * look.F_ss
    if rate is None:
        ds = (-short - column @ dv) / (corner + column @ across)
    else:
        # The rate is F - s F_s.
        row = misses - column
        ds = (-short - row @ dv) / (-corner + row @ across)
    return dv + across * ds, ds


def answered_by_transport(question: Question, clock: Clock) -> Answer | None:
    """Answer a question about a given output law; None if Newton's iteration did not converge.

    Parameters
    ----------
    question : Question
        With a bound on the rate, on the distortion, or a slope.
    """
    data = question.data
    with np.errstate(all="ignore"):
        source = Source(data.source, data.distortion / data.scale)
        found = solve_transport(source, data.target, **targets_of(question), clock=clock)
    if found is None:
        return None
    r, s, channel, steps = found
    lower, multipliers = proved_lower(question, multipliers_of(question, r, s))
    plan, upper = repaired(question, data.source[:, None] * channel, None, clock)
    return Answer(lower, upper, plan, multipliers, False, f"Newton on the transport potentials, {steps} steps")
