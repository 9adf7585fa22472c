"""Costs that depend on what the encoder does not see, as costs of what it sees: their means, exactly.

The output is made from the encoder's letter `x` alone, so that `E d(S, X, Y) = E d'(X, Y)` with
`d'(x, y) = E[d(S, x, y) | X = x]`; a source behind a channel is treated alike ([dobrushin1962]).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import partial

import numpy as np

from drc.errors import ProblemError, must
from drc.problems import arrays, frames
from drc.problems.arrays import listed, matrix
from drc.types import Exact

Rows = tuple[tuple[Exact, ...], ...]


def cost(name: str, value: object, joint: Rows) -> str | Rows:
    """Read a cost: a word is returned as it is, an array as exact numbers, n_X rows of n_Y.

    With three axes, (n_S, n_X, n_Y), it is the cost of label, letter and output, whose mean given the letter is returned;
    the second axis may have the length 1, as the cost may not depend on the letter. `joint`, of shape (n_S, n_X), is the
    joint law of label and letter.

    Raises `ProblemError` if it is not an array of costs, or its shape does not fit.

    Examples
    --------
    >>> law = ((Fraction(3, 8), Fraction(1, 8)), (Fraction(1, 8), Fraction(3, 8)))
    >>> cost("distortion", [[[0, 1]], [[1, 0]]], law)
    ((Fraction(1, 4), Fraction(3, 4)), (Fraction(3, 4), Fraction(1, 4)))
    """
    value = frames.plain(name, value)
    if isinstance(value, str):
        return value
    n_S, n_X = len(joint), len(joint[0])
    if not has_three_axes(value):
        rows = matrix(name, value, ("n_X", "n_Y"), arrays.distortion)
        return _fitting(name, rows, n_X, n_S)
    tables = [
        matrix(f"{name}[{s}]", table, ("n_X", "n_Y"), arrays.distortion) for s, table in enumerate(listed(name, value))
    ]
    if len(tables) != n_S:
        raise must(name, f"have one table for each of the {n_S} labels of p_SX", got=f"{len(tables)} tables")
    tables = [table * n_X if len(table) == 1 else table for table in tables]
    for s, table in enumerate(tables):
        _fitting(f"{name}[{s}]", table, n_X, n_S)
    if len({len(table[0]) for table in tables}) > 1:
        raise must(name, "have tables of one shape", got=f"{len(tables[0][0])} and {len(tables[-1][0])} columns")
    laws = list(zip(*joint, strict=True))
    return tuple(_mean(law, [table[x] for table in tables]) for x, law in enumerate(laws))


def has_three_axes(value: object) -> bool:
    """Whether a cost depends on the label.

    Examples
    --------
    >>> has_three_axes([[[0, 1]], [[1, 0]]]), has_three_axes("hamming")
    (True, False)
    """
    if isinstance(value, np.ndarray):
        return value.ndim == 3
    first = value[0] if isinstance(value, Sequence) and len(value) else None
    entry = first[0] if isinstance(first, Sequence | np.ndarray) and not isinstance(first, str) and len(first) else None
    return isinstance(entry, Sequence | np.ndarray) and not isinstance(entry, str)


def _fitting(name: str, rows: Rows, n_X: int, n_S: int) -> Rows:
    if len(rows) != n_X:
        raise must(
            name,
            f"have one row for each of the {n_X} symbols of p_SX, which has shape {(n_S, n_X)}",
            got=f"shape ({len(rows)}, {len(rows[0])})",
        )
    return rows


def _mean(law: Sequence[Exact], rows: Sequence[Sequence[Exact]]) -> tuple[Exact, ...]:
    """Return the mean of rows of costs under masses, which need not sum to one; of what has no mass, the first row."""
    used = [(p, row) for p, row in zip(law, rows, strict=True) if p != 0]
    if not used:
        return tuple(rows[0])
    mass = sum((p for p, _ in used), Fraction(0))
    return tuple(_combined([p / mass for p, _ in used], column) for column in zip(*(r for _, r in used), strict=True))


def _combined(weights: Iterable[Exact], values: Iterable[Exact]) -> Exact:
    pairs = list(zip(weights, values, strict=True))
    # An infinite cost stays infinite whatever its weight, and zero times it is never computed.
    if any(isinstance(v, float) for _, v in pairs):
        return math.inf  # pyright: ignore[reportReturnType] (flint)
    return sum((w * v for w, v in pairs), Fraction(0))


def added(weights: Sequence[Fraction], costs: Sequence[Rows]) -> Rows:
    """Return the weighted sum of tables of costs; a pair that one of them forbids stays forbidden.

    Examples
    --------
    >>> added((Fraction(1), Fraction(2)), [((Fraction(0), Fraction(1)),), ((Fraction(3), math.inf),)])
    ((Fraction(6, 1), inf),)
    """
    combined = partial(_combined, weights)
    return tuple(tuple(map(combined, zip(*rows, strict=True))) for rows in zip(*costs, strict=True))


def of_source(name: str, law: Rows, source: Sequence[Exact]) -> Rows:
    """Return the joint law of a label and a source whose law is known exactly; the law given may miss it by rounding.

    Raises `ProblemError` if it misses it by more.

    Examples
    --------
    >>> of_source("labels[1]", ((Fraction(1, 3), Fraction(2, 3)),), (Fraction(1, 3), Fraction(2, 3)))
    ((Fraction(1, 3), Fraction(2, 3)),)
    """
    if len(law[0]) != len(source):
        raise must(name, f"have one column for each of the {len(source)} symbols of the first", got=f"{len(law[0])}")
    columns = []
    for x, (column, p) in enumerate(zip(zip(*law, strict=True), source, strict=True)):
        mass = sum(column, Fraction(0))
        if abs(float(mass - p)) > arrays.SUM_TOLERANCE:
            raise must(
                name,
                f"give symbol {x} the mass that it has in the first, {float(p):.12g}",
                got=f"{float(mass):.12g}",
            )
        first = (p, *[Fraction(0)] * (len(law) - 1))
        columns.append(tuple(v / mass * p for v in column) if mass != 0 else first)
    return tuple(zip(*columns, strict=True))


def channel(name: str, value: object, n_X: int) -> Rows:
    """Read a channel: one law for each source letter.

    Raises `ProblemError` if a row is not a law, or their number does not fit.

    Examples
    --------
    >>> channel("remote", [[0.75, 0.25]], 1)
    ((Fraction(3, 4), Fraction(1, 4)),)
    """
    value = frames.plain(name, value)
    rows = matrix(name, value, ("n_X", "n_O"), arrays.probability)
    if len(rows) != n_X:
        raise must(name, f"have one row for each of the {n_X} symbols of p_SX", got=f"{len(rows)} rows")
    slack = arrays.rounding(value)
    return tuple(arrays.normalised(f"{name}[{x}]", (row,), slack)[0] for x, row in enumerate(rows))


def observed(joint: Rows, seen: Rows) -> Rows:
    """Return the joint law of the label and what a channel lets the encoder see of the source.

    Examples
    --------
    >>> observed(((Fraction(1),),), ((Fraction(3, 4), Fraction(1, 4)),))
    ((Fraction(3, 4), Fraction(1, 4)),)
    """
    columns = list(zip(*seen, strict=True))
    return tuple(
        tuple(sum((p * w for p, w in zip(row, column, strict=True)), Fraction(0)) for column in columns)
        for row in joint
    )


def seen_through(source: Sequence[Exact], seen: Rows, costs: Rows) -> Rows:
    """Return the mean cost of each letter that the encoder sees, given a table of costs of source letters.

    Parameters
    ----------
    source : the law of the source
    seen : rows of exact numbers, shape (n_X, n_O)
    costs : rows of exact numbers, shape (n_X, n_Y)

    Raises `ProblemError` if no source letter has mass.

    Examples
    --------
    >>> seen_through((Fraction(1, 2), Fraction(1, 2)), ((Fraction(1),), (Fraction(1),)), ((Fraction(0),), (Fraction(1),)))
    ((Fraction(1, 2),),)
    """
    if not any(source):
        raise ProblemError("p_SX must have a letter of positive mass")
    return tuple(
        _mean([p * w for p, w in zip(source, column, strict=True)], costs) for column in zip(*seen, strict=True)
    )
