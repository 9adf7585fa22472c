"""Compiled evaluation beside numpy, a million points in two threads: `python benchmarks/compiled.py [THEOREM ...]`.

The rounds of numpy written by hand, the numpy road and the compiled program alternate in one process, so that a busy
machine slows all; medians are printed. It needs the extra `fast`, or `DRC_COMPILED=1` and a compiler.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable

os.environ["OMP_NUM_THREADS"] = "2"
COMPILED = os.environ.get("DRC_COMPILED", "")

import numpy as np
import peers
import ratios

NAMES = (
    *("bernoulli.one-shot.YU.drc", "bernoulli.one-shot.YU.rdc", "bernoulli.one-shot.YU.drpc.TV", "gaussian.asymptotic.drc"),
    *("gaussian.asymptotic.rdc", "gaussian.asymptotic.drpc.W2", "laplace.rdc", "mary.one-shot.YU.drc"),
    *("bernoulli.one-shot.YU.drpc.KL", "bernoulli.one-shot.Y.drc", "bernoulli.asymptotic.Y.drc"),
    *("bernoulli.asymptotic.Y.rdpc.TV", "gaussian.asymptotic.drpc.KL", "gaussian.asymptotic.rdpc.KL"),
)


def road(setting: str, evaluate: Callable[[], np.ndarray]) -> Callable[[], np.ndarray]:
    def run() -> np.ndarray:
        os.environ["DRC_COMPILED"] = setting
        return evaluate()

    return run


def medians(*functions: Callable[[], object]) -> list[float]:
    """Milliseconds of each, in turns after one run to warm up, for about three seconds."""
    turns = [[1e3 * ratios.seconds(f) for f in functions]]
    while len(turns) < 4 or (sum(map(sum, turns)) < 3000 and len(turns) < 30):
        turns.append([1e3 * ratios.seconds(f) for f in functions])
    return [statistics.median(column) for column in zip(*turns[1:], strict=True)]


def by_hand() -> None:
    D = ratios.bernoulli().drc()
    R, C = ratios.points(ratios.POINTS)
    numpy, c = (road(setting, lambda: D(R=R, C=C)) for setting in ("0", COMPILED))
    np.testing.assert_allclose(c(), peers.by_hand(R, C), rtol=0, atol=1e-14)
    hand, before, after = medians(lambda: peers.by_hand(R, C), numpy, c)
    print(f"D(R, C) of given numbers, milliseconds: by hand {hand:.1f}, numpy {before:.1f}, compiled {after:.1f}")
    print(f"compiled: {hand / after:.1f} times as fast as by hand, {before / after:.1f} times as fast as the numpy road\n")


def theorem(name: str) -> None:
    tradeoff, given, at = ratios.spread_out(name)
    first = next(iter(at.values()))
    numpy, c = (road(setting, lambda: tradeoff(**given, **at)) for setting in ("0", COMPILED))
    expected, found = numpy(), c()
    with np.errstate(invalid="ignore"):
        off = np.nanmax(np.where(found == expected, 0, np.abs(found / expected - 1)))
    log, before, after = medians(lambda: np.log(first + 1), numpy, c)
    print(f"| `{name}` | {before / log:.0f} | {after / log:.1f} | {before / after:.1f} | {off:.0e} |", flush=True)


def main() -> None:
    by_hand()
    print("| theorem | numpy road | compiled | times as fast | largest relative difference |\n|---|---|---|---|---|")
    for name in sys.argv[1:] or NAMES:
        theorem(name)


if __name__ == "__main__":
    main()
