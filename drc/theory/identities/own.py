"""From one theorem of the catalogue to another: a reference that is met exactly, and a vector of one component.

With `P = 0` the reference is the target law, so that the theorems with perception become those without ([nguyen2026],
section 5); and a vector Gaussian source with one component is a scalar one.
"""

from __future__ import annotations

import sympy as sp
from sympy import Le

from drc.problems.bernoulli import q_ref
from drc.problems.gaussian import mu_ref, mu_X, mu_Y, sigma_ref, sigma_S, sigma_X, sigma_Y, theta
from drc.problems.vector_gaussian import VectorGaussian
from drc.theory.gaussian.scalar.projection import DOMAIN
from drc.theory.identities.identity import Identity, Special
from drc.theory.identities.shannon import BITS

TARGET = {"mu_Y": mu_ref, "sigma_Y": sigma_ref}


def one_component(R_c: sp.Expr = sp.oo) -> VectorGaussian:
    """The vector problem with the letters of the scalar one."""
    return VectorGaussian([sigma_X], [sigma_Y], [sigma_S], [theta], [mu_X], [mu_Y], R_c=R_c)


#: What every covariance of label and source obeys.
CAUCHY_SCHWARZ = Le(theta**2, sigma_S**2 * sigma_X**2)

IDENTITIES = (
    *(
        Identity(
            id=f"perfect-perception.{general}.{measure}",
            statement="With perfect perception $Y$ has the reference law: the trade-off is the one without perception, for"
            " the reference as the target law.",
            source="[nguyen2026], section 5",
            general=Special(f"gaussian.asymptotic.{general}.{measure}", {"P": 0}),
            printed=Special(f"gaussian.asymptotic.{without}", TARGET),
            domain=DOMAIN,
            where=CAUCHY_SCHWARZ,
        )
        for general, without in (("drpc", "drc"), ("rdpc", "rdc"))
        for measure in ("W2", "KL")
    ),
    *(
        Identity(
            id=f"perfect-perception.bernoulli.{general}.{measure}",
            statement="With perfect perception a bit $Y$ has the reference law: the trade-off is the one without perception,"
            " for the reference as the target law.",
            source="[nguyen2026], section 3",
            general=Special(f"bernoulli.one-shot.YU.{general}.{measure}", {"P": 0}),
            printed=Special(f"bernoulli.one-shot.YU.{without}", {"q_Y": q_ref}),
            domain=BITS,
        )
        for general, without in (("drpc", "drc"), ("rdpc", "rdc"))
        for measure in ("TV", "KL")
    ),
    *(
        Identity(
            id=f"one-component.{name}",
            statement="A vector Gaussian source with one component is a scalar one.",
            source="[nguyen2026], section 4",
            general=Special(f"gaussian.vector.{name}", {}, problem=one_component()),
            printed=Special(f"gaussian.asymptotic.{name}", {}),
            domain=DOMAIN,
            where=CAUCHY_SCHWARZ,
        )
        for name in ("drc", "rdc")
    ),
    Identity(
        id="one-component.private",
        statement="The same without common randomness.",
        source="[chen2025gaussian] and [liu2022]",
        general=Special("gaussian.vector.drc", {}, problem=one_component(sp.S.Zero)),
        printed=Special("gaussian.asymptotic.limited.drc", {"R_c": 0}),
        domain=DOMAIN,
    ),
)
