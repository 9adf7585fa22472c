"""Solutions, curves and surfaces in JSON and back: what they hold, tagged with its type, and no code that could run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp
from flint import fmpq

from drc.errors import ContradictionError, NotAvailableError, ProblemError, must
from drc.expressions.written import read_expression, written
from drc.information.estimate import Estimate
from drc.problems import Problem, problem_of
from drc.problems.files import fields_of
from drc.solvers.finite.certificates import FiniteCertificate, PackedTree
from drc.solvers.outcome import Solution
from drc.solvers.scalar.certificates import NormalCertificate
from drc.solvers.sweep.curve import Curve
from drc.solvers.sweep.surface import Surface

#: The objects that a file may hold, by name.
KINDS = {
    kind.__name__: kind
    for kind in (Solution, Curve, Surface, FiniteCertificate, NormalCertificate, PackedTree, Estimate)
}

#: The types of arrays, as numpy writes them: numbers, truth values and text.
_ARRAYS = re.compile(r"[<|](f8|i8|i4|i1|b1|U[0-9]{1,3})")


def saved(value: object) -> object:
    """Return a solution, curve or surface as JSON has it.

    Raises `NotAvailableError` if its certificate has a tree that is too deep; `certificate.save` writes that.

    Examples
    --------
    >>> saved((1, Fraction(1, 3)))
    {'tuple': [1, {'fraction': '1/3'}]}
    """
    try:
        return _plain(value)
    except RecursionError:
        raise NotAvailableError(
            "the solution cannot be saved with its certificate, whose tree is too deep: write that by certificate.save(path)"
        ) from None


def _plain(value: Any) -> object:
    if value is None or (isinstance(value, str | bool | int | float) and not isinstance(value, np.generic)):
        return value
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, tuple):
        return {"tuple": [_plain(item) for item in value]}
    if isinstance(value, Mapping):
        return {"mapping": {name: _plain(item) for name, item in value.items()}}
    if isinstance(value, np.ndarray):
        return {"array": value.ravel().tolist(), "shape": list(value.shape), "type": value.dtype.str}
    if isinstance(value, Fraction):
        return {"fraction": str(value)}
    if isinstance(value, fmpq):
        return {"rational": f"{value.p}/{value.q}"}
    if isinstance(value, sp.Expr):
        return {"expression": written(value)}
    if isinstance(value, Problem):
        return {"given": fields_of(value)}
    if is_dataclass(value) and type(value).__name__ in KINDS:
        return {type(value).__name__: {f.name: _plain(getattr(value, f.name)) for f in fields(value)}}
    raise must("what a solution holds", "be numbers, text, arrays and problems to be saved", got=type(value).__name__)


def restored(name: str, value: object) -> Solution | Curve | Surface:
    """Return what `saved` was given; `name` is that of the file.

    Raises `ProblemError` if it was not written by `saved`, or was changed to what cannot be true.
    """
    try:
        return _object(name, value)
    except ProblemError:
        raise
    except (
        TypeError,
        ValueError,
        KeyError,
        AttributeError,
        ZeroDivisionError,
        ContradictionError,
        RecursionError,
    ) as error:
        raise ProblemError(f"{name} must hold what was saved here, got a damaged file ({error})") from None


def _object(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_object(name, item) for item in value]
    if not isinstance(value, dict):
        return value
    tag, held = next(iter(value.items()))
    if tag in KINDS:
        return KINDS[tag](**{key: _object(name, item) for key, item in held.items()})
    if tag not in _READERS:
        raise must(f"{name}: a tag", f"be one of {', '.join([*KINDS, *_READERS])}", tag)
    return _READERS[tag](name, held, value)


def _array(name: str, held: Any, value: Mapping[str, Any]) -> np.ndarray:
    if not _ARRAYS.fullmatch(value["type"]):
        raise must(f"{name}: the type of an array", "be one of numbers, truth values or text", value["type"])
    return np.array(held, dtype=value["type"]).reshape(value["shape"])


_READERS = {
    "tuple": lambda name, held, _: tuple(_object(name, item) for item in held),
    "mapping": lambda name, held, _: {key: _object(name, item) for key, item in held.items()},
    "array": _array,
    "fraction": lambda name, held, _: Fraction(held),
    "rational": lambda name, held, _: fmpq(*map(int, held.split("/"))),
    "expression": lambda name, held, _: read_expression(name, held),
    "given": lambda name, held, _: problem_of(name, held),
}
