"""Branch and bound over the law of Y: against a grid of all plans, with a classifier, and at corners."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

import drc
from drc.information import H_b_inv, I_b, I_b_inv, KL_b, binary_entropy


def problem(q, e=0.1):
    return drc.Bernoulli(q_X=q, q_S1=e, setting="asymptotic")


def plans(q, e, laws, points=401):
    """Distortion, rate and H(S|Y) of a grid of laws and covariances."""
    r, share = np.asarray(laws)[:, None], np.linspace(0, 1, points)
    low, high = np.maximum(-q * r, -(1 - q) * (1 - r)), np.minimum(q * (1 - r), (1 - q) * r)
    u = low + (high - low) * share
    s = q * (1 - e) + (1 - q) * e
    label = binary_entropy(s) - I_b.numeric((1 - 2 * e) * u, s, r)
    return q + r - 2 * q * r - 2 * u, I_b.numeric(u, q, r), label


# The last two need negative covariance: the reference and the source lie on different sides of 1/2.
@pytest.mark.parametrize("perception", ["TV", "KL"])
@pytest.mark.parametrize(
    ("q", "e", "ref", "P", "R", "C"),
    [
        (0.3, 0.1, 0.4, 0.05, 0.4, 0.8),
        (0.6, 0.02, 0.6, 0.1, 0.5, 0.9),
        (0.3, 0.1, 0.8, 0.02, 1.0, 0.7),
        (0.3, 0.05, 0.85, 0.01, 0.9, 0.72),
    ],
)
def test_no_plan_on_a_grid_does_better(perception, q, e, ref, P, R, C):
    laws = np.linspace(0, 1, 2001)
    laws = laws[(np.abs(laws - ref) if perception == "TV" else KL_b.numeric(laws, ref)) <= P]
    D, rate, label = plans(q, e, laws)
    s = problem(q, e).solve(R=R, P=P, C=C, perception=perception, reference=ref)
    assert s.status == "optimal"
    assert s.lower <= D[(rate <= R) & (label <= C)].min() + 1e-12
    assert s.upper >= D[(rate <= R + 5e-3) & (label <= C + 5e-3)].min() - 5e-3
    assert s.certificate.verify()
    bound = s.upper + 0.01
    least = problem(q, e).solve(minimise="R", D=bound, P=P, C=C, perception=perception, reference=ref)
    assert least.status == "optimal"
    assert least.lower <= rate[(bound >= D) & (label <= C)].min() + 1e-12
    assert least.upper >= rate[(bound + 5e-3 >= D) & (label <= C + 5e-3)].min() - 2e-2
    assert least.upper <= R + 1e-9
    for found in (s, least):
        joint = found.coupling
        assert joint.sum() == pytest.approx(1)
        assert joint[1].sum() == pytest.approx(q)
        assert joint[0, 1] + joint[1, 0] == pytest.approx(found.distortion)
        assert found.perception <= P + 1e-12
        assert found.classification <= C + 1e-12


def test_negative_covariance():
    s = problem(0.3).solve(R=1, P=0.02, C=0.7, perception="TV", reference=0.8)
    assert np.linalg.det(s.coupling) < 0
    assert s.distortion > 0.5


@pytest.mark.parametrize("perception", ["TV", "W2", "KL"])
def test_certificates(perception):
    b = problem(0.7, 0.2)
    for options in ({"R": 0.3, "P": 0.05}, {"R": 0.6, "P": 0.05, "C": 0.9}, {"minimise": "R", "D": 0.2, "P": 0.01}):
        for unit in ("bits", "nats"):
            s = b.solve(**options, perception=perception, reference=0.5, unit=unit, tolerance=1e-11)
            assert s.status == "optimal"
            assert s.gap <= 1e-11
            assert s.certificate.verify()
            assert not replace(s.certificate, lower=s.lower + 1e-8).verify()
            assert not replace(s.certificate, upper=s.upper - 1e-8).verify()
            joint = [row[::-1] for row in s.certificate.primal["joint"]]
            assert not replace(s.certificate, primal=s.certificate.primal | {"joint": joint}).verify()
            assert not replace(s.certificate, primal=None).verify()
            assert not replace(s.certificate, lower=float("nan")).verify()
    none = b.solve(R=0.01, P=0.01, C=0.5, perception=perception)
    assert none.status == "infeasible"
    assert none.certificate.verify()


@pytest.mark.parametrize("perception", ["TV", "KL"])
@pytest.mark.parametrize("q", [0, 0.3, 1])
@pytest.mark.parametrize("ref", [0, 0.3, 1])
def test_corners(perception, q, ref):
    for P in (0, 0.2, None):
        for R in (0, 2):
            s = problem(q).solve(R=R, P=P, perception=perception, reference=ref)
            assert s.status == "optimal"
            bounds = {"R": R} if P is None else {"R": R, "P": P}
            expected = problem(q).drpc(perception=perception, reference=ref)(**bounds)
            assert s.value == pytest.approx(expected, abs=1e-9)


def test_parameters_that_are_not_needed_may_be_symbols():
    b = drc.Bernoulli(q_X=0.3, setting="asymptotic")
    assert b.solve(R=0.3, P=0.1, perception="TV").status == "optimal"
    with pytest.raises(drc.ProblemError, match="q_S1"):
        b.solve(R=0.3, P=0.1, C=0.5, perception="TV")
    with pytest.raises(drc.ProblemError, match="P must be at least 0"):
        b.solve(R=0.3, P=-1, perception="TV")
    late = problem(0.3).solve(R=0.3, P=0.1, perception="TV", time_limit=1e-9)
    assert late.status in ("time limit", "optimal")


def information(u, p, r):
    return float(I_b.numeric(u, p, r))


def nearest(x, low, high):
    return min(max(x, low), high)


class WithClassifier:
    """A way by roots in doubles: the laws that tell enough of the label are an interval around Shannon's law.

    For `m = P(X = 1) <= 1/2` and covariance `u`, laws of the negation of Y on the negative side.
    """

    def __init__(self, q, e, ref, P, C):
        self.m, self.e = min(q, 1 - q), e
        a, b = max(0, ref - P), min(1, ref + P)
        self.a, self.b = (a, b) if q <= 0.5 else (1 - b, 1 - a)
        self.s = self.m * (1 - e) + (1 - self.m) * e
        self.needed, self.C = binary_entropy(self.s) - C, C

    def independent(self, r):
        return self.m + r - 2 * self.m * r

    def least(self, r):
        """The least covariance that tells enough."""
        return float(I_b_inv.numeric(self.needed, self.s, r)) / (1 - 2 * self.e)

    def telling(self, top, centre):
        """The laws at which the largest covariance tells enough, if there are any."""

        def spare(r):
            return information((1 - 2 * self.e) * top(r), self.s, r) - self.needed

        if spare(centre) < 0:
            return None
        return (
            0.0 if spare(0.0) >= 0 else brentq(spare, 0, centre, xtol=1e-15),
            1.0 if spare(1.0) >= 0 else brentq(spare, centre, 1, xtol=1e-15),
        )

    def D(self, R):
        free = float(H_b_inv.numeric(binary_entropy(self.m) - R))

        def top(r):
            return float(I_b_inv.numeric(R, self.m, r))

        centre = (self.m - free) / (1 - 2 * free)
        ends = self.telling(top, centre)
        here = nearest(centre, self.a, self.b)
        if ends is None:
            return np.inf
        if ends[0] <= here <= ends[1]:
            return self.independent(here) - 2 * top(here)
        low, high = max(ends[0], 1 - self.b), min(ends[1], 1 - self.a)
        return 1 - max(self.independent(r) - 2 * self.least(r) for r in (low, high)) if low <= high else np.inf

    def R(self, D):
        def rate(r):
            return information(self.least(r), self.m, r)

        ends = self.telling(lambda r: min(self.m * (1 - r), (1 - self.m) * r), self.m)
        if ends is None:
            return np.inf
        free = (float(H_b_inv.numeric(self.C)) - self.e) / (1 - 2 * self.e)
        centre, found = (self.m - free) / (1 - 2 * free), [np.inf]
        here = nearest(centre, self.a, self.b)
        if ends[0] <= here <= ends[1]:
            without = drc.Bernoulli(q_X=self.m, setting="asymptotic").rdpc(
                perception="TV", reference=(self.a + self.b) / 2
            )
            found.append(max(rate(here), without(D=D, P=(self.b - self.a) / 2)))
        low, high = max(ends[0], 1 - self.b), min(ends[1], 1 - self.a)
        if low <= high:

            def spare(r):
                return self.independent(r) - 2 * self.least(r) - (1 - D)

            here = nearest(centre, low, high)
            if spare(here) >= 0:
                found.append(rate(here))
            else:
                found += [
                    rate(brentq(spare, *sorted((end, here)), xtol=1e-15)) for end in (low, high) if spare(end) > 0
                ]
        return min(found)


@pytest.mark.parametrize("seed", range(30))
def test_with_a_classifier_by_roots(seed):
    rng = np.random.default_rng(seed)
    q, e, P = rng.uniform(0.05, 0.95), rng.uniform(0, 0.4), rng.uniform(0.001, 0.1)
    ref = 1 - q if seed % 2 else rng.uniform(0, 1)
    s = q * (1 - e) + (1 - q) * e
    C = binary_entropy(e) + (binary_entropy(s) - binary_entropy(e)) * rng.uniform(0.3, 0.95)
    roots, bounds = WithClassifier(q, e, ref, P, C), {"P": P, "C": C, "perception": "TV", "reference": ref}
    for minimise, name, bound in (("D", "R", rng.uniform(0.1, 1)), ("R", "D", rng.uniform(0.1, 1))):
        solved = problem(q, e).solve(minimise=minimise, **{name: bound}, **bounds)
        assert solved.status in ("optimal", "infeasible")
        expected = roots.D(bound) if minimise == "D" else roots.R(bound)
        assert expected == pytest.approx(solved.value, abs=1e-9)
