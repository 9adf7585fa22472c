"""Any finite one-shot problem seen by `(Y, U)`: its trade-off in closed form, derived and proved for the given laws.

Theorem ([liu2022] for the reduction to random maps, [gal1972] for programs with parameters).  With common randomness a
code is a random deterministic map, so the least distortion is the optimum of a linear program over the maps, and as a
function of the bounds it is the largest of finitely many affine pieces,

    D(R, C) = max_j  d_j - lambda_j (R - r_j) - mu_j (C - c_j),

each through some of finitely many corners `(r, c, d)`: plans that no mixture of others beats.  So are `R(D, C)` and
`C(D, R)`, which are read off the same polyhedron.  The multipliers of a basis prove that a piece bounds every plan, and the
corners are proved to be all there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import sympy as sp
from sympy import And, Eq, Ge, Le, Lt, Max, Or
from sympy.logic.boolalg import Boolean

from drc.errors import must
from drc.problems import Finite, Problem
from drc.proof import NONNEGATIVE, Proof
from drc.theory import reduction
from drc.theory.finite.claims import Complete, Supported, data_of
from drc.theory.finite.columns import Columns
from drc.theory.finite.corners import WORDS as WORDS
from drc.theory.finite.corners import Coordinates, Corners
from drc.theory.finite.hull import Face, Hull, hull
from drc.theory.theorem import Derived, Theorem, row
from drc.tradeoff import Regime, Tradeoff
from drc.tradeoff.law import convex
from drc.units import Unit

#: The price of a bound: by how much the optimum falls for one more unit.
_PRICES = {"D": "delta", "R": "lambda", "P": "pi", "C": "mu"}

#: What a trade-off is limited by, for each bound.
LIMITED = {"D": "distortion", "R": "rate", "P": "perception", "C": "classification"}

_SETTING = (
    "Encoder and decoder share common randomness $U$, so that without loss $Y = f(X)$ for a map $f$ that is drawn by $U$."
    " Letters are numbered from one, and a map is written as the tuple of its values. $R_{1|23}$ and $C_{1|23}$ are"
    r" $H(f(X))$ and $H(S \mid f(X))$ for the maps that tell letter 1 from letters 2 and 3, but not these from each other."
    " A corner is a plan."
)

_MOVES = " From the law of $Y$ mass moves to the reference, at the price $P$."


def tradeoff(name: str, problem: Problem, unit: Unit) -> Tradeoff:
    """Derive the trade-off of a finite problem in closed form; see `Finite.tradeoff`.

    Parameters
    ----------
    name : str
        That of the problem, then what is minimised and what is bounded: "finite.one-shot.YU.drc".
    problem : Finite
        One-shot, the classifier sees `(Y, U)`, with a law of the output, none, or a bound on "TV" or "W2".
    unit : Unit

    Raises
    ------
    ProblemError
        For a problem of another kind or name, or more than 1,048,576 maps.
    NotAvailableError
        For another setting or measure, or laws and costs that are not fractions.

    Examples
    --------
    >>> from drc.units import BITS
    >>> T = tradeoff("finite.one-shot.YU.drc", Finite([[0.4, 0.1], [0.1, 0.4]], p_Y=[0.5, 0.5]), BITS)
    >>> [str(regime.expr) for regime in T.regimes], T(R=0.25)
    (['0', '1/2 - R/2', 'oo'], 0.375)
    """
    names = problem.tradeoff_names if isinstance(problem, Finite) else {}
    known = {f"{problem.id}.{word}": minimised for minimised, word in names.items()}
    if name not in known or not isinstance(problem, Finite):
        raise must("problem", f"be one that {name} is about", problem)
    columns, minimise = Columns(problem), known[name]
    theorem = Theorem(
        id=name,
        problem=problem,
        statement=f"Least {WORDS[minimise]} of a source with {problem.n_X} letters, {problem.n_Y} letters for the output"
        f" and {problem.n_S} labels, one shot, with common randomness, when the classifier sees $(Y, U)$.",
        setting=_SETTING if problem.perception is None else _SETTING + _MOVES,
        source="[liu2022] for the reduction, [gal1972] for the program; derived here",
        value=quantity(minimise),
        arguments=tuple(map(quantity, _bounds(columns, minimise))),
        derive=partial(_derive, columns, minimise),
    )
    return theorem.tradeoff(unit)


def quantity(name: str) -> sp.Symbol:
    """Return the letter of a quantity."""
    return sp.Symbol(name, real=True)


def regime_names(binding: Iterable[Iterable[str]]) -> list[str]:
    """Name regimes by the bounds that bind in each; those alike are numbered."""
    limits = ["- and ".join(dict.fromkeys(LIMITED[name[0]] for name in names)) for names in binding]
    kinds = [f"{limit}-limited" if limit else "unconstrained" for limit in limits]
    numbers = (kinds[: place + 1].count(kind) for place, kind in enumerate(kinds))
    return [kind if kinds.count(kind) == 1 else f"{kind} {number}" for kind, number in zip(kinds, numbers, strict=True)]


def _bounds(columns: Columns, minimise: str) -> list[str]:
    """The names of the arguments, in the order in which they are written."""
    return sorted((name for name in columns.names if name != minimise), key=lambda name: ("DRPC".index(name[0]), name))


def _derive(columns: Columns, minimise: str, unit: Unit) -> Derived:
    found = hull(columns)
    proof = Proof({quantity(name): NONNEGATIVE for name in columns.names})
    reduction.show(proof, *reduction.TO_MAPS, *reduction.OF_MAPS)
    corners = Corners(columns, proof, unit)
    points = [corners.show(number, corner) for number, corner in enumerate(found.corners, 1)]
    surface = _Surface(found, minimise, _pieces(found, minimise, points, proof))
    surface.prove(proof)
    return Derived(proof, surface.rows(), (convex(*_bounds(columns, minimise)),), surface.numbers())


@dataclass(frozen=True, eq=False)
class _Piece:
    """A face of the hull as a function: the least value of one quantity for bounds on others.

    Attributes
    ----------
    least : str
        The quantity: what is minimised or, where the face is a border of what is feasible, one of the bounds.
    mark : str
        What tells its letters from those of other pieces.
    value : expression
    prices : mapping from the other quantities to by how much `value` falls with them
    """

    least: str
    mark: str
    value: sp.Expr
    prices: Mapping[str, sp.Expr]

    @property
    def letter(self) -> sp.Symbol:
        """The quantity as a symbol."""
        return quantity(self.least)


def _pieces(found: Hull, minimise: str, points: list[Coordinates], proof: Proof) -> dict[Face, _Piece]:
    """Write every face as a function, first those of what is minimised."""
    place, names = found.columns.names.index(minimise), found.columns.names
    pieces: dict[Face, _Piece] = {}
    for is_border in (False, True):
        faces = [face for face in found.faces if (place in face.free) == is_border]
        for number, face in enumerate(faces, 1):
            bounded = [name for i, name in enumerate(names) if i not in face.free]
            least = bounded[0] if is_border else minimise
            others = [name for name in bounded if name != least]
            mark = f"min_{number}" if is_border else str(number)
            pieces[face] = _piece(least, others, mark, [points[i] for i in face.span], proof)
    return pieces


def _piece(least: str, others: list[str], mark: str, span: list[Coordinates], proof: Proof) -> _Piece:
    """Write the plane through some corners."""
    base, *rest = span
    prices: dict[str, sp.Expr] = {}
    if others:
        steps = sp.Matrix([[point[name] - base[name] for name in others] for point in rest])
        falls = sp.Matrix([base[least] - point[least] for point in rest])
        solved = steps.adjugate() * falls / steps.det(method="berkowitz")
        for name, price in zip(others, solved, strict=True):
            meaning = f"by how much ${least}$ falls for more ${name}$"
            prices[name] = _let(proof, *_price(name, mark), price, meaning)
    value = base[least] - sum((price * (quantity(name) - base[name]) for name, price in prices.items()), sp.S.Zero)
    piece = _Piece(least, mark, _let(proof, least, mark, value, "a plane"), prices)
    at = [(value.xreplace({quantity(name): point[name] for name in others}), point[least]) for point in span]
    through = And(*(Eq(one, other, evaluate=False) for one, other in at if one != other), evaluate=False)  # pyright: ignore[reportCallIssue] (sympy)
    if through != True:  # noqa: E712 (sympy's true, not Python's)
        proof.show(through, "the plane passes through its corners")
    return piece


def _let(proof: Proof, letter: str, mark: str, value: sp.Expr, meaning: str) -> sp.Expr:
    if value.is_number or value.is_Symbol:
        return value
    below = mark.replace("min", r"\min").replace("_", ",")
    latex = f"{chr(92) * (letter in _PRICES.values())}{letter}_{{{below}}}"
    return proof.let(sp.Symbol(f"{letter}_{mark}", real=True), value, meaning, latex=latex)


@dataclass(frozen=True, eq=False)
class _Surface:
    """All pieces of a trade-off, and the borders of what is feasible."""

    hull: Hull
    minimise: str
    pieces: Mapping[Face, _Piece]

    @property
    def own(self) -> dict[Face, _Piece]:
        """The faces that are pieces of the trade-off."""
        return {face: piece for face, piece in self.pieces.items() if piece.least == self.minimise}

    @property
    def borders(self) -> tuple[_Piece, ...]:
        """The others, where they exclude anything."""
        return tuple(p for p in self.pieces.values() if p.least != self.minimise and p.value != 0)

    def prove(self, proof: Proof) -> None:
        """Show that each piece bounds every plan, and that nothing else does."""
        for face, piece in self.pieces.items():
            proof.show(
                Supported(Ge(piece.letter, piece.value, evaluate=False), data_of(self.hull, face)),
                "for every plan: the multipliers of a basis price each map at no more than it costs, and the corners at what"
                " they cost",
            )
        if self.pieces:
            largest = Max(*(piece.value for piece in self.own.values()), evaluate=False)
            proof.show(
                Complete(Eq(quantity(self.minimise), largest, evaluate=False), data_of(self.hull)),
                "the corners span no further faces, so a piece that is not below its neighbours is the largest, and some"
                " mixture of its corners attains it",
            )

    def rows(self) -> tuple[Regime, ...]:
        """Write the regimes."""
        if not self.pieces:
            return (row("infeasible", sp.true, sp.oo, "no code has this target law without a pair that is forbidden."),)
        names = regime_names([self._binding(piece) for piece in self.own.values()])
        rows = [
            row(name, self._condition(face), piece.value, self._reason(face, piece))
            for name, (face, piece) in zip(names, self.own.items(), strict=True)
        ]
        if self.borders:
            beyond = [(self._beyond(piece), And(*self._first_to_say(piece))) for piece in self.borders]
            rows.append(row("infeasible", Or(*(Lt(p.letter, p.value) for p in self.borders)), sp.oo, *beyond))
        return tuple(rows)

    def _first_to_say(self, piece: _Piece) -> Iterator[Boolean]:
        """Where a border is named: none of fewer bounds excludes the point, and none of the same bounds lies farther."""
        yield Lt(piece.letter, piece.value)
        for other in self.borders:
            if len(other.prices) < len(piece.prices):
                yield Ge(other.letter, other.value)
            elif other is not piece and (other.least, {*other.prices}) == (piece.least, {*piece.prices}):
                yield Ge(piece.value, other.value)

    def numbers(self) -> dict[str, sp.Expr]:
        """What the names in the reasons stand for."""
        return {f"least_{piece.mark}": piece.value for piece in self.borders}

    def _condition(self, face: Face) -> Boolean:
        """Where a piece is the optimum: beside its neighbours, and within the borders that it touches."""
        return And(*self._inequalities(face))

    def _inequalities(self, face: Face) -> Iterator[Boolean]:
        own = self.pieces[face]
        others = [self.pieces[neighbour] for neighbour in self.hull.neighbours(face)]
        # Of bounds that are left out all pieces with a price are minus infinity, and none is below its neighbours.
        others += [piece for piece in self.own.values() if not piece.prices and own.prices and piece not in others]
        for other in others:
            if other.least == self.minimise:
                yield Le(other.value, own.value) if own.value.is_number else Ge(own.value, other.value)
            elif other.value != 0:
                yield Ge(other.letter, other.value)

    @staticmethod
    def _binding(piece: _Piece) -> list[str]:
        return [name for name, price in piece.prices.items() if price != 0]

    def _reason(self, face: Face, piece: _Piece) -> str:
        corners = [str(i + 1) for i in face.corners]
        binding = [f"{self._given(n)} binds." for n in self._binding(piece)]
        plan = f"mixes corners {', '.join(corners)}" if len(corners) > 1 else f"is corner {corners[0]}"
        return " ".join([*(binding or ["no bound binds."]), f"The plan {plan}."])

    def _beyond(self, piece: _Piece) -> str:
        bound = f"{piece.least} >= {{least_{piece.mark}}}{self._unit(piece.least)}"
        given = [self._given(name) for name in piece.prices]
        needs = f"{' and '.join(given)} {'need' if len(given) > 1 else 'needs'}" if given else "every plan has"
        return f"{needs} {bound}."

    def _given(self, name: str) -> str:
        return f"{name} = {{{name}}}{self._unit(name)}"

    def _unit(self, name: str) -> str:
        in_bits = name == "R" or (name[0] == "C" and self.hull.columns.problem.uncertainty == "entropy")
        return " {unit}" if in_bits else ""


def _price(name: str, mark: str) -> tuple[str, str]:
    """The letter of the price of a bound, and its mark: of further costs and labels it has their number, too."""
    return _PRICES[name[0]], "_".join(filter(None, (name[1:], mark)))
