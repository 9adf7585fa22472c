"""Random ill-conditioned finite problems, each answer judged by the independent checker of certificates.

    python benchmarks/stress.py --count 10000 --seed 0 [--first 0] [--time-limit 0.5] [--one 123]

prints a table of what came of them by setting and status, and every fault with its seed. With --one, one trial is shown
and solved. The exit code is 1 if there is a fault.
"""

from __future__ import annotations

import argparse
import sys
import time

from drc.audit.ill_conditioned import trial
from drc.audit.stress import judge, report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first trial")
    parser.add_argument("--time-limit", type=float, default=0.5, help="seconds for each")
    parser.add_argument("--total", type=float, default=float("inf"), help="seconds for all; then the table is printed")
    parser.add_argument("--only", default="", help="only settings with this in their name, such as 'asymptotic'")
    parser.add_argument("--one", type=int, help="show and solve this one trial")
    options = parser.parse_args()
    if options.one is not None:
        drawn = trial(options.seed, options.one)
        print(drawn.problem, drawn.question, drawn.problem.p_SX, drawn.problem.distortion, sep="\n")
        print(drawn.problem.p_Y, drawn.problem.reference, drawn.problem.ground, sep="\n")
        print(judge(drawn, options.time_limit))
        print(drawn.problem.solve(**drawn.question, time_limit=options.time_limit))
        return 0
    found, end = [], time.monotonic() + options.total
    for i in range(options.first, options.first + options.count):
        if time.monotonic() > end:
            print(f"stopped before trial {i}")
            break
        drawn = trial(options.seed, i)
        if options.only not in drawn.problem.id:
            continue
        found.append((drawn.seed, judge(drawn, options.time_limit)))
        if found[-1][1].fault:
            print(drawn.seed, found[-1][1], flush=True)
    result = report(found)
    print(result)
    return 0 if result.ok else 1


if __name__ == "__main__":
    sys.exit(main())
