"""Numbers for a problem, each with bounds that are proved."""

from drc.solvers.finite import solve_finite
from drc.solvers.gaussian import solve_gaussian
from drc.solvers.solution import Solution

__all__ = ["Solution", "solve_finite", "solve_gaussian"]
