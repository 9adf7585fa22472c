"""What is public changes only on purpose: the list of names and signatures is compared with the committed one."""

from __future__ import annotations

import difflib
import importlib
import inspect
import re
from collections.abc import Iterator

import public_names
import pytest

import drc


def test_public_names_are_those_of_the_committed_list():
    old, new = (text.splitlines() for text in (public_names.FILE.read_text(encoding="utf-8"), public_names.listing()))
    changed = "\n".join(difflib.unified_diff(old, new, "committed", "now", lineterm="", n=0))
    assert not changed, (
        f"{changed}\n\nIf this is meant, `python tests/public_names.py` writes the list anew; what goes or changes needs "
        "the deprecation that docs/stability.md describes, and a line in CHANGELOG.md."
    )


def test_every_name_of_the_package_is_documented():
    found = {name: thing for name, thing, _ in public_names.documented()}
    assert len(found) > 80
    assert [name for name, thing in found.items() if thing is None] == []
    assert {*drc.__all__} <= {name.rsplit(".")[-1] for name in found}


#: The rooms whose names users import, and what in them is reached through a method or `drc.load` instead.
ROOMS = {
    "audit": set(),
    "checker": {"read_claim"},
    "codes": set(),
    "explorer": set(),
    "information": set(),
    "neural": set(),
    "problems": {"problem_of", "read_problem"},
    "proof": set(),
    "report": {"Report"},
    "solvers": {
        "curve",
        "limits",
        "solve_bernoulli_y",
        "solve_finite",
        "solve_gaussian",
        "solve_vector_gaussian",
        "surface",
    },
    "theory": set(),
    "tradeoff": set(),
}


def exported(room):
    """The classes and functions that a part of the package offers, each with its name."""
    names = getattr(room, "__all__", None) or room._HOME
    found = {name: getattr(room, name) for name in names}
    return {name: thing for name, thing in found.items() if inspect.isclass(thing) or inspect.isfunction(thing)}


@pytest.mark.parametrize("room", ROOMS)
def test_every_class_and_function_of_a_room_is_in_the_reference(room):
    documented = [thing for _, thing, _ in public_names.documented()]
    offered = exported(importlib.import_module(f"drc.{room}"))
    missing = {name for name, thing in offered.items() if not any(thing is other for other in documented)}
    assert missing == ROOMS[room], "a public name needs a place on a page of docs/api/"


#: Names in signatures that are classes of the package and still not for users: types of fields, and words for shapes.
_NOT_CLASSES = {"JsonObject", "Known", "Progress", "Question", "Self", "State", "Steps", "Value"}


def test_every_class_that_a_public_name_returns_is_in_the_reference():
    found = [name for name, _, _ in public_names.documented()]
    documented = {name.rsplit(".", 1)[-1] for name in found}
    returned = re.findall(r"(?:-> |^    \w+: )(.*)$", public_names.listing(), re.MULTILINE)
    words = {word for text in returned for word in re.findall(r"(?<![\w.'])[A-Z]\w*[a-z]\w*", text)}
    others = {"Axes", "Boolean", "Fraction", "Hashable", "Iterator", "Mapping", "None", "Path"}
    assert {"Curve", "Surface", "Check"} <= words - others
    assert words - documented - others - _NOT_CLASSES == set()


def test_each_name_is_in_the_reference_once_and_each_page_is_listed():
    found = [name for name, _, _ in public_names.documented()]
    assert len(set(found)) == len(found)
    assert {page.name for page in public_names.pages()} == {
        page.name for page in (public_names.DOCS / "api").glob("*.md")
    }


class Sample:
    """A class to list."""

    def __init__(self, x: int, *, unit: str = "bits") -> None:
        self.x = x

    @property
    def twice(self) -> int:
        return 2 * self.x

    @classmethod
    def of(cls, text: str) -> Sample:
        return cls(int(text))

    @staticmethod
    def names() -> Iterator[str]:
        yield ""

    def _hidden(self) -> None: ...


def test_a_class_is_listed_as_its_source_says():
    assert [*public_names.listed("Sample", Sample, {"members": ""})] == [
        "Sample(x: int, *, unit: str = 'bits')",
        "    static names() -> Iterator[str]",
        "    class of(text: str) -> Sample",
        "    twice: int",
    ]
    assert [*public_names.listed("Sample", Sample, {"members": "of, twice", "exclude-members": "of"})][1:] == [
        "    twice: int"
    ]
