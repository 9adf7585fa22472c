"""Bounds over boxes are below every coupling in them, whatever the box."""

import math

import numpy as np
import pytest
from scipy.special import entr

from drc import Finite
from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.asymptotic.programs import box_corners, dual_of_boxes


def measures(p_SX, d, joint):
    """Distortion, rate and `H(S|Y)` of a coupling, in nats, and the joint law of output and label."""
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    law = (joint / p[:, None]).T @ p_SX.T
    rate = entr(p).sum() + entr(q).sum() - entr(joint).sum()
    return float((joint * d).sum()), float(rate), float(entr(law).sum() - entr(q).sum()), law


@pytest.mark.parametrize("objective", ["D", "R"])
@pytest.mark.parametrize("seed", range(5))
def test_no_coupling_in_a_box_is_below_its_bound(objective, seed):
    rng = np.random.default_rng(seed)
    p_SX, d = rng.dirichlet(np.ones(8)).reshape(2, 4), rng.random((4, 3))
    data = Data.of(Finite(p_SX, d, setting="asymptotic"))
    channels = rng.dirichlet(np.full(3, 0.5), (40, 4))
    found = [measures(p_SX, d, p_SX.sum(axis=0)[:, None] * channel) for channel in channels]
    laws = np.stack([law for *_, law in found])
    low, high = laws - rng.uniform(0, 0.1, laws.shape), laws + rng.uniform(0, 0.1, laws.shape)
    low, high = np.maximum(low, 0), np.minimum(high, p_SX.sum(axis=1))
    for k, (D, R, C, _) in enumerate(found):
        other = {"R": R} if objective == "D" else {"D": D}
        bounds = {name: Interval.of(value + 1e-9) for name, value in {**other, "C": C}.items()}
        got = dual_of_boxes(data, bounds, low[k : k + 1], high[k : k + 1], objective=objective)
        assert got.lower[0] <= (D if objective == "D" else R) + 1e-12


def test_a_point_as_a_box_gives_the_optimum_of_its_law():
    """With the joint law of output and label given, H(S|Y) is known, and the chords are exact."""
    p_SX = np.array([[0.27, 0.07], [0.03, 0.63]])
    data = Data.of(Finite(p_SX, p_Y=[0.3, 0.7], setting="asymptotic"))
    law = p_SX.T[:, :]  # Y = X
    C = -(p_SX * np.log(p_SX / p_SX.sum(axis=0))).sum()
    got = dual_of_boxes(data, {"C": Interval.of(C + 1e-9)}, law[None] - 1e-12, law[None] + 1e-12)
    assert abs(got.lower[0]) < 1e-6


def test_a_box_without_couplings_has_a_proof():
    p_SX = np.array([[0.27, 0.07], [0.03, 0.63]])
    data = Data.of(Finite(p_SX, p_Y=[0.5, 0.5], setting="asymptotic"))
    C = Interval.of(-float((p_SX * np.log(p_SX / p_SX.sum(axis=0))).sum()))
    middle = np.outer([0.5, 0.5], p_SX.sum(axis=1))
    got = dual_of_boxes(data, {"C": C}, middle[None] - 0.01, middle[None] + 0.01, objective="0")
    assert got.lower[0] > 0


def test_corners_are_all_choices_of_ends():
    low, high = np.zeros((1, 2, 3)), np.ones((1, 2, 3))
    corners = box_corners(low, high)
    assert corners.shape == (1, 2, 8, 3)
    assert len({tuple(v) for v in corners[0, 0].tolist()}) == 8
    assert math.isclose(corners.sum(), 24)
