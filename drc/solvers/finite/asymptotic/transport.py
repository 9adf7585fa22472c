"""A given output law: the potentials of entropic transport, and its slope, by one Newton iteration.

Where the rate plays no part there is a linear program, whose pairs are generated ([villani2009], chapter 5).

At a slope `s` the least of `I + s E d` is the greatest over potentials `v` of

    F = sum_y p_Y(y) v_y - sum_x p(x) log sum_y p_Y(y) exp(v_y - s d(x, y)),

a concave function whose gradient is what the output law misses; Sinkhorn's iteration climbs it coordinate by coordinate.
Newton's steps are kept short where the exponentials bend, which is enough: such functions are self-concordant
([boyd2004], section 9.6). Where distortion or rate is given, `s` is one more unknown.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse import csr_array

from drc.solvers.finite.asymptotic.mixture import Source, dpotrf, dpotrs
from drc.solvers.highs import linear_program
from drc.solvers.request import Clock

#: No potential, and no logarithm of the slope, changes by more than this in a step.
_STEP = 1.0

#: How many steps are taken at most.
_STEPS = 60

#: How many cheap pairs of each letter the linear program begins with, and how many rounds of pairs join it.
_CHEAPEST, _ROUNDS = 8, 60


def solve_transport(
    source: Source,
    target: np.ndarray,
    *,
    slope: float | None = None,
    distortion: float | None = None,
    rate: float | None = None,
    clock: Clock,
) -> tuple[np.ndarray, float, np.ndarray, int] | None:
    """Find the potentials, and the slope if it is not given.

    `target` has the shape (n_Y,); one of `slope`, `distortion` and `rate` is given, as for `solve_mixture`.

    Returns `r_x = log sum_y p_Y(y) exp(v_y - s d(x, y))`, the slope, the conditional law of Y, of shape (n_X, n_Y), and the
    number of steps; None if it did not converge.

    Examples
    --------
    >>> source = Source(np.array([0.3, 0.7]), 1.0 - np.eye(2))
    >>> r, s, channel, _ = solve_transport(source, np.array([0.4, 0.6]), distortion=0.2, clock=Clock())
    >>> (np.array([0.3, 0.7]) @ channel).round(9).tolist(), round(float(0.3 * channel[0, 1] + 0.7 * channel[1, 0]), 9)
    ([0.4, 0.6], 0.2)
    """
    s = slope if slope is not None else source.slope_for(target, distortion, rate)
    v, step_size = np.zeros(len(target)), math.inf
    for steps in range(1, _STEPS + 1):
        if clock.over or not 0 < s < 1e12:
            return None
        look = source.look(target * np.exp(v - v.max()), s)
        # The shift of the potentials is put back into `r`.
        channel, top = look.ratio * (target * np.exp(v - v.max())), float(v.max())
        law = source.p @ channel
        misses = target - law
        short = look.missed(s, float(target @ (v - top)), distortion, rate) if slope is None else 0.0
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


def transport(
    source: np.ndarray, target: np.ndarray, costs: np.ndarray, clock: Clock
) -> tuple[np.ndarray, np.ndarray, int] | None:
    """Find a coupling of least cost in doubles, the potentials of the source, and how many pairs the program had.

    `costs`, of shape (n_X, n_Y), are infinite where a pair is forbidden.

    Returns None if time is up, or forbidden pairs are needed.

    Examples
    --------
    >>> half = np.full(2, 0.5)
    >>> transport(half, half, np.array([[1.0, 0.0], [0.0, 1.0]]), Clock())[0].tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    allowed = np.isfinite(costs)
    # A forbidden pair costs more than any path of allowed ones.
    dear = 2.0 * (sum(costs.shape)) * max(float(costs[allowed].max(initial=0.0)), 1.0)
    known = _corner(source, target) | _cheapest(costs)
    costs = np.where(allowed, costs, dear)
    for _ in range(_ROUNDS):
        if clock.over:
            return None
        x, y = np.nonzero(known)
        answer = _program(source, target, costs[x, y], x, y, clock)
        if answer is None:
            return None
        flow, u, v = answer
        reduced = np.where(known, 0.0, costs - u[:, None] - v)
        if reduced.min() >= -1e-13:
            break
        known |= _cheapest(reduced) & (reduced < -1e-13)
    joint = np.zeros(costs.shape)
    joint[x, y] = np.where(flow > 0, flow, 0.0)
    return None if (joint[~allowed] > 0).any() else (joint, u, int(known.sum()))


def _program(
    source: np.ndarray, target: np.ndarray, costs: np.ndarray, x: np.ndarray, y: np.ndarray, clock: Clock
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Solve the program over some pairs: their masses, and the potentials of both laws; None if HiGHS fails."""
    n = np.arange(len(x))
    rows = np.concatenate([x, len(source) + y])
    table = csr_array((np.ones(2 * len(x)), (rows, np.tile(n, 2))), shape=(len(source) + len(target), len(x)))
    # The last equation follows from the others, and rounding must not contradict it.
    table, right = table[:-1], np.concatenate([source, target])[:-1]
    found = linear_program(costs, table, right, seconds=clock.left, presolve="choose")
    if not found.optimal:
        return None
    potentials = np.append(found.y, 0.0)
    return found.x, potentials[: len(source)], potentials[len(source) :]


def _corner(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Mark the pairs of the north-west corner rule: with them the program is feasible."""
    marked = np.zeros((len(source), len(target)), dtype=bool)
    ends = np.cumsum(source), np.cumsum(target)
    x = y = 0
    while x < len(source) and y < len(target):
        marked[x, y] = True
        if y == len(target) - 1 or (x < len(source) - 1 and ends[0][x] <= ends[1][y]):
            x += 1
        else:
            y += 1
    return marked


def _cheapest(costs: np.ndarray) -> np.ndarray:
    """Mark the cheapest pairs of each letter."""
    marked = np.zeros(costs.shape, dtype=bool)
    rows, columns = np.argsort(costs, axis=1)[:, :_CHEAPEST], np.argsort(costs, axis=0)[:_CHEAPEST]
    np.put_along_axis(marked, rows, True, axis=1)
    np.put_along_axis(marked, columns, True, axis=0)
    return marked
