import io

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt

import drc
from drc.tradeoff.lines import curves
from drc.tradeoff.plot import contour
from drc.tradeoff.regions import borders, plane
from drc.tradeoff.style import new_axes

CONFLICT = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1)
NORMAL = drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=0.5, sigma_Y=1.5, mu_S=0, sigma_S=0.8, theta=0.6)
TRADEOFFS = [CONFLICT.drc(), CONFLICT.rdc(), NORMAL.drc(), NORMAL.rdc(), NORMAL.drc(unit="nats")]


def written(ax):
    words = [text.get_text().replace("-\n", "-").replace("\n", " ") for text in ax.texts]
    return [*words, ax.get_title(loc="left")]


@pytest.mark.parametrize("tradeoff", TRADEOFFS, ids=lambda t: f"{t.id}-{t.unit.name}")
def test_every_regime_in_view_is_named(tradeoff):
    ax = contour(tradeoff)
    area = plane(tradeoff, {})
    xs, ys = area.grid(61)
    seen = {area.names[i] for i in np.unique(area.regime(*np.meshgrid(xs, ys)))}
    assert all(any(name in text for text in written(ax)) for name in seen)
    assert "infeasible" in seen


def test_axes_say_quantity_and_unit():
    ax = contour(TRADEOFFS[0])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("rate $R$ (bit)", "classification bound $C$ (bit)")
    assert ax.figure.axes[1].get_ylabel() == "distortion $D$"
    assert contour(TRADEOFFS[-1]).get_xlabel() == "rate $R$ (nat)"


def test_the_default_ranges_hold_all_that_happens():
    H_X, H_S, H_noise = 0.8812909, 0.9248187, 0.4689956
    area = plane(TRADEOFFS[0], {})
    assert area.x_range[0] == 0
    assert 0.97 * H_X < area.x_range[1] < 1.2 * H_X
    assert 0.8 * H_noise < area.y_range[0] < H_noise
    assert H_S < area.y_range[1] < 1.1 * H_S
    assert 2 < plane(TRADEOFFS[2], {}).x_range[1] < 4


def test_all_four_regimes_meet_in_the_picture():
    assert set(plane(TRADEOFFS[0], {}).names) == {
        "rate-limited",
        "transport-limited",
        "classification-limited",
        "infeasible",
    }


def test_the_borders_are_where_the_theorem_has_them():
    found = borders(plane(TRADEOFFS[0], {"R": (0, 1), "C": (0.4, 1)}))
    H_X = 0.8812908992306927
    (line,) = found["rate-limited", "transport-limited"].lines
    # The first point is the middle of the cell in which four regimes meet.
    assert np.allclose(line[1:, 0], 4 / 7 * H_X, atol=1e-9)
    (edge,) = found["infeasible", "rate-limited"].lines
    H_S, I_SX = 0.9248187049730301, 0.45582311001225316
    # All but the ends, which lie in the middle of a cell where three regimes meet.
    inner = edge[1:-1] if len(edge) > 2 else edge[:0]
    assert np.allclose(inner[:, 1], H_S - I_SX * inner[:, 0] / H_X, atol=1e-9)


def test_a_parameter_still_free_is_named():
    with pytest.raises(drc.ProblemError, match=r"q_X, q_Y must be numbers in.*give them here, or use `given\(\)`"):
        contour(drc.Bernoulli(q_S1=0.1).drc())
    with pytest.raises(
        drc.ProblemError, match=r"q_S1, q_X, q_Y must be numbers in.*give them here, or use `given\(\)`"
    ):
        curves(drc.Bernoulli().drc())


def test_a_free_parameter_may_be_given():
    ax = contour(drc.Bernoulli(q_Y=0.6, q_S1=0.1).drc(), q_X=0.3)
    assert ax.get_xlim() == contour(TRADEOFFS[0]).get_xlim()


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ({"R": (1, 0)}, "low < high"),
        ({"R": (-1, 1)}, "not negative"),
        ({"C": (0, float("inf"))}, "finite"),
        ({"Q": (0, 1)}, "the arguments of a plot must be among R, C, got Q"),
    ],
)
def test_bad_ranges_are_refused(ranges, message):
    with pytest.raises(drc.ProblemError, match=message):
        contour(TRADEOFFS[0], **ranges)


def test_a_given_range_is_kept():
    ax = contour(TRADEOFFS[0], R=(0.2, 0.5), C=(0.6, 0.9))
    assert ax.get_xlim() == (0.2, 0.5)
    assert ax.get_ylim() == (0.6, 0.9)


@pytest.mark.parametrize(
    "problem",
    [
        drc.Bernoulli(q_X=0.5, q_Y=0.5, q_S1=0),
        drc.Bernoulli(q_X=0, q_Y=0.4, q_S1=0.1),
        drc.Bernoulli(q_X=0.3, q_Y=0, q_S1=0.1),
        drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.5),
        drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=0, sigma_Y=1, sigma_S=1, theta=0),
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["drc", "rdc"])
def test_corners_can_be_drawn(problem, name):
    tradeoff = getattr(problem, name)()
    contour(tradeoff).figure.canvas.draw()
    curves(tradeoff, tradeoff.arguments[0].name).figure.canvas.draw()


def test_an_axes_of_the_user_is_drawn_into():
    ax = new_axes()
    assert contour(TRADEOFFS[0], ax) is ax
    assert drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc().plot().figure is not ax.figure


def test_curves_have_the_values_of_the_trade_off():
    ax = curves(TRADEOFFS[0], "R", {"C": [0.55, 0.9]})
    for line in ax.lines:
        x, y = line.get_data()
        if len(x) > 1:
            assert min(abs(TRADEOFFS[0](R=x, C=C) - y).max() for C in (0.55, 0.9)) < 1e-12


def test_curves_tell_values_and_regimes_apart():
    ax = curves(TRADEOFFS[0], "R", {"C": [0.55, 0.9]})
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert words[:2] == ["$C = 0.55$ bit", "$C = 0.9$ bit"]
    assert set(words[2:-1]) == {"rate-limited", "transport-limited", "classification-limited"}
    assert words[-1] == "infeasible for all"
    assert ax.get_ylabel() == "distortion $D$"


def test_curves_over_the_other_argument():
    ax = curves(TRADEOFFS[0], "C", {"R": [0.3, 0.8]})
    assert ax.get_xlabel() == "classification bound $C$ (bit)"
    with pytest.raises(drc.ProblemError, match="over must be 'R' or 'C' for bernoulli.one-shot.YU.drc, got 'D'"):
        curves(TRADEOFFS[0], "D")
    with pytest.raises(drc.ProblemError, match=r"at must be \{'C': \[values\]\}, got \{'R': \[0.3\]\}"):
        curves(TRADEOFFS[0], "R", {"R": [0.3]})


def test_nothing_feasible_is_a_hatched_ground():
    ax = contour(TRADEOFFS[0], R=(0, 0.1), C=(0.1, 0.2))
    assert written(ax)[0] == "infeasible"
    assert len(ax.figure.axes) == 1


def test_plot_is_a_function_of_pyplot():
    first = TRADEOFFS[0].plot()
    assert plt.gca() in first.figure.axes
    assert TRADEOFFS[0].plot(C=0.7).figure is not first.figure
    _, (left, right) = plt.subplots(1, 2)
    assert TRADEOFFS[0].plot(C=0.7) is right
    assert TRADEOFFS[0].plot(left, C=0.7) is left
    with mpl.rc_context({"figure.figsize": (3, 2), "font.size": 7}):
        ax = TRADEOFFS[0].plot(C=[0.6, 0.9])
        assert ax.figure.get_size_inches().tolist() == [3, 2]
        assert ax.get_legend().get_texts()[0].get_fontsize() < 7


@pytest.mark.parametrize(("style", "width", "size"), [("ieee", 3.5, 8), ("neurips", 5.5, 9), ("slides", 9, 16)])
def test_a_style_has_its_width_and_letters(style, width, size):
    before = dict(mpl.rcParams)
    ax = TRADEOFFS[0].plot(C=[0.6, 0.9], style=style)
    assert ax.figure.get_size_inches()[0] == width
    assert ax.xaxis.label.get_fontsize() == size
    assert dict(mpl.rcParams) == before


def test_a_style_must_be_one_and_have_its_own_figure():
    with pytest.raises(drc.ProblemError, match="style must be one of|style must be 'ieee'"):
        TRADEOFFS[0].plot(style="nature")
    with pytest.raises(drc.ProblemError, match="style must be left out with ax"):
        TRADEOFFS[0].plot(new_axes(), style="ieee")


@pytest.mark.parametrize("options", [{}, {"style": "ieee"}], ids=["none", "ieee"])
def test_no_letters_of_type_3(options):
    picture = io.BytesIO()
    TRADEOFFS[0].plot(C=[0.6, 0.9], **options).figure.savefig(picture, format="pdf")
    assert b"/Type3" not in picture.getvalue()
    # A style holds although the figure is saved outside of it.
    assert (b"DejaVu" in picture.getvalue()) == (not options)
    assert b"/CIDFontType2" in picture.getvalue() or b"/TrueType" in picture.getvalue()


def test_a_jump_is_a_border():
    T = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1, classifier_sees="Y").drc()
    found = borders(plane(T, {}))
    assert found["rate-limited", "transport-limited"].step < 1e-6
    assert 0.4 < found["classification-limited, anti-correlated", "transport-limited"].step < 1
    # No line of a contour, and no stretch of a curve, lies in the gap between the two values.
    ax = T.plot(R=0.7)
    low, high = T(R=0.7, C=1.0), T(R=0.7, C=0.785)
    heights = np.concatenate([line.get_ydata() for line in ax.lines])
    assert not ((heights > low + 0.01) & (heights < high - 0.01)).any()
    crossing = [line for line in ax.lines if np.ptp(line.get_ydata()) > 0.4]
    assert not crossing


def test_curves_that_coincide_take_turns():
    T = NORMAL.drc()
    ax = T.plot(C=[1.3, 1.5], R=(0, 3))
    last = {line.get_color(): line for line in ax.lines if line.get_xdata()[-1] == 3}
    assert len(last) == 2
    first, second = (line._unscaled_dash_pattern for line in last.values())
    assert first[1] == second[1]
    assert first[0] != second[0]
    # Alone, the curve has a full line.
    alone = next(line for line in ax.lines if len(line.get_xdata()) > 1 and line.get_xdata()[-1] < 3)
    assert alone.get_linestyle() == "-"


def test_what_no_code_reaches_is_shaded():
    T = TRADEOFFS[0]
    ax = T.plot(C=[0.7, 0.9], R=(0, 1))
    hatched = [shape for shape in ax.collections if shape.get_hatch()]
    assert len(hatched) == 1
    (path,) = hatched[0].get_paths()
    high = ax.get_ylim()[1]
    for R, C in ((0.02, 0.9), (0.4, 0.9), (0.8, 0.9)):
        value = min(T(R=R, C=C), high)
        assert path.contains_point((R, value - 0.005))
        assert value == high or not path.contains_point((R, value + 0.005))


def test_of_one_argument_there_is_a_curve():
    ax = drc.Laplace(1).rdc().plot()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("distortion $D$", "rate $R$ (bit)")
    T = drc.Gaussian(mu_X=0, sigma_X=1, mu_S=0, sigma_S=0.8, theta=0.6).drpc(perception="W2", reference=(0.5, 1.5))
    assert T.plot(C=1.5, P=[0.1, 0.4]).get_xlabel() == "rate $R$ (bit)"
    with pytest.raises(drc.ProblemError, match="over R must have numbers for P"):
        curves(T, "R", {"C": [1.5]})


def test_a_lone_first_point_is_in_the_picture():
    ax = TRADEOFFS[0].plot(C=0.6)
    assert ax.get_xlim()[1] > 0.7
