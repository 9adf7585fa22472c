import functools

import pytest

from drc.derivation import Derivation
from drc.report.chapters import book


@pytest.fixture(scope="session")
def made():
    """The theorems and their audit, once for all documents."""
    with pytest.MonkeyPatch.context() as patch:
        # The proofs have tests of their own; here a few points a step will do.
        patch.setattr(Derivation, "check", functools.partialmethod(Derivation.check, points=2))
        return book(seed=1, samples=2)
