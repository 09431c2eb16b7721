"""What the worker tells of a recipient, in the world in memory: with the next invoice, once, whatever becomes of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.problem import Problem
from chorus_outbox.errors import UnavailableError
from chorus_outbox.simulator.start import SIRET_ENGAGEMENT, SIRET_PLAIN, SIRET_STATE
from chorus_outbox.worker.account import PasswordWatch
from world import World, named, pdf
from world_effects import START, ManualClock

NEWS = Problem(
    "recipient.changed", {"name": "X", "changes": '[["needs_service", ""]]', "when": "2026-11-20T09:00+00:00"}
)


def codes(world: World, number: str) -> list[str]:
    return [p.code for p in world.entry(number).problems]


def test_the_next_invoice_tells_and_the_one_after_does_not() -> None:
    """It is noted with the invoice, warned of in the log, and then told."""
    world = World()
    world.chorus.changed[SIRET_PLAIN] = NEWS
    world.folders.drop(named("N1"), pdf("N1"))
    world.work()
    assert (world.entry("N1").state, codes(world, "N1")) == (State.SENT, ["recipient.changed"])
    world.folders.drop(named("N2"), pdf("N2"))
    world.work()
    assert codes(world, "N2") == []
    (event,) = world.events("recipient.changed")
    assert (event["log_level"], event["siret"]) == ("warning", SIRET_PLAIN)


def test_an_invoice_that_fails_by_the_new_rule_tells_it_too() -> None:
    """While it waits for a sidecar nothing is told; when it is refused, both are said."""
    world = World()
    world.chorus.changed[SIRET_ENGAGEMENT] = NEWS
    world.folders.drop(f"N3_{SIRET_ENGAGEMENT}.pdf", pdf("N3"))
    world.work()
    assert world.entry("N3").state is State.SEEN
    assert not world.events("recipient.changed")
    world.wait(200)
    assert codes(world, "N3") == ["engagement.required", "recipient.changed"]
    assert len(world.events("recipient.changed")) == 1


@pytest.mark.parametrize(
    ("siret", "known", "expected"),
    [
        pytest.param(SIRET_STATE, False, ["engagement.not_found"], id="the State does not know it"),
        pytest.param(SIRET_STATE, True, [], id="the State knows it"),
        pytest.param(SIRET_STATE, None, [], id="nobody can say"),
        pytest.param(SIRET_PLAIN, False, [], id="not the State"),
    ],
)
def test_engagements_are_checked_for_the_state_only(siret: str, known: bool | None, expected: list[str]) -> None:
    """It is only a note: the invoice goes on, and Chorus Pro has the last word."""
    world = World()
    if known is not None:
        world.chorus.engagements["1300000001"] = known
    service = "D2205922" if siret == SIRET_STATE else "X"
    name = f"{siret}_{service}_1300000001_N4.pdf" if siret == SIRET_STATE else f"{siret}_1300000001_N4.pdf"
    world.folders.drop(name, pdf("N4"))
    world.work()
    entry = next(e for e in world.ledger.entries() if e.file == name)
    assert (entry.state, [p.code for p in entry.problems]) == (State.SENT, expected)


# --- the daily look at the account ---------------------------------------------------------------------------------------


class Account:
    """Chorus Pro and the ledger to the watch."""

    def __init__(self, ends: date | None) -> None:
        self.ends = ends
        self.down = False
        self.asked = 0
        self.kept: list[tuple[date | None, datetime]] = []

    def ask(self) -> date | None:
        self.asked += 1
        if self.down:
            raise UnavailableError(Problem("outage.not_attached"))
        return self.ends

    def keep(self, ends: date | None, at: datetime) -> None:
        self.kept.append((ends, at))


@pytest.mark.parametrize(
    ("days", "level"),
    [(None, None), (31, None), (30, "warning"), (8, "warning"), (7, "error"), (-1, "error")],
)
def test_the_password_s_end_is_warned_of_in_time(days: int | None, level: str | None) -> None:
    """From thirty days on, louder in the last week; the days left stand in the log, and the day in the ledger."""
    ends = None if days is None else START.date() + timedelta(days=days)
    account, clock = Account(ends), ManualClock()
    watch = PasswordWatch(account.ask, account.keep, clock.now, START)
    with capture_logs() as logs:
        watch.look()
    assert account.kept == [(ends, START)]
    assert [(e["event"], e["log_level"], e["days"]) for e in logs] == (
        [("account.password", level, days)] if level else []
    )


def test_the_account_is_looked_at_once_a_day_and_sooner_after_trouble() -> None:
    """A look that fails is told, keeps nothing, and comes again within hours, not within seconds."""
    account, clock = Account(None), ManualClock()
    watch = PasswordWatch(account.ask, account.keep, clock.now, START)
    world = World()
    world.loop.watch = watch
    world.work()
    world.work()
    assert account.asked == 1
    account.down = True
    clock.advance(86_400)
    world.work()
    world.work()
    assert (account.asked, len(account.kept)) == (2, 1)
    (event,) = world.events("account.password")
    assert event["reason"] == "outage.not_attached"
    account.down = False
    clock.advance(3600)
    world.work()
    assert (account.asked, len(account.kept)) == (3, 2)


def test_an_outage_of_the_invoices_is_none_of_the_watch_s() -> None:
    """Its failure starts no outage: an invoice leaves all the same."""
    account = Account(None)
    account.down = True
    world = World()
    world.loop.watch = PasswordWatch(account.ask, account.keep, world.clock.now, datetime(2000, 1, 1, tzinfo=UTC))
    world.folders.drop(named("N5"), pdf("N5"))
    world.work()
    assert world.entry("N5").state is State.SENT
    assert not world.events("outage.started")


def test_a_bug_in_the_watch_stops_no_invoice() -> None:
    """It is told by its kind, and tried again later."""

    def stumble() -> date | None:
        raise KeyError("nobody expected this")

    world = World()
    world.loop.watch = PasswordWatch(stumble, Account(None).keep, world.clock.now, datetime(2000, 1, 1, tzinfo=UTC))
    world.folders.drop(named("N6"), pdf("N6"))
    world.work()
    assert world.entry("N6").state is State.SENT
    assert [e["reason"] for e in world.events("account.password")] == ["KeyError"]
