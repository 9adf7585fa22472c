"""The law of the output: how far it is from the reference, and what its multipliers are worth."""

from __future__ import annotations

import math
from typing import Any

from flint import arb, fmpq

from drc.checker.divergence import DIVERGENCES, divergence
from drc.checker.entropy import dot, least, logarithm, relative, total
from drc.checker.numerals import is_zero
from drc.checker.read import Problem, UnprovedError, matrix
from drc.types import Number


def perception(problem: Problem, law: list, gamma: object, field: str) -> Number:
    """Return a number that the perception measure of `law` does not exceed.

    For W2, `gamma` is a transport plan from `law` to the reference, up to rounding; `field` is where it stands, for
    messages.

    Raises `UnprovedError` if the divergence is infinite.
    """
    if problem.measure == "TV":
        return total(abs(q - r) for q, r in zip(law, problem.reference, strict=True)) / 2
    if problem.measure == "W2":
        return _transport(problem, law, matrix(field, gamma, problem.n_Y, problem.n_Y))
    if problem.measure in DIVERGENCES:
        return divergence(problem.measure, law, problem.reference, problem.bits)
    terms = []
    for y, (q, r) in enumerate(zip(law, problem.reference, strict=True)):
        if q == 0:
            continue
        if not r > 0:
            raise UnprovedError(f"letter y = {y} has mass, and none in the reference: KL is infinite")
        terms.append(relative(q, r, problem.bits))
    return total(terms)


def _transport(problem: Problem, law: list, gamma: list) -> Number:
    """Cost of a plan whose rows and columns were shrunk to the laws, the rest moved at the largest cost there is."""
    for entries in gamma:
        if any(not entry >= 0 for entry in entries):
            raise UnprovedError("an entry of gamma is negative")
    gamma = [_shrunk(row, q) for row, q in zip(gamma, law, strict=True)]
    columns = [_shrunk(column, r) for column, r in zip(zip(*gamma, strict=True), problem.reference, strict=True)]
    moved = total(dot(column, costs) for column, costs in zip(columns, zip(*problem.ground, strict=True), strict=True))
    rest = 1 - total(map(total, columns))
    return moved + rest * -least(-cost for row in problem.ground for cost in row)


def _shrunk(masses: Any, room: Number) -> list:
    mass = total(masses)
    if mass == 0 or mass <= room:
        return list(masses)
    # With balls the order may be open; the smaller share is right in either case.
    share = least([fmpq(1), room / mass])
    return [share * m for m in masses]


def letters(problem: Problem, bounds: dict) -> list[int]:
    """Return the output letters that may be used: those of the target law, or, for KL, those of the reference."""
    law = problem.p_Y
    if law is None and problem.measure in ("KL", "chi2") and "P" in bounds:
        law = problem.reference
    return [y for y in range(problem.n_Y) if law is None or not is_zero(law[y])]


def largest_masses(problem: Problem, bounds: dict) -> dict[int, Number]:
    """Return the largest mass that each output letter may have: its own; or 1 if the law is free and it is open."""
    if problem.p_Y is not None:
        return dict(enumerate(problem.p_Y))
    used = letters(problem, bounds)
    open_ = [any(problem.distortion[x][y] != math.inf for x in problem.sources) for y in range(problem.n_Y)]
    return {y: fmpq(int(y in used and open_[y])) for y in range(problem.n_Y)}


def worth(problem: Problem, bounds: dict, nu: list, kappa: Number) -> Number:
    """Return the least of `<nu, q> + kappa phi(q)` over the laws q that the output may have.

    `nu` are the multipliers of the n_Y letters, of which those that may not be used play no part; `kappa`, not
    negative, is that of the perception bound.

    Raises `UnprovedError` if kappa is a ball around zero.
    """
    used = letters(problem, bounds)
    if kappa == 0:
        if problem.p_Y is not None:
            return total(problem.p_Y[y] * nu[y] for y in used)
        return least(nu[y] for y in used)
    if not kappa > 0:
        raise UnprovedError("the multiplier of P is not proved to be positive")
    reference = problem.reference
    if problem.measure in DIVERGENCES:
        raise UnprovedError(f"a multiplier of P is for TV, W2 and KL, and not for {problem.measure}")
    if problem.measure == "KL":
        scale = kappa / problem.nat
        mean = total(reference[y] * _exp(-nu[y] / scale) for y in used)
        return -scale * logarithm(mean, bits=False)
    found = fmpq(0)
    for j, r in enumerate(reference):
        if not is_zero(r):
            costs = (problem.ground[i][j] if problem.ground else fmpq(int(i != j)) for i in range(problem.n_Y))
            found += r * least(nu[i] + kappa * c for i, c in enumerate(costs) if i in used)
    return found


def _exp(x: Number) -> Number:
    return fmpq(1) if x == 0 else arb(x).exp()
