"""Multipliers of the rows of the program, in doubles, and the pricing problem that they make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from flint import fmpq

from drc.solvers.arithmetic.balls import exact_or_ball, precision
from drc.solvers.one_shot.letters import Letters
from drc.solvers.one_shot.program import Program
from drc.solvers.one_shot.vertex import Answer
from drc.solvers.pricing import Cells

#: Spacing of doubles at one.
_EPSILON = 2.0**-52


@dataclass(frozen=True, eq=False)
class Multipliers:
    """Multipliers of the bounds and of the output law.

    Attributes
    ----------
    objective : {"D", "R"} or None
        What is minimised; None to prove that nothing is feasible.
    duals : dict from "R", "C", "D" to float
    target : array, shape (n_Y,)
        Of the output law; zeros if it is free.
    threshold : float
        What the maps that are in use cost.

    Examples
    --------
    >>> Multipliers("D", {"R": 0.5}, np.zeros(2)).weight("D")
    1.0
    """

    objective: str | None
    duals: dict[str, float]
    target: np.ndarray
    threshold: float = 0.0

    @classmethod
    def of(cls, letters: Letters, objective: str | None, answer: Answer) -> Multipliers:
        """Round the multipliers of an answer; what its maps cost is left open.

        Parameters
        ----------
        letters : Letters
        objective : {"D", "R"} or None
        answer : Answer
        """
        target = [float(v) for v in answer.target_duals] or np.zeros(letters.distortion.shape[1])
        return cls(objective, {name: float(v) for name, v in answer.duals.items()}, np.array(target))

    def weight(self, name: str) -> float:
        """The multiplier of `D`, `R` or `C` in the price of a map."""
        return self.duals.get(name, 0.0) + float(self.objective == name)

    def terms(self, letters: Letters) -> tuple[np.ndarray, float, float]:
        """Return what the price of a map is made of: costs of pairs, and the weights of its two entropies in nats."""
        costs = self.weight("D") * letters.finite - letters.law[:, None] * self.target
        if letters.forbidden is not None:
            costs[letters.forbidden] = np.inf
        return costs, self.weight("R") / letters.nat, self.weight("C") / letters.nat

    def cells(self, letters: Letters) -> Cells:
        """Return the pricing problem under these multipliers, with the rounding of its entries accounted for."""
        costs, rate, classification = self.terms(letters)
        n_X, n_Y = costs.shape
        sizes = self.weight("D") * letters.spread + np.abs(self.target).max()
        sizes += n_Y * (rate + (letters.masses.shape[1] + 1) * classification)
        # Without a multiplier of H(S|f(X)) the label plays no part, and the statistics have fewer dimensions.
        masses = letters.masses if classification else letters.law[:, None]
        # The roundings here are fewer than eight; the rest is what the checker, which also rounds, takes off.
        return Cells(costs, masses, rate, classification, error=float(8 * (n_X + n_Y + 8) * _EPSILON * sizes))

    def bound(self, program: Program, least: float) -> float:
        """Return the Lagrangian bound if `least` is the least price, in doubles."""
        bound = least - sum(self.duals.get(name, 0.0) * float(b) for name, b in program.b.items())
        if program.ball is not None:
            with precision(program.maps.bits):
                return bound + float(program.ball.worth(tuple(map(exact_or_ball, self.target.tolist())), self._kappa))
        return bound + sum(v * float(p) for v, p in zip(self.target, program.maps.target or (), strict=False))

    @property
    def _kappa(self) -> fmpq:
        return exact_or_ball(self.duals.get("P", 0.0))

    def between(self, other: Multipliers, share: float) -> Multipliers:
        """Return the point between these and others."""
        # The multiplier of P belongs to those of the law, and is found anew.
        names = self.duals.keys() & other.duals.keys()
        duals = {name: share * self.duals[name] + (1 - share) * other.duals[name] for name in names}
        target = share * self.target + (1 - share) * other.target
        return Multipliers(self.objective, duals, target, share * self.threshold + (1 - share) * other.threshold)

    def answer(self, program: Program, found: Answer, lower: float, proof: dict | None) -> Answer:
        """Return these multipliers, exactly as they are, with the weights of an answer.

        Parameters
        ----------
        program : Program
        found : Answer
        lower : float
            A proved bound on the price of every map.
        proof : dict or None
            The proof, as a certificate says it.
        """
        duals = {name: exact_or_ball(v) for name, v in self.duals.items()}
        free = program.maps.target is None and program.ball is None
        target = () if free else tuple(exact_or_ball(float(v)) for v in self.target)
        # Without a map any number is a bound; this one says that nothing is feasible.
        sizes = sum(self.duals.get(name, 0.0) * abs(float(b)) for name, b in program.b.items())
        beyond = 1 + np.abs(self.target).sum() + sizes
        price = exact_or_ball(float(lower if lower < np.inf else 2 * beyond))
        return Answer(found.weights, duals, target, price, proof, found.transport)
