"""Collections of arrays with a common first axis: some of their entries, and several of them put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Self

import numpy as np


class Batch:
    """Base of dataclasses whose fields are such arrays, or further collections; a field may be None.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Points(Batch):
    ...     x: np.ndarray
    ...     names: np.ndarray | None = None
    >>> Points.joined([Points(np.arange(3)), Points(np.arange(2))])[[0, 4]].x.tolist()
    [0, 1]
    """

    def __getitem__(self, index: int | np.integer | slice | Sequence[int] | np.ndarray) -> Self:
        return type(self)(**{name: part[index] for name, part in self._parts.items()})

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the entries of all parts, of which there is at least one."""

        def together(values: list[Any]) -> Any:
            return np.concatenate(values) if isinstance(values[0], np.ndarray) else type(values[0]).joined(values)

        return cls(**{name: together([getattr(part, name) for part in parts]) for name in parts[0]._parts})

    @property
    def _parts(self) -> dict[str, Any]:
        every: Any = self
        return {field.name: part for field in fields(every) if (part := getattr(self, field.name)) is not None}
