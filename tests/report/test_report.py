import csv
import functools
import importlib
import json
import re
import shutil

import numpy as np
import pytest
from here import in_this_process
from html_page import Page
from in_chromium import Page as Browser
from in_chromium import needs_chromium

import drc
from drc.neural import study as experiments_study
from drc.neural.sweep import Sweep
from drc.report import digits, engine, gallery, write_report
from drc.report.pictures import Picture
from drc.report.theorems import CENTRAL
from drc.tradeoff.style import new_axes

write = importlib.import_module("drc.report.write")

#: Of the pictures, those whose numbers are checked below, and their places in the gallery.
FEW = ("bernoulli-drc-curves", "gaussian-rdc-map", "bernoulli-printed-and-exact")
PLACES = (2, 3, 7)


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory, told):
    out = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        drawings = gallery.pictures()
        patch.setattr(gallery, "pictures", lambda: [drawings[i] for i in PLACES])
        patch.setattr(digits, "solve", functools.partial(digits.solve, points=4))
        patch.setattr(write, "book", lambda **options: made)
        # Codecs that are hardly trained, in this process: sweeps and experiments have tests of their own.
        short = Sweep("experiment", {"experiment": "toy-sr", "schedule.epochs": 1}, {"rate.dim": [2, 4]})
        patch.setattr(experiments_study, "sweep_of", lambda name, quick: short)
        in_this_process(patch)
        # Pictures of fewer dots: what is in them does not change.
        patch.setattr(Picture, "dpi", 40)
        index = write_report(out, seed=1, samples=2, progress=lambda *words: told.append(words))
    assert index == out / "index.html"
    return out


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_page_is_well_formed_and_its_links_resolve(folder):
    page = Page((folder / "index.html").read_text(encoding="utf-8"))
    assert len(page.links) > 30
    for link in page.links:
        assert (link[1:] in page.ids) if link.startswith("#") else (folder / link).is_file(), link
    assert len(set(page.ids)) == len(page.ids)


def test_the_page_needs_nothing_but_itself(folder):
    text = (folder / "index.html").read_text(encoding="utf-8")
    assert all(image.startswith("data:image/svg+xml;base64,") for image in Page(text).images)
    assert "<script" not in text
    assert set(re.findall(r"https?://[\w./]+", text)) == {"http://www.w3.org/1998/Math/MathML"}


def test_the_page_says_what_was_done(folder):
    text = (folder / "index.html").read_text(encoding="utf-8")
    assert "drc report --seed 1 --samples 2" in text
    assert all(entry.id in text for entry in drc.catalogue())
    assert drc.__version__ in text
    assert "No exact form disagrees anywhere" in text
    findings = json.loads((folder / "audit.json").read_text())["findings"]
    assert text.count('class="finding"') == len(findings) > 0


def test_results_and_pictures_come_first_and_theorems_are_folded(folder):
    text = (folder / "index.html").read_text(encoding="utf-8")
    order = [text.index(mark) for mark in ('id="overview"', 'id="pictures"', "<nav", 'id="notation"', "<article")]
    assert order == sorted(order)
    first, rest = text.split("<nav")
    assert set(re.findall(r'<a href="#([^"]+)">The theorem', first)) <= set(re.findall(r'<article id="([^"]+)"', rest))
    assert [f'href="#{name}"' in rest for name in FEW] == [True] * len(FEW)
    folds = re.findall(r'<details( open)?><summary>.*</summary>\n<article id="([^"]+)"', rest)
    assert [slug for is_open, slug in folds if is_open] == [CENTRAL.replace(".", "-")]
    theorems = [slug for slug in re.findall(r'<article id="([^"]+)"', rest) if not slug.endswith("-reduction")]
    assert [slug for _, slug in folds] == theorems


@needs_chromium
def test_the_page_fits_a_phone_and_links_open_what_they_lead_to(folder, tmp_path):
    page = Browser(tmp_path, 390, 844)
    page.open((folder / "index.html").as_uri())
    try:
        assert page.run("document.documentElement.scrollWidth") == 390
        assert page.run(
            "[...document.querySelectorAll('.formula')].every(f => getComputedStyle(f).overflowX == 'auto')"
        )
        theorem = "document.getElementById('gaussian-asymptotic-drc').closest('details')"
        assert not page.run(f"{theorem}.open")
        page.run("location.hash = 'gaussian-asymptotic-drc'")
        page.until(f"{theorem}.open")
        papers = []
        for scheme in ("light", "dark"):
            page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            papers.append(page.run("getComputedStyle(document.body).backgroundColor"))
        assert papers == ["rgb(255, 255, 255)", "rgb(20, 23, 26)"]
    finally:
        page.close()


def test_every_file_is_linked_and_nothing_is_left_beside(folder):
    page = Page((folder / "index.html").read_text(encoding="utf-8"))
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there - set(page.links) == {"index.html"}


def test_pictures_have_their_numbers_beside_them(folder):
    stems = {path.stem for path in (folder / "figures").iterdir()}
    assert stems >= {*FEW, "digits-parity", "digits-digit"}
    for stem in stems:
        for ending in ("svg", "png", "pdf", "csv", "json"):
            assert (folder / "figures" / f"{stem}.{ending}").stat().st_size > 100


def test_curves_and_maps_have_the_values_of_the_trade_off(folder):
    for name, tradeoff in (
        ("bernoulli-drc-curves", drc.Bernoulli(**gallery.CONFLICT).drc()),
        ("gaussian-rdc-map", drc.Gaussian(**gallery.NORMAL).rdc()),
    ):
        rows = rows_of(folder / "figures" / f"{name}.csv")
        bounds = {s.name: np.array([float(row[s.name]) for row in rows]) for s in tradeoff.arguments}
        values = np.array([float(row[tradeoff.value.name]) for row in rows])
        assert np.array_equal(tradeoff(**bounds), values)
        assert tradeoff.regime(**bounds).tolist() == [row["regime"] for row in rows]


def test_csv_and_json_agree(folder):
    rows = rows_of(folder / "figures" / "bernoulli-drc-curves.csv")
    data = json.loads((folder / "figures" / "bernoulli-drc-curves.json").read_text())
    assert data["parameters"] == gallery.CONFLICT
    assert [[str(value) for value in row] for row in data["rows"]] == [list(row.values()) for row in rows]


def test_the_real_case_is_coded_for_real_on_its_surface(folder):
    data = [json.loads((folder / "figures" / f"digits-{label}.json").read_text()) for label in ("parity", "digit")]
    points = [point for one in data for point in one["measured"]]
    assert len(points) == 4
    for point in points:
        assert point["ok"] is True
        assert abs(point["excess"]) < 0.01
        D, C, R = (point[name] for name in ("distortion", "H(S|Y,U)", "rate"))
        assert abs(D["value"] - point["D"]) < 4 * D["error"]
        assert C["value"] < point["C"] + 4 * C["error"]
        assert R["value"] < point["R"] + 4 * R["error"]
    rows = rows_of(folder / "tables" / "digits-coded.csv")
    assert [row["label"] for row in rows] == ["parity"] * 2 + ["digit"] * 2
    assert "Coded for real" in (folder / "index.html").read_text(encoding="utf-8")


def test_the_real_case_is_certified(folder):
    for label in ("digit", "parity"):
        rows = rows_of(folder / "figures" / f"digits-{label}.csv")
        assert {row["status"] for row in rows} == {"optimal"}
        assert all(float(row["lower"]) <= float(row["upper"]) <= float(row["lower"]) + 1e-9 for row in rows)


def test_the_document_is_balanced(folder):
    text = (folder / "formulas.tex").read_text(encoding="utf-8")
    assert text.count("{") == text.count("}")
    for environment in set(re.findall(r"\\begin\{(\w+\*?)\}", text)):
        assert text.count(rf"\begin{{{environment}}}") == text.count(rf"\end{{{environment}}}"), environment
    assert all(entry.id in text for entry in drc.catalogue())


@pytest.mark.skipif(not any(map(shutil.which, engine.ENGINES)), reason="needs LaTeX")
def test_the_document_compiles(folder):
    assert (folder / "formulas.pdf").read_bytes().startswith(b"%PDF")


def test_tables_are_booktabs(folder):
    for path in (folder / "tables").glob("*-regimes.tex"):
        assert path.read_text().startswith("\\begin{tabular}{lll}\n\\toprule")
    head, *rows = rows_of(folder / "tables" / "findings.csv")
    assert set(head) == {"id", "source", "title", "witness", "printed", "true"}
    assert len(rows) > 3


def test_progress_is_told_to_its_end(told):
    assert told[-1] == ("report", 2, 2)
    assert all(0 <= done <= total for _, done, total in told)


def test_no_machine_path_is_told(folder):
    for path in folder.rglob("*"):
        if path.suffix in (".html", ".tex", ".csv", ".json"):
            assert str(folder.parent) not in path.read_text(encoding="utf-8")


def test_a_broken_run_leaves_what_was_there(folder, monkeypatch):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def interrupted(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr(write, "book", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_report(folder, samples=2)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_bad_input_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(drc.ProblemError, match="must be a folder that can be written"):
        write_report(tmp_path / "file")
    with pytest.raises(drc.ProblemError, match="samples must be a whole number, at least 1, got 0"):
        write_report(tmp_path, samples=0)


def test_the_same_picture_is_the_same_file():
    def draw():
        ax = new_axes()
        ax.plot([0, 1], [0, 1])
        ax.fill_between([0, 1], 0, 1, hatch="//")
        return Picture("a", "A", "", {}, [{"x": 1.0}], ax.figure)

    first, second = draw(), draw()
    assert first.svg() == second.svg()
    assert first.png() == second.png()
    assert "date" not in first.svg().lower().replace("update", "")


def test_infinite_numbers_are_words_in_json():
    picture = Picture("a", "A", "", {}, [{"x": float("inf")}], None)
    assert json.loads(picture.json())["rows"] == [["inf"]]


def test_without_an_engine_the_report_says_so(monkeypatch):
    monkeypatch.setattr(engine.shutil, "which", lambda name: None)
    assert engine.typeset("").message.startswith("no PDF: none of pdflatex")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_a_latex_error_is_reported_and_not_raised():
    made = engine.typeset(r"\documentclass{article}\begin{document}\unknown\end{document}")
    assert made.pdf is None
    assert "Undefined control sequence" in made.message


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_latex_that_never_ends_is_stopped():
    made = engine.typeset(r"\def\x{\x}\x", time_limit=0.5)
    assert made.pdf is None
    assert "TimeoutExpired" in made.message
