"""Samples and letters as users have them: what is missing, and when two letters cannot be told apart.

Letters are compared by what they are and by how they are written. Two that are equal in Python but written differently (1,
1.0 and True), or different in Python but written alike (1 and "1", two Unicode forms of one name), are refused: which of
them are meant to be one letter is for the user to say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from drc.errors import ProblemError, brief, choice, must
from drc.problems.frames import sequence

#: How Python, numpy, pandas, R, spreadsheets and databases write a value that is missing.
MISSING = frozenset(("", "nan", "NaN", "NAN", "NA", "N/A", "#N/A", "<NA>", "NaT", "null", "NULL", "None"))


def is_missing(value: object) -> bool:
    """Whether a value stands for a missing one: None, NaN, NaT, `pd.NA`, or a word that programs write for them.

    Examples
    --------
    >>> [is_missing(value) for value in (None, float("nan"), "NA", "", 0, "Na", " ")]
    [True, True, True, True, False, False, False]
    """
    return value is None or str(value) in MISSING


def samples(name: str, values: object) -> list:
    """Return samples as a list of Python's own values, in which a missing one is None.

    Raises `ProblemError` if there are none, for another shape than `(n,)`, and for values that cannot be letters.

    Examples
    --------
    >>> samples("labels", ["a", "b", float("nan")])
    ['a', 'b', None]
    """
    found = sequence(name, values)
    if not found:
        raise ProblemError(f"{name} must have at least one sample, got none")
    letters, absent = _distinct(name, found)
    _apart(name, letters)
    return [None if is_missing(value) else value for value in found] if absent else found


def present(missing: str, lines: list[int] | None = None, /, **columns: list) -> list[list]:
    """Return columns without the rows in which a value is missing.

    Parameters
    ----------
    missing : {"refuse", "drop"}
    lines : list of int, optional
        Where the rows stand in a file, for the message.
    **columns : lists of equal length

    Raises `ProblemError` if values are missing and are not to be dropped, with their number and the first row; if no row is
    left.

    Examples
    --------
    >>> present("drop", labels=["a", None, "b"], symbols=[0, 1, 2])
    [['a', 'b'], [0, 2]]
    """
    choice("missing", missing, ("refuse", "drop"))
    if all(None not in column for column in columns.values()):
        return list(columns.values())
    rows = list(zip(*columns.values(), strict=True))
    # A letter is never None: that is what `samples` makes of every missing value.
    whole = [row for row in rows if None not in row]
    names = " and ".join(columns)
    if len(whole) < len(rows) and missing == "refuse":
        first = next(i for i, row in enumerate(rows) if None in row)
        where = f"in row {first} (counted from 0)" if lines is None else f"in line {lines[first]}"
        raise ProblemError(
            f"{names} must not have missing values, got {len(rows) - len(whole)} in {len(rows)} rows, the first {where};"
            ' missing="drop" leaves these rows out'
        )
    if not whole:
        raise ProblemError(f"{names} must have at least one row without missing values, got none in {len(rows)}")
    return [list(column) for column in zip(*whole, strict=True)]


def alphabet(name: str, values: object) -> tuple:
    """Return given letters, which must be distinct and told apart by how they are written.

    Raises `ProblemError` for a letter that is repeated, missing or not hashable, and for two that are equal or written
    alike.

    Examples
    --------
    >>> alphabet("letters_X", [0.5, 1.5])
    (0.5, 1.5)
    """
    found = sequence(name, values)
    letters, absent = _distinct(name, found)
    if absent:
        at = next(i for i, value in enumerate(found) if is_missing(value))
        raise ProblemError(f"{name}[{at}] must be a letter, got the missing value {found[at]!r}")
    _apart(name, letters)
    if len(letters) < len(found):
        keys = [_key(value) for value in found]
        repeated = next(value for i, value in enumerate(found) if keys[i] in keys[:i])
        raise ProblemError(f"{name} must be distinct letters, got {brief(repeated)} twice: it repeats")
    return tuple(found)


def read_letter(cell: str) -> int | float | str:
    """Read a letter that stands alone: a number if the cell is what Python prints for it, otherwise a name.

    Examples
    --------
    >>> [read_letter(cell) for cell in ("3", "0.5", "x", "03", "0.50", "1e5")]
    [3, 0.5, 'x', '03', '0.50', '1e5']
    """
    if re.fullmatch(r"0|-?[1-9][0-9]{0,999}", cell):
        return int(cell)
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?", cell) and repr(float(cell)) == cell:
        return float(cell)
    return cell


def compared(letters_X: tuple, letters_Y: tuple) -> None:
    """Refuse letters of two alphabets that are different but written alike, where equal letters are to cost nothing.

    Raises `ProblemError` naming two such letters.

    Examples
    --------
    >>> compared((0, 1), (0.0, 1.0))
    >>> compared((0, 1), ("0", "1"))
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: letters_X and letters_Y must be written alike only if they are equal, got 0 and '0'
    """
    written = {_written(letter): letter for letter in letters_X}
    for y in letters_Y:
        x = written.get(_written(y), y)
        if x != y:
            raise ProblemError(
                f"letters_X and letters_Y must be written alike only if they are equal, got {brief(x)} and {y!r}"
            )


def in_order(values: Iterable) -> tuple:
    """Return the distinct values, sorted.

    Examples
    --------
    >>> in_order([3, 1, 3])
    (1, 3)
    """
    letters = dict.fromkeys(values)
    try:
        return tuple(sorted(letters))
    except TypeError:
        # Letters of several types have no order of their own; any fixed one will do.
        return tuple(sorted(letters, key=lambda v: (type(v).__name__, str(v))))


def _key(value: Any) -> tuple:
    # The type tells True from 1, the text 0.0 from -0.0.
    return type(value), repr(value)


def _distinct(name: str, values: list) -> tuple[list, bool]:
    """The distinct letters, as they are written, and whether a value is missing."""
    letters = _plainly_distinct(values)
    if letters is None:
        letters = list(_each_distinct(name, values).values())
    known = [letter for letter in letters if not is_missing(letter)]
    return known, len(known) < len(letters)


def _plainly_distinct(values: list) -> list | None:
    """A short cut for millions of plain values: of one type, those that are equal are written alike. None for others."""
    try:
        pairs = dict.fromkeys(zip(map(type, values), values, strict=True))
    except TypeError:
        return None
    if any(kind not in (int, str, bool, float) or (kind is int and abs(value) > 2**63) for kind, value in pairs):
        return None
    letters = [value for _, value in pairs]
    if (float, 0.0) in pairs:
        # Except for zero, which floats have with two signs.
        zeros = {repr(value): value for value in values if type(value) is float and value == 0}
        letters = [value for kind, value in pairs if kind is not float or value != 0] + list(zeros.values())
    return letters


def _each_distinct(name: str, values: list) -> dict[tuple, Any]:
    letters: dict[tuple, Any] = {}
    try:
        for at, value in enumerate(values):
            if not _hashed(value):
                raise must(f"{name}[{at}]", "be hashable to be a letter", value)
            letters.setdefault(_key(value), value)
    except ValueError as error:
        if isinstance(error, ProblemError):
            raise
        # Python writes no whole numbers of more than some thousand digits.
        raise ProblemError(f"{name} must have letters that can be written, got one that cannot: {error}") from None
    return letters


def _hashed(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _apart(name: str, letters: list) -> None:
    """Refuse letters that cannot be told apart."""
    equal: dict[Any, Any] = {}
    written: dict[str, Any] = {}
    for letter in letters:
        for seen, key, how in ((equal, letter, "are equal"), (written, _written(letter), "are written alike")):
            first = seen.setdefault(key, letter)
            if first is not letter:
                raise ProblemError(
                    f"{name} must have letters that can be told apart, got {first!r} and {letter!r}, which {how}:"
                    " write them alike if they are one letter, else rename one"
                )


def _written(letter: Any) -> str:
    """What a reader sees of a letter: one Unicode form, no spaces around it, no characters without a shape."""
    text = unicodedata.normalize("NFC", str(letter))
    shown = "".join(c for c in text if unicodedata.category(c) != "Cf")
    # A letter may be a space or a line end, as of a text read character by character.
    return shown.strip() or text
