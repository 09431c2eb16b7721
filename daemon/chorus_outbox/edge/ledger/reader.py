"""What those who show things read of a ledger while the daemon writes it: opened for each look, in short pieces.

Decides neither what is shown nor how (``core/overview.py``, ``edge/dashboard``).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from chorus_outbox.core.entry import Entry
from chorus_outbox.core.lifecycle import DONE, State

from . import views
from .account import password_end
from .sqlite import SqliteLedger

OPEN_FIRST = (  # what needs a person first, then along an invoice's way: one that moves meanwhile is seen once at least
    *(State.REFUSED, State.FAILED, State.IN_DOUBT, State.INTEGRATING),
    *(State.SEEN, State.READY, State.SENDING, State.WAITING, State.ACCEPTED),
)


class Reader:
    """One look at a ledger.

    Args:
        ledger: Open for reading.
        login: Whose password is asked about.

    """

    def __init__(self, ledger: SqliteLedger, login: str) -> None:
        self._ledger = ledger
        self._login = login

    def stamp(self) -> int:
        """Return a number that grows with every step of any invoice."""
        return views.stamp(self._ledger)

    def counts(self) -> Mapping[str, int]:
        """Return how many invoices stand in each state."""
        return self._ledger.counts()

    def password_ends(self) -> date | None:
        """Return the last day of the technical account's password, as far as known."""
        known = password_end(self._ledger, self._login)
        return known.day if known else None

    def shown(self, limit: int) -> Iterator[Entry]:
        """Yield at most ``limit`` invoices: all that is not done, then the last dropped of the others."""
        seen: set[int] = set()
        for state in OPEN_FIRST:
            for entry in views.newest_in(self._ledger, (state,), limit - len(seen)):
                if entry.id not in seen:
                    seen.add(entry.id)
                    yield entry
        for entry in self.all() if len(seen) < limit else ():
            if entry.state in DONE and entry.id not in seen:
                seen.add(entry.id)
                yield entry
                if len(seen) >= limit:
                    return

    def changed(self, after: int, limit: int) -> list[Entry]:
        """Return the invoices that have made a step since that stamp, ``limit`` at most."""
        return views.changed(self._ledger, after, limit)

    def all(self) -> Iterator[Entry]:
        """Yield every invoice, the last dropped first."""
        return views.newest(self._ledger, 2**62)


@contextlib.contextmanager
def reading(path: Path, login: str) -> Iterator[Reader]:
    """Open a ledger for one look.

    Raises:
        StorageError: It can't be read now.

    """
    ledger = SqliteLedger(path, read_only=True)
    try:
        yield Reader(ledger, login)
    finally:
        ledger.close()
