"""A run folder: what was asked, what came of it as it goes, and all that is needed to go on after a kill.

experiment.toml    the experiment
environment.json   versions of the software; no path or name of the machine
metrics.jsonl      the terms of the loss, a line an epoch
checkpoint.npz     everything a backend needs to go on, bit for bit
"""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from drc.errors import ProblemError, must
from drc.files import write_whole, written_aside
from drc.neural.backend import Backend, Encoded, backend
from drc.neural.data import Data, for_epoch, load
from drc.neural.experiment import Experiment
from drc.numbers import whole
from drc.reading import MOST_ARRAYS, arrays_of, read_within
from drc.strict_json import from_json, to_json
from drc.types import Progress
from drc.version import versions

EXPERIMENT, ENVIRONMENT, METRICS, CHECKPOINT = (
    "experiment.toml",
    "environment.json",
    "metrics.jsonl",
    "checkpoint.npz",
)

#: The array of a checkpoint that says how many epochs are done; those of the backend follow a prefix.
_EPOCH, _STATE = "epoch", "state."

_PACKAGES = ("numpy", "scipy", "scikit-learn", "constriction", "torch")


@dataclass(frozen=True, eq=False)
class Model:
    """A codec with its weights: a state, and the backend that knows how to read it.

    Attributes
    ----------
    state : object
        The backend's own.
    """

    experiment: Experiment
    backend: Backend
    state: object

    def reconstruct(self, x: np.ndarray, start: int = 0) -> np.ndarray:
        """Return what the decoder makes of degraded images, with the common randomness of the experiment's seed."""
        return self.backend.reconstruct(self.state, x, self.experiment.seed, start)

    def estimated(self, x: np.ndarray) -> np.ndarray:
        """Return what is compressed of degraded images: a teacher's estimates of the clean ones, or these."""
        return self.backend.estimated(self.state, x)

    def encode(self, x: np.ndarray, start: int = 0) -> Encoded:
        """Return the bitstream of degraded images."""
        return self.backend.encode(self.state, x, self.experiment.seed, start)

    def decode(self, data: bytes) -> np.ndarray:
        """Return the images of a bitstream."""
        return self.backend.decode(self.state, data, self.experiment.seed)

    def classify(self, y: np.ndarray) -> np.ndarray:
        """Return log-probabilities of the classes by the classifier trained jointly, shape (n, classes)."""
        return self.backend.classify(self.state, y)


@dataclass(frozen=True)
class Run:
    """A run folder.

    Attributes
    ----------
    epoch : int
        Epochs that are done and saved.
    """

    folder: Path
    experiment: Experiment
    epoch: int

    @classmethod
    def read(cls, folder: str | os.PathLike[str]) -> Run:
        """Read a run folder; `ProblemError` for another folder, or a damaged file."""
        folder = Path(folder)
        if not (folder / EXPERIMENT).is_file():
            raise must(folder.name, f"be a run folder, with the file {EXPERIMENT}", got="a folder without it")
        experiment = Experiment.read(folder / EXPERIMENT)
        return cls(folder, experiment, _checkpoint(folder)[0])

    @property
    def done(self) -> bool:
        """Whether the schedule is at its end."""
        return self.epoch == self.experiment.epochs

    def metrics(self) -> list[dict[str, float]]:
        """Return the metrics of the epochs that are done and saved, in their order."""
        return metrics_of(self.folder, self.epoch)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays of the last checkpoint, as the backend saved them; none before the first."""
        return _checkpoint(self.folder)[1]

    def model(self) -> Model:
        """Return the codec with the weights of the last checkpoint; `ProblemError` if there is none."""
        epoch, arrays = _checkpoint(self.folder)
        if not epoch:
            raise ProblemError(f"{self.folder.name} must have {CHECKPOINT}: train it first")
        used = backend(self.experiment.backend)
        return Model(self.experiment, used, used.load(self.experiment, None, arrays))


def train(
    experiment: Experiment,
    folder: str | os.PathLike[str],
    *,
    data: Data | None = None,
    data_folder: Path | None = None,
    progress: Progress | None = None,
    every: float = 10.0,
) -> Run:
    """Train, or go on where a run that was killed had its last checkpoint; the weights are the same bit for bit.

    Parameters
    ----------
    folder : path
        The run folder; it is made if need be.
    data : Data, optional
        What `load` gives for the experiment; left out, it is loaded.
    data_folder : path, optional
        Where the files of the source are.
    progress : function of (description, done, total), optional
    every : float
        Seconds between checkpoints, to the next end of an epoch.

    Raises
    ------
    ProblemError
        If the folder holds another experiment or a damaged checkpoint, and as `load`.
    """
    folder, epochs = Path(folder), experiment.epochs
    epoch, arrays = _begun(experiment, folder)
    if epoch >= epochs:
        return Run(folder, experiment, epochs)
    data, used = data or load(experiment, data_folder), backend(experiment.backend)
    state = used.load(experiment, data, arrays) if epoch else used.init(experiment, data)
    # Lines of epochs after the checkpoint are written again.
    write_whole(folder / METRICS, "".join(to_json(line) + "\n" for line in metrics_of(folder, epoch)))
    saved = perf_counter()
    with open(folder / METRICS, "a", encoding="utf-8") as lines:
        for number in range(epoch, epochs):
            began = perf_counter()
            state, terms = used.epoch(state, for_epoch(data, experiment, number), number)
            line = {"epoch": number, **terms, "seconds": round(perf_counter() - began, 4)}
            lines.write(to_json(line) + "\n")
            lines.flush()
            if progress is not None:
                progress(experiment.name, number + 1, epochs)
            if perf_counter() - saved >= every or number + 1 == epochs:
                _save(folder, number + 1, used.save(state))
                saved = perf_counter()
    return Run(folder, experiment, epochs)


def _begun(experiment: Experiment, folder: Path) -> tuple[int, dict[str, np.ndarray]]:
    """Begin a run folder, or find how far one is."""
    if (folder / EXPERIMENT).exists():
        there = Experiment.read(folder / EXPERIMENT)
        if there != experiment:
            raise must(folder.name, "be a new folder for this experiment", got=f"one of the experiment {there.name!r}")
    elif folder.exists() and (not folder.is_dir() or any(p.name[0] != "." for p in folder.iterdir())):
        raise must(folder.name, "be a new, empty or run folder", got="another one")
    else:
        write_whole(folder / EXPERIMENT, experiment.toml())
    for left in folder.glob(f".{CHECKPOINT}.*"):
        left.unlink()  # what a kill left of a checkpoint that was being written
    write_whole(folder / ENVIRONMENT, to_json(environment(), indent=1) + "\n")
    return _checkpoint(folder)


def _save(folder: Path, epoch: int, arrays: dict[str, np.ndarray]) -> None:
    with written_aside(folder / CHECKPOINT) as file:
        named = {_STATE + name: array for name, array in arrays.items()}
        np.savez(file, **{_EPOCH: np.array(epoch)}, **named)  # pyright: ignore[reportArgumentType] (no array has the name of an option)


def _checkpoint(folder: Path) -> tuple[int, dict[str, np.ndarray]]:
    """Return how many epochs are saved, and the arrays of the backend."""
    path = folder / CHECKPOINT
    if not path.exists():
        return 0, {}
    try:
        arrays = arrays_of(path)
        epoch = whole(_EPOCH, arrays.pop(_EPOCH, None))
    except ProblemError as error:
        raise ProblemError(f"{path.name} in {folder.name} is damaged ({error}): delete it to start again") from None
    return epoch, {name.removeprefix(_STATE): array for name, array in arrays.items()}


def metrics_of(folder: Path, epoch: int) -> list[dict[str, float]]:
    """Return the metrics of the first epochs, saved or not, as far as they are done.

    A kill may have cut the last line of all, which is then of an epoch that is not saved.
    """
    path, found = folder / METRICS, {}
    content = read_within(path, MOST_ARRAYS) if path.exists() else b""
    for line in content.decode("utf-8", "replace").splitlines():
        try:
            terms = from_json(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(terms, dict) and type(terms.get("epoch")) is int:
            found[terms["epoch"]] = terms
    return [found[number] for number in range(epoch) if number in found]


def environment() -> dict[str, str]:
    """Return versions of the software, the kind of machine, and the commit where the project runs from a repository.

    Examples
    --------
    >>> sorted(environment())[:3]
    ['Python', 'commit', 'constriction']
    """
    here = {"commit": _commit(), "machine": f"{platform.system()} {platform.machine()}"}
    return versions(*_PACKAGES) | here


def _commit() -> str:
    package = Path(__file__).resolve().parent.parent
    try:
        command = ["git", "-C", str(package), "rev-parse", "--show-prefix", "HEAD"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return "none"
    # Installed into a folder of some other repository, the project has no commit of its own.
    prefix, _, commit = done.stdout.strip().partition("\n")
    return commit if prefix == f"{package.name}/" else "none"
