"""A trained codec of images: networks, quantiser and tables, and the path from images to bytes and back.

What is sent are whole numbers, coded under whole-numbered tables that lie in the model, or that whole numbers decoded before
choose: a GPU and a CPU decode the same numbers from a file. The images made of them agree as far as the rounding of both
devices does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn

from drc.errors import CodeError, ProblemError, must
from drc.images import networks
from drc.images.context import ContextLaw, ContextPacker
from drc.images.start import start_at, start_transform
from drc.neural import bitstream
from drc.neural.backend import Encoded
from drc.neural.coding import CODING, Coding, quantiser_of
from drc.neural.experiment import Experiment
from drc.neural.numpy.entropy_model import FLOOR, LogisticMixtures
from drc.neural.quantiser import Quantiser

#: Numbers of images that go through a network at once while coding.
_AT_ONCE = 2**20

#: Numbers of images that a transform is fitted to.
_SEEN = 2**22

#: Height and width that a file may require.
_MOST_PIXELS = 2**15


class Law(nn.Module):
    """The learned law of the latents; see `drc.neural.numpy.entropy_model`, which makes its tables.

    Parameters
    ----------
    dim : int
    seed : int
    """

    def __init__(self, dim: int, seed: int) -> None:
        super().__init__()
        self.mixtures = LogisticMixtures(dim)
        start = self.mixtures.initial(np.random.default_rng([seed, 0, 4]))
        self.shares, self.centres, self.scales = (nn.Parameter(torch.from_numpy(w).float()) for w in start)

    def start(self, deviations: np.ndarray) -> None:
        """Begin with latents of such standard deviations, shape (dim,)."""
        scale = torch.from_numpy(np.maximum(deviations, 0.05)).to(self.centres)[:, None]
        with torch.no_grad():
            self.centres.mul_(scale)
            self.scales.add_(scale.log())

    def forward(self, r: torch.Tensor) -> torch.Tensor:
        """Return the bits of each image of reconstructed latents, shape (n,)."""
        last = r.movedim(1, -1).unsqueeze(-1)
        away, inverse = last - self.centres, torch.exp(-self.scales)
        masses = torch.sigmoid((away + 0.5) * inverse) - torch.sigmoid((away - 0.5) * inverse)
        p = (nn.functional.softmax(self.shares, dim=-1) * masses).sum(-1)
        return -torch.log2(p * (1 - FLOOR) + FLOOR).flatten(1).sum(1)

    def tables(self, quantiser: Quantiser, dithered: bool) -> np.ndarray:
        """Return the integer tables of the range coder, made on the CPU in double precision."""
        weights = [p.detach().cpu().double().numpy() for p in (self.shares, self.centres, self.scales)]
        return self.mixtures.tables(weights, quantiser, dithered)


def quantised(quantiser: Quantiser, z: torch.Tensor, dither: torch.Tensor) -> torch.Tensor:
    """Return latents as the decoder will know them, with the derivative that they have in `drc.neural.numpy.codec`.

    Parameters
    ----------
    quantiser : Quantiser
    z, dither : tensors of the same shape

    Examples
    --------
    >>> z = torch.tensor([[0.2, -1.0]])
    >>> quantised(Quantiser.of_levels(4), z, torch.tensor([[0.3, -0.33]])).numpy().round(3)
    array([[ 0.033, -0.67 ]], dtype=float32)
    """
    first, step, most = quantiser.first, quantiser.step, quantiser.count - 1
    moved = z + dither
    hard = ((moved.detach() - first) / step).round().clamp(0, most) * step + first - dither
    if not quantiser.softness:
        return z + (hard - z).detach()
    centres = torch.as_tensor(quantiser.centres, dtype=z.dtype, device=z.device)
    away = (moved.unsqueeze(-1) - centres) / (quantiser.softness * step)
    soft = (nn.functional.softmax(-away.square(), dim=-1) * centres).sum(-1)
    return soft + (hard - soft).detach()


@dataclass(eq=False)
class Codec(Coding):
    """Networks of an experiment for images of one shape, on one device.

    Parameters
    ----------
    experiment : Experiment
    shape : (int, int, int)
        Height, width and channels of the images of the training.
    classes : int
    device : torch.device
    tables : array or None
        The integer tables of the range coder of a factorised law; None while they are not those of the weights.
    """

    experiment: Experiment
    shape: tuple[int, int, int]
    classes: int
    device: torch.device
    tables: np.ndarray | None = None
    networks: dict[str, nn.Module] = field(init=False)
    quantiser: Quantiser = field(init=False)

    def __post_init__(self) -> None:
        e = self.experiment
        built = networks.build(e, self.shape, self.classes)
        if not self.fixed:
            built["law"] = self._law()
        self.networks = {name: network.to(self.device, self.dtype) for name, network in built.items()}
        self.quantiser = quantiser_of(e.rate)

    def _law(self) -> nn.Module:
        rate = self.experiment.rate
        if rate.law == "factorised":
            return Law(rate.dim, self.experiment.seed)
        if not networks.factor(self.experiment):
            raise must("rate.law", "be 'factorised' for networks other than residual and refined", rate.law)
        return ContextLaw(rate.dim, self.experiment.seed)

    def start(self, x: np.ndarray) -> None:
        """Let networks with a transform of their own, and the law of its latents, begin as degraded images `x` suggest."""
        output = self.experiment.networks.output
        if not networks.factor(self.experiment):
            start_at(self.networks["decoder"], np.moveaxis(x.mean(axis=0), 2, 0), output)
            return
        some = x[: max(1, _SEEN // x[0].size)]
        grid = self.grid(*x.shape[1:3])
        images = self.images(some, grid)
        start_transform(self.networks["encoder"], self.networks["decoder"], images, self.experiment.rate, output)
        if not self.fixed:
            with torch.no_grad(), exact():
                z = self._gathered(self.networks["encoder"](images))
            self.networks["law"].start(z.std(axis=0))

    @property
    def has_tables(self) -> bool:
        """Whether tables of a range coder belong to the model."""
        return isinstance(self.networks.get("law"), Law)

    @property
    def dtype(self) -> torch.dtype:
        """Of the weights."""
        return torch.float64 if self.experiment.precision == "float64" else torch.float32

    def grid(self, height: int, width: int) -> tuple[int, int]:
        """Return the size of the grid of latents: (1, 1) for networks that are made for one size of image.

        Raises
        ------
        ProblemError
            For an image that such networks do not take.
        """
        side = networks.factor(self.experiment)
        if side:
            return -(-height // side), -(-width // side)
        if (height, width) != self.shape[:2]:
            raise ProblemError(
                f"the image must have {self.shape[0]} x {self.shape[1]} pixels for {self.experiment.networks.kind!r},"
                f" got {height} x {width}; residual and refined networks take any size"
            )
        return 1, 1

    def spread(self, rows: np.ndarray, grid: tuple[int, int]) -> torch.Tensor:
        """Return rows as latents on the device: (n, dim), or (n, dim, height, width) for fully convolutional networks."""
        # What the device copies has to be contiguous anyway; numpy is asked to, once.
        if networks.factor(self.experiment):
            rows = np.moveaxis(rows.reshape(-1, *grid, rows.shape[1]), 3, 1)
        return torch.from_numpy(np.ascontiguousarray(rows)).to(self.device, self.dtype)

    def _gathered(self, latents: torch.Tensor) -> np.ndarray:
        return latents.movedim(1, -1).reshape(-1, latents.shape[1]).cpu().numpy()

    def images(self, x: np.ndarray, grid: tuple[int, int]) -> torch.Tensor:
        """Return images as tensors on the device; what a grid lacks is filled with the pixels at the border."""
        if x.ndim != 4 or x.shape[3] != self.shape[2]:
            raise must("images", f"have the shape (n, height, width, {self.shape[2]})", got=f"{x.shape}")
        if side := networks.factor(self.experiment):
            below, right = grid[0] * side - x.shape[1], grid[1] * side - x.shape[2]
            x = np.pad(x, ((0, 0), (0, below), (0, right), (0, 0)), mode="edge")
        return torch.from_numpy(np.ascontiguousarray(np.moveaxis(x, 3, 1))).to(self.device, self.dtype)

    def _index(self, x: np.ndarray, seed: int, start: int) -> Iterator[np.ndarray]:
        """Yield what the encoder sends of images, a row for each place of a grid, part by part."""
        grid = self.grid(*x.shape[1:3])
        places = grid[0] * grid[1]
        for part in _parts(x.shape):
            with torch.no_grad(), exact():
                z = self._gathered(self.networks["encoder"](self.images(x[part], grid)))
            yield self.quantiser.index(z, self.dither(seed, CODING, (start + part.start) * places, len(z)))

    def _decoded(self, index: np.ndarray, size: tuple[int, int], seed: int, start: int) -> np.ndarray:
        """Return what the decoder makes of rows that were sent: images of a size."""
        grid = self.grid(*size)
        places = grid[0] * grid[1]
        found = []
        for part in _parts((len(index) // places, *size, self.shape[2])):
            rows = index[part.start * places : part.stop * places]
            first = (start + part.start) * places
            latents = self.spread(self.quantiser.value(rows, self.dither(seed, CODING, first, len(rows))), grid)
            if self.experiment.networks.noise:
                own = self.spread(self.own(seed, CODING, first, len(rows)), grid)
                latents = torch.cat([latents, own], dim=1)
            with torch.no_grad(), exact():
                y = self.networks["decoder"](latents)[:, :, : size[0], : size[1]]
            found.append(y.movedim(1, -1).cpu().numpy())
        return np.concatenate(found)

    def reconstruct(self, x: np.ndarray, seed: int, start: int = 0) -> np.ndarray:
        """Return what the decoder makes of degraded images, shape of `x`."""
        index = np.concatenate(list(self._index(x, seed, start)))
        return self._decoded(index, x.shape[1:3], seed, start)

    def encode(self, x: np.ndarray, seed: int, start: int = 0) -> Encoded:
        """Return the bitstream of degraded images; it says their size, and where they start."""
        index, packer = np.concatenate(list(self._index(x, seed, start))), self._packer(self.grid(*x.shape[1:3]))
        size = {"size": x.shape[1:3]} if networks.factor(self.experiment) else {}
        return self.write(packer, self.digest(), seed, start, index, len(index) // len(x), **size)

    def decode(self, data: bytes, seed: int) -> np.ndarray:
        """Return the images of a bitstream.

        Raises
        ------
        CodeError
            For a file that is damaged, or of another model or seed.
        """
        reader, start = bitstream.opened(data, self.digest(), seed)
        size = self._size(reader.header.fields)
        grid = self.grid(*size)
        index = self.read(self._packer(grid), reader, seed, start, grid[0] * grid[1])
        return self._decoded(index, size, seed, start)

    def _size(self, fields: Mapping[str, Any]) -> tuple[int, int]:
        """Return the height and width that a file says; networks that are made for one size know it."""
        if not networks.factor(self.experiment):
            return self.shape[:2]
        size = fields.get("size")
        sides = size if isinstance(size, list) and len(size) == 2 else []
        if not sides or not all(type(n) is int and 1 <= n <= _MOST_PIXELS for n in sides):
            raise must("size", "be the height and width of an image", size, error=CodeError)
        return sides[0], sides[1]

    def classify(self, y: np.ndarray) -> np.ndarray:
        """Return the logarithms of the class probabilities, by the classifier trained jointly."""
        found = []
        for part in _parts(y.shape):
            images = torch.from_numpy(np.ascontiguousarray(np.moveaxis(y[part], 3, 1))).to(self.device, self.dtype)
            with torch.no_grad(), exact():
                found.append(nn.functional.log_softmax(self.networks["classifier"](images), dim=1).cpu().numpy())
        return np.concatenate(found)

    def _packer(self, grid: tuple[int, int]) -> bitstream.Packer | ContextPacker:
        law = self.networks.get("law")
        if isinstance(law, ContextLaw):
            return ContextPacker(law, grid)
        tables = self.integer_tables() if self.has_tables else None
        return bitstream.Packer(self.experiment.rate.dim, self.quantiser.count, tables)

    def integer_tables(self) -> np.ndarray:
        """Return the tables of the range coder, shape (dim, phases, count)."""
        if self.tables is None:
            law = self.networks["law"]
            assert isinstance(law, Law)
            self.tables = law.tables(self.quantiser, self.experiment.common_randomness)
        return self.tables

    def digest(self) -> bytes:
        """Return the bytes that tell models apart: what the decoder must have in common with the encoder."""
        arrays = [p.detach().cpu().numpy() for p in self.networks["decoder"].parameters()]
        law = self.networks.get("law")
        if isinstance(law, ContextLaw):
            arrays += [part.astype("<i8") for part in law.integers()]
        elif self.has_tables:
            arrays.append(self.integer_tables())
        return self.digest_of(arrays)


def exact(products: bool = False) -> AbstractContextManager:
    """Return a context in which a GPU repeats its convolutions, in single precision unless `products` may have less."""
    return torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=products)


def _parts(shape: tuple[int, ...]) -> Iterator[slice]:
    many = max(1, _AT_ONCE // int(np.prod(shape[1:])))
    return (slice(i, min(i + many, shape[0])) for i in range(0, shape[0], many))
