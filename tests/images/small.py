"""Images of the sizes that the networks are made for, drawn and not read: blobs at places that say the label."""

import numpy as np

from drc.neural import named
from drc.neural.data import Data

TOY = named("toy-sr").changed(
    {"backend": "torch", "schedule.epochs": 2, "networks.encoder": [16], "networks.decoder": [16]}
)

PAPER = {"networks": {"kind": "paper-mnist", "noise": 1}, "loss.distance": "critic", "schedule.batch": 16}
BLOCKS = {"kind": "blocks", "noise": 1} | {name: [8, 16] for name in ("encoder", "decoder", "critic", "classifier")}
RESIDUAL = {
    "networks": {"kind": "residual", "encoder": [8, 8], "decoder": [8, 8], "critic": [8], "classifier": [8, 8]},
    "rate": {"kind": "variable", "dim": 2, "weight": 1e-3},
}
REFINED = RESIDUAL | {"networks": RESIDUAL["networks"] | {"kind": "refined"}}
CONTEXT = RESIDUAL | {"rate": RESIDUAL["rate"] | {"dim": 5, "law": "context"}}
TAUGHT = {
    "degradation": {"kind": "noise", "deviation": 0.1},
    "loss": {"reference": "teacher", "perception": 0},
    "teacher": {"epochs": 1, "widths": [8]},
    "schedule.epochs": 2,
}

#: Changes that make a network of each kind, and a size of image that it takes.
KINDS = {
    "mlp": ({}, (8, 8, 1)),
    "paper-mnist": (PAPER, (28, 28, 1)),
    "paper-svhn": ({"networks": {"kind": "paper-svhn", "noise": 1}}, (32, 32, 3)),
    "blocks": ({"networks": BLOCKS}, (8, 12, 3)),
    "residual": (RESIDUAL, (12, 8, 3)),
    "refined": (REFINED, (8, 16, 3)),
}


def blobs(count, height=28, width=28, channels=1, seed=0):
    """Return clean images and labels."""
    draw = np.random.default_rng(seed)
    s = draw.integers(0, 4, count)
    rows, columns = np.mgrid[:height, :width]
    at = np.stack([(0.3 + 0.4 * (s // 2)) * height, (0.3 + 0.4 * (s % 2)) * width], 1) + draw.normal(0, 1, (count, 2))
    away = (rows - at[:, 0, None, None]) ** 2 + (columns - at[:, 1, None, None]) ** 2
    images = np.exp(-away / (0.02 * height * width))[..., None] * draw.uniform(0.6, 1, (count, 1, 1, channels))
    return images.astype(np.float32), s


def data(height=28, width=28, channels=1, count=64, degrade=lambda images: images):
    x, s = blobs(count, height, width, channels, 1)
    y, s_y = blobs(count, height, width, channels, 2)
    y_test, s_test = blobs(20, height, width, channels, 3)
    return Data(degrade(x), s, x, y, s_y, degrade(y_test), s_test, y_test, tuple("0123"))
