"""The law that looks at what was decoded before: its whole numbers, its tables, and what it is good for."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from drc.errors import CodeError
from drc.images import context
from drc.images.codec import Law
from drc.images.context import FINE, UNIT, ContextLaw, ContextPacker, parts, table
from drc.neural.quantiser import PHASES, REACH

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def _drawn(dim, seed=0, size=0.3):
    """Return a law with weights drawn at random, as no training leaves it alike."""
    law, draw = ContextLaw(dim, seed), torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in law.parameters():
            p.copy_(size * torch.randn(p.shape, generator=draw))
    return law


@pytest.mark.parametrize(("dim", "height", "width"), [(1, 1, 1), (1, 3, 4), (5, 1, 1), (8, 5, 6)])
def test_every_latent_is_in_one_part_and_sees_those_before(dim, height, width):
    done = np.zeros((dim, height, width), bool)
    for seen, next_ in parts(dim, height, width):
        assert np.array_equal(seen, done)
        assert not (done & next_).any()
        done |= next_
    assert done.all()


def test_training_and_coding_have_the_same_law():
    law = _drawn(5).double()
    seen = np.random.default_rng(0).integers(-30 * UNIT, 30 * UNIT, (5, 7, 6)) // 3
    centre, scale = law._laws(torch.from_numpy(seen / UNIT)[None])
    whole, level = context._network(law.integers(), seen)
    np.testing.assert_array_equal(centre[0].detach() * UNIT, whole)
    np.testing.assert_array_equal((scale[0].detach() - context._LOWEST) * context._STEPS, level)
    assert len(np.unique(level)) > 10
    assert len(np.unique(whole)) > 50


def test_sums_of_whole_numbers_do_not_depend_on_their_order():
    law, draw = _drawn(4, size=3.0), np.random.default_rng(0)
    seen = draw.integers(-16 * UNIT, 16 * UNIT, (4, 6, 5))
    first, *others = law.integers()
    order = draw.permutation(first.shape[0])
    moved = [first[order], others[0][order], others[1][:, order], others[2]]
    for one, two in zip(context._network(law.integers(), seen), context._network(moved, seen), strict=True):
        np.testing.assert_array_equal(one, two)
    assert all(np.array_equal(part, np.round(part)) for part in law.integers())
    most = np.abs(first).max() * context._FAR * UNIT * first[0].size
    assert most < 2**53
    assert np.abs(others[1]).max() * context._HIGH * UNIT * len(first) < 2**53
    assert np.abs(first).max() > 3 * FINE


@pytest.mark.parametrize(("images", "grid"), [(1, (1, 1)), (3, (1, 2)), (1, (5, 4)), (2, (5, 4))])
@pytest.mark.parametrize("dim", [1, 3, 6])
@pytest.mark.parametrize("dithered", [True, False])
def test_what_is_packed_is_unpacked(dim, images, grid, dithered):
    draw = np.random.default_rng(dim)
    packer, places = ContextPacker(_drawn(dim), grid), images * grid[0] * grid[1]
    index = np.clip(np.rint(draw.normal(REACH, 8, (places, dim))), 0, 2 * REACH).astype(np.intp)
    index[0, 0], index[-1, -1] = 0, 2 * REACH
    phase = draw.integers(0, PHASES, index.shape) if dithered else None
    packed = packer.pack(index, phase)
    np.testing.assert_array_equal(packer.unpack(packed, places, phase), index)
    with pytest.raises(CodeError, match="payload"):
        packer.unpack(packed[:-1], places, phase)


def test_a_training_sees_the_law_that_the_coder_has():
    draw = np.random.default_rng(1)
    law, grid = _drawn(6, size=0.1), (9, 8)
    index = np.rint(draw.normal(REACH, 2, (20 * 72, 6))).astype(np.intp)
    latents = torch.from_numpy(np.moveaxis((index - REACH).reshape(20, *grid, 6), 3, 1)).float()
    with torch.no_grad():
        bits = law(latents).sum().item()
    assert 8 * len(ContextPacker(law, grid).pack(index, None)) == pytest.approx(bits, rel=0.005)


@pytest.mark.parametrize("level", [0, 13, 24, 40])
def test_tables_are_proved_roundings_of_the_logistic_law(level, monkeypatch):
    exp = math.exp
    for left in (0, 7, 31):
        law = table(level, left)
        assert sum(law) == 2**24
        assert min(law) >= 1
        scale = exp(context._LOWEST + level / context._STEPS)
        edges = (np.arange(1, len(law)) - len(law) // 2) - 0.5 - left / UNIT
        exact = np.diff(np.concatenate([[0], 1 / (1 + np.exp(np.minimum(-edges / scale, 700))), [1]]))
        np.testing.assert_allclose(np.array(law) / 2**24, exact, atol=2e-5)
        # A library whose exponential is a little off makes the same table.
        for off in (-4e-15, 4e-15):
            monkeypatch.setattr(context.math, "exp", lambda x, off=off: exp(x) * (1 + off))
            assert table(level, left) == law
            monkeypatch.undo()


def test_where_double_precision_may_err_a_ball_decides(monkeypatch):
    monkeypatch.setattr(context, "_DOUBT", 1.0)
    proved = [context._below(24, edge) for edge in range(-200, 200, 7)]
    monkeypatch.undo()
    assert proved == [context._below(24, edge) for edge in range(-200, 200, 7)]


def test_neighbours_of_one_size_take_fewer_bits():
    """Latents whose scale is that of their place, as at edges: on its own, each looks like a mixture."""
    draw = np.random.default_rng(0)

    def latents(count):
        scale = np.exp(draw.normal(0, 1.2, (count, 1, 3, 3))).repeat(3, axis=2).repeat(3, axis=3)
        return torch.from_numpy(np.clip(np.rint(scale * draw.normal(size=(count, 6, 9, 9))), -20, 20)).float()

    bits, test = [], latents(64)
    for law in (Law(6, 0), ContextLaw(6, 0)):
        adam = torch.optim.Adam(law.parameters(), 0.01)
        for _ in range(150):
            adam.zero_grad()
            law(latents(8)).mean().backward()
            adam.step()
        with torch.no_grad():
            bits.append(law(test).mean().item())
    assert bits[1] < 0.97 * bits[0]
