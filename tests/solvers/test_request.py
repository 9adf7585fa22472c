"""The time of a call of a solver: limits, parts, and Ctrl-C."""

import math
import signal
import threading
import time

import numpy as np
import pytest

from drc.errors import ProblemError
from drc.problems import Finite
from drc.solvers import request
from drc.solvers.request import Clock, clock_for, positive


def test_a_limit_ends():
    clock = clock_for(0.02)
    assert not clock.over
    assert 0 < clock.left <= 0.02
    assert clock.stopped == ""
    time.sleep(0.03)
    assert clock.over
    assert clock.left == 0
    assert clock.stopped == "time limit"


def test_without_a_limit_there_is_no_end():
    assert clock_for(None).left == math.inf


@pytest.mark.parametrize("limit", [0, -1, float("nan"), "soon", True, [1], None.__class__])
def test_a_limit_is_a_positive_number(limit):
    with pytest.raises(ProblemError, match="time_limit"):
        clock_for(limit)


def test_a_tolerance_is_a_positive_number():
    with pytest.raises(ProblemError, match="tolerance must be positive, got 0"):
        positive("tolerance", 0)
    with pytest.raises(ProblemError, match="tolerance must be finite, got 'inf'"):
        positive("tolerance", "inf")
    assert clock_for(math.inf).left == math.inf


def test_a_part_ends_with_the_whole():
    whole = clock_for(None)
    part = whole.part(1000)
    whole.interrupted = True
    assert part.over
    assert part.stopped == "interrupted"
    assert clock_for(5).part(1000).left <= 5


def test_the_first_ctrl_c_is_noted_and_the_second_ends_the_work():
    clock, done = clock_for(None), []
    with clock.watching():
        signal.raise_signal(signal.SIGINT)
        done.append(clock.interrupted)
        signal.raise_signal(signal.SIGINT)
        done.append("not reached")
    assert done == [True]
    assert clock.stopped == "interrupted"


def test_looks_at_a_clock_may_be_limited():
    whole = clock_for(None)
    part = whole.part(math.inf, looks=3)
    assert [part.over for _ in range(5)] == [False, False, False, True, True]
    assert part.stopped == "time limit"
    assert not whole.over
    # Those at a part of a part count.
    outer = whole.part(math.inf, looks=2)
    inner = outer.part(math.inf)
    assert [inner.over for _ in range(3)] == [False, False, True]


def test_ctrl_c_in_a_part_reaches_the_whole():
    whole = clock_for(None)
    with whole.watching():
        with whole.part(10).watching():
            signal.raise_signal(signal.SIGINT)
        assert whole.interrupted
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_watching_works_in_a_thread():
    found = []

    def work():
        clock = Clock()
        with clock.watching():
            raise KeyboardInterrupt
        found.append(clock.stopped)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == ["interrupted"]


def test_the_clock_of_a_longer_work_is_kept():
    whole = clock_for(5)
    assert clock_for(whole) is whole


@pytest.mark.parametrize(
    ("setting", "sees", "letters"),
    [("one-shot", "YU", 3), ("one-shot", "Y", 3), ("one-shot", "Y", 8), ("asymptotic", "Y", 3), ("asymptotic", "Z", 3)],
)
def test_without_a_limit_the_answer_does_not_depend_on_the_speed_of_the_machine(monkeypatch, setting, sees, letters):
    rng = np.random.default_rng(3)
    p_SX, costs = rng.dirichlet(np.ones(2 * letters)).reshape(2, letters), rng.random((letters, letters))
    f = Finite(p_SX, costs, setting=setting, classifier_sees=sees)
    found = []
    for speed in (1.0, 1e4):
        began = time.monotonic()
        monkeypatch.setattr(request.time, "monotonic", lambda s=speed, t=began, now=time.perf_counter: t + s * now())
        s = f.solve(R=0.6, C=0.93)
        found.append((s.lower, s.upper, s.status, s.method))
        monkeypatch.undo()
    assert found[0] == found[1]
