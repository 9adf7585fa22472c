"""Where a training begins: near an image, or as the best linear codec."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import small
from small import KINDS, REFINED, RESIDUAL, TOY

from drc.images.backend import TorchBackend
from drc.images.networks import build
from drc.images.start import start_at

pytestmark = pytest.mark.torch

BACKEND = TorchBackend("cpu")


@pytest.mark.parametrize("kind", KINDS)
def test_the_decoder_starts_near_an_image(kind):
    changes, (h, w, c) = KINDS[kind]
    experiment = TOY.changed(changes)
    networks = build(experiment, (h, w, c), 10)
    image = np.full((c, h, w), 0.3) + 0.1 * np.arange(c)[:, None, None]
    start_at(networks["decoder"], image, "sigmoid")
    grid = networks["encoder"](torch.zeros(1, c, h, w)).shape[2:]
    y = networks["decoder"](torch.zeros(1, experiment.rate.dim + experiment.networks.noise, *grid))
    np.testing.assert_allclose(y[0].detach().numpy(), image, atol=0.08)


@pytest.mark.parametrize("kind", [RESIDUAL, REFINED], ids=["residual", "refined"])
def test_a_fully_convolutional_codec_starts_as_the_best_linear_one(kind):
    data = small.data(32, 32, 3, count=64)
    cheap, free = ({"kind": "variable", "weight": weight} for weight in (1e-6, 0))
    fixed = {"kind": "fixed", "levels": 4}
    for output, rate in (("linear", cheap), ("sigmoid", cheap), ("linear", free), ("linear", fixed)):
        rate = {**rate, "dim": 16}
        changes = kind | {"networks": kind["networks"] | {"output": output}, "rate": rate}
        state = BACKEND.init(TOY.changed(changes), data)
        error = ((BACKEND.reconstruct(state, data.x_test, 0) - data.x_test) ** 2).mean()
        assert error < 0.5 * ((data.x_test - data.x.mean(axis=(0, 1, 2))) ** 2).mean(), (output, rate)


def test_the_first_step_of_the_quantiser_pays_for_the_bits():
    data = small.data(32, 32, 3, count=64)
    for weight in (1e-6, 1e-5):
        codec = BACKEND.init(
            TOY.changed(REFINED | {"rate": REFINED["rate"] | {"dim": 40, "weight": weight}}), data
        ).codec
        # A latent is a component in units of the step: that of gish1968, whatever the images are.
        lengths = codec.networks["encoder"][1].weight.detach().flatten(1).norm(dim=1)
        step = np.sqrt(6 * weight * 32 * 32 * 3 / np.log(2))
        np.testing.assert_allclose(lengths.numpy(), 1 / step, rtol=1e-5)
