"""Entropies and their relatives: each defined once, symbolic and numeric together."""

from drc.information.discrete import conditional_entropy, entropy, mutual_information
from drc.information.entropy import H_b, binary_entropy
from drc.information.gaussian import gaussian_entropy, gaussian_kl, gaussian_mutual_information, gaussian_w2
from drc.information.lambert import W_0, W_m1

__all__ = [
    "H_b",
    "W_0",
    "W_m1",
    "binary_entropy",
    "entropy",
    "conditional_entropy",
    "mutual_information",
    "gaussian_entropy",
    "gaussian_mutual_information",
    "gaussian_kl",
    "gaussian_w2",
]
