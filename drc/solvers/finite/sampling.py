"""How far the optimum of a law that was counted from samples may be from that of the law behind them: the delta method.

Take the best plan and the multipliers as they are. By the envelope theorem, one more sample of a pair `(s, x)` moves the
optimum by the derivative of the Lagrangian with respect to its mass ([shapiro1991]); the variance of this derivative over
the samples, divided by their number, is that of the estimate. The plug-in bias of the entropies in the Lagrangian is taken
out as in [miller1955].
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from drc.information.estimate import Estimate
from drc.problems.bounds import names_of
from drc.problems.finite import Finite
from drc.solvers.outcome import Solution
from drc.units import unit_named

#: Codes, each with its weight: the law of what comes out (columns) given each source letter (rows).
Codes = list[tuple[float, np.ndarray]]

#: A law is known poorly where fewer samples than this show a letter or a pair ([cochran1954]).
_FEW = 5

#: The bias of an entropy is more than its first term where there are fewer samples than this for each pair that was seen.
_LEAST_PER_PAIR = 4

#: How many standard errors an interval with 95 % confidence reaches.
_REACH = 1.96


@dataclass
class _Sum:
    """The derivative of a sum of functions of the joint law, and the bias of its value.

    `influence`, of shape (n_S, n_X), is in the unit of the sum, up to a constant; `bias` is times the number of
    samples. `spare`, times its square, is left of the variance where the derivative vanishes. `rare` is the weight of
    the entropies of what few samples show, or none: one more may change each by `log n / n`.
    """

    joint: np.ndarray
    samples: int
    influence: np.ndarray = field(init=False)
    bias: float = 0.0
    spare: float = 0.0
    rare: float = 0.0

    def __post_init__(self) -> None:
        self.influence = np.zeros(self.joint.shape)

    def add_rate(self, codes: Codes, price: float) -> None:
        """Add the mean of the mutual informations of the source and what comes out of each code, in nats."""
        law = self.joint.sum(axis=0)
        for weight, code in codes:
            out = law @ code
            with np.errstate(divide="ignore", invalid="ignore"):
                each = np.where((code > 0) & (out > 0), code * np.log(code / out), 0.0).sum(axis=1)
            self.influence += price * weight * each
            if np.count_nonzero(out) > 1:
                self._add_bias(price * weight, _freedom(law @ code**2, out), law)

    def add_uncertainty(self, codes: Codes, price: float, kind: str) -> None:
        """Add the mean uncertainty of the label given what comes out of each code; entropies in nats."""
        for weight, code in codes:
            pairs = self.joint @ code
            out = pairs.sum(axis=0)
            posterior = np.divide(pairs, out, out=np.zeros_like(pairs), where=out > 0)
            with np.errstate(divide="ignore"):
                each = {
                    "entropy": lambda p: np.where(p > 0, -np.log(p), 0.0),
                    "error": lambda p: 1.0 - (np.arange(len(p))[:, None] == p.argmax(axis=0)),
                    "gini": lambda p: 1.0 - 2 * p + (p**2).sum(axis=0),
                }[kind](posterior)
            self.influence += price * weight * each @ code.T
            if kind == "entropy":
                freedom = _freedom(self.joint @ code**2, pairs) - _freedom(self.joint.sum(axis=0) @ code**2, out)
                self._add_bias(price * weight, freedom, self.joint)

    def _add_bias(self, price: float, freedom: float, law: np.ndarray) -> None:
        """Add what a plug-in entropy is short of, of a function of what has this law."""
        self.bias -= price * freedom / 2
        self.spare += price**2 * abs(freedom) / 2
        self.rare += abs(price) * (law.min() * self.samples < _FEW)

    def estimate(self, value: float, beside: float = 0.0) -> Estimate:
        """Return the estimate of a value; `beside` is the variance of what was counted elsewhere."""
        n, mean = self.samples, float((self.joint * self.influence).sum())
        spread = float((self.joint * (self.influence - mean) ** 2).sum())
        step = self.rare * math.log(n + 1) / n
        error = math.sqrt(spread / n + self.spare / n**2 + beside + step**2)
        enough = n >= _LEAST_PER_PAIR * np.count_nonzero(self.joint)
        return Estimate(value - self.bias / n, error if enough else math.inf, value, step)


def _freedom(squares: np.ndarray, law: np.ndarray) -> float:
    """Degrees of freedom of a law: for letters that samples show, their number less one."""
    return float(np.divide(squares, law, out=np.zeros_like(law), where=law > 0).sum()) - 1


def entropies(problem: Finite, unit: str) -> dict[str, Estimate]:
    """Return estimates of `H(X)`, `H(S)` and `H(S|X)`, or another uncertainty of the label, if the law was counted.

    Examples
    --------
    >>> found = entropies(Finite.from_counts([[40, 10], [10, 40]]), "bits")["label_given_source"]
    >>> [round(end, 2) for end in found.interval()]
    [0.58, 0.9]
    """
    if problem.sample_size is None:
        return {}
    everything, nothing = [(1.0, np.eye(problem.n_X))], [(1.0, np.ones((problem.n_X, 1)))]
    kind, found = problem.uncertainty, {}
    sums = {name: _Sum(problem.joint_law, problem.sample_size) for name in ("source", "label", "label_given_source")}
    in_unit = 1 / unit_named(unit).in_nats
    price = in_unit if kind == "entropy" else 1.0
    sums["source"].add_rate(everything, in_unit)
    sums["label"].add_uncertainty(nothing, price, kind)
    sums["label_given_source"].add_uncertainty(everything, price, kind)
    for name, total in sums.items():
        value = float((total.joint * total.influence).sum())
        found[name] = total.estimate(value)
    return found


def with_estimate(problem: Finite, solution: Solution, again: Callable[..., Solution] | None = None) -> Solution:
    """Return a solution with the estimate of the optimum of the law behind the samples, if it is known how to find it.

    `again` answers the same question with other bounds. It is asked what the optimum is if every bound is tighter by what
    its side may be off: what multipliers do not explain of the difference is added, so that the interval holds near borders
    between regimes, too. Where nothing is feasible then the error is infinite.

    Examples
    --------
    >>> from drc.solvers.finite.solve import solve_finite
    >>> f = Finite.from_counts([[40, 10], [10, 40]])
    >>> [round(end, 2) for end in with_estimate(f, solve_finite(f, R=0.4)).estimate.interval()]
    [0.24, 0.36]
    """
    if problem.sample_size is None or not _is_known(problem, solution):
        return solution
    prices = {name: float(solution.duals[name]) for name in solution.bounds}
    objective = {solution.minimise: 1.0} | ({} if solution.slope is None else {"R": solution.slope})
    codes = _codes(problem, solution)
    total = _weighted(problem, solution.unit, codes, prices | objective)
    found = total.estimate(solution.value, _of_target(problem, solution, codes[0], total))
    if again is not None and prices and math.isfinite(found.error):
        beside = {name: _weighted(problem, solution.unit, codes, {name: 1.0}).estimate(0.0).error for name in prices}
        tighter = {name: max(0.0, bound - _REACH * beside[name]) for name, bound in solution.bounds.items()}
        linear = sum(price * (solution.bounds[name] - tighter[name]) for name, price in prices.items())
        more = again(**tighter).upper - solution.upper - linear
        found = replace(found, error=found.error + max(0.0, more) / _REACH)
    return replace(solution, estimate=found)


def _weighted(problem: Finite, unit: str, codes: tuple[np.ndarray, Codes, Codes], prices: Mapping[str, float]) -> _Sum:
    """Return a sum of what a plan reaches of rate, uncertainty and costs, in their units."""
    mean, rates, labels = codes
    per_nat = 1 / unit_named(unit).in_nats
    total = _Sum(problem.joint_law, int(problem.sample_size or 0))
    if prices.get("R"):
        total.add_rate(rates, prices["R"] * per_nat)
    if prices.get("C"):
        in_unit = per_nat if problem.uncertainty == "entropy" else 1.0
        total.add_uncertainty(labels, prices["C"] * in_unit, problem.uncertainty)
    for name, each in zip(names_of(problem)[0], problem.each_cost, strict=True):
        if prices.get(name):
            total.influence += prices[name] * (mean * np.where(mean > 0, each.distortions, 0.0)).sum(axis=1)
    return total


def _is_known(problem: Finite, solution: Solution) -> bool:
    """Whether there is a plan, and a price of everything that binds it."""
    priced = all(name in solution.duals for name in solution.bounds)
    if problem.p_Y is not None and len(solution.duals.get("p_Y", ())) != problem.n_Y:
        return False
    return priced and solution.coupling is not None and not solution.duals.get("P")


def _of_target(problem: Finite, solution: Solution, codes: np.ndarray, total: _Sum) -> float:
    """Add what the target law makes of a sample; return the variance that its own samples bring."""
    if problem.p_Y is None:
        return 0.0
    price = np.array(solution.duals["p_Y"], float)
    total.influence -= codes @ price
    if problem.target_size == "X":
        total.influence += price
    if not isinstance(problem.target_size, int):
        return 0.0
    law = problem.target_law
    return float(law @ (price - law @ price) ** 2) / problem.target_size


def _codes(problem: Finite, solution: Solution) -> tuple[np.ndarray, Codes, Codes]:
    """Return the mean code, the codes whose rates count, and those of which the classifier knows which is in use."""
    law = problem.source_law

    def given_source(coupling: np.ndarray) -> np.ndarray:
        return np.divide(coupling, law[:, None], out=np.zeros(coupling.shape), where=law[:, None] > 0)

    def maps(plan: tuple) -> Codes:
        return [(weight, np.eye(problem.n_Y)[list(images)]) for weight, images in plan]

    mean = given_source(solution.coupling)
    if solution.messages is not None:
        joint = np.array([weight * np.asarray(posterior) for weight, _, posterior in solution.messages]).T
        return mean, [(1.0, given_source(joint))], [(1.0, given_source(joint))]
    blocks = solution.mixture or ((1.0, solution.coupling),)
    known = [(share, given_source(coupling)) for share, coupling in blocks]
    plans = solution.plans or (() if solution.plan is None else (solution.plan,))
    rates = [
        (s * w, code) for (s, _), plan in zip(blocks, plans, strict=bool(plans)) for w, code in maps(plan)
    ] or known
    return mean, rates, rates if solution.sees == "Y,U" else known
