"""Shannon's rate-distortion functions ([cover2006], sections 10.3.1 and 10.3.2): no bound on perception, and no label.

Whatever the reference:

    Gaussian     D(R) = sigma^2 2^(-2R)            R(D) = 1/2 log2(sigma^2/D) for D <= sigma^2, else 0
    bits         D(R) = H_b^-1(H_b(p) - R)         R(D) = H_b(p) - H_b(D) for D <= min(p, 1 - p), else 0
    M letters    uniform, Hamming distortion:      R(D) = log2 M - H_b(D) - D log2(M - 1) for D < 1 - 1/M, else 0

Shannon's lower bound, `h(X) - 1/2 log2(2 pi e D)` for squared and `h(X) - log2(2 e D)` for absolute error, is met by the
Gaussian and by the Laplace source.  Of a label that is the source itself, `R` bits leave `H(X) - R`.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Gt, Le, Lt, Max, Min, Piecewise

from drc.information import H_b
from drc.information.inverses import H_b_inv
from drc.problems.bernoulli import q_ref, q_X
from drc.problems.gaussian import mu_X, sigma_X
from drc.problems.laplace import lam
from drc.problems.symmetric import M
from drc.proof import NONNEGATIVE, POSITIVE
from drc.theory.bernoulli.one_shot_yu import maps
from drc.theory.gaussian.scalar.projection import DOMAIN
from drc.theory.identities.charts import DISTORTIONS, RATES, rate, v, y
from drc.theory.identities.identity import Identity, Special
from drc.theory.symmetric.maps import DOMAIN as LETTERS

C, D, R, P = sp.symbols("C D R P", real=True)

FREE = {"P": sp.oo, "C": sp.oo}

D_of_R = sigma_X**2 * 2 ** (-2 * R)
BITS = maps.DOMAIN | {P: (sp.S.Zero, sp.S.One), q_ref: (sp.S.Zero, sp.S.One)}
UP_TO_HALF = (sp.S.Zero, sp.S.Half)

D_of_R_for_bits = H_b_inv(H_b(q_X) - R)
R_of_D_for_bits = Piecewise((H_b(q_X) - H_b(D), Le(D, Min(q_X, 1 - q_X))), (0, True))

R_of_D = Piecewise((sp.log(sigma_X**2 / D, 2) / 2, Le(D, sigma_X**2)), (0, True))

R_of_D_for_letters = Piecewise((sp.log(M, 2) - H_b(D) - D * sp.log(M - 1, 2), Lt(D, 1 - 1 / M)), (0, True))

NO_LABEL = {"C": sp.oo}
SELF_LABELLED = {"D": sp.oo, "sigma_S": sigma_X, "theta": sigma_X**2}

_h_X = sp.log(2 * sp.pi * sp.E * sigma_X**2, 2) / 2
_h_Laplace = sp.log(2 * sp.E / lam, 2)

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
    Identity(
        id="shannon.mary.rd",
        statement="The least rate of a uniform source for Hamming distortion $D$.",
        source="[cover2006], problem 10.5",
        general=Special("group.hamming.rdc", {}),
        printed=R_of_D_for_letters,
        domain=LETTERS,
    ),
    Identity(
        id="shannon.gaussian.best-output.dr",
        statement="Of all Gaussian outputs the best for rate $R$ has a variance that is smaller by the distortion, which is"
        " Shannon's.",
        source="[cover2006], section 10.3.2",
        general=Special("gaussian.asymptotic.drc", NO_LABEL),
        best={"mu_Y": mu_X, "sigma_Y": sigma_X * sp.sqrt(1 - 2 ** (-2 * R))},
        printed=D_of_R,
        domain=DOMAIN,
        where=Gt(R, 0),
    ),
    Identity(
        id="shannon.gaussian.best-output.rd",
        statement="Of all Gaussian outputs the best for squared error $D$ has a variance that is smaller by $D$, and needs"
        " Shannon's rate.",
        source="[cover2006], section 10.3.2",
        general=Special("gaussian.asymptotic.rdc", NO_LABEL),
        best={"mu_Y": mu_X, "sigma_Y": sp.sqrt(sigma_X**2 - D)},
        printed=sp.log(sigma_X**2 / D, 2) / 2,
        domain=DOMAIN,
        where=And(Gt(D, 0), Lt(D, sigma_X**2)),
    ),
    Identity(
        id="shannon.binary.lossless",
        statement="A bit without any distortion needs its entropy.",
        source="[cover2006]",
        general=Special("bernoulli.asymptotic.Y.rdpc.TV", {"P": sp.oo, "D": 0}),
        printed=H_b(q_X),
        domain=BITS,
    ),
    Identity(
        id="shannon.binary.guess",
        statement="At rate zero a bit is guessed, and the guess is wrong as often as the rarer value occurs.",
        source="[cover2006]",
        general=Special("bernoulli.asymptotic.Y.drpc.TV", {"P": sp.oo, "R": 0}),
        printed=Min(q_X, 1 - q_X),
        domain=BITS,
    ),
    Identity(
        id="shannon.gaussian.lower-bound",
        statement="Shannon's lower bound for squared error is met by a Gaussian source.",
        source="[cover2006]",
        general=Special("gaussian.asymptotic.rdpc.W2", FREE),
        printed=_h_X - sp.log(2 * sp.pi * sp.E * D, 2) / 2,
        domain=DOMAIN,
        where=And(Gt(D, 0), Le(D, sigma_X**2)),
    ),
    Identity(
        id="shannon.laplace.lower-bound.rd",
        statement="Shannon's lower bound for absolute error is met by a Laplace source.",
        source="[cover2006]",
        general=Special("laplace.rdc", {}),
        printed=Piecewise((_h_Laplace - sp.log(2 * sp.E * D, 2), Le(D, 1 / lam)), (0, True)),
        domain={lam: POSITIVE, D: POSITIVE},
    ),
    Identity(
        id="shannon.laplace.lower-bound.dr",
        statement="The same, solved for the absolute error.",
        source="[cover2006], solved for the distortion",
        general=Special("laplace.drc", {}),
        printed=2 ** (_h_Laplace - R) / (2 * sp.E),
        domain={lam: POSITIVE, R: NONNEGATIVE},
    ),
    Identity(
        id="shannon.gaussian.left",
        statement="The least rate that leaves at most $C$ of a Gaussian source itself, as differential entropy.",
        source="[cover2006]",
        general=Special("gaussian.asymptotic.rdc", SELF_LABELLED),
        printed=Max(0, _h_X - C),
        domain=DOMAIN,
        charts=({C: _h_X - rate(v)}, {C: _h_X + y}),
    ),
    Identity(
        id="shannon.binary.left",
        statement="The least rate of a bit that leaves at most $C$ of the bit itself, one shot with common randomness.",
        source="[cover2006]",
        general=Special("bernoulli.one-shot.YU.rdc", {"D": 1, "q_S1": 0, "q_Y": q_X}),
        printed=Piecewise((sp.oo, Lt(C, 0)), (Max(0, H_b(q_X) - C), True)),
        domain=BITS,
    ),
    Identity(
        id="shannon.mary.left",
        statement="What rate $R$ leaves of a uniform source itself, one shot with common randomness.",
        source="[cover2006]",
        general=Special("mary.one-shot.YU.cdr", {"q_S1": 0, "D": 1}),
        printed=Max(0, sp.log(M, 2) - R),
        domain=LETTERS,
    ),
)
