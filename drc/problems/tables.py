r"""Tables in CSV files: joint laws, counts and samples, in the dialects that spreadsheets and programs write.

Cells are separated by commas, semicolons or tabs, or by what a first line `sep=;` says; with semicolons and tabs, numbers
may have decimal commas. Text is UTF-8, or UTF-16 or UTF-32 with a byte order mark; lines end as on any system. Blank lines,
spaces around cells and columns without any content at the right end are left out. What can be read in two ways is refused.

A column of letters holds numbers if each cell is what Python prints for its number (`7`, `0.5`); otherwise all its cells are
names, so that `01` and `1`, or `0.50` and `0.5`, stay different letters. For a column that mixes the two, the log says so.
"""

from __future__ import annotations

import codecs
import csv
import io
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from drc.errors import ProblemError, about, brief
from drc.numbers import finite
from drc.problems.samples import MISSING, in_order, present, read_letter, samples

_LOG = logging.getLogger(__name__)

_DELIMITERS = ",;\t"

#: Names of columns, in capitals: of probabilities, and of counts.
_MASSES, _COUNTS = ("P", "PROBABILITY"), ("COUNT", "COUNTS")

#: More columns than this are those of a matrix, even if two of its symbols are s and x.
_LIST_WIDTH = 5

#: Byte order marks; those of UTF-32 begin like those of UTF-16, and come first.
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def joint_law(name: str, content: bytes) -> dict[str, object]:
    r"""Read the table of a joint law: a matrix, or a list with the columns S, X and p or count.

    The fields are those of `Finite`; `name` is that of the file, for messages.

    Raises `ProblemError` if it cannot be read, or can be read in several ways; the message names file, line and field.

    Examples
    --------
    >>> joint_law("joint.csv", b"S;X;count\ncat;0;3\ndog;1;1\n")["p_SX"]
    [[Fraction(3, 4), Fraction(0, 1)], [Fraction(0, 1), Fraction(1, 4)]]
    """
    return _read(name, content, _joint)


def sample_columns(name: str, content: bytes, missing: str = "refuse") -> dict[str, list]:
    r"""Read a table of samples: columns S and X, and perhaps Y of the target; other columns are left out.

    Errors are those of `joint_law`; `missing` says what is done with lines in which S or X is missing ("refuse", "drop").

    What comes back has the labels "S", the symbols "X" and, if there is such a column, the targets "Y", of which a line may
    have none.

    Examples
    --------
    >>> sample_columns("samples.csv", b"S,X\ncat,0\ndog,1\n")
    {'S': ['cat', 'dog'], 'X': [0, 1]}
    """
    return _read(name, content, lambda table: _samples(table, missing))


@dataclass(frozen=True)
class _Table:
    """Rows of cells without spaces around them, each with the number of its line, and the rows as they are written.

    `notes` holds what a user should hear of the letters that were read.
    """

    name: str
    delimiter: str
    rows: list[tuple[int, list[str]]]
    written: list[list[str]]
    notes: list[str]

    @property
    def head(self) -> list[str]:
        return [cell.upper() for cell in self.rows[0][1]]

    @property
    def width(self) -> int:
        return len(self.rows[0][1])

    def error(self, line: int, said: str) -> ProblemError:
        # A cell may be longer than any message should be.
        return ProblemError(f"{self.name}, line {line}: {said if len(said) < 500 else f'{said[:500]}...'}")

    def body(self, first: int = 1) -> list[tuple[int, list[str]]]:
        """The rows from `first` on, which must be as wide as the first of all."""
        for line, row in self.rows[first:]:
            if len(row) != self.width:
                raise self.error(
                    line, f"a row must have {self.width} fields, as line {self.rows[0][0]} has, got {len(row)}"
                )
        return self.rows[first:]

    def column(self, key: str) -> list[str]:
        """The cells under a name of the head."""
        i = self.head.index(key)
        return [row[i] for _, row in self.body()]

    def padded_alike(self, key: str) -> None:
        """Refuse a column in which one letter is written with and without spaces after it."""
        i, known = self.head.index(key), dict[str, str]()
        for (line, row), written in zip(self.rows[1:], self.written[1:], strict=True):
            if (first := known.setdefault(row[i], written[i])) != written[i] and row[i]:
                raise self.error(
                    line, f"{key} must have letters with the same spaces after them, got {first!r} and {written[i]!r}"
                )

    def letters(self, what: str, cells: list[str]) -> list:
        """The letters of one column, or of the head; None where one is missing."""
        known = {cell: read_letter(cell) for cell in set(cells) - MISSING}
        named = sorted(cell for cell, letter in known.items() if isinstance(letter, str))
        if 0 < len(named) < len(known):
            self.notes.append(
                f"{self.name}: {what} mixes numbers and names such as {brief(named[0])}; all are read as names"
            )
        with about(self.name):
            return samples(what, cells if named else [known.get(cell) for cell in cells])

    def masses(self, cells: list[tuple[int, str, str]]) -> list[Fraction]:
        """Probabilities, given with the line and the name of the field."""
        points, commas = (next((c for c in cells if mark in c[2]), None) for mark in ".,")
        if self.delimiter != "," and points and commas:
            raise self.error(
                max(points[0], commas[0]),
                f"numbers must have decimal points or decimal commas alike, got {points[2]!r} and {commas[2]!r}",
            )
        return [self.mass(line, field, cell) for line, field, cell in cells]

    def mass(self, line: int, field: str, cell: str) -> Fraction:
        if self.delimiter != "," and re.fullmatch(r"[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?", cell):
            cell = cell.replace(",", ".")
        return finite(f"{self.name}, line {line}, field {field}:", cell)

    def is_name(self, cell: str) -> bool:
        """Whether a cell is not a number, not even a broken or an extreme one."""
        return cell not in MISSING and not re.fullmatch(r"[+-]?[.,]?[0-9][0-9.,/eE+-]*", cell)


def _read(name: str, content: bytes, meaning: Callable[[_Table], dict[str, Any]]) -> dict[str, Any]:
    """Read a table with each delimiter that may be meant; exactly one of them must make sense."""
    # A file of an old Macintosh has no line feeds.
    text = decoded(name, content).replace("\r\n", "\n").replace("\r", "\n")
    text, delimiters, skipped = _dialect(text)
    found, errors, notes = [], [], []
    for delimiter in delimiters:
        try:
            table = _table(name, text, delimiter, skipped)
            found.append(meaning(table))
            notes.append(table.notes)
        except ProblemError as error:
            errors.append(error)
    if not found:
        raise errors[0]
    if any(other != found[0] for other in found[1:]):
        raise ProblemError(
            f"{name} must have one delimiter, got a text that can be read with each of {delimiters!r}:"
            " put a line such as sep=; in front"
        )
    for note in notes[0]:
        _LOG.warning(note)
    return found[0]


def decoded(name: str, content: bytes) -> str:
    """Return the text of a file: UTF-8, or what its byte order mark says.

    Raises `ProblemError` if it is other text, or no text; a guess could change letters.

    Examples
    --------
    >>> decoded("joint.csv", "ä".encode("utf-16"))
    'ä'
    """
    encoding = next((word for mark, word in _MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ProblemError(
            f"{name}, line {line}: must be UTF-8 text, got the byte {content[error.start]:#04x}: save it as UTF-8, which"
            ' spreadsheets call "CSV UTF-8"'
        ) from None
    if "\0" in text:
        raise ProblemError(
            f"{name} must be UTF-8 text, got NUL characters: save it as UTF-8, or with a byte order mark"
        )
    return text


def _dialect(text: str) -> tuple[str, str, int]:
    """The text without the line `sep=`, the delimiters that may be meant, and how many lines were taken off."""
    blank = text[: len(text) - len(text.lstrip())].count("\n")
    first, _, rest = text.split("\n", blank)[-1].partition("\n")
    if said := re.fullmatch(r'"?sep=(.)"?\s*', first, re.IGNORECASE):
        return rest, said[1], blank + 1
    head = re.sub(r'"[^"]*"', "", first)
    found = sorted((d for d in _DELIMITERS if d in head), key=head.count, reverse=True)
    return text, "".join(found) or ",", 0


def _table(name: str, text: str, delimiter: str, skipped: int) -> _Table:
    """Return the rows that are not blank."""

    def refused(line: int, said: str) -> ProblemError:
        return ProblemError(f"{name}, line {line + skipped}: {said}")

    outer = rf'(?m)(?:^|{re.escape(delimiter)}) *"(?:[ \t]|(?:[^"]|"")*[ \t]" *(?:{re.escape(delimiter)}|$))'
    if quoted := re.search(outer, text):
        line = text.count("\n", 0, quoted.end()) + 1
        raise refused(line, "a cell in quotes must not start or end with a space, got one that does")
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True, skipinitialspace=True)
    rows: list[tuple[int, list[str]]] = []
    written: list[list[str]] = []
    try:
        for row in reader:
            cells = [cell.strip(" \t") for cell in row]
            if any("\n" in cell for cell in cells):
                raise refused(reader.line_num, "a cell must not have a line end in it")
            if not rows and len(cells) > 1 and not any(cells):
                # It may be a head whose letters are missing.
                raise refused(reader.line_num, "must be a head or numbers, got empty cells")
            if any(cells):
                rows.append((reader.line_num + skipped, cells))
                written.append(row)
    except csv.Error as error:
        raise refused(reader.line_num, f"must be CSV, got {error}") from None
    if not rows:
        raise ProblemError(f"{name} must have cells with content, got none")
    if rows[0][1][0].startswith("#"):
        raise refused(rows[0][0] - skipped, "must be a head or numbers, got a comment: remove it")
    while all(len(row) > 1 and not row[-1] for _, row in rows):
        rows = [(line, row[:-1]) for line, row in rows]
    return _Table(name, delimiter, rows, written, [])


def _joint(table: _Table) -> dict[str, Any]:
    if not {"S", "X"} <= set(table.head) or table.width > _LIST_WIDTH:
        return _matrix(table)
    line, head = table.rows[0]
    masses = [cell for cell in table.head if cell in (*_MASSES, *_COUNTS)]
    others = [cell for cell in head if cell.upper() not in ("S", "X", "", *masses)]
    if len(masses) != 1 or others or len(set(table.head)) != len(head):
        raise table.error(
            line,
            f"a list must have the columns S, X and either p or count, got {', '.join(head)}; for samples give"
            " samples=True",
        )
    return _list(table, masses[0])


def _list(table: _Table, kind: str) -> dict[str, Any]:
    body = table.body()
    if not body:
        raise ProblemError(f"{table.name} must have a line for each pair of letters, got none after the head")
    for key in "SX":
        table.padded_alike(key)
    labels, symbols = (_complete(table, body, key, table.letters(key, table.column(key))) for key in "SX")
    cells = [(line, kind.lower(), cell) for (line, _), cell in zip(body, table.column(kind), strict=True)]
    values, size = _shares(table, cells) if kind in _COUNTS else (table.masses(cells), None)
    masses: dict[tuple, Fraction] = {}
    for (line, _), pair, value in zip(body, zip(labels, symbols, strict=True), values, strict=True):
        if pair in masses:
            raise table.error(line, f"a pair must be there once, got S = {pair[0]}, X = {pair[1]} again")
        masses[pair] = value
    letters = in_order(labels), in_order(symbols)
    joint = [[masses.get((s, x), Fraction(0)) for x in letters[1]] for s in letters[0]]
    counted = {} if size is None else {"sample_size": size}
    return {"p_SX": joint, "letters_S": letters[0], "letters_X": letters[1], **counted}


def _complete(table: _Table, body: list, what: str, letters: list) -> list:
    if None in letters:
        line = body[letters.index(None)][0]
        raise table.error(line, f"{what} must be a letter, got a missing value, one of {letters.count(None)}")
    return letters


def _shares(table: _Table, cells: list[tuple[int, str, str]]) -> tuple[list[Fraction], int]:
    """The shares of counts, and their sum. A mark may divide thousands, and only `.0` cannot: programs write it."""
    counts = []
    for line, field, cell in cells:
        if not re.fullmatch(r"[0-9]{1,30}(\.0)?", cell):
            raise table.error(line, f"{field} must be a whole number written in digits alone, got {cell!r}")
        counts.append(int(cell.removesuffix(".0")))
    if not any(counts):
        raise ProblemError(f"{table.name} must have a positive sum of counts, got 0")
    total = sum(counts)
    return [Fraction(count, total) for count in counts], total


def _matrix(table: _Table) -> dict[str, Any]:
    (line, first), rows = table.rows[0], table.rows
    corner = table.head[0] in ("", "S")
    header = len(rows) > 1 and (corner or all(map(table.is_name, first)))
    body = table.body(int(header))
    named = [table.is_name(row[0]) for _, row in body]
    labelled = (header and corner) or (all(named) and table.width > 1 and len(body) > 1)
    fields: dict[str, Any] = {}
    if header:
        cells = first[int(labelled) :]
        fields["letters_X"] = tuple(_complete(table, [(line, cells)] * len(cells), "X", table.letters("X", cells)))
    if labelled:
        labels = table.letters("S", [row[0] for _, row in body])
        fields["letters_S"] = tuple(_complete(table, body, "S", labels))
    start = int(labelled)
    cells = [(at, str(i + 1), row[i]) for at, row in body for i in range(start, table.width)]
    if not cells:
        raise table.error(line, "a matrix must have numbers, got labels alone")
    try:
        masses = table.masses(cells)
    except ProblemError as error:
        if not labelled and any(named):
            raise ProblemError(
                f"{error}; a matrix with labels must have a head that begins with an empty cell or S"
            ) from None
        raise
    if labelled and not header and not any(masses[: table.width - 1]):
        raise table.error(line, "must be a row with some mass, got none: a head must begin with an empty cell or S")
    width = table.width - start
    return {"p_SX": [masses[i : i + width] for i in range(0, len(masses), width)], **fields}


def _samples(table: _Table, missing: str) -> dict[str, list]:
    line, head = table.rows[0][0], table.head
    if absent := [key for key in "SX" if key not in head]:
        raise table.error(
            line,
            f"the head must have the columns S (the label), X (the source) and, if there are samples of the target, Y, got"
            f" no {absent[0]} among {', '.join(table.rows[0][1])}",
        )
    if twice := [key for key in "SXY" if head.count(key) > 1]:
        raise table.error(line, f"a column must be there once, got {twice[0]} twice")
    if tallies := [cell for cell in head if cell in (*_MASSES, *_COUNTS)]:
        raise table.error(
            line, f"samples must have one line each, got a column {tallies[0].lower()}: leave samples=True out"
        )
    body = table.body()
    columns = {key: table.column(key) for key in "SXY" if key in head}
    for key in columns:
        table.padded_alike(key)
    # A line may have a sample of the target alone, or none of it.
    target = columns.get("Y", [""] * len(body))
    pairs = [i for i, y in enumerate(target) if not y or columns["S"][i] or columns["X"][i]]
    if not pairs:
        raise ProblemError(f"{table.name} must have samples after the head, got none")
    found = {key: table.letters(key, [columns[key][i] for i in pairs]) for key in "SX"}
    lines = [body[i][0] for i in pairs]
    with about(table.name):
        labels, symbols = present(missing, lines, S=found["S"], X=found["X"])
    if "Y" not in columns:
        return {"S": labels, "X": symbols}
    told = [i for i, y in enumerate(target) if y]
    if not told:
        raise ProblemError(f"{table.name}: Y must have at least one sample, got an empty column")
    letters = table.letters("Y", [target[i] for i in told])
    with about(table.name):
        (targets,) = present(missing, [body[i][0] for i in told], Y=letters)
    return {"S": labels, "X": symbols, "Y": targets}
