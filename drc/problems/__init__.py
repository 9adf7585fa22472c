"""What is compressed, towards which target, and who may know what: the problems, and their validation."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

from drc.errors import ProblemError
from drc.problems.bernoulli import Bernoulli
from drc.problems.finite import Finite
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
    fields = fields_in(path)
    return (_gaussian if "sigma_X" in fields else Finite.of_fields)(path.name, fields, options)


def _gaussian(name: str, fields: dict[str, Any], options: dict[str, Any]) -> Gaussian:
    fields = fields | {key: value for key, value in options.items() if value is not None}
    own = [field.name for field in dataclasses.fields(Gaussian)]
    perception = {key: fields.pop(key) for key in ("perception", "reference") if key in fields}
    unknown = [key for key in fields if key not in own]
    if unknown:
        raise ProblemError(
            f"{name}: the fields of a Gaussian must be among {', '.join(own)}, perception, reference, got {unknown[0]}"
        )
    try:
        problem = Gaussian(**fields)
        return problem.perceived(perception.get("perception"), perception.get("reference")) if perception else problem
    except ProblemError as error:
        raise ProblemError(f"{name}: {error}") from None
