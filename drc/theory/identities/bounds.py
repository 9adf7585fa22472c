"""What one setting says of another: bounds between theorems, with the source of each."""

from __future__ import annotations

from sympy import Ge

from drc.problems.gaussian import mu_T, sigma_T
from drc.theory.identities.freirich import CORRELATED, REMOTE
from drc.theory.identities.identity import Identity, Special
from drc.theory.identities.liu import GAUSSIAN, NO_LABEL

IDENTITIES = (
    Identity(
        id="bound.gaussian.randomness",
        statement="Common randomness without a limit does at least as well as a limited amount of it.",
        source="[saldi2015]",
        general=Special("gaussian.asymptotic.limited.drc", {}),
        printed=Special("gaussian.asymptotic.drc", NO_LABEL),
        relation=Ge,
        domain=GAUSSIAN,
    ),
    Identity(
        id="bound.gaussian.remote",
        statement="An encoder that sees the source does at least as well as one that sees a noisy version of it.",
        source="[dobrushin1962]",
        general=Special("gaussian.asymptotic.remote.drc", NO_LABEL),
        printed=Special("gaussian.asymptotic.drc", {**NO_LABEL, "mu_X": mu_T, "sigma_X": sigma_T}),
        relation=Ge,
        domain=REMOTE,
        where=CORRELATED,
    ),
)
