"""Whether the same number, or the same bytes, are being sent or were sent before: asked of the ledger."""

from __future__ import annotations

from chorus_outbox.core.correction import is_rejected
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.followup import RETURNED
from chorus_outbox.core.invoice import Invoice
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.names import display
from chorus_outbox.core.problem import Problem

from .parts import Parts

DEPOSITED = frozenset({State.ACCEPTED, State.SENT, State.PAID, State.REFUSED, State.FAILED, State.WITHDRAWN})


def of(parts: Parts, entry: Entry, invoice: Invoice, sha256: str) -> tuple[Problem, ...]:
    """Return the problem that an invoice is when it was dropped before; the deposit and its status are quoted."""
    number, year = invoice.key
    supplier = str(invoice.supplier or parts.settings.supplier)
    if (same := parts.ledger.holder(supplier, number, year)) and same.id != entry.id:
        if is_rejected(same):
            return (Problem("returned.new_number", quoted(same)),)
        code = "duplicate.bytes" if same.sha256 == sha256 else "duplicate.number"
    elif (same := parts.ledger.sender_of(sha256)) and same.id != entry.id and not is_rejected(same):
        code = "duplicate.bytes"
    else:
        return ()  # the PDF of a rejected invoice may serve again, under a new number
    texts = {"number": same.number, "file": display(same.file)}
    if same.state not in DEPOSITED:
        return (Problem("duplicate.in_progress", texts),)
    texts |= {**quoted(same), "status": same.chorus_status}
    if same.state is State.FAILED and same.chorus_status in RETURNED:
        return (Problem("duplicate.returned", texts),)
    return (Problem(code, {**texts, "when": parts.today(same.sent_at).date().isoformat()}),)


def quoted(entry: Entry) -> dict[str, str]:
    """Return the texts that name a deposit."""
    return {"number": entry.number, "chorus_id": str(entry.receipt.chorus_id) if entry.receipt else ""}
