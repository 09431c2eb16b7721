"""The ledger in memory, with the rules of the one in SQLite: ``edge/test_ledger.py`` runs both through one suite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from chorus_outbox.core.entry import Entry
from chorus_outbox.core.lifecycle import OPEN, Event, State, after
from chorus_outbox.edge.ledger.rows import FORGET
from chorus_outbox.ports import Noted, NumberTakenError
from world_effects import Effects

NAMES = frozenset(f.name for f in fields(Entry))


class MemoryLedger:
    """Keeps entries in a dictionary; it outlives a ``Crash``, as a disk does."""

    def __init__(self, effects: Effects | None = None) -> None:
        self.effects = effects or Effects()
        self.rows: dict[int, Entry] = {}
        self.told: dict[int, list[Noted]] = {}

    def admit(self, file: str, origin: str, signature: str, now: datetime, back: int | None = None) -> Entry:
        here: dict[str, Any] = {"origin": origin, "signature": signature, "folder": "outbox"}
        again = {**here, **FORGET, "file": file, "first_seen": now}
        seen = self._first(lambda e: e.origin == origin and e.state is State.SEEN)
        if seen is not None:
            return seen if seen.signature == signature else self.note(seen.id, Event.HELD, now, **here, first_seen=now)
        if back is not None:
            return self.note(back, Event.RETURNED, now, **again, corrected=True)
        if gone := self._first(lambda e: e.origin == origin and e.state is State.WITHDRAWN and e.receipt is None):
            return self.note(gone.id, Event.RETURNED, now, **again)
        entry = Entry(len(self.rows) + 1, file, origin, State.SEEN, "outbox", now, now, signature=signature)
        with self.effects.one("ledger.admit"):
            self.rows[entry.id] = entry
            self.told[entry.id] = [Noted(now, "seen", "seen", "")]
        return entry

    def note(self, entry_id: int, event: Event, now: datetime, detail: str = "", **changes: Any) -> Entry:
        entry = self.get(entry_id)
        if unknown := set(changes) - NAMES:
            raise KeyError(f"no such column: {sorted(unknown)}")
        changed = replace(entry, **{**changes, "state": after(entry.state, event), "updated_at": now})
        if any(_same_deposit(changed, e) for e in self.rows.values() if e.id != entry_id):
            raise NumberTakenError
        with self.effects.one(f"ledger.{event.value}"):
            self.rows[entry_id] = changed
            self.told[entry_id].append(Noted(now, event.value, changed.state.value, detail))
        return changed

    def schedule(self, entry_id: int, **changes: Any) -> None:
        with self.effects.one("ledger.schedule"):
            self.rows[entry_id] = replace(self.get(entry_id), **changes)

    def schedule_all(self, entry_ids: Collection[int], look_at: datetime) -> None:
        with self.effects.one("ledger.schedule_all"):
            self.rows |= {i: replace(self.get(i), look_at=look_at) for i in entry_ids}

    def unfollowed(self) -> Sequence[Entry]:
        filed = [e for e in self.rows.values() if e.state in (State.SENT, State.FAILED)]
        return [e for e in filed if e.receipt is not None and e.look_at is None]

    def next_look(self) -> Entry | None:
        followed = [e for e in self.rows.values() if e.look_at is not None]
        return min(followed, key=lambda e: (e.look_at, e.id), default=None)

    def get(self, entry_id: int) -> Entry:
        return self.rows[entry_id]

    def events(self, entry_id: int) -> Sequence[Noted]:
        return list(self.told[entry_id])

    def entries(self) -> Sequence[Entry]:
        return [e for e in self.rows.values() if e.state is not State.WITHDRAWN]

    def open_entries(self) -> Sequence[Entry]:
        return [e for e in self.rows.values() if e.state in OPEN]

    def seen_entries(self) -> Sequence[Entry]:
        return [e for e in self.rows.values() if e.state is State.SEEN]

    def failed_as(self, stem: str) -> Entry | None:
        found = [e for e in self.rows.values() if e.stem == stem and e.state is State.FAILED]
        return found[-1] if found else None

    def failed_with_files(self) -> Sequence[Entry]:
        return [e for e in self.rows.values() if e.state is State.FAILED and "pieces_jointes" in e.fields]

    def find(self, text: str) -> Sequence[Entry]:
        return [e for e in self.rows.values() if text in (e.file, e.file.removesuffix(".pdf"), e.number)]

    def holder(self, supplier: str, number: str, year: int) -> Entry | None:
        key = (supplier, number, year)
        return self._first(lambda e: e.holds_number and (e.supplier, e.number, e.date and e.date.year) == key)

    def sender_of(self, sha256: str) -> Entry | None:
        return self._first(lambda e: e.holds_number and e.sha256 == sha256)

    def counts(self) -> Mapping[str, int]:
        return Counter(e.state.value for e in self.rows.values())

    def close(self) -> None:
        """Nothing to close."""

    def _first(self, fits: Callable[[Entry], bool]) -> Entry | None:
        return next((e for e in self.rows.values() if fits(e)), None)


def _same_deposit(one: Entry, other: Entry) -> bool:
    held = one.holds_number and other.holds_number
    if not held or one.date is None or other.date is None:
        return False
    return (one.supplier, one.number, one.date.year) == (other.supplier, other.number, other.date.year)
