"""What every code is: it turns symbols into bits and back, block by block, and knows what theory says of it."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import partial
from hashlib import blake2b
from time import perf_counter
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Self

import numpy as np

from drc.codes.container import DIGEST, Header, Reader, Sizes, Writer
from drc.codes.measure import MOST_SAMPLES, Measurement, Theory, in_bits, law_test, readings
from drc.codes.sources import FiniteSource, NormalSource, in_letters, known_problem
from drc.errors import CodeError, must
from drc.expressions.content import ByContent
from drc.numbers import seed_given, whole

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from drc.problems import Finite, Gaussian, Problem
    from drc.solvers import Solution


class Codec(ByContent, ABC):
    """A code for a problem: encoder and decoder share a seed, and the file that goes between them has the rest.

    A scheme says how one block is coded; the file, its checks, and decoding from anywhere are here. A code that was read
    from a file has no problem and no solution: it can only decode.

    Attributes
    ----------
    kind : str
        As the header of a file names it.
    digest : bytes
        Of the problem, 8 bytes.
    block : int
        The number of symbols that are coded together.
    """

    kind: ClassVar[str]
    #: Which options of `drc.codec` the scheme takes.
    OPTIONS: ClassVar[tuple[str, ...]] = ("block",)

    problem: Finite | Gaussian | None
    solution: Solution | None
    digest: bytes
    block: int

    @classmethod
    @abstractmethod
    def of(cls, problem: Problem, solution: Solution, **options: object) -> Self:
        """Make the code that reaches what a solution promises."""

    @classmethod
    @abstractmethod
    def from_fields(cls, fields: Mapping[str, object], digest: bytes) -> Self:
        """Make the decoder from `header_fields`, after checking them: a file may be forged, with checksums that fit."""

    @property
    @abstractmethod
    def header_fields(self) -> dict[str, object]:
        """What a decoder needs, as JSON knows it."""

    @property
    @abstractmethod
    def theory(self) -> Theory:
        """What the code reaches on average."""

    @property
    @abstractmethod
    def _source(self) -> FiniteSource | NormalSource:
        """The source, which checks symbols and draws samples."""

    def symbols(self, x: ArrayLike, first: int = 0) -> np.ndarray:
        """Check symbols, the first of which is number `first`, and return them as an array, one row per symbol."""
        return self._source.symbols(x, first)

    def indices(self, letters: Sequence[object], first: int = 0) -> np.ndarray:
        """Return the indices of letters of a source with a finite alphabet; the first of them is number `first`."""
        return self._source.indices(letters, first)

    @abstractmethod
    def encode_block(self, x: np.ndarray, first: int, seed: int) -> tuple[bytes, np.ndarray]:
        """Code the symbols `first, ..., first + len(x) - 1`; return the payload, and what the decoder makes of it."""

    @abstractmethod
    def decode_block(self, payload: bytes, first: int, count: int, seed: int) -> np.ndarray:
        """Return what the encoder coded."""

    def reconstruct(self, decoded: np.ndarray, first: int, seed: int) -> np.ndarray:
        """Turn what was decoded, whose fingerprint the file has, into what is returned; here, the same."""
        return decoded

    def sample(self, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw labels and source symbols, `n` of each; this has nothing to do with the common randomness."""
        return self._source.sample(n, seed)

    def letters(self, y: np.ndarray) -> np.ndarray:
        """Return decoded symbols as the problem names them; numbers are their own names."""
        return y

    @property
    def rate(self) -> float:
        """The rate in theory, in bits per symbol."""
        return self.theory.rate

    @property
    def distortion(self) -> float:
        """The distortion in theory."""
        return self.theory.distortion

    @property
    def classification(self) -> float:
        """What the classifier does not know, in theory, in bits."""
        return self.theory.classification

    def side_information(self, seed: int, count: int) -> dict[str, np.ndarray]:
        """Return what a classifier may see beside `Y` of the first symbols, by what it sees in all; as numbers from zero."""
        return {}

    def measure(self, n: int = 100_000, *, seed: int = 0) -> Measurement:
        """Draw samples and labels, encode them to bytes, decode the bytes, and measure.

        Parameters
        ----------
        n : int
            Samples.
        seed : int
            Of the source and of the common randomness, which have generators of their own.

        Raises
        ------
        ProblemError
            For fewer than two samples, or more than `MOST_SAMPLES`, which no memory would hold.

        Notes
        -----
        The labels are drawn with the samples and never shown to the code, so that `S - X - Y` holds.  Rates are lengths of
        byte strings, and all statements on `Y` are on what was decoded from them.
        """
        n, seed = whole("n", n, 2, MOST_SAMPLES), seed_given(seed)
        return self.measure_on(*self.sample(n, seed), seed=seed)

    def measure_on(self, s: np.ndarray, x: np.ndarray, *, seed: int = 0) -> Measurement:
        """Measure as `measure` does, on given symbols and their labels, of shape (n,) each, n >= 2.

        The seed is that of the common randomness; the labels are for the measurement alone.
        """
        n, seed = len(x), seed_given(seed)
        if n < 2 or len(s) != n:
            raise must("x and s", "have the same length, at least 2", got=f"{n} symbols and {len(s)} labels")
        data, encoding = _timed(lambda: self.encode(x, seed=seed))
        y, decoding = _timed(lambda: self.decode(data))
        sizes, theory = Reader(data).sizes(), self.theory
        problem, solution = known_problem(self.problem), known_problem(self.solution)
        return Measurement(
            kind=self.kind,
            problem=repr(problem),
            bounds=in_bits(solution),
            n=n,
            block=theory.block_length,
            seed=seed,
            limit=theory.rate if theory.limit is None else theory.limit,
            sizes=sizes,
            readings=readings(problem, theory, solution, sizes, (s, x, y), self.side_information(seed, n)),
            law=law_test(problem, theory, y),
            encode_speed=n / encoding,
            decode_speed=n / decoding,
        )

    def encode(self, x: ArrayLike, *, seed: int) -> bytes:
        """Code symbols.

        Parameters
        ----------
        x : sequence of n symbols
        seed : int
            Of the common randomness, `0 <= seed < 2**64`.

        Returns
        -------
        bytes
            A file in the format of `drc.codes.container`.

        Raises
        ------
        ProblemError
            For a symbol that the source does not have, with its position.
        """
        stream = io.BytesIO()
        self.encode_file([x], stream, seed=seed)
        return stream.getvalue()

    def encode_file(self, parts: Iterable[object], stream: BinaryIO, *, seed: int) -> Sizes:
        """Code symbols that come in parts, in constant memory, and return where the bytes of the file are.

        How the symbols are cut does not change the file; the stream needs `write` only.
        """
        header = Header(self.kind, self.digest, seed, self.header_fields)
        with Writer(stream, header) as writer:
            first = 0
            for x in self._blocks(parts):
                writer.write(*self.encode_block(x, first, header.seed))
                first += len(x)
        return writer.sizes

    def decode(self, data: bytes, start: int = 0, stop: int | None = None, *, seed: int | None = None) -> np.ndarray:
        """Decode the symbols `start, ..., stop - 1`.

        Parameters
        ----------
        stop : int, optional
            Left out, all that follow.
        seed : int, optional
            Compared with that of the file, which is used.

        Returns
        -------
        array, one row per symbol

        Raises
        ------
        CodeError
            For a file that is damaged, or was coded otherwise.
        """
        if not isinstance(data, bytes | bytearray | memoryview):
            raise must("data", "be the bytes of a coded file", data)
        parts = list(self.decode_file(io.BytesIO(data), start, stop, seed=seed))
        return np.concatenate(parts) if parts else self.no_symbols

    @property
    def no_symbols(self) -> np.ndarray:
        """What is decoded where there is nothing."""
        return self.reconstruct(self.decode_block(b"", 0, 0, 0), 0, 0)

    def decode_file(
        self, source: BinaryIO | Reader, start: int = 0, stop: int | None = None, *, seed: int | None = None
    ) -> Iterator[np.ndarray]:
        """Decode part by part, in constant memory; parameters and errors are those of `decode`.

        A file needs `read` only; arrays with one row per symbol are yielded.
        """
        reader = source if isinstance(source, Reader) else Reader(source)
        reader.header.expect(kind=self.kind, digest=self.digest, seed=seed)
        if reader.header.text != Header(self.kind, self.digest, 0, self.header_fields).text:
            other = "the file was coded for this problem by another code (other bounds or options)"
            raise CodeError(f"header: {other}; drc.codes.read(data) makes the decoder from the file")
        known, first = reader.header.seed, start
        for decoded in reader.blocks(partial(self.decode_block, seed=known), start, stop):
            yield self.reconstruct(decoded, first, known)
            first += len(decoded)

    def _blocks(self, parts: Iterable[Any]) -> Iterator[np.ndarray]:
        """Cut what comes in parts into blocks."""
        waiting: list[np.ndarray] = []
        held, first = 0, 0
        for part in parts:
            x = self.symbols(part, first)
            first += len(x)
            while held + len(x) >= self.block:
                cut = self.block - held
                yield np.concatenate([*waiting, x[:cut]])
                waiting, held, x = [], 0, x[cut:]
            if len(x):
                waiting, held = [*waiting, x], held + len(x)
        if held:
            yield np.concatenate(waiting)


#: What fields of `Finite` that came later are where nothing is said.
_LATER = {"costs": None, "labels": None, "uncertainty": "entropy"}

#: Fields that no code depends on.
_BESIDE = ("sample_size", "target_size")


def digest(problem: Problem) -> bytes:
    """Return the bytes that tell a problem with numbers from others; those of `Bernoulli` are of its finite form.

    Examples
    --------
    >>> import drc
    >>> b = drc.Bernoulli(0.3, 0.4, 0.1)
    >>> digest(b) == digest(b.finite()), digest(b) == digest(drc.Bernoulli(0.3, 0.4, 0.2))
    (True, False)
    """
    problem = in_letters(problem)
    given = {f.name: getattr(problem, f.name) for f in fields(problem) if f.name not in _BESIDE}
    # Files that were written before these fields existed are of problems that do without them.
    given = {name: value for name, value in given.items() if _LATER.get(name, ...) != value}
    parts = [type(problem).__name__, *(f"{name}={_text(value)}" for name, value in given.items())]
    return blake2b("\n".join(parts).encode(), digest_size=DIGEST).digest()


def _text(value: Any) -> str:
    """Write an exact number, a word or nested ones of them; equal ones alike, whatever their type."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return "(" + ",".join(map(_text, value)) + ")"
    return repr(value) if isinstance(value, str) else str(value)


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = perf_counter()
    found = work()
    return found, perf_counter() - start
