"""The base of all functions of information theory: they take numbers and expressions, and never evaluate a text."""

from __future__ import annotations

from typing import Any, Self

import sympy as sp

from drc.errors import must


class OfNumbers(sp.Function):
    """A function that refuses text, which sympy would run as a program.

    Examples
    --------
    >>> from drc.information import H_b
    >>> H_b("1e-999999999")
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: H_b must be given numbers or sympy expressions, got '1e-999999999'
    """

    def __new__(cls, *args: Any, **options: Any) -> Self:
        """Build the expression.

        Raises
        ------
        ProblemError
            For an argument that is neither a number nor an expression.
        """
        for arg in args:
            if isinstance(arg, str | bytes):
                raise must(f"{cls.__name__}", "be given numbers or sympy expressions", arg)
        return super().__new__(cls, *args, **options)
