"""The least rate that leaves at most `C` of a label ([witsenhausen1975]): no bound on distortion or perception.

For a Gaussian source and label with correlation `rho`, in nats, with `n = (1 - e^(2 C - 2 h(S)))/rho^2`, and for a uniform
bit with a uniform output, whose label is flipped with probability `e = q_S1 < 1/2`, in bits:

    R(C) = -1/2 log(1 - n)                                  h(S) + 1/2 log(1 - rho^2) < C < h(S)
    R(C) = 1 - H_b((H_b^-1(C) - e)/(1 - 2 e))               H_b(e) <= C < 1

and 0 for a larger `C`.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Eq, Ge, Gt, Le, Lt, Ne, Piecewise, exp, log, pi

from drc.information import H_b, I_b
from drc.information.inverses import H_b_inv, I_b_inv
from drc.problems.bernoulli import q_S1
from drc.problems.gaussian import sigma_S, sigma_X, theta
from drc.proof import Step
from drc.theory.gaussian.scalar.projection import DOMAIN
from drc.theory.identities.charts import labelled, unlabelled, v
from drc.theory.identities.identity import Identity, Special
from drc.theory.identities.shannon import BITS, UP_TO_HALF
from drc.units import NATS

C = sp.Symbol("C", real=True)

_h_S = log(2 * pi * sp.E * sigma_S**2) / 2
_rho = theta / (sigma_S * sigma_X)
GAUSSIAN = Piecewise((-log(1 - (1 - exp(2 * C - 2 * _h_S)) / _rho**2) / 2, Lt(C, _h_S)), (0, True))
WITHIN = And(Ne(theta, 0), Lt(_rho**2, 1), Gt(C, _h_S + log(1 - _rho**2) / 2))
CHARTS = (*labelled(v / (1 + v), unit=NATS), *unlabelled(unit=NATS))

BERNOULLI = Piecewise(
    (sp.oo, Lt(C, H_b(q_S1))),
    (1 - H_b((H_b_inv(C) - q_S1) / (1 - 2 * q_S1)), Lt(C, 1)),
    (0, True),
)

_half, _quarter = sp.S.Half, sp.Rational(1, 4)
H_S, H_pos, H_neg, e, s, gamma_pos, gamma_neg, R_pos, R_neg = sp.symbols(
    "H_S H_pos H_neg e s gamma_pos gamma_neg R_pos R_neg", real=True
)
_covariance = I_b_inv(1 - C, _half, _half)
_flips, _crossover = _half - 2 * _covariance, (H_b_inv(C) - q_S1) / (1 - 2 * q_S1)
_left, _binds = 1 - H_b(_crossover), And(Ge(C, H_b(q_S1)), Lt(C, 1))


def _uniform(covariance: sp.Expr) -> sp.Expr:
    return I_b(covariance, _half, _half)


PROOF = (
    Step(And(Eq(H_S, 1), Eq(e, q_S1), Eq(s, _half)), "the label is uniform"),
    Step(Eq(_uniform(_quarter * (1 - 2 * q_S1)), 1 - H_b(q_S1)), "its channel", free={"s": q_S1}),
    Step(Eq(_uniform(-_quarter * (1 - 2 * q_S1)), 1 - H_b(q_S1)), "a bit negated"),
    Step(And(Eq(H_pos, H_b(q_S1)), Eq(H_neg, H_b(q_S1))), "what the source leaves of it"),
    Step(And(Ge(_covariance, 0), Le(_covariance, _quarter)), "a covariance of label and output"),
    Step(Eq(_uniform(_covariance), 1 - H_b(_flips)), "the channel from one to the other", free={"s": _flips}),
    Step(Eq(_uniform(_quarter), 1), "equal bits", free={"s": sp.S.Zero}),
    Step(Eq(H_b(_flips), C), "it leaves as much as the bound allows", And(Ge(C, 0), Lt(C, 1))),
    Step(Eq(_covariance, _quarter - H_b_inv(C) / 2), "solved for it", And(Ge(C, 0), Lt(C, 1))),
    Step(And(Ge(_crossover, 0), Le(_crossover, _half)), "a probability", _binds),
    Step(And(Eq(gamma_pos, _quarter - _crossover / 2), Eq(gamma_neg, _crossover / 2 - _quarter)), "so", _binds),
    Step(Eq(_uniform(gamma_pos), _left), "the channel from source to output", _binds, free={"s": _crossover}),
    Step(Eq(_uniform(gamma_neg), _left), "a bit negated", _binds, free={"s": 1 - _crossover}),
    Step(And(Eq(R_pos, _left), Eq(R_neg, _left)), "the least rate for either sign", _binds),
)

IDENTITIES = (
    Identity(
        id="witsenhausen.gaussian",
        statement="The least rate of a Gaussian source that leaves at most $C$ of a Gaussian label: the information"
        " bottleneck.",
        source="[witsenhausen1975] for the problem",
        general=Special("gaussian.asymptotic.rdc", {"D": sp.oo}, unit="nats"),
        printed=GAUSSIAN,
        domain=DOMAIN,
        where=WITHIN,
        charts=CHARTS,
    ),
    Identity(
        id="witsenhausen.gaussian.perception",
        statement="The same for a bound on perception instead of an output: perception costs nothing.",
        source="[wang2025] for the problem",
        general=Special("gaussian.asymptotic.rdpc.W2", {"D": sp.oo}, unit="nats"),
        printed=GAUSSIAN,
        domain=DOMAIN,
        where=WITHIN,
        charts=CHARTS,
    ),
    Identity(
        id="witsenhausen.binary",
        statement="The least rate of a uniform bit that leaves at most $C$ of a label behind a symmetric channel.",
        source="[witsenhausen1975]",
        general=Special("bernoulli.asymptotic.Y.rdc", {"D": 1, "q_X": sp.S.Half, "q_Y": sp.S.Half}),
        printed=BERNOULLI,
        domain=BITS | {q_S1: UP_TO_HALF},
        where=Lt(q_S1, sp.S.Half),
        proof=PROOF,
    ),
)
