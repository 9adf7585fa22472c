"""Letters as Python, numpy and pandas have them: none is merged with another, and missing ones follow one rule."""

import datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from drc import ProblemError
from drc.problems import Finite
from drc.problems.samples import alphabet, in_order


@pytest.mark.parametrize(
    ("pair", "how"),
    [
        ((1, True), "are equal"),
        ((1, 1.0), "are equal"),
        ((1.0, True), "are equal"),
        ((0.0, -0.0), "are equal"),
        ((np.int64(1), np.bool_(True)), "are equal"),
        ((np.float32(0.5), Fraction(1, 2)), "are equal"),
        ((Decimal("1.0"), Decimal("1.00")), "are equal"),
        ((2**53, 2.0**53), "are equal"),
        ((1, "1"), "are written alike"),
        ((True, "True"), "are written alike"),
        (("é", "e\u0301"), "are written alike"),
        (("a", "a "), "are written alike"),
        (("a", "\u200ba"), "are written alike"),
        ((datetime.date(2020, 1, 1), "2020-01-01"), "are written alike"),
    ],
)
def test_letters_that_cannot_be_told_apart_are_refused(pair, how):
    with pytest.raises(ProblemError, match=f"labels must have letters that can be told apart, got .*, which {how}"):
        Finite.from_samples(pair, [0, 1])
    with pytest.raises(ProblemError, match=f"symbols must .* which {how}"):
        Finite.from_samples([0, 1], pair)
    with pytest.raises(ProblemError, match=f"targets must .* which {how}"):
        Finite.from_samples([0, 1], [0, 1], pair)
    for name in ("letters_S", "letters_X", "letters_Y"):
        with pytest.raises(ProblemError, match=f"{name} must .* which {how}"):
            Finite([[0.25, 0.25], [0.25, 0.25]], **{name: pair})


@pytest.mark.parametrize(
    "pair",
    [("a", "A"), (" ", "\n"), (2**53, 2**53 + 1), (2**53 + 1, 2.0**53), ("01", "1"), ("a", 1), ((1,), 1), (0.1, 0.2)],
)
def test_letters_that_differ_stay_two(pair):
    problem = Finite.from_samples([0, 1], pair)
    assert set(problem.letters_X) == set(pair)
    assert problem.n_X == 2


def test_scalars_of_numpy_are_those_of_python():
    problem = Finite.from_samples([np.str_("a"), "a"], [np.int8(1), 1])
    assert problem.p_SX == ((1,),)
    assert [type(letter) for letter in (*problem.letters_S, *problem.letters_X)] == [str, int]
    short = np.array([0.1, 0.2], np.float32)
    assert (
        Finite.from_samples([0, 1], short).letters_X == Finite.from_samples([0, 1], list(short)).letters_X == (0.1, 0.2)
    )


def test_dates_stay_dates():
    days = np.array(["2020-01-02", "2020-01-01"], "datetime64[ns]")
    assert Finite.from_samples([0, 1], days).letters_X == (days[1], days[0])


@pytest.mark.parametrize(
    "absent", [None, float("nan"), np.nan, np.float32("nan"), np.datetime64("NaT"), "nan", "NA", ""]
)
def test_missing_values_are_refused_by_number_or_dropped(absent):
    labels, symbols = ["a", absent, "b", "b", absent], [0, 1, 1, absent, absent]
    with pytest.raises(ProblemError, match=r"labels and symbols must not .* got 3 in 5 rows, the first in row 1"):
        Finite.from_samples(labels, symbols)
    assert Finite.from_samples(labels, symbols, missing="drop") == Finite.from_samples(["a", "b"], [0, 1])
    with pytest.raises(ProblemError, match="targets must not have missing values, got 1 in 2 rows"):
        Finite.from_samples(["a"], [0], [0, absent])
    assert Finite.from_samples(["a"], [0], [0, absent], missing="drop").p_Y == (1,)
    with pytest.raises(ProblemError, match="must have at least one row without missing values"):
        Finite.from_samples([absent], [0], missing="drop")
    with pytest.raises(ProblemError, match=r"letters_X\[1\] must be a letter, got the missing value"):
        Finite([[0.5, 0.5]], letters_X=(0, absent))


def test_masked_samples_are_missing():
    symbols = np.ma.masked_array([1, 2, 3], [False, True, False])
    with pytest.raises(ProblemError, match="got 1 in 3 rows"):
        Finite.from_samples([0, 0, 1], symbols)
    assert Finite.from_samples([0, 0, 1], symbols, missing="drop").letters_X == (1, 3)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([[1], [2]], r"labels\[0\] must be hashable to be a letter, got \[1\]"),
        ([{}, {}], r"labels\[0\] must be hashable"),
        ({"a": 1, "b": 2}, "labels must be a list or an array"),
        ({"a", "b"}, "labels must be a list or an array"),
        ("ab", "labels must be a list or an array"),
        (b"ab", "labels must be a list or an array"),
        (3, "labels must be a list or an array"),
        (np.array(3), r"labels must have the shape \(n,\)"),
        (np.zeros((2, 1)), r"labels must have the shape \(n,\), one value for each, got \(2, 1\)"),
        (np.zeros(2, [("S", int), ("X", int)]), "of records"),
        ([10**5000, 1], "letters that can be written"),
    ],
)
def test_what_is_not_a_column_is_refused(values, said):
    with pytest.raises(ProblemError, match=said):
        Finite.from_samples(values, [0, 1])


def test_what_samples_determine_is_not_given_again():
    for options in ({"letters_S": (0,)}, {"letters_X": (0,)}):
        with pytest.raises(ProblemError, match="must be left out where samples determine it"):
            Finite.from_samples([0], [0], **options)
    for options in ({"letters_Y": (0,)}, {"reference": [1], "perception": "TV"}):
        with pytest.raises(ProblemError, match="must be left out where samples determine it"):
            Finite.from_samples([0], [0], [0], **options)
    with pytest.raises(ProblemError, match="letters_Y must be left out with p_Y='X'"):
        Finite.from_samples([0], [0], p_Y="X", letters_Y=(1,))


def test_source_and_target_use_the_same_letters_or_others():
    with pytest.raises(ProblemError, match="written alike only if they are equal, got 0 and '0'"):
        Finite.from_samples([0, 1], [0, 1], ["0", "1"])
    assert Finite.from_samples([0, 1], [0, 1], [0.0, 1.0]).distortions.tolist() == [[0, 1], [1, 0]]


def test_names_are_not_read_as_numbers():
    with pytest.raises(ProblemError, match=r"letters_X\[1\] must be a number .* got the name '01'"):
        Finite([[0.5, 0.5]], "squared", letters_X=("1", "01"))


def test_the_order_of_letters_does_not_depend_on_the_samples():
    for values in ([3, "b", (1, 2), 1, "a"], ["a", 1, "b", 3, (1, 2)]):
        assert in_order(values) == (1, 3, "a", "b", (1, 2))
    assert alphabet("letters_X", [3, 1]) == (3, 1)
