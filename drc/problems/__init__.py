"""What is compressed, towards which target, and who may know what: the problems, and their validation."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

from drc.errors import about
from drc.problems.bernoulli import Bernoulli
from drc.problems.finite import FIELDS, Finite
from drc.problems.gaussian import Gaussian
from drc.problems.problem import Problem
from drc.problems.vector_gaussian import VectorGaussian

__all__ = ["Bernoulli", "Gaussian", "VectorGaussian", "Finite", "Problem", "read_problem"]


def read_problem(path: str | os.PathLike[str], *, samples: bool = False, **options: object) -> Finite | Gaussian:
    r"""Read a finite or a Gaussian problem from a file; parameters and errors are those of `Finite.read`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "normal.json"
    ...     _ = path.write_text('{"mu_X": 0, "sigma_X": 1, "mu_Y": 0.5, "sigma_Y": 1.5, "sigma_S": 0.8, "theta": 0.6}')
    ...     problem = read_problem(path)
    >>> round(problem.solve(R=2).value, 6)
    0.595262
    """
    from drc.problems.files import fields_in

    path = Path(path)
    if samples:
        return Finite.read(path, samples=True, **options)
    fields = fields_in(path, FIELDS)
    return (_gaussian if "sigma_X" in fields else Finite.of_fields)(path.name, fields, options)


def _gaussian(name: str, fields: dict[str, Any], options: dict[str, Any]) -> Gaussian:
    from drc.problems.files import replaced

    own = tuple(field.name for field in dataclasses.fields(Gaussian))
    fields = replaced(name, fields, options, (*own, "perception", "reference"), " of a Gaussian")
    with about(name):
        problem = Gaussian(**{key: value for key, value in fields.items() if key in own})
        if fields.keys() <= set(own):
            return problem
        return problem.perceived(fields.get("perception"), fields.get("reference"))
