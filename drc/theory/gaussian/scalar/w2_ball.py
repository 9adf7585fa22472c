"""The ball of W2: a disc in the half-plane of mean and standard deviation, and the projection onto it."""

from __future__ import annotations

from functools import partial

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Max, Not, Or
from sympy.logic.boolalg import Boolean

from drc.information import gaussian_w2
from drc.problems.gaussian import mu_ref, mu_X, mu_Y, sigma_ref, sigma_X, sigma_Y
from drc.proof import Proof
from drc.theory.gaussian.scalar.correlation import INDEPENDENT, distortion
from drc.theory.gaussian.scalar.projection import Ball, P, c, e_c, least, sigma_c

D, B, A, rho_P = sp.symbols("D B A rho_P", real=True)

whole, way, back = sp.symbols("d d_1 d_2", real=True)


class W2Ball(Ball):
    """The laws with `W_2^2(p_Y, p_ref) <= P`."""

    def measure(self, mean: sp.Expr, deviation: sp.Expr) -> sp.Expr:
        """`W_2^2` of a normal law from the reference."""
        return gaussian_w2(mean, deviation, mu_ref, sigma_ref)

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
        self.is_convex(proof)

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
        show = partial(proof.show, given=given)
        show(And(Gt(rho_P, 0), Le(2 * sigma_X * sigma_ref * rho_P, A), reached), "as shown before")
        show(Gt(rho_P, free), "it needs more correlation")
        show(Ge(D, least(free)), "the one without perception reaches no less")
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
        show(Gt(*self.inside(rho_P).args), "its point is outside")


def _root(discriminant: sp.Expr) -> sp.Expr:
    """The square root of a discriminant; sympy leaves the square in it."""
    return 4 * sigma_X * sp.sqrt(discriminant / (16 * sigma_X**2))
