import json
import multiprocessing
import random
import time

import numpy as np
import pytest
import tiny

from drc.errors import ProblemError
from drc.neural import named
from drc.neural.data import load
from drc.neural.run import CHECKPOINT, ENVIRONMENT, METRICS, Run, environment, train

tiny.register()

TINY = named("toy-sr").changed({"backend": "tiny", "schedule.epochs": 12})
DATA = load(TINY)


def _same(run, other):
    one, two = run.model().state, other.model().state
    assert one.keys() == two.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], two[name])
    assert [_timeless(line) for line in run.metrics()] == [_timeless(line) for line in other.metrics()]


def _timeless(line):
    return {name: value for name, value in line.items() if name != "seconds"}


def test_a_run_folder_holds_experiment_metrics_environment_and_checkpoint(tmp_path):
    run = train(TINY, tmp_path / "a", data=DATA)
    assert run == Run.read(tmp_path / "a")
    assert run.done
    assert run.experiment == TINY
    metrics = run.metrics()
    assert [line["epoch"] for line in metrics] == list(range(12))
    assert metrics[-1]["distortion"] < metrics[0]["distortion"]
    assert sorted(p.name for p in run.folder.iterdir()) == sorted((CHECKPOINT, ENVIRONMENT, METRICS, "experiment.toml"))


def test_a_run_that_is_done_is_not_trained_again(tmp_path, monkeypatch):
    train(TINY, tmp_path, data=DATA)
    monkeypatch.setattr(tiny.Tiny, "epoch", None)
    assert train(TINY, tmp_path, data=DATA).done


@pytest.mark.linux
def test_killed_at_random_moments_it_ends_with_the_same_weights(tmp_path):
    experiment = TINY.changed({"schedule.epochs": 300})
    whole = train(experiment, tmp_path / "whole", data=DATA)
    context, killed = multiprocessing.get_context("forkserver"), 0
    context.set_forkserver_preload(["drc.neural.run"])
    draw = random.Random(4)
    for _ in range(30):
        process = context.Process(target=tiny.train_apart, args=(experiment, tmp_path / "killed", DATA))
        process.start()
        while process.is_alive() and not (tmp_path / "killed" / CHECKPOINT).exists():
            time.sleep(0.01)
        if killed < 4:
            process.join(0.05 + draw.uniform(0, 0.3))
            process.kill()
        process.join()
        killed += process.exitcode != 0
        if process.exitcode == 0:
            break
    assert killed >= 2
    _same(whole, Run.read(tmp_path / "killed"))


@pytest.mark.parametrize(("at", "shift"), [(0, 0), (3, 1), (6, 0), (9, 1)])
def test_interrupted_in_any_epoch_it_goes_on(tmp_path, monkeypatch, at, shift):
    experiment = TINY.changed({"schedule.shift": shift})
    whole = train(experiment, tmp_path / "whole", data=DATA)
    epoch = tiny.Tiny.epoch

    def broken(self, state, data, number):
        state["W"] = state["W"] + 1.0  # half an epoch may have changed the state
        raise KeyboardInterrupt

    monkeypatch.setattr(tiny.Tiny, "epoch", lambda s, t, d, n: (broken if n == at else epoch)(s, t, d, n))
    with pytest.raises(KeyboardInterrupt):
        train(experiment, tmp_path / "b", data=DATA, every=0.0)
    monkeypatch.setattr(tiny.Tiny, "epoch", epoch)
    assert Run.read(tmp_path / "b").epoch == at
    _same(whole, train(experiment, tmp_path / "b", data=DATA))


def test_an_epoch_sees_moved_images_where_the_schedule_says_so(tmp_path, monkeypatch):
    seen = []
    epoch = tiny.Tiny.epoch
    monkeypatch.setattr(tiny.Tiny, "epoch", lambda s, t, d, n: (seen.append(d.x), epoch(s, t, d, n))[1])
    train(TINY.changed({"schedule.shift": 1, "schedule.epochs": 2}), tmp_path, data=DATA)
    assert not any(np.array_equal(one, two) for one, two in ((seen[0], seen[1]), (seen[0], DATA.x), (seen[1], DATA.x)))


def test_metrics_after_the_checkpoint_and_half_lines_are_written_again(tmp_path):
    whole = train(TINY, tmp_path / "whole", data=DATA)
    train(TINY, tmp_path / "b", data=DATA)
    with open(tmp_path / "b" / METRICS, "a", encoding="utf-8") as lines:
        lines.write('{"epoch": 12, "distortion": 9}\n{"epoch": 1')
    _same(whole, Run.read(tmp_path / "b"))


def test_another_experiment_is_not_mixed_in(tmp_path):
    train(TINY, tmp_path / "a", data=DATA)
    with pytest.raises(
        ProblemError, match="a must be a new folder for this experiment, got one of the experiment 'toy-sr'"
    ):
        train(TINY.changed({"seed": 1}), tmp_path / "a", data=DATA)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "thesis.tex").touch()
    with pytest.raises(ProblemError, match="b must be a new, empty or run folder, got another one"):
        train(TINY, tmp_path / "b", data=DATA)


def test_a_damaged_checkpoint_is_named(tmp_path):
    train(TINY, tmp_path / "a", data=DATA)
    path = tmp_path / "a" / CHECKPOINT
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ProblemError, match="checkpoint.npz in a is damaged"):
        Run.read(tmp_path / "a")
    for epoch in (np.array(0.5), np.array([1, 2]), np.array("x")):
        np.savez(path, epoch=epoch)
        with pytest.raises(ProblemError, match="is damaged .epoch must be a whole number"):
            Run.read(tmp_path / "a")
    with open(path, "wb") as file:
        file.truncate(2**40)
    with pytest.raises(ProblemError, match="checkpoint.npz in a is damaged"):
        Run.read(tmp_path / "a")
    with pytest.raises(ProblemError, match="none must be a run folder, with the file.*got a folder without it"):
        Run.read(tmp_path / "none")


def test_the_environment_names_versions_and_nothing_of_the_machine(tmp_path):
    found = environment()
    assert found["numpy"] == np.__version__
    assert found["commit"] == "none" or len(found["commit"]) == 40
    train(TINY, tmp_path / "a", data=DATA)
    for path in (tmp_path / "a").glob("*.*"):
        if path.suffix != ".npz":
            assert str(tmp_path) not in path.read_text()
            assert "/" not in json.dumps(found)


def test_progress_is_told(tmp_path):
    told = []
    train(TINY, tmp_path, data=DATA, progress=lambda *args: told.append(args))
    assert told == [("toy-sr", k, 12) for k in range(1, 13)]
