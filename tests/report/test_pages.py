"""The site's pages about theorems, and the check of a built site."""

import re
import sys
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest

import drc
from drc.report import gallery
from drc.report.notation import MEANINGS
from drc.report.theorems import formula

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def docs():
    """The extensions of the documentation; they need no Sphinx until they are set up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS))
        import catalogue_pages
        import site_check

        yield catalogue_pages, site_check
        for name in ("catalogue_pages", "site_check"):
            del sys.modules[name]


@pytest.fixture(scope="module")
def pages(docs, made):
    return docs[0].pages(made, lambda entry: at_one_point(docs[0], entry))


def at_one_point(writer, entry):
    """A picture that was not drawn, with one point: drawing is tested elsewhere."""
    T = entry.tradeoff()
    parameters = {s.name: gallery._LETTERS[s.name] for s in T.parameters if s.name in gallery._LETTERS}
    bounds = {s.name: 5.0 for s in (*T.arguments, *T.parameters) if s.name not in parameters}
    row = bounds | {T.value.name: T(**parameters, **bounds)}
    return writer.Drawn(f"{entry.id}-map", "A title", "A caption.", parameters, [row], {"svg": "<svg/>"})


def anchors(text):
    return set(re.findall(r'id="([^"]+)"', text))


def test_each_theorem_has_a_page_with_everything(pages, made):
    for entry in drc.catalogue():
        (name,) = (n for n, text in pages.items() if f'<span id="{entry.id.replace(".", "-")}"></span>' in text)
        text = pages[name]
        assert made.records[entry.id].verification in text
        assert ("## As published" in text) == ("published" in entry.forms)
        for heading in ("## Theorem", "## Proof", "## How it was verified", "## Use it"):
            assert heading in text
        (picture,) = re.findall(r"\{figure\} (\S+)", text)
        assert picture in pages
        assert f'entry("{entry.id}")' in text or entry.id.endswith("W2")


def test_links_between_pages_lead_somewhere(pages):
    for name, text in pages.items():
        if not name.endswith(".md"):
            continue
        for address in re.findall(r'href="([^"]+)"', text):
            path, _, anchor = address.partition("#")
            # Parts are read one folder up.
            path = path.removeprefix("theorems/") if name.startswith("_") else path
            if "references.html" in path or "explorer/" in path:
                continue
            if path.startswith("."):
                assert (DOCS / f"{Path(path).stem}.md").exists(), (name, address)
                continue
            target = f"{path.removesuffix('.html')}.md" if path else name
            assert target in pages, (name, address)
            assert not anchor or anchor in anchors(pages[target]), (name, address)


def test_each_formula_of_a_statement_has_a_link_and_its_tex(pages, made):
    for chapter in made.chapters:
        if (page := pages.get(f"{chapter.slug}.md")) is None:
            continue
        places = re.findall(r'<div class="quoted" id="([^"]+)"><a class="headerlink" href="#([^"]+)"', page)
        wanted = ["formula"] + ["formula-2"] * bool(chapter.tradeoff.where)
        if chapter.printed:
            wanted += ["published"] + ["published-2"] * bool(chapter.printed.where)
        assert places == [(name, name) for name in wanted]
        assert escape(formula(chapter.tradeoff)[0].tex) in page
        for name in ("formula", "proof"):
            assert f"<tex/{chapter.slug}-{name}.tex>" in page
            assert chapter.entry.id in pages[f"tex/{chapter.slug}-{name}.tex"]


def test_special_cases_have_a_link_each(pages, made):
    places = set(re.findall(r'class="quoted" id="([^"]+)"', pages["special-cases.md"]))
    assert places == {case.first.id.replace(".", "-") for case in made.special_cases if case.formula}


def test_every_named_function_is_told_on_one_page(pages):
    assert anchors(pages["_functions.md"]) == {function.__name__ for function in MEANINGS}
    assert "Some functions" not in pages["_letters.md"]


def test_what_was_counted_is_what_is_written(docs, made, pages):
    entries = [replace(e, disagreements=7) if e.roads == "exact x solver" else e for e in made.audit.entries]
    audit = replace(made.audit, entries=tuple(entries))
    # The counts are those of all theorems, whichever have a page.
    few = tuple(c for c in made.chapters if c.entry.id == "gaussian.asymptotic.drc")
    other = docs[0].pages(replace(made, audit=audit, chapters=few), lambda e: at_one_point(docs[0], e))
    assert "7 disagree" in other["gaussian-asymptotic-drc.md"]
    assert "7 disagree" not in pages["gaussian-asymptotic-drc.md"]
    assert f"{7 * len(drc.catalogue())} disagree" in other["_table.md"]


def test_a_use_is_what_happens(pages):
    for name in ("bernoulli-one-shot-YU-drc.md", "gaussian-asymptotic-limited-drc.md"):
        (code,) = re.findall(r"\{code-block\} pycon\n(.*?)\n```", pages[name], re.DOTALL)
        first, made, call, value, *_ = code.splitlines()
        room = {}
        exec(f"{first[4:]}\n{made[4:]}", room)
        assert repr(eval(call[4:], room)) == value


def test_every_printed_theorem_and_every_finding_is_told(pages, made):
    for finding in made.audit.findings:
        assert f'id="{finding.id}"' in pages["_printed.md"]
    for entry in drc.catalogue():
        assert (f"### {entry.id}\n" in pages["_printed.md"]) == ("published" in entry.forms)


GOOD = '<h1 id="top">A</h1><a href="b.html#there">b</a><a href="#top">up</a><a href="https://example.org/x">out</a>'


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", None),
        ('<a href="c.html">c</a>', "c.html: no such file"),
        ('<a href="b.html#gone">b</a>', "b.html#gone: no such place"),
        ('<a href="#gone">b</a>', "#gone: no such place"),
        ('<img src="p.svg">', "p.svg: no such file"),
        ('<script src="https://example.org/x.js"></script>', "fetches https://example.org/x.js"),
        ('<link rel="stylesheet" href="//example.org/x.css">', "fetches //example.org/x.css"),
    ],
)
def test_a_fault_of_a_site_is_found(docs, tmp_path, more, said):
    (tmp_path / "index.html").write_text(GOOD + more)
    (tmp_path / "b.html").write_text('<p id="there">b</p>')
    found = list(docs[1].faults(tmp_path))
    assert not found if said is None else any(said in fault for fault in found)


def test_a_style_that_asks_another_host_is_found(docs, tmp_path):
    (tmp_path / "a.css").write_text("@font-face { src: url('https://example.org/f.woff2'); }")
    assert "a.css fetches" in next(docs[1].faults(tmp_path))
