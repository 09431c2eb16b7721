"""What every line of the log says while one invoice is worked on: which one, and which attempt to send it.

``invoice`` is the ledger's id. ``correlation`` is ``LEDGER-INVOICE-ATTEMPT``: the same in every thread, at every retry
and after a restart, because all three come from the ledger. Libraries' records made meanwhile bear both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from chorus_outbox.core.entry import Entry
from chorus_outbox.core.lifecycle import Event, State

from .parts import Parts

BEFORE = frozenset({State.SEEN, State.READY, State.WAITING})  # the next deposit is what is worked on


@contextmanager
def concerning(parts: Parts, entry: Entry | None = None) -> Iterator[None]:
    """Name an invoice in every line that is logged inside, by this thread; None: ``bind`` will, once it is known."""
    try:
        if entry is not None:
            bind(parts, entry)
        yield
    finally:
        structlog.contextvars.clear_contextvars()


def bind(parts: Parts, entry: Entry) -> None:
    """Name an invoice from now on."""
    begun = sum(noted.event == Event.BEGUN.value for noted in parts.ledger.events(entry.id))
    attempt = begun + (entry.state in BEFORE or entry.attempts == 0)
    told = "-".join((*filter(None, [parts.instance]), str(entry.id), str(attempt)))
    structlog.contextvars.bind_contextvars(invoice=entry.id, correlation=told)
