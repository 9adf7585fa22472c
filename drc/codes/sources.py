"""Sources as codes see them: symbols that are allowed, samples with their labels, names of letters, normal laws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard, TypeVar

import numpy as np

from drc.codes.container import is_number
from drc.errors import NotAvailableError, ProblemError, must
from drc.problems import Bernoulli, Finite, Gaussian
from drc.problems.validation import number

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from drc.problems import Problem
    from drc.solvers import Solution

#: How many standard deviations from the mean a sample may lie; beyond, there are fewer than one in 10^18.
REACH = 9


#: What a law in a header must be.
A_LAW = "be a mean and a positive standard deviation"

#: Why a solution with a plan may have no code.
SHARED = "time sharing of blocks has no code here; time_sharing must be False"
ENDLESS = "R must be finite for a code, got inf; give R, or minimise='R' with D"

Known = TypeVar("Known")

#: Mean and standard deviation.
Law = tuple[float, float]


@dataclass(frozen=True)
class FiniteSource:
    """The source of a problem with a finite alphabet; its symbols are indices of letters."""

    problem: Finite

    def symbols(self, x: ArrayLike, first: int = 0) -> np.ndarray:
        """Check indices of letters; `ProblemError` names the position of what is not a letter, or has no probability."""
        problem = self.problem
        x = _row(x, "iu", "indices of letters")
        if (at := _first((x < 0) | (x >= problem.n_X))) is not None:
            raise must(f"x[{first + at}]", f"be a letter, from 0 to {problem.n_X - 1}", got=f"{x[at]}")
        x = x.astype(np.int32)
        if (at := _first((problem.source_law == 0)[x])) is not None:
            letter = letter_names(problem.letters_X)[x[at]]
            raise must(f"x[{first + at}]", "have positive probability", got=f"{x[at]}, letter {letter!r}")
        return x

    def indices(self, letters: Sequence, first: int = 0) -> np.ndarray:
        """Return the indices of letters; `ProblemError` names the position of what is not a letter."""
        names = letter_names(self.problem.letters_X)
        place = {letter: i for i, letter in enumerate(names)}
        found = [place.get(letter, -1) for letter in letters]
        if -1 in found:
            at, known = found.index(-1), ", ".join(map(repr, names))
            raise must(f"x[{first + at}]", f"be one of the letters {known}", letters[at])
        return np.array(found, dtype=np.int32)

    def sample(self, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw labels and source symbols from the joint law: indices of letters, int32, of shape (n,) each."""
        joint = self.problem.joint_law
        cells = np.flatnonzero(joint)
        ends = np.cumsum(joint.ravel()[cells])[:-1]
        drawn = cells[np.searchsorted(ends, np.random.default_rng(seed).random(n), side="right")]
        s, x = np.divmod(drawn, self.problem.n_X)
        return s.astype(np.int32), x.astype(np.int32)


@dataclass(frozen=True)
class NormalSource:
    """A normal source; its symbols are real numbers.

    Attributes
    ----------
    problem : Gaussian or None
        Where the law of the label is, if it is known.
    """

    mean: float
    deviation: float
    problem: Gaussian | None = None

    def symbols(self, x: ArrayLike, first: int = 0) -> np.ndarray:
        """Check samples; `ProblemError` names the position of what is not a number, or 9 standard deviations off."""
        x = _row(x, "iuf", "real numbers").astype(np.float64)
        # Not a comparison the other way round: it holds for nan, too.
        if (at := _first(~(np.abs(x - self.mean) <= REACH * self.deviation))) is not None:
            range_ = f"{REACH} sigma_X = {REACH * self.deviation:g} of the mean {self.mean:g}"
            raise must(f"x[{first + at}]", f"be within {range_}", got=f"{x[at]:g}")
        return x

    def indices(self, letters: Sequence[object], first: int = 0) -> np.ndarray:
        """Refuse letters, which this source does not have."""
        raise must(f"x[{first}]", "be a number", letters[0] if letters else letters)

    @property
    def label(self) -> tuple[float, float, float]:
        """Mean and standard deviation of the label, and its correlation with `X`; a mean that is a symbol is taken for 0."""
        problem = known_problem(self.problem)
        numbers = {name: float(value) for name, value in problem.numbers.items()}
        mean = problem.parameters["mu_S"]
        mean = 0.0 if mean.free_symbols else float(number("mu_S", mean))
        return mean, numbers["sigma_S"], numbers["theta"] / (numbers["sigma_S"] * self.deviation)

    def sample(self, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw labels and source samples from the joint law, of shape (n,) each."""
        mean, deviation, rho = self.label
        z = np.random.default_rng(seed).standard_normal((2, n))
        s = mean + deviation * (rho * z[0] + math.sqrt(max(0.0, 1 - rho**2)) * z[1])
        return s, self.mean + self.deviation * z[0]


def letter_names(letters: ArrayLike | None) -> list:
    """Return the names of the letters of a problem, which has read them as a list."""
    return list(letters)  # pyright: ignore[reportArgumentType] (declared as what a caller may give)


def in_letters(problem: Problem) -> Finite | Gaussian:
    """Return a problem as codes have it: a binary one in its finite form; `ProblemError` for one without a code."""
    problem = problem.finite() if isinstance(problem, Bernoulli) else problem
    if not isinstance(problem, Finite | Gaussian):
        raise must("problem", "be Bernoulli, Finite or Gaussian for a code", got=type(problem).__name__)
    return problem


def known_problem(problem: Known | None) -> Known:
    """Return the problem of a code; `ProblemError` if there is none, as the code was read from a file."""
    if problem is None:
        only = "the code was read from a file, so it can only decode"
        raise ProblemError(f"{only}: make one that encodes by drc.codec(problem)")
    return problem


def planned(solution: Solution, part: Known | None) -> Known:
    """Return what a code makes of a solution; `ProblemError` if the solution has no plan."""
    if part is None:
        raise ProblemError(f"the solution must have a plan to code with, got status {solution.status!r}")
    return part


def laws_of(problem: Gaussian, solution: Solution) -> tuple[Law, Law]:
    """Return the laws of `X` and of `Y` that a solution has; `NotAvailableError` for limited common randomness."""
    if problem.is_limited:
        raise NotAvailableError("a Gaussian with limited common randomness has no code here; R_c must be oo")
    planned(solution, solution.rho)
    numbers = {name: float(value) for name, value in problem.numbers.items()}
    mean, deviation = solution.law or (numbers["mu_Y"], numbers["sigma_Y"])
    return (numbers["mu_X"], numbers["sigma_X"]), (float(mean), float(deviation))


def is_law(value: object) -> TypeGuard[list[float]]:
    """Say whether a field of a header is a normal law as encoders write it."""
    return isinstance(value, list) and len(value) == 2 and all(map(is_number, value)) and value[1] > 0


def as_law(field: list[float]) -> Law:
    """Return the normal law that a field of a header has."""
    mean, deviation = field
    return mean, deviation


def squared_error(source: Law, target: Law, rho: float) -> float:
    """Return `E (X - Y)^2` at a correlation."""
    (mean, deviation), (other, spread) = source, target
    return (mean - other) ** 2 + deviation**2 + spread**2 - 2 * deviation * spread * rho


def label_bits(deviation: float, rho: float = 0.0) -> float:
    """Return `h(S|Y)` in bits, for normal `S` and `Y` with this correlation, and `S` with this standard deviation.

    Examples
    --------
    >>> round(label_bits(0.8) - label_bits(0.8, 0.6), 6), label_bits(1, 1)
    (0.321928, -inf)
    """
    left = deviation**2 * (1 - rho**2)
    return math.log2(2 * math.pi * math.e * left) / 2 if left > 0 else -math.inf


def label_joint(problem: Finite, coupling: np.ndarray) -> np.ndarray:
    """Return the joint law of the label and `Y`, since `S - X - Y`, of a coupling of `X` and `Y`."""
    return problem.joint_law / np.where(problem.source_law > 0, problem.source_law, 1) @ coupling


def named(names: Sequence, y: np.ndarray) -> np.ndarray:
    """Return the names of letters that are given by their indices."""
    kinds = {isinstance(name, str) for name in names}
    # Of words and numbers together numpy would make words.
    return np.array(names, dtype=object if len(kinds) > 1 else None)[y]


def is_names(value: object) -> TypeGuard[list[int | float | str]]:
    """Say whether a field of a header holds names of letters."""
    return isinstance(value, list) and all(isinstance(name, int | float | str) for name in value)


def plain(names: Sequence) -> list:
    """Return names of letters as JSON knows them."""
    known = all(isinstance(name, int | float | str) and not isinstance(name, bool) for name in names)
    return [name if known else str(name) for name in names]


def _row(given: object, kinds: str, what: str) -> np.ndarray:
    if isinstance(given, np.ma.MaskedArray):
        raise must("x", "be an array without a mask", given)
    x = np.asarray(given)
    if x.ndim != 1 or (x.size and x.dtype.kind not in kinds):
        raise must("x", f"be one row of {what}", got=f"shape {x.shape} and type {x.dtype}")
    return x


def _first(marks: np.ndarray) -> int | None:
    """Return the place of the first mark, if there is one."""
    return int(marks.argmax()) if marks.any() else None
