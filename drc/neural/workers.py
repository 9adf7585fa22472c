"""Who computes the points of a sweep: processes on this machine, or the workers of a Dask cluster.

Both are executors in the sense of `concurrent.futures`, and one loop feeds either, with few blocks of points at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from itertools import chain, islice
from queue import Empty, SimpleQueue
from time import monotonic, perf_counter

from drc.errors import ProblemError
from drc.neural.store import Outcome, Store
from drc.neural.tasks import Point, Settings, Task, task_named
from drc.neural.watch import Watch
from drc.numbers import whole
from drc.processes import cores, processes
from drc.strict_json import to_json

#: Blocks that are handed out for each worker: one that it computes, and one that waits.
_AHEAD = 2

#: No block has more points, so that those in flight need little memory.
_MOST = 1000

#: Seconds of work in a block, where it has several points: handing it out takes milliseconds, and a kill loses it.
_LEAST_WORK, _MOST_WORK = 0.2, 1.0

#: Seconds after which points that are being computed are looked at, and workers counted.
_LOOK = 1.0

#: Seconds that a scheduler has to answer.
_PATIENCE = 20

Block = list[Point]


class _Blocks:
    """Points that wait, cut into blocks; how large these are follows from how long those before them took."""

    def __init__(self, points: Iterable[Point]) -> None:
        self._points, self._size = iter(points), 1
        self._returned: deque[Point] = deque()
        self._next = self._cut()

    def __bool__(self) -> bool:
        return bool(self._next)

    def popleft(self) -> Block:
        block, self._next = self._next, self._cut()
        return block

    def learn(self, outcomes: Sequence[Outcome], left: Block) -> None:
        """Take into account what came of a block, and take back those of its points that were not computed."""
        count, took = len(outcomes), sum(seconds for _, _, seconds in outcomes)
        if took < _LEAST_WORK:
            self._size = max(self._size, min(2 * count, _MOST))
        elif took > _MOST_WORK:
            self._size = min(self._size, max(1, count // 2))
        self._returned.extend(left)
        self._next = self._next or self._cut()

    def _cut(self) -> Block:
        block = [self._returned.popleft() for _ in range(min(self._size, len(self._returned)))]
        return block + list(islice(self._points, self._size - len(block)))


def compute_all(
    points: Collection[Point],
    call: tuple[str, str, str | None],
    store: Store,
    watch: Watch,
    workers: int | None,
    scheduler: str | None,
) -> None:
    """Compute points and store each block's results as they come.

    The call has the task, the folder for what points leave behind, and that of the data. `watch` is told of
    points that have ended, and every second of those that are being computed. A block whose process dies is
    tried once more, with no other beside it; if it dies again it is halved, and a single point of which that is true failed.
    """
    count = min(whole("workers", cores() if workers is None else workers, 1), len(points))
    waiting, suspects = _Blocks(points), deque[Block]()
    while waiting or suspects:
        # After a process died, those that it may have died of go one by one, each into a pool of its own.
        alone = bool(suspects)
        queue = deque([suspects.popleft()]) if alone else waiting
        with _executor(1 if alone else count, scheduler) as (executor, slots):
            for block, future in _computed(executor, slots, queue, call, store, watch):
                if _has_died(future) and not (alone and len(block) == 1):
                    middle = len(block) // 2 if alone else 0
                    suspects.extend(part for part in (block[:middle], block[middle:]) if part)
                    continue
                outcomes = _outcomes(future, len(block))
                ended, left = block[: len(outcomes)], block[len(outcomes) :]
                store.end(zip((point.key for point in ended), outcomes, strict=True))
                watch.end(ended)
                waiting.learn(outcomes, left)


def _computed(
    executor: Executor,
    slots: Callable[[], int],
    queue: deque[Block] | _Blocks,
    call: tuple,
    store: Store,
    watch: Watch,
) -> Iterator[tuple[Block, Future]]:
    """Yield blocks with what came of them, in the order in which they end; stop when the pool breaks."""
    task, *folders = call
    flying: dict[Future, Block] = {}
    # Each says itself that it is done: to ask all of them, again and again, takes long where there are many.
    done = SimpleQueue[Future]()
    broken, most, counted = False, 0, -_LOOK
    while flying or (queue and not broken):
        if monotonic() >= counted + _LOOK:
            # Workers of a cluster come and go; where all have gone, others are waited for.
            most, counted = max(1, slots()) * _AHEAD, monotonic()
        while queue and not broken and len(flying) < most:
            block = queue.popleft()
            store.begin(point.key for point in block)
            future = _submitted(executor, timed, task, [point.arguments for point in block], *folders)
            flying[future] = block
            future.add_done_callback(done.put)
            broken = _is_broken(future)
        watch.look(chain.from_iterable(flying.values()))
        with suppress(Empty):
            future = done.get(timeout=_LOOK)
            broken = broken or _is_broken(future)
            yield flying.pop(future), future


def _submitted(executor: Executor, function: Callable[..., list[Outcome]], *arguments: object) -> Future:
    """Hand work out; a pool that is broken by now is an error of the work, as it is a moment later."""
    try:
        return executor.submit(function, *arguments)
    except BrokenProcessPool as error:
        future = Future()
        future.set_exception(error)
        return future


def _is_broken(future: Future) -> bool:
    return future.done() and isinstance(future.exception(), BrokenProcessPool)


def _has_died(future: Future) -> bool:
    """Whether a process died of this work, or may have; Dask says so after several workers died."""
    error = future.exception()
    return isinstance(error, BrokenProcessPool) or type(error).__name__ == "KilledWorker"


def _outcomes(future: Future, count: int) -> list[Outcome]:
    """Return what came of each point of a block."""
    error = future.exception()
    if error is None:
        return future.result()
    return [_failed("the process that computed it died" if _has_died(future) else error, 0.0)] * count


def _failed(error: BaseException | str, seconds: float) -> Outcome:
    kind = "" if isinstance(error, ProblemError | str) else f"{type(error).__name__}: "
    return "failed", to_json({"error": f"{kind}{error}"}), seconds


def timed(task: str, block: Sequence[Settings], folder: str, data_folder: str | None) -> list[Outcome]:
    """Compute the points of a block on a worker, the first of them where they take long."""
    found, began = task_named(task), perf_counter()
    if found.together is None or len(block) == 1:
        outcomes: list[Outcome] = []
        while len(outcomes) < len(block) and (not outcomes or perf_counter() - began < _MOST_WORK):
            outcomes.append(_one(found, block[len(outcomes)], folder, data_folder))
        return outcomes
    try:
        results = found.together(block)
    except ProblemError:
        # One point spoils all: the half without it is computed together.
        middle = len(block) // 2
        return [*timed(task, block[:middle], folder, data_folder), *timed(task, block[middle:], folder, data_folder)]
    each = (perf_counter() - began) / len(block)
    return [("done", to_json(result), each) for result in results]


def _one(task: Task, arguments: Settings, folder: str, data_folder: str | None) -> Outcome:
    began = perf_counter()
    try:
        result = to_json(task.compute(arguments, folder, data_folder))
    except Exception as error:
        return _failed(error, perf_counter() - began)
    return "done", result, perf_counter() - began


@contextmanager
def _executor(count: int, scheduler: str | None) -> Iterator[tuple[Executor, Callable[[], int]]]:
    """Open what computes; with it comes a function that says how many workers there are."""
    if scheduler:
        with _cluster(scheduler) as found:
            yield found
        return
    with processes(count) as (pool, slots):
        yield pool, lambda: slots


@contextmanager
def _cluster(address: str) -> Iterator[tuple[Executor, Callable[[], int]]]:
    """Connect to a Dask cluster; its workers need this package installed, and the same paths of files."""
    try:
        from distributed import Client
        from distributed.comm.core import CommClosedError
    except ImportError:
        raise ProblemError(f'scheduler = {address!r} needs Dask: pip install "drc-theory[dask]"') from None
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ProblemError(f"scheduler = {address!r} does not answer: {str(error).splitlines()[0]}") from None

    def slots() -> int:
        return sum(client.nthreads().values())  # pyright: ignore[reportAttributeAccessIssue] (it waits)

    with client:
        if not slots():
            raise ProblemError(f"scheduler = {address!r} must have workers: start some first")
        try:
            with client.get_executor() as executor:
                yield executor, slots
        except (CancelledError, CommClosedError):
            raise ProblemError(f"scheduler = {address!r} is gone; what was computed is kept: run it again") from None
