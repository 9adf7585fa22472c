"""Number-like objects of every kind at every door: the value they mean, or a `ProblemError` that names the parameter."""

import math
import signal
from decimal import Decimal
from fractions import Fraction
from time import process_time

import mpmath
import numpy as np
import sympy as sp

import drc
from drc.errors import ProblemError
from drc.information import classification_bounds, perception_bound
from drc.numbers import real, reals, seed_given, whole
from drc.problems.arrays import cost, exact_number, probability
from drc.problems.validation import bounds_given, exact, number
from drc.solvers.request import positive
from drc.solvers.sweep.trace import values_of

#: The truth of what is not a number.
NONE = None

_BERNOULLI = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1)
_TRADEOFF = _BERNOULLI.drc()
_FINITE = drc.Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.6, 0.4])


def attack(*seed: int) -> str:
    """Return what is wrong with what one door made of one object; empty if nothing is."""
    rng = np.random.default_rng(seed)
    given, truth = _KINDS[rng.integers(len(_KINDS))](rng)
    name, door = list(DOORS.items())[rng.integers(len(DOORS))]
    return judged(name, door, given, truth)


def judged(name: str, door, given, truth) -> str:
    """Return what is wrong with what a door makes of an object whose true value is known, or None if it has none."""
    before = signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, 4)
    began = process_time()
    try:
        found = door(given)
    except ProblemError as error:
        named = name.split(":")[-1]
        if named not in str(error):
            return f"{name} of {_shown(given)}: {named} is not named in: {error}"
        return "" if len(str(error)) < 500 else f"{name} of {_shown(given)}: a message of {len(str(error))} characters"
    except Exception as error:
        return f"{name} of {_shown(given)}: {type(error).__name__}: {str(error)[:200]}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    if process_time() - began > 2:
        return f"{name} of {_shown(given)}: {process_time() - began:.1f} s of processor time"
    if isinstance(found, float) and math.isnan(found) and isinstance(given, str) and given.strip().isidentifier():
        return ""
    if (given is None and name in _OPTIONAL) or (found is True and name in _COUNTS):
        return ""
    if truth is NONE:
        return f"{name} of {_shown(given)}: {found} instead of an error"
    if found is True:
        return ""
    close = found == float(truth) or (
        isinstance(truth, Fraction) and abs(float(found) - float(truth)) <= 1e-15 * abs(float(truth))
    )
    return "" if close else f"{name} of {_shown(given)}: {found} instead of {truth}"


def _too_long(*_: object) -> None:
    raise TimeoutError


def _shown(value: object) -> str:
    try:
        return f"{type(value).__name__} {repr(value)[:80]}"
    except Exception:
        return type(value).__name__


# Doors: each returns the number that it made, or True where the number is used and not shown --------------------------


def _solved(**options):
    _FINITE.solve(R=0.5, **{"time_limit": 0.2, **options})
    return True


def _few(count):
    """Return a count as it was given, unless it is right and large: that would take long."""
    try:
        return min(whole("count", count, 1), 2)
    except ProblemError:
        return count


DOORS = {
    "exact:x": lambda v: float(number("x", v)),
    "symbolic:x": lambda v: _symbolic(exact("x", v)),
    "entry:x": lambda v: float(exact_number("x", v)),
    "probability:x": lambda v: float(probability("x", v)),
    "cost:x": lambda v: float(cost("x", v)),
    "bounds:R": lambda v: bounds_given({"R": v})["R"],
    "bounds:C": lambda v: bounds_given({"C": v})["C"],
    "positive:tolerance": lambda v: positive("tolerance", v),
    "plain:x": lambda v: real("x", v),
    "list:x": lambda v: reals("x", [v, 0.5])[0],
    "array:x": lambda v: reals("x", np.array([v, 0.5], dtype=object))[0],
    "values:R": lambda v: values_of("R", [v])[0],
    "seed:seed": seed_given,
    "count:n": lambda v: whole("n", v, 1, 10**6),
    "Bernoulli:q_X": lambda v: _symbolic(drc.Bernoulli(q_X=v).q_X),
    "Bernoulli:q_S1": lambda v: _symbolic(drc.Bernoulli(q_S1=v).q_S1),
    "Gaussian:mu_X": lambda v: _symbolic(drc.Gaussian(mu_X=v).mu_X),
    "Gaussian:sigma_X": lambda v: _symbolic(drc.Gaussian(sigma_X=v).sigma_X),
    "Gaussian:R_c": lambda v: _symbolic(drc.Gaussian(R_c=v).R_c),
    "VectorGaussian:sigma_X2": lambda v: _symbolic(drc.VectorGaussian(sigma_X=[1, v], sigma_Y=[1, 1]).sigma_X[1]),
    "VectorGaussian:sigma_Y": lambda v: drc.VectorGaussian(sigma_Y=v) is not None,
    "covariance:cov_X": lambda v: drc.VectorGaussian.from_covariances([[v, 0], [0, 1]], [[1, 0], [0, 1]]) and True,
    "covariance:mu_Y": lambda v: drc.VectorGaussian.from_covariances([[1]], [[1]], mu_Y=[v]) and True,
    "Finite:p_SX": lambda v: float(drc.Finite([[v, 0.5]]).p_SX[0][0]) and True,
    "Finite:p_Y": lambda v: float(drc.Finite([[0.5, 0.5]], p_Y=[v, 0.5]).p_Y[0]) and True,
    "Finite:distortion": lambda v: drc.Finite([[0.5, 0.5]], [[v, 1], [1, 0]]).distortions[0, 0],
    "letters:letters_X": lambda v: float(drc.Finite([[0.5, 0.5]], "squared", letters_X=[v, 0]).letter_values("X")[0]),
    "evaluate:R": lambda v: _TRADEOFF(R=v, C=1) and True,
    "evaluate:C": lambda v: _TRADEOFF(R=[0.1, 0.2], C=v) is not None,
    "regime:R": lambda v: _TRADEOFF.regime(R=v) and True,
    "parameter:q_X": lambda v: drc.Bernoulli().drc()(R=0.1, q_X=v, q_Y=0.4, q_S1=0.1) is not None,
    "solve:tolerance": lambda v: _solved(tolerance=v),
    "solve:time_limit": lambda v: _solved(time_limit=v),
    "curve:resolution": lambda v: _FINITE.curve(R=(0, 1), points=2, resolution=v, time_limit=0.2) and True,
    "curve:points": lambda v: _FINITE.curve(R=(0, 1), points=_few(v), time_limit=0.2) and True,
    "curve:R": lambda v: _FINITE.curve(R=(0.5, v), points=2, time_limit=0.2) and True,
    "curve:C": lambda v: _FINITE.curve(R=[0.5], C=v, time_limit=0.2) and True,
    "word:unit": lambda v: drc.Bernoulli().drc(unit=v) and True,
    "word:form": lambda v: drc.Bernoulli().drc(form=v) and True,
    "word:classifier_sees": lambda v: drc.Finite([[0.5, 0.5]], classifier_sees=v) and True,
    "word:setting": lambda v: drc.Bernoulli(setting=v) and True,
    "word:perception": lambda v: drc.Finite([[0.5, 0.5]], perception=v) and True,
    "word:distortion": lambda v: drc.Finite([[0.5, 0.5]], distortion=v) and True,
    "word:time_sharing": lambda v: drc.Bernoulli(time_sharing=v) and True,
    "solve:method": lambda v: _solved(method=v),
    "solve:minimise": lambda v: _solved(minimise=v),
    "solve:unit": lambda v: _solved(unit=v),
    "solve:P": lambda v: _solved(P=v),
    "solve:start": lambda v: _solved(start=v),
    "points:points": lambda v: (
        drc.proof.Step(sp.Le(sp.Symbol("x") ** 2, 2), "", domain={sp.Symbol("x"): (0, 1)}).check(points=_few(v))
        and True
    ),
    "domain:x": lambda v: (
        drc.proof.Step(sp.Le(sp.Symbol("x"), 2), "", domain={sp.Symbol("x"): (v, 1)}).check(points=1) and True
    ),
    "solve:C": lambda v: _solved(C=v),
    "solve:slope": lambda v: _FINITE.solve(slope=v, time_limit=0.2) and True,
    # A large count is fine, and would take long.
    "audit:samples": lambda v: _TRADEOFF.check(samples=_few(v)) and True,
    "audit:seed": lambda v: _TRADEOFF.check(samples=1, seed=v) and v,
    "bound:accuracy": lambda v: classification_bounds(v, 3) and True,
    "bound:labels": lambda v: classification_bounds(1, v) and True,
    "bound:detected": lambda v: perception_bound(v) is not None,
}

#: Doors that take any whole number that is large enough.
_COUNTS = ("audit:samples", "curve:points", "points:points")

#: Doors at which nothing given means something.
_OPTIONAL = {"word:perception", "word:classifier_sees", "VectorGaussian:sigma_Y"} | {
    name
    for name in DOORS
    if name.startswith(("bounds:", "Bernoulli:", "Gaussian:", "curve:", "evaluate:", "regime:", "solve:"))
}


def _symbolic(made: sp.Expr) -> float:
    """Return the number that was made, or NaN for a symbol, which is what a word means."""
    return math.nan if made.is_Symbol else float(made)


# Kinds of objects: each returns one, and the number it means ------------------------------------------------------------


def _plain_float(rng):
    v = float(
        rng.choice(
            [
                0.0,
                -0.0,
                0.5,
                1.0,
                5e-324,
                1e-310,
                1.7976931348623157e308,
                -1e308,
                rng.random(),
                10.0 ** rng.uniform(-300, 300),
            ]
        )
    )
    return v, Fraction(repr(v))


def _not_finite(rng):
    v = [math.inf, -math.inf, math.nan][rng.integers(3)]
    wrap = [float, np.float64, np.float32, np.float16, np.longdouble, mpmath.mpf, np.array, lambda x: Decimal(repr(x))][
        rng.integers(8)
    ]
    return wrap(v), NONE if math.isnan(v) else v


def _short_float(rng):
    kind = [np.float16, np.float32][rng.integers(2)]
    v = kind(rng.choice([0.3, 0.1, 1 / 3, rng.random(), 1e-5, 6e-8, 0.0]))
    return v, Fraction(str(v))


def _long_float(rng):
    text = rng.choice(["0.1", "0.3", "1e-4000", "1e4000", "0.25"])
    v = np.longdouble(text)
    return v, NONE if "4000" in text else Fraction(str(v))


def _integer(rng):
    v = int(rng.choice([0, 1, 2, -1, 7, 2**53 + 1]))
    kinds = [int, np.int64, sp.Integer, Fraction, np.array, lambda x: np.array(x, dtype=object), Decimal, mpmath.mpf]
    return kinds[rng.integers(len(kinds))](v), Fraction(v)


def _giant(rng):
    makers = [
        lambda: 10**400,
        lambda: -(10**5000),
        lambda: Fraction(10**9000, 10**9000 + 1),
        lambda: Fraction(1, 10**400),
        lambda: Fraction(10**400, 3),
        lambda: sp.Integer(10) ** 400,
        lambda: sp.Rational(1, 10**400),
        lambda: sp.Float(10) ** (10**9),
        lambda: sp.Float(10) ** -(10**9),
        lambda: mpmath.mpf(10) ** (10**9),
        lambda: sp.Pow(10, sp.Pow(10, 10, evaluate=False), evaluate=False),
        lambda: sp.Pow(10, 10**10, evaluate=False),
        lambda: sp.exp(10**10),
        lambda: sp.exp(sp.exp(sp.exp(100))),
        lambda: sp.log(sp.Pow(10, 10**10, evaluate=False), evaluate=False),
        lambda: Decimal("1e-999999"),
        lambda: Decimal("1e999999"),
        lambda: Decimal("0." + "3" * 2000),
    ]
    v = makers[rng.integers(len(makers))]()
    return v, _truth_if_kept(v)


def _truth_if_kept(v):
    """Doors of exact entries keep fractions that are smaller than any double."""
    return Fraction(0) if isinstance(v, Fraction | sp.Rational) and 0 < v < 1e-300 else NONE


_TEXTS = {
    "0.25": Fraction(1, 4),
    " 1/4\n": Fraction(1, 4),
    "+1e-1": Fraction(1, 10),
    ".5": Fraction(1, 2),
    "1.": Fraction(1),
    "-0.0": Fraction(0),
    "1.5/3": Fraction(1, 2),
    "5e-324": Fraction("5e-324"),
    "inf": math.inf,
    "-Infinity": -math.inf,
    **dict.fromkeys(
        (
            "1e-999999999|1e999999999|1e400|1e-400|1_0|１|٣|1２|0x10|1e|e5|1 2|1 / 2|--1|1/0|0/0|nan|NaN|-nan|snan|true|None"
            "|a b|1,5|½|1e5e5|1/2/3|Ⅷ|∞|1e1.5|__import__('os')|(1)|1j|1+1|\x00|1\x002|²|1e" + "9" * 900
        ).split("|"),
        NONE,
    ),
    "": NONE,
    "|": NONE,
    "9" * 2000: NONE,
    "0." + "0" * 5000 + "1": NONE,
    "1/" + "1" * 5000: NONE,
}


def _text(rng):
    text = list(_TEXTS)[rng.integers(len(_TEXTS))]
    return (np.str_(text) if rng.random() < 0.2 else text), _TEXTS[text]


def _mangled_text(rng):
    """Text of the letters that numbers are made of; Python's own reader, and a plain pattern, say what it means."""
    text = "".join(rng.choice(list("0123456789.eE+-/_ ")) for _ in range(rng.integers(1, 8)))
    parts = text.strip().split("/")
    try:
        if "_" in text or any(part != part.strip() for part in parts):
            raise ValueError
        values = [
            Fraction(Decimal(part)) if abs(int(part.lower().partition("e")[2] or 0)) <= 400 else None for part in parts
        ]
        truth = values[0] if len(values) == 1 else values[0] / values[1] if len(values) == 2 else NONE
        if truth and not 5e-324 <= abs(truth) <= 1.7e308:
            truth = NONE
    except (ValueError, ArithmeticError, TypeError):
        truth = NONE
    return text, truth


def _decimal(rng):
    v = Decimal(int(rng.integers(-10, 11))).scaleb(int(rng.integers(-30, 3)))
    return v, Fraction(v)


def _fraction(rng):
    v = Fraction(int(rng.integers(-3, 20)), int(rng.integers(1, 20)))
    return [v, sp.Rational(v.numerator, v.denominator)][rng.integers(2)], v


def _expression(rng):
    makers = [
        (sp.sqrt(2) / 2, 0.5**0.5),
        (sp.pi / 4, math.pi / 4),
        (sp.exp(-1), math.exp(-1)),
        (sp.Float("0.1", 50), 0.1),
        (sp.Float(0.3), 0.3),
        (sp.log(2), math.log(2)),
    ]
    v, truth = makers[rng.integers(len(makers))]
    return v, Fraction(truth)


def _odd(rng):
    makers = [
        lambda: True,
        lambda: np.bool_(False),
        lambda: None,
        lambda: 1j,
        lambda: np.complex128(0.5),
        lambda: sp.I,
        lambda: sp.zoo,
        lambda: sp.nan,
        lambda: sp.true,
        lambda: sp.sin(1),
        lambda: sp.Symbol("q", imaginary=True),
        lambda: sp.Symbol("q", commutative=False),
        lambda: sp.MatrixSymbol("A", 2, 2),
        lambda: sp.Sum(1 / sp.Symbol("n") ** 2, (sp.Symbol("n"), 1, sp.oo)),
        lambda: sp.AccumBounds(0, 1),
        dict,
        lambda: set(),
        lambda: {"a": 1},
        lambda: b"1",
        lambda: object(),
        lambda: np.ma.masked,
        lambda: np.ma.array(0.5),
        lambda: np.ma.array([0.5], mask=[True]),
        lambda: np.array(True),
        lambda: np.array(0.5j),
        lambda: np.array("a b"),
        lambda: np.timedelta64(1, "s"),
        lambda: np.datetime64("2020-01-01"),
        lambda: np.array(None),
        lambda: Decimal("sNaN"),
        lambda: Decimal("NaN"),
        lambda: lambda: 1,
        lambda: int,
        lambda: iter([]),
        lambda: [[0.1], [0.2, 0.3]],
        lambda: ["a"],
        lambda: [math.nan],
        _within_itself,
    ]
    return makers[rng.integers(len(makers))](), NONE


def _within_itself():
    held = np.empty((), dtype=object)
    held[()] = held
    return held


_KINDS = (
    _plain_float,
    _not_finite,
    _short_float,
    _long_float,
    _integer,
    _giant,
    _text,
    _text,
    _mangled_text,
    _decimal,
    _fraction,
    _expression,
    _odd,
    _odd,
)
