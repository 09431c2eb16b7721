"""The ledger's figures for the monitoring: counted once at the start, then by the events that follow.

A count of all rows holds up every commit while it reads (66 ms for 1,000,000 invoices, docs/monitoring), so it is made
once; afterwards no query reads more than ``PIECE`` rows. What the figures are called is not known here.
"""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import datetime
from pathlib import Path

from chorus_outbox.core.lifecycle import Event, State
from chorus_outbox.core.measures import AGEING, Standing, Step, Tally, counted

from .account import password_end
from .sqlite import SqliteLedger
from .views import PIECE

BACK = 20_000  # events that are looked through for the last deposit of an earlier run
SINCE = {State.IN_DOUBT: "coalesce(begun_at, updated_at)", State.FAILED: "updated_at"}  # the others: since the drop


class StandingReader:
    """Reads the figures, each time by a connection of its own; to be used by one thread.

    Args:
        path: The ledger's file.
        login: The technical account whose password's end is told.

    """

    def __init__(self, path: Path, login: str) -> None:
        self._path = path
        self._login = login
        self._tally: Tally | None = None
        self._oldest: dict[State, datetime] = {}

    def __call__(self) -> Standing:
        """Return the figures; ``StorageError`` or ``ConfigurationError`` when the ledger can't be read."""
        with contextlib.closing(SqliteLedger(self._path, read_only=True)) as ledger:
            before, self._tally = self._tally, _up_to_date(ledger, self._tally)
            if before is None or before.newest != self._tally.newest:
                self._oldest = {state: at for state in AGEING if (at := _oldest(ledger, state))}
            end = password_end(ledger, self._login)
        return Standing(self._tally, dict(self._oldest), end.day if end else None)


def _up_to_date(ledger: SqliteLedger, tally: Tally | None) -> Tally:
    if tally is None or _newest(ledger) < tally.newest:  # the first time, or another ledger was put in its place
        tally = _first(ledger)
    while steps := _following(ledger, tally.newest):
        tally = counted(tally, steps)
        if len(steps) < PIECE:
            break
    return tally


def _newest(ledger: SqliteLedger) -> int:
    with ledger.reading() as db:
        return int(db.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()[0])


def _first(ledger: SqliteLedger) -> Tally:
    """Count everything, at one moment."""
    last = "SELECT max(at) FROM event WHERE id > ? AND event = ?"
    with ledger.reading() as db:
        db.execute("BEGIN")
        try:
            newest = int(db.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()[0])
            counts = dict(db.execute("SELECT state, count(*) FROM invoice GROUP BY state").fetchall())
        finally:
            db.execute("COMMIT")
        accepted = db.execute(last, (newest - BACK, Event.ACCEPTED.value)).fetchone()[0]
    return Tally(newest, counts, datetime.fromisoformat(accepted) if accepted else None)


def _following(ledger: SqliteLedger, newest: int) -> list[Step]:
    query = (
        "SELECT e.id, e.event, e.state, e.at, i.first_seen, (SELECT p.state FROM event p"
        " WHERE p.invoice_id = e.invoice_id AND p.id < e.id ORDER BY p.id DESC LIMIT 1) AS before"
        " FROM event e JOIN invoice i ON i.id = e.invoice_id WHERE e.id > ? ORDER BY e.id LIMIT ?"
    )
    with ledger.reading() as db:
        return [_step(row) for row in db.execute(query, (newest, PIECE))]


def _step(row: sqlite3.Row) -> Step:
    at, first_seen = datetime.fromisoformat(row["at"]), datetime.fromisoformat(row["first_seen"])
    return Step(row["id"], row["event"], row["before"], row["state"], at, first_seen)


def _oldest(ledger: SqliteLedger, state: State) -> datetime | None:
    """Return since when the oldest invoice in a state is what it is, None when there is none."""
    piece = f"SELECT id, {SINCE.get(state, 'first_seen')} AS since FROM invoice WHERE state = ? AND id > ?"  # noqa: S608 - our own columns
    query = f"SELECT max(id), min(since), count(*) FROM ({piece} ORDER BY id LIMIT ?)"  # noqa: S608 - same
    found, after, rows = [], 0, PIECE
    while rows == PIECE:
        with ledger.reading() as db:
            last, since, rows = db.execute(query, (state.value, after, PIECE)).fetchone()
        if rows:
            after = last
            found.append(datetime.fromisoformat(since))
    return min(found, default=None)
