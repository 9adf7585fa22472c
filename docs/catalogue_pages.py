"""The pages about theorems, written at each build by the printers of `drc catalogue` from what was derived and checked.

Under `docs/theorems/` there is a page for each kind of source, one for each theorem, and one for the special cases; each
formula has a link and its TeX to copy; files that begin with an underscore are parts of pages written by hand.  Nothing
there is kept in the repository.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drc.audit.record import NONE
from drc.files import write_whole
from drc.processes import each
from drc.report import evidence, theorems
from drc.report.bibliography import references
from drc.report.chapters import Book, Chapter, Group, Section, book
from drc.report.documents import formula_file, proof_file
from drc.report.gallery import of_theorem, printed_and_exact
from drc.report.notation import INTRODUCTION, MEANINGS
from drc.report.pictures import Picture
from drc.report.special_cases import SpecialCase
from drc.theory import Entry, catalogue, entry
from drc.tradeoff.display import head
from drc.typeset import to_html, to_latex
from drc.typeset.model import Definitions, Formula, Html, Item, Part, Steps
from drc.typeset.words import plain, words_html

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).parent

#: Instances for each comparison with the solver.
SAMPLES = 50


def write(app: Sphinx) -> None:
    """Write all pages, unless they are there and nothing that they come from has changed."""
    from sphinx.util import logging

    folder, mark = HERE / "theorems", _digest()
    done = folder / "digest"
    if done.exists() and done.read_text(encoding="utf-8") == mark:
        return
    shutil.rmtree(folder, ignore_errors=True)
    logging.getLogger(__name__).info("deriving, checking, auditing and drawing the catalogue: some minutes")
    made = book(samples=SAMPLES, workers=None)
    names = [entry.id for entry in catalogue()]
    pictures = dict(zip(names, each(_drawn, names, workers=None), strict=True))
    for name, text in pages(made, lambda entry: pictures[entry.id]).items():
        write_whole(folder / name, text)
    write_whole(done, mark)


@dataclass(frozen=True)
class Drawn:
    """A picture that was drawn: what is said of it, its numbers, and its files by their endings."""

    name: str
    title: str
    caption: str
    parameters: Mapping[str, float]
    rows: Sequence[Mapping[str, Any]]
    files: Mapping[str, str]


def drawn(picture: Picture) -> Drawn:
    """Draw a picture."""
    files = {"svg": picture.svg(), "csv": picture.csv(), "json": picture.json()}
    return Drawn(picture.name, picture.title, picture.caption, picture.about["parameters"], list(picture.rows), files)


def _drawn(name: str) -> Drawn:
    return drawn(of_theorem(entry(name)))


def _digest() -> str:
    """Sum up the source text that the pages depend on."""
    sources = [*sorted((HERE.parent / "drc").rglob("*.py")), Path(__file__)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def pages(book: Book, draw: Callable[[Entry], Drawn]) -> dict[str, str]:
    """Write the pages of a book of theorems.

    Parameters
    ----------
    book : Book
    draw : function from an entry of the catalogue to its picture

    Returns
    -------
    dict from the name of a file to its text
    """
    places = {}
    for section in book.sections:
        for group in section.groups:
            places[group.slug] = section.slug
            places |= {c.slug: chapter.slug for chapter in group.chapters for c in group.alike(chapter)}
    files = {"_letters.md": _raw(_letters()), "_functions.md": _raw(_functions()), "_table.md": _raw(_table(book))}
    files["_audit.md"] = _set(evidence.roads_table(book.audit))
    files["_printed.md"] = _printed(book)
    files["special-cases.md"] = _page("Special cases", _set(*_special(book.special_cases)))
    for section in book.sections:
        files[f"{section.slug}.md"] = _section(section)
        for group in section.groups:
            for chapter in group.chapters:
                picture = draw(chapter.entry)
                files |= _files(picture)
                files |= {f"tex/{chapter.slug}-{name}.tex": form(chapter) for name, form in _TEX.items()}
                files[f"{chapter.slug}.md"] = _theorem(chapter, group, section, book, picture)
    if any(c.printed for c in book.chapters):
        files |= _files(drawn(printed_and_exact()))
    return {
        name: _linked(text, name.removesuffix(".md"), places) if name.endswith(".md") else text
        for name, text in files.items()
    }


#: What of a theorem is there as a file, to be read into a paper.
_TEX: dict[str, Callable[[Chapter], str]] = {"formula": formula_file, "proof": proof_file}


def _files(picture: Drawn) -> dict[str, str]:
    return {f"pictures/{picture.name}.{ending}": text for ending, text in picture.files.items()}


def _theorem(chapter: Chapter, group: Group, section: Section, book: Book, picture: Drawn) -> str:
    alike = group.alike(chapter)
    records = [book.records[c.entry.id] for c in alike]
    anchors = "".join(f'<span id="{c.slug}"></span>' for c in alike)
    parts = [
        _raw(anchors, f'<p class="files">{section.title}. {_LETTERS}</p>', to_html([theorems.setting(group)])),
        "## Theorem",
        _set(*_quoted(theorems.claimed(chapter, group), "formula")),
        _figure(picture),
        "## Proof",
        _set(theorems.proof(chapter, group)),
    ]
    if chapter.printed:
        parts += [
            "## As published",
            _set(*_quoted(theorems.printed(chapter, records[0]), "published")),
            "[All findings](../published.md).",
        ]
    laws = "".join(f"<li><code>{escape(str(law))}</code></li>" for law in chapter.tradeoff.laws)
    parts += [
        "## How it was verified",
        _set(*(theorems.status(c, record) for c, record in zip(alike, records, strict=True))),
        f"Counted while this page was built, with {book.audit.samples} random instances, corners included."
        " Laws that every value obeys are tested at random points of their own:",
        _raw(f'<ul class="laws">{laws}</ul>'),
        "## Use it",
        _used(chapter, picture),
        f"As LaTeX, for a paper: {_downloads({name: f'tex/{chapter.slug}-{name}.tex' for name in _TEX})}.",
        *(
            _raw(f'<p><a href="../explorer/index.html#{c.entry.id}">{c.entry.id} in the explorer</a></p>')
            for c in alike
        ),
    ]
    return _page(_title(chapter, group, section), *parts)


def _title(chapter: Chapter, group: Group, section: Section) -> str:
    return plain(f"{head(chapter.tradeoff)}: {group.title or section.title}")


def _used(chapter: Chapter, picture: Drawn) -> str:
    """Evaluate the theorem at a feasible point of its picture, as a reader would."""
    parameters = picture.parameters
    tradeoff = chapter.entry.tradeoff(**parameters)
    letters = [s.name for s in (*tradeoff.arguments, *tradeoff.parameters)]
    feasible = [row for row in picture.rows if row[tradeoff.value.name] < float("inf")]
    row = feasible[len(feasible) * 5 // 9]
    at = {name: row[name] for name in letters}
    given, bounds = (", ".join(f"{name}={value:g}" for name, value in of.items()) for of in (parameters, at))
    made = f'T = entry("{chapter.entry.id}").tradeoff({given})'
    lines = [
        ">>> from drc.theory import entry",
        f">>> {made}",
        f">>> T({bounds})",
        repr(tradeoff(**at)),
        f">>> print(T.why({bounds}))",
        tradeoff.why(**at),
    ]
    shell = f"drc show {chapter.entry.id} --proof\ndrc check {chapter.entry.id} --samples 1000"
    return "```{code-block} pycon\n" + "\n".join(lines) + f"\n```\n\n```console\n{shell}\n```"


def _section(section: Section) -> str:
    chapters = [chapter for group in section.groups for chapter in group.chapters]
    listed = "\n".join(chapter.slug for chapter in chapters)
    parts = [f"```{{toctree}}\n:hidden:\n\n{listed}\n```"]
    for group in section.groups:
        parts += [f"## {plain(group.title)}"] if group.title else []
        items = "".join(_item(c, group) for c in group.chapters)
        parts.append(_raw(to_html(theorems.beginning(group)), f'<ul class="listed">{items}</ul>'))
    return _page(section.title, *parts)


def _item(chapter: Chapter, group: Group) -> str:
    alike = group.alike(chapter)
    names = ", ".join(f'<span class="id">{c.entry.id}</span>' for c in alike)
    return f'<li><a href="#{chapter.slug}">{words_html(theorems.title(*(c.tradeoff for c in alike)))}</a> {names}</li>'


def _table(book: Book) -> str:
    """Write a line for each theorem: how its proof and its numbers were verified, and what of it is printed."""
    rows = []
    for section in book.sections:
        rows.append(f'<tr><th colspan="5"><a href="{section.slug}.html">{section.title}</a></th></tr>')
        for chapter in (c for group in section.groups for one in group.chapters for c in group.alike(one)):
            record = book.records[chapter.entry.id]
            instances = record.agreed + record.disagreed + record.unknown
            cells = [
                f'<a href="#{chapter.slug}">{words_html(theorems.title(chapter.tradeoff))}</a>'
                f' <span class="id">{chapter.entry.id}</span>',
                f"{record.proved} of {record.steps}",
                f"{record.agreed} of {instances}",
                escape(record.codes.achieved.removeprefix("achieved ")) if record.codes else "",
                "" if record.relation == NONE else escape(record.relation),
            ]
            rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    names = ("theorem", "claims proved", "instances agree", "codes", "published form")
    top = "".join(f"<th>{name}</th>" for name in names)
    body = "".join(rows)
    # Included by a page one folder up.
    table = (
        f'<div class="scroll"><table class="catalogue"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )
    unknown = sum(record.unknown for record in book.records.values())
    wrong = sum(record.disagreed for record in book.records.values())
    words = f"{book.audit.samples} random instances each; {wrong} disagree, and {unknown} lie undecided on a border."
    return f"<p>{words}</p>\n{table}"


#: Where a reader finds what a letter stands for.
_LETTERS = '<a href="../glossary.html#letters">Letters</a>, <a href="../functions.html">special functions</a>'


def _letters() -> str:
    """Write what the letters stand for, for a page one folder up."""
    return (
        "".join(f"<p>{words_html(p)}</p>" for p in INTRODUCTION) + f"<p>See also: {_LETTERS.replace('../', './')}.</p>"
    )


def _functions() -> str:
    """Write the functions that have a name, each with the one it has in Python and its TeX."""
    entries = (
        f'<dt id="{function.__name__}"><code>{function.__name__}</code>{_permalink(function.__name__)}</dt>'
        f"<dd><p>{words_html(words)}.</p>{_source(words + '.')}</dd>"
        for function, words in MEANINGS.items()
    )
    return f'<dl class="functions">{"".join(entries)}</dl>'


def _quoted(parts: Iterable[Part], name: str) -> Iterator[Part]:
    """Give each formula among some parts a place to link to, and its TeX to copy."""
    count = 0
    for part in parts:
        if isinstance(part, Formula | Definitions):
            count += 1
            anchor = name if count == 1 else f"{name}-{count}"
            tex = f"\\[\n{part.tex}\n\\]" if isinstance(part, Formula) else to_latex([part])
            shown = f"{_permalink(anchor)}{to_html([part])}{_source(tex)}"
            yield Html(f'<div class="quoted" id="{anchor}">{shown}</div>')
        else:
            yield part


def _permalink(anchor: str) -> str:
    return f'<a class="headerlink" href="#{anchor}" title="Link to this formula">¶</a>'


def _source(tex: str) -> str:
    return f'<details class="tex"><summary>TeX</summary><pre>{escape(tex)}</pre></details>'


def _special(cases: Sequence[SpecialCase]) -> Iterator[Part]:
    """Set the special cases, each formula with a link that is named for its identity."""
    words, steps = theorems.special_list(cases)
    yield words
    assert isinstance(steps, Steps)
    yield Steps(tuple(map(_special_item, steps.items, cases)))


def _special_item(item: Item, case: SpecialCase) -> Item:
    name = case.first.id.replace(".", "-")
    parts = (q for part in item.parts for q in (_quoted([part], name) if isinstance(part, Formula) else [part]))
    return replace(item, parts=tuple(parts))


def _printed(book: Book) -> str:
    """Write, for each published theorem, where it equals the derived one and where it does not."""
    parts = []
    for chapter in book.chapters:
        if chapter.printed is None:
            continue
        record = book.records[chapter.entry.id]
        found = [finding for finding in book.audit.findings if finding.theorem == chapter.entry.id]
        source = escape(chapter.printed.source)
        parts += [
            f"### {chapter.entry.id}",
            _raw(
                f'<p>{source}. <a href="#{chapter.slug}">The theorem, derived and as published</a>.</p>',
                f"<p>{words_html(theorems.relation(record))}</p>" if record.relation != NONE else "",
                to_html(map(evidence.finding, found)),
            ),
        ]
    parts += ["### Branch by branch", _set(*evidence.regions_table(book.audit))]
    return "\n\n".join(parts)


def _figure(picture: Drawn) -> str:
    numbers = _downloads({e.upper(): f"pictures/{picture.name}.{e}" for e in ("csv", "json")})
    lines = [
        f"```{{figure}} pictures/{picture.name}.svg",
        f":alt: {plain(picture.title)}",
        "",
        f"{plain(picture.title)}.",
    ]
    return "\n".join([*lines, f"{plain(picture.caption)} {numbers}", "```"])


def _downloads(files: Mapping[str, str]) -> str:
    """Link files: from what a reader calls each to where it is."""
    return ", ".join(f"{{download}}`{name} <{path}>`" for name, path in files.items())


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", *parts]) + "\n"


def _set(*parts: Part) -> str:
    return _raw(to_html(parts))


def _raw(*parts: str) -> str:
    return "`````{raw} html\n" + "\n".join(parts) + "\n`````"


_CITED = re.compile(rf"\[({'|'.join(references())})\]")


def _linked(text: str, here: str, places: dict[str, str]) -> str:
    """Turn links within the one page of the catalogue into links to other pages, and keys into links to references."""
    # A part is read one folder up, where the pages that include it lie.
    below, above = ("theorems/", "") if here.startswith("_") else ("", "../")

    def link(found: re.Match) -> str:
        place = places.get(found[1])
        return found[0] if place in (None, here) else f'href="{below}{place}.html#{found[1]}"'

    text = re.sub(r'href="#([^"]+)"', link, text)
    text = re.sub(r'href="([a-z-]+\.html)"', rf'href="{below}\1"', text)
    return _CITED.sub(rf'<a href="{above}references.html#cite-\1">[\1]</a>', text)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True}
