"""Channels: likelihood ratios have mean one under the proposals, are bounded, and are what the joint law says."""

import json

import numpy as np
import pytest

import drc
from drc.codes.channels import CHANNELS, FiniteChannel, NormalChannel
from drc.codes.randomness import CommonRandomness

JOINT = np.array([[0.2, 0.1, 0.0], [0.05, 0.3, 0.05], [0.0, 0.0, 0.3]])
FINITE, NORMAL = FiniteChannel.of(JOINT, tuple(range(JOINT.shape[1]))), NormalChannel.of(0.7)
BOTH = pytest.mark.parametrize("channel", [FINITE, NORMAL], ids=lambda c: c.kind)


@BOTH
@pytest.mark.parametrize("n", [1, 3])
def test_ratios_have_mean_one_and_are_bounded(channel, n):
    rng = np.random.default_rng(1)
    x, _ = channel.pairs(50, n, rng)
    proposed = channel.candidates(20_000, n, rng)[None]
    ratios = np.exp(channel.log_ratios(x, proposed))
    errors = ratios.std(axis=1) / np.sqrt(ratios.shape[1])
    assert (np.abs(ratios.mean(axis=1) - 1) < 5 * errors + 1e-9).all()
    assert (ratios <= np.exp(channel.log_most(x))[:, None] * (1 + 1e-12)).all()


@BOTH
def test_information_and_divergence_are_means_of_the_log_ratio(channel):
    x, y = channel.pairs(200_000, 1, np.random.default_rng(2))
    logs = channel.log_ratios(x, y[:, None, :])[:, 0] / np.log(2)
    assert abs(logs.mean() - channel.information - channel.divergence) < 5 * logs.std() / np.sqrt(len(logs))


@BOTH
def test_proposals_in_the_mean(channel):
    x, _ = channel.pairs(200_000, 1, np.random.default_rng(3))
    most = np.exp(channel.log_most(x))
    assert most.mean() == pytest.approx(channel.proposals, rel=0.02)


def test_letters_are_proposed_by_their_weights():
    words = CommonRandomness(1, "test").words(0, 50_000, 2)
    counts = np.bincount(FINITE.proposed(words, 7).ravel(), minlength=3) / 350_000
    assert sum(FINITE.weights) == 2**16
    assert counts == pytest.approx(np.array(FINITE.weights) / 2**16, abs=0.004)


def test_a_pair_of_no_mass_is_never_chosen():
    x = np.array([[0], [2]])
    assert FINITE.log_ratios(x, np.array([[[2]], [[0]]])).tolist() == [[-np.inf], [-np.inf]]


def test_normal_proposals_are_normal():
    words = CommonRandomness(1, "test").words(0, 40_000, 2)
    values = NORMAL.values(NORMAL.proposed(words, 2))
    assert values.std() == pytest.approx(NORMAL.width, rel=0.01)
    assert np.isfinite(NORMAL.values(np.array([0, 2**52 - 1]))).all()


@BOTH
def test_header_fields_make_the_channel(channel):
    made = CHANNELS[channel.kind].from_fields(json.loads(json.dumps(channel.header_fields)))
    words = CommonRandomness(1, "test").words(0, 10, channel.lanes(5))
    assert (made.proposed(words, 5) == channel.proposed(words, 5)).all()


def test_a_decoder_does_not_know_the_ratios():
    with pytest.raises(drc.ProblemError, match="read from a file"):
        FiniteChannel.from_fields(FINITE.header_fields).log_most(np.array([[0]]))
