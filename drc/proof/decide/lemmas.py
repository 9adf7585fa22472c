"""Which instances of the lemmas a claim needs: one for each value, or pair of values, of a function that it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, permutations
from typing import Literal, cast

import sympy as sp
import z3

from drc.information.lemmas import Lemma
from drc.proof.decide.real import Application, Formula, Reading, Value, both

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
) -> list[Formula]:
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
    found: list[Formula] = [] if rounds or alone else congruences(reading)
    done: set[tuple[object, ...]] = set()
    for _ in range(rounds + 1):
        for lemma, apps in _matches(reading, lemmas, rare):
            if not free.keys() >= {letter.name for letter in lemma.free}:
                continue
            key = (id(lemma), *(str(app.letter) for app in apps))
            if key not in done:
                done.add(key)
                found.append(_instance(reading, lemma, apps, free))
    if alone:
        return found
    return found + (congruences(reading) if rounds else []) + _logarithms(reading, tangents)


def congruences(reading: Reading) -> list[Formula]:
    """Equal arguments have equal values."""
    found = []
    for one, other in combinations(reading.applications.values(), 2):
        if one.function is other.function and one.base == other.base:
            same = [a.real == b.real for a, b in zip(one.values, other.values, strict=True)]
            found.append(z3.Implies(z3.And(*same), one.letter == other.letter))
    return found


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


def _logarithms(reading: Reading, tangents: bool) -> list[Formula]:
    """Tie logarithms to their arguments: bounds of each, and that those which a claim has increase."""
    known: dict[tuple[int, int], tuple[Value, Value]] = {}
    whole: set[tuple[int, int]] = set()
    for _ in range(4):
        before = len(known)
        for source in reading.readings:
            for (x, log), is_whole in list(source.logarithms.pairs.items()):
                pair = source.value(x), source.value(log)
                key = (pair[0].real.get_id(), pair[1].real.get_id())
                known.setdefault(key, pair)
                whole |= {key} if is_whole else set()
        if len(known) == before:
            break
    pairs = list(known.values())
    found = []
    for x, log in pairs:
        ok = both(x.defined, x.finite, log.defined, log.finite, x.real > 0)
        product = cast(z3.ArithRef, log.real * x.real)
        found.append(z3.Implies(ok, z3.And(log.real <= x.real - 1, product >= x.real - 1)))
        found.append(z3.Implies(ok, z3.And((x.real < 1) == (log.real < 0), (x.real == 1) == (log.real == 0))))
    compared = pairs if len(pairs) <= _FEW else [known[key] for key in known if key in whole]
    for (x, log_x), (y, log_y) in combinations(compared, 2):
        ok = both(*(both(a.defined, a.finite) for a in (x, y, log_x, log_y)), x.real > 0, y.real > 0)
        # They increase, and a product is below 1 where the sum of its logarithms is below 0.
        product, logs = cast(z3.ArithRef, x.real * y.real), cast(z3.ArithRef, log_x.real + log_y.real)
        for smaller, less, equal, same in (
            (x.real < y.real, log_x.real < log_y.real, x.real == y.real, log_x.real == log_y.real),
            (product < 1, logs < 0, product == 1, logs == 0),
        ):
            found.append(z3.Implies(ok, z3.And(smaller == less, equal == same)))
        if tangents:
            rise, run = log_y.real - log_x.real, y.real - x.real
            at_x, at_y = cast(z3.ArithRef, x.real * rise), cast(z3.ArithRef, y.real * rise)
            below = z3.And(at_x < run, at_y > run)
            found.append(z3.Implies(both(ok, x.real != y.real), below))
    return found
