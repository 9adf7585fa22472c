"""Uniform source on a finite group, a cost of the difference, asymptotic: `R(D)`, `D(R)`, and both for a bound `P`.

Theorem (the form of Shannon's bound that [cover2006], section 10.8 and problem 10.6, suggests).  Let `X` be uniform on a
cyclic group of `n` elements, `rho_k` the cost of the difference `k`, and `Y` uniform, too, or within `P` of uniform in any
measure of perception.  With `m` letters of the least cost, and the price `s` at which noise `w_k ~ exp(-s rho_k)` has the
mean cost `D`, the least rate is

    log n - log sum_k exp(-s (rho_k - D))    distortion-limited:    min rho < D < mean rho
    log (n/m)                                least-cost:            D = min rho
    0                                        zero-rate:             D >= mean rho
    +oo                                      infeasible:            D < min rho

and the least distortion is the mean cost of such noise with the entropy `log n - R`, or `min rho` from `R = log (n/m)` on.
The noise is independent of `Y`, so that `Y` is uniform even where that is not required.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import sympy as sp
from sympy import And, Eq, Ge, Gt, Le, Lt, Or

from drc.information.noise import price_for_cost, price_for_rate
from drc.problems.symmetric import GroupUniform, rho
from drc.proof import NONNEGATIVE, POSITIVE, UNIT, Proof
from drc.theory import reduction
from drc.theory.symmetric import noise
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff import Tradeoff
from drc.tradeoff.law import convex, limit, symmetric
from drc.units import Unit

D, P, R, s, s_D, s_R, rho_min, rho_mean, m, E, L = sp.symbols("D P R s s_D s_R rho_min rho_mean m E Lambda", real=True)

SETTING = (
    r"The source $X$ is uniform on a cyclic group of $n$ elements, and $\rho_k \ge 0$ is the cost of the difference $k$. The"
    r" problem is to minimise one of $\mathbb{E} \rho_{Y - X}$ and $I(X;Y)$ with the other bounded, for a uniform $Y$, or"
    r" one within $P$ of uniform; $N$ is the difference, with probabilities $p_k$ and the mean cost $E$; $w_k$ are the"
    r" probabilities of other noise, $e_k$ any positive numbers, $s$ a price, and $\Lambda$ the logarithm of"
    r" $\sum_k e^{-s \rho_k}$."
)

#: The catalogue has the theorem for groups of this size.
_SIZE = 3


class DifferenceTheorem(Theorem):
    """The theorem for a group of any size; the catalogue has it for one of three elements."""

    def __call__(self, problem: GroupUniform, unit: Unit) -> Tradeoff:
        """Return the trade-off of a problem: the theorem with its parameters put in."""
        found = theorem(self.id.split(".")[-1], len(problem.cost))
        return found.tradeoff(unit).specialise(problem)


def rate(n: int, perceived: bool, unit: Unit) -> Derived:
    """Derive `R(D)`, all parameters symbolic."""
    costs = tuple(map(rho, range(n)))
    proof = _start(costs, perceived, unit)
    proof.let(s_D, price_for_cost(D, *costs), "the price at which the noise has the mean cost $D$", latex="s_D")
    proof.show(
        Eq(sp.Add(*((x - D) * sp.exp(-s_D * (x - D)) for x in costs)), 0),
        "there is noise of this form with the mean cost $D$ ([cover2006], section 12.1)",
        given=And(Lt(rho_min, D), Lt(D, rho_mean)),
        cites="cover2006",
    )
    value = unit.log(n) - unit.log(sp.Add(*(sp.exp(-s_D * (x - D)) for x in costs)))
    free = _free(perceived)
    rows = (
        row(
            "distortion-limited",
            And(Lt(rho_min, D), Lt(D, rho_mean)),
            value,
            "D = {D} binds: the best noise falls by {s_D} nat per unit of cost." + free,
        ),
        row(
            "least-cost",
            And(Eq(D, rho_min), Lt(rho_min, rho_mean)),
            unit.log(n / m),
            "D = {D} allows the cheapest differences only, of which there are {m}." + free,
        ),
        row("zero-rate", Ge(D, rho_mean), sp.S.Zero, "D does not bind: a uniform guess has D = {rho_mean}." + free),
        row("infeasible", Lt(D, rho_min), sp.oo, "D = {D} is below the least cost, {rho_min}."),
    )
    proof.show_cover(conditions(rows), given=Le(rho_min, rho_mean))
    laws = (convex("D"), _turned(n), limit(sp.S.Zero, D=sp.oo))
    return Derived(proof, rows, laws)


def distortion(n: int, perceived: bool, unit: Unit) -> Derived:
    """Derive `D(R)`, all parameters symbolic."""
    costs = tuple(map(rho, range(n)))
    proof = _start(costs, perceived, unit)
    proof.let(
        s_R, price_for_rate(R * unit.nats, *costs), r"the price at which the entropy of the noise is $\log n - R$"
    )
    shifted = [sp.exp(-s_R * (x - rho_min)) for x in costs]
    mean = sp.Add(*((x - rho_min) * e for x, e in zip(costs, shifted, strict=True))) / sp.Add(*shifted)
    proof.show(
        Eq(unit.log(n) - unit.log(sp.Add(*shifted)) - s_R * mean / unit.nats, R),
        r"there is noise of this form with the entropy $\log n - R$ ([cover2006], section 12.1)",
        given=And(Gt(R, 0), Lt(R, unit.log(n / m))),
        cites="cover2006",
    )
    # At an infinite price only the cheapest differences are left.
    weights = [sp.Piecewise((1, Eq(x, rho_min)), (sp.exp(-s_R * (x - rho_min)), True)) for x in costs]
    value = sp.Add(*(x * w for x, w in zip(costs, weights, strict=True))) / sp.Add(*weights)
    free = _free(perceived)
    most = unit.log(n / m)
    rows = (
        row(
            "rate-limited",
            Lt(R, most),
            value,
            "R = {R} {unit} binds: the best noise falls by {s_R} nat per unit of cost." + free,
        ),
        row("least-cost", Ge(R, most), rho_min, "R does not bind: {most} {unit} are enough for the least cost." + free),
    )
    laws = (convex("R"), _turned(n), limit(sp.Add(*costs) / n, R=sp.S.Zero), limit(sp.Min(*costs), R=sp.oo))
    return Derived(proof, rows, laws, {"most": most})


def _free(perceived: bool) -> str:
    return " P = {P} costs nothing: the best Y is uniform." if perceived else ""


def _turned(n: int):
    """Return the symmetry: differences may be counted the other way around."""
    return symmetric(**{f"rho_{k}": rho((n - k) % n) for k in range(n)})


def _start(costs: tuple[sp.Symbol, ...], perceived: bool, unit: Unit) -> Proof:
    """What both directions need: a bound for every price, attained by the noise of that price."""
    n = len(costs)
    p, w, e = (sp.symbols(f"{letter}_:{n}", real=True) for letter in "pwe")
    domain = {
        **dict.fromkeys((*costs, D, P, R, s), NONNEGATIVE),
        **dict.fromkeys((*p, noise.q), UNIT),
        **dict.fromkeys((*w, *e, noise.p, noise.w), POSITIVE),
        **dict.fromkeys((E, L), sp.S.Reals),
    }
    proof = Proof(domain)
    reduction.show(proof, *reduction.CONVERSE[:4])
    noise.converse(proof, unit)
    proof.let(rho_min, sp.Min(*costs), "the least cost", latex=r"\rho_{\min}")
    proof.let(rho_mean, sp.Add(*costs) / n, "the cost of a uniform guess", latex=r"\bar\rho")
    proof.let(
        m, sp.Add(*(sp.Piecewise((1, Eq(x, rho_min)), (0, True)) for x in costs)), "how many differences cost the least"
    )
    proof.show(
        And(*(Le(rho_min, x) for x in costs), Or(*(Eq(rho_min, x) for x in costs))),
        "no difference costs less, and one costs this",
    )
    proof.show(Eq(sp.Add(*(x - rho_mean for x in costs)), 0), "the costs lie around their mean")
    dearer = sp.Add(*(sp.Piecewise((1, Gt(x, rho_min)), (0, True)) for x in costs))
    proof.show(Eq(m, n - dearer), "the others cost more")
    sum_p, mean_p = Eq(sp.Add(*p), 1), Eq(sp.Add(*(x * q for x, q in zip(costs, p, strict=True))), E)
    proof.show(
        Eq(sp.Add(*(q * (s * x + L) for x, q in zip(costs, p, strict=True))), s * E + L),
        r"for $\ln w_k = -s \rho_k - \Lambda$ the cross-entropy is $s E + \Lambda$, in nats: for every price $s$ the rate is"
        r" at least $\ln n - \Lambda - s E$",
        given=And(sum_p, mean_p),
    )
    proof.show(Le(s * E + L, s * D + L), r"and with $E \le D$ at least $\ln n - \Lambda - s D$", given=Le(E, D))
    proof.show(
        Eq(sp.Add(*(q * (s * x + L) for x, q in zip(costs, w, strict=True))), s * D + L),
        "noise of these probabilities whose mean cost is $D$ has this entropy, and attains the bound",
        given=And(Eq(sp.Add(*w), 1), Eq(sp.Add(*(x * q for x, q in zip(costs, w, strict=True))), D)),
    )
    pairs = [(i, j) for i in range(n) for j in range(i)]
    total, first = sp.Add(*e), sp.Add(*(x * q for x, q in zip(costs, e, strict=True)))
    second = sp.Add(*(x**2 * q for x, q in zip(costs, e, strict=True)))
    squares = sp.Add(*(e[i] * e[j] * (costs[i] - costs[j]) ** 2 for i, j in pairs))
    proof.show(
        And(Eq(second / total - (first / total) ** 2, squares / total**2), Ge(squares, 0)),
        r"with $e_k = e^{-s \rho_k}$ the mean cost falls with the price, by the variance, and the rate grows by $s$ times as"
        " much: there is one price for each mean cost, and for each rate",
    )
    proof.show(
        Eq(sp.Add(*(q / n for q in w)), sp.Rational(1, n)),
        "noise that is independent of a uniform $Y$ makes the source uniform",
        given=Eq(sp.Add(*w), 1),
    )
    if perceived:
        noise.no_distance(proof, sp.Integer(n))
    return proof


_DERIVATIONS: dict[str, tuple[Callable[[int, bool, Unit], Derived], str]] = {
    "r": (rate, "Least rate of a source that is uniform on a cyclic group, for a cost $D$ of the difference"),
    "d": (distortion, "Least cost of the difference from a source that is uniform on a cyclic group, for rate $R$"),
}


@cache
def theorem(name: str, n: int) -> Theorem:
    """Return the theorem of this name for groups of `n` elements."""
    perceived = "p" in name
    derive, statement = _DERIVATIONS[name[0]]
    beyond = " and any bound $P$ on the distance of the output from uniform" if perceived else ""
    value, bound = (R, D) if name[0] == "r" else (D, R)
    return DifferenceTheorem(
        id=f"group.cost.{name}",
        problem=GroupUniform(cost=[rho(k) for k in range(n)], perception="TV" if perceived else None),
        statement=f"{statement}{beyond}, asymptotically.",
        setting=SETTING,
        source="[cover2006], problem 10.6" + ("; with perception derived here" if perceived else ""),
        value=value,
        arguments=(bound, P) if perceived else (bound,),
        derive=partial(derive, n, perceived),
    )


THEOREMS = tuple(theorem(name, _SIZE) for name in ("drc", "rdc", "drpc", "rdpc"))
