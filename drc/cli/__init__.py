"""The `drc` command: every command is one call of the library.

The library is imported inside the commands, so that `drc --help` answers at once.  Exit codes: 0 done, 1 a
check found a disagreement, 2 wrong input, 130 interrupted by Ctrl-C, 143 by SIGTERM.
"""

from drc.cli import theorems, problems, codes, images, experiments, explore, checks  # isort: skip  (each registers its commands, in the order of `drc --help`)
from drc.cli.app import app, main

__all__ = ["app", "main", "theorems", "problems", "codes", "images", "experiments", "explore", "checks"]
