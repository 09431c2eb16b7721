"""The page and the table as the daemon shows them: when they are written. What is in them: ``page.py``, ``table.py``."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from chorus_outbox.core.entry import Entry
from chorus_outbox.core.overview import ROWS, Overview, Situation, overview
from chorus_outbox.core.overview_rows import Band, Row, row
from chorus_outbox.core.words import Words
from chorus_outbox.core.words.shown import PARIS
from chorus_outbox.ports import Outlook

from . import page, table
from .writing import write

AFRESH = timedelta(minutes=5)  # the page says when it was written: a reader must see that the program lives
TABLE_EVERY = timedelta(minutes=1)
TABLE_SHARE = 100  # and no sooner than after so many times as long as the last one took: a hundredth of a core
AT_ONCE = 500  # invoices that are read again one by one; when more have changed, all are read
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)  # for what is compared without its time
TABLE_NAME = "suivi.csv"  # beside the page


class Reader(Protocol):
    """One look at the ledger, in short pieces."""

    def stamp(self) -> int:
        """Return a number that grows with every step of any invoice."""

    def counts(self) -> Mapping[str, int]:
        """Return how many invoices stand in each state."""

    def password_ends(self) -> date | None:
        """Return the last day of the technical account's password, as far as known."""

    def shown(self, limit: int) -> Iterator[Entry]:
        """Yield at most so many invoices: what is not done first, then the newest."""

    def changed(self, after: int, limit: int) -> list[Entry]:
        """Return the invoices that have made a step since that stamp, at most so many."""

    def all(self) -> Iterator[Entry]:
        """Yield every invoice, the newest first."""


Read = Callable[[], AbstractContextManager[Reader]]


@dataclass(frozen=True)
class Site:
    """What the page is about.

    Args:
        file: The page.
        places: Addresses of the folders as seen from it (``core/links.py``).
        words: The texts of the language.
        supplier: SIRET.
        sandbox: Nothing is real.

    """

    file: Path
    places: Mapping[str, str]
    words: Words
    supplier: str
    sandbox: bool


class Dashboard:
    """Writes the page when something has changed, and every five minutes.

    Args:
        site: What it is about.
        read: Opens the ledger for one look.

    """

    name = "dashboard"

    def __init__(self, site: Site, read: Read) -> None:
        self._site = site
        self._read = read
        self._rows = KeptRows(site)
        self._shown: tuple[object, ...] = ()
        self._written: datetime | None = None

    def show(self, outlook: Outlook) -> None:
        """Write the page, if it is time.

        Raises:
            OSError: It can't be written; tried again at the next call.
            StorageError: The ledger can't be read now.

        """
        day = outlook.at.astimezone(PARIS).date()
        with self._read() as reader:
            news = (reader.stamp(), day, reader.password_ends(), replace(outlook, at=_ALWAYS, looked_at=None))
            if news == self._shown and self._written and abs(outlook.at - self._written) < AFRESH:
                return
            told = self._overview(reader, outlook, day)
        write(self._site.file, [page.render(told, self._site.words)])
        self._shown, self._written = news, outlook.at

    def _overview(self, reader: Reader, outlook: Outlook, day: date) -> Overview:
        situation = Situation(
            written=outlook.at,
            today=day,
            supplier=self._site.supplier,
            health=outlook.health,
            unavailable=outlook.unavailable,
            looked_at=outlook.looked_at,
            ended=outlook.ending,
            sandbox=self._site.sandbox,
            password_ends=reader.password_ends(),
        )
        return overview(situation, self._rows.now(reader), reader.counts())


class KeptRows:
    """What the page shows of each invoice, kept from one round to the next: only what has changed is read again.

    Args:
        site: What the page is about.

    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._rows: dict[int, Row] = {}
        self._stamp = -1

    def now(self, reader: Reader) -> Collection[Row]:
        """Return the rows: those of all that is not done, then of what was dropped last, ``ROWS`` at most."""
        since, self._stamp = self._stamp, reader.stamp()  # first: what happens meanwhile is read once more
        news = reader.changed(since, AT_ONCE) if 0 <= since <= self._stamp else None
        if news is None or len(news) == AT_ONCE:
            self._rows = {r.id: r for r in rows(reader.shown(ROWS), self._site)}
        else:
            for entry in news:
                self._rows.pop(entry.id, None)
            self._rows |= {r.id: r for r in rows(news, self._site)}
            self._leave_out()
        return self._rows.values()

    def _leave_out(self) -> None:
        """Forget the oldest of what is done, when there are too many."""
        done = sorted(r.id for r in self._rows.values() if r.band in (Band.SENT, Band.PAID))
        for number in done[: max(0, len(self._rows) - ROWS)]:
            del self._rows[number]


class Table:
    """Writes the table when an invoice has made a step, once a minute at most (a large one less often), and at the end."""

    name = "table"

    def __init__(self, site: Site, read: Read) -> None:
        self._site = site
        self._read = read
        self._stamp = -1
        self._written: datetime | None = None
        self._pause = TABLE_EVERY

    def show(self, outlook: Outlook) -> None:
        """Write the table, if it is time.

        Raises:
            OSError: It can't be written; tried again at the next call.
            StorageError: The ledger can't be read now.

        """
        early = self._written is not None and abs(outlook.at - self._written) < self._pause
        if early and not outlook.ending:
            return
        with self._read() as reader:
            stamp = reader.stamp()
            if stamp != self._stamp:
                began = time.monotonic()
                write(
                    self._site.file.with_name(TABLE_NAME), table.lines(rows(reader.all(), self._site), self._site.words)
                )
                self._pause = max(TABLE_EVERY, TABLE_SHARE * timedelta(seconds=time.monotonic() - began))
                self._stamp, self._written = stamp, outlook.at


def rows(entries: Iterable[Entry], site: Site) -> Iterator[Row]:
    """Yield what is shown of each invoice; nothing of those withdrawn."""
    for entry in entries:
        if shown := row(entry, site.words, site.places):
            yield shown
