"""A denoiser that learns from noisy images alone, for a codec to learn from.

Its estimate `g(x)` of a clean image is the non-local means ([buades2005]) of the noisy image `x`, plus a small network of
both. For Gaussian noise of known standard deviation `s` on `n` numbers, the mean squared error of any smooth `g` has an
estimate that needs no clean image and is right on average ([stein1981]):

    |x - g(x)|^2 / n - s^2 + 2 s^2 div g(x) / n,        div g(x) ~ b.(g(x + t b) - g(x)) / t,

where the probe `b` is random signs ([ramani2008]). The network minimises it ([soltanayev2018]). Non-local means change with
the probe, too, but have no weights: they are computed once for each image and once for its moved copy.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from drc.neural.coding import MORE_DRAWS, private
from drc.neural.formats import denoised

#: The length `t` of the probe's step in standard deviations: the error is of its second order, and rounding far below.
STEP = 0.02

#: A draw of the training of this backend alone.
_PROBES = MORE_DRAWS + 1


class Lessons(NamedTuple):
    """What a teacher sees of images, all of one shape: these, their probes, the moved images, and both denoised.

    Here they are arrays of shape (n, height, width, channels), and tensors with the channels in front in training.
    """

    x: np.ndarray
    probe: np.ndarray
    moved: np.ndarray
    smooth: np.ndarray
    moved_smooth: np.ndarray


def lessons(x: np.ndarray, deviation: float, seed: int) -> Lessons:
    """Return what is needed to learn from noisy images, whose noise has this standard deviation.

    Examples
    --------
    >>> x = np.full((1, 8, 8, 1), 0.5, np.float32)
    >>> found = lessons(x, 0.1, seed=0)
    >>> sorted(set(found.probe.ravel().tolist())), round(float(abs(found.moved - x).max()), 6)
    ([-1.0, 1.0], 0.002)
    """
    probe = (2 * private(seed, _PROBES, 0).integers(0, 2, x.shape) - 1).astype(x.dtype)
    moved = x + x.dtype.type(STEP * deviation) * probe
    return Lessons(x, probe, moved, *(smoothed(images, deviation) for images in (x, moved)))


def risk(y: torch.Tensor, moved: torch.Tensor, x: torch.Tensor, probe: torch.Tensor, deviation: float) -> torch.Tensor:
    """Return an unbiased estimate of the mean squared error per number of estimates `y` to the clean images behind `x`.

    Parameters
    ----------
    y, moved : tensors
        The estimates for the noisy images `x`, and for `x + STEP deviation probe`, of the same shape.
    deviation : float
        The standard deviation of the noise.

    Notes
    -----
    Source: [stein1981] and [ramani2008]; unbiased up to the second order of the step.

    Examples
    --------
    The image as it is, taken as the estimate, has the error of the noise.

    >>> x, probe = torch.tensor([0.3, 0.5]), torch.tensor([1.0, -1.0])
    >>> round(risk(x, x + 0.1 * STEP * probe, x, probe, 0.1).item(), 6)
    0.01
    """
    divergence = (probe * (moved - y)).mean() / (STEP * deviation)
    return (y - x).square().mean() + deviation**2 * (2 * divergence - 1)


def smoothed(images: np.ndarray, deviation: float) -> np.ndarray:
    """Return images of shape (n, height, width, channels), whose noise has a known standard deviation, each denoised."""
    return np.stack([denoised(image, deviation) for image in images]).astype(images.dtype)


def turned(images: torch.Tensor, number: int) -> torch.Tensor:
    """Return images of shape (n, channels, height, width) in one of the eight positions of a square.

    Examples
    --------
    >>> x = torch.arange(4.0).reshape(1, 1, 2, 2)
    >>> len({tuple(turned(x, number).ravel().tolist()) for number in range(8)})
    8
    """
    found = images.rot90(number % 4, (2, 3))
    return found.flip(3) if number >= 4 else found
