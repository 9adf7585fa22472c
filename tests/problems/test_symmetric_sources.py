"""Uniform sources: what they take, what they refuse, and the finite problems that they are."""

import numpy as np
import pytest

import drc

LEE = drc.GroupUniform(8, "lee")


def test_the_distance_around_the_circle():
    assert list(LEE.cost) == [0, 1, 2, 3, 4, 3, 2, 1]
    assert LEE.finite().distortions[6].tolist() == [2, 3, 4, 3, 2, 1, 0, 1]
    assert drc.GroupUniform(cost=[0, 1, 1]).M == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1,), "M must be a whole number from 2 on, got 1"),
        ((2.5,), "M must be a whole number from 2 on, got 2.5"),
        ((np.inf,), "M must be a whole number from 2 on"),
        ((4, "euclid"), "cost must be 'hamming' or 'lee', got 'euclid'"),
        ((4, [0, 1, 1]), "M must be the number of costs, 3, got 4"),
        ((None, [0, -1]), r"rho_1 must be in \[0, oo\]|rho_1 must be finite"),
        ((None, "lee"), "M must be a number"),
        ((None, [0]), "M must be a whole number from 2 on, got 1"),
    ],
)
def test_what_is_refused(arguments, message):
    with pytest.raises(drc.ProblemError, match=message):
        drc.GroupUniform(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((3, 1.2), r"q_S1 must be in \[0, 1\], got 1.2"), ((1, 0.1), "M must be"), ((3, 0.1, "live"), "setting must be")],
)
def test_what_is_refused_of_a_label(arguments, message):
    with pytest.raises(drc.ProblemError, match=message):
        drc.MarySymmetric(*arguments)


def test_a_reference_is_uniform():
    with pytest.raises(drc.ProblemError, match="reference must be left out"):
        LEE.rdpc(reference=[0.5, 0.5])
    with pytest.raises(drc.ProblemError, match="P must come with a perception measure"):
        LEE.solve(D=0.5, P=0.1, minimise="R")
    assert LEE.solve(D=0.5, P=0.1, perception="KL", minimise="R").measure == "KL"


@pytest.mark.parametrize(
    "problem", [LEE, drc.GroupUniform(5), drc.GroupUniform(), LEE.perceived("W2"), drc.MarySymmetric(3)]
)
def test_files(problem, tmp_path):
    assert drc.load(problem.save(tmp_path / "problem.json")) == problem
