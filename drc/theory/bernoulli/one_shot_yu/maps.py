"""The one-shot Bernoulli problem, reduced to a linear program over the four maps from a bit to a bit.

Source: [nguyen2026], section 3; [liu2022] for the reduction to random deterministic maps.  With common randomness `U`
the pair of encoder and decoder is, without loss, a random deterministic map `f: X -> Y`, drawn by `U`; the classifier
sees `(Y, U)`.  The maps are the constants `zero` and `one`, `same` (the identity) and `flip` (the negation), and the
unknowns are their probabilities:

    minimise    P(Y != X)
    subject to  H(Y|U) <= R,    H(S|Y,U) <= C,    P(Y = 1) = q_Y

Everything here is shared by the two theorems, `drc` and `rdc`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING

import sympy as sp
from sympy import Abs, And, Eq, Equivalent, Ge, Gt, Le, Lt, Min, Piecewise
from sympy.logic.boolalg import Boolean

from drc.expressions.latex import latex
from drc.information import H_b
from drc.problems.bernoulli import q_S1, q_X, q_Y
from drc.proof import NONNEGATIVE, REALS, UNIT, LinearProgram, Proof, Vertex
from drc.theory import reduction
from drc.tradeoff.law import limit, symmetric
from drc.units import Unit

if TYPE_CHECKING:
    from sympy.core.relational import Relational

D, R, C = sp.symbols("D R C", real=True)
zero, one, same, flip = sp.symbols("zero one same flip", real=True)
m, r, t, D_ind, H_S, I_SX, kappa, rho, t_max, t_star = sp.symbols(
    "m r t D_ind H_S I_SX kappa rho t_max t_star", real=True
)
half = sp.S.Half
Entropy = Callable[[sp.Expr], sp.Expr]

SETTING = (
    r"The source is $X \sim \mathrm{Bern}(q_X)$, the target law is $\mathrm{Bern}(q_Y)$, and the label is $S = X \oplus"
    r" S_1$ with $S_1 \sim \mathrm{Bern}(q_{S_1})$ independent of $X$. Encoder and decoder share common randomness $U$,"
    " so that without loss $Y = f(X)$ for a map $f$ that is drawn by $U$: one of the constants zero and one, the"
    r" identity same and the negation flip, with probabilities $w_{\text{zero}}, w_{\text{one}}, w_{\text{same}},"
    r" w_{\text{flip}} \ge 0$. The problem is to minimise one of $P(Y \ne X)$ and $H(Y \mid U)$ with the other bounded,"
    r" subject to $H(S \mid Y, U) \le C$ and $P(Y = 1) = q_Y$."
)

#: The four maps, as the pair of their values at 0 and at 1.
MAPS = {zero: (0, 0), one: (1, 1), same: (0, 1), flip: (1, 0)}

DOMAIN = {
    **dict.fromkeys((q_X, q_Y, q_S1, same, flip), UNIT),
    **dict.fromkeys((D, R), NONNEGATIVE),
    C: REALS,
}

#: The weights of the two bijections are part of a law.
WEIGHTS = Le(same + flip, 1)

#: The distortion of independent `X` and `Y`, and the cost of optimal transport.
INDEPENDENT, TRANSPORT = q_X + q_Y - 2 * q_X * q_Y, Abs(q_X - q_Y)

#: What `D(R, C)` and `R(D, C)` obey for two bits, whatever the classifier sees; where they are convex depends on that.
_SYMMETRIES = (symmetric(q_X=1 - q_X, q_Y=1 - q_Y), symmetric(q_S1=1 - q_S1))
LAWS_OF_D = (*_SYMMETRIES, limit(INDEPENDENT, R=sp.S.Zero, C=sp.oo), limit(TRANSPORT, R=sp.oo, C=sp.oo))
LAWS_OF_R = (*_SYMMETRIES, limit(sp.S.Zero, D=sp.oo, C=sp.oo))

#: No two bits have a larger covariance.
COVARIANCES = sp.Interval(-sp.Rational(1, 4), sp.Rational(1, 4))

#: The open interval in which all four maps have different costs; its ends are looked at on their own.
INTERIOR = And(m > 0, m < half)

#: The same, where the classification constraint can be met.
FINITE = And(INTERIOR, Le(kappa, 1))


def law_of_label_and_source(q: sp.Expr, e: sp.Expr) -> dict[tuple[int, int], sp.Expr]:
    """Joint law of `(S, X)`: `X ~ Bern(q)` and `S = X xor S_1`, `S_1 ~ Bern(e)`."""
    return {(s, x): (q if x else 1 - q) * (1 - e if s == x else e) for s, x in product((0, 1), repeat=2)}


#: Why no plan meets `C` at the rate allowed, and where to say so.
NEEDS_RATE = (
    "C = {C} {unit} needs identity-or-negation weight t >= {kappa}; R = {R} {unit} allows t <= {rho}.\nThe least rate for"
    " this C is {least_rate} {unit}; the least C at this rate is {lowest_C} {unit}.",
    And(Gt(kappa, rho), Le(kappa, t_max)),
)


def below_noise(unit: Unit) -> tuple[str, Boolean]:
    """Say why no plan meets a `C` that is too low whatever the law of `Y`, and where to say so."""
    text = "C = {C} {unit} is below the entropy {H_noise} {unit} of the label's noise, which no plan undoes."
    return text, Lt(C, entropy_in(unit)(q_S1))


def beyond_laws(unit: Unit) -> Boolean:
    """Where no plan meets `C` because of the laws that `Y` may have."""
    return And(Ge(C, entropy_in(unit)(q_S1)), Gt(kappa, t_max))


def numbers(unit: Unit) -> dict[str, sp.Expr]:
    """What names in the reasons of these theorems stand for."""
    H_X = entropy_in(unit)(q_X)
    return {
        "H_X": H_X,
        "H_noise": entropy_in(unit)(q_S1),
        "enough": t_star * H_X,
        "least_rate": H_X * kappa,
        "lowest_C": H_S - I_SX * Min(rho, t_max),
        "least_C": H_S - I_SX * t_max,
    }


def reduce(unit: Unit) -> Proof:
    """Derive the constraints on the weight `t` of the two bijections, and its largest feasible value."""
    proof = Proof(DOMAIN, assumed=WEIGHTS)
    entropy = entropy_in(unit)
    reduction.show(proof, *reduction.TO_MAPS, *reduction.OF_MAPS)
    flip_bits(proof)
    statistics_of_the_maps(proof, entropy)
    _distortion_in_the_weights(proof)
    constraints_on_the_weight(proof, entropy)
    _largest_weight(proof)
    return proof


def entropy_in(unit: Unit) -> Entropy:
    """Return the binary entropy in a unit."""
    return lambda p: H_b.of(sp.sympify(p), unit.base)


def flip_bits(proof: Proof) -> None:
    """Make a one the rarer letter of the source."""
    proof.let(
        m,
        Min(q_X, 1 - q_X),
        "the source after flipping both bits, if need be, so that a one is the rarer letter",
    )
    proof.let(r, Piecewise((q_Y, q_X <= half), (1 - q_Y, True)), "the target after the same flip")
    here, flipped = law_of_label_and_source(q_X, q_S1), law_of_label_and_source(m, q_S1)
    other_constants = {zero: one, one: zero, m: q_X}
    proof.show(
        And(
            *(Eq(flipped[1 - s, 1 - x], p) for (s, x), p in here.items()),
            Eq(distortion(), distortion().subs(other_constants, simultaneous=True)),
            Eq(ones(), 1 - ones().subs(other_constants, simultaneous=True)),
        ),
        "flipping $S$, $X$ and $Y$ together exchanges the letters of the joint law of $S$ and $X$, and the two constants:"
        " each plan becomes one with the same entropies and the same Hamming distortion, and with $P(Y = 1)$ exchanged"
        " for $P(Y = 0)$",
        given=And(Gt(q_X, half), Eq(sum(MAPS), 1)),
    )


def statistics_of_the_maps(proof: Proof, entropy: Entropy) -> None:
    """Define the weight `t`, and show that rate and classification depend on it alone."""
    law = law_of_label_and_source(m, q_S1)
    proof.let(H_S, entropy(m * (1 - q_S1) + (1 - m) * q_S1), "the entropy of the label", latex="H(S)")
    proof.let(I_SX, H_S - entropy(q_S1), "the information the source carries about the label", latex="I(S;X)")
    _weights_from_the_target_law(proof)
    proof.let(t, same + flip, "the weight of the maps that carry information")
    H_X = entropy(m)
    statistics = {f: _statistics(law, values, entropy) for f, values in MAPS.items()}
    rate, label = (sum(f * statistics[f][k] for f in MAPS) for k in (0, 1))
    proof.show(Eq(rate, t * H_X), "a constant has no entropy, and a bijection has that of the source")
    proof.show(
        Eq(label, H_S - t * I_SX),
        "a constant tells nothing of the label; after a bijection what is left is the noise of the label, $H(S_1)$",
    )
    proof.show(
        And(Eq(m * (1 - m), q_X * (1 - q_X)), Eq(H_X, entropy(q_X))),
        "these are unchanged by the flip",
    )


def _distortion_in_the_weights(proof: Proof) -> None:
    proof.let(D_ind, INDEPENDENT, "the distortion of independent $X$ and $Y$", latex=r"D_{\mathrm{ind}}")
    proof.show(
        Eq(D_ind, m + r - 2 * m * r),
        "this is unchanged by the flip",
    )
    proof.show(
        Eq(distortion(), D_ind - 2 * m * (1 - m) * (same - flip)),
        "the identity errs never, the negation always, a constant with the probability of the other letter",
    )


def _statistics(law, values: tuple[int, int], entropy: Entropy) -> tuple[sp.Expr, sp.Expr]:
    """Entropy of `f(X)`, and conditional entropy of the label given `f(X)`, from their definitions."""
    cells = [[sum(p for (s, x), p in law.items() if (s, values[x]) == (label, y)) for label in (0, 1)] for y in (0, 1)]
    masses = [sp.expand(sum(cell)) for cell in cells]
    inside = sum(
        (mass * entropy(sp.cancel(cell[1] / mass)) for cell, mass in zip(cells, masses, strict=True) if mass != 0),
        sp.S.Zero,
    )
    return entropy(sp.expand(masses[1])), inside


def _weights_from_the_target_law(proof: Proof) -> None:
    solution = sp.solve(list(target_law().values()), [zero, one], dict=True)[0]
    proof.let(one, solution[one], "the weight of the constant one, from the target law $P(Y = 1) = r$")
    proof.let(zero, solution[zero], "the weight of the constant zero, from the total weight")


def distortion() -> sp.Expr:
    """Probability of an error, from the definition."""
    law = {0: 1 - m, 1: m}
    return sum((f * sum(p for x, p in law.items() if values[x] != x) for f, values in MAPS.items()), sp.S.Zero)


def target_law() -> dict[str, Relational]:
    """The two equations that every plan satisfies."""
    # For sympy an equation may be a truth value.
    return {"weights": Eq(sum(MAPS), 1), "target law": Eq(ones(), r)}  # pyright: ignore[reportReturnType]


def ones() -> sp.Expr:
    """Probability of a one, from the definition."""
    law = {0: 1 - m, 1: m}
    return sum((f * sum(p for x, p in law.items() if values[x] == 1) for f, values in MAPS.items()), sp.S.Zero)


def program(minimise: sp.Expr, **subject_to: Relational) -> LinearProgram:
    """The linear program over the four weights."""
    return LinearProgram(tuple(MAPS), minimise, {**target_law(), **subject_to}, interval=(m, sp.S.Zero, half))


def constraints_on_the_weight(proof: Proof, entropy: Entropy) -> None:
    """Define the largest weight that the rate allows, and the least that the classification needs."""
    H_X, H_noise = entropy(q_X), entropy(q_S1)
    proof.let(rho, Piecewise((R / H_X, Lt(R, H_X)), (1, True)), "the largest weight $t$ that the rate allows")
    proof.let(
        kappa,
        Piecewise((0, Ge(C, H_S)), (Min(1, (H_S - C) / I_SX), Ge(C, H_noise)), (sp.oo, True)),
        "the least weight $t$ that the classification constraint needs",
    )
    proof.show(Eq(rho * H_X, Min(R, H_X)), "this weight spends the rate, or as much of it as there is use for")
    proof.show(
        Eq(kappa * I_SX, H_S - C),
        "this weight just meets the constraint",
        given=And(Le(H_noise, C), Le(C, H_S)),
    )
    is_weight = And(Le(0, t), Le(t, 1))
    proof.show(
        Equivalent(Le(t * H_X, R), Le(t, rho)), r"solve $H(Y \mid U) \le R$ for $t$", given=And(is_weight, R >= 0)
    )
    proof.show(
        Equivalent(Le(H_S - t * I_SX, C), Le(kappa, t)), r"solve $H(S \mid Y, U) \le C$ for $t$", given=is_weight
    )


def _largest_weight(proof: Proof) -> None:
    rarer = Min(r, 1 - r)
    proof.let(
        t_max,
        Piecewise((rarer / m, Lt(rarer, m)), (1, True)),
        "the largest weight $t$ that the target law allows",
        latex=r"t_{\max}",
    )
    largest_weight(proof, program(-(same + flip)).dual_vertices)


def largest_weight(
    proof: Proof,
    vertices: tuple[Vertex, ...],
    slacks: Mapping[str, sp.Expr] = MappingProxyType({}),
    plans: Mapping[sp.Expr, Mapping[sp.Symbol, sp.Expr]] = MappingProxyType({}),
) -> None:
    """Show that `t_max` is the largest weight: the least of the bounds that some dual vertices give.

    Each bound is attained by the basis of its vertex, or by the plan given for it where several bases share the bound.
    """
    bounds = [-vertex.value for vertex in vertices]
    for vertex, bound in zip(vertices, bounds, strict=True):
        slack = sum(cost * slacks.get(str(f), f) for f, cost in vertex.reduced.items())
        proof.show(
            And(Eq(bound - t, slack), *(Ge(cost, 0) for cost in vertex.reduced.values())),
            rf"so $t \le {latex(bound, proof.names)}$, because weights {'and slacks ' if slacks else ''}are not negative",
            given=INTERIOR,
        )
        plan = plans.get(bound, vertex.weights)
        proof.show(
            And(*(Ge(weight, 0) for weight in plan.values())),
            f"$t = {latex(bound, proof.names)}$ is attained by {in_use(vertex)} when this bound is the least of the three",
            given=And(INTERIOR, *(Le(bound, other) for other in bounds)),
        )
    proof.show(
        Eq(t_max, Min(*bounds)),
        "the least of the bounds; $t = 0$ is always feasible, and so, by mixing, is every $t$ between",
        given=INTERIOR,
    )


def bound(
    proof: Proof, objective: sp.Expr, vertex: Vertex, because: str, laws: Mapping[str, sp.Expr] = MappingProxyType({})
) -> None:
    """Show that a dual vertex bounds the objective of every plan, because weights and slacks are not negative.

    `laws` are the slacks of constraints on the law of `Y`, by name.
    """
    slacks = {"slack_rate": rho - t, "slack_classification": t - kappa, "slack_distortion": D - distortion(), **laws}
    terms = [(cost, slacks.get(str(w), w)) for w, cost in vertex.reduced.items()]
    missed = Eq(objective - vertex.value, sum(cost * term for cost, term in terms), evaluate=False)
    because += ": a bound for every plan, because weights and slacks are not negative"
    if missed.lhs == missed.rhs:
        # A weight or a slack itself.
        proof.show(Ge(objective, vertex.value), because, given=And(FINITE, *(Ge(term, 0) for _, term in terms)))
    else:
        proof.show(And(missed, *(Ge(cost, 0) for cost, _ in terms)), because, given=FINITE)


def bounds(
    proof: Proof, optimum: Mapping[str, list[Vertex]], laws: Mapping[str, sp.Expr] = MappingProxyType({})
) -> None:
    """Show that the dual vertices of each regime bound the distortion of every plan."""
    for name, found in optimum.items():
        for vertex in found:
            bound(proof, distortion(), vertex, f"{name}, tight for {in_use(vertex)}", laws)


def in_letters(proof: Proof, vertex: Vertex) -> sp.Expr:
    """Write the distortion of a vertex as that of independent `X` and `Y` less what the maps gain."""
    excess = sp.factor(vertex.weights.get(same, 0) - vertex.weights.get(flip, 0))
    value = D_ind - 2 * q_X * (1 - q_X) * excess
    proof.show(Eq(value, vertex.value), "the same bound, in the paper's letters", given=FINITE)
    return value


def in_use(vertex: Vertex) -> str:
    """Name the maps of a basis."""
    return f"*{', '.join(str(f) for f in vertex.weights if f in MAPS)}*"
