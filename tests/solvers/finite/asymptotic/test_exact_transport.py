"""Transport at any rate against a program with all pairs, and on the line, where the optimum is known."""

import math

import numpy as np
import pytest
from scipy.optimize import linprog

from drc import Finite
from drc.solvers.finite.asymptotic.transport import transport
from drc.solvers.request import Clock


def with_all_pairs(p, q, d):
    """The optimum of the program that has every pair."""
    n, m = d.shape
    rows = np.vstack([np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))])
    return linprog(d.ravel(), A_eq=rows, b_eq=np.r_[p, q], method="highs").fun


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_optimum_over_all_pairs(seed):
    rng = np.random.default_rng(seed)
    p, q, d = rng.dirichlet(np.ones(30)), rng.dirichlet(np.ones(25)), rng.random((30, 25))
    s = Finite(p[None], d, q, setting="asymptotic").solve()
    assert "linear program" in s.method
    assert s.status == "optimal"
    assert s.value == pytest.approx(with_all_pairs(p, q, d), abs=1e-9)
    assert s.certificate.verify()


def test_pairs_that_are_not_cheap_join():
    rng = np.random.default_rng(1)
    p = q = np.full(40, 1 / 40)
    joint, _, pairs = transport(p, q, rng.random((40, 40)), Clock())
    assert joint.sum() == pytest.approx(1)
    assert pairs < 1600


def test_on_a_line_quantiles_are_coupled():
    """Squared errors between 0, 1, 2, ... and the same shifted by three: everything moves by three ([villani2009])."""
    letters = list(range(20))
    f = Finite(np.full((1, 20), 0.05), "squared", np.full(20, 0.05), letters_X=letters, letters_Y=[y + 3 for y in letters],
               setting="asymptotic")  # fmt: skip
    s = f.solve()
    assert s.lower <= 9 <= s.upper
    assert s.gap < 1e-9


def test_forbidden_pairs_are_not_used():
    d = [[0, 1, math.inf], [math.inf, 0, 1], [1, math.inf, 0]]
    s = Finite([[0.2, 0.3, 0.5]], d, [0.5, 0.2, 0.3], setting="asymptotic").solve()
    assert s.status == "optimal"
    assert s.certificate.verify()
    assert not s.coupling[[0, 1, 2], [2, 0, 1]].any()
    nothing = Finite([[0.5, 0.5]], [[0, 1], [0, math.inf]], [0.3, 0.7], setting="asymptotic").solve()
    assert nothing.status == "infeasible"
