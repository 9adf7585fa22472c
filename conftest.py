"""The plugin for torch is left alone where torch is not installed, and what only Linux has is not asked of other systems."""

import sys
from importlib.util import find_spec

import pytest

collect_ignore_glob = [] if find_spec("torch") else ["drc/images/*", "tests/images/*"]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip tests that are marked `linux` elsewhere."""
    if item.get_closest_marker("linux") and sys.platform != "linux":
        pytest.skip("needs Linux")
