import json

import numpy as np
import pytest

from drc.errors import ProblemError
from drc.neural import evaluate as evaluate_module
from drc.neural import named
from drc.neural.data import Images, load
from drc.neural.evaluate import (
    BITSTREAM,
    RESULT,
    decoded_apart,
    evaluate,
    frozen_classifier,
    gaussian_W2,
    plug_in_entropy,
    scores,
    sliced_W2,
)
from drc.neural.run import train

QUICK = named("toy-sr").changed({"schedule.epochs": 3, "schedule.drops": []})
DATA = load(QUICK)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return train(QUICK, tmp_path_factory.mktemp("run"), data=DATA)


def test_every_quantity_is_what_its_definition_says(run):
    result, model = evaluate(run, DATA), run.model()
    y = model.reconstruct(DATA.x_test)
    n = len(y)
    assert result["rate"] == pytest.approx(8 * np.ceil(n * QUICK.rate.dim * 2 / 8) / n)
    assert result["file_rate"] == 8 * (run.folder / BITSTREAM).stat().st_size / n
    assert result["distortion"] == pytest.approx(np.mean((y - DATA.x_test) ** 2), rel=1e-5)
    assert result["distortion_clean"] == pytest.approx(np.mean((y - DATA.y_test) ** 2), rel=1e-5)
    log_p = model.classify(y)
    assert result["accuracy"] == np.mean(log_p.argmax(1) == DATA.s_test)
    assert result["cross_entropy"] == pytest.approx(-np.mean(log_p[np.arange(n), DATA.s_test]), rel=1e-5)
    assert 0 <= result["H_S_given_guess"] <= np.log2(10)
    assert result["sliced_W2"] > result["sliced_W2_floor"] > 0
    assert result["gaussian_W2"] > result["gaussian_W2_floor"] > 0
    assert json.loads((run.folder / RESULT).read_text()) == result == evaluate(run)


def test_a_separate_process_decodes_from_folder_and_bitstream_alone(run):
    evaluate(run, DATA)
    np.testing.assert_array_equal(decoded_apart(run.folder), run.model().reconstruct(DATA.x_test))


def test_a_bitstream_that_does_not_decode_is_said(run, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    for path in run.folder.iterdir():
        (broken / path.name).write_bytes(path.read_bytes())
    (broken / BITSTREAM).write_bytes(b"junk")
    with pytest.raises(ProblemError, match="broken: the process that decodes failed: drc.errors"):
        decoded_apart(broken)


def test_a_run_that_is_not_done_is_not_evaluated(run):
    unfinished = type(run)(run.folder / "none", QUICK, 1)
    with pytest.raises(ProblemError, match="the run in none must be trained to epoch 3, got 1"):
        evaluate(unfinished, DATA)


def test_the_frozen_classifier_knows_clean_digits():
    judge = frozen_classifier(QUICK.data, None)
    log_p = judge(DATA.y_test)
    assert (log_p.argmax(1) == DATA.s_test).mean() > 0.93
    np.testing.assert_allclose(np.exp(log_p).sum(1), 1, rtol=1e-5)


def test_a_class_that_the_clean_draw_lacks_is_never_guessed(monkeypatch):
    y, s = DATA.y[DATA.s_y != 4], DATA.s_y[DATA.s_y != 4]
    images = Images(np.repeat(y, 2, axis=0), np.repeat(s, 2), DATA.y_test, DATA.s_test, DATA.classes)
    monkeypatch.setattr(evaluate_module, "read_images", lambda source, folder: images)
    log_p = frozen_classifier.__wrapped__(QUICK.data, None)(DATA.y_test)
    assert log_p.shape == (len(DATA.y_test), 10)
    assert (log_p[:, 4] == -np.inf).all()
    others = DATA.s_test != 4
    assert (log_p.argmax(1) == DATA.s_test)[others].mean() > 0.93
    assert np.isfinite(scores(log_p, DATA.s_test)["cross_entropy"])


def test_sliced_distance_of_unequal_samples_is_that_of_equal_ones_repeated():
    draw = np.random.default_rng(0)
    a, b = draw.normal(size=(6, 5)), draw.normal(size=(4, 5))
    assert sliced_W2(a, b) == pytest.approx(sliced_W2(np.repeat(a, 2, 0), np.repeat(b, 3, 0)))
    assert sliced_W2(a, b) == pytest.approx(sliced_W2(b, a))


def test_sliced_distance_of_moved_images():
    a, v = np.random.default_rng(1).normal(size=(50, 8)), np.full(8, 0.5)
    assert sliced_W2(a, a + v) == pytest.approx(v @ v / 8, rel=0.1)


def test_gaussian_distance_has_the_closed_form_of_commuting_covariances():
    draw = np.random.default_rng(2)
    a = draw.normal(size=(4000, 3)) * [1, 2, 3]
    b = draw.normal(size=(4000, 3)) * [2, 2, 1]
    assert gaussian_W2(a, b) == pytest.approx((1 + 0 + 4) / 3, rel=0.1)


@pytest.mark.parametrize(("n", "m"), [(5, 40), (40, 5), (5, 7), (40, 50)])
def test_gaussian_distance_is_that_of_covariances_however_few_the_images(n, m):
    draw = np.random.default_rng(3)
    a, b = draw.normal(size=(n, 9)) @ draw.normal(size=(9, 9)), draw.normal(size=(m, 9)) + 0.3
    A, B = (np.cov(x, rowvar=False, bias=True) for x in (a, b))
    root = np.sqrt(np.maximum(np.linalg.eigvals(A @ B).real, 0)).sum()
    exact = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum() + np.trace(A) + np.trace(B) - 2 * root
    assert gaussian_W2(a, b) == pytest.approx(exact / 9, abs=1e-6)


def test_plug_in_entropy_has_its_limits():
    s = np.arange(8) % 4
    assert plug_in_entropy(s, s) == pytest.approx(0, abs=1e-12)
    assert plug_in_entropy(s, np.zeros(8, int)) == pytest.approx(2)
