"""The audit: every theorem, every road."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import partial

import numpy as np

from drc import doors
from drc.audit.check import BAND, check_tradeoff
from drc.audit.findings import Comparison, Finding, published_findings
from drc.audit.instances import instances_of
from drc.expressions.content import ByContent
from drc.processes import each
from drc.proof import DerivationReport, Verdict
from drc.strict_json import to_json
from drc.theory import Entry as Theorem
from drc.theory import catalogue, check_proofs, entry
from drc.tradeoff import Tradeoff
from drc.types import Progress


@dataclass(frozen=True)
class Region:
    """One pair of a published branch and a true regime, and how often the two values agree there."""

    branch: str
    regime: str
    agreements: int
    disagreements: int


@dataclass(frozen=True, eq=False)
class Entry(ByContent):
    """One comparison of two roads on the theorem `id`.

    Attributes
    ----------
    roads : str
        "derivation", "exact x solver", "exact x codes" or "published x exact".
    agreements, disagreements, unknown : int
        Of a derivation: claims proved or cited, claims refuted, and all others.
    largest_difference : float
        The largest finite one.
    regions : tuple of Region
        For a published form, where it agrees.
    witness : mapping or None
        The first disagreement, of an exact form.
    excess : float or None
        Of codes: how many bits per sample their measured rate lies above the formula, where it is farthest.
    block : int
        Of codes: the block length.
    """

    id: str
    roads: str
    agreements: int
    disagreements: int
    unknown: int
    largest_difference: float = 0.0
    regions: tuple[Region, ...] = ()
    witness: Mapping[str, object] | None = None
    excess: float | None = None
    block: int = 0

    @property
    def achieved(self) -> str:
        """How near codes come to the formula, in words; empty for other roads."""
        if self.excess is None:
            return ""
        return f"achieved within {abs(self.excess):.2g} bit at block length {self.block}"

    def __str__(self) -> str:
        last = self.achieved or f"largest difference {self.largest_difference:.1e}"
        return (
            f"{self.id:28} {self.roads:18} {self.agreements:6} agree {self.disagreements:6} disagree"
            f" {self.unknown:5} unknown   {last}"
        )


@dataclass(frozen=True, eq=False)
class AuditReport(ByContent):
    """What the audit found: comparisons of the roads, and the disagreements of published forms."""

    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...]
    samples: int
    seed: int

    @property
    def ok(self) -> bool:
        """Whether no exact form disagrees anywhere; published forms may."""
        return not any(e.disagreements for e in self.entries if not e.roads.startswith("published"))

    def to_json(self) -> str:
        """Return everything as JSON; infinite numbers are the string "inf"."""
        everything = {"ok": self.ok, **asdict(self)}
        return to_json(everything, indent=2) + "\n"

    def __str__(self) -> str:
        lines = [str(e) for e in self.entries]
        if self.findings:
            lines += ["", "Published forms disagree with the derived ones:", *(str(f) for f in self.findings)]
        return "\n".join(lines)

    __repr__ = __str__


def audit(
    ids: Iterable[str] | None = None,
    *,
    samples: int = 200,
    seed: int = 0,
    workers: int | None = 1,
    progress: Progress | None = None,
    proofs: Mapping[str, DerivationReport] | None = None,
) -> AuditReport:
    """Compare all roads on all theorems, at random points and at corners.

    Parameters
    ----------
    ids : names of theorems, optional
        Left out, all of the catalogue.
    samples : int
        Instances for each comparison with the solver; a published form, which is cheap, gets fifty times as many.
    workers : int or None
        How many processes compute; see `drc.theory.check_proofs`.
    progress : function of (description, done, total), optional
    proofs : mapping from an id to the outcome of `derivation.check()`, optional
        Of the derivations that were checked just now, so that they are not checked twice.

    Examples
    --------
    >>> audit(["bernoulli.one-shot.YU.rdc"], samples=20).ok
    True
    """
    theorems = [theorem.id for theorem in catalogue()] if ids is None else [entry(name).id for name in ids]
    missing = [name for name in theorems if name not in (proofs or {})]
    proofs = {**(proofs or {}), **check_proofs(missing, seed=seed, workers=workers, progress=progress)}

    # Of one theorem every instance is told, of many every theorem.
    inner, outer = (progress, None) if len(theorems) == 1 else (None, progress)
    compare = partial(_compared, samples, seed, inner)
    compared = each(compare, theorems, workers=workers, progress=outer, name="audit {}".format)
    entries, findings = list[Entry](), list[Finding]()
    for name, (own, found) in zip(theorems, compared, strict=True):
        entries += [_derivation(name, proofs[name]), *own]
        findings += found
    return AuditReport(tuple(entries), tuple(findings), samples, seed)


def _compared(samples: int, seed: int, progress: Progress | None, name: str) -> tuple[list[Entry], list[Finding]]:
    """Compare a theorem with the solver, with codes, and with its published form."""
    theorem = entry(name)
    tradeoff = theorem.tradeoff()
    check = check_tradeoff(tradeoff, samples=samples, seed=seed, progress=progress)
    finite = check.largest_difference if math.isfinite(check.largest_difference) else 0.0
    entries = [_entry("exact x solver", replace(check, largest_difference=finite))]
    entries += filter(None, [coded(tradeoff, seed=seed, progress=progress)])
    if "published" not in theorem.forms:
        return entries, []
    return [*entries, _published(theorem, 50 * samples, seed)], list(published_findings([name]))


def _derivation(name: str, proof: DerivationReport) -> Entry:
    counts = proof.counts
    known, refuted = counts[Verdict.PROVED] + counts[Verdict.CITED], counts[Verdict.REFUTED]
    return Entry(name, "derivation", known, refuted, sum(counts.values()) - known - refuted)


def coded(tradeoff: Tradeoff, *, seed: int = 0, progress: Progress | None = None) -> Entry | None:
    """Run codes at operating points of a theorem, in bits; None where no code is known.

    Examples
    --------
    >>> import drc
    >>> found = coded(drc.Bernoulli().drc())
    >>> found.disagreements, found.block
    (0, 1)
    """
    found = doors.achieved(tradeoff, seed=seed, progress=progress)
    return None if found is None else _entry("exact x codes", found)


def _entry(roads: str, found: object) -> Entry:
    """Return what a report of a road says, in the fields that it has."""
    known = {field.name: getattr(found, field.name) for field in fields(Entry) if hasattr(found, field.name)}
    return Entry(**{"unknown": 0, **known, "roads": roads})


def _published(theorem: Theorem, samples: int, seed: int) -> Entry:
    """Compare a published form with the exact one, and count by published branch and true regime."""
    exact = theorem.tradeoff()
    drawn = list(instances_of(exact, samples, seed))
    points = {name: np.array([d[name] for d in drawn]) for name in drawn[0]}
    if "mu_ref" in points:
        # The published theorem has the law of the source for a reference.
        points |= {"mu_ref": points["mu_X"], "sigma_ref": points["sigma_X"]}
    for name in points.keys() & {"q_X", "q_Y", "q_S1"}:
        # The printed Bernoulli theorem is stated for probabilities up to 1/2.
        points[name] = np.minimum(points[name], 1 - points[name])
    here = Comparison.of(theorem.tradeoff(form="published"), exact, points)
    with np.errstate(invalid="ignore"):
        gap = np.abs(here.printed - here.exact)
    same = (here.printed == here.exact) | (gap <= BAND)
    regions = tuple(
        Region(str(b), str(r), int((same & at).sum()), int((~same & at).sum()))
        for b in dict.fromkeys(here.branch)
        for r in dict.fromkeys(here.regime)
        if (at := (here.branch == b) & (here.regime == r)).any()
    )
    largest = gap[np.isfinite(gap)].max(initial=0.0)
    return Entry(theorem.id, "published x exact", int(same.sum()), int((~same).sum()), 0, float(largest), regions)
