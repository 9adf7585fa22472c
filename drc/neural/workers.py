"""Who computes the points of a sweep: processes on this machine, or the workers of a Dask cluster.

Both are executors in the sense of `concurrent.futures`, and one loop feeds either.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from time import perf_counter

from drc.errors import ProblemError
from drc.neural.store import Store
from drc.neural.tasks import TASKS, Point, Settings
from drc.neural.watch import Watch
from drc.numbers import whole
from drc.processes import cores, processes

#: Points that are handed out for each worker: one that it computes, and one that waits.
_AHEAD = 2

#: Seconds after which points that are being computed are looked at.
_LOOK = 1.0

#: Seconds that a scheduler has to answer.
_PATIENCE = 20


def compute_all(
    points: Sequence[Point],
    call: tuple[str, str, str | None],
    store: Store,
    watch: Watch,
    workers: int | None,
    scheduler: str | None,
) -> None:
    """Compute points and store each result as it comes.

    The call has the task, the folder for what points leave behind, and that of the data. `watch` is told of
    points that have ended, and every second of those that are being computed. A point whose process dies is
    tried once more, with no other beside it; if it dies again it failed.
    """
    if not points:
        return
    count = min(whole("workers", cores() if workers is None else workers, 1), len(points))
    waiting, suspects = deque(points), deque()
    while waiting or suspects:
        # After a process died, those that it may have died of go one by one, each into a pool of its own.
        alone = bool(suspects)
        queue = deque([suspects.popleft()]) if alone else waiting
        with _cluster(scheduler) if scheduler else processes(1 if alone else count) as (executor, slots):
            for point, future in _computed(executor, slots, queue, call, store, watch):
                if isinstance(future.exception(), BrokenProcessPool) and not alone:
                    suspects.append(point)
                    continue
                store.end(point.key, *_outcome(future))
                watch.end(point)


def _computed(
    executor: Executor,
    slots: int,
    queue: deque[Point],
    call: tuple,
    store: Store,
    watch: Watch,
) -> Iterator[tuple[Point, Future]]:
    """Yield points with what came of them, in the order in which they end; stop when the pool breaks."""
    task, *folders = call
    flying: dict[Future, Point] = {}
    broken = False
    while flying or (queue and not broken):
        while queue and not broken and len(flying) < slots * _AHEAD:
            try:
                future = executor.submit(timed, task, queue[0].arguments, *folders)
            except BrokenProcessPool:
                broken = True
                break
            flying[future] = queue.popleft()
            store.begin(flying[future].key)
        ended = wait(flying, _LOOK, FIRST_COMPLETED).done
        watch.look(flying.values())
        for future in ended:
            broken = broken or isinstance(future.exception(), BrokenProcessPool)
            yield flying.pop(future), future


def _outcome(future: Future) -> tuple[str, dict[str, object], float]:
    """Return status, result and seconds of a point, as the store has them."""
    error = future.exception()
    if error is None:
        return ("done", *future.result())
    if isinstance(error, BrokenProcessPool):
        return "failed", {"error": "the process that computed it died"}, 0.0
    kind = "" if isinstance(error, ProblemError) else f"{type(error).__name__}: "
    return "failed", {"error": f"{kind}{error}"}, 0.0


def timed(task: str, arguments: Settings, folder: str, data_folder: str | None) -> tuple[dict[str, object], float]:
    """Compute a point on a worker; return the result with the seconds it took."""
    began = perf_counter()
    return TASKS[task].compute(arguments, folder, data_folder), perf_counter() - began


@contextmanager
def _cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """Connect to a Dask cluster; its workers need this package installed, and the same paths of files."""
    try:
        from distributed import Client
    except ImportError:
        raise ProblemError(f'scheduler = {address!r} needs Dask: pip install "drc-theory[dask]"') from None
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ProblemError(f"scheduler = {address!r} does not answer: {str(error).splitlines()[0]}") from None
    with client:
        threads: int = sum(client.nthreads().values())  # pyright: ignore[reportAttributeAccessIssue] (it waits)
        if not threads:
            raise ProblemError(f"scheduler = {address!r} must have workers: start some first")
        with client.get_executor() as executor:
            yield executor, threads
