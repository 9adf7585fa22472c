"""The subset of Python that `program` writes, translated into C, JavaScript, Julia, MATLAB and Mathematica."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import ClassVar

#: Parameters that are lists, and whole numbers, in functions that are told a number `n` of components.
_LISTS, _WHOLE = ("p", "w", "c"), ("n", "i", "start")


class _Language:
    """What the languages have in common; a subclass says how functions, loops and conditions are written."""

    #: How an arithmetic function, and a constant, is called.
    calls: ClassVar[dict[str, str]] = {}
    inf = "Inf"
    first = 1  # the index of the first item of a list
    end = ";"
    operators: ClassVar[dict] = {ast.And: "&&", ast.Or: "||", ast.NotEq: "!=", ast.Not: "!"}
    #: What stands before all functions.
    prelude = ""
    indent = "    "

    def name(self, name: str) -> str:
        """Write the name of a variable or a function."""
        return name

    def function(self, node: ast.FunctionDef) -> str:
        raise NotImplementedError

    def program(self, main: ast.FunctionDef, others: Iterable[ast.FunctionDef]) -> str:
        """Write a whole program: the routines, then the function that uses them."""
        return "\n\n".join([self.prelude, *map(self.function, [*others, main])])

    # Expressions -------------------------------------------------------------------------------------------------------

    def expr(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value):
                return repr(value)
            case ast.Name(name):
                return self.inf if name == "inf" else self.name(name)
            case ast.UnaryOp(ast.Not(), inside):
                return f"{self.operators[ast.Not]}({self.expr(inside)})"
            case ast.UnaryOp(ast.USub(), inside):
                return f"(-{self.expr(inside)})"
            case ast.BinOp(left, op, right):
                sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}[type(op)]
                return f"({self.expr(left)} {sign} {self.expr(right)})"
            case ast.Compare(left, [op], [right]):
                signs = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=="} | self.operators
                return f"({self.expr(left)} {signs[type(op)]} {self.expr(right)})"
            case ast.BoolOp(op, values):
                return f"({f' {self.operators[type(op)]} '.join(map(self.expr, values))})"
            case ast.IfExp(test, body, orelse):
                return self.choice(self.expr(test), self.expr(body), self.expr(orelse))
            case ast.Subscript(ast.Name(name), index):
                return self.item(self.name(name), index)
            case ast.List(items):
                return self.list([self.expr(item) for item in items])
            case ast.Call(ast.Name(name), args):
                return self.call(name, [self.argument(name, i, arg) for i, arg in enumerate(args)])
        raise AssertionError(f"the subset has no {ast.dump(node)}")

    def argument(self, function: str, place: int, node: ast.expr) -> str:
        return self.expr(node)

    def call(self, name: str, args: list[str]) -> str:
        if name == "div":
            return f"({args[0]} / {args[1]})"
        return f"{self.calls.get(name, name)}({', '.join(args)})"

    def choice(self, test: str, yes: str, no: str) -> str:
        return f"({test} ? {yes} : {no})"

    def index(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            return str(node.value + self.first)  # pyright: ignore[reportOperatorIssue] (sympy)
        return f"{self.expr(node)} + {self.first}" if self.first else self.expr(node)

    def item(self, name: str, index: ast.expr) -> str:
        return f"{name}[{self.index(index)}]"

    def list(self, items: list[str]) -> str:
        return f"[{', '.join(items)}]"

    # Statements --------------------------------------------------------------------------------------------------------

    def body(self, nodes: Iterable[ast.stmt], depth: int = 1) -> str:
        pad = self.indent * depth
        return "\n".join(f"{pad}{line}" for node in nodes for line in self.statement(node, depth))

    def statement(self, node: ast.stmt, depth: int) -> list[str]:
        inner = lambda nodes: self.body(nodes, depth + 1)  # noqa: E731
        match node:
            case ast.Assign([ast.Tuple(names)], ast.Tuple(values)):
                return [self.assign(a, b) for a, b in zip(names, values, strict=True)]
            case ast.Assign([ast.Name()], _):
                return [self.assign(node.targets[0], node.value)]
            case ast.Return(ast.expr() as value):
                return [self.give(self.expr(value))]
            case ast.If(test, body, orelse):
                return self.when(self.expr(test), inner(body), inner(orelse), depth)
            case ast.While(test, body):
                return self.loop(self.expr(test), inner(body), depth)
            case ast.For(ast.Name(name), ast.Call(_, [count]), body):
                return self.count(name, self.expr(count), inner(body), depth)
        raise AssertionError(f"the subset has no {ast.dump(node)}")

    def assign(self, target: ast.expr, value: ast.expr) -> str:
        return f"{self.expr(target)} = {self.expr(value)}{self.end}"

    def give(self, value: str) -> str:
        return f"return {value}{self.end}"

    def when(self, test: str, body: str, other: str, depth: int) -> list[str]:
        pad = self.indent * depth
        alternative = f"\n{pad}else\n{other}" if other else ""
        return [f"if {test}\n{body}{alternative}\n{pad}end"]

    def loop(self, test: str, body: str, depth: int) -> list[str]:
        return [f"while {test}\n{body}\n{self.indent * depth}end"]

    def count(self, name: str, count: str, body: str, depth: int) -> list[str]:
        return [f"for {name} = 0:({count} - 1)\n{body}\n{self.indent * depth}end"]


def _parameters(node: ast.FunctionDef) -> list[str]:
    return [arg.arg for arg in node.args.args]


def _locals(node: ast.FunctionDef) -> list[str]:
    """Return the names that a function assigns, in order."""
    assigned = [t for s in ast.walk(node) if isinstance(s, ast.Assign) for t in ast.walk(s.targets[0])]
    return list(dict.fromkeys(t.id for t in assigned if isinstance(t, ast.Name)))


class _Braces(_Language):
    """Languages with the statements of C."""

    first = 0
    counter = "int"  # what declares the variable of a loop

    def when(self, test: str, body: str, other: str, depth: int) -> list[str]:
        pad = self.indent * depth
        alternative = f" else {{\n{other}\n{pad}}}" if other else ""
        return [f"if ({test}) {{\n{body}\n{pad}}}{alternative}"]

    def loop(self, test: str, body: str, depth: int) -> list[str]:
        return [f"while ({test}) {{\n{body}\n{self.indent * depth}}}"]

    def count(self, name: str, count: str, body: str, depth: int) -> list[str]:
        return [f"for ({self.counter} {name} = 0; {name} < {count}; {name}++) {{\n{body}\n{self.indent * depth}}}"]


class C(_Braces):
    """C99, with the mathematics of its standard library."""

    calls: ClassVar[dict[str, str]] = {"abs": "fabs", "min": "fmin", "max": "fmax", "power": "pow"}
    inf = "INFINITY"
    prelude = "#include <math.h>"

    def list(self, items: list[str]) -> str:
        return f"(double[]){{{', '.join(items)}}}"

    def _head(self, node: ast.FunctionDef) -> str:
        names = _parameters(node)
        kinds = {"f": "double (*f)(double, double, double, const double *, int)"} if "f" in names else {}
        if "n" in names:
            kinds |= {n: f"const double *{n}" for n in _LISTS} | {n: f"int {n}" for n in _WHOLE}
        return f"double {node.name}({', '.join(kinds.get(n, f'double {n}') for n in names)})"

    def function(self, node: ast.FunctionDef) -> str:
        assigned = [s for s in ast.walk(node) if isinstance(s, ast.Assign) and isinstance(s.value, ast.List)]
        lists = {s.targets[0].id for s in assigned if isinstance(s.targets[0], ast.Name)}
        own = [name for name in _locals(node) if name not in lists and name not in _parameters(node)]
        declared = f"    double {', '.join(own)};\n" if own else ""
        return f"{self._head(node)} {{\n{declared}{self.body(node.body)}\n}}"

    def program(self, main: ast.FunctionDef, others: Iterable[ast.FunctionDef]) -> str:
        others = list(others)
        heads = "\n".join(f"static {self._head(node)};" for node in others)
        parts = [self.prelude, heads, *(f"static {self.function(node)}" for node in others), self.function(main)]
        return "\n\n".join(filter(None, parts))

    def assign(self, target: ast.expr, value: ast.expr) -> str:
        if isinstance(value, ast.List):
            return f"double {self.expr(target)}[] = {{{', '.join(map(self.expr, value.elts))}}};"
        return super().assign(target, value)


class Javascript(_Braces):
    """JavaScript, whose numbers are doubles."""

    calls: ClassVar[dict[str, str]] = {
        name: f"Math.{name}" for name in ("log", "log1p", "exp", "expm1", "sqrt", "hypot", "abs", "min", "max")
    } | {"power": "Math.pow"}
    inf, counter = "Infinity", "let"
    operators: ClassVar[dict] = {ast.And: "&&", ast.Or: "||", ast.NotEq: "!==", ast.Eq: "===", ast.Not: "!"}
    prelude = '"use strict";'

    def function(self, node: ast.FunctionDef) -> str:
        own = [name for name in _locals(node) if name not in _parameters(node)]
        declared = f"    let {', '.join(own)};\n" if own else ""
        return f"function {node.name}({', '.join(_parameters(node))}) {{\n{declared}{self.body(node.body)}\n}}"


class Julia(_Language):
    """Julia, whose logarithms and roots of negative numbers would raise errors."""

    calls: ClassVar[dict[str, str]] = {
        "log": "ieee_log",
        "log1p": "ieee_log1p",
        "sqrt": "ieee_sqrt",
        "power": "ieee_power",
    }
    end = ""
    prelude = """ieee_log(x) = x >= 0 ? log(x) : NaN
ieee_log1p(x) = x >= -1 ? log1p(x) : NaN
ieee_sqrt(x) = x >= 0 ? sqrt(x) : NaN
ieee_power(x, y) = x >= 0 || isinteger(y) ? x^y : NaN"""

    def function(self, node: ast.FunctionDef) -> str:
        return f"function {node.name}({', '.join(_parameters(node))})\n{self.body(node.body)}\nend"


class Matlab(_Language):
    """MATLAB and Octave: a file of functions, of which the first one is called."""

    calls: ClassVar[dict[str, str]] = {
        "log": "ieee_log",
        "log1p": "ieee_log1p",
        "sqrt": "ieee_sqrt",
        "power": "ieee_power",
    }
    operators: ClassVar[dict] = {ast.And: "&&", ast.Or: "||", ast.NotEq: "~=", ast.Not: "~"}
    prelude = """function y = ieee_log(x)
    if x >= 0, y = log(x); else, y = NaN; end
end

function y = ieee_log1p(x)
    if x >= -1, y = log1p(x); else, y = NaN; end
end

function y = ieee_sqrt(x)
    if x >= 0, y = sqrt(x); else, y = NaN; end
end

function y = ieee_power(x, y)
    if x >= 0 || y == round(y), y = x ^ y; else, y = NaN; end
end

function y = choose(condition, yes, no)
    if condition, y = yes; else, y = no; end
end"""

    def argument(self, function: str, place: int, node: ast.expr) -> str:
        return f"@{self.expr(node)}" if function == "root" and place == 0 else self.expr(node)

    def choice(self, test: str, yes: str, no: str) -> str:
        return f"choose({test}, {yes}, {no})"

    def item(self, name: str, index: ast.expr) -> str:
        return f"{name}({self.index(index)})"

    def give(self, value: str) -> str:
        return f"result = {value}; return;"

    def function(self, node: ast.FunctionDef) -> str:
        return f"function result = {node.name}({', '.join(_parameters(node))})\n{self.body(node.body)}\nend"

    def program(self, main: ast.FunctionDef, others: Iterable[ast.FunctionDef]) -> str:
        return "\n\n".join([self.function(main), *map(self.function, others), self.prelude])


class Mathematica(_Language):
    """Mathematica, in whose names an underscore is a pattern, and in which some capitals are taken."""

    calls: ClassVar[dict[str, str]] = {
        "log": "ieeeLog",
        "log1p": "ieeeLog1p",
        "exp": "Exp",
        "expm1": "ieeeExpm1",
        "sqrt": "ieeeSqrt",
        "hypot": "ieeeHypot",
        "power": "ieeePower",
        "div": "ieeeDiv",
        "abs": "Abs",
        "min": "Min",
        "max": "Max",
    }
    inf = "Infinity"
    prelude = """ieeeDiv[a_, b_] := If[b == 0, If[a == 0, Indeterminate, Sign[a] Infinity], a/b]
ieeeLog[x_] := Which[TrueQ[x > 0], Log[x], TrueQ[x == 0], -Infinity, True, Indeterminate]
ieeeLog1p[x_] := If[TrueQ[Abs[x] < 1/10], 2 ArcTanh[x/(2 + x)], ieeeLog[1 + x]]
ieeeExpm1[x_] := If[TrueQ[Abs[x] < 1], 2 Exp[x/2] Sinh[x/2], Exp[x] - 1]
ieeeSqrt[x_] := If[TrueQ[x >= 0], Sqrt[x], Indeterminate]
ieeeHypot[x_, y_] := Sqrt[x^2 + y^2]
ieeePower[x_, y_] := If[TrueQ[x > 0], x^y, If[TrueQ[y > 0], 0., Infinity]]"""

    def name(self, name: str) -> str:
        plain = name.replace("_", "")
        return f"{plain}$" if plain in ("C", "D", "E", "I", "K", "N", "O") else plain

    def expr(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant) and "e" in repr(node.value):
            return repr(node.value).replace("e", "*^")
        return super().expr(node)

    def call(self, name: str, args: list[str]) -> str:
        return f"{self.calls.get(name) or self.name(name)}[{', '.join(args)}]"

    def choice(self, test: str, yes: str, no: str) -> str:
        return f"If[TrueQ[{test}], {yes}, {no}]"

    def item(self, name: str, index: ast.expr) -> str:
        return f"{name}[[{self.index(index)}]]"

    def list(self, items: list[str]) -> str:
        return f"{{{', '.join(items)}}}"

    def give(self, value: str) -> str:
        return f"Return[{value}, Module];"

    def when(self, test: str, body: str, other: str, depth: int) -> list[str]:
        return [f"If[TrueQ[{test}],\n{body.rstrip(';')}{f',{chr(10)}' + other.rstrip(';') if other else ''}];"]

    def loop(self, test: str, body: str, depth: int) -> list[str]:
        return [f"While[TrueQ[{test}],\n{body.rstrip(';')}];"]

    def count(self, name: str, count: str, body: str, depth: int) -> list[str]:
        return [f"Do[\n{body.rstrip(';')}, {{{name}, 0, {count} - 1}}];"]

    def function(self, node: ast.FunctionDef) -> str:
        parameters = ", ".join(f"{self.name(name)}_" for name in _parameters(node))
        own = ", ".join(map(self.name, _locals(node)))
        return f"{self.name(node.name)}[{parameters}] := Module[{{{own}}},\n{self.body(node.body).rstrip(';')}]"


LANGUAGES: dict[str, _Language] = {
    "c": C(),
    "javascript": Javascript(),
    "julia": Julia(),
    "matlab": Matlab(),
    "mathematica": Mathematica(),
}
