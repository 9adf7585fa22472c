"""What the page knows of a theorem: its formulas to compute with, and the same formulas to read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sympy as sp

from drc.explorer.formulas import formula, function
from drc.expressions.latex import latex, mathml
from drc.expressions.layout import conditions
from drc.report.notation import MEANINGS
from drc.theory.catalogue import Entry
from drc.tradeoff import Tradeoff
from drc.tradeoff.display import head, tradeoff_latex, where_latex
from drc.typeset.words import words_html

#: Families as the list of theorems has them, by the beginning of their ids.
_FAMILIES: Mapping[str, str] = {
    "bernoulli.one-shot.YU": "Bernoulli, one shot, (Y, U) seen",
    "bernoulli.one-shot.Y.time-shared": "Bernoulli, time sharing",
    "bernoulli.one-shot.Y": "Bernoulli, one shot, Y seen",
    "bernoulli.asymptotic": "Bernoulli, asymptotic",
    "gaussian.asymptotic.limited": "Gaussian, limited randomness",
    "gaussian.asymptotic": "Gaussian, asymptotic",
    "gaussian.vector": "Gaussian vector",
    "group": "Uniform on a group",
    "laplace": "Laplace",
    "mary": "Uniform, symmetric label",
    "universal.bernoulli": "Bernoulli, one representation",
    "gaussian.universal": "Gaussian, one representation",
}

#: What a letter is called, and the range and the start of its slider, by its name without the number of a component.
_LETTERS: Mapping[str, tuple[str, float, float, float]] = {
    "q_X": ("probability that X = 1", 0.0, 1.0, 0.3),
    "q_Y": ("probability that Y = 1", 0.0, 1.0, 0.4),
    "q_S1": ("probability that label and source differ", 0.0, 1.0, 0.1),
    "q_T": ("probability that X and the remote source differ", 0.0, 0.49, 0.05),
    "q_T0": ("the same where X = 0", 0.0, 0.49, 0.05),
    "q_T1": ("the same where X = 1", 0.0, 0.49, 0.1),
    "q_ref": ("probability of a one under the reference", 0.0, 1.0, 0.4),
    "mu_X": ("mean of X", -2.0, 2.0, 0.0),
    "mu_Y": ("mean of Y", -2.0, 2.0, 0.5),
    "mu_T": ("mean of the remote source", -2.0, 2.0, 0.0),
    "mu_ref": ("mean of the reference", -2.0, 2.0, 0.5),
    "sigma_X": ("standard deviation of X", 0.05, 3.0, 1.0),
    "sigma_Y": ("standard deviation of Y", 0.05, 3.0, 1.5),
    "sigma_T": ("standard deviation of the remote source", 0.05, 3.0, 1.2),
    "rho_TX": ("correlation of X and the remote source", -1.0, 1.0, 0.8),
    "sigma_ref": ("standard deviation of the reference", 0.05, 3.0, 1.5),
    "sigma_S": ("standard deviation of the label", 0.05, 3.0, 0.8),
    "theta": ("covariance of label and source", -3.0, 3.0, 0.6),
    "lam": ("one over the mean of |X|", 0.05, 4.0, 1.0),
    "M": ("number of letters", 2.0, 16.0, 4.0),
    "rho_0": ("cost of the difference 0", 0.0, 3.0, 0.0),
    "rho_1": ("cost of the difference 1", 0.0, 3.0, 1.0),
    "rho_2": ("cost of the difference 2", 0.0, 3.0, 1.5),
    "R_c": ("rate of common randomness", 0.0, 4.0, 0.5),
    "D": ("distortion", 0.0, 0.0, 0.0),
    "R": ("rate", 0.0, 0.0, 0.0),
    "P": ("perception bound", 0.0, 0.0, 0.0),
    "C": ("classification bound", 0.0, 0.0, 0.0),
}

#: The second component starts from other numbers: alike ones would hide what is shared.
_SECOND = {"sigma_X": 0.7, "sigma_Y": 0.5, "mu_Y": -0.3, "sigma_S": 1.0, "theta": 0.65}

#: What a published form has the law of the source for.
_AS_SOURCE = {"mu_ref": "mu_X", "sigma_ref": "sigma_X"}


def theorem(entry: Entry) -> str:
    """Write all the page needs of a theorem, as a JavaScript object."""
    forms = {form: entry.tradeoff(form=form) for form in entry.forms}
    exact = forms["exact"]
    setting = exact.derivation.setting if exact.derivation else ""
    described = {
        "id": entry.id,
        "family": _family(entry.id),
        "title": _title(exact),
        "statement": _short(words_html(exact.statement)),
        "setting": _short(words_html(setting)),
        "source": exact.source,
        "value": _letter(exact.value, exact),
        "arguments": [_letter(symbol, exact) for symbol in exact.arguments],
        "parameters": [_letter(symbol, exact) for symbol in exact.parameters],
        "shown": {form: _shown(tradeoff) for form, tradeoff in forms.items()},
    }
    letters = {*exact.parameters, *exact.arguments}
    assumed = [a for a in entry.assumptions if a.free_symbols <= letters]
    compiled = [f"{json.dumps(form)}: {formula(tradeoff)}" for form, tradeoff in forms.items()]
    listed = ", ".join(f"{{holds: {function(a)}, html: {json.dumps(_assumption(a, exact))}}}" for a in assumed)
    data = json.dumps(described, ensure_ascii=False, separators=(",", ":"))
    parts = [f"...{data}", f"assumptions: [{listed}]", f"covered: {_covered(forms)}", *compiled]
    # No text may end the script that it stands in.
    return f"{{{f',{chr(10)}'.join(parts)}}}".replace("</", r"<\/")


def _family(name: str) -> str:
    words = next((words for start, words in _FAMILIES.items() if name.startswith(start)), name)
    return f"{words}, remote source" if "remote" in name.split(".") else words


def _title(tradeoff: Tradeoff) -> str:
    words = tradeoff.id.split(".")[-1]
    measure = f", {words}" if words in ("TV", "KL", "W2") else ""
    return f"{head(tradeoff)}{measure}"


def _letter(symbol: sp.Symbol, tradeoff: Tradeoff) -> dict[str, Any]:
    name, component = symbol.name, ""
    if name not in _LETTERS and name[-1].isdigit():
        name, component = name[:-1], name[-1]
    # A letter that a new theorem brings has a slider too.
    words, low, high, start = _LETTERS.get(name, ("", 0.0, 1.0, 0.5))
    start = _SECOND.get(name, start) if component == "2" else start
    is_information = name in ("R", "C", "R_c") or (name == "P" and tradeoff.id.endswith("KL"))
    return {
        "name": symbol.name,
        "html": _mathml(latex(symbol, tradeoff.names)),
        "words": f"{words}, component {component}" if component else words,
        "unit": tradeoff.unit.short if is_information else "",
        "low": low,
        "high": high,
        "start": start,
    }


def _shown(tradeoff: Tradeoff) -> dict[str, Any]:
    """The formulas to read: MathML for the page, LaTeX to copy, and what the named functions in them mean."""
    names = tradeoff.names
    parts = [part for r in tradeoff.cases for part in (r.condition, r.expr)] + [value for _, value in tradeoff.where]
    used = {type(f) for part in parts for f in part.atoms(sp.Function)}
    return {
        "latex": tradeoff_latex(tradeoff),
        "values": [_mathml(f"{tradeoff.value} = {latex(r.expr, names)}") for r in tradeoff.cases],
        "conditions": [[_mathml(c) for c in conditions(r.condition, names)] for r in tradeoff.cases],
        "where": [_mathml(f"{name} = {value}") for name, value in where_latex(tradeoff)],
        "meanings": [_short(words_html(words)) for named, words in MEANINGS.items() if named in used],
    }


def _covered(forms: Mapping[str, Tradeoff]) -> str:
    """Say of which problems a published form speaks: relations, each with a letter and what to set it to."""
    if "published" not in forms:
        return "[]"
    exact = forms["exact"]
    symbols = {s.name: s for s in exact.parameters}
    missing = sorted(symbols.keys() - {s.name for s in forms["published"].parameters})
    needed = [
        (symbols[name], sp.Eq(symbols[name], to), to)
        for name in missing
        if (to := symbols.get(_AS_SOURCE.get(name, "")))
    ]
    if exact.id.startswith("bernoulli"):
        # The published theorem is for probabilities of at most one half, and refuses others.
        needed += [(q, sp.Le(q, sp.S.Half), sp.Min(q, sp.S.Half)) for q in symbols.values()]
    listed = (
        f"{{holds: {function(relation)}, html: {json.dumps(_assumption(relation, exact))},"
        f" name: {json.dumps(symbol.name)}, to: {function(to)}}}"
        for symbol, relation, to in needed
    )
    return f"[{', '.join(listed)}]"


def _assumption(relation: sp.Basic, tradeoff: Tradeoff) -> str:
    return ", ".join(_mathml(c) for c in conditions(relation, tradeoff.names))


def _mathml(text: str) -> str:
    return _short(mathml(text))


def _short(html: str) -> str:
    # In an HTML page MathML needs no name space, and is inline unless it says otherwise.
    return html.replace(' xmlns="http://www.w3.org/1998/Math/MathML" display="inline"', "")
