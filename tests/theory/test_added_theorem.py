"""A theorem of another package: one file, announced as an entry point, is everywhere that a theorem of ours is."""

import importlib
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp
from typer.testing import CliRunner

import drc
from drc import cli
from drc.audit.instances import instances_of
from drc.explorer import explorer
from drc.proof import Check, Derivation, Step, Verdict
from drc.report import chapters, gallery, write_catalogue
from drc.theory import catalogue, entry
from drc.theory.identities import Identity

PAGE = Path(__file__).parents[2] / "docs" / "add_a_theorem.md"
SHANNON = "gaussian.shannon.drc"


@pytest.fixture
def announce(tmp_path, monkeypatch):
    """A function that installs a module with a text, and announces it."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)

    def announced(name, text):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        installed = tmp_path / f"{name}-1.dist-info"
        installed.mkdir()
        (installed / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (installed / "entry_points.txt").write_text(f"[drc.theorems]\n{name} = {name}\n")
        importlib.invalidate_caches()

    yield announced
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in sys.modules[name].__file__:
            del sys.modules[name]


@pytest.fixture
def shannon(announce):
    """The file that the page shows, as a package of its own."""
    announce(
        "shannons_theorem",
        re.search(r"^```\{code-cell\} ipython3\n(.*?)^```$", PAGE.read_text("utf-8"), re.S | re.M)[1],
    )


def output(*arguments):
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == 0, (result.stderr, result.exception)
    return result.stdout


def test_it_is_not_there_unless_it_is_installed():
    assert SHANNON not in [found.id for found in catalogue()]
    with pytest.raises(drc.ProblemError, match="id must be one of"):
        entry(SHANNON)


def test_the_command_line_has_it(shannon):
    assert SHANNON in output("list")
    text = output("show", SHANNON)
    for part in (
        "Least squared error of a Gaussian source for rate R",
        "[cover2006]",
        "nonincreasing in R",
        "3 proved",
    ):
        assert part in text
    assert f"{SHANNON}: 10 instances, 10 agree" in output("check", SHANNON, "--samples", "10")
    assert output("eval", SHANNON, "R=1", "sigma_X=2").startswith("D = 1\nrate-limited: R = 1 bit binds.")


def test_the_explorer_has_it(shannon):
    assert f'"id":"{SHANNON}"' in explorer([SHANNON])


def test_the_report_and_its_picture_have_it(shannon, tmp_path, monkeypatch):
    # The special cases and the proofs of other theorems are checked in tests of their own.
    monkeypatch.setattr(chapters, "catalogue", lambda: [found for found in catalogue() if "shannon" in found.id])
    monkeypatch.setattr(Identity, "check", lambda *_, **__: Check(Verdict.PROVED, "algebra"))
    write_catalogue(tmp_path / "out", samples=2)
    for name in ("catalogue.html", "catalogue.tex"):
        text = (tmp_path / "out" / name).read_text(encoding="utf-8")
        assert SHANNON in text
        assert "for any distribution of" in text
    picture = gallery.of_theorem(entry(SHANNON))
    assert (picture.name, {row["R"] for row in picture.rows} >= {0.0, 3.0}) == ("gaussian-shannon-drc-curves", True)


def test_a_problem_has_the_theorems_that_are_added_for_it(announce):
    with pytest.raises(drc.NotAvailableError, match="gaussian.asymptotic.limited.rdc is not available yet"):
        drc.Gaussian(R_c=1).rdc()
    announce(
        "one_more",
        "from dataclasses import replace\nfrom drc.theory.gaussian.scalar.rdc import THEOREMS as ours\n"
        "THEOREMS = [replace(ours[0], id='gaussian.asymptotic.limited.rdc')]\n",
    )
    assert drc.Gaussian(R_c=1).rdc().id == "gaussian.asymptotic.limited.rdc"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("from drc.theory.gaussian.scalar.drc import derive", "modules with THEOREMS, got wrong"),
        ("import nothing_of_this_name", "modules with THEOREMS, got wrong"),
        ("1 / 0", "modules with THEOREMS, got wrong"),
        ("THEOREMS = [1]", "THEOREMS of wrong must be theorems, got 1"),
        (
            "from dataclasses import replace\nfrom drc.theory.gaussian.scalar.drc import THEOREMS as ours\n"
            "THEOREMS = [replace(ours[0])]",
            "theorems of wrong must have new ids, got gaussian.asymptotic.drc",
        ),
        (
            "from dataclasses import replace\nfrom drc.theory.gaussian.scalar.drc import THEOREMS as ours\n"
            "THEOREMS = [replace(ours[0], id='gaussian.sum')]",
            "id must have drc, rdc, cdr, drpc, rdpc or cdpr among its words, got 'gaussian.sum'",
        ),
    ],
)
def test_what_cannot_be_a_theorem_is_named_with_its_module(announce, text, message):
    announce("wrong", text)
    with pytest.raises(drc.ProblemError, match=message):
        catalogue()
    assert drc.Gaussian().drc()(R=0, mu_X=0, mu_Y=0, sigma_X=1, sigma_Y=1, sigma_S=1, theta=0) == 2


def test_instances_of_another_kind_of_source_come_from_the_domain_of_its_proof():
    rate, scale = sp.symbols("R b", real=True)
    step = Step(sp.true, "", domain={scale: (sp.S.Half, sp.Integer(2)), rate: (sp.S.Zero, sp.Integer(5))})
    problem = SimpleNamespace(id="cauchy.asymptotic", out_of_range=lambda numbers: np.less(numbers["b"], 1))
    source = SimpleNamespace(
        problem=problem, derivation=Derivation("", (step,)), parameters=(scale,), arguments=(rate, sp.Symbol("C"))
    )
    drawn = list(instances_of(source, 200, 0))
    assert len(drawn) == 200
    assert all(1 <= at["b"] <= 2 and 0 <= at["R"] <= 5 and 0 <= at["C"] <= 3 for at in drawn)
    assert {at["R"] for at in drawn} > {0, 5}
    assert drawn == list(instances_of(source, 200, 0))
