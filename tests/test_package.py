import subprocess
import sys

import pytest

import drc


def test_every_public_name_resolves():
    for name in drc.__all__:
        assert getattr(drc, name) is not None
        assert name in dir(drc)


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Poisson'"):
        drc.Poisson  # noqa: B018


def test_a_decoder_starts_light():
    """A process that only decodes trained codecs loads neither sympy nor scipy: each evaluation starts one."""
    code = "import sys, drc.neural.decode, drc.neural.evaluate; print(sorted({'scipy', 'sympy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_import_is_light():
    """`import drc` loads none of the heavy libraries."""
    code = "import sys, drc; print(sorted({'scipy', 'cvxpy', 'matplotlib', 'flint', 'highspy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
