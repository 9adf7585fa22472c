"""Finite alphabets: any joint law, any distortion measure, any target law."""

from __future__ import annotations

import math
import numbers
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from drc.errors import ProblemError
from drc.problems.roads import road
from drc.problems.validation import choice, number

#: How far from one the sum of a law may be: the rounding of a thousand printed digits, and no more.
SUM_TOLERANCE = Fraction(1, 10**9)


@dataclass(frozen=True, repr=False)
class Finite:
    """A label `S` and a source `X` with a joint law, a distortion measure, and perhaps a law that `Y` must have.

    Parameters
    ----------
    p_SX : array, shape (n_S, n_X)
        The joint law. Entries are floats or exact numbers; a float means the decimal that it prints as. A law whose
        sum misses one by at most 1e-9 is renormalised exactly.
    distortion : {"hamming", "squared"} or array, shape (n_X, n_Y)
        `d(x, y)`; the words compare the letters.
    p_Y : array, shape (n_Y,), optional
        The target law; left out, the law of the output is free.
    setting : {"one-shot", "asymptotic"}
    classifier_sees : {"YU", "Y"}, optional
        The default is "YU" for one-shot and "Y" for asymptotic problems.
    letters_S, letters_X, letters_Y : sequence, optional
        Names or values of the letters; left out, they are 0, 1, 2, ...

    Raises
    ------
    ProblemError
        For entries that are no probabilities, laws that do not sum to one, shapes that do not fit.

    Notes
    -----
    Source: [nguyen2026], sections 2 and 3. The problem is held in exact numbers, so that a bound on its optimum can be
    proved.

    Examples
    --------
    >>> f = Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.6, 0.4])
    >>> f
    Finite(n_S=2, n_X=2, n_Y=2, distortion='hamming', one-shot, classifier sees YU)
    >>> round(f.solve(R=0.8, C=0.95).value, 9)
    0.3
    """

    p_SX: Any
    distortion: Any = "hamming"
    p_Y: Any = None
    setting: str = "one-shot"
    classifier_sees: str | None = None
    letters_S: Any = None
    letters_X: Any = None
    letters_Y: Any = None

    def __post_init__(self) -> None:
        choice("setting", self.setting, ("one-shot", "asymptotic"))
        sees = self.classifier_sees or ("YU" if self.setting == "one-shot" else "Y")
        self._set("classifier_sees", choice("classifier_sees", sees, ("YU", "Y")))
        joint = _matrix("p_SX", self.p_SX, ("n_S", "n_X"), _probability)
        self._set("p_SX", _law("p_SX", joint))
        n_S, n_X = len(joint), len(joint[0])
        if not isinstance(self.distortion, str):
            self._set("distortion", _matrix("distortion", self.distortion, ("n_X", "n_Y"), _distortion))
            if len(self.distortion) != n_X:
                raise ProblemError(
                    f"distortion of shape {_shape(self.distortion)} does not fit p_SX of shape {(n_S, n_X)}:"
                    f" allowed is one row for each of the {n_X} symbols"
                )
        if self.p_Y is not None:
            (row,) = _matrix("p_Y", [_listed("p_Y", self.p_Y)], ("1", "n_Y"), _probability)
            self._set("p_Y", _law("p_Y", (row,))[0])
        for name, count in (("S", n_S), ("X", n_X), ("Y", self._outputs(n_X))):
            self._set(f"letters_{name}", self._letters(name, count))
        if isinstance(self.distortion, str):
            choice("distortion", self.distortion, ("hamming", "squared"))
            if self.distortion == "squared":
                for name in "XY":
                    self.letter_values(name)

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _outputs(self, n_X: int) -> int:
        """How many letters the output has; everything that says so must agree."""
        said = {}
        if not isinstance(self.distortion, str):
            said["distortion"] = len(self.distortion[0])
        if self.p_Y is not None:
            said["p_Y"] = len(self.p_Y)
        if self.letters_Y is not None:
            said["letters_Y"] = len(tuple(self.letters_Y))
        if len(set(said.values())) > 1:
            shapes = {"distortion": f"of shape ({n_X}, {said.get('distortion')})"}
            listed = ", ".join(f"{name} {shapes.get(name, f'of shape ({n},)')}" for name, n in said.items())
            raise ProblemError(f"{listed}: allowed is one number n_Y of output letters in all of them")
        return next(iter(said.values()), n_X)

    def _letters(self, name: str, count: int) -> tuple:
        given = getattr(self, f"letters_{name}")
        if given is None:
            # Without letters of its own, an output alphabet of the same size is the source alphabet.
            return self.letters_X if name == "Y" and count == len(self.letters_X) else tuple(range(count))
        letters = tuple(_listed(f"letters_{name}", given))
        if len(letters) != count:
            raise ProblemError(f"letters_{name} has {len(letters)} letters: allowed are {count}, one for each")
        if len(set(letters)) != count:
            raise ProblemError(f"letters_{name} = {letters} repeats a letter: allowed are distinct letters")
        return letters

    def letter_values(self, name: str) -> tuple:
        """Return the letters of "X" or "Y" as exact numbers.

        Raises
        ------
        ProblemError
            If a letter is no number.

        Examples
        --------
        >>> Finite([[0.5, 0.5]], "squared", letters_X=(0, 0.5)).letter_values("X")
        (Fraction(0, 1), Fraction(1, 2))
        """
        return tuple(exact_number(f"letters_{name}[{i}]", v) for i, v in enumerate(getattr(self, f"letters_{name}")))

    def __repr__(self) -> str:
        distortion = repr(self.distortion) if isinstance(self.distortion, str) else "given"
        return (
            f"Finite(n_S={len(self.p_SX)}, n_X={self.n_X}, n_Y={self.n_Y}, distortion={distortion},"
            f" {self.setting}, classifier sees {self.classifier_sees}{'' if self.p_Y else ', output law free'})"
        )

    @property
    def id(self) -> str:
        """The setting's name in the catalogue."""
        return f"finite.{self.setting}.{self.classifier_sees}"

    @property
    def n_S(self) -> int:
        """How many labels there are."""
        return len(self.p_SX)

    @property
    def n_X(self) -> int:
        """How many source symbols there are."""
        return len(self.p_SX[0])

    @property
    def n_Y(self) -> int:
        """How many output letters there are."""
        return len(self.letters_Y)

    @cached_property
    def exact_distortion(self) -> tuple:
        """The distortion `d(x, y)` in exact numbers: n_X rows of n_Y."""
        if not isinstance(self.distortion, str):
            return self.distortion
        if self.distortion == "hamming":
            return tuple(tuple(Fraction(int(x != y)) for y in self.letters_Y) for x in self.letters_X)
        pairs = self.letter_values("X"), self.letter_values("Y")
        return tuple(tuple((x - y) ** 2 for y in pairs[1]) for x in pairs[0])

    @cached_property
    def joint_law(self) -> np.ndarray:
        """`p_SX` as a read-only float array of shape (n_S, n_X)."""
        return _frozen(self.p_SX)

    @cached_property
    def source_law(self) -> np.ndarray:
        """`p_X` as a read-only float array of shape (n_X,)."""
        return _frozen([sum(column) for column in zip(*self.p_SX, strict=True)])

    @cached_property
    def label_law(self) -> np.ndarray:
        """`p_S` as a read-only float array of shape (n_S,)."""
        return _frozen([sum(row) for row in self.p_SX])

    @cached_property
    def target_law(self) -> np.ndarray | None:
        """`p_Y` as a read-only float array of shape (n_Y,); None if the output law is free."""
        return None if self.p_Y is None else _frozen(self.p_Y)

    @cached_property
    def distortions(self) -> np.ndarray:
        """`d(x, y)` as a read-only float array of shape (n_X, n_Y)."""
        return _frozen(self.exact_distortion)

    def solve(
        self,
        *,
        R: Any = None,
        C: Any = None,
        D: Any = None,
        P: Any = None,
        minimise: str = "D",
        tolerance: float = 1e-9,
        time_limit: float | None = None,
        method: str | None = None,
        unit: str = "bits",
    ):
        """Solve for the least distortion or the least rate, with a proof of the answer.

        Parameters
        ----------
        R, C, D : number, optional
            Bounds on the rate `H(Y|U)`, on `H(S|Y,U)` and on the distortion; one left out is inactive.
        P : None
            Perception bounds are not available here yet.
        minimise : {"D", "R"}
        tolerance : float
            The gap between the proved bounds that counts as optimal.
        time_limit : float, optional
            Seconds after which the best proved bounds are returned.
        method : {"highs", "cvxpy"}, optional
            Which linear program solver proposes the answer; both are certified alike.
        unit : {"bits", "nats"}
            The unit of `R` and `C`.

        Returns
        -------
        Solution

        Raises
        ------
        ProblemError
            For a bad bound, or too many maps.
        NotAvailableError
            For a setting without a solver yet.

        Examples
        --------
        >>> f = Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.6, 0.4])
        >>> f.solve(R=0.1, C=0.2).status
        'infeasible'
        """
        return road("solver", self.id)(
            self,
            minimise=minimise,
            R=R,
            C=C,
            D=D,
            P=P,
            tolerance=tolerance,
            time_limit=time_limit,
            method=method,
            unit=unit,
        )

    def surface(self, *, R: Any = None, C: Any = None, D: Any = None, minimise: str = "D", unit: str = "bits"):
        """Solve on a grid; see `drc.solvers.surface`.

        Parameters
        ----------
        R, C, D : array, one-dimensional
            The bounds: `R` and `C` for minimise="D", `D` and `C` for minimise="R".
        minimise : {"D", "R"}
        unit : {"bits", "nats"}

        Returns
        -------
        Surface

        Examples
        --------
        >>> Finite([[0.5, 0], [0, 0.5]]).surface(R=[0, 1], C=[0.5, 1]).value.round(9).tolist()
        [[inf, 0.5], [0.0, 0.0]]
        """
        return road("surface", self.id)(self, R=R, C=C, D=D, minimise=minimise, unit=unit)

    @classmethod
    def from_samples(
        cls,
        labels: Sequence,
        symbols: Sequence,
        targets: Sequence | None = None,
        *,
        distortion: Any = "hamming",
        p_Y: Any = None,
        **options: Any,
    ) -> Finite:
        """Take the empirical joint law of two sequences of equal length.

        Parameters
        ----------
        labels, symbols : sequence of hashable values
            One label and one source symbol a sample; letters are sorted.
        targets : sequence of hashable values, optional
            Samples of the target domain, of any length: their frequencies are `p_Y`.
        distortion : {"hamming", "squared"} or array, shape (n_X, n_Y)
        p_Y : "X", array or None
            "X" makes the target law that of the source; the default leaves it free, unless there are targets.
        **options
            `setting`, `classifier_sees`, `letters_Y`.

        Raises
        ------
        ProblemError
            For sequences that are empty, of different lengths, or hold values that cannot be letters.

        Examples
        --------
        >>> Finite.from_samples(["a", "b", "b", "b"], [0, 1, 1, 0], p_Y="X").p_SX
        ((Fraction(1, 4), Fraction(0, 1)), (Fraction(1, 4), Fraction(1, 2)))
        """
        labels, symbols = _samples("labels", labels), _samples("symbols", symbols)
        if len(labels) != len(symbols):
            raise ProblemError(f"{len(labels)} labels for {len(symbols)} symbols: allowed is one label a symbol")
        letters_S, letters_X = _sorted(labels), _sorted(symbols)
        counts = Counter(zip(labels, symbols, strict=True))
        joint = tuple(tuple(Fraction(counts[s, x], len(labels)) for x in letters_X) for s in letters_S)
        if targets is not None:
            if p_Y is not None:
                raise ProblemError("p_Y and targets are both given: allowed is one of them")
            targets = _samples("targets", targets)
            options["letters_Y"] = _sorted(targets)
            counts = Counter(targets)
            p_Y = tuple(Fraction(counts[y], len(targets)) for y in options["letters_Y"])
        elif isinstance(p_Y, str):
            choice("p_Y", p_Y, ("X",))
            options["letters_Y"] = letters_X
            p_Y = tuple(sum(column) for column in zip(*joint, strict=True))
        return cls(joint, distortion, p_Y, letters_S=letters_S, letters_X=letters_X, **options)

    @classmethod
    def read(cls, path: str | os.PathLike[str], **options: Any) -> Finite:
        r"""Read a problem from a CSV, JSON or NPZ file; see `drc.problems.files.read_finite`.

        Parameters
        ----------
        path : path
        **options
            Fields of `Finite`; they go before those of the file.

        Raises
        ------
        ProblemError
            Naming file, line and field.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "joint.csv"
        ...     _ = path.write_text("0.27,0.07\n0.03,0.63\n")
        ...     Finite.read(path, p_Y=[0.6, 0.4]).n_S
        2
        """
        from drc.problems.files import read_finite

        return read_finite(path, **options)


def exact_number(name: str, value: Any) -> Fraction | sp.Expr:
    """Return a number exactly: a `Fraction` where it is rational, else a sympy number.

    Parameters
    ----------
    name : str
        The parameter, for the message.
    value : number
        A float means the decimal that it prints as.

    Raises
    ------
    ProblemError
        If it is no finite real number.

    Examples
    --------
    >>> exact_number("R", 0.3)
    Fraction(3, 10)
    """
    # The first three are short cuts for laws of thousands of entries; `number` says the same of them.
    if isinstance(value, Fraction):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return Fraction(repr(float(value)))
    if isinstance(value, numbers.Integral) and not isinstance(value, bool | np.bool_):
        return Fraction(int(value))
    if isinstance(value, numbers.Rational) and not isinstance(value, bool | sp.Expr):
        return Fraction(int(value.numerator), int(value.denominator))
    value = number(name, value)
    if value.is_Rational:
        return Fraction(int(value.p), int(value.q))
    if value.is_infinite:
        raise ProblemError(f"{name} = {value} is no number: allowed is a finite one")
    return value


def _probability(name: str, value: Any) -> Fraction | sp.Expr:
    p = exact_number(name, value)
    if (p < 0) == True or (p > 1) == True:  # noqa: E712 (a sympy relation is no bool)
        raise ProblemError(f"{name} = {float(p):.12g} is no probability: allowed is 0 <= {name} <= 1")
    return p


def _distortion(name: str, value: Any) -> Fraction | sp.Expr:
    d = exact_number(name, value)
    if (d < 0) == True:  # noqa: E712
        raise ProblemError(f"{name} = {float(d):.12g} is no distortion: allowed is {name} >= 0")
    return d


def _listed(name: str, value: Any) -> list:
    if isinstance(value, np.ndarray | sp.MatrixBase):
        return value.tolist()
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise ProblemError(f"{name} = {value!r} is no sequence: allowed is a list or an array")
    return list(value)


def _matrix(name: str, value: Any, axes: tuple[str, str], entry: Any) -> tuple:
    if isinstance(value, np.ndarray) and value.ndim != 2:
        raise ProblemError(f"{name} has shape {value.shape}: allowed is ({axes[0]}, {axes[1]})")
    rows = _listed(name, value)
    if any(isinstance(row, str) or not isinstance(row, Iterable) for row in rows):
        raise ProblemError(f"{name} has one dimension: allowed is the shape ({axes[0]}, {axes[1]})")
    rows = [list(row) for row in rows]
    if not rows or not rows[0]:
        raise ProblemError(f"{name} is empty: allowed is the shape ({axes[0]}, {axes[1]}), each at least 1")
    lengths = sorted({len(row) for row in rows})
    if len(lengths) > 1:
        raise ProblemError(f"{name} has rows of {lengths[0]} and of {lengths[-1]} entries: allowed is one length")
    single = axes[0] == "1"
    return tuple(
        tuple(entry(f"{name}[{j}]" if single else f"{name}[{i}, {j}]", v) for j, v in enumerate(row))
        for i, row in enumerate(rows)
    )


def _law(name: str, rows: tuple) -> tuple:
    """Make the entries sum to one exactly, if they nearly do."""
    total = sum((p for row in rows for p in row), Fraction(0))
    if total == 1:
        return rows
    if isinstance(total, sp.Expr):
        total = sp.expand(total)
        if total == 1:
            return rows
        miss = abs(float(total - 1))
    else:
        miss = abs(total - 1)
    if miss > SUM_TOLERANCE:
        raise ProblemError(
            f"{name} sums to {float(total):.12g}, which misses one by {float(miss):.3g}:"
            f" allowed is a law that sums to one within {float(SUM_TOLERANCE):g}"
        )
    return tuple(tuple(p / total for p in row) for row in rows)


def _samples(name: str, values: Any) -> list:
    if isinstance(values, np.ndarray) and values.ndim != 1:
        raise ProblemError(f"{name} has shape {values.shape}: allowed is one value a sample, shape (n,)")
    values = _listed(name, values)
    if not values:
        raise ProblemError(f"{name} is empty: allowed is at least one sample")
    for i, value in enumerate(values):
        try:
            hash(value)
        except TypeError:
            raise ProblemError(f"{name}[{i}] = {value!r} is no letter: allowed are hashable values") from None
        if value != value:
            raise ProblemError(f"{name}[{i}] = {value!r} is no letter: leave out what is not known")
    return values


def _sorted(values: Iterable) -> tuple:
    letters = set(values)
    try:
        return tuple(sorted(letters))
    except TypeError:
        # Letters of several types have no order of their own; any fixed one will do.
        return tuple(sorted(letters, key=lambda v: (type(v).__name__, str(v))))


def _shape(rows: tuple) -> tuple[int, int]:
    return len(rows), len(rows[0])


def _frozen(values: Any) -> np.ndarray:
    array = np.array(
        [[float(v) for v in row] for row in values] if isinstance(values[0], tuple) else [float(v) for v in values]
    )
    array.setflags(write=False)
    return array
