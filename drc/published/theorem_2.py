"""[nguyen2026], Theorem 2: the Bernoulli DRC as published, for `q_X, q_Y, q_S1` in [0, 1/2].

    D = D_ind - 2 q_X (1 - q_X) (H(S) - C)/I(S;X)   if H_b(q_S1) <= C <= H(S) - R I(S;X)/H_b(q_X)
    D = D_ind - 2 q_X (1 - q_X) R/H_b(q_X)          if C is above that threshold
    D = |q_X - q_Y|                                 if C > H(S) and R > H_b(q_X)

with `H(S) = H_b(m)`, `m = (1 - q_X)(1 - q_S1) + q_X q_S1`, and `I(S;X) = H(S) - H_b(q_S1)`.  The paper writes the constraint
as `H(S|Y) <= C` and calls it feasible for `C >= H_b(q_S1)`.
"""

from __future__ import annotations

import sympy as sp
from sympy import Abs, And, Eq, Ge, Gt, Le, Lt, Piecewise

from drc.errors import must
from drc.information import H_b
from drc.problems.bernoulli import Bernoulli, q_S1, q_X, q_Y
from drc.problems.validation import shown
from drc.published.form import published_form
from drc.tradeoff import Regime, Tradeoff
from drc.units import Unit

R, C, H_S, I_SX, D_ind, share_R, share_C = sp.symbols("R C H_S I_SX D_ind s_R s_C", real=True)

NAMES = {H_S: "H(S)", I_SX: "I(S;X)", D_ind: r"D_{\mathrm{ind}}", share_R: "s_R", share_C: "s_C"}


def bernoulli_drc(problem: Bernoulli, unit: Unit) -> Tradeoff:
    """Return the printed `D(R, C)`.

    Raises
    ------
    ProblemError
        For a parameter beyond 1/2, which the theorem does not cover.
    """
    for name, value in problem.parameters.items():
        if (value > sp.S.Half) == True:  # noqa: E712
            raise must(name, "be in [0, 1/2] for the published theorem", got=shown(value))
    return _printed(unit).specialise(problem)


def _printed(unit: Unit) -> Tradeoff:
    def entropy(p: sp.Expr) -> sp.Expr:
        return H_b.of(p, unit.base)

    drop = 2 * q_X * (1 - q_X)
    threshold = H_S - share_R * I_SX
    feasible = Ge(C, entropy(q_S1))
    regimes = (
        Regime("transport branch", And(Gt(C, H_S), Gt(R, entropy(q_X))), Abs(q_X - q_Y)),
        Regime("classification branch", And(feasible, Le(C, threshold)), D_ind - drop * share_C),
        Regime("rate branch", And(feasible, Gt(C, threshold)), D_ind - drop * share_R),
        Regime("infeasible", Lt(C, entropy(q_S1)), sp.oo),
    )
    where = (
        (H_S, entropy((1 - q_X) * (1 - q_S1) + q_X * q_S1)),
        (I_SX, H_S - entropy(q_S1)),
        (D_ind, q_X + q_Y - 2 * q_X * q_Y),
        # 0/0 at a constant source, or a label of pure noise, is read as its limit.
        (share_R, Piecewise((0, Eq(q_X, 0)), (R / entropy(q_X), True))),
        (share_C, Piecewise((0, Ge(C, H_S)), ((H_S - C) / I_SX, True))),
    )
    return published_form("bernoulli.one-shot.YU.drc", "Theorem 2", Bernoulli(), (R, C), regimes, where, unit, NAMES)
