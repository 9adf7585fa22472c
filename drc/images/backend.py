"""Training and coding with torch, on one device or on several.

`DRC_TORCH_DEVICE` names the device, such as `cpu` or `cuda:1`; left out, a GPU is used where there is one. With
`DRC_TORCH_COMPILE=1` the codec's networks are compiled. Neither is part of an experiment: they change how fast a result
comes, and nothing else but rounding. Several processes, as `torchrun` starts them, share each batch: see `drc.images.train`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import nn

from drc.codes.randomness import CommonRandomness
from drc.errors import must
from drc.images.codec import Codec, array_of, channels_first, exact, quantised
from drc.images.quality import measured
from drc.images.teacher import lessons, risk, turned
from drc.neural import coding
from drc.neural.data import order
from drc.neural.numpy.distances import directions

if TYPE_CHECKING:
    from drc.neural.data import Data
    from drc.neural.experiment import Experiment, Schedule

#: Draws of the training of this backend alone; that of the probes lies between them.
_DIRECTIONS, _LESSONS = coding.MORE_DRAWS, coding.MORE_DRAWS + 2

#: Random numbers that are drawn and moved to the device at once.
_DRAWN = 2**22

_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


class _Batch(NamedTuple):
    """What a step is given, on the device: this process's share of the batch, and the learning rate."""

    x: torch.Tensor
    aim: torch.Tensor
    s: torch.Tensor
    y: torch.Tensor
    dither: torch.Tensor
    own: torch.Tensor
    mix: torch.Tensor
    step: int
    rate: float


@dataclass(eq=False)
class State:
    """A codec with what its training needs.

    Attributes
    ----------
    optimisers : dict
        By group, "codec" and "critic"; empty where nothing is trained.
    called : dict
        The networks as they are called in training: compiled or not.
    resident : tuple or None
        The data whose images lie on the device, and these.
    lessons : tuple or None
        The data that a teacher learns from, and what it sees of them, on the device.
    estimates : tuple or None
        The data that a teacher learned from, and the same with its estimates as the degraded images.
    """

    codec: Codec
    optimisers: dict[str, torch.optim.Adam] = field(default_factory=dict)
    called: dict[str, Callable[[torch.Tensor], torch.Tensor]] = field(default_factory=dict)
    resident: tuple[Data, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor] | None = None
    lessons: tuple[Data, list[torch.Tensor]] | None = None
    estimates: tuple[Data, Data] | None = None

    def group(self, name: str) -> list[nn.Parameter]:
        """Return the weights that one optimiser moves."""
        networks = self.codec.networks
        return [p for n in coding.moved_by(name, networks) for p in networks[n].parameters()]

    def tensors(self) -> Iterator[tuple[str, torch.Tensor]]:
        """Yield all tensors by name: weights, and the moments of the optimisers."""
        for name, network in self.codec.networks.items():
            yield from ((f"{name}/{inner}", p) for inner, p in network.named_parameters())
        for name, adam in self.optimisers.items():
            for i, p in enumerate(self.group(name)):
                yield from ((f"adam/{name}/{i}/{moment}", adam.state[p][moment]) for moment in _MOMENTS)

    def arrays(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield all tensors as arrays by name."""
        return ((name, array_of(tensor)) for name, tensor in self.tensors())

    def take(self, arrays: dict[str, np.ndarray]) -> None:
        """Take the values of all tensors from saved arrays."""
        with torch.no_grad():
            for name, tensor in self.tensors():
                tensor.copy_(torch.from_numpy(coding.array_of(arrays, name, array_of(tensor))))


class TorchBackend(coding.CodingBackend[State]):
    """Convolutional and dense networks in torch; see `drc.neural.backend.Backend` for what each method means.

    Parameters
    ----------
    device : str, optional
        Left out, `DRC_TORCH_DEVICE` says it.
    compiled : bool, optional
        Left out, `DRC_TORCH_COMPILE` says it.
    """

    def __init__(self, device: str | None = None, compiled: bool | None = None) -> None:
        self.device = _device(device or os.environ.get("DRC_TORCH_DEVICE"))
        self.rank, self.world = _processes(self.device)
        self.compiled = os.environ.get("DRC_TORCH_COMPILE") == "1" if compiled is None else compiled

    def begun(self, experiment: Experiment, shape: tuple[int, int, int], classes: int, trained: bool = True) -> State:
        """Return a state for images of a shape, with weights that follow from the seed; to code, no critic is needed."""
        codec = Codec(experiment, shape, classes, self.device)
        if not trained:
            del codec.networks["critic"]
            return State(codec)
        state = State(codec, called=dict(codec.networks))
        if self.compiled:
            # The critic's slope is differentiated once more, which compiled networks do not allow.
            state.called |= {n: torch.compile(codec.networks[n]) for n in ("encoder", "decoder", "classifier")}
        fused = self.device.type in ("cpu", "cuda")
        schedules: dict[str, Schedule] = dict.fromkeys(coding.OPTIMISERS, experiment.schedule)
        if experiment.teacher:
            schedules["teacher"] = experiment.teacher.schedule
        for name, schedule in schedules.items():
            weights = state.group(name)
            adam = torch.optim.Adam(weights, schedule.learning_rate, schedule.betas, fused=fused)
            for p in weights:
                step = torch.zeros((), dtype=torch.float32, device=p.device)
                adam.state[p] = {"step": step, "exp_avg": torch.zeros_like(p), "exp_avg_sq": torch.zeros_like(p)}
            state.optimisers[name] = adam
        return state

    def init(self, experiment: Experiment, data: Data) -> State:
        """Return the state before the first epoch; a codec with a teacher begins later, with what it is taught."""
        if experiment.teacher:
            return self.begun(experiment, data.shape, len(data.classes))
        return super().init(experiment, data)

    def epoch(self, state: State, data: Data, number: int) -> tuple[State, dict[str, float]]:
        """Train for one epoch; `state` is changed in place."""
        state.codec.tables = None
        sums: dict[str, torch.Tensor] = {}
        steps = 0
        with exact(products=state.codec.experiment.precision == "mixed"):
            for terms in self._steps(state, data, number):
                # Sums stay on the device: to read a number is to wait for it.
                sums = {name: sums.get(name, 0) + term.detach().double() for name, term in terms.items()}
                steps += 1
        return state, {name: float(self._mean(total)) / steps for name, total in sums.items()}

    def _steps(self, state: State, data: Data, number: int) -> Iterator[dict[str, torch.Tensor]]:
        """Make the steps of an epoch, and yield the terms of the loss of each."""
        e = state.codec.experiment
        if e.teacher and number < e.teacher.epochs:
            yield from self._teach(state, data, number)
            return
        if e.teacher:
            number -= e.teacher.epochs
            data = self._estimates(state, data)
            if not number:
                state.codec.start(data.x)
        for batch in self._batches(state, data, number):
            for adam in state.optimisers.values():
                adam.param_groups[0]["lr"] = batch.rate
            with torch.autocast(self.device.type, torch.bfloat16, enabled=e.precision == "mixed"):
                terms = self._step(state, batch)
            yield terms

    def _teach(self, state: State, data: Data, number: int) -> Iterator[dict[str, torch.Tensor]]:
        """Make the steps of an epoch of the teacher, which sees the images of a step turned or mirrored alike."""
        e, net = state.codec.experiment, state.codec.teacher
        assert e.teacher
        assert net
        seen = self._lessons(state, data, net.deviation)
        batch = self._shared(min(e.teacher.batch, len(data.x)))
        steps, draw = len(data.x) // batch, coding.private(e.seed, _LESSONS, number)
        chosen = torch.from_numpy(order(draw, len(data.x), steps * batch)).to(self.device)
        for k, turn in enumerate(draw.integers(0, 8, steps).tolist()):
            i = chosen[k * batch + self.rank : (k + 1) * batch : self.world]
            x, probe, moved, smooth, moved_smooth = (turned(part[i], turn) for part in seen)
            loss = risk(net(x, smooth), net(moved, moved_smooth), x, probe, net.deviation)
            state.optimisers["teacher"].param_groups[0]["lr"] = e.teacher.schedule.rate_at(number + (k + 0.5) / steps)
            self._move(state, "teacher", loss)
            yield {"risk": loss}

    def _lessons(self, state: State, data: Data, deviation: float) -> list[torch.Tensor]:
        if state.lessons is None or state.lessons[0] is not data:
            parts = lessons(data.x, deviation, state.codec.experiment.seed)
            state.lessons = data, [channels_first(part).to(self.device, state.codec.dtype) for part in parts]
        return state.lessons[1]

    def _estimates(self, state: State, data: Data) -> Data:
        if state.estimates is None or state.estimates[0] is not data:
            state.lessons, state.estimates = None, (data, replace(data, x=state.codec.estimated(data.x)))
        return state.estimates[1]

    def _shared(self, batch: int) -> int:
        """Return the size of a batch if the processes can share it."""
        if batch % self.world:
            raise must("batch", f"be a multiple of the number of processes, {self.world}", batch)
        return batch

    def _batches(self, state: State, data: Data, number: int) -> Iterator[_Batch]:
        """Yield the batches of an epoch; of each, this process's share."""
        e, codec = state.codec.experiment, state.codec
        x, aim, s, y = self._resident(state, data)
        steps, batch, *orders = coding.steps_of(e, len(x), len(y), number)
        self._shared(batch)
        orders = [torch.from_numpy(order).to(self.device) for order in orders]
        grid = codec.grid(*codec.shape[:2])
        places = math.prod(grid)
        many = max(1, _DRAWN // (batch * places * (e.rate.dim + e.networks.noise)))

        def share(k: int) -> slice:
            """Return what of the batch with this number is for this process."""
            return slice(k * batch + self.rank, (k + 1) * batch, self.world)

        for begun in range(0, steps, many):
            at_once = range(begun, min(begun + many, steps))
            first, count = (number * steps + begun) * batch, len(at_once) * batch
            rows = e.seed, coding.TRAINING, first * places, count * places
            dither, own = (codec.spread(drawn(*rows), grid) for drawn in (codec.dither, codec.own))
            mix = CommonRandomness(e.seed, "neural mix").uniforms(first, count, e.schedule.critic_steps)
            mix = torch.from_numpy(mix).to(self.device, codec.dtype)
            for k in at_once:
                (i, j), here = (order[share(k)] for order in orders), share(k - begun)
                rate = e.schedule.rate_at(number + (k + 0.5) / steps)
                yield _Batch(x[i], aim[i], s[i], y[j], dither[here], own[here], mix[here], number * steps + k, rate)

    def _resident(self, state: State, data: Data) -> tuple[torch.Tensor, ...]:
        if state.resident is None or state.resident[0] is not data:
            codec = state.codec
            x, y = codec.images(data.x), codec.images(data.y)
            aim = codec.images(data.x_clean) if codec.experiment.loss.reference == "clean" else x
            state.resident = (data, x, aim, torch.from_numpy(data.s).to(self.device), y)
        return state.resident[1:]

    def _step(self, state: State, batch: _Batch) -> dict[str, torch.Tensor]:
        """Move all weights once."""
        codec, e = state.codec, state.codec.experiment
        latents = quantised(codec.quantiser, state.called["encoder"](batch.x).to(codec.dtype), batch.dither)
        read = torch.cat([latents, batch.own], dim=1) if e.networks.noise else latents
        fake = state.called["decoder"](read).to(codec.dtype)
        distortion = nn.functional.mse_loss(fake, batch.aim)
        confusion = self._confusion(state, fake, batch.s)
        loss = distortion + confusion
        terms = {"distortion": distortion, "classification": confusion}
        if e.loss.perception:
            terms["perception"], moved = self._distance(state, fake, batch)
            loss = loss + e.loss.perception * moved
        if not codec.fixed:
            terms["bits"] = codec.networks["law"](latents).mean()
            loss = loss + e.rate.weight * terms["bits"]  # pyright: ignore[reportAttributeAccessIssue] (it is not fixed)
        self._move(state, "codec", loss)
        return terms

    def _confusion(self, state: State, fake: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
        """Return the cross-entropy of the classifier, of which the codec pays its share; a single class leaves none."""
        codec = state.codec
        if codec.classes == 1:
            return torch.zeros((), dtype=codec.dtype, device=self.device)
        # The classifier's own loss has weight one: it is trained as well as it can be, whatever the codec pays for it.
        still = fake.detach()
        weighted = still + codec.experiment.loss.classification * (fake - still)
        return nn.functional.cross_entropy(state.called["classifier"](weighted).to(codec.dtype), s)

    def _distance(self, state: State, fake: torch.Tensor, batch: _Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the distance to the clean law, and what of it is differentiated in the fake images.

        A critic is trained first, and the distance is the one that it saw in its last step.
        """
        codec, e = state.codec, state.codec.experiment
        if e.loss.distance == "sliced":
            drawn = directions(coding.private(e.seed, _DIRECTIONS, batch.step), fake[0].numel(), e.loss.projections)
            along = torch.from_numpy(drawn).to(self.device, codec.dtype)
            gap = (fake.flatten(1) @ along).sort(dim=0).values - (batch.y.flatten(1) @ along).sort(dim=0).values
            return gap.square().mean(), gap.square().mean()
        critic, still = state.called["critic"], fake.detach()
        distance = torch.zeros((), device=self.device)
        for k in range(e.schedule.critic_steps):
            loss, distance = critic_loss(critic, still, batch.y, batch.mix[:, k], e.loss.penalty)
            self._move(state, "critic", loss)
        return distance, -critic(fake).to(codec.dtype).mean()

    def _move(self, state: State, name: str, loss: torch.Tensor) -> None:
        adam = state.optimisers[name]
        weights = adam.param_groups[0]["params"]
        # Of a single class the classifier learns nothing.
        slopes = torch.autograd.grad(loss, weights, materialize_grads=state.codec.classes == 1)
        if self.world > 1:
            slopes = self._averaged(slopes)
        for p, slope in zip(weights, slopes, strict=True):
            # Convolutions may lay their gradients out otherwise than their weights, which a fused step does not look at.
            p.grad = slope.contiguous()
        adam.step()

    def _averaged(self, slopes: tuple[torch.Tensor, ...]) -> list[torch.Tensor]:
        """Return gradients averaged over the processes, in one message.

        torch's wrapper for this, DistributedDataParallel, does not allow gradients of gradients, which the critic needs.
        """
        flat = torch.cat([slope.reshape(-1) for slope in slopes])
        torch.distributed.all_reduce(flat)
        parts = (flat / self.world).split([slope.numel() for slope in slopes])
        return [part.view_as(slope) for part, slope in zip(parts, slopes, strict=True)]

    def _mean(self, total: torch.Tensor) -> torch.Tensor:
        if self.world > 1:
            torch.distributed.all_reduce(total)
        return total / self.world

    def estimated(self, state: State, x: np.ndarray) -> np.ndarray:
        """Return what the encoder compresses of degraded images: a teacher's estimates of the clean ones, or these."""
        return state.codec.estimated(x)

    def measure(self, data: Data, y: np.ndarray) -> dict[str, float]:
        """Return what `drc.images.quality.measured` says of decoded test images."""
        return measured(data, y)


def critic_loss(
    critic: Callable[[torch.Tensor], torch.Tensor],
    fake: torch.Tensor,
    real: torch.Tensor,
    mix: torch.Tensor,
    penalty: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what a Wasserstein critic, from images to numbers, minimises, and the distance that it sees.

    See `drc.neural.numpy.distances`; `mix` has the shape (n,).

    Examples
    --------
    >>> line = nn.Sequential(nn.Flatten(), nn.Linear(1, 1, bias=False), nn.Flatten(0))
    >>> _ = nn.init.constant_(line[1].weight, 3.0)
    >>> fake, real = torch.zeros(2, 1, 1, 1), torch.ones(2, 1, 1, 1)
    >>> [term.item() for term in critic_loss(line, fake, real, torch.rand(2), 10.0)]
    [37.0, 3.0]
    """
    of_real, of_fake = critic(torch.cat([real, fake])).to(real.dtype).split(len(real))
    distance = of_real.mean() - of_fake.mean()
    between = torch.lerp(fake, real, mix.view(-1, 1, 1, 1)).requires_grad_()
    (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    # The root has no derivative at zero.
    norm = (slope.flatten(1).square().sum(1) + 1e-12).sqrt()
    return penalty * (norm - 1).square().mean() - distance, distance


def _processes(device: torch.device) -> tuple[int, int]:
    """Return the number of this process, and how many there are: `torchrun` says so."""
    world = int(os.environ.get("WORLD_SIZE", 1))
    if world > 1 and not torch.distributed.is_initialized():
        if device.type == "cuda":
            torch.cuda.set_device(device)  # what the processes say to each other goes through this one
        torch.distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return int(os.environ.get("RANK", 0)), world


def _device(name: str | None) -> torch.device:
    if name is None:
        local = os.environ.get("LOCAL_RANK", "0")
        return torch.device(f"cuda:{local}" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        gpus = torch.cuda.device_count()
        raise must("device", f"be cpu, or cuda:NUMBER with one of {gpus} GPUs", name) from None
    return device
