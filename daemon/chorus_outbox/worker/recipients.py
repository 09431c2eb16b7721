"""What a recipient requires of one invoice, and what there is to tell of the recipient itself.

Asks the directory; the rules stand in ``core/preflight``, what counts as a change in ``core/directory``.
"""

from __future__ import annotations

import structlog

from chorus_outbox.core.directory import STATE_SIREN
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.invoice import Invoice
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.preflight import Recipient, check_recipient
from chorus_outbox.core.problem import Problem, stops
from chorus_outbox.ports_chorus import Directory

log = structlog.get_logger("chorus_outbox")


def judge(
    directory: Directory, invoice: Invoice, supplier: str, pattern: str | None
) -> tuple[Recipient | None, tuple[Problem, ...]]:
    """Return the recipient, what keeps it from taking the invoice, and what is to be noted.

    Args:
        directory: What recipients require.
        invoice: What is to be sent.
        supplier: SIRET of the one who sends.
        pattern: The shape of the recipient's engagement numbers, or None.

    Raises:
        RemoteError: Chorus Pro could not be asked.

    """
    siret = str(invoice.recipient)
    recipient = directory.recipient(siret, invoice.service)
    problems = check_recipient(invoice.service, invoice.engagement, recipient, siret, pattern)
    if news := directory.news(siret):
        problems += (news,)
    asked = invoice.engagement if siret.startswith(STATE_SIREN) and not stops(problems) else None
    if asked and directory.engagement_known(asked, supplier) is False:
        problems += (Problem("engagement.not_found", {"value": asked}),)
    return recipient, problems


def tell(directory: Directory, entry: Entry) -> None:
    """Say in the log that a recipient has changed, once it is noted with an invoice; then it counts as told."""
    news = next((p for p in entry.problems if p.code == "recipient.changed"), None)
    if news is None or entry.state is State.SEEN:
        return
    log.warning("recipient.changed", siret=entry.siret, **news.params)
    directory.told(entry.siret)
