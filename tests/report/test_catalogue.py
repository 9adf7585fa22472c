"""The catalogue as a document: what it says, that it compiles, and that nothing runs into the margin."""

import importlib
import re
import shutil
import subprocess
from dataclasses import replace

import pytest
from html_page import Page

import drc
from drc.report import engine, write_catalogue
from drc.report.chapters import Book, chapters, sections
from drc.report.notation import MEANINGS, claim, regimes

write = importlib.import_module("drc.report.write")


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def folder(made, told, tmp_path_factory):
    out = tmp_path_factory.mktemp("catalogue")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "book", lambda **options: made)
        paths = write_catalogue(out, samples=2, seed=1, progress=lambda *words: told.append(words))
    assert {path.name for path in paths} == {path.name for path in out.iterdir()}
    return out


@pytest.fixture(scope="module")
def source(folder):
    return (folder / "catalogue.tex").read_text(encoding="utf-8")


def test_each_theorem_has_statement_setting_assumptions_and_a_proof(made, source):
    twins = [c for section in made.sections for group in section.groups for c in group.twins]
    assert source.count(r"\begin{theorem}") == len(drc.catalogue()) - len(twins)
    for chapter in made.chapters:
        assert chapter.proof.setting, f"{chapter.entry.id}: what do the letters stand for?"
        assert chapter.entry.assumptions
        assert rf"\label{{{chapter.slug}}}" in source
        assert rf"\texttt{{{chapter.entry.id}}}" in source


def test_steps_in_common_are_printed_once_and_numbered_on(made, source):
    proofs = source[: source.index(r"\section{Special cases}")]
    groups = [group for section in made.sections for group in section.groups]
    runs = [run for group in groups for of_one in group.runs.values() for run in of_one]
    printed = sum(run.last - run.first for run in runs if not run.of)
    assert proofs.count(r"\item ") == printed + sum(len(group.twin_steps) for group in groups)
    assert printed < sum(len(c.proof) for c in made.chapters) / 2
    for group in groups:
        first, *others = (c.proof.steps[: group.shared] for c in group.chapters)
        assert all([s.claim for s in other] == [s.claim for s in first] for other in others)
        if group.shared:
            assert source.count(rf"Steps 1 to {group.shared} are those of Lemma~\ref{{{group.slug}}}.") >= len(
                group.chapters
            )


def test_steps_pointed_to_say_the_same(made):
    groups = [group for section in made.sections for group in section.groups]
    proofs = {group.slug: group.chapters[0].proof for group in groups} | {
        c.slug: c.proof for group in groups for c in group.chapters
    }
    for group in groups:
        for name, runs in group.runs.items():
            start = 0 if name == group.slug else group.shared
            assert [run.first for run in runs] == [start, *(run.last for run in runs[:-1])]
            for run in (run for run in runs if run.of):
                assert list(proofs).index(run.of) < len(proofs)
                mine, theirs = proofs[name].steps[run.first : run.last], proofs[run.of].steps[run.at :]
                for a, b in zip(mine, theirs, strict=False):
                    assert (a.claim, a.because, a.given, a.defines) == (b.claim, b.because, b.given, b.defines)


def test_theorems_that_differ_in_the_name_of_a_measure_are_one(made, source):
    twins = [c.entry.id for section in made.sections for group in section.groups for c in group.twins]
    assert sorted(twins) == sorted(
        e.id for e in drc.catalogue() if e.id.startswith("bernoulli") and e.id.endswith("W2")
    )
    assert source.count(r"$\mathrm{TV}(p_Y, p_{\mathrm{ref}}) = W_2^2(p_Y, p_{\mathrm{ref}})$") == len(twins)


def test_special_cases_name_source_theorem_and_how_they_were_proved(made, source):
    shown = source[source.index(r"\section{Special cases}") :]
    assert sum(len(case.identities) for case in made.special_cases) == len(drc.identities())
    assert shown.count("Source: ") == len(made.special_cases)
    assert "proved by algebra" in shown
    assert "not proved" not in shown
    for identity in drc.identities():
        assert rf"\ref{{{identity.general.theorem.replace('.', '-')}}}" in shown


def test_citations_have_a_reference(source):
    cited = set(re.findall(r"\\cite\{(\w+)\}", source))
    assert cited == set(re.findall(r"\\bibitem\{(\w+)\}", source))
    assert "nguyen2026" in cited


def test_sections_hold_every_theorem_once(made):
    held = [
        c.entry.id
        for section in made.sections
        for group in section.groups
        for chapter in group.chapters
        for c in group.alike(chapter)
    ]
    assert sorted(held) == sorted(entry.id for entry in drc.catalogue())


def test_a_theorem_of_another_family_has_a_section_too(made):
    known = made.chapters[0].entry
    other = replace(made.chapters[0], entry=replace(known, theorem=replace(known.theorem, id="poisson.one-shot.drc")))
    assert [section.title for section in sections([other])] == ["Poisson source"]


def test_functions_with_a_name_are_explained(made, source):
    import sympy as sp

    for chapter in made.chapters:
        for part in [value for _, value in chapter.tradeoff.where] + [r.expr for r in chapter.tradeoff.cases]:
            named = {type(f) for f in sp.sympify(part).atoms(sp.Function) if hasattr(type(f), "latex_name")}
            assert named <= MEANINGS.keys(), chapter.entry.id


def test_relation_and_verification_are_told(made, source):
    assert source.count("Verified: ") == len(made.chapters)
    assert source.count(r"\paragraph{As published.}") == sum("published" in c.entry.forms for c in made.chapters)
    assert "It equals the derived one in these branches: rate branch" in source


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_the_document_compiles_and_nothing_runs_into_the_margin(source, tmp_path):
    (tmp_path / "a.tex").write_text(source, encoding="utf-8")
    for _ in range(2):
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True)
    log = run.stdout.decode(errors="replace")
    assert run.returncode == 0, log[-2000:]
    assert max((float(w) for w in re.findall(r"Overfull \\hbox \((\d+\.\d+)pt", log)), default=0) < 1, log
    assert "undefined" not in log.lower()


@pytest.mark.skipif(not any(map(shutil.which, engine.ENGINES)), reason="needs LaTeX")
def test_the_pdf_is_there(folder):
    assert (folder / "catalogue.pdf").read_bytes().startswith(b"%PDF")


def test_no_plain_identifier_is_left_in_the_words(source):
    text = re.sub(
        r"\\(label|ref|texttt|cite|bibitem)\{[^}]*\}|\[\w+\]|setcounter\{enumi\}",
        "",
        source[source.index(r"\maketitle") :],
    )
    text = re.sub(r"\$[^$]*\$|\\\[.*?\\\]|\\begin\{align\*\}.*?\\end\{align\*\}", "", text, flags=re.DOTALL)
    assert not re.findall(r".{0,30}[A-Za-z]\\?_[A-Za-z(].{10}|.{0,30}(?:<=|>=|\*\*|sqrt).{10}", text)


def test_the_page_needs_nothing_but_itself(folder, made):
    text = (folder / "catalogue.html").read_text(encoding="utf-8")
    page = Page(text)
    assert len(set(page.ids)) == len(page.ids)
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert set(re.findall(r"https?://[\w./]+", text)) == {"http://www.w3.org/1998/Math/MathML"}
    assert "<script" not in text
    assert all(chapter.slug in page.ids for chapter in made.chapters)
    assert "drc catalogue --samples 2 --seed 1" in text


def test_progress_is_told_to_its_end(told):
    assert told[-1] == ("catalogue", 2, 2)


def test_without_latex_an_old_pdf_goes(made, tmp_path, monkeypatch):
    (tmp_path / "catalogue.pdf").write_text("old")
    monkeypatch.setattr(write, "book", lambda **options: Book(made.chapters[6:7], made.audit))
    monkeypatch.setattr(engine.shutil, "which", lambda name: None)
    assert [p.name for p in write_catalogue(tmp_path, samples=1)] == ["catalogue.tex", "catalogue.html"]
    assert not (tmp_path / "catalogue.pdf").exists()


def test_bad_input_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(drc.ProblemError, match="is a file"):
        write_catalogue(tmp_path / "file")


def test_words_around_the_formula():
    T = drc.Bernoulli(classifier_sees="Y").drc()
    assert claim(T)[0].endswith("when the classifier sees $Y$ alone is")
    assert regimes(T).startswith("The regimes are, in the order of the cases: rate-limited; transport-limited; and")
    assert regimes(drc.Gaussian(R_c=1).drc()) == "The only case is the rate-limited regime."


def test_progress_of_the_proofs(monkeypatch):
    seen = []
    chapter_room = importlib.import_module("drc.report.chapters")
    monkeypatch.setattr(
        chapter_room, "catalogue", lambda: [e for e in drc.catalogue() if e.id == "gaussian.asymptotic.limited.drc"]
    )
    (only,) = chapters(progress=lambda *words: seen.append(words))
    assert seen == [("prove gaussian.asymptotic.limited.drc", 1, 1)]
    assert only.check
