"""Proofs of information inequalities: a form as a sum of terms that are at least zero, in exact arithmetic.

Shannon's inequalities say that every `H(A|C)` and every `I(A;B|C)` is at least zero ([yeung2008], on Shannon-type
inequalities).  By Farkas' lemma, a form that they and some given bounds imply is a sum of these with multipliers that are at
least zero.  A linear program finds the multipliers with the least sum, which makes the proof short ([ho2014]); they are
then computed again in rational arithmetic, and no floating-point number is trusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from flint import fmpq, fmpq_mat

from drc.errors import must
from drc.proof.shannon.statement import Form, Names, Quantity, written_sum

if TYPE_CHECKING:
    from scipy.sparse import csc_array


@dataclass(frozen=True)
class Certificate:
    """A proof that a form is at least zero: it is a sum of terms that are, with multipliers that are not negative.

    Attributes
    ----------
    form : Form
    given : tuple of Form
        What is assumed to be at least zero.
    terms : tuple of pairs of Fraction and Form
        The multipliers, each with an entropy, a mutual information, or one of the forms given.

    Raises
    ------
    ProblemError
        If the terms are not of that kind, or do not add up to the form: no object of this class is wrong.
    """

    form: Form
    given: tuple[Form, ...]
    terms: tuple[tuple[Fraction, Form], ...]

    def __post_init__(self) -> None:
        rest = dict(self.form.entropies)
        for multiplier, term in self.terms:
            if multiplier < 0 or not (term in self.given or _is_shannon(term)):
                raise must("terms", "be Shannon's or given, with multipliers of at least 0", got=f"{multiplier} {term}")
            for joint, coefficient in term.entropies.items():
                rest[joint] = rest.get(joint, Fraction(0)) - Fraction(multiplier) * coefficient
        if any(rest.values()):
            raise must("terms", f"add up to {self.form}", got=written_sum((m, f"({t})") for m, t in self.terms))

    def __str__(self) -> str:
        written = []
        for multiplier, term in self.terms:
            alone = len(term.terms) == 1
            factor, text = (term.terms[0][0], str(term.terms[0][1])) if alone else (1, f"({term})")
            written.append((multiplier * factor, text))
        return f"{self.form} = {written_sum(written)}{' >= 0' if written else ''}"


def _is_shannon(term: Form) -> bool:
    return all(coefficient >= 0 and quantity.is_nonnegative for coefficient, quantity in term.terms)


def certify(form: Form, given: tuple[Form, ...], names: Names) -> Certificate | None:
    """Prove that a form is at least zero.

    Parameters
    ----------
    form : Form
    given : tuple of Form
        What is assumed to be at least zero.
    names : tuple of str
        All variables.

    Returns
    -------
    Certificate or None
        None if no multipliers are found that add up exactly; there are none if Shannon's inequalities do not imply the form.
    """
    # Whoever derives a theorem without checking it waits for no solver.
    from scipy.optimize import linprog
    from scipy.sparse import hstack

    if not form.entropies:
        return Certificate(form, given, ())
    quantities, matrix = _shannon_inequalities(names)
    matrix = hstack([matrix, _columns((g.scaled for g in given), names)], format="csc")
    target = _columns([form.scaled], names).toarray().ravel()
    # Few terms matter most, then few letters; the roots break the ties that are left, in the same way for every solver.
    letters = [len(q.given) + sum(map(len, q.parts)) for q in quantities] + [0] * len(given)
    costs = 10 + np.array(letters) + np.sqrt(np.arange(len(letters)) / len(letters))
    # The simplex method answers with a basis, whose multipliers are determined by exact equations.
    found = linprog(costs, A_eq=matrix, b_eq=target, method="highs-ds")
    if found.x is None:
        return None
    used = np.flatnonzero(found.x > 1e-9)
    n = len(quantities)
    return _exactly(form, given, [Form(((Fraction(1), quantities[j]),)) if j < n else given[j - n] for j in used])


def _exactly(form: Form, given: tuple[Form, ...], terms: list[Form]) -> Certificate | None:
    """Solve for the multipliers of some terms in rational arithmetic."""
    joints = list(dict.fromkeys(joint for term in (*terms, form) for joint in term.entropies))
    values = [term.entropies.get(joint, Fraction(0)) for joint in joints for term in (*terms, form)]
    entries = [fmpq(value.numerator, value.denominator) for value in values]
    reduced, rank = fmpq_mat(len(joints), len(terms) + 1, entries).rref()
    multipliers = [Fraction(int(x.p), int(x.q)) for x in (reduced[i, len(terms)] for i in range(rank))]
    if rank != len(terms) or any(reduced[i, i] != 1 for i in range(rank)) or min(multipliers, default=0) < 0:
        return None
    return Certificate(form, given, tuple(zip(multipliers, terms, strict=True)))


@lru_cache(maxsize=8)
def _shannon_inequalities(names: Names) -> tuple[tuple[Quantity, ...], csc_array]:
    quantities = tuple(shannon_quantities(names))
    return quantities, _columns((quantity.entropies for quantity in quantities), names)


def shannon_quantities(names: Names) -> Iterable[Quantity]:
    """Yield every `H(A|C)` and `I(A;B|C)` of disjoint sets of variables.

    The *elemental* ones, `H(X_i | all others)` and `I(X_i;X_j|C)`, imply the others, which are here to make proofs short.

    Examples
    --------
    >>> [str(quantity) for quantity in shannon_quantities(("X", "Y"))]
    ['H(Y)', 'H(Y|X)', 'H(X)', 'H(X|Y)', 'H(X,Y)', 'I(X;Y)']
    """
    for roles in product("-CAB", repeat=len(names)):
        # Exchanging A and B changes nothing: A has the earlier variable.
        if "A" in roles and ("B" not in roles or roles.index("A") < roles.index("B")):
            A, B, C = (tuple(n for n, r in zip(names, roles, strict=True) if r == role) for role in "ABC")
            yield Quantity((A, B) if B else (A,), C)


def _columns(forms: Iterable[Mapping[frozenset[str], float]], names: Names) -> csc_array:
    """A matrix with one column for each form, and one row for each set of variables, the empty one included."""
    bit = {name: 1 << i for i, name in enumerate(names)}
    listed = list(forms)
    entries = [
        (sum(bit[n] for n in joint), j, c) for j, form in enumerate(listed) for joint, c in form.items() if joint
    ]
    rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
    from scipy.sparse import csc_array

    return csc_array((np.array(values, float), (rows, columns)), shape=(2 ** len(names), len(listed)))
