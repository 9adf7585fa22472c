"""What `save` has written is read again: problems, trade-offs, solutions, curves and surfaces."""

from __future__ import annotations

import os
from pathlib import Path

from drc.errors import must
from drc.problems import Problem, read_problem
from drc.solvers import Curve, Solution, Surface
from drc.solvers.saved import KINDS, restored
from drc.strict_json import read_json
from drc.tradeoff import Tradeoff


def load(path: str | os.PathLike[str]) -> Problem | Tradeoff | Solution | Curve | Surface:
    """Read what `save` of a problem, trade-off, solution, curve or surface has written, or a problem's file.

    What is read equals what was saved. Nothing in a file is ever run: it may come from anybody.

    Parameters
    ----------
    path : path
        JSON, or a CSV or NPZ file of a problem, as in `drc.Finite.read`.

    Raises
    ------
    ProblemError
        If the file cannot be read, or does not hold one of these.

    Examples
    --------
    >>> import drc, tempfile
    >>> T = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = T.save(f"{folder}/T.json")
    ...     drc.load(path) == T
    True
    """
    path = Path(path)
    if path.suffix.lower() != ".json":
        return read_problem(path)
    held = read_json(path)
    if not isinstance(held, dict) or not held:
        raise must(path.name, "be an object", got=type(held).__name__)
    if "tradeoff" in held:
        return Tradeoff.of_fields(path.name, held)
    return restored(path.name, held) if next(iter(held)) in KINDS else read_problem(path)
