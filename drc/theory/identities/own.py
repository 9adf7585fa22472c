"""From one theorem of the catalogue to another: bounds that are met exactly or do not bind, and smaller problems.

With `P = 0` the reference is the target law, so that the theorems with perception become those without ([nguyen2026],
section 5); without a bound on perception every measure of it says the same; without a label it does not matter what the
classifier sees.  A vector Gaussian source with one component is a scalar one, and two letters are a bit.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Le, Lt, Max, Min
from sympy.logic.boolalg import Boolean

from drc.information import H_b
from drc.problems.bernoulli import q_ref, q_S1, q_X
from drc.problems.gaussian import mu_ref, mu_X, mu_Y, sigma_ref, sigma_S, sigma_X, sigma_Y, theta
from drc.problems.vector_gaussian import VectorGaussian
from drc.proof import Step
from drc.theory.gaussian.scalar.drpc import BALLS
from drc.theory.gaussian.scalar.projection import DOMAIN, P
from drc.theory.identities.identity import Identity, Special
from drc.theory.identities.shannon import BITS, FREE, LETTERS, NO_LABEL
from drc.units import BITS as BITS_UNIT

C, D, R = sp.symbols("C D R", real=True)

TARGET = {"mu_Y": mu_ref, "sigma_Y": sigma_ref}


def one_component(R_c: sp.Expr = sp.oo) -> VectorGaussian:
    """The vector problem with the letters of the scalar one."""
    return VectorGaussian([sigma_X], [sigma_Y], [sigma_S], [theta], [mu_X], [mu_Y], R_c=R_c)


_guess = Min(q_X, 1 - q_X)

#: What every covariance of label and source obeys.
CAUCHY_SCHWARZ = Le(theta**2, sigma_S**2 * sigma_X**2)

rho_C, rho_D, rho_R, rho_0 = sp.symbols("rho_C rho_D rho_R rho_0", real=True)
general, printed = sp.symbols("general printed", real=True)


def _one_law(measure: str, rho: sp.Expr) -> tuple[Boolean, Step]:
    """That the ball, which is the reference alone, has the best law at a correlation; and what this says."""
    inside = BALLS[measure](BITS_UNIT).inside(rho).subs(P, 0)
    same = And(Eq(mu_X, mu_ref), Eq(rho * sigma_X, sigma_ref))
    return inside, Step(Equivalent(inside, same), "no other law is in the ball")


def _rate_distortion(measure: str) -> tuple[Step, ...]:
    """The proof of `R(D, P = 0, C)`: Shannon's law is the reference, or its rate does not matter."""
    fixed, shannon = sp.Symbol("rho_D'", real=True), BITS_UNIT.log(sigma_X**2 / D) / 2
    inside, one_law = _one_law(measure, rho_0)
    reached = Ge(D, (mu_X - mu_ref) ** 2 + (sigma_X - sigma_ref) ** 2)
    by_distortion = And(reached, Ge(rho_D, rho_C), Gt(rho_D, 0), Le(rho_D, 1))
    free, there, same = And(by_distortion, inside), And(inside, reached), Eq(general, printed)

    def rate(left: sp.Expr) -> sp.Expr:
        return -BITS_UNIT.log(left) / 2

    return (
        Step(And(Ge(rho_0, 0), Le(rho_0, 1)), "a correlation"),
        Step(Eq(sigma_X**2 * (1 - rho_0**2), D), "the one without perception", Le(D, sigma_X**2)),
        Step(Eq(rho_0, 0), "the one without perception", Ge(D, sigma_X**2)),
        _one_law(measure, sp.S.One)[1],
        one_law,
        Step(And(Gt(rho_D, 1), Gt(fixed, 1)), "no correlation is enough", sp.Not(reached)),
        Step(And(Eq(rho_D, fixed), Ge(fixed, 0), Le(fixed, 1)), "the same correlation is enough", reached),
        Step(Le(D, sigma_X**2), "the reference is not constant", inside),
        Step(Eq(fixed, rho_0), "it needs as much as without perception", there),
        Step(Eq(1 - fixed**2, D / sigma_X**2), "the share of the variance that is left open", there),
        Step(Eq(rate(1 - fixed**2), rate(D / sigma_X**2)), "its rate", there),
        Step(Eq(rate(D / sigma_X**2), shannon), "which is Shannon's"),
        Step(Eq(printed, rate(1 - fixed**2)), "the published value", free),
        Step(Eq(general, shannon), "the derived one", free),
        Step(same, "the same rate", free),
        Step(same, "the rate of this correlation", And(by_distortion, sp.Not(inside))),
        Step(same, "the rate that the label needs", And(reached, Gt(rho_C, rho_D), Le(rho_C, 1))),
        Step(same, "no rate", And(reached, Le(rho_C, 0), Le(rho_D, 0))),
        Step(same, "no code", And(reached, Gt(rho_C, 1))),
        Step(same, "no code", sp.Not(reached)),
    )


#: Where `P = 0`, and the trade-offs are not the same by the way that they are written.
PERFECT = {
    ("drpc", "KL"): (
        Step(And(Ge(rho_R, 0), Lt(rho_R, 1), Eq(rho_R**2, 1 - 2 ** (-2 * R))), "a correlation"),
        _one_law("KL", rho_R)[1],
    ),
    ("rdpc", "W2"): _rate_distortion("W2"),
}

IDENTITIES = (
    *(
        Identity(
            id=f"perfect-perception.{name}.{measure}",
            statement="With perfect perception $Y$ has the reference law: the trade-off is the one without perception, for"
            " the reference as the target law.",
            source="[nguyen2026], section 5",
            general=Special(f"gaussian.asymptotic.{name}.{measure}", {"P": 0}),
            printed=Special(f"gaussian.asymptotic.{without}", TARGET),
            domain=DOMAIN,
            # Shannon's rate for no distortion has no value.
            where=And(CAUCHY_SCHWARZ, Gt(D, 0)) if (name, measure) == ("rdpc", "W2") else CAUCHY_SCHWARZ,
            proof=PERFECT.get((name, measure), ()),
        )
        for name, without in (("drpc", "drc"), ("rdpc", "rdc"))
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
    Identity(
        id="no-perception.gaussian.drpc",
        statement="Without a bound on perception its measure does not matter.",
        source="[nguyen2026], section 5",
        general=Special("gaussian.asymptotic.drpc.KL", {"P": sp.oo}),
        printed=Special("gaussian.asymptotic.drpc.W2", {"P": sp.oo}),
        domain=DOMAIN,
        where=CAUCHY_SCHWARZ,
    ),
    *(
        Identity(
            id=f"no-perception.binary.{name}",
            statement="Without a bound on perception its measure does not matter for a bit.",
            source="[blau2019]",
            general=Special(f"bernoulli.asymptotic.Y.{name}.KL", {"P": sp.oo}),
            printed=Special(f"bernoulli.asymptotic.Y.{name}.TV", {"P": sp.oo}),
            domain=BITS,
        )
        for name in ("drpc", "rdpc")
    ),
    *(
        Identity(
            id=f"no-perception.one-shot.{name}.{measure}",
            statement="Without bounds on perception and classification the best code in one shot sends the bit part of the"
            " time, and guesses otherwise.",
            source="[liu2022] for the problem",
            general=Special(f"bernoulli.one-shot.YU.{name}.{measure}", FREE),
            printed=printed,
            domain=BITS,
            where=And(Gt(q_X, 0), Lt(q_X, 1)),
        )
        for name, printed in (("drpc", _guess * Max(0, 1 - R / H_b(q_X))), ("rdpc", H_b(q_X) * Max(0, 1 - D / _guess)))
        for measure in ("TV", "KL")
    ),
    *(
        Identity(
            id=f"no-label.{name}",
            statement="Without a bound on classification it does not matter what the classifier sees.",
            source="[nguyen2026]",
            general=Special(f"bernoulli.one-shot.Y.{name}", NO_LABEL),
            printed=Special(f"bernoulli.one-shot.YU.{name}", NO_LABEL),
            domain=BITS,
        )
        for name in ("drc", "rdc")
    ),
    *(
        Identity(
            id=f"no-label.time-shared.{name}",
            statement="Without a bound on classification, in one shot, time sharing gains nothing.",
            source="[nguyen2026]",
            general=Special(f"bernoulli.one-shot.Y.time-shared.{name}", NO_LABEL),
            printed=Special(f"bernoulli.one-shot.Y.{name}", NO_LABEL),
            domain=BITS,
        )
        for name in ("drc", "rdc")
    ),
    *(
        Identity(
            id=f"no-label.entropy.{name}",
            statement="From the entropy of the label on a bound on classification does not bind.",
            source="[nguyen2026]",
            general=Special(f"bernoulli.one-shot.YU.{name}", {}),
            printed=Special(f"bernoulli.one-shot.YU.{name}", NO_LABEL),
            domain=BITS,
            where=Ge(C, H_b(q_X * (1 - q_S1) + (1 - q_X) * q_S1)),
        )
        for name in ("drc", "rdc")
    ),
    *(
        Identity(
            id=f"two-letters.{name}",
            statement="Two letters are a uniform bit with a uniform output.",
            source="[nguyen2026], Theorem 2",
            general=Special(f"mary.one-shot.YU.{name}", {"M": 2}),
            printed=Special(f"bernoulli.one-shot.YU.{name}", dict.fromkeys(("q_X", "q_Y"), sp.S.Half)),
            domain=BITS,
        )
        for name in ("drc", "rdc")
    ),
    Identity(
        id="two-letters.hamming",
        statement="Two letters are a uniform bit, with Shannon's rate.",
        source="[cover2006], section 10.3.1",
        general=Special("group.hamming.rdc", {"M": 2}),
        printed=Special("bernoulli.asymptotic.Y.rdpc.TV", {"q_X": sp.S.Half, "P": sp.oo}),
        domain=BITS,
    ),
    *(
        Identity(
            id=f"uniform.{theorem}.{name}",
            statement="Perfect perception costs a uniform source nothing.",
            source="[blau2019] for the problem",
            general=Special(f"{theorem}.{name[:2]}p{name[2]}", {"P": 0}),
            printed=Special(f"{theorem}.{name}", {}),
            domain=LETTERS,
        )
        for theorem, name in (("group.hamming", "rdc"), ("mary.one-shot.YU", "drc"), ("mary.one-shot.YU", "rdc"))
    ),
)
