import re
import shutil
import subprocess

import pytest
import sympy as sp
from html_page import Page
from sympy import And, Eq, Equivalent, Ge, Le, Lt

import drc
from drc.expressions.latex import latex, mathml
from drc.expressions.layout import display, rows
from drc.expressions.width import width
from drc.proof import Derivation, Proof, Step
from drc.typeset.model import reference
from drc.typeset.words import plain, words_html, words_latex

THEOREMS = [drc.Bernoulli().drc(), drc.Bernoulli().rdc(), drc.Gaussian().drc(), drc.Gaussian().rdc()]
x, y, z, m, r = sp.symbols("x y z m r", real=True)
IDS = [t.id for t in THEOREMS]


def document(body):
    head = r"\documentclass[11pt,a4paper]{article}\usepackage[margin=25mm]{geometry}"
    return f"{head}\\usepackage{{amsmath,amssymb,amsthm,booktabs}}\\begin{{document}}\n{body}\n\\end{{document}}\n"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_formulas_tables_and_proofs_compile_and_fit_the_page(tmp_path):
    body = [rf"\[{t.latex()}\] \noindent {t.table()}\par {t.derivation.latex()}" for t in THEOREMS]
    (tmp_path / "a.tex").write_text(document("\n".join(body)))
    run = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"], cwd=tmp_path, capture_output=True
    )
    log = run.stdout.decode(errors="replace")
    assert run.returncode == 0, log[-2000:]
    too_wide = [float(w) for w in re.findall(r"Overfull \\hbox \((\d+\.\d+)pt", log)]
    assert max(too_wide, default=0) < 2, log


@pytest.mark.parametrize("theorem", THEOREMS, ids=IDS)
def test_latex_is_balanced(theorem):
    text = theorem.derivation.latex()
    assert text.count("{") == text.count("}")
    assert text.count(r"\[") == text.count(r"\]")
    assert re.sub(r"\\\$", "", text).count("$") % 2 == 0
    for environment in set(re.findall(r"\\begin\{(\w+)\}", text)):
        assert text.count(rf"\begin{{{environment}}}") == text.count(rf"\end{{{environment}}}")
    assert text.count(r"\item") == len(theorem.derivation)


@pytest.mark.parametrize("theorem", THEOREMS, ids=IDS)
def test_html_is_well_formed_and_needs_nothing_else(theorem):
    text = theorem.derivation.html()
    Page(text)
    assert text.count("<li>") == len(theorem.derivation)
    # The name space of MathML is the one address in it.
    assert set(re.findall(r"https?://[^\"<]+", text)) == {"http://www.w3.org/1998/Math/MathML"}
    assert "<script" not in text
    assert "\\" not in re.sub(r"<[^>]*>", "", text)


@pytest.mark.parametrize("theorem", THEOREMS, ids=IDS)
def test_no_plain_identifier_is_left_in_the_words(theorem):
    text = re.sub(r"\$[^$]*\$|\\\[.*?\\\]", "", theorem.derivation.latex(), flags=re.DOTALL)
    assert not re.search(r"[A-Za-z]\\?_[A-Za-z]|<=|>=|\*\*", text), text


def test_verdicts_stand_beside_the_steps():
    derivation = THEOREMS[2].derivation
    text = derivation.html(derivation.check())
    assert text.count('class="verdict') == len(derivation)
    assert "Proved: real arithmetic" in text
    assert "definition" in text


def test_a_false_step_is_shown_as_refuted():
    step = Step(Lt(x, 0), "no", domain={x: (sp.Integer(1), sp.Integer(2))})
    derivation = Derivation("Nonsense.", (step,))
    assert 'class="verdict refuted"' in derivation.html(derivation.check())


def test_definitions_claims_and_reasons():
    proof = Proof({x: (sp.Integer(0), sp.Integer(1))})
    t = proof.let(sp.Symbol("t_star", real=True), x**2, "what is squared", latex=r"t^\star")
    proof.show(Ge(t, 0), r"$t^\star$ is a square", given=And(Le(0, x), Le(x, 1)))
    text = proof.qed("A square of $x$.").latex()
    assert r"\item Let $t^\star = x^2$: what is squared." in text
    assert r"\item $t^\star \ge 0$ for $0 \le x \le 1$. $t^\star$ is a square." in text
    assert "A square of $x$." in text


@pytest.mark.parametrize(
    ("expr", "tex"),
    [
        ((r - 1) / (m - 1), r"\frac{1 - r}{1 - m}"),
        (-(2 * m - 1) / m, r"\frac{1 - 2 m}{m}"),
        (-(m - r) / (2 * m - 1), r"\frac{m - r}{1 - 2 m}"),
        (-(r - 1) / m, r"\frac{1 - r}{m}"),
        (2 * x * m * (1 - m), r"2 m (1 - m) x"),
        (-x + y, "y - x"),
        (-x - y, "-x - y"),
        (-sp.log(1 - x**2) / (2 * sp.log(2)), r"-\tfrac{1}{2} \log_2(1 - x^2)"),
        (sp.sqrt(1 - 2 ** (-2 * x)), r"\sqrt{1 - 2^{-2 x}}"),
        (sp.Abs(x / y), r"\left|\frac{x}{y}\right|"),
        (x ** (-2), r"\frac{1}{x^2}"),
        ((x + y) ** 2, "(x + y)^2"),
        (sp.Rational(3, 10) * x, "0.3 x"),
        (drc.H_b(x) ** 2, "(H_b(x))^2"),
        (2 * sp.pi * sp.E * x, r"2 \pi e x"),
        (And(Le(x, y), Lt(y, z)), r"x \le y < z"),
        (And(Le(x, y), Le(x, z)), r"x \le \min(y, z)"),
        (And(Le(x, 1), Ge(y, x)), r"y \ge x \text{ and } x \le 1"),
        (Equivalent(Le(x * y, z), Le(x, z)), r"x y \le z \;\Leftrightarrow\; x \le z"),
        (sp.oo, r"\infty"),
    ],
)
def test_formulas_read_as_in_a_paper(expr, tex):
    assert latex(expr) == tex


def test_turning_signs_keeps_the_value():
    """What is set is parsed back, fraction by fraction, and compared."""
    for theorem in THEOREMS:
        for _, value in theorem.where:
            for part in value.atoms(sp.Mul):
                from drc.expressions.products import product

                p = product(part, alone=True)
                again = p.sign * sp.Mul(*p.outside) * sp.Mul(*p.above) / sp.Mul(*p.below)
                assert sp.simplify(again - part) == 0


def test_long_formulas_are_broken():
    terms = sp.symbols("alpha_1:30", real=True)
    lines = rows(Eq(sum(terms), x), limit=40)
    assert len(lines) > 3
    assert all(width(line) <= 46 for line in lines)
    assert display(lines).startswith(r"\begin{aligned}")


@pytest.mark.parametrize(
    ("words", "tex", "typed"),
    [
        ("the paper's letters", "the paper's letters", "the paper's letters"),
        (
            r"so $\gamma \le \frac{1 - r}{m}$, because",
            r"so $\gamma \le \frac{1 - r}{m}$, because",
            "so gamma <= (1 - r)/m, because",
        ),
        (r"$H(S \mid Y, U)$ is", r"$H(S \mid Y, U)$ is", "H(S|Y, U) is"),
        (r"$\lvert c \rvert \le \tfrac12$", r"$\lvert c \rvert \le \tfrac12$", "|c| <= 1/2"),
        (r"beyond $t^\star$ it is $\infty$", r"beyond $t^\star$ it is $\infty$", "beyond t* it is oo"),
        ("50 % & more_less #1", r"50 \% \& more\_less \#1", "50 % & more_less #1"),
        ("of *zero, one* it is", r"of \emph{zero, one} it is", "of zero, one it is"),
        ("run `drc list` or 2 * 3 * 4", r"run \texttt{drc list} or 2 * 3 * 4", "run drc list or 2 * 3 * 4"),
        (reference("a-b", "Theorem", "`a.b`") + " says", r"Theorem~\ref{a-b} says", "a.b says"),
        ("", "", ""),
    ],
)
def test_words(words, tex, typed):
    assert words_latex(words) == tex
    assert plain(words) == typed
    Page(words_html(words))


def test_mathml_aligns_cells_by_style():
    text = mathml(THEOREMS[0].latex(), display=True)
    assert "columnalign" not in text.replace('columnalign="', "", 0) or 'style="text-align:' in text
    assert "<mi>&</mi>" not in text
    Page(text)
