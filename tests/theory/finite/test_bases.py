from itertools import product

import numpy as np
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from sympy.polys.rings import ring

from drc.theory.finite.bases import SymbolicProgram

R, q, b = ring("q b", sp.QQ)
entries = st.integers(-3, 3)


@given(st.lists(st.tuples(entries, entries, entries), min_size=3, max_size=5), st.integers(-3, 3))
def test_determinants_solve_the_program(columns, right):
    program = SymbolicProgram(R, tuple(tuple(R(v) for v in column) for column in columns), (R.one, R(right)))
    matrix, costs = np.array(columns, dtype=float)[:, :2].T, np.array(columns, dtype=float)[:, 2]
    for basis in product(range(len(columns)), repeat=2):
        square = matrix[:, list(basis)]
        det = float(program.determinant(basis).as_expr())
        assert abs(det - np.linalg.det(square)) < 1e-9
        if det:
            weights = np.linalg.solve(square, [1.0, right])
            for place, j in product((0, 1), (-1, *range(len(columns)))):
                column = [1.0, right] if j < 0 else matrix[:, j]
                shares = np.linalg.solve(square, column)
                found = float(program.share(basis, place, j).as_expr()) / det
                assert abs(found - shares[place]) < 1e-9
                excess = (0.0 if j < 0 else costs[j]) - costs[list(basis)] @ shares
                assert abs(float(program.excess(basis, j).as_expr()) / det - excess) < 1e-9
            assert abs(costs[list(basis)] @ weights + float(program.excess(basis, -1).as_expr()) / det) < 1e-9


def test_the_best_bases_are_those_that_price_no_column_too_high():
    # Minimise w_1 q + w_2 with w_1 + w_2 = b: the cheaper one.
    program = SymbolicProgram(R, ((R.one, q), (R.one, R.one)), (b,))
    assert program.best(np.array([[0.5, 0.0]])) == ((0,),)
    assert program.best(np.array([[0.5, 0.0], [2.0, 0.0]])) == ((0,), (1,))


def test_of_bases_that_cost_the_same_one_is_taken():
    program = SymbolicProgram(R, ((R.one, q), (R.one, q), (R.one, q + 1)), (b,))
    assert len(program.best(np.array([[0.5, 0.0], [0.25, 0.0]]))) == 1
