"""What is public changes only on purpose: the list of names and signatures is compared with the committed one."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import public_names

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
