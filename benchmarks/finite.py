"""The finite-alphabet solvers beside their peers, at growing sizes: `python benchmarks/finite.py`.

All run in one process on one thread, each size in turns; a peer that took longer than patience allows is not asked for
larger sizes. Beside each time stands the error: for `drc` the width of its proved enclosure, for a peer the distance of
its value from that enclosure. Prints the tables, and writes them with a plot and the numbers into `docs/_static/` (or the
folder given).
"""

from __future__ import annotations

import json
import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

# Threads that wait for each other on a busy machine would be measured instead of the solvers.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import finite_peers as peers
import numpy as np

import drc
from drc.files import write_whole

#: Seconds after which a peer is not asked for a larger size, and after which plain Blahut-Arimoto gives up.
PATIENCE, GIVING_UP = 2.5, 30.0

#: How often a fast solver is timed; the median counts.
ROUNDS = 5

US = "drc"


@dataclass(frozen=True)
class Measured:
    """One solver at one size: seconds, and how far from the truth it may be or is."""

    work: str
    size: int
    solver: str
    seconds: float
    error: float


@dataclass(frozen=True)
class Work:
    """What is solved: for each size our enclosure, and the peers' values; peers may take `patience` seconds."""

    name: str
    sizes: tuple[int, ...]
    ours: Callable[[int], tuple[float, float]]
    peers: dict[str, Callable[[int], float]]
    patience: float = PATIENCE


def rate_distortion() -> Work:
    """One point of the rate-distortion function of a Gaussian grid, R = 1 bit."""

    def ours(n: int) -> tuple[float, float]:
        points, law, _ = peers.gaussian_grid(n)
        s = drc.Finite(
            law[None], "squared", setting="asymptotic", letters_X=points.tolist(), letters_Y=points.tolist()
        ).solve(R=1)
        return s.lower, s.upper

    def cvxpy(n: int) -> float:
        _, law, d = peers.gaussian_grid(n)
        return peers.cvxpy_rate_distortion(law, d, math.log(2))

    return Work(
        "D(R) of a Gaussian grid, R = 1 bit", (8, 16, 32, 64, 128, 256, 512, 1024), ours, {"cvxpy + Clarabel": cvxpy}
    )


#: Slopes -dD/dR in squared error a nat, from nearly no rate to about three bits.
SLOPES = np.geomspace(1.8, 0.03, 20)


def slopes() -> Work:
    """Twenty points of the same curve by their slopes, to a gap of 1e-6; errors are the worst of the twenty."""

    def ours(n: int) -> tuple[float, float]:
        points, law, _ = peers.gaussian_grid(n)
        f = drc.Finite(law[None], "squared", setting="asymptotic", letters_X=points.tolist(), letters_Y=points.tolist())
        solved = [f.solve(slope=float(s), tolerance=1e-6, unit="nats") for s in SLOPES]
        return sum(s.lower for s in solved), sum(s.upper for s in solved)

    def plain(n: int) -> float:
        _, law, d = peers.gaussian_grid(n)
        return sum(peers.blahut_arimoto(law, d, float(s), 1e-6, GIVING_UP / 20)[0] for s in SLOPES)

    def by_dit(n: int) -> float:
        _, law, d = peers.gaussian_grid(n)
        return sum(peers.dit_rate_distortion(law, d, float(s)) for s in SLOPES)

    others = {"numpy Blahut-Arimoto": plain, "dit": by_dit}
    return Work("20 slopes of the same, summed", (8, 16, 32, 64, 128, 256), ours, others, patience=20)


def laws(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A normal law on a grid, a target law of two bumps, and squared errors: points, p, q, d."""
    points, p, d = peers.gaussian_grid(n)
    q = np.exp(-2 * (points - 1.5) ** 2) + 0.5 * np.exp(-2 * (points + 1) ** 2)
    return points, p, q / q.sum(), d


def fixed_law() -> Work:
    """Transport to a fixed law at a slope: entropic optimal transport."""

    def ours(n: int) -> tuple[float, float]:
        points, p, q, _ = laws(n)
        letters = points.tolist()
        f = drc.Finite(p[None], "squared", q, setting="asymptotic", letters_X=letters, letters_Y=letters)
        s = f.solve(slope=0.2, unit="nats", tolerance=1e-8)
        return s.lower, s.upper

    def pot(n: int) -> float:
        _, p, q, d = laws(n)
        return peers.pot_entropic(p, q, d, 0.2)

    return Work("transport to a fixed law, slope 0.2", (16, 32, 64, 128, 256, 512), ours, {"POT, Sinkhorn": pot})


def exact_transport() -> Work:
    """The same without a bound on the rate."""

    def ours(n: int) -> tuple[float, float]:
        points, p, q, _ = laws(n)
        letters = points.tolist()
        s = drc.Finite(p[None], "squared", q, setting="asymptotic", letters_X=letters, letters_Y=letters).solve()
        return s.lower, s.upper

    def pot(n: int) -> float:
        _, p, q, d = laws(n)
        return peers.pot_transport(p, q, d)

    return Work("transport to a fixed law, any rate", (16, 32, 64, 128, 256), ours, {"POT, network simplex": pot})


def random_program(n_X: int, n_Y: int = 4, n_S: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, float]:
    """A random joint law, distortions and target law, and bounds that both bind: p_SX, d, p_Y, R, C in nats."""
    rng = np.random.default_rng(n_X)
    posterior = rng.dirichlet(np.full(n_S, 0.4), n_X)
    p_SX = (rng.dirichlet(np.full(n_X, 3.0))[:, None] * posterior).T
    d, p_Y = rng.random((n_X, n_Y)), rng.dirichlet(np.full(n_Y, 5.0))
    H_S = float(-(p_SX.sum(axis=1) * np.log(p_SX.sum(axis=1))).sum())
    H_S_X = float(-(p_SX * np.log(posterior.T)).sum())
    return p_SX, d, p_Y, 0.6 * float(-(p_Y * np.log(p_Y)).sum()), 0.4 * H_S_X + 0.6 * H_S


def one_shot() -> Work:
    """One shot, four output letters, three labels; the peer has all 4^n maps."""

    def ours(n: int) -> tuple[float, float]:
        p_SX, d, p_Y, R, C = random_program(n)
        s = drc.Finite(p_SX, d, p_Y).solve(R=R, C=C, unit="nats")
        return s.lower, s.upper

    def highs(n: int) -> float:
        return peers.enumerated(*random_program(n))

    return Work("one shot, |Y| = 4, 3 labels", (4, 5, 6, 7, 8, 10, 12, 14, 16), ours, {"HiGHS, all maps": highs})


WORKS = (rate_distortion, slopes, fixed_law, exact_transport, one_shot)


def timed(function: Callable[[], object]) -> tuple[float, object]:
    """The median of some runs, or of one if it is slow, and the answer."""
    times, answer = [], None
    while len(times) < ROUNDS and sum(times) < 2:
        start = time.perf_counter()
        answer = function()
        times.append(time.perf_counter() - start)
    return statistics.median(times), answer


def measure(work: Work, most: int) -> Iterator[Measured]:
    """All solvers of one work, size after size."""
    tired: set[str] = set()
    for n in (size for size in work.sizes if size <= most):
        spent, (lower, upper) = timed(lambda n=n: work.ours(n))
        yield Measured(work.name, n, US, spent, upper - lower)
        for name, function in work.peers.items():
            if name in tired:
                continue
            try:
                spent, value = timed(lambda n=n, function=function: function(n))
            except (ImportError, MemoryError) as error:
                print(f"{name}: {error}", file=sys.stderr)
                tired.add(name)
                continue
            yield Measured(work.name, n, name, spent, max(lower - value, value - upper, 0.0))
            if spent > work.patience:
                tired.add(name)


def exponent(rows: list[Measured]) -> float:
    """The exponent of the cost in the size, over the larger half of the sizes."""
    large = sorted(rows, key=lambda r: r.size)[len(rows) // 2 :]
    if len(large) < 2:
        return math.nan
    return float(np.polyfit(np.log([r.size for r in large]), np.log([r.seconds for r in large]), 1)[0])


def table(rows: list[Measured]) -> str:
    """A Markdown table of one work: for each size, each solver's time and error."""
    solvers = list(dict.fromkeys(r.solver for r in rows))
    found = {(r.size, r.solver): r for r in rows}
    heads = [f"{s}: seconds | {'gap' if s == US else 'error'}" for s in solvers]
    ratios = [f"{s} / {US}" for s in solvers if s != US]
    lines = [f"| size | {' | '.join(heads + ratios)} |", "| ---: " * (1 + 2 * len(solvers) + len(ratios)) + "|"]
    for size in sorted({r.size for r in rows}):
        cells = [f"{size:,}"]
        for s in solvers:
            r = found.get((size, s))
            cells += ["", ""] if r is None else [f"{r.seconds:.3g}", f"{r.error:.1e}"]
        for s in solvers[1:]:
            r = found.get((size, s))
            cells.append("" if r is None else f"{r.seconds / found[size, US].seconds:,.3g}")
        lines.append(f"| {' | '.join(cells)} |")
    grown = "; ".join(f"{s}: {exponent([r for r in rows if r.solver == s]):.1f}" for s in solvers)
    return "\n".join([*lines, "", f"Exponent of the time in the size, over the larger half of the sizes: {grown}."])


def plot(rows: list[Measured], path: Path) -> None:
    """Time against size, one panel a work."""
    from matplotlib.figure import Figure

    works = list(dict.fromkeys(r.work for r in rows))
    figure = Figure(figsize=(12, 7), layout="constrained")
    for i, work in enumerate(works):
        ax = figure.add_subplot(2, 3, i + 1)
        mine = [r for r in rows if r.work == work]
        for s in dict.fromkeys(r.solver for r in mine):
            one = [r for r in mine if r.solver == s]
            ax.loglog([r.size for r in one], [r.seconds for r in one], marker="o", label=f"{s} (n^{exponent(one):.1f})")
        sizes = sorted({r.size for r in mine})
        ax.set_xticks(sizes, [str(n) for n in sizes], fontsize="small")
        ax.tick_params(axis="x", which="minor", bottom=False, labelbottom=False)
        ax.set(title=work, xlabel="letters", ylabel="seconds")
        ax.legend(fontsize="small")
    figure.savefig(path)


def main() -> int:
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "docs" / "_static"
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 10**6
    out.mkdir(parents=True, exist_ok=True)
    rows, text = [], []
    for make in WORKS:
        work = make()
        mine = list(measure(work, most))
        said = f"**{work.name}**\n\n{table(mine)}\n"
        print(said, flush=True)
        rows += mine
        text.append(said)
    write_whole(out / "finite_speed.md", "\n".join(text))
    write_whole(out / "finite_speed.json", json.dumps([asdict(r) for r in rows], indent=1) + "\n")
    plot(rows, out / "finite_speed.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
