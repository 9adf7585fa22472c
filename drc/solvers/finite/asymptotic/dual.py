"""Lower bounds from multipliers, proved in doubles, for many programs at a time.

For any `lambda, a, kappa, mu >= 0`, any `u` and any slopes `g`, let

    v_y = -Lambda log sum_x p(x) exp((u_x - a d(x, y) - sum_s g_{y,s} p(s|x)) / Lambda),     Lambda = lambda / nat.

Then `sum_x p(x) u_x + psi(v) - lambda R - a D - kappa P` is a lower bound, where `psi` is what the output law can cost
least: it is Csiszar's bound ([csiszar1974]), for all output laws and every perception measure. As `v` is computed last,
whatever solver proposed the multipliers, nothing has to be repaired.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from drc.solvers.arithmetic.batch import Batch
from drc.solvers.arithmetic.rounding import ROUNDOFF, Interval, matrix_product
from drc.solvers.finite.asymptotic.data import Data

#: A multiplier of an output letter is not taken to be larger.
_LARGEST = 1e300

#: Exponents below this are treated by series.
_SMALL = 0.003


@dataclass(frozen=True, eq=False)
class Multipliers(Batch):
    """A dual point of each program of a batch, in nats and in the problem's own costs.

    `R`, `C`, `D` and `P`, of shape (B,), are those of the bounds; of what is minimised, its weight in the objective.
    With a slope, `D` is one and `R` the slope. `v`, of shape (B, n_Y), are those of the output law, as proved; `u` has
    the shape (B, n_X), `slopes` (B, n_Y, n_S).
    """

    R: np.ndarray
    C: np.ndarray
    D: np.ndarray
    P: np.ndarray
    u: np.ndarray
    slopes: np.ndarray | None = None
    v: np.ndarray | None = None

    @classmethod
    def one(cls, u: np.ndarray, *, R: float = 0.0, D: float = 0.0, P: float = 0.0) -> Multipliers:
        """Take those of a single program, by letter; that of C is zero."""
        return cls(np.array([float(R)]), np.zeros(1), np.array([float(D)]), np.array([float(P)]), u[None])

    @classmethod
    def stacked(cls, parts: list[Multipliers]) -> Multipliers:
        """Put those of single programs together."""
        return cls(**{name: np.stack([getattr(part, name) for part in parts]) for name in parts[0]._parts})


def output_multipliers(data: Data, at: Multipliers) -> np.ndarray:
    """Bound the largest `v` that the multipliers allow from below.

    The result has the shape (B, n_Y).

    Notes
    -----
    In `e = (u - a d - g p) / Lambda` every operation adds at most `u` of what was summed so far, and `Lambda` and the
    posterior are themselves rounded: ten such units of the sum of absolute values hold the error.
    """
    cost, size = _costs(data, at)
    # Where nothing is paid for the rate the soft minimum is a plain one, which is never more than the soft one: so it is
    # taken as well where the exponents would leave the range of doubles. Infinite costs are never reached.
    largest = np.where(np.isfinite(size), size, 0.0).max(axis=(1, 2), initial=0.0) + np.abs(at.u).max(axis=1)
    free = (1e-300 * largest >= at.R)[:, None, None]
    reduced = at.u[:, :, None] - cost
    size = size + np.abs(at.u)[:, :, None]
    slack = np.where(np.isfinite(size), 10 * ROUNDOFF * size, 0.0) + 1e-300
    hard = (cost - at.u[:, :, None] - slack).min(axis=1)
    if free.all():
        return hard
    scale = np.where(free[:, 0, 0], 1.0, at.R)[:, None, None]
    e = (reduced + slack) / scale
    e = e + 4 * ROUNDOFF * np.where(np.isfinite(e), np.abs(e), 0.0)
    top = e.max(axis=1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    if float(np.abs(np.where(np.isfinite(e), e, 0.0)).max(initial=0.0)) < _SMALL and np.isfinite(e).all():
        # For small e a logarithm of about one would lose all digits.
        log = _log_mean(data.p, e)
        soft = -scale[:, 0] * log - 4 * ROUNDOFF * np.abs(scale[:, 0] * log) - 1e-300
    else:
        shift = top[:, 0]
        powers = Interval.of(np.maximum((e - top) * (1 - 4 * ROUNDOFF), -1e4)).exp().high
        masses = (data.p.high[None, :, None] * powers).sum(axis=1) * (1 + 4 * len(data.p.high) * ROUNDOFF)
        log = Interval.of(masses).log().high
        soft = -(scale[:, 0] * (log + shift))
        soft = soft - 8 * ROUNDOFF * scale[:, 0] * (np.abs(log) + np.abs(shift)) - 1e-300
    return np.where(free[:, 0], hard, soft)


def _costs(data: Data, at: Multipliers) -> tuple[np.ndarray, np.ndarray]:
    """Return `a d + g p` of shape (B, n_X, n_Y) from below, and a bound on the sizes of what was added."""
    with np.errstate(invalid="ignore"):
        cost = at.D[:, None, None] * data.d.low
    # A forbidden pair stays forbidden, whatever distortion costs.
    cost = np.where(np.isinf(data.d.low), np.inf, cost)
    size = np.abs(cost)
    if at.slopes is None:
        return cost, size
    posterior = data.posterior
    shift = np.einsum("bys,sx->bxy", at.slopes, posterior)
    size = size + (2 + data.p_SX.low.shape[0]) * np.einsum("bys,sx->bxy", np.abs(at.slopes), posterior)
    return cost + shift, size


def _log_mean(law: Interval, e: np.ndarray) -> np.ndarray:
    """Bound `log sum_i law_i exp(e_i)` (along axis 1, for a law of sum one) from above, for `|e| <= _SMALL`.

    The series of `exp(e) - 1` ends with a bound on what is left out; that of `log(1 + t)` may end after any odd power.
    """
    excess = e * (1 + e / 2 * (1 + e / 3 * (1 + e / 4 * (1 + e / 5)))) + np.abs(e) ** 6 / 500
    p = 0.5 * (law.low + law.high).reshape(1, -1, *[1] * (e.ndim - 2))
    error = (16 + 4 * e.shape[1]) * ROUNDOFF
    t = (p * excess).sum(axis=1) + error * (p * np.abs(excess)).sum(axis=1)
    log = t * (1 - t / 2 * (1 - 2 * t / 3 * (1 - 3 * t / 4 * (1 - 4 * t / 5))))
    return log + 16 * ROUNDOFF * np.abs(t)


def law_term(data: Data, at: Multipliers, v: np.ndarray) -> np.ndarray:
    """Bound `psi(v)`, the least cost of an output law, from below.

    It uses the multiplier `P`; `v` has the shape (B, n_Y), and the result the shape (B,).
    """
    # Infinite where nobody may go; less proves less, and sums of it are numbers.
    v = np.minimum(v, _LARGEST)
    if not v.shape[1]:
        # Every letter is excluded, so that no output law exists.
        return np.full(len(v), _LARGEST)
    if data.p_Y is not None:
        return (data.p_Y * Interval.of(v)).sum(axis=1).low
    if data.measure is None:
        return v.min(axis=1)
    if data.measure == "KL":
        return _divergence_term(data, at.P, v)
    moved = v[:, :, None] + at.P[:, None, None] * data.ground.low
    error = 4 * ROUNDOFF * (np.abs(v)[:, :, None] + at.P[:, None, None] * data.ground.high)
    return (data.reference * Interval.of((moved - error).min(axis=1))).sum(axis=1).low


def _divergence_term(data: Data, kappa: np.ndarray, v: np.ndarray) -> np.ndarray:
    hard = v.min(axis=1)
    scale = np.where(kappa > 0, kappa, 1.0)[:, None]
    with np.errstate(over="ignore"):
        e = -(v - hard[:, None]) / scale
    e = e + 8 * ROUNDOFF * (np.abs(v) + np.abs(hard)[:, None]) / scale
    if float(np.abs(e).max(initial=0.0)) < _SMALL and data.whole_reference:
        log = _log_mean(data.reference, e)
    else:
        masses = (data.reference.high * Interval.of(np.maximum(e, -1e4)).exp().high).sum(axis=1)
        log = Interval.of(masses * (1 + 4 * v.shape[1] * ROUNDOFF)).log().high
    soft = hard - scale[:, 0] * log - 8 * ROUNDOFF * (np.abs(hard) + scale[:, 0] * np.abs(log)) - 1e-300
    return np.where(kappa > 0, np.maximum(soft, hard), hard)


def box_term(at: Multipliers, corners: np.ndarray) -> np.ndarray:
    """Bound `sum_y min_k [mu h(t_yk) - g_y t_yk]` over the corners of boxes, from below.

    `corners` has the shape (B, n_Y, K, n_S), and the result the shape (B,).
    """
    assert at.slopes is not None
    t = Interval.of(corners)
    h = t.entropy_terms().sum(axis=-1) - t.sum(axis=-1).entropy_terms()
    linear = matrix_product(corners, at.slopes[..., None])
    value = Interval.of(at.C[:, None, None]) * h - linear[..., 0]
    return Interval.of(value.low.min(axis=2)).sum(axis=1).low


def label_entropy(t: np.ndarray) -> np.ndarray:
    """Return `|t| log |t| - sum_s t_s log t_s` along the last axis, in doubles and nats."""
    total = t.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(t > 0, t * np.log(t), 0.0).sum(axis=-1)
        return np.maximum(np.where(total > 0, total * np.log(total), 0.0) - terms, 0.0)


def lower_bounds(data: Data, bounds: dict[str, Interval], at: Multipliers, corners: np.ndarray | None = None) -> tuple:
    """Prove what the multipliers prove.

    Bounds are in nats; a multiplier of a letter without one is the objective's, and is not subtracted. `corners`, of shape
    (B, n_Y, K, n_S), are those of a box that holds the joint law of the output and the label.

    The bounds, of shape (B,), are never NaN; the multipliers are returned with `v`.
    """
    v = output_multipliers(data, at)
    known = (data.p * Interval.of(at.u)).sum(axis=1)
    terms = [known, Interval.of(law_term(data, at, v))]
    terms += [-(Interval.of(getattr(at, name)) * bound) for name, bound in bounds.items()]
    if corners is not None:
        terms.append(Interval.of(box_term(at, corners)))
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return np.where(np.isnan(total.low), -np.inf, total.low), replace(at, v=v)
