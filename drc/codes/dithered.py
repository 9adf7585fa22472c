"""Dithered lattice codes for Gaussian sources: the theory of `drc.codes.ecdq`, in bits.

The dither is uniform on the points of a grid in a box that tiles space by the lattice, drawn from the common randomness. So
a reconstruction before scaling is a whole number of steps of the grid, which a file determines exactly; its fingerprints are
of these whole numbers. Two laws of the output are available:

* "target": the rising function that takes the law of a coordinate of `a X + N` to the requested normal law. As the first law
  has steps, common randomness spreads each over its interval: every sample is exactly normal. Samples of different cells are
  independent. For "Z" those are all; for "E8" the 8 of a cell are nearly so: their divergence from independent ones is
  less than 0.001 bit per sample.
* "free": the multiple of `a X + N` with the least error (post-scaling); its law is not normal.

The last step, to a double, uses multiplication or the normal quantile, whose last digit may differ between platforms.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from drc.codes import ecdq
from drc.codes.codec import Codec, digest
from drc.codes.container import MOST_SYMBOLS, field, is_number, is_whole, is_word
from drc.codes.cosets import CosetCoder
from drc.codes.grid import LEVELS, GridLaw
from drc.codes.lattices import Lattice, lattice_named
from drc.codes.measure import Theory, in_bits
from drc.codes.randomness import CommonRandomness
from drc.codes.sources import A_LAW, ENDLESS, Law, NormalSource, as_law, is_law, label_bits, laws_of, squared_error
from drc.codes.tables import BITS
from drc.errors import ProblemError, must
from drc.numbers import whole
from drc.problems.validation import choice
from drc.units import unit_named

if TYPE_CHECKING:
    from drc.problems.gaussian import Gaussian
    from drc.solvers import Solution

LATTICES = ("Z", "E8")


@dataclass(frozen=True, eq=False)
class DitheredCode(Codec):
    """The entropy-coded dithered quantiser of a Gaussian source.

    Attributes
    ----------
    law : GridLaw
        The lattice, and the scale `a sigma_X`.
    source : (float, float)
        Mean and standard deviation of `X`.
    target : (float, float) or None
        Mean and standard deviation of `Y`; None if its law is free.
    problem : Gaussian or None
        None if the code was read from a file.
    block : int
        The number of symbols that are coded together.

    Examples
    --------
    >>> import drc
    >>> g = drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=0.5, sigma_Y=1.5, mu_S=0, sigma_S=0.8, theta=0.6)
    >>> code = DitheredCode.of(g, g.solve(R=2), lattice="E8")
    >>> s, x = code.sample(8000, seed=1)
    >>> y = code.decode(code.encode(x, seed=5))
    >>> measured = y.mean(), y.std(), ((x - y) ** 2).mean()
    >>> [bool(abs(m - t) < 0.05) for m, t in zip(measured, (0.5, 1.5, code.distortion), strict=True)]
    [True, True, True]
    """

    law: GridLaw
    source: Law
    target: Law | None
    digest: bytes
    problem: Gaussian | None = None
    solution: Solution | None = None
    block: int = 2**18

    kind = "dithered-lattice"
    OPTIONS = ("lattice", "output", "block")

    def __post_init__(self) -> None:
        object.__setattr__(self, "block", whole("block", self.block, 1, MOST_SYMBOLS))
        lattice = self.law.lattice
        if self.block % lattice.n:
            raise must("block", f"be a multiple of {lattice.n}, the dimension of {lattice.name}", self.block)

    @classmethod
    def of(
        cls, problem: Gaussian, solution: Solution, *, lattice: str = "Z", output: str = "target", block: int = 2**18
    ) -> DitheredCode:
        """Make the code with the rate of a solution; if the rate was minimised, the code that meets its bounds.

        Parameters
        ----------
        lattice : {"Z", "E8"}
        output : {"target", "free"}
            Whether `Y` has the law of the solution (the target law), or any.
        block : int
            The number of symbols that are coded together.

        Raises
        ------
        ProblemError
            For a solution without a finite rate, a rate out of range, or a bound that the code misses because it is above
            the limit: the message says by how much.
        NotAvailableError
            For limited common randomness.
        """
        choice("lattice", lattice, LATTICES)
        choice("output", output, ("target", "free"))
        if output == "free" and "P" in solution.bounds:
            raise must("output", "be 'target' with a bound on P", "free")
        source, law = laws_of(problem, solution)
        target = law if output == "target" else None
        scale = _scale(problem, solution, lattice_named(lattice), source, target)
        return cls(GridLaw(lattice_named(lattice), scale), source, target, digest(problem), problem, solution, block)

    @classmethod
    def from_fields(cls, fields: Mapping[str, object], digest: bytes) -> DitheredCode:
        """Make the decoder from the fields of a header; see `Codec`."""
        one_of = f"be one of {', '.join(LATTICES)}"
        name = field(fields, "lattice", is_word, one_of, LATTICES.__contains__)
        field(fields, "levels", is_whole, f"be {LEVELS}", lambda levels: levels == LEVELS)
        range_ = f"be in [{ecdq.SMALLEST}, {ecdq.LARGEST}]"
        scale = field(fields, "scale", is_number, range_, lambda scale: ecdq.SMALLEST <= scale <= ecdq.LARGEST)
        source = as_law(field(fields, "source", is_law, A_LAW))
        is_free = fields.get("target", source) is None
        target = None if is_free else as_law(field(fields, "target", is_law, A_LAW))
        return cls(GridLaw(lattice_named(name), scale), source, target, digest)

    @property
    def header_fields(self) -> dict[str, object]:
        """What a decoder needs: lattice, scale and grid, from which the tables follow, and the laws of `X` and `Y`."""
        return {
            "lattice": self.law.lattice.name,
            "scale": self.law.scale,
            "levels": LEVELS,
            "source": self.source,
            "target": self.target,
        }

    @cached_property
    def correlation(self) -> float:
        """The correlation of `X` and `Y`."""
        return _correlation(self.law.lattice, self.law.scale, self.target)

    @cached_property
    def theory(self) -> Theory:
        """What the code reaches on average, with the tables as they are.

        `classification` is `h(S|Y)` of one sample: that `Y` is normal, and `X - Y` is not, is taken into account.
        """
        lattice, scale = self.law.lattice, self.law.scale
        return Theory(
            rate=ecdq.coded_rate(lattice, scale) + self._rounding,
            rate_is="H(Q|U)",
            distortion=_error(lattice, scale, self.source, self.target),
            classification=_unknown(lattice, scale, self._source),
            sees="Y",
            output_law=None if self.target is None else np.array(self.target),
            limit=self.optimal_rate,
            block_length=lattice.n,
            correlation=self.correlation,
        )

    @cached_property
    def _rounding(self) -> float:
        """What the tables cost for being rounded to 24 bits, a sample."""
        weights, tables = self.coder.weights.T, self.coder.tables
        used = weights > 0
        ideal = np.log2(weights, where=used, out=np.zeros(weights.shape)) - np.log2(weights.sum(axis=1))[:, None]
        return float((weights * np.where(used, ideal - np.log2(tables) + BITS, 0.0)).sum() / self.law.total)

    @property
    def optimal_rate(self) -> float:
        """The least rate of any code with this output law and error: `-1/2 log2(1 - rho^2)`."""
        return -math.log2(1 - self.correlation**2) / 2

    @property
    def gap(self) -> float:
        """By how many bits per sample the rate is above `optimal_rate`."""
        return ecdq.coded_rate(self.law.lattice, self.law.scale) - self.optimal_rate

    @property
    def gap_bound(self) -> float:
        """`1/2 log2(2 pi e G)`: the gap is below it for a free output law, and approaches it as the rate grows."""
        return self.law.lattice.gap

    @cached_property
    def coder(self) -> CosetCoder:
        """The entropy coder of the lattice points."""
        return CosetCoder(self.law)

    @property
    def _source(self) -> NormalSource:
        return NormalSource(*self.source, self.problem)

    def encode_block(self, x: np.ndarray, first: int, seed: int) -> tuple[bytes, np.ndarray]:
        """Code a block; see `Codec`."""
        mean, deviation = self.source
        lattice = self.law.lattice
        dither = self._dither(first, len(x), seed)
        scaled = np.zeros(dither.shape)
        scaled.ravel()[: len(x)] = (x - mean) * (self.law.scale / deviation)
        points = lattice.nearest(scaled + dither / LEVELS)
        points = (points * LEVELS).astype(np.int64) - dither
        return self.coder.encode(points, dither), _plain(points, len(x))

    def decode_block(self, payload: bytes, first: int, count: int, seed: int) -> np.ndarray:
        """Return the points of the grid that the encoder coded, as whole numbers; see `Codec`."""
        if not count:
            return np.zeros(0, dtype=np.int32)
        return _plain(self.coder.decode(payload, self._dither(first, count, seed)), count)

    def reconstruct(self, decoded: np.ndarray, first: int, seed: int) -> np.ndarray:
        """Turn points of the grid into samples of `Y`; see `Codec`."""
        if self.target is None:
            mean, deviation = self.source
            scale = self.law.scale
            step = deviation * scale / (scale**2 + float(self.law.lattice.second_moment)) / LEVELS
            return mean + step * decoded
        mean, deviation = self.target
        spread = CommonRandomness(seed, "spread").uniforms(first, len(decoded))[:, 0] + 2.0**-54
        # In the lower half, where no digits are lost: the law is symmetric.
        place = self.law.half - np.abs(decoded)
        level = self._below[place] + spread * self._below_each[place]
        z = ndtri(level)
        return mean + deviation * np.where(decoded > 0, -z, z)

    @cached_property
    def _below(self) -> np.ndarray:
        return (np.cumsum(self.law.weights) - self.law.weights) / self.law.total

    @cached_property
    def _below_each(self) -> np.ndarray:
        return self.law.weights / self.law.total

    def _dither(self, first: int, count: int, seed: int) -> np.ndarray:
        n = self.law.lattice.n
        uniforms = CommonRandomness(seed, "dither").uniforms(first // n, -(-count // n), n)
        return ecdq.grid_dither(self.law.lattice, uniforms)


def _scale(problem: Gaussian, solution: Solution, lattice: Lattice, source: Law, target: Law | None) -> float:
    """Choose the least scale that meets the bounds if the rate was minimised, and else that of the rate."""
    bounds, unit = in_bits(solution), unit_named(solution.unit)
    bits = unit.in_nats / math.log(2)
    # The least error always takes all the rate there is; the solver's is below it by what it leaves unsearched.
    rate = bounds.get("R", solution.rate * bits) if solution.minimise == "D" else solution.rate * bits
    unknown = partial(_unknown, source=NormalSource(*source, problem))
    ends = (ecdq.coded_rate(lattice, s) for s in (ecdq.SMALLEST, ecdq.LARGEST))
    needs = "be in [{1:.3g}, {2:.3g}] bits per sample with the lattice {0}"
    if solution.minimise == "R" and solution.slope is None:
        errors = {"D": partial(_error, source=source, target=target), "C": unknown}
        scales = (ecdq.scale_for_error(lattice, errors[k], bounds[k]) for k in errors if k in bounds)
        found = max(ecdq.SMALLEST, *scales)
        if found > ecdq.LARGEST:
            raise must("the rate of the code", needs.format(lattice.name, *ends), got=f"{rate:g} bits per sample")
        return found
    if not math.isfinite(rate):
        raise ProblemError(ENDLESS)
    found = ecdq.scale_for_rate(lattice, rate)
    if not 0 < found < math.inf:
        raise must("R", needs.format(lattice.name, *ends), got=f"{rate:g} bits per sample")
    C, left = bounds.get("C", math.inf), unknown(lattice, found)
    if left > C + 1e-9:
        raise ProblemError(
            f"C must be at least {left / bits:.6g} {unit.short}, which is h(S|Y) at the rate R with the lattice"
            f" {lattice.name}, got {C / bits:g} {unit.short}; a larger R allows a smaller C"
        )
    return found


def _unknown(lattice: Lattice, scale: float, source: NormalSource) -> float:
    """`h(S|Y)` in bits."""
    _, deviation, rho = source.label
    return label_bits(deviation) - ecdq.label_information(lattice, scale, rho)


def _correlation(lattice: Lattice, scale: float, target: Law | None) -> float:
    """The correlation of `X` and `Y`."""
    return math.sqrt(1 - ecdq.free_error(lattice, scale)) if target is None else ecdq.correlation(lattice, scale)


def _error(lattice: Lattice, scale: float, source: Law, target: Law | None) -> float:
    """Mean squared error."""
    rho = _correlation(lattice, scale, target)
    return source[1] ** 2 * (1 - rho**2) if target is None else squared_error(source, target, rho)


def _plain(points: np.ndarray, count: int) -> np.ndarray:
    return points.ravel()[:count].astype(np.int32)
