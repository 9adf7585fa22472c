"""A certificate as a file: what is written is what the solver claimed, exactly."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import fmpq

from drc import Finite, ProblemError
from drc.solvers.finite.certificates import FiniteCertificate, tree_nodes

BIT = Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.6, 0.4])


def certificate(**fields):
    return FiniteCertificate(BIT, "D", "bits", (("R", Fraction(4, 5)),), 0.25, math.inf, **fields)


def test_numbers_keep_their_value():
    dual = {"u": np.array([0.1, 1.0]), "exact": (Fraction(1, 3), fmpq(2, 7), fmpq(3), sp.sqrt(2) / 2, sp.oo), "n": 5}
    written = certificate(dual=dual).to_dict()["dual"]
    assert written == {"u": [0.1, 1.0], "exact": ["1/3", "2/7", "3", "sqrt(2)/2", "inf"], "n": 5}


def test_the_problem_is_written_in_exact_numbers():
    written = certificate().to_dict()
    assert written["problem"]["p_SX"] == [["27/100", "7/100"], ["3/100", "63/100"]]
    assert written["problem"]["distortion"] == [["0", "1"], ["1", "0"]]
    assert (written["bounds"], written["lower"], written["upper"]) == ({"R": "4/5"}, 0.25, "inf")


def test_a_perception_measure_is_written_with_its_reference_and_its_costs():
    problem = Finite([[0.25, 0.75]], perception="W2", setting="asymptotic", letters_X=(0, 2))
    written = FiniteCertificate(problem, "D", "bits", (("P", 1),), 0.0, math.inf).to_dict()["problem"]["perception"]
    assert written == {"measure": "W2", "reference": ["1/4", "3/4"], "ground": [["0", "4"], ["4", "0"]]}


def test_a_forbidden_pair_is_written_as_infinite():
    written = FiniteCertificate(Finite([[0.5, 0.5]], [[0, math.inf], [1, 0]]), "D", "bits", (), 0.0, math.inf).to_dict()
    assert written["problem"]["distortion"] == [["0", "inf"], ["1", "0"]]


def test_a_saved_file_reads_back_the_same(tmp_path):
    c = certificate(primal={"kind": "maps", "weights": [[Fraction(1, 3), np.array([0, 1])]]})
    assert json.loads(c.save(tmp_path / "c.json").read_text()) == c.to_dict()


def test_a_tree_deeper_than_the_stack_can_be_saved(tmp_path):
    tree = {"slopes": np.zeros((2, 2))}
    for _ in range(20_000):
        tree = {"split": [0, 0, 0.5], "below": {"slopes": [[0.0]]}, "above": tree}
    path = certificate(dual={"kind": "channels", "tree": tree}).save(tmp_path / "c.json")
    nodes = json.loads(path.read_text())["dual"]["tree"]
    assert len(nodes) == 40_001
    assert all(
        child > i for i, node in enumerate(nodes) for child in (node.get("below", i + 1), node.get("above", i + 1))
    )


def test_a_list_of_trees_is_flattened_too():
    leaf = {"slopes": [[0.0]]}
    written = certificate(
        dual={"kind": "letters", "trees": [leaf, {"split": [1, 0, 0.5], "below": leaf, "above": leaf}]}
    )
    assert [len(tree) for tree in written.to_dict()["dual"]["trees"]] == [1, 3]
    assert tree_nodes(leaf) == [{"slopes": [[0.0]]}]


@pytest.mark.parametrize("value", [math.nan, np.array([0.0, math.nan]), object(), sp.Symbol("x"), 1j])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ProblemError, match="a certificate must hold numbers"):
        certificate(dual={"u": value}).to_dict()
