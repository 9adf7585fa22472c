"""The commands that help to choose."""

import doctest
import json
from pathlib import Path

from test_cli import output, run


def test_explore_writes_a_page_and_opens_it(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    out = tmp_path / "page.html"
    assert output("explore", "gaussian.asymptotic.limited.drc", "--out", out).strip() == str(out)
    assert opened == [out.as_uri()]
    text = out.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert text.count("</script>") == 1
    assert "http" not in text.replace("http://www.w3.org/1998/Math/MathML", "").replace(
        "http://www.w3.org/2000/svg", ""
    )
    output("explore", "gaussian.asymptotic.limited.drc", "--out", out, "--no-open")
    assert len(opened) == 1
    assert run("explore", "nothing", "--out", tmp_path / "none.html", "--no-open").exit_code == 2
    assert not (tmp_path / "none.html").exists()


def test_constraints_of_an_accuracy_and_a_fidelity():
    first, second, tv, kl = output("constraints", "--accuracy", 0.95, "--labels", 10, "--detected", 0.55).splitlines()
    assert first == "C <= 0.1 bit  guarantees an accuracy of 0.95 among 10 labels"
    assert second.startswith("C <= 0.444893 bit  is necessary")
    assert tv.startswith("P <= 0.1  (TV) guarantees")
    assert kl.startswith("P <= 0.0288539 bit  (KL)")


def test_constraints_of_a_real_label_in_json():
    rows = json.loads(output("constraints", "--rms", 1, "--shift", 0.1, "--sigma-ref", 2, "--unit", "nats", "--json"))
    assert [(row["bound"], round(row["value"], 6)) for row in rows] == [("C", 1.418939), ("P", 0.04)]


def test_constraints_want_something():
    for options, words in (
        (["--accuracy", 2], "accuracy must be in [1/2, 1] for 2 labels, got 2.0"),
        ([], "a goal must be given"),
    ):
        result = run("constraints", *options)
        assert result.exit_code == 2
        assert words in result.stderr


def test_what_the_page_about_constraints_shows():
    page = Path(__file__).parent.parent / "docs" / "constraints.md"
    text = page.read_text(encoding="utf-8")
    examples = doctest.DocTestParser().get_doctest(text.replace("```", ""), {}, page.name, str(page), 0)
    assert len(examples.examples) > 5
    assert doctest.DocTestRunner().run(examples).failed == 0
