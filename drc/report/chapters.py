"""The theorems in the order of an appendix: by source, and those that begin alike together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import takewhile

from drc.audit import AuditReport, Record, audit, records
from drc.expressions.latex import latex
from drc.problems.perception import MEASURES
from drc.proof import Derivation, DerivationReport, Step
from drc.report.pictures import Picture
from drc.report.special_cases import SpecialCase, special_cases
from drc.theory import Entry, catalogue, check_proofs
from drc.tradeoff import Tradeoff
from drc.types import Progress

#: Sections, in their order, by what the ids in them begin with; of several that fit the longest is taken.
_SECTIONS = {
    "bernoulli.one-shot": "Bernoulli source, one shot",
    "bernoulli.asymptotic": "Bernoulli source, asymptotic",
    "gaussian.asymptotic": "Gaussian source",
    "gaussian.asymptotic.drpc": "Gaussian source with perception",
    "gaussian.asymptotic.rdpc": "Gaussian source with perception",
    "gaussian.universal": "Gaussian source, one representation",
    "gaussian.vector": "Vector Gaussian source",
    "group": "Uniform source on a group",
    "laplace": "Laplace source",
    "mary": "Uniform source with a symmetric label",
    "universal": "Bernoulli source, one representation",
}

#: What a word of an id says of a theorem, as a title.
_TITLES = {
    "YU": "The classifier sees $(Y, U)$",
    "Y": "The classifier sees $Y$",
    "time-shared": "Time sharing",
    "limited": "Limited common randomness",
    "remote": "A remote source",
    "hamming": "Hamming distortion",
    "cost": "A cost of the difference",
}

#: Fewer steps in common than this are printed again.
_LEAST = 4


@dataclass(frozen=True, eq=False)
class Chapter:
    """A theorem in a document.

    Attributes
    ----------
    tradeoff : Tradeoff
        All parameters symbolic.
    printed : Tradeoff or None
        The published form.
    check : DerivationReport
        What the check of its proof found.
    """

    entry: Entry
    tradeoff: Tradeoff
    proof: Derivation
    printed: Tradeoff | None
    check: DerivationReport
    pictures: tuple[Picture, ...] = ()

    @property
    def slug(self) -> str:
        """The id as it stands in file names and anchors."""
        return self.entry.id.replace(".", "-")


@dataclass(frozen=True)
class Run:
    """Some steps of a proof in a row, to be printed, or pointed to where an earlier proof has them.

    Attributes
    ----------
    first, last : int
        Places in the proof, counted from zero; the last one is left out.
    of : str
        The name of the reduction or theorem that has them; empty where they are to be printed.
    at : int
        The place of the first of them there.
    own : tuple of str
        The abbreviations in them that stand for something else there, in LaTeX.
    """

    first: int
    last: int
    of: str = ""
    at: int = 0
    own: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, str]:
        """What to say before and after the place is named, formulas between dollar signs."""
        end = f", with ${', '.join(self.own)}$ of this proof." if self.own else "."
        read = "read like" if self.own else "are"
        there = "those" if self.at == self.first else f"steps {self.at + 1} to {self.at + self.last - self.first}"
        return f"Steps {self.first + 1} to {self.last} {read} {there} of ", end


@dataclass(frozen=True, eq=False)
class Group:
    """Theorems about one problem: what the letters stand for is said once, and the steps that all begin with are too.

    Attributes
    ----------
    title : str
        Empty where the section has this group alone.
    shared : int
        How many steps all the proofs begin with; 0 where a reduction would not pay.
    twins : tuple of Chapter
        Theorems on another perception measure that are word for word these; one for each, or none at all.
    runs : mapping from a name to a tuple of Run
        The steps to be printed or pointed to: of the reduction (the group's name), and of each proof after it (a theorem's).
    """

    title: str
    chapters: tuple[Chapter, ...]
    shared: int
    twins: tuple[Chapter, ...] = ()
    runs: Mapping[str, tuple[Run, ...]] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        """A name for anchors."""
        return f"{self.chapters[0].slug}-reduction"

    @property
    def setting(self) -> str:
        """What the letters stand for."""
        return self.chapters[0].proof.setting

    @property
    def twin_steps(self) -> tuple[Step, ...]:
        """The steps of the twins that are not in these proofs: why their measure is the same."""
        if not self.twins:
            return ()
        own = {_content(step) for step in self.chapters[0].proof}
        return tuple(step for step in self.twins[0].proof if _content(step) not in own)

    def alike(self, chapter: Chapter) -> tuple[Chapter, ...]:
        """Return a theorem of the group, and its twin if it has one."""
        if not self.twins:
            return (chapter,)
        return chapter, self.twins[self.chapters.index(chapter)]


@dataclass(frozen=True, eq=False)
class Section:
    """The theorems about one kind of source."""

    title: str
    groups: tuple[Group, ...]

    @property
    def slug(self) -> str:
        """A name for anchors."""
        return self.title.lower().replace(",", "").replace(" ", "-")


@dataclass(frozen=True, eq=False)
class Book:
    """All theorems, and what the audit found of them: what the documents are written from."""

    chapters: tuple[Chapter, ...]
    audit: AuditReport
    special_cases: tuple[SpecialCase, ...] = ()

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The theorems by source."""
        return sections(self.chapters)

    @cached_property
    def records(self) -> dict[str, Record]:
        """How each theorem stands, by its id."""
        return {record.id: record for record in records(self.audit)}


def book(*, seed: int = 0, samples: int = 200, workers: int | None = 1, progress: Progress | None = None) -> Book:
    """Derive all theorems, check their proofs, and audit them.

    Parameters
    ----------
    seed, samples : int
        Of the audit; see `drc.audit.audit`.
    workers : int or None
        How many processes compute; see `drc.theory.check_proofs`.
    progress : function of (description, done, total), optional
    """
    found = chapters(seed=seed, workers=workers, progress=progress)
    proofs = {c.entry.id: c.check for c in found}
    audited = audit([*proofs], samples=samples, seed=seed, workers=workers, progress=progress, proofs=proofs)
    return Book(found, audited, special_cases(seed=seed, workers=workers, progress=progress))


def chapters(*, seed: int = 0, workers: int | None = 1, progress: Progress | None = None) -> tuple[Chapter, ...]:
    """Derive all theorems of the catalogue, and check their proofs again."""
    entries, found = catalogue(), []
    checks = check_proofs((entry.id for entry in entries), seed=seed, workers=workers, progress=progress)
    for entry in entries:
        tradeoff = entry.tradeoff()
        assert tradeoff.derivation is not None  # an exact form always has one
        printed = entry.tradeoff(form="published") if "published" in entry.forms else None
        found.append(Chapter(entry, tradeoff, tradeoff.derivation, printed, checks[entry.id]))
    return tuple(found)


def sections(chapters: Iterable[Chapter]) -> tuple[Section, ...]:
    """Put theorems into sections, and those with one setting and a common beginning into groups.

    Parameters
    ----------
    chapters : iterable of Chapter
        In the order of the catalogue, which is kept within a section.
    """
    by_title: dict[str, list[Chapter]] = {title: [] for title in _SECTIONS.values()}
    for found in chapters:
        by_title.setdefault(_section(found.entry.id), []).append(found)
    printed = Printed()
    return tuple(
        Section(title, tuple(printed.placed(group) for group in _groups(members)))
        for title, members in by_title.items()
        if members
    )


def _section(name: str) -> str:
    fitting = [start for start in _SECTIONS if name.startswith(start)]
    return _SECTIONS[max(fitting, key=len)] if fitting else f"{name.split('.')[0].capitalize()} source"


def _groups(members: list[Chapter]) -> tuple[Group, ...]:
    """Gather the theorems with the same words before the trade-off, and the same perception measure."""
    families: dict[tuple[str, str, str], list[Chapter]] = {}
    for found in members:
        family = found.entry.family
        _, _, rest = found.entry.id.removeprefix(f"{family}.").partition(".")
        families.setdefault((family, rest, found.proof.setting), []).append(found)
    groups = []
    for (family, measure, _), theirs in families.items():
        title = _title(family, measure) if len(families) > 1 else ""
        groups.append(Group(title, tuple(theirs), _shared([c.proof for c in theirs])))
    return _paired(groups)


def _paired(groups: list[Group]) -> tuple[Group, ...]:
    """Put groups together whose theorems differ in nothing but the name of the perception measure."""
    found: list[Group] = []
    for group in groups:
        first = next((i for i, other in enumerate(found) if _are_twins(other, group)), None)
        if first is None:
            found.append(group)
        else:
            measure = group.chapters[0].entry.id.split(".")[-1]
            title = f"{found[first].title}, which for bits is {MEASURES[measure].words}"
            found[first] = replace(found[first], title=title, twins=group.chapters)
    return tuple(found)


def _are_twins(one: Group, other: Group) -> bool:
    if one.setting != other.setting or len(one.chapters) != len(other.chapters) or one.twins:
        return False
    pairs = [(a.tradeoff, b.tradeoff) for a, b in zip(one.chapters, other.chapters, strict=True)]
    return all((a.value, a.cases, a.where) == (b.value, b.cases, b.where) for a, b in pairs)


def _title(family: str, measure: str) -> str:
    titles = [_TITLES[word] for word in family.split(".") if word in _TITLES]
    if measure:
        titles.append(f"Perception in {MEASURES[measure].words if measure in MEASURES else measure}")
    return ", ".join([*titles[:1], *(t[0].lower() + t[1:] for t in titles[1:])]) or "Unlimited common randomness"


def _shared(proofs: Sequence[Derivation]) -> int:
    """Count the steps that several proofs begin with."""
    count = min((_alike(proofs[0].steps, proof.steps) for proof in proofs[1:]), default=0)
    return count if count >= _LEAST else 0


def _alike(some: Iterable[Step], others: Iterable[Step]) -> int:
    """Count the steps that two lists begin with."""
    return sum(
        1 for _ in takewhile(lambda pair: _content(pair[0]) == _content(pair[1]), zip(some, others, strict=False))
    )


def _content(step: Step) -> tuple:
    return step.claim, step.because, step.given, step.defines


class Printed:
    """What the proofs before have, so that steps in a row are printed once."""

    def __init__(self) -> None:
        self._lists: dict[str, tuple[Derivation, int]] = {}
        self._places: dict[tuple, list[tuple[str, int]]] = {}

    def placed(self, group: Group) -> Group:
        """Find the steps of a group that are to be printed; they are known from then on."""
        found = {}
        first = group.chapters[0].proof
        if group.shared:
            found[group.slug] = self._runs(first, 0, group.shared)
            self._add(group.slug, first, group.shared)
        for chapter in group.chapters:
            found[chapter.slug] = self._runs(chapter.proof, group.shared, len(chapter.proof))
            self._add(chapter.slug, chapter.proof, len(chapter.proof))
        return replace(group, runs=found)

    def _add(self, name: str, proof: Derivation, end: int) -> None:
        self._lists[name] = proof, end
        for at, step in enumerate(proof.steps[:end]):
            self._places.setdefault(_content(step), []).append((name, at))

    def _runs(self, proof: Derivation, first: int, last: int) -> tuple[Run, ...]:
        found: list[Run] = []
        at = first
        while at < last:
            known = self._longest(proof, at, last)
            if known.last - at >= _LEAST:
                found.append(known)
            elif found and not found[-1].of:
                found[-1] = replace(found[-1], last=at + 1)
            else:
                found.append(Run(at, at + 1))
            at = found[-1].last
        return tuple(found)

    def _longest(self, proof: Derivation, at: int, last: int) -> Run:
        found = [Run(at, at)]
        for name, there in self._places.get(_content(proof.steps[at]), ()):
            known, end = self._lists[name]
            length = _alike(proof.steps[at:last], known.steps[there:end])
            found.append(Run(at, at + length, name, there))
        best = max(found, key=lambda run: run.last)
        return replace(best, own=_own(proof, at, best.last, self._lists[best.of][0])) if best.of else best


def _own(proof: Derivation, first: int, last: int, other: Derivation) -> tuple[str, ...]:
    """Return the letters in some steps that another proof gives another meaning, in LaTeX."""
    used = {letter for step in proof.steps[first:last] for letter in step.claim.free_symbols | step.given.free_symbols}
    made = {step.claim.lhs for step in proof.steps[first:last] if step.defines}
    mine, theirs = (dict(p.steps[-1].definitions) for p in (proof, other))
    differ = [letter for letter in mine if letter in used - made and mine[letter] != theirs.get(letter)]
    return tuple(latex(letter, proof.names) for letter in differ)
