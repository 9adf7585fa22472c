"""The fields of a problem in a file: CSV, JSON and NPZ.

CSV is either a matrix, one row per label and one column per symbol, with an optional first line of symbols and an optional
first column of labels; or a list, headed `S,X,p` or `S,X,count`, one line for each pair of letters that has mass. JSON is
an object, and NPZ an archive, with the fields of `Finite`; or, if one of them is `sigma_X`, of `Gaussian`.

A CSV of samples has a head with the columns S and X, one line per sample, and perhaps a column Y of samples of the target.
For the dialects of CSV, see `drc.problems.tables`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import sympy as sp

from drc.errors import ProblemError, must
from drc.expressions.written import read_expression, written
from drc.numbers import finite
from drc.problems import tables
from drc.reading import MOST_TEXT, arrays_within, read_within

#: The fields that hold words, or letters, and no numbers.
_WORDS = ("setting", "classifier_sees", "time_sharing", "perception", "distortion")


#: The fields that hold whole numbers.
_SIZES = ("sample_size", "target_size")


def fields_in(path: Path, known: tuple[str, ...]) -> dict[str, object]:
    """Read the fields of a problem from a file whose name ends in .csv, .json or .npz; messages name those that are known.

    Raises `ProblemError` if the file cannot be read: the message names the file, and the line and field.
    """
    names = ", ".join(known)
    readers = {".csv": tables.joint_law, ".json": partial(_from_json, names), ".npz": partial(_from_npz, names)}
    if path.suffix.lower() not in readers:
        raise must(path.name, f"end in {' or '.join(readers)}", got=repr(path.suffix))
    return readers[path.suffix.lower()](path.name, _content(path, "a joint law p_SX"))


def samples_in(path: Path, missing: str) -> dict[str, list]:
    """Read the columns of a CSV file of samples; parameters and errors are those of `fields_in` and `sample_columns`."""
    if path.suffix.lower() != ".csv":
        raise ProblemError(f"a file of samples must have a name that ends in .csv, got {path.name}")
    content = _content(path, "a head with S and X, then a line for each sample")
    return tables.sample_columns(path.name, content, missing)


def _content(path: Path, allowed: str) -> bytes:
    content = read_within(path)
    if not content.strip():
        raise must(path.name, f"hold {allowed}", got="an empty file")
    return content


def replaced(
    name: str, fields: Mapping[str, object], options: Mapping[str, object], known: tuple[str, ...], whose: str = ""
) -> dict[str, object]:
    """Return the fields of a file with the options that replace some of them, if all of them are known."""
    given = {key: value for key, value in options.items() if value is not None}
    for field in (*fields, *given):
        if field not in known:
            raise ProblemError(f"{name}: the fields{whose} must be among {', '.join(known)}, got {field}")
    return {**fields, **letters_of(name, fields), **given}


def letters_of(name: str, fields: Mapping[str, object]) -> dict[str, list]:
    """Return the letters among the fields of a file, as Python has them."""
    given = ((field, fields.get(field)) for field in ("letters_S", "letters_X", "letters_Y"))
    return {
        field: [_letter(f"{name}, field {field}:", letter) for letter in letters]
        for field, letters in given
        if isinstance(letters, list)
    }


def _letter(name: str, letter: Any) -> Any:
    """Return a letter of a JSON file as Python has it; a decimal that no float prints as would be another letter."""
    if not isinstance(letter, Fraction):
        return letter
    if Fraction(repr(float(letter))) != letter:
        raise ProblemError(
            f"{name} a number must have at most 17 digits to be a letter, got one near {float(letter)!r}"
        )
    return float(letter)


def _from_json(known: str, name: str, content: bytes) -> dict[str, Any]:
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
        raise ProblemError(f"{name} must be an object with the fields {known}")
    return fields


def _from_npz(known: str, name: str, content: bytes) -> dict[str, Any]:
    if content.startswith(b"\x93NUMPY"):
        raise ProblemError(f"{name} must be an archive with the fields {known}, got one array")
    arrays = arrays_within(name, content, MOST_TEXT)
    return {field: array if array.ndim else array.item() for field, array in arrays.items()}


def fields_of(problem: object) -> dict[str, object]:
    """Return the fields of a problem as a JSON file has them: exact numbers as text, expressions as lists.

    Raises `ProblemError` for letters that are neither text nor numbers that a file can hold.

    Examples
    --------
    >>> from drc.problems import Bernoulli
    >>> found = fields_of(Bernoulli(q_X=0.3))
    >>> found["problem"], found["q_X"], found["q_Y"]
    ('Bernoulli', '3/10', {'symbol': 'q_Y', 'real': True})
    """
    given = {f.name: getattr(problem, f.name) for f in fields(problem)}
    plain = {name: _plain(name, value) for name, value in given.items() if value is not None}
    return {"problem": type(problem).__name__, **plain}


def _plain(name: str, value: Any) -> object:
    if name in _SIZES:
        return value
    if name.startswith("letters_"):
        if all(isinstance(letter, str | int | float) for letter in value):
            return list(value)
        raise must(name, "be text or numbers in a file", got=repr(list(value)))
    if isinstance(value, tuple):
        return [_plain(name, item) for item in value]
    if isinstance(value, sp.Expr):
        return written(value)
    return value if value is None or isinstance(value, str | bool) else str(value)


def parametric_fields(name: str, given: Mapping[str, object]) -> dict[str, object]:
    """Read the fields of a problem with parameters, as `fields_of` writes them; `name` is that of the file."""
    words = (*_WORDS, "cost") if isinstance(given.get("cost"), str) else _WORDS
    return {key: value if key in words else _parameter(f"{name}, field {key}:", value) for key, value in given.items()}


def _parameter(name: str, value: Any) -> object:
    # A list of components starts with no function's name.
    is_list = isinstance(value, list) and not (value and isinstance(value[0], str) and value[0].isidentifier())
    return [read_expression(name, item) for item in value] if is_list else read_expression(name, value)


def family_fields(name: str, given: Mapping[str, object]) -> dict[str, object]:
    """Read the fields of a family, as `fields_of` writes them."""
    depths = {"p_SX": 2, "distortion": 2, "p_Y": 1, "domain": 2}
    found: dict[str, Any] = {
        key: _nested(f"{name}, field {key}:", given[key], depth) for key, depth in depths.items() if key in given
    }
    found["domain"] = {symbol: ends for symbol, *ends in found.get("domain", ())}
    pairs = given.get("values", [])
    if not (isinstance(pairs, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in pairs)):
        raise must(f"{name}, field values:", "be a list of pairs", pairs)
    found["values"] = {key: read_expression(f"{name}, field values:", value) for key, value in pairs}
    return found


def _nested(name: str, value: Any, depth: int) -> Any:
    if not depth:
        return read_expression(name, value)
    if not isinstance(value, list):
        raise must(name, "be a list", value)
    return [_nested(name, item, depth - 1) for item in value]
