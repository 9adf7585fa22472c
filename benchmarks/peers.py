"""What `drc` is measured against: the same work, written by hand or done by another library."""

from __future__ import annotations

import numpy as np
import sympy as sp
from scipy.optimize import linprog

#: The Bernoulli problem of all measurements: all four regimes are on its map.
Q_X, Q_Y, Q_S1 = 0.3, 0.6, 0.1


def entropy(p: float) -> float:
    """Binary entropy in bits, for 0 < p < 1."""
    return float(-(p * np.log2(p) + (1 - p) * np.log2(1 - p)))


H_X, H_NOISE = entropy(Q_X), entropy(Q_S1)
H_S = entropy(Q_X * (1 - Q_S1) + (1 - Q_X) * Q_S1)


def by_hand(R: np.ndarray, C: np.ndarray) -> np.ndarray:
    """D(R, C) as an expert writes it for these parameters (q_X <= 1/2 <= 1 - q_X, q_X <= q_Y <= 1 - q_X)."""
    independent = Q_X + Q_Y - 2 * Q_X * Q_Y
    t_star = min(Q_Y / Q_X, (1 - Q_Y) / (1 - Q_X))
    t_max = 1.0
    kappa = np.maximum(0, (H_S - C) / (H_S - H_NOISE))
    rho = np.minimum(1, R / H_X)
    most = np.minimum(rho, t_max)
    t = np.clip(t_star, kappa, most)
    g = np.where(t <= t_star, t, (2 * (1 - Q_Y) - t) / (1 - 2 * Q_X))
    return np.where(kappa <= most, independent - 2 * Q_X * (1 - Q_X) * g, np.inf)


def lambdified(expr: sp.Expr):
    """`sympy.lambdify` of the same trade-off, without its warnings."""
    R, C = (next(s for s in expr.free_symbols if s.name == name) for name in "RC")
    entropy_of = {"H_b": lambda p, *_: -(p * np.log2(p) + (1 - p) * np.log2(1 - p))}
    function = sp.lambdify([R, C], expr, modules=[entropy_of, "numpy"])

    def evaluate(R: np.ndarray, C: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return function(R, C)

    return evaluate


#: The linear program over the four maps (constant 0, constant 1, identity, negation).
_INDEPENDENT = (Q_X, 1 - Q_X, 0.0, 1.0)
_RATE = (0.0, 0.0, H_X, H_X)
_LABEL = (H_S, H_S, H_NOISE, H_NOISE)
_ONES = (0.0, 1.0, Q_X, 1 - Q_X)


def solved_by_linprog(R: float, C: float) -> float:
    """D(R, C) by scipy's linear program, taken at its word."""
    answer = linprog(
        _INDEPENDENT,
        A_ub=[_RATE, _LABEL],
        b_ub=[R, C],
        A_eq=[_ONES, (1.0,) * 4],
        b_eq=[Q_Y, 1.0],
        method="highs",
    )
    return float(answer.fun) if answer.success else np.inf
