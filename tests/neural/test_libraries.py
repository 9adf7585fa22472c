"""Sets of images that a library fetches: small packages stand in for the libraries, and no network is asked."""

import sys

import numpy as np
import pytest

from drc.errors import ProblemError
from drc.neural.data import read_images
from drc.neural.experiment import TORCHVISION, Source
from drc.neural.libraries import fetched
from drc.neural.sources import checksum

MNIST = Source("torchvision", dataset="MNIST")
HUB = Source("huggingface", dataset="someone/shapes")

_TORCHVISION = """
import numpy as np
class datasets:
    class MNIST:
        classes = ["0 - zero", "1 - one"]
        def __init__(self, root, download, train):
            assert download
            self.draw, self.count = np.random.default_rng(int(train)), 12 if train else 4
        def __iter__(self):
            return ((self.draw.integers(0, 256, (6, 5)).astype(np.uint8), i % 2) for i in range(self.count))
    class SVHN:
        def __init__(self, root, download, split):
            raise RuntimeError("Error downloading train_32x32.mat:\\nno network")
"""

_DATASETS = """
import numpy as np
class Image: pass
class ClassLabel:
    names = ["round", "square"]
class Split(list):
    features = {"id": None, "picture": Image(), "shape": ClassLabel()}
def load_dataset(name, cache_dir):
    draw = np.random.default_rng(3)
    row = lambda i, side: {"id": i, "picture": draw.integers(0, 256, (side, side, 3)).astype(np.uint8), "shape": i % 2}
    if name == "someone/sizes":
        return {"train": Split([row(0, 3), row(1, 4)])}
    if name == "someone/tests":
        return {"test": Split([row(0, 3)])}
    return {"train": Split([row(i, 3) for i in range(10)])}
"""


@pytest.fixture
def libraries(tmp_path, monkeypatch):
    folder = tmp_path / "libraries"
    folder.mkdir()
    (folder / "torchvision.py").write_text(_TORCHVISION)
    (folder / "datasets.py").write_text(_DATASETS)
    for name in ("torchvision", "datasets"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(folder)
    yield
    for name in ("torchvision", "datasets"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def test_what_a_library_fetched_needs_it_no_more(libraries, tmp_path, monkeypatch):
    images = read_images(MNIST, tmp_path)
    assert (images.train.shape, images.test.shape) == ((12, 6, 5, 1), (4, 6, 5, 1))
    assert images.classes == ("0 - zero", "1 - one")
    path = fetched(MNIST, tmp_path)
    assert path.name == "torchvision-MNIST.npz"
    content = path.read_bytes()
    monkeypatch.setitem(sys.modules, "torchvision", None)
    again = read_images(Source("torchvision", dataset="MNIST", sha256=checksum([path])), tmp_path)
    assert np.array_equal(again.train, images.train)
    assert path.read_bytes() == content
    with pytest.raises(ProblemError, match="have the SHA-256"):
        read_images(Source("torchvision", dataset="MNIST", sha256="0" * 64), tmp_path)


def test_a_set_without_a_test_is_split(libraries, tmp_path):
    images = read_images(HUB, tmp_path)
    assert (len(images.train), len(images.test)) == (8, 2)
    assert images.classes == ("round", "square")
    assert images.train.shape[1:] == (3, 3, 3)
    assert [p.name for p in tmp_path.glob("*.npz")] == ["huggingface-someone-shapes.npz"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Source("torchvision", dataset="SVHN"), r"SVHN of torchvision cannot be fetched \(Error downloading"),
        (Source("huggingface", dataset="someone/sizes"), r"someone/sizes must have images of.*\(4, 4, 3\)\] and uint8"),
        (Source("huggingface", dataset="someone/tests"), "someone/tests must have the split train, got test"),
    ],
)
def test_what_cannot_be_fetched_is_said(libraries, tmp_path, source, said):
    with pytest.raises(ProblemError, match=said):
        read_images(source, tmp_path)
    assert not list(tmp_path.glob("*.npz"))


@pytest.mark.parametrize(("source", "package"), [(MNIST, "torchvision"), (HUB, "datasets")])
def test_without_a_library_the_message_says_what_would_do(tmp_path, monkeypatch, source, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ProblemError, match=rf"\.npz, or {package}.* must be installed"):
        read_images(source, tmp_path)


def test_labels_that_no_class_has_are_refused(libraries, tmp_path):
    path = fetched(MNIST, tmp_path)
    with np.load(path) as archive:
        arrays = dict(archive)
    np.savez(path, **{**arrays, "test_labels": arrays["test_labels"] + 1})
    with pytest.raises(
        ProblemError, match="torchvision-MNIST.npz, field test_labels,.*a number below 2 for each image"
    ):
        read_images(MNIST, tmp_path)
    np.savez(path, **{name: array for name, array in arrays.items() if name != "classes"})
    with pytest.raises(ProblemError, match="torchvision-MNIST.npz must have the field classes, got train"):
        read_images(MNIST, tmp_path)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "torchvision", "dataset": "ImageNet"}, " or ".join(sorted(TORCHVISION))),
        ({"kind": "torchvision"}, "dataset must be given for the kinds torchvision.*and only for them, got ''"),
        ({"kind": "digits", "dataset": "MNIST"}, "dataset must be given for the kinds.*and only for them, got 'MNIST'"),
        ({"kind": "huggingface", "dataset": "../secrets"}, "dataset must be NAME or OWNER/NAME, got '../secrets'"),
    ],
)
def test_names_that_are_none_are_refused(fields, said):
    with pytest.raises(ProblemError, match=said):
        Source(**fields)
