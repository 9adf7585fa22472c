"""Arrays of other libraries and of short types: shapes that fit, labels that agree, counts, and sums."""

import re
from fractions import Fraction

import numpy as np
import pytest

from drc import ProblemError
from drc.problems import Finite

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)


class Frame:
    """What pandas' frames and series have, as far as it is used."""

    def __init__(self, values, index, columns=None):
        self.values, self.index = np.array(values), index
        if columns is not None:
            self.columns = columns

    def __array__(self, dtype=None, copy=None):
        return self.values

    def __iter__(self):
        return iter(self.columns)


JOINT = Frame([[0.5, 0.25], [0, 0.25]], ["cat", "dog"], ["a", "b"])


def test_frames_name_their_letters():
    problem = Finite(JOINT)
    assert (problem.letters_S, problem.letters_X) == (("cat", "dog"), ("a", "b"))
    assert problem.p_SX == ((HALF, QUARTER), (0, QUARTER))
    costs = Frame([[0, 1, 2], [1, 0, 2]], ["a", "b"], ["a", "b", "c"])
    assert Finite(JOINT, costs).letters_Y == ("a", "b", "c")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            {"letters_S": ("dog", "cat")},
            "p_SX must have the letters ('dog', 'cat') of S, in this order",
        ),
        (
            {"distortion": Frame([[0, 1], [1, 0]], ["b", "a"], ["b", "a"])},
            "distortion must have the letters ('a', 'b') of X",
        ),
        ({"p_Y": Frame([0.5, 0.5], ["b", "a"]), "letters_Y": ("a", "b")}, "p_Y must have the letters ('a', 'b') of Y"),
    ],
)
def test_letters_of_frames_must_agree(arguments, said):
    with pytest.raises(ProblemError, match=re.escape(said)):
        Finite(JOINT, **arguments)


def test_an_output_law_by_name_is_not_read_by_place():
    problem = Finite(JOINT, p_Y=Frame([0.75, 0.25], ["b", "a"]))
    assert problem.distortions.tolist() == [[1, 0], [0, 1]]


def test_counts_become_exact_shares():
    problem = Finite.from_counts(np.array([[30, 10], [0, 60.0]]), p_Y="X")
    assert problem.p_SX == ((Fraction(3, 10), Fraction(1, 10)), (0, Fraction(3, 5)))
    assert (problem.p_Y, problem.letters_Y) == ((Fraction(3, 10), Fraction(7, 10)), (0, 1))
    named = Finite.from_counts(Frame([[1, 1]], ["s"], ["a", "b"]), setting="asymptotic")
    assert (named.letters_X, named.setting) == (("a", "b"), "asymptotic")


def test_a_frame_on_its_side_is_refused():
    class Index(list):
        """Letters of an axis that has a name."""

        name = "X"

    side = Frame([[1, 2], [3, 4]], Index("ab"), ["cat", "dog"])
    with pytest.raises(
        ProblemError, match="counts must have the letters of S as its index, got the axes .*: transpose it"
    ):
        Finite.from_counts(side)


def test_sums_among_counts_are_refused():
    table = Frame([[1, 2, 3], [0, 1, 1], [1, 3, 4]], ["cat", "dog", "All"], ["a", "b", "All"])
    with pytest.raises(ProblemError, match="counts must not have sums among them, got 'All' as the last letter"):
        Finite.from_counts(table)
    assert Finite.from_counts([[5, 5], [5, 5]]).n_S == 2


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([[1, 0.5]], "counts[0, 1] must be a whole number of samples, got 0.5"),
        ([[1, -1]], "counts[0, 1]"),
        ([[1, float("nan")]], "counts[0, 1]"),
        ([[1, None]], "counts[0, 1]"),
        ([[0, 0]], "counts must have a positive sum, got 0"),
        ([1, 2], "counts must have two dimensions"),
        (np.ones((1, 2, 2)), "counts"),
        ([[1, 2], [3]], "counts"),
    ],
)
def test_counts_that_are_none_are_refused(counts, said):
    with pytest.raises(ProblemError, match=re.escape(said)):
        Finite.from_counts(counts)


def test_counts_given_as_a_law_are_pointed_out():
    with pytest.raises(ProblemError, match="p_SX must sum to 1, got whole numbers that sum to 100: for counts"):
        Finite([[30, 10], [0, 60]])
    with pytest.raises(ProblemError, match="must sum to 1 within 1e-09, got 1.5"):
        Finite([[0.5, 0.5], [0.25, 0.25]])


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_short_floats_are_accepted_within_their_rounding(dtype):
    random = np.random.default_rng(0)
    for _ in range(20):
        scores = random.normal(0, 3, (4, 10))
        law = np.exp(scores) / np.exp(scores).sum()
        rounded = law.astype(dtype)
        for given in (rounded, [list(row) for row in rounded]):
            problem = Finite(given, p_Y=rounded.sum(axis=0, dtype=dtype))
            assert sum(map(sum, problem.p_SX)) == sum(problem.p_Y) == 1
            assert problem.joint_law == pytest.approx(law, abs=2 * float(np.finfo(dtype).eps))
    with pytest.raises(ProblemError, match="p_SX must sum to 1 within"):
        Finite(np.array([[0.5, 0.52]], dtype))
    with pytest.raises(ProblemError, match="p_SX must sum to 1 within 1e-09"):
        Finite(rounded.astype(float))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"p_SX": np.ones((1, 1, 1))}, "p_SX"),
        ({"p_SX": np.array(1.0)}, "p_SX"),
        ({"p_SX": np.ones((0, 2))}, "p_SX"),
        ({"p_SX": [{0: 0.5, 1: 0.5}]}, "p_SX must have two dimensions"),
        ({"p_SX": {"a": [1]}}, "p_SX must be a list or an array"),
        ({"p_SX": [[0.5], 0.5]}, "p_SX must have two dimensions"),
        ({"p_SX": ["01"]}, "p_SX must have two dimensions"),
        ({"p_Y": np.array([[0.5], [0.5]])}, "p_Y must have the shape (n_Y,), got (2, 1)"),
        ({"p_Y": {0: 0.5, 1: 0.5}}, "p_Y must be a list or an array"),
        ({"p_Y": {0.5}}, "p_Y must be a list or an array"),
        ({"p_Y": np.array(1.0)}, "p_Y must"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(arguments, said):
    with pytest.raises(ProblemError, match=re.escape(said)):
        Finite(**{"p_SX": [[0.5, 0.5]], **arguments})


def test_arrays_that_numpy_cannot_read_are_refused():
    class Lost:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("on another device")

    with pytest.raises(ProblemError, match="p_SX must be an array that numpy can read, got Lost"):
        Finite(Lost())


def test_frames_of_pandas():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"S": ["cat", "dog", "dog", None], "X": pandas.array([1, 2, None, 2], "Int64")})
    with pytest.raises(ProblemError, match="got 2 in 4 rows, the first in row 2"):
        Finite.from_samples(table["S"], table["X"])
    samples = Finite.from_samples(table["S"], table["X"], missing="drop")
    assert samples == Finite.from_samples(["cat", "dog"], [1, 2])
    whole = table.dropna()
    counts = pandas.crosstab(whole["S"], whole["X"])
    assert Finite.from_counts(counts) == samples == Finite(counts / 2, sample_size=2)
    assert Finite.from_samples(whole["S"].astype("category"), whole["X"]) == samples
    with pytest.raises(ProblemError, match="counts must not have sums among them"):
        Finite.from_counts(pandas.crosstab(whole["S"], whole["X"], margins=True))
    with pytest.raises(ProblemError, match="transpose it"):
        Finite.from_counts(counts.T)
    ranked = pandas.Series(["b", "b", "a"]).value_counts(normalize=True)
    with pytest.raises(ProblemError, match="must sum to 1|p_Y must have the letters"):
        Finite([[0.5, 0.5]], p_Y=ranked, letters_Y=("a", "b"))
    assert Finite.from_samples(table[["S"]], table["X"], missing="drop") == samples
    with pytest.raises(ProblemError, match=r"labels must have the shape \(n,\), one value for each, got \(4, 2\)"):
        Finite.from_samples(table[["S", "X"]], table["X"])
    with pytest.raises(ProblemError, match="counts must have one letter .* got a MultiIndex of 2 levels"):
        Finite.from_counts(pandas.crosstab(whole["S"], [whole["X"], whole["X"]]))
    dates = pandas.Series(pandas.to_datetime(["2020-01-02", None, "2020-01-01"]))
    assert Finite.from_samples([0, 1, 1], dates, missing="drop").n_X == 2
    assert Finite(pandas.DataFrame([[0.5, 0.5]])).letters_X == (0, 1)
    large = pandas.array([2**53, 2**53 + 1, None], "Int64")
    assert Finite.from_samples([0, 0, 0], large, missing="drop").letters_X == (2**53, 2**53 + 1)
    costs = pandas.DataFrame([[0, 1], [1, 0]], index=counts.columns, columns=counts.columns)
    assert Finite(counts / 2, costs, p_Y=whole["X"].value_counts(normalize=True).sort_index()).letters_Y == (1, 2)


@pytest.mark.parametrize("kind", ["coo_array", "csr_array", "coo_matrix", "csc_matrix", "dok_array"])
def test_sparse_arrays_are_read(kind):
    from scipy import sparse

    law = getattr(sparse, kind)(np.array([[0.5, 0.0], [0.2, 0.3]]))
    assert Finite(law) == Finite([[0.5, 0], [0.2, 0.3]])
    assert Finite.from_counts(getattr(sparse, kind)(np.array([[3, 0], [1, 4]]))).p_SX[0][0] == Fraction(3, 8)


class Distribution:
    """What a distribution of dit has, as far as it is used."""

    def __init__(self, outcomes, pmf, alphabet, log=False):
        self.outcomes, self.alphabet, self._log = outcomes, alphabet, log
        self.pmf = np.log2(pmf) if log else np.array(pmf)

    def is_log(self):
        return self._log

    def is_joint(self):
        return isinstance(self.alphabet[0], tuple)

    def copy(self, base):
        assert base == "linear"
        return Distribution(self.outcomes, np.exp2(self.pmf), self.alphabet)


PAIRS = ["0a", "1a", "1b"], [0.25, 0.25, 0.5], (("0", "1"), ("a", "b"))


@pytest.mark.parametrize("log", [False, True])
def test_distributions_of_dit(log):
    problem = Finite(Distribution(*PAIRS, log=log), p_Y=Distribution(["b", "a"], [0.25, 0.75], ("b", "a"), log=log))
    assert problem.p_SX == ((QUARTER, 0), (QUARTER, HALF))
    assert (problem.letters_S, problem.letters_X) == (("0", "1"), ("a", "b"))
    assert (problem.letters_Y, problem.p_Y) == (("b", "a"), (QUARTER, Fraction(3, 4)))
    three = Distribution([("0", "0", "0")], [1.0], (("0",),) * 3)
    with pytest.raises(ProblemError, match="p_SX must be a distribution of at most two variables, .* got one of 3"):
        Finite(three)


def test_distributions_of_dit_itself():
    dit = pytest.importorskip("dit")
    assert Finite(dit.Distribution(["0a", "1a", "1b"], [0.25, 0.25, 0.5])).p_SX == ((QUARTER, 0), (QUARTER, HALF))


def test_levels_of_an_index_are_not_letters():
    class Levels(list):
        nlevels = 2

    frame = Frame([[0.5, 0.5]], ["a"], Levels([("b", 0), ("b", 1)]))
    with pytest.raises(
        ProblemError, match="p_SX must have one letter .* got a MultiIndex of 2 levels: join its levels"
    ):
        Finite(frame)


def test_frames_of_one_column_are_sequences():
    class Column(Frame):
        iloc = property(lambda self: self)

        def __getitem__(self, key):
            assert key == (slice(None), 0)
            return self.values[:, 0]

    column = Column([["a"], ["b"], ["b"]], range(3), ["S"])
    assert Finite.from_samples(column, [0, 1, 1]) == Finite.from_samples(["a", "b", "b"], [0, 1, 1])


def test_an_answer_says_that_short_floats_were_normalised():
    law = np.array([[0.1, 0.2], [0.3, 0.4]], np.float32) * np.float32(1 + 3e-7)
    problem = Finite(law, p_Y=[0.5, 0.5])
    (said,) = problem.normalised
    assert said == "p_SX was normalised: its sum missed 1 by 4e-07"
    assert said in repr(problem.solve(R=0.5))
    assert problem.solve(R=0.5).rounded == problem.normalised
    assert Finite(problem.p_SX).normalised == () == Finite(law.astype(float) / law.astype(float).sum()).normalised
    short = Finite([[0.5, 0.5]], p_Y=np.array([0.25, 0.7500001], np.float32), remote=np.eye(2))
    assert short.normalised == ("p_Y was normalised: its sum missed 1 by 1e-07",)


@pytest.mark.torch
def test_tensors_of_torch():
    torch = pytest.importorskip("torch")
    scores = torch.tensor([[0.3, 1.0], [2.0, -1.0]], requires_grad=True)
    law = torch.softmax(scores.ravel(), 0).reshape(2, 2)
    with pytest.raises(ProblemError, match="p_SX must be an array that numpy can read, got Tensor"):
        Finite(law)
    assert Finite(law.detach()).joint_law == pytest.approx(law.detach().numpy().astype(float), abs=1e-7)


def test_arrays_of_jax():
    jax = pytest.importorskip("jax")
    law = jax.nn.softmax(jax.numpy.arange(4.0)).reshape(2, 2)
    assert Finite(law).joint_law == pytest.approx(np.asarray(law, float), abs=1e-7)
