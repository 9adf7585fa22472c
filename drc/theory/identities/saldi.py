"""Output-constrained coding ([saldi2015]): `Y` has a given law, and encoder and decoder share random bits at a rate `R_c`.

There is no label.

    uniform bits   D(R) = H_b^-1(1 - R), R(D) = 1 - H_b(D) for D < 1/2: a uniform output costs nothing
    Gaussian       D(R) = (mu_X - mu_Y)^2 + s_X^2 + s_Y^2 - 2 s_X s_Y sqrt((1 - 2^(-2R)) (1 - 2^(-2 (R + R_c))))
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Eq, Ge, Le, Lt, Max, Piecewise, sqrt

from drc.information import H_b, I_b
from drc.information.inverses import H_b_inv
from drc.problems.gaussian import R_c, mu_X, mu_Y, sigma_X, sigma_Y
from drc.proof import Step
from drc.theory.identities.charts import RATES, D, R
from drc.theory.identities.identity import Identity, Special
from drc.theory.identities.liu import BITS, GAUSSIAN, NO_LABEL

UNIFORM = {**NO_LABEL, "q_X": sp.S.Half, "q_Y": sp.S.Half}

gamma_top = sp.Symbol("gamma_top", real=True)
_crossover, _quarter = sp.S.Half - 2 * gamma_top, sp.Rational(1, 4)

_shared = (1 - 2 ** (-2 * R)) * (1 - 2 ** (-2 * (R + R_c)))
D_of_R = (mu_X - mu_Y) ** 2 + sigma_X**2 + sigma_Y**2 - 2 * sigma_X * sigma_Y * sqrt(_shared)

IDENTITIES = (
    Identity(
        id="saldi.binary.dr",
        statement="For a uniform bit and a uniform output the least Hamming distortion is Shannon's.",
        source="[saldi2015]",
        general=Special("bernoulli.asymptotic.Y.drc", UNIFORM),
        printed=H_b_inv(1 - R),
        domain=BITS,
        proof=(
            Step(And(Ge(gamma_top, 0), Le(gamma_top, _quarter)), "a covariance"),
            Step(
                Eq(I_b(gamma_top, sp.S.Half, sp.S.Half), 1 - H_b(_crossover)),
                "the output of a symmetric channel",
                free={"s": _crossover},
            ),
            Step(Eq(I_b(_quarter, sp.S.Half, sp.S.Half), 1), "equal bits", free={"s": sp.S.Zero}),
            Step(Eq(H_b(_crossover), Max(0, 1 - R)), "it spends the rate"),
        ),
    ),
    Identity(
        id="saldi.binary.rd",
        statement="For a uniform bit and a uniform output the least rate is Shannon's.",
        source="[saldi2015]",
        general=Special("bernoulli.asymptotic.Y.rdc", UNIFORM),
        printed=Piecewise((1 - H_b(D), Lt(D, sp.S.Half)), (0, True)),
        domain=BITS,
    ),
    Identity(
        id="saldi.gaussian.limited",
        statement="The least squared error of a Gaussian source for a Gaussian output, with common randomness at the rate"
        " $R_c$.",
        source="[saldi2015]",
        general=Special("gaussian.asymptotic.limited.drc", {}),
        printed=D_of_R,
        domain=GAUSSIAN,
        charts=RATES,
    ),
)
