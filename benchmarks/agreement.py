"""The solvers for any finite alphabet against every closed form of the catalogue that is about bits.

    python benchmarks/agreement.py [--samples 1000] [--seed 0] [--only asymptotic] [--time-limit 10]

Each theorem's value must lie in the proved enclosure of the same problem, posed as a finite one. The exit code is 1 if one
does not.
"""

from __future__ import annotations

import argparse
import sys
import time

from drc.audit import check_tradeoff
from drc.errors import NotAvailableError
from drc.theory import catalogue


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="only theorems with this in their id")
    parser.add_argument("--time-limit", type=float, default=10.0, help="seconds for each instance")
    options = parser.parse_args()
    wrong = 0
    for entry in catalogue():
        if not entry.id.startswith("bernoulli.") or options.only not in entry.id:
            continue
        start = time.monotonic()
        limits = {"samples": options.samples, "seed": options.seed, "time_limit": options.time_limit}
        try:
            report = check_tradeoff(entry.tradeoff(), finite=True, **limits)
        except NotAvailableError as error:
            print(f"{entry.id}: not available ({error})")
            continue
        print(f"{report}; {time.monotonic() - start:.1f} s", flush=True)
        wrong += report.disagreements
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
