"""Random Bernoulli, Gaussian and vector Gaussian problems in every setting, degenerate ones above all."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from drc import Bernoulli, Gaussian, NotAvailableError, ProblemError, VectorGaussian
from drc.problems.vector_gaussian import component

#: How far outside the proved bounds a closed form in doubles may be, relative to the value and to the scale of costs.
ROUNDING = 1e-9

#: By how much the bounds of a closed form are moved either way: as much as its own rounding is worth.
ULPS = 16 * float(np.finfo(float).eps)

#: The parameters of a vector Gaussian.
LETTERS = ("sigma_X", "sigma_Y", "sigma_S", "theta", "mu_X", "mu_Y")

EDGES = (0.0, 0.5, 1.0, 1e-9, 1 - 1e-9, 1e-300, 1 / 3)


def attack(*seed: int, time_limit: float = 0.5) -> str:
    """Return what is wrong with the answer to the problem of this seed; empty if nothing is."""
    rng = np.random.default_rng(seed)
    problem, question, formula, exact = question_of(rng)
    began = time.process_time()
    try:
        solution = problem.solve(**question, time_limit=time_limit)
    except ProblemError as error:
        return "" if unknown(error) else f"{problem!r}.solve({question}): {error}"
    except Exception as error:
        return f"{problem!r}.solve({question}): {type(error).__name__}: {error}"
    took = time.process_time() - began
    try:
        # The symbolic theorem is quick, but its parameters are doubles; near borders that is another problem.
        fault = faults(solution, formula) and faults(solution, exact)
    except Exception as error:
        fault = f"{type(error).__name__}: {error}"
    if took > 1.5 * time_limit + 0.3:
        fault = f"{took:.1f} s for a limit of {time_limit} s; {fault}"
    return f"{problem!r}.solve({question}): {solution!r}: {fault}" if fault else ""


def faults(solution: Any, formula: Any) -> str:
    """Compare an answer with its own proof and with a closed form."""
    lower, upper = solution.lower, solution.upper
    if math.isnan(lower + upper + solution.value) or not lower <= solution.value <= upper:
        return f"the bounds are out of order: {lower} {solution.value} {upper}"
    if not solution.certificate.verify():
        return "the certificate does not verify"
    try:
        least, most = formula(1 + ULPS), formula(1 - ULPS)
    except ProblemError as error:
        return "" if unknown(error) else f"the formula refuses: {error}"
    room = ROUNDING * max(solution.scale if math.isfinite(solution.scale) else 1.0, min(abs(least), abs(most)))
    if math.isnan(least + most) or not (upper >= least or upper >= least - room):
        return f"the formula says at least {least!r}"
    if not (lower <= most or lower <= most + room):
        return f"the formula says at most {most!r}"
    return ""


def unknown(error: ProblemError) -> bool:
    """Whether an error says that doubles cannot hold an answer, or that nobody knows one."""
    known = ("which doubles can hold", ", got C", "C must be left out", "C must not be given")
    return isinstance(error, NotAvailableError) or any(words in str(error) for words in known)


def border(*seed: int) -> str:
    """Ask at a border of the feasible set, computed in doubles, and beside it; return where solver and theorem disagree."""
    rng = np.random.default_rng(seed)
    kinds = (_bernoulli, _perceived_bernoulli, _gaussian, _perceived_gaussian, _vector)
    problem, _, unit, bounds, more = kinds[rng.integers(len(kinds))](rng)
    more.pop("squares", None)
    numbers = _parameters(problem, **more)
    C = [known / (math.log(2) if unit == "bits" else 1.0) for known in _borders(problem, numbers)][rng.integers(2)]
    # Theorems in doubles have no more digits than their parameters; what those are worth is another question.
    if not math.isfinite(C) or not 1e-6 < abs(C) < 40 or not _is_regular(problem, numbers):
        return ""
    C += float(rng.choice((0.0, 1.0, -1.0, 1e-10 / np.spacing(1.0), -1e-10 / np.spacing(1.0)))) * float(
        np.spacing(abs(C))
    )
    asked = {"C": C} | ({"P": bounds["P"]} if bounds.get("P", math.inf) < math.inf else {})
    if rng.random() < 0.5:
        asked["R"] = 2.0
    try:
        theorem = _theorem("drpc" if more else "drc", unit, _symbolic(problem), more.get("perception"))
        value = theorem(**asked, **{s.name: numbers[s.name] for s in theorem.parameters})
    except ProblemError as error:
        return "" if unknown(error) else str(error)
    solution = problem.solve(**asked, **more, unit=unit)
    if math.isfinite(value) != math.isfinite(solution.upper):
        return f"{problem!r}.solve({asked}, {more}, {unit}): {solution!r}: the formula says {value}"
    return ""


def _is_regular(problem: Any, numbers: dict[str, float]) -> bool:
    """Whether doubles near the parameters are near the problem, too."""
    if isinstance(problem, Bernoulli):
        return all(p in (0, 0.5, 1) or 1e-3 < p < 1 - 1e-3 for p in numbers.values())
    lengths = [value for name, value in numbers.items() if name.startswith("sigma")]
    several = [""] if isinstance(problem, Gaussian) else range(1, problem.n + 1)
    rhos = [numbers[f"theta{i}"] / numbers[f"sigma_S{i}"] / numbers[f"sigma_X{i}"] for i in several]
    return all(1e-9 < s < 1e9 for s in lengths) and all(abs(rho) in (0, 1) or 1e-3 < abs(rho) < 0.99 for rho in rhos)


def _borders(problem: Any, numbers: dict[str, float]) -> tuple[float, float]:
    """The entropy of the label in nats, and what is left of it by the source."""
    if isinstance(problem, Bernoulli):
        q, e = numbers["q_X"], numbers["q_S1"]
        return _bit(q * (1 - e) + (1 - q) * e) * math.log(2), _bit(e) * math.log(2)
    least = most = 0.0
    for i in [""] if isinstance(problem, Gaussian) else range(1, problem.n + 1):
        s, x, theta = (numbers[f"{name}{i}"] for name in ("sigma_S", "sigma_X", "theta"))
        rho = theta / s / x
        most += math.log(2 * math.pi * math.e) / 2 + math.log(s)
        least += math.log((1 - rho) * (1 + rho)) / 2 if abs(rho) < 1 else -math.inf
    return most, most + least


def question_of(rng: np.random.Generator) -> tuple[Any, dict[str, Any], Any]:
    """Draw a problem, what is asked of it, and the closed form of the answer: with symbols for parameters, and without."""
    kinds = (_bernoulli, _bernoulli, _perceived_bernoulli, _gaussian, _perceived_gaussian, _vector, _limited)
    problem, minimise, unit, bounds, more = kinds[rng.integers(len(kinds))](rng)
    # Part of a squared length is lost where a distortion is subtracted from it.
    squares = more.pop("squares", 0.0)
    question = {"minimise": minimise, "unit": unit, **bounds, **more}

    name = {"D": "drc", "R": "rdc"}[minimise].replace("c", "pc" if more else "c")

    def widened(factor: float) -> dict[str, float]:
        """The bounds, wider or narrower by rounding; that of C is as large as the entropy that it is compared with."""
        moved = {letter: bound * factor for letter, bound in bounds.items() if bound < math.inf}
        if "C" in moved:
            moved["C"] = bounds["C"] + max(1.0, abs(bounds["C"])) * (factor - 1)
        if "D" in moved:
            moved["D"] = max(0.0, moved["D"] + squares * (factor - 1))
        return moved

    def symbolic(factor: float) -> float:
        theorem = _theorem(name, unit, _symbolic(problem), more.get("perception"))
        numbers = _parameters(problem, **more)
        for letter in numbers:
            if letter.startswith("theta"):
                most = numbers[letter.replace("theta", "sigma_S")] * numbers[letter.replace("theta", "sigma_X")]
                numbers[letter] = max(-most, min(most, numbers[letter] * factor))
        return float(theorem(**widened(factor), **{s.name: numbers[s.name] for s in theorem.parameters}))

    def exact(factor: float) -> float:
        return float(getattr(problem, name)(unit=unit, **more)(**widened(factor)))

    return problem, question, symbolic, exact


@cache
def _theorem(name: str, unit: str, problem: Any, perception: str | None) -> Any:
    if perception is None:
        return getattr(problem, name)(unit=unit)
    reference = "q_ref" if isinstance(problem, Bernoulli) else ("mu_ref", "sigma_ref")
    return getattr(problem, name)(unit=unit, perception=perception, reference=reference)


def _symbolic(problem: Any) -> Any:
    """The problem with symbols for all parameters, so that its theorem is derived once."""
    if isinstance(problem, Bernoulli):
        return replace(problem, q_X=None, q_Y=None, q_S1=None)
    if isinstance(problem, Gaussian):
        return Gaussian(R_c="R_c" if problem.is_limited else "oo")
    columns = {name: [component(name, i) for i in range(1, problem.n + 1)] for name in LETTERS}
    return VectorGaussian(**columns)


def _parameters(problem: Any, perception: str | None = None, reference: Any = None) -> dict[str, float]:
    """The numbers of a problem, and of a reference."""
    known = {name: float(value) for name, value in problem.parameters.items() if value.is_number}
    if isinstance(problem, Bernoulli):
        return known | {"q_ref": known["q_X"] if reference is None else reference}
    if isinstance(problem, Gaussian):
        mean, deviation = (known["mu_X"], known["sigma_X"]) if reference is None else reference
        return known | {"mu_ref": float(mean), "sigma_ref": float(deviation)}
    return known


def _share(rng: np.random.Generator) -> float:
    return float(rng.choice(EDGES)) if rng.random() < 0.5 else float(rng.random())


def _near(rng: np.random.Generator, value: float) -> float:
    """The number, or one a little beside it."""
    kind = rng.integers(5)
    if kind == 0:
        return value
    if kind == 1:
        return float(value + rng.choice((-4, -1, 1, 4)) * np.spacing(abs(value)))
    return float(value + rng.choice((-1, 1)) * 10.0 ** -rng.integers(3, 14))


def _bit(p: float) -> float:
    p = min(p, 1 - p)
    return 0.0 if p <= 0 else -(p * math.log(p) + (1 - p) * math.log1p(-p)) / math.log(2)


def _either(rng: np.random.Generator, bounds: dict[str, float]) -> tuple[str, str, dict[str, float]]:
    """Choose what is minimised and in which unit; leave some bounds out."""
    minimise, unit = str(rng.choice(("D", "R"))), str(rng.choice(("bits", "nats")))
    bounds = {name: bound for name, bound in bounds.items() if name != minimise and rng.random() < 0.75}
    if unit == "nats":
        bounds = {name: bound * math.log(2) if name in ("R", "C") else bound for name, bound in bounds.items()}
    return minimise, unit, bounds


def _bounds_of_bits(rng: np.random.Generator, q: float, e: float) -> dict[str, float]:
    H_X, H_S = _bit(q), _bit(q * (1 - e) + (1 - q) * e)
    rates = (0.0, 1e-14, 1e-300, 100.0, max(0.0, _near(rng, H_X)), float(rng.random()) * H_X)
    ambiguities = (_near(rng, H_S), _near(rng, _bit(e)), 0.0, _bit(e) + float(rng.random()) * (H_S - _bit(e)))
    errors = (0.0, 1e-12, 1.0, float(rng.random()), float(rng.random()), abs(_near(rng, min(q, 1 - q))))
    return {name: float(rng.choice(v)) for name, v in (("R", rates), ("C", ambiguities), ("D", errors))}


def _bernoulli(rng: np.random.Generator) -> tuple:
    q, r, e = (_share(rng) for _ in range(3))
    if rng.random() < 0.3:
        # Exactly, in the decimals that a float is read as.
        r = (q, 1 - Fraction(repr(q)))[rng.integers(2)]
    setting, sees, shared = (
        ("one-shot", "YU", False),
        ("one-shot", "Y", False),
        ("one-shot", "Y", True),
        ("asymptotic", "Y", False),
        ("asymptotic", "Y", True),
    )[rng.integers(5)]
    problem = Bernoulli(q, r, e, setting, classifier_sees=sees, time_sharing=shared)
    return problem, *_either(rng, _bounds_of_bits(rng, q, e)), {}


def _perceived_bernoulli(rng: np.random.Generator) -> tuple:
    q, r, e = (_share(rng) for _ in range(3))
    problem = Bernoulli(q, None, e, str(rng.choice(("one-shot", "asymptotic"))))
    minimise, unit, bounds = _either(rng, _bounds_of_bits(rng, q, e))
    perception, reference = str(rng.choice(("TV", "W2", "KL"))), (None, r)[rng.integers(2)]
    if rng.random() < 0.9:
        far = abs(q - (q if reference is None else reference))
        bounds["P"] = float(rng.choice((0.0, 1e-12, 1e-300, math.inf, abs(_near(rng, far)), rng.random())))
    return problem, minimise, unit, bounds, {"perception": perception, "reference": reference}


def _scale(rng: np.random.Generator) -> Fraction:
    return Fraction(2) ** int(rng.choice((0, 0, 0, -20, 20, rng.integers(-480, 480))))


def _short(value: Any) -> Fraction:
    """A number of so few digits that products of two are doubles: the symbolic theorem gets exactly this problem."""
    return Fraction(round(float(value) * 2**14), 2**14)


def _lengths(rng: np.random.Generator) -> tuple[Fraction, ...]:
    """Means and standard deviations of X, Y and a reference, a deviation of S, and its covariance with X."""
    scale, of_label = _scale(rng), _scale(rng)
    mu = [_short(m) * scale for m in rng.choice((0.0, 1.0, -0.3), size=3)]
    sigma = [_short(s) * scale for s in rng.choice((1.0, 1.0, 0.5, 3.0, rng.uniform(0.1, 10)), size=3)]
    s_S = _short(rng.uniform(0.3, 3)) * of_label
    correlation = _short(rng.choice((0.0, 1.0, -1.0, 1 - 1e-4, rng.uniform(-1, 1))))
    return *mu, *sigma, s_S, correlation * s_S * sigma[0]


def _bounds_of_lengths(rng: np.random.Generator, s_X: Any, s_Y: Any, s_S: Any, theta: Any, m: Any) -> dict[str, float]:
    h = math.log2(2 * math.pi * math.e) / 2 + math.log2(s_S)
    rho = theta / s_S / s_X
    C = [_near(rng, h), h + float(rng.uniform(-3, 0.1)), h - 20.0]
    if abs(rho) < 1:
        h_X = h + math.log2((1 - rho) * (1 + rho)) / 2
        C += [_near(rng, h_X), h_X + float(rng.random()) * (h - h_X)]
    s_X, s_Y, m = float(s_X), float(s_Y), float(m)
    low, high = m * m + (s_X - s_Y) ** 2, m * m + s_X**2 + s_Y**2
    D = (low, high, low + float(rng.random()) * (high - low), low * (1 + 1e-9) + 1e-12 * s_X * s_Y, 0.5 * low)
    R = (0.0, 1e-14, 1e-300, 30.0, 100.0, float(rng.uniform(0, 4)))
    return {"R": float(rng.choice(R)), "C": float(rng.choice(C)), "D": float(rng.choice(D))}


def _gaussian(rng: np.random.Generator) -> tuple:
    mu_X, mu_Y, _, s_X, s_Y, _, s_S, theta = _lengths(rng)
    bounds = _bounds_of_lengths(rng, s_X, s_Y, s_S, theta, mu_X - mu_Y)
    squares = float((mu_X - mu_Y) ** 2 + s_X**2 + s_Y**2)
    return Gaussian(mu_X, s_X, mu_Y, s_Y, 0, s_S, theta), *_either(rng, bounds), {"squares": squares}


def _limited(rng: np.random.Generator) -> tuple:
    mu_X, mu_Y, _, s_X, s_Y, _, s_S, theta = _lengths(rng)
    R = float(rng.choice((0.0, 1e-14, 30.0, rng.uniform(0, 4))))
    R_c = float(rng.choice((0.0, 1e-14, 30.0, rng.uniform(0, 4))))
    unit = str(rng.choice(("bits", "nats")))
    return Gaussian(mu_X, s_X, mu_Y, s_Y, 0, s_S, theta, R_c=R_c), "D", unit, {"R": R}, {}


def _perceived_gaussian(rng: np.random.Generator) -> tuple:
    mu_X, _, mu, s_X, _, sigma, s_S, theta = _lengths(rng)
    reference = (None, (mu, sigma))[rng.integers(2)]
    if reference is None:
        mu, sigma = mu_X, s_X
    minimise, unit, bounds = _either(rng, _bounds_of_lengths(rng, s_X, sigma, s_S, theta, mu_X - mu))
    perception = str(rng.choice(("W2", "KL")))
    if rng.random() < 0.9:
        P = float(rng.choice((0.0, 1e-12, 1e-30, math.inf, rng.random(), 10 * rng.random())))
        bounds["P"] = P * float(sigma) ** 2 if perception == "W2" and math.inf > P else P
    problem = Gaussian(mu_X, s_X, mu_S=0, sigma_S=s_S, theta=theta)
    squares = float((mu_X - mu) ** 2 + s_X**2 + sigma**2)
    return problem, minimise, unit, bounds, {"perception": perception, "reference": reference, "squares": squares}


def _vector(rng: np.random.Generator) -> tuple:
    scale, of_label = _scale(rng), _scale(rng)
    n = int(rng.integers(1, 5))
    sigma_X, sigma_Y, sigma_S = (
        [_short(x) for x in rng.choice((1.0, 1.0, 2.0, 0.01, rng.uniform(0.1, 10)), size=n)] for _ in range(3)
    )
    rho = rng.choice((0.0, 1.0, -1.0, 0.5, rng.uniform(-1, 1), 1 - 1e-4), size=n)
    sigma_X, sigma_Y = ([x * scale for x in row] for row in (sigma_X, sigma_Y))
    sigma_S = [x * of_label for x in sigma_S]
    theta = [_short(r) * a * b for r, a, b in zip(rho, sigma_S, sigma_X, strict=True)]
    problem = VectorGaussian(sigma_X, sigma_Y, sigma_S, theta)
    h = sum(math.log2(2 * math.pi * math.e) / 2 + math.log2(s) for s in sigma_S)
    low = float(sum((a - b) ** 2 for a, b in zip(sigma_X, sigma_Y, strict=True)))
    high = float(sum(a * a + b * b for a, b in zip(sigma_X, sigma_Y, strict=True)))
    D = (low, high, low + float(rng.random()) * (high - low), 0.5 * low)
    C = (_near(rng, h), h - 3 * float(rng.random()), h - 20.0)
    R = (0.0, 1e-14, 30.0, 100.0, float(rng.uniform(0, 6)))
    bounds = {"R": float(rng.choice(R)), "C": float(rng.choice(C)), "D": float(rng.choice(D))}
    return problem, *_either(rng, bounds), {"squares": high}
