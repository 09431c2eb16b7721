"""What stands against an invoice for what was sent before: itself, deposited and sent back; another; a rejected one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chorus_outbox.core.decide import Hold
from chorus_outbox.core.entry import Entry, Member
from chorus_outbox.core.facts import PdfFacts
from chorus_outbox.core.invoice import Invoice
from chorus_outbox.core.merge import Understood
from chorus_outbox.core.problem import Problem
from chorus_outbox.ports import Taken

from . import correcting, rejections
from .parts import Parts


@dataclass(frozen=True)
class Read:
    """What was read of a candidate, before the recipient is asked.

    Args:
        taken: The private copy.
        facts: What the PDF is.
        understood: What its sources say.

    """

    taken: Taken
    facts: PdfFacts
    understood: Understood


def standing(
    parts: Parts, entry: Entry, invoice: Invoice, read: Read, members: Sequence[Member]
) -> tuple[Problem, ...] | Hold:
    """Return what is to be said of it, or why that can't be known yet.

    Raises:
        RemoteError: A rejection was to be acknowledged, and could not be; harmless when repeated.

    """
    if entry.receipt is None:
        return rejections.standing(parts, entry, invoice, read.understood, read.taken.sha256)
    unanswered = (Problem("acknowledge.nothing"),) if rejections.asked(read.understood) else ()
    return (*unanswered, *correcting.objections(entry, members, read.taken, read.understood))
