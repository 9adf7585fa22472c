"""Boxes of cell masses, trees that cut them up, and the least of a concave function on a box.

A cell's vector of masses is `t_y = (P(S = s, Y = y))_s`. A tree of splits covers all of them by boxes; a bound that holds
on every leaf holds. What a box must be for that, and where it is proved:

* the root holds every vector of masses that a plan may have (`whole_box`): `0 <= t_ys <= min(p_S(s), largest mass of y)`;
* a split has two parts that cover its box, `t_ys <= t` and `t_ys >= t`, each walked by its own child (`Tree.halves`);
* ends of boxes are balls: a vertex is evaluated in them, so that the true vertex is among what is evaluated;
* a box is left out only if one of its ends is proved to be above the other (`Cell.is_empty`);
* a coordinate has one end only if both are the same number exactly (`Cell._ends`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, reduce

from flint import arb

from drc.checker.entropy import relative, total
from drc.checker.fields import listed, mapping
from drc.checker.limits import MOST_EVALUATIONS, MOST_VERTICES
from drc.checker.numerals import is_zero, number
from drc.checker.read import UnprovedError, field, index
from drc.errors import ProblemError, must
from drc.types import Number


@dataclass(frozen=True)
class Cell:
    """A box of mass vectors of one cell."""

    low: tuple
    high: tuple
    bits: bool

    @property
    def is_empty(self) -> bool:
        """Whether it is proved to be empty."""
        return any(low > high for low, high in zip(self.low, self.high, strict=True))

    @property
    def vertices(self) -> int:
        """How many vertices the box has."""
        return math.prod(map(len, self._ends))

    @cached_property
    def _ends(self) -> list[list[tuple[arb, arb]]]:
        """The one or two ends of every coordinate, each with its `-t log t`."""
        pairs = zip(self.low, self.high, strict=True)
        return [[(end, self._phi(end)) for end in ((low,) if low == high else (low, high))] for low, high in pairs]

    @cached_property
    def _total_phis(self) -> list[arb]:
        """Return `-|v| log |v|` of every vertex v."""
        totals = [arb(0)]
        for ends in self._ends:
            totals = [t + end for end, _ in ends for t in totals]
        return [self._phi(t) for t in totals]

    def _phi(self, t: arb) -> arb:
        return arb(-relative(t, arb(1), self.bits))

    def least(self, slopes: list, rate: Number, label: Number) -> arb:
        """Return the least of `rate phi(|t|) + label h(t) - <slopes, t>`, which is concave: a vertex has it.

        Here `phi(z) = -z log z`, and `h(t) = sum phi(t_s) - phi(|t|)`. Both multipliers are not negative, as
        `read_multipliers` proved. Without slopes the value is not negative either, as `|t| <= 1`: it is 0 at `t = 0`.

        Raises `UnprovedError` if there are too many vertices.
        """
        if all(map(is_zero, slopes)) and all(map(is_zero, self.low)):
            return arb(0)
        if 2 ** len(slopes) > MOST_VERTICES and self.vertices > MOST_VERTICES:
            raise UnprovedError(f"a box has {self.vertices} vertices; at most {MOST_VERTICES} are evaluated")
        sums = [arb(0)]
        for ends, slope in zip(self._ends, slopes, strict=True):
            terms = [label * phi - slope * end for end, phi in ends]
            sums = [value + term for term in terms for value in sums]
        outer = rate - label
        if not is_zero(outer):
            sums = [value + outer * phi for value, phi in zip(sums, self._total_phis, strict=True)]
        return reduce(arb.min, sums)

    def cut(self, s: int, *, low: arb | None = None, high: arb | None = None) -> Cell:
        """Return the part with `t_s >= low` or `t_s <= high`."""
        lows, highs = list(self.low), list(self.high)
        if low is not None:
            lows[s] = lows[s].max(low)
        if high is not None:
            highs[s] = highs[s].min(high)
        return Cell(tuple(lows), tuple(highs), self.bits)


@dataclass(frozen=True)
class Box:
    """One cell for each output letter."""

    cells: Mapping[int, Cell]

    @cached_property
    def is_empty(self) -> bool:
        """Whether it is proved to be empty."""
        return any(cell.is_empty for cell in self.cells.values())

    def with_cell(self, y: int, cell: Cell) -> Box:
        """Return the box with another cell for y."""
        return replace(self, cells={**self.cells, y: cell})


def whole_box(labels: list, masses: Mapping[int, Number], bits: bool) -> Box:
    """Return the box of all mass vectors: no cell has more of a label than there is, or than its own mass.

    `labels` is the law of the label, and `masses` has the largest mass that each cell may have.
    """
    zero = (arb(0),) * len(labels)
    tops = {y: tuple(arb(p).min(arb(mass)) for p in labels) for y, mass in masses.items()}
    return Box({y: Cell(zero, top, bits) for y, top in tops.items()})


@dataclass(frozen=True)
class Tree:
    """The nodes of a tree, as JSON has them; the first is the root.

    It is a list of nodes, JSON objects; `at` is the field, for messages.
    """

    nodes: list
    at: str

    def name(self, i: int) -> str:
        """Return the field of a node."""
        return f"{self.at}[{i}]"

    def child(self, i: int, key: str, reached: set[int]) -> int:
        """Return the number of a child; it lies behind its parent, and has one parent only."""
        name = f"{self.name(i)}.{key}"
        j = index(name, field(self.name(i), self.nodes[i], key), len(self.nodes))
        if j <= i or j in reached:
            raise must(f"field {name}", "be a node further down that has no other parent", j)
        reached.add(j)
        return j

    def halves(self, i: int, box: Box, reached: set[int]) -> list[tuple[int, Box]]:
        """Return the two children of a split, each with its part of the box."""
        name = f"{self.name(i)}.split"
        y, s, t = listed(name, self.nodes[i]["split"], 3)
        if not isinstance(y, int) or isinstance(y, bool) or y not in box.cells:
            raise must(f"field {name}", "start with an output letter of this tree", y)
        cell = box.cells[y]
        s, t = index(f"{name}[1]", s, len(cell.low)), arb(number(f"{name}[2]", t))
        return [
            (self.child(i, "below", reached), box.with_cell(y, cell.cut(s, high=t))),
            (self.child(i, "above", reached), box.with_cell(y, cell.cut(s, low=t))),
        ]


def tree(at: str, value: object) -> Tree:
    """Read a tree: a list of nodes."""
    nodes = [mapping(f"{at}[{i}]", node) for i, node in enumerate(listed(at, value))]
    if not nodes:
        raise ProblemError(f"field {at} must have nodes, got none")
    return Tree(nodes, at)


def limit_work(cut: Tree, root: Box, per_leaf: int = 0) -> None:
    """Refuse a tree whose walk would take too long; it is told in advance, from the box of the root.

    `per_leaf` is how many evaluations there are at each leaf besides those of the vertices.

    Raises `UnprovedError` if there are more than `MOST_EVALUATIONS`.
    """
    ends = sum(len(cell.low) for cell in root.cells.values())
    vertices = sum(min(cell.vertices, MOST_VERTICES) for cell in root.cells.values())
    found = sum(8 * ends if "split" in node else 8 * ends + vertices + per_leaf for node in cut.nodes)
    if found > MOST_EVALUATIONS:
        raise UnprovedError(f"{cut.at} needs {found} evaluations; at most {MOST_EVALUATIONS} are made")


@dataclass(frozen=True)
class Marginals:
    """What the mass vectors of all cells add up to.

    `labels` is the law of the label, `masses` that of the output, if it is known.
    """

    labels: list
    masses: list | None

    def tightened(self, box: Box) -> Box:
        """Cut off what cannot be: each coordinate is what the others along a row or a column leave. Twice."""
        for _ in range(2):
            cells = box.cells.values()
            lows = [total(arb(cell.low[s]) for cell in cells) for s in range(len(self.labels))]
            highs = [total(arb(cell.high[s]) for cell in cells) for s in range(len(self.labels))]
            box = Box({y: self._cell(y, cell, lows, highs) for y, cell in box.cells.items()})
        return box

    def _cell(self, y: int, cell: Cell, lows: list, highs: list) -> Cell:
        low, high = list(cell.low), list(cell.high)
        least, most = total(cell.low), total(cell.high)
        for s, p in enumerate(self.labels):
            a, b = cell.low[s], cell.high[s]
            # Ends of balls, outwards: a low end that is zero is exactly zero.
            low[s] = a.max(arb(p - (highs[s] - b)).lower())
            high[s] = b.min(arb(p - (lows[s] - a)).upper())
            if self.masses is not None:
                low[s] = low[s].max(arb(self.masses[y] - (most - b)).lower())
                high[s] = high[s].min(arb(self.masses[y] - (least - a)).upper())
        return Cell(tuple(low), tuple(high), cell.bits)


def leaves(cut: Tree, box: Box, known: Marginals | None = None) -> Iterator[tuple[int, Box]]:
    """Yield the leaves of a tree of splits, each with its box; leaves with an empty box are left out.

    If the marginals are known, every box is tightened by them before it is split further.
    """
    reached: set[int] = set()
    stack = [(0, box)]
    while stack:
        i, here = stack.pop()
        here = here if known is None else known.tightened(here)
        if here.is_empty:
            continue
        if "split" in cut.nodes[i]:
            stack += cut.halves(i, here, reached)
        else:
            yield i, here
