"""Where the training of a codec of images begins: at the mean image, or as the best linear codec."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn

from drc.images.networks import Residual
from drc.neural.coding import before
from drc.neural.experiment import FixedRate, VariableRate


def start_at(decoder: nn.Module, image: np.ndarray, output: str) -> None:
    """Let a decoder, which ends with `output`, start near a mean image, where training is fastest.

    The image has the shape (channels, height, width); a convolution has one number a channel for it.
    """
    layer = [m for m in decoder.modules() if isinstance(m, nn.Linear | nn.Conv2d | nn.ConvTranspose2d)][-1]
    assert layer.bias is not None
    channels = image.shape[0]
    # Before it is shuffled, the last convolution has several numbers for each channel.
    per_channel = np.repeat(image.mean(axis=(1, 2)), layer.bias.numel() // channels)
    wanted = image.ravel() if isinstance(layer, nn.Linear) else per_channel
    with torch.no_grad():
        layer.weight.mul_(0.1)
        layer.bias.add_(_bias(wanted, output).to(layer.bias))


def _bias(wanted: np.ndarray, output: str) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(before(output, wanted)))


def start_transform(
    encoder: nn.Module, decoder: nn.Module, images: torch.Tensor, rate: FixedRate | VariableRate, output: str
) -> None:
    """Let a fully convolutional codec start as the best linear one: the principal components of the blocks of images.

    At a variable rate the step of the quantiser is the one that pays for the bits: an error of `step**2 / 12` falls by
    `step**2 log(2) / 6` for a bit ([gish1968]); if bits cost nothing, the error is the variance of the last component
    that is kept. At a fixed rate the ends of the quantiser are three standard deviations away. The decoder scales what
    it reads by the part of its variance that is not error of the quantiser.
    """
    one, two = _on_squares(encoder), _on_squares(decoder)
    assert one.bias is not None
    assert two.bias is not None
    there, back, side = one.weight, two.weight, one.kernel_size[0]
    # On the CPU, so that several processes on several GPUs begin alike.
    images = images.cpu()
    blocks = nn.functional.unfold(images, side, stride=side).movedim(1, 2).flatten(0, 1).double()
    colours = images.double().mean(dim=(0, 2, 3))
    mean = colours.repeat_interleave(side * side)
    variances, axes = torch.linalg.eigh(torch.cov((blocks - mean).T, correction=0))
    kept = min(len(there), len(axes))
    # In the order of their variance, and with a sign that does not depend on the library.
    variances, axes = variances.flip(0)[:kept].clamp(min=1e-6), axes.flip(1)[:, :kept]
    axes = axes * torch.where(axes.sum(0) < 0, -1.0, 1.0)
    step = _first_step(rate, variances, images[0].numel())
    signal = 1 if isinstance(rate, FixedRate) else variances / (variances + step.square() / 12)
    shrunk = axes * step * signal
    slope = 1 / (colours * (1 - colours)).clamp(0.1) if output == "sigmoid" else torch.ones_like(colours)
    with torch.no_grad():
        for transform in (there, back):
            transform.zero_()
        there[:kept] = (axes / step).T.reshape(kept, *there.shape[1:]).to(there)
        back[:kept] = (shrunk.T.reshape(kept, *back.shape[1:]) * slope[:, None, None]).to(back)
        one.bias[:kept] = -(mean @ (axes / step)).to(there)
        two.bias.copy_(_bias(colours.cpu().numpy(), output))
        for residual in (m for network in (encoder, decoder) for m in network.modules() if isinstance(m, Residual)):
            last = [m for m in residual.inner.modules() if isinstance(m, nn.Conv2d)][-1]
            last.weight.zero_()


def _first_step(rate: FixedRate | VariableRate, variances: torch.Tensor, numbers: int) -> torch.Tensor:
    """Return the steps of components with such variances, of images of this many numbers."""
    if isinstance(rate, FixedRate):
        return 3 * variances.sqrt()
    paying = 6 * rate.weight * numbers / math.log(2) or 12 * variances[-1].item()
    return torch.full_like(variances, math.sqrt(paying))


def _on_squares(network: nn.Module) -> nn.Conv2d | nn.ConvTranspose2d:
    """Return the layer that looks at squares which do not overlap."""
    layers = (m for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d))
    return next(m for m in layers if m.kernel_size == m.stride != (1, 1))
