"""What must be true before an invoice is taken: it was not sent before, its recipient takes it, its papers are whole.

Nothing is noted here (``admission``). What is asked of Chorus Pro comes last, and only when nothing else stands against it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chorus_outbox.core import flowcheck
from chorus_outbox.core.attachments import Attachment, members
from chorus_outbox.core.decide import Hold
from chorus_outbox.core.entry import Entry, Member
from chorus_outbox.core.grouping import Group
from chorus_outbox.core.invoice import Invoice
from chorus_outbox.core.preflight import Recipient
from chorus_outbox.core.problem import Problem, stops
from chorus_outbox.errors import RefusedError

from . import correcting, enclosures, recipients, rejections
from .candidate import Candidate, Read
from .exemption import declared
from .parts import Parts


@dataclass(frozen=True)
class Ready:
    """What is known of an invoice against which nothing stands any more.

    Args:
        invoice: What it says, in Chorus Pro's own codes.
        payload: What will be sent, as JSON; "" for a flow, which is sent as it is.
        recipient: Who receives it.
        members: Its files, copied.
        notes: What is to be said of it all the same.

    """

    invoice: Invoice
    payload: str
    recipient: Recipient
    members: tuple[Member, ...] = ()
    notes: tuple[Problem, ...] = ()


def clear(parts: Parts, entry: Entry, candidate: Candidate, read: Read) -> Ready | Hold | tuple[Problem, ...]:
    """Return what is ready to be taken, why it can't be known yet, or what stands against it.

    Raises:
        RemoteError: Chorus Pro could not be asked; a refusal is among the problems instead.
        ChangedError, BusyError: One of its files is not what was settled on any more, or still open for writing.

    """
    found, wrong = enclosures.look(candidate.group, candidate.present, candidate.strange, read.understood)
    problems, invoice = (*read.understood.problems, *wrong), read.understood.invoice
    if invoice is None:
        return problems
    try:
        before = _before(parts, entry, invoice, read)
        if isinstance(before, Hold):
            return before
        problems += before
        if stops(problems):
            return problems
        if why := parts.outage():
            return why
        asked = _asked(parts, entry, candidate, read, found)
    except RefusedError as e:
        return (*problems, e.problem)
    if isinstance(asked, Ready):
        return replace(asked, notes=(*problems, *asked.notes))
    return (*problems, *asked)


def _before(parts: Parts, entry: Entry, invoice: Invoice, read: Read) -> tuple[Problem, ...] | Hold:
    """Say what stands against it for what was sent before: another invoice, or one that was rejected."""
    if entry.receipt is None:
        return rejections.standing(parts, entry, invoice, read.understood, read.taken.sha256)
    return (Problem("acknowledge.nothing"),) if rejections.asked(read.understood) else ()


def _asked(
    parts: Parts, entry: Entry, candidate: Candidate, read: Read, found: Sequence[Attachment]
) -> Ready | tuple[Problem, ...]:
    """Ask what the recipient and the lists require, then copy what belongs to the invoice."""
    invoice, as_flow = read.understood.invoice, read.understood.action == "flow"
    assert invoice is not None
    supplier = str(invoice.supplier or parts.settings.supplier)
    recipient, judged = recipients.judge(parts.directory, invoice, supplier, read.understood.engagement_pattern)
    codes, unknown = enclosures.types(parts.lists, found)
    problems = (*(flowcheck.as_flow(judged) if as_flow else judged), *unknown)
    if not as_flow and not stops(problems):
        invoice, told = declared(parts.lists, read.understood)
        problems += told
    if recipient is None or stops(problems):  # an unknown one is a problem that stops
        return problems
    copied = enclosures.copy(parts, found, candidate.present, codes, invoice.number)
    files = members(candidate.group, {**copied_pdf(candidate.group, read), **copied})
    if entry.receipt is None:
        body = parts.chorus.payload(invoice, signed=read.facts.signed)  # says as well that the account may send it
        return Ready(invoice, "" if as_flow else json.dumps(body), recipient, files, problems)
    problems += correcting.objections(entry, files, read.taken, read.understood)
    if stops(problems):
        return problems
    return Ready(
        invoice, correcting.payload(parts, entry, invoice, read.understood, recipient), recipient, files, problems
    )


def copied_pdf(group: Group, read: Read) -> dict[str, Member]:
    """Return what the ledger is to know of the PDF, by its name."""
    return {group.pdf: Member("pdf", group.pdf, ".pdf", read.taken.sha256)}
