"""Probabilities in whole numbers, and the entropy coder that uses them as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Protocol, TypeVar

import numpy as np
from flint import arb, ctx

from drc.errors import CodeError, must

Model = TypeVar("Model")

#: Coding probabilities are multiples of `2**-BITS`.
BITS = 24


def rounded(shares: Sequence[Fraction | float], bits: int, least: int = 0) -> list[int]:
    """Round shares of a whole to whole numbers >= `least` whose sum is `2**bits`.

    The shares are exact numbers or floats >= 0, some not 0, with any sum. What is left of `2**bits` after `least` for each
    is shared out by largest remainders, so that it is off by less than one in each place.

    Examples
    --------
    >>> rounded([Fraction(1, 3)] * 3, 4), rounded([0.0, 1.0], 4, least=1)
    ([6, 5, 5], [1, 15])
    """
    whole = 2**bits - least * len(shares)
    exact = [Fraction(share) for share in shares]
    total = sum(exact)
    ideal = [share * whole / total for share in exact]
    found = [int(share) for share in ideal]
    # The first of equal remainders goes first: the same on every machine.
    order = sorted(range(len(ideal)), key=lambda i: found[i] - ideal[i])
    for i in order[: whole - sum(found)]:
        found[i] += 1
    return [least + share for share in found]


def rounded_down(value: Callable[[], arb]) -> int:
    """Round a real number down, proved: the same on every machine.

    The function returns a ball, at rising precision until the ball lies between two whole numbers; of a whole number none
    does, which is an `ArithmeticError`.

    Examples
    --------
    >>> rounded_down(lambda: arb.pi() * 10**30)
    3141592653589793238462643383279
    """
    for bits in (64, 128, 256, 512):
        with ctx.workprec(bits):
            whole = value().floor().unique_fmpz()
        if whole is not None:
            return int(whole)
    raise ArithmeticError(f"no proved rounding of {value()}")


def model(table: Sequence[int] | np.ndarray) -> object:
    """Return the entropy model whose probabilities are exactly `table / 2**24`, of two or more numbers >= 1.

    constriction leaves one unit to each of the n symbols and multiplies the partial sums of the floats that it is given by
    `(2**24 - n) / sum`. Given `table - 1`, that factor is one, and all its numbers are whole and below `2**24`: every
    operation is exact, in single precision, too, so that the model is the table on every machine.
    """
    import constriction

    return constriction.stream.model.Categorical(np.array(table, dtype=np.float64) - 1.0, perfect=False)


def encode(groups: Sequence[tuple]) -> bytes:
    """Code groups of symbols, int32, each with its model and its parameters, one after the other into 32-bit words.

    The coder is rANS ([duda2013]) with a state of 64 bits: its loss is the state's last word, 33 bits or so, once for all
    groups. (A range coder loses as much, and for each symbol another 1.5e-4 bits by rounding its range, which shows at low
    rates.)
    """
    import constriction

    coder = constriction.stream.stack.AnsCoder()
    # What is coded last is decoded first.
    for symbols, one, *chances in reversed(groups):
        coder.encode_reverse(symbols, one, *chances)
    return coder.get_compressed().astype("<u4").tobytes()


class Decoder(Protocol):
    """Decodes groups of symbols, one after the other."""

    def decode(self, model: object, *parameters: object) -> np.ndarray:
        """Return the next symbols: as many as is said, or one for each parameter of the model."""
        ...


def by_kind(kinds: np.ndarray, models: Sequence[Model | None]) -> Iterator[tuple[np.ndarray, Model]]:
    """Yield the places of the symbols of each kind, and the model of the kind; what has no symbol or no model is left out.

    A kind is a place in `models`.

    Examples
    --------
    >>> [(places.tolist(), model) for places, model in by_kind(np.array([2, 0, 2, 1]), ["a", None, "c"])]
    [([1], 'a'), ([0, 2], 'c')]
    """
    # Numpy sorts integers of 16 bits in linear time.
    order = np.argsort(kinds.astype(np.uint16) if len(models) <= 2**16 else kinds, kind="stable")
    stop = 0
    for one, count in zip(models, np.bincount(kinds, minlength=len(models)).tolist(), strict=True):
        start, stop = stop, stop + count
        if count and one is not None:
            yield order[start:stop], one


def decoder(payload: bytes) -> Decoder:
    """Return the coder that decodes what `encode` made, group by group.

    Raises
    ------
    CodeError
        For bytes that `encode` never writes, as far as that can be known: other bytes give other symbols.
    """
    import constriction

    words = np.frombuffer(payload, np.uint8)
    if len(words) % 4 or (len(words) and not words[-4:].any()):
        needs = "be words of 32 bits of which the last is not zero"
        raise must("payload", needs, got=f"{len(words)} bytes", error=CodeError)
    return constriction.stream.stack.AnsCoder(words.view("<u4").astype(np.uint32))
