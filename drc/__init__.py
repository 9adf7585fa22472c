"""Cross-domain lossy compression: derive, solve and certify its trade-offs.

The public names are these; each is imported when it is first used, so that `import drc` stays fast.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from drc import doors
from drc.version import __version__ as __version__

if TYPE_CHECKING:
    from drc.audit import CheckReport
    from drc.audit import audit as audit
    from drc.codes.achieved import Achieved
    from drc.codes.schemes import codec as codec
    from drc.errors import CodeError as CodeError
    from drc.errors import NotAvailableError as NotAvailableError
    from drc.errors import ProblemError as ProblemError
    from drc.information import H_b as H_b
    from drc.neural.backend import Backend
    from drc.problems import Bernoulli as Bernoulli
    from drc.problems import Family as Family
    from drc.problems import Finite as Finite
    from drc.problems import Gaussian as Gaussian
    from drc.problems import GaussianProcess as GaussianProcess
    from drc.problems import GroupUniform as GroupUniform
    from drc.problems import Laplace as Laplace
    from drc.problems import MarySymmetric as MarySymmetric
    from drc.problems import Problem
    from drc.problems import VectorGaussian as VectorGaussian
    from drc.proof import Derivation as Derivation
    from drc.proof import Step as Step
    from drc.proof import prove as prove
    from drc.saved import load as load
    from drc.solvers import Curve, Limits, Surface, Universal
    from drc.solvers import Solution as Solution
    from drc.theory import catalogue as catalogue
    from drc.theory import identities as identities
    from drc.tradeoff import Regime as Regime
    from drc.tradeoff import Tradeoff as Tradeoff
    from drc.units import Unit

_HOME = {
    "Bernoulli": "drc.problems.bernoulli",
    "Gaussian": "drc.problems.gaussian",
    "VectorGaussian": "drc.problems.vector_gaussian",
    "GaussianProcess": "drc.problems.gaussian_process",
    "Finite": "drc.problems.finite",
    "Family": "drc.problems.family",
    "GroupUniform": "drc.problems.symmetric",
    "MarySymmetric": "drc.problems.symmetric",
    "Laplace": "drc.problems.laplace",
    "Tradeoff": "drc.tradeoff",
    "Regime": "drc.tradeoff",
    "Derivation": "drc.proof",
    "Step": "drc.proof",
    "Solution": "drc.solvers",
    "H_b": "drc.information",
    "catalogue": "drc.theory",
    "identities": "drc.theory",
    "prove": "drc.proof",
    "load": "drc.saved",
    "audit": "drc.audit",
    "codec": "drc.codes.schemes",
    "ProblemError": "drc.errors",
    "CodeError": "drc.errors",
    "NotAvailableError": "drc.errors",
}

__all__ = [
    "Bernoulli",
    "Gaussian",
    "VectorGaussian",
    "GaussianProcess",
    "Finite",
    "Family",
    "GroupUniform",
    "MarySymmetric",
    "Laplace",
    "Tradeoff",
    "Regime",
    "Derivation",
    "Step",
    "Solution",
    "H_b",
    "catalogue",
    "identities",
    "prove",
    "load",
    "audit",
    "codec",
    "ProblemError",
    "NotAvailableError",
    "CodeError",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'drc' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


# The doors from rooms below to rooms above; whoever answers is imported when it is asked.


@doors.theorem.opened_by
def _theorem(name: str) -> Callable[[Problem, Unit], Tradeoff]:
    if name.startswith("finite."):
        from drc.theory.finite.surface import tradeoff

        return partial(tradeoff, name)
    if name.startswith("family."):
        from drc.theory.finite.family import tradeoff

        return partial(tradeoff, name)
    from drc.theory.catalogue import theorem

    return theorem(name)


@doors.published.opened_by
def _published(name: str) -> Callable[[Problem, Unit], Tradeoff]:
    from drc.published import published

    return published(name)


@doors.solve.opened_by
def _solve(name: str, problem: Problem, **question: Any) -> Solution:
    from drc.solvers.solve import solve

    return solve(name, problem, **question)


@doors.curve.opened_by
def _curve(problem: Problem, **options: Any) -> Curve:
    from drc.solvers import curve

    return curve(problem, **options)


@doors.surface.opened_by
def _surface(problem: Problem, **options: Any) -> Surface:
    from drc.solvers import surface

    return surface(problem, **options)


@doors.limits.opened_by
def _limits(problem: Finite, **options: Any) -> Limits:
    from drc.solvers import limits

    return limits(problem, **options)


@doors.universal.opened_by
def _universal(problem: Finite, **question: Any) -> Universal:
    from drc.solvers.finite.universal.solve import solve_universal

    return solve_universal(problem, **question)


@doors.saved.opened_by
def _saved(value: object) -> object:
    from drc.solvers.saved import saved

    return saved(value)


@doors.check.opened_by
def _check(tradeoff: Tradeoff, **options: Any) -> CheckReport:
    from drc.audit import check_tradeoff

    return check_tradeoff(tradeoff, **options)


@doors.achieved.opened_by
def _achieved(tradeoff: Tradeoff, **options: Any) -> Achieved | None:
    from drc.codes.achieved import achieved

    return achieved(tradeoff, **options)


@doors.backend.opened_by
def _backend(name: str) -> Backend:
    if name == "torch":
        from drc.images.backend import TorchBackend

        return TorchBackend()
    from drc.neural.numpy import NumpyBackend

    return NumpyBackend()
