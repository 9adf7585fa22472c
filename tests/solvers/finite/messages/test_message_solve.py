"""The classifier sees the message: against closed forms, programs over grids of posteriors, and the other settings."""

import itertools
import math
import time
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq, linprog

from drc.checker import check_certificate
from drc.errors import NotAvailableError, ProblemError
from drc.problems import Finite
from drc.solvers.finite.messages import proof, solve
from drc.solvers.highs import Master

SIDES = {"setting": "asymptotic", "classifier_sees": "Z"}

#: Uniform bits that differ with probability 0.1.
NOISY = [[0.45, 0.05], [0.05, 0.45]]


def drawn(seed, shape, fixed=True):
    """A random law, and bounds of which that on the label is active."""
    rng = np.random.default_rng(seed)
    n_S, n_X, n_Y = shape
    p_SX, d = rng.dirichlet(np.ones(n_S * n_X)).reshape(n_S, n_X), rng.random((n_X, n_Y))
    problem = Finite(p_SX, d, p_Y=rng.dirichlet(np.full(n_Y, 3.0)) if fixed else None, **SIDES)
    rate = 0.6 * math.log2(n_Y)
    loose = problem.solve(R=rate).classification
    limits = entropies(problem.joint_law.T) * problem.source_law
    least = max(float(limits.sum()), float(entropies(problem.label_law[None])[0]) - rate)
    return problem, {"R": rate, "C": loose - 0.3 * (loose - least)}


def entropies(masses):
    """The entropy of each row in bits, scaled to sum one."""
    laws = masses / masses.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return -np.where(laws > 0, laws * np.log2(laws), 0.0).sum(axis=1)


def of_grid(problem, bounds, steps, minimise="D"):
    """The optimum over messages whose posteriors lie on a grid: an upper bound."""
    n_X, n_Y, law = problem.n_X, problem.n_Y, problem.source_law
    cuts = itertools.combinations(range(steps + n_X - 1), n_X - 1)
    p = np.array([np.diff([-1, *cut, steps + n_X - 1]) - 1 for cut in cuts]) / steps
    p = np.concatenate([p, law[None]])
    given = problem.joint_law / law
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(p > 0, p * np.log2(p / law), 0.0).sum(axis=1)
    rows = {
        "R": np.repeat(rate, n_Y),
        "C": np.repeat(entropies(p @ given.T), n_Y),
        "D": (p @ problem.distortions).ravel(),
    }
    equal, right = [np.repeat(p, n_Y, axis=0).T], [law]
    if problem.p_Y is not None:
        equal, right = [*equal, np.tile(np.eye(n_Y), len(p))], [*right, problem.target_law]
    found = linprog(
        rows[minimise],
        A_ub=np.array([rows[name] for name in bounds]),
        b_ub=list(bounds.values()),
        A_eq=np.concatenate(equal),
        b_eq=np.concatenate(right),
        method="highs",
    )
    return found.fun


@pytest.mark.parametrize("fixed", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_small_problems_agree_with_a_program_over_a_grid(seed, fixed):
    problem, bounds = drawn(seed, (2, 3, 3), fixed)
    found, known = problem.solve(**bounds), of_grid(problem, bounds, 60)
    assert check_certificate(found.certificate.to_dict())
    if known is None:
        assert found.status == "infeasible"
        return
    assert found.status == "optimal"
    assert found.lower <= known + 1e-9
    assert found.upper >= known - 2e-3
    assert_plan_is_what_it_says(problem, found)


@pytest.mark.parametrize("shape", [(2, 4, 4), (3, 8, 8)])
@pytest.mark.parametrize("fixed", [True, False])
def test_random_laws_are_solved_to_a_millionth(shape, fixed):
    problem, bounds = drawn(1, shape, fixed)
    found = problem.solve(**bounds)
    assert found.gap <= 1e-6
    assert found.rate <= bounds["R"] + 1e-9
    assert found.classification <= bounds["C"] + 1e-9
    assert_plan_is_what_it_says(problem, found)
    assert found.certificate.verify()


def assert_plan_is_what_it_says(problem, found):
    """Measure the messages of a solution anew."""
    weights = np.array([weight for weight, _, _ in found.messages])
    letters = [y for _, y, _ in found.messages]
    p = np.array([posterior for _, _, posterior in found.messages])
    assert weights @ p == pytest.approx(problem.source_law, abs=1e-12)
    used = weights > 1e-12
    weights, p, letters = weights[used], p[used], np.array(letters)[used]
    labels = p @ (problem.joint_law / problem.source_law).T
    assert weights @ entropies(labels) == pytest.approx(found.classification, abs=1e-9)
    rate = float(entropies(problem.source_law[None])[0]) - weights @ entropies(p)
    assert rate == pytest.approx(found.rate, abs=1e-9)
    assert weights @ (p * problem.distortions[:, letters].T).sum(axis=1) == pytest.approx(found.distortion, abs=1e-9)
    if problem.p_Y is not None:
        law = np.bincount(letters, weights, minlength=problem.n_Y)
        assert law == pytest.approx(problem.target_law, abs=1e-9)


@pytest.mark.parametrize("uncertainty", [0.5, 0.6, 0.75, 0.9])
def test_noisy_bits_need_the_rate_of_the_bottleneck(uncertainty):
    # Mrs Gerber's lemma: the best posteriors of uniform bits are alike, so that the rate is a closed form.
    def h(q):
        return float(entropies(np.array([[q, 1 - q]]))[0])

    q = brentq(lambda q: h(0.9 * q + 0.1 * (1 - q)) - uncertainty, 1e-9, 0.5)
    found = Finite(NOISY, **SIDES).solve(minimise="R", C=uncertainty)
    assert found.status == "optimal"
    assert found.value == pytest.approx(1 - h(q), abs=1e-8)
    assert check_certificate(found.certificate.to_dict())


@pytest.mark.parametrize(("relevance", "rate"), [(0.4, 0.8), (0.5701613885745838, 1.5129028136502)])
def test_the_example_of_the_information_bottleneck_in_dit(relevance, rate):
    # The second rate is the one published with the tests of dit; the first is that of a line through the origin.
    joint = np.zeros((3, 3))
    for x, s in ((0, 0), (0, 2), (1, 2), (2, 1), (2, 2)):
        joint[s, x] = 0.2
    problem = Finite(joint, **SIDES)
    found = problem.solve(minimise="R", C=float(entropies(problem.label_law[None])[0]) - relevance)
    assert found.value == pytest.approx(rate, abs=1e-7)
    assert found.gap <= 1e-7
    assert check_certificate(found.certificate.to_dict())


def test_what_no_bottleneck_allows_is_infeasible():
    # Data processing allows C = 0.6 at R = 0.5; the bottleneck has 0.697.
    found = Finite(NOISY, **SIDES).solve(R=0.5, C=0.6)
    assert found.status == "infeasible"
    assert check_certificate(found.certificate.to_dict())
    assert Finite(NOISY, **SIDES).solve(R=0.5, C=0.7).status == "optimal"


@pytest.mark.parametrize("fixed", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_who_sees_the_message_knows_no_less_than_who_sees_the_output(seed, fixed):
    problem, bounds = drawn(seed, (2, 3, 2), fixed)
    told = problem.solve(**bounds)
    plain = problem.changed(classifier_sees="Y").solve(**bounds, tolerance=1e-4, time_limit=1.0)
    shared = problem.changed(classifier_sees="Y", time_sharing=True).solve(**bounds, tolerance=1e-4, time_limit=1.0)
    assert told.lower <= min(plain.upper, shared.upper)


@pytest.mark.parametrize("seed", range(3))
def test_less_is_allowed_at_a_higher_cost(seed):
    problem, bounds = drawn(seed, (2, 4, 3))
    found = problem.solve(**bounds)
    for name, share in (("R", 0.98), ("C", 0.999)):
        assert problem.solve(**bounds | {name: share * bounds[name]}).upper >= found.lower
    rate = problem.solve(minimise="R", D=found.upper, C=bounds["C"])
    assert rate.status == "optimal"
    assert rate.lower <= bounds["R"] + 1e-9
    assert rate.value == pytest.approx(bounds["R"], abs=1e-5)


def test_multipliers_are_derivatives():
    problem, bounds = drawn(1, (3, 5, 4))
    found, step = problem.solve(**bounds), 1e-4
    for name in "RC":
        higher, lower = (problem.solve(**bounds | {name: bounds[name] + sign * step}).value for sign in (1, -1))
        assert found.duals[name] == pytest.approx((lower - higher) / (2 * step), rel=0.01)


def test_a_slope_is_the_price_of_rate():
    problem, bounds = drawn(2, (2, 4, 4))
    found = problem.solve(**bounds)
    price = found.duals["R"]
    sloped = problem.solve(slope=price, C=bounds["C"])
    assert sloped.value == pytest.approx(found.value + price * bounds["R"], abs=1e-8)
    assert check_certificate(sloped.certificate.to_dict())


def test_without_a_rate_all_is_told():
    problem, _ = drawn(0, (2, 4, 4))
    least = float(entropies(problem.joint_law.T) @ problem.source_law)
    found = problem.solve(C=1.001 * least)
    assert found.status == "optimal"
    assert found.value == pytest.approx(problem.solve().value, abs=1e-9)
    assert found.classification == pytest.approx(least, abs=1e-9)
    assert check_certificate(found.certificate.to_dict())


def test_a_bound_on_the_label_that_the_output_meets_costs_nothing():
    problem, bounds = drawn(0, (2, 4, 4))
    easier = problem.solve(R=bounds["R"])
    found = problem.solve(R=bounds["R"], C=easier.classification + 0.01)
    assert found.value == pytest.approx(easier.value, abs=1e-9)
    assert found.status == easier.status == "optimal"
    assert (found.sees, easier.sees) == ("Z", "Z")


def test_the_unit_of_costs_and_of_entropies_does_not_matter():
    problem, bounds = drawn(1, (2, 4, 3))
    found = problem.solve(**bounds)
    large = problem.changed(distortion=1e6 * problem.distortions)
    assert large.solve(**bounds).value == pytest.approx(1e6 * found.value, rel=1e-8)
    nats = problem.solve(unit="nats", **{name: bound * math.log(2) for name, bound in bounds.items()})
    assert nats.value == pytest.approx(found.value, abs=1e-9)


def test_forbidden_pairs_and_letters_without_mass():
    p_SX = [[0.2, 0.1, 0, 0.1], [0.1, 0.3, 0, 0.2]]
    d = [[0, 1, 2], [1, 0, math.inf], [0, 0, 0], [math.inf, 1, 0.5]]
    for law in (None, [0.3, 0.4, 0.3], [0.5, 0.5, 0]):
        problem = Finite(p_SX, d, p_Y=law, **SIDES)
        found = problem.solve(R=0.7, C=0.93)
        assert found.status == "optimal"
        assert found.coupling[:, 1][np.isinf(problem.distortions[:, 1])].sum() == 0
        assert check_certificate(found.certificate.to_dict())


@pytest.mark.parametrize("seconds", [0.05, 1.0])
def test_a_time_limit_is_obeyed_and_what_is_proved_by_then_holds(seconds):
    problem, bounds = drawn(0, (10, 16, 10))
    began = time.monotonic()
    found = problem.solve(**bounds, time_limit=seconds)
    assert time.monotonic() - began <= 1.2 * seconds + 0.3
    # A dense search, once: 0.207680.
    assert found.lower <= 0.2076803
    assert found.upper >= 0.2076801


def test_a_long_proof_is_not_written_down(monkeypatch):
    monkeypatch.setattr(proof, "MOST_NODES", 100)
    problem, bounds = drawn(1, (3, 8, 8))
    found = problem.solve(**bounds)
    assert found.gap <= 1e-6
    with pytest.raises(NotAvailableError, match="too many boxes"):
        found.certificate.to_dict()


def test_a_solver_that_fails_is_asked_again(monkeypatch):
    problem, bounds = drawn(1, (2, 3, 3))
    known, solve, calls = problem.solve(**bounds), Master.solve, []

    def failing(self, aim, **options):
        calls.append(aim)
        found = solve(self, aim, **options)
        return found if len(calls) % 3 else type(found)(False, found.x, found.reduced, found.y, math.inf, math.inf)

    monkeypatch.setattr(Master, "solve", failing)
    assert problem.solve(**bounds).value == pytest.approx(known.value, abs=1e-7)


def test_what_is_not_a_setting_is_refused():
    with pytest.raises(ProblemError, match="setting must be 'asymptotic'"):
        Finite(NOISY, classifier_sees="Z")
    with pytest.raises(ProblemError, match="time_sharing must be False"):
        Finite(NOISY, **SIDES, time_sharing=True)
    with pytest.raises(NotAvailableError, match="P must be left out"):
        Finite(NOISY, **SIDES, perception="TV", reference=[0.5, 0.5]).solve(R=0.6, C=0.7, P=0.1)
    with pytest.raises(ProblemError, match="method must be 'column generation'"):
        Finite(NOISY, **SIDES).solve(R=0.6, C=0.7, method="interior")


@pytest.mark.parametrize("shared", [False, True])
def test_many_labels_of_the_output_are_bounded_by_those_of_the_message(shared, monkeypatch):
    monkeypatch.setattr(solve, "_MOST_BOXES", 3000)
    told, bounds = drawn(1, (7, 4, 3), fixed=False)
    problem = told.changed(classifier_sees="Y", time_sharing=shared)
    found, easier = problem.solve(**bounds), problem.solve(R=bounds["R"])
    assert found.lower > easier.upper + 1e-4
    assert found.lower <= told.solve(**bounds).upper
    assert found.lower <= found.upper
    certificate = found.certificate.to_dict()
    assert certificate["dual"]["of"] == "message"
    assert check_certificate(certificate)
    # In one shot it is a bound as well, but not in long blocks whose classifier sees U.
    one_shot = certificate | {"problem": certificate["problem"] | {"setting": "one-shot"}}
    assert check_certificate(one_shot).lower_holds
    seeing_u = certificate | {"problem": certificate["problem"] | {"classifier_sees": "YU", "time_sharing": False}}
    assert not check_certificate(seeing_u).lower_holds


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("minimise", ["D", "R", "C"])
def test_one_shot_codes_are_no_better_than_messages(fixed, minimise):
    told, bounds = drawn(5, (2, 4, 3), fixed=fixed)
    bounds |= {"D": told.solve(**bounds).upper + 0.1}
    del bounds[minimise]
    easier = told.solve(minimise=minimise, **bounds)
    for sees in ("YU", "Y"):
        code = told.changed(setting="one-shot", classifier_sees=sees).solve(minimise=minimise, time_limit=5, **bounds)
        assert code.upper >= easier.lower
        dual = {"kind": "relaxation", "of": "message", "dual": easier.certificate.dual}
        claim = replace(code.certificate, lower=easier.lower, dual=dual)
        assert claim.verify()


def test_many_letters_of_a_one_shot_code_are_bounded_with_the_price_of_the_label():
    told, bounds = drawn(2, (8, 20, 6), fixed=True)
    problem = told.changed(setting="one-shot", classifier_sees="YU")
    found = problem.solve(time_limit=6, **bounds)
    without = told.solve(R=bounds["R"])
    assert found.lower > without.upper + 1e-3
    assert found.lower <= found.upper < math.inf
    assert found.certificate.dual["kind"] in ("maps", "relaxation", "unwritten")


def test_large_problems_have_a_plan_at_once():
    rng = np.random.default_rng(1)
    p = rng.random((4, 600)) * (rng.random((4, 600)) < 0.3)
    p[0, ~p.any(axis=0)] = 0.5
    costs = np.abs(np.arange(600)[:, None] / 600 - np.arange(4) / 4)
    s = Finite(p / p.sum(), costs, setting="asymptotic", classifier_sees="Z").solve(R=2, C=1.2, time_limit=2)
    assert s.upper < 1
    assert s.lower > 0
    assert s.rate <= 2
    assert s.classification <= 1.2
