# %% [markdown]
# # Optimise through a trade-off
#
# Three sensors share a link. Which rate should each get, if the sum of the distortions is to be least? `to_code("torch")` writes a
# trade-off as a function of tensors with gradients, so that any optimiser of torch can answer. (JAX: see the end.)
#
# ## The limit as a layer
#
# Sources and targets are Gaussian with standard deviations `sigma_X` and `sigma_Y`; each sensor has a label, of which $h(S\mid Y)$
# may be at most $C$. Parameters that stay symbols are arguments of the function, after the bounds.

# %%
import torch

import drc

T = drc.Gaussian(mu_X=0, mu_Y=0, mu_S=0, sigma_S=1).drc()
limit = {}
exec(T.to_code("torch"), limit)
D = limit["D"]
[str(letter) for letter in (*T.arguments, *T.parameters)]

# %%
torch.set_default_dtype(torch.float64)
sigma_X, sigma_Y, theta = torch.tensor([[2.0, 1.0, 0.5], [1.5, 1.0, 1.0], [1.6, 0.7, 0.3]])
total = 3.0


def distortion(rates, C):
    """Return the least distortion of each sensor."""
    given = {"R": rates, "C": C, "sigma_X": sigma_X, "sigma_Y": sigma_Y, "theta": theta}
    return D(*(given[str(letter)] for letter in (*T.arguments, *T.parameters)))


def best_rates(C, least):
    """Share the rate by gradient descent: what the least rates leave is split by a softmax, so that it adds up."""
    scores = torch.zeros(3, requires_grad=True)
    optimiser = torch.optim.Adam([scores], lr=0.05)
    for _ in range(400):
        optimiser.zero_grad()
        rates = least + (total - least.sum()) * scores.softmax(0)
        loss = distortion(rates, C).sum()
        loss.backward()
        optimiser.step()
    return rates.detach(), loss.item()


# %% [markdown]
# ## Without labels
#
# At the optimum one more bit must be worth the same to each sensor.

# %%
rates, loss = best_rates(torch.tensor(torch.inf), torch.zeros(3))
print("rates", rates.numpy().round(4), "distortion", round(loss, 6))
for k in range(3):
    given = {"sigma_X": sigma_X[k], "sigma_Y": sigma_Y[k], "theta": theta[k]}
    print("one more bit:", round(T.gradient(R=rates[k], **{name: float(x) for name, x in given.items()})["R"], 4))

# %% [markdown]
# Three independent components with one rate are a vector problem, whose formula shares the rate by water-filling. It knows nothing of
# torch, and agrees:

# %%
vector = drc.VectorGaussian(sigma_X.tolist(), sigma_Y.tolist(), [1, 1, 1], theta.tolist())
print(vector.drc()(R=total))

# %% [markdown]
# ## With a bound for each label
#
# The third label must remain as recoverable as $C = 1.85$ bits say, which needs a rate of its own. Below that rate the distortion is
# infinite and has the gradient zero, so the bounds enter as the least rate that they allow, which the solver proves:

# %%
C = torch.tensor([2.0, 2.0, 1.85])
needed = []
for k in range(3):
    g = drc.Gaussian(0, float(sigma_X[k]), 0, float(sigma_Y[k]), 0, 1, float(theta[k]))
    needed.append(g.solve(C=float(C[k]), minimise="R").upper + 1e-9)
needed = torch.tensor(needed)
print("least rates", needed.numpy().round(4))

rates, loss = best_rates(C, needed)
print("rates", rates.numpy().round(4), "distortion", round(loss, 6))

# %% [markdown]
# ## In JAX
#
# `to_code("jax")` works under `jit`, `vmap` and `grad`. With JAX installed, the first optimum is
#
# ```python
# import jax, jax.numpy as jnp
#
# import drc
#
# jax.config.update("jax_enable_x64", True)
# T = drc.Gaussian(mu_X=0, mu_Y=0, mu_S=0, sigma_S=1).drc()
# limit = {}
# exec(T.to_code("jax"), limit)
# rows = jnp.array([[2.0, 1.0, 0.5], [1.5, 1.0, 1.0], [1.6, 0.7, 0.3]])
# known = {"C": jnp.inf, **dict(zip(("sigma_X", "sigma_Y", "theta"), rows))}
# letters = [str(letter) for letter in (*T.arguments, *T.parameters)]
#
#
# def loss(scores):
#     given = known | {"R": 3.0 * jax.nn.softmax(scores)}
#     return limit["D"](*(given[letter] for letter in letters)).sum()
#
#
# scores, step = jnp.zeros(3), jax.jit(jax.grad(loss))
# for _ in range(400):
#     scores = scores - 0.3 * step(scores)
# print(loss(scores), 3.0 * jax.nn.softmax(scores))
# ```
