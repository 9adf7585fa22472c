"""Which premises a proof needs: found once for each claim and written in its hint, so that a check makes no others."""

from __future__ import annotations

import time
from collections.abc import Container, Iterator

from drc.proof.decide.decide import Made, form_of, replayed
from drc.proof.decide.hints import Way
from drc.proof.decide.question import Question
from drc.proof.decide.refute import EFFORT, core

#: A proof that takes less, in seconds of the processor, is short enough.
_SHORT = 0.03

#: Steps of z3 for a proof that tries fewer premises.
_EFFORT = 300_000

#: Premises are left out one by one as long as this many proofs take.
_PATIENCE = 10


class _All(Container[str]):
    """The marks of all premises."""

    def __contains__(self, _: object) -> bool:
        return True


def narrowed(question: Question, way: Way) -> Way:
    """Say which premises are enough for a proof, and whether it needs identities; the way itself if this saves no time."""
    if way.only is not None:
        return way
    for simpler in (*_in_one_stage(question, way), way):
        start = time.process_time()
        only = _enough(question, simpler)
        whole = time.process_time() - start
        smaller = simpler._replace(only=only)
        if (cost := _cost(question, smaller)) is not None:
            smaller, cost = _fewer(question, smaller, cost)
            return smaller if cost < whole else way
    return way


def _cost(question: Question, way: Way, effort: int = EFFORT) -> float | None:
    """How long a proof takes, in seconds of the processor; None if it fails."""
    start = time.process_time()
    return time.process_time() - start if replayed(question, way, effort) else None


def _in_one_stage(question: Question, way: Way) -> Iterator[Way]:
    """The same way, but with no identities sought and all goals shown in its last stage."""
    plain = way._replace(goals="p" if way.goals == "g" else way.goals)
    form, _ = form_of(question, plain, frozenset())
    if form is not None:
        yield plain._replace(shown=(max(way.shown),) * len(form.goals(plain.goals == "w")))


def _enough(question: Question, way: Way) -> frozenset[str]:
    """The marks of premises that are enough, as z3 says, or of all."""
    form, stages = form_of(question, way, _All())
    assert form is not None  # the proof was found in this form
    goals = form.goals(way.goals == "w")
    assumed = [form.stage(more) for _, more in stages[: max(way.shown) + 1]]
    made = {premise.formula.get_id(): premise for premise in form.premises if not isinstance(premise.formula, bool)}
    used: set[str] = set()
    for number in dict.fromkeys(way.shown):
        optional, others = [], []
        for part in assumed[number]:
            (optional if not isinstance(part, bool) and part.get_id() in made else others).append(part)
        found = core(others, optional, [goal for goal, of in zip(goals, way.shown, strict=True) if of == number])
        if found is None:
            return frozenset(premise.mark for premise in form.premises)
        used |= {made[optional[place].get_id()].mark for place in found}
    return frozenset(_with_needs(used, form.premises))


def _with_needs(marks: set[str], premises: list[Made]) -> set[str]:
    """Add the premises without which others would not be met."""
    needs: dict[str, set[str]] = {}
    for premise in premises:
        needs.setdefault(premise.mark, set()).update(premise.needs - {""})
    found, todo = set[str](), set(marks)
    while todo:
        mark = todo.pop()
        found.add(mark)
        todo |= needs.get(mark, set()) - found
    return found


def _fewer(question: Question, way: Way, cost: float) -> tuple[Way, float]:
    """Leave premises out as long as the proof remains, many at a time and then each; returns the cost, too."""
    end = time.process_time() + _PATIENCE * cost
    size = len(way.only or ()) // 2
    while size:
        left = sorted(way.only or ())
        for first in range(0, len(left), size):
            if cost < _SHORT or time.process_time() > end:
                return way, cost
            less = way._replace(only=(way.only or frozenset()) - set(left[first : first + size]))
            if less != way and (found := _cost(question, less, _EFFORT)) is not None and found <= 1.5 * cost:
                way, cost = less, min(cost, found)
        size //= 2
    return way, cost
