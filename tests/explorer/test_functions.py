"""Functions in JavaScript have the values that expressions have in numpy, to a few ulp, corners included."""

from __future__ import annotations

import json

import numpy as np
import pytest
import sympy as sp
from in_node import needs_node, run

from drc.errors import UnknownFunctionError
from drc.explorer.formulas import function
from drc.expressions import compile_expression
from drc.information import W_0, H_b, H_b_inv, I_b, I_b_inv, KL_b, KL_b_max, KL_b_min, W_m1, noise, water_filling
from drc.information.kl_ball import KL_nearest, KL_steepest, KL_width

x, y = sp.symbols("x y", real=True)

PROBABILITIES = [0.0, 1e-300, 1e-12, 0.03, 0.3, 0.5, 0.7, 1 - 1e-12, 1.0]
AMOUNTS = [0.0, 1e-310, 1e-18, 1e-7, 0.1, 0.49, 0.5, 0.9, 1 - 1e-13, 1.0, 3.0, np.inf]
WEIGHTS = [(2.0, 1.0), (1.0, 1.0), (0.3, 40.0), (1.0, 2.0, 0.5)]
LABELS = [(0.5, 0.9), (0.0, 0.4), (1.0, 0.3), (1.0, 1.0), (0.2, 0.7, 0.99)]


def _grid(*axes):
    return [row.tolist() for row in np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, len(axes))]


def _components(*bounds):
    return [[*at, *w, *c] for at in _grid(*bounds) for w in WEIGHTS for c in LABELS if len(c) == len(w)]


CASES = {
    H_b: _grid(PROBABILITIES),
    H_b_inv: _grid(AMOUNTS),
    I_b: [
        [u * min(p * (1 - r), (1 - p) * r), p, r] for u, p, r in _grid([0, 1e-9, 0.3, 1], PROBABILITIES, PROBABILITIES)
    ],
    I_b_inv: _grid(AMOUNTS, PROBABILITIES, PROBABILITIES),
    KL_b: _grid(PROBABILITIES, PROBABILITIES),
    KL_b_min: _grid(PROBABILITIES, AMOUNTS),
    KL_b_max: _grid(PROBABILITIES, AMOUNTS),
    W_0: _grid([-np.exp(-1), -0.36, -0.3, -0.2, -0.1, -1e-9, -1e-300, 0.0]),
    W_m1: _grid([-np.exp(-1), -0.36, -0.3, -0.2, -0.1, -1e-9, -1e-300, 0.0]),
    KL_width: _grid([0.0, 0.1, 1.0, 1.3, 4.0], [0.0, 1e-9, 0.2, 3.0, np.inf]),
    KL_nearest: _grid([0.0, 0.1, 1.0, 1.3, 4.0], [-1.0, 0.0, 1e-3, 2.0], [1e-9, 0.2, 3.0]),
    KL_steepest: _grid([-1.0, 0.0, 0.1, 1.3, 4.0], [-1.0, 0.0, 1e-3, 2.0], [1e-9, 0.2, 3.0]),
    noise.price_for_cost: [[D, *w] for D in (0.0, 0.31, 1.02, 1.4, 50.0) for w in WEIGHTS],
    noise.price_for_rate: [[R, *w] for R in (0.0, 1e-3, 0.3, 0.6, np.inf) for w in WEIGHTS],
    water_filling.rate_level: [[R, *w] for R in (0.0, 1e-8, 0.3, 7.0, np.inf) for w in WEIGHTS],
    water_filling.reverse_level: [[R, *w] for R in (0.0, 1e-8, 0.3, 7.0) for w in WEIGHTS],
    water_filling.limited_level: [[R, m, *w] for R in (0.0, 1e-8, 0.3) for m in (0.0, 1e-3) for w in WEIGHTS],
    water_filling.gain_level: [[g, *w] for g in (-1.0, 0.0, 1e-8, 0.3, 1.9, 50.0) for w in WEIGHTS],
    water_filling.least_ambiguity: [[R, *c] for R in (0.0, 1e-8, 0.3, 7.0, np.inf) for c in LABELS],
    water_filling.least_rate: [[K, *c] for K in (0.1, 0.0, -1e-8, -0.3, -2.0) for c in LABELS],
    water_filling.gain_of_least_ambiguity: _components([0.0, 0.3, 7.0, np.inf]),
    water_filling.shared_gain: _components([0.3, 1.0, 5.0, np.inf], [0.0, -0.1, -0.4, -0.7]),
    water_filling.shared_rate: _components([0.3, 1.0, 2.2], [0.0, -0.1, -0.4, -0.7]),
}  # fmt: skip


@needs_node
@pytest.mark.parametrize("named", [*CASES, water_filling.shared_share], ids=lambda named: named.__name__)
def test_named_functions(named):
    points = CASES.get(named) or [[2.0, *at] for at in CASES[water_filling.shared_gain]]
    for count in sorted(set(map(len, points))):
        letters, kept = sp.symbols(f"a:{count}", real=True), [point for point in points if len(point) == count]
        # Which component it is, is a number.
        expr = named(2, *letters[1:]) if named is water_filling.shared_share else named(*letters)
        at = json.dumps([dict(zip(map(str, letters), point, strict=True)) for point in kept])
        found = run(f"{at.replace('Infinity', '1e999')}.map({function(expr)})")
        with np.errstate(all="ignore"):
            expected = [float(np.squeeze(named.numeric(*point))) for point in kept]
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


EXPRESSIONS = [
    1 - sp.exp(x), 1 - 2**x, 2 ** (-2 * x), sp.log(1 + x * y), sp.log(x), x / (3 * y), -x / y, x**2 - y**3, sp.sqrt(x) / 7,
    sp.Min(x, y, 1), sp.Max(x, y), sp.Abs(x - y), H_b(x, sp.E), I_b(x / 9, sp.Rational(1, 3), y), W_0(-sp.exp(-1 - x)),
    W_m1(-(2 ** (-x)) * sp.exp(-1)), sp.Piecewise((x, x < y), (y, y < sp.Rational(1, 2)), (sp.oo, True)),
]  # fmt: skip
CONDITIONS = [
    x <= y, x < y, sp.Ge(x, y), sp.Gt(x, y), sp.Eq(x, y), sp.Ne(x, y), sp.And(x < y, y <= 1), sp.Or(x > y, sp.Eq(y, 1)),
    sp.Not(sp.Or(x < y, x > 1), evaluate=False), sp.Implies(x < y, y <= 0), sp.Equivalent(x < y, x < 1), sp.true, sp.false,
]  # fmt: skip


@needs_node
def test_expressions_and_conditions():
    points = [{"x": a, "y": b} for a in (0.05, 0.3, 0.1 + 0.2, 0.9, 1.0) for b in (1e-9, 0.3, 1.0)]
    written = ", ".join(map(function, [*EXPRESSIONS, *CONDITIONS]))
    found = run(f"[{written}].map((f) => {json.dumps(points)}.map(f))")
    for expr, values in zip([*EXPRESSIONS, *CONDITIONS], found, strict=True):
        compiled = compile_expression(expr)
        with np.errstate(all="ignore"):
            expected = [compiled(point) for point in points]
        np.testing.assert_allclose(
            np.array(values, float), np.array(expected, float), rtol=1e-14, atol=1e-300, err_msg=str(expr)
        )


@needs_node
def test_a_closed_border_survives_rounding():
    border = function(sp.Le(x, y))
    assert run(f"[({border})({{x: 0.1 + 0.2, y: 0.3}}), ({border})({{x: 0.3000000000001, y: 0.3}})]") == [True, False]


@needs_node
@pytest.mark.parametrize("name", ["t^*", "lambda", "new", "Math", "H_b", "2nd"])
def test_a_letter_may_have_any_name(name):
    assert run(f"({function(2 * sp.Symbol(name))})({json.dumps({name: 1.5})})") == 3.0


def test_a_function_without_a_routine_is_refused():
    with pytest.raises(UnknownFunctionError, match="gamma must have a routine to be written as code"):
        function(sp.gamma(x))

    class Unheard(sp.Function):
        numeric = None

    with pytest.raises(UnknownFunctionError, match="Unheard must have a routine to be written as code"):
        function(Unheard(x))
