"""How the ledger's file is opened: alone, private, and with the settings that survive a power cut. Its tables too."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from importlib import resources
from pathlib import Path

from chorus_outbox.errors import ConfigurationError, StorageError

SCHEMAS = ("001_first.sql", "002_cycle.sql", "003_alerts.sql")
APPLICATION_ID = 0x63686F78  # "chox"
BUSY_SECONDS = 30.0
GLANCES, GLANCE_SECONDS = 5, 0.05  # tries for the lock: somebody may just look whether it is held


def quoted(path: Path) -> str:
    """Return a path as it may stand in an SQLite address."""
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def only_one(path: Path) -> int:
    """Hold a lock for life, so that a second daemon on the same ledger is refused at once."""
    lock = os.open(_lock_of(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for _ in range(GLANCES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(GLANCE_SECONDS)
        else:
            return lock
    os.close(lock)
    raise ConfigurationError((f"another chorus-outbox is running with the ledger {path}",))


def is_held(path: Path) -> bool:
    """Tell whether a daemon has this ledger: a glance at its lock, which ``only_one`` waits out."""
    try:
        lock = os.open(_lock_of(path), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def _lock_of(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def open_for_writing(path: Path, *, checked: bool = False) -> sqlite3.Connection:
    """Open the file, made private when it is new; ``StorageError`` when it is damaged (not looked for when ``checked``)."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # private from the first byte
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    for pragma in (
        "journal_mode = TRUNCATE",
        "synchronous = FULL",
        "trusted_schema = OFF",
        f"application_id = {APPLICATION_ID}",
    ):
        db.execute(f"PRAGMA {pragma}")
    if not checked and (verdict := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        db.close()
        raise StorageError(f"ledger {path} is damaged: {verdict}")
    return db


def upgrade(db: sqlite3.Connection, path: Path, *, read_only: bool) -> None:
    """Bring a ledger to this version's tables, each step in one transaction; foreign keys are on when it returns.

    Raises:
        ConfigurationError: It was written by a newer version; or by an older one, and may only be read.

    """
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > len(SCHEMAS):
        raise ConfigurationError((_of_another(path, "a newer", version, "upgrade the program"),))
    if read_only and version < len(SCHEMAS):
        raise ConfigurationError((_of_another(path, "an older", version, "restart the daemon"),))
    if version < len(SCHEMAS):
        db.execute("PRAGMA foreign_keys = OFF")  # a table that others refer to may be made anew
        for number, name in enumerate(SCHEMAS[version:], version + 1):
            script = resources.files(__package__).joinpath(name).read_text("utf-8")
            db.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
    if not read_only:
        db.execute("PRAGMA foreign_keys = ON")


def _of_another(path: Path, which: str, version: int, what_to_do: str) -> str:
    return f"ledger {path} was written by {which} version of chorus-outbox (schema {version}): {what_to_do}"
