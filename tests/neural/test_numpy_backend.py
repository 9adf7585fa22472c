"""The backend as the machinery of experiments sees it: training, states, bitstreams, with and without a shared dither."""

import os
import subprocess
import sys

import numpy as np
import pytest
from backend_laws import BackendLaws, trainer

from drc.errors import ProblemError
from drc.neural import named
from drc.neural.data import load
from drc.neural.experiment import Schedule
from drc.neural.numpy import NumpyBackend

BACKEND = NumpyBackend()
TOY = named("toy-sr").changed({"schedule.epochs": 2, "networks.encoder": [16], "networks.decoder": [16]})
DATA = load(TOY)
KINDS = {
    "fixed": {},
    "three levels": {"rate.levels": 3},
    "soft to hard": {"rate.softness": 0.5},
    "critic": {"loss.distance": "critic"},
    "linear, cosine": {"networks.output": "linear", "schedule": {"warm_up": 0.5, "decay": "cosine", "drops": []}},
    "double": {"precision": "float64", "loss.distance": "critic"},
    "variable": {"rate": {"kind": "variable", "dim": 5, "weight": 1e-3}},
    "own noise": {"common_randomness": False, "networks.noise": 3},
    "variable, own noise": {
        "rate": {"kind": "variable", "dim": 5, "weight": 1e-3},
        "common_randomness": False,
        "networks.noise": 3,
    },
}
trained = trainer(BACKEND, TOY, DATA)


@pytest.fixture(scope="module", params=KINDS)
def state(request):
    return trained(KINDS[request.param])[0]


class TestNumpy(BackendLaws):
    backend, toy, data, trained = BACKEND, TOY, DATA, staticmethod(trained)


def test_precision_is_that_of_the_experiment(state):
    precision = state.codec.experiment.precision
    assert {w.dtype.name for ws in state.codec.weights.values() for w in ws} == {precision}
    assert BACKEND.reconstruct(state, DATA.x_test[:3], 1).dtype == precision


def test_another_process_decodes_with_model_seed_and_bytes(tmp_path):
    state, _ = trained(KINDS["variable"])
    x = DATA.x_test[:40]
    np.savez(tmp_path / "model.npz", **BACKEND.save(state))
    (tmp_path / "experiment.toml").write_text(state.codec.experiment.toml(), encoding="utf-8")
    (tmp_path / "images.bin").write_bytes(BACKEND.encode(state, x, seed=4).data)
    program = """
import sys, numpy as np
from drc.neural import Experiment
from drc.neural.backend import backend
folder, numpy = sys.argv[1], backend("numpy")
state = numpy.load(Experiment.read(f"{folder}/experiment.toml"), None, dict(np.load(f"{folder}/model.npz")))
np.save(f"{folder}/y.npy", numpy.decode(state, open(f"{folder}/images.bin", "rb").read(), seed=4))
"""
    subprocess.run([sys.executable, "-c", program, tmp_path], check=True, env=os.environ, timeout=60)
    assert np.allclose(np.load(tmp_path / "y.npy"), BACKEND.reconstruct(state, x, seed=4), atol=1e-6)


def test_training_lowers_every_term():
    state = BACKEND.init(TOY, DATA)
    state, first = BACKEND.epoch(state, DATA, 0)
    for number in range(1, 12):
        state, last = BACKEND.epoch(state, DATA, number)
    assert first.keys() == {"distortion", "classification", "perception"}
    assert all(last[name] < 0.9 * first[name] for name in first)
    assert 0.9 < np.exp(BACKEND.classify(state, DATA.y_test)).sum(axis=1).mean() < 1.1


@pytest.mark.parametrize("output", ["sigmoid", "linear"])
def test_the_decoder_starts_near_the_mean_image(output):
    state = BACKEND.init(TOY.changed({"networks.output": output}), DATA)
    y = BACKEND.reconstruct(state, DATA.x_test, seed=0)
    assert np.sqrt(((y - DATA.x.mean(axis=0)) ** 2).mean()) < 0.1


def test_every_step_has_the_learning_rate_of_its_middle(monkeypatch):
    asked = []
    monkeypatch.setattr(Schedule, "rate_at", lambda schedule, epoch: asked.append(epoch) or schedule.learning_rate)
    experiment = TOY.changed({"schedule.batch": 100})
    BACKEND.epoch(BACKEND.init(experiment, DATA), DATA, 3)
    assert np.allclose(asked, 3 + (np.arange(7) + 0.5) / 7)


def test_the_shared_dither_changes_what_is_sent_and_own_noise_does_not():
    x = DATA.x_test[:100]
    shared, own, none = (trained(changes)[0] for changes in ({}, KINDS["own noise"], {"common_randomness": False}))
    payload = {
        (name, seed): [state.codec.index(x, seed)]
        for name, state in (("shared", shared), ("own", own))
        for seed in (1, 2)
    }
    assert not np.array_equal(payload["shared", 1], payload["shared", 2])
    assert np.array_equal(payload["own", 1], payload["own", 2])
    # Only one without any randomness is on the few points of its messages.
    for state, points in ((shared, 50), (own, 50), (none, 1)):
        y = BACKEND.reconstruct(state, x[:1].repeat(50, axis=0), seed=1)
        assert len(np.unique(y.reshape(50, -1).round(4), axis=0)) == points


def test_a_decoder_without_the_dither_is_worse_than_one_with_it():
    state, _ = trained({"loss.perception": 0, "loss.classification": 0}, 30)
    codec, x = state.codec, DATA.x_test
    index = codec.index(x, 1)
    errors = [((codec.decoded(index, (8, 8), seed) - x) ** 2).mean() for seed in (1, 2)]
    assert errors[1] > 1.05 * errors[0]


@pytest.mark.parametrize("name", ["encoder/0", "adam/critic/second", "shape"])
def test_arrays_of_another_experiment_are_refused(name):
    arrays = BACKEND.save(BACKEND.init(TOY, DATA))
    with pytest.raises(ProblemError, match=f"{name}' must be given"):
        BACKEND.load(TOY, None, {key: array for key, array in arrays.items() if key != name})
    if name != "shape":
        with pytest.raises(ProblemError, match=f"{name}' must be float32 of shape"):
            BACKEND.load(TOY, None, arrays | {name: arrays[name][:1]})


def test_the_classifier_is_trained_even_if_the_codec_pays_nothing_for_it():
    state = BACKEND.init(TOY.changed({"loss.classification": 0, "loss.perception": 0}), DATA)
    losses = []
    for number in range(8):
        state, terms = BACKEND.epoch(state, DATA, number)
        losses.append(terms["classification"])
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize("method", ["reconstruct", "encode", "classify"])
@pytest.mark.parametrize("shape", [(0, 8, 8, 1), (2, 8, 4, 1), (2, 64)])
def test_images_of_another_shape_are_named(method, shape):
    state = BACKEND.init(TOY, DATA)
    with pytest.raises(ProblemError, match=r"images must have the shape \(n, 8, 8, 1\) with n >= 1"):
        getattr(BACKEND, method)(state, np.zeros(shape), *([0] if method != "classify" else []))


def test_networks_of_another_backend_are_refused():
    with pytest.raises(ProblemError, match="networks.kind must be 'mlp' for the backend numpy, got 'conv'"):
        BACKEND.init(TOY.changed({"networks.kind": "conv"}), DATA)
