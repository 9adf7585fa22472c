"""Digits on demand: a named function that encloses its values in balls evaluates itself to any precision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from drc.information.function import OfNumbers

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
    sympy.Float, or None if an argument is not a number

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


class Named(OfNumbers):
    r"""A named function of a paper, with `numeric`, `enclose` and `latex_name`: sympy's own tools can use it too.

    Examples
    --------
    >>> from drc.information.inverses import H_b_inv
    >>> h = sp.Symbol("h")
    >>> print(sp.latex(H_b_inv(h)), round(float(sp.lambdify(h, H_b_inv(h))(0.5)), 12))
    H_b^{-1}\left(h\right) 0.110027864438
    """

    @classmethod
    def _imp_(cls, *args):
        """Evaluate for `sympy.lambdify`: arrays in floats, numbers of mpmath to their precision."""
        import mpmath

        if not any(isinstance(arg, mpmath.mpf) for arg in args):
            return cls.numeric(*args)
        prec = mpmath.mp.prec + 10
        exact = (sp.Float._new(arg._mpf_, prec) if isinstance(arg, mpmath.mpf) else arg for arg in args)
        return mpmath.mpf(cls(*map(sp.sympify, exact)).evalf(mpmath.mp.dps + 3)._to_mpmath(prec))

    def _latex(self, printer, exp=None) -> str:
        first, *rest = (printer._print(arg) for arg in self.args)
        inside = f"{first}; {', '.join(rest)}" if rest else first
        body = rf"{self.latex_name}\left({inside}\right)"
        return body if exp is None else rf"\left({body}\right)^{{{exp}}}"


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
