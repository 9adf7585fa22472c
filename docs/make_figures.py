"""Draw the picture of the README and the first page, its numbers beside it: `python docs/make_figures.py`."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib as mpl
import numpy as np

import drc
from drc.files import write_whole

FOLDER = Path(__file__).parent / "_static"


def four_regimes() -> None:
    """D(R, C) of a Bernoulli source that has all four regimes."""
    D = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc()
    axes = D.plot(R=(0, 1), C=(0.4, 1))
    picture = io.BytesIO()
    # Without a date and with fixed ids, the same picture is the same file.
    with mpl.rc_context({"svg.hashsalt": "drc"}):
        axes.figure.savefig(picture, format="svg", metadata={"Date": None})
    write_whole(FOLDER / "drc-map.svg", picture.getvalue())
    points = [{"R": R, "C": C} for R in np.linspace(0, 1, 21).round(3) for C in np.linspace(0.4, 1, 13).round(3)]
    write_whole(FOLDER / "drc-map.csv", D.table(points, form="csv"))


if __name__ == "__main__":
    four_regimes()
