"""What compares code with mpmath, here and in `benchmarks/targets.py`, sees code that is wrong."""

import re

import in_languages as languages
import pytest

import drc

T = drc.Bernoulli().drc()
TRUTH = languages.Truth(T, languages.drawn(T, 60, 1))
#: Many points of numpy take the road of one number.
TARGETS = ("python", "c", *languages.PROGRAMS, "jax", pytest.param("torch", marks=pytest.mark.torch))

#: What is replaced, in any language: a value that is off by a little, and what is infeasible.
ERRORS = {
    "a value": (r"(\bf?abs\(|Math\.abs\()", r"1.00000000001 * \1"),
    "infeasible": (r"(return|result =) (inf|INFINITY|Infinity|Inf)\b", r"\1 1e300"),
}


def checked(target, pattern, instead):
    if not languages.is_here(target):
        pytest.skip(f"{target} does not run here")
    code = re.sub(pattern, instead, T.to_code(target))
    return TRUTH.checked(languages.values(target, code, "D", TRUTH.columns))


@pytest.mark.parametrize("target", TARGETS)
def test_right_code_is_right(target):
    found = checked(target, "^", "")
    assert (found.points, found.faults) == (60, ())
    assert found.largest_error < 1e-12


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("target", TARGETS)
def test_wrong_code_is_wrong(target, error):
    faults = checked(target, *ERRORS[error]).faults
    assert 0 < len(faults) < 60
    assert all(("+inf" in fault) == (error == "infeasible") for fault in faults)


@pytest.mark.parametrize("target", ["jax", pytest.param("torch", marks=pytest.mark.torch)])
def test_a_wrong_derivative_is_wrong(target):
    if not languages.is_here(target):
        pytest.skip(f"{target} does not run here")
    code = T.to_code(target)
    wrong = code.replace("'R': dD_dR", "'R': dD_dC")
    right, swapped = (
        TRUTH.checked_slopes(languages.slopes(target, text, "D", TRUTH.columns, ["R", "C"])) for text in (code, wrong)
    )
    assert right.faults == ()
    assert right.points == swapped.points > 40
    assert swapped.faults
    assert all("by R" in fault for fault in swapped.faults)


def test_points_have_inactive_bounds_and_infeasible_ones():
    assert {name for name, column in TRUTH.columns.items() if (column == float("inf")).any()} == {"R", "C"}
    regimes = [regime for regime, _ in TRUTH.values]
    assert 10 < regimes.count("infeasible") < 40
