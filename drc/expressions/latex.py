"""LaTeX as a paper would set it: `H_b`, `log_2`, `cases`, and names such as `t^*` for abbreviations."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp
from sympy.printing.latex import LatexPrinter

LatexNames = Mapping[sp.Symbol, str]


class _log2(sp.Function):
    """A logarithm to base two; sympy itself would write the quotient of two logarithms."""

    def _latex(self, printer, exp=None) -> str:
        return rf"\log_2 \left({printer._print(self.args[0])}\right)"


class _Decimal(sp.Symbol):
    """A number that is to be printed as a decimal; it stands before all symbols, as coefficients do."""

    def sort_key(self, order=None):
        return sp.S.One.sort_key(order)


class _Printer(LatexPrinter):
    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        return cases([(self._print(value), self._condition(cond)) for value, cond in expr.args])

    def _condition(self, condition: sp.Basic) -> str:
        return r"\text{otherwise}" if condition == True else rf"\text{{if }} {self._print(condition)}"  # noqa: E712

    def _print_And(self, expr) -> str:
        return r" \text{ and } ".join(self._print(arg) for arg in sorted(expr.args, key=sp.default_sort_key))

    def _print_Or(self, expr) -> str:
        return r" \text{ or } ".join(self._print(arg) for arg in sorted(expr.args, key=sp.default_sort_key))

    def _print_Implies(self, expr) -> str:
        return rf"{self._print(expr.args[0])} \;\Rightarrow\; {self._print(expr.args[1])}"

    def _print_Abs(self, expr, exp=None) -> str:
        body = rf"\left|{self._print(expr.args[0])}\right|"
        return body if exp is None else f"{body}^{{{exp}}}"


def latex(expr: sp.Basic, names: LatexNames | None = None) -> str:
    """Set an expression or condition in LaTeX.

    Parameters
    ----------
    expr : sympy expression or boolean
    names : mapping from symbol to LaTeX, for names that are not to be set letter by letter

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> print(latex(sp.log(x) / sp.log(2)))
    \\log_2 \\left(x\\right)
    """
    printer = _Printer({"symbol_names": {**_LETTERS, **(names or {})}})
    return printer.doprint(_decimals(expr.replace(_is_quotient_of_logs, _to_log2)))


def mathml(formula: str, *, display: bool = False) -> str:
    """Turn LaTeX into MathML, which browsers set without any script.

    Parameters
    ----------
    formula : str
        LaTeX without dollar signs.
    display : bool
        Whether it stands on its own line.
    """
    from latex2mathml.converter import convert

    return convert(formula, display="block" if display else "inline")


def cases(rows: list[tuple[str, str]]) -> str:
    """Set a `cases` environment of values and conditions that are LaTeX already."""
    body = " \\\\\n".join(rf"{value}, & {condition}" for value, condition in rows)
    return "\\begin{cases}\n" + body + "\n\\end{cases}"


def _is_quotient_of_logs(expr: sp.Basic) -> bool:
    return isinstance(expr, sp.Mul) and 1 / sp.log(2) in expr.args and any(
        isinstance(arg, sp.log) and arg != sp.log(2) for arg in expr.args
    )


def _to_log2(expr: sp.Mul) -> sp.Expr:
    args = list(expr.args)
    args.remove(1 / sp.log(2))
    logarithm = next(arg for arg in args if isinstance(arg, sp.log))
    args[args.index(logarithm)] = _log2(logarithm.args[0])
    return sp.Mul(*args)


def _decimals(expr: sp.Basic) -> sp.Basic:
    """Write a fraction as a decimal if it is a short one: a parameter given as 0.3 is read as 0.3, not 3/10."""
    short = {r: f"{float(abs(r)):.6f}".rstrip("0") for r in expr.atoms(sp.Rational) if _is_short(r)}
    return expr.xreplace({r: sp.sign(r) * _Decimal(text, positive=True) for r, text in short.items()})


def _is_short(value: sp.Rational) -> bool:
    return value.q not in (1, 2, 4) and 10**6 % value.q == 0


_LETTERS: dict[sp.Symbol, str] = {
    sp.Symbol("q_S1", real=True): "q_{S_1}",
}
