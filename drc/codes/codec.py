"""What every code is: it turns symbols into bits and back, block by block, and knows what theory says of it."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import partial
from hashlib import blake2b
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Self

import numpy as np

from drc.codes.container import DIGEST, MOST_SYMBOLS, Header, Reader, Sizes, Writer
from drc.errors import CodeError, NotAvailableError, ProblemError, brief, must
from drc.expressions.content import ByContent
from drc.numbers import whole
from drc.problems.validation import choice

if TYPE_CHECKING:
    from drc.codes.measure import Measurement
    from drc.solvers import Solution

#: The class of each kind of code, as a file's header names the kind: "module:class".
_KINDS = {
    "one-shot": "drc.codes.one_shot:OneShotCode",
    "dithered-lattice": "drc.codes.dithered:DitheredCode",
    "channel-simulation": "drc.codes.simulation:SimulationCode",
}

#: What a scheme may be asked; each takes some of it.
_OPTIONS = ("block", "lattice", "output")

#: Which kinds code a problem, by how its id begins; the first is taken unless `scheme` says another.
_KINDS_OF = {
    "bernoulli.one-shot": ("one-shot",),
    "finite.one-shot": ("one-shot",),
    "bernoulli.asymptotic": ("channel-simulation",),
    "finite.asymptotic": ("channel-simulation",),
    "gaussian.asymptotic": ("dithered-lattice", "channel-simulation"),
}

#: Where the families that have a perception measure for a law of `Y` have it, and which is the usual one.
_PERCEIVED = {
    "bernoulli": ("drc.problems.bernoulli_perception", "TV"),
    "gaussian": ("drc.problems.gaussian_perception", "W2"),
}


@dataclass(frozen=True, eq=False)
class Theory(ByContent):
    """What a code reaches on average, by its definition; measured numbers are compared with these.

    Attributes
    ----------
    rate : float
        Bits per symbol.
    rate_is : str
        What the rate is, such as "H(Y|U)".
    distortion : float
        `E d(X, Y)`.
    classification : float
        In bits, as the problem reads it.
    sees : {"Y,U", "Y", "Y,Q"}
        What the classifier sees in `classification`.
    output_law : array of shape (n_Y,), or None
        The law of `Y` on a finite alphabet; of a normal one, mean and standard deviation.
    limit : float or None
        The least rate that the theorem allows for this distortion and this classification; None if that is `rate`.
    block_length : int
        The number of symbols that depend on each other.
    correlation : float or None
        Of `X` and `Y`, if they are numbers.
    """

    rate: float
    rate_is: str
    distortion: float
    classification: float
    sees: str
    output_law: np.ndarray | None = None
    limit: float | None = None
    block_length: int = 1
    correlation: float | None = None


class Codec(ByContent, ABC):
    """A code for a problem: encoder and decoder share a seed, and the file that goes between them has the rest.

    A scheme says how one block is coded; the file, its judgement, and decoding from anywhere are here.

    Attributes
    ----------
    kind : str
        As the header of a file names it.
    problem : object or None
        None if the code was read from a file.
    digest : bytes
        Of the problem, 8 bytes.
    block : int
        The number of symbols that are coded together.
    """

    kind: ClassVar[str]
    #: Which options of `drc.codec` the scheme takes.
    OPTIONS: ClassVar[tuple[str, ...]] = ("block",)

    problem: Any
    digest: bytes
    block: int

    @classmethod
    @abstractmethod
    def of(cls, problem: Any, solution: Solution, **options: Any) -> Self:
        """Make the code that reaches what a solution promises."""

    @classmethod
    def from_header(cls, header: Header) -> Self:
        """Make the decoder of a file from its header.

        Raises
        ------
        CodeError
            For a header of another kind, or with fields that no encoder writes.
        """
        header.expect(kind=cls.kind)
        return cls.from_fields(header.fields, header.digest)

    @classmethod
    @abstractmethod
    def from_fields(cls, fields: Mapping[str, Any], digest: bytes) -> Self:
        """Make the decoder from `header_fields`, after checking them: a file may be forged, with checksums that fit."""

    @property
    @abstractmethod
    def header_fields(self) -> dict[str, Any]:
        """What a decoder needs, as JSON knows it."""

    @property
    @abstractmethod
    def theory(self) -> Theory:
        """What the code reaches on average."""

    @abstractmethod
    def symbols(self, x: Any, first: int = 0) -> np.ndarray:
        """Check symbols, the first of which is number `first`, and return them as an array, one row per symbol."""

    @abstractmethod
    def encode_block(self, x: np.ndarray, first: int, seed: int) -> tuple[bytes, np.ndarray]:
        """Code the symbols `first, ..., first + len(x) - 1`; return the payload, and what the decoder makes of it."""

    @abstractmethod
    def decode_block(self, payload: bytes, first: int, count: int, seed: int) -> np.ndarray:
        """Return what the encoder coded."""

    def reconstruct(self, decoded: np.ndarray, first: int, seed: int) -> np.ndarray:
        """Turn what was decoded, whose checksum the file has, into what is returned; here, the same."""
        return decoded

    @abstractmethod
    def sample(self, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw labels and source symbols, `n` of each; this has nothing to do with the common randomness."""

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

    def seen(self, seed: int, count: int) -> dict[str, np.ndarray]:
        """Return what a classifier may see beside `Y` of the first symbols, by what it sees then; as numbers from zero."""
        return {}

    def measure(self, n: int = 100_000, *, seed: int = 0) -> Measurement:
        """Draw samples and labels, encode and decode them, and measure; see `drc.codes.measure`."""
        from drc.codes.measure import measure

        return measure(self, n, seed=seed)

    def encode(self, x: Any, *, seed: int) -> bytes:
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

    def encode_file(self, parts: Iterable[Any], stream: BinaryIO, *, seed: int) -> Sizes:
        """Code symbols that come in parts, in constant memory.

        Parameters
        ----------
        parts : iterable of sequences
            How the symbols are cut does not change the file.
        stream : binary file
            Needs `write` only.
        seed : int

        Returns
        -------
        Sizes
            Where the bytes of the file are.
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
        data : bytes
        start : int
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

        Parameters
        ----------
        source : binary file or Reader
            A file needs `read` only.

        Yields
        ------
        array, one row per symbol
        """
        reader = source if isinstance(source, Reader) else Reader(source)
        reader.header.expect(kind=self.kind, digest=self.digest, seed=seed)
        # Through JSON and back, as the header of the file went.
        if reader.header.fields != Header(self.kind, self.digest, 0, self.header_fields).as_read.fields:
            raise CodeError(
                "header: the file was coded for this problem by another code (other bounds or options); drc.codes.read(data)"
                " makes the decoder from the file"
            )
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


def block_given(block: Any) -> int:
    """Return a block length.

    Raises
    ------
    ProblemError
        If it is not a whole number from 1 to 2**22.
    """
    return whole("block", block, 1, MOST_SYMBOLS)


def digest(problem: Any) -> bytes:
    """Return the bytes that tell a problem with numbers from others; those of `Bernoulli` are of its finite form.

    Examples
    --------
    >>> import drc
    >>> b = drc.Bernoulli(0.3, 0.4, 0.1)
    >>> digest(b) == digest(b.finite()), digest(b) == digest(drc.Bernoulli(0.3, 0.4, 0.2))
    (True, False)
    """
    problem = problem.finite() if hasattr(problem, "finite") else problem
    said = [type(problem).__name__, *(f"{f.name}={_text(getattr(problem, f.name))}" for f in fields(problem))]
    return blake2b("\n".join(said).encode(), digest_size=DIGEST).digest()


def _text(value: Any) -> str:
    """Write an exact number, a word or nested ones of them; equal ones alike, whatever their type."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return "(" + ",".join(map(_text, value)) + ")"
    return repr(value) if isinstance(value, str) else str(value)


def codec(problem: Any, **bounds: Any) -> Codec:
    """Solve a problem, and make the code that reaches the answer.

    Parameters
    ----------
    problem : Bernoulli, Finite, Gaussian
        With numbers for all parameters.
    **bounds
        What `problem.solve` takes, such as `R=0.4, C=0.8`; options of the code, such as `block`, `lattice`, `output` (see
        `of` of its class); and `scheme`, the kind of code where there are two: "dithered-lattice" (the default) or
        "channel-simulation" for a Gaussian.

    Returns
    -------
    Codec

    Raises
    ------
    ProblemError
        For bad bounds, or bounds that nothing meets.
    NotAvailableError
        For a problem that no code here is for.

    Examples
    --------
    >>> import drc
    >>> code = drc.codec(drc.Bernoulli(0.3, 0.4, 0.1), R=0.4, C=0.8)
    >>> s, x = code.sample(1000, seed=1)
    >>> data = code.encode(x, seed=5)
    >>> y = code.decode(data)
    >>> len(y), round(code.rate, 6), round(code.distortion, 6)
    (1000, 0.4, 0.269371)
    """
    scheme = bounds.pop("scheme", None)
    home = _home(_kind_of(problem, scheme))
    options = {name: bounds.pop(name) for name in _OPTIONS if name in bounds}
    for name in options.keys() - home.OPTIONS:
        raise ProblemError(
            f"options of a {home.kind} code must be among {', '.join(home.OPTIONS)}, got {name} = {brief(options[name])}"
        )
    problem = _perceived(problem, bounds)
    return home.of(problem, problem.solve(**bounds), **options)


def _perceived(problem: Any, bounds: dict[str, Any]) -> Any:
    """Put a perception measure that is among the bounds into the problem, so that its digest has it."""
    family = problem.id.partition(".")[0]
    if family not in _PERCEIVED or not {"perception", "reference"} & bounds.keys():
        return problem
    module, usual = _PERCEIVED[family]
    measure, reference = bounds.pop("perception", usual), bounds.pop("reference", None)
    return import_module(module).perceived(problem, measure, reference)


def code_of(problem: Any, solution: Solution, *, scheme: str | None = None, **options: Any) -> Codec:
    """Make the code that reaches what a solution promises; errors and options are those of `codec`."""
    return _home(_kind_of(problem, scheme)).of(problem, solution, **options)


def read(source: bytes | BinaryIO | Reader) -> Codec:
    """Return the code that a file was coded with; the file is all that it takes to decode.

    Parameters
    ----------
    source : bytes, binary file or Reader
        Of a file or a reader only the header is read.

    Raises
    ------
    CodeError
        For a header that cannot be read.

    Examples
    --------
    >>> import drc
    >>> data = drc.codec(drc.Bernoulli(0.3, 0.4, 0.1), R=0.4).encode([0, 1, 1], seed=5)
    >>> len(read(data).decode(data))
    3
    """
    header = (source if isinstance(source, Reader) else Reader(source)).header
    if header.kind not in _KINDS:
        raise must("kind", f"be one of {', '.join(map(repr, _KINDS))}", header.kind, error=CodeError)
    return _home(header.kind).from_header(header)


def _home(kind: str) -> type[Codec]:
    module, name = _KINDS[kind].split(":")
    return getattr(import_module(module), name)


def _kind_of(problem: Any, scheme: str | None) -> str:
    setting = ".".join(getattr(problem, "id", type(problem).__name__).split(".")[:2])
    if setting not in _KINDS_OF:
        raise NotAvailableError(
            f"no code is available for {setting}: the settings with codes are {', '.join(_KINDS_OF)}"
        )
    kinds = _KINDS_OF[setting]
    return kinds[0] if scheme is None else choice("scheme", scheme, kinds)
