"""The solvers for any finite alphabet against every closed form: of the catalogue, about bits, or of problems at random.

    python benchmarks/agreement.py [--samples 1000] [--seed 0] [--only asymptotic] [--time-limit 10]
    python benchmarks/agreement.py --surfaces 200 [--first 0]

Each theorem's value must lie in the proved enclosure of the same problem, posed as a finite one; so must, with
`--surfaces N`, the exact surfaces of N random problems of up to four letters to four, with up to three labels, at points of
which a tenth lie on the border of the feasible set. Problem number i is drawn from (seed, i). The exit code is 1 if one
does not.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np

import drc
from drc.audit import CheckReport, check_tradeoff
from drc.audit.check import BAND
from drc.audit.instances import Instance, instances_of
from drc.errors import NotAvailableError
from drc.theory import catalogue


def theorems(options: argparse.Namespace) -> Iterator[CheckReport]:
    """Compare what the catalogue has about bits."""
    for entry in catalogue():
        if not entry.id.startswith("bernoulli.") or options.only not in entry.id:
            continue
        limits = {"samples": options.samples, "seed": options.seed, "time_limit": options.time_limit}
        try:
            yield check_tradeoff(entry.tradeoff(), finite=True, **limits)
        except NotAvailableError as error:
            print(f"{entry.id}: not available ({error})")


def surfaces(options: argparse.Namespace) -> Iterator[CheckReport]:
    """Compare the exact surfaces of random problems; what is minimised takes turns."""
    for number in range(options.first, options.first + options.surfaces):
        rng = np.random.default_rng([options.seed, number])
        formula = drawn(rng).tradeoff(minimise="DRC"[number % 3])
        ordinary = options.samples - options.samples // 10
        points = list(instances_of(formula, ordinary, seed=number))
        points += on_the_border(formula, points[: options.samples // 10], rng)
        report = check_tradeoff(formula, points=points, time_limit=options.time_limit)
        yield replace(report, id=f"problem {number}, {report.id}")


def drawn(rng: np.random.Generator) -> drc.Finite:
    """Draw a problem with any output law, a fixed one, or a forbidden pair; ties and zeros are among its numbers."""
    n_S, n_X, n_Y = rng.integers(1, 4), rng.integers(2, 5), rng.integers(2, 5)
    counts = rng.integers(0, 9, (n_S, n_X))
    counts[0] += 1
    costs = rng.integers(0, 4, (n_X, n_Y)).astype(float)
    law = rng.multinomial(10, np.full(n_Y, 1 / n_Y)) / 10
    kind = rng.integers(3)
    if kind == 2:
        costs[0, 0] = np.inf
    return drc.Finite.from_counts(counts, distortion=costs, **({"p_Y": law} if kind else {}))


#: How far beside the border of the feasible set points lie: on it, or so far that both roads must give one verdict.
BESIDE = (0.0, 3 * BAND, -3 * BAND, 1e-6, -1e-6)


def on_the_border(formula: drc.Tradeoff, points: list[Instance], rng: np.random.Generator) -> list[Instance]:
    """Move one bound of each point to the border of the feasible set, found by bisection, or a little beside it."""
    bounds = np.array([[point[s.name] for s in formula.arguments] for point in points])
    moved = np.eye(bounds.shape[1], dtype=bool)[rng.integers(bounds.shape[1], size=len(points))]
    feasible = lambda at: np.isfinite(formula(*at.T))[:, None]  # noqa: E731
    low, high = np.where(moved, 0.0, bounds), np.where(moved, 4.0, bounds)
    high = np.where(feasible(low), low, high)
    for _ in range(45):
        middle = (low + high) / 2
        known = feasible(middle)
        low, high = np.where(known, low, middle), np.where(known, middle, high)
    at = np.where(moved, np.maximum(high + rng.choice(BESIDE, (len(points), 1)), 0.0), bounds)
    return [{s.name: float(x) for s, x in zip(formula.arguments, row, strict=True)} for row in at]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="only theorems with this in their id")
    parser.add_argument("--time-limit", type=float, default=10.0, help="seconds for each instance")
    parser.add_argument(
        "--surfaces", type=int, default=0, help="random problems whose exact surfaces are compared instead"
    )
    parser.add_argument("--first", type=int, default=0, help="number of the first of them")
    options = parser.parse_args()
    start, wrong, agreed = time.monotonic(), 0, 0
    for report in surfaces(options) if options.surfaces else theorems(options):
        print(f"{report}; {time.monotonic() - start:.0f} s in all", flush=True)
        wrong, agreed = wrong + report.disagreements, agreed + report.agreements
    print(f"{agreed} instances agree, {wrong} disagree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
