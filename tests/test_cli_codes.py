"""`drc codec`: what is encoded is decoded, from files and pipes, and no half file is left."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import drc
from drc import cli
from drc.codes import read
from drc.codes.container import Reader


def run(*arguments, **options):
    return CliRunner().invoke(cli.app, ["codec", *map(str, arguments)], **options)


def output(*arguments, **options):
    result = run(*arguments, **options)
    assert result.exit_code == 0, (result.stderr, result.exception)
    return result


@pytest.fixture
def joint(tmp_path):
    path = tmp_path / "joint.csv"
    path.write_text("S,red,green\n0,0.27,0.07\n1,0.03,0.63\n")
    return path


@pytest.fixture
def names(joint):
    code = drc.codec(drc.Finite.read(joint, p_Y=["0.3", "0.7"]), R="0.4")
    x = code.sample(3000, seed=1)[1]
    y = code.functions[code.maps_used(5, 0, len(x)), x]
    return [("red", "green")[i] for i in x], [("red", "green")[i] for i in y]


BOUNDS = ("-R", "0.4", "--target", "0.3,0.7", "--seed", "5")


@pytest.mark.parametrize("separator", ["\n", ", ", " "])
def test_text_is_coded_and_decoded(joint, names, tmp_path, separator):
    symbols, coded, decoded = tmp_path / "x.txt", tmp_path / "x.drc", tmp_path / "y.txt"
    symbols.write_text(separator.join(names[0]))
    said = output("encode", joint, symbols, coded, *BOUNDS).stdout
    sizes = Reader(coded.read_bytes()).sizes()
    assert said.startswith(f"3000 symbols: {sizes.payload_rate:.6g} bit per symbol (H(Y|U) is 0.4)")
    assert f"{coded.stat().st_size} bytes, of which {sizes.header_bytes} are the header" in said
    assert output("decode", coded, decoded).stdout == "3000 symbols\n"
    assert decoded.read_text().split() == names[1]
    output("decode", coded, decoded, "--start", 1000, "--stop", 1010, "--seed", 5)
    assert decoded.read_text().split() == names[1][1000:1010]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["joint.csv", "x.drc", "x.txt", "y.txt"]


def test_arrays_are_coded_and_decoded(joint, names, tmp_path):
    symbols, coded, decoded = tmp_path / "x.npy", tmp_path / "x.drc", tmp_path / "y.npy"
    np.save(symbols, names[0])
    output("encode", joint, symbols, coded, "--block", 700, *BOUNDS)
    output("decode", coded, decoded)
    assert np.load(decoded).tolist() == names[1]
    assert Reader(coded.read_bytes()).sizes().frames == 5
    np.save(symbols, names[0][:0])
    output("encode", joint, symbols, coded, *BOUNDS)
    output("decode", coded, decoded)
    assert len(np.load(decoded)) == 0


def test_pipes_have_nothing_but_the_data(joint, names):
    coded = output("encode", joint, "-", "-", *BOUNDS, input="\n".join(names[0]))
    assert coded.stderr.startswith("3000 symbols")
    decoded = output("decode", "-", "-", input=coded.stdout_bytes)
    assert decoded.stdout.split() == names[1]
    assert decoded.stderr == "3000 symbols\n"


def test_letters_that_are_numbers_stay_numbers(tmp_path):
    joint, coded, decoded = tmp_path / "joint.csv", tmp_path / "x.drc", tmp_path / "y.npy"
    joint.write_text("0.5,0.25,0.25\n")
    output("encode", joint, "-", coded, input="2,0,1.0\n1")
    output("decode", coded, decoded)
    assert np.load(decoded).tolist() == [2, 0, 1, 1]


def test_words_cut_by_the_end_of_a_part_are_whole(joint, names, tmp_path, monkeypatch):
    monkeypatch.setattr("drc.cli.symbols._CHUNK", 7)
    coded, symbols = tmp_path / "x.drc", tmp_path / "x.txt"
    symbols.write_text("\n".join(names[0]))
    output("encode", joint, symbols, coded, *BOUNDS)
    assert output("decode", coded, "-").stdout.split() == names[1]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"red\ngreen\nblue\n", "x[2] must be one of the letters 'red', 'green', got 'blue'"),
        (b"red\n7", "x[1] must be one of the letters 'red', 'green', got 7"),
        (b"\xff\xfe", "x.txt must be UTF-8 text, or an array of letters"),
    ],
)
def test_wrong_symbols_are_one_line_and_leave_no_file(joint, tmp_path, content, said):
    symbols, coded = tmp_path / "x.txt", tmp_path / "x.drc"
    symbols.write_bytes(content)
    result = run("encode", joint, symbols, coded, *BOUNDS)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["joint.csv", "x.txt"]


def test_wrong_arrays_are_named(joint, tmp_path):
    symbols = tmp_path / "x.npy"
    np.save(tmp_path / "square.npy", np.zeros((2, 2)))
    np.save(tmp_path / "numbers.npy", [1, 2])
    for content, said in (
        (b"abc", "x.npy must be an array in the NPY format"),
        ((tmp_path / "square.npy").read_bytes(), "must be one row of letters, got an array of shape (2, 2)"),
        ((tmp_path / "numbers.npy").read_bytes(), "x[0] must be one of the letters 'red', 'green', got 1"),
    ):
        symbols.write_bytes(content)
        result = run("encode", joint, symbols, tmp_path / "x.drc", *BOUNDS)
        assert (result.exit_code, said in result.stderr) == (2, True)


def test_damaged_files_leave_the_old_output(joint, names, tmp_path):
    coded, decoded = tmp_path / "x.drc", tmp_path / "y.txt"
    output("encode", joint, "-", coded, "--block", 1000, *BOUNDS, input="\n".join(names[0]))
    decoded.write_text("old")
    whole = coded.read_bytes()
    for content, options, said in (
        (whole[:-30], (), "error: frame 2: the file is cut short there"),
        (whole + b"x", (), "error: end: more bytes follow it"),
        (whole, ("--seed", 7), "error: seed must be 7, got 5"),
        (whole, ("--stop", 3001), "error: start and stop must be at most 3000, the number of symbols in the file"),
        (b"PK", (), "error: magic"),
    ):
        coded.write_bytes(content)
        result = run("decode", coded, decoded, *options)
        assert (result.exit_code, said in result.stderr) == (2, True), result.stderr
        assert decoded.read_text() == "old"
        assert sorted(p.name for p in tmp_path.iterdir()) == ["joint.csv", "x.drc", "y.txt"]


def test_words_and_numbers_together_fit_text_only(tmp_path):
    joint, coded = tmp_path / "joint.json", tmp_path / "x.drc"
    joint.write_text('{"p_SX": [[0.5, 0.5]], "letters_X": ["a", 1]}')
    output("encode", joint, "-", coded, input="a 1 1")
    assert output("decode", coded, "-").stdout == "a\n1\n1\n"
    assert (
        "the letters must be all words or all numbers in an NPY file, got both: write text"
        in run("decode", coded, tmp_path / "y.npy").stderr
    )
    assert not (tmp_path / "y.npy").exists()


def test_ctrl_c_leaves_no_half_file(joint, names, tmp_path, monkeypatch):
    symbols, coded = tmp_path / "x.txt", tmp_path / "x.drc"
    symbols.write_text("\n".join(names[0]))

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("drc.codes.one_shot.OneShotCode.encode_block", interrupted)
    result = run("encode", joint, symbols, coded, *BOUNDS)
    assert result.exit_code == 130
    assert "no file was left half written" in result.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["joint.csv", "x.txt"]


# A Gaussian ------------------------------------------------------------------------------------------------------------

NORMAL = {"mu_X": 0, "sigma_X": 1, "mu_Y": 0.5, "sigma_Y": 1.5, "sigma_S": 0.8, "theta": 0.6}


@pytest.fixture
def normal(tmp_path):
    path = tmp_path / "normal.json"
    path.write_text(json.dumps(NORMAL))
    return path


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--lattice", "E8"), {"lattice": "E8"}),
        (("--scheme", "channel-simulation", "--block", "2"), {"scheme": "channel-simulation", "block": 2}),
        (
            ("--perception", "W2", "--reference", "1,2", "-P", "0.1"),
            {"perception": "W2", "reference": (1, 2), "P": "0.1"},
        ),
    ],
)
def test_samples_of_a_gaussian_are_coded_and_decoded(normal, tmp_path, options, expected):
    symbols, coded, decoded = tmp_path / "x.txt", tmp_path / "x.drc", tmp_path / "y.npy"
    code = drc.codec(drc.Gaussian(**NORMAL), R=1, tolerance=1e-9, **expected)
    x = code.sample(300, seed=1)[1]
    symbols.write_text("\n".join(map(repr, x.tolist())))
    said = output("encode", normal, symbols, coded, "-R", 1, "--seed", 5, *options).stdout
    assert said.startswith("300 symbols")
    output("decode", coded, decoded)
    y = code.decode(code.encode(x, seed=5))
    assert np.load(decoded).tolist() == y.tolist()
    assert read(coded.read_bytes()).digest == code.digest
    assert output("decode", coded, "-", "--start", 200).stdout.split() == [str(value) for value in y[200:].tolist()]


def test_no_samples_of_a_gaussian_are_numbers_still(normal, tmp_path):
    coded, decoded = tmp_path / "x.drc", tmp_path / "y.npy"
    output("encode", normal, "-", coded, "-R", 1, input="")
    output("decode", coded, decoded)
    assert (np.load(decoded).dtype, np.load(decoded).shape) == (np.float64, (0,))


def test_a_gaussian_is_measured(normal, tmp_path):
    picture = tmp_path / "point.svg"
    found = json.loads(output("measure", normal, "-R", 1, "-n", 2000, "--json", "--plot", picture).stdout)
    assert found == json.loads(drc.codec(drc.Gaussian(**NORMAL), R=1).measure(2000).to_json()) | {
        "problem": found["problem"],
        "symbols_per_second": found["symbols_per_second"],
    }
    assert "<svg" in picture.read_text()


@pytest.mark.parametrize(
    ("options", "symbols", "said"),
    [
        (("-R", 1), "0.5 x", "x[1] must be a number, for a Gaussian source, got 'x'"),
        (("-R", 1), "0.5 nan", "x[1] must be within 9 sigma_X = 9 of the mean 0, got nan"),
        (("-R", 1, "--target", ".5,.5"), "0", "normal.json: the fields of a Gaussian must be among"),
        (("-R", 1, "--reference", "0,1"), "0", "normal.json: perception must be"),
        (("-R", 1, "--lattice", "A2"), "0", "lattice must be 'Z' or 'E8', got 'A2'"),
        (
            ("-R", 1, "--lattice", "E8", "--scheme", "channel-simulation"),
            "0",
            "must be among block, got lattice = 'E8'",
        ),
    ],
)
def test_what_is_wrong_for_a_gaussian_is_one_line(normal, tmp_path, options, symbols, said):
    result = run("encode", normal, "-", tmp_path / "x.drc", *options, input=symbols)
    assert (result.exit_code, said in result.stderr, result.stderr.count("\n")) == (2, True, 1), result.stderr
    assert not (tmp_path / "x.drc").exists()


def test_a_finite_source_has_no_lattice(joint, tmp_path):
    result = run("encode", joint, "-", tmp_path / "x.drc", "--lattice", "Z", *BOUNDS, input="red")
    assert "options of a one-shot code must be among block, got lattice = 'Z'" in result.stderr


@pytest.mark.parametrize(
    ("option", "name"), [("-R", "rate"), ("-P", "perception_bound"), ("--reference", "reference"), ("--block", "block")]
)
def test_a_model_of_images_has_its_rate_and_takes_no_options_of_a_problem(tmp_path, option, name):
    result = run("encode", tmp_path / "m.safetensors", tmp_path / "x.png", tmp_path / "x.drc", option, "1")
    assert result.exit_code == 2
    assert f"{name} must be left out for an image" in result.stderr
