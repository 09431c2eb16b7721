"""What is read of the ledger to be shown to people: in short pieces, so that no reader holds up a writer.

A rollback journal lets nobody commit while somebody reads: no query here reads more than a few hundred rows at once.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Collection, Iterator, Sequence

from chorus_outbox.core.entry import Entry
from chorus_outbox.core.lifecycle import State

from .rows import as_kept, to_entry
from .sqlite import SqliteLedger

PIECE = 500  # rows a query
SEARCHED = 2000  # rows looked at by a query that finds few
NEWEST = 2**63 - 1


def stamp(ledger: SqliteLedger) -> int:
    """Return a number that grows with every step of any invoice."""
    with ledger.reading() as db:
        return int(db.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()[0])


def changed(ledger: SqliteLedger, after: int, limit: int) -> list[Entry]:
    """Return the invoices that have made a step since that ``stamp``, as they stand now: ``limit`` at most."""
    steps = "SELECT DISTINCT invoice_id FROM event WHERE id > ? LIMIT ?"
    with ledger.reading() as db:
        rows = db.execute(f"SELECT * FROM invoice WHERE id IN ({steps})", (after, limit)).fetchall()  # noqa: S608 - literal
    return [to_entry(row) for row in rows]


def newest(ledger: SqliteLedger, limit: int) -> Iterator[Entry]:
    """Yield the invoices that were dropped last, the newest first, at most ``limit``."""
    before = 2**63 - 1
    while limit > 0:
        with ledger.reading() as db:
            query = "SELECT * FROM invoice WHERE id < ? ORDER BY id DESC LIMIT ?"
            rows = db.execute(query, (before, min(PIECE, limit))).fetchall()
        yield from map(to_entry, rows)
        if len(rows) < PIECE:
            return
        before, limit = rows[-1]["id"], limit - len(rows)


def oldest(ledger: SqliteLedger) -> Iterator[Entry]:
    """Yield every invoice but those withdrawn, the oldest first."""
    after = 0
    while True:
        with ledger.reading() as db:
            rows = db.execute("SELECT * FROM invoice WHERE id > ? ORDER BY id LIMIT ?", (after, PIECE)).fetchall()
        yield from (to_entry(row) for row in rows if row["state"] != State.WITHDRAWN.value)
        if len(rows) < PIECE:
            return
        after = rows[-1]["id"]


def newest_in(ledger: SqliteLedger, states: Collection[State], limit: int) -> Iterator[Entry]:
    """Yield the invoices in some states, the newest first, at most ``limit``; by the index of the states."""
    found = [_newest_in(ledger, state, limit) for state in states]
    return itertools.islice(heapq.merge(*found, key=lambda e: -e.id), limit)


def _newest_in(ledger: SqliteLedger, state: State, limit: int) -> Iterator[Entry]:
    before = NEWEST
    query = "SELECT * FROM invoice INDEXED BY invoice_state WHERE state = ? AND id < ? ORDER BY id DESC LIMIT ?"
    while True:
        with ledger.reading() as db:
            rows = db.execute(query, (state.value, before, min(PIECE, limit))).fetchall()
        yield from map(to_entry, rows)
        if len(rows) < min(PIECE, limit):
            return
        before = rows[-1]["id"]


def named(ledger: SqliteLedger, text: str) -> Sequence[Entry]:
    """Return the invoices with that number; where there is none, those with that file name (with or without ending).

    Numbers have an index. For a file name all rows are read, in pieces.
    """
    text = as_kept(text)
    with ledger.reading() as db:
        rows = db.execute("SELECT * FROM invoice WHERE number = ? AND number <> '' ORDER BY id", (text,)).fetchall()
        last = db.execute("SELECT coalesce(max(id), 0) FROM invoice").fetchone()[0]
    query = "SELECT * FROM invoice WHERE id > ? AND id <= ? AND (file = ? OR file = ? || '.pdf') ORDER BY id"
    for start in range(0, 0 if rows else last, SEARCHED):
        with ledger.reading() as db:
            rows += db.execute(query, (start, start + SEARCHED, text, text)).fetchall()
    return [to_entry(row) for row in rows]


def beginning(ledger: SqliteLedger, text: str, limit: int) -> Sequence[str]:
    """Return numbers that begin so, and file names that do among the newest invoices: what is read is bounded."""
    with ledger.reading() as db:
        db.execute("PRAGMA busy_timeout = 200")  # ms: who waits for it is typing
        query = "SELECT number FROM invoice WHERE number >= ? AND number < ? AND number <> '' ORDER BY number LIMIT ?"
        numbers = db.execute(query, (text, text + "\U0010ffff", limit)).fetchall()
        files = db.execute("SELECT file FROM invoice ORDER BY id DESC LIMIT ?", (PIECE,)).fetchall()
    return [row[0] for row in numbers] + [row[0] for row in files if row[0].startswith(text)][:limit]
