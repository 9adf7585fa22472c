"""Statistics: intervals that cover, biases that are gone, laws that are told apart."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import drc
from drc.codes.statistics import (
    finite_law_test,
    label_entropy,
    mean,
    normal_label_entropy,
    normal_law_test,
)
from drc.information import conditional_entropy

TABLES = {
    "a label that is seen well": [[0.27, 0.07], [0.03, 0.63]],
    "a label that is uniform given Y": [[0.1, 0.4], [0.1, 0.4]],
    "three labels, four letters": np.random.default_rng(7).dirichlet(np.ones(12)).reshape(3, 4),
}


def drawn(p_SY, n, rng):
    """Pairs (s, y) from a joint law."""
    p_SY = np.asarray(p_SY)
    return np.divmod(rng.choice(p_SY.size, size=n, p=p_SY.ravel()), p_SY.shape[1])


@pytest.mark.parametrize("name", TABLES)
def test_the_truth_lies_in_the_interval_as_often_as_it_says(name):
    rng, truth = np.random.default_rng(1), conditional_entropy(TABLES[name]).item()
    found = [label_entropy(*drawn(TABLES[name], 400, rng)).interval(0.9) for _ in range(600)]
    share = np.mean([low <= truth <= high for low, high in found])
    # In the corner where the delta method has nothing to say the interval is on the safe side.
    assert 0.86 < share < (1.01 if "uniform" in name else 0.94)


@pytest.mark.parametrize("name", TABLES)
def test_the_correction_takes_the_bias_out(name):
    rng, truth = np.random.default_rng(2), conditional_entropy(TABLES[name]).item()
    found = [label_entropy(*drawn(TABLES[name], 60, rng)) for _ in range(3000)]
    plug_in, value = (np.mean([getattr(e, k) for e in found]) - truth for k in ("plug_in", "value"))
    assert plug_in < 0
    assert abs(value) < 0.25 * abs(plug_in)


def test_an_error_shrinks_with_the_root_of_the_samples_and_is_the_spread_of_the_values():
    rng = np.random.default_rng(3)
    found = [label_entropy(*drawn(TABLES["a label that is seen well"], 500, rng)) for _ in range(2000)]
    spread = np.std([e.value for e in found])
    assert np.mean([e.error for e in found]) == pytest.approx(spread, rel=0.1)
    many = label_entropy(*drawn(TABLES["a label that is seen well"], 50_000, rng))
    assert many.error == pytest.approx(spread / 10, rel=0.1)


@given(st.integers(0, 2**32), st.integers(2, 300))
def test_a_label_that_is_known_has_no_entropy_and_no_error(seed, n):
    y = np.random.default_rng(seed).integers(5, size=n)
    found = label_entropy(y % 3, y)
    assert (found.value, found.error, found.plug_in) == (0, 0, 0)
    assert found.z(0) == 0


@given(st.integers(0, 2**32))
def test_the_plug_in_value_is_the_entropy_of_the_table(seed):
    rng = np.random.default_rng(seed)
    s, y, u = (rng.integers(k, size=200) for k in (3, 4, 5))
    table = np.zeros((3, 20))
    np.add.at(table, (s, 5 * y + u), 1 / 200)
    assert label_entropy(s, y, u).plug_in == pytest.approx(conditional_entropy(table).item(), abs=1e-12)


@given(st.integers(0, 2**32))
def test_names_of_letters_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    s, y, u = (rng.integers(k, size=50) for k in (3, 4, 5))
    names = rng.permutation(10**6)[:5]
    assert label_entropy(s, y, names[u]).value == pytest.approx(label_entropy(s, u, y).value, abs=1e-12)


def test_seeing_more_leaves_less_unknown():
    rng = np.random.default_rng(4)
    s, y, u = (rng.integers(3, size=1000) for _ in range(3))
    assert (
        label_entropy(s, y, u).plug_in <= label_entropy(s, y).plug_in <= label_entropy(s, np.zeros(1000, int)).plug_in
    )


@pytest.mark.parametrize("block", [1, 8])
def test_the_error_of_a_mean_counts_blocks(block):
    rng = np.random.default_rng(5)
    found = [mean(np.repeat(rng.normal(size=100), block), block=block) for _ in range(400)]
    assert np.std([e.value for e in found]) == pytest.approx(np.mean([e.error for e in found]), rel=0.1)
    share = np.mean([low <= 0 <= high for low, high in (e.interval() for e in found)])
    assert abs(share - 0.95) < 0.03


def test_what_never_happened_has_an_error_too():
    never = mean(np.zeros(1000), span=1)
    assert never.error == 0
    assert abs(never.z(1e-4)) < 4 < abs(never.z(1e-2))


def test_few_samples():
    assert mean([1.0]).error == math.inf
    assert mean([1.0, 2.0, 4.0], block=2).error > 0
    assert label_entropy([0], [0]).value == 0


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.99])
def test_the_normal_entropy_and_its_interval(rho):
    rng, truth = np.random.default_rng(6), 1.5 + 0.5 * math.log2(1 - rho**2)
    found = []
    for _ in range(1000):
        s, noise = rng.normal(size=(2, 100))
        found.append(normal_label_entropy(2 * s, 3 + rho * s + math.sqrt(1 - rho**2) * noise, 1.5))
    share = np.mean([low <= truth <= high for low, high in (e.interval(0.9) for e in found)])
    assert 0.86 < share < (0.94 if rho else 1.01)
    plug_in, value = (np.mean([getattr(e, k) for e in found]) - truth for k in ("plug_in", "value"))
    assert plug_in == pytest.approx(-1 / (200 * math.log(2)), rel=0.6)
    assert abs(value) < 0.7 * abs(plug_in)


def test_the_normal_entropy_without_a_reconstruction():
    assert normal_label_entropy(np.arange(9.0), np.zeros(9), 1.0).plug_in == 1.0


@pytest.mark.parametrize("law", [[0.5, 0.5], [0.9, 0.1, 0.0], [0.98, 0.01, 0.006, 0.004], [1.0]])
def test_p_values_of_the_right_law_are_uniform_or_large(law):
    rng = np.random.default_rng(8)
    p_values = [finite_law_test(rng.choice(len(law), size=300, p=law), law).p_value for _ in range(500)]
    for level in (0.01, 0.05, 0.2):
        assert np.mean(np.array(p_values) <= level) < level + 0.035


def test_a_wrong_law_is_rejected():
    y = np.random.default_rng(9).choice(3, size=5000, p=[0.5, 0.3, 0.2])
    assert finite_law_test(y, [0.45, 0.3, 0.25]).rejected
    assert finite_law_test(y, [0.6, 0.4, 0.0]).p_value == 0
    assert finite_law_test(y, [0.6, 0.4]).p_value == 0
    assert "not rejected at 0.001" in str(finite_law_test(y, [0.5, 0.3, 0.2]))


def test_rare_letters_are_put_together():
    assert finite_law_test(np.zeros(100, int), [0.97, 0.01, 0.01, 0.01]).cells == 1
    assert finite_law_test(np.zeros(100, int), [0.9, 0.04, 0.03, 0.03]).cells == 2


def test_normal_laws():
    rng = np.random.default_rng(10)
    y = np.repeat(rng.normal(1, 2, size=2000), 8)
    assert not normal_law_test(y, 1, 2, block=8).rejected
    assert normal_law_test(y, 1, 2.3, block=8).rejected
    assert normal_law_test(np.ones(9), 1, 0).p_value == 1
    assert normal_law_test(np.zeros(9), 1, 0).rejected


def test_a_wrong_level_is_named():
    with pytest.raises(drc.ProblemError, match=r"level must be in \(0, 1\), got 1.5"):
        mean([1, 2]).interval(1.5)
