"""An invoice as commands show it: the object of ``--json``, and the row of a table. Prints nothing."""

from __future__ import annotations

from typing import Any

from chorus_outbox.core.entry import Entry
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.names import display
from chorus_outbox.core.words import Words, date_text, plain, render
from chorus_outbox.core.words.shown import PARIS

from .terminal import Cell, Column, Tone

TONES: dict[State, Tone] = {
    State.SEEN: "warn",
    State.WAITING: "warn",
    State.IN_DOUBT: "warn",
    State.INTEGRATING: "warn",
    State.REFUSED: "fail",
    State.FAILED: "fail",
    State.SENT: "ok",
    State.PAID: "ok",
}
BACK = (State.REFUSED, State.FAILED)


def as_object(entry: Entry, words: Words) -> dict[str, Any]:
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
        "reason": _reason(entry, words) or None,
        "sent_at": entry.sent_at.isoformat() if entry.sent_at else None,
        "next_try_at": entry.next_try_at.isoformat() if entry.next_try_at else None,
        "folder": entry.folder,
    }


def columns(words: Words) -> list[Column]:
    """Return the columns of a table of invoices."""
    told = words.terminal
    return [
        Column(told["file"], wide=True),
        Column(told["number"]),
        Column(told["siret"], beneath=1),
        Column(told["recipient"], beneath=0),
        Column(told["state"]),
        Column(told["date"], beneath=4),
        Column(told["chorus_id"]),
        Column(told["chorus_status"], beneath=6),
        Column(told["reason"], beneath=0),
    ]


def as_cells(entry: Entry, words: Words) -> list[Cell]:
    """Return an invoice as a row of that table."""
    tone, receipt = TONES.get(entry.state, ""), entry.receipt
    day = (entry.sent_at or entry.first_seen).astimezone(PARIS)
    status = receipt.status if receipt else ""
    return [
        Cell(display(entry.file), "strong"),
        Cell(plain(entry.number)),
        Cell(plain(entry.siret), "dim"),
        Cell(plain(entry.recipient_name), "dim"),
        Cell(state_text(entry, words), tone),
        Cell(date_text(day), "dim"),
        Cell(str(receipt.chorus_id) if receipt else ""),
        Cell(words.statuses.get(status, plain(status)), "dim"),
        Cell(_reason(entry, words), tone if tone != "ok" else ""),
    ]


def state_text(entry: Entry, words: Words) -> str:
    """Return where an invoice stands; of one that its recipient sent back, not that it was never sent."""
    return words.terminal["returned"] if entry.receipt and entry.state in BACK else words.states[entry.state.value]


def _reason(entry: Entry, words: Words) -> str:
    return " ".join(render(words, p)[0] for p in entry.problems)
