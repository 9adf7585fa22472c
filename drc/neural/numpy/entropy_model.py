"""A learned law of the latents: each on its own, a mixture of logistic laws.

The index of a latent `f`, quantised to integers with dither `u`, is `k` if `f` is within half a step of `r = k - u`, which
is what the decoder reconstructs. So given the dither its probability is `F(r + 1/2) - F(r - 1/2)`, with the distribution
function `F` of the latent, and the mean of `-log2` of it is the rate of the range coder. The coder itself uses integer
tables, one for each latent and phase of the dither, made where the model was trained: a decoder elsewhere computes none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drc.neural.bitstream import TOTAL
from drc.neural.numpy import tensor
from drc.neural.numpy.tensor import Operand
from drc.neural.quantiser import Quantiser

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

#: Mixed into each probability, as the smallest integer of a table is one.
FLOOR = 2.0**-16


@dataclass(frozen=True)
class LogisticMixtures:
    """The law of `dim` latents that are independent.

    Parameters
    ----------
    parts : int
        Logistic laws in a mixture.

    Examples
    --------
    >>> law = LogisticMixtures(dim=2)
    >>> weights = law.initial(np.random.default_rng(0))
    >>> law.bits(weights, np.zeros((5, 2))).shape
    (5,)
    """

    dim: int
    parts: int = 3

    def initial(self, rng: np.random.Generator, dtype: DTypeLike = np.float64) -> list[np.ndarray]:
        """Return logarithms of the shares, centres, and logarithms of the scales, each of shape (dim, parts)."""
        shape = (self.dim, self.parts)
        centres = np.linspace(-1, 1, self.parts) + 0.1 * rng.standard_normal(shape)
        return [np.zeros(shape, dtype), centres.astype(dtype), np.zeros(shape, dtype)]

    def bits(self, weights: Sequence[Operand], r: Operand) -> Operand:
        """Return the bits of each row of reconstructed latents `r` of shape (n, dim)."""
        p = self._cell(weights, r)
        return tensor.total(tensor.log(p * (1 - FLOOR) + FLOOR), axis=1) * (-1 / np.log(2))

    def _cell(self, weights: Sequence[Operand], r: Operand) -> Operand:
        shares, centres, scales = weights
        away = tensor.reshape(r, (*r.shape, 1)) - centres
        inverse = tensor.exp(-scales)
        masses = tensor.sigmoid((away + 0.5) * inverse) - tensor.sigmoid((away - 0.5) * inverse)
        return tensor.total(tensor.exp(tensor.log_softmax(shares)) * masses, axis=-1)

    def tables(self, weights: list[np.ndarray], quantiser: Quantiser, dithered: bool) -> np.ndarray:
        """Return the integer tables of a range coder, of shape (dim, phases, count) and sum `TOTAL` along the last axis.

        Without dither there is one phase.
        """
        phases = (np.arange(quantiser.phases) + 0.5) / quantiser.phases if dithered else np.array([0.5])
        r = quantiser.value(np.arange(quantiser.count), quantiser.dither(phases)[:, None] if dithered else np.zeros(1))
        r = np.atleast_2d(r)
        exact = [w.astype(np.float64) for w in weights]
        p = tensor.value(self._cell(exact, np.repeat(r.reshape(-1, 1), self.dim, axis=1)))
        p = np.moveaxis(p.reshape(*r.shape, self.dim), -1, 0)
        whole = 1 + np.floor(p / p.sum(axis=-1, keepdims=True) * (TOTAL - quantiser.count)).astype(np.int64)
        largest = whole.argmax(axis=-1)[..., None]
        rest = TOTAL - whole.sum(axis=-1, keepdims=True)
        np.put_along_axis(whole, largest, np.take_along_axis(whole, largest, -1) + rest, -1)
        return whole.astype(np.int32)
