"""Kill -9 at every system call of a life, then restart and look: and again during the restart.

The points are found anew each time: 1, 2, 3, ... until a run ends without having been hit. The process that makes the
call is killed before the call is executed: the daemon, or a PDF child of it. The recovering run is never disturbed
(``sweep``), or is killed once as well (``pairs``).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import crash_invariants as invariants
from crash_scenarios import BY_NAME, Scenario
from crash_site import Site
from crash_tracer import Fault, Traced

PAIR = 2


@dataclass
class Tally:
    """What a rig counted.

    Args:
        scenario: Its name.
        planned: Points that an undisturbed run has.
        runs: Points that were tried.
        hit: Kills (or faults) that happened.
        violations: What was wrong, with the point.
        bad: Points at which something was.
        calls: Calls at which it happened.
        litter: The most temporary files and unused copies that were left.
        in_child: Kills that met a PDF child.
        notes: What else to say.

    """

    scenario: str
    planned: int = 0
    runs: int = 0
    hit: int = 0
    violations: list[str] = field(default_factory=list)
    bad: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    litter: int = 0
    in_child: int = 0
    notes: Counter[str] = field(default_factory=Counter)

    def judge(self, point: str, wrong: Sequence[str]) -> None:
        """Note what was wrong at a point."""
        self.violations += [f"{point}: {w}" for w in wrong]
        self.bad += bool(wrong)

    def add(self, other: Tally) -> None:
        """Take another's counts into this one."""
        self.planned = max(self.planned, other.planned)
        self.runs += other.runs
        self.hit += other.hit
        self.violations += other.violations
        self.bad += other.bad
        self.calls += other.calls
        self.litter = max(self.litter, other.litter)
        self.in_child += other.in_child
        self.notes += other.notes


@dataclass(frozen=True)
class Task:
    """A share of a rig's work for one process.

    Args:
        scenario: Its name.
        kinds: Kinds of calls (``crash_calls.kind``).
        first: The first point.
        stride: Every how-maniest point.
        last: The last point; 0: until no run is hit.
        pairs: So many random double kills instead, of that seed.
        seed: Of the random numbers.
        source: Where the program is loaded from, when not from here.
        stop_after: Violations after which it is enough; 0: never.

    """

    scenario: str
    kinds: Sequence[str] = ("changing", "talking")
    first: int = 1
    stride: int = 1
    last: int = 0
    pairs: int = 0
    seed: int = 0
    source: str = ""
    stop_after: int = 0


def work(task: Task) -> Tally:
    """Do a share of the work in a site of its own; a rig that breaks is a violation too."""
    scenario = BY_NAME[task.scenario]
    tally = Tally(scenario.name)
    with Site(task.source) as site:
        try:
            site.begin(scenario.prepare)
            (pairs if task.pairs else sweep)(site, scenario, task, tally)
        except Exception as e:  # noqa: BLE001 - whatever it is, it is told with the rest
            tally.violations.append(f"{scenario.name}: the rig stopped: {type(e).__name__}: {e}")
    return tally


def sweep(site: Site, scenario: Scenario, task: Task, tally: Tally) -> None:
    """Kill at the task's points, one after the other."""
    tally.planned = count(site, scenario, task.kinds)
    point = task.first
    while not task.last or point <= task.last:
        site.restore()
        killed = site.run(Fault(point), kinds=task.kinds, cold=scenario.cold)
        tally.runs += 1
        if not killed.hits:
            tally.judge(f"{scenario.name}, not hit", _judge(site, scenario, killed, tally))
            break
        _note(tally, killed)
        wrong = invariants.after_crash(site)
        wrong += recover(site, scenario, tally)
        tally.judge(f"{scenario.name} #{point} {killed.hits[-1]}", wrong)
        if task.stop_after and len(tally.violations) >= task.stop_after:
            break
        point += task.stride


def pairs(site: Site, scenario: Scenario, task: Task, tally: Tally) -> None:
    """Kill at random points, and the recovering run as well."""
    chance = random.Random(f"{task.seed} {scenario.name} {task.first}")  # noqa: S311 - a rig's chance, repeatable
    calls = count(site, scenario, task.kinds)
    tally.planned = task.pairs
    while tally.notes["both hit"] < task.pairs and tally.runs < 3 * task.pairs:
        site.restore()
        points = []
        for _ in range(PAIR):
            point = chance.randint(1, calls)
            killed = site.run(Fault(point), kinds=task.kinds)
            if not killed.hits:
                break
            points.append((point, killed.hits[-1]))
            _note(tally, killed)
        tally.runs += 1
        tally.notes["both hit"] += len(points) == PAIR
        wrong = [*invariants.after_crash(site), *recover(site, scenario, tally)]
        tally.judge(f"{scenario.name} {points}", wrong)


def count(site: Site, scenario: Scenario, kinds: Sequence[str]) -> int:
    """Return how many points an undisturbed run has, and check that it ends as it should."""
    site.restore()
    result = site.run(count=True, kinds=kinds, cold=scenario.cold)
    wrong = invariants.at_end(site, scenario.ends)
    if wrong or result.code != scenario.code:
        raise AssertionError(f"{scenario.name} without any fault: exit {result.code}, {wrong}")
    return result.counted


def _note(tally: Tally, killed: Traced) -> None:
    tally.hit += 1
    tally.calls[killed.hits[-1]] += 1
    tally.in_child += killed.in_child


def recover(site: Site, scenario: Scenario, tally: Tally) -> list[str]:
    """Restart, undisturbed, to the end; return what is wrong then."""
    return _judge(site, scenario, site.run(), tally)


def _judge(site: Site, scenario: Scenario, run: Traced, tally: Tally) -> list[str]:
    wrong = invariants.at_end(site, scenario.ends)
    if run.timed_out:
        wrong.append("the recovering run did not end")
    if run.code not in (0, scenario.code):
        wrong.append(f"the recovering run ended with {run.code}")
    if wrong:
        reached = site.errors.read_text("utf-8", "replace").splitlines()[-3:]
        wrong[-1] += f" [log: {' / '.join(reached)}]"
    tally.litter = max(tally.litter, invariants.litter(site))
    return wrong
