"""What is read of the ledger to be shown to people: in short pieces, so that no reader holds up a writer.

A rollback journal lets nobody commit while somebody reads: no query here reads more than a few hundred rows at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from chorus_outbox.core.entry import Entry
from chorus_outbox.core.lifecycle import State

from .rows import to_entry
from .sqlite import SqliteLedger

PIECE = 500  # rows a query


def stamp(ledger: SqliteLedger) -> int:
    """Return a number that grows with every step of any invoice."""
    with ledger.reading() as db:
        return int(db.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()[0])


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


def newest_in(ledger: SqliteLedger, state: State, limit: int) -> Iterator[Entry]:
    """Yield the invoices in one state, at most ``limit``, the last dropped first."""
    before = 2**63 - 1
    while limit > 0:
        with ledger.reading() as db:
            query = "SELECT * FROM invoice WHERE state = ? AND id < ? ORDER BY id DESC LIMIT ?"
            rows = db.execute(query, (state.value, before, min(PIECE, limit))).fetchall()
        yield from map(to_entry, rows)
        if len(rows) < PIECE:
            return
        before, limit = rows[-1]["id"], limit - len(rows)
