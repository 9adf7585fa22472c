"""What is known of Lambert's function, and of balls of normal laws in divergence."""

from __future__ import annotations

from functools import partial

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Max, Min, Ne
from sympy.logic.boolalg import Boolean

from drc.information.kl_ball import KL_nearest, KL_steepest, KL_width
from drc.information.lambert import W_0, W_m1
from drc.information.lemmas.lemma import Known, Lemma
from drc.information.lemmas.letters import P, s, x, y, z

#: The two standard deviations at which a ball around the law of mean 0 and standard deviation 1 ends on its axis.
ENDS = tuple(sp.sqrt(-branch(-sp.exp(-1 - 2 * P))) for branch in (W_0, W_m1))

#: Twice the divergence of the law of mean `y` and standard deviation `x` from the middle of the ball.
AWAY = x**2 - 1 - 2 * sp.log(x) + y**2


def room_at(s: sp.Expr) -> sp.Expr:
    """What a standard deviation leaves of the bound of a ball of normal laws: the square of half the ball's width there."""
    return 2 * P - (s**2 - 1 - 2 * sp.log(s))


def in_ball(s: sp.Expr) -> Boolean:
    """That a ball has laws of a standard deviation."""
    return And(Gt(s, 0), Eq(KL_width(s, P) ** 2, room_at(s)))


def missed_mean(s: sp.Expr) -> sp.Expr:
    """By how much a law of mean `y` and a standard deviation misses a ball of normal laws along the mean."""
    return Max(0, sp.Abs(y) - KL_width(s, P))


def squared_distance(s: sp.Expr, of: sp.Expr) -> sp.Expr:
    """The squared distance of a law `(y, of)` from the laws of a standard deviation in a ball."""
    return (s - of) ** 2 + missed_mean(s) ** 2


def nearest_on_axis(s: sp.Expr) -> sp.Expr:
    """The standard deviation of the point of a ball of normal laws that is nearest to a law with the reference's mean."""
    low, high = ENDS
    return Max(low, Min(s, high))


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
                # sympy says that a function gives a class.
                Implies(here, And(side, Lt(value, 0), Eq(sp.log(-value) + value, sp.log(-x)))),  # pyright: ignore[reportOperatorIssue]
            ),
        ),
    )


def _width() -> Known:
    low, high = ENDS
    return Known(
        (s, P),
        defined=And(Ge(s, 0), Ge(P, 0)),  # 0 at s = 0
        lemmas=(
            Lemma(
                "the width of a ball of normal laws",
                Implies(
                    And(Gt(s, 0), Ge(P, 0)), And(Ge(KL_width(s, P), 0), Eq(KL_width(s, P) ** 2, Max(0, room_at(s))))
                ),
            ),
            Lemma(
                "a ball of normal laws has room between two standard deviations",
                Implies(And(Gt(s, 0), Ge(P, 0)), Equivalent(Ge(room_at(s), 0), And(Le(low, s), Le(s, high)))),
            ),
        ),
    )


def _nearest() -> Known:
    value, other, width = KL_nearest(x, y, P), KL_nearest(z, y, P), KL_width(KL_nearest(x, y, P), P)
    low, high = ENDS
    apart, on_axis = squared_distance(value, x), And(Gt(AWAY, 2 * P), Eq(y, 0))
    return Known(
        (x, y, P),
        defined=And(Ge(x, 0), Ge(P, 0)),
        lemmas=(
            Lemma(
                "the nearest point of a ball of normal laws is on its border, in the direction of the gradient",
                Implies(
                    And(Ge(x, 0), Gt(P, 0), Ne(y, 0), Gt(AWAY, 2 * P)),
                    And(
                        Gt(value, 0),
                        Eq(width**2, room_at(value)),
                        Le(width, sp.Abs(y)),
                        Eq(sp.Abs(y) * (value**2 - 1), width * (x * value - 1)),
                        Ge((value - 1) * (x - value), 0),
                    ),
                ),
            ),
            Lemma(
                "the point of a ball of normal laws that is nearest to a point of it, or on its axis",
                Implies(
                    And(Ge(x, 0), Gt(P, 0)),
                    And(
                        in_ball(value),
                        Implies(Le(AWAY, 2 * P), Eq(value, x)),
                        Implies(Eq(y, 0), Eq(value, nearest_on_axis(x))),
                    ),
                ),
                few=2,
            ),
            Lemma(
                "no other point of a ball of normal laws is as near as the nearest",
                Implies(
                    And(Ge(x, 0), Ge(z, 0), Gt(P, 0)),
                    Le(squared_distance(value, x) + (other - value) ** 2, squared_distance(other, x)),
                ),
                at=((x, y, P), (z, y, P)),
                few=2,
            ),
            Lemma(
                "how far a point of a ball of normal laws, or one on its axis, is from it",
                Implies(
                    And(Ge(x, 0), Gt(P, 0)),
                    And(
                        Implies(Le(AWAY, 2 * P), Eq(apart, 0)),
                        Implies(And(on_axis, Le(x, 1)), Eq(apart, (low - x) ** 2)),
                        Implies(And(on_axis, Gt(x, 1)), Eq(apart, (high - x) ** 2)),
                    ),
                ),
                few=1,
            ),
            Lemma(
                "the distance from a ball of normal laws grows less than that from the axis of means",
                Implies(
                    And(Ge(x, 0), Lt(x, z), Gt(P, 0)),
                    Lt(squared_distance(other, z) - z**2, apart - x**2),
                ),
                at=((x, y, P), (z, y, P)),
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
                Implies(
                    Gt(P, 0),
                    And(
                        in_ball(value),
                        Implies(Ne(y, 0), Eq(width * (value**2 - missed**2 - x) + 2 * missed * (value**2 - 1), 0)),
                        Implies(Eq(y, 0), Eq(value, nearest_on_axis(sp.sqrt(Max(0, x))))),
                    ),
                ),
            ),
            Lemma(
                "the steepest point of a ball of normal laws is the nearest to some point",
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


#: What is known of each function.
KNOWN = {
    W_0: partial(_lambert, W_0),
    W_m1: partial(_lambert, W_m1),
    KL_width: _width,
    KL_nearest: _nearest,
    KL_steepest: _steepest,
}
