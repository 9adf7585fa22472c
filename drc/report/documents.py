"""The documents: pages, each of which needs nothing but itself, and papers in LaTeX; of the report, and of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from drc.audit import AuditReport
from drc.files import beside
from drc.report import digits, experiments
from drc.report.bibliography import with_references_html, with_references_latex
from drc.report.chapters import Book, Chapter, Section
from drc.report.evidence import audit_section, cases_section, trained_section
from drc.report.notation import counts, introduction
from drc.report.pictures import Picture
from drc.report.theorems import link, picture, sections, special_section, title
from drc.typeset import to_html, to_latex
from drc.typeset.model import Html, Paragraph, Part, Table
from drc.typeset.model import Section as Heading
from drc.typeset.words import words_html

#: Anchors, each with the words of its line in the contents.
Pairs = Iterable[tuple[str, str]]

TITLE = "Trade-offs of cross-domain lossy compression"
LEAD = "How little distortion a rate allows when something must still be known of a label: derived, solved, checked."


@dataclass(frozen=True, eq=False)
class Report:
    """Everything that the report says, before it is written.

    Attributes
    ----------
    book : Book
        The theorems and the audit.
    cases : tuple of (Case, Picture)
        The real case.
    trained : Trained
        Codecs that were trained for this report.
    pdf : str
        What became of `formulas.pdf`.
    """

    book: Book
    cases: tuple[tuple[digits.Case, Picture], ...]
    trained: experiments.Trained
    seed: int
    samples: int
    pdf: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    date: str = ""

    @property
    def pictures(self) -> list[Picture]:
        """All pictures, in their order."""
        of_theorems = [picture for chapter in self.book.chapters for picture in chapter.pictures]
        return [*of_theorems, *(picture for _, picture in self.cases), *self.trained.pictures]


def page(report: Report) -> str:
    """Write the page of the report: results and pictures first; MathML for formulas, all of it inside, no script."""
    more = [
        audit_section(report.book.audit),
        cases_section(report.cases),
        trained_section(report.trained),
        _again(report),
    ]
    first = [_overview(report), _pictures(report.book)]
    around = [(part.anchor, part.title) for part in (first[1], *more)]
    contents = _contents(report.book, around[:1], around[1:])
    footer = f"Written by drc {escape(report.versions.get('drc', ''))} on {report.date}."
    return _page(contents, first, [*_catalogue(report.book, files=True), *more], footer)


def _pictures(book: Book) -> Heading:
    """Set the pictures of the theorems, each with a link to its theorem."""
    shown = tuple(picture(p, chapter.slug) for chapter in book.chapters for p in chapter.pictures)
    return Heading("Pictures", shown, 1, "pictures", "pictures")


def catalogue_page(book: Book) -> str:
    """Write the page of the catalogue alone."""
    samples, seed = book.audit.samples, book.audit.seed
    footer = (
        f"The claims of the proofs were decided again, and each theorem compared with the certified solver at {samples}"
        f" random instances, corners included (seed {seed}): drc catalogue --samples {samples} --seed {seed}."
    )
    return _page(_contents(book), [], _catalogue(book), footer)


def paper(report: Report) -> str:
    """Write the whole document of the report in LaTeX: the catalogue, the audit and the real case."""
    return _paper([*_catalogue(report.book), audit_section(report.book.audit), cases_section(report.cases)])


def catalogue_paper(book: Book) -> str:
    """Write the catalogue alone in LaTeX."""
    return _paper(_catalogue(book))


def formula_file(chapter: Chapter) -> str:
    """Return the formula as a file to be read into a paper."""
    return f"% {chapter.entry.id}: needs amsmath\n\\[\n{chapter.tradeoff.latex()}\n\\]\n"


def proof_file(chapter: Chapter) -> str:
    """Return the proof as a file to be read into a paper."""
    return f"% {chapter.entry.id}: needs amsmath, amssymb, amsthm and graphicx\n{chapter.proof.latex()}"


def _catalogue(book: Book, *, files: bool = False) -> list[Part]:
    """Set what all documents have in common, from the notation to the special cases."""
    steps, proved = counts(c.check for c in book.chapters)
    verified = (
        f"Every formula is derived from its optimisation problem. Of the {steps} claims of the proofs, {proved} were"
        " decided for all parameters when this document was made, in real arithmetic with lemmas on logarithms, entropies"
        " and their inverses; the others say what they rest on. Each theorem was also compared with a certified solver,"
        f" which shares no formula with it, at {book.audit.samples} random instances (seed {book.audit.seed}), corners"
        " included."
    )
    words = tuple(map(Paragraph, (*introduction(book.chapters), verified)))
    notation = Heading("Notation", words, 1, "notation")
    return [notation, *sections(book, files=files), *special_section(book.special_cases)]


def _paper(parts: list[Part]) -> str:
    return beside("drc.report", "paper.tex", TITLE=TITLE, BODY=with_references_latex(to_latex(parts)))


def _page(contents: str, first: list[Part], parts: list[Part], footer: str) -> str:
    # References are numbered through the whole page.
    whole, references = with_references_html("\0".join(map(to_html, (first, parts))))
    above, body = whole.split("\0")
    texts = {
        "STYLE": beside("drc.report", "style.css"),
        "TITLE": TITLE,
        "LEAD": LEAD,
        "CONTENTS": contents,
        "FIRST": above,
        "FOOTER": footer,
    }
    return beside("drc.report", "page.html", **texts, BODY=body, REFERENCES=references)


def _contents(book: Book, before: Pairs = (), after: Pairs = ()) -> str:
    """Write the list of contents: a line for each section, which opens the list of its theorems."""
    special = [("special-cases", "Special cases")] if book.special_cases else []
    lines = (
        *map(_line, (*before, ("notation", "Notation"))),
        *map(_entry, book.sections),
        *map(_line, (*special, *after, ("references", "References"))),
    )
    return f"<ul>{''.join(lines)}</ul>"


def _line(part: tuple[str, str]) -> str:
    return f'<li><a href="#{part[0]}">{escape(part[1])}</a></li>'


def _entry(section: Section) -> str:
    chapters: Sequence[Chapter] = [
        c for group in section.groups for chapter in group.chapters for c in group.alike(chapter)
    ]
    theorems = "".join(
        f'<li><a href="#{c.slug}">{words_html(title(c.tradeoff))}</a> <span class="id">{c.entry.id}</span></li>'
        for c in chapters
    )
    title_ = f'<a href="#{section.slug}">{escape(section.title)}</a>'
    return f"<li><details><summary>{title_}</summary><ul>{theorems}</ul></details></li>"


def _overview(report: Report) -> Html:
    steps, proved = counts(c.check for c in report.book.chapters)
    exact = [e for e in report.book.audit.entries if e.roads == "exact x solver"]
    agree, disagree, unknown = (sum(getattr(e, k) for e in exact) for k in ("agreements", "disagreements", "unknown"))
    boxes = [
        (str(len(report.book.chapters)), "theorems, each derived from its optimisation problem"),
        (f"{proved} of {steps}", "claims of the proofs, decided for all parameters when this page was made"),
        (
            f"{agree} of {agree + disagree + unknown}",
            f"random instances agree with the certified solver; {disagree} disagree, {unknown} lie undecided on a border",
        ),
        *_codes_box(report.book.audit),
        (str(len(report.book.audit.findings)), "disagreements of published forms, each with a witness"),
    ]
    numbers = "".join(f"<li><b>{value}</b>{words}</li>" for value, words in boxes)
    words = (
        "A source $X$ is compressed and turned into a $Y$ of another law, while a label $S$ of $X$ must not be lost:"
        " distortion $D$, rate $R$ and a bound $C$ on what is left unknown of the label cannot all be small. Every"
        " trade-off here has roads that must meet: a derivation, a solver with certificates, and for most of them codes that"
        " are run and measured; what papers print is compared with them. $R$ and $C$ are in bits; where no plan exists the"
        r" value is $\infty$."
    )
    has_pdf = report.pdf.startswith("PDF")
    names = ["formulas.tex", *(["formulas.pdf"] if has_pdf else []), "audit.json"]
    note = "" if has_pdf else f" ({escape(report.pdf)})"
    return Html(
        f'<section id="overview">\n<p>{words_html(words)}</p>\n<ul class="numbers">{numbers}</ul>\n'
        f'<p class="files">Everything in one document: {" ".join(map(link, names))}{note}</p>\n</section>'
    )


def _codes_box(audit: AuditReport) -> list[tuple[str, str]]:
    coded = [e for e in audit.entries if e.excess is not None]
    if not coded:
        return []
    agree, disagree = (sum(getattr(e, k) for e in coded) for k in ("agreements", "disagreements"))
    words = f"operating points of {len(coded)} theorems, at which codes were run and met the formula"
    return [(f"{agree} of {agree + disagree}", words)]


def _again(report: Report) -> Heading:
    command = f"drc report --seed {report.seed} --samples {report.samples}"
    pdf = report.pdf[:1].upper() + report.pdf[1:]
    parts = (
        Paragraph(f"The same seed gives the same numbers and pictures. {pdf}."),
        Html(f"<pre><code>{command}</code></pre>"),
        Table(("package", "version"), tuple(report.versions.items())),
    )
    return Heading("Make it again", parts, 1, "again")
