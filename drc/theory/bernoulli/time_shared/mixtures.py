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
from functools import partial
from typing import TYPE_CHECKING

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Max, Ne, Not
from sympy.logic.boolalg import Boolean

from drc.expressions.forms import difference
from drc.expressions.latex import latex
from drc.information.bits import cells
from drc.problems.bernoulli import q_X, q_Y
from drc.proof import UNIT, Derivation, LinearProgram, Proof, Vertex
from drc.theory.bernoulli.one_shot_yu.maps import COVARIANCES
from drc.theory.bernoulli.y.covariance import (
    IN_RANGE,
    NOT_CONSTANT,
    SOURCE_NOT_CONSTANT,
    Reduction,
    are_masses,
    is_law,
    spent,
)
from drc.theory.theorem import conditions
from drc.tradeoff import Regime
from drc.types import Changes
from drc.units import BITS, Unit

if TYPE_CHECKING:
    from sympy.core.relational import Relational

R, C, H_S, e, gamma = sp.symbols("R C H_S e gamma", real=True)
gamma_bottom, gamma_max, gamma_min, gamma_top = sp.symbols("gamma_bottom gamma_max gamma_min gamma_top", real=True)
s, slope = sp.symbols("s slope", real=True)

I_pos, I_neg, J, tilt, theta, other, mixed = sp.symbols("I_pos I_neg J tilt theta other mixed", real=True)
w_0, w_max, w_min = sp.symbols("w_0 w_max w_min", real=True)

NAMES = {
    "I_pos": "I^+",
    "I_neg": "I^-",
    "tilt": r"\tau",
    "other": r"\gamma'",
    "mixed": r"\bar\gamma",
    "w_max": r"w_{\max}",
    "w_min": r"w_{\min}",
}

LETTER_NAMES = {letter: NAMES[letter.name] for letter in (other, w_max, w_min)}


#: Letters of the proof only: a second covariance and a share (Jensen's inequality), and the weights of the ends.
LETTERS = {theta: UNIT, other: COVARIANCES, w_max: UNIT, w_min: UNIT}

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
    proof.let(mixed, theta * gamma + (1 - theta) * other, "the mean covariance of a mix", latex=NAMES["mixed"])
    here, there = IN_RANGE, And(Le(gamma_min, other), Le(other, gamma_max))
    because = "the rate is convex: the mean covariance of a mix costs no more rate than the mix (Jensen)"
    if reduction.setting == "asymptotic":
        _convex(proof, reduction.rate, sp.S.One, lambda at: are_masses(cells(at, q_X, q_Y)), because)
    else:
        mean = theta * reduction.rate(gamma) + (1 - theta) * reduction.rate(other)
        proof.show(Le(reduction.rate(mixed), mean), because, given=And(here, there))
    _convex(
        proof,
        lambda at: information(reduction, at),
        1 - 2 * e,
        is_law,
        "the information on the label is convex too: a mix tells no less than its mean, and this is what is gained",
    )


def _convex(
    proof: Proof,
    told: Callable[[sp.Expr], sp.Expr],
    scale: sp.Expr,
    law: Callable[[sp.Expr], Boolean],
    because: str,
) -> None:
    """Show that information is convex in the covariance of `X` and `Y`, `scale` times which is that of its own bits."""
    mean = theta * told(gamma) + (1 - theta) * told(other)
    here, there = IN_RANGE, And(Le(gamma_min, other), Le(other, gamma_max))
    for at, where in ((gamma, here), (other, there)):
        proof.show(law(at), "the two bits have a joint law", given=where)
    between = And(here, there, Lt(0, theta), Lt(theta, 1), Lt(e, sp.S.Half) if scale != 1 else sp.true)
    for low, high, share in ((gamma, other, theta), (other, gamma, 1 - theta)):
        given = And(between, Lt(low, high))
        first, middle, last = (scale * at for at in (low, mixed, high))
        proof.show(
            And(
                *(Lt(first, middle), Lt(middle, last), law(low), law(high)),
                *(Eq(last - middle, share * (last - first)), Eq(middle - first, (1 - share) * (last - first))),
            ),
            "the covariance of the two bits is divided in the shares of the mix",
            given=given,
        )
        proof.show(
            Lt(told(mixed) * (last - first), told(low) * (last - middle) + told(high) * (middle - first)),
            "information is strictly convex in the covariance: it lies below its chord",
            given=given,
        )
    proper = And(between, Ne(gamma, other))
    proof.show(Lt(told(mixed), mean), "so a proper mix tells more than its mean", given=proper)
    cases = [Eq(theta, 0), Eq(theta, 1), Eq(gamma, other), *([Eq(e, sp.S.Half)] if scale != 1 else [])]
    codes = {one: other if one == Eq(theta, 0) else gamma for one in cases}
    show = partial(proof.show, given=And(here, there))
    show(
        And(*(Implies(one, And(Eq(scale * mixed, scale * code), law(mixed))) for one, code in codes.items())),
        "the bits of any other have the covariance that they have with one code",
    )
    show(
        And(law(gamma), law(other), *(Implies(one, Eq(told(mixed), told(code))) for one, code in codes.items())),
        "so it tells as much as that code",
    )
    # The last claim rests on these cases being all; stated here, this is among the steps just before it.
    least = [Le(e, sp.S.Half)] if scale != 1 else []
    show(And(*least, *(Implies(one, Eq(told(mixed), mean)) for one in cases)), "which is its mean")
    show(Le(told(mixed), mean), because)


def _spread(proof: Proof, reduction: Reduction) -> None:
    """Replace each covariance by a mix of the end on its side and of zero."""
    told = information(reduction, gamma)
    for end, most, side in (
        (gamma_max, I_pos, And(Le(0, gamma), Le(gamma, gamma_max))),
        (gamma_min, I_neg, And(Le(gamma_min, gamma), Le(gamma, 0))),
    ):
        given, sign = And(side, OPEN), 1 if end == gamma_max else -1
        proof.show(
            And(
                *(is_law(end), is_law(gamma), Gt(sign * end, 0), Le(0, sign * (1 - 2 * e) * gamma)),
                *(Le(sign * (1 - 2 * e) * gamma, sign * (1 - 2 * e) * end), Le(0, 1 - 2 * e)),
            ),
            "label and $Y$ have joint laws from independence to this end",
            given=given,
        )
        proof.show(
            Le(sign * told * end, sign * information(reduction, end) * gamma),
            "information is convex in the covariance, and zero at zero",
            given=given,
        )
        proof.show(Le(sign * told * end, sign * most * gamma), "in the letters of the theorem", given=given)
        proof.show(
            And(
                Eq(gamma / end * reduction.rate(end), reduction.rate(gamma)),
                Ge(gamma / end * most, told),
            ),
            rf"a code of this sign may be replaced by ${(tex := latex(end, proof.names))}$ in the share $\gamma / {tex}$ of"
            " its blocks, and independence in the others: mean covariance and mean rate stay, and by convexity the mean"
            " information does not fall",
            given=given,
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
    proof.show(
        Ge(lean * (gamma_max + gamma_min), 0),
        "positive covariance has the longer range if $q_X$ and $q_Y$ lie on the same side of 1/2, else negative"
        " covariance has",
    )
    _odds_at_the_ends(proof)
    informed = And(Lt(e, sp.S.Half), OPEN)
    proof.show(
        And(Lt(gamma_min, 0), Gt(gamma_max, 0), Gt(I_pos, 0), Gt(I_neg, 0)),
        "both ends carry information about the label, unless it is noise",
        given=informed,
    )
    _longer_side(proof, reduction, informed)
    nothing = And(Eq(I_pos, 0), Eq(I_neg, 0))
    proof.show(nothing, "no code carries information about a label that is pure noise", given=Eq(e, sp.S.Half))
    proof.show(nothing, "nor does one if a bit is constant", given=Not(OPEN))
    proof.show(
        And(Le(lean * tilt, 0), Ge(lean * (I_pos - I_neg), 0)),
        "so the end of the longer side tells more of the label in all, and more for its rate",
    )
    proof.show(
        And(Gt(tilt, 0), Gt(I_neg, I_pos)),
        "strictly, where the laws lean to opposite sides",
        given=OPPOSITE,
    )


def _longer_side(proof: Proof, reduction: Reduction, informed: Boolean) -> None:
    """Show that the end of the longer side tells more for its rate, where the label is not noise."""
    u, v = ((1 - 2 * e) * end for end in ENDS)
    label, gap = (1 - 2 * s) * (1 - 2 * q_Y), _odds_gap(u, v)
    sides = (Ge, Le, Gt, Lt)
    show = partial(proof.show, given=informed)
    show(
        And(
            *(is_law(gamma_max), is_law(gamma_min), Lt(v, 0), Lt(0, u)),
            *(Implies(side(lean, 0), And(side(label, 0), (Ge if side in (Ge, Gt) else Le)(gap, 0))) for side in sides),
        ),
        "as information rises faster at the end of the longer side",
    )
    most, least = (information(reduction, end) for end in ENDS)
    show(
        And(*(Implies(side(lean, 0), side(-most * v, least * u)) for side in sides)),
        "it does so at equal shares of the way to the ends: integrated along the way, the end of the longer side tells more"
        " for its covariance",
    )
    show(
        And(*(Implies(side(lean, 0), side(-most * gamma_min, least * gamma_max)) for side in sides)), "and for its rate"
    )
    show(And(*(Implies(side(lean, 0), side(0, tilt)) for side in sides)), "in the letters of the theorem")


def _odds_at_the_ends(proof: Proof) -> None:
    """Compare the slopes of information at the two ends, which are logarithms of odds ratios of label and `Y`."""
    laws = [cells((1 - 2 * e) * end, s, q_Y) for end in ENDS]
    equal, unequal = (
        sp.Mul(*(law[a, b] for law in laws for a, b in law if (a == b) is alike)) for alike in (True, False)
    )
    proof.show(
        Eq((1 - 2 * s) * (1 - 2 * q_Y), (1 - 2 * e) * lean, evaluate=False),
        "the label leans to the side of $X$, only less",
    )
    proof.show(
        Eq(s * (1 - s), (1 - 2 * e) ** 2 * q_X * (1 - q_X) + e * (1 - e), evaluate=False),
        "the variance of the label is that of $X$, and that of the noise",
    )
    proof.show(
        Eq(
            (gamma_max + gamma_min) * (q_X * (1 - q_X) * q_Y * (1 - q_Y) + gamma_max * gamma_min),
            -lean * gamma_max * gamma_min,
        ),
        "at either end one pair of values of $X$ and $Y$ is impossible",
    )
    u, v = ((1 - 2 * e) * end for end in ENDS)
    gap = _odds_gap(u, v)
    proof.show(
        Eq(equal - unequal, gap, evaluate=False),
        "the odds ratios of label and $Y$ at the two ends have a product above 1 if this is positive",
    )
    proof.show(
        Eq(gap, (1 - 2 * e) * e * (1 - e) * q_Y * (1 - q_Y) * (gamma_max + gamma_min)),
        "so the product compares with 1 as the ranges compare",
    )
    proof.show(
        And(*(Implies(sign(lean, 0), sign(gap, 0)) for sign in (Ge, Le))),
        "that is, it is above 1 where positive covariance has the longer range",
    )


def _odds_gap(u: sp.Expr, v: sp.Expr) -> sp.Expr:
    """Positive if the odds ratios of label and `Y` at these covariances of theirs have a product above 1."""
    return (u + v) * (s * (1 - s) * q_Y * (1 - q_Y) + u * v) + (1 - 2 * s) * (1 - 2 * q_Y) * u * v


def program(minimise: sp.Expr, **subject_to: Relational) -> LinearProgram:
    """The linear program over the weights of the three codes."""
    rows = {"classification": Ge(I_pos * w_max + I_neg * w_min, J), "weights": Eq(w_0 + w_max + w_min, 1)}
    return LinearProgram((w_0, w_max, w_min), minimise, {**subject_to, **rows})


def vertex(linear: LinearProgram, basis: Iterable[str]) -> Vertex:
    """The basis of the program that has these variables."""
    wanted = set(basis)
    return next(found for found in linear.bases if {str(w) for w in found.weights} == wanted)


def bound(proof: Proof, linear: LinearProgram, name: str, found: Vertex, given: Boolean) -> None:
    """Show that a basis bounds the cost of every mix from below, by its multipliers."""
    slack = {}
    for row, symbol in linear.slacks.items():
        relation = linear.subject_to[row]
        left = difference(relation)
        slack[symbol] = -left if isinstance(relation, sp.Le) else left
    gap = sum(cost * slack.get(w, w) for w, cost in found.reduced.items())
    because = f"{name}: a bound for every mix, because weights and slacks are not negative"
    signs = And(*(Ge(cost, 0) for cost in found.reduced.values()))
    exact = Eq(linear.minimise - found.value, gap, evaluate=False)
    if exact.lhs != exact.rhs:
        proof.show(And(exact, signs), because, given=given)
        return
    # The bound is a constraint as it stands, so that the identity would say nothing.
    mix = And(given, *(Ge(left, 0) for left in (*linear.variables, *slack.values())))
    proof.show(And(signs, Ge(linear.minimise, found.value)), because, given=mix)


def attained(proof: Proof, linear: LinearProgram, name: str, found: Vertex, weights: dict, regime: Boolean) -> None:
    """Name the mix of a basis; it exists where its weights and slacks, which the regime's condition lists, are >= 0."""
    same = And(*(Eq(found.weights[w], weight) for w, weight in weights.items()))
    because = f"{name}: the mix of ${', '.join(latex(w, proof.names) for w in weights)}$ attains the bound"
    if same != True:  # noqa: E712 (sympy's true, not Python's)
        proof.show(same, because + ", where weights and slacks are not negative", given=regime)
        return
    one_code: Changes = {w: weights.get(w, sp.S.Zero) for w in linear.variables}
    proof.show(And(*(row.subs(one_code) for row in linear.subject_to.values())), because, given=regime)


def optimal(
    proof: Proof,
    linear: LinearProgram,
    mixes: Mapping[str, tuple[Iterable[str], dict[sp.Symbol, sp.Expr]]],
    rows: Iterable[Regime],
    signs: Mapping[str, Boolean],
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
    values, regimes = {row.name: row.expr for row in rows}, conditions(rows)
    for name, (basis, weights) in mixes.items():
        found, where = vertex(linear, basis), signs.get(name, OPEN)
        bound(proof, linear, name, found, where)
        one_code = len(weights) == 1
        attained(proof, linear, name, found, weights, And(where, regimes[name]) if one_code else where)
        value = Eq(cost(found.value), values[name])
        if value != True:  # noqa: E712 (sympy's true, not Python's)
            proof.show(value, "its value, in the letters of the theorem", given=where)
    proof.show(
        And(Eq(gamma_max, 0), Eq(gamma_min, 0), Eq(I_pos, 0), Eq(I_neg, 0)),
        "if $X$ or $Y$ is constant, independence is the only code",
        given=Not(OPEN),
    )


def less_than_its_share(proof: Proof, reduction: Reduction, end: sp.Symbol, given: Boolean) -> None:
    """Show that one code tells less than the end of its side does in the share of the blocks that has its covariance."""
    sign, most = (1, I_pos) if end == gamma_max else (-1, I_neg)
    told, first, last = information(reduction, gamma), (1 - 2 * e) * gamma, (1 - 2 * e) * end
    show = partial(proof.show, given=given)
    show(
        And(is_law(gamma), is_law(end), *(Lt(0, sign * first), Lt(sign * first, sign * last), Gt(1 - 2 * e, 0))),
        "the covariances of label and $Y$ are ordered like those of $X$ and $Y$",
    )
    show(Lt(sign * told * end, sign * information(reduction, end) * gamma), "information is strictly convex")
    show(
        And(Gt(most, 0), Lt(sign * told * end, sign * most * gamma), Gt(sign * end, 0)), "in the letters of the theorem"
    )


def gains(proof: Proof, reduction: Reduction) -> None:
    """Show that one code with negative covariance is never as good as a mix, unless it is the end of the range."""
    given = And(Lt(gamma_min, gamma), Lt(gamma, 0), Lt(e, sp.S.Half), OPEN)
    share = information(reduction, gamma) / I_neg
    less_than_its_share(proof, reduction, gamma_min, given)
    proof.show(Gt(slope, 0), "covariance has a price", given=OPEN)
    proof.show(
        And(Lt(share, gamma / gamma_min), Lt(share * reduction.rate(gamma_min), reduction.rate(gamma))),
        "where no positive covariance within the rate meets $C$, one code needs negative covariance, or is"
        r" infeasible. Time sharing then gains wherever it is feasible: $\gamma_{\min}$ in the share $I(S;Y) / I^-$"
        r" of the blocks, and independence in the others, tells as much as one code with covariance $\gamma$, at"
        r" less rate and with less distortion. The exception is the code $\gamma = \gamma_{\min}$",
        given=given,
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
    >>> print(comparison("asymptotic").steps[-1].claim)
    gamma_bottom < other*theta
    """
    reduction = Reduction(setting, unit)
    proof = reduction.start(LETTERS, LETTER_NAMES)
    jensen(proof, reduction)
    spent(proof, reduction)
    proof.show(
        Equivalent(Le(reduction.rate(gamma), R), And(Le(gamma_bottom, gamma), Le(gamma, gamma_top))),
        "so the mean covariance of every mix within the rate lies between these two: where gamma_top meets C, it is optimal"
        " as the only code, and time sharing gains nothing",
        given=And(IN_RANGE, Ge(R, 0)),
    )
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
