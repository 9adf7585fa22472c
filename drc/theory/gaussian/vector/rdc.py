"""Vector Gaussian source, squared error, asymptotic, unlimited common randomness: `R(D, C)`.

Theorem (the inverse of `drc`).  With the price `lambda_D` at which water-filling reaches `D`, the `h(S|Y)`
that it leaves, `C_D`, the least rate `R_C` for `C`, and `D_C`, the least distortion that this rate gives along with `C`,

    rate of water-filling         distortion-limited:                        D < B, C >= C_D
    R_C                           classification-limited:                    C < C_D, D >= D_C
    min sum r_i                   distortion- and classification-limited:    C < C_D, D < D_C  (both constraints bind)
    0                             zero-rate:                                 D >= B, C >= h(S)
    +oo                           infeasible:                                D below the squared Wasserstein distance,
                                                                             or C < h(S|X)
"""

from __future__ import annotations

from functools import cache, partial

import sympy as sp
from sympy import And, Eq, Ge, Gt, Le, Lt, Or, Piecewise
from sympy.logic.boolalg import Boolean

from drc.errors import NotAvailableError
from drc.information.water_filling import gain_level, gain_of_least_ambiguity, least_ambiguity, least_rate, shared_rate
from drc.problems.vector_gaussian import VectorGaussian
from drc.proof import Proof
from drc.theory.gaussian.vector import components
from drc.theory.gaussian.vector.components import Components
from drc.theory.gaussian.vector.drc import symbolic, symmetries
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff import Tradeoff
from drc.tradeoff.law import convex, limit
from drc.units import Unit

D, R, C, B, h_S, h_S_given_X, r = sp.symbols("D R C B h_S h_SX r", real=True)

STATEMENT = (
    "Least rate of a Gaussian vector with independent components for squared error $D$ and classification bound $C$,"
    " asymptotically, with unlimited common randomness, when the classifier sees $Y$. In nats, component $i$ of rate $r_i$"
    r" has $\rho_i^2 = 1 - e^{-2 r_i}$ and $a_i = \tfrac12 \ln(1 - c_i \rho_i^2)$; at the price $\lambda$ of a nat,"
    r" $\lambda \rho_i = 2 w_i (1 - \rho_i^2)$."
)

lambda_D = sp.Symbol("lambda_D", nonnegative=True)
C_D, R_C, D_C = sp.symbols("C_D R_C D_C", real=True)
D_min, A_r, lambda_r, g = sp.symbols("D_min A_r lambda_r g", real=True)


class VectorTheorem(Theorem):
    """The theorem for any number of components; the catalogue has it for two."""

    def __call__(self, problem: VectorGaussian, unit: Unit) -> Tradeoff:
        """Return `R(D, C)` of a problem: the theorem with its parameters put in."""
        if problem.R_c != sp.oo:
            raise NotAvailableError(f"rdc() with R_c = {problem.R_c} is not available yet; only drc(), in R alone, is")
        return theorem(problem.n).tradeoff(unit).specialise(problem)


def derive(n: int, unit: Unit) -> Derived:
    """Derive the theorem for `n` components, all parameters symbolic."""
    of = Components(n, unit)
    proof = components.reduce(of)
    _distortion_alone(proof, of)
    _classification_alone(proof, of)
    _both_bind(proof, of)
    possible = And(Ge(D, D_min), Ge(C, h_S_given_X))
    listed = ", ".join(f"{{r_{i}}}" for i in of.numbers)
    shared = shared_rate((B - D) / 2, (C - h_S) * unit.nats, *of.w, *of.c) / unit.nats
    rows = (
        row(
            "zero-rate",
            And(Ge(D, B), Ge(C, h_S)),
            sp.S.Zero,
            "neither D nor C binds: Y drawn independently of X has D = {B} and h(S|Y) = {h_S} {unit}.",
        ),
        row(
            "distortion-limited",
            And(Lt(D, B), Ge(C, C_D), possible),
            sp.Add(*of.filled_rates(lambda_D)),
            f"D = {{D}} binds; rate is shared as {listed}, and leaves h(S|Y) = {{C_D}} {{unit}}.",
        ),
        row(
            "classification-limited",
            And(Ge(D, D_C), Lt(C, C_D), possible),
            R_C,
            "C = {C} {unit} binds, and needs {R_C} {unit}; this rate allows D = {D_C} along with it.",
        ),
        row(
            "distortion- and classification-limited",
            And(Lt(D, D_C), Lt(C, C_D), possible),
            shared,
            "D = {D} and C = {C} {unit} bind: C alone would need {R_C} {unit}, and leave D = {D_C};"
            " D alone would leave h(S|Y) = {C_D} {unit}.",
        ),
        row(
            "infeasible",
            Or(Lt(D, D_min), Lt(C, h_S_given_X)),
            sp.oo,
            ("D = {D} is below {D_min}, the squared Wasserstein distance of the two laws.", Lt(D, D_min)),
            (
                "C = {C} {unit} is below h(S|X) = {h_SX} {unit}, which is reached at no finite rate.",
                Lt(C, h_S_given_X),
            ),
        ),
    )
    ordered = And(Le(D_min, D_C), Le(D_C, B), of.interior)
    proof.show_cover(conditions(rows), given=ordered, where_defined=of.interior)
    laws = (convex("D", "C"), *symmetries(of), limit(sp.S.Zero, D=sp.oo, C=sp.oo))
    return Derived(proof, rows, laws, {f"r_{i}": e for i, e in enumerate(of.filled_rates(lambda_D), 1)})


@cache
def theorem(n: int) -> Theorem:
    """Return the theorem for `n` components."""
    return VectorTheorem(
        id="gaussian.vector.rdc",
        problem=symbolic(n),
        statement=STATEMENT,
        setting=components.SETTING,
        source="derived here; one component is [nguyen2026], appendix A.3",
        value=R,
        arguments=(D, C),
        derive=partial(derive, n),
    )


THEOREMS = (theorem(2),)


def _distortion_alone(proof: Proof, of: Components) -> None:
    """Water-filling, and that it is optimal where `C` does not bind: compared with other rates of the same distortion."""
    proof.let(D_min, of.wasserstein, "squared Wasserstein distance of the two laws", latex=r"D_{\min}")
    proof.show(Eq(D_min, B - 2 * sp.Add(*of.w)), "the distortion where all correlations are one")
    proof.let(
        lambda_D,
        gain_level((B - D) / 2, *of.w),
        "price of a nat at which water-filling reaches $D$",
        latex=r"\lambda_D",
    )
    within = And(Lt(D_min, D), Lt(D, B))
    proof.show(Eq(B - of.filled_gain(lambda_D), D), "this price just reaches $D$", given=within)
    left = Piecewise((h_S, Ge(D, B)), (of.filled_ambiguity(lambda_D), True))
    proof.let(C_D, left, r"$h(S \mid Y)$ of water-filling", latex="C_D")
    components.filled_ambiguity_is_that_of_the_rates(proof, of, C_D, lambda_D, Lt(D, B))
    components.nothing_below(proof, of)
    _limits(proof, of)
    positive, gain = of.positive, of.gain(of.correlations)
    proof.let(g, gain, "what some rates gain")
    proof.let(lambda_r, gain_level(g, *of.w), "price at which water-filling gains as much")
    between = And(Gt(g, 0), Lt(g, sp.Add(*of.w)))
    proof.show(Eq(of.filled_gain(lambda_r), 2 * g), "a price gains just that, if it is possible", given=between)
    proof.show(between, "no correlation is 0 or 1", given=positive)
    proof.show(Eq(of.filled_gain(lambda_r), 2 * g), "this price gains just that", given=positive)
    costs = components.no_component_gains_more(proof, of, lambda_r, positive)
    more = 2 * gain - of.filled_gain(lambda_r)
    proof.show(Le(more, sp.Add(*costs)), "components add up", given=positive)
    proof.show(Eq(g, gain, evaluate=False), "by definition")
    proof.show(Eq(more, 0), "the gain is the same", given=positive)
    proof.show(Ge(sp.Add(*costs), 0), "so other rates cost more", given=positive)
    proof.show(
        Le(sp.Add(*of.filled_rates(lambda_r)), sp.Add(*of.rates)),
        "no other rates of the same distortion have a smaller sum: water-filling is optimal where $C$ does not bind",
        given=positive,
    )
    proof.show(
        And(
            Gt(sp.diff(of.w[0] * sp.sqrt(1 - of.unit.exp(-2 * r)), r), 0),
            Le(sp.diff(of.unit.log(1 - of.c[0] + of.c[0] * of.unit.exp(-2 * r)), r), 0),
        ),
        "rate lowers both: less of it meets only looser bounds",
        given=And(of.interior, Gt(r, 0)),
    )


def _limits(proof: Proof, of: Components) -> None:
    """Show between which bounds the distortion and the ambiguity of water-filling lie."""
    proof.show(Le(D_min, B), "the weights are positive")
    proof.show(Le(h_S_given_X, h_S), "the source carries information about the label", given=of.interior)
    proof.show(Eq(C_D, h_S), "without a rate all of the label is open", given=Ge(D, B))
    given, logs, limits = And(of.interior, Lt(D, B)), [], [of.unit.log(1 - c) / 2 for c in of.c]
    for c, filled, limit_of in zip(of.c, of.filled(lambda_D), limits, strict=True):
        proof.show(And(Le(0, filled), Le(filled, 1)), "a correlation", given=Lt(D, B))
        kept = And(Gt(1 - c, 0), Le(1 - c, 1 - c * filled**2))
        proof.show(kept, "so water leaves some of the label open", given=given)
        logs.append(Le(limit_of, of.unit.log(1 - c * filled**2) / 2))
        proof.show(logs[-1], "the logarithm increases", given=given)
    proof.show(And(*logs), "in each component", given=given)
    proof.show(Eq(h_S_given_X, h_S + sp.Add(*limits)), "the limit, as before", given=of.interior)
    whole = of.filled_ambiguity(lambda_D)
    proof.show(Le(h_S_given_X, whole), "components add up", given=given)
    proof.show(Eq(C_D, whole), "as named", given=given)
    proof.show(Le(h_S_given_X, C_D), "water leaves no less than the least", given=of.interior)


def _classification_alone(proof: Proof, of: Components) -> None:
    """The least rate for a classification bound is explicit, up to one level."""
    nats = of.unit.nats
    components.water_leaves_least(proof, of)
    between = And(of.labelled, Lt(h_S_given_X, C), Lt(C, h_S))
    least, limit = least_rate((C - h_S) * nats, *of.c), sp.Add(*(sp.log(1 - c) / 2 for c in of.c))
    show = partial(proof.show, given=between)
    show(Lt(limit, (C - h_S) * nats), "an infinite rate would leave less")
    show(And(Gt(least, 0), Eq(least_ambiguity(least, *of.c), (C - h_S) * nats)), "one rate leaves just that, in nats")
    proof.let(R_C, least / nats, "least rate that meets $C$", latex="R_C")
    show(And(Gt(R_C, 0), Eq(R_C * nats, least)), "it is a rate")
    show(Eq(h_S + least_ambiguity(R_C * nats, *of.c) / nats, C), "the rate at which the least ambiguity is $C$")
    proof.let(
        D_C,
        B - 2 * gain_of_least_ambiguity(R_C * nats, *of.w, *of.c),
        "distortion where all rate goes to the label",
        latex="D_C",
    )
    proof.show(And(*(Ge(c, 0) for c in of.c)), "squares")
    proof.show(Ge(least, 0), "in nats it is a rate", given=of.interior)
    proof.show(Ge(R_C, 0), "it is a rate", given=of.interior)
    most, gain = sp.Add(*of.w), gain_of_least_ambiguity(R_C * nats, *of.w, *of.c)
    proof.show(And(Le(0, gain), Le(gain, most)), "no share of it gains more than all correlation", given=of.interior)
    proof.show(Eq(D_C, B - 2 * gain), "as named", given=of.interior)
    proof.show(And(Le(D_min, D_C), Le(D_C, B)), "so it lies between the ends", given=of.interior)
    level = (2 * R_C * nats + sp.Add(*(sp.log((1 - c) / c) for c in of.c))) / of.n
    covered = And(between, *(Gt(level, sp.log((1 - c) / c)) for c in of.c))
    if of.n == 2:
        _gain_of_both(proof, of, level, covered)
    leftover = of.gain(tuple(sp.sqrt(1 - (1 - c) / c * sp.exp(-level)) for c in of.c))
    proof.show(
        Eq(D_C, B - 2 * leftover),
        r"if water covers the whole ground, $v = (1 - c) / c \exp(-x)$ at its level $x$",
        given=covered,
    )


def _gain_of_both(proof: Proof, of: Components, level: sp.Expr, covered: Boolean) -> None:
    """What two components gain that water covers."""
    (w_1, w_2), (c_1, c_2), rate = of.w, of.c, R_C * of.unit.nats
    left_open = of.unit.exp(-2 * R_C)
    proof.show(And(Gt(R_C, 0), Gt(left_open, 0)), "a rate", given=covered)
    proof.show(Lt(c_2 * left_open, c_2), "it leaves less open", given=covered)
    components.water_covers_both(proof, of, R_C, covered)
    balance = sp.sqrt(c_1 * (1 - c_2) / (c_2 * (1 - c_1)))
    left = [sp.exp(-rate) / balance, balance * sp.exp(-rate)]
    whole = gain_of_least_ambiguity(rate, *of.w, *of.c)
    where = And(*(Le(b * (1 - a) * of.unit.exp(-2 * R_C), a * (1 - b)) for a, b in (of.c, of.c[::-1])), Gt(R_C, 0))
    proof.show(where, "in both orders", given=covered)
    gain = w_1 * sp.sqrt(1 - left[0]) + w_2 * sp.sqrt(1 - left[1])
    proof.show(Eq(whole, gain), "the gain of two components", given=covered)
    same = (Eq(e, (1 - c) / c * sp.exp(-level)) for e, c in zip(left, of.c, strict=True))
    proof.show(And(*same), "one root", given=covered)
    proof.show(Eq(D_C, B - 2 * gain), "as named", given=covered)


def _both_bind(proof: Proof, of: Components) -> None:
    total, nats = sp.Add(*of.rates), of.unit.nats
    proof.let(A_r, of.ambiguity(of.rates), r"$h(S \mid Y)$ at these rates")
    components.ambiguity_is_that_of_the_residuals(proof, of, A_r)
    K, limits = (A_r - h_S) * nats, [sp.log(1 - c) / 2 for c in of.c]
    for limit_of, ambiguity in zip(limits, of.ambiguities, strict=True):
        proof.show(Lt(limit_of, ambiguity), "a finite rate leaves more open", given=of.positive)
    proof.show(Eq(K, sp.Add(*of.ambiguities)), "by definition, in nats", given=of.positive)
    short = Lt(sp.Add(*limits), K)
    proof.show(short, "components add up", given=of.positive)
    within = And(Gt(g, 0), Lt(g, sp.Add(*of.w)))
    proof.show(within, "no correlation is 0 or 1", given=of.positive)
    proof.show(And(*(Lt(of.unit.exp(-2 * e), 1) for e in of.rates)), "they are rates", given=of.positive)
    proof.show(And(short, within), "so some rates will do", given=of.positive)
    named = And(Eq(K, sp.Add(*of.ambiguities)), Eq(g, of.gain(of.correlations), evaluate=False))
    proof.show(named, "by definition", given=of.positive)
    proof.show(
        Le(shared_rate(g, (A_r - h_S) * nats, *of.w, *of.c) / nats, total),
        "no other rates of the same distortion and ambiguity have a smaller sum: the prices that meet both constraints"
        " are optimal",
        given=of.positive,
        free={e.name: e * nats for e in of.rates},
    )
