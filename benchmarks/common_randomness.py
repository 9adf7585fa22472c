"""Common randomness at equal rate and equal distance to the clean law, on scikit-learn's digits.

    python benchmarks/common_randomness.py [OUT.json]

Two codecs with the same networks, the same rate and the same random numbers of the decoder's own; in one of them encoder and
decoder share a dither as well. Each is trained along a path of weights of the distance, each from where the last one ended,
since a heavy weight from the start teaches a decoder to ignore what is sent. On test images the distortion is then read off
at equal distances, between neighbouring points of a path in the logarithm of the distance; errors are over seeds, of pairs
with the same seed. Codecs and distances were chosen by looking at seeds 0, 1, 2, with 4 bits beside them: one latent of 16
levels gained 1 to 2 %, and two of 4 levels nothing that could be seen. These seeds are others. Minutes on two idle cores.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import json
import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from drc.files import write_whole
from drc.neural import named
from drc.neural.data import load
from drc.neural.numpy import NumpyBackend
from drc.neural.numpy.distances import directions, sliced

WEIGHTS = (0.0, 0.3, 0.6, 1.0, 2.0, 4.0)
CODECS = ((1, 4), (1, 8))  # latents and levels: 2 and 3 bits
SEEDS = (10, 11, 15)
DISTANCES = (0.024, 0.016, 0.011)
DRAWS = 4  # of the common and the decoder's own randomness, for each test image


def experiment(dim, levels, shared, seed, weight, epochs):
    return named("toy-sr").changed(
        {
            "rate": {"kind": "fixed", "dim": dim, "levels": levels},
            "networks.encoder": [64, 64],
            "networks.decoder": [64, 64],
            "networks.noise": dim,
            "loss.perception": weight,
            "loss.classification": 0.0,
            "loss.distance": "sliced",
            "loss.projections": 32,
            "schedule.epochs": epochs,
            "schedule.batch": 240,
            "schedule.learning_rate": 2e-3,
            "schedule.drops": [[int(0.6 * epochs), 5], [int(0.85 * epochs), 25]],
            "common_randomness": shared,
            "seed": seed,
        }
    )


def path(dim, levels, shared, seed):
    """Distance and distortion on test images, weight by weight."""
    backend, arrays, points = NumpyBackend(), None, []
    along = directions(np.random.default_rng(99), 64, 1000)
    for weight in WEIGHTS:
        e = experiment(dim, levels, shared, seed, weight, 320 if arrays is None else 160)
        data = load(e)
        state = backend.init(e, data) if arrays is None else backend.load(e, data, arrays)
        for number in range(e.schedule.epochs):
            state, _ = backend.epoch(state, data, number)
        arrays = backend.save(state)
        x, y = (images.reshape(len(images), -1).astype(float) for images in (data.x_test, data.y_test))
        drawn = [backend.reconstruct(state, data.x_test, 100 + k).reshape(x.shape).astype(float) for k in range(DRAWS)]
        points.append(
            {
                "weight": weight,
                "distance": float(np.mean([sliced(z, y, along) for z in drawn])),
                "distortion": float(np.mean([((z - x) ** 2).mean() for z in drawn])),
            }
        )
    return {"dim": dim, "levels": levels, "shared": shared, "seed": seed, "points": points}


def distortion_at(points, distance):
    """Read a path off at a distance, which falls along it."""
    w, d = (np.array([p[name] for p in points])[::-1] for name in ("distance", "distortion"))
    return float(np.interp(np.log(distance), np.log(w), d)) if w[0] <= distance <= w[-1] else float("nan")


def compared(paths):
    """For each codec and distance: both distortions and the gain, with the standard error over seeds."""
    rows = []
    for dim, levels in CODECS:
        mine = [p for p in paths if (p["dim"], p["levels"]) == (dim, levels)]
        for distance in DISTANCES:
            of = {(p["shared"], p["seed"]): distortion_at(p["points"], distance) for p in mine}
            seeds = sorted({seed for _, seed in of})
            with_it, without = (np.array([of[shared, seed] for seed in seeds]) for shared in (True, False))
            gain = 100 * (1 - with_it / without)
            error = gain.std(ddof=1) / np.sqrt(len(seeds))
            rows.append(
                {
                    "bits": int(dim * np.log2(levels)),
                    "latents": dim,
                    "distance": distance,
                    "with": round(float(with_it.mean()), 5),
                    "without": round(float(without.mean()), 5),
                    "lower by percent": round(float(gain.mean()), 2),
                    "standard error": round(float(error), 2),
                }
            )
    return rows


def main():
    tasks = [(*codec, shared, seed) for seed in SEEDS for codec in CODECS for shared in (True, False)]
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        paths = list(pool.map(path, *zip(*tasks, strict=True)))
    rows = compared(paths)
    print(*rows[0], sep="\t")
    for row in rows:
        print(*row.values(), sep="\t")
    if len(sys.argv) > 1:
        write_whole(sys.argv[1], json.dumps({"rows": rows, "paths": paths}, indent=1) + "\n")


if __name__ == "__main__":
    main()
