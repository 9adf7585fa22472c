"""How the command ends: with its exit code, whatever it is asked, and whoever stops reading or waiting."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tomli_w
from attacks import commands as attacks
from typer.testing import CliRunner

from drc import cli
from drc.neural.store import Store

DRC = [sys.executable, "-c", "from drc.cli import main; main()"]
POINT = ["q_X=.3", "q_Y=.4", "q_S1=.1"]
BERNOULLI = "bernoulli.one-shot.YU.drc"


def run(*arguments, **more):
    return subprocess.run([*DRC, *arguments], capture_output=True, timeout=60, check=False, **more)


@pytest.fixture
def files():
    with attacks.folder_of_files():
        yield


@pytest.mark.parametrize("first", range(0, 180, 60))
def test_random_bad_command_lines_end_in_one_line(first):
    faults = [fault for i in range(first, first + 60) if (fault := attacks.attack(0, i))]
    assert not faults, "\n".join(faults)


READERS = {
    ".csv": [
        ["solve", "FILE"],
        ["solve", "FILE", "--samples", "-R", "1"],
        ["curve", "FILE", "-R", "0:1", "--points", "3"],
    ],
    ".json": [["solve", "FILE"], ["check-certificate", "FILE"]],
    ".toml": [["sweep", "FILE", "--out", "new"], ["experiment", "FILE", "--out", "new"]],
}
READERS |= {".drc": [["codec", "decode", "FILE", "new"]], ".npy": [["codec", "encode", "good.csv", "FILE", "new"]]}
ANY = [
    ["solve", "FILE", *attacks.SOON],
    ["codec", "decode", "FILE", "new"],
    ["codec", "encode", "FILE", "symbols.txt", "new"],
]


@pytest.mark.parametrize("name", attacks.FILES)
def test_bad_files_end_in_one_line(name, files):
    lines = [*READERS.get(Path(name).suffix, []), *ANY, ["sweep", name], ["codec", "export", name, "new.safetensors"]]
    faults = [attacks.fault_of([name if word == "FILE" else word for word in line]) for line in lines]
    assert not any(faults), "\n".join(faults)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["check", "transport.gaussian", "--seed", "-1"], "seed must be"),
        (["check", "gaussian.asymptotic.drc", "--samples", "2", "--seed", "-1"], "seed must be"),
        (["audit", "gaussian.asymptotic.drc", "--samples", "2", "--seed", "-1"], "seed must be"),
        (["catalogue", "new", "--samples", "1", "--seed", "-1"], "seed must be"),
        (["report", "--out", "new", "--samples", "1", "--seed", "-1"], "seed must be"),
        (["codec", "measure", "good.csv", "-R", ".4", "--seed", "-1"], "seed must be"),
        (["codec", "measure", "good.csv", "-R", ".4", "-n", "99999999999999999999"], "n must be"),
        (["constraints", "--accuracy", "0.99", "--labels", "9" * 400], "labels must be"),
        (["solve", "commas.csv"], "commas.csv"),
        (["eval", BERNOULLI, *POINT, "R=1e-999999999"], "R must"),
        (["table", BERNOULLI, *POINT, "--R", "0:1:0", "--C", ".7"], "got '0:1:0'"),
        (["table", BERNOULLI, *POINT, "--R", "0:1:1e-12", "--C", ".7"], "1000"),
        (["solve", "folder"], "folder"),
        pytest.param(["sweep", "/"], "/ cannot be opened", marks=pytest.mark.linux),
        (["sweep", "."], ". cannot be opened"),
        (["solve", "missing.csv"], "missing.csv"),
        (
            ["solve", "good.csv", "--certificate", "folder"],
            "certificate must be a file that can be written, got 'folder'",
        ),
        (["solve", "good.csv", "--certificate", "good.csv"], "certificate must be another file than file"),
        (["curve", "good.csv", "--csv", "new.svg", "--plot", "new.svg"], "must be another file than"),
        (["report", "--out", "good.csv"], "out must be a folder that can be written, got 'good.csv'"),
        (["experiment", "toy-sr", "--out", "good.csv/a"], "out must be a folder that can be written, got 'good.csv/a'"),
        pytest.param(
            ["sweep", "sweep.toml", "--out", "/proc/x"],
            "out must be a folder that can be written, got '/proc/x'",
            marks=pytest.mark.linux,
        ),
        pytest.param(["explore", "--out", "n" * 300 + ".html"], "File name too long", marks=pytest.mark.linux),
        pytest.param(
            ["check-certificate", "/dev/zero"],
            "files must be a file, got '/dev/zero' (a device)",
            marks=pytest.mark.linux,
        ),
        (["solve", "--tolerance", "x", "good.csv"], "solve --help`"),
        (["dance"], "No such command 'dance'"),
        (["eval", "a\nb\x1b[2J"], r"\x1b[2J"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_wrong_input_is_named_before_any_work(line, said, files):
    began = time.process_time()
    result = CliRunner().invoke(cli.app, line)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert said in result.stderr
    assert time.process_time() - began < attacks.SECONDS


@pytest.mark.parametrize("line", [["list", "--json"], ["show", BERNOULLI, "--proof"], ["--help"]])
def test_a_reader_that_closes_the_pipe_has_what_it_wants(line):
    with subprocess.Popen([*DRC, *line], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


@pytest.mark.linux
def test_a_full_disk_is_an_error():
    with open("/dev/full", "w") as full:
        done = subprocess.run([*DRC, "list"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (2, b"error: No space left on device\n")


@pytest.mark.linux
@pytest.mark.parametrize(
    ("closed", "line", "code"),
    [
        ("<&-", ["codec", "encode", "good.csv", "-", "new", "-R", ".4"], 0),
        (">&-", ["list"], 0),
        ("<&- >&- 2>&-", ["dance"], 2),
    ],
)
def test_closed_streams_do_no_harm(closed, line, code, files):
    done = subprocess.run(["sh", "-c", f'"$@" {closed}', "sh", *DRC, *line], capture_output=True, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (code, False)


def test_any_terminal_will_do():
    assert run("--help", env={**os.environ, "COLUMNS": "1", "TERM": "dumb", "NO_COLOR": "1"}).returncode == 0
    plain = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    assert run("list", env=plain).returncode == 0
    assert run("eval", "caf\udce9", env=plain).stderr.startswith(b"error: id")


@pytest.mark.linux
def test_devices_are_written_to_and_links_followed(tmp_path):
    target, link = tmp_path / "target.html", tmp_path / "link.html"
    link.symlink_to(target)
    line = ["explore", "gaussian.asymptotic.drc", "--no-open", "--out"]
    for path in (link, "/dev/null"):
        result = CliRunner().invoke(cli.app, [*line, str(path)])
        assert result.exit_code == 0, result.output
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert not Path("/dev/null").is_file()


SWEEP = {
    "task": "solve",
    "fixed": {"problem": "Bernoulli", "classifier_sees": "Y", "q_X": 0.3, "q_Y": 0.4, "q_S1": 0.1},
    "grid": {"R": {"from": 0.01, "to": 0.9, "points": 400}, "C": {"from": 0.5, "to": 0.9, "points": 25}},
}


@pytest.mark.linux
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_sweep_that_is_stopped_leaves_its_results(number, code, tmp_path):
    file, out = tmp_path / "s.toml", tmp_path / "out"
    file.write_text(tomli_w.dumps(SWEEP))
    command = [*DRC, "sweep", str(file), "--out", str(out), "--workers", "1", "--quiet"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not _done_in(out):
        time.sleep(0.1)
    process.send_signal(number)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, told.count(b"\n")) == (code, 1), told
    rows = json.loads((out / "results.json").read_text(), parse_constant=pytest.fail)["rows"]
    assert len(rows) == 10_000
    assert {"open"} < {row["status"] for row in rows}
    with Store(out):  # the folder is free again
        pass


def _done_in(folder: Path) -> bool:
    import sqlite3

    if not (folder / "points.sqlite").exists():
        return False
    with sqlite3.connect(folder / "points.sqlite") as store:
        try:
            return store.execute("SELECT count(*) FROM points WHERE status = 'done'").fetchone()[0] > 0
        except sqlite3.OperationalError:
            return False
