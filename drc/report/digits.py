"""A real case: handwritten digits, a degraded feature of the image, and what it can still tell of the digit.

It is solved over a grid, and coded for real at some points of it.

The images are the 1797 digits of 8 x 8 pixels that scikit-learn brings along.  A camera sees one coarse feature: the ink
of a patch left of the centre, faded and noisy, in five levels.  It is to be restored to the law that the same feature has
on clean images, and something is still to be known of the digit, or of its parity.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from drc.codes.measure import Measurement
from drc.codes.schemes import code_of
from drc.codes.statistics import Estimate
from drc.information import entropy
from drc.problems import Finite
from drc.report.pictures import Picture, Row
from drc.tradeoff.plot import filled, label_lines
from drc.tradeoff.style import hatch, new_figure, ordered, ruled, word
from drc.types import Progress
from drc.typeset.model import Table

LEVELS = 5
_FADE, _NOISE = 0.7, 0.1
#: The patch: row and column of the 4 x 4 image that pooling over 2 x 2 pixels leaves.
_PATCH = (2, 1)
#: Samples of the empirical law that are coded at each point that is measured.
_SAMPLES = 200_000
#: What the table of the coded points says, with formulas between dollar signs.
CODED = (
    "At some points the plan was turned into a code: the common randomness draws the map, the encoder entropy-codes what the"
    " map makes of the feature, and the decoder, which has the file alone, reproduces $Y$. Measured are 200000 samples of"
    " the empirical law, with the standard error of the last digits in brackets; the rate is that of the coded symbols. The"
    " last column is the 1797 images themselves: bytes of coded symbols, of those of the file; the rest is a header with the"
    " tables, and checksums."
)
_LABELS = {"digit": "the digit, 0 to 9", "parity": "whether the digit is odd"}


@dataclass(frozen=True)
class Coded:
    """A point of the surface that was coded for real.

    Attributes
    ----------
    row : mapping
        The row of the case.
    drawn : Measurement
        Samples of the empirical law.
    images : Measurement
        The images themselves, in their order.
    """

    row: dict[str, object]
    drawn: Measurement
    images: Measurement


@dataclass(frozen=True)
class Case:
    """One label of the digits, solved over a grid.

    Attributes
    ----------
    label : {"digit", "parity"}
    H_S, I_SX : float
        Entropy of the label, and what the feature tells of it, in bits.
    H_X : float
        Entropy of the feature, in bits.
    rows : tuple of mappings
        `R, C, D, lower, upper, status` of every point; in each line of one C the first has the least rate.
    shape : (int, int)
        Values of C, and rates for each.
    coded : tuple of Coded
        The points that were coded for real.
    """

    label: str
    problem: Finite
    H_S: float
    I_SX: float
    H_X: float
    rows: tuple[Row, ...]
    shape: tuple[int, int]
    coded: tuple[Coded, ...] = ()

    @property
    def certified(self) -> int:
        """How many points have a certificate: an enclosure within the tolerance, or a proof of infeasibility."""
        return sum(row["status"] in ("optimal", "infeasible") for row in self.rows)

    @property
    def widest(self) -> float:
        """The width of the widest enclosure."""
        return max(row["upper"] - row["lower"] for row in self.rows if np.isfinite(row["lower"]))


def problem(label: str, seed: int = 0) -> Finite:
    """Return the empirical problem: label, degraded feature, and the law of the clean feature as the target.

    Parameters
    ----------
    label : {"digit", "parity"}
    seed : int
        Of the noise.

    Examples
    --------
    >>> problem("parity")
    Finite(n_S=2, n_X=5, n_Y=5, distortion='squared', one-shot, classifier sees YU)
    """
    labels, degraded, clean = _images(label, seed)
    return Finite.from_samples(labels, degraded, clean, distortion="squared")


def _images(label: str, seed: int) -> tuple[list[int], list[int], list[int]]:
    """Return label, level of the degraded feature, and level of the clean one, for each image."""
    from sklearn.datasets import load_digits

    digits: Any = load_digits()
    pooled = (digits.images / 16.0).reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4))
    clean = pooled[:, _PATCH[0], _PATCH[1]]
    noise = np.random.default_rng(seed).normal(size=clean.shape)
    degraded = np.clip(_FADE * clean + _NOISE * noise, 0, 1)
    labels = digits.target if label == "digit" else digits.target % 2
    return labels.tolist(), _levels(degraded).tolist(), _levels(clean).tolist()


def _levels(ink: np.ndarray) -> np.ndarray:
    return np.minimum((LEVELS * ink).astype(int), LEVELS - 1)


def solve(label: str, *, seed: int = 0, points: int = 19, progress: Progress | None = None) -> Case:
    """Solve the case on a grid that begins, for every C, at the least rate.

    Parameters
    ----------
    label : {"digit", "parity"}
    points : int
        Values of C, and of R for each.
    progress : function of (description, done, total), optional
    """
    finite = problem(label, seed)
    H_S, H_X, H_SX = (float(entropy(p.ravel())) for p in (finite.label_law, finite.source_law, finite.joint_law))
    I_SX = H_S + H_X - H_SX
    rows: list[dict[str, Any]] = []
    # Towards the least C the maps must tell all letters apart; a step before it there is still a choice.
    shares = np.linspace(0.0, 0.97, points)
    for done, share in enumerate(shares):
        C = round(float(H_S - share * I_SX) + 5e-7, 6)
        least = finite.solve(minimise="R", C=C).upper
        for step in np.linspace(0.0, 1.0, points):
            R = least + 1e-6 + float(step) ** 1.5 * (H_X - least)
            s = finite.solve(R=R, C=C)
            rows.append({"R": R, "C": C, "D": s.value, "lower": s.lower, "upper": s.upper, "status": s.status})
        if progress is not None:
            progress(f"digits: {label}", done + 1, points)
    # Near the least rate, where the label costs distortion.
    at = [i * points + max(1, points // 9) for i in _lines_drawn(points)[1:-1]]
    coded = tuple(_coded(finite, rows[i], label, seed) for i in at)
    return Case(label, finite, H_S, I_SX, H_X, tuple(rows), (points, points), coded)


def _coded(finite: Finite, row: dict[str, Any], label: str, seed: int) -> Coded:
    """Code samples, and the images themselves, at a point of the grid."""
    code = code_of(finite, finite.solve(R=row["R"], C=row["C"]))
    labels, degraded, _ = _images(label, seed)
    s, x = (
        np.array([list(letters).index(letter) for letter in given])  # pyright: ignore[reportArgumentType] (a list by now)
        for letters, given in ((finite.letters_S, labels), (finite.letters_X, degraded))
    )
    return Coded(row, code.measure(_SAMPLES, seed=seed), code.measure_on(s, x, seed=seed))


def _lines_drawn(count: int) -> np.ndarray:
    """Choose the values of C for which D is drawn over R."""
    return np.unique(np.linspace(0, count - 1, 6).astype(int))


def coded_table(cases: Iterable[Case]) -> Table:
    """Set a table of all points that were coded: certified numbers, and measured ones.

    A measured number has its standard error in brackets, in units of the last digit.
    """
    certified = "label", "$R$ (bit)", "$C$ (bit)", "$D$ (certified)"
    found = "measured $R$", "measured $D$", r"measured $H(S \mid Y,U)$", "the images (bytes)"
    rows = []
    for case in cases:
        for one in case.coded:
            bounds = [f"{one.row[name]:.4f}" for name in ("R", "C", "D")]
            measured = [_with_error(one.drawn[name].measured) for name in ("rate", "distortion", "H(S|Y,U)")]
            sizes = one.images.sizes
            rows.append((case.label, *bounds, *measured, f"{sizes.payload_bytes} of {sizes.file_bytes}"))
    return Table((*certified, *found), tuple(rows))


def _with_error(found: Estimate) -> str:
    return f"{found.value:.4f}({math.ceil(found.error * 1e4)})"


def picture(case: Case) -> Picture:
    """Draw the case: contours of D over R and C, and D over R for some C."""
    R, C, D = (np.array([row[k] for row in case.rows]).reshape(case.shape) for k in ("R", "C", "D"))
    figure = new_figure(9.6, 3.9)
    left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
    hatch(left, [0, case.H_X], C.min(), C.max())
    lines = filled(left, R, C, D, "distortion $D$ (levels squared)")
    left.plot(R[:, 0], C[:, 0], color="black", linewidth=1.7)
    left.set(
        xlim=(0, case.H_X),
        ylim=(C.min(), C.max()),
        xlabel="rate $R$ (bit)",
        ylabel=r"bound $C$ on $H(S\,|\,Y,U)$ (bit)",
    )
    word(left, 0.05, 0.06, "infeasible", transform=left.transAxes)
    _lines(right, R, C, D)
    _points(left, right, case.coded)
    ruled(right, legend=True)
    # The axes must have their place before lines are labelled.
    figure.draw_without_rendering()
    label_lines(left, lines)
    about = {
        "data": "scikit-learn load_digits, 1797 images",
        "label": _LABELS[case.label],
        "unit": "bits",
        "H_S": case.H_S,
        "I_SX": case.I_SX,
        "H_X": case.H_X,
        "p_X": case.problem.source_law.tolist(),
        "p_Y": np.asarray(case.problem.target_law).tolist(),
        "certified": case.certified,
        "points": len(case.rows),
        "widest enclosure": case.widest,
        "measured": [
            {"R": c.row["R"], "C": c.row["C"], "D": c.row["D"], "ok": c.drawn.ok, "excess": c.drawn.excess}
            | {reading["quantity"]: reading for reading in c.drawn.rows()}
            for c in case.coded
        ],
    }
    caption = (
        f"The label is {_LABELS[case.label]}: $H(S) = {case.H_S:.3f}$ bit, of which $X$ tells {case.I_SX:.3f} bit. Every"
        f" point is an enclosure proved in exact arithmetic: {case.certified} of {len(case.rows)} certified, the widest"
        f" {case.widest:.1e} wide. Diamonds: coded for real and measured, {_SAMPLES} samples each, with 95 % intervals"
        " (narrower than the mark, mostly)."
    )
    return Picture(f"digits-{case.label}", f"Digits: {case.label}", caption, about, case.rows, figure)


def _points(left: Any, right: Any, coded: tuple[Coded, ...]) -> None:
    """Mark what was measured: rate of the payload, what is left unknown of the label, distortion."""
    style = {"fmt": "D", "color": "C3", "markersize": 5, "markeredgecolor": "white", "capsize": 3, "zorder": 30}
    for i, one in enumerate(coded):
        D, C, R = (one.drawn[name].measured for name in ("distortion", "H(S|Y,U)", "rate"))
        reach = [e.interval()[1] - e.value for e in (D, C, R)]
        left.errorbar(R.value, C.value, reach[1], reach[2], **style)
        right.errorbar(R.value, D.value, reach[0], reach[2], label=None if i else "measured", **style)


def _lines(ax: Any, R: np.ndarray, C: np.ndarray, D: np.ndarray) -> None:
    chosen = _lines_drawn(len(C))
    shades = ordered(len(chosen))[::-1]
    for k, i in enumerate(chosen):
        ax.plot(R[i], D[i], color=shades[k], linewidth=1.6, label=f"$C = {C[i, 0]:.3f}$ bit", zorder=3 + k)
        ax.plot(R[i, 0], D[i, 0], "o", color=shades[k], markersize=5.5, markeredgecolor="white", zorder=20)
    ax.set(xlabel="rate $R$ (bit)", ylabel="distortion $D$ (levels squared)")
