"""Random points of every theorem, corners and the ends of the range of doubles among them, against mpmath."""

from __future__ import annotations

import math
from functools import cache

import mpmath
import numpy as np
import sympy as sp
from in_mpmath import evaluate

import drc
from drc.audit.instances import instances
from drc.information import H_b

#: What a value may be off by, and how much of what one ulp of an argument changes; beside a border, which counts as met
#: within as many ulps as `SLACK` has, the value may be that of a point which is as far away.
RELATIVE, ULPS, BORDER = 1e-12, 4, 8


def attack(*seed: int, only: str = "") -> str:
    """Return what is wrong with a theorem at the random point of this seed; empty if nothing is."""
    rng = np.random.default_rng(seed)
    entries = [entry for entry in drc.catalogue() if only in entry.id]
    entry = entries[rng.integers(len(entries))]
    unit = ("bits", "nats")[rng.integers(2)]
    symbolic = theorem(entry.id, unit)
    parameters, bounds = drawn(rng, symbolic)
    told = f"{entry.id} {unit} {parameters} {bounds}"
    try:
        # A theorem is soon evaluated, and long made special.
        if rng.random() < 0.02:
            tradeoff = entry.tradeoff(unit=unit, **parameters)
            # The problem may move a parameter to a border that it misses by rounding.
            exact = {n: v for n, v in tradeoff.problem.parameters.items() if n in parameters}
            point = {**{n: v if v.is_finite else math.inf for n, v in exact.items()}, **bounds}
            found, regime = (f(**bounds) for f in (tradeoff, tradeoff.regime))
        else:
            point = {**parameters, **bounds}
            found, regime = (f(**point) for f in (symbolic, symbolic.regime))
    except drc.ProblemError as error:
        if "range of a double" not in str(error):
            return ""  # rounding has put a parameter out of its range
        found = regime = None
    fault = judged(symbolic, point, found, regime)
    return f"{told}: {fault}" if fault else ""


@cache
def theorem(name: str, unit: str) -> drc.Tradeoff:
    return drc.theory.entry(name).tradeoff(unit=unit)


def judged(tradeoff, point, found, regime) -> str:
    """Compare with mpmath; where that is not enough, with what one ulp of each argument changes."""
    truth = evaluate(tradeoff, point)
    if found is None:
        return "" if abs(truth[1]) > 1.797e308 else f"refused, but it is {mpmath.nstr(truth[1], 20)}"
    return verdict(truth, found, regime, lambda ulps: beside(tradeoff, point, ulps))


def beside(tradeoff, point, ulps):
    """Regimes and values at the points that are some ulps away in one argument."""
    return [evaluate(tradeoff, moved) for moved in nudged(point, ulps)]


def verdict(truth, found, regime, neighbours) -> str:
    """Compare a value and its regime with the true ones, and with those of neighbours some ulps away."""
    name, value = truth
    if math.isnan(found):
        return "nan"
    if close(found, value) and regime == name:
        return ""
    fault = compared(name, value, found, regime, neighbours(1), ULPS)
    if fault:
        far = neighbours(BORDER)
        if any(other != name for other, _ in far):
            # Beyond a border that counts as met a formula is continued, and the side that it continues is not unique.
            fault = compared(name, value, found, name, far, 1)
    return fault


def compared(name, value, found, regime, changed, times) -> str:
    """Compare with what moved arguments make of it."""
    if regime != name and regime not in [other for other, _ in changed]:
        return f"regime {regime!r} instead of {name!r}, {found!r} instead of {mpmath.nstr(value, 20)}"
    allowed = [v for _, v in changed if mpmath.isfinite(v)]
    if mpmath.isinf(found) or mpmath.isinf(value):
        return "" if found in (value, *(v for _, v in changed)) else f"{found!r} instead of {mpmath.nstr(value, 20)}"
    most = max((abs(v - value) for v in allowed), default=0)
    if abs(mpmath.mpf(found) - value) <= times * most or any(close(found, v) for v in allowed if regime != name):
        return ""
    return f"{found!r} instead of {mpmath.nstr(value, 20)}, neighbours differ by {mpmath.nstr(most, 3)}"


def close(found: float, value) -> bool:
    if mpmath.isinf(value) or math.isinf(found):
        return found == value
    return abs(mpmath.mpf(found) - value) <= RELATIVE * abs(value) + 3e-322


def nudged(point, ulps):
    for name, value in point.items():
        if not isinstance(value, sp.Expr) and math.isfinite(value):
            for far in (math.inf, -math.inf):
                moved = value
                for _ in range(ulps):
                    moved = math.nextafter(moved, far)
                if moved >= 0 or value < 0 or name == "C":
                    yield {**point, name: moved}


# Points --------------------------------------------------------------------------------------------------------------


def drawn(rng, tradeoff):
    """Draw parameters and bounds."""
    bounds = [s.name for s in tradeoff.arguments]
    names = [s.name for s in tradeoff.parameters]
    one = next(instances(tradeoff.id, (*bounds, *names), 1, seed=int(rng.integers(2**31))))
    one = {name: float(one[name]) for name in (*bounds, *names)}
    move = _bernoulli if tradeoff.id.startswith("bernoulli") else _vector if ".vector." in tradeoff.id else _gaussian
    if rng.random() < 0.8 and not tradeoff.id.startswith(("group", "mary", "laplace", "universal")):
        (_remote if "rho_TX" in one else _remote_bit if {"q_T", "q_T0"} & one.keys() else move)(rng, one, tradeoff)
    return {name: float(one[name]) for name in names}, {name: float(one[name]) for name in bounds}


def _either(rng, *choices):
    chosen = choices[rng.integers(len(choices))]
    return chosen() if callable(chosen) else chosen


def _around(rng, value):
    """A border, or a number a few ulps, or a small distance, beside it."""
    if not math.isfinite(value):
        return value
    steps = int(rng.integers(-9, 10))
    return _either(
        rng,
        value,
        value + steps * math.ulp(value),
        lambda: value * (1 + rng.choice((-1, 1)) * 10 ** rng.uniform(-15, -1)),
        lambda: value + rng.choice((-1, 1)) * 10 ** rng.uniform(-15, -1),
    )


def _rate(rng, *borders):
    return abs(
        _either(
            rng,
            0.0,
            math.inf,
            lambda: 10 ** rng.uniform(-16, 3),
            lambda: 10 ** rng.uniform(-300, -10),
            lambda: rng.uniform(30, 1000),
            lambda: rng.uniform(0, 8),
            *(lambda b=b: _around(rng, b) for b in borders),
        )
    )


def _probability(rng, other=0.3):
    return min(
        1.0,
        abs(
            _either(
                rng,
                0.0,
                0.5,
                1.0,
                other,
                1 - other,
                lambda: 10 ** rng.uniform(-300, -2),
                lambda: 1 - 10 ** rng.uniform(-16, -2),
                lambda: 0.5 + rng.choice((-1, 1)) * 10 ** rng.uniform(-16, -2),
                lambda: _around(rng, other),
                rng.random,
                rng.random,
                lambda: round(rng.random(), 2),
            )
        ),
    )


def _bernoulli(rng, one, tradeoff):
    nats = float(tradeoff.unit.nats)
    q = one["q_X"]
    for name in ("q_X", "q_S1", "q_Y", "q_ref"):
        if name in one and rng.random() < 0.4:
            one[name] = _probability(rng, q)
    q, e = one["q_X"], one.get("q_S1", 0.0)
    target = one.get("q_Y", one.get("q_ref", 0.0))
    entropy = lambda p: float(H_b.numeric(p)) * math.log(2) / nats  # noqa: E731
    s = q * (1 - e) + (1 - q) * e
    if "R" in one and rng.random() < 0.6:
        one["R"] = _rate(rng, entropy(q), entropy(q) * rng.random())
    if "C" in one and rng.random() < 0.6:
        top, low = entropy(s), entropy(e)
        one["C"] = _either(
            rng,
            math.inf,
            0.0,
            lambda: _around(rng, top),
            lambda: _around(rng, low),
            lambda: _around(rng, low + (top - low) * rng.random()),
        )
    transport, independent = abs(q - target), q + target - 2 * q * target
    if "P" in one and rng.random() < 0.6:
        one["P"] = abs(_either(rng, 0.0, math.inf, lambda: 10 ** rng.uniform(-300, 0), lambda: _around(rng, transport)))
    if "D" in one and rng.random() < 0.6:
        borders = (transport, independent, min(q, 1 - q), transport + (independent - transport) * rng.random())
        one["D"] = abs(
            _either(
                rng, 0.0, math.inf, lambda: 10 ** rng.uniform(-300, 0), *(lambda b=b: _around(rng, b) for b in borders)
            )
        )


def _scales(rng):
    """Scales of source and label."""
    return tuple(
        _either(rng, 1.0, lambda: 10 ** rng.uniform(-3, 3), lambda: 10 ** rng.uniform(-150, 150)) for _ in "XS"
    )


def _remote_bit(rng, one, tradeoff):
    """Move the source that is seen, and replace its distortion by that to the remote one."""
    _bernoulli(rng, one, tradeoff)
    zero, other = one.get("q_T0", one.get("q_T")), one.get("q_T1", one.get("q_T"))
    if "D" in one:
        q, r = one["q_X"], one.get("q_Y", one["q_X"])
        one["D"] = max(0.0, (1 - q) * zero + q * other + (other - zero) * (r - q) + (1 - zero - other) * one["D"])


def _remote(rng, one, tradeoff):
    """Take the estimate for the source, move that, and put the remote source back in its place."""
    seen, rho = one.get("sigma_X", 1.0), abs(one["rho_TX"])
    direct = one | {"mu_X": one["mu_T"], "sigma_X": rho * one["sigma_T"]}
    _gaussian(rng, direct, tradeoff)
    deviation = direct["sigma_X"] / rho
    if "theta" in direct:
        direct["theta"] *= seen / direct["sigma_X"]
    if "D" in direct:
        direct["D"] += deviation**2 * (1 - rho**2)
    one |= direct | {"mu_T": direct["mu_X"], "sigma_T": deviation, "sigma_X": seen}


def _gaussian(rng, one, tradeoff):
    nats = float(tradeoff.unit.nats)
    scale, label = _scales(rng)
    target = "ref" if "sigma_ref" in one else "Y"
    X, Y = "sigma_X", f"sigma_{target}"
    if Y in one and rng.random() < 0.4:
        one[Y] = _either(rng, one[X], lambda: one[X] * 10 ** rng.uniform(-9, 9), lambda: _around(rng, one[X]))
    if rng.random() < 0.3:
        one[f"mu_{target}"] = _either(
            rng, one["mu_X"], lambda: _around(rng, one["mu_X"]), lambda: 10 ** rng.uniform(-9, 9)
        )
    rho = one["theta"] / one["sigma_S"] / one[X] if "theta" in one else 0.0
    if rng.random() < 0.4:
        rho = _either(
            rng, 0.0, 1.0, -1.0, 1e-8, lambda: 1 - 10 ** rng.uniform(-16, -1), lambda: 10 ** rng.uniform(-20, -1)
        )
    shift = one["mu_X"] - one[f"mu_{target}"]
    x, y = one[X], one[Y]
    B, floor = shift**2 + x * x + y * y, shift**2 + (x - y) ** 2
    if "R" in one and rng.random() < 0.6:
        one["R"] = _rate(rng)
    if "R_c" in one and rng.random() < 0.6:
        one["R_c"] = _rate(rng)
    if "P" in one and rng.random() < 0.6:
        one["P"] = abs(_either(rng, 0.0, math.inf, lambda: 10 ** rng.uniform(-20, 3), lambda: _around(rng, floor)))
    if "D" in one and rng.random() < 0.6:
        borders = (B, floor, x * x, floor + (B - floor) * rng.random(), floor + (B - floor) * 10 ** rng.uniform(-16, 0))
        one["D"] = abs(
            _either(
                rng, 0.0, math.inf, lambda: 10 ** rng.uniform(-20, 3), *(lambda b=b: _around(rng, b) for b in borders)
            )
        )
    rescale(one, scale, label, ".W2" in tradeoff.id or ".KL" not in tradeoff.id)
    if "theta" in one:
        one["theta"] = rho * one["sigma_S"] * one[X]
    if "C" in one:
        h_S = 0.5 * (math.log(2 * math.pi * math.e) + 2 * math.log(one["sigma_S"])) / nats
        most = 0.5 * math.log(max(1 - rho * rho, 1e-300)) / nats
        one["C"] = _label_bound(rng, h_S, most)


def _label_bound(rng, h_S, most):
    """A bound on what is left unknown of a normal label, from none at all to the most that the source tells."""
    return _either(
        rng,
        math.inf,
        lambda: _around(rng, h_S),
        lambda: _around(rng, h_S + most),
        lambda: h_S + most * rng.random(),
        lambda: h_S + most * rng.random(),
        lambda: h_S + most * 10 ** rng.uniform(-16, 0),
    )


def rescale(one, scale, label, squares):
    """Change the units of the source and of the label."""
    for name in one:
        if name.startswith("sigma_S"):
            one[name] *= label
        elif name.startswith(("mu", "sigma")):
            one[name] *= scale
        elif name == "D" or (name == "P" and squares):
            one[name] *= scale * scale


def _vector(rng, one, tradeoff):
    nats = float(tradeoff.unit.nats)
    scale, label = _scales(rng)
    parts, h_S, most, B, floor = (1, 2), 0.0, 0.0, 0.0, 0.0
    rhos = []
    for i in parts:
        rho = one[f"theta{i}"] / one[f"sigma_S{i}"] / one[f"sigma_X{i}"]
        if rng.random() < 0.3:
            rho = _either(rng, 0.0, 1e-8, lambda: 1 - 10 ** rng.uniform(-12, -1), lambda: 10 ** rng.uniform(-20, -1))
        if rng.random() < 0.2:
            one[f"sigma_Y{i}"] = _either(
                rng,
                one[f"sigma_X{i}"],
                lambda: one[f"sigma_X{i}"] * 10 ** rng.uniform(-9, 9),  # noqa: B023
            )
        rhos.append(rho)
        x, y, shift = one[f"sigma_X{i}"], one[f"sigma_Y{i}"], one[f"mu_X{i}"] - one[f"mu_Y{i}"]
        B, floor = B + shift**2 + x * x + y * y, floor + shift**2 + (x - y) ** 2
        h_S += 0.5 * (math.log(2 * math.pi * math.e) + 2 * math.log(one[f"sigma_S{i}"] * label)) / nats
        most += 0.5 * math.log(max(1 - rho * rho, 1e-300)) / nats
    if "R" in one and rng.random() < 0.6:
        one["R"] = _rate(rng)
    if "D" in one and rng.random() < 0.6:
        borders = (B, floor, floor + (B - floor) * rng.random(), floor + (B - floor) * 10 ** rng.uniform(-16, 0))
        one["D"] = abs(_either(rng, 0.0, math.inf, *(lambda b=b: _around(rng, b) for b in borders)))
    rescale(one, scale, label, True)
    for i, rho in zip(parts, rhos, strict=True):
        one[f"theta{i}"] = rho * one[f"sigma_S{i}"] * one[f"sigma_X{i}"]
    one["C"] = _label_bound(rng, h_S, most)
