"""Certificates of all kinds, changed at random: whatever the checker proves of them must be true.

The honest ones come from the solvers (small problems in all settings, with all sets of bounds) and from
`tests/checker/hand_made.py`, for kinds of proofs that solvers rarely write. A few changes follow: of numbers, fields, kinds,
settings, the order of lists, nesting. In half of the attacks the claim is first moved past the optimum.

What decides that something false was accepted, in floats:

* a problem that is none: a negative cost, probability or slope, a law that does not sum to one, a field without meaning;
* a lower bound: a plan that meets the bounds of the changed problem and costs less by `MARGIN`. Such plans are that of the
  honest certificate, those found by linear programs over all maps (one shot; exact unless H(S|Y) is bounded, where tangents
  give good plans) or by sequential quadratic programs (long blocks), and that of the solver for the changed problem,
  measured in floats;
* an upper bound: the plan in the certificate, put together in floats as the format says, is not a plan, misses a bound, or
  costs more.

They never call a true claim false by more than rounding; a false lower bound may escape if no plan is found.
"""

from __future__ import annotations

import copy
import functools
import math
import time
import warnings

import numpy as np
from checker.hand_made import TIGHT
from checker.truth import good_plans, plan_of, question, value
from ill_conditioned import trial

from drc import Bernoulli, Finite
from drc.checker import Verdict, check_certificate
from drc.errors import ProblemError

#: What a plan must be better by than a lower bound, relative to the size of the objective.
MARGIN = 1e-7

#: Seconds of processor time that a small certificate may take.
SLOWEST = 5.0

BASES = 160


def attack(*seed: int) -> str:
    """Return what is wrong with the verdict on the changed certificate of this seed; empty if nothing is."""
    rng = np.random.default_rng(seed)
    made = copy.deepcopy(base(int(rng.integers(BASES))))
    honest = plan_of(made, question(made)) if made["primal"] is not None else None
    if rng.random() < 0.5:
        overclaim(made, rng)
    for _ in range(min(rng.geometric(0.6), 4)):
        change(made, rng)
    return fault(made, honest, rng)


def fault(made, honest, rng) -> str:
    """Return what is wrong with the verdict on a certificate."""
    verdict = verdict_on(made, nonsense)
    if isinstance(verdict, str):
        return verdict
    asked = question(made)
    lower, upper = (math.inf if made[side] == "inf" else value(made[side]) for side in ("lower", "upper"))
    if verdict.upper_holds and upper < math.inf:
        plan = plan_of(made, asked)
        reached = asked.cost(plan, slack=1e-9)
        if not reached <= upper + 1e-9 * (1 + abs(upper)):
            return f"the upper bound {upper} is proved, and the plan has {reached}"
    if verdict.lower_holds and lower > 0:
        for plan in plans(made, asked, honest, rng):
            reached = asked.cost(plan)
            if reached < lower - MARGIN * (1 + reached):
                return f"the lower bound {lower} is proved, and a plan has {reached}"
    return ""


def verdict_on(made, nonsense) -> Verdict | str:
    """Return the verdict on a certificate that means something, or what is wrong with it; empty if it is refused."""
    began = time.process_time()
    try:
        verdict = check_certificate(made)
    except ProblemError:
        return ""
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if time.process_time() - began > SLOWEST:
        return f"took {time.process_time() - began:.1f} s"
    return f"accepted although {nonsense(made)}" if nonsense(made) else verdict


def wrong(made, honest) -> str:
    """Return what is wrong with the verdict on a certificate that was made of an honest one."""
    best = plan_of(honest, question(honest)) if honest["primal"] is not None else None
    return fault(made, best, np.random.default_rng(0))


def timed(made) -> float:
    """Return the seconds of processor time that a certificate takes."""
    began = time.process_time()
    check_certificate(made)
    return time.process_time() - began


def nonsense(made) -> str:
    """Say what makes a problem none; empty if it is one."""
    if any(path[-1] in MEANINGLESS for path in places(made)):
        return "a field has no meaning"
    asked = question(made)
    slope = 0.0 if made.get("slope") is None else value(made["slope"])
    laws = [law for law in (asked.p, asked.p_Y, asked.reference) if law is not None]
    if slope < 0 or any(
        (part < 0).any() for part in (*laws, asked.d, *([] if asked.ground is None else [asked.ground]))
    ):
        return "a number is negative"
    if any(abs(law.sum() - 1) > 1e-9 for law in laws):
        return "a law does not sum to one"
    if made["upper"] != "inf" and (made["lower"] == "inf" or value(made["lower"]) > value(made["upper"])):
        return "the lower bound is above the upper one"
    return ""


#: Fields that changes make up.
MEANINGLESS = ("remark", "time_shared", "kinds", "problems", "duals", "multiplierss", "wieght")


def plans(made, asked, honest, rng):
    """Yield plans of the changed problem, those that are found fast first."""
    if honest is not None and fits(honest, asked):
        yield honest
    yield from solved(made, asked)
    yield from good_plans(asked, rng)


def fits(plan, asked):
    """Whether a plan is one for this setting and these alphabets."""
    (_, part), *_ = plan
    if asked.asymptotic:
        return isinstance(part, np.ndarray) and part.shape == asked.d.shape
    return isinstance(part, list) and all(len(f) == len(asked.d) and max(f) < asked.d.shape[1] for _, f in part)


def solved(made, asked):
    """Yield the plan that a solver finds for the changed problem, unless it refuses the problem."""
    about = made["problem"]
    perception = about.get("perception") or {}
    try:
        problem = Finite(
            *(about["p_SX"], about["distortion"], about.get("p_Y"), about["setting"], about["classifier_sees"]),
            **{name: perception.get(key) for name, key in NAMES.items()},
            time_sharing=about.get("time_sharing", False),
        )
        options = {"unit": made["unit"], "minimise": made["minimise"], "time_limit": 0.2}
        options |= {} if made.get("slope") is None else {"slope": made["slope"]}
        found = problem.solve(**made["bounds"], **options).certificate.to_dict()
    except (ProblemError, NotImplementedError):
        return
    if found["primal"] is not None:
        yield plan_of(found, asked)


NAMES = {"perception": "measure", "reference": "reference", "ground": "ground"}


# Honest certificates --------------------------------------------------------------------------------------


@functools.cache
def base(i: int) -> dict:
    """An honest certificate."""
    rng = np.random.default_rng((17, i))
    names = sorted(TIGHT)
    if i % 4 == 0:
        return TIGHT[names[(i // 4) % len(names)]]()
    while True:
        problem, asked = (hard, easy, (bits, two_letters)[i // 4 % 2])[i % 4 - 1](rng)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = problem.solve(**{"time_limit": 0.3, **asked}).certificate
        except (ProblemError, NotImplementedError):
            continue
        return found.to_dict()


def hard(rng):
    drawn = trial(int(rng.integers(10**6)), largest=4)
    return drawn.problem, drawn.question


def easy(rng):
    """A problem in thousandths, and bounds of which some bind."""
    n_S, n_X, n_Y = (int(n) for n in rng.integers((1, 2, 2), (3, 4, 4)))
    setting, sees = (("one-shot", "YU"), ("one-shot", "Y"), ("asymptotic", "Y"))[rng.integers(3)]
    options = {"setting": setting, "classifier_sees": sees, "time_sharing": bool(sees == "Y" and rng.random() < 0.4)}
    kind = ("free", "fixed", "TV", "W2", "KL")[rng.integers(5)]
    if kind == "fixed":
        options["p_Y"] = law(rng, n_Y)
    elif kind != "free":
        options |= {"perception": kind, "reference": law(rng, n_Y)}
    d = (rng.integers(0, 100, (n_X, n_Y)) / 50).tolist()
    if rng.random() < 0.2:
        d[rng.integers(n_X)][rng.integers(n_Y)] = math.inf
    problem = Finite(law(rng, n_S, n_X), d, **options)
    minimise = "R" if rng.random() < 0.3 else "D"
    asked = {"minimise": minimise, "unit": str(rng.choice(["bits", "nats"]))}
    if minimise == "D" and rng.random() < 0.7:
        asked["R"] = float(rng.random())
    if minimise == "R" and rng.random() < 0.6:
        asked["D"] = float(rng.random())
    if n_S > 1 and rng.random() < 0.6:
        asked["C"] = float(0.3 + 0.7 * rng.random())
    if kind in ("TV", "W2", "KL"):
        asked["P"] = float(0.3 * rng.random())
    if minimise == "D" and "R" not in asked and setting == "asymptotic" and rng.random() < 0.5:
        asked["slope"] = float(rng.exponential())
    if sees == "Y" and "C" in asked:
        asked |= {"tolerance": 1e-3, "time_limit": 1.0}
    return problem, asked


def bits(rng):
    """A bit, a noisy label that the classifier must be told, and a target law: where sharing the time helps."""
    q, r, e = rng.integers((200, 700, 20), (450, 900, 150)) / 1000
    joint = [[(1 - q) * (1 - e), q * e], [(1 - q) * e, q * (1 - e)]]
    H_S, H_SX = (
        float(-(np.array(law) * np.log2(np.maximum(law, 1e-300))).sum()) for law in (np.sum(joint, 1), [e, 1 - e])
    )
    problem = Finite(
        [[f"{v:.6f}" for v in row] for row in joint],
        p_Y=[f"{1 - r:.3f}", f"{r:.3f}"],
        setting="asymptotic" if rng.random() < 0.8 else "one-shot",
        classifier_sees="Y",
        time_sharing=bool(rng.random() < 0.15),
    )
    asked = {"R": float(0.25 + 0.3 * rng.random()), "C": H_S - (H_S - H_SX) * float(0.1 + 0.35 * rng.random())}
    return problem, asked | {"tolerance": 1e-4, "time_limit": 2.0}


def two_letters(rng):
    """A bit and a noisy label, for the solvers of bits: every setting, every measure."""
    q, r, e = (float(x) for x in rng.integers((100, 100, 0), (900, 900, 500)) / 1000)
    setting = str(rng.choice(["one-shot", "asymptotic"]))
    asked = {"minimise": str(rng.choice(["D", "R"])), "unit": str(rng.choice(["bits", "nats"]))}
    bounds = {"R": rng.random(), "D": 0.5 * rng.random(), "C": 0.3 + 0.7 * rng.random()}
    asked |= {name: float(b) for name, b in bounds.items() if name != asked["minimise"] and rng.random() < 0.7}
    if rng.random() < 0.4:
        measure = str(rng.choice(["TV", "W2", "KL"]))
        asked |= {"perception": measure, "reference": r, "P": float(rng.choice([0, 0.3 * rng.random()]))}
        return Bernoulli(q, None, e, setting), asked
    return Bernoulli(q, r, e, setting, classifier_sees="Y", time_sharing=bool(rng.random() < 0.5)), asked


def law(rng, *shape):
    counts = rng.multinomial(1000, rng.dirichlet(np.ones(int(np.prod(shape)))))
    exact = np.array([f"{c}/1000" for c in counts], dtype=object).reshape(shape)
    return exact.tolist()


# Changes --------------------------------------------------------------------------------------------------


def overclaim(made, rng):
    """Move the claim past the optimum."""
    if made["lower"] == "inf":
        return
    lower, upper = value(made["lower"]), value(made["upper"]) if made["upper"] != "inf" else math.inf
    size = float(10.0 ** rng.integers(-6, 0)) * (1 + abs(lower))
    if rng.random() < 0.7 and upper < math.inf:
        made["lower"], made["upper"] = upper + size, "inf"
        if rng.random() < 0.1:
            made["lower"] = "inf"
    else:
        made["lower"], made["upper"] = -1, lower - size


def places(value, path=()):
    """Yield the path to every value in a certificate."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield (*path, key)
        yield from places(item, (*path, key))


def at(made, path):
    for key in path:
        made = made[key]
    return made


def change(made, rng):
    """Make one change of a random kind, in place; some changes find nothing to do."""
    kinds = (numeric, structure, settings, nesting, grafted, sharing)
    kinds[rng.choice(len(kinds), p=(0.4, 0.1, 0.15, 0.1, 0.1, 0.15))](made, rng)


def drawn(made, rng, wanted):
    """Draw a section, then a place in it where a value is as wanted: large proofs do not crowd out small fields."""
    section = (("problem",), ("bounds",), ("primal",), ("dual",), ("lower",), ("upper",), ("slope",))[
        rng.choice(7, p=(0.25, 0.1, 0.2, 0.35, 0.03, 0.03, 0.04))
    ]
    if section[0] not in made:
        return None
    value = made[section[0]]
    found = [section] if wanted(value) else []
    found += [(*section, *path) for path in places(value) if wanted(at(value, path))]
    return found[rng.integers(len(found))] if found else None


def is_number(value):
    return isinstance(value, int | float) or (isinstance(value, str) and value[:1] in tuple("0123456789-.("))


def numeric(made, rng):
    path = drawn(made, rng, is_number)
    if path is None:
        return
    *way, last = path
    old = at(made, path)
    other = drawn(made, rng, is_number)
    size = float(10.0 ** rng.integers(-12, 1))
    options = [
        *(
            0,
            1,
            -1,
            2,
            "inf",
            True,
            "1",
            "-0",
            0.5,
            f"({old}) + {size}",
            f"({old}) - {size}",
            f"-({old})",
            f"2*({old})",
        ),
        *(f"({old})/2", f"({old}) + exp(200) - exp(200)", f"({old}) - 1 + exp(200) - exp(200)", f"1 - ({old})"),
        *(f"({old}) - sqrt(2)/10**{rng.integers(1, 60)}", "-5 + exp(200) - exp(200)", f"({old})*1e-30"),
        old if other is None else at(made, other),
    ]
    at(made, way)[last] = options[rng.integers(len(options))]


def structure(made, rng):
    """Remove, rename, swap, double or empty something."""
    path = drawn(made, rng, lambda value: isinstance(value, dict | list) and len(value) > 0)
    if path is None:
        return
    holder = at(made, path)
    if isinstance(holder, dict):
        keys = list(holder)
        key = keys[rng.integers(len(keys))]
        match rng.integers(4):
            case 0:
                del holder[key]
            case 1:
                holder[MEANINGLESS[rng.integers(len(MEANINGLESS))]] = holder.pop(key)
            case 2:
                holder[key] = None
            case 3:
                holder["remark"] = 1
        return
    i, j = rng.integers(len(holder), size=2)
    match rng.integers(5):
        case 0 | 1:
            holder[i], holder[j] = holder[j], holder[i]
        case 2:
            del holder[i]
        case 3:
            holder.insert(i, copy.deepcopy(holder[j]))
        case 4:
            holder[i] = copy.deepcopy(holder[j])


def settings(made, rng):
    """Switch a word of the problem or the question."""
    about = made["problem"]
    match rng.integers(9):
        case 0:
            about["setting"] = "one-shot" if about["setting"] == "asymptotic" else "asymptotic"
        case 1:
            about["classifier_sees"] = "Y" if about["classifier_sees"] == "YU" else "YU"
        case 2 | 3:
            about["time_sharing"] = not about["time_sharing"]
            if rng.random() < 0.5 and isinstance(made["dual"], dict):
                made["dual"]["shared"] = {}
        case 4:
            made["unit"] = "bits" if made["unit"] == "nats" else "nats"
        case 5:
            made["minimise"] = "R" if made["minimise"] == "D" else "D"
        case 6:
            if about.get("perception"):
                about["perception"]["measure"] = str(rng.choice(["TV", "W2", "KL"]))
        case 7:
            about["p_Y"], about["perception"] = None, about.get("perception") if rng.random() < 0.5 else None
        case 8:
            row = about["distortion"][rng.integers(len(about["distortion"]))]
            row[rng.integers(len(row))] = "inf"


def sharing(made, rng):
    """Let codes share the time where one code was meant, or the other way round, and what goes with it."""
    about, primal, dual = made["problem"], made["primal"], made["dual"]
    about["time_sharing"] = bool(rng.random() < 0.8)
    if isinstance(dual, dict) and rng.random() < 0.8:
        dual["shared"] = [{}, {}, None, {"R": 0}, {"C": 0}, {"P": 0}][rng.integers(6)]
    if isinstance(dual, dict) and rng.random() < 0.2:
        dual["objective"] = int(rng.integers(2))
    if isinstance(primal, dict) and primal.get("kind") != "mixture" and rng.random() < 0.8:
        part = {key: item for key, item in primal.items() if key != "kind"}
        made["primal"] = {"kind": "mixture", "parts": [{"weight": 1, **part}]}


def nesting(made, rng):
    """Wrap or unwrap a plan or a proof, or make it one of another kind."""
    primal, dual = made["primal"], made["dual"]
    match rng.integers(6):
        case 0 if isinstance(primal, dict):
            part = {key: item for key, item in primal.items() if key != "kind"}
            made["primal"] = {"kind": "mixture", "parts": [{"weight": 1, **part}]}
        case 1 if isinstance(primal, dict) and primal.get("parts"):
            parts = primal["parts"]
            part = {key: item for key, item in parts[rng.integers(len(parts))].items() if key != "weight"}
            made["primal"] = {"kind": "coupling" if "joint" in part else "maps", **part}
        case 2 if isinstance(dual, dict):
            made["dual"] = {"kind": "relaxation", "of": str(rng.choice(["asymptotic", "one-shot YU"])), "dual": dual}
        case 3 if isinstance(dual, dict) and "dual" in dual:
            made["dual"] = dual["dual"]
        case 4 if isinstance(dual, dict):
            dual["kind"] = str(rng.choice(["maps", "plans", "channels", "bits", "trivial", "data processing"]))
        case 5:
            other = base(int(rng.integers(BASES)))
            side = ("primal", "dual")[rng.integers(2)]
            made[side] = copy.deepcopy(other[side])


def grafted(made, rng):
    """Put a field that has a meaning somewhere into an object of the proof or the plan, or drop it there."""
    path = drawn(made, rng, lambda value: isinstance(value, dict))
    if path is None:
        return
    fields = {
        "objective": (0, 1),
        "shared": ({}, None, {"R": 0, "C": 0}, {"C": 1}),
        "labelled": (False, True),
        "price": (0, 100, "inf"),
        "slopes": (None, [[0]], [[5]]),
        "multipliers": ({}, {"P": 1}, {"R": 1}, {"C": -1}),
        "exclude": ([], [[0, 0]], [[0, -1]]),
        "split": ([0, 0, 0.5], [0, 0, -1], [True, 0, 0]),
        "below": (1, 0),
        "gamma": (None, [[0, 0], [0, 0]]),
        "tree": ([], [{}], [[0, 0]]),
        "weight": (0, -1, 2),
        "R": (0, 0.5, 100),
        "C": (0, 0.5, 100),
        "D": (0, 0.5, 100),
        "P": (0, 0.5, 100),
    }
    key = sorted(fields)[rng.integers(len(fields))]
    options = fields[key]
    at(made, path)[key] = options[rng.integers(len(options))]
