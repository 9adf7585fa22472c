"""The errors that `drc` raises on purpose."""


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
