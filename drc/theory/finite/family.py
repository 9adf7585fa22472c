"""A family of finite one-shot problems: its trade-off in closed form, the parameters symbolic, derived and proved.

Theorem ([liu2022] for the reduction to random maps, [gal1972] for programs with parameters).  With common randomness a code
is a random deterministic map, so the trade-off is the optimum of a linear program over the maps.  A basis of the program
is optimal where its weights are not negative and it prices no map at more than it costs: inequalities in the bounds and the
parameters.  The bases that are optimal somewhere are found at points; that no other is needed, whatever the parameters, is
proved: where a weight of a basis would be negative, one of its neighbours goes on, or no plan exists.
"""

# sympy does not say what it returns.
# pyright: reportReturnType=false, reportCallIssue=false, reportIndexIssue=false

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import product
from typing import Any

import numpy as np
import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Le, Lt, Ne, Or
from sympy.logic.boolalg import Boolean
from sympy.polys.rings import PolyElement, PolyRing

from drc.errors import NotAvailableError, must
from drc.information import H_b
from drc.problems import Problem
from drc.problems.family import Family
from drc.proof import NONNEGATIVE, REALS, Proof
from drc.theory import reduction
from drc.theory.finite.bases import Basis, SymbolicProgram
from drc.theory.finite.signs import Signs, compared, tightest
from drc.theory.finite.surface import WORDS, quantity, regime_names
from drc.theory.theorem import Derived, Theorem, row
from drc.tradeoff import Regime, Tradeoff
from drc.tradeoff.law import convex
from drc.types import Floats
from drc.units import BITS, Unit

#: More bases than this are not looked at.
MOST_BASES = 200_000

#: At how many points of the domain signs are read, and at how many of these bases are looked for.
_POINTS, _FOR_BASES = 4000, 250

#: The bounds as far as they are of use, which is never infinite.
_USED = {"D": sp.Symbol("d", real=True), "R": sp.Symbol("rho", real=True), "C": sp.Symbol("c", real=True)}

#: What a plan has of a bounded quantity.
_SOME = sp.Symbol("x", real=True)

_SETTING = (
    "Encoder and decoder share common randomness $U$, so that without loss $Y = f(X)$ for a map $f$ that is drawn by $U$."
    " Letters are numbered from one, and a map is written as the tuple of its values. $R_{1|23}$ and $C_{1|23}$ are"
    r" $H(f(X))$ and $H(S \mid f(X))$ for the maps that tell letter 1 from letters 2 and 3, but not these from each other."
)

Blocks = tuple[tuple[int, ...], ...]


def tradeoff(name: str, problem: Problem, unit: Unit) -> Tradeoff:
    """Derive the trade-off of a family; see `Family.tradeoff`.

    Examples
    --------
    >>> q = sp.Symbol("q", real=True)
    >>> T = tradeoff("family.one-shot.YU.drc", Family([[1 - q, 0], [0, q]], domain={q: (0, 0.5)}), BITS)
    >>> [regime.name for regime in T.regimes]
    ['rate-limited', 'unconstrained', 'infeasible']
    """
    words = {f"family.one-shot.YU.{word}": letter for word, letter in (("drc", "D"), ("rdc", "R"), ("cdr", "C"))}
    if name not in words or not isinstance(problem, Family):
        raise must("problem", f"be one that {name} is about", problem)
    minimise = words[name]
    whole = problem if not problem.values else Family(problem.p_SX, problem.distortion, problem.p_Y, problem.domain)
    theorem = Theorem(
        id=name,
        problem=whole,
        statement=f"Least {WORDS[minimise]} of a source with {len(whole.masses)} letters, {whole.n_Y} letters for the output"
        f" and {len(whole.p_SX)} labels, one shot, with common randomness, when the classifier sees $(Y, U)$.",
        setting=_SETTING,
        source="[liu2022] for the reduction, [gal1972] for the program; derived here",
        value=quantity(minimise),
        arguments=tuple(quantity(bound) for bound in "DRC" if bound != minimise),
        derive=partial(_derive, whole, minimise),
    )
    return theorem.tradeoff(unit).specialise(problem)


@dataclass(frozen=True, eq=False)
class _Maps:
    """The program over the maps of a family; maps that are alike in all that counts are one column.

    Attributes
    ----------
    family : Family
    minimise : {"D", "R", "C"}
    """

    family: Family
    minimise: str

    @cached_property
    def partitions(self) -> tuple[Blocks, ...]:
        """What a map may tell apart, from nothing to everything."""
        found = {_blocks(f) for f in self._all_maps}
        return tuple(sorted(found, key=lambda blocks: (len(blocks), blocks)))

    @property
    def _all_maps(self) -> list[Basis]:
        return list(product(range(self.family.n_Y), repeat=len(self.family.masses)))

    @cached_property
    def entropies(self) -> dict[sp.Symbol, tuple[str, Blocks]]:
        """The letters of entropies that are neither zero nor equal to those before."""
        return {letter: at for at, letter in self._letters.items() if letter == _named(*at)}

    @cached_property
    def _letters(self) -> dict[tuple[str, Blocks], sp.Expr]:
        """What stands for each entropy: partitions whose blocks have equal masses share a letter."""
        found: dict[tuple[str, Blocks], sp.Expr] = {}
        known: dict[tuple, sp.Expr] = {}
        for kind, blocks in product("RC", self.partitions):
            cells = self._cells(kind, blocks)
            certain = len(cells) < 2 if kind == "R" else all(sum(p != 0 for p in cell) < 2 for cell in cells)
            letter = sp.S.Zero if certain else _named(kind, blocks)
            found[kind, blocks] = known.setdefault((kind, tuple(cells)), letter)
        return found

    def _cells(self, kind: str, blocks: Blocks) -> list[tuple[sp.Expr, ...]]:
        """The masses of the blocks, or of the labels in each of them, in an order of their own."""
        p_SX: Sequence[Sequence[Any]] = self.family.p_SX  # polynomials, once a family is made
        cells = [[sp.expand(sum(row[x] for x in block)) for row in p_SX] for block in blocks]
        if kind == "R":
            cells = [[sp.expand(sum(cell))] for cell in cells]
        return sorted((tuple(sorted(cell, key=sp.default_sort_key)) for cell in cells), key=str)

    @cached_property
    def ring(self) -> PolyRing:
        """Polynomials in parameters, entropies and bounds."""
        return PolyRing([*self.family.symbols, *self.entropies, *_USED.values()], sp.QQ)

    @property
    def bounds(self) -> str:
        """What is not minimised."""
        return "DRC".replace(self.minimise, "")

    @cached_property
    def maps(self) -> tuple[Basis, ...]:
        """One map for each column."""
        columns: dict[tuple, Basis] = {}
        for f in self._all_maps:
            columns.setdefault(self.column(f), f)
        return tuple(columns.values())

    @cached_property
    def program(self) -> SymbolicProgram:
        """The program: rows of the law and of the bounds, columns of maps and slacks."""
        zero, one = self.ring.zero, self.ring.one
        laws = len(self.right) - 2
        slacks = tuple((*[zero] * (laws + i), one, *[zero] * (2 - i)) for i in range(2))
        return SymbolicProgram(self.ring, (*map(self.column, self.maps), *slacks), self.right)

    @cached_property
    def right(self) -> tuple[PolyElement, ...]:
        """The right sides: the target law, or one, then the bounds."""
        laws = self.family.p_Y or (sp.S.One,)
        return tuple(self.ring.from_expr(side) for side in (*laws, *map(_USED.get, self.bounds)))

    def column(self, f: Basis) -> tuple[PolyElement, ...]:
        """Return the entries of a map in the rows, and its cost."""
        masses, blocks = self.family.masses, _blocks(f)
        law = [sum((p for p, y in zip(masses, f, strict=True) if y == z), sp.S.Zero) for z in range(self.family.n_Y)]
        value = {
            "D": sum((p * row[y] for p, row, y in zip(masses, self.family.distortion, f, strict=True)), sp.S.Zero),
            "R": self._letters["R", blocks],
            "C": self._letters["C", blocks],
        }
        rows = law if self.family.p_Y is not None else [sp.S.One]
        entries = (*rows, *(value[bound] for bound in self.bounds), value[self.minimise])
        return tuple(self.ring.from_expr(sp.expand(entry)) for entry in entries)

    def entropy(self, letter: sp.Symbol, unit: Unit) -> sp.Expr:
        """Return what a letter stands for."""
        kind, blocks = self.entropies[letter]
        cells = self._cells(kind, blocks)
        if kind == "R":
            return _entropy([p for cell in cells for p in cell], unit)
        masses = [sp.expand(sum(cell)) for cell in cells]
        parts = (mass * _entropy([p / mass for p in cell], unit) for cell, mass in zip(cells, masses, strict=True))
        return sp.factor(sum(parts, sp.S.Zero))

    def most(self, name: str) -> sp.Expr:
        """Return the most of what is bounded that any map has."""
        if name == "D":
            rows = zip(self.family.masses, self.family.distortion, strict=True)
            return sp.expand(sum((p * sp.Max(*row) for p, row in rows), sp.S.Zero))
        # The finest map has the largest rate, if there are letters enough for it.
        finest = [blocks for blocks in self.partitions if not any(_finer(other, blocks) for other in self.partitions)]
        return sp.Max(*(self._letters[name, blocks] for blocks in (finest if name == "R" else self.partitions[:1])))

    def ordered(self) -> Iterator[Boolean]:
        """What finer maps do to entropies; they are compared only where two letters are to be."""
        for fine, coarse in product(self.partitions, repeat=2):
            for kind, relation in (("C", Le), ("R", Gt)):
                one, other = self._letters[kind, fine], self._letters[kind, coarse]
                if _finer(fine, coarse) and one != other and one.is_Symbol and other.is_Symbol:
                    yield relation(one, other)

    def is_positive(self, factor: sp.Expr) -> bool:
        """Whether a factor with one sign is never zero: a mass of the source, or a difference of entropies of the output."""
        masses = {sp.factor(p) for p in self.family.masses}
        rates = {letter for letter, (kind, _) in self.entropies.items() if kind == "R"}
        return factor.free_symbols <= rates or not masses.isdisjoint({sp.factor(factor), sp.factor(-factor)})

    def points(self, count: int) -> Floats:
        """Draw points of the domain, half of them near its ends: parameters, entropies in bits, and zeros for the bounds."""
        rng, family = np.random.default_rng(0), self.family
        entropies = sp.lambdify(family.symbols, [self.entropy(letter, BITS) for letter in self.entropies])
        size = 10 * count, len(family.domain)
        share = rng.permutation(np.concatenate([rng.random(size), rng.beta(0.3, 0.3, size)]))
        low, high = (np.array([float(ends[k]) for ends in family.domain]) for k in (1, 2))
        drawn = low + share * (high - low)
        drawn = drawn[~family.out_of_range(dict(zip(family.parameters, drawn.T, strict=True)))][:count]
        if len(drawn) < count // 20:
            raise must("domain", "have laws in it", got="hardly any at random points")
        with np.errstate(all="ignore"):
            values = [np.broadcast_to(value, len(drawn)) for value in entropies(*drawn.T)]
        found = np.column_stack([drawn, *values, np.zeros((len(drawn), len(_USED)))])
        return found[np.isfinite(found).all(axis=1)]


def _blocks(f: Basis) -> Blocks:
    return tuple(sorted(tuple(x for x, y in enumerate(f) if y == z) for z in set(f)))


def _words(blocks: Blocks, between: str) -> str:
    return between.join("".join(str(x + 1) for x in block) for block in blocks)


def _named(kind: str, blocks: Blocks) -> sp.Symbol:
    return quantity(f"{kind}_{_words(blocks, '_')}")


def _entropy(masses: Sequence[sp.Expr], unit: Unit) -> sp.Expr:
    masses = [sp.cancel(p) for p in masses if p != 0]
    if len(masses) == 2:
        return H_b.of(min(masses, key=sp.count_ops), unit.base)
    # A logarithm of zero is not evaluated.
    terms = (sp.Piecewise((-p * unit.log(p), Gt(p, 0)), (0, True)) for p in masses)
    return sum(terms, sp.S.Zero)


def _finer(a: Blocks, b: Blocks) -> bool:
    """Whether what one partition tells apart is told apart by another, too."""
    return a != b and all(any(set(block) <= set(other) for other in b) for block in a)


@dataclass(frozen=True, eq=False)
class _Vertex:
    """A basis, and where it is optimal.

    Attributes
    ----------
    program : SymbolicProgram
    signs : Signs
    basis : tuple of int
    """

    program: SymbolicProgram
    signs: Signs
    basis: Basis

    @cached_property
    def below(self) -> PolyElement:
        """The determinant of the basis."""
        return self.program.determinant(self.basis)

    @cached_property
    def others(self) -> tuple[int, ...]:
        """The columns that are not in the basis."""
        return tuple(j for j in range(len(self.program.columns)) if j not in self.basis)

    @cached_property
    def value(self) -> sp.Expr:
        """The cost, as a sum over the bounds."""
        whole = -self._quotient(self.program.excess(self.basis, -1))
        bounds = [bound for bound in _USED.values() if whole.has(bound)]
        alone = whole.subs(dict.fromkeys(bounds, 0))
        return _tidy(alone) + sum((_tidy(whole.diff(bound)) * bound for bound in bounds), sp.S.Zero)

    @cached_property
    def weights(self) -> dict[int, sp.Expr]:
        """The weights of its columns."""
        return {j: self.share(place, -1) for place, j in enumerate(self.basis)}

    @cached_property
    def costs(self) -> dict[int, sp.Expr]:
        """What the other columns cost more than their shares."""
        return {j: self._quotient(self.program.excess(self.basis, j)) for j in self.others}

    def share(self, place: int, column: int) -> sp.Expr:
        """Return the share of a column in one of the basis."""
        return self._quotient(self.program.share(self.basis, place, column))

    def _quotient(self, above: PolyElement) -> sp.Expr:
        upper, lower = above.cancel(self.below)
        return upper.as_expr() / lower.as_expr()

    @cached_property
    def known(self) -> dict[PolyElement, int]:
        """The signs of factors of the determinant, where it is not zero and no column is priced at more than it costs."""
        nonzero = self.signs.open(self.below)
        known = {f: self.signs.sign(f) for f in nonzero if self.signs.sign(f)}
        for j in self.others:
            found = self.signs.quotient(self.program.excess(self.basis, j), self.below)
            left = found.factors - known.keys()
            if len(left) == 1 and left <= nonzero:
                known[next(iter(left))] = found.sign * int(sp.prod(known[f] for f in found.factors & known.keys()))
        return known

    @cached_property
    def prices_all(self) -> Boolean:
        """That the basis exists, and prices no column at more than it costs: a condition on the parameters."""
        nonzero = sorted(self.signs.open(self.below), key=str)
        exists = [compared(self.known[f], [f], strict=True) if f in self.known else Ne(f.as_expr(), 0) for f in nonzero]
        return And(*tightest([*exists, *self._at_least_zero(self.program.excess(self.basis, j) for j in self.others)]))

    @cached_property
    def is_plan(self) -> Boolean:
        """That no weight is negative, where the basis prices all columns."""
        return And(*self._at_least_zero(self.program.share(self.basis, place, -1) for place in range(len(self.basis))))

    def ends(self, place: int) -> Boolean:
        """Say that no column has a negative share in one of the basis."""
        return And(*self._at_least_zero(self.program.share(self.basis, place, j) for j in self.others))

    def is_negative(self, place: int, column: int) -> Boolean:
        """Say that a share of a column, or for -1 the weight, is negative."""
        return self.signs.quotient(self.program.share(self.basis, place, column), self.below).below_zero(self.known)

    def _at_least_zero(self, above: Iterable[PolyElement]) -> Iterator[Boolean]:
        nonzero = self.signs.open(self.below)
        return (self.signs.quotient(part, self.below).at_least_zero(self.known, nonzero) for part in above)


def _tidy(expr: sp.Expr) -> sp.Expr:
    found = sp.factor(expr)
    return sp.expand(found) if sp.denom(found).is_number else found


def _derive(family: Family, minimise: str, unit: Unit) -> Derived:
    maps = _Maps(family, minimise)
    count = math.comb(len(maps.program.columns), maps.program.size)
    if count > MOST_BASES:
        raise NotAvailableError(
            f"formulas of families with {count:,} bases are not available, {MOST_BASES:,} at most: give numbers to the"
            " parameters, at(...).tradeoff() has no such limit"
        )
    points = maps.points(_POINTS)
    signs = Signs(points, {used: name != "C" for name, used in _USED.items()}, maps.is_positive)
    found = [_Vertex(maps.program, signs, basis) for basis in maps.program.best(points[:: _POINTS // _FOR_BASES])]
    beyond = _beyond(found)
    rows = _rows(maps, found, beyond)
    # Signs are known once all that is said of neighbours has been written, too.
    goes_on = [(vertex, _goes_on(vertex, place, found)) for vertex in found for place in range(len(vertex.basis))]
    domain = family.ranges | {quantity(bound): NONNEGATIVE for bound in maps.bounds} | {_SOME: REALS}
    proof = Proof(domain, assumed=And(*family.lawful))
    reduction.show(proof, *reduction.TO_MAPS, *reduction.OF_MAPS)
    _entropies(proof, maps, unit)
    for row_number, name in enumerate(maps.bounds, len(maps.right) - 2):
        entries = dict.fromkeys(column[row_number].as_expr() for column in map(maps.column, maps.maps))
        _used(proof, name, maps.most(name), list(entries))
    for sign in signs.used:
        proof.show(sign, "it has one sign everywhere")
    for vertex in found:
        _optimal(proof, vertex)
    proof.show(Or(*(vertex.prices_all for vertex in found)), "whatever the parameters, a basis prices all columns")
    for vertex, claim in goes_on:
        proof.show(
            claim,
            "where this weight would be negative, a neighbour has the other side of the border, or no plan exists: so the"
            " bases cover all that is feasible",
            given=vertex.prices_all,
        )
    for condition, (vertex, place) in beyond.items():
        proof.show(
            And(Lt(vertex.share(place, -1), 0), *(Ge(vertex.share(place, j), 0) for j in vertex.others)),
            "no weights that are not negative make up for this one: no plan exists",
            given=condition,
        )
    return Derived(proof, rows, (convex(*maps.bounds),), {})


def _entropies(proof: Proof, maps: _Maps, unit: Unit) -> None:
    for letter, (kind, blocks) in maps.entropies.items():
        what = "output" if kind == "R" else "label given the output"
        meaning = f"the entropy of the {what}, for maps that tell {_words(blocks, ' | ')} apart"
        proof.let(letter, maps.entropy(letter, unit), meaning, latex=rf"{kind}_{{{_words(blocks, '|')}}}")
    for claim in dict.fromkeys(maps.ordered()):
        proof.show(
            claim, "who is told more knows no less of the label, and the output has more entropy", cites="cover2006"
        )


def _used(proof: Proof, name: str, most: sp.Expr, entries: Sequence[sp.Expr]) -> None:
    """Define what of a bound is of use."""
    bound, used = quantity(name), _USED[name]
    proof.show(And(*(Ge(most, entry) for entry in entries)), f"no map has a {WORDS[name]} of more than this")
    proof.let(used, sp.Min(bound, most), f"the bound on the {WORDS[name]}, or the most that any map has")
    proof.show(
        Equivalent(Le(_SOME, bound), Le(_SOME, used)), "so this bound is as good for every plan", given=Le(_SOME, most)
    )


def _rows(maps: _Maps, found: Sequence[_Vertex], beyond: Iterable[Boolean]) -> tuple[Regime, ...]:
    rows = [
        row(name, And(vertex.prices_all, vertex.is_plan), vertex.value, _reason(maps, vertex))
        for name, vertex in zip(regime_names(_binding(vertex.value) for vertex in found), found, strict=True)
    ]
    return (*rows, row("infeasible", Or(*beyond), sp.oo, "no plan meets all bounds.")) if beyond else tuple(rows)


def _binding(value: sp.Expr) -> list[str]:
    return [name for name, bound in _USED.items() if value.has(bound)]


def _reason(maps: _Maps, vertex: _Vertex) -> str:
    images = (maps.maps[j] for j in vertex.basis if j < len(maps.maps))
    plan = ", ".join(f"({', '.join(str(y + 1) for y in f)})" for f in images)
    units = {"D": "", "R": " {unit}", "C": " {unit}"}
    binding = [f"{name} = {{{name}}}{units[name]} binds." for name in _binding(vertex.value)]
    return " ".join([*(binding or ["no bound binds."]), f"The plan mixes the maps to {plan}."])


def _beyond(found: Sequence[_Vertex]) -> dict[Boolean, tuple[_Vertex, int]]:
    """Where a weight of a basis is negative and no column has a negative share, so that no plan exists."""
    conditions = {
        frozenset(And.make_args(And(vertex.is_negative(place, -1), vertex.ends(place), vertex.prices_all))): (
            vertex,
            place,
        )
        for vertex in found
        for place in range(len(vertex.basis))
    }
    return {
        And(*part): at
        for part, at in conditions.items()
        if sp.false not in part and not any(other < part for other in conditions)
    }


def _optimal(proof: Proof, vertex: _Vertex) -> None:
    """Show that a basis is a plan where its condition holds, and that no plan costs less."""
    columns = [[entry.as_expr() for entry in column] for column in vertex.program.columns]
    right = [side.as_expr() for side in vertex.program.right]
    weights, places = vertex.weights.items(), range(len(vertex.basis))
    sides = (Eq(sp.Add(*(w * columns[j][i] for j, w in weights)), b, evaluate=False) for i, b in enumerate(right))
    cost = Eq(sp.Add(*(w * columns[j][-1] for j, w in weights)), vertex.value, evaluate=False)
    show = partial(proof.show, given=vertex.prices_all)
    show(And(*sides, cost), "this mixture keeps the law and the bounds, and has this value")
    show(
        Equivalent(And(*(Ge(w, 0) for _, w in weights)), vertex.is_plan),
        "it is a plan where none of its weights is negative",
    )
    for j in vertex.others:
        mixed = [
            sp.Add(*(vertex.share(k, j) * columns[b][i] for k, b in zip(places, vertex.basis, strict=True)))
            for i in range(len(right) + 1)
        ]
        excess = [*[0] * len(right), vertex.costs[j]]
        show(
            And(
                *(Eq(columns[j][i], m + e, evaluate=False) for i, (m, e) in enumerate(zip(mixed, excess, strict=True)))
            ),
            "another map or slack is a mixture of the basis, but for what it costs more",
        )
    show(And(*(Ge(c, 0) for c in vertex.costs.values())), "which is not negative, so no plan costs less")


def _goes_on(vertex: _Vertex, place: int, found: Sequence[_Vertex]) -> Boolean:
    """Say that where a weight is negative a neighbour goes on, or no plan exists."""
    among = {frozenset(other.basis): other for other in found}
    claims = [And(*(Ge(vertex.share(place, j), 0) for j in vertex.others))]
    for j in vertex.others:
        neighbour = among.get(frozenset({*vertex.basis} - {vertex.basis[place]} | {j}))
        if neighbour is not None:
            claims.append(And(Lt(vertex.share(place, j), 0), neighbour.prices_all))
    return Or(*claims)
