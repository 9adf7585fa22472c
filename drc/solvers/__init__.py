"""Numbers for a problem, each with bounds that are proved."""

from drc.solvers.finite.limits import Limits, limits
from drc.solvers.finite.solve import solve_finite
from drc.solvers.finite.universal.solve import Universal
from drc.solvers.outcome import Solution
from drc.solvers.scalar.bernoulli_y import solve_bernoulli_y
from drc.solvers.scalar.gaussian import solve_gaussian
from drc.solvers.scalar.vector import solve_vector_gaussian
from drc.solvers.sweep.curve import Curve, curve
from drc.solvers.sweep.surface import Surface, surface

__all__ = [
    "Curve",
    "curve",
    "Limits",
    "limits",
    "Solution",
    "solve_bernoulli_y",
    "solve_finite",
    "solve_gaussian",
    "solve_vector_gaussian",
    "surface",
    "Surface",
    "Universal",
]
