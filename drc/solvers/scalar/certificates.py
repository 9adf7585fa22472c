"""What proves the answers about Gaussians and bits, in the format of the certificates of finite problems.

The theorems are those of `drc.checker.normal` and `drc.checker.bits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import sympy as sp
from flint import fmpq

from drc.problems.finite import Finite
from drc.problems.normal import Normal
from drc.solvers.arithmetic.balls import to_fraction
from drc.solvers.finite.certificates import FiniteCertificate
from drc.types import Exact

#: The columns of the file that are parameters of the problem.
_COLUMNS = ("mu_X", "sigma_X", "mu_Y", "sigma_Y", "sigma_S", "rho_TX")


@dataclass(frozen=True, eq=False)
class NormalCertificate(FiniteCertificate):
    """A claim `lower <= optimum <= upper` about Gaussians, with what proves it.

    Attributes are those of `FiniteCertificate`; the problem is a `Gaussian`, a `PerceivedGaussian` or a `VectorGaussian`.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from drc import Gaussian
    >>> s = Gaussian(0, 1, 0, 1, 0, 1, 0.5).solve(R=1)
    >>> s.certificate.verify(), replace(s.certificate, upper=s.upper - 1e-9).verify()
    (True, False)
    """

    problem: Normal

    def about(self) -> dict[str, object]:
        """Return the fields of the problem: those that matter to it."""
        given, endings = self.problem.numbers, self.problem._endings
        if "rho_TX" in given:
            # What the distortion is to has the place of the source.
            given = given | {"mu_X": given["mu_T"], "sigma_X": given["sigma_T"]}
        columns: dict[str, object] = {
            name: [given[name + i] for i in endings] for name in _COLUMNS if name + endings[0] in given
        }
        if "sigma_S" in columns:
            columns["rho_SX"] = [label_correlation(self.problem.numbers, i) for i in endings]
        perception = None
        if "sigma_ref" in given:
            perception = {"measure": self.problem.perception, "reference": [given["mu_ref"], given["sigma_ref"]]}
        return {"kind": "gaussian", **columns, "R_c": given.get("R_c", sp.oo), "perception": perception}


def label_correlation(given: Mapping[str, sp.Expr], i: str) -> sp.Expr:
    """Return the correlation of label and source: exactly one where the label is a function of the source.

    `i` is what the names of the parameters end in.
    """
    found = given[f"theta{i}"] / (given[f"sigma_S{i}"] * given[f"sigma_X{i}"])
    return found if found.is_Rational else sp.simplify(found)


def code_of_bits(problem: Finite, delta: fmpq) -> dict[str, object]:
    """Return the code that a channel of `bernoulli_y` is: maps in one shot, else a coupling.

    The law of `Y` is given, and `delta` is `P(Y = 1 | X = 1) - P(Y = 1 | X = 0)`.
    """
    if problem.setting == "one-shot":
        # Constant maps add what is missing of the law of Y.
        return {"weights": [[to_fraction(abs(delta)), [0, 1] if delta >= 0 else [1, 0]]]}
    if delta == 0:
        return {"joint": None}  # independence, which has no rate
    p_SX, p_Y = cast(tuple, problem.p_SX), cast(tuple, problem.p_Y)
    q = sum(row[1] for row in p_SX)
    both = q * p_Y[1] + q * (1 - q) * to_fraction(delta)
    return {"joint": [[0, 0], [0, both]], "tree": [[0, 0], [0, 1], [1, 0]]}


def transport_of_bits(r: Exact, reference: Exact) -> list[list[Exact | int]]:
    """Return the cheapest transport between two laws of a bit, given by their masses of a one.

    Examples
    --------
    >>> transport_of_bits(sp.Rational(1, 2), sp.Rational(1, 3))
    [[1/2, 0], [1/6, 1/3]]
    """
    return [[1 - r, 0], [r - reference, reference]] if r >= reference else [[1 - reference, reference - r], [0, r]]
