"""What is no certificate is refused, and the message names the place."""

from __future__ import annotations

import contextlib
import json
import math

import pytest
from flint import arb, ctx, fmpq
from hand_made import TREE, one_shot_bit, rate_distortion, transport
from hypothesis import given
from hypothesis import strategies as st

from drc import ProblemError
from drc.checker import check_certificate
from drc.checker.numerals import number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/3", fmpq(1, 3)),
        ("-7", fmpq(-7)),
        ("0.3", fmpq(3, 10)),
        ("2.5e-3", fmpq(1, 400)),
        ("(1 + 2)*3/4 - 1", fmpq(5, 4)),
        ("2**-3", fmpq(1, 8)),
    ],
)
def test_rational_numbers_are_exact(text, value):
    assert number("x", text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sqrt(2)/2", math.sqrt(0.5)),
        ("exp(-1) + E", math.exp(-1) + math.e),
        ("log(3)*pi", math.log(3) * math.pi),
        ("2**(1/3)", 2 ** (1 / 3)),
        ("-sqrt(5)", -math.sqrt(5)),
    ],
)
def test_irrational_numbers_are_balls(text, value):
    with ctx.workprec(192):
        found = number("x", text)
        assert isinstance(found, arb)
        assert abs(float(found) - value) < 1e-15
        assert found.rad() < arb("1e-50")


@pytest.mark.parametrize(
    "bad",
    [
        *("", "nan", "inf", "x", "1/0", "1//2", "sqrt(-1)", "log(0)", "1e9999", "9**9**9**9", "2**99999999999", "1; 2"),
        *(
            "__import__('os')",
            "(1).real",
            "[1]",
            "1 if 1 else 2",
            "lambda: 1",
            "sqrt",
            "sqrt(1, 2)",
            "exp(x=1)",
            "True",
        ),
        *("(" * 500, "1+" * 5000 + "1", "\x00", "1j", "'1'", None, True, [1], {}, math.nan, math.inf),
    ],
)
def test_what_is_no_number_is_never_evaluated(bad):
    with pytest.raises(ProblemError, match="x must be a finite number"):
        number("x", bad)


@given(st.text(alphabet="0123456789+-*/().e sqrtlogxpi", max_size=20))
def test_any_text_is_a_number_or_an_error(text):
    with contextlib.suppress(ProblemError):
        assert number("x", text) is not None


def with_field(made, path, value):
    *way, last = path.split(".")
    holder = made
    for key in way:
        holder = holder[int(key) if key.isdigit() else key]
    holder[int(last) if last.isdigit() else last] = value
    return made


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("format", "drc certificate 2", "field format"),
        ("remark", "", "field remark: unknown"),
        ("minimise", "S", "field minimise"),
        ("unit", "bytes", "field unit"),
        ("lower", "nan", "lower must be .*, got 'nan'"),
        ("upper", "-inf", "upper must be .*, got '-inf'"),
        ("bounds", {"X": 1}, "field bounds.X: unknown"),
        ("bounds", {"P": 1}, "problem.perception must be given with bounds.P"),
        ("bounds", [], "field bounds must be an object"),
        ("slope", -1, "slope must be >= 0, got -1"),
        ("problem.p_SX", [["1/2", "1/3"]], "problem.p_SX must sum to one .*, got 0.8333"),
        ("problem.p_SX", [["3/2", "-1/2"]], "problem.p_SX, entry 1, must be >= 0, got -0.5"),
        ("problem.p_SX", [[]], "field problem.p_SX must have entries"),
        ("problem.distortion", [[0, 1]], "field problem.distortion must have 2 entries, got 1"),
        ("problem.distortion.1", [0], r"field problem.distortion\[1\] must have 2 entries"),
        ("problem.distortion.0", [0, -1], r"problem.distortion\[0\]\[1\] must be >= 0, got -1"),
        ("problem.p_Y", [1], "field problem.p_Y must have 2 entries, got 1"),
        ("problem.setting", "two-shot", "field problem.setting"),
        ("problem.time_sharing", 1, "field problem.time_sharing"),
        ("problem.perception", {"measure": "LP"}, "field problem.perception.measure"),
        ("problem.perception", {"measure": "W2", "reference": [0, 1]}, "field problem.perception.ground"),
        ("primal", [], "field primal must be an object"),
        ("primal.kind", "other", "field primal.kind"),
        ("primal.weights.0", [1], r"field primal.weights\[0\] must have 2 entries"),
        ("primal.weights.0.1", [0, 2], r"field primal.weights\[0\]\[1\]\[1\] must be one of 0 to 1, got 2"),
        ("dual.kind", None, "field dual.kind"),
        ("dual.objective", 2, "field dual.objective"),
        ("dual.nu", [0], "field dual.nu must have 2 entries"),
        ("dual.multipliers", {"Q": 1}, "field dual.multipliers.Q: unknown"),
        ("dual.pricing.kind", "guess", "field dual.pricing.kind"),
        ("dual.pricing.tree", [], "field dual.pricing.tree must have nodes"),
        (
            "dual.pricing.tree.0",
            {"split": [0, 0, 0.5], "below": 1},
            r"field dual.pricing.tree\[0\].above must be given",
        ),
        ("dual.pricing.tree.0.above", 1, r"tree\[0\].above must be a node further down"),
        ("dual.pricing.tree.2.above", 2, r"tree\[2\].above must be a node further down"),
        ("dual.pricing.tree.0.split", [2, 0, 0.5], r"tree\[0\].split must start with an output letter .*, got 2"),
        ("dual.pricing.tree.0.split", [0, 1, 0.5], r"tree\[0\].split\[1\] must be one of 0 to 0, got 1"),
        ("dual.pricing.tree.3.slopes", [[1]], r"tree\[3\].slopes must have 2 entries, got 1"),
        (
            "dual.pricing.tree.3",
            {"exclude": [[0.5, 0]], "slopes": [[0], [0]]},
            r"exclude\[0\]\[0\] must be .*, got 0.5",
        ),
        (
            "dual.pricing.tree.3",
            {"exclude": [[[], 0]], "slopes": [[0], [0]]},
            r"exclude\[0\]\[0\] must be .*, got \[\]",
        ),
    ],
)
def test_a_forged_field_is_named(path, value, words):
    made = with_field(one_shot_bit({"kind": "tree", "tree": TREE}), path, value)
    with pytest.raises(ProblemError, match=words):
        check_certificate(made)


@pytest.mark.parametrize("key", ["format", "problem", "minimise", "unit", "bounds", "lower", "upper"])
def test_a_missing_field_is_named(key):
    made = transport()
    del made[key]
    with pytest.raises(ProblemError, match=f"field {key} must be given"):
        check_certificate(made)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1, column 1"),
        ('{"format": "drc certificate 1",\n "problem": ', "line 2, column 13"),
        ("[]", "field certificate must be an object"),
        ('{"lower": NaN}', "NaN is not a number"),
        ('{"lower": 1, "lower": 2}', "is there twice"),
        ('{"a": ' * 100_000, "cannot be read"),
        ('{"lower": ' + "9" * 5000 + "}", "cannot be read"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path, text, words):
    path = tmp_path / "broken.json"
    path.write_text(text)
    with pytest.raises(ProblemError, match=f"broken.json.*{words}"):
        check_certificate(path)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ProblemError, match="none.json cannot be opened"):
        check_certificate(tmp_path / "none.json")
    (tmp_path / "bytes.json").write_bytes(b'{"\xff')
    with pytest.raises(ProblemError, match="bytes.json must be UTF-8 text"):
        check_certificate(tmp_path / "bytes.json")
    with pytest.raises(ProblemError, match="source must be .*, got 3"):
        check_certificate(3)


@pytest.mark.parametrize("made", [transport(), rate_distortion(), one_shot_bit({"kind": "tree", "tree": TREE})])
def test_a_file_that_was_cut_short_is_no_certificate(made):
    text = json.dumps(made)
    for end in range(1, len(text), 17):
        with pytest.raises(ProblemError):
            check_certificate(text[:end])


@given(data=st.data())
def test_whatever_stands_in_a_field_nothing_but_a_problem_error_is_raised(data):
    made = one_shot_bit({"kind": "tree", "tree": TREE})
    junk = st.sampled_from(
        [None, True, -1, 10**30, 1e308, 5e-324, "1/3", "sqrt(2)", "inf", "x", [], {}, [[]], [[0, 1]]]
    )
    places = [*walk(made)]
    *way, last = data.draw(st.sampled_from(places))
    holder = made
    for key in way:
        holder = holder[key]
    holder[last] = data.draw(junk)
    with contextlib.suppress(ProblemError):
        check_certificate(made)


def walk(value, path=()):
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield (*path, key)
        yield from walk(item, (*path, key))
