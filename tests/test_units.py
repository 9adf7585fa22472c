import math

import pytest
import sympy as sp

from drc.errors import ProblemError
from drc.units import BITS, NATS, unit_named


def test_one_bit_is_log_two_nats():
    assert BITS.nats == sp.log(2)
    assert math.isclose(BITS.in_nats, math.log(2))
    assert NATS.in_nats == 1.0


def test_exp_and_log_are_inverse_in_each_unit():
    x = sp.Symbol("x", positive=True)
    for unit in (BITS, NATS):
        assert sp.simplify(unit.log(unit.exp(x)) - x) == 0


def test_unknown_unit_is_refused():
    with pytest.raises(ProblemError, match="unit must be 'bits' or 'nats', got 'bytes'"):
        unit_named("bytes")
