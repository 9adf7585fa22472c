"""The code that each theorem is exported as, in each language that runs here, against 50 digits.

    python benchmarks/targets.py [--points 1000] [--only bernoulli] [--out docs/_static]

A value must agree to 1e-12, or within four times what one ulp of an argument changes; what is infeasible must be infinite.
Derivatives in JAX and torch, at a fifth of the points, must agree alike with those of the library where they are
continuous. Results go to `targets.json` and, as a table, to `targets.md`, theorem by theorem. A run that was ended goes on
where it was: code is run again if it has changed, was wrong, or was run at fewer points. The exit code is 1 if anything
disagrees.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import in_languages as languages
import numpy as np

import drc
from drc.files import write_whole

#: What is code that could run; LaTeX is none.
LANGUAGES = {
    "python": "Python",
    "numpy": "numpy",
    "c": "C",
    "javascript": "JavaScript",
    "torch": "torch",
    "jax": "JAX",
    "julia": "Julia",
    "matlab": "Octave",
    "mathematica": "Mathematica",
}

#: Derivatives take longer: they are compared at one point in this many.
DIFFERENTIATED = 5


def measured(
    tradeoff: drc.Tradeoff, target: str, code: str, truth: languages.Truth, few: languages.Truth
) -> dict[str, Any]:
    """Run the code of a target at all points, and its derivatives, if it has any, at a few."""
    name, bounds = str(tradeoff.value), [symbol.name for symbol in tradeoff.arguments]
    found = asdict(truth.checked(languages.values(target, code, name, truth.columns)))
    if target in languages.DIFFERENTIABLE:
        slopes = languages.slopes(target, code, name, few.columns, bounds)
        found["derivatives"] = asdict(few.checked_slopes(slopes))
    return found


def theorem(entry: drc.theory.Entry, count: int, known: dict[str, Any]) -> dict[str, Any] | None:
    """Return the results of a theorem, those that are known and still hold among them; None if nothing is to be done."""
    tradeoff = entry.tradeoff()
    codes = {target: tradeoff.to_code(target) for target in LANGUAGES if languages.is_here(target)}
    digests = {target: hashlib.sha256(code.encode()).hexdigest()[:16] for target, code in codes.items()}
    count = max(count, known.get("points", 0))
    done = {
        target: old
        for target, old in known.get("targets", {}).items()
        if known["points"] == count and digests.get(target, old["code"]) == old["code"] and not faults_in(old)
    }
    if digests.keys() <= done.keys():
        return None
    columns = languages.drawn(tradeoff, count, seed=1)
    truth = languages.Truth(tradeoff, columns)
    few = languages.Truth(tradeoff, {letter: column[: count // DIFFERENTIATED] for letter, column in columns.items()})
    for target in digests.keys() - done.keys():
        done[target] = {"code": digests[target], **measured(tradeoff, target, codes[target], truth, few)}
    infinite = sum(not np.isfinite(float(value)) for _, value in truth.values)
    targets = {target: done[target] for target in LANGUAGES if target in done}
    return {"points": count, "infinite": infinite, "targets": targets}


def faults_in(found: Mapping[str, Any]) -> list[str]:
    """List what is wrong with the code of one target, derivatives included."""
    return [*found["faults"], *found.get("derivatives", {"faults": ()})["faults"]]


def programs() -> dict[str, str]:
    """Return what runs each target here."""
    found = {"python": platform.python_version()}
    for target in filter(languages.is_here, LANGUAGES):
        if target in ("numpy", *languages.DIFFERENTIABLE):
            found[target] = version(target)
        elif target != "python":
            command = languages.c_compiler() if target == "c" else languages.PROGRAMS[target][:1]
            said = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True).stdout
            found[target] = said.splitlines()[0]
    return found


def table(results: Mapping[str, Any]) -> str:
    """Write the results as a table in Markdown."""
    names = ("theorem", "points", "infinite", "by ulp", *LANGUAGES.values(), "derivatives", "torch", "JAX")
    lines = [f"| {' | '.join(names)} |", "|" + " --- |" * len(names)]
    for name, result in results["theorems"].items():
        found = result["targets"]
        slopes = {target: found.get(target, {}).get("derivatives") for target in ("torch", "jax")}
        cells = [
            f"`{name}`",
            f"{result['points']:,}",
            f"{result['infinite']:,}",
            str(max(one["by_ulp"] for one in found.values())),
            *(_cell(found.get(target)) for target in LANGUAGES),
            str(max((one["points"] for one in slopes.values() if one), default="")),
            *(map(_cell, slopes.values())),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    ran = "; ".join(f"{LANGUAGES[target]} {said}" for target, said in results["programs"].items())
    return "\n".join([*lines, "", f"What ran: {ran}.", ""])


def _cell(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return "not run here"
    return (
        f"**{len(found['faults'])} wrong**"
        if found["faults"]
        else f"{found['largest_error']:.0e}".replace("0e+00", "0")
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--only", default="", help="only theorems with this in their id")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "_static", help="folder of the results")
    options = parser.parse_args()
    path = options.out / "targets.json"
    results = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"theorems": {}}
    results["programs"] = results.get("programs", {}) | programs()
    order, wrong = [entry.id for entry in drc.catalogue()], 0
    for entry in drc.catalogue():
        start = time.monotonic()
        if options.only not in entry.id:
            continue
        found = theorem(entry, options.points, results["theorems"].get(entry.id, {}))
        if found is not None:
            known = results["theorems"] | {entry.id: found}
            results["theorems"] = {name: known[name] for name in order if name in known}
            write_whole(path, json.dumps(results, indent=1) + "\n")
            write_whole(options.out / "targets.md", table(results))
        faults = [
            f"{target}: {x}" for target, one in results["theorems"][entry.id]["targets"].items() for x in faults_in(one)
        ]
        print(
            f"{entry.id}: {len(faults)} faults, {time.monotonic() - start:.0f} s", *faults[:5], sep="\n  ", flush=True
        )
        wrong += len(faults)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
