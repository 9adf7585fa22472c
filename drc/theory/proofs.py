"""The proofs of several theorems and special cases, checked by several processes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace
from functools import partial

from drc.processes import each
from drc.proof import Check, DerivationReport
from drc.theory.catalogue import entry
from drc.theory.identities import identity
from drc.types import Progress


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
    # The long ones first, so that no process waits for one of them at the end.
    queue = sorted(families.values(), key=len, reverse=True)
    reports = each(
        partial(_family, seed), queue, workers=workers, progress=progress, name=lambda family: f"prove {family[0]}"
    )
    found = {name: report for of in reports for name, report in of.items()}
    return {name: found[name] for name in ids}


def _family(seed: int, ids: list[str]) -> dict[str, DerivationReport]:
    known: dict[Hashable, Check] = {}
    found = {}
    for name in ids:
        derivation = entry(name).tradeoff().derivation
        assert derivation is not None  # an exact form always has one
        report = derivation.check(seed=seed, known=known)
        # What other solvers may run is long, and only `save` wants it.
        found[name] = DerivationReport(tuple(replace(check, query="") for check in report.checks))
    return found


def check_identities(
    ids: Iterable[str], *, seed: int = 0, workers: int | None = 1, progress: Progress | None = None
) -> dict[str, Check]:
    """Check special cases; parameters and the outcome are as for `check_proofs`.

    Examples
    --------
    >>> {name: str(check) for name, check in check_identities(["shannon.gaussian.dr.W2"]).items()}
    {'shannon.gaussian.dr.W2': 'Proved (algebra)'}
    """
    ids = tuple(ids)
    checks = each(partial(_special, seed), ids, workers=workers, progress=progress, name="prove {}".format)
    return dict(zip(ids, checks, strict=True))


def _special(seed: int, name: str) -> Check:
    return replace(identity(name).check(points=200, seed=seed), query="")
