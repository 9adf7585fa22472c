"""Which fields the objects of a certificate may have: a field that is not named here is refused, wherever it is.

Everything is walked before anything is proved, parts that no proof needs among them (a dual beside `lower` = 0, nodes
behind an empty box), so that no statement in a certificate goes unread.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drc.checker.limits import MOST_RELAXATIONS
from drc.checker.numerals import quoted
from drc.errors import ProblemError

#: The fields of a certificate; "slope", "primal" and "dual" may be left out.
CERTIFICATE = ("format", "problem", "minimise", "slope", "unit", "bounds", "lower", "upper", "primal", "dual")

PROBLEM = ("p_SX", "distortion", "p_Y", "setting", "classifier_sees", "time_sharing", "perception")
PERCEPTION = ("measure", "reference", "ground")

#: The quantities that may be bounded, and have multipliers.
QUANTITIES = ("R", "C", "D", "P")

PLANS = {
    "maps": ("kind", "weights", "gamma"),
    "coupling": ("kind", "joint", "tree", "gamma"),
    "mixture": ("kind", "parts"),
}

DUALS = {
    "maps": ("kind", "objective", "multipliers", "nu", "price", "pricing"),
    "plans": ("kind", "objective", "shared", "tree"),
    "channels": ("kind", "objective", "shared", "tree"),
    "trivial": ("kind",),
    "data processing": ("kind",),
    "relaxation": ("kind", "of", "dual"),
    "reference": ("kind", "dual"),
}

PRICINGS = {
    "subsets": ("kind", "labelled"),
    "tree": ("kind", "labelled", "tree"),
    "letters": ("kind", "labelled", "u", "trees"),
}

_SPLIT, _EXCLUSION = ("split", "below", "above"), ("exclude", "slopes", "then")

#: The fields of a leaf, by the kind of dual or pricing that its tree belongs to.
_LEAVES = {
    "channels": ("objective", "multipliers", "u", "v", "slopes"),
    "plans": ("objective", "multipliers", "nu", "slopes", "price"),
    "pricing": ("slopes",),
}


def known_fields(certificate: Any) -> None:
    """Refuse every field that has no meaning where it stands.

    Parameters
    ----------
    certificate : JSON value

    Raises
    ------
    ProblemError
        If a field is unknown, or if what should hold fields does not: the message names it.
    """
    fields = only("", certificate, CERTIFICATE)
    if "problem" in fields:
        problem = only("problem", fields["problem"], PROBLEM)
        if problem.get("perception") is not None:
            only("problem.perception", problem["perception"], PERCEPTION)
    if "bounds" in fields:
        only("bounds", fields["bounds"], QUANTITIES)
    if fields.get("primal") is not None:
        _plan("primal", fields["primal"])
    if fields.get("dual") is not None:
        _dual("dual", fields["dual"])


def only(name: str, value: Any, allowed: tuple[str, ...]) -> Mapping:
    """Return an object of JSON whose fields are all among those allowed."""
    fields = mapping(name or "certificate", value)
    for key in fields:
        if not isinstance(key, str) or key not in allowed:
            place = f"{name}.{key}" if name else str(key)
            raise ProblemError(f"field {place if len(place) < 200 else quoted(key)}: unknown; {_must_be(allowed)}")
    return fields


def mapping(name: str, value: Any) -> Mapping:
    """Return an object of JSON."""
    if not isinstance(value, Mapping):
        raise ProblemError(f"field {name} must be an object of JSON, got {quoted(value)}")
    return value


def word(name: str, value: Any, allowed: tuple) -> Any:
    """Return a word that must be one of those allowed."""
    if not any(value is one or (isinstance(value, str) and value == one) for one in allowed):
        raise ProblemError(f"field {name} {_must_be(allowed)}, got {quoted(value)}")
    return value


def listed(name: str, value: Any, length: int | None = None) -> list:
    """Return a list, of a given length if there is one."""
    if not isinstance(value, list | tuple):
        raise ProblemError(f"field {name} must be a list, got {quoted(value)}")
    if length is not None and len(value) != length:
        raise ProblemError(f"field {name} must have {length} entries, got {len(value)}")
    return list(value)


def _must_be(allowed: tuple) -> str:
    return f"must be one of {', '.join(map(repr, allowed))}"


def _plan(name: str, value: Any) -> None:
    kind = _kind(name, value, PLANS)
    if kind == "mixture" and "parts" in value:
        for i, part in enumerate(listed(f"{name}.parts", value["parts"])):
            here = mapping(f"{name}.parts[{i}]", part)
            only(f"{name}.parts[{i}]", here, ("weight", *PLANS["coupling" if "joint" in here else "maps"][1:]))


def _dual(name: str, value: Any) -> None:
    at = name
    for _ in range(MOST_RELAXATIONS):
        kind = _kind(at, value, DUALS)
        if "dual" not in DUALS[kind]:
            break
        if "dual" not in value:
            return
        at, value = f"{at}.dual", value["dual"]
    else:
        raise ProblemError(f"field {name} must be nested at most {MOST_RELAXATIONS} times, got more")
    if kind == "maps" and "pricing" in value:
        _pricing(f"{at}.pricing", value["pricing"])
    for key in ("multipliers", "shared"):
        if value.get(key) is not None:
            only(f"{at}.{key}", value[key], QUANTITIES)
    if kind in _LEAVES and "tree" in value:
        _tree(f"{at}.tree", value["tree"], kind)


def _pricing(name: str, value: Any) -> None:
    kind = _kind(name, value, PRICINGS)
    if kind == "tree" and "tree" in value:
        _tree(f"{name}.tree", value["tree"], "pricing")
    if kind == "letters" and "trees" in value:
        for y, nodes in enumerate(listed(f"{name}.trees", value["trees"])):
            _tree(f"{name}.trees[{y}]", nodes, "pricing")


def _tree(name: str, value: Any, kind: str) -> None:
    for i, node in enumerate(listed(name, value)):
        fields = mapping(f"{name}[{i}]", node)
        if "split" in fields:
            only(f"{name}[{i}]", fields, _SPLIT)
        elif "exclude" in fields and kind == "pricing":
            only(f"{name}[{i}]", fields, _EXCLUSION)
        else:
            only(f"{name}[{i}]", fields, _LEAVES[kind])
        if "multipliers" in fields:
            only(f"{name}[{i}].multipliers", fields["multipliers"], QUANTITIES)


def _kind(name: str, value: Any, kinds: Mapping[str, tuple[str, ...]]) -> str:
    fields = mapping(name, value)
    kind = word(f"{name}.kind", fields.get("kind"), tuple(kinds))
    only(name, fields, kinds[kind])
    return kind
