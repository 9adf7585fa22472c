"""Bits with perception and a label, asymptotically: the solver, theorems that are special cases, corners, and reasons."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import drc
from drc.information import H_b_inv, binary_entropy
from drc.theory import entry

BOUND = {"rdpc": "D", "drpc": "R"}
LABELLED = {
    f"{kind}.{measure}": entry(f"bernoulli.asymptotic.Y.labelled.{kind}.{measure}").tradeoff()
    for kind in BOUND
    for measure in ("TV", "KL")
}
FREE = {name: entry(f"bernoulli.asymptotic.Y.{name}").tradeoff() for name in LABELLED}
FIXED = {kind: entry(f"bernoulli.asymptotic.Y.{kind.replace('p', '')}").tradeoff() for kind in BOUND}
probability = st.floats(0, 1).map(lambda x: round(x, 6))


def draw(rng, kind):
    """Half of the references lean the other way than the source, so that negative covariance is the better one."""
    q, e, ref = rng.uniform(0, 1, 3)
    if rng.random() < 0.5:
        ref = 1 - q
    if rng.random() < 0.3:
        ref = np.clip(1 - q + 0.1 * rng.normal(), 0, 1)
    if rng.random() < 0.4:
        e = rng.choice((0, 0.02, 0.1, 0.5, 1))
    noise, label = binary_entropy(e), binary_entropy(q * (1 - e) + (1 - q) * e)
    C = noise + (label - noise) * rng.beta(1.2, 1)
    P = rng.choice((0, rng.uniform(0, 0.3), rng.uniform(0, 0.05)))
    bound = rng.choice((1, rng.uniform(0, 1), rng.uniform(0.6, 1))) * (1 if kind == "rdpc" else binary_entropy(q))
    return {
        name: float(x) for name, x in {"q_X": q, "q_S1": e, "q_ref": ref, "P": P, "C": C, BOUND[kind]: bound}.items()
    }


@pytest.mark.parametrize("name", LABELLED)
def test_the_solver_agrees_where_negative_covariance_helps(name):
    kind, measure = name.split(".")
    rng, regimes = np.random.default_rng(5), set()
    for _ in range(60):
        at = draw(rng, kind)
        value = LABELLED[name](**at)
        regimes.add(LABELLED[name].regime(**at))
        q, e, ref = (at.pop(letter) for letter in ("q_X", "q_S1", "q_ref"))
        b = drc.Bernoulli(q_X=q, q_S1=e, setting="asymptotic")
        s = b.solve(minimise=kind[0].upper(), perception=measure, reference=ref, **at)
        assert s.lower - 1e-8 <= value <= s.upper + 1e-8, (at, q, e, ref)
    assert {"classification-limited, anti-correlated", "infeasible"} < regimes


@pytest.mark.parametrize("name", LABELLED)
@settings(max_examples=25)
@given(q=probability, ref=probability, e=probability, P=st.floats(0, 1), x=st.floats(0, 1))
def test_a_loose_bound_on_the_label_costs_nothing(name, q, ref, e, P, x):
    kind = name.split(".")[0]
    at = {"q_X": q, "q_ref": ref, "P": P, BOUND[kind]: x}
    assert LABELLED[name](q_S1=e, **at) == pytest.approx(FREE[name](**at), abs=1e-12)


@pytest.mark.parametrize("name", LABELLED)
@settings(max_examples=25)
@given(q=probability, ref=probability, e=probability, share=st.floats(0, 1), x=st.floats(0, 1))
def test_no_room_is_the_theorem_with_that_target_law(name, q, ref, e, share, x):
    kind = name.split(".")[0]
    noise, label = binary_entropy(e), binary_entropy(q * (1 - e) + (1 - q) * e)
    at = {"q_X": q, "q_S1": e, "C": float(noise + share * (label - noise)), BOUND[kind]: x}
    found, expected = LABELLED[name](q_ref=ref, P=0, **at), FIXED[kind](q_Y=ref, **at)
    if np.isinf(found) == np.isinf(expected):
        assert found == pytest.approx(expected, abs=1e-9)
    else:  # on a border of the feasible set, which the two reach by different roundings
        loose = {**at, "C": at["C"] + 1e-9, BOUND[kind]: x + 1e-9}
        assert LABELLED[name](q_ref=ref, P=0, **loose) == pytest.approx(FIXED[kind](q_Y=ref, **loose), abs=1e-6)


# Wyner and Ziv ([wyner1973]): H(S|Y) >= H_b of the noise and of H_b^-1(H(X|Y)) together.
@pytest.mark.parametrize("e", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("q", [0.2, 0.5, 0.9])
def test_a_free_law_is_that_of_wyner_and_ziv(q, e):
    errors = np.linspace(0, min(q, 1 - q), 7)
    C = binary_entropy(errors * (1 - e) + (1 - errors) * e)
    rate = LABELLED["rdpc.TV"](D=1, P=1, C=C, q_X=q, q_S1=e, q_ref=0.3)
    assert np.allclose(rate, binary_entropy(q) - binary_entropy(errors), atol=1e-9)
    assert np.allclose(H_b_inv.numeric(binary_entropy(q) - rate), errors, atol=1e-6)


def test_a_label_that_is_given_has_a_bound():
    b = drc.Bernoulli(q_X=0.3, setting="asymptotic")
    assert [s.name for s in b.rdpc().arguments] == ["D", "P"]
    T = b.changed(q_S1=0.1).rdpc(perception="TV")
    assert [s.name for s in T.arguments] == ["D", "P", "C"]
    assert T(D=0.1, P=0.05) == b.rdpc()(D=0.1, P=0.05)


BITS = drc.Bernoulli(q_X=0.3, q_S1=0.1, setting="asymptotic")
REASONS = {
    "rdpc": [
        ("distortion-limited", {"D": 0.1, "P": 0.5, "C": 0.9}, "C = 0.9 bit alone would need 0.0404 bit."),
        ("distortion- and perception-limited", {"D": 0.45, "P": 0.05, "C": 0.9}, "alone would need"),
        ("classification-limited", {"D": 0.3, "P": 0.6, "C": 0.8}, "P = 0.6 costs nothing"),
        ("classification- and perception-limited", {"D": 0.55, "P": 0.2, "C": 0.85}, "C = 0.85 bit and P = 0.2 bind"),
        ("classification-limited, anti-correlated", {"D": 1, "P": 0.05, "C": 0.8}, "by negative covariance only"),
        ("zero-rate", {"D": 0.7, "P": 0.1, "C": 0.95}, "neither D nor C binds"),
        ("infeasible", {"D": 0.1, "P": 0.05, "C": 0.9}, "cost of optimal transport"),
        ("infeasible", {"D": 0.5, "P": 0.05, "C": 0.6}, "negative covariance does not meet it"),
    ],
    "drpc": [
        ("rate-limited", {"R": 0.3, "P": 0.6, "C": 0.8}, "C = 0.8 bit costs nothing: it needs 0.204 bit."),
        ("perception-limited", {"R": 1, "P": 0.05, "C": 0.85}, "C = 0.85 bit costs nothing"),
        ("rate- and perception-limited", {"R": 0.1, "P": 0.05, "C": 0.9}, "C = 0.9 bit costs nothing"),
        (
            "classification-limited, anti-correlated",
            {"R": 0.3, "P": 0.05, "C": 0.8},
            "within P allow H(S|Y) >= 0.812 bit",
        ),
        (
            "classification-limited, anti-correlated",
            {"R": 0.13, "P": 0.05, "C": 0.85},
            "with positive covariance; with neg",
        ),
        ("infeasible", {"R": 0.1, "P": 0.05, "C": 0.85}, "R = 0.1 bit is less"),
        ("infeasible", {"R": 0.1, "P": 0.05, "C": 0.8}, "R = 0.1 bit is less"),
        ("infeasible", {"R": 1, "P": 0.05, "C": 0.4}, "which is more, too"),
    ],
}


@pytest.mark.parametrize("kind", REASONS)
def test_the_regimes_and_their_reasons(kind):
    T = getattr(BITS, kind)(perception="TV", reference=0.7)
    for name, at, words in REASONS[kind]:
        assert T.regime(**at) == name, (name, at)
        assert words in T.why(**at), T.why(**at)
