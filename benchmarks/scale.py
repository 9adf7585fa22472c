"""Sweeps at scale, on one machine: `python benchmarks/scale.py [--points 1000000] [--workers 4] [--many 100]`.

It needs Linux, and the extras `dask` and `parquet`.

First a surface of `--points` points on `--workers` Dask processes, one of which is killed midway. Then `--many` workers that
only wait, all in one process, which shows what it costs to hand points out.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import dask
import numpy as np
import pyarrow.parquet as parquet
from distributed import Client, LocalCluster

from drc.neural.sweep import Sweep, run
from drc.theory import entry

THEOREM = "bernoulli.one-shot.YU.drc"
SOURCE = {"q_X": 0.3, "q_Y": 0.4, "q_S1": 0.1}


def surface(points: int, workers: int, folder: Path) -> bool:
    """Evaluate a surface while a worker is killed; say whether each point is there once, with the value of a direct call."""
    side = round(points**0.5)
    R, C = np.linspace(0, 1, side), np.linspace(0.4, 1, side)
    sweep = Sweep("eval", {"theorem": THEOREM, **SOURCE}, {"R": R.tolist(), "C": C.tolist()})
    killed: list[int] = []

    def kill(words: str, done: int, total: int) -> None:
        if done > total / 2 and not killed:
            killed.append(crew.pop())
            os.kill(killed[0], signal.SIGKILL)

    with cluster(workers, folder) as (address, scheduler, crew):
        began, own = time.perf_counter(), time.process_time()
        results = run(sweep, folder / "out", scheduler=address, formats=["parquet"], progress=kill)
        took, own = time.perf_counter() - began, time.process_time() - own
        memory = {"scheduler": _peak(scheduler), "client": _peak(os.getpid())}
        memory |= {f"worker {i}": _peak(pid) for i, pid in enumerate(crew, start=1)}
    seconds = sum(row.seconds for row in results.rows)
    file = parquet.ParquetFile(folder / "out" / "results.parquet")
    values = file.read(["value"])["value"].to_numpy()
    direct = entry(THEOREM).tradeoff()(R=R[:, None], C=C, **SOURCE)
    fine = np.array_equal(values, direct.ravel()) and results.count("done") == side**2 and len(killed) == 1
    print(f"surface: {side**2} points on {workers} workers, {len(killed)} killed, {len(values)} rows written;")
    print(f"  {'each is there once and equal to a direct call' if fine else 'NOT ALL ARE THERE AND EQUAL'}")
    each = 1e6 / side**2
    print(f"  {took:.0f} s: {took * each:.0f} us per point, {own * each:.0f} us of them processor time of the client,")
    print(f"  {seconds * each:.1f} us of workers' time; peak memory in MiB: ", end="")
    print(", ".join(f"{name} {value:.0f}" for name, value in memory.items()), flush=True)
    return fine and max(memory.values()) < 1024


@contextmanager
def cluster(workers: int, folder: Path) -> Iterator[tuple[str, int, list[int]]]:
    """Start a scheduler and workers, each a process that nobody starts anew; give the address and their process ids."""
    dask, place = [sys.executable, "-m", "dask"], str(folder / "scheduler.json")
    file = ["--scheduler-file", place]
    with ExitStack() as stack:
        started = [
            subprocess.Popen(
                [*dask, "scheduler", *file, "--port", "0", "--dashboard-address", ":0"], stderr=subprocess.DEVNULL
            )
        ]
        stack.callback(lambda: [process.kill() for process in started])
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(folder)]
        started += [
            subprocess.Popen([*dask, "worker", *file, *options], stderr=subprocess.DEVNULL) for _ in range(workers)
        ]
        while not os.path.exists(place):
            time.sleep(0.1)
        with Client(scheduler_file=place) as client:
            client.wait_for_workers(workers, timeout=120)
            yield client.scheduler.address, started[0].pid, [process.pid for process in started[1:]]


def _peak(pid: int) -> float:
    """Return the most memory that a process had so far, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def waited(n: int, seconds: float) -> int:
    """Stand for a point that takes this long somewhere else."""
    time.sleep(seconds)
    return n


def many(workers: int, folder: Path) -> None:
    """Hand points that only wait out to many workers, all threads of this process."""
    # What each worker watches of itself would be most of the work, with a hundred in one process.
    dask.config.set({"distributed.worker.profile.enabled": False, "distributed.admin.system-monitor.interval": "60s"})
    options = {"threads_per_worker": 1, "processes": False, "dashboard_address": ":0", "silence_logs": "ERROR"}
    with LocalCluster(n_workers=workers, **options) as found:
        idle = time.process_time()
        time.sleep(5)
        idle = (time.process_time() - idle) / 5
        print(f"{workers} workers in one process: {idle:.2f} s of processor time per second while they are idle")
        for seconds, points in ((1.0, 10 * workers), (0.1, 20 * workers)):
            sweep = Sweep("scale:waited", {"seconds": seconds}, {"n": list(range(points))})
            began, own = time.perf_counter(), time.process_time()
            results = run(sweep, folder / f"{seconds}", scheduler=found.scheduler_address, formats=[])
            took, own = time.perf_counter() - began, time.process_time() - own
            assert [row.result["value"] for row in results.rows] == list(range(points))
            each, ideal = 1e6 / points, points * seconds / workers
            print(f"  {points} points of {seconds:g} s: {took:.1f} s instead of {ideal:.0f} s, or", end=" ")
            print(f"{(took - ideal) * each:.0f} us more per point; processor time", end=" ")
            print(f"{(own - idle * took) * each:.0f} us per point beyond that of idle workers", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--many", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as room:
        fine = surface(options.points, options.workers, Path(room))
        many(options.many, Path(room))
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
