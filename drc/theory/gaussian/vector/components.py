"""The vector Gaussian problem with independent components, reduced to the rates of its components.

Without a label: [chen2025gaussian].  The converse with a label is the scalar one ([nguyen2026], section 4) applied to the
terms of the chain rule.  With `w_i = sigma_Xi sigma_Yi` and `c_i` the squared correlation of label and source,

    minimise    B - 2 sum_i w_i sqrt(1 - exp(-2 r_i))
    subject to  sum_i r_i <= R,    h(S) + sum_i 1/2 log(1 - c_i + c_i exp(-2 r_i)) <= C,    r_i >= 0

is a convex program.  Everything here is shared by the two theorems, `drc` and `rdc`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

import sympy as sp
from sympy import And, Eq, Ge, Gt, Le, Lt
from sympy.logic.boolalg import Boolean

from drc.information import gaussian_entropy
from drc.information.water_filling import least_ambiguity
from drc.problems.vector_gaussian import component
from drc.proof import NONNEGATIVE, POSITIVE, REALS, Proof
from drc.units import Unit

D, R, C = sp.symbols("D R C", real=True)
h_S, h_S_given_X, B = sp.symbols("h_S h_SX B", real=True)
rho, r, lam, mu, x = sp.symbols("rho r lambda mu x", real=True)
price = sp.Symbol("lambda", positive=True)

_ZERO, _ONE, _TWO = sp.S.Zero, sp.S.One, sp.Integer(2)


SETTING = (
    r"The components $X_i \sim N(\mu_{Xi}, \sigma_{Xi}^2)$ of the source are independent, their target laws are"
    r" $N(\mu_{Yi}, \sigma_{Yi}^2)$, and the label $S_i$ is jointly normal with $X_i$, with standard deviation $\sigma_{Si}$"
    r" and $\operatorname{cov}(S_i, X_i) = \theta_i$. The aim is to minimise one of $\sum_i \mathbb{E} (X_i - Y_i)^2$ and"
    r" $I(X;Y)$ with the other bounded, subject to $h(S \mid Y) \le C$ and to the target laws. The formulas are for two"
    r" components; $\rho$ is any correlation, $r$ and $r_i$ are rates, and $\lambda$, $\mu$ the prices of rate and"
    r" classification."
)


@dataclass(frozen=True)
class Components:
    """The symbols of `n` components, and the quantities of the problem in them.

    Examples
    --------
    >>> from drc.units import NATS
    >>> Components(2, NATS).gain((1, 0))
    w_1
    """

    n: int
    unit: Unit

    def all(self, name: str) -> tuple[sp.Symbol, ...]:
        """Return one parameter of all components."""
        return tuple(component(name, i) for i in self.numbers)

    @property
    def numbers(self) -> range:
        """The numbers of the components, from one."""
        return range(1, self.n + 1)

    @cached_property
    def w(self) -> tuple[sp.Symbol, ...]:
        """The weights `sigma_X sigma_Y`."""
        return tuple(sp.Symbol(f"w_{i}", positive=True) for i in self.numbers)

    @cached_property
    def c(self) -> tuple[sp.Symbol, ...]:
        """The squared correlations of label and source."""
        return tuple(sp.Symbol(f"c_{i}", real=True) for i in self.numbers)

    @cached_property
    def rates(self) -> tuple[sp.Symbol, ...]:
        """The rates."""
        return tuple(sp.Symbol(f"r_{i}", real=True) for i in self.numbers)

    @property
    def interior(self) -> Boolean:
        """No label is a function of its component, so that logarithms are finite."""
        return And(*(Lt(c, 1) for c in self.c))

    @property
    def labelled(self) -> Boolean:
        """Every component has a label that depends on it, and that it does not determine."""
        return And(*(Gt(c, 0) for c in self.c), self.interior)

    @property
    def positive(self) -> Boolean:
        """The same, and every component has a rate."""
        return And(self.labelled, *(Gt(e, 0) for e in self.rates))

    @property
    def correlations(self) -> tuple[sp.Expr, ...]:
        """The correlations that the rates allow."""
        return tuple(sp.sqrt(1 - self.unit.exp(-2 * e)) for e in self.rates)

    @property
    def wasserstein(self) -> sp.Expr:
        """The squared Wasserstein distance of source and target law."""
        rows = zip(*map(self.all, ("mu_X", "mu_Y", "sigma_X", "sigma_Y")), strict=True)
        return sp.Add(*((a - b) ** 2 + (s - t) ** 2 for a, b, s, t in rows))

    @property
    def independent(self) -> sp.Expr:
        """The distortion of independent source and reconstruction."""
        rows = zip(*map(self.all, ("mu_X", "mu_Y", "sigma_X", "sigma_Y")), strict=True)
        return sp.Add(*((a - b) ** 2 + s**2 + t**2 for a, b, s, t in rows))

    def gain(self, correlations: tuple[sp.Expr, ...]) -> sp.Expr:
        """Return `sum w_i rho_i`."""
        return sp.Add(*(w * e for w, e in zip(self.w, correlations, strict=True)))

    def ambiguity(self, rates: tuple[sp.Expr, ...]) -> sp.Expr:
        """Return `h(S|Y)` at some rates."""
        terms = (self.unit.log(1 - c + c * self.unit.exp(-2 * e)) / 2 for c, e in zip(self.c, rates, strict=True))
        return h_S + sp.Add(*terms)

    @property
    def ambiguities(self) -> tuple[sp.Expr, ...]:
        """What each component adds to `h(S|Y) - h(S)`, in nats."""
        return tuple(sp.log(1 - c + c * self.unit.exp(-2 * e)) / 2 for c, e in zip(self.c, self.rates, strict=True))

    def filled(self, level: sp.Expr) -> tuple[sp.Expr, ...]:
        """Return the correlations at which one more nat buys `level` of distortion in every component."""
        return tuple(4 * w / (level + sp.sqrt(level**2 + 16 * w**2)) for w in self.w)

    def filled_rates(self, level: sp.Expr) -> tuple[sp.Expr, ...]:
        """Return their rates, `-1/2 log(1 - rho^2)` with `1 - rho^2 = 2/(1 + sqrt(1 + (4 w/lambda)^2))`."""
        return tuple(self.unit.log((1 + sp.sqrt(1 + 16 * w**2 / level**2)) / 2) / 2 for w in self.w)

    def filled_gain(self, level: sp.Expr) -> sp.Expr:
        """Return twice the gain at these correlations."""
        return sp.Add(*(8 * w**2 / (level + sp.sqrt(level**2 + 16 * w**2)) for w in self.w))

    def filled_ambiguity(self, level: sp.Expr) -> sp.Expr:
        """Return `h(S|Y)` at these correlations."""
        pairs = zip(self.c, self.filled(level), strict=True)
        return h_S + sp.Add(*(self.unit.log(1 - c * e**2) / 2 for c, e in pairs))

    @property
    def domain(self) -> dict:
        """What is assumed of each symbol."""
        wide = dict.fromkeys(("mu_X", "mu_Y", "theta"), REALS) | dict.fromkeys(
            ("sigma_X", "sigma_Y", "sigma_S"), POSITIVE
        )
        parameters = {symbol: ends for name, ends in wide.items() for symbol in self.all(name)}
        bounds = dict.fromkeys((*self.rates, D, R, r, lam, mu), NONNEGATIVE) | dict.fromkeys((C, x), REALS)
        return parameters | bounds | {rho: sp.Interval(-1, 1), price: POSITIVE}

    @property
    def covariances(self) -> Boolean:
        """Cauchy-Schwarz, for each component."""
        rows = zip(*map(self.all, ("theta", "sigma_S", "sigma_X")), strict=True)
        return And(*(Le(t**2, s_S**2 * s_X**2) for t, s_S, s_X in rows))


def name_weights(proof: Proof, of: Components) -> None:
    """Name what correlation is worth in each component."""
    for i, (w, s_X, s_Y) in enumerate(zip(of.w, of.all("sigma_X"), of.all("sigma_Y"), strict=True), 1):
        proof.let(w, s_X * s_Y, f"what correlation is worth in component {i}")


def reduce(of: Components) -> Proof:
    """Derive the program in the rates, and what solves it."""
    proof = Proof(of.domain, assumed=of.covariances)
    name_weights(proof, of)
    for i, (c, t, s_S, s_X) in enumerate(zip(of.c, *map(of.all, ("theta", "sigma_S", "sigma_X")), strict=True), 1):
        proof.let(c, t**2 / (s_S * s_X) ** 2, f"squared correlation of label and source in component {i}")
    entropies = (gaussian_entropy(s**2, of.unit) for s in of.all("sigma_S"))
    proof.let(h_S, sp.Add(*entropies), "entropy of the label", latex="h(S)")
    proof.let(B, of.independent, "distortion of independent $X$ and $Y$")
    _jointly_normal(proof, of)
    _converse(proof, of)
    _convex(proof, of)
    _water_filling(proof, of)
    _least_ambiguity(proof, of)
    return proof


def _jointly_normal(proof: Proof, of: Components) -> None:
    """Achievability: independent jointly normal components."""
    moments, labels = [], []
    names = ("mu_X", "mu_Y", "sigma_X", "sigma_Y", "sigma_S", "theta")
    for a, b, s, t, s_S, theta in zip(*map(of.all, names), strict=True):
        moments.append((a - b) ** 2 + s**2 + t**2 - 2 * rho * s * t)
        cov_SY = theta * rho * t / s
        labels.append(gaussian_entropy((s_S**2 * t**2 - cov_SY**2) / t**2, of.unit))
    proof.show(
        Eq(sp.Add(*moments), B - 2 * of.gain((rho,) * of.n)),
        r"expand $\mathbb{E} (X_i - Y_i)^2$ into means and covariances, here with the same correlation in every"
        " component",
    )
    s, t = component("sigma_X", 1), component("sigma_Y", 1)
    pair = sp.Matrix([[s**2, rho * s * t], [rho * s * t, t**2]])
    rate = -of.unit.log(1 - rho**2) / 2
    proof.show(
        Eq(of.unit.log(sp.Mul(pair[0, 0], pair[1, 1]) / pair.det()) / 2, rate),
        r"$I(X_i;Y_i) = \tfrac{1}{2} \log(\operatorname{var} X \operatorname{var} Y / \det \operatorname{cov}(X,"
        " Y))$; components that are independent add their informations",
        given=Lt(sp.Abs(rho), 1),
    )
    proof.show(
        Eq(sp.Add(*labels), h_S + sp.Add(*(of.unit.log(1 - c * rho**2) / 2 for c in of.c))),
        "$S_i$ and $Y_i$ share what goes through $X_i$, and independent components add their entropies",
        given=And(of.interior, Lt(sp.Abs(rho), 1)),
    )


def _converse(proof: Proof, of: Components) -> None:
    """No other `Y` does better, whatever dependence between components it makes."""
    normal = sp.sqrt(1 - of.unit.exp(-2 * r))
    proof.show(
        Eq(-of.unit.log(1 - normal**2) / 2, r),
        r"let $r_i = I(X_i;Y \mid X_1, \dots, X_{i-1})$, so that by the chain rule they add up to $I(X;Y)$; the"
        " $X_i$ are independent, so $r_i$ is at least $I(X_i;Y_i)$, and the correlation of $X_i$ and $Y_i$ at most"
        " that of a normal pair with $I = r_i$",
    )
    s, s_S, theta, c = component("sigma_X", 1), component("sigma_S", 1), component("theta", 1), of.c[0]
    entropy_power = of.unit.exp(2 * gaussian_entropy(s**2, of.unit) - 2 * r)
    noise_power = of.unit.exp(2 * gaussian_entropy(s_S**2 * (1 - c), of.unit))
    proof.show(
        Eq(
            of.unit.log((theta / s**2) ** 2 * entropy_power + noise_power) / 2,
            gaussian_entropy(s_S**2, of.unit) + of.unit.log(1 - c + c * of.unit.exp(-2 * r)) / 2,
        ),
        r"$h(S_i \mid Y, S_1, \dots, S_{i-1})$ is at least $h(S_i \mid Y, X_1, \dots, X_{i-1})$, and"
        r" $S_i = (\theta / \sigma_X^2) X_i + N$ with $N$ independent of $(X, Y)$: the conditional entropy-power"
        " inequality bounds it, with equality for a normal pair",
        given=Lt(c, 1),
    )


def _convex(proof: Proof, of: Components) -> None:
    """The program in the rates is convex, so a point with multipliers is optimal."""
    w, c = of.w[0], of.c[0]
    v = of.unit.exp(-2 * r)
    gain, label = w * sp.sqrt(1 - v), of.unit.log(1 - c + c * v) / 2
    inside = And(of.interior, Gt(r, 0))
    show = partial(proof.show, given=inside)
    show(
        And(Lt(sp.diff(gain, r, 2), 0), Ge(sp.diff(label, r, 2), 0)),
        "the gain of a component is concave in its rate, and its ambiguity convex (a logarithm of a sum of exponentials):"
        " the program is convex, and the conditions of Karush, Kuhn and Tucker decide",
    )
    slope = 2 * w * v / sp.sqrt(1 - v) + mu * c * v / (1 - c + c * v)
    show(
        Eq(sp.diff(-2 * gain + (lam * r + mu * label) * of.unit.nats, r), (lam - slope) * of.unit.nats),
        r"with the price $\lambda$ of a nat of rate and $\mu$ of a nat of classification, the slope of the"
        " Lagrangian in $r$",
    )
    show(
        Lt(sp.diff(slope, r), 0),
        "it has one root: for given prices every rate is determined, and the two prices by the two constraints",
    )


def _water_filling(proof: Proof, of: Components) -> None:
    """Without a price of classification the rates are explicit."""
    w = of.w[0]
    filled = of.filled(price)[0]
    show = partial(proof.show, given=Gt(price, 0))
    show(
        Eq(price * filled, 2 * w * (1 - filled**2)),
        r"where $\mu = 0$, the slope vanishes at a correlation that is the root of a quadratic equation",
    )
    show(Eq(-of.unit.log(1 - filled**2) / 2, of.filled_rates(price)[0]), "its rate")


def _least_ambiguity(proof: Proof, of: Components) -> None:
    """Without a price of distortion the rates are explicit too."""
    c = of.c[0]
    v = (1 - c) / c * sp.exp(-x)
    proof.show(
        Eq(c * v / (1 - c + c * v), 1 / (1 + sp.exp(x))),
        r"where distortion has no price, the slope vanishes if $v = \exp(-2 r) = (1 - c) / c \exp(-x)$, with one $x$"
        r" for all components: water of the level $x$ over a ground of the heights $\ln\left(\frac{1 -"
        r" c}{c}\right)$, and $r$ is half its depth",
        given=And(Gt(c, 0), Lt(c, 1)),
    )


def water_leaves_least(proof: Proof, of: Components) -> None:
    """Show that no rates leave less of the label open than those of the water level."""
    total, nats = sp.Add(*of.rates), of.unit.nats
    proof.show(And(*(Ge(c, 0) for c in of.c)), "squares")
    proof.show(
        Le(h_S + least_ambiguity(total * nats, *of.c) / nats, of.ambiguity(of.rates)),
        "no other rates of the same sum have less ambiguity",
        given=of.interior,
        free={e.name: e * nats for e in of.rates},
    )


def water_covers_both(proof: Proof, of: Components, rate: sp.Expr, covered: Boolean) -> None:
    """Show for two components that a level above both grounds is one that the lemmas speak of."""
    left = of.unit.exp(-2 * rate)
    for one, other in (of.c, of.c[::-1]):
        ground, higher = (1 - one) / one, (1 - other) / other
        below = Lt(sp.log(ground), 2 * rate * of.unit.nats + sp.log(higher))
        proof.show(below, "twice the level less the other ground", given=covered)
        proof.show(Lt(sp.log(ground * left), sp.log(higher)), "the logarithm of a product", given=covered)
        proof.show(And(Gt(ground * left, 0), Gt(higher, 0)), "the grounds are finite", given=covered)
        proof.show(Lt(ground * left, higher), "the logarithm increases", given=covered)
        proof.show(Lt(other * (1 - one) * left, one * (1 - other)), "without fractions", given=covered)


def filled_ambiguity_is_that_of_the_rates(
    proof: Proof, of: Components, symbol: sp.Symbol, level: sp.Symbol, finite: Boolean
) -> None:
    """Show that an abbreviation is `h(S|Y)` at the rates of a level, where this is finite."""
    given = And(of.interior, Gt(level, 0), finite)
    show = partial(proof.show, given=given)
    for w, c, filled in zip(of.w, of.c, of.filled(level), strict=True):
        left = 2 / (1 + sp.sqrt(1 + 16 * w**2 / level**2))
        show(Eq(1 - filled**2, left), "what the rate leaves open of the component")
        show(Eq(sp.log(1 - c * filled**2), sp.log(1 - c + c * left)), "and so of its label")
    whole, of_rates = of.filled_ambiguity(level), of.ambiguity(of.filled_rates(level))
    show(Eq(whole, of_rates), "components add up")
    show(Eq(symbol, whole, evaluate=False), "by definition")
    show(Eq(symbol, of.ambiguity(of.filled_rates(level))), r"put the rates into $h(S \mid Y)$")


def no_component_gains_more(proof: Proof, of: Components, level: sp.Symbol, given: Boolean) -> tuple[sp.Expr, ...]:
    """Show that at the price of water-filling other rates of the components cost more than they gain.

    Returns
    -------
    tuple of sympy expressions
        What the rates cost beyond those of water-filling, in nats, one for each component.
    """
    nats, costs, gains = of.unit.nats, [], []
    show = partial(proof.show, given=given)
    show(Gt(level, 0), "the price is positive")
    for w, e, filled, rate in zip(of.w, of.rates, of.filled(level), of.filled_rates(level), strict=True):
        v, left = of.unit.exp(-2 * e), 2 / (1 + sp.sqrt(1 + 16 * w**2 / level**2))
        gain, cost = sp.sqrt(1 - v), (e - rate) * nats
        costs.append(level * cost)
        show(Eq(1 - filled**2, left), "what water-filling leaves open of the component")
        show(Ge(sp.log(left / v), 1 - v / left), r"$\ln x \ge 1 - 1/x$")
        show(Ge(2 * cost, 1 - v / left), "twice the rate beyond water-filling")
        show(Eq(level / left, 2 * w / filled), "the slope vanishes at the rate of water-filling")
        show(Ge(level * (1 - v / left), 4 * w * (gain - filled)), r"$(\sqrt{1 - v} - \rho)^2 \ge 0$")
        gains.append(Le(2 * w * (gain - filled), level * cost))
        show(gains[-1], "so it gains less than it costs")
    show(And(*gains), "and so for each of them")
    return tuple(costs)


def nothing_below(proof: Proof, of: Components) -> None:
    """Abbreviate `h(S|X)`, and show that nothing is below it."""
    limit = h_S + least_ambiguity(sp.oo, *of.c) / of.unit.nats
    proof.let(h_S_given_X, limit, "entropy of the label given the source", latex="h(S|X)")
    logs = [of.unit.log(1 - c) / 2 for c in of.c]
    show = partial(proof.show, given=of.interior)
    show(Eq(h_S_given_X, h_S + sp.Add(*logs)), "the limit of an infinite rate")
    for log, c, e in zip(logs, of.c, of.rates, strict=True):
        show(Le(log, of.unit.log(1 - c + c * of.unit.exp(-2 * e)) / 2), "a finite rate leaves more open")
    show(Le(h_S_given_X, of.ambiguity(of.rates)), "no rates leave less of the label open")


def ambiguity_is_that_of_the_residuals(proof: Proof, of: Components, value: sp.Symbol) -> None:
    """Show that the label's entropy at some rates is that of what `Y` leaves open of it."""
    residuals = (
        s**2 * (1 - c * (1 - of.unit.exp(-2 * e))) for s, c, e in zip(of.all("sigma_S"), of.c, of.rates, strict=True)
    )
    proof.show(
        Eq(value, sp.Add(*(gaussian_entropy(variance, of.unit) for variance in residuals))),
        r"given $Y_i$, the label $S_i$ has the variance $\sigma_S^2 (1 - c \rho^2)$, with $\rho^2 = 1 - \exp(-2 r)$"
        " in nats",
        given=of.interior,
    )


def ambiguity_in_nats(proof: Proof, of: Components, value: sp.Symbol) -> None:
    """Show what an abbreviation of `h(S|Y)` at some rates is beyond `h(S)`."""
    nats, given = of.unit.nats, of.positive
    beyond = (value - h_S) * nats
    named = Eq(beyond, sp.Add(*of.ambiguities))
    proof.show(named, "by definition, in nats", given=given)
    possible = Le(least_ambiguity(sp.Add(*of.rates) * nats, *of.c), beyond)
    rates = {e.name: e * nats for e in of.rates}
    proof.show(possible, "no share of this rate leaves less of the label open", given=given, free=rates)
    proof.show(And(*(Lt(of.unit.exp(-2 * e), 1) for e in of.rates)), "they are rates", given=given)
    proof.show(And(possible, named), "as before", given=given)
