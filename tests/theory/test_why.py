"""Why a point has its value: every sentence of every theorem once, with its numbers."""

import pytest

import drc

FOUR_REGIMES = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1)
RARE_TARGET = drc.Bernoulli(q_X=0.7, q_Y=0.9, q_S1=0.2)
NORMAL = drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=0.5, sigma_Y=1.5, mu_S=0, sigma_S=0.8, theta=0.6)

# The long lines are what a user reads.
SENTENCES = [
    (
        FOUR_REGIMES.drc(),
        {"R": 0.1, "C": 0.9},
        "rate-limited: R = 0.1 bit allows identity weight t <= 0.113, and binds; more rate lowers D, down to 0.3 at R = 0.504 bit.",
    ),
    (
        FOUR_REGIMES.drc(),
        {"R": 0.8, "C": 0.9},
        "transport-limited: neither R nor C binds; D = 0.3 is the cost of optimal transport, reached from R = 0.504 bit on.",
    ),
    (
        FOUR_REGIMES.drc(),
        {"R": 0.88, "C": 0.55},
        "classification-limited: C = 0.55 bit needs identity-or-negation weight t >= 0.822, and beyond t = 0.571 the target law needs the negation map, which errs always. Without C the distortion would be 0.3.",
    ),
    (
        FOUR_REGIMES.drc(),
        {"R": 0.88, "C": 0.4},
        "infeasible: C = 0.4 bit is below the entropy 0.469 bit of the label's noise, which no plan undoes.",
    ),
    (
        FOUR_REGIMES.drc(),
        {"R": 0.1, "C": 0.6},
        "infeasible: C = 0.6 bit needs identity-or-negation weight t >= 0.713; R = 0.1 bit allows t <= 0.113.\nThe least rate for this C is 0.628 bit; the least C at this rate is 0.873 bit.",
    ),
    (
        RARE_TARGET.drc(),
        {"R": 1, "C": 0.75},
        "infeasible: C = 0.75 bit needs identity-or-negation weight t >= 0.881; the target law allows t <= 0.333.\nThe least C for this target law is 0.879 bit, at any rate.",
    ),
    (
        FOUR_REGIMES.rdc(),
        {"D": 0.4, "C": 0.9},
        "distortion-limited: D = 0.4 needs identity weight t >= 0.333, and binds; C alone would need t >= 0.0544.",
    ),
    (
        FOUR_REGIMES.rdc(),
        {"D": 0.5, "C": 0.7},
        "classification-limited: C = 0.7 bit needs weight t >= 0.493, and binds; D alone would need t >= 0.0952.",
    ),
    (
        FOUR_REGIMES.rdc(),
        {"D": 0.6, "C": 0.95},
        "zero-rate: neither D nor C binds: Y drawn independently of X has D = 0.54 and H(S|Y) = 0.925 bit.",
    ),
    (
        FOUR_REGIMES.rdc(),
        {"D": 0.4, "C": 0.4},
        "infeasible: C = 0.4 bit is below the entropy 0.469 bit of the label's noise, which no plan undoes.",
    ),
    (
        RARE_TARGET.rdc(),
        {"D": 0.9, "C": 0.75},
        "infeasible: C = 0.75 bit needs identity-or-negation weight t >= 0.881; the target law allows t <= 0.333.",
    ),
    (
        FOUR_REGIMES.rdc(),
        {"D": 0.2, "C": 0.9},
        "infeasible: D = 0.2 is below the cost 0.3 of optimal transport, which no rate undercuts.",
    ),
    (
        FOUR_REGIMES.rdc(),
        {"D": 0.35, "C": 0.6},
        "infeasible: D = 0.35 is below 0.448, the least distortion for C = 0.6 bit. The rate that reaches that distortion is 0.628 bit.",
    ),
    (
        NORMAL.drc(),
        {"R": 1, "C": 1.5},
        "rate-limited: R = 1 bit allows correlation 0.866, and binds; C alone would need 0.69. As R grows, D falls to 0.5, the squared Wasserstein distance of the two laws.",
    ),
    (
        NORMAL.drc(),
        {"R": 0.2, "C": 1.5},
        "infeasible: C = 1.5 bit needs correlation 0.69; R = 0.2 bit allows 0.492.\nThe least rate for this C is 0.467 bit; the least C at this rate is 1.62 bit.",
    ),
    (
        NORMAL.drc(),
        {"R": 0.2, "C": 0.5},
        "infeasible: C = 0.5 bit is below h(S|X) = 1.13 bit, which is reached at no rate.",
    ),
    (
        NORMAL.rdc(),
        {"D": 1, "C": 1.5},
        "distortion-limited: D = 1 needs correlation 0.833, and binds; C alone would need 0.69.",
    ),
    (
        NORMAL.rdc(),
        {"D": 3, "C": 1.3},
        "classification-limited: C = 1.3 bit needs correlation 0.89, and binds; D alone would need 0.167.",
    ),
    (
        NORMAL.rdc(),
        {"D": 4, "C": 2},
        "zero-rate: neither D nor C binds: Y drawn independently of X has D = 3.5 and h(S|Y) = 1.73 bit.",
    ),
    (
        NORMAL.rdc(),
        {"D": 0.3, "C": 2},
        "infeasible: D = 0.3 is below 0.5, the squared Wasserstein distance of the two laws.",
    ),
    (NORMAL.rdc(), {"D": 3, "C": 1}, "infeasible: C = 1 bit is below h(S|X) = 1.13 bit, which is reached at no rate."),
]


@pytest.mark.parametrize(("tradeoff", "at", "sentence"), SENTENCES, ids=[s.split(":")[0] for *_, s in SENTENCES])
def test_why(tradeoff, at, sentence):
    assert tradeoff.why(**at).split("\nAt the margin")[0] == sentence


def test_every_reason_is_here():
    said = {(tradeoff.id, sentence) for tradeoff, _, sentence in SENTENCES}
    reasons = sum(len(r.reasons) for p in (FOUR_REGIMES, NORMAL) for t in (p.drc(), p.rdc()) for r in t.cases)
    assert len(said) >= reasons
