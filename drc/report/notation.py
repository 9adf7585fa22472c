"""What a reader of the documents has to know before the first theorem: letters, and functions that have a name."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from drc.information import H_b, H_b_inv, I_b, I_b_inv
from drc.information.kl_ball import KL_nearest, KL_steepest, KL_width
from drc.information.kl_bits import KL_b, KL_b_max, KL_b_min
from drc.information.lambert import W_0, W_m1
from drc.information.noise import price_for_cost, price_for_rate
from drc.proof import DerivationReport, Verdict
from drc.report.chapters import Chapter
from drc.tradeoff import Tradeoff

#: Paragraphs in words, formulas between dollar signs.
INTRODUCTION = (
    "A source $X$ is compressed and turned into a reconstruction $Y$ that has the law of another domain, or a nearby one,"
    " while a label $S$ of $X$ remains recoverable. The label reaches the reconstruction only through the source, so"
    r" that $S - X - Y$ is a Markov chain. Four quantities compete: the distortion $D$, the mean of $d(X, Y)$;"
    " the rate $R$; the perception bound $P$ on the distance of the law of $Y$ from a reference law; and the classification"
    " bound $C$ on the conditional entropy of the label.",
    "$D(R, C)$ is the least distortion for bounds on rate and classification, $R(D, C)$ the least rate for bounds on"
    " distortion and classification; with perception they are $D(R, P, C)$ and $R(D, P, C)$. Where no plan meets the bounds"
    r" the value is $\infty$, and a bound that is $\infty$ is inactive. Rates, entropies, $C$ and divergences are in bits.",
    r"$H$ and $h$ are discrete and differential entropy, $I$ is mutual information, $\oplus$ is addition modulo two,"
    r" $\mathrm{Bern}(q)$ is the law of a bit that is one with probability $q$, and $N(\mu, \sigma^2)$ the normal law."
    r" $U$ is randomness that encoder and decoder share, independent of $(S, X)$.",
)

#: Functions without a closed form, or with a name of their own, in words.
MEANINGS: dict[type[sp.Function], str] = {
    H_b: r"$H_b(p) = -p \log_2 p - (1 - p) \log_2(1 - p)$ is the binary entropy",
    H_b_inv: r"$H_b^{-1}(h)$ is the $p \le \tfrac12$ with $H_b(p) = h$",
    I_b: r"$I_b(u; p, r)$ is the mutual information of two bits with covariance $u$ and laws $\mathrm{Bern}(p)$ and"
    r" $\mathrm{Bern}(r)$",
    I_b_inv: r"$I_b^{-1}(i; p, r)$ is the largest covariance $u \ge 0$ of such bits with $I_b(u; p, r) \le i$",
    KL_b: r"$\mathrm{KL}_b(y, q) = y \log_2 \tfrac{y}{q} + (1 - y) \log_2 \tfrac{1 - y}{1 - q}$ is the divergence of"
    r" $\mathrm{Bern}(y)$ from $\mathrm{Bern}(q)$",
    KL_b_min: r"$y_{\mathrm{KL}}^{-}(q, P)$ is the least $y$ with $\mathrm{KL}_b(y, q) \le P$",
    KL_b_max: r"$y_{\mathrm{KL}}^{+}(q, P)$ is the largest such $y$",
    W_0: r"$W_0$ is the principal branch of Lambert's function, the inverse of $w e^w$ on $w \ge -1$",
    W_m1: r"$W_{-1}$ is its other real branch, on $w \le -1$",
    KL_width: r"$q_{\mathrm{KL}}(s, p) = \sqrt{2 p - (s^2 - 1 - \ln s^2)}$, or $0$ where this is not real, is half the"
    r" width at standard deviation $s$ of the ball $\mathrm{KL}(N(m, s^2) \Vert N(0, 1)) \le p$, in nats",
    KL_nearest: r"$s_{\mathrm{near}}(\alpha, \delta, p)$ is the standard deviation of the point of this ball nearest to mean"
    r" $\delta$ and standard deviation $\alpha$",
    price_for_cost: r"$\{s : \sum_k (\rho_k - D) e^{-s \rho_k} = 0\}$ is the price at which noise with probabilities"
    r" proportional to $e^{-s \rho_k}$ has the mean cost $D$",
    price_for_rate: r"$\{s : \ln n - \ln \sum_k e^{-s \rho_k} - s \rho(s) = R\}$ is the price at which such noise, of"
    r" mean cost $\rho(s)$, has the entropy $\ln n - R$, in nats",
    KL_steepest: r"$s_{\mathrm{steep}}(\kappa, \delta, p)$ is the standard deviation of the point $(m, s)$ of this ball with"
    r" the least $(\kappa + s^2 + (\delta - m)^2)/s$",
}


def introduction(chapters: Iterable[Chapter]) -> tuple[str, ...]:
    """Return the paragraphs that fix letters and names."""
    named = "; ".join(meanings(chapters))
    return (*INTRODUCTION, *((f"Some functions have names. {named}.",) if named else ()))


def meanings(chapters: Iterable[Chapter]) -> list[str]:
    """Say what the named functions that occur in some theorems are, a clause for each."""
    used: set[type] = set()
    for chapter in chapters:
        parts = [part for regime in chapter.tradeoff.cases for part in (regime.condition, regime.expr)]
        parts += [value for _, value in chapter.tradeoff.where] + [step.claim for step in chapter.proof]
        used |= {type(f) for part in parts for f in sp.sympify(part).atoms(sp.Function)}
    return [words for function, words in MEANINGS.items() if function in used]


def counts(reports: Iterable[DerivationReport]) -> tuple[int, int]:
    """Count the claims of some proofs, and those that are decided for all parameters."""
    found = [report.counts for report in reports]
    return sum(sum(counts.values()) for counts in found), sum(counts[Verdict.PROVED] for counts in found)


def claim(tradeoff: Tradeoff, *twins: Tradeoff) -> tuple[str, str]:
    """Split a statement into the sentence that the formula completes, and what is said beside it.

    Theorems on other perception measures that are word for word this one are named in it.

    Examples
    --------
    >>> import drc
    >>> claim(drc.Gaussian().drc())[0][:49]
    'The least squared error of a Gaussian source for '
    """
    statement = tradeoff.statement
    for twin in twins:
        measure, other = (_measure(t) for t in (tradeoff, twin))
        statement = statement.replace(measure, f"{measure} = {other}")
    first, stop, rest = statement.partition(". ")
    return f"The {first[0].lower()}{first[1:].removesuffix('.')} is", rest if stop else ""


def _measure(tradeoff: Tradeoff) -> str:
    """Return the formula that a statement bounds perception by."""
    return tradeoff.statement.partition("perception bound $P$ on $")[2].partition("$")[0]


def regimes(tradeoff: Tradeoff) -> str:
    """Name the regimes in the order of the cases, in a sentence.

    Examples
    --------
    >>> import drc
    >>> regimes(drc.Gaussian().drc())
    'The first case is the rate-limited regime; elsewhere the problem is infeasible.'
    """
    names = [r.name for r in tradeoff.cases if not r.is_infeasible]
    end = "; elsewhere the problem is infeasible" if any(r.is_infeasible for r in tradeoff.cases) else ""
    if len(names) == 1:
        return f"The {'first' if end else 'only'} case is the {names[0]} regime{end}."
    # A name may have a comma of its own.
    between = "; " if any("," in name for name in names) else ", "
    listed = f"{between.join(names[:-1])}{';' if between == '; ' else ''} and {names[-1]}"
    return f"The regimes are, in the order of the cases: {listed}{end}."
