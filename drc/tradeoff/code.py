"""A trade-off as a function in another language: named intermediates, and all that it needs in one text."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from inspect import getsource

import sympy as sp

from drc.errors import UnknownFunctionError
from drc.expressions.program import Writer, functions_of, needed
from drc.expressions.translate import LANGUAGES
from drc.problems.validation import choice
from drc.tradeoff.derivatives import differentiated
from drc.tradeoff.function import RegimeFunction

#: The languages, and what the name of a file of it ends in.
TARGETS = {
    "python": "py",
    "numpy": "py",
    "jax": "py",
    "torch": "py",
    "c": "c",
    "javascript": "js",
    "julia": "jl",
    "matlab": "m",
    "mathematica": "wl",
    "latex": "tex",
}


def code(tradeoff: RegimeFunction, target: str) -> str:
    """Write a trade-off in a language; see `Tradeoff.to_code`."""
    choice("target", target, tuple(TARGETS))
    comment = {"c": "//", "javascript": "//", "matlab": "%"}.get(target, "#")
    first = f"{tradeoff.id}, {tradeoff.form}, rates in {tradeoff.unit.name}; infinite where no code exists."
    head = f"(* {first} *)" if target == "mathematica" else f"{comment} {first}"
    return f"{head}\n\n{_WRITERS[target](tradeoff) if target in _WRITERS else _translated(tradeoff, target)}\n"


def letters(tradeoff: RegimeFunction) -> list[sp.Symbol]:
    """Return the arguments of the function that is written: bounds, then parameters by name."""
    return [*tradeoff.arguments, *tradeoff.parameters]


def _function(tradeoff: RegimeFunction, given: list[sp.Symbol]) -> str:
    """Write one function of some letters in the subset of Python, without the routines that it calls."""
    write = Writer([tradeoff.value, *given, *(symbol for symbol, _ in tradeoff.where)])
    lines = [f"def {write.name(tradeoff.value)}({', '.join(map(write.name, given))}):"]
    lines += [f"    {write.name(symbol)} = {write(value)}" for symbol, value in tradeoff.where]
    for regime in tradeoff.cases:
        if not regime.is_infeasible:
            lines += [f"    if {write(regime.condition)}:", f"        return {write(regime.expr)}"]
    return "\n".join([*lines, "    return inf"])


def _translated(tradeoff: RegimeFunction, target: str) -> str:
    (main,) = functions_of(_function(tradeoff, letters(tradeoff)))
    return LANGUAGES[target].program(main, needed([main]))


# Python and what is made of it -------------------------------------------------------------------------------------------


def _python(*functions: str) -> str:
    """Put what functions need before them."""
    nodes = [node for text in functions for node in functions_of(text)]
    source = {node.name: _routine(node.name) for node in needed(nodes)}
    arithmetic = (
        _source("ieee").split('"""', 2)[2].strip().replace("import math\n", "import math\n\ninf = math.inf\n", 1)
    )
    return "\n\n\n".join([arithmetic, *source.values(), *functions])


def _routine(name: str) -> str:
    return getsource(getattr(import_module("drc.information.routines"), name)).strip()


@cache
def _source(module: str) -> str:
    return getsource(import_module(f"drc.information.{module}"))


def _numpy(tradeoff: RegimeFunction) -> str:
    given = letters(tradeoff)
    known = {"name": str(tradeoff.value), "letters": ", ".join(map(Writer(given).name, given))}
    return _python(_function(tradeoff, given)) + _NUMPY.format(**known).rstrip()


_NUMPY = """

import numpy as np

_value = {name}


def {name}({letters}):
    with np.errstate(all="ignore"):
        return np.vectorize(lambda *x: _value(*map(float, x)), otypes=[float])({letters})[()]
"""


def _with_derivatives(tradeoff: RegimeFunction) -> tuple[str, list[str], dict[str, str]]:
    """Write a function and its derivatives; return the text, the letters, and the derivatives by letter."""
    given = letters(tradeoff)
    texts, slopes = [_function(tradeoff, given)], {}
    for symbol in given:
        try:
            slope = differentiated(tradeoff, symbol)
            texts.append(_function(slope, given))
            slopes[symbol.name] = str(slope.value)
        except UnknownFunctionError:
            # By the parameters of vectors, what is implicit in them has no derivative here.
            continue
    return _python(*texts), [Writer(given).name(s) for s in given], slopes


_JAX = '''

import jax
import numpy as np


def _on_arrays(function, *given):
    """Evaluate element by element, outside of the traced program."""
    arrays = jax.numpy.broadcast_arrays(*(jax.numpy.asarray(x, dtype=float) for x in given))
    like = jax.ShapeDtypeStruct(arrays[0].shape, arrays[0].dtype)

    def evaluate(*x):
        with np.errstate(all="ignore"):
            return np.vectorize(lambda *x: function(*map(float, x)), otypes=[like.dtype])(*map(np.asarray, x))

    return jax.pure_callback(evaluate, like, *arrays, vmap_method="broadcast_all")


_value, _slopes = {name}, {{{slopes}}}


@jax.custom_jvp
def {name}({letters}):
    return _on_arrays(_value, {letters})


def _tangent(given, moved):
    total = 0.0
    for letter, move in zip({words}, moved):
        if isinstance(move, jax.custom_derivatives.SymbolicZero):
            continue
        if letter not in _slopes:
            raise NotImplementedError(f"the derivative with respect to {{letter}} is not available")
        slope = _on_arrays(_slopes[letter], *given)
        # An infeasible point has no slope.
        total = total + jax.numpy.where(slope == math.inf, 0.0, slope) * move
    return {name}(*given), total


{name}.defjvp(_tangent, symbolic_zeros=True)
'''


_TORCH = """

import numpy as np
import torch

_value, _slopes = {name}, {{{slopes}}}


class _Function(torch.autograd.Function):
    @staticmethod
    def forward(ctx, *given):
        ctx.save_for_backward(*given)
        return _on_arrays(_value, given)

    @staticmethod
    def backward(ctx, above):
        given = ctx.saved_tensors
        return tuple(
            _below(letter, given, above) if wanted else None for letter, wanted in zip({words}, ctx.needs_input_grad)
        )


def _below(letter, given, above):
    if letter not in _slopes:
        raise NotImplementedError(f"the derivative with respect to {{letter}} is not available")
    slope = _on_arrays(_slopes[letter], given)
    # An infeasible point has no slope.
    return torch.where(slope == math.inf, torch.zeros_like(slope), slope) * above


def _on_arrays(function, given):
    with np.errstate(all="ignore"):
        evaluate = np.vectorize(lambda *x: function(*map(float, x)), otypes=[float])
        found = evaluate(*(x.detach().cpu().double().numpy() for x in given))
    return torch.as_tensor(found, dtype=given[0].dtype, device=given[0].device)


def {name}({letters}):
    given = [torch.as_tensor(x) for x in ({letters},)]
    kind = next((x.dtype for x in given if x.is_floating_point()), torch.get_default_dtype())
    return _Function.apply(*torch.broadcast_tensors(*(x.to(kind) for x in given)))
"""


def _differentiable(template: str) -> Callable[[RegimeFunction], str]:
    def write(tradeoff: RegimeFunction) -> str:
        text, names, slopes = _with_derivatives(tradeoff)
        words = [symbol.name for symbol in letters(tradeoff)]
        table = ", ".join(f"{letter!r}: {function}" for letter, function in slopes.items())
        known = {"name": str(tradeoff.value), "letters": ", ".join(names), "words": words, "slopes": table}
        return text + template.format(**known).rstrip()

    return write


_WRITERS: dict[str, Callable[[RegimeFunction], str]] = {
    "python": lambda tradeoff: _python(_function(tradeoff, letters(tradeoff))),
    "numpy": _numpy,
    "jax": _differentiable(_JAX),
    "torch": _differentiable(_TORCH),
}
