"""Peers of the finite-alphabet solvers: the same problem, by another library or written out plainly.

Each function returns the value that the peer claims; whether it is right is measured, not believed. All entropies in nats.
"""

from __future__ import annotations

import itertools
import time
import warnings

import numpy as np
from scipy.optimize import linprog
from scipy.special import entr, xlogy


def gaussian_grid(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A standard normal law on n points from -4 to 4, and squared errors: points, law, distortions."""
    points = np.linspace(-4, 4, n)
    law = np.exp(-(points**2) / 2)
    return points, law / law.sum(), (points[:, None] - points) ** 2


def cvxpy_rate_distortion(p: np.ndarray, d: np.ndarray, rate: float) -> float:
    """D(R) by cvxpy and Clarabel, as its users write it: relative entropy of the joint law to the product."""
    import cvxpy as cp

    joint = cp.Variable(d.shape, nonneg=True)
    product = p[:, None] @ cp.reshape(cp.sum(joint, axis=0), (1, d.shape[1]), order="C")
    problem = cp.Problem(
        cp.Minimize(cp.sum(cp.multiply(joint, d))),
        [cp.sum(joint, axis=1) == p, cp.sum(cp.rel_entr(joint, product)) <= rate],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            problem.solve(solver=cp.CLARABEL)
        except cp.SolverError:
            return np.nan
    return np.nan if problem.value is None else float(problem.value)


def blahut_arimoto(p: np.ndarray, d: np.ndarray, slope: float, gap: float, seconds: float) -> tuple[float, float]:
    """The least `E d + slope I` by Blahut's iteration, stopped at a gap or after so many seconds: value, gap reached."""
    kernel, q = np.exp(-d / slope), np.full(d.shape[1], 1 / d.shape[1])
    deadline = time.perf_counter() + seconds
    while True:
        total = kernel @ q
        c = p @ (kernel / total[:, None])
        reached = slope * (np.log(c.max()) - q @ xlogy(c, c))
        if reached <= gap or time.perf_counter() > deadline:
            return float(-slope * (p @ np.log(total))), float(reached)
        q = q * c


def dit_rate_distortion(p: np.ndarray, d: np.ndarray, slope: float) -> float:
    """The least `E d + slope I` by dit's Blahut-Arimoto, with its own settings."""
    from dit.rate_distortion.blahut_arimoto import blahut_arimoto as by_dit

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result, _ = by_dit(p, 1 / slope, distortion=lambda *_: d)
    return float(result.distortion + slope * result.rate * np.log(2))


def pot_entropic(p: np.ndarray, q: np.ndarray, d: np.ndarray, slope: float) -> float:
    """The least `E d + slope I` over couplings of p and q by POT's Sinkhorn iteration in the logarithmic domain."""
    import ot

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plan = ot.sinkhorn(p, q, d, slope, method="sinkhorn_log", numItermax=100_000, stopThr=1e-12)
    rate = entr(plan.sum(axis=1)).sum() + entr(plan.sum(axis=0)).sum() - entr(plan).sum()
    return float((plan * d).sum() + slope * rate)


def pot_transport(p: np.ndarray, q: np.ndarray, d: np.ndarray) -> float:
    """Exact transport by POT's network simplex."""
    import ot

    return float(ot.emd2(p, q, d))


def enumerated(p_SX: np.ndarray, d: np.ndarray, p_Y: np.ndarray, R: float, C: float) -> float:
    """One shot, the classifier sees (Y, U): the program over all maps, by HiGHS."""
    n_X, n_Y = d.shape
    maps = np.array(list(itertools.product(range(n_Y), repeat=n_X)))
    reached = maps[:, :, None] == np.arange(n_Y)
    joint = np.einsum("sx,fxy->fsy", p_SX, reached)
    law = joint.sum(axis=1)
    rates, spread = entr(law).sum(axis=1), entr(joint).sum(axis=(1, 2)) - entr(law).sum(axis=1)
    costs = (p_SX.sum(axis=0) * d[np.arange(n_X), maps]).sum(axis=1)
    answer = linprog(costs, A_ub=[rates, spread], b_ub=[R, C], A_eq=law.T, b_eq=p_Y, method="highs")
    return float(answer.fun) if answer.success else np.inf
