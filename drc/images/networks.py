"""Networks in the words of an experiment: those of [nguyen2026], two kinds for any size of image, one on blocks, dense ones.

All take and give images of shape (n, channels, height, width). Latents have the shape (n, dim) where a network is made for
one size of image, and (n, dim, height, width) where it is fully convolutional: then `dim` counts the numbers at one place
of a grid, and any size of image will do. No layer looks at other images of its batch.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import nn

from drc.errors import ProblemError, must
from drc.neural.experiment import Experiment, FixedRate, Networks
from drc.neural.numpy.networks import GAINS, dense_widths

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": lambda: nn.LeakyReLU(0.2),
    "tanh": nn.Tanh,
    "softplus": nn.Softplus,
    "sigmoid": nn.Sigmoid,
    "swish": nn.SiLU,
    "linear": nn.Identity,
}

#: The image that the families of the paper are made for: channels, height, width.
PAPER = {"paper-mnist": (1, 28, 28), "paper-svhn": (3, 32, 32)}

_WIDTHS = ("encoder", "decoder", "critic", "classifier")

#: The weights of the teacher are drawn after those of four networks and of the law of the latents.
_TEACHER = 5

#: The side of a block: networks on blocks make each its own channels, and convolve at a sixteenth of the cost.
_SIDE = 4

#: The side of a block of refined networks: that of JPEG.
_TRANSFORMED = 8

#: Residual blocks at each resolution of an encoder, a decoder and a classifier; three make a ResNet-20 of three widths.
_BLOCKS, _DEEP = 2, 3


def build(experiment: Experiment, shape: tuple[int, int, int], classes: int) -> dict[str, nn.Module]:
    """Return encoder, decoder, critic and classifier, with weights that follow from the seed.

    Parameters
    ----------
    shape : (int, int, int)
        Height, width and channels of an image.

    Examples
    --------
    >>> from drc.neural import named
    >>> networks = build(named("toy-sr"), (8, 8, 1), 10)
    >>> networks["encoder"](torch.zeros(5, 1, 8, 8)).shape
    torch.Size([5, 4])
    """
    n, size = experiment.networks, (shape[2], *shape[:2])
    if n.kind not in _MAKERS:
        raise must("networks.kind", f"be {' or '.join(_MAKERS)} for the backend torch", n.kind)
    for name in ("activation", "output"):
        if getattr(n, name) not in ACTIVATIONS:
            raise must(f"networks.{name}", f"be {' or '.join(ACTIVATIONS)}", getattr(n, name))
    if n.kind in PAPER:
        _check_paper(n, size)
    last = nn.Tanh() if isinstance(experiment.rate, FixedRate) else nn.Identity()
    encoder, decoder, critic, classifier = _MAKERS[n.kind](n, experiment.rate.dim, size, classes)
    found: dict[str, nn.Module] = {
        "encoder": nn.Sequential(*encoder, last),
        "decoder": nn.Sequential(*decoder, ACTIVATIONS[n.output]()),
        "critic": nn.Sequential(*critic, nn.Flatten(0)),
        "classifier": nn.Sequential(*classifier),
    }
    for i, (name, network) in enumerate(found.items()):
        # Residual networks and classifiers have activations of their own.
        gain = GAINS["relu"] if name == "classifier" and n.kind != "mlp" else GAINS.get(n.activation, 1.0)
        _start(network, torch.Generator().manual_seed(_mixed(experiment.seed, i)), gain)
    return found


def classifier(channels: int, widths: tuple[int, ...], classes: int) -> nn.Sequential:
    """Return a small classifier of images of any size, always with the same weights at the start."""
    last = nn.Linear(widths[-1], classes)
    network = nn.Sequential(*_convolutions((channels, *widths), 3, nn.ReLU), _Mean(), last)
    _start(network, torch.Generator().manual_seed(0), GAINS["relu"])
    return network


def denoiser(channels: int, widths: tuple[int, ...], deviation: float, seed: int) -> Denoiser:
    """Return the network of a teacher, with weights that follow from the seed; at first it adds nothing.

    Examples
    --------
    >>> x, smooth = torch.rand(1, 3, 5, 7), torch.rand(1, 3, 5, 7)
    >>> bool((denoiser(3, (8,), 0.1, seed=0)(x, smooth) == smooth).all())
    True
    """
    network = Denoiser(deviation, _convolutions((8 * channels, *widths, 4 * channels), 3, nn.ReLU, 1)[:-1])
    _start(network, torch.Generator().manual_seed(_mixed(seed, _TEACHER)), GAINS["relu"])
    with torch.no_grad():
        [m for m in network.modules() if isinstance(m, nn.Conv2d)][-1].weight.zero_()
    return network


def factor(experiment: Experiment) -> int:
    """Return how many pixels a place of the grid of latents is wide; 0 for networks that are made for one size of image.

    Examples
    --------
    >>> from drc.neural import named
    >>> factor(named("toy-sr")), factor(named("toy-sr").changed({"networks.kind": "residual"}))
    (0, 4)
    """
    sides = {"residual": 2 ** len(experiment.networks.encoder), "refined": _TRANSFORMED}
    return sides.get(experiment.networks.kind, 0)


def _check_paper(n: Networks, size: tuple[int, int, int]) -> None:
    if size != PAPER[n.kind]:
        c, h, w = PAPER[n.kind]
        needs = f"be {h} x {w} x {c} for networks.kind = {n.kind!r}"
        raise must("images", needs, got=f"{size[1]} x {size[2]} x {size[0]}")
    for name in _WIDTHS:
        if getattr(n, name) != getattr(Networks(), name):
            raise must(f"networks.{name}", f"be left out: {n.kind} has its own widths", getattr(n, name))


def _paper_mnist(n: Networks, dim: int, size: tuple[int, int, int], classes: int) -> Iterable[list[nn.Module]]:
    act = ACTIVATIONS[n.activation]
    yield [
        *_convolutions((1, 32, 64), 5, act),
        nn.Flatten(),
        *_dense((64 * 7 * 7, 128, 128, dim), act),
    ]
    yield [
        *_dense((dim + n.noise, 128, 512), act),
        act(),
        nn.Unflatten(1, (32, 4, 4)),
        nn.ConvTranspose2d(32, 64, 5, 2, 2),
        act(),
        nn.ConvTranspose2d(64, 128, 5, 2, 2, 1),
        act(),
        nn.ConvTranspose2d(128, 1, 5, 2, 2, 1),
    ]
    yield [*_convolutions((1, 64, 128, 256), 5, act), nn.Flatten(), nn.Linear(4096, 1)]
    yield [*_convolutions((1, 32, 64), 5, nn.ReLU), nn.Flatten(), nn.Linear(64 * 7 * 7, classes)]


def _paper_svhn(n: Networks, dim: int, size: tuple[int, int, int], classes: int) -> Iterable[list[nn.Module]]:
    act = ACTIVATIONS[n.activation]
    yield [*_convolutions((3, 64, 128, 256), 5, act), nn.Flatten(), nn.Linear(256 * 4 * 4, dim)]
    yield [
        nn.Unflatten(1, (dim + n.noise, 1, 1)),
        nn.ConvTranspose2d(dim + n.noise, 64, 4),
        act(),
        nn.ConvTranspose2d(64, 108, 4, 2, 1),
        act(),
        nn.ConvTranspose2d(108, 128, 4, 2, 1),
        act(),
        nn.ConvTranspose2d(128, 3, 4, 2, 1),
    ]
    yield [*_convolutions((3, 64, 128, 256), 5, act), nn.Flatten(), nn.Linear(4096, 1)]
    yield _resnet(3, (16, 32, 64), classes)


def _residual(n: Networks, dim: int, size: tuple[int, int, int], classes: int) -> Iterable[list[nn.Module]]:
    act, channels = ACTIVATIONS[n.activation], size[0]
    if len(n.encoder) != len(n.decoder) or not n.encoder:
        needs = "have one width per halving of the size, the same number in both, for residual"
        raise must("networks.encoder and decoder", needs, got=f"{n.encoder} and {n.decoder}")
    side, inputs = 2 ** len(n.encoder), dim + n.noise
    down = [*_down(channels, n.encoder, act), nn.Conv2d(n.encoder[-1], dim, 1)]
    up = _up(inputs, n.decoder, channels, act)
    yield [Residual(nn.Conv2d(channels, dim, side, side), down)]
    yield [Residual(nn.ConvTranspose2d(inputs, channels, side, side), up)]
    yield from _classifiers_of_any_size(n, channels, classes)


def _refined(n: Networks, dim: int, size: tuple[int, int, int], classes: int) -> Iterable[list[nn.Module]]:
    act, channels = ACTIVATIONS[n.activation], size[0]

    def refinement(widths: tuple[int, ...]) -> nn.Module:
        """Return the sum of an image and convolutions of it at half its size."""
        inner = _convolutions((4 * channels, *widths, 4 * channels), 3, act, 1)[:-1]
        return Residual(nn.Identity(), [nn.PixelUnshuffle(2), *inner, nn.PixelShuffle(2)])

    yield [refinement(n.encoder), nn.Conv2d(channels, dim, _TRANSFORMED, _TRANSFORMED)]
    yield [nn.ConvTranspose2d(dim + n.noise, channels, _TRANSFORMED, _TRANSFORMED), refinement(n.decoder)]
    yield from _classifiers_of_any_size(n, channels, classes)


def _classifiers_of_any_size(n: Networks, channels: int, classes: int) -> Iterable[list[nn.Module]]:
    widths = (channels, *n.critic)
    yield [*_convolutions(widths, 5, ACTIVATIONS[n.activation]), _Mean(), nn.Linear(widths[-1], 1)]
    yield _resnet(channels, n.classifier, classes)


def _on_blocks(n: Networks, dim: int, size: tuple[int, int, int], classes: int) -> Iterable[list[nn.Module]]:
    act, (channels, height, width) = ACTIVATIONS[n.activation], size
    if height % _SIDE or width % _SIDE:
        raise must("images", f"have multiples of {_SIDE} as height and width for blocks", got=f"{height} x {width}")
    for name in _WIDTHS:
        if len(getattr(n, name)) < 2:
            raise must(f"networks.{name}", "have at least two widths for blocks", getattr(n, name))
    rows, columns, each = height // _SIDE, width // _SIDE, channels * _SIDE**2

    def reading(widths: tuple[int, ...], outputs: int) -> list[nn.Module]:
        """Return convolutions of all widths but the last, which is dense."""
        *inner, last = widths
        flat = _dense((inner[-1] * rows * columns, last, outputs), act)
        return [nn.PixelUnshuffle(_SIDE), *_convolutions((each, *inner), 3, act, 1), nn.Flatten(), *flat]

    first, *inner = n.decoder
    dense = _dense((dim + n.noise, first, inner[0] * rows * columns), act)
    drawn = _convolutions((*inner, each), 3, act, 1)[:-1]
    yield reading(n.encoder, dim)
    yield [*dense, act(), nn.Unflatten(1, (inner[0], rows, columns)), *drawn, nn.PixelShuffle(_SIDE)]
    yield reading(n.critic, 1)
    yield reading(n.classifier, classes)


def _mlp(n: Networks, dim: int, size: tuple[int, int, int], classes: int) -> Iterable[list[nn.Module]]:
    for name, widths in dense_widths(n, dim, math.prod(size), classes).items():
        layers = _dense(widths, ACTIVATIONS[n.activation])
        yield [*layers, nn.Unflatten(1, size)] if name == "decoder" else [nn.Flatten(), *layers]


_MAKERS = {
    "paper-mnist": _paper_mnist,
    "paper-svhn": _paper_svhn,
    "residual": _residual,
    "refined": _refined,
    "blocks": _on_blocks,
    "mlp": _mlp,
}


def _dense(widths: tuple[int, ...], act: Callable[[], nn.Module]) -> list[nn.Module]:
    return [layer for pair in itertools.pairwise(widths) for layer in (nn.Linear(*pair), act())][:-1]


def _convolutions(
    widths: tuple[int, ...], kernel: int, act: Callable[[], nn.Module], stride: int = 2
) -> list[nn.Module]:
    """Return convolutions, each of which halves the size, or keeps it with stride 1."""
    pairs = itertools.pairwise(widths)
    return [layer for pair in pairs for layer in (nn.Conv2d(*pair, kernel, stride, kernel // 2), act())]


def _down(channels: int, widths: tuple[int, ...], act: Callable[[], nn.Module]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise((channels, *widths)):
        layers += [nn.Conv2d(inputs, outputs, 5, 2, 2), *(_Block(outputs, act) for _ in range(_BLOCKS))]
    return layers


def _up(inputs: int, widths: tuple[int, ...], channels: int, act: Callable[[], nn.Module]) -> list[nn.Module]:
    layers: list[nn.Module] = [nn.Conv2d(inputs, widths[0], 3, 1, 1)]
    for here, there in zip(widths, (*widths[1:], channels), strict=True):
        layers += [_Block(here, act) for _ in range(_BLOCKS)]
        # Each place becomes two by two: no checkerboard of overlapping kernels.
        layers += [nn.Conv2d(here, 4 * there, 3, 1, 1), nn.PixelShuffle(2)]
    return layers


def _resnet(channels: int, widths: tuple[int, ...], classes: int) -> list[nn.Module]:
    """Return a residual classifier ([he2016]); normalised in groups, so that a class does not depend on a batch."""
    if not widths:
        raise ProblemError("networks.classifier must have at least one width, got ()")
    layers: list[nn.Module] = [nn.Conv2d(channels, widths[0], 3, 1, 1)]
    for i, (here, width) in enumerate(itertools.pairwise((widths[0], *widths))):
        layers += [_Normed(here, width, 2 if i else 1), *(_Normed(width, width, 1) for _ in range(_DEEP - 1))]
    return [*layers, nn.ReLU(), _Mean(), nn.Linear(widths[-1], classes)]


class Residual(nn.Module):
    """The sum of a network and of what it starts as, the identity or a linear transform: see `drc.images.start`."""

    def __init__(self, start: nn.Module, layers: list[nn.Module]) -> None:
        super().__init__()
        self.inner, self.start = nn.Sequential(*layers), start

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the sum of both."""
        return self.start(x) + self.inner(x)


class Denoiser(nn.Module):
    """The sum of a denoised image and of convolutions, at half the size, of what was removed and of what was left."""

    def __init__(self, deviation: float, layers: list[nn.Module]) -> None:
        super().__init__()
        self.deviation, self.inner = deviation, nn.Sequential(nn.PixelUnshuffle(2), *layers, nn.PixelShuffle(2))

    def forward(self, x: torch.Tensor, smooth: torch.Tensor) -> torch.Tensor:
        """Return the sum, for images of any size."""
        height, width = x.shape[2:]
        # What the convolutions read has a standard deviation of about one.
        parts = torch.cat([(x - smooth) / self.deviation, 4 * smooth - 2], dim=1)
        seen = nn.functional.pad(parts, (0, width % 2, 0, height % 2), mode="replicate")
        return smooth + self.deviation * self.inner(seen)[:, :, :height, :width]


class _Block(nn.Module):
    """Two convolutions beside the identity."""

    def __init__(self, width: int, act: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.inner = nn.Sequential(act(), nn.Conv2d(width, width, 3, 1, 1), act(), nn.Conv2d(width, width, 3, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the sum, in which the convolutions count half."""
        return x + 0.5 * self.inner(x)


class _Normed(nn.Module):
    """Two convolutions with norms beside the identity, or beside a thinned identity where the width changes."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(
            nn.GroupNorm(math.gcd(8, inputs), inputs),
            nn.ReLU(),
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.GroupNorm(math.gcd(8, outputs), outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
        )
        self.outer = nn.Identity() if (inputs, stride) == (outputs, 1) else nn.Conv2d(inputs, outputs, 1, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the sum of both."""
        return self.outer(x) + self.inner(x)


class _Mean(nn.Module):
    """The mean over all places."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return one number for each image and channel."""
        return x.mean(dim=(2, 3))


def _mixed(seed: int, purpose: int) -> int:
    """Return a seed for torch, whose generators are alike for seeds that are."""
    return int(np.random.SeedSequence([seed, 0, purpose]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _start(network: nn.Module, generator: torch.Generator, gain: float) -> None:
    """Draw normal weights that keep the variance of a layer's input ([he2015]); biases are zero."""
    layers = [m for m in network.modules() if isinstance(m, nn.Linear | nn.Conv2d | nn.ConvTranspose2d)]
    for layer in layers:
        weight = layer.weight
        inputs = float(weight[0].numel())
        if isinstance(layer, nn.ConvTranspose2d):
            # A pixel of the output sees one place in `stride` of the kernel; from a single place it sees that one.
            places = math.prod(layer.kernel_size) / math.prod(layer.stride) if layer.stride != (1, 1) else 1.0
            inputs = weight.shape[0] * places
        scale = (1.0 if layer is layers[-1] else gain) / math.sqrt(inputs)
        with torch.no_grad():
            weight.copy_(torch.randn(weight.shape, generator=generator) * scale)
            if layer.bias is not None:
                layer.bias.zero_()
