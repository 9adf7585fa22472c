"""Every theorem, by its id."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from drc.errors import ProblemError
from drc.problems.bernoulli import Bernoulli
from drc.problems.gaussian import Gaussian, R_c
from drc.problems.gaussian_perception import mu_ref, sigma_ref
from drc.problems.roads import names
from drc.tradeoff import Tradeoff

#: The problem that a family of theorems is about, by the first word of their ids.
_FAMILIES = {"bernoulli": Bernoulli, "gaussian": Gaussian}

#: What the words of an id between family and trade-off say.
_SETTING = ("setting", "classifier_sees")

#: The parameters of the reference law, by the perception measure at the end of an id. A printed form has the source's law.
_REFERENCES = {measure: {"mu_ref": mu_ref, "sigma_ref": sigma_ref} for measure in ("W2", "KL")}


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
        """Return the trade-off for some parameters; those left out stay symbols, a reference law's too.

        Raises
        ------
        ProblemError
            For an unknown parameter, or a value out of its range.
        """
        family, *setting, method = self.id.split(".")
        perception = method if method in _REFERENCES else None
        if perception:
            *setting, method = setting
        make = partial(_FAMILIES[family], **dict(zip(_SETTING, [s for s in setting if s != "limited"], strict=False)))
        reference = _REFERENCES[perception] if perception and form == "exact" else {}
        open_ = {"R_c": R_c} if "limited" in setting else {}
        allowed = [*make(**open_).parameters, *reference]
        if unknown := sorted(set(parameters) - set(allowed)):
            raise ProblemError(f"{unknown[0]} is no parameter of {self.id}: allowed are {', '.join(allowed)}")
        own = open_ | {name: value for name, value in parameters.items() if name not in reference}
        problem = make(**own)
        if perception is None:
            return getattr(problem, method)(form=form, unit=unit)
        law = tuple(parameters.get(name, symbol) for name, symbol in reference.items()) or None
        return getattr(problem, method)(perception=perception, reference=law, form=form, unit=unit)

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
