"""Claims of users: decided like the steps of a proof."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import sympy as sp
from sympy.logic.boolalg import Boolean

from drc.errors import UnknownFunctionError, must
from drc.expressions.forms import all_of
from drc.proof.claims import read_claim, real
from drc.proof.sampling import NONNEGATIVE, POSITIVE, REALS, interval
from drc.proof.shannon import InformationProof, prove_information
from drc.proof.step import Step
from drc.proof.verdict import Check, Verdict

Claim = Boolean | str | bool

#: Where a symbol lives: an interval, or a pair of ends that belong to it.
Ends = sp.Set | tuple[object, object]

#: How an information inequality is known: by a Shannon quantity, or the arrow of a Markov chain.
_INFORMATION = re.compile(r"(?<![A-Za-z0-9_])[HI]\s*\(|->")


def prove(
    claim: Claim,
    *,
    given: Claim | Iterable[Claim] = (),
    domain: Mapping[sp.Symbol | str, Ends] | None = None,
    points: int = 200,
    seed: int = 0,
) -> Check | InformationProof:
    r"""Prove a claim for all parameters, or find where it is false.

    Parameters
    ----------
    claim : sympy condition, or text
        Symbols are real; floats are read as the decimals that they print as. A text is a condition in plain letters or in
        LaTeX (see `drc.proof.claims`), or an information inequality such as `"I(X;Y|U) <= H(Z|U)"`.
    given : condition or text, or several
        What the claim assumes.
    domain : mapping from symbol or name to an interval, optional
        `sympy.Interval`, or a pair of ends that belong to it. Other symbols are as they were declared.
    points, seed : int
        How many random points are tried if the claim is not decided, and the seed of these.

    Returns
    -------
    Check or InformationProof
        True as a condition if the claim is proved. Its `verdict` is PROVED, REFUTED with a `witness`, SAMPLED (true at all
        points that were tried, and no more is known) or UNKNOWN.

    Raises
    ------
    ProblemError
        If claim, assumption or domain is not one.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> print(prove(x * (1 - x) <= 0.25))
    Proved (real arithmetic)
    >>> print(prove("H_b(x) <= 2 x", domain={"x": (0, 0.25)}))
    Refuted (balls) at x = 0.105143
    >>> print(prove(r"\log(1+x) \le x", given="x > -1"))
    Proved (real arithmetic; lemmas)
    >>> bool(prove("I(X;Y|U) <= H(Z|U)", given=["H(Y|Z,U) = 0", "I(X;U) = 0"]))
    True
    """
    assumed = (given,) if isinstance(given, str | Boolean | bool) else tuple(given)
    if isinstance(claim, str) and _INFORMATION.search(claim):
        if domain is not None:
            raise must("domain", "be left out of a claim about random variables", domain)
        return prove_information(claim, _texts(assumed))
    ends = {_symbol(key): sets for key, sets in (domain or {}).items()}
    named = {symbol.name: symbol for symbol in ends}
    read = _condition("claim", claim, named)
    # A symbol of the claim is the one of the same name in what is given as text.
    named = {symbol.name: symbol for symbol in read.free_symbols} | named
    conditions = [_condition("given", text, named) for text in assumed]
    symbols = read.free_symbols.union(*(condition.free_symbols for condition in conditions))
    sets = {symbol: _assumed_of(symbol) for symbol in symbols}
    sets |= {symbol: interval(symbol, inside) for symbol, inside in ends.items()}
    step = Step(read, "", all_of(*conditions) if conditions else sp.true, domain=sets)
    try:
        return step.check(points=points, seed=seed)
    except UnknownFunctionError as error:
        return Check(Verdict.UNKNOWN, str(error))


def _condition(name: str, value: Claim, symbols: Mapping[str, sp.Symbol]) -> Boolean:
    if isinstance(value, str):
        return read_claim(value, symbols)
    try:
        condition = real(value)
    except (sp.SympifyError, TypeError, ValueError):
        condition = sp.S.Zero
    if not isinstance(condition, Boolean) or isinstance(condition, sp.Symbol):
        raise must(name, "be a condition, such as x <= 1", value)
    return condition


def _texts(given: tuple[Claim, ...]) -> list[str]:
    for text in given:
        if not isinstance(text, str):
            raise must("given", "be information statements in text, as the claim is", text)
    return [text for text in given if isinstance(text, str)]


def _symbol(key: sp.Symbol | str) -> sp.Symbol:
    if isinstance(key, sp.Symbol):
        return key
    if isinstance(key, str) and key.strip():
        return sp.Symbol(key.strip(), real=True)
    raise must("domain", "map symbols or names to intervals", key)


def _assumed_of(symbol: sp.Symbol) -> sp.Set:
    """The interval that a symbol's own assumptions say."""
    if symbol.is_positive:
        return POSITIVE
    if symbol.is_nonnegative:
        return NONNEGATIVE
    return sp.Interval.open(-sp.oo, 0) if symbol.is_negative else REALS
