"""A special case: a theorem of the catalogue, with a limit or a substitution put in, beside what the literature prints.

The printed side is typed in as the source has it, and never made from an expression of the theorem: an error in either
of the two is an inequality somewhere.  Most are equal; some are equal on a region only, and have a witness beyond it; a few
are bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from drc.expressions import latex
from drc.expressions.content import ByContent
from drc.expressions.forms import all_of, pieces, used_definitions
from drc.proof import Check, Domain, Step, Verdict
from drc.proof.decide import Known
from drc.proof.sampling import values_at
from drc.theory.catalogue import entry, theorem
from drc.theory.identities.algebra import Chart, Definitions, opened
from drc.tradeoff import Tradeoff
from drc.typeset.words import plain
from drc.units import unit_named

if TYPE_CHECKING:
    from drc.problems import VectorGaussian


#: How a print stands to a theorem: the same, the same on a region only, or a bound.
EQUAL, REGION, BOUND = "equal", "equal on a region", "a bound"

#: The signs of comparison.
_SIGNS: Mapping[type[Relational], tuple[str, str]] = {sp.Eq: ("=", "="), sp.Le: ("<=", r"\le"), sp.Ge: (">=", r"\ge")}


@dataclass(frozen=True, eq=False)
class Special(ByContent):
    """A theorem of the catalogue with some of its parameters and bounds put in.

    Attributes
    ----------
    theorem : str
        Its id.
    given : mapping from parameter or bound to number or expression
    unit : {"bits", "nats"}
    problem : object, optional
        The vector problem that the theorem is taken for; left out, the one of the catalogue.
    form : {"exact", "published"}
        "published" for what a paper prints as this theorem, before anything is derived.

    Examples
    --------
    >>> Special("gaussian.asymptotic.drc", {"R": sp.oo, "C": sp.oo}).tradeoff().id
    'gaussian.asymptotic.drc'
    """

    theorem: str
    given: Mapping[str, object]
    unit: str = "bits"
    problem: VectorGaussian | None = None
    form: str = "exact"

    def __str__(self) -> str:
        given = ", ".join(f"{name} = {value}" for name, value in self.given.items())
        name = self.theorem if self.form == "exact" else f"{self.theorem}, as published"
        if self.problem is not None:
            name += f" of {_size(self.problem)}, R_c = {self.problem.R_c}"
        return f"{name} at {given}" if given else name

    def tradeoff(self) -> Tradeoff:
        """Return the theorem, before anything is put in."""
        if self.problem is not None:
            return theorem(self.theorem)(self.problem, unit_named(self.unit))
        return entry(self.theorem).tradeoff(form=self.form, unit=self.unit)

    def latex(self) -> str:
        """Return theorem and substitution in LaTeX."""
        tradeoff = self.tradeoff()
        symbols = {symbol.name: symbol for symbol in (*tradeoff.arguments, *tradeoff.parameters)}
        given = [sp.Eq(symbols[name], sp.sympify(value), evaluate=False) for name, value in self.given.items()]
        at = ",\\; ".join(latex(equation, tradeoff.names) for equation in given)
        of = "" if self.problem is None else rf"\text{{ of {_size(self.problem)} }}(R_c = {latex(self.problem.R_c)})"
        published = r"\text{, as published}" if self.form == "published" else ""
        return rf"\text{{{self.theorem}}}{of}{published}" + (rf"\text{{ at }}({at})" if at else "")

    def put_into(self, tradeoff: Tradeoff) -> tuple[Definitions, sp.Piecewise]:
        """Return abbreviations and value of a trade-off after the substitution; the abbreviations get new names."""
        symbols = {symbol.name: symbol for symbol in (*tradeoff.arguments, *tradeoff.parameters)}
        changes: dict[sp.Basic, sp.Basic] = {symbols[name]: sp.sympify(value) for name, value in self.given.items()}
        where = []
        for symbol, value in tradeoff.where:
            new = _below_infinity(value.xreplace(changes))
            changes[symbol] = sp.Dummy(symbol.name, **symbol.assumptions0)
            where.append((changes[symbol], new))
        branches = [
            (regime.expr.xreplace(changes), _below_infinity(regime.condition.xreplace(changes)))
            for regime in tradeoff.cases
        ]
        possible = [(value, condition) for value, condition in branches if condition != False]  # noqa: E712
        # sympy says that it may be something else, which it is only if evaluated.
        return tuple(where), sp.Piecewise(*possible, (sp.oo, True), evaluate=False)  # pyright: ignore[reportReturnType]


@dataclass(frozen=True, eq=False, repr=False)
class Identity(ByContent):
    """A special case of a theorem, as the literature prints it.

    Attributes
    ----------
    id : str
    statement : str
        What it says, in words.
    source : str
        Where it is printed: keys of the bibliography.
    general : Special
        The theorem, and what is put into it.
    printed : expression or Special
        What the literature prints, or another theorem of the catalogue.
    domain : mapping from symbol to an interval
        Where random points are drawn from, for the symbols that are left and perhaps others.
    where : sympy boolean
        Where the print claims to hold.
    best : mapping from parameter to expression
        Parameters that are free, and their best values: there both sides are equal, and elsewhere the general one is larger.
    charts : tuple of mappings
        Coordinates in which both sides are compared by algebra; together they cover `where`.
    relation : {Eq, Le, Ge} of sympy
        How the theorem stands to the print.
    agrees : sympy boolean
        The region in which the two are equal, if that is not everywhere where the print claims to hold.
    witness : mapping from symbol to decimal
        A point beyond that region at which they differ.
    proof : tuple of Step
        Claims on the way, in the abbreviations of the theorem, and with a prime in those of another one that is printed;
        `general` and `printed` are the two values.

    Examples
    --------
    >>> import drc
    >>> shannon = drc.identities()[0]
    >>> print(shannon)
    gaussian.asymptotic.drpc.W2 at P = oo, C = oo, in bits:
      D = sigma_X**2/2**(2*R)
    >>> print(shannon.check())
    Proved (algebra)
    """

    id: str
    statement: str
    source: str
    general: Special
    printed: sp.Expr | Special
    domain: Domain
    where: Boolean = sp.true
    best: Mapping[str, sp.Expr] = field(default_factory=dict)
    charts: tuple[Chart, ...] = ()
    relation: type[Relational] = sp.Eq
    agrees: Boolean = sp.true
    witness: Mapping[sp.Symbol, str] = field(default_factory=dict)
    proof: tuple[Step, ...] = ()

    @property
    def standing(self) -> str:
        """How the theorem stands to the print: "equal", "equal on a region" or "a bound".

        Examples
        --------
        >>> import drc
        >>> drc.identities()[0].standing
        'equal'
        """
        if self.relation is not sp.Eq:
            return BOUND
        return REGION if self.witness else EQUAL

    @property
    def sign(self) -> str:
        """The sign between the theorem and the print, in LaTeX."""
        return _SIGNS[self.relation][1]

    def check(self, *, points: int = 1000, seed: int = 0, general: Tradeoff | None = None) -> Check:
        """Decide it: by algebra in every chart, or as the steps of a proof are.

        Parameters
        ----------
        points : int
            How many points are tried if it is not decided.
        seed : int
            Seed of those points.
        general : Tradeoff, optional
            To be tried instead of the theorem.
        """
        general = general or self.general.tradeoff()
        if self.witness and np.isclose(*self.at_witness(general)):
            return Check(Verdict.UNKNOWN, "no difference at the witness")
        if self.is_algebra(general):
            return Check(Verdict.PROVED, "algebra")
        known = Known()
        for step in self.steps(general):
            check = step.check(points=points, seed=seed, known=known)
            known = step.added_to(known, check)
        return check

    def is_algebra(self, general: Tradeoff | None = None) -> bool:
        """Whether algebra decides it, in every chart."""
        general = general or self.general.tradeoff()
        return bool(self.charts) and all(self._equal_in(chart, general) for chart in self.charts)

    def latex(self) -> str:
        """Return the printed equation in LaTeX."""
        tradeoff = self.general.tradeoff()
        if isinstance(self.printed, Special):
            return f"{self.general.latex()} {self.sign} {self.printed.latex()}"
        region = self.region
        condition = "" if region == True else rf",\quad {latex(region, tradeoff.names)}"  # noqa: E712
        return f"{tradeoff.value} {self.sign} {latex(self.printed, tradeoff.names)}{condition}"

    def at_witness(self, general: Tradeoff | None = None) -> tuple[float, float]:
        """Return the value of the print and the true one at the witness."""
        step = self.step(general)
        true, printed = step.claim.args
        values = values_at(self.witness, step.definitions)
        return float(values[printed]), float(values[true])

    def __str__(self) -> str:
        tradeoff, (sign, _) = self.general.tradeoff(), _SIGNS[self.relation]
        lines = [f"{self.general}, in {tradeoff.unit.name}:"]
        if isinstance(self.printed, sp.Piecewise):
            lines.append(f"  {tradeoff.value} {sign}")
            lines += [f"    {v}   " + (f"if {c}" if c != True else "otherwise") for v, c in pieces(self.printed)]  # noqa: E712
        else:
            lines.append(f"  {tradeoff.value} {sign} {self.printed}")
        if self.region != True:  # noqa: E712
            lines.append(f"where {self.region}")
        if self.witness:
            lines.append(f"but {plain(self.difference)}")
        lines += [f"least over {name}, at {value}" for name, value in self.best.items()]
        return "\n".join(lines)

    __repr__ = __str__

    @property
    def region(self) -> Boolean:
        """Where the print holds: where it claims to, and is right."""
        return all_of(self.where, self.agrees) if sp.true not in (self.where, self.agrees) else self.where & self.agrees

    @property
    def difference(self) -> str:
        """The witness with both values, in words (LaTeX between dollar signs); empty if there is none."""
        if not self.witness:
            return ""
        at = ", ".join(f"${latex(symbol)} = {value}$" for symbol, value in self.witness.items())
        printed, true = self.at_witness()
        truth = f"the optimum is {true:.4g}" if true < float("inf") else "there is no code"
        return f"at {at} the published formula gives {printed:.4g}, and {truth}"

    def step(self, general: Tradeoff | None = None) -> Step:
        """Return the claim, to be checked as a step of a proof is."""
        return self.steps(general)[-1]

    def steps(self, general: Tradeoff | None = None) -> tuple[Step, ...]:
        """Return the claim, last, after claims that both sides abbreviate the same, and those of its proof."""
        general = general or self.general.tradeoff()
        best = {name: sp.Dummy(name, real=True) for name in self.best}
        where, value = replace(self.general, given={**self.general.given, **best}).put_into(general)
        there, printed = _side(self.printed)
        # A claim is known to the hints of proofs by its text.
        names = [sp.Symbol(f"{side} value of {self.id}", real=True) for side in ("general", "printed")]
        there = (*((best[name], value) for name, value in self.best.items()), *there)
        definitions = (*there, (names[1], printed), *where, (names[0], value))
        claim = self.relation(*names, evaluate=False)
        if self.best:
            elsewhere, value = self.general.put_into(general)
            other = sp.Symbol("other_value", real=True)
            definitions += (*elsewhere, (other, value))
            claim = all_of(claim, sp.Ge(other, names[1], evaluate=False))
        spoken_of = claim.free_symbols | self.region.free_symbols
        used = used_definitions(spoken_of, definitions)
        needed = spoken_of.union(*(value.free_symbols for _, value in used))
        domain = {symbol: interval for symbol, interval in self.domain.items() if symbol in needed}
        pairs = (
            (one, other) for one, _ in where for other, _ in there if one.name == other.name and {one, other} <= needed
        )
        meant = {one.name: one for one, _ in where} | {f"{other.name}'": other for other, _ in there}
        meant |= dict(zip(("general", "printed"), names, strict=True))
        lines = (
            *(Step(sp.Eq(one, other, evaluate=False), "the same is abbreviated") for one, other in pairs),
            *(_named(line, meant) for line in self.proof),
            Step(claim, self.statement),
        )
        region, setting = self.region, {"definitions": definitions, "domain": domain}
        return tuple(
            replace(line, given=region if line.given == True else all_of(line.given, region), **setting)  # noqa: E712
            for line in lines
        )

    def _equal_in(self, chart: Chart, general: Tradeoff) -> bool:
        sides = (opened(*side, chart) for side in (self.general.put_into(general), _side(self.printed)))
        left, right = sides
        if left.has(sp.Piecewise, sp.nan, sp.zoo) or right.has(sp.Piecewise, sp.nan, sp.zoo):
            return False
        return left == right or sp.simplify(left - right) == 0


def _named(line: Step, meant: Mapping[str, sp.Symbol]) -> Step:
    """Put abbreviations in for the letters that have their names."""
    parts = (line.claim, line.given, *line.free.values())
    symbols = {symbol for part in parts for symbol in part.atoms(sp.Symbol)}
    changes = {symbol: meant[symbol.name] for symbol in symbols if symbol.name in meant}
    free = {letter: value.xreplace(changes) for letter, value in line.free.items()}
    return replace(line, claim=line.claim.xreplace(changes), given=line.given.xreplace(changes), free=free)


def _size(problem: VectorGaussian) -> str:
    return f"{problem.n} component" + "s" * (problem.n > 1)


def _below_infinity(expr: sp.Basic) -> sp.Basic:
    """Decide the inequalities with `oo`: nothing is above it."""
    # Sympy does not, where a logarithm might be complex.
    decided = {r: sp.true for r in expr.atoms(sp.Le, sp.Ge) if r.gts == sp.oo}
    decided |= {r: sp.false for r in expr.atoms(sp.Lt, sp.Gt) if r.lts == sp.oo}
    return expr.xreplace(decided)


def _side(printed: sp.Expr | Special) -> tuple[Definitions, sp.Expr]:
    if isinstance(printed, Special):
        return printed.put_into(printed.tradeoff())
    return (), printed
