"""Images in files: what Pillow reads, as numbers in [0, 1], and PNG."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from drc.errors import ProblemError, must
from drc.files import write_whole
from drc.neural.pictures import read_picture, unit

#: How Pillow calls images of 8 bits in this many channels.
_MODES = {1: "L", 3: "RGB"}


def read_image(path: str | os.PathLike[str], channels: int) -> np.ndarray:
    """Return an image as float32 in [0, 1], shape (height, width, channels).

    Parameters
    ----------
    path : path
        8 bits per channel, without transparency; see `drc.neural.pictures`.
    channels : {1, 3}

    Raises
    ------
    ProblemError
        For a file that is not an image, is damaged, or has other channels.
    """
    path = Path(path)
    if channels not in _MODES:
        raise ProblemError(f"channels must be 1 or 3 for images in files, got {channels}")
    pixels = read_picture(path)
    if pixels.shape[2] != channels:
        raise ProblemError(
            f"{path.name} must have the channels {_MODES[channels]}, as the model has, got {_MODES[pixels.shape[2]]}"
        )
    return unit(pixels)


def write_image(path: str | os.PathLike[str], image: np.ndarray) -> Path:
    """Write an image of shape (height, width, channels) as PNG; what leaves [0, 1] is cut off.

    Raises
    ------
    ProblemError
        For another ending than `.png`.
    """
    if Path(path).suffix.lower() != ".png":
        raise must("a picture", "have a name that ends in .png", got=Path(path).name)
    stream = io.BytesIO()
    as_picture(image).save(stream, "PNG")
    return write_whole(path, stream.getvalue())


def as_picture(image: np.ndarray) -> Image.Image:
    """Return an image for Pillow, rounded to 8 bits.

    Examples
    --------
    >>> as_picture(np.full((2, 3, 1), 0.5)).getpixel((0, 0))
    128
    """
    return Image.fromarray(eight_bits(image).squeeze(2) if image.shape[2] == 1 else eight_bits(image))


def eight_bits(images: np.ndarray) -> np.ndarray:
    """Return images as whole numbers from 0 to 255, as a file of them has it.

    Examples
    --------
    >>> eight_bits(np.array([-0.2, 0.5, 1.1])).tolist()
    [0, 128, 255]
    """
    return (np.clip(images, 0, 1) * 255 + 0.5).astype(np.uint8)
