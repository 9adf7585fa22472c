"""Training with numpy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from drc.neural import coding
from drc.neural.numpy import tensor
from drc.neural.numpy.adam import Adam, Moments
from drc.neural.numpy.codec import Codec, quantised
from drc.neural.numpy.distances import critic_loss, directions, sliced
from drc.neural.numpy.tensor import Operand, Tensor, gradient, mean, value

if TYPE_CHECKING:
    from drc.neural.data import Data
    from drc.neural.experiment import Experiment

#: Draws of the training of this backend alone.
_MIX, _DIRECTIONS = coding.MORE_DRAWS, coding.MORE_DRAWS + 1


@dataclass(eq=False)
class State:
    """A codec with what its training needs.

    Attributes
    ----------
    moments : dict of states of Adam
        For the codec with its classifier, and for the critic.
    """

    codec: Codec
    adam: Adam
    moments: dict[str, Moments] = field(init=False)

    def __post_init__(self) -> None:
        self.moments = {name: self.adam.initial(self.group(name)) for name in coding.OPTIMISERS}

    def group(self, name: str) -> list[np.ndarray]:
        """Return the weights that one optimiser moves."""
        weights = self.codec.weights
        return [w for n in coding.moved_by(name, weights) for w in weights[n]]

    def move(self, name: str, slopes: list[np.ndarray], rate: float) -> None:
        """Move the weights of one optimiser."""
        self.adam.update(self.group(name), slopes, self.moments[name], rate / self.adam.rate)

    def arrays(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield all arrays by name: weights, and the moments of the optimisers."""
        for name, ws in self.codec.weights.items():
            yield from ((f"{name}/{i}", w) for i, w in enumerate(ws))
        for name, moments in self.moments.items():
            yield from ((f"adam/{name}/{moment}", array) for moment, array in moments.items())

    def take(self, arrays: dict[str, np.ndarray]) -> None:
        """Take the values of all arrays from saved ones."""
        for name, array in self.arrays():
            array[...] = coding.array_of(arrays, name, array)


class NumpyBackend(coding.CodingBackend[State]):
    """Dense networks in numpy; see `drc.neural.backend.Backend` for what each method means."""

    def begun(self, experiment: Experiment, shape: tuple[int, int, int], classes: int, trained: bool = True) -> State:
        """Return a state for images of a shape, with weights that follow from the seed."""
        schedule = experiment.schedule
        return State(Codec(experiment, shape, classes), Adam(schedule.learning_rate, schedule.betas))

    def epoch(self, state: State, data: Data, number: int) -> tuple[State, dict[str, float]]:
        """Train for one epoch; `state` is changed in place."""
        codec, e = state.codec, state.codec.experiment
        steps, batch, order_x, order_y = coding.steps_of(e, len(data.x), len(data.y), number)
        codec.tables = None
        sums: dict[str, float] = {}
        for k in range(steps):
            i, j = order_x[k * batch : (k + 1) * batch], order_y[k * batch : (k + 1) * batch]
            x, y = codec.rows(data.x[i]), codec.rows(data.y[j])
            aim = x if e.loss.reference == "degraded" else codec.rows(data.x_clean[i])
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
        weights = {name: [Tensor(w) for w in ws] for name, ws in codec.weights.items()}
        drawn = e.seed, coding.TRAINING, step * len(x), len(x)
        z = codec.networks["encoder"](weights["encoder"], x)
        latents = quantised(codec.quantiser, z, codec.dither(*drawn))
        fake = codec.reconstructed(weights["decoder"], latents, codec.own(*drawn))

        distortion = mean((fake - aim) ** 2)
        # The classifier's own loss has weight one: it is trained as well as it can be, whatever the codec pays for it.
        weighted = tensor.weighted(fake, e.loss.classification)
        confusion = tensor.cross_entropy(codec.networks["classifier"](weights["classifier"], weighted), s)
        loss = distortion + confusion
        terms = {"distortion": distortion, "classification": confusion}
        if e.loss.perception:
            terms["perception"] = self._distance(state, fake, y, step, rate)
            loss = loss + terms["perception"] * e.loss.perception
        if codec.law:
            terms["bits"] = mean(codec.law.bits(weights["law"], latents))
            loss = loss + terms["bits"] * e.rate.weight  # pyright: ignore[reportAttributeAccessIssue] (a variable rate has a law)

        slopes = gradient(loss, [w for name in coding.moved_by("codec", weights) for w in weights[name]])
        state.move("codec", slopes, rate)
        return {name: float(value(term)) for name, term in terms.items()}

    def _distance(self, state: State, fake: Operand, y: np.ndarray, step: int, rate: float) -> Operand:
        """Return the distance to the clean law, to be differentiated in the fake images; a critic is trained first."""
        codec, e = state.codec, state.codec.experiment
        if e.loss.distance == "sliced":
            drawn = directions(coding.private(e.seed, _DIRECTIONS, step), y.shape[1], e.loss.projections)
            return sliced(fake, y, drawn.astype(e.precision))
        critic, trained = codec.networks["critic"], codec.weights["critic"]
        for k in range(e.schedule.critic_steps):
            mix = coding.private(e.seed, _MIX, step * e.schedule.critic_steps + k).random((len(y), 1)).astype(y.dtype)
            weights = [Tensor(w) for w in trained]
            loss, _ = critic_loss(critic, weights, value(fake), y, mix, e.loss.penalty)
            state.move("critic", gradient(loss, weights), rate)
        return mean(critic(trained, y)) - mean(critic(trained, fake))
