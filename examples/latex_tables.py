# %% [markdown]
# # LaTeX tables for a paper
#
# Numbers that are copied by hand go wrong. Here a theorem, its regimes, a grid of its values and the audit of a published form go
# into a paper without being typed. Each cell has the command that does the same in a shell.

# %%
from IPython.display import HTML

import drc

T = drc.Bernoulli().drc()
print(T.latex()[:420], "...")

# %% [markdown]
# This is the whole theorem: the cases, then a line for every letter in them (`amsmath`).
#
# ## The regimes
#
# ```console
# drc table bernoulli.one-shot.YU.drc --out regimes.tex
# ```

# %%
print(T.table())

# %% [markdown]
# `form="html"` is the same table for a page, and `form="csv"` for a spreadsheet:

# %%
HTML(T.table(form="html"))

# %% [markdown]
# ## Numbers over a grid
#
# ```console
# drc table bernoulli.one-shot.YU.drc q_X=.3 q_Y=.6 q_S1=.1 --R 0:1:0.25 --C 0.55,0.75,0.95 --out grid.tex
# ```

# %%
D = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc()
grid = {"R": [0, 0.25, 0.5, 0.75, 1], "C": [0.55, 0.75, 0.95]}
print(D.table(**grid))

# %% [markdown]
# The columns are those of `siunitx`: they align at the decimal point, as wide as their numbers. Infeasible points are infinite, and
# not empty, because that is what they are.

# %%
HTML(D.table(**grid, form="html"))

# %% [markdown]
# With one range the table is a list that names the regime of each point. Parameters may have ranges too.

# %%
HTML(D.table(R=0.88, C=[0.7, 0.6, 0.55, 0.5], form="html", digits=3))

# %%
HTML(drc.Bernoulli(q_X=0.3, q_S1=0.1).drc().table(q_Y=[0.2, 0.3, 0.4], R=[0.2, 0.4, 0.6], C=0.9, form="html"))

# %% [markdown]
# ## Numbers with proof
#
# Numbers of a solver come with an enclosure, and it belongs into the table. A curve's CSV has it; a table of your own is short:

# %%
f = drc.Finite([[0.27, 0.07, 0.10], [0.03, 0.43, 0.10]], distortion="squared")
curve = f.curve(R=[0.75, 1.0, 1.25], C=0.8)
rows = [
    f"{x:g} & {low:.7f} & {high:.7f}" r" \\" for x, low, high in zip(curve.x, curve.lower, curve.upper, strict=True)
]
print(*rows, sep="\n")

# %% [markdown]
# ## The audit of a published form
#
# ```console
# drc table audit gaussian.asymptotic.drc --out audit.tex
# ```

# %%
from drc.audit import published_findings
from drc.report.tables import document, findings_table

findings = published_findings(["gaussian.asymptotic.drc"])
HTML(findings_table(findings, "html"))

# %% [markdown]
# ## A page that compiles
#
# `document` puts any of these into a page of its own, with what the letters stand for; `drc table ... --out table.pdf` sets it at once
# where LaTeX is installed.

# %%
from drc.report.engine import typeset

page = document(T.table(), T)
print(typeset(page).message)

# %% [markdown]
# The proof is an environment for an appendix, and `drc catalogue` writes all theorems with theirs:

# %%
print(T.derivation.latex()[:400], "...")

# %% [markdown]
# ## What was learned
#
# * A formula, its regimes, its values and its proof are data; LaTeX is one way to print them.
# * Infeasible is a value and a gap is a number: both belong into a table.
# * A table that is made by a command can be made again when a parameter changes.
