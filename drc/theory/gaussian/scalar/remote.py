r"""Remote scalar Gaussian source, squared error, asymptotic: `D(R, C)`, `R(D, C)`, and both with perception.

Theorem ([dobrushin1962] without a label, for any law of `Y`).  The encoder sees `X`, the distortion is to `T`, with
`T - X - Y` and the correlation `rho_TX`.  With `D_X`, `R_X` the theorem for a source that the encoder sees, of mean `mu_T`
and standard deviation `|rho_TX| sigma_T`, and with the same correlation of label and source,

    D(R, C) = sigma_T^2 (1 - rho_TX^2) + D_X(R, C)          R(D, C) = R_X(D - sigma_T^2 (1 - rho_TX^2), C)

and the same with perception (whose reference is the law of `T` if none is given) and with limited common randomness.
"""

from __future__ import annotations

from dataclasses import replace

from drc.problems.gaussian import REMOTE
from drc.theory.gaussian.remote import of_estimate
from drc.theory.gaussian.scalar import drc, drpc, limited_drc, rdc, rdpc

THEOREMS = tuple(
    of_estimate(direct, replace(direct.problem, remote=REMOTE))
    for of in (drc, rdc, limited_drc, drpc, rdpc)
    for direct in of.THEOREMS
)
