"""Named functions in doubles, at the ends of their domains, against mpmath; and what they say of their own errors."""

import mpmath
import numpy as np
import pytest
from in_mpmath import _NAMED

from drc.information import W_0, H_b, H_b_inv, I_b, I_b_inv, KL_b, KL_b_max, KL_b_min, W_m1, noise
from drc.information import kl_ball as ball
from drc.information import water_filling as water


def probability(rng):
    return float(
        rng.choice(
            (
                rng.random(),
                10 ** rng.uniform(-300, -1),
                1 - 10 ** rng.uniform(-16, -1),
                0.5 + rng.choice((-1, 1)) * 10 ** rng.uniform(-16, -1),
                0.0,
                0.5,
                1.0,
            )
        )
    )


def size(rng, least=-300.0, most=3.0):
    return float(10 ** rng.choice((rng.uniform(least, most), rng.uniform(-3, 1))))


def covariance(rng):
    p, r = probability(rng), probability(rng)
    top = min(p * (1 - r), (1 - p) * r)
    return top * float(rng.choice((rng.random(), 10 ** rng.uniform(-20, 0), 1 - 10 ** rng.uniform(-16, -1)))), p, r


def components(rng):
    w = [size(rng, -150, 150)] * 2
    return (w[0], w[0] * 10 ** rng.uniform(-6, 6)) if rng.random() < 0.7 else tuple(w)


def labels(rng):
    return tuple(
        float(rng.choice((rng.random(), 10 ** rng.uniform(-12, 0), 1 - 10 ** rng.uniform(-12, 0)))) for _ in "12"
    )


def gain(rng, w):
    return (sum(w) * float(rng.choice((rng.random(), 10 ** rng.uniform(-9, 0)))), *w)


DRAWN = {
    H_b: lambda rng: (probability(rng),),
    H_b_inv: lambda rng: (probability(rng),),
    I_b: covariance,
    I_b_inv: lambda rng: (probability(rng), probability(rng), probability(rng)),
    KL_b: lambda rng: (probability(rng), probability(rng)),
    KL_b_min: lambda rng: (probability(rng), size(rng)),
    KL_b_max: lambda rng: (probability(rng), size(rng)),
    W_0: lambda rng: (-size(rng, -300, -0.44) * 0.3,),
    W_m1: lambda rng: (-size(rng, -300, -0.44) * 0.3,),
    ball.KL_width: lambda rng: (size(rng, -5, 2), size(rng, -20, 3)),
    ball.KL_nearest: lambda rng: (size(rng, -9, 3), size(rng, -9, 3), size(rng, -12, 2)),
    ball.KL_steepest: lambda rng: (size(rng, -9, 3), size(rng, -9, 3), size(rng, -12, 2)),
    noise.price_for_cost: lambda rng: (size(rng, -9, 0), *rng.random(3)),
    noise.price_for_rate: lambda rng: (size(rng, -9, 0), *rng.random(3)),
    water.rate_level: lambda rng: (size(rng, -16, 2.5), *components(rng)),
    water.reverse_level: lambda rng: (size(rng, -16, 2.5), *components(rng)),
    water.gain_level: lambda rng: gain(rng, components(rng)),
    water.least_ambiguity: lambda rng: (size(rng, -16, 2), *labels(rng)),
    water.least_rate: lambda rng: (-size(rng, -16, 1), *labels(rng)),
    water.gain_of_least_ambiguity: lambda rng: (size(rng, -16, 2), *components(rng), *labels(rng)),
}


@pytest.mark.parametrize("function", DRAWN, ids=lambda f: f.__name__)
def test_values_are_as_good_as_they_say(function):
    rng = np.random.default_rng(0)
    sharp = 0
    for _ in range(60):
        at = tuple(map(float, DRAWN[function](rng)))
        with np.errstate(all="ignore"):
            value = float(function.numeric(*at))
            error = float(function.spread([0.0] * len(at), value, *map(np.float64, at)))
        with mpmath.workdps(330):
            exact = _NAMED[function](*map(mpmath.mpf, at))
        if not error < 1e-3:
            continue
        sharp += error < 1e-12
        assert value == exact or abs(value - exact) <= error * abs(value) + 1e-322, (at, value, exact, error)
    assert sharp > 15


def test_a_ball_of_no_radius_is_its_centre_however_small():
    assert KL_b_min.numeric(6.56e-63, 0.0) == KL_b_max.numeric(6.56e-63, 0.0) == 6.56e-63
    assert KL_b_min.numeric(1 - 1e-16, 0.0) == KL_b_max.numeric(1 - 1e-16, 0.0) == 1 - 1e-16
