"""Solvers against problems that are hard on doubles: every answer is judged by the independent checker."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from drc.audit.ill_conditioned import Trial, trial
from drc.checker import check_certificate
from drc.errors import NotAvailableError, ProblemError

Progress = Callable[[str, int, int], None]

#: How many seconds after its time limit an answer may come: it must still be proved.
GRACE = 10.0


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
    """Solve random ill-conditioned problems, and judge each answer.

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
    start = time.monotonic()
    status, fault = "failed", ""
    try:
        solution = drawn.problem.solve(**drawn.question, time_limit=time_limit)
        status = solution.status
        seconds = time.monotonic() - start
        fault = _fault(solution)
        if not fault and seconds > time_limit + GRACE:
            fault = f"{seconds:.0f} s, with a time limit of {time_limit:g} s"
    except NotAvailableError:
        status = "not available"
    except ProblemError as error:
        # Every trial is a fair question: only what is too large for a method may be refused.
        status, fault = "refused", f"refused: {error}"
    except Exception as error:  # any other exception is what is looked for
        fault = f"{type(error).__name__}: {error}"
    return Judgement(setting, status, fault, time.monotonic() - start)


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
