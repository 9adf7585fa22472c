import dataclasses
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drc.errors import ProblemError
from drc.neural.backend import backend
from drc.neural.degradations import Bicubic, Blur, Mask, Noise
from drc.neural.experiment import Experiment, FixedRate, Loss, Schedule, VariableRate, experiments, named
from drc.neural.sweep import Sweep

TOY = named("toy-sr")

degradations = st.one_of(
    st.builds(Bicubic, st.integers(2, 8), st.booleans()),
    st.builds(Noise, st.floats(1e-6, 1)),
    st.builds(Mask, *[st.integers(1, 9)] * 4, st.floats(0, 1)),
    st.builds(Blur, st.floats(0.1, 5)),
)
rates = st.one_of(
    st.builds(FixedRate, st.integers(1, 64), st.integers(2, 16)),
    st.builds(VariableRate, st.integers(1, 64), st.floats(0, 1)),
)
pace = {
    "epochs": st.integers(2, 99),
    "learning_rate": st.floats(1e-9, 1),
    "warm_up": st.floats(0, 2),
    "shift": st.integers(0, 64),
}
schedules = st.one_of(
    st.builds(Schedule, **pace, drops=st.lists(st.tuples(st.integers(0, 99), st.floats(1, 99)), max_size=3)),
    st.builds(Schedule, **pace, decay=st.just("cosine")),
)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(names, degradations, rates, schedules, st.integers(0, 2**64 - 1), st.booleans())
def test_what_is_written_is_read_back(tmp_path_factory, name, degradation, rate, schedule, seed, shared):
    experiment = Experiment(
        name, degradation, rate, schedule=schedule, seed=seed, common_randomness=shared, loss=Loss(1e-300, 3)
    )
    path = tmp_path_factory.getbasetemp() / "e.toml"
    path.write_text(experiment.toml(), encoding="utf-8")
    assert Experiment.read(path) == experiment
    assert Experiment.read(path).digest == experiment.digest


def test_an_experiment_cannot_be_changed_in_place():
    with pytest.raises(dataclasses.FrozenInstanceError):
        TOY.seed = 1


def test_changed_reaches_every_field_and_kind():
    changed = TOY.changed({"rate": {"kind": "variable", "dim": 3, "weight": 1}, "loss.penalty": 5, "seed": 9})
    assert changed.rate == VariableRate(3, 1.0)
    assert (changed.loss.penalty, changed.seed) == (5.0, 9)
    assert changed.changed({"loss": {"perception": 1}}).loss == Loss(**{**vars(changed.loss), "perception": 1.0})
    assert changed.digest != TOY.digest
    assert changed.changed({"rate": TOY.table()["rate"], "loss.penalty": 10, "seed": 0}) == TOY


def test_whole_numbers_and_decimals_of_one_value_have_one_digest():
    assert TOY.changed({"loss.perception": 1}).digest == TOY.changed({"loss.perception": 1.0}).digest


def test_every_experiment_that_comes_along_is_found_by_name():
    for name, experiment in experiments().items():
        assert named(name) == experiment
    with pytest.raises(ProblemError, match="an experiment must be toy-sr or a file that ends in .toml, got 'toy'"):
        named("toy")


HEAD = 'name = "a"\n[degradation]\nkind = "blur"\ndeviation = 1\n[rate]\nkind = "fixed"\ndim = 2\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ,", "bad.toml: .*line 1"),
        ("", "bad.toml: name must be given"),
        (
            "colour = 1\n" + HEAD,
            "bad.toml: the fields must be among name,.*eed, precision, backend, teacher, got colour",
        ),
        (HEAD.replace("dim = 2", ""), r"bad.toml: \[rate\]: dim must be given"),
        (
            HEAD.replace("dim = 2", "dim = 2.5"),
            r"bad.toml: \[rate\]: dim must be a whole number, from 1 to 65536, got 2.5",
        ),
        (
            HEAD.replace("dim = 2", "dim = true"),
            r"bad.toml: \[rate\]: dim must be a whole number, from 1 to 65536, got True",
        ),
        (HEAD.replace("fixed", "free"), r"bad.toml: \[rate\]: kind must be fixed or variable, got 'free'"),
        (HEAD.replace('kind = "fixed"', ""), r"bad.toml: \[rate\]: kind must be fixed or variable, got None"),
        ("seed = -1\n" + HEAD, "bad.toml: seed must be a whole number, from 0 to 18446744073709551615, got -1"),
        ("loss = 3\n" + HEAD, r"bad.toml: \[loss\] must be a table, got 3"),
        (HEAD + "[loss]\ndistance = 'far'", r"bad.toml: \[loss\]: distance must be 'critic' or 'sliced', got 'far'"),
        (
            HEAD + "[loss]\nreference = 'X'",
            r"bad.toml: \[loss\]: reference must be 'degraded' or 'clean' or 'teacher', got 'X'",
        ),
        (HEAD + "[loss]\nreference = 'teacher'", "bad.toml: degradation must be noise, .* 'teacher', got 'blur'"),
        (
            HEAD.replace("blur", "noise") + "[loss]\nreference = 'teacher'\n[schedule]\nshift = 1",
            "bad.toml: schedule.shift must be 0 where loss.reference is 'teacher', .*, got 1",
        ),
        (HEAD + "[teacher]\nepochs = 0", r"bad.toml: \[teacher\]: epochs must be a whole number, at least 1, got 0"),
        (HEAD + "[teacher]", "bad.toml: teacher must be left out unless loss.reference is 'teacher', got 'degraded'"),
        (
            HEAD + "[schedule]\nshift = -1",
            r"bad.toml: \[schedule\]: shift must be a whole number, from 0 to 64, got -1",
        ),
        (
            HEAD + "[loss]\nperception = inf",
            r"bad.toml: \[loss\]: perception must be finite, got inf",
        ),
        (HEAD + "[schedule]\ndrops = [3]", r"bad.toml: \[schedule\]: drops\[0\] must be two numbers, got 3"),
        (
            HEAD + "[schedule]\ndecay = 'cosine'\ndrops = [[3, 2]]",
            r"bad.toml: \[schedule\]: drops must be given for the decay drops only, got \(\(3, 2.0\),\)",
        ),
        (
            HEAD + "[schedule]\ndecay = 'linear'",
            r"bad.toml: \[schedule\]: decay must be 'drops' or 'cosine', got 'linear'",
        ),
        (HEAD + "[schedule]\nepochs = 3\nwarm_up = 4", r"bad.toml: \[schedule\]: warm_up must be in \[0, 3\], got 4"),
        (
            HEAD + "[schedule]\nbetas = [0.5, 1]",
            r"bad.toml: \[schedule\]: betas\[1\] must be in \[0, 0.999999999\], got 1",
        ),
        (
            HEAD + "[networks]\nencoder = [8, 0]",
            r"bad.toml: \[networks\]: encoder\[1\] must be a whole number, at least 1, got 0",
        ),
        (
            HEAD + "[data]\nkind = 'npz'",
            r"bad.toml: \[data\]: file must be given for the kind npz, and only for it, got ''",
        ),
        (HEAD + "[data]\nkind = 'npz'\nfile = '../a'", r"bad.toml: \[data\]: file must be the.*a folder, got '../a'"),
    ],
)
def test_bad_files_are_named_with_table_and_field(tmp_path, text, said):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(ProblemError, match=said):
        Experiment.read(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ProblemError, match="none.toml cannot be opened"):
        named(str(tmp_path / "none.toml"))


@pytest.mark.parametrize("name", ["rate.colour", "colour", "rate.dim.deep", "none.dim"])
def test_a_field_that_is_not_there_cannot_be_changed(name):
    with pytest.raises(ProblemError, match="colour|deep|none"):
        TOY.changed({name: 1})


def test_the_learning_rate_falls_as_the_schedule_says():
    schedule = Schedule(learning_rate=1.0, drops=[[20, 5], [40, 50]])
    assert [schedule.rate_at(e) for e in (0, 19, 20, 39, 40, 99)] == [1, 1, 0.2, 0.2, 0.02, 0.02]


@given(schedules, st.floats(0, 1), st.floats(0, 1))
def test_the_learning_rate_rises_in_the_warm_up_and_never_after_it(schedule, a, b):
    early, late = sorted(share * schedule.epochs for share in (a, b))
    first, second = schedule.rate_at(early), schedule.rate_at(late)
    assert 0 <= first <= schedule.learning_rate
    if late < schedule.warm_up:
        assert first <= second
    elif early >= schedule.warm_up and schedule.decay == "cosine":
        assert first >= second


def test_a_cosine_ends_at_zero_and_is_half_way_in_the_middle():
    schedule = Schedule(epochs=11, learning_rate=2.0, warm_up=1, decay="cosine")
    assert [schedule.rate_at(e) for e in (0, 0.5, 1)] == [0, 1, 2]
    assert abs(schedule.rate_at(6) - 1) < 1e-12
    assert schedule.rate_at(11) == 0
    assert Schedule(epochs=2, warm_up=2, decay="cosine").rate_at(2) == 0


def test_a_backend_that_is_not_there_is_named():
    with pytest.raises(ProblemError, match="backend must be one of .*, which are installed, got 'abacus'"):
        backend("abacus")


def test_the_files_shown_in_the_documentation_can_be_read():
    docs = Path(__file__).parents[2] / "docs"
    pages = "".join((docs / name).read_text(encoding="utf-8") for name in ("experiments.md", "sweeps.md"))
    experiment, sweep = map(tomllib.loads, re.findall(r"^```toml\n(.*?)^```$", pages, re.DOTALL | re.MULTILINE))
    assert Experiment.of(experiment).degradation == Noise(0.1)
    assert len(Sweep.of(sweep, "page", Path()).points()) == 50
