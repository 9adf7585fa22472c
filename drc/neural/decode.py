"""Decode the test images of a run folder in a process of its own: `python -m drc.neural.decode FOLDER > images.npy`.

It sees the experiment, the weights and the bitstream; no image.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np


def main() -> None:
    """Write the images of the bitstream in a run folder to standard output, as NPY."""
    from drc.neural.evaluate import BITSTREAM
    from drc.neural.run import Run

    run = Run.read(sys.argv[1])
    images = run.model().decode((Path(sys.argv[1]) / BITSTREAM).read_bytes())
    np.save(sys.stdout.buffer, images)


if __name__ == "__main__":
    main()
