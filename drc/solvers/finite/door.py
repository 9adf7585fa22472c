"""The door of the solvers of finite problems: what is asked is read, and brought into one form, once for all of them.

Behind it costs are near one, bounds that cannot matter are gone, those that miss the border of the feasible set by rounding
lie on it, and there is one clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from drc.errors import ProblemError, must
from drc.information import conditional_entropy, entropy
from drc.problems.arrays import exact_number
from drc.problems.finite import Finite
from drc.problems.validation import bounds_given, choice
from drc.solvers.arithmetic.balls import Number, exact_or_ball, precision, smallest, total
from drc.solvers.finite.asymptotic.answer import packed
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.asymptotic.solve import with_stranded_letters
from drc.solvers.finite.asymptotic.transport import transport
from drc.solvers.finite.borders import is_below, known_at_most, label_entropy, reaches, snapped, source_entropy
from drc.solvers.finite.costs import CostUnits, shifted
from drc.solvers.finite.one_shot_yu.maps import is_infinite
from drc.solvers.outcome import Solution
from drc.solvers.request import Clock, OutOfTime, clock_for, positive
from drc.types import Exact
from drc.units import unit_named

#: How the least bound on distortion that anything meets is called.
_LEAST = "the least distortion there is"

#: What is as far apart as this in doubles, relative, is told apart without balls.
_CLEAR = 1e-9


def read(
    problem: Finite,
    *,
    minimise: object = "D",
    slope: object = None,
    tolerance: object = 1e-9,
    time_limit: object = None,
    unit: object = "bits",
    start: object = None,
    method: object = None,
    **bounds: object,
) -> Question:
    """Read a question; what is asked is that of `Finite.solve`.

    Raises `ProblemError` for what is not a number, a bound on what is minimised, or on a measure that the problem does not
    have.
    """
    choice("minimise", minimise, ("D", "R", "C"))
    active = active_bounds(minimise, **bounds)
    if "P" in active and problem.perception is None:
        raise ProblemError(
            f"P must be left out for a problem without a perception measure, got {bounds['P']}; give it one, as in"
            " Finite(..., perception='TV', reference=[...])"
        )
    if slope is not None:
        slope = _slope(minimise, slope, active)
    tolerance, clock = positive("tolerance", tolerance), clock_for(time_limit)
    if not (start is None or isinstance(start, Solution)):
        raise ProblemError(f"start must be a Solution, got {type(start).__name__}")
    if not (method is None or isinstance(method, str)):
        raise ProblemError(f"method must be a word, got {type(method).__name__}")
    return Question(problem, minimise, unit_named(unit).name, active, slope, tolerance, clock, method, start)


def label_alone(problem: Finite, unit: str) -> float:
    """Return `H(S)` or another uncertainty of the label in doubles.

    Examples
    --------
    >>> label_alone(Finite([[0.25], [0.75]], uncertainty="error"), "bits")
    0.25
    """
    plain = problem.uncertainty == "entropy"
    return float(entropy(problem.label_law, unit) if plain else label_entropy(problem, unit))


def label_given_source(problem: Finite, unit: str) -> float:
    """Return `H(S|X)` or another uncertainty of the label in doubles.

    Examples
    --------
    >>> label_given_source(Finite([[0.2, 0.1], [0.3, 0.4]], uncertainty="gini"), "bits")
    0.4
    """
    plain = problem.uncertainty == "entropy"
    return float(conditional_entropy(problem.joint_law, unit) if plain else known_at_most(problem, unit))


def _are_near(value: float, border: float) -> bool:
    """Whether doubles cannot tell an entropy from a bound on it."""
    return abs(value - border) <= _CLEAR * (1 + border)


@dataclass
class Borders:
    """A question, and which of its bounds matter.

    `active` are the bounds that matter, some moved to the border by rounding; `rounded` says which.
    """

    given: Question
    active: dict[str, Exact]
    rounded: list[str] = field(default_factory=list)

    @property
    def question(self) -> Question:
        """The question about the bounds that matter."""
        return replace(self.given, bounds=self.active)

    def settle(self) -> Solution | None:
        """Move bounds that miss a border by rounding, and drop those that cannot matter; or answer at once."""
        problem, unit, bounds = self.given.problem, self.given.unit, self.given.bounds
        if "C" in bounds:
            C, least = float(bounds["C"]), label_given_source(problem, unit)
            border = known_at_most(problem, unit) if _are_near(C, least) else None
            if is_below(bounds["C"], border) if border is not None else least > C:
                return self._impossible()
            if border is not None:
                self._snap("C", border, "H(S|X)")
            self._drop_if_slack("C", label_alone(problem, unit), label_entropy, "H(S)")
        if "R" in bounds:
            self._drop_if_slack("R", float(entropy(problem.source_law, unit)), source_entropy, "H(X)")
        if {"C", "R"} <= self.active.keys() and problem.uncertainty == "entropy" and self._contradictory():
            return self._impossible()
        for name, most in (("D", _dearest(problem)), ("P", _farthest(problem, unit))):
            if name in self.active and float(self.active[name]) > (1 + _CLEAR) * most:
                del self.active[name]
        if "D" in self.active:
            for border, what in _costs(problem, float(bounds["D"])):
                self._snap("D", border, what)
                if what == _LEAST and problem.setting == "asymptotic" and is_below(bounds["D"], border):
                    return self._too_far()
        return None

    def _contradictory(self) -> bool:
        """Whether the rate is too low for what a classifier is to know; C is moved to H(S) - R if that is near enough."""
        known, R, C = label_entropy(self.given.problem, self.given.unit), self.active["R"], self.active["C"]
        with precision():
            border = known - exact_or_ball(R)
        size = max(R, C, key=float)
        if is_below(C, border, size):
            return True
        self._snap("C", border, "H(S) - R", size)
        return False

    def _snap(self, name: str, border: Any, what: str, size: Any = None) -> None:
        self.active[name], said = snapped(name, self.active[name], border, what, size)
        self.rounded += [said] if said else []

    def _drop_if_slack(self, name: str, most: float, exactly: Callable[[Finite, str], Number], what: str) -> None:
        """Drop a bound that is at or above what nothing exceeds, which is computed exactly only where they are near."""
        value, slack = float(self.active[name]), False
        if _are_near(value, most):
            border = exactly(self.given.problem, self.given.unit)
            self._snap(name, border, what)
            slack = reaches(self.active[name], border)
        if slack or (value > most and not _are_near(value, most)):
            del self.active[name]

    def _impossible(self) -> Solution:
        """Say that the bound on what a classifier does not know contradicts data processing."""
        self.active = dict(self.given.bounds)
        return self._infeasible({"kind": "data processing"}, "C is below H(S|X) or H(S) - R")

    def _too_far(self) -> Solution:
        """Say that letters are too far from all outputs, in exact numbers: doubles cannot tell the bound from the border."""
        problem = self.given.problem
        u = [min((c for c in row if not is_infinite(c)), default=Fraction(0)) for row in problem.exact_distortion]
        leaf = {"objective": 0, "multipliers": {"D": 1}, "u": u, "v": [0] * problem.n_Y}
        shared = {"D": 1} if problem.time_sharing else None
        dual = {"kind": "channels", "objective": 0, "shared": shared, "tree": leaf}
        return self._infeasible(dual, "no letter is near enough to an output")

    def nothing_known(self) -> Solution:
        """Say what is known before anything is found: that nothing is negative."""
        return self.question.answered(0.0, math.inf, {"kind": "trivial"}, "none: it was stopped at the start")

    def _infeasible(self, dual: dict[str, Any], method: str) -> Solution:
        return self.question.answered(math.inf, math.inf, dual, f"none needed: {method}")


def asked(solver: Callable[[Question], Solution], problem: Finite, **question: object) -> Solution:
    """Ask a solver what a user wants to know, and return the answer in the user's units.

    The solver takes a question about costs near one, with exact bounds; the rest is as in `Finite.solve`.
    """
    given, found = read(problem, **question), None
    borders = Borders(given, dict(given.bounds))
    with given.clock.watching():
        found = _given_back(borders.settle() or _solved(solver, borders), borders)
    return found or _given_back(borders.nothing_known(), borders)


def _solved(solver: Callable[[Question], Solution], borders: Borders) -> Solution:
    """Ask a solver about costs near one, and give the answer its units back."""
    given = borders.given
    units = CostUnits.of(given.problem, borders.active.get("D"))
    bounds = {name: units.bound(name, bound) for name, bound in borders.active.items()}
    slope = None if given.slope is None else shifted(given.slope, -units.distortion)
    normal, start = units.normal(given.problem), units.start(given.start)
    question = replace(given, problem=normal, bounds=bounds, slope=slope, start=start)
    try:
        found = _stranded(question) or solver(question)
    except OutOfTime:
        return borders.nothing_known()
    return units.answer(found, given.problem, borders.active, given.slope)


def _stranded(question: Question) -> Solution | None:
    """Say that nothing is feasible because letters that have mass may go nowhere."""
    problem = question.problem
    ground = problem.ground_costs
    dear = "P" in question.bounds and problem.perception == "W2" and ground is not None and ground.diagonal().any()
    if not (dear or np.isinf(problem.distortions).any()):
        return None
    # What is undefined proves nothing.
    with np.errstate(all="ignore"):
        answer = with_stranded_letters(question)
    if answer is None:
        return None
    found = packed(question, answer)
    if problem.setting == "asymptotic":
        return found
    dual = {"kind": "relaxation", "of": "asymptotic", "dual": found.certificate.dual}
    return replace(found, certificate=replace(found.certificate, dual=dual))


def _given_back(found: Solution, borders: Borders) -> Solution:
    """Complete an answer with what the door knows: the bounds as they were given, what was rounded, what nobody measured."""
    request, problem = borders.given, borders.given.problem
    bounds = {name: float(bound) for name, bound in request.bounds.items()}
    # What cannot matter has no price; nor has anything where the optimum is zero, which no bound lowers.
    priced = () if found.upper == 0 and not found.duals else borders.active
    lost = {name: 0.0 for name in bounds if name not in priced} if found.duals or not priced else {}
    slope = None if request.slope is None else float(request.slope)
    more: dict[str, Any] = {"bounds": bounds, "slope": slope, "rounded": tuple(borders.rounded)}
    more["duals"] = {**lost, **found.duals}
    if problem.uncertainty != "entropy":
        more["uncertainty"] = problem.uncertainty
    elif math.isinf(found.classification) and found.coupling is not None and found.mixture is None:
        law = problem.source_law
        posterior = np.divide(problem.joint_law, law, out=np.zeros(problem.joint_law.shape), where=law > 0)
        more["classification"] = float(conditional_entropy(posterior @ found.coupling, request.unit))
    if problem.perception is not None and found.coupling is not None and math.isinf(found.perception):
        reached = perceived(problem, found.coupling.sum(axis=0), request.unit)
        more |= {"perception": reached, "measure": problem.perception}
    most = _most(request)
    if most < found.lower < math.inf:
        # Nothing that can be done costs as much: a bound above it says no more than this.
        more |= {"lower": most, "value": most, "certificate": replace(found.certificate, lower=most)}
    return replace(found, **more)


def perceived(problem: Finite, law: np.ndarray, unit: str) -> float:
    """Return the perception measure of an output law in doubles; infinite for a divergence that is known by cuts alone.

    Examples
    --------
    >>> perceived(Finite([[0.5, 0.5]], perception="TV", reference=[0.25, 0.75]), np.array([0.5, 0.5]), "bits")
    0.25
    """
    reference, ground = problem.reference_law, problem.ground_costs
    if reference is None or problem.perception not in ("TV", "W2", "KL"):
        return math.inf
    if problem.perception == "TV":
        return float(np.abs(law - reference).sum()) / 2
    if problem.perception == "KL":
        used = law > 0
        with np.errstate(divide="ignore"):
            terms = law[used] * np.log(law[used] / reference[used])
        return max(0.0, float(terms.sum())) / unit_named(unit).in_nats
    found = None if ground is None else transport(law, reference, ground, Clock())
    return math.inf if found is None or ground is None else float((found[0] * ground).sum())


def _dearest(problem: Finite) -> float:
    """Return the distortion of the worst plan that uses no forbidden pair, in doubles."""
    costs = problem.distortions
    return float(problem.source_law @ np.where(np.isfinite(costs), costs, 0.0).max(axis=1))


def _farthest(problem: Finite, unit: str) -> float:
    """Return the perception of the worst output law, in doubles: infinite for KL where the reference has no mass."""
    reference, ground = problem.reference_law, problem.ground_costs
    match problem.perception:
        case "TV":
            return 1.0
        case "W2" if ground is not None:
            return float(ground.max())
        case "KL" if reference is not None and reference.all():
            return float(-np.log(reference.min())) / unit_named(unit).in_nats
    return math.inf


def _most(request: Question) -> float:
    """Return more than any plan can cost."""
    rate = math.log(request.problem.n_X) / unit_named(request.unit).in_nats
    if request.minimise == "R":
        return (1 + _CLEAR) * rate
    if request.minimise == "C" and request.problem.uncertainty != "entropy":
        return 1 + _CLEAR
    if request.minimise == "C":
        return (1 + _CLEAR) * math.log(request.problem.n_S) / unit_named(request.unit).in_nats
    return (1 + _CLEAR) * (_dearest(request.problem) + (0.0 if request.slope is None else float(request.slope) * rate))


def active_bounds(minimise: str, **given: object) -> dict[str, object]:
    """Return the bounds that are active, exactly.

    None or infinity means no bound.

    Raises `ProblemError` for a bound on what is minimised, NaN, or a negative rate, distortion or perception.

    Examples
    --------
    >>> active_bounds("D", R=0.4, C=float("inf"))
    {'R': Fraction(2, 5)}
    """
    checked = bounds_given(given)
    if given.get(minimise) is not None:
        raise must(minimise, "be left out: it is minimised", given[minimise])
    return {name: exact_number(name, given[name]) for name, bound in checked.items() if bound != math.inf}


def _slope(minimise: str, slope: Any, bounds: dict[str, Any]) -> Fraction | Any:
    """Return a slope exactly.

    Raises `ProblemError` if it is negative, or there is a bound on `R` or `D` as well.
    """
    found = exact_number("slope", slope)
    if minimise != "D":
        raise must("minimise", "be 'D' with a slope", minimise)
    if not found >= 0:
        raise must("slope", "be at least 0", slope)
    for name in sorted(bounds.keys() & {"R", "D"}):
        raise ProblemError(f"{name} must be left out with a slope, got {float(bounds[name]):.12g}")
    return found


def _costs(problem: Finite, near: float) -> list[tuple[Any, str]]:
    """Return the borders near a bound on distortion: the least that there is, and what is reached at rate zero."""
    law, d = problem.source_law, problem.distortions
    xs = [x for x, mass in enumerate(law) if mass > 0]
    law, d = law[xs], d[xs]
    if problem.p_Y is not None:
        known = {
            "the distortion of independent X and Y": float(
                law @ np.where((p_Y := np.asarray(problem.target_law)) > 0, d, 0.0) @ p_Y
            )
        }
    else:
        known = {
            _LEAST: float(law @ d.min(axis=1)),
            "the distortion of one letter for all": float((law @ d).min()),
        }
    what = [name for name, cost in known.items() if cost < math.inf and abs(cost - near) <= _CLEAR * cost]
    return [(_cost(problem, xs, name), name) for name in what]


def _cost(problem: Finite, xs: list[int], what: str) -> Number:
    """Return a border of a bound on distortion, exactly or as a ball."""
    with precision():
        rows: list[list[Any]] = [
            [(None if is_infinite(c) else p * exact_or_ball(c)) for c in problem.exact_distortion[x]]
            for x, p in ((x, sum(exact_or_ball(row[x]) for row in problem.p_SX)) for x in xs)
        ]
        if problem.p_Y is not None:
            target = [exact_or_ball(q) for q in problem.p_Y]
            return total(q * sum(c[y] for c in rows) for y, q in enumerate(target) if q != 0)
        if what == _LEAST:
            return total(smallest([c for c in row if c is not None]) for row in rows)
        return smallest([sum(column) for column in zip(*rows, strict=True) if None not in column])
