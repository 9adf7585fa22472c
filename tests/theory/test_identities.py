"""Special cases: each is true, and an error in either of its two sides is found."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

import drc
from drc.expressions import compile_expression
from drc.information.kl_ball import KL_nearest, KL_steepest, KL_width
from drc.proof import Verdict
from drc.proof.sampling import interval
from drc.theory import entry, identity
from drc.theory.identities import Special

ALL = {case.id: case for case in drc.identities()}


def points(name):
    """Two theorems of the catalogue are compared at fewer points than a theorem and the literature: it saves time."""
    return 250 if isinstance(ALL[name].printed, Special) else 1000


def wrong(expr, relation=sp.Eq):
    """A larger value; where a larger one still keeps the bound, a smaller one."""
    percent = sp.Rational(-1 if relation is sp.Ge else 1, 100)
    return expr * (1 + percent) + percent / 10


#: The sides of a comparison exchanged.
TURNED = {sp.Eq: sp.Eq, sp.Le: sp.Ge, sp.Ge: sp.Le}

#: What is true at all points that are tried, and not proved.
SAMPLED = {
    "wang.binary.rdc",
    "perfect-perception.rdpc.KL",
    *("perfect-perception.bernoulli.rdpc.TV", "perfect-perception.bernoulli.rdpc.KL"),
    *("one-component.drc", "one-component.rdc", "one-component.private"),
}


@pytest.mark.parametrize("name", ALL)
def test_it_is_proved_or_true_at_a_thousand_points(name):
    found = ALL[name].check(points=points(name))
    assert found.verdict is (Verdict.SAMPLED if name in SAMPLED else Verdict.PROVED), found
    # What is proved holds at points too.
    assert ALL[name].step().sample(points=50, seed=1).verdict is Verdict.SAMPLED


def branches():
    for name, case in ALL.items():
        turned = TURNED[case.relation]
        if isinstance(case.printed, sp.Piecewise):
            for i, (value, condition) in enumerate(case.printed.args):
                # Beyond the region in which it is right a published formula is checked at its witness, below.
                if value != sp.oo and not (case.witness and condition == True):  # noqa: E712
                    args = [*case.printed.args[:i], (wrong(value, turned), condition), *case.printed.args[i + 1 :]]
                    yield f"{name}: branch {i + 1}", replace(case, printed=sp.Piecewise(*args), charts=())
        elif not isinstance(case.printed, Special):
            yield name, replace(case, printed=wrong(case.printed, turned), charts=())


WRONG_PRINTS = dict(branches())


@pytest.mark.parametrize(
    "name", [n for n, case in ALL.items() if case.charts and not isinstance(case.printed, Special)]
)
def test_algebra_does_not_prove_a_wrong_print(name):
    case = ALL[name]
    printed = case.printed
    if isinstance(printed, sp.Piecewise):
        printed = sp.Piecewise(*((wrong(value), condition) for value, condition in printed.args))
    else:
        printed = wrong(printed)
    assert replace(case, printed=printed).step().sample(points=50).verdict is Verdict.REFUTED
    assert not replace(case, printed=printed).is_algebra()


@pytest.mark.parametrize("name", WRONG_PRINTS)
def test_a_wrong_print_is_found(name):
    found = WRONG_PRINTS[name].step().sample(points=1000)
    assert found.verdict is Verdict.REFUTED
    assert found.witness


def reached(case, tradeoff):
    """The regimes of the theorem at random points of the special case."""
    rng = np.random.default_rng(0)
    ends = {s.name: interval(s, given) for s, given in case.domain.items()}
    box = {name: (max(float(inside.inf), -3), min(float(inside.sup), 3)) for name, inside in ends.items()}
    at = {name: rng.uniform(low, high, 4000) for name, (low, high) in box.items()}
    for i in ("", "1", "2"):
        if f"theta{i}" in at:
            at[f"theta{i}"] = rng.uniform(-1, 1, 4000) * at[f"sigma_S{i}"] * at[f"sigma_X{i}"]
    at |= {name: rng.integers(2, 6, 4000) for name in at if name == "M"}
    kept = np.broadcast_to(compile_expression(case.region)(at) != False, 4000)  # noqa: E712
    at = {name: values[kept] for name, values in at.items()}
    given = {
        name: compile_expression(sp.sympify(value))(at) for name, value in (case.general.given | case.best).items()
    }
    names = {s.name for s in (*tradeoff.arguments, *tradeoff.parameters)}
    return set(np.unique(tradeoff.regime(**{name: {**at, **given}[name] for name in names})))


@pytest.mark.parametrize("name", ALL)
def test_a_wrong_theorem_is_found(name):
    case = ALL[name]
    tradeoff = case.general.tradeoff()
    here = reached(case, tradeoff) - {"infeasible"}
    assert here
    for i, regime in enumerate(tradeoff.cases):
        if regime.name in here:
            cases = [
                *tradeoff.cases[:i],
                replace(regime, expr=wrong(regime.expr, case.relation)),
                *tradeoff.cases[i + 1 :],
            ]
            found = case.step(replace(tradeoff, cases=tuple(cases))).sample(points=1000)
            assert found.verdict is Verdict.REFUTED, f"nobody noticed a wrong value of {regime.name}"


REGIONS = [name for name, case in ALL.items() if case.standing == "equal on a region"]


@pytest.mark.parametrize("name", REGIONS)
def test_beyond_its_region_a_print_differs_at_a_witness(name):
    case = ALL[name]
    printed, true = case.at_witness()
    assert abs(printed - true) >= 0.01
    assert f"the published formula gives {printed:.4g}" in str(case)
    at = {symbol.name: float(value) for symbol, value in case.witness.items()}
    assert compile_expression(case.where)(at)
    assert not compile_expression(case.agrees)(at)
    # A region that is too large is found.
    assert replace(case, agrees=sp.true).step().sample(points=1000).verdict is Verdict.REFUTED


@pytest.mark.parametrize("name", ["nguyen.gaussian.drc", "nguyen.gaussian.universal"])
def test_beyond_its_region_a_print_is_the_distortion_at_the_rate_that_the_label_needs(name):
    case = ALL[name]
    printed, true = case.at_witness()
    at = {symbol.name: float(value) for symbol, value in case.witness.items()}
    given = {key: at[key] for key in ("mu_X", "sigma_X", "sigma_S", "theta")}
    needed = drc.Gaussian(**given, mu_Y=0, sigma_Y=1).rdc()(C=at["C"], D=np.inf)
    assert needed > at["R"]
    assert true == np.inf
    fixed = drc.Gaussian(**given, mu_Y=0, sigma_Y=1).drc()(R=needed)
    assert printed == pytest.approx(2 ** (-2 * needed) if "universal" in name else fixed)


@pytest.mark.parametrize("name", REGIONS)
def test_a_witness_at_which_nothing_differs_is_found(name):
    case = ALL[name]
    loose = case.witness | {symbol: "3" for symbol in case.witness if symbol.name == "C"}
    loose |= {symbol: "0.5" for symbol in case.witness if symbol.name == "R"}
    assert replace(case, witness=loose).check().verdict is Verdict.UNKNOWN


def test_most_are_equal_and_some_are_bounds():
    standing = [case.standing for case in ALL.values()]
    assert standing.count("a bound") == sum(case.relation is not sp.Eq for case in ALL.values()) > 0
    assert standing.count("equal") > 60
    bound = identity("blau.gaussian.3-dB.W2")
    assert "D <= " in str(bound)
    assert r"\le" in bound.latex()


def test_each_belongs_to_a_theorem():
    assert len(ALL) == len(drc.identities())
    for case in ALL.values():
        assert entry(case.general.theorem)
        assert case.statement.endswith(".")
        assert case.source.startswith("[")


def test_each_is_shown_as_text_and_in_latex():
    case = identity("zhang.gaussian.drp")
    assert "otherwise" in str(case)
    assert r"\begin{cases}" in case.latex()
    assert r"\mu_Y = \mu_{ref}" in identity("perfect-perception.drpc.W2").latex()
    assert "of 1 component" in str(identity("one-component.drc"))


def test_an_unknown_id_names_those_there_are():
    with pytest.raises(drc.ProblemError, match=r"id must be a special case, one of shannon\.gaussian"):
        identity("poisson")


def test_a_ball_without_a_bound_is_the_whole_half_plane():
    alpha, delta = sp.Rational(1, 3), sp.Rational(1, 5)
    assert KL_width(alpha, sp.oo) == sp.oo == KL_width.numeric(1 / 3, np.inf)
    assert KL_nearest(alpha, delta, sp.oo) == alpha
    assert KL_nearest.numeric(1 / 3, 0.2, np.inf) == 1 / 3
    assert KL_steepest(alpha**2, delta, sp.oo) == alpha
    assert KL_steepest(-alpha, delta, sp.oo) == 0
