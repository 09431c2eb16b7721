"""One look at a deposited invoice: ask for its history, note what is new, and let its log say so.

When to look is decided in ``core/followup.py`` and kept in the ledger; which look comes when, and what a failing call
means for the others, is known by ``jobs.py``. What came back, or goes on, is moved by ``filing.py``: here it is only noted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chorus_outbox.core import followup
from chorus_outbox.core.entry import Entry, Member
from chorus_outbox.core.followup import History, Passage
from chorus_outbox.core.lifecycle import Event, State
from chorus_outbox.core.problem import Problem

from . import filing
from .correcting import noted
from .deposit import notes
from .parts import Parts

FILED = frozenset({State.SENT, State.PAID, State.FAILED})


def begin(parts: Parts) -> None:
    """Follow what was sent while nothing was followed (an older version, or a configuration without follow-up)."""
    if parts.settings.follow is not None:
        found = [e.id for e in parts.ledger.unfollowed() if followup.is_followed(e.state, e.chorus_status)]
        if found:
            parts.ledger.schedule_all(found, parts.clock.now())


def look(parts: Parts, entry: Entry) -> Entry:
    """Ask where an invoice stands, and note what that changes; nothing new only sets the next look.

    Raises:
        RemoteError: Chorus Pro could not be asked; nothing is noted.

    """
    assert entry.receipt is not None
    if entry.state is not State.PAID:  # of a paid one, only its log was left to be written
        history = parts.follow.history(entry.receipt.chorus_id)
        now = parts.ledger.get(entry.id)
        if (now.state, now.receipt) != (entry.state, entry.receipt):
            return now  # a person has dropped it again meanwhile
        entry = _note(parts, now, history)
    return _tell(parts, entry)


def put_off(parts: Parts, entry: Entry, seconds: float, faults: int) -> None:
    """Note that a look failed for a reason of this invoice's own: the next one comes that much later."""
    parts.ledger.schedule(entry.id, look_at=parts.in_seconds(seconds), faults=faults)


def _note(parts: Parts, entry: Entry, history: History) -> Entry:
    new = followup.fresh(history, noted(parts, entry), entry.chorus_status)
    event = followup.outcome(entry.state, history.status, silent=entry.pays_in_silence)
    files = _in_failed(parts, entry) if event is Event.RESUMED else entry.members
    if event is Event.RESUMED and not files:
        event = None  # a person has them: where they go is theirs to say
    if event is not None and not new:
        new = (followup.latest(history),)
    if not new:
        look_at = parts.next_look(entry.state, entry.chorus_status, entry.looks + 1, entry.updated_at)
        parts.ledger.schedule(entry.id, look_at=look_at, looks=entry.looks + 1, faults=0)
        return parts.ledger.get(entry.id)
    for passage in new[:-1]:
        entry = parts.note(entry, Event.STATUS, followup.as_detail(passage), receipt=_in(entry, passage))
    return _arrive(parts, replace(entry, members=files or entry.members), new[-1], event or Event.STATUS)


def _arrive(parts: Parts, entry: Entry, passage: Passage, event: Event) -> Entry:
    """Note the status in which an invoice is now, with what that makes of it."""
    changes: dict[str, Any] = {"receipt": _in(entry, passage), "looks": 0, "faults": 0, "look_at": None}
    changes["members"] = entry.members
    match event:
        case Event.CAME_BACK:
            changes["problems"] = (*notes(entry), followup.returned(passage, entry.recipient_name))
        case Event.RESUMED:
            changes["problems"] = notes(entry)
        case _:
            changes["problems"] = _told(entry, passage, event)
            changes |= {"look_at": parts.in_seconds(0), "told": ""}  # until its log is written
    return parts.note(entry, event, followup.as_detail(passage), **changes)


def _told(entry: Entry, passage: Passage, event: Event) -> tuple[Problem, ...]:
    """Return what is to be said of an invoice that stays where it is."""
    status = {"status": passage.status}
    if entry.state is State.FAILED:
        if passage.status in followup.RETURNED:
            return (*notes(entry), followup.returned(passage, entry.recipient_name))
        return (*notes(entry), Problem("returned.moved_on", {**status, "number": entry.number}))
    if event is Event.PAID and passage.status != followup.PAYING:
        return (*notes(entry), Problem("followed.silent", {"name": entry.recipient_name}))
    return (*notes(entry), *((Problem("followed.ended", status),) if passage.status in followup.ENDED else ()))


def _in(entry: Entry, passage: Passage) -> object:
    assert entry.receipt is not None
    return replace(entry.receipt, status=passage.status)


def _in_failed(parts: Parts, entry: Entry) -> tuple[Member, ...]:
    """Return the files in failed/ of an invoice that came back, with the sidecar that was written for its correction.

    Empty when its PDF lies there no more, or that can't be known now.
    """
    try:
        if not entry.members or not parts.folders.present(entry.folder, entry.stem + entry.members[0].suffix):
            return ()
        name = entry.stem + filing.SIDECAR
        if any(m.role == "sidecar" for m in entry.members) or not parts.folders.present(entry.folder, name):
            return entry.members
        return (*entry.members, Member("sidecar", name, filing.SIDECAR))
    except OSError:
        return ()


def _tell(parts: Parts, entry: Entry) -> Entry:
    """Let the log of an invoice that stays where it is say its status; a share that is away is tried at the next look."""
    if entry.state not in FILED or entry.told == entry.chorus_status:
        return entry
    look_at = parts.next_look(entry.state, entry.chorus_status, entry.looks, entry.updated_at)
    try:
        filing.tell_again(parts, entry)
    except OSError:
        parts.ledger.schedule(entry.id, look_at=look_at or parts.in_seconds(followup.DAY))
    else:
        parts.ledger.schedule(entry.id, look_at=look_at, told=entry.chorus_status)
    return parts.ledger.get(entry.id)
