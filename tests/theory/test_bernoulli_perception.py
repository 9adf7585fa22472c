"""Bernoulli with perception, one shot: what its limits are, what a free law is worth, and why a point is where it is."""

import itertools
import math

import numpy as np
import pytest
import sympy as sp

import drc
from drc.information import KL_b_max, KL_b_min, binary_entropy
from drc.theory import entry

MEASURES = ("TV", "W2", "KL")
FREE = {f"{n}.{k}": entry(f"bernoulli.one-shot.YU.{n}.{k}").tradeoff() for n in ("drpc", "rdpc") for k in MEASURES}
FAIR = drc.Bernoulli(q_X=0.3, q_S1=0.1)


def drawn(count, seed=0):
    """Parameters and bounds, a tenth of each on corners."""
    rng = np.random.default_rng(seed)
    at = {name: rng.uniform(0, 1, count) for name in ("q_X", "q_S1", "q_ref", "R", "C", "D")}
    for name in at:
        corner = rng.random(count) < 0.1
        at[name][corner] = rng.choice([0, 0.5, 1], corner.sum())
    return at, rng


@pytest.mark.parametrize("perception", MEASURES)
def test_no_room_is_the_theorem_without_perception(perception):
    at, _ = drawn(20_000)
    R, D = at.pop("R"), at.pop("D")
    fixed = {("q_Y" if name == "q_ref" else name): values for name, values in at.items()}
    assert np.allclose(FREE[f"drpc.{perception}"](R=R, P=0, **at), drc.Bernoulli().drc()(R=R, **fixed), atol=1e-12)
    assert np.allclose(FREE[f"rdpc.{perception}"](D=D, P=0, **at), drc.Bernoulli().rdc()(D=D, **fixed), atol=1e-12)


@pytest.mark.parametrize("perception", MEASURES)
def test_the_best_of_all_laws_within_p(perception):
    """The least over a grid of target laws of the theorem without perception, the ends of the interval among them."""
    at, rng = drawn(400, seed=1)
    P = 10 ** rng.uniform(-3, 0, 400)
    ref = at.pop("q_ref")
    ends = [np.clip(ref - P, 0, 1), np.clip(ref + P, 0, 1)]
    if perception == "KL":
        ends = [KL_b_min.numeric(ref, P), KL_b_max.numeric(ref, P)]
    laws = ends[0] + np.linspace(0, 1, 801)[:, None] * (ends[1] - ends[0])
    R, D = at.pop("R"), at.pop("D")
    best = drc.Bernoulli().drc()(R=R, q_Y=laws, **at).min(axis=0)
    found = FREE[f"drpc.{perception}"](R=R, P=P, q_ref=ref, **at)
    assert (found <= best + 1e-12).all()
    # Distortion is Lipschitz in the law where it is finite; near the last feasible law the grid may see none.
    near = np.isfinite(best)
    assert (found >= best - 5e-3)[near].all()
    assert (np.isfinite(found) == near).mean() > 0.98
    best = drc.Bernoulli().rdc()(D=D, q_Y=laws, **at).min(axis=0)
    found = FREE[f"rdpc.{perception}"](D=D, P=P, q_ref=ref, **at)
    assert (found <= best + 1e-12).all()
    assert (np.isfinite(found) == np.isfinite(best)).mean() > 0.98


@pytest.mark.parametrize("q", [0.1, 0.3, 0.5])
def test_the_source_as_reference(q):
    """Single domain, total variation: two lines that meet at D = P, down to zero rate."""
    T = drc.Bernoulli(q_X=q, q_S1=0.2).rdpc(perception="TV")
    D, P = np.linspace(0, 1, 201)[:, None], np.linspace(0, q, 31)
    h, last = binary_entropy(q), 2 * q * (1 - q) - (1 - 2 * q) * P
    expected = np.where(D <= P, h * (q - D) / q, h * (last - D) / (2 * q * (1 - q)))
    assert np.allclose(T(D=D, P=P), np.maximum(expected, 0), atol=1e-13)
    # [liu2022]: with the law of Y that of X, the identity and independent constants share the time.
    assert np.allclose(T(D=D, P=0), np.maximum(0, h * (1 - D / (2 * q * (1 - q)))), atol=1e-13)
    # One letter at a time needs no less than long blocks do without perception, [cover2006], theorem 10.3.1.
    shannon = np.where(q > D, h - binary_entropy(np.minimum(D, q)), 0)
    assert (T(D=D, P=P) >= shannon - 1e-13).all()


def test_total_variation_is_the_wasserstein_distance_and_contains_a_divergence_ball():
    at, rng = drawn(5_000, seed=2)
    del at["D"]
    P = rng.uniform(0, 1, 5_000)
    TV, W2 = (FREE[f"drpc.{k}"](P=P, **at) for k in ("TV", "W2"))
    assert np.array_equal(TV, W2)
    # Pinsker's inequality, [cover2006], section 11.6: TV^2 <= KL/2 in nats.
    KL = FREE["drpc.KL"](P=2 * P**2 / math.log(2), **at)
    assert (TV <= KL + 1e-12).all()


@pytest.mark.parametrize("perception", MEASURES)
@pytest.mark.parametrize("unit", ["bits", "nats"])
def test_degenerate_laws_have_the_answer_of_the_program(perception, unit):
    bounds = ((0, 1, 0.4), (0.3, 0.6, 0.1), (1, 0.2, 0.0), (math.inf, math.inf, math.inf))
    options = {"perception": perception, "unit": unit}
    T, Q = (entry(f"bernoulli.one-shot.YU.{n}.{perception}").tradeoff(unit=unit) for n in ("drpc", "rdpc"))
    laws = itertools.product((0, 0.5, 1, 0.3), (0, 0.5, 0.9), (0, 0.5, 1), (0, 0.2, math.inf))
    for i, (q, e, ref, P) in enumerate(laws):
        problem = drc.Bernoulli(q_X=q, q_S1=e)
        (R, C, D), at = bounds[(i + i // 9) % 4], {"q_X": q, "q_S1": e, "q_ref": ref, "P": P}
        solved = problem.solve(R=R, C=C, P=P, reference=ref, **options)
        assert solved.status in ("optimal", "infeasible")
        assert T(R=R, C=C, **at) == pytest.approx(solved.value, abs=1e-9)
        solved = problem.solve(D=D, C=C, P=P, minimise="R", reference=ref, **options)
        if solved.status in ("optimal", "infeasible"):
            assert Q(D=D, C=C, **at) == pytest.approx(solved.value, abs=1e-9)


@pytest.mark.parametrize("perception", ["TV", "KL"])
@pytest.mark.parametrize(("q", "ref"), [(0, 1), (1, 0), (0, 0), (0.5, 1), (0.3, 0)])
def test_corners_put_into_the_formula(perception, q, ref):
    problem, P = drc.Bernoulli(q_X=q, q_S1=0.1), np.array([0, 0.5, np.inf])
    D, R = (getattr(problem, name)(perception=perception, reference=ref) for name in ("drpc", "rdpc"))
    at = {"q_X": q, "q_S1": 0.1, "q_ref": ref, "P": P}
    assert np.allclose(D(R=0.4, P=P), FREE[f"drpc.{perception}"](R=0.4, **at), atol=1e-14)
    assert np.allclose(R(D=0.2, P=P), FREE[f"rdpc.{perception}"](D=0.2, **at), atol=1e-14)


def test_a_border_in_round_numbers_is_feasible():
    """The nearest law within P = 0.1 of 0.4 is that of the source, 0.3, although 0.4 - 0.1 is more in doubles."""
    T = FAIR.rdpc(reference=0.4)
    assert T(D=[0, 0.05, 0.03], P=[0.1, 0.05, 0.07]) == pytest.approx([0.8812908992, 0.8183415493, 0.8435212893])


def test_perception_costs_something_only_where_it_says_so():
    T, rate = FAIR.drpc(reference=0.5), np.linspace(0, 0.88, 45)[:, None]
    P = np.linspace(0, 1, 41)
    free = 0.3 * (1 - np.minimum(1, rate / binary_entropy(0.3)))
    named = T.regime(R=rate, P=P)
    assert np.allclose(
        T(R=rate, P=P)[named == "rate-limited"], np.broadcast_to(free, named.shape)[named == "rate-limited"]
    )
    assert (T(R=rate, P=P) > free - 1e-12)[named == "rate-and-perception-limited"].all()
    fair_coin = drc.Bernoulli(q_X=0.5, q_S1=0.1).drpc(reference=0.9)
    assert fair_coin.regime(R=0.1, P=0.2) == "rate-limited"


# Every sentence of both theorems once, with its numbers. The long lines are what a user reads.
FAR = drc.Bernoulli(q_X=0.7, q_S1=0.2)
SENTENCES = [
    (
        FAIR.drpc(reference=0.5),
        {"R": 0.8, "P": 0.25, "C": 0.9},
        "rate-limited: R = 0.8 bit allows identity weight t <= 0.908, and binds; P = 0.25 costs nothing, because it lets P(Y = 1) be from 0.25 to 0.75. More rate lowers D, down to 0 at R = 0.881 bit.",
    ),
    (
        FAIR.drpc(reference=0.5),
        {"R": 0.2, "P": 0.1, "C": 0.95},
        "rate-and-perception-limited: R = 0.2 bit allows identity weight t <= 0.227, and P = 0.1 lets P(Y = 1) be from 0.4 to 0.6; both bind. Without P the distortion would be 0.232; without R it would be 0.1, from R = 0.755 bit on.",
    ),
    (
        FAR.drpc(reference=0.95, perception="KL"),
        {"R": 0.8, "P": 0.1},
        "transport-limited: P = 0.1 bit lets P(Y = 1) be from 0.851 to 1, and binds; D = 0.151 is the cost of optimal transport to the nearest law allowed, reached from R = 0.438 bit on.",
    ),
    (
        FAIR.drpc(reference=0.5),
        {"R": 0.9, "P": 0.25},
        "transport-limited: no constraint binds: P = 0.25 allows the law of the source, and R = 0.9 bit its entropy 0.881 bit.",
    ),
    (
        FAIR.drpc(reference=0.6),
        {"R": 0.88, "P": 0.05, "C": 0.55},
        "classification-limited: C = 0.55 bit needs identity-or-negation weight t >= 0.822, and beyond t = 0.643 the laws within P = 0.05 need the negation map, which errs always. Without C the distortion would be 0.25.",
    ),
    (
        FAIR.drpc(reference=0.5),
        {"R": 0.1, "P": 0.1, "C": 0.4},
        "infeasible: C = 0.4 bit is below the entropy 0.469 bit of the label's noise, which no plan undoes.",
    ),
    (
        FAIR.drpc(reference=0.5),
        {"R": 0.1, "P": 0.1, "C": 0.6},
        "infeasible: C = 0.6 bit needs identity-or-negation weight t >= 0.713; R = 0.1 bit allows t <= 0.113.\nThe least rate for this C is 0.628 bit; the least C at this rate is 0.873 bit.",
    ),
    (
        FAR.drpc(reference=0.95, perception="KL"),
        {"R": 1, "P": 0.01, "C": 0.75},
        "infeasible: C = 0.75 bit needs identity-or-negation weight t >= 0.881; the laws within P = 0.01 bit allow t <= 0.259.\nThe least C for this P is 0.897 bit, at any rate.",
    ),
    (
        FAIR.rdpc(reference=0.5),
        {"D": 0.04, "P": 0.25},
        "distortion-limited: D = 0.04 needs identity weight t >= 0.867, and binds; P = 0.25 costs nothing, because it lets P(Y = 1) be from 0.25 to 0.75. C alone would need t >= 0.",
    ),
    (
        FAIR.rdpc(reference=0.5),
        {"D": 0.25, "P": 0.1, "C": 0.95},
        "distortion-and-perception-limited: D = 0.25 needs identity weight t >= 0.5 where P = 0.1 lets P(Y = 1) be from 0.4 to 0.6; both bind. Without P the weight would be 0.167; C alone would need t >= 0.",
    ),
    (
        FAIR.rdpc(reference=0.5),
        {"D": 0.45, "P": 0.1, "C": 0.6},
        "classification-limited: C = 0.6 bit needs weight t >= 0.713, and binds; D and P alone would need t >= 0.0238.",
    ),
    (
        FAIR.rdpc(reference=0.5),
        {"D": 0.6, "P": 0.1},
        "zero-rate: no bound requires any rate: the best Y within P = 0.1 that is independent of X has D = 0.46, and H(S|Y) = 0.925 bit.",
    ),
    (
        FAIR.rdpc(reference=0.5),
        {"D": 0.5, "P": 0.1, "C": 0.4},
        "infeasible: C = 0.4 bit is below the entropy 0.469 bit of the label's noise, which no plan undoes.",
    ),
    (
        FAR.rdpc(reference=0.95, perception="KL"),
        {"D": 0.9, "P": 0.01, "C": 0.75},
        "infeasible: C = 0.75 bit needs identity-or-negation weight t >= 0.881; the laws within P = 0.01 bit allow t <= 0.259.\nThe least C for this P is 0.897 bit, at any rate.",
    ),
    (
        FAIR.rdpc(reference=0.5),
        {"D": 0.05, "P": 0.1},
        "infeasible: D = 0.05 is below the cost 0.1 of optimal transport to the nearest law within P = 0.1, which no rate undercuts.",
    ),
    (
        FAIR.rdpc(reference=0.6),
        {"D": 0.26, "P": 0.05, "C": 0.55},
        "infeasible: D = 0.26 is below 0.438, the least distortion for C = 0.55 bit and P = 0.05. The rate that reaches that distortion is 0.725 bit.",
    ),
]


@pytest.mark.parametrize(("tradeoff", "at", "sentence"), SENTENCES, ids=[s.split(":")[0] for *_, s in SENTENCES])
def test_why(tradeoff, at, sentence):
    assert tradeoff.why(**at).split("\nAt the margin")[0] == sentence


def test_every_reason_is_here():
    reasons = sum(len(r.reasons) for name in ("drpc.TV", "rdpc.TV") for r in FREE[name].cases)
    assert len(SENTENCES) == reasons


def test_parameters():
    assert {s.name for s in FREE["drpc.KL"].parameters} == {"q_X", "q_S1", "q_ref"}
    symbolic = drc.Bernoulli(q_X="q", q_S1=0.1).drpc(perception="KL", reference=sp.Symbol("r", real=True))
    numbers = FAIR.drpc(perception="KL", reference=0.5)
    assert symbolic(q=0.3, r=0.5, R=0.2, P=0.1) == pytest.approx(numbers(R=0.2, P=0.1), rel=1e-14)
    one = entry("bernoulli.one-shot.YU.drpc.TV").tradeoff(q_X=0.3, q_S1=0.1, q_ref=0.5)
    assert one(R=0.2, P=0.1) == FAIR.drpc(reference=0.5)(R=0.2, P=0.1)
    assert r"y_{\mathrm{KL}}^{-}(q_{\mathrm{ref}}; P)" in FREE["drpc.KL"].latex()
    # In nats a rate, a label's entropy and a divergence are all smaller by log 2.
    nats = FAIR.drpc(perception="KL", reference=0.5, unit="nats")
    ln2 = math.log(2)
    assert nats(R=0.2 * ln2, P=0.1 * ln2) == pytest.approx(FAIR.drpc(perception="KL", reference=0.5)(R=0.2, P=0.1))


def test_errors():
    with pytest.raises(drc.ProblemError, match="P must be at least 0, got -0.1"):
        FAIR.drpc()(R=1, P=-0.1)
    with pytest.raises(drc.ProblemError, match=r"q_ref must be in \[0, 1\], got 1.5"):
        FREE["drpc.TV"](R=1, q_X=0.3, q_S1=0.1, q_ref=1.5)
    with pytest.raises(drc.NotAvailableError, match="not available yet"):
        FAIR.drpc(form="published")
