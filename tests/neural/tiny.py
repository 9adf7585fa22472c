"""The least backend there is, for tests of the machinery: a linear codec with rounded latents, trained by descent."""

import os
import signal
import time
from pathlib import Path
from unittest import mock

import numpy as np

from drc.neural import backend
from drc.neural.backend import Encoded

STEP = 0.25

#: Points in a block of a patient sweep.
MOST = 5


class Tiny:
    """Its state is a mapping of arrays, and the experiment."""

    def init(self, experiment, data):
        pixels, classes = int(np.prod(data.shape)), len(data.classes)
        draw = np.random.default_rng(experiment.seed)
        W = draw.normal(size=(pixels, experiment.rate.dim)) / pixels**0.5
        return {"W": W, "V": np.zeros((pixels, classes)), "moved": np.zeros_like(W), "shape": np.array(data.shape)}

    def epoch(self, state, data, number):
        order = np.random.default_rng([7, number]).permutation(len(data.x))
        x = data.x.reshape(len(data.x), -1).astype(float)
        errors = []
        for batch in np.array_split(order, 8):
            W, V, part = state["W"], state["V"], x[batch]
            error = part @ W @ W.T - part
            gradient = (part.T @ error @ W + error.T @ part @ W) / len(part)
            state["moved"] = 0.9 * state["moved"] - 0.003 * gradient
            state["W"] = W + state["moved"]
            p = np.exp(self._scores(V, part))
            p[np.arange(len(batch)), data.s[batch]] -= 1
            state["V"] = V - 0.1 * part.T @ p / len(part)
            errors.append(float((error**2).mean()))
        return state, {"distortion": float(np.mean(errors))}

    def save(self, state):
        return dict(state)

    def load(self, experiment, data, arrays):
        return dict(arrays)

    def reconstruct(self, state, x, seed, start=0):
        codes = np.clip(np.rint(x.reshape(len(x), -1) @ state["W"] / STEP), -128, 127)
        return (codes @ state["W"].T * STEP).reshape(x.shape).astype(np.float32)

    def encode(self, state, x, seed, start=0):
        codes = np.clip(np.rint(x.reshape(len(x), -1) @ state["W"] / STEP), -128, 127).astype(np.int8)
        return Encoded(b"tiny" + codes.tobytes(), codes.size)

    def decode(self, state, data, seed):
        codes = np.frombuffer(data[4:], np.int8).reshape(-1, state["W"].shape[1])
        return (codes @ state["W"].T * STEP).reshape(-1, *state["shape"]).astype(np.float32)

    def classify(self, state, y):
        return self._scores(state["V"], y.reshape(len(y), -1))

    @staticmethod
    def _scores(V, y):
        scores = y @ V
        return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def train_apart(experiment, folder, data):
    """Train in a process of its own, with a checkpoint after every epoch."""
    from drc.neural.run import train

    register()
    train(experiment, folder, data=data, every=0.0)


def deadly(task, block, folder, data_folder):
    """Stand for points of a sweep: number 0 kills its process always, number 1 the first time."""
    mark = Path(folder) / "begun"
    for n in (arguments["n"] for arguments in block):
        if n == 0 or (n == 1 and not mark.exists()):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return [("done", f'{{"value": {arguments["n"]}}}', 0.0) for arguments in block]


def patient(task, block, folder, data_folder):
    """Stand for points of a sweep that take a moment, in a process that starts at once."""
    time.sleep(0.01 * len(block))
    return [("done", f'{{"value": {arguments["n"]}}}', 0.01) for arguments in block]


def patient_sweep(count, folder, **options):
    """Compute a sweep of so many patient points: the whole machinery, with nothing heavy to load in each process."""
    from drc.neural import sweep, tasks, workers

    as_it_is = tasks.Task(lambda settings, _: (settings, settings), None)
    small = mock.patch.multiple(workers, timed=patient, _MOST=MOST)
    with small, mock.patch.dict(tasks.TASKS, {"solve": as_it_is}):
        return sweep.run(sweep.Sweep("solve", {}, {"n": list(range(count))}), folder, **options)


def register():
    """Make the backend known under the name `tiny`."""
    backend._OWN["tiny"] = Tiny
