r"""Remote Bernoulli source, Hamming distortion: every theorem about a Bernoulli source, in one shot and asymptotically.

Theorem ([dobrushin1962], for bits and any law of `Y`).  The encoder sees `X`, the distortion is `P(T != Y)` with
`T - X - Y`, and `T` differs from `X` with probability `q_T0` if `X = 0` and `q_T1` if `X = 1`, `q_T0 + q_T1 < 1`.  With
`D_X`, `R_X` the theorem for the source that is seen,

    D(R, C) = epsilon_T + k_T D_X(R, C)          R(D, C) = R_X((D - epsilon_T)/k_T, C)

where `k_T = 1 - q_T0 - q_T1` and `epsilon_T = (1 - q_X) q_T0 + q_X q_T1 + (q_T1 - q_T0)(q_Y - q_X)`.  For
`q_T0 = q_T1 = q_T` this is `q_T`, whatever the law of `Y`, and the theorems with perception hold in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import sympy as sp
from sympy import Eq, Gt, Lt

from drc.problems.bernoulli import REMOTE, q_T, q_T0, q_T1, q_X, q_Y
from drc.proof import NONNEGATIVE, UNIT, Proof
from drc.theory.bernoulli.asymptotic import drpc as asymptotic_drpc
from drc.theory.bernoulli.asymptotic import rdpc as asymptotic_rdpc
from drc.theory.bernoulli.one_shot_yu import drc, drpc, rdc, rdpc
from drc.theory.bernoulli.time_shared import drc as time_shared_drc
from drc.theory.bernoulli.time_shared import rdc as time_shared_rdc
from drc.theory.bernoulli.y import drc as y_drc
from drc.theory.bernoulli.y import rdc as y_rdc
from drc.theory.remote import D, R, Reduction, TheoremClaim, bound_left, e, remote
from drc.theory.theorem import Theorem

epsilon_T, k_T, D_X, R_X, u, v = sp.symbols("epsilon_T k_T D_X R_X u v", real=True)

_SETTING = (
    r"The distortion is $P(T \ne Y)$, to a remote bit $T$ that the encoder does not see: it sees $X$, $T - X - Y$ is a"
    r" Markov chain, and $T$ differs from $X$ with probability {errors}. In the proof $u = P(X = 0, Y = 1)$,"
    r" $v = P(X = 1, Y = 0)$, and $e$ is any $P(X \ne Y)$. The rest is as in the direct problem, in which the distortion is"
    r" to $X$:"
)
_FIXED = r"$q_{T0}$ if $X = 0$ and $q_{T1}$ if $X = 1$, $q_{T0} + q_{T1} < 1$"
_FREE = r"$q_T < 1/2$"
_NAMES = {q_T0: "q_{T0}", q_T1: "q_{T1}", D_X: "D_X", R_X: "R_X"}


def _reduction(zero: sp.Symbol, one: sp.Symbol, direct: Theorem) -> Reduction:
    """Derive the direct problem for the bit that is seen; `zero` and `one` are the probabilities of an error."""
    known = dict.fromkeys((q_X, q_Y, zero, one, u, v), UNIT) | dict.fromkeys((D, R, D_X, R_X, e), NONNEGATIVE)
    proof = Proof(known, _NAMES, assumed=Lt(zero + one, 1))
    proof.let(k_T, 1 - zero - one, "by how much a guess of $T$ from $X$ is better than one from $1 - X$")
    proof.show(Gt(k_T, 0), "it is better")
    error, ones = (epsilon_T, v + q_Y - q_X) if zero != one else (zero, u)
    if zero != one:
        value = (1 - q_X) * zero + q_X * one + (one - zero) * (q_Y - q_X)
        proof.let(epsilon_T, value, r"$P(T \ne Y)$ less its share of $P(X \ne Y)$", latex=r"\epsilon_T")
    proof.show(
        Eq((1 - q_X - ones) * zero + ones * (1 - zero) + (q_X - v) * one + v * (1 - one), error + k_T * (ones + v)),
        r"$Y$ depends on $T$ through $X$ only: add up $P(T \ne Y)$ over the four values of $(X, Y)$"
        + r", where $u = v + q_Y - q_X$" * (zero != one),
    )
    changes, total, at = {}, Eq(D, error + k_T * D_X, evaluate=False), "$D_X$"
    if direct.value == R:
        bound_left(proof, D_X, error, k_T, "$X$")
        changes, total, at = {D: D_X}, Eq(R, R_X, evaluate=False), "$R_X$, at $D_X$,"
    proof.show(
        TheoremClaim(total, direct.id),
        "the distribution of $Y$, the rate and what the classifier does not know do not depend on $T$: what remains is the"
        f" direct problem, whose optimum {at} is that of the theorem {direct.id}",
    )
    equal = f"P(T != Y) = {{{error}}} + {{k_T}} P(X != Y), and D "
    return Reduction(
        proof,
        error=error,
        factor=k_T,
        beyond=f"{equal}is P(X != Y) in this paragraph. ",
        below=f"{equal}= {{D}} is less than {{{error}}}.",
        changes=changes,
        symmetry=partial(_symmetry, zero, one),
    )


def _symmetry(zero: sp.Symbol, one: sp.Symbol, changes: Mapping[str, sp.Expr]) -> Mapping[str, sp.Expr]:
    """What renames the letters of `X` renames those of `T`, too."""
    return {**changes, zero.name: one, one.name: zero} if "q_X" in changes and zero != one else changes


def _of(direct: Theorem) -> Theorem:
    errors, words = ((q_T, q_T), _FREE) if hasattr(direct.problem, "perception") else (REMOTE, _FIXED)
    return remote(
        direct,
        replace(direct.problem, remote=errors),
        partial(_reduction, *errors),
        source="[dobrushin1962]",
        setting=_SETTING.format(errors=words),
    )


_ONE_SHOT = (drc, rdc, drpc, rdpc, y_drc, y_rdc, time_shared_drc, time_shared_rdc)
_ASYMPTOTIC = (asymptotic_drpc, asymptotic_rdpc)

THEOREMS = tuple(_of(direct) for file in (*_ONE_SHOT, *_ASYMPTOTIC) for direct in file.THEOREMS)
