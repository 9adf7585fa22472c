"""Curves: the points of single solutions, bands that hold between them, points where they are needed."""

import csv
import io
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drc.errors import ProblemError
from drc.problems import Bernoulli, Finite, Gaussian, VectorGaussian
from drc.testing import finites

EXAMPLE = Finite([[0.27, 0.07, 0.1], [0.03, 0.43, 0.1]], p_Y=[0.3, 0.4, 0.3])


@pytest.mark.parametrize("options", [{"C": 0.9}, {"minimise": "R"}, {"along": "C", "R": 0.8}, {"R": [0, 0.7, 1.3]}])
def test_points_are_single_solutions(options):
    c = EXAMPLE.curve(**options)
    for x, value, s in zip(c.x, c.value, c.solutions, strict=True):
        single = EXAMPLE.solve(**{c.along: x}, **c.held, minimise=c.minimise)
        assert value == pytest.approx(single.value, abs=1e-12)
        assert s.status == single.status
    assert (np.diff(c.x) > 0).all()


@settings(deadline=None, max_examples=15)
@given(finites(largest=2), st.floats(0, 1))
def test_the_band_holds_between_the_points(problem, share):
    c = problem.curve(points=6, R=(0, 1))
    x = float(share)
    s = problem.solve(R=x)
    assert c.lower_at(x) <= s.upper + 1e-12
    assert c.upper_at(x) >= s.lower - 1e-12
    assert c.lower_at(x) <= c.upper_at(x)


def test_the_band_of_a_curve_that_is_not_convex_holds():
    problem = Bernoulli(0.3, 0.8, 0.1, "asymptotic")
    c = problem.curve(R=(0, 0.6), C=0.75, points=9)
    assert not c.convex
    for x in np.linspace(0, 0.6, 23):
        value = problem.solve(R=x, C=0.75).value
        assert c.lower_at(x) <= value + 1e-9
        assert c.upper_at(x) >= value - 1e-9


def test_points_go_where_they_are_needed():
    c = Gaussian(mu_X=0, sigma_X=1, mu_Y=0, sigma_Y=1, mu_S=0, sigma_S=1, theta=0.5).curve(R=(0, 4), points=15)

    def band(points):
        return max(points.upper_at(x) - points.lower_at(x) for x in np.linspace(0, 4, 81))

    evenly = Gaussian(mu_X=0, sigma_X=1, mu_Y=0, sigma_Y=1, mu_S=0, sigma_S=1, theta=0.5).curve(R=np.linspace(0, 4, 15))
    assert band(c) < band(evenly) / 2
    assert np.diff(c.x)[0] < np.diff(c.x)[-1]
    # A straight piece needs its ends only.
    assert len(Finite([[0.5, 0], [0, 0.5]], p_Y=[0.5, 0.5]).curve().x) <= 4


def test_the_whole_range_ends_where_nothing_changes_any_more():
    c = EXAMPLE.curve()
    assert c.x[0] == 0
    assert c.value[-1] == pytest.approx(EXAMPLE.solve().value)
    assert c.solutions[-1].rate == pytest.approx(c.x[-1])
    d = EXAMPLE.curve(minimise="R", unit="nats")
    assert d.value[-1] == pytest.approx(0, abs=1e-9)
    assert d.x[0] == pytest.approx(EXAMPLE.solve().value)
    k = EXAMPLE.curve(along="C")
    assert k.value[-1] == EXAMPLE.solve().value


SEVERAL = Finite(
    labels=[[[0.3, 0.1], [0.2, 0.4]], [[0.35, 0.15], [0.15, 0.35]]], costs=["hamming", [[[0, 1]], [[1, 0]]]]
)


@pytest.mark.parametrize(
    ("options", "along", "held"),
    [
        ({"R": [0.6, 0.8], "C": [0.95, 0.96]}, "R", {"C": 0.95, "C2": 0.96}),
        ({"R": 0.8, "D": [None, (0.35, 0.4)], "points": 4}, "D2", {"R": 0.8}),
        ({"R": 0.7, "C": [0.95, [0.94, 0.96]]}, "C2", {"R": 0.7, "C": 0.95}),
        ({"minimise": "R", "D": [[0.1, 0.2], 0.4]}, "D", {"D2": 0.4}),
    ],
)
def test_of_several_costs_and_labels_each_has_a_bound(options, along, held):
    c = SEVERAL.curve(**options)
    assert (c.along, c.held) == (along, held)
    for x, value in zip(c.x, c.value, strict=True):
        bounds = {name: {**held, along: x}.get(name) for name in ("R", "D", "D2", "C", "C2")}
        D, C = [bounds["D"], bounds["D2"]], [bounds["C"], bounds["C2"]]
        assert value == pytest.approx(SEVERAL.solve(R=bounds["R"], D=D, C=C, minimise=c.minimise).value, abs=1e-9)
    assert f"${'_'.join(along)}$" in c.label(along)
    assert held.keys() <= set(repr(c).replace(",", " ").split())


def test_the_whole_range_of_a_further_cost_or_label():
    c, d = SEVERAL.curve(along="C2", R=0.7, points=5), SEVERAL.curve(along="D2", R=0.7, points=5)
    limits = SEVERAL.limits().further
    assert c.x[0] == pytest.approx(0.8812908992306927)  # H(S_2|X) = H_b(.3)
    assert c.x[-1] == pytest.approx(1)
    assert d.x[0] == pytest.approx(limits["D2"][0])
    assert d.value[-1] == pytest.approx(SEVERAL.solve(R=0.7).value)
    assert c.label("C2") == r"bound $C_2$ on $H(S_2\,|\,Y,U)$ (bit)"


def test_other_problems_have_curves():
    b = Bernoulli(q_X=0.3, q_S1=0.1).curve(along="P", R=0.8, perception="TV", reference=0.4)
    assert b.measure == "TV"
    assert b.value[0] == pytest.approx(0.1)
    v = VectorGaussian(sigma_X=[1, 2], sigma_Y=[1, 1], sigma_S=[1, 1], theta=[0.3, 0.4]).curve(R=(0, 2), points=5)
    assert v.convex
    with pytest.raises(ProblemError, match=r"as R=\(low, high\)"):
        Gaussian(mu_X=0, sigma_X=1, mu_Y=0, sigma_Y=1, mu_S=0, sigma_S=1, theta=0.5).curve()


def test_stopped_curves_hold_the_points_so_far():
    said = []

    class Stopped:
        id = "finite.one-shot.YU"

        def solve(self, **options):
            if len(said) == 2:
                raise KeyboardInterrupt
            return EXAMPLE.solve(R=options["R"])

    c = Stopped()
    stopped = Finite.curve(c, R=(0, 1), progress=lambda *words: said.append(words))
    assert (len(stopped.x), stopped.stopped) == (2, "interrupted")
    assert said[0] == ("solve at R = 1", 1, 25)
    with pytest.raises(KeyboardInterrupt):
        Finite.curve(c, R=(0, 1))
    late = EXAMPLE.curve(R=(0, 1), C=0.95, time_limit=1e-3)
    assert late.stopped == "time limit"
    assert (late.lower <= late.upper).all()
    assert "stopped" in repr(late)


def test_tables_and_frames_hold_every_point(monkeypatch):
    c = EXAMPLE.curve(R=[0, 0.4, 0.8], C=0.9)
    rows = list(csv.DictReader(io.StringIO(c.to_csv())))
    assert list(rows[0]) == ["R", "D", "lower", "upper", "status"]
    assert [float(row["D"]) for row in rows] == c.value.tolist()
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(ProblemError, match="pandas"):
        c.frame()


@pytest.mark.parametrize("options", [{"C": 0.9}, {"R": (0, 0.1), "C": 0.65}, {"minimise": "R"}, {"along": "C"}])
def test_plots_say_what_they_show(options):
    import matplotlib as mpl

    mpl.use("Agg")
    ax = EXAMPLE.curve(**options, points=6).plot()
    assert "(bit)" in ax.get_xlabel() + ax.get_ylabel()
    ax.figure.canvas.draw()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"R": (1, 0)}, r"R must be \(low, high\) with .*, got \(1, 0\)"),
        ({"R": (0, math.inf)}, "both finite"),
        (
            {"R": [0, 1], "C": [0, 1]},
            r"a curve must have one bound that varies \(surface\(...\) takes more\), got R and C",
        ),
        ({"R": 1}, r"R must be R=\(low, high\), a list, or left out, got 1"),
        ({"along": "D"}, "along must be 'R' or 'P' or 'C', got 'D'"),
        ({"along": "C", "R": (0, 1)}, "along must be 'R', the bound that varies, got 'C'"),
        ({"D": 1}, "minimised"),
        ({"R": (0, 1), "points": 1}, "points must be a whole number, at least 2, got 1"),
        ({"R": (0, 1), "time_limit": 0}, "time_limit must be positive, got 0"),
        ({"R": [0, math.nan]}, r"R\[1\] must be one real number, got nan"),
        ({"minimise": "C"}, "minimise must be 'D' or 'R', got 'C'"),
    ],
)
def test_wrong_questions_are_named(options, message):
    with pytest.raises(ProblemError, match=message):
        EXAMPLE.curve(**options)


def test_more_points_than_a_double_can_count():
    assert len(EXAMPLE.curve(R=(0, 1), points=10**400, time_limit=0.05).x) >= 1
    assert len(EXAMPLE.surface(R=(0, 1), C=(0.8, 0.9), points=10**400, time_limit=0.05).value) >= 1
