"""A claim is proved if its negation, with the assumptions, has no solution in the real numbers.

The claim is asked in several forms, from the cheapest to the richest; each is sound, so the first that has no solution
proves it.  Effort is counted in steps of z3, not in seconds, so an outcome does not depend on the machine.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

import sympy as sp
import z3
from sympy.logic.boolalg import And, Boolean

from drc.errors import UnknownFunctionError
from drc.proof.decide import hints
from drc.proof.decide.lemmas import ROUNDS, LemmaOf, Rare, congruences, instances
from drc.proof.decide.real import Formula, Reading, both, closed, either, letters, negated

Fact = tuple[Boolean, Boolean]

#: The query that has no solution, or a solution; neither where z3 gave up.
_Refutation = tuple[str, z3.ModelRef | None]

#: What z3 was asked, by the numbers of the formulas: these, with which effort, and the outcome.
_Asked = dict[tuple[int | str, ...], tuple[tuple[Formula, ...], int, _Refutation]]

#: Steps of z3 for one form of a claim.
EFFORT = 3_000_000

#: Steps of z3 for all goals of a claim at once, before each is shown alone.
_TOGETHER = 300_000

#: The query where assumptions contradict each other, or nothing is to be shown.
_NOTHING_LEFT = "(assert false)\n(check-sat)\n"

#: What stands between two queries of one claim.
_RESET = "(reset)\n"

#: How many bytes of free memory a process keeps, and up to how many a piece is part of it: glibc's numbers for both.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = (-1, 1 << 28), (-3, 1 << 25)

#: The effort is spent in two rounds.
_SHARES = (0.15, 1)


@dataclass(frozen=True)
class Known:
    """What has been established, under the same assumptions.

    Attributes
    ----------
    facts : pairs of a condition and of a claim that holds wherever the condition does
    real : abbreviations that stand for a real number, whatever the parameters are
    assumptions : what holds of the symbols everywhere, where all this was established
    definitions : the abbreviations with which it was
    lemmas : the lemmas that may be used, each with its function and base; None for all that the room of the functions has
    patience : how many claims that are not decided may cost the whole effort; later ones are tried briefly, since where a
        step is missing, those that rest on it cost much for nothing
    """

    facts: tuple[Fact, ...] = ()
    real: frozenset[sp.Symbol] = frozenset()
    assumptions: tuple[Boolean, ...] = ()
    definitions: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()
    lemmas: tuple[LemmaOf, ...] | None = None
    patience: int = 2

    def under(self, assumptions: tuple[Boolean, ...], definitions: tuple[tuple[sp.Symbol, sp.Expr], ...]) -> Known:
        """What of this is established under other assumptions and abbreviations: nothing, unless these only add to them."""
        same = set(self.assumptions) <= set(assumptions) and definitions[: len(self.definitions)] == self.definitions
        known = self if same else Known(lemmas=self.lemmas, patience=self.patience)
        return replace(known, assumptions=assumptions, definitions=definitions)


@dataclass(frozen=True)
class Question:
    """A claim, with all that it may use.

    Attributes
    ----------
    claim : the claim
    given : what it assumes
    assumptions : what holds of the symbols everywhere
    definitions : from an abbreviation to what it stands for
    known : what steps before have established
    free : what letters stand for that lemmas leave free, by their names
    """

    claim: Boolean
    given: Boolean
    assumptions: tuple[Boolean, ...]
    definitions: Mapping[sp.Symbol, sp.Expr]
    known: Known
    free: Mapping[str, sp.Expr] = field(default_factory=dict)

    @cached_property
    def parts(self) -> tuple[Question, ...]:
        """One question for each of the claims of which it is the conjunction."""
        return tuple(replace(self, claim=part) for part in self.claim.args) if isinstance(self.claim, And) else (self,)

    @cached_property
    def key(self) -> str:
        """What hints know it by: what it says, what its abbreviations stand for, and what is assumed of its symbols."""
        opened = (value for symbol, value in self.definitions.items() if symbol in self.symbols)
        assumed = (condition for condition in self.assumptions if letters(condition) <= self.symbols)
        return hints.key(self.claim, self.given, *opened, *assumed)

    @cached_property
    def content(self) -> Hashable:
        """All that an answer depends on: equal for questions of different proofs that have the same answer."""
        definitions = tuple(pair for pair in self.definitions.items() if pair[0] in self.symbols)
        assumptions = frozenset(a for a in self.assumptions if letters(a) <= self.symbols)
        known = (self.near_claims, self.known.real & self.symbols, self.known.lemmas, self.known.patience > 0)
        return self.claim, self.given, assumptions, definitions, known, frozenset(self.free.items())

    @property
    def has_hints(self) -> bool:
        """Whether it is known for each part how it was decided before."""
        return all(hints.hint(part.key) for part in self.parts)

    @cached_property
    def symbols(self) -> frozenset[sp.Symbol]:
        """The symbols of the claim, and those that they abbreviate."""
        return closed(letters(self.claim) | letters(self.given), self.definitions)

    @cached_property
    def near_claims(self) -> tuple[tuple[Fact, ...], ...]:
        """For each claim before, those of its parts that speak of these symbols only; claims without any are left out."""
        near = []
        for given, claim in self.known.facts:
            parts = claim.args if isinstance(claim, And) else (claim,)
            near.append(tuple((given, part) for part in parts if self._is_near(given, part)))
        return tuple(parts for parts in near if parts)

    @property
    def near_facts(self) -> tuple[Fact, ...]:
        """All of these parts."""
        return tuple(fact for parts in self.near_claims for fact in parts)

    def _is_near(self, given: Boolean, claim: Boolean) -> bool:
        symbols = closed(letters(given) | letters(claim), self.definitions)
        return bool(symbols) and symbols <= self.symbols


@dataclass(frozen=True)
class Answer:
    """How a claim was decided.

    Attributes
    ----------
    by : what proved it, in words; empty if it is not proved
    witness : where it may be false; None if nothing is known
    undefined : where it has no truth; None if nothing is known
    query : the assertions that have no solution, as an SMT-LIB file
    how : the way and the stages in which it was proved, as a hint for the next time
    """

    by: str = ""
    witness: Mapping[sp.Symbol, sp.Rational] | None = None
    undefined: Mapping[sp.Symbol, sp.Rational] | None = None
    query: str = ""
    how: str = hints.RESISTS


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
    if question.claim.has(sp.oo, -sp.oo) or hint == hints.RESISTS:
        return False
    # It is for an infinite value, too; plainly the equation holds for finite ones only.
    stages = (("real arithmetic", "nothing"), ("lemmas", "lemmas"))
    try:
        form = _Form(question, question.definitions)
        again = (form.proved_again(stages, how) for how in hints.ways(hint))
        answer = next(filter(None, again), None) or form.proved(stages, EFFORT, plainly=True)
    except (UnknownFunctionError, z3.Z3Exception):
        return False
    if answer is not None:
        hints.found(question.key, answer.how)
    return answer is not None


def _decided(question: Question, effort: int) -> Answer:
    hint = hints.hint(question.key)
    # So it stands if the search is broken off.
    hints.found(question.key, hints.RESISTS)
    if hint == hints.RESISTS:
        return Answer()
    try:
        forms = _Forms(question)
        again = (_replayed(forms, how) for how in hints.ways(hint))
        answer = next(filter(None, again), None) or _searched(forms, effort)
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


def _replayed(forms: _Forms, hint: str) -> Answer | None:
    """Prove a claim in the way in which it was proved before."""
    number, how = hint.split(" ")
    form, (_, stages) = forms[int(number)], _WAYS[int(number)]
    answer = form and form.proved_again(stages, how)
    return answer and replace(answer, how=hint)


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


class _Forms(dict[int, "_Form | None"]):
    """The form for each way to ask a question, made when it is needed; None where it would say nothing new.

    No two ways share one, since what one has put in would change what the other asks.
    """

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question
        self._asked: _Asked = {}

    def __missing__(self, number: int) -> _Form | None:
        try:
            self[number] = self._made(_WAYS[number][0])
        except UnknownFunctionError:
            # Opened, a claim may have what real arithmetic does not know, and in letters it may not.
            self[number] = None
        return self[number]

    def _made(self, name: str) -> _Form | None:
        question, asked = self.question, self._asked
        if name in ("opened", "opened in logarithms"):
            return _Form(question, question.definitions, asked=asked)
        if name == "infinite ones opened":
            infinite = {a: value for a, value in question.definitions.items() if a not in question.known.real}
            return _Form(question, infinite, asked=asked) if infinite else None
        if not question.near_facts:
            return None
        if name.startswith("last "):
            latest = tuple(fact for parts in question.near_claims[-int(name[5]) :] for fact in parts)
            # What these do not speak of may stand for something of which they do.
            spoken = frozenset().union(*(letters(condition) for fact in latest for condition in fact))
            if name.endswith("newest opened"):
                own = {a: value for a, value in question.definitions.items() if a in letters(question.claim)}
                return _Form(question, dict([own.popitem()]), latest, asked) if own else None
            others = {a: value for a, value in question.definitions.items() if a not in spoken}
            return _Form(question, others if name.endswith("opened") else {}, latest, asked)
        return _Form(question, question.definitions if name.startswith("opened") else {}, asked=asked)


class _Form:
    """A way to ask a question: with abbreviations opened, or with letters for them."""

    def __init__(
        self,
        question: Question,
        definitions: Mapping[sp.Symbol, sp.Expr],
        facts: tuple[Fact, ...] | None = None,
        asked: _Asked | None = None,
    ) -> None:
        self._question = question
        self._asked: _Asked = {} if asked is None else asked
        self.lemmas, self.free = question.known.lemmas, question.free
        self.steps = question.near_facts if facts is None else facts
        self.reading = Reading(definitions, unknown=frozenset(question.definitions) - question.known.real)
        self.reading.seeks_identities = True
        self._claim = self.reading.truth(question.claim)
        self.reading.seeks_identities = False
        self._given = self.reading.truth(question.given).true
        self._stages: dict[str, list[Formula]] = {}
        self.witness: Mapping[sp.Symbol, sp.Rational] | None = None

    def proved(self, stages: tuple[tuple[str, str], ...], effort: int, *, plainly: bool = False) -> Answer | None:
        """Show every goal, each in the first stage in which it can be; None if one is left."""
        for whole in (False,) if plainly else (False, True):
            goals = self._goals(whole)
            queries, shown = {}, {}
            for number, (_, more) in enumerate(stages):
                assumed = self._stage(more)
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
            if goals == self._goals(True):
                break
        return None

    def _refuted(self, assumed: list[Formula], goal: Formula, effort: int) -> _Refutation:
        """Ask z3, unless another way has asked the same: only more effort may tell more, and only where it gave up."""
        formulas = (*assumed, goal)
        # Formulas are the same if their numbers are, as long as they are kept.
        key = tuple(str(part) if isinstance(part, bool) else part.get_id() for part in formulas)
        if key in self._asked:
            _, spent, found = self._asked[key]
            if found[0] or found[1] is not None or effort <= spent:
                return found
        found = _refuted(assumed, goal, effort)
        self._asked[key] = formulas, effort, found
        return found

    def proved_again(self, stages: tuple[tuple[str, str], ...], how: str) -> Answer | None:
        """Show every goal in the stage in which it was shown before; None if one is left."""
        if not how[1:].isdecimal():
            return None
        whole, numbers = how[0] == "w", [int(digit) for digit in how[1:]]
        goals = self._goals(whole)
        if len(goals) != len(numbers) or max(numbers, default=0) >= len(stages):
            return None
        # As before, a stage is made after those before it.
        made = [self._stage(more) for _, more in stages[: max(numbers, default=0) + 1]]
        queries = []
        for number in dict.fromkeys(numbers):
            own = [goal for goal, of in zip(goals, numbers, strict=True) if of == number]
            queries += _all_refuted(made[number], own)
            if not queries[-1]:
                return None
        return _proved(stages, whole, numbers, queries)

    def _goals(self, whole: bool) -> list[Formula]:
        return list(dict.fromkeys(_conjuncts(self._claim.true if whole else self._claim.plainly)))

    def _stage(self, more: str) -> list[Formula]:
        """All that a stage assumes; `more` names what it adds."""
        if more not in self._stages:
            extra = [formula for adds in _STAGES[more] for formula in adds(self)]
            # What is more may bring letters, which have assumptions and axioms of their own.
            assumed = self._assumed()
            self._stages[more] = [*assumed, *extra, *self.reading.axioms, self._given]
        return self._stages[more]

    def undefined_at(self, effort: int) -> Mapping[sp.Symbol, sp.Rational] | None:
        """Where the claim has no truth, as it divides by zero or takes the root of a negative number; None if not found."""
        goal = either(self._claim.true, self._claim.false)
        assumed = self._stage("nothing")
        _, witness = _refuted(assumed, goal, effort)
        if witness is None:
            return None
        at = _point(witness, self.reading)
        values = [(self.reading.letters[symbol], z3.RealVal(str(value))) for symbol, value in at.items()]
        # Whatever the other letters stand for there.
        somewhere = [z3.substitute(part, *values) for part in (*assumed, goal) if not isinstance(part, bool)]
        return at if _refuted(somewhere, False, effort)[0] else None

    def _assumed(self) -> list[Formula]:
        here = {of for of in self.reading.letters if isinstance(of, sp.Symbol)}
        return [self.reading.truth(a).true for a in self._question.assumptions if letters(a) <= here]


def _facts(form: _Form) -> list[Formula]:
    """The claims of earlier steps."""
    truth = form.reading.truth
    return [either(negated(truth(given).true), truth(claim).true) for given, claim in form.steps]


def _at_equals(form: _Form) -> list[Formula]:
    """That a function has equal values at equal arguments."""
    return congruences(form.reading)


def _ties(form: _Form) -> list[Formula]:
    """The forms in logarithms of the functions that have one."""
    return form.reading.open_in_logarithms()


def _lemmas(
    *, rounds: int = ROUNDS, tangents: bool = False, rare: Rare = False, alone: bool = False
) -> Callable[[_Form], list[Formula]]:
    """The lemmas of the functions that occur."""
    return lambda form: instances(
        form.reading, form.lemmas, rounds=rounds, tangents=tangents, rare=rare, alone=alone, free=form.free
    )


#: What a stage adds, in this order: what comes first may bring values of functions, which have lemmas then.
_STAGES: Mapping[str, tuple[Callable[[_Form], list[Formula]], ...]] = {
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


def _proved(stages: tuple[tuple[str, str], ...], whole: bool, numbers: list[int], queries: list[str]) -> Answer:
    methods = dict.fromkeys(stages[number][0] for number in sorted(numbers))
    how = ("w" if whole else "g") + "".join(map(str, numbers))
    return Answer("; ".join(methods), query=_RESET.join(queries), how=how)


def _refuted(assumed: list[Formula], goal: Formula, effort: int) -> _Refutation:
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


def _all_refuted(assumed: list[Formula], goals: list[Formula]) -> list[str]:
    """Show that assumptions leave no room for the negations of goals: queries that say so; the last is empty if they do.

    To show all goals at once takes little more than to show one, but where it takes much, one by one takes less.
    """
    if len(goals) > 1 and _refuted(assumed, both(*goals), _TOGETHER)[0]:
        return _alone(assumed, goals)
    queries = []
    for goal in goals:
        queries.append(_refuted(assumed, goal, EFFORT)[0])
        if not queries[-1]:
            break
    return queries


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
