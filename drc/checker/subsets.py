"""The least cost of any map of few letters, by dynamic programming over the subsets of the source letters.

What a cell costs depends on the set of letters in it alone. Its entropies are evaluated in balls; sums and minima are
then taken in doubles, with all their rounding errors taken off at the end; if they are few, in exact numbers and balls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from flint import arb, fmpq

from drc.checker.entropy import equivocation, least, relative, total
from drc.checker.limits import MOST_EVALUATIONS, MOST_LETTERS, MOST_LETTERS_TWO
from drc.checker.numerals import Number, is_zero
from drc.checker.read import UnprovedError

#: Sums of numbers below this are far from the largest double.
_LARGEST = fmpq(2) ** 400

#: Letters whose subsets are held as balls at once, and those whose pairs of subsets are held as doubles at once.
_CHUNK, _BATCH = 12, 9

#: Up to this many sums are taken in exact numbers and balls, so that a bound is decided where it just holds.
_FEW_SUMS = 10_000


@dataclass(frozen=True)
class Letters:
    """Source letters, those merged that cost the same: a concave cost is least when such letters stay together.

    Attributes
    ----------
    costs : list of rows of numbers, or `inf`
        `c(x, y)` of a letter, a row for each.
    masses : list of rows of numbers
        `p(s, x)`.
    """

    costs: list
    masses: list


def merged(masses: list, unit_costs: list) -> Letters:
    """Merge the letters with equal costs per unit of mass and equal laws of the label.

    Parameters
    ----------
    masses : list of rows of n_S numbers
        `p(s, x)`, a row for each letter.
    unit_costs : list of rows of numbers, or `inf`
        `c(x, y) / p(x)`.
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


def subset_price(letters: Letters, rate: Number, label: Number, bits: bool) -> Number:
    """Return a number that `sum c(x, f(x)) + sum_y [rate phi(|t_y|) + label h(t_y)]` is not below, for every map f.

    Raises
    ------
    UnprovedError
        If there are too many letters, or numbers that are too large for doubles.
    """
    n, outputs = len(letters.costs), len(letters.costs[0])
    most = MOST_LETTERS_TWO if outputs <= 2 else MOST_LETTERS
    if n > most:
        raise UnprovedError(f"{n} distinct letters are too many for subsets: at most {most} are priced")
    if 2**n * (1 + len(letters.masses[0])) > MOST_EVALUATIONS:
        raise UnprovedError(
            f"subsets of {n} letters with this many labels need more than {MOST_EVALUATIONS} evaluations"
        )
    if (outputs - 2) * 3**n + 2**n <= _FEW_SUMS:
        return _exact_price(letters, rate, label, bits)
    numbers = [rate, label, *(cost for row in letters.costs for cost in row if cost != math.inf)]
    if not all(abs(value) < _LARGEST for value in numbers):
        raise UnprovedError("the costs or multipliers are too large for subsets")
    costs = np.array([[_below(cost) for cost in row] for row in letters.costs])
    entropies = _entropies(letters.masses, arb(rate), arb(label), bits)
    # No phi exceeds 0.54 bit; the bound on every intermediate value is generous.
    entropy_scale = 0.6 * float(arb(rate).upper() + (1 + len(letters.masses[0])) * arb(label).upper())
    finite = np.where(np.isfinite(costs), np.abs(costs), 0.0)
    scale = 1.01 * (finite.max(axis=1).sum() + outputs * entropy_scale)
    cells = (_subset_sums(costs[:, y]) + entropies for y in range(outputs))
    best = _least_partition(cells, n)
    # Each value passed through fewer roundings than this, and each was off by an ulp of the scale at most.
    roundings = 4 * (n + outputs + 4)
    error = fmpq(*(roundings * scale).as_integer_ratio()) * fmpq(1, 2**52) + fmpq(1, 2**1000)
    return math.inf if best == math.inf else fmpq(*best.as_integer_ratio()) - error


def _exact_price(letters: Letters, rate: Number, label: Number, bits: bool) -> Number:
    """Return the least cost of a map in exact numbers or balls."""
    masses = _sums([list(row) for row in letters.masses], [fmpq(0)] * len(letters.masses[0]))
    entropies = [fmpq(0)] * len(masses)
    # What has no multiplier leaves exact numbers exact.
    if not is_zero(rate):
        entropies = [-rate * relative(total(t), fmpq(1), bits) for t in masses]
    if not is_zero(label):
        entropies = [value + label * equivocation(t, bits) for value, t in zip(entropies, masses, strict=True)]
    cells = []
    for y in range(len(letters.costs[0])):
        sums = _sums([[row[y]] for row in letters.costs], [fmpq(0)])
        cells.append(
            [math.inf if cost == math.inf else cost + entropy for (cost,), entropy in zip(sums, entropies, strict=True)]
        )
    first, whole = cells[0], len(masses) - 1
    if len(cells) == 1:
        return first[whole]
    for cell in cells[1:-1]:
        first = [_cheapest(first, cell, A) for A in range(len(masses))]
    return _cheapest(first, cells[-1], whole)


def _sums(rows: list, zero: list) -> list:
    sums = [zero]
    for row in rows:
        sums += [[math.inf if math.inf in (a, b) else a + b for a, b in zip(t, row, strict=True)] for t in sums]
    return sums


def _cheapest(left: list, right: list, A: int) -> Number:
    """Return `min over B in A of left[A - B] + right[B]`."""
    found, B = [], A
    while True:
        if left[A ^ B] != math.inf and right[B] != math.inf:
            found.append(left[A ^ B] + right[B])
        if B == 0:
            return least(found) if found else math.inf
        B = (B - 1) & A


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


def _subset_sums(values: np.ndarray) -> np.ndarray:
    """Return the sum over each subset; bit i of its number says whether entry i is in it."""
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums, sums + value])
    return sums


def _entropies(masses: list, rate: arb, label: arb, bits: bool) -> np.ndarray:
    """Return `rate phi(|t|) + label h(t)` of every subset: doubles below it, by two ulps of the largest at most."""
    n = len(masses)
    if rate == 0 and label == 0:
        return np.zeros(2**n)
    rows = [[arb(m) for m in row] for row in masses]
    inner, outer = (_ball_sums(part, len(rows[0])) for part in (rows[:_CHUNK], rows[_CHUNK:]))
    values = []
    for offset in outer:
        for base in inner:
            t = [a + b for a, b in zip(base, offset, strict=True)]
            mass = sum(t, arb(0))
            value = (label - rate) * relative(mass, arb(1), bits)
            if not is_zero(label):
                value -= label * sum((relative(v, arb(1), bits) for v in t), arb(0))
            values.append(_below(value))
    return np.array(values)


def _ball_sums(rows: list, width: int) -> list:
    sums = [[arb(0)] * width]
    for row in rows:
        sums += [[a + b for a, b in zip(t, row, strict=True)] for t in sums]
    return sums


def _least_partition(cells, n: int) -> float:
    """Return the least sum of the cells' costs over all ways to deal the letters out to the cells."""
    first, *others = cells
    if not others:
        return float(first[-1])
    for cell in others[:-1]:
        first = _min_plus(first, cell, n)
    # What is not in the last cell is in the others: the complement of a subset has the mirrored number.
    return float((first + others[-1][::-1]).min())


def _min_plus(left: np.ndarray, right: np.ndarray, n: int) -> np.ndarray:
    """Return `min over B in A of left[A - B] + right[B]` for every subset A of n letters."""
    if n <= _BATCH:
        return _min_plus_batch(left[None], right[None], n)[0]
    half = 2 ** (n - 1)
    without = _min_plus(left[:half], right[:half], n - 1)
    in_left = _min_plus(left[half:], right[:half], n - 1)
    in_right = _min_plus(left[:half], right[half:], n - 1)
    return np.concatenate([without, np.minimum(in_left, in_right)])


def _min_plus_batch(left: np.ndarray, right: np.ndarray, n: int) -> np.ndarray:
    """Return the same for many pairs at once, one in each row: the highest letter is out, in the left or in the right."""
    if n == 0:
        return left + right
    half = 2 ** (n - 1)
    rows = len(left)
    pairs = [(left[:, :half], right[:, :half]), (left[:, half:], right[:, :half]), (left[:, :half], right[:, half:])]
    found = _min_plus_batch(*(np.concatenate(side) for side in zip(*pairs, strict=True)), n - 1)
    return np.concatenate([found[:rows], np.minimum(found[rows : 2 * rows], found[2 * rows :])], axis=1)
