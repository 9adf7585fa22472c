"""One picture in a file, as cameras, phones, scanners and programs write it: its 8-bit pixels, or the reason why not.

A picture is turned as its camera says (EXIF), the colours of a palette are looked up, and black and white become 0 and 255.
What would lose or invent something is refused: transparent pixels, more than 8 bits per channel, the inks of CMYK, and
animations. Of the several pictures in one file that phones write beside each other (MPO), the first is the picture.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from drc.errors import ProblemError

#: What Pillow may try; others can run programs (PostScript), or are not pictures.
FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "GIF", "PPM")


def read_picture(path: Path) -> np.ndarray:
    """Return the pixels of a picture.

    Parameters
    ----------
    path : Path

    Returns
    -------
    array of uint8, shape (height, width, 1 or 3)

    Raises
    ------
    ProblemError
        Naming the file: it cannot be read, is damaged, too large, or has no plain pixels of 8 bits.

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
        raise ProblemError(
            f"{path.name} must have at most {Image.MAX_IMAGE_PIXELS} pixels, got more: {error}"
        ) from None
    except OSError as error:
        if error.errno is not None:
            raise ProblemError(f"{path.name} cannot be read: {error.strerror}") from None
        raise ProblemError(_damaged(path, error)) from None
    except Exception as error:  # Pillow raises whatever a damaged file makes it stumble over
        raise ProblemError(_damaged(path, error)) from None
    return np.asarray(plain).reshape(plain.height, plain.width, -1)


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
        raise ProblemError(f"{name} must be one picture, got {opened.n_frames} in one file (an animation, or pages)")
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
        raise ProblemError(
            f"{name} must be grey, RGB or have a palette, got the channels {opened.mode}: convert it to RGB"
        )
    return opened
