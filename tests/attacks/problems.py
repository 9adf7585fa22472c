"""Random ill-conditioned finite problems, each answer checked by the independent checker."""

from drc.audit.ill_conditioned import trial
from drc.audit.stress import judge


def attack(*seed: int, time_limit: float = 0.5) -> str:
    """Return what is wrong with the answer to the problem of this seed; empty if nothing is."""
    return judge(trial(*seed), time_limit).fault
