"""What a bound `C` on `H(S|Y)` means for the error rate of the best classifier, and what `C` a wanted accuracy takes.

Let `e` be the least probability of error with which a label `S` of `n` values can be guessed from `Y`. Then

    phi(e)  <=  H(S|Y)  <=  H_b(e) + e log(n - 1),        0 <= e <= 1 - 1/n

where the right-hand side is Fano's inequality ([cover2006], theorem 2.10.1) and the left-hand side its converse
([feder1994]): `phi` is linear between the points `e = 1 - 1/k`, `k = 1, ..., n`, at which it is `log k`.  Each bound is
attained, by an error that is alike in all directions and by guesses among `k` labels that are equally likely.  The same
holds of `H(S|Y,U)` and a classifier that sees `(Y, U)`.

A label on the line has an error too: no estimate of `S` has a mean squared error below `2^(2 h(S|Y))/(2 pi e)`, and for
normal laws the conditional mean reaches that ([cover2006], theorem 8.6.6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from drc.errors import ProblemError, must
from drc.information.entropy import binary_entropy
from drc.information.roots import decreasing_root
from drc.numbers import finite, nonnegative, real, reals, whole
from drc.units import Unit, unit_named

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


#: Up to this number every whole number of labels is a double.
_MOST_LABELS = 2**53


class Classification(NamedTuple):
    """Two bounds on `H(S|Y)` for a wanted accuracy.

    Attributes
    ----------
    guarantees : float
        Every code with `H(S|Y) <= guarantees` has that accuracy.
    necessary : float
        Every code with that accuracy has `H(S|Y) <= necessary`.
    """

    guarantees: float
    necessary: float


def classification_bounds(accuracy: float, labels: int, unit: str | Unit = "bits") -> Classification:
    """Turn a wanted accuracy of the best classifier into bounds `C`.

    Parameters
    ----------
    accuracy : float
        In [1/labels, 1].
    labels : int
        How many values `S` has, at least 2.
    unit : {"bits", "nats"}
        The unit of the bounds.

    Returns
    -------
    Classification
        `C = guarantees` suffices for every code; with more than `C = necessary` no code will do.

    Raises
    ------
    ProblemError
        For a number of labels or an accuracy out of range.

    Examples
    --------
    >>> bounds = classification_bounds(0.95, labels=10)
    >>> round(bounds.guarantees, 6), round(bounds.necessary, 6)
    (0.1, 0.444893)
    """
    n = _number_of(labels)
    found = finite("accuracy", accuracy)
    # As floats, because 1/3 in a float is a decimal a little below a third.
    if not 1 / n <= float(found) <= 1:
        raise ProblemError(f"accuracy must be in [1/{n}, 1] for {n} labels, got {accuracy}")
    error = float(1 - found)
    return Classification(float(least_entropy(error, n, unit)), float(most_entropy(error, n, unit)))


def most_entropy(error: ArrayLike, labels: int, unit: str | Unit = "bits") -> np.ndarray:
    """Fano's inequality: the most `H(S|Y)` that a best error rate allows, `H_b(e) + e log(n - 1)`.

    Parameters
    ----------
    error : array of any shape
        In [0, 1 - 1/labels].
    unit : {"bits", "nats"}

    Returns
    -------
    array of the shape of `error`

    Raises
    ------
    ProblemError
        For a number of labels or an error out of range.

    Examples
    --------
    >>> most_entropy([0, 0.05, 0.5], labels=2).round(6).tolist()
    [0.0, 0.286397, 1.0]
    """
    n = _number_of(labels)
    return _fano(_error(error, n), n) / unit_named(unit).in_nats


def least_entropy(error: ArrayLike, labels: int, unit: str | Unit = "bits") -> np.ndarray:
    """The converse of Fano's inequality: the least `H(S|Y)` that a best error rate allows.

    Parameters, returns and errors are those of `most_entropy`.

    Examples
    --------
    >>> least_entropy([0, 0.05, 0.5, 0.75], labels=4).round(6).tolist()
    [0.0, 0.1, 1.0, 2.0]
    """
    n = _number_of(labels)
    error = _error(error, n)
    # Between 1 - 1/k and 1 - 1/(k + 1) the bound is a chord.
    k = np.clip(np.floor(1 / (1 - error)), 1, n - 1)
    return (np.log(k) + (error - (k - 1) / k) * _steepness(k)) / unit_named(unit).in_nats


def least_error(C: ArrayLike, labels: int, unit: str | Unit = "bits") -> np.ndarray:
    """The least error rate that `H(S|Y) = C` allows: no classifier errs less often.

    Parameters
    ----------
    C : array of any shape
        Not negative; from `log(labels)` on, nothing is known of the label.
    unit : {"bits", "nats"}
        The unit of `C`.

    Returns
    -------
    array of the shape of `C`

    Raises
    ------
    ProblemError
        For a number of labels or a bound out of range.

    Examples
    --------
    >>> least_error([0, 0.286397, 1, 2], labels=2).round(6).tolist()
    [0.0, 0.05, 0.5, 0.5]
    """
    n = _number_of(labels)
    nats = nonnegative("C", C) * unit_named(unit).in_nats
    inside = (nats > 0) & (nats < np.log(n))
    target = np.log(np.where(inside, nats, np.log(n) / 2))
    top = np.log1p(-1 / n)

    def short(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        e = np.exp(x)
        return target - np.log(_fano(e, n)), -e * (np.log1p(-e) + np.log(n - 1) - x) / _fano(e, n)

    # The error is nearly proportional to the bound: Newton's method on logarithms.
    x = decreasing_root(
        short, np.full_like(target, -750.0), np.full_like(target, top), np.minimum(target - 2, top - 0.1)
    )
    return np.where(inside, np.exp(x), np.where(nats > 0, 1 - 1 / n, 0.0))[()]


def largest_error(C: ArrayLike, labels: int, unit: str | Unit = "bits") -> np.ndarray:
    """The largest error rate of the best classifier that `H(S|Y) <= C` allows: `C/2` for at most one bit.

    Parameters, returns and errors are those of `least_error`.

    Examples
    --------
    >>> largest_error([0, 0.1, 1, 2, 3], labels=4).round(6).tolist()
    [0.0, 0.05, 0.5, 0.75, 0.75]
    """
    n = _number_of(labels)
    nats = np.minimum(nonnegative("C", C) * unit_named(unit).in_nats, np.log(n))
    k = np.clip(np.floor(np.exp(nats)), 1, n - 1)
    return (k - 1) / k + (nats - np.log(k)) / _steepness(k)


def least_rms_error(C: ArrayLike, unit: str | Unit = "bits") -> np.ndarray:
    """Least root of the mean squared error of an estimate of a real label, for a differential entropy `h(S|Y) = C`.

    Parameters
    ----------
    C : array of any shape
        A differential entropy, which may be negative.
    unit : {"bits", "nats"}
        The unit of `C`.

    Returns
    -------
    array of the shape of `C`, in the unit of `S`; normal laws reach it

    Examples
    --------
    >>> float(least_rms_error(classification_bound_of_rms(0.2)).round(12))
    0.2
    """
    nats = np.asarray(reals("C", C)) * unit_named(unit).in_nats
    return np.exp(nats) / np.sqrt(2 * np.pi * np.e)


def classification_bound_of_rms(error: float, unit: str | Unit = "bits") -> float:
    """Turn a wanted root mean squared error of `S` into a bound `C` on `h(S|Y)`: necessary, and enough for normal laws.

    Parameters
    ----------
    error : float
        Positive, in the unit of `S`.
    unit : {"bits", "nats"}

    Raises
    ------
    ProblemError
        For an error that is not positive.

    Examples
    --------
    >>> round(classification_bound_of_rms(0.2), 6)
    -0.274833
    """
    error = real("error", error, 0, above=True)
    return float(np.log(error * np.sqrt(2 * np.pi * np.e)) / unit_named(unit).in_nats)


def _fano(error: np.ndarray, n: int) -> np.ndarray:
    return binary_entropy(error, "nats") + error * np.log(n - 1)


def _steepness(k: np.ndarray) -> np.ndarray:
    """Slope of the chord from `k` to `k + 1` labels that are equally likely."""
    return k * (k + 1) * np.log1p(1 / k)


def _number_of(labels: int) -> int:
    return whole("labels", labels, 2, _MOST_LABELS)


def _error(error: ArrayLike, n: int) -> np.ndarray:
    error = np.asarray(reals("error", error))
    # 1 - 1/n may be written with an ulp too much.
    if not ((error >= 0) & (error <= (1 - 1 / n) * (1 + 1e-15))).all():
        raise must("error", f"be in [0, 1 - 1/{n}], the least error rates of {n} labels", error.tolist())
    return np.minimum(error, 1 - 1 / n)
