"""Finite alphabets: any joint law, any distortion measure, any target law."""

# Its fields are declared as what a caller may give, and hold what was read of it.
# pyright: reportReturnType=false, reportAssignmentType=false, reportIndexIssue=false, reportGeneralTypeIssues=false

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass, fields, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from drc import doors
from drc.errors import ProblemError, about, brief, must
from drc.problems import arrays, averages, frames
from drc.problems.arrays import exact_number, frozen, law, matrix, read_only
from drc.problems.bounds import bounds_by_name
from drc.problems.counts import agreed, of_counts, of_samples, sample_size, whole_numbers
from drc.problems.perception import FURTHER, MEASURES, measure
from drc.problems.problem import Problem, classifier_given
from drc.problems.samples import alphabet, compared, read_letter
from drc.problems.validation import choice

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from drc.doors import Limits, Solution, Tradeoff, Universal
    from drc.types import Real

#: Fields that may be data frames or series, and whose letters their axes name.
_AXES = {"p_SX": "SX", "distortion": "XY", "p_Y": "Y", "reference": "Y", "ground": "YY"}


@dataclass(frozen=True, repr=False)
class Finite(Problem):
    """A label `S` and a source `X` with a joint law, a distortion measure, and what is asked of the law of `Y`.

    Parameters
    ----------
    p_SX : array, shape (n_S, n_X)
        The joint law. Entries are floats or exact numbers; a float means the decimal that it prints as. A law whose
        sum misses one by at most 1e-9 is renormalised exactly. With `labels` it may be left out.
    distortion : {"hamming", "squared"} or array, shape (n_X, n_Y) or (n_S, n_X, n_Y)
        `d(x, y)`; the words compare the letters. An infinite entry forbids the pair. With three axes it is the cost of
        label, letter and output, of which the mean given the letter is kept; an axis `n_X` of length 1 is a cost of label
        and output.
    p_Y : array, shape (n_Y,), optional
        The target law; left out, the law of the output is free.
    setting : {"one-shot", "asymptotic"}
    classifier_sees : {"YU", "Y", "Z"}, optional
        The default is "YU" for one-shot and "Y" for asymptotic problems. "Z" is the message, only for asymptotic problems:
        the rate is `I(X;Z)`, `C` bounds `H(S|Z)`, and `Y` is a function of `Z`.
    letters_S, letters_X, letters_Y : sequence, optional
        Names or values of the letters; left out, they are 0, 1, 2, ...
    perception : {"TV", "W2", "KL", "JS", "Hellinger", "chi2", "reversed KL"}, optional
        Instead of a target law: the bound `P` of `solve` is on the total variation, `W_2^2(p_Y, p_ref)`,
        `KL(p_Y || p_ref)`, the Jensen-Shannon divergence, the squared Hellinger distance `1 - sum sqrt(p_Y p_ref)`,
        `sum (p_Y - p_ref)^2 / p_ref`, or `KL(p_ref || p_Y)`.
    reference : array, shape (n_Y,), optional
        The law `p_ref` of a perception measure; left out, it is the law of the source, whose letters `Y` then has.
    ground : array, shape (n_Y, n_Y), optional
        The cost of "W2": `W_2^2` is the least mean cost of a coupling of `p_Y` (rows) and `p_ref`. Left out, it is the
        squared difference of the letters of `Y`.
    time_sharing : bool
        Whether blocks may use different codes, each with the target law; encoder, decoder and classifier know which is
        in use. Only for `classifier_sees="Y"`.
    costs : sequence of what `distortion` may be, optional
        Several costs instead of one distortion: `solve(D=[...])` takes a bound for each, and minimises the first.
    labels : sequence of arrays, shape (n_S, n_X) each, optional
        Several labels of the same source instead of one: `solve(C=[...])` takes a bound for each. The first is `p_SX`.
    uncertainty : {"entropy", "error", "gini"}
        What `C` bounds: the entropy of the label given what the classifier sees, the error of its best guess, or the Gini
        index (the probability that it differs from an independent label of the same posterior). Others than the entropy are
        for one-shot problems whose classifier sees (Y, U), and up to some thousand maps.
    remote : array, shape (n_X, n_O), optional
        What the encoder sees instead of the source: the law of its observation given each source letter. From then on
        `p_SX`, the costs and `letters_X` are those of the observation, which is all that matters ([dobrushin1962]); the
        default reference of a perception measure is still the law of the source.
    sample_size : int, optional
        How many samples `p_SX` was counted from, as `from_samples` and `from_counts` say: solutions and limits then have the
        sampling error. It is left out where the law behind the samples enters otherwise too: with `labels`, `remote`, and
        costs that depend on the label.
    target_size : int or "X", optional
        How many samples `p_Y` was counted from; "X" if it is the law of the source, counted with it.

    Raises
    ------
    ProblemError
        For entries that are not probabilities, laws that do not sum to one, shapes that do not fit, a target law together
        with a perception measure.

    Notes
    -----
    Source: [nguyen2026], sections 2 and 3. The problem is held in exact numbers, so that a bound on its optimum can be
    proved.

    Examples
    --------
    >>> f = Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.6, 0.4])
    >>> f
    Finite(n_S=2, n_X=2, n_Y=2, distortion='hamming', one-shot, classifier sees YU)
    >>> round(f.solve(R=0.8, C=0.95).value, 9)
    0.3
    """

    p_SX: ArrayLike = None  # pyright: ignore[reportAssignmentType] (left out with labels, and then their first)
    distortion: str | ArrayLike = "hamming"
    p_Y: ArrayLike | None = None
    setting: str = "one-shot"
    classifier_sees: str | None = None
    letters_S: ArrayLike | None = None
    letters_X: ArrayLike | None = None
    letters_Y: ArrayLike | None = None
    perception: str | None = None
    reference: ArrayLike | None = None
    ground: ArrayLike | None = None
    time_sharing: bool = False
    costs: Sequence | None = None
    labels: Sequence | None = None
    uncertainty: str = "entropy"
    sample_size: int | None = None
    target_size: int | str | None = None
    remote: InitVar[ArrayLike | None] = None

    #: What was said of sums of short floats that were normalised; solutions repeat it.
    normalised: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self, remote: ArrayLike | None) -> None:
        sees = classifier_given(self.setting, self.classifier_sees, self.time_sharing, message=True)
        self._set("classifier_sees", sees)
        choice("uncertainty", self.uncertainty, ("entropy", "error", "gini"))
        if self.p_SX is None:
            first = None if self.labels is None else next(iter(_several("labels", self.labels)))
            self._set("p_SX", first)
        self._take_frames()
        joint = self._joint()
        self._set("p_SX", joint)
        self._take_sample_size(remote)
        self._take_labels()
        n_S, n_X = len(joint), len(joint[0])
        self._set("distortion", averages.cost("distortion", self.distortion, joint))
        self._take_costs()
        for name in ("p_Y", "reference"):
            if (given := getattr(self, name)) is not None:
                self._set(name, law(name, given))
                self._say(name, [given])
        self._take_target_size()
        for name, count in (("S", n_S), ("X", n_X), ("Y", self._outputs(n_X))):
            self._set(f"letters_{name}", self._letters(name, count))
        if isinstance(self.distortion, str):
            choice("distortion", self.distortion, ("hamming", "squared"))
            if self.distortion == "squared":
                values = self.letter_values("X") + self.letter_values("Y")
                arrays.squares_within("letters_X and letters_Y", values)
            elif self.letters_Y is not self.letters_X:
                compared(self.letters_X, self.letters_Y)
        self._take_perception()
        if self.costs is not None:
            # What the letters have to say to the other costs.
            self.each_cost  # noqa: B018
        if remote is not None:
            self._observe(averages.channel("remote", remote, n_X))

    def _take_sample_size(self, remote: ArrayLike | None) -> None:
        """Check the number of samples; none is kept where the law behind them enters in more ways than by `p_SX`."""
        if self.sample_size is None:
            return
        self._set("sample_size", sample_size("sample_size", self.sample_size, [p for row in self.p_SX for p in row]))
        costs = (self.distortion, *(self.costs or ()))
        if self.labels is not None or remote is not None or any(map(averages.has_three_axes, costs)):
            self._set("sample_size", None)

    def _take_target_size(self) -> None:
        if self.target_size is None:
            return
        if self.p_Y is None:
            raise must("target_size", "be left out without p_Y", self.target_size)
        if not isinstance(self.target_size, str):
            self._set("target_size", sample_size("target_size", self.target_size, self.p_Y))
        elif self.target_size != "X" or self.p_Y != arrays.sums(zip(*self.p_SX, strict=True)):
            raise must("target_size", "be a number of samples, or 'X' if p_Y is the law of X", self.target_size)

    def _take_costs(self) -> None:
        """Read the costs if there are several; the first is the distortion."""
        if self.costs is None:
            return
        given = enumerate(_several("costs", self.costs))
        costs = tuple(averages.cost(f"costs[{k}]", cost, self.p_SX) for k, cost in given)
        if self.distortion not in ("hamming", costs[0]):
            raise ProblemError("distortion must be left out with costs, of which it is the first, got both")
        self._set("distortion", costs[0])
        self._set("costs", costs if len(costs) > 1 else None)

    def _take_labels(self) -> None:
        """Read the laws of the labels if there are several; the first is that of `p_SX`."""
        if self.labels is None:
            return
        laws = []
        for k, given in enumerate(_several("labels", self.labels)):
            rows = matrix(f"labels[{k}]", frames.plain(f"labels[{k}]", given), ("n_S", "n_X"), arrays.probability)
            laws.append(arrays.normalised(f"labels[{k}]", rows, arrays.rounding(given)))
        if laws[0] != self.p_SX:
            raise ProblemError("p_SX must be left out with labels, of which it is the first, got both")
        if len(laws) > 1 and self.uncertainty != "entropy":
            raise ProblemError(f"uncertainty must be 'entropy' with several labels, got {self.uncertainty!r}")
        source = arrays.sums(zip(*self.p_SX, strict=True))
        laws = [averages.of_source(f"labels[{k}]", law, source) for k, law in enumerate(laws)]
        self._set("labels", tuple(laws) if len(laws) > 1 else None)

    def _observe(self, seen: tuple) -> None:
        """Replace the source by what the encoder sees."""
        source = arrays.sums(zip(*self.p_SX, strict=True))
        costs = [averages.seen_through(source, seen, each.exact_distortion) for each in self.each_cost]
        count = len(seen[0])
        self._set("letters_X", self.letters_X if count == self.n_X else tuple(range(count)))
        self._set("p_SX", averages.observed(self.p_SX, seen))
        if self.labels is not None:
            self._set("labels", tuple(averages.observed(law, seen) for law in self.labels))
        self._set("distortion", costs[0])
        self._set("costs", tuple(costs) if len(costs) > 1 else None)
        # What was computed from the source is computed again.
        for name in vars(self).keys() - {"normalised", *(field.name for field in fields(self))}:
            del vars(self)[name]

    @cached_property
    def each_cost(self) -> tuple[Finite, ...]:
        """The problem with each of its costs alone; itself, if there is one."""
        if self.costs is None:
            return (self,)
        return tuple(replace(self, distortion=cost, costs=None) for cost in self.costs)

    @cached_property
    def each_label(self) -> tuple[Finite, ...]:
        """The problem with each of its labels alone; itself, if there is one."""
        if self.labels is None:
            return (self,)
        return tuple(replace(self, p_SX=law, labels=None, letters_S=None) for law in self.labels)

    def _take_frames(self) -> None:
        """Take arrays out of data frames, and the letters that their indices and columns name."""
        for name in ("S", "X", "Y"):
            if getattr(self, f"letters_{name}") is not None:
                self._set(f"letters_{name}", alphabet(f"letters_{name}", getattr(self, f"letters_{name}")))
        for field, alphabets in _AXES.items():
            value = getattr(self, field)
            for name, found in frames.axes(field, value, alphabets):
                self._set(f"letters_{name}", agreed(name, getattr(self, f"letters_{name}"), field, found))
            self._set(field, frames.plain(field, value))

    def _joint(self) -> tuple:
        """The joint law; of numbers that look like counts, or like conditional laws, the message says so."""
        if self.p_SX is None:
            raise ProblemError("p_SX must be given, got neither it nor labels")
        try:
            joint = matrix("p_SX", self.p_SX, ("n_S", "n_X"), arrays.probability)
            found = arrays.normalised("p_SX", joint, arrays.rounding(self.p_SX))
        except ProblemError as error:
            try:
                counts = whole_numbers("p_SX", self.p_SX)
            except ProblemError:
                raise error from None
            raise ProblemError(
                f"p_SX must sum to 1, got whole numbers that sum to {sum(map(sum, counts))}:"
                " for counts use Finite.from_counts"
            ) from None
        self._say("p_SX", self.p_SX)
        return found

    def _say(self, name: str, rows: Sequence | np.ndarray) -> None:
        """Remember whether the sum of short floats was farther from one than that of others may be."""
        if arrays.rounding(rows) > arrays.SUM_TOLERANCE:
            said = arrays.said_of_sum(name, [[exact_number(name, p) for p in arrays.listed(name, row)] for row in rows])
            self._set("normalised", (*self.normalised, *said))

    def _take_perception(self) -> None:
        """Check what belongs to a perception measure; without one, nothing does."""
        if self.perception is None:
            for name in ("reference", "ground"):
                if getattr(self, name) is not None:
                    raise ProblemError(
                        f"{name} must come with a perception measure: give perception='TV', 'W2' or 'KL', too"
                    )
            return
        self._set("perception", measure(self.perception, (*MEASURES, *FURTHER)))
        if self.p_Y is not None:
            raise ProblemError(
                f"p_Y must be left out with a perception measure, got p_Y and perception={self.perception!r}; the"
                " distribution that p_Y is compared with is the reference"
            )
        if self.reference is None:
            if self.letters_Y != self.letters_X:
                raise ProblemError(
                    f"reference must be given, with shape ({self.n_Y},), where letters_Y differ from letters_X: its"
                    " default is the distribution of X"
                )
            self._set("reference", arrays.sums(zip(*self.p_SX, strict=True)))
        self._take_ground()

    def _take_ground(self) -> None:
        if self.perception != "W2":
            if self.ground is not None:
                raise ProblemError(
                    f"ground must be left out unless perception='W2', got it with perception={self.perception!r}"
                )
        elif self.ground is None:
            arrays.squares_within("letters_Y", self.letter_values("Y"))
        else:
            self._set("ground", matrix("ground", self.ground, ("n_Y", "n_Y"), arrays.cost))
            shape = len(self.ground), len(self.ground[0])
            if shape != (self.n_Y, self.n_Y):
                raise must(
                    "ground", f"have the shape {(self.n_Y, self.n_Y)}, one cost per pair of letters", got=f"{shape}"
                )

    def _outputs(self, n_X: int) -> int:
        """How many letters the output has; everything that says so must agree."""
        said = {}
        for name, cost in {"distortion": self.distortion, "costs": next(self._tables(), "")}.items():
            if not isinstance(cost, str):
                said[name] = len(cost[0])
        for name in ("p_Y", "reference"):
            if getattr(self, name) is not None:
                said[name] = len(getattr(self, name))
        if self.letters_Y is not None:
            said["letters_Y"] = len(self.letters_Y)
        if 0 in said.values():
            raise ProblemError("letters_Y must have at least one letter, got none")
        if len(set(said.values())) > 1:
            shapes = {name: f"of shape ({n_X}, {said.get(name)})" for name in ("distortion", "costs")}
            listed = ", ".join(f"{name} {shapes.get(name, f'of shape ({n},)')}" for name, n in said.items())
            raise must("the parameters", "have the same number n_Y of output letters", got=listed)
        return next(iter(said.values()), n_X)

    def _tables(self) -> Iterator[tuple]:
        """The costs that are arrays."""
        return (cost for cost in self.costs or () if not isinstance(cost, str))

    def _letters(self, name: str, count: int) -> tuple:
        given = getattr(self, f"letters_{name}")
        if given is None:
            # Without letters of its own, an output alphabet of the same size is the source alphabet.
            return self.letters_X if name == "Y" and count == len(self.letters_X) else tuple(range(count))
        if len(given) != count:
            raise ProblemError(f"letters_{name} must be {count} letters, one for each, got {len(given)} letters")
        return given

    def letter_values(self, name: str) -> tuple:
        """Return the letters of "X" or "Y" as exact numbers.

        Raises
        ------
        ProblemError
            If a letter is not a number.

        Examples
        --------
        >>> Finite([[0.5, 0.5]], "squared", letters_X=(0, 0.5)).letter_values("X")
        (Fraction(0, 1), Fraction(1, 2))
        """
        letters = getattr(self, f"letters_{name}")
        # A name is not a number, even if it reads like one: "01" and "1" may be two letters. The first that does not read
        # like one is the reason why a file's other letters are names, too.
        if names := [letter for letter in letters if isinstance(letter, str)]:
            first = next((letter for letter in names if isinstance(read_letter(letter), str)), names[0])
            raise ProblemError(
                f"letters_{name}[{letters.index(first)}] must be a number where letters are compared by their difference,"
                f" got the name {brief(first)}; a file's letters are numbers if all are written as Python prints them"
            )
        return tuple(exact_number(f"letters_{name}[{i}]", letter) for i, letter in enumerate(letters))

    def __repr__(self) -> str:
        distortion = f"distortion={self.distortion!r}" if isinstance(self.distortion, str) else "distortion='given'"
        distortion = distortion if self.costs is None else f"{len(self.costs)} costs"
        if self.labels is not None:
            distortion += f", {len(self.labels)} labels"
        if self.uncertainty != "entropy":
            distortion += f", uncertainty {self.uncertainty!r}"
        if self.perception is not None:
            output = f", perception {self.perception!r}"
        else:
            output = "" if self.p_Y else ", output law free"
        return (
            f"Finite(n_S={len(self.p_SX)}, n_X={self.n_X}, n_Y={self.n_Y}, {distortion},"
            f" {self.setting}, classifier sees {self.classifier_sees}{', time-shared' if self.time_sharing else ''}{output})"
        )

    @property
    def id(self) -> str:
        """The setting's name in the catalogue."""
        return f"finite.{self.setting}.{self.classifier_sees}" + (".time-shared" if self.time_sharing else "")

    @property
    def n_S(self) -> int:
        """How many labels there are."""
        return len(self.p_SX)

    @property
    def n_X(self) -> int:
        """How many source symbols there are."""
        return len(self.p_SX[0])

    @property
    def n_Y(self) -> int:
        """How many output letters there are."""
        return len(self.letters_Y)

    @cached_property
    def exact_distortion(self) -> tuple:
        """The distortion `d(x, y)` in exact numbers, n_X rows of n_Y; `inf` for the pairs that are forbidden."""
        if not isinstance(self.distortion, str):
            return self.distortion
        if self.distortion == "hamming":
            costs = Fraction(0), Fraction(1)
            return tuple(tuple(costs[int(d)] for d in row) for row in self.distortions)
        pairs = self.letter_values("X"), self.letter_values("Y")
        return tuple(tuple((x - y) ** 2 for y in pairs[1]) for x in pairs[0])

    @cached_property
    def exact_ground(self) -> tuple | None:
        """The cost of "W2" in exact numbers, n_Y rows of n_Y; None for other measures."""
        if self.perception != "W2" or self.ground is not None:
            return self.ground
        values = self.letter_values("Y")
        return tuple(tuple((y - z) ** 2 for z in values) for y in values)

    @cached_property
    def joint_law(self) -> np.ndarray:
        """`p_SX` as a read-only float array of shape (n_S, n_X); each entry is rounded to nearest, as in all below."""
        return frozen(self.p_SX)

    @cached_property
    def source_law(self) -> np.ndarray:
        """`p_X` as a read-only float array of shape (n_X,)."""
        return frozen(arrays.sums(zip(*self.p_SX, strict=True)))

    @cached_property
    def label_law(self) -> np.ndarray:
        """`p_S` as a read-only float array of shape (n_S,)."""
        return frozen(arrays.sums(self.p_SX))

    @cached_property
    def target_law(self) -> np.ndarray | None:
        """`p_Y` as a read-only float array of shape (n_Y,); None if the output law is free."""
        return None if self.p_Y is None else frozen(self.p_Y)

    @cached_property
    def reference_law(self) -> np.ndarray | None:
        """`p_ref` as a read-only float array of shape (n_Y,); None without a perception measure."""
        return None if self.reference is None else frozen(self.reference)

    @cached_property
    def distortions(self) -> np.ndarray:
        """`d(x, y)` as a read-only float array of shape (n_X, n_Y); `inf` where a pair is forbidden."""
        if self.distortion == "hamming":
            return read_only(arrays.hamming(self.letters_X, self.letters_Y))
        if self.distortion == "squared":
            return read_only(arrays.squared(self.letter_values("X"), self.letter_values("Y")))
        return frozen(self.distortion)

    @cached_property
    def ground_costs(self) -> np.ndarray | None:
        """The cost of "W2" as a read-only float array of shape (n_Y, n_Y); None for other measures."""
        if self.ground is not None:
            return frozen(self.ground)
        values = self.letter_values("Y") if self.perception == "W2" else ()
        return read_only(arrays.squared(values, values)) if values else None

    def solve(
        self,
        *,
        R: Real | None = None,
        C: Real | Sequence[Real | None] | None = None,
        D: Real | Sequence[Real | None] | None = None,
        P: Real | None = None,
        minimise: str = "D",
        slope: Real | None = None,
        tolerance: float = 1e-9,
        time_limit: float | None = None,
        method: str | None = "auto",
        unit: str = "bits",
        start: Solution | None = None,
    ) -> Solution:
        """Solve for the least distortion, rate or uncertainty of the label, with a proof of the answer.

        Parameters
        ----------
        R, C, D : number, optional
            Bounds on the rate (`H(Y|U)`; asymptotically `I(X;Y)` or `I(X;Z)`), on what the classifier does not know
            (`H(S|Y,U)`, `H(S|Y)` or `H(S|Z)`) and on the distortion; one left out is inactive. Where there are several costs
            or labels, `D` or `C` is a list of one bound for each, None for those without; the first one is minimised.
        P : number, optional
            The bound on the perception measure; the problem must name one.
        minimise : {"D", "R", "C"}
            The distortion, the rate, or what the classifier does not know.
        slope : number, optional
            Minimise `D + slope R` instead; then neither is bounded.
        tolerance : float
            The gap between the proved bounds that counts as optimal, as a part of `Solution.scale`: of the spread of the
            finite costs, or of one bit where `R` or `C` is minimised.
        time_limit : float, optional
            Seconds after which the best proved bounds are returned; Ctrl-C does the same.
        method : str
            Which solver proposes the answer; all are certified alike. "auto" chooses one, and the answer says which and
            why.
        unit : {"bits", "nats"}
            The unit of `R`, `C` and `P`, if that is a KL or Jensen-Shannon divergence.
        start : Solution, optional
            An answer to the same question with other bounds. It may save time, and never changes what is proved.

        Raises
        ------
        ProblemError
            For a bad bound, or a bound `P` without a measure.
        NotAvailableError
            For a setting without a solver yet.

        Examples
        --------
        >>> f = Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.6, 0.4])
        >>> f.solve(R=0.1, C=0.2).status
        'infeasible'
        """
        named = bounds_by_name(self, {"D": D, "C": C})
        if P is not None and self.perception is None:
            raise ProblemError(
                f"P must come with a perception measure, got P = {brief(P)} alone: give the problem one, as in Finite(...,"
                " perception='TV', reference=[...]) with 'TV', 'W2' or 'KL', or leave P out"
            )
        question = {"R": R, "P": P, **named, "minimise": minimise, "slope": slope, "unit": unit}
        limits = {"tolerance": tolerance, "time_limit": time_limit, "method": method, "start": start}
        return doors.solve(self.id, self, **question, **limits)

    def universal(
        self,
        *,
        D: Sequence[Real | None] | None = None,
        P: Sequence[Real | None] | None = None,
        R: Real | None = None,
        tolerance: float = 1e-9,
        time_limit: float | None = None,
        unit: str = "bits",
    ) -> Universal:
        """Find the least rate of one representation that serves several demands, with a proof of the answer.

        Each demand has a reconstruction of its own, made of the one representation `Z` that all share: the rate `I(X;Z)` is
        that of long blocks, and decoders may use randomness. There is no bound on a label.

        Parameters
        ----------
        D : list of numbers
            The bound on the distortion, one for each demand; None where there is none.
        P : list of numbers, optional
            The bound on the perception measure of the problem, one for each demand; None where there is none. Total
            variation and `W_2^2` may have any bound, other measures 0 or None.
        R : number, optional
            Instead of `D`: each demand has the least distortion that this rate allows it alone, and a thousandth of the
            tolerance more.
        tolerance, time_limit, unit
            As in `solve`, for a rate.

        Returns
        -------
        Universal
            With the rate, its `penalty` over the strictest demand alone, and the representation.

        Raises
        ------
        ProblemError
            For lists that do not fit.
        NotAvailableError
            For a one-shot problem, several costs, a target law (which is a reference with `P = 0`), other perception bounds,
            numbers that are not fractions, or more than 1,024 tuples of output letters.

        Notes
        -----
        Source: [zhang2021] for the problem. All reconstructions together may be the representation, so that the program is
        convex.

        Examples
        --------
        >>> f = Finite([[0.7, 0.3]], setting="asymptotic", perception="TV")
        >>> f.universal(D=[0.15, 0.14], P=[0, None])
        optimal  R in [0.31121454, 0.31121455] bit for 2 demands
        penalty in [0.01416245, 0.01416246] bit over the strictest demand alone
        """
        question = {"D": D, "P": P, "R": R, "tolerance": tolerance, "time_limit": time_limit, "unit": unit}
        return doors.universal(self, **question)

    def represented_by(self, channel: ArrayLike) -> Finite:
        """Return the problem whose encoder sees a representation of the source: without a rate, what its decoders can reach.

        Parameters
        ----------
        channel : array, shape (n_X, n_Z)
            The law of the representation given each source letter.

        Raises
        ------
        ProblemError
            If it is not a channel.

        Examples
        --------
        >>> f = Finite([[0.7, 0.3]], setting="asymptotic", perception="TV")
        >>> g = f.represented_by([[1, 0], [0.5, 0.5]])
        >>> round(g.solve().value, 9), round(g.solve(P=0).value, 9)
        (0.15, 0.247058824)
        """
        return replace(self, remote=averages.channel("channel", channel, self.n_X))

    def limits(self, *, unit: str = "bits", time_limit: Real | None = None) -> Limits:
        """Find out which bounds make sense: the least that a plan reaches, and from where on a bound is slack.

        Parameters
        ----------
        unit : {"bits", "nats"}
        time_limit : float, optional
            Seconds.

        Returns
        -------
        Limits
            `H(X)`, `H(S)`, `H(S|X)`, a range for each of `R`, `C` and `D`, and the plans at the ends.

        Examples
        --------
        >>> Finite([[0.27, 0.07], [0.03, 0.63]]).limits()
        H(X) 0.881291 bit  H(S) 0.924819 bit  H(S|X) 0.468996 bit
        R from 0 to 0.881291 bit
        C from 0.468996 to 0.924819 bit
        D from 0 to 0.3
        """
        return doors.limits(self, unit=unit, time_limit=time_limit)

    def tradeoff(self, *, minimise: str = "D", unit: str = "bits") -> Tradeoff:
        """Derive the trade-off in closed form: every affine piece, with exact constants, and the proof that these are all.

        Parameters
        ----------
        minimise : {"D", "R", "C"}
            What is a function of bounds on the others: `D(R, C)`, `R(D, C)` or `C(D, R)`, each also of `P` with a measure.
        unit : {"bits", "nats"}
            The unit of `R` and `C`.

        Raises
        ------
        ProblemError
            For an unknown word, or more than 1,048,576 maps from source to output.
        NotAvailableError
            For another setting than one shot and a classifier that sees `(Y, U)`, for the measure "KL", and for laws or
            costs that are not fractions.

        Examples
        --------
        >>> T = Finite([[0.5, 0], [0, 0.5]], p_Y=[0.5, 0.5]).tradeoff()
        >>> print(T)
        D(R, C)  [finite.one-shot.YU.drc, exact, bits]
          unconstrained  0   if D_2 <= 0
          rate-limited   D_2   if (D_2 >= 0) & (R >= R_min_1)
          infeasible     oo   if R < R_min_1
        where
          D_2 = 1/2 - R/2
          R_min_1 = 1 - C
        """
        return self._tradeoff(self.tradeoff_names[choice("minimise", minimise, ("D", "R", "C"))], "exact", unit)

    @property
    def tradeoff_names(self) -> dict[str, str]:
        """The names of the trade-offs, by what is minimised."""
        if self.perception is None:
            return {"D": "drc", "R": "rdc", "C": "cdr"}
        return {
            minimised: f"{word}.{self.perception}"
            for minimised, word in zip("DRC", ("drpc", "rdpc", "cdpr"), strict=True)
        }

    @classmethod
    def from_samples(
        cls,
        labels: Sequence,
        symbols: Sequence,
        targets: Sequence | None = None,
        *,
        distortion: str | ArrayLike = "hamming",
        p_Y: ArrayLike | None = None,
        missing: str = "refuse",
        **options: object,
    ) -> Finite:
        """Take the empirical joint law of two sequences of equal length.

        Parameters
        ----------
        labels, symbols : sequence of hashable values
            One label and one source symbol per sample, such as two columns of a data frame; letters are sorted. Equal
            letters of different types (1 and 1.0), and different letters that are written alike (1 and "1"), are
            refused.
        targets : sequence of hashable values, optional
            Samples of the target domain, of any length: their frequencies are `p_Y`, or with a perception measure the
            reference.
        distortion : {"hamming", "squared"} or array, shape (n_X, n_Y)
        p_Y : "X", array or None
            "X" makes the target law that of the source; the default leaves it free, unless there are targets.
        missing : {"refuse", "drop"}
            Whether a sample whose label or symbol is missing (None, NaN, NaT, `pd.NA`, or text such as "nan" and "NA")
            is an error or is left out; likewise for targets.
        **options
            Other fields of `Finite`, such as `setting` and `perception`.

        Raises
        ------
        ProblemError
            For sequences that are empty, of different lengths, or hold values that are missing or cannot be letters.

        Examples
        --------
        >>> Finite.from_samples(["a", "b", "b", "b"], [0, 1, 1, 0], p_Y="X").p_SX
        ((Fraction(1, 4), Fraction(0, 1)), (Fraction(1, 4), Fraction(1, 2)))
        """
        joint, known = of_samples(labels, symbols, targets, missing, {**options, "p_Y": p_Y})
        return cls(joint, distortion, **known)

    @classmethod
    def from_counts(
        cls,
        counts: ArrayLike,
        *,
        distortion: str | ArrayLike = "hamming",
        p_Y: ArrayLike | None = None,
        **options: object,
    ) -> Finite:
        """Take the joint law that counts of pairs have, such as a confusion matrix or a contingency table.

        Parameters
        ----------
        counts : array or data frame, shape (n_S, n_X)
            How often each pair was seen: one row per label, one column per source symbol. The index and the columns of
            a data frame (`pandas.crosstab(labels, symbols)`) are the letters.
        distortion : {"hamming", "squared"} or array, shape (n_X, n_Y)
        p_Y : "X", array or None
            "X" makes the target law that of the source; the default leaves it free.
        **options
            Other fields of `Finite`.

        Raises
        ------
        ProblemError
            For counts that are negative, not whole, missing or all zero.

        Examples
        --------
        >>> Finite.from_counts([[30, 10], [0, 60]], letters_S=("cat", "dog")).p_SX
        ((Fraction(3, 10), Fraction(1, 10)), (Fraction(0, 1), Fraction(3, 5)))
        """
        joint, known = of_counts(counts, {**options, "p_Y": p_Y})
        return cls(joint, distortion, **known)

    @classmethod
    def read(cls, path: str | os.PathLike[str], *, samples: bool = False, **options: object) -> Finite:
        r"""Read a problem from a CSV, JSON or NPZ file; see `drc.problems.files`.

        Parameters
        ----------
        samples : bool
            Whether the file is a CSV of samples, with columns S and X, and perhaps Y of the target.
        **options
            Fields of `Finite`, which replace those of the file; for samples also `missing`, as in `from_samples`.

        Raises
        ------
        ProblemError
            Naming file, line and field.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "joint.csv"
        ...     _ = path.write_text("0.27,0.07\n0.03,0.63\n")
        ...     Finite.read(path, p_Y=[0.6, 0.4]).n_S
        2
        """
        # What reads files is not needed at the start.
        from drc.problems.files import fields_in, replaced, samples_in

        path = Path(path)
        if not samples:
            return cls.of_fields(path.name, fields_in(path, FIELDS), options)
        columns = samples_in(path, options.pop("missing", "refuse"))
        options = replaced(path.name, {}, options, FIELDS)
        with about(path.name):
            return cls.from_samples(columns["S"], columns["X"], columns.get("Y"), **options)

    @classmethod
    def of_fields(cls, name: str, fields: Mapping[str, object], options: Mapping[str, object]) -> Finite:
        """Make a problem of the fields of a file, whose name is for messages, and options that replace them."""
        from drc.problems.files import replaced

        fields = replaced(name, fields, options, FIELDS)
        if not {"p_SX", "labels"} & fields.keys():
            raise ProblemError(f"{name} must have the field p_SX")
        with about(name):
            return cls(**fields)


#: The fields that a file may have.
FIELDS = (*(field.name for field in fields(Finite)), "remote")


def _several(name: str, value: Any) -> list:
    """Return a list with at least one entry."""
    value = frames.plain(name, value)
    if isinstance(value, str) or not (isinstance(value, Sequence | np.ndarray) and len(value)):
        raise must(name, "be a list with at least one entry", value)
    return list(value)
