"""What is written of a sweep, and read again."""

import csv
import json
import math
import sys

import pytest
from here import in_this_process

from drc.errors import ProblemError
from drc.neural import results
from drc.neural.sweep import Sweep, run


def mixed(n):
    """Stand for a point whose results differ in kind from one to the next."""
    if n == 3:
        raise ValueError("three")
    return {"value": math.inf if n == 0 else n / 2, "count": n, "even": n % 2 == 0, "word": n or "none", "list": [n]}


@pytest.fixture
def swept(tmp_path, monkeypatch):
    in_this_process(monkeypatch)
    monkeypatch.setattr(results, "_MANY", 2)
    return lambda *formats: run(Sweep("test_results:mixed", {}, {"n": list(range(5))}), tmp_path, formats=formats)


def test_all_formats_have_the_same_table(swept, tmp_path):
    found = swept("csv", "json")
    table = found.table()
    assert [line["n"] for line in table] == [0, 1, 2, 3, 4]
    assert table[0]["value"] == math.inf
    assert table[3] | {"seconds": 0} == dict.fromkeys(table[0], "") | {
        "n": 3,
        "status": "failed",
        "error": "ValueError: three",
        "seconds": 0,
    }
    assert json.loads((tmp_path / "results.json").read_text()) == json.loads(found.json())
    assert [line["list"] for line in json.loads(found.json())["rows"]] == [[0], [1], [2], "", [4]]
    assert (tmp_path / "results.csv").read_text() == found.csv()
    read = list(csv.DictReader(found.csv().splitlines()))
    assert [{n: v if n == "list" else f"{v}" for n, v in line.items()} for line in read] == [
        {n: f"{v}" for n, v in line.items()} for line in table
    ]


def test_parquet_has_the_table_with_types(swept, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = swept("parquet").table()
    file = parquet.ParquetFile(tmp_path / "results.parquet")
    assert file.num_row_groups == 3
    read = file.read()
    kinds = dict(zip(read.column_names, map(str, read.schema.types), strict=True))
    assert kinds == dict.fromkeys(table[0], "string") | {
        "n": "int64",
        "value": "double",
        "count": "int64",
        "even": "bool",
        "seconds": "double",
    }
    for line, wanted in zip(read.to_pylist(), table, strict=True):
        texts = {n: f"{wanted[n]}" for n in ("word", "list")}
        assert line == {n: None if v == "" else texts.get(n, v) for n, v in wanted.items()}


def test_only_what_is_asked_for_is_written(swept, tmp_path):
    swept()
    assert not list(tmp_path.glob("results.*"))
    swept("json", "json")
    assert [path.name for path in tmp_path.glob("results.*")] == ["results.json"]


def test_formats_that_cannot_be_written_are_named_before_anything_is_computed(swept, tmp_path, monkeypatch):
    with pytest.raises(ProblemError, match="formats must be among csv, json, parquet, got 'xls'"):
        swept("csv", "xls")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ProblemError, match=r"the format parquet needs pyarrow: pip install .*\[parquet\]"):
        swept("parquet")
    assert not list(tmp_path.iterdir())


def test_rows_are_read_one_by_one_or_in_parts(swept, tmp_path):
    rows = swept("csv").rows
    assert [row.settings["n"] for row in rows] == [rows[i].settings["n"] for i in range(5)] == [0, 1, 2, 3, 4]
    assert [row.settings["n"] for row in rows[3:]] == [3, 4]
    assert (rows[-1].settings["n"], len(rows[1:3])) == (4, 2)
    with pytest.raises(IndexError):
        rows[5]
    (tmp_path / "points.sqlite").unlink()
    with pytest.raises(ProblemError, match=r"points.sqlite in .* cannot be read"):
        rows[0]
