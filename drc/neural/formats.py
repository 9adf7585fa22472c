"""What a trained codec is compared with: common image formats at a given size, and a classical denoiser."""

from __future__ import annotations

import io
import math
from collections.abc import Callable

import numpy as np

from drc.errors import must
from drc.neural.pictures import as_picture, tiles, unit

#: Images on one sheet: formats have a largest width.
_ON_A_SHEET = 2500

#: By name: what Pillow is told for a quality from 0 to 100, and what of Pillow has to be there.
FORMATS: dict[str, tuple[Callable[[int], dict[str, object]], str]] = {
    "jpeg": (lambda quality: {"format": "JPEG", "quality": quality, "optimize": True}, "jpg"),
    "jpeg-2000": (
        lambda quality: {"format": "JPEG2000", "quality_mode": "rates", "quality_layers": [_ratio(quality)]},
        "jpg_2000",
    ),
    "webp": (lambda quality: {"format": "WEBP", "quality": quality, "method": 6}, "webp"),
}


def _ratio(quality: int) -> float:
    """Compression ratios from 300 down to 2, evenly in the logarithm."""
    return 300 * (2 / 300) ** (quality / 100)


def at_most(x: np.ndarray, name: str, most: int) -> tuple[int, np.ndarray]:
    """Return the size and content of the best file of a format that has no more bytes than requested.

    If no file is that small, the smallest is taken: its size says so.

    Examples
    --------
    >>> size, y = at_most(np.zeros((16, 16, 1)), "jpeg", 1000)
    >>> size <= 1000, y.shape
    (True, (16, 16, 1))
    """
    if name not in FORMATS:
        raise must("format", f"be {' or '.join(FORMATS)}", name)
    from PIL import Image

    options, picture = FORMATS[name][0], as_picture(x)

    def coded(quality: int) -> bytes:
        """Return the file of one quality."""
        stream = io.BytesIO()
        picture.save(stream, **options(quality))  # pyright: ignore[reportArgumentType] (a format has options of its own)
        return stream.getvalue()

    low, high = 0, 100
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(coded(middle)) <= most else (low, middle - 1)
    content = coded(low)
    with Image.open(io.BytesIO(content)) as opened:
        decoded = unit(np.asarray(opened.convert(picture.mode)))
    return len(content), decoded.reshape(x.shape)


def denoised(x: np.ndarray, deviation: float) -> np.ndarray:
    """Denoise a picture, whose noise has a known standard deviation, by scikit-image's non-local means in its fast mode."""
    from skimage.restoration import denoise_nl_means

    # A single channel is not an axis of its own there.
    grey = x.shape[2] == 1
    patches = {"patch_size": 5, "patch_distance": 6, "fast_mode": True, "channel_axis": None if grey else 2}
    image = (x[:, :, 0] if grey else x).astype(np.float64)
    found = denoise_nl_means(image, h=0.6 * deviation, sigma=deviation, **patches)
    return np.asarray(found, np.float32).reshape(x.shape)


def formats() -> list[str]:
    """Return the names of the formats that Pillow has here.

    Examples
    --------
    >>> "jpeg" in formats()
    True
    """
    from PIL import features

    return [name for name, (_, needed) in FORMATS.items() if features.check(needed)]


def sheets_at_most(images: np.ndarray, name: str, most: int) -> tuple[int, np.ndarray]:
    """Return the size and content of images that a format codes together, side by side, in no more bytes than requested.

    A file of its own for each image would spend more on headers than on small images; as in `at_most`, the smallest files
    are taken where none are small enough.

    Examples
    --------
    >>> size, y = sheets_at_most(np.zeros((5, 8, 8, 1)), "jpeg", 1000)
    >>> size <= 1000, y.shape
    (True, (5, 8, 8, 1))
    """
    total, found = 0, []
    for first in range(0, len(images), _ON_A_SHEET):
        part = images[first : first + _ON_A_SHEET]
        size, sheet = at_most(_sheet(part), name, most * len(part) // len(images))
        total += size
        found.append(tiles(sheet, *images.shape[1:3])[: len(part)])
    return total, np.concatenate(found)


def _sheet(images: np.ndarray) -> np.ndarray:
    """Put images side by side on a square as far as they go; the last one fills what is left."""
    columns = math.isqrt(len(images) - 1) + 1
    rows = -(-len(images) // columns)
    filled = images[np.minimum(np.arange(rows * columns), len(images) - 1)]
    height, width, channels = images.shape[1:]
    return filled.reshape(rows, columns, height, width, channels).swapaxes(1, 2).reshape(rows * height, -1, channels)
