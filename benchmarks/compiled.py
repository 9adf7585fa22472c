"""Compiled evaluation beside numpy, a million points in two threads: `python benchmarks/compiled.py [THEOREM ...]`.

Points of theorems are those whose digits doubles settle. The rounds of numpy written by hand, the numpy road and the
compiled program alternate in one process. Processor times are medians, and those of both threads together; the times that
pass are the least ones, which a busy machine disturbs least. It needs the extra `fast`, or `DRC_COMPILED=1` and a compiler.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

os.environ["OMP_NUM_THREADS"] = "2"
COMPILED = os.environ.get("DRC_COMPILED", "")

import numpy as np
import peers
import ratios

NAMES = (
    *(
        "bernoulli.one-shot.YU.drc",
        "bernoulli.one-shot.YU.rdc",
        "bernoulli.one-shot.YU.drpc.TV",
        "gaussian.asymptotic.drc",
    ),
    *("gaussian.asymptotic.rdc", "gaussian.asymptotic.drpc.W2", "laplace.rdc", "mary.one-shot.YU.drc"),
    *("bernoulli.one-shot.YU.drpc.KL", "bernoulli.one-shot.Y.drc", "bernoulli.asymptotic.Y.drc"),
    *("bernoulli.asymptotic.Y.rdpc.TV", "gaussian.asymptotic.drpc.KL", "gaussian.asymptotic.rdpc.KL"),
)


def road(setting: str, evaluate: Callable[[], np.ndarray]) -> Callable[[], np.ndarray]:
    def run() -> np.ndarray:
        os.environ["DRC_COMPILED"] = setting
        return evaluate()

    return run


def times(*functions: Callable[[], object]) -> list[tuple[float, float]]:
    """Nanoseconds per point of each, of processors and on the clock, in turns after one run to warm up."""
    turns, began = [], time.perf_counter()
    for f in functions:
        f()
    while len(turns) < 4 or (time.perf_counter() - began < 8 and len(turns) < 30):
        turns.append([measured(f) for f in functions])
    columns = [[*zip(*column, strict=True)] for column in zip(*turns, strict=True)]
    return [(statistics.median(processors), min(clock)) for processors, clock in columns]


def measured(function: Callable[[], object]) -> tuple[float, float]:
    processors, clock = time.process_time(), time.perf_counter()
    function()
    return tuple(
        1e9 * (now - then) / ratios.POINTS
        for now, then in ((time.process_time(), processors), (time.perf_counter(), clock))
    )


def row(work: str, log: tuple, before: tuple, after: tuple, off: float) -> None:
    numbers = (
        f"{before[0] / log[0]:.0f} | {after[0] / log[0]:.1f} | {before[0] / after[0]:.1f} | {before[1] / after[1]:.1f}"
    )
    print(f"| {work} | {numbers} | {off:.0e} |", flush=True)


def by_hand() -> None:
    D = ratios.bernoulli().drc()
    R, C = ratios.points(ratios.POINTS)
    c = road(COMPILED, lambda: D(R=R, C=C))
    off = np.abs(c()[np.isfinite(c())] - peers.by_hand(R, C)[np.isfinite(c())]).max()
    row("$D(R, C)$ of given numbers, numpy by hand", *times(lambda: np.log(R + 1), lambda: peers.by_hand(R, C), c), off)


def theorem(name: str) -> None:
    tradeoff, given, at = ratios.spread_out(name)
    # A point that doubles do not settle takes the same milliseconds on both roads.
    settled = np.flatnonzero(tradeoff._evaluator.settled(given | at))
    at = {letter: column[np.resize(settled, ratios.POINTS)] for letter, column in at.items()}
    first = next(iter(at.values()))
    numpy, c = (road(setting, lambda: tradeoff(**given, **at)) for setting in ("0", COMPILED))
    expected, found = numpy(), c()
    with np.errstate(all="ignore"):
        off = np.where(found == expected, 0, np.abs(found / expected - 1)).max()
    row(f"`{name}`", *times(lambda: np.log(first + 1), numpy, c), off)


def main() -> None:
    print(
        "| work | numpy | compiled | ratio, processors | ratio, clock | largest difference |\n|---|---|---|---|---|---|"
    )
    by_hand()
    for name in sys.argv[1:] or NAMES:
        theorem(name)


if __name__ == "__main__":
    main()
