"""The scalar Gaussian problem with perception, reduced to a projection in the half-plane of mean and standard deviation.

Source: [nguyen2026], section 5; for W2 and a reference equal to the source also [zhang2021].  The law of `Y` is free within
a ball around `p_ref = N(mu_ref, sigma_ref^2)`.  For a correlation `c` of `X` and `Y`,

    E (X - Y)^2 = sigma_X^2 (1 - c^2) + (mu_Y - mu_X)^2 + (sigma_Y - c sigma_X)^2,

so the best mean and standard deviation are the Euclidean projection of `(mu_X, c sigma_X)` onto the ball.  The two balls:

    W2:    (mu_Y - mu_ref)^2 + (sigma_Y - sigma_ref)^2 <= P, a disc of radius sqrt(P)
    KL:    log(sigma_ref/sigma_Y) + (sigma_Y^2 + (mu_Y - mu_ref)^2)/(2 sigma_ref^2) - 1/2 <= P, a convex set

Everything here is shared by the theorems `drpc` and `rdpc`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import sympy as sp
from sympy import And, Eq, Gt, Le, Lt
from sympy.logic.boolalg import Boolean

from drc.problems.gaussian import mu_ref, mu_X, mu_Y, sigma_ref, sigma_X, sigma_Y
from drc.proof import NONNEGATIVE, POSITIVE, REALS, Proof
from drc.theory.gaussian.scalar.correlation import DOMAIN as CORRELATION_DOMAIN
from drc.theory.gaussian.scalar.correlation import distortion
from drc.units import Unit

P, c, e, s_min, s_max = sp.symbols("P c e sigma_min sigma_max", real=True)

#: The standard deviation of the projection at a correlation, and by how much its mean misses the source's.
sigma_c, e_c = sp.symbols("sigma_c e_c", real=True)

DOMAIN = CORRELATION_DOMAIN | {
    mu_ref: REALS,
    sigma_ref: POSITIVE,
    P: NONNEGATIVE,
    e: NONNEGATIVE,
}

#: LaTeX of the names made here.
LATEX = {
    mu_ref: r"\mu_{\mathrm{ref}}",
    sigma_ref: r"\sigma_{\mathrm{ref}}",
    s_min: r"\sigma_{\min}",
    s_max: r"\sigma_{\max}",
}


def least(c: sp.Expr) -> sp.Expr:
    """The part of the distortion that no law of `Y` avoids at a correlation."""
    return sigma_X**2 * (1 - c**2)


@dataclass(frozen=True)
class Ball(ABC):
    """The laws within `P` of the reference."""

    unit: Unit

    @abstractmethod
    def measure(self, mean: sp.Expr, deviation: sp.Expr) -> sp.Expr:
        """How far a normal law is from the reference."""

    def inside(self, c: sp.Expr) -> Boolean:
        """Whether the point `(mu_X, c sigma_X)` is in the ball."""
        return Le(self.measure(mu_X, c * sigma_X), P)

    def is_convex(self, proof: Proof) -> None:
        """Show that the measure is convex in mean and standard deviation."""
        hessian = sp.hessian(self.measure(mu_Y, sigma_Y), (mu_Y, sigma_Y))
        proof.show(
            And(*(Gt(minor, 0, evaluate=False) for minor in (hessian[0, 0], hessian.det()))),
            "the ball is convex, because its measure has a positive Hessian in mean and standard deviation",
        )


def distortion_is_a_distance(proof: Proof) -> None:
    """The square completed, and what it says."""
    proof.show(
        Eq(distortion(), least(c) + (mu_Y - mu_X) ** 2 + (sigma_Y - c * sigma_X) ** 2),
        r"complete the square: for a correlation $c$, the best $(\mu_Y, \sigma_Y)$ is the point of the ball nearest"
        r" to $(\mu_X, c \sigma_X)$, and unique because the ball is convex",
    )
    proof.show(
        Lt(sp.diff(distortion(), c), 0, evaluate=False),
        "for every law of $Y$, hence for the best one, $D$ falls as $c$ grows: the largest correlation is optimal,"
        " and $C$ only decides whether there is one",
    )
