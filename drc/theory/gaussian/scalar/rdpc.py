"""Scalar Gaussian source, squared error, asymptotic, unlimited common randomness, perception: `R(D, P, C)`.

Theorem ([nguyen2026], Theorem 7 and appendix A.4, solved for the rate; [zhang2021] for W2, the source as reference and
no `C`).  The law of `Y` is free within `P` of `p_ref = N(mu_ref, sigma_ref^2)`, in W2 or KL.  With `rho_D` the least
correlation that reaches `D` within `P`, and `rho_C` the least that the classification constraint needs, the least rate is

    1/2 log(sigma_X^2/D)      perception-free:           rho_D >= rho_C, and Shannon's Y for D is in the ball
    -1/2 log(1 - rho_D^2)     perception-limited:        rho_D >= rho_C, and it is not
    -1/2 log(1 - rho_C^2)     classification-limited:    rho_C > rho_D
    0                         zero-rate:                 rho_C = rho_D = 0
    +oo                       infeasible:                D < D_1 or rho_C > 1

where `D_1` is the squared Wasserstein distance of the source from the ball.
"""

from __future__ import annotations

from functools import partial
from itertools import combinations

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Le, Lt, Max, Not, Or, Piecewise
from sympy.logic.boolalg import Boolean

from drc.problems.gaussian import PerceivedGaussian, mu_ref, mu_X, mu_Y, sigma_ref, sigma_X, sigma_Y
from drc.problems.perception import MEASURES
from drc.proof import Proof
from drc.theory.gaussian.scalar.correlation import OUT_OF_REACH, information, numbers, reduce
from drc.theory.gaussian.scalar.drpc import BALLS, SETTING, SYMMETRIES, PerceivedTheorem
from drc.theory.gaussian.scalar.kl_ball import KLBall
from drc.theory.gaussian.scalar.projection import DOMAIN, LATEX, distortion_is_a_distance, least
from drc.theory.gaussian.scalar.rdc import THEOREMS as FIXED_LAW
from drc.theory.gaussian.scalar.rdc import rho_D as rho_fixed
from drc.theory.gaussian.scalar.w2_ball import W2Ball
from drc.theory.theorem import Derived, conditions, row
from drc.tradeoff.law import convex, limit
from drc.types import Changes
from drc.units import Unit

D, R, P, C, c, rho_C = sp.symbols("D R P C c rho_C", real=True)

STATEMENT = {
    name: "Least rate of a Gaussian source for squared error $D$, perception bound $P$ on"
    f" ${MEASURES[name].bounded}$ and classification bound $C$, asymptotically, with unlimited common randomness, when the"
    " classifier sees $Y$ and the reference is normal."
    for name in ("W2", "KL")
}

rho_0, rho_D, D_0, D_1, D_c = sp.symbols("rho_0 rho_D D_0 D_1 D_c", real=True)


def derive(perception: str, unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    ball = BALLS[perception](unit)
    proof = reduce(unit, DOMAIN, LATEX)
    distortion_is_a_distance(proof)
    ball.normal_is_best(proof)
    _least_distortion(proof, ball, ball.project(proof))
    _least_correlation(proof, ball)
    inside = ball.inside(rho_0)
    by_distortion = And(Ge(rho_D, rho_C), Gt(rho_D, 0), Le(rho_D, 1))
    rate = information(unit)
    rows = (
        row(
            "perception-free",
            And(by_distortion, inside),
            unit.log(sigma_X**2 / D) / 2,
            "D = {D} needs correlation {rho_D}, and binds; C alone would need {rho_C}. P = {P} costs nothing.",
        ),
        row(
            "perception-limited",
            And(by_distortion, Gt(*inside.args)),
            rate.subs(c, rho_D),
            "D = {D} within P = {P} needs correlation {rho_D}; without P, {rho_0} and a rate of {free} {unit} would do."
            " C alone would need {rho_C}.",
        ),
        row(
            "classification-limited",
            And(Gt(rho_C, rho_D), Le(rho_C, 1)),
            rate.subs(c, rho_C),
            "C = {C} {unit} needs correlation {rho_C}, and binds; D and P alone would need {rho_D}.",
        ),
        row(
            "zero-rate",
            And(Le(rho_D, 0), Le(rho_C, 0)),
            sp.S.Zero,
            "no constraint binds: Y drawn independently of X, from the best law within P, has D = {D_0} and"
            " h(S|Y) = {h_S} {unit}.",
        ),
        row(
            "infeasible",
            Or(Gt(rho_D, 1), Gt(rho_C, 1)),
            sp.oo,
            (
                "D = {D} is below {D_1}, the squared Wasserstein distance of the source from the laws within P.",
                Gt(rho_D, 1),
            ),
            OUT_OF_REACH,
        ),
    )
    _covered(proof, conditions(rows), by_distortion)
    _shannon(proof, rows[0].expr, unit)
    shannon_rate = limit(Max(0, unit.log(sigma_X**2 / D) / 2), P=sp.oo, C=sp.oo)
    laws = (convex("D", "P", "C"), *SYMMETRIES, limit(sp.S.Zero, D=sp.oo, C=sp.oo), shannon_rate)
    return Derived(proof, rows, laws, numbers(unit) | {"free": unit.log(1 / (1 - rho_0**2)) / 2})


THEOREMS = tuple(
    PerceivedTheorem(
        id=f"gaussian.asymptotic.rdpc.{perception}",
        problem=PerceivedGaussian(perception=perception),
        statement=STATEMENT[perception],
        setting=SETTING,
        source="[nguyen2026], Theorem 7 and appendix A.4, solved for the rate",
        value=R,
        arguments=(D, P, C),
        derive=partial(derive, perception),
    )
    for perception in BALLS
)


def _shannon(proof: Proof, free: sp.Expr, unit: Unit) -> None:
    """Show that without perception the rate is Shannon's."""
    rate = information(unit).subs(c, rho_0)
    shannon = And(Gt(D, 0), Le(D, sigma_X**2))
    proof.show(Eq(1 - rho_0**2, D / sigma_X**2), "the share of the variance that is left open", given=shannon)
    proof.show(Eq(rate, -unit.log(D / sigma_X**2) / 2), "its rate", given=shannon)
    proof.show(
        Eq(free, rate),
        r"inside the ball $\rho_D$ is $\rho_0$: Shannon's rate-distortion function, as for $P = \infty$",
        given=shannon,
    )


def _least_distortion(proof: Proof, ball: W2Ball | KLBall, distance: sp.Expr) -> None:
    """The best distortion at a correlation, and at the two ends."""
    best = Piecewise((least(c), ball.inside(c)), (least(c) + distance, True))
    proof.let(D_c, best, "least distortion at correlation $c$", latex="D_c")
    where = And(Gt(c, 0), Le(c, 1), Gt(P, 0))
    show = partial(proof.show, given=where)
    show(Ge(distance, 0, evaluate=False), "the distance to the nearest law exists")
    show(Le(least(c), D_c), "no law of $Y$ does better than the free one")
    for symbol, at, meaning in ((D_0, sp.S.Zero, "at rate zero"), (D_1, sp.S.One, "at any rate")):
        deviation = ball.nearest(proof, at, sp.Symbol(f"s_{at}", real=True), meaning)
        proof.let(symbol, least(at) + ball.squared_distance_anywhere(at, deviation), f"least distortion {meaning}")
        if isinstance(ball, KLBall):
            assert deviation is not None
            ball.projected(proof, at, deviation, (symbol, D_c))
        proof.show(Eq(symbol, D_c), f"{meaning} the correlation is {at}", given=And(Eq(c, at), Gt(P, 0)))


def _least_correlation(proof: Proof, ball: W2Ball | KLBall) -> None:
    """Solve `distortion <= D` for the correlation."""
    proof.let(rho_0, sp.sqrt(Max(0, 1 - D / sigma_X**2)), "least correlation without perception", latex=r"\rho_0")
    binding = ball.define_correlation(proof, rho_0)
    proof.let(
        rho_D,
        Piecewise((sp.oo, Lt(D, D_1)), (0, Ge(D, D_0)), (rho_0, ball.inside(rho_0)), (binding, True)),
        r"least correlation that reaches the distortion: $\rho_0$ if its law is in the ball, and more if not",
        latex=r"\rho_D",
    )
    between = And(Ge(D, D_1), Lt(D, D_0), Gt(P, 0))
    ball.reached(proof, rho_D, And(between, Gt(*ball.inside(rho_0).args)), rho_0, D_0)
    if isinstance(ball, W2Ball):
        ball.solve(proof, (D_c, D_1, D_0), rho_D, rho_0)
    proof.show(
        Equivalent(Le(D_c, D), Le(rho_D, c)),
        "the best distortion falls strictly as $c$ grows",
        given=And(Gt(c, 0), Lt(c, 1), Gt(P, 0)),
    )
    at_zero = binding.subs(proof.definitions[::-1]).subs(P, 0)
    target: Changes = {mu_Y: mu_ref, sigma_Y: sigma_ref}
    where = dict(FIXED_LAW[0].tradeoff(ball.unit).where)
    opened: Changes = {**where}
    fixed = where[rho_fixed].subs(opened).subs(target)
    proof.show(
        Eq(at_zero, fixed),
        "at $P = 0$ the ball is the reference: the theorem without perception",
        given=Lt(D, sigma_X**2 + (mu_X - mu_ref) ** 2 + sigma_ref**2),
    )


def _covered(proof: Proof, condition: dict[str, Boolean], by_distortion: Boolean) -> None:
    order = And(Le(0, rho_D), Le(0, rho_C))
    known = {name: where for name, where in condition.items() if not name.startswith("perception")}
    known["limited by D"] = by_distortion
    feasible = [where for name, where in known.items() if name != "infeasible"]
    show = partial(proof.show, given=order)
    show(Equivalent(Or(*feasible), Not(condition["infeasible"])), "the regimes cover the feasible set")
    show(And(*(Not(And(a, b)) for a, b in combinations(feasible, 2))), "no two regimes overlap")
    by_perception = (where for name, where in condition.items() if name.startswith("perception"))
    show(Equivalent(by_distortion, Or(*by_perception), evaluate=False), "where $D$ binds, perception does or does not")
