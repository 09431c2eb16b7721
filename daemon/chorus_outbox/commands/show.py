"""`status` and `why`: what the ledger knows, read while the daemon works. They change nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from chorus_outbox.config import Config
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.names import display
from chorus_outbox.core.report import log_text
from chorus_outbox.core.words import Words, catalogue, plain, render
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.worker.telling import tell

COLUMNS = ("file", "number", "siret", "state", "chorus_id", "chorus_status", "reason")


def show_status(config: Config, *, as_json: bool) -> None:
    """Print one row an invoice."""
    words = catalogue(config.language)
    rows = [as_row(e, words) for e in _entries(config)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        click.echo(_table(rows))


def show_why(config: Config, name: str) -> int:
    """Print the story of the invoices with that file name or number; 1 when there is none."""
    words = catalogue(config.language)
    if not config.ledger.is_file():
        found: Sequence[Entry] = []
    else:
        ledger = SqliteLedger(config.ledger, read_only=True)
        found = ledger.find(name)
        for entry in found:
            click.echo(log_text(tell(entry, ledger.events(entry.id), sandbox=config.sandbox), words))
            click.echo(f"{entry.folder}/{display(entry.stem or entry.origin)}\n")
        ledger.close()
    if not found:
        click.echo(f"{plain(name)}: no such invoice in the ledger", err=True)
    return 0 if found else 1


def as_row(entry: Entry, words: Words) -> dict[str, Any]:
    """Return an invoice as ``status --json`` shows it (design.md 2); absent values are null."""
    receipt = entry.receipt
    return {
        "file": display(entry.file),
        "number": entry.number or None,
        "siret": entry.siret or None,
        "state": entry.state.value,
        "chorus_id": receipt.chorus_id if receipt else None,
        "chorus_status": receipt.status if receipt else None,
        "sha256": entry.sha256 or None,
        "reason": " ".join(render(words, p)[0] for p in entry.problems) or None,
        "sent_at": entry.sent_at.isoformat() if entry.sent_at else None,
        "next_try_at": entry.next_try_at.isoformat() if entry.next_try_at else None,
        "folder": entry.folder,
    }


def _entries(config: Config) -> Sequence[Entry]:
    if not config.ledger.is_file():
        return []
    ledger = SqliteLedger(config.ledger, read_only=True)
    try:
        return ledger.entries()
    finally:
        ledger.close()


def _table(rows: Sequence[dict[str, Any]]) -> str:
    cells = [[plain(str(row[c] if row[c] is not None else "-")) for c in COLUMNS] for row in rows]
    widths = [max([len(c), *(len(r[i]) for r in cells)]) for i, c in enumerate(COLUMNS)]
    lines = [list(COLUMNS), *cells]
    return "\n".join("  ".join(text.ljust(w) for text, w in zip(line, widths, strict=True)).rstrip() for line in lines)
