"""The pricing problem of column generation: cheap maps, and proofs that none is cheaper."""

from drc.solvers.finite.pricing.cells import Cells
from drc.solvers.finite.pricing.descent import find_maps
from drc.solvers.finite.pricing.pricing import Priced, is_quick, merge, price

__all__ = ["Cells", "Priced", "find_maps", "is_quick", "merge", "price"]
