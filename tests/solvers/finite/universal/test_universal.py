"""One representation for several demands: against an independent convex model, closed forms, and laws."""

import itertools
import math
from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest
import sympy as sp
from flint import fmpq

from drc import Bernoulli, Finite, H_b, NotAvailableError, ProblemError
from drc.information import mutual_information
from drc.solvers.finite.universal.decoders import distortion, law_within
from drc.solvers.finite.universal.program import proved_rate
from drc.solvers.finite.universal.solve import Universal


def entropy(q):
    return float(H_b.numeric(q))


def bits(q, **fields):
    return Finite([[1 - q, q]], setting="asymptotic", perception="TV", **fields)


def drawn(seed, n_X=3, n_Y=2, perception="TV"):
    """Draw a problem whose demands are met with something to spare: bounds between independence and the source itself."""
    rng = np.random.default_rng(seed)
    p, reference = rng.dirichlet(np.full(n_X, 3.0)), rng.dirichlet(np.full(n_Y, 3.0))
    # Where one output suits all letters best nothing is left to choose.
    costs = rng.random((n_X, n_Y)) + (np.arange(n_X)[:, None] % n_Y != np.arange(n_Y))
    given = {"setting": "asymptotic", "perception": perception, "reference": reference, "letters_Y": range(n_Y)}
    f = Finite([p], costs, **given)
    bounds = [0, 0.1, None]
    share = rng.uniform(0.3, 0.6, size=3)
    ends = [(f.solve(P=P).value, f.solve(P=P, R=0).value) for P in bounds]
    return f, [low + s * (high - low) for (low, high), s in zip(ends, share, strict=True)], bounds


def modelled(f, D, P):
    """The same program as cvxpy and Clarabel solve it, in bits."""
    p, d, n_Y = f.source_law, f.distortions, f.n_Y
    tuples = list(itertools.product(range(n_Y), repeat=len(D)))
    joint = cp.Variable((len(p), len(tuples)), nonneg=True)
    product = p[:, None] @ cp.reshape(cp.sum(joint, axis=0), (1, len(tuples)), order="C")
    constraints = [cp.sum(joint, axis=1) == p]
    for k, (bound, room) in enumerate(zip(D, P, strict=True)):
        own = np.array([[t[k] == y for y in range(n_Y)] for t in tuples], dtype=float)
        pair = joint @ own
        constraints.append(cp.sum(cp.multiply(pair, d)) <= bound)
        law = cp.sum(pair, axis=0)
        if room is not None and f.perception == "TV":
            constraints.append(cp.norm1(law - f.reference_law) <= 2 * room)
        elif room is not None:
            moved = cp.Variable((n_Y, n_Y), nonneg=True)
            constraints += [cp.sum(moved, axis=1) == law, cp.sum(moved, axis=0) == f.reference_law]
            constraints.append(cp.sum(cp.multiply(moved, f.ground_costs)) <= room)
    found = cp.Problem(cp.Minimize(cp.sum(cp.rel_entr(joint, product))), constraints)
    return found.solve(solver=cp.CLARABEL) / math.log(2)


@pytest.mark.parametrize(
    ("q", "R", "penalty"), [(0.3, 0.3, 0.01485), (0.3, 0.6, 0.00551), (0.1, 0.2, 0.01961), (0.5, 0.4, 0)]
)
def test_the_penalty_of_a_bit_with_perfect_perception_and_without(q, R, penalty):
    found = bits(q).universal(R=R, P=[0, None])
    assert found.status == "optimal"
    low, high = found.penalty
    assert low <= high <= low + 1e-8
    assert round(low, 5) == round(high, 5) == penalty
    assert Bernoulli(q_X=q, setting="asymptotic").universal(R=R, P=[0, None]).penalty == found.penalty


@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_an_independent_model(seed):
    f, D, P = drawn(seed, perception=("TV", "W2")[seed % 2])
    found = f.universal(D=D, P=P)
    assert found.status == "optimal"
    assert found.lower - 1e-6 <= modelled(f, D, P) <= found.upper + 1e-6


@pytest.mark.parametrize("seed", range(10, 16))
def test_the_channel_serves_every_demand_at_the_rate(seed):
    f, D, P = drawn(seed, n_X=2 + seed % 2)
    found = f.universal(D=D, P=P)
    assert mutual_information(f.source_law[:, None] * found.channel, "bits") == pytest.approx(found.value, abs=1e-9)
    seen = f.represented_by(found.channel)
    for bound, room in zip(D, P, strict=True):
        assert seen.solve(P=room).lower <= bound + 1e-7


@pytest.mark.parametrize("seed", range(20, 24))
def test_more_demands_cost_no_less_and_no_more_than_one_after_the_other(seed):
    f, D, P = drawn(seed)
    every, pair = f.universal(D=D, P=P), f.universal(D=D[:2], P=P[:2])
    assert every.upper >= pair.lower >= 0
    assert every.lower <= sum(high for _, high in every.alone)
    assert every.upper >= max(low for low, _ in every.alone)
    back = f.universal(D=D[::-1], P=P[::-1])
    assert back.lower <= every.upper
    assert every.lower <= back.upper
    looser = f.universal(D=[1.05 * bound for bound in D], P=P)
    assert looser.lower <= every.upper


def test_one_demand_is_the_plain_problem():
    f, D, P = drawn(3)
    for bound, room in zip(D, P, strict=True):
        found, plain = f.universal(D=[bound], P=[room]), f.solve(minimise="R", D=bound, P=room)
        assert found.lower <= plain.upper
        assert plain.lower <= found.upper
        assert found.status == "optimal"
        assert found.penalty[1] <= 3e-9


def test_nats_are_bits_in_another_unit():
    ours, theirs = (bits(0.3).universal(D=[0.15, 0.14], P=[0, None], unit=unit) for unit in ("nats", "bits"))
    assert ours.value == pytest.approx(theirs.value * math.log(2), abs=1e-9)


def test_multipliers_prove_no_more_than_the_optimum(monkeypatch):
    """Whatever the multipliers, even if they are drawn."""
    taken = []
    monkeypatch.setattr(
        "drc.solvers.finite.universal.solve.proved_rate",
        lambda asked, at: taken.append((asked, at)) or proved_rate(asked, at),
    )
    f, D, P = drawn(5, perception="W2")
    upper = f.universal(D=D, P=P, unit="nats").upper
    (asked, at), rng = taken[0], np.random.default_rng(0)
    assert proved_rate(asked, at) == pytest.approx(upper, abs=1e-8)
    for _ in range(100):
        size = 10 ** rng.uniform(-4, 0)
        changed = replace(
            at,
            u=at.u + size * rng.normal(size=at.u.shape),
            prices=np.abs(at.prices + size * rng.normal(size=at.prices.shape)),
            moving=np.abs(at.moving + size * rng.normal(size=at.moving.shape)),
            potentials=[b + size * rng.normal(size=b.shape) for b in at.potentials],
        )
        assert proved_rate(asked, changed) <= upper


def closed_form(q, D_0, D):
    """The rate of three posteriors, of which two are symmetric: for perfect perception at `D_0`, and none at `D`."""
    return entropy(q) - (1 - q) * entropy(D_0 / (2 * (1 - q))) - q * entropy((D - D_0 / 2) / q)


@pytest.mark.parametrize("seed", range(8))
def test_bits_have_a_closed_form(seed):
    rng = np.random.default_rng(seed)
    q = rng.uniform(0.05, 0.5)
    D_0 = rng.uniform(0.1, 0.9) * q
    D = rng.uniform(D_0 / (2 * (1 - q)), D_0)
    assert bits(q).universal(D=[D_0, D], P=[0, None]).value == pytest.approx(closed_form(q, D_0, D), abs=2e-9)


def test_a_rate_that_is_not_needed_and_none_at_all():
    assert bits(0.3).universal(R=1, P=[0, None]).value == pytest.approx(entropy(0.3), abs=1e-9)
    assert bits(0.3).universal(R=0, P=[0, None]).value == pytest.approx(0, abs=1e-8)
    assert bits(0.3).universal(D=[0, 0.1], P=[None, 0]).value == pytest.approx(entropy(0.3), abs=1e-9)


def test_what_cannot_be_met_is_infeasible():
    found = bits(0.3, reference=[0.2, 0.8]).universal(D=[0.1, 0.1], P=[0, None])
    assert found.status == "infeasible"
    assert found.lower == found.value == math.inf
    assert repr(found) == "infeasible  no representation serves all of the 2 demands"


def test_other_divergences_may_be_zero():
    f = Finite([[0.5, 0.3, 0.2]], setting="asymptotic", perception="JS")
    tv = Finite([[0.5, 0.3, 0.2]], setting="asymptotic", perception="TV")
    assert f.universal(R=0.4, P=[0, None]).value == pytest.approx(tv.universal(R=0.4, P=[0, None]).value, abs=1e-8)


def test_a_source_letter_without_mass_changes_nothing():
    D, P = [0.15, 0.14], [0, None]
    assert Finite([[0.7, 0.3, 0]], setting="asymptotic", perception="TV").universal(D=D, P=P).value == pytest.approx(
        bits(0.3).universal(D=D, P=P).value, abs=1e-8
    )


@pytest.mark.parametrize(
    ("fields", "asked", "message"),
    [
        ({}, {}, "D must be given as a list, or R"),
        ({}, {"R": 0.3}, "P must be given as a list with R"),
        ({}, {"R": 0.3, "D": [0.1]}, "R must be left out with D, got 0.3"),
        ({}, {"D": 0.1}, "D must be a list with one bound for each demand"),
        ({}, {"D": [0.1, 0.2], "P": [0]}, "P must be a list of 2 bounds"),
        ({"perception": None}, {"D": [0.1], "P": [0]}, "P must come with a perception measure"),
        ({"perception": "KL"}, {"D": [0.1], "P": [0.1]}, "P must be 0 or None with perception='KL'"),
        ({"setting": "one-shot"}, {"D": [0.1]}, "setting must be 'asymptotic'"),
        ({"perception": None, "p_Y": [0.5, 0.5]}, {"D": [0.1]}, "p_Y must be left out"),
        ({}, {"D": [0.1] * 11}, "the demands must have at most 1024 tuples"),
    ],
)
def test_what_is_refused(fields, asked, message):
    f = Finite([[0.7, 0.3]], **{"setting": "asymptotic", "perception": "TV", **fields})
    with pytest.raises(ProblemError) as error:
        f.universal(**asked)
    assert message in str(error.value)


def test_labels_do_not_matter():
    joints = [[[0.5, 0.1], [0.2, 0.2]], [[0.7, 0.3]]]
    D, P = [0.15, 0.14], [0, None]
    f = Finite(labels=joints, setting="asymptotic", perception="TV")
    counted = Finite.from_samples(
        list("abbbaaabab"), [0, 0, 1, 0, 1, 0, 0, 1, 0, 0], setting="asymptotic", perception="TV"
    )
    assert f.universal(D=D, P=P).value == counted.universal(D=D, P=P).value == bits(0.3).universal(D=D, P=P).value


def test_irrational_numbers_are_refused():
    with pytest.raises(NotAvailableError, match="fractions"):
        Finite([[1 - sp.sqrt(2) / 2, sp.sqrt(2) / 2]], setting="asymptotic").universal(D=[0.1])


def test_without_time_the_answer_says_so():
    found = drawn(1)[0].universal(R=0.2, P=[0, 0.1, None], time_limit=1e-6)
    assert found.status == "time limit"
    assert found.lower <= found.upper


def test_decoders_are_measured_exactly():
    f = Finite([["1/2", "1/2"]], perception="TV", reference=["1/4", "3/4"])
    joint = [[fmpq(2, 5), fmpq(1, 10)], [fmpq(1, 10), fmpq(2, 5)]]
    assert distortion(f, joint, None) == fmpq(1, 5)
    # Half of the zeros become ones: errors are 1/10 + half of 2/5 + half of 1/10.
    assert distortion(f, joint, [fmpq(1, 4), fmpq(3, 4)]) == fmpq(1, 10) + fmpq(1, 5) + fmpq(1, 20)
    never = Finite([["1/2", "1/2"]], [[0, math.inf], [1, 0]])
    assert distortion(never, joint, None) is None


def test_laws_within_a_bound_are_exact():
    f = Finite([["1/2", "1/2"]], perception="TV", reference=["1/4", "3/4"])
    assert law_within(f, fmpq(0), None) == [fmpq(1, 4), fmpq(3, 4)]
    moved = np.array([[0.25, 0.25], [0.0, 0.5]])
    assert law_within(f, fmpq(1, 4), moved) == [fmpq(1, 2), fmpq(1, 2)]
    assert law_within(f, fmpq(1, 8), moved) == [fmpq(3, 8), fmpq(5, 8)]
    assert law_within(f, fmpq(1, 4), np.zeros((2, 2))) is None


@pytest.mark.parametrize(("rate", "low", "high"), [(0.5, 0, 0), (0.55, 0, 0.05), (0.7, 0.1, 0.2)])
def test_a_penalty_is_never_negative_and_encloses(rate, low, high):
    """It is over the largest of the rates for one demand, which are known by their ends only."""
    found = Universal(rate, rate, rate, "optimal", "bits", ((0.1, 0.0), (0.2, 0.0)), ((0.5, 0.6), (0.1, 0.2)))
    assert found.penalty == pytest.approx((low, high), abs=1e-12)


def test_a_representation_is_a_remote_problem():
    f = bits(0.3)
    channel = [[0.9, 0.1], [0.2, 0.8]]
    seen = f.represented_by(channel)
    # Wrong guesses of the better letter, and with the law of the source half of what the rarer letter misses twice.
    assert seen.solve().value == pytest.approx(0.7 * 0.1 + 0.3 * 0.2)
    law = 0.7 * 0.1 + 0.3 * 0.8
    posterior = 0.3 * 0.8 / law
    assert seen.solve(P=0).value == pytest.approx(
        0.7 * 0.1 + 0.3 * 0.2 - (law - 0.3) * (1 - 2 * posterior) if law > 0.3 else 0.13
    )
