"""The error of the best guess and the Gini index instead of the label's entropy: against all maps."""

import itertools
import json

import numpy as np
import pytest
from scipy.optimize import linprog

from drc import Finite, NotAvailableError, ProblemError
from drc.checker import check_certificate

MEASURES = {"error": lambda t: t.sum() - t.max(), "gini": lambda t: t.sum() - (t**2).sum() / max(t.sum(), 1e-300)}
THREE = Finite([[0.3, 0.1, 0.05], [0.2, 0.05, 0.3]], uncertainty="error")
BOUND = THREE.changed(distortion=[[0, 0.2, 1], [1, 0, 0.1], [1, 0.1, 0]])


def by_all_maps(f, minimise, bounds):
    """The optimum over mixtures of all deterministic maps."""
    rows = []
    for g in itertools.product(range(f.n_Y), repeat=f.n_X):
        W = np.eye(f.n_Y)[list(g)]
        law, cells = f.source_law @ W, (f.joint_law @ W).T
        rate = -(law[law > 0] * np.log2(law[law > 0])).sum()
        told = sum(map(MEASURES[f.uncertainty], cells))
        rows.append({"D": (f.source_law[:, None] * W * f.distortions).sum(), "R": rate, "C": told, "law": law})
    equal = np.ones((1, len(rows))) if f.p_Y is None else np.array([row["law"] for row in rows]).T
    found = linprog(
        [row[minimise] for row in rows],
        A_ub=[[row[name] for row in rows] for name in bounds],
        b_ub=list(bounds.values()),
        A_eq=equal,
        b_eq=[1.0] if f.p_Y is None else f.target_law,
    )
    return found.fun if found.status == 0 else np.inf


@pytest.mark.parametrize("kind", ["error", "gini"])
@pytest.mark.parametrize("minimise", ["D", "R", "C"])
@pytest.mark.parametrize("seed", range(4))
def test_the_optimum_over_all_maps(kind, minimise, seed):
    rng = np.random.default_rng(seed)
    joint, p_Y = rng.dirichlet(np.ones(9)).reshape(3, 3), rng.dirichlet(4 * np.ones(3))
    f = Finite(joint, rng.random((3, 3)).round(3), p_Y=p_Y if seed % 2 else None, uncertainty=kind)
    measure = MEASURES[kind]
    least, most = sum(map(measure, joint.T)), measure(joint.sum(axis=1))
    bounds = {"D": 0.4, "R": float(rng.uniform(0.3, 1.2)), "C": float(least + (most - least) * rng.uniform(0.2, 1.1))}
    del bounds[minimise]
    s, truth = f.solve(minimise=minimise, **bounds), by_all_maps(f, minimise, bounds)
    assert s.status == ("optimal" if truth < np.inf else "infeasible")
    assert s.certificate.verify()
    if truth < np.inf:
        assert s.value == pytest.approx(truth, abs=1e-8)


def test_a_guess_is_as_wrong_as_the_source_allows():
    assert THREE.solve(C=0.3).status == "optimal"
    below = THREE.solve(C=0.2999)
    assert below.status == "infeasible"
    assert below.certificate.verify()
    assert THREE.solve(minimise="C").value == pytest.approx(0.3)


def test_what_is_printed():
    assert "error(S|Y,U) 0.330 of 0.33 (binding)" in repr(BOUND.solve(R=0.9, C=0.33))
    assert "uncertainty 'error'" in repr(THREE)
    assert "error(S) 0.45  error(S|X) 0.3\n" in repr(THREE.limits())
    assert THREE.curve(C=(0.3, 0.45), R=0.5, points=3).label("C") == r"bound $C$ on $\mathrm{error}(S\,|\,Y,U)$"


def test_time_shared_codes_are_those_that_share_randomness():
    shared = THREE.changed(classifier_sees="Y", time_sharing=True)
    assert shared.solve(R=0.8, C=0.4).value == pytest.approx(THREE.solve(R=0.8, C=0.4).value)


def test_beside_another_cost():
    f = THREE.changed(costs=["hamming", [[[0, 1, 0.5]], [[1, 0, 0.5]]]])
    s = f.solve(R=0.8, D=[None, 0.42], C=0.4)
    assert s.status == "optimal"
    assert s.certificate.verify()
    assert s.value >= THREE.solve(R=0.8, C=0.4).value - 1e-9


@pytest.mark.parametrize(
    ("fields", "question"),
    [
        ({"setting": "asymptotic", "classifier_sees": "Y"}, {"C": 0.4}),
        ({"setting": "asymptotic", "classifier_sees": "Z"}, {"minimise": "C"}),
        ({"classifier_sees": "Y"}, {"C": 0.4}),
        ({"perception": "TV"}, {"C": 0.4, "P": 0.1}),
    ],
)
def test_settings_without_a_solver_say_so(fields, question):
    with pytest.raises(NotAvailableError, match="uncertainty must be 'entropy'"):
        THREE.changed(**fields).solve(**question)
    if "P" not in question:
        assert THREE.changed(**fields).solve(R=0.5).certificate.verify()


def test_words_that_mean_nothing_are_refused():
    with pytest.raises(ProblemError, match="uncertainty must be 'entropy' or 'error' or 'gini', got 'variance'"):
        Finite([[0.5, 0.5]], uncertainty="variance")
    with pytest.raises(ProblemError, match="uncertainty must be 'entropy' with several labels, got 'gini'"):
        Finite(labels=[[[0.5, 0.5]], [[0.5, 0], [0, 0.5]]], uncertainty="gini")
    with pytest.raises(ProblemError, match="method must be 'enumeration' for the uncertainty 'error'"):
        THREE.solve(C=0.4, method="cvxpy")


def certificate(**question):
    return json.loads(json.dumps(BOUND.solve(**question).certificate.to_dict()))


def test_another_uncertainty_is_another_claim():
    made = certificate(R=0.9, C=0.33)
    assert check_certificate(made)
    for kind in ("gini", "entropy"):
        verdict = check_certificate(made | {"problem": made["problem"] | {"uncertainty": kind}})
        assert not (verdict.lower_holds and verdict.upper_holds)


def test_only_subsets_price_it():
    made = certificate(R=0.9, C=0.33)
    assert "C" in made["dual"]["multipliers"]
    pricing = {"kind": "tree", "tree": [{"slopes": [[0, 0]] * 3}]}
    verdict = check_certificate(made | {"dual": made["dual"] | {"pricing": pricing}})
    assert not verdict.lower_holds
    assert "only subsets price other uncertainties than the entropy" in str(verdict)


def test_an_entropy_is_not_proved_about_an_error():
    """The rate bounds what an entropy falls by, and says nothing like it about an error."""
    made = certificate(R=0.1, C=0.44)
    forged = made | {"dual": {"kind": "data processing"}, "minimise": "R", "bounds": {"C": "0.31"}, "lower": 0.01}
    assert not check_certificate(forged | {"primal": None, "upper": "inf"}).lower_holds
