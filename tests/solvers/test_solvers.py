"""Which solver answers, and what it may be asked."""

import pytest

import drc

VECTOR = drc.VectorGaussian([1, 1], [1, 1], [1, 1], [0.5, 0.5])


@pytest.mark.parametrize("problem", [drc.Bernoulli(0.3, 0.4, 0.1), drc.Laplace(1), VECTOR])
def test_an_argument_that_no_solver_has(problem):
    with pytest.raises(drc.ProblemError, match="the arguments of solve must be among R, C, D, P, .*, got Q"):
        problem.solve(R=1, Q=1)


@pytest.mark.parametrize("word", ["perception", "reference"])
def test_problems_without_a_perception_constraint_say_so(word):
    with pytest.raises(drc.NotAvailableError, match=f"{word} must be left out for gaussian.vector"):
        VECTOR.solve(R=1, P=0.1, **{word: "W2"})


@pytest.mark.parametrize("time_sharing", [False, True])
def test_bits_without_a_solver_of_their_own_are_solved_as_any_alphabet(time_sharing):
    b = drc.Bernoulli(0.3, q_S1=0.1, classifier_sees="Y", time_sharing=time_sharing)
    # Where C does not bind, what the classifier sees does not matter.
    found = b.solve(R=0.4, P=0.05, perception="TV")
    assert found.value == pytest.approx(drc.Bernoulli(0.3, q_S1=0.1).drpc()(R=0.4, P=0.05), abs=1e-9)
    assert found.certificate.verify()
    with pytest.raises(drc.NotAvailableError, match="KL perception bound is not available"):
        b.solve(R=0.4, P=0.05, perception="KL")
