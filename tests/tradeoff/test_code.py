"""Trade-offs in other languages: each program is run, where there is what runs it, and agrees with Python."""

import ctypes
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from representatives import ENTRIES

import drc
from drc.audit.instances import instances
from drc.information import routines
from drc.theory import entry
from drc.tradeoff.code import TARGETS

FORMS = [(e.id, form) for e in ENTRIES for form in e.forms]
POINTS = 300
BIT = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1)


def drawn(tradeoff, count):
    """Points of a theorem, corners included, by letter, in the order in which a function takes them."""
    letters = [s.name for s in (*tradeoff.arguments, *tradeoff.parameters)]
    points = instances(tradeoff.id, tuple(s.name for s in tradeoff.arguments), count, 1)
    rows = [[point[letter] for letter in letters] for point in points]
    return dict(zip(letters, np.array(rows).T, strict=True))


def settled(tradeoff, columns):
    """Mark the points that are on no border, where one ulp decides, and whose value doubles settle."""
    here, inside = tradeoff.regime(**columns), tradeoff._evaluator.settled(columns)
    for letter, column in columns.items():
        if letter == "M":  # a whole number, which cannot be moved a little
            continue
        top = 1.0 if letter.startswith(("q", "rho")) else np.inf
        for moved in (column * (1 - 1e-12), np.clip(column * (1 + 1e-12), -top, top)):
            inside &= tradeoff.regime(**{**columns, letter: moved}) == here
    return inside


def agrees(name, form, found):
    """Compare to 1e-12, of the value, or of a tenth: a rate near zero is a difference of numbers of the order of one."""
    _, _, inside, expected = known(name, form)
    found = np.asarray(found)
    assert inside.mean() > 0.4
    assert not np.isnan(found).any()
    inside = inside[: len(found)]
    np.testing.assert_allclose(found[inside], expected[: len(found)][inside], rtol=1e-12, atol=1e-13)


@cache
def known(name, form):
    """The trade-off, points, which of them count, and their values."""
    tradeoff = entry(name).tradeoff(form=form)
    columns = drawn(tradeoff, 60 if "vector" in name else POINTS)
    return tradeoff, columns, settled(tradeoff, columns), tradeoff(**columns)


@pytest.mark.parametrize(("name", "form"), FORMS, ids=str)
def test_python_and_numpy(name, form):
    tradeoff, columns, *_ = known(name, form)
    place = {}
    exec(tradeoff.to_code("python"), place)
    agrees(name, form, [place[str(tradeoff.value)](*map(float, row)) for row in zip(*columns.values(), strict=True)])
    exec(tradeoff.to_code("numpy"), place := {})
    few = [column[:20] for column in columns.values()]
    agrees(name, form, place[str(tradeoff.value)](*few))


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
@pytest.mark.parametrize(("name", "form"), FORMS, ids=str)
def test_c(name, form, tmp_path):
    tradeoff, columns, *_ = known(name, form)
    (tmp_path / "f.c").write_text(tradeoff.to_code("c"))
    made = ["gcc", "-O1", "-std=c99", "-Wall", "-Wno-unused-variable", "-Werror", "-shared", "-fPIC"]
    subprocess.run([*made, "f.c", "-o", "f.so", "-lm"], cwd=tmp_path, check=True, timeout=120)
    function = getattr(ctypes.CDLL(str(tmp_path / "f.so")), str(tradeoff.value))
    function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double] * len(columns)
    agrees(name, form, [function(*row) for row in zip(*columns.values(), strict=True)])


def run(program, text, path, points):
    """Run a program that prints one value per line for points that are written into it."""
    path.write_text(text)
    done = subprocess.run([*program, str(path)], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    found = [float(line.replace("Infinity", "inf").replace("Inf", "inf")) for line in done.stdout.split()]
    assert len(found) == points
    return found


#: How each language is run, the file it reads, and a program that prints one value per line.
PROGRAMS = {
    "javascript": ("node", "main.js", "{code}\nfor (const x of [{rows}]) console.log({name}(...x));"),
    "julia": ("julia", "main.jl", "{code}\nfor x in [{rows}]\n    println({name}(x...))\nend\n"),
    "matlab": (
        "octave",
        "main.m",
        "1;\n{code}\nfor x = {{{rows}}}\n  printf('%.17g\\n', {name}(num2cell(x{{1}}){{:}}));\nend\n",
    ),
}


@pytest.mark.parametrize("target", PROGRAMS)
@pytest.mark.parametrize(("name", "form"), FORMS, ids=str)
def test_other_languages(name, form, target, tmp_path):
    program, file, text = PROGRAMS[target]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    tradeoff, columns, *_ = known(name, form)
    rows = np.array(list(columns.values())).T.tolist()
    text = text.format(code=tradeoff.to_code(target), name=tradeoff.value, rows=", ".join(map(json.dumps, rows)))
    agrees(name, form, run([program], text, tmp_path / file, len(rows)))


@pytest.mark.parametrize("target", ["jax", pytest.param("torch", marks=pytest.mark.torch)])
@pytest.mark.parametrize("name", [name for name, form in FORMS if form == "exact"])
def test_jax_and_torch_differentiate(name, target):
    library = pytest.importorskip(target)
    tradeoff = entry(name).tradeoff()
    columns = drawn(tradeoff, 12 if "vector" in name else 40)
    slopes, value = tradeoff.gradient(**columns), tradeoff(**columns)
    exec(tradeoff.to_code(target), place := {})
    function = place[str(tradeoff.value)]
    if target == "jax":
        library.config.update("jax_enable_x64", True)
        given = list(map(library.numpy.asarray, columns.values()))
        found = np.asarray(library.jit(function)(*given))
        total = lambda *x: library.numpy.where(library.numpy.isfinite(function(*x)), function(*x), 0.0).sum()  # noqa: E731
        by = library.grad(total, argnums=tuple(range(len(slopes))))(*given)
    else:
        wanted = [letter in slopes for letter in columns]
        pairs = zip(columns.values(), wanted, strict=True)
        given = [library.tensor(column, dtype=library.double, requires_grad=on) for column, on in pairs]
        result = function(*given)
        found = result.detach().numpy()
        result[library.isfinite(result)].sum().backward()
        by = [x.grad for x in given if x.grad is not None]
    smooth = np.isfinite(value) & settled(tradeoff, columns)
    for letter in slopes:
        smooth &= np.isfinite(slopes[letter]) & (slopes.left[letter] == slopes[letter])
    np.testing.assert_allclose(found[smooth], value[smooth], rtol=1e-12, atol=1e-13)
    for letter, slope in zip(slopes, by, strict=True):
        np.testing.assert_allclose(np.asarray(slope)[smooth], slopes[letter][smooth], rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(
    "target", [target for target in TARGETS if target not in ("python", "numpy", "c", "javascript")]
)
@pytest.mark.parametrize("name", dict(FORMS))
def test_brackets_close_and_blocks_end(name, target):
    """What can be said of a program without what runs it."""
    text = entry(name).tradeoff().to_code(target)
    if target in ("jax", "torch"):
        compile(text, name, "exec")
        return
    text = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("//", "#", "%", "(*")))
    if target != "latex":
        for left, right in ("()", "[]", "{}"):
            assert text.count(left) == text.count(right), (left, right)
    if target in ("julia", "matlab"):
        words = text.replace(",", " ").replace(";", " ").split()
        assert words.count("end") == sum(words.count(word) for word in ("function", "if", "while", "for"))


def test_derivatives_letters_and_units():
    T = BIT.drc(unit="nats")
    exec(T.diff("R").to_code("python"), place := {})
    assert place["dD_dR"](0.2, 0.9) == pytest.approx(T.gradient(R=0.2, C=0.9)["R"], rel=1e-12)
    renamed = drc.Bernoulli().drc().rename(q_X="log", kappa="end", rho="for_")
    exec(renamed.to_code("python"), place := {})
    assert place["D"](0.4, 0.9, 0.3, 0.1, 0.6) == pytest.approx(BIT.drc()(R=0.4, C=0.9), rel=1e-14)
    assert place["D"](0.4, 0.4, 0.3, 0.1, 0.6) == float("inf")
    with pytest.raises(drc.ProblemError, match="target must be 'python' or .*, got 'fortran'"):
        T.to_code("fortran")


def test_every_routine_that_python_has_is_used():
    """A routine that no theorem calls would never be tested."""
    texts = "".join(entry(name).tradeoff(form=form).to_code("python") for name, form in FORMS)
    own = {name for name in vars(routines) if callable(getattr(routines, name)) and name[0] != "_"}
    unused = {name for name in own if f"def {name}(" not in texts}
    assert unused <= {"KL_b", "reverse_level", "limited_level", "limited_left", "shared_price_R", "shared_price_K"}


def test_the_example_in_jax_runs(capsys):
    pytest.importorskip("jax")
    example = Path(__file__).parents[2] / "examples/optimise_with_torch.py"
    _, text = example.read_text(encoding="utf-8").split("# ```python\n")
    exec("\n".join(line[2:] for line in text.split("# ```")[0].splitlines()), {})
    assert capsys.readouterr().out.startswith("1.44007371")
