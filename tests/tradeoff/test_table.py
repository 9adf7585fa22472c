"""Tables over a grid: the numbers of the trade-off, in columns that siunitx aligns."""

import csv
import io
import re

import numpy as np
import pytest

import drc

T = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc()
VECTOR = drc.VectorGaussian(sigma_X=[1, 0.4], sigma_Y=[1, 0.4], sigma_S=[1, 1], theta=[0.2, 0.38]).rdc()
R, C = [0, 0.25, 1], [0.55, 0.95]


def _cells(table):
    body = table.partition("\\midrule\n")[2].partition("\\bottomrule")[0]
    return [[cell.strip() for cell in line.removesuffix("\\\\").split("&")] for line in body.splitlines()]


def test_two_axes_make_rows_and_columns():
    table = T.table(R=R, C=C, digits=3)
    found = _cells(table)
    assert [row[0] for row in found] == ["0", "0.25", "1"]
    values = T(R=np.array(R)[:, None], C=np.array(C)[None, :])
    assert [row[1:] for row in found] == [
        [f"{v:.3f}" if np.isfinite(v) else r"{$\infty$}" for v in row] for row in values
    ]
    assert r"{$R$ (bit)} & {0.55} & {0.95} \\" in table
    assert _cells(T.table(C=C, R=R)) != found


def test_other_grids_are_lists_with_regimes():
    found = _cells(T.table(R=R, C=0.95))
    assert [row[-1] for row in found] == list(T.regime(R=np.array(R), C=0.95))
    G = drc.Gaussian(mu_X=0, sigma_X=1, sigma_S=1, theta=0.8).drpc(perception="W2")
    assert len(_cells(G.table(R=[1, 2], P=[0, 0.1], C=[1, 2]))) == 8


def test_parameters_may_vary_and_the_rest_is_said():
    table = drc.Bernoulli(q_X=0.3, q_S1=0.1).drc().table(q_Y=[0.3, 0.4], R=[0.1, 0.2], C=0.95)
    assert r"\multicolumn{2}{c}{$D$ with $C = 0.95$, at $R$ (bit)}" in table


def test_columns_are_as_wide_as_their_numbers():
    G = drc.Gaussian(mu_X=0, sigma_X=10, mu_Y=0, sigma_Y=10, sigma_S=1, theta=0).drc()
    assert r"\begin{tabular}{S[table-format=1.1]S[table-format=3.4]l}" in G.table(R=[0, 0.5])
    assert r"{\num{1e-07}} & 0.5400" in T.table(R=[1e-7], C=[0.95])


def test_csv_has_all_digits():
    rows = list(csv.DictReader(io.StringIO(T.table(R=R, C=C, form="csv"))))
    assert [float(row["D"]) for row in rows] == [T(R=r, C=c) for r in R for c in C]
    assert T.table(R=R, C=C, form="html").count("<tr>") == 4


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ({"R": []}, "R must be a number or a row of numbers, got shape (0,)"),
        ({"R": [[1]], "C": [1]}, "R must be a number or a row of numbers, got shape (1, 1)"),
        ({"Q": [1, 2]}, "the arguments of bernoulli.one-shot.YU.drc must be among R, C, got Q"),
        ({"R": [1, 2], "digits": 13}, "digits must be a whole number, from 0 to 12, got 13"),
        ({"R": [1, 2], "form": "word"}, "form must be 'latex' or 'csv' or 'html', got 'word'"),
        ({"R": [1, 2], "points": [{"R": 1}]}, "points must be given without R, got both"),
        ({"R": [-1, 2]}, "R must be at least 0, got -1"),
        ({"R": ["a"]}, "R[0] must be a number, got a"),
    ],
)
def test_wrong_grids_are_refused(grid, said):
    with pytest.raises(drc.ProblemError, match=re.escape(said)):
        T.table(**grid)


def test_a_caption_or_a_label_makes_a_float():
    T = drc.Gaussian().drc()
    plain = T.table()
    text = T.table(caption="Regimes of $D(R, C)$.", label="tab:regimes")
    assert text.startswith("\\begin{table}[t]\n\\centering\n\\caption{Regimes of $D(R, C)$.}\n\\label{tab:regimes}\n")
    assert plain.strip() in text
    assert text.endswith("\\end{table}\n")
    assert "\\caption" not in T.table(label="a")


def test_conditions_are_joined_by_and():
    assert "$\\kappa \\le t^\\star \\le \\rho$" in drc.Bernoulli().drc().table()
    row = next(line for line in VECTOR.table().splitlines() if line.startswith("zero-rate"))
    assert " and " in row
    assert r"\text{ and }" in VECTOR.latex()


def test_what_a_table_of_another_form_cannot_have_is_refused():
    T = drc.Gaussian().drc()
    for options in ({"caption": "a"}, {"label": "a"}, {"narrow": True}, {"standalone": True}):
        with pytest.raises(drc.ProblemError, match="form must be 'latex' with caption, label, narrow or standalone"):
            T.table(form="csv", **options)
    with pytest.raises(drc.ProblemError, match="caption and label must be left out with standalone"):
        T.table(standalone=True, caption="a")
