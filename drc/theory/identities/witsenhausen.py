"""The least rate that leaves at most `C` of a label ([witsenhausen1975]): no bound on distortion or perception.

For a Gaussian source and label with correlation `rho`, in nats, with `n = (1 - e^(2 C - 2 h(S)))/rho^2`, and for a uniform
bit with a uniform output, whose label is flipped with probability `e = q_S1 < 1/2`, in bits:

    R(C) = -1/2 log(1 - n)                                  h(S) + 1/2 log(1 - rho^2) < C < h(S)
    R(C) = 1 - H_b((H_b^-1(C) - e)/(1 - 2 e))               H_b(e) <= C < 1

and 0 for a larger `C`.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Gt, Lt, Ne, Piecewise, exp, log, pi

from drc.information import H_b
from drc.information.inverses import H_b_inv
from drc.problems.bernoulli import q_S1
from drc.problems.gaussian import sigma_S, sigma_X, theta
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
    ),
)
