"""The Bernoulli rate-distortion-perception function of [blau2019], in total variation from the source.

For `p = q_X <= 1/2` and `P <= p`, without a label, with `H_t(a, b)` the entropy of the law `(a, b, 1 - a - b)`:

    R(D, P) = H_b(p) - H_b(D)                                                            D <= P/(1 - 2 (p - P))
              2 H_b(p) + H_b(p - P) - H_t((D - P)/2, p) - H_t((D + P)/2, 1 - p)          D <= 2 p (1 - p) - (1 - 2 p) P
              0                                                                          otherwise

In one shot, with common randomness, both curves become straight lines:

    R(D, P) = H_b(p) (p - D)/p                     D <= P
              H_b(p) (D_0 - D)/(2 p (1 - p))       D <= D_0 = 2 p (1 - p) - (1 - 2 p) P
              0                                    otherwise

Perfect perception costs at most a factor of two in squared error, 3 dB: `D(R, P = 0) <= 2 D(R, P = oo)`.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Ge, Gt, Le, Piecewise, log

from drc.information import H_b
from drc.problems.bernoulli import q_X
from drc.problems.gaussian import mu_X, sigma_X
from drc.theory.gaussian.scalar.projection import DOMAIN
from drc.theory.identities.identity import Identity, Special
from drc.theory.identities.shannon import BITS, UP_TO_HALF, D_of_R

D, P = sp.symbols("D P", real=True)

OWN = {"q_ref": q_X}

_half = sp.Rational(1, 2)
_where = And(Gt(q_X, 0), Le(q_X, _half), Ge(P, 0), Le(P, q_X))
_at_rate_zero = 2 * q_X * (1 - q_X) - (1 - 2 * q_X) * P


def H_t(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """The entropy of a law on three letters, in bits; a letter without mass has no term."""
    return sp.Add(*(Piecewise((0, Le(p, 0)), (-p * log(p, 2), True)) for p in (a, b, 1 - a - b)))


R_of_D_and_P = Piecewise(
    (H_b(q_X) - H_b(D), Le(D, P / (1 - 2 * (q_X - P)))),
    (2 * H_b(q_X) + H_b(q_X - P) - H_t((D - P) / 2, q_X) - H_t((D + P) / 2, 1 - q_X), Le(D, _at_rate_zero)),
    (0, True),
)

ONE_SHOT = Piecewise(
    (H_b(q_X) * (q_X - D) / q_X, Le(D, P)),
    (H_b(q_X) * (_at_rate_zero - D) / (2 * q_X * (1 - q_X)), Le(D, _at_rate_zero)),
    (0, True),
)

IDENTITIES = (
    Identity(
        id="blau.binary.rdp",
        statement="Without a label, and with the source as reference, the least rate of a bit for Hamming distortion $D$ and"
        " total variation $P$ is the rate-distortion-perception function of a Bernoulli source.",
        source="[blau2019]",
        general=Special("bernoulli.asymptotic.Y.rdpc.TV", OWN),
        printed=R_of_D_and_P,
        domain=BITS | {q_X: UP_TO_HALF, P: UP_TO_HALF},
        # At p = 1/2 and P = 0 the printed end of the first branch is 0/0.
        where=And(_where, Gt(P + _half - q_X, 0)),
    ),
    Identity(
        id="blau.binary.one-shot",
        statement="Without a label, and with the source as reference, the least rate of a bit for Hamming distortion $D$ and"
        " total variation $P$, in one shot with common randomness.",
        source="[blau2019] for the problem; its one-shot counterpart",
        general=Special("bernoulli.one-shot.YU.rdpc.TV", {**OWN, "C": sp.oo}),
        printed=ONE_SHOT,
        domain=BITS | {q_X: UP_TO_HALF, P: UP_TO_HALF},
        where=_where,
    ),
    *(
        Identity(
            id=f"blau.gaussian.3-dB.{measure}",
            statement="Perfect perception at most doubles the squared error of a Gaussian source, at any rate.",
            source="[blau2019]",
            general=Special(
                f"gaussian.asymptotic.drpc.{measure}", {"mu_ref": mu_X, "sigma_ref": sigma_X, "P": 0, "C": sp.oo}
            ),
            printed=2 * D_of_R,
            relation=Le,
            domain=DOMAIN,
        )
        for measure in ("W2", "KL")
    ),
)
