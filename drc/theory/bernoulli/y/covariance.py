"""The Bernoulli problem when the classifier sees only Y: everything is a function of one covariance.

Source: [nguyen2026], section 3.  Laws `X ~ Bern(q_X)` and `Y ~ Bern(q_Y)` leave one free parameter in their joint law,
the covariance `gamma` of `X` and `Y` (`gamma = q_X (1 - q_X) delta`, where `delta` is the weight of the identity less
that of the negation).  The distortion falls with `gamma`, and `H(S|Y)` is concave in it, with its largest value at 0:

    minimise    P(Y != X) = D_ind - 2 gamma
    subject to  rate(gamma) <= R,    H(S|Y) <= C,    gamma_min <= gamma <= gamma_max

The rate is `|gamma| H_b(q_X)/(q_X (1 - q_X))` in one shot with common randomness, and `I(X;Y)` asymptotically.
Everything here is shared by the theorems `drc` and `rdc`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import sympy as sp
from sympy import Abs, And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Max, Min, Piecewise
from sympy.logic.boolalg import Boolean

from drc.expressions import LatexNames
from drc.information import H_b, I_b, I_b_inv
from drc.information.bits import cells
from drc.problems.bernoulli import q_S1, q_X, q_Y
from drc.proof import Domain, Proof
from drc.theory.bernoulli.one_shot_yu import maps
from drc.theory.bernoulli.one_shot_yu.maps import COVARIANCES, INDEPENDENT, MAPS, TRANSPORT, half
from drc.units import Unit

R, C, D_ind, H_S, flip, one, same, zero = sp.symbols("R C D_ind H_S flip one same zero", real=True)

gamma, gamma_min, gamma_max, gamma_top, gamma_bottom, gamma_R, e, s, slope = sp.symbols(
    "gamma gamma_min gamma_max gamma_top gamma_bottom gamma_R e s slope", real=True
)

DOMAIN = maps.DOMAIN | {gamma: COVARIANCES}

#: The joint law of `X` and `Y`, and where it is one: in all of its range, and inside of it.
P = cells(gamma, q_X, q_Y)
IN_RANGE = And(Le(gamma_min, gamma), Le(gamma, gamma_max))
INSIDE = And(Lt(gamma_min, gamma), Lt(gamma, gamma_max))
NOT_CONSTANT = And(Gt(q_Y, 0), Lt(q_Y, 1))
SOURCE_NOT_CONSTANT = And(Gt(q_X, 0), Lt(q_X, 1))

NAMES = {
    "gamma_min": r"\gamma_{\min}",
    "gamma_max": r"\gamma_{\max}",
    "gamma_top": r"\gamma_R^+",
    "gamma_bottom": r"\gamma_R^-",
    "gamma_pos": r"\gamma_C^+",
    "gamma_neg": r"\gamma_C^-",
}


@dataclass(frozen=True)
class Reduction:
    """The problem as a program in the covariance, for a setting and a unit.

    Attributes
    ----------
    setting : {"one-shot", "asymptotic"}
    unit : Unit

    Examples
    --------
    >>> from drc.units import BITS
    >>> Reduction("asymptotic", BITS).rate(gamma)
    I_b(gamma, q_X, q_Y)
    """

    setting: str
    unit: Unit

    def entropy(self, p: sp.Expr) -> sp.Expr:
        """Binary entropy in the unit."""
        return H_b.of(sp.sympify(p), self.unit.base)

    def information(self, u: sp.Expr, p: sp.Expr, r: sp.Expr) -> sp.Expr:
        """Mutual information of two bits with covariance `u`, in the unit."""
        return I_b.of(u, p, r, self.unit.base)

    def covariance(self, i: sp.Expr, p: sp.Expr, r: sp.Expr) -> sp.Expr:
        """The covariance `>= 0` that has this mutual information."""
        return I_b_inv.of(i, p, r, self.unit.base)

    def label(self, at: sp.Expr) -> sp.Expr:
        """`H(S|Y)` at a covariance of `X` and `Y`; that of `S` and `Y` is `1 - 2 e` times as large."""
        return H_S - self.information((1 - 2 * e) * at, s, q_Y)

    def rate(self, at: sp.Expr) -> sp.Expr:
        """The least rate of a covariance."""
        return slope * Abs(at) if self.setting == "one-shot" else self.information(at, q_X, q_Y)

    def reach(self, proof: Proof) -> tuple[sp.Expr, sp.Expr]:
        """How far below and above zero the covariance gets with the rate, and within the target law."""
        if self.setting == "asymptotic":
            return -self.covariance(R, q_X, 1 - q_Y), self.covariance(R, q_X, q_Y)
        spent = Piecewise((R * q_X * (1 - q_X) / self.entropy(q_X), SOURCE_NOT_CONSTANT), (0, True))
        self.let(proof, gamma_R, spent, "the covariance that spends the rate")
        return Max(gamma_min, -gamma_R), Min(gamma_max, gamma_R)

    @cached_property
    def needed(self) -> tuple[sp.Expr, sp.Expr]:
        """How far below and above zero the covariance must get for the classification constraint."""
        low, high = -self.covariance(H_S - C, s, 1 - q_Y), self.covariance(H_S - C, s, q_Y)
        low, high = (Piecewise((end / (1 - 2 * e), Lt(e, half)), (0, True)) for end in (low, high))
        return low, high

    def start(self, also: Domain | None = None, names: LatexNames | None = None) -> Proof:
        """Derive distortion, label entropy and rate as functions of the covariance; `also` are letters used later."""
        proof = Proof({**DOMAIN, **(also or {})}, names, assumed=maps.WEIGHTS)
        _joint_law(proof)
        _label(proof, self)
        _information(proof, self)
        if self.setting == "one-shot":
            _rate_of_the_maps(proof, self)
        else:
            self_information = self.entropy(q_X) - _conditional(self.entropy, {y: (P[1, y], P[0, y]) for y in (0, 1)})
            proof.show(
                Eq(self_information, self.rate(gamma)),
                r"asymptotically the rate is $I(X;Y) = H(X) - H(X \mid Y)$: single letters are optimal, and the"
                r" joint law is fixed by $\gamma$",
                given=And(INSIDE, NOT_CONSTANT),
            )
        return proof

    def let(self, proof: Proof, symbol: sp.Symbol, value: sp.Expr, meaning: str) -> None:
        """Abbreviate, with the letter's LaTeX."""
        proof.let(symbol, value, meaning, latex=NAMES.get(symbol.name))


def is_law(at: sp.Expr) -> Boolean:
    """Whether label and `Y` have a joint law, at a covariance of `X` and `Y`."""
    return And(Le(0, s), Le(s, 1), are_masses(cells((1 - 2 * e) * at, s, q_Y)))


def are_masses(law: dict[tuple[int, int], sp.Expr]) -> Boolean:
    """Whether none of these is negative."""
    return And(*(Ge(mass, 0) for mass in law.values()))


def _conditional(entropy: Callable, columns: dict[int, tuple[sp.Expr, sp.Expr]]) -> sp.Expr:
    """Conditional entropy of a bit, from the joint law by columns: `sum_y P(y) H_b(P(1, y)/P(y))`."""
    mass = {y: sp.expand(sum(column)) for y, column in columns.items()}
    return sum((mass[y] * entropy(column[0] / mass[y]) for y, column in columns.items()), sp.S.Zero)


def _joint_law(proof: Proof) -> None:
    proof.show(
        And(Eq(P[1, 1] + P[1, 0], q_X, evaluate=False), Eq(P[1, 1] + P[0, 1], q_Y, evaluate=False)),
        r"the two laws leave one free parameter of the joint law, the covariance $\gamma$ of $X$ and $Y$",
    )
    proof.let(
        gamma_max,
        Min(q_X * (1 - q_Y), (1 - q_X) * q_Y),
        "the largest covariance: beyond, $P(X = 1, Y = 0)$ or $P(X = 0, Y = 1)$ is negative",
        latex=NAMES["gamma_max"],
    )
    proof.let(
        gamma_min,
        Max(-q_X * q_Y, -(1 - q_X) * (1 - q_Y)),
        "the least covariance: below, $P(X = 1, Y = 1)$ or $P(X = 0, Y = 0)$ is negative",
        latex=NAMES["gamma_min"],
    )
    proof.show(Equivalent(And(*(Ge(p, 0) for p in P.values())), IN_RANGE), "these are the covariances of joint laws")
    proof.let(D_ind, INDEPENDENT, "distortion of independent $X$ and $Y$", latex=r"D_{\mathrm{ind}}")
    proof.show(Eq(P[1, 0] + P[0, 1], D_ind - 2 * gamma), "an error is $X = 1$, $Y = 0$ or $X = 0$, $Y = 1$")
    proof.show(Eq(D_ind - 2 * gamma_max, TRANSPORT), "the largest covariance has the cost of optimal transport")


def _label(proof: Proof, problem: Reduction) -> None:
    proof.let(e, Min(q_S1, 1 - q_S1), "the noise of the label after negating the label, if need be")
    proof.let(s, q_X * (1 - e) + (1 - q_X) * e, "the label's probability of a one after this")
    proof.let(H_S, problem.entropy(s), "entropy of the label", latex="H(S)")
    proof.show(Eq(problem.entropy(q_X * (1 - q_S1) + (1 - q_X) * q_S1), H_S), "negating the label keeps its entropies")
    joint = {(a, y): (1 - e) * P[a, y] + e * P[1 - a, y] for a in (0, 1) for y in (0, 1)}
    proof.show(
        And(*(Eq(joint[cell], value, evaluate=False) for cell, value in cells((1 - 2 * e) * gamma, s, q_Y).items())),
        r"the label reaches $Y$ through $X$ only: $S$ and $Y$ are bits with covariance $(1 - 2 e) \gamma$",
    )
    proof.show(
        And(is_law(gamma), Le(0, e), Le(e, half)),
        "their joint law is one wherever that of $X$ and $Y$ is",
        given=IN_RANGE,
    )
    proof.show(
        Eq(
            _conditional(problem.entropy, {y: (joint[1, y], joint[0, y]) for y in (0, 1)}),
            problem.label(gamma),
            evaluate=False,
        ),
        r"so $H(S \mid Y) = H(S) - I(S;Y)$ is a function of $\gamma$",
        given=And(INSIDE, NOT_CONSTANT),
    )


def _information(proof: Proof, problem: Reduction) -> None:
    """Convexity, monotonicity on each side, and which side tells more."""
    log_base = sp.log(problem.unit.base)
    information = problem.information(gamma, q_X, q_Y)
    # The odds ratio has no letter, because at the ends of the range it need not be a number.
    odds = P[1, 1] * P[0, 0] / (P[1, 0] * P[0, 1])
    show = partial(proof.show, given=INSIDE)
    show(
        And(*(Gt(p, 0) for p in P.values()), Eq(odds, 1 + gamma / (P[1, 0] * P[0, 1]), evaluate=False)),
        r"inside of the range of covariances each pair of values has a probability, so that the joint law has an odds"
        r" ratio; its determinant is $\gamma$",
    )
    show(
        And(
            Eq(information.rewrite(sp.log).diff(gamma), sp.log(odds) / log_base, evaluate=False),
            Eq(information.diff(gamma), sp.log(odds) / log_base, evaluate=False),
        ),
        "the derivative of the mutual information of two bits is the logarithm of the odds ratio",
    )
    show(
        And(Gt(odds, 0), Implies(Gt(gamma, 0), Gt(odds, 1)), Implies(Lt(gamma, 0), Lt(odds, 1))),
        r"the odds ratio tells the sign of $\gamma$",
    )
    show(
        And(Implies(Gt(gamma, 0), Gt(sp.log(odds), 0)), Implies(Lt(gamma, 0), Lt(sp.log(odds), 0))),
        r"so the information is least at $\gamma = 0$, and grows with $\gamma$ on the positive side and falls on the"
        r" negative one; $H(S \mid Y)$ is largest at $\gamma = 0$",
    )
    show(
        Eq(sp.factor(information.diff(gamma, 2) * log_base), sum(1 / p for p in P.values()), evaluate=False),
        r"it is convex, and $H(S \mid Y)$ concave: its second derivative is positive",
    )
    squares = {cell: (q_X if cell[0] else 1 - q_X) ** 2 * (q_Y if cell[1] else 1 - q_Y) ** 2 for cell in P}
    equal, unequal = (sp.Mul(*(squares[a, b] - gamma**2 for a, b in P if (a == b) is k)) for k in (True, False))
    lean = (1 - 2 * q_X) * (1 - 2 * q_Y)
    proof.show(
        Eq(equal - unequal, -(gamma**2) * lean, evaluate=False),
        r"the derivatives at $\gamma$ and $-\gamma$ compare like these two products",
    )
    proof.show(
        Ge(gamma * lean * (problem.information(-gamma, q_X, q_Y) - information), 0),
        "of equal covariances the negative one tells more if $q_X$ and $q_Y$ lie on the same side of 1/2, else the"
        " positive one",
        given=And(INSIDE, Lt(gamma_min, -gamma), Lt(-gamma, gamma_max)),
    )


def _rate_of_the_maps(proof: Proof, problem: Reduction) -> None:
    """One shot: `Y` is a random map of `X`, so that a covariance needs the weight of the bijections."""
    law = {0: 1 - q_X, 1: q_X}
    ones = sum(f * sum(p for x, p in law.items() if values[x] == 1) for f, values in MAPS.items())
    weights = sp.solve([Eq(sum(MAPS), 1), Eq(ones, q_Y)], [zero, one], dict=True)[0]
    proof.let(one, weights[one], "weight of the map to one, from the target law; the maps are drawn by $U$")
    proof.let(zero, weights[zero], "weight of the map to zero, from the total weight")
    both = {y: law[y] * sum(f for f, values in MAPS.items() if values[y] == y) for y in (0, 1)}
    proof.show(
        And(*(Eq(both[y], P[y, y].subs(gamma, q_X * (1 - q_X) * (same - flip)), evaluate=False) for y in (0, 1))),
        r"the joint law depends on the difference of identity and negation only: $\gamma = q_X (1 - q_X)"
        r" (w_{\text{same}} - w_{\text{flip}})$",
    )
    H_X = problem.entropy(q_X)
    entropies = {f: problem.entropy(sp.Add(*(p for x, p in law.items() if v[x] == 1))) for f, v in MAPS.items()}
    proof.show(
        Eq(sum(f * entropies[f] for f in MAPS), (same + flip) * H_X, evaluate=False),
        r"the rate $H(Y \mid U)$: a constant has no entropy, and a bijection has that of the source",
    )
    proof.let(
        slope,
        Piecewise((H_X / (q_X * (1 - q_X)), SOURCE_NOT_CONSTANT), (0, True)),
        "rate for each unit of covariance",
        latex="c",
    )
    proof.show(
        Ge((same + flip) * H_X, problem.rate(q_X * (1 - q_X) * (same - flip))),
        r"$w_{\text{same}} + w_{\text{flip}}$ is at least $\lvert w_{\text{same}} - w_{\text{flip}} \rvert$, with"
        " equality if one of them is not in use",
    )
    weight = gamma / (q_X * (1 - q_X))
    for name, use, leave, side in (("identity", same, flip, Ge(gamma, 0)), ("negation", flip, same, Le(gamma, 0))):
        plan = {use: weight if use == same else -weight, leave: 0}
        proof.show(
            And(*(Ge(w.subs(plan), 0) for w in (weights[zero], weights[one]))),
            f"with the {name} and constants alone every covariance of this sign is reached, up to the end of its range",
            given=And(IN_RANGE, side, SOURCE_NOT_CONSTANT),
        )


def spent(proof: Proof, problem: Reduction) -> None:
    """Define `gamma_bottom` and `gamma_top`, and show that the rate allows the covariances between them."""
    bottom, top = problem.reach(proof)
    problem.let(proof, gamma_top, top, "the largest covariance that the rate and the two laws allow")
    problem.let(proof, gamma_bottom, bottom, "the least covariance that the rate and the two laws allow")
    rate, asymptotic = problem.rate, problem.setting == "asymptotic"
    if asymptotic:
        _least_within_the_rate(proof, problem)
    ends = (
        (gamma_bottom, gamma_min, Lt(gamma_min, gamma_bottom), lambda at, end: And(Le(end, at), Le(at, 0))),
        (gamma_top, gamma_max, Lt(gamma_top, gamma_max), lambda at, end: And(Le(0, at), Le(at, end))),
    )
    for end, last, before, nearer in ends:
        if asymptotic:
            why = "this end of the range spends the rate, or is the end for any rate"
            proof.show(Eq(rate(end), R), why, given=before)
            laws = (are_masses(cells(at, q_X, q_Y)) for at in (end, last))
            proof.show(And(nearer(end, last), *laws, Le(rate(end), R)), "it does not exceed the rate")
        proof.show(
            Eq(rate(end), Min(R, rate(last))),
            "so it spends the rate, or as much of it as the two laws have use for",
            given=R >= 0,
        )
    if asymptotic:
        for end, last, _, nearer in ends:
            proof.show(
                Implies(nearer(gamma, last), Equivalent(Le(rate(gamma), R), nearer(gamma, end))),
                r"the information grows with $\lvert \gamma \rvert$ on this side",
                given=are_masses(P),
            )
        proof.show(are_masses(P), r"in its range $\gamma$ belongs to a joint law", given=IN_RANGE)
    proof.show(
        Equivalent(Le(rate(gamma), R), And(Le(gamma_bottom, gamma), Le(gamma, gamma_top))),
        r"the rate grows with $\gamma$ on the positive side, and falls with it on the negative one",
        given=And(IN_RANGE, R >= 0),
    )


def _least_within_the_rate(proof: Proof, problem: Reduction) -> None:
    """Asymptotically: that the lower end is the upper one of the problem with `Y` negated."""
    root = problem.covariance(R, q_X, 1 - q_Y)
    told = problem.information(root, q_X, 1 - q_Y)
    proof.show(
        And(Le(0, root), are_masses(cells(root, q_X, 1 - q_Y)), Le(told, R)),
        r"with $Y$ negated, $-\gamma_R^-$ is the largest covariance within the rate",
    )
    proof.show(
        Eq(told, R),
        "and spends it unless it is the largest of all",
        given=And(Lt(root, q_X * q_Y), Lt(root, (1 - q_X) * (1 - q_Y))),
    )
    proof.show(
        And(Eq(gamma_bottom, -root), Eq(problem.rate(gamma_bottom), told)),
        "negating $Y$ negates the covariance and keeps the information",
    )


def monotone(proof: Proof, problem: Reduction, end: sp.Symbol, value: sp.Symbol) -> None:
    """Show that the label's entropy between 0 and an end of the range is at least the value at the end."""
    positive = end in (gamma_top, gamma_max)
    proof.show(
        And(Ge(end, 0) if positive else Le(end, 0), Le(gamma_min, end), Le(end, gamma_max)),
        "this end lies in the range",
    )
    proof.show(is_law(end), "and the label and $Y$ have a joint law there")

    def between(at: sp.Expr, last: sp.Expr) -> Boolean:
        return And(Le(0, at), Le(at, last)) if positive else And(Le(last, at), Le(at, 0))

    proof.show(
        And(is_law(gamma), between((1 - 2 * e) * gamma, (1 - 2 * e) * end)),
        "as they have up to there, with less covariance",
        given=between(gamma, end),
    )
    proof.show(
        Ge(problem.label(gamma), value),
        r"$H(S \mid Y)$ falls from 0 towards this end: where the end does not meet $C$, no covariance of this sign"
        " does",
        given=between(gamma, end),
    )


def inverse(proof: Proof, problem: Reduction, need: sp.Symbol, end: sp.Symbol, value: sp.Symbol) -> None:
    """Show that the covariance `need` meets `C` with equality, and which others of its sign meet it."""
    positive = end in (gamma_top, gamma_max)
    given = And(Lt(C, H_S), Le(value, C))
    ones, toward = (q_Y, 1 - 2 * e) if positive else (1 - q_Y, 2 * e - 1)
    root = problem.covariance(H_S - C, s, ones)
    if not positive:
        _reflected(proof, problem, end)
    told, law = problem.information(root, s, ones), are_masses(cells(root, s, ones))
    proof.show(
        And(Le(0, root), law, Le(told, H_S - C)),
        "consider the largest covariance of label and $Y$ that tells no more than this",
        given=Lt(C, H_S),
    )
    show = partial(proof.show, given=given)
    show(
        And(Lt(e, half), is_law(end), Ge(toward * end, 0), Ge(problem.information(toward * end, s, ones), H_S - C)),
        "the end tells as much of the label as $C$ requires, so that the label is not noise",
    )
    show(And(Le(0, root), Le(root, toward * end)), "so the covariance at the end is at least as large")
    show(Eq(told, H_S - C), "so it tells exactly this much")
    show(
        And(Eq(toward * need, root), Lt(e, half)),
        "it is that of label and $Y$ where $X$ and $Y$ have the covariance in question",
    )
    within, enough = (Le(need, end), Ge(gamma, need)) if positive else (Le(end, need), Le(gamma, need))
    show(
        And(Eq(problem.label(need), C), within),
        r"by its definition $H(S \mid Y) = C$ there, and it lies in the range because the end meets $C$",
    )
    if not positive:
        _reflected(proof, problem, gamma)
    sign = And(Le(0, gamma), Le(gamma, gamma_max)) if positive else And(Le(gamma_min, gamma), Le(gamma, 0))
    here = And(given, IN_RANGE, sign)
    proof.show(
        And(is_law(gamma), Ge(toward * gamma, 0), Eq(told, H_S - C), law),
        r"a covariance $\gamma$ of this sign, and this one, belong to joint laws of label and $Y$",
        given=here,
    )
    proof.show(
        Equivalent(Ge(problem.information(toward * gamma, s, ones), H_S - C), Ge(toward * gamma, root)),
        "so they are ordered like their information",
        given=here,
    )
    proof.show(
        Implies(sign, Equivalent(Le(problem.label(gamma), C), enough)),
        r"$H(S \mid Y)$ is monotone on this side, so exactly the covariances from there on meet $C$",
        given=And(given, IN_RANGE),
    )


def _reflected(proof: Proof, problem: Reduction, at: sp.Symbol) -> None:
    proof.show(
        Eq(problem.information((1 - 2 * e) * at, s, q_Y), problem.information((2 * e - 1) * at, s, 1 - q_Y)),
        "negating $Y$ negates the covariance and keeps the information",
        given=is_law(at),
    )
