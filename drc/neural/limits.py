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
from dataclasses import dataclass

import numpy as np

from drc.information.allocation import water_level
from drc.information.discrete import entropy
from drc.problems import VectorGaussian

#: Images of one finite source: the time grows with the square of their number.
MOST_IMAGES = 400

#: Slopes of the lines of which the bound is made, from this many times the variance down, and the factor between two.
_SLOPES, _STEEPEST, _FALL = 80, 16, 0.9

#: Steps towards the best line of each slope, and the share of the largest distance that covers their rounding.
_STEPS, _ROUNDING = 40, 1e-9

#: Components with less than this share of the variance are rounding.
_SHARE = 1e-9


def least_distortion(x: np.ndarray, rates: list[float]) -> list[float]:
    """Return what the distortion of any codec on these images is at least, proved, in mean squared error per pixel.

    Parameters
    ----------
    x : array, shape (n, ...)
        The images that are coded, each with probability `1/n`.
    rates : list of float
        `H(Z|U)` in bits per image, as the mean over the images.

    Returns
    -------
    list of float
        A convex function of the rate; zero from `log2 n` bits on, and from `log2 400` on for more than 400 images.

    Notes
    -----
    Let a codec send `Z` with `U` shared, and draw `X'` from the law of `X` given `(Z, U)`, independently of `X`. Then
    `E|X - X'|^2 = 2 E|X - E[X|Z,U]|^2 <= 2 D`, the law of `X'` is that of `X`, and `I(X;X') <= I(X;Z|U) <= R`. So `2 D` is
    at least the distortion-rate function of the finite alphabet of the images, onto itself and with its own law as the
    target. The step is that of [blau2019], Theorem 2, for one image.

    That function lies above lines. For any slope `t > 0` and any numbers `f` of the images, the variational formula of
    Donsker and Varadhan, applied to `(f(X) + f(X') - d(X, X')) / t`, gives

        E d(X, X') + t I(X;X') >= 2 E f(X) - t log E exp((f(X) + f(X') - d(X, X')) / t),

    where on the right `X` and `X'` are independent. A few steps of Sinkhorn's iteration choose `f` well; the bound holds
    whatever they come to.

    More than 400 images are divided into parts of equal size. Which part an image is in takes no bits here, and at equal
    slopes the lines of the parts have a mean, which holds for the mean rate, however a codec divides its bits.

    Examples
    --------
    >>> x = np.array([[0.0], [0.0], [1.0], [1.0]])
    >>> [round(d, 6) for d in least_distortion(x, [0.0, 1.0])]
    [0.25, 0.0]
    """
    rows = x.reshape(len(x), -1).astype(float)
    rows -= rows.mean(axis=0)
    parts = [_Letters.of(part) for part in np.array_split(rows, math.ceil(len(rows) / MOST_IMAGES))]
    shares = np.array([part.images for part in parts]) / len(rows)
    # Without rate the reconstruction is one image, and the mean of all is the best one.
    variance, most = float((rows**2).mean()), float(shares @ [part.entropy for part in parts])
    if not variance:
        return [0.0] * len(rates)
    slopes = _STEEPEST * variance * _FALL ** np.arange(_SLOPES)
    heights = shares @ [part.heights(slopes) for part in parts]

    def least(rate: float) -> float:
        """Return the bound at one rate."""
        if rate >= most:
            return 0.0
        return max(0.0, float((heights - math.log(2) * slopes * rate).max()) / 2) if rate else variance

    return [least(rate) for rate in rates]


@dataclass(frozen=True)
class _Letters:
    """Images as a finite alphabet: the probability of each, its squared distances to all, and how many images there were."""

    p: np.ndarray
    gaps: np.ndarray
    images: int

    @classmethod
    def of(cls, rows: np.ndarray) -> _Letters:
        letters, counts = np.unique(rows, axis=0, return_counts=True)
        squares = (letters**2).sum(axis=1)
        gaps = np.maximum(squares[:, None] + squares - 2 * letters @ letters.T, 0) / rows.shape[1]
        return cls(counts / len(rows), gaps, len(rows))

    @property
    def entropy(self) -> float:
        """In bits."""
        return float(entropy(self.p))

    def heights(self, slopes: np.ndarray) -> np.ndarray:
        """Return where the lines of these slopes, in nats and falling, meet the axis of no rate."""
        f, found = np.zeros(len(self.p)), []
        for slope in slopes:
            kernel = np.exp(-self.gaps / slope)
            for _ in range(_STEPS):
                f = (f - slope * np.log(kernel @ (self.p * np.exp(f / slope)))) / 2
            weights = self.p * np.exp(f / slope)
            total = weights @ kernel @ weights
            found.append(2 * self.p @ f - slope * np.log(total) - _ROUNDING * self.gaps.max())
        return np.array(found)


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
