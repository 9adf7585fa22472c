"""Bernoulli source, Hamming distortion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from drc import doors
from drc.errors import NotAvailableError, ProblemError, must
from drc.problems.finite import Finite
from drc.problems.perception import measure
from drc.problems.problem import Problem
from drc.problems.validation import choice, exact, in_range, number

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from drc.doors import Solution, Tradeoff

q_X, q_Y, q_S1, q_ref = sp.symbols("q_X q_Y q_S1 q_ref", real=True)


@dataclass(frozen=True)
class Bernoulli(Problem):
    """`X ~ Bern(q_X)`, target `Y ~ Bern(q_Y)`, label `S = X xor S_1` with `S_1 ~ Bern(q_S1)`; Hamming distortion.

    Parameters
    ----------
    q_X, q_Y, q_S1 : number, sympy expression or None
        Probabilities of a one; left out, they are the symbols `q_X`, `q_Y`, `q_S1`.
    setting : {"one-shot", "asymptotic"}
    classifier_sees : {"YU", "Y"}, optional
        What the classifier is shown: the reconstruction and the common randomness, or only the reconstruction.
        The default is "YU" for one-shot and "Y" for asymptotic problems.
    time_sharing : bool
        Whether blocks may use different codes, each with the target law; encoder, decoder and classifier know which is in
        use. The trade-off is then the lower convex envelope in `(R, C)`. Only for `classifier_sees="Y"`.

    Raises
    ------
    ProblemError
        For a value that is not a probability, an unknown word, or time sharing where the classifier sees `U`: it is part of
        `U` there.

    Notes
    -----
    Source: [nguyen2026], section 3.

    Examples
    --------
    >>> Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc()(R=0.8, C=0.95)
    0.1
    """

    q_X: Any = None
    q_Y: Any = None
    q_S1: Any = None
    setting: str = "one-shot"
    classifier_sees: str | None = None
    time_sharing: bool = False

    def __post_init__(self) -> None:
        for name, symbol in (("q_X", q_X), ("q_Y", q_Y), ("q_S1", q_S1)):
            given = getattr(self, name)
            value = symbol if given is None else exact(name, given)
            object.__setattr__(self, name, in_range(name, value, sp.S.Zero, sp.S.One))
        choice("setting", self.setting, ("one-shot", "asymptotic"))
        sees = self.classifier_sees
        sees = ("YU" if self.setting == "one-shot" else "Y") if sees is None else sees
        object.__setattr__(self, "classifier_sees", choice("classifier_sees", sees, ("YU", "Y")))
        if not isinstance(self.time_sharing, bool):
            raise must("time_sharing", "be True or False", self.time_sharing)
        if self.time_sharing and self.classifier_sees == "YU":
            raise ProblemError(
                "time_sharing must be False with classifier_sees='YU', got True: there the block index is part of U, so the"
                " function is convex without it"
            )

    @property
    def id(self) -> str:
        """The setting's name in the catalogue."""
        return f"bernoulli.{self.setting}.{self.classifier_sees}" + (".time-shared" if self.time_sharing else "")

    @property
    def parameters(self) -> dict[str, sp.Expr]:
        """The parameters by name."""
        return {"q_X": self.q_X, "q_Y": self.q_Y, "q_S1": self.q_S1}

    @property
    def assumptions(self) -> tuple[sp.Basic, ...]:
        """What is allowed for the parameters that are still symbols; `out_of_range` checks numbers by the same."""
        return tuple(
            sp.And(sp.Le(0, p, evaluate=False), sp.Le(p, 1, evaluate=False), evaluate=False)
            for p in self.parameters.values()
            if p.free_symbols
        )

    def out_of_range(self, numbers: Mapping[str, ArrayLike]) -> np.ndarray:
        """Mark, element by element, parameters that are not probabilities; arrays broadcast."""
        return np.logical_or.reduce(
            np.broadcast_arrays(*((np.less(p, 0) | np.greater(p, 1)) for p in numbers.values()))
        )

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

        Raises
        ------
        NotAvailableError
            For a setting that no theorem covers yet; with time sharing, asymptotically: `solve` gives numbers there.

        Examples
        --------
        >>> Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc().regime(R=0.4, C=0.75)
        'rate-limited'
        """
        return self._tradeoff("drc", form, unit)

    def rdc(self, *, form: str = "exact", unit: str = "bits") -> Tradeoff:
        """Least rate for a distortion and a classification bound: the trade-off `R(D, C)`.

        Parameters, returns and errors are those of `drc`.

        Examples
        --------
        >>> Bernoulli(q_X=0.5, q_Y=0.5, q_S1=0).rdc()(D=0.25)
        0.5
        """
        return self._tradeoff("rdc", form, unit)

    def _tradeoff(self, name: str, form: str, unit: str) -> Tradeoff:
        if self.time_sharing and self.setting == "asymptotic":
            raise NotAvailableError(
                f"{self.id}.{name} has no closed form: the optimal component codes depend on the bounds; solve() gives the"
                " value with a proof, and time_sharing=False or setting='one-shot' a formula"
            )
        return super()._tradeoff(name, form, unit)

    def drpc(
        self, *, perception: str = "TV", reference: Any = None, form: str = "exact", unit: str = "bits"
    ) -> Tradeoff:
        """Least distortion for bounds on rate, perception and classification: the trade-off `D(R, P, C)`.

        The law of `Y` is free within `P` of a reference law; `q_Y` is not used. For asymptotic problems it is `D(R, P)`,
        without a classification constraint: `solve` takes one.

        Parameters
        ----------
        perception : {"TV", "W2", "KL"}
            `P` bounds total variation, `W_2^2(p_Y, p_ref)` (the same for bits) or `KL(p_Y || p_ref)`.
        reference : probability, optional
            `P(Y = 1)` of the law `p_ref`; left out, it is the law of the source.
        form : {"exact", "published"}
        unit : {"bits", "nats"}
            The unit of `R`, `C` and a KL `P`.

        Returns
        -------
        Tradeoff

        Raises
        ------
        ProblemError
            For an unknown measure, or a reference that is not a probability.
        NotAvailableError
            For `KL(p_ref || p_Y)`, or a setting that no theorem covers yet.

        Examples
        --------
        >>> Bernoulli(q_X=0.3, q_S1=0.1).drpc(reference=0.4)(R=0.8, P=[0, 0.05, 0.1]).round(6).tolist()
        [0.1, 0.058741, 0.038741]
        """
        return self._perceived_tradeoff("drpc", perception, reference, form, unit)

    def rdpc(
        self, *, perception: str = "TV", reference: Any = None, form: str = "exact", unit: str = "bits"
    ) -> Tradeoff:
        """Least rate for bounds on distortion, perception and classification: the trade-off `R(D, P, C)`.

        For asymptotic problems it is `R(D, P)`, without a classification constraint: `solve` takes one.

        Parameters, returns and errors are those of `drpc`.

        Examples
        --------
        >>> Bernoulli(q_X=0.5, q_S1=0).rdpc()(D=0.25, P=0)
        0.5
        """
        return self._perceived_tradeoff("rdpc", perception, reference, form, unit)

    def perceived(self, perception: str = "TV", reference: Any = None) -> PerceivedBernoulli:
        """Return the problem with a perception constraint instead of its target law.

        Parameters
        ----------
        perception : {"TV", "W2", "KL"}
        reference : probability, optional
            `P(Y = 1)` of the reference law; left out, it is the law of the source.

        Raises
        ------
        ProblemError
            For a reference that is not a probability.

        Examples
        --------
        >>> Bernoulli(q_X=0.3).perceived("TV").q_ref
        3/10
        """
        if isinstance(reference, tuple | list):
            raise must(
                "reference", "be one probability, P(Y = 1), or None for the distribution of the source", reference
            )
        own = {field.name: getattr(self, field.name) for field in fields(Bernoulli)}
        return PerceivedBernoulli(**own, perception=perception, q_ref=self.q_X if reference is None else reference)

    def _perceived_tradeoff(self, name: str, perception: str, reference: Any, form: str, unit: str) -> Tradeoff:
        problem = self.perceived(perception, reference)
        return problem._tradeoff(f"{name}.{problem.perception}", form, unit)

    def finite(self) -> Finite:
        """Return the same problem as a finite one, with numbers for all parameters.

        Raises
        ------
        ProblemError
            If a parameter is still a symbol.
        """
        x, y, e = (number(name, value, what="probability") for name, value in self.parameters.items())
        return Finite(joint_of_bits(x, e), p_Y=[1 - y, y], **self._setting())

    def _setting(self) -> dict[str, Any]:
        """What a finite problem calls its setting."""
        names = ("setting", "classifier_sees", "time_sharing")
        return {name: getattr(self, name) for name in names}

    def solve(self, *, minimise: str = "D", **bounds: Any) -> Solution:
        """Solve the problem over all channels from a bit to a bit, and prove the answer; see `Finite.solve`.

        With `perception` ("TV", "W2" or "KL") or `reference` (a probability; left out, the law of the source), the law of
        `Y` is free within `P` of the reference; without, it is the target law.

        Examples
        --------
        >>> Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).solve(R=0.8, C=0.95).status
        'optimal'
        >>> alone, shared = (Bernoulli(0.3, 0.8, 0.1, "asymptotic", time_sharing=share) for share in (False, True))
        >>> round(alone.solve(R=0.3, C=0.75).value, 6), round(shared.solve(R=0.3, C=0.75).value, 6)
        (0.856316, 0.780672)
        """
        if "perception" in bounds or "reference" in bounds:
            problem = self.perceived(bounds.pop("perception", "TV"), bounds.pop("reference", None))
            return problem.solve(minimise=minimise, **bounds)
        if bounds.get("P") is not None:
            raise ProblemError(
                f"P must come with a perception measure, got P = {bounds['P']} alone: give perception='TV', 'W2' or 'KL'"
            )
        return doors.solve(self.id, self.finite(), minimise=minimise, **bounds)


@dataclass(frozen=True)
class PerceivedBernoulli(Bernoulli):
    """A Bernoulli problem whose `Y` may have any law within `P` of `p_ref = Bern(q_ref)`.

    The target law, `q_Y`, is not used.

    Parameters
    ----------
    perception : {"TV", "W2", "KL"}
        Total variation, `W_2^2(p_Y, p_ref)` or `KL(p_Y || p_ref)`. For bits the first two are equal.
    q_ref : number, sympy expression or None
        Left out, it is the symbol `q_ref`.

    Examples
    --------
    >>> b = PerceivedBernoulli(q_X=0.3, q_S1=0.1, perception="KL", q_ref=0.4)
    >>> b.perception, b.parameters["q_ref"]
    ('KL', 2/5)
    """

    perception: str = "TV"
    q_ref: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "perception", measure(self.perception))
        value = q_ref if self.q_ref is None else exact("q_ref", self.q_ref)
        object.__setattr__(self, "q_ref", in_range("q_ref", value, sp.S.Zero, sp.S.One))

    @property
    def parameters(self) -> dict[str, sp.Expr]:
        """The parameters by name."""
        return {**super().parameters, "q_ref": self.q_ref}

    @property
    def numbers(self) -> dict[str, sp.Expr]:
        """The parameters by name, all of them numbers; `q_Y`, which is not used, is left out.

        Raises
        ------
        ProblemError
            If another one is still a symbol.
        """
        needed = {name: value for name, value in self.parameters.items() if name != "q_Y"}
        return {name: number(name, value, what="probability") for name, value in needed.items()}

    def finite(self) -> Finite:
        """Return the same problem as a finite one, with numbers for all parameters.

        Raises
        ------
        ProblemError
            If a parameter is still a symbol.

        Examples
        --------
        >>> PerceivedBernoulli(q_X=0.3, q_S1=0.1, perception="KL", q_ref=0.4).finite().reference
        (Fraction(3, 5), Fraction(2, 5))
        """
        n = self.numbers
        law = joint_of_bits(n["q_X"], n["q_S1"])
        reference = [1 - n["q_ref"], n["q_ref"]]
        return Finite(law, perception=self.perception, reference=reference, **self._setting())

    def solve(self, *, minimise: str = "D", **bounds: Any) -> Solution:
        """Minimise over the plans and the laws of `Y` within `P`, the bound on the perception measure."""
        return doors.solve(f"{self.id}.perception", self, minimise=minimise, **bounds)


def joint_of_bits(q_X: Any, q_S1: Any) -> list[list[Any]]:
    """Return the joint law of `S = X xor S_1` (rows) and `X`.

    Examples
    --------
    >>> joint_of_bits(sp.Rational(1, 2), 0)
    [[1/2, 0], [0, 1/2]]
    """
    return [[(1 - q_S1) * (1 - q_X), q_S1 * q_X], [q_S1 * (1 - q_X), (1 - q_S1) * q_X]]
