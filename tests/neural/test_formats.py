"""Many small images in one file of a common format."""

import numpy as np
import pytest

from drc.neural import formats as module
from drc.neural.formats import formats, sheets_at_most


@pytest.mark.parametrize("count", [1, 5, 9])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", formats())
def test_images_side_by_side_come_back_in_their_order(name, channels, count):
    levels = np.linspace(0.1, 0.9, count)[:, None, None, None]
    images = np.broadcast_to(levels, (count, 16, 8, channels)).astype(np.float32)
    size, y = sheets_at_most(images, name, 100_000)
    assert y.shape == images.shape
    np.testing.assert_allclose(y, images, atol=0.03)
    smaller, _ = sheets_at_most(images + 0.1 * np.random.default_rng(0).normal(size=images.shape), name, 700)
    assert smaller <= 700 or smaller < size


def test_sheets_share_the_bytes(monkeypatch):
    images = np.random.default_rng(0).random((10, 16, 16, 1)).astype(np.float32)
    whole, together = sheets_at_most(images, "jpeg", 2400)
    monkeypatch.setattr(module, "_ON_A_SHEET", 4)
    parts, apart = sheets_at_most(images, "jpeg", 2400)
    assert max(whole, parts) <= 2400
    assert together.shape == apart.shape == images.shape
    assert ((apart - images) ** 2).mean() < 0.2 * images.var() + 0.05
