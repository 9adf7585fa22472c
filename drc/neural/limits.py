"""Theory beside practice: what no codec can do on these images, and what Gaussian images of the same covariance allow.

The law of real images is not known, so a bound needs a law that is. Two are:

* The test images themselves, each with the same probability. A codec that is measured on them is a codec of this source,
  so limits of this finite alphabet are true bounds, as long as the common randomness is independent of the images.
  They end where the rate can tell all images apart, at `log2 n` bits.
* Gaussian images of the same covariance. Of all sources with one covariance the Gaussian one is the hardest, so its
  distortion-rate function lies above that of the images: no bound for a codec, but what long blocks reach at least.
"""

from __future__ import annotations

import math

import numpy as np

from drc.errors import must
from drc.information.allocation import water_level
from drc.information.discrete import entropy
from drc.problems import Finite, VectorGaussian

#: More letters than this take long, and tell little more.
MOST_IMAGES = 400

#: Components with less than this share of the variance are rounding.
_SHARE = 1e-9


def least_distortion(x: np.ndarray, rates: list[float]) -> list[float]:
    """Return what the distortion of any codec on these images is at least, proved, in mean squared error per pixel.

    Parameters
    ----------
    x : array, shape (n, ...)
        The images that are coded, each with probability `1/n`; at most 400 of them.
    rates : list of float
        `H(Z|U)` in bits per image.

    Returns
    -------
    list of float
        Zero from `log2 n` bits on.

    Notes
    -----
    Let a codec send `Z` with `U` shared, and draw `X'` from the law of `X` given `(Z, U)`, independently of `X`. Then
    `E|X - X'|^2 = 2 E|X - E[X|Z,U]|^2 <= 2 D`, the law of `X'` is that of `X`, and `I(X;X') <= I(X;Z|U) <= R`. So `2 D` is
    at least the distortion-rate function of the finite alphabet of the images, onto itself and with its own law as the
    target: a problem that `drc.Finite` solves with proved bounds. The step is that of [blau2019], Theorem 2, for one image.

    Examples
    --------
    >>> x = np.array([[0.0], [0.0], [1.0], [1.0]])
    >>> [round(d, 6) for d in least_distortion(x, [0.0, 1.0])]
    [0.25, 0.0]
    """
    if len(x) > MOST_IMAGES:
        raise must("the number of images", f"be at most {MOST_IMAGES} for this bound", len(x))
    rows = x.reshape(len(x), -1).astype(float)
    images, counts = np.unique(rows, axis=0, return_counts=True)
    p = counts / len(rows)
    gaps = ((images[:, None] - images[None]) ** 2).mean(axis=2)
    problem = Finite(p[None, :], distortion=gaps, p_Y=p, setting="asymptotic", classifier_sees="Y")
    most = entropy(p)

    def least(rate: float) -> float:
        """Return twice the bound at one rate."""
        if rate >= most:
            return 0.0
        return problem.solve(R=rate, tolerance=1e-6).lower if rate else float(p @ gaps @ p)

    return [max(0.0, least(rate) / 2) for rate in rates]


def least_entropy(s: np.ndarray, rates: list[float]) -> list[float]:
    """Return what any classifier of the reconstructions leaves open of the label at least, in bits.

    `H(S|Y) >= H(S) - I(S;Y) >= H(S) - R`; the cross-entropy of a classifier is at least `H(S|Y)`.

    Examples
    --------
    >>> least_entropy(np.array([0, 1, 2, 3]), [0.5, 3.0])
    [1.5, 0.0]
    """
    H_S = float(entropy(np.unique(s, return_counts=True)[1] / len(s)))
    return [max(0.0, H_S - rate) for rate in rates]


def gaussian_distortion(x: np.ndarray, rates: list[float]) -> list[float]:
    """Return the distortion-rate function of Gaussian images with the covariance of these, a pixel.

    Reverse water-filling over the eigenvalues ([cover2006], Theorem 10.3.3), whatever the law of the reconstruction; rates
    are in bits per image.

    Examples
    --------
    >>> x = np.array([[1.0], [-1.0]])
    >>> gaussian_distortion(x, [0.0, 1.0])
    [1.0, 0.25]
    """
    rows = x.reshape(len(x), -1).astype(float)
    centred = rows - rows.mean(axis=0)
    # Of few large images the products have the same eigenvalues, but for zeros.
    products = centred @ centred.T if len(rows) < rows.shape[1] else centred.T @ centred
    variances = np.linalg.eigvalsh(products / len(rows))[::-1]
    variances = variances[variances > _SHARE * variances.sum()]
    # Reverse water-filling is water-filling of the logarithms, upside down.
    levels = np.exp(-water_level(2 * math.log(2) * np.array(rates), -np.log(variances)))
    return (np.minimum(variances, levels[:, None]).sum(axis=1) / rows.shape[1]).tolist()


def gaussian_transport(x: np.ndarray, y: np.ndarray, rates: list[float]) -> list[float]:
    """Return the least distortion of Gaussian images whose reconstruction has the law of the clean domain, a pixel.

    Given degraded images `x`, clean ones `y` of another draw, and rates in bits per image.

    Notes
    -----
    Both covariances are those of the images, which need not commute; see `VectorGaussian.from_covariances`. Directions in
    which the degraded images hardly vary save nothing, and cost the variance of the clean ones, whatever the rate.
    """
    a, b = (images.reshape(len(images), -1).astype(float) for images in (x, y))
    means, covariances = zip(
        *((each.mean(axis=0), np.cov(each, rowvar=False, bias=True)) for each in (a, b)), strict=True
    )
    problem = VectorGaussian.from_covariances(*covariances, mu_X=means[0], mu_Y=means[1])
    return [float(problem.solve(R=rate, tolerance=1e-6).value) / a.shape[1] for rate in rates]
