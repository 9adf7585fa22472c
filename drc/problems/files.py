"""Problems from files: CSV, JSON and NPZ.

CSV is either a matrix, one row a label and one column a symbol, with an optional first line of symbols and an optional
first column of labels; or a list, headed `S,X,p`, one line for each pair of letters that has mass. JSON is an object,
and NPZ an archive, with the fields of `Finite`; or, if one of them is `sigma_X`, of `Gaussian`.

A CSV of samples has a head with the columns S and X, one line a sample, and perhaps a column Y of samples of the target.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

from drc.errors import ProblemError
from drc.files import MOST_TEXT, arrays_within, read_within
from drc.numbers import finite
from drc.problems.arrays import listed
from drc.problems.finite import Finite
from drc.problems.gaussian import Gaussian
from drc.problems.gaussian_perception import perceived

#: The fields that JSON and NPZ files may have.
FIELDS = (
    "p_SX",
    "p_Y",
    "distortion",
    "letters_S",
    "letters_X",
    "letters_Y",
    "setting",
    "classifier_sees",
    "perception",
    "reference",
    "ground",
    "time_sharing",
)


#: Bytes of the arrays of a problem: a few of as many doubles as `drc.problems.arrays.MOST_ENTRIES`.
_MOST_ARRAYS = 2**25


def read_finite(path: str | os.PathLike[str], *, samples: bool = False, **options: Any) -> Finite:
    r"""Read a finite problem from a file.

    Parameters
    ----------
    path : path
        Ending in .csv, .json or .npz.
    samples : bool
        Whether the file is a CSV of samples, with columns S and X, and perhaps Y of the target; other columns are left
        out.
    **options
        Fields of `Finite`; they go before those of the file.

    Returns
    -------
    Finite

    Raises
    ------
    ProblemError
        If the file cannot be read: the message names the file, and the line and field.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "joint.csv"
    ...     _ = path.write_text("S,X,p\ncat,0,0.5\ndog,1,0.25\ndog,0,0.25\n")
    ...     problem = read_finite(path)
    >>> problem.letters_S, problem.joint_law.tolist()
    (('cat', 'dog'), [[0.5, 0.0], [0.25, 0.25]])
    """
    path = Path(path)
    return _sampled(path, options) if samples else _finite(path.name, _fields(path), options)


def read_problem(path: str | os.PathLike[str], *, samples: bool = False, **options: Any) -> Finite | Gaussian:
    r"""Read a finite or a Gaussian problem from a file; parameters and errors are those of `read_finite`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "normal.json"
    ...     _ = path.write_text('{"mu_X": 0, "sigma_X": 1, "mu_Y": 0.5, "sigma_Y": 1.5, "sigma_S": 0.8, "theta": 0.6}')
    ...     problem = read_problem(path)
    >>> round(problem.solve(R=2).value, 6)
    0.595262
    """
    path = Path(path)
    if samples:
        return _sampled(path, options)
    fields = _fields(path)
    return (_gaussian if "sigma_X" in fields else _finite)(path.name, fields, options)


def _fields(path: Path) -> dict[str, Any]:
    readers = {".csv": _from_csv, ".json": _from_json, ".npz": _from_npz}
    if path.suffix.lower() not in readers:
        raise ProblemError(f"{path.name} is of no known kind: allowed are {', '.join(readers)}")
    return readers[path.suffix.lower()](path.name, _content(path, "a joint law p_SX"))


def _content(path: Path, allowed: str) -> bytes:
    content = read_within(path, _MOST_ARRAYS if path.suffix.lower() == ".npz" else MOST_TEXT)
    if not content.strip():
        raise ProblemError(f"{path.name} is empty: allowed is {allowed}")
    return content


def _sampled(path: Path, options: dict[str, Any]) -> Finite:
    """Count the samples of a CSV file."""
    if path.suffix.lower() != ".csv":
        raise ProblemError(f"{path.name} is no CSV file: allowed for samples is a name that ends in .csv")
    columns = _columns(path.name, _rows(path.name, _content(path, "a head with S and X, then a line for each sample")))
    options = {key: value for key, value in options.items() if value is not None}
    if given := columns["Y"] and [key for key in ("p_Y", "reference") if key in options]:
        raise ProblemError(f"{path.name}: {given[0]} is given, and there is a column Y: allowed is one of them")
    try:
        return Finite.from_samples(columns["S"], columns["X"], columns["Y"] or None, **options)
    except ProblemError as error:
        raise ProblemError(f"{path.name}: {error}") from None


def _columns(name: str, lines: list[tuple[int, list[str]]]) -> dict[str, list]:
    """Return labels, symbols and targets; a line may lack the target, or have it alone."""
    head = [cell.upper() for cell in lines[0][1]]
    if wrong := [key for key in "SXY" if head.count(key) > 1]:
        raise ProblemError(f"{name}, line {lines[0][0]}: the column {wrong[0]} is there twice")
    if missing := [key for key in "SX" if key not in head]:
        raise ProblemError(
            f"{name}, line {lines[0][0]}: no column {missing[0]} among {', '.join(lines[0][1])}; allowed is a head with S"
            " (the label), X (the source) and, if there are samples of the target, Y"
        )
    columns: dict[str, list] = {"S": [], "X": [], "Y": []}
    for line, row in lines[1:]:
        if len(row) != len(head):
            raise ProblemError(f"{name}, line {line}: {len(row)} fields; allowed are {len(head)}, as in the head")
        cells = {key: row[head.index(key)] for key in columns if key in head and row[head.index(key)]}
        if cells.keys() & {"S", "X"} and (absent := [key for key in "SX" if key not in cells]):
            raise ProblemError(f"{name}, line {line}: {absent[0]} is empty; allowed is a letter")
        for key, cell in cells.items():
            if cell.lower() == "nan":
                raise ProblemError(f"{name}, line {line}: {key} is {cell}; leave out what is not known")
            columns[key].append(read_letter(cell))
    if not columns["S"]:
        raise ProblemError(f"{name}: no sample follows the head")
    return columns


def _gaussian(name: str, fields: dict[str, Any], options: dict[str, Any]) -> Gaussian:
    fields = fields | {key: value for key, value in options.items() if value is not None}
    own = [field.name for field in dataclasses.fields(Gaussian)]
    perception = {key: fields.pop(key) for key in ("perception", "reference") if key in fields}
    unknown = [key for key in fields if key not in own]
    if unknown:
        raise ProblemError(
            f"{name}, field {unknown[0]}: unknown to a Gaussian; allowed are {', '.join(own)}, perception, reference"
        )
    try:
        problem = Gaussian(**fields)
        return perceived(problem, perception.get("perception"), perception.get("reference")) if perception else problem
    except ProblemError as error:
        raise ProblemError(f"{name}: {error}") from None


def _finite(name: str, fields: dict[str, Any], options: dict[str, Any]) -> Finite:
    unknown = [key for key in fields if key not in FIELDS]
    if unknown:
        raise ProblemError(f"{name}, field {unknown[0]}: unknown; allowed are {', '.join(FIELDS)}")
    fields = fields | {key: value for key, value in options.items() if value is not None}
    if "p_SX" not in fields:
        raise ProblemError(f"{name}: the field p_SX is missing")
    try:
        return Finite(**fields)
    except ProblemError as error:
        raise ProblemError(f"{name}: {error}") from None


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ProblemError(f"{name}, line {line}: not UTF-8 text") from None


def _from_csv(name: str, content: bytes) -> dict[str, Any]:
    lines = _rows(name, content)
    if lines[0][1] == ["S", "X", "p"]:
        return _from_list(name, lines[1:])
    return _from_matrix(name, lines)


def _rows(name: str, content: bytes) -> list[tuple[int, list[str]]]:
    """Return the lines that are not empty, each with its number, as cells."""
    reader = csv.reader(io.StringIO(_text(name, content)), strict=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                lines.append((reader.line_num, [cell.strip() for cell in row]))
    except csv.Error as error:
        raise ProblemError(f"{name}, line {reader.line_num}: {error}") from None
    return lines


def _from_list(name: str, lines: list[tuple[int, list[str]]]) -> dict[str, Any]:
    masses: dict[tuple, Fraction] = {}
    for line, row in lines:
        if len(row) != 3:
            raise ProblemError(f"{name}, line {line}: {len(row)} fields; allowed are 3: S, X, p")
        pair = read_letter(row[0]), read_letter(row[1])
        if pair in masses:
            raise ProblemError(f"{name}, line {line}: S = {row[0]}, X = {row[1]} is there already")
        masses[pair] = _mass(name, line, "p", row[2])
    if not masses:
        raise ProblemError(f"{name}: no line follows the first; allowed is one for each pair of letters")
    labels, symbols = (_in_order(pair[i] for pair in masses) for i in (0, 1))
    joint = [[masses.get((s, x), Fraction(0)) for x in symbols] for s in labels]
    return {"p_SX": joint, "letters_S": labels, "letters_X": symbols}


def _from_matrix(name: str, lines: list[tuple[int, list[str]]]) -> dict[str, Any]:
    first = lines[0][1]
    # A first line with something that is no number, other than a label in front, holds the symbols.
    header = len(lines) > 1 and not all(_is_number(cell) for cell in first[1:])
    header = header or (len(lines) > 1 and first[0] in ("", "S"))
    body = lines[int(header) :]
    labelled = (header and first[0] in ("", "S")) or not all(_is_number(row[0]) for _, row in body)
    fields: dict[str, Any] = {}
    if header:
        fields["letters_X"] = tuple(read_letter(cell) for cell in first[int(labelled) :])
    rows, labels = [], []
    for line, row in body:
        if len(row) != len(first):
            raise ProblemError(
                f"{name}, line {line}: {len(row)} fields; allowed are {len(first)}, as in line {lines[0][0]}"
            )
        labels.append(read_letter(row[0]))
        cells = list(enumerate(row, start=1))[int(labelled) :]
        rows.append([_mass(name, line, str(i), cell) for i, cell in cells])
    if labelled:
        fields["letters_S"] = tuple(labels)
    return {"p_SX": rows, **fields}


def _mass(name: str, line: int, field: str, cell: str) -> Fraction:
    try:
        return _fraction(cell)
    except ValueError:
        raise ProblemError(f"{name}, line {line}, field {field}: {cell!r} is no number") from None


def _fraction(cell: str) -> Fraction:
    """Read a decimal or a fraction exactly; a `ProblemError`, which is a `ValueError`, refuses all else."""
    return finite("a cell", cell)


def _is_number(cell: str) -> bool:
    try:
        # "nan" is a broken number, not the name of a letter.
        return cell.lower() == "nan" or _fraction(cell) is not None
    except ValueError:
        return False


def read_letter(cell: str) -> Any:
    """Read a letter: a whole number, a decimal, or else a name.

    Examples
    --------
    >>> read_letter("3"), read_letter("0.5"), read_letter("x")
    (3, 0.5, 'x')
    """
    try:
        value = _fraction(cell)
    except ValueError:
        return cell
    return int(value) if value.denominator == 1 else float(value)


def _in_order(letters: Any) -> tuple:
    distinct = tuple(dict.fromkeys(letters))
    try:
        return tuple(sorted(distinct))
    except TypeError:
        return distinct


def _from_json(name: str, content: bytes) -> dict[str, Any]:
    def number(text: str) -> Fraction:
        """Read a number exactly: 0.1 is one tenth. NaN and Infinity, which JSON does not have, are refused."""
        return finite(f"{name}: a value", text)

    def distinct(pairs: list) -> dict:
        """Refuse an object that has a field twice."""
        for key, count in Counter(key for key, _ in pairs).items():
            if count > 1:
                raise ProblemError(f"{name}, field {key}: there twice")
        return dict(pairs)

    def whole(text: str) -> int:
        """Read a whole number, unless it has more digits than any number here."""
        return number(text).numerator

    try:
        fields = json.loads(
            _text(name, content), parse_float=number, parse_int=whole, parse_constant=number, object_pairs_hook=distinct
        )
    except ProblemError:
        raise
    except json.JSONDecodeError as error:
        raise ProblemError(f"{name}, line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise ProblemError(f"{name} must not be nested so deeply: three levels are enough") from None
    if not isinstance(fields, dict):
        raise ProblemError(f"{name}: no object; allowed is one with the fields {', '.join(FIELDS)}")
    return fields


def _from_npz(name: str, content: bytes) -> dict[str, Any]:
    if content.startswith(b"\x93NUMPY"):
        raise ProblemError(f"{name}: one array; allowed is an archive with the fields {', '.join(FIELDS)}")
    fields: dict[str, Any] = {}
    for field, array in arrays_within(name, content, _MOST_ARRAYS).items():
        fields[field] = array.item() if array.ndim == 0 else array
        if field.startswith("letters"):
            fields[field] = tuple(listed(field, array)) if array.ndim else array.item()
    return fields
