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
