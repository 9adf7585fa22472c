"""Random attacks on `drc`, each kind a module of `tests/attacks/`; the suite runs a slice of every kind.

    python benchmarks/stress.py KIND [--count 10000] [--seed 0] [--first 0] [--total SECONDS] [--one 123]

KIND is the name of a module, such as "certificates". Attack number i draws all its numbers from (seed, i), so one that
finds a fault can be repeated alone with --one. Every fault is printed with its number; the exit code is 1 if there is one.
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


def main() -> int:
    kinds = sorted(path.stem for path in (TESTS / "attacks").glob("[a-z]*.py"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=kinds)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first attack")
    parser.add_argument("--total", type=float, default=float("inf"), help="seconds for all")
    parser.add_argument("--one", type=int, help="run this one attack only")
    options = parser.parse_args()
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
