"""Tables for papers: what the audit found, and documents that compile."""

import csv
import io
import re
import shutil
import subprocess

import pytest

import drc
from drc.audit import Finding, published_findings
from drc.files import beside
from drc.report.engine import typeset
from drc.report.tables import document, findings_table
from drc.theory import entry
from drc.typeset import model, to_latex
from drc.typeset.latex import centred

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


def compiled(source, folder):
    """Run LaTeX; return what it says, and the size of the first page in points."""
    (folder / "paper.tex").write_text(source)
    run = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(run, cwd=folder, capture_output=True, text=True, errors="replace", timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]
    found = re.search(rb"/MediaBox \[([\d. ]+)\]", (folder / "paper.pdf").read_bytes())
    return done.stdout, [float(number) for number in found[1].split()] if found else None


def has(file):
    """Whether TeX has a file."""
    kpsewhich = shutil.which("kpsewhich")
    return kpsewhich is not None and subprocess.run([kpsewhich, file], capture_output=True).returncode == 0


@pytest.mark.skipif(not has("IEEEtran.cls"), reason="needs IEEEtran")
def test_narrow_tables_fit_a_column(tmp_path):
    theorems = ["bernoulli.one-shot.YU.drc", "gaussian.asymptotic.drpc.KL", "gaussian.vector.rdc", "group.cost.drpc"]
    tables = [entry(name).tradeoff().table(narrow=True, caption=f"{name}.") for name in theorems]
    D = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc()
    tables.append(D.table(R=[0.1 * k for k in range(4)], C=[0.5 + 0.05 * k for k in range(10)], narrow=True, label="g"))
    packages = "\\usepackage{amsmath,amssymb,booktabs,graphicx,siunitx}"
    body = "\n\\clearpage\n".join(tables)
    said, _ = compiled(
        f"\\documentclass[journal]{{IEEEtran}}{packages}\\begin{{document}}{body}\\end{{document}}", tmp_path
    )
    assert "Overfull \\hbox" not in said


@pytest.mark.skipif(not has("standalone.cls"), reason="needs standalone")
def test_a_table_stands_alone_on_a_page_of_its_size(tmp_path):
    D = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc()
    _, box = compiled(D.table(R=[0.4, 0.8], C=[0.55, 0.95], standalone=True), tmp_path)
    assert box is None or (box[2] < 200 and box[3] < 120)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_wide_tables_stay_within_the_page(tmp_path):
    row = ("`bernoulli.one-shot.Y.time-shared.drc`", r"derivation $\times$ solver", "1", "2", "3", "0", "said " * 12)
    table = to_latex(
        [model.Table(("theorem", "roads", "agree", "disagree", "unknown", "difference", "achieved"), (row,))]
    )
    source = beside(
        "drc.report", "paper.tex", TITLE="a", BODY=table + to_latex([model.Latex(centred(findings_table([FINDING])))])
    )
    said, _ = compiled(source, tmp_path)
    assert "Overfull \\hbox" not in said


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_wide_displays_are_scaled_down(tmp_path):
    term = r"\frac{D_0}{2} \ln\left(1 - \frac{m - D_0}{1 - 2 D_0}\right)"
    wide = rf"\begin{{aligned}} & {' + '.join([term] * 6)} \end{{aligned}}"
    body = to_latex([model.Formula(wide), model.Formula("x = y")])
    assert body.endswith(r"\[ x = y \]")
    said, _ = compiled(beside("drc.report", "paper.tex", TITLE="a", BODY=body), tmp_path)
    assert "Overfull \\hbox" not in said


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
@pytest.mark.parametrize("name", ["gaussian.vector.rdc", "gaussian.asymptotic.drpc.KL", "bernoulli.one-shot.Y.drc"])
def test_formulas_stay_within_the_page(name, tmp_path):
    body = f"\\[\n{entry(name).tradeoff().latex()}\n\\]"
    said, _ = compiled(beside("drc.report", "paper.tex", TITLE="a", BODY=body), tmp_path)
    assert "Overfull \\hbox" not in said
