"""How z3 is asked: whether assumptions leave no room for the negation of a goal."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from functools import cache

import z3

from drc.proof.decide.real import Formula, both

#: The query that has no solution, or a solution; neither where z3 gave up.
Refutation = tuple[str, z3.ModelRef | None]

#: Steps of z3 for one form of a claim.
EFFORT = 3_000_000

#: Steps of z3 for all goals of a claim at once, before each is shown alone.
_TOGETHER = 300_000

#: How long z3 may look for premises that are enough.
_MILLISECONDS = 2000

#: The query where assumptions contradict each other, or nothing is to be shown.
_NOTHING_LEFT = "(assert false)\n(check-sat)\n"

#: How many bytes of free memory a process keeps, and up to how many a piece is part of it: glibc's numbers for both.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = (-1, 1 << 28), (-3, 1 << 25)


def refuted(assumed: list[Formula], goal: Formula, effort: int) -> Refutation:
    """Show that assumptions leave no room for the negation of a goal: the query that says so, or a solution."""
    if goal is True or any(part is False for part in assumed):
        return _NOTHING_LEFT, None
    # What z3 does depends on the numbers that it gives to formulas, and these, in a context, on all that was asked before.
    _keep_memory()
    solver = _solver(assumed, effort)
    _deny(solver, goal)
    outcome = solver.check()
    if outcome == z3.unsat:
        return solver.to_smt2(), None
    return "", solver.model().translate(z3.main_ctx()) if outcome == z3.sat else None


def _solver(assumed: list[Formula], effort: int) -> z3.Solver:
    """A solver with a context of its own, and all that is assumed."""
    own = z3.Context()
    solver = z3.SolverFor("QF_NRA", ctx=own)
    solver.set("rlimit", effort)
    solver.add(*(part.translate(own) for part in assumed if not isinstance(part, bool)))
    return solver


def _deny(solver: z3.Solver, goal: Formula) -> None:
    if not isinstance(goal, bool):
        solver.add(z3.Not(goal.translate(solver.ctx), solver.ctx))


def all_refuted(assumed: list[Formula], goals: list[Formula], effort: int = EFFORT) -> list[str]:
    """Show that assumptions leave no room for the negations of goals: queries that say so; the last is empty if they do.

    To show all goals at once takes little more than to show one, but where it takes much, one by one takes less.
    """
    if len(goals) > 1 and refuted(assumed, both(*goals), min(effort, _TOGETHER))[0]:
        return _alone(assumed, goals)
    queries = []
    for goal in goals:
        queries.append(refuted(assumed, goal, effort)[0])
        if not queries[-1]:
            break
    return queries


def core(assumed: list[Formula], premises: list[Formula], goals: list[Formula]) -> set[int] | None:
    """Find which of some premises leave no room for the negations of goals, by their places; None if not found."""
    if (found := _core(assumed, premises, both(*goals), _TOGETHER)) is not None or len(goals) == 1:
        return found
    cores: list[set[int]] = []
    for goal in goals:
        if (found := _core(assumed, premises, goal, _TOGETHER)) is None:
            return None
        cores.append(found)
    return set().union(*cores)


def _core(assumed: list[Formula], premises: list[Formula], goal: Formula, effort: int) -> set[int] | None:
    if goal is True or any(part is False for part in assumed):
        return set()
    solver = _solver(assumed, effort)
    # With names, z3 may work for minutes on what it does not count as steps.
    solver.set("timeout", _MILLISECONDS)
    names = [z3.Bool(f"premise {place}", solver.ctx) for place in range(len(premises))]
    for name, premise in zip(names, premises, strict=True):
        if premise is not True:
            solver.add(z3.Not(name) if premise is False else z3.Implies(name, premise.translate(solver.ctx)))
    _deny(solver, goal)
    if solver.check(*names) != z3.unsat:
        return None
    used = {str(name) for name in solver.unsat_core()}
    return {place for place, name in enumerate(names) if str(name) in used}


def _alone(assumed: list[Formula], goals: list[Formula]) -> list[str]:
    """Write a query for each of some goals that were shown together: another engine finds these easier."""
    if any(part is False for part in assumed):
        return [_NOTHING_LEFT] * len(goals)
    solver, queries = _solver(assumed, EFFORT), []
    for goal in goals:
        solver.push()
        _deny(solver, goal)
        queries.append(_NOTHING_LEFT if goal is True else solver.to_smt2())
        solver.pop()
    return queries


@cache
def _keep_memory() -> None:
    """Keep the memory of a context for the next one: to give it back each time costs more than most claims."""
    # Only glibc's allocator has this; others need it not.
    with suppress(AttributeError, OSError, TypeError):
        allocator = ctypes.CDLL(None)
        for which, size in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
            allocator.mallopt(which, size)
