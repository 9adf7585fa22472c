"""The least cost of any map of few letters, by dynamic programming over the subsets of the source letters.

What a cell costs depends on the set of letters in it alone. Its entropies are evaluated in balls; sums and minima are
then taken in doubles, with all their rounding errors taken off at the end; if they are few, in exact numbers and balls.
Bit i of the number of a subset says whether letter i is in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from flint import arb, fmpq

from drc.checker.entropy import INFINITY, least, relative, total, unknown
from drc.checker.limits import MOST_EVALUATIONS, MOST_LETTERS, MOST_LETTERS_TWO
from drc.checker.numerals import is_zero
from drc.checker.read import UnprovedError
from drc.types import Number

#: Sums of numbers below this are far from the largest double.
_LARGEST = fmpq(2) ** 400

#: Letters whose subsets are held as balls at once, and those whose pairs of subsets are held as doubles at once.
_CHUNK, _BATCH = 12, 9

#: Up to this many sums are taken in exact numbers and balls, so that a bound is decided where it just holds.
_FEW_SUMS = 10_000

#: The least of two arrays of exact numbers and balls, entry by entry.
_LEAST = np.frompyfunc(lambda a, b: least((a, b)), 2, 1)


@dataclass(frozen=True)
class Letters:
    """Source letters, those merged that cost the same: a concave cost is least when such letters stay together.

    `costs` has a row of `c(x, y)`, or `inf`, for each letter, `masses` a row of `p(s, x)`.
    """

    costs: list
    masses: list


def merged(masses: list, unit_costs: list) -> Letters:
    """Merge the letters with equal costs per unit of mass and equal laws of the label.

    `masses` has `p(s, x)`, and `unit_costs` has `c(x, y) / p(x)`, a row for each letter.
    """
    found: dict = {}
    for x, (mass, unit) in enumerate(zip(masses, unit_costs, strict=True)):
        whole = sum(mass, fmpq(0))
        exact = all(isinstance(v, fmpq | float) for v in (*mass, *unit))
        key = (tuple(m / whole for m in mass), tuple(unit)) if exact else x
        before, _ = found.get(key, ([fmpq(0)] * len(mass), None))
        found[key] = [a + b for a, b in zip(before, mass, strict=True)], unit
    rows = [(mass, sum(mass, fmpq(0)), unit) for mass, unit in found.values()]
    costs = [[math.inf if u == math.inf else whole * u for u in unit] for _, whole, unit in rows]
    return Letters(costs, [mass for mass, _, _ in rows])


def subset_price(letters: Letters, rate: Number, label: Number, bits: bool, kind: str = "entropy") -> Number:
    """Return a number that `sum c(x, f(x)) + sum_y [rate phi(|t_y|) + label h(t_y)]` is not below, for every map f.

    Raises `UnprovedError` if there are too many letters, or numbers that are too large for doubles.
    """
    n, outputs = len(letters.costs), len(letters.costs[0])
    if outputs == 2 and is_zero(label) and 2**n > _FEW_SUMS:
        return _threshold_price(letters, rate, bits)
    most = MOST_LETTERS_TWO if outputs <= 2 else MOST_LETTERS
    if n > most:
        raise UnprovedError(f"{n} distinct letters are too many for subsets: at most {most} are priced")
    if 2**n * (1 + len(letters.masses[0])) > MOST_EVALUATIONS:
        raise UnprovedError(
            f"subsets of {n} letters with this many labels need more than {MOST_EVALUATIONS} evaluations"
        )
    if (outputs - 2) * 3**n + 2**n <= _FEW_SUMS:
        forbidden = arb.pos_inf()
        costs = np.array([[forbidden if cost == math.inf else cost for cost in row] for row in letters.costs])
        price = _least_partition(costs, np.array([*_entropies(letters.masses, rate, label, bits, kind)]), _LEAST)
        return INFINITY if price == math.inf else price
    numbers = [rate, label, *(cost for row in letters.costs for cost in row if cost != math.inf)]
    if not all(abs(value) < _LARGEST for value in numbers):
        raise UnprovedError("the costs or multipliers are too large for subsets")
    costs = np.array([[_below(cost) for cost in row] for row in letters.costs])
    # Evaluated in balls, whose sums do not grow long as those of fractions do.
    masses = [[arb(m) for m in row] for row in letters.masses]
    entropies = np.array([_below(value) for value in _entropies(masses, rate, label, bits, kind)])
    best = _least_partition(costs, entropies, np.minimum)
    # No phi exceeds 0.54 bit, no other uncertainty its mass; the bound on every intermediate value is generous.
    entropy_scale = 0.6 * float(arb(rate).upper() + (1 + len(letters.masses[0])) * arb(label).upper())
    finite = np.where(np.isfinite(costs), np.abs(costs), 0.0)
    scale = 1.01 * (finite.max(axis=1).sum() + outputs * entropy_scale)
    # Each value passed through fewer roundings than this, and each was off by an ulp of the scale at most.
    roundings = 4 * (n + outputs + 4)
    error = fmpq(*(roundings * scale).as_integer_ratio()) * fmpq(1, 2**52) + fmpq(1, 2**1000)
    return INFINITY if best == math.inf else fmpq(*best.as_integer_ratio()) - error


def _threshold_price(letters: Letters, rate: Number, bits: bool) -> Number:
    """Return the least price of a map to two outputs, if its entropy is that of the masses alone.

    `phi` is concave, so it is a minimum of linear functions, and for each of them the letters of least cost per mass make a
    cheapest cell: only the cells of that order are visited. Where balls leave the order open, costs are lowered to fit it.
    """
    cost, first, second, free = arb(0), arb(0), arb(0), []
    for (a, b), mass in zip(letters.costs, map(total, letters.masses), strict=True):
        if a == math.inf and b == math.inf:
            return INFINITY
        cost += least([a, b]) if math.inf in (a, b) else b
        if a == math.inf:
            second += mass
        elif b == math.inf:
            first += mass
        else:
            free.append((arb(a - b) / mass, arb(mass)))
    free.sort(key=lambda letter: float(letter[0].mid()))
    units, masses = [unit for unit, _ in free], [mass for _, mass in free]
    units = [*accumulate(reversed(units), arb.min)][::-1]
    paid = accumulate((unit * mass for unit, mass in zip(units, masses, strict=True)), initial=cost)
    one, left, right = fmpq(1), accumulate(masses, initial=first), [*accumulate(reversed(masses), initial=second)][::-1]
    return least(
        c - rate * (relative(z, one, bits) + relative(rest, one, bits))
        for c, z, rest in zip(paid, left, right, strict=True)
    )


def _below(value: Number) -> float:
    """Return a double below the number, by two ulps at most unless its ball is wide.

    A double is the lower end of the ball, rounded towards zero; the next one below is below the number.
    """
    if value == math.inf:
        return math.inf
    low = float(arb(value).lower())
    if not math.isfinite(low):
        raise UnprovedError("a cost or an entropy is too large for doubles, or not known at all")
    return math.nextafter(low, -math.inf)


def _entropies(masses: list, rate: Number, label: Number, bits: bool, kind: str) -> Iterator[Number]:
    """Yield `rate phi(|t|) + label h(t)` of every subset; what has no multiplier leaves exact numbers exact."""
    inner, outer = (_subset_sums(part, len(masses[0])) for part in (masses[:_CHUNK], masses[_CHUNK:]))
    one, labelled = fmpq(1), not is_zero(label)
    for t in (t for offset in outer for t in (inner + offset).tolist()):
        mass = total(t)
        value = fmpq(0) if is_zero(rate) else -rate * relative(mass, one, bits)
        yield value + label * unknown(kind, t, bits) if labelled else value


def _subset_sums(rows: list, width: int) -> np.ndarray:
    """Return the sum over each subset of some rows, of this width."""
    sums = np.full((1, width), fmpq(0))
    for row in rows:
        sums = np.concatenate([sums, sums + row])
    return sums


def _least_partition(costs: np.ndarray, entropies: np.ndarray, minimum: np.ufunc) -> Number:
    """Return the least sum of the cells' costs over all ways to deal the letters out to the cells."""
    sums = np.zeros((1, costs.shape[1]), costs.dtype)
    for row in costs:
        sums = np.concatenate([sums, sums + row])
    first, *others = (sums + entropies[:, None]).T
    if not others:
        return first[-1]
    for cell in others[:-1]:
        first = _min_plus(first, cell, len(costs), minimum)
    # What is not in the last cell is in the others: the complement of a subset has the mirrored number.
    return minimum.reduce(first + others[-1][::-1])


def _min_plus(left: np.ndarray, right: np.ndarray, n: int, minimum: np.ufunc = np.minimum) -> np.ndarray:
    """Return `min over B in A of left[A - B] + right[B]` for every subset A of n letters."""
    if n <= _BATCH:
        return _min_plus_batch(left[None], right[None], n, minimum)[0]
    half = 2 ** (n - 1)
    without = _min_plus(left[:half], right[:half], n - 1, minimum)
    in_left = _min_plus(left[half:], right[:half], n - 1, minimum)
    in_right = _min_plus(left[:half], right[half:], n - 1, minimum)
    return np.concatenate([without, minimum(in_left, in_right)])


def _min_plus_batch(left: np.ndarray, right: np.ndarray, n: int, minimum: np.ufunc) -> np.ndarray:
    """Return the same for many pairs at once, one in each row: the highest letter is out, in the left or in the right."""
    if n == 0:
        return left + right
    half, rows = 2 ** (n - 1), len(left)
    pairs = [(left[:, :half], right[:, :half]), (left[:, half:], right[:, :half]), (left[:, :half], right[:, half:])]
    lefts, rights = (np.concatenate(side) for side in zip(*pairs, strict=True))
    found = _min_plus_batch(lefts, rights, n - 1, minimum)
    return np.concatenate([found[:rows], minimum(found[rows : 2 * rows], found[2 * rows :])], axis=1)
