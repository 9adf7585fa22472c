"""Types are real: no public signature of the package says `Any`, or nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import drc

ROOT = Path(drc.__file__).parent

#: Texts that are copied into programs in other languages, where numbers have no annotations.
ROUTINES = [ROOT / "information" / name for name in ("routines.py", "ieee.py")]
Definition = ast.FunctionDef | ast.AsyncFunctionDef


def public(name: str) -> bool:
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))


def untyped(annotation: ast.expr | None) -> bool:
    """Whether an annotation is missing or says `Any`, be it in quotes."""
    if annotation is None:
        return True
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.parse(annotation.value, mode="eval").body
    return any("Any" in (getattr(node, "id", ""), getattr(node, "attr", "")) for node in ast.walk(annotation))


def in_signature(function: Definition, method: bool) -> Iterator[str]:
    args = function.args
    listed = [*args.posonlyargs, *args.args]
    static = any(getattr(d, "id", "") == "staticmethod" for d in function.decorator_list)
    listed = listed[1:] if method and not static else listed
    for arg in [*listed, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))]:
        if untyped(arg.annotation):
            yield arg.arg
    if function.name != "__init__" and untyped(function.returns):
        yield "return"


def faults(body: list[ast.stmt], where: str, in_class: bool = False) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef) and public(node.name):
            yield from faults(node.body, f"{where}.{node.name}", True)
        elif isinstance(node, Definition) and public(node.name):
            yield from (f"{where}.{node.name}: {what}" for what in in_signature(node, in_class))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and public(node.target.id):
            if untyped(node.annotation):
                yield f"{where}.{node.target.id}"
        elif isinstance(node, ast.Assign) and not in_class and getattr(node.value, "id", "") == "Any":
            yield f"{where}.{ast.unparse(node.targets[0])}: an alias of Any"


def test_no_public_signature_says_any():
    found = [
        fault
        for path in sorted({*ROOT.rglob("*.py")} - {*ROUTINES})
        for fault in faults(ast.parse(path.read_text(encoding="utf-8")).body, str(path.relative_to(ROOT)))
    ]
    assert found == []


def test_what_is_found():
    text = """
from typing import Any
Number = Any
def f(x: Any, y: "dict[str, Any]", z=1, *, w: int) -> int: ...
class A:
    field: list[Any]
    def m(self, a: int): ...
    @staticmethod
    def s(a) -> None: ...
    def _private(self, a): ...
def _g(x): ...
"""
    found = list(faults(ast.parse(text).body, "m"))
    assert found == [
        "m.Number: an alias of Any",
        "m.f: x",
        "m.f: y",
        "m.f: z",
        "m.A.field",
        "m.A.m: return",
        "m.A.s: a",
    ]
