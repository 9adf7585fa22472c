"""Channels that codes simulate: how an output is proposed from the common randomness, and how likely it is given the input.

A proposal is drawn from a law `q` of whole numbers alone, so that the decoder has what the encoder had. The encoder's
likelihood ratios `p(y|x) / q(y)` are doubles: they choose among the proposals and are not needed to decode.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, NotRequired, TypedDict

import numpy as np
from scipy.special import ndtr, ndtri

from drc.codes import sources, tables
from drc.codes.container import field, is_list, is_number, is_whole
from drc.codes.sources import FiniteSource, Law, NormalSource
from drc.errors import CodeError, ProblemError, must
from drc.expressions.content import ByContent
from drc.information.discrete import conditional_entropy, mutual_information

if TYPE_CHECKING:
    from drc.problems.finite import Finite
    from drc.problems.gaussian import Gaussian

#: A proposed letter takes this many bits of common randomness.
LETTER_BITS = 16


class Reached(TypedDict):
    """What a channel reaches, as `Theory` has it."""

    distortion: float
    classification: float
    output_law: np.ndarray
    correlation: NotRequired[float]


@dataclass(frozen=True, eq=False)
class FiniteChannel(ByContent):
    """A memoryless channel between finite alphabets, used on blocks of `n` symbols.

    Attributes
    ----------
    weights : tuple of int
        The proposals' law `q` in units of `2**-16`: the output law, rounded.
    names : tuple
        The letters of `Y`.
    coupling : array of shape (n_X, n_Y), or None
        The joint law; a decoder does without.

    Examples
    --------
    >>> channel = FiniteChannel.of(np.array([[0.4, 0.1], [0.1, 0.4]]), names=(0, 1))
    >>> channel.weights, round(channel.information, 4), channel.proposals
    ((32768, 32768), 0.2781, 1.6)
    """

    weights: tuple[int, ...]
    names: tuple
    coupling: np.ndarray | None = None

    kind: ClassVar[str] = "finite"
    dtype: ClassVar[type] = np.int32

    @classmethod
    def of(cls, coupling: np.ndarray, names: tuple) -> FiniteChannel:
        """Make the channel of a joint law."""
        law = coupling.sum(axis=0)
        used = np.flatnonzero(law)
        weights = np.zeros(len(law), dtype=np.int64)
        weights[used] = tables.rounded(law[used].tolist(), LETTER_BITS, least=1)
        return cls(tuple(weights.tolist()), names, coupling)

    @classmethod
    def from_fields(cls, fields: Mapping[str, object]) -> FiniteChannel:
        """Make the channel of a header; `CodeError` for fields that no encoder writes."""
        whole = "be a list of whole numbers of at least 0"
        weights = field(fields, "weights", is_list, whole, lambda ws: all(is_whole(w) and w >= 0 for w in ws))
        if sum(weights) != 2**LETTER_BITS:
            raise must("header, field weights,", f"sum to 2**{LETTER_BITS}", sum(weights), error=CodeError)
        one_each = "be a list of one name per weight"
        names = field(fields, "letters", sources.is_names, one_each, lambda letters: len(letters) == len(weights))
        return cls(tuple(weights), tuple(names))

    @property
    def header_fields(self) -> dict[str, object]:
        """The weights of the proposals, and the letters."""
        return {"weights": list(self.weights), "letters": sources.plain(self.names)}

    def source(self, problem: Finite | None) -> FiniteSource:
        """Return the source of the inputs."""
        return FiniteSource(sources.known_problem(problem))

    @property
    def likely(self) -> int:
        """A symbol that the source has."""
        return int(self.joint.sum(axis=1).argmax())

    def inputs(self, x: np.ndarray) -> np.ndarray:
        """Return symbols of the source as `log_ratios` takes them."""
        return x

    def outputs(self, proposed: np.ndarray) -> np.ndarray:
        """Return proposals as symbols of `Y`."""
        return proposed

    def letters(self, y: np.ndarray) -> np.ndarray:
        """Return symbols of `Y` as the problem names them."""
        return sources.named(self.names, y)

    def reached(self, problem: Finite) -> Reached:
        """Return distortion, classification and output law, as `Theory` has them."""
        paid = self.joint > 0
        return {
            "distortion": float(self.joint[paid] @ problem.distortions[paid]),
            "classification": float(conditional_entropy(sources.label_joint(problem, self.joint))),
            "output_law": self.joint.sum(axis=0),
        }

    @cached_property
    def information(self) -> float:
        """`I(X;Y)` in bits per symbol."""
        return float(mutual_information(self.joint))

    @cached_property
    def divergence(self) -> float:
        """`D(p_Y || q)` in bits per symbol: what it costs that proposals do not have the output law."""
        p = self.joint.sum(axis=0)
        used = p > 0
        return float(p[used] @ np.log2(p[used] / self._q[used]))

    @cached_property
    def proposals(self) -> float:
        """`E max_y p(y|X) / q(y)`: how many proposals a block of one symbol takes on average; a block of n, its power."""
        return float(self.joint.sum(axis=1) @ np.exp(self._logs.max(axis=1)))

    def lanes(self, n: int) -> int:
        """Return how many words a proposed block has: a word has the bits of four letters."""
        return -(-n // 4)

    def proposed(self, words: np.ndarray, n: int) -> np.ndarray:
        """Turn words of shape (..., lanes) into indices of letters of shape (..., n)."""
        # In a fixed order of bytes, whatever the machine's is.
        pieces = np.ascontiguousarray(words, dtype="<u8").view("<u2")
        return self._letters[pieces[..., :n]]

    def log_ratios(self, x: np.ndarray, proposed: np.ndarray) -> np.ndarray:
        """Return `ln p(y|x) / q(y)` of blocks, `-inf` where `y` cannot be.

        `x` has the shape (blocks, n), `proposed` (blocks, count, n).
        """
        found = np.zeros(())
        rows = (x * len(self.weights)).astype(np.int32)
        for i in range(x.shape[1]):
            found = found + self._logs.ravel().take(rows[:, i, None] + proposed[..., i])
        return found

    def log_most(self, x: np.ndarray) -> np.ndarray:
        """Return the largest that `log_ratios` can be, of shape (blocks,)."""
        return self._logs.max(axis=1)[x].sum(axis=1)

    def pairs(self, count: int, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw blocks of inputs, and of the outputs that the channel makes of them, as `proposed` has them."""
        p = self.joint.ravel() / self.joint.sum()
        return np.divmod(rng.choice(len(p), (count, n), p=p), len(self.weights))

    def candidates(self, count: int, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw proposals for theory, of shape (count, n)."""
        return rng.choice(len(self.weights), (count, n), p=self._q)

    @property
    def joint(self) -> np.ndarray:
        """The joint law of input and output, which a channel that was read from a file does not have."""
        if self.coupling is None:
            raise ProblemError("the channel was read from a file, which holds the distribution of the proposals only")
        return self.coupling

    @cached_property
    def _q(self) -> np.ndarray:
        return np.array(self.weights) * 2.0**-LETTER_BITS

    @cached_property
    def _letters(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.weights), dtype=np.int32), self.weights)

    @cached_property
    def _logs(self) -> np.ndarray:
        p_X = self.joint.sum(axis=1)
        given = np.divide(self.joint, p_X[:, None], where=p_X[:, None] > 0, out=np.zeros_like(self.joint))
        ratio = np.divide(given, self._q, where=self._q > 0, out=np.zeros_like(given))
        # A letter of the source that never occurs has no row; any finite number does for its most.
        ratio[p_X == 0] = 1.0
        return np.log(ratio, where=ratio > 0, out=np.full_like(ratio, -np.inf))


@dataclass(frozen=True)
class NormalChannel:
    """The channel of two normal variables with a correlation, in units of their standard deviations.

    Proposals have the law `N(0, width^2)` with a `width` above one: of proposals with the output law itself, a block would
    take infinitely many on average, as `E max_y p(y|X) / q(y)` is infinite for it. That costs some rate, the divergence.

    Attributes
    ----------
    rho : float
        The correlation, at least 0 and below 1.
    laws : ((float, float), (float, float))
        Mean and standard deviation of `X` and of `Y`.

    Examples
    --------
    >>> channel = NormalChannel.of(0.8)
    >>> round(channel.information, 4), round(channel.divergence, 4), round(channel.proposals, 3)
    (0.737, 0.0167, 3.516)
    """

    rho: float
    width: float
    laws: tuple[Law, Law] = ((0.0, 1.0), (0.0, 1.0))

    kind: ClassVar[str] = "normal"
    dtype: ClassVar[type] = np.int64

    #: The proposals' variance is larger by this: a smaller one costs less rate and more proposals.
    EXCESS: ClassVar[float] = 0.25

    @classmethod
    def of(cls, rho: float, laws: tuple[Law, Law] = ((0.0, 1.0), (0.0, 1.0))) -> NormalChannel:
        """Make the channel of a correlation."""
        return cls(rho, math.sqrt(1 + cls.EXCESS), laws)

    @classmethod
    def from_fields(cls, fields: Mapping[str, object]) -> NormalChannel:
        """Make the channel of a header; `CodeError` for fields that no encoder writes."""
        rho = field(fields, "rho", is_number, "be a number in [0, 1)", lambda rho: 0 <= rho < 1)
        width = field(fields, "width", is_number, "be a number between 1 and 16", lambda width: 1 < width < 16)
        needs = "have a mean and a positive standard deviation for each of X and Y"
        two = field(fields, "laws", is_list, needs, lambda laws: len(laws) == 2 and all(map(sources.is_law, laws)))
        return cls(rho, width, (sources.as_law(two[0]), sources.as_law(two[1])))

    @property
    def header_fields(self) -> dict[str, object]:
        """Correlation, width and laws."""
        return {"rho": self.rho, "width": self.width, "laws": self.laws}

    def source(self, problem: Gaussian | None) -> NormalSource:
        """Return the source of the inputs."""
        return NormalSource(*self.laws[0], problem)

    @property
    def likely(self) -> float:
        """A symbol that the source has."""
        return self.laws[0][0]

    def inputs(self, x: np.ndarray) -> np.ndarray:
        """Return symbols of the source as `log_ratios` takes them."""
        return (x - self.laws[0][0]) / self.laws[0][1]

    def outputs(self, proposed: np.ndarray) -> np.ndarray:
        """Return proposals as symbols of `Y`."""
        return self.laws[1][0] + self.laws[1][1] * self.values(proposed)

    def letters(self, y: np.ndarray) -> np.ndarray:
        """Return symbols of `Y` as the problem names them: numbers are their own names."""
        return y

    def reached(self, problem: Gaussian) -> Reached:
        """Return distortion, classification, output law and correlation, as `Theory` has them."""
        _, deviation, rho = self.source(problem).label
        return {
            "distortion": sources.squared_error(*self.laws, self.rho),
            "classification": sources.label_bits(deviation, rho * self.rho),
            "output_law": np.array(self.laws[1]),
            "correlation": self.rho,
        }

    @property
    def information(self) -> float:
        """`I(X;Y)` in bits per symbol."""
        return -math.log2(1 - self.rho**2) / 2

    @property
    def divergence(self) -> float:
        """`D(p_Y || q)` in bits per symbol."""
        return (self.width**-2 - 1 + 2 * math.log(self.width)) / 2 / math.log(2)

    @property
    def proposals(self) -> float:
        """`E max_y p(y|X) / q(y)`."""
        left = self.width**2 - (1 - self.rho**2)
        return self.width / math.sqrt(1 - self.rho**2) / math.sqrt(1 - self.rho**2 / left)

    def lanes(self, n: int) -> int:
        """Return how many words a proposed block has: one for each symbol."""
        return n

    def proposed(self, words: np.ndarray, n: int) -> np.ndarray:
        """Turn words into whole numbers below `2**52`, which say where in its law a proposal lies."""
        return (words >> np.uint64(12)).astype(np.int64)

    def values(self, proposed: np.ndarray) -> np.ndarray:
        """Return the values of proposals, in standard deviations of `Y`."""
        # With 52 bits the half is exact, so that the level is never 0 or 1.
        return self.width * ndtri((proposed + 0.5) * 2.0**-52)

    def log_ratios(self, x: np.ndarray, proposed: np.ndarray) -> np.ndarray:
        """Return `ln p(y|x) / q(y)`."""
        y, left = self.values(proposed), 1 - self.rho**2
        difference = y - self.rho * x[:, None, :]
        each = (y / self.width) ** 2 - difference**2 / left
        return each.sum(axis=-1) / 2 + x.shape[1] * math.log(self.width / math.sqrt(left))

    def log_most(self, x: np.ndarray) -> np.ndarray:
        """Return the largest that `log_ratios` can be."""
        left = self.width**2 - (1 - self.rho**2)
        most = math.log(self.width / math.sqrt(1 - self.rho**2))
        return x.shape[1] * most + (self.rho * x) ** 2 @ np.ones(x.shape[1]) / (2 * left)

    def pairs(self, count: int, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw blocks from the joint law."""
        x, z = rng.standard_normal((2, count, n))
        y = self.rho * x + math.sqrt(1 - self.rho**2) * z
        return x, np.minimum(ndtr(y / self.width) * 2.0**52, 2.0**52 - 1).astype(np.int64)

    def candidates(self, count: int, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw proposals for theory."""
        return rng.integers(0, 2**52, (count, n))


Channel = FiniteChannel | NormalChannel

#: The channels by the name that a header has.
CHANNELS: dict[str, type[Channel]] = {channel.kind: channel for channel in (FiniteChannel, NormalChannel)}
