"""What was found beside the theorems, as parts of a document: the audit, a real case, and trained codecs."""

from __future__ import annotations

from collections.abc import Iterable

from drc.audit import AuditReport, Finding
from drc.report import digits, experiments
from drc.report.pictures import Picture
from drc.report.tables import findings_table
from drc.report.theorems import links, number, picture, witness
from drc.typeset import to_html
from drc.typeset.latex import centred
from drc.typeset.model import Fold, Html, Latex, Paragraph, Part, Section, Table
from drc.typeset.words import capitalised

Cases = Iterable[tuple[digits.Case, Picture]]


def audit_section(audit: AuditReport) -> Section:
    """Set what the audit found."""
    verdict = "No exact form disagrees anywhere." if audit.ok else "*An exact form disagrees: see the table.*"
    words = (
        f"{audit.samples} random instances for each comparison with the certified solver, corners included (seed"
        f" {audit.seed}). For a derivation the counts are its steps. For codes they are operating points, at which samples"
        " are encoded to bytes and decoded from them; the difference is that of a measured distortion, and a point agrees"
        f" if everything is within four standard errors. {verdict}"
    )
    roads = Fold(f"All {len(audit.entries)} comparisons", (roads_table(audit),))
    parts: list[Part] = [Paragraph(words), roads, *regions_table(audit)]
    if audit.findings:
        table = Latex(centred(findings_table(audit.findings)))
        found = (table, *map(finding, audit.findings), links("tables", ["findings.tex", "findings.csv"]))
        parts.append(Section("Where published forms differ, with witnesses", found, 2))
    return Section("Audit", tuple(parts), 1, "audit")


def roads_table(audit: AuditReport) -> Table:
    """Set a line for each comparison of two roads."""
    rows = tuple(
        (
            f"`{e.id}`",
            e.roads.replace(" x ", r" $\times$ "),
            *(str(count) for count in (e.agreements, e.disagreements, e.unknown)),
            _power(e.largest_difference),
            e.achieved.removeprefix("achieved "),
        )
        for e in audit.entries
    )
    return Table(("theorem", "roads", "agree", "disagree", "unknown", "largest difference", "achieved"), rows, True)


def regions_table(audit: AuditReport) -> list[Html]:
    """Count by published branch and true regime, where the audit says so; on a page this is folded."""
    rows = tuple(
        (f"`{e.id}`", r.branch, r.regime, str(r.agreements), str(r.disagreements))
        for e in audit.entries
        for r in getattr(e, "regions", ())
    )
    table = Table(("theorem", "published branch", "true regime", "agree", "disagree"), rows, True)
    summary = "<summary>Published branch against true regime, how often the values agree</summary>"
    return [Html(f"<details>{summary}{to_html([table])}</details>")] if rows else []


def finding(found: Finding) -> Section:
    """Set a disagreement of a published form, with its witness."""
    values = f"printed {number(found.printed)}, true {number(found.true)}"
    words = found.explanation, f"Witness: {witness(found)}: {values}. *{found.source}*"
    return Section(capitalised(found.title), tuple(map(Paragraph, words)), 3, found.id, "finding")


def _power(value: float) -> str:
    if value == 0:
        return "0"
    factor, _, power = f"{value:.1e}".partition("e")
    return rf"${factor} \cdot 10^{{{int(power)}}}$" if abs(int(power)) > 2 else f"{value:.3g}"


def cases_section(cases: Cases) -> Section:
    """Set the real case."""
    solved, pictures = zip(*cases, strict=True)
    words = (
        r"The 1797 handwritten digits of $8 \times 8$ pixels that scikit-learn brings along. A camera sees one coarse"
        " feature: the ink of a patch left of the centre, faded to 70 % and noisy, in five levels; this is $X$. It is to be"
        " restored to the law that the feature has on clean images, with squared error between levels, by a code with common"
        " randomness whose classifier sees $(Y, U)$. How much of the label must survive is $C$. Each point of $D(R, C)$ is"
        " an enclosure, proved in exact arithmetic."
    )
    first = solved[0].problem
    laws = (("source $p_X$", first.source_law), ("target $p_Y$", first.target_law))
    levels = tuple(f"level {i}" for i in range(len(first.source_law)))
    head = "label", "$H(S)$ (bit)", "$I(S;X)$ (bit)", "$H(X)$ (bit)", "points", "certified", "widest enclosure of $D$"
    rows = tuple(
        (c.label, *(f"{h:.4f}" for h in (c.H_S, c.I_SX, c.H_X)), f"{len(c.rows)}", f"{c.certified}", _power(c.widest))
        for c in solved
    )
    files = links("tables", ["digits-coded.tex", "digits-coded.csv"])
    coded = Paragraph(digits.CODED), digits.coded_table(solved), files
    parts = (
        Paragraph(words),
        Table(("law", *levels), tuple((name, *(f"{p:.3f}" for p in law)) for name, law in laws)),
        Table(head, rows),
        *map(picture, pictures),
        Section("Coded for real", coded, 2),
    )
    return Section("A real case: handwritten digits", parts, 1, "digits")


def trained_section(trained: experiments.Trained) -> Section:
    """Set what codecs that were trained for this report reach."""
    words = (
        r"Codecs for the same digits, $4 \times 4$ pixels to $8 \times 8$, trained by $\mathbb{E} |X - Y|^2$ with a sliced"
        " Wasserstein distance to the law of clean images and the cross-entropy of a classifier; encoder and decoder share a"
        " dither. The numbers are of images that another process decoded from a bitstream; $D$ is a mean squared error a"
        " pixel. One seed; `drc experiment toy-sr` trains more rates, weightings and seeds."
    )
    parts = Paragraph(words), trained.table, *map(picture, trained.pictures), links("tables", ["toy-sr.tex"])
    return Section("Trained codecs", parts, 1, "trained")
