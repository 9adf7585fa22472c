"""An experiment is data: degradation, networks, rate, loss, schedule, seed; it is read from TOML and written to it."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import tomli_w

from drc.errors import ProblemError, must
from drc.neural.degradations import Bicubic, Blur, Mask, Noise
from drc.neural.fields import Count, Fields, Positive, Text, Weight, Whole, Within, read_toml, real

#: torchvision's sets of images with one label each: what their constructors are given for training and for test.
TORCHVISION: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    **{
        name: ({"train": True}, {"train": False}) for name in ("CIFAR10", "CIFAR100", "FashionMNIST", "KMNIST", "MNIST")
    },
    **{name: ({"split": "train"}, {"split": "test"}) for name in ("STL10", "SVHN")},
}

#: Sources that a library fetches.
_FETCHED = ("torchvision", "huggingface")


@dataclass(frozen=True)
class Source(Fields):
    """Where the images come from.

    Attributes
    ----------
    kind : {"digits", "idx", "npz", "folder", "cifar10", "svhn", "torchvision", "huggingface"}
        scikit-learn's digits, which need no file; the four IDX files of MNIST, plain or gzipped; an NPZ file; a folder of
        pictures, or of folders whose names are the labels; CIFAR-10 in its binary version; SVHN's cropped digits; what
        torchvision or Hugging Face's datasets fetch once, into one file of the folder.
    file : str
        The NPZ file. The folder it lies in is said when the experiment is run: experiments know no paths of a machine.
    images, labels : str
        Fields of the NPZ file.
    group : str
        A field of it by which the split is made (images of one group stay together); empty, every image is its own.
    crop : int
        Pictures of a folder are cut into squares of this side, which stay together in the split; 0 takes them whole.
    dataset : str
        What torchvision or Hugging Face call it: "CIFAR10", "ylecun/mnist".
    clean_every : int
        One training image in this many is of the clean draw, and the others are degraded.
    sha256 : str
        What `drc.neural.sources.checksum` has to say of the files; empty, they are not compared.
    """

    kind: Literal["digits", "idx", "npz", "folder", "cifar10", "svhn", "torchvision", "huggingface"] = "digits"
    file: str = ""
    images: Text = "x"
    labels: Text = "y"
    group: str = ""
    crop: Annotated[int, Within(0, 65536)] = 0
    sha256: str = ""
    dataset: str = ""
    clean_every: Annotated[int, Within(2, 65536)] = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.crop and self.kind != "folder":
            raise must("crop", "be 0 unless the kind is folder", self.crop)
        if (self.kind == "npz") != bool(self.file):
            raise must("file", "be given for the kind npz, and only for it", self.file)
        if (self.kind in _FETCHED) != bool(self.dataset):
            raise must("dataset", f"be given for the kinds {' and '.join(_FETCHED)}, and only for them", self.dataset)
        if self.kind == "torchvision" and self.dataset not in TORCHVISION:
            raise must("dataset", f"be {' or '.join(sorted(TORCHVISION))}", self.dataset)
        if not re.fullmatch(r"(\w[\w.-]*(/\w[\w.-]*)?)?", self.dataset):
            raise must("dataset", "be NAME or OWNER/NAME", self.dataset)
        if Path(self.file).name != self.file:
            raise must("file", "be the name of a file, without a folder", self.file)


@dataclass(frozen=True)
class Networks(Fields):
    """Sizes of the hidden layers.

    Attributes
    ----------
    kind : str
        Which family, in the words of the backend.
    encoder, decoder, critic, classifier : tuple of int
        Widths, from the input on. Families that have their own want them left out.
    noise : int
        Random numbers per image that the decoder draws on its own, beside what it reads: they let it reach a law that is
        not on `2**R` points, and the encoder does not know them.
    output : str
        What the decoder's last layer ends with, in the words of the backend: "sigmoid" keeps images in [0, 1]; "linear" is
        for degradations that leave it.
    activation : str
        In the words of the backend.
    """

    kind: Text = "mlp"
    encoder: tuple[Count, ...] = (128, 128)
    decoder: tuple[Count, ...] = (128, 128)
    critic: tuple[Count, ...] = (128, 64)
    classifier: tuple[Count, ...] = (64,)
    noise: Annotated[int, Within(0, 65536)] = 0
    output: Text = "sigmoid"
    activation: Text = "leaky_relu"


@dataclass(frozen=True)
class FixedRate(Fields, kind="fixed"):
    """Each of `dim` latents takes one of `levels` values: `dim log2(levels)` bits per image.

    `softness` is the width, in cells, of the soft assignment that is differentiated instead of the quantiser; zero is
    the straight-through gradient.
    """

    dim: Annotated[int, Within(1, 65536)]
    levels: Annotated[int, Within(2, 256)] = 4
    softness: Weight = 0.0


@dataclass(frozen=True)
class VariableRate(Fields, kind="variable"):
    """Whole-numbered latents under a learned law; `weight` times the bits per image is added to the loss.

    The law is "factorised", each latent on its own, or has a "context", what was decoded before, for backends that have it.
    """

    dim: Annotated[int, Within(1, 65536)]
    weight: Weight
    law: Literal["factorised", "context"] = "factorised"


@dataclass(frozen=True)
class Loss(Fields):
    """What a training minimises: mean squared error, distance to the clean law, and cross-entropy.

    Attributes
    ----------
    perception, classification : float
        Weights of the distance to the clean law, and of the cross-entropy of the classifier in nats.
    distance : {"critic", "sliced"}
        Wasserstein-1 by a critic, or sliced Wasserstein.
    penalty : float
        Weight of the critic's gradient penalty.
    projections : int
        Directions a step of the sliced distance.
    reference : {"degraded", "clean", "teacher"}
        What the squared error is to: the degraded input, as the theory here has it, the clean image behind it, or what a
        `Teacher` makes of the input, which is then what is coded. The latter two are remote source coding ([dobrushin1962],
        [wolf1970]); only "clean" needs pairs.
    """

    perception: Weight = 0.001
    classification: Weight = 0.001
    distance: Literal["critic", "sliced"] = "critic"
    penalty: Weight = 10.0
    projections: Count = 64
    reference: Literal["degraded", "clean", "teacher"] = "degraded"


_Beta = Annotated[float, Within(0, 1 - 1e-9)]


@dataclass(frozen=True)
class Schedule(Fields):
    """How long, and how fast.

    Attributes
    ----------
    batch : int
        Images a step.
    learning_rate : float
        Of Adam, at its highest.
    betas : (float, float)
        Of Adam.
    warm_up : float
        Epochs, whole or not, in which the learning rate rises from zero.
    decay : {"drops", "cosine"}
        How the learning rate falls after that: at the epochs of `drops`, or along half a cosine to zero at the end.
    drops : tuple of (int, float)
        From this epoch on the learning rate is divided by this.
    critic_steps : int
        Steps of the critic for each step of the codec.
    shift : int
        Pixels, up to which each image is moved at random, each way, before it is degraded for an epoch; what comes in is the
        border. It lets few images teach as much as many. Zero degrades them once.
    """

    epochs: Count = 100
    batch: Count = 64
    learning_rate: Positive = 1e-4
    betas: tuple[_Beta, _Beta] = (0.5, 0.999)
    warm_up: Weight = 0.0
    decay: Literal["drops", "cosine"] = "drops"
    drops: tuple[tuple[Whole, Positive], ...] = ()
    critic_steps: Count = 1
    shift: Annotated[int, Within(0, 64)] = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        real("warm_up", self.warm_up, 0, self.epochs)
        if self.drops and self.decay != "drops":
            raise must("drops", "be given for the decay drops only", self.drops)

    def rate_at(self, epoch: float) -> float:
        """Return the learning rate after this many epochs, whole or not, counted from zero.

        A step uses its middle: the first one of a warm-up moves a little, and so does the last one of all.

        Examples
        --------
        >>> Schedule(learning_rate=1.0, drops=((20, 5), (40, 50))).rate_at(20)
        0.2
        >>> cosine = Schedule(epochs=10, learning_rate=1.0, warm_up=2, decay="cosine")
        >>> [round(cosine.rate_at(epoch), 3) for epoch in (0, 1, 2, 6, 10)]
        [0.0, 0.5, 1.0, 0.5, 0.0]
        """
        if epoch < self.warm_up:
            return self.learning_rate * epoch / self.warm_up
        if self.decay == "cosine":
            share = (epoch - self.warm_up) / (self.epochs - self.warm_up) if epoch < self.epochs else 1.0
            return self.learning_rate * (1 + math.cos(math.pi * share)) / 2
        divisors = [divisor for first, divisor in self.drops if epoch >= first]
        return self.learning_rate / (divisors[-1] if divisors else 1.0)


@dataclass(frozen=True)
class Teacher(Fields):
    """A denoiser that learns from noisy images alone, before the codec does, for backends that have it.

    The codec then compresses its estimates. Under squared error that order loses nothing, if the estimates are conditional
    means ([dobrushin1962], [wolf1970]).

    Attributes
    ----------
    widths : tuple of int
        Of the hidden convolutions, at half the size of an image.
    epochs, batch : int
        Epochs, before those of the schedule, and images per step.
    learning_rate : float
        Of Adam, at its highest: it rises for half an epoch, and then falls along half a cosine to zero.
    """

    widths: tuple[Count, ...] = (48, 48, 48, 48)
    epochs: Count = 20
    batch: Count = 8
    learning_rate: Positive = 1e-3

    @property
    def schedule(self) -> Schedule:
        """The same as a schedule."""
        return Schedule(self.epochs, self.batch, self.learning_rate, (0.9, 0.999), warm_up=0.5, decay="cosine")


@dataclass(frozen=True)
class Experiment(Fields):
    """All that a training depends on.

    Attributes
    ----------
    teacher : Teacher or None
        There is one if, and only if, it is the reference of the loss; left out, it is `Teacher()` then.
    common_randomness : bool
        Whether encoder and decoder share the dither.
    seed : int
        Of the weights, the order of the images, the noise of the degradation, and the common randomness.
    precision : {"float32", "float64", "mixed"}
        Mixed is float32 with products in bfloat16 while training, for backends that have it; coding is float32.
    backend : str
        An entry point of the group `drc.backends`.

    Examples
    --------
    >>> e = Experiment("mine", Bicubic(2), FixedRate(dim=4))
    >>> e.changed({"rate.dim": 8, "seed": 3}).rate
    FixedRate(dim=8, levels=4, softness=0.0)
    >>> Experiment.of(e.table()) == e
    True
    """

    name: Text
    degradation: Bicubic | Noise | Mask | Blur
    rate: FixedRate | VariableRate
    data: Source = field(default_factory=Source)
    networks: Networks = field(default_factory=Networks)
    loss: Loss = field(default_factory=Loss)
    schedule: Schedule = field(default_factory=Schedule)
    common_randomness: bool = True
    seed: Annotated[int, Within(0, 2**64 - 1)] = 0
    precision: Literal["float32", "float64", "mixed"] = "float32"
    backend: Text = "numpy"
    teacher: Teacher | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.loss.reference != "teacher":
            if self.teacher:
                raise must("teacher", "be left out unless loss.reference is 'teacher'", self.loss.reference)
            return
        if not isinstance(self.degradation, Noise):
            needs = "be noise, of known standard deviation, where loss.reference is 'teacher'"
            raise must("degradation", needs, self.degradation.table()["kind"])
        if self.schedule.shift:
            needs = "be 0 where loss.reference is 'teacher', since moved images get new noise on the clean ones"
            raise must("schedule.shift", needs, self.schedule.shift)
        object.__setattr__(self, "teacher", self.teacher or Teacher())

    @property
    def epochs(self) -> int:
        """Epochs of the whole training: those of the teacher, if there is one, come first."""
        return self.schedule.epochs + (self.teacher.epochs if self.teacher else 0)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Experiment:
        """Read an experiment from a TOML file; errors are those of `of` and of `read_toml`."""
        return cls.of(read_toml(Path(path)), Path(path).name)

    def toml(self) -> str:
        """Return the experiment as TOML."""
        return tomli_w.dumps(self.table())

    def changed(self, values: Mapping[str, object]) -> Experiment:
        """Return the experiment with other values of some fields, named with points: `rate.dim`.

        Raises
        ------
        ProblemError
            For a field that is not there, or a bad value.
        """
        table = self.table()
        for name, value in values.items():
            *path, last = name.split(".")
            inner = table
            for part in path:
                inner = inner.get(part)
                if not isinstance(inner, dict):
                    raise ProblemError(f"{name} must be a field of an experiment")
            # A table of another kind takes the place of the old one; any other table changes the fields that it has.
            old = inner.get(last)
            if isinstance(value, Mapping) and isinstance(old, dict) and "kind" not in value:
                value = {**old, **value}
            inner[last] = value
        return Experiment.of(table)

    @property
    def digest(self) -> str:
        """A SHA-256 of all fields, the same on every machine."""
        return digest(self.table())


def digest(table: Mapping[str, object]) -> str:
    """Return the SHA-256 of plain data in one canonical form, in hexadecimal digits.

    Examples
    --------
    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(json.dumps(table, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def experiments() -> dict[str, Experiment]:
    """Return the experiments that the project brings along, by name.

    Examples
    --------
    >>> sorted(experiments())
    ['toy-sr']
    """
    folder = files("drc.neural") / "experiments"
    found = [Experiment.of(read_toml(path), path.name) for path in sorted(Path(str(folder)).glob("*.toml"))]
    return {experiment.name: experiment for experiment in found}


def named(name: str) -> Experiment:
    """Return an experiment by its name, or read it from a file that ends in `.toml`.

    Examples
    --------
    >>> named("toy-sr").degradation
    Bicubic(factor=2, antialias=True)
    """
    if name.endswith(".toml"):
        return Experiment.read(name)
    known = experiments()
    if name not in known:
        raise must("an experiment", f"be {', '.join(known)} or a file that ends in .toml", name)
    return known[name]
