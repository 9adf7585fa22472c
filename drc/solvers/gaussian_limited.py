"""Scalar Gaussians with limited common randomness: two correlations, bisected in ball arithmetic ([saldi2015]).

With normal `X - V - Y`, the correlations of `X, V` and of `V, Y` are bounded by `I(X;V) <= R` and `I(V;Y) <= R + R_c`, and
the error falls as either grows. Each is bisected between a value that is proved feasible and one that is proved not to be.
"""

from __future__ import annotations

import math
from typing import Any

from flint import arb, fmpq

from drc.errors import NotAvailableError
from drc.problems.finite import exact_number
from drc.problems.gaussian import Gaussian
from drc.solvers.balls import Number, exact_or_ball, float_above, float_below, precision
from drc.solvers.finite import active_bounds
from drc.solvers.gaussian import deadline_of
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
    C, D : None
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
    bounds = active_bounds(minimise, R=R, C=C, D=D)
    deadline_of(tolerance, time_limit, method)
    if "C" in bounds:
        raise NotAvailableError(
            f"C = {C} with R_c = {problem.R_c}: with limited common randomness normal V are not known to be optimal under a"
            " classification constraint; leave C out, or take R_c = oo"
        )
    if minimise != "D":
        raise NotAvailableError("minimise = 'R' is not available with limited common randomness: available is 'D'")
    with precision():
        n = {name: exact_or_ball(exact_number(name, value)) for name, value in problem.numbers.items()}
        nat = arb.const_log2() if unit_named(unit).name == "bits" else fmpq(1)
        rate = exact_or_ball(bounds["R"]) * nat if "R" in bounds else None
        both = None if rate is None else rate + n["R_c"] * nat
        ends = [_bisected(limit) for limit in (rate, both)]
        difference = n["mu_X"] - n["mu_Y"]
        base = difference * difference + n["sigma_X"] * n["sigma_X"] + n["sigma_Y"] * n["sigma_Y"]
        upper, lower = (base - 2 * n["sigma_X"] * n["sigma_Y"] * ends[0][k] * ends[1][k] for k in (0, 1))
        low, high = max(0.0, float_below(lower)), float_above(upper)
        rho = float(ends[0][0] * ends[1][0])
    return Solution(
        value=min(max(float(upper), low), high),
        lower=low,
        upper=high,
        status="optimal" if high - low <= tolerance * max(1.0, high) else "bounded",
        minimise="D",
        unit=unit_named(unit).name,
        bounds={name: float(bound) for name, bound in bounds.items()},
        rate=float(bounds.get("R", math.inf)),
        distortion=float(upper),
        rho=rho,
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
