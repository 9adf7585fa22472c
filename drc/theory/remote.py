"""A remote source: the distortion is to a source that the encoder sees only through another one.

For the sources here that distortion is an affine function of the one to a source that is seen.  What a theorem says of the
latter then holds for the former, with a reduction in front.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from string import Formatter
from typing import NamedTuple

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Le, Lt, Max, Or
from sympy.logic.boolalg import Boolean

from drc.expressions.forms import replaced
from drc.problems import Problem
from drc.proof import Check, Proof, Verdict
from drc.proof.computed import ComputedClaim
from drc.theory.catalogue import theorem
from drc.theory.theorem import Theorem
from drc.tradeoff import Reason, Regime, Tradeoff
from drc.tradeoff.law import Law, symmetric
from drc.units import Unit

#: The distortion (or its bound), the rate, and any distortion to the source that is seen.
D, R, e = sp.symbols("D R e", real=True)

_OF_DISTORTION = re.compile(r"\bD\b|distortion")


class TheoremClaim(ComputedClaim):
    """What another theorem of the catalogue says: it is cited, since its proof is checked where that theorem is."""

    def decided(self) -> Check:
        """Look for the theorem."""
        return Check(Verdict.CITED, theorem(self.data).id)  # pyright: ignore[reportFunctionMemberAccess] (a theorem)


class Reduction(NamedTuple):
    """What a theorem about a source that is seen becomes: the distortion is `error + factor D_seen`, `factor > 0`.

    Attributes
    ----------
    proof : Proof
        That it is so, down to the direct problem.
    error, factor : expressions
    beyond, below : str
        What is said before reasons that speak of the distortion, and where `D` is below the error; names in braces are
        letters of the proof.
    changes : mapping
        Letters of the direct theorem, and what takes their place.
    symmetry : function of a mapping from name to expression
        What a symmetry of the direct theorem changes now.
    inner : tuple of sympy.Symbol
        Letters that the proof alone needs.
    settled : mapping
        Conditions that have a simpler form after the changes.
    laws : tuple of Law
        What holds besides.
    """

    proof: Proof
    error: sp.Expr
    factor: sp.Expr
    beyond: str
    below: str
    changes: Mapping[sp.Basic, sp.Basic]
    symmetry: Callable[[Mapping[str, sp.Expr]], Mapping[str, sp.Expr]]
    inner: tuple[sp.Symbol, ...] = ()
    settled: Mapping[Boolean, Boolean] = {}
    laws: tuple[Law, ...] = ()

    def of_distortion(self, value: sp.Expr) -> sp.Expr:
        """The distortion at a value of that to the source that is seen."""
        return value if value == sp.oo else self.error + self.factor * value

    def reason(self, text: str, when: Boolean) -> Reason:
        """Give the names of a text their letters."""
        letters = {str(s): s for s in (D, *self.error.free_symbols, *(s for s, _ in self.proof.definitions))}
        names = (name for _, name, *_ in Formatter().parse(text) if name)
        return Reason(text, {name: letters[name] for name in names}, when)


def bound_left(proof: Proof, seen: sp.Symbol, error: sp.Expr, factor: sp.Expr, to: str) -> None:
    """Define what a bound on the distortion leaves for the one to a source that is seen, named by `to`."""
    proof.let(seen, Max(0, D - error) / factor, f"what the bound leaves for the distortion to {to}")
    proof.show(Eq(error + factor * seen, D), "the parts of the bound", given=Ge(D, error))
    proof.show(
        Equivalent(Le(error + factor * e, D), And(Ge(D, error), Le(e, seen))),
        f"the bound on the distortion is one on the distortion to {to}",
    )


@dataclass(frozen=True, eq=False)
class RemoteTheorem(Theorem):
    """A theorem about the distortion to a remote source."""

    direct: Theorem
    reduce: Callable[[Theorem], Reduction]

    @cache  # noqa: B019 (a theorem lives as long as the file that it is in)
    def tradeoff(self, unit: Unit) -> Tradeoff:
        """Derive the theorem, all parameters symbolic."""
        direct, by = self.direct.tradeoff(unit), self.reduce(self.direct)
        where = [(symbol, value.xreplace(by.changes).xreplace(by.settled)) for symbol, value in direct.where]
        definitions = [pair for pair in by.proof.definitions if pair[0] not in by.inner]
        return replace(
            direct,
            id=self.id,
            statement=self.statement,
            source=self.source,
            problem=self.problem,
            cases=tuple(self._moved(regime, by) for regime in direct.cases),
            where=(*definitions, *where),
            laws=(*self._laws(direct.laws, by), *by.laws),
            derivation=by.proof.qed(self.statement, self.setting),
            names=by.proof.names | dict(direct.names),
        )

    def _moved(self, regime: Regime, by: Reduction) -> Regime:
        """Say of the remote source what a regime says of the one that is seen."""
        condition, value = regime.condition.xreplace(by.changes), regime.expr.xreplace(by.changes)
        beyond = tuple(_beyond(reason, by) for reason in regime.reasons)
        if self.value == D:
            return Regime(regime.name, condition, by.of_distortion(value), beyond)
        within = Ge(D, by.error)
        if not regime.is_infeasible:
            return Regime(regime.name, And(within, condition), value, beyond)
        below = by.reason(by.below, Lt(D, by.error))
        others = (replace(reason, when=And(within, reason.when)) for reason in beyond)
        return Regime(regime.name, Or(Lt(D, by.error), condition), value, (below, *others))

    def _laws(self, laws: tuple[Law, ...], by: Reduction) -> tuple[Law, ...]:
        """Return what the laws of the direct theorem say, but for limits that depend on `D`."""
        opened, found = dict(by.proof.definitions), []
        for law in laws:
            if law.kind == "symmetry":
                found.append(symmetric(**by.symmetry(law.changes)))
            elif law.value is None:
                found.append(law)
            elif not law.value.has(D) and law.changes.get("D", sp.oo) == sp.oo:
                value = replaced(law.value, by.changes)
                value = by.of_distortion(value) if self.value == D else value
                found.append(replace(law, value=value.xreplace(opened)))
        return tuple(found)


def _beyond(reason: Reason, by: Reduction) -> Reason:
    values = {name: sp.sympify(value).xreplace(by.changes) for name, value in reason.values.items()}
    when = reason.when.xreplace(by.changes)
    if not _OF_DISTORTION.search(reason.text):
        return Reason(reason.text, values, when)
    said = by.reason(by.beyond, when)
    return replace(said, text=said.text + reason.text, values={**values, **said.values})


def remote(
    direct: Theorem, problem: Problem, reduce: Callable[[Theorem], Reduction], *, source: str, setting: str
) -> RemoteTheorem:
    """Return what a theorem about a source says of a remote one.

    Parameters
    ----------
    direct : Theorem
    problem : Problem
        That of the direct theorem, with a remote source.
    reduce : function of the direct theorem
    source : str
        Who it is due to, before the source of the direct theorem.
    setting : str
        What the letters stand for, and what is minimised.

    Examples
    --------
    >>> theorem("gaussian.asymptotic.remote.drc").direct.id
    'gaussian.asymptotic.drc'
    """
    return RemoteTheorem(
        id=f"{problem.id}{direct.id.removeprefix(direct.problem.id)}",
        problem=problem,
        statement=re.sub(r"\b(a) (Bernoulli|Gaussian) source", r"\1 remote \2 source", direct.statement),
        setting=f"{setting} {direct.setting}",
        source=f"{source}, with {direct.source}",
        value=direct.value,
        arguments=direct.arguments,
        derive=direct.derive,
        direct=direct,
        reduce=reduce,
    )
