"""Lemmas of balls of normal laws in divergence: their ends, their width, and their nearest point."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Max, Ne, Or
from sympy.logic.boolalg import Boolean

from drc.information.kl_ball import KL_nearest, KL_steepest, KL_width
from drc.information.lambert import W_0, W_m1
from drc.information.lemmas import P, missed_mean, nearest_on_axis, p, r, s, v, x, y, z
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


_T, _OTHER, _LOW, _HIGH, _SIZE, _Q, _Q_T, _M, _M_U = sp.symbols("t t' low high size q q' m m'", real=True, cls=sp.Dummy)


def _room(s: sp.Expr) -> sp.Expr:
    """The square of half the width of a ball of normal laws, where it has a point."""
    return 2 * P - (s**2 - 1 - 2 * sp.log(s))


#: What makes two letters the ends of a ball, and a point in it; and where a law `(y, x)` is that is not in the ball.
_ENDS = And(Gt(P, 0), Lt(0, _LOW), Le(_LOW, 1), Eq(_room(_LOW), 0), Le(1, _HIGH), Eq(_room(_HIGH), 0))
_BALL = And(_ENDS, Le(_LOW, _T), Le(_T, _HIGH))
_OUTSIDE = And(_ENDS, Ge(x, 0), Ne(y, 0), Gt(x**2 - 1 - 2 * sp.log(x) + y**2, 2 * P))


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
    sizes = And(Gt(size, 0), Ge(q, 0), Ge(x, 0), root)
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
    lemma = facts_of(KL_nearest, sp.Integer(2)).lemmas[0]
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


def _stationary() -> LemmaProof:
    """A point of the ball from which the way to a law is along the gradient is nearer to it than any other."""
    size, q, t, q_t = _SIZE, _Q, _T, _Q_T
    pen = Pen(None, sp.Integer(2))
    pen.show(Implies(And(Gt(s, 0), Gt(t, 0)), Le(sp.log(t / s), t / s - 1)), "the logarithm is below its tangent")
    two = And(Gt(s, 0), Gt(t, 0), Gt(q, 0), Ge(q_t, 0), Eq(q**2, _room(s)), Eq(q_t**2, _room(t)), Gt(P, 0))
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
    return pen.conclusion("a point of a ball that is nearest", (), claim)


#: A point of the ball.
_POINT = And(Gt(_T, 0), Eq(KL_width(_T, P) ** 2, _room(_T)))


def _nearest_of_all(stationary: Boolean) -> list[LemmaProof]:
    """The nearest point is in the ball, and no other is nearer."""
    border, point, nearest, *_ = facts_of(KL_nearest, sp.Integer(2)).lemmas
    width, between = (lemma.claim for lemma in facts_of(KL_width, sp.Integer(2)).lemmas)
    value, given = KL_nearest(x, y, P), And(Ge(x, 0), Gt(P, 0))
    far = Gt(x**2 - 1 - 2 * sp.log(x) + y**2, 2 * P)
    outside, inside, on_axis = And(given, far, Ne(y, 0)), And(given, Le(*far.args)), And(given, Eq(y, 0))
    in_ball = And(Gt(value, 0), Eq(KL_width(value, P) ** 2, _room(value)))

    places, ends = _ends_of_ball()
    low, high = places[_LOW], places[_HIGH]
    pen = Pen(KL_nearest, sp.Integer(2))
    pen.special(border.claim, {})
    pen.show(in_ball, "on the border", outside)
    pen.special(width, {s: x})
    pen.show(And(Gt(x, 0), Eq(KL_width(x, P) ** 2, _room(x))), "a point of the ball", inside)
    pen.define(Eq(value, x), "a point of the ball is the nearest to itself", inside)
    pen.show(And(Eq(value, x), Eq(KL_width(value, P), KL_width(x, P))), "the ball is as wide there", inside)
    pen.show(Eq(sp.log(value), sp.log(x)), "the same logarithm", And(inside, Eq(value, x)))
    pen.show(in_ball, "inside", inside)
    _interval_on_axis(pen, value, nearest_on_axis(x), on_axis, ends.lemma.claim)
    pen.show(in_ball, "in each case", given)
    found = [pen.proof(point)]

    def distance(t: sp.Expr) -> sp.Expr:
        return (t - x) ** 2 + missed_mean(t) ** 2

    nearer = Le(distance(value) + (_T - value) ** 2, distance(_T))
    pen = Pen(KL_nearest, sp.Integer(2))
    here = {s: value, _Q: KL_width(value, P), _SIZE: sp.Abs(y), _Q_T: KL_width(_T, P)}
    pen.special(border.claim, {})
    pen.special(stationary, here)
    pen.show(nearer, "on the border", And(outside, _POINT))
    pen.special(point.claim, {})
    pen.show(And(Eq(value, x), Gt(x, 0)), "the point itself", inside)
    pen.show(Eq(KL_width(value, P), KL_width(x, P)), "the ball is as wide there", inside)
    pen.special(width, {s: x})
    pen.show(Ge(KL_width(x, P) ** 2, y**2), "wide enough", inside)
    pen.show(Eq(missed_mean(value), 0), "so nothing is missed", inside)
    pen.show(Eq(value, x), "the point itself", inside)
    pen.show(nearer, "inside", And(inside, _POINT))
    pen.special(between, {s: _T})
    pen.show(And(Le(low, _T), Le(_T, high)), "a point of the ball", And(Gt(P, 0), _POINT))
    pen.special(ends.lemma.claim, {})
    pen.special(point.claim, {})
    pen.show(nearer, "on the axis", And(on_axis, _POINT))
    claim = Implies(And(given, _POINT), nearer)
    pen.show(claim, "in each case")
    found.append(pen.conclusion("the nearest point of a ball of normal laws", (), claim))

    pen = Pen(KL_nearest, sp.Integer(2))
    pen.special(point.claim, {x: z})
    pen.special(claim, {_T: KL_nearest(z, y, P)})
    return [*found, pen.proof(nearest)]


def _distances() -> list[LemmaProof]:
    """How far a point is from a ball, in the cases with a formula, and how that changes with the point."""
    _, point, nearest, apart, falls = facts_of(KL_nearest, sp.Integer(2)).lemmas
    width, between = (lemma.claim for lemma in facts_of(KL_width, sp.Integer(2)).lemmas)
    value, given, distance = KL_nearest(x, y, P), And(Ge(x, 0), Gt(P, 0)), x**2 - 1 - 2 * sp.log(x) + y**2
    inside, missed = And(given, Le(distance, 2 * P)), missed_mean(value)
    pen = Pen(KL_nearest, sp.Integer(2))
    pen.special(point.claim, {})
    pen.show(And(Eq(value, x), Gt(x, 0)), "the point itself", inside)
    pen.show(Eq(KL_width(value, P), KL_width(x, P)), "the ball is as wide there", inside)
    pen.special(width, {s: x})
    pen.show(Ge(KL_width(x, P) ** 2, y**2), "wide enough", inside)
    pen.show(Eq(missed, 0), "so nothing is missed", inside)
    pen.show(Eq(value, x), "the point itself", inside)
    found = [Implies(inside, Eq((value - x) ** 2 + missed**2, 0))]
    pen.show(found[0], "inside")
    places, ends = _ends_of_ball()
    beyond = And(given, Eq(y, 0), Gt(distance, 2 * P))
    for end, side, outwards in ((places[_LOW], Le(x, 1), Lt), (places[_HIGH], Gt(x, 1), Gt)):
        pen.special(ends.lemma.claim, {})
        pen.special(between, {s: x})
        pen.show(outwards(x, end), "beyond the end on its side", And(beyond, side))
        pen.special(ends.lemma.claim, {})
        pen.special(point.claim, {})
        pen.show(Eq(value, end), "the end is the nearest", And(beyond, side))
        pen.special(point.claim, {})
        pen.special(width, {s: value})
        pen.show(Eq(missed, 0), "no mean is missed", beyond)
        pen.show(Eq(value, end), "as before", And(beyond, side))
        found.append(Implies(And(beyond, side), Eq((value - x) ** 2 + missed**2, (end - x) ** 2)))
        pen.show(found[-1], "on the axis")
    for claim in found:
        pen.special(claim, {})
    proofs = [pen.proof(apart)]
    pen = Pen(KL_nearest, sp.Integer(2))
    pen.special(point.claim, {})
    pen.show(Gt(value, 0), "a standard deviation", given)
    pen.special(nearest.claim, {x: z, z: x})
    return [*proofs, pen.proof(falls)]


def _steep(t: sp.Expr, width: sp.Expr, missed: sp.Expr) -> sp.Expr:
    """Zero where the sum of `x` and the squares of a standard deviation and what its law misses, for its size, is least."""
    return width * (t**2 - missed**2 - x) + 2 * missed * (t**2 - 1)


def _only_steepest() -> LemmaProof:
    """The equation of the steepest point has at most one root: divided by the width, its left-hand side increases."""
    t, u, q, q_u = _T, _OTHER, _Q, _Q_T
    m, m_u = _M, _M_U
    positive = And(Lt(0, t), Lt(t, u), Gt(q, 0), Gt(q_u, 0), Ge(m, 0), Ge(m_u, 0))
    left = And(positive, Le(u, 1), Le(q, q_u), Ge(m, m_u))
    right = And(positive, Ge(t, 1), Ge(q, q_u), Le(q**2 - q_u**2, u**2 - t**2), Le(m, m_u), Le(m_u - m, q - q_u))
    level, level_u = (t**2 - m**2 + 2 * m * (t**2 - 1) / q for t, m, q in ((t, m, q), (u, m_u, q_u)))
    squares = {x: t**2, y: u**2, z: m**2, v: m_u**2}

    pen = Pen(None, sp.Integer(2))
    pen.show(And(Ge(m / q, m_u / q_u), Ge(m**2, m_u**2), Lt(t**2, u**2)), "more is missed of a smaller width", left)
    pen.show(Le(m * (t**2 - 1) / q, m_u * (u**2 - 1) / q_u), "and yet more farther from 1", left)
    added = Implies(And(Lt(x, y), Ge(z, v), Le(p, r)), Lt(x - z + 2 * p, y - v + 2 * r))
    pen.show(added, "add up")
    pen.special(added, {**squares, p: m * (t**2 - 1) / q, r: m_u * (u**2 - 1) / q_u})
    pen.show(Lt(level, level_u), "it rises up to 1", left)
    pen.show(Le((m_u**2 - m**2) * (q + q_u), (u**2 - t**2) * (m_u + m)), "of squares", right)
    pen.show(Le((m_u + m) / (q + q_u), m_u / q_u), "a mean", right)
    pen.show(Le(m_u**2 - m**2, (u**2 - t**2) * m_u / q_u), "divided", right)
    pen.show(And(Le(m / q, m_u / q_u), Lt(t**2, u**2)), "more is missed of a smaller width", right)
    pen.show(Le(m * (t**2 - 1) / q, m_u * (t**2 - 1) / q_u), "multiplied", right)
    rise = And(Lt(x, y), Le(v - z, (y - x) * r), Le(p, r * (x - 1)), Ge(r, 0))
    added = Implies(rise, Lt(x - z + 2 * p, y - v + 2 * r * (y - 1)))
    pen.show(added, "add up")
    pen.special(added, {**squares, p: m * (t**2 - 1) / q, r: m_u / q_u})
    pen.show(Lt(level, level_u), "it rises from 1", right)
    claim = Implies(Or(left, right), Lt(level, level_u))
    pen.show(claim, "in each case")
    return pen.conclusion("an equation that rises", (), claim)


def _steepest(order: Boolean, room: Boolean, width: Boolean, rises: Boolean) -> list[LemmaProof]:
    """The steepest point is the only root of its equation."""
    lemma = facts_of(KL_steepest, sp.Integer(2)).lemmas[0]
    t, u, value = _T, _OTHER, KL_steepest(x, y, P)
    q, q_u = KL_width(t, P), KL_width(u, P)
    m, m_u = missed_mean(t), missed_mean(u)
    apart, sizes = And(_ENDS, Ne(y, 0)), And(Gt(q, 0), Gt(q_u, 0))
    level, level_u = (t**2 - m**2 + 2 * m * (t**2 - 1) / q for t, m, q in ((t, m, q), (u, m_u, q_u)))

    pen, two = Pen(KL_width, sp.Integer(2)), And(apart, Le(_LOW, t), Lt(t, u), Le(u, _HIGH), sizes)
    left, right = And(two, Le(u, 1)), And(two, Ge(t, 1))
    pen.special(width, {})
    pen.special(width, {_T: u})
    pen.special(order, {x: t, y: u})
    pen.show(Le(q, q_u), "the ball is wider nearer to 1", left)
    pen.show(Ge(m, m_u), "so more is missed", left)
    pen.special(rises, {_Q: q, _Q_T: q_u, _M: m, _M_U: m_u})
    pen.show(Lt(level, level_u), "up to 1", left)
    pen.show(Implies(And(Lt(0, t), Lt(t, u)), Lt(sp.log(t), sp.log(u))), "the logarithm increases")
    pen.special(width, {})
    pen.special(width, {_T: u})
    pen.show(Le(q**2 - q_u**2, u**2 - t**2), "so the ball narrows slowly", right)
    pen.special(order, {x: t, y: u})
    pen.show(Ge(q, q_u), "the ball is wider nearer to 1", right)
    pen.show(And(Le(m, m_u), Le(m_u - m, q - q_u)), "so less is missed", right)
    pen.special(rises, {_Q: q, _Q_T: q_u, _M: m, _M_U: m_u})
    pen.show(Lt(level, level_u), "from 1", right)
    claim = Implies(Or(left, right), Lt(level, level_u))
    pen.show(claim, "in each case")
    found = [pen.conclusion("the steepest point on one side", (), claim)]

    pen, middle = Pen(KL_width, sp.Integer(2)), And(two, Lt(t, 1), Lt(1, u))
    pen.special(width, {_T: sp.S.One})
    pen.show(Gt(KL_width(sp.S.One, P), 0), "the ball is widest at 1", apart)
    for at, values in ((t, (level, level_u.subs(u, 1))), (u, (level.subs(t, 1), level_u))):
        pen.special(claim, {u if at == t else t: sp.S.One})
        pen.show(Lt(*values), "compared with 1", middle)
    less = Implies(And(Lt(x, z), Lt(z, v)), Lt(x, v))
    pen.show(less, "by way of a third number")
    pen.special(less, {x: level, z: level.subs(t, 1), v: level_u})
    pen.show(Lt(level, level_u), "by way of 1", middle)
    pen.special(claim, {})
    anywhere = Implies(two, Lt(level, level_u))
    pen.show(anywhere, "in each case")
    found.append(pen.conclusion("the steepest point is one", (), anywhere))

    pen, gap, gap_u = Pen(KL_width, sp.Integer(2)), _steep(t, q, m), _steep(u, q_u, m_u)
    at_root = And(apart, Le(_LOW, t), Le(t, _HIGH), Eq(gap, 0))
    pen.special(width, {})
    pen.show(Implies(Eq(q, 0), Ne(t, 1)), "the ball has a width at 1", And(apart, Le(_LOW, t), Le(t, _HIGH)))
    has_width = Implies(at_root, Gt(q, 0))
    pen.show(has_width, "so it has one at a root")
    found.append(pen.conclusion("the width of a ball at its steepest point", (), has_width))

    pen, two = Pen(KL_width, sp.Integer(2)), And(at_root, Lt(t, u), Le(u, _HIGH))
    pen.special(has_width, {})
    divided = Implies(at_root, And(Gt(q, 0), Eq(level, x)))
    pen.show(divided, "divided by the width")
    pen.special(divided, {})
    pen.special(divided, {t: u})
    twice = And(two, Eq(gap_u, 0))
    pen.show(And(Eq(level, x), Eq(level_u, x), Gt(q, 0), Gt(q_u, 0)), "of two roots", twice)
    pen.special(anywhere, {})
    pen.show(Lt(level, level_u), "it would rise", twice)
    same = Implies(And(Eq(p, v), Eq(r, v)), Ge(p, r))
    pen.show(same, "which no number does")
    pen.special(same, {p: level, r: level_u, v: x})
    alone = Implies(two, Ne(gap_u, 0))
    pen.show(alone, "so the root is the only one")
    found.append(pen.conclusion("the equation of the steepest point has one root", (), alone))

    def f(t: sp.Expr) -> sp.Expr:
        return _steep(t, KL_width(t, P), missed_mean(t))

    def formula(t: sp.Expr) -> sp.Expr:
        return _steep(t, sp.sqrt(_room(t)), sp.Max(0, sp.Abs(y) - sp.sqrt(_room(t))))

    pen = Pen(KL_steepest, sp.Integer(2))
    for end, side in ((_LOW, Le), (_HIGH, Ge)):
        pen.special(width, {t: end})
        pen.show(Eq(KL_width(end, P), 0), "at its ends the ball has no width", apart)
        pen.show(side(f(end), 0), "so this has a sign", apart)
    pen.special(room, {})
    pen.special(alone, {})
    pen.root(value, f, formula, (t, u), (_LOW, _HIGH), apart)
    pen.special(width, {t: value})
    in_ball = And(Gt(value, 0), Eq(KL_width(value, P) ** 2, _room(value)))
    border = Implies(apart, And(in_ball, Eq(f(value), 0)))
    found.append(pen.conclusion("the steepest point of a ball between two ends", (), border))

    places, ends = _ends_of_ball()
    pen = Pen(KL_steepest, sp.Integer(2))
    pen.special(ends.lemma.claim, {})
    pen.special(border, places)
    pen.show(And(in_ball, Eq(f(value), 0)), "between the ends of the ball", And(Gt(P, 0), Ne(y, 0)))
    on_axis, axis = And(Gt(P, 0), Eq(y, 0)), nearest_on_axis(sp.sqrt(sp.Max(0, x)))
    _interval_on_axis(pen, value, axis, on_axis, ends.lemma.claim)
    pen.show(in_ball, "in each case", Gt(P, 0))
    return [*found, pen.proof(lemma)]


def _interval_on_axis(pen: Pen, value: sp.Expr, axis: sp.Expr, on_axis: Boolean, ends: Boolean) -> None:
    """Show that a point of the interval that a ball is on its axis is in the ball; `value` is defined as this point."""
    low, high = (sp.sqrt(-branch(-sp.exp(-1 - 2 * P))) for branch in (W_0, W_m1))
    width, between = (lemma.claim for lemma in facts_of(KL_width, sp.Integer(2)).lemmas)
    pen.special(ends, {})
    pen.show(And(Gt(axis, 0), Le(low, axis), Le(axis, high)), "between the ends", on_axis)
    pen.define(Eq(value, axis), "on the axis the ball is an interval", on_axis)
    pen.show(And(Gt(value, 0), Le(low, value), Le(value, high)), "between the ends", on_axis)
    pen.special(width, {s: value})
    pen.special(between, {s: value})
    pen.show(And(Gt(value, 0), Eq(KL_width(value, P) ** 2, _room(value))), "so it is in the ball", on_axis)


def _nearest_to_some(stationary: Boolean, nearest: Boolean) -> list[LemmaProof]:
    """The steepest point is the nearest to a point with its mean, and the nearest to the axis of means is not farther."""
    point = facts_of(KL_nearest, sp.Integer(2)).lemmas[1].claim
    steepest, lemma = facts_of(KL_steepest, sp.Integer(2)).lemmas
    alpha = sp.Dummy("alpha", real=True)
    value, near = KL_steepest(x, y, P), KL_nearest(alpha, y, P)
    width, missed = KL_width(value, P), missed_mean(value)
    given = And(Gt(P, 0), Ge(alpha, 0), Eq(2 * alpha * value, x + value**2 + missed**2))
    outside, inside, on_axis = (
        And(given, Ne(y, 0), Gt(missed, 0)),
        And(given, Ne(y, 0), Le(missed, 0)),
        And(given, Eq(y, 0)),
    )

    pen = Pen(KL_steepest, sp.Integer(2))
    pen.special(steepest.claim, {})
    pen.show(And(Gt(width, 0), Le(width, sp.Abs(y))), "the equation has no root at an end of the ball", outside)
    pen.special(steepest.claim, {})
    along = Eq(sp.Abs(y) * (value**2 - 1), width * (alpha * value - 1))
    pen.show(along, "the way is along the gradient", outside)
    pen.special(point, {x: alpha})
    pen.show(And(Gt(near, 0), Eq(KL_width(near, P) ** 2, _room(near))), "the nearest point is in the ball", given)
    pen.special(steepest.claim, {})
    pen.special(stationary, {x: alpha, s: value, _Q: width, _SIZE: sp.Abs(y), _T: near, _Q_T: KL_width(near, P)})
    missed_near = missed_mean(near)
    far, far_near = (value - alpha) ** 2 + missed**2, (near - alpha) ** 2 + missed_near**2
    pen.show(Le(far + (near - value) ** 2, far_near), "no other point is nearer", outside)
    pen.special(steepest.claim, {})
    pen.special(nearest, {x: alpha, _T: value})
    pen.show(Le(far_near + (value - near) ** 2, far), "nor any than the nearest", given)
    twice = Implies(And(Le(p + (r - v) ** 2, z), Le(z + (v - r) ** 2, p)), Eq(r, v))
    pen.show(twice, "so both are the same")
    pen.special(twice, {p: far, z: far_near, r: near, v: value})
    pen.show(Eq(near, value), "outside", outside)
    pen.special(steepest.claim, {})
    pen.show(And(Eq(missed, 0), Gt(width, 0)), "nothing is missed", inside)
    pen.special(steepest.claim, {})
    pen.show(Eq(value**2, x), "so this is the root", inside)
    pen.show(And(Gt(value, 0), Eq(alpha, value), Eq(missed, 0)), "and the point itself", inside)
    pen.special(nearest, {x: alpha, _T: value})
    pen.show(Le(far_near + (value - near) ** 2, far), "no other is nearer than the nearest", given)
    pen.show(And(Eq(far, 0), Ge(far_near, 0)), "at no distance", inside)
    pen.show(Eq(near, value), "inside", inside)
    low, high = (sp.sqrt(-branch(-sp.exp(-1 - 2 * P))) for branch in (W_0, W_m1))
    ends = And(Gt(_LOW, 0), Le(_LOW, 1), Ge(_HIGH, 1))
    clipped = [sp.Max(_LOW, sp.Min(at, _HIGH)) for at in (sp.sqrt(sp.Max(0, x)), z)]
    axis = Implies(And(ends, Eq(v, clipped[0]), Eq(2 * z * v, x + v**2)), Eq(v, clipped[1]))
    pen.show(axis, "an interval")
    _, at_ends = _ends_of_ball()
    pen.special(at_ends.lemma.claim, {})
    pen.special(axis, {_LOW: low, _HIGH: high, v: value, z: alpha})
    pen.special(steepest.claim, {})
    pen.show(And(Eq(missed, 0), Eq(value, nearest_on_axis(alpha))), "on the axis nothing is missed", on_axis)
    pen.special(point, {x: alpha})
    pen.show(Eq(near, value), "on the axis", on_axis)
    some = Implies(given, Eq(near, value))
    pen.show(some, "in each case")
    found = pen.conclusion("the steepest point of a ball is the nearest to some point", (), some)

    pen = Pen(KL_steepest, sp.Integer(2))
    pen.special(steepest.claim, {})
    pen.special(nearest, {x: 0, _T: value})
    axis = KL_nearest(0, y, P)
    least = Implies(Gt(P, 0), Le(axis**2 + missed_mean(axis) ** 2, value**2 + missed**2))
    pen.show(least, "the nearest point of all")
    on_the_way = pen.conclusion("the steepest point is not nearer to the axis than the nearest", (), least)

    pen, along = Pen(KL_steepest, sp.Integer(2)), (x + value**2 + missed**2) / (2 * value)
    pen.special(steepest.claim, {})
    pen.show(Eq(2 * along * value, x + value**2 + missed**2), "multiplied", Gt(P, 0))
    pen.show(Implies(Ge(2 * along * value, 0), Ge(along, 0)), "its standard deviation is positive", Gt(P, 0))
    pen.special(some, {alpha: along})
    pen.special(least, {})
    return [found, on_the_way, pen.proof(lemma)]


def proofs() -> list[LemmaProof]:
    """All of them, in an order in which each uses earlier ones only."""
    _, order = _room_order()
    room, width = _width_of_ball(order.lemma.claim)
    stationary, rises = _stationary(), _only_steepest()
    of_all = _nearest_of_all(stationary.lemma.claim)
    steepest = _steepest(*(proof.lemma.claim for proof in (order, room, width, rises)))
    return [
        *_lambert(),
        *_width(),
        *_nearest(),
        stationary,
        *of_all,
        *_distances(),
        rises,
        *steepest,
        *_nearest_to_some(stationary.lemma.claim, of_all[1].lemma.claim),
    ]
