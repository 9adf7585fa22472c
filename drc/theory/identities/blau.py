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
from sympy import And, Eq, Equivalent, Ge, Gt, Le, Lt, Piecewise, log

from drc.information import H_b, I_b
from drc.problems.bernoulli import q_X
from drc.problems.gaussian import mu_X, sigma_X
from drc.proof import Step
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

m, r_min, r_max, r_0, r_P, D_1, D_2, gamma_D = sp.symbols("m r_min r_max r_0 r_P D_1 D_2 gamma_D", real=True)
_covariance = (2 * q_X - P - 2 * q_X * (q_X - P) - D) / 2
_masses = ((D - P) / 2, q_X), ((D + P) / 2, 1 - q_X)
_threshold = P / (1 - 2 * (q_X - P))
_shannon = Le(D, _threshold)
_beyond = And(Gt(D, _threshold), Le(D, _at_rate_zero))
_told, _limited = I_b(_covariance, q_X, q_X - P), R_of_D_and_P.args[1][0]
general, printed = sp.symbols("general printed", real=True)


def _positive(entropies: sp.Expr) -> sp.Expr:
    """Entropies of laws that have no mass of zero."""
    return entropies.replace(Piecewise, lambda *branches: branches[-1][0])


PROOF = (
    Step(And(Eq(m, q_X), Eq(r_min, q_X - P), Eq(D_1, 0), Eq(D_2, _at_rate_zero)), "up to one half"),
    Step(
        Equivalent(_shannon, And(Le(r_min, r_0), Le(r_0, r_max))),
        "the law of Shannon's plan is in the ball",
        Lt(D, _at_rate_zero),
    ),
    Step(Eq(general, printed), "it is Shannon's rate", And(_shannon, Lt(D, _at_rate_zero))),
    Step(And(Lt(P, D), Lt(D + P, 2 * q_X), Lt(P, q_X)), "no mass is zero", _beyond),
    *(Step(Eq(H_t(*masses), _positive(H_t(*masses))), "no mass is zero", _beyond) for masses in _masses),
    Step(And(Lt(P, D), Lt(D + P, 2 * q_X), Lt(P, q_X)), "no mass is zero", _beyond),
    Step(Eq(_positive(_limited), _told), "the logarithm of each mass", _beyond),
    Step(Eq(_limited, _positive(_limited)), "no mass is zero", _beyond),
    Step(Eq(printed, _limited), "the second branch", _beyond),
    Step(Eq(printed, _told), "the information of the end of the ball", _beyond),
    Step(Eq(_told, 0), "nothing is told", Eq(D, _at_rate_zero)),
    Step(Eq(printed, 0), "nothing is told", And(_beyond, Eq(D, _at_rate_zero))),
    Step(
        And(Eq(gamma_D, _covariance), Eq(r_P, q_X - P), Eq(m, q_X)),
        "the end of the ball",
        And(_beyond, Lt(D, _at_rate_zero)),
    ),
    Step(Eq(I_b(gamma_D, m, r_P), _told), "the same bits", And(_beyond, Lt(D, _at_rate_zero))),
    Step(Eq(general, _told), "the information of the end of the ball", And(_beyond, Lt(D, _at_rate_zero))),
    Step(Eq(general, printed), "the same information", And(_beyond, Lt(D, _at_rate_zero))),
    Step(Eq(general, 0), "nothing is told", Ge(D, _at_rate_zero)),
    Step(Eq(D, q_X), "the ball holds constant bits", And(_shannon, Ge(D, _at_rate_zero))),
    Step(Eq(printed, H_b(q_X) - H_b(D)), "the first branch", And(_shannon, Ge(D, _at_rate_zero))),
    Step(Eq(printed, 0), "nothing is told", And(_shannon, Ge(D, _at_rate_zero))),
    Step(Eq(printed, 0), "the third branch", And(Gt(D, _at_rate_zero), Gt(D, _threshold))),
    Step(Eq(general, printed), "nothing is told", And(Ge(D, _at_rate_zero), Gt(D, _threshold))),
    Step(Eq(general, printed), "nothing is told", And(Ge(D, _at_rate_zero), _shannon)),
    Step(Eq(general, printed), "it is Shannon's rate", And(Lt(D, _at_rate_zero), _shannon)),
    Step(Eq(general, printed), "the same information", And(Lt(D, _at_rate_zero), Gt(D, _threshold))),
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
        proof=PROOF,
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
