"""A theorem: its name, its problem, what it says and where it is from, and the derivation that proves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING, NamedTuple

import sympy as sp
from sympy import Equivalent, Not, Or
from sympy.logic.boolalg import Boolean

from drc.errors import ProblemError, brief
from drc.proof import Proof
from drc.tradeoff import Reason, Regime, Tradeoff
from drc.tradeoff.law import Law, nonincreasing
from drc.units import Unit

if TYPE_CHECKING:
    from drc.problems import Problem


#: The words that say which trade-off a theorem is about.
TRADEOFFS = frozenset({"drc", "rdc", "cdr", "drpc", "rdpc", "cdpr"})


class Derived(NamedTuple):
    """What a derivation ends with.

    Attributes
    ----------
    proof : Proof
    rows : tuple of Regime
        One row for each regime, as `row` writes it.
    laws : tuple of Law
        What the values obey. That a looser bound never costs more holds for every theorem, and is not declared.
    numbers : mapping from name to expression
        What names in the reasons stand for, other than bounds, parameters and abbreviations of the proof, which are known.
    """

    proof: Proof
    rows: tuple[Regime, ...]
    laws: tuple[Law, ...]
    numbers: Mapping[str, sp.Expr] = {}


@dataclass(frozen=True, eq=False)
class Theorem:
    """A theorem as its file has it; the catalogue finds it in the file's `THEOREMS`.

    Attributes
    ----------
    id : str
        The name in the catalogue, such as "bernoulli.one-shot.YU.drc": the family, what is minimised, and where there is
        one the perception measure.
    problem : object
        The problem that it is about, all parameters symbolic.
    statement, setting, source : str
        What it says; what the letters stand for and what the optimisation problem is; where it comes from (keys of the
        bibliography).
    value : sympy.Symbol
        What is minimised: `D` or `R`.
    arguments : tuple of sympy.Symbol
        What is bounded.
    derive : function of a unit
        Writes the proof.
    """

    id: str
    problem: Problem
    statement: str
    setting: str
    source: str
    value: sp.Symbol
    arguments: tuple[sp.Symbol, ...]
    derive: Callable[[Unit], Derived]

    def __post_init__(self) -> None:
        if not TRADEOFFS & set(self.id.split(".")):
            words = "drc, rdc, cdr, drpc, rdpc or cdpr"
            raise ProblemError(f"id must have {words} among its words, got {brief(self.id)}")

    def __call__(self, problem: Problem, unit: Unit) -> Tradeoff:
        """Return the trade-off of a problem: the theorem with its parameters put in."""
        return self.tradeoff(unit).specialise(problem)

    @cache  # noqa: B019 (a theorem lives as long as the file that it is in)
    def tradeoff(self, unit: Unit) -> Tradeoff:
        """Derive the theorem, all parameters symbolic."""
        proof, rows, laws, numbers = self.derive(unit)
        regimes = self._explained(rows, proof, numbers)
        return Tradeoff(
            id=self.id,
            statement=self.statement,
            source=self.source,
            problem=self.problem,
            value=self.value,
            arguments=self.arguments,
            cases=regimes,
            where=proof.definitions_of(regimes),
            unit=unit,
            laws=(nonincreasing(*(bound.name for bound in self.arguments)), *laws),
            derivation=proof.qed(self.statement, self.setting),
            names=proof.names,
        )

    def _explained(self, rows: Iterable[Regime], proof: Proof, numbers: Mapping[str, sp.Expr]) -> tuple[Regime, ...]:
        """Give the reasons the expressions that their names stand for."""
        letters = (*self.problem.parameters.values(), *(symbol for symbol, _ in proof.definitions), *self.arguments)
        known: dict[str, sp.Basic] = {**{str(letter): letter for letter in letters}, **numbers}
        # A divergence is an information too, and has the unit of the rate.
        P = "{P} {unit}" if getattr(self.problem, "perception", "") == "KL" else "{P}"

        def explained(reason: Reason) -> Reason:
            text = reason.text.replace("{P}", P)
            names = dict.fromkeys(name for _, name, *_ in Formatter().parse(text) if name and name != "unit")
            return replace(reason, text=text, values={n: known[n] for n in names})

        return tuple(replace(row, reasons=tuple(map(explained, row.reasons))) for row in rows)


def row(name: str, condition: Boolean, value: sp.Expr, *reasons: str | tuple[str, Boolean]) -> Regime:
    """Write one regime: where it holds, the value there, and why.

    Parameters
    ----------
    name : str
        Which constraint binds.
    condition : sympy boolean
    value : expression
        `oo` where there is no plan.
    *reasons : str, or a pair of str and sympy boolean
        Sentences with names in braces, which stand for numbers, and where they are to be said; alone, everywhere.

    Examples
    --------
    >>> R = sp.Symbol("R", real=True)
    >>> row("rate-limited", R >= 0, sp.exp(-2 * R), "R = {R} {unit} binds.").reasons[0].when
    True
    """
    texts = ((reason, sp.true) if isinstance(reason, str) else reason for reason in reasons)
    return Regime(name, condition, value, tuple(Reason(text, when=when) for text, when in texts))


def conditions(rows: Iterable[Regime]) -> dict[str, Boolean]:
    """Return where each regime holds, by name."""
    return {row.name: row.condition for row in rows}


def covers(condition: Mapping[str, Boolean]) -> Boolean:
    """Return the claim that regimes cover what is not infeasible."""
    feasible = (where for name, where in condition.items() if name != "infeasible")
    return Equivalent(Or(*feasible), Not(condition["infeasible"]))
