"""What is public, found by inspection: what the pages of `docs/api/` document, and the `drc` command, with signatures.

`python tests/public_names.py` writes the list to `public_names.txt` beside this file, which `test_public_names.py` compares.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from enum import Enum
from functools import cached_property
from pathlib import Path
from pydoc import locate

import typer

from drc.cli import app

FILE = Path(__file__).with_suffix(".txt")
DOCS = Path(__file__).parent.parent / "docs"

_DIRECTIVE = re.compile(r"^\.\. auto(\w+):: (\S+)\n((?: {3}:.*\n)*)", re.MULTILINE)


class _Verbatim:
    """An annotation or a default that a signature prints as this text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def pages() -> list[Path]:
    """Return the pages of the reference, in their order."""
    listed = re.findall(r"^api/\w+$", (DOCS / "api.md").read_text(encoding="utf-8"), re.MULTILINE)
    return [DOCS / f"{name}.md" for name in listed]


def documented() -> Iterator[tuple[str, object, dict[str, str]]]:
    """Yield what the pages document: its name, itself, and the options of its directive."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages())
    for kind, name, block in _DIRECTIVE.findall(text):
        options = dict(re.findall(r":([\w-]+): ?(.*)", block))
        thing = locate(name)
        if kind == "module":
            yield from ((f"{name}.{each}", getattr(thing, each), {"members": ""}) for each in _exported(thing))
        else:
            yield name, thing, options


def _exported(module) -> list[str]:
    own = [name for name, thing in vars(module).items() if getattr(thing, "__module__", "") == module.__name__]
    return getattr(module, "__all__", [name for name in own if not name.startswith("_")])


def signature(function: Callable, *, bound: bool = False, returns: bool = True) -> str:
    """Print a signature with annotations as the source writes them; `bound` leaves out the first parameter."""
    found = inspect.signature(function)
    parameters = [
        p.replace(annotation=_annotation(p.annotation), default=_default(p.default)) for p in found.parameters.values()
    ]
    back = _annotation(found.return_annotation) if returns else inspect.Signature.empty
    return str(found.replace(parameters=parameters[bound:], return_annotation=back))


def _annotation(value: object) -> object:
    if value is inspect.Parameter.empty:
        return value
    text = value if isinstance(value, str) else inspect.formatannotation(value)
    # Named tuples and hypothesis wrap what the source says, and say where their own classes live.
    return _Verbatim(re.sub(r"ForwardRef\('(.*?)'.*?\)", r"\1", text).replace("hypothesis.strategies", "st"))


def _default(value: object) -> object:
    if value is inspect.Parameter.empty:
        return value
    return _Verbatim(
        re.sub(r"\b(Posix|Windows)Path\b| at 0x\w+", lambda found: "Path" if found[1] else "", repr(value))
    )


def of_class(kind: type, options: dict[str, str]) -> Iterator[str]:
    """Yield the lines of the members that the options of a directive ask for, in alphabetical order."""
    if "members" not in options:
        return
    chosen = re.findall(r"\w+", options["members"])
    left_out = re.findall(r"\w+", options.get("exclude-members", ""))
    special = re.findall(r"\w+", options.get("special-members", ""))
    ours = [base for base in kind.__mro__ if base.__module__.split(".")[0] == kind.__module__.split(".")[0]]
    for name in sorted({name for base in ours for name in vars(base)}):
        if name in special or (name in (chosen or [name]) and name not in left_out and not name.startswith("_")):
            yield from _member(name, inspect.getattr_static(kind, name))


def _member(name: str, thing: object) -> Iterator[str]:
    if isinstance(thing, property | cached_property):
        getter = thing.fget if isinstance(thing, property) else thing.func
        yield f"{name}: {inspect.signature(getter).return_annotation}"
    elif isinstance(thing, staticmethod):
        yield f"static {name}{signature(thing.__func__)}"
    elif isinstance(thing, classmethod):
        yield f"class {name}{signature(thing.__func__, bound=True)}"
    elif inspect.isfunction(thing):
        yield f"{name}{signature(thing, bound=True)}"


def of_command(command, path: str) -> Iterator[str]:
    """Yield a line for a command and those below it: arguments by their letters, options by all their names."""
    parameters = []
    for parameter in command.params:
        names = "|".join([*parameter.opts, *parameter.secondary_opts])
        if parameter.param_type_name == "argument":
            parameters.append(parameter.metavar or parameter.name.upper())
        else:
            parameters.append(names if parameter.required else f"[{names}]")
    yield " ".join([path, *parameters])
    for name, below in getattr(command, "commands", {}).items():
        yield from of_command(below, f"{path} {name}")


def listed(name: str, thing: object, options: dict[str, str]) -> Iterator[str]:
    """Yield the lines of a name; a class that cannot be made has no signature."""
    if not isinstance(thing, type):
        yield f"{name}{signature(thing)}"
    elif issubclass(thing, Exception):
        yield f"{name}({', '.join(base.__name__ for base in thing.__bases__)})"
    else:
        made = not (inspect.isabstract(thing) or getattr(thing, "_is_protocol", False) or issubclass(thing, Enum))
        yield name + (signature(thing, returns=False) if made else "")
        yield from (f"    {line}" for line in of_class(thing, options))


def listing() -> str:
    """Return the whole list: one line per name, the members of a class indented below it."""
    names = [line for found in documented() for line in listed(*found)]
    return "\n".join([*names, "", *of_command(typer.main.get_command(app), "drc"), ""])


if __name__ == "__main__":
    FILE.write_text(listing(), encoding="utf-8", newline="\n")
