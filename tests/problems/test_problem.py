"""One way to ask: what every problem understands."""

import pytest

from drc.errors import NotAvailableError, ProblemError
from drc.problems import Bernoulli, Finite, Gaussian, VectorGaussian

PROBLEMS = [
    Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.6, 0.4]),
    Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1),
    Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1, setting="asymptotic"),
    Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1, setting="asymptotic", time_sharing=True),
    Gaussian(mu_X=0, sigma_X=1, mu_Y=0, sigma_Y=1, mu_S=0, sigma_S=1, theta=0.5),
    Gaussian(mu_X=0, sigma_X=1, mu_Y=0, sigma_Y=1, mu_S=0, sigma_S=1, theta=0.5, R_c=1),
    VectorGaussian(sigma_X=[1, 2], sigma_Y=[1, 1], sigma_S=[1, 1], theta=[0.3, 0.4]),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.id)
def test_the_choice_of_a_method_can_be_left_open(problem):
    s = problem.solve(R=0.5, method="auto")
    assert s.value == problem.solve(R=0.5).value == problem.solve(R=0.5, method=None, start=s).value
    assert s.method


@pytest.mark.parametrize("perception", ["TV", "KL"])
def test_perception_leaves_it_open_too(perception):
    b = Bernoulli(q_X=0.3, q_S1=0.1)
    assert b.solve(R=0.5, P=0.1, perception=perception, method="auto").status == "optimal"


def test_a_slope_that_no_solver_takes_is_refused():
    with pytest.raises(NotAvailableError, match="slope must be left out for gaussian.asymptotic"):
        PROBLEMS[4].solve(slope=2)


def test_what_nobody_answers_names_what_there_is():
    with pytest.raises(NotAvailableError, match=r"published gaussian.asymptotic.rdc is not available yet: .*bernoulli"):
        PROBLEMS[4].rdc(form="published")
    with pytest.raises(
        NotAvailableError, match=r"exact gaussian.asymptotic.limited.rdc is not available yet: .*bernoulli"
    ):
        PROBLEMS[5].rdc()
    with pytest.raises(ProblemError, match="form"):
        PROBLEMS[4].drc(form="printed")


def test_other_values_of_some_parameters():
    assert PROBLEMS[1].changed(q_X=0.2) == Bernoulli(q_X=0.2, q_Y=0.4, q_S1=0.1)
    assert PROBLEMS[6].changed(sigma_X2=3).sigma_X == (1, 3)
