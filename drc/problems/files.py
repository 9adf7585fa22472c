"""Problems from files: CSV, JSON and NPZ.

CSV is either a matrix, one row per label and one column per symbol, with an optional first line of symbols and an optional
first column of labels; or a list, headed `S,X,p` or `S,X,count`, one line for each pair of letters that has mass. JSON is
an object, and NPZ an archive, with the fields of `Finite`; or, if one of them is `sigma_X`, of `Gaussian`.

A CSV of samples has a head with the columns S and X, one line per sample, and perhaps a column Y of samples of the target.
For the dialects of CSV, see `drc.problems.tables`.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from drc.errors import ProblemError, must
from drc.numbers import finite
from drc.problems import tables
from drc.problems.finite import Finite
from drc.problems.gaussian import Gaussian
from drc.problems.gaussian_perception import perceived
from drc.reading import MOST_TEXT, arrays_within, read_within

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
    readers = {".csv": tables.joint_law, ".json": _from_json, ".npz": _from_npz}
    if path.suffix.lower() not in readers:
        raise must(path.name, f"end in {' or '.join(readers)}", got=repr(path.suffix))
    return readers[path.suffix.lower()](path.name, _content(path, "a joint law p_SX"))


def _content(path: Path, allowed: str) -> bytes:
    content = read_within(path)
    if not content.strip():
        raise must(path.name, f"hold {allowed}", got="an empty file")
    return content


def _sampled(path: Path, options: dict[str, Any]) -> Finite:
    """Count the samples of a CSV file."""
    if path.suffix.lower() != ".csv":
        raise ProblemError(f"a file of samples must have a name that ends in .csv, got {path.name}")
    content = _content(path, "a head with S and X, then a line for each sample")
    columns = tables.sample_columns(path.name, content, options.pop("missing", "refuse"))
    options = {key: value for key, value in options.items() if value is not None}
    _known(path.name, options)
    try:
        return Finite.from_samples(columns["S"], columns["X"], columns.get("Y"), **options)
    except ProblemError as error:
        raise ProblemError(f"{path.name}: {error}") from None


def _gaussian(name: str, fields: dict[str, Any], options: dict[str, Any]) -> Gaussian:
    fields = fields | {key: value for key, value in options.items() if value is not None}
    own = [field.name for field in dataclasses.fields(Gaussian)]
    perception = {key: fields.pop(key) for key in ("perception", "reference") if key in fields}
    unknown = [key for key in fields if key not in own]
    if unknown:
        raise ProblemError(
            f"{name}: the fields of a Gaussian must be among {', '.join(own)}, perception, reference, got {unknown[0]}"
        )
    try:
        problem = Gaussian(**fields)
        return perceived(problem, perception.get("perception"), perception.get("reference")) if perception else problem
    except ProblemError as error:
        raise ProblemError(f"{name}: {error}") from None


def _finite(name: str, fields: dict[str, Any], options: dict[str, Any]) -> Finite:
    _known(name, fields)
    _known(name, options)
    for field in ("letters_S", "letters_X", "letters_Y"):
        if isinstance(fields.get(field), list):
            fields[field] = [_letter(f"{name}, field {field}:", letter) for letter in fields[field]]
    fields = fields | {key: value for key, value in options.items() if value is not None}
    if "p_SX" not in fields:
        raise ProblemError(f"{name} must have the field p_SX")
    try:
        return Finite(**fields)
    except ProblemError as error:
        raise ProblemError(f"{name}: {error}") from None


def _known(name: str, fields: Mapping[str, Any]) -> None:
    unknown = [key for key in fields if key not in FIELDS]
    if unknown:
        raise ProblemError(f"{name}: the fields must be among {', '.join(FIELDS)}, got {unknown[0]}")


def _letter(name: str, letter: Any) -> Any:
    """Return a letter of a JSON file as Python has it; a decimal that no float prints as would be another letter."""
    if not isinstance(letter, Fraction):
        return letter
    if Fraction(repr(float(letter))) != letter:
        raise ProblemError(
            f"{name} a number must have at most 17 digits to be a letter, got one near {float(letter)!r}"
        )
    return float(letter)


def _from_json(name: str, content: bytes) -> dict[str, Any]:
    def number(text: str) -> Fraction:
        """Read a number exactly: 0.1 is one tenth. NaN and Infinity, which JSON does not have, are refused."""
        return finite(f"{name}: a value", text)

    def distinct(pairs: list) -> dict:
        """Refuse an object that has a field twice."""
        for key, count in Counter(key for key, _ in pairs).items():
            if count > 1:
                raise ProblemError(f"{name}: the field {key} must occur once, got it twice")
        return dict(pairs)

    def whole(text: str) -> int:
        """Read a whole number, unless it has more digits than any number here."""
        return number(text).numerator

    try:
        fields = json.loads(
            tables.decoded(name, content),
            parse_float=number,
            parse_int=whole,
            parse_constant=number,
            object_pairs_hook=distinct,
        )
    except ProblemError:
        raise
    except json.JSONDecodeError as error:
        raise ProblemError(f"{name}, line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise ProblemError(f"{name} must not be nested so deeply: three levels are enough") from None
    if not isinstance(fields, dict):
        raise ProblemError(f"{name} must be an object with the fields {', '.join(FIELDS)}")
    return fields


def _from_npz(name: str, content: bytes) -> dict[str, Any]:
    if content.startswith(b"\x93NUMPY"):
        raise ProblemError(f"{name} must be an archive with the fields {', '.join(FIELDS)}, got one array")
    fields: dict[str, Any] = {}
    for field, array in arrays_within(name, content, MOST_TEXT).items():
        fields[field] = array.item() if array.ndim == 0 else array
    return fields
