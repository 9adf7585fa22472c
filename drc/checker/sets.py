"""A bound on the cost of every set of letters that one output letter may stand for, by a tree of boxes of its masses.

A set A with masses `t_s = p(s, A)`, whose sum is z, costs `sum over x in A of e_x + mu sum_s phi(t_s) + (lambda - mu)
phi(z)`, with `phi(t) = -t log t`. On a box `low <= t <= high`, for any slopes g and any number c, that is at least

    sum_x min(0, e_x + sum_s (g_s + c) p(s, x))
        + sum_s min over e in {low_s, high_s} of [mu phi(e) - g_s e]
        + min over |low| <= z <= |high| of [(lambda - mu) phi(z) - c z].

The vector of a leaf is `(g, c)` in units of `lambda + mu`, those in nats.

Proof. Add and subtract `<g, t>` and `c z`. A letter of the set pays what it pays, any other nothing. `mu phi(t) - g_s t` is
concave, so that an end has its least value, and so it is with the last term if `lambda >= mu`. Otherwise that is convex,
and above each of its tangents, whose least value is at an end.

Side conditions, and where each is tested:

* `mu` is not negative: `read_multipliers`; which of `lambda` and `mu` is larger is proved: `Sets.of_mass`;
* the first box holds all sets, and a split covers its box: `least_set`;
* a box is left out only if one of its ends is proved to be above the other: `least_set`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from flint import arb, arb_mat

from drc.checker.boxes import Tree
from drc.checker.entropy import INFINITY, least, relative
from drc.checker.fields import listed
from drc.checker.limits import MOST_EVALUATIONS
from drc.checker.numerals import is_zero, number
from drc.checker.read import UnprovedError, index, vector
from drc.types import Number

#: An end of an interval with its phi.
_End = tuple[arb, arb]

#: A product of two balls takes about this part of the time of a logarithm.
_PRODUCT = 8


@dataclass(frozen=True)
class Sets:
    """What sets cost: `excess` is `e_x` of each letter, infinite if it may not be in one, and `masses` are `p(s, x)`."""

    excess: list
    masses: list
    rate: Number
    label: Number
    bits: bool

    def phi(self, t: arb) -> arb:
        """Return `-t log t`."""
        return arb(-relative(t, arb(1), self.bits))

    def bound(self, joint: arb_mat, low: list[_End], high: list[_End], given: list[Number]) -> arb:
        """Return what the vector of a leaf proves on its box; `joint` is the matrix of the masses."""
        unit = arb(self.rate + self.label) * self._nat
        *slopes, tilt = (unit * v for v in given)
        paid = (joint * arb_mat([[g + tilt] for g in slopes])).entries()
        found = arb(0)
        for excess, pays in zip(self.excess, paid, strict=True):
            if excess != math.inf:
                found += (excess + pays).min(arb(0))
        for (a, phi_a), (b, phi_b), g in zip(low, high, slopes, strict=True):
            found += (self.label * phi_a - g * a).min(self.label * phi_b - g * b)
        masses = [sum((end for end, _ in ends), arb(0)) for ends in (low, high)]
        return found + self.of_mass(masses[0], masses[1], tilt)

    def of_mass(self, low: arb, high: arb, tilt: arb) -> arb:
        """Bound `(lambda - mu) phi(z) - c z` on an interval."""
        outer = self.rate - self.label
        if is_zero(outer):
            return (-tilt * low).min(-tilt * high)
        if outer >= 0:
            return (outer * self.phi(low) - tilt * low).min(outer * self.phi(high) - tilt * high)
        if not outer < 0:
            raise UnprovedError("which of the multipliers of R and C is larger is not proved")
        unit = math.log(2) if self.bits else 1.0
        # Any point will do; there the slope is nearly zero.
        place = math.exp(min(-1 - unit * float(arb(tilt / outer).mid()), 10.0))
        at = arb(min(max(place, float(low.mid()), 1e-290), max(float(high.mid()), 1e-290)))
        slope = outer * (self.phi(at) - self._nat * at) / at - tilt
        base = outer * self._nat * at
        return (base + slope * low).min(base + slope * high)

    @property
    def _nat(self) -> arb:
        """How much one nat is in the unit."""
        return 1 / arb(2).log() if self.bits else arb(1)


def least_set(sets: Sets, labels: list, cut: Tree) -> Number:
    """Return a number that no set costs less than; `labels` is the law of the label.

    Raises `UnprovedError` if the tree has too many nodes, or a leaf without a proof, and `ProblemError` if it is malformed.
    """
    n_X, n_S = len(sets.masses), len(labels)
    if len(cut.nodes) * (n_X * n_S // _PRODUCT + 8) > MOST_EVALUATIONS:
        raise UnprovedError(
            f"{cut.at} has {len(cut.nodes)} nodes, which takes more than {MOST_EVALUATIONS} evaluations"
        )
    joint = arb_mat(sets.masses)
    found = INFINITY
    reached: set[int] = set()
    zero, whole = (arb(0), arb(0)), [(arb(p), sets.phi(arb(p))) for p in labels]
    stack = [(0, [zero] * n_S, whole)]
    while stack:
        i, low, high = stack.pop()
        if any(a > b for (a, _), (b, _) in zip(low, high, strict=True)):
            continue
        node, name = cut.nodes[i], cut.name(i)
        if "split" not in node:
            given = vector(f"{name}.vector", _vector(node, name), n_S + 1)
            found = least((found, sets.bound(joint, low, high, given)))
            continue
        split = listed(f"{name}.split", node["split"], 2)
        s, t = index(f"{name}.split[0]", split[0], n_S), arb(number(f"{name}.split[1]", split[1]))
        end, below, above = (t, sets.phi(t)), list(high), list(low)
        below[s] = end if t < high[s][0] else high[s]
        above[s] = end if t > low[s][0] else low[s]
        stack += [(cut.child(i, "below", reached), low, below), (cut.child(i, "above", reached), above, high)]
    return found


def _vector(node: Mapping, name: str) -> object:
    if "vector" not in node:
        raise UnprovedError(f"{name} is a leaf without a vector")
    return node["vector"]
