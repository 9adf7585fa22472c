"""Where published formulas and derived ones disagree: each kind of disagreement once, with its simplest witness.

A witness is searched on a grid of short decimals; of all points that show the disagreement clearly, the one whose
numbers are the shortest is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from drc.expressions.content import ByContent
from drc.information import binary_entropy, conditional_entropy
from drc.problems.bernoulli import Bernoulli
from drc.problems.gaussian import Gaussian
from drc.problems.validation import choice
from drc.typeset.words import plain

#: The least gap that a reader sees at once.
_CLEAR = 0.01

Grid = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Finding(ByContent):
    """A disagreement of a published formula with the derived one.

    Attributes
    ----------
    id, source : str
        A name, and the theorem (a key of the bibliography).
    title, explanation : str
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
class _Comparison:
    """Printed and exact values and regimes on a grid."""

    grid: Grid
    printed: np.ndarray
    exact: np.ndarray
    branch: np.ndarray
    regime: np.ndarray

    def finding(self, mask: np.ndarray, true: np.ndarray | None = None, **words: str) -> Finding:
        """Make a finding of the simplest point of a mask."""
        true = self.exact if true is None else true
        with np.errstate(invalid="ignore"):
            clear = np.abs(self.printed - true) >= _CLEAR
        at = _simplest(self.grid, mask & clear)
        witness = {name: float(values[at]) for name, values in self.grid.items()}
        return Finding(witness=witness, printed=float(self.printed[at]), true=float(true[at]), **words)


def theorem_2() -> tuple[Finding, ...]:
    """Find the disagreements of the printed Bernoulli DRC."""
    here = _compare(Bernoulli(), _bernoulli_grid())
    grid, source = here.grid, "[nguyen2026], Theorem 2"
    return (
        here.finding(
            (here.branch == "classification branch") & (here.regime == "infeasible"),
            id="theorem-2.classification-branch",
            source=source,
            title="the branch in $C$ holds at another rate than $R$",
            explanation="It is the distortion at the least rate that meets $C$, that is the rate-only formula at"
            r" rate $\max(R, R_C(C))$. At the rate $R$ itself no plan meets $C$, so the point is"
            " infeasible; read as a value at $R$, $D$ would fall as $C$ tightens.",
        ),
        here.finding(
            (here.branch == "rate branch") & (here.regime == "transport-limited"),
            id="theorem-2.rate-branch",
            source=source,
            title="the rate branch goes below the cost of optimal transport",
            explanation=r"Beyond $R = t^\star H_b(q_X)$ a mix of identity and constants cannot meet the target law"
            r" any more; the distortion stays at $\lvert q_X - q_Y \rvert$, which no coupling undercuts.",
        ),
        _reading(source),
        here.finding(
            (here.regime == "infeasible")
            & (grid["q_Y"] < grid["q_X"])
            & (grid["R"] >= binary_entropy(grid["q_X"]))
            & np.isfinite(here.printed),
            id="theorem-2.feasible-set",
            source=source,
            title="the feasible set is too large for $q_Y < q_X$",
            explanation=r"The target law allows the bijections a weight of at most $t_{\max} = \frac{q_Y}{q_X} < 1$,"
            r" so the least conditional entropy is $H(S) - t_{\max} I(S;X)$, which is more than"
            " $H_b(q_{S_1})$, at any rate.",
        ),
        here.finding(
            (here.regime == "classification-limited") & (here.branch == "rate branch"),
            id="theorem-2.negation",
            source=source,
            title="the regime in which classification costs distortion is missing",
            explanation=r"Between $t^\star$ and $t_{\max}$ the constraint needs the negation map, which errs always:"
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
    at = _simplest(grid, feasible & (true - linear >= 0.1))
    return Finding(
        id="theorem-2.reading",
        source=source,
        title=r"the constraint in use is $H(S \mid Y, U) \le C$, not $H(S \mid Y) \le C$",
        explanation="With weight $t$ on the identity, $H(S) - t I(S;X)$ is what is left to a classifier that also"
        " sees the common randomness. One that sees $Y$ alone is left with more. (Here the two numbers"
        " are these entropies, in bits.)",
        witness={name: float(values[at]) for name, values in grid.items()},
        printed=float(linear[at]),
        true=float(true[at]),
    )


def theorem_4() -> tuple[Finding, ...]:
    """Find the disagreements of the printed Gaussian DRC."""
    here = _compare(Gaussian(), _gaussian_grid())
    grid, source = here.grid, "[nguyen2026], Theorem 4"
    in_C = (here.branch == "classification branch") & (here.regime == "infeasible")
    needed = Gaussian().rdc()(**{name: values for name, values in grid.items() if name != "R"})
    at_needed = Gaussian().drc()(**{**grid, "R": np.nextafter(needed, np.inf)})
    return (
        here.finding(
            in_C & (grid["theta"] > 0),
            id="theorem-4.classification-branch",
            source=source,
            title="the branch in $C$ holds at another rate than $R$",
            explanation="It is the rate-only formula at the rate that $C$ needs. At the rate $R$ itself no coupling"
            " meets $C$, so the point is infeasible.",
        ),
        here.finding(
            (here.branch == "zero branch") & np.isfinite(grid["R"]) & (grid["mu_Y"] == 0) & (grid["sigma_Y"] == 1),
            id="theorem-4.zero-branch-finite-rate",
            source=source,
            title="the distortion is not zero at a finite rate",
            explanation="Differential entropy does not bound the rate of a continuous source: even for equal laws"
            " $D$ vanishes only as $R$ grows without bound.",
        ),
        here.finding(
            (here.branch == "zero branch") & np.isinf(grid["R"]),
            id="theorem-4.zero-branch-different-laws",
            source=source,
            title="the distortion is not zero for different laws, at any rate",
            explanation="As $R$ grows, $D$ falls to the squared Wasserstein distance of source and target, which is"
            " zero for equal laws only.",
        ),
        here.finding(
            in_C & (grid["theta"] < 0) & np.isfinite(at_needed),
            at_needed,
            id="theorem-4.sign",
            source=source,
            title=r"$\theta$ stands for $\lvert \theta \rvert$",
            explanation=r"A label with negative covariance is as useful as its negative. With $\theta < 0$ the"
            " published branch exceeds the distortion of independent $X$ and $Y$. (The true value here is"
            " the one at the rate that $C$ needs.)",
        ),
    )


def theorem_7(perception: str) -> tuple[Finding, ...]:
    """Find the disagreements of the printed Gaussian DRPC, in KL, or of its W2 twin."""
    printed = Gaussian().drpc(perception=perception, form="published")
    exact = Gaussian().drpc(perception=perception)
    here = _compared(printed, exact, _perception_grid())
    grid, source = here.grid, printed.source
    name = "theorem-7" if perception == "KL" else "appendix-A.4"
    in_C = np.char.startswith(here.branch, "classification branch") & (here.regime == "infeasible")
    needed = Gaussian().rdpc(perception=perception)(D=np.inf, **{n: v for n, v in grid.items() if n != "R"})
    at_needed = exact(**{**grid, "R": np.nextafter(needed, np.inf)})
    return (
        here.finding(
            in_C & (grid["theta"] > 0),
            id=f"{name}.classification-branch",
            source=source,
            title="the branch in $C$ holds at another rate than $R$",
            explanation="It is the formula without $C$ at the rate that $C$ needs. At the rate $R$ itself no"
            " coupling meets $C$, so the point is infeasible.",
        ),
        here.finding(
            (here.branch == "zero branch") & np.isfinite(grid["R"]),
            id=f"{name}.zero-branch",
            source=source,
            title="the distortion is not zero at a finite rate",
            explanation="Differential entropy does not bound the rate of a continuous source: whatever $P$, $D$ is"
            r" at least $\sigma_X^2 2^{-2R}$, and vanishes only as $R$ grows without bound.",
        ),
        here.finding(
            in_C & (grid["theta"] < 0) & np.isfinite(at_needed),
            at_needed,
            id=f"{name}.sign",
            source=source,
            title=r"$\theta$ stands for $\lvert \theta \rvert$",
            explanation=r"A label with negative covariance is as useful as its negative. With $\theta < 0$ the"
            r" printed $s_C$ is negative, no $\sigma(P)$ is below $\sigma_X s_C$, and the branch exceeds"
            " the distortion of independent $X$ and $Y$. (The true value here is the one at the rate"
            " that $C$ needs.)",
        ),
    )


def _compare(problem: Any, grid: Grid) -> _Comparison:
    return _compared(problem.drc(form="published"), problem.drc(), grid)


def _compared(printed: Any, exact: Any, grid: Grid) -> _Comparison:
    grid = {name: values for name, values in grid.items() if name in _names(printed) | _names(exact)}
    at = [{name: values for name, values in grid.items() if name in _names(form)} for form in (printed, exact)]
    return _Comparison(grid, printed(**at[0]), exact(**at[1]), printed.regime(**at[0]), exact.regime(**at[1]))


def _names(tradeoff: Any) -> set[str]:
    return {symbol.name for symbol in (*tradeoff.arguments, *tradeoff.parameters)}


def _bernoulli_grid() -> Grid:
    grid = _mesh(
        q_X=[0.1, 0.2, 0.3, 0.4],
        q_Y=[0.1, 0.2, 0.3, 0.4, 0.5],
        q_S1=[0.1, 0.2],
        R=np.arange(1, 13) / 10,
        C=np.arange(10, 21) / 20,
    )
    crossing = grid["q_X"] != grid["q_Y"]
    return {name: values[crossing] for name, values in grid.items()}


def _gaussian_grid() -> Grid:
    return _mesh(
        mu_X=[0.0],
        sigma_X=[1.0],
        mu_Y=[0.0, 1.0],
        sigma_Y=[1.0, 2.0],
        sigma_S=[1.0],
        theta=[-0.8, -0.5, 0.5, 0.8],
        R=[0.5, 1.0, 2.0, 3.0, np.inf],
        C=np.arange(4, 13) / 4,
    )


def _perception_grid() -> Grid:
    return _mesh(
        mu_X=[0.0],
        sigma_X=[1.0],
        sigma_S=[1.0],
        theta=[-0.8, -0.5, 0.5, 0.8],
        R=[0.5, 1.0, 2.0, 3.0],
        P=[0.01, 0.1, 0.5],
        C=np.arange(4, 13) / 4,
    )


def _mesh(**axes: Any) -> Grid:
    arrays = np.meshgrid(*(np.asarray(axis, dtype=float) for axis in axes.values()), indexing="ij")
    return {name: array.reshape(-1) for name, array in zip(axes, arrays, strict=True)}


def _simplest(grid: Grid, mask: np.ndarray) -> int:
    """Return the index of the point of a mask whose numbers are the shortest to read; ties go to the smaller numbers."""
    if not mask.any():
        raise LookupError("no point of the grid shows the disagreement")
    (places,) = np.nonzero(mask)

    def length(at: int) -> tuple:
        """Return what is compared: digits, then sizes, then the numbers themselves."""
        numbers = [float(values[at]) for values in grid.values()]
        digits = sum(len(f"{x:g}") for x in numbers)
        return (digits, sum(abs(x) for x in numbers if np.isfinite(x)), numbers)

    return int(min(places, key=length))


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
