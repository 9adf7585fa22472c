import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import drc

ROOT = Path(__file__).parent.parent


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


@pytest.mark.parametrize(
    ("code", "without"),
    [
        ("import drc", {"numpy", "sympy", "scipy", "cvxpy", "matplotlib", "flint", "highspy", "z3"}),
        ("import drc.cli", {"numpy", "sympy", "scipy", "cvxpy", "matplotlib", "flint", "highspy", "z3"}),
        ("import drc; drc.Bernoulli()", {"scipy", "cvxpy", "matplotlib", "highspy", "z3", "drc.proof"}),
        (
            "import drc; T = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc(); T.at(R=0.4, C=0.75)",
            {"scipy.optimize", "cvxpy", "matplotlib", "highspy", "drc.theory.identities.shannon", "drc.theory.laplace"},
        ),
    ],
)
def test_a_start_is_light(code, without):
    """Nothing is loaded before it is needed."""
    shown = f"{code}; import sys; print(sorted({without} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_door_is_open():
    """What a room asks of a room above has somebody who answers, and opening the doors imports none of them."""
    code = (
        "import sys, drc; from drc.doors import Door;"
        "found = [door for door in vars(drc.doors).values() if isinstance(door, Door)];"
        "print(len(found), all(hasattr(door, '_answer') for door in found), *(m for m in sys.modules if m[:4] == 'drc.'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["11", "True", "drc.doors", "drc.version"]


def test_nothing_tells_users_to_install_an_unrelated_project():
    """`drc` on the package index is somebody else's: the distribution is `drc-theory`, and a clone is installed as `.`."""
    files = [path for folder in ("drc", "docs", "examples", "benchmarks") for path in (ROOT / folder).rglob("*")]
    texts = [path for path in (*files, *ROOT.glob("*.md")) if path.suffix in {".py", ".md", ".toml", ".ipynb"}]
    wrong = re.compile(
        r"install +(-U +|--upgrade +|-e +)?[\"']?drc(?![-\w])|\bdrc\[(torch|test|docs|lint|bench|dask|parquet)\]"
    )
    assert len(texts) > 300
    assert [str(path) for path in texts if wrong.search(path.read_text(encoding="utf-8"))] == []
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"] == "drc-theory"
