"""Scalar Gaussians with limited common randomness: two correlations, bisected in ball arithmetic ([saldi2015]).

With normal `X - V - Y`, the correlations of `X, V` and of `V, Y` are bounded by `I(X;V) <= R` and `I(V;Y) <= R + R_c`, and
the error falls as either grows. Each is bisected between a value that is proved feasible and one that is proved not to be.
"""

from __future__ import annotations

import math
from typing import Any

from flint import arb, fmpq

from drc.errors import NotAvailableError
from drc.problems.gaussian import Gaussian
from drc.solvers.balls import Number, nearest, precision
from drc.solvers.branch import answer, options
from drc.solvers.finite import active_bounds
from drc.solvers.gaussian import Program
from drc.solvers.solution import Solution
from drc.units import unit_named

_BISECTIONS = 120


def solve_limited(
    problem: Gaussian,
    *,
    minimise: str = "D",
    R: Any = None,
    C: Any = None,
    D: Any = None,
    P: Any = None,
    tolerance: float = 1e-11,
    time_limit: float | None = None,
    method: str | None = None,
    unit: str = "bits",
) -> Solution:
    """Minimise the error for a rate and an amount of common randomness, and enclose it.

    Parameters
    ----------
    problem : Gaussian
        With numbers for all parameters, `R_c` among them.
    minimise : {"D"}
    R : number, optional
    C, D, P : None
    tolerance, time_limit, method, unit
        As for `solve_gaussian`; `R_c` is in the unit too.

    Returns
    -------
    Solution
        Without a certificate: the enclosure is proved while it is made.

    Raises
    ------
    ProblemError
        For a bad bound, or a parameter that is still a symbol.
    NotAvailableError
        For a classification constraint, or for the least rate.

    Examples
    --------
    >>> g = Gaussian(mu_X=0, sigma_X=1, mu_Y=0, sigma_Y=1, mu_S=0, sigma_S=1, theta=0, R_c=0)
    >>> round(solve_limited(g, R=1).value, 9)
    0.5
    """
    bounds = active_bounds(minimise, R=R, C=C, D=D, P=P)
    tolerance, clock = options(tolerance, time_limit, method)
    if "C" in bounds:
        raise NotAvailableError(
            f"C must be left out with R_c = {problem.R_c}, got {C}: with limited common randomness normal V are not known to"
            " be optimal under a classification constraint; leave C out, or take R_c = oo"
        )
    if minimise != "D":
        raise NotAvailableError("minimise must be 'D' with limited common randomness, got 'R'")
    with precision():
        program = Program(problem, minimise, unit_named(unit).name, bounds)
        program.checked()
        rate = program.b.get("R")
        both = None if rate is None else rate + program.n["R_c"] * program.nat
        ends = [_bisected(limit) for limit in (rate, both)]
        upper, lower = (program.D(ends[0][k] * ends[1][k]) for k in (0, 1))
        proved = answer(program, lower, upper, tolerance, clock)
        return Solution(
            **proved,
            minimise="D",
            unit=program.unit,
            bounds={name: float(bound) for name, bound in bounds.items()},
            rate=float(bounds.get("R", math.inf)),
            distortion=proved["value"],
            rho=nearest(ends[0][0] * ends[1][0]),
            method="bisection of two correlations in ball arithmetic",
            sees="Y",
        )


def _bisected(limit: Number | None) -> tuple[fmpq, fmpq]:
    """Enclose the largest correlation whose mutual information, in nats, is within a limit."""
    if limit is None:
        return fmpq(1), fmpq(1)
    low, high = fmpq(0), fmpq(1)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        information = -arb(1 - middle * middle).log() / 2
        if information <= limit:
            low = middle
        elif information > limit:
            high = middle
        else:
            break
    return low, high
