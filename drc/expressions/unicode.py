"""Expressions in one line of Unicode, to be read on a terminal: `2·q_X·ρ·(1 - q_X)`, `κ ≤ ρ and ρ < t⋆`."""

from __future__ import annotations

import sympy as sp
from sympy.printing.precedence import PRECEDENCE, precedence
from sympy.printing.str import StrPrinter

from drc.expressions.forms import pieces

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "theta": "θ", "kappa": "κ",
    "lam": "λ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ",
    "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Delta": "Δ", "Gamma": "Γ", "Sigma": "Σ", "Omega": "Ω",
}  # fmt: skip
_RELATIONS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def unicode_text(expr: object) -> str:
    """Write an expression, or a condition, in one line of Unicode; anything else as it writes itself.

    Examples
    --------
    >>> R, q_X, t_star = sp.symbols("R q_X t_star")
    >>> unicode_text(2 * q_X * (1 - q_X) * R), unicode_text((t_star <= 1) & (q_X > 0)), unicode_text(sp.sqrt(R) / 2**q_X)
    ('2·R·q_X·(1 - q_X)', 'q_X > 0 and t⋆ ≤ 1', '√R/2^q_X')
    """
    return _Printer().doprint(expr) if isinstance(expr, sp.Basic) else str(expr)


def letter(name: str) -> str:
    """Write the name of a symbol, with Greek letters.

    Examples
    --------
    >>> letter("sigma_X1"), letter("t_star"), letter("drho_R_dR")
    ('σ_X1', 't⋆', 'drho_R_dR')
    """
    first, *rest = name.split("_")
    digits = first[len(first.rstrip("0123456789")) :]
    stem = first.removesuffix(digits)
    words = "_".join([_GREEK.get(stem, stem) + digits, *(_GREEK.get(word, word) for word in rest)])
    return words.removesuffix("_star") + "⋆" if words.endswith("_star") else words


class _Printer(StrPrinter):
    def _print_Symbol(self, expr: sp.Symbol) -> str:
        return letter(expr.name)

    def _print_Infinity(self, expr: sp.Basic) -> str:
        return "∞"

    def _print_NegativeInfinity(self, expr: sp.Basic) -> str:
        return "-∞"

    def _print_Pi(self, expr: sp.Basic) -> str:
        return "π"

    def _print_Exp1(self, expr: sp.Basic) -> str:
        return "e"

    def _print_Abs(self, expr: sp.Abs) -> str:
        return f"|{self._print(expr.args[0])}|"

    def _print_log(self, expr: sp.log) -> str:
        return f"ln({self._print(expr.args[0])})"

    def _print_Min(self, expr: sp.Min) -> str:
        return f"min({self.stringify(sorted(expr.args, key=str), ', ')})"

    def _print_Max(self, expr: sp.Max) -> str:
        return f"max({self.stringify(sorted(expr.args, key=str), ', ')})"

    def _print_Mul(self, expr: sp.Mul) -> str:
        # Powers have no stars, so what is left of them are products.
        return super()._print_Mul(expr).replace("*", "·")

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        base, power = expr.as_base_exp() if expr.exp.is_Integer else (expr.base, expr.exp)
        own = precedence(expr)
        if power == sp.Rational(1, 2):
            return f"√{self.parenthesize(base, own)}"
        if power.is_Rational and power.is_negative:
            return f"1/{self.parenthesize(base**-power, PRECEDENCE['Mul'])}"
        written = self.parenthesize(base, own)
        if power.is_Integer:
            return written + str(power).translate(_RAISED)
        return f"{written}^{self.parenthesize(power, own)}"

    def _print_Relational(self, expr: sp.Rel) -> str:
        sides = (self.parenthesize(side, PRECEDENCE["Relational"]) for side in expr.args)
        return f" {_RELATIONS.get(expr.rel_op, expr.rel_op)} ".join(sides)

    def _print_And(self, expr: sp.And) -> str:
        return self._joined(expr, " and ", sp.Or)

    def _print_Or(self, expr: sp.Or) -> str:
        return self._joined(expr, " or ", sp.And)

    def _print_Not(self, expr: sp.Not) -> str:
        return f"not ({self._print(expr.args[0])})"

    def _print_Implies(self, expr: sp.Implies) -> str:
        return " ⇒ ".join(self._within(arg) for arg in expr.args)

    def _print_Equivalent(self, expr: sp.Equivalent) -> str:
        return " ⇔ ".join(self._within(arg) for arg in sorted(expr.args, key=str))

    def _joined(self, expr: sp.Basic, word: str, other: type) -> str:
        # In an order that does not depend on the process.
        return word.join(sorted(self._within(arg) if isinstance(arg, other) else self._print(arg) for arg in expr.args))

    def _within(self, expr: sp.Basic) -> str:
        text = self._print(expr)
        return f"({text})" if isinstance(expr, sp.And | sp.Or | sp.Implies | sp.Equivalent) else text

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        return "; ".join(
            f"{self._print(value)} " + ("otherwise" if where == sp.true else f"if {self._print(where)}")
            for value, where in pieces(expr)
        )
