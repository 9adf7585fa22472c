"""Tables in CSV files: which dialects are read, which letters are numbers, and what is refused and how."""

import re
from fractions import Fraction

import numpy as np
import pytest
from attacks import tables

from drc import ProblemError
from drc.problems import Finite
from drc.problems.tables import joint_law

A, B, C = (Fraction(n, 10) for n in (5, 3, 2))
LIST = "S,X,p\ncat,0,0.5\ncat,1,0.3\ndog,1,0.2\n"


def read(folder, content, **options):
    path = folder / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Finite.read(path, **options)


def test_random_tables_are_read_as_they_were_written_or_refused():
    assert [fault for i in range(600) if (fault := tables.attack(0, i))] == []


def test_letters_that_read_like_one_number_stay_apart(tmp_path):
    problem = read(tmp_path, "S,X,p\n0,01,.5\n1,1,.3\n0,2,.2\n")
    assert (problem.letters_S, problem.letters_X) == ((0, 1), ("01", "1", "2"))
    assert problem.solve(R=1).value == pytest.approx(0.160704, abs=1e-6)
    samples = read(tmp_path, "S,X\n0,01\n1,1\n0,2\n1,01\n", samples=True)
    assert samples.letters_X == ("01", "1", "2")


@pytest.mark.parametrize(
    ("cells", "letters"),
    [
        (["1", "10", "-3"], (-3, 1, 10)),
        (["0.5", "1.0", "1e-07"], (1e-07, 0.5, 1.0)),
        (["0.5", "0.50", "1"], ("0.5", "0.50", "1")),
        (["0", "00"], ("0", "00")),
        (["0", "-0"], ("-0", "0")),
        (["1", "+1"], ("+1", "1")),
        (["1", "1_0", "10"], ("1", "10", "1_0")),
        (["1", "1e0"], ("1", "1e0")),
        (["1", "１"], ("1", "１")),
        (["1/2", "0.5"], ("0.5", "1/2")),
        (["inf", "1"], ("1", "inf")),
        (["cat", "Cat"], ("Cat", "cat")),
        (["9007199254740993", "9007199254740992"], (9007199254740992, 9007199254740993)),
        (["0.1", "0.10000000000000001"], ("0.1", "0.10000000000000001")),
    ],
)
def test_a_column_is_of_numbers_if_each_prints_back(tmp_path, cells, letters):
    rows = "".join(f"{cell},a\n" for cell in cells)
    found = read(tmp_path, f"X,S\n{rows}", samples=True).letters_X
    assert found == letters
    assert [type(letter) for letter in found] == [type(letter) for letter in letters]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["1", "1.0"], "told apart, got 1 and 1.0, which are equal"),
        (["0.0", "-0.0"], "told apart, got 0.0 and -0.0, which are equal"),
        (["é", "e\u0301"], "which are written alike"),
        (["a", "\xa0a"], "which are written alike"),
        (["a", "a\u200b"], "which are written alike"),
        (["a", "a "], "the same spaces after them, got 'a' and 'a '"),
        (['"a "', "b"], "a cell in quotes must not start or end with a space"),
        (['"a\nb"', "b"], "a cell must not have a line end in it"),
    ],
)
def test_letters_that_cannot_be_told_apart_are_refused(tmp_path, cells, said):
    rows = "".join(f"{cell},1,{1 / len(cells)}\n" for cell in cells)
    for text, samples in ((f"S,X,p\n{rows}", False), (f"S,X,note\n{rows}", True)):
        with pytest.raises(ProblemError, match=re.escape(said)):
            read(tmp_path, text, samples=samples)


@pytest.mark.parametrize(
    "content",
    [
        LIST,
        LIST.replace(",", ";"),
        LIST.replace(",", ";").replace(".", ","),
        LIST.replace(",", "\t"),
        "sep=;\n" + LIST.replace(",", ";"),
        "sep=|\r\n" + LIST.replace(",", "|").replace("\n", "\r\n"),
        LIST.replace("S,X,p", "s, x ,P"),
        LIST.replace("S,X,p", '"S","X","probability"'),
        LIST.replace("\n", "\r"),
        LIST.replace("\n", "\r\n"),
        LIST.replace("\n", "\n\n") + ",,\n",
        LIST.replace("\n", ",\n"),
        LIST.replace(",", " , "),
        "p,X,S\n0.5,0,cat\n0.3,1,cat\n0.2,1,dog\n",
        ",S,X,p\n0,cat,0,0.5\n1,cat,1,0.3\n2,dog,1,0.2\n",
        "S,X,count\ncat,0,5\ncat,1,3.0\ndog,1,2\n",
        "x;COUNTS;s\n0;50;cat\n1;30;cat\n1;20;dog\n",
        b"\xef\xbb\xbf" + LIST.encode(),
        LIST.encode("utf-16"),
        LIST.encode("utf-32"),
        b"\xef\xbb\xbfsep=,\n" + LIST.encode(),
        "S,0,1\ncat,0.5,0.3\ndog,0,0.2\n",
        ";0;1\ncat;0,5;0,3\ndog;0;0,2\n",
    ],
)
def test_dialects_are_read_alike(tmp_path, content):
    problem = read(tmp_path, content)
    assert (problem.sample_size is None) == ("OUNT" not in str(content).upper())
    assert problem.changed(sample_size=None) == Finite([[A, B], [0, C]], letters_S=("cat", "dog"), letters_X=(0, 1))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (",,,\n,,,\n", "t.csv, line 1: must be a head or numbers, got empty cells"),
        ('"",""\na,0.5\nb,0.5\n', "line 1: must be a head or numbers, got empty cells"),
        ('""\n""\n', "t.csv must have cells with content, got none"),
        ("S,X\ncat,0\ndog,1\n", "got S, X; for samples give samples=True"),
        ("S,X,p,count\ncat,0,1,1\n", "either p or count, got S, X, p, count"),
        ("S,X,Y,p\ncat,0,1,1\n", "either p or count, got S, X, Y, p"),
        ("S,X,p\ncat,,0.5\ndog,1,0.5\n", "line 2: X must be a letter, got a missing value, one of 1"),
        ("S,X,p\nNA,0,0.5\nNA,1,0.5\n", "line 2: S must be a letter, got a missing value, one of 2"),
        ("S,X,p\ncat,0,\n", "field p: must be a number, such as 0.25 or 1/4, got ''"),
        ("S;X;p\ncat;0;0,5\ncat;1;0.5\n", "decimal points or decimal commas alike, got '0.5' and '0,5'"),
        ("S;X;count\ncat;0;1,000\n", "count must be a whole number written in digits alone, got '1,000'"),
        ("S,X,count\ncat,0,-1\n", "count must be a whole number written in digits alone, got '-1'"),
        ("S,X,count\ncat,0,0\n", "must have a positive sum of counts, got 0"),
        ("# joint\nS,X,p\ncat,0,1\n", "line 1: must be a head or numbers, got a comment"),
        (LIST.encode().replace(b"cat", b"caf\xe9"), "line 2: must be UTF-8 text, got the byte 0xe9: save it as UTF-8"),
        (LIST.encode("utf-16-le"), "got NUL characters: save it as UTF-8, or with a byte order mark"),
        (LIST.encode("utf-16")[:-1], "must be UTF-8 text"),
        (
            "x.1,0.5\n0.2,0.5\n",
            "field 1: must be a number, such as 0.25 or 1/4, got 'x.1'; a matrix with labels",
        ),
        ("x,0.5,0.5\n", "field 1: must be a number, such as 0.25 or 1/4, got 'x'"),
        ("label,0\ncat,0.5\ndog,0.5\n", "must be a row with some mass, got none: a head must begin with"),
        ("0.1,O.2\n0.3,0.7\n", "line 1, field 2: must be a number, such as 0.25 or 1/4, got 'O.2'"),
        (",0,1\ncat,0.5,0.5\nNA,0,0\n", "line 3: S must be a letter"),
        (",0,\ncat,0.5,0.5\n", "line 1: X must be a letter"),
        ("a;b,c\n0.5,0.5;0.5\n", "line 2"),
        ("S,a\ncat\n", "line 2: a row must have 2 fields"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path, content, said):
    with pytest.raises(ProblemError, match=re.escape(said)):
        read(tmp_path, content)


def test_a_text_with_two_readings_is_refused(tmp_path):
    # With semicolons the symbol is "a,b" and the masses are 0.5; with commas it is "b", and they are 5.
    with pytest.raises(ProblemError, match="one delimiter, got a text that can be read with each of"):
        read(tmp_path, ";a,b\nl;0,5\nm;0,5\n")
    assert read(tmp_path, "sep=;\n;a,b\nl;0,5\nm;0,5\n").letters_X == ("a,b",)


def test_a_head_of_many_letters_is_no_list(tmp_path):
    letters = "abcdefghijklmnopqrstuvwxyz"
    problem = read(tmp_path, "," + ",".join(letters) + "\n0,1" + ",0" * 25 + "\n")
    assert problem.letters_X == tuple(letters)


def test_names_are_not_numbers_where_differences_count(tmp_path):
    for said in ("'01'", "'0.50'"):
        text = f"S,X,p\n0,{said[1:-1]},0.5\n1,1,0.5\n"
        with pytest.raises(ProblemError, match=rf"letters_X\[0\] must be a number .* got the name {said}"):
            read(tmp_path, text, distortion="squared")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("S,X,count\na,0,3\n", "samples must have one line each, got a column count: leave samples=True out"),
        ("S,X,Y\na,0,\n", "Y must have at least one sample, got an empty column"),
        ("S,X,Y\na,0,NA\n", "Y must not have missing values, got 1 in 1 rows, the first in line 2"),
        ("t,S,X\n1,a,0\n2,,\n3,NA,1\n", 'got 2 in 3 rows, the first in line 3; missing="drop" leaves these rows out'),
    ],
)
def test_samples_that_are_missing_are_refused(tmp_path, text, said):
    with pytest.raises(ProblemError, match=re.escape(said)):
        read(tmp_path, text, samples=True)


def test_missing_samples_are_dropped_on_request(tmp_path):
    text = "S,X,Y\na,0,1\n,1,2\nb,NA,2\nb,1,nan\n"
    problem = read(tmp_path, text, samples=True, missing="drop")
    assert problem == Finite.from_samples(["a", "b"], [0, 1], [1, 2, 2])
    with pytest.raises(ProblemError, match="missing = 'ignore'|missing must be"):
        read(tmp_path, text, samples=True, missing="ignore")


def test_letters_of_other_files_are_apart_too(tmp_path):
    path = tmp_path / "t.json"
    path.write_text('{"p_SX": [[0.5, 0.5]], "letters_X": [1, true]}')
    with pytest.raises(ProblemError, match="got 1 and True, which are equal"):
        Finite.read(path)
    path.write_text('{"p_SX": [[0.5, 0.5]], "letters_X": [1, "1"]}')
    with pytest.raises(ProblemError, match="got 1 and '1', which are written alike"):
        Finite.read(path)
    path.write_text('{"p_SX": [[0.5, 0.5]], "letters_X": [0.50, 0.1], "distortion": "squared"}')
    assert Finite.read(path).letters_X == (0.5, 0.1)
    path.write_text('{"p_SX": [[0.5, 0.5]], "letters_X": [0.1, 0.10000000000000001]}')
    with pytest.raises(ProblemError, match="field letters_X: a number must have at most 17 digits to be a letter"):
        Finite.read(path)
    np.savez(tmp_path / "t.npz", p_SX=np.full((1, 2), 0.5), letters_X=np.array([0.0, -0.0]))
    with pytest.raises(ProblemError, match="got 0.0 and -0.0, which are equal"):
        Finite.read(tmp_path / "t.npz")


def test_a_column_that_mixes_numbers_and_names_says_so(caplog):
    joint_law("joint.csv", b"S,X,p\n0,01,.5\n1,1,.3\n0,2,.2\n")
    assert caplog.messages == ["joint.csv: X mixes numbers and names such as '01'; all are read as names"]


def test_columns_of_one_kind_say_nothing(caplog):
    joint_law("joint.csv", b"S,X,p\ncat,1,.5\ndog,2,.3\ncat,3,.2\n")
    assert not caplog.messages
