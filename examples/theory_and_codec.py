# %% [markdown]
# # Theory against a trained codec
#
# How near does a neural codec come to what is possible? A small one is trained here, on scikit-learn's digits, with numpy
# alone. It sees a digit of 4 × 4 pixels (the 8 × 8 one, reduced), sends a short message, and draws 8 × 8 pixels
# that should look like a clean digit and still be readable. The bits are counted in a file that another process decodes, and what is
# measured is set beside what is proved for the very same images.
#
# ## An experiment is data

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np

from drc.neural import named

experiment = named("toy-sr").changed({"schedule": {"epochs": 40, "drops": [[26, 4], [35, 20]]}})
print(experiment.toml().partition("[networks]")[0])

# %% [markdown]
# The loss is $\mathbb E\|X-Y\|^2 + \lambda_p W + \lambda_c\,\mathrm{CE}(S,\hat S)$: distortion, distance to the law of clean images,
# and the cross-entropy of a classifier. Each of `dim` latents takes one of 4 values, so the rate is at most $2\,\mathrm{dim}$ bits.
#
# ## Train, encode, decode elsewhere, measure
#
# Two weightings, three rates. `train` writes a run folder (killed, it goes on); `evaluate` writes the bitstream of the
# test images and measures what a process of its own decodes from it.

# %%
from drc.neural.data import load
from drc.neural.evaluate import decoded_apart, evaluate
from drc.neural.run import train

weightings = {"distortion first": (0.001, 0.001), "law and label": (1.0, 0.05)}
data = load(experiment)
room = TemporaryDirectory()
measured, decoded = {}, {}
for name, (perception, classification) in weightings.items():
    for dim in (2, 3, 5):
        one = experiment.changed(
            {"rate": {"dim": dim}, "loss": {"perception": perception, "classification": classification}}
        )
        run = train(one, Path(room.name) / f"{name}-{dim}", data=data)
        measured[name, dim] = evaluate(run, data)
        decoded[name, dim] = decoded_apart(run.folder)
        found = measured[name, dim]
        print(
            f"{name:17} {found['rate']:5.2f} bit (file {found['file_rate']:5.2f})  D = {found['distortion']:.4f}"
            f"  accuracy {found['accuracy']:.3f}  sliced W2 {found['sliced_W2']:.4f}"
        )

# %% [markdown]
# ## What it looks like

# %%
shown = [int(np.flatnonzero(data.s_test == digit)[0]) for digit in range(10)]
rows = {"degraded": data.x_test, **{f"{n}\n{2 * d} bit": decoded[n, d] for n in weightings for d in (2, 5)}}
rows["clean"] = data.y_test
figure, axes = plt.subplots(len(rows), 10, figsize=(7.5, 0.8 * len(rows)), layout="constrained")
for line, (name, images) in zip(axes, rows.items(), strict=True):
    for ax, i in zip(line, shown, strict=True):
        ax.imshow(np.asarray(images[i]).reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=9)
plt.show()

# %% [markdown]
# ## What is proved
#
# The law of digits is not known, but the test images are. A codec measured on them is a codec of the source that draws each with
# probability $1/n$, so bounds for that finite alphabet hold for *any* codec, trained or not, as long as its common randomness is
# independent of the images. The label has a bound as well, $H(S\mid Y)\ge H(S)-R$, but ten digits need 3.3 bits, so it says nothing
# here. The dashed line is not a bound for these images: Gaussian images with their covariance, in long blocks.

# %%
from drc.neural import limits

rates = {found["rate"] for found in measured.values()}
fine = sorted({*np.linspace(min(rates), max(rates), 12), *rates})
least = dict(zip(fine, limits.least_distortion(data.x_test, fine), strict=True))

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
for name, marker in zip(weightings, "os", strict=True):
    cells = [measured[name, dim] for dim in (2, 3, 5)]
    x = [cell["rate"] for cell in cells]
    left.plot(x, [cell["distortion"] for cell in cells], f"{marker}-", label=name)
    right.plot(x, [cell["cross_entropy"] / np.log(2) for cell in cells], f"{marker}-", label=name)
# Less rate is no better: between two rates the bound at the larger one holds.
left.fill_between(fine, 0, list(least.values()), step="pre", color="0.85", label="no codec, proved")
left.plot(fine, limits.gaussian_distortion(data.x_test, fine), "--", color="0.4", label="Gaussian images")
left.set(xlabel="rate (bit per image)", ylabel="distortion D to the degraded image", ylim=(0, None))
right.set(xlabel="rate (bit per image)", ylabel="left open of the label (bit)", ylim=(0, None))
left.legend(frameon=False, fontsize=9)
plt.show()

# %%
for (name, _), found in measured.items():
    bound = least[found["rate"]]
    assert found["distortion"] >= bound
    print(f"{name:17} {found['rate']:5.2f} bit: D = {found['distortion']:.4f}, proved >= {bound:.4f}")
room.cleanup()

# %% [markdown]
# ## What was learned
#
# * Distortion, law and label pull in different directions in practice as in theory: with weight on law and label the digits are sharper,
#   more of them are read, and the distortion to the degraded input is several times larger.
# * Every point is above what is proved, as it must be; a point below would be a bug in the codec's bookkeeping. The dashed
#   line, which is not a bound for these images, is what to compare a trained codec with.
# * The proved bound is far from tight at high rates, because it knows nothing but 359 images. That is said, and not hidden.
