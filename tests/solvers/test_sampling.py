"""Laws that were counted from samples: derivatives against differences, and how often intervals cover the truth."""

import math
from fractions import Fraction

import numpy as np
import pytest

import drc
from drc.solvers.finite import sampling

LAW = np.array([[0.30, 0.08, 0.04], [0.03, 0.15, 0.08], [0.05, 0.02, 0.25]])
COUNTS = [[223, 50, 28], [15, 60, 172]]
TARGET = [Fraction(3, 10), Fraction(3, 10), Fraction(2, 5)]
COST = [[0, 1, 4], [1, 0, 1], [3, 1, 0]]
LONG = {"setting": "asymptotic"}

QUESTIONS = {
    "rate": ({"R": 0.5}, {"p_Y": TARGET}),
    "label": ({"R": 0.9, "C": 0.7}, {"p_Y": TARGET}),
    "like the source": ({"R": 0.9, "C": 0.7, "unit": "nats"}, {"p_Y": "X"}),
    "least rate": ({"D": 1.2, "C": 0.8, "minimise": "R"}, {"p_Y": TARGET}),
    "least uncertainty": ({"R": 0.5, "minimise": "C"}, {}),
    "error": ({"R": 0.9, "C": 0.2}, {"uncertainty": "error"}),
    "Gini": ({"R": 0.9, "C": 0.3}, {"uncertainty": "gini"}),
    "a forbidden pair": ({"R": 0.9, "C": 0.8}, {"distortion": [[0, 1, math.inf], [1, 0, 1], [3, 1, 0]]}),
    "two costs": ({"R": 0.9, "D": [None, 0.3]}, {"costs": [COST, "hamming"]}),
    "long blocks": ({"R": 0.5}, {"p_Y": TARGET, **LONG}),
    "slope": ({"slope": 0.5}, {"p_Y": "X", **LONG}),
    "message": ({"R": 0.8, "C": 0.7}, {"classifier_sees": "Z", **LONG}),
    "time sharing": ({"R": 0.9, "C": 0.75}, {"classifier_sees": "Y", "time_sharing": True}),
}


def influence(problem, solution):
    """The derivative by the masses of the joint law, less its mean."""
    codes = sampling._codes(problem, solution)
    prices = {name: float(solution.duals[name]) for name in solution.bounds} | {solution.minimise: 1.0}
    prices |= {} if solution.slope is None else {"R": solution.slope}
    total = sampling._weighted(problem, solution.unit, codes, prices)
    sampling._of_target(problem, solution, codes[0], total)
    return total.influence - (problem.joint_law * total.influence).sum()


@pytest.mark.parametrize(("bounds", "fields"), QUESTIONS.values(), ids=QUESTIONS)
def test_one_more_sample_moves_the_optimum_by_the_influence(bounds, fields):
    fields = fields if "costs" in fields else {"distortion": COST} | fields
    size, scale = sum(map(sum, COUNTS)), 10**4
    problem = drc.Finite.from_counts(COUNTS, **fields)
    solution = problem.solve(**bounds)
    assert solution.status == "optimal"
    assert solution.estimate is not None
    slopes = influence(problem, solution)
    for s, x in ((0, 0), (1, 2), (0, 1)):
        values = []
        for step in (size, -size):
            counts = [[n * scale for n in row] for row in COUNTS]
            counts[s][x] += step
            values.append(drc.Finite.from_counts(counts, **fields).solve(**bounds).value)
        assert (values[0] - values[1]) * scale / 2 == pytest.approx(slopes[s, x], rel=2e-3, abs=2e-3)


def covered(truth, intervals):
    return np.mean([low <= truth <= high for low, high in intervals])


def test_intervals_of_entropies_cover_the_truth():
    random, truth = np.random.default_rng(5), drc.Finite(LAW).limits()
    drawn = [drc.Finite.from_counts(random.multinomial(400, LAW.ravel()).reshape(3, 3)) for _ in range(400)]
    found = [sampling.entropies(problem, "bits") for problem in drawn]
    for name in ("source", "label", "label_given_source"):
        assert 0.89 <= covered(getattr(truth, name), [each[name].interval() for each in found]) <= 0.98
    # Without its bias taken out H(S|X) would be too small.
    bias = np.mean([each["label_given_source"].plug_in for each in found]) - truth.label_given_source
    assert abs(np.mean([each["label_given_source"].value for each in found]) - truth.label_given_source) < -bias / 2


@pytest.mark.parametrize(
    ("bounds", "targets", "least"),
    [
        ({"R": 0.8}, 300, 0.9),
        ({"R": 1.2, "C": 1.35}, 0, 0.9),
        # Near a border between regimes, and beyond that of what is feasible.
        ({"D": 0.3, "C": 1.3, "minimise": "R"}, math.inf, 0.9),
        ({"R": 1.2, "C": 1.15}, 0, 0.97),
    ],
)
def test_intervals_of_the_optimum_cover_the_truth(bounds, targets, least):
    random, fields = np.random.default_rng(7), {"p_Y": TARGET} if targets else {}
    truth, intervals = drc.Finite(LAW.tolist(), **fields).solve(**bounds).value, []
    for _ in range(80):
        counts = random.multinomial(400, LAW.ravel()).reshape(3, 3)
        if 0 < targets < math.inf:
            law = random.multinomial(targets, [0.3, 0.3, 0.4]).tolist()
            fields = {"p_Y": [Fraction(n, targets) for n in law], "target_size": targets}
        solution = drc.Finite.from_counts(counts, **fields).solve(**bounds)
        intervals.append((math.inf, math.inf) if solution.estimate is None else solution.estimate.interval())
    assert covered(truth, intervals) >= least


def test_what_cannot_be_told_is_not_told():
    few = drc.Finite.from_counts([[3, 1], [1, 3]]).solve(R=0.5)
    assert few.estimate.error == math.inf
    assert "sampling  D cannot be told from this few samples" in repr(few)
    assert drc.Finite.from_counts([[30, 10], [10, 30]]).solve(C=0.812).estimate.error == math.inf
    assert drc.Finite.from_counts([[30, 10], [10, 30]]).solve(R=0.1, C=0.6).estimate is None
    assert drc.Finite([[0.3, 0.2], [0.2, 0.3]]).solve(R=0.5).estimate is None
    perceived = drc.Finite.from_counts([[30, 10], [10, 30]], perception="TV", reference=[0.1, 0.9])
    assert perceived.solve(R=0.5, P=0.1).estimate is None
    # What was never seen may still exist.
    never = drc.Finite.from_counts([[50, 0], [0, 50]]).limits()
    assert never.label_given_source == 0 < never.estimates["label_given_source"].interval()[1]


def test_intervals_are_printed_and_saved(tmp_path):
    problem = drc.Finite.from_counts([[300, 100], [100, 500]])
    solution = problem.solve(R=0.7, C=0.9)
    assert "sampling  D in [0.0" in repr(solution)
    assert "sampling  H(S|X) in [0.6662, 0.7658] bit with 95 % confidence" in repr(problem.limits())
    curve = problem.curve(R=[0, 0.7], C=0.9)
    surface = problem.surface(R=[0, 0.7], C=[0.5, 0.9])
    assert curve.to_csv().startswith("R,D,lower,upper,sampled_from,sampled_to,status\n0.0,inf,inf,inf,nan,nan,inf")
    assert surface.table()[3]["sampled_to"] == curve.solutions[1].estimate.interval()[1] == curve.sampled[1, 1]
    curve.plot()
    for found in (problem, solution, curve, surface):
        assert drc.load(found.save(tmp_path / "found.json")) == found
    assert drc.Finite([[0.5, 0.5]]).curve(R=[0, 1]).sampled is None


def test_sizes_are_kept_where_they_belong(tmp_path):
    samples = drc.Finite.from_samples(["a", "b", "b"], [0, 1, 1], [1, 1, 0, 1])
    assert (samples.sample_size, samples.target_size) == (3, 4)
    assert drc.Finite.from_counts([[1, 2], [3, 4]], p_Y="X").target_size == "X"
    (tmp_path / "counts.csv").write_text("S,X,count\na,b,3\nc,b,4\n")
    assert drc.Finite.read(tmp_path / "counts.csv").sample_size == 7
    labelled = drc.Finite.from_counts([[1, 2], [3, 4]], distortion=[[[0, 1]], [[1, 0]]])
    observed = drc.Finite.from_counts([[1, 2], [3, 4]], remote=[[0.9, 0.1], [0.1, 0.9]])
    assert labelled.sample_size is observed.sample_size is None
    with pytest.raises(drc.ProblemError, match="sample_size must give every probability a whole number of samples"):
        drc.Finite([[0.5, 0.5]], sample_size=3)
    with pytest.raises(drc.ProblemError, match="target_size must be left out without p_Y"):
        drc.Finite([[0.5, 0.5]], target_size=3)
    with pytest.raises(drc.ProblemError, match="target_size must be a number of samples, or 'X'"):
        drc.Finite([[0.5, 0.5]], p_Y=[0.25, 0.75], target_size="X")
