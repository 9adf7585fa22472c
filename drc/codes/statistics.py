"""What samples tell of a code: estimates with their errors, and tests of a law.  All information is in bits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drc.information.estimate import Estimate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Cells of a table are put together until each expects this many samples ([cochran1954]).
_LEAST_EXPECTED = 5.0


def mean(values: ArrayLike, *, block: int = 1, span: float = 0.0) -> Estimate:
    """Estimate a mean.

    Parameters
    ----------
    values : array, shape (n,)
        In the order in which they were coded.
    block : int
        Values of one block may depend on each other, and blocks do not.
    span : float
        How far apart two values can be, where that is known.

    Examples
    --------
    >>> mean([1, 1, 3, 3], block=2)
    Estimate(value=2.0, error=1.0, plug_in=2.0, step=1.0)
    """
    values = np.asarray(values, float)
    value = float(values.mean())
    span = max(span, float(np.ptp(values)))
    return Estimate(value, _error(values, block), value, span * min(block, len(values)) / len(values))


def _error(values: np.ndarray, block: int) -> float:
    """Standard error of a mean; what does not fill a block is left out, unless there are not two of them."""
    count = len(values) // block
    if count < 2:
        return math.inf if len(values) < 2 else float(values.std(ddof=1)) * math.sqrt(block / len(values))
    means = values[: count * block].reshape(count, block).mean(axis=1)
    return float(means.std(ddof=1)) / math.sqrt(count)


def label_entropy(s: ArrayLike, *known: ArrayLike) -> Estimate:
    r"""Estimate `H(S|Y)`, or `H(S|Y,U)`, in bits, from pairs or triples of letters.

    Parameters
    ----------
    s : array of int, shape (n,)
        The labels, as numbers from zero.
    *known : arrays of int, shape (n,)
        What the classifier sees.

    Notes
    -----
    The plug-in entropy of the table of counts is too small.  With `K` cells in use, `K_Y` of them when the label is left
    out, the entropies of pairs and of what is seen are short of `(K - 1) / 2n` and `(K_Y - 1) / 2n` nats, so
    `(K - K_Y) / 2n` is added ([miller1955]; what is left is of the order of `1/n^2`).  The error has two parts: the delta
    method, `Var(-log p(S|Y)) / n`, and `(K - K_Y) / 2n^2`, which is what is left where the label is uniform given `Y`:
    there the difference is a chi-square with `K - K_Y` degrees of freedom, divided by `2n`.  In that corner the variance
    of the table is not quite zero, and the interval is wider than it need be.

    Examples
    --------
    >>> label_entropy([0, 1] * 500, [0, 1] * 500).value
    0.0
    >>> round(label_entropy([0, 1] * 500, [0] * 1000).value, 5)
    1.00072
    """
    table = _counts(np.asarray(s), _joined(*known))
    n, totals = int(table.sum()), table.sum(axis=1, keepdims=True)
    used = table > 0
    counts = table[used]
    unknown = np.log(np.broadcast_to(totals, table.shape)[used] / counts)
    plug_in = float(counts @ unknown) / n
    variance = float(counts @ (unknown - plug_in) ** 2) / n
    spare = int(used.sum()) - int((totals > 0).sum())
    error = math.sqrt(variance / n + spare / (2 * n**2))
    return _in_bits(plug_in + spare / (2 * n), error, plug_in, math.log(n + 1) / n)


def _counts(labels: np.ndarray, context: np.ndarray) -> np.ndarray:
    """Count each label (columns) in each context (rows)."""
    width = int(labels.max()) + 1
    size = (int(context.max()) + 1) * width
    return np.bincount(context * width + labels, minlength=size).reshape(-1, width)


def _joined(*letters: ArrayLike) -> np.ndarray:
    """Number the tuples of letters; there are hardly more numbers than samples."""
    found = np.zeros(np.shape(letters[0]), dtype=np.int64)
    for column in letters:
        column = np.asarray(column, dtype=np.int64)
        found = found * (int(column.max()) + 1) + column
        if found.max() > len(found):
            found = np.unique(found, return_inverse=True)[1]
    return found


def _in_bits(*nats: float) -> Estimate:
    return Estimate(*(number / math.log(2) for number in nats))


def normal_label_entropy(s: ArrayLike, y: ArrayLike, h_S: float, *, block: int = 1) -> Estimate:
    r"""Estimate `h(S|Y)` in bits from the correlation, as it is for normal `S` and `Y`, arrays of shape (n,).

    `h(S)` is known, and samples of one block may depend on each other, as in `mean`.

    Notes
    -----
    `h(S) + 1/2 log(1 - r^2)`.  For a normal label and any `Y` the truth is at most this, with the correlation in the
    place of `r`: no estimator of `S` from `Y` is worse than the best line.  The sample correlation makes it short of
    `1/2n` nats.  The error of `r` is found from its influence function, which holds for any law, and `1/2n^2` is the part
    that is left at `r = 0`.

    Examples
    --------
    >>> s = np.random.default_rng(0).normal(size=10_000)
    >>> abs(normal_label_entropy(s, s + np.roll(s, 1), h_S=0.0).z(-0.5)) < 3
    True
    """
    u, v = (_standard(np.asarray(values, float)) for values in (s, y))
    n, r = len(u), float(np.mean(u * v))
    remaining = max(1 - r**2, np.finfo(float).tiny)
    influence = u * v - r * (u**2 + v**2) / 2
    plug_in = h_S * math.log(2) + 0.5 * math.log(remaining)
    error = math.hypot(abs(r) / remaining * _error(influence, block), math.sqrt(block / 2) / n)
    return _in_bits(plug_in + 1 / (2 * n), error, plug_in, block / n)


def _standard(values: np.ndarray) -> np.ndarray:
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)


@dataclass(frozen=True)
class LawTest:
    """A test whether samples have a law.

    Attributes
    ----------
    name : {"chi-square", "Kolmogorov-Smirnov"}
    p_value : float
        The probability of a statistic as large, if the law is the one that was claimed.
    cells : int
        Of the chi-square test, after small ones were put together; 0 otherwise.
    level : float
        The law is rejected if the p-value is below this.
    """

    name: str
    statistic: float
    p_value: float
    cells: int = 0
    level: float = 1e-3

    @property
    def rejected(self) -> bool:
        """Whether the samples speak against the law."""
        return self.p_value < self.level

    def __str__(self) -> str:
        cells = f" in {self.cells} cells" if self.cells else ""
        verdict = "rejected" if self.rejected else "not rejected"
        return f"{self.name} {self.statistic:.4g}{cells}, p = {self.p_value:.3g}: {verdict} at {self.level:g}"


def finite_law_test(y: ArrayLike, law: ArrayLike, *, level: float = 1e-3) -> LawTest:
    """Test letters, int of shape (n,), against a law of shape (n_Y,) by chi-square.

    A letter that the law does not have is rejected at any level.

    Examples
    --------
    >>> print(finite_law_test([0, 1, 1, 0] * 25, [0.5, 0.5]))
    chi-square 0 in 2 cells, p = 1: not rejected at 0.001
    """
    from scipy.stats import chi2

    law = np.asarray(law, float)
    counts = np.bincount(np.asarray(y, dtype=np.int64), minlength=len(law))
    if len(counts) > len(law) or counts[law == 0].any():
        return LawTest("chi-square", math.inf, 0.0, int(np.count_nonzero(law)), level)
    expected = law / law.sum() * counts.sum()
    observed, expected = _pooled(counts[law > 0], expected[law > 0])
    statistic = float(((observed - expected) ** 2 / expected).sum())
    freedom = len(expected) - 1
    p_value = float(chi2.sf(statistic, freedom)) if freedom else 1.0
    return LawTest("chi-square", statistic, p_value, len(expected), level)


def _pooled(observed: np.ndarray, expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put the rarest cells together until each expects enough."""
    order = np.argsort(expected)
    observed, expected = observed[order].astype(float), expected[order]
    together = np.cumsum(expected)
    enough = (together >= _LEAST_EXPECTED) & (np.append(expected[1:], np.inf) >= _LEAST_EXPECTED)
    first = int(np.argmax(enough)) if enough.any() else len(expected) - 1
    one, other = (np.append(cells[: first + 1].sum(), cells[first + 1 :]) for cells in (observed, expected))
    return one, other


def normal_law_test(y: ArrayLike, mean: float, deviation: float, *, block: int = 1, level: float = 1e-3) -> LawTest:
    """Test samples against a normal law by Kolmogorov and Smirnov's statistic.

    One sample of each block is tested, since those of a block may depend on each other.

    Examples
    --------
    >>> y = np.random.default_rng(0).normal(1, 2, size=1000)
    >>> normal_law_test(y, 1, 2).rejected, normal_law_test(y, 1.5, 2).rejected
    (False, True)
    """
    from scipy.stats import kstest, norm

    tested = np.asarray(y, float)[::block]
    if deviation == 0:
        wrong = float(np.mean(tested != mean))
        return LawTest("Kolmogorov-Smirnov", wrong, float(wrong == 0), 0, level)
    found = kstest(tested, norm(mean, deviation).cdf)
    return LawTest("Kolmogorov-Smirnov", float(found.statistic), float(found.pvalue), 0, level)
