"""What is known of water-filling over the components of a vector, and of the shares of a rate under two bounds."""

from __future__ import annotations

import sympy as sp
from sympy import And, Eq, Ge, Gt, Implies, Le, Lt, Or
from sympy.logic.boolalg import Boolean

from drc.information.lemmas.lemma import Known, Lemma, nonnegative, positive, proper, unit
from drc.information.lemmas.letters import K, R, R_more, correlations, g, rates, weights
from drc.information.water_filling import (
    gain_level,
    gain_of_least_ambiguity,
    least_ambiguity,
    least_rate,
    rate_level,
    shared_gain,
    shared_rate,
)

#: The letters have a value: weights are positive, and squared correlations in [0, 1], or neither 0 nor 1.
WEIGHTED, CORRELATED, LABELLED = positive(*weights), unit(*correlations), proper(*correlations)

#: No rate leaves less ambiguity.
LIMIT = sp.Add(*(sp.log(1 - c) / 2 for c in correlations))


def meet(K: sp.Expr) -> Boolean:
    """That rates have at most an ambiguity."""
    return And(nonnegative(*rates), Le(sp.Add(*map(ambiguity, correlations, rates)), K))


def component_gain(w: sp.Expr, r: sp.Expr) -> sp.Expr:
    """The gain of a component of a rate."""
    return w * sp.sqrt(1 - sp.exp(-2 * r))


def ambiguity(c: sp.Expr, r: sp.Expr) -> sp.Expr:
    """The ambiguity of a component of a rate."""
    return sp.log(1 - c + c * sp.exp(-2 * r)) / 2


def filled_rate(level: sp.Expr, w: sp.Expr) -> sp.Expr:
    """The rate of a component in water-filling at a price."""
    return sp.log((1 + sp.sqrt(1 + 16 * w**2 / level**2)) / 2) / 2


def filled_gain(level: sp.Expr, w: sp.Expr) -> sp.Expr:
    """The gain of a component in water-filling at a price."""
    return 4 * w**2 / (level + sp.sqrt(level**2 + 16 * w**2))


def shared_ambiguity(R: sp.Expr) -> tuple[tuple[Boolean, sp.Expr], ...]:
    """The least ambiguity of two components at a rate: where water covers both, where the second alone, and the first."""
    (c_1, c_2), left = correlations, sp.exp(-2 * R)
    first, second = c_1 * (1 - c_2), c_2 * (1 - c_1)
    both = sp.sqrt((1 - c_1) * (1 - c_2)) + sp.sqrt(c_1 * c_2) * sp.exp(-R)
    return (
        (And(Le(second * left, first), Le(first * left, second)), sp.log(both)),
        (Le(first, second * left), ambiguity(c_2, R)),
        (Le(second, first * left), ambiguity(c_1, R)),
    )


def _short() -> Boolean:
    """That no finite rate has so little ambiguity."""
    short = Or(Lt(K, LIMIT), And(Eq(K, LIMIT), Or(*(Gt(c, 0) for c in correlations))))
    return And(*(Lt(c, 1) for c in correlations), short)


def _rate_level() -> Known:
    lam = rate_level(R, *weights)
    here = And(Gt(R, 0), WEIGHTED)
    return Known(
        (R, *weights),
        defined=And(Ge(R, 0), WEIGHTED),
        infinite=Eq(R, 0),
        lemmas=(
            Lemma(
                "there is one price at which water-filling spends a rate",
                Implies(here, And(Gt(lam, 0), Eq(sp.Add(*(filled_rate(lam, w) for w in weights)), R))),
            ),
        ),
    )


def _gain_level() -> Known:
    lam, most = gain_level(g, *weights), sp.Add(*weights)
    reached = And(Ge(lam, 0), Eq(sp.Add(*(filled_gain(lam, w) for w in weights)), g))
    return Known(
        (g, *weights),
        defined=WEIGHTED,
        infinite=Le(g, 0),
        lemmas=(
            Lemma(
                "there is one price at which water-filling reaches a gain",
                Implies(
                    And(WEIGHTED, Gt(g, 0)),
                    And(
                        Implies(Le(g, most), reached),
                        Implies(Lt(g, most), Gt(lam, 0)),
                        Implies(Ge(g, most), Eq(lam, 0)),
                    ),
                ),
            ),
        ),
    )


def _least_ambiguity() -> Known:
    value, more = least_ambiguity(R, *correlations), least_ambiguity(R_more, *correlations)
    here = And(Ge(R, 0), CORRELATED)
    return Known(
        (R, *correlations),
        defined=here,
        lemmas=(
            Lemma(
                "water over a ground leaves the least ambiguity",
                Implies(here, And(*(Implies(where, Eq(value, formula)) for where, formula in shared_ambiguity(R)))),
                few=1,
            ),
            Lemma(
                "no share of a rate leaves less ambiguity than the least",
                Implies(
                    And(here, nonnegative(*rates), Eq(sp.Add(*rates), R)),
                    Le(value, sp.Add(*map(ambiguity, correlations, rates))),
                ),
                free=rates,
            ),
            Lemma(
                "the least ambiguity falls with the rate",
                Implies(And(here, Lt(R, R_more), Or(*(Gt(c, 0) for c in correlations))), Lt(more, value)),
                at=((R, *correlations), (R_more, *correlations)),
                few=2,
            ),
        ),
        limit=LIMIT,
    )


def _least_rate() -> Known:
    value = least_rate(K, *correlations)
    return Known(
        (K, *correlations),
        defined=CORRELATED,
        infinite=_short(),
        lemmas=(
            Lemma(
                "the least rate for an ambiguity is a rate",
                Implies(CORRELATED, Ge(value, 0)),
            ),
            Lemma(
                "the least rate for an ambiguity is the one that leaves it",
                Implies(
                    And(LABELLED, Lt(LIMIT, K), Lt(K, 0)),
                    And(Gt(value, 0), Eq(least_ambiguity(value, *correlations), K)),
                ),
            ),
        ),
    )


def _gain_of_least_ambiguity() -> Known:
    value = gain_of_least_ambiguity(R, *weights, *correlations)
    (w_1, w_2), (c_1, c_2), left = weights, correlations, sp.exp(-2 * R)
    first, second = c_1 * (1 - c_2), c_2 * (1 - c_1)
    balance = sp.sqrt(first / second)
    both = w_1 * sp.sqrt(1 - sp.exp(-R) / balance) + w_2 * sp.sqrt(1 - balance * sp.exp(-R))
    return Known(
        (R, *weights, *correlations),
        defined=And(Ge(R, 0), WEIGHTED, CORRELATED),
        lemmas=(
            Lemma(
                "the share of least ambiguity gains no more than all correlation",
                Implies(
                    And(Ge(R, 0), WEIGHTED, CORRELATED, *(Lt(c, 1) for c in correlations)),
                    And(Le(0, value), Le(value, sp.Add(*weights))),
                ),
            ),
            Lemma(
                "the gain of the share of least ambiguity",
                Implies(
                    And(Ge(R, 0), WEIGHTED, LABELLED),
                    And(
                        Implies(And(Le(second * left, first), Le(first * left, second)), Eq(value, both)),
                        Implies(Le(first, second * left), Eq(value, w_2 * sp.sqrt(1 - left))),
                        Implies(Le(second, first * left), Eq(value, w_1 * sp.sqrt(1 - left))),
                    ),
                ),
            ),
        ),
        limit=sp.Add(*weights),
    )


def _shared_gain() -> Known:
    value, here = shared_gain(R, K, *weights, *correlations), And(WEIGHTED, CORRELATED)
    return Known(
        (R, K, *weights, *correlations),
        defined=And(here, Ge(R, 0), Le(least_ambiguity(R, *correlations), K)),
        lemmas=(
            Lemma(
                "no rates within the bounds gain more",
                Implies(
                    And(here, meet(K), Le(sp.Add(*rates), R)),
                    Le(sp.Add(*map(component_gain, weights, rates)), value),
                ),
                few=1,
                free=rates,
            ),
        ),
    )


def _shared_rate() -> Known:
    value, here = shared_rate(g, K, *weights, *correlations), And(WEIGHTED, CORRELATED)
    return Known(
        (g, K, *weights, *correlations),
        defined=here,
        infinite=Or(Ge(g, sp.Add(*weights)), _short()),
        lemmas=(
            Lemma(
                "no rates that gain as much within a bound have a smaller sum",
                Implies(
                    And(here, meet(K), Ge(sp.Add(*map(component_gain, weights, rates)), g)),
                    Le(value, sp.Add(*rates)),
                ),
                few=1,
                free=rates,
            ),
        ),
    )


#: What is known of each function.
KNOWN = {
    rate_level: _rate_level,
    gain_level: _gain_level,
    least_ambiguity: _least_ambiguity,
    least_rate: _least_rate,
    gain_of_least_ambiguity: _gain_of_least_ambiguity,
    shared_gain: _shared_gain,
    shared_rate: _shared_rate,
}
