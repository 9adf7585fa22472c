"""A claim is proved if its negation, with the assumptions, has no solution in the real numbers.

The claim is asked in several forms, from the cheapest to the richest; each is sound, so the first that has no solution
proves it.  Effort is counted in steps of z3, not in seconds, so an outcome does not depend on the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import sympy as sp
import z3
from sympy.logic.boolalg import Boolean

from drc.errors import UnknownFunctionError
from drc.proof.decide import hints
from drc.proof.decide.lemmas import ROUNDS, Rare, congruences, instances
from drc.proof.decide.question import Answer, Fact, Question
from drc.proof.decide.real import Formula, Premise, Reading, either, letters, negated
from drc.proof.decide.refute import EFFORT, Refutation, all_refuted, refuted

#: What z3 was asked, by the numbers of the formulas: these, with which effort, and the outcome.
_Asked = dict[tuple[int | str, ...], tuple[tuple[Formula, ...], int, Refutation]]

#: In which stages goals are shown: how each is called in a proof, and what it adds.
Stages = tuple[tuple[str, str], ...]

#: What stands between two queries of one claim.
_RESET = "(reset)\n"

#: The effort is spent in two rounds.
_SHARES = (0.15, 1)


def decide(question: Question, effort: int = EFFORT) -> Answer:
    """Try to decide a claim.

    Parameters
    ----------
    question : Question
    effort : steps of z3 for each form

    Returns
    -------
    Answer
    """
    answers = []
    for part in question.parts:
        answers.append(_decided(part, effort))
        if not answers[-1].by:
            return answers[-1]
    methods = list(dict.fromkeys(answer.by for answer in answers))
    return Answer("; ".join(methods), query=_RESET.join(answer.query for answer in answers))


def is_real(question: Question) -> bool:
    """Whether an expression is proved to be a real number: what is asked is whether it is equal to itself."""
    hint = hints.hint(question.key)
    hints.found(question.key, hints.RESISTS)
    if question.claim.has(sp.oo, -sp.oo) or hints.resists(hint):
        return False
    # It is for an infinite value, too; plainly the equation holds for finite ones only.
    try:
        ways = (way for way in hints.ways(hint) if way.number is None and way.goals != "w")
        again = (replayed(question, way) for way in ways)
        answer = next(filter(None, again), None)
        answer = answer or Form(question, question.definitions).proved(_OF_DEFINITIONS, EFFORT, plainly=True)
    except (UnknownFunctionError, z3.Z3Exception):
        return False
    if answer is not None:
        hints.found(question.key, answer.how)
    return answer is not None


def _decided(question: Question, effort: int) -> Answer:
    hint = hints.hint(question.key)
    # So it stands if the search is broken off.
    hints.found(question.key, hints.RESISTS)
    if hints.resists(hint):
        return Answer()
    try:
        again = (replayed(question, way) for way in hints.ways(hint))
        answer = next(filter(None, again), None) or _searched(_Forms(question), effort)
    except (UnknownFunctionError, z3.Z3Exception):
        return Answer()
    hints.found(question.key, answer.how)
    return answer


def _searched(forms: _Forms, effort: int) -> Answer:
    """Try all ways; most claims that can be proved are proved with little effort in one of them."""
    patient = forms.question.known.patience > 0
    for share in _SHARES if patient else _SHARES[:1]:
        for number, (_, stages) in enumerate(_WAYS if patient else _WAYS[:3]):
            form = forms[number]
            # In some ways a claim may need what real arithmetic does not know, and not in others.
            with suppress(UnknownFunctionError):
                if form is not None and (answer := form.proved(stages, int(effort * share))):
                    return replace(answer, how=f"{number} {answer.how}")
    plain = forms[0]
    return Answer() if plain is None else Answer(witness=plain.witness, undefined=plain.undefined_at(effort))


def replayed(question: Question, way: hints.Way, effort: int = EFFORT) -> Answer | None:
    """Prove a claim in the way in which it was proved before; None if that does not prove it now."""
    # An old hint may lead where the claim has what real arithmetic does not know.
    with suppress(UnknownFunctionError):
        form, stages = form_of(question, way, way.only)
        return form and form.proved_again(stages, way, effort)
    return None


def form_of(question: Question, way: hints.Way, only: Container[str] | None) -> tuple[Form | None, Stages]:
    """The form and the stages of a way, with some premises only."""
    seeks = way.goals != "p"
    if way.number is None:
        return Form(question, question.definitions, only=only, seeks_identities=seeks), _OF_DEFINITIONS
    if way.number >= len(_WAYS):
        return None, ()
    return _Forms(question, only, seeks_identities=seeks)[way.number], _WAYS[way.number][1]


#: The stages in which a value is shown to be a real number.
_OF_DEFINITIONS = (("real arithmetic", "nothing"), ("lemmas", "lemmas"))

#: In which order a claim is asked: the form, and the stages in which its goals are shown.
_WAYS = (
    ("opened", (("real arithmetic", "nothing"),)),
    ("last 2", (("the steps before", "facts"), ("the steps before and lemmas", "facts_and_first_lemmas"))),
    ("opened", (("real arithmetic", "nothing"), ("lemmas", "lemmas"))),
    ("last 4", (("the steps before", "facts"), ("the steps before and lemmas", "facts_and_first_lemmas"))),
    ("letters", (("lemmas", "lemmas"),)),
    ("letters and steps", (("earlier steps", "facts"), ("earlier steps at equal arguments", "facts_at_equals"))),
    ("letters, then steps", (("earlier steps and lemmas", "lemmas_and_facts"),)),
    ("letters and steps", (("earlier steps and lemmas", "facts_and_lemmas"),)),
    ("opened, then steps", (("earlier steps", "facts"), ("earlier steps and lemmas", "facts_and_lemmas"))),
    ("letters in logarithms", (("earlier steps and logarithms", "facts_and_logarithms"),)),
    ("infinite ones opened", (("lemmas", "lemmas"), ("earlier steps and lemmas", "facts_and_lemmas"))),
    ("opened in logarithms", (("logarithms", "logarithms"),)),
    ("last 2", (("the steps before and lemmas", "facts_and_rare_lemmas"),)),
    ("opened", (("lemmas", "rare_lemmas"),)),
    ("letters and steps", (("earlier steps and lemmas", "facts_and_rare_lemmas"),)),
    (
        "last 2",
        (
            ("the steps before", "facts"),
            ("the steps before and lemmas", "facts_and_only_rare_lemmas"),
            ("the steps before and lemmas", "facts_and_rare_lemmas_alone"),
        ),
    ),
    (
        "last 2, others opened",
        (("the steps before", "facts"), ("the steps before and lemmas", "facts_and_first_lemmas")),
    ),
    (
        "last 2, newest opened",
        (("the steps before", "facts"), ("the steps before and lemmas", "facts_and_first_lemmas")),
    ),
)


class _Forms(dict[int, "Form | None"]):
    """The form for each way to ask a question, made when it is needed; None where it would say nothing new.

    No two ways share one, since what one has put in would change what the other asks.
    """

    def __init__(
        self, question: Question, only: Container[str] | None = None, *, seeks_identities: bool = True
    ) -> None:
        super().__init__()
        self.question, self._only, self._seeks = question, only, seeks_identities
        self._asked: _Asked = {}

    def __missing__(self, number: int) -> Form | None:
        try:
            self[number] = self._made(_WAYS[number][0])
        except UnknownFunctionError:
            # Opened, a claim may have what real arithmetic does not know, and in letters it may not.
            self[number] = None
        return self[number]

    def _made(self, name: str) -> Form | None:
        question = self.question
        form = partial(Form, question, asked=self._asked, only=self._only, seeks_identities=self._seeks)
        if name in ("opened", "opened in logarithms"):
            return form(question.definitions)
        if name == "infinite ones opened":
            infinite = {a: value for a, value in question.definitions.items() if a not in question.known.real}
            return form(infinite) if infinite else None
        if not question.near_facts:
            return None
        if name.startswith("last "):
            latest = tuple(fact for parts in question.near_claims[-int(name[5]) :] for fact in parts)
            # What these do not speak of may stand for something of which they do.
            spoken = frozenset().union(*(letters(condition) for fact in latest for condition in fact))
            if name.endswith("newest opened"):
                own = {a: value for a, value in question.definitions.items() if a in letters(question.claim)}
                return form(dict([own.popitem()]), latest) if own else None
            others = {a: value for a, value in question.definitions.items() if a not in spoken}
            return form(others if name.endswith("opened") else {}, latest)
        return form(question.definitions if name.startswith("opened") else {})


class Made(NamedTuple):
    """A premise that was made, with its mark and the marks of those without which it would not be met."""

    mark: str
    needs: Set[str]
    formula: Formula


class Form:
    """A way to ask a question: with abbreviations opened, or with letters for them."""

    def __init__(
        self,
        question: Question,
        definitions: Mapping[sp.Symbol, sp.Expr],
        facts: tuple[Fact, ...] | None = None,
        asked: _Asked | None = None,
        *,
        only: Container[str] | None = None,
        seeks_identities: bool = True,
    ) -> None:
        self._question, self._only = question, only
        self._asked: _Asked = {} if asked is None else asked
        self.lemmas, self.free = question.known.lemmas, question.free
        self.steps = question.near_facts if facts is None else facts
        self.reading = Reading(definitions, unknown=frozenset(question.definitions) - question.known.real)
        self.reading.seeks_identities = seeks_identities
        self._claim = self.reading.truth(question.claim)
        self.reading.seeks_identities = False
        self._given = self.reading.truth(question.given).true
        self._stages: dict[str, list[Formula]] = {}
        #: The premises that were made, if only some are to be.
        self.premises: list[Made] = []
        self.witness: Mapping[sp.Symbol, sp.Rational] | None = None

    def proved(self, stages: Stages, effort: int, *, plainly: bool = False) -> Answer | None:
        """Show every goal, each in the first stage in which it can be; None if one is left."""
        for whole in (False,) if plainly else (False, True):
            goals = self.goals(whole)
            queries, shown = {}, {}
            for number, (_, more) in enumerate(stages):
                assumed = self.stage(more)
                for goal in (goal for goal in goals if goal not in shown):
                    query, witness = self._refuted(assumed, goal, effort)
                    if query:
                        queries[goal], shown[goal] = query, number
                    elif witness is not None and self.witness is None:
                        self.witness = _point(witness, self.reading)
                    if not query and number == len(stages) - 1:
                        break
            if len(shown) == len(goals):
                return _proved(stages, whole, [shown[goal] for goal in goals], [queries[goal] for goal in goals])
            if goals == self.goals(True):
                break
        return None

    def _refuted(self, assumed: list[Formula], goal: Formula, effort: int) -> Refutation:
        """Ask z3, unless another way has asked the same: only more effort may tell more, and only where it gave up."""
        formulas = (*assumed, goal)
        # Formulas are the same if their numbers are, as long as they are kept.
        key = tuple(str(part) if isinstance(part, bool) else part.get_id() for part in formulas)
        if key in self._asked:
            _, spent, found = self._asked[key]
            if found[0] or found[1] is not None or effort <= spent:
                return found
        found = refuted(assumed, goal, effort)
        self._asked[key] = formulas, effort, found
        return found

    def proved_again(self, stages: Stages, way: hints.Way, effort: int) -> Answer | None:
        """Show every goal in the stage in which it was shown before; None if one is left."""
        whole, numbers = way.goals == "w", list(way.shown)
        goals = self.goals(whole)
        if len(goals) != len(numbers) or max(numbers) >= len(stages):
            return None
        # As before, a stage is made after those before it.
        assumed = [self.stage(more) for _, more in stages[: max(numbers) + 1]]
        if way.only is not None and not way.only <= {made.mark for made in self.premises}:
            return None
        queries = []
        for number in dict.fromkeys(numbers):
            own = [goal for goal, of in zip(goals, numbers, strict=True) if of == number]
            queries += all_refuted(assumed[number], own, effort)
            if not queries[-1]:
                return None
        answer = _proved(stages, whole, numbers, queries)
        return replace(answer, how=str(way))

    def goals(self, whole: bool) -> list[Formula]:
        """What is to be shown, each by itself."""
        return list(dict.fromkeys(_conjuncts(self._claim.true if whole else self._claim.plainly)))

    def stage(self, more: str) -> list[Formula]:
        """All that a stage assumes; `more` names what it adds."""
        if more not in self._stages:
            extra = [formula for adds in _STAGES[more] for formula in self._made(adds(self))]
            # What is more may bring letters, which have assumptions and axioms of their own.
            assumed = self._assumed()
            self._stages[more] = [*assumed, *extra, *self.reading.axioms, self._given]
        return self._stages[more]

    def _made(self, premises: Iterator[Premise]) -> Iterator[Formula]:
        for premise in premises:
            if self._only is None:
                yield premise.make()
            elif (mark := premise.mark) in self._only:
                # What it speaks of, others may speak of only if it is there.
                self.reading.origin = mark
                self.premises.append(Made(mark, premise.needs, premise.make()))
                yield self.premises[-1].formula
        self.reading.origin = ""

    def undefined_at(self, effort: int) -> Mapping[sp.Symbol, sp.Rational] | None:
        """Where the claim has no truth, as it divides by zero or takes the root of a negative number; None if not found."""
        goal = either(self._claim.true, self._claim.false)
        assumed = self.stage("nothing")
        _, witness = refuted(assumed, goal, effort)
        if witness is None:
            return None
        at = _point(witness, self.reading)
        values = [(self.reading.letters[symbol], z3.RealVal(str(value))) for symbol, value in at.items()]
        # Whatever the other letters stand for there.
        somewhere = [z3.substitute(part, *values) for part in (*assumed, goal) if not isinstance(part, bool)]
        return at if refuted(somewhere, False, effort)[0] else None

    def _assumed(self) -> list[Formula]:
        here = {of for of in self.reading.letters if isinstance(of, sp.Symbol)}
        return [self.reading.truth(a).true for a in self._question.assumptions if letters(a) <= here]


def _facts(form: Form) -> Iterator[Premise]:
    """The claims of earlier steps."""
    return (Premise(fact, partial(_fact, form.reading, *fact)) for fact in form.steps)


def _fact(reading: Reading, given: Boolean, claim: Boolean) -> Formula:
    return either(negated(reading.truth(given).true), reading.truth(claim).true)


def _lemmas(
    *, rounds: int = ROUNDS, tangents: bool = False, rare: Rare = False, alone: bool = False
) -> Callable[[Form], Iterator[Premise]]:
    """The lemmas of the functions that occur."""
    return lambda form: instances(
        form.reading, form.lemmas, rounds=rounds, tangents=tangents, rare=rare, alone=alone, free=form.free
    )


def _at_equals(form: Form) -> Iterator[Premise]:
    """That a function has equal values at equal arguments."""
    return congruences(form.reading)


def _ties(form: Form) -> Iterator[Premise]:
    """The forms in logarithms of the functions that have one."""
    return form.reading.open_in_logarithms()


#: What a stage adds, in this order: what comes first may bring values of functions, which have lemmas then.
_STAGES: Mapping[str, tuple[Callable[[Form], Iterator[Premise]], ...]] = {
    "nothing": (),
    "facts": (_facts,),
    "facts_at_equals": (_facts, _at_equals),
    "lemmas": (_lemmas(),),
    "rare_lemmas": (_lemmas(rare=True),),
    "logarithms": (_ties, _lemmas(tangents=True)),
    "lemmas_and_facts": (_lemmas(), _facts),
    "facts_and_lemmas": (_facts, _lemmas()),
    # Without lemmas on values that lemmas bring.
    "facts_and_first_lemmas": (_facts, _lemmas(rounds=0)),
    "facts_and_rare_lemmas": (_facts, _lemmas(rare=True)),
    # These are enough where a step before says all that they assume.
    "facts_and_only_rare_lemmas": (_facts, _lemmas(rounds=0, rare="only")),
    "facts_and_rare_lemmas_alone": (_facts, _lemmas(rounds=0, rare="only", alone=True)),
    "facts_and_logarithms": (_facts, _ties, _lemmas(tangents=True)),
}


def _proved(stages: Stages, whole: bool, numbers: list[int], queries: list[str]) -> Answer:
    methods = dict.fromkeys(stages[number][0] for number in sorted(numbers))
    how = ("w" if whole else "g") + "".join(map(str, numbers))
    return Answer("; ".join(methods), query=_RESET.join(queries), how=how)


def _conjuncts(goal: Formula) -> list[Formula]:
    if isinstance(goal, bool) or not z3.is_and(goal):
        return [goal]
    return [part for child in goal.children() for part in _conjuncts(child)]


def _point(model: z3.ModelRef, reading: Reading) -> dict[sp.Symbol, sp.Rational]:
    """The point of a model, to some digits where it is not rational."""
    point = {}
    for of, letter in reading.letters.items():
        if isinstance(of, sp.Symbol) and not isinstance(of, sp.Dummy):
            value = model.eval(letter, model_completion=True)
            value = value if z3.is_rational_value(value) else value.approx(30)
            point[of] = sp.Rational(value.numerator_as_long(), value.denominator_as_long())
    return point
