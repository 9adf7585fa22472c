"""Uniform sources: check values, the cases that are known, and what a wrong formula would do."""

import numpy as np
import pytest

import drc

LEE = drc.GroupUniform(8, "lee")


def test_check_values():
    assert drc.GroupUniform(5).rdc()(D=0.3) == pytest.approx(0.840637, abs=5e-7)
    assert LEE.rdc()(D=0.6) == pytest.approx(1.077261, abs=5e-7)


@pytest.mark.parametrize("problem", [LEE, drc.GroupUniform(5), drc.GroupUniform(cost=[0.5, 1, 3, 0.5])])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_two_directions_are_inverse_and_the_solver_agrees(problem, share):
    D = problem.drc()(R=share)
    assert problem.rdc()(D=D) == pytest.approx(share, abs=1e-12)
    solved = problem.solve(R=share)
    assert solved.lower - 1e-9 <= D <= solved.upper + 1e-9


def test_two_letters_are_a_fair_bit():
    D = np.linspace(0, 0.5, 20)
    bit = drc.Bernoulli(0.5, 0.5, 0, "asymptotic").rdc()(D=D, C=np.inf)
    np.testing.assert_allclose(drc.GroupUniform(2).rdc()(D=D), bit, atol=1e-12)


def test_hamming_is_a_list_of_costs():
    D = np.linspace(0, 1, 30)
    listed = drc.GroupUniform(cost=[0, 1, 1, 1]).rdc()
    np.testing.assert_allclose(drc.GroupUniform(4).rdc()(D=D), listed(D=D), atol=1e-12)


@pytest.mark.parametrize("measure", ["TV", "KL", "W2"])
def test_perception_costs_nothing(measure):
    P = [0, 0.1, 1]
    assert np.ptp(LEE.rdpc(perception=measure)(D=0.6, P=P)) == 0
    assert LEE.drpc(perception=measure)(R=1, P=0) == LEE.drc()(R=1)
    solved = LEE.solve(D=0.6, P=0.01, perception=measure, minimise="R")
    assert solved.lower - 1e-9 <= LEE.rdc()(D=0.6) <= solved.upper + 1e-9


def test_ends():
    R, D = LEE.rdc(), LEE.drc()
    assert R(D=[0, 2, 9]).tolist() == [3, 0, 0]
    assert D(R=[0, 3, np.inf]).tolist() == [2, 0, 0]
    tied = drc.GroupUniform(cost=[1, 1, 2]).rdc()
    assert tied.regime(D=1) == "least-cost"
    assert tied(D=[0.99, 1]).tolist() == [np.inf, pytest.approx(np.log2(1.5))]
    assert drc.GroupUniform(cost=[1, 1]).rdc()(D=[0.5, 1]).tolist() == [np.inf, 0]


# The long lines are what a user reads.
@pytest.mark.parametrize(
    ("tradeoff", "at", "sentence"),
    [
        (
            LEE.rdc(),
            {"D": 0.6},
            "distortion-limited: D = 0.6 binds: the best noise falls by 1.25 nat per unit of cost.",
        ),
        (LEE.rdc(), {"D": 0}, "least-cost: D = 0 allows the cheapest differences only, of which there are 1."),
        (LEE.rdc(), {"D": 3}, "zero-rate: D does not bind: a uniform guess has D = 2."),
        (LEE.drc(), {"R": 3}, "least-cost: R does not bind: 3 bit are enough for the least cost."),
        (LEE.drc(), {"R": 1}, "rate-limited: R = 1 bit binds: the best noise falls by 1.18 nat per unit of cost."),
        (
            drc.GroupUniform(cost=[1, 1, 2]).rdc(),
            {"D": 0.5},
            "infeasible: D = 0.5 is below the least cost, 1.",
        ),
        (
            drc.GroupUniform(5).rdpc(),
            {"D": 0.9, "P": 0},
            "zero-rate: D does not bind: a uniform guess has D = 0.8. P = 0 costs nothing: the best Y is uniform.",
        ),
        (
            drc.GroupUniform(5).rdc(),
            {"D": 0.3},
            "distortion-limited: D = 0.3 binds: the best code errs with probability 0.3, all wrong letters being",
        ),
    ],
)
def test_why(tradeoff, at, sentence):
    assert tradeoff.why(**at).startswith(sentence)


def test_the_distortion_of_a_symbolic_size_has_no_closed_form():
    with pytest.raises(drc.NotAvailableError, match="exact group.hamming.drc is not available"):
        drc.GroupUniform().drc()


# M-ary symmetric sources ----------------------------------------------------------------------------------------------

MARY = drc.MarySymmetric(4, 0.1)


def test_two_letters_are_a_fair_bit_with_a_label():
    R, C = np.meshgrid(np.linspace(0, 1.1, 7), np.linspace(0.3, 1.1, 9))
    for noise in (0, 0.1, 0.5, 0.8, 1):
        ours, bit = drc.MarySymmetric(2, noise), drc.Bernoulli(0.5, 0.5, noise)
        np.testing.assert_allclose(ours.drc()(R=R, C=C), bit.drc()(R=R, C=C), atol=1e-12)
        np.testing.assert_allclose(ours.rdc()(D=R, C=C), bit.rdc()(D=R, C=C), atol=1e-12)


@pytest.mark.parametrize("size", [3, 4, 5])
def test_no_partition_is_below_the_chord(size):
    """Every partition of the letters, from its definition: rate, label and errors."""
    noise = 0.3
    channel = np.full((size, size), noise / (size - 1)) + np.eye(size) * (1 - noise - noise / (size - 1))
    ends = drc.MarySymmetric(size, noise).drc()(R=[0, np.log2(size)], C=np.inf)
    np.testing.assert_allclose(ends, [1 - 1 / size, 0], atol=1e-15)
    told = np.log2(size) + (channel[0] * np.log2(channel[0])).sum()
    for cells in partitions(size):
        shares = np.array([len(cell) / size for cell in cells])
        rate = -(shares * np.log2(shares)).sum()
        laws = np.array([channel[cell].mean(axis=0) for cell in cells])
        label = np.log2(size) + (shares * (laws * np.log2(laws)).sum(axis=1)).sum()
        assert label <= told * rate / np.log2(size) + 1e-12
        assert 1 - len(cells) / size >= (1 - 1 / size) * (1 - rate / np.log2(size)) - 1e-12


def partitions(size):
    """All divisions of the letters into cells."""
    if size == 0:
        return [[]]
    found = []
    for cells in partitions(size - 1):
        found.append([*cells, [size - 1]])
        found += [[*cells[:i], [*cell, size - 1], *cells[i + 1 :]] for i, cell in enumerate(cells)]
    return found


def test_the_exact_surface_of_the_finite_problem_is_this_formula():
    surface = drc.MarySymmetric(3, 0.2).finite().tradeoff()
    D = drc.MarySymmetric(3, 0.2).drc()
    R, C = np.meshgrid(np.linspace(0, 1.7, 6), np.linspace(0.9, 1.6, 8))
    np.testing.assert_allclose(surface(R=R, C=C), D(R=R, C=C), atol=1e-9)


@pytest.mark.parametrize("noise", [0, 0.1, 0.75, 1])
def test_perception_costs_nothing_with_a_label(noise):
    problem = drc.MarySymmetric(4, noise)
    assert problem.drpc(perception="KL")(R=1, P=0, C=1.9) == problem.drc()(R=1, C=1.9)
    assert problem.rdpc()(D=0.3, P=0.2, C=1.9) == problem.rdc()(D=0.3, C=1.9)


@pytest.mark.parametrize(
    ("tradeoff", "at", "sentence"),
    [
        (
            MARY.drc(),
            {"R": 1, "C": 1.5},
            "rate-limited: R = 1 bit allows identity weight t <= 0.5, and binds; more rate lowers D, down to 0 at",
        ),
        (MARY.drc(), {"R": 2, "C": 1.5}, "lossless: neither R nor C binds: 2 bit are enough for the letter itself."),
        (MARY.drc(), {"R": 2, "C": 0.5}, "infeasible: C = 0.5 bit is below the entropy 0.627 bit of the label's noise"),
        (
            MARY.drc(),
            {"R": 0.1, "C": 1},
            "infeasible: C = 1 bit needs identity weight t >= 0.729; R = 0.1 bit allows t <= 0.05.\nThe least rate for this"
            " C is 1.46 bit; the least C at this rate is 1.93 bit.",
        ),
        (
            MARY.rdc(),
            {"D": 0.3, "C": 1.9},
            "distortion-limited: D = 0.3 needs identity weight t >= 0.6, and binds; C alone",
        ),
        (
            MARY.rdc(),
            {"D": 0.3, "C": 1},
            "classification-limited: C = 1 bit needs identity weight t >= 0.729, and binds; D",
        ),
        (
            MARY.rdc(),
            {"D": 0.8, "C": 2},
            "zero-rate: neither D nor C binds: a uniform guess has D = 0.75 and H(S|Y) = 2 bit.",
        ),
        (
            MARY.rdc(),
            {"D": 0.3, "C": 0.5},
            "infeasible: C = 0.5 bit is below the entropy 0.627 bit of the label's noise",
        ),
    ],
)
def test_why_of_a_label(tradeoff, at, sentence):
    assert tradeoff.why(**at).startswith(sentence)


def test_a_label_without_common_randomness_has_no_formula_but_numbers():
    problem = drc.MarySymmetric(3, 0.1, "asymptotic")
    with pytest.raises(drc.NotAvailableError, match="exact mary.asymptotic.Y.drc is not available"):
        problem.drc()
    assert problem.solve(R=0.5).status == "optimal"


def test_the_least_uncertainty_is_the_inverse_of_the_distortion():
    C, D = MARY.cdr(), MARY.drc()
    for R in (0, 0.5, 1.3, 2, 3):
        least = C(R=R, D=np.inf)
        assert np.isfinite(D(R=R, C=least + 1e-12))
        assert D(R=R, C=least - 1e-9) == np.inf
        assert C(R=R, D=D(R=R)) == pytest.approx(least, abs=1e-12)
        assert C(R=R, D=max(D(R=R) - 1e-9, 0)) == (np.inf if R < 2 else least)
    solved = MARY.solve(R=1, D=0.4, minimise="C")
    assert solved.lower - 1e-9 <= C(R=1, D=0.4) <= solved.upper + 1e-9


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        (
            {"R": 1, "D": 0.4},
            "rate-limited: R = 1 bit allows identity weight t <= 0.5, and binds; D alone would need t",
        ),
        ({"R": 2, "D": 0.4}, "lossless: neither R nor D binds: 2 bit are enough for the letter itself, which leaves"),
        (
            {"R": 0.1, "D": 0.4},
            "infeasible: D = 0.4 needs identity weight t >= 0.467; R = 0.1 bit allows t <= 0.05.\nThe least rate for this D"
            " is 0.933 bit; the least D at this rate is 0.713.",
        ),
    ],
)
def test_why_of_the_least_uncertainty(at, sentence):
    assert MARY.cdr().why(**at).startswith(sentence)


def test_other_sources_have_no_formula_for_the_least_uncertainty():
    with pytest.raises(drc.NotAvailableError, match="exact bernoulli.one-shot.YU.cdr is not available"):
        drc.Bernoulli().cdr()
