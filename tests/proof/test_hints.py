"""A hint saves a search, and decides nothing."""

import os
import subprocess
import sys

import pytest
import sympy as sp

from drc.information.entropy import H_b
from drc.proof import UNIT, Step, Verdict
from drc.proof.decide import hints, narrow
from drc.proof.decide.decide import replayed
from drc.proof.shannon import InformationClaim
from drc.theory import catalogue

x, y, z = sp.symbols("x y z", real=True)
TRUE = Step(H_b(x) * (1 - x) <= 1 - x, "a toy", domain={x: UNIT})
FALSE = Step(H_b(x) <= 2 * x, "a toy", domain={x: UNIT})


@pytest.fixture
def hint(monkeypatch):
    """Put a hint in for a claim."""

    def put(step, how):
        monkeypatch.setattr(hints, "_stored", lambda: {step.question().key: how})

    return put


def test_a_search_finds_hints_that_prove_the_claim_again(hint):
    with hints.search() as found:
        first = TRUE.check()
    (how,) = found.values()
    hint(TRUE, how)
    again = TRUE.check()
    assert again == first
    assert again.verdict is Verdict.PROVED
    assert again.query


@pytest.mark.parametrize("how", ["0 g0", "0 g000", "1 g0", "2 g7", "2 w1", "11 g1", "99 g0", "2 p111:", "2 g1:abcd"])
def test_a_hint_that_does_not_help_is_no_obstacle(hint, how):
    hint(TRUE, how)
    assert TRUE.check().verdict is Verdict.PROVED


@pytest.mark.parametrize("how", ["0 g", "0 g0", "2 g1", "2 w0", "0 p0", "2 p111:", hints.RESISTS])
def test_no_hint_proves_what_is_false(hint, how):
    hint(FALSE, how)
    assert FALSE.check().verdict is Verdict.REFUTED


def test_what_resisted_is_sampled_until_it_is_searched_for_again(hint):
    hint(TRUE, hints.RESISTS)
    assert TRUE.check().verdict is Verdict.SAMPLED
    with hints.search() as found:
        assert TRUE.check().verdict is Verdict.PROVED
    assert hints.RESISTS not in found.values()


def test_what_a_cover_proves_is_not_searched_for_again(hint):
    step = Step(sp.Le(4 * x * (1 - x), H_b(x)), "", domain={x: UNIT})
    with hints.search() as found:
        assert step.check().method == "cover by boxes"
    assert found[step.question().key] == hints.BOXES
    hint(step, hints.BOXES)
    assert step.check().method == "cover by boxes"
    hint(step, hints.RESISTS)
    assert step.check().verdict is Verdict.SAMPLED


def test_a_hint_may_say_which_premises_are_enough(hint, monkeypatch):
    # Whether time is saved depends on the machine.
    monkeypatch.setattr(narrow, "_cost", lambda *way: 0.0 if replayed(*way) else None)
    step = Step(H_b(x) + H_b(y) + H_b(z) <= 3, "a toy", domain=dict.fromkeys((x, y, z), UNIT))
    with hints.search() as found:
        whole = step.check()
    (way,) = hints.named(found[step.question().key])
    smaller = narrow.narrowed(step.question(), way)
    assert smaller.only
    assert hints.named(str(smaller)) == [smaller]
    hint(step, str(smaller))
    few = step.check()
    assert few.verdict is Verdict.PROVED
    most = [max(query.count("(assert") for query in check.query.split("(reset)")) for check in (few, whole)]
    assert most[0] < most[1]


def test_the_premises_of_a_hint_are_tried_first_and_then_all():
    ways = [
        [str(way) for way in hints.ways(hint)] for hint in ("2 g0, 1 p00:abc", "1 p00:abc", "2 g0", "-", "boxes", None)
    ]
    assert ways == [["1 p00:abc", "2 g0"], ["1 p00:abc", "1 p00"], ["2 g0"], [], [], []]


def test_premises_that_are_not_there_are_no_hint():
    way = hints.Way(2, "p", (1, 1, 1), frozenset({"none"}))
    assert replayed(TRUE.question(), way) is None


def test_a_proof_has_only_the_premises_that_its_hint_names():
    (way,) = hints.named("2 p111:")
    assert replayed(TRUE.question(), way) is None
    assert replayed(TRUE.question(), way._replace(only=None)) is not None


@pytest.mark.parametrize("how", ["w0", "0 w0", "2 w1"])
def test_no_hint_makes_an_infinite_value_real(hint, how):
    infinite = sp.Piecewise((sp.oo, sp.Eq(x, 0)), (1, True))
    step = Step(
        sp.Eq(sp.Symbol("a"), infinite), "", definitions=((sp.Symbol("a"), infinite),), domain={x: UNIT}, defines="a"
    )
    hint(step, how)
    assert "not of a real number" in step.check().method


def test_the_hints_are_those_of_the_catalogue():
    """A claim without one is searched for in every check; `benchmarks/hints.py` writes them."""
    steps = [step for theorem in catalogue() for step in theorem.tradeoff().derivation]
    claims = [step for step in steps if not step.defines and not step.cites and not step.claim.has(InformationClaim)]
    parts = [part for step in claims for part in step.question().parts]
    missing = [part.claim for part in parts if hints.hint(part.key) is None]
    assert len(missing) <= len(parts) / 20, missing


def test_what_was_decided_before_has_no_part_in_a_decision():
    with hints.search():
        first, _, again = TRUE.check(), FALSE.check(), TRUE.check()
    assert first == again
    assert first.query == again.query


def test_the_order_of_sets_has_no_part_in_a_decision():
    code = "import drc; print([c.query for c in drc.Gaussian(R_c=1).drc().derivation.check().checks])"
    said = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True
        ).stdout
        for seed in "12"
    }
    assert len(said) == 1
    assert b"check-sat" in said.pop()
