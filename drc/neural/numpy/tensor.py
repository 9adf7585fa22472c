"""Reverse-mode differentiation of numpy arrays, to any order.

An operation gives its value and, for each operand, a *pullback*: the product of a cotangent with the derivative. Pullbacks
are written in the operations of this file, and every operation takes arrays as well as tensors; given arrays alone, it
computes and records nothing. So a gradient runs on plain arrays, and a gradient that is to be differentiated once more,
as the gradient penalty of a critic asks, is the same code run on tensors.

No operation writes into its operands. Comparisons look at real parts only, so complex-step differentiation of any
function built here works as well; the tests rely on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: What every operation takes and gives: a tensor if any operand is one, otherwise an array.
Operand: TypeAlias = "Tensor | np.ndarray"

#: `(cotangent, result, *operands) -> cotangent of one operand`.
Pullback: TypeAlias = "Callable[..., Operand]"


class Tensor:
    """An array that remembers how it was computed: from which operands, with a pullback for each.

    Examples
    --------
    >>> x = Tensor(np.array([1.0, 2.0]))
    >>> (slope,) = gradient(total(x * x * x), [x])
    >>> slope
    array([ 3., 12.])

    The slope can be part of what is differentiated:

    >>> (slope,) = gradient(total(x * x * x), [x], graph=True)
    >>> gradient(total(slope * slope), [x])[0]
    array([ 36., 288.])
    """

    __slots__ = ("operands", "pullbacks", "value")
    __array_ufunc__ = None  # so that `array * tensor` is asked of the tensor

    def __init__(self, value: ArrayLike, operands: tuple = (), pullbacks: tuple[Pullback, ...] = ()) -> None:
        self.value = np.asarray(value)
        self.operands = operands
        self.pullbacks = pullbacks

    def __repr__(self) -> str:
        return f"Tensor({self.value!r})"

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the value."""
        return self.value.shape

    def __add__(self, other: Operand | float) -> Tensor:
        fit_first, fit_second = (lambda g, y, a, b: _fit(g, a)), (lambda g, y, a, b: _fit(g, b))
        return _operation(value(self) + value(other), (self, other), fit_first, fit_second)

    def __neg__(self) -> Tensor:
        return _operation(-self.value, (self,), lambda g, y, x: -g)

    def __sub__(self, other: Operand | float) -> Tensor:
        return self + -other

    def __rsub__(self, other: Operand | float) -> Tensor:
        return -self + other

    def __mul__(self, other: Operand | float) -> Tensor:
        by_second, by_first = (lambda g, y, a, b: _fit(g * b, a)), (lambda g, y, a, b: _fit(g * a, b))
        return _operation(value(self) * value(other), (self, other), by_second, by_first)

    def __pow__(self, power: float) -> Tensor:
        return _operation(self.value**power, (self,), lambda g, y, x: g * (power * x ** (power - 1)))

    __radd__, __rmul__ = __add__, __mul__


def value(x: Operand | float) -> np.ndarray:
    """Return the array of a tensor, and anything else as it is.

    Examples
    --------
    >>> value(Tensor([1.0])), value(2.0)
    (array([1.]), 2.0)
    """
    return x.value if isinstance(x, Tensor) else x  # pyright: ignore[reportReturnType] (a float does for an array)


def gradient(of: Operand, at: Sequence[Tensor], graph: bool = False) -> list:
    """Return the derivatives of a number with respect to tensors that it was computed from: one for each, of its shape.

    For an array, the sum of its entries is meant. Only the paths that lead to `at` are followed; zero where there are none.
    With `graph` the derivatives are tensors that can be differentiated again.
    """
    wanted = {id(x) for x in at}
    path, on_path = _paths(of, wanted)
    see = (lambda x: x) if graph else value
    cotangents: dict[int, Any] = {id(of): see(Tensor(np.ones_like(value(of))))}
    for node in path:
        g = cotangents[id(node)] if id(node) in wanted else cotangents.pop(id(node))
        y, operands = see(node), [see(x) for x in node.operands]
        for x, pullback in zip(node.operands, node.pullbacks, strict=True):
            if id(x) in on_path:
                part = pullback(g, y, *operands)
                cotangents[id(x)] = cotangents[id(x)] + part if id(x) in cotangents else part
    return [cotangents[id(x)] if id(x) in cotangents else see(Tensor(np.zeros_like(x.value))) for x in at]


def _paths(of: Any, wanted: set[int]) -> tuple[list[Tensor], set[int]]:
    """Return the nodes through which the wanted ones lead to `of`, results before operands, and their ids."""
    after: list[Tensor] = []
    visited, on_path = set(), set()
    waiting: list[Tensor] = [of]
    while waiting:  # a loop, since the graph of a long computation is deeper than Python's stack
        node = waiting[-1]
        if id(node) not in visited:
            visited.add(id(node))
            waiting += [x for x in node.operands if isinstance(x, Tensor) and id(x) not in visited]
            continue
        waiting.pop()  # all its operands have been checked
        if id(node) not in on_path and (id(node) in wanted or not on_path.isdisjoint(map(id, node.operands))):
            on_path.add(id(node))
            after.append(node)
    return after[::-1], on_path


def _operation(result: Any, operands: tuple, *pullbacks: Pullback) -> Any:
    """Record an operation if any of its operands is a tensor; otherwise the result is all there is."""
    for x in operands:
        if isinstance(x, Tensor):
            return Tensor(result, operands, pullbacks)
    return result


# Broadcasting: an operand that was repeated gets the sum of the cotangents of its copies.


def _fit(g: Any, x: Any) -> Any:
    shape = np.shape(value(x))
    if np.shape(value(g)) == shape:
        return g
    extra = np.ndim(value(g)) - len(shape)
    repeated = tuple(i + extra for i, n in enumerate(shape) if n == 1 and np.shape(value(g))[i + extra] != 1)
    return reshape(total(g, axis=(*range(extra), *repeated), keepdims=True), shape)


# Shapes and sums. Each is linear, and its pullback is another of them.


def total(x: Operand, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Operand:
    """Return the sum over some axes, or over all.

    Examples
    --------
    >>> float(total(np.ones((2, 3))))
    6.0
    """
    full = value(x).sum(axis=axis, keepdims=True)
    result = full if keepdims else np.squeeze(full, axis)
    return _operation(result, (x,), lambda g, y, x: spread(reshape(g, full.shape), np.shape(value(x))))


def mean(x: Operand, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Operand:
    """Return the mean over some axes, or over all."""
    summed = total(x, axis, keepdims)
    return summed * (np.size(value(summed)) / np.size(value(x)))


def spread(x: Operand, shape: tuple[int, ...]) -> Operand:
    """Repeat an array to a larger shape, as numpy broadcasts."""
    return _operation(np.broadcast_to(value(x), shape), (x,), lambda g, y, x: _fit(g, x))


def reshape(x: Operand, shape: tuple[int, ...]) -> Operand:
    """Return the same entries in another shape."""
    return _operation(np.reshape(value(x), shape), (x,), lambda g, y, x: reshape(g, np.shape(value(x))))


def transpose(x: Operand) -> Operand:
    """Return the transpose of a matrix."""
    return _operation(value(x).T, (x,), lambda g, y, x: transpose(g))


def matmul(a: Operand, b: Operand) -> Operand:
    """Return the product of two matrices."""
    to_first, to_second = (lambda g, y, a, b: matmul(g, transpose(b))), (lambda g, y, a, b: matmul(transpose(a), g))
    return _operation(value(a) @ value(b), (a, b), to_first, to_second)


def affine(x: Operand, W: Operand, b: Operand) -> Operand:
    """Return `x W + b`, the map of a dense layer: x of shape (n, k), W of shape (k, m), b of shape (m,).

    Examples
    --------
    >>> affine(np.array([[1.0, 2.0]]), np.eye(2), np.array([10.0, 20.0]))
    array([[11., 22.]])
    """
    result = value(x) @ value(W)
    result += value(b)
    return _operation(
        result,
        (x, W, b),
        lambda g, y, x, W, b: matmul(g, transpose(W)),
        lambda g, y, x, W, b: matmul(transpose(x), g),
        lambda g, y, x, W, b: total(g, axis=0),
    )


def join(a: Operand, b: Operand) -> Operand:
    """Put two matrices side by side.

    Examples
    --------
    >>> join(np.array([[1.0]]), np.array([[2.0, 3.0]]))
    array([[1., 2., 3.]])
    """
    both, cut = np.concatenate([value(a), value(b)], axis=1), value(a).shape[1]
    to_first, to_second = (lambda g, y, a, b: columns(g, 0, cut)), (lambda g, y, a, b: columns(g, cut, both.shape[1]))
    return _operation(both, (a, b), to_first, to_second)


def columns(x: Operand, start: int, stop: int) -> Operand:
    """Return some neighbouring columns of a matrix."""
    n, width = np.shape(value(x))

    def padded(g, y, x):
        """Replace the other columns by zeros."""
        left, right = np.zeros((n, start), value(g).dtype), np.zeros((n, width - stop), value(g).dtype)
        return join(join(left, g), right)

    return _operation(value(x)[:, start:stop], (x,), padded)


def permute(x: Operand, order: np.ndarray) -> Operand:
    """Return the entries of each column of a matrix in the order given, an integer array of its shape."""
    result = np.take_along_axis(value(x), order, axis=0)
    return _operation(result, (x,), lambda g, y, x: permute(g, np.argsort(order, axis=0)))


def sort(x: Operand) -> Operand:
    """Sort each column of a matrix; the derivative carries each cotangent back to where its entry stood.

    Examples
    --------
    >>> x = Tensor([[3.0], [1.0], [2.0]])
    >>> gradient(total(sort(x) * np.array([[10.0], [20.0], [30.0]])), [x])[0].ravel()
    array([30., 10., 20.])
    """
    return permute(x, np.argsort(np.real(value(x)), axis=0, kind="stable"))


def gather(x: Operand, index: np.ndarray) -> Operand:
    """Return one entry of each row of a matrix: `x[i, index[i]]`, shape (n,)."""
    chosen = np.arange(value(x).shape[-1]) == np.asarray(index)[:, None]
    return total(x * chosen.astype(np.real(value(x)).dtype), axis=1)


# Functions of one number.


def _elementwise(function: Callable[[Any], Any], pullback: Pullback) -> Callable[[Operand], Operand]:
    return lambda x: _operation(function(value(x)), (x,), pullback)


exp = _elementwise(np.exp, lambda g, y, x: g * y)
log = _elementwise(np.log, lambda g, y, x: g * x**-1.0)
sqrt = _elementwise(np.sqrt, lambda g, y, x: g * (0.5 * y**-1.0))
tanh = _elementwise(np.tanh, lambda g, y, x: g * (1.0 - y * y))

#: `1 / (1 + exp(-x))`; as a hyperbolic tangent it cannot overflow.
sigmoid = _elementwise(lambda v: 0.5 + 0.5 * np.tanh(0.5 * v), lambda g, y, x: g * (y * (1.0 - y)))


def softplus(x: Operand) -> Operand:
    """Return `log(1 + exp(x))`."""
    v = value(x)
    magnitude = np.where(np.real(v) > 0, v, -v)
    result = np.where(np.real(v) > 0, v, 0.0 * v) + np.log1p(np.exp(-magnitude))
    return _operation(result, (x,), lambda g, y, x: g * sigmoid(x))


def swish(x: Operand) -> Operand:
    """Return `x sigmoid(x)`."""
    return x * sigmoid(x)


def relu(x: Operand) -> Operand:
    """Return the positive part; the derivative at zero is 0."""
    return leaky_relu(x, 0.0)


def leaky_relu(x: Operand, slope: float = 0.2) -> Operand:
    """Return `x` where it is positive and `slope x` elsewhere."""
    v = value(x)
    factor = (np.real(v) > 0).astype(np.real(v).dtype)
    if slope:
        factor = factor * (1 - slope) + slope
    return x * factor


# Composed from the above.


def log_sum_exp(x: Operand) -> Operand:
    """Return `log sum exp` over the last axis, which is kept with length one."""
    shift = np.real(value(x)).max(axis=-1, keepdims=True)
    return log(total(exp(x - shift), axis=-1, keepdims=True)) + shift


def log_softmax(x: Operand) -> Operand:
    """Return the logarithms of the probabilities that are proportional to `exp(x)` along the last axis."""
    return x - log_sum_exp(x)


def cross_entropy(logits: Operand, labels: np.ndarray) -> Operand:
    """Return the mean of `-log p(label)` in nats, for unnormalised log-probabilities of shape (n, n_S).

    Examples
    --------
    >>> round(float(cross_entropy(np.zeros((4, 10)), np.arange(4))), 6)  # log 10
    2.302585
    """
    return -mean(gather(log_softmax(logits), labels))


def straight_through(x: Operand, result: np.ndarray) -> Operand:
    """Replace the value by `result` (a quantised one) and differentiate as if nothing had been done.

    Examples
    --------
    >>> x = Tensor([0.2, 0.9])
    >>> y = straight_through(x, np.round(x.value))
    >>> y.value, gradient(total(y * y), [x])[0]
    (array([0., 1.]), array([0., 2.]))
    """
    return _operation(result, (x,), lambda g, y, x: g)


def weighted(x: Operand, weight: float) -> Operand:
    """Return `x`, whose cotangent is multiplied by a weight on its way back.

    What is computed from it is minimised with weight one by everything that enters after this, and with `weight` by
    everything that led to `x`.

    Examples
    --------
    >>> x, w = Tensor([2.0]), Tensor([5.0])
    >>> gradient(total(weighted(x, 0.1) * w), [x, w])
    [array([0.5]), array([2.])]
    """
    return _operation(value(x), (x,), lambda g, y, x: g * weight)
