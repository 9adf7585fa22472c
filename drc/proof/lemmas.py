r"""Every lemma that the decision procedure uses is proved here, from definitions and from earlier lemmas.

A proof is a list of parts.  A part is a claim, which `decide` proves; or one of four rules of calculus, the premises of
which `decide` proves, and the conclusion of which may be used by later parts:

* *mean value theorem*: a function that is continuous on an interval, and whose derivative is positive (negative) inside
  of it, increases (decreases) strictly.  What is made of rational functions, of `log x` and of `x log x` (0 at 0) is
  continuous wherever it is defined and finite; that it is so on the whole interval, the ends included, is a premise.
* *no slope*: a function whose derivative is 0 on an interval is constant.
* *intermediate value theorem*: a function that is continuous and strictly monotone on an interval takes each value between
  two of its values exactly once.  So its inverse exists, and is unique.
* *special case*: a lemma holds for particular arguments.

Derivatives are taken by `sympy.diff`.  Nothing is proved by a lemma that comes later in the list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Max, Min, Ne, Or
from sympy.logic.boolalg import Boolean

from drc.information.bits import I_b, cells
from drc.information.entropy import H_b
from drc.information.inverses import H_b_inv, I_b_inv
from drc.information.kl_ball import KL_width
from drc.information.kl_bits import KL_b, KL_b_max, KL_b_min
from drc.information.lambert import W_0, W_m1
from drc.information.lemmas import Lemma, P, h, i, known, p, q, r, s, t, u, v, w, x, y, z
from drc.proof.decide import Known
from drc.proof.decide.lemmas import LemmaOf
from drc.proof.step import Step
from drc.proof.verdict import Check, Verdict

_HALF = sp.S.Half


@dataclass(frozen=True)
class Part:
    """Some claims, and what follows from all of them by a rule.

    Attributes
    ----------
    premises : the claims
    rule : by what the conclusions follow; empty if there are none
    facts : conclusions for the letters as they are: pairs of a condition and a claim
    lemmas : conclusions for all arguments of the function
    used : an earlier claim of which this is a special case
    """

    premises: tuple[Step, ...]
    rule: str = ""
    facts: tuple[tuple[Boolean, Boolean], ...] = ()
    lemmas: tuple[Lemma, ...] = ()
    used: Boolean | None = None


@dataclass(frozen=True)
class LemmaProof:
    """A lemma and its proof.

    Attributes
    ----------
    lemma : Lemma
    function, base : what it speaks about; None and 2 for logarithms
    parts : the proof, the last claim of which is the lemma
    earlier : the lemmas that it may use
    """

    lemma: Lemma
    function: type[sp.Function] | None
    base: sp.Expr
    parts: tuple[Part, ...]
    earlier: tuple[LemmaOf, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All claims, in order."""
        return tuple(step for part in self.parts for step in part.premises)

    def check(self) -> tuple[Check, ...]:
        """Prove every claim; the lemma is proved if all are."""
        known, checks = Known(lemmas=self.earlier), []
        for part in self.parts:
            for step in part.premises:
                checks.append(step.check(known=known))
                known = step.added_to(known, checks[-1])
            if all(check.verdict is Verdict.PROVED for check in checks):
                more = tuple((self.function, self.base, lemma) for lemma in part.lemmas)
                known = replace(known, facts=(*known.facts, *part.facts), lemmas=(*(known.lemmas or ()), *more))
        return tuple(checks)

    @property
    def proved(self) -> bool:
        """Whether every claim of the proof is proved, the lemma among them."""
        return all(check.verdict is Verdict.PROVED for check in self.check())


@dataclass(frozen=True)
class _Interval:
    """Where a function is looked at: between two ends, which belong to it unless they are said to be open."""

    low: sp.Expr
    high: sp.Expr
    given: Boolean = sp.true
    low_open: bool = False
    high_open: bool = False

    def holds(self, x: sp.Expr) -> Boolean:
        """Whether a point is in it."""
        low = Lt(self.low, x) if self.low_open else Le(self.low, x)
        high = Lt(x, self.high) if self.high_open else Le(x, self.high)
        return And(self.given, low, high)

    def inside(self, x: sp.Expr) -> Boolean:
        """Whether a point is in it, and is not an end."""
        return And(self.given, Lt(self.low, x), Lt(x, self.high))


def _continuous(f: sp.Expr) -> Boolean:
    """Where a formula made of `x log x`, of logarithms and of rational functions is continuous: where it is finite."""
    needed, letters = [], {}
    for part in f.atoms(sp.Piecewise):
        (_, zero), (_, _) = part.args
        needed.append(Ge(zero.lhs, 0))
        letters[part] = sp.Dummy(real=True)
    rest = f.xreplace(letters)
    for log in (log for log in rest.atoms(sp.log) if not log.is_number):
        needed.append(Gt(log.args[0], 0))
        letters[log] = sp.Dummy(real=True)
    for factor in rest.xreplace(letters).atoms(sp.Pow):
        if factor.exp.is_negative and not factor.base.is_number:
            needed.append(Ne(factor.base, 0))
    return And(*needed)


@dataclass
class _Pen:
    """Writes the proof of one lemma."""

    function: type[sp.Function] | None
    base: sp.Expr
    abbreviations: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()
    parts: list[Part] = field(default_factory=list)

    def step(self, claim: Boolean, because: str, given: Boolean = sp.true) -> Step:
        """Write a claim."""
        return Step(claim, because, given, self.abbreviations)

    def show(self, claim: Boolean, because: str, given: Boolean = sp.true, at: tuple[sp.Symbol, ...] = ()) -> None:
        """Claim something; `at` if it is to be used for all arguments."""
        lemmas = (Lemma(because, (at,), Implies(given, claim)),) if at else ()
        self.parts.append(Part((self.step(claim, because, given),), "for all arguments" if at else "", lemmas=lemmas))

    def define(self, claim: Boolean, because: str, given: Boolean = sp.true) -> None:
        """State what a function is."""
        self.parts.append(Part((), f"definition: {because}", ((given, claim),)))

    def value(self, f: sp.Expr, formula: sp.Expr, x: sp.Symbol, at: sp.Expr, result: sp.Expr, given: Boolean) -> None:
        """Claim what a function is at one value of a variable."""
        claim = Eq(formula.subs(x, at), result, evaluate=False)
        there = And(Eq(x, at), given)
        self.parts.append(Part((self.step(claim, "by definition", given),), "special case", ((there, Eq(f, result)),)))

    def special(self, claim: Boolean, values: Mapping[sp.Symbol, sp.Expr]) -> None:
        """Use a proved claim, which holds for all arguments, for some of them."""
        special = claim.subs(values, simultaneous=True)
        self.parts.append(Part((), "special case", ((sp.true, special),), used=claim))

    def monotone(
        self, f: sp.Expr, formula: sp.Expr, x: sp.Symbol, where: _Interval, slope: sp.Expr, *, up: bool = True
    ) -> Callable[[sp.Expr, sp.Expr], Boolean]:
        """Claim that `f` is strictly monotone in `x`, by its derivative; returns what follows for two values of `x`.

        Parameters
        ----------
        f, formula : the function, and what it is by definition
        x : its variable
        where : the interval
        slope : its derivative, in the form in which its sign is seen
        up : whether it increases
        """
        within, inside = where.inside(x), _inside(formula)
        premises = [
            (_continuous(formula), "continuous", where.holds(x)),
            (_continuous(inside), "differentiable", within),
            (Eq(sp.diff(inside, x), slope, evaluate=False), "the derivative", within),
            (Gt(slope, 0) if up else Lt(slope, 0), "it has one sign", within),
        ]
        steps = (self.step(*premise) for premise in premises)

        def compared(a: sp.Expr, b: sp.Expr) -> Boolean:
            """What holds of two values."""
            fa, fb = (f.subs(x, value) for value in (a, b))
            return Implies(And(where.holds(a), Lt(a, b), where.holds(b)), Lt(fa, fb) if up else Gt(fa, fb))

        # What is the same by the way it is written needs no proof.
        self.parts.append(Part(tuple(step for step in steps if not _trivial(step.claim)), "mean value theorem"))
        return compared

    def proof(self, lemma: Lemma) -> LemmaProof:
        """Claim the lemma, and end the proof."""
        parts = (*self.parts, Part((self.step(lemma.claim, lemma.name),)))
        return LemmaProof(lemma, self.function, self.base, parts)

    def conclusion(self, name: str, at: tuple[tuple[sp.Symbol, ...], ...], claim: Boolean) -> LemmaProof:
        """End the proof of a lemma that is used in proofs only."""
        return LemmaProof(Lemma(name, at, claim), None, self.base, tuple(self.parts))

    def follows(self, *claims: Boolean) -> None:
        """Use what a rule has given."""
        self.parts.append(Part((), "mean value theorem", tuple((sp.true, claim) for claim in claims)))

    def everywhere(self, name: str, at: tuple[tuple[sp.Symbol, ...], ...], claim: Boolean) -> None:
        """Use what a rule has given, for all arguments."""
        self.parts.append(Part((), "mean value theorem", lemmas=(Lemma(name, at, claim),)))

    def inverse(
        self,
        value: sp.Expr,
        f: Callable[[sp.Expr], sp.Expr],
        formula: Callable[[sp.Expr], sp.Expr],
        c: sp.Expr,
        ends: tuple[sp.Expr, sp.Expr],
        given: Boolean = sp.true,
        *,
        rising: bool = True,
    ) -> None:
        """Claim that `f` has exactly one inverse between two ends, at which it is least and largest; `value` is it.

        Beyond the range of `f` the value is the nearer end.
        """
        least, most = ends

        def between(w: sp.Expr) -> Boolean:
            return And(Le(least, w), Le(w, most)) if rising else And(Le(most, w), Le(w, least))

        premises = (
            self.step(_continuous(formula(x)), "continuous", And(given, between(x))),
            self.step(Lt(f(x), f(y)), "monotone", And(given, between(x), between(y), Lt(x, y) if rising else Lt(y, x))),
        )
        conclusion = And(
            between(value),
            Implies(Le(c, f(least)), Eq(value, least)),
            Implies(Ge(c, f(most)), Eq(value, most)),
            Implies(Ge(c, f(least)), Le(f(value), c)),
            Implies(And(Le(f(least), c), Le(c, f(most))), Eq(f(value), c)),
        )
        self.parts.append(Part(premises, "intermediate value theorem", ((given, conclusion),)))


def _trivial(claim: Boolean) -> bool:
    return claim == sp.true or (isinstance(claim, Eq) and claim.lhs == claim.rhs)


def _inside(formula: sp.Expr) -> sp.Expr:
    """A formula where none of the arguments of `x log x` is 0."""
    return formula.replace(sp.Piecewise, lambda *branches: branches[-1][0])


def _in_base(function: type[sp.Function], base: sp.Expr) -> Callable[..., sp.Expr]:
    return lambda *args: function(*args) if base == 2 else function(*args, base)


def _formula(function: type[sp.Function], base: sp.Expr) -> Callable[..., sp.Expr]:
    facts = known(function, base)
    return lambda *args: facts.opened.xreplace(dict(zip(facts.args, args, strict=True)))


def _entropy(base: sp.Expr) -> list[LemmaProof]:
    bounds, order = known(H_b, base).lemmas
    H, formula = _in_base(H_b, base), _formula(H_b, base)
    unit = And(Le(0, p), Le(p, 1))

    pen = _Pen(H_b, base)
    pen.show(Eq(H(p), H(1 - p)), "the letters exchanged", unit, at=(p,))
    slope = sp.log((1 - p) / p) / sp.log(base)
    up = pen.monotone(H(p), formula(p), p, _Interval(sp.S.Zero, _HALF), slope)
    pen.everywhere("the binary entropy increases up to 1/2", ((p,), (q,)), up(p, q))
    first = pen.proof(order)

    pen = _Pen(H_b, base)
    pen.special(order.claim, {p: 0, q: p})
    pen.special(order.claim, {q: _HALF})
    return [first, pen.proof(bounds)]


def _information(base: sp.Expr) -> list[LemmaProof]:
    positive, order, alike = known(I_b, base).lemmas[:3]
    I, formula = _in_base(I_b, base), _formula(I_b, base)  # noqa: E741 (the field's letter)
    mass = cells(u, p, r)
    law = And(Le(0, p), Le(p, 1), Le(0, r), Le(r, 1), *(Ge(m, 0) for m in mass.values()))
    most = Min(p * (1 - r), (1 - p) * r)

    pen = _Pen(I_b, base)
    for (moved, first, second), because in (
        ((u, p, r), "the same bits"),
        ((u, r, p), "the bits exchanged"),
        ((u, 1 - p, 1 - r), "both bits negated"),
        ((-u, p, 1 - r), "the second bit negated"),
        ((-u, 1 - p, r), "the first bit negated"),
    ):
        if (moved, first, second) != (u, p, r):
            pen.show(Eq(I(u, p, r), I(moved, first, second)), because, law)
        there = And(Eq(v, moved), Eq(x, first), Eq(y, second))
        pen.show(Eq(I(u, p, r), I(v, x, y)), because, And(law, there))
    symmetric = pen.proof(alike)

    odds = sp.Dummy("odds", real=True)
    pen = _Pen(I_b, base, ((odds, mass[1, 1] * mass[0, 0] / (mass[1, 0] * mass[0, 1])),))
    proper = And(Lt(0, p), Lt(p, 1), Lt(0, r), Lt(r, 1))
    where = _Interval(sp.S.Zero, most, proper)
    slope = sp.log(odds) / sp.log(base)
    pen.show(Gt(odds, 1), "the determinant of the joint law is the covariance", where.inside(u))
    growing = Implies(Gt(x, 1), Gt(sp.log(x) / sp.log(base), 0))
    pen.show(growing, "the logarithm increases")
    pen.special(growing, {x: odds})
    up = pen.monotone(I(u, p, r), formula(u, p, r), u, where, slope)
    # The slope of the line from the origin grows, too: that is what convexity is needed for.
    log_odds = sum((-1) ** (a + b) * sp.log(m) for (a, b), m in mass.items())
    gap = u * log_odds / sp.log(base) - _inside(formula(u, p, r))
    curvature = sum(1 / m for m in mass.values()) / sp.log(base)
    grows = pen.monotone(gap, gap, u, replace(where, high_open=True), u * curvature)
    pen.show(Eq(gap.subs(u, 0), 0, evaluate=False), "nothing at independence", proper)
    pen.follows(grows(sp.S.Zero, u))
    divided = Implies(And(Gt(x, 0), Gt(u, 0)), Gt(x / u**2, 0))
    pen.show(divided, "a square is positive")
    pen.special(divided, {x: gap})
    pen.show(Gt(gap, 0), "it grows from 0", where.inside(u))
    steeper = pen.monotone(I(u, p, r) / u, formula(u, p, r) / u, u, replace(where, low_open=True), gap / u**2)
    slopes = pen.conclusion("the slopes of information", ((u, p, r), (v, p, r)), And(up(u, v), steeper(u, v)))

    pen = _Pen(I_b, base)
    first, second = I(u, p, r), I(v, p, r)
    less = Implies(And(Lt(0, u), Lt(0, v), Lt(x / u, y / v)), Lt(x * v, y * u))
    pen.show(less, "denominators are positive")
    pen.special(less, {x: first, y: second})
    pen.special(slopes.lemma.claim, {})
    pair = And(where.holds(u), Lt(u, v), where.holds(v))
    pen.show(Lt(first * v, second * u), "the line from the origin is steeper", And(pair, Lt(0, u)))
    ratio = pen.conclusion("ratio", ((u, p, r), (v, p, r)), Implies(And(pair, Lt(0, u)), Lt(first * v, second * u)))

    laws = And(law, law.subs(u, v))
    pen = _Pen(I_b, base)
    pen.value(first, formula(u, p, r), u, sp.S.Zero, sp.S.Zero, And(Le(0, p), Le(p, 1), Le(0, r), Le(r, 1)))
    pen.special(slopes.lemma.claim, {})
    pen.special(ratio.lemma.claim, {})
    pen.show(pair, "no bit is constant", And(laws, Le(0, u), Lt(u, v)))
    one_side = Implies(
        And(laws, Le(0, u), Lt(u, v)),
        And(Lt(first, second), Le(first * v, second * u), Implies(Lt(0, u), Lt(first * v, second * u))),
    )
    pen.show(one_side, "for positive covariances")
    positive_side = pen.conclusion("one side", ((u, p, r), (v, p, r)), one_side)

    pen = _Pen(I_b, base)
    pen.special(one_side, {})
    pen.special(one_side, {u: -u, v: -v, p: p, r: 1 - r})
    for at in (u, v):
        pen.show(Eq(I(at, p, r), I(-at, p, 1 - r)), "a bit negated", law.subs(u, at))
    monotone = pen.proof(order)

    pen = _Pen(I_b, base)
    pen.value(I(u, p, r), formula(u, p, r), u, sp.S.Zero, sp.S.Zero, And(Le(0, p), Le(p, 1), Le(0, r), Le(r, 1)))
    pen.special(order.claim, {u: 0, v: u})
    pen.show(law.subs(u, 0), "independent bits have a joint law", law)
    for side in (Eq(u, 0), Gt(u, 0), Lt(u, 0)):
        claim = Eq(I(u, p, r), 0) if isinstance(side, Eq) else Gt(I(u, p, r), 0)
        pen.show(claim, "compared with independent bits", And(law, side))
    return [symmetric, slopes, ratio, positive_side, monotone, pen.proof(positive)]


def _named(function: type[sp.Function], base: sp.Expr, start: str) -> Lemma:
    """The lemma of a function whose name starts like this."""
    return next(lemma for lemma in known(function, base).lemmas if lemma.name.startswith(start))


def _log_odds(u: sp.Expr) -> sp.Expr:
    """Logarithm of the odds ratio of two bits with covariance `u`."""
    return sum((-1) ** (a + b) * sp.log(mass) for (a, b), mass in cells(u, p, r).items())


def _are_masses(*covariances: sp.Expr) -> Boolean:
    """Whether the bits have a joint law with each of these covariances."""
    unit = (Le(0, p), Le(p, 1), Le(0, r), Le(r, 1))
    return And(*unit, *(Ge(mass, 0) for at in covariances for mass in cells(at, p, r).values()))


def _convexity(base: sp.Expr) -> list[LemmaProof]:
    """Information lies above its tangents, and so below its chords."""
    lemma = _named(I_b, base, "information is strictly convex")
    I, formula = _in_base(I_b, base), _formula(I_b, base)  # noqa: E741 (the field's letter)
    proper = And(Lt(0, p), Lt(p, 1), Lt(0, r), Lt(r, 1))
    inside = And(proper, *(Gt(mass, 0) for mass in cells(w, p, r).values()))
    low, high = sp.Max(-p * r, -(1 - p) * (1 - r)), Min(p * (1 - r), (1 - p) * r)

    pen = _Pen(I_b, base)
    tangent = And(inside, Eq(s, _log_odds(w) / sp.log(base)))
    above, slope = I(x, p, r) - s * x, _log_odds(x) / sp.log(base) - s
    smaller = Implies(And(Gt(y, 0), Lt(y, z)), Lt(sp.log(y), sp.log(z)))
    pen.show(smaller, "the logarithm increases")
    compared = []
    for first, second in ((w, x), (x, w)):
        ordered = And(inside, *(Gt(mass, 0) for mass in cells(x, p, r).values()), Lt(first, second))
        one, other = cells(first, p, r), cells(second, p, r)
        for a, b in one:
            less = (one[a, b], other[a, b]) if a == b else (other[a, b], one[a, b])
            pen.special(smaller, dict(zip((y, z), less, strict=True)))
            pen.show(Lt(*(sp.log(mass) for mass in less)), "a mass moves with the covariance", ordered)
        odds = Lt(_log_odds(first), _log_odds(second))
        pen.show(odds, "the odds ratio grows with the covariance", ordered)
        where = _Interval(w, high, tangent) if first == w else _Interval(low, w, tangent)
        compared.append(pen.monotone(above, formula(x, p, r) - s * x, x, where, slope, up=first == w))
    up, down = compared
    pen.follows(up(w, v), down(u, w))
    pair = And(_are_masses(u, v), Lt(u, w), Lt(w, v))
    pen.show(And(inside, Le(low, u), Le(v, high)), "no bit is constant, and no value impossible", pair)
    chord = lemma.claim.args[1]
    given = And(pair, Eq(s, _log_odds(w) / sp.log(base)))
    pen.show(And(*(Lt(I(w, p, r) - s * w, I(at, p, r) - s * at) for at in (u, v))), "it lies above its tangent", given)
    pen.show(below := Implies(given, chord), "so it lies below the chord")
    pen.special(below, {s: _log_odds(w) / sp.log(base)})
    return [pen.proof(lemma)]


def _opposite_sides(base: sp.Expr) -> list[LemmaProof]:
    """On the way to two covariances of opposite sign, at equal shares of it, information rises faster on one side."""
    lemma = _named(I_b, base, "of covariances of opposite sign")
    I, formula = _in_base(I_b, base), _formula(I_b, base)  # noqa: E741 (the field's letter)
    there, back = cells(t * u, p, r), cells(t * v, p, r)
    equal, unequal = (
        sp.Mul(*(law[a, b] for law in (there, back) for a, b in law if (a == b) is alike)) for alike in (True, False)
    )
    lean, spread = (1 - 2 * p) * (1 - 2 * r), p * (1 - p) * r * (1 - r)
    ahead = (u + v) * (spread + t**2 * u * v) + t * lean * u * v
    laws = And(_are_masses(u, v), Lt(v, 0), Lt(0, u))
    leads = And(laws, Ge(lean, 0), Ge(ahead.subs(t, 1), 0))
    first, second = I(u, p, r), I(v, p, r)

    pen = _Pen(I_b, base)
    where = _Interval(sp.S.Zero, sp.S.One, And(leads, Gt(u + v, 0)))
    within = where.inside(t)
    pen.show(And(*(Gt(mass, 0) for law in (there, back) for mass in law.values())), "each value is possible", within)
    falls = Implies(
        And(Lt(0, t), Lt(t, 1), Gt(x, 0), Lt(y, 0), Ge(s, 0), Ge(x * (z + y) + s * y, 0)),
        Gt(x * (z + t**2 * y) + t * s * y, 0),
    )
    pen.show(falls, "it falls on the way, and is not negative at its end")
    pen.special(falls, {x: u + v, y: u * v, z: spread, s: lean})
    pen.show(Lt(u * v, 0), "of opposite signs", within)
    pen.show(Gt(ahead, 0), "so it is positive", within)
    pen.show(Gt(unequal, 0), "masses are positive", within)
    above = Implies(And(Eq(x - y, t * z), Gt(z, 0), Gt(t, 0), Gt(y, 0)), Gt(x / y, 1))
    pen.show(above, "a quotient of what is larger by something positive")
    pen.special(above, {x: equal, y: unequal, z: ahead})
    pen.show(
        Eq(equal - unequal, t * ahead, evaluate=False), "the product of the odds ratios is above 1 if this is positive"
    )
    pen.show(Gt(equal / unequal, 1), "the product of the odds ratios", within)
    growing = Implies(And(Gt(x, 1), Gt(y, 0)), Gt(sp.log(x) * y / sp.log(base), 0))
    pen.show(growing, "the logarithm increases")
    pen.special(growing, {x: equal / unequal, y: -u * v})
    gain, opened = (-v * f(t * u, p, r) - u * f(t * v, p, r) for f in (I, formula))
    grows = pen.monotone(gain, opened, t, where, -u * v * sp.log(equal / unequal) / sp.log(base))
    pen.follows(grows(sp.S.Zero, sp.S.One))
    pen.show(tells_more := Implies(And(leads, Gt(u + v, 0)), Lt(second * u, -first * v)), "at the end of the way")
    one_side = pen.conclusion("of opposite covariances", ((u, p, r), (v, p, r)), tells_more)

    pen = _Pen(I_b, base)
    pen.special(tells_more, {})
    pen.show(And(Le(u**2, spread), Le(v**2, spread)), "products of two masses each", laws)
    pen.show(Ge(u + v, 0), "the first is no shorter", leads)
    pen.show(Gt(u + v, 0), "and is longer", And(leads, Gt(lean, 0)))
    balanced = And(leads, Eq(u + v, 0))
    pen.show(Or(Eq(p, _HALF), Eq(r, _HALF)), "a law is even", balanced)
    for (one, other), even in (((p, 1 - r), Eq(r, _HALF)), ((1 - p, r), Eq(p, _HALF))):
        pen.show(Eq(first, I(v, one, other)), "a bit negated", balanced)
        pen.show(Eq(second, I(v, one, other)), "negated, its law is the same", And(balanced, even))
    pen.show(Eq(first, second), "so negating it changes nothing", balanced)
    tells_no_less = Implies(leads, And(Le(second * u, -first * v), Implies(Gt(lean, 0), Lt(second * u, -first * v))))
    pen.show(tells_no_less, "in either case")
    both_cases = pen.conclusion("of opposite covariances, in any case", ((u, p, r), (v, p, r)), tells_no_less)

    pen = _Pen(I_b, base)
    pen.special(tells_no_less, {})
    pen.special(tells_no_less, {u: -v, v: -u, r: 1 - r})
    for at in (u, v):
        pen.show(Eq(I(at, p, r), I(-at, p, 1 - r)), "a bit negated", _are_masses(at))
    return [one_side, both_cases, pen.proof(lemma)]


def _inverses(base: sp.Expr) -> list[LemmaProof]:
    H, I = _in_base(H_b, base), _in_base(I_b, base)  # noqa: E741 (the field's letter)
    pen = _Pen(H_b_inv, base)
    pen.inverse(H_b_inv.of(h, base), H, _formula(H_b, base), h, (sp.S.Zero, _HALF))
    entropy = pen.proof(known(H_b_inv, base).lemmas[0])

    pen = _Pen(I_b_inv, base)
    unit = And(Le(0, p), Le(p, 1), Le(0, r), Le(r, 1))
    top = Min(p * (1 - r), (1 - p) * r)
    pen.inverse(
        I_b_inv.of(i, p, r, base),
        lambda w: I(w, p, r),
        lambda w: _formula(I_b, base)(w, p, r),
        i,
        (sp.S.Zero, top),
        unit,
    )
    return [entropy, pen.proof(known(I_b_inv, base).lemmas[0])]


def _divergence_formula(y: sp.Expr, q: sp.Expr, base: sp.Expr) -> sp.Expr:
    def term(y: sp.Expr, q: sp.Expr) -> sp.Expr:
        log = sp.S.Zero if q == 1 else sp.log(q)
        return sp.Piecewise((0, Eq(y, 0)), (y * sp.log(y), True)) - y * log

    return (term(y, q) + term(1 - y, 1 - q)) / sp.log(base)


def _divergence(base: sp.Expr) -> list[LemmaProof]:
    positive, order = known(KL_b, base).lemmas

    def KL(y: sp.Expr, q: sp.Expr) -> sp.Expr:
        return KL_b.of(y, q, base)

    formula = _divergence_formula(y, q, base)
    pen = _Pen(KL_b, base)
    proper = And(Lt(0, q), Lt(q, 1))
    slope = sp.log(y * (1 - q) / (q * (1 - y))) / sp.log(base)
    up = pen.monotone(KL(y, q), formula, y, _Interval(q, sp.S.One, proper), slope)
    down = pen.monotone(KL(y, q), formula, y, _Interval(sp.S.Zero, q, proper), slope, up=False)
    pen.follows(up(y, z), down(z, y))
    monotone = pen.proof(order)

    pen = _Pen(KL_b, base)
    pen.value(KL(y, q), formula, y, q, sp.S.Zero, proper)
    pen.define(Eq(KL(y, q), 0), "0 log (0/0) = 0", And(Eq(y, q), Or(Eq(q, 0), Eq(q, 1))))
    pen.special(order.claim, {y: q, z: y})
    return [monotone, pen.proof(positive)]


def _ends(base: sp.Expr) -> list[LemmaProof]:
    def KL(y: sp.Expr, q: sp.Expr) -> sp.Expr:
        return KL_b.of(y, q, base)

    found = []
    for function, far in ((KL_b_min, sp.S.Zero), (KL_b_max, sp.S.One)):
        (lemma,) = known(function, base).lemmas
        pen = _Pen(function, base)
        proper = And(Lt(0, q), Lt(q, 1))
        value = function.of(q, P, base)
        pen.inverse(
            value, lambda w: KL(w, q), lambda w: _divergence_formula(w, q, base), P, (q, far), proper, rising=far == 1
        )
        constant = Or(Eq(q, 0), Eq(q, 1))
        # Where q is 0 or 1 any other law is infinitely far away.
        pen.show(Eq(KL(y, q), sp.oo), "only the law itself is in the ball", And(constant, Le(0, y), Le(y, 1), Ne(y, q)))
        pen.define(Eq(value, q), "the only law in the ball", And(constant, Ge(P, 0)))
        found.append(pen.proof(lemma))
    return found


def _lambert() -> list[LemmaProof]:
    w, c = sp.symbols("w c", real=True, cls=sp.Dummy)

    def f(t: sp.Expr) -> sp.Expr:
        return sp.log(-t) + t

    branches = (
        (W_0, And(Le(-1, w), Lt(w, 0)), False, -sp.exp(c)),
        (W_m1, Le(w, -1), True, 2 * c),
    )
    found = []
    for function, side, rising, far in branches:
        (lemma,) = known(function, sp.Integer(2)).lemmas
        pen = _Pen(function, sp.Integer(2))
        slope, inside = 1 / w + 1, And(side, Ne(w, -1))
        premises = (
            pen.step(_continuous(f(w)), "continuous", side),
            pen.step(Eq(sp.diff(f(w), w), slope, evaluate=False), "the derivative", inside),
            pen.step(Gt(slope, 0) if rising else Lt(slope, 0), "it has one sign", inside),
            pen.step(Eq(f(w).subs(w, -1), -1, evaluate=False), "the value at the common end"),
            pen.step(And(side.subs(w, far), Le(f(far), c)), "a point with a value as low as any", Le(c, -1)),
        )
        value = function(x)
        here = And(Lt(x, 0), Le(sp.log(-x), -1))
        pen.parts.append(Part(tuple(s for s in premises if not _trivial(s.claim)), "mean value theorem"))
        root = And(side.subs(w, value), Eq(f(value), sp.log(-x)))
        pen.parts.append(Part((), "intermediate value theorem", ((here, root),)))
        smaller = Implies(And(Lt(0, y), Le(y, z)), Le(sp.log(y), sp.log(z)))
        pen.show(smaller, "the logarithm increases")
        pen.special(smaller, {y: -x, z: sp.exp(-1)})
        found.append(pen.proof(lemma))
    return found


def _width() -> list[LemmaProof]:
    lemma = known(KL_width, sp.Integer(2)).lemmas[0]
    pen = _Pen(KL_width, sp.Integer(2))
    room = 2 * P - (s**2 - 1 - 2 * sp.log(s))
    pen.define(Eq(KL_width(s, P), sp.sqrt(Max(0, room))), "half the width of the ball", And(Gt(s, 0), Ge(P, 0)))
    return [pen.proof(lemma)]


def _logarithm() -> list[LemmaProof]:
    """The lemmas of the logarithm, which `decide` has built in: their premises are decided by real arithmetic alone."""
    positive, log = And(Gt(x, 0), Gt(y, 0)), sp.log(x)

    def least_at_one(f: sp.Expr) -> Part:
        slope = sp.diff(f, x)
        premises = (
            Step(Lt(slope, 0), f"the derivative of {f}", And(Gt(x, 0), Lt(x, 1))),
            Step(Gt(slope, 0), f"the derivative of {f}", Gt(x, 1)),
            Step(Eq(f.subs(x, 1), 0, evaluate=False), "the value at 1"),
        )
        return Part(premises, "mean value theorem", ((Gt(x, 0), Ge(f, 0)),))

    ratio = sp.diff(sp.log(x * y) - log, x)
    proved = (
        (
            Lemma("the logarithm increases", ((x,), (y,)), Implies(positive, Equivalent(Lt(x, y), Lt(log, sp.log(y))))),
            Part((Step(Gt(sp.diff(log, x), 0), "the derivative of log x", Gt(x, 0)),), "mean value theorem"),
        ),
        (Lemma("log x <= x - 1", ((x,),), Implies(Gt(x, 0), Le(log, x - 1))), least_at_one(x - 1 - log)),
        (Lemma("1 - 1/x <= log x", ((x,),), Implies(Gt(x, 0), Le(1 - 1 / x, log))), least_at_one(log - 1 + 1 / x)),
        (
            Lemma(
                "the logarithm of a product",
                ((x,), (y,)),
                Implies(positive, Eq(sp.log(x * y, evaluate=False), log + sp.log(y))),
            ),
            Part(
                (
                    Step(Eq(ratio, 0, evaluate=False), "the derivative of log(x y) - log x", positive),
                    Step(Eq((sp.log(x * y) - log).subs(x, 1), sp.log(y), evaluate=False), "the value at 1", Gt(y, 1)),
                ),
                "no slope",
            ),
        ),
    )
    return [LemmaProof(lemma, None, sp.Integer(2), (part,)) for lemma, part in proved]


@cache
def lemma_proofs() -> tuple[LemmaProof, ...]:
    """All lemmas with their proofs, in an order in which each uses earlier ones only."""
    found = _logarithm()
    for base in (sp.Integer(2), sp.E):
        for group in (_entropy, _information, _convexity, _opposite_sides, _inverses, _divergence, _ends):
            found += group(base)
    found += [*_lambert(), *_width()]
    ordered: list[LemmaProof] = []
    for proof in found:
        earlier = tuple((o.function, o.base, o.lemma) for o in ordered if o.function is not None)
        ordered.append(replace(proof, earlier=earlier))
    return tuple(ordered)
