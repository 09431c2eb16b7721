"""The messages to people: sees what is new, has the message that is due written and delivered, notes what was told.

A delivery has a thread of its own for each message: a server that hangs holds up only what is meant for it, and (for
``post.SECONDS``) the end of the program. What is due is decided by ``core/alerts.py`` and worded by
``core/letters.py``. A delivery is noted before it begins and when it has ended: only a crash between the two can make
a message leave twice, and a ledger that can't be written makes none leave at all.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Protocol

import structlog

from chorus_outbox.core import letters
from chorus_outbox.core.alerts import (
    Digest,
    Invoices,
    Matter,
    Outage,
    Password,
    Rules,
    Run,
    Share,
    Sight,
    Step,
    Told,
    after,
    begin,
    begun,
    delivered,
    due,
    undelivered,
)
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.letters import Days, Desk, Letter, Standing
from chorus_outbox.core.lifecycle import State
from chorus_outbox.errors import OutboxError
from chorus_outbox.ports import Outlook

from .telling import tell

log = structlog.get_logger("chorus_outbox")

AHEAD = 5000  # steps without anything to tell, after which the place is noted


class Book(Protocol):
    """What is asked of the ledger (``edge/ledger/alerts.py``)."""

    def newest(self) -> int:
        """Return the number of the last step of any invoice."""

    def password_end(self) -> date | None:
        """Return the technical password's last day, if known."""

    def steps(self, after: int, upto: int) -> list[Step]:
        """Return the steps in (after, upto] that a person may have to know of, oldest first."""

    def done(self, after: int, upto: int) -> Mapping[str, int]:
        """Return how often each kind of step was made in (after, upto]."""

    def entries(self, ids: Iterable[int]) -> list[Entry]:
        """Return the invoices as they stand now."""

    def standing(self, now: datetime) -> Standing:
        """Return how the invoices stand."""

    def load(self) -> dict[str, Told]:
        """Return what was told in each way."""

    def save(self, told: Mapping[str, Told], gone: Sequence[str] = ()) -> None:
        """Note what was told in some ways, and forget others."""


Post = Callable[[Sequence[str], Letter], Mapping[str, str]]
"""Delivers a message in several ways; returns why not for each that did not take it."""


class Alerts:
    """A ``Show``: the messages of one account.

    Args:
        book: What the ledger knows.
        post: Delivers.
        channels: Each way to reach people -> its name in the log.
        desk: Language and places.
        rules: What people want to be told.
        now: Clock (aware UTC).

    What was noted before this is built counts as told to whoever is to be told for the first time.
    """

    name = "alerts"

    def __init__(
        self,
        book: Book,
        post: Post,
        channels: Mapping[str, str],
        desk: Desk,
        *,
        rules: Rules,
        now: Callable[[], datetime],
    ) -> None:
        self._book = book
        self._post = post
        self._channels = channels
        self._desk = desk
        self._rules = rules
        self._now = now
        self._lock = threading.Lock()
        self._under_way: set[str] = set()
        self._unsaved: set[str] = set()
        self._run: Run | None = None
        self._told, self._read_to = self._begin()
        self._steps: list[Step] = []

    def show(self, outlook: Outlook) -> None:
        """Have sent what is due."""
        sight = self._look(outlook)
        self._run = (self._run or Run(sight.at)).seeing(sight)
        with self._lock:
            free = [channel for channel in self._channels if channel not in self._under_way]
            alike: list[tuple[Told, list[str]]] = []
            for channel in free:
                told = self._told[channel]
                group = next((channels for known, channels in alike if known == told), None)
                group.append(channel) if group else alike.append((told, [channel]))
        for told, channels in alike:
            if matter := due(told, self._steps, sight, self._run, self._rules):
                self._tell(told, channels, matter, sight.at)
        self._save()

    # --- seeing --------------------------------------------------------------------------------------------------

    def _begin(self) -> tuple[dict[str, Told], int]:
        known, newest = self._book.load(), self._book.newest()
        at = self._now()
        told = {c: known.get(c) or begin(at, newest, self._rules) for c in self._channels}
        gone = [c for c in known if c not in told]
        if gone or set(told) - set(known):
            self._book.save({c: t for c, t in told.items() if c not in known}, gone)
        return told, min((t.cursor for t in told.values()), default=newest)

    def _look(self, outlook: Outlook) -> Sight:
        newest = self._book.newest()
        if newest > self._read_to:
            self._steps += self._book.steps(self._read_to, newest)
            self._read_to = newest
        with self._lock:
            self._pass_over()
            done = min(t.cursor for t in self._told.values())
        self._steps = [step for step in self._steps if step.id > done]
        health = outlook.health
        return Sight(
            at=self._now(),
            problem=health.problem,
            since=health.since,
            lost=outlook.unavailable,
            found=outlook.looked_at is not None,
            password_ends=self._book.password_end(),
            read_to=newest,
            last=outlook.ending,
        )

    def _pass_over(self) -> None:
        """Note now and then how far there was nothing to tell, so that a restart need not read all that again."""
        for channel, told in self._told.items():
            far = self._read_to - told.cursor > AHEAD and channel not in self._under_way
            if far and not any(step.id > told.cursor for step in self._steps):
                self._told[channel] = replace(told, cursor=self._read_to)
                self._unsaved.add(channel)

    # --- telling -------------------------------------------------------------------------------------------------

    def _tell(self, before: Told, channels: Sequence[str], matter: Matter, at: datetime) -> None:
        letter, told = self._letter(before, matter, at)
        with self._lock:
            if letter is None:
                self._note(dict.fromkeys(channels, after(told, matter)))
                return
            self._note(dict.fromkeys(channels, begun(before, at)))
        self._save()
        with self._lock:
            self._under_way.update(channels)
        work = (letter, before, told, channels, matter)
        # Not one of those that die with the program: a message that left would not be noted, and leave again.
        threading.Thread(target=self._deliver, args=work, name=f"alert-{matter.kind}", daemon=False).start()

    def _letter(self, told: Told, matter: Matter, at: datetime) -> tuple[Letter | None, Told]:
        """Return the message, None when there is nothing to say after all; and what is told with the doubts in it."""
        match matter:
            case Invoices():
                return self._of_invoices(told, matter)
            case Outage():
                sent = self._book.done(matter.step, self._read_to).get("accepted", 0)
                return letters.of_outage(self._desk, matter, at, self._book.standing(at), sent), told
            case Share():
                return letters.of_share(self._desk, matter, at), told
            case Password():
                return letters.of_password(self._desk, matter), told
            case Digest():
                days = Days(at, self._book.done(matter.since, matter.upto), self._book.standing(at))
                return letters.of_days(self._desk, matter.day, days) if days.worth_telling else None, told

    def _of_invoices(self, told: Told, matter: Invoices) -> tuple[Letter | None, Told]:
        entries = self._book.entries(step.invoice for step in matter.steps)
        failed = [e for e in entries if e.state is State.FAILED and e.receipt is None and self._rules.failures]
        returned = [e for e in entries if e.state is State.FAILED and e.receipt and self._rules.returns]
        doubts = [e for e in entries if e.left_to_a_person and self._rules.failures]
        still = {e.id for e in self._book.entries(told.doubts) if e.left_to_a_person}
        told = replace(told, doubts=tuple(sorted(still | {e.id for e in doubts})))
        new = [e for e in doubts if e.id not in still]
        if not (failed or returned or new):
            return None, told
        kinds = [[tell(e, (), sandbox=self._desk.sandbox) for e in some] for some in (failed, returned, new)]
        return letters.of_invoices(self._desk, *kinds), told

    def _deliver(self, letter: Letter, before: Told, told: Told, channels: Sequence[str], matter: Matter) -> None:
        try:
            wrong = self._post(channels, letter)
        except Exception as e:  # noqa: BLE001 - no child could be started, say: tried again later
            wrong = dict.fromkeys(channels, type(e).__name__)
        now = self._now()
        for channel in channels:
            if channel not in wrong:
                log.info("notify.sent", what=matter.kind, to=self._channels[channel])
            elif before.tries == 0:  # once, however often it is tried
                log.warning("notify.failed", what=matter.kind, to=self._channels[channel], detail=wrong[channel])
        with self._lock:
            self._note({c: undelivered(before, now) if c in wrong else delivered(told, matter, now) for c in channels})
            self._under_way.difference_update(channels)
        with contextlib.suppress(OutboxError):  # the next look tries again, and says so
            self._save()

    # --- noting --------------------------------------------------------------------------------------------------

    def _note(self, told: Mapping[str, Told]) -> None:
        self._told.update(told)
        self._unsaved.update(told)

    def _save(self) -> None:
        with self._lock:
            if self._unsaved:
                self._book.save({channel: self._told[channel] for channel in self._unsaved})
                self._unsaved.clear()
