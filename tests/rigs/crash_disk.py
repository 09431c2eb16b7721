"""A disk that fails at every call of a life: once, and for ever after. Then a restart on a sound disk, and a look.

``EIO`` is given to any call on files, folders and locks; ``ENOSPC`` to what needs room. The failing run may end, wait or
go on: only what a restart makes of it is judged, and what lies there in between.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass

import crash_invariants as invariants
from crash_kill import Tally, recover
from crash_scenarios import BY_NAME
from crash_site import Site
from crash_tracer import Fault

PATIENCE = 4.0  # seconds: a run that waits for its disk longer is killed
ERRORS = {"EIO": (errno.EIO, "sick"), "ENOSPC": (errno.ENOSPC, "full")}


@dataclass(frozen=True)
class DiskTask:
    """A share of the work: ``first``, ``first + stride``... up to ``last`` (0: until no call is hit).

    ``call``, ``path``: as of ``Fault``.
    """

    scenario: str
    error: str
    for_ever: bool
    first: int = 1
    stride: int = 1
    last: int = 0
    source: str = ""
    call: str = ""
    path: str = ""


def work(task: DiskTask) -> Tally:
    """Do a share of the work in a site of its own."""
    tally = Tally(f"{task.scenario}: {task.error} {'for ever' if task.for_ever else 'once'}")
    with Site(task.source) as site:
        try:
            _fail_everywhere(site, task, tally)
        except Exception as e:  # noqa: BLE001 - whatever it is, it is told with the rest
            tally.violations.append(f"{tally.scenario}: the rig stopped: {type(e).__name__}: {e}")
    return tally


def _fail_everywhere(site: Site, task: DiskTask, tally: Tally) -> None:
    scenario = BY_NAME[task.scenario]
    number, disk = ERRORS[task.error]
    site.begin(scenario.prepare)
    tally.planned = site.run(count=True, disk=disk).counted
    point = task.first
    while not task.last or point <= task.last:
        site.restore()
        fault = Fault(point, task.call, task.path, number, task.for_ever)
        failed = site.run(fault, disk=disk, timeout=PATIENCE)
        tally.runs += 1
        if not failed.hits:
            break
        tally.hit += 1
        tally.calls[failed.hits[0]] += 1
        tally.notes["killed: it waited" if failed.timed_out else f"exit {failed.code}"] += 1
        wrong = [*invariants.after_crash(site), *recover(site, scenario, tally)]
        tally.judge(f"{tally.scenario} #{point} {failed.hits[0]} (exit {failed.code})", wrong)
        point += task.stride
