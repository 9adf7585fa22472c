"""A lower bound from long blocks: what one shot reaches, long blocks reach without a bound on the label.

For every plan `I(X;Y) <= I(X;Y|U) <= H(Y|U)`, because `U` is independent of `X`; the output law and the distortion are those
of the mean coupling. So the asymptotic problem without `C` has no larger optimum ([nguyen2026], section 3).
"""

from __future__ import annotations

import math
from dataclasses import replace

from drc.solvers.one_shot.proof import Enclosure
from drc.solvers.request import Clock

#: A gap below this is left as it is: the relaxation is rarely so close.
_WORTH_A_TRY = 1e-4


def relaxed(enclosure: Enclosure, clock: Clock) -> Enclosure:
    """Improve the lower bound of an enclosure by that of the asymptotic problem, if its gap is wide open.

    Parameters
    ----------
    enclosure : Enclosure
    clock : Clock

    Returns
    -------
    Enclosure
        With the proof under `relaxation`, if that is the better one.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from drc.problems import Finite
    >>> from drc.solvers.one_shot.maps import Maps
    >>> from drc.solvers.one_shot.program import Program
    >>> from drc.solvers.one_shot.proof import enclose
    >>> program = Program(Maps(Finite([[0.5, 0.5]], p_Y=[0.5, 0.5])), "D", {"R": Fraction(1, 2)})
    >>> round(relaxed(enclose(program, [], 1e-9), Clock()).lower, 6)
    0.110028
    """
    gap = 0.0 if enclosure.status == "infeasible" else enclosure.upper - enclosure.lower
    if gap <= _WORTH_A_TRY * max(1.0, enclosure.lower):
        return enclosure
    program = enclosure.program
    problem = replace(program.maps.problem, setting="asymptotic", classifier_sees="Y")
    bounds = {name: bound for name, bound in program.bounds.items() if name != "C"}
    found = problem.solve(minimise=program.minimise, unit=program.maps.unit, time_limit=clock, **bounds)
    if not found.lower > enclosure.lower:
        return enclosure
    proof = {"kind": "relaxation", "of": "asymptotic", "dual": found.certificate.dual}
    if found.lower == math.inf:
        return Enclosure(program, "infeasible", math.inf, math.inf, math.inf, None, None, proof)
    value = max(enclosure.value, found.lower)
    return replace(enclosure, lower=found.lower, value=value, relaxation=proof)
