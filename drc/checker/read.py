"""From JSON to the problem and the claim, in exact numbers; every error names its field."""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as field_of
from functools import cached_property
from pathlib import Path
from typing import Any

from flint import arb, fmpq, fmpz

from drc.checker.divergence import DIVERGENCES
from drc.checker.entropy import nats, total
from drc.checker.fields import known_fields, listed, mapping, word
from drc.checker.limits import MOST_BYTES, MOST_COMMON_BITS, MOST_COMPONENTS, MOST_FURTHER
from drc.checker.numerals import is_zero, number
from drc.errors import ProblemError, brief, must
from drc.reading import read_within
from drc.types import Number

#: The first field of every certificate.
FORMAT = "drc certificate 1"

#: Up to this many entries a matrix is handled in fractions; beyond, sums of fractions grow long, and balls will do.
EXACT_ENTRIES = 4096

#: A law whose entries are not all rational must sum to one to within this.
_NEARLY = fmpq(1, 2**128)


class UnprovedError(Exception):
    """What is claimed does not follow; the message says what fails."""


@dataclass(frozen=True)
class Problem:
    """A finite problem, in exact numbers and balls; see `docs/certificates.md` for its fields.

    `p_SX` has n_S rows of n_X numbers, `distortion` n_X rows of n_Y, `inf` where a pair is forbidden. `sees_message` is
    only true in the asymptotic setting, without time sharing. `measure` is "TV", "W2", "KL", "JS", "Hellinger", "chi2"
    or "reversed KL"; `reference` is empty without one, and `ground`, n_Y rows of n_Y numbers, but for W2. `bits` is
    whether that is the unit. `costs` and `labels` are further tables like `distortion` and further laws like `p_SX`,
    whose bounds are called D2, D3, ... and C2, C3, ... `uncertainty` is what C bounds, "entropy", "error" or "gini";
    others than the entropy are for one label.
    """

    p_SX: list
    distortion: list
    p_Y: list | None
    asymptotic: bool
    sees_U: bool
    sees_message: bool
    time_sharing: bool
    measure: str | None
    reference: list
    ground: list
    bits: bool
    costs: list = field_of(default_factory=list)
    labels: list = field_of(default_factory=list)
    uncertainty: str = "entropy"

    @property
    def names(self) -> tuple[list[str], list[str]]:
        """The names of the bounds on costs, and of those on labels."""
        counts = {"D": len(self.costs), "C": len(self.labels)}
        costs, labels = ([letter, *(f"{letter}{k}" for k in range(2, n + 2))] for letter, n in counts.items())
        return costs, labels

    @property
    def n_S(self) -> int:
        """How many labels there are."""
        return len(self.p_SX)

    @property
    def n_X(self) -> int:
        """How many source letters there are."""
        return len(self.distortion)

    @property
    def n_Y(self) -> int:
        """How many output letters there are."""
        return len(self.distortion[0])

    @cached_property
    def p_X(self) -> list:
        """The law of the source."""
        return [total(column) for column in zip(*self.p_SX, strict=True)]

    @cached_property
    def p_S(self) -> list:
        """The law of the label."""
        return [total(row) for row in self.p_SX]

    @cached_property
    def sources(self) -> list[int]:
        """The source letters that have mass; the others play no part."""
        return [x for x, p in enumerate(self.p_X) if not is_zero(p)]

    @cached_property
    def nat(self) -> Number:
        """How many nats the unit has."""
        return nats(self.bits)

    @cached_property
    def is_large(self) -> bool:
        """Whether matrices are handled in balls, not in fractions."""
        return self.n_X * self.n_Y > EXACT_ENTRIES

    def mean(self, values: list) -> Number:
        """Return the mean of a number of each source letter."""
        return total(self.p_X[x] * values[x] for x in self.sources)

    def label_given(self, x: int) -> list:
        """Return `p(s|x)` for all s."""
        return [row[x] / self.p_X[x] for row in self.p_SX]


@dataclass(frozen=True)
class Normal:
    """Gaussian components, in exact numbers and balls; `normal` has the theorem.

    `mu_X`, `sigma_X`, `sigma_S`, `rho_SX` and `rho_TX` have a number for each of n components; standard deviations are
    positive. `target` has n pairs of mean and standard deviation, the law of Y; it is empty with a perception
    `measure`, which is "W2" or "KL", and only for one component and unlimited common randomness. `sigma_S` and `rho_SX`
    are of the labels, the latter their correlation with the source, in [-1, 1]; None without a label. `common` is the
    common randomness, not negative, or `inf`; if it is limited there is one component. `reference` is a mean and a
    standard deviation, empty without a measure. `rho_TX` is the correlation of what the distortion is to with what the
    encoder sees, in [-1, 1] and not 0, and `mu_X` and `sigma_X` are those of the former; it is None where both are the
    source.
    """

    mu_X: list
    sigma_X: list
    target: list
    sigma_S: list | None
    rho_SX: list | None
    common: Number
    measure: str | None
    reference: list
    bits: bool
    rho_TX: list | None = None

    @property
    def n(self) -> int:
        """How many components there are."""
        return len(self.sigma_X)

    @cached_property
    def nat(self) -> Number:
        """How many nats the unit has."""
        return nats(self.bits)

    @cached_property
    def entropy(self) -> Number:
        """The differential entropy of the label."""
        variances = (2 * arb.pi() * sigma * sigma for sigma in self.sigma_S or ())
        return total(variance.log() / 2 + fmpq(1, 2) for variance in variances) / self.nat


@dataclass(frozen=True)
class Statement:
    """What a certificate states of a problem: the bounds are exact numbers, the proofs are still JSON.

    With a slope the objective is `D + slope R`; "C" is minimised only of finite problems.
    """

    minimise: str
    slope: Number | None
    bounds: dict
    lower: Number
    upper: Number
    primal: Mapping | None
    dual: Mapping | None

    @property
    def objective(self) -> dict[str, Number]:
        """What is minimised: the coefficients of D, R and C."""
        if self.slope is not None:
            return {"D": fmpq(1), "R": self.slope}
        return {self.minimise: fmpq(1)}


@dataclass(frozen=True)
class Claim(Statement):
    """A certificate of a finite problem as it was read."""

    problem: Problem

    def without(self, name: str) -> Claim:
        """Return the claim without a bound."""
        return replace(self, bounds={other: bound for other, bound in self.bounds.items() if other != name})


@dataclass(frozen=True)
class NormalClaim(Statement):
    """A certificate of a Gaussian problem as it was read."""

    problem: Normal


def read_claim(source: object) -> Claim | NormalClaim:
    """Read a certificate.

    The source is a file, the text of one (it starts with a brace), or its content.

    Raises `ProblemError` if it is not a certificate: the message names the file, and the line or the field.
    """
    content, name = _content(source)
    try:
        return _claim(content)
    except ProblemError as error:
        raise ProblemError(f"{name}{error}") from None


def _content(source: object) -> tuple[object, str]:
    if isinstance(source, Mapping):
        return source, ""
    if isinstance(source, str) and source.lstrip().startswith("{"):
        if len(source) > MOST_BYTES:
            raise ProblemError(f"source must be at most {MOST_BYTES} bytes long")
        return _json(source, ""), ""
    if not isinstance(source, str | os.PathLike):
        raise must("source", "be a path, a JSON text or a dict", source)
    name = Path(source).name
    try:
        text = read_within(source, MOST_BYTES).decode()
    except UnicodeDecodeError:
        raise must(name, "be UTF-8 text", got="other bytes") from None
    return _json(text, f"{name}, "), f"{name}, "


def _json(text: str, name: str) -> Any:
    def distinct(pairs: list) -> dict:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
            raise ProblemError(f"{name}field {brief(twice)} is there twice")
        return found

    def no_constant(word: str) -> None:
        raise ProblemError(f"{name}{word} is not a number")

    try:
        return json.loads(text, parse_constant=no_constant, object_pairs_hook=distinct)
    except json.JSONDecodeError as error:
        raise ProblemError(f"{name}line {error.lineno}, column {error.colno}: {error.msg}") from None
    except ProblemError:
        raise
    except (ValueError, RecursionError) as error:
        raise ProblemError(f"{name}cannot be read: {error}") from None


def _claim(content: Any) -> Claim | NormalClaim:
    fields = mapping("certificate", content)
    word("format", field("format", fields, "format"), (FORMAT,))
    known_fields(fields)
    minimise = word("minimise", field("minimise", fields, "minimise"), ("D", "R", "C"))
    unit = word("unit", field("unit", fields, "unit"), ("bits", "nats"))
    slope = fields.get("slope")
    about = mapping("problem", field("problem", fields, "problem"))
    problem = (_normal if "kind" in about else _problem)(about, unit == "bits")
    if slope is not None and isinstance(problem, Normal):
        raise must("slope", "be null for a Gaussian", slope)
    stated: dict[str, Any] = {
        "minimise": minimise,
        "slope": None if slope is None else at_least_zero("slope", number("slope", slope)),
        "bounds": _bounds(problem, mapping("bounds", field("bounds", fields, "bounds"))),
        "lower": _claimed("lower", field("lower", fields, "lower")),
        "upper": _claimed("upper", field("upper", fields, "upper")),
        "primal": None if fields.get("primal") is None else mapping("primal", fields["primal"]),
        "dual": None if fields.get("dual") is None else mapping("dual", fields["dual"]),
    }
    claim = Claim(problem=problem, **stated) if isinstance(problem, Problem) else NormalClaim(problem=problem, **stated)
    if slope is not None and minimise != "D":
        raise must("minimise", "be 'D' if a slope is given (for D + slope R)", minimise)
    if minimise == "C" and isinstance(problem, Normal):
        raise must("minimise", "be 'D' or 'R' for a Gaussian", minimise)
    if claim.upper != math.inf and (claim.lower == math.inf or claim.lower > claim.upper):
        raise ProblemError(f"lower must be <= upper = {shown(claim.upper)}, got {shown(claim.lower)}")
    return claim


def _claimed(name: str, value: object) -> Number | float:
    return math.inf if value == "inf" else number(name, value)


def _bounds(problem: Problem | Normal, given: Mapping) -> dict:
    if "P" in given and problem.measure is None:
        raise ProblemError("problem.perception must be given with bounds.P, got null")
    known = {"R", "P", "D", "C"} if isinstance(problem, Normal) else {"R", "P", *problem.names[0], *problem.names[1]}
    for name in given:
        if name not in known:
            raise ProblemError(f"field bounds.{name}: unknown; must be one of {', '.join(sorted(known))}")
    if "C" in given and isinstance(problem, Normal) and (problem.sigma_S is None or problem.common != math.inf):
        raise ProblemError('problem must have a label, and R_c = "inf", with bounds.C')
    return {name: number(f"bounds.{name}", value) for name, value in given.items()}


def _problem(fields: Mapping, bits: bool) -> Problem:
    joint = matrix("problem.p_SX", field("problem", fields, "p_SX"), None)
    p_SX = _in_rows(_law("problem.p_SX", [p for row in joint for p in row]), len(joint[0]))
    rows = _costs("problem.distortion", field("problem", fields, "distortion"), len(p_SX[0]), infinite=True)
    costs = [
        _costs(f"problem.costs[{k}]", table, len(rows), len(rows[0]), infinite=True)
        for k, table in enumerate(listed("problem.costs", fields.get("costs", [])))
    ]
    labels = [
        _label(f"problem.labels[{k}]", law, p_SX)
        for k, law in enumerate(listed("problem.labels", fields.get("labels", [])))
    ]
    uncertainty = word("problem.uncertainty", fields.get("uncertainty", "entropy"), ("entropy", "error", "gini"))
    if labels and uncertainty != "entropy":
        raise ProblemError("problem.uncertainty must be 'entropy' with several labels")
    if max(len(costs), len(labels)) > MOST_FURTHER:
        raise ProblemError(f"problem must have at most {MOST_FURTHER} further costs and labels")
    p_Y = fields.get("p_Y")
    perception = fields.get("perception")
    measure, reference, ground = (None, [], []) if perception is None else _perception(perception, len(rows[0]))
    sees = word("problem.classifier_sees", fields.get("classifier_sees"), ("YU", "Y", "Z"))
    if sees == "Z" and (fields.get("setting") != "asymptotic" or fields.get("time_sharing", False) is not False):
        raise ProblemError("problem.classifier_sees must be 'Z' only in the asymptotic setting, without time sharing")
    return Problem(
        p_SX=p_SX,
        distortion=rows,
        p_Y=None if p_Y is None else _law("problem.p_Y", vector("problem.p_Y", p_Y, len(rows[0]))),
        asymptotic=word("problem.setting", fields.get("setting"), ("one-shot", "asymptotic")) == "asymptotic",
        sees_U=sees == "YU",
        sees_message=sees == "Z",
        time_sharing=word("problem.time_sharing", fields.get("time_sharing", False), (False, True)),
        measure=measure,
        reference=reference,
        ground=ground,
        bits=bits,
        costs=costs,
        labels=labels,
        uncertainty=uncertainty,
    )


def _label(name: str, value: object, p_SX: list) -> list:
    """Read the law of a further label, whose source is exactly that of the first."""
    rows = matrix(name, value, None, len(p_SX[0]))
    law = _in_rows(_law(name, [p for row in rows for p in row]), len(rows[0]))
    for x, (own, first) in enumerate(zip(zip(*law, strict=True), zip(*p_SX, strict=True), strict=True)):
        if not is_zero(total(own) - total(first)):
            raise ProblemError(f"field {name} must give x = {x} exactly the mass that it has in problem.p_SX")
    return law


def _normal(fields: Mapping, bits: bool) -> Normal:
    n = len(listed("problem.sigma_X", field("problem", fields, "sigma_X")))
    if not 1 <= n <= MOST_COMPONENTS:
        raise must("field problem.sigma_X", f"have 1 to {MOST_COMPONENTS} entries", n)
    names = ("mu_X", "sigma_X", "mu_Y", "sigma_Y", "sigma_S", "rho_SX", "rho_TX")
    columns = {name: vector(f"problem.{name}", fields[name], n) for name in names if fields.get(name) is not None}
    for name in columns.keys() & {"sigma_X", "sigma_Y", "sigma_S"}:
        _all_positive(f"problem.{name}", columns[name])
    for name in columns.keys() & {"rho_SX", "rho_TX"}:
        for i, rho in enumerate(columns[name]):
            if not abs(rho) <= 1:
                raise must(f"field problem.{name}[{i}]", "be in [-1, 1]", got=shown(rho))
    remote = columns.pop("rho_TX", None)
    for i, rho in enumerate(remote or ()):
        if not abs(rho) > 0:
            raise must(f"field problem.rho_TX[{i}]", "not be 0", got=shown(rho))
    common = _claimed("problem.R_c", field("problem", fields, "R_c"))
    if common != math.inf:
        at_least_zero("problem.R_c", common)
    measure, reference = None, []
    if fields.get("perception") is not None:
        given = mapping("problem.perception", fields["perception"])
        measure = word("problem.perception.measure", given.get("measure"), ("W2", "KL"))
        reference = vector("problem.perception.reference", given.get("reference"), 2)
        _all_positive("problem.perception.reference", reference[1:])
    needed = {"mu_X", "sigma_X"} | (set() if measure else {"mu_Y", "sigma_Y"})
    label = columns.keys() & {"sigma_S", "rho_SX"}
    if columns.keys() - label != needed or len(label) == 1:
        raise ProblemError(
            "problem must have mu_X, sigma_X, either perception or mu_Y and sigma_Y, and both or none of sigma_S and rho_SX,"
            f" got {', '.join(columns)}"
        )
    alone = [measure is not None, common != math.inf]
    if all(alone) or (any(alone) and n > 1):
        raise ProblemError(
            "problem must have one component if it has a perception or a limited R_c, and not both of these"
        )
    target = [] if measure else list(zip(columns["mu_Y"], columns["sigma_Y"], strict=True))
    label_columns = (columns.get("sigma_S"), columns.get("rho_SX"))
    return Normal(columns["mu_X"], columns["sigma_X"], target, *label_columns, common, measure, reference, bits, remote)


def _all_positive(name: str, values: list) -> None:
    for i, value in enumerate(values):
        if not value > 0:
            raise must(f"field {name}[{i}]", "be > 0", got=shown(value))


def _perception(given: Any, n_Y: int) -> tuple[str, list, list]:
    fields = mapping("problem.perception", given)
    measure = word("problem.perception.measure", fields.get("measure"), ("TV", "W2", "KL", *DIVERGENCES))
    name = "problem.perception.reference"
    reference = _law(name, vector(name, fields.get("reference"), n_Y))
    ground = []
    if measure != "W2":
        word("problem.perception.ground", fields.get("ground"), (None,))
    else:
        ground = _costs("problem.perception.ground", fields.get("ground"), n_Y, n_Y)
    return measure, reference, ground


def _costs(name: str, value: object, rows: int, columns: int | None = None, *, infinite: bool = False) -> list:
    costs = matrix(name, value, rows, columns, infinite=infinite)
    for i, row in enumerate(costs):
        for j, cost in enumerate(row):
            at_least_zero(f"{name}[{i}][{j}]", cost)
    return costs


def _law(name: str, values: list) -> list:
    """Return probabilities that sum to one exactly, as every theorem here needs.

    Rational entries must do so as they are. Of others it can only be seen that they do to within 2^-128: the problem is
    then that in which the largest entry that is not rational is what all others leave.
    """
    for i, p in enumerate(values):
        at_least_zero(f"{name}, entry {i},", p)
    miss = total(values) - 1
    if is_zero(miss):
        return values
    balls = [i for i, p in enumerate(values) if isinstance(p, arb)]
    if not balls or not abs(miss) < _NEARLY:
        raise ProblemError(f"{name} must sum to one (exactly, if rational), got {float(arb(miss + 1)):.17g}")
    largest = max(balls, key=lambda i: float(values[i]))
    rest = 1 - total(values[:largest] + values[largest + 1 :])
    return [*values[:largest], at_least_zero(f"{name}, entry {largest},", rest), *values[largest + 1 :]]


# Pieces of JSON -------------------------------------------------------------------------------------------


def field(name: str, fields: Mapping, key: str) -> object:
    """Return a field that must be there; `name` is that of the object."""
    if key not in fields:
        raise ProblemError(f"field {key if name == key else f'{name}.{key}'} must be given, got none")
    return fields[key]


def index(name: str, value: object, count: int) -> int:
    """Return a whole number from 0 to `count - 1`."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < count:
        raise must(f"field {name}", f"be one of 0 to {count - 1}", value)
    return value


def vector(name: str, value: object, length: int | None) -> list:
    """Read a list of numbers."""
    return numbers({f"{name}[{i}]": v for i, v in enumerate(listed(name, value, length))})


def matrix(name: str, value: object, rows: int | None, columns: int | None = None, *, infinite: bool = False) -> list:
    """Read rows of numbers, all of one length; "inf" is a number only where that is said."""
    given: dict[str, object] = {}
    for i, row in enumerate(listed(name, value, rows)):
        entries = listed(f"{name}[{i}]", row, columns)
        columns = len(entries)
        given |= {f"{name}[{i}][{j}]": v for j, v in enumerate(entries)}
    if not given or not columns:
        raise ProblemError(f"field {name} must have entries, got none")
    return _in_rows(numbers(given, infinite=infinite), columns)


def _in_rows(entries: list, columns: int) -> list:
    return [entries[i : i + columns] for i in range(0, len(entries), columns)]


def numbers(given: Mapping[str, object], *, infinite: bool = False) -> list:
    """Read numbers by their names, as balls if their common denominator is so long that sums in fractions would take long.

    The word "inf" is a number only where that is said.
    """
    found = [_claimed(name, value) if infinite else number(name, value) for name, value in given.items()]
    if sum(len(value) for value in given.values() if isinstance(value, str)) < MOST_COMMON_BITS // 4:
        return found
    common = fmpz(1)
    for v in found:
        if isinstance(v, fmpq):
            common = common.lcm(v.q)
            if common.bit_length() > MOST_COMMON_BITS:
                return [v if v == math.inf or is_zero(v) else arb(v) for v in found]
    return found


def at_least_zero(name: str, value: Number) -> Number:
    """Return a number that is proved to be at least zero."""
    if not value >= 0:
        raise must(name, "be >= 0", got=shown(value))
    return value


def shown(value: Number) -> str:
    """Print a number for a reader."""
    return f"{float(value if isinstance(value, float) else arb(value).mid()):.12g}"
