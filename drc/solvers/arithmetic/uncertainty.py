"""What a classifier does not know of a label: concave functions of its masses, in exact numbers and balls."""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq

from drc.solvers.arithmetic.balls import Number, logarithm, smallest


def uncertainty(kind: str, masses: Sequence[Number], in_bits: bool) -> Number:
    """Return the uncertainty of a label, times its mass.

    Parameters
    ----------
    kind : {"entropy", "error", "gini"}
        The entropy, the error of the best guess, or the probability that two independent labels differ.
    masses : sequence of numbers
        Not negative; their sum need not be one.
    in_bits : bool
        The unit of an entropy.

    Examples
    --------
    >>> half = [fmpq(1, 4), fmpq(1, 4)]
    >>> uncertainty("entropy", half, True), uncertainty("error", half, True), uncertainty("gini", half, True)
    (1/2, 1/4, 1/4)
    >>> uncertainty("entropy", [fmpq(1), fmpq(0)], True)
    0
    """
    used = [p for p in masses if not (isinstance(p, fmpq) and p == 0)]
    whole = sum(used, fmpq(0))
    # Of a single label nothing is unknown: balls alone would leave some.
    if len(used) <= 1:
        return fmpq(0)
    if kind == "error":
        return whole + smallest([-p for p in used])
    if kind == "gini":
        return whole - sum((p * p for p in used), fmpq(0)) / whole
    return -sum((p * logarithm(p / whole, in_bits) for p in used), fmpq(0))
