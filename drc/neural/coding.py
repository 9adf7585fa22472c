"""What the backends share: all of a codec that needs no library for gradients."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np

from drc.codes.container import DIGEST, Reader
from drc.codes.randomness import CommonRandomness
from drc.errors import CodeError, ProblemError, must
from drc.neural import bitstream
from drc.neural.backend import Encoded
from drc.neural.data import order
from drc.neural.experiment import Experiment, FixedRate, VariableRate
from drc.neural.quantiser import Quantiser

#: What the common randomness of a training, and of a file, is for.
TRAINING, CODING = "training", "coding"

#: Random draws of the training that nobody shares: each has a number, so that none repeats another's. Those of one backend
#: alone follow.
_ORDER_X, _ORDER_Y, MORE_DRAWS = range(3)

#: Who moves weights: one optimiser those of the codec and its classifier, another those of the critic.
OPTIMISERS = ("codec", "critic")

_CODEC = ("encoder", "decoder", "law", "classifier")


def moved_by(optimiser: str, networks: Collection[str]) -> list[str]:
    """Return which networks an optimiser moves.

    Examples
    --------
    >>> moved_by("codec", ["critic", "decoder", "encoder"])
    ['encoder', 'decoder']
    """
    return [name for name in _CODEC if name in networks] if optimiser == "codec" else [optimiser]


def private(seed: int, purpose: int, number: int) -> np.random.Generator:
    """Return the generator of one draw of the training; a run that is resumed gets the same again."""
    return np.random.default_rng([seed, 1 + purpose, number])


class Steps(NamedTuple):
    """The steps of an epoch: how many, the images in each, and which these are, degraded ones and clean ones."""

    steps: int
    batch: int
    x: np.ndarray
    y: np.ndarray


def steps_of(experiment: Experiment, degraded: int, clean: int, number: int) -> Steps:
    """Divide an epoch, the one of this number, into steps over this many images."""
    batch = min(experiment.schedule.batch, degraded, clean)
    steps = degraded // batch
    draws = ((_ORDER_X, degraded), (_ORDER_Y, clean))
    return Steps(steps, batch, *(order(private(experiment.seed, p, number), n, steps * batch) for p, n in draws))


def saved(shape: tuple[int, ...], classes: int, arrays: Iterable[tuple[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return copies of the arrays of a state by name, and beside them what its networks are made for."""
    return {"shape": np.array(shape), "classes": np.array(classes)} | {name: array.copy() for name, array in arrays}


def made_for(arrays: dict[str, np.ndarray]) -> tuple[tuple[int, int, int], int]:
    """Return the shape of an image and the number of classes that saved networks are made for."""
    height, width, channels = array_of(arrays, "shape", np.zeros(3, np.int64)).tolist()
    return (height, width, channels), int(array_of(arrays, "classes", np.array(0)))


def array_of(arrays: dict[str, np.ndarray], name: str, like: np.ndarray) -> np.ndarray:
    """Return a copy of a saved array.

    Raises
    ------
    ProblemError
        If it is missing, or has another shape or type than `like`.
    """
    if name not in arrays:
        raise ProblemError(f"array {name!r} must be given: the arrays are not those of this experiment")
    if (arrays[name].shape, arrays[name].dtype) != (like.shape, like.dtype):
        raise must(
            f"array {name!r}",
            f"be {like.dtype} of shape {like.shape} for this experiment",
            got=f"{arrays[name].dtype} of shape {arrays[name].shape}",
        )
    return arrays[name].copy()


def quantiser_of(rate: FixedRate | VariableRate) -> Quantiser:
    """Return the quantiser of a rate."""
    return Quantiser.of_levels(rate.levels, rate.softness) if isinstance(rate, FixedRate) else Quantiser.of_integers()


def before(output: str, wanted: np.ndarray) -> np.ndarray:
    """Return what becomes the wanted numbers, or near them, by what a decoder ends with."""
    inside = np.clip(wanted, 0.01, 0.99)
    return np.log(inside / (1 - inside)) if output == "sigmoid" else wanted


class Coding:
    """What encoder and decoder of an experiment have in common; a codec of a backend has networks beside it.

    Attributes
    ----------
    experiment : Experiment
    quantiser : Quantiser
    """

    experiment: Experiment
    quantiser: Quantiser

    @property
    def fixed(self) -> bool:
        """Whether all images of one size take the same number of bits."""
        return isinstance(self.experiment.rate, FixedRate)

    def dither(self, seed: int, purpose: str, first: int, count: int) -> np.ndarray:
        """Return what encoder and decoder share, a row for each image or place; zeros without common randomness."""
        if not self.experiment.common_randomness:
            return np.zeros((count, self.experiment.rate.dim))
        return self.quantiser.dither(self._uniforms(seed, purpose, first, count))

    def phase(self, seed: int, first: int, count: int) -> np.ndarray | None:
        """Return the phases of the dither of a file, which choose tables; None where there is one table."""
        if self.fixed or not self.experiment.common_randomness:
            return None
        return self.quantiser.phase(self._uniforms(seed, CODING, first, count))

    def _uniforms(self, seed: int, purpose: str, first: int, count: int) -> np.ndarray:
        return CommonRandomness(seed, f"neural {purpose}").uniforms(first, count, self.experiment.rate.dim)

    def own(self, seed: int, purpose: str, first: int, count: int) -> np.ndarray:
        """Return the random numbers that the decoder draws alone, in [-1, 1); nothing of the encoder depends on them."""
        stream = CommonRandomness(seed, f"neural {purpose}, decoder alone")
        return 2 * stream.uniforms(first, count, self.experiment.networks.noise) - 1

    def digest_of(self, arrays: Iterable[np.ndarray]) -> bytes:
        """Return the bytes that tell models apart, given the arrays that a decoder must have in common with the encoder."""
        found = blake2b(self.experiment.digest.encode(), digest_size=DIGEST)
        for array in arrays:
            found.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes())
        return found.digest()

    def write(
        self, packer: Any, digest: bytes, seed: int, start: int, index: np.ndarray, places: int = 1, **said: Any
    ) -> Encoded:
        """Return the file of indices of images from number `start` on, each with this many places; see `bitstream.write`."""
        # Whole images, as what is decoded of one may say the law of what follows.
        frame = places * max(1, bitstream.FRAME // places)
        phase = self.phase(seed, start * places, len(index))
        return bitstream.write(packer, digest, seed, start, index, phase, frame, **said)

    def read(self, packer: Any, reader: Reader, seed: int, start: int, places: int = 1) -> np.ndarray:
        """Return the indices of a file.

        Raises
        ------
        CodeError
            For a file that is damaged, or has a part of an image.
        """

        def unpacked(payload: bytes, first: int, count: int) -> np.ndarray:
            """Return the indices of one frame."""
            if count % places:
                raise CodeError(f"size: a frame must hold whole images of {places} places, got {count} places")
            return packer.unpack(payload, count, self.phase(seed, start * places + first, count))

        return bitstream.indices(reader, unpacked)
