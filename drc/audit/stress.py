"""Solvers against problems that are hard on doubles: every answer is checked by the independent checker."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from drc.audit.ill_conditioned import Trial, trial
from drc.checker import check_certificate
from drc.errors import NotAvailableError, ProblemError

Progress = Callable[[str, int, int], None]

#: By how much an answer may come after its time limit: this part of it, and this many seconds, of the process's own time.
FACTOR, GRACE = 1.5, 0.3

#: One in this many questions is asked again with bounds that say nothing instead of none.
_AGAIN = 4


@dataclass(frozen=True)
class Judgement:
    """What came of one trial.

    Attributes
    ----------
    setting : str
        Which solver was asked, and whether there was a bound `C`.
    status : str
        That of the solution; "refused" for a `ProblemError`, "not available", or "failed".
    fault : str
        What is wrong; empty if nothing is.
    seconds : float
        Of the process, which others on the machine do not make longer.
    """

    setting: str
    status: str
    fault: str
    seconds: float


@dataclass(frozen=True)
class StressReport:
    """What came of many trials.

    Attributes
    ----------
    counts : Counter of (setting, status)
    faults : tuple of (seed, fault)
    slowest : tuple of (seconds, seed)
    """

    counts: Counter
    faults: tuple[tuple[tuple[int, ...], str], ...]
    slowest: tuple[float, tuple[int, ...]]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def __str__(self) -> str:
        settings = sorted({setting for setting, _ in self.counts})
        statuses = sorted({status for _, status in self.counts})
        width = max((len(setting) for setting in settings), default=0)
        lines = ["  ".join([" " * width, *statuses])]
        for setting in settings:
            cells = [f"{self.counts[setting, status]:{len(status)}d}" for status in statuses]
            lines.append("  ".join([f"{setting:{width}}", *cells]))
        lines.append(f"{self.counts.total()} trials, {len(self.faults)} faults; slowest {self.slowest[0]:.1f} s")
        lines += [f"seed {' '.join(map(str, seed))}: {fault}" for seed, fault in self.faults]
        return "\n".join(lines)


def stress(
    count: int, *, seed: int = 0, first: int = 0, time_limit: float = 1.0, progress: Progress | None = None
) -> StressReport:
    """Solve random ill-conditioned problems, and check each answer.

    Parameters
    ----------
    count : int
    seed : int
    first : int
        The number of the first trial, to go on where another run ended.
    time_limit : float
        Seconds for each.
    progress : function of (description, done, total), optional

    Returns
    -------
    StressReport

    Examples
    --------
    >>> stress(3, time_limit=0.1).counts.total()
    3
    """
    found = []
    for i in range(first, first + count):
        drawn = trial(seed, i)
        found.append((drawn.seed, judge(drawn, time_limit)))
        if progress is not None:
            progress("stress", i - first + 1, count)
    return report(found)


def report(found: Iterable[tuple[tuple[int, ...], Judgement]]) -> StressReport:
    """Count what came of trials."""
    found = list(found)
    counts = Counter((one.setting, one.status) for _, one in found)
    faults = tuple((seed, one.fault) for seed, one in found if one.fault)
    slowest = max(((one.seconds, seed) for seed, one in found), default=(0.0, ()))
    return StressReport(counts, faults, slowest)


def judge(drawn: Trial, time_limit: float) -> Judgement:
    """Solve one problem, and look for all that could be wrong with the answer."""
    setting = drawn.problem.id.removeprefix("finite.") + (" with C" if "C" in drawn.question else "")
    start = time.process_time()
    seconds, status, fault = 0.0, "failed", ""
    try:
        solution = drawn.problem.solve(**drawn.question, time_limit=time_limit)
        status = solution.status
        seconds = time.process_time() - start
        fault = _fault(solution) or _useless(solution, drawn)
        if not fault and sum(drawn.seed) % _AGAIN == 0:
            fault = _differs(solution, drawn, time_limit)
        if not fault and seconds > FACTOR * time_limit + GRACE:
            # What is imported at the first question is not part of it.
            start = time.process_time()
            drawn.problem.solve(**drawn.question, time_limit=time_limit)
            seconds = time.process_time() - start
        if not fault and seconds > FACTOR * time_limit + GRACE:
            fault = f"{seconds:.1f} s, with a time limit of {time_limit:g} s"
    except NotAvailableError:
        status = "not available"
    except ProblemError as error:
        # Every trial is a fair question: only what is too large for a method may be refused.
        status, fault = "refused", f"refused: {error}"
    except Exception as error:  # any other exception is what is looked for
        fault = f"{type(error).__name__}: {error}"
    return Judgement(setting, status, fault, seconds or time.process_time() - start)


def _useless(solution: Any, drawn: Trial) -> str:
    """What is wrong with how near the bounds are: "optimal" without digits, or bounds beyond what anything costs."""
    costs = drawn.problem.distortions
    costs = costs[np.isfinite(costs)]
    most, least = float(costs.max(initial=0.0)), float(costs.min(initial=math.inf))
    # Of costs that are all the same, their size counts; of none, one.
    spread = 1.0 if solution.minimise == "R" else most - least or most or 1.0
    if solution.status == "optimal" and solution.gap > 1.001 * max(1e-6 * abs(solution.value), 1e-9 * spread):
        return f"optimal with a gap of {solution.gap:.2g} around {solution.value:.2g}, costs {spread:.2g} apart"
    rate = math.log2(drawn.problem.n_X)
    most = rate if solution.minimise == "R" else float(costs.max(initial=0.0)) + drawn.question.get("slope", 0.0) * rate
    if (1 + 1e-6) * most + 1e-300 < solution.lower < math.inf:
        return f"nothing costs more than {most}, and the lower bound is {solution.lower}"
    return ""


def _differs(solution: Any, drawn: Trial, time_limit: float) -> str:
    """What is wrong with the answer to the same question with bounds that say nothing instead of none."""
    costs = drawn.problem.distortions
    largest = float(costs[np.isfinite(costs)].max(initial=1.0))
    slack = {"R": 1.0 + math.log2(drawn.problem.n_X), "C": 1.0 + math.log2(drawn.problem.n_S), "D": 2.0 * largest}
    open_ = slack.keys() - drawn.question.keys() - {solution.minimise} - ({"R"} if "slope" in drawn.question else set())
    for bounds in (dict.fromkeys(open_, math.inf), {name: slack[name] for name in open_}):
        other = drawn.problem.solve(**drawn.question, **bounds, time_limit=time_limit)
        said = f"with {bounds} the answer is [{other.lower}, {other.upper}], not [{solution.lower}, {solution.upper}]"
        if max(other.lower, solution.lower) > min(other.upper, solution.upper):
            return said
        decided = {"optimal", "infeasible"}
        if {solution.status, other.status} & decided and other.status != solution.status and solution.gap < math.inf:
            slow = {solution.status, other.status} & {"time limit"}
            if not slow:
                return f"{said}: {other.status}, not {solution.status}"
    return ""


def _fault(solution: Any) -> str:
    numbers = {name: getattr(solution, name) for name in ("value", "lower", "upper", "gap")}
    wrong = [name for name, number in numbers.items() if math.isnan(number)]
    if wrong:
        return f"{wrong[0]} is nan"
    if not solution.lower <= solution.value <= solution.upper:
        return f"{solution.lower} <= {solution.value} <= {solution.upper} does not hold"
    certificate = solution.certificate
    if not hasattr(certificate, "to_dict"):
        return "" if certificate.verify() else "the certificate does not verify itself"
    if (certificate.lower, certificate.upper) != (solution.lower, solution.upper):
        return (
            f"the certificate claims [{certificate.lower}, {certificate.upper}], not {solution.lower}, {solution.upper}"
        )
    verdict = check_certificate(certificate.to_dict())
    return "" if verdict else "; ".join(said for said in verdict.said if "not proved" in said)
