"""Train with several processes, one for each GPU: `torchrun --nproc-per-node 4 -m drc.images.train EXPERIMENT RUN [DATA]`.

EXPERIMENT is a name or a TOML file, RUN the run folder, DATA the folder with the files of the images. Each process takes its
share of each batch, and gradients are averaged: with a critic the result is that of one process, but for rounding; a sliced
distance is that of each share. The first one alone writes the run folder; a run that was killed goes on with the same
command.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from drc.errors import must
from drc.images.backend import TorchBackend
from drc.neural.data import for_epoch, load
from drc.neural.experiment import Experiment, named
from drc.neural.run import EXPERIMENT, Run, train


def main(words: list[str]) -> None:
    """Train as the words of the command say."""
    if not 2 <= len(words) <= 3:
        raise must("the arguments", "be EXPERIMENT RUN [DATA]", got=f"{len(words)} words")
    experiment, folder = named(words[0]), Path(words[1])
    if experiment.backend != "torch":
        raise must("backend", "be 'torch'", experiment.backend)
    data_folder = Path(words[2]) if len(words) == 3 else None
    backend = TorchBackend()
    # All read where the run stands before the first one goes on with it.
    begun = Run.read(folder) if (folder / EXPERIMENT).is_file() else None
    if backend.world > 1:
        torch.distributed.barrier()
    if backend.rank == 0:
        train(experiment, folder, data_folder=data_folder)
    else:
        _follow(backend, experiment, begun, data_folder)
    if backend.world > 1:
        # Who leaves while another still reads would cut its connection.
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()


def _follow(backend: TorchBackend, experiment: Experiment, begun: Run | None, data_folder: Path | None) -> None:
    """Make the same steps as the first process, and write nothing."""
    data, first = load(experiment, data_folder), begun.epoch if begun else 0
    arrays = begun.arrays() if begun else {}
    state = backend.load(experiment, data, arrays) if first else backend.init(experiment, data)
    for number in range(first, experiment.epochs):
        state, _ = backend.epoch(state, for_epoch(data, experiment, number), number)


if __name__ == "__main__":
    main(sys.argv[1:])
