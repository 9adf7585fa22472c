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

from dataclasses import dataclass

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Le, Lt, Max, Piecewise

from drc.information import gaussian_entropy, gaussian_kl, gaussian_w2
from drc.information.kl_ball import KL_nearest, KL_steepest, KL_width
from drc.information.lambert import W_0, W_m1
from drc.problems.gaussian import mu_ref, mu_X, mu_Y, sigma_ref, sigma_X, sigma_Y
from drc.proof import Proof
from drc.theory.gaussian.scalar.correlation import DOMAIN as CORRELATION_DOMAIN
from drc.theory.gaussian.scalar.correlation import distortion
from drc.units import Unit

D, B, c = sp.symbols("D B c", real=True)

P, delta, s_min, s_max = sp.symbols("P delta sigma_min sigma_max", real=True)
sigma_c, e_c, sigma_D, sigma_1, A, e = sp.symbols("sigma_c e_c sigma_D sigma_1 A e", real=True)

DOMAIN = CORRELATION_DOMAIN | {
    mu_ref: (-sp.S.One, sp.S.One),
    sigma_ref: (sp.Rational(1, 8), sp.Integer(2)),
    P: (sp.S.Zero, sp.Integer(2)),
    e: (sp.S.Zero, sp.S.One),
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
class W2Ball:
    """The laws with `W_2^2(p_Y, p_ref) <= P`."""

    unit: Unit

    def measure(self, mean: sp.Expr, deviation: sp.Expr) -> sp.Expr:
        """`W_2^2` of a normal law from the reference."""
        return gaussian_w2(mean, deviation, mu_ref, sigma_ref)

    def inside(self, c: sp.Expr) -> sp.Basic:
        """Whether the point `(mu_X, c sigma_X)` is in the ball."""
        return Le(self.measure(mu_X, c * sigma_X), P)

    def squared_distance(self, c: sp.Expr) -> sp.Expr:
        """Squared distance of the point `(mu_X, c sigma_X)`, outside the ball, from it."""
        return (sp.sqrt(self.measure(mu_X, c * sigma_X)) - sp.sqrt(P)) ** 2

    def nearest(self, proof: Proof, c: sp.Expr, name: sp.Symbol, meaning: str) -> None:
        """Name nothing: the distance needs no standard deviation."""

    def squared_distance_anywhere(self, c: sp.Expr, deviation: sp.Expr | None = None) -> sp.Expr:
        """The same for any point; 0 inside."""
        return Max(0, sp.sqrt(self.measure(mu_X, c * sigma_X)) - sp.sqrt(P)) ** 2

    def normal_is_best(self, proof: Proof) -> None:
        """Among the laws with two given moments the normal one is nearest to the reference."""
        from_reference = {mu_X: mu_ref, sigma_X: sigma_ref}
        coupled = distortion().subs(B, (mu_X - mu_Y) ** 2 + sigma_X**2 + sigma_Y**2).subs(from_reference)
        proof.show(
            And(
                Ge(coupled, self.measure(mu_Y, sigma_Y)),
                Eq(coupled.subs(c, 1), self.measure(mu_Y, sigma_Y)),
            ),
            r"a coupling of $p_{\mathrm{ref}}$ with a law of mean $\mu_Y$ and standard deviation $\sigma_Y$ costs this much,"
            r" $c \le 1$ its correlation; two normal laws have a coupling with $c = 1$, so the normal law of these"
            " moments is nearest",
            given=Le(c, 1),
        )
        _convex(proof, self.measure(mu_Y, sigma_Y))

    def project(self, proof: Proof, c: sp.Expr = c, sigma: sp.Symbol = sigma_c, e: sp.Symbol = e_c) -> sp.Expr:
        """The squared distance of a point `(mu_X, c sigma_X)` outside: the nearest point is on the way to the centre."""
        far = sp.sqrt(self.measure(mu_X, c * sigma_X))
        proof.show(
            Ge(sp.sqrt((mu_Y - mu_X) ** 2 + (sigma_Y - c * sigma_X) ** 2), far - sp.sqrt(P)),
            "the triangle inequality, for every point of the ball",
            given=Le(self.measure(mu_Y, sigma_Y), P),
        )
        share = sp.sqrt(P) / far
        mean, deviation = mu_ref + share * (mu_X - mu_ref), sigma_ref + share * (c * sigma_X - sigma_ref)
        proof.show(
            And(
                Eq(self.measure(mean, deviation), P),
                Eq((mean - mu_X) ** 2 + (deviation - c * sigma_X) ** 2, self.squared_distance(c)),
                Ge(deviation, 0),
            ),
            "the point of the segment to the centre attains it; it has a standard deviation that is not negative",
            given=And(Ge(c, 0), Le(c, 1), Gt(far, sp.sqrt(P))),
        )
        return self.squared_distance(c)

    def define_correlation(self, proof: Proof, free: sp.Expr) -> sp.Expr:
        """The least correlation that reaches `D` where perception binds."""
        spread = sigma_X**2 + (mu_X - mu_ref) ** 2 + sigma_ref**2 + P - D
        proof.let(A, spread, r"where $P$ is zero, this is twice $\sigma_X \sigma_{\mathrm{ref}} c$ at distortion $D$")
        far = sp.sqrt(self.measure(mu_X, c * sigma_X))
        proof.show(
            Eq(least(c) + self.squared_distance(c) - D, A - 2 * sigma_X * sigma_ref * c - 2 * sp.sqrt(P) * far),
            "what is to vanish is linear in $c$ but for the distance from the centre",
        )
        both = (A - 2 * sigma_X * sigma_ref * c) ** 2 - 4 * P * self.measure(mu_X, c * sigma_X)
        a, b, k = sp.Poly(sp.expand(both), c).all_coeffs()
        discriminant = (
            16 * sigma_X**2 * P * ((A - 2 * sigma_ref**2) ** 2 + 4 * (mu_X - mu_ref) ** 2 * (sigma_ref**2 - P))
        )
        middle = sp.sqrt(P * self.measure(mu_X, sp.S.Zero))
        ends = (A - 2 * middle) * (A + 2 * middle)
        proof.show(
            And(Eq(b**2 - 4 * a * k, discriminant), Eq(k, ends)),
            "squared, it is quadratic in $c$, with this discriminant and this constant term",
        )
        root = 2 * ends / (sp.factor(-b) + sp.sqrt(discriminant))
        # sympy leaves the square in the root.
        return root.subs(sp.sqrt(discriminant), 4 * sigma_X * sp.sqrt(discriminant / (16 * sigma_X**2)))

    def reached(self, proof: Proof, rho: sp.Symbol, given: sp.Basic) -> None:
        """Show that the correlation found reaches the distortion."""
        proof.show(
            Eq(least(rho) + self.squared_distance(rho), D), "this correlation just reaches the distortion", given=given
        )


@dataclass(frozen=True)
class KLBall:
    """The laws with `KL(p_Y || p_ref) <= P`."""

    unit: Unit

    @property
    def nats(self) -> sp.Expr:
        """`P` in nats."""
        return P * self.unit.nats

    def measure(self, mean: sp.Expr, deviation: sp.Expr) -> sp.Expr:
        """Divergence of a normal law from the reference."""
        return gaussian_kl(mean, deviation, mu_ref, sigma_ref, self.unit)

    def inside(self, c: sp.Expr) -> sp.Basic:
        """Whether the point `(mu_X, c sigma_X)` is in the ball."""
        return Le(self.measure(mu_X, c * sigma_X), P)

    def deviation(self, c: sp.Expr) -> sp.Expr:
        """The standard deviation of the projection of the point `(mu_X, c sigma_X)`, outside the ball."""
        return Piecewise(
            (s_min, And(Eq(mu_X, mu_ref), Le(c, sigma_ref / sigma_X))),
            (s_max, Eq(mu_X, mu_ref)),
            (sigma_ref * KL_nearest(c * sigma_X / sigma_ref, delta, self.nats), True),
        )

    def missed(self, deviation: sp.Expr) -> sp.Expr:
        """By how much a law of mean `mu_X` and this standard deviation, outside the ball, misses it along the mean."""
        return Max(0, sp.Abs(mu_X - mu_ref) - sigma_ref * KL_width(deviation / sigma_ref, self.nats))

    def squared_distance(self, c: sp.Expr, deviation: sp.Expr | None = None) -> sp.Expr:
        """Squared distance of the point `(mu_X, c sigma_X)`, outside the ball, from it."""
        deviation = self.deviation(c) if deviation is None else deviation
        return (deviation - c * sigma_X) ** 2 + self.missed(deviation) ** 2

    def squared_distance_anywhere(self, c: sp.Expr, deviation: sp.Expr | None = None) -> sp.Expr:
        """The same for any point; 0 inside."""
        if c == 0:
            return self.squared_distance(c, deviation)  # a law with standard deviation zero is in no ball
        return Piecewise((0, self.inside(c)), (self.squared_distance(c, deviation), True))

    def nearest(self, proof: Proof, c: sp.Expr, name: sp.Symbol, meaning: str) -> sp.Symbol:
        """Name the standard deviation of the projection at a correlation."""
        return proof.let(name, self.deviation(c), f"deviation of the best law {meaning}")

    def normal_is_best(self, proof: Proof) -> None:
        """Among the laws with two given moments the normal one is nearest to the reference."""
        unit = self.unit
        crossed = unit.log(2 * sp.pi * sigma_ref**2) / 2
        crossed += (sigma_Y**2 + (mu_Y - mu_ref) ** 2) / (2 * sigma_ref**2 * unit.nats)
        proof.show(
            Eq(crossed - gaussian_entropy(sigma_Y**2, unit), self.measure(mu_Y, sigma_Y)),
            "KL is cross entropy less entropy; the first depends on mean and standard deviation alone, and the second is"
            " largest for the normal law: so the normal law of these moments is nearest",
        )
        _convex(proof, self.measure(mu_Y, sigma_Y))

    def define(self, proof: Proof) -> None:
        """Name the ends of the ball at the reference's mean, and the distance of the means."""
        proof.let(s_min, sigma_ref * sp.sqrt(-W_0(-sp.exp(-1 - 2 * self.nats))), "least deviation", latex=LATEX[s_min])
        proof.let(
            s_max, sigma_ref * sp.sqrt(-W_m1(-sp.exp(-1 - 2 * self.nats))), "largest deviation", latex=LATEX[s_max]
        )
        proof.let(delta, (mu_X - mu_ref) / sigma_ref, "distance of the means, in units of the reference")

    def project(self, proof: Proof, c: sp.Expr = c, sigma: sp.Symbol = sigma_c, e: sp.Symbol = e_c) -> sp.Expr:
        """The squared distance of a point `(mu_X, c sigma_X)` outside: an end of an interval, or one scalar root."""
        self.define(proof)
        self._border(proof)
        proof.let(sigma, self.deviation(c), r"deviation of the projection of $(\mu_X, c \sigma_X)$")
        proof.let(e, self.missed(sigma), r"by how much its mean misses $\mu_X$")
        mean = mu_ref + sp.Abs(mu_X - mu_ref) - e
        slope = [sp.diff(self.measure(mu_Y, sigma_Y), x).subs({mu_Y: mean, sigma_Y: sigma}) for x in (mu_Y, sigma_Y)]
        way = c * sigma_X - sigma
        outside = Gt(*self.inside(c).args)
        proof.show(
            And(
                Eq(self.measure(mean, sigma), P),
                Eq(e * slope[1], way * slope[0]),
                Ge(e * slope[0] + way * slope[1], 0),
            ),
            "the projection is on the border, and the way from there to the point is along the gradient of KL,"
            r" outwards (for $\mu_X \ge \mu_{\mathrm{ref}}$; else both means are reflected)",
            given=And(Gt(c, 0), outside, Gt(P, 0)),
        )
        return way**2 + e**2

    def _border(self, proof: Proof) -> None:
        proof.show(
            And(Eq(self.measure(mu_ref, s_min), P), Eq(self.measure(mu_ref, s_max), P), Le(s_min, s_max)),
            r"with $y = \sigma^2 / \sigma_{\mathrm{ref}}^2$ and $P$ in nats the border is $y e^{-y} = e^{-1 - 2 P}$,"
            " whose roots are two branches of Lambert's $W$",
            given=Gt(P, 0),
        )
        width = sigma_ref * KL_width(sigma_Y / sigma_ref, self.nats)
        proof.show(
            Equivalent(Le(self.measure(mu_Y, sigma_Y), P), Le((mu_Y - mu_ref) ** 2, width**2)),
            r"solve $\mathrm{KL} \le P$ for the mean",
            given=And(Le(s_min, sigma_Y), Le(sigma_Y, s_max)),
        )
        proof.show(
            Gt(self.measure(mu_Y, sigma_Y), P),
            "no law beyond the two standard deviations is in the ball",
            given=sp.Or(Lt(sigma_Y, s_min), Gt(sigma_Y, s_max)),
        )

    def define_correlation(self, proof: Proof, free: sp.Expr) -> sp.Expr:
        """The least correlation that reaches `D` where perception binds; `free` is the one without perception."""
        excess = (sigma_X**2 - D) / sigma_ref**2
        s = Piecewise(
            (s_min, And(Eq(mu_X, mu_ref), Le(free, sigma_ref / sigma_X))),
            (s_max, Eq(mu_X, mu_ref)),
            (sigma_ref * KL_steepest(excess, delta, self.nats), True),
        )
        proof.let(sigma_D, s, "deviation of the best law, where the distortion is $D$ and $P$ binds", latex=r"\sigma_D")
        (root,) = sp.solve(sp.expand(least(c) + (sigma_D - c * sigma_X) ** 2 + e**2 - D), c)
        proof.show(
            Eq(least(root) + (sigma_D - root * sigma_X) ** 2 + e**2, D),
            "what is to vanish is linear in $c$, because the projection onto the ball takes off $c^2$; the best law"
            " is the one for which this $c$ is least",
        )
        return root.subs(e, self.missed(sigma_D))

    def reached(self, proof: Proof, rho: sp.Symbol, given: sp.Basic) -> None:
        """Show that the law assumed at the correlation found is the projection, so that the distortion is reached."""
        proof.let(sigma_1, self.deviation(rho), "deviation of the projection at this correlation")
        proof.show(Eq(sigma_D, sigma_1), r"the best law is the projection at $\rho_D$", given=given)


BALLS = {"W2": W2Ball, "KL": KLBall}


def distortion_is_a_distance(proof: Proof) -> None:
    """The square completed, and what it says."""
    proof.show(
        Eq(distortion(), least(c) + (mu_Y - mu_X) ** 2 + (sigma_Y - c * sigma_X) ** 2),
        r"complete the square: for a correlation $c$, the best $(\mu_Y, \sigma_Y)$ is the point of the ball nearest"
        r" to $(\mu_X, c \sigma_X)$, and unique because the ball is convex",
    )
    proof.show(
        Lt(sp.diff(distortion(), c), 0),
        "for every law of $Y$, hence for the best one, $D$ falls as $c$ grows: the largest correlation is optimal,"
        " and $C$ only decides whether there is one",
    )


def _convex(proof: Proof, measure: sp.Expr) -> None:
    hessian = sp.hessian(measure, (mu_Y, sigma_Y))
    proof.show(
        And(Gt(hessian[0, 0], 0), Gt(hessian.det(), 0)),
        "the ball is convex, because its measure has a positive Hessian in mean and deviation",
    )
