"""A trade-off as users have it: evaluated, and set in LaTeX, tabulated, drawn and checked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from drc import doors
from drc.errors import NotAvailableError, ProblemError, must
from drc.files import write_whole
from drc.problems import problem_of
from drc.problems.files import fields_of
from drc.problems.validation import choice
from drc.strict_json import to_json
from drc.tradeoff.code import code
from drc.tradeoff.derivatives import Gradient, differentiated, gradient, prices
from drc.tradeoff.display import tradeoff_latex, tradeoff_text
from drc.tradeoff.function import RegimeFunction
from drc.tradeoff.lines import plot
from drc.tradeoff.renamed import renamed
from drc.tradeoff.table import grid_table, points_table, regimes_table
from drc.typeset.tables import fitting, floating, standing_alone
from drc.units import unit_named

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from drc.doors import CheckReport
    from drc.types import Ranges, Reals


@dataclass(frozen=True, eq=False)
class Tradeoff(RegimeFunction):
    """The least of one quantity, as a function of bounds on the others.

    Calling it evaluates it with numpy broadcasting: `T(R=0.4, C=0.6)`.  A bound left out is inactive.  Infeasible is
    `+inf`; nothing is ever NaN.

    Attributes
    ----------
    id : str
        The name in the catalogue.
    statement, source : str
        What it is, and where it comes from (keys of the bibliography).
    problem : object
        The problem it belongs to.
    value : sympy.Symbol
        What is minimised: `D` or `R`.
    arguments : tuple of sympy.Symbol
        What is bounded.
    cases : tuple of Regime
        The regimes, in the abbreviations of `where`.
    where : pairs of symbol and expression
        The abbreviations; each needs only earlier ones.
    unit : Unit
        The unit of `R` and `C`.
    form : {"exact", "published"}
    laws : tuple of Law
        What its values obey.
    derivation : Derivation or None
        The proof; a published form has none.

    Examples
    --------
    >>> import drc
    >>> T = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc()
    >>> T(R=0.4, C=[0.75, 0.55]).round(6).tolist()
    [0.269371, inf]
    >>> T.regime(R=0.4, C=0.75)
    'rate-limited'
    """

    def gradient(self, **bounds: Reals | None) -> Gradient:
        """Differentiate with respect to each argument at a point, or at the points of arrays that broadcast.

        Parameters and errors are those of a call.

        Returns
        -------
        Gradient
            A mapping from the names of the arguments to derivatives; per unit of the argument, so `R` and `C` count in the
            trade-off's unit. On a border between regimes (one within 1e-12) the derivatives from both sides may differ. An
            infeasible point has `+inf`, and the left side of the least feasible bound `-inf`; a bound left out has 0.
            Nothing is ever NaN.

        Examples
        --------
        >>> import drc
        >>> T = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc()
        >>> T.gradient(R=[0.4, 0.88], C=0.55)["C"].round(4).tolist()
        [inf, -2.3035]
        """
        return gradient(self, self.diff, self._inputs(bounds))

    def diff(self, argument: str) -> Self:
        """Differentiate with respect to an argument: the same regimes, with differentiated formulas.

        Abbreviations have derivatives of their own; the derivatives of implicit functions are known. Infeasible points have
        `+inf`.

        Parameters
        ----------
        argument : str
            "R", "C", "D" or "P".

        Raises
        ------
        ProblemError
            If it is none of the arguments.

        Examples
        --------
        >>> import drc
        >>> drc.Gaussian(0, 1, 0, 1, 0, 1, 0).drc(unit="nats").diff("R").cases[0].expr
        -2*drho_R_dR
        """
        if argument not in self._derivatives:
            letters = {symbol.name: symbol for symbol in self.arguments}
            if argument not in letters:
                raise must("the argument of a derivative", f"be one of {', '.join(letters)}", argument)
            self._derivatives[argument] = differentiated(self, letters[argument])
        return self._derivatives[argument]

    @cached_property
    def _derivatives(self) -> dict[str, Self]:
        return {}

    def _why(self, inputs: Mapping[str, Any]) -> tuple[int, str]:
        """Add to the reasons what a little more of each bound is worth."""
        index, why = super()._why(inputs)
        if self.derivation is None or index == len(self.cases) or self.cases[index].is_infeasible:
            return index, why
        return index, "\n".join([why, *prices(self, gradient(self, self.diff, inputs))])

    def rename(self, **letters: str) -> Self:
        """Return the trade-off with other letters for parameters and abbreviations: in formula, proof, table and plot.

        Raises
        ------
        ProblemError
            For a letter that is none of them, or a new one that the trade-off or its proof has already.

        Examples
        --------
        >>> import drc
        >>> T = drc.Gaussian().drc().rename(sigma_X="s", rho_R="k")
        >>> [symbol.name for symbol in T.parameters], T.cases[0].expr
        (['mu_X', 'mu_Y', 's', 'sigma_S', 'sigma_Y', 'theta'], B - 2*k*s*sigma_Y)
        """
        return renamed(self, letters)

    def latex(self, *, unit_note: bool = False) -> str:
        """Return LaTeX that pastes into a paper: the cases, then what the abbreviations stand for.

        Parameters
        ----------
        unit_note : bool
            Whether a last line says in which unit rates and entropies are.
        """
        return tradeoff_latex(self, unit_note=unit_note)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def __str__(self) -> str:
        return tradeoff_text(self)

    __repr__ = __str__

    def to_code(self, target: str) -> str:
        """Write the trade-off as a function in another language, with all that it needs in one text.

        The function is called `D` or `R`, as what it returns; it takes the bounds, then the parameters by name, one number
        each (arrays in numpy, JAX and torch). It trusts them: nothing is validated. The value is infinite where no code
        exists, and where a bound is given as infinite it is inactive. It has the accuracy of doubles, without the balls in
        which this library goes on where doubles do not settle a value.

        Parameters
        ----------
        target : {"python", "numpy", "jax", "torch", "c", "javascript", "julia", "matlab", "mathematica", "latex"}
            JAX and torch functions have derivatives with respect to what they take, implicit functions included.

        Raises
        ------
        ProblemError
            For another target.

        Examples
        --------
        >>> import drc
        >>> T = drc.Gaussian(0, 1, 0, 1, 0, 1, 0).drc(unit="nats")
        >>> place = {}
        >>> exec(T.to_code("python"), place)
        >>> round(place["D"](1.0, float("inf")), 12), round(T(R=1), 12)
        (0.140253009936, 0.140253009936)
        """
        if not self.problem.is_known_everywhere:
            raise NotAvailableError(f"{self.id} must be known for all bounds to be written as code, and is not")
        return self.latex() + "\n" if target == "latex" else code(self, target)

    def table(
        self,
        points: Iterable[Mapping[str, float]] | None = None,
        *,
        form: str = "latex",
        digits: int = 4,
        caption: str = "",
        label: str = "",
        narrow: bool = False,
        standalone: bool = False,
        **grid: object,
    ) -> str:
        r"""Tabulate: the regimes, the values at some points, or the values over a grid.

        Parameters
        ----------
        points : list of mappings from argument to number, optional
            Left out, and without a grid, the table lists the regimes with their conditions.
        form : {"latex", "csv", "html"}
            Booktabs LaTeX (a grid needs siunitx too), CSV or HTML.
        digits : int
            Decimals of the values over a grid.
        caption, label : str
            LaTeX: given, the table is a float, `\begin{table}`.
        narrow : bool
            LaTeX for one of two columns: the regimes have their conditions below their values, and a table that is still
            wider than the column is scaled down (this needs graphicx).
        standalone : bool
            LaTeX: a document whose page is as large as the table, which `\includegraphics` takes once it is a PDF.
        **grid : number, or sequence of numbers
            Arguments and free parameters. Two sequences make rows and columns, in that order; one, or three, a list.

        Raises
        ------
        ProblemError
            For an unknown form or name, a sequence that is empty or nested, or what does not go together.

        Examples
        --------
        >>> import drc
        >>> T = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc()
        >>> print(T.table([{"R": 0.8, "C": 0.95}], form="csv"))
        R,C,D,regime
        0.8,0.95,0.1,transport-limited
        <BLANKLINE>
        >>> print(T.table(R=[0.4, 0.8], C=[0.55, 0.95]), end="")
        % needs booktabs and siunitx
        \begin{tabular}{S[table-format=1.1]S[table-format=1.4]S[table-format=1.4]}
        \toprule
        & \multicolumn{2}{c}{$D$ at $C$ (bit)} \\
        \cmidrule(lr){2-3}
        {$R$ (bit)} & {0.55} & {0.95} \\
        \midrule
        0.4 & {$\infty$} & 0.2694 \\
        0.8 & 0.1000 & 0.1000 \\
        \bottomrule
        \end{tabular}
        """
        if points is not None and grid:
            raise ProblemError(f"points must be given without {', '.join(grid)}, got both")
        if form != "latex" and (caption or label or narrow or standalone):
            raise must("form", "be 'latex' with caption, label, narrow or standalone", form)
        if standalone and (caption or label):
            raise ProblemError("caption and label must be left out with standalone: a page has no float")
        if grid:
            text = grid_table(self, grid, form, digits)
        elif points is not None:
            text = points_table(self, points, form)
        else:
            text = regimes_table(self, form, narrow=narrow)
        text = fitting(text) if narrow else text
        text = floating(text, caption, label) if caption or label else text
        return standing_alone(text) if standalone else text

    def plot(self, ax: Axes | None = None, *, style: str | None = None, **ranges: Ranges) -> Axes:
        """Draw a map with the borders of the regimes, or curves with what is infeasible shaded.

        A map has contours over two arguments.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Left out, the current ones of pyplot if they are empty, or those of a new figure.
        style : {"ieee", "neurips", "slides"}, optional
            Of a new figure: the width of a column or page, and its letters. Left out, the user's rcParams hold.
        **ranges
            For an argument (low, high), or left out, the range in which the regimes change; a number or a list of numbers
            instead makes curves of them, once only one argument is left. A number for a free parameter.

        Returns
        -------
        matplotlib axes
            Their figure saves PDF with TrueType letters, as conferences want it.

        Raises
        ------
        ProblemError
            For an unknown name or style, an invalid range, or a parameter left free.

        Examples
        --------
        >>> import drc
        >>> ax = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc().plot(C=[0.55, 0.7, 0.9], style="ieee")
        >>> ax.get_xlabel(), ax.figure.get_size_inches().tolist()
        ('rate $R$ (bit)', [3.5, 2.5])
        """
        return plot(self, ax, style=style, **ranges)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the trade-off as a JSON file: which theorem it is, of which problem, in which form and unit.

        `drc.load` derives it again, so that a file holds no formula that nobody has proved.

        Raises
        ------
        ProblemError
            If it is not as the catalogue has it, as a derivative is not.
        """
        fields = {"tradeoff": self.id, "form": self.form, "unit": self.unit.name, "problem": fields_of(self.problem)}
        if Tradeoff.of_fields("the trade-off", fields) != self:
            raise ProblemError(
                f"{self.id} must be as the catalogue has it to be saved, got one that was changed (save what it was made of)"
            )
        return write_whole(path, to_json(fields) + "\n")

    @classmethod
    def of_fields(cls, name: str, fields: Mapping[str, object]) -> Tradeoff:
        """Make the trade-off that `save` wrote of its fields; `name` is that of the file.

        Raises
        ------
        ProblemError
            If a field is missing or wrong.
        """
        if missing := sorted({"tradeoff", "form", "unit", "problem"} - fields.keys()):
            raise ProblemError(f"{name} must have the field {missing[0]}")
        theorem, problem = fields["tradeoff"], fields["problem"]
        if not isinstance(theorem, str) or not isinstance(problem, Mapping):
            raise must(f"the trade-off and the problem in {name}", "be text, and an object", (theorem, problem))
        form = {"exact": doors.theorem, "published": doors.published}[
            choice("form", fields["form"], ("exact", "published"))
        ]
        return form(theorem)(problem_of(name, problem), unit_named(fields["unit"]))  # pyright: ignore[reportArgumentType] (it says what is wrong)

    def check(self, *, samples: int = 200, seed: int = 0) -> CheckReport:
        """Compare with the solver at random points, corners included; returns a CheckReport."""
        return doors.check(self, samples=samples, seed=seed)
