"""Bounds by sets of letters: below the optimum, proved for whoever checks, and closer as the label's price may grow."""

import numpy as np
import pytest

import drc
from drc.solvers.finite.one_shot_yu import sets
from drc.solvers.finite.one_shot_yu.columns import searched
from drc.solvers.finite.one_shot_yu.maps import Maps
from drc.solvers.finite.one_shot_yu.program import Program
from drc.solvers.finite.one_shot_yu.proof import enclose, lower_bound, packed
from drc.solvers.finite.pricing import is_quick
from drc.solvers.request import Clock


@pytest.fixture(autouse=True)
def few_boxes(monkeypatch):
    monkeypatch.setattr(sets, "_MOST_NODES", 4000)


def drawn(n_S, n_X, n_Y, seed):
    rng = np.random.default_rng(seed)
    posterior, p_X = rng.dirichlet(np.full(n_S, 0.3), n_X), rng.dirichlet(np.full(n_X, 3.0))
    return (p_X[:, None] * posterior).T, rng.exponential(size=(n_X, n_Y)), rng.dirichlet(np.full(n_Y, 3.0))


def problem_of(n_S, n_X, n_Y, seed, law):
    """A problem, and bounds on R and C that both bind."""
    p, d, p_Y = drawn(n_S, n_X, n_Y, seed)
    problem = drc.Finite(p, d, p_Y if law == "fixed" else None)
    R = 0.7 * np.log2(n_Y)
    easier = drc.Finite(p, d, problem.p_Y, setting="asymptotic").solve(R=R)
    most = drc.information.conditional_entropy((p / p.sum(axis=0)) @ easier.coupling, "bits")
    least = drc.information.conditional_entropy(p, "bits")
    return problem, {"R": float(R), "C": float(most - 0.25 * (most - least))}


@pytest.mark.parametrize(("law", "minimise"), [("fixed", "D"), ("free", "R")])
def test_sets_prove_ever_more_and_never_more_than_the_optimum(law, minimise):
    problem, bounds = problem_of(3, 8, 3, 1, law)
    truth = problem.solve(**bounds)
    if minimise == "R":
        # Above the least distortion, so that the least rate is positive.
        bounds = {"D": float(truth.upper), "C": bounds["C"]}
        truth = problem.solve(minimise="R", **bounds)
    assert truth.status == "optimal"
    program = Program(Maps(problem), minimise, bounds)
    answers, _, maps = searched(program, [], Clock(), 1e-9)
    found = [a for a, _ in sets.priced_by_sets(program, answers[-1], truth.upper, maps, Clock())]
    proved = [lower_bound(program, answer) for answer in found]
    assert proved == sorted(proved)
    assert 0.7 * truth.lower < proved[-1] <= truth.upper
    solution = packed(enclose(program, found, 1e-9), "sets")
    assert solution.lower == proved[-1]
    assert solution.certificate.to_dict()["dual"]["pricing"]["kind"] == "sets"
    assert solution.certificate.verify()


def test_more_letters_than_subsets_are_priced_by_sets():
    problem, bounds = problem_of(5, 18, 4, 0, "fixed")
    found = problem.solve(**bounds)
    assert "boxes of sets" in found.method
    assert 0.6 * found.upper < found.lower <= found.upper
    assert found.certificate.verify()
    # The bound of long blocks is what was known before.
    longer = drc.Finite(problem.p_SX, problem.distortion, problem.p_Y, setting="asymptotic", classifier_sees="Z")
    assert found.lower > longer.solve(**bounds).upper


def test_letters_and_labels_without_mass_do_not_disturb_the_proof():
    problem, bounds = problem_of(4, 18, 4, 3, "fixed")
    p = np.zeros((5, 19))
    p[np.ix_([0, 2, 3, 4], range(1, 19))] = np.array(problem.p_SX, dtype=float)
    d = np.zeros((19, 5))
    d[1:, :4] = problem.distortion
    p_Y = [*map(float, problem.p_Y), 0.0]
    found = drc.Finite(p, d, p_Y).solve(**bounds)
    assert "boxes of sets" in found.method
    assert 0 < found.lower <= found.upper
    assert found.certificate.verify()


def test_a_label_without_a_price_leaves_the_proof_to_maps():
    p, d, p_Y = drawn(5, 20, 3, 0)
    problem = drc.Finite(p, d, p_Y)
    assert not is_quick(20, 3, 5)
    # The uncertainty of the best plan without the bound is less than that.
    most = problem.solve(R=1.0).classification
    assert problem.solve(R=1.0, C=most + 0.05).status == "optimal"
