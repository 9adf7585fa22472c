import pytest
import sympy as sp

import drc
from drc import Family, ProblemError

q, r = sp.symbols("q r", real=True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"p_SX": [[1 - q, q**2]]}, r"p_SX must sum to 1 for all values of the parameters, got q\*\*2 - q \+ 1"),
        ({"p_SX": [[1 - sp.sqrt(q), sp.sqrt(q)]]}, r"p_SX\[0, 0\] must be a polynomial in the parameters"),
        ({"p_SX": [[1 - sp.sqrt(2) * q, sp.sqrt(2) * q]]}, "with fractions for coefficients"),
        ({"p_SX": [[2, -1]]}, r"p_SX\[0, 1\] must be at least 0, got -1"),
        ({"p_SX": [[1 - q, q]], "p_Y": [0.5, 0.4]}, "p_Y must sum to 1 .* got 9/10"),
        ({"p_SX": [[1 - q, q]], "p_Y": [0.5, 0.5], "distortion": [[0, 1, 2]] * 2}, r"p_Y must have the shape \(3,\)"),
        ({"p_SX": [[1 - q, q]], "distortion": [[0, 1]]}, "distortion must have 2 rows"),
        ({"p_SX": [[1 - q, q]], "distortion": "squared"}, "distortion must be 'hamming'"),
        ({"p_SX": [[1 - q, q]], "domain": {"z": (0, 1)}}, "domain must be of parameters among q, got z"),
        ({"p_SX": [[1 - q, q]], "domain": {q: (1, 0)}}, r"the domain of q must be \(low, high\) with low < high"),
        ({"p_SX": [[1 - q, q]], "domain": {q: (2, 3)}}, "domain must give every letter of the source a positive"),
        ({"p_SX": [[1 - q, q]], "values": {"z": 1}}, "values must be of parameters among q, got z"),
        ({"p_SX": [[1 - q, q]], "values": {"q": 0}}, "the parameters must give a law in the domain, got q = 0"),
    ],
)
def test_wrong_families_are_refused(given, message):
    with pytest.raises(ProblemError, match=message):
        Family(**given)


def test_a_member_is_the_finite_problem_with_its_numbers():
    family = Family([[1 - q, 0], [0, q]], p_Y=[1 - r, r])
    assert family.at(q=0.25, r="1/3") == drc.Finite([[0.75, 0], [0, 0.25]], [[0, 1], [1, 0]], ["2/3", "1/3"])
    with pytest.raises(ProblemError, match="r must be a number, got r: r still free"):
        family.at(q=0.25)
    with pytest.raises(ProblemError, match="values must be of parameters among q, r, got s"):
        family.at(q=0.25, s=1)


def test_a_letter_has_mass_everywhere_in_the_domain():
    family = Family([[1 - q - r, q, r]], domain={r: (0, 0.5)})
    assert family.ranges == {q: sp.Interval.Lopen(0, 1), r: sp.Interval.Lopen(0, sp.S.Half)}
    inside = ~family.out_of_range({"q": [0.5, 0, 0.5, 0.3], "r": [0.3, 0.3, 0.5, 0.6]})
    assert inside.tolist() == [True, False, False, False]


def test_symbols_of_one_name_are_one_parameter():
    positive = sp.Symbol("q", positive=True)
    with pytest.raises(ProblemError, match="the same symbol q"):
        Family([[1 - q, positive]])


def test_a_family_is_saved_and_read(tmp_path):
    family = Family([[1 - q, 0], [0, q]], p_Y=[1 - r, r], domain={r: (0.25, 0.5)}).changed(q=0.5)
    assert drc.load(family.save(tmp_path / "family.json")) == family


def test_a_target_law_that_could_be_negative_limits_the_parameters():
    family = Family([[0.5, 0.5]], [[0, 1, 1], [1, 0, 1]], [1 - q - r, q, r])
    assert family.lawful == (1 - q - r >= 0,)
    assert family.out_of_range({"q": [0.5, 0.6], "r": [0.5, 0.7]}).tolist() == [False, True]
    # In no corner of its range is a product of probabilities negative.
    assert Family([[(1 - q) * (1 - r), q * r], [(1 - q) * r, q * (1 - r)]]).lawful == ()
