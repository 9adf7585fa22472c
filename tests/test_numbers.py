import math
import time
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from attacks import numbers as attacks
from typer.testing import CliRunner

import drc
from drc.cli import app
from drc.errors import ProblemError
from drc.information import classification_bounds
from drc.numbers import finite, product, read, real, reals, seed_given, whole
from drc.problems.validation import exact


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (0.3, Fraction(3, 10)),
        (np.float32(0.3), Fraction(3, 10)),
        (np.float16(0.1), Fraction(1, 10)),
        (np.longdouble("0.1"), Fraction(1, 10)),
        (np.array(0.3), Fraction(3, 10)),
        (np.array(0.3, dtype=np.float32), Fraction(3, 10)),
        (np.array(1, dtype=object), Fraction(1)),
        (np.uint64(2**64 - 1), Fraction(2**64 - 1)),
        (-0.0, Fraction(0)),
        (5e-324, Fraction("5e-324")),
        (Decimal("0.1"), Fraction(1, 10)),
        (sp.Float(0.3), Fraction(3, 10)),
        (sp.Float("0.1", 50), Fraction(1, 10)),
        (sp.Rational(1, 3), Fraction(1, 3)),
        (" 1/3\n", Fraction(1, 3)),
        ("1.5/3", Fraction(1, 2)),
        (np.str_(".5"), Fraction(1, 2)),
        ("-Infinity", -math.inf),
        (Decimal("Infinity"), math.inf),
        (np.float32("inf"), math.inf),
    ],
    ids=repr,
)
def test_what_numbers_mean(given, meant):
    assert read("x", given) == meant


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("1e-999999999", "x must have an exponent from -400 to 400, got '1e-999999999'"),
        ("1e999999999", "x must have an exponent from -400 to 400"),
        ("1e400", "x must be within the range of a double"),
        (10**400, "x must be within the range of a double"),
        (10**5000, "got a value of type int"),
        (Fraction(1, 10**400), "x must be within the range of a double"),
        (Fraction(10**9000, 10**9000 + 1), "x must have at most 1000 digits"),
        (Decimal("1e-999999"), "x must be within the range of a double"),
        (np.longdouble("1e4000"), "x must be within the range of a double"),
        (sp.Float(10) ** (10**9), "x must be within the range of a double"),
        ("9" * 2000, "x must have at most 1000 characters"),
        ("1_0", "x must be a number, such as 0.25 or 1/4, got '1_0'"),
        ("１", "x must be a number"),
        ("٣", "x must be a number"),
        ("1 2", "x must be a number"),
        ("", "x must be a number"),
        ("1/0", "x must have a denominator other than zero"),
        (True, "x must be one real number, got True"),
        (np.bool_(True), "x must be one real number"),
        (None, "x must be one real number, got None"),
        (1j, "x must be one real number"),
        (math.nan, "x must be one real number, got nan"),
        (Decimal("sNaN"), "x must be one real number"),
        (np.ma.masked, "x must be one real number, got a masked array"),
        (np.timedelta64(1), "x must be one real number"),
        ([0.1], r"x must be one real number, got \[0.1\]"),
        ({}, "x must be one real number"),
    ],
    ids=lambda value: repr(value)[:30] if not isinstance(value, int | Fraction) else "huge",
)
def test_what_is_not_a_number_is_refused(given, said):
    began = time.process_time()
    with pytest.raises(ProblemError, match=said):
        read("x", given)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "given",
    [
        sp.Pow(10, sp.Pow(10, 10, evaluate=False), evaluate=False),
        sp.exp(10**10),
        sp.exp(sp.exp(sp.exp(100))),
        sp.log(sp.Pow(10, 10**10, evaluate=False), evaluate=False),
        sp.Symbol("a") * sp.exp(10**10),
        sp.Pow(sp.Rational(10**15 + 1, 10**15), 10**12, evaluate=False),
        sp.sin(1),
        sp.gamma(sp.Symbol("a")),
        sp.zoo,
        sp.nan,
        sp.I,
        sp.MatrixSymbol("A", 2, 2),
        sp.Symbol("a", imaginary=True),
        sp.Integral(sp.Symbol("a"), (sp.Symbol("a"), 0, 1)),
    ],
    ids=str,
)
def test_expressions_that_could_take_for_ever_are_refused(given):
    began = time.process_time()
    with pytest.raises(ProblemError, match="^q_X must "):
        exact("q_X", given)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("word", ["nan", "True", "none", "Infinity", "a１", "Ⅷ"])
def test_words_that_mean_a_value_are_not_symbols(word):
    if word == "Infinity":
        assert exact("q_X", word) is sp.oo
        return
    with pytest.raises(ProblemError, match="q_X must be a number"):
        exact("q_X", word)


def test_products_of_probabilities_may_be_smaller_than_any_double():
    assert product("p", Fraction(1, 10**400)) == Fraction(1, 10**400)
    assert drc.Bernoulli(q_X=1e-300, q_S1=1e-300, q_Y=0.5).finite().p_SX[1][1] > 0


def test_ranges():
    assert (real("x", "1/4", 0, 1), whole("n", np.int8(3), 1), seed_given(2**64 - 1)) == (0.25, 3, 2**64 - 1)
    for call, said in (
        (lambda: real("x", 2, 0, 1), r"x must be in \[0, 1\], got 2"),
        (lambda: real("x", 0, 0, above=True), "x must be positive, got 0"),
        (lambda: finite("x", math.inf), "x must be finite, got inf"),
        (lambda: whole("n", 1.0), "n must be a whole number, at least 0, got 1.0"),
        (lambda: whole("n", True), "n must be a whole number"),
        (lambda: whole("n", "1"), "n must be a whole number"),
        (lambda: seed_given(-1), "seed must be a whole number, from 0 to 18446744073709551615, got -1"),
        (lambda: classification_bounds(1, 10**20), "labels must be a whole number, from 2 to"),
        (lambda: drc.Bernoulli().drc().check(samples=1, seed=-1), "seed must be a whole number"),
        (lambda: drc.Bernoulli().drc().check(samples=0), "samples must be a whole number, at least 1"),
    ):
        with pytest.raises(ProblemError, match=said):
            call()


def test_lists_and_arrays():
    assert reals("R", np.float32([0.3, 0.1])).tolist() == [0.3, 0.1]
    assert reals("R", [[0, "1/2"], [np.float32(0.3), math.inf]]).tolist() == [[0, 0.5], [0.3, math.inf]]
    for wrong, said in (
        (np.ma.array([0.5]), "R must be an array without a mask"),
        (np.array([0.5j]), r"R\[0\] must be one real number"),
        (np.array([True]), r"R\[0\] must be one real number"),
        ([0.5, math.nan], r"R\[1\] must be a real number, got nan|R\[1\] must be one real number, got nan"),
        ([0.5, [1]], r"R\[1\] must be one real number, got \[1\]"),
        ([0.5, None], r"R\[1\] must be one real number, got None"),
    ):
        with pytest.raises(ProblemError, match=said):
            reals("R", wrong)


def test_shapes_that_do_not_fit_together_are_named():
    T = drc.Bernoulli(0.3, 0.4, 0.1).drc()
    with pytest.raises(ProblemError, match=r"R has shape \(3,\), C has shape \(4,\)"):
        T(R=[0.1, 0.2, 0.3], C=[0.1, 0.2, 0.3, 0.4])


def test_squared_distances_out_of_range_are_refused():
    with pytest.raises(
        ProblemError, match="the largest squared difference of letters must be within the range of a double"
    ):
        _ = drc.Finite([[0.5, 0.5]], "squared", letters_X=(0, 1e200)).distortions


def test_short_floats_in_matrices_mean_their_decimals():
    joint = drc.Finite(np.float32([[0.3, 0.7]])).p_SX
    assert joint == ((Fraction(3, 10), Fraction(7, 10)),)


def test_a_matrix_of_thousands_of_floats_is_read_fast():
    began = time.process_time()
    drc.Finite(np.full((100, 100), 1e-4))
    assert time.process_time() - began < 2


def test_random_objects_at_random_doors():
    assert [fault for i in range(600) if (fault := attacks.attack(7, i))] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "bernoulli.one-shot.YU.drc", "--samples", "1", "--seed", "-1"],
        ["constraints", "--accuracy", "1", "--labels", "1" + "0" * 20],
    ],
)
def test_the_command_line_refuses_seeds_and_labels(arguments):
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
