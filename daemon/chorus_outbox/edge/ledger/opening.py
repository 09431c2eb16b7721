"""How the ledger's file is opened: alone, private, and with the settings that survive a power cut. Runs no query of ours."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path

from chorus_outbox.errors import ConfigurationError, StorageError

APPLICATION_ID = 0x63686F78  # "chox"
BUSY_SECONDS = 30.0


def quoted(path: Path) -> str:
    """Return a path as it may stand in an SQLite address."""
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def only_one(path: Path) -> int:
    """Hold a lock for life, so that a second daemon on the same ledger is refused at once."""
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise ConfigurationError((f"another chorus-outbox is running with the ledger {path}",)) from None
    return lock


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open the file, made private when it is new; ``StorageError`` when it is damaged."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # private from the first byte
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    for pragma in (
        "journal_mode = TRUNCATE",
        "synchronous = FULL",
        "foreign_keys = ON",
        "trusted_schema = OFF",
        f"application_id = {APPLICATION_ID}",
    ):
        db.execute(f"PRAGMA {pragma}")
    if (verdict := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        db.close()
        raise StorageError(f"ledger {path} is damaged: {verdict}")
    return db
