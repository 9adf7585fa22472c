"""Lemmas of water levels: prices at which the components of a vector share a rate, or a gain."""

# pyright: reportOperatorIssue=false
# Sympy does not say that the arguments of an expression are expressions.

from __future__ import annotations

import sympy as sp
from sympy import And, Eq, Ge, Gt, Implies, Le, Lt, Not, Or
from sympy.logic.boolalg import Boolean

from drc.information.lemmas.lemma import nonnegative, positive
from drc.information.lemmas.letters import (
    K,
    R,
    R_more,
    correlations,
    g,
    h,
    p,
    q,
    r,
    rates,
    s,
    share,
    u,
    v,
    weights,
    x,
    y,
    z,
)
from drc.information.lemmas.water_filling import (
    CORRELATED,
    LABELLED,
    LIMIT,
    WEIGHTED,
    ambiguity,
    component_gain,
    filled_gain,
    filled_rate,
    meet,
    shared_ambiguity,
)
from drc.information.water_filling import (
    gain_level,
    gain_of_least_ambiguity,
    least_ambiguity,
    least_rate,
    rate_level,
    shared_gain,
    shared_rate,
)
from drc.proof.lemmas.calculus import LemmaProof, Pen, facts_of


def _rate_level() -> list[LemmaProof]:
    (lemma,) = facts_of(rate_level).lemmas
    pen = Pen(rate_level)

    def f(t: sp.Expr) -> sp.Expr:
        return sp.Add(*(filled_rate(t, w) for w in weights))

    above = Implies(And(Gt(p, 0), Gt(q, 0)), Ge(filled_rate(p, q), sp.log(2 * q / p) / 2))
    pen.show(above, "the root is above its radicand's last term")
    below = Implies(And(Gt(p, 0), Gt(q, 0)), Le(filled_rate(p, q), 2 * q**2 / p**2))
    pen.show(below, "the logarithm and the root are below their tangents")
    low, high = 2 * weights[0] * sp.exp(-2 * R), 2 * sp.Add(*weights) / sp.sqrt(R)
    pen.special(above, {p: x, q: weights[0]})
    there = And(WEIGHTED, Gt(R, 0), Gt(x, 0))
    pen.show(Ge(sp.log(2 * weights[0] / x) / 2, R), "the logarithm of an exponential", And(there, Eq(x, low)))
    for weight in weights:
        pen.special(below, {p: x, q: weight})
        pen.show(Le(2 * weight**2 / x**2, R / 2), "its share of all weights is below 1", And(there, Eq(x, high)))
        pen.show(Gt(filled_rate(x, weight), 0), "the root is above 1", And(WEIGHTED, Gt(x, 0)))
    root = [sp.sqrt(1 + 16 * w**2 / x**2) for w in weights]
    slope = sp.Add(*(-8 * w**2 / (x**3 * e * (1 + e)) for w, e in zip(weights, root, strict=True)))
    pen.price(rate_level(R, *weights), f, R, (low, high), slope, (WEIGHTED, Gt(R, 0)))
    return [pen.proof(lemma)]


def _gain_level() -> list[LemmaProof]:
    (lemma,) = facts_of(gain_level).lemmas
    pen, most = Pen(gain_level), sp.Add(*weights)

    def f(t: sp.Expr) -> sp.Expr:
        return sp.Add(*(filled_gain(t, w) for w in weights))

    above = Implies(And(Gt(p, 0), Gt(q, 0)), Ge(filled_gain(p, q), q - p / 4))
    pen.show(above, "the gain is above its tangent at 0")
    below = Implies(And(Gt(p, 0), Gt(q, 0)), Le(filled_gain(p, q), 2 * q**2 / p))
    pen.show(below, "the root is above the price")
    low, high = 4 * (most - g) / len(weights), 2 * sp.Add(*(w**2 for w in weights)) / g
    for weight in weights:
        pen.special(above, {p: x, q: weight})
        pen.special(below, {p: x, q: weight})
    root = [sp.sqrt(16 * w**2 + x**2) for w in weights]
    slope = sp.Add(*(-4 * w**2 / (e * (x + e)) for w, e in zip(weights, root, strict=True)))
    value, within = gain_level(g, *weights), And(Gt(g, 0), Lt(g, most))
    pen.price(value, f, g, (low, high), slope, (WEIGHTED, within))
    pen.define(Eq(value, 0), "more than all gain has no price", And(WEIGHTED, Ge(g, most)))
    for weight in weights:
        pen.show(Eq(filled_gain(sp.S.Zero, weight), weight, evaluate=False), "all gain, at no price", WEIGHTED)
    return [pen.proof(lemma)]


_C_1, _C_2 = correlations


def _product() -> tuple[Boolean, Boolean]:
    """Letters: what two components leave open together, where `u` and `v` are what their rates leave of each."""
    first, second = _C_1 * (1 - _C_2), _C_2 * (1 - _C_1)
    roots = And(Ge(s, 0), Ge(h, 0), Eq(s**2, (1 - _C_1) * (1 - _C_2)), Eq(h**2, _C_1 * _C_2))
    given = And(CORRELATED, roots, Ge(u, 0), Ge(v, 0), Ge(z, 0), Eq(u * v, z**2))
    left, whole = (s + h * z) ** 2, (1 - _C_1 + _C_1 * u) * (1 - _C_2 + _C_2 * v)
    return Implies(given, Le(left, whole)), Implies(And(given, Eq(first * u, second * v)), Eq(left, whole))


def _products() -> list[LemmaProof]:
    """The mean of two numbers is at least the root of their product, and equal to it if they are."""
    numbers = And(nonnegative(x, y, r, z, u, v), Eq(u * v, z**2), Eq(r**2, x * y))
    first, second = _C_1 * (1 - _C_2), _C_2 * (1 - _C_1)
    names = "the product is least where both components are the same", "the least product"
    found = []
    for name, mean, claim in zip(
        names,
        (
            Implies(numbers, Le(2 * r * z, x * u + y * v)),
            Implies(And(numbers, Eq(x * u, y * v)), Eq(r * z, x * u)),
        ),
        _product(),
        strict=True,
    ):
        pen = Pen()
        pen.show(mean, "of two numbers, and the root of their product")
        pen.special(mean, {x: first, y: second, r: s * h})
        pen.show(claim, "multiplied out")
        found.append(pen.conclusion(name, claim))
    return found


def _logarithms() -> list[LemmaProof]:
    """Logarithms of two sides of an inequality, or an equation, of which one is a product."""
    found = []
    for relation, power in ((Le, 2), (Eq, 2), (Le, 1)):
        pen, given = Pen(), And(positive(x, y, z), relation(x**power, y * z))
        pen.show(relation(sp.log(x**power), sp.log(y * z)), "the logarithm increases", given)
        claim = Implies(given, relation(power * sp.log(x), sp.log(y) + sp.log(z)))
        pen.show(claim, "the logarithm of a product")
        found.append(pen.conclusion("the logarithm of a product and of a number", claim))
    return found


#: What a component's rate leaves open costs in the ambiguity of both, where both have this share of it.
_FIRST, _SECOND = _C_1 * (1 - _C_2), _C_2 * (1 - _C_1)
_HERE, _WITHIN = And(Ge(R, 0), CORRELATED), And(Le(0, share), Le(share, R))
_SHARES = share, R - share


_ROOTS = {s: sp.sqrt((1 - _C_1) * (1 - _C_2)), h: sp.sqrt(_C_1 * _C_2), z: sp.exp(-R)}


_OWN = "the ambiguity of the share of the water"


def _opens() -> tuple[sp.Expr, ...]:
    """What the rates leave open of the labels of both components."""
    return tuple(1 - c + c * sp.exp(-2 * e) for c, e in zip(correlations, _SHARES, strict=True))


def _balance() -> sp.Expr:
    """The first component's share where water covers both."""
    return R / 2 + sp.log(_FIRST / _SECOND) / 4


#: The least ambiguity, that of a share of the rate, and what the first is where water covers both components, or one.
_LEAST, _TOTAL = least_ambiguity(R, *correlations), sp.Add(*map(ambiguity, correlations, _SHARES))
(_BOTH, _LOG_MEAN), *_ALONE = shared_ambiguity(R)


def _own_ambiguity(equal: Boolean, logarithms: list[Boolean]) -> LemmaProof:
    """The ambiguity of the share of the water where it covers both components."""
    pen, (mean,), at = Pen(), _LOG_MEAN.args, _balance()
    covered = And(_HERE, _BOTH, Gt(_FIRST, 0), Gt(_SECOND, 0))
    there = [sp.exp(-2 * e).subs(share, at) for e in _SHARES]
    opens = [e.subs(share, at) for e in _opens()]
    pen.show(Eq(_FIRST * there[0], _SECOND * there[1]), "what the water leaves open", covered)
    spent = And(*(Gt(e, 0) for e in there), Eq(there[0] * there[1], sp.exp(-2 * R)))
    pen.show(spent, "it spends the rate", covered)
    pen.special(equal, _ROOTS | {u: there[0], v: there[1]})
    pen.show(Eq(mean**2, opens[0] * opens[1]), "what it leaves open of both", covered)
    pen.show(And(Gt(mean, 0), *(Gt(e, 0) for e in opens)), "something is left open", covered)
    pen.special(logarithms[1], {x: mean, y: opens[0], z: opens[1]})
    claim = Implies(covered, Eq(_LOG_MEAN, _TOTAL.subs(share, at)))
    pen.show(claim, "its ambiguity")
    return pen.conclusion(_OWN, claim)


def _shared_ambiguity(below: Boolean, logarithms: list[Boolean]) -> list[LemmaProof]:
    """No share of a rate has less ambiguity than the formula says."""
    found, opens = [], _opens()
    (mean,) = _LOG_MEAN.args
    name, given = "no share of a rate has less ambiguity than that of the water", And(_HERE, _WITHIN)
    pen = Pen()
    pen.special(below, _ROOTS | {u: sp.exp(-2 * share), v: sp.exp(-2 * (R - share))})
    pen.show(Le(mean**2, opens[0] * opens[1]), "no share leaves less open", given)
    pen.show(And(*(Gt(e, 0) for e in opens)), "something is left open", given)
    pen.show(Gt(mean, 0), "something is left open", And(_HERE, _BOTH))
    pen.special(logarithms[0], {x: mean, y: opens[0], z: opens[1]})
    claim = Implies(And(given, _BOTH), Le(_LOG_MEAN, _TOTAL))
    pen.show(claim, "no share has less ambiguity where water covers both")
    found.append(pen.conclusion(name, claim))
    for (where, formula), c in zip(_ALONE, reversed(correlations), strict=True):
        pen, left = Pen(), 1 - c + c * sp.exp(-2 * R)
        pen.show(Le(left, opens[0] * opens[1]), "no share leaves less open", And(given, where))
        pen.show(And(Gt(left, 0), *(Gt(e, 0) for e in opens)), "something is left open", given)
        pen.special(logarithms[2], {x: left, y: opens[0], z: opens[1]})
        claim = Implies(And(given, where), Le(formula, _TOTAL))
        pen.show(claim, "no share has less ambiguity where water covers one alone")
        found.append(pen.conclusion(name, claim))
    return found


def _formula(shares: list[Boolean], own: Boolean, log_product: Boolean) -> LemmaProof:
    """Where the share of the water is the best, and what ambiguity it has."""
    pen, (mean,) = Pen(least_ambiguity), _LOG_MEAN.args
    covered, at = And(_HERE, _BOTH, Gt(_FIRST, 0), Gt(_SECOND, 0)), _balance()
    pen.special(shares[0], {})
    pen.show(Le(_LOG_MEAN, _TOTAL), "no share has less", And(covered, _WITHIN))
    pen.special(own, {})
    pen.show(Le(_TOTAL.subs(share, at), _TOTAL), "no share has less than it", And(covered, _WITHIN))
    pen.least(_LEAST, _TOTAL, share, _WITHIN, at, covered)
    claims = [Implies(covered, Eq(_LEAST, _LOG_MEAN))]
    pen.show(claims[0], "water covers both")
    for (where, formula_alone), bound, end in zip(_ALONE, shares[1:], (sp.S.Zero, R), strict=True):
        pen.special(bound, {})
        pen.least(_LEAST, _TOTAL, share, _WITHIN, end, And(_HERE, where))
        claims.append(Implies(And(_HERE, where), Eq(_LEAST, formula_alone)))
        pen.show(claims[-1], "water covers one alone")
    neither, left = And(_HERE, _BOTH, Or(Le(_FIRST, 0), Le(_SECOND, 0))), 1 - _C_2 + _C_2 * sp.exp(-2 * R)
    pen.show(Or(*(And(Eq(_C_1, c), Eq(_C_2, c)) for c in (0, 1))), "both labels are known, or there are none", neither)
    pen.show(And(Gt(mean, 0), Gt(left, 0), Eq(mean**2, left)), "then any share is as good", neither)
    pen.special(log_product, {x: mean, y: left, z: 1})
    uncovered = Implies(neither, Eq(_LOG_MEAN, _ALONE[0][1]))
    pen.show(uncovered, "then any share is as good")
    for claim in (*claims[:2], uncovered):
        pen.special(claim, {})
    pen.show(Implies(And(_HERE, _BOTH), Eq(_LEAST, _LOG_MEAN)), "in each case")
    pen.special(claims[1], {})
    pen.special(claims[2], {})
    return pen.proof(facts_of(least_ambiguity).lemmas[0])


def _no_share_leaves_less(shares: list[Boolean]) -> LemmaProof:
    formula, no_less, _ = facts_of(least_ambiguity).lemmas
    pen, of_water = Pen(least_ambiguity), []
    for (where, least), bound in zip(shared_ambiguity(R), shares, strict=True):
        pen.special(formula.claim, {})
        pen.show(Eq(_LEAST, least), "the least", And(_HERE, where))
        pen.special(bound, {})
        of_water.append(Implies(And(_HERE, _WITHIN, where), Le(_LEAST, _TOTAL)))
        pen.show(of_water[-1], "no share has less")
    for claim in of_water:
        pen.special(claim, {})
    any_share = Implies(And(_HERE, _WITHIN), Le(_LEAST, _TOTAL))
    pen.show(any_share, "in each case")
    pen.special(any_share, {R: sp.Add(*rates), share: rates[0]})
    return pen.proof(no_less)


def _falls() -> LemmaProof:
    """The least ambiguity falls with the rate."""
    formula, no_less, falls = facts_of(least_ambiguity).lemmas
    pen, more = Pen(least_ambiguity), least_ambiguity(R_more, *correlations)
    rises = And(_HERE, Lt(R, R_more), Or(*(Gt(c, 0) for c in correlations)))
    pen.show(And(Lt(sp.exp(-R_more), sp.exp(-R)), Lt(sp.exp(-2 * R_more), sp.exp(-2 * R))), "less is left open", rises)
    lower = []
    for (where, formula_alone), end, c in zip(_ALONE, (sp.S.Zero, R_more), reversed(correlations), strict=True):
        case, then = And(rises, where, Gt(c, 0)), formula_alone.subs(R, R_more)
        pen.show(Lt(then, formula_alone), "the one that it covers", case)
        pen.special(no_less.claim, {R: R_more, rates[0]: end, rates[1]: R_more - end})
        pen.show(Lt(more, formula_alone), "it may go on to do so", case)
        pen.special(formula.claim, {})
        lower.append(Implies(case, Lt(more, _LEAST)))
        pen.show(lower[-1], "where it covers one alone")
    pen.special(formula.claim, {})
    pen.show(Eq(_LEAST, _LOG_MEAN), "the least", And(rises, _BOTH))
    pen.show(_BOTH.subs(R, R_more), "it covers both at more, too", And(rises, _BOTH))
    pen.special(formula.claim, {R: R_more})
    pen.show(Eq(more, _LOG_MEAN.subs(R, R_more)), "the least at more", And(rises, _BOTH))
    pen.show(Lt(_LOG_MEAN.subs(R, R_more), _LOG_MEAN), "less is left open of both", And(rises, _BOTH))
    lower.append(Implies(And(rises, _BOTH), Lt(more, _LEAST)))
    pen.show(lower[-1], "where it covers both")
    for claim in lower:
        pen.special(claim, {})
    return pen.proof(falls)


def _least_ambiguity() -> list[LemmaProof]:
    products, logarithms = _products(), _logarithms()
    (below, equal), logs = ([proof.lemma.claim for proof in proofs] for proofs in (products, logarithms))
    shares, own = _shared_ambiguity(below, logs), _own_ambiguity(equal, logs)
    of_shares = [proof.lemma.claim for proof in shares]
    formula = _formula(of_shares, own.lemma.claim, logs[1])
    return [*products, *logarithms, *shares, own, formula, _no_share_leaves_less(of_shares), _falls()]


def _least_rate() -> list[LemmaProof]:
    (nonnegative, lemma), (formula, _, falls) = (facts_of(of).lemmas for of in (least_rate, least_ambiguity))
    pen, value = Pen(least_rate), least_rate(K, *correlations)
    enough = And(Ge(x, 0), Le(least_ambiguity(x, *correlations), K))
    pen.between(value, x, x, enough, (sp.S.Zero, sp.oo), CORRELATED)
    is_rate, pen = pen.proof(nonnegative), Pen(least_rate)
    within, whole = And(LABELLED, Lt(LIMIT, K), Lt(K, 0)), sp.exp(2 * K)
    left, root = [1 - c for c in correlations], sp.sqrt(_C_1 * _C_2)
    least_root = _ROOTS[s]
    near = And(LABELLED, Ge(s, 0), Eq(s**2, left[0] * left[1]), Gt(x, s), Gt(y, 0), Lt(y, 1), Le(y * x**2, s**2 / y))
    pen.show(Le(y * x, s), "the roots of these", near)
    pen.show(Le(y * (x - s), (1 - y) * s), "so the difference", near)
    covers = Implies(near, Le(y**2 * (x - s) ** 2, (1 - y) ** 2 * s**2))
    pen.show(covers, "squared")
    grows = Implies(And(Gt(x, 0), Lt(x, 1)), Gt(-sp.log(x), 0))
    pen.show(grows, "the logarithm increases")
    alike = Implies(
        And(Eq(x, y), Gt(x, 0), Eq(least_ambiguity(x, *correlations), K), CORRELATED),
        And(Gt(y, 0), Eq(least_ambiguity(y, *correlations), K)),
    )
    pen.show(alike, "equal rates leave as much")
    pen.show(Lt(sp.log(left[0] * left[1]), sp.log(whole)), "in logarithms", within)
    between = Implies(within, And(Lt(left[0] * left[1], whole), Lt(whole, 1)))
    pen.show(between, "between the two ends")
    alone = [Ge(whole * a, b) for a, b in (left, reversed(left))]
    cases = (
        (And(*(Not(case) for case in alone)), (sp.exp(K) - least_root) / root, 1),
        *((case, (whole - 1 + c) / c, 2) for case, c in zip(alone, reversed(correlations), strict=True)),
    )
    claims = []
    for (case, open_part, power), (where, least) in zip(cases, shared_ambiguity(R), strict=True):
        given, rate = And(within, case), -sp.log(open_part) / power
        pen.special(between, {})
        pen.show(And(Gt(open_part, 0), Lt(open_part, 1)), "what this rate leaves open", given)
        pen.special(grows, {x: open_part})
        positive = Implies(given, Gt(rate, 0))
        pen.show(positive, "so it is a rate")
        pen.special(between, {})
        for one in left if power == 1 else ():
            pen.special(covers, {x: sp.exp(K), s: least_root, y: one})
        covered = Implies(given, where.subs(R, rate))
        pen.show(covered, "the water covers as much")
        pen.special(positive, {})
        pen.special(covered, {})
        pen.special(formula.claim, {R: rate})
        pen.show(Eq(least_ambiguity(rate, *correlations), least.subs(R, rate)), "the least", given)
        pen.show(Eq(least.subs(R, rate), K), "the formula", given)
        reached = Implies(given, Eq(least_ambiguity(rate, *correlations), K))
        pen.show(reached, "this rate leaves just that")
        pen.special(positive, {})
        pen.special(falls.claim, {R: x, R_more: rate})
        pen.least(value, x, x, enough, rate, given)
        pen.special(positive, {})
        pen.special(reached, {})
        pen.special(alike, {x: rate, y: value})
        claims.append(Implies(given, And(Gt(value, 0), Eq(least_ambiguity(value, *correlations), K))))
        pen.show(claims[-1], "so does the least")
    for claim in claims:
        pen.special(claim, {})
    return [is_rate, pen.proof(lemma)]


def _bounds_of_gain(own: Boolean) -> LemmaProof:
    """The gain of the share of least ambiguity is that of some share."""
    (lemma, _), (formula, *_) = (facts_of(of).lemmas for of in (gain_of_least_ambiguity, least_ambiguity))
    pen, value = Pen(gain_of_least_ambiguity), gain_of_least_ambiguity(R, *weights, *correlations)
    gain = sp.Add(*map(component_gain, weights, _SHARES))
    points = _balance(), sp.S.Zero, R
    open_labels = And(_HERE, *(Lt(c, 1) for c in correlations))
    cases = [where for where, _ in shared_ambiguity(R)]
    cases[0] = And(cases[0], Gt(_FIRST, 0), Gt(_SECOND, 0))
    found = []
    for case, point in zip(cases, points, strict=True):
        given, there = And(open_labels, case), _TOTAL.subs(share, point)
        pen.special(formula.claim, {})
        pen.special(own, {})
        pen.show(Eq(there, _LEAST), "the share of the water", given)
        pen.show(_WITHIN.subs(share, point), "it is a share of the rate", given)
        found.append(Implies(given, And(_WITHIN, Eq(_TOTAL, _LEAST)).subs(share, point)))
        pen.show(found[-1], "so it is one of least ambiguity")
    pen.show(Or(*cases), "in each case", open_labels)
    for claim in found:
        pen.special(claim, {})
    given = And(open_labels, WEIGHTED)
    for w, e in zip(weights, _SHARES, strict=True):
        pen.show(And(Le(0, component_gain(w, e)), Le(component_gain(w, e), w)), "a correlation", And(given, _WITHIN))
    pen.between(value, gain, share, And(_WITHIN, Eq(_TOTAL, _LEAST)), (sp.S.Zero, sp.Add(*weights)), given, points)
    return pen.proof(lemma)


def _gain_of_least_ambiguity(own: Boolean) -> list[LemmaProof]:
    (_, lemma), (formula, *_) = (facts_of(of).lemmas for of in (gain_of_least_ambiguity, least_ambiguity))
    pen, value = Pen(gain_of_least_ambiguity), gain_of_least_ambiguity(R, *weights, *correlations)
    gain = sp.Add(*map(component_gain, weights, _SHARES))
    here, opens = And(Ge(R, 0), LABELLED, WEIGHTED), _opens()
    rest = [sp.exp(-2 * e) for e in _SHARES]
    same, root = (
        Implies(And(Gt(x, 0), Gt(y, 0), Eq(sp.log(x), sp.log(y))), Eq(x, y)),
        Implies(And(Eq(x, y), Le(x, 1)), Eq(sp.sqrt(1 - x), sp.sqrt(1 - y))),
    )
    pen.show(same, "the logarithm increases")
    pen.show(root, "equal numbers have equal roots")
    numbers = And(nonnegative(x, y, r, z, u, v), Eq(u * v, z**2), Eq(r**2, x * y))
    mean = Implies(And(numbers, Eq(2 * r * z, x * u + y * v)), Eq(x * u, y * v))
    pen.show(mean, "the mean is equal to the root of the product for equal numbers only")
    given = _product()[0].args[0]
    pen.special(mean, {x: _FIRST, y: _SECOND, r: s * h})
    whole = Eq((s + h * z) ** 2, (1 - _C_1 + _C_1 * u) * (1 - _C_2 + _C_2 * v))
    balanced = Implies(And(given, whole), Eq(_FIRST * u, _SECOND * v))
    pen.show(balanced, "multiplied out")
    (mean_of_roots,) = shared_ambiguity(R)[0][1].args
    pen.special(balanced, _ROOTS | {u: rest[0], v: rest[1]})
    equal = Eq(opens[0] * opens[1], mean_of_roots**2)
    only = {_balance(): Implies(And(_HERE, LABELLED, _WITHIN, equal), Eq(_FIRST * rest[0], _SECOND * rest[1]))}
    pen.show(only[_balance()], "both components are the same")
    one, other = sp.symbols("c c'", real=True, cls=sp.Dummy)
    letters = And(*(And(Lt(0, c), Lt(c, 1)) for c in (one, other)), Gt(z, 0), Ge(u, z), Le(u, 1), Eq(u * v, z))
    cheaper = And(
        Le(one * (1 - other), other * (1 - one) * z),
        Eq((1 - one + one * u) * (1 - other + other * v), 1 - other + other * z),
    )
    alone = Implies(And(letters, cheaper), Eq(u, 1))
    pen.show(alone, "one component has no rate")
    pairs = zip(
        (sp.S.Zero, R), (correlations, correlations[::-1]), (rest, rest[::-1]), shared_ambiguity(R)[1:], strict=True
    )
    for point, (a, b), (kept, spent), (where, least_of) in pairs:
        pen.special(alone, {one: a, other: b, z: sp.exp(-2 * R), u: kept, v: spent})
        equal = Eq(opens[0] * opens[1], (2 * least_of).args[0])
        only[point] = Implies(And(_HERE, LABELLED, _WITHIN, where, equal), Eq(kept, 1))
        pen.show(only[point], "one component has no rate")
    claims = []
    for (where, formula_of), point, power in zip(
        shared_ambiguity(R), (_balance(), sp.S.Zero, R), (2, 1, 1), strict=True
    ):
        given, there = And(here, where), [e.subs(share, point) for e in rest]
        alike = And(given, _WITHIN, Eq(_TOTAL, _LEAST))
        left = (formula_of if power == 2 else 2 * formula_of).args[0]
        pen.special(formula.claim, {})
        pen.show(Eq(_LEAST, formula_of), "the least", given)
        pen.show(Eq(_TOTAL, formula_of), "the same ambiguity", alike)
        pen.show(Eq(sp.log(opens[0] * opens[1]), sp.log(left**power)), "the same, in a product", alike)
        pen.show(And(Gt(opens[0] * opens[1], 0), Gt(left**power, 0)), "something is left open", alike)
        pen.special(same, {x: opens[0] * opens[1], y: left**power})
        pen.show(Eq(opens[0] * opens[1], left**power), "as much is left open", alike)
        pen.special(only[point], {})
        pen.show(only[point].args[1], "so the point is the only one", alike)
        if point not in (0, R):
            pen.show(Eq(_FIRST * there[0], _SECOND * there[1]), "as at the point", alike)
        for e, at in zip(rest, there, strict=True):
            pen.show(Eq(e, at), "the same of each component", alike)
        for e, at in zip(rest, there, strict=True):
            pen.special(root, {x: e, y: at})
            pen.show(Eq(sp.sqrt(1 - e), sp.sqrt(1 - at)), "the same correlation", alike)
        pen.special(own, {})
        pen.show(Eq(formula_of, _TOTAL.subs(share, point)), "the point's ambiguity", given)
        pen.least(value, gain, share, And(_WITHIN, Eq(_TOTAL, _LEAST)), point, given, most=True)
        claims.append(Implies(given, Eq(value, gain.subs(share, point))))
        pen.show(claims[-1], "the gain")
    for claim in claims:
        pen.special(claim, {})
    return [_bounds_of_gain(own), pen.proof(lemma)]


def _shared() -> list[LemmaProof]:
    """The best share under two bounds is the best by definition, and there is one."""
    found, total = [], sp.Add(*rates)
    for function, target, most in ((shared_gain, R, True), (shared_rate, g, False)):
        (lemma,) = facts_of(function).lemmas
        pen, given = Pen(function), And(WEIGHTED, CORRELATED)
        gain, value = sp.Add(*map(component_gain, weights, rates)), function(target, K, *weights, *correlations)
        where, most_rate = And(meet(K), Le(total, R) if most else Ge(gain, g)), R if most else z
        box = dict.fromkeys(rates, (sp.S.Zero, most_rate))
        pen.best(value, gain if most else total, where, box, given, most=most)
        found.append(pen.proof(lemma))
    return found


def proofs() -> list[LemmaProof]:
    """All of them, in an order in which each uses earlier ones only."""
    ambiguities = _least_ambiguity()
    (own,) = (proof.lemma.claim for proof in ambiguities if proof.lemma.name == _OWN)
    return [*_rate_level(), *_gain_level(), *ambiguities, *_least_rate(), *_gain_of_least_ambiguity(own), *_shared()]
