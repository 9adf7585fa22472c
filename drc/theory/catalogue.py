"""Every theorem, by its id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import sympy as sp

from drc.errors import must
from drc.problems.bernoulli import Bernoulli
from drc.problems.bernoulli_perception import q_ref
from drc.problems.gaussian import Gaussian, R_c
from drc.problems.gaussian_perception import mu_ref, sigma_ref
from drc.problems.roads import changed, names
from drc.problems.vector_gaussian import VectorGaussian
from drc.tradeoff import Tradeoff

#: The problem that a family of theorems is about, by what stands before the trade-off in their ids.
_PROBLEMS: Mapping[str, Callable[[], Any]] = {
    "bernoulli.one-shot.YU": Bernoulli,
    "bernoulli.one-shot.Y": partial(Bernoulli, classifier_sees="Y"),
    "bernoulli.one-shot.Y.time-shared": partial(Bernoulli, classifier_sees="Y", time_sharing=True),
    "bernoulli.asymptotic.Y": partial(Bernoulli, setting="asymptotic"),
    "gaussian.asymptotic": Gaussian,
    "gaussian.asymptotic.limited": partial(Gaussian, R_c=R_c),
    "gaussian.vector": VectorGaussian,
}

#: The parameters of a reference law. A published form has the source's law for one.
_REFERENCE: Mapping[str, tuple[sp.Symbol, ...]] = {"bernoulli": (q_ref,), "gaussian": (mu_ref, sigma_ref)}


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
        family, method, measure = _parts(self.id)
        problem = _PROBLEMS[family]()
        reference = _REFERENCE[family.split(".")[0]] if measure and form == "exact" else ()
        allowed = [*problem.parameters, *(symbol.name for symbol in reference)]
        if unknown := sorted(set(parameters) - set(allowed)):
            raise must(f"the parameters of {self.id}", f"be among {', '.join(allowed)}", got=unknown[0])
        law = _law(tuple(parameters.pop(symbol.name, symbol) for symbol in reference))
        make = getattr(changed(problem, **parameters), method)
        options = {"perception": measure, "reference": law} if measure else {}
        return make(form=form, unit=unit, **options)

    @property
    def statement(self) -> str:
        """What it says, in words."""
        return self.tradeoff().statement

    @property
    def source(self) -> str:
        """Where it comes from: keys of the bibliography."""
        return self.tradeoff().source

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


def _law(parameters: tuple[Any, ...]) -> Any:
    """A reference as problems take it: one number, several, or None for the law of the source."""
    return parameters[0] if len(parameters) == 1 else parameters or None


def _parts(name: str) -> tuple[str, str, str | None]:
    """Split an id into the family, the trade-off and, if there is one, the perception measure."""
    words = name.split(".")
    method = next(i for i, word in enumerate(words) if word in ("drc", "rdc", "drpc", "rdpc"))
    return ".".join(words[:method]), words[method], ".".join(words[method + 1 :]) or None


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
    raise must("id", f"be one of {', '.join(names('exact'))}", name)
