"""Bernoulli source, Hamming distortion, asymptotic: one representation for two reconstructions, `R(D, D2)`.

Theorem (derived here; the problem is that of [zhang2021]).  Let `X ~ Bern(q_X)`, and let two reconstructions be made of one
representation `Z` of the source: `Y`, with any distribution and `P(Y != X) <= D`, and `Y_2`, with the distribution of the
source and `P(Y_2 != X) <= D_2`.  Flip the bits, if need be, so that `m = P(X = 1) <= 1/2`.  The least rate `I(X;Z)` is

    H_b(m) - H_b(D)                                 distortion-limited:   D < m, D_2 >= 2 (1 - m) D
    H_b(m) - (1 - m) H_b(epsilon) - m H_b(delta)    both demands bind:    D < D_2 < 2 (1 - m) D, D < m
    I_b(m (1 - m) - D_2/2; m, m)                    perception-limited:   D >= min(m, D_2), D_2 < 2 (1 - m) min(D, m)
    0                                               zero-rate:            D >= m, D_2 >= 2 m (1 - m)

with `epsilon = D_2/(2 (1 - m))` and `delta = (D - D_2/2)/m`.  Where both demands bind the posterior probability of a one is
`epsilon` if `Y_2 = 0`, and `delta` or `1 - delta` if `Y_2 = 1`.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Eq, Ge, Le, Lt, Min
from sympy.logic.boolalg import Boolean

from drc.information import H_b, I_b
from drc.information.bits import cells
from drc.problems.bernoulli import q_X
from drc.problems.universal import UniversalBernoulli
from drc.proof import NONNEGATIVE, UNIT, Proof
from drc.proof.shannon import InformationClaim
from drc.theory import reduction
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff.law import convex, limit, symmetric
from drc.units import Unit

D, D2, R, a, m = sp.symbols("D D2 R a m", real=True)
delta, epsilon, e_0, e_1, h, s, t, x = sp.symbols("delta epsilon e_0 e_1 h s t x", real=True)

SETTING = (
    r"The source is $X \sim \mathrm{Bern}(q_X)$, coded in long blocks. Of one representation $Z$ with $X - Z - (Y, Y_2)$ two"
    r" reconstructions are made: $Y$, with any distribution and $P(Y \ne X) \le D$, and $Y_2$, with the distribution of the"
    r" source and $P(Y_2 \ne X) \le D_2$. The problem is to minimise $I(X;Z)$. Let $a = P(X = 1, Y_2 = 0)$ and"
    r" $e_i = P(Y \ne X \mid Y_2 = i)$; $x$ and $t$ are any probabilities. In information inequalities $V$ is $Y_2$, and $E$"
    r" says whether $Y$ errs."
)

DOMAIN = {**dict.fromkeys((q_X, a, e_0, e_1, t, x), UNIT), **dict.fromkeys((D, D2), NONNEGATIVE)}

#: After the flip a one is the rarer letter, and the source is not constant.
PROPER = And(Lt(0, m), Le(m, sp.S.Half))

#: The errors of both reconstructions that the demands allow.
ALLOWED = And(Le((1 - m) * e_0 + m * e_1, D), Le(2 * a, D2), Le(a, m))


def entropy(p: sp.Expr, unit: Unit) -> sp.Expr:
    """Binary entropy in the unit."""
    return H_b.of(sp.sympify(p), unit.base)


def alone(error: sp.Expr, unit: Unit) -> sp.Expr:
    """The rate of `Y_2` alone, given `P(X = 1, Y_2 = 0)`."""
    return I_b.of(m * (1 - m) - error, m, m, unit.base)


def derive(unit: Unit) -> Derived:
    """Derive the theorem, the parameter symbolic."""
    proof = Proof(DOMAIN, {D2: "D_2"})
    _tangents(proof, unit)
    _reduce(proof, unit)
    proof.let(epsilon, D2 / (2 * (1 - m)), "the posterior of a one if $Y_2 = 0$", latex=r"\epsilon")
    H_X = entropy(m, unit)
    least = 2 * (1 - m) * Min(D, m)
    rows = (
        row(
            "distortion-limited",
            And(Lt(D, m), Ge(D2, least)),
            H_X - entropy(D, unit),
            "D = {D} binds; D2 = {D2} costs nothing, because Shannon's representation for D allows {free}.",
        ),
        row(
            "both demands bind",
            And(Lt(D, Min(m, D2)), Lt(D2, least)),
            H_X - (1 - m) * entropy(epsilon, unit) - m * entropy((D - D2 / 2) / m, unit),
            "D = {D} and D2 = {D2} bind: alone they would need {R_1} and {R_2} {unit}.",
        ),
        row(
            "perception-limited",
            And(Ge(D, Min(m, D2)), Lt(D2, least)),
            alone(D2 / 2, unit),
            "D2 = {D2} binds; D = {D} costs nothing: the reconstruction with the distribution of the source, or the likelier"
            " letter, has no more.",
        ),
        row(
            "zero-rate",
            And(Ge(D, m), Ge(D2, least)),
            sp.S.Zero,
            "neither D nor D2 binds: the likelier letter errs with probability {m}, an independent bit with {guess}.",
        ),
    )
    _converse(proof, conditions(rows), unit)
    _plans(proof, conditions(rows), unit)
    proof.show_cover(conditions(rows) | {"infeasible": sp.false}, given=And(Le(0, m), Le(m, sp.S.Half)))
    laws = (
        convex("D", "D2"),
        symmetric(q_X=1 - q_X),
        limit(sp.S.Zero, D=sp.oo, D2=sp.oo),
        limit(entropy(q_X, unit), D=sp.S.Zero, D2=sp.oo),
        limit(entropy(q_X, unit), D=sp.oo, D2=sp.S.Zero),
    )
    numbers = {
        "free": 2 * (1 - m) * D,
        "guess": 2 * m * (1 - m),
        "R_1": H_X - entropy(Min(D, m), unit),
        "R_2": alone(D2 / 2, unit),
    }
    return Derived(proof, rows, laws, numbers)


THEOREMS = (
    Theorem(
        id="universal.bernoulli.rdc",
        problem=UniversalBernoulli(),
        statement="Least rate of a representation of a Bernoulli source from which a reconstruction with Hamming distortion"
        " $D$ and one with distortion $D_2$ and the distribution of the source are made, asymptotically.",
        setting=SETTING,
        source="derived here; the problem of [zhang2021]",
        value=R,
        arguments=(D, D2),
        derive=derive,
    ),
)


def _reduce(proof: Proof, unit: Unit) -> None:
    """From representations to the errors of both reconstructions."""
    reduction.show(proof, *reduction.CONVERSE[:2])
    proof.let(m, Min(q_X, 1 - q_X), "the source after flipping all bits, if need be, so that a one is the rarer letter")
    proof.show(And(Le(0, m), Le(m, sp.S.Half)), "it is a probability")
    proof.show(
        InformationClaim("I(X;Y,V) <= I(X;Z)"),
        "both reconstructions together are a representation of no larger rate (data processing)",
        given=InformationClaim("X -> Z -> Y,V"),
    )
    proof.show(
        InformationClaim("H(X|Y,V) <= H(E|V)"),
        r"the source is known from $Y$ and whether it errs, so that given $Y_2 = i$ its entropy is at most $H_b(e_i)$",
        given=InformationClaim("H(X|Y,V,E) = 0"),
    )
    proof.show(InformationClaim("H(X|Y,V) <= H(X|V)"), "and at most its entropy given $Y_2 = i$ alone")
    joint = cells(m * (1 - m) - a, m, m)
    proof.show(
        And(Eq(joint[1, 0], a), Eq(joint[0, 1], a), Eq(joint[0, 0], 1 - m - a), Eq(joint[1, 1], m - a)),
        r"$X$ and $Y_2$ have the same distribution, so that they differ either way with probability $a$, which is at most"
        r" $D_2/2$",
    )
    left = entropy(m, unit) - (1 - m) * entropy(a / (1 - m), unit) - m * entropy(a / m, unit)
    proof.show(
        Eq(left, alone(a, unit)),
        r"$H(X) - H(X \mid Y_2)$, the rate of $Y_2$ alone",
        given=And(PROPER, Lt(0, a), Lt(a, m)),
    )
    proof.show(Eq(alone(sp.S.Zero, unit), entropy(m, unit)), "without errors $Y_2 = X$, at the rate $H(X)$")


def _tangents(proof: Proof, unit: Unit) -> None:
    """The binary entropy is below its tangents."""
    inside = And(Lt(0, t), Lt(t, 1))
    cross = -x * unit.log(t) - (1 - x) * unit.log(1 - t)
    of_one = Le(-x * unit.log(x) + x * unit.log(t), (t - x) / unit.nats)
    of_zero = Le(-(1 - x) * unit.log(1 - x) + (1 - x) * unit.log(1 - t), (x - t) / unit.nats)
    proof.show(
        Eq(entropy(t, unit) + (x - t) * unit.log((1 - t) / t), cross),
        "the cross-entropy is the tangent at $t$ to the binary entropy",
        given=inside,
    )
    for part in (of_one, of_zero):
        proof.show(part, "the inequality of Gibbs at one letter", given=And(inside, Lt(0, x), Lt(x, 1)))
    proof.show(
        Le(entropy(x, unit), cross),
        "the sum of both: an entropy is at most a cross-entropy",
        given=And(inside, Lt(0, x), Lt(x, 1), of_one, of_zero),
    )
    for constant in (0, 1):
        proof.show(Le(entropy(x, unit), cross), "a constant bit has no entropy", given=And(inside, Eq(x, constant)))


def _converse(proof: Proof, where: dict[str, Boolean], unit: Unit) -> None:
    """No representation has a smaller rate: what `X` keeps of its entropy is at most what the theorem says."""
    at = [entropy(e, unit) for e in (e_0, e_1)]
    doubt = (1 - m) * at[0] + m * at[1]

    def below(t: sp.Expr, slope: sp.Expr) -> list[Boolean]:
        return [Le(one, entropy(t, unit) + (e - t) * slope) for e, one in zip((e_0, e_1), at, strict=True)]

    tangents = below(D, s)
    proof.show(Ge(unit.log((1 - t) / t), 0), "up to one half tangents rise", given=And(Lt(0, t), Le(t, sp.S.Half)))
    proof.show(
        Le(doubt, entropy(D, unit)),
        r"if $D$ binds alone: with the tangent at $D$, of slope $s$, errors of mean at most $D$ leave at most $H_b(D)$",
        given=And(PROPER, ALLOWED, Ge(s, 0), *tangents),
    )
    proof.show(
        Le(doubt, entropy(D, unit)),
        "no errors leave no doubt",
        given=And(PROPER, ALLOWED, Ge(e_0, 0), Ge(e_1, 0), Eq(D, 0)),
    )
    proof.show(
        Ge(alone(a, unit), alone(D2 / 2, unit)),
        "if $D_2$ binds alone: the rate of $Y_2$ falls with $a$, up to independence",
        given=And(PROPER, ALLOWED, Ge(a, 0), Le(D2, 2 * m * (1 - m))),
    )
    proof.let(delta, (D - D2 / 2) / m, "what is left for errors of $Y$ if $Y_2 = 1$", latex=r"\delta")
    both = And(PROPER, where["both demands bind"])
    proof.show(
        And(Lt(0, epsilon), Lt(epsilon, delta), Lt(delta, sp.S.Half), Eq((1 - m) * epsilon + m * delta, D)),
        r"if both bind, $\epsilon$ and $\delta$ are ordered, and their mean is $D$",
        given=both,
    )
    most = (1 - m) * entropy(epsilon, unit) + m * entropy(delta, unit)
    ordered = And(
        PROPER,
        Le((1 - m) * e_0 + m * e_1, (1 - m) * epsilon + m * delta),
        Le(a / (1 - m), epsilon),
        Lt(0, epsilon),
        Lt(epsilon, delta),
        Lt(delta, sp.S.Half),
    )
    proof.show(
        Le((1 - m) * entropy(a / (1 - m), unit) + m * at[1], most),
        r"if $Y$ errs more often than $\epsilon$ where $Y_2 = 0$: there $X$ is as doubtful as $Y_2$ leaves it, and where"
        r" $Y_2 = 1$ at most $\delta$ is left",
        given=And(ordered, Le(epsilon, e_0), Ge(a, 0), Ge(e_1, 0)),
    )
    proof.show(
        Ge(unit.log((1 - epsilon) / epsilon), unit.log((1 - delta) / delta)),
        r"the tangent at $\epsilon$, of slope $h$, is steeper than that at $\delta$, of slope $s$",
        given=And(Lt(0, epsilon), Le(epsilon, delta), Le(delta, sp.S.Half)),
    )
    proof.show(
        Le(doubt, most),
        "if it errs less often, the tangents leave no more: errors that are saved where the tangent is steeper cost more"
        " doubt than they bring where it is not",
        given=And(ordered, Le(e_0, epsilon), Ge(s, 0), Ge(h, s), below(epsilon, h)[0], below(delta, s)[1]),
    )


def _plans(proof: Proof, where: dict[str, Boolean], unit: Unit) -> None:
    """A representation for each regime: its posteriors, how likely they are, and what is made of them."""
    share = (m - D) / (1 - 2 * D)
    proof.show(
        And(Le(0, share), Le(share, m), Eq((1 - share) * D + share * (1 - D), m)),
        "if $D$ binds alone: Shannon's posteriors $D$ and $1 - D$, of which the second has this probability, which is at"
        " most $m$",
        given=And(PROPER, where["distortion-limited"]),
    )
    proof.show(
        Le(2 * (1 - m) * D, D2),
        "$Y_2 = 1$ wherever the second posterior is, and sometimes at the first: $P(X = 1, Y_2 = 0) = (1 - m) D$",
        given=where["distortion-limited"],
    )
    share = (m - D) / (1 - 2 * delta)
    proof.show(
        And(
            Le(0, share),
            Le(share, m),
            Eq((1 - m) * epsilon + (m - share) * delta + share * (1 - delta), m),
            Eq((1 - m) * epsilon + (m - share) * delta + share * delta, D),
            Eq(2 * (1 - m) * epsilon, D2),
        ),
        r"if both bind: the posterior $\epsilon$ where $Y_2 = 0$, and where $Y_2 = 1$ the posteriors $\delta$ and"
        r" $1 - \delta$, of which the second has this probability; $Y$ is the likelier letter",
        given=And(PROPER, where["both demands bind"]),
    )
    proof.show(
        Le(Min(m, D2), D),
        "if $D_2$ binds alone, $Y = Y_2$ or the constant 0 is near enough",
        given=where["perception-limited"],
    )
    proof.show(
        And(Le(m, D), Le(2 * m * (1 - m), D2)),
        "if none binds: $Y$ is constant, and $Y_2$ is drawn",
        given=where["zero-rate"],
    )
