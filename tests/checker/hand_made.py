"""Certificates made by hand, on problems so small that their optimum is known."""

from __future__ import annotations

import copy
from fractions import Fraction

HALF = Fraction(1, 2)


def text(value):
    """Exact numbers as strings, as JSON has them."""
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, dict):
        return {key: text(item) for key, item in value.items()}
    return [text(item) for item in value] if isinstance(value, list | tuple) else value


def problem(p_SX, distortion, p_Y=None, setting="one-shot", sees="YU", time_sharing=False, perception=None):
    fields = {"p_SX": p_SX, "distortion": distortion, "p_Y": p_Y, "setting": setting, "classifier_sees": sees}
    return text(fields | {"time_sharing": time_sharing, "perception": perception})


def certificate(about, lower, upper, primal=None, dual=None, *, minimise="D", bounds=None, unit="bits", slope=None):
    claim = {"format": "drc certificate 1", "problem": about, "minimise": minimise, "slope": slope, "unit": unit}
    claim |= {"bounds": bounds or {}, "lower": lower, "upper": upper, "primal": primal, "dual": dual}
    return copy.deepcopy(text(claim))


HAMMING = [[0, 1], [1, 0]]
UNIFORM_BIT = [[HALF, HALF]]

#: The label is the source; letter 0 costs nothing, letter 1 costs 1.
LABELLED = [[HALF, 0], [0, HALF]]
ONE_COSTS = [[0, 1], [0, 1]]


def one_shot_bit(pricing):
    """A uniform bit at R <= 1/2: half of the time the identity, otherwise a constant, D = 1/4."""
    about = problem(UNIFORM_BIT, HAMMING, [HALF, HALF])
    primal = {"kind": "maps", "weights": [[HALF, [0, 1]]]}
    dual = {"kind": "maps", "objective": 1, "multipliers": {"R": HALF}, "nu": [0, 0], "price": HALF, "pricing": pricing}
    return certificate(about, Fraction(1, 4), Fraction(1, 4), primal, dual, bounds={"R": HALF})


#: Chords under phi(t) / 2: their slopes are 1/2 on [0, 1/2] and -1/2 on [1/2, 1].
def chords(first, second):
    return {"slopes": [[HALF * first], [HALF * second]]}


TREE = [
    {"split": [0, 0, HALF], "below": 1, "above": 2},
    {"split": [1, 0, HALF], "below": 3, "above": 4},
    {"split": [1, 0, HALF], "below": 5, "above": 6},
    chords(1, 1),
    chords(1, -1),
    chords(-1, 1),
    chords(-1, -1),
]

#: The same, with x = 0 sent to y = 0 in the half where t_0 is large, as no cheaper map does otherwise.
EXCLUDING_TREE = [
    {"split": [0, 0, HALF], "below": 1, "above": 2},
    {"split": [1, 0, HALF], "below": 3, "above": 4},
    {"exclude": [[0, 1]], **chords(-1, 1), "then": 5},
    chords(1, 1),
    chords(1, -1),
    {"split": [1, 0, HALF], "below": 6, "above": 7},
    chords(-1, 1),
    chords(-1, -1),
]

LETTERS = {
    "kind": "letters",
    "u": [HALF, HALF],
    "trees": [
        [{"split": [y, 0, HALF], "below": 1, "above": 2}, {"slopes": [[HALF]]}, {"slopes": [[-HALF]]}] for y in (0, 1)
    ],
}


#: The same slopes, in units of the multiplier of R in nats.
SETS = {
    "kind": "sets",
    "u": [HALF, HALF],
    "trees": [[{"split": [0, HALF], "below": 1, "above": 2}, {"vector": [0, "log(2)"]}, {"vector": [0, "-log(2)"]}]]
    * 2,
}


def transport():
    about = problem(UNIFORM_BIT, HAMMING, [Fraction(1, 4), Fraction(3, 4)], "asymptotic", "Y")
    primal = {"kind": "coupling", "joint": [[0, 0], [0, 0]], "tree": [[0, 0], [0, 1], [1, 1]]}
    dual = {"kind": "channels", "shared": None, "tree": [{"multipliers": {}, "u": [1, 0], "v": [-1, 0]}]}
    return certificate(about, Fraction(1, 4), Fraction(1, 4), primal, dual)


def rate_distortion():
    """R(D) = 1 - H_b(D) for a uniform bit, here at D = 1/10; the slope is log2 9."""
    about = problem(UNIFORM_BIT, HAMMING, None, "asymptotic", "Y")
    primal = {"kind": "coupling", "joint": [["9/10", "1/10"], ["1/10", "9/10"]]}
    leaf = {"objective": 1, "multipliers": {"D": "log(9)/log(2)"}, "v": [0, 0]}
    leaf["u"] = ["1 - log(10/9)/log(2)"] * 2
    dual = {"kind": "channels", "shared": None, "tree": [leaf]}
    rate = 0.5310044064107188
    return certificate(about, rate - 1e-12, rate + 1e-12, primal, dual, minimise="R", bounds={"D": "1/10"})


def classified():
    """To tell the label costs distortion: D = (1 - C) / 2."""
    about = problem(LABELLED, ONE_COSTS)
    primal = {"kind": "maps", "weights": [[HALF, [0, 1]], [HALF, [0, 0]]]}
    dual = {"kind": "maps", "multipliers": {"C": HALF}, "nu": [0, 0], "pricing": {"kind": "subsets"}}
    return certificate(about, 0.25 - 1e-13, 0.25, primal, dual, bounds={"C": HALF})


def infeasible():
    """The source knows nothing of the label."""
    about = problem([["1/4", "1/4"], ["1/4", "1/4"]], HAMMING)
    dual = {"kind": "maps", "objective": 0, "multipliers": {"C": 1}, "nu": [0, 0], "pricing": {"kind": "subsets"}}
    return certificate(about, "inf", "inf", None, dual, bounds={"C": 0.999})


def infeasible_plan():
    """The same with one output letter, for a classifier that sees Y."""
    about = problem([[HALF], [HALF]], [[0]], sees="Y")
    leaf = {"objective": 0, "multipliers": {"C": 1}, "nu": [0], "slopes": [[3, 3]]}
    return certificate(about, "inf", "inf", None, {"kind": "plans", "tree": [leaf]}, bounds={"C": 0.999})


def infeasible_channel():
    """The same for long blocks."""
    about = problem([[HALF], [HALF]], [[0]], setting="asymptotic", sees="Y")
    leaf = {"objective": 0, "multipliers": {"C": 1}, "u": [3], "v": [0], "slopes": [[3, 3]]}
    return certificate(about, "inf", "inf", None, {"kind": "channels", "tree": [leaf]}, bounds={"C": 0.999})


def data_processing():
    """The same by data processing: H(S|X) is one bit."""
    return infeasible() | {"dual": {"kind": "data processing"}}


def plan():
    """The classifier sees Y, and a label that is worth nothing to it: as `one_shot_bit`."""
    about = problem(UNIFORM_BIT, HAMMING, [HALF, HALF], sees="Y")
    primal = {"kind": "maps", "weights": [[HALF, [0, 1]]]}
    leaf = {"objective": 1, "multipliers": {"R": HALF}, "nu": [0, 0]}
    return certificate(about, 0.25 - 1e-13, 0.25, primal, {"kind": "plans", "tree": [leaf]}, bounds={"R": HALF})


def relaxed():
    """One shot is not better than long blocks."""
    about = problem(UNIFORM_BIT, HAMMING, [Fraction(1, 4), Fraction(3, 4)])
    primal = {"kind": "maps", "weights": [[HALF, [0, 1]]]}
    dual = {"kind": "relaxation", "of": "asymptotic", "dual": transport()["dual"]}
    return certificate(about, 0.25, 0.25, primal, dual)


def with_a_common_cost():
    """Every pair costs three more than in `transport`."""
    about = transport()["problem"] | {"distortion": [[3, 4], [4, 3]]}
    dual = {"kind": "shift", "by": 3, "dual": transport()["dual"]}
    return transport() | {"problem": about, "lower": 3.25, "upper": 3.25, "dual": dual}


def rate_with_a_common_cost():
    """The same for the rate, from which nothing is taken off."""
    about = rate_distortion()["problem"] | {"distortion": [[3, 4], [4, 3]]}
    dual = {"kind": "shift", "by": 3, "dual": rate_distortion()["dual"]}
    return rate_distortion() | {"problem": about, "bounds": {"D": "31/10"}, "dual": dual}


def two_labels():
    """A bit that is its own label, twice: `H(K, S_K)` is two bits, one of them for the index, and R = 1 - C."""
    about = problem(LABELLED, HAMMING) | text({"labels": [LABELLED]})
    dual = {"kind": "weighted", "costs": [0], "labels": [HALF, HALF], "dual": {"kind": "data processing"}}
    primal = {"kind": "maps", "weights": [[HALF, [0, 1]], [HALF, [0, 0]]]}
    bounds = {"C": HALF, "C2": HALF}
    return certificate(about, 0.5 - 1e-13, HALF, primal, dual, minimise="R", bounds=bounds)


def perceived(measure):
    """A source of one letter, an output letter that costs 1, and a reference that has it."""
    perception = {"measure": measure, "reference": [0, 1], "ground": [[0, 1], [1, 0]] if measure == "W2" else None}
    about = problem([[1]], [[0, 1]], None, "asymptotic", "Y", perception=perception)
    primal = {"kind": "coupling", "joint": [[1, 1]]} | ({"gamma": [[0, HALF], [0, HALF]]} if measure == "W2" else {})
    leaf = {"multipliers": {"P": 1}, "u": [0], "v": [0, 1]}
    return certificate(about, HALF, HALF, primal, {"kind": "channels", "tree": [leaf]}, bounds={"P": HALF})


def perceived_in_bits():
    perception = {"measure": "KL", "reference": [HALF, HALF], "ground": None}
    about = problem([[1]], [[0, 1]], None, "asymptotic", "Y", perception=perception)
    bound = "1/4*log(1/2)/log(2) + 3/4*log(3/2)/log(2)"
    leaf = {"multipliers": {"P": "log(2)/log(3)"}, "u": [0], "v": [0, 1]}
    primal = {"kind": "coupling", "joint": [[0.75 - 1e-14, 0.25 + 1e-14]]}
    dual = {"kind": "channels", "tree": [leaf]}
    return certificate(about, 0.25 - 1e-12, 0.25 + 1e-12, primal, dual, bounds={"P": bound})


def time_shared():
    """Half of the blocks send the label, the others nothing: D = (1 - C) / 2, on the chord below what one code does.

    H(S|Y) is at least 2 P(Y = 0) - 1, and D is P(Y = 1).
    """
    about = problem(LABELLED, ONE_COSTS, None, "asymptotic", "Y", time_sharing=True)
    parts = [{"weight": HALF, "joint": [[1, 0], [0, 1]]}, {"weight": 0, "joint": [[1, 0], [1, 0]]}]
    leaf = {"u": [1, 1], "v": [0, 0], "slopes": [[1, 1], [0, 0]]}
    tree = [{"split": [0, 0, Fraction(1, 4)], "below": 1, "above": 2}, leaf, leaf]
    dual = {"kind": "channels", "objective": 1, "shared": {"C": HALF}, "tree": tree}
    return certificate(about, 0.25 - 1e-13, 0.25, {"kind": "mixture", "parts": parts}, dual, bounds={"C": HALF})


TIGHT = {
    "subsets": lambda: one_shot_bit({"kind": "subsets"}) | {"lower": 0.25 - 1e-13},
    "tree": lambda: one_shot_bit({"kind": "tree", "tree": TREE}) | {"lower": 0.25 - 1e-13},
    "excluding tree": lambda: one_shot_bit({"kind": "tree", "tree": EXCLUDING_TREE}) | {"lower": 0.25 - 1e-13},
    "letters": lambda: one_shot_bit(LETTERS) | {"lower": 0.25 - 1e-13},
    "sets": lambda: one_shot_bit(SETS) | {"lower": 0.25 - 1e-13},
    "transport": transport,
    "rate-distortion": rate_distortion,
    "classified": classified,
    "infeasible": infeasible,
    "infeasible plan": infeasible_plan,
    "infeasible channel": infeasible_channel,
    "data processing": data_processing,
    "plan": plan,
    "relaxation": relaxed,
    "shift": with_a_common_cost,
    "shift of a rate": rate_with_a_common_cost,
    "two labels": two_labels,
    "TV": lambda: perceived("TV"),
    "W2": lambda: perceived("W2"),
    "KL": perceived_in_bits,
    "time shared": time_shared,
}
