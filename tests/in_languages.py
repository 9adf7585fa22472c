"""Code that a trade-off was written as, run in its language where there is what runs it, and checked by mpmath."""

from __future__ import annotations

import ctypes
import json
import math
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import mpmath
import numpy as np
from attacks import formulas
from in_mpmath import evaluate

from drc.audit.instances import instances
from drc.tradeoff import Gradient, Tradeoff, compiled

#: Numbers by letter, in the order in which a function takes them.
Columns = Mapping[str, np.ndarray]

#: The commands that run programs, the file that each reads, and a program that prints one value per line.
PROGRAMS = {
    "javascript": ("node", "main.js", "{code}\nfor (const x of [{rows}]) console.log({name}(...x));"),
    "julia": ("julia", "main.jl", "{code}\nfor x in [{rows}]\n    println({name}(x...))\nend\n"),
    "matlab": (
        "octave",
        "main.m",
        "1;\n{code}\nfor x = {{{rows}}}\n  printf('%.17g\\n', {name}(num2cell(x{{1}}){{:}}));\nend\n",
    ),
}

#: How an infinite argument is written.
_INFINITE = {"javascript": "Infinity", "julia": "Inf", "matlab": "Inf"}

#: The targets whose functions have derivatives.
DIFFERENTIABLE = ("jax", "torch")


def c_compiler() -> tuple[str, ...] | None:
    """Return the command of a C compiler: that of the system, or of the extra `fast`."""
    found = shutil.which("gcc") or shutil.which("cc")
    return (found,) if found else compiled.compiler()


def is_here(target: str) -> bool:
    """Whether this machine has what runs a target."""
    if target == "c":
        return c_compiler() is not None
    if target in DIFFERENTIABLE:
        return find_spec(target) is not None
    return target in ("python", "numpy") or (target in PROGRAMS and shutil.which(PROGRAMS[target][0]) is not None)


def function_of(code: str, name: str) -> Callable:
    """Run code in Python, and return the function of this name."""
    exec(code, place := {})
    return place[name]


def values(target: str, code: str, name: str, columns: Columns) -> np.ndarray:
    """Return the values of a function of this name that code defines."""
    with TemporaryDirectory() as folder:
        return _RUNNERS.get(target, _printed)(target, code, name, columns, Path(folder))


def _one_by_one(target: str, code: str, name: str, columns: Columns, folder: Path) -> np.ndarray:
    function = function_of(code, name)
    return np.array([function(*map(float, row)) for row in zip(*columns.values(), strict=True)])


def _at_once(target: str, code: str, name: str, columns: Columns, folder: Path) -> np.ndarray:
    return function_of(code, name)(*columns.values())


def _compiled(target: str, code: str, name: str, columns: Columns, folder: Path) -> np.ndarray:
    (folder / "f.c").write_text(code)
    flags = ["-O1", "-std=c99", "-Wall", "-Wno-unused-variable", "-Werror", "-shared", "-fPIC"]
    made = [*(c_compiler() or ()), *flags, "f.c", "-o", "f.so", "-lm"]
    subprocess.run(made, cwd=folder, check=True, timeout=120)
    function = getattr(ctypes.CDLL(str(folder / "f.so")), name)
    function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double] * len(columns)
    return np.array([function(*row) for row in zip(*columns.values(), strict=True)])


def _printed(target: str, code: str, name: str, columns: Columns, folder: Path) -> np.ndarray:
    command, file, text = PROGRAMS[target]
    rows = np.array(list(columns.values())).T.tolist()
    written = ", ".join(map(json.dumps, rows)).replace("Infinity", _INFINITE[target])
    (folder / file).write_text(text.format(code=code, name=name, rows=written))
    done = subprocess.run([command, file], cwd=folder, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    found = [float(line.replace("Infinity", "inf").replace("Inf", "inf")) for line in done.stdout.split()]
    assert len(found) == len(rows)
    return np.array(found)


def _in_jax(target: str, code: str, name: str, columns: Columns, folder: Path) -> np.ndarray:
    jax = _jax()
    return np.asarray(jax.jit(function_of(code, name))(*map(jax.numpy.asarray, columns.values())))


def _in_torch(target: str, code: str, name: str, columns: Columns, folder: Path) -> np.ndarray:
    torch = import_module("torch")
    return function_of(code, name)(*(torch.tensor(x, dtype=torch.double) for x in columns.values())).numpy()


_RUNNERS = {"python": _one_by_one, "numpy": _at_once, "c": _compiled, "jax": _in_jax, "torch": _in_torch}


def slopes(target: str, code: str, name: str, columns: Columns, letters: list[str]) -> dict[str, np.ndarray]:
    """Return the derivatives of a function with respect to some letters, as JAX or torch has them."""
    function, places = function_of(code, name), [list(columns).index(letter) for letter in letters]
    if target == "jax":
        jax = _jax()
        total = lambda *x: jax.numpy.where(jax.numpy.isfinite(function(*x)), function(*x), 0.0).sum()  # noqa: E731
        found = jax.grad(total, argnums=tuple(places))(*map(jax.numpy.asarray, columns.values()))
    else:
        torch = import_module("torch")
        given = [torch.tensor(x, dtype=torch.double, requires_grad=name in letters) for name, x in columns.items()]
        value = function(*given)
        value[torch.isfinite(value)].sum().backward()
        found = [given[place].grad for place in places]
    return {letter: np.asarray(slope) for letter, slope in zip(letters, found, strict=True)}


def _jax():
    jax = import_module("jax")
    jax.config.update("jax_enable_x64", True)
    return jax


# Points, and what is true there ------------------------------------------------------------------------------------------


def drawn(tradeoff: Tradeoff, count: int, seed: int, idle: float = 0.1) -> dict[str, np.ndarray]:
    """Draw points of a theorem, corners and infeasible ones among them, by letter; some have a bound that is inactive."""
    bounds = tuple(s.name for s in tradeoff.arguments)
    letters, rng = [*bounds, *(s.name for s in tradeoff.parameters)], np.random.default_rng(seed)
    points = [{letter: point[letter] for letter in letters} for point in instances(tradeoff.id, bounds, count, seed)]
    for point in points:
        if rng.random() < idle:
            point[rng.choice(bounds)] = math.inf
    return {letter: np.array([point[letter] for point in points]) for letter in letters}


@dataclass(frozen=True)
class Found:
    """How far the values, or derivatives, of a program are from the true ones.

    Attributes
    ----------
    points : int
    largest_error : float
        The largest relative error of those within 1e-12.
    by_ulp : int
        How many are not, but within what one ulp of an argument changes, four times.
    faults : tuple of str
        What is wrong with the others.
    """

    points: int
    largest_error: float
    by_ulp: int
    faults: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Truth:
    """Points of a trade-off, and its values there with more than fifty digits; neighbours are evaluated as need be."""

    tradeoff: Tradeoff
    columns: Columns

    @cached_property
    def points(self) -> list[dict[str, float]]:
        rows = zip(*(column.tolist() for column in self.columns.values()), strict=True)
        return [dict(zip(self.columns, row, strict=True)) for row in rows]

    @cached_property
    def values(self) -> list[tuple[str, mpmath.mpf]]:
        """The regimes and values at the points."""
        return [evaluate(self.tradeoff, point) for point in self.points]

    @cached_property
    def _beside(self) -> dict[tuple[int, int], list]:
        return {}

    def beside(self, place: int, ulps: int) -> list[tuple[str, mpmath.mpf]]:
        """Return regimes and values some ulps away from a point."""
        if (place, ulps) not in self._beside:
            self._beside[place, ulps] = formulas.beside(self.tradeoff, self.points[place], ulps)
        return self._beside[place, ulps]

    def checked(self, found: np.ndarray) -> Found:
        """Compare values with the true ones."""
        errors, by_ulp, faults = [0.0], 0, []
        for place, (x, truth) in enumerate(zip(found.tolist(), self.values, strict=True)):
            if formulas.close(x, truth[1]):
                errors.append(float(abs(mpmath.mpf(x) / truth[1] - 1)) if math.isfinite(x) and truth[1] else 0.0)
            elif fault := formulas.verdict(truth, x, truth[0], lambda ulps, place=place: self.beside(place, ulps)):
                faults.append(f"{self.points[place]}: {fault}")
            else:
                by_ulp += 1
        return Found(len(self.points), max(errors), by_ulp, tuple(faults))

    @cached_property
    def slopes(self) -> Gradient:
        """The derivatives at the points, as the library has them."""
        return self.tradeoff.gradient(**self.columns)

    def checked_slopes(self, found: Mapping[str, np.ndarray]) -> Found:
        """Compare derivatives with those of the library, where both sides have the same finite one."""
        inside = np.isfinite(self.tradeoff(**self.columns))
        errors, by_ulp, faults = [], 0, []
        for letter, slope in found.items():
            right = self.slopes[letter]
            for place in np.flatnonzero(inside & np.isfinite(right) & (right == self.slopes.left[letter])):
                off, size = abs(slope[place] - right[place]), abs(right[place])
                if off <= formulas.RELATIVE * size:
                    errors.append(off / size if size else 0.0)
                elif off <= formulas.ULPS * self._slope_of_an_ulp(place, letter):
                    by_ulp += 1
                else:
                    faults.append(f"{self.points[place]}: by {letter} {slope[place]} instead of {right[place]}")
        return Found(len(errors) + by_ulp + len(faults), max(errors, default=0.0), by_ulp, tuple(faults))

    def _slope_of_an_ulp(self, place: int, letter: str) -> float:
        """Return by how much a derivative, on either side, changes if an argument moves by one ulp."""
        moved = [point for point in formulas.nudged(self.points[place], 1) if not self._is_outside(point)]
        slopes, here = [self.tradeoff.gradient(**point) for point in moved], self.slopes[letter][place]
        return max((abs(side[letter] - here) for slope in slopes for side in (slope.left, slope.right)), default=0.0)

    def _is_outside(self, point: Mapping[str, float]) -> bool:
        parameters = {symbol.name: point[symbol.name] for symbol in self.tradeoff.parameters}
        return bool(np.any(self.tradeoff.problem.out_of_range(parameters)))
