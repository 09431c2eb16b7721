"""Crash the program in every way this machine allows, restart it, and see that nothing was lost or sent twice.

    python tests/rigs/crash.py kill              kill -9 at every system call that changes or says something
    python tests/rigs/crash.py kill --every      ... at every system call whatever
    python tests/rigs/crash.py pairs             killed again while it recovers
    python tests/rigs/crash.py disk              every call on files fails, once and for ever (EIO, ENOSPC)
    python tests/rigs/crash.py load              the daemon under load, killed at random
    python tests/rigs/crash.py power             the power of two disks cut (root)
    python tests/rigs/crash.py seeded            bugs put in on purpose: each must be caught
    python tests/rigs/crash.py all               all of these, one after the other

Each ends with a table and exit code 1 on any violation. ``--jobs N`` works in N processes, ``--only NAME`` takes one
scenario, ``--share X`` a part of the points (for a quick look).
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

import crash_disk
import crash_kill
import crash_load
import crash_power
import crash_seeded
from crash_disk import DiskTask
from crash_kill import Tally, Task
from crash_scenarios import SCENARIOS
from crash_tracer import unable

SHOWN = 12  # violations printed
PAIRS = 60  # double kills of each scenario
KILLS, INVOICES = 220, 450  # of the daemon under load
CUTS = 600  # of the power
T = TypeVar("T")


def main() -> int:
    """Run a rig; return the exit code."""
    options = _options()
    if why := unable():
        print(f"NOT RUN: {why}")
        return 1
    return max([run(rig, options) for rig in (RIGS if options.rig == "all" else [options.rig])])


def run(rig: str, options: argparse.Namespace) -> int:
    """Run one rig and print its table; return 1 when something is wrong."""
    began = time.monotonic()
    tallies = RIGS[rig](options)
    print(f"\n{rig}: {time.monotonic() - began:.0f} s, {options.jobs} processes")
    if rig == "seeded":
        return report_caught(tallies)
    return report(tallies)


def report_caught(tallies: Sequence[Tally]) -> int:
    """Print which of the bugs were caught; return 1 when one was not (but for what one disk is known to hide)."""
    print(f"{'bug [rig]':50}{'points':>8}{'violated':>10}   the first")
    for t in tallies:
        first = t.violations[0][:110] if t.violations else "; ".join(t.notes)
        print(f"{t.scenario:50}{t.hit:8}{t.bad:10}   {first}")
    missed = [t.scenario for t in tallies if not t.violations and crash_seeded.must_catch(t.scenario)]
    for name in missed:
        print(f"  NOT CAUGHT {name}")
    return int(bool(missed))


def report(tallies: Sequence[Tally]) -> int:
    """Print the table; return 1 when there is a violation, or nothing was hit."""
    print(f"{'scenario':24}{'planned':>9}{'runs':>8}{'hit':>8}{'violations':>12}   most often")
    for t in tallies:
        often = ", ".join(f"{n} {k}" for k, n in t.calls.most_common(5))
        more = ", ".join(f"{k}: {n}" for k, n in sorted(t.notes.items()))
        child = f"; {t.in_child} in a PDF child" if t.in_child else ""
        print(f"{t.scenario:24}{t.planned:9}{t.runs:8}{t.hit:8}{len(t.violations):12}   {often}{child} {more}".rstrip())
    violations = [v for t in tallies for v in t.violations]
    sums = [sum(getattr(t, name) for t in tallies) for name in ("planned", "runs", "hit")]
    print(f"{'all':24}{sums[0]:9}{sums[1]:8}{sums[2]:8}{len(violations):12}")
    print(f"most temporary files and unused copies left at an end: {max((t.litter for t in tallies), default=0)}")
    for text in violations[:SHOWN]:
        print(f"  VIOLATION {text}")
    return int(bool(violations) or not sums[2])


def side_by_side(work: Callable[[T], Tally], tasks: Iterable[T], jobs: int) -> list[Tally]:
    """Do the tasks in so many processes; one tally a scenario."""
    sums: dict[str, Tally] = {}
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        for tally in pool.map(work, tasks):
            if tally.scenario in sums:
                sums[tally.scenario].add(tally)
            else:
                sums[tally.scenario] = tally
            print(f"{tally.scenario}: {tally.hit} hit, {len(tally.violations)} violations", flush=True)
    return list(sums.values())


def kill(options: argparse.Namespace) -> list[Tally]:
    """Kill at every boundary; with a share, at every how-maniest."""
    kinds = ("changing", "talking", "other") if options.every else ("changing", "talking")
    stride = max(1, round(1 / options.share)) * options.jobs
    firsts = range(1, options.jobs + 1)
    tasks = [Task(s, kinds, first=f, stride=stride) for s in options.names for f in firsts]
    return side_by_side(crash_kill.work, tasks, options.jobs)


def pairs(options: argparse.Namespace) -> list[Tally]:
    """Kill twice, at random."""
    print(f"seed {options.seed}")
    each = max(1, round(options.share * PAIRS / options.jobs))
    firsts = range(1, options.jobs + 1)
    tasks = [Task(s, first=f, pairs=each, seed=options.seed) for s in options.names for f in firsts]
    tallies = side_by_side(crash_kill.work, tasks, options.jobs)
    for tally in tallies:
        tally.planned = each * options.jobs
    return tallies


def disk(options: argparse.Namespace) -> list[Tally]:
    """Let every call of the happy life fail."""
    stride = max(1, round(1 / options.share)) * options.jobs
    firsts = range(1, options.jobs + 1)
    tasks = [
        DiskTask("happy", error, for_ever, first, stride)
        for error in crash_disk.ERRORS
        for for_ever in (False, True)
        for first in firsts
    ]
    return side_by_side(crash_disk.work, tasks, options.jobs)


def load(options: argparse.Namespace) -> list[Tally]:
    """Kill the real daemon at random while it works."""
    print(f"seed {options.seed}")
    kills, invoices = round(KILLS * options.share), round(INVOICES * options.share)
    return [crash_load.work(kills, invoices, options.seed)]


def power(options: argparse.Namespace) -> list[Tally]:
    """Cut the power."""
    print(f"seed {options.seed}")
    if why := crash_power.unable():
        return [Tally("power cut", violations=[f"NOT RUN: {why}"])]
    return [crash_power.work(round(CUTS * options.share), options.seed)]


def seeded(options: argparse.Namespace) -> list[Tally]:
    """Put the bugs in."""
    return [crash_seeded.run(bug, options.share, side_by_side, options.jobs) for bug in crash_seeded.BUGS]


RIGS = {"kill": kill, "pairs": pairs, "disk": disk, "load": load, "power": power, "seeded": seeded}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rig", choices=[*RIGS, "all"])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", action="append", choices=[s.name for s in SCENARIOS])
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--every", action="store_true")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options = parser.parse_args()
    options.names = options.only or [s.name for s in SCENARIOS]
    return options


if __name__ == "__main__":
    sys.exit(main())
