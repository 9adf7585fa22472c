"""Every gradient against central differences and against the complex step, at 1e-6 relative."""

import numpy as np
import pytest
from gradients import assert_close, by_complex_step, by_differences, ours

from drc.neural.numpy import tensor as t
from drc.neural.numpy.networks import ACTIVATIONS, Dense
from drc.neural.numpy.tensor import Tensor, gradient, total

rng = np.random.default_rng(7)
B, W = rng.normal(size=(4, 3)), rng.normal(size=(3, 5))
A = rng.uniform(0.1, 1.5, size=(4, 3)) * rng.choice([-1, 1], size=(4, 3))  # away from where a kink is
ROW, POSITIVE, WEIGHTS = rng.normal(size=3), rng.uniform(0.5, 2, size=(4, 3)), rng.normal(size=(4, 5))
LABELS = np.array([0, 2, 1, 1])
ORDER = np.argsort(rng.normal(size=(4, 3)), axis=0)

# name: (function of tensors, where)
OPERATIONS = {
    "add": (lambda x, y: x + y, (A, B)),
    "add a row": (lambda x, y: x + y, (A, ROW)),
    "add a column": (lambda x, y: x + y, (A, B[:, :1])),
    "add a number": (lambda x: 1.5 + x, (A,)),
    "subtract": (lambda x, y: x - y, (A, ROW)),
    "subtract from an array": (lambda x: B - x, (A,)),
    "multiply": (lambda x, y: x * y, (A, B)),
    "multiply by a row": (lambda x, y: x * y, (ROW, B)),
    "multiply an array": (lambda x: B * x, (A,)),
    "power": (lambda x: x**3, (A,)),
    "real power": (lambda x: x**1.7, (POSITIVE,)),
    "matmul": (t.matmul, (A, W)),
    "matmul by an array": (lambda x: t.matmul(x, W), (A,)),
    "matmul an array": (lambda y: t.matmul(A, y), (W,)),
    "transpose": (t.transpose, (A,)),
    "affine": (t.affine, (A, W, rng.normal(size=5))),
    "total": (lambda x: total(x), (A,)),
    "total of rows": (lambda x: total(x, axis=1), (A,)),
    "total kept": (lambda x: total(x, axis=0, keepdims=True), (A,)),
    "mean": (lambda x: t.mean(x, axis=0), (A,)),
    "spread": (lambda x: t.spread(x, (4, 3)), (ROW,)),
    "spread a column": (lambda x: t.spread(x, (2, 4, 3)), (A[:, :1],)),
    "reshape": (lambda x: t.reshape(x, (2, 6)), (A,)),
    "join": (t.join, (A, B)),
    "columns": (lambda x: t.columns(x, 1, 2), (A,)),
    "permute": (lambda x: t.permute(x, ORDER), (A,)),
    "sort": (t.sort, (A,)),
    "gather": (lambda x: t.gather(x, LABELS), (A,)),
    "exp": (t.exp, (A,)),
    "log": (t.log, (POSITIVE,)),
    "sqrt": (t.sqrt, (POSITIVE,)),
    "log_sum_exp": (t.log_sum_exp, (A,)),
    "log_softmax": (t.log_softmax, (A,)),
    "cross_entropy": (lambda x: t.cross_entropy(x, LABELS), (A,)),
    **{name: (f, (A,)) for name, f in ACTIVATIONS.items()},
}


def scalar(function):
    """A number with derivatives of every order: the square of a weighted sum, and of each entry."""

    def weighted(*x):
        y = function(*x)
        w = np.cos(np.arange(t.value(y).size)).reshape(t.value(y).shape)
        return total(y * y * w) + total(y * w) ** 2

    return weighted


def norm_of_slope(function):
    """What a gradient penalty does: a smooth function of the gradient, differentiable again."""

    def norm(*x):
        x = [z if isinstance(z, Tensor) else Tensor(z) for z in x]
        return sum((total(g * g * g + g * 0.3) for g in gradient(function(*x), x, graph=True)), Tensor(0.0))

    return norm


@pytest.mark.parametrize("name", OPERATIONS)
def test_gradients_agree_with_the_complex_step_and_with_differences(name):
    function, at = OPERATIONS[name]
    found = ours(scalar(function), at)
    assert_close(found, by_complex_step(scalar(function), at))
    assert_close(found, by_differences(scalar(function), at))


@pytest.mark.parametrize("name", OPERATIONS)
def test_gradients_of_gradients_agree_with_the_complex_step_and_with_differences(name):
    function, at = OPERATIONS[name]
    second = norm_of_slope(scalar(function))
    found = ours(second, at)
    assert_close(found, by_complex_step(second, at))
    assert_close(found, by_differences(second, at, h=3e-4))


@pytest.mark.parametrize("activation", ["tanh", "softplus", "swish", "leaky_relu"])
def test_a_penalty_on_the_slope_of_a_network_has_exact_gradients_in_its_weights(activation):
    network = Dense((3, 6, 5, 1), activation)
    weights = network.initial(np.random.default_rng(1))

    def penalty(*weights):
        x = Tensor(A)
        (slope,) = gradient(total(network(weights, x)), [x], graph=True)
        return t.mean((t.sqrt(total(slope * slope, axis=1)) - 1.0) ** 2)

    found = ours(penalty, weights)
    assert_close(found, by_complex_step(penalty, weights))
    assert_close(found, by_differences(penalty, weights, h=1e-4))


def test_third_derivatives_are_gradients_too():
    x = Tensor(np.array(0.7))
    y = t.tanh(x)
    for _ in range(3):
        (y,) = gradient(y, [x], graph=True)
    s = np.tanh(0.7)
    assert np.isclose(y.value, (1 - s * s) * (6 * s * s - 2), rtol=1e-12)


def test_paths_that_part_and_meet_again_are_all_followed():
    x = Tensor(np.array(3.0))
    a = x * x
    b = a * x + a
    c = b * a + b * x + a
    assert gradient(c, [x])[0] == 5 * 3**4 + 8 * 3**3 + 3 * 3**2 + 2 * 3


def test_only_what_was_asked_for_is_differentiated():
    x, unused = Tensor(A), Tensor(ROW)
    calls = []
    probe = t._operation(A, (Tensor(A),), lambda g, y, x: calls.append(1))
    slope, nothing = gradient(total(x * probe), [x, unused])
    assert not calls
    assert np.array_equal(slope, A)
    assert np.array_equal(nothing, np.zeros(3))


def test_arrays_alone_are_only_computed():
    assert isinstance(t.log_softmax(A), np.ndarray)
    assert np.allclose(np.exp(t.log_softmax(A)).sum(axis=1), 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", OPERATIONS)
def test_precision_is_kept(name, dtype):
    function, at = OPERATIONS[name]
    if any(np.array_equal(constant, B) for constant in at) or "array" in name:
        return  # the constant of the table is float64
    x = [Tensor(z.astype(dtype)) for z in at]
    y = function(*x)
    assert y.value.dtype == dtype
    assert all(g.dtype == dtype for g in gradient(total(y * y), x))


def test_extreme_numbers_neither_warn_nor_overflow():
    x = np.array([[-1e4, 0.0, 1e4]])
    for name in ("sigmoid", "softplus", "swish", "tanh", "relu"):
        y, (g,) = ACTIVATIONS[name](x), ours(lambda z, name=name: total(ACTIVATIONS[name](z)), (x,))
        assert np.isfinite(y).all(), name
        assert np.isfinite(g).all(), name
    assert t.cross_entropy(x, np.array([0])) == 2e4


def test_equal_entries_sort_and_their_cotangents_are_kept():
    x = Tensor([[1.0], [1.0], [0.0]])
    (g,) = gradient(total(t.sort(x) * np.array([[1.0], [2.0], [4.0]])), [x])
    assert g.ravel().tolist() == [2.0, 4.0, 1.0]
