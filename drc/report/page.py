"""The pages: `index.html` of the report and `catalogue.html`, each of which needs nothing but itself."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from drc.expressions.latex import mathml
from drc.expressions.words import capitalised, prose_html
from drc.report import digits
from drc.report.bibliography import with_references_html
from drc.report.theorems import TITLE, number, witness
from drc.report.theorems_html import (
    contents,
    link,
    links,
    notation,
    picture,
    special_section,
    theorems,
)
from drc.tradeoff.table import render

if TYPE_CHECKING:
    from drc.audit import AuditReport, Finding
    from drc.report.chapters import Book
    from drc.report.write import Report

LEAD = "How little distortion a rate allows when something must still be known of a label: derived, solved, checked."


def page(report: Report) -> str:
    """Write the page: MathML for formulas, pictures and style inside, no script."""
    sections = [
        _overview(report),
        notation(report.chapters),
        theorems(report.book, files=True),
        _special(report.book),
        _audit(report.audit),
        _cases(report),
        _trained(report),
        _again(report),
    ]
    footer = f"Written by drc {escape(report.versions.get('drc', ''))} on {report.date}."
    return _whole(_header(report), sections, footer)


def catalogue_page(book: Book) -> str:
    """Write the page of the catalogue alone: MathML for formulas, style inside, no script."""
    more = [("special-cases", "Special cases")] if book.special_cases else []
    listed = contents(book.sections, [*more, ("references", "References")])
    head = f'<header>\n<h1>{TITLE}</h1>\n<p class="lead">{LEAD}</p>\n{listed}\n</header>'
    samples, seed = book.audit.samples, book.audit.seed
    footer = (
        f"The steps of the proofs were checked again, and each theorem compared with the certified solver at {samples}"
        f" random instances, corners included (seed {seed}): drc catalogue --samples {samples} --seed {seed}."
    )
    return _whole(head, [notation(book.chapters), theorems(book, files=False), _special(book)], footer)


def _special(book: Book) -> str:
    return special_section(book.special_cases)


def _whole(header: str, sections: list[str], footer: str) -> str:
    body, references = with_references_html("\n".join(part for part in sections if part))
    style = files("drc.report").joinpath("style.css").read_text(encoding="utf-8")
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{TITLE}</title>",
            f"<style>\n{style}</style>",
            "</head>",
            "<body>",
            header,
            "<main>",
            body,
            references,
            "</main>",
            f"<footer><p>{footer}</p></footer>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _header(report: Report) -> str:
    targets = [("#special-cases", "Special cases")] if report.book.special_cases else []
    targets += [
        ("#audit", "Audit"),
        ("#digits", "A real case"),
        ("#trained", "Trained codecs"),
        ("#again", "Make it again"),
        ("#references", "References"),
    ]
    items = "".join(f'<li><a href="{target}">{words}</a></li>' for target, words in targets)
    more = f"<nav><ul>{items}</ul></nav>"
    lead = f'<p class="lead">{LEAD}</p>'
    return f"<header>\n<h1>{TITLE}</h1>\n{lead}\n{contents(report.book.sections)}\n{more}\n</header>"


def _overview(report: Report) -> str:
    steps = [check for c in report.chapters for check in c.check.checks]
    proved = sum(check.verdict.value == "True" for check in steps)
    exact = [e for e in report.audit.entries if e.roads == "exact x solver"]
    agree, disagree, unknown = (sum(getattr(e, k) for e in exact) for k in ("agreements", "disagreements", "unknown"))
    boxes = [
        (str(len(report.chapters)), "theorems, each derived from its optimisation problem"),
        (f"{proved} of {len(steps)}", "steps of the proofs, checked again for this page"),
        (
            f"{agree} of {agree + disagree + unknown}",
            f"random instances agree with the certified solver; {disagree} disagree, {unknown} lie undecided on a border",
        ),
        *_codes_box(report.audit),
        (str(len(report.audit.findings)), "disagreements of published forms, each with a witness"),
    ]
    numbers = "".join(f"<li><b>{value}</b>{words}</li>" for value, words in boxes)
    words = (
        "A source $X$ is compressed and turned into a $Y$ of another law, while a label $S$ of $X$ must not be lost:"
        " distortion $D$, rate $R$ and a bound $C$ on what is left unknown of the label cannot all be small. Every"
        " trade-off here has roads that must meet: a derivation, a solver with certificates, and for most of them codes that"
        " are run and measured; what papers print is compared with them. $R$ and $C$ are in bits; where no plan exists the"
        " value is $\\infty$."
    )
    documents = [link("formulas.tex"), link("formulas.pdf")] if _has_pdf(report) else [link("formulas.tex")]
    documents.append(link("audit.json"))
    note = "" if _has_pdf(report) else f" ({escape(report.pdf)})"
    return (
        f'<section id="overview">\n<p>{prose_html(words)}</p>\n<ul class="numbers">{numbers}</ul>\n'
        f'<p class="files">Everything in one document: {" ".join(documents)}{note}</p>\n</section>'
    )


def _codes_box(audit: AuditReport) -> list[tuple[str, str]]:
    coded = [e for e in audit.entries if e.excess is not None]
    if not coded:
        return []
    agree, disagree = (sum(getattr(e, k) for e in coded) for k in ("agreements", "disagreements"))
    words = f"operating points of {len(coded)} theorems, at which codes were run and met the formula"
    return [(f"{agree} of {agree + disagree}", words)]


def _has_pdf(report: Report) -> bool:
    return report.pdf.startswith("PDF")


def _scroll(table: str) -> str:
    return f'<div class="scroll">{table}</div>'


def _audit(audit: AuditReport) -> str:
    verdict = "No exact form disagrees anywhere." if audit.ok else "<b>An exact form disagrees: see the table.</b>"
    parts = [
        '<section id="audit">',
        "<h2>Audit</h2>",
        f"<p>{audit.samples} random instances for each comparison with the certified solver, corners included (seed"
        f" {audit.seed}). For a derivation the counts are its steps. For codes they are operating points, at which samples"
        " are encoded to bytes and decoded from them; the difference is that of a measured distortion, and a point agrees"
        f" if everything is within four standard errors. {verdict}</p>",
        roads_table(audit),
        regions_table(audit),
        "<h3>Where published forms differ</h3>",
        *(finding(f) for f in audit.findings),
        links("tables", ["findings.tex", "findings.csv"]),
        "</section>",
    ]
    return "\n".join(parts)


def roads_table(audit: AuditReport) -> str:
    """Write a line for each comparison of two roads."""
    rows = [
        [
            e.id,
            e.roads.replace(" x ", " × "),
            str(e.agreements),
            str(e.disagreements),
            str(e.unknown),
            f"{e.largest_difference:.1e}" if e.largest_difference else "0",
            e.achieved.removeprefix("achieved "),
        ]
        for e in audit.entries
    ]
    head_ = ["theorem", "roads", "agree", "disagree", "unknown", "largest difference", "achieved"]
    return f'<div class="audit">{_scroll(render(head_, rows, "html"))}</div>'


def regions_table(audit: AuditReport) -> str:
    """Count by published branch and true regime, where the audit says so."""
    rows = [
        [e.id, r.branch, r.regime, str(r.agreements), str(r.disagreements)]
        for e in audit.entries
        for r in getattr(e, "regions", ())
    ]
    if not rows:
        return ""
    table = render(["theorem", "published branch", "true regime", "agree", "disagree"], rows, "html")
    summary = "<summary>Published branch against true regime, how often the values agree</summary>"
    return f'<details>{summary}<div class="audit">{_scroll(table)}</div></details>'


def finding(found: Finding) -> str:
    """Write a disagreement of a published form, with its witness."""
    where = ", ".join(mathml(x) for x in witness(found))
    values = ", ".join(
        f"{word} {mathml(number(value, plain=True))}"
        for word, value in (("printed", found.printed), ("true", found.true))
    )
    return (
        f'<div class="finding" id="{escape(found.id)}"><h4>{prose_html(capitalised(found.title))}</h4>'
        f"<p>{prose_html(found.explanation)}</p><p>Witness: {where}: {values}. <i>{escape(found.source)}</i></p></div>"
    )


def _cases(report: Report) -> str:
    case = report.cases[0][0]
    words = (
        "The 1797 handwritten digits of 8 x 8 pixels that scikit-learn brings along. A camera sees one coarse feature: the"
        " ink of a patch left of the centre, faded to 70 % and noisy, in five levels; this is $X$. It is to be restored to"
        " the law that the feature has on clean images, with squared error between levels, by a code with common"
        " randomness whose classifier sees $(Y, U)$. How much of the label must survive is $C$."
    )
    rows = [
        [
            c.label,
            f"{c.H_S:.4f}",
            f"{c.I_SX:.4f}",
            f"{c.H_X:.4f}",
            str(len(c.rows)),
            str(c.certified),
            f"{c.widest:.1e}",
        ]
        for c, _ in report.cases
    ]
    head_ = [
        "label",
        "$H(S)$ (bit)",
        "$I(S;X)$ (bit)",
        "$H(X)$ (bit)",
        "points",
        "certified",
        "widest enclosure of $D$",
    ]
    laws = [
        [name, *(f"{p:.3f}" for p in law)]
        for name, law in (
            ("source $p_X$", case.problem.source_law),
            ("target $p_Y$", case.problem.target_law if case.problem.target_law is not None else ()),
        )
    ]
    return "\n".join(
        [
            '<section id="digits">',
            "<h2>A real case: handwritten digits</h2>",
            f"<p>{prose_html(words)}</p>",
            _scroll(render(["law", *(f"level {i}" for i in range(len(laws[0]) - 1))], laws, "html")),
            _scroll(render(head_, rows, "html")),
            *(picture(p) for _, p in report.cases),
            "<h3>Coded for real</h3>",
            f"<p>{prose_html(digits.CODED)}</p>",
            _scroll(render(*digits.coded_table(c for c, _ in report.cases), "html")),
            links("tables", ["digits-coded.tex", "digits-coded.csv"]),
            "</section>",
        ]
    )


def _trained(report: Report) -> str:
    words = (
        "Codecs for the same digits, 4 x 4 pixels to 8 x 8, trained by $E|X-Y|^2$ with a sliced Wasserstein distance to the"
        " law of clean images and the cross-entropy of a classifier; encoder and decoder share a dither. The numbers are of"
        " images that another process decoded from a bitstream; $D$ is a mean squared error per pixel. One seed;"
        " drc experiment toy-sr trains more rates, weightings and seeds."
    )
    trained = report.trained
    return "\n".join(
        [
            '<section id="trained">',
            "<h2>Trained codecs</h2>",
            f"<p>{prose_html(words)}</p>",
            _scroll(render(trained.head, trained.lines, "html")),
            *(picture(p) for p in trained.pictures),
            links("tables", ["toy-sr.tex"]),
            "</section>",
        ]
    )


def _again(report: Report) -> str:
    command = f"drc report --seed {report.seed} --samples {report.samples}"
    versions = [[name, number_] for name, number_ in report.versions.items()]
    return "\n".join(
        [
            '<section id="again">',
            "<h2>Make it again</h2>",
            f"<p>The same seed gives the same numbers and pictures. {escape(report.pdf[:1].upper() + report.pdf[1:])}.</p>",
            f"<pre><code>{command}</code></pre>",
            _scroll(render(["package", "version"], versions, "html")),
            "</section>",
        ]
    )
