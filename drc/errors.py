"""The errors that `drc` raises on purpose, and the commonest cause of one: a word that is not allowed."""


class ProblemError(ValueError):
    """Wrong input: the message names the parameter, its value and what is allowed.

    Examples
    --------
    >>> import drc
    >>> drc.Bernoulli(q_X=1.3)
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: q_X = 1.3 is no probability: allowed is 0 <= q_X <= 1
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


def choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
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
    if value not in allowed:
        words = " or ".join(repr(word) for word in allowed)
        raise ProblemError(f"{name} = {value!r} is unknown: allowed is {words}")
    return value
