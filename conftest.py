"""The plugin for torch is left alone where torch is not installed, and no test leaves figures of pyplot to the next."""

import sys
from importlib.util import find_spec

import pytest

collect_ignore_glob = [] if find_spec("torch") else ["drc/images/*", "tests/images/*"]


@pytest.fixture(autouse=True)
def _figures_closed():
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
