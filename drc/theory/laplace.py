"""Laplace source, absolute error, asymptotic: `R(D)` and `D(R)`, and the perception that they have for nothing.

Theorem (derived here: Shannon's lower bound, [cover2006], problem 10.6, is attained).  Let `X` have the density
`lam/2 exp(-lam |x|)`.  The least rate for `E |X - Y| <= D` is

    -log(lam D)    distortion-limited:    D < 1/lam
    0              zero-rate:             D >= 1/lam

and the least error is `exp(-R)/lam`, in nats.  The best `Y` is 0 with probability `c = lam^2 D^2`, and else distributed as
`X`.  Its distance from `X` is

    c           in total variation
    c/lam       in the Wasserstein distance `W_1`
    2/lam^2 - (1 - c) (2 k/lam + 2/lam^2),  k = -log(1 - c)/lam,   in `W_2^2`

so that a bound `P` on it costs nothing from there on.  For a smaller `P` the optimum is not known, and is refused.
"""

from __future__ import annotations

from functools import cache, partial

import sympy as sp
from sympy import And, Eq, Ge, Le, Lt, Piecewise
from sympy.logic.boolalg import Boolean

from drc.problems.laplace import Laplace, lam
from drc.proof import NONNEGATIVE, POSITIVE, UNIT, Proof
from drc.proof.shannon import InformationClaim
from drc.theory import reduction
from drc.theory.symmetric import noise
from drc.theory.theorem import Derived, Theorem, row
from drc.tradeoff import Tradeoff
from drc.tradeoff.law import convex, limit
from drc.units import Unit

D, R, P, P_D, c, d, E, k, omega = sp.symbols("D R P P_D c d E k omega", real=True)

SETTING = (
    r"The source $X$ has the density $\tfrac{\lambda}{2} e^{-\lambda \lvert x \rvert}$. The problem is to minimise one of"
    r" $\mathbb{E} \lvert X - Y \rvert$ and $I(X;Y)$ with the other bounded; $N = X - Y$ is the noise, $E$ its mean absolute"
    r" value, $d$ any positive error, $c$ the probability of a zero, $k$ a positive number, and $p$, $w$ are densities at"
    " one point."
)

_DOMAIN = {
    **dict.fromkeys((lam, noise.p, noise.w, d, k), POSITIVE),
    **dict.fromkeys((D, R, P, E), NONNEGATIVE),
    c: UNIT,
    omega: sp.S.Reals,
}
_NAMES = {lam: r"\lambda"}

FREE = " P = {P} costs nothing: the best Y is within {P_D} of the source."


class LaplaceTheorem(Theorem):
    """The theorem, with or without a perception constraint; the catalogue has it without."""

    def __call__(self, problem: Laplace, unit: Unit) -> Tradeoff:
        """Return the trade-off of a problem: the theorem with its parameter put in."""
        return theorem(self.id.split(".")[1], problem.perception).tradeoff(unit).specialise(problem)


def rate(perception: str | None, unit: Unit) -> Derived:
    """Derive `R(D)`, the parameter symbolic."""
    proof = _derive(unit)
    proof.show(Eq(-unit.log(lam * d), 0), "at $d = 1/\\lambda$ nothing is sent, and $Y = 0$", given=Eq(d, 1 / lam))
    found, within, free = -unit.log(lam * D), sp.true, ""
    if perception:
        within, free = _free(proof, sp.Min(1, lam * D) ** 2, perception), FREE
    rows = (
        row(
            "distortion-limited",
            And(Lt(D, 1 / lam), within),
            found,
            "D = {D} binds: the best Y is 0 with probability {zero}, and else distributed as X." + free,
        ),
        row("zero-rate", And(Ge(D, 1 / lam), within), sp.S.Zero, "D does not bind: Y = 0 has D = {mean}." + free),
    )
    laws = (convex("D"), limit(sp.S.Zero, D=sp.oo), limit(sp.oo, D=sp.S.Zero))
    return Derived(proof, rows, laws, {"zero": (lam * D) ** 2, "mean": 1 / lam})


def distortion(perception: str | None, unit: Unit) -> Derived:
    """Derive `D(R)`, the parameter symbolic."""
    proof = _derive(unit)
    least = unit.exp(-R) / lam
    proof.show(
        sp.Equivalent(Le(-unit.log(lam * d), R), Le(least, d)),
        "solve for the error: it falls with the rate, from $1/\\lambda$ at no rate",
    )
    within, free = sp.true, ""
    if perception:
        within, free = _free(proof, unit.exp(-2 * R), perception), FREE
    rows = (
        row(
            "rate-limited",
            And(Ge(R, 0), within),
            least,
            "R = {R} {unit} binds: the best Y is 0 with probability {zero}, and else distributed as X." + free,
        ),
    )
    laws = (convex("R"), limit(1 / lam, R=sp.S.Zero), limit(sp.S.Zero, R=sp.oo))
    return Derived(proof, rows, laws, {"zero": unit.exp(-2 * R)})


def _free(proof: Proof, atom: sp.Expr, perception: str) -> Boolean:
    """Define the least bound that costs nothing, and return where it is met."""
    value = {"TV": atom, "W1": atom / lam, "W2": Piecewise((_w2(atom), Lt(atom, 1)), (2 / lam**2, True))}[perception]
    proof.let(P_D, value, "the distance of the best $Y$ from the source", latex="P_D")
    return Ge(P, P_D)


def _w2(atom: sp.Expr) -> sp.Expr:
    shift = -sp.log(1 - atom) / lam
    return 2 / lam**2 - (1 - atom) * (2 * shift / lam + 2 / lam**2)


def _derive(unit: Unit) -> Proof:
    """Shannon's lower bound, the test channel that attains it, and the output of that channel."""
    proof = Proof(_DOMAIN, _NAMES)
    reduction.show(proof, *reduction.CONVERSE[:4])
    proof.show(
        InformationClaim("H(N|Y) <= H(N)"),
        r"given $Y$ source and noise differ by a shift, so that $h(X \mid Y) = h(N \mid Y)$, and the rate is at least"
        " $h(X) - h(N)$",
    )
    p, w = noise.p, noise.w
    proof.show(
        Le(-p * unit.log(p), -p * unit.log(w) + (w - p) / unit.nats),
        "the inequality of Gibbs at one point; integrated, the entropy of the noise is at most its cross-entropy with any"
        " density $w$",
    )
    proof.show(
        Le(unit.log(2 * d) + E / d / unit.nats, unit.log(2 * sp.E * d)),
        r"with $w(x) = e^{-\lvert x \rvert / d}/(2 d)$ the cross-entropy is that of the left-hand side: noise of a mean"
        " absolute value of at most $d$ has at most the entropy of a Laplace density",
        given=Le(E, d),
    )
    proof.show(
        Eq(unit.log(2 * sp.E / lam) - unit.log(2 * sp.E * d), -unit.log(lam * d)),
        "so the rate is at least the entropy of the source less this",
    )
    atom, shape = (lam * d) ** 2, 1 / (1 + omega**2 / lam**2)
    proof.show(
        And(
            Eq((atom + (1 - atom) * shape) / (1 + d**2 * omega**2), shape),
            Le(atom, 1),
        ),
        "the characteristic functions of the three variables: $X = Y + N$ for Laplace noise of the mean absolute value $d$"
        " that is independent of a $Y$ that is 0 with probability $\\lambda^2 d^2$, and else distributed as $X$; this"
        " channel attains the bound",
        given=Le(d, 1 / lam),
    )
    proof.show(
        Eq(p - (1 - c) * p, c * p),
        "elsewhere than at zero this $Y$ has less mass than the source by the share $c$, which is at zero: in total"
        " variation the distance is $c$",
    )
    tail = 2 / lam**2 - sp.exp(-lam * k) * (2 * k / lam + 2 / lam**2)
    proof.show(
        Eq(sp.diff(tail, k), 2 * k * sp.exp(-lam * k)),
        r"monotone transport takes $\lvert x \rvert$ to $\max(0, \lvert x \rvert - k)$ with $e^{-\lambda k} = 1 - c$, and is"
        r" optimal on the line ([villani2009]): $W_2^2$ is the integral of $2 t e^{-\lambda t}$ from 0 to $k$, of"
        " which this is the derivative",
    )
    proof.show(
        Eq((1 - sp.exp(-lam * k)) / lam, c / lam),
        r"and $W_1$ is the integral of $e^{-\lambda t}$",
        given=Eq(sp.exp(-lam * k), 1 - c),
    )
    return proof


_DERIVATIONS = {
    "rdc": (rate, "Least rate of a Laplace source for the absolute error $D$"),
    "drc": (distortion, "Least absolute error of a Laplace source for rate $R$"),
}


@cache
def theorem(name: str, perception: str | None = None) -> Theorem:
    """Return the theorem of this name, perhaps with a perception constraint."""
    derive, statement = _DERIVATIONS[name]
    beyond = (
        " and a bound $P$ on the distance of the output from the source, where it costs nothing" if perception else ""
    )
    value, bound = (R, D) if name == "rdc" else (D, R)
    return LaplaceTheorem(
        id=f"laplace.{name}",
        problem=Laplace(perception=perception),
        statement=f"{statement}{beyond}, asymptotically.",
        setting=SETTING,
        source="derived here by Shannon's lower bound ([cover2006], problem 10.6)",
        value=value,
        arguments=(bound, P) if perception else (bound,),
        derive=partial(derive, perception),
    )


THEOREMS = (theorem("drc"), theorem("rdc"))
