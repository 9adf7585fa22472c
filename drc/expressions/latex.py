"""LaTeX as a paper would set it: `H_b`, `log_2`, `cases`, chained inequalities, and names such as `t^*`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise

import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Not, Or
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE

from drc.expressions.conditions import Chain, chains
from drc.expressions.forms import pieces
from drc.expressions.products import Product, ordered_terms, product
from drc.expressions.width import CASES, width

LatexNames = Mapping[sp.Symbol, str]

_RELATIONS = {"==": "=", "!=": r"\ne", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}


class _log2(sp.Function):
    """A logarithm to base two; sympy itself would write the quotient of two logarithms."""


class _Decimal(sp.Symbol):
    """A number that is to be printed as a decimal; it stands before all symbols, as coefficients do."""

    def sort_key(self, order=None):
        return sp.Rational(self.name).sort_key(order)


class _Printer(LatexPrinter):
    """Sympy's printer, with the order of terms and factors, signs and brackets of a paper."""

    #: No class sets itself: brackets and names are decided here.
    printmethod = "_latex_in_a_paper"

    def __init__(self, settings: dict[str, object]) -> None:
        super().__init__(settings)
        self._known: dict[tuple[type, sp.Basic], str] = {}

    def _print(self, expr, **kwargs) -> str:
        """Set what a document contains in many places, whole or in parts of lines, once."""
        if kwargs or not isinstance(expr, sp.Basic):
            return super()._print(expr, **kwargs)
        # The type tells numbers and truth values apart that are equal.
        key = type(expr), expr
        if key not in self._known:
            self._known[key] = super()._print(expr)
        return self._known[key]

    def _print_Symbol(self, expr: sp.Symbol) -> str:
        return _tidy(super()._print_Symbol(expr))

    # Sums, products and powers ---------------------------------------------------------------------------------------

    def _print_Add(self, expr: sp.Add, order=None) -> str:
        first, *rest = self.terms(expr)
        text = first[1] if first[0] > 0 else f"-{first[1]}"
        return text + "".join(f" {'+' if sign > 0 else '-'} {body}" for sign, body in rest)

    def terms(self, expr: sp.Expr) -> list[tuple[int, str]]:
        """Set the terms of a sum, each with its sign; a positive one comes first."""
        signed = [(self._signed(term), term.is_number) for term in ordered_terms(expr)]
        positive = sorted((t for t in signed if t[0][0] > 0), key=lambda t: not t[1])
        negative = [t for t in signed if t[0][0] < 0]
        # A constant leads a difference, and ends a sum: `1 - m - r`, but `m + 1`.
        positive = positive if negative else signed
        return [t for t, _ in positive + negative]

    def _signed(self, term: sp.Expr, *, alone: bool = False) -> tuple[int, str]:
        if isinstance(term, sp.Mul) or (isinstance(term, sp.Pow) and term.exp.is_negative):
            parts = product(term, alone=alone)
            return parts.sign, self._product(parts)
        if term.is_number and term.is_negative:
            return -1, self._print(-term)
        return 1, self._print(term)

    def _print_Mul(self, expr: sp.Mul | sp.Pow) -> str:
        sign, body = self._signed(expr, alone=True)
        return body if sign > 0 else f"-{body}"

    def _product(self, parts: Product) -> str:
        if not parts.below:
            return self._factors(parts.outside + parts.above)
        above, below = self._factors(parts.above, alone=True), self._factors(parts.below, alone=True)
        if all(f.is_number for f in (*parts.above, *parts.below)) and parts.outside:
            return rf"\tfrac{{{above}}}{{{below}}} {self._factors(parts.outside)}"
        fraction = rf"\frac{{{above}}}{{{below}}}"
        return f"{self._factors(parts.outside)} {fraction}" if parts.outside else fraction

    def _factors(self, factors: tuple[sp.Expr, ...], *, alone: bool = False) -> str:
        if not factors:
            return "1"
        if len(factors) == 1 and alone:
            return self._print(factors[0])
        texts = [self.parenthesize(f, PRECEDENCE["Mul"]) for f in factors]
        # Two numbers side by side would be read as one: `2 \cdot 2^{-2 r}`.
        return texts[0] + "".join(
            rf" \cdot {b}" if a.isdigit() and b[0].isdigit() else f" {b}" for a, b in pairwise(texts)
        )

    def _print_Pow(self, expr: sp.Pow) -> str:
        if expr.exp == sp.S.Half:
            return rf"\sqrt{{{self._print(expr.base)}}}"
        if expr.exp.is_number and expr.exp.is_negative:
            return self._print_Mul(expr)
        base = self.parenthesize(expr.base, PRECEDENCE["Pow"])
        if expr.base.is_Function or ("^" in base and expr.base.is_Symbol):
            base = self._bracket(base)
        return f"{base}^{_group(self._print(expr.exp))}"

    def parenthesize(self, item, level, is_neg: bool = False, strict: bool = False) -> str:
        """Set an operand, in brackets if it binds less strongly than its surroundings."""
        text = super().parenthesize(item, level, is_neg=is_neg, strict=strict)
        if text.startswith(r"\left(") and text.endswith(r"\right)"):
            inner = text[len(r"\left(") : -len(r"\right)")]
            return self._bracket(inner) if r"\left(" not in inner else text
        return text

    def _print_Infinity(self, expr) -> str:
        return r"\infty"

    def _print_NegativeInfinity(self, expr) -> str:
        return r"-\infty"

    def _print_Pi(self, expr) -> str:
        return r"\pi"

    # Functions -------------------------------------------------------------------------------------------------------

    def _bracket(self, body: str) -> str:
        tall = any(word in body for word in (r"\frac", r"\begin", r"\left", r"\sum"))
        return rf"\left({body}\right)" if tall else f"({body})"

    def _print_Function(self, expr, exp=None) -> str:
        """A named function brings its name; where it has parameters, its first argument is set apart from them."""
        name = getattr(type(expr), "latex_name", None)
        if name is None:
            return super()._print_Function(expr, exp)
        arguments = sorted(type(expr).nargs)
        # A second number of arguments is that with the base of the logarithms, which is not shown.
        first, *rest = [self._print(arg) for arg in expr.args[: arguments[0]]]
        body = "; ".join([first, ", ".join(rest)]) if rest and len(arguments) > 1 else ", ".join([first, *rest])
        return _raised(f"{{{name}}}" if exp and "^" in name else name, exp) + self._bracket(body)

    def _print__log2(self, expr, exp=None) -> str:
        return _raised(r"\log_2", exp) + self._bracket(self._print(expr.args[0]))

    def _print_log(self, expr, exp=None) -> str:
        (arg,) = expr.args
        body = f" {self._print(arg)}" if arg.is_Integer else self._bracket(self._print(arg))
        return _raised(r"\ln", exp) + body

    def _print_ImplicitBase(self, expr, exp=None) -> str:
        # Replaced, not formatted: LaTeX has braces of its own.
        body = expr.in_a_paper
        for i, arg in enumerate(expr.args[:2]):
            body = body.replace(f"{{{i}}}", self._print(arg))
        return body if exp is None else _raised(self._bracket(body), exp)

    def _print_Min(self, expr, exp=None) -> str:
        args = sorted(expr.args, key=sp.default_sort_key)
        return _raised(rf"\{expr.func.__name__.lower()}" + self._bracket(", ".join(map(self._print, args))), exp)

    _print_Max = _print_Min

    def _print_Abs(self, expr, exp=None) -> str:
        inner = self._print(expr.args[0])
        body = rf"\left|{inner}\right|" if r"\frac" in inner else rf"\lvert {inner} \rvert"
        return _raised(body, exp)

    # Conditions ------------------------------------------------------------------------------------------------------

    def _print_Relational(self, expr) -> str:
        if expr.rhs in _BOUNDED and expr.lhs.is_Symbol and expr.lhs not in _BOUNDED:
            expr = expr if isinstance(expr, sp.Eq) else expr.reversed
        return f"{self._print(expr.lhs)} {_RELATIONS[expr.rel_op]} {self._print(expr.rhs)}"

    def _print_And(self, expr) -> str:
        return r" \text{ and } ".join(self.conjuncts(expr))

    def conjuncts(self, expr) -> list[str]:
        """Set the parts of a conjunction, inequalities chained where one goes on from another."""
        relations = [arg for arg in expr.args if isinstance(arg, Relational) and arg.lhs != arg.rhs]
        others = sorted((arg for arg in expr.args if not isinstance(arg, Relational)), key=sp.default_sort_key)
        parts = [self._chain(c) for c in chains(relations)] + [self._within(arg) for arg in others]
        return parts or [r"\text{always}"]

    def _chain(self, chain: Chain) -> str:
        if len(chain.members) == 2:
            (relation,) = chain.relations
            return self._print_Relational(relation)
        text = self._print(chain.members[0])
        for op, member in zip(chain.operators, chain.members[1:], strict=True):
            text += f" {_RELATIONS[op]} {self._print(member)}"
        return text

    def _print_Or(self, expr) -> str:
        parts = sorted(expr.args, key=sp.default_sort_key)
        return r" \text{ or } ".join(self._within(part) for part in parts)

    def _within(self, part) -> str:
        text = self._print(part)
        return self._bracket(text) if isinstance(part, And | Or) and r"\text{" in text else text

    def _print_Not(self, expr) -> str:
        inner = expr.args[0]
        if isinstance(inner, Or) and all(isinstance(arg, Relational) for arg in inner.args):
            return self._print(And(*(Not(arg) for arg in inner.args)))
        return rf"\text{{not }} ({self._print(inner)})"

    def _print_Implies(self, expr) -> str:
        return rf"{self._print(expr.args[0])} \;\Rightarrow\; {self._print(expr.args[1])}"

    def _print_Equivalent(self, expr) -> str:
        parts = sorted(expr.args, key=lambda arg: len(str(arg)), reverse=True)
        return r" \;\Leftrightarrow\; ".join(self._within(part) for part in parts)

    def _print_BooleanTrue(self, expr) -> str:
        return r"\text{always}"

    def _print_BooleanFalse(self, expr) -> str:
        return r"\text{never}"

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        return cases([(self._print(value), self._condition(cond)) for value, cond in pieces(expr)])

    def _condition(self, condition: sp.Basic) -> str:
        return r"\text{otherwise}" if condition == True else rf"\text{{if }} {self._print(condition)}"  # noqa: E712


def printer(names: LatexNames | None = None) -> _Printer:
    """Return the printer for some names; `latex` is what most callers want."""
    return _printer(tuple((names or {}).items()))


@lru_cache(maxsize=16)
def _printer(names: tuple[tuple[sp.Symbol, str], ...]) -> _Printer:
    # Of few theorems at a time: a printer keeps what it has set.
    return _Printer({"symbol_names": {**_LETTERS, **dict(names)}})


def prepared(expr: sp.Basic) -> sp.Basic:
    """Return an expression with binary logarithms and short decimals made ready for the printer."""
    return _decimals(expr.replace(_is_quotient_of_logs, _to_log2))


def latex(expr: sp.Basic, names: LatexNames | None = None) -> str:
    r"""Set an expression or condition in LaTeX.

    Parameters
    ----------
    expr : sympy expression or boolean
    names : mapping from symbol to LaTeX, for names that are not to be set letter by letter

    Examples
    --------
    >>> x, y, q_X = sp.symbols("x y q_X")
    >>> print(latex(sp.log(x) / sp.log(2)))
    \log_2(x)
    >>> print(latex((q_X - 1) / (2 * x - 1)), latex(y - 2 * q_X * y * (1 - q_X) - x))
    \frac{1 - q_X}{1 - 2 x} y - 2 q_X (1 - q_X) y - x
    >>> print(latex(sp.And(sp.Le(x, y), sp.Lt(y, 1))))
    x \le y < 1
    """
    return printer(names).doprint(prepared(expr))


@lru_cache(maxsize=4096)
def mathml(formula: str, *, display: bool = False) -> str:
    r"""Turn LaTeX into MathML, which browsers set without any script.

    Parameters
    ----------
    formula : str
        LaTeX without dollar signs.
    display : bool
        Whether it stands on its own line.

    Examples
    --------
    >>> mathml("x")
    '<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline"><mrow><mi>x</mi></mrow></math>'
    """
    from latex2mathml.converter import convert

    # The converter knows `align*` but not `aligned`, and no row distances.
    plain = formula.replace("{aligned}[t]", "{aligned}").replace("{aligned}", "{align*}").replace(r"\\[4pt]", r"\\")
    plain = plain.replace(r"\Bigl(", "(").replace(r"\Bigr)", ")")
    plain = plain.replace(r"\lvert", r"\left|").replace(r"\rvert", r"\right|")
    text = convert(plain, display="block" if display else "inline")
    for pattern, better in _BETTER_MATHML:
        text = pattern.sub(better, text)
    return text


_NAMED = "min|max|cov|var|det|exp|ln"

#: Browsers follow MathML Core: cells are aligned by their style, and operators bring their own space.
_BETTER_MATHML = tuple(
    (re.compile(pattern), better)
    for pattern, better in (
        (r'<mtd columnalign="(left|right)"', r'<mtd style="text-align:\1"'),
        (r"<mo>&#x0221E;</mo>", "<mi>&#x0221E;</mi>"),
        (r"<mi>&#x0007E;</mi>", "<mo>&#x0223C;</mo>"),
        (
            rf"<m[oi]>({_NAMED})</m[oi]>(?!(<mrow>)?<mo [^>]*>&#x00028;)",
            r'<mi>\1</mi><mspace width="0.17em" />',
        ),
        (rf"<mo>({_NAMED})</mo>", r"<mi>\1</mi>"),
    )
)


def cases(rows: list[tuple[str, str]]) -> str:
    r"""Set a `cases` environment of values and conditions that are LaTeX already.

    Examples
    --------
    >>> print(cases([("1", r"\text{if } x > 0"), ("0", r"\text{otherwise}")]))
    \begin{cases}
    1, & \text{if } x > 0 \\
    0, & \text{otherwise}
    \end{cases}
    """
    if any(width(value) + width(condition) > CASES for value, condition in rows):
        # Too wide for a line: each condition below its value.
        fits = [width(value) + width(condition) <= CASES - 4 for value, condition in rows]
        between = [r", \quad " if fit else " \\\\\n\\quad " for fit in fits]
        body = " \\\\[4pt]\n".join(
            f"{value}{gap}{condition}" for (value, condition), gap in zip(rows, between, strict=True)
        )
    else:
        body = " \\\\\n".join(rf"{value}, & {condition}" for value, condition in rows)
    return "\\begin{cases}\n" + body + "\n\\end{cases}"


def _tidy(text: str) -> str:
    """Leave out braces that TeX does not need: `q_{X}` is `q_X`."""
    return re.sub(r"([_^])\{([A-Za-z0-9])\}(?![0-9])", r"\1\2", text)


def _raised(text: str, exp: str | None) -> str:
    return text if exp is None else f"{text}^{_group(exp)}"


def _group(text: str) -> str:
    return text if len(text) == 1 else f"{{{text}}}"


def _is_quotient_of_logs(expr: sp.Basic) -> bool:
    return (
        isinstance(expr, sp.Mul)
        and 1 / sp.log(2) in expr.args
        and any(isinstance(arg, sp.log) and arg != sp.log(2) for arg in expr.args)
    )


def _to_log2(expr: sp.Mul) -> sp.Expr:
    args = list(expr.args)
    args.remove(1 / sp.log(2))
    logarithm = next(arg for arg in args if isinstance(arg, sp.log))
    args.remove(logarithm)
    return sp.Mul(*args, _log2(logarithm.args[0]))  # pyright: ignore[reportArgumentType] (sympy)


def _decimals(expr: sp.Basic) -> sp.Basic:
    """Write a fraction as a decimal if it is a short one: a parameter given as 0.3 is read as 0.3, not 3/10."""
    short = {r: f"{float(abs(r)):.6f}".rstrip("0") for r in expr.atoms(sp.Rational) if _is_short(r)}
    return expr.xreplace({r: sp.sign(r) * _Decimal(text, positive=True) for r, text in short.items()})


def _is_short(value: sp.Rational) -> bool:
    return value.q not in (1, 2, 4) and 10**6 % value.q == 0


#: The quantities that are bounded: an inequality is read from their side.
_BOUNDED = sp.symbols("D R C P", real=True)

_MAPS = {sp.Symbol(name, real=True): rf"w_{{\text{{{name}}}}}" for name in ("zero", "one", "same", "flip")}

_LETTERS: dict[sp.Symbol, str] = {sp.Symbol("q_S1", real=True): "q_{S_1}", **_MAPS}
