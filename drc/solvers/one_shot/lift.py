"""Proofs about the letters in use, said of the letters of the problem."""

from __future__ import annotations

from typing import Any

import numpy as np

from drc.solvers.one_shot.maps import Maps

_CHILDREN = ("below", "above", "then")


def lifted(proof: dict | None, maps: Maps, *, labelled: bool = True) -> dict:
    """Rewrite a proof of a pricing bound, from the letters in use to all letters of the problem.

    The source letters are counted one by one, in the order of the groups: what is excluded for a letter is proved for it
    alone, and its group may have more mass.

    Parameters
    ----------
    proof : dict or None
        The entry "pricing" of a certificate; None if the sum of least costs is the bound.
    labelled : bool
        Whether the proof is about the joint masses of letter and label, or about those of the letter alone.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> maps = Maps(Finite([[0.5, 0.5], [0, 0]], [[0, 1], [0, 1]]))
    >>> tree = {"exclude": [[0, 1]], "slopes": [[2.0], [3.0]], "then": {"slopes": []}}
    >>> lifted({"kind": "tree", "tree": tree}, maps)["tree"]
    {'exclude': [[0, 1]], 'slopes': [[2.0, 0.0], [3.0, 0.0]], 'then': {'slopes': []}}
    """
    if proof is not None and proof["kind"] == "subsets":
        return proof
    labels = [s for s, row in enumerate(maps.problem.p_SX) if any(p != 0 for p in row)] if labelled else [0]
    size = maps.problem.n_S if labelled else 1
    if proof is None:
        # Without slopes the bound of the whole box is the sum of least costs, because no entropy is negative.
        return {"kind": "tree", "tree": {"slopes": [[0.0] * maps.problem.n_S] * maps.problem.n_Y}}
    if not labelled:
        proof = proof | {"labelled": False}
    if proof["kind"] == "tree":
        return proof | {"tree": _tree(proof["tree"], maps, labels, size)}
    if proof["kind"] == "letters":
        u = [0.0] * maps.problem.n_X
        for x, value in zip(_sources(maps), proof["u"], strict=True):
            u[x] = value
        trees: list[dict] = [{"slopes": []} for _ in range(maps.problem.n_Y)]
        for y, tree in zip(maps.ys, proof["trees"], strict=True):
            trees[y] = _tree(tree, maps, labels, size)
        return proof | {"u": u, "trees": trees}
    return proof


def _sources(maps: Maps) -> list[int]:
    return [x for group in maps.groups for x in group]


def _tree(root: dict, maps: Maps, labels: list[int], size: int) -> dict:
    copy: dict[str, Any] = {}
    sources = _sources(maps)
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
                # -1 is "in no cell", where the tree is about a cell on its own.
                target[name] = [[sources[i], y if y < 0 else maps.ys[y]] for i, y in value]
            elif name == "slopes":
                target[name] = _slopes(value, maps, labels, size)
            else:
                target[name] = value
    return copy


def _slopes(slopes: Any, maps: Maps, labels: list[int], size: int) -> list:
    """Write slopes over all labels; one row is that of a cell on its own, else there is one for each letter in use."""
    rows = np.zeros((1 if len(slopes) == 1 < len(maps.ys) else maps.problem.n_Y, size))
    if len(slopes):
        places = [0] if len(rows) == 1 else list(maps.ys)
        rows[np.ix_(places, labels)] = slopes
    return rows.tolist() if len(slopes) else []
