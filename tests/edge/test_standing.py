"""The ledger's figures for the monitoring: always what a full count would say, and read in short pieces.

``python tests/edge/test_standing.py 1000000`` measures with that many invoices (a ledger of 2.5 GB) and prints figures.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chorus_outbox.core.lifecycle import TABLE, Event, State
from chorus_outbox.core.measures import AGEING, DELIVERY, Histogram
from chorus_outbox.edge.ledger import standing
from chorus_outbox.edge.ledger.account import keep_password_end
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.edge.ledger.standing import StandingReader

START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
LOGIN = "TECH_1_00000000000000@cpro.fr"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    with closing(SqliteLedger(tmp_path / "ledger.db")) as one:
        yield one


@pytest.fixture
def reader(tmp_path: Path, ledger: SqliteLedger) -> StandingReader:
    del ledger
    return StandingReader(tmp_path / "ledger.db", LOGIN)


class Life:
    """Writes a random history into a ledger, a minute a step."""

    def __init__(self, ledger: SqliteLedger, seed: int) -> None:
        self.ledger = ledger
        self.chance = random.Random(seed)  # noqa: S311 - a history, no secret
        self.at = START
        self.ids: list[int] = []

    def go_on(self, steps: int) -> None:
        for _ in range(steps):
            self.at += timedelta(minutes=1)
            if not self.ids or self.chance.random() < 0.3:
                name = f"{len(self.ids)}.pdf"
                self.ids.append(self.ledger.admit(name, name, "1", self.at).id)
                continue
            entry = self.ledger.get(self.chance.choice(self.ids))
            possible = [e for s, e in TABLE if s is entry.state]
            if not possible:
                continue  # paid: its last state
            event = self.chance.choice(possible)
            changes: dict[str, Any] = {"begun_at": self.at} if event is Event.BEGUN else {}
            self.ledger.note(entry.id, event, self.at, **changes)


@pytest.mark.parametrize("seed", range(4))
def test_counting_by_events_gives_what_a_full_count_gives(
    ledger: SqliteLedger, reader: StandingReader, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Whatever happens between two looks, and in however many pieces it is read."""
    monkeypatch.setattr(standing, "PIECE", 7)
    life = Life(ledger, seed)
    for steps in (0, 1, 40, 0, 60, 7):
        life.go_on(steps)
        counts = {state: n for state, n in reader().tally.counts.items() if n}
        assert counts == ledger.counts()


@pytest.mark.parametrize("seed", range(4))
def test_the_oldest_is_found_in_pieces(
    ledger: SqliteLedger, reader: StandingReader, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Since its drop; in doubt since its first try; failed since its last event. Ids say nothing of age."""
    monkeypatch.setattr(standing, "PIECE", 3)
    life = Life(ledger, seed)
    life.go_on(120)
    expected: dict[State, datetime] = {}
    for entry in ledger.entries():
        since = entry.first_seen
        if entry.state is State.IN_DOUBT:
            since = entry.begun_at or entry.updated_at
        elif entry.state is State.FAILED:
            since = entry.updated_at
        if entry.state in AGEING:
            expected[entry.state] = min(since, expected.get(entry.state, since))
    assert reader().oldest == expected


def test_a_delivery_is_timed_from_its_last_drop(ledger: SqliteLedger, reader: StandingReader) -> None:
    """Each invoice taken since the count began, once; what was taken before is only the last deposit's time."""

    def deliver(name: str, seconds: int) -> None:
        entry = ledger.admit(name, name, "1", START)
        for event in (Event.UNDERSTOOD, Event.BEGUN):
            ledger.note(entry.id, event, START)
        ledger.note(entry.id, Event.ACCEPTED, START + timedelta(seconds=seconds))

    deliver("a.pdf", 20)
    first = reader().tally
    assert (first.accepted_at, first.delivery) == (START + timedelta(seconds=20), Histogram(DELIVERY))
    deliver("b.pdf", 40)
    deliver("c.pdf", 100_000)
    tally = reader().tally
    assert tally.accepted_at == START + timedelta(seconds=100_000)
    assert tally.delivery == Histogram(DELIVERY, (0, 0, 1, 0, 0, 0, 0, 0, 1), 100_040)


def test_another_ledger_in_its_place_is_counted_anew(
    tmp_path: Path, ledger: SqliteLedger, reader: StandingReader
) -> None:
    """An older copy that was restored beside a running daemon does not leave counts behind."""
    Life(ledger, 1).go_on(10)
    ledger.copy_to(tmp_path / "copy.db")
    Life(ledger, 2).go_on(50)
    reader()
    (tmp_path / "copy.db").replace(tmp_path / "ledger.db")
    with closing(SqliteLedger(tmp_path / "ledger.db", read_only=True)) as older:
        assert Counter(reader().tally.counts) == Counter(older.counts())


def test_the_password_is_told_when_it_is_known(ledger: SqliteLedger, reader: StandingReader) -> None:
    """Unknown until Chorus Pro was asked, and when it does not say."""
    assert reader().password_ends is None
    keep_password_end(ledger, LOGIN, date(2027, 1, 1), START)
    assert reader().password_ends == date(2027, 1, 1)
    keep_password_end(ledger, LOGIN, None, START)
    assert reader().password_ends is None


def grow(path: Path, count: int) -> None:
    """Fill a ledger with so many invoices, most of them done, five events each."""
    with closing(SqliteLedger(path)) as ledger:
        ledger.admit("0.pdf", "0.pdf", "1", START)
    with closing(sqlite3.connect(path)) as db, db:
        own = ("id", "number", "state", "receipt", "fields", "payload")
        kept = ", ".join(row[1] for row in db.execute("PRAGMA table_info(invoice)") if row[1] not in own)
        states = ["paid", "sent", "paid", "paid", "withdrawn"]
        db.executemany(
            f"INSERT INTO invoice (number, state, receipt, fields, payload, {kept})"  # noqa: S608 - our own columns
            f" SELECT ?, ?, '{{}}', hex(randomblob(300)), hex(randomblob(300)), {kept} FROM invoice WHERE id = 1",
            ((f"N{i}", states[i % 5] if i % 1000 else "failed") for i in range(count)),
        )
        for event, state in (
            ("understood", "ready"),
            ("begun", "sending"),
            ("accepted", "accepted"),
            ("filed", "sent"),
        ):
            db.execute(
                "INSERT INTO event (invoice_id, at, event, state) SELECT id, ?, ?, ? FROM invoice",
                (START.isoformat(timespec="milliseconds"), event, state),
            )


def measure(path: Path) -> None:
    """Print what each kind of reading takes."""

    def say(what: str, work: Callable[[], object], times: int = 20) -> None:
        began = time.perf_counter()
        for _ in range(times):
            work()
        sys.stdout.write(f"| {what} | {(time.perf_counter() - began) / times * 1000:.2f} |\n")

    with closing(SqliteLedger(path, read_only=True)) as ledger:
        say("a count of all rows (what is not done every time)", ledger.counts)
        newest = standing._newest(ledger)
        say("a piece of 500 events", lambda: standing._following(ledger, newest - 500))
    reader = StandingReader(path, LOGIN)
    say("first reading after the start", reader, 1)
    say("a reading without news", reader)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        grow(Path(folder) / "ledger.db", int(sys.argv[1]))
        measure(Path(folder) / "ledger.db")
