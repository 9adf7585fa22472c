"""A teacher learns from noisy images alone, and the codec from the teacher alone."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import small
from scipy.ndimage import gaussian_filter
from small import CONTEXT, RESIDUAL, TAUGHT, TOY

from drc.images import quality
from drc.images.backend import TorchBackend
from drc.images.compare import compare
from drc.images.model import load_model, save_model
from drc.images.networks import denoiser
from drc.images.teacher import STEP, lessons, risk, smoothed, turned
from drc.neural.degradations import Noise
from drc.neural.evaluate import evaluate
from drc.neural.pictures import write_image
from drc.neural.run import Run, train

pytestmark = pytest.mark.torch

DEVIATION = 0.1
NOISE = Noise(DEVIATION)
BACKEND = TorchBackend("cpu")
EXPERIMENT = TOY.changed(CONTEXT | TAUGHT | {"schedule.batch": 8})


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def _noisy(count=32, size=(16, 16, 3)):
    return small.data(*size, count=count, degrade=lambda images: NOISE.degrade(images, 5, "teacher"))


DATA = _noisy()


def _textures(count, seed):
    """Return images in which no patch looks like another, so that non-local means do badly."""
    field = gaussian_filter(np.random.default_rng(seed).normal(size=(count, 16, 16, 1)), (0, 1, 1, 0))
    return (0.5 + 0.15 * field / field.std()).astype(np.float32)


def _random_network(x):
    """A network with weights that are not zero, of the image and of its non-local means."""
    network = denoiser(1, (6,), DEVIATION, seed=3)
    with torch.no_grad():
        [m for m in network.modules() if isinstance(m, torch.nn.Conv2d)][-1].weight.normal_(
            0, 0.1, generator=torch.Generator().manual_seed(1)
        )
        seen = (torch.from_numpy(np.moveaxis(part, 3, 1).copy()) for part in (x, smoothed(x, DEVIATION)))
        return np.moveaxis(network(*seen).numpy(), 1, 3)


ESTIMATES = {
    "shrinking": lambda x: 0.7 * x,
    "sharpening": lambda x: 1.5 * x - 0.2,
    "blur": lambda x: gaussian_filter(x, (0, 1, 1, 0)),
    "threshold": lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.15, 0),
    "non-local means": lambda x: smoothed(x, DEVIATION),
    "network": _random_network,
}


@pytest.mark.parametrize("name", ESTIMATES)
def test_the_risk_is_the_squared_error_on_average(name):
    """Within four of its own standard errors, which are far smaller than the term with the divergence."""
    clean = np.repeat(small.blobs(1, 16, 16)[0], 200, axis=0)
    found = lessons(NOISE.degrade(clean, 1, "risk"), DEVIATION, seed=2)
    estimate = ESTIMATES[name]
    y, moved = (estimate(images).astype(np.float64) for images in (found.x, found.moved))
    errors = ((y - clean) ** 2).mean(axis=(1, 2, 3))
    rows = zip(y, moved, found.x.astype(np.float64), found.probe.astype(np.float64), strict=True)
    risks = np.array([risk(*map(torch.from_numpy, row), DEVIATION).item() for row in rows])
    error = (risks - errors).std() / np.sqrt(len(risks))
    assert abs((risks - errors).mean()) < 4 * error
    divergence = (found.probe * (moved - y)).mean() / (STEP * DEVIATION)
    assert 12 * error < 2 * DEVIATION**2 * abs(divergence)


def test_the_divergence_of_a_linear_estimate_is_its_slope():
    x, probe = torch.zeros(5, dtype=torch.float64), torch.tensor([1.0, -1, 1, 1, -1], dtype=torch.float64)
    for slope in (-0.5, 0.0, 2.0):
        moved = slope * STEP * DEVIATION * probe
        assert risk(x, moved, x, probe, DEVIATION).item() == pytest.approx(DEVIATION**2 * (2 * slope - 1))


def test_images_turn_into_the_eight_positions_of_a_square():
    x = torch.arange(6.0).reshape(1, 1, 2, 3)
    assert len({(found.shape, tuple(found.ravel().tolist())) for found in (turned(x, k) for k in range(8))}) == 8


def test_a_network_takes_images_of_any_size():
    network = denoiser(3, (4,), DEVIATION, seed=0)
    x, smooth = (torch.rand(2, 3, 5, 9) for _ in range(2))
    assert torch.equal(network(x, smooth), smooth)
    with torch.no_grad():
        [m for m in network.modules() if isinstance(m, torch.nn.Conv2d)][-1].weight.fill_(0.1)
    assert not torch.allclose(network(x, smooth), smooth)
    assert not torch.allclose(network(x, smooth), network(smooth, smooth))


def test_no_clean_image_is_looked_at_in_training(tmp_path):
    nothing = {name: np.full_like(getattr(DATA, name), np.nan) for name in ("x_clean", "y", "y_test")}
    one = train(EXPERIMENT, tmp_path / "one", data=DATA).arrays()
    two = train(EXPERIMENT, tmp_path / "two", data=replace(DATA, **nothing)).arrays()
    assert any(np.abs(one[name]).max() > 0 for name in one if name.startswith("adam/teacher"))
    assert all(np.isfinite(array).all() for array in one.values())
    for name in one:
        np.testing.assert_array_equal(one[name], two[name], err_msg=name)


def test_a_teacher_is_better_than_what_it_starts_from():
    e = EXPERIMENT.changed({"teacher": {"epochs": 20, "batch": 4, "widths": [16], "learning_rate": 0.005}})
    x, clean = NOISE.degrade(_textures(48, 1), 5, "textures"), _textures(20, 2)
    data = replace(_noisy(48, (16, 16, 1)), x=x, y_test=clean, x_test=NOISE.degrade(clean, 6, "textures"))
    state, terms = BACKEND.init(e, data), {}
    for number in range(20):
        state, terms = BACKEND.epoch(state, data, number)
    error, before = (
        ((y - data.y_test) ** 2).mean()
        for y in (state.codec.estimated(data.x_test), smoothed(data.x_test, DEVIATION).clip(0, 1))
    )
    assert error < 0.9 * before
    assert terms["risk"] == pytest.approx(error, rel=0.2)


def test_the_codec_is_trained_on_the_estimates_as_one_without_a_teacher_is_on_its_images():
    state = BACKEND.init(EXPERIMENT, DATA)
    for number in range(EXPERIMENT.epochs):
        state, terms = BACKEND.epoch(state, DATA, number)
    x = state.codec.estimated(DATA.x)
    assert np.abs(x - smoothed(DATA.x, DEVIATION).clip(0, 1)).max() > 1e-4
    plain = {**EXPERIMENT.table(), "loss": {**EXPERIMENT.table()["loss"], "reference": "degraded"}}
    del plain["teacher"]
    plain, data = type(EXPERIMENT).of(plain), replace(DATA, x=x)
    other = BACKEND.init(plain, data)
    for number in range(plain.epochs):
        other, same = BACKEND.epoch(other, data, number)
    assert terms == same
    one, two = BACKEND.save(state), BACKEND.save(other)
    assert set(one) - set(two) == {name for name in one if "teacher/" in name}
    for name in two:
        np.testing.assert_array_equal(one[name], two[name], err_msg=name)
    x = small.blobs(2, 24, 40, 3)[0]
    y = BACKEND.reconstruct(other, state.codec.estimated(x), seed=1)
    np.testing.assert_array_equal(BACKEND.reconstruct(state, x, seed=1), y)


@pytest.mark.parametrize("at", [1, 2, 3], ids=["by the teacher", "between", "by the codec"])
def test_a_training_that_was_interrupted_ends_with_the_same_weights(tmp_path, monkeypatch, at):
    e = EXPERIMENT.changed({"schedule.epochs": 2, "teacher.epochs": 2})
    whole, epoch = train(e, tmp_path / "whole", data=DATA), TorchBackend.epoch

    def broken(self, state, data, number):
        if number == at:
            raise KeyboardInterrupt
        return epoch(self, state, data, number)

    monkeypatch.setattr(TorchBackend, "epoch", broken)
    with pytest.raises(KeyboardInterrupt):
        train(e, tmp_path / "cut", data=DATA, every=0.0)
    monkeypatch.undo()
    assert Run.read(tmp_path / "cut").epoch == at
    again = train(e, tmp_path / "cut", data=DATA)
    one, two = whole.arrays(), again.arrays()
    assert one.keys() == two.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], two[name], err_msg=name)
    assert [set(line) - {"epoch", "seconds"} for line in again.metrics()] == [
        {"risk"},
        {"risk"},
        *[{"distortion", "classification", "bits"}] * 2,
    ]


def test_a_run_is_evaluated_and_its_model_compared_with_its_teacher(tmp_path, monkeypatch):
    monkeypatch.setattr(quality, "_STEPS", 20)
    run = train(EXPERIMENT, tmp_path / "run", data=DATA)
    monkeypatch.setattr("drc.neural.evaluate.frozen_classifier", lambda *_: lambda y: np.zeros((len(y), 10)))
    monkeypatch.setattr("drc.neural.evaluate.floors", lambda *_: {})
    result = evaluate(run, DATA)
    y = run.model().state.codec.estimated(DATA.x_test)
    assert result["distortion_clean_teacher"] == pytest.approx(((y - DATA.y_test) ** 2).mean(), rel=1e-5)
    likenesses = [quality.compared(*pair)["ssim"] for pair in zip(y, DATA.y_test, strict=True)]
    assert result["ssim_teacher"] == pytest.approx(np.mean(likenesses))
    assert not any(name.endswith("floor_teacher") for name in result)
    model = load_model(save_model(run, tmp_path / "m.safetensors"))
    write_image(tmp_path / "clean" / "a.png", small.blobs(1, 40, 33, 3)[0][0])
    rows = {row["method"]: row for row in compare(model, tmp_path / "clean", tmp_path / "out")}
    assert {"drc", "webp", "nl-means", "nl-means, then webp", "teacher", "teacher, then webp"} <= rows.keys()
    assert "bpp" not in rows["teacher"]
    assert rows["teacher"]["psnr"] > rows["degraded"]["psnr"]
    assert all(rows[name]["mse"] != rows["webp"]["mse"] for name in ("nl-means, then webp", "teacher, then webp"))


def test_networks_for_one_size_of_image_have_teachers_too():
    e = TOY.changed(TAUGHT)
    data = _noisy(size=(8, 8, 1))
    state = BACKEND.init(e, data)
    for number in range(e.epochs):
        state, _ = BACKEND.epoch(state, data, number)
    assert BACKEND.reconstruct(state, data.x_test, 0).shape == data.x_test.shape
    assert RESIDUAL["networks"]["kind"] != e.networks.kind
