"""Sources that are uniform on an alphabet whose letters are all alike: no letter, and no pair of letters, is special."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self, cast

import numpy as np
import sympy as sp

from drc.errors import must
from drc.expressions.forms import all_of
from drc.problems.finite import Finite
from drc.problems.frames import sequence
from drc.problems.perception import MEASURES, measure
from drc.problems.problem import Perceivable, Problem, classifier_given
from drc.problems.validation import choice, exact, number, one_symbol_each, parameter, shown

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from drc.doors import Tradeoff
    from drc.types import Parameter, Real

M, q_S1 = sp.symbols("M q_S1", real=True)


class Uniform(Perceivable):
    """A problem whose source, target and reference are uniform on the same letters.

    The best output is uniform even where its distribution is free, so that a bound on perception never costs anything.
    """

    M: Parameter
    perception: str | None

    MEASURES = tuple(MEASURES)

    def _take_size(self) -> None:
        size = exact("M", M if self.M is None else self.M)
        if size.is_number and not (size.is_Integer and size >= 2):
            raise must("M", "be a whole number from 2 on", got=shown(size))
        self._set("M", size)
        if self.perception is not None:
            self._set("perception", measure(self.perception))

    @property
    def assumptions(self) -> tuple[sp.Basic, ...]:
        """What is allowed for the parameters that are still symbols; `M` is a whole number, too."""
        return (sp.Ge(self.parameters["M"], 2, evaluate=False),) if self.parameters["M"].free_symbols else ()

    def out_of_range(self, numbers: Mapping[str, ArrayLike]) -> np.ndarray:
        """Mark, element by element, what is not the size of an alphabet; arrays broadcast."""
        size = np.asarray(numbers.get("M", 2), dtype=float)
        return (size < 2) | (size != np.floor(size)) | np.isinf(size)

    def perceived(self, perception: str = "TV", reference: object = None) -> Self:
        """Return the problem with a perception constraint instead of its target law.

        Parameters
        ----------
        perception : {"TV", "W2", "KL"}
        reference : None
            It is uniform, as the source is.

        Raises
        ------
        ProblemError
            For a reference.

        Examples
        --------
        >>> GroupUniform(5).perceived("KL").solve(D=0.3, P=0, minimise="R").status
        'optimal'
        """
        if reference is not None:
            raise must("reference", "be left out: it is uniform, as the source is", reference)
        return replace(self, perception=perception)  # pyright: ignore[reportArgumentType]

    @property
    def _asked(self) -> tuple[str, Problem]:
        finite = self.finite()
        return finite.id, finite

    def finite(self) -> Finite:
        """Return the same problem as a finite one, with numbers for all parameters."""
        raise NotImplementedError

    def _output(self, size: int) -> dict[str, object]:
        """What a finite problem is told of the law of `Y`."""
        if self.perception is None:
            return {"p_Y": uniform(size)}
        return {"perception": self.perception, "reference": uniform(size)}

    def _perceived_tradeoff(
        self, name: str, perception: str | None, reference: object, form: str, unit: str
    ) -> Tradeoff:
        problem = self.perceived(self.MEASURES[0] if perception is None else perception, reference)
        return problem._tradeoff(name, form, unit)


def uniform(size: int) -> list[sp.Expr]:
    """Return the uniform distribution on some letters.

    Examples
    --------
    >>> uniform(2)
    [1/2, 1/2]
    """
    return [sp.Rational(1, size)] * size


@dataclass(frozen=True)
class GroupUniform(Uniform):
    """`X` uniform on a finite group of `M` elements, and a cost of the difference `Y - X`; the output is uniform, too.

    Parameters
    ----------
    M : number, sympy expression or None
        The number of elements, at least 2; left out, it is the symbol `M`, or the number of costs.
    cost : "hamming", "lee", or a sequence of numbers or sympy expressions
        The cost of each difference `0, 1, ..., M - 1` on the cyclic group. "lee" is the distance around the circle.
    perception : {"TV", "W2", "KL"}, optional
        Instead of the uniform target: `P` bounds how far the output is from uniform.

    Raises
    ------
    ProblemError
        For a size that is not a whole number from 2 on, or a cost that is negative or infinite.

    Examples
    --------
    >>> round(GroupUniform(5).rdc()(D=0.3), 6), round(GroupUniform(8, "lee").rdc()(D=0.6), 6)
    (0.840637, 1.077261)
    """

    M: Parameter = None
    cost: str | Sequence[Real] = "hamming"
    perception: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.cost, str):
            choice("cost", self.cost, ("hamming", "lee"))
            self._take_size()
            if self.cost == "lee":
                size = int(number("M", self.M))
                self._set("cost", tuple(sp.Integer(min(k, size - k)) for k in range(size)))
            return
        costs = tuple(parameter(rho(k), value, sp.S.Zero) for k, value in enumerate(sequence("cost", self.cost)))
        one_symbol_each({f"rho_{k}": value for k, value in enumerate(costs)})
        if self.M not in (None, len(costs)):
            raise must("M", f"be the number of costs, {len(costs)}", got=self.M)
        self._set("M", len(costs))
        self._set("cost", costs)
        self._take_size()

    @property
    def id(self) -> str:
        """The setting's name in the catalogue."""
        return "group.hamming" if self.cost == "hamming" else "group.cost"

    @property
    def parameters(self) -> dict[str, sp.Expr]:
        """The size of the group; for a cost that is a list, the costs, as `rho_0`, `rho_1` and so on."""
        if self.cost == "hamming":
            return {"M": cast(sp.Expr, self.M)}
        return {f"rho_{k}": cast(sp.Expr, value) for k, value in enumerate(self.cost)}

    @property
    def assumptions(self) -> tuple[sp.Basic, ...]:
        """What is allowed for the parameters that are still symbols; `M` is a whole number, too."""
        if self.cost == "hamming":
            return super().assumptions
        return tuple(sp.Ge(value, 0, evaluate=False) for value in self.cost if value.free_symbols)

    def out_of_range(self, numbers: Mapping[str, ArrayLike]) -> np.ndarray:
        """Mark, element by element, negative costs, and what is not the size of a group; arrays broadcast."""
        if self.cost == "hamming":
            return super().out_of_range(numbers)
        wrong = ((np.less(x, 0) | np.isinf(x)) for x in numbers.values())
        return np.logical_or.reduce(np.broadcast_arrays(*wrong))

    def changed(self, **parameters: object) -> GroupUniform:
        """Return the problem with other values of some parameters, named as in `parameters`.

        Examples
        --------
        >>> GroupUniform(cost=[0, 1, 1]).changed(rho_2=3).cost
        (0, 1, 3)
        """
        costs = {name: value for name, value in parameters.items() if name.startswith("rho_")}
        if not costs:
            return replace(self, **parameters)  # pyright: ignore[reportArgumentType]
        return replace(self, cost=list({**self.parameters, **costs}.values()))

    def _tradeoff(self, name: str, form: str, unit: str) -> Tradeoff:
        # The distortion for a rate has no closed form even here; for a given size its costs are a list like any other.
        if name.startswith("d") and self.cost == "hamming" and self.parameters["M"].is_number:
            return replace(self, cost=[0, *[1] * (int(self.M) - 1)])._tradeoff(name, form, unit)
        return super()._tradeoff(name, form, unit)

    def finite(self) -> Finite:
        """Return the same problem as a finite one, with numbers for all parameters.

        Raises
        ------
        ProblemError
            If a parameter is still a symbol.

        Examples
        --------
        >>> GroupUniform(3, "lee").finite()
        Finite(n_S=1, n_X=3, n_Y=3, distortion='given', asymptotic, classifier sees Y)
        """
        costs = list(self.numbers.values())
        distortion: object = "hamming"
        size = int(self.M)
        if self.cost != "hamming":
            distortion = [[costs[(y - x) % size] for y in range(size)] for x in range(size)]
        return Finite([uniform(size)], distortion, setting="asymptotic", **self._output(size))


def rho(k: int) -> sp.Symbol:
    """Return the symbol of the cost of a difference.

    Examples
    --------
    >>> rho(1)
    rho_1
    """
    return sp.Symbol(f"rho_{k}", real=True)


@dataclass(frozen=True)
class MarySymmetric(Uniform):
    """`X` uniform on `M` letters, a label that is `X` or, with probability `q_S1`, another letter; Hamming distortion.

    The label is passed through a symmetric channel: all wrong letters are equally likely. The target is uniform.

    Parameters
    ----------
    M, q_S1 : number, sympy expression or None
        The number of letters, at least 2, and the probability that label and source differ; left out, they are symbols.
    setting : {"one-shot", "asymptotic"}
    classifier_sees : {"YU", "Y"}, optional
        The default is "YU" for one-shot and "Y" for asymptotic problems. Only the one-shot problem whose classifier sees
        `(Y, U)` has a formula; `solve` has numbers for the others.
    perception : {"TV", "W2", "KL"}, optional
        Instead of the uniform target: `P` bounds how far the output is from uniform.

    Raises
    ------
    ProblemError
        For a size that is not a whole number from 2 on, or a value that is not a probability.

    Examples
    --------
    >>> MarySymmetric(4, 0.1).drc()(R=1, C=1.5)
    0.375
    """

    M: Parameter = None
    q_S1: Parameter = None
    setting: str = "one-shot"
    classifier_sees: str | None = None
    perception: str | None = None

    _PARAMETERS = ("M", "q_S1")

    def __post_init__(self) -> None:
        self._take_size()
        self._take(q_S1, sp.S.Zero, sp.S.One)
        self._set("classifier_sees", classifier_given(self.setting, self.classifier_sees))

    @property
    def id(self) -> str:
        """The setting's name in the catalogue."""
        return f"mary.{self.setting}.{self.classifier_sees}"

    @property
    def assumptions(self) -> tuple[sp.Basic, ...]:
        """What is allowed for the parameters that are still symbols; `M` is a whole number, too."""
        noise = self.parameters["q_S1"]
        probability = all_of(sp.Le(0, noise, evaluate=False), sp.Le(noise, 1, evaluate=False))
        return (*super().assumptions, *((probability,) if noise.free_symbols else ()))

    def out_of_range(self, numbers: Mapping[str, ArrayLike]) -> np.ndarray:
        """Mark, element by element, what is not the size of an alphabet, or not a probability; arrays broadcast."""
        noise = numbers.get("q_S1", 0.0)
        return super().out_of_range(numbers) | np.less(noise, 0) | np.greater(noise, 1)

    def finite(self) -> Finite:
        """Return the same problem as a finite one, with numbers for all parameters.

        Raises
        ------
        ProblemError
            If a parameter is still a symbol.

        Examples
        --------
        >>> MarySymmetric(3, 0.1).finite()
        Finite(n_S=3, n_X=3, n_Y=3, distortion='hamming', one-shot, classifier sees YU)
        """
        size, noise = int(self.numbers["M"]), self.numbers["q_S1"]
        right, wrong = (1 - noise) / size, noise / (size * (size - 1))
        joint = [[right if s == x else wrong for x in range(size)] for s in range(size)]
        return Finite(joint, setting=self.setting, classifier_sees=self.classifier_sees, **self._output(size))
