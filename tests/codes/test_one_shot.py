import pathlib

"""One-shot codes: the decoder has what the maps make of the symbols, bits are those of the theory, damage is told."""

import io
import json
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import drc
from drc.codes import OneShotCode, codec, read
from drc.codes.container import Header, Reader
from drc.errors import CodeError, NotAvailableError, ProblemError
from drc.solvers import Solution

BITS = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1)


@pytest.fixture(scope="module")
def code():
    return drc.codec(BITS, R=0.4, C=0.8)


def planned(weights, maps):
    total = sum(weights)
    plan = tuple((w / total, tuple(f)) for w, f in zip(weights, maps, strict=True))
    return Solution(0.0, 0.0, 0.0, "bounded", "D", "bits", {}, plan=plan)


@st.composite
def codes(draw, **options):
    """Codes of any mix of maps, for any joint law, letters without mass included."""
    n_S, n_X, n_Y = draw(st.integers(1, 3)), draw(st.integers(1, 6)), draw(st.integers(1, 5))
    masses = st.lists(st.sampled_from((0, 0, 1, 2, 5, 1000)), min_size=n_S * n_X, max_size=n_S * n_X)
    joint = np.array(draw(masses.filter(any)), dtype=float).reshape(n_S, n_X)
    maps = draw(st.lists(st.tuples(*[st.integers(0, n_Y - 1)] * n_X), min_size=1, max_size=5, unique=True))
    weights = draw(st.lists(st.floats(1e-12, 1), min_size=len(maps), max_size=len(maps)))
    problem = drc.Finite(joint / joint.sum(), np.arange(n_X * n_Y).reshape(n_X, n_Y))
    return OneShotCode.of(problem, planned(weights, maps), **options)


@given(codes(), st.integers(0, 2**64 - 1), st.integers(0, 300))
def test_the_decoder_has_what_the_maps_make_of_the_symbols(code, seed, n):
    _, x = code.sample(n, seed=1)
    y = code.decode(code.encode(x, seed=seed), seed=seed)
    assert np.array_equal(y, code.functions[code.maps_used(seed, 0, n), x])


@given(codes(block=7), st.integers(0, 2**64 - 1), st.integers(0, 40), st.integers(0, 40))
def test_a_file_alone_is_decoded_from_anywhere(code, seed, one, two):
    _, x = code.sample(40, seed=1)
    data = code.encode(x, seed=seed)
    start, stop = sorted((one, two))
    whole = code.decode(data)
    assert np.array_equal(read(data).decode(data, start, stop), whole[start:stop])


@given(codes(block=7), st.lists(st.integers(0, 20), max_size=6))
def test_how_symbols_come_does_not_change_the_file(code, sizes):
    _, x = code.sample(sum(sizes), seed=1)
    stream = io.BytesIO()
    found = code.encode_file(np.split(x, np.cumsum(sizes)[:-1]) if sizes else [], stream, seed=3)
    assert stream.getvalue() == code.encode(x, seed=3)
    assert found == Reader(stream.getvalue()).sizes()


#: Two blocks of a mix of three maps, one of which is constant.
PINNED = (
    "8944524302e1d09bdfb1d91a5505086f6e652d73686f7492017b226c657474657273223a5b2261222c2262222c2263225d2c"
    "226d617073223a5b5b3835383939333435392c5b302c312c325d2c5b343139343330342c383338383630382c343139343330"
    "345d5d2c5b313731373938363931392c5b302c325d2c5b31323538323931322c343139343330345d5d2c5b31373137393836"
    "3931382c5b315d2c5b31363737373231365d5d5d7d8bb5f3c218080701f132a18a1f3c000000021300000010048237164161"
    "80dd090000807b0051d3e127"
)


def test_the_format_does_not_change():
    """What this version writes, later ones must read: the file is pinned."""
    problem = drc.Finite([[0.25, 0.5, 0.25]], letters_X=("a", "b", "c"))
    code = OneShotCode.of(problem, planned([1, 2, 2], [(0, 1, 2), (0, 0, 2), (1, 1, 1)]), block=24)
    x, pinned = [0, 1, 2, 1] * 10, bytes.fromhex(PINNED)
    assert code.encode(x, seed=5) == pinned
    assert np.array_equal(read(pinned).decode(pinned), code.functions[code.maps_used(5, 0, 40), x])


@pytest.mark.parametrize(
    ("problem", "bounds"),
    [
        (BITS, {"R": 0.4, "C": 0.8}),
        (BITS, {"R": 0.8, "C": 0.95}),
        (BITS, {"C": 0.6, "R": 0.9, "unit": "nats"}),
        (BITS, {"R": 0.3, "perception": "KL", "P": 0.01}),
        (drc.Bernoulli(0.3, 0.4, 0.1, classifier_sees="Y"), {"R": 0.4, "C": 0.85}),
        (drc.Bernoulli(0.3, 0.8, 0.1), {"D": 0.55, "minimise": "R"}),
        (drc.Bernoulli(0.3, 0.4, 0.1, classifier_sees="Y", time_sharing=True), {"R": 0.4, "C": 0.8}),
        (drc.Bernoulli(0.3, 0.8, 0.1, classifier_sees="Y", time_sharing=True), {"R": 0.6, "C": 0.7}),
        (drc.Finite([[0.3, 0, 0.2], [0.2, 0, 0.3]], p_Y=[0.5, 0.2, 0.3]), {"R": 0.5}),
        (drc.Finite([[0.3, 0.1], [0.2, 0.4]], classifier_sees="Y"), {"R": 0.5, "C": 0.95}),
        (drc.Finite([[0.3, 0.1, 0.2], [0.1, 0.1, 0.2]], [[0, math.inf], [1, 0], [1, 1]]), {"R": 0.5}),
    ],
)
def test_theory_is_what_the_solver_promises(problem, bounds):
    code = drc.codec(problem, **bounds)
    nat = math.log(2) if bounds.get("unit") == "nats" else 1.0
    theory, promised = code.theory, code.solution
    assert theory.distortion == pytest.approx(promised.distortion, abs=1e-8)
    assert theory.rate * nat == pytest.approx(promised.rate, abs=1e-8)
    assert theory.classification * nat == pytest.approx(promised.classification, abs=1e-8)
    assert theory.output_law == pytest.approx(promised.coupling.sum(axis=0), abs=1e-8)
    assert theory.sees == promised.sees
    assert (code.rate, code.distortion, code.classification) == (theory.rate, theory.distortion, theory.classification)


def test_a_letter_of_no_mass_may_go_where_it_is_forbidden():
    problem = drc.Finite([[0.5, 0, 0.5]], [[0, 1], [math.inf, math.inf], [1, 0]])
    code = OneShotCode.of(problem, planned([1], [(0, 0, 1)]))
    assert (code.distortion, code.rate) == (0, 1)


#: One point a regime, and the corners.
POINTS = [
    ({"q_X": 0.3, "q_Y": 0.4, "q_S1": 0.1}, {"R": 0.4, "C": 0.8}),
    ({"q_X": 0.3, "q_Y": 0.4, "q_S1": 0.1}, {"R": 0.8, "C": 0.95}),
    ({"q_X": 0.3, "q_Y": 0.4, "q_S1": 0.1}, {"R": 0.9, "C": 0.48}),
    ({"q_X": 0.5, "q_Y": 0.5, "q_S1": 0.0}, {"R": 1}),
    ({"q_X": 0.2, "q_Y": 0.7, "q_S1": 0.3}, {"R": 0}),
    ({"q_X": 0.01, "q_Y": 0.2, "q_S1": 0.3}, {"R": 0.05}),
    ({"q_X": 0.0, "q_Y": 0.2, "q_S1": 0.3}, {}),
]


@pytest.mark.parametrize(("law", "bounds"), POINTS)
def test_bits_distortion_and_output_law_are_those_of_the_theory(law, bounds):
    code, n = drc.codec(drc.Bernoulli(**law), **bounds), 200_000
    _, x = code.sample(n, seed=2)
    data = code.encode(x, seed=9)
    y, sizes = code.decode(data), Reader(data).sizes()
    u = code.maps_used(9, 0, n)
    ideal = np.array([[cost(one, y) for y in range(2)] for one in code.maps])[u, y]
    # What the coder adds to the ideal code lengths is the last word of its state.
    assert -1 < 8 * sizes.payload_bytes - ideal.sum() < 70
    assert abs(ideal.mean() - code.rate) <= 4 * ideal.std() / math.sqrt(n) + 1e-6
    wrong = x != y
    assert abs(wrong.mean() - code.distortion) <= 4 * wrong.std() / math.sqrt(n) + 1e-9
    ones = code.theory.output_law[1]
    assert abs(y.mean() - ones) <= 4 * math.sqrt(ones * (1 - ones) / n) + 1e-9


def cost(one, y):
    """The bits that a map's table gives to a letter."""
    return 24 - math.log2(one.table[one.values.index(y)]) if y in one.values else 0.0


def test_plans_that_share_the_time_are_drawn_with_their_shares():
    """A classifier that sees Q is between those that see Y alone and all of U; files do not say what Q is."""
    problem = drc.Bernoulli(0.3, 0.4, 0.1, classifier_sees="Y", time_sharing=True)
    code = drc.codec(problem, R=0.4, C=0.8)
    shares = [share for share, _ in code.solution.mixture]
    q = code.side_information(7, 100_000)["Y,Q"]
    assert np.bincount(q) / len(q) == pytest.approx(shares, abs=4 * 0.5 / math.sqrt(len(q)))
    found = code.measure(100_000)
    assert found.ok
    assert [reading.name for reading in found.readings[2:]] == ["H(S|Y,Q)", "H(S|Y)", "H(S|Y,U)"]
    seen, alone, all_of_it = (reading.measured.value for reading in found.readings[2:])
    assert all_of_it < seen < alone
    data = code.encode([0, 1, 1], seed=5)
    assert read(data).decode(data).tolist() == code.decode(data).tolist()


def test_maps_are_drawn_with_their_weights(code):
    counts = np.bincount(code.maps_used(7, 0, 100_000), minlength=len(code.maps))
    expected = 100_000 * code.weights
    assert ((counts - expected) ** 2 / expected).sum() < 13.8  # chi-square with 2 degrees: one in a thousand


def test_samples_have_the_joint_law():
    problem = drc.Finite([[0.3, 0, 0.2], [0.2, 0, 0.3]])
    s, x = drc.codec(problem).sample(100_000, seed=4)
    counts = np.bincount(3 * s + x, minlength=6).reshape(2, 3)
    assert counts[:, 1].tolist() == [0, 0]
    assert counts / 100_000 == pytest.approx(problem.joint_law, abs=0.008)


SCRIPT = """
import json, sys
from drc.codes import read
for line in sys.stdin:
    data, start, seed = json.loads(line)
    data = bytes.fromhex(data)
    print(json.dumps([read(data).decode(data, seed=seed).tolist(), read(data).decode(data, start).tolist()]))
"""


def test_another_process_decodes_with_file_and_seed_alone():
    rng = np.random.default_rng(3)
    asked, expected = [], []
    for seed in range(12):
        n_S, n_X = rng.integers(2, 5, 2)
        problem = drc.Finite(rng.dirichlet(np.ones(n_S * n_X)).reshape(n_S, n_X), p_Y=rng.dirichlet(np.ones(n_X)))
        code = drc.codec(problem, R=rng.uniform(0, 1), block=100)
        x = code.sample(333, seed)[1]
        asked.append(json.dumps([code.encode(x, seed=seed).hex(), 150, seed]))
        y = code.functions[code.maps_used(seed, 0, 333), x].tolist()
        expected.append([y, y[150:]])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], input="\n".join(asked), capture_output=True, text=True, check=True
    )
    assert [json.loads(line) for line in done.stdout.splitlines()] == expected


# Wrong input -----------------------------------------------------------------------------------------------------------


def test_wrong_seed_problem_or_plan_is_told(code):
    data = code.encode([0, 1, 1, 0], seed=5)
    with pytest.raises(CodeError, match="seed must be 7, got 5"):
        code.decode(data, seed=7)
    with pytest.raises(CodeError, match="digest must be fd34cd00d57192a3, that of this problem, got 1c63b46e8c9d92d1"):
        drc.codec(drc.Bernoulli(0.3, 0.4, 0.2), R=0.4).decode(data)
    with pytest.raises(
        CodeError, match=r"header: the file was coded for this problem.*makes the decoder from the file"
    ):
        drc.codec(BITS, R=0.3).decode(data)


def test_damaged_files_are_refused(code):
    """Bits flipped, bytes changed, files cut, at random places."""
    rng = np.random.default_rng(0)
    data = code.encode(code.sample(3000, seed=1)[1], seed=5)
    for trial in range(300):
        broken, at = bytearray(data), int(rng.integers(len(data)))
        if trial % 3 == 0:
            broken[at] ^= 1 << int(rng.integers(8))
        elif trial % 3 == 1:
            broken[at] = (broken[at] + int(rng.integers(1, 256))) % 256
        else:
            del broken[at:]
        with pytest.raises(CodeError, match=r"^(magic|version|header|frame \d+|end)"):
            read(bytes(broken)).decode(bytes(broken))


def test_a_forged_seed_never_gives_a_wrong_sequence(code):
    """With a header of another seed whose checksum fits, frames do not fit."""
    data = code.encode(code.sample(100, seed=1)[1], seed=5)
    header = Reader(data).header
    forged = Header(header.kind, header.digest, 6, header.fields).packed + data[len(header.packed) :]
    with pytest.raises(CodeError, match="frame 0"):
        read(forged).decode(forged)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"letters": 3}, "field letters"),
        ({"letters": [[0], [1]]}, "field letters"),
        ({"maps": []}, "field maps"),
        (
            {"maps": [[2**32, [0]]]},
            r"header, field maps\[0\], must be a weight,",
        ),
        (
            {"maps": [[0.5, [0], [2**24]]]},
            r"header, field maps\[0\], must be made of",
        ),
        (
            {"maps": [[True, [0], [2**24]]]},
            r"header, field maps\[0\], must be made of",
        ),
        (
            {"maps": [[2**31, [0], [2**24]]]},
            r"header, field maps, must have weights with the sum 2\*\*32",
        ),
        (
            {"maps": [[2**32, [2], [2**24]]]},
            r"header, field maps\[0\], must have values",
        ),
        (
            {"maps": [[2**32, [1, 0], [2**23, 2**23]]]},
            r"header, field maps\[0\], must have",
        ),
        (
            {"maps": [[2**32, [0, 0], [2**23, 2**23]]]},
            r"header, field maps\[0\], must have",
        ),
        ({"maps": [[2**32 + 1, [0], [2**24]], [-1, [1], [2**24]]]}, r"header, field maps\[1\],.*\[1\], \[16777216\]\]"),
        (
            {"maps": [[2**32, [], []]]},
            r"header, field maps\[0\], must have values that",
        ),
        (
            {"maps": [[2**32, [0, 1], [2**23]]]},
            r"header, field maps\[0\], must have a",
        ),
        (
            {"maps": [[2**32, [0, 1], [0, 2**24]]]},
            r"header, field maps\[0\], must have a",
        ),
        (
            {"maps": [[2**32, [0, 1], [1, 2**24]]]},
            r"header, field maps\[0\], must have a",
        ),
    ],
)
def test_forged_headers_are_refused_by_field(code, change, said):
    header = Header("one-shot", code.digest, 5, {**code.header_fields, **change})
    with pytest.raises(CodeError, match=said):
        read(header.packed)


def test_files_of_unknown_kinds_are_refused(code):
    header = Header("two-shot", code.digest, 5, code.header_fields)
    with pytest.raises(CodeError, match="kind must be one of 'one-shot',.*'channel-simulation', got 'two-shot'"):
        read(header.packed)
    with pytest.raises(CodeError, match="kind must be 'one-shot', got 'two-shot'"):
        code.decode(header.packed)


def test_symbols_outside_the_alphabet_are_named_with_their_position(code):
    for x, said in (
        ([0, 1, 2], r"x\[2\] must be a letter, from 0 to 1, got 2"),
        ([0, -1], r"x\[1\] must be a letter, from 0 to 1, got -1"),
        (np.ma.array([0, 1], mask=[False, True]), "x must be an array without a mask, got a masked array"),
        ([0.5], r"x must be one row of indices of letters, got shape \(1,\) and type float64"),
        ([[0, 1]], r"x must be one row of indices"),
        (["a"], "x must be one row of indices"),
    ):
        with pytest.raises(ProblemError, match=said):
            code.encode(x, seed=5)
    with pytest.raises(ProblemError, match=r"x\[5\] must be a letter, from 0 to 1, got 9"):
        code.encode_file([[0, 1], [1, 0], [1, 9]], io.BytesIO(), seed=5)
    never = drc.codec(drc.Finite([[0.3, 0, 0.7]], letters_X=("a", "b", "c")))
    with pytest.raises(ProblemError, match=r"x\[1\] must have positive probability, got 1, letter 'b'"):
        never.encode([0, 1, 2], seed=5)


def test_letters_are_those_of_the_problem():
    code = drc.codec(drc.Finite([[0.3, 0.2, 0.5]], letters_X=("a", "b", "c")))
    x = code.indices(["c", "a", "b"])
    data = code.encode(x, seed=5)
    assert x.tolist() == [2, 0, 1]
    assert read(data).letters(code.decode(data)).tolist() == ["c", "a", "b"]
    mixed = drc.codec(drc.Finite([[0.3, 0.7]], letters_X=("a", 0.5)))
    assert mixed.letters(mixed.decode(mixed.encode([1, 0], seed=5))).tolist() == [0.5, "a"]
    with pytest.raises(ProblemError, match=r"x\[6\] must be one of the letters 'a', 'b', 'c', got 'd'"):
        code.indices(["a", "d"], first=5)


def test_what_has_no_plan_has_no_code(code):
    with pytest.raises(ProblemError, match="the solution must have a plan to code with, got status 'infeasible'"):
        drc.codec(BITS, R=0, C=0)
    with pytest.raises(NotAvailableError, match="time sharing of blocks has no code"):
        drc.codec(drc.Bernoulli(0.3, 0.4, 0.1, setting="asymptotic", time_sharing=True), R=0.4)
    with pytest.raises(ProblemError, match="the maps of the plan must go from 3 to 3 letters, as in the problem"):
        OneShotCode.of(drc.Finite([[0.3, 0.2, 0.5]]), code.solution)
    with pytest.raises(
        NotAvailableError, match="no code is available for int: the.*ite.asymptotic, gaussian.asymptotic"
    ):
        drc.codec(3)
    for block in (0, 2**22 + 1, 0.5, True):
        with pytest.raises(ProblemError, match="block must be a whole number"):
            drc.codec(BITS, R=0.4, block=block)


def test_what_was_read_from_a_file_decodes_only(code):
    decoder = read(code.encode([0, 1], seed=5))
    for use in (
        lambda: decoder.encode([0], seed=5),
        lambda: decoder.theory,
        lambda: decoder.sample(3, 0),
        lambda: decoder.indices([0]),
    ):
        with pytest.raises(ProblemError, match=r"the code was read from a file, so it can.*by drc.codec\(problem\)"):
            use()


def test_digests_tell_problems_apart():
    problems = [BITS, drc.Bernoulli(0.3, 0.4, 0.2), drc.Bernoulli(0.3, 0.4, 0.1, classifier_sees="Y")]
    problems += [drc.Finite([[0.5, 0.5]]), drc.Finite([[0.5], [0.5]]), drc.Finite([[0.5, 0.5]], letters_X=("0", "1"))]
    assert len({codec.digest(problem) for problem in problems}) == len(problems)
    assert codec.digest(drc.Finite(np.array([[0.5, 0.5]]))) == codec.digest(drc.Finite([["1/2", "1/2"]]))


@settings(max_examples=20)
@given(codes())
def test_a_code_is_a_function_of_problem_and_plan(code):
    again = OneShotCode.of(code.problem, code.solution)
    assert again.header_fields == code.header_fields
    assert again.digest == code.digest


@pytest.mark.parametrize("data", ["x", None, 3, pathlib.Path("x.drc"), [1, 2]])
def test_what_is_no_bytes_is_not_decoded(data):
    with pytest.raises(ProblemError, match="data must be the bytes of a coded file, got"):
        drc.codec(drc.Finite([[0.27, 0.07], [0.03, 0.63]]), R=0.5).decode(data)
