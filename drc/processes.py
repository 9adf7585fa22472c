"""Processes that compute beside this one: begun anew, untouched by Ctrl-C, and gone when this one is."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

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
