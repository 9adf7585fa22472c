"""Images a second in training: the backend torch against a plain loop, written out, of the same networks.

    python benchmarks/torch_training.py [--steps 20] [--rounds 5] [--batch 64]

Both train the networks of the MNIST experiment (`examples/experiments/mnist-paper.toml`) on drawn images, in turns, in one
process, on the device that `DRC_TORCH_DEVICE` names, or on a GPU if there is one. The plain loop is how one would write it
down: images on the device, `torch.rand` for dither, `backward`, two Adam optimisers with torch's defaults. It counts no
terms of the loss, and its dither is not one that a decoder could draw again.
Printed are medians over the rounds, and the ratio.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from torch import nn

from drc.images.backend import TorchBackend
from drc.images.networks import build
from drc.neural import Experiment
from drc.neural.data import Data

MNIST = Path(__file__).parent.parent / "examples" / "experiments" / "mnist-paper.toml"


def drawn(count: int) -> Data:
    """Return images without meaning, of the size of MNIST's."""
    draw = np.random.default_rng(0)
    x, y = (draw.random((count, 28, 28, 1), np.float32) for _ in range(2))
    s = draw.integers(0, 10, count)
    return Data(x, s, x, y, s, x[:1], s[:1], y[:1], tuple("0123456789"))


class Plain:
    """The loop, written out."""

    def __init__(self, experiment: Experiment, data: Data, device: torch.device) -> None:
        networks = {name: network.to(device) for name, network in build(experiment, data.shape, 10).items()}
        self.encoder, self.decoder, self.critic, self.classifier = networks.values()
        codec = [p for name in ("encoder", "decoder", "classifier") for p in networks[name].parameters()]
        self.experiment, self.device = experiment, device
        self.codec_adam = torch.optim.Adam(codec, lr=1e-4, betas=(0.5, 0.999))
        self.critic_adam = torch.optim.Adam(self.critic.parameters(), lr=1e-4, betas=(0.5, 0.999))
        self.x, self.y = (torch.from_numpy(a).movedim(3, 1).contiguous().to(device) for a in (data.x, data.y))
        self.s = torch.from_numpy(data.s).to(device)

    def epoch(self) -> None:
        """Train for one epoch."""
        e = self.experiment
        step, batch = 2 / (e.rate.levels - 1), e.schedule.batch
        order_x, order_y = (torch.randperm(len(self.x), device=self.device) for _ in range(2))
        for k in range(len(self.x) // batch):
            i, j = order_x[k * batch : (k + 1) * batch], order_y[k * batch : (k + 1) * batch]
            x, s, y = self.x[i], self.s[i], self.y[j]
            z = self.encoder(x)
            u = (torch.rand_like(z) - 0.5) * step
            hard = ((z + u + 1) / step).round().clamp(0, e.rate.levels - 1) * step - 1 - u
            fake = self.decoder(z + (hard - z).detach())

            self.critic_adam.zero_grad()
            distance = self.critic(y).mean() - self.critic(fake.detach()).mean()
            mix = torch.rand(batch, 1, 1, 1, device=self.device)
            between = (mix * y + (1 - mix) * fake.detach()).requires_grad_()
            (slope,) = torch.autograd.grad(self.critic(between).sum(), between, create_graph=True)
            penalty = ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
            (e.loss.penalty * penalty - distance).backward()
            self.critic_adam.step()

            self.codec_adam.zero_grad()
            still = fake.detach()
            seen = still + e.loss.classification * (fake - still)
            loss = nn.functional.mse_loss(fake, x) + nn.functional.cross_entropy(self.classifier(seen), s)
            (loss - e.loss.perception * self.critic(fake).mean()).backward()
            self.codec_adam.step()
        if self.device.type == "cuda":
            torch.cuda.synchronize()


def main() -> int:
    """Measure both in turns, and print medians; 1 if the backend is slower."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, value in (("steps", 20), ("rounds", 5), ("batch", 64)):
        words.add_argument(f"--{name}", type=int, default=value)
    asked = words.parse_args()
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    experiment = Experiment.read(MNIST).changed({"schedule.batch": asked.batch})
    data = drawn(asked.steps * asked.batch)
    backend = TorchBackend()
    plain, state = Plain(experiment, data, backend.device), backend.init(experiment, data)
    seconds: dict[str, list[float]] = {"plain": [], "drc": []}
    for number in range(asked.rounds + 1):
        for name in ("plain", "drc") if number % 2 else ("drc", "plain"):
            begun = time.perf_counter()
            if name == "plain":
                plain.epoch()
            else:
                state, _ = backend.epoch(state, data, number)
            if number:  # the first round warms up
                seconds[name].append(time.perf_counter() - begun)
    speed = {name: len(data.x) / statistics.median(times) for name, times in seconds.items()}
    ratio = statistics.median(p / d for p, d in zip(seconds["plain"], seconds["drc"], strict=True))
    print(f"{backend.device}, torch {torch.__version__}, {torch.get_num_threads()} thread(s), batch {asked.batch}")
    print(f"plain loop {speed['plain']:.0f} images/s, drc {speed['drc']:.0f} images/s, ratio {ratio:.2f}")
    return 0 if ratio >= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
