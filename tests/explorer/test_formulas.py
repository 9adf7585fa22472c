"""What the explorer computes is what Python computes: 1,000 points of every theorem, in both forms."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import pytest
from in_node import needs_node, run
from representatives import ENTRIES

from drc.audit.instances import instances
from drc.explorer.formulas import formula
from drc.explorer.theorems import theorem
from drc.theory import entry

POINTS = 1000
ENGINE = files("drc.explorer").joinpath("engine.js").read_text(encoding="utf-8")
FORMS = [(e.id, form) for e in ENTRIES for form in e.forms]


def drawn(name, tradeoff, count, seed=1):
    """Instances of a theorem, corners included, with the letters that its formula has."""
    letters = {s.name for s in (*tradeoff.arguments, *tradeoff.parameters)}
    arguments = tuple(s.name for s in tradeoff.arguments)
    return [{k: v for k, v in at.items() if k in letters} for at in instances(name, arguments, count, seed)]


@needs_node
@pytest.mark.parametrize(("name", "form"), FORMS, ids=str)
def test_a_thousand_points(name, form):
    tradeoff = entry(name).tradeoff(form=form)
    points = drawn(name, tradeoff, POINTS)
    columns = {letter: np.array([point[letter] for point in points]) for letter in points[0]}
    values, regimes, allowed = run(
        "[FOUND.map((f) => f.value), FOUND.map((f) => FORMULA.regimes[f.index]?.name ?? 'infeasible'),"
        f" THEOREM.assumptions.every((a) => POINTS.every((at) => {json.dumps(form)} === 'published' || a.holds(at)))]",
        ENGINE,
        f"const THEOREM = {theorem(entry(name))};",
        f"const FORMULA = THEOREM[{json.dumps(form)}];",
        f"const POINTS = {json.dumps(points)};",
        "const FOUND = POINTS.map((point) => evaluate(FORMULA, point));",
    )
    assert allowed
    # The explorer has doubles only; Python goes on in balls where doubles do not settle a regime or all digits.
    inside = _inside(tradeoff, columns, tradeoff._evaluator.settled(columns))
    assert inside.mean() > 0.5
    assert np.array(regimes)[inside].tolist() == tradeoff.regime(**columns)[inside].tolist()
    expected = tradeoff(**columns)
    # A least rate near zero is a difference of numbers of the order of one, so it has fewer digits.
    np.testing.assert_allclose(np.array(values)[inside], expected[inside], rtol=1e-12, atol=1e-13, equal_nan=False)
    assert not np.isnan(values).any()


def _inside(tradeoff, columns, among):
    """Mark those among some points that are on no border between regimes, where one ulp decides."""
    here, inside = tradeoff.regime(**columns), among.copy()
    for letter, column in columns.items():
        if letter == "M":  # a whole number, which cannot be moved a little
            continue
        top = 1.0 if letter.startswith(("q", "rho")) else np.inf
        for moved in (column * (1 - 1e-12), np.clip(column * (1 + 1e-12), -top, top)):
            # What has dropped out already needs no other look, and is what takes long.
            left = {**columns, letter: moved}
            inside[inside] = tradeoff.regime(**{name: of[inside] for name, of in left.items()}) == here[inside]
    return inside


@needs_node
def test_reasons_are_those_of_why():
    for name in ("bernoulli.one-shot.YU.drc", "gaussian.asymptotic.rdc"):
        tradeoff = entry(name).tradeoff()
        points = drawn(name, tradeoff, 40)
        said = run(
            f"{json.dumps(points)}.map((point) => reasons_at(FORMULA, evaluate(FORMULA, point)))",
            ENGINE,
            f"const FORMULA = {formula(tradeoff)};",
        )
        why = [tradeoff.why(**point).split(": ", 1)[1] for point in points]
        assert said == [text.split("\nAt the margin")[0] for text in why]


@needs_node
@pytest.mark.parametrize(
    "name", ["bernoulli.one-shot.YU.drc", "bernoulli.asymptotic.Y.rdpc.KL", "gaussian.asymptotic.drpc.W2"]
)
def test_prices_are_those_of_why(name):
    tradeoff = entry(name).tradeoff()
    points = drawn(name, tradeoff, 40)
    columns = {letter: np.array([point[letter] for point in points]) for letter in points[0]}
    slopes, inside = tradeoff.gradient(**columns), _inside(tradeoff, columns, np.isfinite(tradeoff(**columns)))
    said = run(
        f"{json.dumps(points)}.map((point) => prices_at(THEOREM.exact, point, THEOREM))",
        ENGINE,
        f"const THEOREM = {theorem(entry(name))};",
    )
    compared = 0
    for i in np.flatnonzero(inside):
        if all(np.isfinite(slopes[a][i]) and slopes[a][i] == slopes.left[a][i] for a in slopes):
            assert tradeoff.why(**points[i]).partition("\nAt the margin, ")[2] == said[i].removeprefix(
                "At the margin, "
            )
            compared += 1
    assert compared > 8


@needs_node
def test_numbers_in_reasons_are_written_as_python_writes_them():
    numbers = [0.0, 1.0, -2.5, 0.755, 99.95, 999.6, 1234567.0, 0.00012345, 1.5e-5, -3e-300, 1e22, 0.1235]
    assert run(f"{json.dumps(numbers)}.map(three_digits)", ENGINE) == [f"{x:.3g}" for x in numbers]
    assert run("[Infinity, -Infinity, NaN].map(three_digits)", ENGINE) == ["inf", "-inf", "nan"]
