"""Scalar Gaussian source, squared error, asymptotic, limited common randomness, no classification constraint: `D(R)`.

Theorem ([saldi2015] for the single-letter problem; [liu2022] for `R_c = 0`).  With `R_c` of common randomness per sample, a
coupling of `X` and the target `Y` is achievable if some `V` has `X - V - Y`, `I(X;V) <= R` and `I(V;Y) <= R + R_c`.  So

    D(R) = (mu_X - mu_Y)^2 + sigma_X^2 + sigma_Y^2 - 2 sigma_X sigma_Y sqrt((1 - 2^(-2R)) (1 - 2^(-2(R + R_c))))

With a classification constraint as well, normal `V` are not known to be optimal: only the largest correlation is settled
here, not the largest `I(X;Y)`, and a quantiser known to both sides may have more of it.  So there is no `C` in this theorem.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Le, Lt

from drc.information import gaussian_entropy
from drc.problems.gaussian import Gaussian, R_c, mu_X, mu_Y, sigma_X, sigma_Y
from drc.proof import NONNEGATIVE, POSITIVE, REALS, UNIT, Proof
from drc.theory import reduction
from drc.theory.gaussian.scalar.correlation import DOMAIN, INDEPENDENT, SYMMETRIES, WASSERSTEIN
from drc.theory.theorem import Derived, Theorem, row
from drc.tradeoff.law import convex, limit
from drc.units import Unit

D, R, B, rho_R = sp.symbols("D R B rho_R", real=True)

STATEMENT = (
    "Least squared error of a Gaussian source for rate $R$ and $R_c$ of common randomness per sample, asymptotically,"
    " without a classification constraint."
)

SETTING = (
    r"The source is $X \sim N(\mu_X, \sigma_X^2)$ and the target law is $N(\mu_Y, \sigma_Y^2)$. Encoder and decoder share"
    r" $R_c$ of common randomness per sample. The problem is to minimise $\mathbb{E} (X - Y)^2$ over $V$ and $Y$ with"
    r" $X - V - Y$, subject to $I(X;V) \le R$, $I(V;Y) \le R + R_c$ and the target law; $\rho_{XV}$ and $\rho_{VY}$ are"
    r" correlations, $I_1$, $I_2$ any rates, $k$ the covariance of $X$ and $Y$, and $\epsilon_X$, $\epsilon_Y$ the mean"
    " variances that $V$ leaves open."
)

rho_XV, rho_VY, I_1, I_2 = sp.symbols("rho_XV rho_VY I_1 I_2", real=True)
eps_X, eps_Y, k = sp.symbols("epsilon_X epsilon_Y k", real=True)

_DOMAIN = {s: DOMAIN[s] for s in (mu_X, mu_Y, sigma_X, sigma_Y, R)} | {
    R_c: NONNEGATIVE,
    rho_XV: UNIT,
    rho_VY: UNIT,
    I_1: NONNEGATIVE,
    I_2: NONNEGATIVE,
    eps_X: POSITIVE,
    eps_Y: POSITIVE,
    k: REALS,
}
_NAMES = {rho_XV: r"\rho_{XV}", rho_VY: r"\rho_{VY}"}


def derive(unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    proof = Proof(_DOMAIN, _NAMES)
    proof.let(B, INDEPENDENT, "distortion of independent $X$ and $Y$")
    _normal(proof, unit)
    _converse(proof, unit)
    value = B - 2 * sigma_X * sigma_Y * rho_R
    text = (
        "R = {R} {unit} with the common randomness given allows correlation {rho_R}, and binds; as R grows, D falls to"
        " {floor}, the squared Wasserstein distance of the two laws."
    )
    laws = (convex("R"), *SYMMETRIES, limit(INDEPENDENT, R=sp.S.Zero), limit(WASSERSTEIN, R=sp.oo))
    return Derived(proof, (row("rate-limited", Ge(R, 0), value, text),), laws, {"floor": WASSERSTEIN})


THEOREMS = (
    Theorem(
        id="gaussian.asymptotic.limited.drc",
        problem=Gaussian(R_c=R_c),
        statement=STATEMENT,
        setting=SETTING,
        source="[saldi2015] and [liu2022]",
        value=D,
        arguments=(R,),
        derive=derive,
    ),
)


def information(rho: sp.Expr, unit: Unit) -> sp.Expr:
    """Mutual information of two normal variables with a correlation."""
    return -unit.log(1 - rho**2) / 2


def allowed(rate: sp.Expr, unit: Unit) -> sp.Expr:
    """The largest correlation that a mutual information allows."""
    return sp.sqrt(1 - unit.exp(-2 * rate))


def _normal(proof: Proof, unit: Unit) -> None:
    """Achievability: jointly normal `X - V - Y`."""
    cov_XV, cov_VY = rho_XV * sigma_X, rho_VY * sigma_Y
    XV = sp.Matrix([[sigma_X**2, cov_XV], [cov_XV, 1]])
    VY = sp.Matrix([[1, cov_VY], [cov_VY, sigma_Y**2]])
    second_moment = INDEPENDENT - 2 * cov_XV * cov_VY
    proof.show(
        Eq(second_moment, B - 2 * sigma_X * sigma_Y * rho_XV * rho_VY),
        "for normal $X - V - Y$ what $X$ and $Y$ share goes through $V$, so their correlation is a product",
    )
    for pair, rho, a, b in ((XV, rho_XV, "X", "V"), (VY, rho_VY, "V", "Y")):
        proof.show(
            Eq(unit.log(sp.Mul(pair[0, 0], pair[1, 1]) / pair.det()) / 2, information(rho, unit)),
            rf"$I({a};{b}) = \tfrac12 \log(\operatorname{{var}} {a} \operatorname{{var}} {b}"
            rf" / \det \operatorname{{cov}}({a}, {b}))$",
            given=Lt(rho, 1),
        )


def _converse(proof: Proof, unit: Unit) -> None:
    """No `V` gives more: conditional means, and the Cauchy-Schwarz inequality."""
    reduction.show(proof, *reduction.LIMITED)
    sides = ((sigma_X, I_1, eps_X, "X"), (sigma_Y, I_2, eps_Y, "Y"))
    for sigma, spent, error, which in sides:
        proof.show(
            Ge(error, unit.exp(2 * (gaussian_entropy(sigma**2, unit) - spent)) / (2 * sp.pi * sp.E)),
            rf"the mean variance of ${which}$ given $V$ is at least the entropy power of $h({which} \mid V) ="
            rf" h({which}) - I$, because a normal law has the largest entropy for its variance",
            cites="cover2006",
        )
    for sigma, spent, error, which in sides:
        proof.show(
            Le(sigma**2 - error, sigma**2 * allowed(spent, unit) ** 2),
            f"so the conditional mean of ${which}$ has at most this variance",
        )
    most = sigma_X * sigma_Y * allowed(I_1, unit) * allowed(I_2, unit)
    product = And(Le(eps_X, sigma_X**2), Le(eps_Y, sigma_Y**2), Le(k**2, (sigma_X**2 - eps_X) * (sigma_Y**2 - eps_Y)))
    proof.show(
        Le(k**2, most**2),
        "given $V$, $X$ and $Y$ are independent: their covariance is that of the two conditional means, and at most the"
        " product of the standard deviations of these (Cauchy-Schwarz)",
        given=product,
    )
    proof.show(Le(k, most), "take the root", given=product)
    proof.let(
        rho_R,
        sp.sqrt((1 - unit.exp(-2 * R)) * (1 - unit.exp(-2 * (R + R_c)))),
        "largest correlation that rate and common randomness allow",
        latex=r"\rho_R",
    )
    proof.show(
        Eq(rho_R, allowed(R, unit) * allowed(R + R_c, unit)),
        "the rates bound both correlations of $V$, so this is the largest correlation of $X$ and $Y$",
    )
    proof.show(
        And(
            Equivalent(Le(information(rho_XV, unit), R), Le(rho_XV, allowed(R, unit))),
            Equivalent(Le(information(rho_VY, unit), R + R_c), Le(rho_VY, allowed(R + R_c, unit))),
        ),
        "the normal $V$ may have the two correlations that attain it",
        given=And(Lt(rho_XV, 1), Lt(rho_VY, 1)),
    )
    proof.show(Eq(rho_R, 1 - unit.exp(-2 * R)), "without common randomness: the value of [liu2022]", given=Eq(R_c, 0))
    proof.show(
        Le(rho_R, allowed(R, unit)), "with unlimited common randomness the correlation is that of the rate alone"
    )
