"""What a machine lacks, torch or what only Linux has, is not asked of it; no test leaves figures of pyplot to the next."""

import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

collect_ignore_glob = [] if find_spec("torch") else ["drc/images/*", "tests/images/*"]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip tests that are marked `linux` elsewhere."""
    if item.get_closest_marker("linux") and sys.platform != "linux":
        pytest.skip("needs Linux")


@pytest.fixture(autouse=True)
def _figures_closed() -> Iterator[None]:
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
