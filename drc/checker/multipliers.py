"""The multipliers of a lower bound.

With the multipliers `a`, `lambda`, `mu`, `kappa` of D, R, C and P, the optimum is at least

    min over all plans of [a D + lambda R + mu C + kappa P] - lambda R - mu C - a D - kappa P,

the last four with the bounds, and the multipliers of the bounds only. It does not matter how they were found, but each is
proved to be at least zero, and it is zero where there is no bound. Without the objective the whole is at most zero for
every plan that meets the bounds: if it is proved to be positive, there is no such plan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from flint import fmpq

from drc.checker.entropy import INFINITY, total
from drc.checker.fields import QUANTITIES, mapping
from drc.checker.numerals import is_zero, number
from drc.checker.read import Statement, UnprovedError, index
from drc.types import Number


@dataclass(frozen=True)
class Multipliers:
    """Multipliers of the four quantities, with the objective's own share in them.

    None is negative. The `charge` is what the bounds take off: the sum of their multipliers times the bounds.
    `objective` is 1, or 0 in a proof that nothing is feasible.
    """

    D: Number
    R: Number
    C: Number
    P: Number
    charge: Number
    objective: int

    def optimum(self, least_sum: Number) -> Number:
        """Return the bound on the optimum that follows from one on the sum of all, over all plans.

        Without the objective a positive number is a contradiction, and a number that is not proves nothing.
        """
        value = least_sum if least_sum == math.inf else least_sum - self.charge
        if self.objective:
            return value
        return INFINITY if value > 0 else -INFINITY


def read_multipliers(claim: Statement, given: object, objective: object, at: str) -> Multipliers:
    """Read the multipliers of a dual, or of a leaf.

    They are given by "R", "C", "D" and "P"; those left out are 0. `objective` is 1 or 0, and `at` is the field of the
    object that holds both, for messages.

    Raises `UnprovedError` if one is negative, or belongs to a bound that is not there, and `ProblemError` if it is
    malformed.
    """
    objective = index(f"{at}.objective", objective, 2)
    values = dict.fromkeys(QUANTITIES, fmpq(0))
    for name, value in mapping(f"{at}.multipliers", given).items():
        values[name] = number(f"{at}.multipliers.{name}", value)
        if not values[name] >= 0:
            raise UnprovedError(f"the multiplier of {name} is negative")
        if name not in claim.bounds and not is_zero(values[name]):
            raise UnprovedError(f"{name} has a multiplier and no bound")
    charge = total(values[name] * bound for name, bound in claim.bounds.items())
    if objective:
        for name, weight in claim.objective.items():
            values[name] += weight
    return Multipliers(**values, charge=charge, objective=objective)
