"""A function between distortion, rate and classification, made of regimes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import sympy as sp

from drc.errors import ProblemError, must
from drc.expressions import LatexNames, compile_expression
from drc.expressions.content import ByContent
from drc.expressions.forms import by_cases, pieces
from drc.problems.validation import bound_given, numbers_given
from drc.proof import Derivation
from drc.tradeoff.evaluation import Evaluator
from drc.tradeoff.law import Law
from drc.tradeoff.regime import Regime
from drc.units import BITS, Unit

if TYPE_CHECKING:
    from drc.problems import Problem
    from drc.types import Changes, Real, Reals


class Point(NamedTuple):
    """What holds at one point of a trade-off."""

    value: float
    regime: str
    why: str


@dataclass(frozen=True, eq=False)
class RegimeFunction(ByContent):
    """What a trade-off is apart from how it is shown: its regimes, evaluated and specialised; see `Tradeoff`."""

    id: str
    statement: str
    source: str
    problem: Problem
    value: sp.Symbol
    arguments: tuple[sp.Symbol, ...]
    cases: tuple[Regime, ...]
    where: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()
    unit: Unit = BITS
    form: str = "exact"
    laws: tuple[Law, ...] = ()
    derivation: Derivation | None = None
    names: LatexNames = field(default_factory=dict)

    # Evaluation -----------------------------------------------------------------------------------------------------

    def __call__(self, *given: Reals | None, **bounds: Reals | None) -> float | np.ndarray:
        """Evaluate.

        Parameters
        ----------
        *given : number or array
            Bounds without their letters, in the order of `arguments`: `D(0.4, 0.8)` is `D(R=0.4, C=0.8)`.
        **bounds : number or array
            The arguments (`R`, `C`, or `D`, `C`) and every parameter that is still a symbol; they broadcast. Where `C` is
            left out, parameters of the label alone may be left out too.

        Returns
        -------
        float, or array of the broadcast shape

        Raises
        ------
        ProblemError
            For an unknown name, NaN, a negative rate or distortion, or a parameter left free.
        """
        values = self._evaluator.values(self._inputs(self._named(given, bounds)))
        return values if values.ndim else float(values)

    def regime(self, *given: Reals | None, **bounds: Reals | None) -> str | np.ndarray:
        """Name the regime of each point: a string, or an array of strings.

        Parameters and errors are those of a call.
        """
        found = self._names[self._evaluator.indices(self._inputs(self._named(given, bounds)))]
        return str(found) if found.ndim == 0 else found

    def for_the_eye(self, **bounds: Reals | None) -> tuple[np.ndarray, np.ndarray]:
        """Return the values and the names of the regimes for a picture: fast, and wrong by what nobody sees."""
        values, indices = self._evaluator.for_the_eye(self._inputs(bounds))
        return values, self._names[indices]

    def why(self, *given: Real | None, **bounds: Real | None) -> str:
        """Say which constraint binds at a point, and what a little more is worth; or why it is infeasible and what would do.

        Examples
        --------
        >>> import drc
        >>> T = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc()
        >>> T.why(R=0.4).splitlines()[1]
        'At the margin, one more bit of R lowers D by 0.477.'
        >>> print(T.why(R=0.4, C=0.55))
        infeasible: C = 0.55 bit needs identity-or-negation weight t >= 0.822; R = 0.4 bit allows t <= 0.454.
        The least rate for this C is 0.725 bit; the least C at this rate is 0.718 bit.
        """
        return self._why(self._inputs(self._named(given, bounds)))[1]

    def at(self, *given: Real | None, **bounds: Real | None) -> Point:
        """Return the value at one point, the name of its regime, and why.

        Parameters and errors are those of a call.

        Examples
        --------
        >>> import drc
        >>> drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc().at(R=0.4, C=0.55).regime
        'infeasible'
        """
        inputs = self._inputs(self._named(given, bounds))
        index, why = self._why(inputs)
        regime = "infeasible" if index == len(self.cases) else self.cases[index].name
        return Point(float(self._evaluator.values(inputs)), regime, why)

    def _why(self, inputs: Mapping[str, Any]) -> tuple[int, str]:
        """Return the index of the regime that holds at a point, and what explains it."""
        if any(np.ndim(v) for v in inputs.values()):
            raise ProblemError("why() explains one point: each argument must be one number")
        index = int(self._evaluator.indices(inputs))
        if index == len(self.cases):
            return index, "infeasible: no branch of the published formula covers this point"
        return index, self.cases[index].why(lambda expr: self._evaluator.number(expr, inputs), self.unit)

    @property
    def _names(self) -> np.ndarray:
        return np.array([regime.name for regime in self.cases] + ["infeasible"])

    @cached_property
    def _evaluator(self) -> Evaluator:
        return Evaluator(self.cases, self.where)

    @cached_property
    def parameters(self) -> tuple[sp.Symbol, ...]:
        """The parameters that are still symbols, by name."""
        expressions: list[sp.Basic] = [value for _, value in self.where]
        expressions += [part for regime in self.cases for part in (regime.condition, regime.expr)]
        free = set().union(*(e.free_symbols for e in expressions)) if expressions else set()
        known = {symbol for symbol, _ in self.where} | set(self.arguments)
        # sympy says `Basic`, which integrals and the like may have.
        return tuple(sorted(free - known, key=str))  # pyright: ignore[reportReturnType]

    def _named(self, given: tuple[Any, ...], bounds: Mapping[str, Any]) -> dict[str, Any]:
        """Give bounds without a letter the letters of the arguments, in their order."""
        names = [s.name for s in self.arguments]
        if len(given) > len(names):
            raise must(
                f"{self.value}({', '.join(names)})", f"have at most {len(names)} bounds without letters", len(given)
            )
        if twice := [name for name in names[: len(given)] if name in bounds]:
            raise must(twice[0], "be given once", got="it twice: bounds without letters are " + ", ".join(names))
        return dict(zip(names, given, strict=False)) | dict(bounds)

    def _inputs(self, bounds: Mapping[str, Any]) -> dict[str, Any]:
        arguments = [s.name for s in self.arguments]
        parameters = {s.name for s in self.parameters}
        unknown = sorted(set(bounds) - {*arguments} - parameters)
        if unknown:
            allowed = ", ".join([s.name for s in self.arguments] + sorted(parameters))
            raise must(f"the arguments of {self.id}", f"be among {allowed}", got=unknown[0])
        if bounds.get("C") is None and self.value.name != "C":
            # No bound on the label is active, so what it is does not matter.
            neutral = {name: value for name, value in self.problem.neutral_label.items() if name in parameters}
            bounds = neutral | dict(bounds)
        if missing := sorted(parameters - {name for name, value in bounds.items() if value is not None}):
            raise ProblemError(f"{', '.join(missing)} must be numbers in {self.id}: give them here, or use `given()`")
        values = dict.fromkeys(arguments, np.inf) | {k: v for k, v in bounds.items() if v is not None}
        inputs = {n: (bound_given if n in arguments else numbers_given)(n, value) for n, value in values.items()}
        _judge_shapes(inputs)
        self._judge_parameters(inputs)
        self.problem.check_bounds(inputs, self.unit)
        return inputs

    def _judge_parameters(self, inputs: Mapping[str, Any]) -> None:
        """Let the problem check the numbers given for parameters: the first instance out of range is named."""
        open_fields = {name: value for name, value in self.problem.parameters.items() if value.free_symbols}
        known = {name: e for name, e in open_fields.items() if {s.name for s in e.free_symbols} <= inputs.keys()}
        if not known:
            return
        numbers = {
            name: compile_expression(e)(inputs)
            for name, e in self.problem.parameters.items()
            if {s.name for s in e.free_symbols} <= inputs.keys()
        }
        wrong = np.ravel(self.problem.out_of_range(numbers))
        if wrong.any():
            at = int(np.argmax(wrong))
            shape = np.broadcast_shapes(*(np.shape(v) for v in numbers.values()))
            self.problem.changed(**{n: float(np.broadcast_to(numbers[n], shape).flat[at]) for n in known})

    # Symbolic --------------------------------------------------------------------------------------------------------

    def given(self, **parameters: Real) -> Self:
        """Return the trade-off with some parameters replaced by numbers or expressions.

        Examples
        --------
        >>> import drc
        >>> drc.Bernoulli().drc().given(q_X=0.5, q_Y=0.5, q_S1=0)(R=0.25)
        0.375
        """
        allowed = {s.name for s in self.parameters}
        if unknown := sorted(set(parameters) - allowed):
            raise must("the parameters to replace", f"be among {', '.join(sorted(allowed))}", got=unknown[0])
        problem = self.problem.changed(**parameters)
        return self.specialise(problem)

    def specialise(self, problem: Problem) -> Self:
        """Return this trade-off for the parameters of a problem.

        Raises
        ------
        ProblemError
            For a problem of another kind.
        """
        if type(problem) is not type(self.problem):
            raise must("problem", f"be a {type(self.problem).__name__}", problem)
        symbols = {s.name: s for s in self.parameters}
        changes: dict[sp.Basic | complex, sp.Expr | complex] = {
            symbols[n]: v for n, v in problem.parameters.items() if n in symbols and v != symbols[n]
        }
        where, cases, pending = [], self.cases, dict(changes)
        for symbol, value in self.where:
            new = _without_poles(value.subs(pending, simultaneous=True))  # pyright: ignore[reportArgumentType] (sympy)
            # A short number is read more easily than its name; H_b(0.3) or a condition keeps the name.
            if new.is_Rational or new.is_Symbol:
                pending[symbol] = new
            else:
                where.append((symbol, new))
        cases = tuple(r for r in (regime.subs(pending) for regime in cases) if r.condition != False)  # noqa: E712
        cases = tuple(r for r in cases if not r.expr.has(sp.zoo, sp.nan))
        laws = tuple(law for law in self.laws if law.kind != "symmetry" or not changes)
        laws = tuple(replace(law, value=None if law.value is None else law.value.subs(changes)) for law in laws)
        return replace(self, problem=problem, cases=cases, where=tuple(where), laws=laws)

    @cached_property
    def regimes(self) -> tuple[Regime, ...]:
        """The regimes with all abbreviations opened."""
        return tuple(regime.subs(self._opened) for regime in self.cases)

    @cached_property
    def expr(self) -> sp.Piecewise:
        """The trade-off as one sympy Piecewise of arguments and parameters."""
        finite = [(r.expr, r.condition) for r in self.regimes if not r.is_infeasible]
        return by_cases([*finite, (sp.oo, sp.true)])

    @cached_property
    def _opened(self) -> Changes:
        opened: dict[sp.Basic | complex, sp.Expr | complex] = {}
        for symbol, value in self.where:
            opened[symbol] = value.xreplace(opened)
        return opened


def _judge_shapes(inputs: Mapping[str, Any]) -> None:
    shapes = {name: np.shape(value) for name, value in inputs.items() if np.ndim(value)}
    try:
        np.broadcast_shapes(*shapes.values())
    except ValueError:
        named = ", ".join(f"{name} has shape {shape}" for name, shape in shapes.items())
        raise ProblemError(f"{', '.join(shapes)} must have shapes that fit together, got: {named}") from None


def _without_poles(expr: sp.Expr) -> sp.Expr:
    """Put `oo` for the value of a branch that has a pole at the parameters put in: no feasible point reaches it."""
    if not isinstance(expr, sp.Piecewise):
        return expr
    return sp.Piecewise(*((sp.oo if value.has(sp.zoo, sp.nan) else value, where) for value, where in pieces(expr)))
