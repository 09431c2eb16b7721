"""What every station of the worker needs: the ports, the settings, and one way to note a step."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import structlog

from chorus_outbox.core.decide import PARIS, Hold, Policy
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.followup import Schedule, is_followed, is_slow, next_look
from chorus_outbox.core.lifecycle import Event, State
from chorus_outbox.core.names import display
from chorus_outbox.core.problem import Problem
from chorus_outbox.core.reading import Rules
from chorus_outbox.core.words import Words, render
from chorus_outbox.ports import Clock, Folders, Ledger, Noted, PdfReader
from chorus_outbox.ports_chorus import ChorusPro, Directory, Flows, FollowUp, Lists

LOGGED: Mapping[State, str] = {  # the closed set of event names (design.md 8)
    State.SEEN: "invoice.seen",
    State.READY: "invoice.ready",
    State.WAITING: "invoice.waiting",
    State.SENDING: "invoice.sending",
    State.IN_DOUBT: "invoice.in_doubt",
    State.INTEGRATING: "invoice.accepted",
    State.ACCEPTED: "invoice.accepted",
    State.SENT: "invoice.sent",
    State.FAILED: "invoice.failed",
}
FOLLOWED = frozenset({Event.STATUS, Event.CAME_BACK, Event.RESUMED, Event.PAID, Event.ACKNOWLEDGED})
PDF_MAX = 10_000_000  # bytes (api.md 5.1)
SIDECAR_MAX = 64 * 1024  # bytes


@dataclass(frozen=True)
class Settings:
    """The settings of one supplier account that the worker acts on; seconds where a time."""

    rules: Rules
    policy: Policy
    words: Words
    supplier: str  # SIRET
    quiet: float
    rescan: float
    parallel: int
    sandbox: bool
    follow: Schedule | None = None  # None: what was sent is not followed


@dataclass(frozen=True)
class Parts:
    """The ports and the settings. ``jitter`` gives numbers in [0, 1); ``outage`` says why nothing may be asked now.

    ``begun`` is called when an intent is on disk and before its first byte leaves: the spool notes it as well.
    ``doubt_until``: the ledger has forgotten deposits of invoices dated until then, so that they are asked about first.
    ``instance`` names the ledger in the log.
    """

    ledger: Ledger
    folders: Folders
    chorus: ChorusPro
    directory: Directory
    follow: FollowUp
    flows: Flows
    lists: Lists
    pdf: PdfReader
    clock: Clock
    settings: Settings
    jitter: Callable[[], float] = field(default=random.random)
    outage: Callable[[], Hold | None] = field(default=lambda: None)
    begun: Callable[[], None] = field(default=lambda: None)
    doubt_until: date | None = None
    instance: str = ""

    def note(self, entry: Entry, event: Event, detail: str = "", /, **changes: Any) -> Entry:
        """Record an event in the ledger (on disk when this returns) and say it in the log.

        What only repeats (it still waits, for the same reason) is for whoever debugs: an outage would fill the log.
        """
        after = self.ledger.note(entry.id, event, self.clock.now(), detail, **changes)
        if name := "invoice.status" if event in FOLLOWED else LOGGED.get(after.state):
            reason = [p.code for p in after.problems]
            chorus_id = after.receipt.chorus_id if after.receipt else None
            status = after.chorus_status if event in FOLLOWED else None
            told = {"step": event.value, "reason": reason or None, "chorus_id": chorus_id, "status": status}
            again = after.state is entry.state and reason == [p.code for p in entry.problems] and event not in FOLLOWED
            say(name, after, again=again, **told)
        return after

    def next_look(self, state: State, status: str, looks: int, since: datetime) -> datetime | None:
        """Return when the status of a deposited invoice is asked for next; None when it is not followed.

        Args:
            state: Where it stands.
            status: Chorus Pro's.
            looks: How often it was looked at since that status was noted.
            since: When it was noted.

        """
        schedule = self.settings.follow
        if schedule is None or not is_followed(state, status):
            return None
        quiet = (self.clock.now() - since).total_seconds()
        return self.in_seconds(next_look(looks, quiet, schedule, self.jitter(), slow=is_slow(state, status)))

    def in_seconds(self, seconds: float) -> datetime:
        """Return the time that many seconds from now."""
        return self.clock.now() + timedelta(seconds=seconds)

    def words_of(self, problem: Problem) -> str:
        """Return what a problem is, in a person's words: for the timeline."""
        return render(self.settings.words, problem)[0]

    def today(self, now: datetime | None = None) -> datetime:
        """Return the time in France: what invoices, folders and people go by."""
        return (now or self.clock.now()).astimezone(PARIS)


def say(event: str, entry: Entry, *, again: bool = False, **more: object) -> None:
    """Log one event of one invoice: names and numbers, never contents; ``again``: nothing in it is new."""
    known = {"invoice": entry.id, "file": display(entry.file), "number": entry.number or None}
    values = {k: v for k, v in {**known, **more}.items() if v is not None}
    log = structlog.get_logger("chorus_outbox")
    (log.debug if again else log.info)(event, **values)


__all__ = ["LOGGED", "PDF_MAX", "SIDECAR_MAX", "Noted", "Parts", "Settings", "say"]
