"""Trade-offs in other languages: each program is run, where there is what runs it, and agrees with Python."""

from functools import cache
from pathlib import Path

import in_languages as languages
import numpy as np
import pytest
from representatives import ENTRIES

import drc
from drc.information import routines
from drc.theory import entry
from drc.tradeoff.code import TARGETS

FORMS = [(e.id, form) for e in ENTRIES for form in e.forms]
POINTS = 300
BIT = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1)


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
    columns = languages.drawn(tradeoff, 60 if "vector" in name else POINTS, 1)
    return tradeoff, columns, settled(tradeoff, columns), tradeoff(**columns)


@pytest.mark.parametrize("target", ["python", "numpy", "c", *languages.PROGRAMS])
@pytest.mark.parametrize(("name", "form"), FORMS, ids=str)
def test_every_language_that_is_here(name, form, target):
    if not languages.is_here(target):
        pytest.skip(f"{target} does not run here")
    tradeoff, columns, *_ = known(name, form)
    # Arrays take the same road as numbers.
    few = {letter: column[: 20 if target == "numpy" else None] for letter, column in columns.items()}
    agrees(name, form, languages.values(target, tradeoff.to_code(target), str(tradeoff.value), few))


@pytest.mark.parametrize("target", ["jax", pytest.param("torch", marks=pytest.mark.torch)])
@pytest.mark.parametrize("name", [name for name, form in FORMS if form == "exact"])
def test_jax_and_torch_differentiate(name, target):
    pytest.importorskip(target)
    tradeoff = entry(name).tradeoff()
    columns, code = languages.drawn(tradeoff, 12 if "vector" in name else 40, 1), tradeoff.to_code(target)
    slopes, value = tradeoff.gradient(**columns), tradeoff(**columns)
    found = languages.values(target, code, str(tradeoff.value), columns)
    by = languages.slopes(target, code, str(tradeoff.value), columns, list(slopes))
    smooth = np.isfinite(value) & settled(tradeoff, columns)
    for letter in slopes:
        smooth &= np.isfinite(slopes[letter]) & (slopes.left[letter] == slopes[letter])
    np.testing.assert_allclose(found[smooth], value[smooth], rtol=1e-12, atol=1e-13)
    for letter, slope in by.items():
        np.testing.assert_allclose(slope[smooth], slopes[letter][smooth], rtol=1e-9, atol=1e-11)


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


SMALL = np.geomspace(1e-7, 0.1, 13)
#: Values near zero, of which sums of logarithms would leave nothing: theorem, parameters put in, and other columns.
NEAR_ZERO = [
    ("group.hamming.rdc", {}, {"D": 0.8 * (1 - SMALL), "M": 5}),
    ("group.hamming.rdc", {"M": 2}, {"D": 0.5 * (1 - SMALL)}),
    ("group.hamming.rdc", {"M": 4}, {"D": 0.75 * (1 - SMALL)}),
    ("group.cost.rdc", {}, {"D": 1.5 * (1 - SMALL), "rho_0": 0.5, "rho_1": 1, "rho_2": 3}),
    ("group.cost.rdc", {"rho_0": 0, "rho_1": 1, "rho_2": 1}, {"D": (1 - SMALL) / 1.5}),
    ("mary.one-shot.YU.cdr", {}, {"R": np.inf, "D": 1, "M": 3, "q_S1": np.append(SMALL, 0)}),
]


@pytest.mark.parametrize("unit", ["bits", "nats"])
@pytest.mark.parametrize("target", ["python", "javascript"])
@pytest.mark.parametrize(("name", "given", "columns"), NEAR_ZERO)
def test_values_near_zero_keep_their_digits(name, given, columns, target, unit):
    if not languages.is_here(target):
        pytest.skip(f"{target} does not run here")
    T = entry(name).tradeoff(unit=unit, **given)
    arrays = np.broadcast_arrays(*(np.asarray(column, dtype=float) for column in columns.values()))
    truth = languages.Truth(T, dict(zip(columns, arrays, strict=True)))
    found = languages.values(target, T.to_code(target), str(T.value), truth.columns)
    assert truth.checked(found).faults == ()


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
    of_prices = {"shared_price_R", "shared_price_K"}
    # The explorer says what share of the rate a component has.
    assert unused <= {"KL_b", "reverse_level", "limited_level", "limited_left", "shared_share"} | of_prices


def test_the_example_in_jax_runs(capsys):
    pytest.importorskip("jax")
    example = Path(__file__).parents[2] / "examples/optimise_with_torch.py"
    _, text = example.read_text(encoding="utf-8").split("# ```python\n")
    exec("\n".join(line[2:] for line in text.split("# ```")[0].splitlines()), {})
    assert capsys.readouterr().out.startswith("1.44007371")
