"""Multipliers are the slopes of the certified optimum, for every solver and whatever is minimised."""

import math
from fractions import Fraction

import pytest

import drc

F = Fraction
LARGE = (
    [[0.1, 0.25, 0.05, 0.2], [0.15, 0.05, 0.1, 0.1]],
    [[F(c, 100) for c in row] for row in ((3, 60, 92), (71, 5, 33), (48, 80, 2), (15, 40, 77))],
)
SMALL = ([[0.25, 0.1, 0.2], [0.05, 0.15, 0.25]], [[F(c, 100) for c in row] for row in ((3, 60), (71, 5), (40, 52))])
LAWS = {"fixed": lambda n: {"p_Y": [[0.55, 0.45], [0.3, 0.5, 0.2]][n - 2]}, "free": lambda n: {}}


def perceived(measure):
    def fields(n):
        ground = {"ground": [[abs(i - j) for j in range(n)] for i in range(n)]} if measure == "W2" else {}
        return {"perception": measure, "reference": [[0.55, 0.45], [0.3, 0.5, 0.2]][n - 2], **ground}

    return fields


LAWS |= {measure: perceived(measure) for measure in ("TV", "KL", "W2")}


def check(solve, question, binding):
    """Compare each multiplier with a difference quotient of the optimum; `binding` names those that are not zero."""
    s = solve(question)
    assert s.status == "optimal"
    bounds = [name for name in "RDPC" if name in question]
    assert set(bounds) <= set(s.duals)
    for name in bounds:
        h = F(1, 5000) * (question[name] if name in "DP" else 1)
        low, high = (solve(question | {name: question[name] + side * h}) for side in (-1, 1))
        fall = (low.value - high.value) / float(2 * h)
        assert s.duals[name] >= 0
        assert s.duals[name] == pytest.approx(fall, rel=2e-3, abs=1e-6 + (low.gap + high.gap) / float(h))
    assert {name for name in bounds if s.duals[name] > 1e-6} == set(binding)
    assert all(f"/d{name} {float(s.duals[name]):.6g}" in repr(s) for name in bounds)


YU, Y, SHARED = ("one-shot", "YU", False), ("one-shot", "Y", False), ("one-shot", "Y", True)
LONG, MESSAGE, LONG_SHARED = ("asymptotic", "Y", False), ("asymptotic", "Z", False), ("asymptotic", "Y", True)


@pytest.mark.parametrize(
    ("size", "kind", "law", "question", "binding"),
    [
        (LARGE, YU, "fixed", {"R": F(6, 10), "C": F(95, 100)}, "RC"),
        (LARGE, YU, "TV", {"minimise": "R", "D": F(32, 100), "C": F(93, 100), "P": F(3, 100)}, "DCP"),
        (LARGE, YU, "KL", {"R": F(4, 10), "P": F(3, 100)}, "RP"),
        (LARGE, YU, "W2", {"R": F(6, 10), "C": F(95, 100), "P": F(3, 100)}, "RCP"),
        (LARGE, YU, "fixed", {"minimise": "C", "R": F(5, 10), "D": F(36, 100)}, "R"),
        (LARGE, Y, "fixed", {"R": F(6, 10), "C": F(95, 100)}, "RC"),
        (SMALL, Y, "TV", {"minimise": "C", "R": F(5, 10), "D": F(30, 100), "P": F(1, 50)}, "RDP"),
        (SMALL, Y, "W2", {"minimise": "R", "D": F(30, 100), "C": F(97, 100), "P": F(1, 50)}, "DCP"),
        (SMALL, SHARED, "fixed", {"R": F(5, 10), "C": F(975, 1000)}, "RC"),
        (SMALL, SHARED, "TV", {"minimise": "R", "D": F(3, 10), "C": F(97, 100), "P": F(1, 50)}, "DCP"),
        (SMALL, SHARED, "free", {"minimise": "C", "R": F(4, 10), "D": F(30, 100)}, "RD"),
        (LARGE, LONG, "free", {"R": F(4, 10)}, "R"),
        (LARGE, LONG, "KL", {"minimise": "R", "D": F(32, 100), "P": F(3, 100)}, "DP"),
        (SMALL, LONG, "fixed", {"R": F(4, 10), "C": F(96, 100)}, "RC"),
        (SMALL, LONG, "free", {"minimise": "R", "D": F(30, 100), "C": F(96, 100)}, "DC"),
        (SMALL, LONG, "W2", {"minimise": "C", "R": F(3, 10), "D": F(30, 100), "P": F(1, 50)}, "RP"),
        (SMALL, MESSAGE, "fixed", {"R": F(4, 10), "C": F(96, 100)}, "RC"),
        (SMALL, MESSAGE, "free", {"minimise": "R", "D": F(30, 100), "C": F(96, 100)}, "DC"),
        (SMALL, MESSAGE, "free", {"minimise": "C", "R": F(3, 10), "D": F(30, 100)}, "RD"),
        (SMALL, LONG_SHARED, "fixed", {"R": F(4, 10), "C": F(96, 100)}, "RC"),
    ],
)
def test_finite(size, kind, law, question, binding):
    setting, sees, shared = kind
    f = drc.Finite(*size, setting=setting, classifier_sees=sees, time_sharing=shared, **LAWS[law](len(size[1][0])))
    check(lambda asked: f.solve(**asked), question, binding)


BIT, LONG_BIT = drc.Bernoulli(F(3, 10), F(4, 10), F(1, 10)), drc.Bernoulli(F(3, 10), F(4, 10), F(1, 10), "asymptotic")
BITS = {
    "one-shot YU": BIT,
    "one-shot Y": drc.Bernoulli(F(3, 10), F(4, 10), F(1, 10), classifier_sees="Y"),
    "asymptotic": LONG_BIT,
    "one-shot, shared": drc.Bernoulli(F(3, 10), F(8, 10), F(1, 10), classifier_sees="Y", time_sharing=True),
    "asymptotic, shared": drc.Bernoulli(F(3, 10), F(8, 10), F(1, 10), "asymptotic", time_sharing=True),
}


@pytest.mark.parametrize(
    ("name", "question", "binding"),
    [
        ("one-shot YU", {"R": F(4, 10), "C": F(8, 10)}, "R"),
        ("one-shot YU", {"minimise": "R", "D": F(3, 10), "C": F(7, 10)}, "C"),
        ("one-shot Y", {"R": F(4, 10), "C": F(9, 10)}, "R"),
        ("one-shot Y", {"minimise": "R", "D": F(35, 100), "C": F(7, 10)}, "C"),
        ("asymptotic", {"R": F(4, 10), "C": F(9, 10)}, "R"),
        ("asymptotic", {"minimise": "R", "D": F(2, 10)}, "D"),
        ("one-shot, shared", {"minimise": "R", "D": F(75, 100), "C": F(78, 100)}, "DC"),
        ("asymptotic, shared", {"R": F(3, 10), "C": F(75, 100)}, "RC"),
        ("asymptotic, shared", {"minimise": "R", "D": F(75, 100), "C": F(75, 100)}, "DC"),
    ],
)
@pytest.mark.parametrize("unit", ["bits", "nats"])
def test_bits(name, question, binding, unit):
    if unit == "nats":
        # Round enough to mean about the same.
        question = {
            k: v if k in ("minimise", "D") else F(round(float(v) * math.log(2), 4)) for k, v in question.items()
        }
    check(lambda asked: BITS[name].solve(**asked, unit=unit), question, binding)


@pytest.mark.parametrize("setting", ["one-shot", "asymptotic"])
@pytest.mark.parametrize("measure", ["TV", "KL", "W2"])
@pytest.mark.parametrize(
    ("question", "binding"),
    [
        ({"R": F(4, 10), "C": F(8, 10)}, "RP"),
        ({"minimise": "R", "D": F(2, 10)}, "DP"),
        ({"minimise": "R", "D": F(4, 10), "C": F(72, 100)}, "C"),
    ],
)
def test_bits_with_perception(setting, measure, question, binding):
    b = drc.Bernoulli(F(3, 10), None, F(1, 10), setting)
    # In long blocks a law nearer to that of the source needs less rate for the label.
    binding += "P" if setting == "asymptotic" and "P" not in binding else ""
    question = question | {"P": F(2, 100)}
    check(lambda asked: b.solve(**asked, perception=measure, reference=0.5), question, binding)


NORMAL = (0, 1, F(1, 2), F(3, 2), 0, F(4, 5), F(3, 5))
FREE = drc.Gaussian(mu_X=0, sigma_X=1, mu_S=0, sigma_S=F(4, 5), theta=F(3, 5))
NORMALS = {
    "scalar": drc.Gaussian(*NORMAL),
    "limited": drc.Gaussian(*NORMAL, R_c=1),
    "vector": drc.VectorGaussian([1, 2], [1, 1], [1, 1], [F(9, 10), F(1, 2)]),
}


@pytest.mark.parametrize(
    ("name", "question", "binding"),
    [
        ("scalar", {"R": F(1), "C": F(17, 10)}, "R"),
        ("scalar", {"minimise": "R", "D": F(2)}, "D"),
        ("scalar", {"minimise": "R", "D": F(2), "C": F(3, 2)}, "C"),
        ("limited", {"R": F(1)}, "R"),
        ("vector", {"R": F(1), "C": F(36, 10)}, "RC"),
        ("vector", {"minimise": "R", "D": F(4), "C": F(36, 10)}, "DC"),
    ],
)
def test_gaussians(name, question, binding):
    check(lambda asked: NORMALS[name].solve(**asked), question, binding)


@pytest.mark.parametrize("measure", ["W2", "KL"])
@pytest.mark.parametrize(
    ("question", "binding"),
    [
        ({"R": F(1)}, "RP"),
        ({"minimise": "R", "D": F(1, 2), "C": F(17, 10)}, "DP"),
        ({"minimise": "R", "C": F(3, 2)}, "C"),
    ],
)
def test_gaussians_with_perception(measure, question, binding):
    solve = lambda asked: FREE.solve(**asked, perception=measure, reference=(F(1, 5), F(6, 5)))  # noqa: E731
    check(solve, question | {"P": F(1, 50)}, binding)


def test_where_the_optimum_falls_vertically_the_multiplier_is_infinite():
    assert NORMALS["limited"].solve(R=0).duals == {"R": math.inf}
    assert LONG_BIT.solve(R=0).duals == {"R": math.inf}


def test_what_cannot_matter_has_no_price():
    s = drc.Finite(*SMALL).solve(R=5, C=1.5)
    assert s.duals["R"] == s.duals["C"] == 0
    assert "multipliers  -dD/dR 0  -dD/dC 0" in repr(s)
    for kind in (YU, Y, LONG, MESSAGE):
        f = drc.Finite(*SMALL, setting=kind[0], classifier_sees=kind[1])
        assert f.solve(minimise="R", D=0.6, C=1).duals == {"D": 0, "C": 0}


def test_costs_in_another_unit_have_multipliers_in_it():
    units = [F(1), F(1, 10**6)]
    for question in ({"R": F(4, 10), "C": F(96, 100)}, {"minimise": "R", "D": F(3, 10), "C": F(96, 100)}):
        found = []
        for unit in units:
            f = drc.Finite(SMALL[0], [[(c + 2) * unit for c in row] for row in SMALL[1]], setting="asymptotic")
            found.append(f.solve(**question | ({"D": (question["D"] + 2) * unit} if "D" in question else {})).duals)
        assert found[1]["C"] == pytest.approx(found[0]["C"] * (1e-6 if "R" in question else 1), rel=1e-5)
        name, factor = ("R", 1e-6) if "R" in question else ("D", 1e6)
        assert found[1][name] == pytest.approx(found[0][name] * factor, rel=1e-5)
