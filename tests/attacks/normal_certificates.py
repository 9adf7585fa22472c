"""Certificates about Gaussians, changed at random: whatever the checker proves of them must be true.

The changes are those of `certificates`, with a few of its own. What decides that something false was accepted, in floats:
the plan in the certificate, measured from its rates, for an upper bound; and for a lower bound the plan of the honest
certificate, that of the solver for the changed problem, and rates and laws on a grid.
"""

from __future__ import annotations

import copy
import functools
import itertools
import math

import numpy as np
from checker.truth import value

from attacks.certificates import MARGIN, MEANINGLESS, at, change, overclaim, places, verdict_on
from drc import Gaussian, VectorGaussian
from drc.errors import ContradictionError, ProblemError

__all__ = ["at", "attack", "places", "wrong"]

BASES = 120


def attack(*seed: int) -> str:
    """Return what is wrong with the verdict on the changed certificate of this seed; empty if nothing is."""
    rng = np.random.default_rng(seed)
    honest = base(int(rng.integers(BASES)))
    made = copy.deepcopy(honest)
    if rng.random() < 0.5:
        overclaim(made, rng)
    for _ in range(min(rng.geometric(0.6), 4)):
        try:
            (own, change)[rng.random() < 0.7](made, rng)
        except (KeyError, TypeError, IndexError):
            continue  # a change of finite problems, or one of what an earlier change took away
    return wrong(made, honest)


def own(made, rng):
    """Change what only Gaussians have."""
    about, dual = made["problem"], made["dual"]
    match rng.integers(7):
        case 0:
            about["R_c"] = ["inf", 0, 1, -1][rng.integers(4)]
        case 1:
            about["rho_SX"] = [["0", "1", "-1", "99/100"][rng.integers(4)] for _ in about["rho_SX"]]
        case 2:
            made["minimise"] = "R" if made["minimise"] == "D" else "D"
            dual["objective"] = int(rng.integers(2))
        case 3:
            dual["multipliers"] = {n: int(rng.integers(3)) for n in "RCDP" if rng.random() < 0.5}
        case 4:
            made["primal"]["rates"] = [["inf", 0, 1, "1/3"][rng.integers(4)] for _ in made["primal"]["rates"]]
        case 5:
            made["primal"]["law"] = [None, [0, 1], [1, 0], [0, -1]][rng.integers(4)]
        case 6:
            about["perception"] = [None, {"measure": str(rng.choice(["W2", "KL"])), "reference": [0, 1]}][
                rng.integers(2)
            ]
            if about["perception"]:
                about["mu_Y"] = about["sigma_Y"] = None


def wrong(made, honest) -> str:
    """Return what is wrong with the verdict on a certificate that was made of an honest one."""
    verdict = verdict_on(made, nonsense)
    if isinstance(verdict, str):
        return verdict
    lower, upper = (math.inf if made[side] == "inf" else value(made[side]) for side in ("lower", "upper"))
    if verdict.upper_holds and upper < math.inf:
        reached = cost(made, *plan(made), slack=1e-9)
        if not reached <= upper + 1e-9 * (1 + abs(upper)):
            return f"the upper bound {upper} is proved, and the plan has {reached}"
    if verdict.lower_holds and lower > 0:
        for rates, law in plans(made, honest):
            reached = cost(made, rates, law, slack=-1e-9)
            if reached < lower - MARGIN * (1 + reached):
                return f"the lower bound {lower} is proved, and the rates {rates} have {reached}"
    return ""


def nonsense(made) -> str:
    """Say what makes a problem none; empty if it is one."""
    if any(path[-1] in MEANINGLESS for path in places(made)):
        return "a field has no meaning"
    about, perception = made["problem"], made["problem"].get("perception")
    deviations = [x for name in ("sigma_X", "sigma_Y", "sigma_S") for x in about.get(name) or ()]
    if any(value(x) <= 0 for x in [*deviations, *(perception["reference"][1:] if perception else ())]):
        return "a standard deviation is not positive"
    if any(abs(value(x)) > 1 for x in about.get("rho_SX") or ()):
        return "a correlation is above one"
    if perception and (about.get("sigma_Y") is not None or about["R_c"] != "inf" or len(about["sigma_X"]) > 1):
        return "a perception is in the wrong place"
    if "P" in made["bounds"] and not perception:
        return "P is bounded without a perception"
    if about["R_c"] != "inf" and (value(about["R_c"]) < 0 or len(about["sigma_X"]) > 1 or "C" in made["bounds"]):
        return "common randomness is limited in the wrong place"
    return ""


def plan(made):
    """Return the rates and the law of a certificate."""
    law = made["primal"].get("law")
    rates = np.array([math.inf if r == "inf" else value(r) for r in made["primal"]["rates"]])
    return rates, None if law is None else [value(x) for x in law]


def cost(made, rates, law, *, slack):
    """Return the objective of rates and a law of Y, `inf` unless they meet the bounds, but for rounding."""
    about, nat = made["problem"], math.log(2) if made["unit"] == "bits" else 1.0
    column = {name: np.array([value(x) for x in about[name]]) for name in COLUMNS if about.get(name) is not None}
    if (rates < 0).any() or len(rates) != len(column["sigma_X"]):
        return math.inf
    perception, reached = about.get("perception"), {"R": float(rates.sum())}
    if perception:
        mu, sigma = (value(x) for x in perception["reference"])
        m, s = (mu, sigma) if law is None else law
        if s < 0 or (s == 0 and perception["measure"] == "KL"):
            return math.inf
        reached["P"] = (m - mu) ** 2 + (s - sigma) ** 2
        if perception["measure"] == "KL":
            reached["P"] = ((s**2 + (m - mu) ** 2) / sigma**2 / 2 - 0.5 - math.log(s / sigma)) / nat
    else:
        m, s = column["mu_Y"], column["sigma_Y"]
    more = math.inf if about["R_c"] == "inf" else value(about["R_c"])
    kept, other = -np.expm1(-2 * rates * nat), -np.expm1(-2 * (rates + more) * nat)
    X, Z = column["sigma_X"], column["mu_X"]
    reached["D"] = float(((Z - m) ** 2 + X**2 + s**2 - 2 * X * s * np.sqrt(kept * other)).sum())
    if "C" in made["bounds"]:
        left = 1 - column["rho_SX"] ** 2 * kept
        if (left <= 0).any():
            reached["C"] = -math.inf
        else:
            h = np.log(2 * math.pi * math.e * column["sigma_S"] ** 2 * left) / 2
            reached["C"] = float(h.sum()) / nat
    bounds = {name: value(bound) for name, bound in made["bounds"].items()}
    # What a distortion is compared with, which is a difference of squares, has the rounding of those.
    sizes = {"D": float((X**2).sum() + np.sum(np.square(s)))}
    met = all(reached[name] <= bound + slack * (1 + abs(bound) + sizes.get(name, 0)) for name, bound in bounds.items())
    return reached[made["minimise"]] if met else math.inf


COLUMNS = ("mu_X", "sigma_X", "mu_Y", "sigma_Y", "sigma_S", "rho_SX")


def plans(made, honest):
    """Yield rates and laws that may be good."""
    if honest["primal"] is not None:
        yield plan(honest)
    yield from solved(made)
    n = len(made["problem"]["sigma_X"])
    R = value(made["bounds"]["R"]) if "R" in made["bounds"] else 3.0
    perception = made["problem"].get("perception")
    laws = [None]
    if perception:
        mu, sigma = (value(x) for x in perception["reference"])
        laws += [[mu + a * sigma, sigma * b] for a in (-0.5, -0.1, 0, 0.1, 0.5) for b in (0.5, 0.9, 1, 1.1, 1.5)]
    shares = (0, 0.1, 0.5, 0.9, 1 - 1e-8)
    for parts in itertools.product(shares, repeat=min(n, 3)):
        if sum(parts) <= 1:
            rates = np.resize(np.array(parts) * R, n) * (1 if n <= 3 else 3 / n)
            for law in laws:
                yield rates, law


def solved(made):
    """Yield the plan that a solver finds for the changed problem, unless it refuses the problem."""
    about = made["problem"]
    given = {name: [value(x) for x in about[name]] for name in COLUMNS if about.get(name) is not None}
    if "sigma_S" in given:
        parts = zip(given.pop("rho_SX"), given["sigma_S"], given["sigma_X"], strict=True)
        given["theta"] = [float(np.clip(k, -1, 1)) * s * x for k, s, x in parts]
    asked = {"unit": made["unit"], "minimise": made["minimise"], **{n: value(b) for n, b in made["bounds"].items()}}
    perception, R_c = about.get("perception"), about["R_c"]
    try:
        if len(given["sigma_X"]) > 1:
            problem = VectorGaussian(**given)
        else:
            limited = {} if R_c == "inf" else {"R_c": value(R_c)}
            problem = Gaussian(**{name: column[0] for name, column in given.items()}, **limited)
            if perception:
                asked |= {"perception": perception["measure"]}
                asked["reference"] = tuple(value(x) for x in perception["reference"])
        found = problem.solve(**asked).certificate.to_dict()
    except (ProblemError, NotImplementedError, ContradictionError):
        return
    if found["primal"] is not None:
        yield plan(found)


@functools.cache
def base(i: int) -> dict:
    """An honest certificate."""
    rng = np.random.default_rng((23, i))
    while True:
        n = 1 if i % 4 else int(rng.integers(2, 4))
        X, Y, S = (np.round(rng.uniform(0.3, 2, n), 2) for _ in range(3))
        k = np.round(rng.uniform(-1, 1, n), 1)
        asked = {"minimise": str(rng.choice(["D", "R"])), "unit": str(rng.choice(["bits", "nats"]))}
        nat = math.log(2) if asked["unit"] == "bits" else 1.0
        h = float(np.log(2 * math.pi * math.e * S**2).sum() / 2)
        asked |= {"R": float(np.round(rng.uniform(0, 3), 2))} if asked["minimise"] == "D" else {}
        asked |= (
            {"D": float(np.round(rng.uniform(0.3, 1) * (X**2 + Y**2).sum(), 2))} if asked["minimise"] == "R" else {}
        )
        asked |= {"C": float(np.round((h - rng.uniform(0, 1)) / nat, 3))} if rng.random() < 0.6 and i % 4 != 3 else {}
        if n > 1:
            problem = VectorGaussian(X.tolist(), Y.tolist(), S.tolist(), (k * S * X).tolist())
        elif i % 4 == 3:
            asked |= {"minimise": "D", "R": 1.5}
            asked.pop("D", None)
            problem = Gaussian(0.25, X[0], 0, Y[0], R_c=float(np.round(rng.uniform(0, 2), 1)))
        else:
            problem = Gaussian(0.25, X[0], 0, Y[0], 0, S[0], (k * S * X)[0])
            if i % 4 == 2:
                asked |= {"P": float(np.round(rng.uniform(0, 0.4), 2)), "reference": (0.5, Y[0])}
                asked |= {"perception": str(rng.choice(["W2", "KL"]))}
        try:
            return problem.solve(**asked).certificate.to_dict()
        except (ProblemError, NotImplementedError):
            continue
