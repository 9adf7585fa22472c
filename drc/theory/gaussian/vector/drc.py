"""Vector Gaussian source, squared error, asymptotic, unlimited common randomness: `D(R, C)`.

Theorem (beyond [chen2025gaussian], which has it without a label).  With the price `lambda_R` of water-filling at rate `R`,
the correlations `rho_i = 4 w_i/(lambda + sqrt(lambda^2 + 16 w_i^2))`, and `C_R` the `h(S|Y)` that they leave,

    B - 2 sum w_i rho_i(lambda_R)       rate-limited:                        C >= C_R
    B - 2 max sum w_i rho_i             rate- and classification-limited:    A_R <= C < C_R  (both constraints bind)
    +oo                                 infeasible:                          C < A_R, the least h(S|Y) at rate R

Without common randomness the correlations are `1 - exp(-2 r_i)`, and the least distortion for `R` is reverse water-filling.
With `R_c` of it they are `sqrt((1 - exp(-2 r_i)) (1 - exp(-2 s_i)))`, where the `s_i` add up to `R + R_c`, and

    D = B - 2 sum max(0, sqrt(y^2 + w_i^2) - sqrt(y^2 + m^2))

where the levels `m` and `y` are such that both sums are spent.
"""

from __future__ import annotations

from functools import cache, partial

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Le, Lt, Not, Or
from sympy.logic.boolalg import Boolean

from drc.information.water_filling import (
    least_ambiguity,
    limited_level,
    rate_level,
    reverse_level,
    shared_gain,
    shared_share,
)
from drc.problems.vector_gaussian import VectorGaussian, component
from drc.proof import NONNEGATIVE, POSITIVE, Proof
from drc.theory import reduction
from drc.theory.gaussian.vector import components
from drc.theory.gaussian.vector.components import SETTING, Components
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff import Tradeoff
from drc.tradeoff.law import convex, limit, symmetric
from drc.units import Unit

D, R, C, B, h_S, lam, r = sp.symbols("D R C B h_S lambda r", real=True)

STATEMENT = (
    "Least squared error of a Gaussian vector with independent components for rate $R$ and classification bound $C$,"
    " asymptotically, with unlimited common randomness, when the classifier sees $Y$. In nats, component $i$ of rate $r_i$"
    r" has $\rho_i^2 = 1 - e^{-2 r_i}$ and $a_i = \tfrac12 \ln(1 - c_i \rho_i^2)$; at the price $\lambda$ of a nat,"
    r" $\lambda \rho_i = 2 w_i (1 - \rho_i^2)$."
)
PRIVATE = (
    "Least squared error of a Gaussian vector with independent components for rate $R$, asymptotically, without common"
    " randomness and without a classification constraint."
)

lambda_R = sp.Symbol("lambda_R", nonnegative=True)
C_R, A_R, A_r, lambda_r = sp.symbols("C_R A_R A_r lambda_r", real=True)


class VectorTheorem(Theorem):
    """The theorem for any number of components, with common randomness or without; the catalogue has it for two, with."""

    def __call__(self, problem: VectorGaussian, unit: Unit) -> Tradeoff:
        """Return `D(R, C)` of a problem: the theorem with its parameters put in."""
        if problem.R_c not in (sp.oo, sp.S.Zero):
            return limited(problem.n).tradeoff(unit).specialise(problem)
        found = theorem(problem.n) if problem.R_c == sp.oo else private(problem.n)
        return found.tradeoff(unit).specialise(problem)


def derive(n: int, unit: Unit) -> Derived:
    """Derive the theorem for `n` components, all parameters symbolic."""
    of = Components(n, unit)
    proof = components.reduce(of)
    _rate_alone(proof, of)
    _bounds_on_classification(proof, of)
    _both_bind(proof, of)
    nats, K = unit.nats, (C - h_S) * unit.nats
    filled, shared = (", ".join(f"{{{letter}_{i}}}" for i in of.numbers) for letter in "rs")
    rows = (
        row(
            "rate-limited",
            Ge(C, C_R),
            B - of.filled_gain(lambda_R),
            f"R = {{R}} {{unit}} binds, and is shared as {filled}; one more {unit.short} would save distortion at the"
            " price {price}. It leaves h(S|Y) = {C_R} {unit}. As R grows, D falls to {floor}, the squared"
            " Wasserstein distance of the two laws.",
        ),
        row(
            "rate- and classification-limited",
            And(Le(A_R, C), Lt(C, C_R)),
            B - 2 * shared_gain(R * nats, K, *of.w, *of.c),
            "R = {R} {unit} and C = {C} {unit} bind: water-filling would leave h(S|Y) = {C_R} {unit}, so"
            f" rate moves to components that carry information about the label. It is shared as {shared}.",
        ),
        row(
            "infeasible",
            Lt(C, A_R),
            sp.oo,
            "C = {C} {unit} is below {A_R} {unit}, the least h(S|Y) at R = {R} {unit}; h(S|X) = {h_SX} {unit} is"
            " reached at no finite rate.",
        ),
    )
    *feasible, infeasible = conditions(rows).values()
    proof.show(
        Equivalent(Not(Or(*feasible)), infeasible),
        "the regimes cover everything, and do not overlap",
        given=Le(A_R, C_R),
    )
    numbers = {
        "price": lambda_R * nats,
        "floor": of.wasserstein,
        "h_SX": h_S + least_ambiguity(sp.oo, *of.c) / nats,
        **{f"r_{i}": e for i, e in enumerate(of.filled_rates(lambda_R), 1)},
        **{f"s_{i}": shared_share(sp.Integer(i), R * nats, K, *of.w, *of.c) / nats for i in of.numbers},
    }
    laws = (
        convex("R", "C"),
        *symmetries(of),
        limit(of.independent, R=sp.S.Zero, C=sp.oo),
        limit(of.wasserstein, R=sp.oo, C=sp.oo),
    )
    return Derived(proof, rows, laws, numbers)


@cache
def theorem(n: int) -> Theorem:
    """Return the theorem for `n` components."""
    return VectorTheorem(
        id="gaussian.vector.drc",
        problem=symbolic(n),
        statement=STATEMENT,
        setting=SETTING,
        source="[chen2025gaussian] without a label; with one, derived here",
        value=D,
        arguments=(R, C),
        derive=partial(derive, n),
    )


def symbolic(n: int, R_c: sp.Expr = sp.oo) -> VectorGaussian:
    """Return the problem of `n` components with symbols for all parameters."""
    names = ("sigma_X", "sigma_Y", "sigma_S", "theta", "mu_X", "mu_Y")
    return VectorGaussian(*([component(name, i) for i in range(1, n + 1)] for name in names), R_c=R_c)


def symmetries(of: Components) -> tuple:
    """Return the symmetries: the sign of a label, and the order of the components."""
    theta = component("theta", 1)
    names = ("sigma_X", "sigma_Y", "sigma_S", "theta", "mu_X", "mu_Y")
    swapped = {f"{name}{i}": component(name, 3 - i) for name in names for i in (1, 2)}
    return (symmetric(theta1=-theta), *([symmetric(**swapped)] if of.n == 2 else []))


def _rate_alone(proof: Proof, of: Components) -> None:
    """Water-filling, and that it is optimal where `C` does not bind: compared with any other rates of the same sum."""
    total, nats = sp.Add(*of.rates), of.unit.nats
    proof.let(
        lambda_R, rate_level(R * nats, *of.w), "price of a nat at which water-filling spends $R$", latex=r"\lambda_R"
    )
    proof.show(Eq(sp.Add(*of.filled_rates(lambda_R)), R), "this price spends the whole rate", given=Gt(R, 0))
    proof.let(C_R, of.filled_ambiguity(lambda_R), r"$h(S \mid Y)$ of water-filling", latex="C_R")
    components.filled_ambiguity_is_that_of_the_rates(proof, of, C_R, lambda_R, Gt(R, 0))
    positive, gain = of.positive, of.gain(of.correlations)
    proof.let(lambda_r, rate_level(total * nats, *of.w), "price at which water-filling spends the sum of some rates")
    filled = of.filled_rates(lambda_r)
    show = partial(proof.show, given=positive)
    show(Eq(sp.Add(*(2 * nats * rate for rate in filled)), 2 * nats * total), "this price spends just that")
    costs = components.no_component_gains_more(proof, of, lambda_r, positive)
    show(Eq(sp.Add(*costs), 0), "the sum of the rates is the same")
    show(
        Le(2 * gain, of.filled_gain(lambda_r)),
        "no other rates of the same sum gain more: water-filling is optimal where $C$ does not bind",
    )
    proof.show(
        Lt(sp.diff(-2 * of.w[0] * sp.sqrt(1 - of.unit.exp(-2 * r)), r), 0),
        "every rate lowers the distortion, so $R$ always binds",
        given=Gt(r, 0),
    )


def _bounds_on_classification(proof: Proof, of: Components) -> None:
    nats = of.unit.nats
    components.water_leaves_least(proof, of)
    proof.let(
        A_R, h_S + least_ambiguity(R * nats, *of.c) / nats, r"least $h(S \mid Y)$ that the rate allows", latex="A_R"
    )
    level = (2 * R * nats + sp.Add(*(sp.log((1 - c) / c) for c in of.c))) / of.n
    covered = And(of.labelled, Gt(R, 0), *(Gt(level, sp.log((1 - c) / c)) for c in of.c))
    if of.n == 2:
        _ambiguity_of_both(proof, of, level, covered)
    proof.show(
        Eq(A_R, h_S + sp.Add(*(of.unit.log((1 - c) * (1 + sp.exp(-level))) / 2 for c in of.c))),
        "if water covers the whole ground, its level and the ambiguity are explicit",
        given=covered,
    )
    rates = {symbol.name: e * nats for symbol, e in zip(of.rates, of.filled_rates(lambda_R), strict=True)}
    given = And(of.interior, Gt(R, 0))
    proof.show(Gt(lambda_R, 0), "the price is positive", given=Gt(R, 0))
    proof.show(And(*(Ge(e, 0) for e in rates.values())), "what it buys are rates", given=Gt(R, 0))
    filled = of.filled_rates(lambda_R)
    proof.show(Eq(sp.Add(*rates.values()), R * nats), "their sum", given=Gt(R, 0))
    proof.show(And(*(Ge(c, 0) for c in of.c)), "squares")
    proof.show(Le(A_R, of.ambiguity(filled)), "water-filling is one way to spend $R$", given=given, free=rates)
    proof.show(Eq(C_R, of.ambiguity(filled)), "and this is what it leaves", given=given)
    proof.show(Le(A_R, C_R), "so it leaves no less than the least", given=given)


def _ambiguity_of_both(proof: Proof, of: Components, level: sp.Expr, covered: Boolean) -> None:
    """What water that covers two components leaves open, as the root of a product and as the product."""
    (c_1, c_2), nats = of.c, of.unit.nats
    components.water_covers_both(proof, of, R, covered)
    known, rest = sp.sqrt((1 - c_1) * (1 - c_2)), sp.sqrt(c_1 * c_2) * sp.exp(-R * nats)
    opens = [(1 - c) * (1 + sp.exp(-level)) for c in of.c]
    where = And(*(Le(b * (1 - a) * of.unit.exp(-2 * R), a * (1 - b)) for a, b in (of.c, of.c[::-1])))
    proof.show(where, "in both orders", given=covered)
    least = least_ambiguity(R * nats, *of.c)
    proof.show(Eq(least, sp.log(known + rest)), "the least ambiguity of two components", given=covered)
    proof.show(Eq(A_R, h_S + sp.log(known + rest) / nats), "as named", given=covered)
    proof.show(Eq(known * sp.exp(-level), rest), "one root", given=covered)
    whole, product, total = (known + rest) ** 2, sp.Mul(*opens), sp.Add(*map(sp.log, opens))
    positive = And(Gt(known + rest, 0), *(Gt(e, 0) for e in opens))
    proof.show(And(Eq(whole, product), positive), "multiplied out", given=covered)
    proof.show(Eq(sp.log(whole), sp.log(product)), "equal numbers have equal logarithms", given=covered)
    proof.show(positive, "as before", given=covered)
    proof.show(Eq(sp.log(whole), 2 * sp.log(known + rest)), "the logarithm of a square", given=covered)
    proof.show(Eq(sp.log(product), total), "the logarithm of a product", given=covered)
    proof.show(Eq(2 * sp.log(known + rest), total), "equal numbers", given=covered)
    proof.show(Eq(A_R, h_S + sp.log(known + rest) / nats), "as before", given=covered)


def _both_bind(proof: Proof, of: Components) -> None:
    """Optimality, compared with other shares of the same rate and ambiguity."""
    total, nats = sp.Add(*of.rates), of.unit.nats
    proof.let(A_r, of.ambiguity(of.rates), r"$h(S \mid Y)$ at these rates")
    components.ambiguity_is_that_of_the_residuals(proof, of, A_r)
    components.ambiguity_in_nats(proof, of, A_r)
    proof.show(
        Le(of.gain(of.correlations), shared_gain(total * nats, (A_r - h_S) * nats, *of.w, *of.c)),
        "no other rates of the same sum and ambiguity gain more: the prices that meet both constraints are optimal",
        given=of.positive,
        free={e.name: e * nats for e in of.rates},
    )


# Without common randomness --------------------------------------------------------------------------------------------

level = sp.Symbol("lambda", nonnegative=True)


def derive_private(n: int, unit: Unit) -> Derived:
    """Derive the theorem without common randomness: reverse water-filling, in `R` alone."""
    of = Components(n, unit)
    proof = Proof(of.domain)
    components.name_weights(proof, of)
    proof.let(B, of.independent, "distortion of independent $X$ and $Y$")
    cap = 1 - unit.exp(-2 * r)
    w = of.w[0]
    proof.show(
        Eq(sp.diff(-2 * w * cap + lam * r * unit.nats, r), (lam - 4 * w * unit.exp(-2 * r)) * unit.nats),
        "without common randomness $X_i$ and $Y_i$ are independent given the message, each with information at most $r_i$"
        r" about it, so that their correlation is at most $1 - e^{-2 r_i}$; the slope of the Lagrangian in $r_i$",
    )
    proof.show(
        Lt(sp.diff(w * cap, r, 2), 0, evaluate=False),
        "this gain is concave too, so a point with a multiplier is optimal",
    )
    proof.let(level, reverse_level(R * unit.nats, *of.w), "price of a nat: rates are 1/2 log(4 w / lambda), or zero")
    rates = tuple(sp.Max(0, unit.log(4 * w / level) / 2) for w in of.w)
    proof.show(Eq(sp.Add(*rates), R), "this price spends the whole rate", given=Gt(R, 0))
    value = B - 2 * sp.Add(*(w - sp.Min(w, level / 4) for w in of.w))
    gain = of.gain(tuple(1 - unit.exp(-2 * e) for e in rates))
    proof.show(Eq(B - 2 * gain, value), "put the rates into the distortion", given=Gt(R, 0))
    listed = ", ".join(f"{{r_{i}}}" for i in of.numbers)
    text = (
        f"R = {{R}} {{unit}} binds, and is shared as {listed}. As R grows, D falls to {{floor}}, the squared Wasserstein"
        " distance of the two laws."
    )
    rows = (row("rate-limited", sp.true, value, text),)
    laws = (convex("R"), limit(of.independent, R=sp.S.Zero), limit(of.wasserstein, R=sp.oo))
    return Derived(proof, rows, laws, {"floor": of.wasserstein} | {f"r_{i}": e for i, e in enumerate(rates, 1)})


@cache
def private(n: int) -> Theorem:
    """Return the theorem for `n` components without common randomness."""
    return Theorem(
        id="gaussian.vector.drc",
        problem=symbolic(n, sp.S.Zero),
        statement=PRIVATE,
        setting=SETTING,
        source="[chen2025gaussian]",
        value=D,
        arguments=(R,),
        derive=partial(derive_private, n),
    )


# Limited common randomness --------------------------------------------------------------------------------------------

m, y, R_c = sp.symbols("m y R_c", nonnegative=True)
s, k, x = sp.symbols("s k x", real=True)

LIMITED = (
    "Least squared error of a Gaussian vector with independent components for rate $R$ and $R_c$ of common randomness,"
    " asymptotically, without a classification constraint."
)


def derive_limited(n: int, unit: Unit) -> Derived:
    """Derive the theorem with limited common randomness: two rates for each component, in `R` alone."""
    of, nats = Components(n, unit), unit.nats
    proof = Proof(of.domain | {R_c: POSITIVE, s: NONNEGATIVE, k: POSITIVE})
    components.name_weights(proof, of)
    proof.let(B, of.independent, "distortion of independent $X$ and $Y$")
    reduction.show(proof, *reduction.LIMITED)
    _gain_of_two_rates(proof, of.w[0])
    _two_levels(proof, of.w[0])
    proof.let(m, reverse_level((R + R_c / 2) * nats, *of.w) / 4, "the level $x$ at which $2 R + R_c$ is spent")
    proof.let(y, limited_level(R * nats, m, *of.w), "the level $k$ at which $R$ is spent on the source")
    gains = (sp.Max(0, (e**2 - m**2) / (sp.sqrt(y**2 + e**2) + sp.sqrt(y**2 + m**2))) for e in of.w)
    value = B - 2 * sp.Add(*gains)
    rates = {
        f"r_{i}": sp.Max(0, unit.log((sp.sqrt(y**2 + e**2) + y) / (sp.sqrt(y**2 + m**2) + y)) / 2)
        for i, e in enumerate(of.w, 1)
    }
    listed = ", ".join(f"{{{name}}}" for name in rates)
    text = (
        f"R = {{R}} {{unit}} binds, and is shared as {listed}. As R grows, D falls to {{floor}},"
        " the squared Wasserstein distance of the two laws."
    )
    rows = (
        row("zero-rate", Le(R, 0), B, "R = {R} {unit} carries nothing: X and Y are independent."),
        row("rate-limited", Gt(R, 0), value, text),
    )
    laws = (convex("R"), limit(of.independent, R=sp.S.Zero), limit(of.wasserstein, R=sp.oo))
    return Derived(proof, rows, laws, {"floor": of.wasserstein} | rates)


def _gain_of_two_rates(proof: Proof, w: sp.Symbol) -> None:
    """The gain of a component is concave in its two rates."""
    u, v = sp.exp(-2 * r), sp.exp(-2 * s)
    gain = w * sp.sqrt((1 - u) * (1 - v))
    curved = sp.diff(gain, r, 2) * sp.diff(gain, s, 2) - sp.diff(gain, r, s) ** 2
    proof.show(
        And(Lt(sp.diff(gain, r, 2), 0), Ge(curved, 0)),
        "let the message and the common randomness carry $r_i$ nats about $X_i$, given the components before, and $s_i$"
        " about $Y_i$. As for one component, the correlation is at most"
        r" $\sqrt{(1 - e^{-2 r_i})(1 - e^{-2 s_i})}$, and normal variables attain it; the $r_i$ add up to at most $R$ and"
        " the $s_i$ to $R + R_c$. This gain is concave in both, so that a point with prices is optimal",
        given=And(Gt(r, 0), Gt(s, 0)),
    )


def _two_levels(proof: Proof, w: sp.Symbol) -> None:
    """Two levels give the slopes the same prices in all components that have rates."""
    far, near = sp.sqrt(k**2 + w**2), sp.sqrt(k**2 + x**2)
    above = And(Gt(w, x), Gt(x, 0), Gt(k, 0))
    open_X, open_Y = (near + k) / (far + k), (near - k) / (far - k)
    show = partial(proof.show, given=above)
    show(
        And(Gt(open_X, 0), Lt(open_X, 1), Gt(open_Y, 0), Lt(open_Y, 1)),
        r"for two levels $x$ and $k$, leave the shares $(\sqrt{k^2 + x^2} \pm k)/(\sqrt{k^2 + w^2} \pm k)$ of the variances"
        " of $X$ and $Y$ open in the components of larger weights $w > x$, and all in the others",
    )
    show(Eq(w**2 * (1 - open_X) * (1 - open_Y), (far - near) ** 2), "the square of the gain of such a component")
    show(
        Eq((w * open_X) ** 2 * (1 - open_Y), (near + k) ** 2 * (1 - open_X)),
        r"so the slope of the gain in $r_i$ is the price $\sqrt{k^2 + x^2} + k$, and that in $s_i$ is"
        r" $\sqrt{k^2 + x^2} - k$: the same in all components of larger weights",
    )
    show(Eq(open_X * open_Y * w**2, x**2), "both rates together are $\\ln(w / x)$: $x$ is a level of water-filling")


@cache
def limited(n: int) -> Theorem:
    """Return the theorem for `n` components with limited common randomness `R_c`, a symbol."""
    return Theorem(
        id="gaussian.vector.drc",
        problem=symbolic(n, R_c),
        statement=LIMITED,
        setting=SETTING,
        source="[saldi2015] for the problem; derived here",
        value=D,
        arguments=(R,),
        derive=partial(derive_limited, n),
    )


THEOREMS = (theorem(2),)
