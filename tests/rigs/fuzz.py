"""Fuzz every reader of foreign bytes: more than a million executions, on two cores, in about ten minutes.

    python tests/rigs/fuzz.py                  all targets
    python tests/rigs/fuzz.py sidecar token    some of them
    python tests/rigs/fuzz.py --share 0.01     a hundredth of the executions of each

Each target (``fuzz_targets.py``) runs in a process of its own under atheris, which looks for inputs that reach new
code. Without atheris (its wheels exist for CPython 3.11 only) it says so loudly and changes the seeds blindly. What was
found stands in the folder named at the end, as files to run again: ``fuzz.py --again TARGET FILE``.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fuzz_blind import CORPUS, inputs

GUIDED = importlib.util.find_spec("atheris") is not None
LOUD = """
***************************************************************************************************
* atheris is not installed for this Python ({version}); its wheels exist for CPython 3.11 only.
* FALLING BACK to blind mutation of the seeds: no coverage guidance, far fewer bugs found.
* The figures of this run must not be compared with those of docs/fuzz.md.
***************************************************************************************************
"""
MEMORY_MB = 2048
HANG = 30  # seconds by the clock after which an execution is stopped; slowness is measured in CPU time


@dataclass(frozen=True)
class Outcome:
    """What became of one target: executions made, seconds taken, and the last words of a process that found something."""

    target: str
    executions: int
    seconds: float
    finding: str


def main(arguments: Sequence[str]) -> int:
    """Run the targets, two at a time, the longest first; 1 when anything was found."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("targets", nargs="*", metavar="TARGET")
    options.add_argument("--share", type=float, default=1.0, help="of the executions (1.0)")
    options.add_argument("--child", help=argparse.SUPPRESS)
    options.add_argument("--again", nargs=2, metavar=("TARGET", "FILE"), help="run one input")
    given = options.parse_args(arguments)
    if given.again:
        return again(given.again[0], Path(given.again[1]))
    if given.child:
        return child(given.child, given.share)
    if not GUIDED:
        print(LOUD.format(version=sys.version.split()[0]), file=sys.stderr, flush=True)
    order = ("invoice", "pdftext", "pdf", "answers", "sidecar", "facturx", "filename", "rows", "token")
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda t: run_apart(t, given.share), given.targets or order))
    return told(outcomes)


def run_apart(target: str, share: float) -> Outcome:
    """Run one target in its own process, in a folder of its own for what it finds."""
    place = Path(tempfile.mkdtemp(prefix=f"fuzz-{target}-"))
    command = [sys.executable, __file__, "--child", target, "--share", str(share)]
    began = time.monotonic()
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, errors="replace", check=False)
    made = re.findall(r"^stat::number_of_executed_units: *([0-9]+)", done.stderr, re.MULTILINE)
    finding = "" if done.returncode == 0 else f"exit {done.returncode}, in {place}\n{done.stderr[-3000:]}"
    outcome = Outcome(target, int(made[-1]) if made else 0, time.monotonic() - began, finding)
    print(f"{target}: {outcome.executions} in {outcome.seconds:.0f} s{', FOUND SOMETHING' * bool(finding)}", flush=True)
    return outcome


def told(outcomes: Sequence[Outcome]) -> int:
    """Print the table and the findings."""
    print("\n| target | executions | seconds | a second | findings |\n|---|---|---|---|---|")
    for o in outcomes:
        speed = o.executions / max(o.seconds, 0.001)
        print(f"| {o.target} | {o.executions:,} | {o.seconds:.0f} | {speed:,.0f} | {int(bool(o.finding))} |")
    found = [o for o in outcomes if o.finding]
    total, seconds = sum(o.executions for o in outcomes), sum(o.seconds for o in outcomes)
    print(f"| all | {total:,} | {seconds:.0f} | {total / seconds:,.0f} | {len(found)} |")
    for o in found:
        print(f"\n--- {o.target}: {o.finding}")
    return 1 if found else 0


def child(name: str, share: float) -> int:
    """Run one target here; never returns under atheris, which ends the process."""
    if GUIDED:
        atheris = importlib.import_module("atheris")  # may be absent, and has no types

        with atheris.instrument_imports(include=["chorus_outbox"], enable_loader_override=False):
            from fuzz_targets import TARGETS
    else:
        from fuzz_targets import TARGETS
    target = TARGETS[name]
    count = max(int(target.executions * share), 100)
    if not GUIDED:
        return blindly(name, count)
    found = Path("found")
    found.mkdir()
    dictionary = CORPUS / f"{name}.dict"
    flags = [f"-runs={count}", f"-max_len={target.longest}", f"-timeout={HANG}", f"-rss_limit_mb={MEMORY_MB}"]
    flags += ["-print_final_stats=1", "-artifact_prefix=./", *([f"-dict={dictionary}"] if dictionary.exists() else [])]
    atheris.Setup([sys.argv[0], *flags, str(found), str(CORPUS / name)], target.timed)
    atheris.Fuzz()
    return 0


def blindly(name: str, count: int) -> int:
    """Run one target on changed seeds; the input stands in ``current`` while it is tried."""
    from fuzz_targets import TARGETS

    target = TARGETS[name]
    current = os.open("current", os.O_RDWR | os.O_CREAT, 0o600)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # a hang in C code can't be interrupted: the process ends
    done = 0
    for done, data in enumerate(inputs(name, count, target.longest), 1):  # noqa: B007
        os.pwrite(current, data, 0)
        os.ftruncate(current, len(data))
        signal.setitimer(signal.ITIMER_REAL, HANG)
        target.timed(data)
        signal.setitimer(signal.ITIMER_REAL, 0)
    print(f"stat::number_of_executed_units: {done}", file=sys.stderr)
    return 0


def again(name: str, file: Path) -> int:
    """Run one input, without instruments: an exception shows what is wrong."""
    from fuzz_targets import TARGETS

    TARGETS[name].timed(file.read_bytes())
    print(f"{name}: nothing wrong with {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
