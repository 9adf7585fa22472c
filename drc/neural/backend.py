"""What a backend is: the part of an experiment that knows networks and gradients.

Everything else (run folders, data, evaluation, sweeps) is written against these methods and knows no library for
gradients.  A backend registers itself under the entry point group `drc.backends`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from drc import doors
from drc.errors import ProblemError, must

if TYPE_CHECKING:
    import numpy as np

    from drc.neural.data import Data
    from drc.neural.experiment import Experiment


class Encoded(NamedTuple):
    """A bitstream, all that goes into a file, and its payload: how many bytes are not header and checks."""

    data: bytes
    payload: int


#: What a backend keeps of a training.
State = TypeVar("State")


class Backend(Protocol[State]):
    """Trains and runs the networks of an experiment.

    A state is whatever the backend likes; nobody else looks into it.  Images are float32 in [0, 1] of shape
    (n, height, width, channels).  All randomness of training is a function of the experiment's seed and the number of the
    epoch and step, never of a generator that a state carries: a run that is resumed goes on with the same numbers.
    The image at place `i` of an array that begins at `start` uses the common randomness of index `start + i`.
    """

    def init(self, experiment: Experiment, data: Data) -> State:
        """Return the state before the first epoch."""
        ...

    def epoch(self, state: State, data: Data, number: int) -> tuple[State, dict[str, float]]:
        """Train for one epoch, the one of this number, counted from zero.

        Returns the state after it, and the means of the terms of the loss by name ("distortion", "perception",
        "classification", and whatever else there is).  The state given may be changed in place.
        """
        ...

    def save(self, state: State) -> dict[str, np.ndarray]:
        """Return all of a state as arrays by name: weights, moments of the optimiser, statistics."""
        ...

    def load(self, experiment: Experiment, data: Data | None, arrays: dict[str, np.ndarray]) -> State:
        """Return the state that `save` wrote, bit for bit; without data it can code, decode and classify only."""
        ...

    def reconstruct(self, state: State, x: np.ndarray, seed: int, start: int = 0) -> np.ndarray:
        """Return what the decoder makes of degraded images, shape of `x`."""
        ...

    def encode(self, state: State, x: np.ndarray, seed: int, start: int = 0) -> Encoded:
        """Return the bitstream of degraded images; it says how many there are and where they start."""
        ...

    def decode(self, state: State, data: bytes, seed: int) -> np.ndarray:
        """Return the images of a bitstream: those of `reconstruct`."""
        ...

    def classify(self, state: State, y: np.ndarray) -> np.ndarray:
        """Return the logarithms of the class probabilities, shape (n, classes), by the classifier trained jointly."""
        ...

    def estimated(self, state: State, x: np.ndarray) -> np.ndarray:
        """Return what the encoder compresses of degraded images: a teacher's estimates of the clean ones, or these."""
        ...

    def measure(self, data: Data, y: np.ndarray) -> dict[str, float]:
        """Return by name what this backend measures of decoded test images, beside what all have."""
        ...


#: The project's own backends, known even where the project runs from its sources and is not installed.
_OWN: dict[str, Callable[[], Backend]] = {name: partial(doors.backend, name) for name in ("numpy", "torch")}


def backend(name: str) -> Backend:
    """Return the backend of a name, as an entry point of the group `drc.backends` has it.

    Examples
    --------
    >>> backend("abacus")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: backend must be one of numpy..., which are installed, got 'abacus'
    """
    try:
        if name in _OWN:  # to look through all that is installed takes longer than to start
            return _OWN[name]()
        added = {point.name: point for point in entry_points(group="drc.backends")}
        if name in added:
            return added[name].load()()
    except ModuleNotFoundError as error:
        raise ProblemError(f'backend = {name!r} needs {error.name}: pip install "drc-theory[{name}]"') from None
    raise must("backend", f"be one of {', '.join(sorted({*added, *_OWN}))}, which are installed", name)
