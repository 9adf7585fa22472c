"""What is compressed, towards which target, and who may know what: the problems, and their validation."""

from drc.problems.bernoulli import Bernoulli
from drc.problems.finite import Finite
from drc.problems.gaussian import Gaussian
from drc.problems.vector_gaussian import VectorGaussian

__all__ = ["Bernoulli", "Gaussian", "VectorGaussian", "Finite"]
