"""What a bound `P` on the perception measure means for an observer, and what `P` a wanted fidelity takes.

An observer sees one `Y`, drawn with equal odds from the law of the code or from the reference, and says which.  The best
observer is right with probability `(1 + TV)/2`.  A divergence bounds the total variation by Pinsker's
inequality ([cover2006], lemma 11.6.1) and by that of Bretagnolle and Huber ([bretagnolle1979]), whichever is better:

    TV <= min(sqrt(KL/2), sqrt(1 - e^-KL)),        KL in nats

For normal laws `W_2^2 = (mu - mu_ref)^2 + (sigma - sigma_ref)^2`, so a bound of `(share sigma_ref)^2` keeps the shift of
mean and standard deviation within that share of `sigma_ref`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drc.errors import choice
from drc.numbers import finite, nonnegative, real
from drc.units import Unit, unit_named

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def most_detected(P: ArrayLike, measure: str = "TV", unit: str | Unit = "bits") -> np.ndarray:
    """How often the best observer can be right, at most, for a bound `P`: between 1/2 and 1.

    Parameters
    ----------
    P : array of any shape
        Not negative.
    measure : {"TV", "KL"}
        For bits, `W_2^2` is the total variation.
    unit : {"bits", "nats"}
        The unit of a KL bound.

    Returns
    -------
    array of the shape of `P`

    Raises
    ------
    ProblemError
        For an unknown measure or a negative bound.

    Examples
    --------
    >>> most_detected([0, 0.1, 1]).tolist(), float(most_detected(0.1, "KL").round(6))
    ([0.5, 0.55, 1.0], 0.593082)
    """
    P = nonnegative("P", P)
    if choice("measure", measure, ("TV", "KL")) == "TV":
        return (1 + np.minimum(P, 1.0)) / 2
    nats = P * unit_named(unit).in_nats
    return (1 + np.minimum(np.sqrt(nats / 2), np.sqrt(-np.expm1(-nats)))) / 2


def perception_bound(detected: float, measure: str = "TV", unit: str | Unit = "bits") -> float:
    """Turn a wanted fidelity, how often the best observer may be right, into a bound `P` that guarantees it.

    Parameters
    ----------
    detected : float
        In [1/2, 1]; 1/2 requires the reference law itself.
    measure : {"TV", "KL"}
        For TV the bound is also necessary. For bits, `W_2^2` is the total variation.
    unit : {"bits", "nats"}
        The unit of a KL bound.

    Raises
    ------
    ProblemError
        For an unknown measure, or a share out of range.

    Examples
    --------
    >>> round(perception_bound(0.55), 12), round(perception_bound(0.55, "KL"), 6)
    (0.1, 0.028854)
    """
    detected = real("detected", detected, 0.5, 1)
    variation = 2 * detected - 1
    if choice("measure", measure, ("TV", "KL")) == "TV":
        return variation
    huber = np.inf if variation == 1 else -np.log1p(-(variation**2))
    return float(max(2 * variation**2, huber) / unit_named(unit).in_nats)


def wasserstein_bound(share: float, sigma_ref: float) -> float:
    """Turn a largest shift of mean and standard deviation, as a share of `sigma_ref`, into a bound `P` on `W_2^2`.

    Parameters
    ----------
    share : float
        Not negative; 0.1 for a tenth of `sigma_ref`.
    sigma_ref : float
        Positive.

    Returns
    -------
    float, in the squared unit of `Y`

    Raises
    ------
    ProblemError
        For a number out of range.

    Examples
    --------
    >>> round(wasserstein_bound(0.1, sigma_ref=2.0), 12)
    0.04
    """
    shift = finite("share", real("share", share, 0)) * finite("sigma_ref", real("sigma_ref", sigma_ref, 0, above=True))
    return real("(share * sigma_ref)^2", shift**2)
