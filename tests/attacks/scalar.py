"""Random Bernoulli, Gaussian and vector Gaussian problems in every setting, degenerate ones above all."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np

from drc import Bernoulli, Gaussian, NotAvailableError, ProblemError, VectorGaussian

#: How far outside the proved bounds a closed form in doubles may be, relative to the value and to the scale of costs.
ROUNDING = 1e-9

#: By how much the bounds of a closed form are moved either way: as much as its own rounding is worth.
ULPS = 16 * float(np.finfo(float).eps)

EDGES = (0.0, 0.5, 1.0, 1e-9, 1 - 1e-9, 1e-300, 1 / 3)


def attack(*seed: int, time_limit: float = 0.5) -> str:
    """Return what is wrong with the answer to the problem of this seed; empty if nothing is."""
    rng = np.random.default_rng(seed)
    problem, question, formula = question_of(rng)
    began = time.process_time()
    try:
        solution = problem.solve(**question, time_limit=time_limit)
    except ProblemError as error:
        return "" if unknown(error) else f"{problem!r}.solve({question}): {error}"
    except Exception as error:
        return f"{problem!r}.solve({question}): {type(error).__name__}: {error}"
    took = time.process_time() - began
    try:
        fault = faults(solution, formula, question["minimise"])
    except Exception as error:
        fault = f"{type(error).__name__}: {error}"
    if took > 1.5 * time_limit + 0.3:
        fault = f"{took:.1f} s for a limit of {time_limit} s; {fault}"
    return f"{problem!r}.solve({question}): {solution!r}: {fault}" if fault else ""


def faults(solution: Any, formula: Any, minimise: str) -> str:
    """Compare an answer with its own proof and with a closed form."""
    lower, upper = solution.lower, solution.upper
    if math.isnan(lower + upper + solution.value) or not lower <= solution.value <= upper:
        return f"the bounds are out of order: {lower} {solution.value} {upper}"
    if solution.certificate is not None and not solution.certificate.verify():
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
    known = ("which doubles can hold", "C is no argument", "C must not be given")
    return isinstance(error, NotAvailableError) or any(words in str(error) for words in known)


def question_of(rng: np.random.Generator) -> tuple[Any, dict[str, Any], Any]:
    """Draw a problem, what is asked of it, and the closed form of the answer (None: there is none)."""
    kinds = (_bernoulli, _bernoulli, _perceived_bernoulli, _gaussian, _perceived_gaussian, _vector, _limited)
    problem, minimise, unit, bounds, more = kinds[rng.integers(len(kinds))](rng)
    # Part of a squared length is lost where a distortion is subtracted from it.
    squares = more.pop("squares", 0.0)
    question = {"minimise": minimise, "unit": unit, **bounds, **more}

    def formula(factor: float) -> float:
        """The closed form with bounds that are wider, or narrower, by rounding."""
        name = {"D": "drc", "R": "rdc"}[minimise].replace("c", "pc" if more else "c")
        moved = {letter: bound + abs(bound) * (factor - 1) for letter, bound in bounds.items()}
        if "D" in moved:
            moved["D"] = max(0.0, moved["D"] + squares * (factor - 1))
        return float(getattr(problem, name)(unit=unit, **more)(**moved))

    return problem, question, formula


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
    return -sum(x * math.log2(x) for x in (p, 1 - p) if x > 0)


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
        r = rng.choice((q, 1 - q))
    setting, sees, shared = (
        ("one-shot", "YU", False),
        ("one-shot", "Y", False),
        ("one-shot", "Y", True),
        ("asymptotic", "Y", False),
        ("asymptotic", "Y", True),
    )[rng.integers(5)]
    problem = Bernoulli(q, float(r), e, setting, classifier_sees=sees, time_sharing=shared)
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


def _scale(rng: np.random.Generator) -> float:
    return 10.0 ** float(rng.choice((0, 0, 0, -6, 6, rng.uniform(-145, 145))))


def _lengths(rng: np.random.Generator) -> tuple[float, ...]:
    """Means and standard deviations of X, Y and a reference, a deviation of S, and its covariance with X."""
    scale, of_label = _scale(rng), _scale(rng)
    mu = [float(m) * scale for m in rng.choice((0.0, 1.0, -0.3), size=3)]
    sigma = [float(s) * scale for s in rng.choice((1.0, 1.0, 0.5, 3.0, rng.uniform(0.1, 10)), size=3)]
    s_S = float(rng.uniform(0.3, 3)) * of_label
    correlation = float(rng.choice((0.0, 1.0, -1.0, 1 - 1e-9, rng.uniform(-1, 1))))
    return *mu, *sigma, s_S, correlation * s_S * sigma[0]


def _bounds_of_lengths(rng: np.random.Generator, s_X: float, s_Y: float, s_S: float, theta: float, m: float) -> dict:
    h = math.log2(2 * math.pi * math.e) / 2 + math.log2(s_S)
    rho = theta / s_S / s_X
    h_X = h + math.log2((1 - rho) * (1 + rho)) / 2 if abs(rho) < 1 else -math.inf
    C = [_near(rng, h), h + float(rng.uniform(-3, 0.1)), h - 20.0]
    if math.isfinite(h_X):
        C += [_near(rng, h_X), h_X + float(rng.random()) * (h - h_X)]
    low, high = m * m + (s_X - s_Y) ** 2, m * m + s_X**2 + s_Y**2
    D = (low, high, low + float(rng.random()) * (high - low), low * (1 + 1e-9) + 1e-12 * s_X * s_Y, 0.5 * low)
    R = (0.0, 1e-14, 1e-300, 30.0, 100.0, float(rng.uniform(0, 4)))
    return {"R": float(rng.choice(R)), "C": float(rng.choice(C)), "D": float(rng.choice(D))}


def _gaussian(rng: np.random.Generator) -> tuple:
    mu_X, mu_Y, _, s_X, s_Y, _, s_S, theta = _lengths(rng)
    bounds = _bounds_of_lengths(rng, s_X, s_Y, s_S, theta, mu_X - mu_Y)
    squares = (mu_X - mu_Y) ** 2 + s_X**2 + s_Y**2
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
        bounds["P"] = P * sigma * sigma if perception == "W2" and math.inf > P else P
    problem = Gaussian(mu_X, s_X, mu_S=0, sigma_S=s_S, theta=theta)
    squares = (mu_X - mu) ** 2 + s_X**2 + sigma**2
    return problem, minimise, unit, bounds, {"perception": perception, "reference": reference, "squares": squares}


def _vector(rng: np.random.Generator) -> tuple:
    scale, of_label = _scale(rng), _scale(rng)
    n = int(rng.integers(1, 5))
    sigma_X, sigma_Y, sigma_S = (
        [float(x) for x in rng.choice((1.0, 1.0, 2.0, 0.01, rng.uniform(0.1, 10)), size=n)] for _ in range(3)
    )
    rho = rng.choice((0.0, 1.0, -1.0, 0.5, rng.uniform(-1, 1), 1 - 1e-9), size=n)
    sigma_X, sigma_Y = ([x * scale for x in row] for row in (sigma_X, sigma_Y))
    sigma_S = [x * of_label for x in sigma_S]
    theta = [float(r) * a * b for r, a, b in zip(rho, sigma_S, sigma_X, strict=True)]
    problem = VectorGaussian(sigma_X, sigma_Y, sigma_S, theta)
    h = sum(math.log2(2 * math.pi * math.e) / 2 + math.log2(s) for s in sigma_S)
    low = sum((a - b) ** 2 for a, b in zip(sigma_X, sigma_Y, strict=True))
    high = sum(a * a + b * b for a, b in zip(sigma_X, sigma_Y, strict=True))
    D = (low, high, low + float(rng.random()) * (high - low), 0.5 * low)
    C = (_near(rng, h), h - 3 * float(rng.random()), h - 20.0)
    R = (0.0, 1e-14, 30.0, 100.0, float(rng.uniform(0, 6)))
    bounds = {"R": float(rng.choice(R)), "C": float(rng.choice(C)), "D": float(rng.choice(D))}
    return problem, *_either(rng, bounds), {"squares": high}
