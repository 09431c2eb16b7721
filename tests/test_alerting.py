"""What people are told and when, over whole histories: the real ledger, a clock and a post that the tests govern."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from chorus_outbox.core.alerts import PER_DAY, Rules
from chorus_outbox.core.entry import Receipt
from chorus_outbox.core.followup import Passage, returned
from chorus_outbox.core.letters import DETAILS_MAX, Desk, Letter
from chorus_outbox.core.lifecycle import Event
from chorus_outbox.core.outage import WELL, Health
from chorus_outbox.core.problem import Problem
from chorus_outbox.core.words import catalogue
from chorus_outbox.edge.ledger.account import keep_password_end
from chorus_outbox.edge.ledger.alerts import AlertBook
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.errors import StorageError
from chorus_outbox.ports import Outlook
from chorus_outbox.worker.alerting import Alerts

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday, 10 o'clock in France
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
DOWN = Health(Problem("outage.maintenance", {"status": "503"}), START)
REFUSED = Health(Problem("outage.technical_account", {"detail": "x"}), START)


class Site:
    """A ledger, what is told of it, and levers: the clock, the post, restarts, a disk that fails."""

    def __init__(self, folder: Path, channels: Sequence[str] = ("mail",), **rules: Any) -> None:
        self.now = START
        self.path = folder / "ledger.db"
        self.ledger = SqliteLedger(self.path)
        with self.ledger.reading() as db:
            db.execute("PRAGMA synchronous = OFF")  # no power is cut here but by the tests
        self.book = AlertBook(self.path, "TECH")
        self.channels = channels
        self.rules = Rules(**{"digest": None, **rules})
        self.dead: set[str] = set()
        self.got: list[tuple[datetime, str, Letter]] = []
        self.saves_left = 10**9
        self.restart()

    def restart(self) -> None:
        """End the program and start it again."""
        self._still()
        self.saves_left = 10**9
        book = _Faulty(self)
        labels = {channel: f"to {channel}" for channel in self.channels}
        desk = Desk(catalogue("fr"), folder="/srv/outbox", page="/srv/tableau-de-bord.html")
        self.alerts = Alerts(book, self.post, labels, desk, rules=self.rules, now=lambda: self.now)

    def post(self, channels: Sequence[str], letter: Letter) -> Mapping[str, str]:
        self.got += [(self.now, channel, letter) for channel in channels if channel not in self.dead]
        return {channel: "dead" for channel in channels if channel in self.dead}

    def show(self, after: timedelta = timedelta(), health: Health = WELL, unavailable: str = "", **more: Any) -> None:
        """Let time pass, and the daemon's loop turn once."""
        self.now += after
        looked_at = None if unavailable else self.now
        self.alerts.show(Outlook(self.now, health, unavailable, looked_at, **more))
        self._still()

    def _still(self) -> None:
        for thread in threading.enumerate():
            if thread.name.startswith("alert-"):
                thread.join(10)

    def subjects(self, channel: str = "mail") -> list[str]:
        return [letter.subject.removeprefix("chorus-outbox : ") for _, to, letter in self.got if to == channel]

    def fail(self, name: str, problem: str = "file.empty") -> int:
        """Let an invoice fail; return its id."""
        entry = self.ledger.admit(f"{name}.pdf", f"{name}.pdf", str(self.now), self.now)
        self.ledger.note(entry.id, Event.REFUSED, self.now, problems=(Problem(problem),))
        self.ledger.note(entry.id, Event.FILED, self.now, folder="failed", stem=name)
        return entry.id

    def accept(self, name: str) -> int:
        """Let an invoice be sent; return its id."""
        entry = self.ledger.admit(f"{name}.pdf", f"{name}.pdf", str(self.now), self.now)
        known: dict[str, Any] = {"number": name, "supplier": "73282932000074", "date": self.now.date()}
        self.ledger.note(entry.id, Event.UNDERSTOOD, self.now, **known)
        self.ledger.note(entry.id, Event.BEGUN, self.now)
        self.ledger.note(entry.id, Event.ACCEPTED, self.now, receipt=Receipt(entry.id, "DEPOSEE"))
        self.ledger.note(entry.id, Event.FILED, self.now, folder="sent/2026/11", stem=name)
        return entry.id

    def send_back(self, entry_id: int, status: str = "REJETEE") -> None:
        """Let a customer send an invoice back."""
        problem = returned(Passage(status, "2026-11-24 09:00", "Montant faux"), "UN CLIENT")
        receipt = Receipt(entry_id, status)
        self.ledger.note(entry_id, Event.CAME_BACK, self.now, receipt=receipt, problems=(problem,))
        self.ledger.note(entry_id, Event.FILED, self.now, folder="failed")

    def doubt(self, name: str) -> int:
        """Let an invoice be in a doubt that only a person can settle."""
        entry = self.ledger.admit(f"{name}.pdf", f"{name}.pdf", str(self.now), self.now)
        self.ledger.note(entry.id, Event.UNDERSTOOD, self.now, number=name, supplier="73282932000074")
        self.ledger.note(entry.id, Event.BEGUN, self.now)
        self.ledger.note(entry.id, Event.DOUBTED, self.now)
        return self.ask(entry.id)

    def ask(self, entry_id: int) -> int:
        problem = Problem("doubt.person", {"number": "X"})
        self.ledger.note(entry_id, Event.ASKED, self.now, problems=(problem,))
        return entry_id


class _Faulty:
    """The book of a site that can be written so many times more."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def __getattr__(self, name: str) -> Any:
        return getattr(self._site.book, name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._site.saves_left -= 1
        if self._site.saves_left < 0:
            raise StorageError("no power")
        self._site.book.save(*args, **kwargs)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.ledger.close()


def test_what_fails_within_a_minute_is_one_message(site: Site) -> None:
    """500 failures in a minute: one message when the minute is over, and no other."""
    for number in range(500):
        site.fail(f"F{number}")
    site.show()
    site.show(59 * MINUTE / 60)
    assert site.got == []
    site.show(MINUTE / 60)
    for _ in range(5):
        site.show(MINUTE)
    assert site.subjects() == ["factures à traiter - non envoyées : 500"]
    body = site.got[0][2].body
    assert body.count("NON ENVOYÉE : F") == 20
    assert "et d'autres encore : 480." in body


def test_two_messages_are_a_minute_apart(site: Site) -> None:
    """What is due at once is told by the most urgent first, and in the order in which it happened."""
    for name in ("F1", "F2", "F3"):
        site.fail(name)
    keep_password_end(site.ledger, "TECH", site.now.date(), site.now)
    site.show(MINUTE, REFUSED)
    for _ in range(26):
        site.show(timedelta(seconds=5), REFUSED)
    assert [at - START for at, _, _ in site.got] == [MINUTE, 2 * MINUTE, 3 * MINUTE]
    assert [subject.split(" ")[1] for subject in site.subjects()] == ["envois", "à", "mot"]
    assert re.findall(r"(?m)^- .*(F[0-9])\.pdf\. Le", site.got[1][2].body) == ["F1", "F2", "F3"]


def test_the_end_of_the_program_waits_for_no_minute(site: Site) -> None:
    """`run --once` tells what failed before it ends."""
    site.fail("F1")
    site.show(ending=True)
    assert site.subjects() == ["factures à traiter - non envoyées : 1"]


def test_failed_returned_and_doubtful_share_a_message(site: Site) -> None:
    """Each under its heading; the customer's reason is there."""
    site.fail("F1")
    site.send_back(site.accept("R1"), "SUSPENDUE")
    site.doubt("D1")
    site.show(MINUTE)
    assert site.subjects() == ["factures à traiter - non envoyées : 1 - revenues : 1 - en doute : 1"]
    body = site.got[0][2].body
    places = [body.index(text) for text in ("NON ENVOYÉES : 1", "- NON ENVOYÉE : F1", "REVENUES : 1", "EN DOUTE : 1")]
    assert places == sorted(places)
    assert "« Montant faux »" in body


def test_what_was_put_right_meanwhile_is_not_told(site: Site) -> None:
    """An invoice that a person has dropped again within the minute needs nobody any more."""
    back = site.fail("F1")
    site.ledger.admit("F1.pdf", "F1.pdf", "again", site.now, back)
    site.show(MINUTE)
    site.fail("F2")
    site.show(2 * MINUTE)
    assert "F1" not in site.got[0][2].body
    assert site.subjects() == ["factures à traiter - non envoyées : 1"]


def test_a_doubt_is_told_once(site: Site) -> None:
    """Chorus Pro is asked every hour: that is no news; another doubt is, and one that began anew."""
    first = site.doubt("D1")
    for _ in range(5):
        site.show(MINUTE)
        site.ask(first)
    site.doubt("D2")
    site.show(2 * MINUTE)
    site.restart()
    site.ask(first)
    site.show(5 * MINUTE)
    assert site.subjects() == ["factures à traiter - en doute : 1"] * 2
    assert "D2.pdf" in site.got[1][2].body
    assert "D1.pdf" not in site.got[1][2].body


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        pytest.param({"failures": False}, ["factures à traiter - revenues : 1", "suspendus"], id="no failures"),
        pytest.param({"returns": False}, ["factures à traiter - non envoyées : 1", "suspendus"], id="no returns"),
        pytest.param({"outages": False}, ["non envoyées : 1 - revenues : 1"], id="no outages"),
    ],
)
def test_nobody_is_told_what_he_does_not_want(tmp_path: Path, rules: dict[str, Any], told: list[str]) -> None:
    """Each kind can be switched off by itself."""
    site = Site(tmp_path, **rules)
    site.fail("F1")
    site.send_back(site.accept("R1"))
    site.show(MINUTE)
    site.show(10 * MINUTE, DOWN)
    assert len(site.got) == len(told)
    assert all(end in subject for end, subject in zip(told, site.subjects(), strict=True))
    site.ledger.close()


def test_the_past_is_not_told(tmp_path: Path) -> None:
    """What failed before anybody was to be told, or while nobody was, is past; what fails from then on is not."""
    site = Site(tmp_path, ())
    site.fail("OLD")
    site.channels = ("mail",)
    site.restart()
    site.fail("NEW")  # before the first look
    site.show(MINUTE)
    assert "NEW" in site.got[0][2].body
    assert "OLD" not in site.got[0][2].body
    site.channels = ("other",)
    site.restart()
    site.fail("MEANWHILE")
    site.channels = ("mail",)
    site.restart()
    site.show(2 * MINUTE)
    assert site.subjects() == ["factures à traiter - non envoyées : 1"]
    site.ledger.close()


def test_an_outage_is_told_at_its_start_and_at_its_end(site: Site) -> None:
    """Not before it lasts five minutes; then once, restarts included; and its end with how long, and what waits."""
    site.show(health=DOWN)
    site.show(4 * MINUTE, DOWN)
    assert site.got == []
    site.show(MINUTE, DOWN)
    site.restart()
    site.show(MINUTE, Health(DOWN.problem, site.now))
    site.show(10 * MINUTE, Health(DOWN.problem, site.now))
    assert site.subjects() == ["les envois sont suspendus"]
    assert "maintenance" in site.got[0][2].body
    site.accept("A1")
    site.show(44 * MINUTE)
    assert site.subjects()[1:] == ["les envois ont repris"]
    assert "a duré 60 minutes" in site.got[1][2].body
    assert "Envoyées pendant ce temps ou depuis : 1." in site.got[1][2].body
    site.show(10 * MINUTE)
    assert len(site.got) == 2


def test_a_short_outage_wakes_nobody(site: Site) -> None:
    """Neither its start nor its end is told."""
    site.show(health=DOWN)
    site.show(4 * MINUTE, DOWN)
    site.show(MINUTE)
    site.show(DAY)
    assert site.got == []


def test_an_outage_that_needs_a_person_is_told_at_once(site: Site) -> None:
    """Refused credentials: at once, also when an outage that may pass was told before; but only once."""
    site.show(5 * MINUTE, DOWN)
    site.show(MINUTE, REFUSED)
    site.show(2 * MINUTE, DOWN)
    site.show(2 * MINUTE, REFUSED)
    assert site.subjects() == ["les envois sont suspendus"] * 2
    assert "maintenance" in site.got[0][2].body
    assert "compte technique" in site.got[1][2].body


def test_a_restart_ends_no_outage(site: Site) -> None:
    """After a restart nothing is known of the remote side: only five quiet minutes end an outage that was told."""
    site.show(5 * MINUTE, DOWN)
    site.restart()
    site.show(MINUTE)
    site.show(MINUTE)
    assert len(site.got) == 1
    site.show(4 * MINUTE)
    assert site.subjects()[1:] == ["les envois ont repris"]


def test_a_share_that_is_gone_is_told_at_its_start_and_at_its_end(site: Site) -> None:
    """As an outage; its end only when the outbox was really looked at."""
    site.show(unavailable="No such file or directory")
    site.show(5 * MINUTE, unavailable="No such file or directory")
    site.restart()
    site.alerts.show(Outlook(site.now))  # before the first look
    site.show(5 * MINUTE, unavailable="No such file or directory")
    site.show(MINUTE)
    site.show(10 * MINUTE)
    assert site.subjects() == ["le dossier de dépôt est inaccessible", "le dossier de dépôt est revenu"]
    assert "No such file or directory" in site.got[0][2].body


def test_the_password_is_counted_down_step_by_step(site: Site) -> None:
    """At 30, 14, 7, 3, 1 days, on the last day and when it has ended: each once, by day, whatever restarts there are."""
    keep_password_end(site.ledger, "TECH", date(2026, 12, 31), site.now)
    days = []
    for hour in range(24 * 45):
        before = len(site.got)
        site.show(timedelta(hours=1))
        if hour % 7 == 0:
            site.restart()
        if len(site.got) > before:
            local = site.now + timedelta(hours=1)
            days.append((date(2026, 12, 31) - local.date()).days)
            assert local.hour >= 8 or days[-1] < 0
    assert days == [30, 14, 7, 3, 1, 0, -1]
    assert site.subjects()[0] == "le mot de passe du compte technique expire le 31/12/2026"
    assert site.subjects()[-1] == "le mot de passe du compte technique a expiré"
    keep_password_end(site.ledger, "TECH", site.now.date() + timedelta(days=424), site.now)
    site.show(DAY)
    assert len(days) == len(site.got)


def digests(tmp_path: Path) -> Site:
    return Site(tmp_path, digest=time(18), failures=False, returns=False)


def test_the_digest_says_what_happened_and_what_waits(tmp_path: Path) -> None:
    """Once a day at its time: sent, paid, returned, failed; what is to be put right; rejections to acknowledge."""
    site = digests(tmp_path)
    paid = site.accept("P1")
    site.ledger.note(paid, Event.PAID, site.now)
    site.send_back(site.accept("R1"))
    site.fail("F1")
    late = site.ledger.admit("late.pdf", "late.pdf", "s", site.now - 2 * DAY)
    site.ledger.note(late.id, Event.HELD, site.now, problems=(Problem("wait.quiet"),))
    site.show(timedelta(hours=7, minutes=59))
    assert site.got == []
    site.show(MINUTE)
    site.show(MINUTE)
    (subject,) = site.subjects()
    assert subject == "résumé du 24/11/2026 - à traiter : 2"
    body = site.got[0][2].body
    for line in ("Envoyées : 2", "Payées : 1", "Revenues : 1", "Non envoyées : 1", "En attente d'envoi : 1"):
        assert f"\n{line}\n" in body
    assert "\nNon envoyées, à corriger (dossier « failed ») : 1\n" in body
    assert "- R1.pdf, n° R1 : rejetée le 24/11/2026\n" in body
    assert "- late.pdf, depuis le 22/11/2026 à 10:00:00" in body
    site.show(DAY)
    assert "DEPUIS LE DERNIER RÉSUMÉ\nRien.\n" in site.got[1][2].body
    assert "R1.pdf, n° R1 : rejetée le 24/11/2026\n" in site.got[1][2].body
    site.ledger.close()


def test_a_day_without_anything_has_no_digest(tmp_path: Path) -> None:
    """Nothing happened, nothing waits: no message; what only waits is not told at the weekend."""
    site = digests(tmp_path)
    site.show(timedelta(hours=9))
    site.show(DAY)
    assert site.got == []
    site.show(DAY)
    site.fail("F1")  # on Thursday evening
    for _ in range(6):
        site.show(DAY)
        site.show()
    told = [at.astimezone(UTC).strftime("%a") for at, _, _ in site.got]
    assert told == ["Fri", "Mon", "Tue", "Wed"]
    site.ledger.close()


def test_a_digest_that_was_missed_is_in_the_next_one(tmp_path: Path) -> None:
    """The program was off in the evening, or the mail server dead: the next digest tells of both days."""
    site = digests(tmp_path)
    site.accept("A1")
    site.dead = {"mail"}
    site.show(timedelta(hours=8))
    site.dead = set()
    site.restart()
    site.show(timedelta(hours=10))  # the next morning
    assert site.got == []
    site.accept("A2")
    site.show(timedelta(hours=14))
    assert "\nEnvoyées : 2\n" in site.got[0][2].body
    site.ledger.close()


def test_a_dead_mail_server_folds_messages_together(site: Site) -> None:
    """Tried again after 1, 2, 4... minutes up to an hour, restarts included; one line in the log; then one message."""
    site.dead = {"mail"}
    site.fail("F1")
    tries: list[timedelta] = []
    real = site.post

    def post(channels: Sequence[str], letter: Letter) -> Mapping[str, str]:
        tries.append(site.now - START)
        return real(channels, letter)

    site.post = post  # type: ignore[method-assign]
    with capture_logs() as said:
        for minute in range(4 * 60):
            if minute % 20 == 0:
                site.restart()
            site.show(MINUTE)
        site.fail("F2")
        site.dead = set()
        site.show(61 * MINUTE)
    gaps = [int((b - a) / MINUTE) for a, b in pairwise(tries)][:-1]
    assert gaps[:7] == [1, 2, 4, 8, 16, 32, 60]
    assert max(gaps) <= 61
    assert [line["event"] for line in said] == ["notify.failed", "notify.sent"]
    assert site.subjects() == ["factures à traiter - non envoyées : 2"]


def test_one_dead_way_does_not_repeat_the_others(tmp_path: Path) -> None:
    """Each way has its own state: who got a message gets it once, who did not gets it later."""
    site = Site(tmp_path, ("mail", "chat"))
    site.dead = {"chat"}
    site.fail("F1")
    site.show(MINUTE)
    site.show(MINUTE)
    site.dead = set()
    for _ in range(5):
        site.show(MINUTE)
    assert (len(site.subjects("mail")), len(site.subjects("chat"))) == (1, 1)
    site.ledger.close()


def test_a_way_that_hangs_holds_up_no_other(tmp_path: Path) -> None:
    """While one server says nothing, the other ways are told of what happens, and the look returns at once."""
    site = Site(tmp_path, ("mail", "chat"))
    site.dead = {"mail"}
    site.fail("F1")
    site.show(MINUTE)  # from here on they are tried apart
    gate, inside = threading.Event(), threading.Event()
    real = site.post

    def post(channels: Sequence[str], letter: Letter) -> Mapping[str, str]:
        if "mail" in channels:
            inside.set()
            gate.wait(10)
        return real(channels, letter)

    site.post = post  # type: ignore[method-assign]
    site.alerts._post = post
    site.now += MINUTE
    site.alerts.show(Outlook(site.now))
    assert inside.wait(10)
    site.fail("F2")
    site.now += MINUTE
    site.alerts.show(Outlook(site.now))
    for thread in threading.enumerate():
        if thread.name.startswith("alert-") and "mail" not in str(thread.__dict__.get("_args")):
            thread.join(1)
    assert len(site.subjects("chat")) == 2
    gate.set()
    site._still()
    site.ledger.close()


def test_never_more_than_so_many_a_day(site: Site) -> None:
    """However much fails, a day has 30 messages of a kind; what is more is in the first of the next day."""
    for number in range(60):
        site.fail(f"F{number}")
        site.show(2 * MINUTE)
    assert len(site.got) == PER_DAY
    site.show(DAY)
    assert site.subjects()[PER_DAY:] == ["factures à traiter - non envoyées : 30"]


def test_what_left_and_could_not_be_noted_is_not_repeated_in_this_run(site: Site) -> None:
    """The disk fails between the two: it is noted when it can be, and the failure is said."""
    site.fail("F1")
    site.saves_left = 1
    with contextlib.suppress(StorageError):  # where the delivery is done before the look ends
        site.show(MINUTE)
    with pytest.raises(StorageError):
        site.show(MINUTE)
    site.saves_left = 9
    site.show(MINUTE)
    site.restart()
    site.show(5 * MINUTE)
    assert len(site.got) == 1


def test_a_ledger_that_can_not_be_written_floods_nobody(site: Site) -> None:
    """A full disk and a program that is started again and again: what can't be noted is not sent."""
    site.fail("F1")
    for _ in range(5):
        site.saves_left = 0
        with pytest.raises(StorageError):
            site.show(MINUTE)
        site.restart()
    assert site.got == []
    site.show(MINUTE)
    assert len(site.got) == 1


def test_a_program_that_dies_after_each_delivery_floods_nobody(site: Site) -> None:
    """It can't know that its messages leave: they are spaced more and more, up to an hour."""
    site.fail("F1")
    for _ in range(6 * 60):
        site.saves_left = 1
        with contextlib.suppress(StorageError):
            site.show(MINUTE)
        site.restart()
    assert len(site.got) == 12


class History(Site):
    """A site in which something happens at each step; what is to be told is counted."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ("mail", "chat"))
        self.failing: dict[str, int] = {}
        self.names = (f"N{number:02}" for number in range(100))
        self.cut = False
        self.health = WELL

    def do(self, step: str | int) -> None:
        """Do one step; a number is seconds that pass before the next look."""
        match step:
            case "fail":
                name = next(self.names)
                self.failing[name] = self.fail(name)
            case "return":
                name = next(self.names)
                self.failing[name] = self.accept(name)
                self.send_back(self.failing[name])
            case int():
                self.show(timedelta(seconds=step), self.health)
            case "restart":
                self.restart()
            case _:
                self._do_more(step)

    def _do_more(self, step: str) -> None:
        match step:
            case "fix" if self.failing:
                name = next(iter(self.failing))
                self.ledger.admit(f"{name}.pdf", f"{name}.pdf", "again", self.now, self.failing.pop(name))
            case "power cut":  # what is delivered by the next look is not noted
                self.cut, self.saves_left = True, 1
                with contextlib.suppress(StorageError):
                    self.show(timedelta(seconds=61), self.health)
                self.restart()
            case "mail dead" | "all dead" | "alive":
                self.dead = {"mail dead": {"mail"}, "all dead": {"mail", "chat"}, "alive": set()}[step]
            case "outage" | "well":
                self.health = WELL if step == "well" else Health(DOWN.problem, self.now)


EVENTS = ("fail", "fail", "return", "fix", "restart", "power cut", "mail dead", "all dead", "alive", "outage", "well")
STEPS = st.lists(st.one_of(st.sampled_from(EVENTS), st.integers(5, 400)), max_size=40)


@settings(max_examples=30, deadline=None)
@given(steps=STEPS)
@example(steps=["fail", 61, "power cut", "return", "all dead", 61, "restart", 400])
def test_whatever_happens_each_failure_is_told_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str | int]
) -> None:
    """Failures, returns, corrections, outages, dead servers, restarts anywhere, power cuts between sending and noting.

    Nothing is lost; nothing is told twice but by a power cut; never two messages to one within a minute.
    """
    site = History(tmp_path_factory.mktemp("history"))
    for step in [*steps, "alive", "well", 7200, 7200, 7200]:
        site.do(step)
    site.ledger.close()
    for channel in site.channels:
        letters = [(at, letter) for at, to, letter in site.got if to == channel]
        told = [n for _, letter in letters for n in re.findall(r"(?m)^- [^:\n]+ : (N[0-9]+)\.pdf", letter.body)]
        assert set(site.failing) <= set(told) or len(told) >= DETAILS_MAX
        if not site.cut:
            assert len(set(told)) == len(told)
            assert all(b - a >= MINUTE for a, b in pairwise(at for at, _ in letters))
            outages = [letter.subject for _, letter in letters if "envois" in letter.subject]
            assert all(a != b for a, b in pairwise(outages))
