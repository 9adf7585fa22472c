"""Scalar Gaussian source, squared error, asymptotic, unlimited common randomness, perception: `D(R, P, C)`.

Theorem ([nguyen2026], Theorem 7 and appendix A.4, for any normal reference).  The law of `Y` is free within `P` of
`p_ref = N(mu_ref, sigma_ref^2)`, in `W_2^2(p_Y, p_ref)` or `KL(p_Y || p_ref)`.  With `rho_R` the largest correlation that
the rate allows and `rho_C` the least that the classification constraint needs,

    sigma_X^2 2^(-2R)                                   perception-free:      N(mu_X, rho_R^2 sigma_X^2) is in the ball
    sigma_X^2 (1 - rho_R^2) + (its distance)^2          perception-limited:   it is not
    +oo                                                 infeasible:           rho_C > rho_R

where the distance is that of `(mu_X, rho_R sigma_X)` from the ball in the half-plane of mean and standard deviation.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import sympy as sp
from sympy import And, Eq, Equivalent, Gt, Le, Not, Or

from drc.expressions.forms import all_of, used_definitions
from drc.problems.gaussian import PerceivedGaussian, mu_ref, mu_X, mu_Y, sigma_ref, sigma_X, sigma_Y, theta
from drc.problems.perception import MEASURES
from drc.proof import Proof
from drc.theory.gaussian.scalar.correlation import NEEDS_RATE, OUT_OF_REACH, numbers, reduce
from drc.theory.gaussian.scalar.drc import THEOREMS as FIXED_LAW
from drc.theory.gaussian.scalar.kl_ball import KLBall
from drc.theory.gaussian.scalar.projection import DOMAIN, LATEX, distortion_is_a_distance, least
from drc.theory.gaussian.scalar.w2_ball import W2Ball
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff import Tradeoff
from drc.tradeoff.law import Law, convex, limit, symmetric
from drc.units import Unit

D, R, P, C, c, rho_C, rho_R = sp.symbols("D R P C c rho_C rho_R", real=True)

STATEMENT = {
    name: "Least squared error of a Gaussian source for rate $R$, perception bound $P$ on"
    f" ${MEASURES[name].bounded}$ and classification bound $C$, asymptotically, with unlimited common randomness, when the"
    " classifier sees $Y$ and the reference is normal."
    for name in ("W2", "KL")
}

SETTING = (
    r"The source is $X \sim N(\mu_X, \sigma_X^2)$, the reference is $p_{\mathrm{ref}} = N(\mu_{\mathrm{ref}},"
    r" \sigma_{\mathrm{ref}}^2)$, and the label $S$ is jointly normal with $X$, with standard deviation $\sigma_S$ and"
    r" $\operatorname{cov}(S, X) = \theta$. The law of $Y$ is free within the perception bound; $c$ is the correlation of"
    r" $X$ and $Y$."
)

BALLS = {"W2": W2Ball, "KL": KLBall}

#: What `D(R, P, C)` and `R(D, P, C)` obey.
SYMMETRIES = (symmetric(theta=-theta), symmetric(mu_X=-mu_X, mu_ref=-mu_ref))

sigma_P, e_P = sp.symbols("sigma_P e_P", real=True)


def own_reference(tradeoff: Tradeoff) -> Tradeoff:
    """Leave out what cannot happen where the reference is the law of the source: no correlation exceeds one."""
    problem = tradeoff.problem
    assert isinstance(problem, PerceivedGaussian)
    if (problem.mu_ref, problem.sigma_ref) != (problem.mu_X, problem.sigma_X):
        return tradeoff
    certain = {Le(rho, 1): sp.true for rho in (rho_R, sp.Symbol("rho_0", real=True))}
    where = [(symbol, value.xreplace(certain)) for symbol, value in tradeoff.where]
    needed = set().union(*(part.free_symbols for regime in tradeoff.cases for part in regime.parts))
    return replace(tradeoff, where=used_definitions(needed, where))


class PerceivedTheorem(Theorem):
    """A theorem that is shorter where the reference is the law of the source."""

    def __call__(self, problem: PerceivedGaussian, unit: Unit) -> Tradeoff:
        """Return the trade-off of a problem: the theorem with its parameters put in."""
        return own_reference(super().__call__(problem, unit))


def derive(perception: str, unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    ball = BALLS[perception](unit)
    here = "{here} {unit}" if perception == "KL" else "{here}"
    proof = reduce(unit, DOMAIN, LATEX)
    distortion_is_a_distance(proof)
    ball.normal_is_best(proof)
    distance = ball.project(proof, rho_R, sigma_P, e_P)
    proof.show(Le(rho_R, 1), "for the source as the reference, the nearer end is always the least standard deviation")
    inside = ball.inside(rho_R)
    outside, feasible = Gt(*inside.args), Le(rho_C, rho_R)
    rows = (
        row(
            "perception-free",
            And(feasible, inside),
            sigma_X**2 * unit.exp(-2 * R),
            "R = {R} {unit} allows correlation {rho_R}, and binds; the best Y for it is N({mu_X}, {s}^2), within"
            f" {here} of the reference, so that P = {{P}} costs nothing.",
        ),
        row(
            "perception-limited",
            And(feasible, outside),
            least(rho_R) + distance,
            "R = {R} {unit} allows correlation {rho_R}; the best Y for it, N({mu_X}, {s}^2), is"
            f" {here} from the reference, and P = {{P}} binds. Without P the distortion would be {{free}}.",
        ),
        row("infeasible", Gt(rho_C, rho_R), sp.oo, NEEDS_RATE, OUT_OF_REACH),
    )
    _specialisations(proof, ball, rows[0].expr, rows[1].expr, unit)
    free, limited, infeasible = conditions(rows).values()
    proof.show(Equivalent(Or(free, limited), Not(infeasible)), "the regimes cover everything")
    proof.show(Not(all_of(free, limited), evaluate=False), "and do not overlap")
    explained = {"s": rho_R * sigma_X, "here": ball.measure(mu_X, rho_R * sigma_X), "free": least(rho_R)}
    return Derived(proof, rows, _laws(unit), numbers(unit) | explained)


THEOREMS = tuple(
    PerceivedTheorem(
        id=f"gaussian.asymptotic.drpc.{perception}",
        problem=PerceivedGaussian(perception=perception),
        statement=STATEMENT[perception],
        setting=SETTING,
        source="[nguyen2026], Theorem 7 and appendix A.4, for any normal reference",
        value=D,
        arguments=(R, P, C),
        derive=partial(derive, perception),
    )
    for perception in BALLS
)


def at_fixed_law(unit: Unit) -> sp.Expr:
    """`D(R, C = oo)` of the theorem without perception, for the reference as the target law."""
    target = {mu_Y: mu_ref, sigma_Y: sigma_ref}
    return FIXED_LAW[0].tradeoff(unit).regimes[0].expr.subs(target)


def _laws(unit: Unit) -> tuple[Law, ...]:
    return (
        convex("R", "P", "C"),
        *SYMMETRIES,
        limit(at_fixed_law(unit), P=sp.S.Zero, C=sp.oo),
        limit(sigma_X**2 * unit.exp(-2 * R), P=sp.oo, C=sp.oo),
        limit(sp.S.Zero, R=sp.oo, P=sp.oo, C=sp.oo),
    )


def _specialisations(proof: Proof, ball: W2Ball | KLBall, free: sp.Expr, limited: sp.Expr, unit: Unit) -> None:
    proof.show(
        Eq(least(rho_R), free),
        r"inside the ball the distance is 0: Shannon's distortion-rate function, as for $P = \infty$",
    )
    at_zero = limited.subs(dict(proof.definitions[::-1])).subs(P, 0)
    proof.show(
        Eq(at_zero, at_fixed_law(unit)),
        "at $P = 0$ the ball is the reference: the theorem without perception",
    )
    own = {mu_ref: mu_X, sigma_ref: sigma_X}
    if isinstance(ball, W2Ball):
        kept = sigma_X - sp.sqrt(P)
        proof.show(
            Eq(least(c) + ball.squared_distance(c).subs(own), sigma_X**2 + kept**2 - 2 * sigma_X * kept * c),
            r"with the source as the reference, the standard deviation kept is $\sigma_X - \sqrt{P}$",
            given=And(Le(c, 1), Le(sp.sqrt(P), sigma_X * (1 - c))),
        )
    else:
        low = sp.Symbol("sigma_min", real=True)
        proof.show(
            Eq(least(c) + ball.squared_distance(c, low).subs(own), sigma_X**2 + low**2 - 2 * sigma_X * low * c),
            "with the source as the reference, the standard deviation kept is that of Lambert's $W_0$",
        )
