"""Random joint laws and samples with awkward letters, written in random dialects or handed over as random objects.

What is read must be what was written: each letter prints back as the text that it had, and each pair has its exact mass.
Otherwise there must be a `ProblemError`. Plain letters in a plain dialect must be read.
"""

import csv
import io
import tempfile
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np

from drc.errors import ProblemError
from drc.problems import Finite

try:
    import pandas
except ModuleNotFoundError:
    pandas = None

PLAIN = (["cat", "dog", "eel", "fox", "Gnu"], ["0", "1", "2", "10", "-3"], ["0.5", "1.25", "-2.0", "3.0", "1e-07"])
AWKWARD = [
    *"01 1 1.0 1. +1 1e0 1_0 10 １ 0 -0 0.0 -0.0 00 0.5 0.50 .5 1/2 1e400 inf 0,5 50% nan NaN NA None <NA>".split(" "),  # noqa: SIM905
    *"True False S X p x count a A a;b a,b \" a\"b 'a' #1 =1 sep=; é e\u0301 \u212b Å \u200ba \xa0a \ufeffa".split(" "),  # noqa: SIM905
    *("", " ", "a ", "a  ", "a b", "a\tb", "a\nb", "a\r\nb", "9007199254740993", "9007199254740992.0", "1" * 400),
]
# fmt: off
OBJECTS = [
    0, 1, 2, -1, 2**53, 2**53 + 1, 10**30, 0.0, -0.0, 1.0, 0.5, 2.0**53, 0.1, float("nan"), float("inf"), True, False, None,
    "", "1", "01", "1.0", "True", "a", "A", "a ", "é", "e\u0301", "nan", b"a", (1,), (1, 2), [1], {}, 1 + 0j, Fraction(1, 2),
    Fraction(1), np.int64(1), np.int8(0), np.float32(0.1), np.float64(0.1), np.bool_(True), np.str_("a"),
    np.datetime64("NaT"), np.datetime64("2020-01-01"), np.datetime64("2020-01-01", "ns"),
]
# fmt: on


def attack(*seed: int) -> str:
    """Return what is wrong with how the table of this seed is read; empty if nothing is."""
    random = np.random.default_rng(seed)
    way = random.choice([_file, _file, _file, _mutated, _objects, _frames])
    try:
        return way(random)
    except ProblemError:
        return ""
    except Exception as error:  # any other exception is a fault
        return f"{way.__name__[1:]}: {type(error).__name__}: {error}"


def _letters(random, most):
    """Distinct texts, and whether they are plain."""
    count = int(random.integers(1, most + 1))
    plain = bool(random.random() < 0.4)
    pool = list(PLAIN[random.integers(len(PLAIN))]) if plain else AWKWARD
    found = list(random.choice(np.array(pool, dtype=object), min(count, len(pool)), replace=False))
    return found, plain


def _law(random):
    labels, plain_S = _letters(random, 4)
    symbols, plain_X = _letters(random, 5)
    counts = random.multinomial(100, np.ones(len(labels) * len(symbols)) / (len(labels) * len(symbols)))
    pairs = [(s, x) for s in labels for x in symbols]
    return {pair: int(n) for pair, n in zip(pairs, counts, strict=True) if n}, plain_S and plain_X


def _dialect(random):
    plain = bool(random.random() < 0.5)
    pick = random.choice
    delimiter = str(pick(list(",;\t")))
    return {
        "plain": plain,
        "delimiter": delimiter,
        "sep": bool(random.random() < 0.2),
        "end": str(pick(["\n", "\r\n", "\r"])),
        "encoding": str(
            pick(["utf-8", "utf-8-sig", "utf-16"] if plain else ["utf-16-le", "latin-1", "utf-32", "cp1252"])
        ),
        "quoting": int(pick([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        "comma": delimiter != "," and bool(random.random() < 0.5),
        "trailing": bool(random.random() < 0.2),
        "blank": bool(random.random() < 0.2),
        "order": random.permutation(3),
        "case": bool(random.random() < 0.3),
        "space": bool(random.random() < 0.2),
    }


def _written(rows, dialect):
    stream = io.StringIO(newline="")
    writer = csv.writer(
        stream, delimiter=dialect["delimiter"], quoting=dialect["quoting"], lineterminator=dialect["end"]
    )
    if dialect["sep"]:
        stream.write(f"sep={dialect['delimiter']}{dialect['end']}")
    for i, row in enumerate(rows):
        writer.writerow([*row, ""] if dialect["trailing"] else row)
        if dialect["blank"] and i % 2:
            stream.write(dialect["end"])
    try:
        return stream.getvalue().encode(dialect["encoding"])
    except UnicodeEncodeError:
        return stream.getvalue().encode("utf-8")


def _rows(random, law, dialect):
    """A list, a matrix or samples; and whether the file is of samples."""
    form = random.choice(["p", "count", "matrix", "samples"])
    total = sum(law.values())
    shown = lambda n: f"{n / total:.2f}".replace(".", "," if dialect["comma"] else ".")  # noqa: E731
    if form == "matrix":
        labels, symbols = (list(dict.fromkeys(pair[i] for pair in law)) for i in (0, 1))
        rows = [[str(random.choice(["", "S"])), *symbols]]
        return [*rows, *([s, *(shown(law.get((s, x), 0)) for x in symbols)] for s in labels)], False
    head = ["S", "X", {"p": "p", "count": "count", "samples": "note"}[form]]
    head = [word.lower() if dialect["case"] else word for word in head]
    if form == "samples":
        pairs = [pair for pair, n in law.items() for _ in range(n)]
        body = [[s, x, str(random.integers(9))] for s, x in pairs]
    else:
        body = [[s, x, shown(n) if form == "p" else str(n)] for (s, x), n in law.items()]
    rows = [[row[i] for i in dialect["order"]] for row in [head, *body]]
    if dialect["space"] and dialect["quoting"] == csv.QUOTE_MINIMAL:
        rows = [[rows[0][0], *(f" {cell}" for cell in rows[0][1:])], *rows[1:]]
    return rows, form == "samples"


def _read(content, samples):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(content)
        return Finite.read(path, samples=samples)


def _file(random):
    law, plain = _law(random)
    dialect = _dialect(random)
    rows, samples = _rows(random, law, dialect)
    content = _written(rows, dialect)
    try:
        problem = _read(content, samples)
    except ProblemError as error:
        return f"a plain file is refused: {error}: {content!r}" if plain and dialect["plain"] else ""
    # Spaces around a cell that is not in quotes are not part of a letter.
    trim = (lambda cell: cell.strip(" ")) if dialect["quoting"] == csv.QUOTE_MINIMAL else str
    wanted = Counter()
    for (s, x), n in law.items():
        wanted[trim(s), trim(x)] += n
    if len(wanted) < len(law):
        return f"letters that differ in spaces are merged: {content!r}"
    return _same(problem, wanted, content)


def _same(problem, wanted, content):
    total = sum(wanted.values())
    found = {
        (str(s), str(x)): mass
        for s, row in zip(problem.letters_S, problem.p_SX, strict=True)
        for x, mass in zip(problem.letters_X, row, strict=True)
        if mass
    }
    if found != {pair: Fraction(n, total) for pair, n in wanted.items()}:
        return f"another law is read: {found} from {content!r}"
    return ""


def _mutated(random):
    law, _ = _law(random)
    dialect = _dialect(random)
    rows, samples = _rows(random, law, dialect)
    content = bytearray(_written(rows, dialect))
    for _ in range(int(random.integers(1, 4))):
        at = int(random.integers(len(content) + 1))
        byte = int(random.choice([*range(256), *b',;\t"\r\n\0 .-+eE'.ljust(64, b'"')]))
        content[at : at + int(random.integers(0, 3))] = bytes([byte] * int(random.integers(0, 3)))
    problem = _read(bytes(content), samples)
    return "" if sum(map(sum, problem.p_SX)) == 1 else f"masses do not sum to one: {bytes(content)!r}"


def _kind(value):
    """What tells one object from another as a letter: its type and how it is written."""
    if isinstance(value, np.float32):
        value = float(str(value))
    value = value.item() if isinstance(value, np.generic) and not isinstance(value, np.datetime64) else value
    return type(value), repr(value)


def _objects(random):
    few = random.choice(len(OBJECTS), int(random.integers(1, 5)), replace=False)
    n = int(random.integers(1, 12))
    labels, symbols = ([OBJECTS[few[i]] for i in random.integers(len(few), size=n)] for _ in range(2))
    hand = random.choice([list, tuple, iter, _array, _series])
    problem = Finite.from_samples(hand(labels), hand(symbols), missing=str(random.choice(["refuse", "drop"])))
    given = [list(hand(values)) if hand is not _array else hand(values).tolist() for values in (labels, symbols)]
    return _same_objects(problem, list(zip(*given, strict=True)))


def _array(values):
    array = np.empty(len(values), object)
    array[:] = values
    return array


def _series(values):
    return values if pandas is None else pandas.Series(values, dtype=object)


def _same_objects(problem, pairs):
    absent = {"None", "nan", "NaT", "", "<NA>"}
    pairs = [(_kind(s), _kind(x)) for s, x in pairs if str(s) not in absent and str(x) not in absent]
    wanted = Counter(pairs)
    found = {
        (_kind(s), _kind(x)): mass
        for s, row in zip(problem.letters_S, problem.p_SX, strict=True)
        for x, mass in zip(problem.letters_X, row, strict=True)
        if mass
    }
    if found != {pair: Fraction(n, len(pairs)) for pair, n in wanted.items()}:
        return f"another law is made: {found} of {wanted}"
    return ""


def _frames(random):
    """Counts and probabilities in arrays of any type, and in frames."""
    shape = int(random.integers(1, 5)), int(random.integers(1, 5))
    counts = random.multinomial(64, np.ones(shape[0] * shape[1]) / (shape[0] * shape[1])).reshape(shape)
    dtype = random.choice([np.int64, np.uint8, np.float64, np.float32, np.float16, object])
    letters = [list(random.choice(np.array(AWKWARD, object), k, replace=False)) for k in shape]
    table = counts.astype(dtype)
    named = pandas is not None and random.random() < 0.7
    frame = (lambda a: pandas.DataFrame(a, *letters)) if named else (lambda a: a)
    tilt = random.random()
    if tilt < 0.2:
        # One axis too many or too few must not be read as something else.
        wrong = [table[None], table.ravel(), table[..., None]][random.integers(3)]
        Finite.from_counts(wrong)
        return f"an array of shape {wrong.shape} is read"
    problem = Finite.from_counts(frame(table)) if tilt < 0.6 else Finite(frame(table / 64))
    # A float of 16 bits means the few digits that print it, and these are normalised.
    slack = 1e-3 if dtype == np.float16 and tilt >= 0.6 else 0
    if not all(abs(p - Fraction(int(n), 64)) <= slack for p, n in zip(sum(problem.p_SX, ()), counts.flat, strict=True)):
        return f"another law is read: {problem.p_SX} from {table!r}"
    if named and [list(problem.letters_S), list(problem.letters_X)] != letters:
        return f"other letters are read: {problem.letters_S}, {problem.letters_X} from {letters}"
    return ""
