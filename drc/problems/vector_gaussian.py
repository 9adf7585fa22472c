"""Vector Gaussian source with independent components, squared error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from drc import doors
from drc.errors import NotAvailableError, ProblemError, must
from drc.numbers import reals
from drc.problems.frames import sequence
from drc.problems.normal import Normal
from drc.problems.validation import exact, one_symbol_each, parameter, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from drc.doors import Solution
    from drc.types import Real

#: Components of a problem of which nothing is said.
_COMPONENTS = 2

#: Largest commutator of covariance matrices, relative to the product of their norms, that is taken for rounding.
_COMMUTE = 1e-9

_WORDS = {
    "mu_X": "mean",
    "mu_Y": "mean",
    "sigma_X": "standard deviation",
    "sigma_Y": "standard deviation",
    "sigma_S": "standard deviation",
    "theta": "covariance",
}


def component(name: str, i: int) -> sp.Symbol:
    """Return the symbol of a parameter of the i-th component, counted from one.

    Examples
    --------
    >>> component("sigma_X", 1)
    sigma_X1
    """
    kind = {"positive": True} if name.startswith("sigma") else {"real": True}
    return sp.Symbol(f"{name}{i}", **kind)


@dataclass(frozen=True)
class VectorGaussian(Normal):
    """Independent components `X_i ~ N(mu_X, sigma_X^2)`, targets `Y_i`, labels `S_i`; the squared errors add up.

    Each `(S_i, X_i)` is jointly normal, and the classifier sees all of `Y`.

    Parameters
    ----------
    sigma_X, sigma_Y, sigma_S : sequence of numbers or sympy expressions, or None
        Standard deviations (positive), one for each component; left out, they are symbols such as `sigma_X1`.
    theta : sequence or None
        `Cov(S_i, X_i)`, at most `sigma_S * sigma_X` in absolute value.
    mu_X, mu_Y : sequence or None
        Means; left out, they are zero (symbols, if nothing at all is given).
    R_c : oo or 0
        Common randomness: unlimited, or none (which is available without a classification constraint).

    Raises
    ------
    ProblemError
        For sequences of different lengths, a standard deviation that is not positive, or a covariance that is too large.

    Notes
    -----
    Without a label: [chen2025gaussian].

    Examples
    --------
    >>> v = VectorGaussian(sigma_X=[1, 2], sigma_Y=[1, 1], sigma_S=[1, 1], theta=[0.9, 0.5])
    >>> round(v.drc()(R=2.0), 6), v.drc().regime(R=1.0, C=3.6)
    (1.761425, 'rate- and classification-limited')
    """

    sigma_X: Sequence[Real] | None = None
    sigma_Y: Sequence[Real] | None = None
    sigma_S: Sequence[Real] | None = None
    theta: Sequence[Real] | None = None
    mu_X: Sequence[Real] | None = None
    mu_Y: Sequence[Real] | None = None
    R_c: Real = sp.oo

    def __post_init__(self) -> None:
        lists = {name: _list(name, getattr(self, name)) for name in _WORDS if getattr(self, name) is not None}
        n = _common_length(lists)
        nothing = not lists
        for name in _WORDS:
            given = lists.get(name)
            if given is None:
                zero = name.startswith("mu") and not nothing
                given = [sp.S.Zero if zero else component(name, i) for i in range(1, n + 1)]
            taken = tuple(parameter(component(name, i), value) for i, value in enumerate(given, 1))
            object.__setattr__(self, name, taken)
        object.__setattr__(self, "theta", tuple(map(self._covariance, self._endings)))
        one_symbol_each(self.parameters)
        R_c = exact("R_c", self.R_c)
        if R_c not in (sp.oo, sp.S.Zero):
            raise NotAvailableError(f"R_c must be oo or 0, which are available, got {shown(R_c)}")
        object.__setattr__(self, "R_c", R_c)

    @classmethod
    def from_covariances(
        cls,
        cov_X: ArrayLike,
        cov_Y: ArrayLike,
        *,
        cov_S: ArrayLike | None = None,
        cov_SX: ArrayLike | None = None,
        mu_X: ArrayLike | None = None,
        mu_Y: ArrayLike | None = None,
        R_c: Real = sp.oo,
    ) -> VectorGaussian:
        """Make the problem of covariance matrices that commute, in the basis that makes all of them diagonal.

        Parameters
        ----------
        cov_X, cov_Y, cov_S, cov_SX : symmetric arrays of shape (n, n)
            The last two left out, the label is independent of the source.
        mu_X, mu_Y : arrays of shape (n,), optional
        R_c : oo or 0

        Raises
        ------
        ProblemError
            For matrices that are not symmetric, or that do not commute; the message says by how much.

        Examples
        --------
        >>> v = VectorGaussian.from_covariances([[2, 1], [1, 2]], [[1, 0], [0, 1]])
        >>> [round(float(s) ** 2, 12) for s in v.sigma_X]
        [1.0, 3.0]
        """
        given = {"cov_X": cov_X, "cov_Y": cov_Y, "cov_S": cov_S, "cov_SX": cov_SX}
        optional = ("cov_S", "cov_SX")
        matrices = {n: _symmetric(n, value) for n, value in given.items() if value is not None or n not in optional}
        n = len(matrices["cov_X"])
        if any(len(m) != n for m in matrices.values()):
            raise must("the covariance matrices", "have one size", got="different ones")
        # Scaled to entries of at most 1: products of large or small ones would leave the range of doubles.
        scales = {name: np.abs(m).max() or 1.0 for name, m in matrices.items()}
        matrices = {name: m / scales[name] for name, m in matrices.items()}
        basis = _common_basis(matrices)
        diagonal = {name: np.diag(basis.T @ m @ basis) for name, m in matrices.items()}
        roots = {}
        for name in ("cov_X", "cov_Y", "cov_S"):
            values, scale = diagonal.get(name, np.ones(n)), scales.get(name, 1.0)
            if values.min() <= 0:
                raise must(name, "have positive eigenvalues", got=f"{values.min() * scale:g}")
            roots[name] = np.sqrt(values) * np.sqrt(scale)
        with np.errstate(over="ignore"):  # An infinite parameter is refused by its name.
            means = [_turned(name, m, basis) for name, m in (("mu_X", mu_X), ("mu_Y", mu_Y))]
            theta = diagonal.get("cov_SX", np.zeros(n)) * scales.get("cov_SX", 1.0)
        columns = (roots["cov_X"], roots["cov_Y"], roots["cov_S"], theta, *means)
        return cls(*(column.tolist() for column in columns), R_c=R_c)

    @property
    def id(self) -> str:
        """The setting's name in the catalogue."""
        return "gaussian.vector"

    @property
    def n(self) -> int:
        """The number of components."""
        return len(self.sigma_X)

    @property
    def parameters(self) -> dict[str, sp.Expr]:
        """The parameters by name, such as `sigma_X1`."""
        return {f"{name}{i}": value for name in _WORDS for i, value in enumerate(getattr(self, name), 1)}

    @property
    def _endings(self) -> tuple[str, ...]:
        return tuple(str(i + 1) for i in range(self.n))

    def changed(self, **parameters: object) -> VectorGaussian:
        """Return the problem with other values of some parameters, named as in `parameters`.

        Examples
        --------
        >>> VectorGaussian([1, 2], [1, 1]).changed(sigma_X2=3).sigma_X
        (1, 3)
        """
        values = {**self.parameters, **parameters}
        columns = {name: [values[f"{name}{i}"] for i in range(1, self.n + 1)] for name in _WORDS}
        return VectorGaussian(**columns, R_c=self.R_c)

    def solve(self, *, minimise: str = "D", **bounds: object) -> Solution:
        """Minimise over the rates of the components, and prove the answer by duality in ball arithmetic.

        Parameters
        ----------
        minimise : {"D", "R"}
        R, D, C : number, optional
            The constraints; one left out is inactive.
        unit : {"bits", "nats"}
        tolerance : float
            The gap that counts as optimal, as a part of the variance of the source, or of one bit.

        Examples
        --------
        >>> VectorGaussian([1, 1], [1, 1], [1, 1], [0.5, 0.5]).solve(R=1).status
        'optimal'
        """
        return doors.solve(self.id, self, minimise=minimise, **bounds)


def _list(name: str, given: Any) -> list:
    """Return the values of one parameter, of every component."""
    values = sequence(name, given)
    if not values:
        raise ProblemError(f"{name} must have one {_WORDS[name]} for each component, got none")
    return values


def _common_length(lists: Mapping[str, list]) -> int:
    if len({len(values) for values in lists.values()}) > 1:
        told = ", ".join(f"{name} has {len(values)}" for name, values in lists.items())
        raise must("the parameters", "have one length for all components", got=told)
    return next((len(values) for values in lists.values()), _COMPONENTS)


def _symmetric(name: str, value: ArrayLike) -> np.ndarray:
    matrix = np.asarray(reals(name, value))
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise ProblemError(f"{name} must be a covariance matrix of shape (n, n), got the shape {matrix.shape}")
    if not np.isfinite(matrix).all():
        raise ProblemError(f"{name} must be a covariance matrix of finite numbers, got an infinite one")
    # Halves do not overflow where sums do.
    matrix = matrix / 2
    skew, largest = np.abs(matrix - matrix.T).max(), np.abs(matrix).max()
    if skew > _COMMUTE * largest:
        raise ProblemError(
            f"{name} must be symmetric, got a matrix that differs from its transpose by {skew / largest:.3g} of its largest"
            " entry"
        )
    return matrix + matrix.T


def _turned(name: str, mean: ArrayLike | None, basis: np.ndarray) -> np.ndarray:
    """Return a mean in the basis of the eigenvectors."""
    given = np.asarray(reals(name, np.zeros(len(basis)) if mean is None else mean))
    if given.shape != (len(basis),) or not np.isfinite(given).all():
        raise must(name, f"be finite numbers of shape ({len(basis)},)", mean)
    return basis.T @ given


def _common_basis(matrices: Mapping[str, np.ndarray]) -> np.ndarray:
    for (a, A), (b, B) in combinations(matrices.items(), 2):
        off, scale = np.linalg.norm(A @ B - B @ A), np.linalg.norm(A) * np.linalg.norm(B)
        if off > _COMMUTE * scale:
            raise ProblemError(
                f"{a} and {b} must have a common basis of eigenvectors, got matrices that do not commute: the norm of their"
                f" commutator is {off / scale:.3g} of the product of their norms"
            )
    # Weights without a rational relation leave no two common eigenvectors in one eigenspace of the sum by accident.
    total = sum(np.sqrt(k + 2) * m / max(np.linalg.norm(m), 1e-300) for k, m in enumerate(matrices.values()))
    return np.linalg.eigh(total)[1]
