"""Other letters: the same trade-off, through formula, proof, table, plot and file."""

import pytest
import sympy as sp
from representatives import ENTRIES

import drc
from drc.theory import entry

BIT = drc.Bernoulli()


@pytest.mark.parametrize("name", [e.id for e in ENTRIES])
def test_there_and_back(name):
    tradeoff = entry(name).tradeoff()
    letters = {
        s.name: f"new_{i}" for i, s in enumerate([*tradeoff.parameters, *(symbol for symbol, _ in tradeoff.where)])
    }
    there = tradeoff.rename(**letters)
    old = {symbol.name for symbol in (*tradeoff.parameters, *(symbol for symbol, _ in tradeoff.where))}
    assert not old & {s.name for step in there.derivation for s in step.claim.free_symbols}
    assert not old & {s.name for regime in there.regimes for s in regime.expr.free_symbols}
    assert there.rename(**{new: old for old, new in letters.items()}).cases == tradeoff.cases


def test_formula_proof_table_plot_and_values():
    T = BIT.drc().rename(q_X="alpha", kappa="k", rho="v")
    at = {"q_Y": 0.6, "q_S1": 0.1, "R": 0.88, "C": 0.55}
    assert T(alpha=0.3, **at) == BIT.drc()(q_X=0.3, **at)
    assert T.gradient(alpha=0.3, **at) == BIT.drc().gradient(q_X=0.3, **at)
    assert T.why(alpha=0.3, **at) == BIT.drc().why(q_X=0.3, **at)
    for text in (T.latex(), T.table(), T.derivation.latex()):
        assert r"\alpha" in text
        assert "q_X" not in text
        assert r"\kappa" not in text
    assert T.problem.parameters["q_X"] == sp.Symbol("alpha", real=True)
    assert T.plot(alpha=0.3, q_Y=0.6, q_S1=0.1).get_xlabel() == "rate $R$ (bit)"
    with pytest.raises(drc.ProblemError, match=r"alpha must be in|q_X must be in"):
        T(alpha=1.3, **at)
    assert str(drc.Gaussian().drc().rename(sigma_X="s").cases[0].expr) == "B - 2*rho_R*s*sigma_Y"


def test_a_renamed_proof_is_still_one():
    T = drc.Gaussian().drc()
    found, known = T.rename(sigma_X="s", theta="k").derivation.check(), T.derivation.check()
    assert str(found) == str(known)


@pytest.mark.parametrize(
    ("letters", "words"),
    [
        ({"q_X": "q_Y"}, "must be ones that bernoulli.one-shot.YU.drc does not have yet, got q_Y"),
        ({"q_X": "R"}, "got R"),
        ({"q_X": "D"}, "got D"),
        ({"q_X": "a", "q_Y": "a"}, "must differ"),
        ({"R": "rate"}, "must be among"),
        ({"q_X": "1/2"}, "must be a letter or a word"),
        ({"q_X": "two words"}, "two words"),
    ],
)
def test_collisions_and_what_is_no_letter(letters, words):
    with pytest.raises(drc.ProblemError, match=words):
        BIT.drc().rename(**letters)


def test_letters_change_places():
    T = BIT.drc().rename(q_X="q_Y", q_Y="q_X")
    assert T(q_X=0.6, q_Y=0.3, q_S1=0.1, R=0.4) == BIT.drc()(q_X=0.3, q_Y=0.6, q_S1=0.1, R=0.4)


def test_units_are_said():
    assert BIT.drc().latex(unit_note=True).endswith("& \\text{($R$ and $C$ in bits)}\n\\end{aligned}")
    assert "in nats" in drc.Gaussian().drc(unit="nats").latex(unit_note=True)
    assert "in bits" not in BIT.drc().latex()


def test_symbols_of_one_name_are_one():
    T = drc.Bernoulli(q_Y=sp.Symbol("q_X")).drc()
    assert [s.name for s in T.parameters] == ["q_S1", "q_X"]
    assert T(q_X=0.3, q_S1=0.1, R=1) == 0
    assert drc.Bernoulli(q_X=sp.Symbol("q_X", positive=True)) == drc.Bernoulli()
    assert drc.Bernoulli(q_X=sp.Symbol("a")) == drc.Bernoulli(q_X="a")
    assert (
        drc.Gaussian(sigma_Y=sp.Symbol("sigma_X")).drc().parameters == drc.Gaussian(sigma_Y="sigma_X").drc().parameters
    )
    with pytest.raises(drc.ProblemError, match="must have the same symbol a as the other parameters"):
        drc.Bernoulli(q_X=sp.Symbol("a", positive=True), q_Y=sp.Symbol("a", real=True))
    with pytest.raises(drc.ProblemError, match="same symbol a"):
        drc.VectorGaussian([sp.Symbol("a", positive=True), 1], ["a", 1], [1, 1], [0, 0])
