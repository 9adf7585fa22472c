"""The networks of an experiment in numpy, with their weights."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from drc.errors import must
from drc.neural.coding import Coding, before
from drc.neural.experiment import VariableRate
from drc.neural.numpy import tensor
from drc.neural.numpy.entropy_model import LogisticMixtures
from drc.neural.numpy.networks import Dense, dense_widths
from drc.neural.numpy.tensor import Operand
from drc.neural.quantiser import Quantiser


def quantised(quantiser: Quantiser, z: Operand, dither: np.ndarray) -> Operand:
    """Return the value of `z` quantised, with a derivative that is useful.

    The derivative is that of the identity, or of the soft assignment [agustsson2017]: the mean of the centres with
    weights `exp(-((z + u - centre) / (softness step))^2)`. The value is that of the hard assignment either way.
    """
    v, q = tensor.value(z), quantiser
    hard = q.value(q.index(v, dither), dither).astype(v.dtype)
    if not q.softness:
        return tensor.straight_through(z, hard)
    centres = q.centres.astype(v.dtype)
    moved = tensor.reshape(z, (*v.shape, 1)) + dither[..., None].astype(v.dtype)
    away = (moved - centres) * (1.0 / (q.softness * q.step))
    weights = tensor.exp(tensor.log_softmax(-(away * away)))
    return tensor.straight_through(tensor.total(weights * centres, axis=-1), hard)


@dataclass(eq=False)
class Codec(Coding):
    """What an experiment builds for images of one shape.

    With common randomness encoder and decoder share a dither `u`: the decoder reads `Q(f(x) + u) - u`. Without it there is
    none, and the decoder reads `Q(f(x))`. Either way it may have random numbers of its own beside it, which the encoder
    does not know; so with and without common randomness differ in the dither alone.

    Attributes
    ----------
    networks : dict of Dense
    law : LogisticMixtures or None
        Of the latents, at a variable rate.
    weights : dict of lists of arrays
        By network, as they are now; those of the law have the name "law".
    """

    networks: dict[str, Dense] = field(init=False)
    law: LogisticMixtures | None = field(init=False)
    weights: dict[str, list[np.ndarray]] = field(init=False)

    def __post_init__(self) -> None:
        e, n, rate = self.experiment, self.experiment.networks, self.experiment.rate
        if n.kind != "mlp":
            raise must("networks.kind", "be 'mlp' for the backend numpy", n.kind)
        if e.teacher:
            raise must("loss.reference", "be 'degraded' or 'clean' for the backend numpy", "teacher")
        if e.precision == "mixed":
            raise must("precision", "be 'float32' or 'float64' for the backend numpy", "mixed")
        if isinstance(rate, VariableRate) and rate.law != "factorised":
            raise must("rate.law", "be 'factorised' for the backend numpy", rate.law)
        last = {"encoder": "tanh" if self.fixed else "linear", "decoder": n.output}
        widths = dense_widths(n, rate.dim, math.prod(self.shape), self.classes)
        self.networks = {name: Dense(sizes, n.activation, last.get(name, "linear")) for name, sizes in widths.items()}
        self.law = None if self.fixed else LogisticMixtures(rate.dim)
        trained = self.networks | ({"law": self.law} if self.law else {})
        # Each network has a generator of its own.
        self.weights = {
            name: network.initial(np.random.default_rng([e.seed, 0, i]), np.dtype(e.precision))
            for i, (name, network) in enumerate(trained.items())
        }

    def start(self, x: np.ndarray) -> None:
        """Let the decoder start near the mean of images, where training is fastest."""
        *_, W, b = self.weights["decoder"]
        W *= 0.1
        b += before(self.experiment.networks.output, x.mean(axis=0).ravel())

    def rows(self, images: np.ndarray) -> np.ndarray:
        """Return a row for each image, in the precision of the experiment."""
        return np.ascontiguousarray(images, self.experiment.precision).reshape(len(images), -1)

    def reconstructed(self, weights: list, latents: Operand, own: np.ndarray) -> Operand:
        """Return the rows that a decoder of these weights makes of latents and its own random numbers."""
        read = tensor.join(latents, own.astype(tensor.value(latents).dtype)) if own.size else latents
        return self.networks["decoder"](weights, read)

    def latents(self, x: np.ndarray) -> np.ndarray:
        """Return the latents of images, shape (n, dim)."""
        return tensor.value(self.networks["encoder"](self.weights["encoder"], self.rows(x)))

    def drawn(self, rows: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """Return the images that the decoder makes of rows: latents and its own random numbers."""
        y = self.networks["decoder"](self.weights["decoder"], rows.astype(self.experiment.precision))
        return tensor.value(y).reshape(-1, *self.shape)

    def classify(self, y: np.ndarray) -> np.ndarray:
        """Return the logarithms of the class probabilities, by the classifier trained jointly."""
        logits = self.networks["classifier"](self.weights["classifier"], self.rows(self.checked(y)))
        return tensor.value(tensor.log_softmax(logits))

    def shared(self) -> list[np.ndarray]:
        """Return the weights of the decoder."""
        return self.weights["decoder"]

    def tables_of_weights(self) -> np.ndarray | None:
        """Return the tables of the range coder for the weights as they are."""
        shared = self.experiment.common_randomness
        return self.law and self.law.tables(self.weights["law"], self.quantiser, shared)
