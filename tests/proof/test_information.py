"""Information inequalities: textbook ones are proved, false ones refuted, and both are checked here by other means.

A certificate says that a form is a sum of terms: here its text is evaluated for a random function of sets, for which a sum
holds by accident with no probability worth the name. A witness says that a claim fails: here its entropies are computed from
the table, in doubles.
"""

import math
import random
import re
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import drc
from drc.proof import Verdict
from drc.proof.shannon import (
    Certificate,
    Form,
    InformationProof,
    Quantity,
    Statement,
    Witness,
    latex,
    prove_information,
)
from drc.proof.shannon.certificate import shannon_quantities

MARKOV = ("X -> Y -> Z",)
PATH = ("H(S|A,B) = 0", "H(S|B,C) = 0", "H(S|C,D) = 0", "I(S;A,C) = 0", "I(S;A,D) = 0", "I(S;B,D) = 0")
FEEDBACK = ("H(X_1|M) = 0", "H(X_2|M,Y_1) = 0", "M -> X_1 -> Y_1", "M,X_1,Y_1 -> X_2 -> Y_2")
PAD = ("H(M|C,K) = 0", "I(M;C) = 0")

#: [cover2006] chapter 2 unless said otherwise.
PROVED = [
    # Chain rules and identities (sections 2.2, 2.4 and 2.5).
    ("H(X,Y) = H(X) + H(Y|X)", ()),
    ("H(X,Y|Z) = H(X|Z) + H(Y|X,Z)", ()),
    ("H(X,Y,Z) = H(X) + H(Y|X) + H(Z|X,Y)", ()),
    ("I(X;Y) = H(X) - H(X|Y)", ()),
    ("I(X;Y) = H(X) + H(Y) - H(X,Y)", ()),
    ("I(X;X) = H(X)", ()),
    ("I(X,Y;Z) = I(X;Z) + I(Y;Z|X)", ()),
    ("I(X;Y|Z) - I(X;Y) = I(X;Z|Y) - I(X;Z)", ()),
    ("I(X;Y;Z) = I(X;Y) - I(X;Y|Z)", ()),
    # Signs and conditioning (section 2.6).
    ("I(X;Y) >= 0", ()),
    ("H(X|Y,Z) <= H(X|Y)", ()),
    ("H(X,Y,Z) <= H(X) + H(Y) + H(Z)", ()),
    ("H(A,B) + H(B,C) >= H(A,B,C) + H(B)", ()),
    ("H(X|Z) <= H(X|Y) + H(Y|Z)", ()),
    ("H(X|Z) + H(Z|X) <= H(X|Y) + H(Y|X) + H(Y|Z) + H(Z|Y)", ()),
    ("I(X;Y) <= I(X;Y|Z)", ("I(X;Z) = 0",)),
    ("I(X;Z) + I(Y;Z) <= I(X,Y;Z)", ("I(X;Y) = 0",)),
    # Functions, data processing and Fano's inequality (sections 2.8 and 2.10).
    ("H(Y) <= H(X)", ("H(Y|X) = 0",)),
    ("I(X;Z) <= I(X;Y)", ("H(Z|Y) = 0",)),
    ("I(X;Z) <= I(X;Y)", MARKOV),
    ("I(X;Y|Z) <= I(X;Y)", MARKOV),
    ("H(X|Y) <= H(X|Z)", MARKOV),
    ("Z -> Y -> X", MARKOV),
    ("I(X;W) <= I(Y;Z)", ("X -> Y -> Z -> W",)),
    ("I(X;Z) + I(Y;W) <= I(X;W) + I(Y;Z)", ("X -> Y -> Z -> W",)),
    ("H(X|Z) <= H(E) + H(X|E,Z)", ()),
    ("H(X|Z) = H(E|Z) + H(X|E,Z)", ("H(E|X,Z) = 0",)),
    # Subsets (section 17.6): Han, Shearer.
    ("2 H(X,Y,Z) <= H(X,Y) + H(Y,Z) + H(X,Z)", ()),
    ("3 H(A,B,C,D) <= H(A,B,C) + H(A,B,D) + H(A,C,D) + H(B,C,D)", ()),
    ("H(A,B,C) + H(A,B,D) + H(A,C,D) + H(B,C,D) <= H(A,B) + H(A,C) + H(A,D) + H(B,C) + H(B,D) + H(C,D)", ()),
    ("H(A|B,C) + H(B|A,C) + H(C|A,B) <= H(A,B,C)", ()),
    ("H(A,B,C,D) <= 1/2 H(A,B) + 1/2 H(B,C) + 1/2 H(C,D) + 0.5 H(A,D)", ()),
    # Channels and sources (chapters 7, 10 and 15): no memory, feedback, Slepian and Wolf, Wyner and Ziv, multiple access.
    ("I(A,B;X,Y) <= I(A;X) + I(B;Y)", ("H(X,Y|A,B) = H(X|A) + H(Y|B)",)),
    ("I(A,B;X,Y) >= I(A;X) + I(B;Y)", ("I(A;B) = 0",)),
    ("I(M;Y_1,Y_2) <= I(X_1;Y_1) + I(X_2;Y_2)", FEEDBACK),
    ("I(X_2,X_3;Y_1) + I(X_3;Y_2|Y_1) = I(Y_1;X_2|X_3) + I(Y_1,Y_2;X_3)", ()),  # Csiszár's sum
    ("H(X|Y) <= H(M)", ("H(X|M,Y) = 0", "H(M|X) = 0")),
    ("H(X,Y) <= H(M) + H(N)", ("H(X,Y|M,N) = 0",)),
    ("I(X;U) - I(Y;U) = I(X;U|Y)", ("U -> X -> Y",)),
    ("I(A;Y) <= I(A;Y|B)", ("I(A;B) = 0",)),
    # Common information, and Ingleton's inequality where it can be extracted ([yeung2008]).
    ("H(K) <= I(X;Y)", ("H(K|X) = 0", "H(K|Y) = 0")),
    ("I(X;Y) <= I(X,Y;W)", ("X -> W -> Y",)),
    ("I(A;B) <= I(A;B|C) + I(A;B|D) + I(C;D)", ("H(K|A) = 0", "H(K|B) = 0", "H(K) = I(A;B)")),
    # Conditional independence: contraction and weak union ([yeung2008]).
    ("I(X;Y,W|Z) = 0", ("I(X;Y|Z) = 0", "I(X;W|Y,Z) = 0")),
    ("I(X;Y|Z,W) = 0", ("I(X;Y,W|Z) = 0",)),
    # Secrets ([yeung2008]): the one-time pad, two shares, and shares for the edges of a path.
    ("H(M) <= H(K)", PAD),
    ("H(S) <= H(A)", ("H(S|A,B) = 0", "I(S;B) = 0")),
    ("3 H(S) <= H(B) + H(C)", PATH),
]

REFUTED = [
    ("I(X;Y|Z) <= I(X;Y)", ()),
    ("I(X;Y|Z) >= I(X;Y)", ()),
    ("I(X;Y;Z) >= 0", ()),
    ("H(X|Y) = H(Y|X)", ()),
    ("H(X,Y) >= H(X) + H(Y)", ()),
    ("I(X;Y) <= 1/2 H(X)", ()),
    ("H(X) >= 1.000001 I(X;Y)", ()),
    ("2 H(X,Y,Z) >= H(X,Y) + H(Y,Z) + H(X,Z)", ()),
    ("I(X;Z) >= I(X;Y)", MARKOV),
    ("X -> Z -> Y", MARKOV),
    ("I(X;W) >= I(Y;Z)", ("X -> Y -> Z -> W",)),
    ("H(X) <= H(Y)", ("H(Y|X) = 0",)),
    ("I(X;Y|Z) = 0", ("I(X;Y) = 0",)),
    ("I(X;Y) = 0", ("I(X;Y|Z) = 0",)),
    ("I(X;Y,Z) = 0", ("I(X;Y) = 0", "I(X;Z) = 0")),
    ("I(X,Y;Z) <= I(X;Z) + I(Y;Z)", ("I(X;Y) = 0",)),
    ("I(X;Y,W|Z) = 0", ("I(X;Y|Z,W) = 0", "I(X;W|Z,Y) = 0")),
    ("I(X;Y) <= H(K)", ("H(K|X) = 0", "H(K|Y) = 0")),
    ("H(K) <= H(M)", PAD),
    ("2 H(B) <= 3 H(S)", PATH[:1]),
    ("H(Y|U) <= I(X;Y)", ("H(Y|X,U) = 0", "I(X;U) = 0")),
    ("H(S|Y) <= H(S|Y,U)", ()),
    # Beyond linear codes: the minimum and the maximum of two bits.
    ("I(A;B) <= I(A;B|C) + I(A;B|D) + I(C;D)", ()),
    ("I(A;B) = 0", ("I(A;B|C) = 0", "I(A;B|D) = 0", "I(C;D) = 0")),
]

#: True, but not by Shannon's inequalities: theorem 3 of [zhang1998], and the conditional inequality before it.
NOT_SHANNON = [
    ("2 I(C;D) <= I(A;B) + I(A;C,D) + 3 I(C;D|A) + I(C;D|B)", ()),
    ("I(A;B|C,D) <= I(A;B|D) + I(C;D|A,B)", ("I(A;B) = 0", "I(A;B|C) = 0")),
]


def information(parts, C, entropy):
    """`H(A|C)`, `I(A;B|C)` and so on: each part is what conditioning on it takes away."""
    *rest, last = parts
    if not rest:
        return entropy(last | C) - entropy(C)
    return information(rest, C, entropy) - information(rest, C | last, entropy)


def value(text, entropy):
    """Evaluate a sum of information quantities, from a function that gives the entropy of each set of variables."""
    total = 0
    for sign, factor, inside in re.findall(r"([+-]?) *([0-9./]*) *[HI]\(([^()]*)\)", text):
        parts, *C = (re.split(";", half) for half in inside.split("|"))
        sets = [frozenset(part.split(",")) for part in parts]
        condition = frozenset(C[0][0].split(",")) if C else frozenset()
        total += (-1 if sign == "-" else 1) * Fraction(factor or 1) * information(sets, condition, entropy)
    return total


def bounds(text, entropy):
    """What a statement says to be at least zero."""
    if "->" in text:
        *links, _ = pairs = text.split(" -> ")
        chain = [f"I({','.join(links[:i])};{pairs[i + 1]}|{links[i]})" for i in range(1, len(links))]
        values, equal = [value(link, entropy) for link in chain], True
    else:
        left, relation, right = re.split("(<=|>=|=)", text)
        gap = value(left, entropy) - value(right, entropy)
        values, equal = [-gap if relation == "<=" else gap], relation == "="
    return [bound for v in values for bound in ((v, -v) if equal else (v,))]


def random_function_of_sets(seed=0):
    rng, known = random.Random(seed), {frozenset(): Fraction(0)}
    return lambda names: known.setdefault(names, Fraction(rng.randrange(1, 10**9), rng.randrange(1, 10**9)))


def entropy_of(witness):
    def entropy(names):
        places = [i for i, name in enumerate(witness.names) if name in names]
        masses = {}
        for values, p in witness.table:
            key = tuple(values[i] for i in places)
            masses[key] = masses.get(key, 0.0) + float(p)
        return -sum(p * math.log2(p) for p in masses.values())

    return entropy


def check_certificates(proof):
    """Check a proof with none of its own code: identities, signs, and that nothing is used that is not given."""
    h = random_function_of_sets()
    assumed = {bound for statement in proof.given for bound in bounds(statement.text, h)}
    assert [value(str(c.form), h) for c in proof.certificates] == bounds(proof.claim.text, h)
    for certificate in proof.certificates:
        for multiplier, term in certificate.terms:
            assert multiplier >= 0
            assert re.fullmatch(r"H\([^;]*\)|I\([^;]*;[^;]*\)", str(term)) or value(str(term), h) in assumed
        assert sum(m * value(str(term), h) for m, term in certificate.terms) == value(str(certificate.form), h)


def check_witness(proof):
    """Check a witness with none of its own code."""
    h = entropy_of(proof.witness)
    assert sum(p for _, p in proof.witness.table) == 1
    assert all(bound > -1e-9 for statement in proof.given for bound in bounds(statement.text, h))
    assert min(bounds(proof.claim.text, h)) < -1e-7


@pytest.mark.parametrize(("claim", "assumed"), PROVED, ids=lambda x: x if isinstance(x, str) else "")
def test_textbook_inequalities_are_proved(claim, assumed):
    proof = prove_information(claim, assumed)
    assert (proof.verdict, proof.proved, bool(proof), proof.witness) == (Verdict.PROVED, True, True, None)
    check_certificates(proof)


@pytest.mark.parametrize(("claim", "assumed"), REFUTED, ids=lambda x: x if isinstance(x, str) else "")
def test_false_inequalities_are_refuted(claim, assumed):
    proof = prove_information(claim, assumed)
    assert (proof.verdict, proof.proved, proof.certificates) == (Verdict.REFUTED, False, ())
    check_witness(proof)
    assert "probability" in str(proof)
    assert "bit" in str(proof)


@pytest.mark.parametrize(("claim", "assumed"), NOT_SHANNON)
def test_what_is_true_beyond_shannon_is_unknown(claim, assumed):
    proof = prove_information(claim, assumed)
    assert (proof.verdict, proof.proved, proof.witness) == (Verdict.UNKNOWN, False, None)


def test_there_are_as_many_as_promised():
    assert len(PROVED) >= 40
    assert len(REFUTED) >= 20


def test_the_example_of_the_issue():
    proof = prove_information("I(X;Y|U) <= H(Z|U)", given=["H(Y|Z,U) = 0", "I(X;U) = 0"])
    assert str(proof).splitlines()[0] == "Proved: I(X;Y|U) <= H(Z|U), given H(Y|Z,U) = 0, I(X;U) = 0"
    assert "- H(Y|Z,U) >= 0" in str(proof)
    assert "I(X;U)" not in str(proof.certificates[0])


def mutants():
    """Each textbook inequality with its relation turned, a coefficient changed, and an assumption dropped."""
    for claim, assumed in PROVED[::2]:
        if "->" in claim:
            continue
        left, relation, right = re.split(" (<=|>=|=) ", claim)
        yield f"{right} {relation if relation != '=' else '<='} {left}", assumed
        yield f"{left} {relation} 9/10 {re.sub('^[0-9./]+ ', '', right)}" if right != "0" else f"{left} <= 0", assumed
        if assumed:
            yield claim, assumed[1:]


def test_mutants_are_proved_or_refuted_with_what_can_be_checked():
    verdicts = dict.fromkeys(Verdict, 0)
    for claim, assumed in mutants():
        proof = prove_information(claim, assumed)
        if proof.proved:
            check_certificates(proof)
        elif proof.witness:
            check_witness(proof)
        verdicts[proof.verdict] += 1
    # Ingleton's inequality with half of a common part needs a variable whose entropy is that of another by chance.
    assert verdicts[Verdict.UNKNOWN] <= 1
    assert verdicts[Verdict.REFUTED] > 3 * verdicts[Verdict.PROVED]


@given(st.integers(2, 5), st.data())
def test_every_sum_of_shannon_terms_is_proved_and_holds_for_distributions(n, data):
    names = tuple("ABCDE"[:n])
    pool = [str(q) for q in shannon_quantities(names)]
    pairs = st.tuples(st.fractions(Fraction(1, 9), 9, max_denominator=9), st.sampled_from(pool))
    text = " + ".join(f"{c} {q}" for c, q in data.draw(st.lists(pairs, min_size=1, max_size=4)))
    # The entropies of the sum, so that the terms are not read off.
    joint = Statement(f"{text} >= 0").bounds[0].entropies
    plain = " ".join(f"{'-' if c < 0 else '+'} {abs(c)} H({','.join(sorted(s))})" for s, c in joint.items())
    proof = prove_information(f"{plain} >= 0")
    assert proof.proved
    weights = data.draw(st.lists(st.integers(1, 9), min_size=4, max_size=4))
    values = data.draw(st.lists(st.tuples(*[st.integers(0, 2)] * n), min_size=4, max_size=4, unique=True))
    table = tuple((v, Fraction(w, sum(weights))) for v, w in zip(values, weights, strict=True))
    assert Witness(names, table).value(proof.claim.bounds[0]) >= 0


def test_the_value_at_a_distribution_is_exact():
    biased = Witness(("X", "Y"), (((0, 0), Fraction(1, 3)), ((1, 1), Fraction(2, 3))))
    value_of = lambda text: biased.value(Statement(f"{text} >= 0").bounds[0])  # noqa: E731
    assert value_of("H(X) - H(Y)") == 0
    assert value_of("H(X|Y)") == 0
    assert abs(float(value_of("H(X)")) - (math.log2(3) - 2 / 3)) < 1e-15
    tiny = f"{Fraction(1, 10**300)}"
    assert value_of(f"H(X) - H(Y) - {tiny} H(X)") < 0


def test_a_product_of_biased_bits_is_independent_exactly():
    table = tuple(((a, b), Fraction(1 + 2 * a, 4) * Fraction(1 + 6 * b, 8)) for a in (0, 1) for b in (0, 1))
    assert Witness(("A", "B"), table).value(Statement("I(A;B) = 0").bounds[0]) == 0


@pytest.mark.parametrize("change", range(6))
def test_what_an_attacker_edits_is_refused(change):
    certificate = prove_information("I(X;Z) <= I(X;Y)", MARKOV).certificates[0]
    terms = (multiplier, term), *rest = certificate.terms
    edits = (
        {"terms": ((multiplier + Fraction(1, 10**12), term), *rest)},
        {"terms": tuple(rest)},
        {"terms": ((-multiplier, term), *rest)},
        {"terms": (*terms, (Fraction(1), -term), (Fraction(1), term))},
        {"form": -certificate.form},
        {"given": ()},
    )
    with pytest.raises(drc.ProblemError, match="terms must"):
        replace(certificate, **edits[change])


def test_a_proof_of_something_else_is_refused():
    one, other = prove_information("I(X;Z) <= I(X;Y)", MARKOV), prove_information("I(X;Y) >= 0")
    for fields in (
        {"certificates": other.certificates},
        {"given": ()},
        {"claim": other.claim},
        {"claim": Statement("I(X;Z) >= I(X;Y)")},
        {"witness": prove_information("I(X;Y) <= 0").witness},
    ):
        with pytest.raises(drc.ProblemError, match=r"(certificates|witness) must"):
            replace(one, **fields)
    equation = prove_information("I(X;Y) = H(X) - H(X|Y)")
    with pytest.raises(drc.ProblemError, match="certificates must"):
        replace(equation, certificates=equation.certificates[:1])


@pytest.mark.parametrize("parts", [(("X",), ("Y",), ("Z",)), ()])
def test_only_entropies_and_informations_are_shannon_terms(parts):
    form = Form(((Fraction(1), Quantity(parts, ("U",))),))
    with pytest.raises(drc.ProblemError, match="terms must"):
        Certificate(form, (), ((Fraction(1), form),))


def test_floats_prove_nothing_by_rounding():
    half = Statement("1/3 H(X) >= 0").bounds[0]
    with pytest.raises(drc.ProblemError, match="terms must add up"):
        Certificate(half, (), ((1 / 3, Statement("H(X) >= 0").bounds[0]),))


def test_a_table_that_is_not_a_distribution_is_refused():
    half = Fraction(1, 2)
    for table in (
        (),
        (((0,), half),),
        (((0,), 2 * half), ((1,), half)),
        (((0,), 3 * half), ((1,), -half)),
        (((0, 1), 2 * half),),
    ):
        with pytest.raises(drc.ProblemError, match="table must be a distribution"):
            Witness(("X",), table)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("", "cut short"),
        ("I(X;Y", "cut short"),
        ("X -> Y", "cut short"),
        ("I(X;Y) <=", "cut short"),
        ("I(X;Y <= H(X)", "'<= H(X)'"),
        ("H(X;Y) >= 0", "';Y) >= 0'"),
        ("I(X) >= 0", "') >= 0'"),
        ("H() >= 0", "') >= 0'"),
        ("H(X) <= H(Y) <= H(Z)", "'<= H(Z)'"),
        ("H(X) <= 1", "'1'"),
        ("H(X) < H(Y)", "'< H(Y)'"),
        ("H(X) H(Y) >= 0", "'H(Y) >= 0'"),
        ("2 (H(X)) >= 0", "'2 (H(X)) >= 0'"),
        ("h(X) >= 0", "'h(X) >= 0'"),
        ("X -> Y -> Z >= 0", "'>= 0'"),
        ("I(A;A;A;A;A;A;A;A) >= 0", "';A) >= 0'"),
    ],
)
def test_messages_say_where_a_statement_stops(text, rest):
    with pytest.raises(drc.ProblemError) as error:
        prove_information(text)
    assert str(error.value).startswith('claim must be an information inequality such as "I(X;Y) <= H(X)", got ')
    assert str(error.value).endswith(rest)


def test_other_wrong_input():
    for claim, assumed, message in (
        (3, (), "claim must be an information inequality"),
        ("1/0 H(X) >= 0", (), "claim must have a denominator"),
        ("H(X) >= 0", "H(X) = 0", "given must be a list of statements"),
        ("H(X) >= 0", ["H(X) = 0", "H(X"], r"given\[1\] must be an information inequality"),
        ("H(A,B,C,D) >= 0", ["I(E,F;G,K) = 0"], "claim and given must have at most 7 variables, got 8"),
    ):
        with pytest.raises(drc.ProblemError, match=message):
            prove_information(claim, assumed)


def test_lines_of_a_proof_are_set_as_formulas():
    line = str(prove_information("1/2 I(X;Z) <= 1/2 I(X;Y)", MARKOV).certificates[0])
    assert latex(line) == (
        r"\tfrac{1}{2} I(X; Y) - \tfrac{1}{2} I(X; Z) = \tfrac{1}{2} I(X; Y \mid Z) - \tfrac{1}{2} I(X; Z \mid Y) \ge 0"
    )
    assert latex("2 * H(X_1,Y_12) == 0") == "2  H(X_1,Y_{12}) = 0"


def test_what_may_be_written():
    for text in (
        "I( X ; Y )<=H(X)",
        "-H(X)+I(X;Y)<=0",
        "0 >= I(Y;X)- 1 * H(X)",
        "2/2 H(X) - 1.0 I(X;Y) >= 0",
        "0 H(Q) + H(X) >= I(X;Y)",
    ):
        assert prove_information(text).proved
    assert prove_information("I(X;Y) == I(Y;X)").proved
    assert prove_information("0 = 0").proved


def test_which_variables_must_be_discrete():
    assert prove_information("H(S|X) <= H(S|Y)", ["S -> X -> Y"]).discrete == set()
    assert prove_information("I(X;Y) <= H(Z)", ["X -> Z -> Y"]).discrete == {"Z"}
    assert prove_information("H(X|Y) >= 0").discrete == {"X"}


def test_seven_variables_and_long_chains():
    names = "ABCDEFG"
    chain = [" -> ".join(names)]
    for a, b in combinations(range(1, 6), 2):
        assert prove_information(f"I(A;G) <= I({names[a]};{names[b]})", chain).proved
    assert prove_information("I(A;G) >= I(C;D)", chain).witness


def test_the_answer_is_the_same_again():
    for claim, assumed in (PROVED[-1], REFUTED[-1], NOT_SHANNON[0]):
        assert prove_information(claim, assumed) == prove_information(claim, assumed)


def test_a_proof_can_be_empty_but_not_said_to_be_one():
    unknown = InformationProof(Statement("I(X;Y) >= 0"))
    assert unknown.verdict is Verdict.UNKNOWN
    assert not unknown
