"""The directory with its memory: asked once a day over restarts, a reader's last resort, and never by a daemon."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from chorus_outbox.core.preflight import Recipient, Service
from chorus_outbox.core.problem import Problem
from chorus_outbox.edge.chorus import Directory
from chorus_outbox.edge.ledger.account import PasswordEnd, keep_password_end, password_end
from chorus_outbox.edge.ledger.recipients import Recipients
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.errors import FaultyError, RefusedError, RemoteError, UnavailableError
from world_effects import START, ManualClock

SIRET = "22220001600327"
COLLEGE = Service("COLLEGE", "Collèges", active=True, service_id=1)
FREE = Recipient(
    *(SIRET, "Département"),
    active=True,
    structure_id=9,
    needs_service=False,
    needs_engagement=False,
    needs_either=False,
    services=(COLLEGE,),
)
OUT = UnavailableError(Problem("outage.unreachable"))


@dataclass
class Portal:
    """Chorus Pro: answers what the test says, and counts."""

    answer: Recipient | None = FREE
    error: RemoteError | None = None
    slow: float = 0  # seconds before it answers
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def __call__(self, siret: str, service: str | None) -> Recipient | None:
        self.asked.append((siret, service))
        threading.Event().wait(self.slow)
        if self.error:
            raise self.error
        if self.answer is None:
            return None
        services = (replace(s, needs_engagement=False) if s.code == service else s for s in self.answer.services)
        return replace(self.answer, services=tuple(services))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    made = SqliteLedger(tmp_path / "ledger.db")
    yield made
    made.close()


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


Start = Callable[..., Directory]


@pytest.fixture(params=["ledger", "memory"])
def start(request: pytest.FixtureRequest, portal: Portal, clock: ManualClock) -> Start:
    """Give what starts a process: each has a new directory; with a ledger, on what the last one kept."""
    kept = Recipients(None)
    ledger = request.getfixturevalue("ledger") if request.param == "ledger" else None

    def started(*, lenient: bool = False) -> Directory:
        return Directory(portal, clock.now, Recipients(ledger) if ledger else kept, lenient=lenient)

    return started


def test_a_restart_asks_nobody_again_within_the_day(start: Start, portal: Portal, clock: ManualClock) -> None:
    """Ten processes in a day ask once; the next day asks once more."""
    for _ in range(10):
        assert start().recipient(SIRET, "COLLEGE") is not None
        clock.advance(7200)
    assert len(portal.asked) == 1
    clock.advance(86_400)
    start().recipient(SIRET, "COLLEGE")
    assert len(portal.asked) == 2


def test_a_batch_to_one_customer_asks_once(start: Start, portal: Portal) -> None:
    """Several threads at once, one question; another service is another question."""
    directory = start()
    portal.slow = 0.1
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: directory.recipient(SIRET, "COLLEGE"), range(32)))
    assert len(portal.asked) == 1
    directory.recipient(SIRET, None)
    assert len(portal.asked) == 1


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(None, id="unknown"),
        pytest.param(replace(FREE, active=False), id="inactive"),
        pytest.param(replace(FREE, services=()), id="without the service"),
        pytest.param(replace(FREE, services=(replace(COLLEGE, active=False),)), id="with the service closed"),
    ],
)
def test_a_no_is_asked_for_every_time(start: Start, portal: Portal, known: Recipient | None) -> None:
    """Whoever corrects it on the portal need not wait a day."""
    portal.answer = known
    start().recipient(SIRET, "COLLEGE")
    portal.answer = FREE
    found = start().recipient(SIRET, "COLLEGE")
    assert found is not None
    assert found.active
    assert len(portal.asked) == 2


def test_a_refusal_has_it_asked_anew_and_what_changed_is_told_once(start: Start, portal: Portal) -> None:
    """The comparison is with what was known before the refusal; a restart between does not lose it."""
    start().recipient(SIRET, None)
    portal.answer = replace(FREE, needs_engagement=True)
    start().forget(SIRET)
    directory = start()
    found = directory.recipient(SIRET, None)
    assert found is not None
    assert found.needs_engagement
    problem = start().news(SIRET)
    assert problem is not None
    assert "needs_engagement" in problem.params["changes"]
    directory.told(SIRET)
    assert start().news(SIRET) is None
    assert len(portal.asked) == 2


@pytest.mark.parametrize("error", [OUT, FaultyError(Problem("outage.maintenance"))], ids=["outage", "fault"])
def test_a_reader_shows_an_older_answer_in_an_outage_and_a_daemon_does_not(
    start: Start, portal: Portal, clock: ManualClock, error: RemoteError
) -> None:
    """For a week, with its age; a refusal of Chorus Pro is no outage."""
    start().recipient(SIRET, None)
    portal.error = error
    clock.advance(6 * 86_400)
    with pytest.raises(type(error)):
        start().recipient(SIRET, None)
    reader = start(lenient=True)
    assert reader.recipient(SIRET, None) == FREE
    assert reader.shown_from(SIRET) == START
    portal.error = RefusedError(Problem("chorus.refused"), "1", "non")
    with pytest.raises(RefusedError):
        start(lenient=True).recipient(SIRET, None)
    portal.error = error
    clock.advance(86_400)
    with pytest.raises(type(error)):
        start(lenient=True).recipient(SIRET, None)


def test_a_reader_writes_nothing(ledger: SqliteLedger, portal: Portal, clock: ManualClock) -> None:
    """What a command learns is its own: the daemon asks for itself, and tells what changed itself."""
    reader = Directory(portal, clock.now, Recipients(ledger, write=False))
    assert reader.recipient(SIRET, None) == reader.recipient(SIRET, None)
    assert len(portal.asked) == 1
    assert Recipients(ledger).recall(SIRET) is None


def test_a_damaged_row_is_asked_anew(ledger: SqliteLedger, portal: Portal, clock: ManualClock) -> None:
    """What can't be read counts as not known, and is replaced."""
    with ledger.writing() as db:
        db.execute("INSERT INTO recipient VALUES (?, ?, ?)", (SIRET, "2026", "{nonsense"))
    assert Directory(portal, clock.now, Recipients(ledger)).recipient(SIRET, None) == FREE
    assert Recipients(ledger).recall(SIRET) is not None


def test_the_password_end_is_kept_by_account(ledger: SqliteLedger) -> None:
    """Each login has its own; an answer without a date is kept as such."""
    now = datetime.fromisoformat("2026-11-25T09:00:00.000+00:00")
    assert password_end(ledger, "TECH_1") is None
    keep_password_end(ledger, "TECH_1", now.date() + timedelta(days=3), now)
    keep_password_end(ledger, "TECH_2", None, now)
    assert password_end(ledger, "TECH_1") == PasswordEnd(now.date() + timedelta(days=3), now)
    assert password_end(ledger, "TECH_2") == PasswordEnd(None, now)
