"""Keeps what people see of the daemon up to date, each thing in a thread of its own.

Nothing that people look at may delay an invoice: a share that hangs, a mail server that is dead or a page that is slow
to make holds up its own thread only. What is shown, and whether it is time, is for the ``Show`` to know.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence

import structlog

from chorus_outbox.ports import Outlook, Show

log = structlog.get_logger("chorus_outbox")

SOONEST = 2.0  # seconds between two rounds of one thing
SHARE = 20  # and at least so many times as long as the last one took: never more than a twentieth of a core
PATIENCE = 10.0  # seconds that the end waits for the last rounds of all


class Publisher:
    """One thing that people see, and its thread.

    Args:
        show: What is shown.
        monotonic: Clock (seconds).
        soonest: Seconds between two rounds at least.

    ``failures`` counts the rounds that failed.
    """

    def __init__(self, show: Show, monotonic: Callable[[], float] = time.monotonic, soonest: float = SOONEST) -> None:
        self.name = show.name
        self.failures = 0
        self._show = show
        self._monotonic = monotonic
        self._soonest = soonest
        self._news: queue.SimpleQueue[Outlook | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._failed = ""
        self._thread = threading.Thread(target=self._work, name=f"show-{show.name}", daemon=True)
        self._thread.start()

    def tell(self, outlook: Outlook) -> None:
        """Hand over the latest state of things; returns at once."""
        self._news.put(outlook)

    def end(self) -> None:
        """Have it end after its last round; returns at once."""
        self._news.put(None)
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Wait for its end, but no longer than that."""
        self._thread.join(seconds)

    def _work(self) -> None:
        while outlook := self._next():
            began = self._monotonic()
            self._round(outlook)
            self._stop.wait(max(self._soonest, SHARE * (self._monotonic() - began)))

    def _next(self) -> Outlook | None:
        """Wait for the state of things, of which only the latest counts; None when it is time to end."""
        latest = self._news.get()
        while latest is not None and not self._news.empty():
            following = self._news.get()
            if following is None:
                self._news.put(None)  # ends after this last round
                break
            latest = following
        return latest

    def _round(self, outlook: Outlook) -> None:
        try:
            self._show.show(outlook)
        except Exception as e:  # noqa: BLE001 - whatever goes wrong with what is shown must not harm anything else
            text = f"{type(e).__name__}: {e}"
            if text != self._failed:
                log.warning("showing.failed", what=self._show.name, detail=text)
            self._failed = text
            self.failures += 1
        else:
            if self._failed:
                log.info("showing.resumed", what=self._show.name)
            self._failed = ""


class Publishing:
    """All that people see: a publisher each."""

    def __init__(self, shows: Sequence[Show]) -> None:
        self._publishers = [Publisher(show) for show in shows]

    def tell(self, outlook: Outlook) -> None:
        """Hand over the latest state of things; returns at once."""
        for publisher in self._publishers:
            publisher.tell(outlook)

    @property
    def failures(self) -> Mapping[str, int]:
        """How many rounds of each thing failed."""
        return {publisher.name: publisher.failures for publisher in self._publishers}

    def close(self, outlook: Outlook | None = None) -> None:
        """Show the last state of things, and end; what takes longer than ``PATIENCE`` is left behind."""
        if outlook:
            self.tell(outlook)
        for publisher in self._publishers:
            publisher.end()
        until = time.monotonic() + PATIENCE
        for publisher in self._publishers:
            publisher.wait(max(0.0, until - time.monotonic()))
