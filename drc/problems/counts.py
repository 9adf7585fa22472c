"""Fields of finite problems whose laws are counted: from samples, and from tables of counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from drc.errors import ProblemError, must
from drc.numbers import whole
from drc.problems import arrays, frames
from drc.problems.samples import alphabet, in_order, present, samples
from drc.problems.validation import choice


def of_samples(
    labels: Sequence, symbols: Sequence, targets: Sequence | None, missing: str, given: Mapping[str, object]
) -> tuple[tuple, dict[str, object]]:
    """Return the joint law of samples, and the fields that are given with those that samples determine.

    Examples
    --------
    >>> of_samples(["a", "b"], [0, 0], None, "refuse", {})
    (((Fraction(1, 2),), (Fraction(1, 2),)), {'letters_S': ('a', 'b'), 'letters_X': (0,), 'sample_size': 2})
    """
    counted = ("p_SX", "letters_S", "letters_X") + (() if targets is None else ("letters_Y", "p_Y", "reference"))
    for name, value in given.items():
        if name in counted and value is not None:
            raise ProblemError(f"{name} must be left out where samples determine it, got both")
    labels, symbols = samples("labels", labels), samples("symbols", symbols)
    if len(labels) != len(symbols):
        raise ProblemError(
            f"labels and symbols must be of equal length, got {len(labels)} labels for {len(symbols)} symbols"
        )
    labels, symbols = present(missing, labels=labels, symbols=symbols)
    letters_S, letters_X = in_order(labels), in_order(symbols)
    counts = Counter(zip(labels, symbols, strict=True))
    joint = tuple(tuple(Fraction(counts[s, x], len(labels)) for x in letters_X) for s in letters_S)
    found: dict[str, Any] = {**given, "letters_S": letters_S, "letters_X": letters_X, "sample_size": len(labels)}
    if targets is not None:
        (targets,) = present(missing, targets=samples("targets", targets))
        found["letters_Y"] = in_order(targets)
        counts = Counter(targets)
        frequencies = tuple(Fraction(counts[y], len(targets)) for y in found["letters_Y"])
        if given.get("perception") is None:
            found |= {"p_Y": frequencies, "target_size": len(targets)}
        else:
            found["reference"] = frequencies
    return joint, found | _like_source(joint, found)


def of_counts(counts: object, given: Mapping[str, object]) -> tuple[tuple, dict[str, object]]:
    """Return the joint law of counts, and the fields that are given with those that counts determine.

    Examples
    --------
    >>> of_counts([[3, 1]], {})
    (((Fraction(3, 4), Fraction(1, 4)),), {'sample_size': 4})
    """
    found: dict[str, Any] = dict(given)
    for name, letters in frames.axes("counts", counts, "SX"):
        found[f"letters_{name}"] = agreed(name, found.get(f"letters_{name}"), "counts", letters)
    rows = whole_numbers("counts", counts)
    if _has_margins(rows, found.get("letters_S"), found.get("letters_X")):
        raise ProblemError(f"counts must not have sums among them, got {found['letters_S'][-1]!r} as the last letter")
    size = sum(map(sum, rows))
    if not size:
        raise ProblemError("counts must have a positive sum, got 0")
    found["sample_size"] = size
    joint = tuple(tuple(Fraction(n, size) for n in row) for row in rows)
    return joint, found | _like_source(joint, found)


def whole_numbers(name: str, value: object) -> tuple:
    """Read counts, as rows of whole numbers.

    Examples
    --------
    >>> whole_numbers("counts", [[3.0, 1]])
    ((3, 1),)
    """
    rows = arrays.matrix(name, frames.plain(name, value), ("n_S", "n_X"), arrays.cost)
    for i, row in enumerate(rows):
        for j, n in enumerate(row):
            if not isinstance(n, Fraction) or n.denominator != 1:
                raise ProblemError(f"{name}[{i}, {j}] must be a whole number of samples, got {float(n):.12g}")
    return tuple(tuple(int(n) for n in row) for row in rows)


def sample_size(name: str, size: int, masses: Sequence) -> int:
    """Read a number of samples, of which every mass is a whole number.

    Examples
    --------
    >>> sample_size("target_size", 4, [Fraction(1, 4), Fraction(3, 4)])
    4
    """
    size = whole(name, size, 1)
    if wrong := next((p for p in masses if not isinstance(p, Fraction) or (p * size).denominator != 1), None):
        raise must(name, f"give every probability a whole number of samples, such as {wrong}", size)
    return size


def agreed(name: str, known: Sequence | None, field: str, found: list) -> tuple:
    """Return the letters along an axis of a data frame, which must be those that are known already.

    Examples
    --------
    >>> agreed("X", None, "p_SX", ["a", "b"])
    ('a', 'b')
    """
    letters = alphabet(f"the letters of {name} in {field}", found)
    if known is not None and tuple(known) != letters:
        raise ProblemError(
            f"{field} must have the letters {tuple(known)} of {name}, in this order, got {letters}: reorder it, or give"
            " its values without their index by to_numpy()"
        )
    return letters


def _has_margins(counts: tuple, letters_S: Any, letters_X: Any) -> bool:
    """Whether the last row and column have one name and are the sums of the others, as of a crosstab with margins."""
    if letters_S is None or letters_X is None or letters_S[-1] != letters_X[-1] or len(counts) < 2:
        return False
    sums = all(2 * row[-1] == sum(row) for row in counts)
    return sums and all(2 * column[-1] == sum(column) for column in zip(*counts, strict=True))


def _like_source(joint: tuple, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that a target law "X" stands for: the law of the source, whose letters the output then has."""
    if not isinstance(given.get("p_Y"), str):
        return {}
    choice("p_Y", given["p_Y"], ("X",))
    if given.get("letters_Y") is not None:
        raise ProblemError("letters_Y must be left out with p_Y='X', whose letters are those of X")
    p_X = tuple(sum(column) for column in zip(*joint, strict=True))
    return {"p_Y": p_X, "letters_Y": given.get("letters_X"), "target_size": "X"}
