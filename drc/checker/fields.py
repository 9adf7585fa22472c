"""Which fields the objects of a certificate may have: a field that is not named here is refused, wherever it is.

Everything is walked before anything is proved, parts that no proof needs among them (a dual beside `lower` = 0, nodes
behind an empty box), so that no statement in a certificate goes unread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias, TypeVar

from drc.checker.limits import MOST_RELAXATIONS
from drc.errors import ProblemError, brief, must

Word = TypeVar("Word", str, bool, None)

#: What is allowed in a place: None where there are no fields; the fields of an object, each with what is allowed in it; in
#: brackets what is allowed in the items of a list; or a function that looks what is there. "?" ends what may be null.
_Shape: TypeAlias = "Mapping[str, _Shape] | list[_Shape] | Callable[[str, Mapping[str, object]], _Shape] | None"

#: The quantities that may be bounded, and have multipliers.
QUANTITIES = ("R", "C", "D", "P")

_NUMBERS: _Shape = dict.fromkeys(QUANTITIES)
_SPLIT: _Shape = dict.fromkeys(("split", "below", "above"))
_EXCLUSION: _Shape = dict.fromkeys(("exclude", "slopes", "then"))


def _of_kind(kinds: Mapping[str, Mapping[str, _Shape]]) -> _Shape:
    """Allow the fields of each kind; the kind is a field itself."""

    def shape(name: str, fields: Mapping[str, object]) -> _Shape:
        return {"kind": None, **kinds[word(f"{name}.kind", fields.get("kind"), tuple(kinds))]}

    return shape


def _tree(leaf: Mapping[str, _Shape], *, exclusions: bool = False) -> _Shape:
    def shape(_: str, fields: Mapping[str, object]) -> _Shape:
        return _SPLIT if "split" in fields else _EXCLUSION if exclusions and "exclude" in fields else leaf

    return [shape]


def _part(_: str, fields: Mapping[str, object]) -> _Shape:
    return {"weight": None, **PLANS["coupling" if "joint" in fields else "maps"]}


def _dual(name: str, _: Mapping[str, object]) -> _Shape:
    if name.count("dual") > MOST_RELAXATIONS:
        raise must("field dual", f"be nested at most {MOST_RELAXATIONS} times", got="more")
    return _of_kind(DUALS)


PLANS: dict[str, dict[str, _Shape]] = {
    "maps": {"weights": None, "gamma": None},
    "coupling": {"joint": None, "tree": None, "gamma": None},
    "mixture": {"parts": [_part]},
    "messages": {"letters": None, "joint": None, "tree": None},
    "normal": {"rates": None, "law": None},
}

_PRICED = _tree({"slopes": None}, exclusions=True)
PRICINGS: dict[str, dict[str, _Shape]] = {
    "subsets": {"labelled": None},
    "tree": {"labelled": None, "tree": _PRICED},
    "letters": {"labelled": None, "u": None, "trees": [_PRICED]},
    "sets": {"labelled": None, "u": None, "trees": [_tree({"vector": None})]},
}

_LAW: _Shape = dict.fromkeys(("nu", "price", "level"))
_LEAF: dict[str, _Shape] = {"objective": None, "multipliers": _NUMBERS, "slopes": None}
_SHARED: dict[str, _Shape] = {"objective": None, "shared?": _NUMBERS}
DUALS: dict[str, dict[str, _Shape]] = {
    "maps": {"objective": None, "multipliers?": _NUMBERS, "nu": None, "price": None, "pricing": _of_kind(PRICINGS)},
    "plans": {**_SHARED, "tree": _tree({**_LEAF, "nu": None, "price": None})},
    "channels": {**_SHARED, "tree": _tree({**_LEAF, "u": None, "v": None})},
    "messages": {
        "objective": None,
        "multipliers?": _NUMBERS,
        "u": None,
        "trees": [_tree({"vector": None, "like": None})],
    },
    "rates": {"objective": None, "multipliers?": _NUMBERS},
    "bits": {"objective": None, "multipliers?": _NUMBERS},
    "trivial": {},
    "data processing": {},
    "relaxation": {"of": None, "dual": _dual},
    "reference": {"dual": _dual},
    "weighted": {"objective": None, "costs": None, "labels": None, "law?": _LAW, "dual": _dual},
    "nearest": {"cost": None, "dual": _dual},
    "shift": {"by": None, "dual": _dual},
}

_FINITE = dict.fromkeys(
    ("p_SX", "distortion", "p_Y", "setting", "classifier_sees", "time_sharing", "costs", "labels", "uncertainty")
)
_NORMAL = dict.fromkeys(("kind", "mu_X", "sigma_X", "mu_Y", "sigma_Y", "sigma_S", "rho_SX", "rho_TX", "R_c"))


def _bounds(_: str, fields: Mapping[str, object]) -> _Shape:
    """Allow the bounds of further costs and labels; which of them there are is seen when they are read."""
    further = (name for name in fields if name[:1] in ("D", "C") and name[1:].isdecimal() and len(name) < 4)
    return _NUMBERS | dict.fromkeys(further)  # pyright: ignore[reportOperatorIssue] (flint)


def _problem(name: str, fields: Mapping[str, object]) -> _Shape:
    if "kind" in fields:
        word(f"{name}.kind", fields["kind"], ("gaussian",))
        return {**_NORMAL, "perception?": dict.fromkeys(("measure", "reference"))}
    return {**_FINITE, "perception?": dict.fromkeys(("measure", "reference", "ground"))}


_CERTIFICATE: _Shape = {
    **dict.fromkeys(("format", "minimise", "slope", "unit", "lower", "upper")),
    "problem": _problem,
    "bounds": _bounds,
    "primal?": _of_kind(PLANS),
    "dual?": _dual,
}


def known_fields(certificate: object) -> None:
    """Refuse every field that has no meaning where it stands.

    Raises `ProblemError` if a field is unknown, or if what should hold fields does not: the message names it.
    """
    _walk("", certificate, _CERTIFICATE)


def _walk(name: str, value: object, shape: _Shape) -> None:
    if isinstance(shape, list):
        for i, item in enumerate(listed(name, value)):
            _walk(f"{name}[{i}]", item, shape[0])
    elif shape is not None:
        fields = mapping(name or "certificate", value)
        while callable(shape):
            shape = shape(name, fields)
        assert isinstance(shape, Mapping)
        shapes = {key.removesuffix("?"): (inner, key.endswith("?")) for key, inner in shape.items()}
        for key, item in fields.items():
            place = f"{name}.{key}" if name else str(key)
            if key not in shapes:
                place = place if len(place) < 200 else brief(key)
                raise ProblemError(f"field {place}: unknown; must {_be_one_of(shapes)}")
            inner, may_be_null = shapes[key]
            if not (may_be_null and item is None):
                _walk(place, item, inner)


def mapping(name: str, value: object) -> Mapping[str, object]:
    """Return an object of JSON."""
    if not isinstance(value, Mapping):
        raise must(f"field {name}", "be an object of JSON", value)
    return value


def word(name: str, value: object, allowed: tuple[Word, ...]) -> Word:
    """Return a word that must be one of those allowed."""
    for one in allowed:
        if value is one or (isinstance(value, str) and value == one):
            return one
    raise must(f"field {name}", _be_one_of(allowed), value)


def listed(name: str, value: object, length: int | None = None) -> list:
    """Return a list, of a given length if there is one."""
    if not isinstance(value, list | tuple):
        raise must(f"field {name}", "be a list", value)
    if length is not None and len(value) != length:
        raise must(f"field {name}", f"have {length} entries", len(value))
    return list(value)


def _be_one_of(allowed: Iterable[object]) -> str:
    return f"be one of {', '.join(map(repr, allowed))}"
