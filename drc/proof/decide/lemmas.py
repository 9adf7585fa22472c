"""Which instances of the lemmas a claim needs: one for each value, or pair of values, of a function that it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import combinations, permutations
from typing import Literal, NamedTuple, cast

import sympy as sp
import z3

from drc.information.lemmas import Lemma
from drc.proof.decide.real import Application, Formula, Premise, Reading, Value, both

Rare = bool | Literal["only"]

LemmaOf = tuple[type[sp.Function], sp.Expr, Lemma]

#: Lemmas may speak of new values, of which the lemmas are put in too, this often.
ROUNDS = 2

#: This many logarithms are all compared with each other; of more, those that are parts of others are left out.
_FEW = 4


def instances(
    reading: Reading,
    lemmas: tuple[LemmaOf, ...] | None = None,
    *,
    rounds: int = ROUNDS,
    tangents: bool = False,
    rare: Rare = False,
    alone: bool = False,
    free: Mapping[str, sp.Expr] | None = None,
) -> Iterator[Premise]:
    """Put lemmas in for all values that a reading has, and for those that these bring.

    Parameters
    ----------
    reading : Reading
    lemmas : all that there are, unless some are given
    rounds : how often lemmas are put in for the values that lemmas bring
    tangents : whether to add that logarithms are below their tangents
    rare : whether to put in those lemmas, too, that are rarely of use, or these only
    alone : whether to leave out what is known of any function and of logarithms
    free : what letters stand for that lemmas leave free; lemmas with others are left out
    """
    free = free or {}
    if not (rounds or alone):
        yield from congruences(reading)
    done: set[tuple[object, ...]] = set()
    for _ in range(rounds + 1):
        for lemma, apps in _matches(reading, lemmas, rare):
            if not free.keys() >= {letter.name for letter in lemma.free}:
                continue
            key = (id(lemma), *(str(app.letter) for app in apps))
            if key not in done:
                done.add(key)
                yield _premise((lemma.claim,), apps, partial(_instance, reading, lemma, apps, free))
    if not alone:
        if rounds:
            yield from congruences(reading)
        yield from _logarithms(reading, tangents)


def congruences(reading: Reading) -> Iterator[Premise]:
    """Equal arguments have equal values."""
    for one, other in combinations(reading.applications.values(), 2):
        if one.function is other.function and one.base == other.base:
            yield _premise(("equal",), (one, other), partial(_congruence, one, other))


def _congruence(one: Application, other: Application) -> Formula:
    same = [a.real == b.real for a, b in zip(one.values, other.values, strict=True)]
    return z3.Implies(z3.And(*same), one.letter == other.letter)


def _premise(words: tuple[object, ...], apps: tuple[Application, ...], make: Callable[[], Formula]) -> Premise:
    return Premise((*words, *apps), make, frozenset(app.origin for app in apps))


def _matches(
    reading: Reading, lemmas: tuple[LemmaOf, ...] | None, rare: Rare
) -> Iterator[tuple[Lemma, tuple[Application, ...]]]:
    for (function, base), own in _by_function(reading).items():
        facts = own[0].facts
        assert facts is not None
        usable = facts.lemmas if lemmas is None else [lemma for *of, lemma in lemmas if of == [function, base]]
        for lemma in usable:
            if (lemma.few and (len(own) > lemma.few or not rare)) or (rare == "only" and not lemma.few):
                continue
            for chosen in permutations(own, len(lemma.at)):
                if _fits(lemma, chosen):
                    yield lemma, chosen


def _by_function(reading: Reading) -> dict[tuple[type[sp.Function], sp.Expr], list[Application]]:
    """The values of each function of which something is known."""
    found: dict[tuple[type[sp.Function], sp.Expr], list[Application]] = {}
    for app in reading.applications.values():
        if app.facts is not None:
            found.setdefault((app.function, app.base), []).append(app)
    return found


def _fits(lemma: Lemma, apps: tuple[Application, ...]) -> bool:
    """Whether a letter that a lemma writes twice is the same argument, and letters that differ are not."""
    bound: dict[object, int] = {}
    for letters, app in zip(lemma.at, apps, strict=True):
        for letter, value in zip(letters, app.values, strict=False):
            if bound.setdefault(letter, value.real.get_id()) != value.real.get_id():
                return False
    different = [bound[letter] for letter in lemma.differ]
    return len(set(different)) == len(different)


def _instance(reading: Reading, lemma: Lemma, apps: tuple[Application, ...], free: Mapping[str, sp.Expr]) -> Formula:
    bound = {letter: reading.value(free[letter.name]) for letter in lemma.free} | {
        letter: value
        for letters, app in zip(lemma.at, apps, strict=True)
        for letter, value in zip(letters, app.values, strict=False)
    }
    usable = both(*(both(value.defined, value.finite) for value in bound.values()))
    args = {letter: free[letter.name] for letter in lemma.free} | {
        letter: arg
        for letters, app in zip(lemma.at, apps, strict=True)
        for letter, arg in zip(letters, app.args, strict=False)
    }
    if _in_logarithms(lemma) and not any(arg == 0 or arg.atoms(sp.Dummy, sp.Piecewise) for arg in args.values()):
        # Written out, it shares its logarithms with the claim; the logarithm of 0 cannot be written.
        truth = reading.truth(lemma.claim.xreplace(args))
        return z3.Implies(usable, truth.true) if usable is not True else truth.true
    child = reading.child({letter: Value(value.real) for letter, value in bound.items()})
    truth = child.truth(lemma.claim)
    return z3.Implies(usable, truth.true) if usable is not True else truth.true


def _in_logarithms(lemma: Lemma) -> bool:
    return any(not of.is_number for of in lemma.claim.atoms(sp.log, sp.exp))


class _Log(NamedTuple):
    """A logarithm with its argument, and the words by which it is known."""

    x: Value
    log: Value
    words: tuple[object, ...]


def _logarithms(reading: Reading, tangents: bool) -> Iterator[Premise]:
    """Tie logarithms to their arguments: bounds of each, and that those which a claim has increase."""
    known: dict[tuple[int, int], _Log] = {}
    whole: set[tuple[int, int]] = set()
    for _ in range(4):
        before = len(known)
        for source in reading.readings:
            for (x, log), is_whole in list(source.logarithms.pairs.items()):
                pair = _Log(source.value(x), source.value(log), (source.name, x, log))
                key = (pair.x.real.get_id(), pair.log.real.get_id())
                known.setdefault(key, pair)
                whole |= {key} if is_whole else set()
        if len(known) == before:
            break
    pairs = list(known.values())
    for pair in pairs:
        yield Premise(("near", *pair.words), partial(_near_one, pair))
        yield Premise(("sign", *pair.words), partial(_sign, pair))
    compared = pairs if len(pairs) <= _FEW else [known[key] for key in known if key in whole]
    for one, other in combinations(compared, 2):
        words = (*one.words, *other.words)
        yield Premise(("order", *words), partial(_order, one, other))
        yield Premise(("product", *words), partial(_product, one, other))
        if tangents:
            yield Premise(("tangents", *words), partial(_tangents, one, other))


def _usable(*pairs: _Log) -> Formula:
    """Where logarithms and their arguments are real numbers."""
    values = (*(pair.x for pair in pairs), *(pair.log for pair in pairs))
    finite = (part for value in values for part in (value.defined, value.finite))
    return both(*finite, *(pair.x.real > 0 for pair in pairs))


def _near_one(of: _Log) -> Formula:
    x, log = of.x.real, of.log.real
    return z3.Implies(_usable(of), z3.And(log <= x - 1, cast(z3.ArithRef, log * x) >= x - 1))


def _sign(of: _Log) -> Formula:
    x, log = of.x.real, of.log.real
    return z3.Implies(_usable(of), z3.And((x < 1) == (log < 0), (x == 1) == (log == 0)))


def _order(one: _Log, other: _Log) -> Formula:
    """Logarithms increase."""
    x, y, log_x, log_y = one.x.real, other.x.real, one.log.real, other.log.real
    return z3.Implies(_usable(one, other), z3.And((x < y) == (log_x < log_y), (x == y) == (log_x == log_y)))


def _product(one: _Log, other: _Log) -> Formula:
    """A product is below 1 where the sum of its logarithms is below 0."""
    product = cast(z3.ArithRef, one.x.real * other.x.real)
    logs = cast(z3.ArithRef, one.log.real + other.log.real)
    return z3.Implies(_usable(one, other), z3.And((product < 1) == (logs < 0), (product == 1) == (logs == 0)))


def _tangents(one: _Log, other: _Log) -> Formula:
    x, y = one.x.real, other.x.real
    rise, run = other.log.real - one.log.real, y - x
    below = z3.And(cast(z3.ArithRef, x * rise) < run, cast(z3.ArithRef, y * rise) > run)
    return z3.Implies(both(_usable(one, other), x != y), below)
