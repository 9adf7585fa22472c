"""The reduction of codes to single-letter problems: every claim is proved, and needs what it assumes."""

import pytest

from drc.proof import Verdict
from drc.proof.shannon import latex, prove_information
from drc.theory.reduction import COMPONENTS, CONVERSE, MESSAGE, REDUCTION, TO_MAPS

STEPS = [step for steps in REDUCTION.values() for step in steps]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.claim)
def test_every_step_is_proved(step):
    assert step.proof.verdict is Verdict.PROVED
    assert step.because


@pytest.mark.parametrize("step", [step for step in STEPS if step.given], ids=lambda step: step.claim)
def test_no_assumption_can_be_left_out(step):
    for i in range(len(step.given)):
        without = step.given[:i] + step.given[i + 1 :]
        assert prove_information(step.claim, without).verdict is Verdict.REFUTED, step.given[i]


def test_the_converse_holds_for_densities_but_for_the_message():
    for step in (*CONVERSE, *MESSAGE, *COMPONENTS):
        assert step.proof.discrete <= {"Z"}, step.claim


def test_claims_are_set_as_formulas():
    assert latex(TO_MAPS[0].claim) == r"H(Z \mid U,W) \le H(Z \mid U)"
