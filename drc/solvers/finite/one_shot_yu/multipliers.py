"""The letters of a one-shot problem and multipliers of its rows, in doubles, and the pricing problem that they make.

Nothing here proves anything: doubles propose, and what they propose is proved elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from drc.solvers.arithmetic.balls import exact_or_ball, precision
from drc.solvers.arithmetic.rounding import EPSILON
from drc.solvers.finite.one_shot_yu.maps import Maps
from drc.solvers.finite.one_shot_yu.program import Program
from drc.solvers.finite.one_shot_yu.vertex import Answer
from drc.solvers.finite.pricing import Cells
from drc.solvers.finite.pricing.cells import concave_term


@dataclass(frozen=True, eq=False)
class Letters:
    """The groups of source letters of a problem.

    `masses` is `p(s, x)`, of shape (n_X, n_S), and `distortion` is `p(x) d(x, y)`, infinite for a forbidden pair; `nat`
    is how many nats the unit of entropy is.
    """

    masses: np.ndarray
    distortion: np.ndarray
    nat: float

    @classmethod
    def of(cls, maps: Maps) -> Letters:
        """Round the letters of a problem.

        Examples
        --------
        >>> from drc.problems import Finite
        >>> Letters.of(Maps(Finite([[0.5, 0], [0, 0.5]]))).evaluate(np.array([[0, 1]]))["R"].tolist()
        [1.0]
        """
        return cls(
            np.array([[float(p) for p in row] for row in maps.masses]),
            np.array([[float(v) for v in row] for row in maps.weighted_distortion]).T,
            math.log(2) if maps.unit == "bits" else 1.0,
        )

    @classmethod
    def one_by_one(cls, maps: Maps) -> Letters:
        """Round the letters of a problem, each on its own; the order is that of the groups.

        Examples
        --------
        >>> from drc.problems import Finite
        >>> Letters.one_by_one(Maps(Finite([[0.5, 0.5]], [[0, 1], [0, 1]]))).masses.tolist()
        [[0.5], [0.5]]
        """
        together = cls.of(maps)
        if len(together.masses) == sum(map(len, maps.groups)):
            return together
        labels = [row for row in maps.problem.p_SX if any(p != 0 for p in row)]
        masses = np.array([[float(row[x]) for row in labels] for group in maps.groups for x in group])
        # A forbidden pair stays forbidden, also where a mass is so small that its multiples vanish.
        d = maps.problem.distortions[np.ix_([x for group in maps.groups for x in group], maps.ys)]
        weighted = np.where(np.isfinite(d), masses.sum(axis=1)[:, None] * np.where(np.isfinite(d), d, 0.0), np.inf)
        return cls(masses, weighted, together.nat)

    @cached_property
    def law(self) -> np.ndarray:
        """`p(x)`."""
        return self.masses.sum(axis=1)

    @cached_property
    def forbidden(self) -> np.ndarray | None:
        """Which pairs have infinite distortion; None if no pair has."""
        infinite = np.isinf(self.distortion)
        return infinite if infinite.any() else None

    @cached_property
    def finite(self) -> np.ndarray:
        """The distortion, with zeros for forbidden pairs."""
        return self.distortion if self.forbidden is None else np.where(self.forbidden, 0.0, self.distortion)

    @cached_property
    def spread(self) -> float:
        """An upper bound on the distortion of any map that is allowed."""
        return float(self.finite.max(axis=1).sum())

    def allowed(self, assignments: np.ndarray) -> np.ndarray:
        """Return those maps, given as rows, that use no forbidden pair."""
        if self.forbidden is None:
            return assignments
        return assignments[~self.forbidden[np.arange(len(self.masses)), assignments].any(axis=1)]

    def evaluate(self, assignments: np.ndarray) -> dict[str, np.ndarray]:
        """Return what maps, given as rows of places in `Maps.ys`, contribute to the linear program.

        Distortion, rate and `H(S|f(X))` come by their letters, of shape (count,), and the "law" of the output, of shape
        (count, n_Y).
        """
        # p(s, f^-1(y)), shape (count, n_Y, n_S).
        cells = (assignments[:, None, :] == np.arange(self.distortion.shape[1])[:, None]) @ self.masses
        return {
            "D": self.distortion[np.arange(len(self.masses)), assignments].sum(axis=1),
            "R": concave_term(cells, 1.0, 0.0).sum(axis=1) / self.nat,
            "C": np.maximum(concave_term(cells, 0.0, 1.0).sum(axis=1), 0.0) / self.nat,
            "law": cells.sum(axis=2),
        }


@dataclass(frozen=True, eq=False)
class Multipliers:
    """Multipliers of the bounds and of the output law.

    `objective` is None to prove that nothing is feasible; `target`, of shape (n_Y,), are those of the output law, zeros
    if it is free. The maps that are in use cost the `threshold`.

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
        """Round the multipliers of an answer; what its maps cost is left open."""
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
        return Cells(costs, masses, rate, classification, error=float(8 * (n_X + n_Y + 8) * EPSILON * sizes))

    def bound(self, program: Program, least: float) -> float:
        """Return the Lagrangian bound if `least` is the least price, in doubles."""
        bound = least - sum(self.duals.get(name, 0.0) * float(b) for name, b in program.b.items())
        if program.ball is not None:
            with precision(program.maps.bits):
                target, kappa = map(exact_or_ball, self.target.tolist()), exact_or_ball(self.duals.get("P", 0.0))
                return bound + float(program.ball.worth(tuple(target), kappa))
        return bound + sum(v * float(p) for v, p in zip(self.target, program.maps.target or (), strict=False))

    def answer(self, program: Program, found: Answer, lower: float, proof: dict | None) -> Answer:
        """Return these multipliers, exactly as they are, with the weights of an answer.

        `lower` is a proved bound on the price of every map, and `proof` its proof, as a certificate says it.
        """
        duals = {name: exact_or_ball(v) for name, v in self.duals.items()}
        free = program.maps.target is None and program.ball is None
        target = () if free else tuple(exact_or_ball(float(v)) for v in self.target)
        return Answer(found.weights, duals, target, exact_or_ball(float(lower)), proof, found.transport)


#: Prices of a nat of rate and of a nat of uncertainty, in units of the greatest distortion of a map.
_PRICES = ((0.1, 0.1), (0.3, 0.3), (0.1, 0.7))

#: The temperature of the transport, in the same unit, and how often both marginals are met in turn.
_TEMPERATURE, _TURNS = 0.1, 8


def guesses(program: Program, letters: Letters) -> list[Multipliers]:
    """Return multipliers under which maps are worth a look: maps that are cheap there are good maps to begin with.

    They need not be near: each is one price of rate and one of uncertainty, in units of the distortion, and the prices of
    output letters that make entropic transport meet the target law ([cuturi2013]). Half of all rounds are saved by them.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> from drc.solvers.finite.one_shot_yu.maps import Maps
    >>> program = Program(Maps(Finite([[0.5, 0.5]], p_Y=[0.5, 0.5])), "D", {"R": 0.5})
    >>> [at.duals for at in guesses(program, Letters.of(program.maps))][0]
    {'D': 1.0, 'R': 0.0693...}
    """
    unit = letters.spread * letters.nat
    priced = {program.minimise, *program.b}
    target = _target_prices(program, letters)
    found = {}
    for rate, classification in _PRICES:
        duals = {"D": 1.0, "R": rate * unit, "C": classification * unit}
        duals = {name: price for name, price in duals.items() if name in priced}
        found[tuple(duals.values())] = Multipliers(None, duals, target)
    return list(found.values())


def _target_prices(program: Program, letters: Letters) -> np.ndarray:
    """The potentials of the output letters; zeros if the law is free, or nothing has a cost."""
    n_Y, target = letters.distortion.shape[1], program.maps.target
    if target is None or not 0 < letters.spread < np.inf:
        return np.zeros(n_Y)
    p_Y, temperature = np.array([float(p) for p in target]), _TEMPERATURE * letters.spread
    kernel = np.exp(-letters.distortion / (letters.law[:, None] * temperature))
    scaling = np.ones(n_Y)
    for _ in range(_TURNS):
        scaling = p_Y / np.maximum((letters.law / np.maximum(kernel @ scaling, 1e-300)) @ kernel, 1e-300)
    return temperature * np.log(np.maximum(scaling, 1e-300))
