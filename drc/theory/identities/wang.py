"""Rate, distortion and classification for a free reconstruction ([wang2025]): no bound on perception.

For a Gaussian source and label with correlation `rho`, in nats, with `n = (1 - e^(-2 h(S) + 2 C))/rho^2`:

    R(D, C) = 0                        C > h(S), D > s^2
              1/2 log(s^2/D)           D <= s^2 (1 - n)
              -1/2 log(1 - n)          D > s^2 (1 - n)

and no code where `C < 1/2 log(1 - rho^2) + h(S)`.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Gt, Le, Lt, Ne, Piecewise, exp, log, pi

from drc.problems.gaussian import sigma_S, sigma_X, theta
from drc.theory.gaussian_correlation import C, D
from drc.theory.gaussian_projection import DOMAIN
from drc.theory.identities.identity import Identity, Special

_h_S = log(2 * pi * sp.E * sigma_S**2) / 2
_rho = theta / (sigma_S * sigma_X)
_n = (1 - exp(-2 * _h_S + 2 * C)) / _rho**2

GAUSSIAN = Piecewise(
    (sp.oo, Lt(C, log(1 - _rho**2) / 2 + _h_S)),
    (0, And(Gt(C, _h_S), Gt(D, sigma_X**2))),
    (log(sigma_X**2 / D) / 2, Le(D, sigma_X**2 * (1 - _n))),
    (-log(1 - _n) / 2, True),
)

IDENTITIES = (
    Identity(
        id="wang.gaussian.rdc",
        statement="Without a bound on perception the least rate of a Gaussian source for squared error $D$ and"
        " classification bound $C$ is the larger of the two rates that $D$ and $C$ need alone.",
        source="[wang2025]",
        general=Special("gaussian.asymptotic.rdpc.W2", {"P": sp.oo}, unit="nats"),
        printed=GAUSSIAN,
        domain=DOMAIN,
        where=And(Gt(D, 0), Ne(theta, 0), Le(theta**2, sigma_S**2 * sigma_X**2)),
    ),
)
