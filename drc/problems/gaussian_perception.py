"""The scalar Gaussian problem with a perception constraint instead of a target law."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import sympy as sp

from drc.errors import NotAvailableError, must
from drc.problems.gaussian import Gaussian
from drc.problems.roads import solved
from drc.problems.validation import choice, number

mu_ref = sp.Symbol("mu_ref", real=True)
sigma_ref = sp.Symbol("sigma_ref", positive=True)

#: What a user may write, and which measure it is. For KL the direction is part of the name.
_MEASURES = {"W2": "W2", "KL": "KL", "KL(p_Y||p_ref)": "KL", "KL(p_ref||p_Y)": "reversed"}


@dataclass(frozen=True)
class PerceivedGaussian(Gaussian):
    """A Gaussian problem whose `Y` may have any law within `P` of `p_ref = N(mu_ref, sigma_ref^2)`.

    The target law, `mu_Y` and `sigma_Y`, is not used.

    Parameters
    ----------
    perception : {"W2", "KL"}
        `W_2^2(p_Y, p_ref)` or `KL(p_Y || p_ref)`.
    mu_ref, sigma_ref : number, sympy expression or None
        Left out, they are symbols of the same names.

    Examples
    --------
    >>> g = PerceivedGaussian(mu_X=0, sigma_X=1, mu_S=0, sigma_S=1, theta=0.5, mu_ref=1, sigma_ref=2)
    >>> round(g.solve(R=1, P=0.25).value, 9)
    1.273979609
    """

    perception: str = "W2"
    mu_ref: Any = None
    sigma_ref: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "perception", measure(self.perception))
        self._take(mu_ref, low=-sp.oo)
        self._take(sigma_ref, low=sp.S.Zero)

    @property
    def parameters(self) -> dict[str, sp.Expr]:
        """The parameters by name."""
        return {**super().parameters, "mu_ref": self.mu_ref, "sigma_ref": self.sigma_ref}

    @property
    def numbers(self) -> dict[str, sp.Expr]:
        """The parameters by name, all of them numbers; those of `Y`, and the mean of `S`, may be symbols.

        Raises
        ------
        ProblemError
            If another one is still a symbol.
        """
        needed = {n: v for n, v in self.parameters.items() if n not in ("mu_S", "mu_Y", "sigma_Y")}
        return {name: number(name, value) for name, value in needed.items()}

    def solve(self, *, minimise: str = "D", **bounds):
        """Minimise over correlation, mean and standard deviation numerically; `P` is the bound on the perception measure.

        Examples
        --------
        >>> g = PerceivedGaussian(mu_X=0, sigma_X=1, mu_S=0, sigma_S=1, theta=0.5, mu_ref=0, sigma_ref=1)
        >>> round(g.solve(R=1, P=0).value, 9)
        0.267949192
        """
        return solved(f"{self.id}.perception", self, minimise=minimise, **bounds)


def measure(perception: str) -> str:
    """Return the measure with this name.

    Raises
    ------
    ProblemError
        For an unknown name.
    NotAvailableError
        For `KL(p_ref||p_Y)`.

    Examples
    --------
    >>> measure("KL(p_Y||p_ref)")
    'KL'
    """
    found = _MEASURES[choice("perception", perception, tuple(_MEASURES))]
    if found == "reversed":
        raise NotAvailableError(
            "perception must be 'W2' or 'KL', which is KL(p_Y||p_ref), got 'KL(p_ref||p_Y)': normal Y are not optimal for it"
            " (a mixture of p_ref with a little mass far out has almost no divergence and any larger standard deviation)"
        )
    return found


def perceived(problem: Gaussian, perception: str, reference: Any) -> PerceivedGaussian:
    """Replace the target law of a problem by a perception constraint.

    Parameters
    ----------
    problem : Gaussian
    perception : {"W2", "KL"}
    reference : (mu, sigma) or None
        None is the law of the source.

    Raises
    ------
    ProblemError
        For a reference that is not a pair of mean and standard deviation.

    Examples
    --------
    >>> perceived(Gaussian(mu_X=0, sigma_X=2), "W2", None).sigma_ref
    2
    """
    if reference is None:
        mean, deviation = problem.mu_X, problem.sigma_X
    else:
        try:
            mean, deviation = reference
        except (TypeError, ValueError):
            raise must("reference", "be (mu, sigma), or None for the distribution of the source", reference) from None
    own = {field.name: getattr(problem, field.name) for field in fields(Gaussian)}
    return PerceivedGaussian(**own, perception=perception, mu_ref=mean, sigma_ref=deviation)
