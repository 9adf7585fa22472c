"""For the tests of this package and of its users: hypothesis strategies of problems and points, and claims to be proved.

    from hypothesis import given
    from drc.testing import bernoullis, bounds

    @given(bernoullis(), bounds("R", "C"))
    def test_more_rate_never_hurts(problem, at): ...

    @given(feasible_points(drc.Gaussian().drc()))
    def test_a_code_exists(at): ...

    def test_a_bound():
        assert_proved("H_b(x) <= 1", domain={"x": (0, 1)})

Corners (0, 1/2 and 1, equal and opposite laws) are drawn often, because that is where formulas break.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sympy as sp

from drc.audit.instances import instances_of
from drc.errors import ProblemError, must
from drc.problems import Bernoulli, Finite, Gaussian
from drc.proof import Claim, Ends, prove
from drc.tradeoff import Tradeoff

try:
    from hypothesis import strategies as st
except ImportError:
    raise ImportError("drc.testing needs hypothesis, which is not installed: pip install hypothesis") from None

#: How many points are tried for one that is feasible.
_TRIES = 200


def assert_proved(
    claim: Claim, *, given: Claim | Iterable[Claim] = (), domain: Mapping[sp.Symbol | str, Ends] | None = None
) -> None:
    """Fail unless a claim is proved for all parameters; the message has a witness if it is false. See `drc.prove`.

    Examples
    --------
    >>> assert_proved("x (1 - x) <= 1/4")
    >>> assert_proved("x**2 <= x", domain={"x": (0, 2)})
    Traceback (most recent call last):
    AssertionError: x**2 <= x: Refuted (balls) at x = 1.83647
    """
    found = prove(claim, given=given, domain=domain)
    if not found:
        raise AssertionError(f"{claim}: {found}")


def probabilities() -> st.SearchStrategy[float]:
    """Numbers in [0, 1], with 0, 1/2 and 1 among them, and never within 1e-6 of those otherwise."""
    inner = st.floats(1e-6, 1 - 1e-6, allow_nan=False).filter(lambda p: abs(p - 0.5) >= 1e-6)
    return st.one_of(st.sampled_from((0.0, 0.5, 1.0)), inner, inner, inner)


@st.composite
def bernoullis(draw: st.DrawFn) -> Bernoulli:
    """Bernoulli problems with numbers for all parameters, over the whole cube."""
    q_X, q_S1 = draw(probabilities()), draw(probabilities())
    q_Y = draw(st.one_of(st.sampled_from((q_X, 1 - q_X)), probabilities(), probabilities()))
    return Bernoulli(q_X=q_X, q_Y=q_Y, q_S1=q_S1)


@st.composite
def gaussians(draw: st.DrawFn) -> Gaussian:
    """Gaussian problems with numbers for all parameters; `theta = 0` and equal laws are drawn often."""
    means = st.floats(-3, 3, allow_nan=False).map(lambda x: round(x, 6))
    deviations = st.floats(0.1, 5, allow_nan=False).map(lambda x: round(x, 6))
    mu_X, sigma_X, sigma_S = draw(means), draw(deviations), draw(deviations)
    correlation = draw(st.one_of(st.just(0.0), st.floats(-0.99, 0.99), st.floats(-0.99, 0.99)))
    return Gaussian(
        mu_X=mu_X,
        sigma_X=sigma_X,
        mu_Y=draw(st.one_of(st.just(mu_X), means)),
        sigma_Y=draw(st.one_of(st.just(sigma_X), deviations)),
        mu_S=0,
        sigma_S=sigma_S,
        theta=correlation * sigma_S * sigma_X,
    )


@st.composite
def laws(draw: st.DrawFn, size: int) -> list[float]:
    """Probability vectors of a size; letters of no mass are drawn too."""
    weights = draw(st.lists(st.integers(0, 20), min_size=size, max_size=size).filter(any))
    return [weight / sum(weights) for weight in weights]


@st.composite
def uneven_laws(draw: st.DrawFn, size: int) -> list[float]:
    """Probability vectors of a size whose masses are of all sizes down to 1e-12, and zero."""
    masses = st.one_of(st.just(0.0), st.integers(-12, 0).map(lambda k: 10.0**k), st.floats(0.01, 1))
    weights = draw(st.lists(masses, min_size=size, max_size=size).filter(any))
    return [weight / sum(weights) for weight in weights]


@st.composite
def joint_laws(draw: st.DrawFn, n_S: int, n_X: int, *, uneven: bool = False) -> list[list[float]]:
    """Joint laws of a label (rows) and a source (columns); pairs and letters of no mass are drawn too.

    Parameters
    ----------
    n_S, n_X : int
    uneven : bool
        Whether masses are of all sizes down to 1e-12.

    Examples
    --------
    >>> from hypothesis import find
    >>> len(find(joint_laws(2, 3), lambda law: law[0][0] > 0.5)[1])
    3
    """
    flat = draw(uneven_laws(n_S * n_X) if uneven else laws(n_S * n_X))
    return [flat[i * n_X : (i + 1) * n_X] for i in range(n_S)]


@st.composite
def settings_of_classifiers(draw: st.DrawFn) -> dict[str, object]:
    """What `Finite` calls a setting: one shot or asymptotic, what the classifier sees, time sharing."""
    setting, sees = draw(st.sampled_from((("one-shot", "YU"), ("one-shot", "Y"), ("asymptotic", "Y"))))
    return {"setting": setting, "classifier_sees": sees, "time_sharing": sees == "Y" and draw(st.booleans())}


@st.composite
def finites(draw: st.DrawFn, largest: int = 3, *, hard: bool = False) -> Finite:
    """Finite problems of at most `largest` labels, source and target letters.

    Parameters
    ----------
    largest : int
    hard : bool
        Whether to draw what is hard on doubles, in all settings: masses down to 1e-12, costs from 1e-6 to 1e6, letters
        alike, forbidden pairs, free output laws and perception measures.
    """
    n_S, n_X, n_Y = (draw(st.integers(1 if hard else 2, largest)) for _ in range(3))
    p_SX = draw(joint_laws(n_S, n_X, uneven=hard))
    sizes = st.one_of(st.integers(-6, 6).map(lambda k: 10.0**k), st.just(math.inf), st.integers(0, 3))
    costs = st.lists(sizes if hard else st.integers(0, 8), min_size=n_Y, max_size=n_Y)
    distortion = draw(st.lists(costs, min_size=n_X, max_size=n_X))
    if not hard:
        return Finite(p_SX, distortion=distortion, p_Y=draw(laws(n_Y)))
    if draw(st.booleans()):
        distortion[0] = distortion[-1]
    law = draw(uneven_laws(n_Y))
    measures = st.sampled_from(("TV", "W2", "KL")).map(lambda name: {"perception": name, "reference": law})
    output: dict[str, Any] = draw(st.one_of(st.just({}), st.just({"p_Y": law}), measures))
    settings: dict[str, Any] = draw(settings_of_classifiers())
    return Finite(p_SX, distortion=distortion, **output, **settings)


def problems() -> st.SearchStrategy[Bernoulli | Gaussian | Finite]:
    """Problems with numbers for all parameters: bits, Gaussians and finite alphabets, all of which `solve` knows."""
    return st.one_of(bernoullis(), gaussians(), finites())


def points(tradeoff: Tradeoff) -> st.SearchStrategy[dict[str, float]]:
    """Points of a trade-off's domain: each of its bounds and free parameters by name, corners of its regimes among them.

    Raises
    ------
    ProblemError
        When a point is drawn, if the trade-off has other letters than its theorem.

    Examples
    --------
    >>> import drc
    >>> from hypothesis import find
    >>> T = drc.Bernoulli(q_S1=0.1).drc()
    >>> at = find(points(T), lambda at: T.regime(**at) == "infeasible")
    >>> sorted(at)
    ['C', 'R', 'q_X', 'q_Y']
    """
    return _seeds().map(lambda seed: _point(tradeoff, seed, lambda value: True)).filter(bool)


def feasible_points(tradeoff: Tradeoff) -> st.SearchStrategy[dict[str, float]]:
    """Points of a trade-off's domain at which its value is finite.

    Examples
    --------
    >>> import drc
    >>> from hypothesis import find
    >>> T = drc.Gaussian().rdc()
    >>> at = find(feasible_points(T), lambda at: T(**at) > 1)
    >>> at["sigma_X"] > 0
    True
    """
    return _seeds().map(lambda seed: _point(tradeoff, seed, math.isfinite)).filter(bool)


def _seeds() -> st.SearchStrategy[int]:
    return st.integers(0, 2**32 - 1)


def _point(tradeoff: Tradeoff, seed: int, wanted: Callable[[float], bool]) -> dict[str, float]:
    """Return the first of some drawn points at which the trade-off is defined and its value is wanted, or an empty one."""
    letters = [s.name for s in (*tradeoff.arguments, *tradeoff.parameters)]
    for drawn in instances_of(tradeoff, _TRIES, seed):
        if other := [letter for letter in letters if letter not in drawn]:
            raise must("tradeoff", "have the letters of its theorem, neither renamed nor in expressions", other[0])
        at = {letter: float(drawn[letter]) for letter in letters}
        try:
            if wanted(float(tradeoff(**at))):
                return at
        except ProblemError:
            # What was drawn for the free parameters does not go with those that are given.
            continue
    return {}


def bounds(*names: str, largest: float = 2.0) -> st.SearchStrategy[dict[str, object]]:
    """Mappings of bounds to numbers in `[0, largest]` or, now and then, `+inf`.

    Examples
    --------
    >>> from hypothesis import find
    >>> sorted(find(bounds("R", "C"), lambda at: at["R"] >= 1))
    ['C', 'R']
    """
    one = st.one_of(st.floats(0, largest, allow_nan=False), st.floats(0, largest), st.just(math.inf))
    return st.fixed_dictionaries(dict.fromkeys(names, one))
