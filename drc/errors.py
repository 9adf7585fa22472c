"""The errors that `drc` raises on purpose, and the one form of their messages."""

import reprlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction


class ProblemError(ValueError):
    """Wrong input: the message says what the value must be, and what it is.

    Examples
    --------
    >>> import drc
    >>> drc.Bernoulli(q_X=1.3)
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: q_X must be in [0, 1], got 1.3
    """

    # Tracebacks show `drc.errors.ProblemError`; `drc.ProblemError` is the same class.


class NotAvailableError(ProblemError):
    """A setting that the problem has, but that no theorem or solver here covers yet."""


class UnknownFunctionError(ProblemError, TypeError):
    """An expression with a function that cannot be evaluated here, such as `sin`."""


class CodeError(ProblemError):
    """A coded file that cannot be decoded: damaged, cut short, of another version, seed or problem.

    The message names the field. What was decoded before is right; nothing wrong is ever returned.

    Examples
    --------
    >>> from drc.codes import container
    >>> container.Reader(b"PK")
    Traceback (most recent call last):
        ...
    drc.errors.CodeError: magic: the file does not start as a coded file of drc
    """


class ContradictionError(AssertionError):
    """An answer that cannot be true: a fault of this library, never of what a user wrote.

    The message says which claims contradict each other; please report it.
    """


def must(
    name: str, needs: str, value: object = None, *, got: str = "", error: type[ProblemError] = ProblemError
) -> ProblemError:
    """Make the error that says what a value must be, and what it is.

    Parameters
    ----------
    name : str
        The parameter, field or file.
    needs : str
        What it must be or have, as in "be in [0, 1]" or "have one row per letter".
    value : object
        What was given; `brief` writes it.
    got : str
        What was given in words, instead of `value`.
    error : type
        The class of the error.

    Examples
    --------
    >>> must("q_X", "be in [0, 1]", 1.2)
    ProblemError('q_X must be in [0, 1], got 1.2')
    """
    return error(f"{name} must {needs}, got {got or brief(value)}")


@contextmanager
def about(name: str) -> Iterator[None]:
    """Put a name, such as that of a file, before the messages of a block.

    Examples
    --------
    >>> with about("joint.csv"):
    ...     raise must("q_X", "be in [0, 1]", 1.2)
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: joint.csv: q_X must be in [0, 1], got 1.2
    """
    try:
        yield
    except ProblemError as error:
        raise ProblemError(f"{name}: {error}") from None


def choice(name: str, value: object, allowed: tuple[str, ...]) -> str:
    """Return `value` if it is one of the words allowed.

    Raises
    ------
    ProblemError
        Naming the words allowed.

    Examples
    --------
    >>> choice("unit", "bits", ("bits", "nats"))
    'bits'
    """
    if not isinstance(value, str) or value not in allowed:
        raise must(name, f"be {' or '.join(map(repr, allowed))}", value)
    return value


def not_among(name: str, value: str, known: Iterable[str]) -> ProblemError:
    """Make the error for a word that is not known: it suggests the nearest one, or lists all if none is near.

    Examples
    --------
    >>> not_among("id", "gausian.drc", ["gaussian.drc", "gaussian.rdc"])
    ProblemError("id must be a known one, got 'gausian.drc' (did you mean 'gaussian.drc'?)")
    """
    from difflib import get_close_matches

    known = list(known)
    if near := get_close_matches(str(value), known, n=1, cutoff=0.75):
        return must(name, "be a known one", got=f"{brief(value)} (did you mean {near[0]!r}?)")
    return must(name, f"be one of {', '.join(known)}", value)


def brief(value: object) -> str:
    """Write a value for a message: whatever it is, in one short line.

    Examples
    --------
    >>> brief("abc"), brief(range(3)), brief(10**5000)
    ("'abc'", 'range(0, 3)', 'a value of type int')
    """
    if isinstance(shape := getattr(value, "shape", None), tuple) and (shape or hasattr(value, "mask")):
        kind = "a masked array" if hasattr(value, "mask") else "an array"
        return f"{kind} of shape {shape}"
    try:
        value = float(value) if isinstance(value, Fraction) else value
        text = " ".join(_SHORT.repr(value).split())
    except Exception:
        text = "<"
    # What has no words for itself, or too many, is named by its type: an address in memory tells nobody anything.
    if text.startswith("<"):
        return f"a value of type {type(value).__name__}"
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."


_WIDTH = 80
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = _WIDTH
