"""What Linux can tell of Windows and macOS: names of files, encodings, processes, and what Linux alone has."""

from __future__ import annotations

import ast
import multiprocessing
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drc.processes import processes
from drc.theory import catalogue, identities

ROOT = Path(__file__).parent.parent
FOLDERS = ("drc", "tests", "examples", "benchmarks", ".ci", ".github", "docs/_static")
SOURCES = [path for folder in ("drc", "docs", ".ci", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))]

#: What Windows forbids in the name of a file, or keeps for devices.
FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f]|[ .]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)', re.IGNORECASE)

#: What Windows lacks: modules, and functions and constants of `os` and `signal`.
MODULES = ("fcntl", "grp", "pwd", "resource", "syslog", "termios")
FUNCTIONS = (
    "chown",
    "fchmod",
    "fork",
    "geteuid",
    "getpgid",
    "getuid",
    "killpg",
    "mkfifo",
    "sched_getaffinity",
    "setsid",
)
SIGNALS = ("SIGALRM", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGUSR1", "alarm", "pause", "setitimer")


def clashes(names: list[str]) -> list[str]:
    """Return the names that Windows cannot tell from another, or does not allow."""
    folded = [name.casefold() for name in names]
    return [n for n in names if folded.count(n.casefold()) > 1 or any(FORBIDDEN.search(part) for part in n.split("/"))]


def test_every_system_can_hold_the_files():
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts]
    names = [path.relative_to(ROOT).as_posix() for path in found]
    assert len(names) > 600
    assert clashes(names) == []
    assert max(map(len, names)) < 120
    assert clashes(["a/B", "a/b", "aux.py", "c.", "x:y", "d"]) == ["a/B", "a/b", "aux.py", "c.", "x:y"]


def test_ids_name_files():
    """Pictures, pages and proofs are called after what they show."""
    assert clashes([each.id for each in (*catalogue(), *identities())]) == []


def without_encoding(tree: ast.AST) -> Iterator[int]:
    """Yield the lines in which text is read or written in an encoding that the system chooses."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
        modes = [each.value for each in node.args[1:] if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        given = {keyword.arg for keyword in node.keywords}
        is_open = getattr(node.func, "id", "") == "open" and "b" not in "".join(modes)
        if (is_open or name in ("read_text", "write_text")) and "encoding" not in given:
            yield node.lineno


def test_text_is_utf_8():
    found = []
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        if re.search(r"(open|_text)\(", text):
            found += [f"{path}:{line}" for line in without_encoding(ast.parse(text))]
    assert found == []


def test_the_search_for_encodings_finds_them():
    code = "open(a)\nopen(a, 'w')\nopen(a, 'rb')\np.read_text()\np.write_text(t, encoding='utf-8')\np.open('rb')"
    assert [*without_encoding(ast.parse(code))] == [1, 2, 4]


#: A process that has nothing of what Windows lacks, and in which it is an error to ask for the encoding of the system.
ELSEWHERE = f"""
import asyncio, multiprocessing, os, shlex, signal, subprocess, sys, tempfile, warnings
for module, names in ((os, {FUNCTIONS}), (signal, {SIGNALS})):
    for name in names:
        delattr(module, name)
sys.modules |= dict.fromkeys({MODULES})
warnings.filterwarnings("ignore", category=EncodingWarning)  # what other libraries do
warnings.filterwarnings("error", category=EncodingWarning, module="drc")
from drc.cli.app import app, prepare_streams
import drc.cli
prepare_streams()
for line in sys.argv[1:]:
    try:
        app(shlex.split(line), prog_name="drc")
    except SystemExit as ended:
        print("ended with", ended.code)
"""

#: Pipes of Windows speak its code page; the locale C, without its usual escape, stands for a system that reads no UTF-8.
CODE_PAGE = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252"}

LINES = {
    "list": "bernoulli.one-shot.YU.drc",
    "eval bernoulli.one-shot.YU.drc q_X=.3 q_Y=.4 q_S1=.1 R=.4 C=.75": "D = 0.26937",
    "solve müll.csv --samples -R 1.2 --certificate müll.json": "optimal",
    "check-certificate müll.json": "lower bound proved",
    "table gaussian.asymptotic.drc --document --out müll.tex": ".tex",
    "prove x<=2 --domain x=0:1": "Proved",
}


@pytest.mark.linux
def test_commands_run_where_the_system_speaks_a_code_page(tmp_path):
    (tmp_path / "müll.csv").write_text("S,X\nä,0\nä,1\nø,1\nø,2\nä,0\n", encoding="utf-8")
    paths = os.pathsep.join(filter(None, [str(ROOT), *sys.path]))
    done = subprocess.run(
        [sys.executable, "-X", "warn_default_encoding", "-c", ELSEWHERE, *LINES],
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env=os.environ | CODE_PAGE | {"PYTHONPATH": paths},
    )
    assert done.stderr == b""
    *said, rest = done.stdout.decode("cp1252").split("ended with 0\n")
    assert (len(said), rest) == (len(LINES), "")
    assert [line for line, shown in zip(LINES, said, strict=True) if LINES[line] not in shown] == []
    assert r"\documentclass" in (tmp_path / "müll.tex").read_text(encoding="utf-8")


def test_workers_begin_anew():
    """Windows and macOS cannot fork: nothing of this process is in a worker."""
    sys.modules["only_here"] = multiprocessing
    try:
        with processes(1) as (pool, _):
            assert pool.submit(eval, "'only_here' in __import__('sys').modules").result() is False
    finally:
        del sys.modules["only_here"]
