"""Every theorem, by its id: those of the files in this folder, and those that installed packages add."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import walk_packages

import sympy as sp

from drc import doors
from drc.errors import NotAvailableError, ProblemError, brief, must, not_among
from drc.problems.validation import choice
from drc.theory.theorem import TRADEOFFS, Theorem
from drc.tradeoff import Tradeoff
from drc.units import unit_named

#: Packages name a module with `THEOREMS` in this group of entry points.
GROUP = "drc.theorems"

#: The words of ids in the order of the catalogue; other words come after them, by the alphabet.
_ORDER = (
    *("bernoulli", "gaussian", "group", "mary", "laplace", "one-shot", "asymptotic", "universal", "vector", "YU", "Y"),
    *("drc", "rdc", "cdr", "limited", "remote", "drpc", "rdpc", "TV", "W2", "KL"),
)


@dataclass(frozen=True)
class Entry:
    """A theorem of the catalogue.

    Attributes
    ----------
    theorem : Theorem
    forms : tuple of str
        "exact", and "published" where a paper prints one.
    """

    theorem: Theorem
    forms: tuple[str, ...]

    def __reduce__(self) -> tuple[object, ...]:
        # What derives a theorem may be any function; another process has the theorem too.
        return entry, (self.id,)

    @property
    def id(self) -> str:
        """Its name, such as "bernoulli.one-shot.YU.drc"."""
        return self.theorem.id

    @property
    def family(self) -> str:
        """What it has in common with other trade-offs of one problem: the words of its id before that of the trade-off."""
        words = self.id.split(".")
        return ".".join(words[: next(i for i, word in enumerate(words) if word in TRADEOFFS)])

    def tradeoff(self, *, form: str = "exact", unit: str = "bits", **parameters: object) -> Tradeoff:
        """Return the trade-off for some parameters; those left out stay symbols, a reference law's too.

        Raises
        ------
        ProblemError
            For an unknown parameter, or a value out of its range.
        NotAvailableError
            For the published form of a theorem that has none.
        """
        problem = self.theorem.problem
        # A published form has the law of the source for a reference.
        is_printed = choice("form", form, ("exact", "published")) == "published"
        source = {n: n.replace("_ref", "_X") for n in problem.parameters if is_printed and n.endswith("_ref")}
        allowed = [name for name in problem.parameters if name not in source]
        if unknown := sorted(set(parameters) - set(allowed)):
            raise must(f"the parameters of {self.id}", f"be among {', '.join(allowed)}", got=unknown[0])
        problem = problem.changed(**parameters)
        problem = problem.changed(**{name: problem.parameters[of_X] for name, of_X in source.items()})
        return (doors.published(self.id) if is_printed else self.theorem)(problem, unit_named(unit))

    @property
    def statement(self) -> str:
        """What it says, in words."""
        return self.theorem.statement

    @property
    def source(self) -> str:
        """Where it comes from: keys of the bibliography."""
        return self.theorem.source

    @property
    def assumptions(self) -> tuple[sp.Basic, ...]:
        """What is assumed of its parameters and bounds: relations that validation enforces.

        Examples
        --------
        >>> entry("gaussian.asymptotic.limited.drc").assumptions
        (sigma_X > 0, sigma_Y > 0, R_c >= 0, R >= 0)
        """
        tradeoff = self.tradeoff()
        letters = {*tradeoff.parameters, *tradeoff.arguments}
        of_parameters = (a for a in tradeoff.problem.assumptions if a.free_symbols <= letters)
        # `C` bounds an entropy, which may be differential and negative.
        return (*of_parameters, *(sp.Ge(b, 0, evaluate=False) for b in tradeoff.arguments if b.name != "C"))

    @property
    def status(self) -> str:
        """Which roads have reached it."""
        also = ", published form audited" if "published" in self.forms else ""
        return f"derived, checked against the certified solver{also}"


def catalogue() -> tuple[Entry, ...]:
    """List every theorem.

    Raises
    ------
    ProblemError
        If an installed package announces theorems that cannot be loaded, or an id that is taken.

    Examples
    --------
    >>> [entry.id for entry in catalogue()][:2]
    ['bernoulli.one-shot.YU.drc', 'bernoulli.one-shot.YU.rdc']
    """
    return tuple(map(_entry, _theorems().values()))


def entry(name: str) -> Entry:
    """Return the theorem with this id.

    Raises
    ------
    ProblemError
        If there is none; the message names the nearest, or all.
    """
    try:
        return _entry(theorem(name))
    except NotAvailableError:
        raise not_among("id", name, (found.id for found in catalogue())) from None


def theorem(name: str) -> Theorem:
    """Return the theorem with this id, as a problem requests it.

    Raises
    ------
    NotAvailableError
        If there is none.
    """
    # To import all files, or to look through all that is installed, takes longer than to derive some theorems: the files
    # with the words of the id in their path come first.
    words = set(re.split(r"\W|_", str(name).lower()))
    for module in sorted(_modules(), key=lambda module: len(words.symmetric_difference(re.split(r"\W|_", module)))):
        if found := _of(module).get(name):
            return found
    known = _theorems()
    if name not in known:
        raise NotAvailableError(f"exact {name} is not available yet: {', '.join(known)} are")
    return known[name]


def _theorems() -> dict[str, Theorem]:
    """All theorems by their ids, in the order of the catalogue."""
    found = dict(_own())
    for point in entry_points(group=GROUP):
        for added in _announced(point):
            if found.setdefault(added.id, added) is not added:
                raise ProblemError(f"the theorems of {point.value} must have new ids, got {added.id}")
    return {name: found[name] for name in sorted(found, key=_place)}


def _place(name: str) -> list[tuple[int, str]]:
    return [(_ORDER.index(word) if word in _ORDER else len(_ORDER), word) for word in name.split(".")]


def _entry(theorem: Theorem) -> Entry:
    try:
        doors.published(theorem.id)
    except NotAvailableError:
        return Entry(theorem, ("exact",))
    return Entry(theorem, ("exact", "published"))


def _own() -> dict[str, Theorem]:
    """The theorems of the files in this folder."""
    return {name: found for module in _modules() for name, found in _of(module).items()}


@cache
def _modules() -> tuple[str, ...]:
    """The files in this folder, but for special cases, which are not theorems and take as long to import."""
    folder = import_module("drc.theory")
    names = (found.name for found in walk_packages(folder.__path__, f"{folder.__name__}."))
    return tuple(name for name in names if ".identities." not in name)


@cache
def _of(module: str) -> dict[str, Theorem]:
    """The theorems of a file."""
    return {found.id: found for found in getattr(import_module(module), "THEOREMS", ())}


def _announced(point: EntryPoint) -> tuple[Theorem, ...]:
    try:
        found = tuple(point.load().THEOREMS)
    except Exception as error:  # whatever goes wrong in the code of others, the message is to name their module
        raise ProblemError(f"{GROUP} must name modules with THEOREMS, got {point.value} ({error})") from error
    if wrong := [it for it in found if not isinstance(it, Theorem)]:
        raise ProblemError(f"THEOREMS of {point.value} must be theorems, got {brief(wrong[0])}")
    return found
