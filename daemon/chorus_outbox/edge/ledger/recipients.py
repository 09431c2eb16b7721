"""What Chorus Pro said of recipients, kept in the ledger's file over restarts. Knows nothing of how long it holds."""

from __future__ import annotations

import json

from chorus_outbox.core.directory import Known, from_data, to_data

from .sqlite import SqliteLedger


class Recipients:
    """The table ``recipient`` of a ledger; safe to use from several threads.

    Args:
        ledger: Whose file it is in. None: nothing is kept beyond this process.
        write: Whether it may be written; without, what is learned is only kept in memory.

    """

    def __init__(self, ledger: SqliteLedger | None, *, write: bool = True) -> None:
        self._ledger = ledger
        self._write = write
        self._learned: dict[str, Known] = {}

    def recall(self, siret: str) -> Known | None:
        """Return what is remembered of a recipient, or None."""
        if self._ledger is None or siret in self._learned:
            return self._learned.get(siret)
        with self._ledger.reading() as db:
            row = db.execute("SELECT data FROM recipient WHERE siret = ?", (siret,)).fetchone()
        try:
            return from_data(json.loads(row["data"])) if row else None
        except ValueError:
            return None

    def remember(self, siret: str, known: Known) -> None:
        """Keep what Chorus Pro said of a recipient."""
        if self._ledger is None or not self._write:
            self._learned[siret] = known
            return
        query = "INSERT OR REPLACE INTO recipient (siret, asked_at, data) VALUES (?, ?, ?)"
        with self._ledger.writing() as db:
            db.execute(query, (siret, known.asked_at.isoformat(timespec="milliseconds"), json.dumps(to_data(known))))
