"""A proof of an enclosure that can be kept, changed, and checked again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from drc.expressions.content import ByContent
from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import PRECISION, exact_or_ball, to_fraction
from drc.solvers.one_shot.maps import Maps
from drc.solvers.one_shot.program import Program, dual_bound, primal_bound
from drc.solvers.one_shot.proof import Enclosure


@dataclass(frozen=True, eq=False)
class Certificate(ByContent):
    """Weights and multipliers that prove `lower <= optimum <= upper`.

    Attributes
    ----------
    problem : Finite
    minimise : {"D", "R"}
    unit : {"bits", "nats"}
    bounds : tuple of (name, exact number)
    weights : tuple of (map, Fraction)
        A feasible plan, which proves `upper`; empty if there is none.
    duals : tuple of (name, Fraction)
    target_duals : tuple of Fraction
        With `duals` they prove `lower`; if `lower` is `inf`, that no plan is feasible (Farkas' lemma).
    lower, upper : float
        What is claimed.
    bits : int
        The precision of balls.

    Examples
    --------
    >>> problem = Finite([[0.5, 0], [0, 0.5]], p_Y=[0.5, 0.5])
    >>> weights = (((0, 1), Fraction(1, 2)), ((0, 0), Fraction(1, 4)), ((1, 1), Fraction(1, 4)))
    >>> bounds = (("R", Fraction(1, 2)),)
    >>> Certificate(problem, "D", "bits", bounds, weights, (("R", Fraction(1, 2)),), (0, 0), 0.0, 0.25).verify()
    True
    """

    problem: Finite
    minimise: str
    unit: str
    bounds: tuple
    weights: tuple
    duals: tuple
    target_duals: tuple
    lower: float
    upper: float
    bits: int = PRECISION

    @classmethod
    def of(cls, enclosure: Enclosure, **more: Any) -> Certificate:
        """Write down what proves an enclosure.

        Parameters
        ----------
        enclosure : Enclosure
        **more
            The fields of a class derived from this one.
        """
        maps, program = enclosure.program.maps, enclosure.program
        weights: dict = {} if enclosure.primal is None else enclosure.primal.weights or {}
        dual = enclosure.dual
        return cls(
            problem=maps.problem,
            minimise=program.minimise,
            unit=maps.unit,
            bounds=tuple(program.bounds.items()),
            weights=tuple((maps.full_map(f), to_fraction(w)) for f, w in weights.items() if w),
            duals=() if dual is None else tuple((name, to_fraction(v)) for name, v in dual.duals.items()),
            target_duals=() if dual is None else tuple(to_fraction(v) for v in dual.target_duals),
            lower=enclosure.lower,
            upper=enclosure.upper,
            bits=maps.bits,
            **more,
        )

    def verify(self) -> bool:
        """Prove the enclosure again, from the problem, the weights and the multipliers alone.

        Returns
        -------
        bool
            False if they do not prove it (which does not mean that it is false).
        """
        if math.isnan(self.lower + self.upper):
            return False
        inner, outer = self.programs()
        return self._lower_holds(outer) and self._upper_holds(inner)

    def programs(self) -> tuple[Program, Program]:
        """Return the programs that the proof is about: those of the upper and of the lower bound, here the same."""
        program = Program(Maps(self.problem, self.unit, self.bits), self.minimise, dict(self.bounds))
        return program, program

    def _lower_holds(self, program: Program) -> bool:
        # Distortion and rate are never negative.
        if self.lower <= 0:
            return True
        duals, target_duals = _exact(dict(self.duals)), tuple(map(exact_or_ball, self.target_duals))
        if self.lower == math.inf:
            bound = dual_bound(program, None, duals, target_duals)
            return bound is not None and bool(bound > 0)
        bound = dual_bound(program, self.minimise, duals, target_duals)
        return bound is not None and bool(exact_or_ball(self.lower) <= bound)

    def _upper_holds(self, program: Program) -> bool:
        if self.upper == math.inf:
            return True
        try:
            weights = {program.maps.index_of(f): w for f, w in self.weights}
        except (ValueError, IndexError):
            return False
        if len(weights) < len(self.weights):
            return False
        bound = primal_bound(program, _exact(weights))
        return bound is not None and bool(bound <= exact_or_ball(self.upper))


def _exact(values: dict[Any, Fraction]) -> dict:
    return {key: exact_or_ball(value) for key, value in values.items()}
