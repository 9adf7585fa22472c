"""Bernoulli source, Hamming distortion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from drc.problems.roads import road, tradeoff
from drc.problems.validation import choice, exact, in_range, number

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from drc.problems.finite import Finite

q_X, q_Y, q_S1 = sp.symbols("q_X q_Y q_S1", real=True)


@dataclass(frozen=True)
class Bernoulli:
    """`X ~ Bern(q_X)`, target `Y ~ Bern(q_Y)`, label `S = X xor S_1` with `S_1 ~ Bern(q_S1)`; Hamming distortion.

    Parameters
    ----------
    q_X, q_Y, q_S1 : number, sympy expression or None
        Probabilities of a one; left out, they are the symbols `q_X`, `q_Y`, `q_S1`.
    setting : {"one-shot", "asymptotic"}
    classifier_sees : {"YU", "Y"}, optional
        What the classifier is shown: the reconstruction and the common randomness, or only the reconstruction.
        The default is "YU" for one-shot and "Y" for asymptotic problems.

    Raises
    ------
    ProblemError
        For a value that is no probability, or an unknown word.

    Notes
    -----
    Source: [nguyen2026], section 3.

    Examples
    --------
    >>> Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc()(R=0.8, C=0.95)
    0.1
    """

    q_X: Any = None
    q_Y: Any = None
    q_S1: Any = None
    setting: str = "one-shot"
    classifier_sees: str | None = None

    def __post_init__(self) -> None:
        for name, symbol in (("q_X", q_X), ("q_Y", q_Y), ("q_S1", q_S1)):
            given = getattr(self, name)
            value = symbol if given is None else exact(name, given)
            object.__setattr__(self, name, in_range(name, value, sp.S.Zero, sp.S.One, what="probability"))
        choice("setting", self.setting, ("one-shot", "asymptotic"))
        sees = self.classifier_sees or ("YU" if self.setting == "one-shot" else "Y")
        object.__setattr__(self, "classifier_sees", choice("classifier_sees", sees, ("YU", "Y")))

    @property
    def id(self) -> str:
        """The setting's name in the catalogue."""
        return f"bernoulli.{self.setting}.{self.classifier_sees}"

    @property
    def parameters(self) -> dict[str, sp.Expr]:
        """The parameters by name."""
        return {"q_X": self.q_X, "q_Y": self.q_Y, "q_S1": self.q_S1}

    @property
    def assumptions(self) -> tuple[sp.Basic, ...]:
        """What is allowed for the parameters that are still symbols; `out_of_range` judges numbers by the same."""
        return tuple(
            sp.And(sp.Le(0, p, evaluate=False), sp.Le(p, 1, evaluate=False), evaluate=False)
            for p in self.parameters.values()
            if p.free_symbols
        )

    def out_of_range(self, numbers: Mapping[str, ArrayLike]) -> np.ndarray:
        """Mark, element by element, parameters that are no probabilities; arrays broadcast."""
        return np.logical_or.reduce(
            np.broadcast_arrays(*((np.less(p, 0) | np.greater(p, 1)) for p in numbers.values()))
        )

    def drc(self, *, form: str = "exact", unit: str = "bits"):
        """Least distortion for a rate and a classification bound: the trade-off `D(R, C)`.

        Parameters
        ----------
        form : {"exact", "published"}
            The derived trade-off, or the one that the paper prints.
        unit : {"bits", "nats"}
            The unit of `R` and `C`.

        Returns
        -------
        Tradeoff

        Raises
        ------
        NotAvailableError
            For a setting that no theorem covers yet.

        Examples
        --------
        >>> Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc().regime(R=0.4, C=0.75)
        'rate-limited'
        """
        return tradeoff(self, "drc", form, unit)

    def rdc(self, *, form: str = "exact", unit: str = "bits"):
        """Least rate for a distortion and a classification bound: the trade-off `R(D, C)`.

        Parameters, returns and errors are those of `drc`.

        Examples
        --------
        >>> Bernoulli(q_X=0.5, q_Y=0.5, q_S1=0).rdc()(D=0.25)
        0.5
        """
        return tradeoff(self, "rdc", form, unit)

    def finite(self) -> Finite:
        """Return the same problem as a finite one, with numbers for all parameters.

        Raises
        ------
        ProblemError
            If a parameter is still a symbol.
        """
        from drc.problems.finite import Finite

        x, y, e = (number(name, value, what="probability") for name, value in self.parameters.items())
        p_SX = [[(1 - e) * (1 - x), e * x], [e * (1 - x), (1 - e) * x]]
        return Finite(p_SX, p_Y=[1 - y, y], setting=self.setting, classifier_sees=self.classifier_sees)

    def solve(self, *, minimise: str = "D", **bounds):
        """Solve the problem over all channels from a bit to a bit, and prove the answer; see `Finite.solve`.

        Examples
        --------
        >>> Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).solve(R=0.8, C=0.95).status
        'optimal'
        """
        return road("solver", self.id)(self.finite(), minimise=minimise, **bounds)
