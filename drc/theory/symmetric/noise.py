"""What the theorems on uniform sources begin with: the rate is at least `log M` less the largest entropy of the noise."""

from __future__ import annotations

import sympy as sp
from sympy import Abs, Eq, Le

from drc.proof import Proof
from drc.proof.shannon import InformationClaim
from drc.units import Unit

#: The probabilities of a letter under two distributions.
p, w = sp.symbols("p w", real=True)

#: The probability of a letter of the output, and the bound on its distance from uniform.
q, P = sp.symbols("q P", real=True)


def converse(proof: Proof, unit: Unit) -> None:
    """Bound the rate by the entropy of the noise, and that by a cross-entropy."""
    proof.show(
        InformationClaim("H(X|Y) <= H(N)"),
        r"the source is a function of reconstruction and noise $N$: the rate, $H(X) - H(X \mid Y)$, is at least"
        r" $H(X) - H(N)$, and $H(X)$ is the logarithm of the number of letters",
        given=InformationClaim("H(X|Y,N) = 0"),
    )
    proof.show(
        Le(-p * unit.log(p), -p * unit.log(w) + (w - p) / unit.nats),
        "the inequality of Gibbs for one letter; summed over the letters, the entropy of the noise is at most its"
        " cross-entropy with any distribution $w$, because both have the sum one",
    )


def no_distance(proof: Proof, size: sp.Expr) -> None:
    """Say that a uniform output meets every bound on perception."""
    proof.show(
        Le(size * Abs(q - 1 / size) / 2, P),
        "such an output is uniform, the total variation is zero, and so is every other measure of perception: whatever $P$"
        " is, the bound above is attained, and as it holds for every output, perception costs nothing",
        given=Eq(q, 1 / size),
    )
