"""Lower bounds: which kind of proof it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from flint import fmpq

from drc.checker.bits import bits_bound
from drc.checker.channels import channels_bound
from drc.checker.entropy import INFINITY, equivocation, total, unknown
from drc.checker.fields import mapping, word
from drc.checker.messages import messages_bound
from drc.checker.normal import normal_lower
from drc.checker.numerals import is_zero, number
from drc.checker.one_shot import maps_bound, plans_bound
from drc.checker.read import Claim, NormalClaim, UnprovedError, field, shown
from drc.checker.several import first_of_each, nearest_claim, weighted_claim
from drc.types import Number


def lower_bound(claim: Claim | NormalClaim, dual: Mapping | None, at: str = "dual") -> Number:
    """Return a number that the optimum is not below; `inf` if nothing is feasible.

    `at` is the field of the dual, for messages.

    Raises `UnprovedError` if it proves nothing, and `ProblemError` if it is malformed.
    """
    if dual is None:
        raise UnprovedError("there is no dual")
    if isinstance(claim, NormalClaim):
        return normal_lower(claim, dual, at)
    kinds = {
        "maps": maps_bound,
        "plans": plans_bound,
        "channels": channels_bound,
        "messages": messages_bound,
        "bits": bits_bound,
        "trivial": _trivial,
        "data processing": _data_processing,
        "relaxation": _relaxation,
        "reference": _reference,
        "weighted": weighted_bound,
        "nearest": nearest_bound,
        "shift": _shift,
    }
    kind = word(f"{at}.kind", dual.get("kind"), tuple(kinds))
    if kind not in ("weighted", "nearest", "relaxation", "shift"):
        # Without the bounds of further costs and labels the optimum is not larger.
        claim = first_of_each(claim)
    if claim.problem.uncertainty != "entropy" and kind in ("plans", "channels", "messages", "bits"):
        # These proofs know of entropies only: the bound goes.
        if "C" in claim.objective:
            raise UnprovedError(f'a dual of kind "{kind}" is for the entropy of a label')
        claim = claim.without("C")
    return kinds[kind](claim, dual, at)


def _inner(claim: Claim, dual: Mapping, at: str) -> Number:
    """Bound another problem by the proof within one."""
    return lower_bound(claim, mapping(f"{at}.dual", field(at, dual, "dual")), f"{at}.dual")


def _trivial(claim: Claim, dual: Mapping, at: str) -> Number:
    # Distortion and rate are never negative.
    return fmpq(0)


def _data_processing(claim: Claim, dual: Mapping, at: str) -> Number:
    """Return the rate that a bound on C needs, the least C at a rate, or infinity if nothing can meet the bounds.

    The label reaches the classifier through X alone, because U (and the index of a code among codes that share the
    time) is independent of (S, X), and a message Z is made from X. So `H(S|Y) >= H(S|Y,U) >= H(S|X)`, and
    `R >= I(S;Y|U) = H(S) - H(S|Y,U) >= H(S) - C`, for every code, in every setting; likewise with Z instead of (Y,U).
    """
    problem, own = claim.problem, "C" in claim.objective
    if "C" not in claim.bounds and not own:
        raise UnprovedError('a dual of kind "data processing" needs a bound on C')
    kind = problem.uncertainty
    least = total(unknown(kind, list(column), problem.bits) for column in zip(*problem.p_SX, strict=True))
    if kind != "entropy" and (own or least > claim.bounds["C"]):
        # Only an entropy is bounded by the rate.
        return least if own else INFINITY
    if kind != "entropy":
        raise UnprovedError(f"the bounds are not proved to contradict C >= {shown(least)}")
    known = equivocation(problem.p_S, problem.bits)
    if own:
        left = known - claim.bounds["R"] if "R" in claim.bounds else least
        return left if left > least else least
    C = claim.bounds["C"]
    rate = known - C
    if least > C or ("R" in claim.bounds and claim.bounds["R"] < rate):
        return INFINITY
    if "R" not in claim.objective:
        raise UnprovedError(
            f"the bounds are not proved to contradict C >= H(S|X) = {shown(least)}, or R >= H(S) - C = {shown(rate)}"
        )
    return claim.objective["R"] * rate


def _reference(claim: Claim, dual: Mapping, at: str) -> Number:
    """Bound the same problem with the reference as target law, where a perception of zero leaves no other law.

    TV and KL are zero for no other law, and so is the cost of a transport plan if moving mass costs more than zero.
    """
    problem = claim.problem
    if problem.measure is None or not is_zero(claim.bounds.get("P", fmpq(1))):
        raise UnprovedError('a dual of kind "reference" needs a bound P = 0')
    free = [(i, j) for i, row in enumerate(problem.ground) for j, cost in enumerate(row) if i != j and not cost > 0]
    if free:
        raise UnprovedError(
            f"moving mass from letter {free[0][0]} to letter {free[0][1]} is not proved to cost anything"
        )
    fixed = replace(problem, p_Y=problem.reference, measure=None, reference=[], ground=[])
    return _inner(replace(claim.without("P"), problem=fixed), dual, at)


def weighted_bound(claim: Claim, dual: Mapping, at: str) -> Number:
    """Bound the problem of weighted costs and labels; see `several`."""
    easier, conclude = weighted_claim(claim, dual, at)
    return conclude(_inner(easier, dual, at))


def nearest_bound(claim: Claim, dual: Mapping, at: str) -> Number:
    """Bound the problem whose letters go to their nearest outputs only; see `several`."""
    return _inner(nearest_claim(claim, dual, at), dual, at)


def _shift(claim: Claim, dual: Mapping, at: str) -> Number:
    """Bound the same problem with less by a constant for every pair: the distortion of every plan falls by it."""
    by, problem = number(f"{at}.by", field(at, dual, "by")), claim.problem
    finite = [cost for row in problem.distortion for cost in row if cost != math.inf]
    if not all(cost >= by for cost in finite):
        raise UnprovedError(f"a cost is not proved to be at least {shown(by)}, which is taken off")
    lower = replace(problem, distortion=[[c if c == math.inf else c - by for c in row] for row in problem.distortion])
    bounds = {name: bound - by if name == "D" else bound for name, bound in claim.bounds.items()}
    found = _inner(replace(claim, problem=lower, bounds=bounds), dual, at)
    # An infinite bound, of what is infeasible, is a float.
    return found if isinstance(found, float) else found + claim.objective.get("D", fmpq(0)) * by


def _relaxation(claim: Claim, dual: Mapping, at: str) -> Number:
    """Bound an easier problem with the same bounds, whose optimum is not larger."""
    problem = claim.problem
    easier = word(f"{at}.of", dual.get("of"), ("asymptotic", "one-shot YU", "message"))
    if easier == "message":
        return _inner(_seeing_the_message(claim), dual, at)
    if problem.asymptotic or (easier == "one-shot YU" and problem.sees_U):
        raise UnprovedError(f'the problem "{easier}" is not a relaxation of this one')
    if easier == "one-shot YU":
        # Blocks with different codes are common randomness.
        relaxed = replace(claim, problem=replace(problem, sees_U=True, time_sharing=False))
    else:
        if problem.sees_U and "C" in claim.objective:
            raise UnprovedError("in long blocks H(S|Y) may be larger than H(S|Y,U), which is minimised here")
        # Long blocks do not meet H(S|Y,U) <= C more easily than H(S|Y) <= C, so that bound goes.
        bounds = {name: b for name, b in claim.bounds.items() if name[0] != "C" or not problem.sees_U}
        relaxed = replace(claim, bounds=bounds, problem=replace(problem, asymptotic=True, sees_U=False))
    return _inner(relaxed, dual, at)


def _seeing_the_message(claim: Claim) -> Claim:
    """Return the same claim for a classifier that sees the message.

    In long blocks the message may be Y, and with time sharing the index of the code in use: `I(X;Z)` is then the mean
    of `I(X;Y)` over the codes, `H(S|Z)` is that of `H(S|Y)`, and the law of Y is a mean as well. In one shot it may be Y
    and U, and that index: `I(X;Z) = I(X;Y|U) <= H(Y|U)`, because U is independent of X, and `H(S|Z) <= H(S|Y)`.
    """
    problem = claim.problem
    if (problem.asymptotic and problem.sees_U) or problem.sees_message:
        raise UnprovedError('the problem "message" is not a relaxation of this one')
    easier = replace(problem, asymptotic=True, sees_U=False, sees_message=True, time_sharing=False)
    return replace(claim, problem=easier)
