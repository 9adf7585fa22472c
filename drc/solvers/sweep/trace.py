"""One question at many bounds: what curves and surfaces have in common."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from drc import doors
from drc.errors import ProblemError, must
from drc.expressions.content import ByContent
from drc.files import csv_of, write_whole
from drc.numbers import whole
from drc.problems.bounds import bounds_by_name, bounds_in_lists, names_of
from drc.problems.finite import Finite
from drc.problems.problem import Problem
from drc.problems.validation import choice, number, numbers_given
from drc.solvers.finite.door import label_alone, label_given_source
from drc.solvers.outcome import UNCERTAINTIES, Solution
from drc.solvers.request import Clock, clock_for
from drc.strict_json import to_json
from drc.types import Progress, Reals
from drc.typeset.tables import render
from drc.units import unit_named

#: The bounds, in the order in which they are written.
BOUNDS = ("R", "D", "P", "C")

#: The status of a point that was never requested, because the work was stopped.
NOT_REACHED = "not reached"


@dataclass(frozen=True, eq=False, kw_only=True)
class Trace(ByContent):
    """The least `D` or `R` at many bounds, each with proved bounds.

    Attributes
    ----------
    problem : str
        The problem, described.
    minimise : {"D", "R"}
    unit : {"bits", "nats"}
    axes : dict from "R", "D", "P" or "C" to array
        The bounds that vary, in increasing order on a curve; "D2", "C2", ... are those of further costs and labels.
    held : dict from "R", "D", "P" or "C" to float
        The bounds that do not.
    value, lower, upper : array
        `inf` where infeasible. The shape is that of the axes, in their order.
    status : array of str, of the same shape
        As in `Solution`; "not reached" if the work was stopped before.
    stopped : {"", "time limit", "interrupted"}
        Why there are fewer points than were wanted; empty if there are not.
    measure : str
        The perception measure, if there is one.
    sees : str
        What the classifier sees.
    uncertainty : {"entropy", "error", "gini"}
        What `C` bounds.
    sampled : array of shape (2, ...) or None
        If the law was counted from samples: where the optimum of the law behind them is with 95 % confidence, both ends, as
        `Solution.estimate` says; NaN where that is not known.
    """

    problem: str
    minimise: str
    unit: str
    axes: dict[str, np.ndarray]
    held: dict[str, float]
    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    status: np.ndarray
    stopped: str = ""
    measure: str = ""
    sees: str = "Y,U"
    uncertainty: str = "entropy"
    sampled: np.ndarray | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of the table."""
        return (*self.axes, self.minimise, "lower", "upper", *self._of_samples(), "status")

    def table(self) -> list[dict[str, float | str]]:
        """Return one row per point: the bounds that vary, the value, its bounds, the status."""
        rows = []
        for index in np.ndindex(self.value.shape):
            at = {name: float(values[i]) for (name, values), i in zip(self.axes.items(), index, strict=True)}
            found = {self.minimise: self.value, "lower": self.lower, "upper": self.upper, **self._of_samples()}
            numbers = {name: float(array[index]) for name, array in found.items()}
            rows.append({**at, **numbers, "status": str(self.status[index])})
        return rows

    def _of_samples(self) -> dict[str, np.ndarray]:
        return {} if self.sampled is None else dict(zip(("sampled_from", "sampled_to"), self.sampled, strict=True))

    def to_csv(self) -> str:
        """Return the table as CSV, every number in full."""
        return csv_of(self.table())

    def to_json(self) -> str:
        """Return the table as JSON, one object per point; `inf` and NaN are the strings "inf" and "nan"."""
        return to_json(self.table(), indent=2) + "\n"

    def latex(self, *, digits: int = 4) -> str:
        r"""Return the table in LaTeX, which needs booktabs; numbers are rounded to these decimals.

        Raises
        ------
        ProblemError
            For decimals that are not a whole number from 0 to 12.
        """
        whole("digits", digits, 0, 12)
        units = {"R": f" ({unit_named(self.unit).short})", "D": "", "P": ""}
        units["C"] = units["R"] if self.uncertainty == "entropy" else ""
        names = (*self.axes, self.minimise)
        written = {n: f"${n[0]}{n[1:] and f'_{{{n[1:]}}}'}${units[n[0]]}" for n in names}
        words = {"sampled_from": "from", "sampled_to": "to (95\\,\\% of samples)"}
        rows = [[_cell(value, digits) for value in row.values()] for row in self.table()]
        return render([written.get(name) or words.get(name, name) for name in self.columns], rows, "latex")

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write all points as a JSON file; what `drc.load` reads is equal to it.

        Raises
        ------
        NotAvailableError
            If a certificate is too deep a tree for it.
        """
        return write_whole(path, to_json(doors.saved(self)) + "\n")

    def frame(self) -> object:
        """Return the table as a pandas DataFrame.

        Raises
        ------
        ProblemError
            If pandas is not installed: nothing else here needs it.
        """
        try:
            pandas = import_module("pandas")
        except ImportError:
            raise ProblemError(
                "frame() needs pandas, which is not installed: pip install pandas, or use table() or to_csv()"
            ) from None
        return pandas.DataFrame(self.table(), columns=list(self.columns))

    def label(self, name: str) -> str:
        """Name a quantity with its unit, as on an axis."""
        unit = unit_named(self.unit).short
        measured = f" ({self.measure})" if self.measure else ""
        letter, number = name[0], name[1:] and f"_{name[1:]}"
        measure = "H" if self.uncertainty == "entropy" else rf"\mathrm{{{UNCERTAINTIES[self.uncertainty]}}}"
        unknown = rf"bound ${letter}{number}$ on ${measure}(S{number}\,|\,{self.sees})$"
        unknown += f" ({unit})" if self.uncertainty == "entropy" else ""
        words = {"D": f"distortion $D{number}$", "R": f"rate $R$ ({unit})", "C": unknown}
        return words.get(letter, f"perception bound $P${measured}")

    def _said_of_held(self) -> str:
        return ", ".join(f"{name} = {bound:g}" for name, bound in self.held.items())


class Sweep(TypedDict, total=False):
    """What is asked of curves and surfaces alike.

    `R`, `C`, `D` and `P` are bounds, a list of one for each of several costs or labels. `minimise` is "D" (the default) or
    "R"; `time_limit` is for all points together. The rest is as in `solve`, for each point.
    """

    R: Reals | str | None
    C: Reals | str | Sequence[Reals | str | None] | None
    D: Reals | str | Sequence[Reals | str | None] | None
    P: Reals | str | None
    minimise: str
    tolerance: float
    time_limit: float | None
    method: str | None
    unit: str
    perception: str
    reference: object
    progress: Progress | None


@dataclass
class Asking:
    """Asks a problem at one bound after the other, until there is no more time or somebody stops it.

    `options` are what `solve` is given besides the bounds. All points share the `clock`, and each of those `wanted`
    gets its share of the time that is left. `stopped` says why the asking stopped; it is empty while it goes on.
    """

    problem: Problem
    options: dict[str, object]
    clock: Clock
    progress: Progress | None = None
    wanted: int = 1
    stopped: str = ""
    done: int = 0
    last: Solution | None = None

    @classmethod
    def of(cls, problem: Problem, question: Sweep) -> tuple[Asking, dict[str, object]]:
        """Read a question; return the bounds that are given as well, in the order in which they are written.

        Raises `ProblemError` for an unknown objective or unit, a bound on what is minimised, or an invalid time limit.
        """
        options: dict[str, Any] = {"minimise": "D", **question}
        given = bounds_by_name(problem, {name: options.pop(name, None) for name in BOUNDS})
        bounds = asked(options["minimise"], given)
        options["unit"] = unit_named(options.get("unit", "bits")).name
        clock, progress = clock_for(options.pop("time_limit", None)), options.pop("progress", None)
        return cls(problem, options, clock, progress), bounds

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the bounds, in the order in which they are written."""
        costs, labels = names_of(self.problem) if isinstance(self.problem, Finite) else (("D",), ("C",))
        return ("R", *costs, "P", *labels)

    def at(self, bounds: Mapping[str, float | str], start: Solution | None = None) -> Solution | None:
        """Solve at these bounds; None if the asking has been stopped.

        It starts from the answer at bounds near by; left out, from the last one.
        """
        # The first point is requested however little time there is: a trace without any says nothing.
        if self.done or self.clock.interrupted:
            self.stopped = self.stopped or self.clock.stopped
        if self.stopped:
            return None
        options: dict[str, Any] = {**self.options, **bounds_in_lists(self.problem, bounds), "start": start or self.last}
        # More points than a double can count are as good as requested without an end.
        share = self.clock.part(self.clock.left / max(1, min(self.wanted, 10**9) - self.done))
        try:
            # `solve` is given to problems from above.
            problem: Any = self.problem
            found = problem.solve(**options, time_limit=share)
        except KeyboardInterrupt:
            # Pressed twice: not even the point at hand is waited for.
            if self.last is None:
                raise
            self.clock.interrupted, self.stopped = True, "interrupted"
            return None
        if found.status == "interrupted" or self.clock.interrupted:
            self.stopped = "interrupted"
        self.last, self.done = found, self.done + 1
        if self.progress:
            at = ", ".join(f"{name} = {bound:.4g}" for name, bound in bounds.items() if name[0] in BOUNDS)
            self.progress(f"solve at {at}", self.done, max(self.wanted, self.done))
        return found

    def described(self) -> dict[str, str]:
        """Return the fields of a trace that say what was asked, and why the asking stopped."""
        last, asked = self.last, {name: str(self.options[name]) for name in ("minimise", "unit")}
        seen = {"measure": "", "sees": "Y"}
        if last is not None:
            seen = {"measure": last.measure, "sees": last.sees, "uncertainty": last.uncertainty}
        return {"problem": repr(self.problem), "stopped": self.stopped} | asked | seen


def _cell(value: float | str, digits: int) -> str:
    if isinstance(value, str):
        return value
    known = {math.inf: r"$\infty$"} if not math.isnan(value) else {value: "--"}
    return known.get(value) or f"${value:.{digits}f}$"


def arrays_of(points: Iterable[tuple[float, float, float, str]], shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Return the arrays of a trace from the value, the bounds and the status of each point."""
    *numbers, status = zip(*points, strict=True)
    found = {name: np.array(column, float) for name, column in zip(("value", "lower", "upper"), numbers, strict=True)}
    found["status"] = np.array(status, dtype="<U12")
    return {name: array.reshape(shape) for name, array in found.items()}


def sampled(solutions: Iterable[Solution | None], shape: tuple[int, ...]) -> np.ndarray | None:
    """Return the ends of the confidence intervals of solutions; None if none has one."""
    estimates = [None if s is None else s.estimate for s in solutions]
    if not any(estimates):
        return None
    ends = [(math.nan, math.nan) if e is None else e.interval() for e in estimates]
    return np.maximum(np.array(ends).T, 0.0).reshape(2, *shape)


def asked(minimise: str, bounds: Mapping[str, object]) -> dict[str, object]:
    """Return the bounds that are given, in the order in which they are written.

    Raises `ProblemError` for an unknown objective, or a bound on it.

    Examples
    --------
    >>> asked("D", {"C": 1, "R": (0, 2), "D": None})
    {'R': (0, 2), 'C': 1}
    """
    choice("minimise", minimise, ("D", "R"))
    if bounds.get(minimise) is not None:
        other = "R" if minimise == "D" else "D"
        raise ProblemError(f"{minimise} must be left out: it is minimised; bounds are on {other}, P and C")
    written = sorted(bounds, key=lambda name: (BOUNDS.index(name[0]), name))
    return {name: bounds[name] for name in written if bounds[name] is not None}


def values_of(name: str, given: object) -> np.ndarray:
    """Return bounds that a user listed as an array.

    Raises `ProblemError` if they are not numbers, or have more than one dimension.

    Examples
    --------
    >>> values_of("R", [0, 1]).tolist()
    [0.0, 1.0]
    """
    array = np.atleast_1d(numbers_given(name, given))
    if array.ndim != 1 or array.size == 0:
        raise must(name, "be a list of bounds, of shape (n,)", array)
    return array


def varies(given: object) -> bool:
    """Whether a user gave more than one number: a list, a range or an array."""
    return isinstance(given, list | tuple | range) or getattr(given, "ndim", 0) > 0


def is_range(given: object) -> bool:
    """Whether a user gave the two ends of a range: a pair, as a tuple."""
    return isinstance(given, tuple) and len(given) == 2


def ends_of(name: str, given: object) -> tuple[float, float]:
    """Return the ends of a range.

    Raises `ProblemError` if they are not finite, or the first is not the smaller.

    Examples
    --------
    >>> ends_of("R", (0, 1.5))
    (0.0, 1.5)
    """
    pair: Any = given
    low, high = (float(number(name, end)) for end in pair)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise must(name, "be (low, high) with low < high, both finite", given)
    return low, high


def whole_range(name: str, minimise: str, held: dict[str, float], asking: Asking) -> tuple[float, float]:
    """Return the range of a bound in which the optimum changes.

    Raises `ProblemError` if there is no such range, as for the rate of a Gaussian.
    """
    problem: Any = asking.problem
    if name[0] == "C":
        # Between H(S|X) and H(S).
        problem = problem.finite() if hasattr(problem, "finite") else problem
        if not hasattr(problem, "joint_law"):
            raise ProblemError("C must be given, as C=(low, high): it has no least value that matters")
        alone, unit = problem.each_label[int(name[1:] or 1) - 1], str(asking.options["unit"])
        low, high = label_given_source(alone, unit), label_alone(alone, unit)
    elif name[0] == "D":
        # Of a further cost the least that there is: what the other bounds leave of it is seen on the way.
        further = problem.each_cost[int(name[1:]) - 1].each_label[0] if name != "D" else None
        own = asking if further is None else replace(asking, problem=further, last=None)
        least = own.at({**(held if further is None else {}), "minimise": "D"})
        cheapest = asking.at({**held})
        reached = None if cheapest is None else {"D": cheapest.distortion, **cheapest.further}[name]
        low, high = (math.inf, math.inf) if least is None or reached is None else (least.upper, reached)
    else:
        free = asking.at({**held})
        low, high = 0.0, math.inf if free is None else {"R": free.rate, "P": free.perception}[name]
    asking.last = None
    if not (math.isfinite(low) and math.isfinite(high)) and (asking.stopped or asking.clock.over):
        if asking.clock.interrupted:
            raise KeyboardInterrupt
        raise ProblemError(f"time_limit must leave time to find the range of {name}; give more, or {name}=(low, high)")
    if not math.isfinite(low):
        raise ProblemError(
            f"{name} must be given, as {name}=(low, high): no plan meets the other bounds, so it has no range"
        )
    if not math.isfinite(high):
        raise ProblemError(f"{name} must be given, as {name}=(low, high): it has no largest value that matters")
    return low, high if high > low else low + 1e-6 * (abs(low) or 1.0)


def is_convex(problem: Problem, names: tuple[str, ...]) -> bool:
    """Whether the optimum is a convex function of the bounds with these names.

    Time can be shared where the common randomness, or the block index, is known to the classifier; and where there is no
    bound `C`, because only that one is not convex in the channel.

    Examples
    --------
    >>> from drc.problems import Bernoulli
    >>> [is_convex(Bernoulli(0.3, 0.4, 0.1, setting), ("R", "C")) for setting in ("one-shot", "asymptotic")]
    [True, False]
    """
    shared = any(word in problem.id for word in ("YU", "time-shared", "gaussian.vector"))
    return shared or not any(name[0] == "C" for name in names)
