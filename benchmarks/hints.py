"""Search the proof of every claim of the catalogue and of every lemma, and write how, so that a check need not search.

Run it when theorems have changed: `python benchmarks/hints.py`.  Claims with a hint that helps are not searched for again;
those that resisted are, unless they are left alone by `--known`.  Of a claim that takes its time, a hint says which premises
are enough (`drc.proof.decide.narrow`).  Hints of claims that are gone are dropped.
"""

from __future__ import annotations

import argparse
import multiprocessing
import signal
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from drc.files import write_whole
from drc.proof import Check, Step, Verdict
from drc.proof.decide import Known, hints
from drc.proof.decide.narrow import narrowed
from drc.proof.lemmas import lemma_proofs
from drc.theory import catalogue, entry, identities
from drc.theory.bernoulli.time_shared.mixtures import comparison
from drc.units import BITS, NATS

#: What stands for all of them, and for derivations that are no theorem's.
SPECIAL_CASES, LEMMAS = "special-cases", "lemmas"
COMPARISONS = {f"comparison.{setting}": setting for setting in ("one-shot", "asymptotic")}

#: A check that takes less, in seconds of the processor, is quick enough with all premises.
SHORT = 0.1

UNITS = {"bits": BITS, "nats": NATS}

FILE = Path(hints.__file__).with_name("hints.txt")


@dataclass
class Alarm:
    """Breaks off what takes longer than some seconds of the processor."""

    seconds: float
    late: bool = False

    def __enter__(self) -> Alarm:
        signal.signal(signal.SIGVTALRM, self._ring)
        # It rings again, because an exception is lost where Python cleans up.
        signal.setitimer(signal.ITIMER_VIRTUAL, self.seconds, 1)
        return self

    def _ring(self, *_: object) -> None:
        self.late = True
        raise TimeoutError

    def __exit__(self, *_: object) -> bool:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        # A library on the way may have made another error of it.
        return self.late


def searched(task: tuple[str, float, bool]) -> tuple[str, float, Counter[Verdict], dict[str, str]]:
    """Search the proofs of one theorem; returns the verdicts in bits, and the hints."""
    name, seconds, again = task
    advice = {key: how for key, how in hints.stored().items() if not again or how != hints.RESISTS}
    start = time.process_time()
    if name == LEMMAS:
        with hints.search(advice) as found:
            checks = [check for proof in lemma_proofs() for check in proof.check()]
        return name, time.process_time() - start, Counter(check.verdict for check in checks), dict(found)
    first, second = (steps(name, unit) for unit in ("bits", "nats"))
    checks, found = search(first, advice, seconds)
    # A unit changes constants only: what was found in one helps in the other.
    pairs = (
        (one, other) for pair in zip(first, second, strict=False) for one, other in zip(*map(keys, pair), strict=True)
    )
    advice |= {other: hints.merged((found[one], advice.get(other, ""))) for one, other in pairs if one in found}
    _, more = search(second, advice, seconds)
    return (
        name,
        time.process_time() - start,
        Counter(check.verdict for check in checks),
        {key: hints.merged((found.get(key, ""), more.get(key, ""))) for key in {*found, *more}},
    )


def steps(name: str, unit: str) -> tuple[Step, ...]:
    """The claims of a theorem, or of special cases."""
    if name == SPECIAL_CASES:
        cases = (case for case in identities() if unit == "bits" and not case.is_algebra())
        return tuple(step for case in cases for step in case.steps())
    if name in COMPARISONS:
        return comparison(COMPARISONS[name], UNITS[unit]).steps
    derivation = entry(name).tradeoff(unit=unit).derivation
    assert derivation is not None  # an exact form always has one
    return derivation.steps


def search(
    derivation: Iterable[Step], advice: Mapping[str, str], seconds: float
) -> tuple[list[Check], Mapping[str, str]]:
    """Check a derivation, with all the time that there is for each claim."""
    known, checks, hows = Known(), [], dict[str, str]()
    for step in derivation:
        known = replace(known, patience=10**6)
        check = Check(Verdict.DEFINED, "late") if step.defines else None
        start = time.process_time()
        with hints.search(advice) as found, Alarm(seconds):
            check = step.check(known=known)
        # Beside a way with few premises stands the one with all from which it was found.
        own = {
            key: advice[key] if any(way.only is not None for way in hints.named(how)) else how
            for key, how in found.items()
        }
        if time.process_time() - start > SHORT:
            for part in step.question(known).parts:
                for way in hints.named(found.get(part.key)):
                    with Alarm(seconds):
                        own[part.key] = hints.merged((str(narrowed(part, way)), own[part.key]))
        hows |= {key: hints.merged((hows.get(key, ""), how)) for key, how in own.items()}
        checks.append(step.sample() if check is None else check)
        known = step.added_to(known, checks[-1])
    return checks, hows


def keys(step: Step) -> list[str]:
    """What hints know the parts of a claim by."""
    return [part.key for part in step.question().parts]


def write(found: dict[str, str]) -> None:
    """Write all hints."""
    write_whole(FILE, "".join(f"{key} {how}\n" for key, how in sorted(found.items())))


def main() -> None:
    """Search on all processors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="processor time for each claim")
    parser.add_argument("theorems", nargs="*", help="their ids; left out, all of the catalogue")
    parser.add_argument("--processes", type=int, help="how many; left out, one for each core")
    parser.add_argument("--known", action="store_true", help="do not search again for what resisted")
    asked = parser.parse_args()
    names = asked.theorems or [*(theorem.id for theorem in catalogue()), *COMPARISONS, SPECIAL_CASES, LEMMAS]
    old = hints.stored()
    new: dict[str, str] = {}
    total = Counter[Verdict]()
    tasks = [(name, asked.seconds, not asked.known) for name in names]
    with multiprocessing.Pool(asked.processes, maxtasksperchild=1) as pool:
        for name, seconds, verdicts, found in pool.imap_unordered(searched, tasks):
            # Theorems may share a claim, and prove it in different ways.
            new |= {key: hints.merged((new.get(key, ""), how)) for key, how in found.items()}
            write(old | {key: hints.merged((old.get(key, ""), how)) for key, how in new.items()})
            total += verdicts
            counts = ", ".join(f"{n} {v.value}" for v, n in verdicts.items())
            print(f"{name}: {counts} ({seconds:.0f} s)", flush=True)
    if not asked.theorems:
        write(new)
    print(", ".join(f"{n} {v.value}" for v, n in total.items()))


if __name__ == "__main__":
    main()
