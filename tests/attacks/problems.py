"""Random ill-conditioned finite problems, each answer checked by the independent checker."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
from ill_conditioned import Trial, trial

from drc.checker import check_certificate
from drc.errors import NotAvailableError, ProblemError

#: By how much an answer may come after its time limit: this part of it, and this many seconds, of the process's own time.
FACTOR, GRACE = 1.2, 0.3

#: One in this many questions is asked again with bounds that say nothing instead of none.
_AGAIN = 4


def attack(*seed: int, time_limit: float = 0.5) -> str:
    """Return what is wrong with the answer to the problem of this seed; empty if nothing is."""
    return fault_of(trial(*seed), time_limit)


def fault_of(drawn: Trial, time_limit: float) -> str:
    """Solve one problem, and look for all that could be wrong with the answer."""
    start = time.process_time()
    try:
        solution = drawn.problem.solve(**drawn.question, time_limit=time_limit)
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
        return fault
    except NotAvailableError:
        return ""
    except ProblemError as error:
        # Every trial is a fair question: only what is too large for a method may be refused.
        return f"refused: {error}"
    except Exception as error:  # any other exception is what is looked for
        return f"{type(error).__name__}: {error}"


def _useless(solution: Any, drawn: Trial) -> str:
    """What is wrong with how near the bounds are: "optimal" without digits, or bounds beyond what anything costs."""
    costs = drawn.problem.distortions
    costs = costs[np.isfinite(costs)]
    # Of pairs that may be used; of costs that are all the same, their size counts; of none, one.
    used = drawn.problem.distortions[drawn.problem.source_law > 0]
    if drawn.problem.target_law is not None:
        used = used[:, drawn.problem.target_law > 0]
    used = used[np.isfinite(used)]
    apart = float(np.ptp(used)) if used.size else 0.0
    spread = 1.0 if solution.minimise == "R" else apart or float(used.max(initial=0.0)) or 1.0
    if solution.status == "optimal" and solution.gap > 1.001e-9 * spread + 4 * math.ulp(solution.upper):
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
    if (certificate.lower, certificate.upper) != (solution.lower, solution.upper):
        return (
            f"the certificate claims [{certificate.lower}, {certificate.upper}], not {solution.lower}, {solution.upper}"
        )
    verdict = check_certificate(certificate.to_dict())
    return "" if verdict else "; ".join(said for said in verdict.said if "not proved" in said)
