"""Search the proof of every claim of the catalogue, and write how each was found, so that a check need not search.

Run it when theorems have changed: `python benchmarks/hints.py`.  Claims with a hint that helps are not searched for again;
those that resisted are.  Hints of claims that are gone are dropped.
"""

from __future__ import annotations

import argparse
import multiprocessing
import signal
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from drc.files import write_whole
from drc.proof import Check, Verdict
from drc.proof.decide import Known, hints
from drc.theory import catalogue, entry

FILE = Path(hints.__file__).with_name("hints.txt")


@dataclass
class Alarm:
    """Breaks off what takes longer than some seconds of the processor."""

    seconds: float
    late: bool = False

    def __enter__(self) -> Alarm:
        signal.signal(signal.SIGVTALRM, self._ring)
        signal.setitimer(signal.ITIMER_VIRTUAL, self.seconds)
        return self

    def _ring(self, *_: object) -> None:
        self.late = True
        raise TimeoutError

    def __exit__(self, *_: object) -> bool:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        # A library on the way may have made another error of it.
        return self.late


def searched(task: tuple[str, str, float]) -> tuple[str, str, float, Counter[Verdict], dict[str, str]]:
    """Search the proofs of one theorem; returns the verdicts and the hints."""
    name, unit, seconds = task
    start, verdicts = time.process_time(), Counter[Verdict]()
    derivation = entry(name).tradeoff(unit=unit).derivation
    known = Known()
    with hints.search() as found:
        for step in derivation:
            # A search has all the time there is; only a check is in a hurry.
            known = replace(known, patience=10**6)
            check = Check(Verdict.DEFINED, "late") if step.defines else None
            with Alarm(seconds):
                check = step.check(known=known)
            check = check or step.sample()
            known = step.added_to(known, check)
            verdicts[check.verdict] += 1
    return name, unit, time.process_time() - start, verdicts, dict(found)


def write(found: dict[str, str]) -> None:
    """Write all hints."""
    write_whole(FILE, "".join(f"{key} {how}\n" for key, how in sorted(found.items())))


def main() -> None:
    """Search on all processors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="processor time for each claim")
    parser.add_argument("theorems", nargs="*", help="their ids; left out, all of the catalogue")
    asked = parser.parse_args()
    names = asked.theorems or [theorem.id for theorem in catalogue()]
    tasks = [(name, unit, asked.seconds) for name in names for unit in ("bits", "nats")]
    old = dict(line.split(" ", 1) for line in FILE.read_text().splitlines())
    new: dict[str, str] = {}
    total = Counter[Verdict]()
    with multiprocessing.Pool(maxtasksperchild=1) as pool:
        for name, unit, seconds, verdicts, found in pool.imap_unordered(searched, tasks):
            # Theorems may share a claim, and one of them may know more that helps.
            new |= {key: how for key, how in found.items() if how != hints.RESISTS or key not in new}
            write(old | new)
            total += verdicts
            counts = ", ".join(f"{n} {v.value}" for v, n in verdicts.items())
            print(f"{name} in {unit}: {counts} ({seconds:.0f} s)", flush=True)
    if not asked.theorems:
        write(new)
    print(", ".join(f"{n} {v.value}" for v, n in total.items()))


if __name__ == "__main__":
    main()
