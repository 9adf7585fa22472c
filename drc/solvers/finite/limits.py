"""Which bounds make sense: what is the least that a plan of a finite problem reaches, and from where on a bound is slack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from drc.information import entropy
from drc.information.estimate import Estimate
from drc.problems.bounds import names_of
from drc.problems.finite import Finite
from drc.solvers.finite.door import label_alone, label_given_source
from drc.solvers.finite.sampling import entropies
from drc.solvers.finite.solve import solve_finite
from drc.solvers.outcome import UNCERTAINTIES, Solution
from drc.solvers.request import Clock, clock_for
from drc.types import Real
from drc.units import unit_named


@dataclass(frozen=True)
class Limits:
    """The entropies of a finite problem, the range in which each bound is of use on its own, and the plans at its ends.

    Attributes
    ----------
    source, label, label_given_source : float
        `H(X)`, `H(S)` and `H(S|X)`.
    R, C, D : (float, float)
        The least that a plan reaches, and the least value from which on the bound alone changes nothing: for `R` the rate of
        the best plan, for `C` the entropy of the label, for `D` the distortion of a plan with the least rate.
    nearest : Solution
        The plan of the least distortion, of the least rate with it if that was found.
    silent : Solution
        The plan of the least distortion at rate zero; if there is none, that of the least rate.
    telling : Solution
        The plan that leaves the least of the label unknown.
    unit : {"bits", "nats"}
    further : dict from "D2", "C2", ... to (float, float)
        The same ranges for further costs and labels, each as the only one; the plans are for the first ones.
    uncertainty : {"entropy", "error", "gini"}
        What `label`, `label_given_source` and `C` measure.
    estimates : dict from "source", "label", "label_given_source" to Estimate
        Those of the law behind the samples, where they were counted; the plans have estimates of their own.

    Notes
    -----
    All three are solutions with proved bounds; the ranges are made of what their plans reach. Where a solution has a gap its
    end of the range is the upper bound.
    """

    source: float
    label: float
    label_given_source: float
    R: tuple[float, float]
    C: tuple[float, float]
    D: tuple[float, float]
    nearest: Solution
    silent: Solution
    telling: Solution
    unit: str = "bits"
    further: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    uncertainty: str = "entropy"
    estimates: Mapping[str, Estimate] = field(default_factory=dict)

    def __repr__(self) -> str:
        unit = unit_named(self.unit).short
        word = UNCERTAINTIES[self.uncertainty]
        units = {"R": f" {unit}", "C": f" {unit}" if word == "H" else "", "D": ""}
        entropies = {f"{word}(S)": self.label, f"{word}(S|X)": self.label_given_source}
        lines = [f"H(X) {self.source:.6g} {unit}"]
        lines[0] += "".join(f"  {name} {value:.6g}{units['C']}" for name, value in entropies.items())
        ranges = {"R": self.R, "C": self.C, "D": self.D, **self.further}
        for name, (least, most) in ranges.items():
            lines.append(f"{name} from {least:.6g} to {most:.6g}{units[name[0]]}")
        said = {"source": "H(X)", "label": f"{word}(S)", "label_given_source": f"{word}(S|X)"}
        for name, estimate in self.estimates.items():
            low, high = estimate.interval()
            unit = units["R" if name == "source" else "C"]
            lines.append(f"sampling  {said[name]} in [{max(0.0, low):.4g}, {high:.4g}]{unit} with 95 % confidence")
        return "\n".join(lines)


def limits(problem: Finite, *, unit: str = "bits", time_limit: Real | None = None) -> Limits:
    """Find the range in which each bound is of use.

    The time limit, in seconds, is for all of it.

    Raises `ProblemError` for an unknown unit, or an invalid time limit.

    Examples
    --------
    >>> limits(Finite([[0.5, 0], [0, 0.5]], p_Y=[0.5, 0.5]))
    H(X) 1 bit  H(S) 1 bit  H(S|X) 0 bit
    R from 0 to 1 bit
    C from 0 to 1 bit
    D from 0 to 0.5
    """
    unit, clock = unit_named(unit).name, clock_for(time_limit)
    if problem.costs is not None or problem.labels is not None:
        return _of_several(problem, unit, clock)

    def solved(share: float, **question: object) -> Solution:
        return solve_finite(problem, unit=unit, time_limit=clock.part(share * clock.left), **question)

    nearest = solved(0.2, minimise="D")
    cheapest = solved(0.3, minimise="R", D=nearest.upper)
    nearest = cheapest if cheapest.coupling is not None else nearest
    silent = solved(0.5, minimise="D", R=0)
    silent = silent if silent.coupling is not None else solved(0.5, minimise="R")
    telling = solved(1.0, minimise="C")
    most = label_alone(problem, unit)
    return Limits(
        source=float(entropy(problem.source_law, unit)),
        label=most,
        label_given_source=label_given_source(problem, unit),
        R=(silent.rate if silent.minimise == "R" else 0.0, nearest.rate),
        C=(telling.upper, most),
        D=(min(nearest.distortion, nearest.bounds.get("D", nearest.upper)), silent.distortion),
        nearest=nearest,
        silent=silent,
        telling=telling,
        unit=unit,
        uncertainty=problem.uncertainty,
        estimates=entropies(problem, unit),
    )


def _of_several(problem: Finite, unit: str, clock: Clock) -> Limits:
    """Find the range of each bound where there are several costs or labels, each as the only one."""
    costs, labels = names_of(problem)
    plain = [(name, "D", each.each_label[0]) for name, each in zip(costs, problem.each_cost, strict=True)]
    plain += [(name, "C", each.each_cost[0]) for name, each in zip(labels[1:], problem.each_label[1:], strict=True)]
    found = {}
    for k, (name, letter, alone) in enumerate(plain):
        found[name] = limits(alone, unit=unit, time_limit=clock.part(clock.left / (len(plain) - k))), letter
    further = {name: getattr(one, letter) for name, (one, letter) in found.items() if name != "D"}
    return replace(found["D"][0], further=further)
