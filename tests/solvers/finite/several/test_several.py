"""Several costs and labels: against all maps, against an independent convex model, and against closed forms."""

import itertools
import json
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog
from two_costs import least_rate

from drc import Finite, ProblemError
from drc.checker import check_certificate

ERROR = [[[0, 1]], [[1, 0]]]
THREE = Finite([[0.3, 0.1, 0.05], [0.2, 0.05, 0.3]], costs=["hamming", [[[0, 1, 0.5]], [[1, 0, 0.5]]]])
TWO_LABELS = Finite(labels=[THREE.p_SX, [[0.1, 0.1, 0.1], [0.4, 0.05, 0.25]]])
BITS = Finite(labels=[[[0.3, 0.1], [0.2, 0.4]], [[0.35, 0.15], [0.15, 0.35]]], costs=["hamming", ERROR])


def entropy(law):
    law = np.ravel(law)
    return float(-(law[law > 0] * np.log2(law[law > 0])).sum())


def by_all_maps(f, minimise, bounds):
    """The optimum over mixtures of all deterministic maps, by one linear program."""
    rows = {}
    for g in itertools.product(range(f.n_Y), repeat=f.n_X):
        W = np.eye(f.n_Y)[list(g)]
        law = f.source_law @ W
        reached = {"R": entropy(law)}
        for k, each in enumerate(f.each_cost, 1):
            reached[f"D{k if k > 1 else ''}"] = (f.source_law[:, None] * W * each.distortions).sum()
        for k, each in enumerate(f.each_label, 1):
            reached[f"C{k if k > 1 else ''}"] = entropy(each.joint_law @ W) - entropy(law)
        rows[g] = reached, law
    table = [[reached[name] for reached, _ in rows.values()] for name in bounds]
    equal = [np.ones(len(rows))] if f.p_Y is None else np.array([law for _, law in rows.values()]).T
    found = linprog(
        [reached[minimise] for reached, _ in rows.values()],
        A_ub=table or None,
        b_ub=list(bounds.values()) or None,
        A_eq=equal,
        b_eq=[1.0] if f.p_Y is None else f.target_law,
    )
    return found.fun if found.status == 0 else np.inf


def random_problem(rng, **fields):
    n_S, n_X, n_Y = rng.integers(2, 4), rng.integers(2, 4), rng.integers(2, 4)
    joint = rng.dirichlet(np.ones(n_S * n_X)).reshape(n_S, n_X)
    second = (joint.sum(axis=0)[:, None] * rng.dirichlet(np.ones(3), size=n_X)).T
    costs = [rng.random((n_X, n_Y)).round(3) * size for size in (1.0, 1e3, 1e-3)]
    p_Y = None if rng.random() < 0.5 else rng.dirichlet(5 * np.ones(n_Y))
    return Finite(labels=[joint, second], costs=costs, p_Y=p_Y, **fields)


def feasible_bounds(rng, f, minimise):
    """Bounds that a random mixture of maps meets, by name."""
    law = np.full(f.n_Y, 1 / f.n_Y) if f.p_Y is None else f.target_law
    room, bounds = 1 + 0.2 * rng.random(), {}
    independent = f.source_law[:, None] * law
    for k, each in enumerate(f.each_cost, 1):
        bounds[f"D{k if k > 1 else ''}"] = room * (independent * each.distortions).sum() * rng.uniform(0.5, 1)
    for k, each in enumerate(f.each_label, 1):
        bounds[f"C{k if k > 1 else ''}"] = entropy(each.label_law) * rng.uniform(0.7, 1)
    bounds["R"] = entropy(f.source_law) * rng.uniform(0.3, 1)
    kept = [name for name in bounds if name != minimise and rng.random() < 0.8]
    return {name: float(bounds[name]) for name in kept}


def asked(f, minimise, bounds, **limits):
    """Ask with lists of bounds."""
    lists = {
        letter: [bounds.get(f"{letter}{k if k > 1 else ''}") for k in range(1, count + 1)]
        for letter, count in (("D", len(f.each_cost)), ("C", len(f.each_label)))
    }
    return f.solve(R=bounds.get("R"), minimise=minimise, **lists, **limits)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("minimise", ["D", "R", "C"])
def test_one_shot_is_the_optimum_over_all_maps(seed, minimise):
    rng = np.random.default_rng(seed)
    f = random_problem(rng)
    bounds = feasible_bounds(rng, f, minimise)
    s = asked(f, minimise, bounds)
    truth = by_all_maps(f, minimise, bounds)
    assert s.status == ("optimal" if truth < np.inf else "infeasible")
    assert s.certificate.verify()
    if truth < np.inf:
        assert s.lower - 1e-7 <= truth <= s.upper + 1e-7
        assert all(reached <= bounds.get(name, np.inf) + 1e-9 for name, reached in s.further.items())


def by_cvxpy(f, minimise, bounds):
    """The asymptotic optimum without labels, by a model that shares nothing with the solvers."""
    import cvxpy as cp

    p, joint = f.source_law, cp.Variable((f.n_X, f.n_Y), nonneg=True)
    law = cp.Variable(f.n_Y)
    tied = [cp.sum(joint, axis=1) == p, law == cp.sum(joint, axis=0)]
    tied += [] if f.p_Y is None else [law == f.target_law]
    rate = sum(cp.sum(cp.rel_entr(joint[x], p[x] * law)) for x in range(f.n_X)) / np.log(2)
    reached = {"R": rate} | {
        f"D{k if k > 1 else ''}": cp.sum(cp.multiply(joint, each.distortions / each.distortions.max()))
        for k, each in enumerate(f.each_cost, 1)
    }
    sizes = {f"D{k if k > 1 else ''}": each.distortions.max() for k, each in enumerate(f.each_cost, 1)}
    limits = [reached[name] <= bound / sizes.get(name, 1.0) for name, bound in bounds.items()]
    model = cp.Problem(cp.Minimize(reached[minimise]), tied + limits)
    model.solve(solver=cp.CLARABEL)
    return np.inf if model.value is None else model.value * sizes.get(minimise, 1.0)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("minimise", ["D", "R"])
def test_long_blocks_without_a_classifier_agree_with_a_convex_model(seed, minimise):
    rng = np.random.default_rng(seed)
    f = random_problem(rng, setting="asymptotic")
    bounds = {n: b for n, b in feasible_bounds(rng, f, minimise).items() if n[0] != "C"}
    s = asked(f, minimise, bounds)
    assert s.certificate.verify()
    truth = by_cvxpy(f, minimise, bounds)
    if s.status == "infeasible":
        assert truth == np.inf
    else:
        assert s.status == "optimal"
        assert s.value == pytest.approx(truth, abs=2e-6)


@pytest.mark.parametrize("seed", range(10))
def test_the_error_of_a_fixed_classifier(seed):
    """A bit, Hamming distortion, and the error of a classifier: the closed form, and one bit where nothing may be lost."""
    rng = np.random.default_rng(seed)
    q, a, b = (Fraction(int(v), 1000) for v in (rng.integers(20, 980), rng.integers(0, 450), rng.integers(0, 450)))
    D, room = Fraction(int(rng.integers(0, 400)), 1000) * min(q, 1 - q), Fraction(int(rng.integers(0, 300)), 1000)
    least = (1 - q) * a + q * b
    f = Finite([[(1 - q) * (1 - a), q * b], [(1 - q) * a, q * (1 - b)]], costs=["hamming", ERROR], setting="asymptotic")
    s = f.solve(D=[D, least + room], minimise="R")
    assert s.status == "optimal"
    assert s.value == pytest.approx(least_rate(float(q), float(a), float(b), float(D), float(room)), abs=2e-9)
    assert s.certificate.verify()
    even = Finite([[(1 - a) / 2, b / 2], [a / 2, (1 - b) / 2]], costs=["hamming", ERROR], setting="asymptotic")
    for bounds in ([0, (a + b) / 2 + room], [Fraction(1, 10), (a + b) / 2]):
        nothing_lost = even.solve(D=bounds, minimise="R")
        assert nothing_lost.value == pytest.approx(1, abs=1e-12)
        assert nothing_lost.gap < 1e-12
        assert nothing_lost.certificate.verify()
    assert even.solve(D=[0.1, (a + b) / 2 - Fraction(1, 1000)], minimise="R").status == "infeasible"


@pytest.mark.parametrize("fields", [{"classifier_sees": "Z"}, {"time_sharing": True}, {}])
def test_a_label_that_is_there_twice_is_one_label(fields):
    f = Finite(labels=[THREE.p_SX] * 2, setting="asymptotic", **fields)
    s = f.solve(R=0.7, C=[0.95, 0.95])
    one = f.each_label[0].solve(R=0.7, C=0.95)
    assert s.lower <= one.upper + 1e-9
    assert one.lower <= s.upper + 1e-9
    assert s.certificate.verify()
    assert s.status == one.status == "optimal"


@pytest.mark.parametrize(
    "fields",
    [
        {"setting": "asymptotic", "classifier_sees": "Z"},
        {"setting": "asymptotic", "classifier_sees": "Y"},
        {"setting": "asymptotic", "classifier_sees": "Y", "time_sharing": True},
        {"classifier_sees": "Y"},
        {"classifier_sees": "Y", "time_sharing": True},
    ],
)
def test_every_setting_has_a_plan_and_a_proof(fields):
    f = BITS.changed(**fields)
    for question in ({"R": 0.6, "D": [None, 0.44], "C": [0.98, 0.96]}, {"minimise": "C", "R": 0.7, "D": [0.3, 0.45]}):
        bounds = {"C": [None, 0.97]} | question
        s = f.solve(**bounds, time_limit=6)
        assert s.status in ("optimal", "bounded")
        assert s.further["D2"] <= bounds["D"][1] + 1e-9
        assert s.further["C2"] <= bounds["C"][1] + 1e-9
        assert s.gap <= 0.02
        assert s.certificate.verify()


def test_the_classifier_that_is_told_more_does_not_do_worse():
    bounds = {"R": 0.5, "C": [0.95, 0.95]}
    told = BITS.changed(setting="asymptotic", classifier_sees="Z").solve(**bounds)
    assert (
        told.lower <= BITS.changed(setting="asymptotic", classifier_sees="Y").solve(**bounds, time_limit=6).upper + 1e-9
    )
    assert told.lower <= BITS.solve(**bounds).upper + 1e-9


def test_perception_beside_several_costs():
    for setting in ("one-shot", "asymptotic"):
        for measure, P in (("TV", 0.1), ("KL", 0.05), ("W2", 0.1)):
            f = THREE.changed(setting=setting, classifier_sees=None, perception=measure)
            s = f.solve(R=0.9, D=[None, 0.4], P=P)
            loose = THREE.changed(setting=setting, classifier_sees=None).solve(R=0.9, D=[None, 0.4])
            assert s.status in ("optimal", "bounded")
            assert s.lower >= loose.lower - 1e-9
            assert s.certificate.verify()


def test_units_of_costs_do_not_matter():
    small = THREE.changed(distortion="hamming", costs=[THREE.costs[0], np.array(THREE.each_cost[1].distortions) * 1e-9])
    assert small.solve(R=0.7, D=[None, 0.35e-9]).value == pytest.approx(
        THREE.solve(R=0.7, D=[None, 0.35]).value, rel=1e-8
    )


def test_duals_are_slopes():
    at = lambda D2, R=0.7: THREE.solve(R=R, D=[None, D2])  # noqa: E731
    s, step = at(0.36), 1e-5
    assert s.duals["D2"] == pytest.approx(-(at(0.36 + step).value - s.value) / step, rel=1e-3)
    assert s.duals["R"] == pytest.approx(-(at(0.36, 0.7 + step).value - s.value) / step, rel=1e-3)


def test_what_is_printed_and_saved(tmp_path):
    s = THREE.solve(R=0.7, D=[None, 0.35])
    assert "D2 0.350 of 0.35 (binding)" in repr(s)
    assert "D2 = 0.2" in repr(THREE.solve(D=[None, 0.2]))
    assert check_certificate(s.certificate.save(tmp_path / "proof.json"))
    assert "D2 from 0.3 to 0.45" in repr(THREE.limits())
    assert "C2 from 0.800801 to 0.881291 bit" in repr(TWO_LABELS.limits())


# Forged certificates -----------------------------------------------------------------------------------------


def certificate(f=THREE, **question):
    return json.loads(json.dumps(f.solve(**question).certificate.to_dict()))


FIXED = {"R": 0.7, "D": [None, 0.35]}


def test_an_edited_cost_is_refused():
    made = certificate(**FIXED)
    made["problem"]["costs"][0][0][0] = "1"
    assert not check_certificate(made)


def test_a_missing_cost_is_refused():
    made = certificate(**FIXED)
    del made["problem"]["costs"]
    with pytest.raises(ProblemError, match=r"bounds\.D2: unknown"):
        check_certificate(made)


@pytest.mark.parametrize("bound", ["0.3499", "0.36"])
def test_an_edited_bound_is_refused_on_one_side(bound):
    made = certificate(**FIXED)
    made["bounds"]["D2"] = bound
    verdict = check_certificate(made)
    # Under a tighter bound the plan fails, under a looser one the proof.
    assert (verdict.lower_holds, verdict.upper_holds) == ((True, False) if bound < "0.35" else (False, True))


def test_edited_weights_prove_less():
    made = certificate(**FIXED)
    assert made["dual"]["kind"] == "weighted"
    for weights in (["1", "3"], ["1", "5"]):
        forged = made | {"dual": made["dual"] | {"costs": weights}}
        assert not check_certificate(forged).lower_holds


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"costs": ["1", "-1"]}, "the weight of D2 is negative"),
        ({"costs": ["2", "4"]}, "the weight of what is minimised must be 1"),
        ({"labels": ["1"]}, "C has a weight and no bound"),
        ({"labels": ["1/2"]}, "the weights of labels must be rational, and sum to one or be zero"),
        ({"objective": 0}, "D has a weight and no bound"),
    ],
)
def test_weights_that_break_a_rule_prove_nothing(changes, reason):
    made = certificate(**FIXED)
    verdict = check_certificate(made | {"dual": made["dual"] | changes})
    assert not verdict.lower_holds
    assert reason in str(verdict)


def test_an_edited_label_is_refused():
    made = certificate(TWO_LABELS, R=0.5, C=[0.95, 0.85])
    assert check_certificate(made)
    law = made["problem"]["labels"][0]
    swapped = [[law[1][0], *law[0][1:]], [law[0][0], *law[1][1:]]]
    assert not check_certificate(made | {"problem": made["problem"] | {"labels": [swapped]}})
    wrong = made | {"problem": made["problem"] | {"labels": [[["1/2", "1/4", "1/4"], [0, 0, 0]]]}}
    with pytest.raises(ProblemError, match=r"problem\.labels\[0\] must give x = 1 exactly the mass"):
        check_certificate(wrong)


def test_a_nearest_pair_rule_needs_a_bound_without_room():
    made = certificate(D=[None, Fraction(3, 10)])
    assert made["dual"]["kind"] == "nearest"
    assert check_certificate(made)
    verdict = check_certificate(made | {"bounds": {"D2": "0.31"}})
    assert not verdict.lower_holds
    assert "the bound on D2 is not proved to leave no room" in str(verdict)
    verdict = check_certificate(made | {"dual": made["dual"] | {"cost": 0}})
    assert "D has no bound" in str(verdict)


def test_a_pair_that_a_cost_without_a_bound_forbids_is_not_used():
    never = [[0, 1, 1], [1, 0, float("inf")], [1, 1, 0]]
    f = THREE.changed(distortion="hamming", costs=["hamming", never])
    made = certificate(f, R=0.5)
    assert check_certificate(made)
    forged = made | {"primal": {"kind": "maps", "weights": [[1, [2, 2, 2]]]}, "upper": 1}
    assert "the forbidden pair x = 1, y = 2 is used" in str(check_certificate(forged))


def test_a_false_claim_of_infeasibility_is_refused():
    made = certificate(D=[None, 0.29])
    assert made["lower"] == "inf"
    assert check_certificate(made)
    assert not check_certificate(made | {"bounds": {"D2": "0.31"}})


def test_many_letters():
    """As many entries that plans are written down in doubles."""
    rng = np.random.default_rng(0)
    joint, costs = rng.dirichlet(np.full(3 * 32, 0.3)).reshape(3, 32), rng.random((2, 32, 16))
    f = Finite(joint, costs=costs, setting="asymptotic")
    low, high = f.source_law @ costs[1].min(axis=1), (f.source_law @ costs[1]).min()
    s = f.solve(R=1.2, D=[None, (low + high) / 2])
    assert s.status == "optimal"
    assert s.certificate.verify()
    assert s.further["D2"] == pytest.approx((low + high) / 2, abs=1e-9)


def test_a_gap_is_measured_by_the_tolerance_and_the_scale_of_all_solvers():
    s = THREE.solve(D=[0.3, 0.4], minimise="R", unit="nats", tolerance=1e-3)
    assert (s.tolerance, s.scale) == (1e-3, pytest.approx(np.log(2)))
    assert Finite(THREE.p_SX, costs=[[[1, 3, 2]] * 3, "hamming"]).solve(D=[None, 0.4]).scale == 2
