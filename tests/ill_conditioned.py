"""Random finite problems that are hard on doubles: tiny masses, costs in any unit, letters alike, bounds on the border.

Each is drawn from a seed of its own, so that one that fails can be drawn again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from drc.problems import Finite


@dataclass(frozen=True)
class Trial:
    """A problem and a question about it.

    Attributes
    ----------
    seed : tuple of int
        `trial(*seed)` draws it again.
    problem : Finite
    question : dict
        What `solve` is given.

    Examples
    --------
    >>> trial(0, 7) == trial(0, 7)
    True
    """

    seed: tuple[int, ...]
    problem: Finite
    question: dict[str, Any]


def trial(*seed: int, largest: int = 6) -> Trial:
    """Draw a problem and a question from a seed.

    Parameters
    ----------
    *seed : int
    largest : int
        At most this many source letters; there are at most five output letters and four labels.

    Returns
    -------
    Trial
    """
    rng = np.random.default_rng(seed)
    n_S, n_X, n_Y = rng.integers(1, 5), rng.integers(1, largest + 1), rng.integers(1, 6)
    joint, distortion = _joint(rng, n_S, n_X), _distortion(rng, n_X, n_Y)
    unit = _unit_of_costs(rng)
    distortion *= unit
    if n_X > 1 and rng.random() < 0.2:
        # Two letters alike: they may always be treated alike.
        joint[:, 0], distortion[0] = joint[:, 1] * 10.0 ** rng.integers(-3, 1), distortion[1]
    if n_Y > 1 and rng.random() < 0.2:
        distortion[:, 0] = distortion[:, 1]
    if not joint.any():
        joint[0, 0] = 1.0
    joint /= joint.sum()
    if rng.random() < 0.1:
        # The label is the source itself.
        joint = np.diag(np.minimum(joint.sum(axis=0), 1.0))
    kinds = (("one-shot", "YU"), ("one-shot", "Y"), ("asymptotic", "Y"))
    setting, sees = kinds[rng.integers(3)]
    fields: dict[str, Any] = {"setting": setting, "classifier_sees": sees}
    fields["time_sharing"] = bool(sees == "Y" and rng.random() < 0.3)
    problem = Finite(joint, distortion, **fields, **_output(rng, joint.sum(axis=0), distortion, n_Y))
    return Trial(seed, problem, _question(rng, problem))


def _unit_of_costs(rng: np.random.Generator) -> float:
    """One, mostly; or a unit of distortion in which costs are tiny or huge."""
    return float(10.0 ** rng.integers(-12, 13)) if rng.random() < 0.2 else 1.0


def _joint(rng: np.random.Generator, n_S: int, n_X: int) -> np.ndarray:
    """A joint law, or a multiple: even, uneven by twelve decades, with letters of no mass, or with labels that are sure."""
    kind = rng.integers(5)
    joint = rng.dirichlet(np.ones(n_S * n_X)).reshape(n_S, n_X) + 1e-6
    if kind == 1:
        joint = 10.0 ** rng.uniform(-12, 0, (n_S, n_X))
    elif kind == 2:
        joint[:, rng.random(n_X) < 0.4] = 0
    elif kind == 3:
        joint[rng.integers(n_S, size=n_X), np.arange(n_X)] += 1
        joint[joint < 1] = 0
    elif kind == 4:
        joint *= 10.0 ** rng.uniform(-12, 0, n_X)
    return joint


def _distortion(rng: np.random.Generator, n_X: int, n_Y: int) -> np.ndarray:
    """A distortion measure: even, of any size, of all sizes, whole numbers, nearly alike, or with pairs forbidden."""
    kind = rng.integers(6)
    d = rng.random((n_X, n_Y))
    if kind == 0:
        d *= 10.0 ** rng.uniform(-6, 6)
    elif kind == 1:
        d = 10.0 ** rng.uniform(-6, 6, (n_X, n_Y))
    elif kind == 2:
        d = rng.integers(0, 3, (n_X, n_Y)).astype(float)
    elif kind == 3:
        x, y = rng.normal(size=n_X), rng.normal(size=n_Y)
        d = (x[:, None] - y) ** 2
    elif kind == 4:
        d = 1 + 1e-9 * d
    elif kind == 5:
        d[rng.random((n_X, n_Y)) < 0.3] = math.inf
    return d


def _law(rng: np.random.Generator, size: int) -> np.ndarray:
    kind = rng.integers(4)
    law = rng.dirichlet(np.ones(size))
    if kind == 1:
        law = 10.0 ** rng.uniform(-12, 0, size)
    elif kind == 2:
        law = law * (rng.random(size) < 0.6)
    if not law.any():
        law[0] = 1.0
    return law / law.sum()


def _output(rng: np.random.Generator, p_X: np.ndarray, distortion: np.ndarray, n_Y: int) -> dict[str, Any]:
    """What is asked of the output law: nothing, a law (perhaps that of the best map), or to be near one."""
    kind = rng.integers(4)
    if kind == 0:
        return {}
    law = _law(rng, n_Y)
    if rng.random() < 0.2:
        # Just what the best map reaches, so that there is hardly any room.
        law = np.bincount(distortion.argmin(axis=1), weights=p_X, minlength=n_Y) / p_X.sum()
    if kind == 1:
        return {"p_Y": law}
    measure = ("TV", "W2", "KL")[rng.integers(3)]
    fields: dict[str, Any] = {"perception": measure, "reference": law}
    if measure == "W2" and rng.random() < 0.5:
        ground = rng.random((n_Y, n_Y)) * 10.0 ** rng.integers(-3, 4) * _unit_of_costs(rng)
        np.fill_diagonal(ground, 0)
        fields["ground"] = ground
    return fields


def _question(rng: np.random.Generator, problem: Finite) -> dict[str, Any]:
    """Bounds, many of them just feasible, just not, or slack."""
    unit = ("bits", "nats")[rng.integers(2)]
    nat = math.log(2) if unit == "bits" else 1.0
    H_X, H_S, H_SX = (_entropy(law) / nat for law in (problem.source_law, problem.label_law, problem.joint_law))
    question: dict[str, Any] = {"unit": unit, "minimise": "D"}
    kind = rng.integers(8)
    if kind == 0:
        question["slope"] = float(10.0 ** rng.uniform(-4, 4))
    elif kind <= 2:
        question["minimise"] = "R"
        if rng.random() < 0.9:
            question["D"] = _distortion_bound(rng, problem)
    elif kind <= 6:
        question["R"] = _near(rng, (0.0, H_X, 1e-9, 1e-14), rng.uniform(0, 1.2) * max(H_X, 0.1))
    if rng.random() < 0.5:
        least = max(0.0, H_SX - H_X)
        question["C"] = _near(rng, (least, H_S, 0.0), 0.9 * least + rng.random() * (1.05 * H_S - 0.9 * least))
    if problem.perception is not None and rng.random() < 0.9:
        size = 1.0 if problem.ground_costs is None else float(problem.ground_costs.max()) or 1.0
        question["P"] = size * _near(rng, (0.0, 1e-9), 10.0 ** rng.uniform(-4, 1))
    if rng.random() < 0.1:
        question |= dict.fromkeys({"R", "D", "C"} - question.keys() - {question["minimise"]}, math.inf)
        question = {name: value for name, value in question.items() if "slope" not in question or name not in "RD"}
    return question


def _distortion_bound(rng: np.random.Generator, problem: Finite) -> Any:
    """A bound on the distortion: what each letter alone would reach, or anything between that and the worst."""
    costs = problem.distortions
    p_X = problem.source_law
    finite = costs[np.isfinite(costs)]
    if not finite.size:
        return 1.0
    largest = float(finite.max())
    least = float(p_X @ np.where(np.isfinite(costs.min(axis=1)), costs.min(axis=1), largest))
    if rng.random() < 0.2:
        # To the last digit, in exact numbers: just feasible, if the law of the output does not interfere.
        masses = [sum(p, Fraction(0)) for p in zip(*problem.p_SX, strict=True)]
        best = [min(row, key=float) for row in problem.exact_distortion]
        return sum((p * d for p, d in zip(masses, best, strict=True) if d != math.inf), Fraction(0))
    return _near(rng, (least, largest, 0.0), least + rng.random() ** 2 * (largest - least))


def _near(rng: np.random.Generator, corners: tuple[float, ...], otherwise: float) -> float:
    """One of the corners, or next to one, or something else; never negative."""
    if rng.random() < 0.6:
        return max(0.0, float(otherwise))
    corner = float(corners[rng.integers(len(corners))])
    nudge = (0.0, 2.0**-53, -(2.0**-53), 1e-15, -1e-15, 1e-12, -1e-12, 1e-7)[rng.integers(8)]
    return max(0.0, corner + nudge * (corner or 1.0))


def _entropy(law: np.ndarray) -> float:
    mass = law[law > 0]
    return float(-(mass * np.log(mass)).sum())
