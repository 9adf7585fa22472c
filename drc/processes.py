"""Processes that compute beside this one: begun anew, untouched by Ctrl-C, and gone when this one is."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import TypeVar

from drc.numbers import whole
from drc.types import Progress

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

#: Where libraries for linear algebra look up how many threads they may have.
_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@contextmanager
def processes(count: int) -> Iterator[tuple[Executor, int]]:
    """Open a pool of processes; with them comes how many there are. On an error, and on Ctrl-C, they end at once."""
    before = set(multiprocessing.active_children())
    # Threads may run here, and a fork would copy their locks: processes are made anew.
    pool = ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)
    try:
        yield pool, count
    except BaseException:
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def each(
    of: Callable[[_Item], _Result],
    items: Sequence[_Item],
    *,
    workers: int | None = 1,
    progress: Progress | None = None,
    name: Callable[[_Item], str] = str,
) -> list[_Result]:
    """Apply a function to each of some items, by several processes, which take the items in their order.

    Parameters
    ----------
    of : function
        With more than one process it and the items are pickled, so it stands in a module.
    workers : int or None
        How many processes; None for one on each core.
    progress : function of (description, done, total), optional
        Called whenever an item is done.
    name : function of an item
        Its description.

    Examples
    --------
    >>> each(len, ["a", "bcd"])
    [1, 3]
    """
    count = min(cores() if workers is None else whole("workers", workers, 1), len(items))

    def tell(item: _Item, done: int) -> None:
        if progress is not None:
            progress(name(item), done, len(items))

    if count <= 1:
        results = []
        for item in items:
            results.append(of(item))
            tell(item, len(results))
        return results
    with processes(count) as (pool, _):
        futures = {pool.submit(of, item): item for item in items}
        for done, future in enumerate(as_completed(futures), 1):
            # An error ends the others.
            future.result()
            tell(futures[future], done)
        return [future.result() for future in futures]


def cores() -> int:
    """How many cores this process may use."""
    # Where a process is bound to some cores, those of the others are not for it.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin() -> None:
    """Prepare a process: one thread for linear algebra, Ctrl-C left to the parent, and no life after it."""
    from threadpoolctl import threadpool_limits

    # What is loaded by now is limited at once. A library that is loaded later, as torch is, reads its limit from here.
    os.environ |= dict.fromkeys(_LIMITS, "1")
    threadpool_limits(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None  # an initializer runs in a child

    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
