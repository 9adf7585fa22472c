import numpy as np
import pytest
import sympy as sp

import drc
from drc.problems.validation import exact
from drc.tradeoff import Law

T = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc()
FREE = drc.Bernoulli().drc()


def test_the_table_of_the_readme():
    """The conflict that the printed theorem does not have, from the experience page."""
    D = T(R=0.88, C=[0.7, 0.6, 0.55, 0.5])
    assert D.round(4).tolist() == [0.3, 0.4482, 0.5634, 0.6786]
    assert T.regime(R=0.88, C=[0.7, 0.6]).tolist() == ["transport-limited", "classification-limited"]


def test_broadcasting_and_scalars():
    assert type(T(R=0.4, C=0.9)) is float
    assert T(R=[[0.1], [0.2]], C=[0.7, 0.8, 0.9]).shape == (2, 3)
    assert T(R=np.zeros((0, 3)), C=0.9).shape == (0, 3)
    assert T(R=[0.1, 0.2]).shape == (2,)


@pytest.mark.parametrize(
    "shape", [((7, 1), (1, 9001)), ((40_000,), ()), ((3, 40_000), (40_000,)), ((200, 300), (200, 300))]
)
def test_pieces_give_what_points_give(shape):
    rng = np.random.default_rng(0)
    R, C = rng.uniform(0, 1, shape[0]), rng.uniform(0.4, 1, shape[1])
    whole = T(R=R, C=C)
    R, C = np.broadcast_arrays(R, C)
    assert whole.shape == R.shape
    for _ in range(50):
        at = tuple(rng.integers(n) for n in whole.shape)
        assert whole[at] == T(R=R[at], C=C[at])


def test_free_parameters_broadcast_too():
    q = np.linspace(0, 1, 11)
    D = FREE(q_X=q, q_Y=q[:, None], q_S1=0, R=np.inf)
    assert np.allclose(D, np.abs(q - q[:, None]), atol=1e-15)


def test_symbolic_and_numeric_parameters_agree():
    rng = np.random.default_rng(1)
    R, C = rng.uniform(0, 1, 500), rng.uniform(0.4, 1, 500)
    assert np.allclose(FREE(q_X=0.3, q_Y=0.6, q_S1=0.1, R=R, C=C), T(R=R, C=C), atol=1e-14)


def test_expr_is_the_same_function():
    lambdified = sp.lambdify(sp.symbols("R C", real=True), T.expr.rewrite(sp.log), "mpmath")
    rng = np.random.default_rng(2)
    for R, C in zip(rng.uniform(0.01, 1, 30), rng.uniform(0.48, 1, 30), strict=True):
        assert float(lambdified(R, C)) == pytest.approx(float(T(R=R, C=C)), abs=1e-12)


@pytest.mark.parametrize("given", [{}, {"q_X": 0.3, "q_Y": 0.4, "q_S1": 0.1}])
@pytest.mark.parametrize("name", ["rdc", "rdpc"])
def test_expr_has_conditions_with_definitions_by_cases_in_them(name, given):
    tradeoff = getattr(drc.Bernoulli(**given), name)()
    at = {"q_X": 0.3, "q_Y": 0.4, "q_S1": 0.1, "q_ref": 0.3, "D": 0.2, "C": 0.7, "P": 0.05}
    numbers = {symbol: exact("a number", at[symbol.name]) for symbol in tradeoff.expr.free_symbols}
    expected = tradeoff(**{symbol.name: at[symbol.name] for symbol in numbers})
    assert 0.1 < float(tradeoff.expr.xreplace(numbers)) == pytest.approx(expected, rel=1e-14)


def test_regimes_are_data_with_everything_opened():
    names = {s.name for s in (*FREE.arguments, *FREE.parameters)}
    for regime in FREE.regimes:
        assert {s.name for s in regime.condition.free_symbols | regime.expr.free_symbols} <= names
    assert [r.name for r in FREE.regimes][-1] == "infeasible"


def test_nats_and_bits_are_one_function():
    nats = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc(unit="nats")
    R, C = np.linspace(0, 1, 7)[:, None], np.linspace(0.4, 1, 9)
    assert np.allclose(nats(R=R * np.log(2), C=C * np.log(2)), T(R=R, C=C), atol=1e-14)


def test_given_puts_parameters_in():
    half = FREE.given(q_X=0.3, q_Y="y")
    assert [s.name for s in half.parameters] == ["q_S1", "y"]
    assert half(R=0.4, C=0.9, q_S1=0.1, y=0.6) == pytest.approx(T(R=0.4, C=0.9), rel=1e-15)


def test_corners_are_exact():
    assert drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc()(R=1, C=1) == 0.1
    assert drc.Bernoulli(q_X=0.3, q_Y=0.3, q_S1=0.1).drc()(R=1, C=1) == 0.0
    least = float(drc.H_b(sp.Rational(1, 10)).evalf())
    assert np.isfinite(drc.Bernoulli(q_X=0.3, q_Y=0.3, q_S1=0.1).drc()(R=1, C=least))


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ({"R": -0.1}, "R must be at least 0, got -0.1"),
        ({"R": float("nan")}, "R must be one real number, got nan"),
        ({"R": sp.Symbol("a")}, "still free"),
        ({"R": "fast"}, "R must be a number, got fast: fast still free"),
        ({"P": 1}, "the arguments of bernoulli.one-shot.YU.drc must be among R, C, got P"),
    ],
)
def test_wrong_bounds_are_named(bounds, message):
    with pytest.raises(drc.ProblemError, match=message):
        T(**bounds)


def test_free_and_wrong_parameters_are_named():
    with pytest.raises(
        drc.ProblemError, match=r"q_S1, q_X, q_Y must be numbers in.*give them here, or use `given\(\)`"
    ):
        FREE(R=0.1, C=0.5)
    with pytest.raises(drc.ProblemError, match=r"q_X must be in \[0, 1\], got 1.5"):
        FREE(R=0.1, q_X=[0.1, 1.5], q_Y=0.1, q_S1=0)
    with pytest.raises(drc.ProblemError, match="the parameters to replace must be among q_S1, q_X, q_Y, got q_Z"):
        FREE.given(q_Z=1)


def test_why_is_for_one_point():
    with pytest.raises(drc.ProblemError, match="explains one point"):
        T.why(R=[0.1, 0.2])


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ({"R": 0.1}, "more rate lowers D, down to 0.3"),
        ({"R": 0.88, "C": 0.55}, "needs the negation map"),
        ({"R": 0.88}, "neither R nor C binds"),
        ({"R": 0.88, "C": 0.4}, "below the entropy 0.469 bit of the label's noise"),
        ({"R": 0.1, "C": 0.6}, "The least rate for this C is 0.628 bit"),
    ],
)
def test_why_says_what_binds(at, words):
    assert words in T.why(**at)


@pytest.mark.parametrize("at", [{"R": 0.1}, {"R": 0.88, "C": 0.4}, {}])
def test_a_point_is_told_at_once(at):
    assert T.at(**at) == (T(**at), T.regime(**at), T.why(**at))
    with pytest.raises(drc.ProblemError, match="explains one point"):
        T.at(R=[0.1, 0.2])


def test_why_when_the_target_law_is_in_the_way():
    text = drc.Bernoulli(q_X=0.4, q_Y=0.1, q_S1=0.1).drc().why(R=1, C=0.5)
    assert "the target law allows t <= 0.25" in text


def test_latex_names_the_regimes_and_abbreviations():
    text = FREE.latex()
    for words in (
        "rate-limited",
        "classification-limited",
        "infeasible",
        r"t^\star",
        "H_b",
        r"D_{\mathrm{ind}}",
    ):
        assert words in text
    assert text.count(r"\begin{") == text.count(r"\end{")
    assert FREE._repr_latex_().startswith("$")


def test_text_shows_regimes_and_abbreviations():
    assert "rate-limited" in str(T)
    assert "where" in repr(T)


def test_tables_in_three_forms():
    points = [{"R": 0.88, "C": 0.7}, {"R": 0.1, "C": 0.5}]
    assert T.table(points, form="csv").splitlines() == [
        "R,C,D,regime",
        "0.88,0.7,0.3,transport-limited",
        "0.1,0.5,inf,infeasible",
    ]
    assert T.table(points).count(r"\\") == 3
    assert T.table(points, form="html").count("<tr>") == 3
    for form in ("latex", "csv", "html"):
        assert "rate-limited" in T.table(form=form)
    with pytest.raises(drc.ProblemError, match="form must be 'latex' or 'csv' or 'html', got 'word'"):
        T.table(points, form="word")


def test_laws_read_as_sentences():
    assert str(Law("nonincreasing", ("R", "C"))) == "nonincreasing in R, C"
    assert any("unchanged by q_X -> 1 - q_X" in str(law) for law in FREE.laws)
    assert any(str(law).startswith("R = 0") for law in FREE.laws)


def test_bounds_without_letters_are_in_the_order_of_the_arguments():
    D = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc()
    assert D(0.4, 0.75) == D(R=0.4, C=0.75)
    assert D(0.4) == D(R=0.4)
    assert D([0.2, 0.4], C=0.9).tolist() == D(R=[0.2, 0.4], C=0.9).tolist()
    assert (D.regime(0.4, 0.55), D.why(0.4, 0.55)) == (D.regime(R=0.4, C=0.55), D.why(R=0.4, C=0.55))
    assert D.at(0.4, 0.75) == D.at(R=0.4, C=0.75)
    with pytest.raises(drc.ProblemError, match=r"D\(R, C\) must have at most 2 bounds without letters, got 3"):
        D(0.4, 0.8, 0.3)
    with pytest.raises(drc.ProblemError, match="R must be given once, got it twice"):
        D(0.4, R=0.3)


@pytest.mark.parametrize(
    ("problem", "known"),
    [
        (drc.Bernoulli(q_X=0.3, q_Y=0.4), {"q_S1": 0.2}),
        (drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=0.5, sigma_Y=1.5), {"sigma_S": 0.7, "theta": 0.3}),
        (drc.MarySymmetric(M=4), {"q_S1": 0.2}),
    ],
    ids=lambda x: type(x).__name__,
)
def test_without_a_bound_on_the_label_it_may_stay_symbolic(problem, known):
    T = problem.drc()
    assert T(R=0.4) == pytest.approx(T(R=0.4, **known), abs=1e-14)
    assert T.regime(R=0.4) == T.regime(R=0.4, **known)
    with pytest.raises(drc.ProblemError, match=f"{', '.join(sorted(known))} must be numbers"):
        T(R=0.4, C=0.5)


def test_a_symbol_of_label_and_source_must_be_a_number():
    q = sp.Symbol("q")
    with pytest.raises(drc.ProblemError, match="q must be"):
        drc.Bernoulli(q_X=q, q_Y=0.4, q_S1=q).drc()(R=0.4)
