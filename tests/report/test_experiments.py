import csv
import json
from dataclasses import replace

import pytest
from here import in_this_process
from typer.testing import CliRunner

from drc.cli import app
from drc.errors import ProblemError
from drc.neural.study import study, sweep_of
from drc.report.experiments import latex_table, rows, sample_sheet, tradeoff_picture, write_study

SMALL = """
task = "experiment"
[fixed]
experiment = "toy-sr"
schedule = { epochs = 2, drops = [] }
[grid]
loss = [{ perception = 0.001 }, { perception = 0.1 }]
rate.dim = [2, 4]
seed = [0, 1]
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    (folder / "small.toml").write_text(SMALL)
    with pytest.MonkeyPatch.context() as patch:
        in_this_process(patch)
        return study(str(folder / "small.toml"), folder / "out")


def test_a_study_has_a_cell_for_each_weighting_and_rate(small):
    assert [(c.weights[0], round(c.mean["rate"])) for c in small.cells] == [(0.001, 4), (0.001, 8), (0.1, 4), (0.1, 8)]
    assert all(len(c.runs) == 2 and c.error["distortion"] > 0 for c in small.cells)
    assert [c.mean["rate"] for c in small.of((0.1, 0.01))] == [small.cells[2].mean["rate"], 8.0]


def test_measured_codecs_lie_above_the_theory(small):
    """Proved for these test images, however badly a codec was trained."""
    lines = [line for line in rows(small) if line["what"] == "codec"]
    assert len(lines) == 4
    for line in lines:
        assert 0 < line["limit_least_distortion"] < line["distortion"]
        assert 0 <= line["limit_least_entropy"] < line["cross_entropy"] / 0.6931
        assert line["limit_least_distortion"] < line["limit_gaussian"] < line["limit_gaussian_transport"]


def test_every_figure_has_its_numbers_beside_it(small, tmp_path):
    paths = write_study(small, tmp_path)
    assert [path.name for path in paths] == ["toy-sr-tradeoff.png", "toy-sr-samples.png", "toy-sr.tex"]
    for name in ("toy-sr-tradeoff", "toy-sr-samples"):
        lines = list(csv.DictReader((tmp_path / f"{name}.csv").read_text().splitlines()))
        table = json.loads((tmp_path / f"{name}.json").read_text())
        assert len(lines) == len(table["rows"]) > 0
        assert (tmp_path / f"{name}.svg").stat().st_size > 1000
    assert len(sample_sheet(small).rows) == 4 * 10


def test_the_table_has_a_line_for_each_cell(small):
    table = latex_table(small)
    assert table.count(r"\\") == 1 + 4 + 2
    assert [line.split(" &")[0] for line in table.splitlines()[-4:-2]] == ["uncoded input", "constant image"]
    assert table.count(r"\pm") > 8
    assert table.startswith(r"\begin{tabular}")


def test_what_needs_no_codec_is_a_row_in_every_column(small):
    uncoded, constant = rows(small)[-2:]
    assert (uncoded["what"], constant["what"]) == ("uncoded input", "constant image")
    columns = ("distortion", "distortion_clean", "sliced_W2", "accuracy", "cross_entropy", "accuracy_frozen")
    assert all(isinstance(line[column], float) for line in (uncoded, constant) for column in columns)
    for cell in small.cells:
        assert cell.mean["distortion"] < constant["distortion"]
        assert uncoded["accuracy"] > cell.mean["accuracy"] > constant["accuracy"]


def test_pictures_of_one_codec_have_the_curves_of_the_theory(small):
    one = replace(small, cells=small.cells[:1])
    figure = tradeoff_picture(one).figure
    assert [ax.get_ylabel().split(" to ")[0].split(" of ")[0] for ax in figure.axes] == [
        "distortion $D$",
        "sliced $W_2^2$",
        "cross-entropy",
    ]
    (dashed,) = [line for line in figure.axes[0].lines if line.get_label() == "Gaussian, any law"]
    assert len(dashed.get_xdata()) > 100
    assert [text.get_text().strip() for text in figure.axes[1].texts] == [
        "clean test images",
        "uncoded input",
        "constant image",
    ]


def test_without_labels_nothing_is_said_of_classifiers(small):
    bare = [{k: v for k, v in c.mean.items() if "accuracy" not in k and "entropy" not in k} for c in small.cells]
    found = replace(small, cells=tuple(replace(c, mean=mean) for c, mean in zip(small.cells, bare, strict=True)))
    table = latex_table(found)
    assert "accuracy" not in table
    assert "CE" not in table
    assert len(tradeoff_picture(found).figure.axes) == 2


def test_a_distance_below_that_of_clean_images_is_told_as_theirs(small):
    cell = small.cells[0]
    low = replace(small, cells=(replace(cell, mean=cell.mean | {"sliced_W2": 1e-9, "sliced_W2_floor": 0.0007}),))
    assert r"$\le$ 0.0007" in latex_table(low).splitlines()[4]
    assert r"$\le$" not in latex_table(small)


def test_the_quick_form_is_part_of_the_whole():
    whole, quick = ({p.key for p in sweep_of("toy-sr", quick=quick).points()} for quick in (False, True))
    assert quick < whole


def test_the_command_lists_and_names_what_it_does_not_know():
    result = CliRunner().invoke(app, ["experiment"])
    assert result.stdout.splitlines() == ["toy-sr"]
    result = CliRunner().invoke(app, ["experiment", "toy"])
    assert (result.exit_code, result.stderr) == (
        2,
        "error: an experiment must be toy-sr or a file that ends in .toml, got 'toy'\n",
    )


def test_with_pairs_the_distortion_is_that_to_clean_images(small, tmp_path, monkeypatch):
    in_this_process(monkeypatch)
    path = tmp_path / "pairs.toml"
    path.write_text(small.first_run(small.cells[0]).experiment.changed({"loss.reference": "clean"}).toml())
    found = study(str(path), tmp_path / "out")
    assert (small.distortion, found.distortion) == ("distortion", "distortion_clean")
    words = [tradeoff_picture(each).figure.axes[0].get_ylabel() for each in (small, found)]
    assert words == [f"distortion $D$ to the {which} image" for which in ("degraded", "clean")]
    (drawn,) = tradeoff_picture(found).figure.axes[0].containers
    assert drawn[0].get_ydata() == pytest.approx([found.cells[0].mean["distortion_clean"]])
    colours = tradeoff_picture(small).figure.axes[3].collections[-1].get_array()
    assert colours.tolist() == pytest.approx([cell.mean["distortion"] for cell in small.cells])


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("loss.reference", '["clean", "degraded"]'),
        ("degradation", '[{ kind = "noise", deviation = 0.1 }, { kind = "noise", deviation = 0.2 }]'),
    ],
)
def test_pictures_are_of_one_task(tmp_path, field, values):
    path = tmp_path / "two.toml"
    path.write_text(f'task = "experiment"\n[fixed]\nexperiment = "toy-sr"\n[grid]\n{field} = {values}\n')
    with pytest.raises(ProblemError, match=f"{field} must have one value .*, got 2 values"):
        study(str(path), tmp_path / "out")


def test_the_command_runs_one_experiment_from_a_file(small, tmp_path, monkeypatch):
    in_this_process(monkeypatch)
    path = tmp_path / "one.toml"
    path.write_text(small.first_run(small.cells[0]).experiment.changed({"name": "one"}).toml())
    result = CliRunner().invoke(app, ["experiment", str(path), "--out", str(tmp_path / "out"), "--quiet"])
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("weights 0.001, 0.01: rate 4.011, distortion ")
    assert (tmp_path / "out" / "one-tradeoff.csv").exists()
    assert "uncoded input: distortion 0, distortion_clean 0.04987, accuracy 0.9" in result.stdout
    assert result.stderr == ""


def test_the_command_measures_what_a_codec_has_to_beat_without_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["experiment", "toy-sr", "--baselines"])
    assert result.exit_code == 0, result.stderr
    lines = list(csv.DictReader(result.stdout.splitlines()))
    assert [line["what"] for line in lines] == ["uncoded input", "constant image"]
    assert (lines[0]["rate"], float(lines[0]["distortion"]), lines[1]["rate"]) == ("", 0, "0.0")
    assert not any(tmp_path.iterdir())
