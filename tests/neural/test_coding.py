"""What the backends share: arrays of another experiment, parts of images, the orders of an epoch."""

from types import SimpleNamespace

import numpy as np
import pytest
from bare import TOY, Bare

from drc.errors import CodeError, ProblemError
from drc.neural.bitstream import TOTAL, Packer
from drc.neural.coding import FRAME, Coding, array_of, made_for, moved_by, saved, steps_of


def _coding(changes):
    return Coding(TOY.changed(changes), (8, 8, 1), 10)


@pytest.mark.parametrize(
    "changes", [{}, {"rate": {"kind": "variable", "dim": 4, "weight": 0.1}}, {"common_randomness": False}]
)
@pytest.mark.parametrize("places", [1, 6])
def test_indices_of_places_are_read_as_written(changes, places):
    coding, draw = _coding(changes), np.random.default_rng(0)
    dim, count, phases = 4, coding.quantiser.count, max(1, coding.quantiser.phases)
    tables = None if coding.fixed else np.full((dim, phases, count), TOTAL // count)
    if tables is not None:
        tables[..., 0] += TOTAL - tables.sum(axis=2)
    packer, index = Packer(dim, count, tables), draw.integers(0, count, (places * 5, dim))
    coded = Bare(packer, places, changes, side=1).write(index, (2, 3), 5, 3)
    found, *told = Bare(packer, places, changes, side=1).read(coded.data, 5)
    np.testing.assert_array_equal(found, index)
    assert told == [(2, 3), 5, 3]
    with pytest.raises(CodeError, match="^size: a frame must hold whole images of 7 places"):
        Bare(packer, 7, changes, side=1).read(coded.data, 5)


@pytest.mark.parametrize(("places", "images"), [(FRAME // 3, 7), (2 * FRAME, 2)])
def test_frames_hold_whole_images(places, images):
    rows = []
    packer = SimpleNamespace(pack=lambda index, phase: rows.append(len(index)) or b"")
    Bare(packer, places).write(np.zeros((images * places, 4), int), (1, 1), 5, 0)
    assert rows[:2] == [max(1, FRAME // places) * places] * 2


def test_a_dither_is_of_the_image_and_not_of_the_file():
    coding = _coding({"networks.noise": 2})
    np.testing.assert_array_equal(coding.dither(1, "coding", 0, 9)[4:], coding.dither(1, "coding", 4, 5))
    np.testing.assert_array_equal(coding.own(1, "coding", 0, 9)[4:], coding.own(1, "coding", 4, 5))
    assert coding.dither(1, "coding", 0, 9).tolist() != coding.dither(1, "training", 0, 9).tolist()
    assert not _coding({"common_randomness": False}).dither(1, "coding", 0, 9).any()


def test_an_epoch_takes_every_image_of_its_steps_once():
    steps = steps_of(TOY.changed({"schedule.batch": 8}), 50, 20, number=3)
    assert (steps.steps, steps.batch, len(steps.x), len(set(steps.x))) == (6, 8, 48, 48)
    assert sorted(steps.y[:20]) == list(range(20))
    again, other = (steps_of(TOY.changed({"schedule.batch": 8}), 50, 20, number=n) for n in (3, 4))
    assert steps.x.tolist() == again.x.tolist() != other.x.tolist()


def test_arrays_are_those_of_the_experiment():
    arrays = saved((8, 8, 1), 10, [("law/0", w := np.ones(3, np.float32))])
    w[:] = 0
    assert made_for(arrays) == ((8, 8, 1), 10)
    assert array_of(arrays, "law/0", w).tolist() == [1, 1, 1]
    for name, like, said in (
        ("law/1", w, "must be given"),
        ("law/0", np.ones(3), "must be float64.*got float32 of shape"),
    ):
        with pytest.raises(ProblemError, match=f"'{name}' {said}"):
            array_of(arrays, name, like)
    with pytest.raises(ProblemError, match="'shape' must be .*got int64 of shape"):
        made_for(arrays | {"shape": np.array([8, 8])})


def test_an_optimiser_moves_the_networks_of_the_codec_and_another_the_critic():
    assert moved_by("codec", {"critic": 0, "classifier": 0, "encoder": 0}) == ["encoder", "classifier"]
    assert moved_by("critic", {"critic": 0}) == ["critic"]
