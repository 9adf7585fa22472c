import functools

import pytest

from drc.derivation import Derivation
from drc.report.chapters import book
from drc.theory.identities import Identity


@pytest.fixture(scope="session")
def made():
    """The theorems and their audit, once for all documents."""
    with pytest.MonkeyPatch.context() as patch:
        # The proofs have tests of their own; here a few points a step will do.
        patch.setattr(Derivation, "check", functools.partialmethod(Derivation.check, points=2))
        patch.setattr(Identity, "check", functools.partialmethod(_few, Identity.check))
        return book(seed=1, samples=2)


def _few(identity, check, **options):
    return check(identity, **{**options, "points": 2})
