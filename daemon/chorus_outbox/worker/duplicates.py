"""Whether the same number, or the same bytes, are being sent or were sent before: asked of the ledger."""

from __future__ import annotations

from chorus_outbox.core.entry import Entry
from chorus_outbox.core.invoice import Invoice
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.names import display
from chorus_outbox.core.problem import Problem

from .parts import Parts


def of(parts: Parts, entry: Entry, invoice: Invoice, sha256: str) -> tuple[Problem, ...]:
    """Return the problem that an invoice is when it was dropped before; the first deposit is quoted."""
    number, year = invoice.key
    supplier = str(invoice.supplier or parts.settings.supplier)
    if (same := parts.ledger.holder(supplier, number, year)) and same.id != entry.id:
        code = "duplicate.bytes" if same.sha256 == sha256 else "duplicate.number"
    elif (same := parts.ledger.sender_of(sha256)) and same.id != entry.id:
        code = "duplicate.bytes"
    else:
        return ()
    if same.state not in (State.SENT, State.ACCEPTED):
        return (Problem("duplicate.in_progress", {"number": same.number, "file": display(same.file)}),)
    when = parts.today(same.sent_at).date().isoformat()
    chorus_id = str(same.receipt.chorus_id) if same.receipt else ""
    texts = {"number": same.number, "file": display(same.file), "chorus_id": chorus_id, "when": when}
    return (Problem(code, texts),)
