"""An entry as a database row and back. Knows the columns; runs no query."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from chorus_outbox.core.entry import Entry, Member, Receipt
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.problem import Problem


def _time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds")


def _json(value: Any) -> str:
    # Texts come from strangers: a lone surrogate must not stop the ledger (JSON escapes it, SQLite would refuse it).
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def as_kept(value: str) -> str:
    """Return a text as its column holds it: SQLite refuses lone surrogates."""
    return value.encode("utf-8", "backslashreplace").decode()


_WRITE: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(
        ("file", "number", "siret", "supplier", "recipient_name", "payload", "sha256", "flow", "told"), as_kept
    ),
    "origin": os.fsencode,
    "stem": os.fsencode,
    "to_stem": os.fsencode,
    "state": lambda v: v.value,
    "first_seen": _time,
    "updated_at": _time,
    "begun_at": _time,
    "next_try_at": _time,
    "sent_at": _time,
    "look_at": _time,
    "uploaded": lambda v: _json(dict(v)),
    "attached": lambda v: _json(list(v)),
    "pays_in_silence": int,
    "members": lambda v: _json([asdict(m) for m in v]),
    "date": date.isoformat,
    "gross": str,
    "fields": lambda v: _json({k: list(pair) for k, pair in v.items()}),
    "problems": lambda v: _json([[p.code, dict(p.params)] for p in v]),
    "receipt": lambda v: _json(asdict(v)),
    "refusal": lambda v: _json(list(v)),
    "signed": int,
    "corrected": int,
}
_READ: Mapping[str, Callable[[Any], Any]] = {
    "origin": os.fsdecode,
    "stem": os.fsdecode,
    "to_stem": os.fsdecode,
    "state": State,
    "first_seen": datetime.fromisoformat,
    "updated_at": datetime.fromisoformat,
    "begun_at": datetime.fromisoformat,
    "next_try_at": datetime.fromisoformat,
    "sent_at": datetime.fromisoformat,
    "look_at": datetime.fromisoformat,
    "uploaded": json.loads,
    "attached": lambda v: tuple(json.loads(v)),
    "pays_in_silence": bool,
    "members": lambda v: tuple(Member(**m) for m in json.loads(v)),
    "date": date.fromisoformat,
    "gross": Decimal,
    "fields": lambda v: {k: (pair[0], pair[1]) for k, pair in json.loads(v).items()},
    "problems": lambda v: tuple(Problem(code, params) for code, params in json.loads(v)),
    "receipt": lambda v: Receipt(**json.loads(v)),
    "refusal": lambda v: tuple(json.loads(v)),
    "signed": bool,
    "corrected": bool,
}
FORGET: Mapping[str, Any] = {  # what an invoice leaves behind that is dropped again (what was deposited stays noted)
    **dict.fromkeys(("problems", "members"), ()),
    **dict.fromkeys(("stem", "to_folder", "to_stem"), ""),
    **dict.fromkeys(("attempts", "doubts", "negatives", "faults", "looks"), 0),
    **dict.fromkeys(("attachment_id", "refusal", "begun_at", "next_try_at", "look_at")),
    "action": "deposit",
    "uploaded": {},
}
COLUMNS = tuple(f.name for f in fields(Entry))


def to_columns(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Turn attributes of an ``Entry`` into column values.

    Raises:
        KeyError: When an attribute is no column: a bug.

    """
    if unknown := set(changes) - set(COLUMNS):
        raise KeyError(f"no such column: {sorted(unknown)}")
    return {k: _WRITE[k](v) if k in _WRITE and v is not None else v for k, v in changes.items()}


def to_entry(row: sqlite3.Row) -> Entry:
    """Turn a row of the table ``invoice`` into an ``Entry``."""
    values: dict[str, Any] = {k: row[k] for k in COLUMNS}
    attributes: dict[str, Any] = {k: _READ[k](v) if k in _READ and v is not None else v for k, v in values.items()}
    return Entry(**attributes)
