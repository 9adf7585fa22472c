"""`drc codec measure`: the same numbers as the library."""

import json

import pytest
from typer.testing import CliRunner

import drc
from drc.cli import app


@pytest.fixture
def joint(tmp_path):
    path = tmp_path / "joint.csv"
    path.write_text("S,X,p\ncat,0,0.27\ncat,1,0.03\ndog,0,0.07\ndog,1,0.63\n")
    return str(path)


def run(*arguments):
    return CliRunner().invoke(app, ["codec", "measure", *arguments])


def test_prints_what_the_library_measures(joint):
    found = run(joint, "-R", "0.4", "-C", "0.8", "--target", ".6,.4", "-n", "20000", "--seed", "3")
    assert found.exit_code == 0
    problem = drc.Finite([[0.27, 0.03], [0.07, 0.63]], p_Y=[0.6, 0.4])
    expected = str(drc.codec(problem, R=0.4, C=0.8).measure(20_000, seed=3)).splitlines()
    # The last line has the speed.
    assert found.stdout.splitlines()[:-1] == expected[:-1]


def test_json_and_a_picture(joint, tmp_path):
    out = tmp_path / "point.svg"
    found = run(joint, "-R", "0.4", "-n", "2000", "--json", "--plot", str(out))
    assert found.exit_code == 0
    data = json.loads(found.stdout, parse_constant=pytest.fail)
    assert data["n"] == 2000
    assert data["readings"][0]["quantity"] == "rate"
    assert "<svg" in out.read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-R", "0.4", "-n", "1"], "n must be a whole number, from 2"),
        (["-R", "0.1", "-C", "0.1"], "infeasible"),
        (["-R", "0.4", "--plot", "x.doc"], "out must be a name that ends in .svg, .png or .pdf, got 'x.doc'"),
    ],
)
def test_wrong_input_is_one_line(joint, arguments, words):
    found = run(joint, *arguments)
    assert found.exit_code == 2
    assert words in found.stderr
    assert "Traceback" not in found.stderr


def test_show_says_how_near_codes_come():
    found = CliRunner().invoke(app, ["show", "bernoulli.one-shot.YU.rdc"])
    assert found.exit_code == 0
    assert "codes    achieved within 0.0" in found.stdout
    assert "at block length 1, at 2 operating points" in found.stdout


def test_show_is_silent_where_there_are_no_codes():
    found = CliRunner().invoke(app, ["show", "gaussian.asymptotic.limited.drc"])
    assert found.exit_code == 0
    assert "codes " not in found.stdout
