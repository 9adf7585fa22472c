"""A remote bit: against its joint law with X and Y, against the direct theorems, and in its limits."""

import math

import numpy as np
import pytest
import sympy as sp

import drc
from drc.theory import entry

NOISY = {"q_X": 0.3, "q_Y": 0.4, "q_S1": 0.1, "remote": (0.05, 0.2)}
SETTINGS = [("one-shot", "YU", False), ("one-shot", "Y", False), ("asymptotic", "Y", False), ("one-shot", "Y", True)]
IDS = [e.id for e in drc.catalogue() if e.id.startswith("bernoulli") and ".remote" in e.id]


def test_every_bernoulli_theorem_has_a_remote_one():
    direct = [e.id for e in drc.catalogue() if e.id.startswith("bernoulli") and ".remote" not in e.id]
    assert sorted(name.replace(".remote", "") for name in IDS) == sorted(direct)


@pytest.mark.parametrize("name", IDS)
def test_the_solver_agrees(name):
    report = entry(name).tradeoff().check(samples=30, seed=3)
    assert report.ok, report
    assert report.unknown <= 2
    assert report.widest_enclosure <= 1e-9


def entropy(*masses):
    return -sum(p * math.log2(p) for p in masses if p > 0)


@pytest.mark.parametrize("R", [0.0, 0.2, 0.5, math.inf])
@pytest.mark.parametrize("C", [0.9, 0.8, math.inf])
def test_no_joint_law_does_better(R, C):
    """Minimise over the joint laws of T, S - X - Y, asymptotically: `P(T != Y)` is summed over all eight triples."""
    q, r, e, (zero, one) = NOISY["q_X"], NOISY["q_Y"], NOISY["q_S1"], NOISY["remote"]
    best = math.inf
    for both in np.linspace(max(0, q + r - 1), min(q, r), 4001):
        p = {(1, 1): both, (1, 0): q - both, (0, 1): r - both, (0, 0): 1 - q - r + both}
        p_SY = [sum(p[x, y] * (1 - e if x == s else e) for x in (0, 1)) for s in (0, 1) for y in (0, 1)]
        if entropy(q, 1 - q) + entropy(r, 1 - r) - entropy(*p.values()) > R + 1e-12:
            continue
        if entropy(*p_SY) - entropy(r, 1 - r) > C:
            continue
        of_T = {(0, 1): zero, (0, 0): 1 - zero, (1, 0): one, (1, 1): 1 - one}
        best = min(best, sum(p[x, y] * of_T[x, t] for x, y in p for t in (0, 1) if t != y))
    value = drc.Bernoulli(**NOISY, setting="asymptotic").drc()(R=R, C=C)
    assert value == pytest.approx(best, abs=3e-4)


@pytest.mark.parametrize(("setting", "sees", "sharing"), SETTINGS)
def test_one_trade_off_inverts_the_other(setting, sees, sharing):
    b = drc.Bernoulli(**NOISY, setting=setting, classifier_sees=sees, time_sharing=sharing)
    for R in (0.1, 0.3, 0.5):
        assert b.rdc()(D=b.drc()(R=R)) == pytest.approx(R, abs=1e-9)


@pytest.mark.parametrize(("setting", "sees", "sharing"), SETTINGS)
@pytest.mark.parametrize("bounds", [{"R": 0.3, "C": 0.9}, {"D": 0.35, "C": 0.9, "minimise": "R"}])
def test_the_solvers_know_the_costs(setting, sees, sharing, bounds):
    b = drc.Bernoulli(**NOISY, setting=setting, classifier_sees=sees, time_sharing=sharing)
    found = b.solve(**bounds)
    name = "rdc" if "minimise" in bounds else "drc"
    assert found.status == "optimal"
    assert found.certificate.verify()
    assert getattr(b, name)()(**{n: v for n, v in bounds.items() if n != "minimise"}) == pytest.approx(
        found.value, abs=1e-9
    )


@pytest.mark.parametrize("setting", ["one-shot", "asymptotic"])
@pytest.mark.parametrize("perception", ["TV", "KL"])
def test_perception_is_of_the_remote_law(setting, perception):
    b = drc.Bernoulli(q_X=0.3, q_S1=0.1, setting=setting, remote=0.1)
    assert b.perceived(perception).q_ref == drc.Bernoulli(0.34).q_X
    assert b.changed(remote=(0.05, 0.2)).perceived(perception).q_ref == drc.Bernoulli(0.275).q_X
    value = b.drpc(perception=perception)(R=0.4, P=0.02)
    assert value == pytest.approx(b.solve(R=0.4, P=0.02, perception=perception).value, abs=1e-8)
    direct = drc.Bernoulli(q_X=0.3, q_S1=0.1, setting=setting).drpc(perception=perception, reference=0.34)
    assert value == pytest.approx(0.1 + 0.8 * direct(R=0.4, P=0.02), abs=1e-12)


def test_prices_are_those_of_the_distortion_to_the_remote_bit():
    b = drc.Bernoulli(q_X=0.3, q_S1=0.1, setting="asymptotic")
    question = {"R": 0.4, "P": 0.02, "perception": "TV", "reference": 0.34}
    seen, remote = b.solve(**question).duals, b.changed(remote=0.1).solve(**question).duals
    assert remote == pytest.approx({name: 0.8 * price for name, price in seen.items()}, rel=1e-6)


@pytest.mark.parametrize("name", [name for name in IDS if ".rd" in name and not name.endswith("W2")])
def test_one_regime_holds_at_each_distortion(name):
    T = entry(name).tradeoff(q_X=0.3, q_S1=0.1)
    # A distortion of zero to the source is feasible here, one below that of the remote bit is not.
    free = {"q_Y": 0.3, "q_ref": 0.3, "q_T": 0.1, "q_T0": 0.1, "q_T1": 0.2}
    T = T.given(**{s.name: free[s.name] for s in T.parameters})
    at = {symbol: {"C": 2, "P": 0.02}.get(symbol.name) for symbol in T.arguments if symbol.name != "D"}
    D = next(symbol for symbol in T.arguments if symbol.name == "D")
    for distortion in (0, 0.05, 0.2, 0.3, 0.9):
        point = {**at, D: sp.Rational(str(distortion))}
        assert [bool(r.condition.subs(point)) for r in T.regimes].count(True) == 1


def test_with_perception_unequal_errors_have_numbers_only():
    b = drc.Bernoulli(**NOISY)
    with pytest.raises(drc.NotAvailableError, match=r"one number for both letters, got remote = \(0.05, 0.2\)"):
        b.drpc()
    assert b.solve(R=0.4, P=0.1, perception="TV").status == "optimal"


# Dobrushin and Tsybakov 1962 [dobrushin1962]: without a law for Y, R(D) is Shannon's at (D - q_T)/(1 - 2 q_T).
@pytest.mark.parametrize("D", [0.1, 0.12, 0.2, 0.34])
def test_without_perception_the_classical_value(D):
    T = drc.Bernoulli(q_X=0.3, q_S1=0.1, setting="asymptotic", remote=0.1).rdpc()
    seen = (D - 0.1) / 0.8
    assert T(D=D, P=1) == pytest.approx(entropy(0.3, 0.7) - entropy(seen, 1 - seen), abs=1e-12)
    assert T(D=0.0999, P=1) == math.inf


def test_a_source_that_is_seen_is_the_direct_theorem():
    bounds = {"R": np.linspace(0, 1, 9)[:, None], "C": [0.5, 0.7, 0.9, math.inf]}
    assert np.array_equal(
        drc.Bernoulli(0.3, 0.4, 0.1, remote=0).drc()(**bounds), drc.Bernoulli(0.3, 0.4, 0.1).drc()(**bounds)
    )


@pytest.mark.parametrize(
    ("remote", "message"),
    [
        ((0.5, 0.5), "two probabilities whose sum is below 1 .*, got 0.5, 0.5"),
        (0.5, "two probabilities whose sum is below 1 .*, got 0.5, 0.5"),
        ((0.1, 0.1, 0.1), r"remote must be \(q_T0, q_T1\), or one number for both"),
        (-0.1, r"q_T0 must be in \[0, 1\], got -0.1"),
        ((0, math.nan), "q_T1"),
    ],
)
def test_bad_remote_sources(remote, message):
    with pytest.raises(drc.ProblemError, match=message):
        drc.Bernoulli(remote=remote)


def test_symbols_and_arrays():
    T = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1, remote=(None, "a")).drc()
    assert {str(symbol) for symbol in T.parameters} == {"q_T0", "a"}
    free = entry("bernoulli.one-shot.YU.remote.drpc.TV").tradeoff(q_X=0.3, q_S1=0.1, q_ref=0.3)
    assert free(R=math.inf, P=0, q_T=[0, 0.1]) == pytest.approx([0, 0.1])
    for wrong in ({"q_T0": [0.1, 0.6], "a": 0.4}, {"q_T0": 0.1, "a": -0.1}):
        with pytest.raises(drc.ProblemError, match="remote must be|q_T1 must be"):
            T(R=1, **wrong)
    with pytest.raises(drc.ProblemError, match="remote must be"):
        free(R=1, P=0, q_T=0.5)


def test_files(tmp_path):
    for problem in (
        drc.Bernoulli(**NOISY),
        drc.Bernoulli(remote=0.1).perceived("KL"),
        drc.Bernoulli(remote=(None, 0.5)),
    ):
        assert drc.load(problem.save(tmp_path / "remote.json")) == problem
