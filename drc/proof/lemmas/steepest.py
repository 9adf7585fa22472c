"""Lemmas of the steepest point of a ball of normal laws: the best law for a distortion."""

from __future__ import annotations

import sympy as sp
from sympy import And, Eq, Ge, Gt, Implies, Le, Lt, Ne, Or
from sympy.logic.boolalg import Boolean

from drc.information.kl_ball import KL_nearest, KL_steepest, KL_width
from drc.information.lemmas.lemma import Lemma
from drc.information.lemmas.letters import P, p, r, s, v, x, y, z
from drc.information.lemmas.normal import in_ball, missed_mean, nearest_on_axis, room_at, squared_distance
from drc.proof.lemmas import ball
from drc.proof.lemmas.ball import BETWEEN, HIGH, LOW, M_U, OTHER, PLACES, Q_T, SIZE, M, Q, T
from drc.proof.lemmas.calculus import LemmaProof, Pen, facts_of
from drc.proof.lemmas.nearest import NEAREST_OF_ALL, stationary


def _steep(t: sp.Expr, width: sp.Expr, missed: sp.Expr) -> sp.Expr:
    """Zero where the sum of `x` and the squares of a standard deviation and what its law misses, for its size, is least."""
    return width * (t**2 - missed**2 - x) + 2 * missed * (t**2 - 1)


def _level(t: sp.Expr, width: sp.Expr, missed: sp.Expr) -> sp.Expr:
    """The part of this equation that depends on the point, divided by the width."""
    return t**2 - missed**2 + 2 * missed * (t**2 - 1) / width


def _of_ball() -> tuple[Boolean, ...]:
    """The order of the room of a ball, that it has room between its ends, and its width there."""
    return tuple(proof.lemma.claim for proof in (ball.room_order()[1], *ball.width_between_ends()))


def _only_steepest() -> LemmaProof:
    """The equation of the steepest point has at most one root: divided by the width, its left-hand side increases."""
    t, u, q, q_u, m, m_u = T, OTHER, Q, Q_T, M, M_U
    positive = And(Lt(0, t), Lt(t, u), Gt(q, 0), Gt(q_u, 0), Ge(m, 0), Ge(m_u, 0))
    left = And(positive, Le(u, 1), Le(q, q_u), Ge(m, m_u))
    right = And(positive, Ge(t, 1), Ge(q, q_u), Le(q**2 - q_u**2, u**2 - t**2), Le(m, m_u), Le(m_u - m, q - q_u))
    level, level_u = _level(t, q, m), _level(u, q_u, m_u)
    squares = {x: t**2, y: u**2, z: m**2, v: m_u**2}

    pen = Pen()
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
    return pen.conclusion("an equation that rises", claim)


#: Two points of a ball off its axis, with their widths, what they miss of the mean, and what the equation compares.
_T, _U = T, OTHER
_WIDTH, _WIDTH_U = KL_width(_T, P), KL_width(_U, P)
_MISSED, _MISSED_U = missed_mean(_T), missed_mean(_U)
_LEVEL, _LEVEL_U = _level(_T, _WIDTH, _MISSED), _level(_U, _WIDTH_U, _MISSED_U)
_OFF_AXIS = And(BETWEEN, Ne(y, 0))
_TWO = And(_OFF_AXIS, Le(LOW, _T), Lt(_T, _U), Le(_U, HIGH), Gt(_WIDTH, 0), Gt(_WIDTH_U, 0))


def _rises_on_one_side(rises: Boolean) -> LemmaProof:
    pen, (order, _, width) = Pen(KL_width), _of_ball()
    left, right = And(_TWO, Le(_U, 1)), And(_TWO, Ge(_T, 1))
    pen.special(width, {})
    pen.special(width, {_T: _U})
    pen.special(order, {x: _T, y: _U})
    pen.show(Le(_WIDTH, _WIDTH_U), "the ball is wider nearer to 1", left)
    pen.show(Ge(_MISSED, _MISSED_U), "so more is missed", left)
    pen.special(rises, {Q: _WIDTH, Q_T: _WIDTH_U, M: _MISSED, M_U: _MISSED_U})
    pen.show(Lt(_LEVEL, _LEVEL_U), "up to 1", left)
    pen.show(Implies(And(Lt(0, _T), Lt(_T, _U)), Lt(sp.log(_T), sp.log(_U))), "the logarithm increases")
    pen.special(width, {})
    pen.special(width, {_T: _U})
    pen.show(Le(_WIDTH**2 - _WIDTH_U**2, _U**2 - _T**2), "so the ball narrows slowly", right)
    pen.special(order, {x: _T, y: _U})
    pen.show(Ge(_WIDTH, _WIDTH_U), "the ball is wider nearer to 1", right)
    pen.show(And(Le(_MISSED, _MISSED_U), Le(_MISSED_U - _MISSED, _WIDTH - _WIDTH_U)), "so less is missed", right)
    pen.special(rises, {Q: _WIDTH, Q_T: _WIDTH_U, M: _MISSED, M_U: _MISSED_U})
    pen.show(Lt(_LEVEL, _LEVEL_U), "from 1", right)
    claim = Implies(Or(left, right), Lt(_LEVEL, _LEVEL_U))
    pen.show(claim, "in each case")
    return pen.conclusion("the steepest point on one side", claim)


def _rises_anywhere(one_side: Boolean) -> LemmaProof:
    pen, (_, _, width), middle = Pen(KL_width), _of_ball(), And(_TWO, Lt(_T, 1), Lt(1, _U))
    pen.special(width, {_T: sp.S.One})
    pen.show(Gt(KL_width(sp.S.One, P), 0), "the ball is widest at 1", _OFF_AXIS)
    for at, values in ((_T, (_LEVEL, _LEVEL_U.subs(_U, 1))), (_U, (_LEVEL.subs(_T, 1), _LEVEL_U))):
        pen.special(one_side, {_U if at == _T else _T: sp.S.One})
        pen.show(Lt(*values), "compared with 1", middle)
    less = Implies(And(Lt(x, z), Lt(z, v)), Lt(x, v))
    pen.show(less, "by way of a third number")
    pen.special(less, {x: _LEVEL, z: _LEVEL.subs(_T, 1), v: _LEVEL_U})
    pen.show(Lt(_LEVEL, _LEVEL_U), "by way of 1", middle)
    pen.special(one_side, {})
    anywhere = Implies(_TWO, Lt(_LEVEL, _LEVEL_U))
    pen.show(anywhere, "in each case")
    return pen.conclusion("the steepest point is one", anywhere)


def _only_root(anywhere: Boolean) -> list[LemmaProof]:
    pen, (_, _, width) = Pen(KL_width), _of_ball()
    gap, gap_u = _steep(_T, _WIDTH, _MISSED), _steep(_U, _WIDTH_U, _MISSED_U)
    within = And(_OFF_AXIS, Le(LOW, _T), Le(_T, HIGH))
    at_root = And(within, Eq(gap, 0))
    pen.special(width, {})
    pen.show(Implies(Eq(_WIDTH, 0), Ne(_T, 1)), "the ball has a width at 1", within)
    has_width = Implies(at_root, Gt(_WIDTH, 0))
    pen.show(has_width, "so it has one at a root")
    found = pen.conclusion("the width of a ball at its steepest point", has_width)

    pen, two = Pen(KL_width), And(at_root, Lt(_T, _U), Le(_U, HIGH))
    pen.special(has_width, {})
    divided = Implies(at_root, And(Gt(_WIDTH, 0), Eq(_LEVEL, x)))
    pen.show(divided, "divided by the width")
    pen.special(divided, {})
    pen.special(divided, {_T: _U})
    twice = And(two, Eq(gap_u, 0))
    pen.show(And(Eq(_LEVEL, x), Eq(_LEVEL_U, x), Gt(_WIDTH, 0), Gt(_WIDTH_U, 0)), "of two roots", twice)
    pen.special(anywhere, {})
    pen.show(Lt(_LEVEL, _LEVEL_U), "it would rise", twice)
    same = Implies(And(Eq(p, v), Eq(r, v)), Ge(p, r))
    pen.show(same, "which no number does")
    pen.special(same, {p: _LEVEL, r: _LEVEL_U, v: x})
    alone = Implies(two, Ne(gap_u, 0))
    pen.show(alone, "so the root is the only one")
    return [found, pen.conclusion("the equation of the steepest point has one root", alone)]


def _between_two_ends(alone: Boolean) -> LemmaProof:
    def f(t: sp.Expr) -> sp.Expr:
        return _steep(t, KL_width(t, P), missed_mean(t))

    def formula(t: sp.Expr) -> sp.Expr:
        return _steep(t, sp.sqrt(room_at(t)), sp.Max(0, sp.Abs(y) - sp.sqrt(room_at(t))))

    pen, (_, room, width), value = Pen(KL_steepest), _of_ball(), KL_steepest(x, y, P)
    for end, side in ((LOW, Le), (HIGH, Ge)):
        pen.special(width, {_T: end})
        pen.show(Eq(KL_width(end, P), 0), "at its ends the ball has no width", _OFF_AXIS)
        pen.show(side(f(end), 0), "so this has a sign", _OFF_AXIS)
    pen.special(room, {})
    pen.special(alone, {})
    pen.root(value, f, formula, (_T, _U), (LOW, HIGH), _OFF_AXIS)
    pen.special(width, {_T: value})
    border = Implies(_OFF_AXIS, And(in_ball(value), Eq(f(value), 0)))
    return pen.conclusion("the steepest point of a ball between two ends", border)


def _steepest(border: Boolean) -> LemmaProof:
    """The steepest point is the only root of its equation."""
    pen, value = Pen(KL_steepest), KL_steepest(x, y, P)
    pen.special(ball.ends().lemma.claim, {})
    pen.special(border, PLACES)
    root = Eq(_steep(value, KL_width(value, P), missed_mean(value)), 0)
    pen.show(And(in_ball(value), root), "between the ends of the ball", And(Gt(P, 0), Ne(y, 0)))
    ball.on_axis(pen, value, nearest_on_axis(sp.sqrt(sp.Max(0, x))), And(Gt(P, 0), Eq(y, 0)))
    pen.show(in_ball(value), "in each case", Gt(P, 0))
    return pen.proof(facts_of(KL_steepest).lemmas[0])


#: The steepest point, and a point with its mean, of which it is the nearest.
_ALPHA = sp.Dummy("alpha", real=True)
_VALUE, _NEAR = KL_steepest(x, y, P), KL_nearest(_ALPHA, y, P)
_VALUE_WIDTH, _VALUE_MISSED = KL_width(_VALUE, P), missed_mean(_VALUE)
_FAR, _FAR_NEAR = squared_distance(_VALUE, _ALPHA), squared_distance(_NEAR, _ALPHA)
_GIVEN = And(Gt(P, 0), Ge(_ALPHA, 0), Eq(2 * _ALPHA * _VALUE, x + _VALUE**2 + _VALUE_MISSED**2))


def _same_outside(pen: Pen, steepest: Lemma, point: Lemma) -> None:
    given = And(_GIVEN, Ne(y, 0), Gt(_VALUE_MISSED, 0))
    pen.special(steepest.claim, {})
    pen.show(
        And(Gt(_VALUE_WIDTH, 0), Le(_VALUE_WIDTH, sp.Abs(y))), "the equation has no root at an end of the ball", given
    )
    pen.special(steepest.claim, {})
    along = Eq(sp.Abs(y) * (_VALUE**2 - 1), _VALUE_WIDTH * (_ALPHA * _VALUE - 1))
    pen.show(along, "the way is along the gradient", given)
    pen.special(point.claim, {x: _ALPHA})
    pen.show(in_ball(_NEAR), "the nearest point is in the ball", _GIVEN)
    pen.special(steepest.claim, {})
    pen.special(
        stationary().lemma.claim,
        {x: _ALPHA, s: _VALUE, Q: _VALUE_WIDTH, SIZE: sp.Abs(y), T: _NEAR, Q_T: KL_width(_NEAR, P)},
    )
    pen.show(Le(_FAR + (_NEAR - _VALUE) ** 2, _FAR_NEAR), "no other point is nearer", given)
    pen.special(steepest.claim, {})
    pen.special(NEAREST_OF_ALL, {x: _ALPHA, T: _VALUE})
    pen.show(Le(_FAR_NEAR + (_VALUE - _NEAR) ** 2, _FAR), "nor any than the nearest", _GIVEN)
    twice = Implies(And(Le(p + (r - v) ** 2, z), Le(z + (v - r) ** 2, p)), Eq(r, v))
    pen.show(twice, "so both are the same")
    pen.special(twice, {p: _FAR, z: _FAR_NEAR, r: _NEAR, v: _VALUE})
    pen.show(Eq(_NEAR, _VALUE), "outside", given)


def _same_inside(pen: Pen, steepest: Lemma) -> None:
    given = And(_GIVEN, Ne(y, 0), Le(_VALUE_MISSED, 0))
    pen.special(steepest.claim, {})
    pen.show(And(Eq(_VALUE_MISSED, 0), Gt(_VALUE_WIDTH, 0)), "nothing is missed", given)
    pen.special(steepest.claim, {})
    pen.show(Eq(_VALUE**2, x), "so this is the root", given)
    pen.show(And(Gt(_VALUE, 0), Eq(_ALPHA, _VALUE), Eq(_VALUE_MISSED, 0)), "and the point itself", given)
    pen.special(NEAREST_OF_ALL, {x: _ALPHA, T: _VALUE})
    pen.show(Le(_FAR_NEAR + (_VALUE - _NEAR) ** 2, _FAR), "no other is nearer than the nearest", _GIVEN)
    pen.show(And(Eq(_FAR, 0), Ge(_FAR_NEAR, 0)), "at no distance", given)
    pen.show(Eq(_NEAR, _VALUE), "inside", given)


def _same_on_axis(pen: Pen, steepest: Lemma, point: Lemma) -> None:
    given = And(_GIVEN, Eq(y, 0))
    ends = And(Gt(LOW, 0), Le(LOW, 1), Ge(HIGH, 1))
    clipped = [sp.Max(LOW, sp.Min(at, HIGH)) for at in (sp.sqrt(sp.Max(0, x)), z)]
    axis = Implies(And(ends, Eq(v, clipped[0]), Eq(2 * z * v, x + v**2)), Eq(v, clipped[1]))
    pen.show(axis, "an interval")
    pen.special(ball.ends().lemma.claim, {})
    pen.special(axis, {**PLACES, v: _VALUE, z: _ALPHA})
    pen.special(steepest.claim, {})
    pen.show(And(Eq(_VALUE_MISSED, 0), Eq(_VALUE, nearest_on_axis(_ALPHA))), "on the axis nothing is missed", given)
    pen.special(point.claim, {x: _ALPHA})
    pen.show(Eq(_NEAR, _VALUE), "on the axis", given)


def _nearest_to_some() -> list[LemmaProof]:
    """The steepest point is the nearest to a point with its mean, and the nearest to the axis of means is not farther."""
    point = facts_of(KL_nearest).lemmas[1]
    steepest, lemma = facts_of(KL_steepest).lemmas
    pen = Pen(KL_steepest)
    _same_outside(pen, steepest, point)
    _same_inside(pen, steepest)
    _same_on_axis(pen, steepest, point)
    some = Implies(_GIVEN, Eq(_NEAR, _VALUE))
    pen.show(some, "in each case")
    found = pen.conclusion("the steepest point of a ball is the nearest to some point", some)

    pen = Pen(KL_steepest)
    pen.special(steepest.claim, {})
    pen.special(NEAREST_OF_ALL, {x: 0, T: _VALUE})
    axis = KL_nearest(0, y, P)
    least = Implies(Gt(P, 0), Le(axis**2 + missed_mean(axis) ** 2, _VALUE**2 + _VALUE_MISSED**2))
    pen.show(least, "the nearest point of all")
    on_the_way = pen.conclusion("the steepest point is not nearer to the axis than the nearest", least)

    pen, along = Pen(KL_steepest), (x + _VALUE**2 + _VALUE_MISSED**2) / (2 * _VALUE)
    pen.special(steepest.claim, {})
    pen.show(Eq(2 * along * _VALUE, x + _VALUE**2 + _VALUE_MISSED**2), "multiplied", Gt(P, 0))
    pen.show(Implies(Ge(2 * along * _VALUE, 0), Ge(along, 0)), "its standard deviation is positive", Gt(P, 0))
    pen.special(some, {_ALPHA: along})
    pen.special(least, {})
    return [found, on_the_way, pen.proof(lemma)]


def proofs() -> list[LemmaProof]:
    """All of them, in an order in which each uses earlier ones only."""
    rises = _only_steepest()
    one_side = _rises_on_one_side(rises.lemma.claim)
    anywhere = _rises_anywhere(one_side.lemma.claim)
    alone = _only_root(anywhere.lemma.claim)
    border = _between_two_ends(alone[-1].lemma.claim)
    steepest = _steepest(border.lemma.claim)
    return [rises, one_side, anywhere, *alone, border, steepest, *_nearest_to_some()]
