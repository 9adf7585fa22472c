"""Normal laws of source and output, as Gaussian codes have them: each a mean and a standard deviation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from drc.codes.container import is_number
from drc.errors import NotAvailableError, ProblemError

if TYPE_CHECKING:
    from drc.problems.gaussian import Gaussian
    from drc.solvers import Solution

#: What a law in a header must be.
A_LAW = "be a mean and a positive standard deviation"

#: Mean and standard deviation.
Law = tuple[float, float]


def laws_of(problem: Gaussian, solution: Solution) -> tuple[Law, Law]:
    """Return the laws of `X` and of `Y` that a solution has.

    Raises
    ------
    ProblemError
        For a solution without a plan.
    NotAvailableError
        For limited common randomness.
    """
    if problem.is_limited:
        raise NotAvailableError("a Gaussian with limited common randomness has no code here; R_c must be oo")
    if solution.rho is None:
        raise ProblemError(f"the solution must have a plan to code with, got status {solution.status!r}")
    numbers = {name: float(value) for name, value in problem.numbers.items()}
    mean, deviation = solution.law or (numbers["mu_Y"], numbers["sigma_Y"])
    return (numbers["mu_X"], numbers["sigma_X"]), (float(mean), float(deviation))


def is_law(value: object) -> bool:
    """Say whether a field of a header is a normal law as encoders write it."""
    return isinstance(value, list) and len(value) == 2 and all(map(is_number, value)) and value[1] > 0


def squared_error(source: Law, target: Law, rho: float) -> float:
    """Return `E (X - Y)^2` at a correlation."""
    (mean, deviation), (other, spread) = source, target
    return (mean - other) ** 2 + deviation**2 + spread**2 - 2 * deviation * spread * rho


def label_bits(deviation: float, rho: float = 0.0) -> float:
    """Return `h(S|Y)` in bits, for normal `S` and `Y` with this correlation, and `S` with this standard deviation.

    Examples
    --------
    >>> round(label_bits(0.8) - label_bits(0.8, 0.6), 6), label_bits(1, 1)
    (0.321928, -inf)
    """
    left = deviation**2 * (1 - rho**2)
    return math.log2(2 * math.pi * math.e * left) / 2 if left > 0 else -math.inf
