"""Plans of plain problems taken apart, mixed and measured again, in exact numbers and balls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb, fmpq

from drc.problems.bounds import names_of
from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import Number, exact_or_ball, is_zero, logarithm, to_fraction, total, uncertainty
from drc.solvers.finite.asymptotic.data import Data, ExactLaws
from drc.solvers.finite.asymptotic.primal import determined_pairs
from drc.solvers.finite.door import perceived
from drc.types import Real

Rows = list[list[Number]]

#: Of more entries the sums would be long fractions: plans are then read as balls, and written down in doubles.
_EXACT_ENTRIES = 400


@dataclass(frozen=True, eq=False)
class Code:
    """A code: the joint law of the source and the letters that it may send, and how it is written down.

    `joint` has n_X rows, and `letters` has the output letter of each column. In one shot, `maps` are the maps with
    their weights. For W2, `gamma` moves the output law to the reference. `given` are the doubles that the joint law is
    made from, as a certificate has them.
    """

    joint: Rows
    letters: tuple[int, ...]
    maps: tuple[tuple[Number, tuple[int, ...]], ...] = ()
    gamma: Rows | None = None
    given: Mapping[str, object] | None = None


#: Codes that share the common randomness, the message or the time.
Plan = list[tuple[Number, Code]]


@dataclass(frozen=True, eq=False)
class Reader:
    """The plans of a problem, which are read, mixed, measured and written down.

    The problem has several costs or labels, and `names` are the bounds whose quantities are measured. It is `merged` if
    a mixture of codes is one code, because nobody is told which of them is in use.
    """

    problem: Finite
    unit: str
    names: frozenset[str]
    merged: bool

    @cached_property
    def labels(self) -> dict[str, list[list[Number]]]:
        """The joint law of each label and the source, by the name of its bound."""
        laws = [each.p_SX for each in self.problem.each_label]
        return {
            name: [[exact_or_ball(p) for p in row] for row in law]
            for name, law in zip(names_of(self.problem)[1], laws, strict=True)
        }

    @cached_property
    def costs(self) -> dict[str, list[list[Number | float]]]:
        """Each cost, by the name of its bound; infinite where a pair is forbidden."""
        tables = [each.exact_distortion for each in self.problem.each_cost]
        return {
            name: [[d if isinstance(d, float) else exact_or_ball(d) for d in row] for row in table]
            for name, table in zip(names_of(self.problem)[0], tables, strict=True)
        }

    @cached_property
    def source(self) -> list[Number]:
        """The law of the source."""
        return [total(column) for column in zip(*self.labels["C"], strict=True)]

    @cached_property
    def _laws(self) -> ExactLaws:
        return ExactLaws(Data.of(self.problem))

    # Reading

    def read(self, given: Mapping[str, object]) -> Plan | None:
        """Take apart the plan of a certificate; None if its laws are not proved to be right."""
        primal: Any = given
        if primal["kind"] == "mixture":
            parts = [(exact(part["weight"]), self._code(part)) for part in primal["parts"]]
            rest = 1 - total(w for w, _ in parts[:-1])
            codes = [*((w, code) for w, code in parts[:-1]), (rest, parts[-1][1])]
            return None if any(code is None for _, code in codes) else [(w, code) for w, code in codes if code]
        if primal["kind"] == "maps" and not self.merged:
            maps = self._maps(primal["weights"])
            gamma = _rows(primal.get("gamma"))
            return maps and [  # pyright: ignore[reportReturnType] (flint)
                (w, Code(self._of_maps([(fmpq(1), f)]), self._all, ((fmpq(1), f),), gamma)) for w, f in maps
            ]
        code = self._code(primal)
        return None if code is None else [(fmpq(1), code)]

    @property
    def _all(self) -> tuple[int, ...]:
        return tuple(range(self.problem.n_Y))

    def _code(self, primal: Mapping[str, Any]) -> Code | None:
        gamma = _rows(primal.get("gamma"))
        if "weights" in primal:
            maps = self._maps(primal["weights"])
            return None if maps is None else Code(self._of_maps(maps), self._all, tuple(maps), gamma)
        letters = tuple(primal.get("letters", self._all))
        masses = _light(_rows(primal["joint"]) or [])
        joint = self._determined(masses, letters, primal.get("tree"))
        given = {name: primal[name] for name in ("joint", "tree") if name in primal}
        return None if joint is None else Code(joint, letters, (), gamma, given)

    def _maps(self, weights: Iterable) -> list[tuple[Number, tuple[int, ...]]] | None:
        """Complete maps with weights by constant ones, or scale the weights, as whoever checks them does."""
        maps = [(exact(w), tuple(f)) for w, f in weights]
        if self.problem.p_Y is None:
            mass = total(w for w, _ in maps)
            return [(w / mass, f) for w, f in maps]
        for y, p in enumerate(self.problem.p_Y):
            there = (w * total(p for p, z in zip(self.source, f, strict=True) if z == y) for w, f in maps)
            missing = exact_or_ball(p) - total(there)
            if not missing >= 0:
                return None
            if not is_zero(missing):
                maps.append((missing, (y,) * self.problem.n_X))
        return maps

    def _of_maps(self, maps: Iterable[tuple[Number, tuple[int, ...]]]) -> Rows:
        joint: Rows = [[fmpq(0)] * self.problem.n_Y for _ in self.source]
        for w, f in maps:
            for x, y in enumerate(f):
                joint[x][y] = joint[x][y] + w * self.source[x]
        return joint

    def _determined(self, masses: Rows, letters: tuple[int, ...], tree: Iterable | None) -> Rows | None:
        """Return the masses nearby whose laws are right, as whoever checks them finds them."""
        whole: Rows = [[fmpq(0)] * self.problem.n_Y for _ in masses]
        for row, sums in zip(masses, whole, strict=True):
            for mass, y in zip(row, letters, strict=True):
                sums[y] = sums[y] + mass
        data = self._laws.data
        rows, columns = ({int(k): i for i, k in enumerate(places)} for places in (data.xs, data.ys))
        local = None if tree is None or self.problem.p_Y is None else [(rows[x], columns[y]) for x, y in tree]
        entries = self._laws.completed([[whole[x][y] for y in columns] for x in rows], local)
        if entries is None:
            return None
        found: Rows = [[fmpq(0)] * len(letters) for _ in masses]
        for x, i in rows.items():
            for j, y in enumerate(letters):
                mass = masses[x][j]
                if y in columns and not is_zero(mass):
                    found[x][j] = mass * (entries[i][columns[y]] / whole[x][y])
            for y, k in columns.items():
                if letters == self._all and local is not None:
                    found[x][y] = entries[i][k]
        return found

    # Mixing and measuring

    def mixed(self, plans: Sequence[tuple[Number, Plan]]) -> Plan | None:
        """Return the mixture of some plans; one code, if nobody is told which is in use, or if the message says it.

        Of many entries it is the plan near doubles; None if its laws are not proved to be right.
        """
        mixed = self._mixed(plans)
        if self.problem.setting == "one-shot" or self.problem.time_sharing:
            return mixed
        codes = [code for _, code in mixed]
        if len(codes) > 1:
            letters = tuple(y for code in codes for y in code.letters)
            joint = [[w * mass for w, code in mixed for mass in code.joint[x]] for x in range(len(self.source))]
            return self._written_down(Code(joint, letters))
        return self._written_down(codes[0])

    def _written_down(self, code: Code) -> Plan | None:
        """Return a code as one that can be written down: of many entries, that near doubles."""
        if _is_short(code.joint):
            return [(fmpq(1), code)]
        given = self._doubles(code.joint, code.letters)
        joint = self._determined(_light(_rows(given["joint"]) or []), code.letters, given.get("tree"))
        return None if joint is None else [(fmpq(1), replace(code, joint=joint, given=given))]

    def _doubles(self, joint: Rows, letters: tuple[int, ...]) -> dict[str, Any]:
        """Return a joint law in doubles, and the pairs whose entries the laws determine."""
        doubles = np.array([[float(m) for m in row] for row in joint])
        found: dict[str, Any] = {"joint": doubles}
        if self.problem.p_Y is not None:
            data = self._laws.data
            coupling = np.zeros((self.problem.n_X, self.problem.n_Y))
            np.add.at(coupling.T, list(letters), doubles.T)
            pairs = determined_pairs(data, coupling[np.ix_(data.xs, data.ys)]) or []
            found["tree"] = [[int(data.xs[x]), int(data.ys[y])] for x, y in pairs]
        return found

    def _mixed(self, plans: Sequence[tuple[Number, Plan]]) -> Plan:
        codes = [(share * w, code) for share, plan in plans for w, code in plan if share * w != 0]
        if not self.merged or (len(codes) == 1 and codes[0][1].letters == self._all):
            return codes
        joint: Rows = [[fmpq(0)] * self.problem.n_Y for _ in self.source]
        gamma: Rows | None = None
        maps: dict[tuple[int, ...], Number] = {}
        for w, code in codes:
            for x, row in enumerate(code.joint):
                for mass, y in zip(row, code.letters, strict=True):
                    joint[x][y] = joint[x][y] + w * mass
            for weight, f in code.maps:
                maps[f] = maps.get(f, fmpq(0)) + w * weight
            if code.gamma is not None:
                gamma = gamma or [[fmpq(0)] * len(row) for row in code.gamma]
                gamma = [
                    [a + w * b for a, b in zip(*rows, strict=True)] for rows in zip(gamma, code.gamma, strict=True)
                ]
        return [(fmpq(1), Code(joint, self._all, tuple((w, f) for f, w in maps.items()), gamma))]

    def measured(self, plan: Plan) -> dict[str, Number] | None:
        """Return what a plan reaches, by the names of bounds, in the unit; None if it uses a forbidden pair."""
        found: dict[str, Number] = {}
        if "R" in self.names:
            found["R"] = total(w * self._rate(code) for w, code in plan)
        for name, costs in self.costs.items():
            paid = [self._paid(code, costs) for _, code in plan]
            if any(cost is None for cost in paid):
                return None
            found[name] = total(w * cost for (w, _), cost in zip(plan, paid, strict=True) if cost is not None)
        for name, law in self.labels.items():
            if name in self.names:
                found[name] = total(w * self._unknown(code, law) for w, code in plan)
        return found

    def law(self, plan: Plan) -> list[Number]:
        """Return the law of the output."""
        found: list[Number] = [fmpq(0)] * self.problem.n_Y
        for w, code in plan:
            for y, column in zip(code.letters, zip(*code.joint, strict=True), strict=True):
                found[y] = found[y] + w * total(column)
        return found

    def _paid(self, code: Code, costs: list[list[Number | float]]) -> Number | None:
        rows = zip(code.joint, costs, strict=True)
        cells = ((mass, paid[y]) for row, paid in rows for mass, y in zip(row, code.letters, strict=True))
        used = [(mass, cost) for mass, cost in cells if not is_zero(mass)]
        if any(isinstance(cost, float) for _, cost in used):
            return None
        return total(mass * cost for mass, cost in used)  # pyright: ignore[reportOperatorIssue] (flint)

    def _rate(self, code: Code) -> Number:
        if code.maps:
            return total(w * self._information(self._of_maps([(fmpq(1), f)])) for w, f in code.maps)
        return self._information(code.joint)

    def _information(self, joint: Rows) -> Number:
        law = [total(column) for column in zip(*joint, strict=True)]
        pairs = (
            (mass, p * q)
            for row, p in zip(joint, self.source, strict=True)
            for mass, q in zip(row, law, strict=True)
            if not is_zero(mass)
        )
        return -total(mass * logarithm(apart / mass, self.unit == "bits") for mass, apart in pairs)

    def _unknown(self, code: Code, labels: list[list[Number]]) -> Number:
        def cell(column: Sequence[Number]) -> list[Number]:
            used = [(mass / p, x) for x, (mass, p) in enumerate(zip(column, self.source, strict=True)) if p != 0]
            return [total(share * row[x] for share, x in used) for row in labels]

        cells = map(cell, zip(*code.joint, strict=True))
        return total(uncertainty(self.problem.uncertainty, each, self.unit == "bits") for each in cells)

    # Writing

    def written(self, plan: Plan) -> dict[str, object]:
        """Return a plan as a certificate has it."""
        problem = self.problem
        if problem.setting == "one-shot" and not problem.time_sharing:
            weights = [[plain(w * v), list(f)] for w, code in plan for v, f in code.maps]
            return {"kind": "maps", "weights": weights} | _gamma(_mean_gamma(plan))
        if problem.time_sharing:
            return {"kind": "mixture", "parts": [{"weight": plain(w), **self._part(code)} for w, code in plan]}
        if len(plan) == 1 and plan[0][1].letters == self._all:
            return {"kind": "coupling", **self._part(plan[0][1])}
        ((_, code),) = plan
        return {"kind": "messages", "letters": list(code.letters), **self._masses(code)}

    def _part(self, code: Code) -> dict[str, Any]:
        if code.maps:
            return {"weights": [[plain(w), list(f)] for w, f in code.maps]} | _gamma(code.gamma)
        return self._masses(code) | _gamma(code.gamma)

    def _masses(self, code: Code) -> dict[str, Any]:
        if code.given is not None and not _is_short(code.joint):
            return dict(code.given)
        found = self._doubles(code.joint, code.letters)
        return found | {"joint": [[plain(m) for m in row] for row in code.joint]}

    def perception(self, plan: Plan) -> float:
        """Return the perception measure of the output law in doubles; for W2 what its transport costs."""
        if self.problem.perception != "W2":
            return perceived(self.problem, self.coupling(plan).sum(axis=0), self.unit)
        moved = [(float(w), np.array([[float(g) for g in row] for row in code.gamma or ()])) for w, code in plan]
        return float(sum(w * (gamma * self.problem.ground_costs).sum() for w, gamma in moved if gamma.size))

    def coupling(self, plan: Plan) -> np.ndarray:
        """Return the joint law of `X` and `Y` in doubles."""
        found = np.zeros((self.problem.n_X, self.problem.n_Y))
        for w, code in plan:
            doubles = np.array([[float(w * m) for m in row] for row in code.joint])
            np.add.at(found.T, list(code.letters), doubles.T)
        return found


def exact(value: Real | Number) -> Number:
    """Return a number of a certificate exactly; a double means itself."""
    if isinstance(value, fmpq | arb):
        return value
    if isinstance(value, np.generic):
        value = value.item()  # pyright: ignore[reportAssignmentType] (flint)
    return fmpq(value) if isinstance(value, int) else exact_or_ball(value)


def plain(value: Number) -> Fraction | float:
    """Return a number as a certificate has it: a fraction, or a double near a ball."""
    return to_fraction(value) if isinstance(value, fmpq) else float(value)


def _is_short(joint: Rows) -> bool:
    """Whether a joint law is written down in fractions."""
    return len(joint) * len(joint[0]) <= _EXACT_ENTRIES and all(isinstance(m, fmpq) for row in joint for m in row)


def _light(rows: Rows) -> Rows:
    """Return entries as balls where fractions would grow long."""
    if len(rows) * len(rows[0]) <= _EXACT_ENTRIES:
        return rows
    return [[m if is_zero(m) else arb(m) for m in row] for row in rows]


def _rows(given: Any) -> Rows | None:
    return None if given is None else [[exact(v) for v in row] for row in given]


def _mean_gamma(plan: Plan) -> Rows | None:
    if not plan or plan[0][1].gamma is None:
        return None
    # Each map has the transport of the plan that it was taken from: their mean is that of the mixture.
    tables = [(w, code.gamma) for w, code in plan if code.gamma is not None]
    n = len(tables[0][1])
    return [[total(w * table[i][j] for w, table in tables) for j in range(n)] for i in range(n)]


def _gamma(rows: Rows | None) -> dict[str, Any]:
    return {} if rows is None else {"gamma": [[plain(g) for g in row] for row in rows]}
