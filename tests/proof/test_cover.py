"""Claims that real arithmetic does not reach, proved box by box; and near misses, which must not be."""

import math

import pytest
import sympy as sp
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from drc.expressions.balls import ball
from drc.information import H_b
from drc.proof import Verdict, prove
from drc.proof.claims import read_claim
from drc.proof.cover import covered
from drc.proof.cover.intervals import conditions, reading

x, y = sp.symbols("x y", real=True)

#: Each is true, and the two sides are equal somewhere: at an end, inside, or along a line.
TRUE = [
    ("4 x (1-x) <= H_b(x)", {"x": "[0, 1]"}),
    ("H_b(x) <= 2 sqrt(x (1-x))", {"x": "[0, 1]"}),
    ("H_b(x) <= 1 - 2/log(2) (x - 1/2)^2", {"x": "[0, 1]"}),
    ("H_b(1/3) <= H_b(1/3 x + 1/3)", {"x": "[0, 1]"}),
    ("2 x/(2+x) <= log(1+x)", {"x": "[0, oo)"}),
    ("2/(x+1) <= log(x)/(x-1)", {"x": "(1, oo)"}),
    ("log(1+x) <= x/sqrt(1+x)", {"x": "[0, oo)"}),
    ("log(x) <= 2 (sqrt(x) - 1)", {"x": "(0, oo)"}),
    ("log(1+x) < x", {"x": "(0, oo)"}),
    ("x + x^2/2 <= -log(1-x)", {"x": "(0, 1)"}),
    ("x log(x) >= x - 1", {"x": "(0, oo)"}),
    ("exp(-x) <= 1 - x + x^2/2", {"x": "[0, oo)"}),
    ("exp(x) >= 1 + x", {"x": "(-oo, oo)"}),
    ("x exp(-x) <= exp(-1)", {"x": "[0, oo)"}),
    ("2^(-2 x) <= 1 - x", {"x": "[0, 1/2]"}),
    ("(H_b(x) + H_b(y))/2 <= H_b((x+y)/2)", {"x": "[0, 1]", "y": "[0, 1]"}),
    ("y H_b(x) <= H_b(x y)", {"x": "[0, 1]", "y": "[0, 1]"}),
    ("H_b(x y) <= H_b(x) + H_b(y)", {"x": "[0, 1]", "y": "[0, 1]"}),
    ("y (x - 1) <= x y log(x)", {"x": "(0, 1)", "y": "(0, 1)"}),
]
FALSE = [
    ("4 x (1-x) + 1/10000 <= H_b(x)", {"x": "[0, 1]"}),
    ("4 x (1-x) < H_b(x)", {"x": "[0, 1]"}),
    ("H_b(x) <= 2 x", {"x": "[0, 1/4]"}),
    ("H_b(x) <= 1 - 2.01/log(2) (x - 1/2)^2", {"x": "[0, 1]"}),
    ("log(1+x) < x", {"x": "[0, oo)"}),
    ("log(1+x) <= x - x^2/2", {"x": "[0, 10]"}),
    ("2 x/(2+x) <= log(1+x)", {"x": "[-1/2, 10]"}),
    ("2.01/(x+1) <= log(x)/(x-1)", {"x": "(1, oo)"}),
    ("1 + x + x^2/2 <= exp(x)", {"x": "[-1, 1]"}),
    ("x log(x) >= x - 0.999", {"x": "(0, oo)"}),
    ("log(x) <= x - 1", {"x": "[0, 1]"}),  # it has no value at 0
    ("1/log(x) <= 0", {"x": "[0, 1/2]"}),
    ("H_b(2 x) <= 2", {"x": "[0, 1]"}),
    ("(H_b(x) + H_b(y))/2 < H_b((x+y)/2)", {"x": "[0, 1]", "y": "[0, 1]"}),
    ("(0.999 H_b(x) + H_b(y))/2 >= H_b((x+y)/2)", {"x": "[0, 1]", "y": "[0, 1]"}),
]


def asked(text, domain, given=sp.true):
    symbols = {"x": x, "y": y}
    ends = {symbols[name]: sides[1:-1].split(", ") for name, sides in domain.items()}
    sets = {
        symbol: sp.Interval(sp.S(low), sp.S(high), domain[symbol.name][0] == "(", domain[symbol.name][-1] == ")")
        for symbol, (low, high) in ends.items()
    }
    return covered(read_claim(text, symbols), given, (), sets)


@pytest.mark.parametrize(("text", "domain"), TRUE, ids=lambda of: of if isinstance(of, str) else "")
def test_it_is_proved(text, domain):
    assert asked(text, domain)


@pytest.mark.parametrize(("text", "domain"), FALSE, ids=lambda of: of if isinstance(of, str) else "")
def test_near_misses_are_not(text, domain):
    assert not asked(text, domain)


def test_what_is_given_restricts_the_boxes():
    assert not asked("log(x) <= 0.7", {"x": "[1/2, 4]"})
    assert asked("log(x) <= 0.7", {"x": "[1/2, 4]"}, sp.Le(x**2, 4))
    assert not asked("log(x) <= 0.69", {"x": "[1/2, 4]"}, sp.Le(x**2, 4))


def test_claims_of_users_come_here_last():
    found = prove("4 x (1-x) <= H_b(x)", domain={"x": (0, 1)})
    assert (found.verdict, found.method) == (Verdict.PROVED, "cover by boxes")
    assert prove("exp(x) >= 1 + x", domain={"x": (-5, 5)}).method == "lemmas"
    # A symbol without bounds, an abbreviation, and a function that has no intervals.
    assert prove(sp.Lt(sp.log(1 + sp.Symbol("p", positive=True)), sp.Symbol("p", positive=True)))
    assert not covered(sp.sin(x) + sp.log(2 + x) > -2, sp.true, (), {x: sp.Interval(0, 1)})
    assert covered(y >= 0, sp.true, ((y, H_b(x) - 4 * x * (1 - x)),), {x: sp.Interval(0, 1)})


PIECES = [
    lambda v: v,
    lambda v: 1 - v,
    H_b,
    lambda v: sp.log(1 + v),
    lambda v: sp.exp(-v),
    lambda v: sp.sqrt(v),
    lambda v: v**3 / (2 - v) - sp.Rational(1, 3),
    lambda v: sp.log((2 - v) / (1 + v)),
    lambda v: sp.sqrt(1 - v**2 / 2),
    lambda v: sp.Abs(v - sp.Rational(1, 3)),
    lambda v: sp.Max(v, sp.Rational(1, 3)) - sp.Min(v, 1 - v),
]


@st.composite
def sums(draw, letters):
    def term():
        factors = draw(st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(letters)), min_size=1, max_size=2))
        return draw(st.sampled_from([1, -1, 2, -sp.Rational(1, 3)])) * sp.prod(piece(v) for piece, v in factors)

    return sum(term() for _ in range(draw(st.integers(1, 3))))


@given(sums([x, y]), st.data())
def test_an_interval_holds_all_values(f, data):
    box = {}
    for symbol in (x, y):
        low, high = sorted(data.draw(st.tuples(*[st.integers(0, 64)] * 2)))
        box[symbol] = (low / 64, high / 64)
    low, high = reading(f)(box)
    for share in (0.0, 0.3, 1.0):
        value = ball(f, {s: arb(a) + arb(share) * (arb(b) - arb(a)) for s, (a, b) in box.items()})
        assert low <= float(value.upper()) + 1e-300, (f, box)
        assert high >= float(value.lower()) - 1e-300, (f, box)


@settings(max_examples=5)
@given(sums([x]), st.sampled_from([1e-3, 1e-5]))
def test_no_bound_above_the_least_value_is_proved(f, by):
    least = min(float(f.subs(x, sp.Rational(k, 100))) for k in range(101))
    bound = sp.Rational(math.ceil((least + by) * 10**7), 10**7)
    assert not covered(sp.Ge(f, bound), sp.true, (), {x: sp.Interval(0, 1)})


def test_a_value_has_conditions():
    f = sp.log(x) + 1 / (x - 1) + sp.sqrt(x + 1) + H_b(x) + x ** sp.Rational(-1, 2) + 2**x + x**y
    assert set(conditions(f)) >= {x > 0, sp.Ne(x - 1, 0), x + 1 >= 0, x >= 0, x <= 1}
    assert list(conditions(sp.log(2) * x**2 + sp.exp(y))) == []
