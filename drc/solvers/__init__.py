"""Numbers for a problem, each with bounds that are proved."""

from drc.solvers.bernoulli_y import solve_bernoulli_y
from drc.solvers.finite import solve_finite
from drc.solvers.gaussian import solve_gaussian
from drc.solvers.solution import Solution
from drc.solvers.surface import Surface, surface

__all__ = ["Solution", "solve_bernoulli_y", "solve_finite", "solve_gaussian", "surface", "Surface"]
