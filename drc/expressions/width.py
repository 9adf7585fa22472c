r"""How wide LaTeX will be set.

Widths are in digits of the font in use; a text line of A4 paper holds about eighty.
"""

from __future__ import annotations

import re

#: Lines of a displayed formula are kept below this width.
LIMIT = 62.0

#: A case and its condition stand in one line below this width.
CASES = 52.0

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
#: Commands and signs that are not as wide as a letter, and what is set without any width.
_WIDTHS = {
    token: digits
    for digits, tokens in (
        (0.0, [r"\left", r"\right", r"\begin", r"\end", r"\displaystyle", r"\mathrm", r"\text", *" \n&{}"]),
        (0.4, [r"\,"]),
        (0.6, [r"\;"]),
        (0.8, "().,;|[]"),
        (1.0, "0123456789"),
        (2.0, [r"\quad"]),
        (2.2, [r"\ln"]),
        (2.6, [*"=<>+-", r"\le", r"\ge", r"\ne"]),
        (3.2, [r"\log"]),
        (3.4, [r"\min", r"\Leftrightarrow", r"\Rightarrow"]),
        (3.8, [r"\max"]),
        (4.0, [r"\qquad"]),
    )
    for token in tokens
}
_LETTER = 1.2


def width(tex: str) -> float:
    r"""Estimate how wide a line of LaTeX is set, in digits.

    Examples
    --------
    >>> width("1234"), width(r"\frac{12345}{1}")
    (4.0, 5.5)
    """
    if r"\begin{" in tex:
        head, _, rest = tex.partition(r"\begin{")
        body, _, tail = rest.partition(r"\end{")
        rows = body.partition("}")[2].split(r"\\")
        return width(head) + 2.0 + max(width(row) for row in rows) + width(tail.partition("}")[2])
    total, at = 0.0, 0
    while at < len(tex):
        token = _token(tex, at)
        at += len(token)
        if token in (r"\frac", r"\tfrac"):
            above, at = _argument(tex, at)
            below, at = _argument(tex, at)
            total += max(width(above), width(below)) * (0.7 if token == r"\tfrac" else 1.0) + 0.5
        elif token == r"\sqrt":
            inner, at = _argument(tex, at)
            total += width(inner) + 1.8
        elif token in ("_", "^"):
            inner, at = _argument(tex, at)
            total += 0.7 * width(inner)
        elif token == r"\text":
            inner, at = _argument(tex, at)
            total += 0.9 * len(inner)
        else:
            total += _WIDTHS.get(token, _LETTER)
    return round(total, 6)


def _token(tex: str, at: int) -> str:
    found = _TOKEN.match(tex, at)
    return found[0] if found else ""


def _argument(tex: str, at: int) -> tuple[str, int]:
    """Return the next argument, braces taken off, and the place after it."""
    while at < len(tex) and tex[at] == " ":
        at += 1
    if at >= len(tex) or tex[at] != "{":
        token = _token(tex, at)
        return token, at + len(token)
    depth, start = 0, at
    while at < len(tex):
        depth += {"{": 1, "}": -1}.get(tex[at], 0)
        at += 1
        if depth == 0:
            break
    return tex[start + 1 : at - 1], at
