"""Every theorem, by its id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drc.errors import ProblemError
from drc.problems.bernoulli import Bernoulli
from drc.problems.gaussian import Gaussian
from drc.problems.roads import changed, names
from drc.problems.vector_gaussian import VectorGaussian
from drc.tradeoff import Tradeoff

#: The problem that a family of theorems is about, by the first words of their ids.
_FAMILIES = {"bernoulli": Bernoulli, "gaussian.vector": VectorGaussian, "gaussian": Gaussian}


@dataclass(frozen=True)
class Entry:
    """A theorem of the catalogue.

    Attributes
    ----------
    id : str
        Such as "bernoulli.one-shot.YU.drc".
    forms : tuple of str
        "exact", and "published" where a paper prints one.
    """

    id: str
    forms: tuple[str, ...]

    def tradeoff(self, *, form: str = "exact", unit: str = "bits", **parameters: Any) -> Tradeoff:
        """Return the trade-off for some parameters; those left out stay symbols.

        Raises
        ------
        ProblemError
            For an unknown parameter, or a value out of its range.
        """
        family = next(problem for words, problem in _FAMILIES.items() if self.id.startswith(words))
        allowed = family().parameters
        if unknown := sorted(set(parameters) - set(allowed)):
            raise ProblemError(f"{unknown[0]} is no parameter of {self.id}: allowed are {', '.join(allowed)}")
        method = getattr(changed(family(), **parameters), self.id.split(".")[-1])
        return method(form=form, unit=unit)

    @property
    def statement(self) -> str:
        """What it says, in words."""
        return self.tradeoff().statement

    @property
    def source(self) -> str:
        """Where it comes from: keys of the bibliography."""
        return self.tradeoff().source

    @property
    def status(self) -> str:
        """Which roads have reached it."""
        also = ", published form audited" if "published" in self.forms else ""
        return f"derived, checked against the certified solver{also}"


def catalogue() -> tuple[Entry, ...]:
    """List every theorem.

    Examples
    --------
    >>> [entry.id for entry in catalogue()][:2]
    ['bernoulli.one-shot.YU.drc', 'bernoulli.one-shot.YU.rdc']
    """
    published = set(names("published"))
    return tuple(Entry(name, ("exact", "published") if name in published else ("exact",)) for name in names("exact"))


def entry(name: str) -> Entry:
    """Return the theorem with this id.

    Raises
    ------
    ProblemError
        If there is none; the message lists those there are.
    """
    for found in catalogue():
        if found.id == name:
            return found
    raise ProblemError(f"id = {name!r} is in no catalogue: allowed are {', '.join(names('exact'))}")
