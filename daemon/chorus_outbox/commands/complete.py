"""What a shell may offer while somebody types: names that need no quoting there. Reads little, and changes nothing."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from chorus_outbox.config import load
from chorus_outbox.edge.ledger import views
from chorus_outbox.edge.ledger.sqlite import SqliteLedger

MOST = 50
_SAFE = re.compile(r"[\w.@%+=:,/-]+")  # a shell takes these as they are; file names come from anybody


def numbers_and_files(config: Path, begun: str) -> list[str]:
    """Return the numbers, and the names of the newest files, that begin so."""
    with contextlib.closing(SqliteLedger(load(config, os.environ, offline=True).ledger, read_only=True)) as ledger:
        return _offered(views.beginning(ledger, begun, MOST))


def aliases(config: Path, begun: str) -> list[str]:
    """Return the names of the recipient book that begin so."""
    return _offered(alias for alias in load(config, os.environ, offline=True).recipients if alias.startswith(begun))


def _offered(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for name in names if _SAFE.fullmatch(name)))[:MOST]
