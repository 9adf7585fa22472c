"""What a solver may take: its tolerance, its time, and when the user says stop; read once, the same for every solver."""

from __future__ import annotations

import math
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from drc.errors import must
from drc.problems.validation import number


class OutOfTime(Exception):  # noqa: N818 (it is not an error)
    """Ends work that was not finished in time; the solver that began it goes on with what it had before."""


@dataclass
class Clock:
    """The time that is left to one call of a solver.

    `deadline` is the value of `time.monotonic()` at which to stop. With Ctrl-C it is `interrupted`, and no time is
    left. `whole` is the clock of the call that this one is a part of: when that is over, so is this. `looks` is how
    often it may be asked whether time is over: a limit that does not depend on the speed of the machine.
    """

    deadline: float = math.inf
    interrupted: bool = False
    whole: Clock | None = field(default=None, repr=False)
    looks: float = math.inf

    @property
    def over(self) -> bool:
        """Whether there is no time left."""
        self.looks -= 1
        if self.looks < 0:
            return True
        return self.interrupted or time.monotonic() > self.deadline or (self.whole is not None and self.whole.over)

    @property
    def left(self) -> float:
        """How many seconds are left: `inf` without a limit, never negative."""
        return 0.0 if self.over else max(0.0, self.deadline - time.monotonic())

    @property
    def stopped(self) -> str:
        """Why there is no time left: "interrupted" or "time limit"; empty while there is some."""
        if self.interrupted or (self.whole is not None and self.whole.interrupted):
            return "interrupted"
        return "time limit" if self.over else ""

    def check(self) -> None:
        """Raise `OutOfTime` if there is no time left: in work of which no part is of use before all of it is done."""
        if self.over:
            raise OutOfTime(self.stopped)

    def part(self, seconds: float, looks: float = math.inf) -> Clock:
        """Return a clock for a part of the work: it ends after these seconds or looks, and with this one."""
        return Clock(min(self.deadline, time.monotonic() + seconds), whole=self, looks=looks)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Take Ctrl-C as the end of the time instead of an error.

        The first Ctrl-C sets `interrupted`, and the work inside goes on until it looks at `over`; the second one raises
        `KeyboardInterrupt` there, which ends the work inside and is not passed on. In a thread that hears no signals, only
        the latter happens.
        """
        hears = threading.current_thread() is threading.main_thread()
        before = signal.getsignal(signal.SIGINT) if hears else None
        hears = hears and callable(before)
        if hears:
            signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            if hears:
                signal.signal(signal.SIGINT, before)
        outer = getattr(before, "__self__", None)
        if self.interrupted and isinstance(outer, Clock):
            # A part of a longer work was watching; the whole of it is to stop.
            outer.interrupted = True

    def _interrupt(self, *_: object) -> None:
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True


def clock_for(time_limit: object) -> Clock:
    """Start the clock of a call.

    None sets no limit, and the clock of a longer work is kept.

    Raises `ProblemError` if it is not a positive number.

    Examples
    --------
    >>> clock_for(None).left
    inf
    """
    if isinstance(time_limit, Clock):
        return time_limit
    if time_limit is None:
        return Clock()
    return Clock(time.monotonic() + positive("time_limit", time_limit, most=math.inf))


def positive(name: str, value: object, most: float = sys.float_info.max) -> float:
    """Return a tolerance or a limit as a float.

    Raises `ProblemError` if it is not a positive number, or an infinite one where none is of use.

    Examples
    --------
    >>> positive("tolerance", "1e-9")
    1e-09
    """
    found = float(number(name, value))
    if not 0 < found <= most:
        raise must(name, f"be {'finite' if found > 0 else 'positive'}", value)
    return found
