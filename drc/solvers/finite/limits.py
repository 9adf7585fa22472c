"""Which bounds make sense: what is the least that a plan of a finite problem reaches, and from where on a bound is slack."""

from __future__ import annotations

from dataclasses import dataclass

from drc.information import conditional_entropy, entropy
from drc.problems.finite import Finite
from drc.solvers.finite.solve import solve_finite
from drc.solvers.outcome import Solution
from drc.solvers.request import clock_for
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

    def __repr__(self) -> str:
        unit = unit_named(self.unit).short
        entropies = {"H(X)": self.source, "H(S)": self.label, "H(S|X)": self.label_given_source}
        lines = ["  ".join(f"{name} {value:.6g} {unit}" for name, value in entropies.items())]
        for name in "RCD":
            least, most = getattr(self, name)
            lines.append(f"{name} from {least:.6g} to {most:.6g}{'' if name == 'D' else f' {unit}'}")
        return "\n".join(lines)


def limits(problem: Finite, *, unit: str = "bits", time_limit: Real | None = None) -> Limits:
    """Find the range in which each bound is of use.

    Parameters
    ----------
    problem : Finite
    unit : {"bits", "nats"}
    time_limit : float, optional
        Seconds for all of it.

    Raises
    ------
    ProblemError
        For an unknown unit, or an invalid time limit.

    Examples
    --------
    >>> limits(Finite([[0.5, 0], [0, 0.5]], p_Y=[0.5, 0.5]))
    H(X) 1 bit  H(S) 1 bit  H(S|X) 0 bit
    R from 0 to 1 bit
    C from 0 to 1 bit
    D from 0 to 0.5
    """
    unit, clock = unit_named(unit).name, clock_for(time_limit)

    def solved(share: float, **question: object) -> Solution:
        return solve_finite(problem, unit=unit, time_limit=clock.part(share * clock.left), **question)

    nearest = solved(0.2, minimise="D")
    cheapest = solved(0.3, minimise="R", D=nearest.upper)
    nearest = cheapest if cheapest.coupling is not None else nearest
    silent = solved(0.5, minimise="D", R=0)
    silent = silent if silent.coupling is not None else solved(0.5, minimise="R")
    telling = solved(1.0, minimise="C")
    most = float(entropy(problem.label_law, unit))
    return Limits(
        source=float(entropy(problem.source_law, unit)),
        label=most,
        label_given_source=float(conditional_entropy(problem.joint_law, unit)),
        R=(silent.rate if silent.minimise == "R" else 0.0, nearest.rate),
        C=(telling.upper, most),
        D=(min(nearest.distortion, nearest.bounds.get("D", nearest.upper)), silent.distortion),
        nearest=nearest,
        silent=silent,
        telling=telling,
        unit=unit,
    )
