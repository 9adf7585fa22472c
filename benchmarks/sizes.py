"""Finite problems of the sizes that users have, with all bounds binding: `python benchmarks/sizes.py [seconds] [words ...]`.

The laws are drawn at random. The rate is 60 % of that of the output alphabet, and the bound on `C` is 30 % of the way from
what the classifier does not know at the optimum without that bound to the least that data processing allows. Cells are
solved one after another, in one process; words pick those whose names have all of them. Each line tells the proved bounds,
the gap as a part of the upper one, and the seconds; the last lines are a table.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np

import drc
from drc.information import conditional_entropy, entropy

#: Labels, source letters and output letters.
SIZES = ((2, 4, 4), (3, 8, 8), (10, 16, 10), (10, 64, 8), (2, 200, 2), (10, 200, 20))

#: What is asked about each, by what the classifier sees.
SETTINGS = (("asymptotic", "Z"), ("asymptotic", "Y"), ("one-shot", "YU"), ("one-shot", "Y"))

#: Seconds for a cell, and for the problem without `C` from which its bound is made.
SECONDS, EASIER = 60.0, 20.0


@dataclass(frozen=True)
class Cell:
    """A problem of one size in one setting, and what came of it."""

    size: tuple[int, int, int]
    setting: str
    sees: str
    law: str
    lower: float = math.nan
    upper: float = math.nan
    seconds: float = math.nan
    method: str = ""

    @property
    def name(self) -> str:
        """Its words."""
        return f"{'x'.join(map(str, self.size))} {self.setting} {self.sees} {self.law}"

    @property
    def gap(self) -> str:
        """The relative gap, or what was found instead."""
        if self.lower == math.inf:
            return "infeasible"
        if math.isinf(self.upper):
            return "no plan"
        return f"{(self.upper - self.lower) / max(abs(self.upper), 1e-300):.1e}"


def drawn(n_S: int, n_X: int, n_Y: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a joint law, distortions and a target law."""
    rng = np.random.default_rng(0)
    posterior, p_X = rng.dirichlet(np.full(n_S, 0.3), n_X), rng.dirichlet(np.full(n_X, 3.0))
    return (p_X[:, None] * posterior).T, rng.exponential(size=(n_X, n_Y)), rng.dirichlet(np.full(n_Y, 3.0))


def bounds(size: tuple[int, int, int], law: str) -> tuple[tuple, float, float]:
    """Return the fields of a problem, and its bounds `R` and `C` in bits."""
    p_SX, d, p_Y = drawn(*size)
    fields = p_SX, d, p_Y if law == "fixed" else None
    R = 0.6 * math.log2(size[2])
    easier = drc.Finite(*fields, setting="asymptotic").solve(R=R, time_limit=EASIER)
    label_of_y = (p_SX / p_SX.sum(axis=0)) @ easier.coupling
    most = float(conditional_entropy(label_of_y, "bits"))
    least = max(float(conditional_entropy(p_SX, "bits")), float(entropy(p_SX.sum(axis=1), "bits")) - R)
    return fields, R, most - 0.3 * (most - least)


def cells(words: list[str]) -> Iterator[Cell]:
    """Yield the cells whose names have all words."""
    for size in SIZES:
        for setting, sees in SETTINGS:
            for law in ("fixed", "free"):
                cell = Cell(size, setting, sees, law)
                if all(word in cell.name.split() for word in words):
                    yield cell


def solved(cell: Cell, seconds: float) -> Cell:
    """Solve a cell."""
    fields, R, C = bounds(cell.size, cell.law)
    problem = drc.Finite(*fields, setting=cell.setting, classifier_sees=cell.sees)
    start = time.perf_counter()
    s = problem.solve(R=R, C=C, time_limit=seconds)
    spent = time.perf_counter() - start
    return Cell(cell.size, cell.setting, cell.sees, cell.law, s.lower, s.upper, spent, s.method)


def table(found: list[Cell]) -> str:
    """Return a table: a row for each size, a column for each setting and law."""
    columns = list(dict.fromkeys((c.setting, c.sees, c.law) for c in found))
    by_place = {(c.size, (c.setting, c.sees, c.law)): c for c in found}
    heads = [f"{setting} {sees}, {law}" for setting, sees, law in columns]
    lines = [f"| labels, letters, outputs | {' | '.join(heads)} |", "| --- " * (len(columns) + 1) + "|"]
    for size in dict.fromkeys(c.size for c in found):
        row = [by_place.get((size, column)) for column in columns]
        lines.append(
            f"| {', '.join(map(str, size))} | "
            + " | ".join("" if c is None else f"{c.gap} ({c.seconds:.0f} s)" for c in row)
            + " |"
        )
    return "\n".join(lines)


def main() -> int:
    """Solve the cells that were picked."""
    words = sys.argv[1:]
    seconds = float(words.pop(0)) if words and words[0].replace(".", "").isdigit() else SECONDS
    found = []
    for cell in cells(words):
        found.append(solved(cell, seconds))
        done = found[-1]
        print(
            f"{done.name}: [{done.lower:.6g}, {done.upper:.6g}] {done.gap} {done.seconds:.1f} s; {done.method}",
            flush=True,
        )
    print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
