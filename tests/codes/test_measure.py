"""Measurements: of real bytes, beside the theory, and wrong theory is noticed."""

import csv
import io
import json
import math
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

import drc
from drc.codes.one_shot import OneShotCode

B = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1)
CODE = drc.codec(B, R=0.4, C=0.8)
MEASURED = CODE.measure(50_000, seed=3)


class Lying(OneShotCode):
    """A code that claims other numbers than it has."""

    claims: ClassVar = {}

    @property
    def theory(self):
        return replace(super().theory, **self.claims)


def lying(**claims):
    code = Lying.of(B, CODE.solution)
    object.__setattr__(code, "claims", claims)
    return code


def test_the_rate_is_that_of_the_bytes():
    s, x = CODE.sample(5000, 1)
    found, data = CODE.measure_on(s, x, seed=9), CODE.encode(x, seed=9)
    assert found.sizes.file_bytes == len(data)
    assert found.rate == 8 * found.sizes.payload_bytes / 5000
    assert found["rate"].measured.value == found.rate
    assert found.excess == found.rate - CODE.rate


def test_distortion_and_entropies_are_those_of_what_was_decoded():
    s, x = CODE.sample(5000, 1)
    found = CODE.measure_on(s, x, seed=9)
    y = CODE.decode(CODE.encode(x, seed=9))
    assert found["distortion"].measured.value == np.mean(x != y)
    table = np.zeros((2, 2))
    np.add.at(table, (s, y), 1 / 5000)
    assert found["H(S|Y)"].measured.plug_in == pytest.approx(drc.information.conditional_entropy(table).item())


def test_everything_meets_the_theory():
    assert MEASURED.ok
    assert MEASURED["rate"].theory == CODE.rate
    assert MEASURED["distortion"].theory == CODE.distortion == pytest.approx(B.drc()(R=0.4, C=0.8), abs=1e-8)
    assert MEASURED["H(S|Y,U)"].theory == CODE.classification
    assert MEASURED.classification.name == "H(S|Y,U)"
    assert MEASURED["H(S|Y)"].theory > MEASURED["H(S|Y,U)"].theory
    assert all(abs(r.z) < 4 for r in MEASURED.readings)
    assert (MEASURED.block, MEASURED.seed, MEASURED.n) == (1, 3, 50_000)


@pytest.mark.parametrize(
    "claims",
    [
        {"distortion": CODE.distortion + 0.02},
        {"distortion": CODE.distortion - 0.02},
        {"classification": CODE.classification - 0.03},
        {"output_law": np.array([0.42, 0.58])},
    ],
    ids=str,
)
def test_a_wrong_theory_is_noticed(claims):
    assert not lying(**claims).measure(50_000, seed=3).ok


def test_a_code_for_a_classifier_that_sees_y_alone():
    found = drc.codec(drc.Bernoulli(0.3, 0.6, 0.1, classifier_sees="Y"), R=0.4).measure(50_000)
    assert found.ok
    assert found["H(S|Y)"].theory == pytest.approx(found["H(S|Y)"].measured.value, abs=0.01)
    assert found["H(S|Y,U)"].theory is None
    assert math.isnan(found["H(S|Y,U)"].z)
    assert found.classification.name == "H(S|Y)"


def test_squared_error_of_letters_that_are_numbers():
    f = drc.Finite([[0.2, 0.1, 0.2], [0.1, 0.3, 0.1]], "squared", p_Y=[0.3, 0.3, 0.4])
    found = drc.codec(f, R=0.7, C=0.97).measure(50_000)
    assert found.ok
    assert found["distortion"].theory == pytest.approx(f.solve(R=0.7, C=0.97).value, abs=1e-6)


G = drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=0.5, sigma_Y=1.5, mu_S=0, sigma_S=0.8, theta=0.6)


@pytest.mark.parametrize(("lattice", "block"), [("Z", 1), ("E8", 8)])
def test_a_normal_source(lattice, block):
    found = drc.codec(G, R=1, lattice=lattice).measure(24_000)
    assert found.ok
    assert found.block == block
    assert found.classification.name == "h(S|Y) by a line"
    assert found["rate"].measured.value == pytest.approx(found["rate"].theory, abs=0.01)
    assert 0 < found.excess < 0.27
    assert found.law.name == "Kolmogorov-Smirnov"
    assert found.rows()[0]["error"] is None
    assert json.loads(found.to_json(), parse_constant=pytest.fail)["readings"][0]["z"] is None


def test_a_normal_source_whose_channel_is_simulated():
    found = drc.codec(G, R=1, scheme="channel-simulation", block=2).measure(4_000)
    assert found.ok
    assert found["h(S|Y) by a line"].theory == pytest.approx(G.solve(R=1).classification, abs=1e-6)


def test_a_normal_source_whose_output_law_is_free():
    found = drc.codec(G, R=2, output="free").measure(24_000)
    assert found.ok
    assert found.law is None


def test_a_source_that_never_errs():
    found = drc.codec(drc.Bernoulli(0.5, 0.5, 0), R=1, C=0).measure(1000)
    assert found.ok
    assert found["distortion"].measured.value == found["H(S|Y,U)"].measured.value == 0


def test_the_same_seed_gives_the_same_numbers():
    again = CODE.measure(50_000, seed=3)
    assert again.rows() == MEASURED.rows()
    assert again.rows() != CODE.measure(50_000, seed=4).rows()


def test_json_is_strict_and_complete():
    found = json.loads(MEASURED.to_json(), parse_constant=pytest.fail)
    assert found["bytes"]["file"] == sum(found["bytes"][k] for k in ("header", "frame", "payload"))
    assert found["bounds"] == {"R": 0.4, "C": 0.8}
    assert [r["quantity"] for r in found["readings"]] == ["rate", "distortion", "H(S|Y,U)", "H(S|Y)"]
    assert found["law"]["rejected"] is False


def test_csv_is_in_full():
    rows = list(csv.DictReader(io.StringIO(MEASURED.to_csv())))
    assert float(rows[1]["value"]) == MEASURED["distortion"].measured.value
    assert MEASURED.table("csv") == MEASURED.to_csv()


def test_tables_set_mathematics():
    assert r"$H(S\mid Y,U)$ (bit) & " in MEASURED.table()
    assert r"\toprule" in MEASURED.table("latex")
    assert "<table>" in MEASURED.table("html")
    with pytest.raises(drc.ProblemError, match="form"):
        MEASURED.table("word")


def test_the_print_says_what_counts():
    said = str(MEASURED)
    for words in ("one-shot code at R = 0.4, C = 0.8: 50000 samples", "z", "chi-square", "at block length 1", "seed 3"):
        assert words in said


@pytest.mark.parametrize("curve", [None, B.drc(), B.curve(R=(0.3, 0.6), C=0.8, points=4)], ids=["none", "T", "curve"])
def test_the_point_lies_in_the_picture(curve):
    ax = MEASURED.plot(curve)
    (points,) = ax.containers
    assert points.lines[0].get_xydata().tolist() == [[MEASURED.rate, MEASURED["distortion"].measured.value]]
    again = MEASURED.plot(ax=ax, label="again")
    assert again is ax
    assert len(ax.containers) == 2
    assert "again" in [text.get_text() for text in ax.get_legend().get_texts()]


def test_other_curves_are_refused():
    with pytest.raises(drc.ProblemError, match="curve must give D in bits, got R in bits"):
        MEASURED.plot(B.rdc())
    with pytest.raises(drc.ProblemError, match="curve must give D along R in bits, got D along C in bits"):
        MEASURED.plot(B.curve(C=[0.7, 0.8], R=0.5))


def test_nats_are_told_in_bits():
    found = drc.codec(B, R=0.4 * math.log(2), C=0.8 * math.log(2), unit="nats").measure(1000)
    assert found.bounds == pytest.approx({"R": 0.4, "C": 0.8})
    assert found["rate"].theory == pytest.approx(0.4, abs=1e-8)
    with pytest.raises(drc.ProblemError, match="curve must give D in bits, got D in nats"):
        found.plot(B.drc(unit="nats"))


@pytest.mark.parametrize("n", [1, 0, -5, 2.5, True])
def test_too_few_samples(n):
    with pytest.raises(drc.ProblemError, match=r"n must be a whole number, from 2 to 100000000, got"):
        CODE.measure(n)


def test_as_many_labels_as_symbols():
    with pytest.raises(drc.ProblemError, match="2 labels"):
        CODE.measure_on(np.zeros(2, int), np.zeros(3, int))


def test_an_unknown_reading_is_named():
    with pytest.raises(drc.ProblemError, match=r"the name of a reading must be one of.*H\(S\|Y\), got 'speed'"):
        MEASURED["speed"]
