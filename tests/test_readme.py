"""What the README and the pages show is what happens: `>>>` lines and `$ drc` commands with their outputs."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drc import cli

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def _blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def _commands() -> list:
    found = []
    for path in PAGES:
        for block in _blocks(path, "console"):
            line, _, shown = block.partition("\n")
            if line.startswith("$ drc ") and shown:
                found.append(pytest.param(line.removeprefix("$ drc "), shown, id=f"{path.name}: {line}"))
    return found


@pytest.mark.parametrize(("page", "least"), [("README.md", 10), ("docs/index.md", 8)])
def test_examples_of_the_first_pages_are_true(page, least):
    code = "\n".join(_blocks(ROOT / page, "pycon"))
    test = doctest.DocTestParser().get_doctest(code, {}, page, page, 0)
    assert len(test.examples) >= least
    said: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS).run(test, out=said.append)
    assert not said, "".join(said)


@pytest.mark.parametrize(("command", "shown"), _commands())
def test_commands_print_what_is_shown(command, shown):
    result = CliRunner().invoke(cli.app, shlex.split(command))
    assert result.stdout + result.stderr == shown


def test_the_commands_of_the_pages_are_found():
    assert len(_commands()) >= 5


def test_the_worked_example_of_a_theorem_runs(capsys):
    """Its cells are run as the documentation does; the theorem in them is proved, and agrees with the solver."""
    room: dict = {}
    for block in _blocks(ROOT / "docs" / "add_a_theorem.md", r"\{code-cell\} ipython3"):
        exec(block, room)
    T = room["T"]
    assert bool(T.derivation.check())
    report = T.check(samples=20)
    assert (report.agreements, report.disagreements) == (20, 0)
    assert T(R=1, sigma_X=2) == 1
    assert capsys.readouterr().out.count("Proved") == len(T.derivation)
