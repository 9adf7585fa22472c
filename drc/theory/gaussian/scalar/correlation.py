"""The scalar Gaussian problem, reduced to the correlation of `X` and `Y`.

Source: [nguyen2026], section 4; the converse by the conditional entropy-power inequality ([cover2006], section 17.8).
With `S - X - Y`, `Y` of the target law and rate `I(X;Y)`, jointly normal `Y` are optimal and everything is a function of
the correlation `c = rho_XY`:

    minimise    E (X - Y)^2 = (mu_X - mu_Y)^2 + sigma_X^2 + sigma_Y^2 - 2 sigma_X sigma_Y c
    subject to  I(X;Y) = -1/2 log(1 - c^2) <= R,    h(S|Y) = h(S) + 1/2 log(1 - rho_SX^2 c^2) <= C

Everything here is shared by the two theorems, `drc` and `rdc`.
"""

from __future__ import annotations

from functools import partial

import sympy as sp
from sympy import Abs, And, Eq, Equivalent, Ge, Gt, Le, Lt, Ne, Piecewise

from drc.expressions import LatexNames
from drc.expressions.forms import replaced
from drc.information import gaussian_entropy
from drc.problems.gaussian import mu_S, mu_X, mu_Y, sigma_S, sigma_X, sigma_Y, theta
from drc.proof import NONNEGATIVE, POSITIVE, REALS, Domain, Proof
from drc.theory import reduction
from drc.tradeoff.law import symmetric
from drc.units import Unit

D, R, C = sp.symbols("D R C", real=True)
c, rate = sp.symbols("c I", real=True)
rho_SX, rho_R, rho_C, h_S, B = sp.symbols("rho_SX rho_R rho_C h_S B", real=True)

#: Entropies that remain for any `Y`, whatever its joint law with the source.
h_X_given_Y, h_S_given_Y = sp.symbols("h_XY h_SY", real=True)
_NAMES = {h_X_given_Y: r"h(X \mid Y)", h_S_given_Y: r"h(S \mid Y)"}

SETTING = (
    r"The source is $X \sim N(\mu_X, \sigma_X^2)$, the target law is $N(\mu_Y, \sigma_Y^2)$, and the label $S$ is"
    r" jointly normal with $X$, with standard deviation $\sigma_S$ and $\operatorname{cov}(S, X) = \theta$. The problem"
    r" is to minimise one of $\mathbb{E} (X - Y)^2$ and $I(X;Y)$ with the other bounded, subject to $h(S \mid Y) \le C$"
    " and to the target law; $c$ is the correlation of $X$ and $Y$, and $I$ any rate."
)

DOMAIN = {
    **dict.fromkeys((mu_X, mu_Y, mu_S, theta, C, h_X_given_Y, h_S_given_Y), REALS),
    **dict.fromkeys((sigma_X, sigma_Y, sigma_S), POSITIVE),
    **dict.fromkeys((rate, D, R), NONNEGATIVE),
    c: sp.Interval(-1, 1),
}

#: The distortion of independent `X` and `Y`, and the squared Wasserstein distance of the two laws.
INDEPENDENT, WASSERSTEIN = (mu_X - mu_Y) ** 2 + sigma_X**2 + sigma_Y**2, (mu_X - mu_Y) ** 2 + (sigma_X - sigma_Y) ** 2

#: What every trade-off between two normal laws obeys.
SYMMETRIES = (symmetric(mu_X=-mu_X, mu_Y=-mu_Y), symmetric(mu_X=mu_Y, mu_Y=mu_X))

#: Cauchy-Schwarz.
COVARIANCE = Le(theta**2, sigma_S**2 * sigma_X**2)

#: Why no plan meets `C`, and where to say so: too little rate, or a label that the source does not determine.
NEEDS_RATE = (
    "C = {C} {unit} needs correlation {rho_C}; R = {R} {unit} allows {rho_R}.\nThe least rate for this C is {least_rate}"
    " {unit}; the least C at this rate is {lowest_C} {unit}.",
    Le(rho_C, 1),
)
OUT_OF_REACH = ("C = {C} {unit} is below h(S|X) = {h_SX} {unit}, which is reached at no rate.", Gt(rho_C, 1))

#: Correlations short of one, and a covariance short of the Cauchy-Schwarz bound: where logarithms are finite.
INTERIOR = And(Lt(Abs(c), 1), Lt(Abs(rho_SX), 1))


def reduce(unit: Unit, domain: Domain = DOMAIN, names: LatexNames | None = None) -> Proof:
    """Derive what the two constraints say of the correlation."""
    proof = Proof(domain, _NAMES | dict(names or {}), assumed=COVARIANCE)
    proof.let(rho_SX, theta / (sigma_S * sigma_X), "the correlation of label and source", latex=r"\rho_{SX}")
    proof.let(h_S, gaussian_entropy(sigma_S**2, unit), "the entropy of the label", latex="h(S)")
    proof.let(B, INDEPENDENT, "the distortion of independent $X$ and $Y$")
    _jointly_normal(proof, unit)
    _converse(proof, unit)
    _constraints_on_the_correlation(proof, unit)
    return proof


def information(unit: Unit) -> sp.Expr:
    """`I(X;Y)` as a function of the correlation."""
    return -unit.log(1 - c**2) / 2


def ambiguity(unit: Unit) -> sp.Expr:
    """`h(S|Y)` as a function of the correlation."""
    return h_S + unit.log(1 - rho_SX**2 * c**2) / 2


def distortion() -> sp.Expr:
    """`E (X - Y)^2` as a function of the correlation."""
    return B - 2 * sigma_X * sigma_Y * c


def numbers(unit: Unit) -> dict[str, sp.Expr]:
    """What names in the reasons of these theorems stand for."""
    return {
        "floor": WASSERSTEIN,
        "least_rate": replaced(information(unit), {c: rho_C}),
        "lowest_C": replaced(ambiguity(unit), {c: rho_R}),
        "h_SX": replaced(ambiguity(unit), {c: sp.S.One}),
    }


def _jointly_normal(proof: Proof, unit: Unit) -> None:
    """Achievability: the three quantities of a jointly normal Markov chain, from its covariance matrix."""
    cov_XY = c * sigma_X * sigma_Y
    # S - X - Y: what S and Y share goes through X.
    cov_SY = theta * cov_XY / sigma_X**2
    XY = sp.Matrix([[sigma_X**2, cov_XY], [cov_XY, sigma_Y**2]])
    SY = sp.Matrix([[sigma_S**2, cov_SY], [cov_SY, sigma_Y**2]])
    second_moment = (mu_X - mu_Y) ** 2 + XY[0, 0] + XY[1, 1] - 2 * XY[0, 1]
    proof.show(Eq(second_moment, distortion()), r"expand $\mathbb{E} (X - Y)^2$ into means and covariances")
    proof.show(
        Eq(unit.log(sp.Mul(XY[0, 0], XY[1, 1]) / XY.det()) / 2, information(unit)),
        r"$I(X;Y) = \tfrac{1}{2} \log(\operatorname{var} X \operatorname{var} Y / \det \operatorname{cov}(X, Y))$",
        given=INTERIOR,
    )
    proof.show(
        Eq(gaussian_entropy(SY.det() / sigma_Y**2, unit), ambiguity(unit)),  # pyright: ignore[reportOperatorIssue] (sympy)
        r"$h(S \mid Y)$ is the entropy of a normal law with the conditional variance $\det \operatorname{cov}(S, Y)"
        r" / \operatorname{var} Y$",
        given=INTERIOR,
    )


def _converse(proof: Proof, unit: Unit) -> None:
    """No other `Y` does better: for I(X;Y) = I its correlation is at most, and h(S|Y) at least, the normal one's."""
    reduction.show(proof, *reduction.CONVERSE)
    spent = Eq(h_X_given_Y, gaussian_entropy(sigma_X**2, unit) - rate)
    proof.show(
        Le(h_X_given_Y, gaussian_entropy(sigma_X**2 * (1 - c**2), unit)),
        r"whatever $Y$ is: a normal law has the largest entropy for its variance, and the variance of $X$ given $Y$ is on"
        r" average at most $\operatorname{var} X (1 - c^2)$, the error of the best linear estimate",
        given=Lt(Abs(c), 1),
        cites="cover2006",
    )
    show = partial(proof.show, given=And(spent, Lt(Abs(c), 1)))
    show(
        Le(information(unit), rate),
        "any $Y$ with $I(X;Y) = I$ has $h(X \\mid Y) = h(X) - I$, so $I$ is at least the rate of the normal $Y$ with the"
        " same correlation",
    )
    normal = sp.sqrt(1 - unit.exp(-2 * rate))
    proof.show(Eq(information(unit).subs(c, normal), rate), "the correlation of the normal $Y$ with the same $I$")
    show(Le(Abs(c), normal), r"so $\lvert c \rvert$ is at most the correlation of that normal $Y$")
    entropy_power = unit.exp(2 * gaussian_entropy(sigma_X**2, unit) - 2 * rate)
    noise_power = unit.exp(2 * gaussian_entropy(sigma_S**2 * (1 - rho_SX**2), unit))
    bound = unit.log((theta / sigma_X**2) ** 2 * entropy_power + noise_power) / 2
    proof.show(
        Ge(h_S_given_Y, bound),
        r"$S = (\theta / \sigma_X^2) X + N$ with $N$ independent of $(X, Y)$: the conditional entropy-power inequality",
        given=And(spent, Lt(Abs(rho_SX), 1)),
        cites="cover2006",
    )
    proof.show(
        Eq(bound, ambiguity(unit).subs(c, normal)),
        "the normal $Y$ with the same $I$ attains this bound",
        given=Lt(Abs(rho_SX), 1),
    )
    proof.show(
        Ge(h_S_given_Y, ambiguity(unit).subs(c, normal)),
        r"so no $Y$ with $I(X;Y) = I$ has a smaller $h(S \mid Y)$ than the normal one",
        given=And(spent, Lt(Abs(rho_SX), 1)),
    )


def _constraints_on_the_correlation(proof: Proof, unit: Unit) -> None:
    proof.let(rho_R, sp.sqrt(1 - unit.exp(-2 * R)), "the largest correlation that the rate allows", latex=r"\rho_R")
    proof.let(
        rho_C,
        Piecewise((0, Ge(C, h_S)), (sp.oo, Eq(theta, 0)), (sp.sqrt(1 - unit.exp(2 * (C - h_S))) / Abs(rho_SX), True)),
        "the least correlation that the classification constraint needs",
        latex=r"\rho_C",
    )
    proof.show(Eq(information(unit).subs(c, rho_R), R), "this correlation spends the whole rate")
    proof.show(
        Eq(ambiguity(unit).subs(c, rho_C), C),
        "this correlation just meets the constraint",
        given=And(Le(C, h_S), Lt(rho_C, 1), INTERIOR),
    )
    positive = And(INTERIOR, Ge(c, 0))
    proof.show(Equivalent(Le(information(unit), R), Le(c, rho_R)), r"solve $I(X;Y) \le R$ for $c$", given=positive)
    needed = And(Lt(C, h_S), Ne(theta, 0))
    left_open = Le(1 - rho_SX**2 * c**2, unit.exp(2 * (C - h_S)))
    proof.show(
        Equivalent(Le(ambiguity(unit), C), left_open),
        r"the share of the label's variance that $Y$ leaves open is bounded",
        given=positive,
    )
    proof.show(Equivalent(Eq(rho_SX, 0), Eq(theta, 0)), "no covariance, no correlation")
    proof.show(
        And(Ge(rho_C, 0), Eq(rho_C**2 * rho_SX**2, 1 - unit.exp(2 * (C - h_S))), Ne(rho_SX, 0)),
        "where correlation is needed and of use, its square is in proportion to what may not be left open",
        given=needed,
    )
    for case in (needed, Ge(C, h_S), And(Lt(C, h_S), Eq(theta, 0))):
        proof.show(Equivalent(left_open, Le(rho_C, c)), "solve for $c$", given=And(positive, case))
    proof.show(Equivalent(Le(ambiguity(unit), C), Le(rho_C, c)), r"solve $h(S \mid Y) \le C$ for $c$", given=positive)
    proof.show(
        Le(distortion(), distortion().subs(c, -c)),
        "the constraints see $c^2$ alone, and the distortion is less on the positive side",
        given=Ge(c, 0),
    )
