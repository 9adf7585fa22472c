"""Images in files: what Pillow reads, as numbers in [0, 1], and PNG."""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from drc.errors import ProblemError
from drc.files import write_whole

#: How Pillow calls images of 8 bits in so many channels.
_MODES = {1: "L", 3: "RGB"}


def read_image(path: str | os.PathLike[str], channels: int) -> np.ndarray:
    """Return an image as float32 in [0, 1], shape (height, width, channels).

    Parameters
    ----------
    path : path
        8 bits a channel, without transparency; a palette is looked up.
    channels : {1, 3}

    Raises
    ------
    ProblemError
        For a file that is no image, is damaged, or has other channels.
    """
    path = Path(path)
    if channels not in _MODES:
        raise ProblemError(f"channels = {channels}: allowed for images in files is 1 or 3")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                plain = opened.convert("RGB") if opened.mode == "P" and channels == 3 else opened.copy()
    except UnidentifiedImageError:
        raise ProblemError(f"{path.name} is no image that can be read") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, SyntaxError, ValueError, EOFError) as error:
        raise ProblemError(f"{path.name} is damaged, or too large ({error})") from None
    except OSError as error:
        if error.errno is not None:
            raise
        raise ProblemError(f"{path.name} is damaged ({error})") from None
    if plain.mode != _MODES[channels]:
        raise ProblemError(
            f"{path.name} has the channels {plain.mode}: allowed here is {_MODES[channels]}, 8 bits each"
        )
    return (np.asarray(plain, np.float32) / np.float32(255)).reshape(plain.height, plain.width, channels)


def write_image(path: str | os.PathLike[str], image: np.ndarray) -> Path:
    """Write an image of shape (height, width, channels) as PNG; what leaves [0, 1] is cut off.

    Raises
    ------
    ProblemError
        For another ending than `.png`.
    """
    if Path(path).suffix.lower() != ".png":
        raise ProblemError(f"{Path(path).name} cannot be written: allowed is a name that ends in .png")
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
