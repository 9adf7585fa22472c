"""When to stop: at a deadline, or when the user says so."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Clock:
    """The time that is left.

    Attributes
    ----------
    deadline : float
        The value of `time.monotonic()` at which to stop.
    interrupted : bool
        Whether Ctrl-C was pressed; then no time is left.
    """

    deadline: float = math.inf
    interrupted: bool = False

    @property
    def over(self) -> bool:
        """Whether there is no time left."""
        return self.interrupted or time.monotonic() > self.deadline

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Take Ctrl-C as the end of the time, and of what is done here."""
        try:
            yield
        except KeyboardInterrupt:
            self.interrupted = True
