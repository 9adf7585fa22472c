"""The command line: each command on a small input, and each kind of wrong input."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import import_module

import pytest
from typer.testing import CliRunner

import drc
from drc import cli
from drc.cli.texts import progress_lines

POINT = ["q_X=.3", "q_Y=.4", "q_S1=.1"]
BERNOULLI = "bernoulli.one-shot.YU.drc"


def run(*arguments):
    return CliRunner().invoke(cli.app, [str(a) for a in arguments])


def output(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, (result.stderr, result.exception)
    return result.stdout


@pytest.fixture
def joint(tmp_path):
    path = tmp_path / "joint.csv"
    path.write_text("0.27,0.07\n0.03,0.63\n")
    return path


def test_code_is_written_with_parameters_put_in(tmp_path):
    assert output("code", BERNOULLI, *POINT) == drc.Bernoulli(0.3, 0.4, 0.1).drc().to_code("python")
    out = tmp_path / "limit.c"
    assert output("code", BERNOULLI, "--target", "c", "--out", out).strip() == str(out)
    assert "double D(double R, double C, double q_S1, double q_X, double q_Y)" in out.read_text()
    assert "without bounds, which the function takes, got R" in run("code", BERNOULLI, "R=.4").stderr
    assert "target must be" in run("code", BERNOULLI, "--target", "cobol").stderr


def test_list_names_every_theorem_and_every_special_case():
    theorems, cases = output("list").split("\nSpecial cases, as the literature has them:\n")
    listed = [line.split()[0] for line in (theorems + cases).splitlines()]
    assert listed == [row.id for row in (*drc.catalogue(), *drc.identities())]
    assert [row["id"] for row in json.loads(output("list", "--json"))] == listed


def test_show_and_check_of_a_special_case():
    text = output("show", "transport.gaussian")
    assert "gaussian.asymptotic.drc at R = oo, C = oo, in bits" in text
    assert "[gelbrich1990]" in text
    assert "checked  Proved (algebra)" in text
    assert output("check", "transport.gaussian") == "transport.gaussian: Proved (algebra)\n"


def test_show_says_statement_regimes_source_and_what_was_checked():
    text = output("show", "gaussian.asymptotic.drc")
    for part in (
        "Gaussian source",
        "rate-limited",
        "infeasible",
        "[nguyen2026], Theorem 4",
        "nonincreasing in R, C",
    ):
        assert part in text
    assert "derivation, 33 claims: 31 proved, 2 cited" in text
    assert "conditional entropy-power inequality" not in text
    assert "conditional entropy-power inequality" in output("show", "gaussian.asymptotic.drc", "--proof")


def test_show_writes_unicode_where_the_output_takes_it():
    text = output("show", "gaussian.asymptotic.drc")
    assert "B - 2·ρ_R·σ_X·σ_Y   if ρ_C ≤ ρ_R\n" in text
    assert "\\" not in text
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    asked = [sys.executable, "-m", "drc", "show", "gaussian.asymptotic.drc"]
    done = subprocess.run(asked, capture_output=True, check=True, env=ascii_only)
    assert b"B - 2*rho_R*sigma_X*sigma_Y   if rho_C <= rho_R" in done.stdout


def test_a_mistyped_id_names_the_nearest():
    for arguments, nearest in (
        (["show", "bernouli.one-shot.YU.drc"], BERNOULLI),
        (["eval", "bernoulli.oneshot.YU.drc", "R=.4"], BERNOULLI),
        (["show", "transport.gausian"], "transport.gaussian"),
    ):
        result = run(*arguments)
        assert result.exit_code == 2
        assert f"(did you mean {nearest!r}?)" in result.stderr


def test_a_rate_alone_needs_no_label():
    assert output("eval", BERNOULLI, "q_X=.3", "q_Y=.4", "R=.4").startswith("D = 0.2693705")


def test_show_of_a_printed_form_claims_no_derivation():
    assert "has no derivation" in output("show", BERNOULLI, "--form", "published")


def test_eval_prints_value_regime_and_why():
    value, why, price = output("eval", BERNOULLI, *POINT, "R=.4", "C=.75").splitlines()
    assert float(value.removeprefix("D = ")) == pytest.approx(0.26937054933, abs=1e-11)
    assert why.startswith("rate-limited: R = 0.4 bit allows identity weight t <= 0.454, and binds")
    assert price == "At the margin, one more bit of R lowers D by 0.477."


def test_eval_in_json_at_an_infeasible_point():
    found = json.loads(output("eval", BERNOULLI, *POINT, "R=.4", "C=11/20", "--json"))
    assert found["value"] == "inf"
    assert found["regime"] == "infeasible"
    assert found["given"]["C"] == 0.55
    assert "The least rate for this C is 0.725 bit" in found["why"]


def test_eval_leaves_out_a_bound():
    assert output("eval", BERNOULLI, *POINT).startswith("D = 0.1\ntransport-limited")


def test_eval_prints_the_unit_of_a_rate():
    bits = output("eval", "gaussian.asymptotic.rdc", *_gaussian(), "D=1")
    nats = output("eval", "gaussian.asymptotic.rdc", *_gaussian(), "D=1", "--unit", "nats")
    assert bits.splitlines()[0] == "R = 0.207518749639 bit"  # 1/2 log2(4/3)
    assert nats.splitlines()[0] == "R = 0.143841036226 nat"


def test_eval_of_the_printed_form():
    value, _ = output("eval", BERNOULLI, *POINT, "R=.8", "C=.95", "--form", "published").splitlines()
    assert float(value.removeprefix("D = ")) == pytest.approx(0.0787, abs=5e-5)


def _gaussian():
    return ["mu_X=0", "sigma_X=1", "mu_Y=0", "sigma_Y=1", "mu_S=0", "sigma_S=1", "theta=1/2"]


def test_a_table_over_a_grid_is_that_of_the_library(tmp_path):
    T = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc()
    grid = {"R": [0, 0.25, 0.5, 0.75, 1], "C": [0.2, 0.5]}
    out = tmp_path / "table.tex"
    assert output("table", BERNOULLI, *POINT, "--R", "0:1:0.25", "--C", "0.2,0.5", "--out", out) == f"{out}\n"
    assert out.read_text() == T.table(**grid)
    assert output("table", BERNOULLI, *POINT, "R=0:1:1/4", "C=.2,.5", "--as", "csv") == T.table(**grid, form="csv")
    assert output("table", BERNOULLI, *POINT, "-R", ".1,.2", "-C", ".9", "--digits", "2") == T.table(
        R=[0.1, 0.2], C=0.9, digits=2
    )


def test_the_audit_is_a_table_and_a_table_a_document():
    text = output("table", "audit", "gaussian.asymptotic.drc", "--document")
    assert text.startswith(r"\documentclass")
    assert text.count("Theorem 4 &") == 4


def test_table_is_that_of_the_library():
    assert output("table", BERNOULLI) == drc.Bernoulli().drc().table()
    look = {"caption": "Regimes.", "label": "tab:r", "narrow": True}
    asked = ["--caption", "Regimes.", "--label", "tab:r", "--narrow"]
    assert output("table", BERNOULLI, *asked) == drc.Bernoulli().drc().table(**look)
    assert output("table", BERNOULLI, "--standalone") == drc.Bernoulli().drc().table(standalone=True)
    assert (
        output("table", BERNOULLI, *POINT, "R=.8", "C=.95", "--as", "csv").splitlines()[1].startswith("0.8,0.95,0.1,")
    )


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_plot_writes_a_picture(tmp_path, suffix):
    out = tmp_path / f"map.{suffix}"
    assert output("plot", BERNOULLI, *POINT, "R=0:1", "--out", out).strip() == str(out)
    assert output("plot", BERNOULLI, *POINT, "C=.7,.9", "--style", "ieee", "--out", out).strip() == str(out)
    head = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[suffix]
    assert out.read_bytes().startswith(head)


def test_solve_prints_the_proved_bounds(joint):
    text = output("solve", joint, "--rate", ".8", "--classification", ".95", "--target", ".6,.4")
    problem = drc.Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.6, 0.4])
    assert text == f"{problem.solve(R=0.8, C=0.95)}\nproblem {problem}\ndefaults taken for --cost, --setting, --sees\n"


def test_solve_says_which_bounds_would_do(joint):
    text = output("solve", joint, "-R", ".4", "-C", ".55")
    problem = drc.Finite([[0.27, 0.07], [0.03, 0.63]])
    least = [float(line.split(": ")[1].split()[0]) for line in text.splitlines() if line.startswith("least")]
    assert least == pytest.approx(
        [problem.solve(minimise="R", C=0.55).value, problem.solve(minimise="C", R=0.4).value], abs=2e-6
    )
    assert problem.solve(R=least[0], C=0.55).status == "optimal"
    assert problem.solve(R=0.4, C=least[1]).status == "optimal"
    assert "no R will do with C = 0.3 bit\n" in output("solve", joint, "-R", ".4", "-C", ".3")


def test_solve_in_json_minimises_the_rate(joint):
    found = json.loads(output("solve", joint, "-D", ".4", "--minimise", "R", "--target", ".6,.4", "--json"))
    assert found["minimise"] == "R"
    assert found["lower"] <= found["value"] <= found["upper"]
    assert found["bounds"] == {"D": 0.4}
    assert sum(map(sum, found["coupling"])) == pytest.approx(1)


def test_solve_and_curve_count_samples(tmp_path):
    path = tmp_path / "samples.csv"
    path.write_text("S,X,Y\na,0,1\na,1,1\nb,1,0\nb,1,1\n")
    problem = drc.Finite.from_samples(list("aabb"), [0, 1, 1, 1], [1, 1, 0, 1])
    assert output("solve", path, "--samples", "-R", ".4").startswith(f"{problem.solve(R=0.4)}\n")
    assert output("curve", path, "--samples", "-R", "0,.4") == problem.curve(R=[0, 0.4]).to_csv()


def test_solve_in_json_when_infeasible(joint):
    found = json.loads(output("solve", joint, "-R", ".1", "-C", ".2", "--json"))
    assert (found["status"], found["value"]) == ("infeasible", "inf")


def test_solve_takes_a_perception_measure_and_a_setting(joint):
    asked = ["--perception", "KL", "--reference", ".5,.5", "--sees", "Y", "--setting", "asymptotic"]
    result = run("solve", joint, "-R", ".4", "-P", "0.1", *asked)
    problem = drc.Finite(
        [[0.27, 0.07], [0.03, 0.63]],
        perception="KL",
        reference=[0.5, 0.5],
        setting="asymptotic",
        classifier_sees="Y",
    )
    assert result.stdout == f"{problem.solve(R=0.4, P=0.1)}\nproblem {problem}\ndefaults taken for --cost\n"


def test_curve_prints_writes_and_draws(joint, tmp_path):
    problem = drc.Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.6, 0.4])
    arguments = ["curve", joint, "--target", ".6,.4", "-C", ".95"]
    assert output(*arguments, "--rate", "0:1", "--points", "5") == problem.curve(R=(0, 1), C=0.95, points=5).to_csv()
    assert output(*arguments, "--rate", "0,.5,1") == problem.curve(R=[0, 0.5, 1], C=0.95).to_csv()
    table, picture = tmp_path / "curve.csv", tmp_path / "curve.svg"
    said = output(*arguments, "--points", "4", "--csv", table, "--plot", picture)
    assert said == f"{table}\n{picture}\n"
    assert table.read_text().startswith("R,D,lower,upper,status\n")
    assert picture.read_bytes().startswith(b"<?xml")


def test_several_costs_and_labels_have_a_bound_each(tmp_path):
    labels = [[[0.3, 0.1], [0.2, 0.4]], [[0.35, 0.15], [0.15, 0.35]]]
    problem = drc.Finite(labels=labels, costs=["hamming", [[0, 1], [2, 0]]])
    path, bounds = problem.save(tmp_path / "two.json"), ["-D", "none", "-D", "1/2", "-C", ".95", "-C", ".96"]
    solved = problem.solve(R=0.7, D=[None, 0.5], C=[0.95, 0.96])
    assert output("solve", path, "-R", ".7", *bounds) == f"{solved}\nproblem {problem}\n"
    assert "D2" in json.loads(output("solve", path, "-R", ".7", *bounds, "--json"))["further"]
    traced = problem.curve(R=[0.6, 0.8], D=[None, 0.5], C=[0.95, 0.96])
    assert output("curve", path, "-R", ".6,.8", *bounds) == traced.to_csv()
    assert output("curve", path, "--along", "C2", "-R", ".7", "--points", "3").startswith("C2,D,")
    assert (
        "C must be given once, got .9, .8" in run("table", "bernoulli.one-shot.YU.drc", "-C", ".9", "-C", ".8").stderr
    )


def test_a_stopped_curve_is_kept(joint, monkeypatch):
    calls = []
    solve = drc.Finite.solve

    def stopped(self, **options):
        calls.append(options)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return solve(self, **options)

    monkeypatch.setattr(drc.Finite, "solve", stopped)
    result = run("curve", joint, "--rate", "0,.25,.5", "--target", ".6,.4")
    assert (result.exit_code, len(result.stdout.splitlines())) == (130, 3)
    assert "stopped: interrupted, after 2 points" in result.stderr


def test_check_of_one_theorem():
    text = output("check", "gaussian.asymptotic.drc", "--samples", "5")
    assert "derivation: " in text
    assert "5 instances, 5 agree" in text


class _Report:
    ok = False

    def __str__(self):
        return "one disagrees"

    def to_json(self):
        return "{}\n"


def test_audit_reports_the_theorems_named_and_exits_with_zero():
    ids = ["gaussian.asymptotic.limited.drc", "gaussian.asymptotic.drc"]
    found = json.loads(output("audit", *ids, "--samples", "2", "--quiet", "--json"))
    assert list(dict.fromkeys(row["id"] for row in found["entries"])) == ids


def test_audit_without_a_name_is_of_every_theorem(monkeypatch):
    room = import_module("drc.audit.audit")
    few = [e for e in drc.catalogue() if e.id == "gaussian.asymptotic.limited.drc"]
    monkeypatch.setattr(room, "catalogue", lambda: few)
    found = json.loads(output("audit", "--samples", "2", "--quiet", "--json"))
    assert {row["id"] for row in found["entries"]} == {entry.id for entry in few}


def test_list_with_a_check_tells_relation_and_counts(monkeypatch):
    room = import_module("drc.theory")
    few = [e for e in drc.catalogue() if e.id in ("gaussian.asymptotic.drc", "gaussian.asymptotic.limited.drc")]
    monkeypatch.setattr(room, "catalogue", lambda: few)
    text = output("list", "--check", "2")
    assert "33 of 33 claims proved; 2 of 2 instances agree with the certified solver" in text
    assert "published form: equal on a region; at mu_X = 0" in text
    assert "published form: none printed" in text
    first, second, *_ = json.loads(output("list", "--check", "2", "--json"))
    assert (first["relation"], first["region"], first["proved"]) == ("equal on a region", ["rate branch"], 33)
    assert second["witness"] is None


def test_eval_takes_the_bounds_of_both_demands():
    assert "R = 0.3112145430" in output("eval", "universal.bernoulli.rdc", "q_X=0.3", "D=0.14", "D2=0.15")


def test_show_says_what_is_assumed():
    assert "assumes  0 ≤ q_X ≤ 1, 0 ≤ q_Y ≤ 1, 0 ≤ q_S1 ≤ 1, R ≥ 0\n" in output("show", BERNOULLI)
    assert "|θ| ≤ σ_S·σ_X, R ≥ 0\n" in output("show", "gaussian.asymptotic.drc")


def test_catalogue_names_the_files_it_wrote(monkeypatch, tmp_path):
    import drc.report

    asked = {}

    def write_catalogue(out, **options):
        asked.update(options, out=out)
        return (out / "catalogue.tex", out / "catalogue.html")

    monkeypatch.setattr(drc.report, "write_catalogue", write_catalogue)
    told = output("catalogue", tmp_path, "--samples", "7", "--seed", "3", "--quiet").split()
    assert told == [str(tmp_path / "catalogue.tex"), str(tmp_path / "catalogue.html")]
    assert asked == {"out": tmp_path, "samples": 7, "seed": 3, "workers": None, "progress": None}


def test_audit_exits_with_one_on_a_disagreement(monkeypatch):
    monkeypatch.setattr(import_module("drc.audit"), "audit", lambda *ids, **options: _Report())
    result = run("audit")
    assert (result.exit_code, result.stdout) == (1, "one disagrees\n")
    assert run("audit", "--json").stdout == "{}\n"


def test_check_exits_with_one_on_a_disagreement(monkeypatch):
    monkeypatch.setattr(drc.Tradeoff, "check", lambda self, **options: _Report())
    assert run("check", "gaussian.asymptotic.drc").exit_code == 1


def test_progress_is_a_line_for_each_part_where_there_is_no_terminal(capsys):
    work = [
        ("prove a.b", 1, 3),
        ("prove b.c", 2, 3),
        ("prove c.d", 3, 3),
        ("check a.b", 1, 2),
        ("prove e.f", 1, 3),
        ("digits: parity", 0, 4),
        ("report", 2, 2),
    ]
    for quiet in (False, True):
        with progress_lines(quiet, parts=True) as progress:
            for told in work if progress else ():
                progress(*told)
        assert capsys.readouterr().err == ("" if quiet else "prove\ncheck\ndigits\n")


def test_report_names_the_page_it_wrote(monkeypatch, tmp_path):
    import drc.report

    asked = {}

    def write_report(out, **options):
        asked.update(options, out=out)
        return out / "index.html"

    monkeypatch.setattr(drc.report, "write_report", write_report)
    assert output("report", "--out", tmp_path, "--samples", "7", "--seed", "3", "-q").strip() == str(
        tmp_path / "index.html"
    )
    assert asked == {
        "out": tmp_path,
        "samples": 7,
        "seed": 3,
        "workers": None,
        "progress": None,
    }  # a test is not a terminal


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["show", "bernoulli"],
            "id must be one of bernoulli.one-shot.YU.drc, bernoulli.one-shot.YU.rdc, bernoulli.one-sh",
        ),
        (
            ["eval", BERNOULLI, "q_X=.3", "R=.4"],
            "q_Y must be numbers in bernoulli.one-shot.YU.drc: give them here, or use `given()`",
        ),
        (["eval", BERNOULLI, "q_X=1.3"], "q_X must be in [0, 1], got 1.3"),
        (["eval", BERNOULLI, *POINT, "R=-1"], "R must be at least 0, got -1"),
        (["eval", BERNOULLI, *POINT, "R=fast"], "R must be a number, got fast: fast still free"),
        (["eval", BERNOULLI, *POINT, "R=1e"], "R must be a number, such as 0.25 or 1/4, got '1e'"),
        (["eval", BERNOULLI, *POINT, "R=nan"], "R must be a number, such as 0.25 or 1/4, got 'nan'"),
        (["eval", BERNOULLI, *POINT, "R=.4", "R=.5"], "R must be given once, got it twice"),
        (
            ["eval", BERNOULLI, *POINT, "sigma=1"],
            "the parameters of bernoulli.one-shot.YU.drc must be among q_X, q_Y, q_S1, got sigma",
        ),
        (["eval", BERNOULLI, "0.4"], "an argument must be NAME=VALUE, such as R=0.4, got '0.4'"),
        (
            ["eval", BERNOULLI, *POINT, "--unit", "trits"],
            "unit must be 'bits' or 'nats', got 'trits'",
        ),
        (["eval", BERNOULLI, *POINT, "--form", "folklore"], "form must be 'exact' or 'published', got 'folklore'"),
        (
            ["eval", "gaussian.asymptotic.drc", "sigma_X=1", "sigma_S=1", "theta=1.4"],
            "|theta| <= sigma_S * sigma_X = 1",
        ),
        (["table", BERNOULLI, "--as", "word"], "form must be 'latex' or 'csv' or 'html', got 'word'"),
        (
            ["table", BERNOULLI, "--out", "a.doc"],
            "out must be a name that ends in .tex, .pdf, .csv, .html, got 'a.doc'",
        ),
        (
            ["table", BERNOULLI, "--out", "a.csv", "--as", "html"],
            "out must be a name that ends in .tex, .pdf, .csv, .html as html, got 'a.csv'",
        ),
        (["table", BERNOULLI, "--document", "--as", "csv"], "as must be 'latex' with a document, got 'csv'"),
        (
            ["table", BERNOULLI, *POINT, "R=0:1"],
            "R must be LOW:HIGH:STEP, such as 0:1:0.25, or numbers with commas, got '0:1'",
        ),
        (["table", BERNOULLI, *POINT, "--R", "1:0:.1"], "R must have LOW <= HIGH and STEP > 0, got '1:0:.1'"),
        (
            ["table", BERNOULLI, *POINT, "--R", "0:1:1e-9"],
            "R must have at most 1000 points, got '0:1:1e-9' with 1000000001",
        ),
        (["table", BERNOULLI, *POINT, "R=1", "--R", "0:1:.5"], "R must be given once, got it twice"),
        (
            ["table", BERNOULLI, "--R", "0:1:.5"],
            "q_X, q_Y must be numbers in bernoulli.one-shot.YU.drc: give them here, or use `given()`",
        ),
        (
            ["table", "audit", "--R", "1"],
            "arguments of the audit must be ids of theorems with a published form, got 'R=1'",
        ),
        (
            ["table", "audit", "gaussian.vector.drc"],
            "theorem with a published form must be 'bernoulli.one-shot.YU.drc' or 'gaussian.asymptotic.",
        ),
        (
            ["plot", BERNOULLI, *POINT, "--out", "map.doc"],
            "out must be a name that ends in .svg, .png or .pdf, got 'map.doc'",
        ),
        (
            ["plot", BERNOULLI, *POINT, "R=1", "C=1", "--out", "map.svg"],
            "a plot of bernoulli.one-shot.YU.drc must have an argument that varies, got numbers for R, C",
        ),
        (["solve", "nowhere.csv"], "nowhere.csv"),
        (["curve", "nowhere.csv", "--plot", "curve.doc"], "nowhere.csv"),
        (
            ["check", "nothing"],
            "id must be one of bernoulli.one-shot.YU.drc, bernoulli.one-shot.YU.rdc, bernoulli.one-sh",
        ),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(arguments, said):
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert said in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--minimise", "P"], "minimise must be 'D' or 'R' or 'C', got 'P'"),
        (["--cost", "taxi"], "distortion must be"),
        (["--target", ".6,.6"], "p_Y must sum to 1 within 1e-09, got 1.2"),
        (["--rate", "much"], "R must be a number, got much"),
        (["-P", ".1"], "P must come with a perception measure, got P = 1/10 alone"),
        (["--perception", "LP"], "perception must be"),
        (["--time-sharing"], "time_sharing must be False with classifier_sees='YU', got True"),
    ],
)
def test_wrong_options_of_solve(joint, arguments, said):
    result = run("solve", joint, *arguments)
    assert (result.exit_code, said in result.stderr) == (2, True), result.stderr


def test_a_file_with_a_bad_field_is_named_with_line_and_field(tmp_path):
    path = tmp_path / "joint.csv"
    path.write_text("0.5,0.2\n0.2,o.1\n")
    result = run("solve", path)
    assert result.exit_code == 2
    assert "joint.csv" in result.stderr
    assert "2" in result.stderr
    assert "o.1" in result.stderr


def test_interrupt_ends_with_130_and_a_sentence(monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("drc.theory.catalogue", interrupt)
    result = run("list")
    assert result.exit_code == 130
    assert "interrupted" in result.stderr


def test_an_unknown_command_or_option_is_refused():
    assert run("derive").exit_code == 2
    assert run("list", "--wide").exit_code == 2


def test_module_and_version():
    done = subprocess.run([sys.executable, "-m", "drc", "--version"], capture_output=True, text=True, check=True)
    # In a clone, the commit stands behind it.
    assert re.fullmatch(rf"drc {re.escape(drc.__version__)}( \([0-9a-f]{{7,}}(-dirty)?\))?\n", done.stdout)


@pytest.mark.linux
def test_a_closed_pipe_is_no_error():
    code = "from drc.cli import app; import sys; sys.argv = ['drc', 'list']; app(prog_name='drc')"
    command = f'"{sys.executable}" -c "{code}" | true'
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert "Traceback" not in done.stderr


# Certificates ---------------------------------------------------------------------------------------------


@pytest.fixture
def certificate():
    problem = {"p_SX": [["1/2", "1/2"]], "distortion": [[0, 1], [1, 0]], "p_Y": ["1/4", "3/4"]}
    problem |= {"setting": "asymptotic", "classifier_sees": "Y"}
    plan = {"kind": "coupling", "joint": [[0, 0], [0, 0]], "tree": [[0, 0], [0, 1], [1, 1]]}
    dual = {"kind": "channels", "tree": [{"u": [1, 0], "v": [-1, 0]}]}
    claim = {"format": "drc certificate 1", "problem": problem, "minimise": "D", "unit": "bits", "bounds": {}}
    return claim | {"lower": 0.25, "upper": 0.25, "primal": plan, "dual": dual}


def saved(path, certificate):
    path.write_text(json.dumps(certificate))
    return path


def test_check_certificate_says_what_is_claimed_and_what_is_proved(tmp_path, certificate):
    path = saved(tmp_path / "good.json", certificate)
    first, claimed, lower, upper, end = output("check-certificate", path).splitlines()
    assert first == str(path)
    assert claimed == "  claimed: 0.25 <= D <= 0.25"
    assert lower == "  lower bound proved: the multipliers give D >= 0.25"
    assert upper == "  upper bound proved: the plan reaches D = 0.25"
    assert end.startswith("  proved in ")


def test_check_certificate_exits_with_one_if_a_file_is_not_proved(tmp_path, certificate):
    good = saved(tmp_path / "good.json", certificate)
    false = saved(tmp_path / "false.json", certificate | {"lower": 0.26, "upper": 0.3})
    result = run("check-certificate", false, good)
    assert result.exit_code == 1
    assert "lower bound not proved: the multipliers give D >= 0.25, short by 0.01" in result.stdout
    assert result.stdout.index("NOT proved in") < result.stdout.index("  proved in")


@pytest.mark.parametrize(
    ("text", "words"),
    [('{"format": ', "file.json, line 1, column 12"), ('{"format": 1}', "file.json, field format")],
)
def test_check_certificate_exits_with_two_for_what_is_no_certificate(tmp_path, text, words):
    path = tmp_path / "file.json"
    path.write_text(text)
    result = run("check-certificate", path)
    assert result.exit_code == 2
    assert words in result.stderr
    assert run("check-certificate", tmp_path / "none.json").exit_code == 2


def test_solve_saves_a_certificate_that_is_proved_again(tmp_path, joint):
    path = tmp_path / "proof.json"
    solved = output("solve", joint, "-R", ".8", "-C", ".95", "--target", ".6,.4", "--certificate", path)
    assert solved.startswith("optimal  D in [0.3")
    assert "proved in" in output("check-certificate", path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"lower": 0.4, "upper": 0.5}))
    assert run("check-certificate", path).exit_code == 1


def test_the_certificate_of_a_gaussian_is_proved_again(tmp_path):
    saved, path = tmp_path / "gaussian.json", tmp_path / "proof.json"
    saved.write_text('{"mu_X": 0, "sigma_X": 1, "mu_Y": 0.5, "sigma_Y": 1.5, "sigma_S": 0.8, "theta": 0.6}')
    output("solve", saved, "-R", ".5", "--certificate", path)
    assert "proved in" in output("check-certificate", path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"lower": 100, "upper": "inf"}))
    assert run("check-certificate", path).exit_code == 1
