"""The door of the finite solvers: every kind of question, bounds that say nothing, borders, units, and the clock."""

import itertools
import math
import signal
import time
from contextlib import contextmanager
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from attacks import borders

from drc.checker import check_certificate
from drc.errors import NotAvailableError, ProblemError
from drc.problems import Bernoulli, Finite

JOINT = [[0.2, 0.05, 0.1], [0.1, 0.3, 0.25]]
COSTS = [[0.0, 1.0, 0.6], [0.7, 0.1, 1.0], [1.0, 0.4, 0.2]]
LAWS = {
    "free": {},
    "fixed": {"p_Y": [0.3, 0.3, 0.4]},
    "TV": {"perception": "TV", "reference": [0.2, 0.3, 0.5]},
    "W2": {"perception": "W2", "reference": [0.2, 0.3, 0.5]},
    "KL": {"perception": "KL", "reference": [0.2, 0.3, 0.5]},
}
SETTINGS = {
    "one-shot YU": {"setting": "one-shot"},
    "one-shot Y": {"setting": "one-shot", "classifier_sees": "Y"},
    "one-shot Y shared": {"setting": "one-shot", "classifier_sees": "Y", "time_sharing": True},
    "asymptotic": {"setting": "asymptotic"},
    "asymptotic shared": {"setting": "asymptotic", "time_sharing": True},
}
# What is minimised, and a bound that matters for it.
GOALS = {"D": ({}, {"R": 0.3}), "R": ({"minimise": "R"}, {"D": 0.4}), "slope": ({"slope": 0.2}, {})}
SLACK = {"R": 9.0, "D": 5.0, "C": 3.0, "P": 7.0}


def proved(problem, **question):
    """Solve, and let the independent checker prove the answer."""
    found = problem.solve(**question, time_limit=30)
    assert found.lower <= found.value <= found.upper
    assert check_certificate(found.certificate.to_dict())
    assert found.certificate.verify()
    return found


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("goal", GOALS)
def test_bounds_that_say_nothing_change_nothing(setting, law, goal):
    problem = Finite(JOINT, COSTS, **SETTINGS[setting], **LAWS[law])
    question, tight = GOALS[goal]
    names = [name for name in "RDCP" if not (name == goal or (goal == "slope" and name in "RD"))]
    names = [name for name in names if name != "P" or problem.perception]
    answers = []
    for bounds in ({}, dict.fromkeys(names, math.inf), {name: SLACK[name] for name in names}):
        try:
            answers.append(proved(problem, **question, **bounds))
        except NotAvailableError:
            assert goal == "slope" or (law == "KL" and "P" in bounds)
    if not answers:
        return
    for one, other in itertools.combinations(answers, 2):
        assert max(one.lower, other.lower) <= min(one.upper, other.upper)
    assert {found.status for found in answers} == {"optimal"}
    P = {"P": 0.05} if problem.perception in ("TV", "W2") else {}
    assert answers[0].lower <= proved(problem, **question, **tight, **P).upper


@pytest.mark.parametrize("law", ["fixed", "free"])
def test_the_least_rate_without_a_bound_is_zero(law):
    problem = Finite([[0.2, 0.1], [0.3, 0.4]], setting="asymptotic", **({"p_Y": [0.5, 0.5]} if law == "fixed" else {}))
    for bounds in ({}, {"D": math.inf}, {"D": 5}):
        found = proved(problem, minimise="R", **bounds)
        assert (found.status, found.value, found.upper) == ("optimal", 0, 0)
    curve = problem.curve(minimise="R", D=(0.5, 3), points=4)
    assert curve.upper[-1] == 0
    surface = problem.surface(minimise="R", D=[0.1, 9], C=[math.inf])
    assert surface.value[1, 0] == 0
    assert (surface.lower <= surface.upper).all()


# Units of costs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", [2.0**-60, 1e-12, 2.0**-7, 1e12, 2.0**60])
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("setting", ["one-shot YU", "asymptotic"])
def test_the_unit_of_distortion_changes_nothing(unit, law, setting):
    fields = {**SETTINGS[setting], **LAWS[law]}
    in_units = np.array(COSTS) * unit
    problem, scaled = Finite(JOINT, COSTS, **fields), Finite(JOINT, in_units, **fields)
    P = {"P": 0.05} if problem.perception else {}
    for minimise, other in (("D", "R"), ("R", "D")):
        bound = 0.6 if other == "R" else 0.45
        one = proved(problem, minimise=minimise, **{other: bound}, **P)
        two = proved(scaled, minimise=minimise, **{other: bound * (unit if other == "D" else 1.0)}, **P)
        factor = unit if minimise == "D" else 1.0
        assert one.status == two.status == "optimal"
        assert two.lower / factor == pytest.approx(one.lower, rel=1e-8)
        assert two.gap <= max(1e-6 * two.value, 1e-9 * factor)
        assert two.distortion / unit == pytest.approx(one.distortion, rel=1e-5)
        for name, price in one.duals.items():
            if name in "RD" and price > 1e-6:
                own = {"R": unit, "D": 1 / unit}[name]
                assert two.duals[name] / own == pytest.approx(price, rel=1e-3)


def test_transport_costs_have_a_unit_of_their_own():
    ground = (np.arange(3)[:, None] - np.arange(3)) ** 2
    for setting in ("one-shot", "asymptotic"):
        values = []
        for unit in (1e-12, 1.0, 1e9):
            problem = Finite(
                JOINT, COSTS, perception="W2", reference=[0.2, 0.3, 0.5], ground=ground * unit, setting=setting
            )
            found = proved(problem, R=0.5, P=0.1 * unit)
            values.append(found.value)
            assert found.perception <= 0.1 * unit * (1 + 1e-6)
        assert values == pytest.approx([values[0]] * 3, rel=1e-7)


def test_curves_in_small_units_are_whole_and_fall():
    letters = (0, 1e-6, 2e-6)
    problem = Finite([[0.3, 0.3, 0.4]], "squared", letters_X=letters, setting="asymptotic")
    like = Finite([[0.3, 0.3, 0.4]], "squared", letters_X=(0, 1, 2), setting="asymptotic")
    curve, known = problem.curve(), like.curve()
    assert curve.x == pytest.approx(known.x)
    assert (curve.status == "optimal").all()
    assert (np.diff(curve.value) < 0).all()
    assert curve.x[-1] == pytest.approx(1.570951, abs=1e-6)  # H(X)
    assert curve.value == pytest.approx(1e-12 * known.value, rel=1e-6, abs=1e-22)
    along = problem.curve(minimise="R", points=6)
    assert along.x[-1] < 1e-11
    assert along.value[0] == pytest.approx(1.570951, abs=1e-6)


def test_a_start_in_other_units_is_of_use():
    small = Finite(JOINT, np.array(COSTS) * 1e-9, setting="asymptotic")
    first = proved(small, R=0.5)
    assert proved(small, R=0.50001, start=first).value < first.value


# Borders ---------------------------------------------------------------------------------------------------


def entropy(law):
    law = np.ravel(law)
    return float(-(law[law > 0] * np.log2(law[law > 0])).sum())


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_bound_below_what_any_classifier_knows_is_infeasible_at_once(setting):
    joint = np.array(JOINT)
    least = entropy(joint) - entropy(joint.sum(axis=0))
    begun = time.process_time()
    for C in (0.0, least - 1e-7, least - 1e-14):
        found = proved(Finite(JOINT, COSTS, **SETTINGS[setting]), C=C)
        assert (found.status, found.certificate.dual) == ("infeasible", {"kind": "data processing"})
    assert time.process_time() - begun < 1


def binary_entropy(q):
    return -q * sp.log(q, 2) - (1 - q) * sp.log(1 - q, 2)


@pytest.mark.parametrize("q", [0.1, 0.2, 0.37])
@pytest.mark.parametrize("setting", ["one-shot", "asymptotic"])
def test_borders_are_rounded_to_the_feasible_side(q, setting):
    # H(S|X) = H_b(q), H(S) = 1, in floats of either side.
    problem = Bernoulli(0.5, 0.5, q, setting)
    h = -q * math.log2(q) - (1 - q) * math.log2(1 - q)
    for C in (np.nextafter(h, 0), h, np.nextafter(h, 1)):
        found = proved(problem.finite(), C=C)
        assert (found.status, found.upper) == ("optimal", 0)
        exact = -sp.Rational(str(q)) * sp.log(sp.Rational(str(q)), 2) - (1 - sp.Rational(str(q))) * sp.log(
            1 - sp.Rational(str(q)), 2
        )
        if float(sp.N(exact - sp.Rational(repr(float(C))), 40)) > 0:
            assert "C rounded up by" in repr(found)
            assert "to H(S|X)" in found.rounded[0]
            assert dict(found.certificate.bounds)["C"] > Fraction(repr(float(C)))
    for C in (np.nextafter(1, 0), 1.0, 1.5):
        found = proved(problem.finite(), C=C, R=0.5)
        assert found.status == "optimal"
        assert found.value == pytest.approx(proved(problem.finite(), R=0.5).value, abs=1e-9)
        assert bool(found.rounded) == (C < 1)
    assert problem.finite().solve(C=h * (1 - 1e-12)).status == "infeasible"


def test_formulas_and_solvers_agree_which_bounds_at_borders_are_feasible():
    for i in range(5):
        assert not borders.attack(5, i)


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_rate_too_low_for_what_a_classifier_is_to_know_is_infeasible_at_once(setting):
    problem, known = Finite(JOINT, COSTS, **SETTINGS[setting]), entropy(np.sum(JOINT, axis=1))
    for R, C in ((0, known - 0.01), (1e-14, known - 0.01), (0.005, known - 0.005 - 1e-13)):
        found = proved(problem, R=R, C=C)
        assert (found.status, found.certificate.dual) == ("infeasible", {"kind": "data processing"})
    near = problem.solve(R=0.01, C=math.nextafter(known - 0.01, 0), time_limit=0.2)
    assert near.rounded[0].endswith("to H(S) - R")
    assert proved(problem, R=0, C=known).status == "optimal"


@pytest.mark.parametrize("law", ["free", "fixed", "TV", "W2", "KL"])
@pytest.mark.parametrize("R", [5e-324, 1e-300, 1e-30, 1e-19])
def test_hardly_any_rate_is_no_rate(law, R):
    problem, P = (
        Finite(JOINT, COSTS, setting="asymptotic", **LAWS[law]),
        {"P": 0.05} if law not in ("free", "fixed") else {},
    )
    found = proved(problem, R=R, **P)
    assert found.status == "optimal"
    assert found.value == pytest.approx(proved(problem, R=0, **P).value, abs=1e-9)


@pytest.mark.parametrize("law", ["free", "fixed"])
def test_the_least_that_a_classifier_can_leave_open_is_solved(law):
    # With distinct posteriors of X, an output letter serves one letter alone.
    joint = np.array([[0.3, 0.05, 0.1], [0.1, 0.3, 0.15]])
    least = entropy(joint) - entropy(joint.sum(axis=0))
    fixed = {"p_Y": [0.35, 0.25, 0.4]} if law == "fixed" else {}
    problem = Finite(joint, COSTS, setting="asymptotic", **fixed)
    masses = joint.sum(axis=0)
    costs = [
        sum(m * COSTS[x][y] for x, (m, y) in enumerate(zip(masses, f, strict=True)))
        for f in itertools.permutations(range(3))
        if law == "free" or np.allclose(sorted(zip(f, masses, strict=True)), list(enumerate(fixed["p_Y"])))
    ]
    found = proved(problem, C=least)
    assert found.status == "optimal"
    assert found.value == pytest.approx(min(costs), abs=1e-8)


def test_the_least_distortion_in_floats_is_feasible():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        joint, costs = rng.dirichlet(np.ones(6)).reshape(2, 3), rng.random((3, 3))
        problem = Finite(joint, costs, setting="asymptotic")
        exact = sum(
            sum(column) * min(row)
            for column, row in zip(zip(*problem.p_SX, strict=True), problem.distortion, strict=True)
        )
        D = float(exact)
        for bound in (D, np.nextafter(D, 0), np.nextafter(D, 1)):
            found = proved(problem, minimise="R", D=bound)
            assert found.status == "optimal"
        assert proved(problem, minimise="R", D=D * (1 - 1e-14)).status == "infeasible"


def test_a_rate_of_the_source_entropy_is_no_bound():
    p = [0.3, 0.3, 0.4]
    for setting in ("one-shot", "asymptotic"):
        for R in (entropy(p), np.nextafter(entropy(p), 0), np.nextafter(entropy(p), 9)):
            found = proved(Finite([p], setting=setting), R=R)
            assert (found.status, found.upper) == ("optimal", 0)


def test_no_lower_bound_is_above_what_anything_costs():
    for seed in range(8):
        rng = np.random.default_rng(seed)
        problem = Finite(
            rng.dirichlet(np.ones(6)).reshape(2, 3), 4 * rng.random((3, 3)), setting="asymptotic", p_Y=[0.2, 0.3, 0.5]
        )
        found = problem.solve(R=0.01 * rng.random(), C=0.9 * rng.random(), time_limit=0.2)
        assert found.lower == math.inf or found.lower <= 4


# Wrong questions -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"D": 0.1}, "D must be left out"),
        ({"D": math.inf}, "D must be left out"),
        ({"minimise": "R", "R": 0.1}, "R must be left out"),
        ({"minimise": "P"}, "minimise"),
        ({"R": math.nan}, "R"),
        ({"R": -1}, "R"),
        ({"R": "x"}, "R"),
        ({"P": 0.1}, "P"),
        ({"tolerance": 0}, "tolerance must be positive"),
        ({"tolerance": True}, "tolerance"),
        ({"tolerance": None}, "tolerance"),
        ({"tolerance": math.nan}, "tolerance"),
        ({"time_limit": 0}, "time_limit must be positive"),
        ({"time_limit": "soon"}, "time_limit"),
        ({"time_limit": [1]}, "time_limit"),
        ({"method": "guess"}, "method"),
        ({"method": 3}, "method must be a word"),
        ({"unit": "bytes"}, "unit"),
        ({"start": 3}, "start must be a Solution"),
        ({"slope": -1}, "slope"),
        ({"slope": 1, "R": 1}, "slope"),
        ({"slope": 1, "minimise": "R"}, "slope"),
    ],
)
def test_wrong_questions_are_refused_in_every_setting(setting, question, said):
    given = {} if question.keys() & {"R", "minimise", "slope"} else {"R": 0.5}
    with pytest.raises(ProblemError, match=said):
        Finite(JOINT, COSTS, **SETTINGS[setting]).solve(**given, **question)


# The clock -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def warm():
    """What is imported at the first question is not a part of anybody's time."""
    for setting in SETTINGS:
        large(setting).solve(R=0.7, C=1.2, time_limit=0.2)


def large(setting, seed=0):
    rng = np.random.default_rng(seed)
    p_Y = rng.dirichlet(np.ones(8)) if seed % 2 else None
    return Finite(rng.dirichlet(np.ones(24)).reshape(3, 8), rng.random((8, 8)), p_Y=p_Y, **SETTINGS[setting])


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("seed", range(2))
def test_time_limits_are_kept(warm, setting, seed):
    for limit in (1e-9, 0.05, 0.2):
        begun = time.process_time()
        found = large(setting, seed).solve(R=0.7, C=1.2, time_limit=limit)
        assert time.process_time() - begun < 1.5 * limit + 0.3
        assert found.lower <= found.upper


@contextmanager
def ctrl_c_after(seconds):
    """Press Ctrl-C when the process has worked for so long, and a solver hears it."""

    def ring(*_):
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0.002)
        else:
            pressed.append(True)
            signal.raise_signal(signal.SIGINT)

    pressed = []
    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield pressed
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="signals of the system")
@pytest.mark.parametrize("setting", SETTINGS)
def test_ctrl_c_at_any_time_returns_the_bounds_so_far(warm, setting):
    for seed, delay in enumerate(np.random.default_rng(7).uniform(0.001, 0.3, 5)):
        problem, begun = large(setting, seed), time.process_time()
        with ctrl_c_after(delay) as pressed:
            found = problem.solve(R=0.7, C=1.2)
        assert found.lower <= found.upper
        assert found.certificate.verify()
        if pressed and found.status not in ("optimal", "infeasible"):
            assert found.status == "interrupted"
            assert time.process_time() - begun < delay + 3


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="signals of the system")
def test_ctrl_c_ends_a_curve_with_the_points_so_far(warm):
    problem = large("asymptotic")
    with ctrl_c_after(0.3):
        curve = problem.curve(R=[0.1, 0.4, 0.7, 1.0], C=1.2)
    assert curve.stopped == "interrupted"
    assert 1 <= len(curve.x) < 4
    assert (curve.lower <= curve.upper).all()


def test_time_limits_of_curves_and_surfaces_are_kept(warm):
    problem = large("one-shot Y")
    for trace, C in ((problem.curve, 1.2), (problem.surface, [1.2])):
        begun = time.process_time()
        found = trace(R=[0.1, 0.4, 0.7, 1.0], C=C, time_limit=0.4)
        assert time.process_time() - begun < 1.5 * 0.4 + 0.3
        assert (found.lower <= found.upper).all()


@pytest.mark.parametrize(
    ("options", "question", "rate"),
    [
        ({"p_Y": [0.6, 0.4]}, {"D": 1e12, "C": 0.9}, 0.0413274),
        ({"perception": "KL", "reference": [0.5, 0.5]}, {"P": 5, "C": 0.9}, 0.0397916),
        ({"perception": "TV", "reference": [0.5, 0.5]}, {"P": 1.5, "D": 1.5, "C": 0.9}, 0.0397916),
    ],
)
def test_bounds_that_everything_meets_are_as_none(options, question, rate):
    f = Finite([[0.27, 0.07], [0.03, 0.63]], setting="asymptotic", **options)
    found = f.solve(minimise="R", **question)
    assert found.status == "optimal"
    assert found.value == pytest.approx(rate, abs=1e-7)
    assert found.certificate.verify()


# Letters that may go nowhere -------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", ["one-shot YU", "asymptotic"])
@pytest.mark.parametrize(("measure", "least"), [("KL", -math.log2(0.62)), ("TV", 0.38), ("W2", 1.01)])
def test_an_output_that_no_letter_may_use_has_no_mass(setting, measure, least):
    problem = Finite([[1.0]], [[0.126, math.inf, math.inf]], perception=measure, reference=[0.62, 0.17, 0.21],
                     **SETTINGS[setting])  # fmt: skip
    found = proved(problem, minimise="R", P=least + 0.01)
    assert (found.status, found.upper) == ("optimal", 0)
    assert found.perception == pytest.approx(least)
    assert proved(problem, minimise="R", P=least - 0.01).status == "infeasible"


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("law", LAWS)
def test_letters_that_may_go_nowhere_leave_nothing_feasible(setting, law):
    costs = np.array(COSTS)
    costs[1] = math.inf
    found = proved(Finite(JOINT, costs, **SETTINGS[setting], **LAWS[law]), C=1.0)
    assert found.status == "infeasible"
    costs = np.array(COSTS)
    costs[:, 1] = math.inf
    found = proved(Finite(JOINT, costs, **SETTINGS[setting], **LAWS["fixed"]), C=1.0)
    assert found.status == "infeasible"
