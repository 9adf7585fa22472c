"""No multipliers whatsoever prove a bound above what a plan reaches: the plan is measured here, in floats, anew."""

from __future__ import annotations

import itertools
import math
from unittest.mock import patch

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from drc.checker import check_certificate
from drc.checker.subsets import merged, subset_price

SEEDS = st.integers(0, 10**6)
SLACK = 1e-9


def entropy(p):
    p = np.asarray(p, float).ravel()
    return -sum(v * math.log2(v) for v in p if v > 0)


def rational(law):
    """Round a law to 24ths of its mass, so that it is exact in strings and in floats alike."""
    counts = np.round(np.asarray(law) * 48).astype(int)
    counts.flat[counts.argmax()] += 48 - counts.sum()
    return counts


def strings(counts, total=48):
    return [strings(row, total) for row in counts] if np.ndim(counts) > 1 else [f"{c}/{total}" for c in counts]


def random_problem(rng, setting, sees, *, measures=(None, "TV", "W2", "KL")):
    n_S, n_X, n_Y = rng.integers(1, 3), rng.integers(1, 5), rng.integers(1, 4)
    joint = rational(rng.dirichlet(np.full(n_S * n_X, 0.7)).reshape(n_S, n_X))
    distortion = rng.integers(0, 4, (n_X, n_Y)).astype(float)
    measure = measures[rng.integers(len(measures))]
    perception = None
    if measure:
        reference = rational(rng.dirichlet(np.ones(n_Y)))
        ground = rng.integers(0, 3, (n_Y, n_Y)).tolist() if measure == "W2" else None
        perception = {"measure": measure, "reference": strings(reference), "ground": ground}
    fields = {"p_SX": strings(joint), "distortion": distortion.tolist(), "p_Y": None, "setting": setting}
    return fields | {"classifier_sees": sees, "time_sharing": False, "perception": perception}, joint / 48, distortion


def phi(perception, law):
    """The perception measure of a law; for W2 the cost of the product plan, which is no less."""
    reference = np.array([eval_ratio(r) for r in perception["reference"]])
    if perception["measure"] == "TV":
        return abs(law - reference).sum() / 2
    if perception["measure"] == "W2":
        return float(law @ np.array(perception["ground"]) @ reference)
    if (reference[law > 0] == 0).any():
        return math.inf
    return sum(q * math.log2(q / r) for q, r in zip(law, reference, strict=True) if q > 0)


def eval_ratio(text):
    above, below = text.split("/")
    return int(above) / int(below)


def with_bounds(rng, problem, reached, law):
    """Bounds that the plan just meets, a target law or a perception bound, and multipliers for them."""
    bounds = {name: value + SLACK for name, value in reached.items() if name != "D" and rng.random() < 0.7}
    if problem["perception"]:
        bounds["P"] = phi(problem["perception"], law) + SLACK
        if not math.isfinite(bounds["P"]):
            problem["perception"] = None
            del bounds["P"]
    elif rng.random() < 0.6:
        problem["p_Y"] = [repr(float(q)) for q in law]
        largest = int(law.argmax())
        others = [q for y, q in enumerate(problem["p_Y"]) if y != largest]
        problem["p_Y"][largest] = f"1 - ({' + '.join(others) or '0'})"
    multipliers = {name: float(rng.exponential(0.5)) for name in bounds}
    return bounds, multipliers


def refuted(problem, bounds, dual, value):
    """Whether the checker refuses to prove that the optimum is above what a plan reaches."""
    claim = {"format": "drc certificate 1", "problem": problem, "minimise": "D", "unit": "bits", "bounds": bounds}
    verdict = check_certificate(claim | {"lower": value + 1e-6, "upper": "inf", "dual": dual})
    return not verdict.lower_holds


def random_tree(rng, depth, p_S, outputs, leaf):
    """A random tree of splits, as a list of nodes."""
    nodes = []

    def grow(level):
        here = len(nodes)
        nodes.append(None)
        if level == 0 or rng.random() < 0.2:
            nodes[here] = leaf()
            return here
        y, s = int(rng.integers(outputs)), int(rng.integers(len(p_S)))
        node = {"split": [y, s, float(rng.random() * p_S[s])]}
        node["below"] = grow(level - 1)
        node["above"] = grow(level - 1)
        nodes[here] = node
        return here

    grow(depth)
    return nodes


# Long blocks ----------------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(SEEDS)
def test_channels(seed):
    rng = np.random.default_rng(seed)
    problem, p, d = random_problem(rng, "asymptotic", "Y")
    n_Y, p_X, p_S = d.shape[1], p.sum(0), p.sum(1)
    channel = rng.dirichlet(np.full(n_Y, rng.choice([0.3, 1.0, 10.0])), size=d.shape[0])
    joint = p_X[:, None] * channel
    law, cells = joint.sum(0), p @ channel
    reached = {
        "R": entropy(p_X) + entropy(law) - entropy(joint),
        "C": entropy(cells) - entropy(law),
        "D": (joint * d).sum(),
    }
    bounds, multipliers = with_bounds(rng, problem, reached, law)
    if rng.random() < 0.2:
        multipliers.pop("R", None)

    def leaf():
        scale = multipliers.get("R", 0) / math.log(2)
        start = rng.dirichlet(np.ones(n_Y))
        u = -scale * np.log(np.exp(-d / scale) @ start) if scale > 0.1 else d.min(axis=1)
        leaf = {"objective": 1, "multipliers": multipliers, "u": u.tolist(), "v": [float(rng.choice([0.0, 5.0]))] * n_Y}
        return leaf | {"slopes": rng.normal(0, 1, (n_Y, len(p_S))).tolist()}

    dual = {"kind": "channels", "tree": random_tree(rng, 3, p_S, n_Y, leaf)}
    assert refuted(problem, bounds, dual, reached["D"])


# One shot -------------------------------------------------------------------------------------------------


def random_plan(rng, problem, p, d, sees):
    """A few weighted maps: what they reach, and their mean law. Some pairs that they do not use are forbidden."""
    (n_S, n_X), n_Y = p.shape, d.shape[1]
    maps = rng.integers(0, n_Y, (rng.integers(1, 4), n_X))
    for x, y in itertools.product(range(n_X), range(n_Y)):
        if y not in maps[:, x] and rng.random() < 0.2:
            problem["distortion"][x][y] = "inf"
    weights = rng.dirichlet(np.ones(len(maps)))
    cells = np.zeros((len(maps), n_S, n_Y))
    for f, cell in zip(maps, cells, strict=True):
        for x in range(n_X):
            cell[:, f[x]] += p[:, x]
    mean = np.tensordot(weights, cells, 1)
    told = [entropy(cell) - entropy(cell.sum(0)) for cell in cells]
    reached = {"R": weights @ [entropy(cell.sum(0)) for cell in cells]}
    reached["C"] = weights @ told if sees == "YU" else entropy(mean) - entropy(mean.sum(0))
    reached["D"] = weights @ [sum(p[:, x].sum() * d[x, f[x]] for x in range(n_X)) for f in maps]
    return {name: float(value) for name, value in reached.items()}, mean.sum(0)


def random_pricing(rng, p, n_Y):
    n_S, n_X = p.shape

    def slopes(rows):
        return rng.normal(0, 1, (rows, n_S)).tolist()

    kind = ("subsets", "tree", "letters", "sets")[rng.integers(4)]
    if kind == "subsets":
        return {"kind": kind}
    if kind == "tree":
        nodes = random_tree(rng, 3, p.sum(1), n_Y, lambda: {"slopes": slopes(n_Y)})
        if rng.random() < 0.5:
            pair = [int(rng.integers(n_X)), int(rng.integers(n_Y))]
            for node in nodes:
                node.update({key: node[key] + 1 for key in ("below", "above") if key in node})
            nodes.insert(0, {"exclude": [pair] if p[:, pair[0]].sum() > 0 else [], "slopes": slopes(n_Y), "then": 1})
        return {"kind": kind, "tree": nodes}
    if kind == "sets":

        def leaf():
            return {"vector": rng.normal(0, 1, n_S + 1).tolist()}

        trees = [random_tree(rng, 2, p.sum(1), 1, leaf) for _ in range(n_Y)]
        for node in itertools.chain(*trees):
            if "split" in node:
                node["split"] = node["split"][1:]
        return {"kind": kind, "u": rng.normal(0, 1, n_X).tolist(), "trees": trees}
    trees = [random_tree(rng, 2, p.sum(1), 1, lambda: {"slopes": slopes(1)}) for _ in range(n_Y)]
    for y, nodes in enumerate(trees):
        for node in nodes:
            if "split" in node:
                node["split"][0] = y
    return {"kind": kind, "u": rng.normal(0, 1, n_X).tolist(), "trees": trees}


@settings(max_examples=150)
@given(SEEDS)
def test_maps(seed):
    rng = np.random.default_rng(seed)
    problem, p, d = random_problem(rng, "one-shot", "YU")
    reached, law = random_plan(rng, problem, p, d, "YU")
    bounds, multipliers = with_bounds(rng, problem, reached, law)
    dual = {"kind": "maps", "multipliers": multipliers, "nu": rng.normal(0, 0.5, d.shape[1]).tolist()}
    dual["pricing"] = random_pricing(rng, p, d.shape[1])
    assert refuted(problem, bounds, dual, reached["D"])


@settings(max_examples=100)
@given(SEEDS)
def test_plans(seed):
    rng = np.random.default_rng(seed)
    problem, p, d = random_problem(rng, "one-shot", "Y")
    n_S, n_Y = len(p), d.shape[1]
    reached, law = random_plan(rng, problem, p, d, "Y")
    bounds, multipliers = with_bounds(rng, problem, reached, law)

    def leaf():
        leaf = {"multipliers": multipliers, "nu": rng.normal(0, 0.5, n_Y).tolist()}
        return leaf | {"slopes": rng.normal(0, 1, (n_Y, n_S)).tolist()}

    dual = {"kind": "plans", "tree": random_tree(rng, 3, p.sum(1), n_Y, leaf)}
    assert refuted(problem, bounds, dual, reached["D"])
    own = {"kind": "maps", "multipliers": multipliers, "nu": leaf()["nu"], "pricing": {"kind": "subsets"}}
    assert refuted(problem, bounds, {"kind": "relaxation", "of": "one-shot YU", "dual": own}, reached["D"])


# Subsets --------------------------------------------------------------------------------------------------


def exact(value):
    return fmpq(*float(value).as_integer_ratio())


def enumerated(p, costs, rate, label):
    n_Y = costs.shape[1]
    found = math.inf
    for f in itertools.product(range(n_Y), repeat=p.shape[1]):
        cells = np.array([[p[s, np.array(f) == y].sum() for y in range(n_Y)] for s in range(len(p))])
        told = entropy(cells) - entropy(cells.sum(0))
        cost = sum(costs[x, y] * p[:, x].sum() for x, y in enumerate(f))
        found = min(found, cost + rate * entropy(cells.sum(0)) + label * told)
    return found


@pytest.mark.parametrize("n_Y", [1, 2, 3, 4])
@settings(max_examples=25)
@given(SEEDS)
def test_subsets_find_the_least_price_of_all_maps(n_Y, seed):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(10)).reshape(2, 5)
    p[:, 3] = p[:, 2] * rng.choice([1, 2])
    p /= p.sum()
    costs = rng.normal(0, 0.3, (5, n_Y))
    costs[3] = costs[2]
    costs[rng.integers(5), rng.integers(n_Y)] = math.inf
    rate, label = rng.exponential(0.3, 2) * (1, rng.integers(2))
    units = [[math.inf if c == math.inf else exact(c) for c in row] for row in costs]
    letters = merged([[exact(v) for v in row] for row in p.T], units)
    best = enumerated(p, costs, rate, label)
    assert_close(subset_price(letters, exact(rate), exact(label), bits=True), best)
    with patch("drc.checker.subsets._FEW_SUMS", 0):
        assert_close(subset_price(letters, exact(rate), exact(label), bits=True), best)


def assert_close(price, best):
    assert price == best == math.inf or best - 1e-12 < float(price) <= best + 1e-14
