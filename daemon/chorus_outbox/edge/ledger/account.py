"""When the technical account's password ends, as Chorus Pro said last: kept, as nobody can be asked once it has ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from .sqlite import SqliteLedger


@dataclass(frozen=True)
class PasswordEnd:
    """The password's last day (None: Chorus Pro did not say), and when that was asked."""

    day: date | None
    asked_at: datetime


def password_end(ledger: SqliteLedger, login: str) -> PasswordEnd | None:
    """Return what is known of a technical account's password; None when it was never asked."""
    with ledger.reading() as db:
        row = db.execute("SELECT * FROM technical_account WHERE login = ?", (login,)).fetchone()
    if row is None:
        return None
    day = date.fromisoformat(row["password_ends"]) if row["password_ends"] else None
    return PasswordEnd(day, datetime.fromisoformat(row["asked_at"]))


def keep_password_end(ledger: SqliteLedger, login: str, day: date | None, now: datetime) -> None:
    """Note when a technical account's password ends."""
    values = (login, day.isoformat() if day else None, now.isoformat(timespec="milliseconds"))
    query = "INSERT OR REPLACE INTO technical_account (login, password_ends, asked_at) VALUES (?, ?, ?)"
    with ledger.writing() as db:
        db.execute(query, values)
