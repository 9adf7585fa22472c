"""Shannon's rate-distortion functions ([cover2006], sections 10.3.1 and 10.3.2): no bound on perception, and no label.

Whatever the reference:

Gaussian     D(R) = sigma^2 2^(-2R)        R(D) = 1/2 log2(sigma^2/D) for D <= sigma^2, else 0
"""

from __future__ import annotations

import sympy as sp
from sympy import Gt, Le, Piecewise

from drc.problems.gaussian import sigma_X
from drc.theory.gaussian_correlation import D, R
from drc.theory.gaussian_projection import DOMAIN
from drc.theory.identities.charts import DISTORTIONS, RATES
from drc.theory.identities.identity import Identity, Special

FREE = {"P": sp.oo, "C": sp.oo}

D_of_R = sigma_X**2 * 2 ** (-2 * R)
R_of_D = Piecewise((sp.log(sigma_X**2 / D, 2) / 2, Le(D, sigma_X**2)), (0, True))

IDENTITIES = tuple(
    identity
    for measure in ("W2", "KL")
    for identity in (
        Identity(
            id=f"shannon.gaussian.dr.{measure}",
            statement="Without bounds on perception and classification the least squared error of a Gaussian source for"
            " rate $R$ is Shannon's, whatever the reference.",
            source="[cover2006], section 10.3.2",
            general=Special(f"gaussian.asymptotic.drpc.{measure}", FREE),
            printed=D_of_R,
            domain=DOMAIN,
            charts=RATES,
        ),
        Identity(
            id=f"shannon.gaussian.rd.{measure}",
            statement="Without bounds on perception and classification the least rate of a Gaussian source for squared"
            " error $D$ is Shannon's, whatever the reference.",
            source="[cover2006], section 10.3.2",
            general=Special(f"gaussian.asymptotic.rdpc.{measure}", FREE),
            printed=R_of_D,
            domain=DOMAIN,
            where=Gt(D, 0),
            charts=DISTORTIONS,
        ),
    )
)
