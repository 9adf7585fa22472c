"""The networks of an experiment, and the one path from a degraded image to its reconstruction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from drc.errors import must
from drc.neural.coding import Coding, before, quantiser_of
from drc.neural.experiment import Experiment
from drc.neural.numpy import tensor
from drc.neural.numpy.entropy_model import LogisticMixtures
from drc.neural.numpy.networks import Dense
from drc.neural.quantiser import Quantiser


def quantised(quantiser: Quantiser, z: Any, dither: np.ndarray) -> Any:
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


@dataclass(frozen=True)
class Codec(Coding):
    """What an experiment builds for images of this many pixels.

    With common randomness encoder and decoder share a dither `u`: the decoder reads `Q(f(x) + u) - u`. Without it there is
    none, and the decoder reads `Q(f(x))`. Either way it may have random numbers of its own beside it, which the encoder
    does not know; so with and without common randomness differ in the dither alone.

    Parameters
    ----------
    experiment : Experiment
    pixels : int
        Of an image.
    classes : int

    Raises
    ------
    ProblemError
        For networks that this backend does not have.
    """

    experiment: Experiment
    pixels: int
    classes: int
    quantiser: Quantiser = field(init=False)
    networks: dict[str, Any] = field(init=False)

    def __post_init__(self):
        e, dim = self.experiment, self.experiment.rate.dim
        if e.networks.kind != "mlp":
            raise must("networks.kind", "be 'mlp' for the backend numpy", e.networks.kind)
        if e.precision == "mixed":
            raise must("precision", "be 'float32' or 'float64' for the backend numpy", "mixed")
        fixed = self.fixed
        if not fixed and e.rate.law != "factorised":
            raise must("rate.law", "be 'factorised' for the backend numpy", e.rate.law)

        def network(hidden, inputs, outputs, last="linear"):
            """Return the dense network of this experiment with these widths."""
            return Dense((inputs, *hidden, outputs), e.networks.activation, last)

        networks = {
            "encoder": network(e.networks.encoder, self.pixels, dim, "tanh" if fixed else "linear"),
            "decoder": network(e.networks.decoder, dim + e.networks.noise, self.pixels, e.networks.output),
            "critic": network(e.networks.critic, self.pixels, 1),
            "classifier": network(e.networks.classifier, self.pixels, self.classes),
        }
        if not fixed:
            networks["law"] = LogisticMixtures(dim)
        object.__setattr__(self, "quantiser", quantiser_of(e.rate))
        object.__setattr__(self, "networks", networks)

    def initial(self, image: np.ndarray | None = None) -> dict[str, list[np.ndarray]]:
        """Return the weights at the start, by network; each network has a generator of its own.

        Given the mean image, shape (pixels,), the decoder starts near it, where training is fastest.
        """
        e = self.experiment
        weights = {
            name: network.initial(np.random.default_rng([e.seed, 0, i]), np.dtype(e.precision))
            for i, (name, network) in enumerate(self.networks.items())
        }
        if image is not None:
            *_, W, b = weights["decoder"]
            W *= 0.1
            b += before(e.networks.output, image)
        return weights

    def decoded(self, weights: list, latents: Any, seed: int, purpose: str, start: int) -> Any:
        """Return the images that the decoder makes of quantised latents, shape (n, pixels)."""
        if self.experiment.networks.noise:
            v = tensor.value(latents)
            latents = tensor.join(latents, self.own(seed, purpose, start, len(v)).astype(v.dtype))
        return self.networks["decoder"](weights, latents)

    def index(self, weights: list, x: np.ndarray, seed: int, purpose: str, start: int) -> np.ndarray:
        """Return what the encoder sends of degraded images: integers of shape (n, dim)."""
        z = self.networks["encoder"](weights, x)
        return self.quantiser.index(z, self.dither(seed, purpose, start, len(x)))

    def image(self, weights: list, index: np.ndarray, seed: int, purpose: str, start: int) -> np.ndarray:
        """Return what the decoder makes of what was sent, shape (n, pixels)."""
        latents = self.quantiser.value(index, self.dither(seed, purpose, start, len(index)))
        return self.decoded(weights, latents.astype(self.experiment.precision), seed, purpose, start)
