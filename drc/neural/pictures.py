"""Pictures in files, as cameras, phones, scanners and programs write them: 8-bit pixels, or the reason why not; and PNG.

A picture is turned as its camera says (EXIF), the colours of a palette are looked up, and black and white become 0 and 255.
What would lose or invent something is refused: transparent pixels, more than 8 bits per channel, the inks of CMYK, and
animations. Of the several pictures in one file that phones write beside each other (MPO), the first is the picture.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drc.errors import ProblemError, must
from drc.files import written_aside

if TYPE_CHECKING:
    from PIL import Image

#: What Pillow may try; others can run programs (PostScript), or are not pictures.
FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "GIF", "PPM")


#: How Pillow calls images of 8 bits in this many channels.
_MODES = {1: "L", 3: "RGB"}


def read_picture(path: Path) -> np.ndarray:
    """Return the pixels of a picture, uint8 of shape (height, width, 1 or 3).

    A `ProblemError` names the file: it cannot be read, is damaged, too large, or has no plain pixels of 8 bits.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "grey.png"
    ...     Image.new("L", (3, 2), 7).save(path)
    ...     read_picture(path).tolist()
    [[[7], [7], [7]], [[7], [7], [7]]]
    """
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            # Pillow warns of much that it reads well, and of pictures that are only twice too large.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as opened:
                _plain(path.name, opened)
                plain = _pixels(path.name, ImageOps.exif_transpose(opened))
    except ProblemError:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        needs = f"have at most {Image.MAX_IMAGE_PIXELS} pixels"
        raise must(path.name, needs, got=f"more: {error}") from None
    except OSError as error:
        if error.errno is not None:
            raise ProblemError(f"{path.name} cannot be read: {error.strerror}") from None
        raise ProblemError(_damaged(path, error)) from None
    except Exception as error:  # Pillow raises whatever a damaged file makes it stumble over
        raise ProblemError(_damaged(path, error)) from None
    return np.asarray(plain).reshape(plain.height, plain.width, -1)


def read_image(path: str | os.PathLike[str], channels: int) -> np.ndarray:
    """Return an image as float32 in [0, 1], shape (height, width, channels), of 1 or 3 channels.

    Errors are those of `read_picture`, and `ProblemError` for other channels.
    """
    path = Path(path)
    if channels not in _MODES:
        raise must("channels", "be 1 or 3 for images in files", channels)
    pixels = read_picture(path)
    if pixels.shape[2] != channels:
        needs = f"have the channels {_MODES[channels]}, as the model has"
        raise must(path.name, needs, got=_MODES[pixels.shape[2]])
    return unit(pixels)


def write_image(path: str | os.PathLike[str], image: np.ndarray) -> Path:
    """Write an image of shape (height, width, channels) as PNG, to a name that ends so; what leaves [0, 1] is cut off."""
    if Path(path).suffix.lower() != ".png":
        raise must("a picture", "have a name that ends in .png", got=Path(path).name)
    with written_aside(path) as file:
        as_picture(image).save(file, "PNG")
    return Path(path)


def as_picture(image: np.ndarray) -> Image.Image:
    """Return an image for Pillow, rounded to 8 bits.

    Examples
    --------
    >>> as_picture(np.full((2, 3, 1), 0.5)).getpixel((0, 0))
    128
    """
    from PIL import Image

    return Image.fromarray(eight_bits(image).squeeze(2) if image.shape[2] == 1 else eight_bits(image))


def eight_bits(images: np.ndarray) -> np.ndarray:
    """Return images as whole numbers from 0 to 255, as a file of them has it.

    Examples
    --------
    >>> eight_bits(np.array([-0.2, 0.5, 1.1])).tolist()
    [0, 128, 255]
    """
    return (np.clip(images, 0, 1) * 255 + 0.5).astype(np.uint8)


def unit(pixels: np.ndarray) -> np.ndarray:
    """Return whole numbers from 0 to 255 as float32 in [0, 1]."""
    return pixels.astype(np.float32) / np.float32(255)


def tiles(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Cut a picture into parts of a size, from the upper left on; what is left at the border is not used.

    Examples
    --------
    >>> tiles(np.zeros((5, 9, 3)), 2, 4).shape
    (4, 2, 4, 3)
    """
    rows, columns = picture.shape[0] // height, picture.shape[1] // width
    parts = picture[: rows * height, : columns * width].reshape(rows, height, columns, width, -1)
    return parts.swapaxes(1, 2).reshape(rows * columns, height, width, -1)


def _damaged(path: Path, error: Exception) -> str:
    if not path.stat().st_size:
        return f"{path.name} must be a picture, got an empty file"
    return f"{path.name} must be a picture of the kinds {', '.join(FORMATS)}, got something else or a damaged one ({error})"


def _plain(name: str, opened) -> None:
    """Refuse what is more than one picture of 8 bits; pixels are not read for that."""
    if opened.format != "MPO" and getattr(opened, "n_frames", 1) > 1:
        raise must(name, "be one picture", got=f"{opened.n_frames} in one file (an animation, or pages)")
    # Pillow would cut colours of 16 bits down to 8 without a word; only the decoder's name tells.
    if opened.mode.startswith(("I", "F")) or any("16" in str(tile[3]) for tile in opened.tile):
        raise ProblemError(f"{name} must have 8 bits per channel, got more: convert it to 8 bits")


def _pixels(name: str, opened):
    """The picture as grey values or as red, green and blue."""
    if opened.mode == "1":
        return opened.convert("L")
    if opened.mode in ("LA", "La", "RGBA", "RGBa", "PA") or "transparency" in opened.info:
        whole = opened.convert("RGBA")
        if whole.getchannel("A").getextrema()[0] < 255:
            raise ProblemError(f"{name} must have no transparent pixels, got some: put it on a background")
        return whole.convert("L" if opened.mode in ("L", "LA", "La") else "RGB")
    if opened.mode == "P":
        return opened.convert("RGB")
    if opened.mode not in ("L", "RGB"):
        raise must(name, "be grey, RGB or have a palette", got=f"the channels {opened.mode}: convert it to RGB")
    return opened
