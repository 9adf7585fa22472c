"""What z3 has decided is asked again of another engine, cvc5: it must never find a solution where z3 found none."""

from collections import Counter

import pytest

from drc.theory import entry

cvc5 = pytest.importorskip("cvc5")

#: Steps of cvc5 for each goal.
EFFORT = 5_000

THEOREMS = ("bernoulli.one-shot.YU.drc", "gaussian.asymptotic.drc", "gaussian.asymptotic.limited.drc")


def goals(query):
    """The goals of an answer, each a file of its own."""
    parts = query.replace("(reset)", "").split("(check-sat)")
    return [text + "(check-sat)\n" for text in parts if text.strip()]


def outcome(text):
    """What cvc5 says of a file: sat, unsat, or unknown within its effort."""
    solver = cvc5.Solver()
    solver.setOption("rlimit-per", str(EFFORT))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, "(set-logic QF_NRA)\n" + text, "goal")
    symbols, said = parser.getSymbolManager(), "unknown"
    while not (command := parser.nextCommand()).isNull():
        answer = command.invoke(solver, symbols).strip()
        said = answer if answer in ("sat", "unsat") else said
        assert not answer.startswith("(error"), answer
    return said


def confirmed(derivation):
    """How often cvc5 confirms what z3 has decided, and how often it cannot tell."""
    queries = dict.fromkeys(text for check in derivation.check().checks for text in goals(check.query))
    said = [(outcome(text), text) for text in queries]
    assert not [text for answer, text in said if answer == "sat"]
    return Counter(answer for answer, _ in said)


def test_a_solution_is_found_where_there_is_one():
    assert outcome("(declare-fun x () Real)\n(assert (= (* x x) 2.0))\n(assert (> x 0.0))\n(check-sat)\n") == "sat"
    assert outcome("(declare-fun x () Real)\n(assert (< (* x x) 0.0))\n(check-sat)\n") == "unsat"


@pytest.mark.parametrize("theorem", THEOREMS)
def test_cvc5_never_contradicts_z3(theorem):
    counts = confirmed(entry(theorem).tradeoff().derivation)
    assert counts["unsat"] > counts["unknown"]
