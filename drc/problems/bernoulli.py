"""Bernoulli source, Hamming distortion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from numbers import Number
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import sympy as sp

from drc.errors import NotAvailableError, must
from drc.expressions.forms import all_of
from drc.problems.finite import Finite
from drc.problems.frames import sequence
from drc.problems.perception import MEASURES, measure
from drc.problems.problem import Perceivable, Problem, classifier_given
from drc.problems.validation import number, parameter, shown

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from drc.doors import Tradeoff, Universal
    from drc.types import Parameter

q_X, q_Y, q_S1, q_ref, q_T = sp.symbols("q_X q_Y q_S1 q_ref q_T", real=True)

#: What is said of a remote source, in the order of the argument `remote`.
REMOTE = (q_T0, q_T1) = sp.symbols("q_T0 q_T1", real=True)


@dataclass(frozen=True)
class Bernoulli(Perceivable):
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
    remote : (q_T0, q_T1) or q_T, optional
        A source `T` that the encoder does not see, with `T - X - Y`: the distortion is `P(T != Y)`. The numbers are the
        probabilities `P(T != X | X = 0)` and `P(T != X | X = 1)`, whose sum is less than one, or one number for both; None
        among the two is a symbol. Left out, the distortion is to `X` itself.

    Raises
    ------
    ProblemError
        For a value that is not a probability, an unknown word, time sharing where the classifier sees `U` (it is part of `U`
        there), or a remote source of which `X` is not a better guess than `1 - X`.

    Notes
    -----
    Source: [nguyen2026], section 3; for remote sources [dobrushin1962].

    Examples
    --------
    >>> Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc()(R=0.8, C=0.95)
    0.1
    >>> Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1, remote=0.05).drc()(R=0.8, C=0.95)
    0.14
    """

    q_X: Parameter = None
    q_Y: Parameter = None
    q_S1: Parameter = None
    setting: str = "one-shot"
    classifier_sees: str | None = None
    time_sharing: bool = False
    remote: Parameter | Sequence[Parameter] = None

    _PARAMETERS = ("q_X", "q_Y", "q_S1")
    MEASURES = tuple(MEASURES)

    def __post_init__(self) -> None:
        if self.remote is not None:
            self._set("remote", _remote(self.remote))
        for symbol in (q_X, q_Y, q_S1):
            self._take(symbol, sp.S.Zero, sp.S.One)
        sees = classifier_given(self.setting, self.classifier_sees, self.time_sharing)
        self._set("classifier_sees", sees)

    @property
    def id(self) -> str:
        """The setting's name in the catalogue."""
        words = (".time-shared" * self.time_sharing, ".remote" * (self.remote is not None))
        return f"bernoulli.{self.setting}.{self.classifier_sees}{''.join(words)}"

    @property
    def _of_remote(self) -> dict[str, sp.Expr]:
        """What is said of a remote source, by name."""
        return {symbol.name: error for symbol, error in zip(REMOTE, self._errors, strict=False)}

    @property
    def parameters(self) -> dict[str, sp.Expr]:
        """The parameters by name, those of a remote source among them."""
        return super().parameters | self._of_remote

    def changed(self, **parameters: object) -> Self:
        """Return the problem with other values of some parameters, those of a remote source among them.

        Examples
        --------
        >>> Bernoulli(remote=(0.1, 0.2)).changed(q_T1=0).remote
        (1/10, 0)
        """
        own = self._of_remote
        if own and "remote" not in parameters:
            known = own | parameters
            errors = [known[name] for name in own]
            parameters["remote"] = errors if len(errors) == len(REMOTE) else errors[0]
        return super().changed(**{name: value for name, value in parameters.items() if name not in own})

    @property
    def assumptions(self) -> tuple[sp.Basic, ...]:
        """What is allowed for the parameters that are still symbols; `out_of_range` checks numbers by the same."""
        ranges = (
            all_of(sp.Le(0, p, evaluate=False), sp.Le(p, 1, evaluate=False))
            for p in self.parameters.values()
            if p.free_symbols
        )
        guided = sp.Lt(sp.Add(*self._errors), 1)
        return (*ranges, *([] if guided == True else [guided]))  # noqa: E712 (a sympy relation may be undecided)

    def out_of_range(self, numbers: Mapping[str, ArrayLike]) -> np.ndarray:
        """Mark, element by element, parameters that are not probabilities; arrays broadcast."""
        wrong = [np.less(p, 0) | np.greater(p, 1) for p in numbers.values()]
        errors = [np.asarray(numbers[name]) for name in self._of_remote if name in numbers]
        if errors:
            # One number stands for both.
            wrong.append(np.greater_equal(sum(errors) * (len(REMOTE) / len(self._of_remote)), 1))
        return np.logical_or.reduce(np.broadcast_arrays(*wrong))

    def _tradeoff(self, name: str, form: str, unit: str) -> Tradeoff:
        if self.time_sharing and self.setting == "asymptotic":
            raise NotAvailableError(
                f"{self.id}.{name} has no closed form: the optimal component codes depend on the bounds; solve() gives the"
                " value with a proof, and time_sharing=False or setting='one-shot' a formula"
            )
        return super()._tradeoff(name, form, unit)

    def perceived(self, perception: str = "TV", reference: Parameter = None) -> PerceivedBernoulli:
        """Return the problem with a perception constraint instead of its target law.

        Parameters
        ----------
        perception : {"TV", "W2", "KL"}
        reference : probability, optional
            `P(Y = 1)` of the reference law; left out, it is the law of the source, or of the remote source.

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
        q, (zero, one) = self.parameters["q_X"], self._errors or (sp.S.Zero, sp.S.Zero)
        law = q * (1 - one) + (1 - q) * zero
        return PerceivedBernoulli(**own, perception=perception, q_ref=law if reference is None else reference)

    def finite(self) -> Finite:
        """Return the same problem as a finite one, with numbers for all parameters.

        Raises
        ------
        ProblemError
            If a parameter is still a symbol.

        Examples
        --------
        >>> Bernoulli(q_X=0.3, q_S1=0.1).perceived("KL", 0.4).finite().reference
        (Fraction(3, 5), Fraction(2, 5))
        """
        n = self.numbers
        setting = {name: getattr(self, name) for name in ("setting", "classifier_sees", "time_sharing")}
        # The word for the usual cost is part of what tells problems apart in files.
        costs: str | list[list[sp.Expr]] = "hamming"
        if self._errors:
            zero, one = (number("remote", error) for error in self._errors)
            costs = [[zero, 1 - zero], [1 - one, one]]
        return Finite(joint_of_bits(n["q_X"], n["q_S1"]), distortion=costs, **self._output(n), **setting)

    def universal(self, *, perception: str = "TV", reference: Parameter = None, **demands: object) -> Universal:
        """Find the least rate of one representation that serves several demands; see `Finite.universal`.

        Parameters
        ----------
        perception, reference : optional
            As for `drpc`: what `P` bounds.
        **demands
            `D`, `P` or `R`, and options, as for `Finite.universal`. No label is involved.

        Examples
        --------
        >>> Bernoulli(q_X=0.1, setting="asymptotic").universal(R=0.2, P=[0, None])
        optimal  R in [0.21960542, 0.21960543] bit for 2 demands
        penalty in [0.01960542, 0.01960543] bit over the strictest demand alone
        """
        problem = self.perceived(perception, reference).changed(q_S1=0).finite()
        return problem.universal(**demands)  # pyright: ignore[reportArgumentType]

    def _output(self, numbers: Mapping[str, sp.Expr]) -> dict[str, Any]:
        """What a finite problem is told of the law of `Y`."""
        return {"p_Y": [1 - numbers["q_Y"], numbers["q_Y"]]}

    @property
    def _errors(self) -> tuple[sp.Expr, ...]:
        """How likely it is that `X` differs from a remote bit, for `X = 0` and for `X = 1`; nothing without one."""
        return () if self.remote is None else self.remote  # pyright: ignore[reportReturnType] (read already)

    @property
    def _asked(self) -> tuple[str, Problem]:
        # The solvers for bits with a target law take any costs.
        return (self if self.remote is None else replace(self, remote=None)).id, self.finite()


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
    q_ref: Parameter = None

    _PARAMETERS = (*Bernoulli._PARAMETERS, "q_ref")

    @property
    def _unused(self) -> tuple[str, ...]:
        return ("q_Y",)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set("perception", measure(self.perception))
        self._take(q_ref, sp.S.Zero, sp.S.One)

    def _output(self, numbers: Mapping[str, sp.Expr]) -> dict[str, Any]:
        return {"perception": self.perception, "reference": [1 - numbers["q_ref"], numbers["q_ref"]]}

    @property
    def _asked(self) -> tuple[str, Problem]:
        # In long blocks there is a solver for bits, which a remote one does not change if it errs alike for both letters.
        seen = replace(self, remote=None).id if q_T.name in self._of_remote else self.id
        if seen == "bernoulli.asymptotic.Y":
            return f"{seen}.perception", self
        problem = self.finite()
        return problem.id, problem

    @property
    def _of_remote(self) -> dict[str, sp.Expr]:
        alike = len(set(self._errors)) == 1
        return {q_T.name: self._errors[0]} if alike else super()._of_remote

    def _tradeoff(self, name: str, form: str, unit: str) -> Tradeoff:
        if len(self._of_remote) == len(REMOTE):
            errors = ", ".join(map(shown, self._errors))
            raise NotAvailableError(
                f"{self.id}.{name} must have a remote source with one number for both letters, got remote = ({errors}): the"
                " law of Y, which is free, matters to the distortion otherwise; solve() gives numbers"
            )
        return super()._tradeoff(name, form, unit)


def _remote(given: object) -> tuple[sp.Expr, ...]:
    """Read what is said of a remote source."""
    values = (given, given) if isinstance(given, str | Number | sp.Expr) else sequence("remote", given)
    if len(values) != len(REMOTE):
        raise must("remote", "be (q_T0, q_T1), or one number for both", given)
    pairs = zip(REMOTE, values, strict=True)
    errors = tuple(parameter(s, s if value is None else value, sp.S.Zero, sp.S.One) for s, value in pairs)
    if (sum(errors) >= 1) == True:  # noqa: E712 (a sympy relation may be undecided)
        asked = "be two probabilities whose sum is below 1 (X is a better guess of T than 1 - X)"
        raise must("remote", asked, got=", ".join(map(shown, errors)))
    return errors


def joint_of_bits(q_X: sp.Expr, q_S1: sp.Expr) -> list[list[sp.Expr]]:
    """Return the joint law of `S = X xor S_1` (rows) and `X`.

    Examples
    --------
    >>> joint_of_bits(sp.Rational(1, 2), 0)
    [[1/2, 0], [0, 1/2]]
    """
    return [[(1 - q_S1) * (1 - q_X), q_S1 * q_X], [q_S1 * (1 - q_X), (1 - q_S1) * q_X]]
