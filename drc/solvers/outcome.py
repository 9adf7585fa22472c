"""What a solver returns: an answer, and bounds on the truth that were proved."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drc import doors
from drc.errors import ContradictionError
from drc.expressions.content import ByContent
from drc.files import write_whole
from drc.information.estimate import Estimate
from drc.problems.perception import IN_BITS
from drc.strict_json import to_json
from drc.units import unit_named

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Two bounds that are no more than this many units in the last place apart are as near as doubles can be told to be.
_LAST_PLACES = 4

#: By how much what a plan reaches may exceed a bound because both are printed in doubles, relative to their size.
_ROUNDING = 1e-7

#: How the uncertainty of a label is written.
UNCERTAINTIES = {"entropy": "H", "error": "error", "gini": "Gini"}

STATUSES = ("optimal", "bounded", "infeasible", "undecided", "time limit", "interrupted")


def is_closed(lower: float, upper: float, tolerance: float, scale: float = 1.0) -> bool:
    """Tell whether proved bounds are so near that their gap is closed: it is at most `tolerance * scale`.

    The tolerance is a part of the scale: the size of what is minimised, in the unit of the bounds, which is the spread
    of the costs, the variance, or one bit.

    The rounding of the bounds to doubles does not count: a few units in the last place.

    Examples
    --------
    >>> is_closed(5.0, 5.0 + 1e-10, 1e-9), is_closed(5.0, 5.0 + 1e-8, 1e-9), is_closed(0.0, 1e-4, 1e-3)
    (True, False, True)
    >>> is_closed(0.0, 1e-12, 1e-9, scale=1e-12), is_closed(1e12, 1e12 + 2e-4, 1e-9)
    (False, True)
    """
    if lower == upper:
        return True
    if not math.isfinite(upper):
        return False
    return upper - lower <= tolerance * scale + _LAST_PLACES * math.ulp(upper)


def status_of(lower: float, upper: float, tolerance: float, *, stopped: str = "", scale: float = 1.0) -> str:
    """Return the status of an answer: all solvers ask here.

    `lower` and `upper` are proved: both are `inf` if nothing is feasible, `upper` alone if no plan is known. `stopped`
    says why the search ended before it was done, as `Clock.stopped` does; the others are those of `is_closed`.

    Examples
    --------
    >>> status_of(0.5, 0.5, 1e-9), status_of(0.5, 0.6, 1e-9), status_of(0.5, math.inf, 1e-9, stopped="time limit")
    ('optimal', 'bounded', 'time limit')
    """
    if lower == math.inf:
        return "infeasible"
    if is_closed(lower, upper, tolerance, scale):
        return "optimal"
    return stopped or ("bounded" if math.isfinite(upper) else "undecided")


@dataclass(frozen=True, eq=False, repr=False)
class Solution(ByContent):
    """The least `D`, `R` or `C`, proved to lie in `[lower, upper]`.

    Attributes
    ----------
    value : float
        What the plan costs; the lower bound if no plan was proved feasible; `inf` if infeasible.
    lower, upper : float
        Proved: `lower <= optimum <= upper`, in exact arithmetic and outward rounding.
    status : {"optimal", "bounded", "infeasible", "undecided", "time limit", "interrupted"}
        "optimal": the gap is within the tolerance. "bounded": there is a plan, and an honest gap. "infeasible": proved.
        "undecided": neither a plan nor infeasibility could be proved; the bounds lie on the border. "time limit": out of
        time, and the gap is not within the tolerance. "interrupted": the same after Ctrl-C.
    minimise : {"D", "R", "C"}
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
    messages : tuple of (weight, y, posterior), or None
        Where the classifier sees the message: how likely each is, the index of its output letter, and the law of `X` that it
        leaves, shape (n_X,).
    plans : tuple of plans, or None
        With time sharing in one shot: the plan of each code of `mixture`.
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
        The multiplier of each bound by its letter, never negative: less the derivative of the optimum by the bound, in the
        units of both. Where the optimum has a kink it is one of the slopes between those of both sides; at a border, where
        the optimum falls vertically, it may be infinite. Under "p_Y" there are those of the target law, up to a constant.
        They are not proved, but for those that a certificate holds; there are none if time was over before they were known.
        Where nothing is feasible they are those of a proof of that, if it has some.
    certificate : object
        `certificate.verify()` lets the independent checker prove the enclosure again, and `certificate.save(path)` writes it
        for `drc check-certificate`.
    method : str
        How the answer was found; how it was proved does not depend on it.
    slope : float or None
        If given, `D + slope R` is minimised: `value`, `lower` and `upper` are of this sum.
    sees : str
        What the classifier sees, as published: "Y,U", "Y", "Z", or with time sharing "Y,Q", `Q` being the block index.
    uncertainty : {"entropy", "error", "gini"}
        What `C` and `classification` measure.
    further : dict
        What the plan reaches of the further costs and labels, by the name of their bounds: "D2", "C2", ...
    scale : float
        What a gap is relative to, in the unit of `value`: the spread of the finite costs (their size if they are all the
        same, one if they are zero), the variance of a Gaussian source, or one bit.
    tolerance : float
        "optimal" means `upper - lower <= tolerance * scale`, beside rounding to doubles.
    rounded : tuple of str
        Which bounds were moved by a few units in the last place to the border of what is feasible, and how.
    estimate : Estimate or None
        Of the optimum of the law behind the samples, where `Finite.sample_size` says how many were counted: its `interval()`
        is a confidence interval, which the proved bounds, being about the law of the samples, are not. The delta method
        takes plan and multipliers as they are ([shapiro1991]); it fails at borders between regimes, and its error is
        infinite where a bound on `C` cannot be told from one that no plan meets.

    Raises
    ------
    drc.errors.ContradictionError
        If it cannot be true: no input leads here, only a fault of a solver.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.3, 0.7]).solve(R=0.4, C=0.8)
    optimal  D in [0.22937054, 0.22937055]  rate 0.400 of 0.4 bit (binding)  H(S|Y,U) 0.718 of 0.8 bit (slack)
    multipliers  -dD/dR 0.476574  -dD/dC 0
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
    duals: Mapping[str, object] = field(default_factory=dict)
    certificate: object = None
    method: str = ""
    sees: str = "Y,U"
    perception: float = math.inf
    measure: str = ""
    law: tuple[float, float] | None = None
    mixture: tuple | None = None
    slope: float | None = None
    plans: tuple | None = None
    messages: tuple | None = None
    scale: float = 1.0
    uncertainty: str = "entropy"
    further: Mapping[str, float] = field(default_factory=dict)
    tolerance: float = 1e-9
    rounded: tuple[str, ...] = ()
    estimate: Estimate | None = None

    def __post_init__(self) -> None:
        for wrong in (*_contradictions(self), *_misses(self)):
            raise ContradictionError(f"the answer contradicts itself: {wrong}; please report it")

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the solution as a JSON file, plan and certificate included; what `drc.load` reads is equal to it.

        Raises
        ------
        NotAvailableError
            If a certificate is too deep a tree for it.
        """
        return write_whole(path, to_json(doors.saved(self)) + "\n")

    @property
    def gap(self) -> float:
        """How far the proved bounds are apart; 0 if infeasibility is proved."""
        return 0.0 if self.lower == self.upper else self.upper - self.lower

    @property
    def relative_gap(self) -> float:
        """The gap as a part of the upper bound: 0 if it is closed, 1 if nothing is known."""
        return 0.0 if self.gap == 0 else 1.0 if not math.isfinite(self.upper) else self.gap / abs(self.upper)

    def __repr__(self) -> str:
        short = unit_named(self.unit).short
        units = {
            "D": "",
            "R": f" {short}",
            "C": f" {short}" if self.uncertainty == "entropy" else "",
            "P": f" {short}" if self.measure in IN_BITS else "",
        }
        method = f"method {self.method}"
        if self.status == "infeasible":
            given = ", ".join(f"{name} = {bound:g}{units[name[0]]}" for name, bound in self.bounds.items())
            proved = f"infeasible  {self.minimise} = inf  (proved: no plan meets {given})"
            return "\n".join([proved, *self.rounded, method])
        parts = [self._enclosure(units)]
        reached = {"D": self.distortion, "R": self.rate, "P": self.perception, "C": self.classification}
        classified = (
            f"{UNCERTAINTIES[self.uncertainty]}(S|{self.sees})" if self.rho is None and self.rates is None else "h(S|Y)"
        )
        words = {"D": "distortion", "R": "rate", "P": self.measure, "C": classified}
        for name, value in reached.items():
            if (name != self.minimise or self.slope is not None) and math.isfinite(value):
                parts.append(self._reached(words[name], value, name, units[name]))
        for name, value in self.further.items():
            parts.append(self._reached(name, value, name, units[name[0]]))
        return "\n".join(["  ".join(parts), *self._multipliers(), *self._sampled(units), *self.rounded, method])

    def _sampled(self, units: Mapping[str, str]) -> list[str]:
        """Say where the optimum of the law behind the samples is, with a probability of 95 %."""
        if self.estimate is None:
            return []
        low, high = self.estimate.interval()
        objective = self.minimise if self.slope is None else f"D + {self.slope:g} R"
        unit = units[self.minimise] if self.slope is None else ""
        if math.isinf(high):
            return [f"sampling  {objective} cannot be told from this few samples"]
        return [f"sampling  {objective} in [{max(0.0, low):.4g}, {high:.4g}]{unit} with 95 % confidence"]

    def _multipliers(self) -> list[str]:
        """Say by how much the optimum falls with each bound, if that is known."""
        known = {n: self.duals[n] for n in (*"RDPC", *self.further) if isinstance(self.duals.get(n), float | int)}
        objective = self.minimise if self.slope is None else f"({self.minimise} + {self.slope:g} R)"
        said = "  ".join(f"-d{objective}/d{name} {float(price):.6g}" for name, price in known.items())
        return [f"multipliers  {said}"] if known else []

    def _enclosure(self, units: dict[str, str]) -> str:
        """Say what is proved, and how far it is from an answer if it is not one."""
        objective = self.minimise if self.slope is None else f"D + {self.slope:g} R"
        unit = units[self.minimise] if self.slope is None else ""
        proved = f"{self.status}  {objective} in {printed_interval(self.lower, self.upper)}{unit}"
        if self.status == "optimal":
            return proved
        return f"{proved} ({_percent(self.relative_gap)})" if math.isfinite(self.upper) else f"{proved} (no plan found)"

    def _reached(self, word: str, value: float, name: str, unit: str) -> str:
        bound = self.bounds.get(name)
        if bound is None:
            return f"{word} {value:.3f}{unit}"
        binding = abs(bound - value) <= 1e-9 * max(1.0, abs(bound))
        return f"{word} {value:.3f} of {bound:g}{unit} ({'binding' if binding else 'slack'})"


def _contradictions(s: Solution) -> Iterator[str]:
    """Name what cannot be true of bounds and status together."""
    if math.isnan(s.value + s.lower + s.upper) or not s.lower <= s.value <= s.upper:
        yield f"{s.lower} <= {s.value} <= {s.upper} does not hold"
    if s.lower < 0:
        yield f"{s.minimise} >= {s.lower} was not seen to be >= 0"
    if s.status not in STATUSES:
        yield f"its status is {s.status!r}"
    if (s.status == "infeasible") != (s.lower == math.inf):
        yield f"it is {s.status} with {s.minimise} >= {s.lower}"
    if s.status == "optimal" and not is_closed(s.lower, s.upper, s.tolerance, s.scale):
        yield f"it is optimal with the bounds [{s.lower}, {s.upper}], costs being of the size {s.scale}"
    if (s.status == "bounded" and s.upper == math.inf) or (s.status == "undecided" and s.upper < math.inf):
        yield f"it is {s.status} with {s.minimise} <= {s.upper}"


def _misses(s: Solution) -> Iterator[str]:
    """Name what is wrong with the plan: a bound that it misses, or masses that are negative."""
    reached = {"R": s.rate, "C": s.classification, "D": s.distortion, "P": s.perception}
    reached |= {name: s.further.get(name, math.inf) for name in s.bounds.keys() - reached.keys()}
    sizes = {"D": s.scale}
    for name, bound in s.bounds.items():
        if math.isfinite(reached[name]) and reached[name] - bound > _ROUNDING * max(sizes.get(name, 1.0), abs(bound)):
            yield f"the plan reaches {name} = {reached[name]}, bounded by {bound}"
    laws = {"plan": s.plan, "mixture": s.mixture, "messages": s.messages}
    masses = {name: [part[0] for part in law] for name, law in laws.items() if law is not None}
    for name, law in {"coupling": s.coupling, **masses}.items():
        if law is not None and not (np.min(law) >= -_ROUNDING and abs(np.sum(law) - 1) <= _ROUNDING):
            yield f"the {name} has masses from {np.min(law)} on, of the sum {np.sum(law)}"
    if s.coupling is not None and np.ndim(s.coupling) != 2:
        yield f"the coupling has shape {np.shape(s.coupling)}"


def printed_interval(lower: float, upper: float) -> str:
    """Print an enclosure, rounded outwards: at eight decimals, or at eight digits where those would not do.

    Examples
    --------
    >>> printed_interval(0.25, 1 / 3)
    '[0.25000000, 0.33333334]'
    """
    ends = [(Decimal(repr(float(lower))), ROUND_FLOOR), (Decimal(repr(float(upper))), ROUND_CEILING)]
    if upper == 0 or 1e-3 <= abs(upper) <= 1e6:
        return "[" + ", ".join(f"{end.quantize(Decimal('1e-8'), way):f}" for end, way in ends) + "]"
    rounded = (Context(prec=8, rounding=way).create_decimal(end) for end, way in ends)
    return "[" + ", ".join(f"{float(end):.8g}" for end in rounded) + "]"


def _percent(gap: float) -> str:
    """Say how large a relative gap is."""
    return f"gap {gap:.1%}" if gap >= 0.001 else f"gap {gap:.1e}"
