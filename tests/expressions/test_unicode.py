import pytest
import sympy as sp

from drc.expressions.unicode import letter, unicode_text
from drc.theory import entry

R, q, t_star = sp.symbols("R q t_star", positive=True)


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (2 * q * (1 - q) * R, "2·R·q·(1 - q)"),
        (-R / 2, "-R/2"),
        (1 / R**2, "1/R²"),
        (1 / sp.sqrt(R + 1), "1/√(R + 1)"),
        ((R + 1) ** 3 / q, "(R + 1)³/q"),
        (sp.sqrt(1 - 2 ** (-2 * R)), "√(1 - 1/2^(2·R))"),
        ((q**R) ** t_star, "q^(R·t⋆)"),
        (sp.Min(R, 1, evaluate=False), "min(1, R)"),
        (sp.And(t_star <= 2, sp.Or(q > 1, R < 3)), "(R < 3 or q > 1) and t⋆ ≤ 2"),
        (sp.Eq(R, sp.Piecewise((1, q > 2), (sp.oo, True))), "R = 1 if q > 2; ∞ otherwise"),
    ],
    ids=str,
)
def test_expressions(expr, text):
    assert unicode_text(expr) == text


def test_letters():
    names = ["sigma_X1", "rho", "q_S1", "t_star", "drho_R_dR", "lam", "mean"]
    assert [letter(name) for name in names] == ["σ_X1", "ρ", "q_S1", "t⋆", "drho_R_dR", "λ", "mean"]


def test_what_is_no_expression_writes_itself():
    assert unicode_text("I(X;Y)") == "I(X;Y)"


@pytest.mark.parametrize("name", ["gaussian.asymptotic.drc", "bernoulli.one-shot.YU.rdpc.KL", "laplace.rdc"])
def test_theorems_have_no_marks_of_code(name):
    T = entry(name).tradeoff()
    parts = [part for regime in T.cases for part in (regime.expr, regime.condition)]
    for text in map(unicode_text, [*parts, *(value for _, value in T.where)]):
        assert not any(mark in text for mark in ("*", "\\", "Abs(", "Piecewise", "<=", ">=", "sqrt", "&"))
