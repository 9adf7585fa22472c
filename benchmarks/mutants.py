"""Wrong formulas made on purpose, one at a time, to see whether the checks find them: `python benchmarks/mutants.py`.

A mutant is a theory file with one change in its syntax tree: an operator, a number, a comparison, a pair of letters, or a
function that stands for another.  It is judged in a process of its own by what the tests of the theory check: the proof,
the solver, the declared laws, the sentences of `why`.  A mutant that nobody finds is printed, to be explained or to be
met with a better test.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import spec_from_loader
from pathlib import Path

ROOT = Path(__file__).parent.parent
THEORY = ROOT / "drc" / "theory"

_OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult}
_COMPARISONS = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}
_NAMES = {
    "Le": "Ge", "Ge": "Le", "Lt": "Gt", "Gt": "Lt", "Min": "Max", "Max": "Min",
    "q_X": "q_Y", "q_Y": "q_X", "q_S1": "q_X", "sigma_X": "sigma_Y", "sigma_Y": "sigma_X", "sigma_S": "sigma_X",
    "mu_X": "mu_Y", "mu_Y": "mu_X", "theta": "sigma_S", "same": "flip", "flip": "same", "kappa": "rho", "rho": "kappa",
    "t_star": "t_max", "t_max": "t_star", "rho_R": "rho_C", "rho_C": "rho_R", "rho_D": "rho_C", "H_S": "I_SX", "I_SX": "H_S",
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A changed source and where the change is."""

    path: Path
    line: int
    change: str
    source: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.change}"


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    sites = [node for node in ast.walk(tree) if hasattr(node, "lineno")]
    for index, node in enumerate(sites):
        for change in _changes(node):
            changed = copy.deepcopy(tree)
            twin = [n for n in ast.walk(changed) if hasattr(n, "lineno")][index]
            before = ast.unparse(twin)
            change(twin)
            yield Mutant(path, node.lineno, f"{before}  ->  {ast.unparse(twin)}", ast.unparse(changed))


def _changes(node: ast.AST) -> Iterator:
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS and not _has_text(node):
        yield lambda twin: setattr(twin, "op", _OPERATORS[type(twin.op)]())
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        yield lambda twin: twin.ops.__setitem__(0, _COMPARISONS[type(twin.ops[0])]())
    if isinstance(node, ast.Constant) and type(node.value) is int:
        yield lambda twin: setattr(twin, "value", twin.value + 1)
    if isinstance(node, ast.Name) and node.id in _NAMES and isinstance(node.ctx, ast.Load):
        yield lambda twin: setattr(twin, "id", _NAMES[twin.id])


def _has_text(node: ast.AST) -> bool:
    return any(isinstance(n, ast.Constant) and isinstance(n.value, str) for n in ast.walk(node))


def judge(mutant: Mutant) -> str:
    """Say in a forked process who found a mutant; the empty string if nobody did."""
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        os.close(read)
        try:
            finder = _find(mutant)
        except BaseException as error:  # a mutant may raise anything, and that is how it is found
            finder = f"raises {type(error).__name__}"
            if os.environ.get("MUTANTS_VERBOSE"):
                traceback.print_exc()
        os.write(write, finder.encode() or b"-")
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return "" if said == "-" else said


def concerned(path: Path) -> list[str]:
    """Name the theorems whose file is this one or imports it, directly or through others."""
    import drc

    def reaches(module: str, seen: frozenset[str] = frozenset()) -> bool:
        file = ROOT.joinpath(*module.split(".")).with_suffix(".py")
        if file == path:
            return True
        if not file.exists():  # a package
            return False
        imported = [
            n.module for n in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(n, ast.ImportFrom)
        ]
        inner = [m for m in imported if m and m.startswith("drc.theory.") and m not in seen]
        return any(reaches(m, seen | {module}) for m in inner)

    theorems = (found.theorem for found in drc.catalogue())
    # A family of theorems is derived by one function, of which a part is applied.
    return [t.id for t in theorems if reaches(getattr(t.derive, "func", t.derive).__module__)]


def _find(mutant: Mutant) -> str:
    name = ".".join(mutant.path.relative_to(ROOT).with_suffix("").parts)
    sys.meta_path.insert(0, _Loader(name, mutant))
    import pytest

    import drc
    from drc.proof import Verdict

    if mutant.path.parent.name == "identities":
        checks = [identity.check(points=250) for identity in import_module(name).IDENTITIES]
        return "identity" if any(check.verdict is Verdict.REFUTED for check in checks) else ""
    tradeoffs = [drc.theory.entry(name).tradeoff() for name in concerned(mutant.path)]
    for tradeoff in tradeoffs:
        if not tradeoff.check(samples=60, seed=1).ok:
            return "solver"
    for tradeoff in tradeoffs:
        if not tradeoff.derivation.check(seed=1):
            return "proof"
    for tradeoff in tradeoffs:
        if not tradeoff.check(samples=400, seed=2).ok:
            return "solver, at length"
    tests = [str(path) for path in sorted((ROOT / "tests" / "theory").glob("test_*.py"))]
    tests.append(f"{ROOT}/tests/tradeoff/test_tradeoff.py")
    skipped = "injected or test_theorems or identities"  # these judge other things, or what was judged above
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (the process ends with it)
    return (
        "tests" if pytest.main(["-q", "-x", "-n0", "-p", "no:cacheprovider", "-k", f"not ({skipped})", *tests]) else ""
    )


class _Loader:
    """Import one module from a changed source."""

    def __init__(self, name: str, mutant: Mutant) -> None:
        self.name, self.mutant = name, mutant

    def find_spec(self, name: str, path=None, target=None):
        return spec_from_loader(name, self, origin=str(self.mutant.path)) if name == self.name else None

    def create_module(self, spec):
        return None

    def exec_module(self, module) -> None:
        exec(compile(self.mutant.source, str(self.mutant.path), "exec"), module.__dict__)


def main() -> int:
    """Judge a sample of mutants, and print those that nobody found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("files", nargs="*", type=Path, help="theory files; left out, all of them")
    options = parser.parse_args()
    skipped = ("__init__", "catalogue", "identity", "algebra", "charts")  # no formulas in these
    files = options.files or [p for p in sorted(THEORY.rglob("*.py")) if p.stem not in skipped]
    everything = [mutant for path in files for mutant in mutants(path.resolve())]
    random.Random(options.seed).shuffle(everything)
    # What every child needs is imported once, before the forks; the theory itself is not.
    import cvxpy  # noqa: F401
    import pytest  # noqa: F401

    import drc.audit.check
    import drc.solvers  # noqa: F401

    for name in [name for name in sys.modules if name.startswith(("drc.theory", "drc.audit"))]:
        del sys.modules[name]
    survivors = 0
    chosen = everything[: options.count]
    for number, mutant in enumerate(chosen, 1):
        finder = judge(mutant)
        survivors += not finder
        print(f"{number:4}/{len(chosen)}  {finder or 'SURVIVED':20} {mutant}", flush=True)
    print(f"{len(chosen)} of {len(everything)} mutants tried, {survivors} survived")
    return 0


if __name__ == "__main__":
    sys.exit(main())
