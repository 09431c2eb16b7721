"""When the next look at a sent invoice may be made: the schedule of the ledger, an outage, and `run --once` together."""

from __future__ import annotations

from datetime import datetime

from .jobs import Jobs
from .parts import Parts


class Looks:
    """The looks that are due now.

    Attributes:
        until: `run --once` makes the looks that are due when it starts, and waits for none; None: those due by now.

    """

    def __init__(self, parts: Parts, jobs: Jobs) -> None:
        self.until: datetime | None = None
        self._parts = parts
        self._jobs = jobs

    def may(self, at: datetime) -> bool:
        """Tell whether a look that was to be made at that time may be made now."""
        now = self._parts.clock.now()
        return at <= (self.until or now) and self._jobs.health.may_send(now)

    def seconds(self) -> float:
        """Return the seconds until the next look; infinite when there is none, or not in this run."""
        entry = self._parts.ledger.next_look() if self._parts.settings.follow else None
        if entry is None or entry.look_at is None:
            return float("inf")
        health = self._jobs.health
        if self.until is not None and (entry.look_at > self.until or health.out):
            return float("inf")
        at = max(entry.look_at, health.until) if health.out and health.until else entry.look_at
        return (at - self._parts.clock.now()).total_seconds()
