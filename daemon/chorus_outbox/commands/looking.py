"""The ledger for a command that only looks, while the daemon writes it. Apart from ``connection``: `status` asks nobody."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from chorus_outbox.config import Config
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.errors import OutboxError


@contextlib.contextmanager
def ledger_to_read(config: Config, *, needed: bool = False) -> Iterator[SqliteLedger | None]:
    """Give the ledger for a command that only looks; None when there is none yet, or (unless needed) it can't be read."""
    ledger = None
    with contextlib.nullcontext() if needed else contextlib.suppress(OutboxError):
        ledger = SqliteLedger(config.ledger, read_only=True) if config.ledger.is_file() else None
    try:
        yield ledger
    finally:
        if ledger:
            ledger.close()
