r"""From a remote Gaussian source to one that the encoder sees: the estimate of the remote one.

Source: [dobrushin1962], with the label and the law of `Y` of [nguyen2026] added.  The encoder sees `X`, the distortion is to
`T` with `T - X - Y`, and the two are jointly normal.  The best estimate `E[T|X]` is a linear function of `X`, and what it
misses is orthogonal to all that is made of `X`:

    E (T - Y)^2 = E (T - E[T|X])^2 + E (E[T|X] - Y)^2

Rate and label see no difference between `X` and an invertible function of it, so that the problem is the direct one for the
source `E[T|X]`, plus a constant.  A component of a vector is reduced in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import sympy as sp
from sympy import Abs, And, Eq, Equivalent, Ge, Gt, Le, Lt, Max, Ne, Or

from drc.expressions.forms import replaced
from drc.problems import Problem
from drc.problems.gaussian import mu_S, mu_T, mu_X, mu_Y, rho_TX, sigma_S, sigma_T, sigma_X, sigma_Y, theta
from drc.proof import NONNEGATIVE, POSITIVE, REALS, Check, Proof, Verdict
from drc.proof.computed import ComputedClaim
from drc.theory import reduction
from drc.theory.catalogue import theorem
from drc.theory.theorem import Theorem
from drc.tradeoff import Reason, Regime, Tradeoff
from drc.tradeoff.law import Law, symmetric
from drc.units import Unit

D, R = sp.symbols("D R", real=True)
sigma_E, epsilon_T, theta_E, D_E, R_E, e, k = sp.symbols("sigma_E epsilon_T theta_E D_E R_E e k", real=True)

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

#: What is said before the reasons of the direct theorem, and instead of them.
_BEYOND = "The best estimate of T from X errs by {epsilon_T}; D is counted beyond that from here on. "
_OF_DISTORTION = re.compile(r"\bD\b|distortion")
_BELOW = "D = {D} is below {epsilon_T}, by which the best estimate of T from X errs."


class TheoremClaim(ComputedClaim):
    """What another theorem of the catalogue says: it is cited, since its proof is checked where that theorem is."""

    def decided(self) -> Check:
        """Look for the theorem."""
        return Check(Verdict.CITED, theorem(self.data).id)  # pyright: ignore[reportFunctionMemberAccess] (a theorem)


@dataclass(frozen=True, eq=False)
class RemoteTheorem(Theorem):
    """A theorem about the distortion to a remote source: one about the source, with the estimate in its place."""

    direct: Theorem

    @cache  # noqa: B019 (a theorem lives as long as the file that it is in)
    def tradeoff(self, unit: Unit) -> Tradeoff:
        """Derive the theorem, all parameters symbolic."""
        direct, proof = self.direct.tradeoff(unit), _reduction(self.direct)
        changes = {mu_X: mu_T, sigma_X: sigma_E, theta: theta * sigma_E / sigma_X}
        if self.value == R:
            changes[D] = D_E
        certain = {Eq(changes[theta], 0): Eq(theta, 0)}
        where = [(symbol, value.xreplace(changes).xreplace(certain)) for symbol, value in direct.where]
        definitions = [pair for pair in proof.definitions if pair[0] != theta_E]
        return replace(
            direct,
            id=self.id,
            statement=self.statement,
            source=self.source,
            problem=self.problem,
            cases=tuple(self._moved(regime, changes) for regime in direct.cases),
            where=(*definitions, *where),
            laws=(*self._laws(direct.laws, changes, dict(definitions)), symmetric(rho_TX=-rho_TX)),
            derivation=proof.qed(self.statement, self.setting),
            names=proof.names | dict(direct.names),
        )

    def _moved(self, regime: Regime, changes: Mapping[sp.Basic, sp.Basic]) -> Regime:
        """Say of the remote source what a regime says of the estimate."""
        condition, value = regime.condition.xreplace(changes), regime.expr.xreplace(changes)
        beyond = tuple(_beyond(reason, changes) for reason in regime.reasons)
        if self.value == D:
            return Regime(regime.name, condition, value + epsilon_T, beyond)
        if not regime.is_infeasible:
            return Regime(regime.name, And(Ge(D, epsilon_T), condition), value, beyond)
        below = Reason(_BELOW, {"D": D, "epsilon_T": epsilon_T}, Lt(D, epsilon_T))
        others = (replace(reason, when=And(Ge(D, epsilon_T), reason.when)) for reason in beyond)
        return Regime(regime.name, Or(Lt(D, epsilon_T), condition), value, (below, *others))

    def _laws(
        self, laws: tuple[Law, ...], changes: Mapping[sp.Basic, sp.Basic], opened: Mapping[sp.Symbol, sp.Expr]
    ) -> tuple[Law, ...]:
        """Return what the laws of the direct theorem say; a limit that is a function of `D` is left out."""
        of_T, found = {mu_X: mu_T}, []
        for law in laws:
            if law.kind == "symmetry":
                found.append(symmetric(**{n.replace("mu_X", "mu_T"): v.xreplace(of_T) for n, v in law.changes.items()}))
            elif law.value is None:
                found.append(law)
            elif not law.value.has(D):
                value = replaced(law.value, changes) + (epsilon_T if self.value == D else 0)
                found.append(replace(law, value=value.xreplace(opened)))
        return tuple(found)


def remote(direct: Theorem, problem: Problem) -> RemoteTheorem:
    """Return what a theorem about a source says of a remote one.

    Examples
    --------
    >>> from drc.theory.catalogue import theorem
    >>> theorem("gaussian.asymptotic.remote.drc").direct.id
    'gaussian.asymptotic.drc'
    """
    *words, name = direct.id.partition(".d" if ".d" in direct.id else ".rd")
    return RemoteTheorem(
        id=f"{words[0]}.remote{words[1]}{name}",
        problem=problem,
        statement=direct.statement.replace("a Gaussian source", "a remote Gaussian source"),
        setting=f"{SETTING} {direct.setting}",
        source=f"[dobrushin1962], with {direct.source}",
        value=direct.value,
        arguments=direct.arguments,
        derive=direct.derive,
        direct=direct,
    )


SETTING = (
    r"The distortion is $\mathbb{E} (T - Y)^2$, to a remote source $T \sim N(\mu_T, \sigma_T^2)$ that the encoder does not"
    r" see: it sees $X$, which is jointly normal with $T$, with correlation $\rho_{TX} \ne 0$, and $T - X - Y$ is a Markov"
    r" chain. The estimate is $\hat T = \mathbb{E}[T \mid X]$, $k$ is the covariance of $X$ and $Y$, and $e$ any distortion"
    r" to $\hat T$. The rest is as in the direct problem, in which the distortion is to $X$:"
)


def _reduction(direct: Theorem) -> Proof:
    """Derive the direct problem for the estimate."""
    proof, seen = Proof(_DOMAIN, _NAMES, assumed=Le(theta**2, sigma_S**2 * sigma_X**2)), Ne(rho_TX, 0)
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
    total, said = Eq(D, epsilon_T + D_E, evaluate=False), r"$D_{\hat T}$"
    if direct.value == R:
        proof.let(D_E, Max(0, D - epsilon_T), r"what the bound leaves for the distortion to $\hat T$")
        proof.show(Eq(epsilon_T + D_E, D), "the parts of the bound", given=Ge(D, epsilon_T))
        proof.show(
            Equivalent(Le(epsilon_T + e, D), And(Ge(D, epsilon_T), Le(e, D_E))),
            "the bound on the distortion is one on the distortion to the estimate",
        )
        total, said = Eq(R, R_E, evaluate=False), r"$R_{\hat T}$, at $D_{\hat T}$,"
    proof.show(
        TheoremClaim(total, direct.id),
        f"what is left is the direct problem, whose optimum {said} is that of the theorem {direct.id} for a source of mean"
        r" $\mu_T$ and standard deviation $\sigma_{\hat T}$ whose covariance with the label is $\theta_{\hat T}$",
    )
    return proof


def _beyond(reason: Reason, changes: Mapping[sp.Basic, sp.Basic]) -> Reason:
    values = {name: sp.sympify(value).xreplace(changes) for name, value in reason.values.items()}
    when = reason.when.xreplace(changes)
    if not _OF_DISTORTION.search(reason.text):
        return Reason(reason.text, values, when)
    return Reason(_BEYOND + reason.text, values | {"epsilon_T": epsilon_T}, when)
