"""Digits on demand: a named function that encloses its values in balls evaluates itself to any precision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

if TYPE_CHECKING:
    from flint import arb

#: How far the working precision is raised before a value is taken to be zero.
_MOST = 16


def evaluate_by_balls(expr: sp.Function, prec: int) -> sp.Float | None:
    """Evaluate a function with `enclose` to `prec` bits, for its `_eval_evalf`.

    Parameters
    ----------
    expr : sympy function whose class has `enclose`
    prec : int
        Bits.

    Returns
    -------
    sympy.Float, or None if an argument is no number

    Examples
    --------
    >>> from drc.information.inverses import H_b_inv
    >>> evaluate_by_balls(H_b_inv(sp.Rational(1, 2)), 53)
    0.110027864438360
    """
    from flint import ctx

    work = prec + 32
    for _ in range(_MOST):
        arguments = [_argument(arg, work) for arg in expr.args]
        if any(arg is None for arg in arguments):
            return None
        with ctx.workprec(work):
            value = type(expr).enclose(*(_ball(arg) for arg in arguments))
            if value == 0:
                return sp.S.Zero
            if value.is_finite() and value.rel_accuracy_bits() > prec:
                return sp.Float._new(value.mid()._mpf_, prec)
        if work > 4096:
            break
        work *= 2
    return None


def _argument(arg: sp.Expr, work: int) -> sp.Expr | None:
    number = arg if arg.is_Rational else arg._eval_evalf(work)
    return number if number is not None and (number.is_Rational or number.is_Float) else None


def _ball(number: sp.Expr) -> arb:
    from flint import arb, fmpq

    if number.is_Rational:
        return arb(fmpq(int(number.p), int(number.q)))
    sign, mantissa, exponent, _ = number._mpf_
    power = fmpq(2) ** exponent
    return arb(fmpq(-int(mantissa) if sign else int(mantissa)) * power)
