"""Costs that depend on what the encoder does not see, remote sources, and lists of costs and labels."""

from fractions import Fraction

import numpy as np
import pytest

from drc import Finite, ProblemError

LAW = [[0.3, 0.1], [0.2, 0.4]]


def test_a_cost_of_label_and_output_is_averaged_over_the_posterior():
    f = Finite(LAW, [[[0, 1]], [[1, 0]]])
    assert f.distortion == ((Fraction(2, 5), Fraction(3, 5)), (Fraction(4, 5), Fraction(1, 5)))
    assert f.distortion == Finite(LAW, np.array([[[0, 1]], [[1, 0]]])).distortion


def test_a_cost_with_three_axes_has_the_same_mean_for_every_channel():
    rng = np.random.default_rng(1)
    joint = np.array([[12, 20, 8], [30, 14, 16]]) / 100
    cost = rng.integers(0, 10, (2, 3, 4))
    channel = rng.dirichlet(np.ones(4), size=3)
    found = Finite(joint, cost)
    mean = (found.source_law[:, None] * channel * found.distortions).sum()
    assert mean == pytest.approx(np.einsum("sx,xy,sxy->", joint, channel, cost))


def test_a_letter_without_mass_may_cost_anything_and_a_forbidden_pair_stays_forbidden():
    f = Finite([[0.5, 0], [0.5, 0]], [[[0, "inf"], [1, 2]], [[1, 0], [3, 4]]])
    assert f.distortion[0] == (Fraction(1, 2), float("inf"))
    assert f.distortion[1] == (1, 2)


def test_a_remote_source_is_the_problem_of_its_observation():
    clean, seen = np.array([[0.35, 0.05, 0.1], [0.05, 0.25, 0.2]]), np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
    f = Finite(clean, "squared", letters_X=(0, 1, 3), letters_Y=(0, 2), remote=seen)
    assert np.allclose(f.joint_law, clean @ seen)
    cost = (np.array([0, 1, 3])[:, None] - np.array([0, 2])) ** 2
    law = clean.sum(axis=0)
    posterior = law[:, None] * seen / (law @ seen)
    assert np.allclose(f.distortions, posterior.T @ cost)
    assert f.letters_X == (0, 1)
    assert f.letters_Y == (0, 2)


def test_a_channel_without_noise_changes_nothing():
    assert Finite(LAW, remote=np.eye(2)).solve(R=0.5).value == pytest.approx(Finite(LAW).solve(R=0.5).value)


def test_the_reference_of_a_remote_source_is_the_source():
    f = Finite(LAW, remote=[[0.8, 0.2], [0.4, 0.6]], perception="TV")
    assert f.reference == (Fraction(1, 2), Fraction(1, 2))


def test_the_rate_of_a_remote_source_is_that_of_the_observation():
    """Wolf and Ziv: a uniform bit behind a binary symmetric channel; the least distortion is the noise."""
    f = Finite([[0.25, 0.25], [0.25, 0.25]], remote=[[0.9, 0.1], [0.1, 0.9]], setting="asymptotic")
    h = lambda t: -t * np.log2(t) - (1 - t) * np.log2(1 - t)  # noqa: E731
    for through in (0.05, 0.2):
        D = 0.1 + 0.8 * through
        assert f.solve(D=D, minimise="R").value == pytest.approx(1 - h(through), abs=1e-8)
    assert f.solve(D=0.0999, minimise="R").status == "infeasible"


def test_the_limits_of_a_remote_source():
    limits = Finite([[0.5, 0], [0, 0.5]], remote=[[0.9, 0.1], [0.1, 0.9]]).limits()
    assert limits.D[0] == pytest.approx(0.1)
    assert limits.label_given_source == pytest.approx(0.4689955936)


def test_one_cost_in_a_list_is_the_distortion():
    assert Finite(LAW, costs=["hamming"]) == Finite(LAW)
    assert Finite(labels=[LAW]) == Finite(LAW)


def test_costs_and_labels_are_seen_and_survive_changes():
    f = Finite(labels=[LAW, [[0.5, 0.25], [0, 0.25]]], costs=["hamming", [[0, 1], [3, 0]]])
    assert "2 costs, 2 labels" in repr(f)
    assert f.changed(setting="asymptotic", classifier_sees="Y").costs == f.costs
    assert [each.distortion for each in f.each_cost] == ["hamming", ((0, 1), (3, 0))]
    assert f.each_label[1].joint_law.tolist() == [[0.5, 0.25], [0, 0.25]]


def test_labels_whose_sources_differ_by_rounding_have_the_first_source_exactly():
    rng = np.random.default_rng(3)
    first = rng.dirichlet(np.ones(6)).reshape(2, 3)
    second = (first.sum(axis=0)[:, None] * rng.dirichlet(np.ones(4), size=3)).T
    f = Finite(labels=[first, second])
    assert [sum(c) for c in zip(*f.labels[0], strict=True)] == [sum(c) for c in zip(*f.labels[1], strict=True)]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"costs": []}, "costs must be a list with at least one entry, got"),
        ({"costs": "hamming"}, "costs must be a list with at least one entry, got 'hamming'"),
        ({"costs": ["hamming", [[0, 1]]]}, r"costs\[1\] must have one row for each of the 2 symbols"),
        ({"costs": ["hamming", [[[0, 1]]]]}, r"costs\[1\] must have one table for each of the 2 labels"),
        ({"costs": [[[0, 1], [1, 0]], [[0, 1, 2], [1, 0, 2]]]}, "must have the same number n_Y of output letters"),
        ({"costs": ["hamming"], "distortion": "squared"}, "distortion must be left out with costs"),
        ({"labels": [[[0.5, 0.5]]]}, "p_SX must be left out with labels"),
        ({"labels": [LAW, [[0.4, 0.6]]]}, r"labels\[1\] must give symbol 0 the mass that it has in the first, 0.5"),
        ({"labels": [LAW, [[0.4, 0.3, 0.3]]]}, r"labels\[1\] must have one column for each of the 2 symbols"),
        ({"remote": [[0.5, 0.4], [1, 0]]}, r"remote\[0\] must sum to 1"),
        ({"remote": [[0.5, 0.5]]}, "remote must have one row for each of the 2 symbols"),
        ({"p_SX": None}, "p_SX must be given, got neither it nor labels"),
    ],
)
def test_what_does_not_fit_is_named(fields, message):
    with pytest.raises(ProblemError, match=message):
        Finite(**({"p_SX": LAW} | fields))


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"D": 0.3, "minimise": "R"}, "D must be a list of 2 bounds, with None where there is none, got 0.3"),
        ({"D": [0.1, 0.2, 0.3], "minimise": "R"}, "D must be a list of 2 bounds"),
        ({"D": [0.3, 0.4]}, "D must be left out: it is minimised, got 0.3"),
        ({"D": [None, -1]}, "D2 must be at least 0, got -1"),
        ({"C": [0.3]}, "C must be"),
    ],
)
def test_bounds_that_do_not_fit_are_named(question, message):
    with pytest.raises(ProblemError, match=message):
        Finite(LAW, costs=["hamming", [[0, 1], [3, 0]]]).solve(**question)


def test_costs_labels_and_a_remote_source_in_a_file(tmp_path):
    path = tmp_path / "f.json"
    path.write_text(
        '{"p_SX": [[0.5, 0], [0, 0.5]], "costs": ["hamming", [[[0, 1]], [[1, 0]]]], "remote": [[0.9, 0.1], [0, 1]]}'
    )
    f = Finite.read(path)
    assert len(f.costs) == 2
    assert f.p_SX[0] == (Fraction(9, 20), Fraction(1, 20))
    path.write_text('{"labels": [[[0.5, 0.5]], [[0.5, 0], [0, 0.5]]]}')
    assert len(Finite.read(path).labels) == 2
