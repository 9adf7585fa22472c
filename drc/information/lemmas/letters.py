"""The letters that lemmas are written in."""

from __future__ import annotations

import sympy as sp

p, q, r, t, u, v, w, x, y, z, P, h, i, s = sp.symbols("p q r t u v w x y z P h i s", real=True, cls=sp.Dummy)

R, R_more, K, g, share, *weights = sp.symbols("R R' K g share w_1 w_2", real=True, cls=sp.Dummy)
rates = sp.symbols("r_1 r_2", real=True, cls=sp.Dummy)
correlations = sp.symbols("c_1 c_2", real=True, cls=sp.Dummy)
