"""Pictures as cameras, phones and programs write them: their pixels, or the reason why not, with the file's name."""

import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from drc import ProblemError
from drc.neural.pictures import read_picture

RANDOM = np.random.default_rng(0)
COLOURS = RANDOM.integers(0, 256, (4, 6, 3)).astype(np.uint8)
PLAIN = Image.fromarray(COLOURS)


def _deep(path, *shape):
    """Write a PNG of 16 bits per channel, which Pillow cannot write for colours."""
    values = RANDOM.integers(0, 2**16, shape).astype(">u2")
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[shape[2]]
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", shape[1], shape[0], 16, kind, 0, 0, 0),
        b"IDAT": zlib.compress(b"".join(b"\0" + row.tobytes() for row in values)),
        b"IEND": b"",
    }
    parts = [struct.pack(">I", len(v)) + k + v + struct.pack(">I", zlib.crc32(k + v)) for k, v in chunks.items()]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


def _exif(orientation):
    exif = Image.Exif()
    exif[0x112] = orientation
    return exif


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.TIF"])
def test_pictures_are_turned_as_the_camera_says(tmp_path, name, orientation):
    PLAIN.save(tmp_path / name, exif=_exif(orientation), lossless=True)
    turned = [COLOURS, COLOURS[:, ::-1], COLOURS[::-1, ::-1], COLOURS[::-1]]
    turned += [each.swapaxes(0, 1) for each in (COLOURS, COLOURS[::-1], COLOURS[::-1, ::-1], COLOURS[:, ::-1])]
    np.testing.assert_array_equal(read_picture(tmp_path / name), turned[orientation - 1])


def test_palettes_masks_and_opaque_pictures_are_looked_up(tmp_path):
    few = PLAIN.quantize(8)
    for name in ("p.png", "p.gif"):
        few.save(tmp_path / name)
        np.testing.assert_array_equal(read_picture(tmp_path / name), np.asarray(few.convert("RGB")))
    mask = PLAIN.convert("1")
    mask.save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "mask.png")[..., 0], np.asarray(mask) * 255)
    grey = PLAIN.convert("L")
    for name, picture, pixels in (
        ("whole.png", PLAIN.convert("RGBA"), COLOURS),
        ("whole.webp", PLAIN.convert("RGBA"), COLOURS),
        ("grey.png", grey.convert("LA"), np.asarray(grey)[..., None]),
        ("plain.bmp", PLAIN, COLOURS),
        ("plain.ppm", PLAIN, COLOURS),
    ):
        picture.save(tmp_path / name, lossless=True)
        np.testing.assert_array_equal(read_picture(tmp_path / name), pixels)


def test_the_first_picture_of_a_phone_is_the_picture(tmp_path):
    other = Image.fromarray(255 - COLOURS)
    PLAIN.save(tmp_path / "phone.jpg", "MPO", save_all=True, append_images=[other], quality=95)
    PLAIN.save(tmp_path / "camera.jpg", quality=95)
    np.testing.assert_array_equal(read_picture(tmp_path / "phone.jpg"), read_picture(tmp_path / "camera.jpg"))


def _animated(path):
    PLAIN.save(path, save_all=True, append_images=[Image.fromarray(255 - COLOURS)])


def _cut(path, kind):
    big = Image.fromarray(RANDOM.integers(0, 256, (90, 90, 3)).astype(np.uint8))
    big.save(path, kind)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _clear(path):
    clear = PLAIN.convert("RGBA")
    clear.putpixel((2, 3), (0, 0, 0, 254))
    clear.save(path)


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        ("a.gif", _animated, "a.gif must be one picture, got 2 in one file"),
        ("a.png", _animated, "must be one picture, got 2 in one file"),
        ("a.webp", _animated, "must be one picture, got 2 in one file"),
        ("a.tif", _animated, "must be one picture, got 2 in one file"),
        *(
            (f"a{k}.png", lambda p, k=k: _deep(p, 3, 4, k), "must have 8 bits per channel, got more")
            for k in (1, 2, 3, 4)
        ),
        ("a.tif", Image.new("I;16", (3, 3)).save, "must have 8 bits per channel, got more"),
        ("a.tif", Image.new("F", (3, 3)).save, "must have 8 bits per channel, got more"),
        (
            "a.jpg",
            PLAIN.convert("CMYK").save,
            "must be grey, RGB or have a palette, got the channels CMYK",
        ),
        ("a.tif", PLAIN.convert("LAB").save, "got the channels LAB"),
        ("a.png", _clear, "must have no transparent pixels, got some"),
        ("a.png", lambda p: PLAIN.quantize(8).save(p, transparency=1), "must have no transparent pixels"),
        ("a.png", lambda p: Image.new("L", (3, 3), 9).save(p, transparency=9), "must have no transparent pixels"),
        ("a.png", lambda p: p.touch(), "a.png must be a picture, got an empty file"),
        ("a.png", lambda p: p.write_text("hello"), "a.png must be a picture of the kinds PNG, JPEG"),
        ("a.png", lambda p: PLAIN.save(p, "EPS"), "a.png must be a picture of the kinds PNG, JPEG"),
        ("a.jpg", lambda p: _cut(p, "JPEG"), "damaged one .*truncated"),
        ("a.png", lambda p: _cut(p, "PNG"), "damaged one .*truncated"),
        ("a.png", lambda p: p.symlink_to(p.parent / "lost"), "a.png cannot be read: No such file"),
        ("a.png", lambda p: p.mkdir(), "a.png cannot be read: Is a directory"),
    ],
)
def test_what_is_not_one_plain_picture_is_refused(tmp_path, name, make, said):
    make(tmp_path / name)
    with pytest.raises(ProblemError, match=said):
        read_picture(tmp_path / name)


@pytest.mark.parametrize("times", [1.5, 3])
def test_bombs_are_refused_before_they_are_unpacked(tmp_path, monkeypatch, times):
    PLAIN.save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", int(24 / times))
    with pytest.raises(ProblemError, match="bomb.png must have at most .* pixels, got more"):
        read_picture(tmp_path / "bomb.png")


def test_damaged_pictures_are_read_or_refused(tmp_path):
    """Bytes are changed at random: there is never another exception, and no warning."""
    whole = {}
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"):
        path = tmp_path / f"{kind}.png"
        PLAIN.save(path, kind, exif=_exif(6)) if kind in ("PNG", "JPEG", "WEBP", "TIFF") else PLAIN.save(path, kind)
        whole[path] = path.read_bytes()
    outcomes = set()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for i in range(400):
            path = list(whole)[i % len(whole)]
            content = bytearray(whole[path])
            for at in RANDOM.integers(len(content), size=1 + i % 3):
                content[at] = RANDOM.integers(256)
            path.write_bytes(bytes(content[: len(content) - (i % 7 == 0) * int(RANDOM.integers(40))]))
            try:
                outcomes.add(read_picture(path).dtype.name)
            except ProblemError as error:
                outcomes.add(str(error).partition(" ")[0])
    assert outcomes == {"uint8", *(path.name for path in whole)}
