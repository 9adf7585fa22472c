"""Where published formulas and derived ones disagree: each kind of disagreement once, with its simplest witness.

A witness is searched on a grid of short decimals; of all points that show the disagreement clearly, the one whose
numbers are the shortest is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from drc.expressions.content import ByContent
from drc.information import binary_entropy, conditional_entropy
from drc.problems.bernoulli import Bernoulli
from drc.problems.gaussian import Gaussian
from drc.problems.validation import choice
from drc.tradeoff import Tradeoff
from drc.types import Booleans, Floats
from drc.typeset.words import plain

#: The least gap that a reader sees at once.
_CLEAR = 0.01

#: Of the Gaussian grids: covariances of the label with the source, and bounds on classification.
_LABELS, _QUARTERS = [-0.8, -0.5, 0.5, 0.8], np.arange(4, 13) / 4

Grid = dict[str, Floats]


@dataclass(frozen=True, eq=False)
class Finding(ByContent):
    """A disagreement of a published formula with the derived one, by the name `id`.

    Attributes
    ----------
    source : str
        The theorem (a key of the bibliography).
    witness : mapping from parameter or bound to number
        Information in bits.
    printed, true : float
        What the published formula says at the witness, and what holds.
    theorem : str
        The id of the theorem in the catalogue.
    """

    id: str
    source: str
    title: str
    explanation: str
    witness: Mapping[str, float]
    printed: float
    true: float
    theorem: str = ""

    def __str__(self) -> str:
        where = ", ".join(f"{name} = {value:g}" for name, value in self.witness.items())
        return f"{self.source}: {plain(self.title)}\n  at {where}: printed {self.printed:.4f}, true {self.true:.4f}"


@dataclass(frozen=True)
class Comparison:
    """Printed and exact values and regimes on a grid."""

    source: str
    grid: Grid
    printed: Floats
    exact: Floats
    branch: np.ndarray = field(default_factory=lambda: np.array(""))
    regime: np.ndarray = field(default_factory=lambda: np.array(""))

    @classmethod
    def of(cls, printed: Tradeoff, exact: Tradeoff, grid: Grid) -> Comparison:
        """Evaluate two forms on a grid, of which each takes what it has."""
        names = [{symbol.name for symbol in (*form.arguments, *form.parameters)} for form in (printed, exact)]
        at = [{name: values for name, values in grid.items() if name in known} for known in names]
        both = {name: values for name, values in grid.items() if name in names[0] | names[1]}
        return cls(
            printed.source,
            both,
            *(np.asarray(form(**here)) for form, here in zip((printed, exact), at, strict=True)),
            *(np.asarray(form.regime(**here)) for form, here in zip((printed, exact), at, strict=True)),
        )

    def finding(self, id: str, mask: Booleans, title: str, explanation: str, true: Floats | None = None) -> Finding:  # noqa: A002
        """Make a finding of the simplest point of a mask; what is true there is the exact form, left out."""
        true = self.exact if true is None else true
        with np.errstate(invalid="ignore"):
            clear = np.abs(self.printed - true) >= _CLEAR
        at = _simplest(self.grid, mask & clear)
        witness = {name: float(values[at]) for name, values in self.grid.items()}
        return Finding(id, self.source, title, explanation, witness, float(self.printed[at]), float(true[at]))


def theorem_2() -> tuple[Finding, ...]:
    """Find the disagreements of the printed Bernoulli DRC."""
    grid = _mesh(
        q_X=[0.1, 0.2, 0.3, 0.4],
        q_Y=[0.1, 0.2, 0.3, 0.4, 0.5],
        q_S1=[0.1, 0.2],
        R=np.arange(1, 13) / 10,
        C=np.arange(10, 21) / 20,
    )
    crossing = grid["q_X"] != grid["q_Y"]
    grid = {name: values[crossing] for name, values in grid.items()}
    here = Comparison.of(Bernoulli().drc(form="published"), Bernoulli().drc(), grid)
    return (
        here.finding(
            "theorem-2.classification-branch",
            (here.branch == "classification branch") & (here.regime == "infeasible"),
            "the branch in $C$ holds at another rate than $R$",
            "It is the distortion at the least rate that meets $C$, that is the rate-only formula at"
            r" rate $\max(R, R_C(C))$. At the rate $R$ itself no plan meets $C$, so the point is"
            " infeasible; read as a value at $R$, $D$ would fall as $C$ tightens.",
        ),
        here.finding(
            "theorem-2.rate-branch",
            (here.branch == "rate branch") & (here.regime == "transport-limited"),
            "the rate branch goes below the cost of optimal transport",
            r"Beyond $R = t^\star H_b(q_X)$ a mix of identity and constants cannot meet the target law"
            r" any more; the distortion stays at $\lvert q_X - q_Y \rvert$, which no coupling undercuts.",
        ),
        _reading(here.source),
        here.finding(
            "theorem-2.feasible-set",
            (here.regime == "infeasible")
            & (grid["q_Y"] < grid["q_X"])
            & (grid["R"] >= binary_entropy(grid["q_X"]))
            & np.isfinite(here.printed),
            "the feasible set is too large for $q_Y < q_X$",
            r"The target law allows the bijections a weight of at most $t_{\max} = \frac{q_Y}{q_X} < 1$, so the least"
            r" conditional entropy is $H(S) - t_{\max} I(S;X)$, which is more than $H_b(q_{S_1})$, at any rate.",
        ),
        here.finding(
            "theorem-2.negation",
            (here.regime == "classification-limited") & (here.branch == "rate branch"),
            "the regime in which classification costs distortion is missing",
            r"Between $t^\star$ and $t_{\max}$ the constraint needs the negation map, which errs always:"
            " $D$ grows as $C$ falls. The print keeps to the rate branch.",
        ),
    )


def _reading(source: str) -> Finding:
    """`H(S) - t I(S;X)` bounds what a classifier that sees (Y, U) is left with, not one that sees Y."""
    grid = _mesh(q_X=[0.1, 0.2, 0.3, 0.4], q_Y=[0.2, 0.3, 0.4, 0.5], q_S1=[0.1, 0.2], t=[0.5])
    q, r, e, t = grid.values()
    H_S = binary_entropy(q * (1 - e) + (1 - q) * e)
    linear = H_S - t * (H_S - binary_entropy(e))
    both = t * q + (r - t * q) * q  # P(X = 1, Y = 1): the identity, and the constant one
    p_XY = np.array([[1 - q - r + both, r - both], [q - both, both]])
    p_S_given_X = np.array([[1 - e, e], [e, 1 - e]])
    true = conditional_entropy(np.einsum("sxn,xyn->nsy", p_S_given_X, p_XY))
    feasible = (t <= r / q) & (t <= (1 - r) / (1 - q))
    return Comparison(source, grid, linear, true).finding(
        "theorem-2.reading",
        feasible & (true - linear >= 0.1),
        r"the constraint in use is $H(S \mid Y, U) \le C$, not $H(S \mid Y) \le C$",
        "With weight $t$ on the identity, $H(S) - t I(S;X)$ is what is left to a classifier that also sees the common"
        " randomness. One that sees $Y$ alone is left with more. (Here the two numbers are these entropies, in bits.)",
    )


def theorem_4() -> tuple[Finding, ...]:
    """Find the disagreements of the printed Gaussian DRC."""
    grid = _mesh(
        mu_X=[0.0],
        sigma_X=[1.0],
        mu_Y=[0.0, 1.0],
        sigma_Y=[1.0, 2.0],
        sigma_S=[1.0],
        theta=_LABELS,
        R=[0.5, 1.0, 2.0, 3.0, np.inf],
        C=_QUARTERS,
    )
    here = Comparison.of(Gaussian().drc(form="published"), Gaussian().drc(), grid)
    zero = here.branch == "zero branch"
    in_C, sign = _gaussian_branch_in_C("theorem-4", here, Gaussian().drc(), Gaussian().rdc(), "the rate-only formula")
    return (
        in_C,
        here.finding(
            "theorem-4.zero-branch-finite-rate",
            zero & np.isfinite(grid["R"]) & (grid["mu_Y"] == 0) & (grid["sigma_Y"] == 1),
            "the distortion is not zero at a finite rate",
            "Differential entropy does not bound the rate of a continuous source: even for equal laws"
            " $D$ vanishes only as $R$ grows without bound.",
        ),
        here.finding(
            "theorem-4.zero-branch-different-laws",
            zero & np.isinf(grid["R"]),
            "the distortion is not zero for different laws, at any rate",
            "As $R$ grows, $D$ falls to the squared Wasserstein distance of source and target, which is"
            " zero for equal laws only.",
        ),
        sign,
    )


def theorem_7(perception: str) -> tuple[Finding, ...]:
    """Find the disagreements of the printed Gaussian DRPC, in KL, or of its W2 twin."""
    exact = Gaussian().drpc(perception=perception)
    grid = _mesh(
        mu_X=[0.0], sigma_X=[1.0], sigma_S=[1.0], theta=_LABELS, R=[0.5, 1, 2, 3], P=[0.01, 0.1, 0.5], C=_QUARTERS
    )
    here = Comparison.of(Gaussian().drpc(perception=perception, form="published"), exact, grid)
    name = "theorem-7" if perception == "KL" else "appendix-A.4"
    rate = Gaussian().rdpc(perception=perception)
    why = r"the printed $s_C$ is negative, no $\sigma(P)$ is below $\sigma_X s_C$, and "
    in_C, sign = _gaussian_branch_in_C(name, here, exact, rate, "the formula without $C$", why)
    return (
        in_C,
        here.finding(
            f"{name}.zero-branch",
            (here.branch == "zero branch") & np.isfinite(here.grid["R"]),
            "the distortion is not zero at a finite rate",
            "Differential entropy does not bound the rate of a continuous source: whatever $P$, $D$ is"
            r" at least $\sigma_X^2 2^{-2R}$, and vanishes only as $R$ grows without bound.",
        ),
        sign,
    )


def _gaussian_branch_in_C(
    name: str, here: Comparison, exact: Tradeoff, rate: Tradeoff, formula: str, why: str = ""
) -> tuple[Finding, Finding]:
    """Find where the branch in `C` is that of another rate, and where it takes a negative covariance for a useless label."""
    grid = here.grid
    mask = np.char.startswith(here.branch, "classification branch") & (here.regime == "infeasible")
    needed = rate(D=np.inf, **{name: values for name, values in grid.items() if name != "R"})
    at_needed = np.asarray(exact(**{**grid, "R": np.nextafter(needed, np.inf)}))
    return (
        here.finding(
            f"{name}.classification-branch",
            mask & (grid["theta"] > 0),
            "the branch in $C$ holds at another rate than $R$",
            f"It is {formula} at the rate that $C$ needs. At the rate $R$ itself no coupling"
            " meets $C$, so the point is infeasible.",
        ),
        here.finding(
            f"{name}.sign",
            mask & (grid["theta"] < 0) & np.isfinite(at_needed),
            r"$\theta$ stands for $\lvert \theta \rvert$",
            rf"A label with negative covariance is as useful as its negative. With $\theta < 0$ {why}the"
            " published branch exceeds the distortion of independent $X$ and $Y$. (The true value here is"
            " the one at the rate that $C$ needs.)",
            at_needed,
        ),
    )


def _mesh(**axes: Sequence[float] | Floats) -> Grid:
    arrays = np.meshgrid(*(np.asarray(axis, dtype=float) for axis in axes.values()), indexing="ij")
    return {name: array.reshape(-1) for name, array in zip(axes, arrays, strict=True)}


def _simplest(grid: Grid, mask: np.ndarray) -> int:
    """Return the index of the point of a mask whose numbers are the shortest to read; ties go to the smaller numbers."""
    if not mask.any():
        raise LookupError("no point of the grid shows the disagreement")
    (places,) = np.nonzero(mask)

    def length(at: int) -> tuple[int, float, list[float]]:
        """Return what is compared: digits, then sizes, then the numbers themselves."""
        numbers = [float(values[at]) for values in grid.values()]
        digits = sum(len(f"{x:g}") for x in numbers)
        return (digits, sum(abs(x) for x in numbers if np.isfinite(x)), numbers)

    return min(places.tolist(), key=length)


#: The searches, by the trade-off whose published form they check.
SEARCHES: Mapping[str, Callable[[], tuple[Finding, ...]]] = {
    "bernoulli.one-shot.YU.drc": theorem_2,
    "gaussian.asymptotic.drc": theorem_4,
    "gaussian.asymptotic.drpc.W2": partial(theorem_7, "W2"),
    "gaussian.asymptotic.drpc.KL": partial(theorem_7, "KL"),
}


def published_findings(ids: Iterable[str] | None = None) -> tuple[Finding, ...]:
    """Search for disagreements of the published forms alone, which is quicker than an audit.

    Parameters
    ----------
    ids : names of theorems, optional
        Left out, all that have a published form.

    Raises
    ------
    ProblemError
        For a theorem without a published form.
    """
    wanted = list(SEARCHES) if ids is None else list(ids)
    for name in wanted:
        choice("theorem with a published form", name, tuple(SEARCHES))
    return tuple(replace(found, theorem=name) for name in wanted for found in SEARCHES[name]())
