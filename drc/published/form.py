"""What all published forms have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy as sp

from drc.problems import Problem
from drc.tradeoff import Regime, Tradeoff
from drc.units import Unit


def published_form(
    name: str,
    theorem: str,
    problem: Problem,
    arguments: tuple[sp.Symbol, ...],
    regimes: Iterable[Regime],
    where: Iterable[tuple[sp.Symbol, sp.Expr]],
    unit: Unit,
    names: Mapping[sp.Symbol, str],
    *,
    statement: str = "",
) -> Tradeoff:
    """Return the least `D` as a theorem of [nguyen2026] gives it, for symbolic parameters.

    Parameters
    ----------
    name : str
        The id of the theorem in the catalogue.
    theorem : str
        Where it is published.
    regimes, where
        As in a `Tradeoff`.
    names : mapping
        How the abbreviations are written in LaTeX.
    statement : str
        Left out, it names the theorem.
    """
    return Tradeoff(
        id=name,
        statement=statement or f"{theorem} as published.",
        source=f"[nguyen2026], {theorem}",
        problem=problem,
        value=sp.Symbol("D", real=True),
        arguments=arguments,
        cases=tuple(regimes),
        where=tuple(where),
        unit=unit,
        form="published",
        names=names,
    )
