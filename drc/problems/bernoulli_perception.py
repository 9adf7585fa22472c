"""The Bernoulli problem with a perception constraint instead of a target law."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import sympy as sp

from drc.errors import must
from drc.problems.bernoulli import Bernoulli, joint_of_bits
from drc.problems.perception import measure
from drc.problems.roads import solved
from drc.problems.validation import exact, in_range, number

if TYPE_CHECKING:
    from drc.problems.finite import Finite

q_ref = sp.Symbol("q_ref", real=True)


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
        from drc.problems.finite import Finite

        n = self.numbers
        law = joint_of_bits(n["q_X"], n["q_S1"])
        reference = [1 - n["q_ref"], n["q_ref"]]
        return Finite(law, perception=self.perception, reference=reference, **self._setting())

    def solve(self, *, minimise: str = "D", **bounds):
        """Minimise over the plans and the laws of `Y` within `P`, the bound on the perception measure."""
        return solved(f"{self.id}.perception", self, minimise=minimise, **bounds)


def perceived(problem: Bernoulli, perception: str, reference: Any) -> PerceivedBernoulli:
    """Replace the target law of a problem by a perception constraint.

    Parameters
    ----------
    problem : Bernoulli
    perception : {"TV", "W2", "KL"}
    reference : probability or None
        `P(Y = 1)` of the reference; None is the law of the source.

    Raises
    ------
    ProblemError
        For a reference that is not a probability.

    Examples
    --------
    >>> perceived(Bernoulli(q_X=0.3), "TV", None).q_ref
    3/10
    """
    if isinstance(reference, tuple | list):
        raise must("reference", "be one probability, P(Y = 1), or None for the distribution of the source", reference)
    own = {field.name: getattr(problem, field.name) for field in fields(Bernoulli)}
    return PerceivedBernoulli(**own, perception=perception, q_ref=problem.q_X if reference is None else reference)
