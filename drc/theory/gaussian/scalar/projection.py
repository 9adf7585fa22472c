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
from sympy import And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Max, Ne, Not, Or, Piecewise
from sympy.logic.boolalg import Boolean

from drc.information import gaussian_entropy, gaussian_kl, gaussian_w2
from drc.information.kl_ball import KL_nearest, KL_steepest, KL_width
from drc.information.lambert import W_0, W_m1
from drc.problems.gaussian import mu_ref, mu_X, mu_Y, sigma_ref, sigma_X, sigma_Y
from drc.proof import NONNEGATIVE, POSITIVE, REALS, Proof
from drc.theory.gaussian.scalar.correlation import DOMAIN as CORRELATION_DOMAIN
from drc.theory.gaussian.scalar.correlation import INDEPENDENT, distortion
from drc.units import Unit

D, B, c = sp.symbols("D B c", real=True)

P, delta, s_min, s_max = sp.symbols("P delta sigma_min sigma_max", real=True)
sigma_c, e_c, sigma_D, sigma_1, A, e, rho_P = sp.symbols("sigma_c e_c sigma_D sigma_1 A e rho_P", real=True)
whole, way, back = sp.symbols("d d_1 d_2", real=True)

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
class W2Ball:
    """The laws with `W_2^2(p_Y, p_ref) <= P`."""

    unit: Unit

    def measure(self, mean: sp.Expr, deviation: sp.Expr) -> sp.Expr:
        """`W_2^2` of a normal law from the reference."""
        return gaussian_w2(mean, deviation, mu_ref, sigma_ref)

    def inside(self, c: sp.Expr) -> Boolean:
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
        coupled = distortion().subs(B, INDEPENDENT).subs(from_reference)
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

    def project(self, proof: Proof, at: sp.Expr = c, sigma: sp.Symbol = sigma_c, e: sp.Symbol = e_c) -> sp.Expr:
        """The squared distance of a point `(mu_X, c sigma_X)` outside, with `c = at`: it is on the way to the centre."""
        far = sp.sqrt(self.measure(mu_X, c * sigma_X))
        self._triangle(proof, far)
        proof.show(
            Ge(way, whole - sp.sqrt(P)),
            "so every point of the ball is at least this far away, for every correlation",
            given=Le(back**2, P),
        )
        far = sp.sqrt(self.measure(mu_X, at * sigma_X))
        share = sp.sqrt(P) / far
        mean, deviation = mu_ref + share * (mu_X - mu_ref), sigma_ref + share * (at * sigma_X - sigma_ref)
        proof.show(
            And(
                Eq(self.measure(mean, deviation), P),
                Eq((mean - mu_X) ** 2 + (deviation - at * sigma_X) ** 2, self.squared_distance(at)),
                Ge(deviation, 0),
            ),
            "the point of the segment to the centre attains it; it has a standard deviation that is not negative",
            given=And(Ge(at, 0), Le(at, 1), Gt(far, sp.sqrt(P))),
        )
        return self.squared_distance(at)

    def _triangle(self, proof: Proof, far: sp.Expr) -> None:
        """The way from the point `(mu_X, c sigma_X)` to the centre is not longer if it goes by another point."""
        steps = (mu_Y - mu_X, sigma_Y - c * sigma_X), (mu_ref - mu_Y, sigma_ref - sigma_Y)
        product = sum(a * b for a, b in zip(*steps, strict=True))
        proof.let(whole, far, r"the distance of $(\mu_X, c \sigma_X)$ from the centre")
        proof.let(way, sp.sqrt(sum(a**2 for a in steps[0])), r"that from $(\mu_Y, \sigma_Y)$")
        proof.let(back, sp.sqrt(sum(a**2 for a in steps[1])), r"and that of $(\mu_Y, \sigma_Y)$ from the centre")
        proof.show(And(Ge(whole, 0), Ge(way, 0), Ge(back, 0)), "distances")
        proof.show(Le(product, way * back), "the Cauchy-Schwarz inequality")
        proof.show(Eq(whole**2, way**2 + back**2 + 2 * product), "the square of the whole way")
        proof.show(Le(whole, way + back), "the triangle inequality")
        proof.show(Le(back, sp.sqrt(P)), "a point of the ball", given=Le(back**2, P))

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
        linear, constant, discriminant = self._coefficients()
        proof.show(
            And(Eq(b, -linear), Eq(b**2 - 4 * a * k, discriminant), Eq(k, constant)),
            "squared, it is quadratic in $c$, with these coefficients and this discriminant",
        )
        binding = 2 * constant / (linear + _root(discriminant))
        return proof.let(rho_P, binding, "least correlation that reaches $D$ where $P$ binds", latex=r"\rho_P")

    def _coefficients(self) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        """The coefficient of `-c` and the constant term of the quadratic, and its discriminant."""
        linear = 4 * sigma_X * sigma_ref * (A - 2 * P)
        least = 2 * sp.sqrt(P * self.measure(mu_X, sp.S.Zero))
        discriminant = (A - 2 * sigma_ref**2) ** 2 + 4 * (mu_X - mu_ref) ** 2 * (sigma_ref**2 - P)
        return linear, (A - least) * (A + least), 16 * sigma_X**2 * P * discriminant

    def reached(self, proof: Proof, rho: sp.Symbol, given: Boolean, free: sp.Symbol, at_zero: sp.Symbol) -> None:
        """Show that the correlation found reaches the distortion."""
        self._quadratic(proof, given)
        proof.show(Eq(rho, rho_P), "here perception binds", given=given)
        proof.show(
            Eq(D, least(rho) + self.squared_distance(rho)), "this correlation just reaches the distortion", given=given
        )

    def _quadratic(self, proof: Proof, given: Boolean) -> None:
        """The root of the equation that was squared, and that it is one of the equation itself."""
        positive = And(Gt(A, 0), Gt(A**2, 4 * P * self.measure(mu_X, sp.S.Zero)))
        linear, _, discriminant = self._coefficients()
        side, far = A - 2 * sigma_X * sigma_ref * rho_P, sp.sqrt(self.measure(mu_X, rho_P * sigma_X))
        proof.show(positive, "at rate zero the distortion is more", given=given)
        proof.show(Ge(discriminant, 0), "where the linear side vanishes the quadratic is negative", given=positive)
        proof.show(Gt(linear + _root(discriminant), 0), "the root is more than the coefficient", given=positive)
        proof.show(Gt(rho_P, 0), "the root is positive", given=positive)
        proof.show(Ge(side, 0), "and the least that is", given=positive)
        proof.show(Eq(side**2, (2 * sp.sqrt(P) * far) ** 2), "it solves the quadratic", given=positive)
        proof.show(Eq(A, dict(proof.definitions)[A]), "as named")
        proof.show(Eq(side, 2 * sp.sqrt(P) * far), "both sides are not negative", given=positive)
        reached = least(rho_P) + self.squared_distance(rho_P)
        proof.show(Eq(D, reached), "this is the equation that was squared", given=positive)

    def solve(
        self, proof: Proof, names: tuple[sp.Symbol, sp.Symbol, sp.Symbol], rho: sp.Symbol, free: sp.Symbol
    ) -> None:
        """Solve `D_c <= D` for the correlation, case by case; `names` are `D_c`, and it at correlations 1 and 0."""
        D_c, D_1, D_0 = names
        within, binds = And(Gt(P, 0), Gt(c, 0), Lt(c, 1)), And(Ge(D, D_1), Lt(D, D_0), Gt(P, 0))
        in_ball, outside = And(binds, self.inside(free)), And(binds, Gt(*self.inside(free).args))
        reaches, enough = Le(D_c, D), Le(rho, c)

        def case(given: Boolean) -> None:
            proof.show(Equivalent(reaches, enough), "in this case", given=And(given, within))

        self._falls(proof, (c, sp.S.One), (D_c, D_1), within)
        proof.show(Not(reaches), "too little distortion for any correlation", given=And(within, Lt(D, D_1)))
        proof.show(Not(enough), "so none is enough", given=And(within, Lt(D, D_1)))
        case(Lt(D, D_1))

        self._falls(proof, (sp.S.Zero, c), (D_0, D_c), within)
        proof.show(reaches, "enough for every correlation", given=And(within, Ge(D, D_0)))
        proof.show(enough, "so each is enough", given=And(within, Ge(D, D_0), Ge(D, D_1)))
        case(And(Ge(D, D_0), Ge(D, D_1)))

        proof.show(Eq(D, least(free)), "the correlation without perception", given=in_ball)
        proof.show(Implies(reaches, Le(free, c)), "less correlation does not reach it", given=And(in_ball, within))
        self._falls(proof, (free, c), (D, D_c), And(in_ball, within, Le(free, c)))
        proof.show(Equivalent(reaches, Le(free, c)), "and more does", given=And(in_ball, within))
        proof.show(Eq(rho, free), "as named", given=in_ball)
        case(in_ball)

        self._binding_is_outside(proof, free, outside)
        bounds = And(Gt(rho_P, 0), Le(2 * sigma_X * sigma_ref * rho_P, A))
        for at, values, order in (((rho_P, c), (D, D_c), Le(rho_P, c)), ((c, rho_P), (D_c, D), Lt(c, rho_P))):
            self._falls(proof, at, values, And(outside, within, order), bounds, strict=at[0] == c)
            proof.show(bounds, "as shown before", given=outside)
            claim = Not(reaches) if at[0] == c else reaches
            proof.show(claim, "so there", given=And(outside, within, order))
        proof.show(reaches, "so there", given=And(outside, within, Le(rho_P, c)))
        proof.show(Not(reaches), "so there", given=And(outside, within, Lt(c, rho_P)))
        proof.show(Equivalent(reaches, Le(rho_P, c)), "on either side", given=And(outside, within))
        proof.show(Equivalent(enough, Le(rho_P, c)), "this is the correlation named", given=And(outside, within))
        case(outside)

    def _falls(
        self,
        proof: Proof,
        at: tuple[sp.Expr, sp.Expr],
        values: tuple[sp.Symbol, sp.Symbol],
        given: Boolean,
        bounds: Boolean = sp.true,
        *,
        strict: bool = False,
    ) -> None:
        """The best distortion at a correlation, compared with that at a larger one: case by case, inside and outside."""
        low, high = at
        less, more = (Lt, Gt) if strict else (Le, Ge)
        ordered = And(Gt(low, 0) if strict else Ge(low, 0), less(low, high), Gt(P, 0), bounds)
        given = And(given, bounds)
        inside = [self.inside(t) for t in at]
        outside = [Gt(*place.args) for place in inside]
        squares = [self.measure(mu_X, t * sigma_X) for t in at]
        distant = [least(t) + self.squared_distance(t) for t in at]
        fall = more(*values)

        away = And(ordered, *outside)
        first, second = (sp.sqrt(square) for square in squares)
        beyond = And(Gt(first, sp.sqrt(P)), Gt(second, sp.sqrt(P)))
        proof.show(beyond, "both points are farther from the centre than the border is", given=away)
        proof.show(
            Ge((first - second) * (first + second - 2 * sp.sqrt(P)), 0),
            "so both factors are not negative where the second is nearer",
            given=And(beyond, Ge(first, second), Gt(P, 0)),
        )
        proof.show(Le(2 * sp.sqrt(P) * (first - second), Max(0, squares[0] - squares[1])), "multiplied out", given=away)
        proof.show(less(distant[1], distant[0]), "outside of the ball the distortion falls", given=away)
        for value, where, t in zip(values, outside, distant, strict=True):
            proof.show(Eq(value, t), "as named, outside", given=And(given, where))
        proof.show(fall, "outside of the ball the distortion falls", given=And(given, *outside))

        leaving = And(ordered, inside[0], outside[1])
        proof.show(
            Le(self.squared_distance(high), sigma_X**2 * (high - low) ** 2),
            "a point outside is not farther from the ball than from a point of it",
            given=leaving,
        )
        proof.show(less(distant[1], least(low)), "so the distortion falls where the ball is left", given=leaving)
        proof.show(Eq(values[0], least(low)), "as named, inside", given=And(given, inside[0]))
        proof.show(Eq(values[1], distant[1]), "as named, outside", given=And(given, outside[1]))
        proof.show(fall, "the distortion falls where the ball is left", given=And(given, inside[0], outside[1]))

        proof.show(Eq(values[1], least(high)), "as named, inside", given=And(given, inside[1]))
        proof.show(Ge(values[0], least(low)), "no law does better", given=given)
        proof.show(fall, "in the ball the distortion falls", given=And(given, inside[1]))
        proof.show(fall, "in each of the cases", given=given)

    def _binding_is_outside(self, proof: Proof, free: sp.Symbol, given: Boolean) -> None:
        """The correlation found is more than the one without perception, and its point is outside of the ball."""
        proof.show(Or(Eq(D, least(free)), And(Eq(free, 0), Ge(D, sigma_X**2))), "the one without perception")
        reached = Eq(D, least(rho_P) + self.squared_distance(rho_P))
        proof.show(
            And(Gt(rho_P, 0), Le(2 * sigma_X * sigma_ref * rho_P, A), reached),
            "as shown before",
            given=given,
        )
        proof.show(Gt(rho_P, free), "it needs more correlation", given=given)
        proof.show(Ge(D, least(free)), "the one without perception reaches no less", given=given)
        entering = And(given, self.inside(rho_P))
        proof.show(
            Lt(self.squared_distance(rho_P), sigma_X**2 * (rho_P - free) ** 2),
            "else it would be closer to the border than to a point outside",
            given=entering,
        )
        proof.show(
            Le(least(rho_P) + sigma_X**2 * (rho_P - free) ** 2, least(free)),
            "and more correlation leaves less open",
            given=entering,
        )
        proof.show(reached, "as shown before", given=entering)
        proof.show(Lt(D, least(free)), "so the distortion would be too small", given=entering)
        proof.show(Gt(*self.inside(rho_P).args), "its point is outside", given=given)


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

    def inside(self, c: sp.Expr) -> Boolean:
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
        return proof.let(name, self.deviation(c), f"standard deviation of the best law {meaning}")

    def projected(self, proof: Proof, at: sp.Expr, deviation: sp.Expr, values: tuple[sp.Symbol, sp.Symbol]) -> None:
        """Show that a value at a correlation is `D_c` there: the law named for it is the projection."""
        value, D_c = values
        given, outside = And(Eq(c, at), Gt(P, 0)), Gt(*self.inside(c).args)
        if at == 0:
            proof.show(outside, "a law with standard deviation 0 is in no ball", given=given)
        nearest = [KL_nearest(t * sigma_X / sigma_ref, delta, self.nats) for t in (c, at)]
        widths = [KL_width(s / sigma_ref, self.nats) for s in (sigma_c, deviation)]
        proof.show(Ge(deviation, 0), "a standard deviation", given=Gt(P, 0))
        proof.show(Eq(*nearest), "the same point", given=given)
        proof.show(Eq(sigma_c, deviation), "the same standard deviation", given=given)
        distance = (c * sigma_X - sigma_c) ** 2 + e_c**2
        proof.show(Eq(D_c, least(c) + distance), "the best distortion outside", given=And(Gt(P, 0), outside))
        proof.show(Eq(*widths), "where the ball is as wide", given=given)
        proof.show(Eq(e_c, self.missed(deviation)), "so the mean is missed by as much", given=given)
        distant = least(at) + self.squared_distance(at, deviation)
        proof.show(Eq(D_c, distant), "this is the distortion", given=And(given, outside))
        if at == 0:
            proof.show(Eq(value, distant), "as named")
        else:
            self._named(proof, at, distant, values)

    def _named(self, proof: Proof, at: sp.Expr, distant: sp.Expr, values: tuple[sp.Symbol, sp.Symbol]) -> None:
        """What a value at a correlation is by its definition, in the ball and outside."""
        value, D_c = values
        given, inside = And(Eq(c, at), Gt(P, 0)), self.inside(c)
        there = [self.measure(mu_X, t * sigma_X) for t in (c, at)]
        proof.show(Eq(value, distant), "as named, outside", given=And(Gt(P, 0), Gt(*self.inside(at).args)))
        proof.show(Eq(*there), "the same point", given=given)
        proof.show(Eq(value, D_c), "outside", given=And(given, Gt(*inside.args)))
        proof.show(Eq(value, least(at)), "as named, inside", given=And(Gt(P, 0), self.inside(at)))
        proof.show(Eq(D_c, least(c)), "the best distortion inside", given=And(Gt(P, 0), inside))
        proof.show(Eq(*there), "the same point", given=given)
        proof.show(Eq(value, D_c), "inside", given=And(given, inside))

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
        proof.let(
            s_min,
            sigma_ref * sp.sqrt(-W_0(-sp.exp(-1 - 2 * self.nats))),
            "least standard deviation",
            latex=LATEX[s_min],
        )
        proof.let(
            s_max,
            sigma_ref * sp.sqrt(-W_m1(-sp.exp(-1 - 2 * self.nats))),
            "largest standard deviation",
            latex=LATEX[s_max],
        )
        proof.let(delta, (mu_X - mu_ref) / sigma_ref, "distance of the means, in units of the reference")

    def project(self, proof: Proof, c: sp.Expr = c, sigma: sp.Symbol = sigma_c, e: sp.Symbol = e_c) -> sp.Expr:
        """The squared distance of a point `(mu_X, c sigma_X)` outside: an end of an interval, or one scalar root."""
        self.define(proof)
        self._border(proof)
        proof.let(sigma, self.deviation(c), r"standard deviation of the projection of $(\mu_X, c \sigma_X)$")
        proof.let(e, self.missed(sigma), r"by how much its mean misses $\mu_X$")
        outside = And(Gt(c, 0), Gt(*self.inside(c).args), Gt(P, 0))
        self._nearest_end(proof, c, sigma, e, And(outside, Eq(mu_X, mu_ref)))
        self._nearest_point(proof, c, sigma, e, And(outside, Ne(mu_X, mu_ref)))
        way = c * sigma_X - sigma
        return way**2 + e**2

    def _nearest_end(self, proof: Proof, c: sp.Expr, sigma: sp.Symbol, e: sp.Symbol, centred: Boolean) -> None:
        """The projection of a point at the reference's mean."""
        proof.show(
            Eq(KL_width(c * sigma_X / sigma_ref, self.nats), 0),
            "at the standard deviation of a point outside, at the reference's mean, the ball has no width",
            given=centred,
        )
        left, point = Le(c, sigma_ref / sigma_X), c * sigma_X
        steepness = self._gradient(mu_ref, sigma_ref)[1]
        room = 2 * self.nats - ((point / sigma_ref) ** 2 - 1 - 2 * sp.log(point / sigma_ref))
        proof.show(Lt(room, 0), "and nothing of $P$ is left,", given=centred)
        self._name_ends(proof)
        proof.show(Or(Lt(point, s_min), Gt(point, s_max)), "so it is beyond an end:", given=centred)
        proof.show(
            And(Lt(s_min, sigma_ref), Gt(s_max, sigma_ref)),
            "which are on either side of the reference:",
            given=Gt(P, 0),
        )
        proof.show(Equivalent(left, Le(point, sigma_ref)), "as the point is,", given=centred)
        proof.show(Lt(point, s_min), "left of the ball if it is left of the reference,", given=And(centred, left))
        proof.show(Gt(point, s_max), "and else right of it:", given=And(centred, Not(left)))
        for end, case, outwards in ((s_min, left, Lt), (s_max, Not(left), Gt)):
            slope = steepness.subs({mu_Y: mu_ref, sigma_Y: end})
            proof.show(outwards(slope, 0), "the divergence grows outwards there", given=Gt(P, 0))
            proof.show(outwards(point - end, 0), "as does the way to the point", given=And(centred, case))
            proof.show(Eq(sigma, end), "the end of the ball on that side is nearest,", given=And(centred, case))
            proof.show(Eq(e, 0), "with the mean of the point,", given=And(centred, case))
            proof.show(
                Gt((point - end) * slope, 0),
                "because the way from there to the point is along the gradient of KL, outwards",
                given=And(centred, case),
            )

    def _nearest_point(self, proof: Proof, c: sp.Expr, sigma: sp.Symbol, e: sp.Symbol, apart: Boolean) -> None:
        """The projection of a point with another mean."""
        alpha = c * sigma_X / sigma_ref
        near = KL_nearest(alpha, delta, self.nats)
        width = KL_width(near, self.nats)
        away = gaussian_kl(delta, alpha, sp.S.Zero, sp.S.One, self.unit)
        unit_free = And(Gt(alpha, 0), Ne(delta, 0), Gt(away, P), Gt(P, 0))
        proof.show(unit_free, "in units of the reference", given=apart)
        slopes = [slope.subs({mu_Y: width, sigma_Y: near}) for slope in self._gradient(sp.S.Zero, sp.S.One)]
        missed, way = sp.Abs(delta) - width, alpha - near
        room = 2 * self.nats - (near**2 - 1 - 2 * sp.log(near))
        proof.show(
            And(Gt(near, 0), Le(width, sp.Abs(delta))),
            "its mean lies between the reference's and the source's",
            given=unit_free,
        )
        along = Eq(sp.Abs(delta) * (near**2 - 1), width * (alpha * near - 1))
        proof.show(along, "its equation", given=unit_free)
        proof.show(
            Eq(missed * slopes[1], way * slopes[0]), "the way to the point is along the gradient of KL", given=unit_free
        )
        proof.show(And(Gt(near, 0), Eq(width**2, room)), "the width is the root of the room", given=unit_free)
        at_end = gaussian_kl(width, near, sp.S.Zero, sp.S.One, self.unit)
        proof.show(Eq(at_end, P), "the projection is on the border", given=unit_free)
        proof.show(
            And(Gt(near, 0), Ge((near - 1) * way, 0)), "its standard deviation lies between them, too", given=unit_free
        )
        proof.show(Ge(way * slopes[1], 0), "so it is reached along the gradient", given=unit_free)
        proof.show(Le(width, sp.Abs(delta)), "as before", given=unit_free)
        proof.show(
            Ge(missed * slopes[0] + way * slopes[1], 0),
            "the way from there to the point is outwards"
            r" (for $\mu_X \ge \mu_{\mathrm{ref}}$; else both means are reflected)",
            given=unit_free,
        )
        proof.show(Eq(sigma, sigma_ref * near), "back in the units of the source", given=apart)
        proof.show(Eq(KL_width(sigma / sigma_ref, self.nats), width), "the width of the ball there", given=apart)
        proof.show(Eq(e, self.missed(sigma)), "as named", given=apart)
        proof.show(Eq(sp.Abs(mu_X - mu_ref), sigma_ref * sp.Abs(delta)), "as named")
        proof.show(Le(width, sp.Abs(delta)), "as before", given=apart)
        proof.show(Eq(e, sigma_ref * missed), "and by how much the mean is missed", given=apart)

    def _gradient(self, mean: sp.Expr, deviation: sp.Expr) -> list[sp.Expr]:
        """The gradient of the divergence from a reference, in mean and standard deviation."""
        measure = gaussian_kl(mu_Y, sigma_Y, mean, deviation, self.unit)
        return [sp.diff(measure, x) for x in (mu_Y, sigma_Y)]

    def _border(self, proof: Proof) -> None:
        proof.show(
            And(Eq(self.measure(mu_ref, s_min), P), Eq(self.measure(mu_ref, s_max), P), Le(s_min, s_max)),
            r"with $y = \sigma^2 / \sigma_{\mathrm{ref}}^2$ and $P$ in nats the border is $y e^{-y} = e^{-1 - 2 P}$,"
            " whose roots are two branches of Lambert's $W$",
            given=Gt(P, 0),
        )
        proof.show(And(Gt(s_min, 0), Lt(s_min, sigma_ref), Gt(s_max, sigma_ref)), "on either side", given=Gt(P, 0))
        self._border_in_means(proof)

    def _name_ends(self, proof: Proof) -> None:
        values = dict(proof.definitions)
        proof.show(And(Eq(s_min, values[s_min]), Eq(s_max, values[s_max])), "the ends as named")

    def _border_in_means(self, proof: Proof) -> None:
        s = sigma_Y / sigma_ref
        width, room = KL_width(s, self.nats), 2 * self.nats - (s**2 - 1 - 2 * sp.log(s))
        between = And(Le(s_min, sigma_Y), Le(sigma_Y, s_max))
        beyond = Or(Lt(sigma_Y, s_min), Gt(sigma_Y, s_max))
        in_ball = Le(self.measure(mu_Y, sigma_Y), P)
        proof.show(Eq(width**2, Max(0, room)), "its width is the root of what the standard deviation leaves of $P$")
        self._name_ends(proof)
        proof.show(Lt(room, 0), "nothing is left beyond the two standard deviations", given=beyond)
        proof.show(Not(in_ball), "so no law there is in the ball", given=beyond)
        proof.show(Eq(width**2, room), "between them this much is", given=between)
        proof.show(
            Equivalent(in_ball, Le((mu_Y - mu_ref) ** 2, (sigma_ref * width) ** 2)),
            r"solve $\mathrm{KL} \le P$ for the mean",
            given=between,
        )

    def define_correlation(self, proof: Proof, free: sp.Expr) -> sp.Expr:
        """The least correlation that reaches `D` where perception binds; `free` is the one without perception."""
        excess = (sigma_X**2 - D) / sigma_ref**2
        s = Piecewise(
            (s_min, And(Eq(mu_X, mu_ref), Le(free, sigma_ref / sigma_X))),
            (s_max, Eq(mu_X, mu_ref)),
            (sigma_ref * KL_steepest(excess, delta, self.nats), True),
        )
        proof.let(
            sigma_D,
            s,
            "standard deviation of the best law, where the distortion is $D$ and $P$ binds",
            latex=r"\sigma_D",
        )
        (root,) = sp.solve(sp.expand(least(c) + (sigma_Y - c * sigma_X) ** 2 + e**2 - D), c)
        proof.show(
            Eq(least(root) + (sigma_Y - root * sigma_X) ** 2 + e**2, D),
            r"for any standard deviation $\sigma_Y$, what is to vanish is linear in $c$, because the projection onto the"
            " ball takes off $c^2$; the best law is the one for which this $c$ is least",
        )
        root = root.subs(sigma_Y, sigma_D)
        return root.subs(e, self.missed(sigma_D))

    def reached(self, proof: Proof, rho: sp.Symbol, given: Boolean, free: sp.Symbol, at_zero: sp.Symbol) -> None:
        """Show that the law assumed at the correlation found is the projection, so that the distortion is reached."""
        proof.let(sigma_1, self.deviation(rho), "standard deviation of the projection at this correlation")
        excess = (sigma_X**2 - D) / sigma_ref**2
        steep, axis = KL_steepest(excess, delta, self.nats), KL_nearest(0, delta, self.nats)
        missed, missed_axis = self._missed(steep), self._missed(axis)
        positive, square = Gt(P, 0), sigma_ref**2 * (steep**2 + missed**2)
        self._least_at_zero(proof, at_zero, steep, square)
        proof.show(Gt(steep, 0), "a standard deviation", given=positive)
        proof.show(Le(axis**2 + missed_axis**2, steep**2 + missed**2), "no law is nearer to the axis", given=positive)
        named = (sp.Symbol("s_0", real=True), self.missed(sp.Symbol("s_0", real=True)))
        apart = And(positive, Ne(mu_X, mu_ref))
        proof.show(Eq(named[0], sigma_ref * axis), "the law at rate zero", given=apart)
        proof.show(Eq(named[1], sigma_ref * missed_axis), "and how much its mean misses", given=apart)
        squares = named[0] ** 2 + named[1] ** 2
        proof.show(Le(squares, square), "no law is nearer to the axis", given=apart)
        proof.show(Le(squares, square), "in both cases", given=positive)
        proof.show(Eq(at_zero, sigma_X**2 + squares), "as named")
        less = And(positive, Lt(D, at_zero))
        proof.show(Gt(square + sigma_X**2 - D, 0), "the distortion at rate zero is more", given=less)
        along = excess + steep**2 + missed**2
        proof.show(Gt(along, 0), "in units of the reference", given=less)
        projected = And(positive, Gt(along, 0))
        proof.show(Eq(KL_nearest(along / (2 * steep), delta, self.nats), steep), "a projection", given=projected)
        self._same_beside_axis(proof, rho, given, along / (2 * steep), steep)
        self._same_on_axis(proof, rho, And(given, Eq(mu_X, mu_ref)), free)
        proof.show(Eq(sigma_D, sigma_1), r"the best law is the projection at $\rho_D$", given=given)

    def _same_beside_axis(self, proof: Proof, rho: sp.Symbol, given: Boolean, alpha: sp.Expr, steep: sp.Expr) -> None:
        """The best law is the projection where the means differ."""
        apart = And(given, Ne(mu_X, mu_ref))
        least_rho = (sigma_X**2 + sigma_D**2 + self.missed(sigma_D) ** 2 - D) / (2 * sigma_X * sigma_D)
        point = rho * sigma_X / sigma_ref
        differ = And(Gt(P, 0), Ne(mu_X, mu_ref))
        proof.show(Eq(sigma_D, sigma_ref * steep), "as named", given=differ)
        proof.show(
            Eq(KL_width(sigma_D / sigma_ref, self.nats), KL_width(steep, self.nats)), "the width there", given=differ
        )
        proof.show(Eq(self.missed(sigma_D), sigma_ref * self._missed(steep)), "what its mean misses", given=differ)
        proof.show(Gt(sigma_D, 0), "a standard deviation", given=Gt(P, 0))
        proof.show(Gt(sigma_D, 0), "a standard deviation", given=given)
        proof.show(Eq(rho, least_rho), "as named", given=given)
        proof.show(And(Eq(rho, least_rho), Gt(sigma_D, 0)), "as named", given=apart)
        proof.show(And(Eq(sigma_D, sigma_ref * steep), Gt(steep, 0)), "as before", given=differ)
        proof.show(Eq(self.missed(sigma_D), sigma_ref * self._missed(steep)), "as before", given=differ)
        proof.show(Eq(point, alpha), "in units of the reference", given=apart)
        proof.show(Eq(KL_nearest(alpha, delta, self.nats), steep), "a projection, as before", given=apart)
        nearest = KL_nearest(point, delta, self.nats)
        proof.show(Ge(point, 0), "a standard deviation", given=apart)
        proof.show(Eq(nearest, KL_nearest(alpha, delta, self.nats)), "the same point", given=apart)
        proof.show(And(Eq(nearest, steep), Ge(point, 0)), "the same point", given=apart)
        proof.show(Eq(sigma_1, sigma_ref * nearest), "as named", given=apart)
        proof.show(Eq(sigma_D, sigma_1), "the best law is the projection beside the axis", given=apart)

    def _same_on_axis(self, proof: Proof, rho: sp.Symbol, centred: Boolean, free: sp.Symbol) -> None:
        """The best law is the projection where the means are the same: the end of the ball that is nearest to both."""
        point = free * sigma_X
        room = 2 * self.nats - ((point / sigma_ref) ** 2 - 1 - 2 * sp.log(point / sigma_ref))
        least_rho = (sigma_X**2 + sigma_D**2 + self.missed(sigma_D) ** 2 - D) / (2 * sigma_X * sigma_D)
        width = KL_width(point / sigma_ref, self.nats)
        outside = And(Gt(P, 0), Eq(mu_X, mu_ref), Gt(*self.inside(free).args))
        beyond = And(outside, Gt(free, 0))
        proof.show(Eq(width**2, Max(0, room)), "its width is the root of its room", given=And(Gt(P, 0), Gt(free, 0)))
        proof.show(And(Gt(point / sigma_ref, 0), Lt(room, 0)), "nothing of $P$ is left", given=beyond)
        self._name_ends(proof)
        proof.show(Or(Lt(point, s_min), Gt(point, s_max)), "so it is beyond an end", given=beyond)
        proof.show(And(Gt(s_min, 0), Lt(s_min, sigma_ref), Gt(s_max, sigma_ref)), "the ends", given=Gt(P, 0))
        proof.show(
            Or(Lt(point, s_min), Gt(point, s_max)), "as is a law whose standard deviation is zero", given=outside
        )
        proof.show(Or(And(Eq(free, 0), Le(sigma_X**2, D)), Eq(point**2, sigma_X**2 - D)), "the law without perception")
        for end, side, less in ((s_min, Le(free, sigma_ref / sigma_X), Lt), (s_max, Gt(free, sigma_ref / sigma_X), Gt)):
            here = And(centred, side)
            proof.show(And(less(point, end), less(end, sigma_ref)), "beyond the end on its side", given=here)
            proof.show(less(sigma_X**2 - D, end**2), "of the squares", given=here)
            proof.show(Eq(sigma_D, end), "the best law", given=here)
            proof.show(Eq(self.missed(sigma_D), 0), "with the same mean", given=here)
            proof.show(And(Eq(rho, least_rho), Gt(end, 0)), "as before", given=here)
            with_end = Eq(rho, (sigma_X**2 + end**2 - D) / (2 * sigma_X * end))
            proof.show(with_end, "with this law", given=here)
            proof.show(less(rho * sigma_X, end), "the correlation is on this side, too", given=here)
            proof.show(less(rho * sigma_X, sigma_ref), "of the reference, too", given=here)
            proof.show(And(with_end, less(rho, sigma_ref / sigma_X)), "as before", given=here)
            proof.show(Eq(sigma_1, end), "so this end is the projection", given=here)
            proof.show(Eq(sigma_D, sigma_1), "the best law is the projection", given=here)
        proof.show(Eq(sigma_D, sigma_1), "the best law is the projection on the axis", given=centred)

    def _least_at_zero(self, proof: Proof, at_zero: sp.Symbol, steep: sp.Expr, square: sp.Expr) -> None:
        """Compare the distortion at rate zero with that of another law, where the means are the same."""
        nearest = sp.Symbol("s_0", real=True)
        centred = And(Gt(P, 0), Eq(mu_X, mu_ref))
        room = 2 * self.nats - (steep**2 - 1 - 2 * sp.log(steep))
        in_ball = And(Gt(steep, 0), Eq(KL_width(steep, self.nats) ** 2, room))
        proof.show(in_ball, "a law of the ball", given=Gt(P, 0))
        proof.show(And(Gt(steep, 0), Ge(room, 0)), "so it is between its ends", given=Gt(P, 0))
        self._name_ends(proof)
        proof.show(
            Le(s_min / sigma_ref, steep), "no law is nearer to the axis than the end of the ball", given=Gt(P, 0)
        )
        proof.show(And(Eq(nearest, s_min), Gt(s_min, 0)), "as named", given=centred)
        proof.show(Eq(self.missed(nearest), 0), "no mean is missed", given=centred)
        proof.show(Le(s_min, sigma_ref * steep), "in units of the source", given=centred)
        proof.show(Le(nearest**2 + self.missed(nearest) ** 2, square), "so its distortion is not less", given=centred)

    def _missed(self, deviation: sp.Expr) -> sp.Expr:
        """By how much a law misses the ball along the mean, all in units of the reference."""
        return Max(0, sp.Abs(delta) - KL_width(deviation, self.nats))


BALLS = {"W2": W2Ball, "KL": KLBall}


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


def _root(discriminant: sp.Expr) -> sp.Expr:
    """The square root of a discriminant; sympy leaves the square in it."""
    return 4 * sigma_X * sp.sqrt(discriminant / (16 * sigma_X**2))


def _convex(proof: Proof, measure: sp.Expr) -> None:
    hessian = sp.hessian(measure, (mu_Y, sigma_Y))
    proof.show(
        And(*(Gt(minor, 0, evaluate=False) for minor in (hessian[0, 0], hessian.det()))),
        "the ball is convex, because its measure has a positive Hessian in mean and standard deviation",
    )
