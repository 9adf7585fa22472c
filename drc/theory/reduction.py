r"""From codes to the problems that the theorems solve: the information inequalities of the reduction, each with its proof.

Source: [nguyen2026] for the problem, [liu2022] for the reduction to random deterministic maps, [saldi2015] for limited
common randomness, [cover2006] for the converse.  Letters:

* `S` label, `X` source, `Y` reconstruction; `U` common randomness, `Z` message;
* `V`, `W` private randomness of encoder and decoder, so that `Z = f(X, U, V)` and `Y = g(Z, U, W)`;
* `F` the map from `X` to `Y` that the common randomness draws; `T` the index of a letter of a block, or a remote
  source that the encoder does not see, of which `E` is the estimate, an invertible function of `X`;
* `P`, `Q` the letters (or components) of source and reconstruction before `X` and `Y`; `L` the labels before `S`.

Every claim is proved from Shannon's inequalities.  Where `InformationProof.discrete` does not name a variable, the claim
holds for densities too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from sympy import And

from drc.proof import Proof
from drc.proof.shannon import InformationClaim, InformationProof, prove_information

ENCODER = "H(Z|X,U,V) = 0"
DECODER = "H(Y|Z,U,W) = 0"
#: Common randomness has nothing to do with label and source, and private randomness with nothing outside.
RANDOMNESS = ("I(S,X;U) = 0", "I(V;S,X,U) = 0", "I(W;S,X,U,V) = 0")
MAP = "H(Y|X,U) = 0"
INDEPENDENT = "I(S,X;U) = 0"
MEMORYLESS = "I(P;X) = 0"
REMADE = "S,X -> Z -> Y"


@dataclass(frozen=True)
class InformationStep:
    """A step of the reduction: a claim about information, what it assumes, and the reason in words.

    Examples
    --------
    >>> print(TO_MAPS[2].proof)
    Proved: H(Y|U,V,W) <= H(Z|U,V,W), given H(Y|Z,U,W) = 0
      H(Z|U,V,W) - H(Y|U,V,W) = H(Z|U,V,W,Y) + I(V;Y|U,W,Z) - H(Y|Z,U,W) >= 0
    """

    claim: str
    because: str
    given: tuple[str, ...] = ()

    @cached_property
    def proof(self) -> InformationProof:
        """The proof, from Shannon's inequalities."""
        return prove_information(self.claim, self.given)


def show(proof: Proof, *steps: InformationStep) -> None:
    """Write steps of the reduction into a proof."""
    for step in steps:
        given = And(*map(InformationClaim, step.given))
        proof.show(InformationClaim(step.claim), step.because, given=given)


#: One shot: without loss the reconstruction is a deterministic map of the source, which the common randomness draws.
TO_MAPS = (
    InformationStep(
        "H(Z|U,W) <= H(Z|U)",
        "for a message $Z$ the private randomness $W$ of the decoder may become common: a condition does not raise entropy,"
        " so the rate does not grow, and $S$, $X$ and $Y$ keep their joint law",
    ),
    InformationStep(
        "H(Z|U,V,W) <= H(Z|U,W)", "in the same way the private randomness $V$ of the encoder may become common"
    ),
    InformationStep(
        "H(Y|U,V,W) <= H(Z|U,V,W)",
        "now the encoder can send the reconstruction instead of the message, which determines it: the rate does not grow",
        (DECODER,),
    ),
    InformationStep(
        "H(Y|U,V,W) <= H(Z|U)", "the three steps together: with more common randomness, $Y$ is a message", (DECODER,)
    ),
    InformationStep(
        "H(Y|X,U,V,W) = 0",
        "for each value of the common randomness $(U, V, W)$ the reconstruction is a deterministic map of the source",
        (ENCODER, DECODER),
    ),
    InformationStep("I(S,X;U,V,W) = 0", "the common randomness is still independent of label and source", RANDOMNESS),
    InformationStep(
        "H(S|Y,U,V,W) <= H(S|Y,U)",
        "a classifier that sees the common randomness does not lose by there being more of it",
    ),
    InformationStep(
        "S -> X -> Y,U,V,W",
        "the label reaches reconstruction and common randomness through the source only",
        (*RANDOMNESS, ENCODER, DECODER),
    ),
)

#: Rate and classification of a random deterministic map: means over the maps, whatever else the common randomness is.
OF_MAPS = (
    InformationStep(
        "H(Y|F) = H(Y|U)",
        "of the common randomness only the map $F$ matters for the rate, which is the mean of $H(f(X))$ over the maps",
        ("H(F|U) = 0", "H(Y|X,F) = 0", "I(X;U) = 0"),
    ),
    InformationStep(
        "H(S|Y,F) = H(S|Y,U)",
        r"and for the classification, which is the mean of $H(S \mid f(X))$ over the maps",
        ("H(F|U) = 0", "H(Y|X,F) = 0", INDEPENDENT),
    ),
    InformationStep("H(Y|U) = I(X;Y|U)", "a map has no noise: its rate is information about the source", (MAP,)),
    InformationStep(
        "H(S|Y,U) = H(S) - I(S;Y|U)",
        "what the classifier still lacks is the entropy of the label less the information of the maps about it",
        (INDEPENDENT,),
    ),
    InformationStep("I(S;Y|U) <= I(X;Y|U)", "the maps carry no more about the label than about the source", (MAP,)),
    InformationStep(
        "I(X;Y) <= H(Y|U)",
        "so the asymptotic problem, whose rate is $I(X;Y)$, is a relaxation of the one-shot problem",
        ("I(X;U) = 0",),
    ),
    InformationStep(
        "H(S|Y,U) <= H(S|Y)",
        "a classifier that sees $(Y, U)$ does at least as well as one that sees $Y$",
    ),
)

#: Blocks: rate and classification of every code obey the bounds of the single-letter problem.
CONVERSE = (
    InformationStep(
        "I(X;Z,U) <= H(Z|U)",
        "what the decoder learns about the source block is paid for by the message",
        ("I(X;U) = 0",),
    ),
    InformationStep("H(Z|U) <= H(Z)", "and the entropy of the message is at most its length"),
    InformationStep(
        "I(X;Y) <= I(X;Z,U)",
        "the reconstruction is made from message and common randomness (data processing)",
        ("X -> Z,U -> Y",),
    ),
    InformationStep("I(X;Y) <= H(Z)", "the three steps together", ("I(X;U) = 0", "X -> Z,U -> Y")),
    InformationStep(
        "I(P;Q) + I(X;Y) <= I(P,X;Q,Y)",
        "the letters of the source are independent: each adds at least its own information, so by induction the"
        r" $I(X_i;Y_i)$ add up to at most $I(X^n;Y^n)$",
        (MEMORYLESS,),
    ),
    InformationStep(
        "I(X;Y) <= I(X;Y|T)",
        "a letter at a random place $T$ has the law of the source, so the mean of the $I(X_i;Y_i)$ is at least the"
        " information of the mean letter",
        ("I(X;T) = 0",),
    ),
    InformationStep("H(S|Y,T) <= H(S|Y)", "a classifier that also knows the place does at least as well"),
    InformationStep(
        "H(S|X) <= H(S|Y)",
        "no rate brings the uncertainty about the label below what the source leaves (data processing)",
        ("S -> X -> Y",),
    ),
    InformationStep(
        "H(S) - H(S|Y) <= I(X;Y)",
        "the classification needs at least as much rate as it removes uncertainty",
        ("S -> X -> Y",),
    ),
)

#: Limited common randomness: message and common randomness together are the variable between source and reconstruction.
LIMITED = (
    InformationStep("I(X;Z,U) <= H(Z)", "the information about the source is paid for by the rate", ("I(X;U) = 0",)),
    InformationStep(
        "I(Y;Z,U) <= H(Z) + H(U)",
        "the information about the reconstruction is paid for by the rate and the common randomness",
    ),
)

#: A classifier that reads the message, from which the reconstruction is made.
MESSAGE = (
    InformationStep(
        "H(S|Z) <= H(S|Y)",
        "the message carries at least the information of the reconstruction about the label",
        (REMADE,),
    ),
    InformationStep("I(X;Y) <= I(X;Z)", "and its rate is at least that of the reconstruction", (REMADE,)),
)

#: Vectors with independent components: rate and classification split into components, whatever the code.
COMPONENTS = (
    InformationStep(
        "I(P,X;Q,Y) = I(P;Q,Y) + I(X;Q,Y|P)", r"the $r_i = I(X_i;Y \mid X^{i-1})$ add up to $I(X;Y)$ (chain rule)"
    ),
    InformationStep(
        "I(X;Y) <= I(X;Q,Y|P)",
        "the components of the source are independent, so $r_i$ is at least $I(X_i;Y_i)$",
        (MEMORYLESS,),
    ),
    InformationStep(
        "H(S|Y,P) <= H(S|Y,L)",
        "the earlier labels are noisy versions of the earlier components, and carry no more information than these",
        ("L -> P -> S,Y",),
    ),
)

#: A remote source: the encoder may as well see the estimate.
REMOTE = (
    InformationStep(
        "I(E;Y) = I(X;Y)",
        r"$\hat T$ (in the formulas $E$) is an invertible function of $X$, so that neither carries more about $Y$: the rate"
        r" is that of $\hat T$",
        ("E -> X -> Y", "X -> E -> Y"),
    ),
    InformationStep(
        "S,T -> E -> Y",
        r"and label and remote source reach $Y$ through $\hat T$ only",
        ("S,T,E -> X -> Y", "X -> E -> S,T,Y"),
    ),
)

#: All steps, by what they are about.
REDUCTION = MappingProxyType(
    {
        "codes to maps": TO_MAPS,
        "random maps": OF_MAPS,
        "blocks to letters": CONVERSE,
        "limited common randomness": LIMITED,
        "the classifier reads the message": MESSAGE,
        "components": COMPONENTS,
        "remote source": REMOTE,
    }
)
