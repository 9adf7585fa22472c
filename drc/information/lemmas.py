"""What is known of the functions of this room, as data: where each is defined, where it is infinite, and its lemmas.

A lemma is a claim about one, two or three values of a function at any arguments.  `drc.proof.lemmas` proves each, and the
decision procedure puts them in for the values that a claim has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Max, Min, Ne, Or
from sympy.logic.boolalg import Boolean

from drc.information.bits import I_b, cells
from drc.information.entropy import H_b
from drc.information.inverses import H_b_inv, I_b_inv
from drc.information.kl_ball import KL_nearest, KL_steepest, KL_width
from drc.information.kl_bits import KL_b, KL_b_max, KL_b_min
from drc.information.lambert import W_0, W_m1
from drc.information.water_filling import (
    gain_level,
    gain_of_least_ambiguity,
    least_ambiguity,
    least_rate,
    rate_level,
    shared_gain,
    shared_rate,
)

p, q, r, t, u, v, w, x, y, z, P, h, i, s = sp.symbols("p q r t u v w x y z P h i s", real=True, cls=sp.Dummy)

R, R_more, K, g, share, *weights = sp.symbols("R R' K g share w_1 w_2", real=True, cls=sp.Dummy)
rates = sp.symbols("r_1 r_2", real=True, cls=sp.Dummy)
correlations = sp.symbols("c_1 c_2", real=True, cls=sp.Dummy)


@dataclass(frozen=True)
class Lemma:
    """A claim about some values of a function, for all arguments.

    Attributes
    ----------
    name : what it is called in a proof
    at : the arguments of each value that it speaks about; a letter that is written twice is the same argument
    claim : what holds
    differ : letters of which the lemma says nothing where they are the same argument
    few : it is rarely of use: it is put in last, and only where there are no more values than this; 0 for no limit
    free : further letters, which stand for any numbers: it is put in where a step says for which
    """

    name: str
    at: tuple[tuple[sp.Symbol, ...], ...]
    claim: Boolean
    differ: tuple[sp.Symbol, ...] = ()
    few: int = 0
    free: tuple[sp.Symbol, ...] = ()


@dataclass(frozen=True)
class Known:
    """What is known of a function, for one base of its logarithms.

    Attributes
    ----------
    args : letters for its arguments; of a function of any number of arguments, all this is for this number of them
    defined : where it has a value
    infinite : where this value is plus infinity
    lemmas : see `Lemma`
    opened : the function in logarithms, if it can be written like this
    limit : what it is by definition where its first argument is infinite, if that is allowed
    """

    args: tuple[sp.Symbol, ...]
    defined: Boolean = sp.true
    infinite: Boolean = sp.false
    lemmas: tuple[Lemma, ...] = ()
    opened: sp.Expr | None = None
    limit: sp.Expr | None = None


def _unit(*letters: sp.Expr) -> Boolean:
    return And(*(And(Le(0, letter), Le(letter, 1)) for letter in letters))


def _joint(u: sp.Expr, p: sp.Expr, r: sp.Expr) -> Boolean:
    return And(_unit(p, r), *(Ge(mass, 0) for mass in cells(u, p, r).values()))


def _x_log_x(x: sp.Expr) -> sp.Expr:
    return sp.Piecewise((0, Eq(x, 0)), (x * sp.log(x), True))


def _binary_entropy(base: sp.Expr) -> Known:
    def H(x: sp.Expr) -> sp.Expr:
        return H_b(x) if base == 2 else H_b(x, base, evaluate=False)

    top = sp.log(2) / sp.log(base)
    return Known(
        (p,),
        defined=_unit(p),
        lemmas=(
            Lemma(
                "range of the binary entropy",
                ((p,),),
                Implies(
                    _unit(p),
                    And(
                        Le(0, H(p)),
                        Le(H(p), top),
                        Equivalent(Eq(H(p), 0), Or(Eq(p, 0), Eq(p, 1))),
                        Equivalent(Eq(H(p), top), Eq(p, sp.S.Half)),
                    ),
                ),
            ),
            Lemma(
                "the binary entropy increases with p (1 - p)",
                ((p,), (q,)),
                Implies(
                    _unit(p, q),
                    And(
                        Equivalent(Lt(H(p), H(q)), Lt(p * (1 - p), q * (1 - q))),
                        Equivalent(Eq(H(p), H(q)), Or(Eq(p, q), Eq(p, 1 - q))),
                    ),
                ),
            ),
        ),
        opened=-(_x_log_x(p) + _x_log_x(1 - p)) / sp.log(base),
    )


def _information(base: sp.Expr) -> Known:
    def I(*args: sp.Expr) -> sp.Expr:  # noqa: E743 (the field's letter)
        return I_b(*args) if base == 2 else I_b(*args, base)

    first, second = I(u, p, r), I(v, p, r)
    both = And(_joint(u, p, r), _joint(v, p, r))

    def apart(u: sp.Expr, r: sp.Expr) -> sp.Expr:
        """How often the two bits differ."""
        return p + r - 2 * p * r - 2 * u

    def beyond(u: sp.Expr, r: sp.Expr) -> sp.Expr:
        """Zero at the law of the second bit that Shannon's plan has for bits that differ this often."""
        return r * (1 - 2 * apart(u, r)) - (p - apart(u, r))

    other = I(v, p, s)
    alike_often = And(_joint(u, p, r), _joint(v, p, s), Le(0, u), Le(0, v), Eq(apart(u, r), apart(v, s)))
    above = And(Le(r, s), Ge(beyond(u, r), 0), Ge(beyond(v, s), 0))
    below = And(Le(s, r), Le(beyond(u, r), 0), Le(beyond(v, s), 0))
    # Positive if the bits lean to the same side, and if the odds ratios at `u` and at `v` have a product above 1.
    leaning = (1 - 2 * p) * (1 - 2 * r)
    steeper = (u + v) * (p * (1 - p) * r * (1 - r) + u * v) + leaning * u * v
    law = (p, 1 - p, r, 1 - r)
    alike = Or(
        And(Eq(v, u), Or(And(Eq(x, p), Eq(y, r)), And(Eq(x, r), Eq(y, p)), And(Eq(x, 1 - p), Eq(y, 1 - r)))),
        And(Eq(v, -u), Or(And(Eq(x, p), Eq(y, 1 - r)), And(Eq(x, 1 - p), Eq(y, r)))),
    )
    return Known(
        (u, p, r),
        defined=_joint(u, p, r),
        lemmas=(
            Lemma(
                "information is positive unless the bits are independent",
                ((u, p, r),),
                Implies(_joint(u, p, r), And(Ge(first, 0), Equivalent(Eq(first, 0), Eq(u, 0)))),
            ),
            Lemma(
                "information grows with the covariance on either side of 0, and is convex",
                ((u, p, r), (v, p, r)),
                Implies(
                    both,
                    And(
                        Implies(And(Le(0, u), Lt(u, v)), And(Lt(first, second), Le(first * v, second * u))),
                        Implies(And(Le(u, 0), Lt(v, u)), And(Lt(first, second), Ge(first * v, second * u))),
                        Implies(And(Lt(0, u), Lt(u, v)), Lt(first * v, second * u)),
                        Implies(And(Lt(u, 0), Lt(v, u)), Gt(first * v, second * u)),
                    ),
                ),
            ),
            Lemma(
                "information is the same with letters exchanged or a bit negated",
                ((u, p, r), (v, x, y)),
                Implies(And(_joint(u, p, r), alike), Eq(first, I(v, x, y))),
            ),
            Lemma(
                "of opposite covariances the negative one tells more if the laws lean to the same side",
                ((u, p, r), (v, p, r)),
                Implies(And(both, Eq(v, -u)), Ge(u * (1 - 2 * p) * (1 - 2 * r) * (second - first), 0)),
            ),
            Lemma(
                "information is strictly convex in the covariance",
                ((u, p, r), (w, p, r), (v, p, r)),
                Implies(And(both, Lt(u, w), Lt(w, v)), Lt(I(w, p, r) * (v - u), first * (v - w) + second * (w - u))),
                few=3,
            ),
            Lemma(
                "of covariances of opposite sign that tells more for its size at which information rises faster",
                ((u, p, r), (v, p, r)),
                Implies(
                    And(both, Lt(v, 0), Lt(0, u)),
                    And(
                        Implies(And(Ge(leaning, 0), Ge(steeper, 0)), Le(second * u, -first * v)),
                        Implies(And(Le(leaning, 0), Le(steeper, 0)), Ge(second * u, -first * v)),
                        Implies(And(Gt(leaning, 0), Ge(steeper, 0)), Lt(second * u, -first * v)),
                        Implies(And(Lt(leaning, 0), Le(steeper, 0)), Gt(second * u, -first * v)),
                    ),
                ),
                few=2,
            ),
            Lemma(
                "information of bits that differ equally often grows away from Shannon's law",
                ((u, p, r), (v, p, s)),
                Implies(And(alike_often, Or(above, below)), Le(first, other)),
                differ=(r, s),
            ),
        ),
        opened=(sum(_x_log_x(mass) for mass in cells(u, p, r).values()) - sum(_x_log_x(mass) for mass in law))
        / sp.log(base),
    )


def _information_inverse(base: sp.Expr) -> Known:
    def I(*args: sp.Expr) -> sp.Expr:  # noqa: E743 (the field's letter)
        return I_b(*args) if base == 2 else I_b(*args, base)

    value, top = I_b_inv.of(i, p, r, base), Min(p * (1 - r), (1 - p) * r)
    return Known(
        (i, p, r),
        defined=_unit(p, r),
        lemmas=(
            Lemma(
                "the inverse of information is the largest covariance of its rate",
                ((i, p, r),),
                Implies(
                    _unit(p, r),
                    And(
                        Le(0, value),
                        Le(value, top),
                        Implies(Le(i, 0), Eq(value, 0)),
                        Implies(And(Ge(i, 0)), Le(I(value, p, r), i)),
                        Implies(And(Ge(i, 0), Lt(value, top)), Eq(I(value, p, r), i)),
                        Implies(Le(I(top, p, r), i), Eq(value, top)),
                    ),
                ),
            ),
        ),
    )


def _entropy_inverse(base: sp.Expr) -> Known:
    value, top = H_b_inv.of(h, base), sp.log(2) / sp.log(base)
    return Known(
        (h,),
        lemmas=(
            Lemma(
                "the inverse of the binary entropy is the probability up to 1/2",
                ((h,),),
                And(
                    Le(0, value),
                    Le(value, sp.S.Half),
                    Implies(Le(h, 0), Eq(value, 0)),
                    Implies(Ge(h, top), Eq(value, sp.S.Half)),
                    Implies(And(Ge(h, 0), Le(h, top)), Eq(H_b.of(value, base), h)),
                ),
            ),
        ),
    )


def _divergence(base: sp.Expr) -> Known:
    def KL(y: sp.Expr, q: sp.Expr) -> sp.Expr:
        return KL_b.of(y, q, base)

    infinite = Or(And(Eq(q, 0), Ne(y, 0)), And(Eq(q, 1), Ne(y, 1)))
    inside = And(Lt(0, q), Lt(q, 1), _unit(y, z))
    return Known(
        (y, q),
        defined=_unit(y, q),
        infinite=infinite,
        lemmas=(
            Lemma(
                "the divergence is positive unless the laws are equal",
                ((y, q),),
                Implies(_unit(y, q), And(Ge(KL(y, q), 0), Equivalent(Eq(KL(y, q), 0), Eq(y, q)))),
            ),
            Lemma(
                "the divergence grows on either side of its reference",
                ((y, q), (z, q)),
                Implies(
                    inside,
                    And(
                        Implies(And(Le(q, y), Lt(y, z)), Lt(KL(y, q), KL(z, q))),
                        Implies(And(Le(y, q), Lt(z, y)), Lt(KL(y, q), KL(z, q))),
                    ),
                ),
            ),
        ),
    )


def _end(function: type[sp.Function], far: sp.Integer, base: sp.Expr) -> Known:
    value = function.of(q, P, base)
    side = Le(value, q) if far == 0 else Ge(value, q)
    return Known(
        (q, P),
        defined=And(_unit(q), Ge(P, 0)),
        lemmas=(
            Lemma(
                "an end of a ball of laws is on its border, or a constant law",
                ((q, P),),
                Implies(
                    And(_unit(q), Ge(P, 0)),
                    And(
                        _unit(value),
                        side,
                        Implies(Or(Eq(q, 0), Eq(q, 1)), Eq(value, q)),
                        Implies(And(Ne(value, far), Lt(0, q), Lt(q, 1)), Eq(KL_b.of(value, q, base), P)),
                        Implies(And(Lt(0, q), Lt(q, 1)), Le(KL_b.of(value, q, base), P)),
                    ),
                ),
            ),
        ),
    )


def _lambert(function: type[sp.Function]) -> Known:
    value = function(x)
    side = Ge(value, -1) if function is W_0 else Le(value, -1)
    here = And(Lt(x, 0), Ge(x, -sp.exp(-1)))
    return Known(
        (x,),
        defined=here,
        lemmas=(
            Lemma(
                "Lambert's function solves W exp W = x",
                ((x,),),
                # sympy says that a function gives a class.
                Implies(here, And(side, Lt(value, 0), Eq(sp.log(-value) + value, sp.log(-x)))),  # pyright: ignore[reportOperatorIssue]
            ),
        ),
    )


def _room(s: sp.Expr) -> sp.Expr:
    """What a standard deviation leaves of the bound of a ball of normal laws: the square of half the ball's width there."""
    return 2 * P - (s**2 - 1 - 2 * sp.log(s))


def _width() -> Known:
    room = _room(s)
    low, high = (sp.sqrt(-branch(-sp.exp(-1 - 2 * P))) for branch in (W_0, W_m1))
    return Known(
        (s, P),
        defined=And(Ge(s, 0), Ge(P, 0)),  # 0 at s = 0
        lemmas=(
            Lemma(
                "the width of a ball of normal laws",
                ((s, P),),
                Implies(And(Gt(s, 0), Ge(P, 0)), And(Ge(KL_width(s, P), 0), Eq(KL_width(s, P) ** 2, Max(0, room)))),
            ),
            Lemma(
                "a ball of normal laws has room between two standard deviations",
                ((s, P),),
                Implies(And(Gt(s, 0), Ge(P, 0)), Equivalent(Ge(room, 0), And(Le(low, s), Le(s, high)))),
            ),
        ),
    )


def _in_ball(s: sp.Expr) -> Boolean:
    return And(Gt(s, 0), Eq(KL_width(s, P) ** 2, _room(s)))


def _squared_distance(s: sp.Expr, of: sp.Expr) -> sp.Expr:
    """The squared distance of a law `(y, of)` from the laws of a standard deviation in a ball."""
    return (s - of) ** 2 + missed_mean(s) ** 2


def _nearest() -> Known:
    value, other, width = KL_nearest(x, y, P), KL_nearest(z, y, P), KL_width(KL_nearest(x, y, P), P)
    here = And(Ge(x, 0), Ge(P, 0))
    distance = x**2 - 1 - 2 * sp.log(x) + y**2
    low, high = (sp.sqrt(-branch(-sp.exp(-1 - 2 * P))) for branch in (W_0, W_m1))
    apart, on_axis = _squared_distance(value, x), And(Gt(distance, 2 * P), Eq(y, 0))
    return Known(
        (x, y, P),
        defined=here,
        lemmas=(
            Lemma(
                "the nearest point of a ball of normal laws is on its border, in the direction of the gradient",
                ((x, y, P),),
                Implies(
                    And(Ge(x, 0), Gt(P, 0), Ne(y, 0), Gt(distance, 2 * P)),
                    And(
                        Gt(value, 0),
                        Eq(width**2, _room(value)),
                        Le(width, sp.Abs(y)),
                        Eq(sp.Abs(y) * (value**2 - 1), width * (x * value - 1)),
                        Ge((value - 1) * (x - value), 0),
                    ),
                ),
            ),
            Lemma(
                "the point of a ball of normal laws that is nearest to a point of it, or on its axis",
                ((x, y, P),),
                Implies(
                    And(Ge(x, 0), Gt(P, 0)),
                    And(
                        _in_ball(value),
                        Implies(Le(distance, 2 * P), Eq(value, x)),
                        Implies(Eq(y, 0), Eq(value, nearest_on_axis(x))),
                    ),
                ),
                few=2,
            ),
            Lemma(
                "no other point of a ball of normal laws is as near as the nearest",
                ((x, y, P), (z, y, P)),
                Implies(
                    And(Ge(x, 0), Ge(z, 0), Gt(P, 0)),
                    Le(_squared_distance(value, x) + (other - value) ** 2, _squared_distance(other, x)),
                ),
                few=2,
            ),
            Lemma(
                "how far a point of a ball of normal laws, or one on its axis, is from it",
                ((x, y, P),),
                Implies(
                    And(Ge(x, 0), Gt(P, 0)),
                    And(
                        Implies(Le(distance, 2 * P), Eq(apart, 0)),
                        Implies(And(on_axis, Le(x, 1)), Eq(apart, (low - x) ** 2)),
                        Implies(And(on_axis, Gt(x, 1)), Eq(apart, (high - x) ** 2)),
                    ),
                ),
                few=1,
            ),
            Lemma(
                "the distance from a ball of normal laws grows less than that from the axis of means",
                ((x, y, P), (z, y, P)),
                Implies(
                    And(Ge(x, 0), Lt(x, z), Gt(P, 0)),
                    Lt(_squared_distance(other, z) - z**2, apart - x**2),
                ),
                few=2,
            ),
        ),
    )


def _steepest() -> Known:
    value = KL_steepest(x, y, P)
    width, missed = KL_width(value, P), missed_mean(value)
    along, nearest = x + value**2 + missed**2, KL_nearest(0, y, P)
    return Known(
        (x, y, P),
        defined=Ge(P, 0),
        lemmas=(
            Lemma(
                "the steepest point of a ball of normal laws",
                ((x, y, P),),
                Implies(
                    Gt(P, 0),
                    And(
                        _in_ball(value),
                        Implies(Ne(y, 0), Eq(width * (value**2 - missed**2 - x) + 2 * missed * (value**2 - 1), 0)),
                        Implies(Eq(y, 0), Eq(value, nearest_on_axis(sp.sqrt(Max(0, x))))),
                    ),
                ),
            ),
            Lemma(
                "the steepest point of a ball of normal laws is the nearest to some point",
                ((x, y, P),),
                Implies(
                    Gt(P, 0),
                    And(
                        Implies(Ge(along, 0), Eq(KL_nearest(along / (2 * value), y, P), value)),
                        Le(nearest**2 + missed_mean(nearest) ** 2, value**2 + missed**2),
                    ),
                ),
                few=1,
            ),
        ),
    )


def _rate_level() -> Known:
    lam = rate_level(R, *weights)
    here = And(Gt(R, 0), *(Gt(w, 0) for w in weights))
    return Known(
        (R, *weights),
        defined=And(Ge(R, 0), *(Gt(w, 0) for w in weights)),
        infinite=Eq(R, 0),
        lemmas=(
            Lemma(
                "there is one price at which water-filling spends a rate",
                ((R, *weights),),
                Implies(here, And(Gt(lam, 0), Eq(sp.Add(*(filled_rate(lam, w) for w in weights)), R))),
            ),
        ),
    )


def _gain_level() -> Known:
    lam, most = gain_level(g, *weights), sp.Add(*weights)
    positive = And(*(Gt(w, 0) for w in weights))
    reached = And(Ge(lam, 0), Eq(sp.Add(*(filled_gain(lam, w) for w in weights)), g))
    return Known(
        (g, *weights),
        defined=positive,
        infinite=Le(g, 0),
        lemmas=(
            Lemma(
                "there is one price at which water-filling reaches a gain",
                ((g, *weights),),
                Implies(
                    And(positive, Gt(g, 0)),
                    And(
                        Implies(Le(g, most), reached),
                        Implies(Lt(g, most), Gt(lam, 0)),
                        Implies(Ge(g, most), Eq(lam, 0)),
                    ),
                ),
            ),
        ),
    )


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


def _least_ambiguity() -> Known:
    value, more = least_ambiguity(R, *correlations), least_ambiguity(R_more, *correlations)
    limit = sp.Add(*(sp.log(1 - c) / 2 for c in correlations))
    here = And(Ge(R, 0), _unit(*correlations))
    return Known(
        (R, *correlations),
        defined=here,
        lemmas=(
            Lemma(
                "water over a ground leaves the least ambiguity",
                ((R, *correlations),),
                Implies(here, And(*(Implies(where, Eq(value, formula)) for where, formula in shared_ambiguity(R)))),
                few=1,
            ),
            Lemma(
                "no share of a rate leaves less ambiguity than the least",
                ((R, *correlations),),
                Implies(
                    And(here, *(Ge(r, 0) for r in rates), Eq(sp.Add(*rates), R)),
                    Le(value, sp.Add(*map(ambiguity, correlations, rates))),
                ),
                free=rates,
            ),
            Lemma(
                "the least ambiguity falls with the rate",
                ((R, *correlations), (R_more, *correlations)),
                Implies(And(here, Lt(R, R_more), Or(*(Gt(c, 0) for c in correlations))), Lt(more, value)),
                few=2,
            ),
        ),
        limit=limit,
    )


def _least_rate() -> Known:
    value = least_rate(K, *correlations)
    limit = sp.Add(*(sp.log(1 - c) / 2 for c in correlations))
    labelled = And(*(And(Lt(0, c), Lt(c, 1)) for c in correlations))
    return Known(
        (K, *correlations),
        defined=_unit(*correlations),
        infinite=_short(),
        lemmas=(
            Lemma(
                "the least rate for an ambiguity is a rate",
                ((K, *correlations),),
                Implies(_unit(*correlations), Ge(value, 0)),
            ),
            Lemma(
                "the least rate for an ambiguity is the one that leaves it",
                ((K, *correlations),),
                Implies(
                    And(labelled, Lt(limit, K), Lt(K, 0)),
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
    positive, labelled = And(*(Gt(w, 0) for w in weights)), And(*(And(Lt(0, c), Lt(c, 1)) for c in correlations))
    return Known(
        (R, *weights, *correlations),
        defined=And(Ge(R, 0), positive, _unit(*correlations)),
        lemmas=(
            Lemma(
                "the share of least ambiguity gains no more than all correlation",
                ((R, *weights, *correlations),),
                Implies(
                    And(Ge(R, 0), positive, _unit(*correlations), *(Lt(c, 1) for c in correlations)),
                    And(Le(0, value), Le(value, sp.Add(*weights))),
                ),
            ),
            Lemma(
                "the gain of the share of least ambiguity",
                ((R, *weights, *correlations),),
                Implies(
                    And(Ge(R, 0), positive, labelled),
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
    value, here = shared_gain(R, K, *weights, *correlations), And(*(Gt(w, 0) for w in weights), _unit(*correlations))
    return Known(
        (R, K, *weights, *correlations),
        defined=And(here, Ge(R, 0), Le(least_ambiguity(R, *correlations), K)),
        lemmas=(
            Lemma(
                "no rates within the bounds gain more",
                ((R, K, *weights, *correlations),),
                Implies(
                    And(here, *meet(K), Le(sp.Add(*rates), R)),
                    Le(sp.Add(*map(component_gain, weights, rates)), value),
                ),
                few=1,
                free=rates,
            ),
        ),
    )


def _shared_rate() -> Known:
    value, here = shared_rate(g, K, *weights, *correlations), And(*(Gt(w, 0) for w in weights), _unit(*correlations))
    return Known(
        (g, K, *weights, *correlations),
        defined=here,
        infinite=Or(Ge(g, sp.Add(*weights)), _short()),
        lemmas=(
            Lemma(
                "no rates that gain as much within a bound have a smaller sum",
                ((g, K, *weights, *correlations),),
                Implies(
                    And(here, *meet(K), Ge(sp.Add(*map(component_gain, weights, rates)), g)),
                    Le(value, sp.Add(*rates)),
                ),
                few=1,
                free=rates,
            ),
        ),
    )


def meet(K: sp.Expr) -> tuple[Boolean, ...]:
    """That rates have at most an ambiguity."""
    return (*(Ge(r, 0) for r in rates), Le(sp.Add(*map(ambiguity, correlations, rates)), K))


def _short() -> Boolean:
    """That no finite rate has so little ambiguity."""
    limit = sp.Add(*(sp.log(1 - c) / 2 for c in correlations))
    short = Or(Lt(K, limit), And(Eq(K, limit), Or(*(Gt(c, 0) for c in correlations))))
    return And(*(Lt(c, 1) for c in correlations), short)


def component_gain(w: sp.Expr, r: sp.Expr) -> sp.Expr:
    """The gain of a component of a rate."""
    return w * sp.sqrt(1 - sp.exp(-2 * r))


def ambiguity(c: sp.Expr, r: sp.Expr) -> sp.Expr:
    """The ambiguity of a component of a rate."""
    return sp.log(1 - c + c * sp.exp(-2 * r)) / 2


def missed_mean(s: sp.Expr) -> sp.Expr:
    """By how much a law of mean `y` and a standard deviation misses a ball of normal laws along the mean."""
    return Max(0, sp.Abs(y) - KL_width(s, P))


def nearest_on_axis(s: sp.Expr) -> sp.Expr:
    """The standard deviation of the point of a ball of normal laws that is nearest to a law with the reference's mean."""
    low, high = (sp.sqrt(-branch(-sp.exp(-1 - 2 * P))) for branch in (W_0, W_m1))
    return Max(low, Min(s, high))


def filled_rate(level: sp.Expr, w: sp.Expr) -> sp.Expr:
    """The rate of a component in water-filling at a price."""
    return sp.log((1 + sp.sqrt(1 + 16 * w**2 / level**2)) / 2) / 2


def filled_gain(level: sp.Expr, w: sp.Expr) -> sp.Expr:
    """The gain of a component in water-filling at a price."""
    return 4 * w**2 / (level + sp.sqrt(level**2 + 16 * w**2))


@cache
def known(function: type[sp.Function], base: sp.Expr) -> Known | None:
    """What is known of a function; None if nothing is."""
    makers: Mapping[type[sp.Function], Callable[[], Known]] = {
        H_b: lambda: _binary_entropy(base),
        I_b: lambda: _information(base),
        H_b_inv: lambda: _entropy_inverse(base),
        I_b_inv: lambda: _information_inverse(base),
        KL_b: lambda: _divergence(base),
        KL_b_min: lambda: _end(KL_b_min, sp.S.Zero, base),
        KL_b_max: lambda: _end(KL_b_max, sp.S.One, base),
        W_0: lambda: _lambert(W_0),
        W_m1: lambda: _lambert(W_m1),
        KL_width: _width,
        KL_nearest: _nearest,
        KL_steepest: _steepest,
        rate_level: _rate_level,
        gain_level: _gain_level,
        least_ambiguity: _least_ambiguity,
        least_rate: _least_rate,
        gain_of_least_ambiguity: _gain_of_least_ambiguity,
        shared_gain: _shared_gain,
        shared_rate: _shared_rate,
    }
    # An entropy is positive, and monotone as its lemmas say, only in units of logarithms to a base above 1.
    return makers[function]() if function in makers and base in (2, sp.E) else None
