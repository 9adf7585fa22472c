import pytest

from drc.proof import Check, Step, Verdict
from drc.report.chapters import book
from drc.theory.identities import Identity


@pytest.fixture(scope="session")
def made():
    """The theorems and their audit, once for all documents."""
    with pytest.MonkeyPatch.context() as patch:
        # Proofs and special cases are checked in tests of their own; here it is told what a check tells.
        patch.setattr(Step, "check", _step)
        patch.setattr(Identity, "check", _identity)
        return book(seed=1, samples=2)


def _step(step, **_):
    return Check(Verdict.DEFINED, "definition") if step.defines else Check(Verdict.PROVED, "real arithmetic")


def _identity(identity, **_):
    return Check(Verdict.PROVED, "algebra") if identity.charts else Check(Verdict.SAMPLED, "2 points")
