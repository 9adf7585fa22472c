"""The linear program over maps: against the closed form, against scipy, against itself."""

import math
import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from drc.errors import NotAvailableError, ProblemError
from drc.problems import Bernoulli, Finite
from drc.solvers import solve_finite
from drc.solvers.finite.one_shot_yu.maps import MOST_MAPS

CORNERS = st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.5, 0.75, 1.0])
PROBABILITIES = CORNERS | st.floats(0, 1)
EXAMPLE = Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.6, 0.4])


def bernoulli(q, r, e):
    x, y, z = (Fraction(repr(float(v))) for v in (q, r, e))
    return Finite([[(1 - z) * (1 - x), z * x], [z * (1 - x), (1 - z) * x]], p_Y=[1 - y, y])


def binary_entropy(p):
    return 0.0 if p <= 0 or p >= 1 else -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def closed_form(q, r, e, bound, C, minimise):
    """[nguyen2026], Theorem 2 with all regimes: the value, and how far the feasibility border is."""
    if q > 0.5:
        q, r = 1 - q, 1 - r
    h, H = binary_entropy(q), binary_entropy(q * (1 - e) + (1 - q) * e)
    if h == 0:
        # A source that says nothing: the maps are constants.
        if minimise == "D":
            return (r if C >= H else math.inf), abs(C - H)
        return (0.0 if C >= H and bound >= r else math.inf), min(abs(C - H), abs(bound - r))
    information, D_ind, slope = max(0.0, H - binary_entropy(e)), q + r - 2 * q * r, 2 * q * (1 - q)
    if information < 1e-15 and abs(C - H) < 1e-12:
        return math.nan, 0.0
    kappa = 0.0 if C >= H else (H - C) / information if information > 0 else math.inf
    t_star = min(r / q, (1 - r) / (1 - q))
    t_max = t_star if q == 0.5 else r / q if r < q else 1.0 if r <= 1 - q else (1 - r) / q
    if kappa > t_max:
        return math.inf, min(abs(H - C - t_max * information), abs(H - C) or 1)

    def g(t):
        return t if t <= t_star else (2 * (1 - r) - t) / (1 - 2 * q) if q < 0.5 else t_star

    if minimise == "D":
        top = min(1.0, bound / h, t_max)
        value = D_ind - slope * g(min(max(t_star, kappa), top)) if kappa <= top else math.inf
        return value, abs(H - C - top * information)
    tau = (D_ind - bound) / slope
    border = min(abs(kappa - t_star) * information, abs(kappa - t_max) * information, abs(H - C) or 1)
    if kappa <= t_star:
        return (h * max(kappa, tau, 0.0) if tau <= t_star else math.inf), min(border, abs(t_star - tau) * slope)
    return (h * kappa if tau <= g(kappa) else math.inf), min(border, abs(g(kappa) - tau) * slope)


@settings(deadline=None, max_examples=300)
@given(
    q=PROBABILITIES,
    r=PROBABILITIES,
    e=PROBABILITIES,
    bound=CORNERS | st.floats(0, 1.2),
    C=CORNERS | st.floats(-0.1, 1.2),
    minimise=st.sampled_from("DR"),
)
def test_encloses_the_closed_form(q, r, e, bound, C, minimise):
    other = "R" if minimise == "D" else "D"
    s = solve_finite(bernoulli(q, r, e), minimise=minimise, C=C, **{other: bound})
    assert s.certificate.verify()
    assert s.lower <= s.value <= s.upper
    assert s.gap <= 1e-12
    value, border = closed_form(q, r, e, bound, C, minimise)
    if border > 1e-9:
        assert s.status == ("infeasible" if math.isinf(value) else "optimal")
        if math.isfinite(value):
            # Doubles lose digits where q is tiny, and tau divides by q; the solver does not.
            assert s.value == pytest.approx(value, abs=1e-9)


def by_linprog(problem, R, C):
    """The definitions once more, in plain numpy."""
    from itertools import product

    def H(p):
        p = p[p > 0]
        return -(p * np.log2(p)).sum()

    columns = []
    for f in product(range(problem.n_Y), repeat=problem.n_X):
        reached = np.eye(problem.n_Y)[list(f)]
        p_SY = problem.joint_law @ reached
        law = p_SY.sum(axis=0)
        D = (problem.source_law[:, None] * problem.distortions * reached).sum()
        columns.append([D, H(law), H(p_SY.ravel()) - H(law), *law])
    D, rate, label, *law = np.array(columns).T
    free = problem.target_law is None
    rows, right = (np.ones((1, len(D))), [1.0]) if free else (np.array(law), problem.target_law)
    return linprog(D, A_ub=[rate, label], b_ub=[R, C], A_eq=rows, b_eq=right, method="highs")


@pytest.mark.parametrize("seed", range(20))
def test_agrees_with_scipy_on_three_letters(seed):
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.full(9, 0.5)).reshape(3, 3)
    target = None if seed % 4 == 3 else rng.dirichlet(np.ones(3))
    problem = Finite(joint, rng.uniform(0, 2, (3, 3)), p_Y=target)
    R, C = rng.uniform(0, 1.5), rng.uniform(0, 1.6)
    s, expected = problem.solve(R=R, C=C), by_linprog(problem, R, C)
    if expected.status == 2:
        assert s.status == "infeasible"
    else:
        assert s.status == "optimal"
        assert s.value == pytest.approx(expected.fun, abs=1e-7)
        assert s.gap < 1e-12
    assert s.certificate.verify()


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("minimise", ["D", "R"])
def test_both_roads_agree(seed, minimise):
    rng = np.random.default_rng(100 + seed)
    problem = Finite(rng.dirichlet(np.ones(9)).reshape(3, 3), "squared", p_Y=rng.dirichlet(np.ones(3)))
    bounds = {"C": rng.uniform(0.9, 1.6), "R" if minimise == "D" else "D": rng.uniform(0.1, 1.3)}
    one, two = (solve_finite(problem, minimise=minimise, method=m, **bounds) for m in ("highs", "cvxpy"))
    assert one.status == two.status
    assert max(one.lower, two.lower) <= min(one.upper, two.upper)
    assert one.certificate.verify()
    assert two.certificate.verify()


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10**6))
def test_plan_reaches_what_it_says(seed):
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.ones(12)).reshape(3, 4)
    joint[:, 1] = 0
    problem = Finite(joint / joint.sum(), rng.uniform(0, 1, (4, 3)), p_Y=[0.3, 0.0, 0.7])
    s = problem.solve(R=0.5)
    assert s.status == "optimal"
    assert sum(w for w, _ in s.plan) == pytest.approx(1)
    assert s.coupling.sum(axis=0) == pytest.approx([0.3, 0.0, 0.7])
    assert s.coupling.sum(axis=1) == pytest.approx(problem.source_law)
    assert (s.coupling * problem.distortions).sum() == pytest.approx(s.value)
    assert s.rate <= 0.5 + 1e-12
    assert s.distortion == pytest.approx(s.value)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10**6), R=st.floats(0, 1.5), C=st.floats(0.5, 1.6))
def test_laws(seed, R, C):
    """Monotone and convex in the bounds; the two questions are inverse to each other; units only scale."""
    rng = np.random.default_rng(seed)
    problem = Finite(rng.dirichlet(np.ones(9)).reshape(3, 3), p_Y=rng.dirichlet(np.ones(3)))
    here, more = problem.solve(R=R, C=C), problem.solve(R=R + 0.2, C=C + 0.1)
    assert more.lower <= here.upper
    middle = problem.solve(R=R + 0.1, C=C + 0.05)
    assert middle.lower <= (here.upper + more.upper) / 2
    nats = problem.solve(R=R * math.log(2), C=C * math.log(2), unit="nats")
    if here.status == "optimal" and nats.status == "optimal":
        assert nats.value == pytest.approx(here.value, abs=1e-9)
        back = problem.solve(minimise="R", D=here.upper, C=C)
        assert back.lower <= R + 1e-12


@pytest.mark.parametrize(
    ("given_", "status", "value"),
    [
        # Coincidences that doubles cannot decide: all numbers involved are rational.
        ((0.5, 0.3, 0.1, "D", 0.0, 1.0), "optimal", 0.5),
        ((0.5, 0.3, 0.5, "D", 0.6, 1.0), "optimal", 0.2),
        ((0.5, 0.25, 0.0, "D", 0.5, 0.5), "optimal", 0.25),
        ((0.5, 0.5, 0.0, "D", 1.0, 0.0), "optimal", 0.0),
        ((0.3, 0.3, 0.0, "R", 0.0, 0.0), "optimal", binary_entropy(0.3)),
        ((0.3, 0.4, 0.5, "R", 0.1, 1.0), "optimal", binary_entropy(0.3) * 6 / 7),
        ((0.0, 0.4, 0.5, "D", 0.0, 1.0), "optimal", 0.4),
        ((1.0, 0.4, 0.0, "D", 0.0, 0.0), "optimal", 0.6),
        ((0.3, 0.0, 0.1, "R", 0.3, 1.0), "optimal", 0.0),
        ((0.3, 0.2, 0.0, "D", 1.0, 0.0), "infeasible", math.inf),
    ],
)
def test_on_the_border(given_, status, value):
    q, r, e, minimise, bound, C = given_
    s = solve_finite(bernoulli(q, r, e), minimise=minimise, C=C, **{"R" if minimise == "D" else "D": bound})
    assert s.status == status
    assert s.value == pytest.approx(value, abs=1e-15)
    assert s.certificate.verify()


def test_irrational_laws_are_proved_too():
    problem = Bernoulli(q_X=sp.sqrt(2) / 4, q_Y=1 / sp.pi, q_S1=sp.Rational(1, 10)).finite()
    for bounds in ({"R": 0.4, "C": 0.8}, {"R": 0.0}, {"C": 0.6}, {}):
        s = problem.solve(**bounds)
        assert s.status == "optimal"
        assert s.gap < 1e-12
        assert s.certificate.verify()


def test_an_exact_border_that_is_irrational_is_undecided_or_right():
    h = Bernoulli(q_X=0.3, q_Y=0.3, q_S1=0.1).finite()
    C = -sp.Rational(1, 10) * sp.log(sp.Rational(1, 10), 2) - sp.Rational(9, 10) * sp.log(sp.Rational(9, 10), 2)
    s = h.solve(C=C)
    assert s.status in ("optimal", "undecided")
    assert s.lower <= 1e-12
    assert h.solve(C=float(C) - 1e-15).status == "infeasible"
    assert h.solve(C=float(C) + 1e-15).status == "optimal"


@pytest.mark.parametrize("bounds", [{"R": 0.4, "C": 0.75}, {"R": 0.88, "C": 0.66}, {}])
def test_a_corrupted_certificate_fails(bounds):
    s = EXAMPLE.solve(**bounds)
    c = s.certificate
    assert c.verify()
    assert not replace(c, lower=s.lower + 1e-12).verify()
    assert not replace(c, upper=s.upper - 1e-12).verify()
    assert not replace(c, dual=c.dual | {"nu": [2 * v for v in c.dual["nu"]]}).verify()
    lowered = {name: v - 1 for name, v in c.dual["multipliers"].items()}
    assert not replace(c, dual=c.dual | {"multipliers": lowered}).verify() or not lowered
    weights = c.primal["weights"]
    for wrong in ([[-w, f] for w, f in weights], weights[:1], weights + weights[:1], [[1, [0, 7]]]):
        assert not replace(c, primal={"kind": "maps", "weights": wrong}).verify()
    assert not replace(c, bounds=(*c.bounds, ("C", Fraction(1, 10)))).verify()
    assert not replace(c, primal=None).verify()


def test_a_corrupted_proof_of_infeasibility_fails():
    c = EXAMPLE.solve(R=0.1, C=0.6).certificate
    assert c.verify()
    assert not replace(c, bounds=(("R", Fraction(1)), ("C", Fraction(1)))).verify()
    assert not replace(c, dual=c.dual | {"multipliers": {}}).verify()


def test_many_maps_are_priced():
    rng = np.random.default_rng(5)
    problem = Finite(rng.dirichlet(np.ones(25)).reshape(5, 5), "squared", p_Y=rng.dirichlet(np.ones(5)))
    for bounds in ({"R": 1.0, "C": 2.2}, {"R": 0.3, "C": 1.0}, {"D": 1.0, "C": 2.1, "minimise": "R"}):
        s = problem.solve(**bounds)
        assert s.status in ("optimal", "infeasible")
        assert s.gap < 1e-12
        assert s.certificate.verify()
        if s.status == "optimal":
            assert "3125 maps" in s.method


def test_time_limit_gives_honest_bounds():
    rng = np.random.default_rng(6)
    problem = Finite(rng.dirichlet(np.ones(36)).reshape(6, 6), "squared", p_Y=rng.dirichlet(np.ones(6)))
    full, short = problem.solve(R=1.0), problem.solve(R=1.0, time_limit=1e-6)
    assert short.status == "time limit"
    assert short.lower <= full.value <= short.upper
    assert short.certificate.verify()


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ({"R": -0.1}, "R must be at least 0, got -0.1"),
        ({"R": math.nan}, "R must be one real number, got nan"),
        ({"C": sp.Symbol("C")}, "C still free"),
        ({"C": -math.inf}, "C must be finite, got -inf"),
        ({"D": 0.1}, "D must be left out: it is minimised, got 0.1"),
        ({"minimise": "P"}, "minimise must be 'D' or 'R' or 'C', got 'P'"),
        ({"method": "magic"}, "method must be 'auto' or 'enumeration' or 'column.* or 'cvxpy' or 'highs', got 'magic'"),
        ({"tolerance": 0}, "tolerance must be positive, got 0"),
        ({"time_limit": -1}, "time_limit must be positive, got -1"),
        ({"unit": "bytes"}, "unit must be 'bits' or 'nats', got 'bytes'"),
    ],
)
def test_bad_questions_are_refused(bounds, message):
    with pytest.raises(ProblemError, match=message.replace("(", r"\(")):
        EXAMPLE.solve(**bounds)


def test_what_is_not_available_says_so():
    with pytest.raises(ProblemError, match="perception"):
        EXAMPLE.solve(P=0.1)
    with pytest.raises(NotAvailableError, match="slope must be left out"):
        EXAMPLE.solve(slope=2)
    with pytest.raises(ProblemError, match=str(MOST_MAPS)):
        Finite(np.full((1, 20), 0.05)).solve(R=1, method="enumeration")
    with pytest.raises(ProblemError, match="cvxpy"):
        Finite(np.full((1, 6), 1 / 6)).solve(R=1, method="cvxpy")


def test_letters_that_cannot_matter_do_not():
    padded = Finite([[0.27, 0, 0.07], [0, 0, 0], [0.03, 0, 0.63]], [[0, 1, 5], [0, 0, 0], [1, 0, 9]], p_Y=[0.6, 0.4, 0])
    s = padded.solve(R=0.4, C=0.75)
    assert s.value == EXAMPLE.solve(R=0.4, C=0.75).value
    assert s.coupling[:, 2].tolist() == [0, 0, 0]
    assert len(s.duals["p_Y"]) == 3


def test_prints_as_a_reader_expects():
    assert str(EXAMPLE.solve(R=0.4, C=0.75)) == (
        "optimal  D in [0.34937054, 0.34937055]  rate 0.400 of 0.4 bit (binding)"
        "  H(S|Y,U) 0.718 of 0.75 bit (slack)\nmultipliers  -dD/dR 0.476574  -dD/dC 0\nmethod HiGHS, all 4 maps"
    )
    assert str(EXAMPLE.solve(R=0.1, C=0.2)).startswith(
        "infeasible  D = inf  (proved: no plan meets R = 0.1 bit, C = 0.2 bit)"
    )


def test_one_output_letter_has_one_map_however_many_letters_there_are():
    joint = np.random.default_rng(0).dirichlet(np.ones(90)).reshape(6, 15)
    problem = Finite(joint, np.ones((15, 1)))
    # 2^15 sets of letters take a second to measure, in which nobody looks at the clock.
    began = time.process_time()
    assert problem.solve(R=0.5).value == pytest.approx(1)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize("reference", [[0.2, 0.3, 0.5], [0, 0.5, 0.5]])
def test_a_divergence_of_zero_makes_the_reference_a_target_law(reference):
    rng = np.random.default_rng(0)
    joint, costs = rng.dirichlet(np.ones(6)).reshape(2, 3), rng.random((3, 3))
    near = Finite(joint, costs, perception="KL", reference=reference)
    for question in ({"R": 0.5}, {"D": 0.5, "minimise": "R"}, {"R": 0.5, "C": 0.85}):
        s = near.solve(P=0, **question)
        assert s.status in ("optimal", "infeasible")
        assert s.value == Finite(joint, costs, p_Y=reference).solve(**question).value
        assert s.certificate.verify()
        assert "KL 0.000 of 0 bit" in repr(s) or s.status == "infeasible"
