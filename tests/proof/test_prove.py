"""Claims that users state, in sympy, in plain text and in LaTeX."""

import pytest
import sympy as sp
from typer.testing import CliRunner

import drc
from drc import cli
from drc.information.kl_bits import KL_b
from drc.proof import Verdict, prove
from drc.proof.claims import read_claim
from drc.proof.shannon import InformationProof

x, y = sp.symbols("x y", real=True)
p = sp.Symbol("p", positive=True)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        (r"x (1-x) \le \frac{1}{4}", x * (1 - x) <= sp.Rational(1, 4)),
        (r"\log(1+x) \leq x", sp.log(1 + x) <= x),
        (r"\sqrt{x^2+1} \ge 1", sp.sqrt(x**2 + 1) >= 1),
        (r"2^{-2x} < 1", 2 ** (-2 * x) < 1),
        (r"H_b(x) \le 1", drc.H_b(x) <= 1),
        (r"\min(x, y) \le x", sp.Min(x, y) <= x),
        (r"|x| - |y| \le \left|x-y\right|", sp.Abs(x) - sp.Abs(y) <= sp.Abs(x - y)),
        (r"x \ne y", sp.Ne(x, y)),
        (r"4xy \le (x+y)^2", 4 * x * y <= (x + y) ** 2),
        (r"\log_2(x) < x", sp.log(x) / sp.log(2) < x),
        ("0.1 x < y", x / 10 < y),
        ("1e-3*x <= y/2", x / 1000 <= y / 2),
        ("0 <= x <= 1 and y > 2", sp.And(sp.Le(0, x), x <= 1, y > 2)),
        ("x < 1, y < 1", sp.And(x < 1, y < 1)),
        ("x < 1 or y < 1", sp.Or(x < 1, y < 1)),
        ("-x**2 + y == 2", sp.Eq(y - x**2, 2)),
        ("2^-x < 1", 2 ** (-x) < 1),
        ("x ≤ 1", x <= 1),
        (r"\sigma_X^2 > x_{min}", sp.Symbol("sigma_X", real=True) ** 2 > sp.Symbol("x_min", real=True)),
        ("x1 < x2", sp.Symbol("x1", real=True) < sp.Symbol("x2", real=True)),
        ("q_S1 < 1", sp.Symbol("q_S1", real=True) < 1),
        (r"q_{S_1} \lt 1", sp.Symbol("q_S1", real=True) < 1),
        (r"q_{\mathrm{S}} < q_\mathrm{S}^2", sp.Symbol("q_S", real=True) < sp.Symbol("q_S", real=True) ** 2),
        ("log2(x) < 1", sp.log(x) / sp.log(2) < 1),
        (r"\log_{10} x < 1", sp.log(x) / sp.log(10) < 1),
        (r"\log x \log y < 1", sp.log(x) * sp.log(y) < 1),
        (r"\sqrt[3]{x} < 1", x ** sp.Rational(1, 3) < 1),
        (r"\max\{x, y\} < 1", sp.Max(x, y) < 1),
        (r"\operatorname{H_b}(x) < 1", drc.H_b(x) < 1),
        (r"\mathrm{KL}_b(x, y) < 1", KL_b(x, y) < 1),
        (r"\mathrm{e}^x > x", sp.exp(x) > x),
        (".5e1 x < y", 5 * x < y),
        ("1/2 x < y(1 - y)", x / 2 < y * (1 - y)),
    ],
)
def test_texts_are_read(text, claim):
    assert read_claim(text, {}) == claim


@pytest.mark.parametrize(
    "text",
    ["", "x", "x <", "< 1", "x < 1 <", "(x < 1", "x + < 1", "sin(x) < 1", "x @ 1", "H_b(x, y, x, y) < 1", "1" * 20_000],
)
def test_what_is_no_claim_is_refused(text):
    with pytest.raises(drc.ProblemError, match="claim must"):
        prove(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("log 2x < 1", "the argument of log needs parentheses"),
        (r"\log x (1 + y) < 1", "the argument of log needs parentheses"),
        ("H_b^2(x) < 1", "give H_b its argument in parentheses"),
        ("H_b < 1", "give H_b its argument in parentheses"),
        (r"\sin x < 1", "use functions such as"),
        (r"\log_b x < 1", "give log_b its argument"),
        (r"\hat{x} < 1", "other LaTeX that is read here"),
        (r"R_12 \lt 1", "have braces"),
        (r"x1 \lt 1", "be a condition"),
        ("x 2 < 1", "be a condition"),
        ("not x < 1", "use functions such as"),
        ("x < 1 implies y < 1", "use functions such as"),
        ("e^x > x", "Euler's number"),
        ("xy < x + y", r"be clear: x\*y"),
        ("f(x) < 1", r"be clear: f\*"),
    ],
)
def test_what_could_be_meant_in_two_ways_is_refused(text, said):
    with pytest.raises(drc.ProblemError, match=f"claim must.*{said}"):
        prove(text)


def test_letters_with_digits_are_names_of_their_own():
    unit = dict.fromkeys(("x1", "x2", "q_S1", "xy", "f", "e"), (0, 1))
    assert prove("x1 + x2 <= 2", domain=unit)
    assert prove("q_S1 <= 1", domain=unit)
    assert prove("xy <= 1 and f(1 - f) <= 1/4 and e <= 1", domain=unit)


@pytest.mark.parametrize("claim", [3, x, None, [], "x", object, 1.5, sp.Symbol("b")], ids=str)
def test_other_things_are_refused_too(claim):
    with pytest.raises(drc.ProblemError, match="claim must be a condition"):
        prove(claim)


def test_domains_are_intervals():
    assert prove("x <= 1", domain={"x": (0, 1)})
    assert prove(x <= 1, domain={x: sp.Interval(0, 1)})
    assert prove("x > 0", domain={"x": sp.Interval.open(0, sp.oo)})
    assert prove("sqrt(x) <= (1 + x)/2", domain={"x": (0, "oo")})
    assert prove(p > 0)
    assert prove(1 / p > 0)
    for wrong in ({"x": 3}, {"x": (1, 0)}, {"x": "unit"}, {3: (0, 1)}):
        with pytest.raises(drc.ProblemError, match="domain"):
            prove("x <= 1", domain=wrong)


def test_floats_are_the_decimals_that_they_print_as():
    assert prove(sp.Eq(0.1 + x - 0.1 * sp.S.One, x))
    assert prove(sp.Le(x, 0.3), given=sp.Le(x, sp.Rational(3, 10)))
    assert prove(sp.Le(x, 0.3), given=sp.Le(x, sp.Rational(30000001, 10**8))).verdict is Verdict.REFUTED


def test_assumptions_are_used():
    assert prove("x < 2", given="x < 1")
    assert prove("x + y < 2", given=["x < 1", "y < 1"])
    assert prove(x < 2, given=x < 1)
    assert prove("x < 2", given=x < 1)
    found = prove("x < 1", given="x < 2")
    assert found.verdict is Verdict.REFUTED
    assert 1 <= found.witness["x"] < 2
    assert prove(True)
    assert prove(False).verdict is Verdict.REFUTED
    assert str(prove("1 <= 0")) == "Refuted (balls)"


def test_entropies_of_bits_are_known():
    assert prove("H_b(x) = H_b(1-x)", domain={"x": (0, 1)})
    assert prove("H_b(x) <= H_b(y)", given="0 <= x <= y <= 1/2")
    assert prove("H_b(H_b_inv(h)) = h", domain={"h": (0, 1)})
    assert prove(
        "I_b(u, q, r) >= 0", given="0 <= q <= 1, 0 <= r <= 1, -q r <= u <= q(1-r), -(1-q)(1-r) <= u <= (1-q) r"
    )
    assert prove("H_b(x) <= 1").verdict is Verdict.UNKNOWN, "it has no value at -1"
    assert prove("H_b(2 x) >= 0", domain={"x": (0, 1)}).verdict is Verdict.UNKNOWN
    assert prove("H_b(x) >= 0", domain={"x": (0, 1)})


def test_a_function_without_meaning_here_is_unknown():
    found = prove(sp.sin(x) <= 1)
    assert found.verdict is Verdict.UNKNOWN
    assert "sin" in found.method


def test_information_inequalities_are_sent_where_they_are_proved():
    found = prove("I(X;Y|U) <= H(Z|U)", given=["H(Y|Z,U) = 0", "I(X;U) = 0"])
    assert isinstance(found, InformationProof)
    assert found.verdict is Verdict.PROVED
    assert prove("H(X) <= H(Y)").verdict is Verdict.REFUTED
    with pytest.raises(drc.ProblemError, match="given must be information statements"):
        prove("H(X) <= H(Y)", given=x < 1)
    with pytest.raises(drc.ProblemError, match="domain must be left out"):
        prove("H(X) <= H(Y)", domain={"x": (0, 1)})
    with pytest.raises(drc.ProblemError, match="claim must have commas between variables: X,Y, got XY"):
        prove("H(XY) <= H(X) + H(Y)")
    assert prove("H(XZ) <= H(XZ) + H(Y)"), "the name of one variable"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["x*(1-x) <= 1/4"], 0, "Proved"),
        (["x >= 0", "--domain", "x=0:oo"], 0, "Proved"),
        (["x*(x - 1/1000) >= 0", "--domain", "x=0:1"], 1, "Refuted"),
        (["I(X;Z) <= I(X;Y)", "--given", "X -> Y -> Z"], 0, "Proved"),
        (["x < 1", "--given", "x < 0", "--given", "y < 0"], 0, "Proved"),
        (["x <"], 2, "error: claim must be a condition"),
        (["x < 1", "--domain", "x"], 2, "error: --domain must be NAME=LOW:HIGH"),
    ],
)
def test_the_command(arguments, code, said):
    result = CliRunner().invoke(cli.app, ["prove", *arguments])
    assert result.exit_code == code
    assert said in result.output
