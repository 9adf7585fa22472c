"""A claim that is decided by a computation of its own: over a finite list, exactly."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Self

from sympy.core.symbol import Str
from sympy.logic.boolalg import Boolean

if TYPE_CHECKING:
    from drc.proof.verdict import Check


class ComputedClaim(Boolean):
    """A condition, as it is shown, with the data from which the computation begins anew.

    Parameters
    ----------
    shown : sympy boolean
        What is claimed, in the letters of the proof.
    data : str
        All that `decided` needs.
    """

    def __new__(cls, shown: Boolean, data: str | Str) -> Self:
        """Hold both; sympy makes a copy of its own parts."""
        return super().__new__(cls, shown, data if isinstance(data, Str) else Str(data))  # pyright: ignore[reportReturnType] (sympy)

    @property
    def shown(self) -> Boolean:
        """What is claimed, in the letters of the proof."""
        return self.args[0]  # pyright: ignore[reportReturnType] (sympy)

    @property
    def data(self) -> str:
        """From which the computation begins."""
        return self.args[1].name

    @abstractmethod
    def decided(self) -> Check:
        """Compute."""

    def _sympystr(self, printer) -> str:
        return printer._print(self.shown)

    def _latex_in_a_paper(self, printer) -> str:
        return printer._print(self.shown)
