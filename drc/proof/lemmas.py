r"""Every lemma that the decision procedure uses is proved here, from definitions and from earlier lemmas.

A proof is a list of parts.  A part is a claim, which `decide` proves; or one of four rules of calculus, the premises of
which `decide` proves, and the conclusion of which may be used by later parts:

* *mean value theorem*: a function that is continuous on an interval, and whose derivative is positive (negative) inside
  of it, increases (decreases) strictly; one whose derivative is not negative (not positive) does not decrease (increase).
  What is made of rational functions, of roots, of `log x` and of `x log x` (0 at 0) is continuous wherever it is defined
  and finite; that it is so on the whole interval, the ends included, is a premise.
* *no slope*: a function whose derivative is 0 on an interval is constant.
* *intermediate value theorem*: a function that is continuous and strictly monotone on an interval takes each value between
  two of its values exactly once.  So its inverse exists, and is unique.  One that is not positive at the lower end of an
  interval and not negative at the upper end has a root in it; a function may be defined as that root if it is the only one.
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
from drc.information.kl_ball import KL_nearest, KL_width
from drc.information.kl_bits import KL_b, KL_b_max, KL_b_min
from drc.information.lambert import W_0, W_m1
from drc.information.lemmas import Known as Facts
from drc.information.lemmas import Lemma, P, filled_gain, filled_rate, h, i, known, p, q, r, s, t, u, v, w, x, y, z
from drc.information.water_filling import gain_level, rate_level
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
    """Where a formula made of `x log x`, logarithms, roots and rational functions is continuous: where it is finite."""
    needed, parts = [], {}
    for part in f.atoms(sp.Piecewise):
        (_, _), (x_log_x, _) = part.args
        (log,) = x_log_x.atoms(sp.log)
        needed.append(Ge(log.args[0], 0))
        parts[part] = sp.Dummy(real=True)
    rest = f.xreplace(parts)
    logs = {log: sp.Dummy(real=True) for log in rest.atoms(sp.log) if not log.is_number}
    needed += [Gt(log.args[0], 0) for log in logs]
    whole = {letter: part for part, letter in (*parts.items(), *logs.items())}
    for factor in rest.xreplace(logs).atoms(sp.Pow):
        base = factor.base.xreplace(whole)
        if factor.exp.is_negative and not base.is_number:
            needed.append(Ne(base, 0))
        if not factor.exp.is_Integer and not base.is_number:
            needed.append(Ge(base, 0))
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
        self,
        f: sp.Expr,
        formula: sp.Expr,
        x: sp.Symbol,
        where: _Interval,
        slope: sp.Expr,
        *,
        up: bool = True,
        strict: bool = True,
    ) -> Callable[[sp.Expr, sp.Expr], Boolean]:
        """Claim that `f` is monotone in `x`, by its derivative; returns what follows for two values of `x`.

        Parameters
        ----------
        f, formula : the function, and what it is by definition
        x : its variable
        where : the interval
        slope : its derivative, in the form in which its sign is seen
        up : whether it increases
        strict : whether strictly; else its derivative may be 0, too
        """
        less, more = (Lt, Gt) if strict else (Le, Ge)
        within, inside = where.inside(x), _inside(formula)
        premises = [
            (_continuous(formula), "continuous", where.holds(x)),
            (_continuous(inside), "differentiable", within),
            (Eq(sp.diff(inside, x), slope, evaluate=False), "the derivative", within),
            (more(slope, 0) if up else less(slope, 0), "it has one sign", within),
        ]
        steps = (self.step(*premise) for premise in premises)

        def compared(a: sp.Expr, b: sp.Expr) -> Boolean:
            """What holds of two values."""
            fa, fb = (f.subs(x, value) for value in (a, b))
            return Implies(And(where.holds(a), Lt(a, b), where.holds(b)), less(fa, fb) if up else more(fa, fb))

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

    def root(
        self,
        value: sp.Expr,
        f: Callable[[sp.Expr], sp.Expr],
        formula: Callable[[sp.Expr], sp.Expr],
        points: tuple[sp.Symbol, sp.Symbol],
        ends: tuple[sp.Expr, sp.Expr],
        given: Boolean,
    ) -> None:
        """Claim that `f` has exactly one root between two ends; `value` is it.

        Parameters
        ----------
        value : the function that is defined as the root
        f, formula : the function of which it is, and what it is by definition
        points : letters for two points
        ends : the interval
        given : what all this assumes
        """
        (low, high), (t, other) = ends, points
        two = And(given, Le(low, t), Lt(t, other), Le(other, high), Eq(f(t), 0))
        premises = (
            self.step(_continuous(formula(t)), "continuous", And(given, Le(low, t), Le(t, high))),
            self.step(Ne(f(other), 0), "there is no other root", two),
            self.step(Le(f(low), 0), "not positive at the lower end", given),
            self.step(Ge(f(high), 0), "not negative at the upper end", given),
            self.step(Le(low, high), "an interval", given),
        )
        root = And(Le(low, value), Le(value, high), Eq(f(value), 0))
        kept = tuple(step for step in premises if not _trivial(step.claim))
        self.parts.append(Part(kept, "intermediate value theorem", ((given, root),)))

    def price(
        self,
        value: sp.Expr,
        f: Callable[[sp.Expr], sp.Expr],
        c: sp.Expr,
        ends: tuple[sp.Expr, sp.Expr],
        slope: sp.Expr,
        given: tuple[Boolean, Boolean],
    ) -> None:
        """Claim that `f` decreases on the positive numbers, and takes a value `c` there once: at `value`.

        `ends` are points with values on either side of `c`, and `slope` is the derivative at `x`.  What is given holds of
        the parameters, and of them with `c`.
        """
        inside, there = And(given[0], Gt(x, 0)), And(*given)
        premises = (
            self.step(_continuous(f(x)), "continuous", inside),
            self.step(Eq(sp.diff(f(x), x), slope, evaluate=False), "the derivative", inside),
            self.step(Lt(slope, 0), "it has one sign", inside),
            self.step(And(Gt(ends[0], 0), Gt(ends[1], 0)), "two prices", there),
            self.step(Ge(f(x), c), "a point with a value as high", And(there, inside, Eq(x, ends[0]))),
            self.step(Le(f(x), c), "a point with a value as low", And(there, inside, Eq(x, ends[1]))),
        )
        self.parts.append(Part(premises, "mean value theorem"))
        once = And(Gt(value, 0), Eq(f(value), c))
        self.parts.append(Part((), "intermediate value theorem", ((there, once),)))


def _trivial(claim: Boolean) -> bool:
    return claim == sp.true or (isinstance(claim, Eq) and claim.lhs == claim.rhs)


def _inside(formula: sp.Expr) -> sp.Expr:
    """A formula where none of the arguments of `x log x` is 0."""
    return formula.replace(sp.Piecewise, lambda *branches: branches[-1][0])


def _known(function: type[sp.Function], base: sp.Expr) -> Facts:
    """What the room of the functions says of one that it has."""
    facts = known(function, base)
    assert facts is not None, function
    return facts


def _in_base(function: type[sp.Function], base: sp.Expr) -> Callable[..., sp.Expr]:
    return lambda *args: function(*args) if base == 2 else function(*args, base)


def _formula(function: type[sp.Function], base: sp.Expr) -> Callable[..., sp.Expr]:
    facts = _known(function, base)
    return lambda *args: facts.opened.xreplace(dict(zip(facts.args, args, strict=True)))


def _entropy(base: sp.Expr) -> list[LemmaProof]:
    bounds, order = _known(H_b, base).lemmas
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
    positive, order, alike = _known(I_b, base).lemmas[:3]
    I, formula = _in_base(I_b, base), _formula(I_b, base)  # noqa: E741 (the field's letter)
    mass = cells(u, p, r)
    law = And(Le(0, p), Le(p, 1), Le(0, r), Le(r, 1), *(Ge(m, 0) for m in mass.values()))
    most = Min(p * (1 - r), (1 - p) * r)

    pen = _Pen(I_b, base)
    for (at, first, second), because in (
        ((u, p, r), "the same bits"),
        ((u, r, p), "the bits exchanged"),
        ((u, 1 - p, 1 - r), "both bits negated"),
        ((-u, p, 1 - r), "the second bit negated"),
        ((-u, 1 - p, r), "the first bit negated"),
    ):
        if (at, first, second) != (u, p, r):
            pen.show(Eq(I(u, p, r), I(at, first, second)), because, law)
        there = And(Eq(v, at), Eq(x, first), Eq(y, second))
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
    return next(lemma for lemma in _known(function, base).lemmas if lemma.name.startswith(start))


def _opposite(base: sp.Expr) -> list[LemmaProof]:
    """Information at a covariance and at its opposite: their difference has a derivative of one sign."""
    lemma = _named(I_b, base, "of opposite covariances the negative")
    I, formula = _in_base(I_b, base), _formula(I_b, base)  # noqa: E741 (the field's letter)
    here, there = cells(u, p, r), cells(-u, p, r)
    apart, together = (
        sp.Mul(*(mass[cell] for mass in (here, there) for cell in cells_))
        for cells_ in (((1, 0), (0, 1)), ((1, 1), (0, 0)))
    )
    odds = sp.Dummy("odds", real=True)
    lean = (1 - 2 * p) * (1 - 2 * r)
    pen = _Pen(I_b, base, ((odds, apart / together),))
    most = Min(p * r, (1 - p) * (1 - r), p * (1 - r), (1 - p) * r)
    where = _Interval(sp.S.Zero, most, And(Lt(0, p), Lt(p, 1), Lt(0, r), Lt(r, 1), Gt(lean, 0)))
    pen.show(Gt(together, 0), "a product of masses", where.inside(u))
    pen.show(Eq(apart - together, u**2 * lean, evaluate=False), "expand")
    larger = Implies(And(Gt(x, 0), Gt(y - x, 0)), Gt(y / x, 1))
    pen.show(larger, "the denominator is positive")
    pen.special(larger, {x: together, y: apart})
    pen.show(Gt(odds, 1), "so the ratio is above 1", where.inside(u))
    growing = Implies(Gt(x, 1), Gt(sp.log(x) / sp.log(base), 0))
    pen.show(growing, "the logarithm increases")
    pen.special(growing, {x: odds})
    slope = sp.log(odds) / sp.log(base)
    pen.show(Gt(slope, 0), "so its logarithm is positive", where.inside(u))
    gap, written = I(-u, p, r) - I(u, p, r), formula(-u, p, r) - formula(u, p, r)
    up = pen.monotone(gap, written, u, where, slope)
    one_side = pen.conclusion("bits that lean to the same side", ((u, p, r),), up(sp.S.Zero, u))

    pen, more = _Pen(I_b, base), one_side.lemma.claim
    for at in (u, v):
        pen.special(more, {u: at})
        pen.special(more, {u: at, r: 1 - r})
    laws = And(Le(0, p), Le(p, 1), Le(0, r), Le(r, 1), *(Ge(m, 0) for at in (u, v) for m in cells(at, p, r).values()))
    opposite = And(laws, Eq(v, -u))
    for at in (u, v):
        pen.show(Eq(I(at, p, r), I(-at, p, 1 - r)), "a bit negated", laws)
    pen.show(Implies(And(Gt(lean, 0), Gt(u, 0)), Gt(I(v, p, r), I(u, p, r))), "both lean to the same side", opposite)
    return [one_side, pen.proof(lemma)]


def _alike_often(base: sp.Expr) -> list[LemmaProof]:
    """Information of bits that differ with a given probability: its derivative in the law of the second bit."""
    lemma = _named(I_b, base, "information of bits that differ equally often")
    I, formula = _in_base(I_b, base), _formula(I_b, base)  # noqa: E741 (the field's letter)
    t, apart, odds = sp.symbols("t delta odds", real=True, cls=sp.Dummy)

    def covariance(t: sp.Expr) -> sp.Expr:
        return (p + t - 2 * p * t - apart) / 2

    def beyond(t: sp.Expr) -> sp.Expr:
        return t * (1 - 2 * apart) - (p - apart)

    def law(t: sp.Expr) -> Boolean:
        masses = (p + t - apart, 2 - p - t - apart, p - t + apart, t - p + apart)
        return And(Le(0, t), Le(t, 1), Le(0, p), Le(p, 1), *(Ge(m, 0) for m in masses))

    mass = cells(covariance(t), p, t)
    top, bottom = mass[1, 1] * mass[0, 1] * (1 - t) ** 2, mass[0, 0] * mass[1, 0] * t**2
    slope = sp.log(odds) / (2 * sp.log(base))
    found = []
    for up in (True, False):
        more = Ge if up else Le
        pen = _Pen(I_b, base, ((odds, top / bottom),))
        ends = (And(law(end), Ge(covariance(end), 0), more(beyond(end), 0)) for end in (x, y))
        where = _Interval(x, y, And(*ends))
        within = where.inside(t)
        pen.show(And(*(Gt(m, 0) for m in (*mass.values(), t, 1 - t))), "masses are linear", within)
        pen.show(Gt(bottom, 0), "a product of masses", within)
        pen.show(And(Ge(covariance(t), 0), more(beyond(t), 0)), "so are the factors of the difference,", within)
        pen.show(Eq(top - bottom, covariance(t) * beyond(t) / 2, evaluate=False), "which is this")
        pen.show(more(odds, 1), "so the ratio is on this side of 1", within)
        growing = Implies(And(Gt(x, 0), more(x, 1)), more(sp.log(x) / (2 * sp.log(base)), 0))
        pen.show(growing, "the logarithm increases")
        pen.special(growing, {x: odds})
        pen.show(Gt(odds, 0), "masses are positive", within)
        pen.show(more(slope, 0), "so is its logarithm", within)
        f, written = (function(covariance(t), p, t) for function in (I, formula))
        compared = pen.monotone(f, written, t, where, slope, up=up, strict=False)
        side = "above" if up else "below"
        found.append(pen.conclusion(f"{side} Shannon's law", (), compared(x, y)))

    pen = _Pen(I_b, base)
    often = p + r - 2 * p * r - 2 * u
    for proof, first, second in zip(found, (r, s), (s, r), strict=True):
        pen.special(proof.lemma.claim, {apart: often, x: first, y: second})
    return [*found, pen.proof(lemma)]


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
    pen.show(Ge(u + v, 0), "the first is at least as long", leads)
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
    entropy = pen.proof(_known(H_b_inv, base).lemmas[0])

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
    return [entropy, pen.proof(_known(I_b_inv, base).lemmas[0])]


def _divergence_formula(y: sp.Expr, q: sp.Expr, base: sp.Expr) -> sp.Expr:
    def term(y: sp.Expr, q: sp.Expr) -> sp.Expr:
        log = sp.S.Zero if q == 1 else sp.log(q)
        return sp.Piecewise((0, Eq(y, 0)), (y * sp.log(y), True)) - y * log

    return (term(y, q) + term(1 - y, 1 - q)) / sp.log(base)


def _divergence(base: sp.Expr) -> list[LemmaProof]:
    positive, order = _known(KL_b, base).lemmas

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
        (lemma,) = _known(function, base).lemmas
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
        (lemma,) = _known(function, sp.Integer(2)).lemmas
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


_T, _OTHER, _LOW, _HIGH, _SIZE, _Q = sp.symbols("t t' low high size q", real=True, cls=sp.Dummy)


def _room(s: sp.Expr) -> sp.Expr:
    """The square of half the width of a ball of normal laws, where it has a point."""
    return 2 * P - (s**2 - 1 - 2 * sp.log(s))


#: What makes two letters the ends of a ball, and a point in it; and where a law `(y, x)` is that is not in the ball.
_ENDS = And(Gt(P, 0), Lt(0, _LOW), Le(_LOW, 1), Eq(_room(_LOW), 0), Le(1, _HIGH), Eq(_room(_HIGH), 0))
_BALL = And(_ENDS, Le(_LOW, _T), Le(_T, _HIGH))
_OUTSIDE = And(_ENDS, Gt(x, 0), Ne(y, 0), Gt(x**2 - 1 - 2 * sp.log(x) + y**2, 2 * P))


def _room_order() -> tuple[LemmaProof, LemmaProof]:
    """The room of a ball increases up to the reference's standard deviation, and decreases from there."""
    pen, slope = _Pen(None, sp.Integer(2)), 2 * (1 - s**2) / s
    up = pen.monotone(_room(s), _room(s), s, _Interval(sp.S.Zero, sp.S.One, low_open=True), slope)
    down = pen.monotone(_room(s), _room(s), s, _Interval(sp.S.One, sp.oo), slope, up=False)
    order = pen.conclusion(
        "the room of a ball increases up to 1, and decreases from there", (), And(up(x, y), down(x, y))
    )

    pen = _Pen(None, sp.Integer(2))
    pen.special(order.lemma.claim, {})
    weak = And(
        Implies(And(Lt(0, x), Le(x, y), Le(y, 1)), Le(_room(x), _room(y))),
        Implies(And(Le(1, x), Le(x, y)), Ge(_room(x), _room(y))),
    )
    pen.show(weak, "or the points are the same")
    return order, pen.conclusion("the room of a ball at two points that may be the same", (), weak)


def _ends_of_ball() -> tuple[Mapping[sp.Symbol, sp.Expr], LemmaProof]:
    """The two standard deviations at which a ball ends, and that it does."""
    pen, places, claims = _Pen(None, sp.Integer(2)), {}, []
    for letter, branch, side in ((_LOW, W_0, Le), (_HIGH, W_m1, Ge)):
        value = branch(-sp.exp(-1 - 2 * P))
        end = places[letter] = sp.sqrt(-value)
        pen.show(And(Lt(value, 0), Eq(sp.log(-value) + value, -1 - 2 * P)), "Lambert's function", Ge(P, 0))
        pen.show(And(Gt(end, 0), side(end, 1)), "its branch", Ge(P, 0))
        pen.show(Eq(_room(end), 0), "so this is an end of the ball", Ge(P, 0))
        claims += [Gt(end, 0), side(end, 1), Eq(_room(end), 0)]
    both = Implies(Ge(P, 0), And(*claims))
    pen.show(both, "both ends")
    return places, pen.conclusion("the ends of a ball of normal laws", (), both)


def _width() -> list[LemmaProof]:
    width, between = _known(KL_width, sp.Integer(2)).lemmas
    pen, defined = _Pen(KL_width, sp.Integer(2)), And(Gt(s, 0), Ge(P, 0))
    pen.define(Eq(KL_width(s, P), sp.sqrt(Max(0, _room(s)))), "half the width of the ball", defined)
    found = [pen.proof(width), _room_order()[0]]

    places, ends = _ends_of_ball()
    last = _Pen(KL_width, sp.Integer(2))
    for end, side in ((_LOW, Le), (_HIGH, Ge)):
        pen = _Pen(None, sp.Integer(2))
        pen.special(found[1].lemma.claim, {x: end, y: s})
        pen.special(found[1].lemma.claim, {x: s, y: end})
        there = And(defined, Gt(end, 0), side(end, 1), Eq(_room(end), 0), side(s, 1))
        one_side = Implies(there, Equivalent(Ge(_room(s), 0), side(end, s)))
        pen.show(one_side, "there is room up to the end")
        found.append(pen.conclusion(f"the {end.name} end of a ball of normal laws", (), one_side))
        last.special(one_side, places)
    last.special(ends.lemma.claim, {})
    return [*found, ends, last.proof(between)]


def _width_of_ball(order: Boolean) -> list[LemmaProof]:
    """Between its ends, the width of a ball is the root of its room."""
    pen = _Pen(None, sp.Integer(2))
    for first, second in ((_LOW, _T), (_T, _HIGH)):
        pen.special(order, {x: first, y: second})
    room = Implies(_BALL, Ge(_room(_T), 0))
    pen.show(room, "the room at an end is 0")
    there = pen.conclusion("a ball of normal laws has room between its ends", (), room)

    width = _known(KL_width, sp.Integer(2)).lemmas[0].claim
    pen = _Pen(KL_width, sp.Integer(2))
    pen.special(room, {})
    pen.special(width, {s: _T})
    claim = Implies(_BALL, And(Ge(KL_width(_T, P), 0), Eq(KL_width(_T, P) ** 2, _room(_T))))
    pen.show(claim, "so this is the width")
    return [there, pen.conclusion("the width of a ball of normal laws between its ends", (), claim)]


def _gap(t: sp.Expr, width: sp.Expr, y: sp.Expr) -> sp.Expr:
    """Zero where the way from the border to the point `(y, x)`, `y > 0`, is along the gradient."""
    return y * (t**2 - 1) - width * (x * t - 1)


def _only_root(order: Boolean, room: Boolean, width: Boolean) -> list[LemmaProof]:
    """The equation of the nearest point has at most one root on a side of 1, and there the ball is not too wide."""
    size, q, other_q = _SIZE, _Q, sp.Dummy("q'", real=True)
    root = Eq(_gap(_T, q, size), 0)
    sizes = And(Gt(size, 0), Ge(q, 0), Gt(x, 0), root)
    shorter = Implies(And(sizes, Ne(x, 1), Ge((_T - 1) * (x - _T), 0)), Le(q, size))
    pen = _Pen(None, sp.Integer(2))
    pen.show(shorter, "solve for the width")
    short = pen.conclusion("the width at a root", (), shorter)

    # Two roots on one side of 1 would need a larger width where it is smaller.
    pen = _Pen(KL_width, sp.Integer(2))
    pen.special(width, {})
    pen.special(width, {_T: _OTHER})
    pen.special(order, {x: _T, y: _OTHER})
    two = And(_OUTSIDE, Le(_LOW, _T), Lt(_T, _OTHER), Le(_OTHER, _HIGH))
    one, other = KL_width(_T, P), KL_width(_OTHER, P)
    narrower = And(Implies(Le(1, _T), Le(other, one)), Implies(Le(_OTHER, 1), Le(one, other)))
    pen.show(Implies(two, narrower), "the ball is narrower farther from 1")
    right, left = And(Le(1, _T), Le(_OTHER, x)), And(Le(x, _T), Le(_OTHER, 1))
    on_a_side = Or(And(right, Le(other_q, q)), And(left, Le(q, other_q)))
    once = Implies(And(sizes, Ge(other_q, 0), Lt(_T, _OTHER), on_a_side), Ne(_gap(_OTHER, other_q, size), 0))
    pen.show(once, "another root would need a larger width")
    pen.special(once, {size: sp.Abs(y), q: one, other_q: other})
    gap = And(two, Or(right, left), Eq(_gap(_T, one, sp.Abs(y)), 0))
    alone = Implies(gap, Ne(_gap(_OTHER, other, sp.Abs(y)), 0))
    pen.show(alone, "so there is no other root")
    pen.special(room, {})
    return [short, pen.conclusion("an equation with one root", (), And(room, alone))]


def _on_one_side(
    where: tuple[str, Boolean, sp.Expr], width: Boolean, shorter: Boolean, one_root: Boolean
) -> LemmaProof:
    """The nearest point in one case: its name, what holds, and the end of the interval beside 1."""
    name, case, end = where
    value, size, claim = KL_nearest(x, y, P), sp.Abs(y), _known(KL_nearest, sp.Integer(2)).lemmas[0].claim.args[1]
    here, rising = KL_width(value, P), not case.has(Lt(x, 1))
    given = And(_OUTSIDE, case)

    def f(t: sp.Expr) -> sp.Expr:
        return _gap(t, KL_width(t, P), size)

    pen = _Pen(KL_nearest, sp.Integer(2))
    pen.special(width, {_T: end})
    pen.show(Le(KL_width(end, P), size), "the point is outside", given)
    pen.show(Ge(f(end), 0) if rising else Le(f(end), 0), "so this has a sign", given)
    pen.special(one_root, {})
    ends = (sp.S.One, end) if rising else (end, sp.S.One)
    # The width of a ball is this root wherever the room is not negative.
    pen.root(value, f, lambda t: _gap(t, sp.sqrt(_room(t)), size), (_T, _OTHER), ends, given)
    way = Eq(size * (value**2 - 1), here * (x * value - 1))
    place = And(Gt(value, 0), Ge((value - 1) * (x - value), 0), Le(_LOW, value), Le(value, _HIGH), way)
    pen.show(place, "the root is between 1 and the end", given)
    # Each claim comes right after what it follows from, because that is tried first.
    if name == "at 1":
        pen.special(width, {_T: value})
    else:
        pen.special(shorter, {_SIZE: size, _Q: here, _T: value})
    pen.show(And(place, Le(here, size)), "the width there is at most the distance of the means", given)
    pen.special(width, {_T: value})
    pen.show(claim, "and it is the root of the room", given)
    return pen.conclusion(f"the nearest point, {name}", (), Implies(given, claim))


def _nearest() -> list[LemmaProof]:
    """The nearest point of a ball of normal laws is the only root of an equation, on one side of the reference."""
    (lemma,) = _known(KL_nearest, sp.Integer(2)).lemmas
    _, order = _room_order()
    room, width = _width_of_ball(order.lemma.claim)
    shorter, one_root = _only_root(*(proof.lemma.claim for proof in (order, room, width)))
    cases = (
        ("right of 1, below the end", And(Gt(x, 1), Le(x, _HIGH)), x),
        ("right of 1, beyond the end", And(Gt(x, 1), Gt(x, _HIGH)), _HIGH),
        ("left of 1, above the end", And(Lt(x, 1), Ge(x, _LOW)), x),
        ("left of 1, beyond the end", And(Lt(x, 1), Lt(x, _LOW)), _LOW),
        ("at 1", And(Le(x, 1), Ge(x, 1)), x),
    )
    found = [_on_one_side(case, *(proof.lemma.claim for proof in (width, shorter, one_root))) for case in cases]

    pen = _Pen(None, sp.Integer(2))
    for proof in found:
        pen.special(proof.lemma.claim, {})
    anywhere = Implies(_OUTSIDE, lemma.claim.args[1])
    pen.show(anywhere, "one of these cases")
    found.append(pen.conclusion("the nearest point of a ball between two ends", (), anywhere))

    places, ends = _ends_of_ball()
    pen = _Pen(KL_nearest, sp.Integer(2))
    pen.special(ends.lemma.claim, {})
    pen.special(anywhere, places)
    return [order, room, width, shorter, one_root, *found, pen.proof(lemma)]


def _rate_level() -> list[LemmaProof]:
    (lemma,) = _known(rate_level, sp.Integer(2)).lemmas
    ((R, *weights),) = lemma.at
    pen, positive = _Pen(rate_level, sp.Integer(2)), And(*(Gt(w, 0) for w in weights))

    def f(t: sp.Expr) -> sp.Expr:
        return sp.Add(*(filled_rate(t, w) for w in weights))

    above = Implies(And(Gt(p, 0), Gt(q, 0)), Ge(filled_rate(p, q), sp.log(2 * q / p) / 2))
    pen.show(above, "the root is above its radicand's last term")
    below = Implies(And(Gt(p, 0), Gt(q, 0)), Le(filled_rate(p, q), 2 * q**2 / p**2))
    pen.show(below, "the logarithm and the root are below their tangents")
    low, high = 2 * weights[0] * sp.exp(-2 * R), 2 * sp.Add(*weights) / sp.sqrt(R)
    pen.special(above, {p: x, q: weights[0]})
    there = And(positive, Gt(R, 0), Gt(x, 0))
    pen.show(Ge(sp.log(2 * weights[0] / x) / 2, R), "the logarithm of an exponential", And(there, Eq(x, low)))
    for weight in weights:
        pen.special(below, {p: x, q: weight})
        pen.show(Le(2 * weight**2 / x**2, R / 2), "its share of all weights is below 1", And(there, Eq(x, high)))
        pen.show(Gt(filled_rate(x, weight), 0), "the root is above 1", And(positive, Gt(x, 0)))
    root = [sp.sqrt(1 + 16 * w**2 / x**2) for w in weights]
    slope = sp.Add(*(-8 * w**2 / (x**3 * e * (1 + e)) for w, e in zip(weights, root, strict=True)))
    pen.price(rate_level(R, *weights), f, R, (low, high), slope, (positive, Gt(R, 0)))
    return [pen.proof(lemma)]


def _gain_level() -> list[LemmaProof]:
    (lemma,) = _known(gain_level, sp.Integer(2)).lemmas
    ((g, *weights),) = lemma.at
    pen, positive, most = _Pen(gain_level, sp.Integer(2)), And(*(Gt(w, 0) for w in weights)), sp.Add(*weights)

    def f(t: sp.Expr) -> sp.Expr:
        return sp.Add(*(filled_gain(t, w) for w in weights))

    above = Implies(And(Gt(p, 0), Gt(q, 0)), Ge(filled_gain(p, q), q - p / 4))
    pen.show(above, "the gain is above its tangent at 0")
    below = Implies(And(Gt(p, 0), Gt(q, 0)), Le(filled_gain(p, q), 2 * q**2 / p))
    pen.show(below, "the root is above the price")
    low, high = 4 * (most - g) / len(weights), 2 * sp.Add(*(w**2 for w in weights)) / g
    for weight in weights:
        pen.special(above, {p: x, q: weight})
        pen.special(below, {p: x, q: weight})
    root = [sp.sqrt(16 * w**2 + x**2) for w in weights]
    slope = sp.Add(*(-4 * w**2 / (e * (x + e)) for w, e in zip(weights, root, strict=True)))
    value, within = gain_level(g, *weights), And(Gt(g, 0), Lt(g, most))
    pen.price(value, f, g, (low, high), slope, (positive, within))
    pen.define(Eq(value, 0), "more than all gain has no price", And(positive, Ge(g, most)))
    for weight in weights:
        pen.show(Eq(filled_gain(sp.S.Zero, weight), weight, evaluate=False), "all gain, at no price", positive)
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
        for group in (
            _entropy,
            _information,
            _opposite,
            _alike_often,
            _convexity,
            _opposite_sides,
            _inverses,
            _divergence,
            _ends,
        ):
            found += group(base)
    found += [*_lambert(), *_width(), *_nearest(), *_rate_level(), *_gain_level()]
    ordered: list[LemmaProof] = []
    for proof in found:
        earlier = tuple((o.function, o.base, o.lemma) for o in ordered if o.function is not None)
        ordered.append(replace(proof, earlier=earlier))
    return tuple(ordered)
