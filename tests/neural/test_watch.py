"""How far a sweep is: epochs of trainings that other processes write down, each told once."""

import json
import os
from importlib.util import find_spec
from unittest import mock

import pytest
from here import in_this_process

from drc.cli import texts
from drc.neural import tasks
from drc.neural.run import METRICS
from drc.neural.sweep import Sweep, run
from drc.neural.watch import Watch
from drc.processes import processes

QUICK = Sweep("experiment", {"experiment": "toy-sr", "schedule": {"epochs": 2, "drops": []}}, {"seed": [0, 1]})


def _written(folder, point, epochs):
    room = folder / "runs" / point.key
    room.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"epoch": n, "distortion": 0.5 / (n + 1)}) for n in range(epochs)]
    (room / METRICS).write_text("\n".join(lines) + "\n")


def test_epochs_are_told_once_and_added_up(tmp_path, monkeypatch):
    points, told = QUICK.points(), []
    monkeypatch.setattr(tasks, "_run_folder", lambda experiment, folder: tmp_path / "runs" / keys[experiment.seed])
    keys = [point.key for point in points]
    watch = Watch("experiment", str(tmp_path), lambda *words: told.append(words))
    watch.begin(points[:1], points[1:])
    watch.look(points[1:])
    _written(tmp_path, points[1], 1)
    watch.look(points[1:])
    watch.look(points[1:])
    watch.end(points[1:])
    assert told == [
        ("experiment", 2, 4),
        ("experiment seed = 1: epoch 1 of 2, distortion 0.5", 3, 4),
        ("experiment seed = 1: measured", 4, 4),
    ]


def test_a_training_tells_its_epochs_through_its_folder(tmp_path, monkeypatch):
    in_this_process(monkeypatch)
    told = []
    results = run(QUICK, tmp_path, progress=lambda *words: told.append(words))
    assert results.count("done") == 2
    assert told[0] == ("experiment", 0, 4)
    assert told[-1][1:] == (4, 4)
    assert any(words.startswith("experiment seed = 0: epoch 2 of 2, distortion 0.0") for words, *_ in told)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_nothing_is_looked_at_where_nobody_listens(monkeypatch):
    monkeypatch.setitem(tasks.TASKS, "experiment", tasks.TASKS["experiment"]._replace(watch=None))
    watch = Watch("experiment", "", None)
    watch.begin(QUICK.points(), [])
    watch.look(QUICK.points())
    watch.end(QUICK.points())


def test_lines_say_how_long_the_rest_takes(capsys):
    clock = mock.patch.object(texts, "monotonic", iter([0.0, 30.0, 30.5, 60.0]).__next__)
    with clock, texts.progress_lines(quiet=False) as tell:
        tell("experiment", 10, 40)
        tell("seed = 1: epoch 1 of 2", 20, 40)
        tell("seed = 2: epoch 1 of 2", 25, 40)
        tell("seed = 1: measured", 40, 40)
    assert capsys.readouterr().err.splitlines() == [
        "experiment (10 of 40)",
        "seed = 1: epoch 1 of 2 (20 of 40, 60 s left)",
        "seed = 1: measured (40 of 40)",
    ]
    with texts.progress_lines(quiet=True) as tell:
        assert tell is None


def _threads():
    """Return how many threads a library that this process loads now may have."""
    import torch

    return torch.get_num_threads(), os.environ["OMP_NUM_THREADS"]


@pytest.mark.torch
def test_libraries_that_a_worker_loads_have_one_thread(monkeypatch):
    if find_spec("torch") is None:
        pytest.skip("torch is not installed")
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    with processes(1) as (pool, _):
        assert pool.submit(_threads).result() == (1, "1")
