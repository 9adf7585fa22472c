"""What a certificate says, read and measured again in floats, by other means than those of the checker.

Nothing here proves a bound; plans are measured, and good plans are looked for. A plan that meets the bounds and costs less
than a claimed lower bound refutes it.
"""

from __future__ import annotations

import itertools
import math
import warnings
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import sympy as sp
from scipy.optimize import LinearConstraint, linprog, minimize

#: A plan may miss a law by this, as doubles are rounded, and a bound by the last digit.
LAW, LAST = 1e-12, 4e-16


def value(written):
    """A number as the format defines it, as a double."""
    if isinstance(written, bool) or not isinstance(written, int | float | str):
        raise TypeError(written)
    return float(written) if not isinstance(written, str) or written == "inf" else float(sp.N(sp.sympify(written), 30))


def array(written):
    return np.array([[value(v) for v in row] for row in written])


def entropy(masses):
    masses = np.asarray(masses, float).ravel()
    masses = masses[masses > 0]
    return float(-(masses * np.log(masses)).sum())


@dataclass(frozen=True, eq=False)
class Question:
    """The problem of a certificate, its bounds and its objective; entropies are in nats until they are compared."""

    p: np.ndarray
    d: np.ndarray
    p_Y: np.ndarray | None
    asymptotic: bool
    sees_U: bool
    time_sharing: bool
    measure: str | None
    reference: np.ndarray | None
    ground: np.ndarray | None
    nat: float
    bounds: dict
    objective: dict

    @cached_property
    def p_X(self):
        return self.p.sum(axis=0)

    @cached_property
    def maps(self):
        """All maps that use no forbidden pair, and no letter without mass in the reference of a KL bound."""
        n_X, n_Y = self.d.shape
        none = np.full(n_Y, False) if self.measure != "KL" or "P" not in self.bounds else self.reference == 0
        allowed = (self.d < math.inf) & ~none
        choices = [np.flatnonzero(allowed[x]).tolist() if self.p_X[x] > 0 else [0] for x in range(n_X)]
        return list(itertools.product(*choices)) if math.prod(map(len, choices)) <= 100 else []

    def phi(self, q):
        """The perception measure of an output law, in nats."""
        if self.measure == "TV":
            return float(np.abs(q - self.reference).sum() / 2)
        if self.measure == "KL":
            if (q[self.reference == 0] > 0).any():
                return math.inf
            on = q > 0
            return float((q[on] * np.log(q[on] / self.reference[on])).sum())
        n = len(q)
        sums = np.vstack([np.kron(np.eye(n), np.ones(n)), np.kron(np.ones(n), np.eye(n))])
        found = linprog(self.ground.ravel(), A_eq=sums, b_eq=np.concatenate([q / q.sum(), self.reference]))
        return float(found.fun) if found.status == 0 else math.inf

    def measured(self, part, checked=True):
        """Return D, R, C and P of a code, a channel or weighted maps; None if it is none of this problem."""
        used, p = self.p_X > 0, self.p
        if self.asymptotic:
            joint = self.p_X[:, None] * part
            cells = p @ part
            rate = entropy(self.p_X) + entropy(cells.sum(0)) - entropy(joint)
            told = entropy(cells) - entropy(cells.sum(0))
            average = part
        else:
            each = [(w, np.eye(self.d.shape[1])[list(f)]) for w, f in part]
            average = sum(w * channel for w, channel in each)
            cells = p @ average
            rate = sum(w * entropy((p @ channel).sum(0)) for w, channel in each)
            told = sum(w * (entropy(p @ channel) - entropy((p @ channel).sum(0))) for w, channel in each)
            told = told if self.sees_U else entropy(cells) - entropy(cells.sum(0))
        if ((average > 0) & (self.d == math.inf))[used].any():
            return None
        q = cells.sum(0)
        if checked and self.p_Y is not None and np.abs(q - self.p_Y).max() > LAW:
            return None
        finite = np.where(np.isfinite(self.d), self.d, 0)
        D = float((self.p_X[:, None] * average * finite)[used].sum())
        found = {"D": D, "R": rate / self.nat, "C": told / self.nat}
        if "P" in self.bounds:
            found["P"] = self.phi(q) / (self.nat if self.measure == "KL" else 1)
        return found

    def cost(self, plan, slack=LAST):
        """Return the objective of a mixture of codes, `inf` if it is not proved in floats to meet the bounds."""
        if len(plan) > 1 and not self.time_sharing:
            return math.inf
        parts = [(w, self.measured(part)) for w, part in plan if w > 0]
        if any(found is None for _, found in parts):
            return math.inf
        mean = {name: sum(w * found[name] for w, found in parts) for name in "DRC"}
        if "P" in self.bounds:
            mean["P"] = max(found["P"] for _, found in parts)
        missed = any(mean[name] > bound + slack * (1 + abs(bound)) for name, bound in self.bounds.items())
        return math.inf if missed else sum(weight * mean[name] for name, weight in self.objective.items())


def question(certificate):
    """Read the problem of a certificate."""
    about = certificate["problem"]
    perception = about.get("perception") or {}
    bits = certificate["unit"] == "bits"
    slope = certificate.get("slope")
    objective = {certificate["minimise"]: 1.0} if slope is None else {"D": 1.0, "R": value(slope)}
    return Question(
        p=array(about["p_SX"]),
        d=array(about["distortion"]),
        p_Y=None if about.get("p_Y") is None else array([about["p_Y"]])[0],
        asymptotic=about["setting"] == "asymptotic",
        sees_U=about["classifier_sees"] == "YU",
        time_sharing=about.get("time_sharing", False),
        measure=perception.get("measure"),
        reference=array([perception["reference"]])[0] if perception else None,
        ground=array(perception["ground"]) if perception.get("ground") is not None else None,
        nat=math.log(2) if bits else 1.0,
        bounds={name: value(bound) for name, bound in certificate["bounds"].items()},
        objective=objective,
    )


def plan_of(certificate, asked):
    """Return the plan of a certificate as the format defines it: weights and codes; None if there is none."""
    primal = certificate.get("primal")
    if primal is None:
        return None
    if primal["kind"] == "mixture":
        weights = [value(part["weight"]) for part in primal["parts"]]
        weights[-1] = 1 - sum(weights[:-1])
        return [(w, _code(part, asked)) for w, part in zip(weights, primal["parts"], strict=True)]
    return [(1.0, _code(primal, asked))]


def _code(part, asked):
    p_X, p_Y = asked.p_X, asked.p_Y
    n_X, n_Y = asked.d.shape
    if "weights" in part:
        maps = [(value(w), tuple(f)) for w, f in part["weights"]]
        if p_Y is None:
            mass = sum(w for w, _ in maps)
            return [(w / mass, f) for w, f in maps]
        for y in range(n_Y):
            lack = p_Y[y] - sum(
                w * sum(p_X[x] for x in range(n_X) if f[x] == y) for w, f in maps[: len(part["weights"])]
            )
            maps.append((max(lack, 0.0) if lack > -1e-12 else lack, (y,) * n_X))
        return [(w, f) for w, f in maps if w]
    if part.get("joint") is None and p_Y is not None:
        return np.tile(p_Y, (n_X, 1))
    joint = array(part["joint"])
    if p_Y is None:
        channel = joint / np.where(joint.sum(1) > 0, joint.sum(1), 1)[:, None]
        channel[p_X == 0] = 1 / n_Y
        return channel
    edges = [tuple(edge) for edge in part["tree"]]
    for x, y in edges:
        joint[x, y] = 0
    rows = np.zeros((n_X + n_Y, len(edges)))
    for i, (x, y) in enumerate(edges):
        rows[x, i] = rows[n_X + y, i] = 1
    joint[p_X == 0] = 0
    lack = np.concatenate([p_X - joint.sum(1), p_Y - joint.sum(0)])
    for (x, y), mass in zip(edges, np.linalg.lstsq(rows, lack, rcond=None)[0], strict=True):
        joint[x, y] = mass if abs(mass) > 1e-15 else 0.0
    channel = joint / np.where(p_X > 0, p_X, 1)[:, None]
    channel[p_X == 0] = 1 / n_Y
    return channel


# Looking for good plans -----------------------------------------------------------------------------------


def good_plans(asked, rng):
    """Yield plans that are good, perhaps best; they meet the bounds with a little to spare, if they meet them."""
    spare = replace(asked, bounds={name: bound - 1e-10 * (1 + abs(bound)) for name, bound in asked.bounds.items()})
    search = _channels if asked.asymptotic else _map_mixtures
    codes = []
    for plan in search(spare, rng):
        codes += [part for _, part in plan]
        yield plan
    if asked.time_sharing and codes:
        yield from _shared(spare, codes)


def _shared(asked, codes):
    """The best mixture of codes that were found, each of which is an allowed one."""
    found = [(code, asked.measured(code)) for code in codes]
    found = [(code, got) for code, got in found if got and got.get("P", 0) <= asked.bounds.get("P", math.inf)]
    if not found:
        return
    rows = [[got[name] for _, got in found] for name in asked.bounds if name != "P"]
    costs = [sum(w * got[name] for name, w in asked.objective.items()) for _, got in found]
    limits = [bound for name, bound in asked.bounds.items() if name != "P"]
    best = linprog(costs, A_ub=rows or None, b_ub=limits or None, A_eq=[[1] * len(found)], b_eq=[1])
    if best.status == 0:
        weights = np.clip(best.x, 0, None)
        yield [(w, code) for w, (code, _) in zip(weights / weights.sum(), found, strict=True)]


def _map_mixtures(asked, rng):
    """Linear programs over all maps; a concave bound on H(S|Y) is replaced by its tangents, at several places."""
    maps = asked.maps
    if not maps:
        return
    n, n_Y = len(maps), asked.d.shape[1]
    channels = [np.eye(n_Y)[list(f)] for f in maps]
    cells = np.array([asked.p @ channel for channel in channels])
    laws = cells.sum(1).T
    finite = np.where(np.isfinite(asked.d), asked.d, 0)
    nat = asked.nat
    reach = {
        "D": np.array([(asked.p_X[:, None] * channel * finite).sum() for channel in channels]),
        "R": np.array([entropy(cell.sum(0)) for cell in cells]) / nat,
        "C": np.array([entropy(cell) - entropy(cell.sum(0)) for cell in cells]) / nat,
    }
    costs = sum(weight * reach[name] for name, weight in asked.objective.items())
    upper = [
        (reach[name], bound) for name, bound in asked.bounds.items() if name in "DR" or (name == "C" and asked.sees_U)
    ]
    equal = [(np.ones(n), 1.0)]
    if asked.p_Y is not None:
        equal += [(laws[y], asked.p_Y[y]) for y in range(n_Y)]
    extra, moved = 0, None
    if "P" in asked.bounds and asked.measure in ("TV", "W2"):
        ground = 1 - np.eye(n_Y) if asked.measure == "TV" else asked.ground
        extra, moved = n_Y * n_Y, ground.ravel()
    pad = np.zeros(extra)
    A_ub = [np.concatenate([row, pad]) for row, _ in upper]
    b_ub = [bound for _, bound in upper]
    A_eq, b_eq = [np.concatenate([row, pad]) for row, _ in equal], [bound for _, bound in equal]
    if moved is not None:
        A_ub.append(np.concatenate([np.zeros(n), moved]))
        b_ub.append(asked.bounds["P"])
        for y in range(n_Y):
            out, into = np.zeros((n_Y, n_Y)), np.zeros((n_Y, n_Y))
            out[y], into[:, y] = 1, 1
            A_eq += [np.concatenate([laws[y], -out.ravel()]), np.concatenate([np.zeros(n), into.ravel()])]
            b_eq += [0.0, asked.reference[y]]

    def solved(rows=(), limits=(), costs=costs):
        found = linprog(
            np.concatenate([costs, pad]),
            A_ub=np.array([*A_ub, *rows]) if A_ub or rows else None,
            b_ub=[*b_ub, *limits] if A_ub or rows else None,
            A_eq=np.array(A_eq),
            b_eq=b_eq,
        )
        if found.status != 0:
            return None
        w = np.clip(found.x[:n], 0, None)
        return w / w.sum()

    def tangents(w, rows, limits):
        """Add the constraints that are not linear, linearised at w."""
        q = laws @ w
        if "P" in asked.bounds and asked.measure == "KL":
            safe = np.maximum(q, 1e-12)
            ratio = np.log(safe / np.where(asked.reference > 0, asked.reference, 1e-300)) / nat
            rows, limits = [*rows, (ratio + 1 / nat) @ laws], [*limits, asked.bounds["P"] + float(safe.sum() / nat)]
        return rows, limits

    def listed(w):
        return [(1.0, [(float(v), f) for v, f in zip(w, maps, strict=True) if v > 1e-15])]

    if "C" not in asked.bounds or asked.sees_U:
        rows, limits = [], []
        for _ in range(25):
            w = solved(rows, limits)
            if w is None:
                return
            yield listed(w)
            if asked.measure != "KL" or "P" not in asked.bounds:
                return
            rows, limits = tangents(w, rows, limits)
        return
    for start in range(3):
        w = rng.dirichlet(np.full(n, 0.3)) if start else solved()
        if w is None:
            return
        rows, limits = [], []
        for _ in range(5):
            mean = np.maximum(np.tensordot(w, cells, 1), 1e-14)
            slopes = -np.log(mean / mean.sum(0)) / nat
            row = np.tensordot(cells, slopes, 2)
            rows, limits = tangents(w, rows, limits)
            w = solved([*rows, np.concatenate([row, pad])], [*limits, asked.bounds["C"]])
            if w is None:
                break
            yield listed(w)
    if asked.time_sharing:
        for price in (0.1, 0.5, 2.0):
            w = rng.dirichlet(np.full(n, 0.3))
            for _ in range(4):
                mean = np.maximum(np.tensordot(w, cells, 1), 1e-14)
                tilt = np.tensordot(cells, -np.log(mean / mean.sum(0)) / nat, 2)
                w = solved(costs=costs + price * tilt)
                if w is None:
                    return
                yield listed(w)


def _channels(asked, rng):
    """Sequential quadratic programs from random channels."""
    n_X, n_Y = asked.d.shape
    used = np.flatnonzero(asked.p_X > 0)
    allowed = np.isfinite(asked.d)
    if not allowed[used].any(axis=1).all():
        return
    spots = [(x, y) for x in used for y in range(n_Y) if allowed[x, y]]
    at = tuple(np.array(spots).T)

    def channel(z):
        found = np.zeros((n_X, n_Y))
        found[at] = np.clip(z, 0, None)
        found[asked.p_X == 0] = 1 / n_Y
        return found / np.maximum(found.sum(1), 1e-300)[:, None]

    def fitted(z):
        """The channel whose output law is that of the problem, by proportional fitting."""
        joint = asked.p_X[:, None] * channel(z)
        for _ in range(200 if asked.p_Y is not None else 0):
            joint *= asked.p_Y / np.maximum(joint.sum(0), 1e-300)
            joint *= (asked.p_X / np.maximum(joint.sum(1), 1e-300))[:, None]
        found = joint / np.where(asked.p_X > 0, asked.p_X, 1)[:, None]
        found[asked.p_X == 0] = 1 / n_Y
        return found

    def reach(z):
        return asked.measured(channel(z), checked=False)

    sums = np.zeros((len(used), len(spots)))
    for i, (x, _) in enumerate(spots):
        sums[list(used).index(x), i] = 1
    constraints = [LinearConstraint(sums, 1, 1)]
    if asked.p_Y is not None:
        law = np.zeros((n_Y, len(spots)))
        for i, (x, y) in enumerate(spots):
            law[y, i] = asked.p_X[x]
        constraints.append(LinearConstraint(law, asked.p_Y, asked.p_Y))
    for name, bound in asked.bounds.items():
        constraints.append({"type": "ineq", "fun": lambda z, name=name, bound=bound: bound - 1e-8 - reach(z)[name]})
    for _ in range(2):
        z = np.concatenate([rng.dirichlet(np.full(allowed[x].sum(), 0.7)) for x in used])
        # A difference quotient at a forbidden law may be infinite; such a start is given up.
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = minimize(
                lambda z: sum(w * reach(z)[name] for name, w in asked.objective.items()),
                z,
                bounds=[(0, 1)] * len(z),
                constraints=constraints,
                method="SLSQP",
                options={"maxiter": 40},
            )
        if not np.isfinite(found.x).all():
            continue
        yield [(1.0, fitted(found.x))]
