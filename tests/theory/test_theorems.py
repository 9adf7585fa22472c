"""The theorems: derived, every step true, and equal to values of the literature."""

import math
import subprocess
import sys
import time

import numpy as np
import pytest
import sympy as sp
from representatives import TRADEOFFS

import drc
from drc.proof import Verdict
from drc.theory import check_proofs, entry

ALL = list(TRADEOFFS)


#: Claims that are not decided for all parameters, but only sampled: at most this many in each of these theorems.
SAMPLED = {"gaussian.asymptotic.rdpc.KL": 1}


def unproved(report):
    """The claims that are neither proved nor cited, with their numbers."""
    return [f"{i}: {c}" for i, c in enumerate(report.checks) if not c and c.verdict is not Verdict.DEFINED]


@pytest.mark.parametrize("family", sorted({e.family for e in drc.catalogue()}))
def test_every_claim_is_proved_or_cited_or_said_to_be_sampled(family):
    names = [e.id for e in drc.catalogue() if e.family == family]
    for name, report in check_proofs(names, seed=7).items():
        assert report.verdict not in (Verdict.REFUTED, Verdict.UNKNOWN), unproved(report)
        assert len(unproved(report)) <= SAMPLED.get(name, 0), unproved(report)


@pytest.mark.parametrize("name", [e.id for e in drc.catalogue()])
def test_every_claim_says_something(name):
    """What is true as it is written is no claim."""
    claims = [step for step in entry(name).tradeoff().derivation if not step.defines]
    parts = [part for step in claims for part in sp.And.make_args(step.claim)]
    assert not [part for part in parts if part == True or (isinstance(part, sp.Rel) and part.lhs == part.rhs)]  # noqa: E712


@pytest.mark.parametrize("name", ["bernoulli.one-shot.YU.drpc.KL", "bernoulli.one-shot.Y.drc"])
def test_every_claim_is_proved_in_nats(name):
    """A unit changes constants only, so one theorem of each kind is enough."""
    report = entry(name).tradeoff(unit="nats").derivation.check(seed=7)
    assert report, unproved(report)


@pytest.mark.parametrize(
    "name", [e.id for e in drc.catalogue() if e.id.endswith("W2") and e.id.replace("W2", "TV") in TRADEOFFS]
)
def test_for_bits_w2_is_total_variation(name):
    one, other = entry(name).tradeoff(), TRADEOFFS[name.replace("W2", "TV")]
    assert [(r.name, r.condition, r.expr) for r in one.cases] == [(r.name, r.condition, r.expr) for r in other.cases]
    assert one.where == other.where
    claims = {step.key() for step in other.derivation}
    own = [step for step in one.derivation if step.key() not in claims]
    assert len(own) == 2
    assert all(step.check() for step in own)
    assert one.check(samples=20).ok


@pytest.mark.parametrize("name", ALL)
def test_the_solver_agrees(name):
    report = entry(name).tradeoff().check(samples=150, seed=3)
    assert report.ok, report
    assert report.unknown <= 0.05 * 150
    assert report.widest_enclosure <= 1e-9


def test_the_solver_agrees_in_nats():
    assert drc.Bernoulli().rdc(unit="nats").check(samples=60, seed=4).ok
    assert drc.Gaussian().drc(unit="nats").check(samples=30, seed=4).ok


def test_derivation_from_nothing_is_quick():
    """A minute would be too long to wait for a formula; this is a bound on the time of a broken loop, not a benchmark."""
    code = "import drc; drc.Bernoulli().drc().derivation.check() and drc.Bernoulli().rdc().derivation.check()"
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
    assert time.perf_counter() - start < 120


# Liu, Zhang, Chen, Khisti 2022 [liu2022]: entropy-constrained optimal transport with common randomness.  For a fair bit the
# plan is `identity with probability R`, so D = (1 - R)/2 for q_X = q_Y = 1/2, and in general the line from D_ind at R = 0.
@pytest.mark.parametrize(
    ("q", "r", "R", "D"),
    [
        (0.5, 0.5, 0.0, 0.5),
        (0.5, 0.5, 0.25, 0.375),
        (0.5, 0.5, 1.0, 0.0),
        (0.5, 0.25, 0.0, 0.5),
        (0.5, 0.25, 1.0, 0.25),
    ],
)
def test_bernoulli_without_a_label(q, r, R, D):
    assert drc.Bernoulli(q_X=q, q_Y=r, q_S1=0).drc()(R=R) == pytest.approx(D, abs=1e-15)


# Zhang, Qian, Chen, Khisti 2021 [zhang2021]: with perfect perception D = 2 sigma^2 (1 - sqrt(1 - 2^(-2R))).
@pytest.mark.parametrize("R", [0.0, 0.5, 1.0, 3.0])
def test_gaussian_with_equal_laws(R):
    D = drc.Gaussian(mu_X=1, sigma_X=2, mu_Y=1, sigma_Y=2, mu_S=0, sigma_S=1, theta=0).drc()
    assert D(R=R) == pytest.approx(8 * (1 - math.sqrt(1 - 2 ** (-2 * R))), abs=1e-14)


def test_gaussian_limit_is_the_wasserstein_distance():
    D = drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=1, sigma_Y=3, mu_S=0, sigma_S=1, theta=0.5).drc()
    assert D(R=np.inf) == 5.0
    assert D(R=60) == pytest.approx(5.0, abs=1e-12)


@pytest.mark.parametrize(
    ("q", "e"), [(0, 0.3), (1, 0.3), (0.5, 0.3), (0.3, 0), (0.3, 0.5), (0.3, 1), (0, 0), (0.5, 0.5)]
)
@pytest.mark.parametrize("r", [0, 0.5, 0.2])
@pytest.mark.parametrize("setting", [("one-shot", "YU"), ("one-shot", "Y"), ("asymptotic", "Y")], ids=".".join)
def test_degenerate_laws_have_the_answer_of_the_program(setting, q, e, r):
    problem = drc.Bernoulli(q, r, e, *setting)
    D, R = problem.drc(), problem.rdc()
    for rate, label in ((0, 1), (0.3, 0.8), (1, 0.2)):
        solved = problem.solve(R=rate, C=label)
        assert D(R=rate, C=label) == pytest.approx(solved.value, abs=1e-9)
    for label in (0.8, math.inf):
        solved = problem.solve(D=0.4, C=label, minimise="R")
        if solved.status in ("optimal", "infeasible"):
            assert R(D=0.4, C=label) == pytest.approx(solved.value, abs=1e-9)


def test_theta_zero_decides_on_the_entropy_of_the_label_alone():
    D = drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=0, sigma_Y=1, mu_S=0, sigma_S=1, theta=0).drc()
    h_S = 0.5 * math.log2(2 * math.pi * math.e)
    assert np.isfinite(D(R=1, C=h_S))
    assert D(R=math.inf, C=h_S - 1e-6) == math.inf


def test_a_label_that_is_the_source():
    D = drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=0, sigma_Y=1, mu_S=0, sigma_S=1, theta=-1).drc()
    assert D(R=math.inf, C=-50) == 0.0
    assert D(R=1, C=-50) == math.inf


def test_sympy_parameters():
    q = sp.Symbol("q", real=True)
    T = drc.Bernoulli(q_X=q, q_Y=q, q_S1=0).drc()
    assert T(R=np.inf, q=[0.1, 0.7]).tolist() == [0, 0]


def test_settings_to_come_say_so():
    setting = {"setting": "asymptotic", "classifier_sees": "YU"}
    with pytest.raises(drc.NotAvailableError, match="not available yet"):
        drc.Bernoulli(**setting).drc()
    with pytest.raises(drc.NotAvailableError, match="not available yet"):
        drc.Bernoulli(q_X=0.1, q_Y=0.2, q_S1=0.3, **setting).solve(R=1)


def test_the_catalogue():
    assert entry(ALL[0]).forms == ("exact", "published")
    assert "Theorem 2" in entry(ALL[0]).source
    assert "Hamming" in entry(ALL[0]).statement
    assert "derived" in entry(ALL[0]).status
    with pytest.raises(drc.ProblemError, match="id must be one of bernoulli"):
        entry("poisson")
    with pytest.raises(drc.ProblemError, match="must be among .*, got lambda_"):
        entry(ALL[0]).tradeoff(lambda_=1)
