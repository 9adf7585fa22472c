"""Tables for papers: what the audit found, and documents that compile."""

import csv
import io
import re
import shutil

import pytest

import drc
from drc.audit import Finding, published_findings
from drc.report.engine import typeset
from drc.report.tables import document, findings_table

FINDING = Finding(
    "a",
    "[nguyen2026], Theorem 2",
    r"$H(S \mid Y)$ is not meant",
    "",
    {"q_X": 0.5, "R": float("inf")},
    -0.25,
    float("inf"),
)


def test_a_finding_is_a_row():
    row = findings_table([FINDING]).partition("\\midrule\n")[2].splitlines()[0]
    assert row.startswith("Theorem 2 & ")
    assert r"$H(S \mid Y)$ is not meant" in row
    assert "$q_X = 0.5$, $R = \\infty$" in row
    assert row.endswith(r"$-0.25$ & $\infty$ \\[2pt]")
    (record,) = csv.DictReader(io.StringIO(findings_table([FINDING], "csv")))
    assert (record["printed"], record["true"], record["witness"]) == ("-0.25", "inf", "q_X = 0.5; R = inf")
    assert findings_table([FINDING], "html").count("<tr>") == 2


def test_theorems_without_a_printed_form_are_refused():
    with pytest.raises(drc.ProblemError, match=re.escape("theorem with a published form must be")):
        published_findings(["gaussian.asymptotic.rdc"])


def test_a_document_says_what_the_letters_stand_for():
    T = drc.Gaussian().drc()
    text = document(T.table(), T)
    assert text.count(r"\begin{tabular}") == 1
    assert all(name in text.partition("where")[2] for name in ("B ={}&", r"\rho_R ={}&", r"\rho_C ={}&"))


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
@pytest.mark.parametrize("table", [findings_table([FINDING]), drc.Bernoulli().drc().table()])
def test_documents_compile(table):
    assert typeset(document(table)).pdf is not None


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
@pytest.mark.skipif(shutil.which("kpsewhich") is None, reason="needs kpsewhich")
def test_a_grid_compiles():
    T = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc()
    assert typeset(document(T.table(R=[0, 1e-7, 0.5, float("inf")], C=[0.55, 0.95]))).pdf is not None
