"""What the backends share: all of a codec that needs no library for gradients."""

from __future__ import annotations

import io
import math
import struct
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

import numpy as np

from drc.codes.container import DIGEST, Header, Reader, Writer
from drc.codes.randomness import CommonRandomness
from drc.errors import CodeError, ProblemError, must
from drc.neural import bitstream
from drc.neural.backend import Encoded
from drc.neural.bitstream import Packing
from drc.neural.data import order
from drc.neural.experiment import Experiment, FixedRate
from drc.neural.quantiser import Quantiser

if TYPE_CHECKING:
    from drc.neural.data import Data

#: What the common randomness of a training, and of a file, is for.
TRAINING, CODING = "training", "coding"

#: Random draws of the training that nobody shares: each has a number, so that none repeats another's. Those of one backend
#: alone follow.
_ORDER_X, _ORDER_Y, MORE_DRAWS = range(3)

#: Who moves weights: one optimiser those of the codec and its classifier, another those of the critic.
OPTIMISERS = ("codec", "critic")

_CODEC = ("encoder", "decoder", "law", "classifier")

#: Numbers of images that go through a network at once while coding.
_AT_ONCE = 2**20

#: Rows in a frame of a file: many, as each frame has some bytes of its own.
FRAME = 2**14

#: Height and width that a file may require, and how it has them.
_MOST_PIXELS, _SIZE = 2**15, struct.Struct("<HH")


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
    """Return a copy of a saved array; `ProblemError` if it is missing, or its shape or type is not that of `like`."""
    if name not in arrays:
        raise ProblemError(f"array {name!r} must be given: the arrays are not those of this experiment")
    if (arrays[name].shape, arrays[name].dtype) != (like.shape, like.dtype):
        needs = f"be {like.dtype} of shape {like.shape} for this experiment"
        raise must(f"array {name!r}", needs, got=f"{arrays[name].dtype} of shape {arrays[name].shape}")
    return arrays[name].copy()


def before(output: str, wanted: np.ndarray) -> np.ndarray:
    """Return what becomes the wanted numbers, or near them, by what a decoder ends with."""
    inside = np.clip(wanted, 0.01, 0.99)
    return np.log(inside / (1 - inside)) if output == "sigmoid" else wanted


@dataclass(eq=False)
class Coding:
    """A codec but for its networks, which a backend adds: from images to what is sent and to a file of it, and back.

    Images of one size have a grid of places, and each place has `dim` latents. Networks that are made for one size of image
    have one place; `side` is 0 for them.

    Parameters
    ----------
    shape : (int, int, int)
        Height, width and channels of the images of the training.
    tables : array or None
        The integer tables of the range coder; None where there are none, or not those of the weights.
    """

    experiment: Experiment
    shape: tuple[int, int, int]
    classes: int
    tables: np.ndarray | None = field(default=None, init=False)

    #: How many pixels a place is wide and high.
    side = 0

    def start(self, x: np.ndarray) -> None:
        """Let the networks begin as degraded images `x` suggest."""
        raise NotImplementedError

    def latents(self, x: np.ndarray) -> np.ndarray:
        """Return the latents of images, a row for each place of each image."""
        raise NotImplementedError

    def drawn(self, rows: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """Return the images of a size that the decoder makes of rows: latents and its own random numbers."""
        raise NotImplementedError

    def classify(self, y: np.ndarray) -> np.ndarray:
        """Return the logarithms of the class probabilities, by the classifier trained jointly."""
        raise NotImplementedError

    def shared(self) -> list[np.ndarray]:
        """Return the weights that a decoder must have in common with the encoder."""
        raise NotImplementedError

    def tables_of_weights(self) -> np.ndarray | None:
        """Return the tables of the range coder for the weights as they are, if the law of the latents has such."""
        raise NotImplementedError

    @cached_property
    def quantiser(self) -> Quantiser:
        """The quantiser of the rate."""
        rate = self.experiment.rate
        if isinstance(rate, FixedRate):
            return Quantiser.of_levels(rate.levels, rate.softness)
        return Quantiser.of_integers()

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
        if not self.experiment.networks.noise:
            return np.zeros((count, 0))
        stream = CommonRandomness(seed, f"neural {purpose}, decoder alone")
        return 2 * stream.uniforms(first, count, self.experiment.networks.noise) - 1

    def grid(self, height: int, width: int) -> tuple[int, int]:
        """Return how many places an image of this size has each way."""
        return (-(-height // self.side), -(-width // self.side)) if self.side else (1, 1)

    def checked(self, images: np.ndarray) -> np.ndarray:
        """Return images if they are such as the networks take, or raise a `ProblemError`."""
        height, width, channels = self.shape
        known, shape = ("height", "width") if self.side else (height, width), images.shape
        if len(shape) != 4 or not shape[0] or shape[3] != channels or not (self.side or shape[1:3] == known):
            needs = f"have the shape (n, {known[0]}, {known[1]}, {channels}) with n >= 1"
            hint = "" if self.side else " (residual and refined networks take any size)"
            raise must("images", needs + hint, got=f"{shape}")
        return images

    def index(self, x: np.ndarray, seed: int, start: int = 0) -> np.ndarray:
        """Return what the encoder sends of degraded images, a row for each place of each image."""
        places, found = math.prod(self.grid(*self.checked(x).shape[1:3])), []
        for part in self.parts(x.shape):
            z = self.latents(x[part])
            found.append(self.quantiser.index(z, self.dither(seed, CODING, (start + part.start) * places, len(z))))
        return np.concatenate(found)

    def decoded(self, index: np.ndarray, size: tuple[int, int], seed: int, start: int = 0) -> np.ndarray:
        """Return the images of a size that the decoder makes of what was sent."""
        places, found = math.prod(self.grid(*size)), []
        for part in self.parts((len(index) // places, *size, self.shape[2])):
            rows = index[part.start * places : part.stop * places]
            these = seed, CODING, (start + part.start) * places, len(rows)
            latents = self.quantiser.value(rows, self.dither(*these))
            found.append(self.drawn(np.concatenate([latents, self.own(*these)], axis=1), size))
        return np.concatenate(found)

    def parts(self, shape: tuple[int, ...]) -> Iterator[slice]:
        """Divide images, whose array has this shape, into those that go through a network at once."""
        many = max(1, _AT_ONCE // math.prod(shape[1:]))
        return (slice(i, min(i + many, shape[0])) for i in range(0, shape[0], many))

    def write(self, index: np.ndarray, size: tuple[int, int], seed: int, start: int) -> Encoded:
        """Return the file of what was sent of images of a size, of which the first has the number `start`."""
        # What is usual is not written, and a size takes four bytes before the first payload: small files are to be small.
        fields, before = {"start": start} if start else {}, _SIZE.pack(*size) if self.side else b""
        grid = self.grid(*size)
        packer, places, stream = self.packer(grid), math.prod(grid), io.BytesIO()
        # Whole images, as what is decoded of one may say the law of what follows.
        frame = places * max(1, FRAME // places)
        with Writer(stream, Header("neural", self.digest(), seed, fields)) as writer:
            for first in range(0, len(index), frame):
                part = index[first : first + frame]
                phase = self.phase(seed, start * places + first, len(part))
                packed = packer.pack(part, phase)
                writer.write(packed if first else before + packed, part.astype(np.uint8))
        return Encoded(stream.getvalue(), writer.sizes.payload_bytes - len(before))

    def read(self, data: bytes, seed: int) -> tuple[np.ndarray, tuple[int, int], int, int]:
        """Return what `write` was given; `CodeError` if the file is damaged, or of another model or seed."""
        reader = Reader(data)
        reader.header.expect(kind="neural", digest=self.digest(), seed=seed)
        start = reader.header.fields.get("start", 0)
        if type(start) is not int or not 0 <= start < 2**40:
            raise must("start", "be the number of an image", start, error=CodeError)
        size, places, packer = self.shape[:2], 1, None

        def unpacked(payload: bytes, first: int, count: int) -> np.ndarray:
            """Return the indices of one frame; the first one says what all are read with."""
            nonlocal size, places, packer
            if packer is None:
                size, payload = self._sized(payload, reader.header.fields.get("size"))
                grid = self.grid(*size)
                packer, places = self.packer(grid), math.prod(grid)
            if count % places:
                raise CodeError(f"size: a frame must hold whole images of {places} places, got {count} places")
            return packer.unpack(payload, count, self.phase(seed, start * places + first, count)).astype(np.uint8)

        frames = list(reader.blocks(unpacked))
        if not frames:
            raise CodeError("frame 0: the file must have an image")
        return np.concatenate(frames).astype(np.intp), size, seed, start

    def _sized(self, payload: bytes, said: object) -> tuple[tuple[int, int], bytes]:
        """Return the height and width of the images, which older files have in the header, and the rest of the payload."""
        if not self.side:
            return self.shape[:2], payload
        if said is None:
            if len(payload) < _SIZE.size:
                raise must("size", f"take {_SIZE.size} bytes", got=f"{len(payload)}", error=CodeError)
            said, payload = list(_SIZE.unpack_from(payload)), payload[_SIZE.size :]
        match said:
            case [int(height), int(width)] if 1 <= height <= _MOST_PIXELS and 1 <= width <= _MOST_PIXELS:
                return (height, width), payload
            case _:
                raise must("size", f"be a height and width from 1 to {_MOST_PIXELS}", said, error=CodeError)

    def packer(self, grid: tuple[int, int]) -> Packing:
        """Return what makes bytes of the indices of images with such a grid."""
        return bitstream.Packer(self.experiment.rate.dim, self.quantiser.count, self.integer_tables())

    def integer_tables(self) -> np.ndarray | None:
        """Return the tables of the range coder, shape (dim, phases, count), if the law of the latents has such."""
        if self.tables is None and not self.fixed:
            self.tables = self.tables_of_weights()
        return self.tables

    def load_tables(self, arrays: dict[str, np.ndarray]) -> None:
        """Take the tables of a saved state: where they were made, other rounding may have made others."""
        if (like := self.integer_tables()) is not None:
            self.tables = array_of(arrays, "tables", like)

    def digest(self) -> bytes:
        """Return the bytes that tell models apart: of the experiment, and of what encoder and decoder must share."""
        found, tables = blake2b(self.experiment.digest.encode(), digest_size=DIGEST), self.integer_tables()
        for array in [*self.shared(), *([] if tables is None else [tables])]:
            found.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes())
        return found.digest()


class Trained(Protocol):
    """A state: a codec with what its training needs."""

    @property
    def codec(self) -> Coding:
        """The codec."""
        ...

    def arrays(self) -> Iterable[tuple[str, np.ndarray]]:
        """Return the weights, and the moments of the optimisers, by name."""
        ...

    def take(self, arrays: dict[str, np.ndarray]) -> None:
        """Take the values of all weights and moments from saved arrays."""
        ...


State = TypeVar("State", bound=Trained)


class CodingBackend(ABC, Generic[State]):
    """What is the same in every backend here; see `drc.neural.backend.Backend` for what each method means."""

    @abstractmethod
    def begun(self, experiment: Experiment, shape: tuple[int, int, int], classes: int, trained: bool = True) -> State:
        """Return a state for images of a shape, with weights that follow from the seed, to train or only to code."""

    def init(self, experiment: Experiment, data: Data) -> State:
        """Return the state before the first epoch."""
        state = self.begun(experiment, data.shape, len(data.classes))
        state.codec.start(data.x)
        return state

    def save(self, state: State) -> dict[str, np.ndarray]:
        """Return all of a state as arrays."""
        codec, arrays = state.codec, state.arrays()
        found, tables = saved(codec.shape, codec.classes, arrays), codec.integer_tables()
        return found if tables is None else found | {"tables": tables}

    def load(self, experiment: Experiment, data: Data | None, arrays: dict[str, np.ndarray]) -> State:
        """Return the state that `save` wrote; `ProblemError` for arrays that are not those of the experiment."""
        state = self.begun(experiment, *made_for(arrays), trained=data is not None)
        state.take(arrays)
        state.codec.load_tables(arrays)
        return state

    def reconstruct(self, state: State, x: np.ndarray, seed: int, start: int = 0) -> np.ndarray:
        """Return what the decoder makes of degraded images."""
        return state.codec.decoded(state.codec.index(x, seed, start), x.shape[1:3], seed, start)

    def encode(self, state: State, x: np.ndarray, seed: int, start: int = 0) -> Encoded:
        """Return the bitstream of degraded images."""
        return state.codec.write(state.codec.index(x, seed, start), x.shape[1:3], seed, start)

    def decode(self, state: State, data: bytes, seed: int) -> np.ndarray:
        """Return the images of a bitstream."""
        return state.codec.decoded(*state.codec.read(data, seed))

    def classify(self, state: State, y: np.ndarray) -> np.ndarray:
        """Return the logarithms of the class probabilities, by the classifier trained jointly."""
        return state.codec.classify(y)

    def estimated(self, state: State, x: np.ndarray) -> np.ndarray:
        """Return what the encoder compresses of degraded images: these, unless a backend has teachers."""
        return x

    def measure(self, data: Data, y: np.ndarray) -> dict[str, float]:
        """Return what the backend measures of decoded test images."""
        return {}
