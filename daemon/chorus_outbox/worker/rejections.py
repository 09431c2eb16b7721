"""A rejected invoice is answered by a new one, with a new number; its rejection is acknowledged when a person says so.

``acquitter: oui`` in the sidecar of what is dropped means the rejected invoice whose files had the same name in
failed/, or that has the same number.
"""

from __future__ import annotations

import contextlib

from chorus_outbox.core.correction import is_rejected
from chorus_outbox.core.decide import Hold
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.fields import show
from chorus_outbox.core.invoice import Invoice
from chorus_outbox.core.lifecycle import Event, State
from chorus_outbox.core.merge import Understood
from chorus_outbox.core.names import split
from chorus_outbox.core.problem import Problem

from . import duplicates, filing
from .parts import Parts


def standing(
    parts: Parts, entry: Entry, invoice: Invoice, understood: Understood, sha256: str
) -> tuple[Problem, ...] | Hold:
    """Say whether an invoice was dropped before; acknowledge the rejection of an earlier one where that is asked for.

    Raises:
        RemoteError: The acknowledgement failed; harmless when repeated.

    """
    if not asked(understood):
        return duplicates.of(parts, entry, invoice, sha256)
    rejected = _rejected(parts, entry, invoice)
    if rejected is None:
        return (Problem("acknowledge.nothing"), *duplicates.of(parts, entry, invoice, sha256))
    if rejected.state is State.FAILED:
        if why := parts.outage():
            return why
        _acknowledge(parts, rejected)
    if (rejected.number, rejected.date and rejected.date.year) == invoice.key:
        return (Problem("returned.acknowledged", duplicates.quoted(rejected)),)
    return duplicates.of(parts, entry, invoice, sha256)


def asked(understood: Understood) -> bool:
    """Tell whether the sidecar says ``acquitter: oui``."""
    said = understood.fields.get("acquitter")
    return said is not None and show(said.value) == "oui"


def _rejected(parts: Parts, entry: Entry, invoice: Invoice) -> Entry | None:
    number, year = invoice.key
    same_number = parts.ledger.holder(str(invoice.supplier or parts.settings.supplier), number, year)
    same_name = parts.ledger.failed_as(split(entry.origin)[1])
    return next((e for e in (same_number, same_name) if e is not None and e.receipt and is_rejected(e)), None)


def _acknowledge(parts: Parts, rejected: Entry) -> None:
    assert rejected.receipt is not None
    parts.follow.acknowledge(rejected.receipt.chorus_id)
    told = (Problem("returned.acknowledged", duplicates.quoted(rejected)),)
    done = parts.note(rejected, Event.ACKNOWLEDGED, problems=told, look_at=None)
    with contextlib.suppress(OSError):  # a log that says too little is no harm: the story is in the ledger
        if parts.folders.present(done.folder, done.stem + ".pdf"):
            filing.tell_again(parts, done)
        else:
            parts.folders.remove_log(done.folder, done.stem + filing.LOG)
