"""Which code a problem has: made of a solution, or read back from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from drc.codes.codec import Codec
from drc.codes.container import Reader
from drc.codes.dithered import DitheredCode
from drc.codes.one_shot import OneShotCode
from drc.codes.simulation import SimulationCode
from drc.errors import CodeError, NotAvailableError, brief, must
from drc.problems import Bernoulli, Gaussian
from drc.problems.validation import choice

if TYPE_CHECKING:
    from drc.problems import Problem
    from drc.solvers import Solution

#: The class of each kind of code, as a file's header names the kind.
_KINDS: dict[str, type[Codec]] = {code.kind: code for code in (OneShotCode, DitheredCode, SimulationCode)}

#: What a scheme may be asked; each takes some of it.
_OPTIONS = ("block", "lattice", "output")

#: Which kinds code a problem, by how its id begins; the first is taken unless `scheme` says another.
_KINDS_OF = {
    "bernoulli.one-shot": ("one-shot",),
    "finite.one-shot": ("one-shot",),
    "bernoulli.asymptotic": ("channel-simulation",),
    "finite.asymptotic": ("channel-simulation",),
    "gaussian.asymptotic": ("dithered-lattice", "channel-simulation"),
}


def codec(problem: Problem, **bounds: object) -> Codec:
    """Solve a problem, and make the code that reaches the answer.

    Parameters
    ----------
    problem : Bernoulli, Finite, Gaussian
        With numbers for all parameters.
    **bounds
        What `problem.solve` takes, such as `R=0.4, C=0.8`; options of the code, such as `block`, `lattice`, `output` (see
        `of` of its class); and `scheme`, the kind of code where there are two: "dithered-lattice" (the default) or
        "channel-simulation" for a Gaussian.

    Raises
    ------
    ProblemError
        For bad bounds, or bounds that nothing meets.
    NotAvailableError
        For a problem that no code here is for.

    Examples
    --------
    >>> import drc
    >>> code = drc.codec(drc.Bernoulli(0.3, 0.4, 0.1), R=0.4, C=0.8)
    >>> s, x = code.sample(1000, seed=1)
    >>> data = code.encode(x, seed=5)
    >>> y = code.decode(data)
    >>> len(y), round(code.rate, 6), round(code.distortion, 6)
    (1000, 0.4, 0.269371)
    """
    asked: dict[str, Any] = dict(bounds)
    scheme = asked.pop("scheme", None)
    home = _KINDS[_kind_of(problem, scheme)]
    options = {name: asked.pop(name) for name in _OPTIONS if name in asked}
    for name in options.keys() - home.OPTIONS:
        among = f"be among {', '.join(home.OPTIONS)}"
        raise must(f"options of a {home.kind} code", among, got=f"{name} = {brief(options[name])}")
    if isinstance(problem, Bernoulli | Gaussian) and {"perception", "reference"} & asked.keys():
        # The measure becomes part of the problem, so that its digest has it.
        measure = {name: asked.pop(name) for name in ("perception", "reference") if name in asked}
        problem = problem.perceived(**measure)
    return home.of(problem, problem.solve(**asked), **options)


def code_of(problem: Problem, solution: Solution, *, scheme: str | None = None, **options: object) -> Codec:
    """Make the code that reaches what a solution promises; errors and options are those of `codec`."""
    return _KINDS[_kind_of(problem, scheme)].of(problem, solution, **options)


def read(source: bytes | BinaryIO | Reader) -> Codec:
    """Return the code that a file was coded with: the header, which alone is read, has all that decoding needs.

    Examples
    --------
    >>> import drc
    >>> data = drc.codec(drc.Bernoulli(0.3, 0.4, 0.1), R=0.4).encode([0, 1, 1], seed=5)
    >>> len(read(data).decode(data))
    3
    """
    header = (source if isinstance(source, Reader) else Reader(source)).header
    if header.kind not in _KINDS:
        raise must("kind", f"be one of {', '.join(map(repr, _KINDS))}", header.kind, error=CodeError)
    return _KINDS[header.kind].from_fields(header.fields, header.digest)


def _kind_of(problem: Any, scheme: str | None) -> str:
    setting = ".".join(getattr(problem, "id", type(problem).__name__).split(".")[:2])
    if setting not in _KINDS_OF:
        known = ", ".join(_KINDS_OF)
        raise NotAvailableError(f"no code is available for {setting}: the settings with codes are {known}")
    kinds = _KINDS_OF[setting]
    return kinds[0] if scheme is None else choice("scheme", scheme, kinds)
