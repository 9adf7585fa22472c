"""What the parameters of Gaussian problems must be, of one component or of several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from drc.errors import must
from drc.problems.problem import Parametric
from drc.problems.validation import shown

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: A covariance or correlation may exceed its bound by the rounding of floats; it is taken for the bound.
ROUNDING = sp.Rational(1, 10**15)


class Normal(Parametric):
    """One or several jointly normal pairs `(S, X)`; the parameters of a pair end in its number, where there are several."""

    @property
    def _endings(self) -> tuple[str, ...]:
        return ("",)

    @property
    def assumptions(self) -> tuple[sp.Basic, ...]:
        """What is allowed for the parameters that are still symbols; `out_of_range` checks numbers by the same."""
        known = self.parameters
        free = [name for name, value in known.items() if value.free_symbols]
        covariances = [f"theta{i}" for i in self._endings if f"theta{i}" in free]
        return (
            *(sp.Gt(known[name], 0, evaluate=False) for name in free if name.startswith("sigma")),
            *(sp.Ge(known[name], 0, evaluate=False) for name in free if name == "R_c"),
            *(sp.Le(abs(known[name]), _largest(known, name), evaluate=False) for name in covariances),
            *(
                relation
                for name in free
                if name.startswith("rho_TX")
                for relation in (sp.Le(abs(known[name]), 1, evaluate=False), sp.Ne(known[name], 0))
            ),
        )

    def out_of_range(self, numbers: Mapping[str, ArrayLike]) -> np.ndarray:
        """Mark, element by element, standard deviations that are not positive and covariances too large."""
        wrong = [np.less(value, 0) if name == "R_c" else np.isinf(value) for name, value in numbers.items()]
        wrong += [np.less_equal(value, 0) for name, value in numbers.items() if name.startswith("sigma")]
        wrong += [
            ~np.less_equal(abs(v), 1 + float(ROUNDING)) | np.equal(v, 0)
            for n, v in numbers.items()
            if n.startswith("rho_TX")
        ]
        for i in self._endings:
            if {f"theta{i}", f"sigma_S{i}", f"sigma_X{i}"} <= numbers.keys():
                bound = _largest(numbers, f"theta{i}") * (1 + float(ROUNDING))
                wrong.append(np.abs(numbers[f"theta{i}"]) > bound)
        return np.logical_or.reduce(np.broadcast_arrays(*wrong))

    def _covariance(self, i: str = "") -> sp.Expr:
        """Return a covariance, which must be within the Cauchy-Schwarz bound."""
        known = self.parameters
        theta, bound = known[f"theta{i}"], _largest(known, f"theta{i}")
        # `== True`, because a sympy relation may be undecided.
        if (abs(theta) <= bound) == True:  # noqa: E712
            return theta
        if (abs(theta) <= bound * (1 + ROUNDING)) == True:  # noqa: E712
            return sp.sign(theta) * bound
        if (abs(theta) > bound) == True:  # noqa: E712
            needs = f"satisfy |theta{i}| <= sigma_S{i} * sigma_X{i} = {shown(bound)}"
            raise must(f"theta{i}", needs, got=shown(theta))
        return theta


def _largest(known: Mapping, theta: str):
    i = theta.removeprefix("theta")
    return np.multiply(known[f"sigma_S{i}"], known[f"sigma_X{i}"])
