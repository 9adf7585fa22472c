"""Entropies and their relatives: each defined once, symbolic and numeric together."""

from drc.information.bits import I_b
from drc.information.discrete import conditional_entropy, entropy, mutual_information
from drc.information.entropy import H_b, binary_entropy
from drc.information.error_rate import (
    classification_bound_of_rms,
    classification_bounds,
    largest_error,
    least_entropy,
    least_error,
    least_rms_error,
    most_entropy,
)
from drc.information.fidelity import most_detected, perception_bound, wasserstein_bound
from drc.information.gaussian import gaussian_entropy, gaussian_kl, gaussian_mutual_information, gaussian_w2
from drc.information.inverses import H_b_inv, I_b_inv
from drc.information.kl_bits import KL_b, KL_b_max, KL_b_min
from drc.information.lambert import W_0, W_m1

__all__ = [
    "H_b",
    "H_b_inv",
    "I_b",
    "I_b_inv",
    "KL_b",
    "KL_b_max",
    "KL_b_min",
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
    "classification_bounds",
    "most_entropy",
    "least_entropy",
    "least_error",
    "largest_error",
    "classification_bound_of_rms",
    "least_rms_error",
    "perception_bound",
    "most_detected",
    "wasserstein_bound",
]
