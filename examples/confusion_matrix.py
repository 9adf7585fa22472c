# %% [markdown]
# # My confusion matrix
#
# A linear classifier reads handwritten digits; these are its counts for the digits 2 to 5, one row for each true digit.
# What it says, $X$, is sent on at a low rate. How often can it be changed on the way, if the true digit $S$ must remain as
# recoverable as $C$ says? The answer is a formula.

# %%
import drc

counts = [[4188, 103, 108, 17], [171, 4310, 2, 252], [35, 0, 4338, 11], [45, 235, 70, 3631]]
f = drc.Finite.from_counts(counts, letters_S=(2, 3, 4, 5), letters_X=(2, 3, 4, 5))
T = f.tradeoff()
T.plot()

# %% [markdown]
# Every piece is affine, with exact constants: entropies of the counts. `print(T.latex())` sets them all.

# %%
print(*T.latex().splitlines()[-8:], sep="\n")

# %% [markdown]
# ## The price of accuracy
#
# At a rate of 1.5 bits, an uncertainty of 0.75 bits costs this many changed digits, and one more bit of either bound saves
# this many:

# %%
print(f"D = {T(R=1.5, C=0.75):.6f}")
print(T.why(R=1.5, C=0.75))

# %% [markdown]
# ## Proof
#
# Each piece bounds every code: the multipliers of a basis price every one of the 256 maps from digit to digit at no more
# than it costs. The corners are plans, and no face is missing.

# %%
T.derivation.check()

# %% [markdown]
# The certified solver knows none of this, and agrees:

# %%
f.solve(R=1.5, C=0.75)
