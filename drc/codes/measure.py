"""A code measured: bits from the bytes of a file, everything else from what was decoded from them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from drc.codes import statistics
from drc.codes.container import Sizes
from drc.codes.sources import label_bits, label_joint
from drc.codes.statistics import Estimate, LawTest
from drc.errors import must
from drc.expressions.content import ByContent
from drc.files import csv_of
from drc.information.discrete import conditional_entropy
from drc.problems import Finite, Gaussian
from drc.problems.validation import choice
from drc.strict_json import to_json
from drc.typeset.tables import FORMS, render
from drc.units import unit_named

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from drc.solvers import Curve, Solution

#: What a code must meet the theory within, in standard errors, and the p-value that is as rare.
NEAR, RARE = 4.0, 6.3e-5

_HEAD = ("quantity", "measured", "error", "95 % interval", "theory", "z")

#: Samples of the longest measurement.
MOST_SAMPLES = 10**8


@dataclass(frozen=True, eq=False)
class Theory(ByContent):
    """What a code reaches on average, by its definition; measured numbers are compared with these.

    Attributes
    ----------
    rate : float
        Bits per symbol.
    rate_is : str
        What the rate is, such as "H(Y|U)".
    distortion : float
        `E d(X, Y)`.
    classification : float
        In bits, as the problem reads it.
    sees : {"Y,U", "Y", "Y,Q"}
        What the classifier sees in `classification`.
    output_law : array of shape (n_Y,), or None
        The law of `Y` on a finite alphabet; of a normal one, mean and standard deviation.
    limit : float or None
        The least rate that the theorem allows for this distortion and this classification; None if that is `rate`.
    block_length : int
        The number of symbols that depend on each other.
    correlation : float or None
        Of `X` and `Y`, if they are numbers.
    """

    rate: float
    rate_is: str
    distortion: float
    classification: float
    sees: str
    output_law: np.ndarray | None = None
    limit: float | None = None
    block_length: int = 1
    correlation: float | None = None


@dataclass(frozen=True)
class Reading:
    """A quantity that was measured, and what the theory says of it.

    Attributes
    ----------
    name : str
        Such as "H(S|Y,U)".
    unit : str
        "bit", or empty.
    theory : float or None
        Of this code; None where there is none.
    """

    name: str
    unit: str
    measured: Estimate
    theory: float | None = None

    @property
    def z(self) -> float:
        """How many standard errors the value lies above the theory; nan without a theory or an error."""
        return math.nan if self.theory is None else self.measured.z(self.theory)

    @property
    def cells(self) -> tuple[str, ...]:
        """The reading as a row of a table."""
        low, high = self.measured.interval()
        unit = f" ({self.unit})" if self.unit else ""
        theory = "" if self.theory is None else f"{self.theory:.5f}"
        z = "" if math.isnan(self.z) else f"{self.z:+.1f}"
        ends = (f"{self.measured.error:.5f}", f"[{low:.5f}, {high:.5f}]") if math.isfinite(low) else ("", "")
        return (self.name + unit, f"{self.measured.value:.5f}", *ends, theory, z)


@dataclass(frozen=True, eq=False, repr=False)
class Measurement(ByContent):
    """What a code does: measured, and what the theory says.

    Attributes
    ----------
    kind : str
        Of the code.
    bounds : mapping from letter to number
        The operating point that was requested, in bits.
    n : int
        Samples.
    block : int
        Samples that are coded together, apart from the entropy coder.
    limit : float
        The least rate, in bits per sample, that the theorem allows for what this code reaches.
    sizes : Sizes
        Where the bytes are.
    readings : tuple of Reading
        Rate, distortion, and what is left unknown of the label; bits per sample where it is information.
    law : LawTest or None
        Whether the output has the law that it should have.
    encode_speed, decode_speed : float
        Symbols a second.
    """

    kind: str
    problem: str
    bounds: dict[str, float]
    n: int
    block: int
    seed: int
    limit: float
    sizes: Sizes
    readings: tuple[Reading, ...]
    law: LawTest | None
    encode_speed: float
    decode_speed: float

    def __getitem__(self, name: str) -> Reading:
        """Return a reading by its name: "rate", "distortion", "H(S|Y)" ..."""
        for reading in self.readings:
            if reading.name == name:
                return reading
        raise must("the name of a reading", f"be one of {', '.join(r.name for r in self.readings)}", name)

    @property
    def classification(self) -> Reading:
        """What is left unknown of the label, to the classifier of the problem."""
        return self.readings[2]

    @property
    def rate(self) -> float:
        """Bits per sample of the payloads: without the header, the frames and their checksums."""
        return self.sizes.payload_rate

    @property
    def excess(self) -> float:
        """How many bits per sample the rate lies above the theorem."""
        return self.rate - self.limit

    @property
    def ok(self) -> bool:
        """Whether everything but the rate is within four standard errors of the theory, or as likely as that."""
        near = all(abs(r.z) <= NEAR for r in self.readings if r.theory is not None and r.name != "rate")
        return near and (self.law is None or self.law.p_value >= RARE)

    def __repr__(self) -> str:
        sizes = self.sizes
        rows = [_HEAD, *(r.cells for r in self.readings)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join([name.ljust(widths[0]), *(c.rjust(w) for c, w in zip(cells, widths[1:], strict=True))])
            for name, *cells in rows
        ]
        at = ", ".join(f"{name} = {bound:g}" for name, bound in self.bounds.items())
        return "\n".join(
            [
                f"{self.kind} code{' at ' + at if at else ''}: {self.n} samples, seed {self.seed}",
                *(line.rstrip() for line in lines),
                *([] if self.law is None else [f"law of Y: {self.law}"]),
                f"the rate is {abs(self.excess):.5f} bit {'above' if self.excess >= 0 else 'below'} the theorem's"
                f" {self.limit:.5f} bit, at block length {self.block}",
                f"the file has {sizes.file_bytes} bytes, {sizes.payload_bytes} of them payload:"
                f" {sizes.file_rate:.5f} bit per sample",
                f"encoded {self.encode_speed:.3g} and decoded {self.decode_speed:.3g} symbols a second",
            ]
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain data."""
        named = ("statistic", "p_value", "level", "rejected")
        law = self.law and {"test": self.law.name, **{name: getattr(self.law, name) for name in named}}
        names = ("kind", "problem", "bounds", "n", "block", "seed", "rate", "limit", "excess", "ok")
        bytes_ = {name: getattr(self.sizes, f"{name}_bytes") for name in ("file", "header", "frame", "payload")}
        return {
            **{name: getattr(self, name) for name in names},
            "bytes": bytes_,
            "readings": self.rows(),
            "law": law,
            "symbols_per_second": {"encode": self.encode_speed, "decode": self.decode_speed},
        }

    def rows(self) -> list[dict[str, object]]:
        """Return the readings as mappings from column to value; None where there is no theory, or no error is known."""
        found = []
        for r in self.readings:
            low, high = r.measured.interval()
            ends = {"value": r.measured.value, "error": r.measured.error, "low": low, "high": high}
            row = {"quantity": r.name, "unit": r.unit, **ends, "theory": r.theory, "z": r.z}
            found.append({key: None if value != value else value for key, value in row.items()})
        return found

    def to_json(self) -> str:
        """Return `to_dict` as JSON; infinite numbers are the string "inf"."""
        return to_json(self.to_dict(), indent=2) + "\n"

    def to_csv(self) -> str:
        """Return the readings as CSV, in full."""
        return csv_of(self.rows())

    def table(self, form: str = "latex") -> str:
        """Return the readings as a table; the form is "latex", "csv" or "html"."""
        choice("form", form, FORMS)
        if form == "csv":
            return self.to_csv()
        return render([_set(c) for c in _HEAD], [[_set(c) for c in r.cells] for r in self.readings], form)

    def plot(
        self,
        curve: Curve | None = None,
        ax: Axes | None = None,
        *,
        label: str | None = None,
        style: str | None = None,
    ) -> Axes:
        """Put the measured point, with 95 % intervals of both numbers, on a trade-off curve of distortion against rate.

        Parameters
        ----------
        curve : Curve or Tradeoff, optional
            Of `D` along `R` in bits, at the operating point's other bounds; left out, only the least rate for what the code
            reaches is drawn beside the point.
        ax, style
            As in `Tradeoff.plot`; axes given put several points on one curve.
        label : str, optional
            What the legend calls the point; left out, the kind of the code and its block length.

        Returns
        -------
        matplotlib axes
            The full point is the rate of the payload, the hollow one that of the whole file.
        """
        from drc.tradeoff.style import drawing, ruled

        with drawing(ax, style) as ax:
            if curve is not None:
                _draw_curve(ax, curve, self)
            rate, D = (self[name].measured for name in ("rate", "distortion"))
            # A code without random symbols has a rate of its own and no interval.
            reach = [[e.interval()[1] - e.value if math.isfinite(e.error) else 0.0] for e in (D, rate)]
            label = label or f"{self.kind} code, $n = {self.n}$, block length {self.block}"
            # The curve has the first colour.
            look = {"color": f"C{1 + len(ax.containers)}", "markersize": 5, "zorder": 5}
            ax.errorbar(self.rate, D.value, *reach, fmt="o", capsize=3, label=label, **look)
            ax.plot(self.sizes.file_rate, D.value, "o", fillstyle="none", label="its whole file", **look)
            if curve is None:
                ax.plot(self.limit, D.value, "k|", markersize=12, label="least rate for what it reaches")
            ax.set(xlabel="rate $R$ (bit)", ylabel="distortion $D$")
            ruled(ax, legend=True)
        return ax


def in_bits(solution: Solution) -> dict[str, float]:
    """Return the bounds that were requested of a solution, those on information in bits."""
    bits = unit_named(solution.unit).in_nats / math.log(2)
    information = ("R", "C", "P") if solution.measure == "KL" else ("R", "C")
    return {name: bound * bits if name in information else bound for name, bound in solution.bounds.items()}


def readings(
    problem: Finite | Gaussian,
    theory: Theory,
    solution: Solution,
    sizes: Sizes,
    symbols: tuple[np.ndarray, np.ndarray, np.ndarray],
    beside: Mapping[str, np.ndarray],
) -> tuple[Reading, ...]:
    """Read rate, distortion and what is left unknown of the label off labels, source symbols and decoded ones.

    `beside` is what a classifier may see beside the decoded symbols, as `Codec.side_information` has it.
    """
    s, x, y = symbols
    if isinstance(problem, Finite):
        costs = problem.distortions
        paid, span = costs[x, y], float(np.ptp(costs[np.isfinite(costs)]))
        unknown = _unknown(problem, theory, solution, s, y, beside)
    else:
        paid, span, unknown = (x - y) ** 2, 0.0, (_unknown_by_a_line(problem, theory, s, y),)
    # How far the rate wanders with the samples is how far `-log p(y|u)` does, where there are maps.
    wanders = statistics.label_entropy(y, beside["Y,U"]).error if "Y,U" in beside else math.nan
    rate = Estimate(sizes.payload_rate, wanders, sizes.payload_rate, 8 / sizes.symbols)
    distortion = statistics.mean(paid, block=theory.block_length, span=span)
    return (
        Reading("rate", "bit", rate, theory.rate),
        Reading("distortion", "", distortion, theory.distortion),
        *unknown,
    )


def _unknown(
    problem: Finite, theory: Theory, solution: Solution, s: np.ndarray, y: np.ndarray, beside: Mapping[str, np.ndarray]
) -> tuple[Reading, ...]:
    """What is left unknown of the label, first to the classifier of the problem."""
    of_y = float(conditional_entropy(label_joint(problem, np.asarray(solution.coupling, float))))
    known = {"Y": of_y, theory.sees: theory.classification}
    found = {
        sees: Reading(f"H(S|{sees})", "bit", statistics.label_entropy(s, y, *more), known.get(sees))
        for sees, *more in (("Y",), *beside.items())
    }
    return (found.pop(theory.sees), *found.values())


def _unknown_by_a_line(problem: Gaussian, theory: Theory, s: np.ndarray, y: np.ndarray) -> Reading:
    """`h(S|Y)` as the best line leaves it: the truth is at most this, and is this where `S` and `Y` are jointly normal."""
    s_S, s_X, theta = (float(getattr(problem, name)) for name in ("sigma_S", "sigma_X", "theta"))
    found = statistics.normal_label_entropy(s, y, label_bits(s_S), block=theory.block_length)
    assert theory.correlation is not None  # a code for a Gaussian has one
    rho = theta / (s_S * s_X) * theory.correlation
    return Reading("h(S|Y) by a line", "bit", found, label_bits(s_S, rho))


def law_test(problem: Finite | Gaussian, theory: Theory, y: np.ndarray) -> LawTest | None:
    """Test whether decoded symbols have the law that the theory gives them; None where it gives none."""
    law = theory.output_law
    if law is None:
        return None
    if isinstance(problem, Finite):
        return statistics.finite_law_test(y, law)
    return statistics.normal_law_test(y, *law, block=theory.block_length)


def _draw_curve(ax: Any, curve: Any, measured: Measurement) -> None:
    """Draw a curve, or a trade-off over the rate at the other bounds of the operating point."""
    if hasattr(curve, "along"):
        if (curve.minimise, curve.along, curve.unit) != ("D", "R", "bits"):
            given = f"{curve.minimise} along {curve.along} in {curve.unit}"
            raise must("curve", "give D along R in bits", got=given)
        curve.plot(ax)
        return
    if (curve.value.name, curve.unit.name) != ("D", "bits"):
        raise must("curve", "give D in bits", got=f"{curve.value.name} in {curve.unit.name}")
    names = {s.name for s in curve.arguments} - {"R"}
    held = {name: bound for name, bound in measured.bounds.items() if name in names}
    rates = np.linspace(0, 1.1 * max(measured.rate, measured.sizes.file_rate, 0.1), 401)
    values = curve(R=rates, **held)
    shown = np.isfinite(values)
    ax.plot(rates[shown], values[shown], color="C0", label="theorem")
    ax.grid(visible=True, color="0.9", linewidth=0.6)
    ax.set_axisbelow(True)


def _set(cell: str) -> str:
    """Set a cell of a table: what is mathematics stands between dollar signs."""
    name, bracket, rest = cell.partition(")")
    if name[:2] in ("H(", "h("):
        return f"${name.replace('|', chr(92) + 'mid ')}{bracket}${rest}"
    return cell.replace(" %", r"\,\%")
