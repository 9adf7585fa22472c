"""A given output law, answered by the potentials of entropic transport; disconnected and slack cases are left to others."""

from __future__ import annotations

import numpy as np

from drc.solvers.entropic.free_law import multipliers_of, targets_of
from drc.solvers.entropic.general import repaired
from drc.solvers.entropic.mixture import Source
from drc.solvers.entropic.question import Answer, Question, proved_lower
from drc.solvers.entropic.transport import solve_transport
from drc.solvers.request import Clock


def answered_by_transport(question: Question, clock: Clock) -> Answer | None:
    """Answer a question about a given output law; None if Newton's iteration did not converge.

    Parameters
    ----------
    question : Question
        With a bound on the rate, on the distortion, or a slope.
    clock : Clock
    """
    data = question.data
    with np.errstate(all="ignore"):
        source = Source(data.source, data.distortion / data.scale)
        found = solve_transport(source, data.target, **targets_of(question), clock=clock)
    if found is None:
        return None
    r, s, channel, steps = found
    lower, multipliers = proved_lower(question, multipliers_of(question, r, s))
    plan, upper = repaired(question, data.source[:, None] * channel, None, clock)
    return Answer(lower, upper, plan, multipliers, False, f"Newton on the transport potentials, {steps} steps")
