"""What messages to people need of the ledger, and what they were told: read in short pieces, written beside the daemon.

Every call opens the ledger and closes it again: it is called from threads of their own, seldom. Decides nothing.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from chorus_outbox.core.alerts import Step, Told
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.letters import NAMED_MAX, Standing

from .account import password_end
from .rows import to_columns, to_entry
from .sqlite import SqliteLedger
from .views import PIECE, stamp

LATE = timedelta(days=1)
_TELLING = """(event IN ('filed', 'status') AND state = 'failed') OR (event = 'asked' AND state IN ('in_doubt', 'integrating'))"""
_UNSENT = "state IN ('seen', 'ready', 'waiting', 'sending', 'in_doubt', 'integrating')"
_REJECTED = "state = 'failed' AND json_extract(receipt, '$.status') = 'REJETEE'"
_DATES = ("digest_day", "day")
_TIMES = ("outage_since", "lost_since", "sent_at", "retry_at")


class AlertBook:
    """The ledger of one account, for its messages.

    Args:
        path: The ledger's file.
        login: The technical account.

    Its methods raise ``StorageError``.

    """

    def __init__(self, path: Path, login: str) -> None:
        self._path = path
        self._login = login

    def newest(self) -> int:
        """Return the number of the last step of any invoice."""
        with self._reading() as ledger:
            return stamp(ledger)

    def password_end(self) -> date | None:
        """Return the technical password's last day, if known."""
        with self._reading() as ledger:
            known = password_end(ledger, self._login)
        return known.day if known else None

    def steps(self, after: int, upto: int) -> list[Step]:
        """Return the steps in (after, upto] that a person may have to know of, oldest first."""
        query = f"SELECT id, invoice_id, at FROM event WHERE id > ? AND id <= ? AND ({_TELLING}) ORDER BY id"  # noqa: S608 - our own text
        with self._reading() as ledger:
            return [Step(row[0], row[1], datetime.fromisoformat(row[2])) for row in _pieces(ledger, query, after, upto)]

    def done(self, after: int, upto: int) -> Mapping[str, int]:
        """Return how often each kind of step was made in (after, upto]."""
        query = "SELECT event FROM event WHERE id > ? AND id <= ?"
        with self._reading() as ledger:
            return Counter(row[0] for row in _pieces(ledger, query, after, upto))

    def entries(self, ids: Iterable[int]) -> list[Entry]:
        """Return the invoices as they stand now, in that order."""
        wanted, found = list(dict.fromkeys(ids)), []
        with self._reading() as ledger:
            for start in range(0, len(wanted), PIECE):
                piece = wanted[start : start + PIECE]
                query = f"SELECT * FROM invoice WHERE id IN ({', '.join('?' * len(piece))})"  # noqa: S608 - marks only
                with ledger.reading() as db:
                    rows = {row["id"]: row for row in db.execute(query, piece)}
                found += [to_entry(rows[i]) for i in piece if i in rows]
        return found

    def standing(self, now: datetime) -> Standing:
        """Return how the invoices stand."""
        since = to_columns({"first_seen": now - LATE})["first_seen"]
        late = f"{_UNSENT} AND first_seen <= ?"
        with self._reading() as ledger:
            counts = ledger.counts()
            back = _count(ledger, "state = 'failed' AND receipt IS NOT NULL")
            late_count = _count(ledger, late, since)
            waits = _some(ledger, f"{late} ORDER BY first_seen LIMIT {NAMED_MAX}", since)
            rejected = _some(ledger, f"{_REJECTED} ORDER BY updated_at LIMIT {PIECE}")
        waiting = sum(counts.get(s, 0) for s in ("seen", "ready", "waiting", "sending", "integrating"))
        failed = counts.get("failed", 0) - back
        return Standing(waiting, counts.get("in_doubt", 0), failed, back, rejected, waits, late_count)

    def load(self) -> dict[str, Told]:
        """Return what was told in each way."""
        with self._reading() as ledger, ledger.reading() as db:
            return {row[0]: _told(json.loads(row[1])) for row in db.execute("SELECT channel, told FROM alert")}

    def save(self, told: Mapping[str, Told], gone: Sequence[str] = ()) -> None:
        """Note what was told in some ways, and forget others; on disk when it returns."""
        with contextlib.closing(SqliteLedger(self._path, alone=False, checked=True)) as ledger, ledger.writing() as db:
            for channel, one in told.items():
                values = (channel, json.dumps(asdict(one), default=lambda value: value.isoformat()))
                db.execute("INSERT OR REPLACE INTO alert (channel, told) VALUES (?, ?)", values)
            db.executemany("DELETE FROM alert WHERE channel = ?", [(channel,) for channel in gone])

    def _reading(self) -> contextlib.closing[SqliteLedger]:
        return contextlib.closing(SqliteLedger(self._path, read_only=True))


def _count(ledger: SqliteLedger, where: str, *values: str) -> int:
    with ledger.reading() as db:
        return int(db.execute(f"SELECT count(*) FROM invoice WHERE {where}", values).fetchone()[0])  # noqa: S608 - our own text


def _some(ledger: SqliteLedger, where: str, *values: str) -> list[Entry]:
    with ledger.reading() as db:
        return [to_entry(row) for row in db.execute(f"SELECT * FROM invoice WHERE {where}", values)]  # noqa: S608 - our own text


def _pieces(ledger: SqliteLedger, query: str, after: int, upto: int) -> Iterator[Any]:
    """Yield the rows of a query over a range of steps, so few at a time that nobody waits for it."""
    for start in range(after, upto, PIECE):
        with ledger.reading() as db:
            rows = db.execute(query, (start, min(start + PIECE, upto))).fetchall()
        yield from rows


def _told(values: dict[str, Any]) -> Told:
    values |= {name: date.fromisoformat(values[name]) for name in _DATES if values[name]}
    values |= {name: datetime.fromisoformat(values[name]) for name in _TIMES if values[name]}
    if known := values["password"]:
        values["password"] = (date.fromisoformat(known[0]), known[1])
    return Told(**{**values, "doubts": tuple(values["doubts"])})
