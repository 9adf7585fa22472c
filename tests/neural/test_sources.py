import hashlib

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from drc.errors import ProblemError
from drc.neural.data import read_images
from drc.neural.experiment import Source
from drc.neural.sources import KINDS, checksum, cifar10, cifar10_files, picture_files, svhn

RANDOM = np.random.default_rng(0)


def _bytes(*shape):
    return RANDOM.integers(0, 256, shape).astype(np.uint8)


def _pictures(folder, names, *shape):
    made = {}
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        made[name] = _bytes(*shape)
        Image.fromarray(made[name]).save(folder / name)
    return made


def _cifar(folder, count=10):
    for name in (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"):
        records = _bytes(count, 3073)
        records[:, 0] = np.arange(count) % 10
        (folder / name).write_bytes(records.tobytes())
    return folder


def _svhn(folder):
    made = {}
    for part, n in (("train", 12), ("test", 10)):
        made[part] = _bytes(32, 32, 3, n), (np.arange(n) % 10 + 1).astype(np.uint8)[:, None]
        savemat(folder / f"{part}_32x32.mat", {"X": made[part][0], "y": made[part][1]})
    return made


def test_folders_are_labels(tmp_path):
    made = _pictures(tmp_path, [f"{label}/{i}.png" for label in ("cat", "dog") for i in range(5)], 6, 4, 3)
    images = read_images(Source("folder"), tmp_path)
    assert images.classes == ("cat", "dog")
    assert (len(images.train), len(images.test)) == (8, 2)
    known = {picture.tobytes(): name.split("/")[0] for name, picture in made.items()}
    for x, s in ((images.train, images.train_labels), (images.test, images.test_labels)):
        assert x.dtype == np.float32
        assert [known[np.rint(one * 255).astype(np.uint8).tobytes()] for one in x] == [images.classes[k] for k in s]


def test_crops_of_one_picture_stay_together(tmp_path):
    made = _pictures(tmp_path, [f"{i}.png" for i in range(5)], 7, 11)
    images = read_images(Source("folder", crop=3), tmp_path)
    assert images.classes == ("all",)
    assert images.train.shape == (4 * 6, 3, 3, 1)
    assert images.test.shape == (6, 3, 3, 1)
    squares = {p[i : i + 3, j : j + 3].tobytes(): n for n, p in made.items() for i in (0, 3) for j in (0, 3, 6)}
    of = [{squares[np.rint(one * 255).astype(np.uint8).tobytes()] for one in x} for x in (images.train, images.test)]
    assert (len(of[0]), len(of[1])) == (4, 1)
    assert not of[0] & of[1]


def test_grey_among_colours_becomes_colour(tmp_path):
    _pictures(tmp_path, ["a.png", "b.png"], 4, 4, 3)
    _pictures(tmp_path, ["c.png"], 4, 4)
    assert read_images(Source("folder"), tmp_path).train.shape[1:] == (4, 4, 3)


def test_cifar10_is_read_in_its_binary_version(tmp_path):
    images = read_images(Source("cifar10"), _cifar(tmp_path))
    assert images.train.shape == (50, 32, 32, 3)
    assert images.classes[images.test_labels[3]] == "cat"
    record = np.frombuffer((tmp_path / "data_batch_2.bin").read_bytes(), np.uint8).reshape(-1, 3073)[4]
    train, _ = cifar10(cifar10_files(tmp_path)).train
    np.testing.assert_array_equal(np.rint(train[14, 5, 6] * 255), record[1:].reshape(3, 32, 32)[:, 5, 6])
    assert sorted(map(bytes, np.rint(images.train * 255).astype(np.uint8))) == sorted(
        map(bytes, np.rint(train * 255).astype(np.uint8))
    )


def test_svhn_is_read_and_ten_is_the_digit_zero(tmp_path):
    made = _svhn(tmp_path)
    images = read_images(Source("svhn"), tmp_path)
    np.testing.assert_array_equal(
        np.rint(svhn(KINDS["svhn"].find(Source("svhn"), tmp_path)).train[0][7] * 255), made["train"][0][..., 7]
    )
    assert images.test_labels.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]


def test_checksums_are_compared(tmp_path):
    _pictures(tmp_path, ["a.png", "b.png", "c.png", "d.png", "e.png"], 4, 4)
    paths = picture_files(tmp_path)
    lines = "".join(f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in paths)
    right = hashlib.sha256(lines.encode()).hexdigest()
    assert checksum(paths) == right
    assert len(read_images(Source("folder", sha256=right), tmp_path).train) == 4
    with pytest.raises(ProblemError, match=f"have the SHA-256 00, got {right}"):
        read_images(Source("folder", sha256="00"), tmp_path)
    np.savez(tmp_path / "x.npz", x=_bytes(10, 3, 3), y=np.arange(10) % 2)
    digest = hashlib.sha256((tmp_path / "x.npz").read_bytes()).hexdigest()
    assert len(read_images(Source("npz", "x.npz", sha256=digest), tmp_path).train) == 8
    with pytest.raises(ProblemError, match=r"the folder of the data must have no\.npz"):
        read_images(Source("npz", "no.npz", sha256=digest), tmp_path)


@pytest.mark.parametrize(
    ("source", "spoil", "said"),
    [
        (Source("folder"), lambda f: None, "has no pictures"),
        (Source("folder"), lambda f: (f / "a.png").write_bytes(b"no"), "a.png must be a picture of the kinds"),
        (
            Source("folder"),
            lambda f: Image.new("RGBA", (4, 4)).save(f / "a.png"),
            "a.png must have no transparent pixels",
        ),
        (Source("folder"), lambda f: (f / "a.heic").touch(), "a.heic must be one of .png, .*, got .heic: convert it"),
        (
            Source("folder"),
            lambda f: _pictures(f, ["a.png", "cat/b.png"], 4, 4),
            "in it or in its folders, got both: a.png and cat/b.png",
        ),
        (Source("folder"), lambda f: _pictures(f, ["train/cat/b.png"], 4, 4), "train/cat/b.png in .* lies too deep"),
        (
            Source("folder"),
            lambda f: (_pictures(f, ["a.png"], 4, 4), _pictures(f, ["b.png"], 4, 5)),
            "the images must have one size, got a.png with 4 x 4 and.*with 4 x 5; crop = a side cuts them",
        ),
        (Source("folder", crop=9), lambda f: _pictures(f, ["a.png"], 8, 30), "a.png must be at least.*= 9, got 8 x 30"),
        (
            Source("cifar10"),
            lambda f: None,
            "data_batch_1.bin is missing: .* must have CIFAR-10 in its binary version",
        ),
        (Source("cifar10"), lambda f: (f / "data_batch_1").touch(), "got Python pickles, which can run code"),
        (
            Source("cifar10"),
            lambda f: ((f / "cifar-10-batches-py").mkdir(), (f / "cifar-10-batches-py/data_batch_1").touch()),
            "got Python pickles, which can run code",
        ),
        (
            Source("cifar10"),
            lambda f: (_cifar(f) / "test_batch.bin").write_bytes(b"0" * 10),
            "must have a multiple of 3073 bytes, got 10",
        ),
        (
            Source("cifar10"),
            lambda f: (_cifar(f) / "test_batch.bin").write_bytes(b"0" * 3073),
            "field label, must hold a number below 10 for each image",
        ),
        (Source("svhn"), lambda f: None, "the folder of the data must have train_32x32.mat"),
        (
            Source("svhn"),
            lambda f: (_svhn(f), (f / "test_32x32.mat").write_bytes(b"no")),
            "test_32x32.mat must be a MATLAB file with X and y",
        ),
        (Source("svhn"), lambda f: (_svhn(f), savemat(f / "test_32x32.mat", {"X": 1, "y": 1})), "field X"),
    ],
)
def test_what_is_missing_or_damaged_is_named(tmp_path, source, spoil, said):
    spoil(tmp_path)
    with pytest.raises(ProblemError, match=said):
        read_images(source, tmp_path)


def test_what_systems_leave_in_folders_is_not_looked_at(tmp_path):
    made = _pictures(tmp_path, [f"{label}/{i}.PNG" for label in ("cat", "dog") for i in range(5)], 4, 4, 3)
    for name in (
        ".DS_Store",
        "cat/.DS_Store",
        "cat/._0.PNG",
        "dog/Thumbs.db",
        "dog/desktop.ini",
        "labels.csv",
        "cat/note.txt",
    ):
        (tmp_path / name).write_bytes(b"not a picture")
    for name in ("__MACOSX/cat/._1.png", ".ipynb_checkpoints/0.png", "cat/.trash/0.png"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(b"not a picture")
    assert len(picture_files(tmp_path)) == len(made)
    assert read_images(Source("folder"), tmp_path).classes == ("cat", "dog")


def test_crops_are_for_folders():
    with pytest.raises(ProblemError, match="crop must be 0 unless the kind is folder, got 8"):
        Source("idx", crop=8)
