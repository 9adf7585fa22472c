"""The third road: codes at operating points of a theorem, measured, and compared with its formula."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from drc.audit.instances import Instance, instances_of
from drc.codes.codec import Codec
from drc.codes.measure import Measurement
from drc.codes.schemes import code_of
from drc.errors import ProblemError
from drc.tradeoff import Tradeoff
from drc.types import Progress

#: The problems that codes are known for, by their ids.
CODED = (
    *("bernoulli.one-shot.YU", "bernoulli.one-shot.Y", "bernoulli.one-shot.Y.time-shared", "bernoulli.asymptotic.Y"),
    "gaussian.asymptotic",
)

#: How many instances are drawn at most to find the points: some are infeasible, and some need no bits at all.
_TRIES = 200

#: What the numbers of a code, whose weights are whole numbers, may be off.
_ROUNDING = 1e-6

#: Samples for each kind of code.
_SAMPLES = {"one-shot": 200_000, "dithered-lattice": 50_000, "channel-simulation": 3_200}

#: Bits per sample: with fewer there is nothing to code.
_LEAST_RATE = 0.05


@dataclass(frozen=True)
class Achieved:
    """What codes reach of a theorem.

    Attributes
    ----------
    id : str
        The theorem.
    measurements : tuple of Measurement
        One for each operating point.
    agreements, disagreements : int
        A point agrees if the theory of the code is what the formula says, and what was measured (distortion, output law,
        what is left unknown of the label) is within four standard errors of it.
    largest_difference : float
        Between a measured distortion and that of the code in theory.
    excess : float
        Bits per sample of the payload above the least rate for what the code reaches, at the point where it is farthest;
        the samples drawn may have taken less.
    block : int
        The block length.
    witness : mapping or None
        The first point that disagrees.
    """

    id: str
    measurements: tuple[Measurement, ...]
    agreements: int
    disagreements: int
    largest_difference: float
    excess: float
    block: int
    witness: Instance | None


def achieved(
    tradeoff: Tradeoff,
    *,
    points: int = 2,
    samples: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Achieved | None:
    """Code at random operating points of a theorem about bits or normal sources, and compare with its formula.

    Parameters
    ----------
    tradeoff : Tradeoff
        In bits. Parameters that it has as numbers are kept; free ones are drawn.
    points : int
        Operating points.
    samples : int, optional
        Samples that are coded at each; left out, what the kind of code does in about a tenth of a second.
    progress : function of (description, done, total), optional

    Returns
    -------
    Achieved
        None for a problem that no code here is for.

    Raises
    ------
    ProblemError
        If no operating point is found.

    Examples
    --------
    >>> import drc
    >>> found = achieved(drc.Bernoulli().drc(), points=1, samples=1000)
    >>> found.agreements, found.disagreements, found.block
    (1, 0, 1)
    """
    if tradeoff.problem.id not in CODED:
        return None
    found: list[tuple[_Point, Measurement]] = []
    for point in islice(_points(tradeoff, seed), points):
        found.append((point, point.code.measure(samples or _SAMPLES[point.code.kind], seed=seed)))
        if progress is not None:
            progress(f"code {tradeoff.id}", len(found), points)
    if not found:
        raise ProblemError(f"{tradeoff.id} has no operating point that needs bits, among {_TRIES} random ones")
    wrong = [point.instance for point, measured in found if not (measured.ok and point.meets)]
    return Achieved(
        id=tradeoff.id,
        measurements=tuple(measured for _, measured in found),
        agreements=len(found) - len(wrong),
        disagreements=len(wrong),
        largest_difference=max(abs(measured["distortion"].measured.value - p.code.distortion) for p, measured in found),
        excess=max((measured.excess for _, measured in found), key=abs),
        block=max(measured.block for _, measured in found),
        witness=wrong[0] if wrong else None,
    )


@dataclass(frozen=True)
class _Point:
    """An operating point: numbers for the parameters and the bounds, and a code."""

    formula: Callable[..., Any]
    minimised: str
    bounds: Instance
    instance: Instance
    code: Codec

    @property
    def meets(self) -> bool:
        """Whether what the code reaches on average is what the formula says."""
        theory, solution = self.code.theory, self.code.solution
        assert solution is not None  # the code was made of it
        own = {"R": theory.rate if theory.limit is None else theory.limit, "D": theory.distortion}
        if _near(own["D"], solution.distortion) and _near(own["R"], solution.rate):
            reached = own | {"C": theory.classification}
            kept = [reached[name] <= bound + _ROUNDING for name, bound in self.bounds.items() if name != "P"]
            return all(kept) and _near(float(self.formula(**self.bounds)), own[self.minimised])
        # A code above the limit is compared with the formula at the least rate for what it does reach.
        other = {"R": "D", "D": "R"}[self.minimised]
        perception = {name: bound for name, bound in self.bounds.items() if name == "P"}
        above = own[self.minimised] - float(self.formula(**{other: own[other]}, **perception))
        # With a law of `Y` that is free the code has that of the solution, which is the best at the limit only.
        return above >= -_ROUNDING and (bool(perception) or above <= _ROUNDING)


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= _ROUNDING


def _points(tradeoff: Tradeoff, seed: int) -> Iterator[_Point]:
    """Yield operating points that need bits."""
    names = tuple(s.name for s in tradeoff.arguments)
    free = {s.name for s in tradeoff.parameters}
    # The formula may not need all that the problem has.
    open_ = {name for name, value in tradeoff.problem.parameters.items() if str(value) == name}
    minimised = tradeoff.value.name
    for drawn in instances_of(tradeoff, _TRIES, seed):
        bounds = {name: drawn[name] for name in names}
        parameters = {name: value for name, value in drawn.items() if name in free}
        formula = partial(tradeoff, **parameters)
        if not math.isfinite(float(formula(**bounds))):
            continue
        problem = tradeoff.problem.changed(**{name: drawn[name] for name in open_ & drawn.keys()})
        solution = problem.solve(minimise=minimised, **bounds)
        if solution.status != "optimal" or solution.rate < _LEAST_RATE:
            continue
        try:
            code = code_of(problem, solution)
        except ProblemError:
            # A code above the limit misses what the theorem only just meets.
            continue
        yield _Point(formula, minimised, bounds, parameters | bounds, code)
