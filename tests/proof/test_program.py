import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from drc.proof import LinearProgram

u, v, w = sp.symbols("u v w", nonnegative=True)
a, b = sp.symbols("a b", real=True)
PROGRAM = LinearProgram(
    (u, v, w),
    2 * u + 3 * v + w,
    {"mass": sp.Eq(u + v + w, 1), "need": sp.Ge(u + 2 * v, a), "limit": sp.Le(u - w, b)},
)


@given(st.floats(-1, 2), st.floats(-1, 2))
def test_the_largest_dual_vertex_is_the_optimum(at, limit):
    found = linprog(
        [2, 3, 1],
        A_ub=[[-1, -2, 0], [1, 0, -1]],
        b_ub=[-at, limit],
        A_eq=[[1, 1, 1]],
        b_eq=[1],
        method="highs",
    )
    if found.status == 0:
        values = [float(vertex.value.subs({a: at, b: limit})) for vertex in PROGRAM.dual_vertices]
        # The peer lets bounds be missed by 1e-7.
        assert max(values) == pytest.approx(found.fun, abs=1e-6)


def test_bases_solve_the_equations():
    for vertex in PROGRAM.bases:
        point = {s: vertex.weights.get(s, 0) for s in (u, v, w)}
        assert sp.simplify(sum(point.values()) - 1) == 0
        assert sp.simplify((2 * u + 3 * v + w).subs(point) - vertex.value) == 0


def test_the_binding_constraints_are_those_with_a_price():
    names = {vertex.binding for vertex in PROGRAM.dual_vertices}
    assert ("mass",) in names
    assert ("mass", "need") in names


@pytest.mark.parametrize(
    ("expr", "truth"), [(a * (1 - a), True), (a - sp.Rational(1, 3), False), (a, True), (-a, False)]
)
def test_signs_on_an_interval_are_decided_exactly(expr, truth):
    program = LinearProgram((u,), u, {"one": sp.Eq(u, 1)}, (a, sp.S.Zero, sp.S.One))
    assert program.is_nonnegative(expr) is truth


def test_a_sign_needs_an_interval():
    with pytest.raises(ValueError, match="no interval"):
        LinearProgram((u,), u, {"one": sp.Eq(u, 1)}).is_nonnegative(a)


def test_the_four_maps_have_the_vertices_of_numpy():
    """Every optimum of the Bernoulli program, for random right-hand sides, is the largest dual vertex."""
    from drc.theory.bernoulli.one_shot_yu.drc import vertices
    from drc.theory.bernoulli.one_shot_yu.maps import kappa, m, r, rho

    values = sp.lambdify((m, r, rho, kappa), [x.value for found in vertices().values() for x in found])
    rng = np.random.default_rng(0)
    solved = 0
    for _ in range(200):
        q, y, top, low = rng.uniform(0, 0.5), *rng.random(3)
        found = linprog(
            [q, 1 - q, 0, 1],
            A_ub=[[0, 0, 1, 1], [0, 0, -1, -1]],
            b_ub=[top, -low],
            A_eq=[[1, 1, 1, 1], [0, 1, q, 1 - q]],
            b_eq=[1, y],
            method="highs",
        )
        if found.status == 0:
            solved += 1
            assert max(values(q, y, top, low)) == pytest.approx(found.fun, abs=1e-9)
    assert solved > 50
