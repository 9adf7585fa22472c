"""Networks trained with numpy alone: differentiation, layers, quantisers, the objective, bitstreams."""

from drc.neural.numpy.backend import NumpyBackend

__all__ = ["NumpyBackend"]
