"""What the audit found of one theorem, in one place: its relation to the published form, and how it was verified."""

from __future__ import annotations

from dataclasses import dataclass

from drc.audit.audit import AuditReport, Entry
from drc.audit.findings import Finding
from drc.expressions.content import ByContent

#: The relations to a published form.
NONE, EQUAL, REGION, DIFFERS = "none printed", "equal", "equal on a region", "differs"


@dataclass(frozen=True, eq=False)
class Record(ByContent):
    """The standing of a theorem after an audit.

    Attributes
    ----------
    relation : {"none printed", "equal", "equal on a region", "differs"}
        Of the published form to the derived one, at the instances that the audit drew.
    region : tuple of str
        Where it is equal: the printed branches, or `branch (regime)` where a branch is right in some regimes only.
    witness : Finding or None
        The simplest point at which the two differ.
    steps, proved : int
        Claims of the derivation, and how many of them are proved, or cited from the literature.
    agreed, disagreed, unknown : int
        Random instances by the verdict of the comparison with the certified solver.
    codes : Entry or None
        What codes that were measured reach.

    Examples
    --------
    >>> from drc.audit import audit
    >>> (record,) = records(audit(["bernoulli.one-shot.YU.drc"], samples=5))
    >>> record.relation, record.witness.witness["R"], record.agreed
    ('equal on a region', 1.0, 5)
    """

    id: str
    relation: str
    region: tuple[str, ...]
    witness: Finding | None
    steps: int
    proved: int
    agreed: int
    disagreed: int
    unknown: int
    codes: Entry | None = None

    @property
    def verification(self) -> str:
        """The counts, in words."""
        text = (
            f"{self.proved} of {self.steps} claims proved; {self.agreed} of {self.agreed + self.disagreed + self.unknown}"
            " instances agree with the certified solver"
        )
        text += f", {self.disagreed} disagree" if self.disagreed else ""
        text += f", {self.unknown} undecided" if self.unknown else ""
        return text if self.codes is None else f"{text}; {self._coded}"

    @property
    def _coded(self) -> str:
        assert self.codes is not None
        right, wrong = self.codes.agreements, self.codes.disagreements
        beyond = f", {wrong} of {right + wrong} points beyond four standard errors" if wrong else ""
        return f"codes: {self.codes.achieved}{beyond}"

    @property
    def summary(self) -> dict[str, object]:
        """The record as plain data."""
        witness = None if self.witness is None else dict(self.witness.witness)
        counts = ("steps", "proved", "agreed", "disagreed", "unknown")
        found: dict[str, object] = {"relation": self.relation, "region": list(self.region), "witness": witness}
        reached = self.codes and {"excess": self.codes.excess, "block": self.codes.block}
        return found | {name: getattr(self, name) for name in counts} | {"achieved": reached}

    @property
    def relation_in_words(self) -> str:
        """The relation, with the witness if there is one."""
        if self.witness is None:
            return self.relation
        where = ", ".join(f"{name} = {value:g}" for name, value in self.witness.witness.items())
        return f"{self.relation}; at {where}: printed {self.witness.printed:.4g}, true {self.witness.true:.4g}"


def records(report: AuditReport) -> tuple[Record, ...]:
    """Join what an audit found, theorem by theorem, in the order of the audit."""
    ids = dict.fromkeys(e.id for e in report.entries)
    return tuple(_record(name, report) for name in ids)


def _record(name: str, report: AuditReport) -> Record:
    by_road = {e.roads: e for e in report.entries if e.id == name}
    roads = ("derivation", "exact x solver", "published x exact", "exact x codes")
    proof, solver, printed, codes = (by_road.get(r) for r in roads)
    assert proof is not None
    assert solver is not None
    relation, region = _relation(printed)
    return Record(
        name,
        relation,
        region,
        _simplest([f for f in report.findings if f.theorem == name]) if relation in (REGION, DIFFERS) else None,
        proof.agreements + proof.disagreements + proof.unknown,
        proof.agreements,
        solver.agreements,
        solver.disagreements,
        solver.unknown,
        codes,
    )


def _relation(printed: Entry | None) -> tuple[str, tuple[str, ...]]:
    if printed is None:
        return NONE, ()
    if not printed.disagreements:
        return EQUAL, ()
    wrong = {r.branch for r in printed.regions if r.disagreements}
    equal = []
    for r in printed.regions:
        # That a published form and the derived one are both infinite says little of the formula.
        if r.agreements and not r.disagreements and r.branch != "infeasible":
            equal.append(f"{r.branch} ({r.regime})" if r.branch in wrong else r.branch)
    return (REGION, tuple(dict.fromkeys(equal))) if equal else (DIFFERS, ())


def _simplest(findings: list[Finding]) -> Finding | None:
    """Of the findings that are about values of the trade-off, the one with the shortest numbers."""
    about_values = [f for f in findings if "R" in f.witness or "D" in f.witness]
    return min(about_values, key=_length, default=None)


def _length(finding: Finding) -> tuple[int, list[float]]:
    numbers = list(finding.witness.values())
    return sum(len(f"{x:g}") for x in numbers), numbers
