"""A trade-off against the certified solver, point by point."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from drc.audit.instances import Instance, instances_of
from drc.expressions.content import ByContent
from drc.problems import Bernoulli
from drc.problems.bounds import names_of
from drc.problems.finite import Finite
from drc.tradeoff import Tradeoff
from drc.types import Progress

#: How near a point may be to the border of the feasible set before the verdicts of two roads may differ.
BAND = 1e-9

#: A few units in the last place of a number near one.
_ULPS = 2.0**-50


@dataclass(frozen=True, eq=False)
class CheckReport(ByContent):
    """How often a trade-off and the solver agreed.

    Attributes
    ----------
    id : str
        The trade-off.
    agreements, disagreements, unknown : int
        An instance is unknown when the solver has an honest gap around the value, or the point lies within 1e-9 of the
        border of the feasible set and the verdicts differ, or the bounds, moved by a few units in the last place, have
        values on both sides of the enclosure: where a trade-off is as steep as a square root at 0, doubles cannot tell
        more.
    largest_difference : float
        Between the value and the enclosure of the solver.
    witness : mapping or None
        The first disagreement.
    """

    id: str
    agreements: int = 0
    disagreements: int = 0
    unknown: int = 0
    largest_difference: float = 0.0
    widest_enclosure: float = 0.0
    witness: Instance | None = None

    @property
    def ok(self) -> bool:
        """Whether there was no disagreement."""
        return self.disagreements == 0

    def __str__(self) -> str:
        total = self.agreements + self.disagreements + self.unknown
        text = (
            f"{self.id}: {total} instances, {self.agreements} agree, {self.disagreements} disagree, {self.unknown}"
            f" unknown; largest difference {self.largest_difference:.1e}, widest enclosure {self.widest_enclosure:.1e}"
        )
        return text if self.witness is None else f"{text}\n  witness: {self.witness}"

    __repr__ = __str__


def check_tradeoff(
    tradeoff: Tradeoff,
    *,
    samples: int = 200,
    seed: int = 0,
    points: Sequence[Instance] | None = None,
    progress: Progress | None = None,
    finite: bool = False,
    **options: object,
) -> CheckReport:
    """Compare a trade-off with the certified solver at random points, corners included.

    Parameters
    ----------
    tradeoff : Tradeoff
        Parameters that it has as numbers are kept; free ones are drawn.
    points : list of mappings from parameter or bound to number, optional
        Where to compare; left out, `samples` points are drawn from the seed.
    progress : function of (description, done, total), optional
    finite : bool
        Whether the solvers for any finite alphabet are asked, instead of the one for this problem.
    **options
        Other arguments of `solve`, such as `time_limit`.

    Examples
    --------
    >>> import drc
    >>> check_tradeoff(drc.Bernoulli().drc(), samples=20).ok
    True
    """
    found: list[tuple[str, float, float, Instance]] = []
    free = [s.name for s in (*tradeoff.parameters, *tradeoff.arguments)]
    drawn = instances_of(tradeoff, samples, seed) if points is None else points
    rows = [{name: point[name] for name in free} for point in drawn]
    values = np.asarray(tradeoff(**{name: np.array([row[name] for row in rows]) for name in free}))
    for done, (instance, value) in enumerate(zip(rows, values.tolist(), strict=True)):
        found.append((*_compared(tradeoff, instance, value, finite, options), instance))
        if progress is not None:
            progress(f"check {tradeoff.id}", done + 1, len(rows))
    counts = Counter(verdict for verdict, *_ in found)
    return CheckReport(
        tradeoff.id,
        *(counts[verdict] for verdict in ("agree", "disagree", "unknown")),
        largest_difference=max(difference for _, difference, *_ in found),
        widest_enclosure=max(width for _, _, width, _ in found),
        witness=next((instance for verdict, *_, instance in found if verdict == "disagree"), None),
    )


def _compared(
    tradeoff: Tradeoff, instance: Instance, value: float, finite: bool, options: dict[str, Any]
) -> tuple[str, float, float]:
    """Return the verdict on one instance, how far the value is from the enclosure, and the width of that."""
    bounds = {s.name: instance[s.name] for s in tradeoff.arguments}
    parameters = {name: value for name, value in instance.items() if name not in bounds}
    # What a problem without free parameters has found out about itself serves all instances.
    problem = tradeoff.problem.changed(**parameters) if parameters else tradeoff.problem
    if problem.parameters.get("q_S1", sp.S.Zero).free_symbols:
        # A label that the theorem does not need is any.
        problem = problem.changed(q_S1=0)
    if finite:
        assert isinstance(problem, Bernoulli)
        problem = problem.finite()
    asked = _asked(problem, bounds) if isinstance(problem, Finite) else bounds
    solution = problem.solve(minimise=tradeoff.value.name, unit=tradeoff.unit.name, **asked, **options)
    lower, upper = solution.lower, solution.upper
    difference = _distance(value, lower, upper)
    if difference <= BAND and solution.status in ("optimal", "infeasible"):
        return "agree", difference, 0.0 if math.isinf(value) else upper - lower
    if difference > BAND and not _rounding_may_matter(tradeoff, instance, value, lower, upper):
        return "disagree", difference, 0.0
    return "unknown", 0.0, 0.0


def _asked(problem: Finite, bounds: Instance) -> dict[str, Any]:
    """Return bounds as `Finite.solve` takes them: those of several costs or labels in a list."""
    asked: dict[str, Any] = {name: value for name, value in bounds.items() if name in ("R", "P")}
    for names in names_of(problem):
        values = [bounds.get(name) for name in names]
        asked[names[0]] = values if len(values) > 1 else values[0]
    return asked


def _distance(value: float, lower: float, upper: float) -> float:
    """Distance from a value to an enclosure; two infinities agree."""
    if lower <= value <= upper:
        return 0.0
    return max(lower - value, value - upper)


def _rounding_may_matter(tradeoff: Tradeoff, instance: Instance, value: float, lower: float, upper: float) -> bool:
    """Whether bounds a band away change the verdict on feasibility, or those a few units of rounding away enclose it all."""
    bounds = {s.name: instance[s.name] for s in tradeoff.arguments}

    def shifted(steps: Instance) -> tuple[float, float]:
        """The values at bounds that are looser and tighter by some steps; only `C` may be negative."""
        looser = {name: value + steps[name] for name, value in bounds.items()}
        tighter = {name: max(-math.inf if name == "C" else 0.0, bounds[name] - steps[name]) for name in bounds}
        return float(tradeoff(**{**instance, **looser})), float(tradeoff(**{**instance, **tighter}))

    feasible = [math.isfinite(value) for value in shifted(dict.fromkeys(bounds, BAND))]
    if math.isinf(_distance(value, lower, upper)) and feasible[0] != feasible[1]:
        return True
    least, most = shifted({name: _ULPS * max(1.0, abs(value)) for name, value in bounds.items()})
    return least - BAND <= lower and upper <= most + BAND
