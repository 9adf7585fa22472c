"""The bases of all functions of information theory: each has one declaration, and sympy, numpy, mpmath and balls read it.

A subclass brings `numeric` for arrays, `enclose` for balls, and `spread` for the rounding of its values in doubles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import sympy as sp
from flint import arb, ctx, fmpq
from sympy.core.function import ArgumentIndexError

from drc.errors import must

_TWO = sp.Integer(2)


class OfNumbers(sp.Function):
    """A function that evaluates itself to any precision, and refuses text, which sympy would run as a program.

    Examples
    --------
    >>> from drc.information import H_b, H_b_inv
    >>> H_b_inv(sp.Rational(1, 2)).evalf(30)
    0.110027864438359551261811704335
    >>> H_b("1e-999999999")
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: H_b must be given numbers or sympy expressions, got '1e-999999999'
    """

    if TYPE_CHECKING:

        @property
        def args(self) -> tuple[sp.Expr, ...]:
            """The arguments, of which sympy says less."""
            ...

    def __new__(cls, *args: object, **options: object) -> Self:
        """Build the expression.

        Raises
        ------
        ProblemError
            For an argument that is neither a number nor an expression.
        """
        for arg in args:
            if isinstance(arg, str | bytes):
                raise must(f"{cls.__name__}", "be given numbers or sympy expressions", arg)
        return super().__new__(cls, *args, **options)  # pyright: ignore[reportReturnType] (sympy says another class)

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        """Raise the working precision until a ball has all digits; None if an argument is not a number."""
        for work in ((prec + 64) << doublings for doublings in range(7)):
            numbers = [arg if arg.is_Rational else arg._eval_evalf(work) for arg in self.args]
            if not all(isinstance(number, sp.Number) for number in numbers):
                return None
            with ctx.workprec(work):
                value = self.enclose(*map(_ball, numbers))
                if value == 0:
                    return sp.S.Zero
                if abs(value) == arb.pos_inf():
                    return sp.oo if value > 0 else -sp.oo
                if value.is_finite() and value.rel_accuracy_bits() > prec:
                    return sp.Float._new(value.mid()._mpf_, prec)
        return None

    @classmethod
    def _imp_(cls, *args):
        """Evaluate for `sympy.lambdify`: arrays in floats, numbers of mpmath to their precision."""
        import mpmath

        if not any(isinstance(arg, mpmath.mpf) for arg in args):
            return cls.numeric(*args)
        prec = mpmath.mp.prec + 10
        exact = (sp.Float._new(arg._mpf_, prec) if isinstance(arg, mpmath.mpf) else arg for arg in args)
        return mpmath.mpf(cls(*map(sp.sympify, exact)).evalf(mpmath.mp.dps + 3)._to_mpmath(prec))


class InUnits(OfNumbers):
    r"""A function whose last argument is the base of its logarithms: 2, which is left out, for bits, or E for nats.

    A subclass brings `latex_name`, and the derivatives with respect to all its other arguments, which `eval` names.

    Examples
    --------
    >>> from drc.information import H_b_inv
    >>> h = sp.Symbol("h")
    >>> print(sp.latex(H_b_inv(h)), round(float(sp.lambdify(h, H_b_inv(h))(0.5)), 12))
    H_b^{-1}\left(h\right) 0.110027864438
    """

    is_extended_nonnegative = True
    latex_name = ""

    @classmethod
    def of(cls, *args: sp.Expr) -> sp.Expr:
        """Build the function of its arguments and a base; base 2 is left unwritten, as papers do."""
        *others, base = args
        return cls(*others) if base == 2 else cls(*args)

    @property
    def base(self) -> sp.Expr:
        """The base of the logarithm: 2 for bits, E for nats."""
        least = min(self.nargs)
        return self.args[least] if len(self.args) > least else _TWO

    @property
    def _derivatives(self) -> tuple[sp.Expr, ...]:
        raise NotImplementedError

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Differentiate with respect to an argument other than the base."""
        if not 1 <= argindex <= min(self.nargs):
            raise ArgumentIndexError(self, argindex)
        return self._derivatives[argindex - 1]

    def _latex(self, printer, exp=None) -> str:
        first, *rest = (printer._print(arg) for arg in self.args[: min(self.nargs)])
        body = rf"{self.latex_name}\left({'; '.join([first, ', '.join(rest)]) if rest else first}\right)"
        return body if exp is None else rf"\left({body}\right)^{{{exp}}}"


def _ball(number: sp.Expr) -> arb:
    if number.is_Rational:
        return arb(fmpq(int(number.p), int(number.q)))
    if number.is_infinite:
        return arb.pos_inf() if number > 0 else arb.neg_inf()
    return arb(number._to_mpmath(ctx.prec))
