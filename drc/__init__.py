"""Cross-domain lossy compression: derive, solve and certify its trade-offs.

The public names are these; each is imported when it is first used, so that `import drc` stays fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drc.audit import audit as audit
    from drc.codes.schemes import codec as codec
    from drc.derivation import Derivation as Derivation
    from drc.derivation import Step as Step
    from drc.errors import CodeError as CodeError
    from drc.errors import NotAvailableError as NotAvailableError
    from drc.errors import ProblemError as ProblemError
    from drc.information import H_b as H_b
    from drc.problems import Bernoulli as Bernoulli
    from drc.problems import Finite as Finite
    from drc.problems import Gaussian as Gaussian
    from drc.problems import VectorGaussian as VectorGaussian
    from drc.solvers import Solution as Solution
    from drc.theory import catalogue as catalogue
    from drc.theory import identities as identities
    from drc.tradeoff import Regime as Regime
    from drc.tradeoff import Tradeoff as Tradeoff

__version__ = "0.1.0"

_HOME = {
    "Bernoulli": "drc.problems.bernoulli",
    "Gaussian": "drc.problems.gaussian",
    "VectorGaussian": "drc.problems.vector_gaussian",
    "Finite": "drc.problems.finite",
    "Tradeoff": "drc.tradeoff",
    "Regime": "drc.tradeoff",
    "Derivation": "drc.derivation",
    "Step": "drc.derivation",
    "Solution": "drc.solvers",
    "H_b": "drc.information",
    "catalogue": "drc.theory",
    "identities": "drc.theory",
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
    "Finite",
    "Tradeoff",
    "Regime",
    "Derivation",
    "Step",
    "Solution",
    "H_b",
    "catalogue",
    "identities",
    "audit",
    "codec",
    "ProblemError",
    "NotAvailableError",
    "CodeError",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'drc' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
