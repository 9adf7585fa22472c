"""What guessed multipliers promise: they scale with the distortion, meet the target law, and save rounds."""

import numpy as np
import pytest

from drc.problems import Finite
from drc.solvers.finite.one_shot_yu import columns
from drc.solvers.finite.one_shot_yu.maps import Maps
from drc.solvers.finite.one_shot_yu.multipliers import Letters, guesses
from drc.solvers.finite.one_shot_yu.program import Program


def random_law(seed, scale=1.0, target=True):
    rng = np.random.default_rng(seed)
    joint, p_Y = rng.dirichlet(np.ones(21)).reshape(3, 7), rng.dirichlet(np.full(4, 3.0))
    return Finite(joint, scale * rng.random((7, 4)), p_Y=p_Y if target else None)


def guessed(problem, bounds=("R", "C"), minimise="D", unit="nats"):
    program = Program(Maps(problem, unit), minimise, dict.fromkeys(bounds, 0.5))
    letters = Letters.of(program.maps)
    return letters, guesses(program, letters)


@pytest.mark.parametrize("unit", ["nats", "bits"])
def test_guesses_scale_with_the_distortion(unit):
    for at, other in zip(guessed(random_law(1))[1], guessed(random_law(1, scale=8.0), unit=unit)[1], strict=True):
        factor = np.log(2) if unit == "bits" else 1.0
        assert other.duals["R"] == pytest.approx(8 * factor * at.duals["R"], rel=1e-12)
        assert other.target == pytest.approx(8 * at.target, rel=1e-9)


def test_soft_maps_under_the_guessed_prices_meet_the_target_law():
    for seed in range(10):
        problem = random_law(seed)
        letters, found = guessed(problem)
        d = letters.distortion / letters.law[:, None]
        soft = np.exp((found[0].target - d) / (0.1 * letters.spread))
        law = letters.law @ (soft / soft.sum(axis=1, keepdims=True))
        assert law == pytest.approx(problem.target_law, abs=0.05)


def test_only_what_is_asked_for_has_a_price():
    assert [at.duals.keys() for at in guessed(random_law(1), bounds=("R",))[1]] == [{"D", "R"}] * 2
    assert guessed(random_law(1), bounds=("C",), minimise="R")[1][0].duals.keys() == {"R", "C"}
    assert not guessed(random_law(1, target=False))[1][0].target.any()


def test_guesses_save_rounds(monkeypatch):
    problems = [random_law(seed) for seed in range(6)]
    question = {"R": 0.9, "C": 1.0, "unit": "nats", "method": "column generation"}

    def rounds():
        count = []
        once = columns.Generation.round
        with monkeypatch.context() as patch:
            patch.setattr(columns.Generation, "round", lambda state, clock: count.append(1) or once(state, clock))
            values = [problem.solve(**question).value for problem in problems]
        return len(count), values

    with_guesses, values = rounds()
    monkeypatch.setattr(columns, "guesses", lambda program, letters: guesses(program, letters)[:1])
    monkeypatch.setattr(columns, "_TABLED", 1)
    without, others = rounds()
    assert np.isfinite(values).all()
    assert values == pytest.approx(others, abs=1e-9)
    assert with_guesses < without / 2
