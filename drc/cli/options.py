"""The options that several commands have, each declared once.

A command takes a group of them as one keyword whose type is a dataclass of this module; `opened` makes one option of each
field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from drc.cli.texts import read_number
from drc.errors import must

if TYPE_CHECKING:
    from drc.problems import Problem

Id = Annotated[str, typer.Argument(metavar="ID", help="A theorem, as `drc list` names it.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="Theorems; left out, all.")]
Assignments = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME=VALUE...", help="Parameters and bounds: q_X=.3 R=0.4 C=3/4"),
]
Form = Annotated[str, typer.Option(help="exact: as derived here. published: as the paper prints it.")]
UnitName = Annotated[str, typer.Option("--unit", help="bits or nats, for R and C.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON; infinite values are the string 'inf'.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes; left out, one for each core.")]
File = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="A joint law of label and source (CSV, JSON or NPZ), or a Gaussian (JSON)."),
]
FromSamples = Annotated[
    bool, typer.Option("--samples", help="FILE is a CSV of samples: columns S, X and, of the target, Y.")
]
Minimise = Annotated[str, typer.Option(help="D, R, or (finite problems) C.")]


@dataclass(frozen=True)
class Bounds:
    """The bounds that a problem is solved for, or a trade-off is tabulated at, as they are written."""

    rate: Annotated[str | None, typer.Option("--rate", "--R", "-R", help="Bound on the rate.")] = None
    classification: Annotated[
        list[str] | None,
        typer.Option(
            "--classification",
            "--C",
            "-C",
            help="Bound on what is left unknown of the label; of several, once for each.",
        ),
    ] = None
    distortion: Annotated[
        list[str] | None,
        typer.Option("--distortion", "--D", "-D", help="Bound on E d(X, Y); of several costs, once for each, or none."),
    ] = None
    perception_bound: Annotated[
        str | None, typer.Option("--perception-bound", "--P", "-P", help="Bound on the perception measure.")
    ] = None

    def given(self) -> dict[str, str]:
        """Return those that were given, by their letters, each of which was given once."""
        for name, texts in self._texts().items():
            if len(texts) > 1:
                raise must(name, "be given once", got=", ".join(texts))
        return {name: text for name, (text,) in self._texts().items()}

    def _texts(self) -> dict[str, list[str]]:
        alone = {"R": self.rate, "P": self.perception_bound}
        texts = {name: None if text is None else [text] for name, text in alone.items()}
        texts |= {"C": self.classification, "D": self.distortion}
        return {name: given for name, given in texts.items() if given}

    def read(self, one: Callable[[str, str], object] = read_number) -> dict[str, object]:
        """Read those that were given; what was given more than once, for several costs or labels, becomes a list."""
        return {
            name: one(name, texts[0]) if len(texts) == 1 else [None if t == "none" else one(name, t) for t in texts]
            for name, texts in self._texts().items()
        }


@dataclass(frozen=True)
class ProblemOptions:
    """What the command line says of a problem; it goes before what the file has."""

    cost: Annotated[str | None, typer.Option(help="The distortion measure: hamming or squared.")] = None
    target: Annotated[str | None, typer.Option(help="The law of Y, as numbers with commas: .6,.4")] = None
    perception: Annotated[
        str | None, typer.Option(help="TV, W2, KL, JS, Hellinger, chi2 or reversed KL, instead of a law of Y.")
    ] = None
    reference: Annotated[
        str | None, typer.Option(help="The law it compares with, as numbers with commas; or that of X.")
    ] = None
    setting: Annotated[str | None, typer.Option(help="one-shot or asymptotic.")] = None
    sees: Annotated[str | None, typer.Option(help="What the classifier sees: YU or Y.")] = None
    time_sharing: Annotated[bool | None, typer.Option("--time-sharing", help="Blocks may use different codes.")] = None

    def defaults(self) -> list[str]:
        """Name the options that were left out, and so have their defaults."""
        names = {"--cost": self.cost, "--setting": self.setting, "--sees": self.sees}
        return [*(name for name, given in names.items() if given is None)] + (
            ["--target"] if self.target is None and self.perception is None else []
        )

    def read(self, file: Path, samples: bool = False) -> Problem:
        """Read the problem; laws are numbers with commas."""
        from drc.problems import read_problem

        p_Y, reference = (
            None if text is None else [read_number(name, part) for part in text.split(",")]
            for name, text in (("p_Y", self.target), ("reference", self.reference))
        )
        return read_problem(
            file,
            samples=samples,
            distortion=self.cost,
            setting=self.setting,
            classifier_sees=self.sees,
            time_sharing=self.time_sharing,
            p_Y=p_Y,
            perception=self.perception,
            reference=reference,
        )


@dataclass(frozen=True)
class Limits:
    """How well, how long and by which method a problem is solved."""

    tolerance: Annotated[float, typer.Option(help="The gap that counts as optimal, relative to the costs.")] = 1e-9
    time_limit: Annotated[
        float | None, typer.Option("--time-limit", help="Seconds, after which the best so far is given.")
    ] = None
    method: Annotated[str, typer.Option(help="Which solver; auto chooses, and says which and why.")] = "auto"


@dataclass(frozen=True)
class CodeOptions:
    """Which code is made, and with which common randomness."""

    seed: Annotated[int, typer.Option(help="Seed of the common randomness, 0 to 2**64 - 1; the file has it.")] = 0
    block: Annotated[int | None, typer.Option(help="The number of symbols that are coded together.")] = None
    lattice: Annotated[str | None, typer.Option("--lattice", help="Z or E8, for a Gaussian.")] = None
    scheme: Annotated[
        str | None, typer.Option(help="dithered-lattice or channel-simulation, for a Gaussian; the first is taken.")
    ] = None
    minimise: Minimise = "D"


@dataclass(frozen=True)
class Draws:
    """Random points to compare at."""

    samples: Annotated[int | None, typer.Option(min=1, help="Random points for each theorem.")] = None
    seed: Annotated[int, typer.Option(help="Seed of the random points.")] = 0

    def given(self) -> dict[str, int]:
        """Return the seed, and the number of points if it was given."""
        return {"seed": self.seed} | ({} if self.samples is None else {"samples": self.samples})


def opened(function: Callable[..., None]) -> tuple[list[Parameter], Callable[[dict[str, object]], dict[str, object]]]:
    """Return one keyword for each option of a command, and what puts their values together to its groups."""
    groups: dict[str, Any] = {}
    options: list[Parameter] = []
    hints = get_type_hints(function, include_extras=True)
    for parameter in signature(function).parameters.values():
        hint = hints[parameter.name]
        if not is_dataclass(hint):
            options.append(parameter.replace(kind=Parameter.KEYWORD_ONLY, annotation=hint))
            continue
        groups[parameter.name], inner = hint, get_type_hints(hint, include_extras=True)
        options += [
            Parameter(field.name, Parameter.KEYWORD_ONLY, default=field.default, annotation=inner[field.name])
            for field in fields(hint)
        ]

    def together(given: dict[str, Any]) -> dict[str, Any]:
        made = {name: kind(**{f.name: given[f.name] for f in fields(kind)}) for name, kind in groups.items()}
        inside = {f.name for kind in groups.values() for f in fields(kind)}
        return made | {name: value for name, value in given.items() if name not in inside}

    return options, together
