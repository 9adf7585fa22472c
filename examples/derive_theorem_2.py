# %% [markdown]
# # Deriving Theorem 2, and where it fails
#
# A bit $X\sim\mathrm{Bern}(q_X)$ is sent at rate $R$ and comes out as $Y\sim\mathrm{Bern}(q_Y)$; a label $S = X\oplus S_1$ with
# $S_1\sim\mathrm{Bern}(q_{S_1})$ must remain recoverable. Theorem 2 of
# [Nguyen et al., 2026] gives the least error probability $D(R, C)$ in closed form. This notebook derives it from nothing but
# four maps and a linear program, and then compares with the print.

# %% [markdown]
# ## Four maps
#
# With common randomness $U$, encoder and decoder together are a *random deterministic map* from $X$ to $Y$, drawn by $U$ (private
# randomness can be moved into $U$, and $Y$ itself can be sent). A bit has four maps to a bit: two constants, the identity and the
# negation. Their probabilities are all that is to be chosen.

# %%
import sympy as sp
from sympy import Eq, Ge, Le

from drc.proof import LinearProgram

zero, one, same, flip = sp.symbols("zero one same flip", nonnegative=True)
q, r, rho, kappa = sp.symbols("q r rho kappa", nonnegative=True)  # q = q_X <= 1/2, r = q_Y

# %% [markdown]
# The constants carry no information and the other two carry all of it. With $t = \mathrm{same} + \mathrm{flip}$,
#
# $$H(Y\mid U) = t\,H_b(q_X),\qquad H(S\mid Y,U) = H(S) - t\,I(S;X),$$
#
# so that a bound on the rate is $t\le\rho = R/H_b(q_X)$, and a bound on what is left unknown of the label is
# $t\ge\kappa = (H(S)-C)/I(S;X)$. Error probability and law of $Y$ are linear as well:

# %%
program = LinearProgram(
    (zero, one, same, flip),
    minimise=q * zero + (1 - q) * one + flip,
    subject_to={
        "maps": Eq(zero + one + same + flip, 1),
        "target law": Eq(one + q * same + (1 - q) * flip, r),
        "rate": Le(same + flip, rho),
        "classification": Ge(same + flip, kappa),
    },
    interval=(q, 0, sp.Rational(1, 2)),
)

# %% [markdown]
# ## The regimes are the vertices of the dual
#
# Which dual vertices there are does not depend on $r$, $\rho$ and $\kappa$. So one enumeration solves the program for all of them:
# where it is feasible, the optimum is the largest of these four values.

# %%
for vertex in program.dual_vertices:
    limited_by = [name for name in vertex.binding if name in ("rate", "classification")]
    print(f"{', '.join(limited_by) or 'transport':16} D >= {sp.factor(vertex.value)}")

# %% [markdown]
# Rate, transport (twice: $q_X - q_Y$ and $q_Y - q_X$, together $|q_X - q_Y|$) and classification. That is the theorem. `drc` does
# the same with every step proved, and writes down when each regime holds:

# %%
import drc

exact = drc.Bernoulli().drc()
exact

# %%
largest = sp.lambdify((q, r, rho, kappa), sp.Max(*(vertex.value for vertex in program.dual_vertices)), "math")
D = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc()
R, C = 0.85, 0.56
H_S, noise = drc.H_b(0.3 * 0.9 + 0.7 * 0.1), drc.H_b(0.1)
share, need = R / drc.H_b(0.3), (H_S - C) / (H_S - noise)
print(largest(0.3, 0.6, float(share), float(need)), D(R=R, C=C), D.regime(R=R, C=C))
print(exact.derivation.check())

# %% [markdown]
# ## The print
#
# The published form is kept word for word. At one set of parameters, where do the two differ?

# %%
import matplotlib.pyplot as plt
import numpy as np

b = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1)
exact, printed = b.drc(), b.drc(form="published")
R, C = np.linspace(0, 1, 401), np.linspace(0.4, 1, 301)
true, claimed = (T(R=R[:, None], C=C) for T in (exact, printed))

kind = np.select(
    [
        np.isinf(true) & np.isinf(claimed),
        np.isinf(true),
        np.isclose(true, claimed),
        claimed < true,
    ],
    [0, 1, 2, 3],
    default=4,
)
names = ["both infeasible", "printed: a value; true: no code exists", "equal", "printed too small", "printed too large"]
colours = ["#e8e8e8", "#d95f02", "#7fbf9f", "#7570b3", "#e7c84b"]

figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
axes.contourf(R, C, kind.T, levels=np.arange(-0.5, 5), colors=colours)
axes.set(xlabel="rate R (bit)", ylabel="bound C on H(S|Y,U) (bit)")
for i in np.unique(kind):
    axes.plot([], [], "s", color=colours[i], markersize=9, label=f"{names[i]} ({(kind == i).mean():.0%})")
figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9)
plt.show()

# %% [markdown]
# The print is right in the green part: where the rate limits and suffices for $C$, and in the corner where nothing binds. Along
# one line each, over $R$ and over $C$:

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
for T, style, name in ((printed, "--", "printed"), (exact, "-", "exact")):
    left.plot(R, np.where(np.isinf(T(R=R, C=0.75)), np.nan, T(R=R, C=0.75)), style, label=name, linewidth=2)
    right.plot(C, np.where(np.isinf(T(R=0.4, C=C)), np.nan, T(R=0.4, C=C)), style, label=name, linewidth=2)
left.axhline(0.1, color="0.5", linewidth=0.8)
left.text(0.02, 0.104, "cost of optimal transport", color="0.4", fontsize=8, va="bottom")
left.set(xlabel="rate R (bit), at C = 0.75", ylabel="D")
right.set(xlabel="bound C (bit), at R = 0.4")
left.legend(frameon=False)
plt.show()

# %% [markdown]
# Three things go wrong. Beyond $R = 0.755$ bit the printed $D$ falls below the cost of optimal transport, and even below zero. To
# the left of its first feasible rate the exact curve does not exist, and the published formula has one: the distortion at *another* rate,
# the one that $C$ needs. And on the right the printed $D$ falls as $C$ tightens, which no optimum under a constraint can do.
#
# The audit finds the same without being told where to look, each with the shortest numbers that show it:

# %%
from drc.audit import published_findings

for finding in published_findings(["bernoulli.one-shot.YU.drc"]):
    print(finding)

# %% [markdown]
# ## What was learned
#
# * The one-shot problem is a linear program in four probabilities; its dual vertices *are* the regimes of the theorem.
# * There are four regimes, and the one in which the label costs distortion (the negation map is in use) is missing in print.
# * The published formula is exact where the rate limits and suffices for $C$. Elsewhere it lacks the competing constraint: a closed
#   form needs its conditions as much as its formulas.
