"""Surfaces: the points of single solutions, and their forms."""

import csv
import io
import itertools
import json
import math

import numpy as np
import pytest

from drc.errors import ProblemError
from drc.problems import Finite
from drc.solvers import surface

EXAMPLE = Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.6, 0.4])
R, C = np.linspace(0, 1, 5), np.linspace(0.4, 1, 4)


def test_points_are_single_solutions():
    s = surface(EXAMPLE, R=R, C=C)
    for i, j in np.ndindex(5, 4):
        single = EXAMPLE.solve(R=R[i], C=C[j])
        assert s.status[i, j] == single.status
        assert s.value[i, j] == pytest.approx(single.value, abs=1e-14)
    assert (s.lower <= s.upper).all()


def test_a_pool_of_maps_changes_nothing():
    rng = np.random.default_rng(1)
    problem = Finite(rng.dirichlet(np.ones(20)).reshape(4, 5), "squared", p_Y=rng.dirichlet(np.ones(5)))
    s = problem.surface(R=[0.3, 1.0, 1.5], C=[1.8, 1.95])
    for i, j in np.ndindex(3, 2):
        single = problem.solve(R=s.R[i], C=s.C[j])
        assert (s.status[i, j], s.value[i, j]) == (single.status, pytest.approx(single.value, abs=1e-12))


def test_table_and_csv_hold_every_point():
    s = surface(EXAMPLE, D=[0.3, 0.5], C=[0.5, 0.9, 1.0], minimise="R", unit="nats")
    rows = list(csv.DictReader(io.StringIO(s.to_csv())))
    assert len(rows) == len(s.table()) == 6
    assert list(rows[0]) == ["D", "C", "R", "lower", "upper", "status"]
    assert [float(row["R"]) for row in rows] == s.value.ravel().tolist()


@pytest.mark.parametrize(
    "bounds",
    [{"R": R, "C": C}, {"R": R}, {"C": C}, {"R": R, "C": [0.0, 0.1]}, {"R": [1, 2], "C": [1, 2]}],
)
def test_plots_say_what_they_show(bounds):
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    ax = surface(EXAMPLE, **bounds).plot()
    assert "(bit)" in ax.get_xlabel()
    ax.figure.canvas.draw()
    plt.close(ax.figure)


def test_errors():
    with pytest.raises(ProblemError, match="shape"):
        surface(EXAMPLE, R=[[1.0]], C=[1])
    with pytest.raises(ProblemError, match="minimised"):
        surface(EXAMPLE, R=[1.0], D=[1], C=[1])
    with pytest.raises(ProblemError, match="R"):
        surface(EXAMPLE, R="much")
    with pytest.raises(ProblemError, match="R must be at least 0, got -1"):
        surface(EXAMPLE, R=[-1.0])
    assert surface(EXAMPLE, R=[math.inf]).value.shape == (1, 1)


def test_ranges_get_values_where_the_optimum_changes():
    s = EXAMPLE.surface(R=(0, 1), C="all", points=6)
    assert s.value.shape == (6, 6)
    assert (np.diff(s.R) > 0).all()
    assert s.stopped == ""
    assert s.C[0] == pytest.approx(0.46899559358928117)  # H(S|X) = H_b(.1)
    # Beyond R = H(X) nothing changes.
    wide = EXAMPLE.surface(R=(0, 8), points=8)
    assert (wide.R < 1.1).sum() >= 5


def test_a_stopped_surface_has_the_bounds_that_follow():
    class Slow:
        id = "finite.one-shot.YU"
        asked = 0

        def solve(self, **options):
            self.asked += 1
            if self.asked > 4:
                raise KeyboardInterrupt
            return EXAMPLE.solve(R=options["R"], C=options["C"])

    s = surface(Slow(), R=[0, 0.4, 0.8], C=[0.8, 1.0])
    whole = EXAMPLE.surface(R=[0, 0.4, 0.8], C=[0.8, 1.0])
    assert s.stopped == "interrupted"
    assert (s.status == "not reached").sum() == 2
    assert (s.lower <= whole.value + 1e-12).all()
    assert (s.upper >= whole.value - 1e-12).all()
    assert np.isfinite(s.upper[2]).any()
    s.plot()


def test_further_bounds_are_axes():
    several = Finite(labels=[EXAMPLE.p_SX, [[0.2, 0.3], [0.1, 0.4]]])
    s = several.surface(R=[0.5, 0.8], C=[None, [0.8, 1.0]])
    assert s.to_csv().startswith("R,C,C2,D,")
    assert s.value.shape == (2, 1, 2)
    for (i, R), (j, C) in itertools.product(enumerate(s.R), enumerate(s.axes["C2"])):
        assert s.value[i, 0, j] == pytest.approx(several.solve(R=R, C=[None, C]).value, abs=1e-9)
    with pytest.raises(ProblemError, match="C must be a list of 2 bounds, with None where there is none, got 0.9"):
        several.surface(C=0.9)


def test_progress_is_told():
    said = []
    EXAMPLE.surface(R=[0, 1], C=[1], progress=lambda *words: said.append(words))
    assert said == [("solve at R = 0, C = 1", 1, 2), ("solve at R = 1, C = 1", 2, 2)]


def test_tables_in_latex_and_json():
    for found in (
        Finite([[0.5, 0], [0, 0.5]]).surface(R=[0, 1], C=[0.5, 1]),
        Finite([[0.5, 0], [0, 0.5]]).curve(R=[0, 1], C=0.5),
    ):
        assert json.loads(found.to_json()) == json.loads(json.dumps(found.table()).replace("Infinity", '"inf"'))
        head, *rows = [line for line in found.latex(digits=2).splitlines() if "&" in line]
        axes = "$R$ (bit) & $C$ (bit) & " if len(found.axes) == 2 else "$R$ (bit) & "
        assert head == axes + r"$D$ & lower & upper & status \\"
        assert rows[0].endswith(r"$\infty$ & $\infty$ & $\infty$ & infeasible \\")
        assert rows[-1].endswith(r"$0.00$ & $0.00$ & $0.00$ & optimal \\")
        assert len(rows) == found.value.size
    with pytest.raises(ProblemError, match="digits must be a whole number, from 0 to 12, got 13"):
        found.latex(digits=13)
    counted = Finite.from_counts([[3, 1], [1, 3]]).curve(R=[0.5]).latex()
    assert r"from & to (95\,\% of samples)" in counted
