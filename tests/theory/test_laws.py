"""Every trade-off declares its laws; they are checked here, one function for each kind of law."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from representatives import TRADEOFFS

from drc.audit.instances import instances

CASES = [(name, law) for name, t in TRADEOFFS.items() for law in t.laws]
IDS = [f"{name}: {law}" for name, law in CASES]


def draw(tradeoff, seed):
    names = tuple(s.name for s in tradeoff.arguments)
    (instance,) = instances(tradeoff.id, names, 1, seed)
    known = {s.name for s in (*tradeoff.arguments, *tradeoff.parameters)}
    return {name: value for name, value in instance.items() if name in known}


def same(a, b):
    return a == b or abs(a - b) <= 1e-9 * (1 + abs(a))


def nonincreasing(tradeoff, law, at, rng):
    for name in law.arguments:
        grid = np.sort(rng.uniform(0, 2 * abs(at[name]) + 0.5, 40)) - (name == "C") * 0.2
        values = tradeoff(**{**at, name: grid})
        with np.errstate(invalid="ignore"):
            assert not (np.diff(values) > 1e-12).any()


def convex(tradeoff, law, at, rng):
    at = at | {name: float(value) for name, value in law.changes.items()}
    a, b = ({n: abs(at[n]) * rng.uniform(0.3, 2, 50) + rng.uniform(0, 0.2, 50) for n in law.arguments} for _ in "ab")
    share = rng.uniform(0, 1, 50)
    middle = {n: share * a[n] + (1 - share) * b[n] for n in law.arguments}
    ends = [tradeoff(**{**at, **end}) for end in (a, b)]
    both = np.isfinite(ends[0]) & np.isfinite(ends[1])
    value = tradeoff(**{**at, **middle})[both]
    assert (value <= (share * ends[0] + (1 - share) * ends[1])[both] * (1 + 1e-12) + 1e-9).all()


def symmetry(tradeoff, law, at, rng):
    # Binary fractions, so that 1 - q is exactly that: near a corner a last digit counts.
    at = {k: round(v * 2**30) / 2**30 if k.startswith("q_") else v for k, v in at.items()}
    numbers = {sp.Symbol(k, real=True): sp.Rational(repr(v)) for k, v in at.items()}
    numbers |= {sp.Symbol(k, positive=True): v for k, v in ((s.name, v) for s, v in list(numbers.items()))}
    changed = {k: float(sp.sympify(v).subs(numbers)) for k, v in law.changes.items() if k in at}
    here, there = float(tradeoff(**at)), float(tradeoff(**{**at, **changed}))
    if np.isinf(here) != np.isinf(there):
        # The change is made in floats, so a point on the border of the feasible set may fall off it.
        loose = {n.name: at[n.name] + 1e-9 for n in tradeoff.arguments}
        here, there = (float(tradeoff(**{**p, **loose})) for p in (at, {**at, **changed}))
        assert same(here, there) or np.isinf(here) == np.isinf(there)
    else:
        assert same(here, there)


def limit(tradeoff, law, at, rng):
    bounds = {k: float(v) for k, v in law.changes.items()}
    # The value at a limit may be a function of the arguments that are left.
    numbers = {s: sp.Rational(repr(at[s.name])) for s in (*tradeoff.parameters, *tradeoff.arguments)}
    value = float(law.value.xreplace(numbers).evalf(30))
    assert float(tradeoff(**{**at, **bounds})) == pytest.approx(value, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize(("name", "law"), CASES, ids=IDS)
@settings(max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_law(name, law, seed):
    tradeoff = TRADEOFFS[name]
    globals()[law.kind](tradeoff, law, draw(tradeoff, seed), np.random.default_rng(seed))


@pytest.mark.parametrize("name", TRADEOFFS)
def test_every_theorem_declares_its_laws(name):
    kinds = {law.kind for law in TRADEOFFS[name].laws}
    # A size of an alphabet has no symmetry.
    sized = {"symmetry"} if any(s.name in ("M", "lam") for s in TRADEOFFS[name].parameters) else set()
    assert kinds | sized == {"nonincreasing", "convex", "symmetry", "limit"}


@pytest.mark.parametrize("name", TRADEOFFS)
@given(seed=st.integers(0, 10**6))
def test_never_nan_and_never_below_zero(name, seed):
    rng = np.random.default_rng(seed)
    tradeoff = TRADEOFFS[name]
    at = draw(tradeoff, seed)
    grids = {s.name: np.append(rng.uniform(0, 3, 30), [0, np.inf]) for s in tradeoff.arguments}
    values = tradeoff(**{**at, **grids})
    assert not np.isnan(values).any()
    assert (values >= -1e-12).all()


@pytest.mark.parametrize("name", [n for n in TRADEOFFS if n.startswith("bernoulli.") and ".rd" in n])
def test_a_constant_source_has_its_only_distortion_at_rate_zero(name):
    # One bit that never changes: its distortion is |q_X - q_Y|, which is q_X + q_Y - 2 q_X q_Y but for rounding.
    tradeoff = TRADEOFFS[name]
    q_Y = np.random.default_rng(0).random(200)
    for q_X in (0.0, 1.0):
        D = np.abs(q_X - q_Y)
        given = {"q_X": q_X, "q_Y": q_Y, "q_S1": 0.2, "q_ref": q_Y, "D": D, "C": np.inf, "P": 0.0}
        given |= dict.fromkeys(("q_T", "q_T0", "q_T1"), 0.0)
        known = {s.name for s in (*tradeoff.parameters, *tradeoff.arguments)}
        values = tradeoff(**{key: value for key, value in given.items() if key in known})
        assert (values < 1e-12).all()


def inverse_of(name):
    return name.replace(".drc", ".rdc").replace(".drpc", ".rdpc")


@pytest.mark.parametrize("name", [name for name in TRADEOFFS if ".d" in name and inverse_of(name) in TRADEOFFS])
@given(seed=st.integers(0, 10**6))
def test_drc_and_rdc_are_inverse(name, seed):
    D, R = TRADEOFFS[name], TRADEOFFS[inverse_of(name)]
    at = draw(D, seed)
    least = float(D(**at))
    if np.isfinite(least):
        others = {k: v for k, v in at.items() if k != "R"}
        rate = float(R(**{**others, "D": least * (1 + 1e-12) + 1e-12}))
        assert rate <= at["R"] + 1e-9
