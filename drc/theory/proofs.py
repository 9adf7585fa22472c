"""The proofs of several theorems, checked by several processes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future, as_completed
from dataclasses import replace

from drc.numbers import whole
from drc.processes import cores, processes
from drc.proof import Check, DerivationReport
from drc.theory.catalogue import entry

Progress = Callable[[str, int, int], None]


def check_proofs(
    ids: Iterable[str], *, seed: int = 0, workers: int | None = 1, progress: Progress | None = None
) -> dict[str, DerivationReport]:
    """Check the derivations of theorems; what a family of theorems shares is checked once.

    Parameters
    ----------
    ids : names of theorems
    seed : int
        See `Step.check`.
    workers : int or None
        How many processes do it; None for one on each core. With more than one, a script that calls this has to protect
        itself by `if __name__ == "__main__":`.
    progress : function of (description, done, total), optional

    Returns
    -------
    mapping from each id to the outcome of `derivation.check()`, without the queries that `derivation.save` writes

    Examples
    --------
    >>> {name: bool(report) for name, report in check_proofs(["gaussian.asymptotic.limited.drc"]).items()}
    {'gaussian.asymptotic.limited.drc': True}
    """
    ids, families = tuple(ids), dict[str, list[str]]()
    for name in ids:
        families.setdefault(entry(name).family, []).append(name)
    found: dict[str, DerivationReport] = {}
    total = sum(map(len, families.values()))

    def take(of: dict[str, DerivationReport]) -> None:
        found.update(of)
        if progress is not None:
            progress(f"prove {next(iter(of))}", len(found), total)

    count = min((cores() if workers is None else whole("workers", workers, 1)), len(families))
    if count <= 1:
        for family in families.values():
            take(_family(family, seed))
        return {name: found[name] for name in ids}
    with processes(count) as (pool, _):
        # The long ones first, so that no process waits for one of them at the end.
        queue = sorted(families.values(), key=len, reverse=True)
        futures: list[Future[dict[str, DerivationReport]]] = [pool.submit(_family, family, seed) for family in queue]
        for future in as_completed(futures):
            take(future.result())
    return {name: found[name] for name in ids}


def _family(ids: list[str], seed: int) -> dict[str, DerivationReport]:
    known: dict[Hashable, Check] = {}
    found = {}
    for name in ids:
        derivation = entry(name).tradeoff().derivation
        assert derivation is not None  # an exact form always has one
        report = derivation.check(seed=seed, known=known)
        # What other solvers may run is long, and only `save` wants it.
        found[name] = DerivationReport(tuple(replace(check, query="") for check in report.checks))
    return found
