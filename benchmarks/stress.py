"""Random attacks on `drc`, each kind a module of `tests/attacks/`; the suite runs a slice of every kind.

    python benchmarks/stress.py KIND [--count 10000] [--seed 0] [--first 0] [--total SECONDS] [--one 123]
    python benchmarks/stress.py KIND --out FOLDER [--workers 2 | --scheduler tcp://HOST:PORT] [--count 10000] ...

KIND is the name of a module, such as "certificates". Attack number i draws all its numbers from (seed, i), so one that
finds a fault can be repeated alone with --one. Every fault is printed with its number; the exit code is 1 if there is one.

With --out the attacks are a sweep, by several processes or the workers of a Dask cluster, and one that was stopped goes on.
Workers have this folder in their PYTHONPATH. The kinds files, limits and numbers set alarms, which only processes here can.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path.insert(0, str(TESTS))


def one(kind: str, seed: int, i: int) -> str:
    """Return the fault that an attack finds, or an empty text."""
    return importlib.import_module(f"attacks.{kind}").attack(seed, i)


def swept(options: argparse.Namespace) -> int:
    """Run attacks as a sweep."""
    from drc.neural.sweep import Sweep, run

    numbers = list(range(options.first, options.first + options.count))
    sweep = Sweep("stress:one", {"kind": options.kind, "seed": options.seed}, {"i": numbers})
    results = run(sweep, options.out, workers=options.workers, scheduler=options.scheduler)
    faults = [(row.settings["i"], fault) for row in results.rows for fault in row.result.values() if fault]
    for i, fault in faults:
        print(f"{options.kind} {options.seed} {i}: {fault}")
    print(f"{len(numbers)} attacks of the kind {options.kind}, {len(faults)} faults")
    return 1 if faults else 0


def main() -> int:
    kinds = sorted(path.stem for path in (TESTS / "attacks").glob("[a-z]*.py"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=kinds)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first attack")
    parser.add_argument("--total", type=float, default=float("inf"), help="seconds for all")
    parser.add_argument("--one", type=int, help="run this one attack only")
    parser.add_argument("--out", type=Path, help="folder of a sweep over the attacks")
    parser.add_argument("--workers", type=int, help="processes of the sweep")
    parser.add_argument("--scheduler", help="a Dask scheduler for the sweep")
    options = parser.parse_args()
    if options.out:
        return swept(options)
    attack = importlib.import_module(f"attacks.{options.kind}").attack
    first, count = (options.first, options.count) if options.one is None else (options.one, 1)
    began, faults, done = time.monotonic(), 0, 0
    for i in range(first, first + count):
        if time.monotonic() - began > options.total:
            break
        fault = attack(options.seed, i)
        done += 1
        if fault:
            faults += 1
            print(f"{options.kind} {options.seed} {i}: {fault}", flush=True)
    print(f"{done} attacks of the kind {options.kind}, {faults} faults, {time.monotonic() - began:.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
