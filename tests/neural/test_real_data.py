"""Real images, where a folder of them is named by DRC_SHARED: the loaders read them, and the draws are of one law."""

import os
from pathlib import Path

import numpy as np
import pytest

from drc.neural.data import read_images
from drc.neural.experiment import Source

FOLDER = Path(os.environ.get("DRC_SHARED", "missing"))

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="DRC_SHARED names no folder of data"),
]


def test_both_draws_of_mnist_are_of_one_law():
    images = read_images(Source(kind="idx"), FOLDER / "mnist")
    assert images.train.shape == (60_000, 28, 28, 1)
    assert images.test.shape == (10_000, 28, 28, 1)
    assert np.bincount(images.train_labels).min() > 5_000
    # In the order of the file the images of even places are by writers with a thicker pen: 0.139 against 0.123.
    one, other = images.train[0::2].mean(axis=(1, 2, 3)), images.train[1::2].mean(axis=(1, 2, 3))
    error = np.sqrt(one.var() / len(one) + other.var() / len(other))
    assert abs(one.mean() - other.mean()) < 5 * error


def test_pictures_of_kodak_are_cut_to_one_size():
    images = read_images(Source(kind="folder", crop=128), FOLDER / "kodak")
    assert images.train.shape[1:] == images.test.shape[1:] == (128, 128, 3)
    assert 0 <= images.train.min() < 0.1
    assert 0.9 < images.train.max() <= 1
