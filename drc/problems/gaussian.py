"""Scalar Gaussian source, squared error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from drc import doors
from drc.errors import NotAvailableError, ProblemError, must
from drc.problems.perception import measure
from drc.problems.problem import Problem
from drc.problems.validation import choice, exact, in_range, number, shown

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from drc.doors import Solution, Tradeoff

mu_X, mu_Y, mu_S, mu_ref, theta = sp.symbols("mu_X mu_Y mu_S mu_ref theta", real=True)
#: A covariance given as the product of two floats may exceed the bound by their rounding; it is taken for the bound.
_ROUNDING = sp.Rational(1, 10**15)

sigma_X, sigma_Y, sigma_S, sigma_ref = sp.symbols("sigma_X sigma_Y sigma_S sigma_ref", positive=True)
R_c = sp.Symbol("R_c", nonnegative=True)

#: Why `KL(p_ref||p_Y)` cannot be the perception measure.
_REVERSED_KL = (
    "because normal Y are not optimal for it (a mixture of p_ref with a little mass far out has almost no divergence and any"
    " larger standard deviation)"
)


@dataclass(frozen=True)
class Gaussian(Problem):
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

    mu_X: Any = None
    sigma_X: Any = None
    mu_Y: Any = None
    sigma_Y: Any = None
    mu_S: Any = None
    sigma_S: Any = None
    theta: Any = None
    R_c: Any = sp.oo
    setting: str = "asymptotic"
    classifier_sees: str | None = None

    def __post_init__(self) -> None:
        for symbol in (mu_X, mu_Y, mu_S):
            self._take(symbol, low=-sp.oo)
        for symbol in (sigma_X, sigma_Y, sigma_S):
            self._take(symbol, low=sp.S.Zero)
        self._take(theta, low=-sp.oo)
        bound = self.sigma_S * self.sigma_X
        if (bound < abs(self.theta)) == True and (abs(self.theta) <= bound * (1 + _ROUNDING)) == True:  # noqa: E712
            object.__setattr__(self, "theta", sp.sign(self.theta) * bound)
        if (abs(self.theta) > bound) == True:  # noqa: E712 (a sympy relation may be undecided)
            raise must("theta", f"satisfy |theta| <= sigma_S * sigma_X = {shown(bound)}", got=shown(self.theta))
        choice("setting", self.setting, ("one-shot", "asymptotic"))
        sees = "Y" if self.classifier_sees is None else self.classifier_sees
        object.__setattr__(self, "classifier_sees", choice("classifier_sees", sees, ("YU", "Y")))
        object.__setattr__(self, "R_c", self._common_randomness())
        if self.setting != "asymptotic" or self.classifier_sees != "Y":
            raise NotAvailableError(
                "a Gaussian must have setting='asymptotic' and classifier_sees='Y' (no other is available yet), got"
                f" {self.setting!r} and {self.classifier_sees!r}"
            )

    def _take(self, symbol: sp.Symbol, *, low: sp.Expr) -> None:
        given = getattr(self, symbol.name)
        value = symbol if given is None else exact(symbol.name, given)
        value = in_range(symbol.name, value, low, sp.oo, open_low=low == 0)
        object.__setattr__(self, symbol.name, value)

    def _common_randomness(self) -> sp.Expr:
        value = exact("R_c", self.R_c)
        if (value < 0) == True:  # noqa: E712
            raise must("R_c", "be at least 0", got=shown(value))
        return value

    @property
    def is_limited(self) -> bool:
        """Whether common randomness is limited."""
        return self.R_c != sp.oo

    @property
    def id(self) -> str:
        """The setting's name in the catalogue."""
        return f"gaussian.{self.setting}" + (".limited" if self.is_limited else "")

    @property
    def parameters(self) -> dict[str, sp.Expr]:
        """The parameters by name."""
        names = (
            "mu_X",
            "sigma_X",
            "mu_Y",
            "sigma_Y",
            "mu_S",
            "sigma_S",
            "theta",
            *(["R_c"] if self.is_limited else []),
        )
        return {name: getattr(self, name) for name in names}

    @property
    def numbers(self) -> dict[str, sp.Expr]:
        """The parameters by name, all of them numbers.

        Raises
        ------
        ProblemError
            If one is still a symbol. The mean of `S` never matters and may be one; with limited common randomness, so may
            the whole law of `S`.
        """
        unused = ("mu_S", "sigma_S", "theta") if self.is_limited else ("mu_S",)
        return {name: number(name, value) for name, value in self.parameters.items() if name not in unused}

    @property
    def assumptions(self) -> tuple[sp.Basic, ...]:
        """What is allowed for the parameters that are still symbols; `out_of_range` checks numbers by the same."""
        ranges = [
            sp.Ge(value, 0, evaluate=False) if name == "R_c" else sp.Gt(value, 0, evaluate=False)
            for name, value in self.parameters.items()
            if value.free_symbols and (name == "R_c" or name.startswith("sigma"))
        ]
        if self.theta.free_symbols:
            ranges.append(sp.Le(abs(self.theta), self.sigma_S * self.sigma_X, evaluate=False))
        return tuple(ranges)

    def out_of_range(self, numbers: Mapping[str, ArrayLike]) -> np.ndarray:
        """Mark, element by element, standard deviations that are not positive and covariances too large."""
        wrong = [np.isinf(value) for name, value in numbers.items() if name != "R_c"]
        wrong += [np.less(value, 0) for name, value in numbers.items() if name == "R_c"]
        wrong += [np.less_equal(value, 0) for name, value in numbers.items() if name.startswith("sigma")]
        if {"theta", "sigma_S", "sigma_X"} <= numbers.keys():
            bound = np.multiply(numbers["sigma_S"], numbers["sigma_X"])
            wrong.append(np.abs(numbers["theta"]) > bound * (1 + float(_ROUNDING)))
        return np.logical_or.reduce(np.broadcast_arrays(*wrong))

    def drc(self, *, form: str = "exact", unit: str = "bits") -> Tradeoff:
        """Least squared error for a rate and a classification bound: the trade-off `D(R, C)`.

        Parameters
        ----------
        form : {"exact", "published"}
            The derived trade-off, or the one that the paper prints.
        unit : {"bits", "nats"}
            The unit of `R` and `C`.

        Returns
        -------
        Tradeoff

        Examples
        --------
        >>> Gaussian(0, 1, 0, 1, 0, 1, 0.5).drc()(R=0)
        2.0
        """
        return self._tradeoff("drc", form, unit)

    def rdc(self, *, form: str = "exact", unit: str = "bits") -> Tradeoff:
        """Least rate for a distortion and a classification bound: the trade-off `R(D, C)`.

        Parameters and returns are those of `drc`.

        Examples
        --------
        >>> Gaussian(0, 1, 0, 1, 0, 1, 0.5).rdc()(D=2)
        0.0
        """
        return self._tradeoff("rdc", form, unit)

    def drpc(
        self, *, perception: str = "W2", reference: Any = None, form: str = "exact", unit: str = "bits"
    ) -> Tradeoff:
        """Least squared error for bounds on rate, perception and classification: the trade-off `D(R, P, C)`.

        The law of `Y` is free within `P` of a reference law; `mu_Y` and `sigma_Y` are not used.

        Parameters
        ----------
        perception : {"W2", "KL"}
            `P` bounds `W_2^2(p_Y, p_ref)`, or `KL(p_Y || p_ref)`.
        reference : (mu, sigma), optional
            The normal law `p_ref`; left out, it is the law of the source.
        form : {"exact", "published"}
            The derived trade-off, or the one that the paper prints (where the reference is the law of the source).
        unit : {"bits", "nats"}
            The unit of `R`, `C` and a KL `P`.

        Returns
        -------
        Tradeoff

        Raises
        ------
        ProblemError
            For an unknown measure, or a reference that is not a normal law.
        NotAvailableError
            For `KL(p_ref || p_Y)`, for which normal `Y` are not optimal.

        Examples
        --------
        >>> g = Gaussian(mu_X=0, sigma_X=1, mu_S=0, sigma_S=1, theta=0.5)
        >>> g.drpc(perception="W2")(R=1, P=[0, 0.01, 0.04]).round(6).tolist()
        [0.267949, 0.251154, 0.25]
        """
        return self._perceived_tradeoff("drpc", perception, reference, form, unit)

    def rdpc(
        self, *, perception: str = "W2", reference: Any = None, form: str = "exact", unit: str = "bits"
    ) -> Tradeoff:
        """Least rate for bounds on distortion, perception and classification: the trade-off `R(D, P, C)`.

        Parameters, returns and errors are those of `drpc`.

        Examples
        --------
        >>> g = Gaussian(mu_X=0, sigma_X=1, mu_S=0, sigma_S=1, theta=0.5)
        >>> round(g.rdpc(perception="KL")(D=0.25, P=0), 6)
        1.046555
        """
        return self._perceived_tradeoff("rdpc", perception, reference, form, unit)

    def perceived(self, perception: str = "W2", reference: Any = None) -> PerceivedGaussian:
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

    def _perceived_tradeoff(self, name: str, perception: str, reference: Any, form: str, unit: str) -> Tradeoff:
        if isinstance(form, str) and form == "published" and reference is not None:
            raise must("reference", "be left out with form='published', which has the law of the source", reference)
        problem = self.perceived(perception, reference)
        return problem._tradeoff(f"{name}.{problem.perception}", form, unit)

    def solve(self, *, minimise: str = "D", **bounds: Any) -> Solution:
        """Minimise over the correlation `rho` numerically, by branch and bound in ball arithmetic.

        Parameters
        ----------
        minimise : {"D", "R"}
        R, D, C, P : number, optional
            The constraints; one left out is inactive.
        perception : {"W2", "KL"}, optional
            Given, the law of `Y` is free within `P` of `reference`; left out, it is the target law.
        reference : (mu, sigma), optional
            Left out, the law of the source.
        unit : {"bits", "nats"}
        tolerance : float
            The gap to stop at.

        Returns
        -------
        Solution

        Examples
        --------
        >>> Gaussian(0, 1, 0, 1, 0, 1, 0.5).solve(R=1).status
        'optimal'
        """
        if "perception" in bounds or "reference" in bounds:
            problem = self.perceived(bounds.pop("perception", "W2"), bounds.pop("reference", None))
            return problem.solve(minimise=minimise, **bounds)
        if bounds.get("P") is not None:
            raise ProblemError(
                f"P must come with a perception measure, got P = {bounds['P']} alone: give perception='W2' or 'KL'"
            )
        return doors.solve(self.id, self, minimise=minimise, **bounds)


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
        object.__setattr__(self, "perception", measure(self.perception, ("W2", "KL"), _REVERSED_KL))
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

    def solve(self, *, minimise: str = "D", **bounds: Any) -> Solution:
        """Minimise over correlation, mean and standard deviation numerically; `P` is the bound on the perception measure.

        Examples
        --------
        >>> g = PerceivedGaussian(mu_X=0, sigma_X=1, mu_S=0, sigma_S=1, theta=0.5, mu_ref=0, sigma_ref=1)
        >>> round(g.solve(R=1, P=0).value, 9)
        0.267949192
        """
        return doors.solve(f"{self.id}.perception", self, minimise=minimise, **bounds)
