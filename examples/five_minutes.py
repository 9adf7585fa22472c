# %% [markdown]
# # Five minutes
#
# A source $X$ is compressed at rate $R$ and reconstructed as $Y$ with a law that is given (the *target* domain).
# A label $S$ that belongs to $X$ must remain recoverable from the reconstruction: $H(S\mid Y,U) \le C$, where $U$ is the
# randomness that encoder and decoder share. What is the least distortion $D(R, C)$?
#
# ## The formula
#
# Nothing is typed in: `drc` derives it from the optimisation problem. Every parameter is a symbol.

# %%
import drc

T = drc.Bernoulli().drc()
T

# %% [markdown]
# ## Numbers, and why
#
# Parameters may be numbers, symbols, or a mix. Bounds are arrays that broadcast; infeasible is `inf`, never NaN.

# %%
b = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1)
D = b.drc()
print(D(R=0.4, C=0.75), D.regime(R=0.4, C=0.75))
print(D(R=0.4, C=[0.55, 0.75, 0.95]))

# %%
print(D.why(R=0.4, C=0.55))

# %% [markdown]
# ## The other road
#
# The same problem as a linear program over the four maps from a bit to a bit. The solver is not trusted: both bounds
# are proved, in exact and ball arithmetic.

# %%
s = b.solve(R=0.8, C=0.95)
s

# %%
print(s.lower, "<= D <=", s.upper, "   proved again:", s.certificate.verify())

# %% [markdown]
# The two roads meet. The formula that the paper prints does not meet them here: it goes below the cost of optimal
# transport, $|q_X - q_Y| = 0.1$, which no code can.

# %%
print(b.drc(form="published")(R=0.8, C=0.95))

# %% [markdown]
# ## The proof
#
# The derivation is a list of steps. `check()` proves each of them again: symbolically, over all orderings of the
# quantities in it, or in ball arithmetic at random points.

# %%
D.derivation.check()

# %% [markdown]
# A derivation displays as a proof to be read; the Gaussian one is the shorter.

# %%
drc.Gaussian().drc().derivation

# %% [markdown]
# ## The map
#
# With $q_Y = 0.6$ there is a fourth regime: the classification bound forces weight onto the negation map, so that
# distortion grows as $C$ falls, however high the rate.

# %%
D = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc()
for C in (0.7, 0.6, 0.55, 0.5):
    print(f"C = {C}: D = {D(R=0.88, C=C):.4f}  {D.regime(R=0.88, C=C)}")

# %%
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
D.plot(axes, R=(0, 1), C=(0.4, 1));

# %% [markdown]
# ## Into a paper

# %%
print(D.latex())

# %% [markdown]
# ## Everything that is known

# %%
for entry in drc.catalogue():
    print(f"{entry.id:28} {entry.status}")
