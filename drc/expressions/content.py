"""Objects that are what their fields say: equal, hashed, copied and pickled by content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any, ClassVar, Self

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef


class ByContent:
    """Base of a frozen dataclass (with `eq=False`) whose fields hold arrays, mappings or expressions.

    Two objects are equal if they are of one class and all their fields have equal content: arrays the same type, shape and
    entries, mappings the same pairs, NaN being equal to NaN. A pickle has the fields alone: what was computed from them on
    demand is computed again. Expressions come back as they were written, also those that sympy would evaluate.

    Examples
    --------
    >>> import pickle, drc
    >>> T = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc()
    >>> T == drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc() == pickle.loads(pickle.dumps(T))
    True
    """

    __dataclass_fields__: ClassVar[dict[str, Field[object]]]

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(_content(getattr(self, f.name)) == _content(getattr(other, f.name)) for f in fields(self))

    def __hash__(self) -> int:
        return hash((type(self), *(_content(getattr(self, f.name)) for f in fields(self))))

    def __copy__(self) -> Self:
        new = object.__new__(type(self))
        for f in fields(self):
            object.__setattr__(new, f.name, getattr(self, f.name))
        return new

    def __getstate__(self) -> dict[str, object]:
        written: dict[sp.Basic, _Written] = {}
        return {f.name: _packed(getattr(self, f.name), written) for f in fields(self)}


def _content(value: Any) -> Any:
    """Return what a value holds, as something that can be hashed and compared."""
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return value.shape, _content(value.tolist())
        whole = value + 0.0 if value.dtype.kind == "f" else value  # a zero has no sign
        return value.shape, value.dtype.str, whole.tobytes()
    if isinstance(value, Mapping):
        return frozenset((key, _content(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return tuple(_content(item) for item in value)
    if isinstance(value, float) and value != value:
        return "nan"
    return value


def _packed(value: Any, written: dict[sp.Basic, _Written]) -> Any:
    """Prepare a field for a pickle."""
    if isinstance(value, Mapping):
        return {_packed(key, written): _packed(item, written) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_packed(item, written) for item in value)
    if not isinstance(value, sp.Basic) or not value.args or isinstance(value, AppliedUndef):
        return value
    if value not in written:
        written[value] = _Written(value.func, tuple(_packed(part, written) for part in value.args))
    return written[value]


class _Written:
    """An expression on its way into a pickle, which sympy itself would have evaluated when it comes out again."""

    def __init__(self, func: Any, args: tuple) -> None:
        self.func, self.args = func, args

    def __reduce__(self) -> tuple:
        return _built, (self.func, self.args)


def _built(func: Any, args: tuple) -> sp.Basic:
    """Build an expression whose arguments are these and no others."""
    found = func(*args)
    return found if found.func is func and found.args == args else func(*args, evaluate=False)
