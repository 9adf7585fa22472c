# %% [markdown]
# # When distortion and classification want different bits
#
# For one Gaussian component there is no conflict: one correlation serves both distortion and label, and a bound $C$ only decides
# whether a rate is enough. With two components it is different. One may be *loud* and say little of the label, the other *quiet* and
# say all of it. Bits spent on the first lower the distortion, bits spent on the second keep the label readable. Who gets them?

# %%
import matplotlib.pyplot as plt
import numpy as np

import drc

v = drc.VectorGaussian(
    sigma_X=[2.0, 0.5],  # loud, quiet
    sigma_Y=[2.0, 0.5],  # the reconstruction has the law of the source
    sigma_S=[1.0, 1.0],
    theta=[0.4, 0.45],  # correlations 0.2 and 0.9 with their labels
)
D = v.drc()
D

# %% [markdown]
# ## Two water levels
#
# With rates $r_1 + r_2\le R$ the distortion falls with $\sum\sigma_{X,i}\sigma_{Y,i}\sqrt{1-2^{-2r_i}}$, and what is left of the labels
# is $h(S)+\sum\frac12\log(1-c_i+c_i2^{-2r_i})$ with $c_i$ the squared correlations. Both are convex, so the optimum is
# a water-filling with two prices, one for the rate and one for the label. `why` gives the shares.

# %%
R = 2.0
for C in (4.0, 3.7, 3.4, 3.1, 3.0):
    print(f"C = {C}: D = {D(R=R, C=C):.4f}")
    print("   ", D.why(R=R, C=C).replace("\n", "\n    "))

# %% [markdown]
# As $C$ tightens, rate moves from the loud component to the quiet one, and the distortion rises although the rate is the same. This
# is the conflict.

# %%
figure, axes = plt.subplots(figsize=(6.4, 4), layout="constrained")
C = np.linspace(2.85, 4.15, 400)
for rate, shade in zip((1, 1.5, 2, 3, 4), np.linspace(0.15, 0.85, 5), strict=True):
    values = D(R=rate, C=C)
    feasible = np.isfinite(values)
    colour = plt.get_cmap("viridis")(shade)
    axes.plot(C[feasible], values[feasible], color=colour, linewidth=2, label=f"R = {rate:g}")
    axes.plot(C[feasible][0], values[feasible][0], "o", color=colour)
axes.set(xlabel="bound C on h(S|Y) (bit)", ylabel="least D", ylim=(0, None))
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# Each curve is flat where the label costs nothing, and ends at the least $C$ that its rate can reach, with all bits where the label
# is. Between the two lies the price of a readable label:

# %%
loose = D(R=R)
C = np.linspace(3.0, 3.9, 10)
for at, value in zip(C, D(R=R, C=C), strict=True):
    text = "infeasible" if np.isinf(value) else f"D = {value:.4f}, {value / loose - 1:+.1%}"
    print(f"C = {at:.2f}: {text}")

# %% [markdown]
# ## The map

# %%
from drc.tradeoff.plot import contour

figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
contour(D, axes, points=101, R=(0.2, 4), C=(2.8, 4.2))
plt.show()

# %% [markdown]
# ## The other road
#
# The solver knows none of these formulas: it solves the convex program and proves the value by duality.

# %%
for at in ({"R": 2.0, "C": 3.5}, {"R": 2.0, "C": 3.2}, {"R": 3.0, "C": 3.0}):
    s = v.solve(**at)
    print(at, f"{s.lower:.9f} <= D <= {s.upper:.9f}", f"formula {D(**at):.9f}")

# %% [markdown]
# ## And a single component
#
# For comparison: one component at the same $R$. Below the least $C$ nothing is feasible, above it $C$ changes nothing.

# %%
one = drc.Gaussian(mu_X=0, sigma_X=2, mu_Y=0, sigma_Y=2, mu_S=0, sigma_S=1, theta=1.6).drc()
print([round(float(x), 4) for x in one(R=2, C=[1.0, 1.2, 1.5, 2.0, 3.0])])

# %% [markdown]
# ## What was learned
#
# * A scalar has no conflict; two components are enough for one, because a bit cannot be spent twice.
# * The optimum is a water-filling with two prices. How much distortion a readable label costs is the height of a curve above its
#   flat part, and it can be read off before a codec is trained.
# * A codec that is trained for distortion alone spends its bits on the loud component. If the label lives in the quiet one, it is lost,
#   and no later classifier brings it back.
