"""The Gaussian rate-distortion-perception function of [zhang2021], in squared Wasserstein distance from the source.

Without a label, with `s` the standard deviation of the source:

    R(D, P) = 1/2 log2 (s^2 (s - sqrt P)^2 / (s^2 (s - sqrt P)^2 - ((s^2 + (s - sqrt P)^2 - D)/2)^2))
                                                        sqrt P <= s - sqrt |s^2 - D|
              max(1/2 log2 (s^2/D), 0)                  otherwise

With perfect perception, `P = 0`, it is `D = 2 s^2 (1 - sqrt(1 - 2^(-2R)))`, for every measure of perception.
"""

from __future__ import annotations

import sympy as sp
from sympy import Abs, And, Gt, Le, Max, Ne, Or, Piecewise, sqrt

from drc.problems.gaussian import mu_X, sigma_X
from drc.theory.gaussian.scalar.projection import DOMAIN
from drc.theory.identities.charts import RATES, rate
from drc.theory.identities.identity import Identity, Special

D, R, P = sp.symbols("D R P", real=True)
v, w, z = sp.symbols("v w z", positive=True)
x, y = sp.symbols("x y", nonnegative=True)

OWN = {"mu_ref": mu_X, "sigma_ref": sigma_X, "C": sp.oo}

_kept = (sigma_X - sqrt(P)) ** 2
_half = (sigma_X**2 + _kept - D) / 2

R_of_D_and_P = Piecewise(
    (
        sp.log(sigma_X**2 * _kept / (sigma_X**2 * _kept - _half**2), 2) / 2,
        Le(sqrt(P), sigma_X - sqrt(Abs(sigma_X**2 - D))),
    ),
    (Max(sp.log(sigma_X**2 / D, 2) / 2, 0), True),
)

_least = sigma_X * (1 - sqrt(1 - 2 ** (-2 * R)))
D_of_R_and_P = Piecewise(
    (
        sigma_X**2 + (sigma_X - sqrt(P)) ** 2 - 2 * sigma_X * (sigma_X - sqrt(P)) * sqrt(1 - 2 ** (-2 * R)),
        Le(sqrt(P), _least),
    ),
    (sigma_X**2 * 2 ** (-2 * R), True),
)


def _chart(distortion: sp.Expr, perception: sp.Expr, deviation: sp.Expr = sigma_X) -> dict[sp.Symbol, sp.Expr]:
    own = {sigma_X: deviation}
    return {D: distortion.subs(own), P: perception.subs(own), sigma_X: deviation}


#: Perception that binds, that just binds, and that does not: each for `D` below, at and above the variance, where the
#: root of the difference is `w`. (Where perception just binds at the variance the printed fraction is 0/0.)
ALL_CASES = (
    _chart(sigma_X**2 - w**2, y**2, w + y + z),
    _chart(sigma_X**2, y**2, y + z),
    _chart(sigma_X**2 + w**2, y**2, w + y + z),
    _chart(sigma_X**2 - w**2, z**2, w + z),
    _chart(sigma_X**2 + w**2, y**2, w + y),
    _chart(sigma_X**2 - w**2, (v + z) ** 2, v + w),
    _chart(sigma_X**2, (sigma_X + z) ** 2),
    _chart(sigma_X**2 + z, (sigma_X + y) ** 2),
    _chart(sigma_X**2 + (v + z) ** 2, y**2, v + y),
)

#: Perception that binds, that just binds, and that does not.
PERCEPTION = (
    {R: rate(x), P: y**2, sigma_X: (1 + x) * (y + z)},
    {R: rate(x), P: (sigma_X / (1 + x)) ** 2},
    {R: rate(x), P: (sigma_X / (1 + x) + z) ** 2},
)

IDENTITIES = (
    Identity(
        id="zhang.gaussian.rdp",
        statement="Without a label, and with the source as reference, the least rate for squared error $D$ and squared"
        " Wasserstein distance $P$ is the rate-distortion-perception function of a Gaussian source.",
        source="[zhang2021]",
        general=Special("gaussian.asymptotic.rdpc.W2", OWN),
        printed=R_of_D_and_P,
        domain=DOMAIN,
        where=And(Gt(D, 0), Or(Ne(P, sigma_X**2), Ne(D, sigma_X**2))),
        charts=ALL_CASES,
    ),
    Identity(
        id="zhang.gaussian.drp",
        statement="The same, solved for the distortion: the distortion-rate-perception function.",
        source="[zhang2021], solved for the distortion",
        general=Special("gaussian.asymptotic.drpc.W2", OWN),
        printed=D_of_R_and_P,
        domain=DOMAIN,
        charts=PERCEPTION,
    ),
    *(
        Identity(
            id=f"zhang.gaussian.perfect-perception.{measure}",
            statement="Without a label, and with perfect perception, $Y$ has the law of the source, and its squared error is"
            " at most twice Shannon's.",
            source="[zhang2021]",
            general=Special(f"gaussian.asymptotic.drpc.{measure}", {**OWN, "P": 0}),
            printed=2 * sigma_X**2 * (1 - sqrt(1 - 2 ** (-2 * R))),
            domain=DOMAIN,
            charts=RATES if measure == "W2" else (),
        )
        for measure in ("W2", "KL")
    ),
)
