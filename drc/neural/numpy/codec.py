"""The networks of an experiment, and the one path from a degraded image to its reconstruction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from drc.codes.randomness import CommonRandomness
from drc.errors import must
from drc.neural.experiment import Experiment, FixedRate
from drc.neural.numpy import tensor
from drc.neural.numpy.entropy_model import LogisticMixtures
from drc.neural.numpy.networks import Dense
from drc.neural.numpy.quantiser import Quantiser

#: The networks that one optimiser moves; the critic has a loss of its own.
CODEC = ("encoder", "decoder", "law", "classifier")


@dataclass(frozen=True)
class Codec:
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
        fixed = isinstance(e.rate, FixedRate)
        if not fixed and e.rate.law != "factorised":
            raise must("rate.law", "be 'factorised' for the backend numpy", e.rate.law)
        quantiser = Quantiser.of_levels(e.rate.levels, e.rate.softness) if fixed else Quantiser.of_integers()

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
        object.__setattr__(self, "quantiser", quantiser)
        object.__setattr__(self, "networks", networks)

    @property
    def fixed(self) -> bool:
        """Whether all images take the same number of bits."""
        return "law" not in self.networks

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
            inside = np.clip(image, 0.01, 0.99)
            b += np.log(inside / (1 - inside)) if e.networks.output == "sigmoid" else image
        return weights

    def uniforms(self, seed: int, purpose: str, start: int, count: int) -> np.ndarray:
        """Return the shared random numbers of the images `start, ..., start + count - 1`, of shape (count, dim)."""
        return CommonRandomness(seed, f"neural {purpose}").uniforms(start, count, self.experiment.rate.dim)

    def dither(self, seed: int, purpose: str, start: int, count: int) -> np.ndarray:
        """Return what encoder and decoder share; zeros without common randomness."""
        if not self.experiment.common_randomness:
            return np.zeros((count, self.experiment.rate.dim))
        return self.quantiser.dither(self.uniforms(seed, purpose, start, count))

    def read(self, weights: list, latents: Any, seed: int, purpose: str, start: int) -> Any:
        """Return the images that the decoder makes of quantised latents, shape (n, pixels)."""
        if noise := self.experiment.networks.noise:
            v = tensor.value(latents)
            # A stream of the decoder's own: nothing that the encoder computes depends on it.
            own = CommonRandomness(seed, f"neural {purpose}, decoder alone").uniforms(start, len(v), noise)
            latents = tensor.join(latents, (2 * own - 1).astype(v.dtype))
        return self.networks["decoder"](weights, latents)

    def index(self, weights: list, x: np.ndarray, seed: int, purpose: str, start: int) -> np.ndarray:
        """Return what the encoder sends of degraded images: integers of shape (n, dim)."""
        z = self.networks["encoder"](weights, x)
        return self.quantiser.index(z, self.dither(seed, purpose, start, len(x)))

    def image(self, weights: list, index: np.ndarray, seed: int, purpose: str, start: int) -> np.ndarray:
        """Return what the decoder makes of what was sent, shape (n, pixels)."""
        latents = self.quantiser.value(index, self.dither(seed, purpose, start, len(index)))
        return self.read(weights, latents.astype(self.experiment.precision), seed, purpose, start)
