"""Distributions that refute information inequalities.

A variable on a finite sample space matters only through the partition that it makes, and a pair of variables makes the
common refinement.  So a search takes a small space (independent fair bits, four points, two biased bits), gives every
variable a partition of it, and keeps what satisfies the bounds given.  Fair bits with the partitions by linear forms are the
linear codes; the minimum and the maximum of two bits are beyond these, but they too are partitions of four points.

What the search proposes is checked exactly: an entropy of rational probabilities is a rational combination of logarithms of
primes, which are linearly independent over the rationals.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np
from flint import arb, ctx, fmpq, fmpz

from drc.errors import must
from drc.proof.shannon.statement import Form, Names

Partition = tuple[int, ...]

#: How many choices of partitions for the first variables are kept: beyond, some are taken at random.
_MOST_CHOICES = 2**16

#: How many proposals of one space are checked exactly.
_MOST_CHECKED = 50


@dataclass(frozen=True)
class Witness:
    """A joint distribution of finitely many outcomes.

    Attributes
    ----------
    names : tuple of str
    table : tuple of pairs
        The values of the variables, and their probability, for each outcome.

    Raises
    ------
    ProblemError
        If the probabilities are not positive with the sum one, or an outcome does not have one value for each variable.

    Examples
    --------
    >>> fair = Witness(("X", "Y"), (((0, 0), Fraction(1, 2)), ((1, 1), Fraction(1, 2))))
    >>> print(fair)
    (X, Y) = (0, 0), (1, 1) with probability 1/2 each
    """

    names: Names
    table: tuple[tuple[tuple[int, ...], Fraction], ...]

    def __post_init__(self) -> None:
        good = all(len(values) == len(self.names) and isinstance(p, Fraction) and p > 0 for values, p in self.table)
        if not good or sum(p for _, p in self.table) != 1:
            raise must("table", "be a distribution: positive fractions that add up to 1", self.table)

    def marginal(self, names: frozenset[str]) -> dict[tuple[int, ...], Fraction]:
        """Return the joint distribution of some of the variables."""
        places = [i for i, name in enumerate(self.names) if name in names]
        found: dict[tuple[int, ...], Fraction] = {}
        for values, probability in self.table:
            key = tuple(values[i] for i in places)
            found[key] = found.get(key, Fraction(0)) + probability
        return found

    def value(self, form: Form) -> arb:
        """Return a form's value in bits: exactly zero, or a ball without zero."""
        logarithms, precision = self._logarithms(form), 64
        while True:
            with ctx.workprec(precision):
                nats = sum((fmpq(c.numerator, c.denominator) * arb(p).log() for p, c in logarithms.items()), arb(0))
                if nats != 0 or not logarithms:
                    return nats / arb(2).log()
            precision *= 2

    def _logarithms(self, form: Form) -> dict[int, Fraction]:
        """A form's value as a sum of logarithms of primes: each prime with its coefficient, if that is not zero."""
        found: dict[int, Fraction] = {}
        for joint, coefficient in form.entropies.items():
            for p in self.marginal(joint).values():
                for sign, whole in ((1, p.denominator), (-1, p.numerator)):
                    for prime, power in fmpz(whole).factor():
                        found[int(prime)] = found.get(int(prime), Fraction(0)) + coefficient * p * sign * power
        return {prime: coefficient for prime, coefficient in found.items() if coefficient}

    def refutes(self, claim: Sequence[Form], given: Sequence[Form]) -> bool:
        """Whether every given form is at least zero here, exactly, and some form of the claim is not."""
        return all(self.value(form) >= 0 for form in given) and any(self.value(form) < 0 for form in claim)

    def __str__(self) -> str:
        alike: dict[Fraction, list[str]] = {}
        for values, probability in self.table:
            alike.setdefault(probability, []).append(f"({', '.join(map(str, values))})")
        told = (f"{', '.join(ws)} with probability {p}{' each' if len(ws) > 1 else ''}" for p, ws in alike.items())
        return f"({', '.join(self.names)}) = {'; '.join(told)}"


def find_witness(claim: Sequence[Form], given: Sequence[Form], names: Names) -> Witness | None:
    """Look for a distribution that refutes a claim, in small sample spaces, from the smallest on.

    Parameters
    ----------
    claim : sequence of Form
        One of these is to be negative.
    given : sequence of Form
        All of these are to be at least zero.
    names : tuple of str
        The variables.

    Returns
    -------
    Witness or None
        None if no space that was tried has one, which proves nothing.
    """
    # Variables that are given something are chosen first: what does not satisfy it is dropped early.
    order = tuple(dict.fromkeys([*(name for form in given for name in form.names), *names]))
    for space in _spaces():
        for witness in space.proposals(claim, given, order):
            if witness.refutes(claim, given):
                return witness
    return None


def _spaces() -> Iterator[_Space]:
    yield _Space((1, 1), _linear(1))
    yield _Space((1,) * 4, _linear(2))
    yield _Space((1,) * 4, _halves(4))
    yield _Space((1,) * 8, _linear(3))
    for weights in ((1, 1, 2), (1, 3, 3, 9), (1, 1, 3, 3), (1, 2, 3, 5)):
        yield _Space(weights, _halves(len(weights)))


def _linear(bits: int) -> list[Partition]:
    """The partition that each linear form makes of some fair bits."""
    points = range(2**bits)
    return [tuple((form & point).bit_count() % 2 for point in points) for form in points]


def _halves(points: int) -> list[Partition]:
    """All partitions into at most two blocks, of which all others are common refinements."""
    return list(product((0, 1), repeat=points))


class _Space:
    """A sample space with the partitions that variables may make.

    Parameters
    ----------
    weights : tuple of int
        Probabilities of the points, times their sum.
    generators : list of Partition
        The partitions are these and their common refinements.
    """

    def __init__(self, weights: tuple[int, ...], generators: list[Partition]) -> None:
        self.weights = weights
        found = list(dict.fromkeys(map(_numbered, generators)))
        for partition in found:
            finer = dict.fromkeys(_refined(partition, generator) for generator in generators)
            found += [p for p in finer if p not in found]
        self.partitions = sorted(found, key=lambda p: (max(p), p))
        place = {p: i for i, p in enumerate(self.partitions)}
        self.refined = np.array([[place[_refined(a, b)] for b in self.partitions] for a in self.partitions])
        law = np.array(weights) / sum(weights)
        blocks = [np.bincount(p, law) for p in self.partitions]
        self.entropy = np.array([-sum(q * np.log2(q) for q in block if q) for block in blocks])

    def proposals(self, claim: Sequence[Form], given: Sequence[Form], names: Names) -> Iterator[Witness]:
        """Yield distributions that refute a claim as far as doubles tell, those with the fewest outcomes first."""
        # One row for each choice: which partition each set of variables makes, the first variable being the lowest bit.
        rows, generator = np.zeros((1, 1), dtype=np.int64), np.random.default_rng(0)
        for i in range(len(names)):
            if len(rows) * len(self.partitions) > _MOST_CHOICES:
                rows = rows[np.sort(generator.permutation(len(rows))[: _MOST_CHOICES // len(self.partitions)])]
            rows = np.concatenate([np.hstack([rows, column[rows]]) for column in self.refined])
            decided = [form for form in given if set(form.names) <= {*names[: i + 1]} and names[i] in form.names]
            for form in decided:
                rows = rows[self._values(form, rows, names) >= -1e-9]
        worst = np.min([self._values(form, rows, names) for form in claim], axis=0)
        order = np.lexsort((worst, self.entropy[rows[:, -1]], worst >= -1e-12))
        for row in rows[order[: min(_MOST_CHECKED, (worst < -1e-12).sum())]]:
            yield self._witness({name: self.partitions[row[2**i]] for i, name in enumerate(names)})

    def _values(self, form: Form, rows: np.ndarray, names: Names) -> np.ndarray:
        values = np.zeros(len(rows))
        for joint, coefficient in form.scaled.items():
            column = sum(2**i for i, name in enumerate(names) if name in joint)
            values += coefficient * self.entropy[rows[:, column]]
        return values

    def _witness(self, partitions: dict[str, Partition]) -> Witness:
        names, found = tuple(sorted(partitions)), {}
        for *values, weight in zip(*(partitions[name] for name in names), self.weights, strict=True):
            found[tuple(values)] = found.get(tuple(values), Fraction(0)) + Fraction(weight, sum(self.weights))
        return Witness(names, tuple(sorted(found.items())))


def _refined(one: Partition, other: Partition) -> Partition:
    return _numbered(zip(one, other, strict=True))


def _numbered(labels: Iterable[Hashable]) -> Partition:
    """Number the blocks of a partition in the order in which they appear."""
    number: dict[Hashable, int] = {}
    return tuple(number.setdefault(label, len(number)) for label in labels)
