"""Plain optimal transport: no bound on the rate, and no label ([villani2009]; for Gaussian laws [gelbrich1990]).

The least distortion is a distance of source and target:

    bits       |q_X - q_Y|, the total variation distance
    Gaussian   W_2^2 = (mu_X - mu_Y)^2 + (s_X - s_Y)^2, and the sum of it for independent components
"""

from __future__ import annotations

import sympy as sp
from sympy import Abs

from drc.problems.bernoulli import q_X, q_Y
from drc.problems.gaussian import mu_X, mu_Y, sigma_X, sigma_Y
from drc.problems.vector_gaussian import component
from drc.theory.gaussian.vector.components import Components
from drc.theory.identities.identity import Identity, Special
from drc.theory.identities.liu import BITS, GAUSSIAN
from drc.units import BITS as UNIT

UNBOUNDED = {"R": sp.oo, "C": sp.oo}

#: Nothing is bounded, so nothing has to be written in other coordinates.
AS_IT_IS = ({},)

_components = [[component(name, i) for name in ("mu_X", "mu_Y", "sigma_X", "sigma_Y")] for i in (1, 2)]

IDENTITIES = (
    *(
        Identity(
            id=f"transport.bernoulli.{theorem}",
            statement="Without bounds on rate and classification the least Hamming distortion of a bit is the total"
            " variation distance of source and target.",
            source="[villani2009]",
            general=Special(f"bernoulli.{theorem}.drc", UNBOUNDED),
            printed=Abs(q_X - q_Y),
            domain=BITS,
        )
        for theorem in ("one-shot.YU", "one-shot.Y", "asymptotic.Y")
    ),
    Identity(
        id="transport.gaussian",
        statement="Without bounds on rate and classification the least squared error of a Gaussian source is the squared"
        " Wasserstein distance of source and target.",
        source="[gelbrich1990]",
        general=Special("gaussian.asymptotic.drc", UNBOUNDED),
        printed=(mu_X - mu_Y) ** 2 + (sigma_X - sigma_Y) ** 2,
        domain=GAUSSIAN,
        charts=AS_IT_IS,
    ),
    Identity(
        id="transport.gaussian.limited",
        statement="The same without a bound on the rate, however little common randomness there is.",
        source="[gelbrich1990]",
        general=Special("gaussian.asymptotic.limited.drc", {"R": sp.oo}),
        printed=(mu_X - mu_Y) ** 2 + (sigma_X - sigma_Y) ** 2,
        domain=GAUSSIAN,
        charts=AS_IT_IS,
    ),
    Identity(
        id="transport.gaussian.vector",
        statement="The same for independent components: their squared Wasserstein distances add up.",
        source="[gelbrich1990]",
        general=Special("gaussian.vector.drc", UNBOUNDED),
        printed=sp.Add(*((a - b) ** 2 + (s - t) ** 2 for a, b, s, t in _components)),
        domain=Components(2, UNIT).domain,
        charts=AS_IT_IS,
    ),
)
