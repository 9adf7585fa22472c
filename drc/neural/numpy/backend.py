"""Training and coding with numpy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from drc.errors import must
from drc.neural import bitstream, coding
from drc.neural.backend import Encoded
from drc.neural.numpy import tensor
from drc.neural.numpy.adam import Adam
from drc.neural.numpy.codec import Codec, quantised
from drc.neural.numpy.distances import critic_loss, directions, sliced
from drc.neural.numpy.tensor import Tensor, gradient, mean

if TYPE_CHECKING:
    from drc.neural.data import Data
    from drc.neural.experiment import Experiment

#: Draws of the training of this backend alone.
_MIX, _DIRECTIONS = coding.MORE_DRAWS, coding.MORE_DRAWS + 1

#: Images that go through a network at once while coding.
_AT_ONCE = 1024


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
        return [w for n in coding.moved_by(name, self.weights) for w in self.weights[n]]


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
        for name in coding.OPTIMISERS:
            state.moments[name] = self._adam(experiment).initial(state.group(name))
        return state

    def _adam(self, experiment: Experiment) -> Adam:
        return Adam(experiment.schedule.learning_rate, experiment.schedule.betas)

    def epoch(self, state: State, data: Data, number: int) -> tuple[State, dict[str, float]]:
        """Train for one epoch; `state` is changed in place."""
        e = state.codec.experiment
        steps, batch, order_x, order_y = coding.steps_of(e, len(data.x), len(data.y), number)
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
        dither = codec.dither(e.seed, coding.TRAINING, start, len(x))
        latents = quantised(codec.quantiser, codec.networks["encoder"](weights["encoder"], x), dither)
        fake = codec.decoded(weights["decoder"], latents, e.seed, coding.TRAINING, start)

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

        slopes = gradient(loss, [w for name in coding.moved_by("codec", weights) for w in weights[name]])
        self._move(state, "codec", slopes, rate)
        return {name: float(term.value) for name, term in terms.items()}

    def _distance(self, state: State, fake: Tensor, y: np.ndarray, step: int, rate: float) -> Tensor:
        """Return the distance to the clean law, to be differentiated in the fake images; a critic is trained first."""
        codec, e = state.codec, state.codec.experiment
        if e.loss.distance == "sliced":
            drawn = directions(coding.private(e.seed, _DIRECTIONS, step), codec.pixels, e.loss.projections, e.precision)
            return sliced(fake, y, drawn)
        critic = codec.networks["critic"]
        for k in range(e.schedule.critic_steps):
            mix = coding.private(e.seed, _MIX, step * e.schedule.critic_steps + k).random((len(y), 1)).astype(y.dtype)
            weights = [Tensor(w) for w in state.weights["critic"]]
            loss, _ = critic_loss(critic, weights, fake.value, y, mix, e.loss.penalty)
            self._move(state, "critic", gradient(loss, weights), rate)
        return mean(critic(state.weights["critic"], y)) - mean(critic(state.weights["critic"], fake))

    def _move(self, state: State, name: str, slopes: list[np.ndarray], rate: float) -> None:
        adam = self._adam(state.codec.experiment)
        adam.update(state.group(name), slopes, state.moments[name], rate / adam.rate)

    def save(self, state: State) -> dict[str, np.ndarray]:
        """Return all of a state as arrays."""
        arrays = coding.saved(state.shape, state.codec.classes, _arrays(state))
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
        state = self._state(experiment, *coding.made_for(arrays))
        for name, array in _arrays(state):
            array[...] = coding.array_of(arrays, name, array)
        if not state.codec.fixed:
            state.tables = coding.array_of(arrays, "tables", self._tables(state))
        return state

    def reconstruct(self, state: State, x: np.ndarray, seed: int, start: int = 0) -> np.ndarray:
        """Return what the decoder makes of degraded images.

        Raises
        ------
        ProblemError
            For images of another shape than those of the training; so do `encode` and `classify`.
        """
        return self._decoded(state, self._indices(state, x, seed, start), seed, start)

    def encode(self, state: State, x: np.ndarray, seed: int, start: int = 0) -> Encoded:
        """Return the bitstream of degraded images."""
        index = self._indices(state, x, seed, start)
        return state.codec.write(self._packer(state), self._digest(state), seed, start, index)

    def decode(self, state: State, data: bytes, seed: int) -> np.ndarray:
        """Return the images of a bitstream.

        Raises
        ------
        CodeError
            For a file that is damaged, or of another model or seed.
        """
        reader, start = bitstream.opened(data, self._digest(state), seed)
        return self._decoded(state, state.codec.read(self._packer(state), reader, seed, start), seed, start)

    def _indices(self, state: State, x: np.ndarray, seed: int, start: int) -> np.ndarray:
        """Return what the encoder sends of degraded images."""
        weights, rows = state.weights["encoder"], _images(state, x)
        parts = range(0, len(rows), _AT_ONCE)
        return np.concatenate(
            [state.codec.index(weights, rows[i : i + _AT_ONCE], seed, coding.CODING, start + i) for i in parts]
        )

    def _decoded(self, state: State, index: np.ndarray, seed: int, start: int) -> np.ndarray:
        """Return what the decoder makes of what was sent."""
        weights, parts = state.weights["decoder"], range(0, len(index), _AT_ONCE)
        images = [state.codec.image(weights, index[i : i + _AT_ONCE], seed, coding.CODING, start + i) for i in parts]
        return np.concatenate(images).reshape(-1, *state.shape)

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

    def _digest(self, state: State) -> bytes:
        tables = [] if state.codec.fixed else [self._tables(state)]
        return state.codec.digest_of([*state.weights["decoder"], *tables])


def _arrays(state: State) -> Iterator[tuple[str, np.ndarray]]:
    """Yield all arrays of a state by name: weights, and the moments of the optimisers."""
    for name, ws in state.weights.items():
        yield from ((f"{name}/{i}", w) for i, w in enumerate(ws))
    for name, moments in state.moments.items():
        yield from ((f"adam/{name}/{moment}", array) for moment, array in moments.items())


def _images(state: State, images: np.ndarray) -> np.ndarray:
    if images.shape[1:] != state.shape or not len(images):
        raise must("images", f"have the shape {('n', *state.shape)} with n >= 1", got=f"{images.shape}")
    return _rows(images, state.codec.experiment.precision)


def _rows(images: np.ndarray, precision: str) -> np.ndarray:
    return np.ascontiguousarray(images, precision).reshape(len(images), -1)
