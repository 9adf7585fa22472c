"""One profile for all property tests: no deadline, because a first call derives or compiles something."""

import os
import signal

# One thread a worker: two workers on two cores must not fight over them.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import matplotlib as mpl
import pytest
from hypothesis import HealthCheck, settings

# Where a shell has started the tests in the background they would not hear Ctrl-C, which some of them press.
signal.signal(signal.SIGINT, signal.default_int_handler)

mpl.use("Agg")
pytest.register_assert_rewrite("backend_laws")
settings.register_profile(
    "drc", deadline=None, max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("drc")
