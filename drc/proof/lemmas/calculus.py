r"""How a lemma is proved.

A proof is a list of parts.  A part is a claim, which `decide` proves; or one of seven rules of calculus, the premises of
which `decide` proves, and the conclusion of which may be used by later parts:

* *mean value theorem*: a function that is continuous on an interval, and whose derivative is positive (negative) inside
  of it, increases (decreases) strictly; one whose derivative is not negative (not positive) does not decrease (increase).
  What is made of rational functions, of roots, of `log x` and of `x log x` (0 at 0) is continuous wherever it is defined
  and finite; that it is so on the whole interval, the ends included, is a premise.
* *no slope*: a function whose derivative is 0 on an interval is constant.
* *intermediate value theorem*: a function that is continuous and strictly monotone on an interval takes each value between
  two of its values exactly once.  So its inverse exists, and is unique.  One that is not positive at the lower end of an
  interval and not negative at the upper end has a root in it; a function may be defined as that root if it is the only one.
* *least value*: a function that is defined as the least (or largest) value on a set is the value at a point of the set
  if that at no other is less (or larger).
* *extreme value theorem*: a function that is defined as the least (or largest) value on a set is not more (not less) than
  the value at any point of it.  There is such a value if what bounds the set, and whatever is at least as good as one
  point, holds only in some box, the ends included, and all functions are continuous on it.
* *bounds*: a function that is defined as the least (or largest) value on a set lies between any two bounds of the values
  there. An empty set has the least value `oo`; of a largest value a point of the set is a premise.
* *special case*: a lemma holds for particular arguments.

Derivatives are taken by `sympy.diff`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import sympy as sp
from sympy import And, Eq, Ge, Gt, Implies, Le, Lt, Ne, Or
from sympy.logic.boolalg import Boolean

from drc.expressions.forms import difference, pieces, replaced
from drc.information.lemmas import Known as Facts
from drc.information.lemmas import Lemma, known
from drc.information.lemmas.letters import x, y, z
from drc.proof.decide import Known
from drc.proof.decide.lemmas import LemmaOf
from drc.proof.step import Step
from drc.proof.verdict import Check, Verdict
from drc.types import Changes

_TWO = sp.Integer(2)


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
class Interval:
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


def continuous(f: sp.Expr) -> Boolean:
    """Where a formula made of `x log x`, logarithms, roots and rational functions is continuous: where it is finite."""
    needed, parts = [], {}
    for part in f.atoms(sp.Piecewise):
        _, (x_log_x, _) = pieces(part)
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
class Pen:
    """Writes the proof of one lemma."""

    function: type[sp.Function] | None = None
    base: sp.Expr = _TWO
    abbreviations: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()
    parts: list[Part] = field(default_factory=list)

    def step(self, claim: Boolean, because: str, given: Boolean = sp.true) -> Step:
        """Write a claim."""
        return Step(claim, because, given, self.abbreviations)

    def show(self, claim: Boolean, because: str, given: Boolean = sp.true, at: tuple[sp.Symbol, ...] = ()) -> None:
        """Claim something; `at` if it is to be used for all arguments."""
        lemmas = (Lemma(because, Implies(given, claim), (at,)),) if at else ()
        self.parts.append(Part((self.step(claim, because, given),), "for all arguments" if at else "", lemmas=lemmas))

    def define(self, claim: Boolean, because: str, given: Boolean = sp.true) -> None:
        """State what a function is."""
        self.parts.append(Part((), f"definition: {because}", ((given, claim),)))

    def value(self, f: sp.Expr, formula: sp.Expr, x: sp.Symbol, at: sp.Expr, result: sp.Expr, given: Boolean) -> None:
        """Claim what a function is at one value of a variable."""
        claim = Eq(formula.subs(x, at), result, evaluate=False)
        there = And(Eq(x, at), given)
        self.parts.append(Part((self.step(claim, "by definition", given),), "special case", ((there, Eq(f, result)),)))

    def special(self, claim: Boolean, values: Changes) -> None:
        """Use a proved claim, which holds for all arguments, for some of them."""
        special = claim.subs(values, simultaneous=True)
        self.parts.append(Part((), "special case", ((sp.true, special),), used=claim))

    def monotone(
        self,
        f: sp.Expr,
        formula: sp.Expr,
        x: sp.Symbol,
        where: Interval,
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
        within, inside = where.inside(x), interior(formula)
        premises = [
            (continuous(formula), "continuous", where.holds(x)),
            (continuous(inside), "differentiable", within),
            (Eq(sp.diff(inside, x), slope, evaluate=False), "the derivative", within),
            (more(slope, 0) if up else less(slope, 0), "it has one sign", within),
        ]
        steps = (self.step(*premise) for premise in premises)

        def compared(a: sp.Expr, b: sp.Expr) -> Boolean:
            """What holds of two values."""
            fa, fb = (f.subs(x, value) for value in (a, b))
            return Implies(And(where.holds(a), Lt(a, b), where.holds(b)), less(fa, fb) if up else more(fa, fb))

        # What is the same by the way it is written needs no proof.
        self.parts.append(Part(tuple(step for step in steps if not trivial(step.claim)), "mean value theorem"))
        return compared

    def proof(self, lemma: Lemma) -> LemmaProof:
        """Claim the lemma, and end the proof."""
        parts = (*self.parts, Part((self.step(lemma.claim, lemma.name),)))
        return LemmaProof(lemma, self.function, self.base, parts)

    def conclusion(self, name: str, claim: Boolean) -> LemmaProof:
        """End the proof of a lemma that is used in proofs only."""
        return LemmaProof(Lemma(name, claim), None, self.base, tuple(self.parts))

    def follows(self, *claims: Boolean) -> None:
        """Use what a rule has given."""
        self.parts.append(Part((), "mean value theorem", tuple((sp.true, claim) for claim in claims)))

    def everywhere(self, name: str, at: tuple[tuple[sp.Symbol, ...], ...], claim: Boolean) -> None:
        """Use what a rule has given, for all arguments."""
        self.parts.append(Part((), "mean value theorem", lemmas=(Lemma(name, claim, at),)))

    def least(
        self,
        value: sp.Expr,
        f: sp.Expr,
        x: sp.Symbol,
        where: Boolean,
        at: sp.Expr,
        given: Boolean,
        *,
        most: bool = False,
    ) -> None:
        """Claim that `f` is least, or largest, at a point of a set; `value` is defined as this least or largest value.

        Parameters
        ----------
        value : the function
        f : of which it is the least value, for all `x` in a set
        where : which `x` belong to the set
        at : the point
        given : what all this assumes
        most : whether it is the largest value
        """
        there = f.subs(x, at)
        premises = (
            self.step(where.subs(x, at), "a point of the set", given),
            self.step(Ge(there, f) if most else Le(there, f), "no other is better", And(given, where)),
        )
        self.parts.append(Part(premises, "the point is the best", ((given, Eq(value, there)),)))

    def best(
        self,
        value: sp.Expr,
        f: sp.Expr,
        where: Boolean,
        box: Mapping[sp.Symbol, tuple[sp.Expr, sp.Expr]],
        given: Boolean,
        *,
        most: bool = False,
    ) -> None:
        """Claim that `f` has no value on a set below (or above) its least (or largest) one there; `value` is that.

        Parameters
        ----------
        value : the function
        f : of which it is the least value on a set
        where : which points belong to the set; no condition is strict
        box : the variables with two ends, between which all points of the set are that are as good as one with the value `z`
        given : what all this assumes
        most : whether it is the largest value
        """
        inside = And(*(And(Le(low, x), Le(x, high)) for x, (low, high) in box.items()))
        conditions = And.make_args(where)
        assert all(isinstance(condition, Le | Ge) for condition in conditions)
        sides = [f, *(difference(condition) for condition in conditions)]
        as_good = Ge(f, z) if most else Le(f, z)
        premises = (
            self.step(inside, "bounded", And(given, where, as_good)),
            self.step(And(*map(continuous, sides)), "continuous", And(given, inside)),
        )
        conclusion = Le(f, value) if most else Le(value, f)
        self.parts.append(Part(premises, "extreme value theorem", ((And(given, where), conclusion),)))

    def between(
        self,
        value: sp.Expr,
        f: sp.Expr,
        x: sp.Symbol,
        where: Boolean,
        ends: tuple[sp.Expr, sp.Expr],
        given: Boolean,
        points: tuple[sp.Expr, ...] = (),
    ) -> None:
        """Claim that the largest (or least) value of `f` on a set, which is `value`, lies between two ends.

        Parameters
        ----------
        value : the function
        f : of which it is the largest or least value, for all `x` in a set
        where : which `x` belong to the set
        ends : two bounds of `f` on the set
        given : what all this assumes
        points : of which one belongs to the set; of a least value that is infinite where the set is empty, none are needed
            for the lower end, and the other is `oo`
        """
        low, high = ends
        assert points or high is sp.oo
        inside = self.step(And(Le(low, f), *([Le(f, high)] if points else [])), "no point is beyond", And(given, where))
        point = Or(*(where.subs(x, at) for at in points))
        premises = (*((self.step(point, "a point of the set", given),) if points else ()), inside)
        claim = And(Le(low, value), *([Le(value, high)] if points else []))
        self.parts.append(Part(premises, "bounds", ((given, claim),)))

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
            self.step(continuous(formula(x)), "continuous", And(given, between(x))),
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
            self.step(continuous(formula(t)), "continuous", And(given, Le(low, t), Le(t, high))),
            self.step(Ne(f(other), 0), "another point is not a root", two),
            self.step(Le(f(low), 0), "not positive at the lower end", given),
            self.step(Ge(f(high), 0), "not negative at the upper end", given),
            self.step(Le(low, high), "an interval", given),
        )
        root = And(Le(low, value), Le(value, high), Eq(f(value), 0))
        kept = tuple(step for step in premises if not trivial(step.claim))
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
            self.step(continuous(f(x)), "continuous", inside),
            self.step(Eq(sp.diff(f(x), x), slope, evaluate=False), "the derivative", inside),
            self.step(Lt(slope, 0), "it has one sign", inside),
            self.step(And(Gt(ends[0], 0), Gt(ends[1], 0)), "two prices", there),
            # Two inequalities leave `x` a letter, where an equation would put its value into every root.
            self.step(Ge(f(x), c), "a point with a value as high", And(there, inside, Le(x, ends[0]), Ge(x, ends[0]))),
            self.step(Le(f(x), c), "a point with a value as low", And(there, inside, Eq(x, ends[1]))),
        )
        self.parts.append(Part(premises, "mean value theorem"))
        once = And(Gt(value, 0), Eq(f(value), c))
        self.parts.append(Part((), "intermediate value theorem", ((there, once),)))


def trivial(claim: Boolean) -> bool:
    """Whether a claim is true by the way it is written."""
    return claim == sp.true or (isinstance(claim, Eq) and claim.lhs == claim.rhs)


def interior(formula: sp.Expr) -> sp.Expr:
    """A formula where none of the arguments of `x log x` is 0."""
    # sympy does not say that what becomes of an expression is one.
    return formula.replace(sp.Piecewise, lambda *branches: branches[-1][0])  # pyright: ignore[reportReturnType]


def facts_of(function: type[sp.Function], base: sp.Expr = _TWO) -> Facts:
    """What the room of the functions says of one that it has."""
    facts = known(function, base)
    assert facts is not None, function
    return facts


def formula_of(function: type[sp.Function], base: sp.Expr) -> Callable[..., sp.Expr]:
    """What a function is by definition."""
    facts = facts_of(function, base)
    opened = facts.opened
    assert opened is not None, function
    return lambda *args: replaced(opened, dict(zip(facts.args, args, strict=True)))
