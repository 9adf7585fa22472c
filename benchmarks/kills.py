"""Kill trainings and sweeps at random moments, and see that nothing is lost: `python benchmarks/kills.py`.

A training killed 20 times ends with the weights of an undisturbed one; a sweep of 500 points killed 5 times computes no
point twice but those in flight.
"""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import tomli_w

from drc.neural import named
from drc.neural.run import METRICS, Run, train

SWEEP = {
    "task": "solve",
    "fixed": {"problem": "Bernoulli", "q_X": 0.3, "q_Y": 0.4, "q_S1": 0.1},
    "grid": {"R": {"from": 0.1, "to": 0.7, "points": 250}, "C": [0.6, 0.8]},
}

TRAIN = """
import sys
from drc.neural import Experiment
from drc.neural.run import train
train(Experiment.read(sys.argv[1]), sys.argv[2], every=0.2)
"""


def trainings(folder: Path, kills: int, draw: random.Random) -> None:
    """Kill a training so often; compare all arrays of its checkpoint with those of one that was left alone."""
    experiment = named("toy-sr").changed({"schedule.epochs": 300})
    whole = train(experiment, folder / "whole")
    (folder / "e.toml").write_text(experiment.toml(), encoding="utf-8")
    killed = 0
    while True:
        process = subprocess.Popen([sys.executable, "-c", TRAIN, str(folder / "e.toml"), str(folder / "killed")])
        if killed < kills:
            lines = _lines(folder / "killed")
            while process.poll() is None and _lines(folder / "killed") <= lines:
                time.sleep(0.01)
            time.sleep(draw.uniform(0, 0.5))
            process.kill()
            killed += process.wait() != 0
        if process.wait() == 0:
            break
    one, two = whole.model(), Run.read(folder / "killed").model()
    arrays, others = one.backend.save(one.state), two.backend.save(two.state)
    same = arrays.keys() == others.keys() and all(np.array_equal(arrays[name], others[name]) for name in arrays)
    print(f"training: killed {killed} times, {len(arrays)} arrays, {'all equal' if same else 'DIFFERENT'}")


def _lines(folder: Path) -> int:
    path = folder / METRICS
    return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0


def sweeps(folder: Path, kills: int) -> None:
    """Kill a sweep so often, each time after some more points are done."""
    (folder / "s.toml").write_text(tomli_w.dumps(SWEEP), encoding="utf-8")
    out, killed = folder / "sweep", 0
    file = str(folder / "s.toml")
    command = [sys.executable, "-m", "drc", "sweep", file, "--out", str(out), "--workers", "2", "--quiet"]
    while True:
        before, process = _done(out), subprocess.Popen(command)
        while killed < kills and process.poll() is None:
            time.sleep(0.02)
            if _done(out) > before + 60:
                process.kill()
                killed += 1
                break
        if process.wait() == 0:
            break
    with sqlite3.connect(out / "points.sqlite") as points:
        rows = points.execute("SELECT status, starts FROM points").fetchall()
    twice = sum(starts > 1 for _, starts in rows)
    done = sum(status == "done" for status, _ in rows)
    print(f"sweep: killed {killed} times, {done} of {len(rows)} points done, {twice} begun again (in flight at a kill)")


def _done(folder: Path) -> int:
    if not (folder / "points.sqlite").exists():
        return 0
    try:
        with sqlite3.connect(folder / "points.sqlite") as points:
            return points.execute("SELECT count(*) FROM points WHERE status = 'done'").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as room:
        sweeps(Path(room), 5)
        trainings(Path(room), 20, random.Random(0))
