"""The Bernoulli problem with time sharing, the classifier sees Y and the block index: a program over mixes of covariances.

Blocks may use different codes, each with the target law, and the index `Q` of the code is known to encoder, decoder and
classifier.  A code is a covariance `gamma` of `X` and `Y` (see `covariance`), so the problem is

    minimise    D_ind - 2 E[gamma_Q]
    subject to  E[rate(gamma_Q)] <= R,    E[I(S;Y)(gamma_Q)] >= H(S) - C,    gamma_min <= gamma_Q <= gamma_max

over the laws of `gamma_Q`.  It is the lower convex envelope in `(R, C)` of the function without time sharing.  In one shot
the rate is linear on each side of zero, and `I(S;Y)` is convex, so that three covariances are enough: `gamma_min`, 0 and
`gamma_max`, with weights `w_min`, `w_0` and `w_max`.  Of the two ends that of the longer side tells more of the label, in
all and for its rate: `gamma_max` if `q_X` and `q_Y` lie on the same side of 1/2, else `gamma_min`.  So negative covariance
is of use only if they lie on opposite sides.  Both theorems, `drc` and `rdc`, solve that linear program.  Asymptotically the
codes in use move with the bounds, and `drc.solvers.scalar.time_shared` finds them; `comparison` says for both settings where
time sharing gains.

Source: [nguyen2026], section 3, states the problem; [cover2006], section 15.3, is the source for time sharing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Le, Lt, Max, Not

from drc.expressions.latex import latex
from drc.problems.bernoulli import q_X, q_Y
from drc.proof import Derivation, LinearProgram, Proof, Vertex
from drc.theory.bernoulli.y.covariance import IN_RANGE, NOT_CONSTANT, SOURCE_NOT_CONSTANT, Reduction
from drc.tradeoff import Regime
from drc.units import BITS, Unit

if TYPE_CHECKING:
    from sympy.core.relational import Relational

R, C, H_S, e, gamma = sp.symbols("R C H_S e gamma", real=True)
gamma_bottom, gamma_max, gamma_min, gamma_top, s = sp.symbols("gamma_bottom gamma_max gamma_min gamma_top s", real=True)

I_pos, I_neg, J, tilt, theta, other = sp.symbols("I_pos I_neg J tilt theta other", real=True)
w_0, w_max, w_min = sp.symbols("w_0 w_max w_min", real=True)

NAMES = {
    "I_pos": "I^+",
    "I_neg": "I^-",
    "tilt": r"\tau",
    "other": r"\gamma'",
    "w_max": r"w_{\max}",
    "w_min": r"w_{\min}",
}

LETTER_NAMES = {letter: NAMES[letter.name] for letter in (other, w_max, w_min)}

_UNIT = (sp.S.Zero, sp.S.One)
_QUARTER = (-sp.Rational(1, 4), sp.Rational(1, 4))

#: Letters of the proof only: a second covariance and a share (Jensen's inequality), and the weights of the ends.
LETTERS = {theta: _UNIT, other: _QUARTER, w_max: _UNIT, w_min: _UNIT}

ENDS = (gamma_max, gamma_min)

#: Positive if `q_X` and `q_Y` lie on the same side of 1/2, negative if on opposite ones.
lean = (1 - 2 * q_X) * (1 - 2 * q_Y)

#: Where neither bit is constant; then both ends of the range of covariances lie away from zero.
OPEN = And(NOT_CONSTANT, SOURCE_NOT_CONSTANT)

#: Where a code with negative covariance is of use.
OPPOSITE = And(Lt(lean, 0), Lt(e, sp.S.Half), OPEN)

#: The weights are a law; `w_0` is what the ends leave.
IS_LAW = And(Ge(w_max, 0), Ge(w_min, 0), Ge(w_0, 0))

SETTING = (
    r"The source is $X \sim \mathrm{Bern}(q_X)$, the target law is $\mathrm{Bern}(q_Y)$, and the label is"
    r" $S = X \oplus S_1$ with $S_1 \sim \mathrm{Bern}(q_{S_1})$ independent of $X$; $\gamma$ is the covariance of $X$ and"
    r" $Y$. Codes are shared in time: block $Q$ uses a code with covariance $\gamma_Q$; every code has the target law, and"
    r" encoder, decoder and classifier know $Q$. So distortion, rate and $H(S \mid Y, Q)$ are means over the law of"
    r" $\gamma_Q$."
)


def start(reduction: Reduction) -> Proof:
    """Derive what a code reaches, and that a mix of the ends of the range and of zero is as good as any."""
    proof = reduction.start(LETTERS, LETTER_NAMES)
    jensen(proof, reduction)
    for symbol, end, side in ((I_pos, gamma_max, "positive"), (I_neg, gamma_min, "negative")):
        meaning = f"the most information that a code with {side} covariance carries about the label"
        proof.let(symbol, information(reduction, end), meaning, latex=NAMES[symbol.name])
    _spread(proof, reduction)
    proof.let(J, Max(0, H_S - C), "what $C$ requires: the mean of $I(S;Y)$ is to be at least this")
    proof.show(
        Equivalent(Le(reduction.label(gamma), C), Ge(information(reduction, gamma), J)),
        r"$I(S;Y) = H(S) - H(S \mid Y)$ is not negative",
        given=IN_RANGE,
    )
    proof.let(w_0, 1 - w_max - w_min, "weight of independence, of the three codes that are left")
    _sides(proof, reduction)
    return proof


def information(reduction: Reduction, at: sp.Expr) -> sp.Expr:
    """`I(S;Y)` at a covariance of `X` and `Y`."""
    return H_S - reduction.label(at)


def jensen(proof: Proof, reduction: Reduction) -> None:
    """Show that rate and information are convex."""
    mixed = theta * gamma + (1 - theta) * other
    both = And(IN_RANGE, Le(gamma_min, other), Le(other, gamma_max))
    for of, reason in (
        (reduction.rate, "the rate is convex: the mean covariance of a mix costs no more rate than the mix (Jensen)"),
        (
            lambda at: information(reduction, at),
            "the information on the label is convex too: a mix tells no less than its mean, and this is what is gained",
        ),
    ):
        proof.show(Le(of(mixed), theta * of(gamma) + (1 - theta) * of(other)), reason, given=both)


def _spread(proof: Proof, reduction: Reduction) -> None:
    """Replace each covariance by a mix of the end on its side and of zero."""
    for end, most, side in (
        (gamma_max, I_pos, And(Le(0, gamma), Le(gamma, gamma_max))),
        (gamma_min, I_neg, And(Le(gamma_min, gamma), Le(gamma, 0))),
    ):
        proof.show(
            And(
                Eq(gamma / end * reduction.rate(end), reduction.rate(gamma)),
                Ge(gamma / end * most, information(reduction, gamma)),
            ),
            rf"a code of this sign may be replaced by ${(tex := latex(end, proof.names))}$ in the share $\gamma / {tex}$ of"
            " its blocks, and independence in the others: mean covariance and mean rate stay, and by convexity the mean"
            " information does not fall",
            given=And(side, OPEN),
        )


def _sides(proof: Proof, reduction: Reduction) -> None:
    """Which end tells more, in all and for its rate: that of the longer side."""
    proof.let(
        tilt,
        I_neg * gamma_max + I_pos * gamma_min,
        r"positive where $\gamma_{\min}$ tells more of the label for its rate than $\gamma_{\max}$ does",
        latex=NAMES["tilt"],
    )
    proof.show(
        Eq(tilt, -gamma_min * gamma_max * (I_neg / -gamma_min - I_pos / gamma_max)),
        "the difference of information for each unit of covariance, times a positive factor",
        given=OPEN,
    )
    at = (1 - 2 * e) * theta
    rising, falling = (reduction.information(gamma, s, q_Y).diff(gamma).subs(gamma, at * end) for end in ENDS)
    proof.show(
        And(Ge(lean * (gamma_max + gamma_min), 0), Ge(lean * (rising + falling), 0)),
        "positive covariance has the longer range if $q_X$ and $q_Y$ lie on the same side of 1/2, else negative"
        " covariance has; and at equal shares of the way to its end information rises faster on the longer side",
        given=And(Lt(0, theta), Lt(theta, 1), OPEN),
    )
    proof.show(
        And(Le(lean * tilt, 0), Ge(lean * (I_pos - I_neg), 0)),
        "so, integrated along the way, the end of the longer side tells more of the label in all, and more for its rate",
    )


def program(minimise: sp.Expr, **subject_to: Relational) -> LinearProgram:
    """The linear program over the weights of the three codes."""
    rows = {"classification": Ge(I_pos * w_max + I_neg * w_min, J), "weights": Eq(w_0 + w_max + w_min, 1)}
    return LinearProgram((w_0, w_max, w_min), minimise, {**subject_to, **rows})


def vertex(linear: LinearProgram, basis: Iterable[str]) -> Vertex:
    """The basis of the program that has these variables."""
    wanted = set(basis)
    return next(found for found in linear.bases if {str(w) for w in found.weights} == wanted)


def bound(proof: Proof, linear: LinearProgram, name: str, found: Vertex, given: sp.Basic) -> None:
    """Show that a basis bounds the cost of every mix from below, by its multipliers."""
    slack = {}
    for row, symbol in linear.slacks.items():
        relation = linear.subject_to[row]
        left = relation.lhs - relation.rhs
        slack[symbol] = -left if isinstance(relation, sp.Le) else left
    gap = sum(cost * slack.get(w, w) for w, cost in found.reduced.items())
    proof.show(
        And(Eq(linear.minimise - found.value, gap, evaluate=False), *(Ge(cost, 0) for cost in found.reduced.values())),
        f"{name}: a bound for every mix, because weights and slacks are not negative",
        given=given,
    )


def attained(proof: Proof, name: str, found: Vertex, weights: dict[sp.Symbol, sp.Expr], given: sp.Basic) -> None:
    """Name the mix of a basis; it exists where its weights and slacks, which the regime's condition lists, are >= 0."""
    proof.show(
        And(*(Eq(found.weights[w], weight) for w, weight in weights.items())),
        f"{name}: the mix of ${', '.join(latex(w, proof.names) for w in weights)}$ attains the bound, where weights and"
        " slacks are not negative",
        given=given,
    )


def optimal(
    proof: Proof,
    linear: LinearProgram,
    mixes: Mapping[str, tuple[Iterable[str], dict[sp.Symbol, sp.Expr]]],
    rows: Iterable[Regime],
    signs: Mapping[str, sp.Basic],
    cost: Callable[[sp.Expr], sp.Expr],
) -> None:
    """Show a bound for each basis, and the mix that attains it.

    Parameters
    ----------
    proof : Proof
    linear : LinearProgram
    mixes : mapping from a regime to the variables of the basis that is optimal there, and its weights
    rows : regimes
    signs : mapping from a regime to where the multipliers of its basis have the right sign; left out, `OPEN`
    cost : function from the value of the program to that of the theorem
    """
    values = {row.name: row.expr for row in rows}
    for name, (basis, weights) in mixes.items():
        found, where = vertex(linear, basis), signs.get(name, OPEN)
        bound(proof, linear, name, found, where)
        attained(proof, name, found, weights, where)
        proof.show(Eq(cost(found.value), values[name]), "its value, in the letters of the theorem", given=where)
    proof.show(
        And(Eq(gamma_max, 0), Eq(gamma_min, 0), Eq(I_pos, 0), Eq(I_neg, 0)),
        "if $X$ or $Y$ is constant, independence is the only code",
        given=Not(OPEN),
    )


def gains(proof: Proof, reduction: Reduction) -> None:
    """Show that one code with negative covariance is never as good as a mix, unless it is the end of the range."""
    share = information(reduction, gamma) / I_neg
    proof.show(
        And(Lt(share, gamma / gamma_min), Lt(share * reduction.rate(gamma_min), reduction.rate(gamma))),
        "where no positive covariance within the rate meets $C$, one code needs negative covariance, or is"
        r" infeasible. Time sharing then gains wherever it is feasible: $\gamma_{\min}$ in the share $I(S;Y) / I^-$"
        r" of the blocks, and independence in the others, tells as much as one code with covariance $\gamma$, at"
        r" less rate and with less distortion. The exception is the code $\gamma = \gamma_{\min}$",
        given=And(Lt(gamma_min, gamma), Lt(gamma, 0), Lt(e, sp.S.Half), OPEN),
    )


def comparison(setting: str, unit: Unit = BITS) -> Derivation:
    """Derive where time sharing gains, in either setting.

    Parameters
    ----------
    setting : {"one-shot", "asymptotic"}
    unit : Unit

    Returns
    -------
    Derivation

    Examples
    --------
    >>> comparison("asymptotic").check().verdict.value
    'True'
    """
    reduction = Reduction(setting, unit)
    proof = reduction.start(LETTERS, LETTER_NAMES)
    jensen(proof, reduction)
    bottom, top = reduction.reach(proof)
    reduction.let(proof, gamma_top, top, "the largest covariance that the rate and the two laws allow")
    reduction.let(proof, gamma_bottom, bottom, "the least covariance that the rate and the two laws allow")
    proof.show(
        Equivalent(Le(reduction.rate(gamma), R), And(Le(gamma_bottom, gamma), Le(gamma, gamma_top))),
        "so the mean covariance of every mix within the rate lies between these two: where gamma_top meets C, it is optimal"
        " as the only code, and time sharing gains nothing",
        given=And(IN_RANGE, Ge(R, 0)),
    )
    mixed = theta * gamma + (1 - theta) * other
    proof.show(
        Lt(
            information(reduction, mixed),
            theta * information(reduction, gamma) + (1 - theta) * information(reduction, other),
        ),
        "where gamma_top does not meet C, one code needs negative covariance. If it leaves some rate over and is not"
        " gamma_min, two codes a little to both sides tell more than C requires, and a little less distortion is possible",
        given=And(
            IN_RANGE,
            And(Le(gamma_min, other), Le(other, gamma_max), Lt(gamma, other), Lt(0, theta), Lt(theta, 1)),
            And(Lt(e, sp.S.Half), OPEN),
        ),
    )
    proof.show(
        Lt(gamma_bottom, theta * other),
        "if it is gamma_bottom, and some mix within the rate tells more than C requires, that mix in a share of the blocks"
        " and independence in the others tells what C requires, and has more covariance: time sharing gains wherever it is"
        " feasible, but for the border of its feasible set",
        given=And(Le(gamma_bottom, other), Lt(gamma_bottom, 0), Lt(0, theta), Lt(theta, 1)),
    )
    statement = (
        "Where C is met by the largest covariance within the rate, time sharing gains nothing; elsewhere it gains."
    )
    return proof.qed(statement, SETTING)
