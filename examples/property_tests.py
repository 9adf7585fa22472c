# %% [markdown]
# # Testing a formula of your own
#
# You have derived a formula on paper. Is it right, also in the corners? `drc.testing` has
# [hypothesis](https://hypothesis.readthedocs.io) strategies that draw problems, with the corners (probabilities 0, ½ and 1, equal and
# opposite laws, no bound at all) drawn often, and `solve` gives numbers with proved bounds to compare with. Three
# questions: does the formula equal the optimum, does it obey the laws that any optimum obeys, and would the test notice an error?

# %%
from hypothesis import given, settings

import drc
from drc.information import binary_entropy
from drc.testing import bernoullis, bounds, finites

# Fixed draws, so that this page is the same each time; in your tests leave `derandomize` out.
quick = settings(max_examples=80, deadline=None, database=None, derandomize=True)


def verdict(test):
    """Run a property; say whether it held, or the simplest case in which it does not."""
    try:
        test()
    except AssertionError as error:
        print("fails at", str(error).splitlines()[0])
    else:
        print("holds at", quick.max_examples, "random problems and bounds")


# %% [markdown]
# ## A first guess
#
# A bit, error probability as distortion, a given law of $Y$. Sending $X$ itself for a part of the time and an independent $Y$
# otherwise, the error falls in proportion to the rate:
#
# $$D(R) = q_X + q_Y - 2q_Xq_Y - 2q_X(1-q_X)\min(1, R/H_b(q_X)).$$

# %%
def guess(problem, R):
    """Linear in the rate."""
    q_X, q_Y = (float(problem.parameters[name]) for name in ("q_X", "q_Y"))
    share = min(1.0, R / binary_entropy(q_X)) if 0 < q_X < 1 else 0.0
    return q_X + q_Y - 2 * q_X * q_Y - 2 * q_X * (1 - q_X) * share


def equals_the_optimum(formula):
    """Return the property that a formula is in the proved enclosure."""

    @quick
    @given(bernoullis(), bounds("R"))
    def test(problem, at):
        solved, value = problem.solve(**at), formula(problem, **at)
        p = ", ".join(f"{name} = {float(x):.3g}" for name, x in problem.parameters.items())
        text = f"{p}, R = {at['R']:.3g}: the formula says {value:.4f}, proved is {solved.value:.4f}"
        assert solved.lower - 1e-9 <= value <= solved.upper + 1e-9, text

    return test


verdict(equals_the_optimum(guess))


# %% [markdown]
# Hypothesis found a counterexample and made it as simple as it could: the two laws differ and the rate is large. However much is
# sent, a bit with law $q_X$ cannot become one with law $q_Y$ without errors: $P(X\ne Y)\ge|q_X-q_Y|$.
#
# ## The second guess

# %%
def better_guess(problem, R):
    """The same, above the cost of optimal transport."""
    q_X, q_Y = (float(problem.parameters[name]) for name in ("q_X", "q_Y"))
    return max(abs(q_X - q_Y), guess(problem, R))


verdict(equals_the_optimum(better_guess))

# %% [markdown]
# That is Theorem 2 without a label, $D(R, \infty)$, which `drc` derives; it passes the same test:

# %%
theorem = drc.Bernoulli().drc()
verdict(equals_the_optimum(lambda problem, R: theorem(R=R, **problem.parameters)))

# %% [markdown]
# ## Laws, where there is no formula
#
# For most alphabets no formula is known, but an optimum obeys laws. More rate or a looser bound never hurts, and a classifier that
# sees $U$ as well can only be better off, so that $D_{YU}\le D_Y$. `finites()` draws joint laws, costs and target laws of a few letters.

# %%
from dataclasses import replace

few = settings(quick, max_examples=25)


@few
@given(finites(), bounds("R", "C"))
def loosening_never_hurts(problem, at):
    """More of both bounds."""
    tight = problem.solve(**at)
    loose = problem.solve(R=at["R"] + 0.1, C=at["C"] + 0.1)
    assert loose.lower <= tight.upper + 1e-9, f"{problem} {at}"


@few
@given(finites(), bounds("R"))
def long_blocks_never_hurt(problem, at):
    """One letter at a time, and many together."""
    one_shot = problem.solve(**at)
    blocks = replace(problem, setting="asymptotic", classifier_sees="Y").solve(**at)
    assert blocks.lower <= one_shot.upper + 1e-7, f"{problem} {at}"


loosening_never_hurts()
long_blocks_never_hurt()
print("both laws hold at", few.max_examples, "random problems")


# %% [markdown]
# Both enclosures are proved, so a violation would be a bug of the solver and not of its tolerance.
#
# ## Would it notice?
#
# A test that cannot fail is worth nothing. Break the formula in a place where only a corner shows it, and look for the simplest
# witness:

# %%
def broken(problem, R):
    """Right, but for sources with more ones than zeros."""
    q_X, q_Y = (float(problem.parameters[name]) for name in ("q_X", "q_Y"))
    return better_guess(problem, R) if q_X <= 0.5 else max(q_Y - q_X, guess(problem, R))


verdict(equals_the_optimum(broken))

# %% [markdown]
# ## What was learned
#
# * A solver with proved bounds is an oracle: agreement within the enclosure is a statement about the formula, not about tolerances.
# * The first guess forgot a constraint, as published theorems sometimes do; 80 random problems were enough to see it, and shrinking
#   made the reason visible.
# * Where no formula is known, laws can be tested; and a test should be seen to fail once.
