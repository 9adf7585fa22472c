"""Numbers as a certificate writes them, read exactly: nothing is evaluated but arithmetic.

A number is an `fmpq` where it is rational, else an `arb`: a ball that holds it. Python's arithmetic mixes the two, and
a comparison is true only if it is proved.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from drc.errors import ProblemError

Number = Any  # an fmpq or an arb; flint ships no types

_RATIO = re.compile(r"([+-]?\d{1,4000})(?:/(\d{1,4000}))?")
_DECIMAL = re.compile(r"[+-]?(\d{1,4000}\.?\d{0,4000}|\.\d{1,4000})([eE][+-]?\d{1,3})?")

#: An expression longer than this, or a power with more bits, is no number that anybody needs.
_LONGEST, _MOST_BITS = 2000, 20_000

_BETWEEN = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_NAMES = {"pi": arb.pi, "E": arb.const_e}
_FUNCTIONS = {"sqrt": arb.sqrt, "exp": arb.exp, "log": arb.log}

_ALLOWED = 'allowed are a JSON number, "a/b", a decimal, or + - * / ** sqrt exp log pi E of such in a string'


def number(field: str, value: Any) -> Number:
    """Read a finite number.

    Parameters
    ----------
    field : str
        Where it stands, for the message.
    value : int, float or str
        A float is that double exactly; a string is a fraction, a decimal, or an expression.

    Returns
    -------
    fmpq or arb

    Raises
    ------
    ProblemError
        If it is no real number.

    Examples
    --------
    >>> number("R", "27/100"), number("R", 0.5), number("R", "0.3")
    (27/100, 1/2, 3/10)
    >>> number("R", "sqrt(2)/2") > fmpq(7, 10)
    True
    """
    if isinstance(value, float) and math.isfinite(value):
        return fmpq(*value.as_integer_ratio())
    if isinstance(value, int) and not isinstance(value, bool):
        return fmpq(value)
    if isinstance(value, str):
        found = _rational(value)
        found = _expression(field, value) if found is None else found
        if isinstance(found, fmpq) or found.is_finite():
            return found
    raise ProblemError(f"{field} = {_short(value)} is no finite number: {_ALLOWED}")


def is_zero(value: Number) -> bool:
    """Whether a number is known to be exactly zero; of a ball around zero that is not known.

    Note that for a ball around zero `value != 0` is false too.

    Examples
    --------
    >>> is_zero(fmpq(0)), is_zero(arb(0)), is_zero(arb(0, 1))
    (True, True, False)
    """
    return bool(value == 0)


def _rational(text: str) -> fmpq | None:
    if match := _RATIO.fullmatch(text):
        below = int(match[2] or 1)
        return fmpq(int(match[1]), below) if below else None
    if _DECIMAL.fullmatch(text):
        exact = Fraction(text)
        return fmpq(exact.numerator, exact.denominator)
    return None


def _expression(field: str, text: str) -> Number:
    try:
        if len(text) > _LONGEST:
            raise ValueError("too long")
        with warnings.catch_warnings():
            # Python warns of odd literals; here they are right or wrong.
            warnings.simplefilter("ignore")
            parsed = ast.parse(text.strip(), mode="eval")
        return _value(text, parsed.body)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError, ZeroDivisionError, OverflowError):
        raise ProblemError(f"{field} = {_short(text)} is no finite number: {_ALLOWED}") from None


def _value(text: str, node: ast.AST) -> Number:
    """Evaluate the few kinds of nodes that arithmetic needs; anything else is a ValueError."""
    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float()):
            found = _rational(ast.get_source_segment(text.strip(), node) or "")
            if found is not None:
                return found
        case ast.Name(id=name) if name in _NAMES:
            return _NAMES[name]()
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(text, operand)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(text, left), _value(text, right))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BETWEEN:
            return _BETWEEN[type(op)](_value(text, left), _value(text, right))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](arb(_value(text, argument)))
    raise ValueError(text)


def _power(base: Number, exponent: Number) -> Number:
    if not isinstance(base, fmpq) or not isinstance(exponent, fmpq) or exponent.q != 1:
        return arb(base) ** arb(exponent)
    bits = abs(int(exponent.p)) * max(int(base.p).bit_length(), int(base.q).bit_length())
    if bits > _MOST_BITS:
        raise ValueError("too large")
    return base ** int(exponent.p)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
