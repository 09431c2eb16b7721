"""The loop: look, admit, advance, wait for the bell. The only place where work runs side by side and time passes.

Each turn looks at the outbox when a look is due, hands settled files and due entries to a few threads (each file and
each entry to one at a time), and sleeps until something is due or rings. The scan is the truth; the bell only makes it
come sooner. Decides nothing about invoices.
"""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from enum import Enum

from chorus_outbox.core.grouping import Group
from chorus_outbox.core.lifecycle import Event
from chorus_outbox.core.problem import Problem
from chorus_outbox.ports import Outlook

from . import correcting, follow
from .account import PasswordWatch
from .candidate import Candidate
from .correlation import concerning
from .jobs import Jobs, doubt_what_was_being_sent
from .looks import Looks
from .outbox_view import OutboxView
from .parts import Parts

PATIENCE = 20.0  # seconds: `run --once` waits for what is due within, and leaves the rest for the next run
HEARTBEAT = 10.0  # seconds: the longest sleep, so that systemd hears from the loop itself
LOOKING = "looking"  # the key of the one job that asks for statuses; no file and no entry has it
SOONEST = 0.05  # seconds: the shortest sleep


class Ring(Enum):
    """Why the loop wakes up."""

    LOOK = "look"  # something moved in the outbox
    DONE = "done"  # a thread finished its job
    STOP = "stop"


class Loop:
    """The daemon between two turns; all that must survive is in the ledger.

    Args:
        parts: The ports and settings.
        bell: What wakes the loop; its own when None.

    ``alive`` is called every turn with a line for ``systemctl status``; ``watch`` looks at the account when it is due.
    ``bell.put(Ring.LOOK)`` may be called from any thread, ``bell.put(Ring.STOP)`` from a signal handler.
    """

    def __init__(self, parts: Parts, bell: queue.SimpleQueue[Ring] | None = None) -> None:
        self.alive: Callable[[str], None] = lambda _: None
        self.watch: PasswordWatch | None = None
        self.bell: queue.SimpleQueue[Ring] = bell or queue.SimpleQueue()
        self.stopping = False
        self.jobs = Jobs(parts, lambda: self.stopping)
        self.looks = Looks(parts, self.jobs)
        self._parts = parts
        self._running: dict[Future[None], object] = {}
        self._view = OutboxView(parts)
        self._pending: list[Group] = []  # settled in the last look, not yet begun: each look gives a file one chance
        self._look_at = 0.0
        self._started = parts.clock.monotonic()

    def recover(self) -> None:
        """After a start: whatever was being sent when the last run ended may have arrived."""
        for entry in self._parts.ledger.open_entries():
            with concerning(self._parts, entry):
                doubt_what_was_being_sent(self._parts, entry, "restart")
        follow.begin(self._parts)

    def run(self, *, once: bool = False) -> None:
        """Work until told to stop, or with ``once`` until nothing more can be done now.

        Raises:
            StorageError: The ledger's or the spool's disk failed; a restart finds out what is certain.

        """
        self._started = self._parts.clock.monotonic()
        self.looks.until = self._parts.clock.now() if once else None
        with self._pool() as pool:
            while not self.stopping:
                self.turn(pool)
                wait = self._sleep_seconds(once=once)
                if wait is None:
                    return
                self._sleep(wait)

    def turn(self, pool: ThreadPoolExecutor) -> None:
        """Look if it is time, and start what is due."""
        for job in [j for j in self._running if j.done()]:
            self._collect(job)
        if self._seconds_to_look() <= 0:
            self._look()
        inside = [e for e in self._parts.ledger.open_entries() if e.folder == "outbox"]
        taken = {name for e in inside for name in (e.origin, *(m.name for m in e.members))}
        self._watch_account(pool)
        self._advance_entries(pool)
        self._admit_files(pool, taken)
        self._follow(pool)
        self.alive(self._status())

    # --- looking -------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        self._look_at = self._parts.clock.monotonic() + self._parts.settings.rescan
        self._pending = self._view.look()
        self._look_at = min(self._look_at, self._view.again_at)
        if self._view.groups is not None:
            self._notice_vanished(self._view.groups)

    def _notice_vanished(self, groups: Collection[str]) -> None:
        """Note what was seen and lies there no more: a person took it back, and nothing had been sent."""
        for name in [n for n in self.jobs.held if n not in groups or self._view.changing(n)]:
            self.jobs.held.pop(name, None)  # gone, or changing: what was decided about it no longer counts
        busy = set(self._running.values())
        for entry in self._parts.ledger.seen_entries():
            if entry.origin not in groups and entry.origin not in busy and self._view.can_tell(entry.origin):
                if entry.receipt is None:  # gone, or claimed by a sidecar since
                    self._parts.note(entry, Event.VANISHED, next_try_at=None)
                else:
                    correcting.abandoned(self._parts, entry, {})

    # --- starting work -------------------------------------------------------------------------------------------

    def _watch_account(self, pool: ThreadPoolExecutor) -> None:
        if self.watch and self.watch.due() and self.watch not in self._running.values():
            self._start(pool, self.watch, self.watch.look, None)

    def _advance_entries(self, pool: ThreadPoolExecutor) -> None:
        now = self._parts.clock.now()
        for entry in self._parts.ledger.open_entries():
            if not self._room():
                return
            busy = self._running.values()
            if entry.id not in busy and entry.origin not in busy and self.jobs.due(entry, now):
                self._start(pool, entry.id, self.jobs.advance, entry)

    def _admit_files(self, pool: ThreadPoolExecutor, taken: Collection[str]) -> None:
        """Start on the files settled in the last look, but those of an entry that was still there a moment ago."""
        now = self._parts.clock.now()
        waiting, self._pending = self._pending, []
        for group in waiting:
            if group.pdf in taken or group.pdf in self._running.values():
                continue  # it may be gone when there is room: only another look can tell
            if not self._room():
                self._pending.append(group)
                continue
            candidate = self._view.candidate(group)
            if self._free(candidate, now):
                self.jobs.held.pop(group.pdf, None)
                self._start(pool, group.pdf, self.jobs.admit, candidate)

    def _follow(self, pool: ThreadPoolExecutor) -> None:
        """Ask for statuses when there is nothing better to do: one job at a time, which gives way to any other."""
        if not self._running and not self._pending and self.looks.seconds() <= 0:
            self._start(pool, LOOKING, self.jobs.look, self._may_look)

    def _may_look(self, at: datetime) -> bool:
        alone = not self.stopping and all(key == LOOKING for key in list(self._running.values()))
        return alone and self.looks.may(at)

    def _free(self, candidate: Candidate, now: datetime) -> bool:
        signature, until = self.jobs.held.get(candidate.group.pdf, ("", now))
        return now >= until or signature != candidate.signature

    def _room(self) -> bool:
        """Tell whether another job may start: during an outage one at a time tries whether it is over."""
        busy = sum(key != LOOKING for key in self._running.values())
        return busy < (1 if self.jobs.health.out else self._parts.settings.parallel)

    def _start(self, pool: ThreadPoolExecutor, key: object, work: Callable[..., None], what: object) -> None:
        job = pool.submit(work, what)
        self._running[job] = key
        job.add_done_callback(lambda _: self.bell.put(Ring.DONE))

    def _collect(self, job: Future[None]) -> None:
        self._running.pop(job, None)
        job.result()  # a StorageError ends the process here

    @contextlib.contextmanager
    def _pool(self) -> Iterator[ThreadPoolExecutor]:
        with ThreadPoolExecutor(self._parts.settings.parallel + 1, "invoice") as pool:
            try:
                yield pool
            finally:
                self.stopping = True  # running jobs end after their current step
        for job in list(self._running):
            self._collect(job)

    # --- waiting -------------------------------------------------------------------------------------------------

    def _sleep_seconds(self, *, once: bool) -> float | None:
        """Return how long to sleep, or None when `run --once` has nothing more to do now."""
        due = min(self._seconds_to_due(), float("inf") if self._running else self.looks.seconds())
        if once and not self._running and not self._pending and due > PATIENCE and not self._still_settling():
            return None
        return min(max(min(self._seconds_to_look(), due), SOONEST), HEARTBEAT)

    def _still_settling(self) -> bool:
        """Tell whether files are still to be looked at again; one that never stops changing is not waited for."""
        elapsed = self._parts.clock.monotonic() - self._started
        return not self._view.quiet and elapsed < PATIENCE + 2 * self._parts.settings.quiet

    def _seconds_to_look(self) -> float:
        """Return the seconds until the next look: the rescan, or sooner when a held file is due."""
        now = self._parts.clock.now()
        held = [(until - now).total_seconds() for _, until in self.jobs.held.values()]
        return min([self._look_at - self._parts.clock.monotonic(), *held])

    def _seconds_to_due(self) -> float:
        """Return the seconds until the next entry or held file is due (infinite when there is none)."""
        now = self._parts.clock.now()
        floor = self.jobs.health.until if self.jobs.health.out else None
        dues = [max(e.next_try_at or now, self.jobs.later.get(e.id, now)) for e in self._parts.ledger.open_entries()]
        dues += [until for _, until in self.jobs.held.values()]
        if not dues:
            return float("inf")
        soonest = min(dues)
        return (max(soonest, floor) if floor else soonest).timestamp() - now.timestamp()

    def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(queue.Empty):
            ring = self.bell.get(timeout=seconds)
            while True:
                self.stopping |= ring is Ring.STOP
                if ring is Ring.LOOK:
                    self._look_at = 0.0
                ring = self.bell.get_nowait()

    def outlook(self) -> Outlook:
        """Return what it knows beyond the ledger."""
        return Outlook(self._parts.clock.now(), self.jobs.health, self._view.unavailable, self._view.looked_at)

    def _status(self) -> str:
        counts = self._parts.ledger.counts()
        shown = ("seen", "waiting", "in_doubt", "integrating", "sending", "failed", "sent", "paid")
        told = [f"{counts[s]} {s}" for s in shown if s in counts]
        problem = self.jobs.health.problem
        return ", ".join([*([problem.code] if problem else []), *told]) or "nothing to do"


__all__ = ["Loop", "Problem", "Ring"]
