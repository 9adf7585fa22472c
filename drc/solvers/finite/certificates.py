"""Certificates of finite problems: what a solver claims, and the numbers that prove it.

They are written in the format that `drc.checker` reads and checks; the page "Certificates" of the documentation
describes it field by field.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp
from flint import fmpq

from drc.errors import NotAvailableError, ProblemError, must
from drc.expressions.content import ByContent
from drc.files import write_whole
from drc.problems.finite import Finite
from drc.types import Exact, JsonObject

#: The first field of every certificate.
FORMAT = "drc certificate 1"

#: The kind of a dual that was proved, but is too long for a certificate.
UNWRITTEN = "unwritten"


def of_easier(dual: dict[str, object], kind: str, **fields: object) -> dict[str, object]:
    """Return the dual of an easier problem as one of the problem asked about; what is not written stays unwritten.

    Examples
    --------
    >>> of_easier({"kind": "trivial"}, "relaxation", of="message")
    {'kind': 'relaxation', 'of': 'message', 'dual': {'kind': 'trivial'}}
    """
    return dual if dual["kind"] == UNWRITTEN else {"kind": kind, **fields, "dual": dual}


#: The fields of a node of a tree that hold other nodes.
CHILDREN = ("below", "above", "then")


@dataclass(frozen=True, eq=False)
class PackedTree:
    """A tree of boxes in arrays, as there may be many; children have larger numbers than their parents, and come in pairs.

    Of N nodes: `labels` has the label at whose probability a node is split, -1 for a leaf; `cuts` where; `children` the
    child below, after which comes that above; `vectors`, of shape (N, n_S), the proofs of leaves.
    """

    labels: np.ndarray
    cuts: np.ndarray
    children: np.ndarray
    vectors: np.ndarray

    def nodes(self) -> list[dict]:
        """Return the nodes as JSON knows them.

        Examples
        --------
        >>> PackedTree(np.array([-1]), np.zeros(1), np.zeros(1, dtype=int), np.array([[0.5, 1.0]])).nodes()
        [{'vector': [0.5, 1.0]}]
        """
        fields = (self.labels.tolist(), self.cuts.tolist(), self.children.tolist(), self.vectors.tolist())
        return [
            {"vector": t} if s < 0 else {"split": [s, x], "below": child, "above": child + 1}
            for s, x, child, t in zip(*fields, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class FiniteCertificate(ByContent):
    """A claim `lower <= optimum <= upper` about a finite problem, with what proves it.

    Attributes
    ----------
    problem : Finite
    minimise : {"D", "R", "C"}
    unit : {"bits", "nats"}
        The unit of rates, entropies and divergences.
    bounds : tuple of (name, exact number)
        The bounds that are active, by "R", "C", "D" or "P".
    lower, upper : float
        What is claimed. Both `inf`: that nothing is feasible.
    primal : dict or None
        A plan, which proves `upper`.
    dual : dict or None
        Multipliers, which prove `lower`. A tree in it is made of nested nodes.
    slope : number, optional
        If given, the objective is `D + slope R`.

    Examples
    --------
    >>> problem = Finite([[0.5, 0], [0, 0.5]], p_Y=[0.5, 0.5])
    >>> primal = {"kind": "maps", "weights": [[1, [0, 1]]]}
    >>> certificate = FiniteCertificate(problem, "D", "bits", (("R", 1),), 0.0, 0.0, primal, {"kind": "trivial"})
    >>> certificate.to_dict()["bounds"], certificate.to_dict()["problem"]["p_Y"]
    ({'R': 1}, ['1/2', '1/2'])
    """

    problem: Finite
    minimise: str
    unit: str
    bounds: tuple
    lower: float
    upper: float
    primal: dict | None = None
    dual: dict | None = None
    slope: Exact | None = None

    def to_dict(self) -> JsonObject:
        """Return the certificate as JSON knows it: exact numbers are strings, arrays are lists.

        Returns
        -------
        dict
            Its trees are lists of nodes that name their children by number, so that no tree is too deep for JSON.

        Raises
        ------
        ProblemError
            If it holds what is not a number, or an object that JSON does not know.
        NotAvailableError
            If the proof is too long to be written down.
        """
        if self.dual is not None and self.dual.get("kind") == UNWRITTEN:
            raise NotAvailableError(
                f"the certificate is not available: {self.dual['reason']}; solve to a larger tolerance"
            )
        return {
            "format": FORMAT,
            "problem": _plain(self.about()),
            "minimise": self.minimise,
            "slope": _plain(self.slope),
            "unit": self.unit,
            "bounds": {name: _plain(bound) for name, bound in self.bounds},
            "lower": _plain(float(self.lower)),
            "upper": _plain(float(self.upper)),
            "primal": _plain(self.primal),
            "dual": _plain(self.dual),
        }

    def about(self) -> dict[str, object]:
        """Return the fields of the problem."""
        return _problem(self.problem)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the certificate as a JSON file, whole or not at all.

        Parameters
        ----------
        path : path

        Returns
        -------
        Path
            The path written.
        """
        return write_whole(path, json.dumps(self.to_dict(), allow_nan=False) + "\n")

    def verify(self) -> bool:
        """Let the independent checker prove the enclosure again, from the content of `to_dict()` alone.

        Returns
        -------
        bool
            False if it is not proved (which does not mean that it is false).
        """
        from drc.checker import check_certificate

        try:
            return bool(check_certificate(self.to_dict()))
        except ProblemError:
            return False


def tree_nodes(root: Mapping) -> list[dict]:
    """Return the nodes of a tree of nested nodes as a list, children named by their place in it; the root is first.

    Under "below", "above" and "then" a node holds other nodes.

    Examples
    --------
    >>> tree_nodes({"split": [0, 0, 0.5], "below": {"slopes": []}, "above": {"slopes": []}})
    [{'split': [0, 0, 0.5], 'below': 1, 'above': 2}, {'slopes': []}, {'slopes': []}]
    """
    found: list[Mapping] = [root]
    nodes: list[dict] = []
    # A loop, not a recursion: a tree may be deeper than Python's stack.
    for node in found:
        flat = {}
        for name, value in node.items():
            if name in CHILDREN:
                flat[name] = len(found)
                found.append(value)
            else:
                flat[name] = _plain(value)
        nodes.append(flat)
    return nodes


def rewritten(root: Mapping, changes: Mapping[str, Callable]) -> dict:
    """Return nested dicts with the fields of some names changed, wherever they are.

    Examples
    --------
    >>> rewritten({"u": 1, "tree": {"u": 2, "below": {"v": 3}}}, {"u": lambda u: 10 * u})
    {'u': 10, 'tree': {'u': 20, 'below': {'v': 3}}}
    """
    found: dict = {}
    todo: list[tuple[Mapping, dict]] = [(root, found)]

    def copied(value: Any) -> Any:
        if isinstance(value, Mapping):
            todo.append((value, {}))
            return todo[-1][1]
        return [copied(part) for part in value] if isinstance(value, list) else value

    # A loop, not a recursion: a tree may be deeper than Python's stack.
    while todo:
        node, into = todo.pop()
        for name, value in node.items():
            into[name] = changes[name](value) if name in changes else copied(value)
    return found


def _problem(problem: Finite) -> dict[str, Any]:
    perception = None
    if problem.perception is not None:
        measured = {"measure": problem.perception, "reference": problem.reference, "ground": problem.exact_ground}
        perception = _plain(measured)
    return {
        "p_SX": _plain(problem.p_SX),
        "distortion": _plain(problem.exact_distortion),
        "p_Y": _plain(problem.p_Y),
        **_further(problem),
        "setting": problem.setting,
        "classifier_sees": problem.classifier_sees,
        "time_sharing": problem.time_sharing,
        "perception": perception,
    }


def _further(problem: Finite) -> dict[str, Any]:
    """Return the costs and the labels after the first ones, and another uncertainty than the entropy, if there are any."""
    costs = [each.exact_distortion for each in problem.each_cost[1:]]
    found = {"costs": costs, "labels": [] if problem.labels is None else list(problem.labels[1:])}
    tables = {name: _plain(tables) for name, tables in found.items() if tables}
    return tables if problem.uncertainty == "entropy" else tables | {"uncertainty": problem.uncertainty}


def _plain(value: Any) -> Any:
    """Turn arrays into lists and exact numbers into strings; a float stays the double that it is."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if math.isnan(value):
            raise ProblemError("a certificate must hold numbers, got nan")
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, Mapping):
        return {str(name): _field(name, item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, fmpq):
        return f"{value.p}/{value.q}" if value.q != 1 else str(value.p)
    if isinstance(value, sp.Expr) and value.is_number:
        return {sp.oo: "inf", -sp.oo: "-inf"}.get(value, str(value))
    raise must("a certificate", "hold numbers, words, arrays, lists and dicts", value)


def _tree(tree: Any) -> Any:
    if isinstance(tree, PackedTree):
        return tree.nodes()
    return tree_nodes(tree) if isinstance(tree, Mapping) else _plain(tree)


def _field(name: Any, item: Any) -> Any:
    if name == "tree" and isinstance(item, Mapping):
        return tree_nodes(item)
    if name == "trees":
        return [_tree(tree) for tree in item]
    return _plain(item)
