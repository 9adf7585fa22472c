"""Lemmas of the point of a ball of normal laws that is nearest to a law."""

from __future__ import annotations

from functools import cache

import sympy as sp
from sympy import And, Eq, Ge, Gt, Implies, Le, Lt, Ne, Or
from sympy.logic.boolalg import Boolean

from drc.information.kl_ball import KL_nearest, KL_width
from drc.information.lemmas.letters import P, s, x, y, z
from drc.information.lemmas.normal import AWAY, ENDS, in_ball, missed_mean, nearest_on_axis, room_at, squared_distance
from drc.proof.lemmas import ball
from drc.proof.lemmas.ball import HIGH, LOW, OTHER, OUTSIDE, PLACES, Q_T, SIZE, Q, T
from drc.proof.lemmas.calculus import LemmaProof, Pen, facts_of


def _gap(t: sp.Expr, width: sp.Expr, y: sp.Expr) -> sp.Expr:
    """Zero where the way from the border to the point `(y, x)`, `y > 0`, is along the gradient."""
    return y * (t**2 - 1) - width * (x * t - 1)


def _only_root() -> list[LemmaProof]:
    """The equation of the nearest point has at most one root on a side of 1, and there the ball is not too wide."""
    order, room, width = (proof.lemma.claim for proof in (ball.room_order()[1], *ball.width_between_ends()))
    size, q, other_q = SIZE, Q, sp.Dummy("q'", real=True)
    root = Eq(_gap(T, q, size), 0)
    sizes = And(Gt(size, 0), Ge(q, 0), Ge(x, 0), root)
    shorter = Implies(And(sizes, Ne(x, 1), Ge((T - 1) * (x - T), 0)), Le(q, size))
    pen = Pen()
    pen.show(shorter, "solve for the width")
    short = pen.conclusion("the width at a root", shorter)

    # Two roots on one side of 1 would need a larger width where it is smaller.
    pen = Pen(KL_width)
    pen.special(width, {})
    pen.special(width, {T: OTHER})
    pen.special(order, {x: T, y: OTHER})
    two = And(OUTSIDE, Le(LOW, T), Lt(T, OTHER), Le(OTHER, HIGH))
    one, other = KL_width(T, P), KL_width(OTHER, P)
    narrower = And(Implies(Le(1, T), Le(other, one)), Implies(Le(OTHER, 1), Le(one, other)))
    pen.show(Implies(two, narrower), "the ball is narrower farther from 1")
    right, left = And(Le(1, T), Le(OTHER, x)), And(Le(x, T), Le(OTHER, 1))
    on_a_side = Or(And(right, Le(other_q, q)), And(left, Le(q, other_q)))
    once = Implies(And(sizes, Ge(other_q, 0), Lt(T, OTHER), on_a_side), Ne(_gap(OTHER, other_q, size), 0))
    pen.show(once, "another root would need a larger width")
    pen.special(once, {size: sp.Abs(y), q: one, other_q: other})
    gap = And(two, Or(right, left), Eq(_gap(T, one, sp.Abs(y)), 0))
    alone = Implies(gap, Ne(_gap(OTHER, other, sp.Abs(y)), 0))
    pen.show(alone, "so the root is the only one")
    pen.special(room, {})
    return [short, pen.conclusion("an equation with one root", And(room, alone))]


def _on_one_side(where: tuple[str, Boolean, sp.Expr], shorter: Boolean, one_root: Boolean) -> LemmaProof:
    """The nearest point in one case: its name, what holds, and the end of the interval beside 1."""
    (name, case, end), width = where, ball.width_between_ends()[1].lemma.claim
    value, size, claim = KL_nearest(x, y, P), sp.Abs(y), facts_of(KL_nearest).lemmas[0].claim.args[1]
    here, rising = KL_width(value, P), not case.has(Lt(x, 1))
    given = And(OUTSIDE, case)

    def f(t: sp.Expr) -> sp.Expr:
        return _gap(t, KL_width(t, P), size)

    pen = Pen(KL_nearest)
    pen.special(width, {T: end})
    pen.show(Le(KL_width(end, P), size), "the point is outside", given)
    pen.show(Ge(f(end), 0) if rising else Le(f(end), 0), "so this has a sign", given)
    pen.special(one_root, {})
    ends = (sp.S.One, end) if rising else (end, sp.S.One)
    # The width of a ball is this root wherever the room is not negative.
    pen.root(value, f, lambda t: _gap(t, sp.sqrt(room_at(t)), size), (T, OTHER), ends, given)
    way = Eq(size * (value**2 - 1), here * (x * value - 1))
    place = And(Gt(value, 0), Ge((value - 1) * (x - value), 0), Le(LOW, value), Le(value, HIGH), way)
    pen.show(place, "the root is between 1 and the end", given)
    # Each claim comes right after what it follows from, because that is tried first.
    if name == "at 1":
        pen.special(width, {T: value})
    else:
        pen.special(shorter, {SIZE: size, Q: here, T: value})
    pen.show(And(place, Le(here, size)), "the width there is at most the distance of the means", given)
    pen.special(width, {T: value})
    pen.show(claim, "and it is the root of the room", given)
    return pen.conclusion(f"the nearest point, {name}", Implies(given, claim))


def _nearest() -> list[LemmaProof]:
    """The nearest point of a ball of normal laws is the only root of an equation, on one side of the reference."""
    lemma = facts_of(KL_nearest).lemmas[0]
    shorter, one_root = _only_root()
    cases = (
        ("right of 1, below the end", And(Gt(x, 1), Le(x, HIGH)), x),
        ("right of 1, beyond the end", And(Gt(x, 1), Gt(x, HIGH)), HIGH),
        ("left of 1, above the end", And(Lt(x, 1), Ge(x, LOW)), x),
        ("left of 1, beyond the end", And(Lt(x, 1), Lt(x, LOW)), LOW),
        ("at 1", And(Le(x, 1), Ge(x, 1)), x),
    )
    found = [_on_one_side(case, shorter.lemma.claim, one_root.lemma.claim) for case in cases]

    pen = Pen()
    for proof in found:
        pen.special(proof.lemma.claim, {})
    anywhere = Implies(OUTSIDE, lemma.claim.args[1])
    pen.show(anywhere, "one of these cases")
    found.append(pen.conclusion("the nearest point of a ball between two ends", anywhere))

    pen = Pen(KL_nearest)
    pen.special(ball.ends().lemma.claim, {})
    pen.special(anywhere, PLACES)
    return [shorter, one_root, *found, pen.proof(lemma)]


@cache
def stationary() -> LemmaProof:
    """A point of the ball from which the way to a law is along the gradient is nearer to it than any other."""
    size, q, t, q_t = SIZE, Q, T, Q_T
    pen = Pen()
    pen.show(Implies(And(Gt(s, 0), Gt(t, 0)), Le(sp.log(t / s), t / s - 1)), "the logarithm is below its tangent")
    two = And(Gt(s, 0), Gt(t, 0), Gt(q, 0), Ge(q_t, 0), Eq(q**2, room_at(s)), Eq(q_t**2, room_at(t)), Gt(P, 0))
    tangent = 2 * (q * (q_t - q) * s + (s**2 - 1) * (t - s)) + s * (t - s) ** 2
    pen.show(Le(tangent, 0), "the ball is on one side of its tangent", two)
    missed, missed_t = size - q, sp.Max(0, size - q_t)
    along = And(two, Le(q, size), Eq(size * (s**2 - 1), q * (x * s - 1)))
    pen.show(Eq(q * s * (x - s), missed * (s**2 - 1)), "the way is along the gradient", along)
    pen.show(Ge(missed_t**2, missed**2 + 2 * missed * (q - q_t)), "a square is above its tangent", along)
    nearer = (s - x) ** 2 + missed**2 + (t - s) ** 2
    pen.show(Le(q * s * nearer, q * s * ((t - x) ** 2 + missed_t**2)), "so it is not nearer", along)
    claim = Implies(along, Le(nearer, (t - x) ** 2 + missed_t**2))
    pen.show(claim, "divided")
    return pen.conclusion("a point of a ball that is nearest", claim)


#: A point of the ball.
_POINT = in_ball(T)


#: Where there is a nearest point: of a law outside of the ball, inside of it, and on its axis.
_GIVEN, _NEAREST = And(Ge(x, 0), Gt(P, 0)), KL_nearest(x, y, P)
_FAR, _NEAR, _ON_AXIS = And(_GIVEN, Gt(AWAY, 2 * P), Ne(y, 0)), And(_GIVEN, Le(AWAY, 2 * P)), And(_GIVEN, Eq(y, 0))

#: No point of the ball is as near as the nearest.
_NEARER = Le(squared_distance(_NEAREST, x) + (T - _NEAREST) ** 2, squared_distance(T, x))
NEAREST_OF_ALL = Implies(And(_GIVEN, _POINT), _NEARER)


def _in_the_ball() -> LemmaProof:
    """The nearest point is in the ball."""
    border, point, *_ = facts_of(KL_nearest).lemmas
    width, _ = (lemma.claim for lemma in facts_of(KL_width).lemmas)

    pen = Pen(KL_nearest)
    pen.special(border.claim, {})
    pen.show(in_ball(_NEAREST), "on the border", _FAR)
    pen.special(width, {s: x})
    pen.show(in_ball(x), "a point of the ball", _NEAR)
    pen.define(Eq(_NEAREST, x), "a point of the ball is the nearest to itself", _NEAR)
    pen.show(And(Eq(_NEAREST, x), Eq(KL_width(_NEAREST, P), KL_width(x, P))), "the ball is as wide there", _NEAR)
    pen.show(Eq(sp.log(_NEAREST), sp.log(x)), "the same logarithm", And(_NEAR, Eq(_NEAREST, x)))
    pen.show(in_ball(_NEAREST), "inside", _NEAR)
    ball.on_axis(pen, _NEAREST, nearest_on_axis(x), _ON_AXIS)
    pen.show(in_ball(_NEAREST), "in each case", _GIVEN)
    return pen.proof(point)


def _nothing_missed(pen: Pen) -> None:
    """Show that a point of the ball is the nearest to itself, at no distance."""
    width, _ = (lemma.claim for lemma in facts_of(KL_width).lemmas)
    pen.special(facts_of(KL_nearest).lemmas[1].claim, {})
    pen.show(And(Eq(_NEAREST, x), Gt(x, 0)), "the point itself", _NEAR)
    pen.show(Eq(KL_width(_NEAREST, P), KL_width(x, P)), "the ball is as wide there", _NEAR)
    pen.special(width, {s: x})
    pen.show(Ge(KL_width(x, P) ** 2, y**2), "wide enough", _NEAR)
    pen.show(Eq(missed_mean(_NEAREST), 0), "so nothing is missed", _NEAR)
    pen.show(Eq(_NEAREST, x), "the point itself", _NEAR)


def _nearest_of_all() -> list[LemmaProof]:
    """No point of the ball is nearer than the nearest."""
    border, point, nearest, *_ = facts_of(KL_nearest).lemmas
    _, between = (lemma.claim for lemma in facts_of(KL_width).lemmas)
    pen = Pen(KL_nearest)
    pen.special(border.claim, {})
    pen.special(stationary().lemma.claim, {s: _NEAREST, Q: KL_width(_NEAREST, P), SIZE: sp.Abs(y), Q_T: KL_width(T, P)})
    pen.show(_NEARER, "on the border", And(_FAR, _POINT))
    _nothing_missed(pen)
    pen.show(_NEARER, "inside", And(_NEAR, _POINT))
    pen.special(between, {s: T})
    pen.show(And(Le(ENDS[0], T), Le(T, ENDS[1])), "a point of the ball", And(Gt(P, 0), _POINT))
    pen.special(ball.ends().lemma.claim, {})
    pen.special(point.claim, {})
    pen.show(_NEARER, "on the axis", And(_ON_AXIS, _POINT))
    pen.show(NEAREST_OF_ALL, "in each case")
    found = pen.conclusion("the nearest point of a ball of normal laws", NEAREST_OF_ALL)

    pen = Pen(KL_nearest)
    pen.special(point.claim, {x: z})
    pen.special(NEAREST_OF_ALL, {T: KL_nearest(z, y, P)})
    return [found, pen.proof(nearest)]


def _distances() -> list[LemmaProof]:
    """How far a point is from a ball, in the cases with a formula, and how that changes with the point."""
    _, point, nearest, apart, falls = facts_of(KL_nearest).lemmas
    width, between = (lemma.claim for lemma in facts_of(KL_width).lemmas)
    missed, pen = missed_mean(_NEAREST), Pen(KL_nearest)
    _nothing_missed(pen)
    found = [Implies(_NEAR, Eq(squared_distance(_NEAREST, x), 0))]
    pen.show(found[0], "inside")
    beyond = And(_ON_AXIS, Gt(AWAY, 2 * P))
    for end, side, outwards in ((ENDS[0], Le(x, 1), Lt), (ENDS[1], Gt(x, 1), Gt)):
        pen.special(ball.ends().lemma.claim, {})
        pen.special(between, {s: x})
        pen.show(outwards(x, end), "beyond the end on its side", And(beyond, side))
        pen.special(ball.ends().lemma.claim, {})
        pen.special(point.claim, {})
        pen.show(Eq(_NEAREST, end), "the end is the nearest", And(beyond, side))
        pen.special(point.claim, {})
        pen.special(width, {s: _NEAREST})
        pen.show(Eq(missed, 0), "no mean is missed", beyond)
        pen.show(Eq(_NEAREST, end), "as before", And(beyond, side))
        found.append(Implies(And(beyond, side), Eq(squared_distance(_NEAREST, x), (end - x) ** 2)))
        pen.show(found[-1], "on the axis")
    for claim in found:
        pen.special(claim, {})
    proofs = [pen.proof(apart)]
    pen = Pen(KL_nearest)
    pen.special(point.claim, {})
    pen.show(Gt(_NEAREST, 0), "a standard deviation", _GIVEN)
    pen.special(nearest.claim, {x: z, z: x})
    return [*proofs, pen.proof(falls)]


def proofs() -> list[LemmaProof]:
    """All of them, in an order in which each uses earlier ones only."""
    return [*_nearest(), stationary(), _in_the_ball(), *_nearest_of_all(), *_distances()]
