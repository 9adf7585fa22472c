"""Lower bounds for long blocks: potentials of the source letters and the output letters, box by box.

Theorem ([cover2006], section 10.8, has the case without labels). Take a leaf of a tree that cuts the laws of (S, Y), with
its box; multipliers `a, lambda, mu, kappa >= 0` of D, R, C, P; potentials `u` and `v`; and any matrix `g` of slopes (0 if
none is given). Let `lambda'` be `lambda` in nats. If, for every output letter y that may have mass,

    sum over x with p(x) > 0 and d(x,y) finite of p(x) exp((u_x + v_y - a d(x,y) - <g_y, p(.|x)>) / lambda') <= 1,

or if no exponent's numerator is positive (for `lambda = 0` it has to be so), then every channel whose law of (S, Y) is in
the box has

    a D + lambda I(X;Y) + mu H(S|Y) + kappa P
        >= sum_x p(x) u_x + psi(v) + sum_y min over the vertices t of the box of y of [mu h(t) - <g_y, t>]

with `h(t) = sum_s t_s log(|t| / t_s)` and `psi` as in `output_law.worth`. The optimum is at least the least of the
leaves' bounds, each without what the bounds on R, C, D, P take off.

Proof. `lambda I >= E[F] - lambda' sum_y q(y) log sum_x p(x) exp(F / lambda')` for every function F of (x, y)
(Donsker and Varadhan); take the numerator for F. `sum_y <g_y, t_y> = E <g_Y, p(.|X)>`. `mu h - <g_y, .>` is concave on
`t >= 0`, so a vertex has its least value.

Side conditions, and where each is tested:

* the setting is asymptotic, and the classifier does not see U if C is bounded: here;
* if the classifier sees the message, its bound goes, and C has no multiplier: here, `read_multipliers`;
* the multipliers are proved to be at least 0, and those of quantities without a bound are 0: `read_multipliers`;
* with time sharing R, C, D and the objective have the same multipliers in all leaves: `one_shot.tree_bound`;
* `lambda` is exactly 0 or proved to be positive: `_potentials`;
* the condition on the potentials: `v_y` is lowered until it holds, `_potentials`;
* every y that may have mass is among `outputs`: those left out have no mass, exactly: `output_law.letters`;
* a leaf is left out only if its box is proved to be empty, and every child is one part of its parent's box: `leaves`;
* a box is cut only by what every law of (S, Y) meets: `Marginals`, whose ends are rounded outwards.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from flint import arb, arb_mat

from drc.checker.entropy import dot, least
from drc.checker.multipliers import Multipliers
from drc.checker.numerals import is_zero
from drc.checker.one_shot import tree_bound
from drc.checker.output_law import letters, worth
from drc.checker.read import Claim, Problem, UnprovedError, field, vector
from drc.types import Number


def channels_bound(claim: Claim, dual: Mapping, at: str) -> Number:
    """Return what the potentials prove.

    The dual is of kind "channels"; `at` is its field, for messages.
    """
    problem = claim.problem
    if not problem.asymptotic:
        raise UnprovedError('a dual of kind "channels" is for the asymptotic setting')
    if problem.sees_U and "C" in claim.bounds:
        raise UnprovedError("there is no proof for a classifier that sees U in the asymptotic setting")
    if problem.sees_message:
        # The message tells a classifier more than the output does: that bound goes.
        claim = claim.without("C")
    outputs = letters(problem, claim.bounds)

    def of_leaf(name: str, leaf: Mapping, by: Multipliers, slopes: list | None) -> Number:
        if problem.sees_message and not is_zero(by.C):
            raise UnprovedError("channels do not prove what a message leaves unknown")
        u = vector(f"{name}.u", field(name, leaf, "u"), problem.n_X)
        v = vector(f"{name}.v", field(name, leaf, "v"), problem.n_Y)
        proved = _potentials(problem, by, u, v, slopes, outputs)
        return problem.mean(u) + worth(problem, claim.bounds, proved, by.P)

    return tree_bound(claim, dual, at, problem.n_X * problem.n_Y, of_leaf)


def _potentials(problem: Problem, by: Multipliers, u: list, v: list, slopes: list | None, outputs: list[int]) -> list:
    """Return the potentials of the output letters, lowered as far as the condition requires."""
    proved = list(v)
    if not is_zero(by.R) and not by.R > 0:
        raise UnprovedError("the multiplier of R is not proved to be positive")
    soft = [arb("nan")] * len(outputs)
    if not is_zero(by.R):
        scale = arb(by.R) / problem.nat
        soft = [-scale * mean.log() for mean in _means(problem, by, u, slopes, outputs, scale)]
    for y, room in zip(outputs, soft, strict=True):
        # Where no pair is allowed the letter has no mass, and any potential will do.
        allowed = [x for x in problem.sources if problem.distortion[x][y] != math.inf]
        # Without a positive exponent the sum is at most one, whatever `lambda` is: so it may be too small for the sum.
        rooms = [room] if room.is_finite() else [_room(problem, by, x, y, slopes) - u[x] for x in allowed]
        proved[y] = least([v[y], *rooms]) if allowed else v[y]
    return proved


def _room(problem: Problem, by: Multipliers, x: int, y: int, slopes: list | None) -> Number:
    cost = by.D * problem.distortion[x][y]
    return cost if slopes is None else cost + dot(problem.label_given(x), slopes[y])


def _means(problem: Problem, by: Multipliers, u: list, slopes: list | None, outputs: list, scale: arb) -> list[arb]:
    """Return `sum_x p(x) exp((u_x - a d(x,y) - <g_y, p(.|x)>) / scale)` for every output letter."""
    sources = problem.sources
    weights = [arb(problem.p_X[x]) * (arb(u[x]) / scale).exp() for x in sources]
    by_D = arb(by.D) / scale
    tilts = None
    if slopes is not None:
        given = arb_mat([[arb(p) for p in problem.label_given(x)] for x in sources])
        tilts = (given * arb_mat([[arb(g) / scale for g in slopes[y]] for y in outputs]).transpose()).tolist()
    means = []
    for k, y in enumerate(outputs):
        mean = arb(0)
        for row, (x, weight) in enumerate(zip(sources, weights, strict=True)):
            d = problem.distortion[x][y]
            if d != math.inf:
                exponent = by_D * d if tilts is None else by_D * d + tilts[row][k]
                mean += weight * (-exponent).exp()
        means.append(mean)
    return means
