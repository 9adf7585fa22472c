"""What is saved is read again, and equals what was saved, in this process and in another."""

import json
import pickle
import subprocess
import sys
from fractions import Fraction

import pytest
import sympy as sp

import drc
from drc.problems import read_problem
from drc.theory import entry

q = sp.Symbol("q", real=True)
BIT = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1)
THREE = drc.Finite([[0.2, 0.1, 0.1], [0.1, 0.2, 0.3]], "squared", letters_X=[0, 0.5, 2], letters_S=["no", "yes"])
VECTOR = drc.VectorGaussian([1, "1/3"], [1, 0.5], [1, 1], [0.5, 0.1])
NORMAL = drc.Gaussian(0, 1, 0.5, 1.5, 0, 0.8, 0.6)

PROBLEMS = {
    "symbols": drc.Bernoulli(),
    "expressions": drc.Bernoulli(
        q_X=q, q_Y=drc.H_b(q) / 2, q_S1=sp.sqrt(2) / 4, classifier_sees="Y", time_sharing=True
    ),
    "perceived": drc.Bernoulli(q_X=0.3).perceived("KL", 0.4),
    "Gaussian": drc.Gaussian(sigma_X=sp.sqrt(2), R_c=1),
    "perceived Gaussian": NORMAL.perceived("W2", (0, 2)),
    "vector": VECTOR,
    "vector of symbols": drc.VectorGaussian(),
    "finite": THREE,
    "forbidden": drc.Finite([["1/3", "2/3"]], [[0, "inf"], [1, 0]], perception="KL", setting="asymptotic"),
}

SOLUTIONS = {
    "maps": lambda: BIT.solve(R=0.4, C=0.9),
    "infeasible": lambda: BIT.solve(R=0.1, C=0.5),
    "channels": lambda: THREE.changed(setting="asymptotic", classifier_sees="Y").solve(R=0.4, C=0.95),
    "messages": lambda: THREE.changed(setting="asymptotic", classifier_sees="Z").solve(R=0.4, C=0.95),
    "label from Y": lambda: drc.Bernoulli(0.3, 0.4, 0.1, classifier_sees="Y").solve(R=0.4, C=0.9),
    "time-shared": lambda: drc.Bernoulli(0.3, 0.8, 0.1, classifier_sees="Y", time_sharing=True).solve(R=0.3, C=0.84),
    "normal": lambda: NORMAL.solve(R=1),
    "perceived normal": lambda: NORMAL.solve(R=1, P=0.1, perception="KL"),
    "vector": lambda: VECTOR.solve(R=2, C=4),
    "curve": lambda: BIT.curve(R=[0, 0.4], C=0.95),
    "surface": lambda: BIT.surface(R=[0, 0.4], C=[0.5, 0.95]),
}


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_problems(problem, tmp_path):
    path = problem.save(tmp_path / "problem.json")
    assert drc.load(path) == read_problem(path) == problem
    assert hash(drc.load(path)) == hash(problem)


@pytest.mark.parametrize("solved", SOLUTIONS.values(), ids=SOLUTIONS)
def test_solutions_curves_and_surfaces(solved, tmp_path):
    solution = solved()
    read = drc.load(solution.save(tmp_path / "s.json"))
    assert read == solution
    assert repr(read) == repr(solution)
    certificate = getattr(solution, "certificate", None)
    if certificate is not None:
        assert read.certificate.to_dict() == certificate.to_dict()
        assert read.certificate.verify()


@pytest.mark.parametrize("name", [e.id for e in drc.catalogue()])
def test_trade_offs(name, tmp_path):
    for form in entry(name).forms:
        tradeoff = entry(name).tradeoff(form=form, unit="nats")
        assert drc.load(tradeoff.save(tmp_path / "T.json")) == tradeoff


def test_trade_offs_with_numbers_and_expressions(tmp_path):
    for tradeoff in (BIT.drc(), drc.Bernoulli().drc().given(q_X=q, q_Y=1 - q), NORMAL.drpc(perception="KL")):
        assert drc.load(tradeoff.save(tmp_path / "T.json")) == tradeoff
    with pytest.raises(drc.ProblemError, match="must be as the catalogue has it"):
        BIT.drc().diff("R").save(tmp_path / "T.json")


def test_solutions_go_through_pickles_of_another_process(tmp_path):
    """A spawned process has nothing of this one: it derives, solves, and answers with a pickle."""
    (tmp_path / "in").write_bytes(pickle.dumps((BIT, BIT.drc(), THREE)))
    program = (
        "import pickle, sys; problem, T, three = pickle.load(open(sys.argv[1], 'rb'));"
        "pickle.dump((T, problem.solve(R=0.4, C=0.9), T.gradient(R=0.4), three, hash(three) == hash(three)),"
        " open(sys.argv[2], 'wb'))"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "in"), str(tmp_path / "out")], check=True, timeout=120
    )
    found = pickle.loads((tmp_path / "out").read_bytes())
    assert found == (BIT.drc(), BIT.solve(R=0.4, C=0.9), BIT.drc().gradient(R=0.4), THREE, True)


def test_problem_files_that_were_written_by_hand_are_read(tmp_path):
    path = tmp_path / "p.json"
    path.write_text('{"p_SX": [[0.27, 0.07], [0.03, 0.63]]}')
    assert drc.load(path).p_SX[0][0] == Fraction(27, 100)
    path = tmp_path / "p.csv"
    path.write_text("0.27,0.07\n0.03,0.63\n")
    assert drc.load(path).n_S == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "must be an object"),
        ("{", "damaged file"),
        ('{"problem": "Poisson"}', "must be one of Bernoulli"),
        ('{"problem": "Bernoulli", "q_X": ["eval", "1"]}', "q_X"),
        ('{"problem": "Bernoulli", "q_X": "2"}', r"q_X must be in \[0, 1\], got 2"),
        ('{"problem": "Bernoulli", "rate": "2"}', "the fields must be among"),
        ('{"problem": "Bernoulli", "q_X": {"symbol": "q", "even": true}}', "real, nonnegative or positive"),
        ('{"tradeoff": "bernoulli.one-shot.YU.drc"}', "must have the field form"),
        ('{"Solution": {"value": 1}}', "damaged file"),
        ('{"Solution": {"os.system": 1}}', "damaged file"),
        ('{"Curve": {"value": {"array": [1], "shape": [1], "type": "object"}}}', "type of an array"),
        ('{"Curve": {"value": {"eval": "1"}}}', "a tag must be one of"),
    ],
)
def test_what_is_damaged_is_refused(text, words, tmp_path):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(drc.ProblemError, match=words):
        drc.load(path)


def test_an_edited_solution_that_cannot_be_true_is_refused(tmp_path):
    path = BIT.solve(R=0.4, C=0.9).save(tmp_path / "s.json")
    held = json.loads(path.read_text())
    held["Solution"]["lower"] = 0.9
    path.write_text(json.dumps(held))
    with pytest.raises(drc.ProblemError, match="damaged"):
        drc.load(path)


def test_letters_that_no_file_holds_are_refused(tmp_path):
    problem = drc.Finite([[0.5, 0.5]], letters_X=[(0, 1), (1, 0)])
    with pytest.raises(drc.ProblemError, match="letters_X must be text or numbers in a file"):
        problem.save(tmp_path / "p.json")
