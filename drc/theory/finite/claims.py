"""What a hull claims, begun anew from the problem: that a face bounds all plans, and that no face is missing."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from flint import ctx

from drc.problems.finite import Finite
from drc.proof import Check, Verdict
from drc.proof.computed import ComputedClaim
from drc.theory.finite.columns import Columns
from drc.theory.finite.hull import Face, Hull, Program, spanned, through
from drc.theory.finite.logarithms import BITS

#: The fields of a problem that its plans depend on.
_FIELDS = ("p_SX", "labels", "uncertainty", "p_Y", "perception", "reference")


def data_of(found: Hull, face: Face | None = None) -> str:
    """Return what the claims need: the problem, and the plans of the corners of one face, or of all with all faces."""
    problem = found.columns.problem
    content: dict = {name: _text(getattr(problem, name)) for name in _FIELDS}
    costs = [_text(each.exact_distortion) for each in problem.each_cost]
    content |= {"costs": costs, "ground": _text(problem.exact_ground)}
    numbers = range(len(found.corners)) if face is None else face.corners
    content |= {"corners": [found.corners[i].basis for i in numbers]}
    if face is None:
        content |= {"faces": sorted(sorted(face.on) for face in found.faces)}
    else:
        content |= {"free": face.free, "basis": face.basis}
    return json.dumps(content)


class Supported(ComputedClaim):
    """That no plan lies below the plane through some corners: the multipliers of a basis prove it for every map."""

    def decided(self) -> Check:
        """Compute the plane, and the reduced cost of every map."""
        content = json.loads(self.data)
        columns = _columns(self.data)
        with ctx.workprec(BITS):
            program = Program(columns)
            corners = [program.corner(tuple(basis)) for basis in content["corners"]]
            face = through(frozenset([*range(len(corners)), *(-1 - i for i in content["free"])]), corners)
            own = program.corner(tuple(content["basis"]))
            are_plans = all(w >= 0 for plan in (*corners, own) for w in plan.weights)
            meets = not any(face.slack(plan.point) for plan in (*corners, own))
            bounds = all(n.sign >= 0 for n in face.normal) and program.entering(face, own.basis) is None
        return _outcome(are_plans and meets and bounds, f"exact arithmetic, {len(columns)} columns")


class Complete(ComputedClaim):
    """That the hull of some corners, and of all that is larger, has these faces and no others."""

    def decided(self) -> Check:
        """Build the hull of the corners once more."""
        content = json.loads(self.data)
        with ctx.workprec(BITS):
            program = Program(_columns(self.data))
            faces = spanned([program.corner(tuple(basis)) for basis in content["corners"]])
        found = sorted(sorted(face.on) for face in faces)
        return _outcome(found == content["faces"], f"exact arithmetic, {len(faces)} faces")


def _outcome(holds: bool, method: str) -> Check:
    return Check(Verdict.PROVED if holds else Verdict.REFUTED, method)


def _columns(data: str) -> Columns:
    content = json.loads(data)
    for name in ("corners", "faces", "free", "basis"):
        content.pop(name, None)
    return _columns_of(json.dumps(content))


@cache
def _columns_of(fields: str) -> Columns:
    content: dict[str, Any] = {name: _read(value) for name, value in json.loads(fields).items()}
    if content["perception"] != "W2":
        content["ground"] = None
    return Columns(Finite(**content))


def _text(value: object) -> object:
    """Write exact numbers as fractions, in rows as they stand."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_text(item) for item in value]
    return value if value is None or isinstance(value, str) else str(value)


def _read(value: object) -> object:
    if isinstance(value, list):
        return tuple(_read(item) for item in value)
    if not isinstance(value, str) or (value.isalnum() and not value.isdigit()):
        return math.inf if value == "inf" else value
    return Fraction(value)
