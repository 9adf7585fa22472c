"""Remote sources ([dobrushin1962], [wolf1970]): the encoder sees `X`, and the distortion is to `T`, with `T - X - Y`.

No bound on perception, and no label.  For normal laws with correlation `rho`, and for a bit `X` that differs from the bit
`T` with probability `e = q_T`, whatever `X` is:

    Gaussian   D(R) = s_T^2 (1 - rho^2) + rho^2 s_T^2 2^(-2R)
               R(D) = 1/2 log2(rho^2 s_T^2/(D - s_T^2 (1 - rho^2))) for D <= s_T^2, else 0
    bits       D(R) = e + (1 - 2e) H_b^-1(H_b(q_X) - R)
               R(D) = H_b(q_X) - H_b(d), d = (D - e)/(1 - 2e), for d <= min(q_X, 1 - q_X), else 0

A remote source that is seen as it is, is a direct one.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Gt, Le, Lt, Min, Piecewise

from drc.information import H_b
from drc.information.inverses import H_b_inv
from drc.problems.bernoulli import q_T, q_X
from drc.problems.gaussian import mu_X, rho_TX, sigma_S, sigma_T, sigma_X, theta
from drc.theory.gaussian.scalar.projection import DOMAIN
from drc.theory.identities.freirich import CORRELATED, REMOTE
from drc.theory.identities.identity import Identity, Special
from drc.theory.identities.shannon import BITS, FREE, UP_TO_HALF

D, R = sp.symbols("D R", real=True)

_missed = sigma_T**2 * (1 - rho_TX**2)
D_of_R = _missed + rho_TX**2 * sigma_T**2 * 2 ** (-2 * R)
R_of_D = Piecewise((sp.log(rho_TX**2 * sigma_T**2 / (D - _missed), 2) / 2, Le(D, sigma_T**2)), (0, True))

_d = (D - q_T) / (1 - 2 * q_T)
D_of_R_for_bits = q_T + (1 - 2 * q_T) * H_b_inv(H_b(q_X) - R)
R_of_D_for_bits = Piecewise((sp.oo, Lt(D, q_T)), (H_b(q_X) - H_b(_d), Le(_d, Min(q_X, 1 - q_X))), (0, True))

#: What is seen is the source itself.
SEEN = {
    "gaussian.asymptotic": (
        {"rho_TX": 1, "mu_T": mu_X, "sigma_T": sigma_X},
        DOMAIN,
        Le(theta**2, sigma_S**2 * sigma_X**2),
    ),
    **{
        f"bernoulli.{s}": ({"q_T0": 0, "q_T1": 0}, BITS, sp.true) for s in ("one-shot.YU", "one-shot.Y", "asymptotic.Y")
    },
}

IDENTITIES = (
    Identity(
        id="dobrushin.gaussian.dr",
        statement="The least squared error of a remote Gaussian source for rate $R$ is the error of its best estimate, plus"
        " Shannon's function of the estimate.",
        source="[dobrushin1962] and [wolf1970]",
        general=Special("gaussian.asymptotic.remote.drpc.W2", FREE),
        printed=D_of_R,
        domain=REMOTE,
        where=CORRELATED,
    ),
    Identity(
        id="dobrushin.gaussian.rd",
        statement="The least rate of a remote Gaussian source for a squared error above that of its best estimate.",
        source="[dobrushin1962] and [wolf1970], solved for the rate",
        general=Special("gaussian.asymptotic.remote.rdpc.W2", FREE),
        printed=R_of_D,
        domain=REMOTE,
        where=And(CORRELATED, Gt(D, _missed)),
    ),
    Identity(
        id="dobrushin.binary.dr",
        statement="The least Hamming distortion of a remote bit that is seen through a channel, for rate $R$.",
        source="[dobrushin1962], solved for the distortion",
        general=Special("bernoulli.asymptotic.Y.remote.drpc.TV", {"P": sp.oo}),
        printed=D_of_R_for_bits,
        domain=BITS | {q_T: UP_TO_HALF},
        where=Lt(q_T, sp.S.Half),
    ),
    Identity(
        id="dobrushin.binary.rd",
        statement="The least rate of a remote bit that is seen through a channel, for Hamming distortion $D$.",
        source="[dobrushin1962]",
        general=Special("bernoulli.asymptotic.Y.remote.rdpc.TV", {"P": sp.oo}),
        printed=R_of_D_for_bits,
        domain=BITS | {q_T: UP_TO_HALF},
        where=Lt(q_T, sp.S.Half),
    ),
    *(
        Identity(
            id=f"dobrushin.seen.{family}.{name}",
            statement="A remote source that is seen as it is, is a direct one.",
            source="[dobrushin1962]",
            general=Special(f"{family}.remote.{name}", given),
            printed=Special(f"{family}.{name}", {}),
            domain=domain,
            where=where,
        )
        for family, (given, domain, where) in SEEN.items()
        for name in ("drc", "rdc")
        if name == "drc" or "one-shot" in family
    ),
)
