"""Perception measures: what a user may call them, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass

from drc.errors import NotAvailableError
from drc.problems.validation import choice


@dataclass(frozen=True)
class Measure:
    """A perception measure: its name in words, its sign, and the bounded quantity; formulas are in LaTeX."""

    words: str
    sign: str
    bounded: str


MEASURES = {
    "TV": Measure("total variation", r"\mathrm{TV}", r"\mathrm{TV}(p_Y, p_{\mathrm{ref}})"),
    "W2": Measure("$W_2^2$", "W_2^2", r"W_2^2(p_Y, p_{\mathrm{ref}})"),
    "KL": Measure("Kullback-Leibler divergence", r"\mathrm{KL}", r"\mathrm{KL}(p_Y \Vert p_{\mathrm{ref}})"),
}

#: Further divergences, for finite alphabets: `sum p_ref f(p_Y / p_ref)` with a convex `f`.
FURTHER = {
    "JS": Measure("Jensen-Shannon divergence", r"\mathrm{JS}", r"\mathrm{JS}(p_Y, p_{\mathrm{ref}})"),
    "Hellinger": Measure("squared Hellinger distance", "H^2", r"1 - \sum_y \sqrt{p_Y(y) p_{\mathrm{ref}}(y)}"),
    "chi2": Measure(r"$\chi^2$ divergence", r"\chi^2", r"\chi^2(p_Y \Vert p_{\mathrm{ref}})"),
    "reversed KL": Measure("reversed divergence", r"\mathrm{KL}", r"\mathrm{KL}(p_{\mathrm{ref}} \Vert p_Y)"),
}

#: Those that are in the unit of entropies.
IN_BITS = ("KL", "JS", "reversed KL")

#: For a divergence a user may name the direction.
_DIRECTED = {"KL(p_Y||p_ref)": "KL", "KL(p_ref||p_Y)": "reversed KL"}


def measure(perception: str, among: tuple[str, ...] = tuple(MEASURES), reason: str = "for finite alphabets") -> str:
    """Return the measure with this name.

    `among` has the measures that are available; `reason` says where, or why, the divergence from `p_Y` is not.

    Raises `ProblemError` for an unknown name, and `NotAvailableError` for `KL(p_ref||p_Y)`, where it is not among them.

    Examples
    --------
    >>> measure("KL(p_Y||p_ref)")
    'KL'
    """
    known = {**dict(zip(among, among, strict=True)), **_DIRECTED}
    found = known[choice("perception", perception, tuple(known))]
    if found not in among:
        *others, last = (f"{name!r}" for name in among)
        raise NotAvailableError(
            f"perception must be {', '.join(others)} or {last}, which is KL(p_Y||p_ref), got 'KL(p_ref||p_Y)', not available"
            f" {reason}"
        )
    return found
