"""Formulas exactly as published, each with its citation; the audit says where they hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from drc.errors import NotAvailableError
from drc.problems import Problem
from drc.published.theorem_2 import bernoulli_drc
from drc.published.theorem_4 import gaussian_drc
from drc.published.theorem_7 import gaussian_drpc
from drc.tradeoff import Tradeoff
from drc.units import Unit

__all__ = ["bernoulli_drc", "gaussian_drc", "gaussian_drpc", "published"]

#: The published form of a theorem, by the theorem's id.
_FORMS: Mapping[str, Callable[..., Tradeoff]] = {
    "bernoulli.one-shot.YU.drc": bernoulli_drc,
    "gaussian.asymptotic.drc": gaussian_drc,
    "gaussian.asymptotic.drpc.W2": gaussian_drpc,
    "gaussian.asymptotic.drpc.KL": gaussian_drpc,
}


def published(name: str) -> Callable[[Problem, Unit], Tradeoff]:
    """Return the published form of the theorem with this id.

    Raises
    ------
    NotAvailableError
        If no paper prints one.

    Examples
    --------
    >>> published("gaussian.asymptotic.drc").__module__
    'drc.published.theorem_4'
    """
    if name not in _FORMS:
        raise NotAvailableError(f"published {name} is not available yet: {', '.join(_FORMS)} are")
    return _FORMS[name]
