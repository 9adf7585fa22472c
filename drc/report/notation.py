"""What the letters of each family stand for, in words that are set in LaTeX and in HTML alike."""

from __future__ import annotations

#: By the first word of a theorem's id: sentences with formulas between dollar signs.
NOTATION = {
    "bernoulli": (
        r"The source is $X \sim \mathrm{Bern}(q_X)$, the target law is $\mathrm{Bern}(q_Y)$, and the label is"
        r" $S = X \oplus S_1$ with $S_1 \sim \mathrm{Bern}(q_{S_1})$ independent of $X$. Encoder and decoder share"
        r" common randomness $U$, so that without loss $Y = f(X)$ for a map $f$ that is drawn by $U$: one of the"
        r" constants \emph{zero} and \emph{one}, the identity \emph{same} and the negation \emph{flip}, with"
        r" probabilities $w_{\text{zero}}, w_{\text{one}}, w_{\text{same}}, w_{\text{flip}} \ge 0$. The problem is to"
        r" minimise one of $P(Y \ne X)$ and $H(Y \mid U)$ with the other bounded, subject to $H(S \mid Y, U) \le C$ and"
        r" $P(Y = 1) = q_Y$."
    ),
    "gaussian": (
        r"The source is $X \sim N(\mu_X, \sigma_X^2)$, the target law is $N(\mu_Y, \sigma_Y^2)$, and the label $S$ is"
        r" jointly normal with $X$, with deviation $\sigma_S$ and $\operatorname{cov}(S, X) = \theta$. The problem is to"
        r" minimise one of $\mathbb{E} (X - Y)^2$ and $I(X;Y)$ with the other bounded, subject to $h(S \mid Y) \le C$ and"
        r" to the target law; $c$ is the correlation of $X$ and $Y$, and $I$ any rate."
    ),
}


def family(theorem: str) -> str:
    """Return the family that a theorem belongs to.

    Examples
    --------
    >>> family("gaussian.asymptotic.drc")
    'gaussian'
    """
    return theorem.split(".")[0]
