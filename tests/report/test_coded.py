"""Pictures of codes: what is drawn is what was measured, and lies where theory says."""

import numpy as np

from drc.report import coded, gallery


def test_simulation_costs_less_a_sample_in_longer_blocks():
    picture = coded.overhead(gallery.CONFLICT, lengths=(1, 4, 8), samples=1600)
    above = [row["rate"] - row["limit"] for row in picture.rows]
    assert above == sorted(above, reverse=True)
    for row in picture.rows:
        assert row["limit"] < row["rate"] < row["bound"]
        assert abs(row["measured"] - row["rate"]) < 0.1
        assert abs(row["distortion"] - row["distortion_theory"]) < 4 * row["distortion_error"]
    assert "n,rate,limit,bound,measured" in picture.csv()


def test_lattices_cost_what_their_cells_are_short_of_a_ball():
    picture = coded.lattices(gallery.NORMAL, rates=(0.5, 3.0), measured=(2.0,), samples=16_000)
    assert [(row["lattice"], round(row["rate"], 3)) for row in picture.rows] == [
        (name, R) for name in ("Z", "E8") for R in (0.5, 2.0, 3.0)
    ]
    for row in picture.rows:
        gap = row["rate"] - row["optimal_rate"]
        assert gap < row["bound"] + 1e-3
        if row["rate"] > 2.5:
            assert np.isclose(gap, row["bound"], atol=1e-3)
        if row["measured"] != "":
            assert abs(row["measured"] - row["rate"]) < 0.02
    assert picture.svg() == coded.lattices(gallery.NORMAL, rates=(0.5, 3.0), measured=(2.0,), samples=16_000).svg()
