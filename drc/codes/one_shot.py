"""One-shot codes: the common randomness draws a map, and the encoder sends what the map makes of the symbol.

A plan is a mix of deterministic maps: `f_U` with probability `w_U`, `U` independent of the source ([nguyen2026], section 3).
Encoder and decoder draw the same `U` for each symbol; the encoder sends `y = f_U(x)` with about `-log2 P(f_U(X) = y)` bits,
so that the rate is `H(Y|U)`, and the decoder has `y` exactly. A map with one value costs nothing.

With time sharing the plan is itself drawn, among the component plans, by the same common randomness: all their maps
together are the plan, and a classifier that sees `(Y, Q)` knows of which one a map is.

"One-shot" is that `y` depends on its own symbol alone; the bits of a block are coded together, for a symbol may have less
than one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from drc.codes import sources, tables
from drc.codes.codec import Codec, digest
from drc.codes.container import MOST_SYMBOLS, field, is_list
from drc.codes.measure import Theory
from drc.codes.randomness import CommonRandomness
from drc.errors import CodeError, NotAvailableError, ProblemError, must
from drc.information.discrete import conditional_entropy, entropy
from drc.numbers import whole
from drc.problems import Finite, Gaussian

if TYPE_CHECKING:
    from drc.problems import Problem
    from drc.solvers import Solution

#: Weights of maps are multiples of `2**-WEIGHT_BITS`.
WEIGHT_BITS = 32

#: The name of the stream of common randomness that draws the maps.
STREAM = "one-shot map"


@dataclass(frozen=True)
class DrawnMap:
    """One map, as the decoder knows it.

    Attributes
    ----------
    weight : int
        Its probability is `weight / 2**32`.
    values : tuple of int
        The letters `y` that it has, in order.
    table : tuple of int
        `P(f(X) = y)` of each, in units of `2**-24`.
    """

    weight: int
    values: tuple[int, ...]
    table: tuple[int, ...]


@dataclass(frozen=True, eq=False, repr=False)
class OneShotCode(Codec):
    """The code of a plan.

    Probabilities are rounded to whole numbers, which the file has. Of `n` maps, each weight is off by less than `2**-32`, so
    that distortion and rate are off by less than `n 2**-32` times the largest distortion, or `log2(n_Y)` bits. Coding with
    probabilities of 24 bits costs at most `2 n_Y 2**-24` bits per symbol.

    Attributes
    ----------
    names : tuple
        The letters of `Y`.
    problem : Finite or None
        None if the code was read from a file: then it decodes, and cannot encode.
    functions : array of int, shape (n_maps, n_X), or None
        `f(x)`, as an index of a letter.
    parts : array of int, shape (n_maps,), or None
        With time sharing, of which of the component plans a map belongs to: `Q`.
    block : int
        The number of symbols that are coded together.

    Examples
    --------
    >>> import drc
    >>> problem = drc.Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.6, 0.4])
    >>> code = OneShotCode.of(problem, problem.solve(R=0.4))
    >>> s, x = code.sample(10_000, seed=1)
    >>> data = code.encode(x, seed=5)
    >>> y = drc.codes.read(data).decode(data, start=5000, seed=5)
    >>> bool((y == code.decode(data)[5000:]).all()), float((x[5000:] != y).mean()), round(code.distortion, 3)
    (True, 0.3558, 0.349)
    """

    maps: tuple[DrawnMap, ...]
    names: tuple
    digest: bytes
    problem: Finite | None = None
    functions: np.ndarray | None = None
    parts: np.ndarray | None = None
    solution: Solution | None = None
    block: int = 2**20

    kind = "one-shot"

    def __post_init__(self) -> None:
        object.__setattr__(self, "block", whole("block", self.block, 1, MOST_SYMBOLS))

    def __repr__(self) -> str:
        known = self.problem is not None
        of = f"rate {self.rate:.6g} bit, distortion {self.distortion:.6g}" if known else "read from a file"
        return f"OneShotCode({len(self.maps)} maps, {of})"

    @classmethod
    def of(cls, problem: Problem, solution: Solution, *, block: int = 2**20) -> OneShotCode:
        """Make the code of a solution's plan.

        Parameters
        ----------
        problem : Bernoulli, Finite
            The problem that was solved.
        block : int
            The number of symbols that are coded together; each block costs 32 bytes or less beside its bits.

        Raises
        ------
        ProblemError
            For a solution without a plan, or of another problem.
        NotAvailableError
            For time sharing in another setting.
        """
        problem = sources.in_letters(problem)
        assert not isinstance(problem, Gaussian)
        plan = _united(solution)
        if any(len(f) != problem.n_X or max(f) >= problem.n_Y for _, f, _ in plan):
            between = f"from {problem.n_X} to {problem.n_Y} letters, as in the problem"
            raise ProblemError(f"the maps of the plan must go {between}")
        drawn = tables.rounded([weight for weight, _, _ in plan], WEIGHT_BITS)
        used = [(weight, f, part) for weight, (_, f, part) in zip(drawn, plan, strict=True) if weight]
        maps = tuple(_drawn(weight, f, problem.source_law) for weight, f, _ in used)
        functions = np.array([f for _, f, _ in used], dtype=np.int32)
        functions.setflags(write=False)
        parts = None if solution.mixture is None else np.array([part for _, _, part in used])
        letters = tuple(sources.letter_names(problem.letters_Y))
        return cls(maps, letters, digest(problem), problem, functions, parts, solution, block)

    @classmethod
    def from_fields(cls, fields: Mapping[str, object], digest: bytes) -> OneShotCode:
        """Make the decoder from the fields of a header; see `Codec`."""
        names = field(fields, "letters", sources.is_names, "be a list of numbers or words")
        rows = field(fields, "maps", is_list, "be a list of maps", bool)
        maps = tuple(_checked_map(f"header, field maps[{i}],", row, len(names)) for i, row in enumerate(rows))
        if (total := sum(m.weight for m in maps)) != 2**WEIGHT_BITS:
            needs = f"have weights with the sum 2**{WEIGHT_BITS}"
            raise must("header, field maps,", needs, total, error=CodeError)
        return cls(maps, tuple(names), digest)

    @property
    def header_fields(self) -> dict[str, object]:
        """What a decoder needs: the letters, and of each map weight, values and table."""
        return {"letters": sources.plain(self.names), "maps": [[m.weight, m.values, m.table] for m in self.maps]}

    @cached_property
    def theory(self) -> Theory:
        """What the code reaches on average, with the weights as they are drawn."""
        problem, functions = self._encoder()
        weights = self.weights
        each = np.arange(problem.n_Y)
        # From (n_maps, n_X) to what each map makes of label and source: P(f(X) = y), P(S = s, f(X) = y).
        chosen = (functions[:, :, None] == each).astype(float)
        laws, joints = problem.source_law @ chosen, problem.joint_law @ chosen
        costs = np.take_along_axis(problem.distortions, functions.T, axis=1).T
        # A letter of no mass may go where it is forbidden.
        paid = np.where(problem.source_law > 0, costs, 0.0) @ problem.source_law
        sees, group = "Y", np.zeros(len(weights), dtype=int)
        if problem.classifier_sees == "YU":
            sees, group = "Y,U", np.arange(len(weights))
        elif self.parts is not None:
            sees, group = "Y,Q", self.parts
        # What of U the classifier does not see is averaged out.
        known = np.zeros((group.max() + 1, *joints.shape[1:]))
        np.add.at(known, group, weights[:, None, None] * joints)
        return Theory(
            rate=float(weights @ entropy(laws)),
            rate_is="H(Y|U)",
            distortion=float(weights @ paid),
            classification=float(conditional_entropy(known).sum()),
            sees=sees,
            output_law=weights @ laws,
        )

    @property
    def weights(self) -> np.ndarray:
        """The probabilities of the maps, exactly as they are drawn; shape (n_maps,)."""
        return np.array([m.weight for m in self.maps]) * 2.0**-WEIGHT_BITS

    def maps_used(self, seed: int, start: int, count: int) -> np.ndarray:
        """Return which map each symbol has: the common randomness `U`.

        Returns
        -------
        array of int, shape (count,)
            Indices of `maps`.
        """
        return CommonRandomness(seed, STREAM).choose([m.weight for m in self.maps], start, count)

    def side_information(self, seed: int, count: int) -> dict[str, np.ndarray]:
        """Return which map each of the first symbols has, and of which plan it is; see `Codec`."""
        u = self.maps_used(seed, 0, count)
        return {"Y,U": u} if self.parts is None else {"Y,U": u, "Y,Q": self.parts[u]}

    @property
    def _source(self) -> sources.FiniteSource:
        return sources.FiniteSource(sources.known_problem(self.problem))

    def encode_block(self, x: np.ndarray, first: int, seed: int) -> tuple[bytes, np.ndarray]:
        """Code a block; see `Codec`."""
        problem, functions = self._encoder()
        u = self.maps_used(seed, first, len(x))
        places = u * problem.n_X + x
        ranks = self._ranks.ravel().take(places)
        parts = [(ranks[at], one) for at, one in tables.by_kind(u, self._models)]
        return tables.encode(parts), functions.ravel().take(places)

    def decode_block(self, payload: bytes, first: int, count: int, seed: int) -> np.ndarray:
        """Decode a block; see `Codec`."""
        u = self.maps_used(seed, first, count)
        decoder, ranks = tables.decoder(payload), np.zeros(count, dtype=np.int64)
        for at, one in tables.by_kind(u, self._models):
            ranks[at] = decoder.decode(one, len(at))
        values, starts = self._values
        return values[starts[u] + ranks]

    @cached_property
    def _values(self) -> tuple[np.ndarray, np.ndarray]:
        """The values of all maps in a row, and where those of each map begin."""
        starts = np.cumsum([0, *(len(one.values) for one in self.maps[:-1])])
        return np.array([y for one in self.maps for y in one.values], dtype=np.int32), starts

    @cached_property
    def _models(self) -> list[Any]:
        return [tables.model(one.table) if len(one.values) > 1 else None for one in self.maps]

    @cached_property
    def _ranks(self) -> np.ndarray:
        """The place of `f(x)` among the values of `f`, shape (n_maps, n_X); those of letters of no mass are not used."""
        _, functions = self._encoder()
        rows = [np.searchsorted(one.values, row) for one, row in zip(self.maps, functions, strict=True)]
        return np.array(rows, dtype=np.int32)

    def _encoder(self) -> tuple[Finite, np.ndarray]:
        problem = sources.known_problem(self.problem)
        assert self.functions is not None
        return problem, self.functions

    def letters(self, y: np.ndarray) -> np.ndarray:
        """Return the letters with these indices, as the problem names them."""
        return sources.named(self.names, y)


def _united(solution: Solution) -> list[tuple[float, tuple[int, ...], int]]:
    """Weight and map of all plans together, and of which plan each is."""
    if solution.mixture is None:
        return [(weight, f, 0) for weight, f in sources.planned(solution, solution.plan)]
    if solution.plans is None:
        raise NotAvailableError(sources.SHARED)
    shares = zip(solution.mixture, solution.plans, strict=True)
    return [(share * weight, f, k) for k, ((share, _), plan) in enumerate(shares) for weight, f in plan]


def _drawn(weight: int, function: Sequence[int], source_law: np.ndarray) -> DrawnMap:
    masses: dict[int, float] = {}
    for y, p in zip(function, source_law.tolist(), strict=True):
        if p:
            masses[int(y)] = masses.get(int(y), 0.0) + p
    values = sorted(masses)
    table = tables.rounded([masses[y] for y in values], tables.BITS, least=1)
    return DrawnMap(weight, tuple(values), tuple(table))


def _checked_map(where: str, row: Any, n_Y: int) -> DrawnMap:
    def check(good: bool, needs: str) -> None:
        if not good:
            raise must(where, needs, row, error=CodeError)

    lists = isinstance(row, list) and len(row) == 3 and isinstance(row[1], list) and isinstance(row[2], list)
    check(lists, "be a weight, values and a table")
    weight, values, table = row
    whole = all(type(number) is int for number in (weight, *values, *table))
    check(whole and weight >= 1, "be made of whole numbers, with a positive weight")
    letters = bool(values) and sorted(set(values)) == values and 0 <= values[0] <= values[-1] < n_Y
    check(letters, "have values that are letters in increasing order")
    shares = len(table) == len(values) and min(table) >= 1 and sum(table) == 2**tables.BITS
    check(shares, f"have a table of {len(values)} positive whole numbers with the sum 2**{tables.BITS}")
    return DrawnMap(weight, tuple(values), tuple(table))
