"""Published trade-offs with a label, where they are right ([nguyen2026], [nguyen2025universal]).

The branch without `C` holds as long as the rate is enough for `C`, that is for `C > C_R`.  The branch for a smaller `C` is
the distortion at a larger rate, the one that `C` needs; at the given rate there is no code.  `drc.published` has the forms
of [nguyen2026] word for word.  That of [nguyen2025universal], for a free output, with
`C_R = h(S) + 1/2 log2(1 - theta^2 (1 - 2^(-2R))/(s_S^2 s^2))`, is

    D(R, C) = s^2 2^(-2R)                                      C > C_R
              s^2 - s_S^2 s^4/theta^2 (1 - 2^(2 C - 2 h(S)))   C <= C_R
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Ge, Gt, Le, Lt, Ne, Or, Piecewise

from drc.information import H_b
from drc.problems.bernoulli import q_S1, q_X, q_Y
from drc.problems.gaussian import mu_X, mu_Y, sigma_S, sigma_X, sigma_Y, theta
from drc.theory.gaussian.scalar.projection import DOMAIN
from drc.theory.identities.charts import labelled, rate, unlabelled, v, w, x, y
from drc.theory.identities.identity import Identity, Special
from drc.theory.identities.shannon import BITS, UP_TO_HALF

C, P, R = sp.symbols("C P R", real=True)

_squared = theta**2 / (sigma_S**2 * sigma_X**2)
_h_S, _h_X = (sp.log(2 * sp.pi * sp.E * s**2, 2) / 2 for s in (sigma_S, sigma_X))
_C_R = _h_S + sp.log(1 - _squared * (1 - 2 ** (-2 * R)), 2) / 2
_C_min = _h_S + sp.log(1 - _squared, 2) / 2

#: The label tells something of the source, and not all.
LABELLED = And(Ne(theta, 0), Lt(theta**2, sigma_S**2 * sigma_X**2))
#: The rate is enough for `C`; and it is not beyond the entropy of the source where `C` is beyond that of the label.
ENOUGH = And(Gt(C, _C_R), Or(Le(C, _h_S), Le(R, _h_X)))

#: More rate than `C` needs, and more `C` than no rate needs.
BOUND_MET = (
    *labelled(v / (1 + v), {R: rate(v + w)}),
    *unlabelled({R: rate(v)}),
    *unlabelled({R: sp.S.Zero}, beyond=w),
)

#: The same, with a rate up to the entropy of the source where `C` is beyond that of the label.
BELOW_ENTROPY = (
    *labelled(v / (1 + v), {R: rate(v + w)}),
    *unlabelled({R: rate(v)}, beyond=sp.S.Zero),
    *unlabelled({R: rate(x), sigma_X: (1 + x) * sp.sqrt((1 + y) / ((1 + 2 * x) * 2 * sp.pi * sp.E))}, beyond=w),
)

_AT = {mu_X: "0", sigma_X: "1", sigma_S: "1", theta: "0.8", R: "1", C: "1.5"}

_H_S, _H_X = H_b((1 - q_X) * (1 - q_S1) + q_X * q_S1), H_b(q_X)
#: The largest part of the entropy of the source that lowers the distortion.
_t_star = Piecewise((q_Y / q_X, Lt(q_Y, q_X)), ((1 - q_Y) / (1 - q_X), True))

UNIVERSAL = Piecewise(
    (sigma_X**2 * 2 ** (-2 * R), Gt(C, _C_R)),
    (sigma_X**2 - sigma_S**2 * sigma_X**4 / theta**2 * (1 - 2 ** (2 * C - 2 * _h_S)), True),
)

IDENTITIES = (
    Identity(
        id="nguyen.bernoulli.drc",
        statement="The published form is right where the rate is enough for $C$, up to the rate that reaches the cost of"
        " optimal transport, and where neither bound binds.",
        source="[nguyen2026], Theorem 2",
        general=Special("bernoulli.one-shot.YU.drc", {}),
        printed=Special("bernoulli.one-shot.YU.drc", {}, form="published"),
        domain=BITS | dict.fromkeys((q_X, q_Y, q_S1), UP_TO_HALF),
        where=And(Gt(q_X, 0), Le(q_X, sp.S.Half), Le(q_Y, sp.S.Half), Le(q_S1, sp.S.Half), Ge(C, H_b(q_S1))),
        agrees=Or(
            And(Gt(C, _H_S), Gt(R, _H_X)),
            And(Gt(R * (_H_S - H_b(q_S1)), (_H_S - C) * _H_X), Le(R, _t_star * _H_X)),
        ),
        witness={q_X: "0.3", q_Y: "0.4", q_S1: "0.1", R: "0.8", C: "0.95"},
    ),
    Identity(
        id="nguyen.gaussian.drc",
        statement="The published form is right where the rate is enough for $C$, except where it is zero.",
        source="[nguyen2026], Theorem 4",
        general=Special("gaussian.asymptotic.drc", {}),
        printed=Special("gaussian.asymptotic.drc", {}, form="published"),
        domain=DOMAIN,
        where=And(LABELLED, Ge(C, _C_min)),
        agrees=ENOUGH,
        charts=BELOW_ENTROPY,
        witness=_AT | {mu_Y: "0", sigma_Y: "1"},
    ),
    Identity(
        id="nguyen.gaussian.universal",
        statement="For a free output the published form is right where the rate is enough for $C$.",
        source="[nguyen2025universal]",
        general=Special("gaussian.asymptotic.drpc.W2", {"P": sp.oo}),
        printed=UNIVERSAL,
        domain=DOMAIN,
        where=And(LABELLED, Ge(C, _C_min)),
        agrees=Gt(C, _C_R),
        charts=BOUND_MET,
        witness=_AT,
    ),
)
