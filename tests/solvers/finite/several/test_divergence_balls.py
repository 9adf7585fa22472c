"""Divergences that are bounded by cuts: against independent convex models, and forged proofs."""

import itertools
import json
from fractions import Fraction

import cvxpy as cp
import numpy as np
import pytest
from flint import fmpq

from drc import Finite, ProblemError
from drc.checker import check_certificate
from drc.checker.divergence import DIVERGENCES, InfiniteError, divergence, support
from drc.solvers.finite.several.balls import Ball

#: The divergence of a law, as cvxpy writes it, in nats.
MODELS = {
    "JS": lambda q, r: cp.sum(cp.rel_entr(q, (q + r) / 2) + cp.rel_entr(r, (q + r) / 2)) / 2,
    "Hellinger": lambda q, r: 1 - cp.sum(cp.multiply(np.sqrt(r), cp.sqrt(q))),
    "chi2": lambda q, r: cp.sum(cp.multiply(1 / r, cp.square(q - r))),
    "reversed KL": lambda q, r: cp.sum(cp.rel_entr(r, q)),
}
BITS = Finite([[0.3, 0.1], [0.2, 0.4]], perception="JS", reference=[0.2, 0.8])
LONG = BITS.changed(setting="asymptotic", classifier_sees="Y")


def unit(measure):
    return np.log(2) if measure in ("JS", "reversed KL") else 1.0


def one_shot_model(f, R, P):
    """The least distortion over mixtures of all maps."""
    maps = [np.eye(f.n_Y)[list(g)] for g in itertools.product(range(f.n_Y), repeat=f.n_X)]
    laws = np.array([f.source_law @ W for W in maps])
    rates = -(laws * np.log2(np.where(laws > 0, laws, 1.0))).sum(axis=1)
    costs = [(f.source_law[:, None] * W * f.distortions).sum() for W in maps]
    w = cp.Variable(len(maps), nonneg=True)
    near = MODELS[f.perception](laws.T @ w, f.reference_law) <= P * unit(f.perception)
    model = cp.Problem(cp.Minimize(costs @ w), [cp.sum(w) == 1, rates @ w <= R, near])
    return model.solve(solver=cp.CLARABEL)


def long_block_model(f, R, P):
    """The least distortion over all channels."""
    joint, law = cp.Variable((f.n_X, f.n_Y), nonneg=True), cp.Variable(f.n_Y)
    rate = sum(cp.sum(cp.rel_entr(joint[x], f.source_law[x] * law)) for x in range(f.n_X)) / np.log(2)
    near = MODELS[f.perception](law, f.reference_law) <= P * unit(f.perception)
    tied = [cp.sum(joint, axis=1) == f.source_law, law == cp.sum(joint, axis=0)]
    model = cp.Problem(cp.Minimize(cp.sum(cp.multiply(joint, f.distortions))), [*tied, rate <= R, near])
    return model.solve(solver=cp.CLARABEL)


@pytest.mark.parametrize("measure", DIVERGENCES)
@pytest.mark.parametrize(("setting", "model"), [("one-shot", one_shot_model), ("asymptotic", long_block_model)])
def test_independent_models_agree(measure, setting, model):
    rng = np.random.default_rng(len(measure))
    joint, reference = rng.dirichlet(np.ones(6)).reshape(2, 3), rng.dirichlet(3 * np.ones(2))
    f = Finite(joint, rng.random((3, 2)).round(3), perception=measure, reference=reference, setting=setting)
    s = f.solve(R=0.5, P=0.01)
    assert s.status == "optimal"
    assert s.value == pytest.approx(model(f, 0.5, 0.01), abs=2e-6)
    assert s.perception <= 0.01 + 1e-9
    assert s.certificate.verify()


def test_the_rate_and_what_is_unknown_of_a_label():
    for question in (
        {"minimise": "R", "D": 0.2, "P": 0.02},
        {"minimise": "C", "R": 0.5, "P": 0.02},
        {"R": 0.5, "C": 0.93, "P": 0.02},
    ):
        s = BITS.solve(**question)
        assert s.status == "optimal"
        assert s.certificate.verify()
        assert "JS 0.0" in repr(s)
        assert s.duals["P"] >= 0


def test_a_wide_ball_changes_nothing_and_a_narrow_one_is_nearly_the_reference():
    free = BITS.changed(perception=None, reference=None)
    assert BITS.solve(R=0.5, P=1).value == pytest.approx(free.solve(R=0.5).value, abs=1e-9)
    assert BITS.solve(R=0.5).value == pytest.approx(free.solve(R=0.5).value, abs=1e-9)
    tied = free.changed(p_Y=BITS.reference)
    assert BITS.solve(R=0.5, P=1e-6).value == pytest.approx(tied.solve(R=0.5).value, abs=5e-3)


def test_a_letter_without_mass_in_the_reference():
    for measure in DIVERGENCES:
        s = BITS.changed(perception=measure, reference=[1, 0]).solve(R=0.5, P=0.05)
        assert s.certificate.verify()
        # The law of Y is (1, 0) for chi^2, which is infinite elsewhere.
        assert (s.coupling.sum(axis=0)[1] == 0) == (measure == "chi2")


def test_what_is_infeasible_is_proved():
    s = BITS.changed(reference=[0.999, 0.001]).solve(D=0.01, P=0.001, minimise="R")
    assert s.status == "infeasible"
    assert s.certificate.verify()


def test_a_ball_of_radius_zero_is_a_target_law():
    with pytest.raises(ProblemError, match="P must be positive for perception='JS', got 0: give the reference as p_Y"):
        BITS.solve(R=0.5, P=0)


def test_the_reversed_divergence_by_its_long_name():
    f = BITS.changed(perception="KL(p_ref||p_Y)")
    assert f.perception == "reversed KL"


@pytest.mark.parametrize("measure", DIVERGENCES)
def test_no_law_of_the_ball_exceeds_a_cut(measure):
    rng = np.random.default_rng(7)
    f = Finite([[0.25] * 4], perception=measure, reference=[0.4, 0.3, 0.2, 0.1])
    ball = Ball.of(f, Fraction(1, 20), "nats")
    cut = ball.with_cut([fmpq(1, 10), fmpq(1, 10), fmpq(1, 10), fmpq(7, 10)])
    for _ in range(300):
        law = [fmpq(int(v), 10**6) for v in rng.dirichlet(8 * np.array([0.4, 0.3, 0.2, 0.1])) * 10**6]
        law[0] += 1 - sum(law, fmpq(0))
        if ball.holds(law):
            paid = sum(float(q) * float(c) for q, c in zip(law, cut.cuts[0].costs, strict=True))
            assert paid <= float(cut.cuts[0].bound) + 1e-12
    assert sum(float(c) for c in cut.cuts[0].costs) > 0


@pytest.mark.parametrize("measure", DIVERGENCES)
def test_the_checker_measures_and_supports_alike(measure):
    """The support function, at its best price, is the most that a law of the ball can cost."""
    reference = [fmpq(2, 5), fmpq(3, 5)]
    slopes = [fmpq(0), fmpq(-1)]
    P = fmpq(1, 50)
    levels = [fmpq(k, 50) for k in range(-200, 200)]
    bounds = []
    for price in (fmpq(k, 4) for k in range(1, 40)):
        for level in levels:
            try:
                bounds.append(float(support(measure, [s - level for s in slopes], reference, price, P, False) + level))
            except InfiniteError:
                continue
    most = -1.0
    for k in range(1, 1000):
        q = fmpq(k, 1000)
        if float(divergence(measure, [q, 1 - q], reference, False)) <= float(P):
            most = max(most, float(-(1 - q)))
    assert most <= min(bounds) + 1e-12
    assert min(bounds) - most < 5e-3


def certificate(**question):
    return json.loads(json.dumps(LONG.solve(**question).certificate.to_dict()))


def test_forged_laws_are_refused():
    made = certificate(R=0.5, P=0.02)
    assert check_certificate(made)
    law = made["dual"]["law"]
    forgeries = {
        "a larger ball": made | {"bounds": made["bounds"] | {"P": "0.03"}},
        "another reference": made
        | {"problem": made["problem"] | {"perception": {"measure": "JS", "reference": ["1/2", "1/2"], "ground": None}}},
        "another measure": made
        | {
            "problem": made["problem"]
            | {"perception": {"measure": "chi2", "reference": ["1/5", "4/5"], "ground": None}}
        },
        "dearer letters": made | {"dual": made["dual"] | {"law": law | {"nu": ["3", "2"]}}},
        "another level": made | {"dual": made["dual"] | {"law": law | {"level": "0"}}},
        "no price": made | {"dual": made["dual"] | {"law": law | {"price": "0"}}},
        "a negative multiplier": made | {"dual": made["dual"] | {"law": law | {"nu": ["-1", "0"]}}},
        "no law": made | {"dual": {name: v for name, v in made["dual"].items() if name != "law"}},
    }
    for name, forged in forgeries.items():
        verdict = check_certificate(forged)
        assert not (verdict.lower_holds and verdict.upper_holds), name


def test_a_letter_is_forbidden_only_where_chi2_is_bounded():
    f = BITS.changed(perception="chi2", reference=[1, 0], costs=["hamming", [[0, 1], [1, 0]]])
    made = json.loads(json.dumps(f.solve(R=0.5, D=[None, 0.4], P=0.1).certificate.to_dict()))
    assert check_certificate(made).lower_holds
    free = made | {"bounds": {name: bound for name, bound in made["bounds"].items() if name != "P"}}
    assert not check_certificate(free).lower_holds


def test_a_smaller_ball_is_missed_by_the_plan():
    made = certificate(R=0.5, P=0.02)
    verdict = check_certificate(made | {"bounds": made["bounds"] | {"P": "0.0199"}})
    assert verdict.lower_holds
    assert not verdict.upper_holds
