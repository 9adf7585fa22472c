"""The pricing problem of column generation: cheap maps, and proofs that none is cheaper."""

from drc.solvers.pricing.cells import Cells
from drc.solvers.pricing.descent import find_maps
from drc.solvers.pricing.pricing import Priced, merge, price

__all__ = ["Cells", "Priced", "find_maps", "merge", "price"]
