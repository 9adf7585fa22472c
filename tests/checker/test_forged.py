"""Forged certificates, each against one side condition of a theorem: none is proved, and none ends in a traceback."""

from __future__ import annotations

import functools
import json
import math
import time
from fractions import Fraction

import pytest
from attacks import certificates
from hand_made import (
    EXCLUDING_TREE,
    HALF,
    HAMMING,
    LETTERS,
    TIGHT,
    TREE,
    UNIFORM_BIT,
    certificate,
    classified,
    data_processing,
    infeasible,
    infeasible_channel,
    infeasible_plan,
    one_shot_bit,
    perceived,
    perceived_in_bits,
    plan,
    problem,
    rate_distortion,
    relaxed,
    time_shared,
    transport,
)

from drc import Bernoulli, ProblemError
from drc.checker import check_certificate

#: Zero, written so that balls of 192 bits have a radius of 1e29.
WIDE = "exp(200) - exp(200)"


def changed(made, **changes):
    """Return the certificate with some fields replaced; "__" separates names and places, None in the end removes."""
    for path, value in changes.items():
        *way, last = (int(key) if key.isdigit() else key for key in path.split("__"))
        holder = made
        for key in way:
            holder = holder[key]
        if value is DROP:
            del holder[last]
        else:
            holder[last] = value
    return made


DROP = object()


def tree_of(nodes):
    return one_shot_bit({"kind": "tree", "tree": json.loads(json.dumps(nodes, default=str))})


def beyond(made, size=0.01):
    """Claim a lower bound that is too high."""
    return made | {"lower": float(Fraction(made["lower"])) + size, "upper": "inf"}


# Time sharing ---------------------------------------------------------------------------------------------


@functools.cache
def _branched(setting):
    problem = Bernoulli(0.3, 0.8, 0.1, setting=setting, classifier_sees="Y").finite()
    bounds = {"R": 0.3, "C": 0.75} if setting == "asymptotic" else {"R": 0.6, "C": 0.8}
    return json.dumps(problem.solve(**bounds, tolerance=1e-4).certificate.to_dict())


def branched(setting="asymptotic"):
    """A bit whose label must be told: one code has D = .8563, codes that share the time .7807."""
    made = json.loads(_branched(setting))
    assert check_certificate(made)
    assert len(made["dual"]["tree"]) > 1
    return changed(made, problem__time_sharing=True)


def as_mixture(made):
    part = {key: item for key, item in made["primal"].items() if key != "kind"}
    return made | {"primal": {"kind": "mixture", "parts": [{"weight": 1, **part}]}}


@pytest.mark.parametrize("setting", ["asymptotic", "one-shot"])
@pytest.mark.parametrize("shared", [{}, None, DROP, {"P": 0}, {"D": 0}])
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_plain_tree_proves_nothing_with_time_sharing(setting, shared, wrapped):
    made = changed(branched(setting), dual__shared=shared)
    if shared == {"P": 0}:
        made["problem"]["perception"] = {"measure": "TV", "reference": made["problem"]["p_Y"]}
        made["bounds"]["P"] = 1
    verdict = check_certificate(as_mixture(made) if wrapped else made)
    assert not verdict.lower_holds
    assert verdict.upper_holds


def test_with_time_sharing_the_leaves_share_multipliers_and_objective():
    made = time_shared()
    assert check_certificate(made)
    leaf = made["dual"]["tree"][1]
    for own in ({"objective": 0}, {"multipliers": {"C": "1/4"}}, {"multipliers": {"R": "1/4"}}):
        made["dual"]["tree"][1] = leaf | own
        assert not check_certificate(made).lower_holds
    # What repeats the shared multipliers is no other proof.
    made["dual"]["tree"][1] = leaf | {"objective": 1, "multipliers": {"C": "1/2"}}
    assert check_certificate(made)


def test_a_relaxation_does_not_lose_the_time_sharing():
    made = branched("asymptotic")
    made["problem"]["setting"] = "one-shot"
    made["dual"] = {"kind": "relaxation", "of": "asymptotic", "dual": made["dual"] | {"shared": {}}}
    assert "the same multipliers" in check_certificate(made | {"primal": None, "upper": "inf"}).said[1]


def test_each_part_of_a_mixture_meets_the_perception_bound_and_the_law():
    made = changed(perceived("TV"), problem__time_sharing=True)
    # In the mean the parts are as far from the reference as is allowed; one of them is farther.
    parts = [{"weight": HALF, "joint": [[1, 0]]}, {"weight": HALF, "joint": [[0, 1]]}]
    made["primal"] = {"kind": "mixture", "parts": [part | {"weight": "1/2"} for part in parts]}
    verdict = check_certificate(made)
    assert verdict.lower_holds
    assert "not proved to meet P" in verdict.said[2]
    made = changed(transport(), problem__time_sharing=True)
    parts = [
        {"weight": "1/2", "joint": [["1/2", 0], [0, "1/2"]], "tree": []},
        {"weight": "1/2", **as_part(transport())},
    ]
    assert not check_certificate(made | {"primal": {"kind": "mixture", "parts": parts}}).upper_holds


def as_part(made):
    return {key: item for key, item in made["primal"].items() if key != "kind"}


# Supports -------------------------------------------------------------------------------------------------

FORBIDDING = [[0, "inf"], ["inf", 0]]
SAME = [["1/2", "1/2"], ["1/2", "1/2"]]


def forbidden(setting, sees, primal, p_Y=None, **options):
    about = problem(UNIFORM_BIT, FORBIDDING, p_Y, setting, sees, time_sharing=primal["kind"] == "mixture")
    return certificate(about, 0, 0, primal, {"kind": "trivial"}, minimise="R", **options)


@pytest.mark.parametrize("bounds", [{}, {"R": 1}, {"D": 1}, {"C": 1}])
@pytest.mark.parametrize(
    ("setting", "sees", "primal", "p_Y"),
    [
        ("asymptotic", "Y", {"kind": "coupling", "joint": SAME}, None),
        (
            "asymptotic",
            "Y",
            {"kind": "coupling", "joint": [[0, "1/4"], ["1/4", 0]], "tree": [[0, 0], [1, 1]]},
            [HALF, HALF],
        ),
        (
            "asymptotic",
            "Y",
            {"kind": "coupling", "joint": [[0, 0], [0, 0]], "tree": [[0, 0], [0, 1], [1, 1]]},
            ["1/4", "3/4"],
        ),
        ("asymptotic", "Y", {"kind": "mixture", "parts": [{"weight": 1, "joint": SAME}]}, None),
        ("one-shot", "YU", {"kind": "maps", "weights": [[1, [0, 0]]]}, None),
        ("one-shot", "YU", {"kind": "maps", "weights": [[1, [0, 1]], [1e-300, [1, 0]]]}, None),
        ("one-shot", "YU", {"kind": "maps", "weights": []}, [HALF, HALF]),
        ("one-shot", "Y", {"kind": "maps", "weights": [["9/10", [0, 1]]]}, [HALF, HALF]),
        ("one-shot", "Y", {"kind": "mixture", "parts": [{"weight": 1, "weights": [[1, [1, 1]]]}]}, None),
    ],
)
def test_no_plan_uses_a_forbidden_pair(setting, sees, primal, p_Y, bounds):
    made = forbidden(setting, sees, json.loads(json.dumps(primal)), p_Y, bounds=bounds)
    assert "forbidden pair" in check_certificate(made | {"upper": 2}).said[2]


def test_a_map_without_weight_and_a_letter_without_mass_use_no_pair():
    primal = {"kind": "maps", "weights": [[1, [0, 1]], [0, [1, 0]]]}
    assert check_certificate(forbidden("one-shot", "YU", primal) | {"upper": 1})
    about = problem([[0, 1]], [["inf", "inf"], ["inf", 0]], None, "asymptotic", "Y")
    primal = {"kind": "coupling", "joint": [[1, 1], [0, 1]]}
    assert check_certificate(certificate(about, 0, 0, primal, {"kind": "trivial"}))


def test_under_a_divergence_no_letter_has_mass_without_the_reference():
    made = changed(perceived_in_bits(), problem__perception__reference=["1", "0"], bounds__P=100)
    assert "KL is infinite" in check_certificate(made | {"lower": 0}).said[2]
    # Without a bound on P the letter may be used, and its potential counts.
    made = changed(
        perceived_in_bits(), problem__perception__reference=["0", "1"], bounds=[], dual__tree__0__multipliers={}
    )
    made = made | {"bounds": {}, "lower": 0.5, "upper": "inf"}
    assert not check_certificate(made).lower_holds


# Signs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "changes"),
    [
        (rate_distortion, {"minimise": "D", "slope": f"-1 + {WIDE}"}),
        (rate_distortion, {"problem__distortion__0__1": f"-5 + {WIDE}"}),
        (rate_distortion, {"problem__distortion__0__1": f"{WIDE}"}),
        (rate_distortion, {"problem__p_SX__0": [f"-1 + {WIDE}", 2]}),
        (rate_distortion, {"problem__p_SX__0": [f"1/2 + {WIDE}", "3/5"]}),
        (rate_distortion, {"problem__p_SX__0": ["sqrt(2)/2", "1 - sqrt(2)/2 + 1/10**30"]}),
        (
            rate_distortion,
            {"problem__p_SX__0": ["1/3", "0.333333333333333333333333333333333333333333333333333333333333"]},
        ),
        (transport, {"problem__p_Y": [f"-1 + {WIDE}", f"2 + {WIDE}"]}),
        (lambda: perceived("W2"), {"problem__perception__ground__0__1": f"-1 + {WIDE}"}),
        (lambda: perceived("W2"), {"problem__perception__ground__0__1": "sqrt(2)**2 - 2"}),
        (lambda: perceived("TV"), {"problem__perception__reference": [f"-1 + {WIDE}", 2]}),
        (rate_distortion, {"bounds__D": "sqrt(2)**2 - 2"}),
        (rate_distortion, {"lower": "log(8) - 3*log(2)"}),
        (rate_distortion, {"dual__tree__0__v": ["sqrt(2)**2 - 2", 0]}),
    ],
)
def test_a_sign_is_proved_or_refused(made, changes):
    with pytest.raises(ProblemError, match=r"must be >= 0|must be a finite number|must sum to one"):
        check_certificate(changed(made(), **changes))


@pytest.mark.parametrize(
    ("made", "changes", "side", "words"),
    [
        (rate_distortion, {"dual__tree__0__multipliers__D": f"-1 + {WIDE}"}, 1, "negative"),
        (
            one_shot_bit_by := lambda: one_shot_bit({"kind": "subsets"}),
            {"dual__multipliers__R": f"-1/9 + {WIDE}"},
            1,
            "negative",
        ),
        (one_shot_bit_by, {"primal__weights__0__0": f"-1 + {WIDE}"}, 2, "a weight is negative"),
        (rate_distortion, {"primal__joint__0__0": f"-1 + {WIDE}"}, 2, "negative"),
        (rate_distortion, {"primal__joint__0": [0, 0]}, 2, "has no mass"),
        (lambda: perceived("W2"), {"primal__gamma__0__0": f"-1 + {WIDE}"}, 2, "gamma is negative"),
        (time_shared, {"primal__parts__0__weight": f"-1/2 + {WIDE}"}, 2, "not proved to be a law"),
        (transport, {"primal__joint__1__0": f"-1/4 + {WIDE}"}, 2, "negative"),
    ],
)
def test_a_sign_of_a_proof_is_proved_or_nothing_is(made, changes, side, words):
    made = changed(made(), **changes)
    assert words in check_certificate(made).said[side]


def test_a_law_that_is_not_rational_is_what_its_largest_entry_leaves():
    laws = ["sqrt(2)/2", "1 - sqrt(2)/2"], ["sqrt(2)/2 + 1/10**80", "1 - sqrt(2)/2"]
    for law in laws:
        about = problem([law], HAMMING, None, "asymptotic", "Y")
        primal = {"kind": "coupling", "joint": [[1, 0], [0, 1]]}
        assert check_certificate(certificate(about, 0, 0, primal, {"kind": "trivial"}))


def test_a_number_that_cancels_is_read_with_more_digits():
    made = changed(transport(), problem__distortion__0__1=f"1 + {WIDE}")
    assert check_certificate(changed(made, lower=0.25 - 1e-12, upper=0.25 + 1e-12))
    assert not check_certificate(changed(made, lower=f"0.26 + {WIDE}", upper=1)).lower_holds


# Claims ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lower", "upper", "words"),
    [
        (1, 0, "lower must be <= upper"),
        ("inf", 1, "lower must be <= upper"),
        ("1/4 + 1/10**50", "1/4", "lower must be <= upper"),
        ("sqrt(2)", "sqrt(2) - 1/10**20", "lower must be <= upper"),
        (math.nan, 1, "lower must be a finite number"),
        (0, math.nan, "upper must be a finite number"),
        (-math.inf, 1, "lower must be a finite number"),
        (0, math.inf, "upper must be a finite number"),
        (True, 1, "lower must be a finite number"),
        (None, 1, "lower must be a finite number"),
    ],
)
def test_a_claim_is_two_numbers_in_order(lower, upper, words):
    with pytest.raises(ProblemError, match=words):
        check_certificate(transport() | {"lower": lower, "upper": upper})


# Fields ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "path"),
    [
        (transport, "remark"),
        (transport, "problem__time_shared"),
        (transport, "bounds__Q"),
        (lambda: perceived("W2"), "problem__perception__unit"),
        (transport, "primal__weights"),
        (one_shot_bit_by, "primal__joint"),
        (time_shared, "primal__joint"),
        (time_shared, "primal__parts__0__kind"),
        (time_shared, "primal__parts__0__weights"),
        (transport, "dual__nu"),
        (one_shot_bit_by, "dual__shared"),
        (relaxed, "dual__tree"),
        (relaxed, "dual__dual__remark"),
        (relaxed, "dual__dual__tree__0__nu"),
        (data_processing, "dual__objective"),
        (time_shared, "dual__shared__Q"),
        (time_shared, "dual__tree__0__slopes"),
        (time_shared, "dual__tree__1__labelled"),
        (rate_distortion, "dual__tree__0__price"),
        (rate_distortion, "dual__tree__0__multipliers__lambda"),
        (plan, "dual__tree__0__u"),
        (one_shot_bit_by, "dual__multipliers__S"),
        (one_shot_bit_by, "dual__pricing__tree"),
        (lambda: one_shot_bit(LETTERS), "dual__pricing__tree"),
        (lambda: one_shot_bit(LETTERS), "dual__pricing__trees__0__1__exclude_"),
        (lambda: tree_of(TREE), "dual__pricing__tree__3__then"),
        (lambda: tree_of(EXCLUDING_TREE), "dual__pricing__tree__2__below"),
    ],
)
@pytest.mark.parametrize("needed", [True, False])
def test_an_unknown_field_is_named_wherever_it_is(made, path, needed):
    # Parts that no proof needs are read as well.
    forged = changed(made(), **{path: 0}) | ({} if needed else {"lower": 0, "upper": "inf"})
    with pytest.raises(ProblemError, match=rf"{path.split('__')[-1]}: unknown; must be one of"):
        check_certificate(forged)


@pytest.mark.parametrize(
    ("made", "path", "value"),
    [
        (lambda: tree_of(TREE), "dual__pricing__tree__0__split", [True, 0, 0.5]),
        (lambda: tree_of(TREE), "dual__pricing__tree__0__split", [0.0, 0, 0.5]),
        (lambda: tree_of(TREE), "dual__pricing__tree__0__split", [0, False, 0.5]),
        (lambda: tree_of(TREE), "dual__pricing__tree__0__split", [-1, 0, 0.5]),
        (lambda: tree_of(TREE), "dual__pricing__tree__0__split", [0, -1, 0.5]),
        (lambda: tree_of(TREE), "dual__pricing__tree__0__below", True),
        (lambda: tree_of(TREE), "dual__pricing__tree__0__below", 0),
        (lambda: tree_of(TREE), "dual__pricing__tree__0__below", 2),
        (lambda: tree_of(TREE), "dual__pricing__tree__0__below", -1),
        (lambda: tree_of(TREE), "dual__pricing__tree__1__below", 5),
        (lambda: tree_of(EXCLUDING_TREE), "dual__pricing__tree__2__exclude", [[True, 1]]),
        (lambda: tree_of(EXCLUDING_TREE), "dual__pricing__tree__2__exclude", [[0, 1.0]]),
        (lambda: tree_of(EXCLUDING_TREE), "dual__pricing__tree__2__exclude", [[0, -1]]),
        (lambda: tree_of(EXCLUDING_TREE), "dual__pricing__tree__2__exclude", [[7, 0]]),
        (one_shot_bit_by, "primal__weights__0__1", [False, 1]),
        (one_shot_bit_by, "primal__weights__0__1", [0, 1.0]),
        (one_shot_bit_by, "primal__weights__0__1", [0, -1]),
        (one_shot_bit_by, "dual__pricing__labelled", 0),
        (one_shot_bit_by, "dual__objective", True),
        (one_shot_bit_by, "dual__objective", 1.0),
        (one_shot_bit_by, "dual__objective", "1"),
        (one_shot_bit_by, "problem__time_sharing", 0),
        (one_shot_bit_by, "bounds__R", True),
        (one_shot_bit_by, "bounds__R", "inf"),
        (one_shot_bit_by, "bounds__R", "１"),
        (transport, "primal__tree__0", [False, 0]),
        (transport, "primal__tree__0", [0, 2]),
        (lambda: perceived("TV"), "problem__perception__ground", [[0, 0], [0, 0]]),
        (lambda: perceived("TV"), "problem__perception", None),
    ],
)
def test_what_is_of_another_type_is_refused(made, path, value):
    with pytest.raises(ProblemError, match="must be|must start|must have"):
        check_certificate(changed(made(), **{path: value}))


# Theorems -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "made",
    [
        *(lambda name=name: beyond(TIGHT[name]()) for name in TIGHT if TIGHT[name]()["lower"] != "inf"),
        # The setting, what the classifier sees, the unit, the law of Y.
        lambda: changed(beyond(one_shot_bit_by(), 0), problem__setting="asymptotic"),
        lambda: changed(beyond(one_shot_bit_by(), 0), problem__classifier_sees="Y"),
        lambda: changed(beyond(plan(), 0), problem__classifier_sees="YU"),
        lambda: changed(beyond(plan(), 0), problem__setting="asymptotic"),
        lambda: changed(beyond(rate_distortion(), 0), problem__setting="one-shot"),
        lambda: changed(beyond(rate_distortion(), 0), unit="nats"),
        lambda: changed(beyond(transport(), 0), problem__p_Y=None),
        lambda: changed(infeasible_channel(), problem__classifier_sees="YU"),
        lambda: changed(infeasible_channel(), bounds__C=1),
        lambda: changed(infeasible_plan(), bounds__C=1),
        lambda: changed(data_processing(), bounds__C=1),
        lambda: changed(data_processing(), bounds={}),
        lambda: changed(infeasible(), bounds__C=1),
        # Multipliers, objective, price, potentials.
        lambda: changed(beyond(rate_distortion(), 0), dual__tree__0__objective=0),
        lambda: changed(beyond(one_shot_bit_by(), 0), dual__objective=0),
        lambda: changed(beyond(one_shot_bit_by()), dual__price=100),
        lambda: changed(beyond(plan()), dual__tree__0__price=100),
        lambda: changed(beyond(transport()), dual__tree__0__v=[100, 100]),
        lambda: changed(beyond(rate_distortion()), dual__tree__0__v=[100, 100]),
        lambda: changed(beyond(classified(), 0), dual__pricing__labelled=False),
        lambda: changed(beyond(transport(), 0), dual__tree__0__multipliers={"R": 1}),
        # Relaxations that are none.
        lambda: changed(beyond(relaxed(), 0), dual__of="one-shot YU"),
        lambda: (
            beyond(transport(), 0) | {"dual": {"kind": "relaxation", "of": "asymptotic", "dual": transport()["dual"]}}
        ),
        lambda: (
            beyond(transport(), 0) | {"dual": {"kind": "relaxation", "of": "one-shot YU", "dual": transport()["dual"]}}
        ),
        # Trees: leaves without a proof, everything excluded, a split that leaves all to one child.
        lambda: changed(tree_of(TREE), dual__pricing__tree__3={}),
        lambda: beyond(tree_of([{"exclude": [[0, 0], [0, 1]], "slopes": [[0], [0]], "then": 1}, {}])),
        lambda: beyond(tree_of([{"split": [0, 0, 2], "below": 1, "above": 2}, {"slopes": [[0], [0]]}, {}])),
        lambda: beyond(tree_of([{"split": [0, 0, -1], "below": 1, "above": 2}, {}, {"slopes": [[0], [0]]}])),
        lambda: changed(beyond(time_shared(), 0), dual__tree__2={"u": [1, 1], "v": [0, 0]}),
        lambda: changed(beyond(one_shot_bit(LETTERS)), dual__pricing__u=[100, 100]),
        lambda: changed(one_shot_bit(LETTERS), dual__pricing__trees__1=[{}]),
    ],
)
def test_what_a_theorem_does_not_say_is_not_proved(made):
    assert not check_certificate(made()).lower_holds


@pytest.mark.parametrize(
    ("made", "changes"),
    [
        (one_shot_bit_by, {"problem__setting": "asymptotic"}),
        (rate_distortion, {"problem__setting": "one-shot"}),
        (time_shared, {"problem__time_sharing": False}),
        (classified, {"problem__classifier_sees": "Y"}),
        (one_shot_bit_by, {"bounds__R": "49/100"}),
        (one_shot_bit_by, {"problem__p_Y": ["1/5", "4/5"]}),
        (rate_distortion, {"bounds__D": "99/1000"}),
        (rate_distortion, {"bounds__P": 1}),
        (lambda: perceived("W2"), {"problem__perception__ground__0__1": 2}),
        (lambda: perceived("W2"), {"primal__gamma": [[0, 0], [0, 0]]}),
        (perceived_in_bits, {"unit": "nats", "bounds__P": "(1/4*log(1/2) + 3/4*log(3/2))/2"}),
        (lambda: perceived("TV"), {"bounds__P": "49/100"}),
    ],
)
def test_a_plan_of_another_problem_proves_no_upper_bound(made, changes):
    made = made() | {"lower": 0}
    if "bounds__P" in changes and made["problem"]["perception"] is None:
        made["problem"]["perception"] = {"measure": "TV", "reference": [1, 0]}
        changes = {"bounds__P": 0}
    assert not check_certificate(changed(made, **changes)).upper_holds


def test_more_letters_of_the_reference_are_open_without_a_bound_on_the_divergence():
    made = perceived_in_bits()
    made["problem"]["perception"]["reference"] = ["0", "1"]
    leaf = {"u": [0], "v": [0, 1]}
    made = made | {"dual": {"kind": "channels", "tree": [leaf]}, "lower": 1, "upper": "inf"}
    assert check_certificate(made).lower_holds
    assert not check_certificate(made | {"bounds": {}}).lower_holds


# Short files that ask for much ----------------------------------------------------------------------------


def many_labels(n, slope):
    about = problem([[f"1/{n}"]] * n, [[0, 1]], None, "asymptotic", "Y")
    leaf = {"multipliers": {"C": 1}, "u": [0], "v": [0, 0], "slopes": [[slope] * n] * 2}
    return certificate(about, 1, 2, None, {"kind": "channels", "tree": [leaf]}, bounds={"C": 1})


def many_nodes(n_S=16, n_Y=40, n=3000):
    about = problem([[f"1/{n_S}"]] * n_S, [[0] * n_Y], None, "asymptotic", "Y")
    leaf = {"multipliers": {"C": 1}, "u": [0], "v": [0] * n_Y, "slopes": [[1] * n_S] * n_Y}
    nodes = [
        {"split": [0, 0, 0.01], "below": 2 * i + 1, "above": 2 * i + 2} if 2 * i + 2 < n else leaf for i in range(n)
    ]
    return certificate(about, 1, 2, None, {"kind": "channels", "tree": nodes}, bounds={"C": 1})


def many_letters(n, n_Y):
    joint = [f"1/{n}"] * n
    about = problem([joint], [[x * y for y in range(n_Y)] for x in range(n)])
    dual = {"kind": "maps", "multipliers": {"R": 1}, "nu": list(range(n_Y)), "pricing": {"kind": "subsets"}}
    return certificate(about, 1, 2, None, dual, bounds={"R": 1})


def long_fractions(n=40):
    rows = [[f"1/{10**3000 + 2 * x * n + 2 * y + 1}" for y in range(n)] for x in range(n)]
    made = certificate(problem([[f"1/{n}"] * n], rows, None, "asymptotic", "Y"), 0, 1, None, {"kind": "trivial"})
    return made | {"primal": {"kind": "coupling", "joint": rows}}


def nested_relaxations(n):
    dual = {"kind": "trivial"}
    for _ in range(n):
        dual = {"kind": "relaxation", "of": "asymptotic", "dual": dual}
    return dual


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: many_labels(40, 1), "vertices; at most 65536"),
        (lambda: many_labels(25, 1), "vertices; at most 65536"),
        (many_nodes, "evaluations; at most"),
        (lambda: many_letters(23, 3), "at most 16"),
        (lambda: rate_distortion() | {"lower": "1" * 5000}, "at most 20000 bits"),
        (lambda: rate_distortion() | {"lower": "0." + "1" * 5000}, "at most 20000 bits"),
        (lambda: rate_distortion() | {"lower": "1/" + "1" * 5000}, "at most 20000 bits"),
        (lambda: rate_distortion() | {"lower": 10**5000, "upper": "inf"}, "short by"),
        (lambda: rate_distortion() | {"lower": 10**50_000}, "got a value of type int"),
        (lambda: rate_distortion() | {"lower": "1e999999999"}, "at most 20000 bits"),
        (lambda: rate_distortion() | {"lower": "1e-999999999"}, "at most 20000 bits"),
        (lambda: rate_distortion() | {"lower": "10**999999999"}, "at most 20000 bits"),
        (lambda: rate_distortion() | {"lower": "2**2**2**2**2**2**2"}, "at most 20000 bits"),
        (lambda: rate_distortion() | {"lower": "exp(exp(exp(100)))"}, "at most 20000 bits"),
        (lambda: rate_distortion() | {"lower": "exp(-exp(100))"}, "at most 20000 bits"),
        (lambda: rate_distortion() | {"lower": "*".join(["2**9999"] * 200)}, "at most 20000 bits"),
        (lambda: rate_distortion() | {"lower": "(" * 10**7}, "2000 characters"),
        (lambda: rate_distortion() | {"lower": "-" * 1999 + "1"}, "2000 characters"),
        (lambda: rate_distortion() | {"lower": [[10**5000]]}, "got a value of type list"),
        (lambda: rate_distortion() | {"lower": "sqrt(" * 300 + "2" + ")" * 300}, "lower must be"),
        (lambda: rate_distortion() | {"x" * 10**6: 1}, "unknown"),
        (lambda: changed(rate_distortion(), dual=nested_relaxations(100_000)), "nested at most 5 times"),
        (lambda: changed(rate_distortion(), dual__tree__0__u=[10**5000, 10**5000]), "lower bound"),
        (lambda: changed(one_shot_bit_by(), dual__nu=[10**5000, -(10**5000)]), "lower bound not proved"),
        (
            lambda: changed(tree_of(TREE), dual__pricing__tree__0__split=[10**5000, 0, 0]),
            "got a value of type int",
        ),
        (long_fractions, "upper bound"),
        (lambda: '{"a": ' * 100_000, "cannot be read"),
        (lambda: '{"format": ' + "[" * 100_000, "cannot be read"),
        (lambda: '{"lower": ' + "9" * 5000 + "}", "cannot be read"),
        (lambda: "{" + ",".join(f'"{i}": 0' for i in range(100_000)) + ', "0": 1}', "field '0' is there twice"),
    ],
)
def test_what_asks_for_too_much_is_refused_at_once(made, words):
    forged = made()
    began = time.process_time()
    try:
        found = str(check_certificate(forged))
    except ProblemError as error:
        found = str(error)
    assert words in found
    assert len(found) < 2000
    assert time.process_time() - began < 2


def test_a_long_file_is_not_read(tmp_path):
    path = tmp_path / "long.json"
    with path.open("wb") as file:
        file.truncate(2**40)
    began = time.process_time()
    with pytest.raises(ProblemError, match="long.json must be at most 134217728 bytes long"):
        check_certificate(path)
    assert time.process_time() - began < 2
    with pytest.raises(ProblemError, match="cannot be opened"):
        check_certificate("a\x00b")


def test_many_labels_without_slopes_cost_nothing():
    made = many_labels(40, 0)
    assert "multipliers give" in check_certificate(made).said[1]


@pytest.mark.parametrize("first", range(0, 24, 8))
def test_changed_certificates_prove_nothing_false(first):
    faults = [(i, certificates.attack(3, i)) for i in range(first, first + 8)]
    assert [fault for fault in faults if fault[1]] == []
