"""What people see is kept up to date beside the work, never in its way."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from chorus_outbox.ports import Outlook
from chorus_outbox.worker import publishing
from chorus_outbox.worker.publishing import Publisher, Publishing

START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def outlook(second: int) -> Outlook:
    return Outlook(START + timedelta(seconds=second))


class Page:
    """Something to show: it notes what it was shown, and fails or hangs as told."""

    name = "page"

    def __init__(self) -> None:
        self.shown: list[Outlook] = []
        self.error: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()

    def show(self, outlook: Outlook) -> None:
        self.gate.wait(10)
        if self.error:
            raise self.error
        self.shown.append(outlook)


def close(publisher: Publisher, last: Outlook | None = None) -> None:
    if last:
        publisher.tell(last)
    publisher.end()
    publisher.wait(10)


def until(page: Page, count: int) -> None:
    deadline = time.monotonic() + 10
    while len(page.shown) < count:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_only_the_latest_state_of_things_is_shown() -> None:
    """While one round goes on, what happens meanwhile is shown in one more round, not in many."""
    page = Page()
    page.gate.clear()
    publisher = Publisher(page, soonest=0.01)
    for second in range(50):
        publisher.tell(outlook(second))
    page.gate.set()
    close(publisher, outlook(99))
    assert page.shown[-1] == outlook(99)
    assert len(page.shown) <= 3


def test_rounds_are_spaced() -> None:
    """Two rounds are so many seconds apart, however often something happens."""
    page = Page()
    publisher = Publisher(page, soonest=0.2)
    began = time.monotonic()
    for second in range(3):
        publisher.tell(outlook(second))
        until(page, second + 1)
    assert time.monotonic() - began >= 0.4
    close(publisher)


def test_a_failure_is_said_once_and_its_end_too() -> None:
    """A page that can't be written is logged once for each reason, tried again, and its recovery is logged."""
    page = Page()
    page.error = PermissionError("read-only")
    with capture_logs() as said:
        publisher = Publisher(page, soonest=0.01)
        for second in range(3):
            publisher.tell(outlook(second))
            time.sleep(0.05)
        page.error = None
        close(publisher, outlook(9))
    told = [(line["event"], line["what"]) for line in said]
    assert told == [("showing.failed", "page"), ("showing.resumed", "page")]
    assert page.shown == [outlook(9)]


def test_what_hangs_holds_up_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page on a share that hangs: the others are shown, and the end does not wait for it for ever."""
    monkeypatch.setattr(publishing, "PATIENCE", 0.2)
    stuck, fine = Page(), Page()
    stuck.gate.clear()
    both = Publishing([stuck, fine])
    both.tell(outlook(1))
    until(fine, 1)
    began = time.monotonic()
    both.close(outlook(2))
    assert time.monotonic() - began < 3
    assert fine.shown[-1] == outlook(2)
    stuck.gate.set()
