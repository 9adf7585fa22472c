"""Binary problems whose bounds lie on the borders H(S), H(S|X), H(X) and 0 as floats compute them, or a few ulp beside."""

import math

import numpy as np

from drc.checker import check_certificate
from drc.problems import Bernoulli

#: How far beside a border a bound lies, in ulp.
STEPS = (0, -1, 1, -4, 4)


def attack(*seed: int, time_limit: float = 20.0) -> str:
    """Return what is wrong with the answers to the problem of this seed; empty if nothing is."""
    rng = np.random.default_rng(seed)
    q_X, q_Y, q_S1 = (float(rng.choice([0.5, rng.random()])) for _ in range(3))
    mixed = q_X * (1 - q_S1) + (1 - q_X) * q_S1
    C = moved(float(rng.choice([_entropy(mixed), _entropy(q_S1)])), rng.choice(STEPS))
    R = moved(float(rng.choice([_entropy(q_X), 0.0])), rng.choice(STEPS))
    question = f"q_X={q_X!r}, q_Y={q_Y!r}, q_S1={q_S1!r}, R={R!r}, C={C!r}"
    for setting in ("one-shot", "asymptotic"):
        binary = Bernoulli(q_X, q_Y, q_S1, setting)
        formula = float(binary.drc()(R=R, C=C))
        found = binary.finite().solve(R=R, C=C, time_limit=time_limit)
        if not check_certificate(found.certificate.to_dict()):
            return f"{question}, {setting}: the certificate is not proved"
        # Without a plan, or without a proof that there is none, the solver says neither.
        agrees = (found.lower == math.inf) if formula == math.inf else (found.upper < math.inf)
        if not (agrees and (formula == math.inf or found.lower - 1e-7 <= formula <= found.upper + 1e-7)):
            return f"{question}, {setting}: the formula gives {formula}, the solver [{found.lower}, {found.upper}]"
    return ""


def moved(border: float, steps: int) -> float:
    """Return a double so many units in the last place beside another, but none below zero."""
    for _ in range(abs(int(steps))):
        border = math.nextafter(border, math.copysign(math.inf, steps))
    return max(border, 0.0)


def _entropy(q: float) -> float:
    return -sum(p * math.log2(p) for p in (q, 1 - q) if p > 0)
