"""Run JavaScript in node, for the tests that compare it with Python; they are skipped where there is no node."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from drc.explorer.formulas import library

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")


def run(source, *scripts):
    """Return the value of an expression, with the named functions and more scripts before it."""
    kept = "(key, x) => (typeof x === 'number' && !Number.isFinite(x) ? String(x) : x)"
    program = "\n".join([library(), *scripts, f"process.stdout.write(JSON.stringify({source}, {kept}))"])
    done = subprocess.run([str(NODE), "-"], input=program, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return _numbers(json.loads(done.stdout))


def _numbers(value):
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return float(value.replace("Infinity", "inf")) if value in ("Infinity", "-Infinity", "NaN") else value
