"""The learned law: a law, with exact gradients, whose integer tables cost what the loss says."""

import numpy as np
import pytest
from gradients import assert_close, by_complex_step, by_differences, ours

from drc.neural.bitstream import TOTAL, Packer
from drc.neural.numpy.adam import Adam
from drc.neural.numpy.entropy_model import LogisticMixtures
from drc.neural.numpy.tensor import Tensor, gradient, mean, total
from drc.neural.quantiser import Quantiser

rng = np.random.default_rng(5)
LAW = LogisticMixtures(dim=2)
WEIGHTS = [w + 0.3 * rng.normal(size=w.shape) for w in LAW.initial(rng)]


def test_gradients_in_weights_and_latents():
    r = rng.normal(size=(4, 2)) * 3

    def bits(r, *weights):
        return total(LAW.bits(list(weights), r))

    found = ours(bits, [r, *WEIGHTS])
    assert_close(found, by_complex_step(bits, [r, *WEIGHTS]))
    assert_close(found, by_differences(bits, [r, *WEIGHTS]))


@pytest.mark.parametrize("u", [0.0, 0.31])
def test_the_cells_of_a_latent_make_a_law(u):
    r = np.repeat((np.arange(-63, 64) - u)[:, None], 2, axis=1)
    p = LAW._cell(WEIGHTS, r)
    assert (p >= 0).all()
    assert np.allclose(p.sum(axis=0), 1, atol=1e-9)


def test_the_rate_is_finite_far_out():
    bits = LAW.bits(WEIGHTS, np.array([[-63.0, 63.0]]))
    assert 16 < bits[0] <= 32


@pytest.mark.parametrize("dithered", [True, False])
def test_tables_are_the_law_in_integers(dithered):
    q = Quantiser.of_integers()
    tables = LAW.tables(WEIGHTS, q, dithered)
    assert tables.shape == (2, 16 if dithered else 1, q.count)
    assert (tables >= 1).all()
    assert (tables.sum(axis=-1) == TOTAL).all()
    u = q.dither((np.arange(16) + 0.5) / 16)[3] if dithered else 0.0
    p = LAW._cell(WEIGHTS, np.repeat(q.value(np.arange(q.count), u)[:, None], 2, axis=1)).T
    assert np.abs(tables[:, 3 if dithered else 0] / TOTAL - p).max() < q.count / TOTAL


@pytest.mark.parametrize("dithered", [True, False])
def test_the_bytes_of_the_range_coder_are_the_rate_of_the_loss(dithered):
    q, n = Quantiser.of_integers(), 4000
    f = np.stack([rng.logistic(1, 2, n), rng.normal(-3, 0.7, n)], axis=1)
    uniforms = rng.random((n, 2))
    u = q.dither(uniforms) if dithered else np.zeros((n, 2))
    weights = LAW.initial(np.random.default_rng(0))
    state, adam = Adam(rate=0.03).initial(weights), Adam(rate=0.03)
    r = q.value(q.index(f, u), u)
    for _ in range(200):
        w = [Tensor(x) for x in weights]
        adam.update(weights, gradient(mean(LAW.bits(w, r)), w), state)
    bits = LAW.bits(weights, r).mean()
    packer = Packer(2, q.count, LAW.tables(weights, q, dithered))
    phase = q.phase(uniforms) if dithered else None
    packed = packer.pack(q.index(f, u), phase)
    assert np.array_equal(packer.unpack(packed, n, phase), q.index(f, u))
    assert abs(8 * len(packed) / n - bits) < 0.01 * bits
    if not dithered:
        counts = [np.unique(column, return_counts=True)[1] / n for column in q.index(f, u).T]
        entropy = -sum((p * np.log2(p)).sum() for p in counts)
        assert entropy - 0.01 < bits < entropy + 0.05
