"""A law of the latents of a grid that looks at those decoded before.

The latents are coded in four parts: a quarter of the channels, then the others, and of each first the places of one colour
of a checkerboard and then those of the other ([he2021], [he2022]). A small network looks at the parts before, at a place and
its eight neighbours, and says centre and scale of a logistic law for every latent of the next part.

Encoder and decoder have to agree on every law, bit for bit, on whatever machine they run. So the network is one of whole
numbers ([balle2019]): weights are rounded to 1/256 and what passes through it to 1/32, in training too. While coding, its
sums are whole numbers below 2**53, which double precision adds without rounding in any order; and the tables of the coder,
one for each scale and each 1/32 of a step, are proved roundings. No rounding of a device has a part in what is decoded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from flint import arb
from torch import nn

from drc.codes import tables
from drc.neural.quantiser import PHASES, REACH

#: Latents are multiples of 1/UNIT, as the dither has this many phases; weights are multiples of 1/FINE.
UNIT, FINE = 2 * PHASES, 256

#: How far a latent that the network looks at, and a centre that it names, may be from zero; likewise a hidden number.
_FAR, _HIGH = 16, 64

#: The logarithms of the scales: this many steps of a natural logarithm's unit, from the lowest on.
_STEPS, _LOWEST, _LEVELS = 4, -6, 41

#: Symbols of the coder: a latent's whole number less the centre's.
_WIDTH = 2 * (REACH + _FAR + 1) + 1

#: How near to a whole number double precision is not trusted to say on which side a number lies.
_DOUBT = 1e-6


class ContextLaw(nn.Module):
    """The law of latents of shape (n, dim, height, width), learned with the codec.

    Examples
    --------
    >>> law = ContextLaw(dim=3, seed=0)
    >>> law(torch.zeros(5, 3, 4, 4)).shape
    torch.Size([5])
    """

    def __init__(self, dim: int, seed: int) -> None:
        super().__init__()
        self.dim, hidden = dim, 2 * dim + 8
        drawn = np.random.default_rng([seed, 0, 4]).standard_normal((hidden, 2 * dim, 3, 3)) / math.sqrt(9 * dim)
        self.first = nn.Parameter(torch.from_numpy(drawn).float())
        self.first_bias = nn.Parameter(torch.zeros(hidden))
        self.second = nn.Parameter(torch.zeros(2 * dim, hidden))
        self.second_bias = nn.Parameter(torch.zeros(2 * dim))

    def start(self, deviations: np.ndarray) -> None:
        """Begin with latents of such standard deviations, shape (dim,)."""
        # The variance of a logistic law of scale 1 is pi^2 / 3.
        scales = np.log(np.maximum(deviations, 0.05) * math.sqrt(3) / math.pi)
        with torch.no_grad():
            self.second_bias[self.dim :] = torch.from_numpy(scales).to(self.second_bias)

    def forward(self, r: torch.Tensor) -> torch.Tensor:
        """Return the bits of each image of reconstructed latents, shape (n,)."""
        # Near the border of precision products of bfloat16 would say another law than the coder has.
        with torch.autocast(r.device.type, enabled=False):
            centre, scale = torch.zeros_like(r), torch.zeros_like(r)
            for known, next_ in parts(self.dim, *r.shape[2:]):
                here, there = (torch.from_numpy(mask).to(r.device) for mask in (known, next_))
                # Channels that were not begun are zero everywhere; one is kept, for the shape.
                begun = max(1, int(known.any(axis=(1, 2)).sum()))
                c, s = self._laws(r[:, :begun] * here[:begun])
                centre, scale = torch.where(there, c, centre), torch.where(there, s, scale)
        away, inverse = (r - centre).abs(), torch.exp(-scale)
        # F(x + 1/2) - F(x - 1/2) as a product, whose logarithm has a slope however far away a latent is.
        logistic = nn.functional.logsigmoid
        nats = logistic((0.5 - away) * inverse) + logistic((0.5 + away) * inverse) + torch.log(-torch.expm1(-inverse))
        return nats.flatten(1).sum(1) * (-1 / math.log(2))

    def _laws(self, known: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return centres and logarithms of scales, given the first channels, with zeros where nothing was decoded before."""
        begun = known.shape[1]
        near = known.clamp(-_FAR, _FAR)
        x = torch.cat([near, _rounded(torch.log2(1 + near.abs()), UNIT)], dim=1)
        first, second = _rounded(self.first, FINE), _rounded(self.second, FINE)
        first = torch.cat([first[:, :begun], first[:, self.dim : self.dim + begun]], dim=1)
        h = nn.functional.conv2d(x, first, _rounded(self.first_bias, FINE), padding=1)
        h = _rounded(h, UNIT).clamp(0, _HIGH)
        out = nn.functional.conv2d(h, second[:, :, None, None], _rounded(self.second_bias, FINE))
        centre, scale = out.split(self.dim, dim=1)
        highest = _LOWEST + (_LEVELS - 1) / _STEPS
        return _rounded(centre, UNIT).clamp(-_FAR, _FAR), _rounded(scale, _STEPS).clamp(_LOWEST, highest)

    def integers(self) -> list[np.ndarray]:
        """Return the network in whole numbers: weights and biases of both layers, in units of 1/FINE."""
        weights = (self.first, self.first_bias, self.second, self.second_bias)
        return [np.floor(w.detach().cpu().numpy().astype(np.float64) * FINE + 0.5) for w in weights]


def _rounded(x: torch.Tensor, unit: int) -> torch.Tensor:
    """Round to multiples of 1/unit, with the derivative of the identity."""
    return x + (torch.floor(x.detach() * unit + 0.5) / unit - x.detach())


def parts(dim: int, height: int, width: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield for each part what was decoded before it, and what belongs to it: masks of shape (dim, height, width).

    Examples
    --------
    >>> for known, next_ in parts(4, 1, 2):
    ...     print(known[:2, 0].astype(int).tolist(), next_[:2, 0].astype(int).tolist())
    [[0, 0], [0, 0]] [[1, 0], [0, 0]]
    [[1, 0], [0, 0]] [[0, 1], [0, 0]]
    [[1, 1], [0, 0]] [[0, 0], [1, 0]]
    [[1, 1], [1, 0]] [[0, 0], [0, 1]]
    """
    colour = np.indices((height, width)).sum(axis=0) % 2 == 0
    early = (np.arange(dim) < -(-dim // 4))[:, None, None]
    known = np.zeros((dim, height, width), bool)
    for channels in (early, ~early):
        for places in (colour, ~colour):
            yield known, channels & places
            known = known | (channels & places)


@dataclass(frozen=True, eq=False)
class ContextPacker:
    """From the whole numbers of images of one size to bytes, under a context law.

    Parameters
    ----------
    grid : (int, int)
        Height and width of an image's latents; it has a row of indices for each place.
    """

    law: ContextLaw
    grid: tuple[int, int]

    def pack(self, index: np.ndarray, phase: np.ndarray | None) -> bytes:
        """Return the bytes of indices, shape (images * places, dim); `phase` says which dither each had, None for none."""
        dithers, wholes = self._planes(_dither(index.shape, phase)), self._planes(index.astype(np.int64) - REACH)
        found = []
        for dither, whole in zip(dithers, wholes, strict=True):
            for known, next_ in self._parts():
                order, groups, moved = self._laws((UNIT * whole - dither) * known, next_, dither)
                symbols = (whole[next_] - moved + _WIDTH // 2)[order].astype(np.int32)
                cuts = np.cumsum([count for count, _ in groups])[:-1]
                found += [(one, of) for one, (_, of) in zip(np.split(symbols, cuts), groups, strict=True)]
        return tables.encode(found)

    def unpack(self, packed: bytes, n: int, phase: np.ndarray | None) -> np.ndarray:
        """Return the indices of `n` places, those of whole images; `CodeError` for bytes that no encoder writes."""
        coder = tables.decoder(packed)
        dithers = self._planes(_dither((n, self.law.dim), phase))
        wholes = np.zeros(dithers.shape, np.int64)
        for dither, whole in zip(dithers, wholes, strict=True):
            for known, next_ in self._parts():
                order, groups, moved = self._laws((UNIT * whole - dither) * known, next_, dither)
                symbols = np.empty(len(order), np.int64)
                symbols[order] = np.concatenate([coder.decode(of, count) for count, of in groups])
                whole[next_] = symbols + moved - _WIDTH // 2
        return np.clip(self._rows(wholes) + REACH, 0, 2 * REACH).astype(np.intp)

    def _parts(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        return (pair for pair in parts(self.law.dim, *self.grid) if pair[1].any())

    def _laws(
        self, known: np.ndarray, next_: np.ndarray, dither: np.ndarray
    ) -> tuple[np.ndarray, list[tuple[int, Any]], np.ndarray]:
        """Return how the latents of a part are sorted by their tables, the tables with counts, and the whole centres.

        A latent `k - u` under a law with centre `c` is `k` under one with centre `c + u`: what of it is whole moves the
        symbol, and what is left chooses the table.
        """
        centre, level = _network(self.law.integers(), known)
        moved, left = np.divmod((centre + dither)[next_], UNIT)
        number = level[next_] * UNIT + left
        order = np.argsort(number, kind="stable")
        numbers, counts = np.unique(number, return_counts=True)
        found = [(int(count), _model(*divmod(int(which), UNIT))) for which, count in zip(numbers, counts, strict=True)]
        return order, found, moved

    def _planes(self, rows: np.ndarray) -> np.ndarray:
        return np.moveaxis(rows.reshape(-1, *self.grid, self.law.dim), 3, 1)

    def _rows(self, planes: np.ndarray) -> np.ndarray:
        return np.moveaxis(planes, 1, 3).reshape(-1, self.law.dim)


def _dither(shape: tuple[int, ...], phase: np.ndarray | None) -> np.ndarray:
    """Return the dither in units of 1/UNIT: see `Quantiser.dither`."""
    return np.zeros(shape, np.int64) if phase is None else 2 * phase.astype(np.int64) + 1 - PHASES


def _network(integers: list[np.ndarray], known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what `ContextLaw._laws` says, given `ContextLaw.integers` and latents in units of 1/UNIT, in whole numbers.

    These are centres in units of 1/UNIT, and the levels of the scales.
    """
    first, first_bias, second, second_bias = integers
    dim = len(known)
    near = np.clip(known, -_FAR * UNIT, _FAR * UNIT)
    # These logarithms are far from where rounding changes: whole, or irrational and none of 513 near a half.
    sizes = np.floor(UNIT * np.log2(1 + np.arange(_FAR * UNIT + 1) / UNIT) + 0.5)
    x = np.concatenate([near.astype(np.float64), sizes[np.abs(near)]])
    around = np.lib.stride_tricks.sliding_window_view(np.pad(x, ((0, 0), (1, 1), (1, 1))), (3, 3), axis=(1, 2))
    rows = np.moveaxis(around, 0, 2).reshape(-1, first[0].size)
    h = rows @ first.reshape(len(first), -1).T + first_bias * UNIT
    h = np.clip(np.floor(h / FINE + 0.5), 0, _HIGH * UNIT)
    out = np.moveaxis((h @ second.T + second_bias * UNIT).reshape(*known.shape[1:], -1), 2, 0)
    centre = np.clip(np.floor(out[:dim] / FINE + 0.5), -_FAR * UNIT, _FAR * UNIT)
    level = np.clip(np.floor(out[dim:] * (_STEPS / (FINE * UNIT)) + 0.5) - _LOWEST * _STEPS, 0, _LEVELS - 1)
    return centre.astype(np.int64), level.astype(np.int64)


@cache
def _model(level: int, left: int) -> Any:
    return tables.model(table(level, left))


def table(level: int, left: int) -> list[int]:
    """Return the whole-numbered law of a symbol: a logistic law in cells of width one, in parts of 2**24.

    Parameters
    ----------
    level : int
        The scale is `exp(_LOWEST + level / _STEPS)`.
    left : int
        The centre is this many 1/UNIT beyond that of the middle symbol.

    Examples
    --------
    >>> law = table(24, 0)
    >>> sum(law) == 2**24, min(law), max(law) / 2**24 < 0.25
    (True, 1, True)
    """
    edges = UNIT * (np.arange(1, _WIDTH) - _WIDTH // 2) - UNIT // 2 - left
    below = np.array([_below(level, int(edge)) for edge in edges])
    ends = [0, *(below + np.arange(1, _WIDTH)), 2**tables.BITS]
    return np.diff(ends).tolist()


def _below(level: int, edge: int) -> int:
    """Return `F(edge / UNIT)` in parts of what is left of 2**24 after one for each symbol, rounded, and proved to be."""
    whole = 2**tables.BITS - _WIDTH
    if edge > 0:
        return whole - _below(level, -edge)
    found = whole / (1 + math.exp(min(700.0, -edge / UNIT * math.exp(-_LOWEST - level / _STEPS))))
    if found < 0.5 or abs(found - round(found)) > _DOUBT:
        return math.floor(found)
    return tables.rounded_down(lambda: whole / (1 + (arb(-edge) / UNIT * (-arb(4 * _LOWEST + level) / 4).exp()).exp()))
