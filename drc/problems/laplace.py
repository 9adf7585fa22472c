"""Laplace source, absolute error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from drc.errors import NotAvailableError, must
from drc.expressions import compile_expression
from drc.problems.problem import Perceivable, Problem
from drc.problems.validation import choice

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from drc.doors import Tradeoff
    from drc.types import Parameter
    from drc.units import Unit

lam = sp.Symbol("lam", positive=True)

#: By how much, relative to it, a bound may miss the border of what is known because it was computed in doubles.
_ROUNDING = 8.9e-16


@dataclass(frozen=True)
class Laplace(Perceivable):
    """`X` with the density `lam/2 exp(-lam |x|)`, and the error `|x - y|`; asymptotic, the output has any distribution.

    Parameters
    ----------
    lam : number, sympy expression or None
        One over the mean of `|X|`, positive; left out, it is the symbol `lam`.
    perception : {"TV", "W1", "W2"}, optional
        `P` bounds the total variation, the Wasserstein distance `W_1` or the squared one `W_2^2` between the output and the
        source. The rate is known only where this costs nothing: beyond, values are refused.

    Raises
    ------
    ProblemError
        For a parameter that is not positive.

    Examples
    --------
    >>> Laplace(2).rdc()(D=0.125), Laplace(2).drc()(R=2)
    (2.0, 0.125)
    >>> round(Laplace(1).free_perception("TV", 0.5), 12)
    0.25
    """

    lam: Parameter = None
    perception: str | None = None

    _PARAMETERS = ("lam",)
    MEASURES = ("TV", "W1", "W2")

    def __post_init__(self) -> None:
        self._take(lam)
        if self.perception is not None:
            choice("perception", self.perception, self.MEASURES)

    @property
    def id(self) -> str:
        """The setting's name in the catalogue."""
        return "laplace"

    @property
    def is_known_everywhere(self) -> bool:
        """Whether a trade-off has a value for all bounds."""
        return self.perception is None

    @property
    def assumptions(self) -> tuple[sp.Basic, ...]:
        """What is allowed for the parameter, if it is still a symbol; `out_of_range` checks numbers by the same."""
        scale = self.parameters["lam"]
        return (sp.Gt(scale, 0, evaluate=False),) if scale.free_symbols else ()

    def out_of_range(self, numbers: Mapping[str, ArrayLike]) -> np.ndarray:
        """Mark, element by element, parameters that are not positive and finite."""
        scale = np.asarray(numbers.get("lam", 1.0), dtype=float)
        return (scale <= 0) | np.isinf(scale)

    def perceived(self, perception: str = "TV", reference: object = None) -> Laplace:
        """Return the problem with a perception constraint.

        Parameters
        ----------
        perception : {"TV", "W1", "W2"}
        reference : None
            It is the distribution of the source.

        Raises
        ------
        ProblemError
            For a reference.
        """
        if reference is not None:
            raise must("reference", "be left out: it is the distribution of the source", reference)
        return replace(self, perception=perception)

    def free_perception(self, perception: str, D: float) -> float:
        """Return the least `P` for which perception costs nothing: that of the best code for the error `D`.

        Parameters
        ----------
        perception : {"TV", "W1", "W2"}
        D : float
            From `1/lam` on the best code sends nothing, and its output is 0.

        Raises
        ------
        ProblemError
            If the parameter is still a symbol.

        Examples
        --------
        >>> [round(Laplace(1).free_perception(measure, 0.5), 6) for measure in ("TV", "W1", "W2")]
        [0.25, 0.25, 0.068477]
        """
        problem = self.perceived(perception)
        return float(problem._free(np.asarray(D, dtype=float), float(self.numbers["lam"])))

    def _free(self, D: Any, scale: Any) -> np.ndarray:
        """The least `P` that costs nothing, on arrays."""
        atom = np.minimum(scale * D, 1.0) ** 2
        if self.perception == "TV":
            return atom
        if self.perception == "W1":
            return atom / scale
        with np.errstate(all="ignore"):
            shift = -np.log1p(-atom)
            least = (2 - (1 - atom) * (2 * shift + 2)) / scale**2
        return np.where(atom == 1, 2 / scale**2, least)

    def check_bounds(self, bounds: Mapping[str, ArrayLike], unit: Unit) -> None:
        """Refuse bounds for which the rate is not known.

        Raises
        ------
        NotAvailableError
            Naming the least `P` for which it is.
        """
        if self.perception is None:
            return
        scale = compile_expression(self.parameters["lam"])(bounds)
        D = bounds["D"] if "D" in bounds else np.exp(-np.asarray(bounds["R"]) * unit.in_nats) / scale
        P, least, D = np.broadcast_arrays(np.asarray(bounds["P"], dtype=float), self._free(D, scale), D)
        missed = np.ravel(least > P * (1 + _ROUNDING))
        if missed.any():
            at = int(np.argmax(missed))
            raise NotAvailableError(
                f"P must be at least {least.flat[at]:.6g} for D = {D.flat[at]:.6g}, got {P.flat[at]:.6g}: there the best"
                f" output is within P of the source in {self.perception}; for a smaller P the optimum is not known"
            )

    @property
    def _asked(self) -> tuple[str, Problem]:
        return self.id, self

    def _perceived_tradeoff(
        self, name: str, perception: str | None, reference: object, form: str, unit: str
    ) -> Tradeoff:
        problem = self.perceived(self.MEASURES[0] if perception is None else perception, reference)
        return problem._tradeoff(name.replace("p", ""), form, unit)
