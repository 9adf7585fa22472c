"""How near an image is to another, and one law of images to another, by measures that others use, from their libraries.

SSIM and its parts are scikit-image's, MS-SSIM ([wang2003]) is torchmetrics'. LPIPS and DISTS need the packages `lpips` and
`DISTS_pytorch` with their weights; where these are not there they are left out, `left_out` says why, and nothing is fetched.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from drc.errors import must
from drc.images import networks
from drc.images.codec import channels_first
from drc.neural.evaluate import gaussian_W2, scores, sliced_W2

if TYPE_CHECKING:
    from drc.neural.data import Data

#: The window of SSIM; MS-SSIM halves an image four times, and has a window of 11 pixels there.
_WINDOW, _LEAST_SIDE = 7, 16 * 11

#: What networks made for photographs can look at.
_LEAST_PHOTOGRAPH = 64

#: By measure: the package, and the weights that torchvision keeps of the network below it.
_LEARNED = {"lpips": ("lpips", "alexnet"), "dists": ("DISTS_pytorch", "vgg16")}

#: The widths of a judge, which halves the size at each; how long it learns.
_WIDTHS, _STEPS, _BATCH, _RATE = (32, 64, 64), 1000, 64, 2e-3


def compared(image: np.ndarray, other: np.ndarray) -> dict[str, float]:
    """Return how near an image is to another.

    Parameters
    ----------
    image, other : arrays of shape (height, width, channels)
        In [0, 1]; what leaves it is cut off, as a file of 8 bits does.

    Returns
    -------
    dict
        mse
            Mean squared error per pixel and channel.
        psnr
            In dB, for a peak of 1; inf for equal images.
        ssim
            Mean over windows of 7 x 7.
        ms_ssim
            For images of at least 176 pixels each way.
        lpips, dists
            Where they are installed, for images of at least 64 pixels each way.

    Raises
    ------
    ProblemError
        For images of different or unsuitable shapes.

    Examples
    --------
    >>> grey = np.full((8, 8, 1), 0.5)
    >>> {name: round(value, 3) for name, value in compared(grey, grey + 0.1).items()}
    {'mse': 0.01, 'psnr': 20.0, 'ssim': 0.984}
    """
    from skimage.metrics import structural_similarity

    if image.shape != other.shape or image.ndim != 3 or min(image.shape[:2]) < _WINDOW:
        raise must("images", "have one shape, 7 x 7 or more", got=f"{image.shape} and {other.shape}")
    a, b = (np.clip(part, 0, 1).astype(np.float64) for part in (image, other))
    mse = float(((a - b) ** 2).mean())
    found = {"mse": mse, "psnr": float(-10 * np.log10(mse)) if mse else float("inf")}
    ssim: Any = structural_similarity(a, b, data_range=1.0, channel_axis=2)
    found["ssim"] = float(ssim)
    one, two = (torch.from_numpy(part).movedim(2, 0)[None].float() for part in (a, b))
    if min(image.shape[:2]) >= _LEAST_SIDE:
        from torchmetrics.functional.image import multiscale_structural_similarity_index_measure as ms_ssim

        found["ms_ssim"] = float(ms_ssim(one, two, data_range=1.0))
    if min(image.shape[:2]) >= _LEAST_PHOTOGRAPH:
        for name, measure in _learned().items():
            with torch.no_grad():
                found[name] = float(measure(*(part.expand(-1, 3, -1, -1) for part in (one, two))))
    return found


def left_out() -> dict[str, str]:
    """Return which measures `compared` leaves out on this machine, and what they want.

    Examples
    --------
    >>> set(left_out()) <= {"lpips", "dists"}
    True
    """
    found = {}
    for name, (package, weights) in _LEARNED.items():
        if find_spec(package) is None:
            found[name] = f"the package {package} is not installed"
        elif not any(_checkpoints().glob(f"{weights}-*.pth")):
            found[name] = f"the weights {weights}-*.pth of torchvision are not in {_checkpoints()}; nothing is fetched"
    return found


def _checkpoints() -> Path:
    return Path(torch.hub.get_dir()) / "checkpoints"


@lru_cache(maxsize=1)
def _learned() -> dict[str, Callable[..., Any]]:
    """Return the measures by networks whose weights lie on this machine."""
    found: dict[str, Callable[..., Any]] = {}
    missing = left_out()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torchvision, about its own names
        if "lpips" not in missing:
            import lpips  # pyright: ignore[reportMissingImports]

            network = lpips.LPIPS(net="alex", verbose=False).eval()
            found["lpips"] = lambda a, b: network(2 * a - 1, 2 * b - 1)
        if "dists" not in missing:
            import DISTS_pytorch  # pyright: ignore[reportMissingImports]

            found["dists"] = DISTS_pytorch.DISTS().eval()
    return found


class Judge:
    """A classifier that saw no image of a codec, and the space of its last features; it takes images of any size.

    It is a function of the data alone, whatever networks an experiment has: what it says of two codecs can be compared.

    Parameters
    ----------
    network : Sequential
        It ends with a linear layer.
    """

    def __init__(self, network: nn.Sequential) -> None:
        self._network = network.cpu().eval()

    @classmethod
    def of(cls, data: Data) -> Judge:
        """Train a judge on the clean draw, with a fixed seed; where it was trained before in this process it is at hand.

        Images that all have one label leave nothing to tell apart: then it tells clean from degraded ones.
        """
        key = blake2b(data.s_y.tobytes(), digest_size=16)
        for images in (data.y,) if len(data.classes) > 1 else (data.y, data.x):
            key.update(np.ascontiguousarray(images).data)
        return _trained(_Draw(key.digest(), data))

    def log_probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return the logarithms of the class probabilities, shape (n, classes)."""
        return nn.functional.log_softmax(self._through(images, len(self._network)), dim=1).numpy()

    def features(self, images: np.ndarray) -> np.ndarray:
        """Return what the last layer is given, shape (n, features)."""
        return self._through(images, len(self._network) - 1).numpy()

    def _through(self, images: np.ndarray, layers: int) -> torch.Tensor:
        found = []
        with torch.no_grad():
            for part in np.array_split(images, -(-len(images) // 256)):
                found.append(self._network[:layers](channels_first(part).float()))
        return torch.cat(found)

    def distances(self, images: np.ndarray, others: np.ndarray) -> dict[str, float]:
        """Return distances between the laws of two samples, in the space of features.

        Returns
        -------
        dict
            feature_frechet
                Squared Wasserstein-2 distance of Gaussians with the means and covariances of both: [heusel2017], with the
                features of this classifier and not of Inception.
            feature_sliced_W2
                Squared sliced Wasserstein-2 distance, a feature.
        """
        a, b = self.features(images), self.features(others)
        return {"feature_frechet": gaussian_W2(a, b) * a.shape[1], "feature_sliced_W2": sliced_W2(a, b)}


@dataclass(frozen=True)
class _Draw:
    """The draws that a judge learns from, known by their checksum."""

    key: bytes
    data: Data = field(compare=False)


@lru_cache(maxsize=2)
def _trained(draw: _Draw) -> Judge:
    data, labelled = draw.data, len(draw.data.classes) > 1
    y, s = data.y, data.s_y
    if not labelled:
        y, s = np.concatenate([data.y, data.x]), np.repeat([0, 1], [len(data.y), len(data.x)])
    network = networks.classifier(data.shape[2], _WIDTHS, len(data.classes) if labelled else 2)
    adam = torch.optim.Adam(network.parameters(), _RATE)
    images, labels = channels_first(y).float(), torch.from_numpy(s)
    epochs = math.ceil(_STEPS / math.ceil(len(y) / _BATCH))
    for number in range(epochs):
        adam.param_groups[0]["lr"] = _RATE * (1 - number / epochs)
        order = torch.from_numpy(np.random.default_rng([0, number]).permutation(len(y)))
        for i in order.split(_BATCH):
            adam.zero_grad()
            nn.functional.cross_entropy(network(images[i]), labels[i]).backward()
            adam.step()
    return Judge(network)


def measured(data: Data, y: np.ndarray) -> dict[str, float]:
    """Return what is measured of decoded test images: against the clean ones one by one, and law against law.

    Parameters
    ----------
    y : array, shape of `data.x_test`

    Returns
    -------
    dict
        `ssim`, `ms_ssim`, `lpips`, `dists`: means over the images, of what `compared` has for their size.

        `accuracy_judge`, `cross_entropy_judge`: of a judge, in nats, where images have labels.

        `feature_frechet`, `feature_sliced_W2`: distances of `Judge.distances` to the clean draw, and their `_floor`, which
        clean test images have.
    """
    found: dict[str, float] = {}
    if min(data.shape[:2]) >= _WINDOW:
        pairs = [compared(a, b) for a, b in zip(y, data.y_test, strict=True)]
        found |= {
            name: float(np.mean([pair[name] for pair in pairs])) for name in pairs[0] if name not in ("mse", "psnr")
        }
    judge = Judge.of(data)
    if data.labelled:
        found |= {f"{name}_judge": value for name, value in scores(judge.log_probabilities(y), data.s_test).items()}
    found |= judge.distances(y, data.y)
    return found | {f"{name}_floor": value for name, value in judge.distances(data.y_test, data.y).items()}
