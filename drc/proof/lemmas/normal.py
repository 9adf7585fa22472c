"""Lemmas of balls of normal laws in divergence: their ends, their width, and their nearest point."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Max, Ne, Or
from sympy.logic.boolalg import Boolean

from drc.information.kl_ball import KL_nearest, KL_width
from drc.information.lambert import W_0, W_m1
from drc.information.lemmas import P, s, x, y, z
from drc.proof.lemmas.calculus import Interval, LemmaProof, Part, Pen, continuous, facts_of, trivial


def _lambert() -> list[LemmaProof]:
    w, c = sp.symbols("w c", real=True, cls=sp.Dummy)

    def f(t: sp.Expr) -> sp.Expr:
        return sp.log(-t) + t

    branches = (
        (W_0, And(Le(-1, w), Lt(w, 0)), False, -sp.exp(c)),
        (W_m1, Le(w, -1), True, 2 * c),
    )
    found = []
    for function, side, rising, far in branches:
        (lemma,) = facts_of(function, sp.Integer(2)).lemmas
        pen = Pen(function, sp.Integer(2))
        slope, inside = 1 / w + 1, And(side, Ne(w, -1))
        premises = (
            pen.step(continuous(f(w)), "continuous", side),
            pen.step(Eq(sp.diff(f(w), w), slope, evaluate=False), "the derivative", inside),
            pen.step(Gt(slope, 0) if rising else Lt(slope, 0), "it has one sign", inside),
            pen.step(Eq(f(w).subs(w, -1), -1, evaluate=False), "the value at the common end"),
            pen.step(And(side.subs(w, far), Le(f(far), c)), "a point with a value as low as any", Le(c, -1)),
        )
        value = function(x)
        here = And(Lt(x, 0), Le(sp.log(-x), -1))
        pen.parts.append(Part(tuple(s for s in premises if not trivial(s.claim)), "mean value theorem"))
        root = And(side.subs(w, value), Eq(f(value), sp.log(-x)))
        pen.parts.append(Part((), "intermediate value theorem", ((here, root),)))
        smaller = Implies(And(Lt(0, y), Le(y, z)), Le(sp.log(y), sp.log(z)))
        pen.show(smaller, "the logarithm increases")
        pen.special(smaller, {y: -x, z: sp.exp(-1)})
        found.append(pen.proof(lemma))
    return found


_T, _OTHER, _LOW, _HIGH, _SIZE, _Q = sp.symbols("t t' low high size q", real=True, cls=sp.Dummy)


def _room(s: sp.Expr) -> sp.Expr:
    """The square of half the width of a ball of normal laws, where it has a point."""
    return 2 * P - (s**2 - 1 - 2 * sp.log(s))


#: What makes two letters the ends of a ball, and a point in it; and where a law `(y, x)` is that is not in the ball.
_ENDS = And(Gt(P, 0), Lt(0, _LOW), Le(_LOW, 1), Eq(_room(_LOW), 0), Le(1, _HIGH), Eq(_room(_HIGH), 0))
_BALL = And(_ENDS, Le(_LOW, _T), Le(_T, _HIGH))
_OUTSIDE = And(_ENDS, Gt(x, 0), Ne(y, 0), Gt(x**2 - 1 - 2 * sp.log(x) + y**2, 2 * P))


def _room_order() -> tuple[LemmaProof, LemmaProof]:
    """The room of a ball increases up to the reference's standard deviation, and decreases from there."""
    pen, slope = Pen(None, sp.Integer(2)), 2 * (1 - s**2) / s
    up = pen.monotone(_room(s), _room(s), s, Interval(sp.S.Zero, sp.S.One, low_open=True), slope)
    down = pen.monotone(_room(s), _room(s), s, Interval(sp.S.One, sp.oo), slope, up=False)
    order = pen.conclusion(
        "the room of a ball increases up to 1, and decreases from there", (), And(up(x, y), down(x, y))
    )

    pen = Pen(None, sp.Integer(2))
    pen.special(order.lemma.claim, {})
    weak = And(
        Implies(And(Lt(0, x), Le(x, y), Le(y, 1)), Le(_room(x), _room(y))),
        Implies(And(Le(1, x), Le(x, y)), Ge(_room(x), _room(y))),
    )
    pen.show(weak, "or the points are the same")
    return order, pen.conclusion("the room of a ball at two points that may be the same", (), weak)


def _ends_of_ball() -> tuple[Mapping[sp.Symbol, sp.Expr], LemmaProof]:
    """The two standard deviations at which a ball ends, and that it does."""
    pen, places, claims = Pen(None, sp.Integer(2)), {}, []
    for letter, branch, side in ((_LOW, W_0, Le), (_HIGH, W_m1, Ge)):
        value = branch(-sp.exp(-1 - 2 * P))
        end = places[letter] = sp.sqrt(-value)
        pen.show(And(Lt(value, 0), Eq(sp.log(-value) + value, -1 - 2 * P)), "Lambert's function", Ge(P, 0))
        pen.show(And(Gt(end, 0), side(end, 1)), "its branch", Ge(P, 0))
        pen.show(Eq(_room(end), 0), "so this is an end of the ball", Ge(P, 0))
        claims += [Gt(end, 0), side(end, 1), Eq(_room(end), 0)]
    both = Implies(Ge(P, 0), And(*claims))
    pen.show(both, "both ends")
    return places, pen.conclusion("the ends of a ball of normal laws", (), both)


def _width() -> list[LemmaProof]:
    width, between = facts_of(KL_width, sp.Integer(2)).lemmas
    pen, defined = Pen(KL_width, sp.Integer(2)), And(Gt(s, 0), Ge(P, 0))
    pen.define(Eq(KL_width(s, P), sp.sqrt(Max(0, _room(s)))), "half the width of the ball", defined)
    found = [pen.proof(width), _room_order()[0]]

    places, ends = _ends_of_ball()
    last = Pen(KL_width, sp.Integer(2))
    for end, side in ((_LOW, Le), (_HIGH, Ge)):
        pen = Pen(None, sp.Integer(2))
        pen.special(found[1].lemma.claim, {x: end, y: s})
        pen.special(found[1].lemma.claim, {x: s, y: end})
        there = And(defined, Gt(end, 0), side(end, 1), Eq(_room(end), 0), side(s, 1))
        one_side = Implies(there, Equivalent(Ge(_room(s), 0), side(end, s)))
        pen.show(one_side, "there is room up to the end")
        found.append(pen.conclusion(f"the {end.name} end of a ball of normal laws", (), one_side))
        last.special(one_side, places)
    last.special(ends.lemma.claim, {})
    return [*found, ends, last.proof(between)]


def _width_of_ball(order: Boolean) -> list[LemmaProof]:
    """Between its ends, the width of a ball is the root of its room."""
    pen = Pen(None, sp.Integer(2))
    for first, second in ((_LOW, _T), (_T, _HIGH)):
        pen.special(order, {x: first, y: second})
    room = Implies(_BALL, Ge(_room(_T), 0))
    pen.show(room, "the room at an end is 0")
    there = pen.conclusion("a ball of normal laws has room between its ends", (), room)

    width = facts_of(KL_width, sp.Integer(2)).lemmas[0].claim
    pen = Pen(KL_width, sp.Integer(2))
    pen.special(room, {})
    pen.special(width, {s: _T})
    claim = Implies(_BALL, And(Ge(KL_width(_T, P), 0), Eq(KL_width(_T, P) ** 2, _room(_T))))
    pen.show(claim, "so this is the width")
    return [there, pen.conclusion("the width of a ball of normal laws between its ends", (), claim)]


def _gap(t: sp.Expr, width: sp.Expr, y: sp.Expr) -> sp.Expr:
    """Zero where the way from the border to the point `(y, x)`, `y > 0`, is along the gradient."""
    return y * (t**2 - 1) - width * (x * t - 1)


def _only_root(order: Boolean, room: Boolean, width: Boolean) -> list[LemmaProof]:
    """The equation of the nearest point has at most one root on a side of 1, and there the ball is not too wide."""
    size, q, other_q = _SIZE, _Q, sp.Dummy("q'", real=True)
    root = Eq(_gap(_T, q, size), 0)
    sizes = And(Gt(size, 0), Ge(q, 0), Gt(x, 0), root)
    shorter = Implies(And(sizes, Ne(x, 1), Ge((_T - 1) * (x - _T), 0)), Le(q, size))
    pen = Pen(None, sp.Integer(2))
    pen.show(shorter, "solve for the width")
    short = pen.conclusion("the width at a root", (), shorter)

    # Two roots on one side of 1 would need a larger width where it is smaller.
    pen = Pen(KL_width, sp.Integer(2))
    pen.special(width, {})
    pen.special(width, {_T: _OTHER})
    pen.special(order, {x: _T, y: _OTHER})
    two = And(_OUTSIDE, Le(_LOW, _T), Lt(_T, _OTHER), Le(_OTHER, _HIGH))
    one, other = KL_width(_T, P), KL_width(_OTHER, P)
    narrower = And(Implies(Le(1, _T), Le(other, one)), Implies(Le(_OTHER, 1), Le(one, other)))
    pen.show(Implies(two, narrower), "the ball is narrower farther from 1")
    right, left = And(Le(1, _T), Le(_OTHER, x)), And(Le(x, _T), Le(_OTHER, 1))
    on_a_side = Or(And(right, Le(other_q, q)), And(left, Le(q, other_q)))
    once = Implies(And(sizes, Ge(other_q, 0), Lt(_T, _OTHER), on_a_side), Ne(_gap(_OTHER, other_q, size), 0))
    pen.show(once, "another root would need a larger width")
    pen.special(once, {size: sp.Abs(y), q: one, other_q: other})
    gap = And(two, Or(right, left), Eq(_gap(_T, one, sp.Abs(y)), 0))
    alone = Implies(gap, Ne(_gap(_OTHER, other, sp.Abs(y)), 0))
    pen.show(alone, "so the root is the only one")
    pen.special(room, {})
    return [short, pen.conclusion("an equation with one root", (), And(room, alone))]


def _on_one_side(
    where: tuple[str, Boolean, sp.Expr], width: Boolean, shorter: Boolean, one_root: Boolean
) -> LemmaProof:
    """The nearest point in one case: its name, what holds, and the end of the interval beside 1."""
    name, case, end = where
    value, size, claim = KL_nearest(x, y, P), sp.Abs(y), facts_of(KL_nearest, sp.Integer(2)).lemmas[0].claim.args[1]
    here, rising = KL_width(value, P), not case.has(Lt(x, 1))
    given = And(_OUTSIDE, case)

    def f(t: sp.Expr) -> sp.Expr:
        return _gap(t, KL_width(t, P), size)

    pen = Pen(KL_nearest, sp.Integer(2))
    pen.special(width, {_T: end})
    pen.show(Le(KL_width(end, P), size), "the point is outside", given)
    pen.show(Ge(f(end), 0) if rising else Le(f(end), 0), "so this has a sign", given)
    pen.special(one_root, {})
    ends = (sp.S.One, end) if rising else (end, sp.S.One)
    # The width of a ball is this root wherever the room is not negative.
    pen.root(value, f, lambda t: _gap(t, sp.sqrt(_room(t)), size), (_T, _OTHER), ends, given)
    way = Eq(size * (value**2 - 1), here * (x * value - 1))
    place = And(Gt(value, 0), Ge((value - 1) * (x - value), 0), Le(_LOW, value), Le(value, _HIGH), way)
    pen.show(place, "the root is between 1 and the end", given)
    # Each claim comes right after what it follows from, because that is tried first.
    if name == "at 1":
        pen.special(width, {_T: value})
    else:
        pen.special(shorter, {_SIZE: size, _Q: here, _T: value})
    pen.show(And(place, Le(here, size)), "the width there is at most the distance of the means", given)
    pen.special(width, {_T: value})
    pen.show(claim, "and it is the root of the room", given)
    return pen.conclusion(f"the nearest point, {name}", (), Implies(given, claim))


def _nearest() -> list[LemmaProof]:
    """The nearest point of a ball of normal laws is the only root of an equation, on one side of the reference."""
    (lemma,) = facts_of(KL_nearest, sp.Integer(2)).lemmas
    _, order = _room_order()
    room, width = _width_of_ball(order.lemma.claim)
    shorter, one_root = _only_root(*(proof.lemma.claim for proof in (order, room, width)))
    cases = (
        ("right of 1, below the end", And(Gt(x, 1), Le(x, _HIGH)), x),
        ("right of 1, beyond the end", And(Gt(x, 1), Gt(x, _HIGH)), _HIGH),
        ("left of 1, above the end", And(Lt(x, 1), Ge(x, _LOW)), x),
        ("left of 1, beyond the end", And(Lt(x, 1), Lt(x, _LOW)), _LOW),
        ("at 1", And(Le(x, 1), Ge(x, 1)), x),
    )
    found = [_on_one_side(case, *(proof.lemma.claim for proof in (width, shorter, one_root))) for case in cases]

    pen = Pen(None, sp.Integer(2))
    for proof in found:
        pen.special(proof.lemma.claim, {})
    anywhere = Implies(_OUTSIDE, lemma.claim.args[1])
    pen.show(anywhere, "one of these cases")
    found.append(pen.conclusion("the nearest point of a ball between two ends", (), anywhere))

    places, ends = _ends_of_ball()
    pen = Pen(KL_nearest, sp.Integer(2))
    pen.special(ends.lemma.claim, {})
    pen.special(anywhere, places)
    return [order, room, width, shorter, one_root, *found, pen.proof(lemma)]


def proofs() -> list[LemmaProof]:
    """All of them, in an order in which each uses earlier ones only."""
    return [*_lambert(), *_width(), *_nearest()]
