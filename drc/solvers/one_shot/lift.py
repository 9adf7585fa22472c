"""Proofs about merged letters, said of the letters of the problem."""

from __future__ import annotations

from typing import Any

from drc.solvers.one_shot.maps import Maps

_CHILDREN = ("below", "above", "then")


def lifted(proof: dict | None, maps: Maps) -> dict:
    """Rewrite a proof of a pricing bound, from groups and letters in use to all letters of the problem.

    Parameters
    ----------
    proof : dict or None
        The entry "pricing" of a certificate; None if the sum of least costs is the bound.
    maps : Maps

    Returns
    -------
    dict

    Examples
    --------
    >>> from drc.problems import Finite
    >>> maps = Maps(Finite([[0.5, 0.5], [0, 0]], [[0, 1], [0, 1]]))
    >>> tree = {"exclude": [[0, 1]], "slopes": [[2.0], [3.0]], "then": {"slopes": []}}
    >>> lifted({"kind": "tree", "tree": tree}, maps)["tree"]
    {'exclude': [[0, 1], [1, 1]], 'slopes': [[2.0, 0.0], [3.0, 0.0]], 'then': {'slopes': []}}
    """
    labels = [s for s, row in enumerate(maps.problem.p_SX) if any(p != 0 for p in row)]
    if proof is None:
        # Without slopes the bound of the whole box is the sum of least costs, because no entropy is negative.
        return {"kind": "tree", "tree": {"slopes": [[0.0] * maps.problem.n_S] * maps.problem.n_Y}}
    if proof["kind"] == "tree":
        return proof | {"tree": _tree(proof["tree"], maps, labels)}
    if proof["kind"] == "letters":
        u = [0.0] * maps.problem.n_X
        for group, value in zip(maps.groups, proof["u"], strict=True):
            for x in group:
                u[x] = value
        trees: list[dict] = [{"slopes": []} for _ in range(maps.problem.n_Y)]
        for y, tree in zip(maps.ys, proof["trees"], strict=True):
            trees[y] = _tree(tree, maps, labels)
        return proof | {"u": u, "trees": trees}
    return proof


def _tree(root: dict, maps: Maps, labels: list[int]) -> dict:
    copy: dict[str, Any] = {}
    waiting = [(root, copy)]
    # A loop, not a recursion: a tree may be deeper than Python's stack.
    while waiting:
        node, target = waiting.pop()
        for name, value in node.items():
            if name in _CHILDREN:
                target[name] = {}
                waiting.append((value, target[name]))
            elif name == "split":
                target[name] = [maps.ys[value[0]], labels[value[1]], value[2]]
            elif name == "exclude":
                target[name] = [[x, maps.ys[y]] for i, y in value for x in maps.groups[i]]
            elif name == "slopes":
                target[name] = _slopes(value, maps, labels)
            else:
                target[name] = value
    return copy


def _slopes(slopes: Any, maps: Maps, labels: list[int]) -> list:
    if not len(slopes):
        return []
    full = [[0.0] * maps.problem.n_S for _ in range(maps.problem.n_Y)]
    for y, row in zip(maps.ys, slopes, strict=True):
        for s, value in zip(labels, row, strict=True):
            full[y][s] = float(value)
    return full
