"""Conjunctions of inequalities as a reader writes them: `kappa <= rho < t_star` instead of two conditions."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from sympy.core.relational import Relational

from drc.expressions.forms import upwards


@dataclass(frozen=True)
class Chain:
    """Members with operators between them; `relations` are the inequalities it was made of."""

    members: tuple[sp.Basic, ...]
    operators: tuple[str, ...]
    relations: tuple[Relational, ...]


def chains(relations: list[Relational]) -> list[Chain]:
    """Chain inequalities that go on from one another; equations stay alone.

    Examples
    --------
    >>> a, b, c = sp.symbols("a b c")
    >>> [chain.members for chain in chains([sp.Lt(b, c), sp.Le(a, b), sp.Eq(c, 1)])]
    [(a, b, c), (c, 1)]
    """
    relations = sorted(relations, key=sp.default_sort_key)
    inequalities = [r for r in relations if not isinstance(r, sp.Eq | sp.Ne)]
    left, found = _merged(inequalities), []
    while left:
        found.append(_grown(left.pop(0), left))
    alone = [Chain((r.lhs, r.rhs), (r.rel_op,), (r,)) for r in relations if isinstance(r, sp.Eq | sp.Ne)]
    return found + alone


def _upwards(relation: Relational) -> tuple[sp.Basic, str, sp.Basic]:
    """Read an inequality from its smaller side."""
    turned = upwards(relation)
    return turned.lhs, turned.rel_op, turned.rhs


def _merged(relations: list[Relational]) -> list[Relational]:
    """Join `a <= b` and `a <= c` to `a <= min(b, c)`, unless the chain would lose by it."""
    groups: dict[tuple, list[Relational]] = {}
    for relation in relations:
        low, op, high = _upwards(relation)
        # Only symbols: `0 <= a` and `0 <= b` say more than `0 <= min(a, b)`.
        key = (low, op) if low.is_Symbol and high.is_Symbol else (relation,)
        groups.setdefault(key, []).append(relation)
    merged = []
    for key, members in groups.items():
        if len(members) > 1:
            low, op = key
            high = sp.Min(*(_upwards(r)[2] for r in members))
            members = [(sp.Le if op == "<=" else sp.Lt)(low, high, evaluate=False)]
        merged += members
    return merged


def _grown(relation: Relational, left: list[Relational]) -> Chain:
    """Extend a chain at both ends as long as an inequality fits; those used are taken out of `left`."""
    low, op, high = _upwards(relation)
    members, operators, used = [low, high], [op], [relation]
    while True:
        for other in left:
            a, between, b = _upwards(other)
            if a == members[-1] and _joins(a):
                members, operators = [*members, b], [*operators, between]
                break
            if b == members[0] and _joins(b):
                members, operators = [a, *members], [between, *operators]
                break
        else:
            break
        left.remove(other)
        used.append(other)
    if len(members) == 2:
        return Chain((relation.lhs, relation.rhs), (relation.rel_op,), (_variable_first(relation),))
    return Chain(tuple(members), tuple(operators), tuple(used))


def _joins(member: sp.Basic) -> bool:
    """Whether a chain may go on through a member: not through 0, 1/2 and 1, which have nothing in common but the value."""
    return not (member.is_number and member in (0, sp.S.Half, 1))


def _variable_first(relation: Relational) -> Relational:
    # sympy's property takes numbers for relations, too.
    return relation.reversed if relation.lhs.is_number else relation  # pyright: ignore[reportReturnType]
