"""Compiled trade-offs have the values of the numpy road, and where anything is missing, numpy does it."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest
import sympy as sp

import drc
from drc.audit.instances import instances
from drc.information import H_b, H_b_inv, I_b, I_b_inv, KL_b_max, KL_b_min
from drc.theory import entry
from drc.tradeoff import compiled, evaluation
from drc.tradeoff.regime import Regime

#: One theorem for each set of named functions that programs have, and one with common randomness.
NAMES = (
    *("bernoulli.one-shot.YU.drc", "bernoulli.one-shot.Y.rdc", "bernoulli.one-shot.YU.remote.drpc.KL"),
    *("bernoulli.asymptotic.Y.drpc.TV", "bernoulli.asymptotic.Y.rdpc.KL", "gaussian.asymptotic.drc"),
    *("gaussian.asymptotic.limited.drc", "gaussian.asymptotic.rdpc.KL", "laplace.rdc", "mary.one-shot.YU.cdr"),
)

needs_compiler = pytest.mark.skipif(
    not (find_spec("ziglang") or shutil.which("cc")), reason="a C compiler is not installed"
)
x = sp.Symbol("x", positive=True)
BIT = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1)


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """The libraries that the tests of one process share."""
    return tmp_path_factory.mktemp("libraries")


@pytest.fixture(autouse=True)
def _compiling(monkeypatch, kept):
    monkeypatch.setenv("DRC_COMPILED", "" if find_spec("ziglang") else "1")
    monkeypatch.setattr(compiled, "cache_folder", lambda: kept)
    monkeypatch.setattr(evaluation, "_MANY", 1)
    monkeypatch.setattr(compiled, "_libraries", {})


def by_numpy(tradeoff, columns):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRC_COMPILED", "0")
        return tradeoff(**columns)


def in_c(tradeoff, columns):
    """What the program says itself: NaN where it leaves a value to numpy."""
    return tradeoff._evaluator._compiled(tradeoff._inputs(columns))


def agree(tradeoff, columns, found, expected):
    """Compare to 1e-13, or where that is less to four times what one ulp of an argument changes."""
    with np.errstate(invalid="ignore"):
        wrong = np.flatnonzero((found != expected) & ~(np.abs(found - expected) <= 1e-13 * np.abs(expected)))
    at = {letter: np.broadcast_to(column, found.shape).ravel()[wrong] for letter, column in columns.items()}
    change = np.zeros(len(wrong))
    for letter, column in at.items():
        if letter == "M":  # a whole number
            continue
        for end in (0.0, np.inf):
            moved = by_numpy(tradeoff, {**at, letter: np.nextafter(column, end if letter[0] != "q" else min(end, 1.0))})
            with np.errstate(invalid="ignore"):
                change = np.fmax(change, np.abs(moved - expected.ravel()[wrong]))
    found, expected = found.ravel()[wrong], expected.ravel()[wrong]
    assert (np.abs(found - expected) <= 4 * change).all(), (at, found, expected)


@cache
def drawn(name, count=400):
    """Points of a theorem, corners and infeasible ones included, with all letters free."""
    tradeoff = entry(name).tradeoff()
    letters = [s.name for s in (*tradeoff.arguments, *tradeoff.parameters)]
    points = [*instances(name, tuple(s.name for s in tradeoff.arguments), count, seed=4)]
    return tradeoff, {letter: np.array([point[letter] for point in points], dtype=float) for letter in letters}


@needs_compiler
@pytest.mark.parametrize("name", NAMES)
def test_values_are_those_of_numpy(name):
    tradeoff, columns = drawn(name)
    found, expected = tradeoff(**columns), by_numpy(tradeoff, columns)
    assert not np.isnan(found).any()
    settled = ~np.isnan(in_c(tradeoff, columns))
    assert settled.mean() > 0.5
    assert (found[~settled] == expected[~settled]).all()
    agree(tradeoff, columns, found, expected)
    assert (np.isinf(found) == np.isinf(expected)).mean() > 0.99  # the others are within an ulp of a border


@needs_compiler
def test_corners_borders_and_grids():
    T = BIT.drc()
    H_X, H_S, H_N = (float(H_b(sp.Rational(q)).evalf()) for q in ("0.3", "0.34", "0.1"))
    R = np.array([0.0, 1e-300, 1e-12, H_X, np.nextafter(H_X, 0), 0.5, 2.0, np.inf])[:, None]
    C = np.array([np.inf, H_S, np.nextafter(H_S, 0), H_N, np.nextafter(H_N, 0), H_N + 1e-13, 0.6, 0.0])
    found = T(R=R, C=C)
    assert found.shape == (8, 8)
    assert (found == by_numpy(T, {"R": R, "C": C})).mean() > 0.9
    agree(T, {"R": R, "C": C}, found, by_numpy(T, {"R": R, "C": C}))
    assert np.isinf(found[:, -1]).all()


@needs_compiler
def test_what_is_out_of_range_is_an_error():
    T = drc.Gaussian(mu_X=0, mu_Y=0, sigma_X=1e200, sigma_Y=1e200, sigma_S=1, theta=0).drc()
    with pytest.raises(drc.ProblemError, match="must be in the range of a double"):
        T(R=np.linspace(0.5, 1, 20))


@needs_compiler
@pytest.mark.parametrize(
    "expr", [lambda x: x + x, lambda x: x + sp.Rational(10) ** 308, lambda x: sp.exp(x), lambda x: x**2]
)
def test_no_program_takes_overflow_for_infinite(expr):
    source, numbers = compiled.program([Regime("all", sp.true, expr(x))], (), {"x": (True, False)}, {})
    found = compiled.compiled(source, numbers, compiled.compiler())([(np.array([1e308, np.inf]), 0.0)], (2,))
    assert np.isnan(found[0])
    assert found[1] == np.inf


@needs_compiler
def test_closed_borders_have_slack():
    expr = sp.Piecewise((1, x <= 1), (2, True)) + sp.Piecewise((10, x < 1), (20, True))
    source, numbers = compiled.program([Regime("all", sp.true, expr)], (), {"x": (True, False)}, {})
    points = np.array([1 - 2.0**-50, 1, 1 + 2.0**-51, 1 + 2.0**-49])
    found = compiled.compiled(source, numbers, compiled.compiler())([(points, 0.0)], (4,))
    assert found.tolist() == [11, 21, 21, 22]


@needs_compiler
def test_what_is_not_known_is_not_lost():
    y = sp.Symbol("y", real=True)
    wrong = {"x": (True, False), "y": (True, True)}
    for expr in (sp.Max(x, y), sp.Min(x, y), x + y, sp.Max(x, sp.exp(y)), sp.Piecewise((2 * x, y > 0), (x, True))):
        source, numbers = compiled.program([Regime("all", sp.true, expr)], (), wrong, {})
        program = compiled.compiled(source, numbers, compiled.compiler())
        columns = [(np.full(3, 1.0), 0.0), (np.array([0.0, 0.0, 1.0]), np.array([np.inf, np.nan, np.inf]))]
        assert np.isnan(program(columns, (3,))).all(), expr


@needs_compiler
@pytest.mark.parametrize(
    ("expr", "at", "small", "large"),
    [
        (lambda x: x - 1, 1 + 2.0**-30, 0.0, 2e-16),
        (lambda x: x - sp.Rational(1, 3), 0.5, 1e-14, 1e-13),
        (lambda x: 3 * x, 0.7, 5e-14, 2e-13),
        (lambda x: 1 / x, 0.7, 5e-14, 2e-13),
        (lambda x: x**2, 0.7, 3e-14, 8e-14),
        (lambda x: sp.sqrt(x), 0.7, 1.5e-13, 3e-13),
        (lambda x: x ** sp.Rational(5, 2), 0.7, 2e-14, 6e-14),
        (lambda x: sp.exp(x), 100.0, 5e-16, 2e-15),
        (lambda x: 2**x, 100.0, 5e-16, 2e-15),
        (lambda x: sp.log(x), 1.001, 5e-17, 2e-16),
        (lambda x: sp.log(1 + x), -0.999, 5e-16, 2e-15),
        (lambda x: 1 - sp.exp(-x), 1e-9, 5e-14, 2e-13),
        (lambda x: H_b(x), 0.1, 5e-14, 2e-13),
        (lambda x: H_b_inv(x), 0.999, 5e-16, 2e-14),
        (lambda x: I_b_inv(x, sp.S.Half, sp.S.Half), 0.3, 5e-14, 2e-13),
        (lambda x: sp.Piecewise((1, x <= 1), (2, True)), 1 + 1e-10, 1e-14, 1e-10),
        (lambda x: sp.Piecewise((1, x < 1), (2, True)), 1 - 1e-10, 1e-14, 1e-10),
    ],
)
def test_errors_spread(expr, at, small, large):
    """With a small error of the argument the value is settled, and with a large one it is not."""
    source, numbers = compiled.program([Regime("all", sp.true, expr(x))], (), {"x": (True, True)}, {})
    columns = [(np.full(2, at), np.array([small, large]))]
    found = compiled.compiled(source, numbers, compiled.compiler())(columns, (2,))
    assert np.isnan(found).tolist() == [False, True]


TENTHS = 0.1 * (1 + np.arange(-20, 21) * 2.0**-52)
NEAR = np.concatenate([10.0 ** np.arange(-280, 0, 7), np.linspace(1e-3, 0.999, 200), [0.0, 1.0]])
FAR = np.concatenate([10.0 ** np.arange(-280, 280, 9), np.linspace(0.5, 800, 400), [0.0, 1.0, np.inf]])


@needs_compiler
@pytest.mark.parametrize(
    ("expr", "points", "function"),
    [
        (x - sp.Rational(1, 10), TENTHS, lambda x: np.array([float(Fraction(v) - Fraction(1, 10)) for v in x])),
        (sp.exp(x), FAR, np.exp),
        (sp.exp(-x), FAR, lambda x: np.exp(-x)),
        (2**-x, FAR, lambda x: np.exp2(-x)),
        (1 - sp.exp(-x), FAR, lambda x: -np.expm1(-x)),
        (1 - sp.exp(x), FAR, lambda x: -np.expm1(x)),
        (sp.log(x), FAR, np.log),
        (sp.log(1 + x), FAR, np.log1p),
        (sp.log(1 - x), NEAR, lambda x: np.log1p(-x)),
        (x ** sp.Rational(1, 3), FAR, lambda x: np.power(x, 1 / 3)),
        (H_b(x), NEAR, H_b.numeric),
        (H_b_inv(x), NEAR, H_b_inv.numeric),
        (I_b(x / 4, sp.S.Half, sp.S.Half), NEAR, lambda x: I_b.numeric(x / 4, 0.5, 0.5)),
        (I_b_inv(x, sp.Rational(3, 10), sp.S.Half), NEAR, lambda x: I_b_inv.numeric(x, 0.3, 0.5)),
        (KL_b_min(sp.Rational(3, 10), x), NEAR, lambda x: KL_b_min.numeric(0.3, x)),
        (KL_b_max(sp.Rational(3, 10), x), NEAR, lambda x: KL_b_max.numeric(0.3, x)),
    ],
    ids=lambda value: str(value) if isinstance(value, sp.Basic) else "",
)
def test_functions(expr, points, function):
    source, numbers = compiled.program([Regime("all", sp.true, expr)], (), {"x": (True, False)}, {})
    found = compiled.compiled(source, numbers, compiled.compiler())([(points, 0.0)], points.shape)
    with np.errstate(all="ignore"):
        expected = function(points)
    settled = ~np.isnan(found)
    assert settled.mean() > 0.6
    np.testing.assert_allclose(found[settled], expected[settled], rtol=2e-15 if expr.func != KL_b_min else 2e-14)


@needs_compiler
def test_numbers_are_not_part_of_a_program():
    def programs(q):
        T = drc.Bernoulli(q_X=q, q_Y=0.6, q_S1=0.1).drc()
        T(R=[0.1, 0.2], C=np.inf)
        return [source for source, _ in T._evaluator._programs.values()]

    assert programs(0.3) == programs(0.31) != []


@needs_compiler
def test_threads_change_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    R, C = rng.uniform(0, 1, 100_001), rng.uniform(0.4, 1, 100_001)
    found = []
    for threads in ("1", "3"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        found.append(BIT.drc()(R=R, C=C))
    assert (found[0] == found[1]).all()
    with ThreadPoolExecutor(4) as pool:
        assert all((one == found[0]).all() for one in pool.map(lambda _: BIT.drc()(R=R, C=C), range(4)))


def simple():
    """A program, its compiler, and what it says at the points 1 and 2."""
    return *compiled.program([Regime("all", sp.true, sp.sqrt(x))], (), {"x": (True, False)}, {}), compiled.compiler()


def works(library, numbers):
    found = compiled.Program(library, numbers)([(np.array([1.0, 4.0]), 0.0)], (2,))
    return found.tolist() == [1.0, 2.0]


@needs_compiler
@pytest.mark.parametrize("damage", [b"", b"\x7fELF", None])
def test_damaged_and_foreign_files_are_built_again(monkeypatch, tmp_path, damage):
    monkeypatch.setattr(compiled, "cache_folder", lambda: tmp_path / "drc")
    source, numbers, command = simple()
    assert works(compiled._library(source, command), numbers)
    (path,) = compiled.cache_folder().glob("*.so")
    sound = path.read_bytes()
    path.unlink()
    path.write_bytes(sound[:-64] if damage is None else damage)  # never over a file that is loaded
    foreign = path.with_name(path.name.split("-")[0] + "-" + 32 * "0" + ".so")
    foreign.write_bytes(sound)
    assert not compiled._is_sound(path)
    assert not compiled._is_sound(foreign)
    assert works(compiled._library(source, command), numbers)
    assert compiled._is_sound(path) or len([*compiled.cache_folder().glob("*.so")]) == 3


@needs_compiler
def test_kept_libraries_are_not_built_again(monkeypatch):
    source, numbers, command = simple()
    assert works(compiled._library(source, command), numbers)
    monkeypatch.setattr(compiled, "_built", None)
    assert works(compiled._library(source, command), numbers)


@needs_compiler
def test_many_may_build_at_once(monkeypatch, tmp_path):
    monkeypatch.setattr(compiled, "cache_folder", lambda: tmp_path / "drc")
    source, numbers, command = simple()
    with ThreadPoolExecutor(4) as pool:
        libraries = [*pool.map(lambda _: compiled._library(source, command), range(4))]
    assert all(works(library, numbers) for library in libraries)
    assert all(map(compiled._is_sound, compiled.cache_folder().iterdir()))


@needs_compiler
def test_without_a_folder_to_keep_it_a_library_serves_its_process(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setattr(compiled, "cache_folder", lambda: tmp_path / "file" / "drc")
    source, numbers, command = simple()
    assert works(compiled._library(source, command), numbers)


def test_the_folder_of_libraries(monkeypatch, tmp_path):
    monkeypatch.undo()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
            patch.setenv(name, str(tmp_path))
        for system, place in {"linux": "", "win32": "", "darwin": "Library/Caches"}.items():
            patch.setattr("sys.platform", system)
            assert compiled.cache_folder() == tmp_path / place / "drc"


def test_only_who_asked_for_it_gets_a_compiler(monkeypatch):
    monkeypatch.setattr(compiled, "_has_extra", lambda: False)
    monkeypatch.setenv("DRC_COMPILED", "")
    assert compiled.compiler() is None
    monkeypatch.setenv("DRC_COMPILED", "1")
    monkeypatch.setenv("PATH", "")
    assert compiled.compiler() is None
    monkeypatch.setattr(compiled, "_has_extra", lambda: True)
    assert compiled.compiler() is None
    monkeypatch.setenv("DRC_COMPILED", "")
    assert "ziglang" in compiled.compiler()
    monkeypatch.setenv("DRC_COMPILED", "0")
    assert compiled.compiler() is None


@pytest.mark.parametrize("command", ["false", "true", "no-such-compiler"])
def test_a_compiler_that_fails_leaves_all_to_numpy(monkeypatch, command):
    monkeypatch.setenv("DRC_COMPILED", "1")
    monkeypatch.setenv("CC", command)
    T, columns = BIT.drc(), {"R": np.linspace(0, 1, 50), "C": 0.6}
    assert in_c(T, columns) is None
    assert (T(**columns) == by_numpy(T, columns)).all()


@needs_compiler
def test_what_has_no_form_in_c_and_few_points_are_left_to_numpy(monkeypatch):
    tradeoff = entry("group.cost.rdc").tradeoff()
    names = [s.name for s in (*tradeoff.arguments, *tradeoff.parameters)]
    point = next(instances(tradeoff.id, tuple(s.name for s in tradeoff.arguments), 1, seed=0))
    columns = {name: np.full(3, point[name]) for name in names}
    assert in_c(tradeoff, columns) is None
    assert (tradeoff(**columns) == by_numpy(tradeoff, columns)).all()
    monkeypatch.setattr(evaluation, "_MANY", 10_000)
    assert in_c(BIT.drc(), {"R": np.full(9_999, 0.5), "C": 0.6}) is None
    assert in_c(BIT.drc(), {"R": np.full(10_000, 0.5), "C": 0.6}) is not None
