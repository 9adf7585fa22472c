"""Every public object is equal, hashed, copied and pickled by its content, before and after use, in any process."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
import sympy as sp

import drc
from drc.expressions.content import ByContent
from drc.proof import Step


def bernoulli():
    return drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1)


def gaussian(**more):
    return drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=0, sigma_Y=1, mu_S=0, sigma_S=1, theta=0.5, **more)


def vector():
    return drc.VectorGaussian(sigma_X=[1, 2], sigma_Y=[1, 1], sigma_S=[1, 1], theta=[0.5, 0.3])


def finite(**more):
    return drc.Finite([[0.27, 0.07], [0.03, 0.63]], **({"p_Y": [0.6, 0.4]} | more))


def ball():
    costs = [[0, float("inf")], [1, 0]]
    return drc.Finite([[0.27, 0.07], [0.03, 0.63]], distortion=costs, perception="TV")


def shared():
    return finite(classifier_sees="Y", time_sharing=True)


#: How each kind of public object is made, and what using it means.
OBJECTS = {
    "Bernoulli": (bernoulli, lambda p: p.solve(R=0.4, C=0.8)),
    "Bernoulli of letters": (drc.Bernoulli, lambda p: p.drc()),
    "Gaussian": (gaussian, lambda p: p.solve(R=0.4)),
    "VectorGaussian": (vector, lambda p: p.solve(R=1)),
    "Finite": (finite, lambda p: p.solve(R=0.4)),
    "Finite with a ball": (ball, lambda p: p.distortions),
    "Tradeoff": (lambda: bernoulli().drc(), lambda T: (T(R=0.4, C=[0.7, 0.9]), T.why(R=0.4, C=0.7), T.latex())),
    "Tradeoff of letters": (lambda: drc.Gaussian().rdc(), lambda T: (T.parameters, T.table())),
    "published Tradeoff": (lambda: drc.Bernoulli().drc(form="published"), str),
    "Regime": (lambda: drc.Bernoulli().drc().cases[0], str),
    "Law": (lambda: drc.Bernoulli().drc().laws[0], str),
    "Derivation": (lambda: drc.Bernoulli().drc().derivation, len),
    "DerivationReport": (lambda: drc.Gaussian().drc().derivation.check(), str),
    "Step": (lambda: drc.Bernoulli().drc().derivation[2], lambda step: (step.key(), step.check())),
    "Check": (lambda: drc.Bernoulli().drc().derivation[2].check(), str),
    "CheckReport": (lambda: drc.Gaussian().drc().check(samples=3), str),
    "Solution, Bernoulli": (lambda: bernoulli().solve(R=0.4, C=0.8), lambda s: s.certificate.verify()),
    "Solution, Gaussian": (lambda: gaussian().solve(R=0.4), lambda s: s.certificate.verify()),
    "Solution, vector": (lambda: vector().solve(R=1), lambda s: s.certificate.verify()),
    "Solution, perception": (
        lambda: finite(p_Y=None, perception="TV").solve(R=0.4, P=0.1),
        lambda s: s.certificate.verify(),
    ),
    "Solution, one shot": (lambda: finite().solve(R=0.4, C=0.8), lambda s: s.certificate.verify()),
    "Solution, asymptotic": (
        lambda: finite(setting="asymptotic").solve(R=0.4, C=0.8),
        lambda s: s.certificate.verify(),
    ),
    "Solution, infeasible": (lambda: finite().solve(R=0, C=0.01), repr),
    "Solution, time shared": (lambda: shared().solve(R=0.4, C=0.8), lambda s: s.certificate.verify()),
    "Certificate": (lambda: finite().solve(R=0.4, C=0.8).certificate, lambda c: c.verify()),
    "Curve": (lambda: finite().curve(R=(0, 0.5), points=4), lambda c: c.to_csv()),
    "Surface": (lambda: finite().surface(R=(0, 0.5), C=(0.7, 0.9), points=3), lambda c: c.to_csv()),
    "GaussianProcess": (lambda: drc.GaussianProcess(sigma_X=1, sigma_Y=1.4, ar_X=[0.9], ar_Y=[-0.3]), repr),
    "GroupUniform": (lambda: drc.GroupUniform(5), lambda p: p.rdc()),
    "MarySymmetric": (lambda: drc.MarySymmetric(4, 0.1), lambda p: p.drc()),
    "Laplace": (lambda: drc.Laplace(2), lambda p: p.rdc()),
    "Family": (lambda: drc.Family([[1 - sp.Symbol("q", real=True), sp.Symbol("q", real=True)]]), lambda f: f.at(q=0.5)),
    "catalogue": (drc.catalogue, lambda entries: entries[0].tradeoff()),
    "Identity": (lambda: drc.identities()[0], lambda case: case.check()),
    "AuditReport": (lambda: drc.audit(["gaussian.asymptotic.drc"], samples=2), lambda r: r.to_json()),
    "codec, one shot": (lambda: drc.codec(finite(), R=0.4), lambda c: c.encode(c.sample(100, seed=1)[1], seed=2)),
    "codec, dithered": (lambda: drc.codec(gaussian(), R=2), lambda c: c.encode(c.sample(100, seed=1)[1], seed=2)),
    "codec, simulation": (
        lambda: drc.codec(finite(setting="asymptotic"), R=0.2, block=4),
        lambda c: c.encode(c.sample(100, seed=1)[1], seed=2),
    ),
    "H_b": (lambda: drc.H_b(sp.Symbol("x", positive=True)), str),
}

#: Names that are functions or errors: they make the objects above.
FUNCTIONS = {"H_b", "identities", "audit", "codec", "prove", "load", "ProblemError", "NotAvailableError", "CodeError"}


def test_every_public_name_is_here():
    assert {name.split(",")[0] for name in OBJECTS} | FUNCTIONS >= set(drc.__all__)


def agree(one, other):
    assert one == other
    assert hash(one) == hash(other)
    assert repr(one) == repr(other)


@pytest.mark.parametrize("name", OBJECTS)
def test_copies_and_pickles_are_equal_before_and_after_use(name):
    make, use = OBJECTS[name]
    made = make()
    fresh = pickle.dumps(made)
    use(made)
    for other in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made)), pickle.loads(fresh), make()):
        agree(made, other)
        use(other)
        agree(made, other)
    assert {made: 1}[pickle.loads(fresh)] == 1
    assert made != "another object"
    assert made != name


def _elsewhere(pickles: dict[str, bytes]) -> dict[str, tuple[bool, bytes]]:
    """In another process, with other hashes of words: what comes in is what would be made there."""
    told = {}
    for name, data in pickles.items():
        make, use = OBJECTS[name]
        came, made = pickle.loads(data), make()
        use(came)
        told[name] = (came == made and hash(came) == hash(made), pickle.dumps(came))
    return told


def test_objects_go_to_spawned_processes_and_back(monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    made = {name: make() for name, (make, _) in OBJECTS.items()}
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        told = pool.submit(_elsewhere, {name: pickle.dumps(value) for name, value in made.items()}).result()
    assert [name for name, (same, _) in told.items() if not same] == []
    for name, (_, data) in told.items():
        assert pickle.loads(data) == made[name], name


@pytest.mark.parametrize("error", [drc.ProblemError("a"), drc.NotAvailableError("b"), drc.CodeError("c")])
def test_errors_keep_class_and_message(error):
    for other in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert (type(other), str(other)) == (type(error), str(error))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (bernoulli(), drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.2)),
        (bernoulli(), drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1, setting="asymptotic")),
        (gaussian(), gaussian(R_c=1)),
        (finite(), finite(p_Y=[0.5, 0.5])),
        (finite(), finite(setting="asymptotic")),
        (finite(), ball()),
    ],
)
def test_what_differs_in_one_parameter_is_not_equal(one, other):
    assert one != other
    assert hash(one) != hash(other)


def test_what_differs_in_one_number_is_not_equal():
    solved = finite().solve(R=0.4, C=0.8)
    others = [finite().solve(R=0.4, C=0.9), finite().solve(R=0.41, C=0.8), finite().solve(R=0.4, C=0.8, unit="nats")]
    assert all(solved != other for other in others)
    assert bernoulli().drc() != bernoulli().rdc()
    assert bernoulli().drc() != bernoulli().drc(form="published")


def test_a_proof_is_pickled_as_it_was_written():
    """An equation of equal sides is `True` to sympy: it is to be read all the same."""
    x = sp.Symbol("x", real=True)
    step = Step(sp.Eq(x, x, evaluate=False), "a toy")
    assert "x" in str(step.claim)
    assert str(pickle.loads(pickle.dumps(step)).claim) == str(step.claim)


def test_entries_of_arrays_decide():
    from dataclasses import dataclass

    @dataclass(frozen=True, eq=False)
    class Row(ByContent):
        entries: object

    assert Row(np.array([0.0, np.nan])) == Row(np.array([-0.0, np.nan]))
    assert Row({"a": [1]}) == Row({"a": (1,)})
    assert Row(np.array([1.0])) != Row(np.array([2.0]))
    assert Row(np.array([1.0])) != Row(np.array([[1.0]]))
    assert Row(1) != Row("1")
