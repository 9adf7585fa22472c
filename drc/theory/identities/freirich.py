"""Distortion and perception without a bound on the rate ([freirich2021]), in squared Wasserstein distance.

With `E[T|X]` the best estimate of a remote source `T`, and `P_0` the squared distance of its law from the reference,

    D(P) = E (T - E[T|X])^2 + max(0, sqrt(P_0) - sqrt(P))^2

For normal laws, a correlation `rho` of `T` and `X`, and the law of `T` as reference, `sqrt(P_0) = s_T (1 - |rho|)`.
"""

from __future__ import annotations

import sympy as sp
from sympy import Abs, Max, Ne, sqrt

from drc.problems.gaussian import mu_ref, mu_T, mu_X, mu_Y, rho_TX, sigma_ref, sigma_T, sigma_X, sigma_Y
from drc.proof import POSITIVE, REALS
from drc.theory.gaussian.scalar.projection import DOMAIN
from drc.theory.identities.identity import Identity, Special
from drc.theory.identities.transport import UNBOUNDED

P = sp.Symbol("P", real=True)

REMOTE = DOMAIN | {mu_T: REALS, sigma_T: POSITIVE, rho_TX: sp.Interval(-1, 1)}
#: `X` tells something of `T`.
CORRELATED = Ne(rho_TX, 0)

_OWN = {**UNBOUNDED, "mu_ref": mu_T, "sigma_ref": sigma_T}
_missed = sigma_T**2 * (1 - rho_TX**2)

IDENTITIES = (
    Identity(
        id="freirich.gaussian.seen",
        statement="Without a bound on the rate the least distance of $X$ and $Y$ is that from $X$ to the nearest law within"
        r" $\sqrt P$ of the reference.",
        source="[freirich2021]",
        general=Special("gaussian.asymptotic.drpc.W2", UNBOUNDED),
        printed=Max(0, sqrt((mu_X - mu_ref) ** 2 + (sigma_X - sigma_ref) ** 2) - sqrt(P)) ** 2,
        domain=DOMAIN,
    ),
    Identity(
        id="freirich.gaussian.line",
        statement=r"The distortion-perception function of a Gaussian pair, a parabola in $\sqrt P$.",
        source="[freirich2021]",
        general=Special("gaussian.asymptotic.remote.drpc.W2", _OWN),
        printed=_missed + Max(0, sigma_T * (1 - Abs(rho_TX)) - sqrt(P)) ** 2,
        domain=REMOTE,
        where=CORRELATED,
    ),
    Identity(
        id="freirich.gaussian.perfect-perception",
        statement="With perfect perception, without a bound on the rate, the squared error of a remote Gaussian source is at"
        " most twice the least.",
        source="[freirich2021]",
        general=Special("gaussian.asymptotic.remote.drpc.W2", {**_OWN, "P": 0}),
        printed=2 * sigma_T**2 * (1 - Abs(rho_TX)),
        domain=REMOTE,
        where=CORRELATED,
    ),
    Identity(
        id="freirich.gaussian.target",
        statement="Without a bound on the rate the least squared error for an output law is that of the best estimate, plus"
        " the squared distance of the law of the estimate from it.",
        source="[freirich2021]",
        general=Special("gaussian.asymptotic.remote.drc", UNBOUNDED),
        printed=_missed + (mu_T - mu_Y) ** 2 + (Abs(rho_TX) * sigma_T - sigma_Y) ** 2,
        domain=REMOTE,
        where=CORRELATED,
    ),
)
