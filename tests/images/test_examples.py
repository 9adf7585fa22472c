"""The experiments of the examples that name this backend have networks for the images that they are about."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from drc.images.networks import build
from drc.neural import Experiment
from drc.neural.sweep import Sweep

pytestmark = pytest.mark.torch

FOLDER = Path(__file__).parent.parent.parent / "examples" / "experiments"
SHAPES = {
    "mnist-paper": (28, 28, 1),
    "mnist-quick": (28, 28, 1),
    "mnist-sr-blocks": (28, 28, 1),
    "svhn-denoising": (32, 32, 3),
    "svhn-denoising-small": (32, 32, 3),
    "svhn-inpainting": (32, 32, 3),
    "cifar10-denoising": (32, 32, 3),
    "cifar10-denoising-small": (32, 32, 3),
    "kodak-denoising": (64, 64, 3),
    "kodak-denoising-mse": (128, 128, 3),
    "kodak-denoising-pairs": (64, 64, 3),
    "kodak-denoising-teacher": (128, 128, 3),
    "imagenet64-denoising": (64, 64, 3),
}


@pytest.mark.parametrize("name", SHAPES)
def test_an_example_can_be_built(name):
    experiment = Experiment.read(FOLDER / f"{name}.toml")
    assert (experiment.name, experiment.backend) == (name, "torch")
    networks = build(experiment, SHAPES[name], 10)
    x = experiment.degradation.degrade(np.zeros((2, *SHAPES[name]), np.float32))
    assert networks["encoder"](torch.from_numpy(np.moveaxis(x, 3, 1).copy())).shape[:2] == (2, experiment.rate.dim)


def test_every_experiment_is_known_here():
    found = {path.stem for path in FOLDER.glob("*.toml") if not path.stem.endswith("-sweep")}
    assert {name for name in found if Experiment.read(FOLDER / f"{name}.toml").backend == "torch"} == set(SHAPES)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*-sweep.toml")), ids=lambda path: path.stem)
def test_a_sweep_is_over_the_experiment_of_its_name(path):
    sweep = Sweep.read(path)
    assert sweep.task == "experiment"
    assert f"{sweep.fixed['experiment'].removesuffix('.toml')}-sweep" == path.stem
    assert len(sweep.points()) == np.prod([len(values) for values in sweep.grid.values()])


def test_the_sweep_has_the_rates_and_columns_of_the_paper():
    points = [Experiment.of(point.arguments) for point in Sweep.read(FOLDER / "mnist-paper-sweep.toml").points()]
    assert len(points) == 48
    assert {2 * e.rate.dim for e in points} == {4, 8, 12, 16, 20, 24, 28, 32}
    assert {(e.loss.perception, e.loss.classification) for e in points} == {(0.001, 0.001), (0.05, 0.05)}
