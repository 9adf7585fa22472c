"""Numbers as a certificate writes them, read exactly: nothing is evaluated but arithmetic.

A number is an `fmpq` where it is rational, else an `arb`: a ball that holds it. Python's arithmetic mixes the two, and
a comparison is true only if it is proved.

A ball that is read is narrow: it does not hold zero, and all but 32 of its bits are certain. An expression whose terms
cancel is evaluated with more bits until it is; one that never is (`sqrt(2)**2 - 2`) is refused. So the sign of every
number in a certificate is known, and no number hides behind a wide ball.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from fractions import Fraction

from flint import arb, ctx, fmpq

from drc.checker.limits import MOST_BITS, MOST_CHARACTERS
from drc.errors import must
from drc.types import Number

_RATIO = re.compile(r"([+-]?\d{1,4000})(?:/(\d{1,4000}))?", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(\d{1,4000}(\.\d{0,4000})?|\.\d{1,4000})([eE][+-]?\d{1,3})?", re.ASCII)

#: With how many bits an expression is evaluated before it is given up, and how many of them may be uncertain.
_TRIES, _UNCERTAIN = (1024, 4096), 32

_BETWEEN = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_NAMES = {"pi": arb.pi, "E": arb.const_e}
_FUNCTIONS = {"sqrt": arb.sqrt, "exp": arb.exp, "log": arb.log}

_ALLOWED = (
    "be a finite number whose size is certain (a JSON number, or in a string a/b, a decimal, or"
    f" + - * / ** sqrt exp log pi E of such) of at most {MOST_BITS} bits and {MOST_CHARACTERS} characters"
)


def number(field: str, value: object) -> Number:
    """Read a finite number.

    A float is that double exactly; a string is a fraction, a decimal, or an expression. Zero is always the `fmpq`; a ball
    does not hold zero.

    Raises `ProblemError` if it is not a real number, if it is too long, or if its size remains open with 4096 bits.

    Examples
    --------
    >>> number("R", "27/100"), number("R", 0.5), number("R", "0.3")
    (27/100, 1/2, 3/10)
    >>> number("R", "sqrt(2)/2") > fmpq(7, 10)
    True
    >>> number("R", "-1 + exp(200) - exp(200)") < 0
    True
    """
    found = None
    if isinstance(value, float) and math.isfinite(value):
        return fmpq(*value.as_integer_ratio())
    if isinstance(value, int) and not isinstance(value, bool):
        found = fmpq(value)
    elif isinstance(value, str):
        found = _rational(value)
        found = _expression(value) if found is None else found
    if found is None or not _is_short(found):
        raise must(field, _ALLOWED, value)
    return found


def _is_short(value: Number) -> bool:
    if isinstance(value, fmpq):
        return max(value.p.bit_length(), value.q.bit_length()) <= MOST_BITS
    return bool(fmpq(1, 2**MOST_BITS) < abs(value) < 2**MOST_BITS)


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


def _expression(text: str) -> Number | None:
    """Evaluate an expression with as many bits as its size needs; None if it is not one, or if its size remains open."""
    try:
        if len(text) > MOST_CHARACTERS:
            return None
        text = text.strip()
        with warnings.catch_warnings():
            # Python warns of odd literals; here they are right or wrong.
            warnings.simplefilter("ignore")
            parsed = ast.parse(text, mode="eval").body
        wanted = ctx.prec - _UNCERTAIN
        for bits in (ctx.prec, *_TRIES):
            with ctx.workprec(max(bits, ctx.prec)):
                found = _value(text, parsed)
            if isinstance(found, fmpq):
                return found
            if found.is_exact() and found == 0:
                return fmpq(0)
            if found.is_finite() and found.rel_accuracy_bits() >= wanted:
                return found
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError, ZeroDivisionError, OverflowError):
        return None
    return None


def _value(text: str, node: ast.AST) -> Number:
    """Evaluate the few kinds of nodes that arithmetic needs; anything else is a ValueError."""
    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float()):
            found = _rational(ast.get_source_segment(text, node) or "")
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
    if bits > MOST_BITS:
        raise ValueError("too large")
    return base ** int(exponent.p)
