"""How near an image is to another, and one law of images to another, by measures that others use, from their libraries.

SSIM and its parts are scikit-image's, MS-SSIM ([wang2003]) is torchmetrics'. LPIPS and DISTS need the packages `lpips` and
`DISTS_pytorch` with their weights; where these are not installed they are left out, and nothing is fetched.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from drc.errors import ProblemError
from drc.images.networks import build
from drc.neural.evaluate import gaussian_W2, sliced_W2

if TYPE_CHECKING:
    from drc.neural.data import Data
    from drc.neural.experiment import Experiment

#: MS-SSIM halves an image four times, and its window has 11 pixels there.
_LEAST_SIDE = 16 * 11


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
            Mean squared error a pixel and channel.
        psnr
            In dB, for a peak of 1; inf for equal images.
        ssim
            Mean over windows of 7 x 7.
        ms_ssim
            For images of at least 176 pixels each way.
        lpips, dists
            Where they are installed.

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

    if image.shape != other.shape or image.ndim != 3 or min(image.shape[:2]) < 7:
        raise ProblemError(f"images of shapes {image.shape} and {other.shape}: allowed is one shape, 7 x 7 or more")
    a, b = (np.clip(part, 0, 1).astype(np.float64) for part in (image, other))
    mse = float(((a - b) ** 2).mean())
    found = {"mse": mse, "psnr": float(-10 * np.log10(mse)) if mse else float("inf")}
    found["ssim"] = float(structural_similarity(a, b, data_range=1.0, channel_axis=2))
    one, two = (torch.from_numpy(part).movedim(2, 0)[None].float() for part in (a, b))
    if min(image.shape[:2]) >= _LEAST_SIDE:
        from torchmetrics.functional.image import multiscale_structural_similarity_index_measure as ms_ssim

        found["ms_ssim"] = float(ms_ssim(one, two, data_range=1.0))
    for name, measure in _learned().items():
        with torch.no_grad():
            found[name] = float(measure(*(part.expand(-1, 3, -1, -1) for part in (one, two))))
    return found


@lru_cache(maxsize=1)
def _learned() -> dict[str, Callable[..., Any]]:
    """Return the measures by networks whose weights lie on this machine."""
    cached = Path(torch.hub.get_dir()) / "checkpoints"
    found: dict[str, Callable[..., Any]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torchvision, about its own names
        if find_spec("lpips") and any(cached.glob("alexnet-*")):
            import lpips  # pyright: ignore[reportMissingImports]

            network = lpips.LPIPS(net="alex", verbose=False).eval()
            found["lpips"] = lambda a, b: network(2 * a - 1, 2 * b - 1)
        if find_spec("DISTS_pytorch") and any(cached.glob("vgg16-*")):
            import DISTS_pytorch  # pyright: ignore[reportMissingImports]

            found["dists"] = DISTS_pytorch.DISTS().eval()
    return found


class Judge:
    """A classifier that saw clean images only, and the space of its last features.

    Parameters
    ----------
    network : Sequential
        It ends with a linear layer.
    """

    def __init__(self, network: nn.Sequential) -> None:
        self._network = network.cpu().eval()

    @classmethod
    def trained(cls, experiment: Experiment, data: Data, epochs: int = 10) -> Judge:
        """Train the classifier that the experiment's networks have on the clean draw alone, with a fixed seed.

        Parameters
        ----------
        experiment : Experiment
        data : Data
        epochs : int
        """
        network = build(experiment.changed({"seed": 0}), data.shape, len(data.classes))["classifier"]
        assert isinstance(network, nn.Sequential)
        adam = torch.optim.Adam(network.parameters(), 1e-3)
        y, s = torch.from_numpy(np.ascontiguousarray(np.moveaxis(data.y, 3, 1))).float(), torch.from_numpy(data.s_y)
        for number in range(epochs):
            order = torch.from_numpy(np.random.default_rng([0, number]).permutation(len(y)))
            for i in order.split(64):
                adam.zero_grad()
                nn.functional.cross_entropy(network(y[i]), s[i]).backward()
                adam.step()
        return cls(network)

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
                x = torch.from_numpy(np.ascontiguousarray(np.moveaxis(part, 3, 1))).float()
                found.append(self._network[:layers](x))
        return torch.cat(found)

    def distances(self, images: np.ndarray, others: np.ndarray) -> dict[str, float]:
        """Return distances between the laws of two samples, in the space of features.

        Returns
        -------
        dict
            frechet
                Squared Wasserstein-2 distance of Gaussians with the means and covariances of both: [heusel2017], with the
                features of this classifier and not of Inception.
            sliced_W2
                Squared sliced Wasserstein-2 distance, a feature.
        """
        a, b = self.features(images), self.features(others)
        return {"frechet": gaussian_W2(a, b) * a.shape[1], "sliced_W2": sliced_W2(a, b)}
