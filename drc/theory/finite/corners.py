"""The corners of a hull in a proof: each is a plan, and its coordinates are named sums of entropies of the given law."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sympy as sp
from flint import fmpq
from sympy import And, Eq, Ge

from drc.information import H_b
from drc.proof import Proof
from drc.theory.finite.columns import Columns, unknown
from drc.theory.finite.hull import Corner
from drc.types import Rational
from drc.units import Unit

#: What the coordinates are.
WORDS = {"D": "distortion", "R": "rate", "C": "uncertainty of the label", "P": "divergence"}

#: The maps of a plan, or the moves, with their weights.
Used = list[tuple[int, Rational]]
Coordinates = dict[str, sp.Expr]


@dataclass(frozen=True, eq=False)
class Corners:
    """Writes corners into a proof.

    Attributes
    ----------
    columns : Columns
    proof : Proof
    unit : Unit
    """

    columns: Columns
    proof: Proof
    unit: Unit
    _entropies: dict[sp.Symbol, sp.Expr] = field(init=False, repr=False, default_factory=dict)

    def show(self, number: int, corner: Corner) -> Coordinates:
        """Show that a corner is a plan; return its coordinates by their letters."""
        used = [(j, w) for j, w in zip(corner.basis, corner.weights, strict=True) if w != 0]
        rows = zip(*(self.columns.row(j) for j, _ in used), strict=True)
        laws = (
            Eq(_as_it_reads(row, used), rational(b), evaluate=False)
            for row, b in zip(rows, self.columns.right, strict=True)
        )
        weights = (Ge(rational(w), 0, evaluate=False) for _, w in used)
        self.proof.show(And(*weights, *laws, evaluate=False), f"corner {number} is a plan: {self._plan(used)}")  # pyright: ignore[reportCallIssue] (sympy)
        return {name: self._coordinate(name, number, used) for name in self.columns.names}

    def _plan(self, used: Used) -> str:
        maps = self.columns.maps
        images = ((", ".join(str(y + 1) for y in maps[j].tolist()), w) for j, w in used if j < len(maps))
        return "; ".join(f"with probability {w} the map to ({image})" for image, w in images)

    def _coordinate(self, name: str, number: int, used: Used) -> sp.Expr:
        if name[0] in "RC":
            maps = ((j, w) for j, w in used if j < len(self.columns.maps))
            value = sum((rational(w) * self._entropy_of(name, j) for j, w in maps), sp.S.Zero)
        else:
            place = self.columns.names.index(name)
            value = sum((rational(w * self.columns.point(j)[place].fraction) for j, w in used), sp.S.Zero)
        if value.is_number or value.is_Symbol:
            return value
        symbol = sp.Symbol(f"{name.lower()}_{number}", real=True)
        return self.proof.let(symbol, value, f"the {WORDS[name[0]]} of corner {number}")

    def _entropy_of(self, name: str, j: int) -> sp.Expr:
        """Return the entropy of the output of a map, or that of a label given it; maps of the same blocks share it."""
        separator = "" if self.columns.problem.n_X < 10 else ","
        words = [separator.join(str(x + 1) for x in block) for block in self.columns.blocks(j)]
        symbol = sp.Symbol(f"{name}_{'_'.join(words)}", real=True)
        if symbol not in self._entropies:
            self._entropies[symbol] = self._named(symbol, name, j, words)
        return self._entropies[symbol]

    def _named(self, symbol: sp.Symbol, name: str, j: int, words: list[str]) -> sp.Expr:
        kind, number = self.columns.problem.uncertainty, int(name[1:] or 1)
        if name == "R":
            value, what = self._entropy(list(map(sum, self.columns.cells(j)))), "output"
        elif kind == "entropy":
            cells = self.columns.cells(j, number - 1)
            parts = (rational(sum(cell)) * self._entropy([p / sum(cell) for p in cell]) for cell in cells)
            value, what = sum(parts, sp.S.Zero), "label given the output"
        else:
            return sum((rational(unknown(kind, cell)) for cell in self.columns.cells(j)), sp.S.Zero)
        if value.is_Rational:
            return value
        meaning = f"the entropy of the {what}, for maps that tell {' | '.join(words)} apart"
        letter = name if len(name) == 1 else f"{name[0]}^{{({number})}}"
        return self.proof.let(symbol, value, meaning, latex=rf"{letter}_{{{'|'.join(words)}}}")

    def _entropy(self, masses: Sequence[Rational | int]) -> sp.Expr:
        masses = [p for p in masses if p != 0]
        if len(masses) == 2:
            return H_b.of(rational(min(masses)), self.unit.base)
        return -sum((rational(p) * self.unit.log(rational(p)) for p in masses), sp.S.Zero)


def rational(value: Rational | int) -> sp.Rational:
    """Return a fraction as sympy has it."""
    fraction = fmpq(value)
    return sp.Rational(int(fraction.p), int(fraction.q))  # pyright: ignore[reportReturnType] (sympy)


def _as_it_reads(row: tuple[Rational, ...], used: Used) -> sp.Expr:
    """Write a sum of products of numbers, unevaluated."""
    products = (sp.Mul(rational(w), rational(a), evaluate=False) for a, (_, w) in zip(row, used, strict=True))
    return sp.Add(*products, evaluate=False)
