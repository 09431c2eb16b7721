"""Every remote call of an invoice's way, failing in every way: what becomes of the invoice is what the table says.

    python tests/rigs/faults.py -j 2            the whole matrix; exit 1 when anything differs from the table
    python tests/rigs/faults.py --short -j 2    the part that `make test` plays
    python tests/rigs/faults.py --only "submit / 500"
    python tests/rigs/faults.py -j 2 --write    the whole matrix, its table and its figures into docs/faults.md

The cases stand in ``fault_cases.py``, what must become of them in ``fault_table.py`` and ``fault_judge.py``.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fault_cases import Case, pairs, play, singles
from fault_document import write
from fault_judge import mismatches
from fault_server import FaultySimulator, serving
from fault_table import applies

SHORT_OTHERS = (
    *(("token", "drip"), ("token", "401"), ("account", "code"), ("account", "dns"), ("recipient", "500")),
    *(("recipient", "id-absent"), ("rules", "429"), ("services", "lists"), ("service", "413"), ("upload", "301")),
    *(("upload", "truncated"), ("search-arrived", "id-absent"), ("search-absent", "500"), ("search-arrived", "404")),
)


@dataclass(frozen=True)
class Verdict:
    """A played case."""

    case: Case
    wrong: tuple[str, ...]
    seconds: float


def every_case() -> list[Case]:
    """Return the whole matrix."""
    return [*singles(applies()), *pairs(applies()["submit"])]


def short() -> list[Case]:
    """Return one case for each fault of the deposit, a few for ever, and some of the other calls."""
    submit = [Case("submit", (fault,)) for fault in applies()["submit"]]
    for_ever = [Case("submit", (fault,), for_ever=True) for fault in ("500", "reset-after", "dns")]
    then = Case("submit", ("reset", "413"))
    return [*submit, *for_ever, then, *(Case(call, (fault,), for_ever=True) for call, fault in SHORT_OTHERS)]


_OPEN = contextlib.ExitStack()  # kept by the module: what it holds ends with the process


@cache
def _simulator() -> FaultySimulator:
    """Return this process's server."""
    return _OPEN.enter_context(serving())


def judge(case: Case) -> Verdict:
    """Play a case and hold it against the table."""
    outcome = play(case, _simulator())
    return Verdict(case, tuple(mismatches(case, outcome)), outcome.seconds)


def judged(cases: Sequence[Case], jobs: int) -> Iterator[Verdict]:
    """Yield the verdicts, in the cases' order, played in so many processes."""
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(judge, cases, chunksize=4)


def main() -> int:
    """Play what is asked for and print what differs; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-j", "--jobs", type=int, default=1, help="processes")
    parser.add_argument("--short", action="store_true", help="the part that `make test` plays")
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    parser.add_argument("--write", action="store_true", help="write docs/faults.md")
    chosen = parser.parse_args()
    cases = [case for case in (short() if chosen.short else every_case()) if chosen.only in case.name]
    began = time.monotonic()
    verdicts = []
    for verdict in judged(cases, chosen.jobs):
        verdicts.append(verdict)
        if len(verdicts) % 100 == 0:
            print(f"{len(verdicts)} of {len(cases)}", file=sys.stderr, flush=True)
        for wrong in verdict.wrong:
            print(f"{verdict.case.name}: {wrong}", flush=True)
    bad = sum(bool(v.wrong) for v in verdicts)
    took = time.monotonic() - began
    print(f"{len(verdicts)} cases, {bad} not as the table says, {took:.0f} s with {chosen.jobs} processes")
    if chosen.write and not bad:
        write(Counter("pair" if len(set(v.case.faults)) > 1 else v.case.call for v in verdicts), took, chosen.jobs)
    return int(bad > 0 or not verdicts)


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parent)]
    sys.exit(main())
