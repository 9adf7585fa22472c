"""The verdict on a certificate."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flint import arb, ctx, fmpq

from drc.checker.divergence import InfiniteError
from drc.checker.dual import lower_bound
from drc.checker.primal import upper_bound
from drc.checker.read import Claim, NormalClaim, UnprovedError, read_claim, shown
from drc.types import Number

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

#: Bits of the balls: a hundred more than a double has, so that rounding decides nothing.
PRECISION = 192

#: The precision of a second try: a bound may hold by less than the rounding of the first.
FINER = 1024


@dataclass(frozen=True)
class Verdict:
    """What was proved of a claim.

    Attributes
    ----------
    lower_holds, upper_holds : bool
        Whether each side is proved; False does not mean that it is false.
    said : tuple of str
        A sentence on the claim, and one on each side: what proves it, or what fails and by how much.
    """

    lower_holds: bool
    upper_holds: bool
    said: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.lower_holds and self.upper_holds

    def __str__(self) -> str:
        return "\n".join(self.said)


def check_certificate(source: str | os.PathLike[str] | Mapping[str, object]) -> Verdict:
    """Prove both sides of a certificate again, in ball arithmetic, from what is written in it alone.

    Parameters
    ----------
    source : path, str or dict
        A file, the text of one, or its content.

    Returns
    -------
    Verdict
        True if both sides are proved.

    Raises
    ------
    ProblemError
        If it is not a certificate: the message names the line or the field.

    Examples
    --------
    >>> problem = {"p_SX": [["1/2", "1/2"]], "distortion": [[0, 1], [1, 0]], "p_Y": ["1/4", "3/4"]}
    >>> problem |= {"setting": "asymptotic", "classifier_sees": "Y", "time_sharing": False, "perception": None}
    >>> claim = {"format": "drc certificate 1", "problem": problem, "minimise": "D", "unit": "bits", "bounds": {}}
    >>> plan = {"kind": "coupling", "joint": [[0, 0], [0, 0]], "tree": [[0, 0], [0, 1], [1, 1]]}
    >>> leaf = {"multipliers": {}, "u": [1, 0], "v": [-1, 0]}
    >>> dual = {"kind": "channels", "shared": None, "tree": [leaf]}
    >>> print(check_certificate(claim | {"lower": 0.25, "upper": 0.25, "primal": plan, "dual": dual}))
    claimed: 0.25 <= D <= 0.25
    lower bound proved: the multipliers give D >= 0.25
    upper bound proved: the plan reaches D = 0.25
    """
    verdict, more_digits_may_help = _judged(source, PRECISION)
    return _judged(source, FINER)[0] if more_digits_may_help else verdict


@dataclass(frozen=True)
class _Side:
    """What was found of one side of the claim; `is_open` if more digits may yet prove it."""

    holds: bool
    said: str
    is_open: bool = False


def _judged(source: Any, bits: int) -> tuple[Verdict, bool]:
    with ctx.workprec(bits):
        claim = read_claim(source)
        name = claim.minimise if claim.slope is None else f"D + {shown(claim.slope)} R"
        lower, upper = _lower(claim, name), _upper(claim, name)
        claimed = f"claimed: {shown(claim.lower)} <= {name} <= {shown(claim.upper)}"
        if claim.lower == math.inf:
            claimed = "claimed: nothing is feasible"
    verdict = Verdict(lower.holds, upper.holds, (claimed, lower.said, upper.said))
    return verdict, lower.is_open or upper.is_open


def _lower(claim: Claim | NormalClaim, name: str) -> _Side:
    if claim.lower <= 0:
        return _Side(True, f"lower bound proved: {name} is never negative")
    bound, why = _tried(lambda: lower_bound(claim, claim.dual))
    if bound is None:
        return _Side(False, f"lower bound not proved: {why}", is_open=True)
    if bound == math.inf:
        return _Side(True, "lower bound proved: the multipliers contradict the bounds")
    if claim.lower == math.inf:
        return _Side(False, "lower bound not proved: the multipliers do not contradict the bounds", is_open=True)
    if bound == -math.inf:
        return _Side(False, "lower bound not proved: a part without the objective is not a contradiction", is_open=True)
    if claim.lower <= bound:
        return _Side(True, f"lower bound proved: the multipliers give {name} >= {shown(bound)}")
    said = f"the multipliers give {name} >= {shown(bound)}, short by {_digits(claim.lower - bound)}"
    return _Side(False, f"lower bound not proved: {said}", is_open=not claim.lower > bound)


def _upper(claim: Claim | NormalClaim, name: str) -> _Side:
    if claim.upper == math.inf:
        return _Side(True, "upper bound proved: infinity bounds everything")
    bound, why = _tried(lambda: upper_bound(claim))
    if bound is None:
        return _Side(False, f"upper bound not proved: {why}", is_open=True)
    if bound <= claim.upper:
        return _Side(True, f"upper bound proved: the plan reaches {name} = {shown(bound)}")
    said = f"the plan reaches {name} = {shown(bound)}, over by {_digits(bound - claim.upper)}"
    return _Side(False, f"upper bound not proved: {said}", is_open=not bound > claim.upper)


def _tried(prove: Callable[[], Number]) -> tuple[Number | None, str]:
    try:
        return prove(), ""
    except (UnprovedError, InfiniteError) as reason:
        return None, str(reason)
    except ZeroDivisionError:
        # Only a law with a letter that is zero in disguise divides by zero.
        return None, "a mass is not proved to be positive"


def _digits(value: fmpq | arb) -> str:
    return f"{float(arb(value).mid()):.3g}"
