"""What every problem can be asked; theorems and solvers, which are above it, answer through `drc.doors`."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from dataclasses import Field, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
import sympy as sp

from drc import doors
from drc.errors import ProblemError, brief, must
from drc.files import write_whole
from drc.problems.validation import choice, exact, number, one_symbol_each, parameter
from drc.strict_json import to_json
from drc.units import unit_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from drc.doors import Curve, Solution, Surface, Tradeoff
    from drc.units import Unit


def classifier_given(setting: str, sees: str | None, time_sharing: bool = False, *, message: bool = False) -> str:
    """Return what the classifier sees; left out, `(Y, U)` for one-shot and `Y` for asymptotic problems.

    `message` says whether "Z", the message, is possible.

    Raises `ProblemError` for an unknown word, time sharing where the classifier sees `U` (it is part of `U` there) or the
    message (which says it), or the message in one shot.
    """
    choice("setting", setting, ("one-shot", "asymptotic"))
    sees = ("YU" if setting == "one-shot" else "Y") if sees is None else sees
    choice("classifier_sees", sees, ("YU", "Y", "Z") if message else ("YU", "Y"))
    if not isinstance(time_sharing, bool):
        raise must("time_sharing", "be True or False", time_sharing)
    if time_sharing and sees == "YU":
        raise ProblemError(
            "time_sharing must be False with classifier_sees='YU', got True: there the block index is part of U, so the"
            " function is convex without it"
        )
    if sees == "Z" and setting != "asymptotic":
        raise ProblemError(
            f"setting must be 'asymptotic' with classifier_sees='Z', got {setting!r}: in one shot the message may be Y"
            " itself, and classifier_sees='YU' is that problem"
        )
    if time_sharing and sees == "Z":
        raise ProblemError(
            "time_sharing must be False with classifier_sees='Z', got True: the message may say which code is in use, so the"
            " function is convex without it"
        )
    return sees


#: The parameters of labels, and values for which the label is independent of the source, or determines it.
_LABEL = {"q_S1": 0.0, "mu_S": 0.0, "sigma_S": 1.0, "theta": 0.0}


class Problem(ABC):
    """Base of the problems, which are frozen dataclasses."""

    __dataclass_fields__: ClassVar[dict[str, Field[object]]]

    def _set(self, name: str, value: object) -> None:
        """Set a field while the problem is made, as what was read of what was given."""
        object.__setattr__(self, name, value)

    @property
    @abstractmethod
    def id(self) -> str:
        """The setting's name in the catalogue."""

    @property
    def parameters(self) -> dict[str, sp.Expr]:
        """What may be a symbol, by name: nothing, where a problem is given in numbers."""
        return {}

    @property
    def neutral_label(self) -> dict[str, float]:
        """What may be taken for symbols that describe the label alone, by name, where nothing depends on the label.

        Examples
        --------
        >>> from drc.problems import Bernoulli
        >>> Bernoulli().neutral_label
        {'q_S1': 0.0}
        """
        of_label = {name: _LABEL.get(name, _LABEL.get(name.rstrip("0123456789"))) for name in self.parameters}
        others = set().union(*(v.free_symbols for n, v in self.parameters.items() if of_label[n] is None))
        found = ((self.parameters[name], value) for name, value in of_label.items() if value is not None)
        return {str(e): value for e, value in found if e.is_Symbol and e not in others}

    @property
    def assumptions(self) -> tuple[sp.Basic, ...]:
        """What its parameters must satisfy; empty without parameters."""
        return ()

    @abstractmethod
    def solve(self, *, minimise: str = "D", **bounds: object) -> Solution:
        """Find the least distortion or rate within bounds, with a certificate."""

    def out_of_range(self, numbers: Mapping[str, ArrayLike]) -> np.ndarray:
        """Mark, element by element, numbers for parameters that are out of range; by default all are in range."""
        return np.zeros((), bool)

    @property
    def is_known_everywhere(self) -> bool:
        """Whether a trade-off has a value for all bounds."""
        return True

    def check_bounds(self, bounds: Mapping[str, ArrayLike], unit: Unit) -> None:
        """Refuse bounds of a trade-off for which the optimum is not known; by default there are none.

        Raises
        ------
        NotAvailableError
            Saying for which bounds it is.
        """
        del bounds, unit

    def changed(self, **parameters: object) -> Self:
        """Return the problem with other values of some parameters."""
        return replace(self, **parameters)  # pyright: ignore[reportArgumentType]

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the problem as a JSON file, exact numbers and expressions included, which `drc.load` reads.

        Of a finite problem it is the file that `Finite.read` and the command line read.

        Raises
        ------
        ProblemError
            For letters that are neither text nor numbers.
        """
        from drc.problems.files import fields_of

        return write_whole(path, to_json(fields_of(self)) + "\n")

    def _tradeoff(self, name: str, form: str, unit: str) -> Tradeoff:
        """Return the trade-off of this name, derived or as a paper prints it."""
        formula = {"exact": doors.theorem, "published": doors.published}[choice("form", form, ("exact", "published"))]
        return formula(f"{self.id}.{name}")(self, unit_named(unit))

    def curve(self, **options: object) -> Curve:
        """Trace the least distortion or rate along one bound; see `drc.solvers.sweep.curve`.

        Parameters
        ----------
        R, C, D, P : number, (low, high), or array
            Bounds. A pair is a range in which points are put where they are needed; a list holds the points.
        minimise : {"D", "R"}
        along : {"R", "D", "P", "C"}, optional
            A bound that varies over the whole range in which the optimum changes; the default is the rate.
        points : int
            At most this many.
        resolution, tolerance, time_limit, method, unit, progress
            As in `drc.solvers.sweep.curve`.

        Returns
        -------
        Curve
            With `table()`, `to_csv()`, `frame()`, `plot()`, `lower_at(x)` and `upper_at(x)`.

        Raises
        ------
        ProblemError
            For invalid bounds, or a range that has no end.

        Examples
        --------
        >>> import drc
        >>> c = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).curve(R=[0, 0.4, 0.8], C=0.95)
        >>> c.value.round(4).tolist()
        [0.46, 0.2694, 0.1]
        """
        return doors.curve(self, **options)

    def surface(self, **options: object) -> Surface:
        """Solve on a grid of bounds; see `drc.solvers.sweep.surface`.

        Parameters
        ----------
        R, C, D, P : array, (low, high) or "all"
            Bounds: values, or a range that is filled with `points` values where they are needed.
        minimise : {"D", "R"}
        points : int
            How many values a range gets.
        tolerance, time_limit, method, unit, progress
            As in `drc.solvers.sweep.surface`.

        Returns
        -------
        Surface
            With `table()`, `to_csv()`, `frame()` and `plot()`.

        Raises
        ------
        ProblemError
            For invalid bounds.

        Examples
        --------
        >>> import drc
        >>> drc.Finite([[0.5, 0], [0, 0.5]]).surface(R=[0, 1], C=[0.5, 1]).value.round(9).tolist()
        [[inf, 0.5], [0.0, 0.0]]
        """
        return doors.surface(self, **options)


class Parametric(Problem):
    """A problem with a few parameters, each a number, an expression or a symbol; one left out is the symbol of its name."""

    _PARAMETERS: ClassVar[tuple[str, ...]]

    @property
    def _unused(self) -> tuple[str, ...]:
        """The parameters that no solver needs as numbers."""
        return ()

    @property
    def parameters(self) -> dict[str, sp.Expr]:
        """The parameters by name."""
        return {name: getattr(self, name) for name in self._PARAMETERS}

    @property
    def numbers(self) -> dict[str, sp.Expr]:
        """The parameters by name, all of them numbers; those that do not matter to the problem are left out.

        Raises
        ------
        ProblemError
            If another one is still a symbol.
        """
        return {name: number(name, value) for name, value in self.parameters.items() if name not in self._unused}

    def _take(self, symbol: sp.Symbol, *ends: sp.Expr) -> None:
        """Read the parameter of this name, within `ends` if they are given."""
        given = getattr(self, symbol.name)
        self._set(symbol.name, parameter(symbol, symbol if given is None else given, *ends))
        # Parameters that have not been taken yet may still be as a user wrote them.
        one_symbol_each({n: exact(n, v) for n, v in self.parameters.items() if isinstance(v, sp.Expr)})

    def drc(self, *, form: str = "exact", unit: str = "bits") -> Tradeoff:
        """Least distortion for a rate and a classification bound: the trade-off `D(R, C)`.

        Parameters
        ----------
        form : {"exact", "published"}
            The derived trade-off, or the one that the paper prints.
        unit : {"bits", "nats"}
            The unit of `R` and `C`.

        Returns
        -------
        Tradeoff
            Of `R` alone where common randomness is limited.

        Raises
        ------
        NotAvailableError
            For a setting that no theorem covers yet; `solve` gives numbers for most of them.

        Examples
        --------
        >>> import drc
        >>> drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc().regime(R=0.4, C=0.75)
        'rate-limited'
        >>> drc.VectorGaussian([1, 1], [1, 1], [1, 1], [0.5, 0.5]).drc()(R=0)
        4.0
        """
        return self._tradeoff("drc", form, unit)

    def rdc(self, *, form: str = "exact", unit: str = "bits") -> Tradeoff:
        """Least rate for a distortion and a classification bound: the trade-off `R(D, C)`.

        Parameters, returns and errors are those of `drc`.

        Examples
        --------
        >>> import drc
        >>> drc.Gaussian(0, 1, 0, 1, 0, 1, 0.5).rdc()(D=2)
        0.0
        """
        return self._tradeoff("rdc", form, unit)

    def cdr(self, *, form: str = "exact", unit: str = "bits") -> Tradeoff:
        """Least uncertainty about the label for a rate and a distortion: the trade-off `C(R, D)`.

        Parameters, returns and errors are those of `drc`; so far only `MarySymmetric` has it, and `solve(minimise="C")`
        gives numbers for finite problems.

        Examples
        --------
        >>> import drc
        >>> round(drc.MarySymmetric(4, 0.1).cdr()(R=1, D=0.4), 6)
        1.313746
        """
        return self._tradeoff("cdr", form, unit)


class Perceivable(Parametric):
    """A problem whose target law may be replaced by a perception constraint."""

    #: The measures that it may have; the first is the default.
    MEASURES: ClassVar[tuple[str, ...]]

    @abstractmethod
    def perceived(self, perception: str, reference: object = None) -> Perceivable:
        """Return the problem with a perception constraint instead of its target law."""

    @property
    def _asked(self) -> tuple[str, Problem]:
        """The name of the solver, and the problem that it is asked about."""
        return f"{self.id}.perception" if hasattr(self, "perception") else self.id, self

    def drpc(
        self, *, perception: str | None = None, reference: object = None, form: str = "exact", unit: str = "bits"
    ) -> Tradeoff:
        """Least distortion for bounds on rate, perception and classification: the trade-off `D(R, P, C)`.

        The law of `Y` is free within `P` of a reference law; the target law is not used. For asymptotic Bernoulli problems
        it is `D(R, P)`, without a classification constraint: `solve` takes one.

        Parameters
        ----------
        perception : {"TV", "W2", "KL"}, optional
            `P` bounds total variation (for Bernoulli problems, whose default it is), `W_2^2(p_Y, p_ref)` (the default for
            Gaussian ones) or `KL(p_Y || p_ref)`.
        reference : probability, or (mu, sigma), optional
            The law `p_ref`; left out, it is the law of the source.
        form : {"exact", "published"}
            The derived trade-off, or the one that the paper prints (where the reference is the law of the source).
        unit : {"bits", "nats"}
            The unit of `R`, `C` and a KL `P`.

        Raises
        ------
        ProblemError
            For an unknown measure, or a reference that is not such a law.
        NotAvailableError
            For `KL(p_ref || p_Y)`, or a setting that no theorem covers yet.

        Examples
        --------
        >>> import drc
        >>> drc.Bernoulli(q_X=0.3, q_S1=0.1).drpc(reference=0.4)(R=0.8, P=[0, 0.05, 0.1]).round(6).tolist()
        [0.1, 0.058741, 0.038741]
        >>> g = drc.Gaussian(mu_X=0, sigma_X=1, mu_S=0, sigma_S=1, theta=0.5)
        >>> g.drpc(perception="W2")(R=1, P=[0, 0.01, 0.04]).round(6).tolist()
        [0.267949, 0.251154, 0.25]
        """
        return self._perceived_tradeoff("drpc", perception, reference, form, unit)

    def rdpc(
        self, *, perception: str | None = None, reference: object = None, form: str = "exact", unit: str = "bits"
    ) -> Tradeoff:
        """Least rate for bounds on distortion, perception and classification: the trade-off `R(D, P, C)`.

        Parameters, returns and errors are those of `drpc`; for asymptotic Bernoulli problems it is `R(D, P)`.

        Examples
        --------
        >>> import drc
        >>> drc.Bernoulli(q_X=0.5, q_S1=0).rdpc()(D=0.25, P=0)
        0.5
        >>> g = drc.Gaussian(mu_X=0, sigma_X=1, mu_S=0, sigma_S=1, theta=0.5)
        >>> round(g.rdpc(perception="KL")(D=0.25, P=0), 6)
        1.046555
        """
        return self._perceived_tradeoff("rdpc", perception, reference, form, unit)

    def _perceived_tradeoff(
        self, name: str, perception: str | None, reference: object, form: str, unit: str
    ) -> Tradeoff:
        problem = self.perceived(self.MEASURES[0] if perception is None else perception, reference)
        return problem._tradeoff(f"{name}.{problem.perception}", form, unit)  # pyright: ignore[reportAttributeAccessIssue] (perceived)

    def solve(self, *, minimise: str = "D", **bounds: object) -> Solution:
        """Solve the problem numerically, and prove the answer.

        A Bernoulli problem is solved over all channels from a bit to a bit, see `Finite.solve`; a Gaussian one over the
        correlation of `X` and `Y`, and with a perception constraint over mean and standard deviation, by branch and bound in
        ball arithmetic.

        Parameters
        ----------
        minimise : {"D", "R"}
        R, D, C, P : number, optional
            The constraints; one left out is inactive.
        perception, reference : optional
            As for `drpc`. With one of them the law of `Y` is free within `P` of the reference; without, it is the target
            law.
        unit : {"bits", "nats"}
        tolerance : float
            The gap that counts as optimal, as a part of the spread of the costs (one for bits, the variance of a Gaussian
            source), or of one bit where the rate is minimised.

        Examples
        --------
        >>> import drc
        >>> drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).solve(R=0.8, C=0.95).status
        'optimal'
        >>> alone, shared = (drc.Bernoulli(0.3, 0.8, 0.1, "asymptotic", time_sharing=share) for share in (False, True))
        >>> round(alone.solve(R=0.3, C=0.75).value, 6), round(shared.solve(R=0.3, C=0.75).value, 6)
        (0.856316, 0.780672)
        >>> drc.Gaussian(0, 1, 0, 1, 0, 1, 0.5).solve(R=1).status
        'optimal'
        """
        constraint = {name: bounds.pop(name) for name in ("perception", "reference") if name in bounds}
        if constraint:
            problem = self.perceived(**{"perception": self.MEASURES[0], **constraint})
            return problem.solve(minimise=minimise, **bounds)
        if bounds.get("P") is not None and getattr(self, "perception", None) is None:
            measures = " or ".join(map(repr, self.MEASURES))
            raise ProblemError(
                f"P must come with a perception measure, got P = {brief(bounds['P'])} alone: give perception={measures}"
            )
        name, problem = self._asked
        return doors.solve(name, problem, minimise=minimise, **bounds)
