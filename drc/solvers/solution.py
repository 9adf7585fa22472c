"""What a solver returns: an answer, and bounds on the truth that were proved."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from drc.units import unit_named

#: The names of the three quantities in a printed solution.
_WORDS = {"D": "distortion", "R": "rate"}


@dataclass(frozen=True, eq=False, repr=False)
class Solution:
    """The least `D` or `R`, proved to lie in `[lower, upper]`.

    Attributes
    ----------
    value : float
        What the plan costs; the lower bound if no plan was proved feasible; `inf` if infeasible.
    lower, upper : float
        Proved: `lower <= optimum <= upper`, in exact arithmetic and outward rounding.
    status : {"optimal", "bounded", "infeasible", "undecided", "time limit"}
        "optimal": the gap is within the tolerance. "bounded": there is a plan, and an honest gap. "infeasible": proved.
        "undecided": neither a plan nor infeasibility could be proved; the bounds lie on the border. "time limit": out of
        time, and the gap is not within the tolerance.
    minimise : {"D", "R"}
    unit : {"bits", "nats"}
    bounds : dict
        The bounds that were given, by letter.
    rate, classification, distortion : float
        What the plan reaches: `H(Y|U)`, `H(S|Y,U)`, `E d(X, Y)` (for a Gaussian `I(X;Y)`, `h(S|Y)`, mean squared error).
    plan : tuple of (weight, map), or None
        Which deterministic maps to use how often; a map is a tuple that gives the index of `y` for each `x`.
    coupling : array of shape (n_X, n_Y), or None
        The joint law of `X` and `Y`.
    mixture : tuple of (weight, coupling), or None
        With time sharing: the share of each code, and its joint law; `coupling` is their mean.
    rho : float or None
        The correlation of `X` and `Y`, for a Gaussian.
    perception : float
        What the plan reaches of a perception measure.
    measure : str
        The perception measure, such as "KL", if there is one.
    law : (mean, deviation) or None
        The law of `Y`, for a Gaussian whose target law is free.
    rates : tuple of float, or None
        The rate of each component, for a vector Gaussian.
    duals : dict
        The multiplier of each bound (by how much the optimum falls when the bound is relaxed), and under "p_Y" those of
        the target law.
    certificate : object
        `certificate.verify()` proves the enclosure again, from its own data.
    method : str
        How the answer was found; how it was proved does not depend on it.
    sees : str
        What the classifier sees, as printed: "Y,U", "Y", or with time sharing "Y,Q", `Q` being the block index.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.3, 0.7]).solve(R=0.4, C=0.8)
    optimal  D in [0.22937054, 0.22937055]  rate 0.400 of 0.4 bit (binding)  H(S|Y,U) 0.718 of 0.8 bit (slack)
    method HiGHS, all 4 maps
    """

    value: float
    lower: float
    upper: float
    status: str
    minimise: str
    unit: str
    bounds: dict[str, float]
    rate: float = math.inf
    classification: float = math.inf
    distortion: float = math.inf
    plan: tuple | None = None
    coupling: np.ndarray | None = None
    rho: float | None = None
    rates: tuple | None = None
    duals: dict[str, Any] = field(default_factory=dict)
    certificate: Any = None
    method: str = ""
    sees: str = "Y,U"
    perception: float = math.inf
    measure: str = ""
    law: tuple[float, float] | None = None
    mixture: tuple | None = None

    @property
    def gap(self) -> float:
        """How far the proved bounds are apart; 0 if infeasibility is proved."""
        return 0.0 if self.lower == self.upper else self.upper - self.lower

    def __repr__(self) -> str:
        short = unit_named(self.unit).short
        units = {"D": "", "R": f" {short}", "C": f" {short}", "P": f" {short}" if self.measure == "KL" else ""}
        if self.status == "infeasible":
            given = ", ".join(f"{name} = {bound:g}{units[name]}" for name, bound in self.bounds.items())
            return f"infeasible  {self.minimise} = inf  (proved: no plan meets {given})\nmethod {self.method}"
        parts = [f"{self.status}  {self.minimise} in {_interval(self.lower, self.upper)}{units[self.minimise]}"]
        reached = {"D": self.distortion, "R": self.rate, "P": self.perception, "C": self.classification}
        for name in ("D", "R", "P", "C"):
            if name != self.minimise and math.isfinite(reached[name]):
                word = f"H(S|{self.sees})" if self.rho is None and self.rates is None else "h(S|Y)"
                parts.append(
                    self._reached(
                        _WORDS.get(name, self.measure if name == "P" else word), reached[name], name, units[name]
                    )
                )
        return "  ".join(parts) + f"\nmethod {self.method}"

    def _reached(self, word: str, value: float, name: str, unit: str) -> str:
        bound = self.bounds.get(name)
        if bound is None:
            return f"{word} {value:.3f}{unit}"
        binding = abs(bound - value) <= 1e-9 * max(1.0, abs(bound))
        return f"{word} {value:.3f} of {bound:g}{unit} ({'binding' if binding else 'slack'})"


def _interval(lower: float, upper: float) -> str:
    """Print an enclosure, rounded outwards at eight decimals."""
    if not math.isfinite(upper) or abs(upper) > 1e6:
        return f"[{lower:.8g}, {upper:.8g}]"
    return f"[{math.floor(lower * 1e8) / 1e8:.8f}, {math.ceil(upper * 1e8) / 1e8:.8f}]"
