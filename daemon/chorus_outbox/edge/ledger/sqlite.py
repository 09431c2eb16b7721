"""The ledger in SQLite: one file, one writer connection, every commit on disk before it returns.

Settings and their reasons (engineering.md 4.1): rollback journal (TRUNCATE) with synchronous=FULL, because WAL has a
corruption bug in every SQLite before 3.51.3 and WAL+NORMAL may forget commits at power loss; BEGIN IMMEDIATE always.
Decides nothing: the life cycle's table says which events are possible.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from chorus_outbox.core.entry import Entry
from chorus_outbox.core.identity import Witness
from chorus_outbox.core.lifecycle import HOLDS_NUMBER, OPEN, Event, State, after
from chorus_outbox.errors import StorageError
from chorus_outbox.ports import Noted, NumberTakenError

from .opening import BUSY_SECONDS, only_one, open_for_writing, quoted, upgrade
from .rows import FORGET, as_kept, to_columns, to_entry


def _states(states: frozenset[State]) -> str:
    return ", ".join(f"'{s.value}'" for s in sorted(states, key=lambda s: s.value))


_HOLDS = f"(receipt IS NOT NULL OR state IN ({_states(HOLDS_NUMBER)}))"


class SqliteLedger:
    """The ledger in one SQLite file; safe to use from several threads.

    Args:
        path: The database file; its folder is made private (0700) when it is created here.
        read_only: For commands that look while the daemon works; they can't write.
        alone: Refuse to open while another writer has it; only a person's repair may write beside the daemon.
        checked: The daemon has it open and has looked for damage: that would only hold up its commits.

    Raises:
        ConfigurationError: Another daemon has it open, or it was written by a newer version.
        StorageError: It can't be opened, or is damaged.

    """

    def __init__(self, path: Path, *, read_only: bool = False, alone: bool = True, checked: bool = False) -> None:
        self._lock = threading.RLock()
        self._flock: int | None = None
        try:
            if read_only:
                self._db = sqlite3.connect(f"file:{quoted(path)}?mode=ro", uri=True, timeout=BUSY_SECONDS)
            else:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._flock = only_one(path) if alone else None
                self._db = open_for_writing(path, checked=checked)
            self._db.row_factory = sqlite3.Row
            upgrade(self._db, path, read_only=read_only)
        except BaseException as e:
            self._release()
            if isinstance(e, sqlite3.Error | OSError):
                raise StorageError(f"ledger {path}: {e}") from e
            raise

    def close(self) -> None:
        """Close the file and let another daemon have it."""
        with self._lock:
            self._db.close()
            self._release()

    # --- writing -------------------------------------------------------------------------------------------------

    def admit(self, file: str, origin: str, signature: str, now: datetime, back: int | None = None) -> Entry:
        """Return the entry of a file seen in the outbox; ``back`` is the failed one that it is, corrected."""
        here = {"origin": origin, "signature": signature, "folder": "outbox"}
        name = to_columns(here)["origin"]
        with self._writing():
            row = self._one("origin = ? AND state = 'seen'", (name,))
            if row is None and back is not None:
                again: dict[str, Any] = {"file": file, "first_seen": now, "corrected": True}
                return self.note(back, Event.RETURNED, now, **here, **FORGET, **again)
            if row is None and (gone := self._one("origin = ? AND state = 'withdrawn' AND receipt IS NULL", (name,))):
                return self.note(gone["id"], Event.RETURNED, now, **here, **FORGET, file=file, first_seen=now)
            if row is None:
                born = {"file": file, "state": State.SEEN, "first_seen": now, "updated_at": now}
                return self._insert(to_columns({**here, **born}), now)
            entry = to_entry(row)
            if entry.signature == signature:
                return entry
            return self.note(entry.id, Event.HELD, now, **here, first_seen=now)

    def note(self, entry_id: int, event: Event, now: datetime, detail: str = "", **changes: Any) -> Entry:
        """Record an event and what it changes, in one transaction that is on disk when this returns."""
        with self._writing() as db:
            entry = self.get(entry_id)
            state = after(entry.state, event)
            columns = to_columns({**changes, "state": state, "updated_at": now})
            sets = ", ".join(f"{c} = ?" for c in columns)
            try:
                row = db.execute(
                    f"UPDATE invoice SET {sets} WHERE id = ? RETURNING *",  # noqa: S608 - names are our own columns
                    (*columns.values(), entry_id),
                ).fetchone()
            except sqlite3.IntegrityError as e:
                if e.sqlite_errorname != "SQLITE_CONSTRAINT_UNIQUE":
                    raise
                raise NumberTakenError from e
            self._event(entry_id, now, event.value, state.value, detail)
            if event is Event.BEGUN:
                db.execute("UPDATE identity SET generation = generation + 1")
            return to_entry(row)

    def identify(self, instance: str, generation: int, doubt_until: date | None) -> None:
        """Note which ledger this is, and (when it was lost or is an older copy) until which date it must ask first."""
        day = doubt_until.isoformat() if doubt_until else None
        query = (
            "INSERT INTO identity (one, instance, generation, doubt_until) VALUES (1, ?1, ?2, ?3)"
            " ON CONFLICT (one) DO UPDATE SET instance = ?1, generation = ?2,"
            " doubt_until = max(coalesce(?3, doubt_until), coalesce(doubt_until, ?3))"
        )
        with self._writing() as db:
            db.execute(query, (instance, generation, day))

    def schedule(self, entry_id: int, **changes: Any) -> None:
        """Note when an invoice is looked at next, which is no event of its story."""
        columns = to_columns(changes)
        query = f"UPDATE invoice SET {', '.join(f'{c} = ?' for c in columns)} WHERE id = ?"  # noqa: S608 - as above
        with self._writing() as db:
            db.execute(query, (*columns.values(), entry_id))

    def schedule_all(self, entry_ids: Collection[int], look_at: datetime) -> None:
        """Note when several invoices are looked at next, in one transaction."""
        with self._writing():
            for entry_id in entry_ids:
                self.schedule(entry_id, look_at=look_at)

    # --- reading -------------------------------------------------------------------------------------------------

    def identity(self) -> Witness | None:
        """Return which ledger this is; None when it is new."""
        with self._lock:
            row = self._db.execute("SELECT instance, generation FROM identity").fetchone()
        return Witness(row["instance"], row["generation"]) if row else None

    def doubt_until(self) -> date | None:
        """Return the invoice date until which Chorus Pro is asked before anything is sent; None: never."""
        with self._lock:
            row = self._db.execute("SELECT doubt_until FROM identity").fetchone()
        return date.fromisoformat(row[0]) if row and row[0] else None

    def get(self, entry_id: int) -> Entry:
        """Return one entry; ``LookupError`` when there is none."""
        if row := self._one("id = ?", (entry_id,)):
            return to_entry(row)
        raise LookupError(entry_id)

    def open_entries(self) -> Sequence[Entry]:
        """Return the entries that the program still has something to do for, oldest first."""
        return self._all(f"state IN ({_states(OPEN)}) ORDER BY id")

    def seen_entries(self) -> Sequence[Entry]:
        """Return the entries of files that wait in the outbox."""
        return self._all("state = 'seen' ORDER BY id")

    def unfollowed(self) -> Sequence[Entry]:
        """Return the deposited invoices, sent or failed, that no look is noted for."""
        return self._all("state IN ('failed', 'sent') AND receipt IS NOT NULL AND look_at IS NULL ORDER BY id")

    def next_look(self) -> Entry | None:
        """Return the invoice whose status is to be asked for next, due or not; None when none is followed."""
        row = self._one("look_at IS NOT NULL ORDER BY look_at, id", ())
        return to_entry(row) if row else None

    def entries(self) -> Sequence[Entry]:
        """Return every entry but those withdrawn, newest last."""
        return self._all("state <> 'withdrawn' ORDER BY id")

    def failed_as(self, stem: str) -> Entry | None:
        """Return the newest failed entry whose files bear that stem in failed/, or None."""
        row = self._one("stem = ? AND state = 'failed' ORDER BY id DESC", (to_columns({"stem": stem})["stem"],))
        return to_entry(row) if row else None

    def failed_with_files(self) -> Sequence[Entry]:
        """Return the failed entries whose sidecar named attachments (by an index: asked for each lone PDF)."""
        return self._all("""state = 'failed' AND instr(fields, '"pieces_jointes"') > 0""")

    def find(self, text: str) -> Sequence[Entry]:
        """Return the entries with that file name (with or without ending) or that invoice number."""
        return self._all("file = ?1 OR file = ?1 || '.pdf' OR number = ?1 ORDER BY id", (as_kept(text),))

    def events(self, entry_id: int) -> Sequence[Noted]:
        """Return an invoice's story, oldest first."""
        with self._reading() as db:
            rows = db.execute("SELECT * FROM event WHERE invoice_id = ? ORDER BY id", (entry_id,)).fetchall()
        return [Noted(datetime.fromisoformat(r["at"]), r["event"], r["state"], r["detail"]) for r in rows]

    def holder(self, supplier: str, number: str, year: int) -> Entry | None:
        """Return the entry that holds a number, or None."""
        where = f"supplier = ? AND number = ? AND number <> '' AND substr(date, 1, 4) = ? AND {_HOLDS}"
        row = self._one(where, (supplier, number, f"{year:04d}"))
        return to_entry(row) if row else None

    def sender_of(self, sha256: str) -> Entry | None:
        """Return the entry that sends or has sent these bytes, or None."""
        row = self._one(f"sha256 = ? AND sha256 <> '' AND {_HOLDS}", (sha256,))  # as its index says, or it is not used
        return to_entry(row) if row else None

    def faults(self) -> Sequence[str]:
        """Return what SQLite finds damaged in the file; reads all of it."""
        with self._lock:
            found = [str(row[0]) for row in self._db.execute("PRAGMA integrity_check")]
        return [] if found == ["ok"] else found

    def copy_to(self, target: Path) -> None:
        """Copy the whole ledger, consistent, into an empty file."""
        copy = sqlite3.connect(target)
        try:
            with self._lock:
                self._db.backup(copy)
        finally:
            copy.close()

    def counts(self) -> Mapping[str, int]:
        """Return how many invoices stand in each state."""
        with self._reading() as db:
            return dict(db.execute("SELECT state, count(*) FROM invoice GROUP BY state").fetchall())

    # --- inside --------------------------------------------------------------------------------------------------

    def _one(self, where: str, params: tuple[Any, ...]) -> sqlite3.Row | None:
        with self._reading() as db:
            row: sqlite3.Row | None = db.execute(
                f"SELECT * FROM invoice WHERE {where} LIMIT 1",  # noqa: S608 - conditions are literals of this file
                params,
            ).fetchone()
            return row

    def _all(self, where: str, params: tuple[Any, ...] = ()) -> Sequence[Entry]:
        with self._reading() as db:
            rows = db.execute(f"SELECT * FROM invoice WHERE {where}", params).fetchall()  # noqa: S608
        return [to_entry(r) for r in rows]

    def _insert(self, columns: Mapping[str, Any], now: datetime) -> Entry:
        marks = ", ".join("?" * len(columns))
        query = f"INSERT INTO invoice ({', '.join(columns)}) VALUES ({marks}) RETURNING *"  # noqa: S608 - our columns
        row = self._db.execute(query, tuple(columns.values())).fetchone()
        self._event(row["id"], now, "seen", "seen", "")
        return to_entry(row)

    def _event(self, entry_id: int, at: datetime, event: str, state: str, detail: str) -> None:
        safe = detail.encode("utf-8", "backslashreplace").decode()
        values = (entry_id, *to_columns({"updated_at": at}).values(), event, state, safe)
        self._db.execute("INSERT INTO event (invoice_id, at, event, state, detail) VALUES (?, ?, ?, ?, ?)", values)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._db
            except sqlite3.Error as e:
                raise StorageError(f"ledger: {e}") from e

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._db.in_transaction:  # admit() notes within its own transaction
                yield self._db
                return
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except BaseException as e:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                if isinstance(e, sqlite3.OperationalError | sqlite3.DatabaseError):
                    raise StorageError(f"ledger: {e}") from e
                raise

    reading, writing = _reading, _writing  # for the tables beside the invoices (``recipients``, ``account``)

    def _release(self) -> None:
        if self._flock is not None:
            os.close(self._flock)
            self._flock = None
