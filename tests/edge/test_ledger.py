"""The ledger: one suite for the one in SQLite and the one in memory; then what only a file on a disk must keep."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from chorus_outbox.core.alerts import Told
from chorus_outbox.core.entry import Entry, Member, Receipt
from chorus_outbox.core.lifecycle import HOLDS_NUMBER, OPEN, TABLE, Event, ImpossibleError, State
from chorus_outbox.core.problem import CODES, Problem
from chorus_outbox.edge.ledger.alerts import AlertBook
from chorus_outbox.edge.ledger.opening import SCHEMAS
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.errors import ConfigurationError, StorageError
from chorus_outbox.ports import NumberTakenError
from world_ledger import MemoryLedger

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
SUPPLIER = "73282932000074"
INVOICE: dict[str, Any] = {
    "supplier": SUPPLIER,
    "number": "FA-1",
    "date": date(2026, 11, 20),
    "sha256": "a" * 64,
    "members": (Member("pdf", "a.pdf", ".pdf", "a" * 64),),
}
LIVES: dict[State, tuple[Event, ...]] = {  # the events that lead to each state
    State.SEEN: (),
    State.WITHDRAWN: (Event.VANISHED,),
    State.READY: (Event.UNDERSTOOD,),
    State.WAITING: (Event.UNDERSTOOD, Event.NOT_ARRIVED),
    State.SENDING: (Event.UNDERSTOOD, Event.BEGUN),
    State.IN_DOUBT: (Event.UNDERSTOOD, Event.BEGUN, Event.DOUBTED),
    State.INTEGRATING: (Event.UNDERSTOOD, Event.BEGUN, Event.TAKEN),
    State.ACCEPTED: (Event.UNDERSTOOD, Event.BEGUN, Event.ACCEPTED),
    State.SENT: (Event.UNDERSTOOD, Event.BEGUN, Event.ACCEPTED, Event.FILED),
    State.PAID: (Event.UNDERSTOOD, Event.BEGUN, Event.ACCEPTED, Event.FILED, Event.PAID),
    State.REFUSED: (Event.UNDERSTOOD, Event.REFUSED),
    State.FAILED: (Event.UNDERSTOOD, Event.REFUSED, Event.FILED),
}
AnyLedger = SqliteLedger | MemoryLedger


@pytest.fixture(params=["sqlite", "memory"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyLedger]:
    if request.param == "memory":
        yield MemoryLedger()
        return
    with closing(SqliteLedger(tmp_path / "state" / "ledger.db")) as file:
        yield file


def seen(ledger: AnyLedger, name: str = "a.pdf", *, back: int | None = None, signature: str = "s1") -> Entry:
    return ledger.admit(name.rpartition("/")[2], name, signature, NOW, back)


def live(ledger: AnyLedger, state: State, name: str = "a.pdf", **changes: Any) -> Entry:
    """Return a new entry that was led to a state, with the data of an invoice."""
    entry = seen(ledger, name)
    for event in LIVES[state]:
        entry = ledger.note(entry.id, event, NOW, **{**INVOICE, **changes})
    return entry


# --- both ----------------------------------------------------------------------------------------------------------------


def test_a_new_file_is_seen(ledger: AnyLedger) -> None:
    """An entry with all that is known of it, and its first event."""
    entry = ledger.admit("a.pdf", "x/a.pdf", "s1", NOW)
    expected = Entry(entry.id, "a.pdf", "x/a.pdf", State.SEEN, "outbox", NOW, NOW, signature="s1")
    assert entry == expected == ledger.get(entry.id)
    assert [(n.at, n.event, n.state, n.detail) for n in ledger.events(entry.id)] == [(NOW, "seen", "seen", "")]


def test_seen_again_unchanged_is_the_same(ledger: AnyLedger) -> None:
    """Nothing is written for a file that did not change."""
    entry = seen(ledger)
    assert ledger.admit("a.pdf", "a.pdf", "s1", LATER) == entry
    assert len(ledger.events(entry.id)) == 1


def test_seen_again_changed_starts_its_waiting_anew(ledger: AnyLedger) -> None:
    """A changed file is the same entry, first seen now."""
    entry = seen(ledger)
    again = ledger.admit("a.pdf", "a.pdf", "s2", LATER)
    assert again == replace(entry, signature="s2", first_seen=LATER, updated_at=LATER)


def test_same_name_in_another_folder_is_another(ledger: AnyLedger) -> None:
    """What counts is the whole path."""
    assert seen(ledger, "a.pdf").id != seen(ledger, "x/a.pdf").id


USED = [s for s in State if s not in (State.SEEN, State.WITHDRAWN)]


@pytest.mark.parametrize("state", USED, ids=[s.value for s in USED])
def test_a_name_that_was_used_before_is_a_new_entry(ledger: AnyLedger, state: State) -> None:
    """A file of the same name as one that was taken is another invoice."""
    first = live(ledger, state)
    assert seen(ledger).id != first.id
    assert ledger.get(first.id) == first


def test_withdrawn_and_dropped_again(ledger: AnyLedger) -> None:
    """What a person took away and dropped again goes on as the same entry, its old tries forgotten."""
    waited = live(ledger, State.WAITING, attempts=2, faults=3)
    gone = ledger.note(waited.id, Event.VANISHED, NOW, folder="processing", stem="a")
    again = ledger.admit("a.pdf", "a.pdf", "s2", LATER)
    assert (again.id, again.state, again.folder, again.stem) == (gone.id, State.SEEN, "outbox", "")
    assert (again.attempts, again.faults, again.first_seen, again.signature) == (0, 0, LATER, "s2")
    assert not again.corrected


def test_failed_and_dropped_again(ledger: AnyLedger) -> None:
    """The failed entry that came back keeps its id and story, under its new name, marked as corrected."""
    doubts: dict[str, Any] = {"doubts": 2, "negatives": 1, "refusal": ("1", "no"), "begun_at": NOW, "next_try_at": NOW}
    failed = live(ledger, State.FAILED, problems=(Problem("file.not_pdf"),), attachment_id=5, **doubts)
    again = ledger.admit("b.pdf", "x/b.pdf", "s9", LATER, failed.id)
    assert (again.id, again.state, again.file, again.origin) == (failed.id, State.SEEN, "b.pdf", "x/b.pdf")
    assert again.corrected
    assert (again.problems, again.members, again.attachment_id, again.receipt) == ((), (), None, None)
    assert (again.doubts, again.negatives, again.refusal, again.begun_at, again.next_try_at) == (0, 0, None, None, None)
    assert [n.event for n in ledger.events(failed.id)][-1] == "returned"


def test_what_is_seen_already_comes_before_what_came_back(ledger: AnyLedger) -> None:
    """A file already known in the outbox is not taken for a failed one."""
    failed = live(ledger, State.FAILED, "b.pdf")
    entry = seen(ledger)
    assert seen(ledger, back=failed.id) == entry
    assert ledger.get(failed.id).state is State.FAILED


def test_noting_changes_and_tells(ledger: AnyLedger) -> None:
    """An event brings its changes, the next state, the time and a line of the story."""
    entry = seen(ledger)
    noted = ledger.note(entry.id, Event.UNDERSTOOD, LATER, "détail", **INVOICE)
    assert noted == replace(entry, **INVOICE, state=State.READY, updated_at=LATER) == ledger.get(entry.id)
    last = ledger.events(entry.id)[-1]
    assert (last.at, last.event, last.state, last.detail) == (LATER, "understood", "ready", "détail")


IMPOSSIBLE = [(s, e) for s in State for e in Event if (s, e) not in TABLE]


@pytest.mark.parametrize(("state", "event"), IMPOSSIBLE, ids=[f"{s.value}-{e.value}" for s, e in IMPOSSIBLE])
def test_the_impossible_changes_nothing(ledger: AnyLedger, state: State, event: Event) -> None:
    """A step that the life cycle does not have raises; entry and story stay as they were."""
    entry = live(ledger, state)
    told = ledger.events(entry.id)
    with pytest.raises(ImpossibleError):
        ledger.note(entry.id, event, LATER, attempts=9)
    assert (ledger.get(entry.id), ledger.events(entry.id)) == (entry, told)


def test_an_unknown_change_is_a_bug(ledger: AnyLedger) -> None:
    """A column that does not exist raises and changes nothing."""
    entry = seen(ledger)
    with pytest.raises(KeyError, match="nonsense"):
        ledger.note(entry.id, Event.HELD, LATER, nonsense=1)
    assert ledger.get(entry.id) == entry


def test_an_unknown_entry(ledger: AnyLedger) -> None:
    """An id that is none raises LookupError."""
    with pytest.raises(LookupError):
        ledger.get(99)


@pytest.mark.parametrize("state", State, ids=lambda s: s.value)
def test_who_holds_a_number(ledger: AnyLedger, state: State) -> None:
    """From ready until it fails, an invoice keeps its number: nobody else can get ready with it."""
    first = live(ledger, state)
    holder = ledger.holder(SUPPLIER, "FA-1", 2026)
    second = seen(ledger, "b.pdf")
    if state in HOLDS_NUMBER:
        assert holder == first
        with pytest.raises(NumberTakenError):
            ledger.note(second.id, Event.UNDERSTOOD, LATER, **INVOICE)
        assert ledger.get(second.id) == second
        assert len(ledger.events(second.id)) == 1
    else:
        assert holder is None
        assert ledger.note(second.id, Event.UNDERSTOOD, LATER, **INVOICE).state is State.READY


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"number": "FA-2"}, id="number"),
        pytest.param({"number": "fa-1"}, id="capitals"),
        pytest.param({"date": date(2027, 1, 1)}, id="year"),
        pytest.param({"supplier": "44012345300019"}, id="supplier"),
    ],
)
def test_another_key_is_free(ledger: AnyLedger, other: dict[str, Any]) -> None:
    """Supplier, number and year together are unique, not less."""
    live(ledger, State.SENT)
    assert live(ledger, State.READY, "b.pdf", **other).state is State.READY


def test_the_number_is_free_after_a_failure_and_taken_by_the_next(ledger: AnyLedger) -> None:
    """A failed invoice's number can be used; coming back, the failed one finds it taken."""
    failed = live(ledger, State.FAILED)
    live(ledger, State.SENT, "b.pdf")
    again = seen(ledger, "a.pdf", back=failed.id, signature="s2")
    with pytest.raises(NumberTakenError):
        ledger.note(again.id, Event.UNDERSTOOD, LATER, **INVOICE)


def test_lists_and_counts(ledger: AnyLedger) -> None:
    """Open, seen and all entries, oldest first; withdrawn ones are listed nowhere but counted."""
    made: dict[State, Entry] = {
        s: live(ledger, s, f"{s.value}.pdf", number=s.value) for s in State if s is not State.SEEN
    }
    made[State.SEEN] = seen(ledger, "seen.pdf")
    assert [e.state for e in ledger.open_entries()] == [s for s in made if s in OPEN]
    assert [e.id for e in ledger.seen_entries()] == [made[State.SEEN].id]
    assert [e.id for e in ledger.entries()] == [e.id for s, e in made.items() if s is not State.WITHDRAWN]
    assert dict(ledger.counts()) == {s.value: 1 for s in State}


def test_the_newest_failed_of_a_stem(ledger: AnyLedger) -> None:
    """Of several that failed under a name, the last is the one that lies in failed/."""
    first = live(ledger, State.FAILED, stem="a")
    second = live(ledger, State.FAILED, stem="a")
    live(ledger, State.FAILED, "b.pdf", stem="b")
    live(ledger, State.SENT, stem="a")
    assert first.id != second.id
    assert ledger.failed_as("a") == second
    assert ledger.failed_as("c") is None


def test_who_sends_these_bytes(ledger: AnyLedger) -> None:
    """Found while the bytes are being sent or were sent, not when they failed."""
    live(ledger, State.FAILED)
    assert ledger.sender_of("a" * 64) is None
    sent = live(ledger, State.SENT, "b.pdf")
    assert ledger.sender_of("a" * 64) == sent
    assert ledger.sender_of("b" * 64) is None


@pytest.mark.parametrize(("text", "hits"), [("a.pdf", 1), ("a", 1), ("FA-1", 1), ("FA", 0), ("%", 0), ("A", 0)])
def test_finding(ledger: AnyLedger, text: str, hits: int) -> None:
    """By file name, with or without ending, or by number: whole and exact."""
    live(ledger, State.SENT)
    live(ledger, State.SENT, "b.pdf", number="FB-2")
    assert len(ledger.find(text)) == hits


# --- every value survives ------------------------------------------------------------------------------------------------

ODD = st.text(max_size=20)  # no lone surrogates; controls, right-to-left marks, NUL
STRANGE = st.text(st.characters(), max_size=10) | st.sampled_from(["\ud800", "\udcff", "é\udc80"])
NAMES = st.binary(max_size=20).map(os.fsdecode)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda t: t.replace(microsecond=t.microsecond // 1000 * 1000)
)
PROBLEMS = st.builds(Problem, st.sampled_from(sorted(CODES)), st.dictionaries(ODD, STRANGE, max_size=2))
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("origin", "stem", "to_stem"), NAMES),
        **dict.fromkeys(("file", "signature", "siret", "recipient_name", "payload", "folder", "to_folder"), ODD),
        **{n: st.integers(0, 2**62) for n in ("size", "attempts", "doubts", "negatives", "faults", "looks")},
        **{n: st.none() | TIMES for n in ("begun_at", "next_try_at", "sent_at", "look_at")},
        "uploaded": st.dictionaries(ODD, st.integers(0, 2**62), max_size=2),
        "attached": st.lists(ODD, max_size=2).map(tuple),
        "pays_in_silence": st.booleans(),
        **dict.fromkeys(("flow", "told"), ODD),
        "members": st.lists(st.builds(Member, st.just("pdf"), NAMES, STRANGE, ODD), max_size=2).map(tuple),
        "date": st.none() | st.dates(),
        "gross": st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=2),
        "fields": st.dictionaries(ODD, st.tuples(STRANGE, ODD), max_size=2),
        "signed": st.booleans(),
        "problems": st.lists(PROBLEMS, max_size=2).map(tuple),
        "attachment_id": st.none() | st.integers(-(2**63), 2**63 - 1),
        "receipt": st.none() | st.builds(Receipt, st.integers(), STRANGE, ODD, ODD, STRANGE),
        "refusal": st.none() | st.tuples(ODD, STRANGE),
        "first_seen": TIMES,
    },
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHANGES)
def test_every_value_survives(ledger: AnyLedger, changes: dict[str, Any]) -> None:
    """Whatever strangers put into names and texts comes back as it went in (times to the millisecond)."""
    entry = ledger.admit("a.pdf", f"{len(ledger.entries())}.pdf", "s", NOW)
    changes["number"] = str(entry.id)  # with a receipt it is held
    noted = ledger.note(entry.id, Event.HELD, LATER, **changes)
    assert noted == ledger.get(entry.id) == replace(entry, **changes, updated_at=LATER)


@pytest.mark.parametrize("column", ["file", "number", "siret", "supplier", "recipient_name", "payload"])
def test_a_lone_surrogate_stops_nothing(ledger: AnyLedger, column: str) -> None:
    """A text that is no Unicode (JSON can hold it) is kept in some readable way rather than stopping the ledger."""
    entry = seen(ledger)
    noted = ledger.note(entry.id, Event.HELD, NOW, "dét\ud800ail", **{column: "A\ud800B"})
    assert getattr(noted, column)[0] == "A"


# --- only on a disk ------------------------------------------------------------------------------------------------------


def test_survives_a_restart(tmp_path: Path) -> None:
    """Closed and opened again it holds the same entries and stories."""
    path = tmp_path / "ledger.db"
    with closing(SqliteLedger(path)) as ledger:
        entry = live(ledger, State.SENT)
        told = ledger.events(entry.id)
    with closing(SqliteLedger(path)) as ledger:
        assert (ledger.get(entry.id), ledger.events(entry.id)) == (entry, told)


def test_a_second_daemon_is_refused(tmp_path: Path) -> None:
    """While one has it, another is told so at once; when it ends, the next may."""
    path = tmp_path / "ledger.db"
    with closing(SqliteLedger(path)), pytest.raises(ConfigurationError, match="another chorus-outbox"):
        SqliteLedger(path)
    SqliteLedger(path).close()


def test_looking_while_the_daemon_works(tmp_path: Path) -> None:
    """A reader sees what is committed, at once, and can write nothing."""
    path = tmp_path / "ledger.db"
    with closing(SqliteLedger(path)) as ledger, closing(SqliteLedger(path, read_only=True)) as reader:
        entry = live(ledger, State.WAITING)
        assert reader.get(entry.id) == entry
        with pytest.raises(StorageError, match="readonly"):
            reader.note(entry.id, Event.BEGUN, LATER)


def test_looking_at_nothing(tmp_path: Path) -> None:
    """A reader makes no ledger."""
    with pytest.raises(StorageError):
        SqliteLedger(tmp_path / "ledger.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("read_only", [False, True], ids=["daemon", "reader"])
def test_a_newer_ledger_is_refused(tmp_path: Path, read_only: bool) -> None:
    """An older program does not touch what a newer one wrote, and says what to do; the lock is given back."""
    path = tmp_path / "ledger.db"
    SqliteLedger(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(SCHEMAS) + 1}")
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="newer version"):
            SqliteLedger(path, read_only=read_only)


def test_a_ledger_of_the_first_version_is_brought_up(tmp_path: Path) -> None:
    """All that it holds is kept, its story too; a reader asks to restart the daemon until that is done."""
    path = tmp_path / "ledger.db"
    first = resources.files("chorus_outbox.edge.ledger").joinpath("001_first.sql").read_text("utf-8")
    with closing(sqlite3.connect(path)) as db:
        db.executescript(first + "PRAGMA user_version = 1;")
        db.execute(
            "INSERT INTO invoice (file, origin, state, folder, first_seen, updated_at, number, receipt)"
            " VALUES ('a.pdf', x'61', 'sent', 'sent/2026/11', ?1, ?1, 'FA-1', ?2)",
            (NOW.isoformat(), '{"chorus_id": 7, "status": "DEPOSEE"}'),
        )
        db.execute(
            "INSERT INTO event (invoice_id, at, event, state) VALUES (1, ?, 'filed', 'sent')", (NOW.isoformat(),)
        )
        db.commit()
    with pytest.raises(ConfigurationError, match=r"older version .* restart the daemon"):
        SqliteLedger(path, read_only=True)
    with closing(SqliteLedger(path)) as ledger:
        (entry,) = ledger.entries()
        assert (entry.number, entry.state, entry.receipt) == ("FA-1", State.SENT, Receipt(7, "DEPOSEE"))
        assert [n.event for n in ledger.events(entry.id)] == ["filed"]
        assert ledger.note(entry.id, Event.PAID, LATER).state is State.PAID
        assert ledger.faults() == []
        assert ledger._db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        assert ledger._db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_ledger_of_the_second_version_is_brought_up(tmp_path: Path) -> None:
    """It has told nobody anything yet; all else is as before."""
    path = tmp_path / "ledger.db"
    files = resources.files("chorus_outbox.edge.ledger")
    with closing(sqlite3.connect(path)) as db:
        for name in SCHEMAS[:2]:
            db.executescript(files.joinpath(name).read_text("utf-8"))
        db.execute("PRAGMA user_version = 2")
    with closing(SqliteLedger(path)) as ledger:
        ledger.admit("a.pdf", "a.pdf", "s", NOW)
        assert AlertBook(path, "x").load() == {}
        assert AlertBook(path, "x").newest() == 1


@given(
    told=st.builds(
        Told,
        *(st.integers(0, 2**40), st.integers(0, 2**40), st.dates()),
        doubts=st.lists(st.integers(1, 2**40)).map(tuple),
        outage=st.sampled_from(["", "outage.quota"]),
        outage_since=st.none() | st.datetimes(timezones=st.just(UTC)),
        lost_since=st.none() | st.datetimes(timezones=st.just(UTC)),
        password=st.none() | st.tuples(st.dates(), st.integers(-1, 30)),
        sent_at=st.none() | st.datetimes(timezones=st.just(UTC)),
        day=st.none() | st.dates(),
        sent=st.dictionaries(st.sampled_from(["invoices", "digest"]), st.integers(0, 30)),
        tries=st.integers(0, 99),
        retry_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    )
)
def test_what_was_told_survives(tmp_path_factory: pytest.TempPathFactory, told: Told) -> None:
    """Every value comes back as it was noted; what is gone is forgotten; the daemon's own lock stands in nobody's way."""
    path = tmp_path_factory.getbasetemp() / "told" / "ledger.db"
    with closing(SqliteLedger(path)):
        book = AlertBook(path, "x")
        book.save({"a": told, "b": told})
        book.save({"a": told}, ["b"])
        assert book.load() == {"a": told}


def test_a_number_with_a_receipt_is_held_for_good(ledger: AnyLedger) -> None:
    """What came back and failed was deposited all the same: nobody else may use its number."""
    entry = live(ledger, State.SENT, receipt=Receipt(7, "DEPOSEE"))
    for event in (Event.CAME_BACK, Event.FILED):
        ledger.note(entry.id, event, NOW)
    assert ledger.holder(SUPPLIER, "FA-1", 2026) == ledger.get(entry.id)
    other = seen(ledger, "b.pdf")
    with pytest.raises(NumberTakenError):
        ledger.note(other.id, Event.UNDERSTOOD, NOW, **INVOICE)
    again = seen(ledger, "c.pdf", back=entry.id)
    assert again.receipt == Receipt(7, "DEPOSEE")


def test_failed_entries_with_files(ledger: AnyLedger) -> None:
    """Those that failed and whose sidecar named attachments, no others."""
    files: Any = {"fields": {"pieces_jointes": ("bon.pdf", "sidecar")}}
    expected = live(ledger, State.FAILED, **files)
    live(ledger, State.FAILED, "b.pdf", number="FB-2", fields={"numero": ("FB-2", "sidecar")})
    live(ledger, State.READY, "c.pdf", number="FC-3", **files)
    assert ledger.failed_with_files() == [expected]


def test_an_older_row_has_members_without_types(tmp_path: Path) -> None:
    """What this version knows more of an attachment is empty in what an older one wrote; their own words come back."""
    ledger = SqliteLedger(tmp_path / "ledger.db")
    entry = seen(ledger)
    old = '[{"role":"attachment","name":"a_PJ1.jpg","suffix":"_PJ1.jpg","sha256":"ab"}]'
    with ledger._writing() as db:
        db.execute("UPDATE invoice SET members = ? WHERE id = ?", (old, entry.id))
        plan = db.execute(
            "EXPLAIN QUERY PLAN SELECT * FROM invoice"
            " WHERE state = 'failed' AND instr(fields, '\"pieces_jointes\"') > 0"
        ).fetchall()
    assert ledger.get(entry.id).members == (Member("attachment", "a_PJ1.jpg", "_PJ1.jpg", "ab"),)
    assert "USING INDEX" in plan[0]["detail"]  # asked for each PDF alone: never by reading every row
    new = Member("attachment", "a_PJ1.jpg", "_PJ1.jpg", "ab", "RIB", "Notre RIB", "a.jpg")
    assert ledger.note(entry.id, Event.HELD, NOW, members=(new,)).members == (new,)
    ledger.close()


def test_the_next_look(ledger: AnyLedger) -> None:
    """The soonest comes first; a schedule is no event."""
    assert ledger.next_look() is None
    late, soon = live(ledger, State.SENT), live(ledger, State.SENT, "b.pdf", number="FB-2")
    ledger.schedule(late.id, look_at=LATER)
    ledger.schedule(soon.id, look_at=NOW, looks=3)
    assert ledger.next_look() == ledger.get(soon.id)
    assert ledger.get(soon.id).looks == 3
    ledger.schedule(soon.id, look_at=None)
    assert ledger.next_look() == ledger.get(late.id)
    assert len(ledger.events(late.id)) == 1 + len(LIVES[State.SENT])


def test_what_is_not_followed_yet(ledger: AnyLedger) -> None:
    """What was deposited and filed, and has no look noted; several get theirs in one step, which is no event."""
    sent, other = live(ledger, State.SENT), live(ledger, State.SENT, "b.pdf", number="FB-2")
    live(ledger, State.FAILED, "c.pdf", number="FC-3")  # never deposited
    live(ledger, State.READY, "d.pdf", number="FD-4")
    assert [e.id for e in ledger.unfollowed()] == []  # no receipt was noted
    for entry in (sent, other):
        ledger.schedule(entry.id, receipt=Receipt(entry.id, "DEPOSEE"))
    assert [e.id for e in ledger.unfollowed()] == [sent.id, other.id]
    ledger.schedule_all([sent.id, other.id], LATER)
    assert [ledger.get(e.id).look_at for e in (sent, other)] == [LATER, LATER]
    assert ledger.unfollowed() == []
    assert len(ledger.events(sent.id)) == 1 + len(LIVES[State.SENT])


@pytest.mark.parametrize("what", ["garbage", "torn", "foreign"])
def test_a_damaged_ledger_is_noticed(tmp_path: Path, what: str) -> None:
    """What is no ledger, or no longer a whole one, stops the start with a StorageError, each time."""
    path = tmp_path / "ledger.db"
    if what == "garbage":
        path.write_bytes(b"no database at all" * 1000)
    else:
        with closing(SqliteLedger(path)) as ledger:
            for number in range(60):
                live(ledger, State.SENT, f"{number}.pdf", number=str(number))
        data = bytearray(path.read_bytes())
        if what == "torn":
            del data[len(data) // 2 :]
        else:
            data[8192:16384] = os.urandom(8192)
        path.write_bytes(data)
    for _ in range(2):
        with pytest.raises(StorageError, match="ledger"):
            SqliteLedger(path)


def test_damage_that_shows_later_is_a_storage_error(tmp_path: Path) -> None:
    """A read that fails in the middle of the work is the disk's fault too: the process must stop."""
    path = tmp_path / "ledger.db"
    with closing(SqliteLedger(path)) as ledger:
        live(ledger, State.SENT)
        with closing(sqlite3.connect(path)) as db:
            db.execute("DROP TABLE event")
        for read in (lambda: ledger.events(1), lambda: seen(ledger, "b.pdf")):
            with pytest.raises(StorageError):
                read()


def test_a_folder_that_can_not_be_made(tmp_path: Path) -> None:
    """A path that leads through a file is a StorageError, not a surprise."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        SqliteLedger(tmp_path / "file" / "ledger.db")


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    """Folder 0700, files 0600, whatever the umask."""
    path = tmp_path / "state" / "ledger.db"
    before = os.umask(0)
    try:
        with closing(SqliteLedger(path)) as ledger:
            seen(ledger)
            modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (path.parent, *path.parent.iterdir())}
    finally:
        os.umask(before)
    assert modes.pop("state") == 0o700
    assert set(modes.values()) == {0o600}


def test_settings_of_the_database(tmp_path: Path) -> None:
    """A commit is on disk before it returns, and the file says whose it is."""
    with closing(SqliteLedger(tmp_path / "ledger.db")) as ledger:
        asked = {name: ledger._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
        assert asked == {"journal_mode": "truncate", "synchronous": 2}
        assert ledger._db.execute("PRAGMA application_id").fetchone()[0] == 0x63686F78


def test_from_several_threads(tmp_path: Path) -> None:
    """Eight threads note at once: every event is there, and only one gets the number."""
    taken: list[str] = []
    ledger = SqliteLedger(tmp_path / "ledger.db")

    def work(name: str) -> None:
        entry = seen(ledger, name)
        for _ in range(10):
            ledger.note(entry.id, Event.HELD, NOW)
        try:
            ledger.note(entry.id, Event.UNDERSTOOD, NOW, **INVOICE)
        except NumberTakenError:
            taken.append(name)

    with closing(ledger):
        threads = [threading.Thread(target=work, args=(f"{n}.pdf",)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(taken) == 7
        assert sum(len(ledger.events(e.id)) for e in ledger.entries()) == 8 * 11 + 1


CHILD = """
import sys
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from chorus_outbox.core.lifecycle import Event
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
ledger = SqliteLedger(Path(sys.argv[1]))
entry = ledger.admit("a.pdf", "a.pdf", "s", datetime.now(UTC))
for n in range(1_000_000):
    ledger.note(entry.id, Event.HELD, datetime.now(UTC), attempts=n)
    print(n, flush=True)
"""


def test_what_was_noted_survives_kill(tmp_path: Path) -> None:
    """A process killed in the middle of its writes: everything that it was told is on disk is there, and no half."""
    path = tmp_path / "ledger.db"
    with subprocess.Popen([sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(50)]
        child.kill()
        lines += child.stdout.readlines()
    told = max(int(line) for line in lines if line.endswith("\n"))
    with closing(SqliteLedger(path)) as ledger:
        entry = ledger.get(1)
        assert entry.attempts in (told, told + 1)
        assert len(ledger.events(1)) == entry.attempts + 2


def test_a_gross_total_keeps_its_decimals(ledger: AnyLedger) -> None:
    """An amount comes back as it was written, not only as equal."""
    entry = seen(ledger)
    ledger.note(entry.id, Event.HELD, NOW, gross=Decimal("120.00"))
    assert str(ledger.get(entry.id).gross) == "120.00"
