"""What happens to an image before the encoder sees it: an immutable operator for each kind.

Images are arrays of shape (n, height, width, channels) with values in [0, 1].  What leaves [0, 1] in an image that would
be stored is clipped, as every image format does.  Noise is not clipped, which would make it another noise.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import numpy as np

from drc.codes.randomness import CommonRandomness
from drc.errors import must
from drc.neural.fields import Count, Fields, Positive, Whole, Within

#: Images whose noise is drawn at once.
_BLOCK = 1024

#: Half the distance of two neighbours on the grid of the uniform numbers: it keeps them off zero.
_HALF = 2.0**-54


@dataclass(frozen=True)
class Bicubic(Fields, kind="bicubic"):
    """Bicubic reduction by a factor, and bicubic enlargement back to the old size.

    Attributes
    ----------
    factor : int
        Height and width are multiples of it.
    antialias : bool
        Whether the reduction averages over all pixels that fall together, as image software does, and what leaves [0, 1] is
        clipped. Without, both steps interpolate between four neighbours with `a = -3/4` and nothing is clipped, as
        PyTorch's `interpolate` does by default: most pixels are lost, and what is left varies more.

    Examples
    --------
    >>> grey = np.full((1, 8, 8, 1), 0.5)
    >>> bool(np.allclose(Bicubic(2).degrade(grey), grey))
    True
    """

    factor: Annotated[int, Within(2, 64)]
    antialias: bool = True

    def degrade(self, images: np.ndarray, seed: int = 0, stream: str = "") -> np.ndarray:
        """Return the degraded images; nothing is random."""
        sizes = images.shape[1:3]
        for name, size in zip(("height", "width"), sizes, strict=True):
            if size % self.factor:
                raise must("factor", f"divide the {name} {size}", self.factor)
        small = [size // self.factor for size in sizes]
        matrix = bicubic if self.antialias else interpolation
        low, high = (0.0, 1.0) if self.antialias else (-np.inf, np.inf)
        reduced = np.clip(_applied(images, matrix(sizes[0], small[0]), matrix(sizes[1], small[1])), low, high)
        return np.clip(_applied(reduced, matrix(small[0], sizes[0]), matrix(small[1], sizes[1])), low, high)


@dataclass(frozen=True)
class Noise(Fields, kind="noise"):
    """Independent Gaussian noise.

    Attributes
    ----------
    deviation : float
        In units of the full scale: noise of standard deviation 25 on images of 255 levels is 25/255.

    Notes
    -----
    The noise of image `i` is a function of the seed, the stream and `i`, whatever was drawn before.

    Examples
    --------
    >>> x = np.zeros((3, 2, 2, 1))
    >>> bool((Noise(0.1).degrade(x, seed=1)[:2] == Noise(0.1).degrade(x[:2], seed=1)).all())
    True
    """

    deviation: Positive

    def degrade(self, images: np.ndarray, seed: int = 0, stream: str = "") -> np.ndarray:
        """Return the images with noise of this seed and stream added."""
        from scipy.special import ndtri

        shared = CommonRandomness(seed, f"noise {stream}")
        pixels = int(np.prod(images.shape[1:]))
        noisy = np.empty(images.shape, dtype=images.dtype)
        for block in _blocks(len(images)):
            drawn = ndtri(shared.uniforms(block.start, len(images[block]), pixels) + _HALF)
            noisy[block] = images[block] + self.deviation * drawn.reshape(images[block].shape)
        return noisy


@dataclass(frozen=True)
class Mask(Fields, kind="mask"):
    """A block of the image is lost: its pixels become `fill`.

    Attributes
    ----------
    top, left, height, width : int
        Where the block is, in pixels.
    fill : float
        In [0, 1].

    Examples
    --------
    >>> Mask(0, 0, 1, 2).degrade(np.ones((1, 2, 2, 1)))[0, :, :, 0].tolist()
    [[0.0, 0.0], [1.0, 1.0]]
    """

    top: Whole
    left: Whole
    height: Count
    width: Count
    fill: Annotated[float, Within(0, 1)] = 0.0

    def degrade(self, images: np.ndarray, seed: int = 0, stream: str = "") -> np.ndarray:
        """Return the images without the block; nothing is random."""
        bottom, right = self.top + self.height, self.left + self.width
        for name, end, size in (("top + height", bottom, images.shape[1]), ("left + width", right, images.shape[2])):
            if end > size:
                raise must(name, f"be at most {size}, within the image", end)
        masked = images.copy()
        masked[:, self.top : bottom, self.left : right] = self.fill
        return masked


@dataclass(frozen=True)
class Blur(Fields, kind="blur"):
    """Gaussian blur with this standard deviation in pixels; beyond its border the image goes on as if mirrored.

    Examples
    --------
    >>> grey = np.full((1, 5, 5, 1), 0.25)
    >>> bool(np.allclose(Blur(1.0).degrade(grey), grey))
    True
    """

    deviation: Positive

    def degrade(self, images: np.ndarray, seed: int = 0, stream: str = "") -> np.ndarray:
        """Return the blurred images; nothing is random."""
        from scipy.ndimage import gaussian_filter

        reach = math.ceil(6 * self.deviation)
        return gaussian_filter(images, self.deviation, mode="reflect", radius=reach, axes=(1, 2))


@lru_cache(maxsize=64)
def bicubic(size: int, other: int) -> np.ndarray:
    """Return the matrix that resamples a line of `size` pixels to `other` pixels, shape (other, size).

    Where the line becomes shorter the kernel is stretched by the same factor, so that nothing aliases.
    Source: [keys1981], with `a = -1/2`; borders as Pillow has them, by weights that are cut off and normalised again.

    Examples
    --------
    >>> bicubic(4, 2).sum(axis=1).tolist()
    [1.0, 1.0]
    """
    scale = size / other
    centres = (np.arange(other) + 0.5) * scale
    distance = np.abs(np.arange(size) + 0.5 - centres[:, None]) / max(scale, 1.0)
    weights = _cubic(distance, -0.5)
    return weights / weights.sum(axis=1, keepdims=True)


@lru_cache(maxsize=64)
def interpolation(size: int, other: int) -> np.ndarray:
    """Return the matrix that interpolates a line of `size` pixels at `other` places, shape (other, size).

    Source: [keys1981], with `a = -3/4`, at the same places as `bicubic`; beyond the border the outer pixel goes on.

    Examples
    --------
    >>> interpolation(8, 2)[0].tolist()
    [-0.09375, 0.59375, 0.59375, -0.09375, 0.0, 0.0, 0.0, 0.0]
    """
    places = (np.arange(other) + 0.5) * size / other - 0.5
    first = np.floor(places).astype(int) - 1
    matrix = np.zeros((other, size))
    for k in range(4):
        at = np.clip(first + k, 0, size - 1)
        np.add.at(matrix, (np.arange(other), at), _cubic(np.abs(places - (first + k)), -0.75))
    return matrix


def _cubic(distance: np.ndarray, a: float) -> np.ndarray:
    """Return the cubic kernel of [keys1981]."""
    near = ((a + 2) * distance - (a + 3)) * distance**2 + 1
    far = ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
    return np.where(distance < 1, near, np.where(distance < 2, far, 0.0))


def _applied(images: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Apply one matrix to the columns and one to the rows of every image, block by block."""
    result = np.empty((len(images), len(rows), len(columns), images.shape[3]), dtype=images.dtype)
    for block in _blocks(len(images)):
        result[block] = np.einsum("ij,njkc,lk->nilc", rows, images[block].astype(float), columns, optimize=True)
    return result


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, count, _BLOCK))
