"""Lemmas of balls of normal laws in divergence: where they end, and how wide they are between their ends."""

from __future__ import annotations

from functools import cache

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Max, Ne
from sympy.logic.boolalg import Boolean

from drc.information.kl_ball import KL_width
from drc.information.lambert import W_0, W_m1
from drc.information.lemmas.letters import P, s, x, y
from drc.information.lemmas.normal import AWAY, ENDS, in_ball, room_at
from drc.proof.lemmas.calculus import Interval, LemmaProof, Pen, facts_of

T, OTHER, LOW, HIGH, SIZE, Q, Q_T, M, M_U = sp.symbols("t t' low high size q q' m m'", real=True, cls=sp.Dummy)

#: What makes two letters the ends of a ball, and a point in it; and where a law `(y, x)` is that is not in the ball.
BETWEEN = And(Gt(P, 0), Lt(0, LOW), Le(LOW, 1), Eq(room_at(LOW), 0), Le(1, HIGH), Eq(room_at(HIGH), 0))
BALL = And(BETWEEN, Le(LOW, T), Le(T, HIGH))
OUTSIDE = And(BETWEEN, Ge(x, 0), Ne(y, 0), Gt(AWAY, 2 * P))

#: Where it does end.
PLACES = dict(zip((LOW, HIGH), ENDS, strict=True))


@cache
def room_order() -> tuple[LemmaProof, LemmaProof]:
    """The room of a ball increases up to the reference's standard deviation, and decreases from there."""
    pen, slope = Pen(), 2 * (1 - s**2) / s
    up = pen.monotone(room_at(s), room_at(s), s, Interval(sp.S.Zero, sp.S.One, low_open=True), slope)
    down = pen.monotone(room_at(s), room_at(s), s, Interval(sp.S.One, sp.oo), slope, up=False)
    order = pen.conclusion("the room of a ball increases up to 1, and decreases from there", And(up(x, y), down(x, y)))

    pen = Pen()
    pen.special(order.lemma.claim, {})
    weak = And(
        Implies(And(Lt(0, x), Le(x, y), Le(y, 1)), Le(room_at(x), room_at(y))),
        Implies(And(Le(1, x), Le(x, y)), Ge(room_at(x), room_at(y))),
    )
    pen.show(weak, "or the points are the same")
    return order, pen.conclusion("the room of a ball at two points that may be the same", weak)


@cache
def ends() -> LemmaProof:
    """A ball ends at two standard deviations."""
    pen, claims = Pen(), []
    for end, side in zip(ENDS, (Le, Ge), strict=True):
        (value,) = end.atoms(W_0, W_m1)
        pen.show(And(Lt(value, 0), Eq(sp.log(-value) + value, -1 - 2 * P)), "Lambert's function", Ge(P, 0))
        pen.show(And(Gt(end, 0), side(end, 1)), "its branch", Ge(P, 0))
        pen.show(Eq(room_at(end), 0), "so this is an end of the ball", Ge(P, 0))
        claims += [Gt(end, 0), side(end, 1), Eq(room_at(end), 0)]
    both = Implies(Ge(P, 0), And(*claims))
    pen.show(both, "both ends")
    return pen.conclusion("the ends of a ball of normal laws", both)


def _width() -> list[LemmaProof]:
    width, between = facts_of(KL_width).lemmas
    pen, defined = Pen(KL_width), And(Gt(s, 0), Ge(P, 0))
    pen.define(Eq(KL_width(s, P), sp.sqrt(Max(0, room_at(s)))), "half the width of the ball", defined)
    found = [pen.proof(width), room_order()[0]]

    last = Pen(KL_width)
    for end, side in ((LOW, Le), (HIGH, Ge)):
        pen = Pen()
        pen.special(found[1].lemma.claim, {x: end, y: s})
        pen.special(found[1].lemma.claim, {x: s, y: end})
        there = And(defined, Gt(end, 0), side(end, 1), Eq(room_at(end), 0), side(s, 1))
        one_side = Implies(there, Equivalent(Ge(room_at(s), 0), side(end, s)))
        pen.show(one_side, "there is room up to the end")
        found.append(pen.conclusion(f"the {end.name} end of a ball of normal laws", one_side))
        last.special(one_side, PLACES)
    last.special(ends().lemma.claim, {})
    return [*found, ends(), last.proof(between)]


@cache
def width_between_ends() -> tuple[LemmaProof, LemmaProof]:
    """Between its ends, the width of a ball is the root of its room."""
    pen, order = Pen(), room_order()[1].lemma.claim
    for first, second in ((LOW, T), (T, HIGH)):
        pen.special(order, {x: first, y: second})
    room = Implies(BALL, Ge(room_at(T), 0))
    pen.show(room, "the room at an end is 0")
    there = pen.conclusion("a ball of normal laws has room between its ends", room)

    width = facts_of(KL_width).lemmas[0].claim
    pen = Pen(KL_width)
    pen.special(room, {})
    pen.special(width, {s: T})
    claim = Implies(BALL, And(Ge(KL_width(T, P), 0), Eq(KL_width(T, P) ** 2, room_at(T))))
    pen.show(claim, "so this is the width")
    return there, pen.conclusion("the width of a ball of normal laws between its ends", claim)


def on_axis(pen: Pen, value: sp.Expr, axis: sp.Expr, given: Boolean) -> None:
    """Show that a point of the interval that a ball is on its axis is in the ball; `value` is defined as this point."""
    low, high = ENDS
    width, between = (lemma.claim for lemma in facts_of(KL_width).lemmas)
    pen.special(ends().lemma.claim, {})
    pen.show(And(Gt(axis, 0), Le(low, axis), Le(axis, high)), "between the ends", given)
    pen.define(Eq(value, axis), "on the axis the ball is an interval", given)
    pen.show(And(Gt(value, 0), Le(low, value), Le(value, high)), "between the ends", given)
    pen.special(width, {s: value})
    pen.special(between, {s: value})
    pen.show(in_ball(value), "so it is in the ball", given)


def proofs() -> list[LemmaProof]:
    """All of them, in an order in which each uses earlier ones only."""
    return [*_width(), room_order()[1], *width_between_ends()]
