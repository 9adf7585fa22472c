"""A trained codec of images: networks, quantiser and tables, and the path from images to bytes and back.

What is sent are whole numbers, coded under whole-numbered tables that lie in the model, or that whole numbers decoded before
choose: a GPU and a CPU decode the same numbers from a file. The images made of them agree as far as the rounding of both
devices does.
"""

from __future__ import annotations

import math
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn

from drc.errors import must
from drc.images import networks
from drc.images.context import ContextLaw, ContextPacker
from drc.images.start import start_at, start_transform
from drc.images.teacher import smoothed
from drc.neural.bitstream import Packing
from drc.neural.coding import Coding
from drc.neural.degradations import Noise
from drc.neural.experiment import VariableRate
from drc.neural.numpy.entropy_model import FLOOR, LogisticMixtures
from drc.neural.quantiser import Quantiser

#: Numbers of images that a transform is fitted to.
_SEEN = 2**22


class Law(nn.Module):
    """The learned law of the latents; see `drc.neural.numpy.entropy_model`, which makes its tables."""

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
        weights = [array_of(p.double()) for p in (self.shares, self.centres, self.scales)]
        return self.mixtures.tables(weights, quantiser, dithered)


def quantised(quantiser: Quantiser, z: torch.Tensor, dither: torch.Tensor) -> torch.Tensor:
    """Return latents as the decoder will know them, with the derivative that they have in `drc.neural.numpy.codec`.

    Parameters
    ----------
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
    device : torch.device

    Attributes
    ----------
    networks : dict of modules
        One of them is the law of the latents, "law", at a variable rate; another is the teacher, if there is one.
    """

    device: torch.device
    networks: dict[str, nn.Module] = field(init=False)

    def __post_init__(self) -> None:
        e = self.experiment
        self.side = networks.factor(e)
        built = networks.build(e, self.shape, self.classes)
        if isinstance(e.rate, VariableRate):
            if e.rate.law != "factorised" and not self.side:
                raise must("rate.law", "be 'factorised' for networks other than residual and refined", e.rate.law)
            built["law"] = (Law if e.rate.law == "factorised" else ContextLaw)(e.rate.dim, e.seed)
        if e.teacher and isinstance(e.degradation, Noise):
            built["teacher"] = networks.denoiser(self.shape[2], e.teacher.widths, e.degradation.deviation, e.seed)
        self.networks = {name: network.to(self.device, self.dtype) for name, network in built.items()}

    def start(self, x: np.ndarray) -> None:
        """Let networks with a transform of their own, and the law of its latents, begin as degraded images `x` suggest."""
        output = self.experiment.networks.output
        if not self.side:
            start_at(self.networks["decoder"], np.moveaxis(x.mean(axis=0), 2, 0), output)
            return
        images = self.images(x[: max(1, _SEEN // x[0].size)])
        start_transform(self.networks["encoder"], self.networks["decoder"], images, self.experiment.rate, output)
        if isinstance(law := self.networks.get("law"), Law | ContextLaw):
            law.start(self._latents(images).std(axis=0))

    @property
    def dtype(self) -> torch.dtype:
        """Of the weights."""
        return torch.float64 if self.experiment.precision == "float64" else torch.float32

    def spread(self, rows: np.ndarray, grid: tuple[int, int]) -> torch.Tensor:
        """Return rows as latents on the device: (n, dim), or (n, dim, height, width) for fully convolutional networks."""
        # What the device copies has to be contiguous anyway; numpy is asked to, once.
        if self.side:
            rows = np.moveaxis(rows.reshape(len(rows) // math.prod(grid), *grid, rows.shape[1]), 3, 1)
        return torch.from_numpy(np.ascontiguousarray(rows)).to(self.device, self.dtype)

    def images(self, x: np.ndarray) -> torch.Tensor:
        """Return images as tensors on the device; what a grid lacks is filled with the pixels at the border."""
        if self.side:
            (height, width), grid = x.shape[1:3], self.grid(*x.shape[1:3])
            below, right = grid[0] * self.side - height, grid[1] * self.side - width
            x = np.pad(x, ((0, 0), (0, below), (0, right), (0, 0)), mode="edge")
        return self._on_device(x)

    def _on_device(self, x: np.ndarray) -> torch.Tensor:
        return channels_first(x).to(self.device, self.dtype)

    def latents(self, x: np.ndarray) -> np.ndarray:
        """Return the latents of images, a row for each place of each image."""
        return self._latents(self.images(self.estimated(x)))

    @property
    def teacher(self) -> networks.Denoiser | None:
        """The network that estimates the clean images, if there is one."""
        found = self.networks.get("teacher")
        return found if isinstance(found, networks.Denoiser) else None

    def estimated(self, x: np.ndarray) -> np.ndarray:
        """Return what is compressed of degraded images: these, or the teacher's estimates of the clean ones."""
        teacher = self.teacher
        if teacher is None:
            return x
        found = []
        for part in self.parts(x.shape):
            seen = (self._on_device(images) for images in (x[part], smoothed(x[part], teacher.deviation)))
            with torch.no_grad(), exact():
                y = teacher(*seen).clamp(0, 1)
            found.append(y.movedim(1, -1).cpu().numpy())
        return np.concatenate(found)

    def _latents(self, images: torch.Tensor) -> np.ndarray:
        with torch.no_grad(), exact():
            z = self.networks["encoder"](images)
        return z.movedim(1, -1).reshape(-1, z.shape[1]).cpu().numpy()

    def drawn(self, rows: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """Return the images of a size that the decoder makes of rows: latents and its own random numbers."""
        with torch.no_grad(), exact():
            y = self.networks["decoder"](self.spread(rows, self.grid(*size)))[:, :, : size[0], : size[1]]
        return y.movedim(1, -1).cpu().numpy()

    def classify(self, y: np.ndarray) -> np.ndarray:
        """Return the logarithms of the class probabilities, by the classifier trained jointly."""
        found = []
        for part in self.parts(self.checked(y).shape):
            with torch.no_grad(), exact():
                logits = self.networks["classifier"](self._on_device(y[part]))
                found.append(nn.functional.log_softmax(logits, dim=1).cpu().numpy())
        return np.concatenate(found)

    def packer(self, grid: tuple[int, int]) -> Packing:
        """Return what makes bytes of the indices of images with such a grid."""
        law = self.networks.get("law")
        return ContextPacker(law, grid) if isinstance(law, ContextLaw) else super().packer(grid)

    def tables_of_weights(self) -> np.ndarray | None:
        """Return the tables of the range coder for the weights as they are, if the law has such."""
        law = self.networks["law"]
        return law.tables(self.quantiser, self.experiment.common_randomness) if isinstance(law, Law) else None

    def shared(self) -> list[np.ndarray]:
        """Return the weights of the decoder, and a context law in whole numbers."""
        arrays, law = [array_of(p) for p in self.networks["decoder"].parameters()], self.networks.get("law")
        return arrays + ([part.astype("<i8") for part in law.integers()] if isinstance(law, ContextLaw) else [])


def channels_first(images: np.ndarray) -> torch.Tensor:
    """Return images of shape (n, height, width, channels) as a tensor of shape (n, channels, height, width)."""
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(images, 3, 1)))


def array_of(tensor: torch.Tensor) -> np.ndarray:
    """Return a tensor as an array, whatever device it is on."""
    return tensor.detach().cpu().numpy()


def exact(products: bool = False) -> AbstractContextManager:
    """Return a context in which a GPU repeats its convolutions, in single precision unless `products` may have less."""
    return torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=products)
