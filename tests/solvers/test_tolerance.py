"""`tolerance` has one meaning in all solvers: neither the unit nor the zero of what is minimised matters."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import drc
from drc.checker import check_certificate

P_SX = [[0.1, 0.25, 0.05, 0.2], [0.15, 0.05, 0.1, 0.1]]
COSTS = [[Fraction(c, 100) for c in row] for row in ((3, 60, 92), (71, 5, 33), (48, 80, 2), (15, 40, 77))]
LAW = [0.3, 0.5, 0.2]
SETTINGS = [
    {"setting": "one-shot", "classifier_sees": "YU"},
    {"setting": "one-shot", "classifier_sees": "Y"},
    {"setting": "one-shot", "classifier_sees": "Y", "time_sharing": True},
    {"setting": "asymptotic", "classifier_sees": "Y"},
    {"setting": "asymptotic", "classifier_sees": "Z"},
    {"setting": "asymptotic", "classifier_sees": "Y", "time_sharing": True},
]
LAWS = [{}, {"p_Y": LAW}, {"perception": "TV", "reference": LAW}]
UNITS = [Fraction(1, 10**9), Fraction(1, 1000), Fraction(10**9)]


def finite(kind, law, unit=Fraction(1), more=Fraction(0)):
    return drc.Finite(P_SX, [[(c + more) * unit for c in row] for row in COSTS], **SETTINGS[kind], **LAWS[law])


def same(one, other, unit=1.0, more=0.0):
    """The second answer is the first in another unit and with another zero, and both are proved."""
    assert (one.status, other.status) == ("optimal", "optimal")
    assert other.scale == pytest.approx(one.scale * unit, rel=1e-12)
    assert other.gap <= other.tolerance * other.scale + 4 * math.ulp(other.upper)
    room = (one.tolerance * one.scale) * unit + 4 * math.ulp(other.upper)
    assert abs(other.value - (one.value + more) * unit) <= room
    assert check_certificate(other.certificate.to_dict())


@settings(deadline=None, max_examples=24, derandomize=True)
@given(
    st.integers(0, 5), st.integers(0, 2), st.sampled_from(UNITS), st.sampled_from([0, 2, 10**6]), st.sampled_from("DR")
)
def test_costs_in_another_unit_and_from_another_zero(kind, law, unit, more, minimise):
    question = {"R": 0.5} if minimise == "D" else {"D": Fraction(1, 3), "minimise": "R"}
    question |= {"P": 0.05} if law == 2 else {}
    moved = question | ({"D": (question["D"] + more) * unit} if "D" in question else {})
    one, other = finite(kind, law).solve(**question), finite(kind, law, unit, Fraction(more)).solve(**moved)
    same(one, other, *((float(unit), more) if minimise == "D" else ()))


@pytest.mark.parametrize("kind", range(6))
@pytest.mark.parametrize("minimise", "DC")
def test_the_label_matters_in_any_unit(kind, minimise):
    question = {"R": 0.6, "C": 0.95} if minimise == "D" else {"R": 0.6, "D": Fraction(2, 5), "minimise": "C"}
    moved = question | ({"D": (question["D"] + 3) / 10**9} if minimise == "C" else {})
    one = finite(kind, 1).solve(**question)
    other = finite(kind, 1, Fraction(1, 10**9), Fraction(3)).solve(**moved)
    same(one, other, *((1e-9, 3) if minimise == "D" else ()))


@pytest.mark.parametrize("kind", range(6))
def test_letters_in_micrometres(kind):
    def solved(unit):
        xs, ys = [k * unit for k in (0, 1, 2, 4)], [k * unit for k in (0, 1, 3)]
        f = drc.Finite(P_SX, "squared", **SETTINGS[kind], **LAWS[2] | {"perception": "W2"}, letters_X=xs, letters_Y=ys)
        return f.solve(R=0.5, P=unit**2 / 10)

    same(solved(Fraction(1)), solved(Fraction(1, 10**6)), 1e-12)


GAUSSIANS = {
    "scalar": lambda s: drc.Gaussian(0, s, s / 2, 3 * s / 2, 0, Fraction(4, 5), 3 * s / 5),
    "limited": lambda s: drc.Gaussian(0, s, s / 2, 3 * s / 2, 0, Fraction(4, 5), 3 * s / 5, R_c=1),
    "perception": lambda s: drc.Gaussian(mu_X=0, sigma_X=s, mu_S=0, sigma_S=Fraction(4, 5), theta=3 * s / 5),
    "vector": lambda s: drc.VectorGaussian([s, 2 * s], [s, s], [1, 1], [9 * s / 10, s / 2]),
}


@pytest.mark.parametrize("name", GAUSSIANS)
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("minimise", "DR")
def test_standard_deviations_in_another_unit(name, unit, minimise):
    if (name, minimise) == ("limited", "R"):
        pytest.skip("this problem has no solver for the rate")
    question = {"R": 1} if minimise == "D" else {"D": 2 if name != "perception" else Fraction(1, 2), "minimise": "R"}
    question |= {"P": Fraction(1, 10), "perception": "W2"} if name == "perception" else {}
    moved = question | {k: question[k] * unit**2 for k in ("D", "P") if k in question}
    one, other = GAUSSIANS[name](Fraction(1)).solve(**question), GAUSSIANS[name](unit).solve(**moved)
    same(one, other, float(unit**2) if minimise == "D" else 1.0)
    # The variance of the source, or a bit.
    variance = 5.0 if name == "vector" else 1.0
    assert one.scale == pytest.approx(variance if minimise == "D" else 1.0)


@pytest.mark.parametrize(
    ("costs", "scale"), [([[2, 5], [3, math.inf]], 3.0), ([[7, 7], [7, 7]], 7.0), ([[0, 0], [0, 0]], 1.0)]
)
@pytest.mark.parametrize("kind", range(6))
def test_the_scale_is_the_spread_of_the_finite_costs(costs, scale, kind):
    f = drc.Finite([[0.3, 0.3], [0.2, 0.2]], costs, **SETTINGS[kind])
    assert f.solve(R=0.5).scale == scale
    for unit, bit in (("bits", 1.0), ("nats", math.log(2))):
        assert f.solve(D=5, C=1.0, minimise="R", unit=unit).scale == bit


@pytest.mark.parametrize("kind", [0, 3, 4])
@pytest.mark.parametrize("tolerance", [1e-12, 1e-6, 1e-2])
def test_the_tolerance_that_is_asked_for_is_met(kind, tolerance):
    for question in ({"R": 0.5}, {"R": 0.6, "C": 0.95}, {"D": Fraction(1, 3), "minimise": "R"}):
        if tolerance < 1e-9 and "C" in question and kind > 0:
            continue  # in doubles a search does not come so near
        s = finite(kind, 1).solve(**question, tolerance=tolerance)
        assert (s.status, s.tolerance) == ("optimal", tolerance)
        assert s.gap <= tolerance * s.scale + 4 * math.ulp(s.upper)


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_curves_and_surfaces_have_their_points_at_the_same_places(unit):
    one, other = finite(0, 0), finite(0, 0, Fraction(unit))
    a, b = (f.curve(R=(0, 1), C=0.95, points=7) for f in (one, other))
    assert a.x.tolist() == b.x.tolist()
    assert b.value == pytest.approx(a.value * unit, rel=1e-9)
    a, b = (
        one.curve(D=(0.3, 0.5), minimise="R", points=6),
        other.curve(D=(0.3 * unit, 0.5 * unit), minimise="R", points=6),
    )
    assert b.x == pytest.approx(a.x * unit, rel=1e-9)
    assert b.value == pytest.approx(a.value, abs=1e-8)
    a, b = (f.surface(R=(0, 1.2), C="all", points=3) for f in (one, other))
    assert all(np.allclose(a.axes[name], b.axes[name], rtol=1e-9) for name in "RC")
    assert b.value == pytest.approx(a.value * unit, rel=1e-9)
