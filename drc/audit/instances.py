"""Random and adversarial instances: parameters and bounds, many of them on the corners of a theorem."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import sympy as sp

from drc.information import KL_b, binary_entropy, conditional_entropy, entropy
from drc.numbers import seed_given, whole
from drc.problems import Finite
from drc.proof import NONNEGATIVE
from drc.tradeoff import Tradeoff

Instance = dict[str, float]

#: How far to go where a domain has no end.
_WIDTH = 3.0


def instances_of(tradeoff: Tradeoff, count: int, seed: int) -> Iterator[Instance]:
    """Yield instances of a trade-off: as for its family or, for a source of another kind, where its proof was checked.

    Yields
    ------
    mapping from parameter or bound to number; information in bits
    """
    name, arguments = tradeoff.problem.id, tuple(symbol.name for symbol in tradeoff.arguments)
    if any(name.startswith(family) for family in _FAMILIES):
        yield from instances(name, arguments, count, seed)
        return
    rng, left = np.random.default_rng(seed_given(seed)), whole("samples", count, 1)
    domain = {symbol: ends for step in tradeoff.derivation or () for symbol, ends in step.domain.items()}
    ranges = {s.name: _box(domain.get(s, NONNEGATIVE)) for s in (*tradeoff.parameters, *tradeoff.arguments)}
    if isinstance(tradeoff.problem, Finite):
        ranges |= {name: (ends, ends) for name, ends in _of_use(tradeoff.problem).items() if name in arguments}
    while left:
        drawn = {
            s: _one_of(rng, 0.1, corners, lambda box=box: rng.uniform(*box)) for s, (box, corners) in ranges.items()
        }
        numbers = {name: float(value) for name, value in drawn.items()}
        parameters = {name: value for name, value in numbers.items() if name not in arguments}
        if not (parameters and np.any(tradeoff.problem.out_of_range(parameters))):
            left -= 1
            yield numbers


def _of_use(problem: Finite) -> dict[str, tuple[float, float]]:
    """Where the bounds of a finite problem matter: between the least that a channel reaches and the most that any needs."""
    noise, label = conditional_entropy(problem.joint_law), entropy(problem.label_law)
    costs = problem.distortions[problem.source_law > 0]
    return {
        "R": (0.0, float(entropy(problem.source_law))),
        "C": (float(noise), float(label)),
        "D": (0.0, float(costs[np.isfinite(costs)].max(initial=0.0))),
        "P": (0.0, 1.0 if problem.ground_costs is None else float(problem.ground_costs.max())),
    }


def _box(inside: sp.Set) -> tuple[tuple[float, float], tuple[float, ...]]:
    """A bounded part of an interval, and those of its ends that belong to the interval."""
    low = -_WIDTH if inside.inf.is_infinite else float(inside.inf)
    high = low + _WIDTH if inside.sup.is_infinite else float(inside.sup)
    return (low, high), tuple(float(end) for end in (inside.inf, inside.sup) if end in inside) or (high,)


def instances(theorem: str, arguments: tuple[str, ...], count: int, seed: int) -> Iterator[Instance]:
    """Yield instances of a theorem.

    Parameters
    ----------
    theorem : str
        Its id; the first words of it name the family.
    arguments : names of the bounds, such as ("R", "C"); with "P" among them there is a reference law instead of a target

    Yields
    ------
    mapping from parameter or bound to number; information in bits
    """
    rng, count = np.random.default_rng(seed_given(seed)), whole("samples", count, 1)
    families = _WITH_PERCEPTION if "P" in arguments else _FAMILIES
    draw = next(draw for family, draw in families.items() if theorem.startswith(family))
    if "remote" in theorem.split("."):
        draw = (_remote_bit if theorem.startswith("bernoulli") else _remote)(draw)
    for _ in range(count):
        everything = draw(rng)
        bounds = {"D", "R", "C"} - set(arguments)
        yield {name: float(value) for name, value in everything.items() if name not in bounds}


def _bernoulli(rng: np.random.Generator) -> Instance:
    q = _probability(rng, 0.5)
    e = _probability(rng, 0.5)
    r = _probability(rng, q, 1 - q, 0.5)
    H_X, H_noise, H_S = (float(binary_entropy(p)) for p in (q, e, q * (1 - e) + (1 - q) * e))
    meeting = min(min(q, 1 - q), min(r, 1 - r)) / max(min(q, 1 - q), 1e-9)
    return {
        "q_X": q,
        "q_Y": r,
        "q_S1": e,
        "R": _one_of(rng, 0.1, (0.0, H_X, meeting * H_X), lambda: rng.uniform(0, 1.1)),
        "C": _one_of(rng, 0.1, (H_S, H_noise, 0.0), lambda: rng.uniform(max(0, H_noise - 0.1), H_S + 0.1)),
        "D": _one_of(rng, 0.1, (abs(q - r), q + r - 2 * q * r, 0.0), lambda: rng.uniform(0, 1)),
    }


def _bernoulli_with_perception(rng: np.random.Generator) -> Instance:
    drawn = _bernoulli(rng)
    q, r = drawn["q_X"], drawn.pop("q_Y")
    divergence = float(KL_b.numeric(q, r))
    # Where the law of the source is just within P, as total variation or as divergence.
    corners = (0.0, abs(q - r), divergence if np.isfinite(divergence) else 1.0)
    return {**drawn, "q_ref": r, "P": _one_of(rng, 0.1, corners, lambda: 10 ** rng.uniform(-3, 0.2))}


def _bernoulli_time_shared(rng: np.random.Generator) -> Instance:
    """Half of the bounds where both conflict, so that time sharing helps."""
    drawn = _bernoulli(rng)
    if rng.random() < 0.5:
        return drawn
    q, r, e = drawn["q_X"], drawn["q_Y"], drawn["q_S1"]
    H_S = binary_entropy(q * (1 - e) + (1 - q) * e)
    most = min(q, 1 - q) * min(r, 1 - r)
    transport, independent = abs(q - r), q + r - 2 * q * r
    return drawn | {
        "R": rng.uniform(0, 1) * binary_entropy(q) * min(r, 1 - r) / max(min(q, 1 - q), 1e-9),
        "C": H_S - rng.uniform(0, 1) * most * (1 - 2 * e) ** 2,
        "D": transport + rng.uniform(0, 1.2) * (independent - transport),
    }


def _gaussian(rng: np.random.Generator) -> Instance:
    mu_X, mu_Y = rng.uniform(-1, 1, 2)
    s_X, s_Y, s_S = rng.uniform(0.25, 2, 3)
    rho = _one_of(rng, 0.1, (0.0,), lambda: rng.uniform(-0.98, 0.98))
    h_S = 0.5 * np.log2(2 * np.pi * np.e * s_S**2)
    h_S_given_X = h_S + 0.5 * np.log2(1 - rho**2)
    B = (mu_X - mu_Y) ** 2 + s_X**2 + s_Y**2
    floor = (mu_X - mu_Y) ** 2 + (s_X - s_Y) ** 2
    return {
        "mu_X": mu_X,
        "sigma_X": s_X,
        "mu_Y": _one_of(rng, 0.1, (mu_X,), lambda: mu_Y),
        "sigma_Y": _one_of(rng, 0.1, (s_X,), lambda: s_Y),
        "mu_S": 0.0,
        "sigma_S": s_S,
        "theta": rho * s_S * s_X,
        "R": _one_of(rng, 0.1, (0.0, 1.0), lambda: rng.uniform(0, 4)),
        "C": _one_of(rng, 0.1, (h_S + 1e-6,), lambda: rng.uniform(h_S_given_X - 0.1, h_S + 0.2)),
        "D": _one_of(rng, 0.1, (B,), lambda: rng.uniform(0.9 * floor, 1.1 * B)),
        "R_c": _one_of(rng, 0.2, (0.0,), lambda: rng.uniform(0, 3)),
    }


def _gaussian_with_perception(rng: np.random.Generator) -> Instance:
    drawn = _gaussian(rng)
    mu, sigma = drawn.pop("mu_Y"), drawn.pop("sigma_Y")
    mu_X, s_X = drawn["mu_X"], drawn["sigma_X"]
    floor, B = (mu_X - mu) ** 2 + (s_X - sigma) ** 2, (mu_X - mu) ** 2 + s_X**2 + sigma**2
    # What rate zero costs, where the reference is in no one's way and where it is.
    P = _one_of(rng, 0.1, (0.0, floor), lambda: 10 ** rng.uniform(-3, 0.5))
    D = _one_of(rng, 0.1, (B, s_X**2), lambda: rng.uniform(0, 1.1) * rng.choice((B, s_X**2)))
    return {**drawn, "mu_ref": mu, "sigma_ref": sigma, "P": P, "D": D}


def _remote(draw: Callable[[np.random.Generator], Instance]) -> Callable[[np.random.Generator], Instance]:
    """Make the sources of a family estimates of remote ones: what is a corner of their problems is one of these."""

    def drawn(rng: np.random.Generator) -> Instance:
        direct = draw(rng)
        rho = _one_of(rng, 0.2, (1.0, -1.0), lambda: rng.uniform(0.2, 1) * rng.choice((-1, 1)))
        sigma_X = rng.uniform(0.25, 2)
        deviation = direct["sigma_X"] / abs(rho)
        remote = {"mu_T": direct["mu_X"], "sigma_T": deviation, "rho_TX": rho, "mu_X": rng.uniform(-1, 1)}
        error = {"D": direct["D"] + deviation**2 * (1 - rho**2)}
        return direct | remote | error | {"sigma_X": sigma_X, "theta": direct["theta"] / direct["sigma_X"] * sigma_X}

    return drawn


def _remote_bit(draw: Callable[[np.random.Generator], Instance]) -> Callable[[np.random.Generator], Instance]:
    """Put the distortion of a family to a remote bit: what is a corner of its problems is one of these."""

    def drawn(rng: np.random.Generator) -> Instance:
        direct = draw(rng)
        if "q_ref" in direct:
            zero = one = _one_of(rng, 0.1, (0.0,), lambda: rng.uniform(0, 0.5))
            errors, error = {"q_T": zero}, zero
        else:
            zero, one = (_one_of(rng, 0.1, (0.0,), lambda: rng.uniform(0, 0.5)) for _ in range(2))
            q, r = direct["q_X"], direct["q_Y"]
            errors, error = {"q_T0": zero, "q_T1": one}, (1 - q) * zero + q * one + (one - zero) * (r - q)
        return direct | errors | {"D": max(0.0, error + (1 - zero - one) * direct["D"])}

    return drawn


def _vector_gaussian(rng: np.random.Generator) -> Instance:
    """Two components, alike now and then, with bounds where the constraints conflict."""
    mu_X, mu_Y = rng.uniform(-1, 1, (2, 2))
    s_X, s_Y, s_S = rng.uniform(0.25, 2, (3, 2))
    rho = np.array([_one_of(rng, 0.1, (0.0,), lambda: rng.uniform(-0.98, 0.98)) for _ in range(2)])
    if rng.random() < 0.1:
        s_X, s_Y, rho = (np.full(2, values[0]) for values in (s_X, s_Y, rho))
    h_S = 0.5 * np.log2(2 * np.pi * np.e * s_S**2).sum()
    most = 0.5 * np.log2(1 - rho**2).sum()
    shift = ((mu_X - mu_Y) ** 2).sum()
    B, floor = shift + (s_X**2 + s_Y**2).sum(), shift + ((s_X - s_Y) ** 2).sum()
    parameters = {"mu_X": mu_X, "mu_Y": mu_Y, "sigma_X": s_X, "sigma_Y": s_Y, "sigma_S": s_S, "theta": rho * s_S * s_X}
    return {f"{name}{i + 1}": values[i] for name, values in parameters.items() for i in range(2)} | {
        "R": _one_of(rng, 0.1, (0.0, 1.0), lambda: rng.uniform(0, 6)),
        "C": _one_of(rng, 0.1, (h_S + 1e-6,), lambda: h_S + most * rng.uniform(-0.1, 1.1) ** 2),
        "D": _one_of(rng, 0.1, (B,), lambda: rng.uniform(0.9 * floor, 1.1 * B)),
    }


def _uniform(rng: np.random.Generator) -> Instance:
    M = float(rng.integers(2, 7))
    return {
        "M": M,
        "D": _one_of(rng, 0.05, (0.0, 1 - 1 / M, 1 - 1 / M), lambda: rng.uniform(0, 1.1)),
        "P": _one_of(rng, 0.02, (0.0,), lambda: rng.uniform(0, 1)),
    }


def _mary(rng: np.random.Generator) -> Instance:
    M = float(rng.integers(2, 5))
    noise = float(_one_of(rng, 0.15, (0.0, 1.0, 1 - 1 / M), rng.random))
    H_X, H_noise = np.log2(M), float(binary_entropy(noise)) + noise * np.log2(M - 1)
    return {
        **_uniform(rng),
        "M": M,
        "q_S1": noise,
        "R": _one_of(rng, 0.1, (0.0, H_X), lambda: rng.uniform(0, 1.1) * H_X),
        "C": _one_of(rng, 0.1, (H_X, H_noise, 0.0), lambda: rng.uniform(max(0, H_noise - 0.1), H_X + 0.1)),
        "D": _one_of(rng, 0.1, (0.0, 1 - 1 / M), lambda: rng.uniform(0, 1.1)),
    }


def _laplace(rng: np.random.Generator) -> Instance:
    scale = float(10 ** rng.uniform(-2, 2))
    return {
        "lam": scale,
        "R": _one_of(rng, 0.1, (0.0,), lambda: rng.uniform(0, 6)),
        "D": _one_of(rng, 0.1, (0.0, 1 / scale), lambda: rng.uniform(0, 1.2) / scale),
    }


def _universal_bit(rng: np.random.Generator) -> Instance:
    q = _probability(rng, 0.5)
    m = min(q, 1 - q)
    D = _one_of(rng, 0.1, (0.0, m), lambda: rng.uniform(0, 1.1) * m)
    # Where either demand alone decides, and in between.
    corners = (0.0, D, 2 * (1 - m) * D, 2 * m * (1 - m))
    return {"q_X": q, "D": D, "D2": _one_of(rng, 0.2, corners, lambda: rng.uniform(0, 2.2) * D)}


def _difference(rng: np.random.Generator) -> Instance:
    """Three costs; every third time some are alike, or all are."""
    costs = rng.uniform(0, 2, 3)
    if rng.random() < 0.3:
        costs = costs[rng.integers(0, 3, 3)]
    least = float(costs.min())
    most = float(np.log2(3 / (costs == least).sum()))
    return {
        **{f"rho_{k}": cost for k, cost in enumerate(costs)},
        "D": _one_of(
            rng, 0.05, (least, float(costs.mean()), 0.0), lambda: rng.uniform(0.9 * least, 1.1 * costs.mean())
        ),
        "R": _one_of(rng, 0.15, (0.0, most), lambda: rng.uniform(0, 1.2) * np.log2(3)),
        "P": _one_of(rng, 0.02, (0.0,), lambda: rng.uniform(0, 1)),
    }


_FAMILIES: Mapping[str, Callable[[np.random.Generator], Instance]] = {
    "bernoulli.one-shot.Y.time-shared": _bernoulli_time_shared,
    "bernoulli": _bernoulli,
    "gaussian.vector": _vector_gaussian,
    "gaussian": _gaussian,
    "group.hamming": _uniform,
    "group.cost": _difference,
    "mary": _mary,
    "laplace": _laplace,
    "universal": _universal_bit,
}

_WITH_PERCEPTION: Mapping[str, Callable[[np.random.Generator], Instance]] = {
    "bernoulli": _bernoulli_with_perception,
    "gaussian": _gaussian_with_perception,
    "group.hamming": _uniform,
    "group.cost": _difference,
    "mary": _mary,
}


def _probability(rng: np.random.Generator, *corners: float) -> float:
    return float(_one_of(rng, 0.15, (0.0, 1.0, *corners), rng.random))


def _one_of(rng: np.random.Generator, share: float, corners: Sequence[float], otherwise: Callable[[], float]) -> float:
    return corners[int(rng.integers(len(corners)))] if rng.random() < share else otherwise()
