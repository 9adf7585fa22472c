"""Joint laws from files: what is read, and what is said of files that cannot be."""

import json
import re
from fractions import Fraction

import numpy as np
import pytest

from drc.errors import ProblemError
from drc.problems import Finite


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("text", "labels", "symbols"),
    [
        ("0.1,0.2\n0.3,0.4\n", (0, 1), (0, 1)),
        ("\ufeff0.1, 0.2\r\n\r\n0.3, 0.4", (0, 1), (0, 1)),
        ("dark,light\n0.1,0.2\n0.3,0.4\n", (0, 1), ("dark", "light")),
        ("S,0,0.5\ncat,0.1,0.2\ndog,0.3,0.4\n", ("cat", "dog"), (0, 0.5)),
        (",10,20\n7,0.1,0.2\n8,0.3,0.4\n", (7, 8), (10, 20)),
        ("cat,0.1,0.2\ndog,0.3,0.4\n", ("cat", "dog"), (0, 1)),
        ("S,X,p\n0,1,0.2\n0,0,1/10\n1,0,0.3\n1,1,0.4\n", (0, 1), (0, 1)),
    ],
)
def test_csv(tmp_path, text, labels, symbols):
    problem = Finite.read(write(tmp_path, "joint.csv", text))
    tenth = Fraction(1, 10)
    assert problem.p_SX == ((tenth, 2 * tenth), (3 * tenth, 4 * tenth))
    assert problem.letters_S == labels
    assert problem.letters_X == symbols


def test_json(tmp_path):
    fields = {
        "p_SX": [[0.1, 0.2], ["3/10", 0.4]],
        "p_Y": [0.5, 0.5],
        "distortion": "squared",
        "letters_X": [0, 2],
    }
    problem = Finite.read(write(tmp_path, "joint.json", json.dumps(fields)))
    assert problem.p_SX[1][0] == Fraction(3, 10)
    assert problem.distortions.tolist() == [[0, 4], [4, 0]]
    assert Finite.read(tmp_path / "joint.json", p_Y=[0.25, 0.75]).p_Y[0] == Fraction(1, 4)


def test_npz(tmp_path):
    path = tmp_path / "joint.npz"
    np.savez(path, p_SX=np.full((2, 2), 0.25), p_Y=np.array([0.5, 0.5]), distortion="hamming", letters_X=["a", "b"])
    assert Finite.read(path) == Finite(np.full((2, 2), 0.25), p_Y=[0.5, 0.5], letters_X=("a", "b"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("j.csv", "", "j.csv must hold a joint law p_SX, got an empty file"),
        ("j.csv", " \n", "j.csv must hold a joint law p_SX, got an empty file"),
        ("j.csv", "0.1,0.2\n0.7\n", "j.csv, line 2: a row must have 2 fields, as line 1 has, got 1"),
        ("j.csv", "0.1,0.2\n\n0.3,x\n", "j.csv, line 3, field 2: must be a number, such as 0.25 or 1/4, got 'x'"),
        ("j.csv", "0.1,0.2\n0.3,\n", "j.csv, line 2, field 2: must be a number, such as 0.25 or 1/4, got ''"),
        ("j.csv", "0.1,nan\n0.3,0.6\n", "line 1, field 2: must be a number, such as 0.25 or 1/4, got 'nan'"),
        ("j.csv", "0.1,1e999999999\n0.3,0.6\n", "line 1, field 2: must have an exponent"),
        (
            "j.csv",
            "0.3,0.6\n0.1,1e-999999999\n",
            "line 2, field 2: must have an exponent from -400 to 400",
        ),
        ("j.json", '{"p_SX": [[1e-999999999]]}', "j.json: a value must have an exponent from -400 to 400"),
        ("j.csv", "0.1,0.2\n0.3,0.5\n", "j.csv: p_SX must sum to 1 within 1e-09, got 1.1, which misses 1 by 0.1"),
        ("j.csv", b"0.1,\xff\n", "j.csv, line 1: must be UTF-8 text, got the byte 0xff"),
        ("j.csv", '0.1,"0.2\n', "j.csv, line"),
        ("j.csv", "S,X,p\n", "j.csv must have a line for each pair of letters, got none after the head"),
        ("j.csv", "S,X,p\n0,0,0.5\n0,1\n", "line 3: a row must have 3 fields, as line 1 has, got 2"),
        ("j.csv", "S,X,p\n0,0,0.5\n0,0,0.5\n", "line 3: a pair must be there once, got S = 0, X = 0 again"),
        ("j.csv", "S,X,p\n0,0,half\n", "line 2, field p: must be a number, such as 0.25 or 1/4, got 'half'"),
        ("j.csv", "S,X,p\n0,0,1/0\n", "line 2, field p: must have a denominator other than zero, got '1/0'"),
        ("j.json", '{"p_SX": [[0.5, 0.5]', "j.json, line 1, column"),
        (
            "j.json",
            "[1]",
            "j.json must be an object with the fields p_SX, distortion, p_Y,.*perception, reference, ground, time_sharing",
        ),
        ("j.json", "{}", "j.json must have the field p_SX"),
        (
            "j.json",
            '{"p_SX": [[1]], "p_Z": 1}',
            "j.json: the fields must be among p_SX,.*ground, time_sharing, .*remote, got p_Z",
        ),
        ("j.json", '{"p_SX": [[1]], "p_SX": [[1]]}', "j.json: the field p_SX must occur once, got it twice"),
        ("j.json", '{"p_SX": [[NaN]]}', "j.json: a value must be a number, such as 0.25 or 1/4, got 'NaN'"),
        ("j.json", '{"p_SX": [["q"]]}', r"j.json: p_SX\[0, 0\] must be a number, got q"),
        ("j.json", '{"p_SX": [[0.5], [0.2, 0.3]]}', "rows of 1 and of 2"),
        ("j.json", '{"p_SX": [[1]], "letters_S": 3}', "letters_S"),
        ("j.npz", b"PK\x03\x04 broken", r"j.npz must be a plain array, got a damaged.*type \(File is not a zip file\)"),
        (
            "j.npz",
            b"text",
            r"j.npz must be a plain array, got a damaged file or another type \(File is not a zip file\)",
        ),
        ("j.txt", "1", "j.txt must end in .csv or .json or .npz, got '.txt'"),
    ],
)
def test_bad_files_are_named(tmp_path, name, content, message):
    with pytest.raises(ProblemError, match=message):
        Finite.read(write(tmp_path, name, content))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ProblemError, match=r"none\.csv cannot be opened"):
        Finite.read(tmp_path / "none.csv")


def test_pickles_are_refused(tmp_path):
    path = tmp_path / "j.npz"
    np.savez(path, p_SX=np.array([[object()]], dtype=object))
    with pytest.raises(ProblemError, match="field p_SX must be a plain array, got one of Python objects"):
        Finite.read(path)


def test_a_truncated_archive_is_named(tmp_path):
    path = tmp_path / "j.npz"
    np.savez_compressed(path, p_SX=np.full((20, 20), 1 / 400))
    content = path.read_bytes()
    for length in (10, len(content) // 2, len(content) - 5):
        path.write_bytes(content[:length])
        with pytest.raises(ProblemError, match=r"j\.npz"):
            Finite.read(path)
    damaged = bytearray(content)
    damaged[120:140] = bytes(20)
    path.write_bytes(bytes(damaged))
    with pytest.raises(ProblemError, match=r"j\.npz"):
        Finite.read(path)


def test_a_single_array_is_no_problem(tmp_path):
    np.save(tmp_path / "j.npy", np.ones((1, 1)))
    (tmp_path / "j.npy").rename(tmp_path / "j.npz")
    with pytest.raises(ProblemError, match="one array"):
        Finite.read(tmp_path / "j.npz")


def test_perception_and_forbidden_pairs_in_a_json_file(tmp_path):
    path = tmp_path / "problem.json"
    path.write_text(
        '{"p_SX": [[0.5, 0.25], [0, 0.25]], "distortion": [[0, "inf"], [1, 0]], "perception": "W2",'
        ' "reference": [0.5, 0.5], "ground": [[0, 1], [1, 0]], "classifier_sees": "Y", "time_sharing": true}'
    )
    f = Finite.read(path)
    assert (f.perception, f.reference, f.time_sharing) == ("W2", (Fraction(1, 2), Fraction(1, 2)), True)
    assert f.distortions[0, 1] == np.inf
    archive = tmp_path / "problem.npz"
    np.savez(
        archive,
        p_SX=f.joint_law,
        distortion=f.distortions,
        perception="W2",
        reference=f.reference_law,
        ground=f.ground_costs,
        classifier_sees="Y",
        time_sharing=True,
    )
    assert Finite.read(archive) == f


SAMPLES = "time,s,x,Y\n1,cat,0,b\n2,dog,1,a\n3,dog,0,\n4,dog,1,\n,,,a\n"


def test_samples_are_counted_and_other_columns_left_out(tmp_path):
    problem = Finite.read(write(tmp_path, "samples.csv", SAMPLES), samples=True)
    assert problem == Finite.from_samples(["cat", "dog", "dog", "dog"], [0, 1, 0, 1], ["b", "a", "a"])
    assert problem.p_Y == (Fraction(2, 3), Fraction(1, 3))
    near = Finite.read(tmp_path / "samples.csv", samples=True, perception="TV")
    assert near.reference == (Fraction(2, 3), Fraction(1, 3))


def test_samples_without_a_target(tmp_path):
    problem = Finite.read(write(tmp_path, "samples.csv", "X,S\n1,0\n2,1\n"), samples=True, distortion="squared")
    assert problem == Finite.from_samples([0, 1], [1, 2], distortion="squared")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "samples.csv must hold a head with S and X, then a line for each sample, got an empty file"),
        ("S,X\n", "samples.csv must have samples after the head, got none"),
        (
            "S,Z\na,1\n",
            "line 1: the head must have the columns S (the label), X (the source) and",
        ),
        ("S,X,s\na,1,b\n", "line 1: a column must be there once, got S twice"),
        ("S,X\na,1\nb\n", "line 3: a row must have 2 fields, as line 1 has, got 1"),
        ("S,X\na,\n", "S and X must not have missing values, got 1 in 1 rows, the first in line 2"),
        (
            "S,X\na,nan\n",
            'S and X must not have missing values, got 1 in 1 rows, the first in line 2; missing="drop"',
        ),
    ],
)
def test_samples_that_cannot_be_read(tmp_path, text, said):
    with pytest.raises(ProblemError, match=re.escape(said)):
        Finite.read(write(tmp_path, "samples.csv", text), samples=True)


def test_samples_of_the_target_and_its_law_are_one_too_many(tmp_path):
    with pytest.raises(ProblemError, match="p_Y must be left out where samples determine it"):
        Finite.read(write(tmp_path, "samples.csv", SAMPLES), samples=True, p_Y=[0.5, 0.5])
    with pytest.raises(ProblemError, match="a file of samples must have a name that ends in .csv, got samples.json"):
        Finite.read(write(tmp_path, "samples.json", "{}"), samples=True)


@pytest.mark.parametrize("samples", [False, True])
def test_an_option_that_is_no_field_is_named(tmp_path, samples):
    path = tmp_path / "t.csv"
    path.write_text("S,X\na,0\nb,1\n" if samples else "0.5,0.5\n")
    with pytest.raises(
        ProblemError, match="t.csv: the fields must be among p_SX, distortion,.*time_sharing, .*, got nonsense"
    ):
        Finite.read(path, samples=samples, nonsense=1)
    if samples:
        with pytest.raises(ProblemError, match="p_SX must be left out where samples determine it"):
            Finite.read(path, samples=True, p_SX=[[1]])
