"""Finite problems: what is accepted, what is refused and how, and what samples become."""

import pickle
import time
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from drc.errors import ProblemError
from drc.problems import Bernoulli, Finite, Gaussian, VectorGaussian

HALF = Fraction(1, 2)


def test_decimals_are_exact():
    assert Finite([[0.1, 0.2], [0.3, 0.4]]).p_SX[0] == (Fraction(1, 10), Fraction(1, 5))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 10**6), min_size=4, max_size=4).filter(any))
def test_laws_sum_to_one_exactly(counts):
    law = np.array(counts) / sum(counts)
    problem = Finite(law.reshape(2, 2), p_Y=law[:2] + law[2:])
    assert sum(sum(row) for row in problem.p_SX) == 1
    assert sum(problem.p_Y) == 1
    assert problem.joint_law == pytest.approx(law.reshape(2, 2))


def test_equal_problems_are_equal_and_fixed():
    one, two = Finite([[0.5, 0.5]], p_Y=[0.25, 0.75]), Finite(np.array([[0.5, 0.5]]), p_Y=(HALF / 2, "3/4"))
    assert one == two
    assert hash(one) == hash(two)
    assert pickle.loads(pickle.dumps(one)) == two
    with pytest.raises(ValueError, match="read-only"):
        one.joint_law[0, 0] = 1
    with pytest.raises(AttributeError):
        one.p_SX = 0


def test_sympy_numbers_stay_exact():
    problem = Bernoulli(q_X=sp.sqrt(2) / 2, q_Y=sp.Rational(1, 3), q_S1=0.1).finite()
    assert problem.p_Y == (Fraction(2, 3), Fraction(1, 3))
    assert sp.expand(sum(sum(row) for row in problem.p_SX)) == 1
    assert problem.source_law == pytest.approx([1 - 0.5**0.5, 0.5**0.5])


def test_distortions():
    assert Finite([[0.5, 0.5]]).distortions.tolist() == [[0, 1], [1, 0]]
    assert Finite([[0.5, 0.5]], letters_X=("a", "b"), letters_Y=("b", "c")).distortions.tolist() == [
        [1, 1],
        [0, 1],
    ]
    squared = Finite([[0.5, 0.5]], "squared", letters_X=(0, 0.1), letters_Y=(0.3,))
    assert squared.exact_distortion == ((Fraction(9, 100),), (Fraction(1, 25),))
    assert Finite([[0.5, 0.5]], [[0, 1, 2], [1, 0, 2]]).n_Y == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"p_SX": [[0.5, 0.6]]}, "p_SX must sum to 1 within 1e-09, got 1.1, which misses 1 by 0.1"),
        ({"p_SX": [[0.5, 0.5 + 2e-9]]}, "misses 1 by 2e-09"),
        ({"p_SX": [[1.2, -0.2]]}, r"p_SX\[0, 0\] must be in \[0, 1\], got 1.2"),
        ({"p_SX": [[0.5, float("nan")]]}, r"p_SX\[0, 1\] must be one real number, got nan"),
        ({"p_SX": [[0.5, None]]}, r"p_SX\[0, 1\] must be one real number, got None"),
        ({"p_SX": [[sp.Symbol("q"), 0.5]]}, r"p_SX\[0, 0\] must be a number, got q: q still free"),
        ({"p_SX": [0.5, 0.5]}, "p_SX must have two dimensions, of shape .*, got 0.5 where a row"),
        ({"p_SX": [[0.5], [0.25, 0.25]]}, "rows of 1 and of 2"),
        ({"p_SX": []}, "empty"),
        ({"p_SX": 3}, "p_SX must be a list or an array, got 3"),
        ({"p_SX": np.full((2, 2, 2), 0.125)}, r"p_SX must have the shape \(n_S, n_X\), got \(2, 2, 2\)"),
        ({"p_Y": [0.5, 0.6]}, "p_Y must sum to 1 within 1e-09, got 1.1"),
        ({"p_Y": [0.5, -0.5]}, r"p_Y\[1\] must be in \[0, 1\], got -0.5"),
        (
            {"distortion": [[0, 1]]},
            r"distortion must have one row for each of the 2.*shape \(2, 2\), got shape \(1, 2\)",
        ),
        ({"distortion": [[0, -1], [1, 0]]}, r"distortion\[0, 1\] must be at least 0 \(inf forbids a pair\), got -1"),
        ({"distortion": [[0, -np.inf], [1, 0]]}, r"distortion\[0, 1\] must be finite, got -inf"),
        ({"distortion": [[0, np.nan], [1, 0]]}, r"distortion\[0, 1\] must be one real number, got nan"),
        ({"p_Y": [0.5, 0.5], "perception": "TV"}, "p_Y must be left out with a perception.*with is the reference"),
        ({"perception": "LP"}, r"perception must be 'TV' or 'W2' or 'KL' or.*or 'KL\(p_ref\|\|p_Y\)', got 'LP'"),
        (
            {"reference": [0.5, 0.5]},
            "reference must come with a perception measure:.*perception='TV', 'W2' or 'KL', too",
        ),
        (
            {"ground": [[0, 1], [1, 0]]},
            "ground must come with a perception measure:.*perception='TV', 'W2' or 'KL', too",
        ),
        (
            {"ground": [[0, 1], [1, 0]], "perception": "TV"},
            "ground must be left out unless.*got it with perception='TV'",
        ),
        ({"ground": [[0, 1]], "perception": "W2"}, r"ground must have the shape \(2, 2\),.*of letters, got \(1, 2\)"),
        ({"ground": [[0, -1], [1, 0]], "perception": "W2"}, r"ground\[0, 1\] must be at least 0, got -1"),
        ({"perception": "TV", "letters_Y": (3, 4)}, r"reference must be given, with shape.*is the distribution of X"),
        ({"perception": "TV", "reference": [0.5, 0.25, 0.25], "letters_Y": (3, 4)}, "reference of shape"),
        ({"perception": "W2", "letters_X": ("a", "b")}, r"letters_Y\[0\] must be a number .*'a'"),
        ({"time_sharing": True}, "time_sharing must be False with.* there the block index is part of U"),
        ({"time_sharing": 1, "classifier_sees": "Y"}, "time_sharing must be True or False, got 1"),
        (
            {"distortion": [[0, 1, 2], [1, 0, 2]], "p_Y": [0.5, 0.5]},
            r"of shape \(2, 3\), p_Y of shape \(2,\)",
        ),
        ({"distortion": "absolute"}, "'hamming' or 'squared'"),
        ({"distortion": "squared", "letters_X": ("a", "b")}, r"letters_X\[0\] must be a number .*'a'"),
        ({"letters_X": (1, 1)}, "repeats"),
        ({"letters_S": (1, 2, 3)}, "letters_S must be 2 letters, one for each, got 3"),
        ({"setting": "two-shot"}, "setting must be 'one-shot' or 'asymptotic', got 'two-shot'"),
        ({"classifier_sees": "X"}, "classifier_sees must be 'YU' or 'Y' or 'Z', got 'X'"),
        ({"classifier_sees": 0}, "classifier_sees must be 'YU' or 'Y' or 'Z', got 0"),
        (
            {"classifier_sees": np.array([])},
            r"classifier_sees must be 'YU' or 'Y' or 'Z', got an array of shape \(0,\)",
        ),
    ],
)
def test_wrong_input_is_named(arguments, message):
    with pytest.raises(ProblemError, match=message):
        Finite(**{"p_SX": [[0.25, 0.25], [0.25, 0.25]], **arguments})


def test_samples_become_exact_frequencies():
    f = Finite.from_samples(["b", "a", "b", "b"], [3, 1, 1, 3], targets=[1, 2, 2], distortion="squared")
    assert f.letters_S == ("a", "b")
    assert f.letters_X == (1, 3)
    assert f.letters_Y == (1, 2)
    assert f.p_SX == ((Fraction(1, 4), 0), (Fraction(1, 4), HALF))
    assert f.p_Y == (Fraction(1, 3), Fraction(2, 3))
    assert f.distortions.tolist() == [[0, 1], [4, 1]]


def test_samples_of_numpy_and_of_several_types():
    assert Finite.from_samples(np.array([0, 1]), np.array([0.5, 1.5]), p_Y="X").p_Y == (HALF, HALF)
    assert Finite.from_samples([0, "a"], [(1, 0), 2]).n_X == 2
    assert Finite.from_samples([0, 1], [0, 1]).p_Y is None
    assert Finite.from_samples([0, 1], [0, 1], p_Y=[0.25, 0.75]).p_Y[0] == Fraction(1, 4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 1], [0]), "must be of equal length, got 2 labels for 1 symbols"),
        (([], []), "labels must have at least one sample, got none"),
        (([0], [float("nan")]), r"missing values, got 1 in 1 rows, the first in row 0"),
        (([0], [[1]]), r"symbols\[0\] must be hashable to be a letter, got \[1\]"),
        (("ab", [0, 1]), "labels must be a list or an array"),
        ((np.zeros((2, 2)), [0, 1]), r"labels must have the shape \(n,\)"),
        (([0], [0], []), "targets must have at least one sample"),
    ],
)
def test_wrong_samples_are_named(arguments, message):
    with pytest.raises(ProblemError, match=message):
        Finite.from_samples(*arguments)


def test_two_targets_are_one_too_many():
    with pytest.raises(ProblemError, match="both"):
        Finite.from_samples([0], [0], [0], p_Y="X")
    with pytest.raises(ProblemError, match="p_Y must be 'X', got 'Y'"):
        Finite.from_samples([0], [0], p_Y="Y")


def test_surface_and_solve_are_methods():
    f = Finite([[0.5, 0], [0, 0.5]], p_Y=[0.5, 0.5])
    assert f.solve(R=1).value == 0
    assert f.surface(R=[0, 1]).value.shape == (2, 1)
    assert repr(Finite([[1]])).endswith("output law free)")


def test_infinite_distortions_forbid_a_pair():
    for infinity in (float("inf"), np.inf, sp.oo, "inf"):
        f = Finite([[0.5, 0.5]], [[0, infinity], [0.25, 0]])
        assert f.exact_distortion == ((Fraction(0), np.inf), (Fraction(1, 4), Fraction(0)))
        assert f.distortions.tolist() == [[0, np.inf], [0.25, 0]]
    assert Finite([[0.5, 0.5]], np.full((2, 2), np.inf)).n_Y == 2


def test_perception_has_a_reference_and_a_ground():
    f = Finite([[0.25, 0.5], [0.25, 0]], perception="W2", letters_X=(0, 2))
    assert f.reference == (HALF, HALF)
    assert f.reference_law.tolist() == [0.5, 0.5]
    assert f.exact_ground == ((0, 4), (4, 0))
    assert f.ground_costs.tolist() == [[0, 4], [4, 0]]
    assert "perception 'W2'" in repr(f)
    kl = Finite([[0.5, 0.5]], perception="KL(p_Y||p_ref)", reference=[0.1, 0.9])
    assert (kl.perception, kl.reference[0], kl.exact_ground, kl.ground_costs) == ("KL", Fraction(1, 10), None, None)
    own = Finite([[0.5, 0.5]], perception="W2", ground=[[0, 0.1], [3, 0]], letters_X=("a", "b"))
    assert own.exact_ground[0][1] == Fraction(1, 10)
    assert own.ground_costs[1, 0] == 3
    assert Finite([[0.5, 0.5]], perception="KL(p_ref||p_Y)").perception == "reversed KL"


def test_without_a_measure_a_perception_bound_is_refused():
    with pytest.raises(
        ProblemError, match="P must come with a perception measure, got P.*'W2' or 'KL', or leave P out"
    ):
        Finite([[0.5, 0.5]]).solve(R=1, P=0.1)


def test_samples_of_the_target_are_the_reference_of_a_measure():
    f = Finite.from_samples([0, 1], [0, 1], [5, 5, 6], perception="TV")
    assert (f.p_Y, f.reference, f.letters_Y) == (None, (Fraction(2, 3), Fraction(1, 3)), (5, 6))


def test_time_sharing_has_a_name_of_its_own():
    f = Finite([[0.5, 0.5]], setting="asymptotic", time_sharing=True)
    assert f.id == "finite.asymptotic.Y.time-shared"
    assert "time-shared" in repr(f)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=4, unique=True),
    st.lists(st.floats(-1e-9, 1e3), min_size=1, max_size=4, unique=True),
)
def test_float_distortions_are_the_exact_ones_rounded(xs, ys):
    f = Finite([[1 / len(xs)] * len(xs)], "squared", letters_X=xs, letters_Y=ys)
    assert f.distortions.tolist() == [[float(d) for d in row] for row in f.exact_distortion]


def test_large_problems_are_made_quickly():
    # The exact numbers of a million pairs would take seconds: they wait until somebody asks.
    start = time.process_time()
    grid = np.linspace(-4, 4, 1024)
    Finite(np.full((1, 1024), 1 / 1024), "squared", letters_X=grid, letters_Y=grid)
    assert time.process_time() - start < 0.5
    start = time.process_time()
    Finite(np.full((1, 256), 1 / 256), np.random.default_rng(0).random((256, 256)))
    assert time.process_time() - start < 1.5


@pytest.mark.parametrize("fields", [{"letters_Y": []}, {"p_SX": [np.ma.masked, 0.5]}, {"p_SX": [np.array(0.5), 0.5]}])
def test_what_has_no_letters_or_no_rows_is_refused(fields):
    with pytest.raises(ProblemError, match="must have"):
        Finite(**{"p_SX": [[0.3, 0.7]], **fields})


@pytest.mark.parametrize("word", ["", 0, [], np.array([[0.5, 0.5]])])
def test_what_the_classifier_sees_is_one_of_two_words(word):
    for problem in (Finite, Bernoulli, Gaussian):
        with pytest.raises(ProblemError, match="classifier_sees"):
            problem(**({"p_SX": [[0.3, 0.7]]} if problem is Finite else {}), classifier_sees=word)


@pytest.mark.parametrize("lengths", [np.ma.masked, np.array(1.0), 1, "12", []])
def test_components_are_listed(lengths):
    with pytest.raises(ProblemError, match="sigma_X"):
        VectorGaussian(sigma_X=lengths)
