"""The documents: pages, each of which needs nothing but itself, and papers in LaTeX; of the report, and of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files

from drc.audit import AuditReport
from drc.report import digits, experiments
from drc.report.bibliography import with_references_html, with_references_latex
from drc.report.chapters import Book, Chapter, Section
from drc.report.evidence import audit_section, cases_section, trained_section
from drc.report.notation import counts, introduction
from drc.report.pictures import Picture
from drc.report.theorems import link, sections, special_section, title
from drc.typeset import to_html, to_latex
from drc.typeset.model import Html, Paragraph, Part, Table
from drc.typeset.model import Section as Heading
from drc.typeset.words import words_html

TITLE = "Trade-offs of cross-domain lossy compression"
LEAD = "How little distortion a rate allows when something must still be known of a label: derived, solved, checked."

#: Fonts are optional: a small TeX installation has a page too.
PREAMBLE = rf"""\documentclass[11pt,a4paper]{{article}}
\usepackage[T1]{{fontenc}}
\IfFileExists{{lmodern.sty}}{{\usepackage{{lmodern}}}}{{}}
\IfFileExists{{microtype.sty}}{{\usepackage{{microtype}}}}{{}}
\usepackage[margin=25mm]{{geometry}}
\usepackage{{amsmath,amssymb,amsthm}}
\usepackage{{booktabs}}
\usepackage{{array}}
\allowdisplaybreaks
\newtheorem{{theorem}}{{Theorem}}[section]
\newtheorem{{lemma}}[theorem]{{Lemma}}
\theoremstyle{{definition}}
\newtheorem*{{setting}}{{Setting}}
\numberwithin{{equation}}{{section}}
\makeatletter\@endparpenalty=1000\makeatother
\newcommand{{\room}}[1]{{\par\vskip 0pt plus #1\penalty-250\vskip 0pt plus -#1\relax}}
\title{{{TITLE}}}
\author{{Derived, checked and typeset by \texttt{{drc}}}}
\date{{}}
\begin{{document}}
\maketitle
\tableofcontents
"""


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
    seed, samples : int
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
    def chapters(self) -> tuple[Chapter, ...]:
        """The theorems."""
        return self.book.chapters

    @property
    def audit(self) -> AuditReport:
        """What the audit found."""
        return self.book.audit


def page(report: Report) -> str:
    """Write the page of the report: MathML for formulas, pictures and style inside, no script."""
    more = [audit_section(report.audit), cases_section(report.cases), trained_section(report.trained), _again(report)]
    parts = [*_catalogue(report.book, files=True), *more]
    navigation = "".join(f'<li><a href="#{part.anchor}">{part.title}</a></li>' for part in more)
    header = f'{_contents(report.book)}\n<nav><ul>{navigation}<li><a href="#references">References</a></li></ul></nav>'
    footer = f"Written by drc {escape(report.versions.get('drc', ''))} on {report.date}."
    return _page(header, [_overview(report), *parts], footer)


def catalogue_page(book: Book) -> str:
    """Write the page of the catalogue alone."""
    samples, seed = book.audit.samples, book.audit.seed
    footer = (
        f"The steps of the proofs were checked again, and each theorem compared with the certified solver at {samples}"
        f" random instances, corners included (seed {seed}): drc catalogue --samples {samples} --seed {seed}."
    )
    return _page(_contents(book), _catalogue(book), footer)


def paper(report: Report) -> str:
    """Write the whole document of the report in LaTeX: the catalogue, the audit and the real case."""
    return _paper([*_catalogue(report.book), audit_section(report.audit), cases_section(report.cases)])


def catalogue_paper(book: Book) -> str:
    """Write the catalogue alone in LaTeX."""
    return _paper(_catalogue(book))


def formula_file(chapter: Chapter) -> str:
    """Return the formula as a file to be read into a paper."""
    return f"% {chapter.entry.id}: needs amsmath\n\\[\n{chapter.tradeoff.latex()}\n\\]\n"


def proof_file(chapter: Chapter) -> str:
    """Return the proof as a file to be read into a paper."""
    return f"% {chapter.entry.id}: needs amsmath, amssymb and amsthm\n{chapter.proof.latex()}"


def _catalogue(book: Book, *, files: bool = False) -> list[Part]:
    """Set what all documents have in common, from the notation to the special cases."""
    steps, proved = counts(c.check for c in book.chapters)
    verified = (
        f"Every formula is derived from its optimisation problem. The {steps} steps of the proofs were checked again when"
        f" this document was made: {proved} are proved, by symbolic identity, over all orderings of the quantities in them,"
        f" or in ball arithmetic at random points. Each theorem was also compared with a certified solver, which shares"
        f" no formula with it, at {book.audit.samples} random instances (seed {book.audit.seed}), corners included."
    )
    words = tuple(map(Paragraph, (*introduction(book.chapters), verified)))
    notation = Heading("Notation", words, 1, "notation")
    return [notation, *sections(book, files=files), *special_section(book.special_cases)]


def _paper(parts: list[Part]) -> str:
    return "\n\n".join([PREAMBLE, with_references_latex(to_latex(parts)), "\\end{document}\n"])


def _page(header: str, parts: list[Part], footer: str) -> str:
    body, references = with_references_html(to_html(parts))
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
            f'<header>\n<h1>{TITLE}</h1>\n<p class="lead">{LEAD}</p>\n{header}\n</header>',
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


def _contents(book: Book) -> str:
    """Write the list of contents: a line for each section, and its theorems."""
    special = '<li><a href="#special-cases">Special cases</a></li>' if book.special_cases else ""
    return f'<ul class="contents">{"".join(map(_entry, book.sections))}{special}</ul>'


def _entry(section: Section) -> str:
    chapters: Sequence[Chapter] = [
        c for group in section.groups for chapter in group.chapters for c in group.alike(chapter)
    ]
    theorems = "".join(
        f'<li><a href="#{c.slug}">{words_html(title(c.tradeoff))}</a> <span class="id">{c.entry.id}</span></li>'
        for c in chapters
    )
    return f'<li><a href="#{section.slug}">{escape(section.title)}</a><ul>{theorems}</ul></li>'


def _overview(report: Report) -> Html:
    steps, proved = counts(c.check for c in report.chapters)
    exact = [e for e in report.audit.entries if e.roads == "exact x solver"]
    agree, disagree, unknown = (sum(getattr(e, k) for e in exact) for k in ("agreements", "disagreements", "unknown"))
    boxes = [
        (str(len(report.chapters)), "theorems, each derived from its optimisation problem"),
        (f"{proved} of {steps}", "steps of the proofs, checked again for this page"),
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
