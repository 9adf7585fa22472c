"""What is compressed, towards which target, and who may know what: the problems, and their validation."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drc.errors import about, must
from drc.problems.bernoulli import Bernoulli, PerceivedBernoulli
from drc.problems.family import Family
from drc.problems.finite import FIELDS, Finite
from drc.problems.gaussian import Gaussian, PerceivedGaussian
from drc.problems.gaussian_process import GaussianProcess
from drc.problems.laplace import Laplace
from drc.problems.problem import Problem
from drc.problems.symmetric import GroupUniform, MarySymmetric
from drc.problems.universal import UniversalBernoulli
from drc.problems.vector_gaussian import VectorGaussian

__all__ = [
    "Bernoulli",
    "Gaussian",
    "UniversalBernoulli",
    "VectorGaussian",
    "GaussianProcess",
    "Finite",
    "Family",
    "GroupUniform",
    "MarySymmetric",
    "Laplace",
    "Problem",
    "problem_of",
    "read_problem",
]


def read_problem(path: str | os.PathLike[str], *, samples: bool = False, **options: object) -> Problem:
    r"""Read a problem from a file that a user wrote, or that `save` did; parameters and errors are those of `Finite.read`.

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
    if "problem" in fields:
        return problem_of(path.name, fields, options)
    return (_gaussian if "sigma_X" in fields else Finite.of_fields)(path.name, fields, options)


def problem_of(name: str, fields: Mapping[str, object], options: Mapping[str, object] | None = None) -> Problem:
    """Make the problem that `Problem.save` wrote of its fields; `name` is that of the file, for messages.

    Raises
    ------
    ProblemError
        For an unknown kind of problem, or a field that it does not have or that is wrong.
    """
    from drc.problems.files import family_fields, parametric_fields, replaced

    kinds = {
        kind.__name__: kind
        for kind in (
            Bernoulli,
            PerceivedBernoulli,
            Gaussian,
            PerceivedGaussian,
            VectorGaussian,
            GroupUniform,
            MarySymmetric,
            Laplace,
            UniversalBernoulli,
            GaussianProcess,
            Family,
        )
    }
    kind, given = fields.get("problem"), {key: value for key, value in fields.items() if key != "problem"}
    if kind == "Finite":
        return Finite.of_fields(name, given, options or {})
    if kind not in kinds:
        raise must(f"{name}: the problem", f"be one of {', '.join(kinds)}, Finite", kind)
    known = tuple(field.name for field in dataclasses.fields(kinds[kind]))
    with about(name):
        read = family_fields if kind == "Family" else parametric_fields
        return kinds[kind](**read(name, replaced(name, given, options or {}, known)))


def _gaussian(name: str, fields: dict[str, Any], options: dict[str, Any]) -> Gaussian:
    from drc.problems.files import replaced

    own = tuple(field.name for field in dataclasses.fields(Gaussian))
    fields = replaced(name, fields, options, (*own, "perception", "reference"), " of a Gaussian")
    with about(name):
        problem = Gaussian(**{key: value for key, value in fields.items() if key in own})
        if fields.keys() <= set(own):
            return problem
        return problem.perceived(fields.get("perception"), fields.get("reference"))
