"""The unit and the zero of distortion taken out of a problem: costs near one, and the answer with both of them again.

Solvers compare with numbers like 1e-9, which mean something only where costs are of the size of one. The unit is a power
of two, so that nothing is rounded on the way: the answer for squared metres is that for squared microns. What every pair
costs alike is taken off where it is more than costs differ by: it would hide the digits of the rest.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar

import numpy as np
import sympy as sp
from flint import fmpq

from drc.problems.arrays import read_only
from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import exact_or_ball, float_above, float_below
from drc.solvers.finite.certificates import of_easier, rewritten
from drc.solvers.outcome import Solution, is_closed
from drc.types import Exact

_Number = TypeVar("_Number")

_ZERO = Fraction(0)

#: Doubles between these stay doubles in any unit of costs that `_ORDINARY` allows.
_LEAST, _MOST, _ORDINARY = 2.0**-500, 2.0**500, 400

#: The vectors and matrices of a dual that are in the unit of what is minimised.
_POTENTIALS = ("u", "v", "nu", "slopes", "price")

#: The tables of a dual that hold a multiplier for each bound.
_MULTIPLIERS = ("multipliers", "shared")


def scale_of(costs: np.ndarray) -> float:
    """Return what a gap in the distortion is relative to: the spread of the finite costs.

    The costs are those of the pairs that may be used, infinite where a pair is forbidden. If they are all the same it is
    their size, and one where they are zero.

    Examples
    --------
    >>> scale_of(np.array([2.0, 5.0, np.inf])), scale_of(np.array([5.0, 5.0])), scale_of(np.zeros(2))
    (3.0, 5.0, 1.0)
    """
    finite = costs[np.isfinite(costs)]
    if not finite.size:
        return 1.0
    most = float(finite.max())
    return most - float(finite.min()) or most or 1.0


def largest_cost(costs: np.ndarray) -> float:
    """Return the largest cost that is not infinite, as a size: one where there is none above zero.

    Examples
    --------
    >>> largest_cost(np.array([2.0, 5.0, np.inf])), largest_cost(np.zeros(2))
    (5.0, 1.0)
    """
    return float(costs[np.isfinite(costs)].max(initial=0.0)) or 1.0


def used_costs(problem: Finite) -> np.ndarray:
    """Return the costs of the pairs of letters that may have mass."""
    used = problem.distortions[problem.source_law > 0]
    return used if problem.target_law is None else used[:, problem.target_law > 0]


@dataclass(frozen=True)
class CostUnits:
    """The units of a problem's costs, as exponents of two.

    The largest cost of a pair that may be used, less the `shift` (in the unit of the user), is at least
    `2**distortion`, and less than twice that; `ground` says the same of what it costs to move mass, where that is
    measured.
    """

    distortion: int = 0
    ground: int = 0
    measure: str | None = None
    shift: Fraction = _ZERO

    @classmethod
    def of(cls, problem: Finite, bound: Exact | None = None) -> CostUnits:
        """Look up the sizes of a problem's costs.

        No more is taken off the costs than the bound on the distortion, if there is one.

        Examples
        --------
        >>> CostUnits.of(Finite([[0.5, 0.5]], "squared", letters_X=(0, 1e-6)))
        CostUnits(distortion=-40, ground=0, measure=None, shift=Fraction(0, 1))
        >>> CostUnits.of(Finite([[0.5, 0.5]], [[7, 8], [8, 7]])).shift
        Fraction(7, 1)
        """
        used = used_costs(problem)
        shift = _common(problem, used, bound)
        if shift:
            used = np.array([[float(_less(c, shift)) for c in row] for row in problem.exact_distortion])
        moving = problem.ground_costs if problem.perception == "W2" else None
        return cls(_exponent(used), 0 if moving is None else _exponent(moving), problem.perception, shift)

    def of_bound(self, name: str) -> int:
        """Return the exponent of the unit of a bound."""
        return self.distortion if name == "D" else self.ground if name == "P" else 0

    def bound(self, name: str, bound: Exact) -> Exact:
        """Return a bound on the problem with costs near one."""
        return shifted(bound - self.shift if name == "D" and self.shift else bound, -self.of_bound(name))

    def normal(self, problem: Finite) -> Finite:
        """Return the problem with costs near one."""
        found = copy.copy(problem)
        if self.shift:
            exact = tuple(
                tuple(shifted(_less(c, self.shift), -self.distortion) for c in row) for row in problem.exact_distortion
            )
            known = read_only(np.array([[float(c) for c in row] for row in exact]))
            vars(found).update(distortion=exact, exact_distortion=exact, distortions=known)
        # Thousands of entries that were checked already are not checked again, nor rounded one by one.
        for name, array, exponent in (
            ("distortion", "distortions", 0 if self.shift else self.distortion),
            ("ground", "ground_costs", self.ground),
        ):
            if exponent:
                exact = _scaled(getattr(problem, f"exact_{name}"), -exponent)
                known = read_only(np.ldexp(getattr(problem, array), -exponent))
                vars(found).update({name: exact, f"exact_{name}": exact, array: known})
        return found

    def _factors(self, minimise: str) -> dict[str, int]:
        """The exponents by which multipliers grow when the answer gets its units back."""
        objective = self.distortion if minimise == "D" else 0
        bounds = {name: objective - self.of_bound(name) for name in "RCDP"}
        return {**bounds, "p_Y": objective, **dict.fromkeys(_POTENTIALS, objective)}

    def start(self, solution: object) -> object:
        """Return an answer in the user's units as one to start from."""
        if not isinstance(solution, Solution) or not (self.distortion or self.ground):
            return solution
        factors = self._factors(solution.minimise)
        return replace(solution, duals={n: _grown(v, -factors[n]) for n, v in solution.duals.items() if n in factors})

    def answer(self, solution: Solution, problem: Finite, bounds: Mapping[str, Exact], slope: Exact | None) -> Solution:
        """Return an answer about the problem with costs near one as one about the problem itself.

        `bounds` has the bounds of the certificate.
        """
        if not (self.distortion or self.ground or self.shift):
            return solution
        factors = self._factors(solution.minimise)
        more = self.shift if solution.minimise == "D" else Fraction(0)

        def of_bounds(table: Mapping | None) -> dict | None:
            return (
                {bound: _grown(value, factors[bound]) for bound, value in table.items()} if table is not None else None
            )

        rounded = {"lower": float_below, "upper": float_above}
        ends = {end: _end(getattr(solution, end), factors["u"], way, more) for end, way in rounded.items()}
        ends["scale"] = _end(solution.scale, factors["u"], float_above)
        value = min(max(_end(solution.value, factors["u"], float_above, more), ends["lower"]), ends["upper"])
        changes: dict[str, Any] = {name: partial(_grown, exponent=factors[name]) for name in _POTENTIALS}
        dual = rewritten(solution.certificate.dual, changes | dict.fromkeys(_MULTIPLIERS, of_bounds))
        if self.shift:
            dual = of_easier(dual, "shift", by=self.shift)
        # Rounding to doubles may have opened a gap that was closed.
        closed = solution.status != "optimal" or is_closed(
            ends["lower"], ends["upper"], solution.tolerance, ends["scale"]
        )
        # Which problem was answered a solver may have changed; what its costs are it has not.
        costs = {"distortion": problem.distortion, "ground": problem.ground}
        answered = replace(solution.certificate.problem, **costs)
        proof = {"problem": answered, "bounds": tuple(bounds.items()), "slope": slope, "dual": dual}
        certificate = replace(solution.certificate, lower=ends["lower"], upper=ends["upper"], **proof)
        return replace(
            solution,
            **ends,
            value=value,
            status=solution.status if closed else "bounded",
            bounds={name: float(bound) for name, bound in bounds.items()},
            distortion=_end(solution.distortion, self.distortion, float_above, self.shift),
            perception=float(shifted(solution.perception, self.ground)),
            duals=of_bounds(solution.duals),
            certificate=certificate,
        )


def _scaled(rows: tuple, exponent: int) -> tuple:
    """Return a matrix times a power of two; most entries are fractions, and are not asked what else they might be."""
    up, down = 1 << max(exponent, 0), 1 << max(-exponent, 0)
    return tuple(
        tuple(
            Fraction(v.numerator * up, v.denominator * down) if type(v) is Fraction else shifted(v, exponent)
            for v in row
        )
        for row in rows
    )


def _exponent(costs: np.ndarray) -> int:
    return math.frexp(largest_cost(costs))[1] - 1


def shifted(value: _Number, exponent: int) -> _Number:
    """Return a number times a power of two: exactly, and as a float where it is one and stays one.

    Examples
    --------
    >>> shifted(Fraction(1, 3), -1), shifted(0.3, 2), shifted(math.inf, 5)
    (Fraction(1, 6), 1.2, inf)
    """
    number: Any = value
    if isinstance(value, float):
        if not math.isfinite(value) or value == 0:
            return value
        try:
            found: Any = math.ldexp(value, exponent)
            if math.ldexp(found, -exponent) == value:
                return found
        except OverflowError:
            pass
        number = Fraction(value)
    two = fmpq(2) if isinstance(value, fmpq) else sp.Integer(2) if isinstance(value, sp.Expr) else Fraction(2)
    return number * two**exponent


def _common(problem: Finite, used: np.ndarray, bound: Exact | None) -> Fraction:
    """Return what is taken off every cost: the least of all, if costs differ by less, and no bound is below it."""
    finite = used[np.isfinite(used)]
    if not finite.size or not 0 < float(np.ptp(finite)) < float(finite.min()):
        return Fraction(0)
    exact = [c for row in problem.exact_distortion for c in row if c != math.inf]
    if not all(type(c) is Fraction for c in exact):
        return Fraction(0)
    least = min(exact)
    return Fraction(0) if bound is not None and bound < least else least


def _less(cost: Any, shift: Fraction) -> Any:
    return cost if cost == math.inf else cost - shift


def _end(value: float, exponent: int, rounded: Callable[[Any], float], more: Fraction = _ZERO) -> float:
    if more and math.isfinite(value):
        return rounded(exact_or_ball(Fraction(value) * Fraction(2) ** exponent + more))
    found = shifted(value, exponent)
    return found if isinstance(found, float) else rounded(exact_or_ball(found))


def _grown(value: Any, exponent: int) -> Any:
    """Return multipliers times a power of two: a number, an array, or lists of them."""
    if exponent == 0:
        return value
    if isinstance(value, np.ndarray):
        return np.ldexp(value, exponent) if value.dtype.kind == "f" else _grown(value.tolist(), exponent)
    if isinstance(value, list | tuple):
        # There may be a million of them in a tree: most are doubles that stay doubles.
        if abs(exponent) <= _ORDINARY and all(type(v) is float and (_LEAST < abs(v) < _MOST or v == 0) for v in value):
            return type(value)(math.ldexp(v, exponent) for v in value)
        return type(value)(_grown(v, exponent) for v in value)
    return shifted(value.item() if isinstance(value, np.generic) else value, exponent)
