r"""From a remote Gaussian source to one that the encoder sees: the estimate of the remote one.

Source: [dobrushin1962], with the label and the law of `Y` of [nguyen2026] added.  The encoder sees `X`, the distortion is to
`T` with `T - X - Y`, and the two are jointly normal.  The best estimate `E[T|X]` is a linear function of `X`, and what it
misses is orthogonal to all that is made of `X`:

    E (T - Y)^2 = E (T - E[T|X])^2 + E (E[T|X] - Y)^2

Rate and label see no difference between `X` and an invertible function of it, so that the problem is the direct one for the
source `E[T|X]`, plus a constant.  A component of a vector is reduced in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp
from sympy import Abs, Eq, Gt, Le, Ne
from sympy.logic.boolalg import Boolean

from drc.problems import Problem
from drc.problems.gaussian import mu_S, mu_T, mu_X, mu_Y, rho_TX, sigma_S, sigma_T, sigma_X, sigma_Y, theta
from drc.proof import NONNEGATIVE, POSITIVE, REALS, Proof
from drc.theory import reduction
from drc.theory.remote import D, R, Reduction, RemoteTheorem, TheoremClaim, bound_left, e, remote
from drc.theory.theorem import Theorem
from drc.tradeoff.law import symmetric

sigma_E, epsilon_T, theta_E, D_E, R_E, k = sp.symbols("sigma_E epsilon_T theta_E D_E R_E k", real=True)

_DOMAIN = {
    **dict.fromkeys((mu_T, mu_X, mu_Y, mu_S, theta, k), REALS),
    **dict.fromkeys((sigma_T, sigma_X, sigma_Y, sigma_S), POSITIVE),
    **dict.fromkeys((D, R, D_E, R_E, e), NONNEGATIVE),
    rho_TX: sp.Interval(-1, 1),
}
_NAMES = {
    rho_TX: r"\rho_{TX}",
    sigma_E: r"\sigma_{\hat T}",
    theta_E: r"\theta_{\hat T}",
    D_E: r"D_{\hat T}",
    R_E: r"R_{\hat T}",
}

_SETTING = (
    r"The distortion is $\mathbb{E} (T - Y)^2$, to a remote source $T \sim N(\mu_T, \sigma_T^2)$ that the encoder does not"
    r" see: it sees $X$, which is jointly normal with $T$, with correlation $\rho_{TX} \ne 0$, and $T - X - Y$ is a Markov"
    r" chain. The estimate is $\hat T = \mathbb{E}[T \mid X]$, $k$ is the covariance of $X$ and $Y$, and $e$ any distortion"
    r" to $\hat T$. The rest is as in the direct problem, in which the distortion is to $X$:"
)


def of_estimate(direct: Theorem, problem: Problem) -> RemoteTheorem:
    """Return what a theorem about a Gaussian source says of a remote one."""
    return remote(direct, problem, _reduction, source="[dobrushin1962]", setting=_SETTING)


def _reduction(direct: Theorem) -> Reduction:
    """Derive the direct problem for the estimate."""
    proof, seen = Proof(_DOMAIN, _NAMES, assumed=Le(theta**2, sigma_S**2 * sigma_X**2)), Ne(rho_TX, 0)
    _estimate(proof)
    proof.let(
        theta_E,
        theta * Abs(rho_TX) * sigma_T / sigma_X,
        r"covariance of the label and the estimate, which is reflected if $\rho_{TX} < 0$ (then $Y$ is made of $-X$)",
    )
    proof.show(Gt(sigma_E, 0), "this is a source", given=seen)
    proof.show(
        Eq(theta_E / sigma_E, theta / sigma_X),
        "and its correlation with the label is that of the one that is seen",
        given=seen,
    )
    proof.show(
        Le(theta_E**2, (sigma_S * sigma_E) ** 2),
        "so that the direct theorem holds for it, as for every source with a label",
    )
    changes = {mu_X: mu_T, sigma_X: sigma_E, theta: theta * sigma_E / sigma_X}
    settled: dict[Boolean, Boolean] = {Eq(changes[theta], 0): Eq(theta, 0)}
    total, said = Eq(D, epsilon_T + D_E, evaluate=False), r"$D_{\hat T}$"
    if direct.value == R:
        bound_left(proof, D_E, epsilon_T, sp.S.One, r"$\hat T$")
        changes[D] = D_E
        total, said = Eq(R, R_E, evaluate=False), r"$R_{\hat T}$, at $D_{\hat T}$,"
    proof.show(
        TheoremClaim(total, direct.id),
        f"what is left is the direct problem, whose optimum {said} is that of the theorem {direct.id} for a source of mean"
        r" $\mu_T$ and standard deviation $\sigma_{\hat T}$ whose covariance with the label is $\theta_{\hat T}$",
    )
    return Reduction(
        proof,
        error=epsilon_T,
        factor=sp.S.One,
        beyond="The best estimate of T from X errs by {epsilon_T}; D is counted beyond that from here on. ",
        below="D = {D} is below {epsilon_T}, by which the best estimate of T from X errs.",
        changes=changes,
        symmetry=_symmetry,
        inner=(theta_E,),
        settled=settled,
        laws=(symmetric(rho_TX=-rho_TX),),
    )


def _estimate(proof: Proof) -> None:
    """The estimate takes the place of the source."""
    slope, covariance = rho_TX * sigma_T / sigma_X, rho_TX * sigma_T * sigma_X
    proof.let(sigma_E, Abs(rho_TX) * sigma_T, r"standard deviation of the estimate $\hat T$")
    proof.let(epsilon_T, sigma_T**2 * (1 - rho_TX**2), r"its error, $\mathbb{E} (T - \hat T)^2$", latex=r"\epsilon_T")
    proof.show(
        Eq(slope**2 * sigma_X**2, sigma_E**2),
        r"$T$ and $X$ are jointly normal, so $\hat T = \mu_T + (\rho_{TX} \sigma_T / \sigma_X)(X - \mu_X)$: its variance",
    )
    proof.show(Eq(sigma_T**2 - 2 * slope * covariance + slope**2 * sigma_X**2, epsilon_T), "expand its error")
    apart = (mu_T - mu_Y) ** 2 + sigma_Y**2 - 2 * slope * k
    proof.show(
        Eq(apart + sigma_T**2, epsilon_T + apart + sigma_E**2),
        r"$Y$ depends on $T$ through $X$ only, so $\mathbb{E}[T \mid X, Y] = \hat T$: the error $T - \hat T$ is orthogonal"
        r" to $\hat T$ and $Y$, and $\operatorname{cov}(T, Y) = \operatorname{cov}(\hat T, Y)$. So $\mathbb{E} (T - Y)^2 ="
        r" \epsilon_T + \mathbb{E} (\hat T - Y)^2$, whatever $Y$ is",
    )
    reduction.show(proof, *reduction.REMOTE)


def _symmetry(changes: Mapping[str, sp.Expr]) -> Mapping[str, sp.Expr]:
    return {name.replace("mu_X", "mu_T"): value.xreplace({mu_X: mu_T}) for name, value in changes.items()}
