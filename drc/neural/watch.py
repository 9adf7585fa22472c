"""How far points are while other processes compute them: in epochs where they are trainings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from drc.neural.run import Progress
from drc.neural.tasks import TASKS, Point, Reached


class Watch:
    """Tells a function of (description, done, total) how far points are, one step of a point after another.

    Parameters
    ----------
    folder : str
        For what points leave behind.
    progress : function, optional
        Left out, nothing is looked at.

    Examples
    --------
    >>> points = [Point("k", {"R": 1}, {}, "R = 1"), Point("l", {"R": 2}, {}, "R = 2")]
    >>> watch = Watch("solve", points, "", print)
    >>> watch.begin(points[:1])
    solve 1 2
    >>> watch.end(points[1])
    solve 2 2
    """

    def __init__(self, task: str, points: Sequence[Point], folder: str, progress: Progress | None) -> None:
        self._task, self._folder, self._progress = task, folder, progress
        self._steps = {point.key: self._reached(point).total for point in points} if progress else {}
        self._done = dict.fromkeys(self._steps, 0)
        # Sums are kept: a sweep may have a million points.
        self._all, self._sum = sum(self._steps.values()), 0

    def begin(self, ended: Iterable[Point]) -> None:
        """Say how far all are at the beginning, when these have a result already."""
        for point in ended:
            self._move(point)
        self._say(self._task)

    def end(self, point: Point) -> None:
        """Say that a point has ended."""
        self._move(point)
        self._say(f"{self._task} {point.words}: measured" if self._steps.get(point.key, 0) > 1 else self._task)

    def look(self, points: Iterable[Point]) -> None:
        """Say which of the points that are being computed have gone on."""
        for point in points if self._progress else ():
            reached = self._reached(point)
            if self._move(point, reached.done):
                self._say(f"{self._task} {point.words}: {reached.words}")

    def _reached(self, point: Point) -> Reached:
        return TASKS[self._task].watch(point.arguments, self._folder)

    def _move(self, point: Point, done: int | None = None) -> bool:
        """Count what a point has done, by default all; say whether it is more than before."""
        if not self._progress:
            return False
        more = (self._steps[point.key] if done is None else done) - self._done[point.key]
        if more <= 0:
            return False
        self._done[point.key] += more
        self._sum += more
        return True

    def _say(self, words: str) -> None:
        if self._progress:
            self._progress(words, self._sum, self._all)
