"""Lemmas of the entropy of a bit, the information of two bits, and their inverses."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp
from sympy import And, Eq, Ge, Gt, Implies, Le, Lt, Min, Or
from sympy.logic.boolalg import Boolean

from drc.information.bits import I_b, cells
from drc.information.entropy import H_b
from drc.information.inverses import H_b_inv, I_b_inv
from drc.information.lemmas.bits import joint
from drc.information.lemmas.lemma import Lemma, in_base, nonnegative, positive, proper, unit
from drc.information.lemmas.letters import h, i, p, q, r, s, t, u, v, w, x, y, z
from drc.proof.lemmas.calculus import Interval, LemmaProof, Pen, facts_of, formula_of, interior

_HALF = sp.S.Half


def _named(function: type[sp.Function], base: sp.Expr, start: str) -> Lemma:
    """The lemma of a function whose name starts like this."""
    return next(lemma for lemma in facts_of(function, base).lemmas if lemma.name.startswith(start))


def _log_odds(u: sp.Expr) -> sp.Expr:
    """Logarithm of the odds ratio of two bits with covariance `u`."""
    return sum(((-1) ** (a + b) * sp.log(mass) for (a, b), mass in cells(u, p, r).items()), sp.S.Zero)


def _entropy(base: sp.Expr) -> list[LemmaProof]:
    bounds, order = facts_of(H_b, base).lemmas
    H, formula = in_base(H_b, base), formula_of(H_b, base)
    pen = Pen(H_b, base)
    pen.show(Eq(H(p), H(1 - p)), "the letters exchanged", unit(p), at=(p,))
    slope = sp.log((1 - p) / p) / sp.log(base)
    up = pen.monotone(H(p), formula(p), p, Interval(sp.S.Zero, _HALF), slope)
    pen.everywhere("the binary entropy increases up to 1/2", ((p,), (q,)), up(p, q))
    first = pen.proof(order)

    pen = Pen(H_b, base)
    pen.special(order.claim, {p: 0, q: p})
    pen.special(order.claim, {q: _HALF})
    return [first, pen.proof(bounds)]


def _symmetric(base: sp.Expr) -> LemmaProof:
    I = in_base(I_b, base)  # noqa: E741 (the field's letter)
    pen, law = Pen(I_b, base), joint(u, p, r)
    for (at, first, second), because in (
        ((u, p, r), "the same bits"),
        ((u, r, p), "the bits exchanged"),
        ((u, 1 - p, 1 - r), "both bits negated"),
        ((-u, p, 1 - r), "the second bit negated"),
        ((-u, 1 - p, r), "the first bit negated"),
    ):
        if (at, first, second) != (u, p, r):
            pen.show(Eq(I(u, p, r), I(at, first, second)), because, law)
        there = And(Eq(v, at), Eq(x, first), Eq(y, second))
        pen.show(Eq(I(u, p, r), I(v, x, y)), because, And(law, there))
    return pen.proof(facts_of(I_b, base).lemmas[2])


def _slopes(base: sp.Expr, where: Interval) -> LemmaProof:
    """Information, and the slope of its line from the origin, grow with a positive covariance."""
    I, formula, mass = in_base(I_b, base), formula_of(I_b, base), cells(u, p, r)  # noqa: E741 (the field's letter)
    odds = sp.Dummy("odds", real=True)
    pen = Pen(I_b, base, ((odds, mass[1, 1] * mass[0, 0] / (mass[1, 0] * mass[0, 1])),))
    slope = sp.log(odds) / sp.log(base)
    pen.show(Gt(odds, 1), "the determinant of the joint law is the covariance", where.inside(u))
    growing = Implies(Gt(x, 1), Gt(sp.log(x) / sp.log(base), 0))
    pen.show(growing, "the logarithm increases")
    pen.special(growing, {x: odds})
    up = pen.monotone(I(u, p, r), formula(u, p, r), u, where, slope)
    # The slope of the line from the origin grows, too: that is what convexity is needed for.
    gap = u * _log_odds(u) / sp.log(base) - interior(formula(u, p, r))
    curvature = sum(1 / m for m in mass.values()) / sp.log(base)
    grows = pen.monotone(gap, gap, u, replace(where, high_open=True), u * curvature)
    pen.show(Eq(gap.subs(u, 0), 0, evaluate=False), "nothing at independence", where.given)
    pen.follows(grows(sp.S.Zero, u))
    divided = Implies(And(Gt(x, 0), Gt(u, 0)), Gt(x / u**2, 0))
    pen.show(divided, "a square is positive")
    pen.special(divided, {x: gap})
    pen.show(Gt(gap, 0), "it grows from 0", where.inside(u))
    steeper = pen.monotone(I(u, p, r) / u, formula(u, p, r) / u, u, replace(where, low_open=True), gap / u**2)
    return pen.conclusion("the slopes of information", And(up(u, v), steeper(u, v)))


def _one_side(base: sp.Expr, where: Interval) -> list[LemmaProof]:
    """How information grows with a positive covariance."""
    I, formula = in_base(I_b, base), formula_of(I_b, base)  # noqa: E741 (the field's letter)
    first, second = I(u, p, r), I(v, p, r)
    slopes = _slopes(base, where)
    pen = Pen(I_b, base)
    less = Implies(And(Lt(0, u), Lt(0, v), Lt(x / u, y / v)), Lt(x * v, y * u))
    pen.show(less, "denominators are positive")
    pen.special(less, {x: first, y: second})
    pen.special(slopes.lemma.claim, {})
    pair = And(where.holds(u), Lt(u, v), where.holds(v))
    pen.show(Lt(first * v, second * u), "the line from the origin is steeper", And(pair, Lt(0, u)))
    ratio = pen.conclusion("ratio", Implies(And(pair, Lt(0, u)), Lt(first * v, second * u)))

    rising = And(joint(u, p, r), joint(v, p, r), Le(0, u), Lt(u, v))
    pen = Pen(I_b, base)
    pen.value(first, formula(u, p, r), u, sp.S.Zero, sp.S.Zero, unit(p, r))
    pen.special(slopes.lemma.claim, {})
    pen.special(ratio.lemma.claim, {})
    pen.show(pair, "no bit is constant", rising)
    one_side = Implies(
        rising, And(Lt(first, second), Le(first * v, second * u), Implies(Lt(0, u), Lt(first * v, second * u)))
    )
    pen.show(one_side, "for positive covariances")
    return [slopes, ratio, pen.conclusion("one side", one_side)]


def _information(base: sp.Expr) -> list[LemmaProof]:
    positive, order = facts_of(I_b, base).lemmas[:2]
    I, formula = in_base(I_b, base), formula_of(I_b, base)  # noqa: E741 (the field's letter)
    law, symmetric = joint(u, p, r), _symmetric(base)
    found = _one_side(base, Interval(sp.S.Zero, Min(p * (1 - r), (1 - p) * r), proper(p, r)))

    pen, one_side = Pen(I_b, base), found[-1].lemma.claim
    pen.special(one_side, {})
    pen.special(one_side, {u: -u, v: -v, p: p, r: 1 - r})
    for at in (u, v):
        pen.show(Eq(I(at, p, r), I(-at, p, 1 - r)), "a bit negated", law.subs(u, at))
    monotone = pen.proof(order)

    pen = Pen(I_b, base)
    pen.value(I(u, p, r), formula(u, p, r), u, sp.S.Zero, sp.S.Zero, unit(p, r))
    pen.special(order.claim, {u: 0, v: u})
    pen.show(law.subs(u, 0), "independent bits have a joint law", law)
    for side in (Eq(u, 0), Gt(u, 0), Lt(u, 0)):
        claim = Eq(I(u, p, r), 0) if isinstance(side, Eq) else Gt(I(u, p, r), 0)
        pen.show(claim, "compared with independent bits", And(law, side))
    return [symmetric, *found, monotone, pen.proof(positive)]


def _opposite(base: sp.Expr) -> list[LemmaProof]:
    """Information at a covariance and at its opposite: their difference has a derivative of one sign."""
    lemma = _named(I_b, base, "of opposite covariances the negative")
    I, formula = in_base(I_b, base), formula_of(I_b, base)  # noqa: E741 (the field's letter)
    here, there = cells(u, p, r), cells(-u, p, r)
    apart, together = (
        sp.Mul(*(mass[cell] for mass in (here, there) for cell in cells_))
        for cells_ in (((1, 0), (0, 1)), ((1, 1), (0, 0)))
    )
    odds = sp.Dummy("odds", real=True)
    lean = (1 - 2 * p) * (1 - 2 * r)
    pen = Pen(I_b, base, ((odds, apart / together),))
    most = Min(p * r, (1 - p) * (1 - r), p * (1 - r), (1 - p) * r)
    where = Interval(sp.S.Zero, most, And(proper(p, r), Gt(lean, 0)))
    pen.show(Gt(together, 0), "a product of masses", where.inside(u))
    pen.show(Eq(apart - together, u**2 * lean, evaluate=False), "expand")
    larger = Implies(And(Gt(x, 0), Gt(y - x, 0)), Gt(y / x, 1))
    pen.show(larger, "the denominator is positive")
    pen.special(larger, {x: together, y: apart})
    pen.show(Gt(odds, 1), "so the ratio is above 1", where.inside(u))
    growing = Implies(Gt(x, 1), Gt(sp.log(x) / sp.log(base), 0))
    pen.show(growing, "the logarithm increases")
    pen.special(growing, {x: odds})
    slope = sp.log(odds) / sp.log(base)
    pen.show(Gt(slope, 0), "so its logarithm is positive", where.inside(u))
    gap, written = I(-u, p, r) - I(u, p, r), formula(-u, p, r) - formula(u, p, r)
    up = pen.monotone(gap, written, u, where, slope)
    one_side = pen.conclusion("bits that lean to the same side", up(sp.S.Zero, u))

    pen, more = Pen(I_b, base), one_side.lemma.claim
    for at in (u, v):
        pen.special(more, {u: at})
        pen.special(more, {u: at, r: 1 - r})
    laws = And(joint(u, p, r), joint(v, p, r))
    opposite = And(laws, Eq(v, -u))
    for at in (u, v):
        pen.show(Eq(I(at, p, r), I(-at, p, 1 - r)), "a bit negated", laws)
    pen.show(Implies(And(Gt(lean, 0), Gt(u, 0)), Gt(I(v, p, r), I(u, p, r))), "both lean to the same side", opposite)
    return [one_side, pen.proof(lemma)]


def _alike_often(base: sp.Expr) -> list[LemmaProof]:
    """Information of bits that differ with a given probability: its derivative in the law of the second bit."""
    lemma = _named(I_b, base, "information of bits that differ equally often")
    I, formula = in_base(I_b, base), formula_of(I_b, base)  # noqa: E741 (the field's letter)
    t, apart, odds = sp.symbols("t delta odds", real=True, cls=sp.Dummy)

    def covariance(t: sp.Expr) -> sp.Expr:
        return (p + t - 2 * p * t - apart) / 2

    def beyond(t: sp.Expr) -> sp.Expr:
        return t * (1 - 2 * apart) - (p - apart)

    def law(t: sp.Expr) -> Boolean:
        masses = (p + t - apart, 2 - p - t - apart, p - t + apart, t - p + apart)
        return And(unit(t, p), nonnegative(*masses))

    mass = cells(covariance(t), p, t)
    top, bottom = mass[1, 1] * mass[0, 1] * (1 - t) ** 2, mass[0, 0] * mass[1, 0] * t**2
    slope = sp.log(odds) / (2 * sp.log(base))
    found = []
    for up in (True, False):
        more = Ge if up else Le
        pen = Pen(I_b, base, ((odds, top / bottom),))
        ends = (And(law(end), Ge(covariance(end), 0), more(beyond(end), 0)) for end in (x, y))
        where = Interval(x, y, And(*ends))
        within = where.inside(t)
        pen.show(positive(*mass.values(), t, 1 - t), "masses are linear", within)
        pen.show(Gt(bottom, 0), "a product of masses", within)
        pen.show(And(Ge(covariance(t), 0), more(beyond(t), 0)), "so are the factors of the difference,", within)
        pen.show(Eq(top - bottom, covariance(t) * beyond(t) / 2, evaluate=False), "which is this")
        pen.show(more(odds, 1), "so the ratio is on this side of 1", within)
        growing = Implies(And(Gt(x, 0), more(x, 1)), more(sp.log(x) / (2 * sp.log(base)), 0))
        pen.show(growing, "the logarithm increases")
        pen.special(growing, {x: odds})
        pen.show(Gt(odds, 0), "masses are positive", within)
        pen.show(more(slope, 0), "so is its logarithm", within)
        f, written = (function(covariance(t), p, t) for function in (I, formula))
        compared = pen.monotone(f, written, t, where, slope, up=up, strict=False)
        side = "above" if up else "below"
        found.append(pen.conclusion(f"{side} Shannon's law", compared(x, y)))

    pen = Pen(I_b, base)
    often = p + r - 2 * p * r - 2 * u
    for proof, first, second in zip(found, (r, s), (s, r), strict=True):
        pen.special(proof.lemma.claim, {apart: often, x: first, y: second})
    return [*found, pen.proof(lemma)]


def _convexity(base: sp.Expr) -> list[LemmaProof]:
    """Information lies above its tangents, and so below its chords."""
    lemma = _named(I_b, base, "information is strictly convex")
    I, formula = in_base(I_b, base), formula_of(I_b, base)  # noqa: E741 (the field's letter)
    inside = And(proper(p, r), positive(*cells(w, p, r).values()))
    low, high = sp.Max(-p * r, -(1 - p) * (1 - r)), Min(p * (1 - r), (1 - p) * r)

    pen = Pen(I_b, base)
    tangent = And(inside, Eq(s, _log_odds(w) / sp.log(base)))
    above, slope = I(x, p, r) - s * x, _log_odds(x) / sp.log(base) - s
    smaller = Implies(And(Gt(y, 0), Lt(y, z)), Lt(sp.log(y), sp.log(z)))
    pen.show(smaller, "the logarithm increases")
    compared = []
    for first, second in ((w, x), (x, w)):
        ordered = And(inside, positive(*cells(x, p, r).values()), Lt(first, second))
        one, other = cells(first, p, r), cells(second, p, r)
        for a, b in one:
            less = (one[a, b], other[a, b]) if a == b else (other[a, b], one[a, b])
            pen.special(smaller, dict(zip((y, z), less, strict=True)))
            pen.show(Lt(*(sp.log(mass) for mass in less)), "a mass moves with the covariance", ordered)
        odds = Lt(_log_odds(first), _log_odds(second))
        pen.show(odds, "the odds ratio grows with the covariance", ordered)
        where = Interval(w, high, tangent) if first == w else Interval(low, w, tangent)
        compared.append(pen.monotone(above, formula(x, p, r) - s * x, x, where, slope, up=first == w))
    up, down = compared
    pen.follows(up(w, v), down(u, w))
    pair = And(joint(u, p, r), joint(v, p, r), Lt(u, w), Lt(w, v))
    pen.show(And(inside, Le(low, u), Le(v, high)), "no bit is constant, and no value impossible", pair)
    chord = lemma.claim.args[1]
    given = And(pair, Eq(s, _log_odds(w) / sp.log(base)))
    pen.show(And(*(Lt(I(w, p, r) - s * w, I(at, p, r) - s * at) for at in (u, v))), "it lies above its tangent", given)
    pen.show(below := Implies(given, chord), "so it lies below the chord")
    pen.special(below, {s: _log_odds(w) / sp.log(base)})
    return [pen.proof(lemma)]


def _opposite_sides(base: sp.Expr) -> list[LemmaProof]:
    """On the way to two covariances of opposite sign, at equal shares of it, information rises faster on one side."""
    lemma = _named(I_b, base, "of covariances of opposite sign")
    I, formula = in_base(I_b, base), formula_of(I_b, base)  # noqa: E741 (the field's letter)
    there, back = cells(t * u, p, r), cells(t * v, p, r)
    equal, unequal = (
        sp.Mul(*(law[a, b] for law in (there, back) for a, b in law if (a == b) is alike)) for alike in (True, False)
    )
    lean, spread = (1 - 2 * p) * (1 - 2 * r), p * (1 - p) * r * (1 - r)
    ahead = (u + v) * (spread + t**2 * u * v) + t * lean * u * v
    laws = And(joint(u, p, r), joint(v, p, r), Lt(v, 0), Lt(0, u))
    leads = And(laws, Ge(lean, 0), Ge(ahead.subs(t, 1), 0))
    first, second = I(u, p, r), I(v, p, r)

    pen = Pen(I_b, base)
    where = Interval(sp.S.Zero, sp.S.One, And(leads, Gt(u + v, 0)))
    within = where.inside(t)
    pen.show(positive(*there.values(), *back.values()), "each value is possible", within)
    falls = Implies(
        And(Lt(0, t), Lt(t, 1), Gt(x, 0), Lt(y, 0), Ge(s, 0), Ge(x * (z + y) + s * y, 0)),
        Gt(x * (z + t**2 * y) + t * s * y, 0),
    )
    pen.show(falls, "it falls on the way, and is not negative at its end")
    pen.special(falls, {x: u + v, y: u * v, z: spread, s: lean})
    pen.show(Lt(u * v, 0), "of opposite signs", within)
    pen.show(Gt(ahead, 0), "so it is positive", within)
    pen.show(Gt(unequal, 0), "masses are positive", within)
    above = Implies(And(Eq(x - y, t * z), Gt(z, 0), Gt(t, 0), Gt(y, 0)), Gt(x / y, 1))
    pen.show(above, "a quotient of what is larger by something positive")
    pen.special(above, {x: equal, y: unequal, z: ahead})
    pen.show(
        Eq(equal - unequal, t * ahead, evaluate=False), "the product of the odds ratios is above 1 if this is positive"
    )
    pen.show(Gt(equal / unequal, 1), "the product of the odds ratios", within)
    growing = Implies(And(Gt(x, 1), Gt(y, 0)), Gt(sp.log(x) * y / sp.log(base), 0))
    pen.show(growing, "the logarithm increases")
    pen.special(growing, {x: equal / unequal, y: -u * v})
    gain, opened = (-v * f(t * u, p, r) - u * f(t * v, p, r) for f in (I, formula))
    grows = pen.monotone(gain, opened, t, where, -u * v * sp.log(equal / unequal) / sp.log(base))
    pen.follows(grows(sp.S.Zero, sp.S.One))
    pen.show(tells_more := Implies(And(leads, Gt(u + v, 0)), Lt(second * u, -first * v)), "at the end of the way")
    one_side = pen.conclusion("of opposite covariances", tells_more)

    pen = Pen(I_b, base)
    pen.special(tells_more, {})
    pen.show(And(Le(u**2, spread), Le(v**2, spread)), "products of two masses each", laws)
    pen.show(Ge(u + v, 0), "the first is at least as long", leads)
    pen.show(Gt(u + v, 0), "and is longer", And(leads, Gt(lean, 0)))
    balanced = And(leads, Eq(u + v, 0))
    pen.show(Or(Eq(p, _HALF), Eq(r, _HALF)), "a law is even", balanced)
    for (one, other), even in (((p, 1 - r), Eq(r, _HALF)), ((1 - p, r), Eq(p, _HALF))):
        pen.show(Eq(first, I(v, one, other)), "a bit negated", balanced)
        pen.show(Eq(second, I(v, one, other)), "negated, its law is the same", And(balanced, even))
    pen.show(Eq(first, second), "so negating it changes nothing", balanced)
    tells_no_less = Implies(leads, And(Le(second * u, -first * v), Implies(Gt(lean, 0), Lt(second * u, -first * v))))
    pen.show(tells_no_less, "in either case")
    both_cases = pen.conclusion("of opposite covariances, in any case", tells_no_less)

    pen = Pen(I_b, base)
    pen.special(tells_no_less, {})
    pen.special(tells_no_less, {u: -v, v: -u, r: 1 - r})
    for at in (u, v):
        pen.show(Eq(I(at, p, r), I(-at, p, 1 - r)), "a bit negated", joint(at, p, r))
    return [one_side, both_cases, pen.proof(lemma)]


def _channel(base: sp.Expr) -> list[LemmaProof]:
    """Information is the entropy of one bit, less that of the crossover."""
    lemma = _named(I_b, base, "information of a bit and the output")
    I, H = in_base(I_b, base), in_base(H_b, base)  # noqa: E741 (the field's letter)
    pen = Pen(I_b, base)

    def claim(r: sp.Expr, s: sp.Expr) -> Boolean:
        output = r + s - 2 * r * s
        return Eq(I(r * (1 - r) * (1 - 2 * s), output, r), H(output) - H(s), evaluate=False)

    pen.show(claim(r, s), "the logarithm of each mass is a sum", proper(r, s))
    pen.show(claim(r, sp.S.Zero), "no noise", proper(r))
    pen.show(claim(r, sp.S.One), "a bit negated", proper(r))
    pen.show(claim(r, s), "in each case", unit(r, s))
    return [pen.proof(lemma)]


def _inverses(base: sp.Expr) -> list[LemmaProof]:
    H, I = in_base(H_b, base), in_base(I_b, base)  # noqa: E741 (the field's letter)
    pen = Pen(H_b_inv, base)
    pen.inverse(H_b_inv.of(h, base), H, formula_of(H_b, base), h, (sp.S.Zero, _HALF))
    entropy = pen.proof(facts_of(H_b_inv, base).lemmas[0])

    pen = Pen(I_b_inv, base)
    top = Min(p * (1 - r), (1 - p) * r)
    pen.inverse(
        I_b_inv.of(i, p, r, base),
        lambda w: I(w, p, r),
        lambda w: formula_of(I_b, base)(w, p, r),
        i,
        (sp.S.Zero, top),
        unit(p, r),
    )
    return [entropy, pen.proof(facts_of(I_b_inv, base).lemmas[0])]


def proofs(base: sp.Expr) -> list[LemmaProof]:
    """All of them, in an order in which each uses earlier ones only."""
    return [
        proof
        for lemmas in (
            _entropy,
            _information,
            _opposite,
            _alike_often,
            _convexity,
            _opposite_sides,
            _channel,
            _inverses,
        )
        for proof in lemmas(base)
    ]
