# %% [markdown]
# # Your own data
#
# A sensor reads a level $X \in \{0, \dots, 4\}$; what it watches is in one of three states $S$. How well can a
# compressed reading be, if the state must remain recoverable from it?
#
# ## A file
#
# One line for each reading. (Here they are drawn, so that the page needs no download.)

# %%
import csv
import tempfile
from pathlib import Path

import numpy as np

import drc

rng = np.random.default_rng(0)
states = rng.choice(["idle", "busy", "fault"], size=3000, p=[0.5, 0.35, 0.15])
centre = {"idle": 0.6, "busy": 2.2, "fault": 3.6}
readings = [centre[s] + rng.normal(0, 0.7) for s in states]
levels = np.clip(np.round(readings), 0, 4).astype(int)

path = Path(tempfile.mkdtemp()) / "readings.csv"
with path.open("w", newline="") as file:
    csv.writer(file).writerows([("state", "level"), *zip(states, levels, strict=True)])
print(*path.read_text().splitlines()[:5], sep="\n")

# %% [markdown]
# ## The problem
#
# The empirical joint law of label and reading, squared error, and an output law that is free.

# %%
with path.open(newline="") as file:
    rows = list(csv.DictReader(file))
states = [row["state"] for row in rows]
levels = [int(row["level"]) for row in rows]
f = drc.Finite.from_samples(states, levels, distortion="squared")
print(f)
print(f.letters_S, f.joint_law.round(3), sep="\n")

# %% [markdown]
# ## The least distortion, with proof

# %%
s = f.solve(R=1.2, C=0.9)
s

# %% [markdown]
# The plan is a mix of deterministic maps from reading to reconstruction; common randomness picks the map.

# %%
print("levels         ", f.letters_X)
for weight, chosen in s.plan:
    print(f"weight {weight:.4f}  ", tuple(f.letters_Y[y] for y in chosen))

# %% [markdown]
# What a bound costs: a multiplier says by how much $D$ falls for one more bit.

# %%
print({name: round(price, 4) for name, price in s.duals.items() if name in "RC"})

# %% [markdown]
# ## A bound that cannot be met
#
# Infeasibility is proved too; the least rate for that bound says what would do.

# %%
f.solve(R=1.2, C=0.8)

# %%
f.solve(C=0.8, minimise="R")

# %% [markdown]
# ## The least rate
#
# The same question the other way round: the bits needed for a mean squared error of 0.3 and a readable state.

# %%
f.solve(D=0.3, C=0.8, minimise="R")

# %% [markdown]
# ## A surface
#
# Many pairs of bounds at once; each value is proved like a single one.

# %%
import matplotlib.pyplot as plt

rates, ambiguities = np.linspace(0, 2, 41), np.linspace(0.7, 1, 13)
surface = f.surface(R=rates, C=ambiguities)
figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
surface.plot(axes);

# %% [markdown]
# ## The joint law as a file for the command line

# %%
joint = path.with_name("joint.csv")
with joint.open("w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["S", "X", "p"])
    for state, law in zip(f.letters_S, f.joint_law, strict=True):
        writer.writerows((state, level, p) for level, p in zip(f.letters_X, law, strict=True) if p)

# %%
import subprocess
import sys

command = f"drc solve {joint} --rate 1.2 --classification 0.9 --cost squared"
done = subprocess.run([sys.executable, "-m", *command.split()], capture_output=True, text=True)
print(done.stdout)
