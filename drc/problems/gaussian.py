"""Scalar Gaussian source, squared error."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

import sympy as sp

from drc.errors import NotAvailableError, must
from drc.problems.frames import sequence
from drc.problems.normal import ROUNDING, Normal
from drc.problems.perception import measure
from drc.problems.problem import Perceivable, classifier_given
from drc.problems.validation import exact, parameter, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drc.doors import Tradeoff
    from drc.types import Parameter, Real

mu_X, mu_Y, mu_S, mu_T, mu_ref, theta = sp.symbols("mu_X mu_Y mu_S mu_T mu_ref theta", real=True)
sigma_X, sigma_Y, sigma_S, sigma_T, sigma_ref = sp.symbols("sigma_X sigma_Y sigma_S sigma_T sigma_ref", positive=True)
rho_TX = sp.Symbol("rho_TX", real=True)
R_c = sp.Symbol("R_c", nonnegative=True)

#: What is said of a remote source, in the order of the argument `remote`.
REMOTE = (mu_T, sigma_T, rho_TX)

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
    remote : (mu_T, sigma_T, rho_TX), optional
        A source `T` that the encoder does not see, jointly normal with `X`, with `T - X - Y`: the distortion is
        `E (T - Y)^2`. `rho_TX`, the correlation of `T` and `X`, is not zero; None among the three is a symbol. Left out, the
        distortion is to `X` itself.

    Raises
    ------
    ProblemError
        For a standard deviation that is not positive, a covariance beyond the Cauchy-Schwarz bound, or a remote source that
        is independent of `X`.

    Notes
    -----
    Source: [nguyen2026], section 4; for remote sources [dobrushin1962].

    Examples
    --------
    >>> g = Gaussian(mu_X=0, sigma_X=1, mu_Y=0.5, sigma_Y=1.5, mu_S=0, sigma_S=0.8, theta=0.6)
    >>> round(g.drc()(R=2.0), 6)
    0.595262
    >>> noisy = Gaussian(mu_X=0, sigma_X=1.25, mu_Y=0, sigma_Y=1, sigma_S=1, theta=1, remote=(0, 1, 0.8))
    >>> round(noisy.drc()(R=2.0), 6)
    0.450807
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
    remote: Sequence[Parameter] | None = None

    MEASURES = ("W2", "KL")

    def __post_init__(self) -> None:
        if self.remote is not None:
            self._set("remote", _remote(self.remote))
        # Which parameters there are depends on it.
        self._set("R_c", limit := exact("R_c", self.R_c))
        for symbol in (mu_X, mu_Y, mu_S, sigma_X, sigma_Y, sigma_S, theta):
            self._take(symbol)
        if (limit < 0) == True:  # noqa: E712 (a sympy relation may be undecided)
            raise must("R_c", "be at least 0", got=shown(limit))
        sees = "Y" if self.classifier_sees is None else self.classifier_sees
        self._set("theta", self._covariance())
        self._set("classifier_sees", classifier_given(self.setting, sees))
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
        return f"gaussian.{self.setting}" + ".limited" * self.is_limited + ".remote" * (self.remote is not None)

    @property
    def _PARAMETERS(self) -> tuple[str, ...]:
        own = ("mu_X", "sigma_X", "mu_Y", "sigma_Y", "mu_S", "sigma_S", "theta")
        return (*own, *(("R_c",) if self.is_limited else ()))

    @property
    def _unused(self) -> tuple[str, ...]:
        # The mean of `S` never matters, nor that of `X` beside a remote source; with limited common randomness, the whole
        # law of `S` does not, and so no scale of such an `X`.
        unused = ("mu_S", "sigma_S", "theta") if self.is_limited else ("mu_S",)
        of_X = ("mu_X", "sigma_X") if self.is_limited else ("mu_X",)
        return unused if self.remote is None else (*unused, *of_X)

    @property
    def parameters(self) -> dict[str, sp.Expr]:
        """The parameters by name, those of a remote source among them."""
        remote = () if self.remote is None else self.remote
        return super().parameters | {symbol.name: value for symbol, value in zip(REMOTE, remote, strict=False)}  # pyright: ignore[reportReturnType] (read already)

    def changed(self, **parameters: object) -> Self:
        """Return the problem with other values of some parameters, those of a remote source among them.

        Examples
        --------
        >>> Gaussian(remote=(0, 1, 0.8)).changed(rho_TX=0.5).remote
        (0, 1, 1/2)
        """
        if self.remote is not None and "remote" not in parameters:
            known = self.parameters | parameters
            parameters["remote"] = tuple(known[symbol.name] for symbol in REMOTE)
        names = {symbol.name for symbol in REMOTE}
        return super().changed(**{name: value for name, value in parameters.items() if name not in names})

    def perceived(self, perception: str = "W2", reference: tuple[Real, Real] | None = None) -> PerceivedGaussian:
        """Return the problem with a perception constraint instead of its target law.

        Parameters
        ----------
        perception : {"W2", "KL"}
        reference : (mu, sigma), optional
            Left out, it is the law of the source, or of the remote source.

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
            mean, deviation = (self.mu_X, self.sigma_X) if self.remote is None else self.remote[:2]
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
        return (*super()._unused, "mu_Y", "sigma_Y")

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set("perception", measure(self.perception, self.MEASURES, _REVERSED_KL))
        self._take(mu_ref)
        self._take(sigma_ref)

    @property
    def _PARAMETERS(self) -> tuple[str, ...]:
        return (*super()._PARAMETERS, "mu_ref", "sigma_ref")


def _remote(given: object) -> tuple[sp.Expr, ...]:
    """Read what is said of a remote source."""
    values = sequence("remote", given)
    if len(values) != len(REMOTE):
        raise must("remote", "be (mu_T, sigma_T, rho_TX)", given)
    pairs = zip(REMOTE, values, strict=True)
    mean, deviation, rho = (parameter(symbol, symbol if value is None else value) for symbol, value in pairs)
    if (abs(rho) > 1) == True and (abs(rho) <= 1 + ROUNDING) == True:  # noqa: E712 (a sympy relation may be undecided)
        rho = sp.sign(rho)
    if rho == 0 or (abs(rho) > 1) == True:  # noqa: E712
        raise must("rho_TX", "be in [-1, 1] and not 0 (T would be independent of X)", got=shown(rho))
    return mean, deviation, rho
