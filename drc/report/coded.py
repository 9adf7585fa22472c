"""Pictures of codes beside the theorems: what a block of channel simulation costs, and what a lattice costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from drc.codes.codec import Codec
from drc.codes.schemes import codec
from drc.problems import Bernoulli, Gaussian
from drc.report.pictures import Picture, in_words
from drc.tradeoff.style import figure_of, new_axes, ruled

#: The rate that the channel to be simulated needs, in bits per symbol, and the block lengths.
_RATE, _LENGTHS = 0.2, (1, 2, 3, 4, 6, 8, 10, 12, 14, 16)

#: Rates at which a lattice is drawn, more of them where the gap bends, those at which it is measured, and how it is drawn.
_RATES, _MEASURED = (*np.linspace(0.125, 1.5, 12).tolist(), 2.0, 2.5, 3.0, 3.5, 4.0), (1.0, 2.0, 3.0)
_LATTICES = {"Z": ("C0", "o", r"$\mathbb{Z}$"), "E8": ("C1", "s", "$E_8$")}


def overhead(
    parameters: Mapping[str, float], *, lengths: Sequence[int] = _LENGTHS, samples: int = 6_400, seed: int = 0
) -> Picture:
    """Draw what channel simulation costs above the limit, by the length of its blocks.

    Parameters
    ----------
    parameters : mapping
        Of an asymptotic Bernoulli problem.
    samples : int
        Samples that are coded at each length.
    """
    problem = Bernoulli(setting="asymptotic").changed(**parameters)
    rows = []
    for n in lengths:
        code: Any = codec(problem, R=_RATE, block=n)
        row = {"n": n, "rate": code.rate, "limit": code.theory.limit, "bound": code.rate_bound}
        rows.append(row | _measured(code, samples, seed))
    n, rate, limit, bound, found = (np.array([row[k] for row in rows]) for k in list(rows[0])[:5])
    ax = new_axes(7.2, 4.4)
    ax.plot(n, bound - limit, color="0.55", linestyle="--", label="bound of the functional representation")
    ax.plot(n, rate - limit, color="C0", label="theory of the code")
    ax.plot(n, found - limit, "D", color="C3", markersize=5, markeredgecolor="white", label="measured")
    ax.set(xlabel="block length $n$", ylabel="bits per sample above $I(X;Y)$", ylim=(0, None), xlim=(0, max(n) + 0.5))
    ruled(ax, legend=True)
    return Picture(
        "bernoulli-simulation-overhead",
        f"Channel simulation for {in_words(parameters)} at $R = {_RATE:g}$ bit",
        "Above $I(X;Y)$ a block pays for telling which of the shared proposals it takes: at most the dashed line, and"
        " less a sample the longer the block. The search takes time that grows exponentially with $n$.",
        {"theorem": "bernoulli.asymptotic.Y.drc", "parameters": dict(parameters), "unit": "bits", "seed": seed},
        rows,
        figure_of(ax),
    )


def lattices(
    parameters: Mapping[str, float],
    *,
    rates: Sequence[float] = _RATES,
    measured: Sequence[float] = _MEASURED,
    samples: int = 100_000,
    seed: int = 0,
) -> Picture:
    """Draw what dithered lattice quantisation costs above the limit, by its rate.

    Parameters
    ----------
    parameters : mapping
        Of a Gaussian problem.
    rates, measured : sequence of float
        Where it is drawn, and where it is measured as well.
    """
    problem = Gaussian().changed(**parameters)
    ax = new_axes(7.2, 4.4)
    rows = []
    for name, (colour, dot, mark) in _LATTICES.items():
        theirs = []
        for R in sorted({*rates, *measured}):
            code: Any = codec(problem, R=R, lattice=name)
            row = {"lattice": name, "rate": code.rate, "optimal_rate": code.optimal_rate, "bound": code.gap_bound}
            theirs.append(row | _measured(code, samples if R in measured else 0, seed))
        rate, gap = (np.array([row[k] for row in theirs]) for k in ("rate", "optimal_rate"))
        ax.plot(rate, rate - gap, color=colour, label=f"{mark}: theory")
        limit = rf"{mark}: $\frac{{1}}{{2}}\log_2(2\pi e\,G)$"
        ax.axhline(code.gap_bound, color=colour, linestyle="--", linewidth=1, label=limit)
        points = [(row["measured"], row["measured"] - row["optimal_rate"]) for row in theirs if row["measured"]]
        style = {"color": colour, "markersize": 6, "markeredgecolor": "white"}
        ax.errorbar(*zip(*points, strict=True), fmt=dot, label=f"{mark}: measured", **style)
        rows += theirs
    ax.set(xlabel="rate of the code (bit)", ylabel="bits per sample above the limit for its distortion", ylim=(0, None))
    ax.set_xlim(0, max(rates) + 0.1)
    ruled(ax, legend=True)
    return Picture(
        "gaussian-lattice-gap",
        f"Dithered lattices for {in_words(parameters)}",
        "A lattice quantiser with shared dither, its output brought to the target law exactly, needs so much more than the"
        " theorem at its own distortion. The gap of the cell, dashed, is reached at high rate: a rounder cell costs less.",
        {"theorem": "gaussian.asymptotic.drc", "parameters": dict(parameters), "unit": "bits", "seed": seed},
        rows,
        figure_of(ax),
    )


def _measured(code: Codec, samples: int, seed: int) -> dict[str, Any]:
    names = "measured", "samples", "distortion", "distortion_error", "distortion_theory"
    if not samples:
        return dict.fromkeys(names, "")
    found = code.measure(samples, seed=seed)
    D = found["distortion"].measured
    return dict(zip(names, (found.rate, samples, D.value, D.error, code.distortion), strict=True))
