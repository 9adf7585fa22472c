"""A bit whose representation serves two demands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from drc.errors import must
from drc.expressions.forms import all_of
from drc.problems.bernoulli import q_X
from drc.problems.finite import Finite
from drc.problems.problem import Parametric

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from drc.doors import Universal
    from drc.types import Parameter, Real


@dataclass(frozen=True)
class UniversalBernoulli(Parametric):
    """`X ~ Bern(q_X)`, Hamming distortion, long blocks: one representation, of which two reconstructions are made.

    `D` bounds the distortion of a reconstruction with any distribution, and `D2` that of one with the distribution of the
    source. `rdc()` is the least rate `R(D, D2)`.

    Parameters
    ----------
    q_X : number, sympy expression or None
        The probability of a one; left out, it is the symbol `q_X`.

    Raises
    ------
    ProblemError
        For a value that is not a probability.

    Examples
    --------
    >>> round(UniversalBernoulli(0.3).rdc()(D=0.14, D2=0.15), 6)
    0.311215
    """

    q_X: Parameter = None

    _PARAMETERS = ("q_X",)

    def __post_init__(self) -> None:
        self._take(q_X, sp.S.Zero, sp.S.One)

    @property
    def id(self) -> str:
        """The setting's name in the catalogue."""
        return "universal.bernoulli"

    @property
    def assumptions(self) -> tuple[sp.Basic, ...]:
        """What is allowed for the parameter, if it is still a symbol; `out_of_range` checks numbers by the same."""
        q = self.parameters["q_X"]
        return (all_of(sp.Le(0, q, evaluate=False), sp.Le(q, 1, evaluate=False)),) if q.free_symbols else ()

    def out_of_range(self, numbers: Mapping[str, ArrayLike]) -> np.ndarray:
        """Mark, element by element, what is not a probability."""
        q = np.asarray(numbers.get("q_X", 0.5), dtype=float)
        return (q < 0) | (q > 1)

    def finite(self) -> Finite:
        """Return the same source as a finite problem, with a number for the parameter; `P` bounds total variation.

        Examples
        --------
        >>> UniversalBernoulli(0.3).finite().universal(D=[0.14, 0.15], P=[None, 0])
        optimal  R in [0.31121454, 0.31121455] bit for 2 demands
        penalty in [0.01416245, 0.01416246] bit over the strictest demand alone
        """
        q = self.numbers["q_X"]
        return Finite([[1 - q, q]], setting="asymptotic", perception="TV")

    def solve(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, *, minimise: str = "R", D: Real | None = None, D2: Real | None = None, **options: object
    ) -> Universal:
        """Find the least rate for bounds `D` and `D2`, with a proof of the answer; one left out is inactive.

        Parameters
        ----------
        minimise : {"R"}
        D, D2 : number, optional
        **options
            `tolerance`, `time_limit` and `unit`, as for `Finite.universal`.

        Raises
        ------
        ProblemError
            If something else than the rate is minimised.

        Examples
        --------
        >>> round(UniversalBernoulli(0.3).solve(D=0.14, D2=0.15).value, 6)
        0.311215
        """
        if minimise != "R":
            raise must("minimise", "be 'R' for a representation", minimise)
        return self.finite().universal(D=[D, D2], P=[None, 0], **options)  # pyright: ignore[reportArgumentType]
