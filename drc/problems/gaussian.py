"""Scalar Gaussian source, squared error."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import sympy as sp

from drc.errors import NotAvailableError, must
from drc.problems.normal import Normal
from drc.problems.perception import measure
from drc.problems.problem import Perceivable, classifier_given
from drc.problems.validation import exact, shown

if TYPE_CHECKING:
    from drc.doors import Tradeoff
    from drc.types import Parameter, Real

mu_X, mu_Y, mu_S, mu_ref, theta = sp.symbols("mu_X mu_Y mu_S mu_ref theta", real=True)
sigma_X, sigma_Y, sigma_S, sigma_ref = sp.symbols("sigma_X sigma_Y sigma_S sigma_ref", positive=True)
R_c = sp.Symbol("R_c", nonnegative=True)

#: Why `KL(p_ref||p_Y)` cannot be the perception measure.
_REVERSED_KL = (
    "because normal Y are not optimal for it (a mixture of p_ref with a little mass far out has almost no divergence and any"
    " larger standard deviation)"
)


@dataclass(frozen=True)
class Gaussian(Normal, Perceivable):
    """`X ~ N(mu_X, sigma_X^2)`, target `Y ~ N(mu_Y, sigma_Y^2)`, `(S, X)` jointly normal; squared error.

    Parameters
    ----------
    mu_X, sigma_X, mu_Y, sigma_Y, mu_S, sigma_S : number, sympy expression or None
        Means and (positive) standard deviations; left out, they are symbols of the same names.
    theta : number, sympy expression or None
        `Cov(S, X)`, at most `sigma_S * sigma_X` in absolute value.
    R_c : number or oo
        Common randomness in the unit of the rate, a sample. Where it is limited, `drc` gives `D(R)` without a
        classification constraint: with one, the optimum is not known.
    setting : {"asymptotic"}
    classifier_sees : {"Y"}, optional

    Raises
    ------
    ProblemError
        For a standard deviation that is not positive, or a covariance beyond the Cauchy-Schwarz bound.

    Notes
    -----
    Source: [nguyen2026], section 4.

    Examples
    --------
    >>> g = Gaussian(mu_X=0, sigma_X=1, mu_Y=0.5, sigma_Y=1.5, mu_S=0, sigma_S=0.8, theta=0.6)
    >>> round(g.drc()(R=2.0), 6)
    0.595262
    """

    mu_X: Parameter = None
    sigma_X: Parameter = None
    mu_Y: Parameter = None
    sigma_Y: Parameter = None
    mu_S: Parameter = None
    sigma_S: Parameter = None
    theta: Parameter = None
    R_c: Parameter = sp.oo
    setting: str = "asymptotic"
    classifier_sees: str | None = None

    MEASURES = ("W2", "KL")

    def __post_init__(self) -> None:
        for symbol in (mu_X, mu_Y, mu_S, sigma_X, sigma_Y, sigma_S, theta):
            self._take(symbol)
        limit = exact("R_c", self.R_c)
        if (limit < 0) == True:  # noqa: E712 (a sympy relation may be undecided)
            raise must("R_c", "be at least 0", got=shown(limit))
        sees = "Y" if self.classifier_sees is None else self.classifier_sees
        taken = {"R_c": limit, "theta": self._covariance(), "classifier_sees": classifier_given(self.setting, sees)}
        for name, value in taken.items():
            object.__setattr__(self, name, value)
        if self.setting != "asymptotic" or self.classifier_sees != "Y":
            raise NotAvailableError(
                "a Gaussian must have setting='asymptotic' and classifier_sees='Y' (no other is available yet), got"
                f" {self.setting!r} and {self.classifier_sees!r}"
            )

    @property
    def is_limited(self) -> bool:
        """Whether common randomness is limited."""
        return self.R_c != sp.oo

    @property
    def id(self) -> str:
        """The setting's name in the catalogue."""
        return f"gaussian.{self.setting}" + (".limited" if self.is_limited else "")

    @property
    def _PARAMETERS(self) -> tuple[str, ...]:
        own = ("mu_X", "sigma_X", "mu_Y", "sigma_Y", "mu_S", "sigma_S", "theta")
        return (*own, "R_c") if self.is_limited else own

    @property
    def _unused(self) -> tuple[str, ...]:
        # The mean of `S` never matters; with limited common randomness, its whole law does not.
        return ("mu_S", "sigma_S", "theta") if self.is_limited else ("mu_S",)

    def perceived(self, perception: str = "W2", reference: tuple[Real, Real] | None = None) -> PerceivedGaussian:
        """Return the problem with a perception constraint instead of its target law.

        Parameters
        ----------
        perception : {"W2", "KL"}
        reference : (mu, sigma), optional
            Left out, it is the law of the source.

        Raises
        ------
        ProblemError
            For a reference that is not a pair of mean and standard deviation.

        Examples
        --------
        >>> Gaussian(mu_X=0, sigma_X=2).perceived("W2").sigma_ref
        2
        """
        if reference is None:
            mean, deviation = self.mu_X, self.sigma_X
        else:
            try:
                mean, deviation = reference
            except (TypeError, ValueError):
                raise must(
                    "reference", "be (mu, sigma), or None for the distribution of the source", reference
                ) from None
        own = {field.name: getattr(self, field.name) for field in fields(Gaussian)}
        return PerceivedGaussian(**own, perception=perception, mu_ref=mean, sigma_ref=deviation)

    def _perceived_tradeoff(
        self, name: str, perception: str | None, reference: object, form: str, unit: str
    ) -> Tradeoff:
        if isinstance(form, str) and form == "published" and reference is not None:
            raise must("reference", "be left out with form='published', which has the law of the source", reference)
        return super()._perceived_tradeoff(name, perception, reference, form, unit)


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
    mu_ref: Parameter = None
    sigma_ref: Parameter = None

    @property
    def _unused(self) -> tuple[str, ...]:
        return ("mu_S", "mu_Y", "sigma_Y")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "perception", measure(self.perception, self.MEASURES, _REVERSED_KL))
        self._take(mu_ref)
        self._take(sigma_ref)

    @property
    def _PARAMETERS(self) -> tuple[str, ...]:
        return (*super()._PARAMETERS, "mu_ref", "sigma_ref")
