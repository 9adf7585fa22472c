"""Names of the types that public signatures share; nothing here is needed to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction

    import numpy as np
    import sympy as sp
    from flint import arb, fmpq
    from numpy.typing import NDArray

#: What stands for one real number in a call: `drc.numbers.read` reads it exactly.
Real: TypeAlias = "int | float | str | Fraction | Decimal | np.number | sp.Expr"

#: The same, or one for each point.
Reals: TypeAlias = "Real | NDArray[np.floating] | list[Real] | tuple[Real, ...]"

#: What a parameter of a problem may be: a number, an expression, or nothing where it stays a symbol.
Parameter: TypeAlias = "Real | None"

#: Bounds by their letters (D, R, C, P); a letter with None, or without an entry, is not bounded.
Bounds: TypeAlias = "Mapping[str, Real | None]"

#: An exact number of `flint`, which ships no types.
Rational: TypeAlias = "fmpq"

#: An exact number, or a ball that encloses one.
Number: TypeAlias = "fmpq | arb"

#: A number that a problem or a bound has been read as: exactly, though it may be irrational.
Exact: TypeAlias = "Fraction | sp.Expr"

#: Where an axis of a picture begins and ends, or the number at which an argument is held.
Range: TypeAlias = "Real | tuple[Real, Real]"

#: The same, or numbers that make a curve each.
Ranges: TypeAlias = "Range | Sequence[Real] | NDArray[np.floating]"

#: What symbols become, as sympy substitutes it.
Changes: TypeAlias = "Mapping[sp.Basic | complex, sp.Expr | complex]"

Floats: TypeAlias = "NDArray[np.float64]"
Integers: TypeAlias = "NDArray[np.int64]"
Booleans: TypeAlias = "NDArray[np.bool_]"

#: Told how long work goes on: what is being done, how much of it is done, and how much there is.
Progress: TypeAlias = Callable[[str, int, int], None]

#: What a JSON file holds.
Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = "dict[str, Json]"
