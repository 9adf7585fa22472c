"""Several costs and labels added up into one of each, which makes a plain problem that is easier.

For weights `w_k, m_k >= 0` every plan that meets `E d_k <= D_k` for all k has `E sum w_k d_k <= sum w_k D_k`. Labels are
added up alike: if `K` is a letter with the law `m` that is independent of everything, the label `(K, S_K)` has

    H(K, S_K | Y) = H(m) + sum_k m_k H(S_k | Y),

so a plan that meets `H(S_k|Y) <= C_k` leaves at most `H(m) + sum m_k C_k` of it unknown, whatever the classifier sees. If
the constraints are convex some weights lose nothing ([boyd2004], section 5.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from drc.problems.averages import added
from drc.problems.bounds import names_of
from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import Number, exact_or_ball, logarithm, precision, rational_above, to_fraction, total
from drc.types import Exact


@dataclass(frozen=True)
class Weights:
    """What each cost and each label counts.

    None is negative. The costs are all zero if no cost matters; the labels sum to one, or are all zero.
    """

    costs: tuple[Fraction, ...]
    labels: tuple[Fraction, ...]

    @classmethod
    def of(cls, problem: Finite, given: Mapping[str, float], own: str = "") -> Weights:
        """Make weights of multipliers by the names of bounds; those of costs are scaled so that `own`, if given, counts one.

        Examples
        --------
        >>> Weights.of(Finite([[0.5, 0.5]], costs=["hamming", [[0, 1], [2, 0]]]), {"D2": 0.5}, "D").costs
        (Fraction(1, 1), Fraction(1, 2))
        """
        costs, labels = ([Fraction(given.get(name, 0.0)) for name in names] for names in names_of(problem))
        if own == "D":
            costs[0] = Fraction(1)
        if own == "C":
            labels[0] = Fraction(1)
        mass = sum(labels, Fraction(0))
        return cls(tuple(costs), tuple(m / mass for m in labels) if mass else tuple(labels))

    def plain(self, problem: Finite) -> Finite:
        """Return the problem with one cost and one label.

        Examples
        --------
        >>> f = Finite([[0.5, 0.5]], costs=["hamming", [[0, 1], [2, 0]]])
        >>> Weights((Fraction(1), Fraction(2)), (Fraction(1),)).plain(f).distortion[1]
        (Fraction(5, 1), Fraction(0, 1))
        """
        used = [(m, each.p_SX) for m, each in zip(self.labels, problem.each_label, strict=True) if m]
        label: dict[str, object] = {"labels": None}
        if len(used) == 1:
            label["p_SX"] = used[0][1]
        elif used:
            label["p_SX"] = tuple(tuple(m * p for p in row) for m, law in used for row in law)
        if problem.labels is not None:
            label["letters_S"] = None
        return replace(problem, distortion=self._cost(problem), costs=None, **label)

    def _cost(self, problem: Finite) -> object:
        tables = [each.exact_distortion for each in problem.each_cost]
        if problem.costs is None and self.costs[0] in (0, 1):
            return problem.distortion
        # A pair that any of the costs forbids stays forbidden. Without weights nothing is paid for.
        return added(self.costs, tables)

    def cost_bound(self, bounds: Mapping[str, Exact], names: tuple[str, ...]) -> Number:
        """Return `sum w_k D_k` over the bounds that there are; to be called within the working precision."""
        pairs = zip(names, self.costs, strict=True)
        return total(exact_or_ball(w) * exact_or_ball(bounds[name]) for name, w in pairs if name in bounds)

    def label_bound(self, bounds: Mapping[str, Exact], names: tuple[str, ...], unit: str) -> Number:
        """Return `H(m) + sum m_k C_k` over the bounds that there are; to be called within the working precision."""
        pairs = [(name, exact_or_ball(m)) for name, m in zip(names, self.labels, strict=True) if m]
        spread = -total(m * logarithm(m, unit == "bits") for _, m in pairs)
        return spread + total(m * exact_or_ball(bounds[name]) for name, m in pairs if name in bounds)

    def bounds(self, problem: Finite, given: Mapping[str, Exact], own: str, unit: str) -> dict[str, Exact]:
        """Return the bounds of the plain problem when `own` is minimised; they are met whenever those given are."""
        costs, labels = names_of(problem)
        found = {name: bound for name, bound in given.items() if name in ("R", "P")}
        with precision():
            if own != "D" and any(self.costs):
                found["D"] = _above(self.cost_bound(given, costs))
            if own != "C" and any(self.labels):
                found["C"] = _above(self.label_bound(given, labels, unit))
        return found


def _above(value: Number) -> Fraction:
    return to_fraction(rational_above(value))
