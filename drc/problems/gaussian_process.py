"""Stationary Gaussian processes, squared error, asymptotic: a vector problem without end."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from drc import doors
from drc.errors import ProblemError, must
from drc.numbers import reals, whole
from drc.problems.frames import sequence
from drc.problems.problem import Problem
from drc.problems.validation import number, parameter, shown
from drc.problems.vector_gaussian import VectorGaussian

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from drc.doors import Solution
    from drc.types import Real

#: How many frequencies spectra are computed at, at least and at most, and what has faded.
_FIRST, _MOST, _FADED = 2**10, 2**20, 1e-17

#: The least of a spectrum, as a part of the largest, that is told from zero; and of coefficients that are kept.
_POSITIVE, _KEPT = 1e-10, 1e-13

_SIDES = ("X", "Y")


@dataclass(frozen=True)
class GaussianProcess(Problem):
    """A stationary Gaussian source and a stationary Gaussian target, each an ARMA process; squared error, per sample.

    Each is `Z_t = mu + sum_k ar_k (Z_(t-k) - mu) + e_t + sum_k ma_k e_(t-k)` with white `e_t` such that `Z_t` has the
    standard deviation `sigma`. Common randomness is unlimited, and no label is given.

    Parameters
    ----------
    sigma_X, sigma_Y : number
        Standard deviations of a sample (positive).
    ar_X, ar_Y, ma_X, ma_Y : sequence of numbers
        The coefficients; left out, there are none.
    mu_X, mu_Y : number

    Raises
    ------
    ProblemError
        For an `ar` that is not stationary, or an `ma` whose spectrum has a zero.

    Notes
    -----
    With the spectra `S_X` and `S_Y`, and `a(w) = sqrt(S_X(w) S_Y(w))`, it is the vector problem whose components are the
    frequencies: `D = (mu_X - mu_Y)^2 + sigma_X^2 + sigma_Y^2 - 2 mean of a(w) sqrt(1 - exp(-2 r(w)))`, where the rates
    `r(w)` in nats have the mean `R`, and are shared by water-filling (means are over all frequencies). It is the limit of
    the problems of `block(n)`, divided by `n`: the eigenvalues of Toeplitz matrices are distributed as their spectra are.

    Examples
    --------
    >>> p = GaussianProcess(sigma_X=1, sigma_Y=1.4, ar_X=[0.9], ar_Y=[-0.3])
    >>> [round(p.block(n).solve(R=n / 2, unit="nats").value / n, 4) for n in (50, 200)]
    [1.6938, 1.7112]
    >>> round(p.solve(R=0.5, unit="nats").value, 4)
    1.717
    """

    sigma_X: Real
    sigma_Y: Real
    ar_X: Sequence[Real] = ()
    ar_Y: Sequence[Real] = ()
    ma_X: Sequence[Real] = ()
    ma_Y: Sequence[Real] = ()
    mu_X: Real = 0
    mu_Y: Real = 0

    def __post_init__(self) -> None:
        for side in _SIDES:
            deviation = parameter(sp.Symbol(f"sigma_{side}", positive=True), getattr(self, f"sigma_{side}"))
            taken = {f"sigma_{side}": number(f"sigma_{side}", deviation)}
            taken[f"mu_{side}"] = parameter(
                sp.Symbol(f"mu_{side}", real=True), number("mu", getattr(self, f"mu_{side}"))
            )
            for name in (f"ar_{side}", f"ma_{side}"):
                given = enumerate(sequence(name, getattr(self, name)), 1)
                values = (number(f"{name}[{i}]", value) for i, value in given)
                taken[name] = tuple(parameter(sp.Symbol(name, real=True), value) for value in values)  # pyright: ignore[reportArgumentType]
            for name, value in taken.items():
                self._set(name, value)
            self._check(side)

    def _check(self, side: str) -> None:
        ar, ma = (np.array(getattr(self, f"{name}_{side}"), dtype=float) for name in ("ar", "ma"))
        largest = np.abs(np.roots([1.0, *-ar])).max(initial=0.0)
        if not largest < 1:
            raise must(
                f"ar_{side}",
                "be stationary, with all roots inside of the unit circle",
                got=f"one of size {largest:.6g}",
            )
        if not _is_positive(np.abs(_response(ma, _FIRST)) ** 2):
            raise must(f"ma_{side}", "have a spectrum without zeros", getattr(self, f"ma_{side}"))

    @classmethod
    def from_spectra(
        cls, spectrum_X: ArrayLike, spectrum_Y: ArrayLike, *, mu_X: Real = 0, mu_Y: Real = 0
    ) -> GaussianProcess:
        """Make the problem of two power spectra: each becomes a moving average or an autoregression, whichever is shorter.

        Parameters
        ----------
        spectrum_X, spectrum_Y : arrays of shape (N,)
            Values at the frequencies `2 pi k / N`, as `numpy.fft` orders them: positive, symmetric, and with the variance of
            a sample as their mean. `N` is to be large enough that one of the two filters fades within `N/2` steps.
        mu_X, mu_Y : number

        Raises
        ------
        ProblemError
            For a spectrum that is not positive, or not symmetric, or given at too few frequencies.

        Examples
        --------
        >>> w = 2 * np.pi * np.arange(512) / 512
        >>> p = GaussianProcess.from_spectra(0.19 / (1.81 - 1.8 * np.cos(w)), np.ones(512))
        >>> [round(float(c), 9) for c in (p.sigma_X, *p.ar_X)]
        [1.0, 0.9]
        """
        found = {}
        for side, given in zip(_SIDES, (spectrum_X, spectrum_Y), strict=True):
            name = f"spectrum_{side}"
            values = np.asarray(reals(name, given), dtype=float)
            if values.ndim != 1 or len(values) < 2 or not _is_positive(values):
                raise must(name, "be an array of at least two positive finite values", given)
            if not np.allclose(values[1:], values[:0:-1], rtol=1e-9, atol=0):
                raise ProblemError(
                    f"{name} must be symmetric, with the same value at w and 2 pi - w, got one that is not"
                )
            found |= {f"sigma_{side}": np.sqrt(values.mean()), **_filter(side, values)}
        return cls(**found, mu_X=mu_X, mu_Y=mu_Y)

    @classmethod
    def from_autocovariances(
        cls, covariances_X: ArrayLike, covariances_Y: ArrayLike, *, mu_X: Real = 0, mu_Y: Real = 0
    ) -> GaussianProcess:
        """Make the problem of two sequences of autocovariances, at the lags 0, 1, ... and zero beyond the last.

        Raises
        ------
        ProblemError
            For a sequence that is not that of a process with a positive spectrum.

        Examples
        --------
        >>> p = GaussianProcess.from_autocovariances([1.25, 0.5], [1])
        >>> [round(float(c), 9) for c in (p.sigma_X**2, *p.ma_X)]
        [1.25, 0.5]
        """
        spectra = []
        for side, given in zip(_SIDES, (covariances_X, covariances_Y), strict=True):
            name = f"covariances_{side}"
            lags = np.atleast_1d(np.asarray(reals(name, given), dtype=float))
            if lags.ndim != 1 or not len(lags) or not np.isfinite(lags).all():
                raise must(name, "be finite numbers of shape (n,)", given)
            size = max(_FIRST * 4, 8 * len(lags))
            values = 2 * np.fft.fft(lags, size).real - lags[0]
            if not _is_positive(values):
                raise must(name, "have a positive spectrum", got=f"one with the value {values.min():g}")
            spectra.append(values)
        return cls.from_spectra(*spectra, mu_X=mu_X, mu_Y=mu_Y)

    @property
    def id(self) -> str:
        """The setting's name."""
        return "gaussian.process"

    def autocovariances(self, side: str, n: int) -> np.ndarray:
        """Return the autocovariances at the lags `0 .. n - 1`.

        Parameters
        ----------
        side : {"X", "Y"}
        n : int

        Examples
        --------
        >>> GaussianProcess(1, 2, ar_Y=[0.5]).autocovariances("Y", 3).round(9).tolist()
        [4.0, 2.0, 1.0]
        """
        if side not in _SIDES:
            raise must("side", "be 'X' or 'Y'", side)
        n = whole("n", n, 1)
        deviation, ar, ma = (getattr(self, f"{name}_{side}") for name in ("sigma", "ar", "ma"))
        # On a circle of this many steps what comes round again has faded.
        size = n + len(ma) + math.ceil(math.log(_FADED) / math.log(max(_FADED, _radius(ar))))
        if size > max(_MOST, 8 * n):
            raise ProblemError(f"ar_{side} must forget sooner to have autocovariances, got {', '.join(map(shown, ar))}")
        size = 2 ** math.ceil(math.log2(size))
        found = np.fft.ifft(np.abs(_response(ma, size) / _response([-c for c in ar], size)) ** 2).real[:n]
        return float(deviation) ** 2 * found / found[0]

    def block(self, n: int) -> VectorGaussian:
        """Return the problem of `n` samples in a row, whose rates and distortions are those of the whole block.

        Examples
        --------
        >>> GaussianProcess(1, 1, ar_X=[0.5]).block(3).n
        3
        """
        at = np.arange(whole("n", n, 1))
        covariances = (self.autocovariances(side, n)[np.abs(at[:, None] - at)] for side in _SIDES)
        means = (np.full(n, float(mu)) for mu in (self.mu_X, self.mu_Y))
        return VectorGaussian.from_covariances(*covariances, **dict(zip(("mu_X", "mu_Y"), means, strict=True)))

    def solve(self, *, minimise: str = "D", **bounds: object) -> Solution:
        """Minimise over the rates of all frequencies, and enclose the answer by integrals in ball arithmetic.

        Parameters
        ----------
        minimise : {"D", "R"}
        R, D : number, optional
            The constraints, per sample; one left out is inactive.
        unit : {"bits", "nats"}
        tolerance : float
            The gap that counts as optimal, as a part of the variance of the source, or of one bit.

        Examples
        --------
        >>> s = GaussianProcess(1, 1, ar_X=[0.5], ar_Y=[0.5]).solve(R=1)
        >>> s.status, round(s.value, 6)
        ('optimal', 0.204955)
        """
        return doors.solve(self.id, self, minimise=minimise, **bounds)


def _radius(ar: Sequence[Real]) -> float:
    """Return the size of the largest root of an autoregression, by which it forgets in one step."""
    return float(np.abs(np.roots([1.0, *(-float(c) for c in ar)])).max(initial=0.0))  # pyright: ignore[reportArgumentType]


def _response(coefficients: Sequence[Real] | np.ndarray, size: int) -> np.ndarray:
    """Return `1 + sum c_k exp(-i k w)` at equidistant frequencies."""
    return np.fft.fft([1.0, *map(float, coefficients)], size)  # pyright: ignore[reportArgumentType] (numbers)


def _is_positive(spectrum: np.ndarray) -> bool:
    return bool(np.isfinite(spectrum).all() and spectrum.min() > _POSITIVE * spectrum.max())


def _filter(side: str, spectrum: np.ndarray) -> dict[str, list[float]]:
    """Return the coefficients of minimum phase with a spectrum: moving average or autoregression, whichever is shorter."""
    half = len(spectrum) // 2
    cepstrum = np.fft.ifft(np.log(spectrum)).real / 2
    cepstrum[1 : (len(spectrum) + 1) // 2] *= 2
    cepstrum[half + 1 :] = 0
    found = {}
    for name, sign in (("ma", 1), ("ar", -1)):
        response = np.fft.ifft(np.exp(sign * np.fft.fft(cepstrum))).real
        response = response / response[0]
        size = np.abs(response) / np.abs(response).max()
        if size[half:].max() < _POSITIVE:
            last = np.flatnonzero(size[:half] > _KEPT)[-1]
            found[f"{name}_{side}"] = (sign * response[1 : last + 1]).tolist()
    if not found:
        raise ProblemError(
            f"spectrum_{side} must have more frequencies, got {len(spectrum)}, within which no filter of it fades"
        )
    return dict([min(found.items(), key=lambda item: len(item[1]))])
