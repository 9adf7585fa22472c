"""The linear program over the maps, and what proves a bound on its optimum ([nguyen2026], section 3).

    minimise   sum_f w_f c_f                         c is D or R
    subject to sum_f w_f A_f <= b                    A is R, C or D, for each bound given
               sum_f w_f P(f(X) = y) = p_Y(y)        unless the output law is free
               sum_f w_f = 1,   w >= 0

Any multipliers `lambda >= 0` and `nu` give a lower bound, and any feasible weights an upper one; a solver that only
proposes them need not be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import fmpq

from drc.solvers.arithmetic.balls import Number, exact_or_ball, is_zero, precision, rational_above, smallest, total
from drc.solvers.finite.costs import scale_of, used_costs
from drc.solvers.finite.one_shot_yu.law_ball import LawBall
from drc.solvers.finite.one_shot_yu.maps import Column, Maps
from drc.units import unit_named

#: Up to this many maps every reduced cost is a ball; of more maps, this many of the least are.
BALLS = 64


@dataclass(frozen=True, eq=False)
class Program:
    """The linear program of a problem.

    The bounds are active, and in the unit of the maps.
    """

    maps: Maps
    minimise: str
    bounds: dict

    @cached_property
    def b(self) -> dict[str, Number]:
        """The bounds as exact numbers or balls, but for that on perception."""
        with precision(self.maps.bits):
            return {name: exact_or_ball(bound) for name, bound in self.bounds.items() if name != "P"}

    @cached_property
    def ball(self) -> LawBall | None:
        """The laws that the output may have under a perception bound; None without one."""
        if "P" not in self.bounds or self.maps.problem.perception is None:
            return None
        with precision(self.maps.bits):
            return LawBall.of(self.maps.problem, self.maps.ys, self.bounds["P"], self.maps.unit)

    @cached_property
    def scale(self) -> float:
        """What a gap is relative to, in the unit: the spread of the costs, or one bit."""
        return scale_of(used_costs(self.maps.problem)) if self.minimise == "D" else unit_named(self.maps.unit).one_bit

    @cached_property
    def costs(self) -> dict:
        """What answers were proved to cost, so that it is proved once."""
        return {}


def least_reduced_cost(program: Program, objective: str | None, duals: dict, target_duals: tuple) -> Number | None:
    """Bound `min_f c_f + lambda A_f - nu P(f(X) = .)` from below; None if the multipliers are too large for doubles.

    Most of many maps are only evaluated in doubles, and their rounding error is subtracted; the least ones, among
    which the minimum is, are evaluated in balls.
    """
    maps = program.maps
    if maps.count <= BALLS:
        allowed = np.flatnonzero(~maps.forbidden).tolist()
        return smallest([_reduced_cost(program.maps.column(f), objective, duals, target_duals) for f in allowed])
    values, errors = reduced_costs(program, objective, duals, target_duals)
    if not np.isfinite(values[~maps.forbidden]).all():
        return None
    order = np.argpartition(values, BALLS)
    near, far = order[:BALLS], order[BALLS:]
    found = [
        _reduced_cost(program.maps.column(f), objective, duals, target_duals)
        for f in near[~maps.forbidden[near]].tolist()
    ]
    rest = float((values[far] - errors[far]).min())
    return smallest([*found, *([exact_or_ball(rest)] if np.isfinite(rest) else [])])


def reduced_costs(
    program: Program, objective: str | None, duals: dict, target_duals: tuple
) -> tuple[np.ndarray, np.ndarray]:
    """Return the reduced costs of all maps in doubles, and bounds on their errors.

    With `u = 2^-52`, each entry of `Maps.floats` has a relative error of at most `(n_x + 2) u`, each multiplier of `u`,
    and the sum of `n_y + 4` products of at most `(n_y + 5) u` of the sum of absolute values, in any order of summation.
    The absolute term is for balls around zero and for underflow. A forbidden map costs infinity.
    """
    floats = program.maps.floats
    values, sizes = np.zeros(program.maps.count), np.zeros(program.maps.count)
    if objective is not None:
        values, sizes = floats[objective].copy(), floats[objective].copy()
    for name, multiplier in duals.items():
        values += float(multiplier) * floats[name]
        sizes += abs(float(multiplier)) * floats[name]
    if target_duals:
        nu = np.array([float(v) for v in target_duals])
        values -= floats["law"] @ nu
        sizes += floats["law"] @ np.abs(nu)
    factor = 2 * (len(program.maps.xs) + len(program.maps.ys) + 16) * 2.0**-52
    tiny = 1e-40 * (1 + sum(abs(float(v)) for v in (*duals.values(), *target_duals)))
    return np.where(program.maps.forbidden, np.inf, values), factor * sizes + tiny


def _reduced_cost(column: Column, objective: str | None, duals: dict, target_duals: tuple) -> Number:
    cost = fmpq(0) if objective is None else column.quantity(objective)
    for name, multiplier in duals.items():
        if multiplier:
            cost = cost + multiplier * column.quantity(name)
    for nu, mass in zip(target_duals, column.law, strict=False):
        cost = cost - nu * mass
    return cost


def dual_bound(
    program: Program, objective: str | None, duals: dict, target_duals: tuple, price: Number | None = None
) -> Number | None:
    """Bound the optimum from below by multipliers; with `objective=None`, a positive bound proves infeasibility.

    For feasible weights `sum w c >= sum w c + lambda (sum w A - b) - nu (sum w P - p_Y)`, and because `sum w = 1` the right
    side is at least `nu p_Y - lambda b + min_f (c_f + lambda A_f - nu P_f)`.

    `price` is a proved lower bound on the least reduced cost; left out, all maps are enumerated. Returns None if the
    multipliers prove nothing (one is negative, or their number is wrong).
    """
    target = program.maps.target
    if any(v < 0 for v in duals.values()) or not set(duals) <= {*program.b, *(["P"] if program.ball else [])}:
        return None
    if len(target_duals) != (len(program.maps.ys) if target or program.ball else 0):
        return None
    with precision(program.maps.bits):
        bound = least_reduced_cost(program, objective, duals, target_duals) if price is None else price
        if bound is None:
            return None
        for name, limit in program.b.items():
            bound = bound - duals.get(name, fmpq(0)) * limit
        if program.ball is not None:
            return bound + program.ball.worth(target_duals, duals.get("P", fmpq(0)))
        return bound + total(nu * mass for nu, mass in zip(target_duals, target or (), strict=True))


def primal_bound(
    program: Program, weights: dict[int, fmpq], transport: tuple[tuple[fmpq, ...], ...] | None = None
) -> Number | None:
    """Bound the optimum from above by weights, after proving them feasible.

    What the weights miss of the target law, and of one, is put on the constant maps, whose laws are the unit vectors;
    so the target law holds exactly, also when it is irrational. Where they are forbidden, nothing may be missing.

    Under a bound on W2, `transport` goes from the output law to the reference. Returns the cost, or None if the weights are
    not proved feasible.
    """
    with precision(program.maps.bits):
        plan = _repaired(program, weights)
        if plan is None or not all(weight >= 0 for weight in plan.values()):
            return None
        columns = {f: program.maps.column(f) for f in plan}
        if program.ball is not None and not _is_near(program.ball, plan, columns, transport):
            return None
        for name, bound in program.b.items():
            excess = total(w * (columns[f].quantity(name) - bound) for f, w in plan.items())
            if not excess <= 0:
                return None
        return total(w * columns[f].quantity(program.minimise) for f, w in plan.items())


def _is_near(ball: LawBall, plan: dict, columns: dict, transport: tuple | None) -> bool:
    """Whether the law of the output is proved to be in the ball."""
    laws = zip(*([w * p for p in columns[f].law] for f, w in plan.items()), strict=True)
    law = [total(masses) for masses in laws]
    if transport is not None:
        # What rounding leaves between the law and the rows of the transport would have to be moved, too.
        rows = [total(row) for row in transport]
        if not all(isinstance(q, fmpq) and q == row for q, row in zip(law, rows, strict=True)):
            missed = total(abs(q - row) for q, row in zip(law, rows, strict=True))
            most = max(rational_above(c) for row in ball.ground for c in row)
            if not missed * most <= ball.room / 2**60:
                return False
    return ball.holds(law, transport)


def _repaired(program: Program, weights: dict[int, fmpq]) -> dict[int, Number] | None:
    maps, plan = program.maps, dict[int, Number](weights)
    if any(weight < 0 for weight in weights.values()):
        return None
    if maps.target is None:
        missing = {min(maps.constants, default=0): 1 - total(weights.values())}
    else:
        missing = {}
        for y, mass in enumerate(maps.target):
            missing[y] = mass - total(w * program.maps.column(f).law[y] for f, w in weights.items())
    for y, mass in missing.items():
        if is_zero(mass):
            continue
        if y not in maps.constants:
            return None
        plan[maps.constants[y]] = plan.get(maps.constants[y], fmpq(0)) + mass
    return plan
