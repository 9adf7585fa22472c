"""Shannon's rate-distortion functions ([cover2006], sections 10.3.1 and 10.3.2): no bound on perception, and no label.

Whatever the reference:

    Gaussian     D(R) = sigma^2 2^(-2R)            R(D) = 1/2 log2(sigma^2/D) for D <= sigma^2, else 0
    bits         D(R) = H_b^-1(H_b(p) - R)         R(D) = H_b(p) - H_b(D) for D <= min(p, 1 - p), else 0
"""

from __future__ import annotations

import sympy as sp
from sympy import Gt, Le, Min, Piecewise

from drc.information import H_b
from drc.information.inverses import H_b_inv
from drc.problems.bernoulli import q_ref, q_X
from drc.problems.gaussian import sigma_X
from drc.theory.bernoulli.one_shot_yu import maps
from drc.theory.gaussian.scalar.projection import DOMAIN
from drc.theory.identities.charts import DISTORTIONS, RATES
from drc.theory.identities.identity import Identity, Special

D, R, P = sp.symbols("D R P", real=True)

FREE = {"P": sp.oo, "C": sp.oo}

D_of_R = sigma_X**2 * 2 ** (-2 * R)
BITS = maps.DOMAIN | {P: (sp.S.Zero, sp.S.One), q_ref: (sp.S.Zero, sp.S.One)}
UP_TO_HALF = (sp.S.Zero, sp.S.Half)

D_of_R_for_bits = H_b_inv(H_b(q_X) - R)
R_of_D_for_bits = Piecewise((H_b(q_X) - H_b(D), Le(D, Min(q_X, 1 - q_X))), (0, True))

R_of_D = Piecewise((sp.log(sigma_X**2 / D, 2) / 2, Le(D, sigma_X**2)), (0, True))

_GAUSSIAN = tuple(
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

IDENTITIES = (
    *_GAUSSIAN,
    Identity(
        id="shannon.binary.dr",
        statement="Without a bound on perception the least Hamming distortion of a bit for rate $R$ is"
        " Shannon's, whatever the reference.",
        source="[cover2006], section 10.3.1, solved for the distortion",
        general=Special("bernoulli.asymptotic.Y.drpc.TV", {"P": sp.oo}),
        printed=D_of_R_for_bits,
        domain=BITS,
    ),
    Identity(
        id="shannon.binary.rd",
        statement="Without a bound on perception the least rate of a bit for Hamming distortion $D$ is"
        " Shannon's, whatever the reference.",
        source="[cover2006], section 10.3.1",
        general=Special("bernoulli.asymptotic.Y.rdpc.TV", {"P": sp.oo}),
        printed=R_of_D_for_bits,
        domain=BITS,
    ),
)
