"""Rate, distortion and classification for a free reconstruction ([wang2025]): no bound on perception.

For a Gaussian source and label with correlation `rho`, in nats, with `n = (1 - e^(-2 h(S) + 2 C))/rho^2`:

    R(D, C) = 0                        C > h(S), D > s^2
              1/2 log(s^2/D)           D <= s^2 (1 - n)
              -1/2 log(1 - n)          D > s^2 (1 - n)

and no code where `C < 1/2 log(1 - rho^2) + h(S)`.  For a bit `q = q_X <= 1/2` whose label is flipped with probability
`e = q_S1 < 1/2`, in bits, with `D_C = (H_b^-1(C) - e)/(1 - 2 e)`:

    R(D, C) = 0                        C >= H(S), D >= q
              H_b(q) - H_b(D)          D <= D_C
              H_b(q) - H_b(D_C)        D > D_C

and no code where `C < H_b(e)`.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Ge, Gt, Le, Lt, Max, Min, Ne, Piecewise, exp, log, pi

from drc.information import H_b
from drc.information.inverses import H_b_inv
from drc.problems.bernoulli import q_S1, q_X
from drc.problems.gaussian import sigma_S, sigma_X, theta
from drc.theory.gaussian.scalar.projection import DOMAIN
from drc.theory.identities.charts import labelled, unlabelled, v, w, z
from drc.theory.identities.identity import Identity, Special
from drc.theory.identities.shannon import BITS, UP_TO_HALF
from drc.units import NATS

D, C = sp.symbols("D C", real=True)

_h_S = log(2 * pi * sp.E * sigma_S**2) / 2
_rho = theta / (sigma_S * sigma_X)
_C_min = log(1 - _rho**2) / 2 + _h_S
_n = (1 - exp(-2 * _h_S + 2 * C)) / _rho**2

GAUSSIAN = Piecewise(
    (sp.oo, Lt(C, _C_min)),
    (0, And(Gt(C, _h_S), Gt(D, sigma_X**2))),
    (log(sigma_X**2 / D) / 2, Le(D, sigma_X**2 * (1 - _n))),
    (-log(1 - _n) / 2, True),
)


def _left(k: sp.Expr) -> dict[sp.Symbol, sp.Expr]:
    return {D: sigma_X**2 * (1 - k**2)}


_more, _less, _any = (v + w) / (1 + v + w), v / (1 + v), (_left(v / (1 + v)), _left(sp.S.Zero), {D: sigma_X**2 + v})

#: The correlation that `C` needs: less than `D` needs, the same, and more; then zero, and beyond 1.
CHARTS = (
    *labelled(_less, _left(_more), NATS),
    *labelled(_less, _left(_less), NATS),
    *labelled(_more, _left(_less), NATS),
    *(chart for d in _any[1:] for chart in labelled(w / (1 + w), d, NATS)),
    *(chart for d in _any[:2] for chart in unlabelled(d, NATS)),
    *(chart for beyond in (sp.S.Zero, w) for chart in unlabelled(_any[2], NATS, beyond)),
    *(chart for d in _any for chart in labelled(1 + w / (z + z * w), d, NATS)),
)

_D_C = (H_b_inv(C) - q_S1) / (1 - 2 * q_S1)

BERNOULLI = Piecewise(
    (sp.oo, Lt(C, H_b(q_S1))),
    (0, And(Ge(C, H_b(q_X * (1 - q_S1) + (1 - q_X) * q_S1)), Ge(D, q_X))),
    (H_b(q_X) - H_b(D), Le(D, _D_C)),
    (H_b(q_X) - H_b(_D_C), True),
)

_crossover = Max(0, Min(D, _D_C, q_X))

#: Of all laws of `Y`, the one for which `X` is `Y` through a symmetric channel of this crossover.
BEST_LAW = Piecewise((0, Ge(_crossover, q_X)), ((q_X - _crossover) / (1 - 2 * _crossover), True))

IDENTITIES = (
    Identity(
        id="wang.gaussian.rdc",
        statement="Without a bound on perception the least rate of a Gaussian source for squared error $D$ and"
        " classification bound $C$ is the larger of the two rates that $D$ and $C$ need alone.",
        source="[wang2025]",
        general=Special("gaussian.asymptotic.rdpc.W2", {"P": sp.oo}, unit="nats"),
        printed=GAUSSIAN,
        domain=DOMAIN,
        where=And(Gt(D, 0), Ne(theta, 0), Lt(theta**2, sigma_S**2 * sigma_X**2), Ne(C, _C_min)),
        charts=CHARTS,
    ),
    Identity(
        id="wang.binary.rdc",
        statement="For a free law of $Y$ the least rate of a bit for Hamming distortion $D$ and classification bound $C$ is"
        " the larger of the two rates that $D$ and $C$ need alone.",
        source="[wang2025]",
        general=Special("bernoulli.asymptotic.Y.rdc", {}),
        best={"q_Y": BEST_LAW},
        printed=BERNOULLI,
        domain=BITS | {q_X: UP_TO_HALF, q_S1: UP_TO_HALF},
        where=And(Gt(q_X, 0), Le(q_X, sp.S.Half), Lt(q_S1, sp.S.Half)),
    ),
)
