"""How far points are while other processes compute them: in epochs where they are trainings."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from drc.neural.tasks import Point, Reached, task_named
from drc.types import Progress


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
    >>> watch = Watch("solve", "", print)
    >>> watch.begin(points[:1], points[1:])
    solve 1 2
    >>> watch.end(points[1:])
    solve 2 2
    """

    def __init__(self, task: str, folder: str, progress: Progress | None) -> None:
        self._task, self._folder, self._progress = task, folder, progress
        self._look = task_named(task).watch if progress else None
        # Of those that are being computed; of all there are sums only, as a sweep may have a million points.
        self._done: dict[str, int] = {}
        self._all = self._sum = 0

    def begin(self, ended: Collection[Point], opened: Collection[Point]) -> None:
        """Say how far all are at the beginning, when some have a result already."""
        self._sum = self._steps(ended)
        self._all = self._sum + self._steps(opened)
        self._say(self._task)

    def end(self, block: Collection[Point]) -> None:
        """Say that these points have ended."""
        self._sum += self._steps(block) - sum(self._done.pop(point.key, 0) for point in block)
        words = [point.words for point in block if self._look]
        self._say(f"{self._task} {words[-1]}: measured" if words else self._task)

    def look(self, points: Iterable[Point]) -> None:
        """Say which of the points that are being computed have gone on."""
        for point in points if self._look else ():
            reached, before = self._reached(point), self._done.get(point.key, 0)
            if reached.done > before:
                self._done[point.key] = reached.done
                self._sum += reached.done - before
                self._say(f"{self._task} {point.words}: {reached.words}")

    def _steps(self, points: Collection[Point]) -> int:
        return sum(self._reached(point).total for point in points) if self._look else len(points)

    def _reached(self, point: Point) -> Reached:
        assert self._look is not None
        return self._look(point.arguments, self._folder)

    def _say(self, words: str) -> None:
        if self._progress:
            self._progress(words, self._sum, self._all)
