"""A primal-dual interior-point method for linear programs with a rate among their constraints, many at a time.

    minimise   c x + f I(x)
    subject to A x = b,   I(x) + r x = R,   K(x) + k x = P,   x >= 0

The first entries of `x` are the cells of a joint law of `X` and `Y`; `I` is its mutual information and `K` the divergence
of its output law from a reference, both convex. Slacks are entries of `x`. The Hessian is a diagonal less one term for each
output letter, so that a Newton step costs one factorisation with as many rows as there are letters and equations. With
`-log x` the entropies are self-concordant, hence some twenty steps are enough at any accuracy ([boyd2004], chapter 11);
where the rate does not bind, the method is that of linear programming.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import lu_factor, lu_solve

from drc.solvers.request import Clock

#: No step goes further than this share of the way to the border.
_SHARE = 0.995

#: The path waits where logarithms are further from their tangents than this many gaps.
_PATIENCE = 1e4

#: A point that misses no more than this is kept, should rounding spoil what follows: make it this many times worse.
_NEAR, _SPOILT = 1e-6, 1e3

#: Entries below this go their own way to the border.
_TINY = 1e-8

#: After this many short steps a program is left as it is.
_STALLED = 6

#: Systems with fewer rows are inverted many at a time.
_SMALL = 48


@dataclass(frozen=True, eq=False)
class Entropy:
    """A constraint `f(x) + linear x = bound` on the rate (no reference), or on the divergence from a reference.

    `linear` has the coefficient of the slack, and of what relaxes the bound, in shape (N,); `bound` has the shape (B,),
    and `reference` (n_Y,).
    """

    linear: np.ndarray
    bound: np.ndarray
    reference: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class ConvexProgram:
    """A batch of B programs with N variables, m equations and the same cells.

    `c` has the shape (B, N), `b` (B, m), and `equations` (B, m, N), or with B = 1 it is a sparse matrix (m, N). `cells`
    are the letters x and y of the first n variables; `rate_cost` is the weight of `I` in the objective.
    """

    c: np.ndarray
    equations: np.ndarray | sparse.csr_array
    b: np.ndarray
    cells: tuple[np.ndarray, np.ndarray]
    p: np.ndarray
    n_Y: int
    rate_cost: float = 0.0
    entropies: tuple[Entropy, ...] = ()


@dataclass(frozen=True, eq=False)
class Point:
    """A primal and dual point of each program of a batch.

    `x` and `z`, of shape (B, N), are the variables and the multipliers of `x >= 0`; `y`, of shape (B, m), are those of
    the equations, and `nu`, of shape (B, k), those of the entropies.
    """

    x: np.ndarray
    z: np.ndarray
    y: np.ndarray
    nu: np.ndarray
    steps: int = 0

    def __getitem__(self, index: int | np.integer | slice | np.ndarray) -> Point:
        return Point(self.x[index], self.z[index], self.y[index], self.nu[index], self.steps)


class _Rows:
    """The column sums `Q` of the cells above the equations `A`, dense and many or sparse and one."""

    def __init__(self, program: ConvexProgram) -> None:
        self.F: Any
        self.n_Y, self.dense = program.n_Y, isinstance(program.equations, np.ndarray)
        N, y = program.c.shape[1], program.cells[1]
        equations: Any = program.equations
        if self.dense:
            Q = np.zeros((len(program.c), self.n_Y, N))
            Q[:, y, np.arange(len(y))] = 1.0
            self.F = np.concatenate([Q, equations], axis=1)
        else:
            Q = sparse.csr_array((np.ones(len(y)), (y, np.arange(len(y)))), shape=(self.n_Y, N))
            self.F = sparse.csr_array(sparse.vstack([Q, equations]))
            self.F_T = sparse.csr_array(self.F.T)

    def keep(self, live: np.ndarray) -> None:
        if self.dense:
            self.F = self.F[live]

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Multiply `F x`, for x of shape (B, N) or (B, N, k)."""
        if self.dense:
            return self.F @ x if x.ndim == 3 else (self.F @ x[..., None])[..., 0]
        return (self.F @ x[0])[None]

    def adjoint(self, y: np.ndarray) -> np.ndarray:
        """Multiply `F^T y`."""
        if self.dense:
            return (y[:, None, :] @ self.F)[:, 0]
        return (self.F_T @ y[0])[None]

    def gram(self, G: np.ndarray) -> np.ndarray:
        """Multiply `F diag(G) F^T`."""
        if self.dense:
            return (self.F * G[:, None, :]) @ self.F.transpose(0, 2, 1)
        scaled = self.F.copy()
        scaled.data = scaled.data * G[0][scaled.indices]
        return (scaled @ self.F_T).toarray()[None]


def minimise(
    program: ConvexProgram,
    start: Point,
    *,
    gap: float,
    most: int = 80,
    clock: Clock | None = None,
) -> Point:
    """Follow the central path of every program of the batch until its gap is small.

    At the start, `x` and `z` are positive; the equations need not hold. Steps, `most` of them, end where `x z` is less
    than the gap, or the clock is over.

    Returns the best point reached; it is checked by the bounds that it proves, not here.
    """
    state = _State(program)
    found = Point(start.x.copy(), start.z.copy(), start.y.copy(), start.nu.copy())
    live, now, steps = np.arange(len(program.c)), start, 0
    nearest = np.full(len(program.c), _NEAR)
    with np.errstate(all="ignore"):
        while steps < most and not (clock and clock.over):
            steps += 1
            ahead, done, missed = state.step(now, gap)
            good = np.isfinite(np.concatenate([ahead.x, ahead.z, ahead.y], axis=1)).all(axis=1)
            better = missed < nearest[live]
            nearest[live[better]] = missed[better]
            # Without a point that is near all of them are of use: they may prove that nothing is feasible.
            far = nearest[live] == _NEAR
            for point, chosen in ((now, better), (ahead, good & (far | done))):
                for name in ("x", "z", "y", "nu"):
                    getattr(found, name)[live[chosen]] = getattr(point, name)[chosen]
            spoilt = ~far & (missed > _SPOILT * nearest[live])
            kept = good & ~done & ~spoilt & (state.stalled < _STALLED)
            if not kept.any():
                break
            if not kept.all():
                live, ahead = live[kept], ahead[kept]
                state.keep(kept)
            now = ahead
    return Point(found.x, found.z, found.y, found.nu, steps)


class _State:
    """The programs of a batch that are not finished."""

    def __init__(self, program: ConvexProgram) -> None:
        self.rows = _Rows(program)
        self.c, self.b = program.c, program.b
        self.bounds = np.array([e.bound for e in program.entropies]).T.reshape(len(program.c), -1)
        self.entropies, self.rate_cost, self.p = program.entropies, program.rate_cost, program.p
        self.cells, self.n_Y, self.n = program.cells, program.n_Y, len(program.cells[0])
        self.log_p = np.log(program.p)[program.cells[0]]
        self.stalled = np.zeros(len(program.c), dtype=int)

    def keep(self, live: np.ndarray) -> None:
        self.rows.keep(live)
        self.c, self.b, self.bounds, self.stalled = self.c[live], self.b[live], self.bounds[live], self.stalled[live]

    def step(self, now: Point, gap: float) -> tuple[Point, np.ndarray, np.ndarray]:
        """Take one predictor-corrector step ([boyd2004], section 11.7); tell what is done, and what is missed."""
        x, z = now.x, now.z
        N = x.shape[1]
        system, curved, missed = self._system(now)
        mu = (x * z).mean(axis=1)
        dx, dz, _, _ = system(-z)
        ahead = _reach(x, z, dx, dz)[:, None]
        mu_ahead = ((x + ahead * dx) * (z + ahead * dz)).mean(axis=1)
        # Letters that die out keep the logarithms far from their tangents; the path waits until Newton has caught up.
        waits = curved > np.maximum(_PATIENCE * N * mu, gap)
        sigma = np.where(waits, 1.0, np.clip((mu_ahead / mu) ** 3, 1e-8, 0.8))
        # A step that was short says that the corrector cannot be trusted.
        trust = np.where((ahead > 0.1) & ~waits[:, None], 9 * mu[:, None], 0.0)
        target = np.maximum(sigma * mu, 0.02 * gap / N)[:, None] - np.clip(dx * dz, -trust, trust)
        dx, dz, dy, dnu = system(target / x - z)
        t = np.minimum(1.0, _SHARE * _reach(x, z, dx, dz))[:, None]
        point = Point(x + t * dx, z + t * dz, now.y + t * dy, now.nu + t * dnu)
        self.stalled = np.where(t[:, 0] < 1e-3, self.stalled + 1, 0)
        return point, (N * mu < gap) & (curved < gap), N * mu + curved + missed

    def _system(self, now: Point) -> tuple[Callable, np.ndarray, np.ndarray]:
        """Factorise the Newton system at a point; the function returned takes the barrier's gradient."""
        x, z, n, n_Y = now.x, now.z, self.n, self.n_Y
        pi = x[:, :n]
        Fx = self.rows.apply(x)
        q = Fx[:, :n_Y]
        weight, kappa, J, values = self._entropies(now, pi, q)
        D = z / x
        D[:, :n] += weight / pi
        G = 1 / D
        slope = self.c - self.rows.adjoint(np.concatenate([np.zeros_like(q), now.y], axis=1)) - z
        slope[:, :n] += self.rate_cost * self._information(pi, q)
        slope += (now.nu[:, None, :] @ J)[:, 0] if J.shape[1] else 0.0
        inner = self.rows.gram(G)
        GJ = G[:, None, :] * J
        FJ = self.rows.apply(GJ.transpose(0, 2, 1))
        rows, every = inner.shape[1], inner.shape[1] + J.shape[1]
        M = np.empty((len(inner), every, every))
        M[:, :rows, :rows], M[:, :rows, rows:] = inner, -FJ
        M[:, rows:, :rows], M[:, rows:, rows:] = FJ.transpose(0, 2, 1), -GJ @ J.transpose(0, 2, 1)
        w = (weight - kappa) / q
        diagonal = np.arange(n_Y)
        M[:, :, :n_Y] *= w[:, None, :]
        # G w - 1, without the cancellation.
        lost = self.rows.apply(np.concatenate([G[:, :n] * (z[:, :n] + kappa), np.zeros_like(x[:, n:])], axis=1))
        M[:, diagonal, diagonal] = -lost[:, :n_Y] / q
        equations = np.arange(n_Y, rows)
        M[:, equations, equations] *= 1 + 1e-14
        M[:, equations, equations] += 1e-30
        solve = _factorised(M)
        tiny = np.where((x * z).sum(axis=1, keepdims=True) > 1e3 * _TINY, _TINY, 0.0)
        misses = np.concatenate([np.zeros_like(q), self.b - Fx[:, n_Y:], values], axis=1)

        def system(barrier: np.ndarray) -> tuple:
            force = G * (barrier - slope)
            known = np.concatenate([self.rows.apply(force), (J @ force[..., None])[..., 0]], axis=1)
            unknown = solve(misses - known)
            dq, dy = unknown[:, :n_Y], unknown[:, n_Y:rows]
            dnu = unknown[:, rows:]
            push = self.rows.adjoint(np.concatenate([w * dq, dy], axis=1)) - (dnu[:, None, :] @ J)[:, 0]
            dx = force + G * push
            # Far from the end, entries next to nothing must not hold up all others; later steps mend what this misses.
            dx = np.where(x < tiny, np.maximum(dx, -0.9 * x), dx)
            return dx, barrier - z / x * dx, dy, dnu

        missed = np.concatenate([pi * np.abs(slope[:, :n]), np.zeros_like(x[:, n:])], axis=1)
        curved = (self.rows.apply(missed)[:, :n_Y] / q).max(axis=1)
        return system, curved, np.abs(misses).sum(axis=1)

    def _information(self, pi: np.ndarray, q: np.ndarray) -> np.ndarray:
        return np.log(pi) - np.log(q)[:, self.cells[1]] - self.log_p

    def _entropies(self, now: Point, pi: np.ndarray, q: np.ndarray) -> tuple:
        """Return the weights of the rate and of the divergence, the gradients, and what the bounds miss."""
        B, N = now.x.shape
        weight, kappa = np.full((B, 1), self.rate_cost), np.zeros((B, 1))
        J, values = np.zeros((B, len(self.entropies), N)), np.zeros((B, len(self.entropies)))
        for k, entropy in enumerate(self.entropies):
            J[:, k] = entropy.linear
            if entropy.reference is None:
                gradient = self._information(pi, q)
                value = (pi * gradient).sum(axis=1)
                weight = weight + now.nu[:, k : k + 1]
            else:
                ratio = np.log(q / entropy.reference)
                # The cells' gradient: one more than the logarithm, as mass is not kept off the central path.
                gradient = ratio[:, self.cells[1]] + 1
                value = (q * ratio).sum(axis=1)
                kappa = kappa + now.nu[:, k : k + 1]
            J[:, k, : self.n] += gradient
            values[:, k] = self.bounds[:, k] - value - now.x @ entropy.linear
        return weight, kappa, J, values


def _reach(x: np.ndarray, z: np.ndarray, dx: np.ndarray, dz: np.ndarray) -> np.ndarray:
    """How far each program can go until an entry becomes zero, one at most."""
    worst = np.minimum((dx / x).min(axis=1), (dz / z).min(axis=1))
    return np.where(worst < -1, -1 / worst, 1.0)


def _factorised(M: np.ndarray) -> Callable:
    """Return a function that solves with a batch of matrices: rows and columns scaled alike, one refinement."""
    size = np.sqrt(np.abs(M).max(axis=2))
    size = np.where((size > 0) & np.isfinite(size), size, 1.0)
    scaled = M / (size[:, :, None] * size[:, None, :])
    if not np.isfinite(scaled).all():
        return lambda right: np.full_like(right, np.nan)
    try:
        if len(M) == 1 and M.shape[1] >= _SMALL:
            factors = lu_factor(scaled[0], check_finite=False)
            apply = lambda right: lu_solve(factors, right[0], check_finite=False)[None]  # noqa: E731
        else:
            inverse = np.linalg.inv(scaled)
            apply = lambda right: (inverse @ right[..., None])[..., 0]  # noqa: E731
    except np.linalg.LinAlgError:
        return lambda right: np.full_like(right, np.nan)

    def solve(right: np.ndarray) -> np.ndarray:
        right = right / size
        found = apply(right)
        for _ in range(2):
            found = found + apply(right - (scaled @ found[..., None])[..., 0])
        return found / size

    return solve
