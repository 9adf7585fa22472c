"""Entropies of finite laws ([cover2006], chapter 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drc.units import Unit, unit_named

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def entropy(p: ArrayLike, unit: str | Unit = "bits", axis: int = -1) -> np.ndarray:
    """Entropy `H = -sum p log p` along one axis.

    Parameters
    ----------
    p : array, probabilities along `axis`
    unit : {"bits", "nats"}

    Examples
    --------
    >>> entropy([0.25] * 4).item()
    2.0
    """
    from scipy.special import entr

    return entr(np.asarray(p, dtype=float)).sum(axis=axis) / unit_named(unit).in_nats


def conditional_entropy(p_SY: ArrayLike, unit: str | Unit = "bits") -> np.ndarray:
    """Conditional entropy `H(S|Y) = H(S, Y) - H(Y)` of a joint law.

    Parameters
    ----------
    p_SY : array, shape (..., n_S, n_Y)
        The joint law in the last two axes.
    unit : {"bits", "nats"}

    Examples
    --------
    >>> conditional_entropy([[0.5, 0.0], [0.0, 0.5]]).item()
    0.0
    """
    from scipy.special import entr

    p = np.asarray(p_SY, dtype=float)
    joint = entr(p).sum(axis=(-2, -1))
    return np.maximum(joint - entr(p.sum(axis=-2)).sum(axis=-1), 0.0) / unit_named(unit).in_nats


def mutual_information(p_XY: ArrayLike, unit: str | Unit = "bits") -> np.ndarray:
    """Mutual information `I(X;Y) = H(X) - H(X|Y)` of a joint law of shape (..., n_X, n_Y).

    Examples
    --------
    >>> mutual_information([[0.5, 0.0], [0.0, 0.5]]).item()
    1.0
    """
    p = np.asarray(p_XY, dtype=float)
    return np.maximum(entropy(p.sum(axis=-1), unit) - conditional_entropy(p, unit), 0.0)
