"""What a codec has to beat, by its definitions."""

from dataclasses import replace

import numpy as np
import pytest

from drc.neural import baselines as module
from drc.neural import named
from drc.neural.baselines import baselines
from drc.neural.data import load
from drc.neural.evaluate import frozen_classifier, scores, sliced_W2

TOY = named("toy-sr")
DATA = load(TOY)


@pytest.fixture(scope="module")
def found():
    return {each.name: each.measures for each in baselines(TOY, DATA)}


def test_the_uncoded_input_is_measured_as_a_codec_is(found):
    uncoded = found["uncoded input"]
    assert uncoded["distortion"] == 0
    assert uncoded["distortion_clean"] == pytest.approx(((DATA.x_test - DATA.y_test) ** 2).mean(), rel=1e-5)
    assert uncoded["sliced_W2"] == sliced_W2(DATA.x_test, DATA.y)
    frozen = scores(frozen_classifier(TOY.data, None)(DATA.x_test), DATA.s_test)
    assert uncoded["accuracy_frozen"] == frozen["accuracy"]
    # A classifier that was trained on such images reads them better than one that saw clean ones alone.
    assert uncoded["accuracy"] > 0.85 > frozen["accuracy"]
    assert "rate" not in uncoded


def test_a_constant_image_takes_no_bits_and_leaves_the_label_open(found):
    constant = found["constant image"]
    mean = DATA.x.mean(axis=0)
    assert (constant["rate"], constant["file_rate"]) == (0, 0)
    assert constant["distortion"] == pytest.approx(((DATA.x_test - mean) ** 2).mean(), rel=1e-5)
    counts = np.bincount(DATA.s)
    assert constant["accuracy"] == (DATA.s_test == counts.argmax()).mean()
    assert constant["cross_entropy"] == pytest.approx(-np.log(counts / counts.sum())[DATA.s_test].mean())


def test_the_constant_is_the_mean_of_what_the_loss_compares_with():
    clean = module._constant(TOY.changed({"loss.reference": "clean"}), DATA)
    np.testing.assert_allclose(clean[0], DATA.x_clean.mean(axis=0), rtol=1e-6)


def test_without_labels_no_classifier_is_asked():
    (uncoded, constant) = baselines(TOY, replace(DATA, classes=("all",)))
    assert not any("accuracy" in name or "entropy" in name for name in {**uncoded.measures, **constant.measures})
    strange = replace(DATA, s=DATA.s % 2, s_test=2 + DATA.s_test % 2)
    assert (DATA.labelled, strange.labelled) == (True, False)


def test_noise_is_removed_before_formats_code_what_is_left():
    pytest.importorskip("skimage")
    noise = TOY.changed({"degradation": {"kind": "noise", "deviation": 0.1}})
    data = load(noise)
    few = replace(data, x_test=data.x_test[:40], y_test=data.y_test[:40], s_test=data.s_test[:40])
    rates = (100.0, 300.0)
    rows = baselines(noise, few, file_rates=rates)
    assert [row.name for row in rows[:4]] == ["uncoded input", "constant image", "nl-means", "nl-means, then jpeg"]
    uncoded, _, clean, *coded = (row.measures for row in rows)
    assert clean["distortion_clean"] < uncoded["distortion_clean"]
    by_format = [row for row in rows if row.name == "nl-means, then jpeg"]
    low, high = (row.measures for row in by_format)
    assert (low["rate"] <= 100, high["rate"] <= 300) == (True, True)
    assert high["distortion_clean"] < low["distortion_clean"]
    assert sliced_W2(few.x_test, few.y) == uncoded["sliced_W2"]
    assert "accuracy" not in high
    assert "accuracy_frozen" in high
    assert len(coded) == 2 * len({row.name for row in rows[3:]})
