# %% [markdown]
# # A known figure: rate, distortion and perception
#
# Blau and Michaeli [blau2019] seek the least rate at which a source can be coded with distortion $D$ if the
# distribution of the reconstructions is within $P$ of that of the source. They solve it for a bit, with Hamming
# distortion and total variation, and draw $R(D, P)$ as curves over $D$. Zhang et al. [zhang2021] solve it for a
# Gaussian source, with squared error and $W_2^2$. Both functions are special cases of theorems here: no label, and the
# source itself as reference.

# %%
import numpy as np
import sympy as sp
from matplotlib import pyplot as plt

import drc
from drc.theory import identity

# %% [markdown]
# ## A bit

# %%
bit = drc.Bernoulli(q_X=0.1, setting="asymptotic", classifier_sees="Y")
R = bit.rdpc(perception="TV")
R

# %% [markdown]
# With $P = \infty$ this is Shannon's $H_b(q_X) - H_b(D)$. The smaller $P$, the more rate the same distortion needs, and
# the farther the curve reaches: at $P = 0$ the reconstruction has the law of the source, and at rate zero it is an
# independent copy with the error $2 q_X (1 - q_X)$, not $q_X$.

# %%
allowed = (0, 0.02, 0.05, 0.1)
D = np.linspace(0, 0.2, 201)


def curves(ax, function, D, allowed, label):
    """Draw the rate over the distortion, one curve for each bound on perception."""
    shades = plt.cm.viridis(np.linspace(0, 0.85, len(allowed)))
    for P, colour in zip(allowed, shades, strict=True):
        ax.plot(D, function(D=D, P=P), color=colour, label=f"$P = {P:g}$")
    ax.set(xlabel=label, ylabel="rate $R$ (bit)", xlim=(D[0], D[-1]), ylim=(0, None))
    ax.legend(frameon=False)


figure, ax = plt.subplots(figsize=(5.5, 3.6), layout="constrained")
curves(ax, R, D, allowed, "Hamming distortion $D$")

# %% [markdown]
# The same as level lines over both bounds. In the upper part perception is inactive, and the lines are vertical:
# whatever has little distortion is distributed almost like the source.

# %%
R.plot(D=(0, 0.2), P=(0, 0.1));

# %% [markdown]
# Is it the published function? Its formula was typed as the paper states it, and is compared with the theorem in ball
# arithmetic, at a thousand random parameters and bounds with the corners among them:

# %%
print(identity("blau.binary.rdp").check())

# %% [markdown]
# ## A Gaussian source

# %%
normal = drc.Gaussian(mu_X=0, sigma_X=1, mu_S=0, sigma_S=1, theta=sp.Rational(1, 2))
R_normal = normal.rdpc(perception="W2")
figure, ax = plt.subplots(figsize=(5.5, 3.6), layout="constrained")
curves(ax, R_normal, np.linspace(0.05, 2, 196), (0, 0.05, 0.2, 1), "squared error $D$")

# %% [markdown]
# This is the published function, too:

# %%
print(identity("zhang.gaussian.rdp").check())

# %% [markdown]
# At $P = 0$ twice the error of Shannon's code is enough for the same rate [blau2019]: $R(2D, 0) \le R(D, \infty)$. Here
# it is, with the factor that is needed:

# %%
shannon = R_normal(D=0.1, P=np.inf)
exact = normal.drpc(perception="W2")(R=shannon, P=0)
print(f"rate {shannon:.4f} bit: error 0.1 without perception, {exact:.4f} with the law of the source")
print("R(2D, 0) <= R(D, oo):", bool((R_normal(D=2 * D[1:], P=0) <= R_normal(D=D[1:], P=np.inf) + 1e-12).all()))

# %% [markdown]
# The solver, which knows no formula, gives the same numbers with proved bounds:

# %%
for problem, T, at in ((bit, R, {"D": 0.08, "P": 0.02}), (normal, R_normal, {"D": 0.5, "P": 0.05})):
    solved = problem.solve(minimise="R", perception=T.id.split(".")[-1], **at)
    print(f"{solved.lower:.8f} <= {T(**at):.8f} <= {solved.upper:.8f}")
