"""Vector Gaussian source with independent components, squared error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from drc import doors
from drc.errors import ProblemError, must
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

#: What of the largest weight, or of the sum of the variances, is taken for rounding.
_RANK = 1e-14

#: The entropy of a label of variance one, in nats.
_UNIT = (1 + np.log(2 * np.pi)) / 2

_WORDS = {
    "mu_X": "mean",
    "mu_Y": "mean",
    "sigma_X": "standard deviation",
    "sigma_Y": "standard deviation",
    "sigma_S": "standard deviation",
    "theta": "covariance",
}


#: What a problem has by default, of which something else is said; the label has no default where part of it is given.
_DEFAULTS = {"mu_X": sp.S.Zero, "mu_Y": sp.S.Zero, "sigma_S": sp.S.One, "theta": sp.S.Zero}
_LABEL = ("sigma_S", "theta")


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
        `Cov(S_i, X_i)`, at most `sigma_S * sigma_X` in absolute value. With `sigma_S` and `theta` left out the label is
        independent of the source, of variance one.
    mu_X, mu_Y : sequence or None
        Means; left out, they are zero (symbols, if nothing at all is given).
    R_c : number or oo
        Common randomness in the unit of the rate, for each vector. Where it is limited, `drc` and `solve`
        give `D(R)` without a classification constraint.

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
        nothing, has_label = not lists, not lists.keys().isdisjoint(_LABEL)
        for name in _WORDS:
            given = lists.get(name)
            if given is None:
                default = None if nothing or (has_label and name in _LABEL) else _DEFAULTS.get(name)
                given = [component(name, i) if default is None else default for i in range(1, n + 1)]
            taken = tuple(parameter(component(name, i), value) for i, value in enumerate(given, 1))
            self._set(name, taken)
        self._set("theta", tuple(map(self._covariance, self._endings)))
        R_c = exact("R_c", self.R_c)
        if (R_c < 0) == True:  # noqa: E712 (a sympy relation may be undecided)
            raise must("R_c", "be at least 0", got=shown(R_c))
        self._set("R_c", R_c)
        one_symbol_each(self.parameters)

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
        """Make the problem of any two covariance matrices: one of independent components with the same trade-offs.

        Parameters
        ----------
        cov_X, cov_Y : symmetric arrays of shape (n, n), or numbers for n = 1
            They may be singular, as those of few samples are, and need not commute.
        cov_S : symmetric array of shape (m, m), optional
            Of labels, not singular; left out, they have variance one.
        cov_SX : array of shape (m, n), optional
            The covariances of labels and source; left out, the labels are independent of the source. With
            `K = cov_S^(-1/2) cov_SX cov_X^(-1/2)`, the matrices `K^T K` and `cov_X^(1/2) cov_Y cov_X^(1/2)` must commute:
            each combination of labels then belongs to one component.
        mu_X, mu_Y : arrays of shape (n,), optional
        R_c : number or oo

        Raises
        ------
        ProblemError
            For matrices that are not symmetric or have negative eigenvalues, matrices of different sizes, no direction that
            both `X` and `Y` have, or labels that belong to no single components; the message says by how much.

        Notes
        -----
        Let `W` be the eigenvectors and `a_i^2` the eigenvalues of `cov_X^(1/2) cov_Y cov_X^(1/2)`. In the coordinates
        `W^T cov_X^(-1/2) X` and `W^T a^(-1) cov_X^(1/2) Y`, which are white, `E X^T Y = sum a_i k_ii` for their covariances
        `k`. So it is a problem with independent components of weights `a_i`: with `a_i = sigma_Xi sigma_Yi`, where
        `sigma_Xi` is that of `X` along `w_i`. Where the matrices commute these are the components in their common basis;
        if not, the means are moved apart by what remains of the traces. Components with `a_i = 0` save nothing.
        ([chen2025gaussian] for matrices that commute; at infinite rate this is Gelbrich's formula [gelbrich1990].)

        Examples
        --------
        >>> v = VectorGaussian.from_covariances([[2, 1], [1, 2]], [[1, 0], [0, 1]])
        >>> [round(float(s) ** 2, 12) for s in v.sigma_X]
        [1.0, 3.0]
        >>> w = VectorGaussian.from_covariances([[2, 1], [1, 2]], [[1, 0], [0, 4]])
        >>> w.drc()(R=[0, 1, float("inf")]).round(6).tolist()
        [9.0, 2.99806, 0.77122]
        """
        given = {"cov_X": cov_X, "cov_Y": cov_Y}
        (X, Y), scales = zip(*(_scaled(_symmetric(name, value)) for name, value in given.items()), strict=True)
        if X.shape != Y.shape:
            raise must("the covariance matrices", "have one size", got="different ones")
        root_X, root_Y = (_root(name, matrix) for name, matrix in (("cov_X", X), ("cov_Y", Y)))
        K, deviation = _whitened_labels(root_X, scales[0], cov_S, cov_SX)
        basis = _common_basis(root_X @ Y @ root_X, K.T @ K, X)
        x, a = (np.linalg.norm(m @ basis, axis=0) for m in (root_X, root_Y @ root_X))
        kept, of_labels = a > _RANK * a.max(), np.linalg.norm(K @ basis, axis=0)
        if not kept.any():
            raise ProblemError("cov_X and cov_Y must have a direction in common, got two whose product is zero")
        if of_labels[~kept].max(initial=0) > _COMMUTE:
            raise ProblemError("cov_Y must not be singular where the labels depend on the source, got one that is")
        with np.errstate(over="ignore"):  # An infinite parameter is refused by its name.
            x, y = x[kept] * np.sqrt(scales[0]), a[kept] / x[kept] * np.sqrt(scales[1])
            means = [_turned(name, m, basis) for name, m in (("mu_X", mu_X), ("mu_Y", mu_Y))]
            gap = means[0] - means[1]
            rest = np.trace(X) * scales[0] + np.trace(Y) * scales[1] - (x**2).sum() - (y**2).sum()
            rest = rest if rest > _RANK * ((x**2).sum() + (y**2).sum()) else 0.0
            # What no rate saves moves the first mean.
            first = np.sqrt(gap[kept][0] ** 2 + rest + (gap[~kept] ** 2).sum())
            means = [m[kept] for m in means]
            if first > abs(gap[kept][0]):
                means[1][0] = means[0][0] - first
            # What h(S|Y) is made of: the entropy of the labels, and their correlations with the components.
            S = np.exp(_UNIT * (len(K) / len(x) - 1)) if len(K) else 1.0
            S = np.full(len(x), S * deviation ** (1 / len(x)))
            columns = (x, y, S, of_labels[kept] * S * x, *means)
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
        limit = {"R_c": self.R_c} if self.R_c not in (sp.oo, sp.S.Zero) else {}
        return {f"{name}{i}": value for name in _WORDS for i, value in enumerate(getattr(self, name), 1)} | limit  # pyright: ignore[reportReturnType] (read already)

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
        return VectorGaussian(**columns, R_c=values.get("R_c", self.R_c))  # pyright: ignore[reportArgumentType] (read there)

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
    matrix = np.atleast_2d(reals(name, value))
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


def _scaled(matrix: np.ndarray) -> tuple[np.ndarray, float]:
    """Return a matrix with entries of at most one, and its scale: products of large ones leave the range of doubles."""
    scale = float(np.abs(matrix).max()) or 1.0
    return matrix / scale, scale


def _root(name: str, matrix: np.ndarray) -> np.ndarray:
    """Return the square root of a covariance matrix."""
    values, vectors = np.linalg.eigh(matrix)
    if values.min() < -_COMMUTE * values.max():
        raise must(
            name, "have no negative eigenvalues", got=f"one of {values.min() / np.abs(values).max():g} of the largest"
        )
    # The root of what is rounding would not be.
    values = np.where(values > len(values) * np.finfo(float).eps * values.max(), values, 0)
    return vectors * np.sqrt(values) @ vectors.T


def _whitened_labels(
    root_X: np.ndarray, scale: float, cov_S: ArrayLike | None, cov_SX: ArrayLike | None
) -> tuple[np.ndarray, float]:
    """Return the covariances of labels and source, both made white, and the root of the labels' determinant."""
    n = len(root_X)
    if cov_S is None and cov_SX is None:
        return np.zeros((0, n)), 1.0
    SX = np.zeros((1, n)) if cov_SX is None else np.asarray(reals("cov_SX", cov_SX), dtype=float)
    SX = SX.reshape(1, -1) if SX.ndim < 2 else SX
    S = np.eye(len(SX)) if cov_S is None else _symmetric("cov_S", cov_S)
    if cov_SX is None:
        SX = np.zeros((len(S), n))
    if SX.shape != (len(S), n) or not np.isfinite(SX).all():
        raise must("cov_SX", f"be finite covariances of shape ({len(S)}, {n})", got=f"the shape {SX.shape}")
    S, scale_S = _scaled(S)
    root_S = _root("cov_S", S)
    if not np.linalg.eigvalsh(S).min() > _COMMUTE:
        raise must("cov_S", "have positive eigenvalues", got=f"{np.linalg.eigvalsh(S).min() * scale_S:g}")
    white = np.linalg.pinv(root_X, rcond=_COMMUTE, hermitian=True) / np.sqrt(scale)
    K = np.linalg.solve(root_S, SX / np.sqrt(scale_S)) @ white
    if np.linalg.norm(K @ root_X * np.sqrt(scale) - np.linalg.solve(root_S, SX / np.sqrt(scale_S))) > _COMMUTE:
        raise ProblemError("cov_SX must be zero where cov_X is singular, got other covariances")
    if np.linalg.norm(K, 2) > 1 + _COMMUTE:
        raise must(
            "cov_SX", "be within the Cauchy-Schwarz bound of cov_S and cov_X", got=f"{np.linalg.norm(K, 2):g} of it"
        )
    K = K / max(1.0, np.linalg.norm(K, 2))
    return K, float(np.sqrt(np.linalg.det(S))) * scale_S ** (len(S) / 2)


def _common_basis(product: np.ndarray, labels: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Return eigenvectors of the first two matrices, and of the third one if it has the same."""
    if (off := _commutator(product, labels)) > _COMMUTE:
        raise ProblemError(
            "cov_SX must tie every label to one component in which cov_X and cov_Y share rate, got labels for which the norm"
            f" of the commutator is {off:.3g} of the product of the norms"
        )
    own = (X,) if max(_commutator(X, product), _commutator(X, labels)) <= _COMMUTE else ()
    # Weights without a rational relation leave no two common eigenvectors in one eigenspace of the sum by accident.
    matrices = (product, labels, *own)
    total = sum(np.sqrt(k + 2) * m / max(np.linalg.norm(m), 1e-300) for k, m in enumerate(matrices))
    return np.linalg.eigh(total)[1]


def _commutator(A: np.ndarray, B: np.ndarray) -> float:
    """How far two matrices are from commuting, relative to the product of their norms."""
    return float(np.linalg.norm(A @ B - B @ A) / max(np.linalg.norm(A) * np.linalg.norm(B), 1e-300))
