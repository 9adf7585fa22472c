"""What is known of entropy, information and divergence of bits, and of their inverses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Min, Ne, Or
from sympy.logic.boolalg import Boolean

from drc.information.bits import I_b, cells
from drc.information.entropy import H_b
from drc.information.inverses import H_b_inv, I_b_inv
from drc.information.kl_bits import KL_b, KL_b_max, KL_b_min
from drc.information.lemmas.lemma import Known, Lemma, in_base, nonnegative, unit
from drc.information.lemmas.letters import P, h, i, p, q, r, s, u, v, w, x, y, z


def joint(u: sp.Expr, p: sp.Expr, r: sp.Expr) -> Boolean:
    """That two bits have a joint law: their covariance, and how often each is one."""
    return And(unit(p, r), nonnegative(*cells(u, p, r).values()))


def _x_log_x(x: sp.Expr) -> sp.Expr:
    return sp.Piecewise((0, Eq(x, 0)), (x * sp.log(x), True))


def _binary_entropy(base: sp.Expr) -> Known:
    H, top = in_base(H_b, base), sp.log(2) / sp.log(base)
    return Known(
        (p,),
        defined=unit(p),
        lemmas=(
            Lemma(
                "range of the binary entropy",
                Implies(
                    unit(p),
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
                Implies(
                    unit(p, q),
                    And(
                        Equivalent(Lt(H(p), H(q)), Lt(p * (1 - p), q * (1 - q))),
                        Equivalent(Eq(H(p), H(q)), Or(Eq(p, q), Eq(p, 1 - q))),
                    ),
                ),
                at=((p,), (q,)),
            ),
        ),
        opened=-(_x_log_x(p) + _x_log_x(1 - p)) / sp.log(base),
    )


#: Information at two covariances.
_PAIR, _BOTH = ((u, p, r), (v, p, r)), And(joint(u, p, r), joint(v, p, r))


def _symmetric(I: Callable[..., sp.Expr]) -> Lemma:  # noqa: E741 (the field's letter)
    alike = Or(
        And(Eq(v, u), Or(And(Eq(x, p), Eq(y, r)), And(Eq(x, r), Eq(y, p)), And(Eq(x, 1 - p), Eq(y, 1 - r)))),
        And(Eq(v, -u), Or(And(Eq(x, p), Eq(y, 1 - r)), And(Eq(x, 1 - p), Eq(y, r)))),
    )
    return Lemma(
        "information is the same with letters exchanged or a bit negated",
        Implies(And(joint(u, p, r), alike), Eq(I(u, p, r), I(v, x, y))),
        at=((u, p, r), (v, x, y)),
    )


def _of_opposite_sign(first: sp.Expr, second: sp.Expr) -> Lemma:
    # Positive if the bits lean to the same side, and if the odds ratios at `u` and at `v` have a product above 1.
    leaning = (1 - 2 * p) * (1 - 2 * r)
    steeper = (u + v) * (p * (1 - p) * r * (1 - r) + u * v) + leaning * u * v
    return Lemma(
        "of covariances of opposite sign that tells more for its size at which information rises faster",
        Implies(
            And(_BOTH, Lt(v, 0), Lt(0, u)),
            And(
                Implies(And(Ge(leaning, 0), Ge(steeper, 0)), Le(second * u, -first * v)),
                Implies(And(Le(leaning, 0), Le(steeper, 0)), Ge(second * u, -first * v)),
                Implies(And(Gt(leaning, 0), Ge(steeper, 0)), Lt(second * u, -first * v)),
                Implies(And(Lt(leaning, 0), Le(steeper, 0)), Gt(second * u, -first * v)),
            ),
        ),
        at=_PAIR,
        few=2,
    )


def _alike_often(I: Callable[..., sp.Expr]) -> Lemma:  # noqa: E741 (the field's letter)
    def apart(u: sp.Expr, r: sp.Expr) -> sp.Expr:
        """How often the two bits differ."""
        return p + r - 2 * p * r - 2 * u

    def beyond(u: sp.Expr, r: sp.Expr) -> sp.Expr:
        """Zero at the law of the second bit that Shannon's plan has for bits that differ this often."""
        return r * (1 - 2 * apart(u, r)) - (p - apart(u, r))

    given = And(joint(u, p, r), joint(v, p, s), Le(0, u), Le(0, v), Eq(apart(u, r), apart(v, s)))
    above = And(Le(r, s), Ge(beyond(u, r), 0), Ge(beyond(v, s), 0))
    below = And(Le(s, r), Le(beyond(u, r), 0), Le(beyond(v, s), 0))
    return Lemma(
        "information of bits that differ equally often grows away from Shannon's law",
        Implies(And(given, Or(above, below)), Le(I(u, p, r), I(v, p, s))),
        at=((u, p, r), (v, p, s)),
        differ=(r, s),
    )


def channel(u: sp.Expr, p: sp.Expr, r: sp.Expr, s: sp.Expr) -> Boolean:
    """That the first bit is the second one through a symmetric channel of crossover `s`."""
    return And(unit(r, s), Eq(u, r * (1 - r) * (1 - 2 * s)), Eq(p, r + s - 2 * r * s))


def _information(base: sp.Expr) -> Known:
    I = in_base(I_b, base)  # noqa: E741 (the field's letter)
    first, second, law = I(u, p, r), I(v, p, r), (p, 1 - p, r, 1 - r)
    return Known(
        (u, p, r),
        defined=joint(u, p, r),
        lemmas=(
            Lemma(
                "information is positive unless the bits are independent",
                Implies(joint(u, p, r), And(Ge(first, 0), Equivalent(Eq(first, 0), Eq(u, 0)))),
            ),
            Lemma(
                "information grows with the covariance on either side of 0, and is convex",
                Implies(
                    _BOTH,
                    And(
                        Implies(And(Le(0, u), Lt(u, v)), And(Lt(first, second), Le(first * v, second * u))),
                        Implies(And(Le(u, 0), Lt(v, u)), And(Lt(first, second), Ge(first * v, second * u))),
                        Implies(And(Lt(0, u), Lt(u, v)), Lt(first * v, second * u)),
                        Implies(And(Lt(u, 0), Lt(v, u)), Gt(first * v, second * u)),
                    ),
                ),
                at=_PAIR,
            ),
            _symmetric(I),
            Lemma(
                "of opposite covariances the negative one tells more if the laws lean to the same side",
                Implies(And(_BOTH, Eq(v, -u)), Ge(u * (1 - 2 * p) * (1 - 2 * r) * (second - first), 0)),
                at=_PAIR,
            ),
            Lemma(
                "information is strictly convex in the covariance",
                Implies(And(_BOTH, Lt(u, w), Lt(w, v)), Lt(I(w, p, r) * (v - u), first * (v - w) + second * (w - u))),
                at=((u, p, r), (w, p, r), (v, p, r)),
                few=3,
            ),
            _of_opposite_sign(first, second),
            _alike_often(I),
            Lemma(
                "information of a bit and the output of a symmetric channel",
                Implies(channel(u, p, r, s), Eq(first, H_b.of(p, base) - H_b.of(s, base))),
                free=(s,),
            ),
        ),
        opened=(sum(_x_log_x(mass) for mass in cells(u, p, r).values()) - sum(_x_log_x(mass) for mass in law))
        / sp.log(base),
    )


def _information_inverse(base: sp.Expr) -> Known:
    I = in_base(I_b, base)  # noqa: E741 (the field's letter)
    value, top = I_b_inv.of(i, p, r, base), Min(p * (1 - r), (1 - p) * r)
    return Known(
        (i, p, r),
        defined=unit(p, r),
        lemmas=(
            Lemma(
                "the inverse of information is the largest covariance of its rate",
                Implies(
                    unit(p, r),
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
    KL, infinite = in_base(KL_b, base), Or(And(Eq(q, 0), Ne(y, 0)), And(Eq(q, 1), Ne(y, 1)))
    inside = And(Lt(0, q), Lt(q, 1), unit(y, z))
    return Known(
        (y, q),
        defined=unit(y, q),
        infinite=infinite,
        lemmas=(
            Lemma(
                "the divergence is positive unless the laws are equal",
                Implies(unit(y, q), And(Ge(KL(y, q), 0), Equivalent(Eq(KL(y, q), 0), Eq(y, q)))),
            ),
            Lemma(
                "the divergence grows on either side of its reference",
                Implies(
                    inside,
                    And(
                        Implies(And(Le(q, y), Lt(y, z)), Lt(KL(y, q), KL(z, q))),
                        Implies(And(Le(y, q), Lt(z, y)), Lt(KL(y, q), KL(z, q))),
                    ),
                ),
                at=((y, q), (z, q)),
            ),
        ),
    )


def _end(function: type[sp.Function], far: sp.Integer, base: sp.Expr) -> Known:
    value = function.of(q, P, base)
    side = Le(value, q) if far == 0 else Ge(value, q)
    return Known(
        (q, P),
        defined=And(unit(q), Ge(P, 0)),
        lemmas=(
            Lemma(
                "an end of a ball of laws is on its border, or a constant law",
                Implies(
                    And(unit(q), Ge(P, 0)),
                    And(
                        unit(value),
                        side,
                        Implies(Or(Eq(q, 0), Eq(q, 1)), Eq(value, q)),
                        Implies(And(Ne(value, far), Lt(0, q), Lt(q, 1)), Eq(KL_b.of(value, q, base), P)),
                        Implies(And(Lt(0, q), Lt(q, 1)), Le(KL_b.of(value, q, base), P)),
                    ),
                ),
            ),
        ),
    )


#: What is known of each function, for a base of its logarithms.
KNOWN = {
    H_b: _binary_entropy,
    I_b: _information,
    H_b_inv: _entropy_inverse,
    I_b_inv: _information_inverse,
    KL_b: _divergence,
    KL_b_min: partial(_end, KL_b_min, sp.S.Zero),
    KL_b_max: partial(_end, KL_b_max, sp.S.One),
}
