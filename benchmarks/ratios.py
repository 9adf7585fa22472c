"""Ratios of `drc` to named peers that do the same work in the same process: `python benchmarks/ratios.py`.

Rounds alternate between the two, so that a busy machine slows both; the median over the rounds is reported.
The table goes to the terminal, the numbers to `ratios.json` beside this file (or to the path given). A target that is
missed is printed and recorded; it is no failure, since a time depends on the machine and on what else it does.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import peers

import drc
from drc.audit.instances import instances

POINTS = 1_000_000


@dataclass(frozen=True)
class Ratio:
    """A median time of ours, the peer's, their ratio, and the most that the ratio may be."""

    work: str
    peer: str
    ours_s: float
    peer_s: float
    target: float | None

    @property
    def ratio(self) -> float:
        return self.ours_s / self.peer_s

    @property
    def met(self) -> bool:
        return self.target is None or self.ratio <= self.target


def seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(ours: Callable[[], object], peer: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median seconds of each, run in turns after one run to warm up."""
    ours(), peer()
    times = [(seconds(ours), seconds(peer)) for _ in range(rounds)]
    return statistics.median(t for t, _ in times), statistics.median(t for _, t in times)


def bernoulli() -> drc.Bernoulli:
    return drc.Bernoulli(q_X=peers.Q_X, q_Y=peers.Q_Y, q_S1=peers.Q_S1)


def points(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Random (R, C): all four regimes are among them."""
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 1, count), rng.uniform(0.4, 1, count)


def evaluation(rounds: int = 15) -> list[Ratio]:
    """A million points of D(R, C); all three must give the same values before any is timed."""
    D = bernoulli().drc()
    R, C = points(POINTS)
    lambdified = peers.lambdified(D.expr)
    ours, by_hand, other = D(R=R, C=C), peers.by_hand(R, C), lambdified(R, C)
    np.testing.assert_allclose(ours, by_hand, rtol=0, atol=1e-14)
    np.testing.assert_allclose(ours, other, rtol=0, atol=1e-14)
    work = f"D(R, C) at {POINTS:,} points"
    hand = compare(lambda: D(R=R, C=C), lambda: peers.by_hand(R, C), rounds)
    lamb = compare(lambda: D(R=R, C=C), lambda: lambdified(R, C), rounds)
    return [
        Ratio(work, "numpy, written by hand for these numbers", *hand, target=2.0),
        Ratio(work, "sympy.lambdify of the same expression", *lamb, target=1.0),
    ]


def spread_out(name: str, count: int = POINTS) -> tuple[drc.Tradeoff, dict[str, float], dict[str, np.ndarray]]:
    """Return a theorem, an instance of it, and points that have all its regimes among them."""
    tradeoff = drc.theory.entry(name).tradeoff()
    bounds = tuple(s.name for s in tradeoff.arguments)
    parameters = {s.name for s in tradeoff.parameters}
    drawn = list(instances(name, bounds, 400, seed=2))
    # The first instance that leaves a choice: the value differs among the bounds that were drawn.
    for one in drawn:
        given = {k: one[k] for k in parameters}
        values = tradeoff(**given, **{b: np.array([d[b] for d in drawn]) for b in bounds})
        if len(np.unique(values[np.isfinite(values)])) > 40:
            break
    rng = np.random.default_rng(3)
    at = {b: rng.permutation(np.resize([d[b] for d in drawn], count)) * rng.uniform(0.9, 1, count) for b in bounds}
    tradeoff(**{k: v if k in given else v[:10] for k, v in (given | at).items()})
    return tradeoff, given, at


def everywhere(name: str, count: int = POINTS) -> Ratio:
    """Points of a theorem, all regimes that its instance has among them, in units of numpy's logarithm."""
    tradeoff, given, at = spread_out(name, count)
    first = next(iter(at.values()))
    turns = [(seconds(lambda: tradeoff(**given, **at)), seconds(lambda: np.log(first + 1)))]
    while sum(t for t, _ in turns) < 1:
        turns.append((seconds(lambda: tradeoff(**given, **at)), seconds(lambda: np.log(first + 1))))
    ours, peer = (statistics.median(t) for t in zip(*turns, strict=True))
    return Ratio(f"{name} at {count:,} points", "numpy.log of as many numbers", ours, peer, None)


def fresh(code: str) -> Callable[[], object]:
    """Run the code in a fresh interpreter, which imports the installed package (not the folder that one stands in)."""
    return lambda: subprocess.run([sys.executable, "-P", "-c", code], check=True)


def importing(rounds: int = 9) -> Ratio:
    """A fresh interpreter each time."""
    times = compare(fresh("import drc"), fresh("import numpy, sympy"), rounds)
    return Ratio("import drc", "import numpy, sympy", *times, target=1.3)


#: What is done first in a cold interpreter, and the most that it may take.
FIRST = {
    "first problem": ("import drc; drc.Bernoulli(q_X=.3, q_Y=.4, q_S1=.1)", 1.3),
    "first theorem": ("import drc; drc.Bernoulli().drc()", None),
    "drc eval": (
        "import os, sys; from drc.cli import main; sys.stdout = open(os.devnull, 'w', encoding='utf-8');"
        "sys.argv = 'drc eval bernoulli.one-shot.YU.drc q_X=.3 q_Y=.4 q_S1=.1 R=.4 C=.75'.split(); main()",
        None,
    ),
}


def starting(work: str, rounds: int = 5) -> Ratio:
    """From a cold interpreter: a problem needs sympy, but no theorem; a theorem is derived."""
    ours, target = FIRST[work]
    return Ratio(work, "import numpy, sympy", *compare(fresh(ours), fresh("import numpy, sympy"), rounds), target)


def solving(count: int = 40, rounds: int = 5) -> Ratio:
    """The Bernoulli program, certified, against the same program uncertified."""
    problem = bernoulli()
    R, C = points(count, seed=1)
    pairs = list(zip(R.tolist(), C.tolist(), strict=True))
    for r, c in pairs:
        solution, peer = problem.solve(R=r, C=c), peers.solved_by_linprog(r, c)
        assert solution.upper == peer or abs(solution.upper - peer) < 1e-6, (r, c, solution, peer)
    ours, peer = compare(
        lambda: [problem.solve(R=r, C=c) for r, c in pairs],
        lambda: [peers.solved_by_linprog(r, c) for r, c in pairs],
        rounds,
    )
    return Ratio(
        "certified Bernoulli solve",
        "scipy.optimize.linprog, no certificate",
        ours / count,
        peer / count,
        None,
    )


def is_of_its_own(theorem: str) -> bool:
    """Whether a formula is not that of another theorem: `W2` of bits is total variation, and a remote source moves `D`."""
    is_twin = theorem.startswith("bernoulli") and theorem.endswith("W2")
    return not is_twin and (".remote." not in theorem or theorem == "bernoulli.one-shot.YU.remote.drc")


def derivation(theorem: str) -> float:
    """Seconds to derive a theorem in a fresh interpreter, imports not counted."""
    code = (
        "import time, drc, drc.theory; drc.catalogue(); start = time.perf_counter();"
        f" drc.theory.entry({theorem!r}).tradeoff(); print(time.perf_counter() - start)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], check=True, capture_output=True, text=True)
    return float(done.stdout)


def said(r: Ratio) -> str:
    return "" if r.target is None else f"; target {r.target:g}: {'met' if r.met else 'MISSED'}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, nargs="?", default=Path(__file__).with_name("ratios.json"))
    parser.add_argument("--points", type=int, default=POINTS, help="of each trade-off of the catalogue")
    asked = parser.parse_args()
    names = [entry.id for entry in drc.catalogue()]
    ratios = [
        *evaluation(),
        importing(),
        *map(starting, FIRST),
        solving(),
        *(everywhere(name, asked.points) for name in names if is_of_its_own(name)),
    ]
    cold = {name: derivation(name) for name in names}
    for r in ratios:
        ours, peer = 1e3 * r.ours_s, 1e3 * r.peer_s
        print(f"{r.work:56} {ours:8.2f} ms {r.ratio:6.2f} x {r.peer} ({peer:.2f} ms){said(r)}")
    for theorem, time_s in cold.items():
        print(f"derive {theorem:49} {1e3 * time_s:8.0f} ms  cold")
    print(f"derive the whole catalogue, one after the other {sum(cold.values()):12.1f} s")
    rows = [asdict(r) | {"ratio": r.ratio} for r in ratios]
    machine = {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
    }
    asked.out.write_text(
        json.dumps({"machine": machine, "ratios": rows, "derivation_s": cold}, indent=2) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
