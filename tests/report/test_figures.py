"""The pictures of the first page and the paper: their numbers are those of the committed files and of the text."""

import csv
import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

import drc

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def figures():
    spec = importlib.util.spec_from_file_location("make_figures", DOCS / "make_figures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_map_has_its_numbers_beside_it(figures):
    assert figures.regime_numbers() == (DOCS / "_static" / "drc-map.csv").read_text(encoding="utf-8")


def test_the_curves_of_the_first_page_are_those_of_the_file(figures):
    with (DOCS / "_static" / "opening.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for name, values in figures.price_of_the_label().items():
        assert np.allclose([float(row[name]) for row in rows], values, atol=1e-12), name


def test_the_scans_are_what_the_first_page_says(figures):
    rows = figures.coded()
    marks = {name: letters % 2 for name, letters in rows.items()}
    right = {name: (letters // 2 == rows["source"] // 2).all() for name, letters in rows.items()}
    assert marks["source"].mean() == marks["distribution kept"].mean() == figures.MARKED
    assert not marks["least distortion"].any()
    assert right["least distortion"]
    assert right["distribution kept"]
    assert (marks["distribution kept"] != marks["source"]).any()
    assert (marks["label kept"] != marks["source"]).sum() <= 1
    assert (marks["both kept"] == marks["source"]).all()


def test_every_picture_is_there_for_light_and_dark_pages_and_for_print():
    for name in ("drc-map", "opening"):
        light, dark = (DOCS / "_static" / f"{name}{kind}.svg" for kind in ("", "-dark"))
        assert light.read_text() != dark.read_text()
        assert (DOCS / "paper" / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_the_paper_cites_what_is_in_the_bibliography_and_nothing_else(figures):
    made = figures.bibliography()
    assert (DOCS / "paper" / "paper.bib").read_text(encoding="utf-8") == made
    assert re.findall(r"^@\w+\{(\w+),", made, re.MULTILINE) == sorted(
        set(re.findall(r"@(\w+)", (DOCS / "paper" / "paper.md").read_text(encoding="utf-8")))
    )


def test_the_numbers_of_the_paper_are_those_of_the_package():
    text = (DOCS / "paper" / "paper.md").read_text(encoding="utf-8")
    assert f"{len(drc.catalogue())} theorems" in text
    assert f"{len(drc.identities())} results" in text
    bit = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1)
    assert f"the formula gives {bit.drc(form='published')(R=0.8, C=0.95):.4f}" in text
    (measured,) = re.findall(r"^\| 32 \|.*?$", (DOCS / "_static" / "finite_speed.md").read_text("utf-8"), re.MULTILINE)[
        :1
    ]
    ours, gap, peer, error = [cell.strip() for cell in measured.split("|")][2:6]
    assert f"takes {ours} s" in text
    assert f"takes {peer} s" in text
    assert f"gap of {gap}," in text
    assert f"error of {error} " in text


@pytest.mark.parametrize("page", ["index.md", "paper/paper.md"])
def test_distortions_in_the_text_are_those_of_the_solver(figures, page):
    text = (DOCS / page).read_text(encoding="utf-8")
    for right_law in (False, True):
        for C in (1, figures.BOUND):
            value = round(figures.scans(right_law=right_law).solve(R=figures.RATE, C=C).value, 3)
            assert re.search(rf"(?<![\d.]){value}(?!\d)", text), value
