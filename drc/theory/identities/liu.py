"""Entropy-constrained optimal transport ([liu2022]; for Gaussian sources also [saldi2015]).

The target law is fixed, and there is no label.

    bits       D(R) = q_X + q_Y - 2 q_X q_Y - 2 q_X (1 - q_X) R/H_b(q_X), until it meets |q_X - q_Y|
    Gaussian   D(R) = (mu_X - mu_Y)^2 + s_X^2 + s_Y^2 - 2 s_X s_Y sqrt(1 - 2^(-2R))    with common randomness
               D(R) = (mu_X - mu_Y)^2 + s_X^2 + s_Y^2 - 2 s_X s_Y (1 - 2^(-2R))        without
"""

from __future__ import annotations

import sympy as sp
from sympy import Abs, And, Ge, Gt, Le, Lt, Piecewise, sqrt

from drc.information import H_b
from drc.problems.bernoulli import q_X, q_Y
from drc.problems.gaussian import R_c, mu_X, mu_Y, sigma_X, sigma_Y
from drc.theory.bernoulli.one_shot_yu import maps
from drc.theory.gaussian.scalar import correlation
from drc.theory.identities.charts import RATES
from drc.theory.identities.identity import Identity, Special

D, R = sp.symbols("D R", real=True)

NO_LABEL = {"C": sp.oo}

BITS = maps.DOMAIN
GAUSSIAN = correlation.DOMAIN | {R_c: correlation.DOMAIN[R]}

_line = q_X + q_Y - 2 * q_X * q_Y - 2 * q_X * (1 - q_X) * R / H_b(q_X)
D_of_R = Piecewise((_line, Ge(_line, Abs(q_X - q_Y))), (Abs(q_X - q_Y), True))

R_of_D = Piecewise(
    (sp.oo, Lt(D, Abs(q_X - q_Y))),
    (H_b(q_X) * (q_X + q_Y - 2 * q_X * q_Y - D) / (2 * q_X * (1 - q_X)), Le(D, q_X + q_Y - 2 * q_X * q_Y)),
    (0, True),
)

_independent = (mu_X - mu_Y) ** 2 + sigma_X**2 + sigma_Y**2
D_with_randomness = _independent - 2 * sigma_X * sigma_Y * sqrt(1 - 2 ** (-2 * R))
D_without_randomness = _independent - 2 * sigma_X * sigma_Y * (1 - 2 ** (-2 * R))

IDENTITIES = (
    Identity(
        id="liu.binary.dr",
        statement="Without a label the least Hamming distortion of a bit, one shot with common randomness, falls linearly"
        " with the rate to the cost of optimal transport.",
        source="[liu2022]",
        general=Special("bernoulli.one-shot.YU.drc", NO_LABEL),
        printed=D_of_R,
        domain=BITS,
        where=And(Gt(q_X, 0), Lt(q_X, 1)),
    ),
    Identity(
        id="liu.binary.rd",
        statement="The same, solved for the rate.",
        source="[liu2022], solved for the rate",
        general=Special("bernoulli.one-shot.YU.rdc", NO_LABEL),
        printed=R_of_D,
        domain=BITS,
        where=And(Gt(q_X, 0), Lt(q_X, 1)),
    ),
    Identity(
        id="liu.binary.lossless",
        statement="A rate of the entropy of the bit itself reaches the cost of optimal transport.",
        source="[liu2022]",
        general=Special("bernoulli.one-shot.YU.drc", {**NO_LABEL, "R": H_b(q_X)}),
        printed=Abs(q_X - q_Y),
        domain=BITS,
    ),
    Identity(
        id="liu.gaussian.unlimited",
        statement="Without a label, and with unlimited common randomness, the least squared error of a Gaussian source for a"
        " Gaussian target.",
        source="[liu2022] and [saldi2015]",
        general=Special("gaussian.asymptotic.drc", NO_LABEL),
        printed=D_with_randomness,
        domain=GAUSSIAN,
        charts=RATES,
    ),
    Identity(
        id="liu.gaussian.limited",
        statement="With limited common randomness, as $R_c$ grows without bound: the same value.",
        source="[saldi2015]",
        general=Special("gaussian.asymptotic.limited.drc", {"R_c": sp.oo}),
        printed=D_with_randomness,
        domain=GAUSSIAN,
        charts=RATES,
    ),
    Identity(
        id="liu.gaussian.private",
        statement="Without a label, and without common randomness, the least squared error of a Gaussian source for a"
        " Gaussian target.",
        source="[liu2022]",
        general=Special("gaussian.asymptotic.limited.drc", {"R_c": 0}),
        printed=D_without_randomness,
        domain=GAUSSIAN,
        charts=RATES,
    ),
)
