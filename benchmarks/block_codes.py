"""Block codes for the asymptotic regime, in the large: `python benchmarks/block_codes.py [SAMPLES]`.

1. Dithered lattices at 1, 2, 3 bits: measured rate beside the mutual information over the channel with uniform noise, error
   and output law beside the theory, the gap to the exact trade-off at this error beside `1/2 log2(2 pi e G)`, and the speed.
2. Channel simulation at block lengths 1 to 16: measured rate beside theory and bound, the law, and the speed.
3. 100 random problems are decoded by a separate process that has the files only, from the middle.
4. 600 damaged files: each must be refused.

Prints tables; the exit code is 1 if a requirement is missed. Two minutes on one core, for 1e6 samples.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import numpy as np
from cells import mutual_information
from scipy.stats import chisquare, kstest

import drc
from drc.codes import SimulationCode, read
from drc.codes.container import Reader
from drc.errors import CodeError

GAUSSIAN = drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=0.5, sigma_Y=1.5, mu_S=0, sigma_S=0.8, theta=0.6)
BIT = drc.Bernoulli(0.3, 0.4, 0.1, setting="asymptotic")

#: How far, in bits, a lattice code's measured rate may lie from the mutual information.
RATE_TOLERANCE = 0.01


def main() -> int:
    """Run all, and say what was missed."""
    samples = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    missed = [*lattices(samples), *simulation(samples // 20), *processes(100), *damage(600)]
    print("\n" + ("\n".join(missed) or "all as promised"))
    return bool(missed)


def lattices(samples: int) -> list[str]:
    """Code normal samples."""
    missed = []
    print(f"Dithered lattices, {samples} samples")
    print("lattice output   R  measured  I(X;aX+N) (error)   D measured  D theory   z   gap     bound   law p   Msym/s")
    for lattice, output, R in [(a, o, R) for a in ("Z", "E8") for o in ("target", "free") for R in (1, 2, 3)]:
        code = drc.codec(GAUSSIAN, R=R, lattice=lattice, output=output)
        _, x, data, y, speeds = coded(code, samples)
        rate = Reader(data).sizes().payload_rate
        information, error = mutual_information(code.law.lattice, code.law.scale)
        squares = (x - y) ** 2
        z = (squares.mean() - code.distortion) / squares.std() * np.sqrt(samples)
        p = kstest((y - 0.5) / 1.5, "norm").pvalue if output == "target" else np.nan
        print(
            f"{lattice:7} {output:6} {R:3}  {rate:.5f}   {information:.5f} ({error:.5f})   {squares.mean():.6f}"
            f"   {code.distortion:.6f} {z:5.1f} {code.gap:.4f}  {code.gap_bound:.4f}  {p:.3f}   {speeds}"
        )
        if abs(rate - information) > RATE_TOLERANCE or abs(z) > 4 or p < 1e-4:
            missed.append(f"{lattice} {output} at {R} bits: rate {rate:.5f}, z {z:.1f}, p {p:.2g}")
    return missed


def simulation(samples: int) -> list[str]:
    """Simulate the channel of one operating point at all block lengths."""
    missed, above = [], np.inf
    solution = BIT.solve(R=0.3)
    print(f"\nChannel simulation of bits at I(X;Y) = 0.3, {samples} samples")
    print(" n  proposals  measured   theory (error)    bound   above the limit   law p   ksym/s")
    for n in range(1, 17):
        code = SimulationCode.of(BIT, solution, block=n)
        _, x, data, y, speeds = coded(code, samples, 1e3)
        rate = Reader(data).sizes().payload_rate
        p = chisquare(np.bincount(2 * x + y, minlength=4), solution.coupling.ravel() * samples).pvalue
        print(
            f"{n:2} {code.channel.proposals**n:10.1f}  {rate:.5f}   {code.rate:.5f} ({code.rate_error:.5f})"
            f"  {code.rate_bound:.5f}  {rate - 0.3:.5f}           {p:.3f}   {speeds}"
        )
        wanders = 4 * np.hypot(code.rate_error, 3 / np.sqrt(samples * n))
        if rate > min(code.rate_bound, above + 0.01) or p < 1e-4 or abs(rate - code.rate) > wanders:
            missed.append(f"simulation at block length {n}: rate {rate:.5f}, p {p:.2g}")
        above = rate
    return missed


def coded(code, samples: int, unit: float = 1e6):
    """Draw, encode and decode; return labels, symbols, the file, what was decoded, and both speeds."""
    s, x = code.sample(samples, seed=1)
    code.encode(x[:1000], seed=5)  # the tables are made once
    start = time.perf_counter()
    data = code.encode(x, seed=5)
    middle = time.perf_counter()
    y = code.decode(data)
    end = time.perf_counter()
    return s, x, data, y, f"{samples / (middle - start) / unit:.1f} / {samples / (end - middle) / unit:.1f}"


_DECODER = """
import pathlib, sys, numpy as np, drc.codes
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.coded")):
    data = path.read_bytes()
    np.save(path.with_suffix(".npy"), drc.codes.read(data).decode(data, start=300))
"""


def processes(count: int) -> list[str]:
    """Code random problems here, decode them elsewhere."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        expected = {}
        for i in range(count):
            code = random_code(rng)
            data = code.encode(code.sample(1000, seed=i)[1], seed=i)
            Path(folder, f"{i}.coded").write_bytes(data)
            expected[i] = code.decode(data)[300:]
        subprocess.run([sys.executable, "-c", _DECODER, folder], check=True)
        same = [bool((np.load(Path(folder, f"{i}.npy")) == y).all()) for i, y in expected.items()]
    print(f"\n{sum(same)} of {count} random problems decoded alike by another process, from the middle")
    return [] if all(same) else [f"{count - sum(same)} problems decoded otherwise"]


def random_code(rng: np.random.Generator):
    """Draw a problem, an operating point and a scheme."""
    if rng.random() < 0.5:
        joint = rng.dirichlet(np.ones(6)).reshape(2, 3)
        problem = drc.Finite(joint / joint.sum(), setting="asymptotic")
        return drc.codec(problem, R=float(rng.uniform(0.05, 0.9)))
    mean, other = rng.normal(0, 1, 2).tolist()
    s_X, s_Y, s_S = rng.uniform(0.5, 2, 3).tolist()
    problem = drc.Gaussian(mean, s_X, other, s_Y, 0, s_S, float(rng.uniform(-0.9, 0.9)) * s_X * s_S)
    scheme = ("dithered-lattice", "channel-simulation")[int(rng.integers(2))]
    options = {"lattice": ("Z", "E8")[int(rng.integers(2))]} if scheme == "dithered-lattice" else {}
    return drc.codec(problem, R=float(rng.uniform(0.5, 1.5)), scheme=scheme, **options)


def damage(count: int) -> list[str]:
    """Flip bits and cut files."""
    rng = np.random.default_rng(0)
    codes = (
        drc.codec(GAUSSIAN, R=1, lattice="E8"),
        drc.codec(BIT, R=0.3),
        drc.codec(GAUSSIAN, R=0.5, scheme="channel-simulation"),
    )
    files = [code.encode(code.sample(400, seed=1)[1], seed=5) for code in codes]
    accepted = 0
    for i in range(count):
        bad = bytearray(files[i % 3])
        at = int(rng.integers(len(bad)))
        bad[at] ^= 1 << int(rng.integers(8))
        try:
            read(bytes(bad) if i % 2 else bytes(files[i % 3][:at])).decode(bytes(bad) if i % 2 else files[i % 3][:at])
            accepted += 1
        except CodeError:
            pass
    print(f"{count - accepted} of {count} damaged files refused")
    return [f"{accepted} damaged files were decoded"] if accepted else []


if __name__ == "__main__":
    sys.exit(main())
