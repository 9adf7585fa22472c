import csv
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import small
from PIL import features
from small import RESIDUAL, TOY
from typer.testing import CliRunner

from drc.cli import app
from drc.errors import ProblemError
from drc.images import quality
from drc.images.compare import compare
from drc.images.model import load_model, save_model
from drc.images.quality import Judge, compared, left_out, measured
from drc.neural.data import load
from drc.neural.formats import FORMATS, at_most, denoised
from drc.neural.pictures import write_image
from drc.neural.run import train

pytestmark = pytest.mark.torch

DRAW = np.random.default_rng(0)


def _smooth(height, width, channels=3):
    return small.blobs(1, height, width, channels)[0][0]


def _squares_of(picture):
    """Return the squares of 12 x 12 of a picture."""
    return [
        picture[None, i : i + 12, j : j + 12]
        for i in range(0, picture.shape[0] - 11, 12)
        for j in range(0, picture.shape[1] - 11, 12)
    ]


def test_equal_images_are_equal_in_every_measure():
    x = _smooth(180, 176)
    found = compared(x, x)
    assert found.pop("mse") == 0
    assert found.pop("psnr") == np.inf
    assert found["ssim"] == pytest.approx(1)
    assert found["ms_ssim"] == pytest.approx(1)


def test_more_noise_is_worse_in_every_measure():
    x = _smooth(180, 176)
    noise = DRAW.normal(size=x.shape)
    little, much = (compared(np.clip(x + d * noise, 0, 1), x) for d in (0.02, 0.1))
    assert little["mse"] < much["mse"]
    assert all(little[name] > much[name] for name in ("psnr", "ssim", "ms_ssim"))
    assert little["psnr"] == pytest.approx(-10 * np.log10(little["mse"]))


def test_small_and_different_images():
    assert "ms_ssim" not in compared(_smooth(180, 175), _smooth(180, 175))
    with pytest.raises(ProblemError, match="must have one shape"):
        compared(_smooth(20, 30), _smooth(30, 20))
    with pytest.raises(ProblemError, match="7 x 7"):
        compared(_smooth(6, 30), _smooth(6, 30))


@pytest.mark.parametrize("name", [name for name in FORMATS if features.check(FORMATS[name][1])])
def test_files_have_no_more_bytes_than_asked_for(name):
    x = np.clip(_smooth(96, 80) + 0.1 * DRAW.normal(size=(96, 80, 3)), 0, 1)
    sizes, errors = [], []
    for most in (1500, 3000, 6000):
        size, y = at_most(x, name, most)
        assert size <= most
        sizes.append(size)
        errors.append(((x - y) ** 2).mean())
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.9 * errors[0]
    assert at_most(x, name, 1)[0] > 1


def test_another_format_is_named():
    with pytest.raises(ProblemError, match="format must be .*, got 'gif'"):
        at_most(_smooth(8, 8), "gif", 10)


def test_the_denoiser_removes_noise():
    x = _smooth(40, 40)
    noisy = (x + 0.1 * DRAW.normal(size=x.shape)).astype(np.float32)
    assert compared(denoised(noisy, 0.1), x)["mse"] < 0.3 * compared(noisy, x)["mse"]


def test_a_judge_tells_classes_apart_and_laws(monkeypatch):
    monkeypatch.setattr(quality, "_STEPS", 500)
    data = load(TOY)
    torch.set_num_threads(1)
    judge = Judge.of(data)
    log_p = judge.log_probabilities(data.y_test)
    assert log_p.shape == (len(data.y_test), 10)
    assert (log_p.argmax(1) == data.s_test).mean() > 0.9
    near, far = (judge.distances(images, data.y) for images in (data.y_test, data.x_test))
    assert 0 < near["feature_frechet"] < 0.5 * far["feature_frechet"]
    assert 0 < near["feature_sliced_W2"] < 0.5 * far["feature_sliced_W2"]
    assert Judge.of(load(TOY)) is judge
    found = measured(data, data.x_test)
    assert (
        found["feature_frechet"] == far["feature_frechet"] > found["feature_frechet_floor"] == near["feature_frechet"]
    )
    assert found["accuracy_judge"] < (log_p.argmax(1) == data.s_test).mean()
    assert found["ssim"] == pytest.approx(
        np.mean([compared(x, y)["ssim"] for x, y in zip(data.x_test, data.y_test, strict=True)])
    )


def test_without_labels_a_judge_tells_clean_from_degraded(monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setattr(quality, "_STEPS", 150)
    noisy = lambda x: (x + 0.3 * np.random.default_rng(5).normal(size=x.shape)).astype(np.float32)  # noqa: E731
    data = replace(small.data(16, 16, 3, count=64, degrade=noisy), classes=("all",))
    judge = Judge.of(data)
    assert (judge.log_probabilities(data.x_test).argmax(1) == 1).all()
    assert (judge.log_probabilities(data.y_test).argmax(1) == 0).all()
    found = measured(data, data.x_test)
    assert "accuracy_judge" not in found
    assert found["feature_frechet"] > 5 * found["feature_frechet_floor"]


_LPIPS = """
class LPIPS:
    def __init__(self, net, verbose): assert net == "alex"
    def eval(self): return self
    def __call__(self, a, b):
        assert a.shape[1] == 3 and a.min() >= -1
        return (a - b).square().mean()
"""


def test_learned_measures_are_used_where_their_weights_are(tmp_path, monkeypatch):
    """Neither package is needed here: one stands in for it."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr("drc.images.quality.find_spec", lambda name: None if name == "DISTS_pytorch" else name)
    x, y = _smooth(64, 64, 1), _smooth(64, 64, 1) / 2
    quality._learned.cache_clear()
    assert left_out()["dists"] == "the package DISTS_pytorch is not installed"
    assert "alexnet-*.pth of torchvision are not in" in left_out()["lpips"]
    assert "lpips" not in compared(x, y)
    (tmp_path / "torch" / "hub" / "checkpoints").mkdir(parents=True)
    (tmp_path / "torch" / "hub" / "checkpoints" / "alexnet-owt-7be5be79.pth").touch()
    (tmp_path / "lpips.py").write_text(_LPIPS)
    monkeypatch.syspath_prepend(tmp_path)
    quality._learned.cache_clear()
    assert set(left_out()) == {"dists"}
    assert compared(x, y)["lpips"] == pytest.approx(4 * compared(x, y)["mse"], rel=1e-5)
    assert "lpips" not in compared(_smooth(63, 64), _smooth(63, 64))
    quality._learned.cache_clear()


def test_a_codec_beside_the_others(tmp_path, monkeypatch):
    torch.set_num_threads(1)
    noisy = {"degradation": {"kind": "noise", "deviation": 0.1}, "schedule.epochs": 1, "schedule.batch": 16}
    run = train(TOY.changed(RESIDUAL | noisy), tmp_path / "run", data=small.data(12, 12, 3, count=32))
    path = save_model(run, tmp_path / "m.safetensors")
    (tmp_path / "clean").mkdir()
    for name, size in (("a", (33, 40)), ("b", (40, 33))):
        write_image(tmp_path / "clean" / f"{name}.png", _smooth(*size))
    monkeypatch.setattr(quality, "_STEPS", 20)
    judge = Judge.of(small.data(12, 12, 3, count=32, degrade=lambda x: 1 - x))
    rows = compare(load_model(path), tmp_path / "clean", tmp_path / "out", judge=judge)
    methods = [row["method"] for row in rows]
    assert methods[:2] == ["drc", "degraded"]
    assert "nl-means" in methods
    assert all(row["pictures"] == 2 for row in rows)
    found = {row["method"]: row for row in rows}
    assert found["degraded"]["mse_degraded"] == 0
    assert found["degraded"]["mse"] == pytest.approx(0.01, rel=0.5)
    with open(tmp_path / "out" / "compare.csv", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 2 * len(methods)
    model = load_model(path)
    for line in lines:
        if line["method"] == "drc":
            assert float(line["bpp"]) == pytest.approx(8 * int(line["bytes"]) / (33 * 40))
    assert model.experiment.degradation.deviation == 0.1
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["a.png", "b.png", "compare.csv", "means.csv"]
    squares = np.concatenate([x for size in ((33, 40), (40, 33)) for x in _squares_of(_smooth(*size))])
    degraded = np.concatenate(
        [
            x
            for name, size in (("a", (33, 40)), ("b", (40, 33)))
            for x in _squares_of(
                model.experiment.degradation.degrade(_smooth(*size)[None], 0, f"compare {name}.png")[0]
            )
        ]
    )
    assert found["degraded"]["feature_frechet"] == pytest.approx(
        judge.distances(degraded, squares)["feature_frechet"], rel=0.2
    )
    words = ["codec", "compare", str(path), str(tmp_path / "clean"), "--out", str(tmp_path / "again"), "-q"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert "jpeg: " in result.stdout
    assert "left out: distances in a feature space: say --data FOLDER" in result.stderr
    for name, reason in left_out().items():
        assert f"left out: {name}: {reason}" in result.stderr
    assert (tmp_path / "again" / "compare.csv").read_bytes() == (tmp_path / "out" / "compare.csv").read_bytes()
