"""Trade-offs: regimes as data, evaluated, explained, tabulated and drawn."""

from drc.tradeoff.derivatives import Gradient
from drc.tradeoff.function import Point
from drc.tradeoff.law import Law
from drc.tradeoff.regime import Reason, Regime
from drc.tradeoff.tradeoff import Tradeoff

__all__ = ["Gradient", "Law", "Point", "Reason", "Regime", "Tradeoff"]
