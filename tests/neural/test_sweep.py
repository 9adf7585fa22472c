import contextlib
import gc
import json
import math
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import tiny
import tomli_w
from typer.testing import CliRunner

import drc
from drc.cli import app
from drc.errors import ProblemError
from drc.neural import tasks, workers
from drc.neural.store import Store
from drc.neural.sweep import Sweep, run
from drc.problems import Bernoulli

FIXED = {"problem": "Bernoulli", "q_X": 0.3, "q_Y": 0.4, "q_S1": 0.1}


class Here:
    """An executor without processes: each point is computed when it is handed out."""

    def __init__(self):
        self.calls, self.outcomes = [], []

    def __enter__(self):
        return self, 1

    def __exit__(self, *_):
        pass

    def submit(self, function, *arguments):
        self.calls.append(arguments)
        future = Future()
        try:
            self.outcomes.append(function(*arguments))
            future.set_result(self.outcomes[-1])
        except Exception as error:
            future.set_exception(error)
        return future


@pytest.fixture
def here(monkeypatch):
    executor = Here()
    monkeypatch.setattr(workers, "processes", lambda count: executor)
    return executor


def _starts(folder):
    with sqlite3.connect(folder / "points.sqlite") as points:
        return points.execute("SELECT status, starts FROM points").fetchall()


def _done(folder):
    try:
        return sum(status == "done" for status, _ in _starts(folder))
    except sqlite3.OperationalError:
        return 0


def test_a_sweep_computes_what_the_library_computes(tmp_path, here):
    results = run(Sweep("solve", FIXED, {"R": [0.2, 0.4], "C": [0.5, 0.8]}), tmp_path)
    assert results.count("done") == 4
    for row in results.rows:
        direct = Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).solve(R=row.settings["R"], C=row.settings["C"])
        assert (row.result["value"], row.result["status"]) == (direct.value, direct.status)
    table = json.loads((tmp_path / "results.json").read_text())
    assert table["rows"][0]["value"] == "inf"
    lines = (tmp_path / "results.csv").read_text().splitlines()
    assert lines[0].startswith("problem,q_X,q_Y,q_S1,R,C,status,value")
    assert len(lines) == 5


def test_a_point_is_computed_once_and_a_wider_grid_adds_the_new_ones(tmp_path, here):
    run(Sweep("solve", FIXED, {"R": [0.2, 0.4]}), tmp_path)
    run(Sweep("solve", FIXED, {"R": [0.2, 0.4]}), tmp_path)
    assert len(here.calls) == 2
    results = run(Sweep("solve", FIXED, {"R": [0.2, 0.3, 0.4]}), tmp_path)
    assert len(here.calls) == 3
    assert [row.settings["R"] for row in results.rows] == [0.2, 0.3, 0.4]


def test_a_point_that_fails_is_kept_with_its_message_and_tried_again(tmp_path, here):
    sweep = Sweep("solve", FIXED, {"R": [0.2, -1.0]})
    for calls in (2, 3):
        results = run(sweep, tmp_path)
        assert (results.count("done"), results.count("failed"), len(here.calls)) == (1, 1, calls)
    assert results.rows[1].result == {"error": "R must be at least 0, got -1"}


def test_progress_counts_what_was_there(tmp_path, here):
    run(Sweep("solve", FIXED, {"R": [0.2]}), tmp_path)
    told = []
    run(Sweep("solve", FIXED, {"R": [0.2, 0.3]}), tmp_path, progress=lambda *args: told.append(args))
    assert told == [("solve", 1, 2), ("solve", 2, 2)]


def test_a_surface_is_evaluated_in_blocks_as_a_direct_call_evaluates_it(tmp_path, here, monkeypatch):
    monkeypatch.setattr(workers, "_LEAST_WORK", math.inf)
    R, C = [-1.0, 0.2, 0.4, 0.9], [0.5, 0.8, 1.0]
    fixed = {"theorem": "bernoulli.one-shot.YU.drc", "unit": "nats", "q_X": 0.3, "q_Y": 0.4}
    results = run(Sweep("eval", fixed, {"R": R, "q_S1": [0.1, 0.2], "C": C}), tmp_path)
    T = drc.Bernoulli().drc(unit="nats")
    for row in results.rows:
        at = {name: row.settings[name] for name in ("R", "q_S1", "C")}
        if at["R"] < 0:
            assert row.result == {"error": "R must be at least 0, got -1"}
        else:
            at |= {"q_X": 0.3, "q_Y": 0.4}
            assert row.result == {"value": T(**at), "regime": T.regime(**at)}
    assert (results.count("failed"), results.count("done")) == (6, 18)
    assert [len(block) for _, block, *_ in here.calls] == [1, 1, 1, 2, 2, 2, 4, 4, 4, 3]


def test_points_may_be_of_several_theorems():
    grid = {"theorem": ["bernoulli.one-shot.YU.drc", "bernoulli.one-shot.Y.drc"], "C": [0.7, 0.9]}
    fixed = {"q_X": 0.3, "q_Y": 0.4, "q_S1": 0.1, "R": 0.4}
    found = tasks.TASKS["eval"].together([point.arguments for point in Sweep("eval", fixed, grid).points()])
    wanted = [drc.Bernoulli(classifier_sees=sees).drc()(C=C, **fixed) for sees in ("YU", "Y") for C in (0.7, 0.9)]
    assert [point["value"] for point in found] == wanted


def test_audit_is_a_task(tmp_path, here):
    results = run(Sweep("audit", {"samples": 4}, {"theorem": ["gaussian.asymptotic.rdc"]}), tmp_path)
    (row,) = results.rows
    report = drc.audit.audit(["gaussian.asymptotic.rdc"], samples=4)
    assert row.result["ok"]
    assert row.result["findings"] == len(report.findings)
    assert row.result["agreements"] == sum(e.agreements for e in report.entries if "published" not in e.roads) > 4


def test_any_function_is_a_task(tmp_path, here):
    results = run(Sweep("statistics:fmean", {}, {"data": [[1, 2], [3, 5], []]}), tmp_path)
    assert [row.result.get("value") for row in results.rows] == [1.5, 4.0, None]
    assert results.rows[2].result["error"].startswith("StatisticsError: ")


def test_a_point_that_occurs_twice_is_there_once(tmp_path, here):
    sweep = Sweep("solve", FIXED, {"R": [0.4, 0.2, 0.4]})
    assert [point.settings["R"] for point in sweep.points()] == [0.4, 0.2]
    assert [row.settings["R"] for row in run(sweep, tmp_path).rows] == [0.4, 0.2]


class Threads(ThreadPoolExecutor):
    """An executor that notes how many blocks are in flight when another one is handed out, and how large this is."""

    def __init__(self, count):
        super().__init__(4)
        self.flying, self.seen = 0, []

    def __enter__(self):
        return self, 1

    def submit(self, function, *arguments):
        self.flying += 1
        self.seen.append((self.flying, len(arguments[1])))
        future = super().submit(function, *arguments)
        future.add_done_callback(self._ended)
        return future

    def _ended(self, future):
        self.flying -= 1


def test_a_grid_is_never_in_memory_as_a_whole(tmp_path, monkeypatch):
    executor, alive = Threads(1), []
    monkeypatch.setattr(workers, "processes", lambda count: executor)
    monkeypatch.setattr(workers, "_MOST", 32)
    told = lambda *_: alive.append(sum(isinstance(thing, tasks.Point) for thing in gc.get_objects()))  # noqa: E731
    results = run(Sweep("test_sweep:times", {}, {"n": list(range(20)), "m": list(range(30))}), tmp_path, progress=told)
    assert [row.result["value"] for row in results.rows] == [n * m for n in range(20) for m in range(30)]
    flying, sizes = zip(*executor.seen, strict=True)
    assert max(flying) <= workers._AHEAD
    assert (sum(sizes), max(sizes)) == (600, 32)
    # Those in flight, those that just ended, and the next block.
    assert 32 < max(alive) <= 32 * (workers._AHEAD + 2)


def times(n, m):
    return n * m


def test_workers_that_come_later_get_work(tmp_path, monkeypatch):
    executor, slots = Threads(4), iter([1, 0])

    @contextlib.contextmanager
    def cluster(count, scheduler):
        yield executor, lambda: next(slots, 3)

    monkeypatch.setattr(workers, "_executor", cluster)
    monkeypatch.setattr(workers, "_LOOK", 0.05)
    results = run(Sweep("test_sweep:later", {}, {"n": list(range(60))}), tmp_path)
    assert results.count("done") == 60
    flying = [flying for flying, _ in executor.seen]
    assert max(flying[:4]) <= workers._AHEAD < max(flying) <= 3 * workers._AHEAD


def test_slow_points_in_a_large_block_are_handed_out_again(tmp_path, here, monkeypatch):
    monkeypatch.setattr(workers, "_MOST_WORK", 0.1)
    results = run(Sweep("test_sweep:slow_at_the_end", {}, {"n": list(range(40))}), tmp_path)
    assert [row.result["value"] for row in results.rows] == list(range(40))
    sizes = [len(block) for _, block, *_ in here.calls]
    assert max(sizes) > 4
    assert sum(row.starts for row in results.rows) == sum(sizes) > 40
    assert all(sum(seconds for *_, seconds in outcomes) < 0.1 + 0.2 for outcomes in here.outcomes)


def slow_at_the_end(n):
    time.sleep(0.06 if n > 30 else 0)
    return n


def later(n):
    time.sleep(0.05)
    return n


def test_check_is_a_task(tmp_path, here):
    grid = {"theorem": ["gaussian.asymptotic.rdc"], "seed": [3]}
    results = run(Sweep("check", {"samples": 4}, grid), tmp_path)
    assert all(row.result["ok"] and row.result["agreements"] == 4 for row in results.rows)


def test_a_file_counts_by_its_content(tmp_path, here):
    (tmp_path / "a.csv").write_text("0.3,0.2\n0.1,0.4\n")
    sweep = Sweep("solve", {"file": "a.csv"}, {"R": [0.1]}, tmp_path)
    first = run(sweep, tmp_path / "out")
    (tmp_path / "a.csv").write_text("0.2,0.3\n0.1,0.4\n")
    second = run(sweep, tmp_path / "out")
    assert len(here.calls) == 2
    assert first.rows[0].result["value"] != second.rows[0].result["value"]


def test_a_file_may_have_a_gaussian_problem(tmp_path, here):
    law = {"mu_X": 0, "sigma_X": 1, "mu_Y": 0.5, "sigma_Y": 1.5, "sigma_S": 0.8, "theta": 0.6}
    (tmp_path / "normal.json").write_text(json.dumps(law))
    results = run(Sweep("solve", {"file": "normal.json"}, {"R": [1, 2]}, tmp_path), tmp_path / "out")
    assert [row.result["value"] for row in results.rows] == [drc.Gaussian(**law).solve(R=R).value for R in (1, 2)]


def test_experiments_have_the_digest_of_all_their_fields():
    points = Sweep("experiment", {"experiment": "toy-sr"}, {"rate.dim": [2, 4], "seed": [0, 1]}).points()
    assert len({point.key for point in points}) == 4
    (same,) = Sweep("experiment", {"experiment": "toy-sr", "loss.penalty": 10}, {"rate.dim": [2]}).points()
    assert same.key == points[0].key


def test_a_range_has_the_decimals_that_are_meant(tmp_path):
    grid = {"R": {"from": 0.1, "to": 0.7, "points": 7}}
    (tmp_path / "a.toml").write_text(tomli_w.dumps({"task": "solve", "fixed": FIXED, "grid": grid}))
    assert Sweep.read(tmp_path / "a.toml").grid["R"] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]


def test_tables_are_names_with_points_but_kinds_are_values(tmp_path):
    (tmp_path / "a.toml").write_text(
        "task = 'experiment'\n[fixed]\nexperiment = 'toy-sr'\nloss = { penalty = 5 }\n"
        "degradation = { kind = 'noise', deviation = 0.1 }\n[grid.rate]\ndim = [2, 3]\n"
    )
    sweep = Sweep.read(tmp_path / "a.toml")
    assert set(sweep.fixed) == {"experiment", "loss.penalty", "degradation"}
    assert sweep.grid == {"rate.dim": [2, 3]}
    assert len(sweep.points()) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("task = 'paint'", "a.toml: task must be one of solve, .*experiment, or module:function, got 'paint'"),
        ("", "a.toml: task must be a text, got ''"),
        ("task = 'solve'\ncolour = 1", "a.toml: the fields must be among task, fixed, grid, got colour"),
        ("task = 'solve'\nfixed = 1", "a.toml: fixed must be a table, got 1"),
        ("task = 'solve'\n[fixed]\nR = 1\n[grid]\nR = [1]", "a.toml: R must be fixed or in the grid, got both"),
        ("task = 'solve'\n[grid]\nR = []", r"a.toml: R must be a list of one or more values, got \[\]"),
        ("task = 'solve'\n[grid]\nR = 3", "a.toml: R must be a list of one or more values, got 3"),
        ("task = 'solve'\n[grid]\nR = {from = 1, points = 3}", r"a.toml: R must be \{ from = ..,.*1, 'points': 3\}"),
        (
            "task = 'solve'\n[grid]\nR = {from = 0, to = 1, points = 0}",
            "a.toml: R.points must be a whole number, from 1 to 1000000, got 0",
        ),
        (
            "task = 'solve'\n[grid]\nR = {from = 0, to = 1, points = 9999}\nC = {from = 0, to = 1, points = 9999}",
            "a.toml: the grid must have at most 1000000 points, got 99980001",
        ),
    ],
)
def test_bad_files_are_named_with_their_field(tmp_path, text, said):
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(ProblemError, match=said):
        Sweep.read(tmp_path / "a.toml")


@pytest.mark.parametrize(
    ("task", "fixed", "said"),
    [
        ("solve", {}, "solve must have a problem: file = a problem, or problem = the name of a setting"),
        ("solve", {"problem": "Poisson"}, "problem must be Bernoulli or Gaussian or.*or Finite, got 'Poisson'"),
        ("solve", {"file": "none.csv"}, "none.csv cannot be opened"),
        ("check", {}, "check must have a theorem: theorem = an id from `drc list`"),
        ("check", {"theorem": "x.y"}, "x.y"),
        ("check", {"theorem": "bernoulli.one-shot.YU.drc", "R": 1}, "the settings of check must be.*seed, got R"),
        ("experiment", {}, "experiment must have a start: experiment = a name, or a file that ends in .toml"),
        (
            "experiment",
            {"experiment": "toy-sr", "rate.colour": 1},
            r"\[rate\]: the fields must be.*softness, got colour",
        ),
        ("eval", {"R": 1}, "eval must have a theorem"),
        ("eval", {"theorem": "x.y"}, "x.y"),
        (
            "eval",
            {"theorem": "laplace.drc", "C": 1},
            "the settings of eval must be among theorem, form, unit, R, .*got C",
        ),
        ("eval", {"theorem": "laplace.drc", "R": [1]}, r"R must be a number or a text, got \[1\]"),
        ("eval", {"theorem": "laplace.drc", "color": "red"}, "the parameters of laplace.drc must be.*got color"),
        (
            "audit",
            {"theorem": "laplace.drc", "R": 1},
            "the settings of audit must be among theorem, samples, seed, got R",
        ),
        ("no.such:function", {}, "task must be module:function.*No module named 'no'"),
        ("math:nothing", {}, "task must be module:function.*has no attribute 'nothing'"),
        (":", {}, "task must be module:function"),
        ("solve", FIXED | {"nonsense": 3}, "a setting must be one of problem, q_X, .*, got 'nonsense'"),
        ("solve", {"problem": "Finite"}, "p_SX must be given for problem = 'Finite'"),
    ],
)
def test_bad_settings_are_named_before_anything_is_computed(tmp_path, here, task, fixed, said):
    with pytest.raises(ProblemError, match=said):
        run(Sweep(task, fixed, {}), tmp_path)
    assert not here.calls


def test_two_sweeps_do_not_work_in_one_folder(tmp_path):
    with Store(tmp_path), pytest.raises(ProblemError, match="must not be in use by another sweep"):
        Store(tmp_path)
    Store(tmp_path).close()


def test_a_result_is_never_written_twice(tmp_path):
    with Store(tmp_path) as store:
        store.add([("k", {})])
        store.end([("k", ("done", '{"value": 1}', 0.0))])
        with pytest.raises(AssertionError):
            store.end([("k", ("done", '{"value": 2}', 0.0))])


@pytest.mark.linux
def test_a_sweep_that_is_killed_goes_on_and_computes_no_point_twice_but_those_in_flight(tmp_path):
    out, kills = tmp_path / "a", 0
    command = [sys.executable, "-c", "import sys, tiny; tiny.patient_sweep(200, sys.argv[1], workers=2)", str(out)]
    paths = os.pathsep.join([str(Path(tiny.__file__).parent), *filter(None, sys.path)])
    while True:
        before = _done(out) if out.exists() else 0
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": paths})
        while kills < 2 and process.poll() is None:
            time.sleep(0.02)
            if out.exists() and _done(out) > before + 40:
                process.kill()
                kills += 1
                break
        if process.wait() == 0:
            break
        assert process.returncode == -signal.SIGKILL
    rows = _starts(out)
    assert kills == 2
    assert [status for status, _ in rows] == ["done"] * 200
    assert 0 <= sum(starts - 1 for _, starts in rows) <= kills * 2 * workers._AHEAD * tiny.MOST
    assert len((out / "results.csv").read_text().splitlines()) == 201


@pytest.mark.linux
def test_of_a_block_whose_process_dies_only_the_point_that_kills_it_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "timed", tiny.deadly)
    monkeypatch.setitem(tasks.TASKS, "solve", tasks.Task(lambda s, f: (s, s), None))
    numbers = [2, 3, 4, 5, 0, 6, 7]
    results = run(Sweep("solve", {}, {"n": numbers}), tmp_path, workers=1)
    assert {row.settings["n"]: row.result.get("value") for row in results.rows} == {n: n or None for n in numbers}
    assert results.rows[4].result == {"error": "the process that computed it died"}


@pytest.mark.linux
def test_a_point_whose_process_dies_is_tried_alone_and_then_failed(tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "timed", tiny.deadly)
    monkeypatch.setitem(tasks.TASKS, "solve", tasks.Task(lambda s, f: (s, s), None))
    results = run(Sweep("solve", {}, {"n": [0, 1, 2]}), tmp_path, workers=1)
    assert [row.status for row in results.rows] == ["failed", "done", "done"]
    assert results.rows[0].result == {"error": "the process that computed it died"}


def test_the_command_says_what_failed(tmp_path, here):
    path = tmp_path / "a.toml"
    path.write_text(
        "task = 'solve'\n[fixed]\nproblem = 'Bernoulli'\nq_X = 0.3\nq_Y = 0.4\nq_S1 = 0.1\n[grid]\nR = [0.1, -2]\n"
    )
    result = CliRunner().invoke(app, ["sweep", str(path)])
    assert result.exit_code == 1
    assert result.stdout.startswith("1 points done, 1 failed: ")
    assert "R = -2: R must be at least 0, got -2" in result.stderr


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9"])
def test_a_scheduler_that_does_not_answer_is_named(tmp_path, monkeypatch, address):
    pytest.importorskip("distributed")
    monkeypatch.setattr(workers, "_PATIENCE", 0.5)
    with pytest.raises(ProblemError, match="scheduler = 'tcp://127.0.0.1:9' does not answer"):
        run(Sweep("solve", FIXED, {"R": [0.2]}), tmp_path, scheduler=address)


@pytest.mark.linux
def test_a_dask_cluster_that_loses_a_worker_computes_every_point(tmp_path):
    """Two workers, each a process of its own; one is killed midway and nobody makes it anew."""
    distributed = pytest.importorskip("distributed")
    options = {"processes": True, "threads_per_worker": 1, "dashboard_address": ":0", "silence_logs": "CRITICAL"}
    killed = []

    def kill(task, done, total):
        if done >= 30 and not killed:
            killed.append(next(iter(cluster.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    with distributed.LocalCluster(n_workers=2, **options) as cluster:
        results = tiny.patient_sweep(200, tmp_path, scheduler=cluster.scheduler_address, progress=kill)
    assert killed
    assert [(row.status, row.starts, row.result["value"]) for row in results.rows] == [
        ("done", 1, n) for n in range(200)
    ]


def test_a_dask_scheduler_that_is_gone_is_named_and_what_was_computed_is_kept(tmp_path):
    distributed = pytest.importorskip("distributed")
    options = {"processes": False, "threads_per_worker": 1, "dashboard_address": ":0", "silence_logs": "CRITICAL"}
    done = []

    def leave(words, count, total):
        done.append(count)
        if count >= 10:
            cluster.close()

    with distributed.LocalCluster(n_workers=1, **options) as cluster:
        address = cluster.scheduler_address
        with pytest.raises(ProblemError, match="is gone; what was computed is kept"):
            tiny.patient_sweep(200, tmp_path, scheduler=address, progress=leave)
    assert 10 <= done[-1] == _done(tmp_path) < 200


@pytest.mark.parametrize(
    ("name", "weightings"), [("mnist-sr", 2), ("mnist-sr-interpolated", 1), ("mnist-sr-blocks", 1)]
)
def test_the_sweeps_among_the_examples_read_and_have_whole_rates(name, weightings):
    examples = Path(__file__).parent.parent.parent / "examples" / "experiments"
    points = Sweep.read(examples / f"{name}-sweep.toml").points()
    rates = [point.arguments["rate"] for point in points]
    wanted = [bits for bits in range(4, 36, 4) for _ in range(3 * weightings)]
    assert sorted(2 * rate["dim"] for rate in rates if rate["levels"] == 4) == wanted
    assert len({point.key for point in points}) == 24 * weightings


def test_results_that_were_damaged_are_read_or_refused(tmp_path):
    keys = ["a", "b"]
    with Store(tmp_path / "whole") as store:
        store.add([(key, {"R": 0.2}) for key in keys])
        store.end([("a", ("done", '{"value": 0.5}', 1.0))])
    whole = (tmp_path / "whole" / "points.sqlite").read_bytes()
    rng = random.Random(0)
    for i in range(40):
        content = bytearray(whole[: rng.randrange(len(whole)) if i % 3 == 0 else None])
        for _ in range(20):
            content[rng.randrange(len(content))] = rng.randrange(256)
        folder = tmp_path / str(i)
        folder.mkdir()
        (folder / "points.sqlite").write_bytes(content)
        with contextlib.suppress(ProblemError), Store(folder) as store:
            list(store.rows(store.add([(key, {"R": 0.2}) for key in keys]).ids))


@pytest.mark.parametrize(
    "settings",
    [
        {"file": 5},
        {"file": ["a"]},
        {"file": "a\0b"},
        {"problem": ["Bernoulli"]},
        {"experiment": 5},
        {"experiment": {"kind": "x"}},
        {"theorem": 5},
    ],
    ids=str,
)
def test_settings_of_a_wrong_type_are_refused(settings):
    task = {"experiment": "experiment", "theorem": "check"}.get(next(iter(settings)), "solve")
    with pytest.raises(ProblemError):
        Sweep(task, settings, {}).points()
