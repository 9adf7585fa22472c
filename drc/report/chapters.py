"""The theorems in the order of an appendix: by source, and those that begin alike together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from drc.audit import AuditReport, Record, audit, records
from drc.derivation import Derivation, DerivationReport, Step
from drc.report.pictures import Picture
from drc.theory import Entry, catalogue
from drc.tradeoff import Tradeoff

Progress = Callable[[str, int, int], None]

#: Sections, in their order, by what the ids in them begin with; of several that fit the longest is taken.
_SECTIONS = (
    ("bernoulli.one-shot", "Bernoulli source, one shot"),
    ("bernoulli.asymptotic", "Bernoulli source, asymptotic"),
    ("gaussian.asymptotic", "Gaussian source"),
    ("gaussian.asymptotic.drpc", "Gaussian source with perception"),
    ("gaussian.asymptotic.rdpc", "Gaussian source with perception"),
    ("gaussian.vector", "Vector Gaussian source"),
)

#: What a word of an id says of a theorem, as a title.
_TITLES = {
    "YU": "The classifier sees $(Y, U)$",
    "Y": "The classifier sees $Y$",
    "limited": "Limited common randomness",
}
_MEASURES = {"W2": "$W_2^2$", "KL": "Kullback-Leibler divergence", "TV": "total variation"}

#: Fewer steps in common than this are printed again.
_LEAST = 3


@dataclass(frozen=True, eq=False)
class Chapter:
    """A theorem in a document.

    Attributes
    ----------
    entry : Entry
    tradeoff : Tradeoff
        All parameters symbolic.
    proof : Derivation
    printed : Tradeoff or None
        The published form.
    check : DerivationReport
        The proof, checked again.
    pictures : tuple of Picture
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


@dataclass(frozen=True, eq=False)
class Group:
    """Theorems about one problem: what the letters stand for is said once, and the steps that all begin with are too.

    Attributes
    ----------
    title : str
        Empty where the section has this group alone.
    chapters : tuple of Chapter
    shared : int
        How many steps all the proofs begin with; 0 where a reduction would not pay.
    """

    title: str
    chapters: tuple[Chapter, ...]
    shared: int

    @property
    def slug(self) -> str:
        """A name for anchors."""
        return f"{self.chapters[0].slug}-reduction"

    @property
    def setting(self) -> str:
        """What the letters stand for."""
        return self.chapters[0].proof.setting


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
    """All theorems, and what the audit found of them: what the documents are written from.

    Attributes
    ----------
    chapters : tuple of Chapter
    audit : AuditReport
    """

    chapters: tuple[Chapter, ...]
    audit: AuditReport

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The theorems by source."""
        return sections(self.chapters)

    @cached_property
    def records(self) -> dict[str, Record]:
        """How each theorem stands, by its id."""
        return {record.id: record for record in records(self.audit)}


def book(*, seed: int = 0, samples: int = 200, progress: Progress | None = None) -> Book:
    """Derive all theorems, check their proofs, and audit them.

    Parameters
    ----------
    seed, samples : int
        Of the audit; see `drc.audit.audit`.
    progress : function of (description, done, total), optional
    """
    found = chapters(seed=seed, progress=progress)
    proofs = {c.entry.id: c.check for c in found}
    return Book(found, audit([*proofs], samples=samples, seed=seed, progress=progress, proofs=proofs))


def chapter(entry: Entry, *, seed: int = 0) -> Chapter:
    """Derive a theorem, and check its proof again."""
    tradeoff = entry.tradeoff()
    printed = entry.tradeoff(form="published") if "published" in entry.forms else None
    proof = tradeoff.derivation or Derivation("", ())
    return Chapter(entry, tradeoff, proof, printed, proof.check(seed=seed))


def chapters(*, seed: int = 0, progress: Progress | None = None) -> tuple[Chapter, ...]:
    """Derive all theorems of the catalogue, and check their proofs again."""
    entries, found = catalogue(), []
    for done, entry in enumerate(entries):
        if progress is not None:
            progress(f"prove {entry.id}", done, len(entries))
        found.append(chapter(entry, seed=seed))
    return tuple(found)


def sections(chapters: Iterable[Chapter]) -> tuple[Section, ...]:
    """Put theorems into sections, and those with one setting and a common beginning into groups.

    Parameters
    ----------
    chapters : iterable of Chapter
        In the order of the catalogue, which is kept within a section.

    Returns
    -------
    tuple of Section
    """
    by_title: dict[str, list[Chapter]] = {title: [] for _, title in _SECTIONS}
    for found in chapters:
        by_title.setdefault(_section(found.entry.id), []).append(found)
    return tuple(Section(title, _groups(members)) for title, members in by_title.items() if members)


def _section(name: str) -> str:
    fitting = [(len(start), title) for start, title in _SECTIONS if name.startswith(start)]
    return max(fitting)[1] if fitting else f"{name.split('.')[0].capitalize()} source"


def _groups(members: list[Chapter]) -> tuple[Group, ...]:
    """Gather the theorems with the same words before the trade-off, and the same perception measure."""
    families: dict[tuple[str, str, str], list[Chapter]] = {}
    for found in members:
        words = found.entry.id.split(".")
        at = next(i for i, word in enumerate(words) if word in ("drc", "rdc", "drpc", "rdpc"))
        families.setdefault((".".join(words[:at]), ".".join(words[at + 1 :]), found.proof.setting), []).append(found)
    groups = []
    for (family, measure, _), theirs in families.items():
        title = _title(family, measure) if len(families) > 1 else ""
        groups.append(Group(title, tuple(theirs), _shared([c.proof for c in theirs])))
    return tuple(groups)


def _title(family: str, measure: str) -> str:
    titles = [_TITLES[word] for word in family.split(".") if word in _TITLES]
    if measure:
        titles.append(f"Perception in {_MEASURES.get(measure, measure)}")
    return ", ".join([*titles[:1], *(t[0].lower() + t[1:] for t in titles[1:])]) or "Unlimited common randomness"


def _shared(proofs: Sequence[Derivation]) -> int:
    """Count the steps that several proofs begin with."""
    if len(proofs) < 2:
        return 0
    count = 0
    for steps in zip(*proofs, strict=False):
        if len({_said(step) for step in steps}) > 1:
            break
        count += 1
    return count if count >= _LEAST else 0


def _said(step: Step) -> tuple:
    return step.claim, step.because, step.given, step.defines
