"""Channel simulation by the Poisson functional representation ([li2018]).

Encoder and decoder share proposals `Y_1, Y_2, ...` for each block of `n` symbols, drawn from a law `q`. With arrival times
`T_1 < T_2 < ...` of a Poisson process, the proposal with the least `T_k q(Y_k) / p(Y_k|x)` has exactly the law `p(.|x)`: the
output of the channel, whose index `K` is all that is sent. As `p(y|x) / q(y)` is bounded for each block `x`, the search ends
as soon as no later proposal can win.

Given `x` and the winner `y`, `K - 1` has the geometric law of mean `g = E (r(y) - r(Z))^+`, with `r = p(.|x) / q` and `Z` of
the law `q`: what came earlier and lost. So `E log2 K <= I + log2(e)/e + 1`, and the law of `drc.codes.zipf` codes `K` at

    I + log2(e)/e + 1 + log2(I + log2(e)/e + 2) + 1

bits per block at most, `I = n I(X;Y)`: the excess over it falls with `n`. It takes `(E max_y p(y|X) / q(y))^n` proposals
on average, exponential in `n`: that bounds the blocks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from drc.codes import sources
from drc.codes.channels import CHANNELS, Channel, FiniteChannel, NormalChannel
from drc.codes.codec import Codec, digest
from drc.codes.container import field, is_number, is_whole, is_word
from drc.codes.measure import Theory
from drc.codes.randomness import CommonRandomness
from drc.codes.zipf import LONGEST, ZipfCoder
from drc.errors import NotAvailableError, ProblemError, must
from drc.numbers import whole
from drc.problems import Finite, Gaussian

if TYPE_CHECKING:
    from drc.problems import Problem
    from drc.solvers import Solution

#: The longest block, and the most proposals that one may take on average; without a choice, far fewer.
LONGEST_BLOCK, MOST_PROPOSALS, FEW_PROPOSALS = 16, 2**22, 2**8

#: The name of the stream of common randomness that draws the proposals; block `b` has the samples from `b 2**32`.
STREAM = "proposals"

#: `E log2 K` is at most the information and so much more.
_LEMMA = math.log2(math.e) / math.e + 1

#: Proposals that are looked at together.
_CHUNK = 2**18

#: From this many words a block on, drawing them block by block is faster than all together.
_MANY_WORDS = 2**9


@dataclass(frozen=True, eq=False)
class SimulationCode(Codec):
    """The code that simulates the channel of a solution, in blocks.

    Attributes
    ----------
    length : int
        `n`: this many symbols share an index.
    mean : float
        `E log2 K`, which sets the Zipf law.
    problem : Bernoulli, Finite, Gaussian or None
        None if the code was read from a file.

    Examples
    --------
    >>> import drc
    >>> b = drc.Bernoulli(0.3, 0.4, 0.1, setting="asymptotic")
    >>> code = SimulationCode.of(b, b.solve(R=0.3), block=8)
    >>> s, x = code.sample(4000, seed=1)
    >>> y = code.decode(code.encode(x, seed=5))
    >>> bool(abs((x != y).mean() - code.distortion) < 0.03), round(code.theory.limit, 6)
    (True, 0.3)
    """

    channel: Channel
    length: int
    mean: float
    digest: bytes
    problem: Finite | Gaussian | None = None
    solution: Solution | None = None

    kind = "channel-simulation"
    OPTIONS = ("block",)

    @property
    def block(self) -> int:
        """The number of symbols in one frame of a file."""
        return self.length * (2**16 // self.length)

    @classmethod
    def of(cls, problem: Problem, solution: Solution, *, block: int | None = None) -> SimulationCode:
        """Make the code of a solution.

        Parameters
        ----------
        block : int, optional
            `n`, at most 16; left out, the longest that takes at most 256 proposals on average.

        Raises
        ------
        ProblemError
            For a solution without a joint law, or a block that takes too many proposals.
        NotAvailableError
            For time sharing, and limited common randomness.
        """
        problem = sources.in_letters(problem)
        if solution.mixture is not None:
            raise NotAvailableError(sources.SHARED)
        if not isinstance(problem, Gaussian):
            joint = _clean(problem, sources.planned(solution, solution.coupling))
            channel: Channel = FiniteChannel.of(joint, tuple(sources.letter_names(problem.letters_Y)))
        else:
            laws, rho = sources.laws_of(problem, solution), sources.planned(solution, solution.rho)
            if not 0 <= rho < 1:
                raise ProblemError(sources.ENDLESS)
            channel = NormalChannel.of(float(rho), laws)
        length = _length(channel, block)
        # `E log2 K`, rounded up within a class.
        starts = ZipfCoder(1.0).starts
        mean = max(0.05, round(_mean_of(channel, length, starts, np.log2(starts[1:] - 1))[0], 6))
        return cls(channel, length, mean, digest(problem), problem, solution)

    @classmethod
    def from_fields(cls, fields: Mapping[str, object], digest: bytes) -> SimulationCode:
        """Make the decoder from the fields of a header; see `Codec`."""
        one_of = f"be one of {', '.join(CHANNELS)}"
        kind = field(fields, "channel", is_word, one_of, CHANNELS.__contains__)
        channel = CHANNELS[kind].from_fields(fields)
        good = f"be a whole number, from 1 to {LONGEST_BLOCK}"
        length = field(fields, "length", is_whole, good, lambda n: 1 <= n <= LONGEST_BLOCK)
        mean = field(fields, "mean", is_number, f"be in [0.01, {LONGEST}]", lambda m: 0.01 <= m <= LONGEST)
        return cls(channel, length, mean, digest)

    @property
    def header_fields(self) -> dict[str, object]:
        """What a decoder needs: the law of the proposals, the block length, the Zipf law, and how `Y` is written."""
        own = {"channel": self.channel.kind, "length": self.length, "mean": self.mean}
        return own | self.channel.header_fields

    @cached_property
    def theory(self) -> Theory:
        """What the code reaches on average; the rate is a mean over samples, whose error `rate_error` is."""
        return Theory(
            rate=self._lengths[0] / self.length,
            rate_is="E len(K) / n",
            sees="Y",
            limit=self.channel.information,
            block_length=self.length,
            **self.channel.reached(sources.known_problem(self.problem)),  # pyright: ignore[reportArgumentType] (of its kind)
        )

    @property
    def rate_error(self) -> float:
        """The standard error of the rate in theory, in bits per symbol."""
        return self._lengths[1] / self.length

    @cached_property
    def _lengths(self) -> tuple[float, float]:
        starts = self.coder.starts
        return _mean_of(self.channel, self.length, starts, self.coder.lengths(starts[:-1]))

    @property
    def rate_bound(self) -> float:
        """What the strong functional representation promises: no rate in theory is above it, in bits per symbol."""
        information = self.length * (self.channel.information + self.channel.divergence)
        return ZipfCoder(information + _LEMMA).bound / self.length

    @cached_property
    def coder(self) -> ZipfCoder:
        """The entropy coder of the indices."""
        return ZipfCoder(self.mean)

    @property
    def _source(self) -> sources.FiniteSource | sources.NormalSource:
        return self.channel.source(self.problem)  # pyright: ignore[reportArgumentType] (of its kind)

    def letters(self, y: np.ndarray) -> np.ndarray:
        """Return the letters with these indices, as the problem names them; numbers are their own names."""
        return self.channel.letters(y)

    def encode_block(self, x: np.ndarray, first: int, seed: int) -> tuple[bytes, np.ndarray]:
        """Code a frame of blocks; see `Codec`."""
        # What fills the last block is a symbol that the source has.
        filled = np.concatenate([x, np.full(-len(x) % self.length, self.channel.likely)])
        blocks = self.channel.inputs(filled).reshape(-1, self.length)
        indices, y = chosen(self.channel, blocks, first // self.length, seed)
        return self.coder.encode(indices), self._as_decoded(y, len(x))

    def decode_block(self, payload: bytes, first: int, count: int, seed: int) -> np.ndarray:
        """Return the proposals whose indices were coded; see `Codec`."""
        blocks = -(-count // self.length)
        indices = self.coder.decode(payload, blocks)
        at = (first // self.length + np.arange(blocks) << 32) + indices - 1
        words = CommonRandomness(seed, STREAM).words_at(at, self.channel.lanes(self.length))
        return self._as_decoded(self.channel.proposed(words, self.length), count)

    def _as_decoded(self, y: np.ndarray, count: int) -> np.ndarray:
        return y.ravel()[:count].astype(self.channel.dtype)

    def reconstruct(self, decoded: np.ndarray, first: int, seed: int) -> np.ndarray:
        """Turn proposals into symbols of `Y`; see `Codec`."""
        return self.channel.outputs(decoded)


def chosen(channel: Channel, x: np.ndarray, first: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Choose a proposal for each row of `x`, of shape (blocks, n); `first` is the number of the first block.

    Returns the indices, int64 from 1, and the proposals, of the shape of `x`.
    """
    blocks, n = x.shape
    shared = CommonRandomness(seed, STREAM)
    # The arrival times are the encoder's own; they are a function of the seed so that files are, too.
    rng = np.random.default_rng([seed, first, 1])
    chunk = 2 ** max(3, math.ceil(min(channel.proposals**n, _CHUNK / 64) - 1).bit_length())
    together = max(1, _CHUNK // chunk)
    indices = np.empty(blocks, dtype=np.int64)
    y = np.empty(x.shape, dtype=np.int64)
    for start in range(0, blocks, together):
        part = slice(start, start + together)
        numbers = first + np.arange(start, min(start + together, blocks))
        indices[part], y[part] = _chosen(channel, x[part], numbers, chunk, shared, rng)
    return indices, y


def _chosen(
    channel: Channel, x: np.ndarray, numbers: np.ndarray, chunk: int, shared: CommonRandomness, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    blocks, n = x.shape
    most = channel.log_most(x)
    least, clock = np.full(blocks, np.inf), np.zeros(blocks)
    indices, y = np.zeros(blocks, dtype=np.int64), np.zeros(x.shape, dtype=np.int64)
    active, looked = np.arange(blocks), 0
    while len(active):
        proposed = channel.proposed(_words(shared, numbers[active], looked, chunk, channel.lanes(n)), n)
        times = clock[active, None] + np.cumsum(rng.standard_exponential((len(active), chunk)), axis=1)
        scores = np.log(times) - channel.log_ratios(x[active], proposed)
        winner = scores.argmin(axis=1)
        rows = np.arange(len(active))
        better = scores[rows, winner] < least[active]
        at = active[better]
        least[at] = scores[rows, winner][better]
        indices[at] = looked + winner[better] + 1
        y[at] = proposed[rows, winner][better]
        clock[active] = times[:, -1]
        looked += chunk
        # A later proposal arrives later still, and its ratio is at most the largest.
        active = active[np.log(clock[active]) - most[active] < least[active]]
        if looked >= 2**LONGEST - chunk:
            raise ProblemError(f"a block must take fewer than 2**{LONGEST} proposals; take a smaller block")
    return indices, y


def _words(shared: CommonRandomness, numbers: np.ndarray, looked: int, chunk: int, lanes: int) -> np.ndarray:
    """Return the words of the next proposals of blocks, of shape (blocks, chunk, lanes)."""
    starts = (numbers << 32) + looked
    if chunk * lanes >= _MANY_WORDS:
        return np.stack([shared.words(int(start), chunk, lanes) for start in starts])
    at = (starts[:, None] + np.arange(chunk)).ravel()
    return shared.words_at(at, lanes).reshape(len(numbers), chunk, lanes)


def _mean_of(channel: Channel, length: int, starts: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Return the mean, over the law of the index, of a value for each class of indices, and the standard error of it.

    Blocks of inputs and outputs are sampled at a fixed seed.
    """
    rng = np.random.default_rng(0)
    x, y = channel.pairs(4000, length, rng)
    others = np.exp(channel.log_ratios(x, channel.candidates(250, length, rng)[None]))
    own = channel.log_ratios(x, y[:, None, :])
    # Of each sampled pair, how many earlier proposals lose on average (`g`), and `log2 r`.
    earlier, information = np.maximum(np.exp(own) - others, 0).mean(axis=1), own[:, 0] / math.log(2)
    reached = (earlier / (1 + earlier))[:, None] ** (starts - 1)
    each = (reached[:, :-1] - reached[:, 1:]) @ values
    # The mean of log2 r is known; what follows its errors is taken away.
    known = length * (channel.information + channel.divergence)
    spread = information.var()
    slope = np.cov(each, information, bias=True)[0, 1] / spread if spread > 0 else 0.0
    each = each - slope * (information - known)
    return float(each.mean()), float(each.std() / math.sqrt(len(each)))


def _clean(problem: Any, coupling: Any) -> np.ndarray:
    """Take a coupling that a solver found: no mass on forbidden pairs, and exactly the source law in doubles."""
    coupling = np.where(np.isfinite(problem.distortions), np.maximum(np.asarray(coupling, dtype=float), 0.0), 0.0)
    sums = coupling.sum(axis=1)
    return coupling * np.divide(problem.source_law, sums, where=sums > 0, out=np.zeros(len(sums)))[:, None]


def _length(channel: Channel, block: Any) -> int:
    """Return the requested block length, or a good one."""
    each = channel.proposals
    longest, good = (
        max((n for n in range(1, LONGEST_BLOCK + 1) if each**n <= most), default=0)
        for most in (MOST_PROPOSALS, FEW_PROPOSALS)
    )
    if not longest:
        raise must("R", "be smaller", got=f"one at which a symbol takes {each:.3g} proposals, more than 2**22")
    block = max(1, good) if block is None else whole("block", block, 1, LONGEST_BLOCK)
    if block > longest:
        got = f"{block}, which takes {each**block:.3g} proposals on average, more than 2**22"
        raise must("block", f"be at most {longest}", got=got)
    return block
