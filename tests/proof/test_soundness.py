"""What is false somewhere is never proved: near misses, hidden undefined points, and changed claims of the catalogue."""

from dataclasses import replace

import pytest
import sympy as sp
from attacks.claims import ask, attack, claims
from sympy import And, E, Eq, Ge, Gt, Le, Lt, Piecewise, Rational, exp, log, oo, sqrt

from drc.information import H_b, H_b_inv, I_b, I_b_inv, KL_b
from drc.information.kl_ball import KL_width
from drc.information.kl_bits import KL_b_max, KL_b_min
from drc.information.lambert import W_0, W_m1
from drc.proof import Derivation, Step, Verdict
from drc.proof.sampling import sample

x, y, q, r, a, b = sp.symbols("x y q r a b", real=True)
HALF, UNIT, SIGNED, POSITIVE = Rational(1, 2), (0, 1), (-1, 1), sp.Interval.open(0, oo)

#: Expressions that are at least 0 on a domain, and are 0 at some point of it.
LEAST_ZERO = [
    (x**2 + y**2 - 2 * x * y, {x: SIGNED, y: SIGNED}),
    (x * (1 - x), {x: UNIT}),
    (x**2 - 2 * x + 1, {x: (0, 2)}),
    (x - 1 - log(x), {x: POSITIVE}),
    (log(x) - 1 + 1 / x, {x: POSITIVE}),
    (exp(x) - 1 - x, {x: SIGNED}),
    (1 - H_b(x), {x: UNIT}),
    (H_b(x, E), {x: UNIT}),
    (H_b(x) - H_b(y), {x: (Rational(1, 4), HALF), y: (0, Rational(1, 4))}),
    (I_b(x, HALF, HALF), {x: (-Rational(1, 4), Rational(1, 4))}),
    (1 - I_b(x, HALF, HALF), {x: (-Rational(1, 4), Rational(1, 4))}),
    (I_b(x, q, r), {x: (0, Rational(1, 16)), q: (Rational(1, 4), HALF), r: (Rational(1, 4), HALF)}),
    (KL_b(x, q), {x: (0, HALF), q: (Rational(1, 4), HALF)}),
    (H_b_inv(x), {x: UNIT}),
    (HALF - H_b_inv(x), {x: UNIT}),
    (x - H_b(H_b_inv(x)), {x: UNIT}),
    (I_b_inv(x, q, r), {x: UNIT, q: UNIT, r: UNIT}),
    (x - KL_b_min(x, y), {x: UNIT, y: UNIT}),
    (KL_b_max(x, y) - x, {x: UNIT, y: UNIT}),
    (1 + W_0(x), {x: (-exp(-1), -Rational(1, 10))}),
    (-1 - W_m1(x), {x: (-exp(-1), -Rational(1, 10))}),
    (KL_width(x, y), {x: (HALF, 1), y: UNIT}),
    (sqrt(x) - x, {x: UNIT}),
    (sp.Max(x, y) - x, {x: UNIT, y: UNIT}),
    (sp.Abs(x) - x, {x: SIGNED}),
]
BY = [Rational(1, n) for n in (2, 10, 1000, 10**6, 10**9, 10**15)]

#: Ways to be false by a little.
NEAR_MISSES = [(Ge(f, by), domain) for f, domain in LEAST_ZERO for by in BY]
NEAR_MISSES += [(Gt(f, 0), domain) for f, domain in LEAST_ZERO]
NEAR_MISSES += [(Ge(x * (x - by), 0), {x: UNIT}) for by in BY]
NEAR_MISSES += [(Le(H_b(x), c * x), {x: (0, Rational(1, 4))}) for c in (2, 3, 10, 1000)]
NEAR_MISSES += [(Ge(H_b(x), 2 * x), {x: (0, HALF + by)}) for by in BY]
NEAR_MISSES += [(Le(H_b(x), 4 * x * (1 - x) + by), {x: UNIT}) for by in BY[1:3]]
NEAR_MISSES += [(Le(log(x), (1 - by) * (x - 1)), {x: POSITIVE}) for by in BY]
NEAR_MISSES += [(Lt(x * y, 1), {x: UNIT, y: UNIT}), (Le(x + y, 2 - Rational(1, 10**6)), {x: UNIT, y: UNIT})]

#: Undefined, infinite or false at a point that reading in haste overlooks.
INFINITE = Piecewise((oo, Eq(x, 0)), (1 / x, True))
HIDDEN = [
    (Ge(log(1 + 1 / (1 + 1 / x)), 0), {x: UNIT}, ()),
    (Ge(log(1 + a * x), 0), {x: UNIT}, ((a, 1 / x),)),
    (Gt(exp(1 / x), 0), {x: UNIT}, ()),
    (Gt(2 ** (1 / x), -1), {x: UNIT}, ()),
    (Eq(a * x, 1), {x: UNIT}, ((a, 1 / x),)),
    (Eq(a - b, y), {x: UNIT, y: UNIT}, ((a, 1 / x + y), (b, 1 / x))),
    (Eq(log(a) - log(b), 0), {x: UNIT}, ((a, 2 / x), (b, 2 / x))),
    (Eq(exp(a) * x, 1), {x: UNIT}, ((a, -log(x)),)),
    (Ge(sqrt(x) + 1, 1), {x: SIGNED}, ()),
    (Eq(sqrt(x * y), sqrt(x) * sqrt(y)), {x: SIGNED, y: SIGNED}, ()),
    (Eq((x**3) ** Rational(1, 3), x), {x: SIGNED}, ()),
    (Eq(log(x * y), log(x) + log(y)), {x: SIGNED, y: SIGNED}, ()),
    (Eq(log(x**2), 2 * log(x)), {x: SIGNED}, ()),
    (Ge(x / y, 0), {x: UNIT, y: UNIT}, ()),
    (sp.Not(Lt(x / y, 0)), {x: UNIT, y: UNIT}, ()),
    (sp.Equivalent(x / y > 0, x * y > 0), {x: SIGNED, y: SIGNED}, ()),
    (Ge(sp.Min(x, 1 / y), 0), {x: UNIT, y: UNIT}, ()),
    (Lt(KL_b(y, q), 100), {y: UNIT, q: UNIT}, ()),
    (Ge(x * KL_b(y, q), 0), {x: UNIT, y: UNIT, q: UNIT}, ()),
    (Eq(H_b(x), H_b(1 - x)), {x: (-1, 2)}, ()),
    (Eq(H_b(x), (-x * log(x) - (1 - x) * log(1 - x)) / log(2)), {x: UNIT}, ()),
    (Gt(1 / a, 0), {x: UNIT}, ((a, INFINITE),)),
    (Le(H_b(x, HALF, evaluate=False), 5), {x: UNIT}, ()),
    (Le(sp.gamma(x) ** 2, sp.gamma(x) ** 2 + 1, evaluate=False), {x: (-5, 5)}, ()),
    (Gt(x + KL_width(2, Rational(1, 100)), 1000), {x: UNIT}, ()),
    (Gt(x + H_b_inv(10, E), 1000), {x: UNIT}, ()),
    (Gt(x + KL_b_min(HALF, 10), 1000), {x: UNIT}, ()),
]


def test_there_are_two_hundred_near_misses():
    assert len(NEAR_MISSES) >= 200


@pytest.mark.parametrize("share", range(8))
def test_near_misses_are_not_proved(share):
    proved = [claim for claim, domain in NEAR_MISSES[share::8] if ask(near(claim, domain))]
    assert not proved


def near(claim, domain):
    """A step; an end of a domain that is no rational number is met by one that is close, inside."""
    ends = {s: d if isinstance(d, sp.Set) else sp.Interval(*map(sp.sympify, d)) for s, d in domain.items()}
    return Step(sp.sympify(claim), "", domain=ends)


@pytest.mark.parametrize(("claim", "domain"), NEAR_MISSES[::20], ids=str)
def test_near_misses_are_refuted_or_unknown(claim, domain):
    check = near(claim, domain).check()
    assert check.verdict in (Verdict.REFUTED, Verdict.UNKNOWN, Verdict.SAMPLED)
    assert (check.witness is not None) == (check.verdict is Verdict.REFUTED)


@pytest.mark.parametrize(("claim", "domain", "definitions"), HIDDEN, ids=str)
def test_what_is_undefined_somewhere_is_not_proved(claim, domain, definitions):
    assert not ask(Step(claim, "", domain=domain, definitions=definitions))


def test_a_definition_that_may_be_infinite_is_no_real_number():
    definition = Step(Eq(a, INFINITE), "", domain={x: UNIT}, definitions=((a, INFINITE),), defines="one over x")
    assert "not of a real number" in definition.check().method


def test_a_fact_holds_on_its_own_domain_and_with_its_own_abbreviations_only():
    wider = Derivation("", (Step(x <= 1, "", domain={x: (0, 1)}), Step(x <= 1, "", domain={x: (0, 2)})))
    renamed = Derivation("", tuple(Step(a <= 1, "", domain={x: UNIT}, definitions=((a, n * x),)) for n in (1, 2)))
    for derivation in (wider, renamed):
        assert [check.verdict for check in derivation.check().checks] == [Verdict.PROVED, Verdict.REFUTED]


def test_a_strict_claim_that_is_true_by_little_is_not_refuted():
    tiny = Rational(1, 10**60)
    assert Step(Gt(tiny * exp(x) * KL_width(2 + x, 9) ** 2, 0), "", domain={x: UNIT}).check().witness is None


@pytest.mark.parametrize("share", range(4))
def test_changed_claims_that_are_false_are_not_proved(share):
    faults = [attack(11, i, only="one-shot.YU.drc") for i in range(share, 24, 4)]
    assert not any(faults), [fault for fault in faults if fault]


@pytest.mark.parametrize(
    "theorem", ["bernoulli.one-shot.YU.drc", "gaussian.asymptotic.drc", "bernoulli.one-shot.Y.drc"]
)
def test_what_is_assumed_never_proves_what_is_false(theorem):
    """Assumptions, facts and lemmas that contradict each other would prove everything."""
    for step, known in claims(theorem)[::10]:
        true = And(step.given, step.claim, evaluate=False)
        there = And(true, step.assumed, evaluate=False)
        if sample(sp.true, there, step.definitions, step.domain, points=8, seed=1).verdict is Verdict.SAMPLED:
            total = sp.Add(*step.claim.free_symbols)
            assert not ask(replace(step, given=true, claim=Lt(total, total, evaluate=False)), known), step.claim


_U, _P, _R = sp.symbols("u p r", real=True)


@pytest.mark.parametrize(
    ("claim", "given"),
    [
        # Of what is told at most once r is bounded by what the two laws allow.
        (Ge(I_b_inv(x, _P, _R), _U), And(Ge(_U, 0), Le(I_b(_U, _P, _R), x))),
        (Le(I_b(_U, HALF, HALF), 1), sp.true),
        (Le(H_b(_U + _P), 1), sp.true),
    ],
    ids=["assumed", "claimed", "an entropy"],
)
def test_no_witness_lies_where_a_claim_or_what_it_assumes_has_no_meaning(claim, given):
    domain = {x: UNIT, _U: UNIT, _P: UNIT, _R: UNIT}
    check = Step(
        claim, "", given=given, domain={s: domain[s] for s in (claim.free_symbols | given.free_symbols)}
    ).check()
    assert check.witness is None
