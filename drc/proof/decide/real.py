"""From conditions of sympy to formulas of real arithmetic, with the exact meaning of what may be infinite or undefined.

A value is a real number, plus or minus infinity, or undefined (a division by zero, the root of a negative number).  A
relation holds only if both sides are defined.  So a condition is translated into two formulas: where it is true, and
where it is false; where it is undefined it is neither.  `And` is false if a part is, whatever the others are, as readers
take "q > 0 and r/q <= 1".
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Set
from copy import copy
from functools import cache, lru_cache, partial
from typing import NamedTuple, cast

import sympy as sp
import z3
from flint import ctx
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanAtom, Equivalent, Implies, Not, Or

from drc.errors import UnknownFunctionError
from drc.expressions.balls import ball
from drc.expressions.forms import difference, pieces, replaced
from drc.information.function import OfNumbers
from drc.information.lemmas import Known, known
from drc.proof.decide.hints import mark
from drc.proof.decide.logarithms import Logarithms, is_exponential

Formula = z3.BoolRef | bool

#: Identities with more operations are not looked for.
_LARGEST_IDENTITY = 600


class Value(NamedTuple):
    """A term of real arithmetic, and where it is plus infinity, minus infinity, and defined at all."""

    real: z3.ArithRef
    plus: Formula = False
    minus: Formula = False
    defined: Formula = True

    @property
    def finite(self) -> Formula:
        """Where it is a real number, if it is defined."""
        return both(negated(self.plus), negated(self.minus))


class Truth(NamedTuple):
    """Where a condition is true, and where it is false.

    `plainly` is true only where it is: with values that are finite, and with identities already seen.  It falls apart into
    smaller goals.
    """

    true: Formula
    false: Formula
    plainly: Formula


class Application(NamedTuple):
    """A function of arguments, which stands as a letter; `reading` is where it was met, and `origin` the premise."""

    function: type[sp.Function]
    args: tuple[sp.Expr, ...]
    values: tuple[Value, ...]
    letter: z3.ArithRef
    reading: str = ""
    origin: str = ""

    @property
    def mark(self) -> str:
        """What it is known by among all that a proof speaks of."""
        return mark(self.reading, self.function.__name__, *self.args)

    @property
    def base(self) -> sp.Expr:
        """The base of the function's logarithms."""
        return _base(self.function, self.args)

    @property
    def facts(self) -> Known | None:
        """What is known of it; None if nothing is."""
        return known_of(self.function, self.args)


class Premise(NamedTuple):
    """A formula that a proof may use, not yet made.

    `words` say which it is, and `needs` are the marks of the premises without which it would not be met.
    """

    words: tuple[object, ...]
    make: Callable[[], Formula]
    needs: Set[str] = frozenset()

    @property
    def mark(self) -> str:
        """What it is known by in a hint."""
        return mark(*(word.mark if isinstance(word, Application) else word for word in self.words))


def both(*parts: Formula) -> Formula:
    """Conjunction, without the parts that are plainly true."""
    if any(part is False for part in parts):
        return False
    left = [part for part in parts if part is not True]
    return _joined(z3.Z3_mk_and, left) if len(left) > 1 else (left[0] if left else True)


def either(*parts: Formula) -> Formula:
    """Disjunction, without the parts that are plainly false."""
    if any(part is True for part in parts):
        return True
    left = [part for part in parts if part is not False]
    return _joined(z3.Z3_mk_or, left) if len(left) > 1 else (left[0] if left else False)


def negated(part: Formula) -> Formula:
    """Negation."""
    return (not part) if isinstance(part, bool) else z3.BoolRef(z3.Z3_mk_not(part.ctx_ref(), part.as_ast()), part.ctx)


def _joined(make: Callable[..., object], parts: list[z3.BoolRef]) -> z3.BoolRef:
    """Join formulas without asking again whether they are some, which takes longer than all else."""
    asts = (z3.Ast * len(parts))(*(part.as_ast() for part in parts))
    return z3.BoolRef(make(parts[0].ctx_ref(), len(parts), asts), parts[0].ctx)


def choice(condition: Formula, yes: Formula, no: Formula) -> Formula:
    """`yes` where the condition holds, else `no`."""
    if isinstance(condition, bool):
        return yes if condition else no
    if isinstance(yes, bool) or isinstance(no, bool):
        return either(both(condition, yes), both(negated(condition), no))
    return cast(z3.BoolRef, z3.If(condition, yes, no))


class Reading:
    """Translates expressions and conditions, and collects the axioms of the letters that it makes.

    Parameters
    ----------
    values : mapping from symbol to the expression that it abbreviates
    unknown : symbols that may be infinite or undefined
    """

    def __init__(
        self,
        values: Mapping[sp.Symbol, sp.Expr],
        unknown: frozenset[sp.Symbol] = frozenset(),
    ) -> None:
        self._values = values
        self._unknown = unknown
        self.seeks_identities = False
        self._values_known: dict[sp.Expr, Value] = {}
        self._truths_known: dict[sp.Basic, Truth] = {}
        self.logarithms = Logarithms(self.opened)
        self.axioms: list[Formula] = []
        self.letters: dict[Hashable, z3.ArithRef] = {}
        self.applications: dict[Hashable, Application] = {}
        self.readings: list[Reading] = [self]
        #: The mark of the premise that is being translated, and of a child the one for which it was made.
        self.origin = self.name = ""
        self._alive: list[z3.ArithRef] = []

    def child(self, values: Mapping[sp.Symbol, Value]) -> Reading:
        """A reading with the same letters, in which some symbols have values already."""
        other = copy(self)
        other._values, other._values_known, other._truths_known = {}, dict(values), {}
        other.seeks_identities, other.name = False, self.origin
        other.logarithms = Logarithms(lambda expr: expr)
        self.readings.append(other)
        return other

    def opened(self, expr: sp.Expr) -> sp.Expr:
        """Replace all abbreviations by what they stand for."""
        return _opened(expr, _used(expr, self._values))

    def value(self, expr: sp.Expr) -> Value:
        """Translate an expression."""
        if expr not in self._values_known:
            self._values_known[expr] = self._value(expr)
        return self._values_known[expr]

    def truth(self, condition: sp.Basic) -> Truth:
        """Translate a condition."""
        if condition not in self._truths_known:
            self._truths_known[condition] = self._truth(condition)
        return self._truths_known[condition]

    def open_in_logarithms(self) -> Iterator[Premise]:
        """Tie the functions that have a form in logarithms to it."""
        for app in list(self.applications.values()):
            facts = app.facts
            if facts is not None and facts.opened is not None:
                opened = facts.opened.xreplace(dict(zip(facts.args, app.args, strict=False)))
                yield Premise(("opened", app), partial(self._tie, app.letter, opened), {app.origin})

    def _tie(self, letter: z3.ArithRef, opened: sp.Expr) -> Formula:
        value = self.value(opened)
        return either(negated(both(value.defined, value.finite)), letter == value.real)

    def letter(self, of: Hashable, name: str = "") -> z3.ArithRef:
        """The variable that stands for a symbol, a root, or an application of a function."""
        if of not in self.letters:
            self.letters[of] = z3.Real(name or f"{of}#{len(self.letters)}")
            if isinstance(of, sp.Symbol) and (of.is_positive or of.is_nonnegative):
                self.axioms.append(self.letters[of] > 0 if of.is_positive else self.letters[of] >= 0)
        return self.letters[of]

    def _value(self, expr: sp.Expr) -> Value:
        if isinstance(expr, sp.Symbol):
            return self._symbol(expr)
        if isinstance(expr, sp.Rational):
            return Value(z3.RealVal(str(expr)))
        if isinstance(expr, sp.Float):
            return Value(z3.RealVal(str(sp.Rational(str(expr)))))
        if expr is sp.oo:
            return Value(z3.RealVal(0), plus=True)
        if expr is sp.S.NegativeInfinity:
            return Value(z3.RealVal(0), minus=True)
        if isinstance(expr, sp.Add):
            return _folded(_sum, [self.value(arg) for arg in expr.args])
        if isinstance(expr, sp.Mul):
            return _folded(_product, [self.value(arg) for arg in expr.args])
        if isinstance(expr, sp.exp) and expr.args[0].is_Integer and expr.args[0].is_negative:
            return self._reciprocal(self.value(1 / expr))
        if _is_constant(expr):
            return self._number(expr)
        if is_exponential(expr):
            return self._exponential(*((sp.E, expr.args[0]) if isinstance(expr, sp.exp) else expr.args))
        if isinstance(expr, sp.log):
            return self._logarithm(expr)
        if isinstance(expr, sp.Pow) and expr.exp.is_Rational:
            return self._power(expr)
        if isinstance(expr, sp.Piecewise):
            return self._piecewise(expr)
        if isinstance(expr, sp.Min | sp.Max):
            pick = _smaller if isinstance(expr, sp.Min) else _larger
            return _folded(pick, [self.value(arg) for arg in expr.args])
        if isinstance(expr, sp.Abs):
            of = self.value(expr.args[0])
            return Value(z3.If(of.real >= 0, of.real, -of.real), either(of.plus, of.minus), False, of.defined)
        if isinstance(expr, sp.sign):
            of = self.value(expr.args[0])
            up, down = either(of.plus, both(of.finite, of.real > 0)), either(of.minus, both(of.finite, of.real < 0))
            real = z3.If(up, z3.RealVal(1), z3.If(down, z3.RealVal(-1), z3.RealVal(0)))
            return Value(real, defined=of.defined)
        return self._application(expr)

    def _symbol(self, symbol: sp.Symbol) -> Value:
        if symbol in self._values:
            return self.value(self._values[symbol])
        letter = self.letter(symbol)
        if symbol not in self._unknown:
            return Value(letter)
        return self._anything(letter)

    @staticmethod
    def _anything(letter: z3.ArithRef) -> Value:
        """A value of which nothing is known: it may be infinite, and need not be there at all."""
        return Value(letter, *(z3.Bool(f"{letter} {kind}") for kind in ("plus", "minus", "defined")))

    def _number(self, expr: sp.Expr) -> Value:
        """A number that is not rational: a letter between two rational ones."""
        new = expr not in self.letters
        letter = self.letter(expr)
        if new:
            self.axioms.append(_enclosed(letter, expr))
        return Value(letter)

    def _exponential(self, base: sp.Expr, exponent: sp.Expr) -> Value:
        """A power of a positive number; where the exponent is infinite, it is 0 or infinite, which no letter is."""
        power, of = self.value(self.logarithms.exponential(base, exponent)), self.value(exponent)
        up, down = (of.plus, of.minus) if base > 1 else (of.minus, of.plus)
        real = power.real if down is False else z3.If(down, z3.RealVal(0), power.real)
        return Value(real, up, False, of.defined)

    def _logarithm(self, expr: sp.log) -> Value:
        # Opened and simplified, an argument may have lost the points where it is undefined.
        exists = self.value(expr.args[0]).defined
        pieces = [
            (Value(z3.RealVal(0)) if x == 0 else self.value(total), self.value(x), where)
            for x, total, where in self.logarithms.logarithm(expr.args[0])
        ]
        result = Value(z3.RealVal(0), defined=False)
        for log, of, where in reversed(pieces):
            here = Value(
                log.real,
                of.plus,
                both(of.finite, of.real == 0),
                both(of.defined, negated(of.minus), either(of.plus, of.real >= 0)),
            )
            truth = self.truth(where)
            result = here if truth.true is True else self._branch(truth, here, result)
        return result._replace(defined=both(exists, result.defined))

    def _application(self, expr: sp.Function) -> Value:
        if not isinstance(expr, OfNumbers):
            raise UnknownFunctionError(f"{type(expr).__name__} has no meaning in real arithmetic: {expr}")
        facts = known_of(type(expr), expr.args)
        if facts is not None and facts.limit is not None and expr.args[0] is sp.oo:
            return self.value(facts.limit.xreplace(dict(zip(facts.args, expr.args, strict=False))))
        args = tuple(self.value(arg) for arg in expr.args)
        key = (type(expr), *(arg.real.get_id() for arg in args))
        letter = self.letter(key, f"{type(expr).__name__}#{len(self.letters)}")
        new = key not in self.applications
        if new:
            # sympy drops claims that follow from these assumptions.
            self.axioms += [letter >= 0] if expr.is_extended_nonnegative else []
            self.axioms += [letter <= 0] if expr.is_extended_nonpositive else []
        self.applications.setdefault(key, Application(type(expr), expr.args, args, letter, self.name, self.origin))
        if facts is None:
            return self._anything(letter)
        usable = both(*(both(arg.defined, arg.finite) for arg in args))
        bound = self.child({symbol: Value(arg.real) for symbol, arg in zip(facts.args, args, strict=False)})
        infinite, exists = bound.truth(facts.infinite).true, both(usable, bound.truth(facts.defined).true)
        if new and expr.is_number:
            self.axioms.append(either(negated(both(exists, negated(infinite))), _enclosed(letter, expr)))
        here, far = Value(letter, infinite, False, exists), args[0].plus
        if facts.limit is None or far is False:
            return here
        limit = self.value(facts.limit.xreplace(dict(zip(facts.args, expr.args, strict=False))))
        limit = limit._replace(defined=both(args[0].defined, limit.defined))
        return self._branch(Truth(far, negated(far), False), limit, here)

    def _power(self, expr: sp.Pow) -> Value:
        base, exponent = self.value(expr.base), expr.exp
        if exponent < 0:
            return self._reciprocal(self.value(expr.base**-exponent))
        if exponent.is_Integer:
            n = int(exponent)
            real = z3.RealVal(1)
            for _ in range(n):
                real = real * base.real
            odd = n % 2 == 1
            plus = base.plus if odd else either(base.plus, base.minus)
            return Value(real, plus, base.minus if odd else False, base.defined)
        self._alive.append(base.real)
        root = self.letter(("root", exponent.q, base.real.get_id()), f"root#{len(self.letters)}")
        power = root
        for _ in range(int(exponent.q) - 1):
            power = power * root
        exists = both(negated(base.minus), either(base.plus, base.real >= 0))
        self.axioms += [root >= 0, z3.Implies(base.real >= 0, power == base.real)]
        real = root
        for _ in range(int(exponent.p) - 1):
            real = real * root
        return Value(real, base.plus, False, both(base.defined, exists))

    def _reciprocal(self, of: Value) -> Value:
        """One over a value: 0 for an infinite one, undefined for zero."""
        if z3.is_rational_value(of.real) and of.finite is True and of.real.numerator_as_long() != 0:
            return Value(z3.RealVal(1) / of.real, defined=of.defined)
        self._alive.append(of.real)
        quotient = self.letter(("reciprocal", of.real.get_id()), f"reciprocal#{len(self.letters)}")
        self.axioms.append(z3.Implies(of.real != 0, quotient * of.real == 1))
        real = quotient if of.finite is True else z3.If(of.finite, quotient, z3.RealVal(0))
        return Value(real, defined=both(of.defined, either(negated(of.finite), of.real != 0)))

    def _piecewise(self, expr: sp.Piecewise) -> Value:
        chosen = Value(z3.RealVal(0), defined=False)
        for value, condition in reversed(pieces(expr)):
            truth, here = self.truth(condition), self.value(value)
            chosen = here if truth.true is True else self._branch(truth, here, chosen)
        return chosen

    @staticmethod
    def _branch(truth: Truth, here: Value, rest: Value) -> Value:
        if truth.true is False:
            return rest._replace(defined=both(truth.false, rest.defined))
        return Value(
            z3.If(truth.true, here.real, rest.real),
            choice(truth.true, here.plus, rest.plus),
            choice(truth.true, here.minus, rest.minus),
            both(either(truth.true, truth.false), choice(truth.true, here.defined, rest.defined)),
        )

    def _truth(self, condition: sp.Basic) -> Truth:
        if isinstance(condition, BooleanAtom):
            return Truth(bool(condition), not condition, bool(condition))
        if isinstance(condition, Not):
            of = self.truth(condition.args[0])
            return Truth(of.false, of.true, of.false)
        if isinstance(condition, And | Or):
            parts = [self.truth(part) for part in condition.args]
            true, false = [part.true for part in parts], [part.false for part in parts]
            if isinstance(condition, And):
                return Truth(both(*true), either(*false), both(*(part.plainly for part in parts)))
            return Truth(either(*true), both(*false), either(*true))
        if isinstance(condition, Implies):
            of, then = (self.truth(part) for part in condition.args)
            true = either(of.false, then.true)
            return Truth(true, both(of.true, then.false), true)
        if isinstance(condition, Equivalent):
            parts = [self.truth(part) for part in condition.args]
            true, false = [part.true for part in parts], [part.false for part in parts]
            same = either(both(*true), both(*false))
            return Truth(same, both(either(*true), either(*false)), same)
        if isinstance(condition, Relational):
            return self._relation(condition)
        raise UnknownFunctionError(f"{type(condition).__name__} has no meaning in real arithmetic: {condition}")

    def _identical(self, relation: sp.Eq) -> Formula | None:
        """Where two sides are the same rational function of symbols, logarithms and roots; None if they never are."""
        before = self.logarithms
        # Logarithms that only the identity speaks of would burden every other proof of the claim.
        self.logarithms = before.copy()
        identical = self._identity(relation)
        self.logarithms = before
        return identical

    def _identity(self, relation: sp.Eq) -> Formula | None:
        apart = self.opened(difference(relation))
        logs, positive = {}, []
        apart = _in_logarithms(apart)
        if apart.has(sp.oo, sp.zoo, sp.nan, sp.Piecewise) or sp.count_ops(apart) > _LARGEST_IDENTITY:
            return None
        for log in sorted(apart.atoms(sp.log), key=sp.default_sort_key):
            if not log.is_number:
                ((x, logs[log], _),) = self.logarithms.logarithm(log.args[0])
                positive += [self.value(x).defined, self.value(x).real > 0]
        rational = self.logarithms.plain(apart.xreplace(logs))
        return both(*positive) if sp.cancel(rational) == 0 else None

    def _relation(self, relation: Relational) -> Truth:
        left, right = self.value(relation.lhs), self.value(relation.rhs)
        if isinstance(relation, sp.Ge | sp.Gt):
            left, right = right, left
        known = both(left.defined, right.defined)
        plainly: Formula = False
        if isinstance(relation, sp.Eq | sp.Ne):
            holds = _same(left, right)
            plainly = left.real == right.real
            if isinstance(relation, sp.Ne):
                holds, plainly = negated(holds), negated(plainly)
            elif self.seeks_identities and relation.rhs.is_real is not None and not relation.lhs.is_Symbol:
                identical = self._identical(relation)
                plainly = plainly if identical is None else identical
        elif isinstance(relation, sp.Le | sp.Ge):
            holds, plainly = negated(_below(right, left)), left.real <= right.real
        else:
            holds, plainly = _below(left, right), left.real < right.real
        plainly = both(known, left.finite, right.finite, plainly)
        return Truth(both(known, holds), both(known, negated(holds)), plainly)


@cache
def letters(of: sp.Basic) -> frozenset[sp.Symbol]:
    """The symbols of an expression or condition."""
    # sympy says `Basic`, as integrals and the like may have others; nothing here has.
    return frozenset(of.free_symbols)  # pyright: ignore[reportReturnType]


def closed(symbols: Iterable[sp.Symbol], definitions: Mapping[sp.Symbol, sp.Expr]) -> frozenset[sp.Symbol]:
    """Add what abbreviations stand for."""
    found: set[sp.Symbol] = set()
    todo = set(symbols)
    while todo:
        symbol = todo.pop()
        found.add(symbol)
        todo |= (letters(definitions[symbol]) if symbol in definitions else frozenset()) - found
    return frozenset(found)


@lru_cache(10_000)
def _opened(expr: sp.Expr, values: frozenset[tuple[sp.Symbol, sp.Expr]]) -> sp.Expr:
    """Replace abbreviations by what they stand for, each of these first."""
    within = dict(values)
    return replaced(expr, {a: _opened(within[a], _used(within[a], within)) for a in letters(expr) & within.keys()})


def _used(expr: sp.Expr, values: Mapping[sp.Symbol, sp.Expr]) -> frozenset[tuple[sp.Symbol, sp.Expr]]:
    """The abbreviations that an expression has, directly or through others, with what they stand for."""
    return frozenset((symbol, values[symbol]) for symbol in closed(letters(expr), values) & values.keys())


@lru_cache(10_000)
def _in_logarithms(expr: sp.Expr) -> sp.Expr:
    """Write functions in logarithms, as they are where none of these has the argument 0."""
    found = {}
    for app in expr.atoms(sp.Function):
        facts = known_of(app.func, app.args) if isinstance(app, OfNumbers) else None
        if facts is not None and facts.opened is not None:
            inside = facts.opened.replace(sp.Piecewise, lambda *branches: branches[-1][0])
            found[app] = inside.xreplace(dict(zip(facts.args, app.args, strict=False)))
    return replaced(expr, found)


def _is_constant(expr: sp.Expr) -> bool:
    """Whether an expression is a number of which balls say how large it is."""
    if isinstance(expr, sp.log):
        return bool(expr.is_number and expr.args[0].is_positive)
    return bool(expr.is_number and expr.is_real and not expr.has(sp.Pow, OfNumbers))


def _enclosed(letter: z3.ArithRef, number: sp.Expr) -> Formula:
    """A letter lies where a number does."""
    with ctx.workprec(96):
        enclosure = ball(number, {})
        if not enclosure.is_finite():
            return True
        ends = [end.man_exp() for end in (enclosure.lower(), enclosure.upper())]
    low, high = (z3.RealVal(str(sp.Integer(int(man)) * sp.Integer(2) ** int(exp))) for man, exp in ends)
    # The ball of a number that is exact has no radius.
    return both(low <= letter, letter <= high)


def known_of(function: type[sp.Function], args: tuple[sp.Expr, ...]) -> Known | None:
    """What is known of a function of this many arguments."""
    facts = known(function, _base(function, args))
    return facts if facts is not None and (_fewest(function) is not None or len(args) == len(facts.args)) else None


def _base(function: type[sp.Function], args: tuple[sp.Expr, ...]) -> sp.Expr:
    """The base of a function's logarithms, which is its last argument if it is there."""
    fewest = _fewest(function)
    return args[fewest] if fewest is not None and len(args) > fewest else sp.Integer(2)


@cache
def _fewest(function: type[sp.Function]) -> int | None:
    """How many arguments a function has without the base of its logarithms; None if it has any number."""
    return int(min(function.nargs)) if isinstance(function.nargs, sp.FiniteSet) else None


def _folded(operation: Callable[[Value, Value], Value], values: list[Value]) -> Value:
    first, *rest = values
    for other in rest:
        first = operation(first, other)
    return first


def _sum(a: Value, b: Value) -> Value:
    clash = either(both(a.plus, b.minus), both(a.minus, b.plus))
    return Value(
        a.real + b.real, either(a.plus, b.plus), either(a.minus, b.minus), both(a.defined, b.defined, negated(clash))
    )


def _product(a: Value, b: Value) -> Value:
    defined = both(a.defined, b.defined)
    if a.finite is True and b.finite is True:
        return Value(a.real * b.real, defined=defined)
    infinite = either(negated(a.finite), negated(b.finite))
    alike = either(both(_positive(a), _positive(b)), both(_negative(a), _negative(b)))
    unlike = either(both(_positive(a), _negative(b)), both(_negative(a), _positive(b)))
    # Zero times infinity is neither alike nor unlike.
    return Value(
        a.real * b.real,
        both(infinite, alike),
        both(infinite, unlike),
        both(defined, either(negated(infinite), alike, unlike)),
    )


def _positive(a: Value) -> Formula:
    return either(a.plus, both(a.finite, a.real > 0))


def _negative(a: Value) -> Formula:
    return either(a.minus, both(a.finite, a.real < 0))


def _below(a: Value, b: Value) -> Formula:
    """Whether `a < b`, where both are defined."""
    ordinary = both(a.finite, b.finite, a.real < b.real)
    return either(both(a.minus, negated(b.minus)), both(b.plus, negated(a.plus)), ordinary)


def _same(a: Value, b: Value) -> Formula:
    return either(both(a.plus, b.plus), both(a.minus, b.minus), both(a.finite, b.finite, a.real == b.real))


def _smaller(a: Value, b: Value) -> Value:
    return _picked(_below(b, a), b, a)


def _larger(a: Value, b: Value) -> Value:
    return _picked(_below(a, b), b, a)


def _picked(condition: Formula, yes: Value, no: Value) -> Value:
    if isinstance(condition, bool):
        chosen = yes if condition else no
        return chosen._replace(defined=both(yes.defined, no.defined))
    return Value(
        z3.If(condition, yes.real, no.real),
        choice(condition, yes.plus, no.plus),
        choice(condition, yes.minus, no.minus),
        both(yes.defined, no.defined),
    )
