"""What `status` reads of a ledger: some of it, by an index, in short pieces; and whether a daemon has it."""

from __future__ import annotations

import contextlib
import fcntl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chorus_outbox.core.lifecycle import Event, State
from chorus_outbox.edge.ledger import views
from chorus_outbox.edge.ledger.opening import is_held
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.errors import ConfigurationError, StorageError

START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    """Give a ledger of 40 invoices: every third one refused, one in ten withdrawn, the others seen."""
    with contextlib.closing(SqliteLedger(tmp_path / "ledger.db")) as made:
        for number in range(40):
            entry = made.admit(f"F{number}.pdf", f"F{number}.pdf", "s", START + timedelta(seconds=number))
            if number % 3 == 0:
                made.note(entry.id, Event.REFUSED, START, number=f"N{number}")
            elif number % 10 == 1:
                made.note(entry.id, Event.VANISHED, START)
        yield made


@pytest.fixture
def queries(ledger: SqliteLedger) -> list[str]:
    """Give what SQLite is asked from now on."""
    asked: list[str] = []
    ledger._db.set_trace_callback(asked.append)
    return asked


def files(found: object) -> list[str]:
    return [e.file for e in found]  # type: ignore[attr-defined]


@pytest.mark.parametrize("piece", [1, 7, 500])
def test_all_is_read_in_pieces(ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    """Whatever the size of a piece, each invoice comes once, in order; what was withdrawn does not."""
    monkeypatch.setattr(views, "PIECE", piece)
    known = [f"F{n}.pdf" for n in range(40) if n % 3 == 0 or n % 10 != 1]
    assert files(views.oldest(ledger)) == known
    both = (State.SEEN, State.REFUSED)
    assert files(views.newest_in(ledger, both, views.NEWEST)) == known[::-1]
    assert files(views.newest_in(ledger, both, 5)) == known[:-6:-1]
    assert files(views.newest_in(ledger, (State.REFUSED,), 3)) == ["F39.pdf", "F36.pdf", "F33.pdf"]
    assert files(views.newest_in(ledger, (State.PAID,), 3)) == []


@pytest.mark.parametrize("searched", [1, 9, 2000])
def test_a_number_wins_over_a_name(ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch, searched: int) -> None:
    """By number; else by file name with or without its ending, however old; else nothing."""
    monkeypatch.setattr(views, "SEARCHED", searched)
    third = ledger.admit("N3.pdf", "N3.pdf", "s", START)
    assert files(views.named(ledger, "N3")) == ["F3.pdf"]
    assert views.named(ledger, "N3.pdf") == [third]
    assert files(views.named(ledger, "F0")) == files(views.named(ledger, "F0.pdf")) == ["F0.pdf"]
    assert views.named(ledger, "F") == []
    assert views.named(ledger, "caf\udce9") == []


def test_what_is_asked_has_an_index(ledger: SqliteLedger, queries: list[str]) -> None:
    """No query reads the whole table, but the search for a file name, which does so in pieces."""
    list(views.newest_in(ledger, tuple(State), 5))
    views.named(ledger, "N3")
    views.beginning(ledger, "N", 5)
    list(views.oldest(ledger))
    ledger.counts()
    asked = [query for query in dict.fromkeys(queries) if query.startswith("SELECT")]
    assert len(asked) > 10
    for query in asked:
        plan = [row[3] for row in ledger._db.execute(f"EXPLAIN QUERY PLAN {query}")]
        used = [step for step in plan if "invoice_state" in step or "state = " not in query]
        bounded = query.startswith("SELECT file FROM invoice ORDER BY id DESC LIMIT") or "max(id)" in query
        assert bounded or all("USING" in step and "TEMP B-TREE" not in step for step in used), (query, plan)
        assert used, (query, plan)


def test_what_begins_so_is_bounded(ledger: SqliteLedger) -> None:
    """Numbers and file names, no more than asked for of each."""
    assert views.beginning(ledger, "N1", 2) == ["N12", "N15"]
    assert views.beginning(ledger, "F39", 5) == ["F39.pdf"]


def test_a_glance_at_the_lock_keeps_no_daemon_from_starting(tmp_path: Path) -> None:
    """`status` sees whether a daemon has the ledger; one that starts meanwhile starts all the same."""
    path = tmp_path / "ledger.db"
    assert not is_held(path)
    with contextlib.closing(SqliteLedger(path)):
        assert is_held(path)
        with pytest.raises(ConfigurationError, match="another chorus-outbox"):
            SqliteLedger(path)
    assert not is_held(path)
    with path.with_name("ledger.db.lock").open() as lock:  # a glance, a long one
        fcntl.flock(lock, fcntl.LOCK_SH)
        threading.Timer(0.07, fcntl.flock, (lock, fcntl.LOCK_UN)).start()
        SqliteLedger(path).close()


def test_a_busy_ledger_does_not_hold_up_who_types(ledger: SqliteLedger, tmp_path: Path) -> None:
    """Completion gives up soon while another program writes."""
    with contextlib.closing(SqliteLedger(tmp_path / "ledger.db", read_only=True)) as reader:
        ledger._db.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="locked"):
            views.beginning(reader, "N", 5)
        ledger._db.execute("ROLLBACK")
