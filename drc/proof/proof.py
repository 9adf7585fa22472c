"""A derivation: the ordered steps from the optimisation problem to the closed form."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Protocol

import sympy as sp
from sympy.logic.boolalg import Boolean, Equivalent, Not, Or

from drc.expressions import LatexNames
from drc.expressions.content import ByContent
from drc.expressions.forms import all_of, used_definitions
from drc.files import writable, write_whole
from drc.proof.decide import Known
from drc.proof.render import item
from drc.proof.sampling import Domain
from drc.proof.step import Step
from drc.proof.verdict import Check, Verdict
from drc.strict_json import to_json
from drc.typeset import model, to_html, to_latex
from drc.typeset.words import plain


@dataclass(frozen=True, eq=False)
class Derivation(ByContent):
    """A proof that can be read, and checked step by step.

    Attributes
    ----------
    statement : str
        What is proved, in words (LaTeX between dollar signs).
    steps : tuple of Step
    names : mapping from symbol to LaTeX
        How abbreviations are set.
    setting : str
        What the letters stand for and what the optimisation problem is, in words.

    Examples
    --------
    >>> import drc
    >>> print(drc.Bernoulli().drc().derivation.check().verdict.value)
    Proved
    """

    statement: str
    steps: tuple[Step, ...]
    names: LatexNames = field(default_factory=dict)
    setting: str = ""

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, index: int) -> Step:
        return self.steps[index]

    def check(self, *, points: int = 24, seed: int = 0, known: dict[Hashable, Check] | None = None) -> DerivationReport:
        """Prove every step again.

        Parameters
        ----------
        points, seed : int
            See `Step.check`.
        known : dict, optional
            Outcomes of equal steps of proofs checked before, with the same points and seed; those of this proof are added.
        """
        known = {} if known is None else known
        checks, so_far = [], Known()
        for step in self.steps:
            key = step.key(so_far)
            if key not in known:
                known[key] = step.check(points=points, seed=seed, known=so_far)
            checks.append(known[key])
            so_far = step.added_to(so_far, known[key])
        return DerivationReport(tuple(checks))

    def save(self, folder: str | os.PathLike[str], *, report: DerivationReport | None = None) -> Path:
        """Write all claims with their verdicts, and what proves them for solvers other than ours to run.

        Parameters
        ----------
        folder : path
            Made if need be. It gets `claims.json`, and for each claim that is proved a file in SMT-LIB: queries, none of
            which has a solution.
        report : DerivationReport, optional
            The outcome of `check`, if that is known already.

        Returns
        -------
        path
            That of `claims.json`.
        """
        report = self.check() if report is None else report
        place = writable(folder, folder=True, name="folder")
        rows = []
        for number, (step, check) in enumerate(zip(self.steps, report.checks, strict=True), 1):
            file = f"claim_{number:03}.smt2" if check.query else None
            if file is not None:
                write_whole(place / file, check.query)
            row = {"number": number, "claim": str(step.claim), "given": str(step.given)}
            row |= {"because": plain(step.because or step.defines), "verdict": check.verdict.value, "by": check.method}
            rows.append(row | {"witness": check.witness and dict(check.witness), "file": file})
        content = {"statement": plain(self.statement), "claims": rows}
        return write_whole(place / "claims.json", to_json(content, indent=2) + "\n")

    def typeset(
        self, first: int = 0, last: int | None = None, *, report: DerivationReport | None = None
    ) -> model.Steps:
        """Set some steps as a list, which keeps their numbers.

        Parameters
        ----------
        first, last : int
            Places, counted from zero; the last one is left out.
        report : DerivationReport, optional
            The outcome of `check`, to be shown beside each step.
        """
        checks = report.checks if report is not None else (None,) * len(self)
        pairs = tuple(zip(self.steps, checks, strict=True))[first:last]
        return model.Steps(tuple(item(step, self.names, check) for step, check in pairs), first)

    def latex(self) -> str:
        r"""Set as a LaTeX proof, to be pasted into a document that loads amsmath, amssymb and amsthm.

        Examples
        --------
        >>> import drc
        >>> print(drc.Gaussian().drc().derivation.latex()[:29])
        \begin{proof}[Derivation] The
        """
        return to_latex([self._proof(f"The claim is this. {self.statement}")]) + "\n"

    def html(self, report: DerivationReport | None = None) -> str:
        """Set in HTML with formulas in MathML: no script, nothing to load.

        Parameters
        ----------
        report : DerivationReport, optional
            The outcome of `check`, to be shown beside each step.

        Examples
        --------
        >>> import drc
        >>> drc.Gaussian().drc().derivation.html().startswith('<div class="proof">')
        True
        """
        return to_html([self._proof(self.statement, report)]) + "\n"

    def _proof(self, statement: str, report: DerivationReport | None = None) -> model.Proof:
        words = tuple(model.Paragraph(text) for text in (statement, self.setting) if text)
        return model.Proof((*words, self.typeset(report=report)), "Derivation")

    def _repr_html_(self) -> str:
        return self.html()

    def __str__(self) -> str:
        return self.text(str)

    def text(self, write: Callable[[object], str]) -> str:
        """Print every step, with its claim as `write` has it."""
        steps = ((write(step.claim), plain(step.because or step.defines)) for step in self)
        lines = (f"{i:3}. {claim}\n     {because}" for i, (claim, because) in enumerate(steps, 1))
        return "\n".join((plain(self.statement), plain(self.setting), *lines))


@dataclass(frozen=True)
class DerivationReport:
    """The outcome of checking a derivation, one check for each step."""

    checks: tuple[Check, ...]

    @property
    def verdict(self) -> Verdict:
        """The weakest of any claim: REFUTED, UNKNOWN, SAMPLED, CITED, else PROVED."""
        found = {check.verdict for check in self.checks}
        order = (Verdict.REFUTED, Verdict.UNKNOWN, Verdict.SAMPLED, Verdict.CITED)
        return next((verdict for verdict in order if verdict in found), Verdict.PROVED)

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many claims have each verdict; a definition is not a claim."""
        claims = [check.verdict for check in self.checks if check.verdict is not Verdict.DEFINED]
        return {verdict: claims.count(verdict) for verdict in Verdict if verdict is not Verdict.DEFINED}

    def __bool__(self) -> bool:
        return self.verdict in (Verdict.PROVED, Verdict.CITED)

    def __str__(self) -> str:
        claims = sum(self.counts.values())
        return f"{claims} claims: " + ", ".join(f"{n} {v.value.lower()}" for v, n in self.counts.items() if n)

    __repr__ = __str__


class HasParts(Protocol):
    """What a definition may be needed by: a regime, with its expressions and conditions."""

    @property
    def parts(self) -> tuple[sp.Basic, ...]:
        """The expressions and conditions."""
        ...


class Proof:
    """The pen that writes a derivation: a theorem's file calls it in the order of the argument.

    Parameters
    ----------
    domain : mapping from symbol to an interval
        The free symbols, and what is assumed of each.
    assumed : sympy boolean, optional
        What else is assumed of several of them.
    names : mapping from symbol to LaTeX, optional
        How parameters are set.
    """

    def __init__(self, domain: Domain, names: LatexNames | None = None, *, assumed: Boolean = sp.true) -> None:
        self._domain = dict(domain)
        self._assumed = assumed
        self._steps: list[Step] = []
        self._definitions: list[tuple[sp.Symbol, sp.Expr]] = []
        self._names: dict[sp.Symbol, str] = dict(names or {})

    @property
    def definitions(self) -> tuple[tuple[sp.Symbol, sp.Expr], ...]:
        """The abbreviations made so far."""
        return tuple(self._definitions)

    @property
    def names(self) -> dict[sp.Symbol, str]:
        """The LaTeX of the abbreviations made so far."""
        return dict(self._names)

    def definitions_of(self, regimes: Iterable[HasParts]) -> tuple[tuple[sp.Symbol, sp.Expr], ...]:
        """The abbreviations that some regimes use, directly or through others, in order."""
        parts = [part for regime in regimes for part in regime.parts]
        needed = set().union(*(sp.sympify(part).free_symbols for part in parts))
        return used_definitions(needed, self._definitions)

    def let(self, symbol: sp.Symbol, value: sp.Expr, meaning: str, *, latex: str | None = None) -> sp.Symbol:
        """Abbreviate `value`; returns the symbol."""
        if latex:
            self._names[symbol] = latex
        self._definitions.append((symbol, value))
        self._steps.append(
            Step(
                sp.Eq(symbol, value, evaluate=False),
                "",
                definitions=self.definitions,
                domain=self._domain,
                assumed=self._assumed,
                defines=meaning,
            )
        )
        return symbol

    def show(
        self,
        claim: Boolean,
        because: str,
        *,
        given: Boolean = sp.true,
        cites: str = "",
        free: Mapping[str, sp.Expr] | None = None,
    ) -> None:
        """State a claim with its reason; `cites` and `free` are as for `Step`."""
        step = Step(claim, because, given, self.definitions, self._domain, self._assumed, cites=cites, free=free or {})
        self._steps.append(step)

    def show_cover(
        self,
        condition: Mapping[str, Boolean],
        because: str = "the regimes cover the feasible set",
        *,
        given: Boolean = sp.true,
        where_defined: Boolean = sp.true,
    ) -> None:
        """Claim that the regimes cover what is not infeasible, and that no two of them overlap.

        What is `given` of the quantities that tell the regimes apart is claimed first, where they are defined.
        """
        feasible = [where for name, where in condition.items() if name != "infeasible"]
        if given != True:  # noqa: E712 (sympy's true, not Python's)
            self.show(given, "the quantities that tell the regimes apart are ordered like this", given=where_defined)
        self.show(Equivalent(Or(*feasible), Not(condition["infeasible"])), because, given=given)
        # Where sympy sees by itself that two conditions exclude each other, it is to be read all the same.
        apart = (Not(all_of(a, b), evaluate=False) for a, b in combinations(feasible, 2))
        self.show(all_of(*apart), "no two regimes overlap", given=given)

    def qed(self, statement: str, setting: str = "") -> Derivation:
        """Close the proof."""
        return Derivation(statement, tuple(self._steps), self._names, setting)
