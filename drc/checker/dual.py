"""Lower bounds: which kind of proof it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from flint import fmpq

from drc.checker.channels import channels_bound
from drc.checker.entropy import equivocation, total
from drc.checker.numerals import Number
from drc.checker.one_shot import maps_bound, plans_bound
from drc.checker.read import Claim, UnprovedError, field, mapping, shown, word


def lower_bound(claim: Claim, dual: Mapping | None, at: str = "dual") -> Number:
    """Return a number that the optimum is not below; `inf` if nothing is feasible.

    Parameters
    ----------
    claim : Claim
    dual : JSON object, or None
    at : str
        Its field, for messages.

    Raises
    ------
    UnprovedError
        If it proves nothing.
    ProblemError
        If it is malformed.
    """
    if dual is None:
        raise UnprovedError("there is no dual")
    kinds = {
        "maps": maps_bound,
        "plans": plans_bound,
        "channels": channels_bound,
        "trivial": _trivial,
        "data processing": _data_processing,
        "relaxation": _relaxation,
    }
    return kinds[word(f"{at}.kind", dual.get("kind"), tuple(kinds))](claim, dual, at)


def _trivial(claim: Claim, dual: Mapping, at: str) -> Number:
    # Distortion and rate are never negative.
    return fmpq(0)


def _data_processing(claim: Claim, dual: Mapping, at: str) -> Number:
    """Return infinity if the bound on C is proved to be below `H(S|X)`, which nothing reaches.

    The label reaches the classifier through X alone, because U (and the index of a code among codes that share the
    time) is independent of (S, X). So `H(S|Y) >= H(S|Y,U) >= H(S|X)` for every code, in every setting.
    """
    problem = claim.problem
    if "C" not in claim.bounds:
        raise UnprovedError('a dual of kind "data processing" needs a bound on C')
    least = total(equivocation(list(column), problem.bits) for column in zip(*problem.p_SX, strict=True))
    if not claim.bounds["C"] < least:
        raise UnprovedError(f"C < H(S|X) is not proved: C = {shown(claim.bounds['C'])}, H(S|X) = {shown(least)}")
    return math.inf


def _relaxation(claim: Claim, dual: Mapping, at: str) -> Number:
    """Bound an easier problem with the same bounds, whose optimum is not larger."""
    problem = claim.problem
    easier = word(f"{at}.of", dual.get("of"), ("asymptotic", "one-shot YU"))
    if problem.asymptotic or (easier == "one-shot YU" and problem.sees_U):
        raise UnprovedError(f'the problem "{easier}" is no relaxation of this one')
    if easier == "one-shot YU":
        # Blocks that share the time are common randomness.
        relaxed = replace(claim, problem=replace(problem, sees_U=True, time_sharing=False))
    else:
        # Long blocks do not meet H(S|Y,U) <= C more easily than H(S|Y) <= C, so that bound goes.
        bounds = {name: b for name, b in claim.bounds.items() if name != "C" or not problem.sees_U}
        relaxed = replace(claim, bounds=bounds, problem=replace(problem, asymptotic=True, sees_U=False))
    return lower_bound(relaxed, mapping(f"{at}.dual", field(at, dual, "dual")), f"{at}.dual")
