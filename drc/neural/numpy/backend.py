"""Training and coding with numpy."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from drc.codes.container import DIGEST
from drc.errors import ProblemError, must
from drc.neural.backend import Encoded
from drc.neural.data import order
from drc.neural.numpy import bitstream, tensor
from drc.neural.numpy.adam import Adam
from drc.neural.numpy.codec import CODEC, Codec
from drc.neural.numpy.distances import critic_loss, directions, sliced
from drc.neural.numpy.tensor import Tensor, gradient, mean

if TYPE_CHECKING:
    from drc.neural.data import Data
    from drc.neural.experiment import Experiment

#: Random draws of the training that nobody shares: each has a number, so that none repeats another's.
_ORDER_X, _ORDER_Y, _MIX, _DIRECTIONS = range(4)

#: Images that go through a network at once while coding.
_AT_ONCE = 1024

#: Common randomness of training, and of coding.
_TRAINING, _CODING = "training", "coding"


@dataclass(eq=False)
class State:
    """Weights and moments by network, as they are now.

    Attributes
    ----------
    codec : Codec
    shape : tuple of int
        Of an image.
    weights : dict of lists of arrays
    moments : dict of states of Adam
        For the codec with its classifier, and for the critic.
    tables : array or None
        The integer tables of the range coder; None while they are not those of the weights.
    """

    codec: Codec
    shape: tuple[int, ...]
    weights: dict[str, list[np.ndarray]]
    moments: dict[str, dict[str, Any]]
    tables: np.ndarray | None = None

    def group(self, name: str) -> list[np.ndarray]:
        """Return the weights that one optimiser moves."""
        names = [n for n in CODEC if n in self.weights] if name == "codec" else [name]
        return [w for n in names for w in self.weights[n]]


class NumpyBackend:
    """Dense networks in numpy; see `drc.neural.backend.Backend` for what each method means."""

    def init(self, experiment: Experiment, data: Data) -> State:
        """Return the state before the first epoch."""
        return self._state(experiment, data.shape, len(data.classes), data.x.mean(axis=0).ravel())

    def _state(
        self, experiment: Experiment, shape: tuple[int, ...], classes: int, image: np.ndarray | None = None
    ) -> State:
        codec = Codec(experiment, int(np.prod(shape)), classes)
        state = State(codec, tuple(shape), codec.initial(image), {})
        for name in ("codec", "critic"):
            state.moments[name] = self._adam(experiment).initial(state.group(name))
        return state

    def _adam(self, experiment: Experiment) -> Adam:
        return Adam(experiment.schedule.learning_rate, experiment.schedule.betas)

    def epoch(self, state: State, data: Data, number: int) -> tuple[State, dict[str, float]]:
        """Train for one epoch; `state` is changed in place."""
        e = state.codec.experiment
        batch = min(e.schedule.batch, len(data.x), len(data.y))
        steps = len(data.x) // batch
        order_x, order_y = (
            order(_private(e.seed, purpose, number), len(images), steps * batch)
            for purpose, images in ((_ORDER_X, data.x), (_ORDER_Y, data.y))
        )
        state.tables = None
        sums: dict[str, float] = {}
        for k in range(steps):
            i, j = order_x[k * batch : (k + 1) * batch], order_y[k * batch : (k + 1) * batch]
            x, y = (_rows(images, e.precision) for images in (data.x[i], data.y[j]))
            aim = x if e.loss.reference == "degraded" else _rows(data.x_clean[i], e.precision)
            rate = e.schedule.rate_at(number + (k + 0.5) / steps)
            terms = self._step(state, x, aim, data.s[i], y, number * steps + k, rate)
            for name, term in terms.items():
                sums[name] = sums.get(name, 0.0) + term
        return state, {name: term / steps for name, term in sums.items()}

    def _step(
        self, state: State, x: np.ndarray, aim: np.ndarray, s: np.ndarray, y: np.ndarray, step: int, rate: float
    ) -> dict[str, float]:
        """Move all weights once, given degraded images, what the error is to, their labels, and clean images."""
        codec, e = state.codec, state.codec.experiment
        weights = {name: [Tensor(w) for w in ws] for name, ws in state.weights.items()}
        start = step * len(x)
        dither = codec.dither(e.seed, _TRAINING, start, len(x))
        latents = codec.quantiser.train(codec.networks["encoder"](weights["encoder"], x), dither)
        fake = codec.read(weights["decoder"], latents, e.seed, _TRAINING, start)

        distortion = mean((fake - aim) ** 2)
        # The classifier's own loss has weight one: it is trained as well as it can be, whatever the codec pays for it.
        seen = tensor.weighted(fake, e.loss.classification)
        confusion = tensor.cross_entropy(codec.networks["classifier"](weights["classifier"], seen), s)
        loss = distortion + confusion
        terms = {"distortion": distortion, "classification": confusion}
        if e.loss.perception:
            terms["perception"] = self._distance(state, fake, y, step, rate)
            loss = loss + terms["perception"] * e.loss.perception
        if not codec.fixed:
            terms["bits"] = mean(codec.networks["law"].bits(weights["law"], latents))
            loss = loss + terms["bits"] * e.rate.weight

        names = [name for name in CODEC if name in weights]
        slopes = gradient(loss, [w for name in names for w in weights[name]])
        self._move(state, "codec", slopes, rate)
        return {name: float(term.value) for name, term in terms.items()}

    def _distance(self, state: State, fake: Tensor, y: np.ndarray, step: int, rate: float) -> Tensor:
        """Return the distance to the clean law, to be differentiated in the fake images; a critic is trained first."""
        codec, e = state.codec, state.codec.experiment
        if e.loss.distance == "sliced":
            drawn = directions(_private(e.seed, _DIRECTIONS, step), codec.pixels, e.loss.projections, e.precision)
            return sliced(fake, y, drawn)
        critic = codec.networks["critic"]
        for k in range(e.schedule.critic_steps):
            mix = _private(e.seed, _MIX, step * e.schedule.critic_steps + k).random((len(y), 1)).astype(y.dtype)
            weights = [Tensor(w) for w in state.weights["critic"]]
            loss, _ = critic_loss(critic, weights, fake.value, y, mix, e.loss.penalty)
            self._move(state, "critic", gradient(loss, weights), rate)
        return mean(critic(state.weights["critic"], y)) - mean(critic(state.weights["critic"], fake))

    def _move(self, state: State, name: str, slopes: list[np.ndarray], rate: float) -> None:
        adam = self._adam(state.codec.experiment)
        adam.update(state.group(name), slopes, state.moments[name], rate / adam.rate)

    def save(self, state: State) -> dict[str, np.ndarray]:
        """Return all of a state as arrays."""
        arrays = {"shape": np.array(state.shape), "classes": np.array(state.codec.classes)}
        for name, ws in state.weights.items():
            arrays |= {f"{name}/{i}": w.copy() for i, w in enumerate(ws)}
        for name, moments in state.moments.items():
            arrays[f"adam/{name}/count"] = np.array(moments["count"])
            for moment in ("first", "second"):
                arrays[f"adam/{name}/{moment}"] = moments[moment].copy()
        if not state.codec.fixed:
            arrays["tables"] = self._tables(state)
        return arrays

    def load(self, experiment: Experiment, data: Data | None, arrays: dict[str, np.ndarray]) -> State:
        """Return the state that `save` wrote.

        Raises
        ------
        ProblemError
            For arrays that are missing or do not have the shape that the experiment requires.
        """
        state = self._state(experiment, tuple(int(n) for n in _array(arrays, "shape")), int(_array(arrays, "classes")))
        for name, ws in state.weights.items():
            state.weights[name] = [_array(arrays, f"{name}/{i}", w) for i, w in enumerate(ws)]
        for name, moments in state.moments.items():
            moments["count"] = int(_array(arrays, f"adam/{name}/count"))
            for moment in ("first", "second"):
                moments[moment] = _array(arrays, f"adam/{name}/{moment}", moments[moment])
        if not state.codec.fixed:
            state.tables = _array(arrays, "tables", self._tables(state))
        return state

    def reconstruct(self, state: State, x: np.ndarray, seed: int, start: int = 0) -> np.ndarray:
        """Return what the decoder makes of degraded images.

        Raises
        ------
        ProblemError
            For images of another shape than those of the training; so do `encode` and `classify`.
        """
        codec, rows = state.codec, _images(state, x)
        parts = []
        for i in range(0, len(rows), _AT_ONCE):
            index = codec.index(state.weights["encoder"], rows[i : i + _AT_ONCE], seed, _CODING, start + i)
            parts.append(codec.image(state.weights["decoder"], index, seed, _CODING, start + i))
        return np.concatenate(parts).reshape(x.shape)

    def encode(self, state: State, x: np.ndarray, seed: int, start: int = 0) -> Encoded:
        """Return the bitstream of degraded images."""
        codec, rows = state.codec, _images(state, x)
        index = np.concatenate(
            [
                codec.index(state.weights["encoder"], rows[i : i + _AT_ONCE], seed, _CODING, start + i)
                for i in range(0, len(rows), _AT_ONCE)
            ]
        )
        phase = self._phase(state, seed, start, len(x))
        return bitstream.write(self._packer(state), self._digest(state), seed, start, index, phase)

    def decode(self, state: State, data: bytes, seed: int) -> np.ndarray:
        """Return the images of a bitstream.

        Raises
        ------
        CodeError
            For a file that is damaged, or of another model or seed.
        """
        codec, packer = state.codec, self._packer(state)
        reader, start = bitstream.opened(data, self._digest(state), seed)

        def unpacked(payload: bytes, first: int, count: int) -> np.ndarray:
            """Return the indices of one frame."""
            return packer.unpack(payload, count, self._phase(state, seed, start + first, count))

        index = bitstream.indices(reader, unpacked)
        parts = [
            codec.image(state.weights["decoder"], index[i : i + _AT_ONCE], seed, _CODING, start + i)
            for i in range(0, len(index), _AT_ONCE)
        ]
        return np.concatenate(parts).reshape(-1, *state.shape)

    def classify(self, state: State, y: np.ndarray) -> np.ndarray:
        """Return the logarithms of the class probabilities, by the classifier trained jointly."""
        classifier = state.codec.networks["classifier"]
        return tensor.log_softmax(classifier(state.weights["classifier"], _images(state, y)))

    def measure(self, data: Data, y: np.ndarray) -> dict[str, float]:
        """Return nothing: what numpy measures is measured of all codecs."""
        return {}

    def _packer(self, state: State) -> bitstream.Packer:
        codec = state.codec
        tables = None if codec.fixed else self._tables(state)
        return bitstream.Packer(codec.experiment.rate.dim, codec.quantiser.count, tables)

    def _tables(self, state: State) -> np.ndarray:
        if state.tables is None:
            codec = state.codec
            shared = codec.experiment.common_randomness
            state.tables = codec.networks["law"].tables(state.weights["law"], codec.quantiser, shared)
        return state.tables

    def _phase(self, state: State, seed: int, start: int, count: int) -> np.ndarray | None:
        codec = state.codec
        if codec.fixed or not codec.experiment.common_randomness:
            return None
        return codec.quantiser.phase(codec.uniforms(seed, _CODING, start, count))

    def _digest(self, state: State) -> bytes:
        """Return the bytes that tell models apart: what the decoder must have in common with the encoder."""
        found = blake2b(state.codec.experiment.digest.encode(), digest_size=DIGEST)
        for w in state.weights["decoder"]:
            found.update(np.ascontiguousarray(w, w.dtype.newbyteorder("<")).tobytes())
        if not state.codec.fixed:
            found.update(self._tables(state).astype("<i4").tobytes())
        return found.digest()


def _private(seed: int, purpose: int, number: int) -> np.random.Generator:
    """Return the generator of one draw of the training; a run that is resumed gets the same again."""
    return np.random.default_rng([seed, 1 + purpose, number])


def _images(state: State, images: np.ndarray) -> np.ndarray:
    if images.shape[1:] != state.shape or not len(images):
        raise must("images", f"have the shape {('n', *state.shape)} with n >= 1", got=f"{images.shape}")
    return _rows(images, state.codec.experiment.precision)


def _rows(images: np.ndarray, precision: str) -> np.ndarray:
    return np.ascontiguousarray(images, precision).reshape(len(images), -1)


def _array(arrays: dict[str, np.ndarray], name: str, like: np.ndarray | None = None) -> np.ndarray:
    if name not in arrays:
        raise ProblemError(f"array {name!r} must be given: the arrays are not those of this experiment")
    if like is not None and (arrays[name].shape, arrays[name].dtype) != (like.shape, like.dtype):
        raise must(
            f"array {name!r}",
            f"be {like.dtype} of shape {like.shape} for this experiment",
            got=f"{arrays[name].dtype} of shape {arrays[name].shape}",
        )
    return arrays[name].copy()
