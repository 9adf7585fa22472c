"""Gaussian source, squared error, asymptotic: one representation for every perception bound, `D(R, P)`.

Theorem ([zhang2021], for any normal reference).  Of a representation `Z` of any source, with the estimate `T = E[X|Z]`, the
least squared error of a reconstruction whose law is within `P` of `p_ref`, in `W_2^2`, is

    E (X - T)^2 + max(0, W_2(p_T, p_ref) - sqrt P)^2.

For `X ~ N(mu_X, sigma_X^2)`, `p_ref = N(mu_ref, sigma_ref^2)` and the rate `R` there is one `Z` with `E (X - T)^2 =
sigma_X^2 2^(-2R)` and `T ~ N(mu_X, rho_R^2 sigma_X^2)`, `rho_R = sqrt(1 - 2^(-2R))`, so that it has the squared error

    sigma_X^2 2^(-2R)                                   perception-free:      W_2^2(p_T, p_ref) <= P
    sigma_X^2 2^(-2R) + (W_2(p_T, p_ref) - sqrt P)^2    perception-limited:   W_2^2(p_T, p_ref) > P

No representation of this rate has less at any `P`: to serve all `P` costs no more than to serve one.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Le, Lt, Max

from drc.expressions.forms import replaced
from drc.information import gaussian_entropy
from drc.problems.gaussian import PerceivedGaussian, mu_ref, mu_X, mu_Y, sigma_ref, sigma_X, sigma_Y
from drc.proof import NONNEGATIVE, POSITIVE, REALS, UNIT, Proof
from drc.proof.shannon import InformationClaim
from drc.theory import reduction
from drc.theory.gaussian.scalar.projection import LATEX, P, c, e_c, sigma_c
from drc.theory.gaussian.scalar.w2_ball import W2Ball
from drc.theory.theorem import Derived, Theorem, row
from drc.tradeoff.law import convex, limit, symmetric
from drc.units import Unit

D, R, h_XZ, rho_R, x, y, t = sp.symbols("D R h_XZ rho_R x y t", real=True)

#: Of the estimate: how far its law is from the reference, from that of a reconstruction, and how far that is.
far, away, back = sp.symbols("w v u", real=True)

#: Of the way from the estimate to the reference.
share = sp.Symbol("lambda", real=True)

SETTING = (
    r"The source is $X \sim N(\mu_X, \sigma_X^2)$, coded in long blocks, and the reference is $p_{\mathrm{ref}} ="
    r" N(\mu_{\mathrm{ref}}, \sigma_{\mathrm{ref}}^2)$. One representation $Z$ with $I(X;Z) \le R$ is chosen before $P$ is"
    r" known; then a reconstruction $Y$ is made from it, with $X - Z - Y$ and $W_2^2(p_Y, p_{\mathrm{ref}}) \le P$. The"
    r" problem is to minimise $\mathbb{E} (X - Y)^2$ for every $P$ at once. Let $T = \mathbb{E}[X \mid Z]$ be the estimate,"
    r" and $c \ge 0$ its correlation with the source, so that it has the standard deviation $c \sigma_X$; $x$, $y$, $t$ are"
    r" values of $X$, $Y$ and $T$."
)

DOMAIN = {
    **dict.fromkeys((mu_X, mu_Y, mu_ref, h_XZ, x, y, t), REALS),
    **dict.fromkeys((sigma_X, sigma_Y, sigma_ref), POSITIVE),
    **dict.fromkeys((R, P, far, away, back), NONNEGATIVE),
    c: sp.Interval(-1, 1),
    share: UNIT,
}


def derive(unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    proof, ball = Proof(DOMAIN, {**LATEX, h_XZ: r"h(X \mid Z)"}), W2Ball(unit)
    _of_any_representation(proof)
    proof.let(rho_R, sp.sqrt(1 - unit.exp(-2 * R)), "for the rate $R$", latex=r"\rho_R")
    _no_other_does_better(proof, unit)
    ball.normal_is_best(proof)
    distance = ball.project(proof, rho_R, sigma_c, e_c)
    _one_for_all(proof, ball, unit)
    inside, least = ball.inside(rho_R), sigma_X**2 * unit.exp(-2 * R)
    rows = (
        row(
            "perception-free",
            inside,
            least,
            "the estimate is distributed as N({mu_X}, {s}^2), within {here} of the reference: it is the reconstruction, and"
            " P = {P} costs nothing.",
        ),
        row(
            "perception-limited",
            Gt(*inside.args),
            least + distance,
            "the estimate is distributed as N({mu_X}, {s}^2), {here} from the reference, and P = {P} binds: the"
            " reconstruction is on the way from one to the other. Without P the distortion would be {free}.",
        ),
    )
    laws = (
        convex("R", "P"),
        symmetric(mu_X=-mu_X, mu_ref=-mu_ref),
        limit(least, P=sp.oo),
        limit(least + (mu_X - mu_ref) ** 2 + (rho_R_of(unit) * sigma_X - sigma_ref) ** 2, P=sp.S.Zero),
        limit(sp.S.Zero, R=sp.oo, P=sp.oo),
    )
    numbers = {"s": rho_R * sigma_X, "here": ball.measure(mu_X, rho_R * sigma_X), "free": least}
    return Derived(proof, rows, laws, numbers)


def rho_R_of(unit: Unit) -> sp.Expr:
    """The correlation of source and estimate for the rate `R`."""
    return sp.sqrt(1 - unit.exp(-2 * R))


THEOREMS = (
    Theorem(
        id="gaussian.universal.drpc.W2",
        problem=PerceivedGaussian(mu_S=0, sigma_S=1, theta=0, perception="W2"),
        statement="Least squared error that one representation of rate $R$ of a Gaussian source allows, for every perception"
        r" bound $P$ on $W_2^2(p_Y, p_{\mathrm{ref}})$ at once, asymptotically, when the reference is normal.",
        setting=SETTING,
        source="[zhang2021], for any normal reference",
        value=D,
        arguments=(R, P),
        derive=derive,
    ),
)


def _of_any_representation(proof: Proof) -> None:
    """What a reconstruction of a representation costs beyond the error of the estimate."""
    reduction.show(proof, *reduction.CONVERSE[:2])
    proof.show(
        InformationClaim("I(X;Y) <= I(X;Z)"),
        "every reconstruction is made of the representation (data processing)",
        given=InformationClaim("X -> Z -> Y"),
    )
    proof.show(
        Eq((x - y) ** 2, (x - t) ** 2 + (t - y) ** 2 + 2 * (x - t) * (t - y)),
        r"given $Z$ the reconstruction is independent of the source, whose mean is $T$, so that the last term is zero on"
        r" average: $\mathbb{E} (X - Y)^2 = \mathbb{E} (X - T)^2 + \mathbb{E} (T - Y)^2$",
    )
    proof.show(
        Le(far, away + back),
        r"the triangle inequality of $W_2$: $w$ from $p_T$ to the reference, $v$ from $p_T$ to $p_Y$, and $u$ from there to"
        r" the reference; $\mathbb{E} (T - Y)^2$ is at least $v^2$",
        cites="villani2009",
    )
    proof.show(
        Ge(away**2, Max(0, far - sp.sqrt(P)) ** 2),
        r"so that no decoder has less than the error of the estimate and this",
        given=And(Le(far, away + back), Le(back**2, P)),
    )
    proof.show(
        And(
            Eq((1 - sp.sqrt(P) / far) * far, Max(0, far - sp.sqrt(P))),
            Eq((sp.sqrt(P) / far * far) ** 2, P),
        ),
        r"on the way from $T$ to its partner in the best coupling with the reference distances are shares of $w$: a"
        r" reconstruction with $u = \sqrt{P}$ has this; for $w \le \sqrt{P}$ the estimate itself is one",
        given=Gt(far, sp.sqrt(P)),
    )


def _no_other_does_better(proof: Proof, unit: Unit) -> None:
    """Bound what any representation of the rate reaches, at any perception bound."""
    kept = gaussian_entropy(sigma_X**2 * (1 - c**2), unit)
    short = And(Ge(c, 0), Lt(c, 1))
    proof.show(
        Le(h_XZ, kept),
        r"whatever $Z$ is: a normal law has the largest entropy for its variance, and the variance of $X$ given $Z$ is"
        r" $\sigma_X^2 (1 - c^2)$ on average",
        given=short,
        cites="cover2006",
    )
    least = -unit.log(1 - c**2) / 2
    proof.show(Eq(gaussian_entropy(sigma_X**2, unit) - kept, least), "so the rate of $Z$ is at least this", given=short)
    proof.show(Eq(replaced(least, {c: rho_R}), R), "this correlation spends the whole rate")
    proof.show(Equivalent(Le(least, R), Le(c, rho_R)), "so no representation of the rate has a larger one", given=short)
    proof.show(
        Ge(
            sigma_X**2 + sigma_Y**2 + (mu_X - mu_Y) ** 2 - 2 * c * sigma_X * sigma_Y,
            sigma_X**2 * unit.exp(-2 * R) + (mu_Y - mu_X) ** 2 + (sigma_Y - rho_R * sigma_X) ** 2,
        ),
        r"$Y$ has with the source the covariance that it has with the estimate, at most $c \sigma_X \sigma_Y$: its error is"
        r" at least that of the estimate at this rate and the squared distance of $(\mu_X, \rho_R \sigma_X)$ from"
        r" $(\mu_Y, \sigma_Y)$",
        given=Le(c, rho_R),
    )


def _one_for_all(proof: Proof, ball: W2Ball, unit: Unit) -> None:
    """One normal representation reaches the bound for every `P`."""
    e = sigma_X**2 * unit.exp(-2 * R)
    proof.show(
        And(
            Eq(gaussian_entropy(sigma_X**2, unit) - gaussian_entropy(e, unit), R),
            Eq(sigma_X**2 - e, (rho_R * sigma_X) ** 2),
        ),
        r"one representation for all $P$: $X = T + N$ with independent normal $T$ and $N$, of these variances; its rate is"
        r" $R$",
    )
    near, way = (mu_X, rho_R * sigma_X), (mu_ref - mu_X, sigma_ref - rho_R * sigma_X)
    moved = tuple(start + share * step for start, step in zip(near, way, strict=True))
    proof.show(
        And(
            Eq((moved[0] - near[0]) ** 2 + (moved[1] - near[1]) ** 2, share**2 * ball.measure(*near)),
            Eq(ball.measure(*moved), (1 - share) ** 2 * ball.measure(*near)),
        ),
        r"its estimate is normal, so that $w$ is the distance in the plane; shifted and scaled a share $\lambda$ of the way"
        r" to the reference, $T$ has moved by $\lambda w$ and is $(1 - \lambda) w$ from the reference, so that the bound for"
        r" any representation is reached",
    )
