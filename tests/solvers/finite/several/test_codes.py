"""Plans for classifiers of Y alone, of several labels: bounds that a drawn code meets are met, at no more than it costs."""

import math

import numpy as np
import pytest

from drc import Finite
from drc.information import conditional_entropy, entropy, mutual_information
from drc.solvers.finite.door import read
from drc.solvers.finite.several import codes
from drc.solvers.finite.several.codes import best_plan


def drawn(seed, setting, n_X=3, n_Y=3, unit=1.0, **fields):
    """Draw a problem with two labels and two costs, and a code: what it reaches is the bounds, but for a thousandth."""
    rng = np.random.default_rng(seed)
    p_X, costs = rng.dirichlet(np.ones(n_X)), rng.random((2, n_X, n_Y)) * np.array([unit, 1])[:, None, None]
    labels = [rng.dirichlet(np.full(n_S, 0.3), size=n_X).T * p_X for n_S in (2, 3)]
    maps = rng.integers(n_Y, size=(3, n_X))
    weights = rng.dirichlet(np.ones(3))
    channel = np.tensordot(weights, np.eye(n_Y)[maps], 1)
    joint = p_X[:, None] * channel
    rate = sum(w * entropy(p_X @ np.eye(n_Y)[f], "bits") for w, f in zip(weights, maps, strict=True))
    fixed = {"p_Y": joint.sum(axis=0)} if seed % 2 else {}
    f = Finite(labels=labels, costs=costs, setting=setting, classifier_sees="Y", **fixed, **fields)
    reached = measured(f, joint) | ({"R": rate} if setting == "one-shot" else {})
    return f, reached, {name: 1e-3 + (1 + 1e-3) * value for name, value in reached.items()}


def measured(f, joint):
    found = {"R": mutual_information(joint, "bits")}
    for k, each in enumerate(f.each_cost):
        found["D2" if k else "D"] = float((joint * each.distortions).sum())
    for k, each in enumerate(f.each_label):
        law = each.joint_law / f.source_law @ joint
        found["C2" if k else "C"] = float(conditional_entropy(law, "bits"))
    return found


def reached_by(f, primal):
    """What a plan reaches, as a certificate has it; what is missing of a target law goes to constant maps."""
    if primal["kind"] == "coupling":
        return measured(f, np.array([[float(v) for v in row] for row in primal["joint"]]))
    maps = [(float(w), np.eye(f.n_Y)[list(g)]) for w, g in primal["weights"]]
    mass = sum(w for w, _ in maps)
    joint = f.source_law[:, None] * sum(w * one for w, one in maps)
    rate = sum(w * entropy(f.source_law @ one, "bits") for w, one in maps)
    if f.p_Y is None:
        return measured(f, joint / mass) | {"R": rate / mass}
    return measured(f, joint + f.source_law[:, None] * (f.target_law - joint.sum(axis=0))) | {"R": rate}


@pytest.mark.parametrize("minimise", ["D", "R", "C"])
@pytest.mark.parametrize("setting", ["one-shot", "asymptotic"])
@pytest.mark.parametrize("seed", range(4))
def test_a_drawn_code_is_not_beaten(seed, setting, minimise):
    f, code, bounds = drawn(seed, setting)
    bounds.pop(minimise)
    primal = best_plan(read(f, minimise=minimise, **bounds), 0.0, [])
    assert primal is not None
    reached = reached_by(f, primal)
    assert all(reached[name] <= bound + 1e-9 for name, bound in bounds.items())
    assert reached[minimise] <= code[minimise] + 1e-6


def test_costs_may_have_any_unit():
    (f, _, bounds), (g, _, _) = drawn(4, "one-shot"), drawn(4, "one-shot", unit=1e-9)
    bounds.pop("D")
    at_one, small = (best_plan(read(problem, **bounds), 0.0, []) for problem in (f, g))
    assert reached_by(g, small)["D"] == pytest.approx(1e-9 * reached_by(f, at_one)["D"], rel=1e-6)


def test_a_plan_near_by_is_a_start():
    f, code, bounds = drawn(1, "asymptotic", n_X=5, n_Y=4)
    bounds.pop("R")
    joint = f.source_law[:, None] * f.target_law
    primal = best_plan(read(f, minimise="R", **bounds), code["R"] - 1e-3, [joint])
    assert reached_by(f, primal)["R"] <= code["R"] + 1e-6


def test_many_maps_are_generated(monkeypatch):
    f, code, bounds = drawn(2, "one-shot", n_X=8, n_Y=3)
    bounds.pop("D")
    monkeypatch.setattr(codes, "_MOST_MAPS", 10)
    reached = reached_by(f, best_plan(read(f, **bounds), 0.0, []))
    assert all(reached[name] <= bound + 1e-9 for name, bound in bounds.items())
    assert reached["D"] <= code["D"] + 0.02


def test_what_no_code_meets_has_no_plan():
    f, _, bounds = drawn(0, "one-shot")
    bounds |= {"C": 1e-4, "R": math.log2(3)}
    bounds.pop("D")
    assert best_plan(read(f, **bounds), 0.0, []) is None
