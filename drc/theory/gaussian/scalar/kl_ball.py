"""The ball of KL: a convex set in the half-plane of mean and standard deviation, and the projection onto it."""

from __future__ import annotations

from functools import partial

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Le, Lt, Max, Ne, Not, Or, Piecewise
from sympy.logic.boolalg import Boolean

from drc.information import gaussian_entropy, gaussian_kl
from drc.information.kl_ball import KL_nearest, KL_steepest, KL_width
from drc.information.lambert import W_0, W_m1
from drc.problems.gaussian import mu_ref, mu_X, mu_Y, sigma_ref, sigma_X, sigma_Y
from drc.proof import Proof
from drc.theory.gaussian.scalar.projection import LATEX, Ball, P, c, e, e_c, least, s_max, s_min, sigma_c

D, delta, sigma_D, sigma_1 = sp.symbols("D delta sigma_D sigma_1", real=True)


class KLBall(Ball):
    """The laws with `KL(p_Y || p_ref) <= P`."""

    @property
    def nats(self) -> sp.Expr:
        """`P` in nats."""
        return P * self.unit.nats

    def measure(self, mean: sp.Expr, deviation: sp.Expr) -> sp.Expr:
        """Divergence of a normal law from the reference."""
        return gaussian_kl(mean, deviation, mu_ref, sigma_ref, self.unit)

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
        self.is_convex(proof)

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
        show = partial(proof.show, given=Gt(P, 0))
        show(And(Lt(s_min, sigma_ref), Gt(s_max, sigma_ref)), "which are on either side of the reference:")
        proof.show(Equivalent(left, Le(point, sigma_ref)), "as the point is,", given=centred)
        proof.show(Lt(point, s_min), "left of the ball if it is left of the reference,", given=And(centred, left))
        proof.show(Gt(point, s_max), "and else right of it:", given=And(centred, Not(left)))
        for end, case, outwards in ((s_min, left, Lt), (s_max, Not(left), Gt)):
            slope = steepness.subs({mu_Y: mu_ref, sigma_Y: end})
            show(outwards(slope, 0), "the divergence grows outwards there")
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
        show = partial(proof.show, given=unit_free)
        show(And(Gt(near, 0), Le(width, sp.Abs(delta))), "its mean lies between the reference's and the source's")
        along = Eq(sp.Abs(delta) * (near**2 - 1), width * (alpha * near - 1))
        show(along, "its equation")
        show(Eq(missed * slopes[1], way * slopes[0]), "the way to the point is along the gradient of KL")
        show(And(Gt(near, 0), Eq(width**2, room)), "the width is the root of the room")
        at_end = gaussian_kl(width, near, sp.S.Zero, sp.S.One, self.unit)
        show(Eq(at_end, P), "the projection is on the border")
        show(And(Gt(near, 0), Ge((near - 1) * way, 0)), "its standard deviation lies between them, too")
        show(Ge(way * slopes[1], 0), "so it is reached along the gradient")
        show(Le(width, sp.Abs(delta)), "as before")
        show(
            Ge(missed * slopes[0] + way * slopes[1], 0),
            "the way from there to the point is outwards"
            r" (for $\mu_X \ge \mu_{\mathrm{ref}}$; else both means are reflected)",
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
        show = partial(proof.show, given=differ)
        show(Eq(sigma_D, sigma_ref * steep), "as named")
        show(Eq(KL_width(sigma_D / sigma_ref, self.nats), KL_width(steep, self.nats)), "the width there")
        show(Eq(self.missed(sigma_D), sigma_ref * self._missed(steep)), "what its mean misses")
        proof.show(Gt(sigma_D, 0), "a standard deviation", given=Gt(P, 0))
        proof.show(Gt(sigma_D, 0), "a standard deviation", given=given)
        proof.show(Eq(rho, least_rho), "as named", given=given)
        proof.show(And(Eq(rho, least_rho), Gt(sigma_D, 0)), "as named", given=apart)
        show(And(Eq(sigma_D, sigma_ref * steep), Gt(steep, 0)), "as before")
        show(Eq(self.missed(sigma_D), sigma_ref * self._missed(steep)), "as before")
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
        show = partial(proof.show, given=Gt(P, 0))
        show(in_ball, "a law of the ball")
        show(And(Gt(steep, 0), Ge(room, 0)), "so it is between its ends")
        self._name_ends(proof)
        show(Le(s_min / sigma_ref, steep), "no law is nearer to the axis than the end of the ball")
        proof.show(And(Eq(nearest, s_min), Gt(s_min, 0)), "as named", given=centred)
        proof.show(Eq(self.missed(nearest), 0), "no mean is missed", given=centred)
        proof.show(Le(s_min, sigma_ref * steep), "in units of the source", given=centred)
        proof.show(Le(nearest**2 + self.missed(nearest) ** 2, square), "so its distortion is not less", given=centred)

    def _missed(self, deviation: sp.Expr) -> sp.Expr:
        """By how much a law misses the ball along the mean, all in units of the reference."""
        return Max(0, sp.Abs(delta) - KL_width(deviation, self.nats))
